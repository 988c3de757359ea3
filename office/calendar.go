package office

import (
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
