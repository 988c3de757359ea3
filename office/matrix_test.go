package office_test

import (
	"errors"
	"fmt"
	"path"
	"reflect"
	"slices"
	"testing"

	"qiaomen"
	"qiaomen/office"
)

// A trial is one method of the office, as the matrix of rights is tried on it.
// What each role may is not said here: it is asked of Procedure.May.
type trial struct {
	// ready makes, by the right people, what the act needs, in the right state, as
	// a thing of jixian's; somebody of that login will act on it. Nil: it needs
	// nothing, and is about the unit.
	ready func(m *matrix, login string) string
	try   func(m *matrix, by office.Caller, id string) (*office.Answer, error)

	none  string // an id that nothing has; by default a record's
	in    string // the journal or campaign in which it is asked; by default winter
	where func(qiaomen.Procedure) bool
	reads bool // it changes nothing
	again bool // it may be done again
	gone  bool // what was acted on is not there any more: to a unit it reads so
	half  bool // the matrix's 1 is an act of its own here
	all   bool // it shows no selection: nothing is shown to who has only a view
	own   bool // it is a thing of who acts on it, each their own
	asks  bool // what it makes waits for the yes of another row
	other bool // the matrix's 2 is
	two   bool // it takes two even where the procedure lets one do it
	late  bool // half a year later
	// first is who may begin though the matrix lets them only approve, since
	// another's earlier act stands for the proposal.
	first qiaomen.Role
}

// whole is the trial with what it does not say.
func (x trial) whole() trial {
	if x.in == "" {
		x.in = winter
	}
	if x.none == "" {
		x.none = "r-none"
	}
	if x.ready == nil {
		x.ready, x.none = func(*matrix, string) string { return "jixian" }, "atlantis"
	}
	return x
}

// trials is every method, by its row. Rows that nobody may do have none.
var trials = map[qiaomen.Action][]trial{}

func try(a qiaomen.Action, all ...trial) bool {
	trials[a] = append(trials[a], all...)
	return true
}

// A matrix is the world in which the matrix is tried: of each role the first
// one acts and the second ones prepare, and there are people with two roles.
type matrix struct {
	*world
	p    qiaomen.Procedure
	n    int
	scan qiaomen.Evidence // a file that the office has already
}

const spring = "spring-2024" // the campaign that is begun by the trials

const house = office.InstallationJournal

var journals = []string{winter, spring, house}

// TestMatrix tries every row of the matrix of rights with every actor: a no
// changes nothing and leaves one entry in the audit log, a yes succeeds, half a
// yes waits for somebody else; of another unit's thing one hears what one hears
// of none; and what was done is not done twice.
func TestMatrix(t *testing.T) {
	tryAll(t, "small/sqlite", qiaomen.SmallOffice)
	tryAll(t, "gb3/sqlite", qiaomen.ThreePowers)
}

// TestMatrixOverHTTP tries the same through the doors, where everybody has
// signed in, each in their browser. Who has not is told to: 401, and no entry,
// since nobody is refused. Rows that nobody may do have no operation at all
// (web: TestEveryActionHasItsOperations). PostgreSQL is tried here.
func TestMatrixOverHTTP(t *testing.T) {
	tryAll(t, "small/postgres", qiaomen.SmallOffice, (*world).goesOverHTTP)
	tryAll(t, "gb3/sqlite", qiaomen.ThreePowers, (*world).goesOverHTTP)
	tryAll(t, "gb3/postgres", qiaomen.ThreePowers, (*world).goesOverHTTP)
}

// tryAll tries all rows, and half a year later those that have to wait. The name
// ends in the engine's.
func tryAll(t *testing.T, name string, p qiaomen.Procedure, through ...func(*world)) {
	t.Run(name, func(t *testing.T) {
		t.Parallel()
		m := newMatrix(t, path.Base(name), p, through...)
		for _, late := range []bool{false, true} {
			if late {
				m.at("2024-08-01 09:00")
				m.signedIn(firsts()...)
			}
			for _, a := range qiaomen.Actions() {
				m.row(t, a, late)
			}
		}
	})
}

