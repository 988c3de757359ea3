package office

import (
	"slices"
	"strings"

	"qiaomen"
	"qiaomen/records"
	"qiaomen/store"
)

// takeOpening seals an old ledger: what was published, what was reported, in
// the order of the declared times, then what was revoked since, so that what it
// had claimed is free for what was recognised after it, and then that.
func (d *desk) takeOpening(id string, all []*opened) error {
	slices.SortStableFunc(all, func(a, b *opened) int { return strings.Compare(a.at, b.at) })
	undecided := func(o *opened) bool { return o.row.record != nil && o.row.record.Recognised.IsZero() }
	decided := slices.DeleteFunc(slices.Clone(all), undecided)
	all = append(decided, slices.DeleteFunc(all, func(o *opened) bool { return !undecided(o) })...) // these are held against the others
	for _, one := range all {
		var err error
		if one.row.figure != nil {
			err = d.openFigure(id, one)
		} else {
			err = d.openRecord(id, one)
		}
		if err != nil {
			return err
		}
	}
	for _, holding := range []bool{false, true} {
		for _, one := range all {
			if one.row.record == nil || one.holds() != holding {
				continue
			}
			if err := d.openDecisions(one); err != nil {
				return err
			}
		}
	}
	return nil
}

func (d *desk) openFigure(id string, one *opened) error {
	r, source := one.row, d.rules.Figure(one.row.Kind)
	return d.emit(&qiaomen.FigureEntered{Figure: qiaomen.LedgerFigure{
		ID: r.ID, Source: r.Kind, Unit: r.Unit, Period: records.PeriodText(source, r.figure.Period), PublishedOn: r.figure.Published.String(),
		Values: one.own, Batch: id, State: qiaomen.Checked, EnteredBy: d.proposer, CheckedBy: d.person, CheckedAt: d.at, Opening: true,
	}})
}

func (d *desk) openRecord(id string, one *opened) error {
	r := one.row
	k := d.rules.Kinds[r.record.Kind]
	content := qiaomen.Content{Name: r.Name, Fields: one.own, Rules: d.rules.Digest, Personal: len(one.personal) > len("{}")}
	for i, t := range k.Evidence {
		if r.record.Evidence.Has(i) {
			content.Evidence = append(content.Evidence, qiaomen.Evidence{Type: t.ID, Name: openingEvidence})
		}
	}
	if content.Personal {
		if err := d.tx.Keep("personal", store.Work{ID: r.ID, Unit: r.Unit, Owner: d.person, Data: one.personal}); err != nil {
			return err
		}
	}
	keys, err := d.likeKeys(r.Kind, r.Unit, r.ID, &content, one.keys)
	if err != nil {
		return err
	}
	if one.keys = keys; !r.record.Recognised.IsZero() { // the old ledger's own rows were decided on long ago
		if one.keys, err = d.besideOpening(keys); err != nil {
			return err
		}
	}
	e := &qiaomen.RecordSubmitted{
		ID: r.ID, Kind: r.Kind, Unit: r.Unit, Content: content, Keys: one.keys, ReportedAt: one.at, PlaceAt: one.at, Opening: true,
		EnteredFor: &qiaomen.EnteredFor{By: d.proposer, ReceivedAt: one.at, ReceivedNumber: id},
	}
	if err := d.emit(e); err != nil || len(one.set) <= len("{}") || !r.record.Recognised.IsZero() {
		return err
	}
	return d.emit(&qiaomen.FieldsSet{ID: r.ID, Fields: one.set, All: one.set, Source: id})
}

// openDecisions seals what the old ledger says was decided of a record.
func (d *desk) openDecisions(one *opened) error {
	r := one.row
	if at := r.record.Recognised; !at.IsZero() {
		e := &qiaomen.RecordRecognised{ID: r.ID, Version: 1, RecognisedAt: at.UTC()}
		if len(one.set) > len("{}") {
			e.Set = one.set
		}
		if err := d.emit(e); err != nil {
			return err
		}
	}
	if at := r.record.Revoked; !at.IsZero() {
		return d.emit(&qiaomen.RecordRevoked{ID: r.ID, Ground: "opening", Reason: openingEvidence, RevokedAt: at.UTC()})
	}
	return nil
}

// besideOpening is the keys without the likeness of records that came with the
// old ledger, too.
func (d *desk) besideOpening(keys []string) ([]string, error) {
	var out []string
	for _, key := range keys {
		if id, ok := qiaomen.Likeness(key); ok {
			r, err := d.record(id)
			if err != nil {
				return nil, err
			}
			if r.Opening {
				continue
			}
		}
		out = append(out, key)
	}
	return out, nil
}
