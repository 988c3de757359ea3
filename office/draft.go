package office

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"qiaomen"
	"qiaomen/records"
	"qiaomen/scheme"
	"qiaomen/store"
)

// A DraftRecord is a record, or a better version of one, that its unit is
// writing. It belongs to the unit, not to who began it; nobody else sees it, and
// it is not in the journal (P5).
type DraftRecord struct {
	ID       string             `json:"id"`
	Unit     string             `json:"unit"`
	Kind     string             `json:"kind"`
	Name     string             `json:"name,omitzero"`
	Fields   jsontext.Value     `json:"fields,omitzero"` // field to value, as in a records file
	Evidence []qiaomen.Evidence `json:"evidence,omitzero"`
	// Amends is the recognised or waiting record that this is a new version of.
	Amends string `json:"amends,omitzero"`
	At     string `json:"at,omitzero"`
	By     string `json:"by,omitzero"`
}

// A DraftInput is what a form sends of a draft. ID is empty for a new one.
type DraftInput struct {
	ID     string         `json:"id,omitzero"`
	Unit   string         `json:"unit"`
	Kind   string         `json:"kind,omitzero"`
	Name   string         `json:"name,omitzero"`
	Fields jsontext.Value `json:"fields,omitzero"`
	Amends string         `json:"amends,omitzero"`
	// Seen is the draft's At as whoever writes it anew had it before them; then
	// what somebody else wrote meanwhile is not written over.
	Seen string `json:"seen,omitzero"`
}

var draft = &act[DraftInput]{
	action: qiaomen.ActDraft,
	about:  func(_ *desk, a *DraftInput) (qiaomen.Subject, error) { return qiaomen.Subject{Unit: a.Unit}, nil },
	check:  func(d *desk, a *DraftInput) error { return d.checkDraft(a) },
	do: func(d *desk, a *DraftInput) (string, error) {
		id := d.newID("r-")
		w := DraftRecord{ID: id, Unit: a.Unit, Kind: a.Kind, Name: a.Name, Fields: a.Fields}
		return id, d.keepDraft(&w)
	},
}

// Draft begins a record. What is wrong with what was typed is told, and what is
// not typed yet is not missed.
func (o *Office) Draft(ctx context.Context, by Caller, a DraftInput) (*Answer, error) {
	return perform(ctx, o, by, draft, a)
}

var editDraft = &act[DraftInput]{
	action: qiaomen.ActEditDraft,
	about: func(d *desk, a *DraftInput) (qiaomen.Subject, error) {
		w, err := d.draft(a.ID)
		if err == nil {
			a.Kind = w.Kind
		}
		return qiaomen.Subject{Unit: unitOf(w)}, err
	},
	check: func(d *desk, a *DraftInput) error {
		w, err := d.draft(a.ID)
		if err != nil {
			return err
		}
		if a.Seen != "" && a.Seen != w.At {
			return &qiaomen.Problem{Code: qiaomen.Stale, Text: "这份草稿已有别人改过", Fix: "请先看过现在的草稿，再合到一起保存"}
		}
		a.Unit, a.Kind = w.Unit, w.Kind
		return d.checkDraft(a)
	},
	do: func(d *desk, a *DraftInput) (string, error) {
		w, err := d.draft(a.ID)
		if err != nil {
			return "", err
		}
		w.Name, w.Fields = a.Name, a.Fields
		return w.ID, d.keepDraft(w)
	},
}

// EditDraft writes a draft anew; evidence stays.
func (o *Office) EditDraft(ctx context.Context, by Caller, a DraftInput) (*Answer, error) {
	return perform(ctx, o, by, editDraft, a)
}

// A Named is an act on one thing, by its id.
type Named struct {
	ID string `json:"id"`
}

func aboutDraft(d *desk, a *Named) (qiaomen.Subject, error) {
	w, err := d.draft(a.ID)
	return qiaomen.Subject{Unit: unitOf(w)}, err
}

func unitOf(w *DraftRecord) string {
	if w == nil {
		return ""
	}
	return w.Unit
}

var deleteDraft = &act[Named]{
	action: qiaomen.ActEditDraft,
	about:  aboutDraft,
	check:  func(*desk, *Named) error { return nil },
	do: func(d *desk, a *Named) (string, error) {
		return a.ID, d.tx.Drop("draft", a.ID)
	},
}

// DeleteDraft throws a draft away.
func (o *Office) DeleteDraft(ctx context.Context, by Caller, id string) (*Answer, error) {
	return perform(ctx, o, by, deleteDraft, Named{id})
}

