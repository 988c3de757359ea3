package similar_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"
	"qiaomen/similar"
)

// Most cases are about this company and this project.
const (
	company = "双鸭山示例盛华石墨新材料有限公司"
	project = "集贤县年产10万吨球形石墨项目"
)

// A pair is two things, and what is claimed of them as a sentence.
type pair struct {
	what string
	a, b similar.Thing
}

// ofProject and ofCompany are pairs that differ in the one only.
func ofProject(what, a, b string) pair {
	return pair{what, similar.Thing{Company: company, Project: a}, similar.Thing{Company: company, Project: b}}
}

func ofCompany(what, a, b string) pair {
	return pair{what, similar.Thing{Company: a, Project: project}, similar.Thing{Company: b, Project: project}}
}

// judged compares each pair both ways and asks that the judgement is one of
// those wanted.
func judged(t *testing.T, pairs []pair, want ...similar.Judgement) {
	t.Helper()
	for _, p := range pairs {
		v := similar.Compare(p.a, p.b)
		ok := false
		for _, w := range want {
			ok = ok || v.Judgement == w
		}
		if !ok {
			t.Errorf("%s\n\t%v\n\t%v\n\t%d %v", p.what, p.a, p.b, v.Score, v)
		}
		if back := similar.Compare(p.b, p.a); back.Judgement != v.Judgement || back.Score != v.Score {
			t.Errorf("%s: one way %d %v, the other %d %v", p.what, v.Score, v, back.Score, back)
		}
	}
}

// TestSame: another writing of the same thing is the same.
func TestSame(t *testing.T) {
	good := code("91230500MA1B2C3D4")
	judged(t, []pair{
		ofProject("a name is the same as itself", project, project),
		ofCompany("limited is limited liability", company, "双鸭山示例盛华石墨新材料有限责任公司"),
		ofCompany("a company may leave its form away", company, "双鸭山示例盛华石墨新材料"),
		ofCompany("a company may be called a group", company, "双鸭山示例盛华石墨新材料（集团）有限公司"),
		ofCompany("its seat may stand in brackets", company, "示例盛华石墨新材料（双鸭山）有限公司"),
		ofCompany("its seat may be left away", company, "示例盛华石墨新材料有限公司"),
		ofCompany("its seat may be named with the province", company, "黑龙江省双鸭山市示例盛华石墨新材料有限公司"),
		ofCompany("new material may be shortened", company, "双鸭山示例盛华石墨新材有限公司"),
		ofCompany("it may be written in traditional characters", company, "雙鴨山示例盛華石墨新材料有限公司"),
		ofCompany("it may be written in radicals", company, "双鸭⼭示例盛华⽯墨新材料有限公司"),
		ofProject("ten ten-thousands are a hundred thousand", project, "集贤县年产100000吨球形石墨项目"),
		ofProject("an amount in Chinese is the amount", project, "集贤县年产十万吨球形石墨项目"),
		ofProject("an amount may stand behind", project, "集贤县球形石墨年产10万吨项目"),
		ofProject("an amount may be left away", project, "集贤县球形石墨项目"),
		ofProject("filler says nothing", project, "关于拟投资建设集贤县年产10万吨球形石墨建设项目"),
		ofProject("brackets say nothing", project, "（集贤县）年产10万吨球形石墨【项目】"),
		ofProject("a place may be named with its city", project, "双鸭山市集贤县年产10万吨球形石墨项目"),
		ofProject("a place may stand behind", project, "年产10万吨球形石墨项目（集贤县）"),
		ofProject("a county may be called by its short name", project, "集贤年产10万吨球形石墨项目"),
		ofProject("a place may be left away", project, "年产10万吨球形石墨项目"),
		ofProject("full width is half", project, "集贤县年产１０万吨球形石墨项目"),
		ofProject("what is hidden is not there", project, "集贤县\u200b年产10万吨球\u00ad形石墨项\u202e目"),
		ofProject("what is built may be left away", "集贤县球形石墨生产线项目", "集贤县球形石墨项目"),
		ofProject("a first phase is a first phase", project+"一期", project+"（第Ⅰ期）"),
		ofProject("a phase may stand in front", project+"二期", "集贤县二期年产10万吨球形石墨项目"),
		ofProject("both phases are both phases", project+"一、二期", project+"1-2期"),
		ofProject("a section is a section", project+"1#厂房", project+"一号厂房"),
		ofProject("the east zone is the east zone", "经开区东区球形石墨项目", "经开区球形石墨项目（东区）"),
		ofProject("a zone has a short name", "双鸭山经济技术开发区球形石墨项目", "双鸭山经开区球形石墨项目"),
		ofProject("wind power is wind power", "岭东区100MW风力发电项目", "岭东区10万千瓦风电项目"),
		ofProject("a district may have a numeral in its name", "四方台区球形石墨项目", "双鸭山市四方台区球形石墨项目"),
		ofProject("the company may be named in the project", project, "示例盛华集贤县年产10万吨球形石墨项目"),
		{
			"a code proves a company that has another name",
			similar.Thing{Company: "示例盛华石墨有限公司", Project: project, Code: good},
			similar.Thing{Company: "示例恒远碳素有限公司", Project: project, Code: good},
		},
		{"a company alone is itself", similar.Thing{Company: company}, similar.Thing{Company: "示例盛华石墨新材料有限公司"}},
		{"a code alone is itself", similar.Thing{Code: good}, similar.Thing{Code: strings.ToLower(good)}},
	}, similar.Same)
}

