package similar_test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"
	"qiaomen/similar"
)

// brands is made of characters that stand for no place, trade or number.
var brands = strings.Fields("盛华 恒远 鑫源 宏泰 瑞祥 佳信 利诚 达凯 威博 创美 荣昌 茂森 润泽 峰岭 晨曦 旭耀 晶莹 玉翠 碧澄 浩瀚 睿哲 卓群 雄俊 豪壮")

// distinct is a thing that shares nothing with another of its kind.
func distinct(n int) similar.Thing {
	products := strings.Fields("球形石墨 稻壳板 风电叶片 肉牛 奶粉 滑雪板 轴承 酸菜 豆浆粉 木门")
	return similar.Thing{
		Company: fmt.Sprintf("示例%s%s石墨有限公司", brands[n%len(brands)], brands[n/len(brands)%len(brands)]),
		Project: fmt.Sprintf("年产%d吨%s项目", 1000+n, products[n%len(products)]),
	}
}

func ids(matches []similar.Match) (out []string) {
	for _, m := range matches {
		out = append(out, m.ID)
	}
	return out
}

// named tells whether two things share anything by name.
func named(v similar.Verdict) bool {
	return slices.ContainsFunc(v.Findings, func(f similar.Finding) bool {
		return f.A != "" && f.B != "" && slices.Contains([]string{"信用代码", "企业所在地", "字号", "行业", "产品"}, f.Part)
	})
}

func TestPutIsFoundAtOnce(t *testing.T) {
	x := similar.NewIndex(0)
	for n := range 500 {
		id, thing := fmt.Sprint(n), distinct(n)
		if got := x.Find(thing, 5); slices.Contains(ids(got), id) {
			t.Fatalf("%s is found before it is put in: %v", id, got)
		}
		x.Put(id, thing)
		got := x.Find(thing, 1)
		if len(got) != 1 || got[0].ID != id || got[0].Judgement != similar.Same || got[0].Score != similar.Full {
			t.Fatalf("%s, just put in, is found as %v", id, got)
		}
		if x.Len() != n+1 {
			t.Fatalf("%d things are in, Len is %d", n+1, x.Len())
		}
	}
}

// TestRemovedIsNotFound: what was taken out is never found again, also once so
// many are gone that their room is given free, and what stayed still is.
func TestRemovedIsNotFound(t *testing.T) {
	const all = 5000
	x := similar.NewIndex(all)
	for n := range all {
		x.Put(fmt.Sprint(n), distinct(n%576*9+n/576)) // several share a brand
	}
	stays := func(n int) bool { return n%5 == 0 }
	look := func(when string, gone func(int) bool) {
		for n := 0; n < all; n += 7 {
			thing := distinct(n%576*9 + n/576)
			found := x.Find(thing, 50)
			for _, m := range found {
				var other int
				fmt.Sscan(m.ID, &other)
				if m.ID == "" || gone(other) {
					t.Fatalf("%s, %q is found, which was taken out", when, m.ID)
				}
			}
			if !gone(n) && !slices.Contains(ids(found), fmt.Sprint(n)) {
				t.Fatalf("%s, %d is not found by its own name: %v", when, n, found)
			}
		}
	}
	look("at first", func(int) bool { return false })
	left := all
	for n := range all {
		if stays(n) {
			continue
		}
		x.Remove(fmt.Sprint(n))
		if left--; x.Len() != left {
			t.Fatalf("%d are left, Len is %d", left, x.Len())
		}
		if n%1500 == 1 {
			look(fmt.Sprintf("with %d left", left), func(o int) bool { return o <= n && !stays(o) })
		}
	}
	look("at last", func(o int) bool { return !stays(o) })
	x.Remove("0")
	x.Remove("0")
	x.Remove("never there")
	if x.Len() != left-1 {
		t.Fatalf("a second removal counts: %d, want %d", x.Len(), left-1)
	}
	for n := range all {
		x.Put(fmt.Sprint(n), distinct(n%576*9+n/576))
	}
	if x.Len() != all {
		t.Fatalf("all are back, Len is %d", x.Len())
	}
	look("with all back", func(int) bool { return false })
}

