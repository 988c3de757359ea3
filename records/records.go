// Package records reads the records file: JSON Lines, one record or figure a
// line, in the form that other bureaus' scripts write (docs/records.md).
//
// What a line may hold follows from the scheme's kinds and figures; this
// package knows none of them. A file is foreign matter: a line may be 300 MB
// long, nested 200,000 deep, or hold half a character. Reading streams, keeps
// nothing but the ids it has seen, reports every fault with its line and
// field, and hands a record on only when nothing is wrong with it.
package records

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"qiaomen"
	"qiaomen/scheme"
)

const (
	// maxLine is far above any honest record: a reserve project with a
	// thousand target companies has about 40 kB.
	maxLine = 4 << 20
	// Most lines fit here; the few longer ones are put together from pieces.
	bufferSize = 256 << 10
	// longID is where an id is remembered by its digest: what the reader keeps
	// of a line must not grow with the line.
	longID = 64
	// Shown is how many faults of a file are kept; the rest are counted.
	Shown = 100
)

// WholeLine stands for a field where a fault is the line's, so that every
// fault reads FILE:LINE: field: what is wrong.
const WholeLine = "整行"

// A Sink takes what a file holds. What it is given is used again for the next
// line: it copies what it keeps.
type Sink interface {
	Record(*qiaomen.Record)
	Figure(*qiaomen.Figure)
}

// Faults is what is wrong with a file: the first hundred faults, and how many
// there are in all.
type Faults struct {
	First []*qiaomen.Problem
	Total int
}

// full tells that a further fault is only counted: there is no need to word it.
func (f *Faults) full() bool { return len(f.First) == Shown }

// A Reader reads one file against one scheme.
type Reader struct {
	s     *scheme.Scheme
	file  string
	kinds map[string]*shape
	units map[string]int
	ids   map[string]int // id → line
	parse parser
	long  []byte // a line longer than the buffer
	unit  bool   // every shape has a unit

	line   int
	faults Faults
	entry  entry
}

// NewReader reads against the scheme; file is the name that faults give.
func NewReader(s *scheme.Scheme, file string) *Reader {
	r := &Reader{s: s, file: file, kinds: map[string]*shape{}, units: map[string]int{}, ids: map[string]int{}, unit: true}
	for _, k := range s.Kinds {
		r.kinds[k.ID] = recordShape(k)
	}
	for _, f := range s.Figures {
		r.kinds[f.ID] = figureShape(f)
		r.unit = r.unit && !f.ForAll
	}
	for _, u := range s.Units {
		r.units[u.ID] = u.Index()
	}
	return r
}

// Read reads the whole file into the sink and returns its faults. The error
// is the reader's own, such as a broken disk.
func (r *Reader) Read(from io.Reader, to Sink) (*Faults, error) {
	in := bufio.NewReaderSize(from, bufferSize)
	for {
		line, err := r.next(in)
		if err != nil && !errors.Is(err, io.EOF) {
			return &r.faults, err
		}
		if len(line) == 0 { // even an empty line has its end
			return &r.faults, nil
		}
		r.line++
		if len(line) > maxLine {
			r.fault("", fmt.Sprintf("这一行超过%d MiB", maxLine>>20), "一行只写一条记录，过长的内容请删减")
			continue
		}
		r.one(bytes.TrimSuffix(bytes.TrimSuffix(line, []byte{'\n'}), []byte{'\r'}), to)
	}
}

// next is the next line with its end. Of one that is too long only so much is
// kept as shows that it is.
func (r *Reader) next(in *bufio.Reader) ([]byte, error) {
	line, err := in.ReadSlice('\n')
	if !errors.Is(err, bufio.ErrBufferFull) {
		return line, err
	}
	r.long = r.long[:0]
	for {
		if len(r.long) <= maxLine {
			r.long = append(r.long, line...)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return r.long, err
		}
		line, err = in.ReadSlice('\n')
	}
}

var byteOrderMark = []byte("\xef\xbb\xbf")

// one reads one line.
func (r *Reader) one(line []byte, to Sink) {
	before := r.faults.Total
	if r.line == 1 && bytes.HasPrefix(line, byteOrderMark) {
		r.fault("", "文件开头有字节顺序标记（BOM）", "请另存为不带BOM的UTF-8")
		if line = line[len(byteOrderMark):]; len(line) == 0 {
			return
		}
	}
	if len(bytes.TrimSpace(line)) == 0 {
		r.fault("", "空行", "请删去")
		return
	}
	if !r.parse.object(line, r) {
		return
	}
	e := &r.entry
	e.reset()
	r.fill(e)
	if r.faults.Total > before {
		return
	}
	if e.shape.figure != nil {
		to.Figure(&e.figureRow)
	} else {
		to.Record(&e.record)
	}
}

func (r *Reader) fault(field, text, fix string) {
	if field == "" {
		field = WholeLine
	}
	r.faults.Total++
	if r.faults.full() {
		return
	}
	at := qiaomen.Place{File: r.file, Line: r.line, Field: qiaomen.Clip(field)}
	r.faults.First = append(r.faults.First, &qiaomen.Problem{Text: text, Fix: fix, At: at})
}
