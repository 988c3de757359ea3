package office

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"qiaomen"
	"qiaomen/store"
)

// A Pressing is the office pressing units (督办), for something that they owe or
// for something else.
type Pressing struct {
	Units []string `json:"units"`
	Occurrence
	// Text may be left out where they owe a duty: then it says which.
	Text  string `json:"text,omitzero"`
	Until string `json:"until"` // by when they answer: a time, or a day's close of work
}

var urge = &act[Pressing]{
	action: qiaomen.ActUrge,
	about:  func(_ *desk, a *Pressing) (qiaomen.Subject, error) { return qiaomen.Subject{Units: a.Units}, nil },
	check: func(d *desk, a *Pressing) error {
		var list []*qiaomen.Problem
		add := func(field, text, fix string) {
			list = append(list, &qiaomen.Problem{Text: text, Fix: fix, At: qiaomen.Place{Field: field}})
		}
		until, wrong := d.moment("until", a.Until)
		if wrong != nil {
			list = append(list, wrong)
		} else if until <= d.at {
			add("until", "答复期限已经过去", "请写今后的时间")
		}
		if a.Text = strings.TrimSpace(a.Text); a.Text == "" && a.Duty == "" {
			add("text", "没有写督办内容", "请写明要办什么，或选一项应办事项")
		}
		if len([]rune(a.Text)) > mostItem {
			add("text", fmt.Sprintf("督办内容超过%d个字", mostItem), "请写得短些")
		}
		list = append(list, private("text", a.Text)...)
		if len(a.Units) == 0 {
			add("units", "没有选单位", "请选一个以上")
		}
		for i, unit := range a.Units {
			if slices.Contains(a.Units[:i], unit) {
				add("units", "“"+d.unitName([]string{unit})+"”选了两次", "请留一个")
			}
			p, err := d.pressable(unit, a)
			if err != nil {
				return err
			}
			if p != nil {
				list = append(list, p)
			}
		}
		return faults(list)
	},
	do: func(d *desk, a *Pressing) (string, error) {
		until, wrong := d.moment("until", a.Until)
		if wrong != nil {
			return "", wrong
		}
		first := ""
		for _, unit := range a.Units {
			u := qiaomen.Urging{ID: d.newID("u-"), Unit: unit, Text: a.Text, Until: until}
			if a.Duty != "" {
				w, err := d.occurrence(a.Duty, unit, a.Due)
				if err != nil {
					return "", err
				}
				if u.Duty, u.Due = w.Duty.ID, w.Due; u.Text == "" {
					u.Text = owedText(w, d.at)
				}
			}
			if err := d.emit(&qiaomen.UnitUrged{Urging: u}); err != nil {
				return "", err
			}
			first = cmp.Or(first, u.ID)
		}
		return first, nil
	},
}

// pressable finds why a unit cannot be pressed for this.
func (d *desk) pressable(unit string, a *Pressing) (*qiaomen.Problem, error) {
	_, err := d.unit(unit)
	if err == nil && a.Duty != "" {
		var w *Owed
		if w, err = d.occurrence(a.Duty, unit, a.Due); err == nil && w.Done != nil && w.Done.State == qiaomen.HandedIn {
			err = &qiaomen.Problem{Text: "“" + d.unitName([]string{unit}) + "”已经报送“" + w.Duty.Name + "”", Fix: "请不要选它", At: qiaomen.Place{Field: "units"}}
		}
	}
	if p, ok := err.(*qiaomen.Problem); ok {
		return p, nil
	}
	return nil, err
}

// owedText is what an urging says of a duty, where nobody wrote anything else.
func owedText(w *Owed, at string) string {
	if at > w.Until {
		return "“" + w.Duty.Name + "”应于" + say(w.Until) + "前办理，现已逾期。"
	}
	return "“" + w.Duty.Name + "”应于" + say(w.Until) + "前办理。"
}

// Urge presses units, with a day by which they answer (五(四)). Each gets an
// urging of its own; the answer names the first.
func (o *Office) Urge(ctx context.Context, by Caller, a Pressing) (*Answer, error) {
	return perform(ctx, o, by, urge, a)
}

// nowhere is the unit of what is not there. It is nobody's own, so that to a
// unit a thing that is not there reads like a thing of another's.
const nowhere = "-"

// own makes a unit's question about a thing that is not there read like one
// about another's: somebody of the office is told by check that it is not there.
func own(s qiaomen.Subject, err error) (qiaomen.Subject, error) {
	if _, ok := err.(*qiaomen.Problem); ok {
		return qiaomen.Subject{Unit: nowhere}, nil
	}
	return s, err
}

func (d *desk) urging(id string) (*qiaomen.Urging, error) {
	return found[qiaomen.Urging](d, "督办", id)
}

func aboutUrging(d *desk, id string) (qiaomen.Subject, error) {
	u, err := d.urging(id)
	if err != nil {
		return own(qiaomen.Subject{}, err)
	}
	return qiaomen.Subject{Unit: u.Unit, Table: u.Table(), ID: u.ID}, nil
}

var readUrging = &act[Named]{
	action: qiaomen.ActAnswerUrging,
	about:  func(d *desk, a *Named) (qiaomen.Subject, error) { return aboutUrging(d, a.ID) },
	check: func(d *desk, a *Named) error {
		_, err := d.urging(a.ID)
		return err
	},
	do: func(d *desk, a *Named) (string, error) {
		u, err := d.urging(a.ID)
		if err != nil || u.ReadAt != "" {
			return a.ID, err
		}
		return a.ID, d.emit(&qiaomen.UrgingRead{ID: a.ID})
	},
}

