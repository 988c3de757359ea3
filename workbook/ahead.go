package workbook

import (
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
)

// Taking a file's text apart costs about as much as reading what stands in it.
// In a long sheet the one goes on beside the other.

// A numberedRow is a row's cells and its number.
type numberedRow struct {
	number int
	cells  []cell
}

// readTogether is how many rows are handed on at once.
const readTogether = 64

var errEnough = errors.New("nobody reads on")

// rowsAhead is rows, some of which are taken apart before they are asked for.
func (b *reading) rowsAhead(sheet sheetPart, yield func(row int, cells []cell) error) error {
	some, enough := make(chan []numberedRow, 4), make(chan struct{})
	var failed error
	go func() {
		defer close(some)
		defer func() {
			if p := recover(); p != nil {
				failed = fmt.Errorf("panic while reading a sheet: %v\n%s", p, debug.Stack())
			}
		}()
		failed = b.handRows(sheet, some, enough)
	}()
	defer func() { // nothing reads the file any more when this returns
		close(enough)
		for range some {
		}
	}()
	for rows := range some {
		for _, r := range rows {
			if err := yield(r.number, r.cells); err != nil {
				return err
			}
		}
	}
	return failed
}

func (b *reading) handRows(sheet sheetPart, to chan<- []numberedRow, enough <-chan struct{}) error {
	var rows []numberedRow
	hand := func() error {
		select {
		case to <- rows:
			rows = nil
			return nil
		case <-enough:
			return errEnough
		}
	}
	err := b.rows(sheet, func(row int, cells []cell) error {
		if rows = append(rows, numberedRow{row, slices.Clone(cells)}); len(rows) < readTogether {
			return nil
		}
		return hand()
	})
	if errors.Is(err, errEnough) {
		return err
	}
	if enough := hand(); err == nil { // what came before a fault is read too
		err = enough
	}
	return err
}