// row tries one row of the matrix.
func (m *matrix) row(t *testing.T, a qiaomen.Action, late bool) {
	all := trials[a]
	nobody := !slices.ContainsFunc(qiaomen.Roles, func(r qiaomen.Role) bool { return m.p.May(r, a).May })
	if nobody != (len(all) == 0) {
		t.Errorf("%d %s: nobody may is %t, and there are %d trials", a, a, nobody, len(all))
	}
	for i, x := range all {
		if x.late != late || x.where != nil && !x.where(m.p) {
			continue
		}
		r := &rowTrial{m, t, a, x.whole(), fmt.Sprintf("%d %s.%d", a, a, i+1)}
		r.run()
	}
}

// A rowTrial is one method of one row being tried.
type rowTrial struct {
	*matrix
	t *testing.T
	a qiaomen.Action
	trial
	name string
}

// may is what a role may do with this method of its own accord: do it at once,
// or propose it.
func (r *rowTrial) may(role qiaomen.Role) (alone, proposes bool) {
	c := r.p.May(role, r.a)
	alone = c.Alone() && !r.two || c.View && !r.all || c.Propose && r.half || c.Approve && (r.other || r.first == role)
	return alone, !alone && (c.Propose || r.two && c.Alone())
}

func (r *rowTrial) run() {
	r.world.t = r.t
	id := r.ready(r.matrix, first(qiaomen.Head))
	var alone, proposers []qiaomen.Role
	for _, role := range qiaomen.Roles {
		at, half := r.may(role)
		switch {
		case at:
			alone = append(alone, role)
		case half:
			proposers = append(proposers, role)
		default:
			r.denied(r.t, r.name+" by "+string(role), r.a, func() error { return r.attempt(first(role), id) })
		}
		if r.p.May(role, r.a).Own {
			r.foreign(role, id)
		}
	}
	fresh := func(login string) string {
		if next := id; next != "" && (!r.own || login == first(qiaomen.Head)) {
			id = ""
			return next
		}
		return r.ready(r.matrix, login)
	}
	for _, role := range alone {
		r.atOnce(role, fresh(first(role)))
	}
	if len(proposers) > 0 {
		r.byTwo(proposers, fresh)
	}
}

func (r *rowTrial) attempt(login, id string) error {
	_, err := r.tries(r.by(login, r.in), id)
	return err
}

// tries tries it. Who comes through the doors has really come through them.
func (r *rowTrial) tries(by office.Caller, id string) (*office.Answer, error) {
	r.t.Helper()
	if r.http == nil {
		return r.try(r.matrix, by, id)
	}
	asked := r.http.asked
	a, err := r.try(r.matrix, by, id)
	if r.http.asked == asked {
		r.t.Errorf("%s: the doors were not asked", r.name)
	}
	return a, err
}

// foreign: of a thing of another unit's one hears what one hears of none.
func (r *rowTrial) foreign(role qiaomen.Role, id string) {
	what := fmt.Sprintf("%s by %s of another unit", r.name, role)
	there := r.denied(r.t, what, r.a, func() error { return r.attempt(youyi(role), id) })
	none := r.denied(r.t, what+", of nothing", r.a, func() error { return r.attempt(youyi(role), r.none) })
	var refusal *office.Denied
	if there != nil && none != nil && (there.Error() != none.Error() || !errors.As(there, &refusal) || !refusal.Hidden) {
		r.t.Errorf("%s: %q, of nothing %q", what, there, none)
	}
}

// atOnce: somebody does it, and not twice.
func (r *rowTrial) atOnce(role qiaomen.Role, id string) {
	what := r.name + " by " + string(role)
	before := r.state()
	a, err := r.tries(r.by(first(role), r.in), id)
	if err != nil {
		r.t.Errorf("%s: %v", what, err)
		return
	}
	if reflect.DeepEqual(before, r.state()) != r.reads {
		r.t.Errorf("%s: it changed something is %t", what, r.reads)
	}
	switch {
	case a == nil || a.Proposal == "":
	case a.Proposal == id: // one of a quorum
		r.finish(id)
	default:
		if !r.half && !r.asks {
			r.t.Errorf("%s: it waits for another", what)
		}
		if p, _ := r.proposal(a.Proposal); r.half {
			r.approvals(p, first(role), r.approvers(p))
			r.finish(a.Proposal)
		}
	}
	r.notTwice(role, id)
}

