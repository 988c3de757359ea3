package web_test

import (
	"net/http"
	"net/http/httptest"
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
