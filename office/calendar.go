package office

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"qiaomen"
	"qiaomen/scheme"
	"qiaomen/store"
)

// closeOfWork is the hour at which a day's deadlines fall, 17:00 (五(四)).
func (d *desk) closeOfWork(duty *scheme.Duty) string {
	switch {
	case duty != nil && duty.Hour != "":
		return duty.Hour
	case d.campaign != nil && d.campaign.Calendar.CloseOfWork != "":
		return d.campaign.Calendar.CloseOfWork
	}
	if hour := d.rules.Setting("close_of_work"); hour != "" {
		return hour
	}
	return "17:00"
}

// clock is an hour of a day at +08:00, as the ledger keeps times.
func clock(day qiaomen.Date, hour string) string {
	h, m, _ := strings.Cut(hour, ":")
	hours, _ := strconv.ParseInt(h, 10, 64)
	minutes, _ := strconv.ParseInt(m, 10, 64)
	return qiaomen.Moment{Day: day, Nano: (hours*60 + minutes) * int64(time.Minute)}.UTC()
}

// returnUntil is until when a record that is returned now keeps its place:
// close of work, so many days on (return_days).
func (d *desk) returnUntil() string {
	days, _ := strconv.Atoi(d.rules.Setting("return_days"))
	return clock(qiaomen.MomentAt(d.at).Day+qiaomen.Date(days), d.closeOfWork(nil))
}

// holidays is the scheme's days off with what the office changed of them.
func (d *desk) holidays() *scheme.Holidays {
	h := &scheme.Holidays{Rest: slices.Clone(d.rules.Holidays.Rest), Work: slices.Clone(d.rules.Holidays.Work)}
	if d.campaign == nil {
		return h
	}
	add := func(to, from *[]qiaomen.Date, days []string) {
		for _, text := range days {
			day, err := qiaomen.ParseDate(text)
			if err != nil {
				continue
			}
			*from = slices.DeleteFunc(*from, func(x qiaomen.Date) bool { return x == day })
			if !slices.Contains(*to, day) {
				*to = append(*to, day)
			}
		}
		slices.Sort(*to)
	}
	add(&h.Rest, &h.Work, d.campaign.Calendar.Rest)
	add(&h.Work, &h.Rest, d.campaign.Calendar.Work)
	return h
}

// An Owed is one duty of one unit at one due day.
type Owed struct {
	Duty *scheme.Duty
	Unit string // empty: the office's
	Due  string // the day that names it
	// Until is when it falls due, UTC: close of work of that day, or as extended.
	Until    string
	Extended *qiaomen.Extension
	Done     *qiaomen.Fulfilment // nil: nothing yet
}

// State is how the duty stands at a time: on_time, late, open, overdue.
func (w *Owed) State(at string) string {
	met := w.Done != nil && w.Done.State == qiaomen.HandedIn
	switch {
	case met && w.Done.At <= w.Until:
		return "on_time"
	case met:
		return "late"
	case at > w.Until:
		return "overdue"
	}
	return "open"
}

// owed is everything that a unit owes, by duty and day; of "" the office's own.
func (d *desk) owed(unit string) ([]*Owed, error) {
	u := d.rules.Unit(unit)
	var out []*Owed
	for _, duty := range d.rules.Duties {
		if unit == "" && !duty.ByOffice || unit != "" && (u == nil || !slices.Contains(duty.OwedBy, u.Group)) {
			continue
		}
		for _, due := range d.dueDays(duty) {
			w, err := d.owes(duty, unit, due)
			if err != nil {
				return nil, err
			}
			out = append(out, w)
		}
	}
	return out, nil
}

// dueDays is the days of a duty under the campaign's own calendar.
func (d *desk) dueDays(duty *scheme.Duty) []qiaomen.Date {
	s := *d.rules
	s.Holidays = *d.holidays()
	return s.Due(duty)
}

func (d *desk) owes(duty *scheme.Duty, unit string, due qiaomen.Date) (*Owed, error) {
	w := &Owed{Duty: duty, Unit: unit, Due: due.String(), Until: clock(due, d.closeOfWork(duty))}
	all, err := store.All[qiaomen.Extension](d.r, store.Filter{Kind: duty.ID, Key: w.Due})
	if err != nil {
		return nil, err
	}
	for _, x := range all {
		if (len(x.Units) == 0 || slices.Contains(x.Units, unit)) && x.To > w.Until {
			w.Until, w.Extended = x.To, x
		}
	}
	w.Done, err = store.One[qiaomen.Fulfilment](d.r, qiaomen.FulfilmentID(duty.ID, unit, w.Due))
	return w, err
}

// duty finds a duty of a unit at a due day.
func (d *desk) duty(id, unit, due string) (*Owed, error) {
	i := slices.IndexFunc(d.rules.Duties, func(x *scheme.Duty) bool { return x.ID == id })
	if i < 0 {
		return nil, &qiaomen.Problem{Text: "方案里没有应办事项“" + qiaomen.Clip(id) + "”", At: qiaomen.Place{Field: "duty"}}
	}
	duty := d.rules.Duties[i]
	u := d.rules.Unit(unit)
	if u == nil || !slices.Contains(duty.OwedBy, u.Group) {
		return nil, problem(fmt.Sprintf("“%s”不承办“%s”", d.unitName([]string{unit}), duty.Name), "请核对")
	}
	for _, day := range d.dueDays(duty) {
		if day.String() == due {
			return d.owes(duty, unit, day)
		}
	}
	return nil, &qiaomen.Problem{Text: "“" + duty.Name + "”没有“" + qiaomen.Clip(due) + "”这一期", At: qiaomen.Place{Field: "due"}}
}