// TestPutReplaces: an id has one thing, the last that was put in under it.
func TestPutReplaces(t *testing.T) {
	x := similar.NewIndex(0)
	for n := range 3000 {
		x.Put("one", distinct(n))
	}
	x.Put("two", distinct(7))
	if x.Len() != 2 {
		t.Fatalf("two ids, Len is %d", x.Len())
	}
	if got := ids(x.Find(distinct(2999), 9)); !slices.Contains(got, "one") {
		t.Errorf("what is under the id is not found: %v", got)
	}
	if got := x.Find(distinct(7), 9); len(got) == 0 || got[0].ID != "two" || slices.Contains(ids(got[1:]), "two") {
		t.Errorf("the other is found as %v", got)
	}
	for _, m := range x.Find(distinct(12), 9) { // what the id once had
		if m.Judgement == similar.Same {
			t.Errorf("what was replaced is found: %v", m)
		}
	}
}

// TestEqualThingsComeInOrder: of equal things the one put in first is first.
func TestEqualThingsComeInOrder(t *testing.T) {
	x := similar.NewIndex(0)
	for _, id := range []string{"c", "a", "b", "d"} {
		x.Put(id, distinct(3))
	}
	if got := ids(x.Find(distinct(3), 3)); !slices.Equal(got, []string{"c", "a", "b"}) {
		t.Errorf("found in the order %v", got)
	}
	x.Put("c", distinct(3)) // again: it comes last now
	if got := ids(x.Find(distinct(3), 4)); !slices.Equal(got, []string{"a", "b", "d", "c"}) {
		t.Errorf("found in the order %v", got)
	}
}

func TestNoneAskedFor(t *testing.T) {
	x := similar.NewIndex(0)
	x.Put("one", distinct(3))
	for _, n := range []int{0, -1} {
		func() {
			defer func() {
				if p := recover(); p != nil {
					t.Errorf("%d asked for: %v", n, p)
				}
			}()
			if got := x.Find(distinct(3), n); len(got) != 0 {
				t.Errorf("%d asked for, found %v", n, got)
			}
		}()
	}
	if got := x.Find(distinct(3), 1<<30); len(got) != 1 {
		t.Errorf("all asked for, found %v", got)
	}
}

// TestPool: companies that have no project yet are found by those that have,
// and the other way round; so is a project of which nobody names the company.
func TestPool(t *testing.T) {
	whole := similar.Thing{Company: "双鸭山示例盛华石墨有限公司", Project: "集贤县年产10万吨球形石墨项目（一期）", Code: code("91230500MA1B2C3D4")}
	for _, c := range []struct {
		what  string
		thing similar.Thing
	}{
		{"a company alone", similar.Thing{Company: whole.Company}},
		{"a company alone, by another form", similar.Thing{Company: "示例盛华石墨有限责任公司"}},
		{"a company alone, with a character mistaken", similar.Thing{Company: "示例晟华石墨有限公司"}},
		{"a company and a project that says nothing", similar.Thing{Company: whole.Company, Project: "项目"}},
		{"a project alone", similar.Thing{Project: whole.Project}},
		{"a code alone", similar.Thing{Code: whole.Code}},
		{"a code under another name", similar.Thing{Company: "哈尔滨示例恒远乳业有限公司", Code: whole.Code}},
		{"a code under another name with the project", similar.Thing{Company: "哈尔滨示例恒远乳业有限公司", Project: "球形石墨生产线", Code: whole.Code}},
	} {
		if v := similar.Compare(whole, c.thing); v.Judgement == similar.Different {
			continue // nothing to be found
		}
		for _, order := range [][2]similar.Thing{{whole, c.thing}, {c.thing, whole}} {
			x := similar.NewIndex(0)
			for n := range 300 {
				x.Put(fmt.Sprint(n), distinct(n))
			}
			x.Put("it", order[0])
			if got := ids(x.Find(order[1], 5)); !slices.Contains(got, "it") {
				t.Errorf("%s: %v does not find %v but %v", c.what, order[1], order[0], got)
			}
		}
	}
}

