package office

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"qiaomen"
	"qiaomen/store"
)

// statementItem is the item by which a scheme says that a duty is met by a
// statement of the ledger and by nothing else: hand_in: [月报表]. No other word
// of the scheme, and no duty's id, makes it one.
const statementItem = "月报表"

// A MonthlyStatement asks for a unit's statement of its ledger for a duty.
type MonthlyStatement struct {
	Unit string `json:"unit"`
	Occurrence
	// Nil says that there is nothing this time; that is a report too.
	Nil     bool   `json:"nil,omitzero"`
	Remarks string `json:"remarks,omitzero"`
}

var prepareStatement = &act[MonthlyStatement]{
	action: qiaomen.ActPrepareStatement,
	about:  func(_ *desk, a *MonthlyStatement) (qiaomen.Subject, error) { return qiaomen.Subject{Unit: a.Unit}, nil },
	check: func(d *desk, a *MonthlyStatement) error {
		w, err := d.stating(a.Unit, a.Occurrence)
		if err != nil {
			return err
		}
		var list []*qiaomen.Problem
		before := d.statedBefore(a.Unit, w)
		if d.day <= before {
			list = append(list, &qiaomen.Problem{Text: w.Due + "这一期还没有开始", Fix: before + "以后再编制", At: qiaomen.Place{Field: "due"}})
		}
		list = append(list, written("remarks", a.Remarks)...)
		stated, err := listed(d.r, a.Unit)
		if err != nil {
			return err
		}
		fresh := slices.ContainsFunc(stated, func(r *qiaomen.LedgerRecord) bool { return chinaDay(r.ReportedAt) > before })
		if a.Nil && fresh {
			list = append(list, &qiaomen.Problem{Text: "这一期有新上报的记录，不能报“本月无”", Fix: "请去掉“本月无”", At: qiaomen.Place{Field: "nil"}})
		}
		return faults(list)
	},
	do: func(d *desk, a *MonthlyStatement) (string, error) {
		w, err := d.stating(a.Unit, a.Occurrence)
		if err != nil {
			return "", err
		}
		stated, err := listed(d.r, a.Unit)
		if err != nil {
			return "", err
		}
		s := &qiaomen.Statement{Position: d.tx.Position(), Counts: map[string]int{}, Nil: a.Nil, Remarks: a.Remarks}
		for _, r := range stated {
			s.Counts[r.Kind]++
		}
		if s.Digest, err = digestOf(stated); err != nil {
			return "", err
		}
		f := qiaomen.Fulfilment{Duty: w.Duty.ID, Unit: a.Unit, Due: w.Due, Statement: s}
		return f.Row().ID, d.emit(&qiaomen.StatementPrepared{Fulfilment: f})
	},
}

// PrepareStatement writes down what the unit's ledger holds now, for a duty that
// asks for it (月报表, 五(四)). It counts once it is signed, in the page or on
// paper; until then it may be written anew.
func (o *Office) PrepareStatement(ctx context.Context, by Caller, a MonthlyStatement) (*Answer, error) {
	return perform(ctx, o, by, prepareStatement, a)
}

// stating is a duty of the unit that a statement can still be written for.
func (d *desk) stating(unit string, one Occurrence) (*Owed, error) {
	if _, err := d.unit(unit); err != nil {
		return nil, err
	}
	w, err := d.occurrence(one.Duty, unit, one.Due)
	if err != nil {
		return nil, err
	}
	if !byStatement(w.Duty) {
		return nil, &qiaomen.Problem{Text: "“" + w.Duty.Name + "”报的不是月报表", Fix: "请按它要的内容报送", At: qiaomen.Place{Field: "duty"}}
	}
	if w.Done != nil && w.Done.State == qiaomen.HandedIn {
		return nil, problem(w.Due+"这一期已经报送", "之后的变化请报在下一期")
	}
	return w, nil
}

// statedBefore is the due day of the statement before this one: an occurrence
// begins when the one before it, of whichever duty, has fallen due. It is empty
// for the first.
func (d *desk) statedBefore(unit string, w *Owed) string {
	before := ""
	for _, x := range d.deadlines() {
		if byStatement(x.duty) && slices.Contains(d.owing(x.duty.ID), unit) && x.due < w.Due {
			before = max(before, x.due)
		}
	}
	return before
}

// listed is what a statement states of a unit: what it reported and was neither
// taken back nor refused.
func listed(r store.Reader, unit string) ([]*qiaomen.LedgerRecord, error) {
	return store.All[qiaomen.LedgerRecord](r, store.Filter{
		Unit: unit, States: []qiaomen.State{qiaomen.Submitted, qiaomen.InReview, qiaomen.Returned, qiaomen.Recognised},
	})
}

// digestOf is the SHA-256 of the listed records, each as id, kind, state,
// version, content and what was set, in canonical JSON, in the order of ids.
func digestOf(list []*qiaomen.LedgerRecord) (string, error) {
	type line struct {
		ID      string          `json:"id"`
		Kind    string          `json:"kind"`
		State   qiaomen.State   `json:"state"`
		Version int             `json:"version"`
		Content qiaomen.Content `json:"content"`
		Set     jsontext.Value  `json:"set,omitzero"`
	}
	lines := []line{}
	for _, r := range list {
		lines = append(lines, line{r.ID, r.Kind, r.State, r.Version, r.Content, r.Set})
	}
	slices.SortFunc(lines, func(a, b line) int { return cmp.Compare(a.ID, b.ID) })
	data, err := json.Marshal(lines, json.Deterministic(true))
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:]), nil
}

