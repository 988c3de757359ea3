package records

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"qiaomen"
)

// A nothing is a sink that only counts, so that what is measured is the reader.
type nothing struct{ records, figures int }

func (n *nothing) Record(*qiaomen.Record) { n.records++ }
func (n *nothing) Figure(*qiaomen.Figure) { n.figures++ }

// A pour is a reader that gives head, then n times body, then tail, without
// ever holding it all.
type pour struct {
	head, body, tail string
	n                int
	at               string
}

func (p *pour) Read(b []byte) (int, error) {
	if p.at == "" {
		switch {
		case p.head != "":
			p.at, p.head = p.head, ""
		case p.n > 0:
			p.at, p.n = p.body, p.n-1
		case p.tail != "":
			p.at, p.tail = p.tail, ""
		default:
			return 0, io.EOF
		}
	}
	n := copy(b, p.at)
	p.at = p.at[n:]
	return n, nil
}

// taken is how many bytes were allocated by f in all, and how many of them are
// still held.
func taken(f func()) (all, held uint64) {
	var before, after, end runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	runtime.GC()
	runtime.ReadMemStats(&end)
	return after.TotalAlloc - before.TotalAlloc, end.HeapAlloc - min(before.HeapAlloc, end.HeapAlloc)
}

// TestLongLines holds that a line beyond the limit is one fault, that what
// stands after it is read, and that neither costs the line's size in memory.
func TestLongLines(t *testing.T) {
	const size = 20 << 20
	s := builtIn(t)
	good := with("briefing")
	body := strings.Repeat("甲", 1<<16)
	for i, p := range []*pour{
		{head: `{"kind":"briefing","name":"`, body: body, tail: "\"}\n" + good},
		{head: "", body: strings.Repeat("x", 1<<16), tail: "\n" + good + "\n"},
		{head: "", body: strings.Repeat("[", 1<<16), tail: "\n" + good},
		{head: "", body: strings.Repeat(" ", 1<<16), tail: "\r\n" + good},
	} {
		p.n = size / len(p.body)
		if i == 0 && !testing.Short() {
			p.n = 300 << 20 / len(p.body)
		}
		var faults *Faults
		var err error
		sink := &nothing{}
		all, _ := taken(func() { faults, err = NewReader(s, "f").Read(p, sink) })
		if err != nil || faults.Total != 1 || sink.records != 1 {
			t.Fatalf("%v, %d records, %v", err, sink.records, faults)
		}
		if f := faults.First[0]; f.At.Line != 1 || !strings.Contains(f.Error(), "这一行超过4 MiB；一行只写一条记录") {
			t.Error(f)
		}
		if all > 8*maxLine {
			t.Errorf("the long line %d took %d MiB", i, all>>20)
		}
	}
}

// TestLimitOfALine stands on either side of it, with and without a line feed.
func TestLimitOfALine(t *testing.T) {
	s := builtIn(t)
	for _, end := range []string{"", "\n"} {
		for over := range 2 {
			line := with("briefing", `"name":"`+strings.Repeat("z", maxLine)+`"`)
			line = strings.Replace(line, strings.Repeat("z", len(line)+len(end)-maxLine-over), "", 1)
			sink := &nothing{}
			faults, err := NewReader(s, "f").Read(strings.NewReader(line+end), sink)
			if err != nil || faults.Total != over || sink.records != 1-over {
				t.Errorf("a line of %d bytes: %d faults, %d records, %v", len(line+end)-maxLine, faults.Total, sink.records, faults.First)
			}
		}
	}
}

