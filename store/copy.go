package store

import (
	"context"
	"database/sql"
	"fmt"
	"iter"
	"slices"

	"github.com/pressly/goose/v3"

	"qiaomen"
	"qiaomen/journal"
)

// A Head is how far a journal has come. Checkpoint is the newest that is known
// here to be signed and not newer than that; empty where there is none.
type Head struct {
	Journal    string
	Mark       journal.Mark
	At         string // time of the newest entry
	Checkpoint []byte
}

// Copy looks at the whole ledger in one moment, to copy it. It is given every
// journal's head and a view from which those of the journals are had (In).
func (s *Store) Copy(ctx context.Context, look func(v *View, heads []Head) error) error {
	signed := s.signedNow() // before looking: what is looked at is never older
	return s.Read(ctx, "", 0, func(v *View) error {
		names, err := v.Journals()
		if err != nil {
			return err
		}
		var heads []Head
		for _, name := range names {
			h, err := v.In(name).head()
			if err != nil {
				return err
			}
			if last := signed[name]; last.Size > 0 && last.Size <= h.Mark.Size {
				h.Checkpoint = last.checkpoint
			}
			heads = append(heads, h)
		}
		return look(v, heads)
	})
}

func (s *Store) signedNow() map[string]signed {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := map[string]signed{}
	for name, q := range s.queues {
		out[name] = q.signed
	}
	return out
}

// Journals is every journal of the view's moment, also those that have working
// rows and no entries yet.
func (v *View) Journals() (out []string, err error) {
	rows, err := v.query(v.ctx, "SELECT journal FROM journal ORDER BY journal")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		out = append(out, name)
	}
	return out, rows.Err()
}

func (v *View) head() (Head, error) {
	h := Head{Journal: v.journal}
	_, err := v.scan("SELECT size, at FROM journal WHERE journal = $1", []any{v.journal}, &h.Mark.Size, &h.At)
	if err != nil {
		return h, err
	}
	tree, err := journal.NewTree(h.Mark.Size, v.hashes())
	if err == nil {
		h.Mark.Root = tree.Root()
	}
	return h, err
}

func (v *View) hashes() *hashReader {
	return &hashReader{ctx: v.ctx, db: asked(v.query), journal: v.journal}
}

// asked is a query of a view as database/sql has it.
type asked func(ctx context.Context, text string, args ...any) (*sql.Rows, error)

// QueryContext asks.
func (q asked) QueryContext(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
	return q(ctx, text, args...)
}

// Holds asks that the journal had that root when it had so many entries. A mark
// of more entries than there are is no fault here: that is for who knows why.
func (v *View) Holds(m journal.Mark) error {
	size, err := v.Position()
	if err != nil || m.Size > size {
		return err
	}
	reader := v.hashes()
	err = m.Check(size, reader)
	if err == nil || reader.err != nil {
		return reader.err
	}
	return &qiaomen.Problem{Text: "存证日志“" + v.journal + "”：" + err.Error(), Fix: "两边不是同一段历史，请查清以前不要再写入"}
}

// Rows is the rows of a working table, by id, however many there are.
func (v *View) Rows(name string) iter.Seq2[Work, error] {
	return func(yield func(Work, error) bool) {
		if err := working(name); err != nil {
			yield(Work{}, err)
			return
		}
		for after, more := "", true; more; {
			some, err := v.rows(name, after)
			if err != nil {
				yield(Work{}, err)
				return
			}
			for _, w := range some {
				if !yield(w, nil) {
					return
				}
				after = w.ID
			}
			more = len(some) == atOnce
		}
	}
}

func (v *View) rows(name, after string) (out []Work, err error) {
	rows, err := v.query(v.ctx, "SELECT id, unit, owner, data FROM working_"+name+" WHERE journal = $1 AND id > $2 ORDER BY id LIMIT $3", v.journal, after, atOnce)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var w Work
		var data string
		if err := rows.Scan(&w.ID, &w.Unit, &w.Owner, &data); err != nil {
			return nil, err
		}
		w.Data = []byte(data)
		out = append(out, w)
	}
	return out, rows.Err()
}

