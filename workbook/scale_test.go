package workbook_test

import (
	"bytes"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"qiaomen"
	"qiaomen/workbook"
)

// nothing keeps nothing.
type nothing struct{}

func (nothing) Record(*qiaomen.Record) {}
func (nothing) Figure(*qiaomen.Figure) {}

// BenchmarkRead reads a sheet of a hundred thousand rows.
func BenchmarkRead(b *testing.B) {
	s := winter(b)
	var rows strings.Builder
	for i := range 100_000 {
		fmt.Fprintf(&rows, `<row r="%d"><c r="A%d" t="inlineStr"><is><t>集贤县</t></is></c><c r="B%d" t="inlineStr"><is><t>示例项目%d</t></is></c>`, i+2, i+2, i+2, i)
		fmt.Fprintf(&rows, `<c r="C%d"><v>45296</v></c><c r="D%d"><v>2.1000000000000001</v></c></row>`, i+2, i+2)
	}
	text := strings.Replace(data, `<t>名称</t></is></c></row>`, `<t>名称</t></is></c><c r="C1" t="inlineStr"><is><t>签约日期</t></is></c><c r="D1" t="inlineStr"><is><t>投资额</t></is></c></row>`, 1)
	whole := zipped(b, parts(fmt.Sprintf(text, rows.String()))...)
	b.ReportAllocs()
	for b.Loop() {
		found, err := workbook.Read(bytes.NewReader(whole), int64(len(whole)), s, "book.xlsx", nothing{})
		if err != nil || found.TotalFaults > 0 {
			b.Fatal(err, say(found.Faults))
		}
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	b.ReportMetric(float64(m.HeapSys>>20), "MiB-heap")
}
