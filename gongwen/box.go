package gongwen

import "strconv"

// A box is text outside the lines of the page: at the foot of the type area,
// or, turned, along its left side. Boxes are put by alignment alone:
// LibreOffice loses the offsets of those that stand in footers of even pages.
type box struct {
	wide, high int
	turned     bool   // its lines run downwards, as on a page turned to the right
	along      string // of one that is turned: at the top or the bottom of the type area
}

const (
	drawingML = "http://schemas.openxmlformats.org/drawingml/2006/"
	shapeML   = "http://schemas.microsoft.com/office/word/2010/wordprocessingShape"
)

// boxNames declares what a part with boxes needs.
var boxNames = []string{"xmlns:w", wordML, "xmlns:wp", drawingML + "wordprocessingDrawing", "xmlns:a", drawingML + "main", "xmlns:wps", shapeML}

// box writes a box as the content of a run.
func (e *element) box(b box, inner func()) {
	emu := func(twips int) string { return strconv.Itoa(twips * 635) }
	cx, cy := emu(b.wide), emu(b.high)
	align := func(name, from, to string) {
		e.put(name, func() { e.put("wp:align", func() { e.text(to) }) }, "relativeFrom", from)
	}
	body := []string{"lIns", "0", "tIns", "0", "rIns", "0", "bIns", "0", "anchor", "b"}
	if b.turned {
		body = []string{"vert", "vert", "lIns", "0", "tIns", "0", "rIns", "0", "bIns", "0", "anchor", "ctr"}
	}
	shape := func() {
		e.put("wps:cNvSpPr", nil, "txBox", "1")
		e.put("wps:spPr", func() {
			e.put("a:xfrm", func() {
				e.put("a:off", nil, "x", "0", "y", "0")
				e.put("a:ext", nil, "cx", cx, "cy", cy)
			})
			e.put("a:prstGeom", func() { e.put("a:avLst", nil) }, "prst", "rect")
			e.put("a:noFill", nil)
			e.put("a:ln", func() { e.put("a:noFill", nil) })
		})
		e.put("wps:txbx", func() { e.put("w:txbxContent", inner) })
		e.put("wps:bodyPr", func() { e.put("a:noAutofit", nil) }, body...)
	}
	e.put("w:drawing", func() {
		e.put("wp:anchor", func() {
			e.put("wp:simplePos", nil, "x", "0", "y", "0")
			if b.turned {
				align("wp:positionH", "leftMargin", "right")
				align("wp:positionV", "margin", b.along)
			} else {
				align("wp:positionH", "margin", "left")
				align("wp:positionV", "margin", "bottom")
			}
			e.put("wp:extent", nil, "cx", cx, "cy", cy)
			e.put("wp:effectExtent", nil, "l", "0", "t", "0", "r", "0", "b", "0")
			e.put("wp:wrapNone", nil)
			e.put("wp:docPr", nil, "id", "1", "name", "文字")
			e.put("wp:cNvGraphicFramePr", nil)
			e.put("a:graphic", func() {
				e.put("a:graphicData", func() { e.put("wps:wsp", shape) }, "uri", shapeML)
			})
		}, "distT", "0", "distB", "0", "distL", "0", "distR", "0", "simplePos", "0", "relativeHeight", "1",
			"behindDoc", "0", "locked", "0", "layoutInCell", "1", "allowOverlap", "1")
	})
}
