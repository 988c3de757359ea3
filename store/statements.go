package store

import (
	"context"
	"database/sql"
	"errors"
	"maps"
	"slices"
	"sync"
)

// A statements cache keeps prepared texts of one side. A text that is met within a transaction cannot be prepared there, where the one connection
// is taken; it is noted, and prepared between two transactions.
type statements struct {
	mu     sync.Mutex
	by     map[string]*sql.Stmt
	wanted map[string]bool
}

// mostTexts bounds the cache: filters make texts of many shapes.
const mostTexts = 500

func (c *statements) prepared(text string) *sql.Stmt {
	c.mu.Lock()
	defer c.mu.Unlock()
	st := c.by[text]
	if st == nil && len(c.by)+len(c.wanted) < mostTexts {
		if c.wanted == nil {
			c.wanted = map[string]bool{}
		}
		c.wanted[text] = true
	}
	return st
}

func (c *statements) prepare(ctx context.Context, db *sql.DB) {
	c.mu.Lock()
	wanted := slices.Collect(maps.Keys(c.wanted))
	clear(c.wanted)
	c.mu.Unlock()
	for _, text := range wanted {
		st, err := db.PrepareContext(ctx, text)
		if err != nil {
			continue // it runs unprepared, and says itself what is wrong
		}
		c.mu.Lock()
		if c.by == nil {
			c.by = map[string]*sql.Stmt{}
		}
		if old := c.by[text]; old != nil {
			_ = old.Close()
		}
		c.by[text] = st
		c.mu.Unlock()
	}
}

// prepareSoon prepares what was met, if anything.
func (c *statements) prepareSoon(ctx context.Context, db *sql.DB) {
	c.mu.Lock()
	none := len(c.wanted) == 0
	c.mu.Unlock()
	if !none {
		c.prepare(ctx, db)
	}
}

func (c *statements) close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	var errs []error
	for _, st := range c.by {
		errs = append(errs, st.Close())
	}
	c.by = nil
	return errors.Join(errs...)
}

// A within is the statements of one transaction: those that were prepared
// before, and those of texts that are met again and again in it, as a long act
// meets them.
type within struct {
	before *statements // nil: none were
	db     *sql.Tx
	by     map[string]*sql.Stmt
	met    map[string]int
}

func (c *statements) within(db *sql.Tx) *within {
	return &within{before: c, db: db, by: map[string]*sql.Stmt{}, met: map[string]int{}}
}

// again is how often a text is met until it is worth preparing.
const again = 3

// prepared is the statement of a text; nil: it runs as it is.
func (w *within) prepared(ctx context.Context, text string) *sql.Stmt {
	if st := w.by[text]; st != nil {
		return st
	}
	if w.before != nil {
		if st := w.before.prepared(text); st != nil {
			w.by[text] = w.db.StmtContext(ctx, st)
			return w.by[text]
		}
	}
	if w.met[text]++; w.met[text] == again && len(w.by) < mostTexts {
		if st, err := w.db.PrepareContext(ctx, text); err == nil { // else it says itself what is wrong
			w.by[text] = st
		}
	}
	return w.by[text]
}
