package workbook

import (
	"fmt"
	"strings"

	"github.com/xuri/excelize/v2"
)

// A look is how a cell is dressed. Equal looks share one style of the file.
type look struct {
	font   string
	size   float64
	bold   bool
	color  string // of the text
	align  string
	top    bool // stands at the top of its cell
	border bool
	fill   string
	format string // number format; empty: General
	indent int
}

const (
	fang = "仿宋"
	hei  = "黑体"
	grey = "808080"
	pale = "F2F2F2"
)

var (
	titleLook = look{font: hei, size: 18, align: "center"}
	underLook = look{font: fang, size: 11, align: "left"}
	rightLook = look{font: fang, size: 11, align: "right"}
	headLook  = look{font: hei, size: 11, align: "center", border: true, fill: pale}
	textLook  = look{font: fang, size: 11, align: "left", border: true, indent: 1}
	midLook   = look{font: fang, size: 11, align: "center", border: true}
	boldLook  = look{font: hei, size: 11, align: "center", border: true}
	noteLook  = look{font: fang, size: 10.5, align: "left", top: true}
)

func (l look) as(format string) look { l.format = format; return l }

func (l look) style() *excelize.Style {
	st := &excelize.Style{
		Font:      &excelize.Font{Family: l.font, Size: l.size, Bold: l.bold, Color: l.color},
		Alignment: &excelize.Alignment{Horizontal: l.align, Vertical: "center", WrapText: true, Indent: l.indent},
	}
	if l.top {
		st.Alignment.Vertical = "top"
	}
	if l.border {
		for _, side := range []string{"left", "top", "right", "bottom"} {
			st.Border = append(st.Border, excelize.Border{Type: side, Color: "000000", Style: 1})
		}
	}
	if l.fill != "" {
		st.Fill = excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{l.fill}}
	}
	if l.format != "" {
		st.CustomNumFmt = &l.format
	}
	return st
}

// fixed is the number format of so many decimals.
func fixed(decimals int) string {
	if decimals == 0 {
		return "0"
	}
	return "0." + strings.Repeat("0", decimals)
}

// decimals is how many digits a plain decimal has after its point.
func decimals(text string) int {
	_, part, _ := strings.Cut(text, ".")
	return len(part)
}

// cellName is A1 for column 1 of row 1.
func cellName(col, row int) string { return columnName(col) + fmt.Sprint(row) }

func columnName(col int) string {
	var b []byte
	for ; col > 0; col = (col - 1) / 26 {
		b = append([]byte{byte('A' + (col-1)%26)}, b...)
	}
	return string(b)
}

// widthOf is how many columns of type a text takes: Chinese characters two.
func widthOf(s string) float64 {
	n := 0.0
	for _, r := range s {
		if n++; r >= 0x1100 {
			n++
		}
	}
	return n
}