// TestFindIsExact: within a small index Find is what comparing with every one
// finds, where they share anything to be found by.
func TestFindIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := rapid.SliceOfN(things(), 1, 300).Draw(t, "things")
		x, there := similar.NewIndex(0), map[string]similar.Thing{}
		var order []string
		for n, thing := range list {
			id := fmt.Sprint(n)
			if n > 0 && rapid.IntRange(0, 9).Draw(t, "again") == 0 {
				id = fmt.Sprint(rapid.IntRange(0, n-1).Draw(t, "which"))
			}
			x.Put(id, thing)
			there[id] = thing
			order = append(slices.DeleteFunc(order, func(o string) bool { return o == id }), id)
			if rapid.IntRange(0, 9).Draw(t, "out") == 0 {
				gone := order[rapid.IntRange(0, len(order)-1).Draw(t, "which")]
				x.Remove(gone)
				delete(there, gone)
				order = slices.DeleteFunc(order, func(o string) bool { return o == gone })
			}
		}
		asked := things().Draw(t, "asked")
		if len(list) > 0 && rapid.Bool().Draw(t, "one of them") {
			asked = rapid.SampledFrom(list).Draw(t, "which")
		}
		var want []similar.Match
		unnamed := map[string]bool{}
		for _, id := range order {
			if v := similar.Compare(asked, there[id]); v.Judgement != similar.Different {
				if !named(v) { // they share but a number: found or not, nobody looks for that
					unnamed[id] = true
					continue
				}
				want = append(want, similar.Match{ID: id, Score: v.Score, Judgement: v.Judgement})
			}
		}
		slices.SortStableFunc(want, func(a, b similar.Match) int { return cmp.Compare(b.Score, a.Score) })
		got := x.Find(asked, len(list)+1)
		for i, m := range got {
			v := similar.Compare(asked, there[m.ID])
			if v.Score != m.Score || v.Judgement != m.Judgement {
				t.Fatalf("%q\n%q\nare found with %d %v; compared they are %d %v", asked, there[m.ID], m.Score, m.Judgement, v.Score, v)
			}
			if i > 0 && got[i-1].Score < m.Score {
				t.Fatalf("the likest does not come first: %v", got)
			}
		}
		found := slices.Clone(got)
		found = slices.DeleteFunc(found, func(m similar.Match) bool { return m.Judgement == similar.Different || unnamed[m.ID] })
		if !slices.Equal(found, want) {
			for _, m := range want {
				if !slices.Contains(found, m) {
					t.Fatalf("%q\n%q\nis not found: %v", asked, there[m.ID], m)
				}
			}
			t.Fatalf("%q\nfound %v\nwant  %v", asked, found, want)
		}
		n := rapid.IntRange(1, 5).Draw(t, "n")
		if few := x.Find(asked, n); !slices.Equal(few, got[:min(n, len(got))]) {
			t.Fatalf("the first %d are %v, of all they are %v", n, few, got[:min(n, len(got))])
		}
		if few := x.Alike(asked, n); len(unnamed) == 0 && !slices.Equal(few, want[:min(n, len(want))]) {
			t.Fatalf("%q\nthe first %d alike are %v, want %v", asked, n, few, want[:min(n, len(want))])
		}
		if x.Len() != len(there) {
			t.Fatalf("Len is %d, want %d", x.Len(), len(there))
		}
	})
}

// TestJoin: a batch is held against those that were there and against itself.
func TestJoin(t *testing.T) {
	x := similar.NewIndex(0)
	thing := func(who, what string) similar.Thing { return similar.Thing{Company: who, Project: what} }
	x.Put("old", thing("示例盛华石墨有限公司", "集贤县球形石墨项目"))
	x.Put("other", thing("示例恒远乳业有限公司", "宝清县奶粉项目"))
	x.Put("seen", thing("示例鑫源木业有限公司", "饶河县木门项目"))
	pairs := x.Join([]string{"b1", "b2", "b3", "b4", "seen"}, []similar.Thing{
		thing("示例盛华石墨有限责任公司", "关于集贤县球形石墨建设项目"),
		thing("示例瑞祥米业有限公司", "友谊县鲜米项目"),
		thing("示例瑞祥米业", "鲜米加工项目（友谊县）"),
		thing("示例盛华石墨有限公司", "集贤县球形石墨项目二期"),
		thing("示例鑫源木业有限公司", "饶河县木门项目"),
	}, 5)
	var got []string
	for _, p := range pairs {
		got = append(got, p.ID+" "+p.Match.ID)
		if p.Match.Judgement == similar.Different {
			t.Errorf("%v is no pair", p)
		}
	}
	if want := []string{"b1 old", "b3 b2"}; !slices.Equal(got, want) {
		t.Errorf("the pairs are %v, want %v", got, want)
	}
	if x.Len() != 7 {
		t.Errorf("Len is %d, want 7", x.Len())
	}
	if got := ids(x.Find(thing("示例瑞祥米业有限公司", "友谊县鲜米项目"), 5)); !slices.Contains(got, "b2") || !slices.Contains(got, "b3") {
		t.Errorf("of the batch only %v is found afterwards", got)
	}
}