func TestHostileShapes(t *testing.T) {
	s := builtIn(t)
	const many = 200_000
	var members, names, same strings.Builder
	for i := range many {
		fmt.Fprintf(&members, `,"a%d":1`, i)
		fmt.Fprintf(&names, `,"公司%d"`, i)
		same.WriteString(`,"a":1`)
	}
	list := func(s string) string { return with("reserve_project", `"target_companies":[`+s[1:]+`]`) }
	for _, c := range []struct {
		name, line, field, says string
	}{
		{"open brackets", strings.Repeat("[", many), "", "应是一个JSON对象"},
		{"open braces", strings.Repeat(`{"a":`, many), "a", "括号套得太深"},
		{"brackets of a list", with("reserve_project", `"target_companies":`+strings.Repeat("[", many)), "target_companies", "括号套得太深"},
		{"closed brackets in an unknown field", with("briefing", `"x":`+strings.Repeat("[", many)+strings.Repeat("]", many)), "x", "括号套得太深"},
		{"brackets of a depth JSON may have", with("briefing", `"x":`+strings.Repeat("[", 9000)+strings.Repeat("]", 9000)), "x", "没有“x”这个字段"},
		{"members", "{" + members.String()[1:] + "}", "", "一行的字段超过500个"},
		{"one member repeated", "{" + same.String()[1:] + "}", "a", "写了两次"},
		{"a long name", with("briefing", `"`+strings.Repeat("长", many)+`":1`), strings.Repeat("长", 40) + "…", "没有“长长"},
		{"a long list of numbers", list(strings.Repeat(",1", many)), "target_companies", "应是文字的列表"},
		{"a long id twice", with("briefing", `"id":"`+strings.Repeat("长", many)+`"`) + "\n" + with("briefing", `"id":"`+strings.Repeat("长", many)+`"`), "id", "与第1行重复"},
	} {
		sink := &nothing{}
		r := NewReader(s, "f")
		faults, err := r.Read(strings.NewReader(c.line), sink)
		if err != nil || faults.Total == 0 {
			t.Fatalf("%s: %v", c.name, err)
		}
		f := faults.First[len(faults.First)-1]
		if c.field == "" {
			c.field = WholeLine
		}
		if f.At.Field != c.field || !strings.Contains(f.Text, c.says) {
			t.Errorf("%s: %v", c.name, f)
		}
		if len(f.Error()) > 1000 {
			t.Errorf("%s: a message of %d bytes", c.name, len(f.Error()))
		}
	}
	h := accept(t, s, list(names.String()))
	if n := len(h.Records[0].Values[0].List); n != many {
		t.Errorf("the list has %d entries", n)
	}
	accept(t, s, list(strings.Repeat(`,"公司"`, many)))
}

// TestMillionFaultyLines holds that faults beyond the first hundred cost nothing.
func TestMillionFaultyLines(t *testing.T) {
	s := builtIn(t)
	for line, each := range map[string]int{
		"\n":         1,
		"{}\n":       3,
		"nonsense\n": 1,
		`{"kind":"briefing","id":"x","unit":"nowhere","colour":1,"name":null}` + "\n": 4, // and the id is seen before
	} {
		n := 50_000
		if each == 3 && !testing.Short() {
			n = 1_000_000
		}
		total := n * each
		if each == 4 {
			total--
		}
		var faults *Faults
		_, held := taken(func() { faults, _ = NewReader(s, "f").Read(&pour{body: line, n: n}, &nothing{}) })
		if faults.Total != total || len(faults.First) != Shown {
			t.Errorf("%q: %d faults, want %d; %d kept", line, faults.Total, total, len(faults.First))
		}
		if held > 4<<20 {
			t.Errorf("%q: %d bytes are held", line, held)
		}
	}
}

// TestLongIDs holds that what is remembered of a line does not grow with it.
func TestLongIDs(t *testing.T) {
	s := builtIn(t)
	var text bytes.Buffer
	const lines = 100
	for i := range lines {
		text.WriteString(with("briefing", fmt.Sprintf(`"id":"%d%s"`, i, strings.Repeat("x", 100_000))) + "\n")
	}
	r := NewReader(s, "f")
	sink := &nothing{}
	_, held := taken(func() {
		if faults, err := r.Read(&text, sink); err != nil || faults.Total > 0 {
			t.Error(err, faults.First)
		}
	})
	if sink.records != lines || held > 4<<20 {
		t.Errorf("%d records, %d bytes held", sink.records, held)
	}
	runtime.KeepAlive(r)
}

// TestPieces holds that the lines do not depend on how the reader is filled,
// and that a broken reader is told from a faulty file.
func TestPieces(t *testing.T) {
	s := builtIn(t)
	random := rand.New(rand.NewPCG(1, 2))
	var text strings.Builder
	want := 0
	for i := range 60 {
		size := random.IntN(2 * bufferSize)
		if i%3 > 0 {
			size = random.IntN(20)
		}
		text.WriteString(with("briefing", fmt.Sprintf(`"id":"%d"`, i), `"name":"`+strings.Repeat("甲", size/3)+`"`) + "\n")
		want++
	}
	for name, in := range map[string]io.Reader{
		"whole":  strings.NewReader(text.String()),
		"halves": iotest.HalfReader(strings.NewReader(text.String())),
		"end":    iotest.DataErrReader(strings.NewReader(text.String())),
	} {
		sink := &nothing{}
		if faults, err := NewReader(s, "f").Read(in, sink); err != nil || faults.Total > 0 || sink.records != want {
			t.Errorf("%s: %d records, %v, %v", name, sink.records, err, faults)
		}
	}
	broken := errors.New("broken")
	for _, at := range []int{0, 10, bufferSize, 3 * bufferSize} {
		in := io.MultiReader(strings.NewReader(text.String()[:at]), iotest.ErrReader(broken))
		if _, err := NewReader(s, "f").Read(in, &nothing{}); !errors.Is(err, broken) {
			t.Errorf("broken after %d bytes: %v", at, err)
		}
	}
}
