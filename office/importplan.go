package office

import (
	"fmt"
	"slices"

	"github.com/go-json-experiment/json"

	"qiaomen"
	"qiaomen/records"
	"qiaomen/scheme"
	"qiaomen/store"
)

// A planner finds what importing rows would do, one row after another, and
// changes nothing.
type planner struct {
	d      *desk
	a      *Import
	office bool
	units  map[string]error // what is wrong with a unit
	// The ids of rows that the ledger has, as a record or as a draft; nil: not asked.
	records, drafts map[string]bool
	// The names of the file's rows so far; nil: likeness is not looked for.
	rows *lookalikes
	kept bool // the journal is where the preview saw it: what it planned for new rows stands
}

func (d *desk) planner(a *Import) *planner {
	return &planner{d: d, a: a, office: !d.using.Role.OfUnit(), units: map[string]error{}}
}

// look asks for all rows at once which of them the ledger has.
func (p *planner) look(rows []*ImportRow) (err error) {
	var ids, unsure []string
	for _, r := range rows {
		if r.record != nil {
			ids = append(ids, p.d.idsOf(r, p.office)...)
		}
	}
	if p.drafts, err = store.WhichWorks(p.d.r, "draft", ids); err != nil {
		return err
	}
	for _, r := range rows {
		if r.record != nil && !p.stands(r) {
			unsure = append(unsure, p.d.idsOf(r, p.office)...)
		}
	}
	p.records, err = store.Which(p.d.r, &qiaomen.LedgerRecord{}, unsure)
	return err
}

// stands tells whether a row is still what the preview found: new. The journal
// stands where it stood; a draft may have come all the same.
func (p *planner) stands(r *ImportRow) bool {
	return p.kept && r.Verdict == RowNew && r.do != nil && r.record != nil &&
		!slices.ContainsFunc(p.d.idsOf(r, p.office), func(id string) bool { return p.drafts[id] })
}

// A standing is what the ledger has of a row already.
type standing struct {
	record *qiaomen.LedgerRecord
	draft  *DraftRecord
}

// find looks which record or draft of the ledger a row is. It gives the row
// its id.
func (p *planner) find(r *ImportRow) (*standing, error) {
	st := &standing{}
	free := ""
	for _, id := range p.d.idsOf(r, p.office) {
		var rec *qiaomen.LedgerRecord
		var w *store.Work
		var err error
		if p.records == nil || p.records[id] {
			if rec, err = store.One[qiaomen.LedgerRecord](p.d.r, id); err != nil {
				return nil, err
			}
		}
		if p.drafts == nil || p.drafts[id] {
			if w, err = p.d.work("draft", id); err != nil {
				return nil, err
			}
		}
		var draft *DraftRecord
		if w != nil {
			draft = &DraftRecord{}
			if err := json.Unmarshal(w.Data, draft); err != nil {
				return nil, err
			}
		}
		mine := rec != nil && rec.Kind == r.Kind && (rec.Unit == r.Unit || slices.Contains(rec.From, r.Unit))
		begun := !p.office && draft != nil && draft.Kind == r.Kind && draft.Unit == r.Unit && draft.Amends == ""
		if mine || begun {
			r.ID = id
			if mine {
				st.record, r.State = rec, rec.State
			}
			if begun {
				st.draft, r.State = draft, qiaomen.Draft
			}
			return st, nil
		}
		if rec == nil && draft == nil && free == "" {
			free = id
		}
	}
	if r.ID = free; free == "" {
		r.refused("编号“"+qiaomen.Clip(r.Foreign)+"”已被占用", "请换一个编号")
	}
	return st, nil
}

// row finds what importing the row would do.
func (p *planner) row(r *ImportRow) error {
	if p.stands(r) {
		return nil
	}
	r.Verdict, r.Faults, r.Fields, r.do, r.draft, r.Note = RowSame, nil, nil, nil, nil, ""
	if p.a.Unit != "" && r.Unit != "" && r.Unit != p.a.Unit {
		r.refused("这是“"+p.d.unitName([]string{r.Unit})+"”的记录", "一个单位的文件里只能有本单位的记录")
		return nil
	}
	if r.figure != nil {
		return p.figure(r)
	}
	wrong, known := p.units[r.Unit]
	if !known {
		_, wrong = p.d.unit(r.Unit)
		p.units[r.Unit] = wrong
	}
	if wrong != nil {
		return r.take(wrong)
	}
	st := r.standing
	if r.standing = nil; st == nil { // of a desk before this one
		var err error
		if st, err = p.find(r); err != nil || r.Verdict == RowRefused {
			return err
		}
	}
	k := p.d.rules.Kinds[r.record.Kind]
	fields, list := records.CanonicalFields(k, r.record.Values)
	if err := faults(list); err != nil {
		return r.take(err)
	}
	if r.record.Evidence != 0 && (st.record == nil || st.draft != nil) {
		r.say("佐证材料不随文件导入，请另行上传")
	}
	switch {
	case st.draft != nil:
		return p.begun(r, k, st.draft, fields)
	case st.record != nil:
		return p.reported(r, k, st.record, fields)
	}
	return p.fresh(r, k, fields)
}

