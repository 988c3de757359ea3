package workbook

import (
	"slices"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/width"
	"qiaomen"
	"qiaomen/scheme"
)

// A role is what a column holds.
type role int

const (
	idRole role = iota
	unitRole
	nameRole
	fieldRole
	evidenceRole     // whether one type of evidence is attached
	evidenceListRole // which types are, in one cell
	reportedRole
	recognisedRole
	revokedRole
	periodRole
	publishedRole
	kindRole
	idleRole // ours or the clerk's own: not read
)

// A column is one column of a form.
type column struct {
	role  role
	title string // as the template has it: 投资额（亿元）
	names []string
	field *scheme.Field
	index int // field or type of evidence
	need  bool
}

// A form is what the sheet of one kind, or of one figure, looks like.
type form struct {
	kind    *scheme.Kind
	figure  *scheme.FigureSource
	columns []*column
	titles  map[string]*column // by folded title
}

func forms(s *scheme.Scheme) []*form {
	var out []*form
	for _, k := range s.Kinds {
		out = append(out, kindForm(k))
	}
	for _, f := range s.Figures {
		out = append(out, figureForm(f))
	}
	return out
}

func (f *form) id() string {
	if f.kind != nil {
		return f.kind.ID
	}
	return f.figure.ID
}

func (f *form) name() string {
	if f.kind != nil {
		return f.kind.Name
	}
	return f.figure.Name
}

func (f *form) fields() []*scheme.Field {
	if f.kind != nil {
		return f.kind.Fields
	}
	return f.figure.Fields
}

func (f *form) add(role role, title string, names ...string) *column {
	c := &column{role: role, title: title, names: names}
	f.columns = append(f.columns, c)
	return c
}

func kindForm(k *scheme.Kind) *form {
	f := &form{kind: k}
	f.add(idRole, "编号", "id")
	f.add(unitRole, "单位", "unit", "责任单位", "上报单位", "填报单位", "申报单位", "县（区）", "县区").need = true
	f.add(nameRole, "名称", "name", k.Name+"名称", "项目名称", "线索名称", "活动名称", "标题")
	f.addFields(k.Fields)
	for i, e := range k.Evidence {
		f.add(evidenceRole, "已附"+e.Name, "evidence."+e.ID, "附"+e.Name, "有"+e.Name, e.Name).index = i
	}
	f.add(reportedRole, "上报时间", "reported_at", "上报日期", "填报时间", "填报日期")
	f.add(recognisedRole, "认定时间", "recognized_at", "认定日期")
	f.add(revokedRole, "撤销时间", "revoked_at", "撤销日期")
	return f.named()
}

func figureForm(s *scheme.FigureSource) *form {
	f := &form{figure: s}
	f.add(idRole, "编号", "id")
	if !s.ForAll {
		f.add(unitRole, "单位", "unit", "责任单位", "县（区）", "县区").need = true
	}
	if s.Every != "" {
		title := map[string]string{"quarter": "季度", "month": "月份", "half": "半年", "year": "年度", "round": "轮次", "day": "日期"}[s.Every]
		f.add(periodRole, title, s.Every, "所属期", "时期", "期别").need = true
	}
	f.addFields(s.Fields)
	f.add(publishedRole, "发布日期", "published_on", "发布时间", "公布日期", "公布时间").need = true
	return f.named()
}

func (f *form) addFields(fields []*scheme.Field) {
	for i, field := range fields {
		title := field.Name
		if field.Scale != nil {
			title += "（" + field.Scale.Name + "）"
		}
		c := f.add(fieldRole, title, field.Name, field.ID)
		c.field, c.index, c.need = field, i, field.Need == scheme.Always
	}
}

// named makes the titles findable. Where two columns share a name the first
// keeps it.
func (f *form) named() *form {
	f.titles = map[string]*column{}
	put := func(title string, c *column) {
		if key := folded(title); f.titles[key] == nil {
			f.titles[key] = c
		}
	}
	for _, c := range f.columns {
		put(c.title, c)
	}
	for _, c := range f.columns {
		for _, name := range c.names {
			put(name, c)
		}
	}
	if f.kind != nil && len(f.kind.Evidence) > 0 {
		put("evidence", &column{role: evidenceListRole, title: "佐证材料"})
		put("佐证材料", f.titles["evidence"])
	}
	for _, title := range idleTitles {
		put(title, &column{role: idleRole, title: title})
	}
	for _, title := range kindTitles {
		put(title, &column{role: kindRole, title: title})
	}
	return f
}

