package gongwen

import (
	"regexp"
	"strconv"
	"strings"
)

// A place is what a paragraph has besides its style.
type place struct {
	newPage  bool
	keepNext bool
	before   int // space above
	left     int // indents, in twips
	hanging  int
	first    bool // no indent of the first line, whatever the style says
	right    int
	size     int // of type, where not the style's; half points
	scale    int // width of the type in percent, 0: as it is
	align    string
	underRed bool
	tab      int // a right tab
	section  func()
}

// para writes one paragraph.
func (e *element) para(style, text string, p place) {
	e.put("w:p", func() {
		e.put("w:pPr", func() {
			e.val("w:pStyle", style)
			e.place(p)
			if p.section != nil {
				p.section()
			}
		})
		e.runs(text, p)
	})
}

// place writes the properties in the order that the format demands.
func (e *element) place(p place) {
	if p.keepNext {
		e.put("w:keepNext", nil)
	}
	if p.newPage {
		e.put("w:pageBreakBefore", nil)
	}
	if p.underRed {
		e.put("w:pBdr", func() {
			e.put("w:bottom", nil, "w:val", "single", "w:sz", "18", "w:space", "6", "w:color", red)
		})
	}
	if p.tab > 0 {
		e.put("w:tabs", func() { e.put("w:tab", nil, "w:val", "right", "w:pos", strconv.Itoa(p.tab)) })
	}
	if p.before > 0 {
		e.put("w:spacing", nil, "w:before", strconv.Itoa(p.before))
	}
	var ind []string
	add := func(name string, n int) {
		ind = append(ind, name, strconv.Itoa(n))
	}
	if p.left != 0 {
		add("w:left", p.left)
	}
	if p.right != 0 {
		add("w:right", p.right)
	}
	switch {
	case p.hanging > 0:
		add("w:hanging", p.hanging)
	case p.first:
		add("w:firstLineChars", 0)
		add("w:firstLine", 0)
	}
	if ind != nil {
		e.put("w:ind", nil, ind...)
	}
	if p.align != "" {
		e.val("w:jc", p.align)
	}
}

var unfilled = regexp.MustCompile(`〔待填[^〕]*〕`)

// Unfilled is every place of the texts that the office still has to fill,
// each once, in order.
func (d *Document) Unfilled() []string {
	var out []string
	seen := map[string]bool{}
	d.texts(func(s string) {
		for _, m := range unfilled.FindAllString(s, -1) {
			if !seen[m] {
				seen[m] = true
				out = append(out, m)
			}
		}
	})
	return out
}

// texts visits every text of the document in order.
func (d *Document) texts(visit func(string)) {
	blocks := func(list []Block) {
		for _, b := range list {
			visit(b.Text)
			if b.Table == nil {
				continue
			}
			visit(b.Table.Caption)
			for _, row := range b.Table.Rows {
				for _, c := range row {
					visit(c)
				}
			}
		}
	}
	visit(d.Mark)
	visit(d.Number)
	visit(d.Title)
	visit(d.To)
	blocks(d.Body)
	visit(d.Issuer)
	visit(d.Date)
	for _, a := range d.Annexes {
		visit(a.Title)
		blocks(a.Blocks)
	}
	visit(d.CopyTo)
	visit(d.PrintedBy)
	visit(d.PrintedOn)
}

// runs writes the text, places to fill in yellow.
func (e *element) runs(text string, p place) {
	at := 0
	for _, m := range unfilled.FindAllStringIndex(text, -1) {
		e.run(text[at:m[0]], p, false)
		e.run(text[m[0]:m[1]], p, true)
		at = m[1]
	}
	e.run(text[at:], p, false)
}

func (e *element) run(text string, p place, yellow bool) {
	if text == "" {
		return
	}
	e.put("w:r", func() {
		if p.size > 0 || p.scale > 0 || yellow {
			e.put("w:rPr", func() {
				if p.scale > 0 {
					e.num("w:w", p.scale)
				}
				if p.size > 0 {
					e.num("w:sz", p.size)
					e.num("w:szCs", p.size)
				}
				if yellow {
					e.val("w:highlight", "yellow")
				}
			})
		}
		for {
			at := strings.IndexAny(text, "\t\n")
			before := text
			if at >= 0 {
				before = text[:at]
			}
			if before != "" {
				e.put("w:t", func() { e.text(before) }, "xml:space", "preserve")
			}
			if at < 0 {
				return
			}
			e.put(map[byte]string{'\t': "w:tab", '\n': "w:br"}[text[at]], nil)
			text = text[at+1:]
		}
	})
}
