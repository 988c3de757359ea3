package office

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"qiaomen"
	"qiaomen/blob"
	"qiaomen/records"
	"qiaomen/scheme"
	"qiaomen/workbook"
)

// A Verdict is what one row of a file comes to.
type Verdict string

// The verdicts.
const (
	RowNew     Verdict = "new"
	RowChanged Verdict = "changed"
	RowSame    Verdict = "same"
	RowRefused Verdict = "refused"
)

var verdictNames = map[Verdict]string{RowNew: "新增", RowChanged: "更改", RowSame: "相同", RowRefused: "不能导入"}

// Chinese is the verdict as people read it.
func (v Verdict) Chinese() string { return verdictNames[v] }

// An ImportRow is one row of a file: where it stands there, which record of the
// ledger it is, and what importing it would do.
type ImportRow struct {
	Place   qiaomen.Place      `json:"place,omitzero"`
	Foreign string             `json:"foreign,omitzero"` // the id that the file gives it
	ID      string             `json:"id,omitzero"`      // its id in the ledger
	Kind    string             `json:"kind,omitzero"`
	Unit    string             `json:"unit,omitzero"`
	Name    string             `json:"name,omitzero"`
	Verdict Verdict            `json:"verdict,omitzero"`
	State   qiaomen.State      `json:"state,omitzero"`  // where it stands in the ledger; empty: it is not there
	Fields  []string           `json:"fields,omitzero"` // that change
	Faults  []*qiaomen.Problem `json:"faults,omitzero"`
	Note    string             `json:"note,omitzero"` // what is not taken over, such as evidence, which is no part of a file of rows

	record *qiaomen.Record
	figure *qiaomen.Figure
	do     func(d *desk) error // nil: nothing

	standing *standing    // what the ledger has of it, while that is known
	draft    *DraftRecord // that it becomes, of a new row
	sought   *sought      // what it may be the same as, looked for before the line
}

// refuse says what is wrong with the row, at its place.
func (r *ImportRow) refuse(p *qiaomen.Problem) {
	one := *p
	field := one.At.Field
	one.At = r.Place
	if r.Place.Line > 0 && field != "" {
		one.At.Field = field
	}
	one.More = nil
	r.Faults = append(r.Faults, &one)
	r.Verdict = RowRefused
}

func (r *ImportRow) refused(text, fix string) { r.refuse(&qiaomen.Problem{Text: text, Fix: fix}) }

// take makes the row's faults of a problem. What is none is returned: it is not
// the row's fault.
func (r *ImportRow) take(err error) error {
	p, ok := errors.AsType[*qiaomen.Problem](err)
	if _, denied := isDenied(err); denied || !ok {
		return err
	}
	for _, one := range append([]*qiaomen.Problem{p}, p.More...) {
		r.refuse(one)
	}
	return nil
}

// A rowFile is a file as it was read.
type rowFile struct {
	name   string
	digest string
	rows   []*ImportRow
	faults []*qiaomen.Problem // of the file: nothing of it can be used
	more   int                // further ones, that were only counted
	doubts []*qiaomen.Problem

	s      *scheme.Scheme
	sheets bool // it has sheets, not lines
}

// mostRows bounds a file; who has more parts it.
const mostRows = 100_000

// readRows reads a records file, a workbook or a CSV file, whichever its name
// says, and finds everything that is wrong with it.
func readRows(s *scheme.Scheme, name string, content []byte) (*rowFile, error) {
	sum := sha256.Sum256(content)
	f := &rowFile{name: blob.SafeName(name), digest: hex.EncodeToString(sum[:]), s: s}
	read := workbook.Read
	switch strings.ToLower(filepath.Ext(name)) {
	case ".jsonl", ".json", ".ndjson":
		found, err := records.NewReader(s, f.name).Read(bytes.NewReader(content), f)
		if err != nil {
			return nil, err
		}
		f.faults, f.more = found.First, found.Total-len(found.First)
		return f, f.bounded()
	case ".csv", ".tsv":
		read = workbook.ReadCSV
	default:
		f.sheets = true
	}
	found, err := read(bytes.NewReader(content), int64(len(content)), s, f.name, f)
	if err != nil {
		return nil, err
	}
	f.faults, f.more, f.doubts = found.Faults, found.TotalFaults-len(found.Faults), found.Doubts
	return f, f.bounded()
}

func (f *rowFile) bounded() error {
	switch {
	case len(f.rows) > mostRows:
		return problem(fmt.Sprintf("文件有%d行，一次最多%d行", len(f.rows), mostRows), "请分成几个文件")
	case len(f.rows) == 0 && len(f.faults) == 0:
		return problem("文件里没有记录", "请核对文件")
	}
	return nil
}

// wrong is what is wrong with the file itself, or nil.
func (f *rowFile) wrong() error {
	list := slices.Clone(f.faults)
	if f.more > 0 {
		list = append(list, &qiaomen.Problem{Text: fmt.Sprintf("……另有%d处", f.more)})
	}
	return faults(list)
}

