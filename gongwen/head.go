package gongwen

import (
	"fmt"
	"strconv"
	"strings"
)

// head is what stands above the body: the mark 35 mm under the type area's
// top, the number two lines under it, a red line, the title two lines under
// that, and to whom it goes one line under the title.
func (e *element) head(d *Document) {
	if d.Mark != "" {
		size, scale := markSize(d.Mark)
		e.para("mark", d.Mark, place{before: markDrop, size: size, scale: scale})
		e.empty(2)
		e.para("number", d.Number, place{underRed: true})
		e.empty(2)
	}
	for _, line := range titleLines(d.Title) {
		e.para("title", line, place{})
	}
	e.empty(1)
	if d.To != "" {
		e.para("flush", strings.TrimRight(d.To, "：:")+"：", place{})
	}
}

func (e *element) empty(n int) {
	for range n {
		e.para("a", "", place{})
	}
}

// markSize is the size of the mark in half points, and its width in percent:
// one line across the type area, as large as goes, narrowed where it is long.
func markSize(mark string) (size, scale int) {
	ems := max(1, (halves(mark)+1)/2)
	const narrowest = 66
	for _, size = range []int{124, 104, 88, 72, 60, 52, 44} {
		if scale = typeWidth * 96 / (ems * size * 10); scale >= narrowest {
			break
		}
	}
	return size, min(100, max(40, scale))
}

// blocks writes paragraphs and tables; headings are numbered here. Where the
// signature follows, the end of the last paragraph stays with it: it must not
// stand on a page of its own.
func (e *element) blocks(list []Block, width int, signed bool) {
	var n [3]int
	for i, b := range list {
		switch b.Kind {
		case Paragraph:
			short := halves(b.Text) < 5*56 // a long one would leave its page half empty
			e.para("body", b.Text, place{keepNext: signed && short && i == len(list)-1})
		case Heading1, Heading2, Heading3:
			level := int(b.Kind - Heading1)
			n[level]++
			for deeper := level + 1; deeper < len(n); deeper++ {
				n[deeper] = 0
			}
			e.para("h"+strconv.Itoa(level+1), headingNumber(level, n[level])+b.Text, place{})
		case Note:
			e.para("note", b.Text, place{})
		case Tabular:
			e.table(b.Table, width)
			if i == len(list)-1 || list[i+1].Kind == Tabular {
				e.tiny(nil)
			}
		}
	}
}

const numerals = "零一二三四五六七八九"

// chinese is n as Chinese numerals have it, to 99.
func chinese(n int) string {
	digits := []rune(numerals)
	switch {
	case n < 0 || n > 99:
		return strconv.Itoa(n)
	case n < 10:
		return string(digits[n])
	}
	text := "十"
	if n >= 20 {
		text = string(digits[n/10]) + text
	}
	if n%10 > 0 {
		text += string(digits[n%10])
	}
	return text
}

func headingNumber(level, n int) string {
	switch level {
	case 0:
		return chinese(n) + "、"
	case 1:
		return "（" + chinese(n) + "）"
	}
	return strconv.Itoa(n) + "."
}

// fewAnnexes is how many annexes stay with the last paragraph and the
// signature; a longer list would leave half a page empty.
const fewAnnexes = 6

// annexList is 附件说明: one line under the body, two characters in; names
// that run over stand under their own beginning.
func (e *element) annexList(annexes []Annex) {
	if len(annexes) == 0 {
		return
	}
	all := len(annexes) <= fewAnnexes
	e.para("a", "", place{keepNext: all})
	const indent, label, number = 2 * charPitch, 3 * charPitch, charPitch
	if len(annexes) == 1 {
		e.para("flush", "附件："+plain(annexes[0].Title), place{left: indent + label, hanging: label, keepNext: true})
		return
	}
	for i, a := range annexes {
		before, hang := "", number
		if i == 0 {
			before, hang = "附件：", label+number
		}
		e.para("flush", fmt.Sprintf("%s%d.%s", before, i+1, plain(a.Title)), place{
			left: indent + label + number, hanging: hang, keepNext: all || i >= len(annexes)-2,
		})
	}
}

func annexLabel(i, n int) string {
	if n == 1 {
		return "附件"
	}
	return "附件" + strconv.Itoa(i+1)
}

// annex is an attachment: its label flush left, its title on the third line.
func (e *element) annex(a Annex, label string, newPage bool) {
	width := typeWidth
	if a.Landscape {
		width = pageLong - marginTop - marginBottom
	}
	e.para("label", label, place{newPage: newPage})
	e.para("a", "", place{keepNext: true})
	for _, line := range titleLines(a.Title) {
		e.para("title", line, place{})
	}
	e.para("a", "", place{keepNext: true})
	e.blocks(a.Blocks, width, false)
}

