package office

import (
	"cmp"
	"net/netip"
	"slices"
	"time"

	"github.com/go-json-experiment/json"

	"qiaomen"
	"qiaomen/journal"
	"qiaomen/store"
)

// A Source is where a request comes from.
type Source struct {
	Address string // the peer's IP
	Device  string // the secret of a device on which the account has signed in before, or empty
	Request string // the door's request id
}

func (s Source) door() qiaomen.Door { return qiaomen.Door{From: s.Address, Request: s.Request} }

// A device is one on which accounts have signed in, by the hash of its secret.
// To each of them it has a count of its own: whoever tries elsewhere cannot lock
// an account out here.
type device struct {
	SeenAt   string              `json:"seen_at,omitzero"`
	Accounts map[string]*trusted `json:"accounts,omitempty"`
}

// A trusted is an account that has signed in on a device, and what it then had.
type trusted struct {
	SeenAt      string `json:"seen_at,omitzero"`
	SecretsFrom string `json:"secrets_from,omitzero"` // the account's; after a reset the device is a stranger
	Tries       tries  `json:"tries,omitzero"`
}

const (
	deviceDays     = 180 // that a device is remembered unseen
	mostOnDevice   = 20  // accounts that one remembers
	everywhere     = "*"
	sourceForgives = time.Minute // after which one wrong try of an address is forgotten
)

// A brake slows what comes from one place: after so many wrong tries there is a
// pause between two. It never shuts an office out that shares one address.
type brake struct {
	most  int
	pause time.Duration
}

var (
	onAddress    = brake{20, 10 * time.Second}
	onEverything = brake{300, time.Second} // one try each, from many addresses
)

// brakes is the counts that a try from an address falls under. Of IPv6 a whole
// subscriber's network is one address.
func (s Source) brakes() map[string]brake {
	id := s.Address
	if ip, err := netip.ParseAddr(s.Address); err == nil {
		ip = ip.Unmap().WithZone("")
		if id = ip.String(); ip.Is6() {
			net, _ := ip.Prefix(64)
			id = net.String()
		}
	}
	return map[string]brake{"@" + qiaomen.Clip(id): onAddress, everywhere: onEverything}
}

// slow tells whether the pause is not over yet.
func (b brake) slow(t tries, at string) bool {
	return t.Count >= b.most && elapsed(t.At, at) < b.pause
}

func (b brake) wrong(t tries, at string) tries {
	forgiven := int(min(elapsed(t.At, at)/sourceForgives, time.Duration(t.Count)))
	return tries{Count: min(t.Count-forgiven+1, 2*b.most), At: at}
}

// elapsed is the time between two times of the ledger; from no time: for ever.
func elapsed(from, to string) time.Duration {
	a, err := time.Parse(time.RFC3339, from)
	if err != nil {
		return 1<<63 - 1
	}
	b, err := time.Parse(time.RFC3339, to)
	if err != nil {
		return 0
	}
	return max(0, b.Sub(a))
}

// A knock is one try to be let in, with what of it needs no turn in the journal
// already weighed.
type knock struct {
	src     Source
	account *qiaomen.Account // nil: there is none of that login
	secret  Secret
	policy  qiaomen.Policy
	first   bool // it takes up an account, and has no second factor yet
	slowed  bool // it comes too quickly for its password to be looked at
	right   bool // password, or first code, is the account's
	admin   bool
	asked   bool   // a code of the second factor is needed
	code    string // of the second factor
	wrong   string // why it is refused, whatever else
	said    string // what was wrong where it was not right
}

// asks tells whether a code of the second factor is needed: where the policy
// says so, or its owner has one all the same.
func (k *knock) asks() bool { return !k.first && (k.policy.SecondFactor || k.secret.Factor.ID != "") }

// known tells whether the account has signed in on this device.
func (k *knock) known(r store.Reader) (bool, error) {
	var d device
	if k.account == nil || k.src.Device == "" {
		return false, nil
	}
	err := passing(r, "device", hashed(k.src.Device), &d)
	return d.trusts(k.account) != nil, err
}