// TestFound: what may well be the same is not passed over; how sure one can be
// is the author's to weigh.
func TestFound(t *testing.T) {
	judged(t, []pair{
		ofCompany("盛 may be 晟", company, "双鸭山示例晟华石墨新材料有限公司"),
		ofCompany("华 may be 桦", company, "双鸭山示例盛桦石墨新材料有限公司"),
		ofCompany("鑫 may be 馨", "示例鑫源粮油有限公司", "示例馨源粮油有限公司"),
		ofCompany("恒 may be 衡", "示例恒泰粮油有限公司", "示例衡泰粮油有限公司"),
		ofCompany("未 may be 末", "示例未来粮油有限公司", "示例末来粮油有限公司"),
		ofCompany("a brand may stand alone", company, "示例盛华"),
		ofCompany("a long brand may be shortened", "示例盛华恒远石墨有限公司", "示例盛华石墨有限公司"),
		ofCompany("a trade may be left away", company, "双鸭山示例盛华有限公司"),
		ofCompany("characters of a brand may change places", company, "双鸭山示例华盛石墨新材料有限公司"),
		ofCompany("a branch is of its company", "深圳示例盛华石墨有限公司", "深圳示例盛华石墨有限公司双鸭山分公司"),
		ofCompany("a branch in a county is of its company", company, company+"集贤分公司"),
		ofProject("a character of the product may be mistaken", project, "集贤县年产10万吨球型石墨项目"),
		ofProject("a product may be shortened", "集贤县石墨负极材料项目", "集贤县负极材料项目"),
		ofProject("words may change places", "集贤县石墨球形项目", "集贤县球形石墨项目"),
		ofProject("another amount may be a correction", project, "集贤县年产12万吨球形石墨项目"),
		ofProject("a phase may be left away where it is the first", project, project+"一期"),
		ofProject("a direction may be left away", "经开区东区球形石墨项目", "经开区球形石墨项目"),
		{"nobody may have named the company", similar.Thing{Project: project}, similar.Thing{Project: "集贤县10万吨球形石墨"}},
		{"nobody may have named the project", similar.Thing{Company: company, Project: project}, similar.Thing{Company: company}},
	}, similar.Same, similar.Doubt)
}

