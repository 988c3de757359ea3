package office

import (
	"cmp"
	"context"
	"slices"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"qiaomen"
	"qiaomen/records"
	"qiaomen/scheme"
)

// A Decision is the office's on one version of a record. The version is the one
// that the person looked at: another one is not decided unseen.
type Decision struct {
	Record  string `json:"record"`
	Version int    `json:"version"`
	Reason  string `json:"reason,omitzero"`
	// Set is what the office establishes with a recognition: fields that it
	// fills in, options that only it may choose.
	Set jsontext.Value `json:"set,omitzero"`
	// Refuse says that it is not so (不予认定).
	Refuse bool `json:"refuse,omitzero"`
}

func aboutDecision(d *desk, a *Decision) (qiaomen.Subject, error) { return aboutRecord(d, a.Record) }

// seen asks that the version is the one before the office.
func (d *desk) seen(a *Decision, states ...qiaomen.State) (*qiaomen.LedgerRecord, error) {
	r, err := d.record(a.Record)
	if err != nil {
		return nil, err
	}
	if r.State == qiaomen.Recognised && r.Amendment == nil {
		return nil, overtaken("这条记录已经认定，没有待审的更正")
	}
	if err := inState(r, states...); err != nil {
		return nil, err
	}
	if version, _, _ := r.Pending(); version != a.Version {
		return nil, &qiaomen.Problem{Code: qiaomen.Stale, Text: "这条记录已有更新的版本", Fix: "请看过最新的版本再办理"}
	}
	return r, nil
}

var accept = &act[Decision]{
	action: qiaomen.ActExamine,
	about:  aboutDecision,
	check: func(d *desk, a *Decision) error {
		_, err := d.seen(a, qiaomen.Submitted)
		return err
	},
	do: func(d *desk, a *Decision) (string, error) {
		return a.Record, d.emit(&qiaomen.RecordAccepted{ID: a.Record, Version: a.Version})
	},
}

// Accept takes a record up: it is complete (形式审查). It says nothing on its
// truth.
func (o *Office) Accept(ctx context.Context, by Caller, record string, version int) (*Answer, error) {
	return perform(ctx, o, by, accept, Decision{Record: record, Version: version})
}

var giveBack = &act[Decision]{
	action: qiaomen.ActExamine,
	about:  aboutDecision,
	check: func(d *desk, a *Decision) error {
		if _, err := d.seen(a, qiaomen.Submitted, qiaomen.InReview); err != nil {
			return err
		}
		return reasoned(a.Reason)
	},
	do: func(d *desk, a *Decision) (string, error) {
		return a.Record, d.emit(&qiaomen.RecordReturned{ID: a.Record, Version: a.Version, Until: d.returnUntil(), Reason: a.Reason})
	},
}

// Return sends a record back with what to mend. Mended within the campaign's
// days it keeps its place among first reports.
func (o *Office) Return(ctx context.Context, by Caller, record string, version int, reason string) (*Answer, error) {
	return perform(ctx, o, by, giveBack, Decision{Record: record, Version: version, Reason: reason})
}

var checkOriginal = twofold(&act[Decision]{
	action: qiaomen.ActCheckOriginal,
	about:  aboutDecision,
	check: func(d *desk, a *Decision) error {
		r, err := d.record(a.Record)
		if err != nil {
			return err
		}
		version, _, _ := r.Pending()
		if a.Version = cmp.Or(a.Version, version); a.Version != version {
			return &qiaomen.Problem{Code: qiaomen.Stale, Text: "这条记录已有更新的版本", Fix: "请核对最新版本的原件"}
		}
		k, err := d.kind(r)
		if err != nil {
			return err
		}
		if originalField(k) < 0 {
			return problem("“"+k.Name+"”没有要核实的原件", "")
		}
		if d.is(r.Typist()) {
			return d.deny("不能核实自己代录的记录")
		}
		return inState(r, qiaomen.Submitted, qiaomen.InReview, qiaomen.Recognised)
	},
	do: func(d *desk, a *Decision) (string, error) {
		r, err := d.record(a.Record)
		if err != nil {
			return "", err
		}
		k, err := d.kind(r)
		if err != nil {
			return "", err
		}
		field := k.Fields[originalField(k)].ID
		all := records.Merge(k, r.Set, []byte(`{"`+field+`":true}`))
		seen := d.person
		if d.proposer != "" {
			seen = d.proposer
		}
		return r.ID, d.emit(&qiaomen.OriginalChecked{ID: r.ID, SeenBy: seen, CheckedBy: d.person, Files: contracts(k, r), All: all})
	},
})

