package office

import (
	"context"
	"fmt"
	"slices"

	"qiaomen"
	"qiaomen/store"
)

// An Import is a file of records to be taken in: a records file (.jsonl), a
// workbook (.xlsx) or a CSV file; its name says which.
//
// Of a unit new rows become drafts, or are handed over with Submit; rows that
// say otherwise than what was handed over become amendments. Of the office new
// rows are entries for their units (代录). Rows carry the file's own ids, and
// are known again by them: the same file again changes nothing.
type Import struct {
	Name    string `json:"name"`
	Content []byte `json:"-"`
	// Unit is whose file it is; empty: whoever's rows stand in it.
	Unit   string `json:"unit,omitzero"`
	Submit bool   `json:"submit,omitzero"`
	// Reason is why records that were handed over are amended.
	Reason string `json:"reason,omitzero"`
	// ReceivedAt and ReceivedNumber are the office's receipt of the paper that
	// the file was typed from; a row's own time of reporting goes first.
	ReceivedAt     string `json:"received_at,omitzero"`
	ReceivedNumber string `json:"received_number,omitzero"`
	// Progress is told how many rows came in, and of how many, after each part;
	// nil: nobody is.
	Progress func(done, rows int) `json:"-"`
}

// A Preview is what importing a file would do, row by row.
type Preview struct {
	File   string
	Digest string
	Rows   []*ImportRow
	// Faults is what is wrong with the file, so that none of it can be used;
	// MoreFaults is how many further ones there are. Doubts is what was passed
	// over, such as rows of totals.
	Faults     []*qiaomen.Problem
	MoreFaults int
	Doubts     []*qiaomen.Problem

	file *rowFile
	// What the plan was made at: the journal's size, the day, the door.
	made planned
}

// planned is when and for whom a plan was made. While nothing of it has changed
// the plan stands, but for drafts, which no journal tells of.
type planned struct {
	size   int64
	day    string
	office bool
}

// Count is how many rows came to the verdict.
func (p *Preview) Count(v Verdict) int {
	n := 0
	for _, r := range p.Rows {
		if r.Verdict == v {
			n++
		}
	}
	return n
}

// Wrong is everything for which the file is refused, as one problem, or nil.
func (p *Preview) Wrong() error {
	if err := p.file.wrong(); err != nil {
		return err
	}
	var list []*qiaomen.Problem
	for _, r := range p.Rows {
		list = append(list, r.Faults...)
	}
	return faults(list)
}

// Preview tells what importing a file would do, and does nothing.
func (o *Office) Preview(ctx context.Context, by Caller, a Import) (*Preview, error) {
	p := &Preview{}
	err := o.look(ctx, by, qiaomen.ActImport, func(d *desk) (string, error) { return d.rowsOf(&a, p) }, func(d *desk) error {
		if p.file.wrong() != nil {
			return nil
		}
		return d.plan(&a, p)
	})
	if err != nil {
		return nil, err
	}
	return p, nil
}

// rowsOf reads the file and tells whose it is: of several units' it is the
// office's alone.
func (d *desk) rowsOf(a *Import, p *Preview) (unit string, err error) {
	unit = a.Unit
	for _, g := range d.grants { // of a file that says of no unit, a unit is told what is wrong
		if unit == "" && g.Role.OfUnit() && g.Holds(d.caller.Campaign, d.day) {
			unit = g.Unit
		}
	}
	if err := d.inCampaign(true); err != nil {
		return unit, err
	}
	f, err := readRows(d.rules, a.Name, a.Content)
	if err != nil {
		return unit, err
	}
	f.nameRows()
	p.file, p.File, p.Digest, p.Rows = f, f.name, f.digest, f.rows
	p.Faults, p.MoreFaults, p.Doubts = f.faults, f.more, f.doubts
	if len(p.Faults) > 0 {
		p.Rows = nil
	}
	switch units := f.units(); {
	case a.Unit != "", len(units) == 0:
		return unit, nil
	case len(units) == 1:
		return units[0], nil
	}
	return "", nil
}

// plan finds what each row would do. Ids come first, for rows name each other.
func (d *desk) plan(a *Import, p *Preview) error {
	pl := d.planner(a)
	size, err := d.r.(*store.View).Position()
	if err != nil {
		return err
	}
	p.made = planned{size: size, day: d.day, office: pl.office}
	if err := pl.look(p.Rows); err != nil {
		return err
	}
	for _, r := range p.Rows {
		if r.record != nil {
			st, err := pl.find(r)
			if err != nil {
				return err
			}
			if r.ID != "" { // else it is asked again, and told why
				r.standing = st
			}
		}
	}
	p.file.refer()
	if len(p.Rows) <= mostCompared && d.names != nil {
		pl.rows = newLookalikes(d.rules)
	}
	for _, r := range p.Rows {
		if err := pl.row(r); err != nil {
			return err
		}
	}
	return nil
}

// An ImportAnswer is what an import came to.
type ImportAnswer struct {
	New     int `json:"new"`
	Changed int `json:"changed"`
	Same    int `json:"same"`
	// Parts is the answer of each part; a file of up to 2,000 rows has one.
	Parts []*Answer `json:"parts,omitzero"`
}

// importTogether is how many rows are taken in in one act: enough to share a
// flush, few enough that nobody waits for long.
const importTogether = 2000