// Record takes a record out of the file.
func (f *rowFile) Record(r *qiaomen.Record) {
	kept := *r
	kept.Values = ownValues(r.Values)
	kept.Reported, kept.Recognised, kept.Revoked = ledgerTime(r.Reported), ledgerTime(r.Recognised), ledgerTime(r.Revoked)
	k := f.s.Kinds[r.Kind]
	f.rows = append(f.rows, &ImportRow{
		Place: f.place(k.Name, r.Line), Foreign: r.ID, Kind: k.ID, Unit: f.s.Units[r.Unit].ID, Name: strings.TrimSpace(r.Name), record: &kept,
	})
}

// Figure takes a figure out of the file.
func (f *rowFile) Figure(x *qiaomen.Figure) {
	kept := *x
	kept.Values = ownValues(x.Values)
	row := &ImportRow{Place: f.place(f.s.Figures[x.Source].Name, x.Line), Foreign: x.ID, Kind: f.s.Figures[x.Source].ID, figure: &kept}
	if x.Unit >= 0 {
		row.Unit = f.s.Units[x.Unit].ID
	}
	f.rows = append(f.rows, row)
}

func ownValues(values []qiaomen.Value) []qiaomen.Value {
	out := slices.Clone(values)
	for i := range out {
		out[i].List = slices.Clone(out[i].List)
	}
	return out
}

// ledgerTime is a time as exact as the ledger keeps it.
func ledgerTime(m qiaomen.Moment) qiaomen.Moment { return qiaomen.MomentAt(m.UTC()) }

func (f *rowFile) place(sheet string, line int) qiaomen.Place {
	if f.sheets {
		return qiaomen.Place{File: f.name, Field: fmt.Sprintf("%s!第%d行", sheet, line)}
	}
	return qiaomen.Place{File: f.name, Line: line}
}

// units is whose rows the file has.
func (f *rowFile) units() []string {
	var out []string
	for _, r := range f.rows {
		if r.Unit != "" && !slices.Contains(out, r.Unit) {
			out = append(out, r.Unit)
		}
	}
	return out
}

// nameRows gives an id to the rows that came without one. A workbook names such
// a row by its sheet and number, which next month is another's; here it is
// named by what makes it one thing with another.
func (f *rowFile) nameRows() {
	seen := map[string]int{}
	for _, r := range f.rows {
		if r.record == nil || !strings.HasSuffix(r.Foreign, "!"+strconv.Itoa(r.record.Line)) {
			continue
		}
		key := records.IdentityKey(f.s.Kinds[r.record.Kind], r.Name, r.record.Values)
		if key == "" {
			key = records.Normal(r.Name)
		}
		n := seen[r.Kind+r.Unit+key]
		seen[r.Kind+r.Unit+key]++
		r.Foreign = fmt.Sprintf("!%s!%d", key, n)
	}
}

// refer makes rows that name another row by the file's id name it by the
// ledger's.
func (f *rowFile) refer() {
	ids := map[string]string{}
	for _, r := range f.rows {
		ids[r.Kind+" "+r.Foreign] = r.ID
	}
	for _, r := range f.rows {
		if r.record == nil {
			continue
		}
		for i, field := range f.s.Kinds[r.record.Kind].Fields {
			v := &r.record.Values[i]
			if field.Type == scheme.RecordField && v.Given && field.Kind != nil {
				if id := ids[field.Kind.ID+" "+v.Text]; id != "" {
					v.Text = id
				}
			}
		}
	}
}

// write writes the rows as a records file: one form for whatever they came in.
func (f *rowFile) write(to io.Writer) error {
	w := records.NewWriter(to, f.s)
	for _, r := range f.rows {
		var err error
		if r.figure != nil {
			err = w.Figure(r.figure)
		} else {
			err = w.Record(r.record)
		}
		if err != nil {
			return err
		}
	}
	return w.Flush()
}

// plainID tells whether an id of a file can be one of the ledger: letters and
// digits of any script, hyphens, full stops and underscores between them.
func plainID(id string) bool {
	if id == "" || utf8.RuneCountInString(id) > 64 || strings.ContainsRune("-._", rune(id[0])) {
		return false
	}
	return !strings.ContainsFunc(id, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("-._", r)
	})
}

// idsOf is the ids by which the ledger may know a row, the likeliest first: the
// file's own; and where another has that, one made of whose it is, so that two
// units may both number from 1. The office's rows are not those of a unit's own
// workbook.
func (d *desk) idsOf(r *ImportRow, office bool) []string {
	door := "unit"
	if office {
		door = "office"
	}
	own := identify("i-", d.journalName(), r.Unit, r.Kind, door, r.Foreign)
	if plainID(r.Foreign) {
		return []string{r.Foreign, own}
	}
	return []string{own}
}

func (d *desk) journalName() string { return d.caller.Campaign }
