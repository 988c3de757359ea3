package workbook

import (
	"slices"
	"strings"

	"qiaomen"
	"qiaomen/scheme"
)

// An entry is one row being typed.
type entry struct {
	t      *table
	form   *form
	row    int
	by     map[*column][]cell
	at     map[*column]int // its column in the sheet
	in     map[*column]*scheme.Scale
	filled int
	onlyUnit,
	faulty bool
	told map[int]bool // columns of the sheet with a fault

	rec    qiaomen.Record
	fig    qiaomen.Figure
	values []qiaomen.Value
}

// gather puts the row's cells under the form's columns.
func (e *entry) gather(cells []cell) {
	t := e.t
	bound := t.bind(e.form)
	e.in = map[*column]*scheme.Scale{}
	others := 0
	for _, b := range bound {
		i := slices.IndexFunc(cells, func(c cell) bool { return c.col == b.col })
		c := cell{col: b.col}
		if i >= 0 {
			c = cells[i]
		}
		if b.column == nil || b.column.role == idleRole {
			if b.column == nil && t.form == nil && !void(c.text) {
				e.say(b.col, wrong("“"+e.form.name()+"”没有“"+qiaomen.Clip(b.title)+"”这一列", "请删去这一格"))
			}
			continue
		}
		c = t.merged(e.row, b, c)
		if trim(c.text) != "" {
			e.filled++
			if b.column.role != unitRole {
				others++
			}
		}
		e.by[b.column] = append(e.by[b.column], c)
		if e.at[b.column] == 0 {
			e.at[b.column], e.in[b.column] = b.col, b.in
		}
	}
	e.onlyUnit = e.filled > 0 && others == 0
	for _, c := range cells {
		if trim(c.text) == "" || t.stray[c.col] || slices.ContainsFunc(t.head, func(h headCell) bool { return h.col == c.col }) {
			continue
		}
		t.stray[c.col] = true
		t.at(e.row, c.col, &said{text: columnName(c.col) + "列没有表头，里面的内容没有读", fix: "要报的请补上列名", doubt: true})
	}
}

// merged gives cells that are merged downwards the value of the first, where
// that is what is meant: of the unit and the period. Of anything else, such as
// an amount, one value for several rows has no meaning.
func (t *table) merged(row int, b binding, c cell) cell {
	if held, ok := t.carried[b.col]; ok {
		if row <= held.until {
			if b.column.role == unitRole || b.column.role == periodRole {
				return held.cell
			}
			t.at(row, b.col, &said{text: "是合并单元格，“" + b.column.title + "”只算在第一行", fix: "请取消合并，每行各填各的", doubt: true})
			return c
		}
		delete(t.carried, b.col)
	}
	if until := t.down[[2]int{row, b.col}]; until > 0 {
		t.carried[b.col] = carry{until, c}
	}
	return c
}

func (e *entry) say(col int, s *said) {
	if s == nil {
		return
	}
	if !s.doubt {
		e.faulty, e.told[col] = true, true
	}
	e.t.at(e.row, col, s)
}

// read types the row and hands it on when nothing is wrong with it.
func (e *entry) read() {
	e.values = make([]qiaomen.Value, len(e.form.fields()))
	e.rec.Unit, e.fig.Unit = -1, -1
	for _, b := range e.t.bind(e.form) {
		if b.column == nil || b.column.role == idleRole || e.at[b.column] != b.col {
			continue
		}
		cells := e.by[b.column]
		for _, c := range cells {
			if c.formula && c.kind != errorCell {
				e.say(c.col, &said{text: "是公式，按算出的“" + qiaomen.Clip(c.text) + "”读", fix: "请核对，最好直接填数", doubt: true})
			}
		}
		e.column(b.column, cells)
	}
	e.required()
	if e.faulty || slices.Contains(e.t.lacking, e.form) {
		return
	}
	e.t.seq++
	if e.form.kind != nil {
		e.rec.Kind, e.rec.Seq, e.rec.Line, e.rec.Values = e.form.kind.Index(), e.t.seq, e.row, e.values
		e.t.to.Record(&e.rec)
		return
	}
	e.fig.Source, e.fig.Seq, e.fig.Line, e.fig.Values = e.form.figure.Index(), e.t.seq, e.row, e.values
	e.t.to.Figure(&e.fig)
}

