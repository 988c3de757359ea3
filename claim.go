package qiaomen

import (
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"slices"
	"strconv"
	"strings"
)

// A Claim is one record's stake in one identity: of all records that claim the
// same thing one is first, and one at most holds it (首报确认, 附3·三(一)).
//
//	waiting   reported, not recognised
//	held      recognised: nobody else can be, while it is
//	lost      found to be the same as another's
type Claim struct {
	Record     string `json:"record,omitzero"`
	Kind       string `json:"kind,omitzero"`
	Unit       string `json:"unit,omitzero"`
	Key        string `json:"key,omitzero"` // kind and normalised identity, a credit code, a file
	State      State  `json:"state,omitzero"`
	PlaceAt    string `json:"place_at,omitzero"`
	PlaceOrder int64  `json:"place_order,omitzero"`
}

// The states of a claim.
const (
	Waiting State = "waiting"
	Held    State = "held"
	Lost    State = "lost"
)

// Table is where claims stand.
func (*Claim) Table() string { return "claim" }

// Row is how the claim stands there: by record and the key's digest, looked for by
// that.
func (c *Claim) Row() Row {
	return Row{ID: ClaimID(c.Record, c.Key), Unit: c.Unit, Kind: c.Kind, State: string(c.State), Key: ClaimDigest(c.Key)}
}

// ClaimID is under which id a record's claim on a key stands.
func ClaimID(record, key string) string { return record + " " + ClaimDigest(key) }

// ClaimDigest is a key as tables know it: 32 characters of its SHA-256, which are
// 160 bits, for keys are as long as names and descriptions are.
func ClaimDigest(key string) string {
	sum := sha256.Sum256([]byte(key))
	return claimDigests.EncodeToString(sum[:20])
}

var claimDigests = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz")

// Before tells whether c was reported before o: by time, then by the journal's
// order.
func (c *Claim) Before(o *Claim) bool {
	if c.PlaceAt != o.PlaceAt {
		return c.PlaceAt < o.PlaceAt
	}
	return c.PlaceOrder < o.PlaceOrder
}

// Claims is the keys that one record claims. It lets the record's claims be
// found without looking through all of them.
type Claims struct {
	Record string   `json:"record,omitzero"`
	Keys   []string `json:"keys,omitzero"`
}

// Table is where they stand.
func (*Claims) Table() string { return "claims" }

// Row is by record.
func (c *Claims) Row() Row { return Row{ID: c.Record} }

// A Settlement is the office's ruling on records that look like one thing.
type Settlement struct {
	ID      string   `json:"id,omitzero"`
	Records []string `json:"records,omitzero"`
	Keys    []string `json:"keys,omitzero"` // that they share
	Same    bool     `json:"same,omitzero"`
	Holder  string   `json:"holder,omitzero"` // of the same thing: who has it
	// Amended is those whose amendment alone is the same: they lose nothing that counts.
	Amended []string `json:"amended,omitzero"`
	Reason  string   `json:"reason,omitzero"`
	By      string   `json:"by,omitzero"`
	At      string   `json:"at,omitzero"`
}

// Table is where settlements stand.
func (*Settlement) Table() string { return "settlement" }

// Row is by the first record.
func (s *Settlement) Row() Row {
	state := "different"
	if s.Same {
		state = "same"
	}
	return Row{ID: s.ID, State: state, Key: s.Holder}
}

// DuplicateSettled: the office ruled on a likely duplicate. Of the same thing
// the others lose their claims, and those recognised are refused with it.
type DuplicateSettled struct {
	Settlement Settlement `json:"settlement,omitzero"`
}

func init() { event[DuplicateSettled](1) }

func (e *DuplicateSettled) apply(l Ledger, s Stamp) error {
	set := e.Settlement
	set.By, set.At = s.Person, s.At
	for i, record := range set.Records {
		err := eachClaim(l, record, func(c *Claim) {
			switch {
			case !slices.ContainsFunc(set.Keys, func(k string) bool { return SameClaim(k, c.Key) }):
			case !set.Same && i > 0: // another thing of the same name: it competes under a key of its own
				c.Key = part(c.Key, set.ID, i)
			case slices.Contains(set.Amended, record):
			case set.Same && record != set.Holder:
				c.State = Lost
			case set.Same && c.State == Lost: // contested and decided again
				c.State = Waiting
			}
		})
		if err == nil && !set.Same && i > 0 {
			err = partAmendment(l, record, &set, i)
		}
		if err != nil {
			return err
		}
	}
	for _, record := range set.Amended {
		if err := forgo(l, set.Holder, LikeKey(record)); err != nil {
			return err
		}
	}
	return l.Put(&set)
}