// TestVetoes: some parts outvote every likeness, also between names that are
// else the same to the letter, and with the same credit code.
func TestVetoes(t *testing.T) {
	good := code("91230500MA1B2C3D4")
	for _, c := range []struct{ part, what, a, b string }{
		{"期次", "the first phase and the second", project + "一期", project + "二期"},
		{"期次", "the first phase and the second in other writings", project + "（Ⅰ期）", project + "第2期"},
		{"期次", "the second phase and the whole", project + "二期", project},
		{"期次", "an enlargement and the whole", project + "扩建", project},
		{"期次", "a second phase and its enlargement", project + "二期", project + "二期扩建"},
		{"期次", "one phase and two", project + "一期", project + "一、二期"},
		{"期次", "the eleventh phase and the twelfth", project + "十一期", project + "十二期"},
		{"分区", "building one and building two", project + "1号厂房", project + "2号厂房"},
		{"分区", "zone A and zone B", project + "A区", project + "B区"},
		{"分区", "section three and section four", project + "3标段", project + "四标段"},
		{"方位", "the east zone and the west", "经开区东区球形石墨项目", "经开区西区球形石墨项目"},
		{"方位", "east of the town and west of it", "城东球形石墨项目", "城西球形石墨项目"},
		{"方位", "the north side and the north-east", "经开区北侧球形石墨项目", "经开区东北侧球形石墨项目"},
		{"方位", "the left bank and the right", "安邦河左岸球形石墨项目", "安邦河右岸球形石墨项目"},
		{"项目所在地", "one county and another", project, "宝清县年产10万吨球形石墨项目"},
		{"项目所在地", "one county and another, by short names", "集贤球形石墨项目", "宝清球形石墨项目"},
		{"项目所在地", "one district and another", "尖山区球形石墨项目", "岭东区球形石墨项目"},
		{"项目所在地", "a district with a numeral in its name and another", "四方台区球形石墨项目", "尖山区球形石墨项目"},
		{"项目所在地", "one city and another", "双鸭山市球形石墨项目", "佳木斯市球形石墨项目"},
		{"项目所在地", "a city with a numeral in its name and another", "七台河市球形石墨项目", "佳木斯市球形石墨项目"},
		{"项目所在地", "two counties of a city that is named", "双鸭山市集贤县球形石墨项目", "双鸭山市宝清县球形石墨项目"},
	} {
		for _, who := range []similar.Thing{{Company: company}, {Company: company, Code: good}, {}} {
			a, b := who, who
			a.Project, b.Project = c.a, c.b
			v := similar.Compare(a, b)
			judged(t, []pair{{c.what, a, b}}, similar.Different)
			if d := v.Decided(); d == nil || d.Part != c.part || d.Says != similar.Vetoes {
				t.Errorf("%s: %v is decided by %+v, want a veto of the %s", c.what, v, d, c.part)
			}
		}
	}
	a := similar.Thing{Company: company, Project: project, Code: good}
	b := a
	b.Code = code("91230500MA1B2C3D5")
	judged(t, []pair{{"one credit code and another", a, b}}, similar.Different)
	if d := similar.Compare(a, b).Decided(); d == nil || d.Part != "信用代码" || d.Says != similar.Vetoes {
		t.Errorf("two codes are decided by %+v", d)
	}
	a.Company, b.Company, b.Code = "哈尔滨示例盛华石墨有限公司", "佳木斯示例盛华石墨有限公司", ""
	judged(t, []pair{{"one seat and another", a, b}}, similar.Different)
}

// TestDifferent: what shares much and is another thing.
func TestDifferent(t *testing.T) {
	judged(t, []pair{
		ofCompany("another company with the same project", company, "双鸭山示例恒远石墨新材料有限公司"),
		ofCompany("companies with other numbers", "示例盛华101石墨有限公司", "示例盛华102石墨有限公司"),
		ofProject("another product", project, "集贤县年产10万吨石墨烯导电浆料项目"),
		ofProject("another product of one word", "集贤县球形石墨项目", "集贤县膨胀石墨项目"),
		ofProject("a product that shares nothing", project, "集贤县肉牛养殖项目"),
		{"two things that share nothing", similar.Thing{Company: company, Project: project}, similar.Thing{Company: "哈尔滨示例恒远乳业有限公司", Project: "奶牛牧场"}},
		{"two things of which one says nothing", similar.Thing{Company: company, Project: project}, similar.Thing{}},
		{"two things that say nothing", similar.Thing{}, similar.Thing{}},
		{"a company and a project", similar.Thing{Company: company}, similar.Thing{Project: project}},
	}, similar.Different)
}

// TestNotSame: what may be the same and need not be is never called the same.
func TestNotSame(t *testing.T) {
	judged(t, []pair{
		ofCompany("a company that leaves its brand away", "双鸭山示例石墨有限公司", "双鸭山示例恒远石墨有限公司"),
		ofCompany("a company that is but a place", "双鸭山有限公司", company),
		ofCompany("a brand of one character more", "示例盛石墨有限公司", "示例盛华石墨有限公司"),
		ofCompany("a brand that shares one character", "示例盛远石墨有限公司", "示例盛华石墨有限公司"),
		ofCompany("a brand that sounds the same in every character", "示例盛华石墨有限公司", "示例晟桦石墨有限公司"),
		ofCompany("the same brand in another trade", "示例盛华石墨有限公司", "示例盛华乳业有限公司"),
		ofProject("another amount", project, "集贤县年产50万吨球形石墨项目"),
		ofProject("a phase that one leaves away", project, project+"一期"),
		ofProject("a direction that one leaves away", "经开区东区球形石墨项目", "经开区球形石墨项目"),
		ofProject("a section that one leaves away", project, project+"A区"),
		ofProject("a product that one leaves away", project, "集贤县项目"),
		ofProject("another town of the county", "集贤县福利镇球形石墨项目", "集贤县升昌镇球形石墨项目"),
		{"a project of which nobody names the company", similar.Thing{Project: project}, similar.Thing{Project: project}},
	}, similar.Doubt, similar.Different)
}

