package office

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"qiaomen"
	"qiaomen/scheme"
	"qiaomen/store"
)

// A desk is one person before one act, or one look: who they are, what they
// may, and the ledger as it stands.
type desk struct {
	o        *Office
	r        store.Reader
	tx       *store.Tx // nil while only looking
	caller   Caller
	person   string
	account  *qiaomen.Account
	grants   []*qiaomen.Grant // every one that the person ever had, lent ones too
	using    *qiaomen.Grant   // by which the person acts
	campaign *qiaomen.Campaign
	rules    *scheme.Scheme // the newest
	day      string         // today, YYYY-MM-DD
	at       string         // now, UTC
	paper    *qiaomen.PaperSource
	proposer string // of what is being carried out
	made     int    // ids made in this act
	near     string // how they begin
	asked    string // the proposal that this act made
	key      string
	names    *lookalikes // of the campaign; nil where nobody asks
	sought   *sought     // what was looked for before the line
	fields   *fieldsRead // what was read of a record; nil: nothing yet
	files    verdicts    // what is known of files that are named
	unasked  []string    // files, by digest, of which it would have to be known
	expunged []string    // in this act
}

// sit opens a desk for a caller.
func (o *Office) sit(r store.Reader, in func(journal string) *store.View, caller Caller, at, key string) (*desk, error) {
	if err := caller.legible(); err != nil {
		return nil, err
	}
	d := &desk{o: o, r: r, caller: caller, at: at, day: qiaomen.MomentAt(at).Day.String(), key: key}
	home := in(InstallationJournal)
	var err error
	if caller.Account != "" {
		if d.account, err = store.One[qiaomen.Account](home, caller.Account); err != nil {
			return nil, err
		}
		if d.account == nil || d.account.State != qiaomen.Active || d.account.Temporary != "" && d.account.Temporary < d.day {
			d.account = nil
			return d, nil // nobody: everything will be denied
		}
		d.person = d.account.Person
		if d.grants, err = store.All[qiaomen.Grant](home, store.Filter{Key: d.person}); err != nil {
			return nil, err
		}
	}
	if caller.Campaign == "" {
		return d, nil
	}
	if d.campaign, err = store.One[qiaomen.Campaign](in(caller.Campaign), caller.Campaign); err != nil || d.campaign == nil {
		return d, err
	}
	d.rules, err = o.rulesOf(in(caller.Campaign), d.campaign.Newest())
	return d, err
}

// procedure is how much is separated here: the campaign's, or outside of one
// the installation's.
func (d *desk) procedure() (qiaomen.Procedure, error) {
	if d.campaign != nil {
		return d.campaign.Procedure, nil
	}
	home, err := d.installation()
	if err != nil || home == nil {
		return qiaomen.Procedure{}, err
	}
	return home.Procedure, nil
}

func (d *desk) installation() (*qiaomen.Installation, error) {
	return store.One[qiaomen.Installation](d.home(), "installation")
}

// home is the installation's journal, in the same moment.
func (d *desk) home() *store.View {
	if d.tx != nil {
		return d.tx.In(InstallationJournal)
	}
	return d.r.(*store.View).In(InstallationJournal)
}

// A chance is one grant by which the person might act, and what it allows.
type chance struct {
	grant *qiaomen.Grant
	cell  qiaomen.Cell
}

// chances is every grant that lets the person do the action, for a unit.
func (d *desk) chances(a qiaomen.Action, unit string) ([]chance, error) {
	p, err := d.procedure()
	if err != nil {
		return nil, err
	}
	if d.caller.Only != nil && !slices.Contains(d.caller.Only, a) || d.caller.Campaign == "" && !a.OfInstallation() {
		return nil, nil
	}
	if exclusive(p, d.inForce(d.grants)) != "" { // however it came about, such a person may do nothing (separation 16)
		return nil, nil
	}
	var out []chance
	for _, g := range d.grants {
		cell := p.May(g.Role, a)
		switch {
		case !d.holds(g), !cell.May,
			d.caller.As != "" && g.Role != d.caller.As,
			cell.Own && g.Unit != unit,
			g.Delegator != "" && (a.OfInstallation() || len(g.Actions) > 0 && !slices.Contains(g.Actions, a.String())):
			continue
		}
		if g.Delegator != "" {
			lent, err := d.stillHeld(g)
			if err != nil {
				return nil, err
			}
			if !lent {
				continue
			}
		}
		out = append(out, chance{g, cell})
	}
	if cell := p.May(qiaomen.Public, a); cell.May {
		out = append(out, chance{&qiaomen.Grant{Role: qiaomen.Public}, cell})
	}
	return out, nil
}

