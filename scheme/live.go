package scheme

import "qiaomen"

// A Live ranking is kept while records come and go: one change scores one
// unit again, or its whole group where the scheme compares units, and puts
// the group in order.
type Live struct {
	t        *Tally
	sc       *scorer
	res      *Result
	relative bool
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

// relative tells whether a measure compares units of a group.
func (s *Scheme) relative() bool {
	found := false
	for _, m := range s.Measures {
		m.verb.each(func(v *verb) { found = found || v.op == minMax || v.op == placeOf })
	}
	return found
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
	units := []*Unit{u}
	if l.relative {
		units = u.Group.Units
	}
	for _, m := range l.t.s.Measures {
		for _, x := range units {
			l.sc.measure(m, x)
		}
	}
	gr := l.res.group(u.Group)
	at := map[*Unit]int{}
	for i, ur := range gr.Units {
		at[ur.Unit] = i
	}
	for _, x := range units {
		l.sc.stand(x)
		gr.Units[at[x]] = l.sc.unit(x)
	}
	l.sc.rank(gr)
}
