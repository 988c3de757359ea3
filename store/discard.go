package store

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"

	"qiaomen"
	"qiaomen/journal"
)

// Heads is how far each journal of a database has come, whatever its marks say.
// Nothing is written.
func Heads(ctx context.Context, o Options) (heads []Head, err error) {
	e, write, read, err := dial(ctx, o.Address, true)
	if err != nil {
		return nil, err
	}
	s := &Store{o: o, engine: e, write: write, read: read}
	defer s.Close()
	err = s.Copy(ctx, func(_ *View, all []Head) error {
		heads = all
		return nil
	})
	return heads, err
}

// Empty tells whether there is nothing at an address: no file, or a PostgreSQL
// database without a table, or with those of a ledger that has no entries. What
// belongs to something else is not empty. Nothing is made.
func Empty(ctx context.Context, address string) (bool, error) {
	if file, ok := strings.CutPrefix(address, "sqlite:"); ok {
		_, err := os.Lstat(file)
		if errors.Is(err, fs.ErrNotExist) {
			return true, nil
		}
		return false, err
	}
	_, write, read, err := dial(ctx, address, true)
	if err != nil {
		return false, err
	}
	defer write.Close()
	defer read.Close()
	there, err := texts(ctx, read, tablesThere)
	if err != nil || len(there) == 0 {
		return err == nil, err
	}
	for _, name := range there {
		if !slices.Contains(tables(), name) {
			return false, nil
		}
	}
	if !slices.Contains(there, "journal") {
		return false, nil
	}
	var journals int
	err = read.QueryRowContext(ctx, "SELECT count(*) FROM journal").Scan(&journals)
	return journals == 0, err
}

const tablesThere = "SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema()"

// Discard takes away a ledger that was begun and not finished: all of it, and
// for good. The address must have been Empty before. A database in which there
// are entries of another installation is left as it is.
func Discard(ctx context.Context, o Options) error {
	if file, ok := strings.CutPrefix(o.Address, "sqlite:"); ok {
		var errs []error
		for _, suffix := range []string{"", "-wal", "-shm", "-journal"} {
			if err := os.Remove(file + suffix); !errors.Is(err, fs.ErrNotExist) {
				errs = append(errs, err)
			}
		}
		return errors.Join(errs...)
	}
	_, write, read, err := dial(ctx, o.Address, false)
	if err != nil {
		return err
	}
	defer write.Close()
	defer read.Close()
	there, err := texts(ctx, read, tablesThere)
	if err != nil {
		return err
	}
	if slices.Contains(there, "entry") {
		if err := ours(ctx, read, o.Installation); err != nil {
			return err
		}
	}
	tx, err := write.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	for _, name := range tables() {
		if _, err := tx.ExecContext(ctx, "DROP TABLE IF EXISTS "+table(name)); err != nil {
			return err
		}
	}
	return tx.Commit()
}

// ours asks that every journal of a database is of the installation.
func ours(ctx context.Context, db querier, installation string) error {
	first, err := texts(ctx, db, "SELECT leaf FROM entry WHERE position = 1")
	for _, leaf := range first {
		e, opening := journal.Open([]byte(leaf))
		if opening != nil || e.Installation != installation {
			return &qiaomen.Problem{Text: "数据库里有别的台账，没有动它", Fix: "请核对数据库的地址"}
		}
	}
	return err
}

var created = regexp.MustCompile(`(?m)^CREATE TABLE "?(\w+)"? `)

// tables is every table that the migrations make.
func tables() []string {
	names := []string{"goose_db_version"}
	files, _ := fs.Glob(migrations, "migrations/*.sql") // the pattern is a good one
	for _, file := range files {
		text, _ := fs.ReadFile(migrations, file) // embedded
		for _, m := range created.FindAllSubmatch(text, -1) {
			names = append(names, string(m[1]))
		}
	}
	return names
}
