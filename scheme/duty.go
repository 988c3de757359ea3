package scheme

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"qiaomen"
)

// Bounds of the calendar: ten years of a monthly duty, thirty of holidays.
const (
	maxMonths   = 120
	maxHolidays = 1000
)

// A Duty is a paper or an act that units, or the office, owe by a day.
type Duty struct {
	ID, Name string
	OwedBy   []*Group
	ByOffice bool
	On       qiaomen.Date // a fixed day
	Monthly  int          // or a day of each month
	First    [2]int       // year and month of the first, for monthly ones
	Last     [2]int
	Days     int    // or so many days after `issued`
	DayOff   string // keep, workday_before, workday_after
	Hour     string // by which hour; the setting close_of_work where absent
	HandIn   []string
	Personal bool
	Cite     *Clause
}

// Holidays is the days off and the weekend days worked, as the State Council
// announces them for each year, each in order.
type Holidays struct {
	Rest, Work []qiaomen.Date
}

// Adjustments says who may correct a computed score beside it, and why.
type Adjustments struct {
	Grounds    []Option
	ProposedBy string
	ApprovedBy string
	Cite       *Clause
}

// Publication says how results become known.
type Publication struct {
	ApprovedBy, To string
	ObjectionDays  int
	AlsoShow       []string
	Cite           *Clause
}

// DayOff tells whether nobody works that day.
func (h *Holidays) DayOff(d qiaomen.Date) bool {
	if _, off := slices.BinarySearch(h.Rest, d); off {
		return true
	}
	if w := d.Weekday(); w != time.Saturday && w != time.Sunday {
		return false
	}
	_, worked := slices.BinarySearch(h.Work, d)
	return !worked
}

// Due is the days on which the duty falls due, moved off days off where the
// duty says so.
func (s *Scheme) Due(d *Duty) []qiaomen.Date {
	var days []qiaomen.Date
	switch {
	case d.Monthly > 0:
		for y, m := d.First[0], d.First[1]; y < d.Last[0] || y == d.Last[0] && m <= d.Last[1]; {
			days = append(days, qiaomen.DateOf(y, time.Month(m), d.Monthly))
			if m++; m > 12 {
				y, m = y+1, 1
			}
		}
	case d.Days > 0:
		days = []qiaomen.Date{s.Source.Issued + qiaomen.Date(d.Days)}
	default:
		days = []qiaomen.Date{d.On}
	}
	step := map[string]qiaomen.Date{"workday_before": -1, "workday_after": 1}[d.DayOff]
	for i := range days {
		for step != 0 && s.Holidays.DayOff(days[i]) {
			days[i] += step
		}
	}
	return days
}

func (p *parser) duties(n *node) {
	t := p.table(n, nil, "任务")
	for _, key := range t.keys {
		o := p.object(t.at[key.Value], nil, "name", "owed_by", "due", "day_off", "hour", "hand_in", "personal")
		d := &Duty{ID: key.Value, Name: o.name("name"), Cite: o.cite, Personal: o.flag("personal"), Hour: p.hour(o)}
		d.OwedBy = p.groupRefs(o.need("owed_by"), "office")
		d.ByOffice = slices.ContainsFunc(p.items(o.at["owed_by"]), func(n *node) bool { return n.Value == "office" })
		d.DayOff = o.one("day_off", "keep", "workday_before", "workday_after")
		if h, ok := o.at["hand_in"]; ok {
			d.HandIn = p.strs(h)
		}
		if due := o.need("due"); due != nil {
			p.due(d, due)
		}
		p.s.Duties = append(p.s.Duties, d)
	}
}

func (p *parser) hour(o object) string {
	n, ok := o.at["hour"]
	if !ok {
		return ""
	}
	if _, err := time.Parse("15:04", n.Value); err != nil {
		p.errorf(n, "“%s”不是钟点，应写成 17:00 这样", qiaomen.Clip(n.Value))
	}
	return n.Value
}

