package office

import (
	"context"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"qiaomen"
	"qiaomen/records"
	"qiaomen/scheme"
	"qiaomen/store"
)

var submit = &act[Named]{
	action: qiaomen.ActSubmit,
	about:  aboutDraft,
	check: func(d *desk, a *Named) error {
		w, err := d.draft(a.ID)
		if err != nil {
			return err
		}
		if w.Amends != "" {
			return problem("这是对已上报记录的更正", "请从“更正”提交，并写明理由")
		}
		if r, err := store.One[qiaomen.LedgerRecord](d.r, w.ID); err != nil {
			return err
		} else if r != nil { // the draft is of a record that the office may have decided on since
			if err := inState(r, qiaomen.Returned, qiaomen.Withdrawn); err != nil {
				return err
			}
		}
		_, err = d.complete(w)
		return err
	},
	do: func(d *desk, a *Named) (string, error) {
		w, err := d.draft(a.ID)
		if err != nil {
			return "", err
		}
		f, err := d.complete(w)
		if err != nil {
			return "", err
		}
		return w.ID, d.report(w, f, &qiaomen.RecordSubmitted{ReportedAt: d.at, PlaceAt: d.at})
	},
}

// Submit hands a record over to the office (签批上报). Its place among first
// reports is taken now, unless the reporter took it before.
func (o *Office) Submit(ctx context.Context, by Caller, draft string) (*Answer, error) {
	return perform(ctx, o, by, submit, Named{draft})
}

var handOver = &act[Named]{
	action: qiaomen.ActEditDraft,
	about:  aboutDraft,
	check: func(d *desk, a *Named) error {
		if !d.campaign.Procedure.HeadSigns {
			return problem("本活动由填报人直接上报", "请提交上报")
		}
		return submit.check(d, a)
	},
	do: submit.do, // what is handed over by a reporter waits for the head: see report
}

// HandOver gives a record to the unit's head to sign, where the campaign asks
// for that; its place among first reports is taken now (P3, place_from).
func (o *Office) HandOver(ctx context.Context, by Caller, draft string) (*Answer, error) {
	return perform(ctx, o, by, handOver, Named{draft})
}

func aboutRecord(d *desk, id string) (qiaomen.Subject, error) {
	r, err := d.record(id)
	if err != nil {
		return qiaomen.Subject{}, err
	}
	return qiaomen.Subject{Unit: r.Unit, Units: r.From, Record: r.ID}, nil
}

func aboutNamed(d *desk, a *Named) (qiaomen.Subject, error) { return aboutRecord(d, a.ID) }

// inState asks that a record stands where the act begins.
func inState(r *qiaomen.LedgerRecord, states ...qiaomen.State) error {
	_, state, _ := r.Pending()
	if slices.Contains(states, state) {
		return nil
	}
	var names []string
	for _, s := range states {
		names = append(names, s.Chinese())
	}
	return problem("这条记录现在是“"+state.Chinese()+"”，不是“"+strings.Join(names, "”或“")+"”", "请刷新后查看")
}

var signOff = &act[Named]{
	action: qiaomen.ActSubmit,
	about:  aboutNamed,
	check: func(d *desk, a *Named) error {
		r, err := d.record(a.ID)
		if err != nil {
			return err
		}
		return inState(r, qiaomen.HandedOver)
	},
	do: func(d *desk, a *Named) (string, error) {
		e := &qiaomen.RecordSignedOff{ID: a.ID, ReportedAt: d.at}
		if d.rules.Setting("place_from") == "sign_off" {
			e.PlaceAt = d.at
		}
		return a.ID, d.emit(e)
	},
}

// SignOff is the head's signature under a record that was handed over.
func (o *Office) SignOff(ctx context.Context, by Caller, record string) (*Answer, error) {
	return perform(ctx, o, by, signOff, Named{record})
}

var withdraw = &act[Named]{
	action: qiaomen.ActWithdraw,
	about:  aboutNamed,
	check: func(d *desk, a *Named) error {
		r, err := d.record(a.ID)
		if err != nil {
			return err
		}
		if r.State == qiaomen.Recognised && r.Amendment != nil {
			return problem("更正已经提交，由办公室处理", "请等待审核结果")
		}
		return inState(r, qiaomen.Submitted, qiaomen.HandedOver, qiaomen.Returned)
	},
	do: func(d *desk, a *Named) (string, error) { return a.ID, d.emit(&qiaomen.RecordWithdrawn{ID: a.ID}) },
}