// TestJoinIsFindAndPut, one after another.
func TestJoinIsFindAndPut(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := rapid.SliceOfN(things(), 1, 40).Draw(t, "things")
		half := rapid.IntRange(0, len(list)).Draw(t, "there before")
		n := rapid.IntRange(1, 4).Draw(t, "n")
		x, y := similar.NewIndex(0), similar.NewIndex(0)
		var names []string
		var want []similar.Pair
		for i, thing := range list {
			id := fmt.Sprint(i)
			if i < half {
				x.Put(id, thing)
			} else {
				names = append(names, id)
				for _, m := range y.Alike(thing, n) {
					want = append(want, similar.Pair{ID: id, Match: m})
				}
			}
			y.Put(id, thing)
		}
		if got := x.Join(names, list[half:], n); !slices.Equal(got, want) {
			t.Fatalf("joined %v, want %v", got, want)
		}
	})
}

// TestManyReaders: many may ask at once, and all are told the same. The race
// detector looks on when asked to.
func TestManyReaders(t *testing.T) {
	x := similar.NewIndex(0)
	for n := range 600 {
		x.Put(fmt.Sprint(n), distinct(n))
	}
	var want [60][]similar.Match
	for n := range want {
		want[n] = x.Find(distinct(n*10), 5)
	}
	var readers sync.WaitGroup
	for range 8 {
		readers.Go(func() {
			for range 5 {
				for n := range want {
					if got := x.Find(distinct(n*10), 5); !slices.Equal(got, want[n]) {
						t.Errorf("%d is found as %v, want %v", n*10, got, want[n])
					}
				}
			}
		})
	}
	readers.Wait()
}

// TestSince asks an index that is being filled for what came after a point: it
// gives what the whole gives, without what stood before, however large it is and
// whatever was put in again or swept out meanwhile.
func TestSince(t *testing.T) {
	for _, before := range []int{0, 10, 3000} { // nothing, compared one by one, looked up by grams
		t.Run(fmt.Sprint(before), func(t *testing.T) {
			x := similar.NewIndex(0)
			asked := similar.Thing{Company: "示例盛华石墨有限公司", Project: "年产10万吨球形石墨项目"}
			for i := range before {
				x.Put(fmt.Sprint("d", i), distinct(i))
			}
			x.Put("early", asked)
			x.Put("again", asked)
			p := x.Point()
			if got := x.AlikeSince(similar.Read(asked), 9, p); len(got) > 0 {
				t.Errorf("nothing came since, and it found %v", got)
			}
			x.Put("again", asked)
			x.Put("late", similar.Thing{Company: "示例盛華石墨有限责任公司", Project: "球形石墨（年产十万吨）"})
			got := ids(x.AlikeSince(similar.Read(asked), 9, p))
			if slices.Sort(got); !slices.Equal(got, []string{"again", "late"}) {
				t.Errorf("since then %v, want again and late", got)
			}
			for id, want := range map[string]bool{"early": true, "again": false, "late": false, "nobody": false} {
				if x.Stood(id, p) != want {
					t.Errorf("%s stood: %v", id, !want)
				}
			}
			for i := range 2 * max(before, 2000) { // enough to have the cards numbered anew
				x.Put("passing", distinct(i))
			}
			got = ids(x.AlikeSince(similar.Read(asked), 99, p))
			for _, id := range []string{"early", "again", "late"} {
				if !slices.Contains(got, id) {
					t.Errorf("after a sweep %s is not found: whatever stands has to be asked for again", id)
				}
			}
			if x.Stood("early", p) {
				t.Error("a point from before a sweep still counts")
			}
		})
	}
}

// TestHalfALongBrand: of a long brand any two characters lead to it, also where
// nothing else of the names is the same and thousands make the same.
func TestHalfALongBrand(t *testing.T) {
	x := similar.NewIndex(0)
	project := "年产5万吨球形石墨项目"
	for n := range 3000 {
		x.Put(fmt.Sprint(n), similar.Thing{Company: distinct(n).Company, Project: project})
	}
	x.Put("it", similar.Thing{Company: "示例凌霄飞虹石墨有限公司", Project: project})
	for _, company := range []string{"示例凌宵飞虹石墨有限公司", "示例霄凌虹飞石墨有限公司", "示例凌霄石墨有限公司", "飞虹石墨", "凌霄飞红新材料"} {
		if got := x.Alike(similar.Thing{Company: company, Project: "球形石墨生产线"}, 10); !slices.Contains(ids(got), "it") {
			t.Errorf("%s is not found: %v", company, got)
		}
	}
}
