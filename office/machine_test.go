package office_test

import (
	"fmt"
	"math/rand/v2"
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

	figures, objections, urgings, rankings, papers []string

	file    qiaomen.Evidence
	done    int
	refused int
	did     map[string]int
	chance  *rand.Rand
	steps   uint64
}

// TestRandomPeople: whatever anybody tries, in any order, the journal verifies,
// its replay gives the tables, nobody did what the matrix does not let them, one
// thing has one holder, and the ranking is that of the exported file.
func TestRandomPeople(t *testing.T) {
	total := &tally{did: map[string]int{}}
	steps := 150
	if n, err := strconv.Atoi(os.Getenv("STEPS")); err == nil {
		steps = n
	}
	for _, engine := range storetest.Engines {
		for name, p := range map[string]qiaomen.Procedure{"small": qiaomen.SmallOffice, "gb3": qiaomen.ThreePowers} {
			t.Run(engine+" "+name, func(t *testing.T) {
				runs, failed := 0, false
				rapid.Check(t, func(r *rapid.T) {
					if runs++; runs > rounds() && !failed {
						return
					}
					m := &machine{world: newWorld(t, engine, p), r: r, did: map[string]int{}}
					m.file = m.keeps("handler", "scan", "盖章页.png", paper(1))
					for range steps {
						m.step()
					}
					m.invariants()
					failed = failed || r.Failed()
					total.add(m)
				})
				total.log(t)
			})
		}
	}
}

// A tally is what all the histories came to: a move that nobody ever brought
// off says that the machine does not reach that part of the office.
type tally struct {
	did     map[string]int
	refused int
}

func (y *tally) add(m *machine) {
	for name, n := range m.did {
		y.did[name] += n
	}
	y.refused += m.refused
}

func (y *tally) log(t *testing.T) {
	var never []string
	for _, v := range append(slices.Clone(moves), lateMoves...) {
		if y.did[v.name] == 0 {
			never = append(never, v.name)
		}
	}
	t.Logf("%v; %d refused; never: %v", y.did, y.refused, never)
}

// rounds is how many random histories each engine and profile gets.
func rounds() int {
	if n, err := strconv.Atoi(os.Getenv("ROUNDS")); err == nil {
		return n
	}
	return 2
}

// between is a number of the step's own chance: rapid draws one seed a step,
// since its own numbers lean to the small ones.
func (m *machine) between(low, high int) int { return low + m.chance.IntN(high-low+1) }

func choose[T any](m *machine, from []T) T { return from[m.between(0, len(from)-1)] }

// someone is any person, of any role.
func (m *machine) someone(likely ...string) office.Caller {
	if m.between(0, 3) > 0 && len(likely) > 0 {
		return m.as(choose(m, likely))
	}
	return m.as(cast[m.between(0, len(cast)-1)].login)
}

var (
	clerks    = []string{"handler", "handler2"}
	judges    = []string{"reviewer", "reviewer2", "handler", "handler2"}
	approving = []string{"reviewer", "reviewer2", "member", "member2", "leader", "jixian-head", "youyi-head", "evaluator"}
)

const lead = `{"target_company":"示例甲公司","content":"示例","amount_yi":2}`

// whole is what a record of each kind needs to be handed over.
var whole = map[string]string{"reserve_project": reserve, "domestic_lead": lead}

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

// recordIn is mostly a record in one of the states, sometimes any.
func (m *machine) recordIn(states ...qiaomen.State) string {
	if m.between(0, 5) == 0 {
		return m.recordID()
	}
	var fit []string
	_ = m.store.Read(ctx, winter, 0, func(v *store.View) error {
		for _, id := range m.records {
			r, err := store.One[qiaomen.LedgerRecord](v, id)
			if err != nil || r == nil {
				continue
			}
			if _, state, _ := r.Pending(); slices.Contains(states, state) {
				fit = append(fit, id)
			}
		}
		return nil
	})
	return m.any("record", fit)
}

