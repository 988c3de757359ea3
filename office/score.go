package office

import (
	"context"
	"slices"

	"github.com/go-json-experiment/json/jsontext"

	"qiaomen"
	"qiaomen/scheme"
	"qiaomen/store"
)

// A ScoreInput says how the ledger is to be scored. The zero one scores it as it
// stands today.
type ScoreInput struct {
	// Position is that of the journal as of which the ledger is looked at: 0 is
	// the newest.
	Position int64 `json:"position,omitzero"`
	// Cutoff is the last day on which deeds are seen, YYYY-MM-DD; empty: the day
	// of the position.
	Cutoff string `json:"cutoff,omitzero"`
	// Round is the round, of a scheme that has some.
	Round string `json:"round,omitzero"`
	// Readings is what is read otherwise than the scheme has it: choice to option.
	Readings map[string]string `json:"readings,omitzero"`
}

// Score computes the ranking of a ledger: the same ledger gives the same result,
// and nobody can change it by hand (separation 12). The rules are those that
// hold for the month of the cutoff. A member lent by a unit does not see it.
func (o *Office) Score(ctx context.Context, by Caller, q ScoreInput) (result *scheme.Result, err error) {
	err = o.look(ctx, by, qiaomen.ActScore, nil, func(d *desk) error {
		if err := d.inCampaign(false); err != nil {
			return err
		}
		pin, s, err := d.pin(q)
		if err != nil {
			return err
		}
		if result, err = scoreOf(d.r.(*store.View), s, pin); err != nil {
			return err
		}
		hidden, err := d.unseen()
		result = without(result, hidden)
		return err
	})
	if err != nil {
		return nil, err
	}
	return result, nil
}

// pin settles everything that a result is computed from. Every fault of what was
// asked is told.
func (d *desk) pin(q ScoreInput) (*qiaomen.LedgerRanking, *scheme.Scheme, error) {
	var list []*qiaomen.Problem
	wrong := func(field string, err error) {
		p, ok := err.(*qiaomen.Problem)
		if !ok {
			p = &qiaomen.Problem{Text: err.Error()}
		}
		list = append(list, &qiaomen.Problem{Text: p.Text, Fix: p.Fix, At: qiaomen.Place{Field: field}})
	}
	view := d.r.(*store.View)
	pin := &qiaomen.LedgerRanking{Position: q.Position, AsOf: d.day, Round: q.Round, Engine: Engine, Readings: map[string]string{}}
	newest, err := view.Position()
	if err != nil {
		return nil, nil, err
	}
	switch {
	case q.Position == 0:
		pin.Position = newest
	case q.Position < 0 || q.Position > newest:
		wrong("position", problem("存证日志没有这个位置", "请核对，或留空取最新"))
		pin.Position = newest
	default:
		e, err := view.Entry(q.Position)
		if err != nil {
			return nil, nil, err
		}
		pin.AsOf = chinaDay(e.At)
	}
	cutoff := qiaomen.MomentAt(d.at).Day
	if pin.Cutoff = q.Cutoff; q.Cutoff == "" {
		pin.Cutoff = pin.AsOf
	}
	if day, err := qiaomen.ParseDate(pin.Cutoff); err != nil {
		wrong("cutoff", err)
	} else {
		cutoff = day
	}
	pin.Rules = d.campaign.Holding(monthOf(cutoff))
	s, err := d.o.rulesOf(view, pin.Rules)
	if err != nil {
		return nil, nil, err
	}
	if q.Round != "" && roundNamed(s, q.Round) == nil {
		wrong("round", problem("方案里没有轮次“"+qiaomen.Clip(q.Round)+"”", ""))
	}
	readings := s.DefaultReadings()
	for _, key := range sorted(q.Readings) {
		if err := s.Choose(readings, key, q.Readings[key]); err != nil {
			wrong("readings", err)
		}
	}
	for i, c := range s.Choices {
		pin.Readings[c.ID] = c.Options[readings[i]].ID
	}
	return pin, s, faults(list)
}

func roundNamed(s *scheme.Scheme, id string) *scheme.Window {
	i := slices.IndexFunc(s.Rounds, func(w *scheme.Window) bool { return w.ID == id })
	if i < 0 {
		return nil
	}
	return s.Rounds[i]
}