// TestVerdictsExplainThemselves: which parts agree, which differ, what decided.
func TestVerdictsExplainThemselves(t *testing.T) {
	for _, c := range []struct {
		what   string
		p      pair
		says   []string // stand in the sentence
		agrees []string // parts
	}{
		{"the same", ofProject("", project, "关于集贤县年产十万吨球形石墨项目"), []string{"相同", "字号相同：盛华", "产品相同：球形石墨", "规模相同：10万吨", "集贤县"}, []string{"字号", "行业", "产品", "规模", "项目所在地", "企业所在地"}},
		{"a phase that differs", ofProject("", project+"一期", project+"2期"), []string{"不同", "期次不同", "“一期”与“二期”", "不是同一事项"}, []string{"字号", "产品", "规模", "项目所在地"}},
		{"a county that differs", ofProject("", project, "宝清县球形石墨项目"), []string{"不同", "项目所在地不同", "集贤县", "宝清县"}, []string{"字号", "产品"}},
		{"a direction that differs", ofProject("", "经开区东区球形石墨项目", "经开区西区球形石墨项目"), []string{"不同", "方位不同", "东", "西"}, []string{"字号", "产品"}},
		{"a character that may be mistaken", ofCompany("", company, "双鸭山示例晟华石墨新材料有限公司"), []string{"字号相近：“盛华”与“晟华”"}, []string{"产品", "行业"}},
		{"a brand that differs", ofCompany("", company, "双鸭山示例恒远石墨新材料有限公司"), []string{"不同", "字号不同：“盛华”与“恒远”"}, []string{"产品", "行业"}},
		{"a scale that one names", ofProject("", project, "集贤县球形石墨项目"), []string{"规模", "10万吨"}, []string{"字号", "产品"}},
		{"scales that differ", ofProject("", project, "集贤县年产12万吨球形石墨项目"), []string{"规模不同", "10万吨", "12万吨"}, []string{"字号", "产品"}},
		{"sections that differ", ofProject("", project+"A区", project+"B区"), []string{"分区不同", "A区", "B区"}, []string{"字号", "产品"}},
	} {
		v := similar.Compare(c.p.a, c.p.b)
		for _, want := range c.says {
			if !strings.Contains(v.String(), want) {
				t.Errorf("%s: %q does not say %q", c.what, v, want)
			}
		}
		if !strings.HasPrefix(v.String(), v.Judgement.Label()) {
			t.Errorf("%s: %q does not begin with the judgement", c.what, v)
		}
		says := map[string]similar.Effect{}
		for _, f := range v.Findings {
			says[f.Part] = f.Says
		}
		for _, part := range c.agrees {
			if got, ok := says[part]; !ok || got != similar.Agrees {
				t.Errorf("%s: the %s does not agree: %q", c.what, part, v)
			}
		}
	}
}

// things makes things that share many a part with one another; now and then one
// of anything at all.
func things() *rapid.Generator[similar.Thing] {
	places := rapid.SampledFrom([]string{"", "", "双鸭山", "双鸭山市", "黑龙江", "集贤县", "宝清", "四方台区", "佳木斯市"})
	brands := rapid.SampledFrom(strings.Fields("盛华 晟华 华盛 盛华恒远 恒远 鑫源 馨源 三一 101 盛 中国能源"))
	trades := rapid.SampledFrom([]string{"", "石墨", "石墨新材料", "新材", "科技", "风电", "粮油", "粮油食品生物医药"})
	forms := rapid.SampledFrom([]string{"", "有限公司", "有限责任公司", "（集团）有限公司", "公司"})
	scales := rapid.SampledFrom([]string{"", "", "年产10万吨", "十万吨", "100MW", "200亩", "总投资1.5亿元", "总投资2亿元", "占地200亩、总投资1.5亿元、年产10万吨"})
	products := rapid.SampledFrom(strings.Fields("球形石墨 石墨 膨胀石墨 石墨负极材料 风力发电 风电 储能电站 PE PVC树脂 稻壳 大豆深加工"))
	phases := rapid.SampledFrom([]string{"", "", "一期", "（二期）", "Ⅱ期", "扩建", "A区", "1号厂房", "东区", "城西", "一、二期"})
	codes := rapid.SampledFrom([]string{"", "", "", code("91230500MA1B2C3D4"), code("91230500MA1B2C3D5"), "91230500MA1B2C3D40"})
	made := rapid.Custom(func(t *rapid.T) similar.Thing {
		thing := similar.Thing{
			Company: places.Draw(t, "seat") + brands.Draw(t, "brand") + trades.Draw(t, "trade") + forms.Draw(t, "form"),
			Project: places.Draw(t, "site") + scales.Draw(t, "scale") + products.Draw(t, "product") + "项目" + phases.Draw(t, "phase"),
			Code:    codes.Draw(t, "code"),
		}
		switch rapid.IntRange(0, 9).Draw(t, "what is missing") {
		case 0: // a pool of companies has no projects
			thing.Project = ""
		case 1:
			thing.Company = ""
		}
		return thing
	})
	odd := rapid.Custom(func(t *rapid.T) similar.Thing {
		return similar.Thing{Company: anyName().Draw(t, "company"), Project: anyName().Draw(t, "project"), Code: codes.Draw(t, "code")}
	})
	return rapid.OneOf(made, made, made, odd)
}

