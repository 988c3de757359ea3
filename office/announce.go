package office

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"qiaomen"
	"qiaomen/scheme"
	"qiaomen/store"
)

// An AnnouncementInput is what the office says to all units. With a question it is an answer
// on how the rules are read (口径答疑).
type AnnouncementInput struct {
	Title    string `json:"title"`
	Text     string `json:"text"`
	About    string `json:"about,omitzero"` // a clause or a choice of the scheme
	Question string `json:"question,omitzero"`
}

var announce = twofold(&act[AnnouncementInput]{
	action: qiaomen.ActAnnounce,
	check:  func(d *desk, a *AnnouncementInput) error { return faults(a.check(d.rules)) },
	do: func(d *desk, a *AnnouncementInput) (string, error) {
		id := d.newID("n-")
		return id, d.emit(&qiaomen.AnnouncementMade{Announcement: qiaomen.Announcement{
			ID: id, Title: a.Title, Text: a.Text, About: a.About, Question: a.Question,
		}})
	},
})

func (a *AnnouncementInput) check(s *scheme.Scheme) []*qiaomen.Problem {
	var list []*qiaomen.Problem
	add := func(field, text, fix string) {
		list = append(list, &qiaomen.Problem{Text: text, Fix: fix, At: qiaomen.Place{Field: field}})
	}
	for _, one := range []struct {
		field, name string
		text        *string
		needed      bool
		most        int
	}{{"title", "标题", &a.Title, true, mostName}, {"text", "内容", &a.Text, true, mostItem}, {"question", "问题", &a.Question, false, mostItem}} {
		*one.text = strings.TrimSpace(*one.text)
		if one.needed && *one.text == "" {
			add(one.field, "没有写"+one.name, "请写上")
		}
		if len([]rune(*one.text)) > one.most {
			add(one.field, fmt.Sprintf("%s超过%d个字", one.name, one.most), "请写得短些")
		}
		list = append(list, private(one.field, *one.text)...)
	}
	clause := slices.ContainsFunc(s.Clauses, func(c *scheme.Clause) bool { return c.ID == a.About })
	choice := slices.ContainsFunc(s.Choices, func(c *scheme.Choice) bool { return c.ID == a.About })
	switch {
	case a.About == "" && a.Question != "":
		add("about", "没有选所答的条款或口径", "请选一条")
	case a.About != "" && !clause && !choice:
		add("about", "方案里没有条款或口径“"+qiaomen.Clip(a.About)+"”", "请选方案里的，或者不选")
	}
	return list
}

// Announce says something to all units; one person proposes it, another agrees
// (P10).
func (o *Office) Announce(ctx context.Context, by Caller, a AnnouncementInput) (*Answer, error) {
	return perform(ctx, o, by, announce, a)
}

// AnswerQuestion answers a question of how the rules are read, once and to all
// units, beside the clause or the choice that it is about (P10).
func (o *Office) AnswerQuestion(ctx context.Context, by Caller, a AnnouncementInput) (*Answer, error) {
	if strings.TrimSpace(a.Question) == "" {
		return nil, &qiaomen.Problem{Text: "没有写问题", Fix: "请写明答的是什么问题", At: qiaomen.Place{Field: "question"}}
	}
	return perform(ctx, o, by, announce, a)
}

// Announcements is what the office said, the newest first; about a clause or a
// choice, or with nothing named all of it.
func (o *Office) Announcements(ctx context.Context, by Caller, about string) (out []*qiaomen.Announcement, err error) {
	err = o.lookIn(ctx, by, qiaomen.ActReadPublished, nil, func(d *desk) error {
		out, err = store.All[qiaomen.Announcement](d.r, store.Filter{Key: about})
		slices.SortStableFunc(out, func(a, b *qiaomen.Announcement) int { return cmp.Compare(b.At, a.At) })
		return err
	})
	return out, err
}

// A UnitInput is what the office knows of a unit beyond the scheme, whole. What
// is empty is as the scheme has it.
type UnitInput struct {
	Unit            string `json:"unit"`
	Name            string `json:"name,omitzero"`
	MergedInto      string `json:"merged_into,omitzero"`
	LeadingOfficial string `json:"leading_official,omitzero"` // the office held, not the name
	Remarks         string `json:"remarks,omitzero"`
}

var editUnit = &act[UnitInput]{
	action: qiaomen.ActEditUnit,
	about: func(_ *desk, a *UnitInput) (qiaomen.Subject, error) {
		return qiaomen.Subject{Units: []string{a.Unit}}, nil
	},
	check: func(d *desk, a *UnitInput) error {
		if d.rules.Unit(a.Unit) == nil {
			return lost("单位", a.Unit)
		}
		var list []*qiaomen.Problem
		add := func(field, text, fix string) {
			list = append(list, &qiaomen.Problem{Text: text, Fix: fix, At: qiaomen.Place{Field: field}})
		}
		for _, one := range []struct {
			field string
			text  *string
			most  int
		}{{"name", &a.Name, 60}, {"leading_official", &a.LeadingOfficial, 60}, {"remarks", &a.Remarks, mostItem}} {
			if *one.text = strings.TrimSpace(*one.text); len([]rune(*one.text)) > one.most {
				add(one.field, fmt.Sprintf("超过%d个字", one.most), "请写得短些")
			}
			list = append(list, private(one.field, *one.text)...)
		}
		all, err := store.All[qiaomen.LedgerUnit](d.r, store.Filter{})
		if err != nil {
			return err
		}
		for _, u := range d.rules.Units {
			name, err := d.named(u.ID)
			if err != nil {
				return err
			}
			if u.ID != a.Unit && a.Name != "" && name == a.Name {
				add("name", "已有单位叫“"+qiaomen.Clip(a.Name)+"”", "请换一个名称")
			}
		}
		if a.MergedInto == "" {
			return faults(list)
		}
		merged := func(u *qiaomen.LedgerUnit) bool { return u.ID == a.MergedInto && u.MergedInto != "" }
		holds := func(u *qiaomen.LedgerUnit) bool { return u.MergedInto == a.Unit }
		switch {
		case d.rules.Unit(a.MergedInto) == nil:
			add("merged_into", "方案里没有单位“"+qiaomen.Clip(a.MergedInto)+"”", "请核对")
		case a.MergedInto == a.Unit:
			add("merged_into", "不能并入自己", "请另选一个单位")
		case slices.ContainsFunc(all, merged):
			add("merged_into", "那个单位自己已经并入别的单位", "请选最后并入的单位")
		case slices.ContainsFunc(all, holds):
			add("merged_into", "已有单位并入这个单位", "请先改那个单位的并入")
		}
		return faults(list)
	},
	do: func(d *desk, a *UnitInput) (string, error) {
		return a.Unit, d.emit(&qiaomen.UnitChanged{Unit: qiaomen.LedgerUnit{
			ID: a.Unit, Name: a.Name, MergedInto: a.MergedInto, LeadingOfficial: a.LeadingOfficial, Remarks: a.Remarks,
		}})
	},
}

// EditUnit renames a unit, says into which it was merged, or which office its
// leading official holds (P5). Records go over by transfer, not by this.
func (o *Office) EditUnit(ctx context.Context, by Caller, a UnitInput) (*Answer, error) {
	return perform(ctx, o, by, editUnit, a)
}