// signature is name and date. Under a seal the date stands four characters
// from the right and the name is centred above it; without one the name
// stands two from the right and the date begins two further in than the name.
func (e *element) signature(d *Document) {
	if d.Issuer == "" && d.Date == "" {
		return
	}
	name, date := signaturePlaces(d.Issuer, d.Date, d.Unsealed)
	gap := 2 // the seal's top stands within a line of the body
	if d.Unsealed {
		gap = 1
	}
	for range gap {
		e.para("a", "", place{keepNext: true})
	}
	e.para("sign", d.Issuer, place{right: name, keepNext: true})
	e.para("sign", d.Date, place{right: date})
}

// signaturePlaces is how far name and date stand from the right, in twips.
func signaturePlaces(issuer, on string, unsealed bool) (name, date int) {
	n, d := halves(issuer)*charPitch/2, halves(on)*charPitch/2
	if unsealed {
		name = 2 * charPitch
		if date = name + n - 2*charPitch - d; date < 2*charPitch { // the date is the longer one
			name, date = name+2*charPitch-date, 2*charPitch
		}
		return name, date
	}
	date = 4 * charPitch
	if name = date + (d-n)/2; name < 2*charPitch {
		name = 2 * charPitch
		date = name + (n-d)/2
	}
	return name, date
}

func (d *Document) imprinted() bool { return d.CopyTo != "" || d.PrintedBy != "" || d.PrintedOn != "" }

const (
	imprintEm   = sihao * 10 // a character of 4号
	imprintLine = 460
)

func (d *Document) copies() string { return "抄送：" + strings.TrimSuffix(d.CopyTo, "。") + "。" }

// imprintHeight is how high the imprint will stand.
func (d *Document) imprintHeight() int {
	lines := 1
	if d.CopyTo != "" {
		a := halves(d.copies())*imprintEm/2 - 3*imprintEm
		room := typeWidth - 5*imprintEm
		room -= room % imprintEm
		lines += max(1, (a+room-1)/room)
	}
	return lines*imprintLine + 60 // and the rules
}

// imprint is 版记 at the foot of the last page: copies, who printed it and
// when, between rules of 0.35 mm with one of 0.25 mm between them. It stands
// in a box at the foot of the type area; the paragraph that holds the box is
// as high, so that it goes to the next page where there is no room.
func (e *element) imprint(d *Document) {
	height := d.imprintHeight()
	e.put("w:p", func() {
		e.put("w:pPr", func() {
			e.val("w:pStyle", "a")
			e.put("w:spacing", nil, "w:line", strconv.Itoa(height), "w:lineRule", "exact")
		})
		e.put("w:r", func() {
			e.box(box{wide: typeWidth, high: height}, func() { e.imprintTable(d) })
		})
	})
}

func (e *element) imprintTable(d *Document) {
	const thick, thin = "8", "6"
	const in = imprintEm
	row := func(above, below, text string, p place) {
		e.put("w:tr", func() {
			e.put("w:trPr", func() { e.put("w:cantSplit", nil) })
			e.put("w:tc", func() {
				e.put("w:tcPr", func() {
					e.put("w:tcW", nil, "w:w", strconv.Itoa(typeWidth), "w:type", "dxa")
					e.put("w:tcBorders", func() {
						e.put("w:top", nil, "w:val", "single", "w:sz", above, "w:space", "0", "w:color", "000000")
						e.put("w:bottom", nil, "w:val", "single", "w:sz", below, "w:space", "0", "w:color", "000000")
					})
				})
				e.para("imprint", text, p)
			})
		})
	}
	e.put("w:tbl", func() {
		e.put("w:tblPr", func() {
			e.put("w:tblW", nil, "w:w", strconv.Itoa(typeWidth), "w:type", "dxa")
			e.put("w:tblLayout", nil, "w:type", "fixed")
		})
		e.put("w:tblGrid", func() { e.put("w:gridCol", nil, "w:w", strconv.Itoa(typeWidth)) })
		first := thick
		if d.CopyTo != "" {
			row(thick, thin, d.copies(), place{left: in + 3*in, hanging: 3 * in, right: in})
			first = thin
		}
		on := ""
		if d.PrintedOn != "" {
			on = "\t" + d.PrintedOn + "印发"
		}
		row(first, thick, d.PrintedBy+on, place{left: in, right: in, tab: typeWidth - in})
	})
	e.tiny(nil)
}
