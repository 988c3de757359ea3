package journal_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"

	"qiaomen/journal"
)

func TestEntryRefused(t *testing.T) {
	deep := strings.Repeat(`{"a":`, 33) + "1" + strings.Repeat("}", 33)
	tests := []struct {
		name   string
		change func(*journal.Entry)
		want   string
	}{
		{"sound", func(*journal.Entry) {}, ""},
		{"the program acts", func(e *journal.Entry) { e.Person, e.Account, e.Key, e.Grant = "", "", "", 0 }, ""},
		{"no installation", func(e *journal.Entry) { e.Installation = "" }, "缺系统编号"},
		{"no journal", func(e *journal.Entry) { e.Journal = "" }, "缺日志编号"},
		{"account of nobody", func(e *journal.Entry) { e.Person = "" }, "缺人员编号"},
		{"person without account", func(e *journal.Entry) { e.Account = "" }, "缺账号编号"},
		{"quote", func(e *journal.Entry) { e.Key = `a"b` }, "防重复编号只能是"},
		{"line break", func(e *journal.Entry) { e.Key = "a\nb" }, "防重复编号只能是"},
		{"nul", func(e *journal.Entry) { e.Journal = "a\x00b" }, "日志编号只能是"},
		{"Chinese id", func(e *journal.Entry) { e.Person = "张三" }, "人员编号只能是"},
		{"long id", func(e *journal.Entry) { e.Person = strings.Repeat("a", 129) }, "人员编号只能是"},
		{"position 0", func(e *journal.Entry) { e.Position = 0 }, "位置"},
		{"position far away", func(e *journal.Entry) { e.Position = journal.MaxSize + 1 }, "位置"},
		{"local time", func(e *journal.Entry) { e.At = "2024-01-15T16:30:00+08:00" }, "时间应是UTC"},
		{"whole second", func(e *journal.Entry) { e.At = "2024-01-15T16:30:00Z" }, "时间应是UTC"},
		{"comma", func(e *journal.Entry) { e.At = "2024-01-15T08:30:00,000000Z" }, "时间应是UTC"},
		{"no such day", func(e *journal.Entry) { e.At = "2024-02-30T08:30:00.000000Z" }, "时间应是UTC"},
		{"leap second", func(e *journal.Entry) { e.At = "2016-12-31T23:59:60.000000Z" }, "时间应是UTC"},
		{"clock never set", func(e *journal.Entry) { e.At = "1970-01-01T00:00:00.000000Z" }, "时间应是UTC"},
		{"negative grant", func(e *journal.Entry) { e.Grant = -1 }, "授权"},
		{"no event", func(e *journal.Entry) { e.Event = "" }, "事件名"},
		{"event in capitals", func(e *journal.Entry) { e.Event = "RecordSubmitted" }, "事件名"},
		{"event with a digit first", func(e *journal.Entry) { e.Event = "1st" }, "事件名"},
		{"version 0", func(e *journal.Entry) { e.Version = 0 }, "事件版本"},
		{"no previous", func(e *journal.Entry) { e.Previous = tlog.Hash{} }, "前一条的摘要"},
		{"previous of the first", func(e *journal.Entry) { e.Position = 1 }, "前一条的摘要"},
		{"no data", func(e *journal.Entry) { e.Data = nil }, "不是JSON对象"},
		{"array", func(e *journal.Entry) { e.Data = []byte(`[]`) }, "不是JSON对象"},
		{"white space", func(e *journal.Entry) { e.Data = []byte(`{"a": 1}`) }, "空白或转义"},
		{"line break in data", func(e *journal.Entry) { e.Data = []byte("{\"a\":1\n}") }, "空白或转义"},
		{"raw line break in a string", func(e *journal.Entry) { e.Data = []byte("{\"a\":\"\n\"}") }, "不是合格的JSON"},
		{"needless escape", func(e *journal.Entry) { e.Data = []byte(`{"a":"\u0041"}`) }, "空白或转义"},
		{"escaped slash", func(e *journal.Entry) { e.Data = []byte(`{"a":"\/"}`) }, "空白或转义"},
		{"long escape", func(e *journal.Entry) { e.Data = []byte(`{"a":"\u000a"}`) }, "空白或转义"},
		{"member twice", func(e *journal.Entry) { e.Data = []byte(`{"a":1,"a":2}`) }, "重名"},
		{"member twice inside", func(e *journal.Entry) { e.Data = []byte(`{"b":[{"a":1,"a":1}]}`) }, "重名"},
		{"half a surrogate", func(e *journal.Entry) { e.Data = []byte(`{"a":"\ud800"}`) }, "UTF-8"},
		{"not UTF-8", func(e *journal.Entry) { e.Data = []byte("{\"a\":\"\xff\"}") }, "UTF-8"},
		{"two objects", func(e *journal.Entry) { e.Data = []byte(`{}{}`) }, "不是合格的JSON"},
		{"cut off", func(e *journal.Entry) { e.Data = []byte(`{"a":"`) }, "不是合格的JSON"},
		{"exponent", func(e *journal.Entry) { e.Data = []byte(`{"a":1e2}`) }, "数字不是规定的写法"},
		{"trailing zero", func(e *journal.Entry) { e.Data = []byte(`{"a":[1.50]}`) }, "数字不是规定的写法"},
		{"only zeros after the point", func(e *journal.Entry) { e.Data = []byte(`{"a":1.0}`) }, "数字不是规定的写法"},
		{"minus nothing", func(e *journal.Entry) { e.Data = []byte(`{"a":-0}`) }, "数字不是规定的写法"},
		{"leading zero", func(e *journal.Entry) { e.Data = []byte(`{"a":01}`) }, "不是合格的JSON"},
		{"number in a string", func(e *journal.Entry) { e.Data = []byte(`{"a\"":"1.50 -0","b":"\\"}`) }, ""},
		{"exact numbers", func(e *journal.Entry) { e.Data = []byte(`{"a":[0,-1,-0.05,123456789012345678901234567890.5]}`) }, ""},
		{"deep", func(e *journal.Entry) { e.Data = []byte(deep) }, "嵌套太深"},
		{"just not too deep", func(e *journal.Entry) { e.Data = []byte(deep[5 : len(deep)-1]) }, ""},
		{"huge", func(e *journal.Entry) { e.Data = []byte(`{"a":"` + strings.Repeat("a", journal.MaxLeaf) + `"}`) }, "超过8 MiB"},
	}
	for _, tt := range tests {
		e := newBook(1).entry()
		tt.change(e)
		leaf, err := e.Leaf()
		wants(t, tt.name, err, tt.want)
		if err == nil && !bytes.Equal(must(must(journal.Open(leaf)).Leaf()), leaf) {
			t.Errorf("%s: opened and sealed again it is another", tt.name)
		}
	}
}

