package gongwen

import "strconv"

// Lengths are in twips, a twentieth of a point; sizes of type in half points.
const (
	pageShort, pageLong = 11906, 16838 // A4
	marginTop           = 2098         // 天头 37 mm
	marginBottom        = 1984         // 35 mm
	marginLeft          = 1587         // 订口 28 mm
	marginRight         = 1474         // 26 mm
	typeWidth           = pageShort - marginLeft - marginRight
	typeHeight          = pageLong - marginTop - marginBottom

	linesAPage = 22
	linePitch  = typeHeight / linesAPage // 579: 28.95 pt, as the standard's “one character and 7/8”
	charPitch  = 315                     // 28 characters of 3号 across the type area
	squeeze    = charPitch - 16*20       // 3号 is 16 pt; 28 of them are 2 mm too wide

	dashDrop   = 397  // the page number's dash stands 7 mm outside the type area
	markDrop   = 1984 // 35 mm from the type area's top to the mark
	footerRise = 1446 // the page number's dash stands 7 mm below the type area

	erhao, sanhao, sihao, xiaosi, wuhao, xiaowu = 44, 32, 28, 24, 21, 18

	red = "FF0000"
)

// The fonts of the standard, and what stands in for them elsewhere.
const (
	fangsong     = "仿宋_GB2312"
	xiaobiaosong = "方正小标宋简体"
	kaiti        = "楷体_GB2312"
	heiti        = "黑体"
	songti       = "宋体"
	latin        = "Times New Roman"
)

var fonts = []struct{ name, instead, family string }{
	{fangsong, "仿宋,FangSong,Noto Serif CJK SC", "modern"},
	{xiaobiaosong, "方正小标宋_GBK,FZXiaoBiaoSong-B05S,Noto Serif CJK SC", "script"},
	{kaiti, "楷体,KaiTi,Noto Serif CJK SC", "modern"},
	{heiti, "SimHei,Noto Sans CJK SC", "modern"},
	{songti, "SimSun,Noto Serif CJK SC", "auto"},
}

// A style is a named way to set a paragraph, which the office can change in
// its word processor for the whole document at once.
type style struct {
	id, name string
	font     string
	size     int
	color    string
	squeezed bool // 28 characters a line
	align    string
	indent   int // first line, in characters
	line     int // exact; 0: as high as the type
	outline  int // level in the navigation pane, from 1
	keepNext bool
}

var styles = []style{
	{id: "a", name: "Normal", font: fangsong, size: sanhao, squeezed: true, align: "both", line: linePitch},
	{id: "body", name: "公文正文", font: fangsong, size: sanhao, squeezed: true, align: "both", indent: 2, line: linePitch},
	{id: "h1", name: "heading 1", font: heiti, size: sanhao, squeezed: true, align: "both", indent: 2, line: linePitch, outline: 1, keepNext: true},
	{id: "h2", name: "heading 2", font: kaiti, size: sanhao, squeezed: true, align: "both", indent: 2, line: linePitch, outline: 2, keepNext: true},
	{id: "h3", name: "heading 3", font: fangsong, size: sanhao, squeezed: true, align: "both", indent: 2, line: linePitch, outline: 3, keepNext: true},
	{id: "mark", name: "发文机关标志", font: xiaobiaosong, size: 72, color: red, align: "center"},
	{id: "number", name: "发文字号", font: fangsong, size: sanhao, align: "center", line: linePitch},
	{id: "title", name: "Title", font: xiaobiaosong, size: erhao, align: "center", line: linePitch + 40, keepNext: true},
	{id: "flush", name: "公文顶格", font: fangsong, size: sanhao, squeezed: true, align: "both", line: linePitch},
	{id: "label", name: "附件序号", font: heiti, size: sanhao, squeezed: true, align: "left", line: linePitch, keepNext: true},
	{id: "sign", name: "落款", font: fangsong, size: sanhao, squeezed: true, align: "right", line: linePitch},
	{id: "note", name: "表注", font: fangsong, size: xiaosi, align: "both", indent: 2, line: 420},
	{id: "caption", name: "表题", font: heiti, size: sihao, align: "center", line: 520, keepNext: true},
	{id: "measure", name: "计量单位", font: fangsong, size: wuhao, align: "right", line: 340, keepNext: true},
	{id: "cell", name: "表格文字", font: fangsong, size: xiaosi, align: "center"},
	{id: "cellhead", name: "表头文字", font: heiti, size: xiaosi, align: "center"},
	{id: "imprint", name: "版记", font: fangsong, size: sihao, align: "both", line: imprintLine},
	{id: "folio", name: "footer", font: songti, size: sihao, align: "right", line: 280},
}

