package store_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"qiaomen"
	"qiaomen/blob"
	"qiaomen/blob/blobtest"
	"qiaomen/journal"
	"qiaomen/store"
	"qiaomen/store/storetest"
)

// An attack is one that must be seen (faults.md, "Attacks on the record"), and
// by whom:
//
//	S  the self-check, with marks made anew: it has nothing but the database and the key
//	L  the last-signed mark, which refuses to start
//	R  whoever holds a receipt from before
//	B  the scrub of the evidence
//	P  the public verifier, docs/verify/verify.py, on an export
//
// What is not named may see it or not.
type attack struct {
	name string
	do   func(v *victim)
	seen string
}

var attacks = []attack{
	{"1a a row changed", func(v *victim) {
		v.sql("UPDATE entry SET leaf = replace(leaf, '示例项目', '别的项目') WHERE journal = 'winter' AND position = 3")
	}, "SRP"},
	{"1b and all digests recomputed", func(v *victim) { v.forge(none, changed(3, renamed)) }, "SRP"},
	{"1c and signed with another key", func(v *victim) { v.forge(another, changed(3, renamed)) }, "SR"},
	{"1d and signed with the stolen key", func(v *victim) { v.forge(stolen, changed(3, renamed)) }, "LR"},
	{"2a a claim", func(v *victim) { v.sql("UPDATE claim SET state = 'lost' WHERE state = 'held'") }, "S"},
	{"2a a record", func(v *victim) { v.sql("UPDATE record SET data = replace(data, '1.5', '9.5')") }, "S"},
	{"2a which paper a record is of", func(v *victim) {
		v.sql("INSERT INTO paper_number (journal, record, number) VALUES ('winter', 'r1', '1')")
	}, "S"},
	{"2a a ranking", func(v *victim) { v.sql("UPDATE ranking SET data = replace(data, 'd2', 'd3')") }, "S"},
	{"2a a row too many", func(v *victim) {
		v.sql("INSERT INTO record (journal, id, made, unit, kind, state, key, data) SELECT journal, 'r9', made, unit, kind, state, key, data FROM record WHERE id = 'r2'")
	}, "S"},
	{"2a a row's end", func(v *victim) { v.sql("UPDATE record SET ended = 99 WHERE id = 'r2' AND ended IS NULL") }, "S"},
	{"2b a role", func(v *victim) { v.sql(`UPDATE "grant" SET data = replace(data, 'reporter', 'reviewer')`) }, "S"},
	{"2b an account", func(v *victim) { v.sql("DELETE FROM account") }, "S"},
	{"2b a policy", func(v *victim) { v.sql("UPDATE policy SET data = replace(data, '10', '1')") }, "S"},
	{"2b a target of the rules", func(v *victim) { v.sql("UPDATE rules SET data = replace(data, 'targets: 10', 'targets: 1')") }, "S"},
	{"2b a notice", func(v *victim) { v.sql("UPDATE notice SET data = replace(data, '示例通报', '别的通报')") }, "S"},
	{"2b a key that was used", func(v *victim) { v.sql("DELETE FROM act WHERE journal = 'winter' AND key = 'k1'") }, "S"},
	{"3a the tail deleted", func(v *victim) { v.sql("DELETE FROM entry WHERE journal = 'winter' AND position > 8") }, "SR"},
	{"3a and the head moved", func(v *victim) {
		v.sql("DELETE FROM entry WHERE journal = 'winter' AND position > 8")
		v.sql("UPDATE journal SET size = 8 WHERE journal = 'winter'")
	}, "SLR"},
	{"3b and back to an older checkpoint", func(v *victim) { v.forge(none, cut(2)) }, "LR"},
	{"3c below what others hold", func(v *victim) { v.forge(stolen, cut(6)) }, "LR"},
	{"3d the whole journal", func(v *victim) {
		for _, table := range []string{"journal", "entry", "hash"} {
			v.sql("DELETE FROM " + table + " WHERE journal = 'winter'")
		}
	}, "LR"},
	{"4a two rows swapped", func(v *victim) {
		v.sql("UPDATE entry SET position = 99 WHERE journal = 'winter' AND position = 2")
		v.sql("UPDATE entry SET position = 2 WHERE journal = 'winter' AND position = 3")
		v.sql("UPDATE entry SET position = 3 WHERE journal = 'winter' AND position = 99")
	}, "SR"},
	{"4b and signed with the stolen key", func(v *victim) { v.forge(stolen, swap(2, 3)) }, "LR"},
	{"5 the newest backdated and signed", func(v *victim) {
		v.forge(stolen, changed(v.entries, func(e *journal.Entry) { e.At = "2024-01-01T00:00:00.000000Z" }))
	}, "SLR"},
	{"6 another tail for others", func(v *victim) {
		v.forge(stolen, func(entries []*journal.Entry) []*journal.Entry {
			for _, e := range entries[5:] {
				renamed(e)
			}
			return entries
		})
	}, "LR"},
	{"6b only the newest, which nobody has seen", func(v *victim) { v.forge(stolen, changed(v.entries, renamed)) }, "LR"},
	{"7 an old backup", func(v *victim) {
		old := v.backup()
		goOn(v.t, v.o, 3)
		v.o.Address = old.Address
	}, "L"},
	{"7 and written on, with marks made anew", func(v *victim) {
		old := v.backup()
		goOn(v.t, v.o, 3)
		goOn(v.t, old, 4)
		v.o.Address = old.Address
	}, "L"},
	{"8 a file of evidence swapped", func(v *victim) { v.file(0, blobtest.Paper("别的")) }, "B"},
	{"9 a file of evidence deleted", func(v *victim) {
		if err := os.Remove(v.paper(1)); err != nil {
			v.t.Fatal(err)
		}
	}, "B"},
	{"10 a row again", func(v *victim) { v.add(v.leaves()[2]) }, "S"},
	{"11 a row of another installation", func(v *victim) { v.foreign("another", "winter") }, "S"},
	{"11 a row of another campaign", func(v *victim) { v.foreign(v.o.Installation, "spring") }, "S"},
	{"12 two files of evidence swapped", func(v *victim) {
		one, two := v.papers[0], v.papers[1]
		if len(one) != len(two) {
			v.t.Fatal("files of equal size are wanted")
		}
		v.file(0, two)
		v.file(1, one)
	}, "B"},
	{"14 a bit of a row", func(v *victim) {
		v.sql("UPDATE entry SET leaf = replace(leaf, 'r2', 'r3') WHERE journal = 'winter' AND position = 3")
	}, "S"},
	{"14 a bit of a digest", func(v *victim) {
		var hash []byte
		if err := v.db.QueryRow("SELECT hash FROM hash WHERE journal = 'winter' AND idx = 3").Scan(&hash); err != nil {
			v.t.Fatal(err)
		}
		hash[7] ^= 1
		v.sql("UPDATE hash SET hash = $1 WHERE journal = 'winter' AND idx = 3", hash)
	}, "S"},
	{"14 a bit of a checkpoint", func(v *victim) {
		v.sql("UPDATE working_checkpoint SET data = replace(replace(data, '2', '3'), 'a', 'b') WHERE journal = 'winter'")
	}, "S"},
	{"14 a bit of evidence", func(v *victim) {
		flipped := bytes.Clone(v.papers[2])
		flipped[len(flipped)/2] ^= 1
		v.file(2, flipped)
	}, "B"},
	{"17 the audit log edited", func(v *victim) {
		v.sql("UPDATE entry SET leaf = replace(leaf, 'settle', 'submit') WHERE journal = 'audit'")
	}, "S"},
	{"17 the audit log cut", func(v *victim) {
		v.sql("DELETE FROM entry WHERE journal = 'audit' AND position = 2")
		v.sql("UPDATE journal SET size = 1 WHERE journal = 'audit'")
	}, "SL"},
	{"18 rows that no entry made", func(v *victim) {
		v.sql(`INSERT INTO "grant" (journal, id, made, unit, kind, state, key, data) SELECT journal, 'g2', 99, unit, kind, state, key, data FROM "grant"`)
	}, "S"},
}

