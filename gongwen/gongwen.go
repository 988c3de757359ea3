// Package gongwen writes official documents after GB/T 9704-2012 as Word
// files (.docx), and drafts the notice (通报) of a ranking as one.
//
// A notice is born in three steps, each of which can be read on its own:
//
//	facts     what a scheme.Result says becomes words, lists and tables
//	template  the office's own sentences take the words in (text/template),
//	          and come out as lines of a tiny mark-up: “# 标题”, “表：…”
//	Write     the document becomes a .docx: red head, type area of 22 lines
//	          of 28 characters, tables, signature, imprint, page numbers
//
// Draft does the first two, Write the third. A Document may also be made by
// hand: it says what stands in the document, never how a file says it.
//
// The standard is in the constants and styles of this package, nowhere else.
// Fonts are named (仿宋_GB2312, 方正小标宋简体, 楷体_GB2312, 黑体, 宋体) and never
// shipped: they are licensed, and the offices have them. Where one is missing
// the word processor takes another; docs/manual/notice.md says which.
//
// The package has no clock: the day of signing is given. The same document
// gives the same bytes, on every machine and every day.
package gongwen

import "regexp"

// A Document is what stands in an official document, in the order of the
// standard's elements. What is empty is left out. In every text 〔待填…〕 is a
// place that the office still has to fill; it is marked in yellow.
type Document struct {
	Mark    string // 发文机关标志, in red
	Number  string // 发文字号
	Title   string // “｜” marks where a line may well end
	To      string // 主送机关, without the colon
	Body    []Block
	Annexes []Annex // each on a page of its own, named in 附件说明

	Issuer   string // 发文机关署名
	Date     string // 成文日期, as it is printed
	Unsealed bool   // no seal will be set: other places for name and date

	CopyTo    string // 抄送, without the full stop
	PrintedBy string // 印发机关
	PrintedOn string // 印发日期, without 印发
}

// An Annex is an attachment: its title, and what stands under it.
type Annex struct {
	Title     string
	Landscape bool // for tables that are too wide for an upright page
	Blocks    []Block
}

// A Kind is what a block is.
type Kind int

// The kinds of block. Headings are numbered by the writer: 一、（一）1.
const (
	Paragraph Kind = iota
	Heading1
	Heading2
	Heading3
	Note    // small, under a table
	Tabular // a table
)

// A Block is one paragraph, or a table.
type Block struct {
	Kind  Kind
	Text  string
	Table *Table
}

// A Table is rows under a head that is repeated on every page. Its columns
// share the width of the type area, by what stands in them.
type Table struct {
	Caption string
	Measure string // the unit of measure, printed above on the right: 单位：分
	Columns []Column
	Rows    [][]string
}

// A Column has a head; neighbours with the same Over stand together under it.
type Column struct {
	Over, Head string
	Left       bool // words: flush left; otherwise centred
}

// wide is from how many columns on a table wants a landscape page.
const wide = 13

var wellNumbered = regexp.MustCompile(`^[^〔〕\s]+〔[0-9]{4}〕[1-9][0-9]*号$`)

// WellNumbered tells whether a document's number has the form that the standard
// gives it (7.2.5): the year in 〔〕, no 第, no leading zero.
func WellNumbered(number string) bool { return wellNumbered.MatchString(number) }
