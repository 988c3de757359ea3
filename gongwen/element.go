package gongwen

import (
	"encoding/xml"
	"strconv"
	"strings"
)

// An element builds XML that is well formed by construction: what is opened
// is closed, and text and attributes are escaped.
type element struct{ strings.Builder }

const declaration = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"

// put writes <name attrs…>inner</name>; attrs are pairs of name and value.
func (e *element) put(name string, inner func(), attrs ...string) {
	e.WriteString("<" + name)
	for i := 0; i < len(attrs); i += 2 {
		e.WriteString(" " + attrs[i] + `="`)
		e.text(attrs[i+1])
		e.WriteByte('"')
	}
	if inner == nil {
		e.WriteString("/>")
		return
	}
	e.WriteByte('>')
	inner()
	e.WriteString("</" + name + ">")
}

// val writes <name w:val="value"/>.
func (e *element) val(name, value string) { e.put(name, nil, "w:val", value) }

// num writes <name w:val="n"/>.
func (e *element) num(name string, n int) { e.val(name, strconv.Itoa(n)) }

// text escapes; what XML cannot hold becomes a replacement mark.
func (e *element) text(s string) {
	_ = xml.EscapeText(&e.Builder, []byte(s)) // writing to memory cannot fail
}

// part is a whole file of the package: its declaration and its root.
func part(root string, inner func(*element), attrs ...string) string {
	e := &element{}
	e.WriteString(declaration)
	e.put(root, func() { inner(e) }, attrs...)
	return e.String()
}