// Withdraw takes a record back before the office took it up. Its place is lost.
func (o *Office) Withdraw(ctx context.Context, by Caller, record string) (*Answer, error) {
	return perform(ctx, o, by, withdraw, Named{record})
}

// An Amendment is another version of a record that was handed over, whole, with
// its reason.
type Amendment struct {
	Record  string          `json:"record"`
	Draft   string          `json:"draft"`
	Content qiaomen.Content `json:"content"`
	Keys    []string        `json:"keys,omitzero"`
	Reason  string          `json:"reason"`
}

var amend = twofold(&act[Amendment]{
	action: qiaomen.ActAmend,
	about: func(d *desk, a *Amendment) (qiaomen.Subject, error) {
		w, err := d.draft(a.Draft)
		if err != nil && a.Record == "" {
			return qiaomen.Subject{}, err
		} else if a.Record == "" {
			return aboutRecord(d, w.Amends)
		}
		return aboutRecord(d, a.Record)
	},
	check: func(d *desk, a *Amendment) error {
		if err := a.fill(d); err != nil {
			return err
		}
		r, err := d.record(a.Record)
		if err != nil {
			return err
		}
		if err := inState(r, qiaomen.Submitted, qiaomen.InReview, qiaomen.Recognised, qiaomen.Returned); err != nil {
			return err
		}
		if r.State == qiaomen.Returned {
			return problem("这条记录已退回", "请改好后重新上报")
		}
		return reasoned(a.Reason)
	},
	do: func(d *desk, a *Amendment) (string, error) {
		if a.Draft != "" {
			if err := d.movePersonal(a.Draft, a.Record); err != nil {
				return "", err
			}
			if err := d.tx.Drop("draft", a.Draft); err != nil {
				return "", err
			}
		}
		return a.Record, d.emit(&qiaomen.RecordAmended{ID: a.Record, Content: a.Content, Keys: a.Keys, Reason: a.Reason})
	},
})

// Amend hands in another version of a record, from a draft that DraftAgain made
// (P6). Of a recognised record the older version counts until this one is
// recognised too.
func (o *Office) Amend(ctx context.Context, by Caller, draft, reason string) (*Answer, error) {
	return perform(ctx, o, by, amend, Amendment{Draft: draft, Reason: reason})
}

// fill takes the version from its draft. A proposal has it already.
func (a *Amendment) fill(d *desk) error {
	if a.Record != "" {
		return nil
	}
	w, err := d.draft(a.Draft)
	if err != nil {
		return err
	}
	if w.Amends == "" {
		return problem("这份草稿不是更正", "请从已上报的记录点“更正”")
	}
	f, err := d.complete(w)
	if err != nil {
		return err
	}
	a.Record, a.Content, a.Keys = w.Amends, f.content, f.keys
	return nil
}

// An Entry is a record that the office types for a unit from paper (代录), or a
// briefing that it reports itself.
type Entry struct {
	ID       string             `json:"id,omitzero"`
	Unit     string             `json:"unit"`
	Kind     string             `json:"kind"`
	Name     string             `json:"name"`
	Fields   jsontext.Value     `json:"fields,omitzero"`
	Evidence []qiaomen.Evidence `json:"evidence,omitzero"`
	// ReceivedAt and ReceivedNumber are time and number of the paper's receipt:
	// they count, not the time of typing.
	ReceivedAt     string `json:"received_at,omitzero"`
	ReceivedNumber string `json:"received_number,omitzero"`
}

func (a *Entry) draft(id string) *DraftRecord {
	return &DraftRecord{ID: id, Unit: a.Unit, Kind: a.Kind, Name: a.Name, Fields: a.Fields, Evidence: a.Evidence}
}

// typed checks an entry that comes whole, without a draft before it.
func (d *desk) typed(a *Entry) error {
	in := DraftInput{Unit: a.Unit, Kind: a.Kind, Name: a.Name, Fields: a.Fields}
	if err := d.checkDraft(&in); err != nil {
		return err
	}
	a.Fields = in.Fields
	list := d.keptAll("evidence", &a.Evidence)
	for _, e := range a.Evidence {
		if evidenceType(d.rules.Kind(a.Kind), e.Type) < 0 {
			list = append(list, &qiaomen.Problem{Text: "没有“" + qiaomen.Clip(e.Type) + "”这种佐证材料", At: qiaomen.Place{Field: "evidence"}})
		}
	}
	if err := faults(list); err != nil {
		return err
	}
	_, err := d.complete(a.draft(a.ID))
	return err
}

