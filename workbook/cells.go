package workbook

import (
	"bufio"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strconv"
	"strings"
)

// A merge is cells shown as one; the text stands in the first.
type merge struct{ col1, row1, col2, row2 int }

const mostMerges = 100_000

// merges finds a sheet's merged cells. They stand behind the rows, so this is
// a pass of its own, over the bytes.
func (b *reading) merges(sheet sheetPart) ([]merge, error) {
	in, err := part(b.z, sheet.path)
	if err != nil || in == nil {
		return nil, err
	}
	defer in.Close()
	var out []merge
	r := bufio.NewReaderSize(in, 64<<10)
	for {
		tag, err := r.ReadSlice('>')
		if errors.Is(err, io.EOF) {
			return out, nil
		} else if errors.Is(err, bufio.ErrBufferFull) {
			continue
		} else if err != nil {
			return nil, broken(err)
		}
		at := bytes.LastIndexByte(tag, '<')
		if at < 0 || !bytes.Contains(tag[at:], []byte("mergeCell ")) {
			continue
		}
		_, rest, ok := bytes.Cut(tag[at:], []byte(`ref="`))
		ref, _, ok2 := bytes.Cut(rest, []byte(`"`))
		if !ok || !ok2 {
			continue
		}
		first, last, _ := strings.Cut(string(ref), ":")
		m := merge{}
		m.col1, m.row1 = position(first)
		m.col2, m.row2 = position(last)
		if m.col1 > 0 && m.col2 >= m.col1 && m.row2 >= m.row1 && len(out) < mostMerges {
			out = append(out, m)
		}
	}
}

const (
	mostColumns = 16_384
	mostRows    = 1_048_576
)

// position is the column and row of A1, from 1; 0 where it is none.
func position(ref string) (col, row int) {
	i := 0
	for ; i < len(ref) && i < 4 && ref[i] >= 'A' && ref[i] <= 'Z'; i++ {
		col = col*26 + int(ref[i]-'A') + 1
	}
	row, err := strconv.Atoi(ref[i:])
	if err != nil || col > mostColumns || row < 1 || row > mostRows {
		return 0, 0
	}
	return col, row
}

// rows streams a sheet's rows that have anything in them. What yield is given
// is used again for the next row.
func (b *reading) rows(sheet sheetPart, yield func(row int, cells []cell) error) error {
	row, col, found := 0, 0, false
	var cells []cell
	err := b.tokens(sheet.path, func(d *xml.Decoder, tok xml.Token) (bool, error) {
		found = true
		switch e := tok.(type) {
		case xml.StartElement:
			switch e.Name.Local {
			case "row":
				row++
				if n, err := strconv.Atoi(attr(e, "r")); err == nil {
					if n < row || n > mostRows {
						return false, damaged
					}
					row = n
				}
				cells, col = cells[:0], 0
			case "c":
				c, err := b.cell(d, e)
				if err != nil {
					return false, err
				}
				col++
				if c.col > 0 {
					col = c.col
				}
				if c.col = col; col > mostColumns {
					return false, damaged
				}
				if c.text != "" || c.formula {
					cells = append(cells, c)
				}
			}
		case xml.EndElement:
			switch e.Name.Local {
			case "row":
				if len(cells) > 0 {
					return true, yield(row, cells)
				}
			case "sheetData":
				return false, nil
			}
		}
		return true, nil
	})
	if err == nil && !found {
		return damaged
	}
	return err
}

// cell reads one cell up to its end.
func (b *reading) cell(d *xml.Decoder, e xml.StartElement) (cell, error) {
	var c cell
	c.col, _ = position(attr(e, "r"))
	kind := attr(e, "t")
	if i, err := strconv.Atoi(attr(e, "s")); err == nil && i >= 0 && i < len(b.formats) {
		c.percent, c.dated = b.formats[i].percent, b.formats[i].dated
	}
	var value strings.Builder
	in, given := false, false
	for {
		tok, err := d.RawToken()
		if err != nil {
			return c, broken(err)
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			switch tok.Name.Local {
			case "f":
				c.formula = true
			case "v":
				in, given = true, true
			case "is":
				c.text, err = richText(d, "is")
				if err != nil {
					return c, err
				}
			}
		case xml.CharData:
			if in {
				if value.Len()+len(tok) > longestPiece {
					return c, &refusal{"有一格的文字太长", "请删减后再试"}
				}
				value.Write(tok)
			}
		case xml.EndElement:
			switch tok.Name.Local {
			case "v":
				in = false
			case "c":
				if c.formula && !given {
					c.kind, c.text = errorCell, "还没有算过"
					return c, nil
				}
				return c, b.valued(&c, kind, value.String())
			}
		}
	}
}

func (b *reading) valued(c *cell, kind, value string) error {
	switch kind {
	case "inlineStr":
	case "s":
		i, err := strconv.Atoi(strings.TrimSpace(value))
		if value == "" {
			return nil
		}
		if err != nil || i < 0 || i >= len(b.texts) {
			return damaged
		}
		c.text = b.texts[i]
	case "str", "d":
		c.text = unescaped(value)
	case "b":
		c.kind, c.text = flagCell, map[bool]string{true: "TRUE", false: "FALSE"}[strings.TrimSpace(value) == "1"]
	case "e":
		c.kind, c.text = errorCell, value
	default:
		if value = strings.TrimSpace(value); value != "" {
			c.kind, c.text = numberCell, decimal(value)
		}
	}
	return nil
}

// decimal is a number as it was typed. Excel keeps binary floats and writes
// 2.1 as 2.1000000000000001: what it shows, and means, has 15 digits.
func decimal(value string) string {
	if significant(value) <= 15 && !strings.ContainsAny(value, "eE") {
		return value
	}
	f, err := strconv.ParseFloat(value, 64)
	if err != nil {
		return value
	}
	short := strconv.FormatFloat(f, 'g', 15, 64)
	f, err = strconv.ParseFloat(short, 64)
	if err != nil || f > 1e20 || f < -1e20 {
		return value
	}
	return strconv.FormatFloat(f, 'f', -1, 64)
}