// trusts is what the device knows of an account; nil: nothing that holds.
func (d *device) trusts(a *qiaomen.Account) *trusted {
	if t := d.Accounts[a.ID]; t != nil && t.SecretsFrom == a.SecretsFrom {
		return t
	}
	return nil
}

// who looks up whose login it is, and what is kept of them.
func (k *knock) who(v store.Reader, login string) (err error) {
	if k.account, err = accountNamed(v, login); err != nil {
		return err
	}
	if k.account != nil {
		if k.secret, err = secretOf(v, k.account.ID); err != nil {
			return err
		}
	}
	k.policy, err = policyOf(v)
	return err
}

// act is the turn in the audit journal in which the knock is weighed. It names
// whose account it is.
func (k *knock) act(at time.Time) store.Act {
	a := store.Act{Journal: AuditJournal, At: at}
	if k.account != nil {
		a.Person, a.Account = k.account.Person, k.account.ID
	}
	return a
}

// weigh decides a knock in its turn, counts it where it is wrong, and uses the
// code up where it is right. why is why not, for the auditor; known tells that
// the account has signed in on this device before.
func (o *Office) weigh(tx *store.Tx, k *knock) (why string, known bool, err error) {
	var d device
	if err := passing(tx, "device", hashed(k.src.Device), &d); err != nil {
		return "", false, err
	}
	var all attempts
	count := &all.Tries
	if k.account != nil {
		if err := passing(tx, "attempt", k.account.ID, &all); err != nil {
			return "", false, err
		}
		if here := d.trusts(k.account); here != nil {
			known, count = true, &here.Tries
		}
	}
	if !known {
		if slow, err := k.slow(tx, tx.At()); slow || k.slowed || err != nil {
			return "试得太快", false, err
		}
	}
	if why, err = o.refused(tx, k, count, &all); err != nil {
		return "", known, err
	}
	if why != locked {
		if err := k.count(tx, count, why == "", known); err != nil {
			return "", known, err
		}
	}
	if k.account == nil {
		return why, known, nil
	}
	if known {
		if err := keepPassing(tx, "device", hashed(k.src.Device), "", d); err != nil {
			return "", known, err
		}
	}
	return why, known, keepPassing(tx, "attempt", k.account.ID, "", all)
}

const locked = "错误次数太多，暂时锁定"

// refused is why a knock is not let in; empty where it is.
func (o *Office) refused(tx *store.Tx, k *knock, count *tries, all *attempts) (string, error) {
	switch {
	case k.account == nil:
		return "没有这个登录名", nil
	case count.locked(tx.At(), k.account, k.policy):
		return locked, nil
	case k.wrong != "":
		return k.wrong, nil
	case !usable(k.account, tx.At()):
		return "账号停用或到期", nil
	case !k.right:
		return k.said, nil
	case !k.asked:
		return "", nil
	case k.secret.Factor.ID == "":
		return "账号没有动态码", nil
	}
	used, err := o.use(all, k.account.ID, k.secret.Factor, k.code)
	if err == nil && !used {
		return "动态码不对、过期或已经用过", nil
	}
	return "", err
}

// count counts a knock: a right one begins anew where it was made, and leaves
// the counts of elsewhere as they are.
func (k *knock) count(tx *store.Tx, t *tries, right, known bool) error {
	if right {
		*t = tries{After: k.account.TriesAfter}
		return nil
	}
	if !known {
		for id, b := range k.src.brakes() {
			var s tries
			if err := passing(tx, "attempt", id, &s); err != nil {
				return err
			}
			if err := keepPassing(tx, "attempt", id, "", b.wrong(s, tx.At())); err != nil {
				return err
			}
		}
	}
	if k.account == nil {
		return nil
	}
	*t = tries{t.Count + 1, tx.At(), k.account.TriesAfter}
	if t.Count < k.policy.TriesBeforeLock {
		return nil
	}
	return tx.Emit(&qiaomen.AccountLocked{Account: k.account.ID, Known: known, Door: k.src.door()})
}