func (m *machine) any(_ string, ids []string) string {
	if len(ids) == 0 {
		return "nothing"
	}
	return choose(m, ids)
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
	return version + choose(m, []int{0, 0, 0, 0, 0, 0, 1})
}

var moves = []move{
	{"draft", func(m *machine) (*office.Answer, error) {
		unit := choose(m, []string{"jixian", "youyi", "bio-economy"})
		first, _, _ := strings.Cut(unit, "-")
		kind := choose(m, []string{"reserve_project", "domestic_lead"})
		a, err := m.Draft(ctx, m.someone(first+"-reporter"), office.DraftInput{
			Unit: unit, Kind: kind, Fields: []byte(choose(m, []string{whole[kind], whole[kind], `{}`})),
			Name: "示例" + choose(m, []string{"石墨", "风电", "大豆", "煤化工"}) + "项目",
		})
		if err == nil {
			m.drafts = append(m.drafts, a.ID)
		}
		return a, err
	}},
	{"edit", func(m *machine) (*office.Answer, error) {
		id := m.draftID()
		return m.EditDraft(ctx, m.owner(id), office.DraftInput{
			ID: id, Name: "示例" + choose(m, []string{"石墨", "风电", "大豆"}) + "项目",
			Fields: []byte(choose(m, []string{`{}`, reserve, lead, lead, `{"amount_yi":-1}`})),
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
		id := m.recordIn(qiaomen.HandedOver)
		return m.SignOff(ctx, m.owner(id), id)
	}},
	{"withdraw", func(m *machine) (*office.Answer, error) {
		return m.Withdraw(ctx, m.someone(), m.recordIn(qiaomen.Submitted, qiaomen.Returned))
	}},
	{"draft again", func(m *machine) (*office.Answer, error) {
		id := m.recordIn(qiaomen.Returned, qiaomen.Recognised, qiaomen.Withdrawn, qiaomen.Submitted)
		a, err := m.DraftAgain(ctx, m.owner(id), id)
		if err == nil {
			m.drafts = append(m.drafts, a.ID)
		}
		return a, err
	}},
	{"amend", func(m *machine) (*office.Answer, error) {
		id := m.draftID()
		return m.Amend(ctx, m.owner(id), id, choose(m, []string{"补充", ""}))
	}},
	{"enter for", func(m *machine) (*office.Answer, error) {
		a, err := m.EnterFor(ctx, m.someone(clerks...), office.Entry{
			Unit: "jixian", Kind: "reserve_project", Name: "示例" + choose(m, []string{"石墨", "大豆"}) + "项目", Fields: []byte(reserve),
			ReceivedAt: "2023-12-11T10:00:00+08:00", ReceivedNumber: fmt.Sprint("收", m.between(1, 40)),
		})
		return m.reported(a, err)
	}},
	{"accept", func(m *machine) (*office.Answer, error) {
		id := m.recordIn(qiaomen.Submitted)
		return m.Accept(ctx, m.someone(clerks...), id, m.version(id))
	}},
	{"return", func(m *machine) (*office.Answer, error) {
		id := m.recordIn(qiaomen.Submitted, qiaomen.InReview)
		return m.Return(ctx, m.someone(clerks...), id, m.version(id), "请补正")
	}},
	{"recognise", func(m *machine) (*office.Answer, error) {
		id := m.recordIn(qiaomen.InReview)
		return m.Recognise(ctx, m.someone(judges...), office.Decision{
			Record: id, Version: m.version(id), Refuse: m.between(0, 5) == 0, Reason: "示例理由",
		})
	}},
	{"settle", func(m *machine) (*office.Answer, error) {
		return m.Settle(ctx, m.someone("handler", "reviewer", "evaluator"), office.Ruling{
			Records: []string{m.recordID(), m.recordID()}, Same: m.between(0, 1) == 0, Reason: "示例理由",
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
	m.steps++
	m.chance = rand.New(rand.NewPCG(rapid.Uint64().Draw(m.r, "step"), m.steps))
	m.now = m.now.Add(time.Duration(m.between(-1, 6)) * time.Hour)
	list := moves
	if len(m.records) > 2 && m.between(0, 2) == 0 {
		list = lateMoves
	}
	v := choose(m, list)
	a, err := v.try(m)
	if err != nil {
		m.refused++
		return
	}
	m.done++
	m.did[v.name]++
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
	m.ranking()
}

// toldApart tells whether a settlement found two records to be two things.
func toldApart(settled []*qiaomen.Settlement, a, b, key string) bool {
	return slices.ContainsFunc(settled, func(s *qiaomen.Settlement) bool { return s.TellsApart(a, b, key) })
}

// holders: at every position a thing has one holder at most, whatever was told
// apart from it, and what is held is recognised.
func (m *machine) holders() {
	m.r.Helper()
	err := m.store.Read(ctx, winter, 0, func(v *store.View) error {
		size, err := v.Position()
		if err != nil {
			return err
		}
		for p := int64(1); p <= size; p++ {
			held := map[string][]string{}
			all, err := store.All[qiaomen.Claim](v.At(p), store.Filter{States: []qiaomen.State{qiaomen.Held}})
			if err != nil {
				return err
			}
			settled, err := store.All[qiaomen.Settlement](v.At(p), store.Filter{})
			if err != nil {
				return err
			}
			for _, c := range all {
				thing := qiaomen.PlainClaim(c.Key)
				for _, other := range held[thing] {
					if !toldApart(settled, other, c.Record, thing) {
						m.r.Errorf("at %d both %s and %s hold %s", p, other, c.Record, thing)
					}
				}
				held[thing] = append(held[thing], c.Record)
				r, err := store.One[qiaomen.LedgerRecord](v.At(p), c.Record)
				if err != nil {
					return err
				}
				if r == nil || r.State != qiaomen.Recognised {
					m.r.Errorf("at %d %s holds and is not recognised", p, c.Record)
				}
			}
		}
		return nil
	})
	if err != nil {
		m.r.Fatal(err)
	}
}

// allowedBy is the actions that may leave each event.
var allowedBy = map[string][]qiaomen.Action{
	"campaign_created":         {qiaomen.ActOpenCampaign},
	"campaign_opened":          {qiaomen.ActOpenCampaign},
	"record_handed_over":       {qiaomen.ActEditDraft},
	"record_submitted":         {qiaomen.ActSubmit, qiaomen.ActEnterFor},
	"record_signed_off":        {qiaomen.ActSubmit},
	"record_withdrawn":         {qiaomen.ActWithdraw},
	"record_amended":           {qiaomen.ActAmend},
	"record_accepted":          {qiaomen.ActExamine},
	"record_returned":          {qiaomen.ActExamine},
	"record_recognised":        {qiaomen.ActRecognise},
	"record_refused":           {qiaomen.ActRecognise, qiaomen.ActSettle},
	"record_revoked":           {qiaomen.ActSettle, qiaomen.ActRevoke},
	"record_transferred":       {qiaomen.ActTransfer},
	"hearing_opened":           {qiaomen.ActRevoke},
	"explanation_given":        {qiaomen.ActAnswerUrging},
	"duplicate_settled":        {qiaomen.ActSettle},
	"fields_set":               {qiaomen.ActEnterFigure, qiaomen.ActCheckFigure},
	"lead_offered":             {qiaomen.ActOfferLead, qiaomen.ActChooseLead},
	"lead_chosen":              {qiaomen.ActChooseLead},
	"lead_pursued":             {qiaomen.ActRecordPursuit},
	"figure_entered":           {qiaomen.ActEnterFigure},
	"figure_checked":           {qiaomen.ActCheckFigure},
	"figure_refused":           {qiaomen.ActCheckFigure},
	"objection_filed":          {qiaomen.ActObject},
	"objection_opined":         {qiaomen.ActAnswerObjection},
	"objection_returned":       {qiaomen.ActAnswerObjection},
	"objection_decided":        {qiaomen.ActAnswerObjection},
	"adjustment_proposed":      {qiaomen.ActProposeAdjustment},
	"adjustment_approved":      {qiaomen.ActApproveAdjustment},
	"adjustment_declined":      {qiaomen.ActApproveAdjustment, qiaomen.ActProposeAdjustment},
	"opinion_given":            {qiaomen.ActGiveOpinion},
	"unit_urged":               {qiaomen.ActUrge},
	"urging_answered":          {qiaomen.ActAnswerUrging},
	"urging_read":              {qiaomen.ActAnswerUrging},
	"statement_prepared":       {qiaomen.ActPrepareStatement},
	"deadline_extended":        {qiaomen.ActExtend},
	"month_closed":             {qiaomen.ActCloseMonth},
	"month_reopened":           {qiaomen.ActReopenMonth},
	"ranking_drafted":          {qiaomen.ActDraftRanking},
	"ranking_approved":         {qiaomen.ActApproveRanking},
	"ranking_declined":         {qiaomen.ActApproveRanking, qiaomen.ActDraftRanking},
	"announcement_made":        {qiaomen.ActAnnounce},
	"company_kept":             {qiaomen.ActKeepCompany},
	"paper_decision_entered":   {qiaomen.ActExamine},                            // by a handler
	"paper_decision_confirmed": {qiaomen.ActReopenMonth, qiaomen.ActCloseMonth}, // by a reviewer
	"data_exported":            {qiaomen.ActExportAll},
}

// rights: every entry names a grant that its person held then, in a role that
// the matrix lets do what left that event, and of a unit's things a grant of
// that unit. It is worked out from the entries alone.
func (m *machine) rights() {
	m.r.Helper()
	err := m.store.Read(ctx, winter, 0, func(v *store.View) error {
		campaign, err := store.One[qiaomen.Campaign](v, winter)
		if err != nil {
			return err
		}
		size, err := v.Position()
		if err != nil {
			return err
		}
		confirmed := map[string]bool{} // acts that carried out a paper
		for p := int64(1); p <= size; p++ {
			e, err := v.Entry(p)
			if err != nil {
				return err
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
				m.r.Errorf("entry %d of %s stands on another's grant", p, e.Person)
				continue
			}
			actions := allowedBy[e.Event]
			if strings.HasPrefix(e.Event, "proposal_") {
				if actions, err = proposed(v, e.Data); err != nil {
					return err
				}
			}
			// What was decided on paper stands on the grant of who confirmed it.
			may := given.Position > 0 && slices.ContainsFunc(actions, func(a qiaomen.Action) bool {
				return campaign.Procedure.May(g.Grant.Role, a).May
			}) || confirmed[e.Key] && g.Grant.Role == qiaomen.Reviewer
			if e.Event == "paper_decision_confirmed" {
				confirmed[e.Key] = true
			}
			if !may {
				m.r.Errorf("entry %d: a %s left %s", p, g.Grant.Role, e.Event)
			}
			r, err := store.One[qiaomen.LedgerRecord](v.At(p), recordOf(e.Event, e.Data))
			if err != nil {
				return err
			}
			if r != nil && g.Grant.Role.OfUnit() && r.Unit != g.Grant.Unit {
				m.r.Errorf("entry %d: %s touched a record of %s", p, g.Grant.Unit, r.Unit)
			}
		}
		return nil
	})
	if err != nil {
		m.r.Fatal(err)
	}
}

// proposed is the action that a proposal speaks of.
func proposed(v *store.View, data []byte) ([]qiaomen.Action, error) {
	id := recordOf("proposal_made", data)
	if id == "" {
		id = recordOf("proposal_approved", data)
	}
	if id == "" {
		id = recordOf("proposal_declined", data)
	}
	p, err := store.One[qiaomen.Proposal](v, id)
	if err != nil || p == nil {
		return nil, err
	}
	return []qiaomen.Action{qiaomen.ActionNamed(p.Action), qiaomen.ActProposeAdjustment, qiaomen.ActDraftRanking}, nil
}

func recordOf(name string, data []byte) string {
	e, err := qiaomen.DecodeEvent(name, eventVersion, data)
	if err != nil {
		return ""
	}
	return qiaomen.EventSubject(e)
}

const eventVersion = 1
