package office

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"

	"qiaomen"
	"qiaomen/scheme"
	"qiaomen/store"
)

// An Occurrence is a duty at one of its due days. Due may be left out of one
// that falls due once.
type Occurrence struct {
	Duty string `json:"duty"`
	Due  string `json:"due,omitzero"`
}

// A Paper is what a unit hands in for duties: what each of their items says, and
// files. A file answers the item that its type names; a file without a type is
// the whole document and answers them all. One paper may answer several duties,
// as a plan that is also the plan of activities (五(一)).
type Paper struct {
	Unit   string             `json:"unit"`
	For    []Occurrence       `json:"for"`
	Items  map[string]string  `json:"items,omitzero"`
	Papers []qiaomen.Evidence `json:"papers,omitzero"`
}

var handIn = &act[Paper]{
	action: qiaomen.ActHandIn,
	about:  func(_ *desk, a *Paper) (qiaomen.Subject, error) { return qiaomen.Subject{Unit: a.Unit}, nil },
	check: func(d *desk, a *Paper) error {
		if _, err := d.unit(a.Unit); err != nil {
			return err
		}
		owed, err := d.answered(a)
		if err != nil {
			return err
		}
		return faults(d.checkPapers(a, owed))
	},
	do: func(d *desk, a *Paper) (string, error) {
		owed, err := d.answered(a)
		if err != nil {
			return "", err
		}
		for _, w := range owed {
			if err := d.handIn(a, w); err != nil {
				return "", err
			}
		}
		return qiaomen.FulfilmentID(owed[0].Duty.ID, a.Unit, owed[0].Due), nil
	},
}

// HandIn gives the office what duties ask: a plan, the minutes of the
// mobilisation, the contact person (四(一), 五(一), 五(四)). Handed in again it
// stands beside the first, which decides whether it was in time. Of a personal
// duty the journal says only that its items are there.
func (o *Office) HandIn(ctx context.Context, by Caller, a Paper) (*Answer, error) {
	return perform(ctx, o, by, handIn, a)
}

// answered is the duties that a paper is for.
func (d *desk) answered(a *Paper) ([]*Owed, error) {
	var out []*Owed
	var list []*qiaomen.Problem
	for _, one := range a.For {
		w, err := d.occurrence(one.Duty, a.Unit, one.Due)
		if p, ok := err.(*qiaomen.Problem); ok {
			list = append(list, p)
			continue
		} else if err != nil {
			return nil, err
		}
		if byStatement(w.Duty) {
			list = append(list, &qiaomen.Problem{Text: "“" + w.Duty.Name + "”报的是月报表", Fix: "请先编制月报表，再签署或交盖章的扫描件", At: qiaomen.Place{Field: "for"}})
		}
		if slices.ContainsFunc(out, func(x *Owed) bool { return x.Duty == w.Duty && x.Due == w.Due }) {
			list = append(list, &qiaomen.Problem{Text: "“" + w.Duty.Name + "”选了两次", Fix: "请留一次", At: qiaomen.Place{Field: "for"}})
		}
		out = append(out, w)
	}
	if len(a.For) == 0 {
		list = append(list, &qiaomen.Problem{Text: "没有选报送的事项", Fix: "请选一项以上", At: qiaomen.Place{Field: "for"}})
	}
	return out, faults(list)
}

// mostItem is how long the text of one item may be.
const mostItem = 2000

// checkPapers finds what the duties ask and the paper does not give, and what it
// gives and nobody asks.
func (d *desk) checkPapers(a *Paper, owed []*Owed) []*qiaomen.Problem {
	var list []*qiaomen.Problem
	add := func(field, text, fix string) {
		list = append(list, &qiaomen.Problem{Text: text, Fix: fix, At: qiaomen.Place{Field: field}})
	}
	asked := map[string]bool{}
	personal := true
	for _, w := range owed {
		personal = personal && w.Duty.Personal
		for _, item := range w.Duty.HandIn {
			asked[item] = true
			text := strings.TrimSpace(a.Items[item])
			switch {
			case text == "" && (w.Duty.Personal || !slices.ContainsFunc(a.Papers, answers(item))):
				add("items", "“"+w.Duty.Name+"”没有报“"+item+"”", "请填写，或附上写有它的材料")
			case len([]rune(text)) > mostItem:
				add("items", fmt.Sprintf("“%s”超过%d个字", item, mostItem), "请写得短些，或改用附件")
			case !w.Duty.Personal:
				list = append(list, private("items", text)...)
			}
		}
	}
	for _, item := range sorted(a.Items) {
		if !asked[item] {
			add("items", "没有事项要求报“"+qiaomen.Clip(item)+"”", "请删去")
		}
	}
	if personal && len(a.Papers) > 0 {
		add("papers", "联系人等个人信息不收附件", "请直接填写")
	}
	for _, e := range a.Papers {
		if e.Type != "" && !asked[e.Type] {
			add("papers", "没有事项要求报“"+qiaomen.Clip(e.Type)+"”", "请改选这份材料所答的项目")
		}
	}
	return append(list, d.keptAll("papers", &a.Papers)...)
}

