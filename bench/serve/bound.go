package main

import (
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"runtime"

	_ "modernc.org/sqlite"
)

// The bound is a server that does what any server has to and nothing more: a
// row that is inserted and committed with those that wait (WAL,
// synchronous=FULL), a page that is read by an index and sent as it lies there,
// a file that is hashed, flushed and renamed. Nobody signs in; nothing is
// checked, decoded or kept up with.
type bound struct {
	dir   string
	write *sql.DB
	page  map[string]*sql.Stmt
	line  chan row
}

// A row waits to be committed.
type row struct {
	body []byte
	done chan error
}

const boundPragmas = "?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=busy_timeout(10000)"

// openBound opens its folder, and makes what is not there.
func openBound(dir string) (*bound, error) {
	if err := os.MkdirAll(filepath.Join(dir, "files"), 0o700); err != nil {
		return nil, err
	}
	name := "file:" + filepath.Join(dir, "bound.db")
	write, err := sql.Open("sqlite", name+boundPragmas+"&_txlock=immediate")
	if err != nil {
		return nil, err
	}
	write.SetMaxOpenConns(1)
	for _, text := range []string{
		"CREATE TABLE IF NOT EXISTS record (id INTEGER PRIMARY KEY, kind TEXT, unit TEXT, state TEXT, at TEXT, amount REAL, body TEXT NOT NULL)",
		"CREATE INDEX IF NOT EXISTS record_place ON record (unit, kind, state, at)",
		"CREATE INDEX IF NOT EXISTS record_amount ON record (unit, kind, state, amount)",
	} {
		if _, err := write.Exec(text); err != nil {
			return nil, err
		}
	}
	read, err := sql.Open("sqlite", name+"?mode=ro&_pragma=busy_timeout(10000)")
	if err != nil {
		return nil, err
	}
	read.SetMaxOpenConns(2 * runtime.NumCPU())
	read.SetMaxIdleConns(2 * runtime.NumCPU())
	b := &bound{dir: dir, write: write, page: map[string]*sql.Stmt{}, line: make(chan row)}
	for _, by := range []string{"at", "amount"} {
		if b.page[by], err = read.Prepare("SELECT body FROM record WHERE unit = $1 AND kind = $2 AND state = $3 ORDER BY " + by + " DESC LIMIT 50"); err != nil {
			return nil, err
		}
	}
	go b.commit()
	return b, nil
}

// fill takes a records file in.
func (b *bound) fill(file string) error {
	lines, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	_, err = b.write.Exec(`INSERT INTO record (kind, unit, state, at, amount, body)
		SELECT r ->> 'kind', r ->> 'unit', CASE WHEN r ->> 'revoked_at' <> '' THEN 'revoked' WHEN r ->> 'recognized_at' <> '' THEN 'recognised' ELSE 'submitted' END,
			r ->> 'reported_at', r ->> 'amount_yi', r
		FROM (SELECT value AS r FROM json_each('[' || rtrim(replace($1, char(10), ','), ',') || ']'))`, string(lines))
	return err
}

// commit inserts as many rows at once as wait.
func (b *bound) commit() {
	for first := range b.line {
		batch := []row{first}
	gather:
		for {
			select {
			case r := <-b.line:
				batch = append(batch, r)
			default:
				break gather
			}
		}
		tx, err := b.write.Begin()
		for _, r := range batch {
			if err == nil {
				_, err = tx.Exec("INSERT INTO record (body) VALUES ($1)", string(r.body))
			}
		}
		if err == nil {
			err = tx.Commit()
		}
		for _, r := range batch {
			r.done <- err
		}
	}
}

func (b *bound) serve(addr string) error {
	mux := http.NewServeMux()
	handle := func(pattern string, do func(http.ResponseWriter, *http.Request) error) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			if err := do(w, r); err != nil {
				http.Error(w, err.Error(), http.StatusInternalServerError)
			}
		})
	}
	handle("GET /nothing", func(http.ResponseWriter, *http.Request) error { return nil })
	handle("POST /records", b.insert)
	handle("GET /records", b.list)
	handle("POST /files", b.keep)
	return http.ListenAndServe(addr, mux)
}

func (b *bound) insert(w http.ResponseWriter, r *http.Request) error {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	done := make(chan error, 1)
	b.line <- row{body, done}
	if err := <-done; err != nil {
		return err
	}
	w.WriteHeader(http.StatusCreated)
	return nil
}

func (b *bound) list(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	rows, err := b.page[q.Get("by")].QueryContext(r.Context(), q.Get("unit"), listedKind, listedState)
	if err != nil {
		return err
	}
	defer rows.Close()
	page := []byte{'['}
	for rows.Next() {
		var body sql.RawBytes
		if err := rows.Scan(&body); err != nil {
			return err
		}
		page = append(append(page, body...), ',')
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(append(page[:max(1, len(page)-1)], ']'))
	return rows.Err()
}

func (b *bound) keep(w http.ResponseWriter, r *http.Request) error {
	file, err := os.CreateTemp(b.dir, "")
	if err != nil {
		return err
	}
	defer file.Close()
	hash := sha256.New()
	if _, err := io.Copy(io.MultiWriter(file, hash), r.Body); err != nil {
		return err
	}
	if err := file.Sync(); err != nil {
		return err
	}
	name := hex.EncodeToString(hash.Sum(nil))
	if err := os.Rename(file.Name(), filepath.Join(b.dir, "files", name)); err != nil {
		return err
	}
	folder, err := os.Open(filepath.Join(b.dir, "files"))
	if err != nil {
		return err
	}
	defer folder.Close()
	if err := folder.Sync(); err != nil {
		return err
	}
	w.WriteHeader(http.StatusCreated)
	_, err = fmt.Fprintln(w, name)
	return err
}
