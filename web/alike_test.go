package web_test

import (
	"fmt"
	"net/http"
	"sync"
	"testing"

	"qiaomen"
	"qiaomen/web"
)

// TestAlikeAtTheDoors: fifty clients report one project at the same moment, each
// under another name, and ask at the same moment for all of them. One is first;
// nobody else is recognised without a ruling.
func TestAlikeAtTheDoors(t *testing.T) {
	engines(t, func(t *testing.T, engine string) {
		w := newWorld(t, engine, qiaomen.SmallOffice, func(o *web.Options) { o.Rate = 0 })
		units := []string{"jixian", "youyi"}
		reporters := []*client{w.as("jixian-reporter"), w.as("youyi-reporter")}
		handler, reviewer := w.as("handler"), w.as("reviewer")

		// Something else is there already: what is looked for before a turn in the
		// line is looked for among something, and what comes meanwhile besides.
		reporters[0].post(inWinter("/records"), project(units[0], "示例湿地旅游项目")).ok()

		const clients = 50
		reported := make([]*answered, clients)
		var wait sync.WaitGroup
		for i := range reported {
			name := []string{"", "关于", "拟建"}[i%3] + "集贤县" + []string{"球形石墨", "年产5万吨球形石墨", "年产五万吨球形石墨", "球形石墨（年产５万吨）"}[i/3%4] + []string{"项目", "建设项目", "\u200b项目", "生产线項目", "产业化项目"}[i/12%5]
			wait.Go(func() { reported[i] = reporters[i%2].post(inWinter("/records"), project(units[i%2], name)) })
		}
		wait.Wait()
		ids := make([]string, clients)
		for i, a := range reported {
			ids[i] = a.id()
			handler.post(inWinter("/records/"+ids[i]+"/acceptance"), nil, "If-Match", `"v1"`).ok()
		}

		status := make([]int, clients)
		for i, id := range ids {
			wait.Go(func() {
				status[i] = reviewer.post(inWinter("/records/"+id+"/recognition"), map[string]any{}, "If-Match", `"v1"`).status
			})
		}
		wait.Wait()
		won := map[int]int{}
		for _, s := range status {
			won[s]++
		}
		if won[http.StatusOK] != 1 {
			t.Errorf("of fifty, by status: %s", fmt.Sprint(won))
		}
	})
}
