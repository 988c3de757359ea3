package web_test

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"qiaomen"
	"qiaomen/blob"
	"qiaomen/blob/blobtest"
	"qiaomen/office"
	"qiaomen/web"
)

// rows is a records file of reserve projects, one for each name.
func rows(unit string, names ...string) []byte {
	var b bytes.Buffer
	for i, name := range names {
		fmt.Fprintf(&b, `{"kind":"reserve_project","id":"%s-rp-%d","unit":"%s","name":"%s","target_companies":["示例甲公司","示例乙公司"]}`+"\n", unit, i+1, unit, name)
	}
	return b.Bytes()
}

func numbered(n int) (out []string) {
	for i := range n {
		out = append(out, fmt.Sprintf("示例项目%d", i+1))
	}
	return out
}

func (c *client) preview(name string, data []byte, options ...string) web.ImportView {
	c.w.t.Helper()
	var v web.ImportView
	c.post(inWinter("/imports")+query(append([]string{"name", name}, options...)...), data).ok().into(&v)
	return v
}

func (c *client) lines(id string, options ...string) (out web.List[web.ImportLine]) {
	c.w.t.Helper()
	c.get(inWinter("/imports/"+id+"/rows") + query(options...)).ok().into(&out)
	return out
}

// commit commits an import and waits until it is done.
func (c *client) commit(id string) (v web.ImportView) {
	c.w.t.Helper()
	c.post(inWinter("/imports/"+id+"/commit"), nil).ok().into(&v)
	for v.State == "importing" {
		time.Sleep(20 * time.Millisecond)
		v = web.ImportView{}
		c.get(inWinter("/imports/" + id)).ok().into(&v)
	}
	return v
}

func drafts(c *client) int {
	c.w.t.Helper()
	var list struct{ Items []office.DraftRecord }
	c.get(inWinter("/drafts?unit=jixian")).ok().into(&list)
	return len(list.Items)
}

// TestImport: a file is looked through and nothing is written; then its rows come
// in; the same again changes nothing. It is there for who sent it alone.
func TestImport(t *testing.T) {
	engines(t, func(t *testing.T, engine string) {
		w := filesWorld(t, engine)
		c := w.as("jixian-reporter")
		at, err := w.position()
		if err != nil {
			t.Fatal(err)
		}
		v := c.preview("储备.jsonl", rows("jixian", numbered(5)...))
		if v.State != "ready" || v.Rows != 5 || v.Counts[office.RowNew] != 5 || v.Digest == "" || v.Expires == "" {
			t.Errorf("%+v", v)
		}
		if n, err := w.position(); err != nil || n != at || drafts(c) != 0 {
			t.Error("a preview wrote something")
		}
		page := c.lines(v.ID, "limit", "2", "verdict", "new")
		if len(page.Items) != 2 || page.Next == "" || page.Items[0].Name != "示例项目1" || page.Items[0].Place != "第1行" || page.Items[0].ID != "jixian-rp-1" {
			t.Errorf("%+v", page)
		}
		seen := len(page.Items)
		for page.Next != "" {
			page = c.lines(v.ID, "limit", "2", "verdict", "new", "cursor", page.Next)
			seen += len(page.Items)
		}
		if seen != 5 || len(c.lines(v.ID, "verdict", "refused").Items) != 0 {
			t.Errorf("%d rows", seen)
		}
		c.get(inWinter("/imports/" + v.ID + "/rows?cursor=MTA")).is(http.StatusUnprocessableEntity) // in the midst of a row
		c.get(inWinter("/imports/" + v.ID + "/rows?cursor=LTE")).is(http.StatusUnprocessableEntity)
		for name, other := range map[string]*client{"a colleague": w.as("jixian-head"), "another unit": w.as("youyi-reporter"), "the office": w.as("handler")} {
			for _, path := range []string{"", "/rows", "/workbook"} {
				if a := other.get(inWinter("/imports/" + v.ID + path)); a.status != http.StatusNotFound {
					t.Errorf("%s, %s: %d", name, path, a.status)
				}
			}
			other.post(inWinter("/imports/"+v.ID+"/commit"), nil).is(http.StatusNotFound)
			other.do(http.MethodDelete, inWinter("/imports/"+v.ID), nil).is(http.StatusNotFound)
		}
		done := c.commit(v.ID)
		if done.State != "done" || done.Done != 5 || done.Result == nil || done.Result.New != 5 || done.Result.First == 0 || drafts(c) != 5 {
			t.Errorf("%+v", done)
		}
		if again := c.commit(v.ID); again.Result == nil || *again.Result != *done.Result || drafts(c) != 5 {
			t.Errorf("committed twice: %+v", again)
		}
		v = c.preview("储备.jsonl", rows("jixian", append([]string{"示例改名"}, numbered(6)[1:]...)...))
		if fmt.Sprint(v.Counts) != "map[changed:1 new:1 refused:0 same:4]" {
			t.Errorf("%v", v.Counts)
		}
		if line := c.lines(v.ID, "verdict", "changed").Items; len(line) != 1 || fmt.Sprint(line[0].Fields) != "[name]" || line[0].State != qiaomen.Draft {
			t.Errorf("%+v", line)
		}
		c.get(inWinter("/imports/" + v.ID + "/workbook")).is(http.StatusConflict)
		c.do(http.MethodDelete, inWinter("/imports/"+v.ID), nil).is(http.StatusNoContent)
		c.get(inWinter("/imports/" + v.ID)).is(http.StatusNotFound)

		old := c.preview("储备.jsonl", rows("jixian", "示例"))
		w.clock.move(25 * time.Hour)
		c.signIn("jixian-reporter")
		c.get(inWinter("/imports/" + old.ID)).is(http.StatusGone)
	})
}

