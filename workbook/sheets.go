package workbook

import (
	"archive/zip"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"strconv"
	"strings"
)

// A reading is a workbook opened for reading: its sheets in their order, the
// shared texts, what its cell formats mean. Sheets are streamed.
type reading struct {
	z         *zip.Reader
	sheets    []sheetPart
	texts     []string
	formats   []format // by cell style
	since1904 bool
	external  bool // it refers to other files
}
type (
	sheetPart struct{ name, path string }
	format    struct{ percent, dated bool }
)

func openWorkbook(r io.ReaderAt, size int64) (*reading, error) {
	z, err := unpackable(r, size)
	if err != nil {
		return nil, err
	}
	b := &reading{z: z}
	has := map[string]bool{}
	for _, f := range z.File {
		name := strings.ToLower(f.Name)
		has[name] = true
		if strings.HasSuffix(name, "vbaproject.bin") || strings.HasPrefix(name, "xl/macrosheets/") {
			return nil, &refusal{"工作簿里有宏，不能读", "请另存为不带宏的 .xlsx"}
		}
		b.external = b.external || strings.HasPrefix(name, "xl/externallinks/")
	}
	switch {
	case has["word/document.xml"]:
		return nil, &refusal{"这是 Word 文档，不是工作簿", "请把表格放进 Excel，另存为 .xlsx"}
	case has["content.xml"] && has["mimetype"]:
		return nil, &refusal{"这是 .ods 工作簿，读不了", "请另存为 .xlsx"}
	case has["xl/workbook.bin"]:
		return nil, &refusal{"这是 .xlsb 工作簿，读不了", "请另存为 .xlsx"}
	}
	for _, step := range []func() error{b.readWorkbook, b.readTexts, b.readFormats} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// broken is the reader's own refusal where it made one, else: damaged.
func broken(err error) error {
	if why, ok := errors.AsType[*refusal](err); ok {
		return why
	}
	return damaged
}

// tokens calls f for each token of a part, until f returns false. A part that
// is not there has none.
func (b *reading) tokens(name string, f func(d *xml.Decoder, tok xml.Token) (bool, error)) error {
	in, err := part(b.z, name)
	if err != nil || in == nil {
		return err
	}
	defer in.Close()
	d := xml.NewDecoder(in)
	for {
		tok, err := d.RawToken()
		if errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return broken(err)
		}
		if more, err := f(d, tok); err != nil || !more {
			return err
		}
	}
}

// elements calls f for each start tag of a part, until f returns false.
func (b *reading) elements(name string, f func(d *xml.Decoder, e xml.StartElement) (bool, error)) error {
	return b.tokens(name, func(d *xml.Decoder, tok xml.Token) (bool, error) {
		if e, ok := tok.(xml.StartElement); ok {
			return f(d, e)
		}
		return true, nil
	})
}

func attr(e xml.StartElement, local string) string {
	for _, a := range e.Attr {
		if a.Name.Local == local {
			return a.Value
		}
	}
	return ""
}

func (b *reading) readWorkbook() error {
	paths := map[string]string{}
	err := b.elements("xl/_rels/workbook.xml.rels", func(_ *xml.Decoder, e xml.StartElement) (bool, error) {
		if e.Name.Local == "Relationship" && len(paths) <= mostEntries {
			to := attr(e, "Target")
			if strings.HasPrefix(to, "/") {
				to = to[1:]
			} else {
				to = path.Join("xl", to)
			}
			paths[attr(e, "Id")] = to
		}
		return true, nil
	})
	if err != nil {
		return err
	}
	found := false
	err = b.elements("xl/workbook.xml", func(_ *xml.Decoder, e xml.StartElement) (bool, error) {
		found = true
		switch e.Name.Local {
		case "workbookPr":
			v := attr(e, "date1904")
			b.since1904 = v == "1" || v == "true"
		case "sheet":
			if len(b.sheets) == mostSheets {
				return false, &refusal{fmt.Sprintf("工作表太多（最多%d张）", mostSheets), "请只留要报的表"}
			}
			id := ""
			for _, a := range e.Attr {
				if a.Name.Local == "id" && a.Name.Space != "" {
					id = a.Value
				}
			}
			b.sheets = append(b.sheets, sheetPart{attr(e, "name"), paths[id]})
		}
		return true, nil
	})
	if err == nil && (!found || len(b.sheets) == 0) {
		return damaged
	}
	return err
}