// OpenUrging shows an urging to somebody of its unit. The first time is its
// receipt (M2).
func (o *Office) OpenUrging(ctx context.Context, by Caller, id string) (out *qiaomen.Urging, err error) {
	if _, err := perform(ctx, o, by, readUrging, Named{id}); err != nil {
		return nil, err
	}
	err = o.read(ctx, by.Campaign, func(v *store.View) error {
		out, err = store.One[qiaomen.Urging](v, id)
		return err
	})
	return out, err
}

// A Reply is a unit's answer to an urging, or the office's note of a reminder.
type Reply struct {
	ID   string `json:"id"`
	Text string `json:"text"`
	// How is by what means the office reminded: telephone, group, slip, visit.
	How string `json:"how,omitzero"`
}

func (a *Reply) check() []*qiaomen.Problem {
	var list []*qiaomen.Problem
	a.Text = strings.TrimSpace(a.Text)
	if len([]rune(a.Text)) > mostItem {
		list = append(list, &qiaomen.Problem{Text: fmt.Sprintf("超过%d个字", mostItem), Fix: "请写得短些", At: qiaomen.Place{Field: "text"}})
	}
	return append(list, private("text", a.Text)...)
}

var answerUrging = &act[Reply]{
	action: qiaomen.ActAnswerUrging,
	about:  func(d *desk, a *Reply) (qiaomen.Subject, error) { return aboutUrging(d, a.ID) },
	check: func(d *desk, a *Reply) error {
		u, err := d.urging(a.ID)
		if err != nil {
			return err
		}
		list := a.check()
		if u.State == qiaomen.Answered {
			list = append(list, &qiaomen.Problem{Text: "这件督办已经答复", Fix: "有新的情况请与办公室联系"})
		}
		if a.Text == "" {
			list = append(list, &qiaomen.Problem{Text: "没有写答复", Fix: "请写明办理情况", At: qiaomen.Place{Field: "text"}})
		}
		return faults(list)
	},
	do: func(d *desk, a *Reply) (string, error) {
		u, err := d.urging(a.ID)
		if err != nil {
			return "", err
		}
		if u.ReadAt == "" { // whoever answers has read it
			if err := d.emit(&qiaomen.UrgingRead{ID: a.ID}); err != nil {
				return "", err
			}
		}
		return a.ID, d.emit(&qiaomen.UrgingAnswered{ID: a.ID, Text: a.Text})
	},
}

// AnswerUrging is the unit's answer to an urging.
func (o *Office) AnswerUrging(ctx context.Context, by Caller, id, text string) (*Answer, error) {
	return perform(ctx, o, by, answerUrging, Reply{ID: id, Text: text})
}

// ways is how a unit is reminded outside the program.
var ways = []string{"telephone", "group", "slip", "visit"}

var noteCall = &act[Reply]{
	action: qiaomen.ActUrge,
	about:  func(d *desk, a *Reply) (qiaomen.Subject, error) { return aboutUrging(d, a.ID) },
	check: func(d *desk, a *Reply) error {
		if _, err := d.urging(a.ID); err != nil {
			return err
		}
		list := a.check()
		if !slices.Contains(ways, a.How) {
			list = append(list, &qiaomen.Problem{Text: "没有“" + qiaomen.Clip(a.How) + "”这种提醒方式", Fix: "请选电话、工作群、督办单或上门", At: qiaomen.Place{Field: "how"}})
		}
		return faults(list)
	},
	do: func(d *desk, a *Reply) (string, error) {
		return a.ID, d.emit(&qiaomen.CallNoted{ID: a.ID, How: a.How, Note: a.Text})
	},
}

// NoteCall notes a reminder that was given outside the program: by telephone, in
// a group, as a printed slip, in person (P8).
func (o *Office) NoteCall(ctx context.Context, by Caller, id, how, note string) (*Answer, error) {
	return perform(ctx, o, by, noteCall, Reply{ID: id, How: how, Text: note})
}

// Urgings is a unit's urgings, or with no unit those of all, the newest first.
func (o *Office) Urgings(ctx context.Context, by Caller, unit string) (out []*qiaomen.Urging, err error) {
	action := reading(unit)
	err = o.lookIn(ctx, by, action, func(*desk) (string, error) { return unit, nil }, func(d *desk) error {
		if d.selected(action) {
			return d.deny("没有权限")
		}
		out, err = store.All[qiaomen.Urging](d.r, store.Filter{Unit: unit})
		slices.SortStableFunc(out, func(a, b *qiaomen.Urging) int { return cmp.Compare(b.At, a.At) })
		return err
	})
	return out, err
}

// reading is the action of reading what is one unit's, or everybody's.
func reading(unit string) qiaomen.Action {
	if unit == "" {
		return qiaomen.ActReadOthers
	}
	return qiaomen.ActReadOwn
}

// UrgingText is an urging as a text to copy into a group or to read out on the
// telephone (P8). It names one unit and nobody else.
func (o *Office) UrgingText(ctx context.Context, by Caller, id string) (text string, err error) {
	err = o.lookIn(ctx, by, qiaomen.ActUrge, nil, func(d *desk) error {
		u, err := d.urging(id)
		if err != nil {
			return err
		}
		name, err := d.named(u.Unit)
		if err != nil {
			return err
		}
		text = "【督办】" + name + "：" + u.Text
		if u.State == qiaomen.Answered {
			text += "（已于" + say(u.AnsweredAt) + "答复）"
			return nil
		}
		text += "请于" + say(u.Until) + "前办理并在系统中答复。"
		return nil
	})
	return text, err
}
