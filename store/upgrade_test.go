package store_test

import (
	"testing"

	"qiaomen"
	"qiaomen/store"
	"qiaomen/store/storetest"
)

// TestClaimsByDigest opens a ledger in which claims stand under their keys, as
// they did once: afterwards its tables are what the journal makes of them, and
// whoever claims the same is found.
func TestClaimsByDigest(t *testing.T) {
	storetest.Each(t, func(t *testing.T, fresh func() store.Options) {
		o := fresh()
		s, err := store.Open(ctx, o)
		if err != nil {
			t.Fatal(err)
		}
		for _, id := range []string{"r1", "r2", "r3"} {
			write(t, s, act("winter", id), submitted(id, "one thing"))
		}
		write(t, s, act("winter", "withdrawn"), &qiaomen.RecordWithdrawn{ID: "r3"}) // a row that ended
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		db := admin(t, o.Address)
		for _, text := range []string{
			`UPDATE claim SET id = substr(id, 1, 2) || ' one thing', key = 'one thing'`,
			`DELETE FROM goose_db_version WHERE version_id = 5`,
		} {
			if _, err := db.Exec(text); err != nil {
				t.Fatal(err)
			}
		}
		s = storetest.Open(t, o) // it verifies when the test ends
		err = s.Read(ctx, "winter", 0, func(v *store.View) error {
			all, err := store.All[qiaomen.Claim](v, store.Filter{Key: qiaomen.ClaimDigest("one thing")})
			if err == nil && len(all) != 2 {
				t.Errorf("%d claim the thing, want two", len(all))
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		var old int
		if err := db.QueryRow(`SELECT count(*) FROM claim WHERE key = 'one thing'`).Scan(&old); err != nil || old != 0 {
			t.Errorf("%d rows stand under the key itself, %v", old, err)
		}
	})
}