func TestAttacks(t *testing.T) {
	if racing {
		t.Skip("nobody races here")
	}
	for _, engine := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			original := newVictim(t, engine)
			t.Run("none", func(t *testing.T) {
				t.Parallel()
				v := original.attacked(t)
				for detector, see := range detectors {
					if why := see(v); why != nil {
						t.Errorf("%s sees what is not: %v", detector, why)
					}
				}
			})
			for _, a := range attacks {
				t.Run(a.name, func(t *testing.T) {
					t.Parallel()
					v := original.attacked(t)
					a.do(v)
					for _, detector := range strings.Split(a.seen, "") {
						why := detectors[detector](v)
						if why == nil {
							t.Errorf("%s does not see it", detector)
						} else {
							t.Logf("%s: %s", detector, strings.ReplaceAll(why.Error(), "\n", " "))
						}
					}
				})
			}
		})
	}
}

// detectors says of each detector what it sees.
var detectors = map[string]func(*victim) error{"S": selfCheck, "L": lastSigned, "R": holders, "B": scrub, "P": public}

func selfCheck(v *victim) error {
	o := v.unmarked()
	s, err := store.Open(ctx, o)
	if err != nil {
		return err
	}
	defer s.Close()
	found, err := storetest.Findings(v.t, s, o)
	if err != nil {
		return err
	}
	for _, j := range found.Journals {
		for _, p := range j.Problems {
			return fmt.Errorf("%s: %w", j.Journal, p)
		}
	}
	return nil
}