// holds tells whether a grant is in force here. The installation has no people
// of a campaign of its own: there, whoever holds the role in some campaign.
func (d *desk) holds(g *qiaomen.Grant) bool {
	if d.caller.Campaign == "" {
		return g.Holds(g.Campaign, d.day)
	}
	return g.Holds(d.caller.Campaign, d.day)
}

// inForce is those of the grants that hold today, wherever.
func (d *desk) inForce(all []*qiaomen.Grant) (out []*qiaomen.Grant) {
	for _, g := range all {
		if g.Holds(g.Campaign, d.day) {
			out = append(out, g)
		}
	}
	return out
}

// stillHeld tells whether the lender of a right still has it.
func (d *desk) stillHeld(g *qiaomen.Grant) (bool, error) {
	own, err := store.All[qiaomen.Grant](d.home(), store.Filter{Key: g.Delegator})
	return slices.ContainsFunc(own, func(h *qiaomen.Grant) bool {
		return h.Delegator == "" && h.Role == g.Role && h.Unit == g.Unit && h.Holds(g.Campaign, d.day)
	}), err
}

// persons is everybody as whom the person acts now: themselves and, where a
// right is lent, its lender. The separations hold for each (separation 20).
func (d *desk) persons() []string {
	if d.using != nil && d.using.Delegator != "" {
		return []string{d.person, d.using.Delegator}
	}
	return []string{d.person}
}

// is tells whether one of the persons acting is the one named.
func (d *desk) is(person string) bool { return person != "" && slices.Contains(d.persons(), person) }

// aside finds why the person must stand aside from something of a unit
// (separations 3, 5, 6, 7): they belong to it or did in this campaign, it lent
// them, or they lead it.
func (d *desk) aside(s qiaomen.Subject) error {
	if d.using == nil || d.using.Role.OfUnit() || d.using.Role == qiaomen.Auditor {
		return nil
	}
	units := s.Units
	if s.Unit != "" {
		units = append([]string{s.Unit}, units...)
	}
	if len(units) == 0 {
		return nil
	}
	for _, person := range d.persons() {
		grants := d.grants
		if person != d.person {
			var err error
			if grants, err = store.All[qiaomen.Grant](d.home(), store.Filter{Key: person}); err != nil {
				return err
			}
		}
		for _, g := range grants {
			mine := g.Campaign == "" || g.Campaign == d.caller.Campaign
			belongs := g.Role.OfUnit() && slices.Contains(units, g.Unit) ||
				g.Secondment && slices.Contains(units, g.Unit) ||
				slices.ContainsFunc(g.Leads, func(u string) bool { return slices.Contains(units, u) })
			if mine && belongs {
				return d.deny("回避：您属于、曾属于或分管“" + d.unitName(units) + "”")
			}
		}
	}
	return nil
}

// named is a unit as the office calls it: renamed, or as the scheme has it.
func (d *desk) named(id string) (string, error) {
	known, err := store.One[qiaomen.LedgerUnit](d.r, id)
	if err == nil && known != nil && known.Name != "" {
		return known.Name, nil
	}
	if d.rules != nil {
		if u := d.rules.Unit(id); u != nil {
			return u.Name, err
		}
	}
	return id, err
}

// unitName is units by name, for a sentence.
func (d *desk) unitName(units []string) string {
	var names []string
	for _, id := range units {
		name, _ := d.named(id) // a database that fails now fails the act anyway
		names = append(names, name)
	}
	return strings.Join(names, "、")
}

// A Denied is a refusal for want of a right: one uniform answer for a person,
// and why for the audit journal. Hidden ones read as though the thing were not
// there.
type Denied struct {
	Action qiaomen.Action
	Why    string
	Object string
	Hidden bool
}

// Error is what a person is told.
func (e *Denied) Error() string { return e.Problem().Error() }