// Again makes a draft of a record that the unit handed over before: one that was
// returned or withdrawn, to be handed in again under its id; any other, to be
// amended.
var draftAgain = &act[Named]{
	action: qiaomen.ActDraft,
	about: func(d *desk, a *Named) (qiaomen.Subject, error) {
		r, err := d.record(a.ID)
		if err != nil {
			return qiaomen.Subject{}, err
		}
		return qiaomen.Subject{Unit: r.Unit, Record: r.ID}, nil
	},
	check: func(d *desk, a *Named) error {
		r, err := d.record(a.ID)
		if err != nil {
			return err
		}
		switch r.State {
		case qiaomen.Refused, qiaomen.Revoked:
			return problem("这条记录"+r.State.Chinese()+"，不能再改", "如有异议，请在期限内提出异议")
		}
		return nil
	},
	do: func(d *desk, a *Named) (string, error) {
		r, err := d.record(a.ID)
		if err != nil {
			return "", err
		}
		_, _, content := r.Pending()
		w := &DraftRecord{ID: r.ID, Unit: r.Unit, Kind: r.Kind, Name: content.Name, Fields: content.Fields, Evidence: content.Evidence}
		if r.State != qiaomen.Returned && r.State != qiaomen.Withdrawn {
			w.ID, w.Amends = d.newID("a-"), r.ID
		}
		personal, err := d.tx.Work("personal", r.ID)
		if err == nil && personal != nil {
			w.Fields = records.Merge(d.rules.Kind(r.Kind), w.Fields, personal.Data)
		}
		if err != nil {
			return "", err
		}
		return w.ID, d.keepDraft(w)
	},
}

// DraftAgain makes a draft of a record that was handed over before.
func (o *Office) DraftAgain(ctx context.Context, by Caller, record string) (*Answer, error) {
	return perform(ctx, o, by, draftAgain, Named{record})
}

// An EvidenceInput is a file that was kept already, to be put to a draft.
type EvidenceInput struct {
	Draft    string           `json:"draft"`
	Evidence qiaomen.Evidence `json:"evidence"`

	sent bool // with this act, and kept before it
}

var addEvidence = &act[EvidenceInput]{
	action: qiaomen.ActAddEvidence,
	about:  func(d *desk, a *EvidenceInput) (qiaomen.Subject, error) { return aboutDraft(d, &Named{a.Draft}) },
	check: func(d *desk, a *EvidenceInput) error {
		w, err := d.draft(a.Draft)
		if err != nil {
			return err
		}
		k := d.rules.Kind(w.Kind)
		var list []*qiaomen.Problem
		if evidenceType(k, a.Evidence.Type) < 0 {
			list = append(list, &qiaomen.Problem{Text: "“" + k.Name + "”没有“" + qiaomen.Clip(a.Evidence.Type) + "”这种佐证材料", At: qiaomen.Place{Field: "evidence"}})
		}
		if len(w.Evidence) >= mostEvidence {
			list = append(list, &qiaomen.Problem{Text: fmt.Sprintf("一条记录最多%d份佐证材料", mostEvidence), At: qiaomen.Place{Field: "evidence"}})
		}
		if a.sent {
			return faults(list)
		}
		if p := d.kept("evidence", &a.Evidence); p != nil {
			list = append(list, p)
		}
		return faults(list)
	},
	do: func(d *desk, a *EvidenceInput) (string, error) {
		w, err := d.draft(a.Draft)
		if err != nil {
			return "", err
		}
		if a.sent {
			if err := d.sent(a.Evidence); err != nil {
				return "", err
			}
		}
		same := func(e qiaomen.Evidence) bool { return e.Digest == a.Evidence.Digest && e.Type == a.Evidence.Type }
		if !slices.ContainsFunc(w.Evidence, same) {
			w.Evidence = append(w.Evidence, a.Evidence)
		}
		return w.ID, d.keepDraft(w)
	},
}

const mostEvidence = 50

// AddEvidence keeps a file and puts it to a draft. The file is on the disk
// before anything names it.
func (o *Office) AddEvidence(ctx context.Context, by Caller, draft, kind, name string, file io.Reader) (*Answer, error) {
	stored, err := o.put(ctx, by, kind, name, file, 0)
	if err != nil {
		return nil, err
	}
	a, err := perform(ctx, o, by, addEvidence, EvidenceInput{Draft: draft, Evidence: stored, sent: true})
	if err != nil || a.Again {
		return a, err
	}
	if err := o.stillThere(ctx, stored); err != nil {
		return nil, err
	}
	return a, nil
}

// AttachEvidence puts a file that was kept already (KeepFile) to a draft.
func (o *Office) AttachEvidence(ctx context.Context, by Caller, a EvidenceInput) (*Answer, error) {
	return perform(ctx, o, by, addEvidence, a)
}

// RemoveEvidence takes a file off a draft again.
func (o *Office) RemoveEvidence(ctx context.Context, by Caller, draft, digest string) (*Answer, error) {
	return perform(ctx, o, by, removeEvidence, EvidenceInput{Draft: draft, Evidence: qiaomen.Evidence{Digest: digest}})
}