// Import takes a file in. One row that cannot be taken refuses all of them,
// with everything that is wrong. A file of up to 2,000 rows is one act. A longer
// one is checked whole first and comes in by parts, so that others get their
// turn in between; should it be broken off, the same file again goes on where it
// ended.
func (o *Office) Import(ctx context.Context, by Caller, a Import) (*ImportAnswer, error) {
	p, err := o.Preview(ctx, by, a)
	if err != nil {
		return nil, err
	}
	if err := p.file.wrong(); err != nil {
		return nil, err
	}
	wrong := p.Wrong() // told by the act, which first asks whether it was done before
	out := &ImportAnswer{}
	parts := slices.Collect(slices.Chunk(p.Rows, importTogether))
	ahead, stop := context.WithCancel(ctx)
	defer stop()
	if wrong != nil {
		stop()
	}
	sought := o.seekParts(ahead, by.Campaign, parts)
	for i, rows := range parts {
		<-sought
		part := importPart{Import: a, Digest: p.Digest, Part: i + 1, Parts: len(parts), file: p.file, rows: rows, wrong: wrong, made: p.made}
		caller := by
		if by.Key != "" && len(parts) > 1 {
			caller.Key = identify("part-", by.Key, fmt.Sprint(i+1))
		}
		answer, err := perform(ctx, o, caller, takeRows, part)
		for _, r := range rows {
			r.sought = nil // many take much room
		}
		if err != nil {
			return out, brokenOff(err, i*importTogether, len(p.Rows))
		}
		if answer.First == p.made.size+1 { // nobody else was there in between
			p.made.size = answer.Last
		}
		out.Parts = append(out.Parts, answer)
		if err := o.counted(ctx, by, answer, len(rows), out); err != nil {
			return out, err
		}
		if a.Progress != nil {
			a.Progress(min((i+1)*importTogether, len(p.Rows)), len(p.Rows))
		}
	}
	return out, nil
}

// brokenOff says how far an import came.
func brokenOff(err error, done, rows int) error {
	if done == 0 {
		return err
	}
	return fmt.Errorf("%w%w", &qiaomen.Problem{
		Text: fmt.Sprintf("文件共%d行，前%d行已经导入，其余还没有：%v", rows, done, err), Fix: "请把同一个文件再导入一次，已导入的不会重复",
	}, silent{err})
}

// counted adds what a part came to, as the journal has it: the same request
// sent again tells the same.
func (o *Office) counted(ctx context.Context, by Caller, answer *Answer, rows int, out *ImportAnswer) error {
	if answer.First == 0 { // nothing to do
		out.Same += rows
		return nil
	}
	return o.read(ctx, by.Campaign, func(v *store.View) error {
		e, err := v.Entry(answer.First)
		if err != nil {
			return err
		}
		event, err := qiaomen.DecodeEvent(e.Event, e.Version, e.Data)
		if err != nil {
			return err
		}
		if f, ok := event.(*qiaomen.FileImported); ok {
			out.New, out.Changed, out.Same = out.New+f.New, out.Changed+f.Changed, out.Same+f.Same
		}
		return nil
	})
}

// An importPart is some rows of a file, taken in together.
type importPart struct {
	Import
	Digest string `json:"digest"`
	Part   int    `json:"part"`
	Parts  int    `json:"parts"`

	file  *rowFile
	rows  []*ImportRow
	wrong error
	made  planned
}

var takeRows = &act[importPart]{
	action: qiaomen.ActImport,
	about: func(_ *desk, a *importPart) (qiaomen.Subject, error) {
		units := a.file.units()
		if a.Unit == "" && len(units) == 1 {
			return qiaomen.Subject{Unit: units[0]}, nil
		}
		return qiaomen.Subject{Unit: a.Unit, Units: units}, nil
	},
	check: func(d *desk, a *importPart) error {
		if err := d.maySubmit(a); err != nil {
			return err
		}
		if a.wrong != nil {
			return a.wrong
		}
		pl := d.planner(&a.Import)
		pl.kept = a.made == planned{size: d.tx.Position(), day: d.day, office: pl.office}
		if err := pl.look(a.rows); err != nil {
			return err
		}
		var list []*qiaomen.Problem
		for _, r := range a.rows { // the ledger may have moved on since the preview
			if err := pl.row(r); err != nil {
				return err
			}
			list = append(list, r.Faults...)
		}
		return faults(list)
	},
	do: func(d *desk, a *importPart) (string, error) {
		e := &qiaomen.FileImported{ID: d.newID("f-"), File: a.file.name, Digest: a.Digest, Part: a.Part, Parts: a.Parts}
		for _, r := range a.rows {
			switch r.Verdict {
			case RowNew:
				e.New++
			case RowChanged:
				e.Changed++
			default:
				e.Same++
			}
		}
		if e.New+e.Changed == 0 {
			return e.ID, nil
		}
		if err := d.emit(e); err != nil {
			return "", err
		}
		for _, r := range a.rows {
			if r.do == nil || r.Verdict == RowSame {
				continue
			}
			if err := d.takeRow(r); err != nil {
				return "", err
			}
		}
		return e.ID, nil
	},
}

// maySubmit asks that who hands rows over with the file might do so one by one.
func (d *desk) maySubmit(a *importPart) error {
	if !a.Submit || !d.using.Role.OfUnit() {
		return nil
	}
	action := qiaomen.ActSubmit
	if d.campaign.Procedure.HeadSigns && d.using.Role == qiaomen.Reporter {
		action = qiaomen.ActEditDraft // hands it to the head
	}
	chances, err := d.chances(action, d.using.Unit)
	if err == nil && len(chances) == 0 {
		err = &Denied{Action: action, Why: "没有权限"}
	}
	return err
}