func lastSigned(v *victim) error {
	s, err := store.Open(ctx, v.o)
	if err != nil {
		return err
	}
	return s.Close()
}

func holders(v *victim) error {
	s, err := store.Open(ctx, v.unmarked())
	if err != nil {
		return err
	}
	defer s.Close()
	for i, receipt := range v.held {
		if err := stands(s, "winter", receipt); err != nil {
			return fmt.Errorf("the receipt of act %d: %w", i+1, err)
		}
	}
	return nil
}

// stands is what the holder of a receipt does years later: the receipt still
// holds, the entry that is shown today at its place is the same, and the journal
// as it is signed today only added to what it was.
func stands(s *store.Store, name string, held []byte) error {
	vkey, err := s.Vkey(name)
	if err != nil {
		return err
	}
	known, err := journal.Trust(vkey)
	if err != nil {
		return err
	}
	read := func(text []byte) (*journal.Receipt, error) {
		r, err := journal.ParseReceipt(text)
		if err == nil {
			err = r.Verify(s.Origin(name), known)
		}
		return r, err
	}
	old, err := read(held)
	if err != nil {
		return err
	}
	text, err := s.Receipt(ctx, name, old.Index+1)
	if err != nil {
		return fmt.Errorf("not shown again: %w", err)
	}
	now, err := read(text)
	if err != nil {
		return fmt.Errorf("what is shown today: %w", err)
	}
	if !bytes.Equal(now.Leaf, old.Leaf) {
		return errors.New("another entry is shown today")
	}
	then, err := journal.ParseCheckpoint(old.Checkpoint, s.Origin(name), known)
	if err != nil {
		return err
	}
	shown, err := s.Extends(ctx, name, then.Size)
	if err != nil {
		return fmt.Errorf("not shown to extend: %w", err)
	}
	_, err = shown.Verify(then, known)
	return err
}

// scrub reads every file of evidence that the ledger names.
func scrub(v *victim) error {
	s, err := store.Open(ctx, v.o)
	if err != nil {
		return err
	}
	defer s.Close()
	files := v.folder()
	defer files.Close()
	return s.Read(ctx, "winter", 0, func(view *store.View) error {
		ought := func(yield func(blob.Expected, error) bool) {
			for f, err := range store.Each[qiaomen.EvidenceFile](view, store.Filter{}) {
				var e blob.Expected
				if err == nil {
					e.Size = f.Size
					e.Digest, err = blob.ParseDigest(f.Digest)
				}
				if !yield(e, err) {
					return
				}
			}
		}
		for found, err := range files.Verify(ctx, ought, nil) {
			if err != nil || found.Fault() {
				return errors.Join(err, errors.New(found.String()))
			}
		}
		return nil
	})
}

// public exports the journal as the attacker would, with the checkpoint that
// everybody has seen, and asks the verifier that shares no code with us.
func public(v *victim) error {
	python, err := exec.LookPath("python3")
	machine(v.t, err, "python3")
	o := v.unmarked()
	o.Behind = true
	s, err := store.Open(ctx, o)
	if err != nil {
		return err
	}
	defer s.Close()
	vkey, err := s.Vkey("winter")
	if err != nil {
		return err
	}
	export := "qiaomen-journal/1\n" + vkey + "\n" + string(v.shown)
	for _, leaf := range v.leaves() {
		export += string(leaf) + "\n"
	}
	file := filepath.Join(v.t.TempDir(), "export")
	if err := os.WriteFile(file, []byte(export), 0o600); err != nil {
		v.t.Fatal(err)
	}
	c := exec.Command(python, "../docs/verify/verify.py", "journal", file, "--vkey", vkey)
	c.Env = append(os.Environ(), "PYTHONIOENCODING=utf-8", "PYTHONDONTWRITEBYTECODE=1")
	said, err := c.CombinedOutput()
	if err != nil && c.ProcessState.ExitCode() != 1 {
		v.t.Fatalf("%v: %s", err, said)
	}
	if err != nil {
		return errors.New(string(said))
	}
	return nil
}

