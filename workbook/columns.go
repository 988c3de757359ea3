package workbook

import (
	"fmt"
	"slices"
	"strings"

	"github.com/xuri/excelize/v2"
	"qiaomen/scheme"
)

// columns is the columns that this edition has.
func (m *maker) columns(f *form) []*column {
	return slices.DeleteFunc(slices.Clone(f.columns), func(c *column) bool {
		if m.Office {
			return false
		}
		return c.role == recognisedRole || c.role == revokedRole || c.role == fieldRole && f.kind != nil && c.field.FilledBy != scheme.ByUnit
	})
}

// must tells whether a record is of no use without the column.
func (m *maker) must(f *form, c *column) bool {
	switch {
	case c.role == unitRole:
		return m.Unit == nil
	case c.role == evidenceRole:
		return f.kind.Evidence[c.index].Need != scheme.Optional
	case c.field != nil:
		return c.field.Need != scheme.Optional
	}
	return c.need || c.role == reportedRole || c.role == nameRole
}

func columnWidth(c *column) float64 {
	name := c.title
	if c.field != nil {
		name = c.field.Name
	}
	w := min(20, max(11, widthOf(name)+3))
	switch {
	case c.role == idRole:
		return 20
	case c.role == unitRole:
		return 22
	case c.role == nameRole:
		return 30
	case c.role == reportedRole, c.role == recognisedRole, c.role == revokedRole:
		return 18
	case c.field == nil:
		return w
	case c.field.Type == scheme.ListField:
		return 36
	case c.field.Type == scheme.DateField:
		return max(13, w)
	case c.field.Type == scheme.OptionField:
		for _, o := range c.field.Options {
			w = max(w, min(24, widthOf(o.Name)+4))
		}
		return w
	case c.field.Type == scheme.TextField:
		return max(18, w)
	}
	return w
}

// note attaches a note to a cell.
func (p *page) note(col, row int, text string) {
	if text == "" {
		return
	}
	lines := 0.0
	for _, l := range strings.Split(text, "\n") {
		lines += max(1, ceil(widthOf(l)/34))
	}
	p.try(p.f.AddComment(p.name, excelize.Comment{
		Cell: cellName(col, row), Author: "敲门", Width: 260, Height: uint(24 + 18*lines),
		Paragraph: []excelize.RichTextRun{{Text: text, Font: &excelize.Font{Family: fang, Size: 10}}},
	}))
}

// help is what a column is for and how it is written.
func (m *maker) help(f *form, c *column) string {
	var parts []string
	say := func(text string) {
		if text != "" {
			parts = append(parts, text)
		}
	}
	switch c.role {
	case idRole:
		say("自己编，不能重复；留空就用表名和行号。以后更正同一条，编号要一样。")
	case unitRole:
		say("从下拉列表里选。")
		if m.Unit != nil {
			say("留空就是" + m.Unit.Name + "。")
		}
	case reportedRole:
		say("报给办公室的时间，如 2024-01-05 或 2024-01-05 16:40。")
	case recognisedRole:
		say("办公室认定的时间；空着就是还没有认定，不计入。")
	case revokedRole:
		say("撤销认定的时间；从这一天起不再计入。")
	case evidenceRole:
		say("附了填“是”，没有附填“否”或空着。")
		if e := f.kind.Evidence[c.index]; e.Need != scheme.Optional {
			say("没有附的不计入。" + cited(e.Cite))
		}
	case periodRole:
		say("从下拉列表里选。")
	case publishedRole:
		say("公布的日期，如 2024-04-20。同一期公布几次的，以最后一次为准。")
	case fieldRole:
		say(c.field.Hint)
		say(howTo(c.field))
		say(map[scheme.Need]string{scheme.Always: "必须填，不填读不进来。", scheme.ToSubmit: "必须填，不填不计入。", scheme.ToCount: "不填不计入。"}[c.field.Need])
		say(map[scheme.Filler]string{scheme.ByOffice: "由办公室填。", scheme.ByStatistics: "以统计部门的数为准。", scheme.ByLeader: "由市领导联络员填。"}[c.field.FilledBy])
		say(cited(c.field.Cite))
	}
	return strings.Join(parts, "\n")
}

func cited(c *scheme.Clause) string {
	if c == nil {
		return ""
	}
	return "依据：" + c.ID
}

func howTo(f *scheme.Field) string {
	switch f.Type {
	case scheme.AmountField, scheme.NumberField:
		if f.Scale.Name == "%" {
			return "百分数，如 17.4%。"
		}
		return "只填数，以" + f.Scale.Name + "计；用别的单位要写出来，如 3000万元。"
	case scheme.JudgedField:
		return "从" + f.From.String() + "到" + f.To.String() + "。"
	case scheme.DateField:
		return "如 2024-01-05。"
	case scheme.FlagField:
		return "填“是”或“否”。"
	case scheme.OptionField:
		if f.List != nil && f.List.Open {
			return "可以从下拉列表里选，也可以另填。"
		}
		return "从下拉列表里选。"
	case scheme.ListField:
		return "几个写在一格里，用顿号隔开，或一行一个。"
	case scheme.RecordField:
		return "填那条“" + f.Kind.Name + "”的编号。"
	case scheme.UnitField:
		return "从下拉列表里选。"
	}
	return ""
}