func TestOpenRefused(t *testing.T) {
	leaf := string(newBook(2).leaves[1])
	replace := func(old, with string) string {
		if !strings.Contains(leaf, old) {
			t.Fatalf("no %s in the leaf", old)
		}
		return strings.Replace(leaf, old, with, 1)
	}
	tests := map[string]string{
		"empty":              "",
		"space first":        " " + leaf,
		"line break last":    leaf + "\n",
		"something after":    leaf + "{}",
		"space inside":       replace(`,"at"`, `, "at"`),
		"unknown member":     replace(`"v":1,`, `"v":1,"x":2,`),
		"unknown at the end": replace(`a5"}`, `a5","x":1}`),
		"another version":    replace(`"v":1,`, `"v":2,`),
		"missing member":     replace(`"grant":3,`, ``),
		"repeated member":    replace(`"grant":3,`, `"grant":3,"grant":3,`),
		"another order":      replace(`"person":"p-17","account":"a-4"`, `"account":"a-4","person":"p-17"`),
		"number as a string": replace(`"position":2`, `"position":"2"`),
		"number with plus":   replace(`"position":2`, `"position":+2`),
		"number with zero":   replace(`"position":2`, `"position":02`),
		"number with point":  replace(`"position":2`, `"position":2.0`),
		"number beyond":      replace(`"position":2`, `"position":9223372036854775808`),
		"version beyond":     replace(`"version":1`, `"version":18446744073709551617`),
		"escaped id":         replace(`"p-17"`, `"\u0070-17"`),
		"null":               replace(`"p-17"`, `null`),
		"capital hex":        replace(`a5"}`, `A5"}`),
		"short salt":         replace(`a5"}`, `"}`),
		"long salt":          replace(`a5"}`, `a5a5"}`),
		"lengths shifted":    strings.Replace(replace(`a5"}`, `"}`), `"previous":"`, `"previous":"ab`, 1),
		"no hex":             replace(`a5"}`, `g5"}`),
		"data moved into":    replace(`"none":null}`, `"none":null},"previous":""`),
	}
	for name, text := range tests {
		if _, err := journal.Open([]byte(text)); err == nil {
			t.Errorf("%s: taken: %s", name, text)
		}
	}
	for n := range leaf {
		if _, err := journal.Open([]byte(leaf[:n])); err == nil {
			t.Errorf("taken when cut off after %d bytes", n)
		}
	}
	if _, err := journal.Open(make([]byte, journal.MaxLeaf+1)); err == nil {
		t.Error("taken though too long")
	}
}

