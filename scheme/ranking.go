package scheme

import (
	"slices"

	"qiaomen"
)

// A Ranking is how one group's units are put in order.
type Ranking struct {
	Group   *Group
	By      Value[*Measure] // nil: the total
	Ties    string          // share 1,2,2,4 · dense 1,2,2,3 · break
	BreakBy []*Measure
	Grades  *Grades
	Cite    *Clause
}

// A NameList is units to be named: so many first or last places, or those a
// condition holds for.
type NameList struct {
	ID, Name string
	Among    Value[[]*Group]
	First    int
	Last     int
	If       *UnitCond
	Unless   *UnitCond
	Final    bool // announced only with the final ranking
	Cite     *Clause
}

// Grades are awards by place or total, moved up or down or barred by
// conditions.
type Grades struct {
	BestFirst []string
	Give      Value[string]
	Moves     []Move
}

// A Move changes a grade.
type Move struct {
	If   *UnitCond
	By   int // up is negative: towards the best
	Bar  bool
	Cite *Clause
}

// Rounding says where scoring rounds; never implied.
type Rounding struct {
	Measures, Lines, Total, Shown Rounded
}

func (p *parser) ranking(n *node) {
	p.s.Ranking = make([]*Ranking, len(p.s.Groups))
	o := p.object(n, nil, "groups", "lists")
	groups := p.mapping(o.need("groups"), o.cite, "")
	for _, key := range groups.keys {
		g := p.groupRef(key)
		if g == nil {
			continue
		}
		ro := p.object(groups.at[key.Value], o.cite, "ties", "by_measure", "break_by", "grades")
		r := &Ranking{Group: g, Ties: ro.one("ties", "share", "dense", "break"), Cite: ro.cite}
		if by, ok := ro.at["by_measure"]; ok {
			r.By = value(p, by, anyUnit, func(n *node) *Measure {
				if n.Value == "total" {
					return nil
				}
				return p.measureRef(n, p.str(n))
			})
		}
		for _, m := range p.list(ro.at["break_by"]) {
			if ref := p.measureRef(m, p.str(m)); ref != nil {
				r.BreakBy = append(r.BreakBy, ref)
			}
		}
		if (r.Ties == "break") != (len(r.BreakBy) > 0) {
			p.errorf(groups.at[key.Value], "ties: break 和 break_by 要一起写")
		}
		if gr, ok := ro.at["grades"]; ok {
			r.Grades = p.grades(gr)
		}
		p.s.Ranking[g.index] = r
	}
	if l, ok := o.at["lists"]; ok {
		t := p.table(l, o.cite, "名单")
		for _, key := range t.keys {
			p.nameList(key, t.at[key.Value], o.cite)
		}
	}
}

func (p *parser) nameList(key, n *node, cite *Clause) {
	o := p.object(n, cite, "name", "among", "first", "last", "if", "unless", "final_only")
	l := &NameList{ID: key.Value, Name: o.name("name"), Final: o.flag("final_only"), Cite: o.cite}
	if slices.Contains([]string{"id", "rank", "total", "lines", "exact", "grade"}, l.ID) {
		p.errorf(key, "“%s”是留用的名字，名单请另起一个", l.ID)
	}
	l.Among = value(p, o.need("among"), scope{}, func(n *node) []*Group { return p.groupRefs(n, "") })
	if f, ok := o.at["first"]; ok {
		l.First = p.count(f, 1, 1000)
	}
	if x, ok := o.at["last"]; ok {
		l.Last = p.count(x, 1, 1000)
	}
	if c, ok := o.at["if"]; ok {
		l.If = p.unitCond(c, afterRanking)
	}
	if c, ok := o.at["unless"]; ok {
		l.Unless = p.unitCond(c, afterRanking)
	}
	if !o.has("first") && !o.has("last") && !o.has("if") {
		p.errorf(n, "名单要写 first、last 或 if")
	}
	p.s.Naming = append(p.s.Naming, l)
}

func (p *parser) grades(n *node) *Grades {
	o := p.object(n, nil, "best_first", "give", "moves")
	g := &Grades{BestFirst: p.strs(o.need("best_first"))}
	if len(g.BestFirst) == 0 {
		p.errorf(n, "“best_first”至少写一个等次")
		return g
	}
	g.Give = value(p, o.need("give"), scope{unit: true, places: true}, func(n *node) string {
		if n.Value == "none" {
			return ""
		}
		return p.one(n, g.BestFirst...)
	})
	for _, m := range p.list(o.at["moves"]) {
		mo := p.object(m, o.cite, "if", "up", "down", "bar")
		move := Move{If: p.unitCond(mo.need("if"), afterRanking), Bar: mo.flag("bar"), Cite: mo.cite}
		if u, ok := mo.at["up"]; ok {
			move.By = -p.count(u, 1, 10)
		}
		if d, ok := mo.at["down"]; ok {
			move.By = p.count(d, 1, 10)
		}
		g.Moves = append(g.Moves, move)
	}
	return g
}

func (p *parser) roundingRules(n *node) {
	o := p.object(n, nil, "measures", "lines", "total", "shown")
	read := func(word string) Rounded {
		if r := o.need(word); r != nil {
			return p.rounded(r)
		}
		return Rounded{}
	}
	p.s.Rounding = Rounding{read("measures"), read("lines"), read("total"), read("shown")}
}

// groupRef is the group a name refers to.
func (p *parser) groupRef(n *node) *Group {
	g := find(p.s.Groups, func(g *Group) bool { return g.ID == n.Value })
	if g == nil {
		var ids []string
		for _, g := range p.s.Groups {
			ids = append(ids, g.ID)
		}
		p.errorf(n, "没有分组“%s”%s", qiaomen.Clip(n.Value), qiaomen.Suggest(n.Value, ids))
	}
	return g
}

// groupRefs is several groups; the word besides stands for none.
func (p *parser) groupRefs(n *node, besides string) []*Group {
	var out []*Group
	for _, item := range p.items(n) {
		if besides != "" && item.Value == besides {
			continue
		}
		if g := p.groupRef(item); g != nil {
			out = append(out, g)
		}
	}
	return out
}

func (p *parser) unitRef(n *node) *Unit {
	u := p.units[n.Value]
	if u == nil {
		var ids []string
		for _, u := range p.s.Units {
			if len(ids) < 200 {
				ids = append(ids, u.ID)
			}
		}
		p.errorf(n, "没有单位“%s”%s", qiaomen.Clip(n.Value), qiaomen.Suggest(n.Value, ids))
	}
	return u
}
