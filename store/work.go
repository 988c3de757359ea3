package store

import (
	"fmt"
	"slices"
)

// Working is the working tables: everything that is kept and not sealed. A move
// and a backup copy exactly these beside the journals.
//
//	draft       records that their unit has not handed over
//	personal    contacts and other personal data of records and papers
//	detail      names and telephones of persons
//	secret      hashes of passwords, factors, first codes and tokens
//	request     what was asked under an idempotency key
//	checkpoint  the last signed checkpoint of each day
//	job         what is to be done later, and who sent the files that acts named
//	webhook     how far each webhook is, and what became of its last tries
var Working = []string{"draft", "personal", "detail", "secret", "request", "checkpoint", "job", "webhook"}

// Passing is the working tables that stay where they are. No backup and no move
// has them: whoever is signed in here is not signed in there, and what nobody
// has used yet is sent again.
//
//	session  who is signed in, by the hash of what they hold
//	device   devices on which accounts have signed in
//	attempt  tries in vain, of accounts and of source addresses; codes used up
//	upload   files that no act has named yet, by digest
var Passing = []string{"session", "device", "attempt", "upload"}

// A Work is a row of a working table.
type Work struct {
	ID, Unit, Owner string
	Data            []byte
	// Weight is how many bytes an upload has; other rows have none.
	Weight int64
}

// weighed is the working table whose rows have a weight.
const weighed = "upload"

// Keep writes a working row, in place of the one of that id.
func (t *Tx) Keep(name string, w Work) error {
	if err := working(name); err != nil {
		return err
	}
	t.dirty = true
	if name == weighed {
		return t.exec(`INSERT INTO working_upload (journal, id, unit, owner, data, weight) VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT (journal, id) DO UPDATE SET unit = excluded.unit, owner = excluded.owner, data = excluded.data, weight = excluded.weight`,
			t.q.name, w.ID, w.Unit, w.Owner, string(w.Data), w.Weight)
	}
	return t.exec("INSERT INTO working_"+name+` (journal, id, unit, owner, data) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (journal, id) DO UPDATE SET unit = excluded.unit, owner = excluded.owner, data = excluded.data`,
		t.q.name, w.ID, w.Unit, w.Owner, string(w.Data))
}

// Drop takes a working row away.
func (t *Tx) Drop(name, id string) error {
	if err := working(name); err != nil {
		return err
	}
	t.dirty = true
	return t.exec("DELETE FROM working_"+name+" WHERE journal = $1 AND id = $2", t.q.name, id)
}

// Work is the working row of that id, or nil.
func (t *Tx) Work(name, id string) (*Work, error) { return t.view().Work(name, id) }

// Work is the working row of that id, or nil.
func (v *View) Work(name, id string) (*Work, error) {
	if err := working(name); err != nil {
		return nil, err
	}
	w := &Work{ID: id}
	var data string
	found, err := v.scan("SELECT unit, owner, data FROM working_"+name+" WHERE journal = $1 AND id = $2", []any{v.journal, id}, &w.Unit, &w.Owner, &data)
	if !found || err != nil {
		return nil, err
	}
	w.Data = []byte(data)
	return w, nil
}

// Lasting is Work of a row that is made and taken away with events of its
// journal, and never changed, as the secret of a token is: it is remembered with
// them.
func (v *View) Lasting(name, id string) (*Work, error) {
	w, err := remembered(v, lasting, name+"\x00"+id, func() (*Work, error) { return v.Work(name, id) })
	if w != nil {
		own := *w
		w = &own
	}
	return w, err
}

// WhichWorks is which of the ids stand in a working table.
func WhichWorks(r Reader, name string, ids []string) (map[string]bool, error) {
	v := r.view()
	if err := working(name); err != nil {
		return nil, err
	}
	return v.which("SELECT id FROM working_"+name+" WHERE journal = $1", []any{v.journal}, ids)
}

// Weight is what the uploads of a unit, or else of an owner, weigh together, the
// one of that id apart.
func (v *View) Weight(unit, owner, apart string) (n int64, err error) {
	whose, id := "unit", unit
	if unit == "" {
		whose, id = "owner", owner
	}
	// The index holds what is summed; an id is not in it.
	_, err = v.scan("SELECT CAST(COALESCE(SUM(weight), 0) AS BIGINT) FROM working_upload WHERE journal = $1 AND "+whose+" = $2", []any{v.journal, id}, &n)
	if err != nil || apart == "" {
		return n, err
	}
	less := int64(0)
	_, err = v.scan("SELECT weight FROM working_upload WHERE journal = $1 AND id = $2 AND "+whose+" = $3", []any{v.journal, apart, id}, &less)
	return n - less, err
}

// Works is the working rows of a unit, or of an owner, by id; what is empty is
// not asked.
func (v *View) Works(name, unit, owner string) ([]Work, error) {
	if err := working(name); err != nil {
		return nil, err
	}
	text, args := "SELECT id, unit, owner, data FROM working_"+name+" WHERE journal = $1", []any{v.journal}
	if unit != "" {
		args = append(args, unit)
		text += fmt.Sprintf(" AND unit = $%d", len(args))
	}
	if owner != "" {
		args = append(args, owner)
		text += fmt.Sprintf(" AND owner = $%d", len(args))
	}
	rows, err := v.query(v.ctx, text+" ORDER BY id", args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Work
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

func working(name string) error {
	if !slices.Contains(Working, name) && !slices.Contains(Passing, name) {
		return fmt.Errorf("no working table %s", name)
	}
	return nil
}