// TestImportRefused: one row that cannot come in keeps all out, and every fault
// has its place; the workbook comes back with its cells marked.
func TestImportRefused(t *testing.T) {
	w := filesWorld(t, "sqlite")
	c := w.as("jixian-reporter")
	f := excelize.NewFile()
	if err := f.SetSheetName("Sheet1", "储备项目"); err != nil {
		t.Fatal(err)
	}
	for i, row := range [][]any{{"编号", "单位", "名称", "建设地点"}, {"a-1", "集贤县", "示例石墨", "福利镇"}, {"a-2", "友谊县", "示例大豆", "友谊镇"}, {"a-3", "没有这个县", "示例玉米", "某镇"}} {
		at, _ := excelize.CoordinatesToCellName(1, i+1)
		if err := f.SetSheetRow("储备项目", at, &row); err != nil {
			t.Fatal(err)
		}
	}
	var book bytes.Buffer
	if err := f.Write(&book); err != nil {
		t.Fatal(err)
	}
	v := c.preview("集贤县.xlsx", book.Bytes(), "unit", "jixian")
	if v.State != "refused" || len(v.Faults) != 1 || !strings.Contains(v.Faults[0].Field, "储备项目!B4") || v.Faults[0].Text == "" {
		t.Fatalf("%+v", v)
	}
	marked := func(id string) map[string]string {
		a := c.get(inWinter("/imports/" + id + "/workbook")).is(http.StatusOK)
		if !strings.HasPrefix(a.header.Get("Content-Disposition"), "attachment;") || a.header.Get("Content-Type") != blob.XLSX.MediaType() {
			t.Errorf("%v", a.header)
		}
		back, err := excelize.OpenReader(bytes.NewReader(a.body))
		if err != nil {
			t.Fatal(err)
		}
		out := map[string]string{}
		lines, err := back.GetRows("储备项目")
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range lines[1:] {
			out[line[0]] = line[len(line)-1]
		}
		return out
	}
	if got := marked(v.ID); !strings.Contains(got["a-3"], "没有这个县") || got["a-1"] != "福利镇" {
		t.Errorf("%v", got)
	}
	if p := c.post(inWinter("/imports/"+v.ID+"/commit"), nil).is(http.StatusConflict).problem(); p.Detail == "" {
		t.Errorf("%+v", p)
	}

	if err := f.SetCellStr("储备项目", "B4", "集贤县"); err != nil {
		t.Fatal(err)
	}
	book.Reset()
	if err := f.Write(&book); err != nil {
		t.Fatal(err)
	}
	v = c.preview("集贤县.xlsx", book.Bytes(), "unit", "jixian")
	if v.State != "refused" || v.Counts[office.RowRefused] != 1 || v.Counts[office.RowNew] != 2 {
		t.Fatalf("%+v", v)
	}
	line := c.lines(v.ID, "verdict", "refused").Items
	if len(line) != 1 || line[0].Place != "储备项目!第3行" || len(line[0].Faults) != 1 || !strings.Contains(line[0].Faults[0].Text, "友谊") {
		t.Errorf("%+v", line)
	}
	if got := marked(v.ID); !strings.Contains(got["a-2"], "友谊") || got["a-1"] != "福利镇" {
		t.Errorf("%v", got)
	}
	if drafts(c) != 0 {
		t.Error("something came in")
	}
	c.post(inWinter("/imports?name=a.jsonl&unit=youyi"), rows("youyi", "示例")).is(http.StatusNotFound)
	w.as("leader").post(inWinter("/imports?name=a.jsonl"), rows("jixian", "示例")).is(http.StatusForbidden)
	w.stranger().post(inWinter("/imports?name=a.jsonl"), rows("jixian", "示例")).is(http.StatusUnauthorized)
	for name, want := range map[string]int{"a.xls": 415, "a.exe": 415, "a": 415, "": 422} {
		c.post(inWinter("/imports")+query("name", name), rows("jixian", "示例")).is(want)
	}
	if n := len(w.spool()); n != 4 { // two imports, each with what is known of it
		t.Errorf("%v", w.spool())
	}
}

