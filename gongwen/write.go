package gongwen

import (
	"archive/zip"
	"io"
	"strconv"
	"strings"
	"time"
)

// Write writes the document as a .docx. The same document always gives the
// same bytes.
func Write(w io.Writer, d *Document) error {
	z := zip.NewWriter(w)
	for _, f := range []struct{ name, text string }{
		{"[Content_Types].xml", contentTypes()},
		{"_rels/.rels", relations([]relation{
			{"officeDocument", "word/document.xml"},
			{"metadata/core-properties", "docProps/core.xml"},
		})},
		{"docProps/core.xml", d.properties()},
		{"word/_rels/document.xml.rels", relations([]relation{
			{"styles", "styles.xml"},
			{"settings", "settings.xml"},
			{"fontTable", "fontTable.xml"},
			{"footer", "footer1.xml"},
			{"footer", "footer2.xml"},
			{"footer", "footer3.xml"},
			{"footer", "footer4.xml"},
		})},
		{"word/document.xml", d.content()},
		{"word/styles.xml", stylesPart()},
		{"word/settings.xml", settingsPart()},
		{"word/fontTable.xml", fontsPart()},
		{"word/footer1.xml", footer("right")},
		{"word/footer2.xml", footer("left")},
		{"word/footer3.xml", sideFooter("right")},
		{"word/footer4.xml", sideFooter("left")},
	} {
		// A fixed time: what differs between two runs is the document alone.
		at := time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)
		part, err := z.CreateHeader(&zip.FileHeader{Name: f.name, Method: zip.Deflate, Modified: at})
		if err != nil {
			return err
		}
		if _, err := io.WriteString(part, f.text); err != nil {
			return err
		}
	}
	return z.Close()
}

const (
	relationsOf = "http://schemas.openxmlformats.org/package/2006/relationships"
	officeOf    = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
	packageOf   = "http://schemas.openxmlformats.org/package/2006/"
	wordTypes   = "application/vnd.openxmlformats-officedocument.wordprocessingml."
	typesOf     = packageOf + "content-types"
)

type relation struct{ kind, target string }

func relations(list []relation) string {
	return part("Relationships", func(e *element) {
		for i, r := range list {
			kind := officeOf + "/" + r.kind
			if strings.Contains(r.kind, "/") {
				kind = relationsOf + "/" + r.kind
			}
			e.put("Relationship", nil, "Id", "rId"+strconv.Itoa(i+1), "Type", kind, "Target", r.target)
		}
	}, "xmlns", relationsOf)
}

func contentTypes() string {
	return part("Types", func(e *element) {
		e.put("Default", nil, "Extension", "rels", "ContentType", "application/vnd.openxmlformats-package.relationships+xml")
		e.put("Default", nil, "Extension", "xml", "ContentType", "application/xml")
		for _, o := range [][2]string{
			{"/word/document.xml", wordTypes + "document.main+xml"},
			{"/word/styles.xml", wordTypes + "styles+xml"},
			{"/word/settings.xml", wordTypes + "settings+xml"},
			{"/word/fontTable.xml", wordTypes + "fontTable+xml"},
			{"/word/footer1.xml", wordTypes + "footer+xml"},
			{"/word/footer2.xml", wordTypes + "footer+xml"},
			{"/word/footer3.xml", wordTypes + "footer+xml"},
			{"/word/footer4.xml", wordTypes + "footer+xml"},
			{"/docProps/core.xml", "application/vnd.openxmlformats-package.core-properties+xml"},
		} {
			e.put("Override", nil, "PartName", o[0], "ContentType", o[1])
		}
	}, "xmlns", typesOf)
}

func (d *Document) properties() string {
	return part("cp:coreProperties", func(e *element) {
		e.put("dc:title", func() { e.text(plain(d.Title)) })
		e.put("dc:creator", func() { e.text(d.Issuer) })
	}, "xmlns:cp", packageOf+"metadata/core-properties", "xmlns:dc", "http://purl.org/dc/elements/1.1/")
}

func settingsPart() string {
	return part("w:settings", func(e *element) {
		e.put("w:zoom", nil, "w:percent", "100")
		e.num("w:defaultTabStop", 2*charPitch)
		e.put("w:evenAndOddHeaders", nil)
		e.val("w:characterSpacingControl", "doNotCompress")
		e.put("w:compat", func() {
			e.put("w:compatSetting", nil, "w:name", "compatibilityMode",
				"w:uri", "http://schemas.microsoft.com/office/word", "w:val", "15")
		})
		e.put("w:themeFontLang", nil, "w:val", "en-US", "w:eastAsia", "zh-CN")
	}, "xmlns:w", wordML)
}