// moment reads a point in time that a form sends: a time with its offset, or a
// day, which is its close of work.
func (d *desk) moment(field, text string) (string, *qiaomen.Problem) {
	if day, err := qiaomen.ParseDate(text); err == nil {
		return clock(day, d.closeOfWork(nil)), nil
	}
	at := qiaomen.MomentAt(text)
	if at.IsZero() {
		return "", &qiaomen.Problem{
			Text: "“" + qiaomen.Clip(text) + "”不是时间", At: qiaomen.Place{Field: field},
			Fix: "请写 2024-01-25（指当天下班时），或 2024-01-25T12:00:00+08:00",
		}
	}
	return at.UTC(), nil
}

// say is a point in time as people read it: 2024年1月25日17:00.
func say(at string) string {
	m := qiaomen.MomentAt(at)
	minutes := m.Nano / int64(time.Minute)
	return fmt.Sprintf("%s%02d:%02d", m.Day.Chinese(), minutes/60, minutes%60)
}

// occurrence finds a duty of a unit by its due day; a duty that falls due once
// needs no day.
func (d *desk) occurrence(id, unit, due string) (*Owed, error) {
	if due == "" {
		if i := slices.IndexFunc(d.rules.Duties, func(x *scheme.Duty) bool { return x.ID == id }); i >= 0 {
			if days := d.dueDays(d.rules.Duties[i]); len(days) == 1 {
				due = days[0].String()
			}
		}
	}
	return d.duty(id, unit, due)
}

// A deadline is a duty's due day and hour under a calendar, before anything is
// extended.
type deadline struct {
	duty  *scheme.Duty
	due   string
	until string
}

// deadlines is every one of the campaign, in the order of the scheme.
func (d *desk) deadlines() []deadline {
	var out []deadline
	for _, duty := range d.rules.Duties {
		for _, day := range d.dueDays(duty) {
			out = append(out, deadline{duty, day.String(), clock(day, d.closeOfWork(duty))})
		}
	}
	return out
}

// under is the desk with another calendar.
func (d *desk) under(c qiaomen.Calendar) *desk {
	other, campaign := *d, *d.campaign
	campaign.Calendar = c
	other.campaign = &campaign
	return &other
}

var editCalendar = &act[qiaomen.Calendar]{
	action: qiaomen.ActEditUnit,
	check: func(d *desk, a *qiaomen.Calendar) error {
		if err := faults(checkCalendar(a)); err != nil {
			return err
		}
		return d.movable(a)
	},
	do: func(d *desk, a *qiaomen.Calendar) (string, error) {
		return d.campaign.ID, d.emit(&qiaomen.CalendarChanged{ID: d.campaign.ID, Calendar: *a})
	},
}

// EditCalendar puts the office's days off, days worked and close of work in
// place of those that it had set before; the scheme's own stay beneath them. A
// deadline that has passed is never moved by it, nor one that somebody has met
// already: that takes an extension, with its reason.
func (o *Office) EditCalendar(ctx context.Context, by Caller, a qiaomen.Calendar) (*Answer, error) {
	return perform(ctx, o, by, editCalendar, a)
}

// mostDays bounds what the office may set of one sort.
const mostDays = 400

func checkCalendar(a *qiaomen.Calendar) (list []*qiaomen.Problem) {
	add := func(field, text, fix string) {
		list = append(list, &qiaomen.Problem{Text: text, Fix: fix, At: qiaomen.Place{Field: field}})
	}
	days := map[string]*[]string{"rest": &a.Rest, "work": &a.Work}
	for _, field := range []string{"rest", "work"} {
		all := days[field]
		for _, text := range *all {
			if _, err := qiaomen.ParseDate(text); err != nil {
				add(field, err.Error(), "")
			}
		}
		if len(*all) > mostDays {
			add(field, fmt.Sprintf("超过%d天", mostDays), "请只写与方案不同的日子")
		}
		slices.Sort(*all)
		*all = slices.Compact(*all)
	}
	for _, day := range a.Rest {
		if slices.Contains(a.Work, day) {
			add("work", qiaomen.Clip(day)+"既休息又上班", "请只留一处")
		}
	}
	if _, err := time.Parse("15:04", a.CloseOfWork); a.CloseOfWork != "" && (err != nil || len(a.CloseOfWork) != len("15:04")) {
		add("close_of_work", "“"+qiaomen.Clip(a.CloseOfWork)+"”不是钟点", "请写成 17:00 这样")
	}
	return list
}

// movable asks that another calendar moves no deadline that has passed, or would
// have, and no day under which somebody has handed in or was given more time.
func (d *desk) movable(c *qiaomen.Calendar) error {
	var list []*qiaomen.Problem
	next := d.under(*c).deadlines()
	for i, now := range d.deadlines() {
		if now == next[i] {
			continue
		}
		what := "“" + now.duty.Name + "”" + now.due + "这一期"
		if now.until <= d.at || next[i].until <= d.at {
			list = append(list, &qiaomen.Problem{Text: "会改动已经到期的期限：" + what, Fix: "已到期的请用延期，并写明理由"})
			continue
		}
		if now.due == next[i].due {
			continue
		}
		done, err := store.All[qiaomen.Fulfilment](d.r, store.Filter{Kind: now.duty.ID, Key: now.due, Limit: 1})
		if err != nil {
			return err
		}
		moved, err := store.All[qiaomen.Extension](d.r, store.Filter{Kind: now.duty.ID, Key: now.due, Limit: 1})
		if err != nil {
			return err
		}
		if len(done)+len(moved) > 0 {
			list = append(list, &qiaomen.Problem{Text: what + "已有单位报送或延期，期限不能改到另一天", Fix: "请用延期，并写明理由"})
		}
	}
	return faults(list)
}