var (
	kindTitles = []string{"记录类别", "kind", "类别"}
	idleTitles = []string{"序号", problemTitle, statusTitle, reasonTitle}
)

const (
	problemTitle = "问题"
	statusTitle  = "计入情况"
	reasonTitle  = "未计入原因"
)

// folded is a title without what clerks vary: width, spaces, line breaks, the
// star of what must be filled in.
func folded(title string) string {
	title = width.Fold.String(title)
	title = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || r == '*' || unicode.Is(unicode.Cf, r) {
			return -1
		}
		return unicode.ToLower(r)
	}, title)
	return strings.ReplaceAll(title, "﹡", "")
}

// find is the column a title means, and the unit of measure where the title
// names one of its own: 投资额（万元）.
func (f *form) find(title string) (*column, *scheme.Scale) {
	key := folded(title)
	c := f.titles[key]
	name, in := cutUnit(key)
	if c == nil && in != nil {
		c = f.titles[name]
	}
	if c == nil { // 目标企业1, 目标企业2 …
		if base := strings.TrimRight(strings.TrimSuffix(key, "名称"), "0123456789一二三四五六七八九十"); base != key && base != "" {
			if l := f.titles[base]; l != nil && l.field != nil && l.field.Type == scheme.ListField {
				c = l
			}
		}
	}
	if c == nil || c.field == nil || c.field.Scale == nil {
		in = nil
	}
	return c, in
}

// cutUnit parts a folded title from the unit of measure behind it.
func cutUnit(title string) (string, *scheme.Scale) {
	open := strings.LastIndexByte(title, '(')
	if open < 0 || !strings.HasSuffix(title, ")") {
		return title, nil
	}
	unit := strings.TrimSuffix(title[open+1:], ")")
	unit = strings.TrimPrefix(strings.TrimPrefix(unit, "单位:"), "单位")
	return title[:open], scaleOf(unit)
}

// formNamed is the form a sheet's name means: 签约项目, 签约项目台账, signed_project.
func formNamed(all []*form, name string) *form {
	key := folded(name)
	for _, f := range all {
		own := folded(f.name())
		if key == own || key == f.id() || key == folded(sheetName(f.name())) {
			return f
		}
		if rest, ok := strings.CutPrefix(key, own); ok && slices.Contains([]string{"台账", "表", "明细", "明细表", "登记表", "统计表", "台帐", "清单"}, rest) {
			return f
		}
	}
	return nil
}

// unitOf is the unit that a cell names.
func unitOf(s *scheme.Scheme, text string) (*scheme.Unit, string) {
	key := folded(text)
	var names []string
	for _, u := range s.Units {
		if u.ID == text || folded(u.Name) == key || u.ID == key {
			return u, ""
		}
		names = append(names, u.Name)
	}
	return nil, "方案里没有单位“" + qiaomen.Clip(text) + "”" + qiaomen.Suggest(text, names)
}

// optionOf is the option that a cell names, by its name or id, or by what
// stands before or within the brackets of its name: 复工（续建）.
func optionOf(options []scheme.Option, text string) int {
	key := folded(text)
	found := -1
	for i, o := range options {
		name := folded(o.Name)
		if o.ID == text || o.ID == key || name == key {
			return i
		}
		before, within, ok := strings.Cut(strings.TrimSuffix(name, ")"), "(")
		if ok && (before == key || within == key) {
			if found >= 0 {
				return -1
			}
			found = i
		}
	}
	return found
}

// periodOf is the position of the period that a cell names: 2024Q1,
// 2024年一季度, 2024年1季度, 2024-1.
func periodOf(f *scheme.FigureSource, text string) int {
	key := periodKey(text)
	for i, p := range f.Periods {
		if key == periodKey(p) || key == periodKey(f.PeriodName(i)) {
			return i
		}
	}
	return -1
}

var periodWords = strings.NewReplacer("第", "", "年", "-", "季度", "", "季", "", "q", "-", "h", "-", "月", "", "半", "", "一", "1", "二", "2",
	"三", "3", "四", "4", "上", "1", "下", "2", "/", "-", ".", "-")

// periodKey brings the ways to write a period together: year, dash, number.
func periodKey(text string) string {
	key := strings.Trim(periodWords.Replace(folded(text)), "-")
	year, rest, ok := strings.Cut(key, "-")
	if !ok {
		return key
	}
	rest = strings.Trim(rest, "-")
	if n, err := strconv.Atoi(rest); err == nil {
		rest = strconv.Itoa(n)
	}
	return year + "-" + rest
}
