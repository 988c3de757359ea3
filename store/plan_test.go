package store_test

import (
	"database/sql"
	"strings"
	"testing"

	"qiaomen/store"
	"qiaomen/store/storetest"
)

// TestPlans: what every act and every list looks up is found by an index, however
// much the ledger has. Without one the answer is the same and takes for ever.
func TestPlans(t *testing.T) {
	o := storetest.Fresh(t, "sqlite")
	s, err := store.Open(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	db, err := sql.Open("sqlite", strings.TrimPrefix(o.Address, "sqlite:"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for text, want := range map[string]string{
		`SELECT id, data FROM "claim" WHERE journal = $1 AND ended IS NULL AND key = $2 AND state IN ($3, $4) ORDER BY id LIMIT $5`:                        "(journal=? AND key=?)",
		`SELECT id, data FROM "grant" WHERE journal = $1 AND ended IS NULL AND key = $2 ORDER BY id LIMIT $3`:                                              "(journal=? AND key=?)",
		`SELECT data FROM "claim" WHERE journal = $1 AND ended IS NULL AND id = $2`:                                                                        "(journal=? AND id=?)",
		`SELECT data FROM "claims" WHERE journal = $1 AND ended IS NULL AND id = $2`:                                                                       "(journal=? AND id=?)",
		`UPDATE "claim" SET ended = $3 WHERE journal = $1 AND id = $2 AND ended IS NULL`:                                                                   "(journal=? AND id=?)",
		`SELECT id, data FROM "record" WHERE journal = $1 AND ended IS NULL AND unit = $2 AND kind = $3 ORDER BY id LIMIT $4`:                              "(journal=? AND unit=?)",
		`SELECT data FROM "record" WHERE journal = $1 AND ended IS NULL AND unit = $2 AND kind = $3 AND state IN ($4) ORDER BY key DESC, id DESC LIMIT 51`: "(journal=? AND unit=? AND kind=? AND state=?)",
		`SELECT record FROM paper_number WHERE journal = $1 AND number = $2 ORDER BY record`:                                                               "(journal=? AND number=?)",
	} {
		var id, parent, unused int
		var plan string
		if err := db.QueryRow("EXPLAIN QUERY PLAN "+text, 1, 2, 3, 4, 5).Scan(&id, &parent, &unused, &plan); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if !strings.Contains(plan, want) {
			t.Errorf("%s\n%s, want %s", text, plan, want)
		}
	}
}