var removeEvidence = &act[EvidenceInput]{
	action: qiaomen.ActEditDraft,
	about:  func(d *desk, a *EvidenceInput) (qiaomen.Subject, error) { return aboutDraft(d, &Named{a.Draft}) },
	check:  func(*desk, *EvidenceInput) error { return nil },
	do: func(d *desk, a *EvidenceInput) (string, error) {
		w, err := d.draft(a.Draft)
		if err != nil {
			return "", err
		}
		w.Evidence = slices.DeleteFunc(w.Evidence, func(e qiaomen.Evidence) bool { return e.Digest == a.Evidence.Digest })
		return w.ID, d.keepDraft(w)
	},
}

func evidenceType(k *scheme.Kind, id string) int {
	return slices.IndexFunc(k.Evidence, func(t *scheme.EvidenceType) bool { return t.ID == id })
}

// draft is a draft of that id.
func (d *desk) draft(id string) (*DraftRecord, error) {
	var w *store.Work
	var err error
	if d.tx != nil {
		w, err = d.tx.Work("draft", id)
	} else {
		w, err = d.r.(*store.View).Work("draft", id)
	}
	if err != nil {
		return nil, err
	}
	if w == nil {
		return nil, lost("草稿", id)
	}
	out := &DraftRecord{}
	return out, json.Unmarshal(w.Data, out)
}

func (d *desk) keepDraft(w *DraftRecord) error {
	w.At, w.By = d.at, d.person
	data, err := json.Marshal(w, json.Deterministic(true))
	if err != nil {
		return err
	}
	return d.tx.Keep("draft", store.Work{ID: w.ID, Unit: w.Unit, Owner: d.person, Data: data})
}

// checkDraft finds what is wrong with what was typed so far, and writes the
// fields in their one form.
func (d *desk) checkDraft(a *DraftInput) error {
	u, err := d.unit(a.Unit)
	if err != nil {
		return err
	}
	k := d.rules.Kind(a.Kind)
	if k == nil {
		return &qiaomen.Problem{Text: "方案里没有“" + qiaomen.Clip(a.Kind) + "”这类记录", At: qiaomen.Place{Field: "kind"}}
	}
	if !slices.Contains(k.ReportedBy, u.Group) {
		return problem("“"+u.Name+"”不报“"+k.Name+"”", "请核对记录类别")
	}
	if len(a.Fields) == 0 {
		a.Fields = jsontext.Value("{}")
	}
	canonical, values, list := d.readFields(k, a.Fields)
	list = append(list, records.Owned(k, values, scheme.ByUnit)...)
	if len([]rune(a.Name)) > mostName {
		list = append(list, &qiaomen.Problem{Text: fmt.Sprintf("名称超过%d个字", mostName), At: qiaomen.Place{Field: "name"}})
	}
	if len(list) == 0 {
		a.Fields = canonical
	}
	return faults(list)
}

// fieldsRead is fields that an act has read: it checks them, completes them and
// compares them.
type fieldsRead struct {
	rules     *scheme.Scheme
	kind      *scheme.Kind
	raw       []byte
	canonical []byte
	values    []qiaomen.Value
}

// readFields is records.Fields, once for the same fields. What it gives is not to
// be changed.
func (d *desk) readFields(k *scheme.Kind, raw []byte) (canonical []byte, values []qiaomen.Value, list []*qiaomen.Problem) {
	if f := d.fields; f != nil && f.rules == d.rules && f.kind == k && (bytes.Equal(raw, f.raw) || bytes.Equal(raw, f.canonical)) {
		return f.canonical, f.values, nil
	}
	canonical, values, list = records.Fields(d.rules, k, raw, false)
	if len(list) == 0 {
		d.fields = &fieldsRead{d.rules, k, raw, canonical, values}
	}
	return canonical, values, list
}

const mostName = 200

// Drafts is the unit's drafts.
func (o *Office) Drafts(ctx context.Context, by Caller, unit string) (out []DraftRecord, err error) {
	err = o.look(ctx, by, qiaomen.ActEditDraft, func(*desk) (string, error) { return unit, nil }, func(d *desk) error {
		works, err := d.r.(*store.View).Works("draft", unit, "")
		if err != nil {
			return err
		}
		for _, w := range works {
			var one DraftRecord
			if err := json.Unmarshal(w.Data, &one); err != nil {
				return err
			}
			out = append(out, one)
		}
		return nil
	})
	return out, err
}

// OneDraft is a draft of the caller's unit.
func (o *Office) OneDraft(ctx context.Context, by Caller, id string) (out *DraftRecord, err error) {
	whose := func(d *desk) (string, error) {
		out, err = d.draft(id)
		return unitOf(out), err
	}
	err = o.look(ctx, by, qiaomen.ActEditDraft, whose, func(*desk) error { return nil })
	if err != nil {
		return nil, err
	}
	return out, nil
}