// spool is what lies in the spool.
func (w *world) spool() (out []string) {
	all, err := filepath.Glob(filepath.Join(w.kept, "*"))
	if err != nil {
		w.t.Fatal(err)
	}
	for _, name := range all {
		if !strings.HasSuffix(name, ".rows") {
			out = append(out, filepath.Base(name))
		}
	}
	return out
}

// packed is a workbook with a part of so many zeros.
func packed(t *testing.T, size int64) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	p, err := z.Create("xl/workbook.xml")
	if err == nil {
		_, err = io.CopyN(p, blank{}, size)
	}
	if err == nil {
		err = z.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// crowded is a zip whose directory names one entry a million times.
func crowded() []byte {
	const n = 1_000_000
	head := binary.LittleEndian.AppendUint32(nil, 0x04034b50)
	b := append(append(head, make([]byte, 22)...), 1, 0, 0, 0, 'a')
	begins := uint64(len(b))
	one := append(binary.LittleEndian.AppendUint32(nil, 0x02014b50), make([]byte, 42)...)
	one[28] = 1
	b = append(b, bytes.Repeat(append(one, 'a'), n)...)
	ends := uint64(len(b))
	b = binary.LittleEndian.AppendUint32(b, 0x06064b50)
	b = binary.LittleEndian.AppendUint64(b, 44)
	b = append(b, 45, 0, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0)
	for _, v := range []uint64{n, n, ends - begins, begins} {
		b = binary.LittleEndian.AppendUint64(b, v)
	}
	b = append(binary.LittleEndian.AppendUint32(b, 0x07064b50), 0, 0, 0, 0)
	b = append(binary.LittleEndian.AppendUint64(b, ends), 1, 0, 0, 0)
	b = append(binary.LittleEndian.AppendUint32(b, 0x06054b50), 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff)
	b = binary.LittleEndian.AppendUint32(b, uint32(ends-begins))
	return append(b, 0xff, 0xff, 0xff, 0xff, 0, 0)
}

type blank struct{}

func (blank) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// hostileWorkbooks (asvs 5.2.3; F20, F21, F27): what would unpack to too
// much, or is no workbook, is refused soon and costs no memory.
func hostileWorkbooks(t *testing.T) {
	w := filesWorld(t, "sqlite")
	c := w.as("jixian-reporter")
	corpus := blobtest.Corpus()
	laughs := `<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheets><sheet name="&b;" sheetId="1"/></sheets></workbook>`
	outside := `<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>`
	zip64 := packed(t, 10)
	at := bytes.LastIndex(zip64, []byte("PK\x01\x02"))
	binary.LittleEndian.PutUint32(zip64[at+24:], 0xfffffffe)
	for what, data := range map[string][]byte{
		"1 GB of zeros": packed(t, 1<<30), "10^6 entries": crowded(), "a size of 2^32": zip64, "a size of 2^63": corpus["docx of 2⁶³"].Content,
		"a document": blobtest.Letter("a"), "a photo": blobtest.Photo(1), "nothing": {}, "half": packed(t, 100)[:60], "rubbish": bytes.Repeat([]byte("PK\x03\x04"), 10_000),
		"laughs": blobtest.Zip(blobtest.Part{Name: "xl/workbook.xml", Text: laughs}), "a file of the machine": blobtest.Zip(blobtest.Part{Name: "xl/workbook.xml", Text: outside}),
		"slips": blobtest.Table("a", blobtest.Part{Name: "../../../../tmp/slip.xml", Text: "a"}), "names twice": blobtest.Table("a", blobtest.Part{Name: "xl/workbook.xml", Text: "<a/>"}),
	} {
		runtime.GC()
		var peak atomic.Uint64
		stop := make(chan struct{})
		var before runtime.MemStats
		runtime.ReadMemStats(&before)
		go func() {
			for {
				select {
				case <-stop:
					return
				case <-time.After(20 * time.Millisecond):
					var now runtime.MemStats
					runtime.ReadMemStats(&now)
					if now.HeapAlloc > peak.Load() {
						peak.Store(now.HeapAlloc)
					}
				}
			}
		}()
		begun := time.Now()
		a := c.post(inWinter("/imports?name=a.xlsx"), data)
		took := time.Since(begun)
		close(stop)
		if took > 2*time.Second {
			t.Errorf("%s took %s", what, took)
		}
		if grown := int64(peak.Load()) - int64(before.HeapAlloc) - 4*int64(len(data)); grown > 64<<20 {
			t.Errorf("%s: %d MB more", what, grown>>20)
		}
		if a.status == http.StatusUnprocessableEntity {
			a.problem()
			continue
		}
		var v web.ImportView
		if a.is(http.StatusOK).into(&v); v.State != "refused" || len(v.Faults) == 0 {
			t.Errorf("%s: %s", what, a.body)
		}
		c.do(http.MethodDelete, inWinter("/imports/"+v.ID), nil).is(http.StatusNoContent)
	}
	deep := []byte(strings.Repeat("[", 200_000) + "\n" + strings.Repeat(`{"a":`, 200_000))
	if v := c.preview("a.jsonl", deep); v.State != "refused" || len(v.Faults) == 0 {
		t.Errorf("%+v", v)
	}
	c.post(inWinter("/imports?name=a.csv"), io.MultiReader(bytes.NewReader(bytes.Repeat([]byte("a,b\n"), web.MostImport/4+1)))).is(http.StatusRequestEntityTooLarge)
}

// importOfFormulas (asvs 1.2.10; F22): a formula's value is read as it was
// last, and said to be one; a text that looks like a formula stays a text.
func importOfFormulas(t *testing.T) {
	w := filesWorld(t, "sqlite")
	c := w.as("jixian-reporter")
	var b strings.Builder
	b.WriteString("单位,名称,建设地点\n")
	for i := range 100 {
		fmt.Fprintf(&b, "集贤县,\"=cmd|' /C calc'!A%d\",\"@SUM(1+%d)\"\n", i, i)
	}
	v := c.preview("储备项目.csv", []byte(b.String()))
	if v.State != "ready" || v.Counts[office.RowNew] != 100 {
		t.Fatalf("%+v", v)
	}
	c.commit(v.ID)
	if n := drafts(c); n != 100 {
		t.Errorf("%d drafts", n)
	}
	if line := c.lines(v.ID, "limit", "1").Items; len(line) != 1 || line[0].Name != "=cmd|' /C calc'!A0" {
		t.Errorf("%+v", line)
	}
}

// TestLongImport: a long file comes in by parts, in the background; its client may
// go away. Broken off by a restart, the same commit goes on, and no row is there
// twice.
func TestLongImport(t *testing.T) {
	engines(t, func(t *testing.T, engine string) {
		w := filesWorld(t, engine)
		folder := filepath.Join(t.TempDir(), "spool")
		first := w.doors(folder)
		c := w.as("jixian-reporter")
		c.url = first.url
		c.signIn("jixian-reporter")
		const n = 6500
		v := c.preview("储备.jsonl", rows("jixian", numbered(n)...))
		for id := v.ID; v.State == "checking"; {
			time.Sleep(50 * time.Millisecond)
			v = web.ImportView{}
			c.get(inWinter("/imports/" + id)).ok().into(&v)
		}
		if v.State != "ready" || v.Rows != n {
			t.Fatalf("%+v", v)
		}
		id := v.ID
		go func() { // and does not wait for the answer
			req, _ := http.NewRequest(http.MethodPost, c.url+web.Prefix+inWinter("/imports/"+id+"/commit"), nil)
			if res, err := c.http.Do(req); err == nil {
				res.Body.Close()
			}
		}()
		for v.Done == 0 && v.State != "done" {
			time.Sleep(5 * time.Millisecond)
			v = web.ImportView{}
			c.get(inWinter("/imports/" + id)).ok().into(&v)
		}
		first.server.Stop() // between two parts
		v = web.ImportView{}
		c.get(inWinter("/imports/" + id)).ok().into(&v)
		brokenOff := v.State == "broken_off"
		if v.State != "broken_off" && v.State != "done" {
			t.Errorf("after the stop: %+v", v)
		}
		second := w.doors(folder)
		c.url = second.url
		c.signIn("jixian-reporter")
		v = c.commit(id)
		if v.State != "done" || v.Done != n || v.Result == nil || v.Result.New != n {
			t.Errorf("%+v", v)
		}
		if got := drafts(c); got != n {
			t.Errorf("%d drafts", got)
		}
		t.Logf("broken off: %v", brokenOff)
	})
}

// A doorway is doors that a test may shut.
type doorway struct {
	server *web.Server
	url    string
}

// doors opens further doors with a spool.
func (w *world) doors(folder string) doorway {
	server := web.New(web.Options{Office: w.newOffice(), Log: newLog(w.log), Now: w.clock.Now, Spool: folder})
	s := httptest.NewServer(server)
	w.t.Cleanup(func() { s.Close(); server.Stop() })
	return doorway{server, s.URL}
}

// TestImportOutlivesACrash: what was coming in when the program died is said to
// be broken off.
func TestImportOutlivesACrash(t *testing.T) {
	w := filesWorld(t, "sqlite")
	folder := filepath.Join(t.TempDir(), "spool")
	one := w.doors(folder)
	c := w.as("jixian-reporter")
	c.url = one.url
	c.signIn("jixian-reporter")
	v := c.preview("储备.jsonl", rows("jixian", numbered(3)...))
	about := filepath.Join(folder, v.ID+".json")
	replaceIn(t, about, `"state":"ready"`, `"state":"importing"`)
	two := w.doors(folder)
	c.url = two.url
	c.signIn("jixian-reporter")
	got := web.ImportView{}
	if c.get(inWinter("/imports/" + v.ID)).ok().into(&got); got.State != "broken_off" {
		t.Errorf("%+v", got)
	}
	if got = c.commit(v.ID); got.State != "done" || got.Result.New != 3 {
		t.Errorf("%+v", got)
	}
}

// TestOpeningImport: the old ledger is proposed with its proof, and comes in once
// a reviewer agrees.
func TestOpeningImport(t *testing.T) {
	w := filesWorld(t, "sqlite")
	c := w.as("handler")
	proof := c.keep("台账盖章页.pdf", blobtest.Paper("proof")).evidence()
	old := []byte(`{"kind":"reserve_project","id":"old-1","unit":"jixian","name":"示例旧项目","target_companies":["示例甲公司"],"reported_at":"2023-12-01T09:00:00+08:00"}` + "\n")
	c.post(inWinter("/openings?name=old.exe&proof="+proof.Digest), old).is(http.StatusUnsupportedMediaType)
	c.post(inWinter("/openings?name=old.jsonl&proof="+strings.Repeat("0", 64)), old).is(http.StatusUnprocessableEntity)
	var r web.Result
	c.post(inWinter("/openings?name=old.jsonl&proof="+proof.Digest), old).is(http.StatusAccepted).into(&r)
	w.as("reviewer").post(inWinter("/proposals/"+r.Proposal+"/approval"), nil).ok()
	w.as("jixian-reporter").get(inWinter("/records/old-1")).ok()
	w.as("jixian-reporter").post(inWinter("/openings?name=old.jsonl&proof="+proof.Digest), old).is(http.StatusForbidden)
}

func replaceIn(t *testing.T, name, old, new string) {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil || !bytes.Contains(data, []byte(old)) {
		t.Fatalf("%v: %s", err, data)
	}
	if err := os.WriteFile(name, bytes.Replace(data, []byte(old), []byte(new), 1), 0o600); err != nil {
		t.Fatal(err)
	}
}