// forgo ends one claim of a record.
func forgo(l Ledger, record, key string) error {
	all := &Claims{}
	if _, err := l.Find(record, all); err != nil {
		return err
	}
	for i, k := range all.Keys {
		if SameClaim(k, key) {
			all.Keys = slices.Delete(all.Keys, i, i+1)
			return errors.Join(l.End("claim", ClaimID(record, k)), l.Put(all))
		}
	}
	return nil
}

// apart parts a key from the settlement that told two things apart.
const apart = " ≠"

// part is a key of its own for one of the things that a settlement told apart.
func part(key, settlement string, i int) string {
	return plain(key) + apart + settlement + " " + strconv.Itoa(i)
}

// Parted is the keys that the settlement made for things that it told apart
// from what the key is of.
func (s *Settlement) Parted(key string) []string {
	var out []string
	for i := 1; i < len(s.Records); i++ {
		if s.TellsApart(s.Records[0], s.Records[i], key) {
			out = append(out, part(key, s.ID, i))
		}
	}
	return out
}

// TellsApart tells whether the settlement found that what two records claim
// under a key is two things.
func (s *Settlement) TellsApart(a, b, key string) bool {
	of := slices.ContainsFunc(s.Keys, func(k string) bool { return SameClaim(k, key) })
	return of && !s.Same && slices.Contains(s.Records, a) && slices.Contains(s.Records, b)
}

// partAmendment parts the keys of a version that waits: it claims nothing yet.
func partAmendment(l Ledger, record string, set *Settlement, i int) error {
	r := &LedgerRecord{}
	if ok, err := l.Find(record, r); err != nil || !ok || r.Amendment == nil {
		return err
	}
	for j, key := range r.Amendment.Keys {
		if slices.ContainsFunc(set.Keys, func(k string) bool { return SameClaim(k, key) }) {
			r.Amendment.Keys[j] = part(key, set.ID, i)
		}
	}
	return l.Put(r)
}

// plain is a key without such a part.
func plain(key string) string {
	for i := range key {
		if len(key[i:]) >= len(apart) && key[i:i+len(apart)] == apart {
			return key[:i]
		}
	}
	return key
}

// likeness begins keys that were given because two records look like one thing.
const likeness = "like "

// LikeKey is what a record and whoever looks like it compete for.
func LikeKey(record string) string { return likeness + record }

// Likeness tells whether a key is of that sort, and whose it is.
func Likeness(key string) (record string, ok bool) { return strings.CutPrefix(plain(key), likeness) }

// stake makes the records that the keys are of compete, too: a record claims its
// own likeness only from when another looks like it.
func stake(l Ledger, r *LedgerRecord, keys []string) error {
	for _, key := range keys {
		id, ok := Likeness(key)
		if !ok || id == r.ID {
			continue
		}
		other, all := &LedgerRecord{}, &Claims{}
		if _, err := l.Find(id, other); err != nil {
			return err
		}
		if _, err := l.Find(id, all); err != nil {
			return err
		}
		all.Record = id
		over := slices.Contains([]State{"", Withdrawn, Refused, Revoked}, other.State)
		if over || slices.ContainsFunc(all.Keys, func(k string) bool { return SameClaim(k, key) }) {
			continue
		}
		key = plain(key)
		c := &Claim{Record: id, Kind: other.Kind, Unit: other.Unit, Key: key, State: Waiting, PlaceAt: other.PlaceAt, PlaceOrder: other.PlaceOrder}
		if other.State == Recognised {
			c.State = Held
		}
		all.Keys = append(all.Keys, key)
		if err := errors.Join(l.Add(c), l.Put(all)); err != nil {
			return err
		}
	}
	return nil
}

// claim makes the record claim these keys and no others. Keys that it claimed
// before keep their place where keep is true.
func claim(l Ledger, r *LedgerRecord, keys []string, at string, order int64, keep bool) error {
	old := &Claims{}
	if _, err := l.Find(r.ID, old); err != nil {
		return err
	}
	own := LikeKey(r.ID)
	if slices.ContainsFunc(old.Keys, func(k string) bool { return SameClaim(k, own) }) && !slices.Contains(keys, own) {
		keys = append(slices.Clone(keys), own) // it is others who look like it
	}
	if err := stake(l, r, keys); err != nil {
		return err
	}
	now := &Claims{Record: r.ID}
	for _, key := range old.Keys {
		if slices.Contains(keys, plain(key)) && keep {
			now.Keys = append(now.Keys, key)
		} else if err := l.End("claim", ClaimID(r.ID, key)); err != nil {
			return err
		}
	}
	for _, key := range keys {
		if slices.ContainsFunc(now.Keys, func(k string) bool { return plain(k) == key }) {
			continue
		}
		now.Keys = append(now.Keys, key)
		c := &Claim{Record: r.ID, Kind: r.Kind, Unit: r.Unit, Key: key, State: Waiting, PlaceAt: at, PlaceOrder: order}
		if err := l.Add(c); err != nil {
			return err
		}
	}
	return l.Put(now)
}