// footer is the page number between dashes, one character in from the side.
func footer(side string) string {
	return part("w:ftr", func(e *element) {
		in := place{align: side, left: sihao * 10}
		if side == "right" {
			in = place{align: side, right: sihao * 10}
		}
		e.folio(in)
	}, "xmlns:w", wordML)
}

// sideFooter is the page number of a landscape page where it stands on an
// upright one: the page is turned to the right, so its foot is on the left.
func sideFooter(side string) string {
	// The middle of a box that leans on the type area is 7 mm outside.
	b := box{wide: 2 * dashDrop, high: 1600, turned: true, along: "top"}
	in := place{align: side, left: sihao * 10}
	if side == "right" {
		b.along, in = "bottom", place{align: side, right: sihao * 10}
	}
	return part("w:ftr", func(e *element) {
		e.put("w:p", func() {
			e.put("w:pPr", func() { e.val("w:pStyle", "folio") })
			e.put("w:r", func() { e.box(b, func() { e.folio(in) }) })
		})
	}, boxNames...)
}

// folio is the paragraph of the page number.
func (e *element) folio(p place) {
	e.put("w:p", func() {
		e.put("w:pPr", func() {
			e.val("w:pStyle", "folio")
			e.place(p)
		})
		run := func(inner func()) { e.put("w:r", inner) }
		say := func(s string) {
			run(func() { e.put("w:t", func() { e.text(s) }, "xml:space", "preserve") })
		}
		mark := func(kind string) { run(func() { e.put("w:fldChar", nil, "w:fldCharType", kind) }) }
		say("— ")
		mark("begin")
		run(func() { e.put("w:instrText", func() { e.text(" PAGE ") }, "xml:space", "preserve") })
		mark("separate")
		say("1")
		mark("end")
		say(" —")
	})
}

// content is the document itself: its first page's head, body, signature,
// annexes and imprint, in sections of upright and landscape pages.
func (d *Document) content() string {
	return part("w:document", func(e *element) {
		e.put("w:body", func() {
			e.head(d)
			e.blocks(d.Body, typeWidth, len(d.Annexes) <= fewAnnexes)
			e.annexList(d.Annexes)
			e.signature(d)
			landscape := false
			turn := func(to bool) {
				e.tiny(func() { e.section(landscape) })
				landscape = to
			}
			for i, a := range d.Annexes {
				turned := a.Landscape != landscape
				if turned {
					turn(a.Landscape)
				}
				e.annex(a, annexLabel(i, len(d.Annexes)), !turned)
			}
			if d.imprinted() {
				if landscape {
					turn(false)
				}
				e.imprint(d)
			}
			e.section(landscape)
		})
	}, append([]string{"xmlns:r", officeOf}, boxNames...)...)
}

// tiny is a paragraph that takes no room; the format wants one after a table
// and to end a section.
func (e *element) tiny(section func()) {
	e.put("w:p", func() {
		e.put("w:pPr", func() {
			e.val("w:pStyle", "a")
			e.put("w:spacing", nil, "w:line", "20", "w:lineRule", "exact")
			if section != nil {
				section()
			}
		})
	})
}

func (e *element) section(landscape bool) {
	e.put("w:sectPr", func() {
		odd, even := "rId4", "rId5" // by their order among the relations of the document
		if landscape {
			odd, even = "rId6", "rId7"
		}
		e.put("w:footerReference", nil, "w:type", "default", "r:id", odd)
		e.put("w:footerReference", nil, "w:type", "even", "r:id", even)
		e.val("w:type", "nextPage")
		sizes := []string{"w:w", strconv.Itoa(pageShort), "w:h", strconv.Itoa(pageLong)}
		margins := []int{marginTop, marginRight, marginBottom, marginLeft}
		if landscape { // the upright page turned to the right: its left edge is above
			sizes = []string{"w:w", strconv.Itoa(pageLong), "w:h", strconv.Itoa(pageShort), "w:orient", "landscape"}
			margins = []int{marginLeft, marginTop, marginRight, marginBottom}
		}
		e.put("w:pgSz", nil, sizes...)
		e.put("w:pgMar", nil, "w:top", strconv.Itoa(margins[0]), "w:right", strconv.Itoa(margins[1]),
			"w:bottom", strconv.Itoa(margins[2]), "w:left", strconv.Itoa(margins[3]),
			"w:header", "850", "w:footer", strconv.Itoa(footerRise-(marginBottom-margins[2])), "w:gutter", "0")
		e.put("w:docGrid", nil, "w:type", "lines", "w:linePitch", strconv.Itoa(linePitch))
	})
}
