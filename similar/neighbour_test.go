package similar_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"qiaomen/similar"
)

// near is two things that share much and are two, by kind.
var near = []struct {
	kind string
	sure bool // no one pair may be judged otherwise
	do   func(m maker, a, b *report)
}{
	{"phase", true, func(m maker, a, b *report) {
		at := m.Perm(len(phaseForms))
		a.phase, b.phase = m.of(phaseForms[at[0]]), "（"+m.of(phaseForms[at[1]])+"）"
	}},
	{"direction", true, func(m maker, a, b *report) {
		at := m.Perm(4)
		of := func(n int) string {
			side := []string{"东", "南", "西", "北"}[n]
			return m.of([]string{side + "区", side + "侧", "城" + side, side + "部", side + "厂区", side + "片区"})
		}
		a.side, b.side = of(at[0]), of(at[1])
	}},
	{"county", false, func(m maker, a, b *report) { b.site = m.another(counties, a.site) }},
	{"product", false, func(m maker, a, b *report) { b.what = m.another(wares, a.what) }},
	{"product of one trade", false, func(m maker, a, b *report) {
		list := strings.Fields(m.of([]string{"球形石墨 膨胀石墨 高纯石墨 石墨电极 石墨烯浆料", "玉米淀粉 玉米酒精 玉米油 速冻玉米", "大豆油 大豆蛋白粉 大豆磷脂 酱油", "蓝莓果汁 蓝莓酒 蓝莓干", "风电叶片 风电塔筒 风电轴承", "肉牛养殖 肉羊养殖 蛋鸡养殖 奶牛养殖"}))
		a.what = m.of(list)
		b.what = m.another(list, a.what)
	}},
	{"company", false, func(m maker, a, b *report) {
		for strings.ContainsAny(a.brand, b.brand) {
			b.brand = m.brand()
		}
	}},
	{"company of one brand in another city", false, func(m maker, a, b *report) { b.seat, b.site = m.another(cities, a.seat), m.another(counties, a.site) }},
}

// TestNeighboursStayApart: near things that are two are told to be two: of
// phases and directions always, of the rest in 98 of 100 at least.
func TestNeighboursStayApart(t *testing.T) {
	m := maker{rand.New(rand.NewPCG(28, 3))}
	var c tally
	bad := 0
	for n := range pairs {
		k := near[n%len(near)]
		a := m.report()
		b := a
		k.do(m, &a, &b)
		x, y := a.thing(), b.thing()
		if n%2 == 0 { // half of them in a disguise as well
			y = both(y, func(text string) string { return m.sprinkle(swapped(text, toTraditional), "\u200b", "\u00ad", " ") })
		}
		v := similar.Compare(x, y)
		wrong := v.Judgement != similar.Different
		if wrong {
			bad++
		}
		c.add(k.kind, wrong, x, y, v)
	}
	for _, k := range near {
		if got := c.bad[k.kind]; got > 0 && (k.sure || bad*50 > pairs) {
			t.Errorf("%d of %d that differ in the %s are taken for one:\n%s", got, c.all[k.kind], k.kind, strings.Join(c.examples[k.kind], "\n"))
		}
	}
	if bad*50 > pairs {
		t.Errorf("%d of %d neighbours are taken for one, at most one in fifty may be", bad, pairs)
	}
	t.Logf("%d of %d neighbours are taken for one: %v", bad, pairs, c.bad)
}
