package blobtest

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math/rand/v2"
	"strings"
)

// Scene is an invented landscape: a few soft bright and dark places. Scenes of
// other seeds look quite different.
func Scene(seed, width, height int) *image.RGBA {
	chance := rand.New(rand.NewPCG(uint64(seed), 1))
	type place struct{ x, y, size, light float64 }
	places := make([]place, 9)
	for i := range places {
		places[i] = place{chance.Float64(), chance.Float64(), 0.05 + chance.Float64()/5, chance.Float64()*400 - 200}
	}
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			light := 110.0
			for _, p := range places {
				dx, dy := float64(x)/float64(width)-p.x, float64(y)/float64(height)-p.y
				light += p.light * p.size * p.size / (p.size*p.size + dx*dx + dy*dy)
			}
			grey := uint8(min(255, max(0, light)))
			img.SetRGBA(x, y, color.RGBA{grey, grey, grey/2 + uint8(seed*7%100), 255})
		}
	}
	return img
}

// Photo is a JPEG of a few kilobytes.
func Photo(seed int) []byte { return PhotoOf(Scene(seed, 240, 160)) }

// PhotoOf is a JPEG of an image.
func PhotoOf(img image.Image) []byte {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 90}); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// Picture is a PNG of a few kilobytes.
func Picture(seed int) []byte {
	var b bytes.Buffer
	if err := png.Encode(&b, Scene(seed, 60, 40)); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// Exif is what a camera says in a photo; an empty field is not said.
type Exif struct {
	TakenAt     string // 2024:01:15 10:22:33
	Software    string
	Make, Model string
	Place       bool
	Orientation int
}

// WithExif puts the sayings of a camera into a JPEG.
func WithExif(photo []byte, e Exif) []byte {
	tiff := e.tiff()
	b := append([]byte{}, photo[:2]...)
	b = append(b, 0xff, 0xe1)
	b = binary.BigEndian.AppendUint16(b, uint16(2+6+len(tiff)))
	b = append(b, "Exif\x00\x00"...)
	b = append(b, tiff...)
	return append(b, photo[2:]...)
}

// tiff is a little file of its own: a head, directories of tags, and behind
// them what is longer than four bytes.
func (e Exif) tiff() []byte {
	type tag struct {
		id, kind uint16
		count    uint32
		value    []byte
	}
	text := func(id uint16, s string) tag { return tag{id, 2, uint32(len(s) + 1), append([]byte(s), 0)} }
	long := func(id uint16, n uint32) tag { return tag{id, 4, 1, binary.BigEndian.AppendUint32(nil, n)} }
	write := func(at uint32, tags []tag) []byte {
		out := binary.BigEndian.AppendUint16(nil, uint16(len(tags)))
		behind := []byte{}
		start := at + 2 + 12*uint32(len(tags)) + 4
		for _, t := range tags {
			out = binary.BigEndian.AppendUint16(out, t.id)
			out = binary.BigEndian.AppendUint16(out, t.kind)
			out = binary.BigEndian.AppendUint32(out, t.count)
			if len(t.value) > 4 {
				out = binary.BigEndian.AppendUint32(out, start+uint32(len(behind)))
				behind = append(behind, t.value...)
			} else {
				out = append(out, append(append([]byte{}, t.value...), 0, 0, 0, 0)[:4]...)
			}
		}
		return append(append(out, 0, 0, 0, 0), behind...)
	}
	directory := func(camera, gps uint32) []byte {
		var tags []tag
		if e.Make != "" {
			tags = append(tags, text(0x010f, e.Make))
		}
		if e.Model != "" {
			tags = append(tags, text(0x0110, e.Model))
		}
		if e.Orientation != 0 {
			tags = append(tags, tag{0x0112, 3, 1, binary.BigEndian.AppendUint16(nil, uint16(e.Orientation))})
		}
		if e.Software != "" {
			tags = append(tags, text(0x0131, e.Software))
		}
		if e.TakenAt != "" {
			tags = append(tags, long(0x8769, camera))
		}
		if e.Place {
			tags = append(tags, long(0x8825, gps))
		}
		return write(8, tags)
	}
	camera := 8 + uint32(len(directory(0, 0)))
	var shot []byte
	if e.TakenAt != "" {
		shot = write(camera, []tag{text(0x9003, e.TakenAt)})
	}
	gps := camera + uint32(len(shot))
	out := append([]byte("MM\x00\x2a\x00\x00\x00\x08"), directory(camera, gps)...)
	out = append(out, shot...)
	if e.Place {
		degrees := []byte{}
		for _, n := range []uint32{46, 1, 38, 1, 0, 1} {
			degrees = binary.BigEndian.AppendUint32(degrees, n)
		}
		out = append(out, write(gps, []tag{text(1, "N"), {2, 5, 3, degrees}, text(3, "E"), {4, 5, 3, degrees}})...)
	}
	return out
}

// Paper is a PDF of one page with a line of text.
func Paper(text string) []byte {
	var b bytes.Buffer
	b.WriteString("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
	var offsets []int
	shown := fmt.Sprintf("BT /F1 24 Tf 72 720 Td <%x> Tj ET", text)
	for i, object := range []string{
		"<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
		"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
		fmt.Sprintf("<</Length %d>>\nstream\n%s\nendstream", len(shown), shown), "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
	} {
		offsets = append(offsets, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, object)
	}
	table := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(offsets)+1)
	for _, at := range offsets {
		fmt.Fprintf(&b, "%010d 00000 n \n", at)
	}
	fmt.Fprintf(&b, "trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(offsets)+1, table)
	return b.Bytes()
}

// A Part is an entry of a zip.
type Part struct{ Name, Text string }

// Zip packs parts as they come.
func Zip(parts ...Part) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, p := range parts {
		w, err := z.Create(p.Name)
		if err == nil {
			_, err = w.Write([]byte(p.Text))
		}
		if err != nil {
			panic(err)
		}
	}
	if err := z.Close(); err != nil {
		panic(err)
	}
	return b.Bytes()
}

const office = "application/vnd.openxmlformats-officedocument."

// Letter is a Word document with one paragraph, and more parts if any.
func Letter(text string, more ...Part) []byte {
	return Zip(append([]Part{
		{"[Content_Types].xml", types("/word/document.xml", office+"wordprocessingml.document.main+xml")},
		{"_rels/.rels", relation("word/document.xml")},
		{"word/document.xml", `<?xml version="1.0"?><w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body><w:p><w:r><w:t>` + text + `</w:t></w:r></w:p></w:body></w:document>`},
	}, more...)...)
}

// Table is an Excel workbook with one sheet, and more parts if any.
func Table(name string, more ...Part) []byte {
	return Zip(append([]Part{
		{"[Content_Types].xml", types("/xl/workbook.xml", office+"spreadsheetml.sheet.main+xml")},
		{"_rels/.rels", relation("xl/workbook.xml")},
		{"xl/workbook.xml", `<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheets><sheet name="` + name + `" sheetId="1"/></sheets></workbook>`},
	}, more...)...)
}

func types(part, as string) string {
	return `<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="` + part + `" ContentType="` + as + `"/></Types>`
}

func relation(target string) string {
	return `<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="` + target + `"/></Relationships>`
}

// Box is a box of an MP4 or HEIC: its length, its name and what is in it.
func Box(name string, inside ...[]byte) []byte {
	body := bytes.Join(inside, nil)
	return append(append(binary.BigEndian.AppendUint32(nil, uint32(8+len(body))), name...), body...)
}

// Film is an MP4 that has all its boxes and no picture.
func Film(text string) []byte {
	return bytes.Join([][]byte{
		Box("ftyp", []byte("isom\x00\x00\x02\x00isomavc1")),
		Box("moov", Box("mvhd", make([]byte, 100)), Box("trak", Box("tkhd", make([]byte, 84)))),
		Box("mdat", []byte(text)),
	}, nil)
}

// LiveShot is a HEIC that has its outer boxes and no picture.
func LiveShot(text string) []byte {
	return bytes.Join([][]byte{
		Box("ftyp", []byte("heic\x00\x00\x00\x00mif1heic")),
		Box("meta", make([]byte, 4), Box("hdlr", []byte(strings.Repeat("\x00", 8)+"pict"))),
		Box("mdat", []byte(text)),
	}, nil)
}