// KeepRows writes rows of a working table, as they were copied.
func (s *Store) KeepRows(ctx context.Context, name, table string, rows []Work) error {
	if !slices.Contains(Working, table) {
		return fmt.Errorf("the working table %s is not copied", table)
	}
	_, err := s.Write(ctx, Act{Journal: name}, func(t *Tx) error {
		for _, w := range rows {
			if err := t.Keep(table, w); err != nil {
				return err
			}
		}
		return nil
	})
	return err
}

// A Standing is how a journal stands against its last-signed mark.
type Standing struct {
	Journal string
	Size    int64
	At      string           // time of the newest entry
	Signed  journal.Mark     // as this folder's mark says
	Problem *qiaomen.Problem // behind its mark, or of another history; nil: neither
}

// Standings is how every journal stands, and every one that was marked here and
// is lost from the database.
func (s *Store) Standings(ctx context.Context) (out []Standing, err error) {
	signed := s.signedNow()
	err = s.Read(ctx, "", 0, func(v *View) error {
		names, err := v.Journals()
		if err != nil {
			return err
		}
		for name := range signed {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
		slices.Sort(names)
		for _, name := range names {
			one, err := v.In(name).standing(signed[name].Mark)
			if err != nil {
				return err
			}
			out = append(out, one)
		}
		return nil
	})
	return out, err
}

func (v *View) standing(signed journal.Mark) (Standing, error) {
	st := Standing{Journal: v.journal, Signed: signed}
	if _, err := v.scan("SELECT size, at FROM journal WHERE journal = $1", []any{v.journal}, &st.Size, &st.At); err != nil {
		return st, err
	}
	reader := v.hashes()
	if signed.Size == 0 { // nothing was signed here, as of a journal that another node began
		return st, nil
	}
	if err := signed.Check(st.Size, reader); err != nil {
		st.Problem = &qiaomen.Problem{Text: "存证日志“" + v.journal + "”：" + err.Error()}
	}
	return st, reader.err
}

// Intact asks SQLite whether its file is whole, and returns what it says is
// wrong. PostgreSQL has no such question.
func (s *Store) Intact(ctx context.Context) ([]string, error) {
	if s.engine.name != sqliteEngine.name {
		return nil, nil
	}
	found, err := texts(ctx, s.read, "PRAGMA integrity_check(10)")
	if len(found) == 1 && found[0] == "ok" {
		found = nil
	}
	return found, err
}

// upToDate asks that the tables are those of this program.
func (s *Store) upToDate(ctx context.Context, up *goose.Provider) error {
	var now int64
	if err := s.read.QueryRowContext(ctx, "SELECT max(version_id) FROM goose_db_version").Scan(&now); err != nil {
		return &qiaomen.Problem{Text: "数据库里没有台账库的表：" + err.Error(), Fix: "请核对 database 这项设置"}
	}
	sources := up.ListSources()
	if newest := sources[len(sources)-1].Version; now < newest {
		return &qiaomen.Problem{Text: "数据库里的表还是旧版程序的", Fix: "请先启动一次新版的服务，或运行 qiaomen campaign"}
	}
	return nil
}

// Marks is the last-signed mark of every journal that a folder has marks of, as
// an older data folder still knows them. It does not touch the folder.
func Marks(folder string) (map[string]journal.Mark, error) {
	names, err := marked(folder)
	if err != nil {
		return nil, err
	}
	out := map[string]journal.Mark{}
	for _, name := range names {
		m, err := lookAtMark(folder, name, false)
		if err != nil {
			return nil, fmt.Errorf("%s：%w", name, err)
		}
		out[name] = m.last
	}
	return out, nil
}

// Key is a journal's origin, and the key by which its signatures are checked, of
// an installation that need not be open. Of no journal it is what all origins
// begin with.
func Key(o Options, name string) (origin, vkey string, err error) {
	s := &Store{o: o}
	if name != "" {
		vkey, err = s.Vkey(name)
	}
	return s.Origin(name), vkey, err
}
