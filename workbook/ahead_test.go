package workbook

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
)

// TestRowsAhead: what is taken apart ahead is what is there, in its order, whether
// it ends with the file, with a fault of the file, or where nobody reads on; and
// nobody is left reading.
func TestRowsAhead(t *testing.T) {
	const rows = 5*readTogether + 7
	f := excelize.NewFile()
	for n := 1; n <= rows; n += 2 { // every other row is empty
		if err := f.SetSheetRow("Sheet1", fmt.Sprint("A", n), &[]any{fmt.Sprint("示例", n), n}); err != nil {
			t.Fatal(err)
		}
	}
	var whole bytes.Buffer
	if err := f.Write(&whole); err != nil {
		t.Fatal(err)
	}
	b, err := openWorkbook(bytes.NewReader(whole.Bytes()), int64(whole.Len()))
	if err != nil {
		t.Fatal(err)
	}
	errStop := errors.New("stop")
	read := func(rows func(sheetPart, func(int, []cell) error) error, until int) (out []numberedRow, err error) {
		err = rows(b.sheets[0], func(row int, cells []cell) error {
			out = append(out, numberedRow{row, append([]cell(nil), cells...)})
			if row >= until {
				return errStop
			}
			return nil
		})
		return out, err
	}
	before := runtime.NumGoroutine()
	for _, until := range []int{rows + 1, 1, readTogether, rows} {
		want, wantErr := read(b.rows, until)
		got, err := read(b.rowsAhead, until)
		if err != wantErr || !reflect.DeepEqual(got, want) {
			t.Errorf("until row %d: %d rows and %v ahead, %d and %v one by one", until, len(got), err, len(want), wantErr)
		}
	}
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the reader's panic is gone")
			}
		}()
		_ = b.rowsAhead(b.sheets[0], func(int, []cell) error { panic("示例") })
	}()
	if _, err := read(b.rowsAhead, 0); err != errStop {
		t.Error(err)
	}
	if err := b.rowsAhead(sheetPart{path: strings.Repeat("x", 9)}, func(int, []cell) error { return nil }); err == nil {
		t.Error("a sheet that is not there is read")
	}
	for range 100 {
		if runtime.NumGoroutine() <= before {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("%d goroutines before, %d after", before, runtime.NumGoroutine())
}
