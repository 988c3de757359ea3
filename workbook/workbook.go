// Package workbook carries a campaign in and out of Excel, which is what the
// offices have.
//
// Nothing here knows a kind of record: sheets, columns, drop-downs, notes and
// checks follow from the scheme. Out go the blank workbook that clerks fill in
// (Template), the ledgers with what counted and why not (Ledgers) and the
// tables of a notice (WriteAnnexes). In comes what clerks made of it (Read,
// ReadCSV): dates and amounts in many shapes, merged heads, rows of totals.
// Every fault is found, not the first, and each has its cell; Check hands the
// workbook back with the faulty cells marked.
//
// A workbook is foreign matter: a zip that may unpack to terabytes. Reading
// looks at the sizes first (open.go), then streams the sheets through a small
// reader of its own, which sees what a cell is (text, number, formula,
// percentage), keeps decimals exact and holds no sheet in memory. Writing is
// done with excelize. The same input gives the same bytes.
package workbook
