package web_test

import (
	"testing"

	"qiaomen"
)

func TestFirstSteps(t *testing.T) {
	w := newWorld(t, "sqlite", qiaomen.SmallOffice)
	w.stranger().get("/campaigns").is(401)
	defer func() { t.Log(w.log.String()) }()
	c := w.as("jixian-reporter")
	t.Logf("%s", c.get("/campaigns").ok().body)
	t.Logf("%s", c.get("/session").ok().body)
	a := c.post(inWinter("/drafts"), project("jixian", "示例风电装备制造项目"))
	t.Logf("%d %s", a.status, a.body)
	a = c.post(inWinter("/records"), project("jixian", "示例风电装备制造项目"))
	t.Logf("%d %s", a.status, a.body)
	a = c.get(inWinter("/records") + query("unit", "jixian", "filter", "amount_yi>=1", "sort", "-amount_yi"))
	t.Logf("%d %s", a.status, a.body)
	a = c.post(inWinter("/records"), `{"unit":1,"kind":["x"],"what":2}`)
	t.Logf("%d %s", a.status, a.body)
	a = c.post(inWinter("/records"), `{"unit":"jixian","unit":"youyi"}`)
	t.Logf("%d %s", a.status, a.body)
	a = c.do("PATCH", inWinter("/records"), nil)
	t.Logf("%d %s %v", a.status, a.body, a.header)
	t.Log(w.log.String())
}
