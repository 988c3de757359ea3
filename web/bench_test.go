package web_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"qiaomen"
	"qiaomen/office"
	"qiaomen/web"
)

// Declaring every operation is part of each start.
func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		web.New(web.Options{Office: &office.Office{}})
	}
}

// One page of a list, and one submission, without a network: what the doors add
// to the office.
func BenchmarkRequest(b *testing.B) {
	w := newWorld(b, "sqlite", qiaomen.SmallOffice)
	c := w.withToken("jixian-reporter", qiaomen.ActSubmit, qiaomen.ActReadOwn)
	doors := web.New(web.Options{Office: w.office, Now: w.clock.Now})
	for _, path := range []string{"/livez", web.Prefix + "/openapi.json", web.Prefix + inWinter("/records?unit=jixian&limit=50")} {
		b.Run(path, func(b *testing.B) {
			for b.Loop() {
				r := httptest.NewRequest(http.MethodGet, path, nil)
				r.Header.Set("Authorization", "Bearer "+c.token)
				out := httptest.NewRecorder()
				if doors.ServeHTTP(out, r); out.Code != http.StatusOK {
					b.Fatal(out.Code, out.Body)
				}
			}
		})
	}
}

// A whole record reported, by many at once: token, rights, checks, journal,
// durable, receipt.
func BenchmarkReport(b *testing.B) {
	w := newWorld(b, "sqlite", qiaomen.SmallOffice)
	c := w.withToken("jixian-reporter", qiaomen.ActSubmit, qiaomen.ActReadOwn)
	doors := web.New(web.Options{Office: w.office, Now: w.clock.Now})
	var n atomic.Int64
	b.SetParallelism(32)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			i := n.Add(1)
			body := fmt.Sprintf(`{"unit":"jixian","kind":"signed_project","name":"示例风电装备制造项目%d","fields":{"amount_yi":"1.5","signed_on":"2024-01-05","party_a":"示例经济合作局","party_b":"示例风电装备公司%d","content":"年产示例风电叶片三百套","agreement_type":"formal","company_region":"示例省","remarks":"示例"}}`, i, i)
			r := httptest.NewRequest(http.MethodPost, web.Prefix+inWinter("/records"), strings.NewReader(body))
			r.Header.Set("Authorization", "Bearer "+c.token)
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set("Idempotency-Key", fmt.Sprint("k", i))
			out := httptest.NewRecorder()
			if doors.ServeHTTP(out, r); out.Code != http.StatusOK {
				b.Fatal(out.Code, out.Body)
			}
		}
	})
}
