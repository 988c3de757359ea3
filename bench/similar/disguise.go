package main

import (
	"slices"
	"strings"

	"qiaomen/similar"
)

// A draft is a thing on its way to a report: its parts are changed first, and
// then what was written of them.
type draft struct {
	thing
	report similar.Thing
}

// A disguise is one way in which the same thing is reported differently. It
// may leave a draft as it is, if it has nothing to work on. Parts are changed
// before text is; the order of the disguises is that of their stages.
type disguise struct {
	name string
	text bool // works on what is written, not on the parts
	do   func(*maker, *draft)
}

// disguises stand in the order in which they are put on: what breaks words up
// comes last.
var disguises = []disguise{
	{"legal form", false, legalForm},
	{"abbreviation", false, abbreviation},
	{"word order", false, wordOrder},
	{"scale", false, scaleShown},
	{"numerals", false, numerals},
	{"place", false, placeShown},
	{"filler", false, filler},
	{"similar characters", true, similarCharacters},
	{"brackets", true, brackets},
	{"width", true, width},
	{"spaces", true, spaces},
	{"zero-width", true, zeroWidth},
}

// wear puts so many disguises on, each of which really changes what is
// written, and returns their names. Those named in not are left alone.
func (m *maker) wear(t *thing, n int, not ...string) (similar.Thing, []string) {
	for range 50 {
		d := &draft{thing: *t}
		order := m.Perm(len(disguises))
		order = slices.DeleteFunc(order, func(i int) bool { return slices.Contains(not, disguises[i].name) })[:n]
		slices.Sort(order)
		var worn []string
		d.report = d.write()
		for _, i := range order {
			if m.put(d, disguises[i]) {
				worn = append(worn, disguises[i].name)
			}
		}
		if len(worn) == n {
			return d.report, worn
		}
	}
	panic("no disguise fits " + t.company() + " " + t.project())
}

// put puts one disguise on, and tells whether it changed anything.
func (m *maker) put(d *draft, g disguise) bool {
	for range 6 {
		was := d.report
		g.do(m, d)
		if !g.text {
			d.report = d.write()
		}
		if d.report != was {
			return true
		}
	}
	return false
}

// legalForm is 有限公司 for 有限责任公司, or nothing.
func legalForm(m *maker, d *draft) {
	d.legal = pick(m, legals[d.legal])
	if d.legal == "" && d.business == "" && d.mark == 0 {
		d.legal = "公司"
	}
}

// abbreviation shortens the company to its brand and a part of its trade, or
// words of the project, or its place.
func abbreviation(m *maker, d *draft) {
	if m.chance(55) {
		d.fromLevel, d.branch = 0, ""
		business := []rune(d.business)
		switch {
		case m.chance(40) && len(business) > 2:
			d.business, d.legal = string(business[:2]), ""
		case m.chance(40):
			d.legal = ""
		case m.chance(50):
			d.business, d.legal = "", pick(m, []string{"公司", "集团"})
		default:
			d.business, d.legal = "", ""
		}
		return
	}
	if m.chance(25) && d.atLevel > 0 {
		d.atLevel, d.atShort = 1, true
		return
	}
	if m.chance(25) {
		d.work = ""
		return
	}
	for _, i := range m.Perm(len(shorter)) {
		long, short := shorter[i][0], shorter[i][1]
		for _, part := range []*string{&d.amount.before, &d.amount.unit, &d.product, &d.work, &d.at.county, &d.business} {
			if strings.Contains(*part, long) {
				*part = strings.Replace(*part, long, short, 1)
				return
			}
		}
	}
}

// wordOrder puts one of the parts elsewhere.
func wordOrder(m *maker, d *draft) {
	switch m.IntN(5) {
	case 0:
		d.fromWhere = m.IntN(3)
	case 1:
		d.atWhere = 1 - d.atWhere
	case 2:
		d.amountWhere = m.IntN(3)
	case 3:
		d.phaseWhere = m.IntN(4)
	case 4:
		d.directionWhere = m.IntN(3)
	}
}

// scaleShown adds the scale, or drops it.
func scaleShown(_ *maker, d *draft) { d.amountShown = !d.amountShown }

// numerals writes the scale's number or that of the phase in another way.
func numerals(m *maker, d *draft) {
	if d.phase > 0 && (m.chance(50) || !d.amountShown) {
		d.phaseStyle = m.IntN(phaseStyles)
		return
	}
	d.amount.style = m.IntN(numeralStyles)
}

// placeShown names more or less of where the company or the project is.
func placeShown(m *maker, d *draft) {
	if m.chance(40) {
		d.fromLevel = m.IntN(3)
		return
	}
	d.atLevel = m.IntN(4)
}

