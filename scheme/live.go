package scheme

import (
	"slices"

	"qiaomen"
)

// A Live ranking is kept while records come and go: one change scores one
// unit again, and of the others in its group those that a comparison between
// units touches, and puts the group in order.
type Live struct {
	t        *Tally
	sc       *scorer
	res      *Result
	relative []*Measure // that compare units, or are built from such
}

// Live is the tally's ranking under the readings, kept from now on. The tally
// must not be folded into by anybody else.
func (t *Tally) Live(r Readings) *Live {
	l := &Live{t: t, res: t.Score(r), relative: t.s.relative()}
	for _, g := range l.res.Groups {
		for _, u := range g.Units {
			l.sc = u.scorer
		}
	}
	return l
}

// relative is the measures that compare the units of a group, and those built
// from them, in an order in which each needs only earlier ones.
func (s *Scheme) relative() []*Measure {
	var out []*Measure
	for _, m := range s.Measures {
		found := slices.ContainsFunc(m.needs, func(n *Measure) bool { return slices.Contains(out, n) })
		m.verb.each(func(v *verb) { found = found || v.op == minMax || v.op == placeOf })
		if found {
			out = append(out, m)
		}
	}
	return out
}

// Result is the ranking as it stands. It changes with the next record.
func (l *Live) Result() *Result { return l.res }

// Record adds a record.
func (l *Live) Record(r *qiaomen.Record) {
	l.t.Record(r)
	l.again(l.t.s.Units[r.Unit])
}

// Remove takes away a record that was added before: the same one, as it was.
func (l *Live) Remove(r *qiaomen.Record) {
	l.t.removing = true
	l.t.Record(r)
	l.t.removing = false
	l.again(l.t.s.Units[r.Unit])
}

// Figure adds a publication.
func (l *Live) Figure(f *qiaomen.Figure) {
	l.t.Figure(f)
	if f.Unit < 0 {
		*l = *l.t.Live(l.res.Readings)
		return
	}
	l.again(l.t.s.Units[f.Unit])
}

func (l *Live) again(u *Unit) {
	l.sc.views, l.sc.standsFor = nil, nil
	gr := l.res.group(u.Group)
	for _, m := range l.t.s.Measures {
		if !slices.Contains(l.relative, m) {
			l.sc.measure(m, u)
		}
	}
	touched := l.compare(gr, u)
	for i, ur := range gr.Units {
		if l.t.s.comparing || touched[ur.Unit] {
			gr.Units[i] = l.sc.unit(ur.Unit)
			gr.Units[i].Named = ur.Named
		}
	}
	l.sc.rank(gr)
}

// compare gets the measures that compare units anew, each of them for the
// whole group before the next, and says whose changed; u is always one.
func (l *Live) compare(gr *GroupResult, u *Unit) map[*Unit]bool {
	touched := map[*Unit]bool{u: true}
	for _, m := range l.relative {
		for _, ur := range gr.Units {
			at := &l.sc.measures[ur.Unit.index][m.index]
			old := *at
			l.sc.measure(m, ur.Unit)
			if old.Defined != at.Defined || !old.Number.Equal(at.Number) {
				touched[ur.Unit] = true
			}
		}
	}
	return touched
}