const mostTexts = 3_000_000

// readTexts reads the texts that cells share.
func (b *reading) readTexts() error {
	return b.elements("xl/sharedStrings.xml", func(d *xml.Decoder, e xml.StartElement) (bool, error) {
		if e.Name.Local == "si" {
			text, err := richText(d, "si")
			switch {
			case err != nil:
				return false, err
			case len(b.texts) == mostTexts:
				return false, oversized
			}
			b.texts = append(b.texts, text)
		}
		return true, nil
	})
}

// richText is the text up to the end of the element, phonetics left out.
func richText(d *xml.Decoder, until string) (string, error) {
	var out strings.Builder
	in, aside := false, 0
	for {
		tok, err := d.RawToken()
		if err != nil {
			return "", broken(err)
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			switch tok.Name.Local {
			case "t":
				in = true
			case "rPh":
				aside++
			}
		case xml.EndElement:
			switch tok.Name.Local {
			case "t":
				in = false
			case "rPh":
				aside--
			case until:
				return unescaped(out.String()), nil
			}
		case xml.CharData:
			if in && aside == 0 {
				if out.Len()+len(tok) > longestPiece {
					return "", &refusal{"有一格的文字太长", "请删减后再试"}
				}
				out.Write(tok)
			}
		}
	}
}

// unescaped takes back the form in which a workbook writes characters that
// XML cannot hold: _x000D_.
func unescaped(s string) string {
	if !strings.Contains(s, "_x") {
		return s
	}
	var out strings.Builder
	for i := 0; i < len(s); {
		if strings.HasPrefix(s[i:], "_x") && len(s) >= i+7 && s[i+6] == '_' {
			if n, err := strconv.ParseUint(s[i+2:i+6], 16, 16); err == nil {
				out.WriteRune(rune(n))
				i += 7
				continue
			}
		}
		out.WriteByte(s[i])
		i++
	}
	return out.String()
}

// readFormats finds the cell styles that show percentages and dates.
func (b *reading) readFormats() error {
	custom := map[string]format{}
	inCells := false
	return b.tokens("xl/styles.xml", func(_ *xml.Decoder, tok xml.Token) (bool, error) {
		switch e := tok.(type) {
		case xml.EndElement:
			inCells = inCells && e.Name.Local != "cellXfs"
		case xml.StartElement:
			switch e.Name.Local {
			case "numFmt":
				custom[attr(e, "numFmtId")] = formatOf(attr(e, "formatCode"))
			case "cellXfs":
				inCells = true
			case "xf":
				if inCells && len(b.formats) < 100_000 {
					id := attr(e, "numFmtId")
					f, ok := custom[id]
					if !ok {
						f = builtIn(id)
					}
					b.formats = append(b.formats, f)
				}
			}
		}
		return true, nil
	})
}

func builtIn(id string) format {
	n, _ := strconv.Atoi(id)
	return format{percent: n == 9 || n == 10, dated: n >= 14 && n <= 22 || n >= 27 && n <= 36 || n >= 45 && n <= 47 || n >= 50 && n <= 58}
}

// formatOf is what a number format shows, its literal parts left out.
func formatOf(code string) format {
	var bare strings.Builder
	quoted, bracket, escaped := false, false, false
	for _, r := range code {
		switch {
		case escaped:
			escaped = false
		case r == '\\' || r == '_' || r == '*':
			escaped = true
		case r == '"':
			quoted = !quoted
		case quoted:
		case r == '[':
			bracket = true
		case r == ']':
			bracket = false
		case !bracket:
			bare.WriteRune(r)
		}
	}
	text := strings.ToLower(strings.ReplaceAll(strings.ToLower(bare.String()), "general", ""))
	return format{percent: strings.Contains(text, "%"), dated: strings.ContainsAny(text, "ymdhs年月日")}
}