// answers tells of a file whether it gives an item.
func answers(item string) func(qiaomen.Evidence) bool {
	return func(e qiaomen.Evidence) bool { return e.Type == "" || e.Type == item }
}

func (d *desk) handIn(a *Paper, w *Owed) error {
	f := qiaomen.Fulfilment{Duty: w.Duty.ID, Unit: a.Unit, Due: w.Due, Personal: w.Duty.Personal}
	items := map[string]string{}
	for _, item := range w.Duty.HandIn {
		if text := strings.TrimSpace(a.Items[item]); text != "" {
			items[item] = text
		}
		for _, e := range a.Papers {
			if answers(item)(e) && !slices.Contains(f.Papers, e) && !w.Duty.Personal {
				f.Papers = append(f.Papers, e)
			}
		}
	}
	if !w.Duty.Personal {
		f.Items = items
		return d.emit(&qiaomen.PaperHandedIn{Fulfilment: f})
	}
	data, err := json.Marshal(items, json.Deterministic(true))
	if err != nil {
		return err
	}
	if err := d.tx.Keep("personal", store.Work{ID: f.Row().ID, Unit: a.Unit, Owner: d.person, Data: data}); err != nil {
		return err
	}
	return d.emit(&qiaomen.PaperHandedIn{Fulfilment: f})
}

var (
	mobileNumber = regexp.MustCompile(`(?:^|[^0-9])(?:\+?86)?1[3-9][0-9]{9}(?:[^0-9]|$)`)
	identityCard = regexp.MustCompile(`(?:^|[^0-9A-Za-z])[1-9][0-9]{5}(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}[0-9Xx](?:[^0-9A-Za-z]|$)`)
)

// private finds telephones and identity cards in a text that is to be sealed:
// nothing takes them out of the journal again.
func private(field, text string) []*qiaomen.Problem {
	if !mobileNumber.MatchString(text) && !identityCard.MatchString(text) {
		return nil
	}
	return []*qiaomen.Problem{{Text: "这里写的会永久存证，不能有手机号或身份证号", Fix: "请删去；联系方式请报在联系人一项", At: qiaomen.Place{Field: field}}}
}

// written finds what is wrong with a text of a form that is to be sealed: it is
// short, and holds no personal data.
func written(field, text string) []*qiaomen.Problem {
	list := private(field, text)
	if len([]rune(text)) > mostItem {
		list = append(list, &qiaomen.Problem{Text: fmt.Sprintf("超过%d个字", mostItem), Fix: "请写得短些，或改用附件", At: qiaomen.Place{Field: field}})
	}
	return list
}

// mostNamed bounds how many units or records one act may name.
const mostNamed = 100

// tooMany is a list of a form that is too long for one act.
func tooMany(field, what string, n, most int) []*qiaomen.Problem {
	if n <= most {
		return nil
	}
	return []*qiaomen.Problem{{Text: fmt.Sprintf("一次最多%d%s", most, what), Fix: "请分几次办理", At: qiaomen.Place{Field: field}}}
}

func sorted(m map[string]string) []string {
	var out []string
	for key := range m {
		out = append(out, key)
	}
	slices.Sort(out)
	return out
}

// A Standing is a duty of a unit as lists show it: how it stands, and whether
// the office pressed for it.
type Standing struct {
	*Owed
	UnitName string
	Now      string          // on_time, late, open, overdue: missing
	Urged    *qiaomen.Urging // the newest; nil: never
}

// Duties is everything that a unit owes, in the order in which it falls due.
func (o *Office) Duties(ctx context.Context, by Caller, unit string) (out []*Standing, err error) {
	err = o.lookIn(ctx, by, qiaomen.ActReadOwn, func(*desk) (string, error) { return unit, nil }, func(d *desk) error {
		if d.selected(qiaomen.ActReadOwn) {
			return d.deny("没有权限")
		}
		if d.rules.Unit(unit) == nil {
			return lost("单位", unit)
		}
		out, err = d.standings(unit)
		slices.SortStableFunc(out, func(a, b *Standing) int { return cmp.Compare(a.Until, b.Until) })
		return err
	})
	return out, err
}

// AllDuties is what every unit owes: what is overdue first, then what is still
// open, then what is done, each in the order in which it falls due (五(四)).
func (o *Office) AllDuties(ctx context.Context, by Caller) (out []*Standing, err error) {
	err = o.lookIn(ctx, by, qiaomen.ActReadOthers, nil, func(d *desk) error {
		if d.selected(qiaomen.ActReadOthers) {
			return d.deny("没有权限")
		}
		for _, u := range d.rules.Units {
			known, err := store.One[qiaomen.LedgerUnit](d.r, u.ID)
			if err != nil {
				return err
			}
			if known != nil && known.MergedInto != "" {
				continue // what it owed is the other's now
			}
			its, err := d.standings(u.ID)
			if err != nil {
				return err
			}
			out = append(out, its...)
		}
		first := []string{"overdue", "open", "late", "on_time"}
		slices.SortStableFunc(out, func(a, b *Standing) int {
			return cmp.Or(cmp.Compare(slices.Index(first, a.Now), slices.Index(first, b.Now)), cmp.Compare(a.Until, b.Until))
		})
		return nil
	})
	return out, err
}

