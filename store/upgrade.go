package store

import (
	"context"
	"database/sql"
	"errors"

	"github.com/pressly/goose/v3"

	"qiaomen"
)

// goMigrations is the migrations that SQL cannot say.
func goMigrations() []*goose.Migration {
	return []*goose.Migration{
		goose.NewGoMigration(5, &goose.GoFunc{RunTx: digestClaims}, &goose.GoFunc{RunTx: func(context.Context, *sql.Tx) error { return nil }}),
	}
}

// digestedAtOnce is how many rows are read at once.
const digestedAtOnce = 1000

// digestClaims puts claims under the digests of their keys: before, they stood under
// the keys themselves. Whether a row is changed already is seen from the row, for
// one that is changed may be met again.
func digestClaims(ctx context.Context, tx *sql.Tx) error {
	type row struct {
		journal, id, data string
		made              int64
	}
	var last row
	for {
		var some []row
		rows, err := tx.QueryContext(ctx, `SELECT journal, id, made, data FROM claim WHERE (journal, id, made) > ($1, $2, $3)
			ORDER BY journal, id, made LIMIT $4`, last.journal, last.id, last.made, digestedAtOnce)
		if err != nil {
			return err
		}
		for rows.Next() {
			var r row
			if err := rows.Scan(&r.journal, &r.id, &r.made, &r.data); err != nil {
				return errors.Join(err, rows.Close())
			}
			some = append(some, r)
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			return err
		}
		if len(some) == 0 {
			return nil
		}
		for _, r := range some {
			c := &qiaomen.Claim{}
			if err := qiaomen.DecodeNoun([]byte(r.data), c); err != nil {
				return err
			}
			now := c.Row()
			if now.ID == r.id {
				continue
			}
			if _, err := tx.ExecContext(ctx, "UPDATE claim SET id = $4, key = $5 WHERE journal = $1 AND id = $2 AND made = $3", r.journal, r.id, r.made, now.ID, now.Key); err != nil {
				return err
			}
		}
		last = some[len(some)-1]
	}
}
