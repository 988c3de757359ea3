package office

import (
	"bytes"
	"slices"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"qiaomen"
	"qiaomen/records"
	"qiaomen/scheme"
	"qiaomen/store"
)

// figure is a row of an official number. It is entered with its bulletin and
// checked by another person, never imported; one that is there already is the
// same.
func (p *planner) figure(r *ImportRow) error {
	same, err := p.d.sameFigure(r, p.d.idsOf(r, true))
	if err != nil || same {
		return err
	}
	if p.office {
		r.refused("官方数据不能和记录一起导入", "请连同公报录入，由另一人复核；使用本系统以前的请用期初导入")
	} else {
		r.refused("官方数据不由单位填报", "请删去这一行")
	}
	return nil
}

// sameFigure tells whether the ledger has the figure as the row says it.
func (d *desk) sameFigure(r *ImportRow, ids []string) (bool, error) {
	for _, id := range ids {
		f, err := store.One[qiaomen.LedgerFigure](d.r, id)
		if err != nil {
			return false, err
		}
		if r.ID = id; f == nil || f.Source != r.Kind || f.Unit != r.Unit {
			continue
		}
		r.State = f.State
		source := d.rules.Figure(r.Kind)
		values, list := records.CanonicalFigureFields(source, r.figure.Values)
		if err := faults(list); err != nil {
			return false, r.take(err)
		}
		return f.Period == records.PeriodText(source, r.figure.Period) && f.PublishedOn == r.figure.Published.String() && bytes.Equal(f.Values, values), nil
	}
	r.ID = ids[0]
	return false, nil
}

// differs lists what a row says otherwise than the ledger, be it what the unit
// said or what others set since. A field that the row leaves blank stays as it
// is. Those that are not the unit's to change are refused.
func (r *ImportRow) differs(k *scheme.Kind, name string, own, set, row []byte) map[string]jsontext.Value {
	mine, now, says := members(own), members(records.Merge(k, own, set)), members(row)
	out := map[string]jsontext.Value{}
	r.Fields = nil
	if r.Name != "" && r.Name != name {
		out["name"], r.Fields = nil, append(r.Fields, "name")
	}
	for i, f := range k.Fields {
		value, given := says[f.ID]
		if !given || bytes.Equal(value, now[f.ID]) || bytes.Equal(value, mine[f.ID]) {
			continue
		}
		only := make([]qiaomen.Value, len(k.Fields))
		only[i] = r.record.Values[i]
		for _, p := range records.Owned(k, only, scheme.ByUnit) {
			r.refuse(p)
		}
		out[f.ID], r.Fields = value, append(r.Fields, f.ID)
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

// change makes a row that is not refused one that changes something.
func (r *ImportRow) change() {
	if r.Verdict != RowRefused {
		r.Verdict = RowChanged
	}
}

// over lays what the row says otherwise over what the unit said.
func (r *ImportRow) over(k *scheme.Kind, name string, own []byte, changed map[string]jsontext.Value) (string, jsontext.Value) {
	if _, renamed := changed["name"]; renamed {
		name = r.Name
		delete(changed, "name")
	}
	data, err := json.Marshal(changed, json.Deterministic(true))
	if err != nil || len(changed) == 0 {
		data = nil // values of our own making always have a JSON form
	}
	return name, records.Merge(k, own, data)
}

func members(object []byte) map[string]jsontext.Value {
	out := map[string]jsontext.Value{}
	if len(object) > 0 {
		_ = json.Unmarshal(object, &out) // the ledger's own canonical form
	}
	return out
}

// work is a working row, wherever the desk stands.
func (d *desk) work(name, id string) (*store.Work, error) {
	if d.tx != nil {
		return d.tx.Work(name, id)
	}
	return d.r.(*store.View).Work(name, id)
}

// declared tells whether a file of a draft is one that the opening import only
// declared, of the record that the draft is of.
func (d *desk) declared(w *DraftRecord, e qiaomen.Evidence) (bool, error) {
	if !e.Declared() {
		return false, nil
	}
	id := w.ID
	if w.Amends != "" {
		id = w.Amends
	}
	r, err := store.One[qiaomen.LedgerRecord](d.r, id)
	return err == nil && r != nil && r.Opening && slices.Contains(r.Content.Evidence, e), err
}
