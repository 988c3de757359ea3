package store

import (
	"context"
	"database/sql"
	"net/url"
	"strings"
	"sync/atomic"
)

// SQLite writes what is committed into a log beside the file, and copies it from
// there into the file now and then. Who commits would have to wait for that; so
// most of it is copied beside the line, and within it only what was committed
// meanwhile. Then the log begins anew.

// A copier copies the log.
type copier struct {
	s     *Store
	since atomic.Int64 // rows that were committed since the log was copied
	begun atomic.Bool  // it is being copied beside the line
	left  atomic.Bool  // most of it was, and the line copies the rest
	db    *sql.DB      // of the one who copies; nil: none was needed yet
}

// copyAfter is after how many committed rows the log is copied: some ten MB. The
// tests of this package copy it more often.
var copyAfter int64 = 8000

const copyLog = "PRAGMA wal_checkpoint(PASSIVE)"

// committed counts rows that were committed, between two transactions.
func (c *copier) committed(ctx context.Context, rows int) {
	if c == nil {
		return
	}
	switch {
	case c.left.Swap(false):
		_, err := c.s.write.ExecContext(ctx, copyLog)
		c.note(err)
	case c.since.Add(int64(rows)) >= copyAfter && c.begun.CompareAndSwap(false, true):
		c.since.Store(0)
		c.s.mu.Lock()
		defer c.s.mu.Unlock()
		if c.s.closed { // which leaves no log
			return
		}
		c.s.behind.Go(func() {
			defer c.begun.Store(false)
			c.copyBeside(c.s.open)
		})
	}
}

func (c *copier) copyBeside(ctx context.Context) {
	if c.db == nil {
		db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: strings.TrimPrefix(c.s.o.Address, "sqlite:")}).EscapedPath()+"?"+sqlitePragmas)
		if err != nil {
			return // it is copied in the line, once it is long
		}
		db.SetMaxOpenConns(1)
		c.db = db
	}
	_, err := c.db.ExecContext(ctx, copyLog)
	c.left.Store(err == nil)
	c.note(err)
}

// note ends the store where the disk failed. Another fault is met again by
// whoever commits.
func (c *copier) note(err error) {
	if broken(err) {
		_ = c.s.fail(err)
	}
}

func (c *copier) close() error {
	if c == nil || c.db == nil {
		return nil
	}
	return c.db.Close()
}