// filler adds words that say nothing.
func filler(m *maker, d *draft) {
	switch m.IntN(8) {
	case 0:
		d.companyAfter = pick(m, []string{"（筹）", "（拟设立）", "（暂定名）", "等企业"})
	case 1:
		d.companyBefore = pick(m, []string{"投资方：", "拟引进", "招商企业"})
	case 2, 3:
		d.before = pick(m, []string{"关于", "拟建", "新建", "投资建设", "计划建设", "建设", "引进", "高标准"})
		if d.before == "关于" {
			d.after = pick(m, []string{"的情况", "的汇报", "有关事宜"})
		}
	case 4:
		d.after = pick(m, []string{"（拟建）", "（在谈）", "（暂定名）", "有关事项"})
	default:
		d.last = pick(m, []string{"建设项目", "投资项目", "工程项目", "招商引资项目", "重点项目", "项目建设", "产业项目", "", "工程", "项目"})
		if d.last == "" && d.work == "" {
			d.last = "项目"
		}
	}
}

// similarCharacters takes a character of the brand for another, or one of the
// product; writes some in the traditional way; or takes letters of another
// script.
func similarCharacters(m *maker, d *draft) {
	switch n := m.IntN(100); {
	case n < 60:
		d.report.Company = m.mistake(d.report.Company, d.brand)
	case n < 68:
		d.report.Project = m.mistake(d.report.Project, d.product)
	case n < 85:
		of := func(text string) string {
			for _, p := range traditional {
				text = strings.ReplaceAll(text, p[0], p[1])
			}
			return text
		}
		d.report.Company = of(d.report.Company)
		if m.chance(60) {
			d.report.Project = of(d.report.Project)
		}
	default:
		d.report.Project = strings.Map(func(r rune) rune {
			if to := letters[r]; to != nil {
				return pick(m, to)
			}
			return r
		}, d.report.Project)
	}
}

// mistake takes one character of a word within a text for another.
func (m *maker) mistake(text, word string) string {
	before, after, ok := strings.Cut(text, word)
	if !ok || word == "" {
		return text
	}
	runes := []rune(word)
	i := m.IntN(len(runes))
	var others []rune
	for _, w := range alike {
		if strings.ContainsRune(w, runes[i]) {
			others = append(others, slices.DeleteFunc([]rune(w), func(r rune) bool { return r == runes[i] })...)
		}
	}
	if len(others) == 0 {
		return text
	}
	runes[i] = pick(m, others)
	return before + string(runes) + after
}

// brackets puts other brackets for those there are, leaves them away, or
// puts a part into some where there are none.
func brackets(m *maker, d *draft) {
	kinds := []string{"()", "[]", "【】", "〔〕", "［］", "{}", "〈〉", "「」", "--", "  "}
	kind := []rune(pick(m, kinds))
	change := func(text string) string {
		text = strings.NewReplacer("（", string(kind[0]), "）", string(kind[1])).Replace(text)
		return strings.TrimRight(text, " -")
	}
	switch company, project := change(d.report.Company), change(d.report.Project); {
	case company != d.report.Company || project != d.report.Project:
		d.report.Company, d.report.Project = company, project
	default:
		around := pick(m, []string{"（）", "()", "【】", "“”", "《》"})
		open, shut, _ := strings.Cut(around, string([]rune(around)[1]))
		shut = string([]rune(around)[1]) + shut
		for _, part := range []string{phaseWord(d.phase, d.phaseStyle), d.amount.text(), d.at.county, d.product} {
			if part != "" && strings.Contains(d.report.Project, part) {
				d.report.Project = strings.Replace(d.report.Project, part, open+part+shut, 1)
				return
			}
		}
	}
}

// width writes letters, digits and brackets in full width, or in half.
func width(m *maker, d *draft) {
	full := func(r rune) rune {
		if r > ' ' && r < 0x7f {
			return r - '!' + '！'
		}
		return r
	}
	half := func(r rune) rune {
		if r >= '！' && r <= '～' {
			return r - '！' + '!'
		}
		return r
	}
	to := full
	if m.chance(50) {
		to = half
	}
	d.report.Company, d.report.Project = strings.Map(to, d.report.Company), strings.Map(to, d.report.Project)
}

// spaces puts spaces between characters.
func spaces(m *maker, d *draft) { m.strew(d, []rune("   \u3000\u00a0\u2002"), 4) }

// zeroWidth puts characters between others that nobody sees.
func zeroWidth(m *maker, d *draft) { m.strew(d, invisible, 4) }

func (m *maker) strew(d *draft, what []rune, most int) {
	for range 1 + m.IntN(most) {
		text := &d.report.Company
		if m.chance(60) {
			text = &d.report.Project
		}
		runes := []rune(*text)
		if len(runes) < 2 {
			continue
		}
		*text = string(slices.Insert(runes, 1+m.IntN(len(runes)-1), pick(m, what)))
	}
}
