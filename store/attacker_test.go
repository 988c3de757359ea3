package store_test

import (
	"bytes"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"qiaomen"
	"qiaomen/blob"
	"qiaomen/blob/blobtest"
	"qiaomen/journal"
	"qiaomen/store"
	"qiaomen/store/storetest"
)

// A victim is a ledger with what people hold of it from before an attack, and
// what an attacker needs: its database, and sometimes its key.
type victim struct {
	t       *testing.T
	engine  string
	o       store.Options
	db      *sql.DB
	files   string // of evidence
	papers  [][]byte
	held    [][]byte // receipts of every act in winter
	shown   []byte   // the newest checkpoint of winter
	entries int      // in winter
}

// newVictim is a short campaign, an act a day, and its installation.
func newVictim(t *testing.T, engine string) *victim {
	v := &victim{t: t, engine: engine, o: storetest.Fresh(t, engine), files: filepath.Join(t.TempDir(), "evidence")}
	s, err := store.Open(ctx, v.o)
	if err != nil {
		t.Fatal(err)
	}
	files := v.folder()
	proof := func(text string) []qiaomen.Evidence {
		paper := blobtest.Paper(text)
		kept, err := files.Put(ctx, bytes.NewReader(paper), blob.Sent{Name: "示例.pdf"})
		if err != nil {
			t.Fatal(err)
		}
		v.papers = append(v.papers, paper)
		return []qiaomen.Evidence{{Type: "contract", Digest: kept.Digest.String(), Size: kept.Size}}
	}
	report := func(id, text string) qiaomen.Event {
		e := submitted(id, id)
		e.Content.Evidence = proof(text)
		return e
	}
	acts := map[string][][]qiaomen.Event{
		"installation": {{
			&qiaomen.InstallationFounded{Installation: qiaomen.Installation{ID: v.o.Installation, Name: "示例"}},
			&qiaomen.PersonAdded{ID: "p1"}, &qiaomen.AccountCreated{Account: qiaomen.Account{ID: "a1", Person: "p1", Login: "reviewer"}},
			&qiaomen.RoleGranted{Grant: qiaomen.Grant{ID: "g1", Person: "p1", Role: qiaomen.Reporter, Campaign: "winter", Unit: "jixian"}},
			&qiaomen.PolicySet{Policy: qiaomen.Policy{MinLength: 10}},
		}},
		"audit": {{&qiaomen.AccessDenied{Action: "recognise", Campaign: "winter", Why: "没有权限"}}, {&qiaomen.AccessDenied{Action: "settle", Campaign: "winter", Why: "没有权限"}}},
		"winter": {
			{&qiaomen.CampaignCreated{ID: "winter", Name: "示例行动", Rules: qiaomen.RuleBook{Digest: "d1", Text: "targets: 10"}}},
			{report("r1", "first")},
			{report("r2", "other")},
			{&qiaomen.RecordAccepted{ID: "r1", Version: 1}, &qiaomen.RecordRecognised{ID: "r1", Version: 1}},
			{&qiaomen.RankingDrafted{Ranking: qiaomen.LedgerRanking{ID: "k1", Name: "2024-01", Digest: "d2"}}},
			{&qiaomen.NoticeDrafted{Notice: qiaomen.Notice{ID: "n1", Ranking: "k1", Title: "示例通报"}}},
			{report("r3", "third")},
			{submitted("r4", "r4")},
			{submitted("r5", "r5")},
		},
	}
	for name, days := range acts {
		for day, events := range days {
			a := act(name, fmt.Sprint("k", day))
			a.At = a.At.AddDate(0, 0, day)
			w := write(t, s, a, events...)
			if name == "winter" {
				v.held = append(v.held, w.Receipt)
				v.entries = int(w.Last)
			}
		}
	}
	if v.shown, err = s.Checkpoint(ctx, "winter"); err != nil {
		t.Fatal(err)
	}
	if err := files.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return v
}

