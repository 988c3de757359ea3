package office_test

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"qiaomen"
	"qiaomen/office"
	"qiaomen/store"
	"qiaomen/store/storetest"
)

// A machine is an office in which random people do random things: right ones
// and wrong ones, on things that are theirs and that are not, in states in which
// they may and may not.
type machine struct {
	*world
	r       *rapid.T
	drafts  []string
	records []string
	waiting []string // proposals
	done    int
	refused int
}

// TestRandomPeople: whatever anybody tries, in any order, the journal verifies,
// its replay gives the tables, nobody did what the matrix does not let them, one
// thing has one holder, and the ranking is that of the exported file.
func TestRandomPeople(t *testing.T) {
	steps := 150
	if n, err := strconv.Atoi(os.Getenv("STEPS")); err == nil {
		steps = n
	}
	for _, engine := range storetest.Engines {
		for name, p := range map[string]qiaomen.Procedure{"small": qiaomen.SmallOffice, "gb3": qiaomen.ThreePowers} {
			t.Run(engine+" "+name, func(t *testing.T) {
				runs := 0
				rapid.Check(t, func(r *rapid.T) {
					if runs++; runs > rounds() {
						return
					}
					good := t.Run(fmt.Sprint(runs), func(t *testing.T) {
						m := &machine{world: newWorld(t, engine, p), r: r}
						for range steps {
							m.step()
						}
						m.invariants()
						if m.done < steps/6 || m.refused < steps/10 {
							t.Errorf("%d done and %d refused of %d: the moves are not those of an office", m.done, m.refused, steps)
						}
					})
					if !good {
						r.FailNow()
					}
				})
			})
		}
	}
}

// rounds is how many random histories each engine and profile gets.
func rounds() int {
	if n, err := strconv.Atoi(os.Getenv("ROUNDS")); err == nil {
		return n
	}
	return 2
}

func pick[T any](r *rapid.T, name string, from []T) T {
	return from[rapid.IntRange(0, len(from)-1).Draw(r, name)]
}

// someone is any person, of any role.
func (m *machine) someone(likely ...string) office.Caller {
	if rapid.IntRange(0, 3).Draw(m.r, "right person") > 0 && len(likely) > 0 {
		return m.as(pick(m.r, "likely", likely))
	}
	return m.as(cast[rapid.IntRange(0, len(cast)-1).Draw(m.r, "anybody")].login)
}

var (
	clerks    = []string{"handler", "handler2"}
	judges    = []string{"reviewer", "reviewer2", "handler", "handler2"}
	approving = []string{"reviewer", "reviewer2", "member", "member2", "leader", "jixian-head", "youyi-head", "evaluator"}
)

// A move is one thing that somebody may try.
type move struct {
	name string
	try  func(m *machine) (*office.Answer, error)
}

// owner is somebody of the unit whose draft or record it is, or anybody.
func (m *machine) owner(id string) office.Caller {
	unit := "jixian"
	_ = m.store.Read(ctx, winter, 0, func(v *store.View) error {
		if w, err := v.Work("draft", id); err == nil && w != nil {
			unit = w.Unit
		}
		if r, err := store.One[qiaomen.LedgerRecord](v, id); err == nil && r != nil {
			unit = r.Unit
		}
		return nil
	})
	first, _, _ := strings.Cut(unit, "-")
	return m.someone(first+"-reporter", first+"-head")
}

func (m *machine) draftID() string  { return m.any("draft", m.drafts) }
func (m *machine) recordID() string { return m.any("record", m.records) }

func (m *machine) any(name string, ids []string) string {
	if len(ids) == 0 {
		return "nothing"
	}
	return pick(m.r, name, ids)
}

func (m *machine) version(id string) int {
	version := 0
	_ = m.store.Read(ctx, winter, 0, func(v *store.View) error {
		r, err := store.One[qiaomen.LedgerRecord](v, id)
		if err == nil && r != nil {
			version, _, _ = r.Pending()
		}
		return err
	})
	return version + rapid.SampledFrom([]int{0, 0, 0, 0, 1}).Draw(m.r, "wrong version")
}