// TestEntryRoundTrip seals entries of every sort and opens them again.
func TestEntryRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := drawEntry(t)
		leaf := must(e.Leaf())
		if bytes.ContainsAny(leaf, "\x00\n") || !strings.HasPrefix(string(leaf), `{"v":1,`) {
			t.Fatalf("leaf %q", leaf)
		}
		got := must(journal.Open(leaf))
		if !bytes.Equal(got.Data, e.Data) {
			t.Fatalf("data %s, want %s", got.Data, e.Data)
		}
		a, b := *got, *e
		a.Data, b.Data = nil, nil
		if !sameEntry(a, b) {
			t.Fatalf("opened\n%+v\nwant\n%+v", a, b)
		}
	})
}

func sameEntry(a, b journal.Entry) bool {
	return a.Installation == b.Installation && a.Journal == b.Journal && a.Position == b.Position && a.At == b.At &&
		a.Person == b.Person && a.Account == b.Account && a.Grant == b.Grant && a.Key == b.Key && a.Event == b.Event &&
		a.Version == b.Version && a.Previous == b.Previous && a.Salt == b.Salt
}

func drawEntry(t *rapid.T) *journal.Entry {
	id := rapid.StringMatching(`[!#-\[\]-~]{1,128}`)
	e := &journal.Entry{
		Installation: id.Draw(t, "installation"), Journal: id.Draw(t, "journal"),
		Position: rapid.Int64Range(1, journal.MaxSize).Draw(t, "position"),
		At: journal.Stamp(time.UnixMicro(rapid.Int64Range(946684800_000000, 253402300799_999999).Draw(t, "at")).
			In(time.FixedZone("", 8*3600))),
		Grant: rapid.Int64Range(0, journal.MaxSize).Draw(t, "grant"),
		Event: rapid.StringMatching(`[a-z][a-z0-9_]{0,127}`).Draw(t, "event"), Version: rapid.IntRange(1, 1000000).Draw(t, "version"),
		Data: drawData(t),
	}
	if rapid.Bool().Draw(t, "somebody") {
		e.Person, e.Account = id.Draw(t, "person"), id.Draw(t, "account")
	}
	if rapid.Bool().Draw(t, "keyed") {
		e.Key = id.Draw(t, "key")
	}
	copy(e.Salt[:], rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "salt"))
	if e.Position > 1 {
		copy(e.Previous[:], rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "previous"))
		e.Previous[0] |= 1
	}
	return e
}