// originalField is the flag by which the office says that it saw the original:
// the one flag that the office fills in.
func originalField(k *scheme.Kind) int {
	return slices.IndexFunc(k.Fields, func(f *scheme.Field) bool { return f.Type == scheme.FlagField && f.FilledBy == scheme.ByOffice })
}

// contracts is the files of the version before the office of which somebody
// has to see the original: those that the kind needs in order to count.
func contracts(k *scheme.Kind, r *qiaomen.LedgerRecord) []string {
	var out []string
	_, _, content := r.Pending()
	for _, e := range content.Evidence {
		if i := evidenceType(k, e.Type); i >= 0 && k.Evidence[i].Need != scheme.Optional && !e.Declared() {
			out = append(out, e.Digest)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// CheckOriginal records that the contract's original was seen and compared with
// the copy (附3·五(二)); two people, where review takes two.
func (o *Office) CheckOriginal(ctx context.Context, by Caller, record string) (*Answer, error) {
	return perform(ctx, o, by, checkOriginal, Decision{Record: record})
}

var recognise = twofold(&act[Decision]{
	action: qiaomen.ActRecognise,
	about:  aboutDecision,
	two: func(d *desk, a *Decision) (bool, error) {
		r, err := d.record(a.Record)
		return err == nil && slices.Contains(d.campaign.Procedure.TwoFor, r.Kind), err
	},
	check: func(d *desk, a *Decision) error {
		r, err := d.seen(a, qiaomen.InReview)
		if err != nil {
			return err
		}
		if err := d.apart(r); err != nil {
			return err
		}
		if a.Refuse {
			return reasoned(a.Reason)
		}
		k, err := d.kind(r)
		if err != nil {
			return err
		}
		if _, err := d.established(k, r, a.Set); err != nil {
			return err
		}
		return d.first(r)
	},
	do: func(d *desk, a *Decision) (string, error) {
		if a.Refuse {
			return a.Record, d.emit(&qiaomen.RecordRefused{ID: a.Record, Version: a.Version, Reason: a.Reason})
		}
		r, err := d.record(a.Record)
		if err != nil {
			return "", err
		}
		k, err := d.kind(r)
		if err != nil {
			return "", err
		}
		set, err := d.established(k, r, a.Set)
		if err != nil {
			return "", err
		}
		e := &qiaomen.RecordRecognised{ID: a.Record, Version: a.Version, Set: set}
		if r.CheckedBy != "" && !slices.Equal(r.Checked, contracts(k, r)) {
			e.Unchecked = true
			if e.Set, err = unchecked(k, set); err != nil {
				return "", err
			}
		}
		return a.Record, d.emit(e)
	},
})

// unchecked is what is set on a record without the word that its original was
// seen.
func unchecked(k *scheme.Kind, set jsontext.Value) (jsontext.Value, error) {
	all := map[string]jsontext.Value{}
	if err := json.Unmarshal(set, &all); err != nil {
		return nil, err
	}
	delete(all, k.Fields[originalField(k)].ID)
	raw, err := json.Marshal(all, json.Deterministic(true))
	return records.Merge(k, raw, nil), err
}

// Recognise says that a record is so, and confirms its first report
// (认定, 首报确认), or refuses it with a reason.
func (o *Office) Recognise(ctx context.Context, by Caller, a Decision) (*Answer, error) {
	return perform(ctx, o, by, recognise, a)
}

// apart keeps who typed a record, and where two review it who accepted it, from
// recognising it (separation 2).
func (d *desk) apart(r *qiaomen.LedgerRecord) error {
	accepted, typed := r.AcceptedBy, r.Typist()
	if r.Amendment != nil {
		accepted, typed = r.Amendment.AcceptedBy, ""
	}
	if d.is(typed) {
		return d.deny("不能认定自己代录的记录")
	}
	if d.campaign.Procedure.TwoReview && d.is(accepted) {
		return d.deny("不能认定自己受理的记录")
	}
	return nil
}

// established is what is set on a record once the office has its say.
func (d *desk) established(k *scheme.Kind, r *qiaomen.LedgerRecord, set jsontext.Value) (jsontext.Value, error) {
	if len(set) == 0 {
		return r.Set, nil
	}
	canonical, values, list := records.Fields(d.rules, k, set, false)
	for i, f := range k.Fields {
		ours := f.FilledBy == scheme.ByOffice && i != originalField(k) || len(f.OfficeSets) > 0
		if len(list) == 0 && values[i].Given && !ours {
			list = append(list, &qiaomen.Problem{Text: "“" + f.Name + "”不由办公室在认定时填写", Fix: "请删去", At: qiaomen.Place{Field: f.ID}})
		}
	}
	if err := faults(list); err != nil {
		return nil, err
	}
	return records.Merge(k, r.Set, canonical), nil
}