var moves = []move{
	{"draft", func(m *machine) (*office.Answer, error) {
		unit := pick(m.r, "unit", []string{"jixian", "youyi", "bio-economy"})
		first, _, _ := strings.Cut(unit, "-")
		a, err := m.Draft(ctx, m.someone(first+"-reporter"), office.DraftInput{
			Unit: unit, Kind: pick(m.r, "kind", []string{"reserve_project", "reserve_project", "domestic_lead"}),
			Name: "示例" + pick(m.r, "name", []string{"石墨", "风电", "大豆", "煤化工"}) + "项目", Fields: []byte(pick(m.r, "fields", []string{reserve, reserve, `{}`})),
		})
		if err == nil {
			m.drafts = append(m.drafts, a.ID)
		}
		return a, err
	}},
	{"edit", func(m *machine) (*office.Answer, error) {
		id := m.draftID()
		return m.EditDraft(ctx, m.owner(id), office.DraftInput{
			ID: id, Name: "示例" + pick(m.r, "name", []string{"石墨", "风电", "大豆"}) + "项目",
			Fields: []byte(pick(m.r, "fields", []string{`{}`, reserve, `{"target_company":"示例甲公司","content":"示例","amount_yi":2}`, `{"amount_yi":-1}`})),
		})
	}},
	{"submit", func(m *machine) (*office.Answer, error) {
		id := m.draftID()
		a, err := m.Submit(ctx, m.owner(id), id)
		return m.reported(a, err)
	}},
	{"hand over", func(m *machine) (*office.Answer, error) {
		id := m.draftID()
		a, err := m.HandOver(ctx, m.owner(id), id)
		return m.reported(a, err)
	}},
	{"sign off", func(m *machine) (*office.Answer, error) {
		id := m.recordID()
		return m.SignOff(ctx, m.owner(id), id)
	}},
	{"withdraw", func(m *machine) (*office.Answer, error) {
		return m.Withdraw(ctx, m.someone(), m.recordID())
	}},
	{"draft again", func(m *machine) (*office.Answer, error) {
		id := m.recordID()
		a, err := m.DraftAgain(ctx, m.owner(id), id)
		if err == nil {
			m.drafts = append(m.drafts, a.ID)
		}
		return a, err
	}},
	{"amend", func(m *machine) (*office.Answer, error) {
		id := m.draftID()
		return m.Amend(ctx, m.owner(id), id, pick(m.r, "reason", []string{"补充", ""}))
	}},
	{"enter for", func(m *machine) (*office.Answer, error) {
		a, err := m.EnterFor(ctx, m.someone(clerks...), office.Entry{
			Unit: "jixian", Kind: "reserve_project", Name: "示例" + pick(m.r, "name", []string{"石墨", "大豆"}) + "项目", Fields: []byte(reserve),
			ReceivedAt: "2023-12-11T10:00:00+08:00", ReceivedNumber: "收1",
		})
		return m.reported(a, err)
	}},
	{"accept", func(m *machine) (*office.Answer, error) {
		id := m.recordID()
		return m.Accept(ctx, m.someone(clerks...), id, m.version(id))
	}},
	{"return", func(m *machine) (*office.Answer, error) {
		id := m.recordID()
		return m.Return(ctx, m.someone(clerks...), id, m.version(id), "请补正")
	}},
	{"recognise", func(m *machine) (*office.Answer, error) {
		id := m.recordID()
		return m.Recognise(ctx, m.someone(judges...), office.Decision{
			Record: id, Version: m.version(id), Refuse: rapid.IntRange(0, 5).Draw(m.r, "refuse") == 0, Reason: "示例理由",
		})
	}},
	{"settle", func(m *machine) (*office.Answer, error) {
		return m.Settle(ctx, m.someone("handler", "reviewer", "evaluator"), office.Ruling{
			Records: []string{m.recordID(), m.recordID()}, Same: rapid.Bool().Draw(m.r, "same"), Reason: "示例理由",
		})
	}},
	{"approve", func(m *machine) (*office.Answer, error) {
		return m.Approve(ctx, m.someone(approving...), m.any("proposal", m.waiting))
	}},
	{"decline", func(m *machine) (*office.Answer, error) {
		return m.Decline(ctx, m.someone(approving...), m.any("proposal", m.waiting), "示例理由")
	}},
	{"take back", func(m *machine) (*office.Answer, error) {
		return m.TakeBack(ctx, m.someone(clerks...), m.any("proposal", m.waiting))
	}},
}

func (m *machine) reported(a *office.Answer, err error) (*office.Answer, error) {
	if err == nil && !slices.Contains(m.records, a.ID) {
		m.records = append(m.records, a.ID)
	}
	return a, err
}

func (m *machine) step() {
	m.now = m.now.Add(time.Duration(rapid.IntRange(-1, 40).Draw(m.r, "hours")) * time.Hour)
	v := pick(m.r, "move", moves)
	a, err := v.try(m)
	if err != nil {
		m.refused++
		return
	}
	m.done++
	if a.Proposal != "" {
		m.waiting = append(m.waiting, a.Proposal)
	}
}

// invariants asks of the whole history what must hold whatever was tried. That
// the journal verifies and its replay gives the tables is asked of every
// test's ledger when it ends.
func (m *machine) invariants() {
	m.holders()
	m.rights()
}