// scoreOf computes what is pinned, from the ledger as of its position. v is any
// view of the journal.
func scoreOf(v *store.View, s *scheme.Scheme, pin *qiaomen.LedgerRanking) (*scheme.Result, error) {
	asOf, err := qiaomen.ParseDate(pin.AsOf)
	if err != nil {
		return nil, err
	}
	cutoff, err := qiaomen.ParseDate(pin.Cutoff)
	if err != nil {
		return nil, err
	}
	readings := s.DefaultReadings()
	for _, key := range sorted(pin.Readings) {
		if err := s.Choose(readings, key, pin.Readings[key]); err != nil {
			return nil, err
		}
	}
	b, err := book(v.At(pin.Position), s)
	if err != nil {
		return nil, err
	}
	return s.Score(b, scheme.View{AsOf: asOf, Cutoff: cutoff, Round: roundNamed(s, pin.Round)}, readings), nil
}

// A LiveRanking is the ranking as it stands at a position, as JSON
// (docs/cli.md). It does not change any more.
type LiveRanking struct {
	Position int64          `json:"position"`
	Day      string         `json:"day,omitzero"`
	JSON     jsontext.Value `json:"result,omitzero"`
}

// Live is the ranking as it stands now: every committed act is in it.
func (o *Office) Live(ctx context.Context, by Caller) (out *LiveRanking, err error) {
	var hidden []string
	err = o.look(ctx, by, qiaomen.ActReadRanking, nil, func(d *desk) error {
		if err := d.inCampaign(false); err != nil {
			return err
		}
		if d.selected(qiaomen.ActReadRanking) {
			return d.deny("只能查看审定的排名")
		}
		hidden, err = d.unseen()
		return err
	})
	if err != nil {
		return nil, err
	}
	err = o.withLive(ctx, by.Campaign, func(l *live) error {
		res := l.live.Result()
		if len(hidden) > 0 {
			out = &LiveRanking{l.at, res.View.Cutoff.String(), without(res, hidden).JSON()}
			return nil
		}
		if len(l.shown) == 0 {
			l.shown = res.JSON()
		}
		out = &LiveRanking{l.at, res.View.Cutoff.String(), slices.Clone(l.shown)}
		return nil
	})
	return out, err
}

// An OwnScore is what a unit may see of itself before anything is published
// (units_see): its lines and what it lacks; its place and how far its
// neighbours are, where the campaign lets it; the ranking, where it lets all.
type OwnScore struct {
	Unit     string         `json:"unit,omitzero"`
	Name     string         `json:"name,omitzero"`
	Sees     string         `json:"sees,omitzero"` // own_score, own_rank, ranking
	Position int64          `json:"position"`
	Day      string         `json:"day,omitzero"`
	Total    qiaomen.Number `json:"total"`
	Lines    []OwnLine      `json:"lines,omitzero"`
	Other    []OwnRecord    `json:"other,omitzero"` // records that no line looks at, and why
	Lacks    []OwnLack      `json:"lacks,omitzero"`

	Rank    int                  `json:"rank"`           // 0: not shown, or not ranked
	Above   *qiaomen.Number      `json:"above,omitzero"` // points to the next better place, and to the next worse one
	Below   *qiaomen.Number      `json:"below,omitzero"`
	Ranking []qiaomen.RankedUnit `json:"ranking,omitzero"`
}

// An OwnLine is one line of a score card with its arithmetic in words, its
// clauses and the records behind it.
type OwnLine struct {
	ID         string         `json:"id,omitzero"`
	Name       string         `json:"name,omitzero"`
	Base       qiaomen.Number `json:"base"`
	Deduction  qiaomen.Number `json:"deduction"`
	Bonus      qiaomen.Number `json:"bonus"`
	Score      qiaomen.Number `json:"score"`
	Scored     bool           `json:"scored"`
	Pending    string         `json:"pending,omitzero"`
	Sentence   string         `json:"sentence,omitzero"`
	Clauses    []string       `json:"clauses,omitzero"`
	Measures   []OwnMeasure   `json:"measures,omitzero"`
	Counted    []OwnRecord    `json:"counted,omitzero"`
	NotCounted []OwnRecord    `json:"not_counted,omitzero"`
}

// An OwnMeasure is a number of the unit against its target; empty: there is none.
type OwnMeasure struct {
	ID     string `json:"id,omitzero"`
	Name   string `json:"name,omitzero"`
	Target string `json:"target,omitzero"`
	Actual string `json:"actual,omitzero"`
}

// An OwnRecord is a record on the card, and why it does not count.
type OwnRecord struct {
	ID   string `json:"id,omitzero"`
	Name string `json:"name,omitzero"`
	Kind string `json:"kind,omitzero"`
	Why  string `json:"why,omitzero"`
}

// An OwnLack is what one more record of a sort is worth to the unit now.
type OwnLack struct {
	Kind  string         `json:"kind,omitzero"`
	Says  string         `json:"says,omitzero"`
	Worth qiaomen.Number `json:"worth"`
	// WholeBase is how many more of these alone leave no deduction; 0: nothing
	// is deducted, or no number would do.
	WholeBase int `json:"whole_base"`
	// Climb is how many alone reach a better place, and Place which; only where
	// the unit may know its place.
	Climb int `json:"climb"`
	Place int `json:"place"`
}

