// Package records knows how a record or figure looks as JSON: it reads and
// writes the records file, one of them a line, in the form that other bureaus'
// scripts write (docs/records.md), and the fields of a single record, as forms
// send them and as the ledger keeps them.
//
// What may stand there follows from the scheme's kinds and figures; this
// package knows none of them. A file is foreign matter: a line may be 300 MB
// long, nested 200,000 deep, or hold half a character. Reading streams, keeps
// nothing but the ids it has seen, reports every fault with its line and
// field, and hands a record on only when nothing is wrong with it. A Writer
// writes no line that a Reader would refuse.
//
// One record has one written form: members in a fixed order, numbers plain,
// what is not given left out. So equal records are equal bytes, and what was
// read and written once is written the same ever after.
//
// Beside the form stand the questions that a ledger asks of fields: what is
// still missing, whose they are, which are personal, and under which key two
// records claim to be the first report of one thing.
package records

import (
	"bufio"
	"bytes"
	"errors"
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
// fault reads FILE:LINE: field: what is wrong. WholeObject does so where the
// fields of one record are read.
const (
	WholeLine   = "整行"
	WholeObject = "全部字段"
)

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
	typist
	kinds map[string]*shape
	ids   map[string]int // id → line
	long  []byte         // a line longer than the buffer
	unit  bool           // every shape has a unit
	entry entry
}

// NewReader reads against the scheme; file is the name that faults give.
func NewReader(s *scheme.Scheme, file string) *Reader {
	r := &Reader{kinds: map[string]*shape{}, ids: map[string]int{}, unit: true}
	r.typist = typist{s: s, parse: &parser{}, words: &ofLine, at: qiaomen.Place{File: file}}
	for _, k := range s.Kinds {
		r.kinds[k.ID] = recordShape(k)
	}
	for _, f := range s.Figures {
		r.kinds[f.ID] = figureShape(f)
		r.unit = r.unit && !f.ForAll
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
		r.at.Line++
		if len(line) > maxLine {
			r.tooLong()
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
	if r.at.Line == 1 && bytes.HasPrefix(line, byteOrderMark) {
		r.fault("", "文件开头有字节顺序标记（BOM）", "请另存为不带BOM的UTF-8")
		if line = line[len(byteOrderMark):]; len(line) == 0 {
			return
		}
	}
	if len(bytes.TrimSpace(line)) == 0 {
		r.fault("", "空行", "请删去")
		return
	}
	if !r.object(line) {
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