func (d *desk) standings(unit string) ([]*Standing, error) {
	owed, err := d.owed(unit)
	if err != nil {
		return nil, err
	}
	urgings, err := store.All[qiaomen.Urging](d.r, store.Filter{Unit: unit})
	if err != nil {
		return nil, err
	}
	name, err := d.named(unit)
	if err != nil {
		return nil, err
	}
	var out []*Standing
	for _, w := range owed {
		s := &Standing{Owed: w, UnitName: name, Now: w.State(d.at)}
		for _, u := range urgings {
			if u.Duty == w.Duty.ID && u.Due == w.Due && (s.Urged == nil || s.Urged.At < u.At) {
				s.Urged = u
			}
		}
		out = append(out, s)
	}
	return out, nil
}

// selected tells whether the person sees only a selection of what the action
// shows.
func (d *desk) selected(a qiaomen.Action) bool {
	return d.campaign.Procedure.May(d.using.Role, a).View
}

// A Delay asks for more time for a duty.
type Delay struct {
	Occurrence
	Units  []string `json:"units,omitzero"` // empty: all that owe it
	To     string   `json:"to"`             // a time, or a day: its close of work
	Reason string   `json:"reason"`
}

var extend = twofold(&act[Delay]{
	action: qiaomen.ActExtend,
	about:  func(_ *desk, a *Delay) (qiaomen.Subject, error) { return qiaomen.Subject{Units: a.Units}, nil },
	check: func(d *desk, a *Delay) error {
		var list []*qiaomen.Problem
		to, wrong := d.moment("to", a.To)
		if wrong != nil {
			list = append(list, wrong)
		}
		if err := reasoned(a.Reason); err != nil {
			list = append(list, err.(*qiaomen.Problem))
		}
		if many := tooMany("units", "个单位", len(a.Units), mostNamed); many != nil {
			return faults(append(list, many...))
		}
		units := a.Units
		if len(units) == 0 {
			units = d.owing(a.Duty)
		}
		for _, unit := range units {
			w, err := d.occurrence(a.Duty, unit, a.Due)
			if p, ok := err.(*qiaomen.Problem); ok {
				list = append(list, p)
			} else if err != nil {
				return err
			} else if wrong == nil && to <= w.Until {
				list = append(list, &qiaomen.Problem{
					Text: "“" + d.unitName([]string{unit}) + "”的期限本来就到" + say(w.Until), Fix: "只能延到更晚", At: qiaomen.Place{Field: "to"},
				})
			} else {
				a.Due = w.Due
			}
		}
		closed, err := d.closedOver(a.Duty, a.Due)
		if err != nil {
			return err
		}
		list = append(list, closed...)
		if len(units) == 0 {
			list = append(list, &qiaomen.Problem{Text: "方案里没有单位承办的应办事项“" + qiaomen.Clip(a.Duty) + "”", At: qiaomen.Place{Field: "duty"}})
		}
		return faults(list)
	},
	do: func(d *desk, a *Delay) (string, error) {
		to, wrong := d.moment("to", a.To)
		if wrong != nil {
			return "", wrong
		}
		id := d.newID("x-")
		return id, d.emit(&qiaomen.DeadlineExtended{Extension: qiaomen.Extension{
			ID: id, Duty: a.Duty, Due: a.Due, Units: a.Units, To: to, Reason: a.Reason,
		}})
	},
})

// Extend moves a deadline to later, for some units or for all, with a reason;
// also after the fact, as when the system was down (P5). It takes two people.
func (o *Office) Extend(ctx context.Context, by Caller, a Delay) (*Answer, error) {
	return perform(ctx, o, by, extend, a)
}

// closedOver finds the closed month that a duty's day is reported for: what it
// was closed with stands until it is reopened (separation 14).
func (d *desk) closedOver(duty, due string) ([]*qiaomen.Problem, error) {
	for month, dues := range d.monthlyDues() {
		if !slices.ContainsFunc(dues, func(x monthlyDue) bool { return x.duty.ID == duty && x.due.String() == due }) {
			continue
		}
		known, err := store.One[qiaomen.Month](d.r, month)
		if err == nil && known != nil && known.State == qiaomen.Closed {
			return []*qiaomen.Problem{{Text: sayMonth(month) + "已经月结，期限不能再改", Fix: "请先申请重新开放这个月", At: qiaomen.Place{Field: "due"}}}, nil
		}
		return nil, err
	}
	return nil, nil
}

// owing is the units that owe a duty.
func (d *desk) owing(duty string) []string {
	var out []string
	for _, x := range d.rules.Duties {
		for _, u := range d.rules.Units {
			if x.ID == duty && slices.Contains(x.OwedBy, u.Group) {
				out = append(out, u.ID)
			}
		}
	}
	return out
}

// byStatement tells whether a duty is met by the unit's statement of its ledger:
// the scheme writes 月报表 among what is handed in.
func byStatement(duty *scheme.Duty) bool { return slices.Contains(duty.HandIn, statementItem) }
