package scheme

import (
	"bytes"

	"github.com/go-json-experiment/json/jsontext"
	"qiaomen"
)

// JSON is the result in the form that outsiders rely on (docs/cli.md, score
// --format json): decimals as strings, groups, lines and measures in the order
// of the scheme, units in the order of their places.
func (r *Result) JSON() []byte {
	return writeJSON(func(w jsonWriter) {
		w.text("scheme", r.Scheme.ID)
		w.date("as_of", r.View.AsOf)
		w.date("cutoff", r.View.Cutoff)
		if r.View.Round != nil {
			w.text("round", r.View.Round.ID)
		}
		w.choices(r)
		w.list("groups", len(r.Groups), func(i int) { w.group(r, r.Groups[i]) })
	})
}

// writeJSON is one JSON object, indented.
func writeJSON(f func(w jsonWriter)) []byte {
	var b bytes.Buffer
	w := jsonWriter{jsontext.NewEncoder(&b, jsontext.WithIndent("  "))}
	w.object(func() { f(w) })
	return b.Bytes()
}

type jsonWriter struct{ enc *jsontext.Encoder }

// put writes a token; writing to memory cannot fail, and the tokens are ours.
func (w jsonWriter) put(t jsontext.Token) {
	if err := w.enc.WriteToken(t); err != nil {
		panic(err)
	}
}

func (w jsonWriter) key(k string) { w.put(jsontext.String(k)) }

func (w jsonWriter) object(f func()) {
	w.put(jsontext.BeginObject)
	f()
	w.put(jsontext.EndObject)
}

func (w jsonWriter) list(k string, n int, f func(int)) {
	w.key(k)
	w.put(jsontext.BeginArray)
	for i := range n {
		f(i)
	}
	w.put(jsontext.EndArray)
}

func (w jsonWriter) text(k, v string) {
	w.key(k)
	w.put(jsontext.String(v))
}

func (w jsonWriter) flag(k string, v bool) {
	w.key(k)
	w.put(jsontext.Bool(v))
}

func (w jsonWriter) null(k string) {
	w.key(k)
	w.put(jsontext.Null)
}

func (w jsonWriter) date(k string, d qiaomen.Date) {
	if d == 0 {
		w.null(k)
		return
	}
	w.text(k, d.String())
}

// inexact collects the numbers of an object that do not end.
type inexact []struct {
	key string
	n   qiaomen.Number
}

func (w jsonWriter) number(k string, n qiaomen.Number, rest *inexact) {
	w.text(k, n.String())
	if !n.Ends() {
		*rest = append(*rest, struct {
			key string
			n   qiaomen.Number
		}{k, n})
	}
}

func (w jsonWriter) exact(rest inexact) {
	if rest == nil {
		return
	}
	w.key("exact")
	w.object(func() {
		for _, x := range rest {
			w.text(x.key, x.n.Fraction())
		}
	})
}

func (w jsonWriter) choices(r *Result) {
	w.key("choices")
	w.object(func() {
		for i, c := range r.Scheme.Choices {
			w.text(c.ID, c.Options[r.Readings[i]].ID)
		}
	})
}

// place is a rank; 0 is none.
func (w jsonWriter) place(k string, n int) {
	if n == 0 {
		w.null(k)
		return
	}
	w.key(k)
	w.put(jsontext.Int(int64(n)))
}

func (w jsonWriter) group(r *Result, g *GroupResult) {
	w.object(func() {
		w.text("id", g.Group.ID)
		w.list("units", len(g.Units), func(i int) { w.unit(r, g.Units[i]) })
	})
}

func (w jsonWriter) unit(r *Result, u *UnitResult) {
	w.object(func() {
		var rest inexact
		w.text("id", u.Unit.ID)
		w.place("rank", u.Place)
		w.number("total", u.Total, &rest)
		for i, l := range r.Scheme.Naming {
			w.flag(l.ID, u.Named[i])
		}
		if rk := r.Scheme.Ranking[u.Unit.Group.index]; rk != nil && rk.Grades != nil {
			if u.Grade == "" {
				w.null("grade")
			} else {
				w.text("grade", u.Grade)
			}
		}
		w.list("lines", len(u.Lines), func(i int) { w.line(u.Lines[i]) })
		w.exact(rest)
	})
}

func (w jsonWriter) line(l *LineResult) {
	w.object(func() {
		var rest inexact
		w.text("id", l.Line.ID)
		w.number("base", l.Base, &rest)
		w.number("deduction", l.Deduction, &rest)
		w.number("bonus", l.Bonus, &rest)
		if l.Scored {
			w.number("score", l.Score, &rest)
		} else {
			w.null("score")
		}
		if l.Pending == "" {
			w.null("pending")
		} else {
			w.text("pending", l.Pending)
		}
		w.list("measures", len(l.Measures), func(i int) { w.measure(l.Measures[i]) })
		w.exact(rest)
	})
}

func (w jsonWriter) measure(m MeasureResult) {
	w.object(func() {
		w.text("id", m.Measure.ID)
		if m.Target.Kind == TargetGiven {
			w.text("target", m.Measure.Scale.Show(m.Target.Number).String())
		} else {
			w.null("target")
		}
		if m.Actual.Defined {
			w.text("actual", m.shown().String())
		} else {
			w.null("actual")
		}
	})
}

// shown is the actual number in the measure's unit, cut for display only.
func (m *MeasureResult) shown() qiaomen.Number {
	n := m.Measure.Scale.Show(m.Actual.Number)
	if m.Measure.shown >= 0 {
		return n.Round(m.Measure.shown)
	}
	return n
}

// Text is the actual number with its unit of measure, — where there is none.
func (m *MeasureResult) Text() string {
	if !m.Actual.Defined {
		return "—"
	}
	return m.shown().String() + map[bool]string{true: "%"}[m.Measure.Scale.dim == share]
}