// TestRolledBack puts the database back under a running program (7): the next
// who writes is refused, nothing more is signed, and what was signed stands.
func TestRolledBack(t *testing.T) {
	for name, back := range map[string]func(*victim){
		"cut short": func(v *victim) {
			for _, table := range []string{"entry", "act", "record", "claim", "claims", "hash", "working_request"} {
				v.sql("DELETE FROM " + table + " WHERE journal = 'winter'")
			}
			v.sql("UPDATE journal SET size = 0, at = '' WHERE journal = 'winter'")
		},
		"rewritten and longer": func(v *victim) {
			v.sql("UPDATE hash SET hash = (SELECT hash FROM hash AS h WHERE h.journal = 'winter' AND h.idx = 3) WHERE journal = 'winter' AND idx = 6")
			v.sql("INSERT INTO entry (journal, position, leaf) SELECT journal, position + 100, leaf FROM entry WHERE journal = 'winter' AND position = 1")
			v.sql("INSERT INTO hash (journal, idx, hash) SELECT journal, idx + 100, hash FROM hash WHERE journal = 'winter'")
			v.sql("UPDATE journal SET size = size + 1 WHERE journal = 'winter'")
		},
	} {
		t.Run(name, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, fresh func() store.Options) {
				o := fresh()
				s, err := store.Open(ctx, o)
				if err != nil {
					t.Fatal(err)
				}
				defer s.Close()
				var receipt []byte
				for i := range 5 {
					receipt = write(t, s, act("winter", fmt.Sprint("k", i)), submitted(fmt.Sprint("r", i), fmt.Sprint("thing ", i))).Receipt
				}
				before, err := s.Checkpoint(ctx, "winter")
				if err != nil {
					t.Fatal(err)
				}
				back(&victim{t: t, o: o, db: admin(t, o.Address)})
				for i := range 3 {
					w, err := s.Write(ctx, act("winter", fmt.Sprint("new", i)), emit(submitted(fmt.Sprint("new", i), "new")))
					if _, ok := errors.AsType[*qiaomen.Problem](err); !ok {
						t.Fatalf("written on: %+v %v", w, err)
					}
				}
				if after, err := s.Checkpoint(ctx, "winter"); err == nil && !bytes.Equal(after, before) {
					t.Errorf("signed: %s", after)
				}
				if err := stands(s, "winter", receipt); err == nil {
					t.Error("the receipt of what is gone is said to stand")
				}
				found, err := s.Verify(context.Background(), nil)
				if err != nil || found.Good() {
					t.Errorf("verified: %v %v", found, err)
				}
			})
		})
	}
}

// TestForeignReceipts shows receipts of one journal before another, and of one
// installation before another (11, 16): none stands.
func TestForeignReceipts(t *testing.T) {
	o := storetest.Fresh(t, "sqlite")
	s := storetest.Open(t, o)
	other := storetest.Open(t, storetest.Fresh(t, "sqlite"))
	receipt := write(t, s, act("winter", "k"), submitted("r", "r")).Receipt
	write(t, s, act("spring", "k"), submitted("r", "r"))
	write(t, other, act("winter", "k"), submitted("r", "r"))
	if err := stands(s, "winter", receipt); err != nil {
		t.Error(err)
	}
	if err := stands(s, "spring", receipt); err == nil {
		t.Error("taken by another journal")
	}
	if err := stands(other, "winter", receipt); err == nil {
		t.Error("taken by another installation")
	}
	sum := sha256.Sum256(receipt)
	spoilt := bytes.Clone(receipt)
	spoilt[len("c2sp.org/tlog-proof@v1\nextra ")+int(sum[0])] ^= 1
	if err := stands(s, "winter", spoilt); err == nil {
		t.Error("taken, though spoilt")
	}
}