// column types what one column of the form holds.
func (e *entry) column(col *column, cells []cell) {
	c := cells[0]
	t := e.t
	switch col.role {
	case idRole:
		text, say := t.text(c)
		e.say(c.col, say)
		e.rec.ID = text
	case nameRole:
		text, say := t.text(c)
		e.say(c.col, say)
		e.rec.Name = text
	case unitRole:
		if trim(c.text) == "" {
			return
		}
		u, problem := unitOf(t.s, trim(plain(c.text)))
		if u == nil {
			e.say(c.col, wrong(problem, "请从下拉列表里选"))
			return
		}
		e.rec.Unit, e.fig.Unit = u.Index(), u.Index()
	case fieldRole:
		e.field(col, cells)
	case evidenceRole:
		if void(c.text) {
			return
		}
		yes, say := t.flag(c)
		if e.say(c.col, say); yes {
			e.rec.Evidence = e.rec.Evidence.With(col.index)
		}
	case evidenceListRole:
		e.evidence(c)
	case periodRole:
		e.period(c)
	default:
		if void(c.text) {
			return
		}
		m, say := t.moment(c)
		e.say(c.col, say)
		switch col.role {
		case reportedRole:
			e.rec.Reported = m
		case recognisedRole:
			e.rec.Recognised = m
		case revokedRole:
			e.rec.Revoked = m
		case publishedRole:
			e.fig.Published = m.Day
		}
	}
}

func (e *entry) field(col *column, cells []cell) {
	v := &e.values[col.index]
	for _, c := range cells {
		got, say := e.t.value(col.field, e.in[col], c)
		e.say(c.col, say)
		if col.field.Type == scheme.ListField && v.Given {
			for _, x := range got.List {
				if !slices.Contains(v.List, x) {
					v.List = append(v.List, x)
				}
			}
			continue
		}
		*v = got
	}
}

func (e *entry) evidence(c cell) {
	for _, x := range entries(c.text) {
		i := slices.IndexFunc(e.form.kind.Evidence, func(t *scheme.EvidenceType) bool { return t.ID == x || folded(t.Name) == folded(x) })
		if i < 0 {
			var names []string
			for _, t := range e.form.kind.Evidence {
				names = append(names, t.Name)
			}
			e.say(c.col, wrong("没有“"+qiaomen.Clip(x)+"”这种佐证材料", "可填："+strings.Join(names, "、")))
			continue
		}
		e.rec.Evidence = e.rec.Evidence.With(i)
	}
}

func (e *entry) period(c cell) {
	f := e.form.figure
	if trim(c.text) == "" {
		return
	}
	if f.Every == "day" && len(f.Periods) == 0 {
		d, say := e.t.date(c)
		e.say(c.col, say)
		e.fig.Period = int(d)
		return
	}
	if e.fig.Period = periodOf(f, c.text); e.fig.Period < 0 {
		var names []string
		for i := range f.Periods {
			names = append(names, f.PeriodName(i))
		}
		e.say(c.col, wrong("“"+qiaomen.Clip(c.text)+"”不在方案要的各期之内", "请填："+strings.Join(names, "、")))
	}
}

// required finds what every row of the form must have, gives the row its id
// and looks whether another has it.
func (e *entry) required() {
	t := e.t
	for _, col := range e.form.columns {
		if at := e.at[col]; at > 0 && col.need && !e.given(col) && !e.told[at] {
			e.say(at, wrong("缺少“"+col.title+"”", "请补上"))
		}
	}
	if e.rec.Unit < 0 && t.unit != nil {
		e.rec.Unit, e.fig.Unit = t.unit.Index(), t.unit.Index()
	}
	if f := e.form.figure; f != nil {
		e.fig.ID = e.rec.ID
		if f.ForAll {
			e.fig.Unit = -1
		}
		for i, field := range f.Fields {
			if e.values[i].Given && field.OnlyPeriods != nil && !e.faulty && !slices.Contains(field.OnlyPeriods, e.fig.Period) {
				col := e.form.columns[slices.IndexFunc(e.form.columns, func(c *column) bool { return c.field == field })]
				e.say(e.at[col], wrong("“"+f.PeriodName(e.fig.Period)+"”没有“"+field.Name+"”", "请删去这一格"))
			}
		}
	}
	e.identify()
}

// given tells whether a column that must be filled in is.
func (e *entry) given(col *column) bool {
	switch col.role {
	case unitRole:
		return e.rec.Unit >= 0 || e.t.unit != nil
	case periodRole:
		return trim(e.by[col][0].text) != ""
	case publishedRole:
		return e.fig.Published != 0
	}
	return e.values[col.index].Given
}

func (e *entry) identify() {
	t := e.t
	id := e.rec.ID
	if id == "" {
		id = t.generated(e.form, e.row)
	}
	e.rec.ID, e.fig.ID = id, id
	if before := t.known(id, t.place(t, e.row)); before != "" {
		col := 0
		for c, at := range e.at {
			if c.role == idRole {
				col = at
			}
		}
		e.say(col, wrong("编号“"+qiaomen.Clip(id)+"”与"+before+"重复", "请另编一个，或者留空"))
	}
}