const wordML = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"

func stylesPart() string {
	return part("w:styles", func(e *element) {
		e.put("w:docDefaults", func() {
			e.put("w:rPrDefault", func() {
				e.put("w:rPr", func() {
					e.rfonts(fangsong)
					e.num("w:sz", sanhao)
					e.num("w:szCs", sanhao)
					e.put("w:lang", nil, "w:val", "en-US", "w:eastAsia", "zh-CN")
				})
			})
			e.put("w:pPrDefault", nil)
		})
		for i, s := range styles {
			attrs := []string{"w:type", "paragraph"}
			if i == 0 {
				attrs = append(attrs, "w:default", "1")
			}
			e.put("w:style", func() { e.style(s) }, append(attrs, "w:styleId", s.id)...)
		}
		e.put("w:style", func() {
			e.val("w:name", "Normal Table")
			e.put("w:tblPr", func() {
				e.put("w:tblCellMar", func() {
					for _, side := range []string{"top", "left", "bottom", "right"} {
						e.put("w:"+side, nil, "w:w", "0", "w:type", "dxa")
					}
				})
			})
		}, "w:type", "table", "w:default", "1", "w:styleId", "tbl")
	}, "xmlns:w", wordML)
}

func (e *element) style(s style) {
	e.val("w:name", s.name)
	if s.id != "a" {
		e.val("w:basedOn", "a")
	}
	e.put("w:qFormat", nil)
	e.put("w:pPr", func() {
		if s.keepNext {
			e.put("w:keepNext", nil)
		}
		// Lines are of equal length and never borrowed from: no hanging
		// punctuation, no extra space beside figures, no widow control.
		e.num("w:widowControl", 0)
		e.num("w:overflowPunct", 0)
		e.num("w:autoSpaceDE", 0)
		e.num("w:autoSpaceDN", 0)
		e.num("w:snapToGrid", 0)
		if s.line > 0 {
			e.put("w:spacing", nil, "w:before", "0", "w:after", "0", "w:line", strconv.Itoa(s.line), "w:lineRule", "exact")
		} else {
			e.put("w:spacing", nil, "w:before", "0", "w:after", "0", "w:line", "240", "w:lineRule", "auto")
		}
		pitch := s.size * 10
		if s.squeezed {
			pitch = charPitch
		}
		if s.indent > 0 {
			e.put("w:ind", nil, "w:firstLineChars", strconv.Itoa(s.indent*100), "w:firstLine", strconv.Itoa(s.indent*pitch))
		}
		e.val("w:jc", s.align)
		if s.outline > 0 {
			e.num("w:outlineLvl", s.outline-1)
		}
	})
	e.put("w:rPr", func() {
		e.rfonts(s.font)
		e.num("w:b", 0)
		if s.color != "" {
			e.val("w:color", s.color)
		}
		if s.squeezed {
			e.num("w:spacing", squeeze)
		} else {
			e.num("w:spacing", 0)
		}
		e.num("w:kern", 0)
		e.num("w:sz", s.size)
		e.num("w:szCs", s.size)
	})
}

// rfonts names the font; figures and Latin letters are set in latin, but in
// the page number. Marks that both scripts have are Chinese.
func (e *element) rfonts(font string) {
	other := latin
	if font == songti {
		other = songti
	}
	e.put("w:rFonts", nil, "w:hint", "eastAsia", "w:ascii", other, "w:eastAsia", font, "w:hAnsi", other, "w:cs", latin)
}

func fontsPart() string {
	return part("w:fonts", func(e *element) {
		for _, f := range fonts {
			e.put("w:font", func() {
				e.val("w:altName", f.instead)
				e.val("w:charset", "86")
				e.val("w:family", f.family)
				e.val("w:pitch", "default")
			}, "w:name", f.name)
		}
	}, "xmlns:w", wordML)
}