// undecided asks that a row says nothing that only the office's decisions say.
func (p *planner) undecided(r *ImportRow, now *qiaomen.LedgerRecord) {
	if now == nil {
		now = &qiaomen.LedgerRecord{}
	}
	if r.figure == nil && (!saysSame(r.record.Recognised, now.RecognisedAt) || !saysSame(r.record.Revoked, now.RevokedAt)) {
		r.refused("认定、撤销的时间由办公室的决定产生，不能导入", "请把这两列空着；使用本系统以前的台账请用期初导入")
	}
}

// saysSame tells whether a file's time is that of the ledger, as exact as
// Excel is, or is not given.
func saysSame(m qiaomen.Moment, at string) bool {
	const toSecond = len("2006-01-02T15:04:05")
	return m.IsZero() || at != "" && m.UTC()[:toSecond] == at[:toSecond]
}

// fresh is a row that the ledger does not have.
func (p *planner) fresh(r *ImportRow, k *scheme.Kind, fields []byte) error {
	r.Verdict = RowNew
	if err := p.noteLikeness(r, fields); err != nil {
		return err
	}
	p.undecided(r, nil)
	w := &DraftRecord{ID: r.ID, Unit: r.Unit, Kind: r.Kind, Name: r.Name, Fields: fields}
	r.draft = w
	if p.office {
		return p.enter(r, w)
	}
	return p.write(r, w)
}

// mostCompared is of how many rows a preview says that they look like others:
// those of a longer file are held against each other when they come in.
const mostCompared = 5000

// noteLikeness says of a row that it looks like another of the ledger, or of the
// file, and nothing more.
func (p *planner) noteLikeness(r *ImportRow, fields []byte) error {
	if p.rows == nil {
		return nil
	}
	found, err := p.d.alike(r.Kind, r.Unit, r.ID, r.Name, fields)
	if err != nil {
		return err
	}
	within := p.rows.meet(&qiaomen.LedgerRecord{ID: r.ID, Kind: r.Kind, Unit: r.Unit, State: qiaomen.Submitted, Content: qiaomen.Content{Name: r.Name, Fields: fields}})
	switch {
	case len(found) > 0:
		r.say("名称与已有的上报相近，上报后要由办公室判定是不是同一事项")
	case len(within) > 0:
		r.say("名称与这个文件里的另一行相近，上报后要由办公室判定是不是同一事项")
	}
	return nil
}

// say adds a note.
func (r *ImportRow) say(text string) {
	if r.Note != "" {
		r.Note += "；"
	}
	r.Note += text
}

// write keeps a draft, and hands it over where that is asked.
func (p *planner) write(r *ImportRow, w *DraftRecord) error {
	in := DraftInput{Unit: w.Unit, Kind: w.Kind, Name: w.Name, Fields: w.Fields}
	if err := p.d.checkDraft(&in); err != nil {
		return r.take(err)
	}
	if !p.a.Submit {
		r.do = func(d *desk) error { return d.keepDraft(w) }
		return nil
	}
	f, err := p.d.complete(w)
	if err != nil {
		return r.take(err)
	}
	r.do = func(d *desk) error {
		return d.report(w, f, &qiaomen.RecordSubmitted{ReportedAt: d.at, PlaceAt: d.at}, d.handsOver())
	}
	return nil
}

// enter is a row that the office enters for a unit (代录): the time and number
// of receipt count. The row's own time of reporting is that of its receipt.
func (p *planner) enter(r *ImportRow, w *DraftRecord) error {
	at := p.a.ReceivedAt
	if !r.record.Reported.IsZero() {
		at = r.record.Reported.UTC()
	}
	a := Entry{Unit: w.Unit, Kind: w.Kind, Name: w.Name, Fields: w.Fields, ReceivedAt: at, ReceivedNumber: p.a.ReceivedNumber}
	if err := p.d.receivable(&a); err != nil {
		return r.take(err)
	}
	w.Fields = a.Fields
	r.do = func(d *desk) error {
		return d.report(w, a.filled, &qiaomen.RecordSubmitted{
			ReportedAt: a.ReceivedAt, PlaceAt: a.ReceivedAt,
			EnteredFor: &qiaomen.EnteredFor{By: d.person, ReceivedAt: a.ReceivedAt, ReceivedNumber: a.ReceivedNumber},
		}, false)
	}
	return nil
}