func (r *rowTrial) notTwice(role qiaomen.Role, id string) {
	if r.reads || r.trial.again {
		return
	}
	what := r.name + " again by " + string(role)
	err := r.unchanged(r.t, what, func() error { return r.attempt(first(role), id) })
	var denied *office.Denied
	if r.gone && r.p.May(role, r.a).Own {
		if none := r.attempt(first(role), r.none); !errors.As(err, &denied) || !denied.Hidden || none == nil || err.Error() != none.Error() {
			r.t.Errorf("%s: what is gone reads %v, and nothing %v", what, err, none)
		}
		return
	}
	var p *qiaomen.Problem
	if errors.As(err, &denied) || !errors.As(err, &p) {
		r.t.Errorf("%s: no problem: %v", what, err)
	}
}

// byTwo: one proposes, and of all others those approve it who may, and whom it
// needs; never who proposed it, whatever roles they have.
func (r *rowTrial) byTwo(proposers []qiaomen.Role, fresh func(string) string) {
	var approvers []qiaomen.Role
	for i := 0; i < max(len(proposers), len(approvers)); i++ {
		role := proposers[i%len(proposers)]
		id := fresh(first(role))
		p := r.propose(r.by(first(role), r.in), id)
		if p == nil {
			return
		}
		if i == 0 {
			if approvers = r.approvers(p); len(approvers) == 0 {
				r.t.Errorf("%s: nobody may approve it", r.name)
				return
			}
			r.approvals(p, first(role), approvers)
		}
		r.approve(p, approvers[i%len(approvers)])
		r.notTwice(role, id)
	}
	for _, pair := range r.pairs() {
		if slices.Contains(proposers, pair[0]) && slices.Contains(approvers, pair[1]) {
			by := r.by(bothOf(pair), r.in)
			by.As = pair[0]
			if p := r.propose(by, r.ready(r.matrix, bothOf(pair))); p != nil {
				r.approvals(p, bothOf(pair), nil)
				r.finish(p.ID)
			}
		}
	}
}

func (r *rowTrial) propose(by office.Caller, id string) *qiaomen.Proposal {
	before := r.state()
	a, err := r.tries(by, id)
	if err != nil || a.Proposal == "" {
		r.t.Errorf("%s proposed by %s: %+v, %v", r.name, by.Account, a, err)
		return nil
	}
	p, _ := r.proposal(a.Proposal)
	if p.State != qiaomen.Pending || reflect.DeepEqual(before, r.state()) {
		r.t.Errorf("%s: the proposal is %s", r.name, p.State)
	}
	return p
}

// approvers is the roles that the matrix lets approve a proposal, and that it
// needs.
func (r *rowTrial) approvers(p *qiaomen.Proposal) (out []qiaomen.Role) {
	for _, role := range qiaomen.Roles {
		c := r.p.May(role, qiaomen.ActionNamed(p.Action))
		needed := slices.ContainsFunc(p.Needs, func(set []qiaomen.Role) bool { return slices.Contains(set, role) })
		if needed && !c.Approve && !(r.two && c.Alone()) {
			r.t.Errorf("%s: it needs %s, which the matrix does not let approve it", r.name, role)
		}
		if needed && (c.Approve || c.Alone()) {
			out = append(out, role)
		}
	}
	return out
}

// approvals: everybody but the approvers is refused, and so is who proposed it.
// Without approvers it is only the latter.
func (r *rowTrial) approvals(p *qiaomen.Proposal, proposer string, approvers []qiaomen.Role) {
	a := qiaomen.ActionNamed(p.Action)
	_, in := r.proposal(p.ID)
	refused := func(login string) {
		r.denied(r.t, fmt.Sprintf("%s approved by %s", r.name, login), a, func() error {
			_, err := r.Approve(ctx, r.by(login, in), p.ID)
			return err
		})
	}
	refused(proposer)
	if approvers == nil {
		return
	}
	for _, role := range qiaomen.Roles {
		if login := first(role); !slices.Contains(approvers, role) && login != proposer {
			refused(login)
		}
		if role.OfUnit() && p.Subject.Unit != "" {
			refused(youyi(role))
		}
	}
}

func (r *rowTrial) approve(p *qiaomen.Proposal, role qiaomen.Role) {
	login := first(role)
	if r.personOf(login) == p.By {
		login = of(role)[1]
	}
	_, in := r.proposal(p.ID)
	a, err := r.Approve(ctx, r.by(login, in), p.ID)
	if err != nil {
		r.t.Errorf("%s approved by %s: %v", r.name, login, err)
		return
	}
	if waits := a.Proposal != ""; waits != (len(p.Needs) > 1) {
		r.t.Errorf("%s: approved by %s of %v, it waits is %t", r.name, login, p.Needs, waits)
	}
	r.finish(p.ID)
}
