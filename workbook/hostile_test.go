package workbook_test

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
	"time"

	"qiaomen/workbook"
)

// A part of a zip made by hand.
type piece struct{ name, text string }

const (
	types = `<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>`
	rels  = `<Relationships><Relationship Id="r1" Target="worksheets/sheet1.xml"/></Relationships>`
	book  = `<workbook xmlns:r="x"><sheets><sheet name="签约项目" sheetId="1" r:id="r1"/></sheets></workbook>`
	data  = `<worksheet><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>单位</t></is></c><c r="B1" t="inlineStr"><is><t>名称</t></is></c></row>%s</sheetData></worksheet>`
	one   = `<row r="2"><c r="A2" t="inlineStr"><is><t>集贤县</t></is></c><c r="B2" t="inlineStr"><is><t>示例</t></is></c></row>`
)

func parts(sheet string, more ...piece) []piece {
	return append([]piece{
		{"[Content_Types].xml", types}, {"xl/workbook.xml", book}, {"xl/_rels/workbook.xml.rels", rels}, {"xl/worksheets/sheet1.xml", sheet},
	}, more...)
}

func zipped(t testing.TB, list ...piece) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, p := range list {
		w, err := z.Create(p.name)
		if err == nil {
			_, err = io.WriteString(w, p.text)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// patched changes the unpacked size that the directory claims for the last
// entry, as an attacker would.
func patched(data []byte, size uint32) []byte {
	out := bytes.Clone(data)
	at := bytes.LastIndex(out, []byte("PK\x01\x02"))
	binary.LittleEndian.PutUint32(out[at+24:], size)
	return out
}

// zip64 claims an unpacked size of 2⁶³ in the extra field of its one entry.
func zip64(t testing.TB) []byte {
	var b bytes.Buffer
	name := "xl/worksheets/sheet1.xml"
	put := func(v ...any) {
		for _, x := range v {
			if err := binary.Write(&b, binary.LittleEndian, x); err != nil {
				t.Fatal(err)
			}
		}
	}
	put([]byte("PK\x03\x04"), uint16(45), uint16(0), uint16(0), uint32(0), crc32.ChecksumIEEE(nil), uint32(0), uint32(0), uint16(len(name)), uint16(0), []byte(name))
	at := uint32(b.Len())
	put([]byte("PK\x01\x02"), uint16(45), uint16(45), uint16(0), uint16(0), uint32(0), uint32(0), uint32(0), uint32(0xffffffff), uint16(len(name)), uint16(12),
		uint16(0), uint16(0), uint16(0), uint32(0), uint32(0), []byte(name), uint16(1), uint16(8), uint64(1)<<63)
	size := uint32(b.Len()) - at
	put([]byte("PK\x05\x06"), uint16(0), uint16(0), uint16(1), uint16(1), size, at, uint16(0))
	return b.Bytes()
}

// overlapping has many entries that share the bytes of one.
func overlapping(t testing.TB) []byte {
	whole := zipped(t, piece{"a.xml", strings.Repeat("A", 1<<20)})
	at := bytes.LastIndex(whole, []byte("PK\x01\x02"))
	end := bytes.LastIndex(whole, []byte("PK\x05\x06"))
	entry := whole[at:end]
	var b bytes.Buffer
	b.Write(whole[:at])
	for i := range 200 {
		e := bytes.Clone(entry)
		copy(e[46:], fmt.Sprintf("%05d", i))
		b.Write(e)
	}
	tail := bytes.Clone(whole[end:])
	binary.LittleEndian.PutUint16(tail[8:], 200)
	binary.LittleEndian.PutUint16(tail[10:], 200)
	binary.LittleEndian.PutUint32(tail[12:], uint32(200*len(entry)))
	b.Write(tail)
	return b.Bytes()
}

func manySheets(n int) []piece {
	var list strings.Builder
	for i := range n {
		fmt.Fprintf(&list, `<sheet name="s%d" sheetId="%d" r:id="r1"/>`, i, i+1)
	}
	out := parts(fmt.Sprintf(data, one))
	out[1].text = `<workbook xmlns:r="x"><sheets>` + list.String() + `</sheets></workbook>`
	return out
}

func manyEntries(n int) []piece {
	out := parts(fmt.Sprintf(data, one))
	for i := range n {
		out = append(out, piece{fmt.Sprintf("x/%d", i), ""})
	}
	return out
}

// lying claims in its directory fewer entries than it has.
func lying(t testing.TB, n int) []byte {
	out := zipped(t, manyEntries(n)...)
	end := bytes.LastIndex(out, []byte("PK\x05\x06"))
	binary.LittleEndian.PutUint16(out[end+8:], 4)
	binary.LittleEndian.PutUint16(out[end+10:], 4)
	return out
}

func TestRefusals(t *testing.T) {
	s := winter(t)
	sound := zipped(t, parts(fmt.Sprintf(data, one))...)
	if b, found := back(t, s, sound); found.TotalFaults > 0 || len(b.Records) != 1 {
		t.Fatalf("a small sound workbook: %s", say(found.Faults))
	}
	deep := strings.Repeat("<a>", 200_000)
	tests := map[string]struct {
		data []byte
		want string
	}{
		".xls, .et":             {append([]byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), make([]byte, 600)...), "另存为 .xlsx"},
		"PDF":                   {[]byte("%PDF-1.7\n"), "PDF"},
		"a web page":            {[]byte("\ufeff <html><table>"), "网页"},
		"text":                  {[]byte("单位,名称\n"), "不是 .xlsx"},
		"nothing":               {nil, "空的"},
		"Word":                  {zipped(t, piece{"word/document.xml", "<a/>"}), "Word"},
		".ods":                  {zipped(t, piece{"mimetype", "x"}, piece{"content.xml", "<a/>"}), ".ods"},
		".xlsb":                 {zipped(t, piece{"xl/workbook.bin", "x"}), ".xlsb"},
		"macros":                {zipped(t, parts(fmt.Sprintf(data, one), piece{"xl/vbaProject.bin", "x"})...), "宏"},
		"another zip":           {zipped(t, piece{"a.txt", "x"}), "已损坏"},
		"cut off":               {sound[:len(sound)/2], "已损坏"},
		"a bomb":                {zipped(t, parts(fmt.Sprintf(data, strings.Repeat(" ", 300<<20)))...), "太大"},
		"a smaller bomb":        {zipped(t, parts(fmt.Sprintf(data, strings.Repeat(" ", 60<<20)))...), "太大"},
		"a size that lies low":  {patched(zipped(t, parts(fmt.Sprintf(data, strings.Repeat(one, 50)))...), 100), "已损坏"},
		"a size that lies high": {patched(sound, 0xfffffff0), "太大"},
		"2⁶³ bytes":             {zip64(t), "太大"},
		"shared bytes":          {overlapping(t), "已损坏"},
		"a million entries":     {zipped(t, manyEntries(60_000)...), "部件太多"},
		"entries that lie":      {lying(t, 20_000), "已损坏"},
		"many sheets":           {zipped(t, manySheets(300)...), "工作表太多"},
		"a million sheets":      {zipped(t, manySheets(1_000_000)...), "太"},
		"names twice":           {zipped(t, parts(data, piece{"XL/workbook.xml", book})...), "已损坏"},
		"broken XML":            {zipped(t, parts("<worksheet><sheetData><row r=\"1\"><c r=\"A1\"><v>1")...), "已损坏"},
		"entities":              {zipped(t, parts(`<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>`+fmt.Sprintf(data, `<row><c><v>&b;</v></c></row>`))...), "已损坏"},
		"a text of 3 MB":        {zipped(t, parts(fmt.Sprintf(data, `<row r="2"><c r="A2" t="inlineStr"><is><t>`+strings.Repeat("长", 1<<20)+`</t></is></c></row>`))...), "太长"},
		"a text that is not":    {zipped(t, parts(fmt.Sprintf(data, `<row r="2"><c r="A2" t="s"><v>7</v></c></row>`))...), "已损坏"},
		"rows backwards":        {zipped(t, parts(fmt.Sprintf(data, `<row r="9"><c r="A9"><v>1</v></c></row>`+one))...), "已损坏"},
		"nested":                {zipped(t, parts(fmt.Sprintf(data, `<row r="2"><c r="A2"><v>`+deep+`</v></c></row>`))...), ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			began := time.Now()
			b, found := back(t, s, tt.data)
			took := time.Since(began)
			if tt.want != "" && (found.TotalFaults == 0 || !strings.Contains(say(found.Faults), tt.want)) {
				t.Errorf("%d records, %q, want %q", len(b.Records), say(found.Faults), tt.want)
			}
			if took > 2*time.Second {
				t.Errorf("took %v", took)
			}
			var out bytes.Buffer
			found, err := workbook.Check(bytes.NewReader(tt.data), int64(len(tt.data)), s, "book.xlsx", &out)
			if err != nil || tt.want != "" && (found.TotalFaults == 0 || out.Len() > 0) {
				t.Errorf("Check: %v, %d faults, %d bytes", err, found.TotalFaults, out.Len())
			}
		})
	}
}

