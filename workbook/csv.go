package workbook

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
	"qiaomen/scheme"
)

const (
	mostText   = 256 << 20 // of a CSV file
	longestRow = 4 << 20
)

var (
	utf8Mark  = []byte("\xef\xbb\xbf")
	longRow   = &refusal{fmt.Sprintf("有一行超过%d MiB", longestRow>>20), "请核对是不是少了换行或引号"}
	badQuotes = &refusal{"引号不成对", "请在 Excel 里打开，另存为 .xlsx"}
)

// ReadCSV reads one kind's records from a CSV file, in UTF-8, UTF-16 or
// GB18030, whichever it is. Of which kind they are says a column 记录类别, else
// the file's name: 签约项目.csv.
func ReadCSV(r io.ReaderAt, size int64, s *scheme.Scheme, file string, to Sink) (*Findings, error) {
	rd := newReader(s, file, to)
	rd.csv = true
	err := rd.rowsOfText(r, size)
	if why, ok := errors.AsType[*refusal](err); ok {
		return rd.refuse(why), nil
	}
	return rd.found, err
}

func (r *reader) rowsOfText(from io.ReaderAt, size int64) error {
	if size > mostText {
		return &refusal{fmt.Sprintf("文件超过%d MiB", mostText>>20), "请分成几个文件"}
	}
	in, err := decoded(from, size)
	if err != nil {
		return err
	}
	name := path.Base(strings.ReplaceAll(r.file, `\`, "/"))
	name = strings.TrimSuffix(name, path.Ext(name))
	t := &table{reader: r, sheet: name, form: formNamed(r.forms, name)}
	limit := &rowLimit{r: in}
	rows := csv.NewReader(limit)
	rows.FieldsPerRecord = -1
	rows.ReuseRecord = true
	rows.Comma = limit.comma()
	var cells []cell
	for {
		limit.row = 0
		fields, err := rows.Read()
		if errors.Is(err, io.EOF) {
			t.end()
			return nil
		}
		if pe, ok := errors.AsType[*csv.ParseError](err); ok {
			return &refusal{fmt.Sprintf("第%d行%s", pe.StartLine, badQuotes.text), badQuotes.fix}
		} else if err != nil {
			return err
		}
		line, _ := rows.FieldPos(0)
		cells = cells[:0]
		if len(fields) > mostColumns {
			return &refusal{fmt.Sprintf("第%d行超过%d格", line, mostColumns), "请核对分隔符"}
		}
		for i, text := range fields {
			if text = strings.TrimPrefix(text, "\t"); text != "" { // Excel's way to keep long numbers as text
				cells = append(cells, cell{col: i + 1, text: text})
			}
		}
		if len(cells) == 0 {
			continue
		}
		for _, c := range cells {
			if strings.ContainsRune(c.text, utf8.RuneError) {
				t.at(line, c.col, wrong("有认不出的字", "请另存为“CSV UTF-8（逗号分隔）”"))
			}
		}
		if err := t.row(line, cells); err != nil {
			return err
		}
	}
}

// decoded is the file as UTF-8, whatever it is written in.
func decoded(from io.ReaderAt, size int64) (io.Reader, error) {
	whole := func() *bufio.Reader { return bufio.NewReaderSize(io.NewSectionReader(from, 0, size), 64<<10) }
	in := whole()
	head, err := in.Peek(8)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	switch {
	case len(head) == 0:
		return nil, &refusal{"文件是空的", "请核对是不是选错了文件"}
	case bytes.HasPrefix(head, []byte("PK\x03\x04")):
		return nil, &refusal{"这是 .xlsx 工作簿，只是名字叫 .csv", "请把扩展名改回 .xlsx"}
	case bytes.HasPrefix(head, []byte("\xd0\xcf\x11\xe0")):
		return nil, refuseByContent(head)
	case bytes.HasPrefix(head, []byte("\xff\xfe")), bytes.HasPrefix(head, []byte("\xfe\xff")):
		return transform.NewReader(in, unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM).NewDecoder()), nil
	case bytes.HasPrefix(head, utf8Mark):
		_, err := in.Discard(len(utf8Mark))
		return in, err
	}
	is, err := isUTF8(in)
	if err != nil || is {
		return whole(), err
	}
	return transform.NewReader(whole(), simplifiedchinese.GB18030.NewDecoder()), nil
}

func isUTF8(in io.Reader) (bool, error) {
	buf := make([]byte, 64<<10)
	kept := 0
	for {
		n, err := in.Read(buf[kept:])
		n += kept
		b := buf[:n]
		for len(b) > 0 {
			r, size := utf8.DecodeRune(b)
			if r == utf8.RuneError && size == 1 {
				if !utf8.FullRune(b) && err == nil {
					break // its rest comes with the next piece
				}
				return false, nil
			}
			b = b[size:]
		}
		kept = copy(buf, b)
		if errors.Is(err, io.EOF) {
			return kept == 0, nil
		} else if err != nil {
			return false, err
		}
	}
}

// rowLimit gives up on a row that is too long: the CSV reader would keep all
// of it.
type rowLimit struct {
	r    io.Reader
	row  int
	head []byte
}

func (l *rowLimit) Read(p []byte) (int, error) {
	if len(l.head) > 0 {
		n := copy(p, l.head)
		l.head = l.head[n:]
		return n, nil
	}
	n, err := l.r.Read(p[:min(len(p), 64<<10)])
	if l.row += n; l.row > longestRow {
		return 0, longRow
	}
	return n, err
}

// comma is what parts the cells, by the file's beginning: a comma, or the tab
// and semicolon of other programs.
func (l *rowLimit) comma() rune {
	buf := make([]byte, 4096)
	n, _ := io.ReadFull(l.r, buf)
	l.head = buf[:n]
	line, _, _ := bytes.Cut(l.head, []byte("\n"))
	if bytes.ContainsRune(line, ',') {
		return ','
	}
	for _, r := range "\t;" {
		if bytes.ContainsRune(line, r) {
			return r
		}
	}
	return ','
}
