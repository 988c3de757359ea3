package records

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
	"qiaomen"
	"qiaomen/scheme"
)

// write writes the whole book, in which everything can be written.
func write(t rapid.TB, s *scheme.Scheme, b *qiaomen.Book) string {
	t.Helper()
	var out bytes.Buffer
	w := NewWriter(&out, s)
	for i := range b.Records {
		if err := w.Record(&b.Records[i]); err != nil {
			t.Fatalf("%+v: %v", b.Records[i], err)
		}
	}
	for i := range b.Figures {
		if err := w.Figure(&b.Figures[i]); err != nil {
			t.Fatalf("%+v: %v", b.Figures[i], err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// reread reads what was written, which must have no fault.
func reread(t rapid.TB, s *scheme.Scheme, text string) *qiaomen.Book {
	t.Helper()
	h := &heap{}
	faults, err := NewReader(s, "f.jsonl").Read(strings.NewReader(text), h)
	if err != nil || faults.Total > 0 {
		t.Fatalf("%s\n%v %v", text, err, faults.First)
	}
	return &h.Book
}

func sameBook(t rapid.TB, got, want *qiaomen.Book) {
	t.Helper()
	if !slices.EqualFunc(got.Records, want.Records, sameRecord) {
		t.Fatalf("records\n%+v\nwant\n%+v", got.Records, want.Records)
	}
	if !slices.EqualFunc(got.Figures, want.Figures, sameFigure) {
		t.Fatalf("figures\n%+v\nwant\n%+v", got.Figures, want.Figures)
	}
}

// TestWritingReadsBack holds, for every kind and figure of every scheme, that
// what is written reads back the same and is then written byte for byte the
// same.
func TestWritingReadsBack(t *testing.T) {
	for id, s := range everyScheme(t) {
		t.Run(id, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				var b qiaomen.Book
				ids := rapid.SliceOfNDistinct(rapid.Custom(full), len(s.Kinds)+len(s.Figures), len(s.Kinds)+len(s.Figures), rapid.ID[string]).Draw(t, "ids")
				for i, k := range s.Kinds {
					b.Records = append(b.Records, anyRecord(t, s, k, ids[i]))
				}
				for i, f := range s.Figures {
					b.Figures = append(b.Figures, anyFigure(t, s, f, ids[len(s.Kinds)+i]))
				}
				written := write(t, s, &b)
				again := reread(t, s, written)
				sameBook(t, again, &b)
				if twice := write(t, s, again); twice != written {
					t.Fatalf("written again it is\n%s\nnot\n%s", twice, written)
				}
			})
		})
	}
}

// TestForeignHands holds that a record that somebody else wrote, in any way
// that the contract allows, reads back the same when it is written, and that
// the bytes do not depend on how it was written at first.
func TestForeignHands(t *testing.T) {
	s := builtIn(t)
	want := `{"kind":"signed_project","id":"x","unit":"jixian","reported_at":"2024-01-05T17:00:00+08:00","recognized_at":"2024-01-06T09:00:00.5+08:00",` +
		`"name":"甲 \"乙\"","evidence":["contract","photo"],"signed_on":"2024-01-05","amount_yi":150,"fixed_yi":0.5,"party_b":"丙","original_checked":false,"leading_industry":"冰雪"}` + "\n"
	lines := []string{
		want,
		` {"leading_industry" : " 冰雪　","original_checked":false, "party_b":" 丙","party_a":"　","fixed_yi":"0.50","amount_yi":1.5e2,"signed_on":"2024-01-05","evidence":["photo","contract","photo"],` +
			`"name":"\u7532 \u0022乙\"\t","recognized_at":"2024-01-06t01:00:00.500z","reported_at":"2024-01-04T23:30:00-09:30","unit":"jixian","id":"x","kind":"signed_project"} `,
		`{"kind":"signed_project","amount_yi":"000150.000","fixed_yi":5E-1,"id":"x","unit":"jixian","original_checked":false,"name":"甲 \"乙\"","signed_on":"2024-01-05",` +
			`"reported_at":"2024-01-05T08:59:60Z","recognized_at":"2024-01-06T01:00:00.5Z","evidence":["photo","contract"],"party_b":"丙","leading_industry":"冰雪","remarks":""}`,
	}
	for _, line := range lines {
		if got := write(t, s, reread(t, s, line)); got != want {
			t.Errorf("%s\nis written as\n%swant\n%s", line, got, want)
		}
	}
	for _, same := range [][2]string{
		{
			`{"id":"x","unit":"jixian","kind":"funds","published_on":"2024-04-18","rate_percent":"-0.10","amount_wan":1e3,"quarter":"2024Q1"}`,
			`{"kind":"funds","id":"x","unit":"jixian","quarter":"2024Q1","published_on":"2024-04-18","amount_wan":1000,"rate_percent":-0.1}`,
		},
		{with("reserve_project", `"target_companies":[" ","乙","甲"," 乙"]`), `{"kind":"reserve_project","id":"x","unit":"jixian","target_companies":["乙","甲"]}`},
		{with("briefing", `"name":"　"`), `{"kind":"briefing","id":"x","unit":"jixian"}`},
	} {
		if got := write(t, s, reread(t, s, same[0])); got != same[1]+"\n" {
			t.Errorf("%s\nis written as\n%swant\n%s", same[0], got, same[1])
		}
	}
}

// TestBlanksThatMustBeThere holds that a field that must be there is, even
// where nothing stands in it: a reader asks no more, and no less.
func TestBlanksThatMustBeThere(t *testing.T) {
	s := parsed(t, needy)
	line := `{"kind":"deal","id":"x","unit":"a","words":"","names":[],"trade":"","parent":""}` + "\n"
	if got := write(t, s, reread(t, s, line)); got != line {
		t.Errorf("%s is written as %s", line, got)
	}
	rarely := parsed(t, rare)
	b := reread(t, rarely, visit(""))
	b.Records[0].Values = make([]qiaomen.Value, len(b.Records[0].Values))
	if err := NewWriter(io.Discard, rarely).Record(&b.Records[0]); err == nil || !strings.Contains(err.Error(), "place: 缺少“位次”") {
		t.Error(err)
	}
}

// TestOpenOptions: an option of an open list is its text, trimmed; a position
// alone, as the sheets of other offices may leave it, is the option's id.
func TestOpenOptions(t *testing.T) {
	s := parsed(t, needy)
	line := `{"kind":"deal","id":"x","unit":"a","words":"","names":[],"parent":"","trade":" steel　"}`
	b := reread(t, s, line)
	trade := slices.IndexFunc(s.Kinds[0].Fields, func(f *scheme.Field) bool { return f.ID == "trade" })
	if v := b.Records[0].Values[trade]; v.Option != 1 || v.Text != "steel" {
		t.Errorf("%+v", v)
	}
	b.Records[0].Values[trade].Text = ""
	if got := write(t, s, b); !strings.Contains(got, `"trade":"steel"`) {
		t.Error(got)
	}
	if b := reread(t, s, strings.Replace(line, " steel　", " ", 1)); b.Records[0].Values[trade].Given || b.Records[0].Values[trade].Option != 0 {
		t.Errorf("%+v", b.Records[0].Values[trade])
	}
}

// TestOthersValues holds that values which no reader would give, such as a
// form's or a sheet's, are written as they would be read.
func TestOthersValues(t *testing.T) {
	s := parsed(t, needy)
	k := s.Kind("deal")
	r := qiaomen.Record{ID: "x", Name: " 甲　", Values: make([]qiaomen.Value, len(k.Fields))}
	for id, v := range map[string]qiaomen.Value{
		"words": {Text: " 甲\t"}, "names": {List: []string{" 乙", "", "甲", "乙"}}, "trade": {Option: -1, Text: " 粮食"}, "parent": {Text: " "},
		"people": {List: []string{" "}}, "contact": {Text: "　"},
	} {
		v.Given = true
		r.Values[slices.IndexFunc(k.Fields, func(f *scheme.Field) bool { return f.ID == id })] = v
	}
	names := r.Values[1].List
	written := write(t, s, &qiaomen.Book{Records: []qiaomen.Record{r}})
	if want := `{"kind":"deal","id":"x","unit":"a","name":"甲","words":"甲","names":["乙","甲"],"trade":"粮食","parent":""}` + "\n"; written != want {
		t.Errorf("%swant\n%s", written, want)
	}
	if names[0] != " 乙" || names[3] != "乙" {
		t.Errorf("the record's own list has become %q", names)
	}
	canonical, faults := CanonicalFields(k, r.Values)
	if want := `{"words":"甲","names":["乙","甲"],"trade":"粮食"}`; string(canonical) != want || len(faults) > 0 {
		t.Errorf("%s, want %s; %v", canonical, want, faults)
	}
}

func TestMomentsAreWritten(t *testing.T) {
	for in, want := range map[string]string{
		"2024-01-05T09:00:00Z":                    "2024-01-05T17:00:00+08:00",
		"2024-01-05t16:00:00z":                    "2024-01-06T00:00:00+08:00",
		"2024-01-05T09:00:00.120Z":                "2024-01-05T17:00:00.12+08:00",
		"2024-01-05T00:00:00.000000001+08:00":     "2024-01-05T00:00:00.000000001+08:00",
		"2024-01-05T00:00:00.1234567899999+08:00": "2024-01-05T00:00:00.123456789+08:00",
		"2024-01-05T23:59:60+08:00":               "2024-01-05T23:59:60+08:00",
		"2024-01-05T23:59:60.75+08:00":            "2024-01-05T23:59:60.75+08:00",
		"2024-01-05T15:59:60Z":                    "2024-01-05T23:59:60+08:00",
		"2024-01-05T12:30:60+08:00":               "2024-01-05T12:31:00+08:00", // the same moment, and no day hangs on it
		"1900-01-01T00:00:00+23:59":               "1900-01-01T00:00:00+23:59",
		"1900-01-01T07:59:60+08:00":               "1900-01-01T08:00:00+08:00",
		"1900-01-01T00:00:00+08:01":               "1900-01-01T15:58:00+23:59",
		"1900-01-01T15:58:60+23:59":               "1900-01-01T15:58:60+23:59",
		"2200-12-31T23:59:60-23:59":               "2200-12-31T23:59:60-23:59",
		"2200-12-31T16:00:00Z":                    "2200-12-30T16:01:00-23:59",
		"2200-12-31T23:59:60+08:00":               "2200-12-31T23:59:60+08:00",
	} {
		m, err := qiaomen.ParseMoment(in)
		if err != nil {
			t.Fatal(err)
		}
		got := momentText(m)
		if got != want {
			t.Errorf("%s is written as %s, want %s", in, got, want)
		}
		if back, err := qiaomen.ParseMoment(got); back != m {
			t.Errorf("%s reads back as %+v, want %+v, %v", got, back, m, err)
		}
	}
}

// TestWriterRefuses holds that nothing is written that a reader would refuse,
// that the fault says why, and that the writer goes on.
func TestWriterRefuses(t *testing.T) {
	s := parsed(t, needy)
	k, price := s.Kind("deal"), s.Figure("price")
	field := func(id string) int {
		return slices.IndexFunc(k.Fields, func(f *scheme.Field) bool { return f.ID == id })
	}
	good := reread(t, s, `{"kind":"deal","id":"x","unit":"a","words":"","names":[],"trade":"","parent":"","sum":1}`).Records[0]
	figure := reread(t, s, `{"kind":"price","id":"y","unit":"a","quarter":"2024Q1","published_on":"2024-04-01","level":1}`).Figures[0]
	set := func(id string, v qiaomen.Value) func(*qiaomen.Record) {
		v.Given = true
		return func(r *qiaomen.Record) { r.Values[field(id)] = v }
	}
	third := qiaomen.Ratio(2, 3)
	for name, c := range map[string]struct {
		change func(*qiaomen.Record)
		says   string
	}{
		"a third":        {set("area", qiaomen.Value{Number: third}), "area: “2/3”公顷除不尽，写不成小数；请直接填写以公顷计的数"},
		"many digits":    {set("sum", qiaomen.Value{Number: qiaomen.Int(1).Quo(qiaomen.Int(1 << 40))}), "sum: “0.00000000000090949470177292823791503906…”位数太多"},
		"below 0":        {set("sum", qiaomen.Value{Number: qiaomen.Int(-1)}), "sum: “-1”小于0"},
		"out of range":   {set("points", qiaomen.Value{Number: qiaomen.Int(6)}), "points: “6”不在-5到5之间"},
		"not UTF-8":      {set("words", qiaomen.Value{Text: "a\xffb"}), "words: “a�b”不是UTF-8文字"},
		"in a list":      {set("names", qiaomen.Value{List: []string{"甲", "\xff"}}), "names: “�”不是UTF-8文字"},
		"no such unit":   {set("partner", qiaomen.Value{Text: "c"}), "partner: 方案里没有单位“c”"},
		"no such option": {set("sort", qiaomen.Value{Option: 3}), "sort: 没有这一项"},
		"no option":      {set("sort", qiaomen.Value{Option: -1}), "sort: 没有这一项"},
		"no date":        {set("signed_on", qiaomen.Value{}), "signed_on: “”不是日期"},
		"early date":     {set("signed_on", qiaomen.Value{Date: 1}), "signed_on: “1899-12-31”的年份不在"},
		"no id":          {func(r *qiaomen.Record) { r.ID = "" }, "id: 缺少编号"},
		"blank id":       {func(r *qiaomen.Record) { r.ID = " " }, "id: 编号不能空着"},
		"id of bytes":    {func(r *qiaomen.Record) { r.ID = "\xff" }, "id: “�”不是UTF-8文字"},
		"name of bytes":  {func(r *qiaomen.Record) { r.Name = "\xff" }, "name: “�”不是UTF-8文字"},
		"id again":       {func(r *qiaomen.Record) { r.ID = "first" }, "id: 编号“first”与第1行重复"},
		"late second":    {func(r *qiaomen.Record) { r.Reported = qiaomen.Moment{Day: 45000, Nano: 86401e9} }, "reported_at: “2023-03-15T23:59:61+08:00”不是"},
		"far day":        {func(r *qiaomen.Record) { r.Revoked = qiaomen.Moment{Day: 200000} }, "revoked_at: “2447-"},
		"other kind":     {func(r *qiaomen.Record) { r.Kind = len(s.Kinds) }, "整行: “x”不是按方案“示例市台账”读的"},
		"other unit":     {func(r *qiaomen.Record) { r.Unit = -1 }, "整行: “x”不是按方案“示例市台账”读的"},
		"other fields":   {func(r *qiaomen.Record) { r.Values = r.Values[1:] }, "整行: “x”不是按方案“示例市台账”读的"},
		"a long line":    {set("words", qiaomen.Value{Text: strings.Repeat("长", maxLine/3)}), "整行: 这一行超过4 MiB"},
	} {
		var out bytes.Buffer
		w := NewWriter(&out, s)
		first, bad, last := good, good, good
		first.ID = "first"
		bad.Values = slices.Clone(good.Values)
		c.change(&bad)
		err := w.Record(&first)
		refused := w.Record(&bad)
		problem, ok := errors.AsType[*qiaomen.Problem](refused)
		if !ok || !strings.HasPrefix(refused.Error(), "2: "+c.says) || len(problem.More) > 0 {
			t.Errorf("%s: %v", name, refused)
		} else {
			forPerson(t, refused.Error())
		}
		err = errors.Join(err, w.Record(&last), w.Flush()) // the id of a line that was refused is free
		if again := w.Record(&last); again == nil || again.Error() != "3: id: 编号“x”与第2行重复；请改成另一个编号，或者删去一行" {
			t.Errorf("%s, then: %v", name, again)
		}
		if err != nil || strings.Count(out.String(), "\n") != 2 {
			t.Errorf("%s: %v, written\n%s", name, err, out.String())
		}
		reread(t, s, out.String())
	}
	for name, c := range map[string]struct {
		change func(*qiaomen.Figure)
		says   string
	}{
		"other source": {func(f *qiaomen.Figure) { f.Source = -1 }, "整行: “y”不是按方案"},
		"other unit":   {func(f *qiaomen.Figure) { f.Unit = -1 }, "整行: “y”不是按方案"},
		"other values": {func(f *qiaomen.Figure) { f.Values = nil }, "整行: “y”不是按方案"},
		"no period":    {func(f *qiaomen.Figure) { f.Period = 2 }, "quarter: 缺少所属期"},
		"no day":       {func(f *qiaomen.Figure) { f.Published = 0 }, "published_on: 缺少发布日期"},
		"only for":     {func(f *qiaomen.Figure) { f.Values[1] = qiaomen.Value{Given: true} }, "change: “2024Q1”这一期没有“变化”"},
		"no level":     {func(f *qiaomen.Figure) { f.Values[0].Given = false }, "level: 缺少“水平”"},
	} {
		bad := figure
		bad.Values = slices.Clone(figure.Values)
		c.change(&bad)
		var out bytes.Buffer
		w := NewWriter(&out, s)
		if err := w.Figure(&bad); err == nil || !strings.HasPrefix(err.Error(), "1: "+c.says) {
			t.Errorf("%s: %v", name, err)
		}
		if err := errors.Join(w.Figure(&figure), w.Flush()); err != nil || strings.Count(out.String(), "\n") != 1 {
			t.Errorf("%s: %v, written %s", name, err, out.String())
		}
	}
	if price.Index() != figure.Source {
		t.Error("the figure is another's")
	}
	several := good
	several.Values = slices.Clone(good.Values)
	set("sum", qiaomen.Value{Number: qiaomen.Int(-1)})(&several)
	set("partner", qiaomen.Value{Text: "c"})(&several)
	problem, ok := errors.AsType[*qiaomen.Problem](NewWriter(io.Discard, s).Record(&several))
	if !ok || problem.At.Field != "sum" || len(problem.More) != 1 || problem.More[0].At.Field != "partner" {
		t.Errorf("several faults: %+v", problem)
	}
}

// TestBrokenDisk holds that the file's own errors come through and stay.
func TestBrokenDisk(t *testing.T) {
	s := builtIn(t)
	r, w := io.Pipe()
	full := errors.New("disk full")
	r.CloseWithError(full)
	out := NewWriter(w, s)
	record := reread(t, s, with("briefing", `"name":"`+strings.Repeat("长", bufferSize)+`"`)).Records[0]
	if err := out.Record(&record); !errors.Is(err, full) {
		t.Error(err)
	}
	if err := out.Flush(); !errors.Is(err, full) {
		t.Error(err)
	}
}

// TestWriterKeepsNothing holds that the memory of writing does not grow with
// the file, but for its ids.
func TestWriterKeepsNothing(t *testing.T) {
	s := builtIn(t)
	record := reread(t, s, with("briefing", `"name":"`+strings.Repeat("长", 1<<16)+`"`)).Records[0]
	w := NewWriter(io.Discard, s)
	_, held := taken(func() {
		for i := range 500 {
			record.ID = fmt.Sprint(i)
			if err := w.Record(&record); err != nil {
				t.Fatal(err)
			}
		}
	})
	if held > 4<<20 {
		t.Errorf("%d KiB are held", held>>10)
	}
	if err := w.Flush(); err != nil {
		t.Error(err)
	}
}

// TestExampleIsWritten writes the example winter anew.
func TestExampleIsWritten(t *testing.T) {
	s := builtIn(t)
	text, err := os.ReadFile("../examples/winter-2023.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	b := reread(t, s, string(text))
	if len(b.Records) == 0 || len(b.Figures) == 0 {
		t.Fatal("the example is empty")
	}
	written := write(t, s, b)
	again := reread(t, s, written)
	sameBook(t, again, b)
	if write(t, s, again) != written {
		t.Error("written again it differs")
	}
}

func BenchmarkWriter(b *testing.B) {
	s := builtIn(b)
	text, err := os.ReadFile("../examples/winter-2023.jsonl")
	if err != nil {
		b.Fatal(err)
	}
	book := reread(b, s, string(text))
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		w := NewWriter(io.Discard, s)
		for i := range book.Records {
			if err := w.Record(&book.Records[i]); err != nil {
				b.Fatal(err)
			}
		}
	}
}