// holders: at every position a key has one holder at most, and what is held is
// recognised.
func (m *machine) holders() {
	m.t.Helper()
	err := m.store.Read(ctx, winter, 0, func(v *store.View) error {
		size, err := v.Position()
		if err != nil {
			return err
		}
		for p := int64(1); p <= size; p++ {
			held := map[string]string{}
			all, err := store.All[qiaomen.Claim](v.At(p), store.Filter{States: []qiaomen.State{qiaomen.Held}})
			if err != nil {
				return err
			}
			for _, c := range all {
				if other := held[c.Key]; other != "" {
					m.t.Errorf("at %d both %s and %s hold %s", p, other, c.Record, c.Key)
				}
				held[c.Key] = c.Record
				r, err := store.One[qiaomen.LedgerRecord](v.At(p), c.Record)
				if err != nil {
					return err
				}
				if r == nil || r.State != qiaomen.Recognised {
					m.t.Errorf("at %d %s holds and is not recognised", p, c.Record)
				}
			}
		}
		return nil
	})
	if err != nil {
		m.t.Fatal(err)
	}
}

// allowedBy is the actions that may leave each event. What is not here is not
// done by the moves of the machine.
var allowedBy = map[string][]qiaomen.Action{
	"campaign_created":   {qiaomen.ActOpenCampaign},
	"campaign_opened":    {qiaomen.ActOpenCampaign},
	"record_handed_over": {qiaomen.ActEditDraft},
	"record_submitted":   {qiaomen.ActSubmit, qiaomen.ActEnterFor},
	"record_signed_off":  {qiaomen.ActSubmit},
	"record_withdrawn":   {qiaomen.ActWithdraw},
	"record_amended":     {qiaomen.ActAmend},
	"record_accepted":    {qiaomen.ActExamine},
	"record_returned":    {qiaomen.ActExamine},
	"record_recognised":  {qiaomen.ActRecognise},
	"record_refused":     {qiaomen.ActRecognise, qiaomen.ActSettle},
	"record_revoked":     {qiaomen.ActSettle, qiaomen.ActRevoke},
	"duplicate_settled":  {qiaomen.ActSettle},
	"proposal_made":      {qiaomen.ActRecognise, qiaomen.ActSettle, qiaomen.ActAmend, qiaomen.ActOpenCampaign},
	"proposal_approved":  {qiaomen.ActRecognise, qiaomen.ActSettle, qiaomen.ActAmend, qiaomen.ActOpenCampaign},
	"proposal_declined":  {qiaomen.ActRecognise, qiaomen.ActSettle, qiaomen.ActAmend, qiaomen.ActOpenCampaign},
}

// rights: every entry names a grant that its person held then, in a role that
// the matrix lets do what left that event, and of a unit's things a grant of
// that unit. It is worked out from the entries alone.
func (m *machine) rights() {
	m.t.Helper()
	err := m.store.Read(ctx, winter, 0, func(v *store.View) error {
		campaign, err := store.One[qiaomen.Campaign](v, winter)
		if err != nil {
			return err
		}
		size, err := v.Position()
		if err != nil {
			return err
		}
		for p := int64(1); p <= size; p++ {
			e, err := v.Entry(p)
			if err != nil {
				return err
			}
			if e.Event == "proposal_declined" && e.Grant == 0 {
				continue // its proposer took it back
			}
			given, err := v.In(office.InstallationJournal).Entry(e.Grant)
			if err != nil {
				return fmt.Errorf("entry %d names the grant %d: %w", p, e.Grant, err)
			}
			event, err := qiaomen.DecodeEvent(given.Event, given.Version, given.Data)
			if err != nil {
				return err
			}
			g, ok := event.(*qiaomen.RoleGranted)
			if !ok || g.Grant.Person != e.Person {
				m.t.Errorf("entry %d of %s stands on another's grant", p, e.Person)
				continue
			}
			may := slices.ContainsFunc(allowedBy[e.Event], func(a qiaomen.Action) bool {
				return campaign.Procedure.May(g.Grant.Role, a).May
			})
			if !may {
				m.t.Errorf("entry %d: a %s left %s", p, g.Grant.Role, e.Event)
			}
			r, err := store.One[qiaomen.LedgerRecord](v.At(p), recordOf(e.Event, e.Data))
			if err != nil {
				return err
			}
			if r != nil && g.Grant.Role.OfUnit() && r.Unit != g.Grant.Unit {
				m.t.Errorf("entry %d: %s touched a record of %s", p, g.Grant.Unit, r.Unit)
			}
		}
		return nil
	})
	if err != nil {
		m.t.Fatal(err)
	}
}

func recordOf(name string, data []byte) string {
	e, err := qiaomen.DecodeEvent(name, eventVersion, data)
	if err != nil {
		return ""
	}
	return qiaomen.EventSubject(e)
}

const eventVersion = 1