// checkVerdict asks what must hold of every verdict.
func checkVerdict(t interface{ Fatalf(string, ...any) }, a, b similar.Thing) {
	v, back := similar.Compare(a, b), similar.Compare(b, a)
	if v.Score != back.Score || v.Judgement != back.Judgement {
		t.Fatalf("%q and %q are %d %v; the other way %d %v", a, b, v.Score, v, back.Score, back)
	}
	if v.Score < 0 || v.Score > similar.Full {
		t.Fatalf("%q and %q score %d", a, b, v.Score)
	}
	if !utf8.ValidString(v.String()) || v.String() == "" {
		t.Fatalf("%q and %q are explained by %q", a, b, v)
	}
	vetoed := false
	for i, f := range v.Findings {
		vetoed = vetoed || f.Says == similar.Vetoes
		if f.Part == "" || !strings.HasPrefix(f.Words, f.Part) || !unicode.Is(unicode.Han, []rune(f.Words)[0]) || !utf8.ValidString(f.Words+f.A+f.B) {
			t.Fatalf("%q and %q have the finding %+v", a, b, f)
		}
		if !strings.Contains(v.String(), f.Words) {
			t.Fatalf("%q does not tell %q", v, f.Words)
		}
		if f.Says != back.Findings[i].Says || f.A != back.Findings[i].B || f.B != back.Findings[i].A {
			t.Fatalf("%q and %q have the finding %+v; the other way %+v", a, b, f, back.Findings[i])
		}
	}
	if vetoed && v.Judgement != similar.Different {
		t.Fatalf("%q and %q are %v in spite of a veto", a, b, v)
	}
	d := v.Decided()
	if d == nil && (v.Judgement != similar.Different || len(v.Findings) > 0 && v.Findings[0].Says != similar.Silent) {
		t.Fatalf("%q and %q are %v, and nothing decided it", a, b, v)
	}
	if d != nil && vetoed != (d.Says == similar.Vetoes) {
		t.Fatalf("%q and %q are %v, decided by %+v", a, b, v, d)
	}
}

func TestVerdictsHold(t *testing.T) {
	least, most := map[similar.Judgement]int{}, map[similar.Judgement]int{}
	rapid.Check(t, func(t *rapid.T) {
		a, b := things().Draw(t, "a"), things().Draw(t, "b")
		checkVerdict(t, a, b)
		v := similar.Compare(a, b)
		if low, ok := least[v.Judgement]; !ok || v.Score < low {
			least[v.Judgement] = v.Score
		}
		most[v.Judgement] = max(most[v.Judgement], v.Score)
		for j := similar.Different; j < similar.Same; j++ { // a better judgement takes a higher score
			for k := j + 1; k <= similar.Same; k++ {
				if low, ok := least[k]; ok && most[j] >= low {
					t.Fatalf("%d is %v and %d is %v", most[j], j, low, k)
				}
			}
		}
	})
}

// TestItself: a thing that says anything is itself. Where nobody names a
// company, that is a doubt: the name of a project proves little.
func TestItself(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := things().Draw(t, "a")
		v := similar.Compare(a, a)
		checkVerdict(t, a, a)
		company := false
		for _, f := range v.Findings {
			if f.Says != similar.Agrees {
				t.Fatalf("%q against itself finds %s", a, f.Words)
			}
			switch f.Part {
			case "信用代码", "企业所在地", "字号", "行业":
				company = true
			}
		}
		if company && v.Judgement != similar.Same || len(v.Findings) > 0 && v.Judgement == similar.Different {
			t.Fatalf("%q against itself is %d %v", a, v.Score, v)
		}
	})
}

// code is a credit code that begins so, with the check digit of GB 32100-2015.
func code(begin string) string {
	const digits = "0123456789ABCDEFGHJKLMNPQRTUWXY"
	sum, weight := 0, 1
	for i := range begin {
		sum, weight = sum+weight*strings.IndexByte(digits, begin[i]), weight*3%31
	}
	return begin + digits[(31-sum%31)%31:][:1]
}