// Problem is what a person is told.
func (e *Denied) Problem() *qiaomen.Problem {
	if e.Hidden {
		return &qiaomen.Problem{Code: qiaomen.NotFound, Text: "没有找到", Fix: "请核对编号，或者您没有查看的权限"}
	}
	if strings.HasPrefix(e.Why, "回避") || strings.HasPrefix(e.Why, "不能") {
		return &qiaomen.Problem{Text: e.Why, Fix: "请由另一位有权限的人办理"}
	}
	return &qiaomen.Problem{Text: "没有权限：" + e.Action.Chinese(), Fix: "请由有权限的人办理，或请安全管理员授权"}
}

func (d *desk) deny(why string) error { return &Denied{Why: why} }

// emit seals an event under the grant by which the person acts.
func (d *desk) emit(events ...qiaomen.Event) error {
	if d.using != nil {
		d.tx.Grant = d.using.Position
	}
	for _, e := range events {
		if err := d.tx.Emit(e); err != nil {
			return err
		}
	}
	return nil
}

// newID makes an id. Nothing stands under it yet.
func (d *desk) newID(prefix string) string {
	d.made++
	if d.near == "" {
		d.near = d.o.near.next(d.o.now())
	}
	id := prefix + d.near + identify("", d.tx.Journal(), d.person, d.key, fmt.Sprint(d.made))[len(d.near):]
	d.tx.Fresh(id)
	return id
}

// lost is what a thing that is not there reads like.
func lost(what, id string) error {
	return &qiaomen.Problem{Code: qiaomen.NotFound, Text: "没有找到" + what + "“" + qiaomen.Clip(id) + "”", Fix: "请核对编号"}
}

// overtaken is that a thing no longer stands as the caller saw it.
func overtaken(text string) error {
	return &qiaomen.Problem{Code: qiaomen.Conflict, Text: text, Fix: "请刷新后查看"}
}

func problem(text, fix string) error { return &qiaomen.Problem{Text: text, Fix: fix} }

// faults is several problems as one error, or nil.
func faults(list []*qiaomen.Problem) error {
	switch len(list) {
	case 0:
		return nil
	case 1:
		return list[0]
	}
	first := *list[0]
	first.More = list[1:]
	return &first
}

// found is a noun that must be there.
func found[T any, P interface {
	*T
	qiaomen.Noun
}](d *desk, what, id string) (P, error) {
	n, err := store.One[T, P](d.r, id)
	if err == nil && n == nil {
		return nil, lost(what, id)
	}
	return n, err
}

// record is a record that the caller may know of. To a unit those of others
// are not there.
func (d *desk) record(id string) (*qiaomen.LedgerRecord, error) {
	return found[qiaomen.LedgerRecord](d, "记录", id)
}

func (d *desk) kind(r *qiaomen.LedgerRecord) (*scheme.Kind, error) {
	k := d.rules.Kind(r.Kind)
	if k == nil {
		return nil, fmt.Errorf("the rules have no kind %s", r.Kind)
	}
	return k, nil
}

func (d *desk) unit(id string) (*scheme.Unit, error) {
	u := d.rules.Unit(id)
	if u == nil {
		return nil, &qiaomen.Problem{Text: "方案里没有单位“" + qiaomen.Clip(id) + "”", At: qiaomen.Place{Field: "unit"}}
	}
	known, err := store.One[qiaomen.LedgerUnit](d.r, id)
	if err == nil && known != nil && known.MergedInto != "" {
		err = problem("“"+u.Name+"”已并入“"+d.unitName([]string{known.MergedInto})+"”", "请以并入后的单位办理")
	}
	return u, err
}

// chinaDay is the day, at +08:00, of a time of the ledger.
func chinaDay(at string) string { return qiaomen.MomentAt(at).Day.String() }

var errCampaign error = &qiaomen.Problem{Code: qiaomen.NotFound, Text: "没有这个活动，或者还没有开启", Fix: "请核对活动的代号"}

// inCampaign asks that there is a campaign and, for most acts, that it is open.
func (d *desk) inCampaign(open bool) error {
	if d.campaign == nil || open && d.campaign.State != qiaomen.Open {
		return errCampaign
	}
	return nil
}

func isDenied(err error) (*Denied, bool) { return errors.AsType[*Denied](err) }
