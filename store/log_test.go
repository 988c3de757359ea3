package store_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"qiaomen/store"
	"qiaomen/store/storetest"
)

// TestLogBeginsAnew: however much is written, SQLite's log is copied into the file
// in time and begins anew; while somebody reads what was, it cannot, and does
// afterwards.
func TestLogBeginsAnew(t *testing.T) {
	o := storetest.Fresh(t, "sqlite")
	s := storetest.Open(t, o)
	log := strings.TrimPrefix(o.Address, "sqlite:") + "-wal"
	n, some := 0, int64(16<<20) // 400 acts that are not copied take 37 MB
	fill := func(acts int) int64 {
		for range acts {
			n++
			write(t, s, act("winter", fmt.Sprint("k", n)), submitted(fmt.Sprint("r", n), fmt.Sprint("项目", n)))
		}
		info, err := os.Stat(log)
		if err != nil {
			t.Fatal(err)
		}
		return info.Size()
	}
	before := fill(400)
	if after := fill(1200); before > some || after > some {
		t.Errorf("the log had %d bytes after 400 acts, %d after 1,600", before, after)
	}
	err := s.Read(ctx, "winter", 0, func(v *store.View) error {
		if _, err := v.Position(); err != nil {
			return err
		}
		fill(200)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	held := fill(0)
	if after := fill(1200); after > held+some {
		t.Errorf("the log had %d bytes when nobody read any more, %d after 1,200 acts", held, after)
	}
}
