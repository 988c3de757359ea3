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
	do: func(d *desk, a *Named) (string, error) { return a.ID, d.reportDraft(a.ID, d.handsOver()) },
}

// reportDraft reports what stands in a draft, or hands it to the head.
func (d *desk) reportDraft(id string, toHead bool) error {
	w, err := d.draft(id)
	if err != nil {
		return err
	}
	f, err := d.complete(w)
	if err != nil {
		return err
	}
	return d.report(w, f, &qiaomen.RecordSubmitted{ReportedAt: d.at, PlaceAt: d.at}, toHead)
}

// handsOver tells that what the person submits waits for the head to sign it.
func (d *desk) handsOver() bool {
	return d.campaign.Procedure.HeadSigns && d.using.Role == qiaomen.Reporter
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
	do: func(d *desk, a *Named) (string, error) { return a.ID, d.reportDraft(a.ID, true) },
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
	return overtaken("这条记录现在是“" + state.Chinese() + "”，不是“" + strings.Join(names, "”或“") + "”")
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
		r, err := d.record(a.Record)
		if err != nil {
			return "", err
		}
		keys, err := d.likeKeys(r.Kind, r.Unit, r.ID, &a.Content, a.Keys)
		if err != nil {
			return "", err
		}
		return a.Record, d.emit(&qiaomen.RecordAmended{ID: a.Record, Content: a.Content, Keys: keys, Reason: a.Reason})
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
	canonical, values, list := d.readFields(k, fields)
	if len(list) > 0 { // what is wrong beside the fields that cannot be read
		if values, err = understood(d.rules, k, fields); err != nil {
			return nil, faults(list)
		}
	}
	var evidence qiaomen.Set
	for _, e := range w.Evidence {
		if i := evidenceType(k, e.Type); i >= 0 {
			evidence = evidence.With(i)
		}
	}
	unread := slices.Clone(list)
	for _, p := range append(records.Missing(k, w.Name, values, evidence, scheme.ToSubmit), records.Owned(k, values, scheme.ByUnit)...) {
		if !slices.ContainsFunc(unread, func(u *qiaomen.Problem) bool { return u.At.Field == p.At.Field }) {
			list = append(list, p)
		}
	}
	for _, e := range w.Evidence {
		known, err := d.declared(w, e)
		if err != nil {
			return nil, err
		}
		if known {
			continue
		}
		if p := d.missing("evidence", e); p != nil {
			list = append(list, p)
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
func (d *desk) shared(k *scheme.Kind) bool { return sharedKind(d.rules, k) }

func sharedKind(rules *scheme.Scheme, k *scheme.Kind) bool {
	return k.OccursOn != nil && slices.Contains(k.Identity.By, k.OccursOn) && rules.Setting("joint_outing") != "first"
}

// report seals a record and takes its draft away; toHead leaves it with the
// unit's head to sign.
func (d *desk) report(w *DraftRecord, f *filled, e *qiaomen.RecordSubmitted, toHead bool) error {
	e.ID, e.Kind, e.Unit, e.Content, e.Keys = w.ID, w.Kind, w.Unit, f.content, f.keys
	if f.content.Personal {
		if err := d.tx.Keep("personal", store.Work{ID: w.ID, Unit: w.Unit, Owner: d.person, Data: f.personal}); err != nil {
			return err
		}
	}
	if w.At != "" { // it was kept
		if err := d.tx.Drop("draft", w.ID); err != nil {
			return err
		}
	}
	var err error
	if e.Keys, err = d.likeKeys(w.Kind, w.Unit, w.ID, &f.content, e.Keys); err != nil {
		return err
	}
	if toHead {
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