// slow tells whether too many tries came from where the knock comes from.
func (k *knock) slow(r store.Reader, at string) (bool, error) {
	for id, b := range k.src.brakes() {
		var s tries
		if err := passing(r, "attempt", id, &s); err != nil {
			return false, err
		}
		if b.slow(s, at) {
			return true, nil
		}
	}
	return false, nil
}

// failed is the one entry of a knock that was refused.
func (k *knock) failed(tx *store.Tx, why string) error {
	e := &qiaomen.SignInFailed{Why: why, Door: k.src.door()}
	if k.account != nil {
		e.Account = k.account.ID
	}
	return tx.Emit(e)
}

// trust remembers the device for the account, and returns the device's secret: a
// new one where it has none of ours.
func (k *knock) trust(tx *store.Tx) (secret string, err error) {
	var d device
	if secret = k.src.Device; secret != "" {
		if err := passing(tx, "device", hashed(secret), &d); err != nil {
			return "", err
		}
	}
	if d.SeenAt == "" {
		secret, d.Accounts = randomCode(secretBytes), map[string]*trusted{}
	}
	d.SeenAt = tx.At()
	d.Accounts[k.account.ID] = &trusted{tx.At(), k.account.SecretsFrom, tries{After: k.account.TriesAfter}}
	for len(d.Accounts) > mostOnDevice { // the one unseen longest goes
		oldest := ""
		for id, t := range d.Accounts {
			if oldest == "" || cmp.Or(cmp.Compare(t.SeenAt, d.Accounts[oldest].SeenAt), cmp.Compare(id, oldest)) < 0 {
				oldest = id
			}
		}
		delete(d.Accounts, oldest)
	}
	return secret, keepPassing(tx, "device", hashed(secret), "", d)
}

// passing fills in what a passing row holds; it stays as it is where there is
// none. The rows are the audit journal's, so that they change with its entries.
func passing(r store.Reader, table, id string, into any) error {
	w, err := inAudit(r).Work(table, id)
	if err == nil && w != nil {
		err = json.Unmarshal(w.Data, into)
	}
	return err
}

func keepPassing(tx *store.Tx, table, id, owner string, of any) error {
	data, err := json.Marshal(of, json.Deterministic(true))
	if err != nil {
		return err
	}
	return tx.Keep(table, store.Work{ID: id, Owner: owner, Data: data})
}

func inAudit(r store.Reader) *store.View { return inJournal(r, AuditJournal) }

func inJournal(r store.Reader, name string) *store.View {
	if tx, ok := r.(*store.Tx); ok {
		return tx.In(name)
	}
	return r.(*store.View).In(name)
}

// sweep takes away what is over: sessions, devices and addresses long unseen.
func (o *Office) sweep(tx *store.Tx) error {
	day := 24 * time.Hour
	for table, keeps := range map[string]time.Duration{"session": 0, "device": deviceDays * day, "attempt": day} {
		works, err := inAudit(tx).Works(table, "", "")
		if err != nil {
			return err
		}
		for _, w := range works {
			var row struct {
				SeenAt string `json:"seen_at"`
				Until  string `json:"until"`
				At     string `json:"at"`
			}
			if err := json.Unmarshal(w.Data, &row); err != nil {
				return err
			}
			seen := cmp.Or(row.Until, row.SeenAt, row.At)
			if seen == "" || elapsed(seen, tx.At()) <= keeps { // an account's attempts have no time of their own: there are as many as accounts
				continue
			}
			if err := tx.Drop(table, w.ID); err != nil {
				return err
			}
		}
	}
	return nil
}

// within tells whether an address is among those listed; an empty list has all.
func within(address string, list []string) bool {
	ip, err := netip.ParseAddr(address)
	if len(list) == 0 || err != nil {
		return len(list) == 0
	}
	ip = ip.Unmap()
	return slices.ContainsFunc(list, func(text string) bool {
		if one, err := netip.ParseAddr(text); err == nil {
			return one.Unmap() == ip
		}
		many, err := netip.ParsePrefix(text)
		return err == nil && many.Contains(ip)
	})
}

// moment is now, as the ledger writes times.
func (o *Office) moment() string { return journal.Stamp(o.now()) }