var enterFor = &act[Entry]{
	action: qiaomen.ActEnterFor,
	about:  func(_ *desk, a *Entry) (qiaomen.Subject, error) { return qiaomen.Subject{Unit: a.Unit}, nil },
	check: func(d *desk, a *Entry) error {
		if err := d.received(a); err != nil {
			return err
		}
		other, err := d.receivedAs(a.ReceivedNumber)
		if err != nil {
			return err
		}
		if other != "" {
			return &qiaomen.Problem{Text: "收件编号“" + qiaomen.Clip(a.ReceivedNumber) + "”已经用于 " + other, Fix: "请核对；同一份文件里的多条记录请从表格导入", At: qiaomen.Place{Field: "received_number"}}
		}
		return d.typed(a)
	},
	do: func(d *desk, a *Entry) (string, error) {
		w := a.draft(d.newID("r-"))
		f, err := d.complete(w)
		if err != nil {
			return "", err
		}
		at := qiaomen.MomentAt(a.ReceivedAt).UTC()
		return w.ID, d.report(w, f, &qiaomen.RecordSubmitted{
			ReportedAt: at, PlaceAt: at,
			EnteredFor: &qiaomen.EnteredFor{By: d.person, ReceivedAt: at, ReceivedNumber: a.ReceivedNumber},
		})
	},
}

// received finds what is wrong with the receipt of a paper, and writes its time
// in its one form.
func (d *desk) received(a *Entry) error {
	var list complaints
	at := qiaomen.MomentAt(a.ReceivedAt)
	c := d.rules.Campaign
	if at.IsZero() {
		list.add("received_at", "没有写收件时间", "代录以收件的时间和编号为准，应写成 2024-01-03T09:30:00+08:00 这样")
	} else if a.ReceivedAt = at.UTC(); a.ReceivedAt > d.at {
		list.add("received_at", "收件时间在现在之后", "请核对")
	} else if c != nil && at.Day < c.From {
		list.add("received_at", "收件时间在活动开始的"+c.From.Chinese()+"之前", "请核对；以前的台账请用期初导入")
	}
	list.text("received_number", "收件编号", a.ReceivedNumber, "请写收文登记的编号")
	return faults(list)
}

// receivable finds what is wrong with a row that comes in with others on one
// paper.
func (d *desk) receivable(a *Entry) error {
	if err := d.received(a); err != nil {
		return err
	}
	return d.typed(a)
}

// receivedAs is the record that was typed from the paper of that number and
// still may count; empty: none.
func (d *desk) receivedAs(number string) (string, error) {
	for r, err := range store.Each[qiaomen.LedgerRecord](d.r, store.Filter{}) {
		if err != nil {
			return "", err
		}
		over := slices.Contains([]qiaomen.State{qiaomen.Withdrawn, qiaomen.Refused, qiaomen.Revoked}, r.State)
		if e := r.EnteredFor; e != nil && e.ReceivedNumber == number && !over {
			return r.ID, nil
		}
	}
	return "", nil
}

// EnterFor types a record for a unit, from paper; it is marked as such, and
// never recognised by whoever typed it.
func (o *Office) EnterFor(ctx context.Context, by Caller, a Entry) (*Answer, error) {
	return perform(ctx, o, by, enterFor, a)
}

var reportBriefing = &act[Entry]{
	action: qiaomen.ActReportBriefing,
	about:  func(_ *desk, a *Entry) (qiaomen.Subject, error) { return qiaomen.Subject{Unit: a.Unit}, nil },
	check: func(d *desk, a *Entry) error {
		if k := d.rules.Kind(a.Kind); k == nil || k.Identity != nil {
			return &qiaomen.Problem{Text: "这里只报没有首报确认的记录，如简报新闻", Fix: "其他记录请起草后上报", At: qiaomen.Place{Field: "kind"}}
		}
		return d.typed(a)
	},
	do: func(d *desk, a *Entry) (string, error) {
		w := a.draft(d.newID("r-"))
		f, err := d.complete(w)
		if err != nil {
			return "", err
		}
		e := &qiaomen.RecordSubmitted{ReportedAt: d.at, PlaceAt: d.at}
		if !d.using.Role.OfUnit() { // the office reports it of a unit: typed, so another recognises it
			e.EnteredFor = &qiaomen.EnteredFor{By: d.person, ReceivedAt: d.at}
		}
		return w.ID, d.report(w, f, e)
	},
}

// ReportBriefing reports a briefing or news item in one step: a kind that earns
// no first report and needs no draft (五(四)).
func (o *Office) ReportBriefing(ctx context.Context, by Caller, a Entry) (*Answer, error) {
	return perform(ctx, o, by, reportBriefing, a)
}

