package store_test

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"qiaomen/store"
	"qiaomen/store/storetest"
)

// callers is how many people act at once in the benchmarks.
var callers = []int{1, 8, 32, 64}

// BenchmarkWrite is acts a second through the whole write path: sealed, applied,
// flushed, marked, signed and answered with a receipt. BenchmarkBareCommit, in
// the same run, is what the disk and the engine allow: one row an act, committed
// together.
//
//	go test -run '^$' -bench . ./store
func BenchmarkWrite(b *testing.B) {
	for _, engine := range storetest.Engines {
		for _, n := range callers {
			b.Run(fmt.Sprintf("%s/%d", engine, n), func(b *testing.B) {
				s, err := store.Open(ctx, storetest.Fresh(b, engine))
				if err != nil {
					b.Fatal(err)
				}
				defer s.Close()
				together(b, n, func(i int64) error {
					_, err := s.Write(ctx, act("winter", fmt.Sprint("k", i)), emit(submitted(fmt.Sprint("r", i), fmt.Sprint("thing ", i))))
					return err
				})
			})
		}
	}
}

// BenchmarkBareCommit inserts rows from a queue, as many at once as wait.
func BenchmarkBareCommit(b *testing.B) {
	for _, n := range callers {
		b.Run(fmt.Sprintf("sqlite/%d", n), func(b *testing.B) {
			db, err := sql.Open("sqlite", "file:"+filepath.Join(b.TempDir(), "bare.db")+"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_txlock=immediate")
			if err != nil {
				b.Fatal(err)
			}
			defer db.Close()
			db.SetMaxOpenConns(1)
			if _, err := db.Exec("CREATE TABLE bare (id BIGINT PRIMARY KEY, text TEXT NOT NULL)"); err != nil {
				b.Fatal(err)
			}
			type row struct {
				id   int64
				done chan error
			}
			line := make(chan row)
			var loop sync.WaitGroup
			loop.Go(func() {
				for first := range line {
					batch := []row{first}
				gather:
					for {
						select {
						case r, open := <-line:
							if !open {
								break gather
							}
							batch = append(batch, r)
						default:
							break gather
						}
					}
					tx, err := db.Begin()
					for _, r := range batch {
						if err == nil {
							_, err = tx.Exec("INSERT INTO bare (id, text) VALUES ($1, $2)", r.id, "示例项目，示例地")
						}
					}
					if err == nil {
						err = tx.Commit()
					}
					for _, r := range batch {
						r.done <- err
					}
				}
			})
			together(b, n, func(i int64) error {
				done := make(chan error, 1)
				line <- row{i, done}
				return <-done
			})
			close(line)
			loop.Wait()
		})
	}
}

// together has n callers do b.N acts between them.
func together(b *testing.B, n int, act func(i int64) error) {
	b.Helper()
	var next atomic.Int64
	var group sync.WaitGroup
	b.ResetTimer()
	for range n {
		group.Go(func() {
			for i := next.Add(1); i <= int64(b.N); i = next.Add(1) {
				if err := act(i); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	group.Wait()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "acts/s")
	b.ReportMetric(0, "ns/op")
}