// eachClaim changes the record's claims. One that gets another key is another
// row, and the record's list of keys follows.
func eachClaim(l Ledger, record string, how func(*Claim)) error {
	all := &Claims{}
	if _, err := l.Find(record, all); err != nil {
		return err
	}
	for i, key := range all.Keys {
		c := &Claim{}
		if ok, err := l.Find(ClaimID(record, key), c); err != nil {
			return err
		} else if !ok {
			continue
		}
		how(c)
		if c.Key != key {
			if err := l.End("claim", ClaimID(record, key)); err != nil {
				return err
			}
			all.Keys[i] = c.Key
		}
		if err := l.Put(c); err != nil {
			return err
		}
	}
	return l.Put(all)
}

// hold makes the record the holder of everything it claims and has not lost. The
// likeness of another it does not hold: two may be like a third, and not like each
// other.
func hold(l Ledger, record string) error {
	return eachClaim(l, record, func(c *Claim) {
		if c.State == Waiting && !c.likeAnother() {
			c.State = Held
		}
	})
}

func (c *Claim) likeAnother() bool {
	whose, ok := Likeness(c.Key)
	return ok && whose != c.Record
}

// release ends the record's claims: somebody else may have it now.
func release(l Ledger, record string) error {
	all := &Claims{}
	if ok, err := l.Find(record, all); err != nil || !ok {
		return err
	}
	for _, key := range all.Keys {
		if err := l.End("claim", ClaimID(record, key)); err != nil {
			return err
		}
	}
	return l.End("claims", record)
}

// An EvidenceFile is a file of evidence and every record that it stands
// behind: one that stands behind two is noticed (五(三)).
type EvidenceFile struct {
	Digest   string   `json:"digest,omitzero"`
	Format   string   `json:"format,omitzero"`
	Size     int64    `json:"size,omitzero"`
	TakenAt  string   `json:"taken_at,omitzero"`
	Records  []string `json:"records,omitzero"`
	Expunged bool     `json:"expunged,omitzero"`
	Reason   string   `json:"reason,omitzero"`

	ExpungedAt string `json:"expunged_at,omitzero"`
	ProposedBy string `json:"proposed_by,omitzero"`
	ExpungedBy string `json:"expunged_by,omitzero"` // the two people who had it destroyed
}

// Table is where files stand.
func (*EvidenceFile) Table() string { return "evidence" }

// Row is by digest.
func (f *EvidenceFile) Row() Row {
	state := "kept"
	if f.Expunged {
		state = "expunged"
	}
	return Row{ID: f.Digest, Kind: f.Format, State: state}
}

// EvidenceExpunged: bytes that must not be here were destroyed; digest, reason
// and names stay (P4).
type EvidenceExpunged struct {
	Digest     string `json:"digest,omitzero"`
	Reason     string `json:"reason,omitzero"`
	ProposedBy string `json:"proposed_by,omitzero"`
}

func init() { event[EvidenceExpunged](1) }

func (e *EvidenceExpunged) apply(l Ledger, s Stamp) error {
	f := &EvidenceFile{}
	if ok, err := l.Find(e.Digest, f); err != nil {
		return err
	} else if !ok {
		f.Digest = e.Digest
	}
	f.Expunged, f.Reason = true, e.Reason
	f.ExpungedAt, f.ProposedBy, f.ExpungedBy = s.At, e.ProposedBy, s.Person
	return l.Put(f)
}

// file notes that the record stands on these files.
func file(l Ledger, record string, evidence []Evidence) error {
	for _, ev := range evidence {
		if ev.Declared() {
			continue
		}
		f := &EvidenceFile{}
		if ok, err := l.Find(ev.Digest, f); err != nil {
			return err
		} else if !ok {
			f = &EvidenceFile{Digest: ev.Digest, Format: ev.Format, Size: ev.Size, TakenAt: ev.TakenAt}
		}
		if slices.Contains(f.Records, record) {
			continue
		}
		f.Records = append(f.Records, record)
		if err := l.Put(f); err != nil {
			return err
		}
	}
	return nil
}

// PlainClaim is a key as it was before a settlement told anything apart.
func PlainClaim(key string) string { return plain(key) }

// SameClaim tells whether two keys are of one identity, whatever settlements
// told apart.
func SameClaim(a, b string) bool { return plain(a) == plain(b) }