// attacked is a copy of the victim, for one attack.
func (v *victim) attacked(t *testing.T) *victim {
	c := *v
	c.t, c.o, c.files = t, storetest.Fresh(t, v.engine), filepath.Join(t.TempDir(), "evidence")
	c.o.Installation, c.o.Seed = v.o.Installation, v.o.Seed
	if err := os.CopyFS(c.o.Folder, os.DirFS(v.o.Folder)); err != nil {
		t.Fatal(err)
	}
	for i, paper := range c.papers {
		if err := errors.Join(os.MkdirAll(filepath.Dir(c.paper(i)), 0o700), os.WriteFile(c.paper(i), paper, 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	if file, ok := strings.CutPrefix(v.o.Address, "sqlite:"); ok {
		text, err := os.ReadFile(file)
		if err == nil {
			err = os.WriteFile(strings.TrimPrefix(c.o.Address, "sqlite:"), text, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	} else {
		server, from := database(t, v.o.Address)
		_, to := database(t, c.o.Address)
		for _, text := range []string{"DROP DATABASE " + to, "CREATE DATABASE " + to + " TEMPLATE " + from} {
			if _, err := server.Exec(text); err != nil {
				t.Fatal(err)
			}
		}
	}
	c.db = admin(t, c.o.Address)
	return &c
}

func (v *victim) folder() *blob.Folder {
	v.t.Helper()
	f, err := blob.OpenFolder(v.files, blob.Options{})
	if err != nil {
		v.t.Fatal(err)
	}
	return f
}

// paper is the file of a piece of evidence.
func (v *victim) paper(i int) string {
	digest := fmt.Sprintf("%x", sha256.Sum256(v.papers[i]))
	return filepath.Join(v.files, "originals", digest[:2], digest[2:])
}

func (v *victim) file(i int, content []byte) {
	v.t.Helper()
	if err := os.WriteFile(v.paper(i), content, 0o600); err != nil {
		v.t.Fatal(err)
	}
}

// sql changes the database behind the program's back. What changes nothing is
// no attack.
func (v *victim) sql(text string, args ...any) {
	v.t.Helper()
	r, err := v.db.Exec(text, args...)
	if err != nil {
		v.t.Fatalf("%s: %v", text, err)
	}
	if n, err := r.RowsAffected(); err != nil || n == 0 {
		v.t.Fatalf("%s: changes %d rows, %v", text, n, err)
	}
}

// leaves is winter's entries as the database has them.
func (v *victim) leaves() (out [][]byte) {
	v.t.Helper()
	rows, err := v.db.Query("SELECT leaf FROM entry WHERE journal = 'winter' ORDER BY position")
	if err != nil {
		v.t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var leaf string
		if err := rows.Scan(&leaf); err != nil {
			v.t.Fatal(err)
		}
		out = append(out, []byte(leaf))
	}
	return out
}

// add puts a leaf at the end, with its digests and the head.
func (v *victim) add(leaf []byte) {
	v.t.Helper()
	tree, err := journal.NewTree(0, nil)
	if err != nil {
		v.t.Fatal(err)
	}
	var stored []journal.Stored
	for _, leaf := range append(v.leaves(), leaf) {
		if stored, err = tree.Append(leaf); err != nil {
			v.t.Fatal(err)
		}
	}
	v.sql("INSERT INTO entry (journal, position, leaf) VALUES ('winter', $1, $2)", tree.Size(), string(leaf))
	for _, h := range stored {
		v.sql("INSERT INTO hash (journal, idx, hash) VALUES ('winter', $1, $2)", h.Index, h.Hash[:])
	}
	v.sql("UPDATE journal SET size = size + 1 WHERE journal = 'winter'")
}

// foreign adds an entry that was sealed elsewhere.
func (v *victim) foreign(installation, name string) {
	v.t.Helper()
	leaves := v.leaves()
	last := leaves[len(leaves)-1]
	e, err := journal.Open(last)
	if err != nil {
		v.t.Fatal(err)
	}
	e.Installation, e.Journal, e.Position, e.Previous = installation, name, int64(len(leaves)+1), journal.LeafHash(last)
	leaf, err := e.Leaf()
	if err != nil {
		v.t.Fatal(err)
	}
	v.add(leaf)
}

// A key is what the attacker signs with.
type key int

const (
	none    key = iota // the checkpoints that were there are kept, as far as they fit
	another            // of the attacker's own
	stolen             // the journal's
)

// forge puts another history in the place of winter's: entries as the attacker
// wants them, sealed again, with every digest and every row to match, and with
// such checkpoints as the attacker can give.
func (v *victim) forge(with key, edit func([]*journal.Entry) []*journal.Entry) {
	v.t.Helper()
	t := v.t
	var entries []*journal.Entry
	for _, leaf := range v.leaves() {
		e, err := journal.Open(leaf)
		if err != nil {
			t.Fatal(err)
		}
		entries = append(entries, e)
	}
	entries = edit(entries)
	v.sql("DELETE FROM entry WHERE journal = 'winter'")
	tree, err := journal.NewTree(0, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i, e := range entries {
		e.Position, e.Previous = int64(i+1), tree.Last()
		leaf, err := e.Leaf()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := tree.Append(leaf); err != nil {
			t.Fatal(err)
		}
		v.sql("INSERT INTO entry (journal, position, leaf) VALUES ('winter', $1, $2)", e.Position, string(leaf))
	}
	v.move(with, tree)
}

// move builds a whole database from the entries, as our own program would, and
// lets it stand for the victim's.
func (v *victim) move(with key, tree *journal.Tree) {
	v.t.Helper()
	t := v.t
	from := v.unmarked()
	from.Behind = true
	old, err := store.Open(ctx, from)
	if err != nil {
		t.Fatal(err)
	}
	defer old.Close()
	forged := storetest.Fresh(t, v.engine)
	forged.Installation = v.o.Installation
	if with == stolen {
		forged.Seed = v.o.Seed
	}
	s, err := store.Open(ctx, forged)
	if err != nil {
		t.Fatal(err)
	}
	names, err := old.Journals(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if err := s.Replay(ctx, name, old); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	was := v.db
	v.db, v.o.Address = admin(t, forged.Address), forged.Address
	if with == none {
		v.keepCheckpoints(was, tree.Size())
	}
}

// keepCheckpoints takes over what the journal's own key has signed, as far as
// it fits.
func (v *victim) keepCheckpoints(from *sql.DB, size int64) {
	v.t.Helper()
	v.sql("DELETE FROM working_checkpoint")
	rows, err := from.Query("SELECT journal, id, data FROM working_checkpoint")
	if err != nil {
		v.t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var name, id, data string
		if err := rows.Scan(&name, &id, &data); err != nil {
			v.t.Fatal(err)
		}
		var n int64
		if _, err := fmt.Sscan(string(bytes.Split([]byte(data), []byte("\n"))[1]), &n); err != nil {
			v.t.Fatal(err)
		}
		if name != "winter" || n <= size {
			v.sql("INSERT INTO working_checkpoint (journal, id, unit, owner, data) VALUES ($1, $2, '', '', $3)", name, id, data)
		}
	}
}

// unmarked is the ledger with marks made anew: what an attacker has who took
// them too, or an officer who was talked into it.
func (v *victim) unmarked() store.Options {
	v.t.Helper()
	o := v.o
	o.Folder = filepath.Join(v.t.TempDir(), "marks")
	if err := store.Adopt(ctx, o); err != nil {
		v.t.Logf("adopt: %v", err)
	}
	return o
}

// backup is a copy of the database as it is.
func (v *victim) backup() store.Options {
	v.t.Helper()
	o := storetest.Fresh(v.t, v.engine)
	o.Installation, o.Seed = v.o.Installation, v.o.Seed
	from, err := store.Open(ctx, v.o)
	if err != nil {
		v.t.Fatal(err)
	}
	defer from.Close()
	to, err := store.Open(ctx, o)
	if err != nil {
		v.t.Fatal(err)
	}
	defer to.Close()
	if err := from.Move(ctx, to, nil); err != nil {
		v.t.Fatal(err)
	}
	return o
}

// goOn writes some acts, as time goes by.
func goOn(t *testing.T, o store.Options, n int) {
	t.Helper()
	s, err := store.Open(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for i := range n {
		a := act("winter", fmt.Sprint("later", i))
		a.At = a.At.Add(time.Duration(i)*time.Hour).AddDate(0, 1, 0)
		write(t, s, a, submitted(fmt.Sprintf("l%d", i), fmt.Sprintf("later %d", i)))
	}
}

// changed is an edit of one entry.
func changed(position int, how func(*journal.Entry)) func([]*journal.Entry) []*journal.Entry {
	return func(entries []*journal.Entry) []*journal.Entry {
		how(entries[position-1])
		return entries
	}
}

func renamed(e *journal.Entry) {
	e.Data = bytes.Replace(e.Data, []byte("示例项目"), []byte("别的项目"), 1)
}

func cut(n int) func([]*journal.Entry) []*journal.Entry {
	return func(entries []*journal.Entry) []*journal.Entry { return entries[:len(entries)-n] }
}

func swap(i, j int) func([]*journal.Entry) []*journal.Entry {
	return func(entries []*journal.Entry) []*journal.Entry {
		entries = slices.Clone(entries)
		entries[i-1], entries[j-1] = entries[j-1], entries[i-1]
		entries[i-1].At, entries[j-1].At = entries[j-1].At, entries[i-1].At
		return entries
	}
}
