package office

import (
	"context"
	"runtime"
	"sync"
)

// seekParts looks for what the new rows of an import may be the same as, part by
// part, one part ahead of the line: it says of each that it is done, and closes
// what it says so by after the last. What it could not look for, the line does.
func (o *Office) seekParts(ctx context.Context, campaign string, parts [][]*ImportRow) <-chan struct{} {
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() { _ = recover() }() // the line meets the same, and says so
		for _, rows := range parts {
			names, err := o.lookalikes(ctx, campaign)
			if err != nil || ctx.Err() != nil {
				return
			}
			names.seekRows(rows)
			select {
			case done <- struct{}{}:
			case <-ctx.Done():
				return
			}
		}
	}()
	return done
}

// seekRows looks for each new row, with half of the processors: others have work
// too.
func (l *lookalikes) seekRows(rows []*ImportRow) {
	next := make(chan *ImportRow)
	var all sync.WaitGroup
	for range max(1, runtime.GOMAXPROCS(0)/2) {
		all.Go(func() {
			for r := range next {
				l.seekRow(r)
			}
		})
	}
	for _, r := range rows {
		if r.Verdict == RowNew && r.do != nil && r.draft != nil {
			next <- r
		}
	}
	close(next)
	all.Wait()
}

func (l *lookalikes) seekRow(r *ImportRow) {
	defer func() { _ = recover() }() // the line meets the same, and says so
	r.sought = l.seek(r.Kind, r.Unit, r.draft.Name, r.draft.Fields)
}

// takeRow does what the plan says of a row, with what was looked for before. A new
// row has an id that the plan has found free.
func (d *desk) takeRow(r *ImportRow) error {
	if r.Verdict == RowNew && r.draft != nil {
		d.tx.Fresh(r.draft.ID)
	}
	if d.sought = r.sought; d.sought != nil {
		d.fields = d.sought.read
	}
	defer func() { d.sought = nil }()
	return r.do(d)
}
