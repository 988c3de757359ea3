package backup_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"qiaomen/backup"
	"qiaomen/store"
	"qiaomen/store/storetest"
)

// BenchmarkBackup takes a backup of a ledger of 100,000 entries (10,000 with
// -short), restores it and verifies it, each apart.
//
//	go test -run '^$' -bench . -benchtime 1x ./backup
func BenchmarkBackup(b *testing.B) {
	entries := 100_000
	if testing.Short() {
		entries = 10_000
	}
	p := newPlace(b, "sqlite")
	for first := 0; first < entries; first += 1000 {
		_, err := p.store.Write(ctx, store.Act{Journal: "winter", Person: "p1", Account: "a1", At: time.Now()}, func(t *store.Tx) error {
			for i := range 1000 {
				if err := t.Emit(submitted(fmt.Sprint("r-", first+i))); err != nil {
					return err
				}
			}
			return nil
		})
		p.must(err)
	}
	var file string
	b.Run("take", func(b *testing.B) {
		for b.Loop() {
			w := p.write()
			file = w.Path
			b.ReportMetric(float64(w.Size)/1e6, "MB")
		}
	})
	text, err := os.ReadFile(file)
	p.must(err)
	for _, engine := range storetest.Engines {
		b.Run("restore/"+engine, func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				to := p.empty(engine)
				b.StartTimer()
				_, err := to.restore(text)
				p.must(err)
			}
		})
	}
	b.Run("verify", func(b *testing.B) {
		for b.Loop() {
			_, err := backup.Verify(ctx, p.store, p.o, p.files, p.named, filepath.Join(b.TempDir(), "replay"))
			p.must(err)
		}
	})
}
