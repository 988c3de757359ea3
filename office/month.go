package office

import (
	"context"
	"fmt"
	"regexp"
	"slices"

	"qiaomen"
	"qiaomen/scheme"
	"qiaomen/store"
)

// monthOf is the month of a day, 2024-01.
func monthOf(day qiaomen.Date) string {
	year, month, _ := day.YMD()
	return fmt.Sprintf("%04d-%02d", year, int(month))
}

// sayMonth is a month as people read it: 2024年1月.
func sayMonth(month string) string {
	day, err := qiaomen.ParseDate(month + "-01")
	if err != nil {
		return month
	}
	y, m, _ := day.YMD()
	return fmt.Sprintf("%d年%d月", y, int(m))
}

var monthPattern = regexp.MustCompile(`^[0-9]{4}-(0[1-9]|1[0-2])$`)

// A monthlyDue is a duty that units owe every month, at its day of one month.
type monthlyDue struct {
	duty *scheme.Duty
	due  qiaomen.Date
}

// monthlyDues is what units owe for each month of reporting: the day of the
// 25th may be moved, the month that it is for is not.
func (d *desk) monthlyDues() map[string][]monthlyDue {
	out := map[string][]monthlyDue{}
	for _, duty := range d.rules.Duties {
		if duty.Monthly == 0 || len(duty.OwedBy) == 0 {
			continue
		}
		first := duty.First[0]*12 + duty.First[1] - 1
		for i, due := range d.dueDays(duty) {
			month := fmt.Sprintf("%04d-%02d", (first+i)/12, (first+i)%12+1)
			out[month] = append(out[month], monthlyDue{duty, due})
		}
	}
	return out
}

// months is the campaign's months of reporting in order; where units owe
// nothing monthly, those that it touches.
func (d *desk) months() []string {
	var out []string
	for month := range d.monthlyDues() {
		out = append(out, month)
	}
	if c := d.rules.Campaign; len(out) == 0 && c != nil {
		for day := c.From; day <= c.To; day++ {
			if month := monthOf(day); !slices.Contains(out, month) {
				out = append(out, month)
			}
		}
	}
	slices.Sort(out)
	return out
}

// reporting asks that it is a month of reporting.
func (d *desk) reporting(month string) *qiaomen.Problem {
	all := d.months()
	if slices.Contains(all, month) {
		return nil
	}
	return &qiaomen.Problem{Text: "“" + qiaomen.Clip(month) + "”不是本活动的报送月份" + qiaomen.Suggest(month, all), At: qiaomen.Place{Field: "month"}}
}

// owedOf is what every unit that still stands owes for a month.
func (d *desk) owedOf(month string) ([]*Owed, error) {
	var out []*Owed
	dues := d.monthlyDues()[month]
	for _, u := range d.rules.Units {
		known, err := store.One[qiaomen.LedgerUnit](d.r, u.ID)
		if err != nil {
			return nil, err
		}
		if known != nil && known.MergedInto != "" {
			continue
		}
		for _, x := range dues {
			if !slices.Contains(x.duty.OwedBy, u.Group) {
				continue
			}
			w, err := d.owes(x.duty, u.ID, x.due)
			if err != nil {
				return nil, err
			}
			out = append(out, w)
		}
	}
	return out, nil
}

// A MonthAct is an act on a month of reporting.
type MonthAct struct {
	Month  string `json:"month"` // 2024-01
	Reason string `json:"reason,omitzero"`
}

func aboutMonth(_ *desk, a *MonthAct) (qiaomen.Subject, error) {
	return qiaomen.Subject{Table: "month", ID: a.Month, Month: a.Month}, nil
}

var closeMonth = twofold(&act[MonthAct]{
	action: qiaomen.ActCloseMonth,
	about:  aboutMonth,
	check: func(d *desk, a *MonthAct) error {
		if p := d.reporting(a.Month); p != nil {
			return p
		}
		known, err := store.One[qiaomen.Month](d.r, a.Month)
		if err != nil {
			return err
		}
		if known != nil && known.State == qiaomen.Closed {
			return overtaken(sayMonth(a.Month) + "已经月结")
		}
		all, err := d.owedOf(a.Month)
		if err != nil {
			return err
		}
		until := ""
		for _, w := range all {
			until = max(until, w.Until)
		}
		if until == "" && d.day <= a.Month+"-31" { // nothing is owed monthly: the month itself has to be over
			return problem(sayMonth(a.Month)+"还没有过完", "请在月末之后月结")
		}
		if d.at <= until {
			return problem(sayMonth(a.Month)+"还没有到报送期限："+say(until), "请在期限之后月结；期限是延过的，以延期为准")
		}
		return nil
	},
	do: func(d *desk, a *MonthAct) (string, error) {
		all, err := d.owedOf(a.Month)
		if err != nil {
			return "", err
		}
		var without []string
		for _, w := range all {
			if (w.Done == nil || w.Done.State != qiaomen.HandedIn) && !slices.Contains(without, w.Unit) {
				without = append(without, w.Unit)
			}
		}
		return a.Month, d.emit(&qiaomen.MonthClosed{Month: a.Month, Without: without})
	},
})

// CloseMonth ends the reporting of a month once it has fallen due (月结,
// 附3·六(二)). Units that have not reported by then are named in it: the month is
// closed without them, and its notice says so (P5).
func (o *Office) CloseMonth(ctx context.Context, by Caller, month string) (*Answer, error) {
	return perform(ctx, o, by, closeMonth, MonthAct{Month: month})
}

var reopenMonth = twofold(&act[MonthAct]{
	action: qiaomen.ActReopenMonth,
	about:  aboutMonth,
	check: func(d *desk, a *MonthAct) error {
		var list complaints
		known, err := store.One[qiaomen.Month](d.r, a.Month)
		if err != nil {
			return err
		}
		if known == nil || known.State != qiaomen.Closed {
			list.add("month", "“"+qiaomen.Clip(a.Month)+"”没有月结，不用重新开放", "请核对月份")
		}
		list.text("reason", "理由", a.Reason, "理由会印在下一份通报里")
		return faults(list)
	},
	do: func(d *desk, a *MonthAct) (string, error) {
		return a.Month, d.emit(&qiaomen.MonthReopened{Month: a.Month, Reason: a.Reason})
	},
})

// ReopenMonth lets a closed month be reported again, for a reason that the next
// notice prints: the office asks, the leading group decides (separation 14).
func (o *Office) ReopenMonth(ctx context.Context, by Caller, month, reason string) (*Answer, error) {
	return perform(ctx, o, by, reopenMonth, MonthAct{month, reason})
}

// Months is every month of reporting and how it stands, in order; one that has
// not been closed has no state yet.
func (o *Office) Months(ctx context.Context, by Caller) (out []*qiaomen.Month, err error) {
	err = o.look(ctx, by, qiaomen.ActReadPublished, nil, func(d *desk) error {
		if err := d.inCampaign(false); err != nil {
			return err
		}
		for _, month := range d.months() {
			m, err := store.One[qiaomen.Month](d.r, month)
			if err != nil {
				return err
			}
			if m == nil {
				m = &qiaomen.Month{ID: month}
			}
			out = append(out, m)
		}
		return nil
	})
	return out, err
}