// A filled draft is complete: what goes into the journal, what stays beside it,
// and the keys under which it competes.
type filled struct {
	content  qiaomen.Content
	personal []byte
	keys     []string
}

// complete finds everything that a draft still lacks to be handed over.
func (d *desk) complete(w *DraftRecord) (*filled, error) {
	u, err := d.unit(w.Unit)
	if err != nil {
		return nil, err
	}
	k := d.rules.Kind(w.Kind)
	if k == nil {
		return nil, &qiaomen.Problem{Text: "方案里没有“" + qiaomen.Clip(w.Kind) + "”这类记录", At: qiaomen.Place{Field: "kind"}}
	}
	fields := w.Fields
	if len(fields) == 0 {
		fields = jsontext.Value("{}")
	}
	canonical, values, list := records.Fields(d.rules, k, fields, false)
	if len(list) == 0 {
		var evidence qiaomen.Set
		for _, e := range w.Evidence {
			if i := evidenceType(k, e.Type); i >= 0 {
				evidence = evidence.With(i)
			}
		}
		list = append(records.Missing(k, w.Name, values, evidence, scheme.ToSubmit), records.Owned(k, values, scheme.ByUnit)...)
	}
	for _, e := range w.Evidence {
		known, err := d.declared(w, e)
		if err != nil {
			return nil, err
		}
		if !known && !d.there(e) {
			list = append(list, missingFile("evidence", e))
		}
	}
	if err := faults(list); err != nil {
		return nil, err
	}
	open, personal := records.SplitPersonal(k, canonical)
	f := &filled{personal: personal, keys: d.keys(k, u, w.Name, values, w.Evidence)}
	f.content = qiaomen.Content{Name: strings.TrimSpace(w.Name), Fields: open, Evidence: w.Evidence, Rules: d.rules.Digest, Personal: len(personal) > len("{}")}
	return f, nil
}

// keys is what a record competes under: its kind's identity, its name together
// with a credit code, each of its files (附3·三(一)).
func (d *desk) keys(k *scheme.Kind, u *scheme.Unit, name string, values []qiaomen.Value, evidence []qiaomen.Evidence) []string {
	var out []string
	if id := k.Identity; id != nil && slices.Contains(id.Among, u.Group) {
		own := ""
		if d.shared(k) {
			own = " @" + u.ID
		}
		if key := records.IdentityKey(k, name, values); key != "" {
			out = append(out, key+own)
		}
		for i, f := range k.Fields {
			if f.ID == creditCode && values[i].Given && records.Normal(name) != "" {
				out = append(out, k.ID+" "+identify("", records.Normal(name))+" "+records.Normal(values[i].Text)+own)
			}
		}
	}
	for _, e := range evidence {
		if key := "file " + e.Digest; !e.Declared() && !slices.Contains(out, key) {
			out = append(out, key)
		}
	}
	return out
}

// creditCode is the reserved name of the field with an investor's credit code.
const creditCode = "credit_code"

// shared tells whether several units may each report the same: of a kind that
// is told apart by the day on which it happened, as a joint trip is, where the
// campaign lets it count for each (joint_outing).
func (d *desk) shared(k *scheme.Kind) bool {
	return k.OccursOn != nil && slices.Contains(k.Identity.By, k.OccursOn) && d.rules.Setting("joint_outing") != "first"
}

// report seals a record and takes its draft away.
func (d *desk) report(w *DraftRecord, f *filled, e *qiaomen.RecordSubmitted) error {
	e.ID, e.Kind, e.Unit, e.Content, e.Keys = w.ID, w.Kind, w.Unit, f.content, f.keys
	if f.content.Personal {
		if err := d.tx.Keep("personal", store.Work{ID: w.ID, Unit: w.Unit, Owner: d.person, Data: f.personal}); err != nil {
			return err
		}
	}
	if err := d.tx.Drop("draft", w.ID); err != nil {
		return err
	}
	if d.campaign.Procedure.HeadSigns && d.using.Role == qiaomen.Reporter && e.EnteredFor == nil {
		return d.emit(&qiaomen.RecordHandedOver{RecordSubmitted: *e})
	}
	return d.emit(e)
}

// movePersonal keeps the personal fields of an amendment's draft for its record.
func (d *desk) movePersonal(draft, record string) error {
	w, err := d.draft(draft)
	if err != nil {
		return nil // the draft is gone: it was proposed before, and is carried out now
	}
	f, err := d.complete(w)
	if err != nil || !f.content.Personal {
		return err
	}
	return d.tx.Keep("personal", store.Work{ID: record, Unit: w.Unit, Owner: d.person, Data: f.personal})
}
