package records

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"qiaomen"
	"qiaomen/scheme"
)

// A Writer writes a records file. Every line is read again before it is
// written, so a file that it wrote is one that a Reader takes. Like a Reader
// it keeps the ids it has seen and nothing else.
type Writer struct {
	s     *scheme.Scheme
	to    *bufio.Writer
	pen   pen
	check *Reader
}

// NewWriter writes records and figures that were read under the scheme.
func NewWriter(w io.Writer, s *scheme.Scheme) *Writer {
	return &Writer{s: s, to: bufio.NewWriterSize(w, bufferSize), check: NewReader(s, "")}
}

// Record writes one record as a line. Where the record has no line that a
// Reader would take, nothing is written and the error is a *qiaomen.Problem
// with the line that it would have been; the Writer can go on with others. Any
// other error is that of the file, and stays.
func (w *Writer) Record(r *qiaomen.Record) error {
	if !within(r.Kind, w.s.Kinds) || !within(r.Unit, w.s.Units) || len(r.Values) != len(w.s.Kinds[r.Kind].Fields) {
		return w.alien(r.ID)
	}
	k, p := w.s.Kinds[r.Kind], &w.pen
	p.begin()
	p.text("kind", k.ID)
	p.text("id", r.ID)
	p.text("unit", w.s.Units[r.Unit].ID)
	p.text("reported_at", momentText(r.Reported))
	p.text("recognized_at", momentText(r.Recognised))
	p.text("revoked_at", momentText(r.Revoked))
	p.text("name", trim(r.Name))
	w.evidence(k, r.Evidence)
	p.values(k.Fields, r.Values, true)
	return w.line(r.ID)
}

// Figure writes one publication as a line, as Record does.
func (w *Writer) Figure(f *qiaomen.Figure) error {
	if !within(f.Source, w.s.Figures) || len(f.Values) != len(w.s.Figures[f.Source].Fields) {
		return w.alien(f.ID)
	}
	source, p := w.s.Figures[f.Source], &w.pen
	if !source.ForAll && !within(f.Unit, w.s.Units) {
		return w.alien(f.ID)
	}
	p.begin()
	p.text("kind", source.ID)
	p.text("id", f.ID)
	if !source.ForAll {
		p.text("unit", w.s.Units[f.Unit].ID)
	}
	if source.Every != "" {
		p.text(source.Every, PeriodText(source, f.Period))
	}
	p.text("published_on", f.Published.String())
	p.values(source.Fields, f.Values, true)
	return w.line(f.ID)
}

// Flush writes what is still held back.
func (w *Writer) Flush() error { return w.to.Flush() }

func within[T any](i int, list []T) bool { return i >= 0 && i < len(list) }

func (w *Writer) alien(id string) error {
	at := qiaomen.Place{Line: w.check.at.Line + 1, Field: WholeLine}
	return &qiaomen.Problem{Text: fmt.Sprintf("“%s”不是按方案“%s”读的", qiaomen.Clip(id), w.s.Name), Fix: "请核对方案", At: at}
}

func (w *Writer) evidence(k *scheme.Kind, set qiaomen.Set) {
	var ids []string
	for i, e := range k.Evidence {
		if set.Has(i) {
			ids = append(ids, e.ID)
		}
	}
	if len(ids) > 0 {
		w.pen.list("evidence", ids)
	}
}

// line reads the pen's object as the file's next line and writes it.
func (w *Writer) line(id string) error {
	line, r := w.pen.end(), w.check
	r.at.Line++
	for _, f := range w.pen.faults {
		r.fault(f.At.Field, f.Text, f.Fix)
	}
	if len(line) > maxLine {
		r.tooLong()
	}
	if r.faults.Total == 0 {
		r.one(line[:len(line)-1], nobody{})
	}
	if r.faults.Total == 0 {
		_, err := w.to.Write(line)
		return err
	}
	r.forget(id)
	r.at.Line--
	all := r.faults.First
	r.faults = Faults{}
	all[0].More = all[1:]
	return all[0]
}

// forget lets go of the id of a line that is not written.
func (r *Reader) forget(id string) {
	if key := idKey(id); r.ids[key] == r.at.Line {
		delete(r.ids, key)
	}
}

// nobody is a sink for what is read only to see whether it can be.
type nobody struct{}

func (nobody) Record(*qiaomen.Record) {}
func (nobody) Figure(*qiaomen.Figure) {}

const (
	dayMinutes = 24 * 60
	china      = 8 * 60 // minutes east of Greenwich
	furthest   = 23*60 + 59
	// The last minute that a file may name, 2200-12-31T23:59-23:59, as a minute
	// of its day here.
	lastMinute = dayMinutes - 1 + furthest + china - 2*dayMinutes
)

var lastDay = qiaomen.DateOf(2201, 1, 2)

// momentText is the moment as a file has it, at +08:00; nothing for no moment.
// A leap second at the end of a day is its second 60. What lies before the
// years that a file may name, or after them, was written far away and can only
// be written from there.
func momentText(m qiaomen.Moment) string {
	if m.IsZero() {
		return ""
	}
	offset := china
	switch year, _, _ := m.Day.YMD(); {
	case year < 1900:
		offset = furthest
	case year > 2200:
		offset = -furthest
	}
	const nanos = 1_000_000_000
	seconds := m.Nano / nanos
	minute := min(seconds/60, dayMinutes-1)
	if m.Day == lastDay {
		minute = min(minute, lastMinute)
	}
	second := seconds - minute*60
	day := m.Day
	for minute += int64(offset - china); minute >= dayMinutes; minute -= dayMinutes {
		day++
	}
	for ; minute < 0; minute += dayMinutes {
		day--
	}
	part := ""
	if n := m.Nano % nanos; n != 0 {
		part = "." + strings.TrimRight(fmt.Sprintf("%09d", n), "0")
	}
	sign, away := '+', offset
	if offset < 0 {
		sign, away = '-', -offset
	}
	return fmt.Sprintf("%vT%02d:%02d:%02d%s%c%02d:%02d", day, minute/60, minute%60, second, part, sign, away/60, away%60)
}

// PeriodText is the figure's period as a file and FigureFields have it: 2024Q1;
// nothing where there is no such period.
func PeriodText(f *scheme.FigureSource, period int) string {
	switch {
	case f.Every == "day" && len(f.Periods) == 0:
		return qiaomen.Date(period).String()
	case within(period, f.Periods):
		return f.Periods[period]
	}
	return ""
}

// Period is the figure's period of that text, as Figure.Period holds it.
func Period(f *scheme.FigureSource, text string) (int, *qiaomen.Problem) {
	i, err := period(f, text)
	if err != nil {
		return i, &qiaomen.Problem{Text: err.Error(), At: qiaomen.Place{Field: f.Every}}
	}
	return i, nil
}