func (p *parser) due(d *Duty, n *node) {
	if n.Kind == scalarNode {
		d.On = p.date(n)
		return
	}
	o := p.object(n, nil, "monthly", "from", "to", "days", "after")
	switch {
	case o.has("monthly"):
		if d.Monthly = p.count(o.at["monthly"], 1, 31); d.Monthly > 28 {
			p.errorf(o.at["monthly"], "有的月份没有%d日", d.Monthly)
		}
		d.First, d.Last = p.month(o.need("from")), p.month(o.need("to"))
		if slices.Compare(d.First[:], d.Last[:]) > 0 {
			p.errorf(n, "“from”晚于“to”")
		} else if (d.Last[0]-d.First[0])*12+d.Last[1]-d.First[1] >= maxMonths {
			p.errorf(n, "“from”到“to”超过%d个月", maxMonths)
			d.Last = d.First
		}
	case o.has("days"):
		d.Days = p.count(o.at["days"], 1, 366)
		if o.one("after", "issued") == "issued" && p.s.Source.Issued == 0 {
			p.errorf(n, "source 没有写印发日期（issued_on）")
		}
	default:
		p.errorf(n, "“due”写日期、{monthly: 25, from, to} 或 {days: 10, after: issued}")
	}
}

func (p *parser) month(n *node) (out [2]int) {
	if n == nil {
		return out
	}
	w, err := periodSpan("month", n.Value)
	if err != nil {
		p.errorf(n, "%v", err)
		return out
	}
	y, m, _ := w.From.YMD()
	return [2]int{y, int(m)}
}

func (p *parser) holidays(n *node) {
	o := p.object(n, nil, "rest", "work")
	p.s.Holidays = Holidays{Rest: p.dayList(o.at["rest"]), Work: p.dayList(o.at["work"])}
}

// dayList reads days and spans of days: 2024-02-10..2024-02-17.
func (p *parser) dayList(n *node) []qiaomen.Date {
	var out []qiaomen.Date
	for _, item := range p.list(n) {
		first, last, spans := strings.Cut(item.Value, "..")
		from := p.dateText(item, first)
		to := from
		if spans {
			to = p.dateText(item, last)
		}
		if to < from || to-from > 366 {
			p.errorf(item, "“%s”的起止不对", qiaomen.Clip(item.Value))
			continue
		}
		for d := from; d <= to && d != 0; d++ {
			out = append(out, d)
		}
		if len(out) > 2*maxHolidays { // a day may be written twice
			break
		}
	}
	slices.Sort(out)
	if out = slices.Compact(out); len(out) > maxHolidays {
		p.errorf(n, "节假日表超过%d天", maxHolidays)
		out = nil
	}
	return out
}

func (p *parser) date(n *node) qiaomen.Date {
	if n.Kind != scalarNode {
		p.errorf(n, "这里应写日期")
		return 0
	}
	return p.dateText(n, n.Value)
}

func (p *parser) dateText(n *node, text string) qiaomen.Date {
	d, err := qiaomen.ParseDate(text)
	if err != nil {
		p.errorf(n, "%v", err)
	}
	return d
}

func (p *parser) adjustments(n *node) {
	o := p.object(n, nil, "grounds", "proposed_by", "approved_by")
	p.s.Adjustments = &Adjustments{p.options(o.need("grounds"), o.cite), o.name("proposed_by"), o.name("approved_by"), o.cite}
}

func (p *parser) publication(n *node) {
	o := p.object(n, nil, "approved_by", "to", "objection_days", "also_show")
	pub := &Publication{ApprovedBy: o.str("approved_by"), To: o.str("to"), Cite: o.cite}
	if d, ok := o.at["objection_days"]; ok {
		pub.ObjectionDays = p.count(d, 0, 365)
	}
	if a, ok := o.at["also_show"]; ok {
		pub.AlsoShow = p.strs(a)
	}
	p.s.Publication = pub
}

// dueSay is when a duty falls due, as a sentence has it.
func (s *Scheme) dueSay(d *Duty) string {
	var days []string
	for _, day := range s.Due(d) {
		days = append(days, day.Chinese())
	}
	hour := d.Hour
	if hour == "" {
		hour = s.Setting("close_of_work")
	}
	if hour != "" {
		hour += "前"
	}
	text := strings.Join(days, "、") + hour
	switch {
	case d.Monthly > 0:
		text = fmt.Sprintf("每月%d日（%s）", d.Monthly, text)
	case d.Days > 0:
		text = fmt.Sprintf("印发后%d日内（%s）", d.Days, text)
	}
	return text + map[string]string{"workday_before": "，遇休息日提前到前一个工作日", "workday_after": "，遇休息日顺延到后一个工作日"}[d.DayOff]
}