// A Signature is put under a statement as it was seen: by its digest. Scan is
// the stamped page, where it is signed on paper, and SignedOn the day on it.
type Signature struct {
	Unit string `json:"unit"`
	Occurrence
	Digest   string           `json:"digest"`
	Scan     qiaomen.Evidence `json:"scan,omitzero"`
	SignedOn string           `json:"signed_on,omitzero"`
}

func aboutSignature(_ *desk, a *Signature) (qiaomen.Subject, error) {
	return qiaomen.Subject{Unit: a.Unit}, nil
}

// prepared is the statement that is signed: the one that was seen.
func (d *desk) prepared(a *Signature) (*Owed, error) {
	w, err := d.stating(a.Unit, a.Occurrence)
	if err != nil {
		return nil, err
	}
	if w.Done == nil || w.Done.Statement == nil {
		return nil, problem("这一期的月报表还没有编制", "请先编制月报表")
	}
	if w.Done.Statement.Digest != a.Digest {
		return nil, &qiaomen.Problem{Text: "月报表已经重新编制，与您看到的不同", Fix: "请看过最新的再签", At: qiaomen.Place{Field: "digest"}}
	}
	return w, nil
}

var signStatement = &act[Signature]{
	action: qiaomen.ActSignStatement,
	about:  aboutSignature,
	check: func(d *desk, a *Signature) error {
		_, err := d.prepared(a)
		return err
	},
	do: func(d *desk, a *Signature) (string, error) {
		w, err := d.prepared(a)
		if err != nil {
			return "", err
		}
		id := w.Done.Row().ID
		return id, d.emit(&qiaomen.StatementSigned{ID: id})
	},
}

// SignStatement is the head's signature under the unit's statement, in the page.
func (o *Office) SignStatement(ctx context.Context, by Caller, a Signature) (*Answer, error) {
	a.Scan, a.SignedOn = qiaomen.Evidence{}, ""
	return perform(ctx, o, by, signStatement, a)
}

var handInStatement = &act[Signature]{
	action: qiaomen.ActHandIn,
	about:  aboutSignature,
	check: func(d *desk, a *Signature) error {
		if d.campaign.Procedure.HeadSigns {
			return problem("本活动由单位负责人在页面上签署月报表", "请单位负责人登录签署")
		}
		if _, err := d.prepared(a); err != nil {
			return err
		}
		var list []*qiaomen.Problem
		if day, err := qiaomen.ParseDate(a.SignedOn); err != nil {
			list = append(list, &qiaomen.Problem{Text: err.Error(), Fix: "请写盖章的日期", At: qiaomen.Place{Field: "signed_on"}})
		} else if day.String() > d.day {
			list = append(list, &qiaomen.Problem{Text: "盖章的日期在今天之后", Fix: "请核对", At: qiaomen.Place{Field: "signed_on"}})
		}
		if p := d.kept("scan", &a.Scan); p != nil {
			list = append(list, p)
		}
		return faults(list)
	},
	do: func(d *desk, a *Signature) (string, error) {
		w, err := d.prepared(a)
		if err != nil {
			return "", err
		}
		id := w.Done.Row().ID
		return id, d.emit(&qiaomen.StatementSigned{
			ID: id, Scan: &a.Scan, Paper: &qiaomen.PaperSource{DecidedOn: a.SignedOn, Role: qiaomen.Head, EnteredBy: d.person},
		})
	},
}

// HandInStatement hands in the scan of the stamped statement, where heads sign
// on paper (sign_off=paper): the printed page carries the digest that it is
// signed for.
func (o *Office) HandInStatement(ctx context.Context, by Caller, a Signature) (*Answer, error) {
	return perform(ctx, o, by, handInStatement, a)
}

// A StatementView is a statement with the records that it states, as they stood
// when it was written: what is printed, signed, and held against its digest.
type StatementView struct {
	*qiaomen.Fulfilment
	UnitName string                  `json:"unit_name,omitzero"`
	Records  []*qiaomen.LedgerRecord `json:"records,omitzero"`
	// Holds tells whether the digest is that of the records.
	Holds bool `json:"holds"`
}

// Statement is a unit's statement for a duty.
func (o *Office) Statement(ctx context.Context, by Caller, unit string, one Occurrence) (out *StatementView, err error) {
	err = o.lookIn(ctx, by, qiaomen.ActReadOwn, func(*desk) (string, error) { return unit, nil }, func(d *desk) error {
		if d.selected(qiaomen.ActReadOwn) {
			return d.deny("没有权限")
		}
		w, err := d.occurrence(one.Duty, unit, one.Due)
		if err != nil {
			return err
		}
		if w.Done == nil || w.Done.Statement == nil {
			return problem("这一期的月报表还没有编制", "")
		}
		out = &StatementView{Fulfilment: w.Done}
		if out.UnitName, err = d.named(unit); err != nil {
			return err
		}
		if out.Records, err = listed(d.r.(*store.View).At(w.Done.Statement.Position), unit); err != nil {
			return err
		}
		digest, err := digestOf(out.Records)
		out.Holds = digest == w.Done.Statement.Digest
		return err
	})
	return out, err
}
