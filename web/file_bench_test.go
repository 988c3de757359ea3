package web_test

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"qiaomen/blob/blobtest"
	"qiaomen/office"
	"qiaomen/web"
)

// resident is how much memory the process has taken at most, in MB; 0 where the
// system does not say.
func resident() float64 {
	data, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(data)) {
		if rest, found := strings.CutPrefix(line, "VmHWM:"); found {
			n, _ := strconv.Atoi(strings.Fields(rest)[0])
			return float64(n) / 1024
		}
	}
	return 0
}

// BenchmarkUpload sends a film of 1 MB, 32 at once, another each time: hashed,
// looked at and flushed.
func BenchmarkUpload(b *testing.B) {
	w := filesWorld(b, "sqlite")
	c := w.as("jixian-reporter")
	c.url = w.open(office.New(office.Options{Store: w.store, Files: w.files, Now: w.clock.Now, Unnamed: 1 << 40}), spooled(w.kept))
	c.signIn("jixian-reporter")
	body := strings.Repeat("示例", 170_000)
	var n atomic.Int64
	b.SetBytes(1 << 20)
	b.SetParallelism(16)
	before := resident()
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if a := c.keep("a.mp4", blobtest.Film(fmt.Sprint(n.Add(1), body))); a.status != http.StatusCreated {
				b.Errorf("%d %s", a.status, a.body)
			}
		}
	})
	b.ReportMetric(resident()-before, "MB")
}

// BenchmarkImport looks a file of 100,000 rows through, and has it come in.
func BenchmarkImport(b *testing.B) {
	for b.Loop() {
		w := filesWorld(b, "sqlite")
		c := w.as("jixian-reporter")
		var text bytes.Buffer
		text.WriteString("编号,单位,名称,建设地点\n")
		for i := range 100_000 {
			fmt.Fprintf(&text, "a-%d,集贤县,示例项目%d,福利镇\n", i, i)
		}
		begun := time.Now()
		v := c.preview("储备项目.csv", text.Bytes())
		for id := v.ID; v.State == "checking"; {
			time.Sleep(100 * time.Millisecond)
			v = web.ImportView{}
			c.get(inWinter("/imports/" + id)).ok().into(&v)
		}
		b.ReportMetric(time.Since(begun).Seconds(), "s/preview")
		b.ReportMetric(resident(), "MB/preview")
		begun = time.Now()
		if v = c.commit(v.ID); v.State != "done" || v.Done != 100_000 {
			b.Fatalf("%+v", v)
		}
		b.ReportMetric(time.Since(begun).Seconds(), "s/commit")
		b.ReportMetric(resident(), "MB/commit")
		c.get(inWinter("/imports/" + v.ID + "/rows?limit=1000")).is(http.StatusOK)
	}
}
