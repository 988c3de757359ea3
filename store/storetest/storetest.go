// Package storetest gives tests a ledger on each engine: SQLite in a folder of
// the test, PostgreSQL in a database of its own.
//
// PostgreSQL is found through QIAOMEN_TEST_POSTGRES, which .ci/with-postgres
// sets. Without it those tests are skipped, and fail where CI is set. Every
// ledger is held against its replayed journal when its test ends: a row that the
// journal does not give is a fault, whatever the test was about.
package storetest

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"qiaomen/store"
)

// Variable is the environment variable with the address of PostgreSQL.
const Variable = "QIAOMEN_TEST_POSTGRES"

// Engines are the engines there are.
var Engines = []string{"sqlite", "postgres"}

// Each runs the test on each engine, with a way to make options for an empty
// ledger.
func Each(t *testing.T, f func(t *testing.T, fresh func() store.Options)) {
	t.Helper()
	for _, engine := range Engines {
		t.Run(engine, func(t *testing.T) { f(t, func() store.Options { return Fresh(t, engine) }) })
	}
}

// Fresh is options for an empty ledger on an engine.
func Fresh(t testing.TB, engine string) store.Options {
	t.Helper()
	folder := t.TempDir()
	o := store.Options{
		Folder: filepath.Join(folder, "marks"), Installation: "test-" + random(4),
		Salt: func(b []byte) { _, _ = rand.Read(b) },
	}
	_, _ = rand.Read(o.Seed[:])
	switch engine {
	case "sqlite":
		o.Address = "sqlite:" + filepath.Join(folder, "ledger.db")
	case "postgres":
		o.Address = database(t)
	}
	return o
}

func random(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b)
	return hex.EncodeToString(b)
}

// database makes an empty database and drops it when the test ends.
func database(t testing.TB) string {
	t.Helper()
	base := os.Getenv(Variable)
	if base == "" && os.Getenv("CI") != "" {
		t.Fatalf("%s is not set: run this through .ci/with-postgres", Variable)
	} else if base == "" {
		t.Skipf("%s is not set", Variable)
	}
	admin, err := sql.Open("pgx", base)
	if err != nil {
		t.Fatal(err)
	}
	name := "qiaomen_" + random(8)
	if _, err := admin.Exec("CREATE DATABASE " + name + " TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C' ENCODING 'UTF8'"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_, err := admin.Exec("DROP DATABASE " + name + " WITH (FORCE)")
		if err != nil {
			t.Error(err)
		}
		admin.Close()
	})
	u, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	u.Path = "/" + name
	return u.String()
}

// Open opens a ledger. When the test ends it is verified whole, and closed.
func Open(t testing.TB, o store.Options) *store.Store {
	t.Helper()
	s, err := store.Open(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		select {
		case <-s.Broken(): // the test broke it
		default:
			Verify(t, s, o)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// Verify holds a ledger against its journals.
func Verify(t testing.TB, s *store.Store, o store.Options) {
	t.Helper()
	found, err := Findings(t, s, o)
	if err != nil {
		t.Error("verify: ", err)
		return
	}
	for _, j := range found.Journals {
		for _, p := range j.Problems {
			t.Errorf("%s: %v", j.Journal, p)
		}
	}
}

// Findings is what a whole verification finds, with scratch of its own.
func Findings(t testing.TB, s *store.Store, o store.Options) (*store.Findings, error) {
	t.Helper()
	folder, err := os.MkdirTemp("", "qiaomen-scratch-*")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(folder)
	scratch, err := store.Open(context.Background(), store.Options{
		Address: "sqlite:" + filepath.Join(folder, "scratch.db"), Folder: filepath.Join(folder, "marks"),
		Installation: o.Installation, Seed: o.Seed, Salt: o.Salt,
	})
	if err != nil {
		return nil, fmt.Errorf("scratch: %w", err)
	}
	defer scratch.Close()
	return s.Verify(context.Background(), scratch)
}