// begun is a row that the unit has as a draft.
func (p *planner) begun(r *ImportRow, k *scheme.Kind, w *DraftRecord, fields []byte) error {
	p.undecided(r, nil)
	changed := r.differs(k, w.Name, w.Fields, nil, fields)
	if changed == nil && !p.a.Submit {
		return nil
	}
	r.change()
	next := *w
	next.Name, next.Fields = r.over(k, w.Name, w.Fields, changed)
	return p.write(r, &next)
}

// reported is a row that the unit handed over before.
func (p *planner) reported(r *ImportRow, k *scheme.Kind, rec *qiaomen.LedgerRecord, fields []byte) error {
	p.undecided(r, rec)
	_, state, content := rec.Pending()
	own, evidence, name := []byte(content.Fields), content.Evidence, content.Name
	waiting, proposed, err := p.better(rec)
	if err != nil {
		return err
	}
	if waiting != nil { // a version that is on its way is what the row is held against
		own, evidence, name = waiting.Fields, waiting.Evidence, waiting.Name
	} else if personal, err := p.d.work("personal", rec.ID); err != nil {
		return err
	} else if personal != nil {
		own = records.Merge(k, own, personal.Data)
	}
	changed := r.differs(k, name, own, rec.Set, fields)
	if unsent := waiting != nil && !proposed && p.a.Submit; changed == nil && !unsent {
		return nil
	}
	w := &DraftRecord{ID: rec.ID, Unit: rec.Unit, Kind: rec.Kind, Evidence: evidence}
	w.Name, w.Fields = r.over(k, name, own, changed)
	r.change()
	switch {
	case proposed:
		r.refused("这条记录已有更正等负责人签批", "请先由负责人批准或退回")
	case p.office:
		r.refused("与已上报的记录不同", "已上报的记录由单位更正")
	case rec.Unit != r.Unit:
		r.refused("这条记录已移交“"+p.d.unitName([]string{rec.Unit})+"”", "请由该单位更正")
	case state == qiaomen.HandedOver:
		r.refused("这条记录等负责人签批，不能改", "请先撤回，改好再报")
	case rec.State == qiaomen.Refused, rec.State == qiaomen.Revoked:
		r.refused("这条记录"+rec.State.Chinese()+"，不能再改", "如有异议，请在期限内提出异议")
	case rec.State == qiaomen.Returned, rec.State == qiaomen.Withdrawn:
		return p.write(r, w)
	default:
		return p.amend(r, w)
	}
	return nil
}

// better is a version of a record that an import of its unit has begun; nil
// where there is none. proposed tells that the unit's head has it to sign.
func (p *planner) better(rec *qiaomen.LedgerRecord) (w *DraftRecord, proposed bool, err error) {
	if p.office {
		return nil, false, nil
	}
	kept, err := p.d.work("draft", amendmentID(rec))
	if err != nil || kept == nil {
		return nil, false, err
	}
	w = &DraftRecord{}
	if err := json.Unmarshal(kept.Data, w); err != nil {
		return nil, false, err
	}
	waiting, err := store.All[qiaomen.Proposal](p.d.r, store.Filter{Kind: qiaomen.ActAmend.String(), Key: rec.ID, States: []qiaomen.State{qiaomen.Pending}})
	return w, len(waiting) > 0, err
}

// amendmentID is the draft in which imports keep a better version of a record.
func amendmentID(rec *qiaomen.LedgerRecord) string {
	version, _, _ := rec.Pending()
	return identify("a-", rec.ID, fmt.Sprint(version))
}

// amend makes a better version of a record that the office has, or hands it in
// (P6).
func (p *planner) amend(r *ImportRow, w *DraftRecord) error {
	record := w.ID
	rec, err := p.d.record(record)
	if err != nil {
		return err
	}
	w.ID, w.Amends = amendmentID(rec), record
	in := DraftInput{Unit: w.Unit, Kind: w.Kind, Name: w.Name, Fields: w.Fields}
	if err := p.d.checkDraft(&in); err != nil {
		return r.take(err)
	}
	if p.a.Submit {
		if err := reasoned(p.a.Reason); err != nil {
			return r.take(&qiaomen.Problem{Text: "更改已上报的记录没有写理由", Fix: "请写明更正的理由", At: qiaomen.Place{Field: "reason"}})
		}
		if _, err := p.d.complete(w); err != nil {
			return r.take(err)
		}
	}
	r.do = func(d *desk) error {
		if err := d.keepDraft(w); err != nil || !p.a.Submit {
			return err
		}
		f, err := d.complete(w)
		if err != nil {
			return err
		}
		using := d.using
		defer func() { d.using = using }()
		return amend.perform(d, &Amendment{Record: record, Draft: w.ID, Content: f.content, Keys: f.keys, Reason: p.a.Reason}, &Answer{})
	}
	return nil
}
