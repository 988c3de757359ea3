package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	_ "github.com/jackc/pgx/v5/stdlib" // the PostgreSQL driver
	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"qiaomen"
)

// An engine is what differs between SQLite and PostgreSQL: how to open them,
// how a transaction that only reads begins, and what their errors mean. The SQL
// is one text.
type engine struct {
	name    string
	dialect goose.Dialect
	read    *sql.TxOptions
	still   bool // nobody else commits while one transaction writes
}

var (
	sqliteEngine   = engine{name: "sqlite", dialect: goose.DialectSQLite3, read: nil, still: true}
	postgresEngine = engine{
		name: "postgres", dialect: goose.DialectPostgres,
		read: &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true},
	}
)

// dial opens a database for writing and for reading.
//
//	sqlite:FILE                     one writer connection and a pool of readers
//	postgres://user@host/database   a pool for each
//
// They are apart because who reads may wait for who writes, as for the audit
// entry of a look: were they to share connections, readers could hold them all.
// Nothing that writes takes a connection of the readers. Of a database that is
// only looked at both are readers.
func dial(ctx context.Context, address string, look bool) (e engine, write, read *sql.DB, err error) {
	switch scheme, rest, _ := strings.Cut(address, ":"); scheme {
	case "sqlite":
		write, read, err = dialSQLite(rest, look)
		return sqliteEngine, write, read, err
	case "postgres", "postgresql":
		write, read, err = dialPostgres(ctx, address)
		return postgresEngine, write, read, err
	}
	return e, nil, nil, &qiaomen.Problem{
		Text: "数据库地址“" + qiaomen.Clip(mask(address)) + "”看不懂",
		Fix:  "应写成 sqlite:文件 或 postgres://用户@主机/库名",
	}
}

// Temporary things are not kept in memory (temp_store): what a savepoint may have
// to undo would be one list, walked by every statement, and a large act would
// take the square of its size.
const (
	sqlitePragmas = "_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=foreign_keys(1)&_pragma=busy_timeout(10000)&_pragma=cache_size(-32000)&_pragma=wal_autocheckpoint(16000)"
	sqliteReads   = "mode=ro&_pragma=query_only(1)&_pragma=busy_timeout(10000)"
	lockedFor     = 10 * time.Second
	pgWriters     = 8
	pgReaders     = 16
)

func dialSQLite(file string, look bool) (write, read *sql.DB, err error) {
	name := "file:" + (&url.URL{Path: file}).EscapedPath()
	options := sqlitePragmas + "&_txlock=immediate"
	if look {
		options = sqliteReads
		_, err = os.Stat(file)
	} else {
		err = os.MkdirAll(filepath.Dir(file), 0o700)
	}
	if err != nil {
		return nil, nil, err
	}
	if write, err = sql.Open("sqlite", name+"?"+options); err != nil {
		return nil, nil, err
	}
	write.SetMaxOpenConns(1)
	err = write.Ping() // makes the file, which readers must find
	for begun := time.Now(); busy(err) && time.Since(begun) < lockedFor; err = write.Ping() {
		time.Sleep(10 * time.Millisecond) // of two that make it at once SQLite has one not wait
	}
	if err != nil {
		write.Close()
		return nil, nil, err
	}
	if read, err = sql.Open("sqlite", name+"?"+sqliteReads); err != nil {
		write.Close()
		return nil, nil, err
	}
	read.SetMaxOpenConns(2 * runtime.NumCPU())
	read.SetMaxIdleConns(2 * runtime.NumCPU())
	return write, read, nil
}

// dialAside opens one more reader: for what many readers wait for, holding all of
// theirs.
func dialAside(address string) (*sql.DB, error) {
	if file, ok := strings.CutPrefix(address, "sqlite:"); ok {
		db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: file}).EscapedPath()+"?"+sqliteReads)
		if err == nil {
			db.SetMaxOpenConns(1)
		}
		return db, err
	}
	return pool(address, 1)
}

func dialPostgres(ctx context.Context, address string) (write, read *sql.DB, err error) {
	if write, err = pool(address, pgWriters); err != nil {
		return nil, nil, err
	}
	if read, err = pool(address, pgReaders); err != nil {
		write.Close()
		return nil, nil, err
	}
	var collate, encoding string
	err = write.QueryRowContext(ctx, "SELECT datcollate, pg_encoding_to_char(encoding) FROM pg_database WHERE datname = current_database()").Scan(&collate, &encoding)
	if err == nil && (collate != "C" && collate != "C.UTF-8" && collate != "POSIX" || encoding != "UTF8") {
		err = &qiaomen.Problem{
			Text: fmt.Sprintf("PostgreSQL 的库用了 %s 排序、%s 编码，两种数据库会排出不同的顺序", collate, encoding),
			Fix:  "请用 CREATE DATABASE … TEMPLATE template0 LC_COLLATE 'C' ENCODING 'UTF8' 另建一个库",
		}
	}
	if err != nil {
		write.Close()
		read.Close()
		return nil, nil, err
	}
	return write, read, nil
}

func pool(address string, most int) (*sql.DB, error) {
	db, err := sql.Open("pgx", address)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(most)
	db.SetMaxIdleConns(most)
	return db, nil
}

// mask is an address without its password.
func mask(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.User == nil {
		return address
	}
	if _, has := u.User.Password(); has {
		u.User = url.User(u.User.Username())
	}
	return u.String()
}

// busy tells whether another program holds the database.
func busy(err error) bool {
	e, ok := errors.AsType[*sqlite.Error](err)
	return ok && e.Code()&0xff == sqlite3.SQLITE_BUSY
}

// unique tells whether a row was refused because there is one like it.
func unique(err error) bool {
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		return e.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE || e.Code() == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY
	}
	e, ok := errors.AsType[*pgconn.PgError](err)
	return ok && e.Code == "23505"
}

// cut tells whether a connection that was kept is none any more, and nothing had
// been asked on it.
func cut(err error) bool { return pgconn.SafeToRetry(err) }

// full tells whether there was no room: what was begun can be undone, and be
// tried again when there is.
func full(err error) bool {
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		return e.Code()&0xff == sqlite3.SQLITE_FULL || e.Code() == sqlite3.SQLITE_IOERR_SHMSIZE
	}
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return e.Code == "53100" || e.Code == "53200"
	}
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) // a mark
}

// readOnly tells whether the database may not be written at all.
func readOnly(err error) bool {
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		code := e.Code() & 0xff
		return code == sqlite3.SQLITE_READONLY || code == sqlite3.SQLITE_CANTOPEN || code == sqlite3.SQLITE_PERM
	}
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return e.Code == "25006"
	}
	return errors.Is(err, syscall.EROFS)
}

// broken tells whether the disk failed: what is on it is not known, and asking
// again would only hide that (a failed fsync forgets what it lost).
func broken(err error) bool {
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		code := e.Code() & 0xff
		return !full(err) && code == sqlite3.SQLITE_IOERR || code == sqlite3.SQLITE_CORRUPT || code == sqlite3.SQLITE_NOTADB
	}
	e, ok := errors.AsType[*pgconn.PgError](err)
	return ok && (e.Code == "58030" || e.Code == "XX001" || e.Code == "XX002")
}