// How much of the ranking a unit sees before it is published.
const (
	ownScore   = "own_score"
	ownRank    = "own_rank"
	allRanking = "ranking"
)

// MyScore is a unit's own standing now, as far as the campaign lets units see
// it. The office sees by it what the unit sees.
func (o *Office) MyScore(ctx context.Context, by Caller, unit string) (out *OwnScore, err error) {
	err = o.look(ctx, by, qiaomen.ActReadOwn, func(*desk) (string, error) { return unit, nil }, func(d *desk) error {
		if err := d.inCampaign(false); err != nil {
			return err
		}
		if d.selected(qiaomen.ActReadOwn) {
			return d.deny("只能查看审定的排名")
		}
		if hidden, err := d.unseen(); err != nil {
			return err
		} else if slices.Contains(hidden, unit) {
			return d.aside(qiaomen.Subject{Unit: unit})
		}
		out = &OwnScore{Unit: unit, Sees: d.campaign.UnitsSee}
		return nil
	})
	if err != nil {
		return nil, err
	}
	err = o.withLive(ctx, by.Campaign, func(l *live) error {
		u := l.rules.Unit(unit)
		if u == nil {
			return lost("单位", unit)
		}
		out.Name, out.Position, out.Day = u.Name, l.at, l.live.Result().View.Cutoff.String()
		out.fill(l, u)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// fill takes out of the live ranking what the unit may see, and nothing else.
func (s *OwnScore) fill(l *live, u *scheme.Unit) {
	res := l.live.Result()
	mine := res.Unit(u)
	var own []qiaomen.Record
	for _, k := range l.known {
		if k.scored.Unit == u.Index() {
			own = append(own, *k.scored)
		}
	}
	card := res.Explain(mine, own)
	s.Total = mine.Total
	for _, c := range card.Lines {
		s.Lines = append(s.Lines, ownLine(c))
	}
	s.Other = ownRecords(slices.Concat(card.Beside, card.Other))
	for _, a := range res.Advise(mine) {
		lack := OwnLack{Kind: a.Profile.Kind.Name, Says: a.Profile.Says, Worth: a.Worth, WholeBase: a.WholeBase.N}
		if s.Sees != ownScore {
			lack.Climb, lack.Place = a.Climb.N, a.Place
		}
		s.Lacks = append(s.Lacks, lack)
	}
	if s.Sees == ownRank || s.Sees == allRanking {
		s.Rank = mine.Place
		for _, g := range res.Groups {
			if g.Group == u.Group {
				s.Above, s.Below = gaps(g, mine)
			}
		}
	}
	if s.Sees == allRanking {
		s.Ranking = totals(res, nil, false)
	}
}

func ownLine(c *scheme.CardLine) OwnLine {
	l := c.Line
	out := OwnLine{
		ID: l.Line.ID, Name: l.Line.Name, Base: l.Base, Deduction: l.Deduction, Bonus: l.Bonus, Score: l.Score,
		Scored: l.Scored, Pending: l.Pending, Sentence: c.Sentence, Counted: ownRecords(c.Counted), NotCounted: ownRecords(c.NotCounted),
	}
	for _, clause := range c.Clauses {
		out.Clauses = append(out.Clauses, clause.ID)
	}
	for i := range l.Measures {
		m := &l.Measures[i]
		own := OwnMeasure{ID: m.Measure.ID, Name: m.Measure.Name, Actual: m.Text()}
		if m.Target.Kind == scheme.TargetGiven {
			own.Target = m.Measure.Scale.Show(m.Target.Number).String()
		}
		out.Measures = append(out.Measures, own)
	}
	return out
}

func ownRecords(list []scheme.CardRecord) []OwnRecord {
	var out []OwnRecord
	for _, r := range list {
		out = append(out, OwnRecord{r.ID, r.Name, r.Kind.Name, r.Why})
	}
	return out
}

// gaps is how many points the unit is behind the next better place, and ahead
// of the next worse one; where points do not decide, there are none.
func gaps(g *scheme.GroupResult, mine *scheme.UnitResult) (above, below *qiaomen.Number) {
	if !byTotal(g) {
		return nil, nil
	}
	for _, other := range g.Units { // the best first
		switch {
		case other.Place < mine.Place:
			gap := other.Total.Sub(mine.Total)
			above = &gap
		case other.Place > mine.Place && below == nil:
			gap := mine.Total.Sub(other.Total)
			below = &gap
		}
	}
	return above, below
}