func (m *maker) formatOf(c *column) string {
	switch c.role {
	case idRole, nameRole:
		return "@"
	case reportedRole, recognisedRole, revokedRole:
		return "yyyy-mm-dd hh:mm"
	case publishedRole:
		return "yyyy-mm-dd"
	case fieldRole:
		switch c.field.Type {
		case scheme.DateField:
			return "yyyy-mm-dd"
		case scheme.AmountField, scheme.NumberField:
			if c.field.Scale.Name == "%" {
				return "0.00##%"
			}
			return "#,##0.00##"
		case scheme.TextField, scheme.RecordField:
			return "@"
		}
	}
	return ""
}

// validate says what a column's cells take.
func (m *maker) validate(p *page, f *form, c *column, col, from int) {
	v := excelize.NewDataValidation(true)
	v.Sqref = cellName(col, from) + ":" + cellName(col, lastRow)
	strict := excelize.DataValidationErrorStyleStop
	title, text := c.title, ""
	var err error
	switch {
	case c.role == unitRole || c.field != nil && c.field.Type == scheme.UnitField:
		v.SetSqrefDropList(m.list("unit", m.unitNames(f, c)))
		text = "请从下拉列表里选单位。"
	case c.role == evidenceRole || c.field != nil && c.field.Type == scheme.FlagField:
		v.SetSqrefDropList(m.list("flag", []string{"是", "否"}))
		text = "请填“是”或“否”。"
	case c.role == periodRole:
		names := periodNames(f.figure)
		if len(names) == 0 {
			return
		}
		v.SetSqrefDropList(m.list("period."+f.id(), names))
		text = "请从下拉列表里选。"
	case c.role == reportedRole || c.role == recognisedRole || c.role == revokedRole || c.role == publishedRole,
		c.field != nil && c.field.Type == scheme.DateField:
		err = v.SetRange(firstSerial, lastSerial-1, excelize.DataValidationTypeDate, excelize.DataValidationOperatorBetween)
		text = "请填日期，如 2024-01-05。"
	case c.field == nil:
		return
	case c.field.Type == scheme.OptionField:
		names := m.optionNames(c.field)
		if len(names) == 0 {
			return
		}
		v.SetSqrefDropList(m.list(f.id()+"."+c.field.ID, names))
		text = "请从下拉列表里选。"
		if c.field.List != nil && c.field.List.Open {
			strict = excelize.DataValidationErrorStyleInformation
			text = "不在列表里，确定要这样填吗？"
		}
	case c.field.Scale != nil:
		low, high := -1e15, 1e15
		if !c.field.Negative {
			low = 0
		}
		if c.field.Type == scheme.JudgedField {
			low, _ = float(c.field.From)
			high, _ = float(c.field.To)
		}
		err = v.SetRange(low, high, excelize.DataValidationTypeDecimal, excelize.DataValidationOperatorBetween)
		text = "请只填数，以" + c.field.Scale.Name + "计。"
		strict = excelize.DataValidationErrorStyleWarning // 3000万元 can be read too
	default:
		return
	}
	p.try(err)
	v.SetError(strict, title, text)
	p.try(p.f.AddDataValidation(p.name, v))
}

func (m *maker) unitNames(f *form, c *column) []string {
	if m.Unit != nil && c.role == unitRole {
		return []string{m.Unit.Name}
	}
	var out []string
	for _, u := range m.s.Units {
		if c.role != unitRole || f.kind == nil || len(f.kind.ReportedBy) == 0 || slices.Contains(f.kind.ReportedBy, u.Group) {
			out = append(out, u.Name)
		}
	}
	return out
}

func (m *maker) optionNames(f *scheme.Field) []string {
	var out []string
	for i, o := range f.Options {
		if m.Office || !slices.Contains(f.OfficeSets, i) {
			out = append(out, o.Name)
		}
	}
	return out
}

func periodNames(f *scheme.FigureSource) []string {
	var out []string
	for i := range f.Periods {
		out = append(out, f.PeriodName(i))
	}
	return out
}

// list is the range of the hidden sheet with these options: a drop-down with
// its options in it may have 255 characters only.
func (m *maker) list(key string, items []string) string {
	key += "\x00" + strings.Join(items, "\x00")
	if m.items == nil {
		m.items = map[string][]string{}
	}
	if m.lists[key] == "" {
		m.keys = append(m.keys, key)
		m.items[key] = items
		col := columnName(len(m.keys) + 3)
		m.lists[key] = fmt.Sprintf("%s!$%s$2:$%s$%d", quoted(metaSheet), col, col, len(items)+1)
	}
	return m.lists[key]
}