// blanks reads as endless spaces, at no cost.
type endless struct{ size int64 }

func (e endless) ReadAt(p []byte, at int64) (int, error) {
	if at >= e.size {
		return 0, io.EOF
	}
	n := int(min(int64(len(p)), e.size-at))
	for i := range p[:n] {
		p[i] = 'x'
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

func TestHugeFiles(t *testing.T) {
	s := winter(t)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for name, size := range map[string]int64{"a CSV of one line of 200 MB": 200 << 20, "a CSV of 300 MB": 300 << 20} {
		began := time.Now()
		found, err := workbook.ReadCSV(endless{size}, size, s, "签约项目.csv", &shelf{})
		if err != nil || found.TotalFaults != 1 || !strings.Contains(say(found.Faults), "超过") || time.Since(began) > 2*time.Second {
			t.Errorf("%s: %v, %s, %v", name, err, say(found.Faults), time.Since(began))
		}
	}
	quoted := "单位,名称\n\"" + strings.Repeat("集贤县\n", 1<<20)
	if _, found := readCSV(t, s, "签约项目.csv", []byte(quoted)); found.TotalFaults == 0 {
		t.Error("a quote without its end is taken")
	}
	runtime.ReadMemStats(&after)
	if grown := after.TotalAlloc - before.TotalAlloc; grown > 128<<20 {
		t.Errorf("allocated %d MiB", grown>>20)
	}
}

// TestBrokenBytes changes bytes of a workbook at random: whatever comes of it,
// nothing breaks, and what cannot be read is said.
func TestBrokenBytes(t *testing.T) {
	s := winter(t)
	d := blank(t, s, workbook.Options{})
	d.fill("签约项目", 5, "单位", "集贤县", "名称", "示例项目", "投资额", 2)
	whole := d.bytes()
	r := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		broken := bytes.Clone(whole)
		for range 1 + r.IntN(4) {
			broken[r.IntN(len(broken))] = byte(r.UintN(256))
		}
		b, found := back(t, s, broken)
		if len(b.Records) == 0 && found.TotalFaults == 0 && len(b.Figures) == 0 {
			t.Error("nothing was read and nothing was said")
		}
	}
}

// What is written is never taken for a formula, and comes back as it was.
func TestNeutral(t *testing.T) {
	s := winter(t)
	for _, text := range []string{"=1+1", "+86", "-5", "@cmd", "'=1", "=WEBSERVICE(\"x\")", "＝1", "示例", "_x0041_", "_x_x0041__", "a&b<c>", "a\u0001b", "a\rb\nc"} {
		b := example(t, s)
		b.Records = b.Records[:1]
		b.Records[0].Name = text
		res := s.Score(b, workbookView, s.DefaultReadings())
		var out bytes.Buffer
		if err := workbook.WriteLedgers(&out, res, b); err != nil {
			t.Fatal(err)
		}
		d := open(t, out.Bytes())
		kind := s.Kinds[b.Records[0].Kind].Name
		cell, err := d.GetCellValue(kind, "C4")
		d.must(err)
		if cell == "" || strings.ContainsRune("=+-@＝", []rune(cell)[0]) {
			t.Errorf("%q is written as %q", text, cell)
		}
		again, _ := back(t, s, out.Bytes())
		if again.Records[0].Name != text {
			t.Errorf("%q came back as %q", text, again.Records[0].Name)
		}
	}
}
