package office_test

import (
	"bytes"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"qiaomen"
	"qiaomen/office"
	"qiaomen/store/storetest"
)

// invented is the fields of an invented lead, nobody else's.
func invented(n int64) []byte {
	return fmt.Appendf(nil, `{"target_company":"示例%d号新材料有限公司","content":"拟投资建设第%d号石墨负极材料生产线，配套仓储、研发中心和污水处理设施",`+
		`"amount_yi":%d.%02d,"company_region":"示例省甲市","lead_source":"商会推介","first_contact_on":"2023-12-%02d",`+
		`"progress":"企业已到实地考察%d次，对选址、用地、用能条件表示认可，正在编制可行性研究报告","next_step":"邀请企业负责人再次来访，商定投资协议文本",`+
		`"sector":"secondary","remarks":"石墨负极材料"}`, n, n, n%20, 1+n%99, 1+n%12, 1+n%6)
}

// BenchmarkReport is whole records a second that come in through the office:
// signed in, permitted, checked, journalled, durable, with a receipt. Beside it
// in the same run BenchmarkBareCommit of package store is what the disk allows.
//
//	go test -run '^$' -bench Report ./office
func BenchmarkReport(b *testing.B) {
	for _, engine := range storetest.Engines {
		for _, callers := range []int{1, 8, 32, 64} {
			b.Run(fmt.Sprintf("%s/%d", engine, callers), func(b *testing.B) {
				w := newWorld(b, engine, qiaomen.SmallOffice)
				var next atomic.Int64
				var group sync.WaitGroup
				b.ResetTimer()
				for range callers {
					group.Go(func() {
						by := office.Caller{Account: w.people["jixian-reporter"], Campaign: winter}
						for i := next.Add(1); i <= int64(b.N); i = next.Add(1) {
							by.Key = fmt.Sprint("report-", i)
							if _, err := w.Report(ctx, by, office.Entry{Unit: "jixian", Kind: "domestic_lead", Name: fmt.Sprint("示例线索", i), Fields: invented(i)}); err != nil {
								b.Error(err)
								return
							}
						}
					})
				}
				group.Wait()
				b.StopTimer()
				b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "acts/s")
				b.ReportMetric(0, "ns/op")
			})
		}
	}
}

// benchRecords is how many records the benchmarks of lists have.
const benchRecords = 100_000

// filled is an office with so many records of the winter, taken in as the ledger
// that was kept before: leads of nine units, most of them recognised.
func filled(b *testing.B, n int) *world {
	b.Helper()
	w := newWorld(b, "sqlite", qiaomen.SmallOffice)
	w.now = w.now.AddDate(1, 0, 0)
	units := []string{"jixian", "youyi", "baoqing", "raohe", "jianshan", "lingdong", "sifangtai", "baoshan", "jingkaiqu"}
	const each = 20_000
	for from := 0; from < n; from += each {
		var text bytes.Buffer
		for i := from; i < min(n, from+each); i++ {
			at := w.now.AddDate(-1, 0, i%20).Add(time.Duration(i) * time.Second)
			fmt.Fprintf(&text, `{"kind":"domestic_lead","id":"old-%d","unit":"%s","name":"示例线索%d","reported_at":"%s"`, i, units[i%len(units)], i, at.Format(time.RFC3339))
			if i%5 > 0 {
				fmt.Fprintf(&text, `,"recognized_at":"%s"`, at.AddDate(0, 0, 2).Format(time.RFC3339))
			}
			text.WriteString("," + string(invented(int64(i))[1:]) + "\n")
		}
		w.opens(fmt.Sprintf("台账%d.jsonl", from), text.Bytes())
	}
	return w
}

// BenchmarkRecords is pages of 50 of a list of 100,000, of one unit's recognised
// leads: by place and by a field, and the same while others report.
func BenchmarkRecords(b *testing.B) {
	start := time.Now()
	w := filled(b, benchRecords)
	b.Logf("filled in %v", time.Since(start))
	for _, by := range []string{"", "amount_yi"} {
		list := office.Listing{Unit: "jixian", Kind: "domestic_lead", States: []qiaomen.State{qiaomen.Recognised}, By: by, Descending: true, Limit: 50}
		b.Run("by "+by, func(b *testing.B) {
			for range b.N {
				page, err := w.Records(ctx, w.as("jixian-reporter"), list)
				if err != nil || len(page.Records) != 50 {
					b.Fatal(len(page.Records), err)
				}
			}
		})
	}
}
