package similar

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestCompaniesAreTakenApart: each part of a company's name is found, however
// the name is written.
func TestCompaniesAreTakenApart(t *testing.T) {
	for _, c := range []struct{ name, place, brand, trade, legal string }{
		{"双鸭山示例盛华石墨有限公司", "双鸭山市", "盛华", "石墨", "有限公司"},
		{"双鸭山市示例盛华石墨有限责任公司", "双鸭山市", "盛华", "石墨", "有限责任公司"},
		{"示例盛华石墨有限公司", "", "盛华", "石墨", "有限公司"},
		{"示例盛华石墨（双鸭山）有限公司", "双鸭山市", "盛华", "石墨", "有限公司"},
		{"示例盛华石墨(双鸭山)有限公司", "双鸭山市", "盛华", "石墨", "有限公司"},
		{"（双鸭山）示例盛华石墨有限公司", "双鸭山市", "盛华", "石墨", "有限公司"},
		{"示例盛华石墨有限公司双鸭山分公司", "双鸭山市", "盛华", "石墨", "有限公司 分公司"},
		{"黑龙江省双鸭山市示例盛华石墨股份有限公司", "黑龙江省双鸭山市", "盛华", "石墨", "股份有限公司"},
		{"黑龙江示例盛华集团有限公司", "黑龙江省", "盛华", "", "集团有限公司"},
		{"示例盛华（集团）有限公司", "", "盛华", "", "集团 有限公司"},
		{"示例盛华", "", "盛华", "", ""},
		{"集贤县示例盛华风电有限公司", "集贤县", "盛华", "风电", "有限公司"},
		{"北京示例盛华生物科技有限公司", "北京市", "盛华", "生物科技", "有限公司"},
		{"内蒙古示例盛华牧业合作社", "内蒙古自治区", "盛华", "畜牧", "合作社"},
		{"新疆示例盛华能源有限公司", "新疆维吾尔自治区", "盛华", "能源", "有限公司"},
		{"广西壮族自治区示例盛华能源有限公司", "广西壮族自治区", "盛华", "能源", "有限公司"},
		{"雙鴨山示例盛華石墨有限公司", "双鸭山市", "盛华", "石墨", "有限公司"},
		{"双鸭⼭示例盛\u200b华石\u00ad墨有限公司", "双鸭山市", "盛华", "石墨", "有限公司"},
		{"四方台区示例盛华石墨有限公司", "四方台区", "盛华", "石墨", "有限公司"},
		{"七台河示例盛华石墨有限公司", "七台河市", "盛华", "石墨", "有限公司"},
		{"双鸭山示例盛华新材有限公司", "双鸭山市", "盛华", "新材料", "有限公司"},
		{"示例三一盛华重工有限公司", "", "三一盛华", "智能装备", "有限公司"},
		{"拟引进哈尔滨示例盛华石墨有限公司", "哈尔滨市", "盛华", "石墨", "有限公司"},
		{"招商企业：示例盛华石墨有限公司", "", "盛华", "石墨", "有限公司"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := Read(Thing{Company: c.name})
			for _, p := range []struct{ what, got, want string }{
				{"place", r.text(seatPart), c.place},
				{"brand", r.text(brandPart), c.brand},
				{"legal form", strings.Join(r.company.legal, " "), c.legal},
			} {
				if p.got != p.want {
					t.Errorf("the %s is %q, want %q", p.what, p.got, p.want)
				}
			}
			if got := r.text(tradePart); c.trade != "" && !strings.Contains(got, c.trade) || c.trade == "" && got != "" {
				t.Errorf("the trade is %q, want %q", got, c.trade)
			}
		})
	}
}

// TestBrandsThatArePlaces: where nothing but places or trades is left, they are
// what the name says, and the name still says something.
func TestBrandsThatArePlaces(t *testing.T) {
	for _, name := range []string{"双鸭山有限公司", "黑龙江石墨有限公司", "石墨新材料有限公司", "中国能源集团", "集贤公司"} {
		thing := Thing{Company: name}
		if v := Compare(thing, thing); v.Judgement != Same {
			t.Errorf("%s against itself is %v", name, v)
		}
	}
}

// code is a credit code that begins so, its check digit computed as GB
// 32100-2015 says: the sum of each digit times 3 to the power of its place, and
// what is missing to a multiple of 31.
func code(begin string) string {
	const digits = "0123456789ABCDEFGHJKLMNPQRTUWXY"
	weights := []int{1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28}
	sum := 0
	for i, w := range weights {
		sum += w * strings.IndexByte(digits, begin[i])
	}
	return begin + digits[(31-sum%31)%31:][:1]
}

func TestCreditCodes(t *testing.T) {
	good := code("91230500MA1B2C3D4")
	if len(good) != 18 || !ValidCode(good) {
		t.Fatalf("%s is no credit code", good)
	}
	small, wide := strings.ToLower(good), strings.Map(func(r rune) rune { return r + 0xfee0 }, good)
	for _, c := range []struct {
		what  string
		thing Thing
	}{
		{"apart from the name", Thing{Company: "示例盛华", Code: good}},
		{"behind the name", Thing{Company: "示例盛华" + good}},
		{"in brackets", Thing{Company: "示例盛华（" + good + "）"}},
		{"before the name", Thing{Company: good + "示例盛华"}},
		{"in small letters", Thing{Company: "示例盛华", Code: small}},
		{"in full width", Thing{Company: "示例盛华", Code: wide}},
		{"with a zero-width space", Thing{Code: good[:9] + "\u200b" + good[9:]}},
		{"with spaces", Thing{Code: " " + good[:8] + " " + good[8:]}},
		{"with a letter O for a nought", Thing{Code: strings.ReplaceAll(good, "0", "O")}},
		{"alone where the company's name stands", Thing{Company: good}},
	} {
		if got := Read(c.thing).text(codePart); got != good {
			t.Errorf("a code %s is read as %q, want %s", c.what, got, good)
		}
	}
	for i := range 18 {
		for _, d := range []byte("0A9Y") {
			if d == good[i] {
				continue
			}
			wrong := good[:i] + string(d) + good[i+1:]
			if ValidCode(wrong) {
				t.Errorf("%s, of which place %d is wrong, is taken for a code", wrong, i+1)
			}
			if got := Read(Thing{Code: wrong}).text(codePart); got != "" {
				t.Errorf("%s, of which place %d is wrong, is read as %s", wrong, i+1, got)
			}
		}
	}
	for _, c := range []struct{ what, code string }{
		{"none", ""},
		{"one that is short", good[:17]},
		{"one that is long", good + "0"},
		{"letters that codes leave out", good[:8] + "I" + good[9:]},
		{"small letters, unfolded", small},
		{"an invalid byte", good[:17] + "\xff"},
	} {
		if ValidCode(c.code) {
			t.Errorf("%s is taken for a code: %q", c.what, c.code)
		}
	}
	swapped := good[:6] + good[7:8] + good[6:7] + good[8:]
	if swapped != good && ValidCode(swapped) {
		t.Errorf("%s with two places swapped is taken for a code", good)
	}
}

// TestEveryCodeProvesItself: of the 31 last digits exactly one is right.
func TestEveryCodeProvesItself(t *testing.T) {
	const digits = "0123456789ABCDEFGHJKLMNPQRTUWXY"
	rapid.Check(t, func(t *rapid.T) {
		begin := rapid.StringOfN(rapid.RuneFrom([]rune(digits)), 17, 17, -1).Draw(t, "code")
		var right []string
		for _, d := range digits {
			if c := begin + string(d); ValidCode(c) {
				right = append(right, c)
			}
		}
		if !slices.Equal(right, []string{code(begin)}) {
			t.Fatalf("right are %v, want %s", right, code(begin))
		}
	})
}

// TestProjectsAreTakenApart: one part of a project's name, in every writing.
func TestProjectsAreTakenApart(t *testing.T) {
	for _, c := range []struct {
		what  string
		of    part
		want  string
		names []string
	}{
		{"the first phase", phasePart, "一期", []string{
			"球形石墨项目一期", "球形石墨项目第一期", "球形石墨项目I期", "球形石墨项目Ⅰ期", "球形石墨项目ⅰ期", "球形石墨项目1期", "球形石墨项目１期", "球形石墨项目首期", "球形石墨项目（一期）", "球形石墨（一期）项目",
			"一期球形石墨项目", "球形石墨一期项目", "球形石墨项目壹期", "球形石墨项目①期", "球形石墨项目（第1期）", "球形石墨项目【一 期】", "球形石墨项目一期工程", "球形石墨项目第一阶段", "球形石墨项目一\u200b期", "球形石墨项目І期",
		}},
		{"the second phase", phasePart, "二期", []string{
			"球形石墨项目二期", "球形石墨项目第二期", "球形石墨项目II期", "球形石墨项目Ⅱ期", "球形石墨项目2期", "球形石墨项目贰期", "球形石墨项目（二期）", "球形石墨二期建设项目", "球形石墨项目ⅠⅠ期", "球形石墨项目两期",
			"球形石墨项目（2）期", "球形石墨项目（二）期", "球形石墨项目㈡期", "球形石墨项目⑵期", "球形石墨项目ニ期", "球形石墨项目 二 期", "球形石墨项目第二期工程", "球形石墨项目弍期", "球形石墨项目⼆期", "球形石墨项目貳期",
		}},
		{"the third phase", phasePart, "三期", []string{"球形石墨项目三期", "球形石墨项目Ⅲ期", "球形石墨项目III期", "球形石墨项目3期", "球形石墨项目叁期"}},
		{"the tenth phase", phasePart, "十期", []string{"球形石墨项目十期", "球形石墨项目Ⅹ期", "球形石墨项目10期", "球形石墨项目第十期"}},
		{"two phases", phasePart, "一期、二期", []string{
			"球形石墨项目一、二期", "球形石墨项目1-2期", "球形石墨项目一二期", "球形石墨项目一期、二期", "球形石墨项目一期二期", "球形石墨项目一期和二期", "球形石墨项目（一、二期）", "球形石墨项目I-II期", "球形石墨项目1、2期", "球形石墨项目一至二期", "球形石墨项目一期及二期",
		}},
		{"three phases", phasePart, "一期、二期、三期", []string{"球形石墨项目一至三期", "球形石墨项目1-3期", "球形石墨项目一、二、三期", "球形石墨项目1~3期", "球形石墨项目一期、二期、三期"}},
		{"an enlargement", phasePart, "扩建", []string{"球形石墨扩建项目", "球形石墨项目扩建", "球形石墨项目（扩建）", "球形石墨项目扩建工程", "球形石墨改扩建项目"}},
		{"an enlargement that is a phase", phasePart, "扩建、二期", []string{"球形石墨项目二期扩建", "球形石墨二期扩建项目", "球形石墨扩建项目（二期）"}},
		{"no phase", phasePart, "", []string{"球形石墨项目", "长期储能项目", "1号厂房项目", "远期规划研究项目", "周期检测设备项目"}},
		{"a numbered section", sectionPart, "1号", []string{"球形石墨项目1号厂房", "球形石墨项目1#厂房", "球形石墨项目一号厂房", "1号厂房球形石墨项目", "球形石墨项目１＃厂房"}},
		{"a section of the works", sectionPart, "3标", []string{"球形石墨项目3标段", "球形石墨项目三标段", "球形石墨项目（3标段）"}},
		{"a lettered section", sectionPart, "A区", []string{"球形石墨项目A区", "球形石墨项目Ａ区", "球形石墨项目a区", "球形石墨项目（A区）", "A区球形石墨项目", "球形石墨项目А区"}},
		{"the east", sidePart, "东", []string{"经开区东区球形石墨项目", "城东球形石墨项目", "球形石墨项目东侧", "球形石墨项目（东区）", "東區球形石墨项目", "球形石墨项目东厂区", "园区东部球形石墨项目"}},
		{"the west", sidePart, "西", []string{"经开区西区球形石墨项目", "城西球形石墨项目", "球形石墨项目西侧", "球形石墨项目（西区）"}},
		{"the north-east", sidePart, "东北", []string{"经开区东北侧球形石墨项目", "球形石墨项目东北侧", "球形石墨项目（东北片区）"}},
		{"the left bank", sidePart, "左", []string{"安邦河左岸球形石墨项目", "左岸球形石墨项目", "球形石墨项目（左岸）"}},
		{"no direction", sidePart, "", []string{"东北大米加工项目", "西洋参种植项目", "西红柿深加工项目", "南瓜籽加工项目", "中药材种植项目"}},
		{"an amount by weight", scalePart, "10万吨", []string{
			"年产10万吨球形石墨项目", "年产100000吨球形石墨项目", "年产十万吨球形石墨项目", "年产１０万吨球形石墨项目", "年产100,000吨球形石墨项目", "年产拾万吨球形石墨项目", "年产壹拾万吨球形石墨项目", "年产10万t球形石墨项目", "10万吨/年球形石墨项目",
			"10万吨每年球形石墨项目", "球形石墨10万吨", "年产10万噸球形石墨项目", "年产10 万 吨球形石墨项目", "年产10\u200b万吨球形石墨项目", "年产100000000公斤球形石墨项目", "年产10.0万吨球形石墨项目",
		}},
		{"an amount of thousands", scalePart, "3000吨", []string{"年产3千吨球形石墨项目", "年产3000吨球形石墨项目", "年产三千吨球形石墨项目", "年产0.3万吨球形石墨项目", "年产叁仟吨球形石墨项目"}},
		{"an amount of power", scalePart, "10万千瓦", []string{"100MW风电项目", "10万千瓦风电项目", "100兆瓦风电项目", "十万千瓦风电项目", "100000kW风电项目", "0.1GW风电项目", "１００ＭＷ风电项目", "100 mw风电项目"}},
		{"an amount of land", scalePart, "200亩", []string{"占地200亩球形石墨项目", "占地二百亩球形石墨项目", "200亩球形石墨项目", "占地200畝球形石墨项目", "占地约200亩球形石墨项目", "占地200余亩球形石墨项目"}},
		{"an amount of money", scalePart, "1.5亿元", []string{"投资1.5亿元球形石墨项目", "总投资1.5亿元球形石墨项目", "投资15000万元球形石墨项目", "投资1．5億元球形石墨项目", "投资150000000元球形石墨项目"}},
		{"three amounts", scalePart, "10万吨、200亩、1.5亿元", []string{
			"占地200亩、总投资1.5亿元、年产10万吨球形石墨项目", "年产10万吨球形石墨项目（占地200亩，总投资1.5亿元）", "总投资1.5亿元，占地200亩，年产10万吨球形石墨项目", "年产10万吨占地200亩投资1.5亿元球形石墨项目",
		}},
		{"no amount", scalePart, "", []string{"球形石墨项目", "三元前驱体项目", "五金制品项目", "一体化项目", "2024年球形石墨项目", "二〇二四年球形石墨项目"}},
		{"a county", sitePart, "集贤县", []string{"集贤县球形石墨项目", "球形石墨项目（集贤县）", "集賢縣球形石墨项目", "集贤球形石墨项目", "关于集贤县球形石墨项目"}},
		{"a district with a numeral in its name", sitePart, "四方台区", []string{"四方台区球形石墨项目", "球形石墨项目（四方台区）", "四方臺區球形石墨项目", "落户四方台区球形石墨项目"}},
		{"a city with a numeral in its name", sitePart, "七台河市", []string{"七台河市球形石墨项目", "七台河球形石墨项目", "球形石墨项目（七台河）"}},
		{"a city and a county of it", sitePart, "双鸭山市集贤县", []string{"双鸭山市集贤县球形石墨项目", "双鸭山集贤县球形石墨项目", "双鸭山集贤球形石墨项目"}},
		{"a zone", zonePart, "经济技术开发区", []string{"双鸭山经济技术开发区球形石墨项目", "双鸭山经开区球形石墨项目", "经开区球形石墨项目", "經開區球形石墨项目", "双鸭山经济开发区球形石墨项目"}},
		{"a product", productPart, "球形石墨", []string{
			"球形石墨项目", "年产10万吨球形石墨生产线建设项目（一期）", "关于拟投资建设集贤县球形石墨项目", "经开区东区球形石墨生产基地", "球\u200b形\u00ad石墨项目", "《球形石墨》项目", "球形石墨A区二期扩建项目", "双鸭山市集贤县10万吨球形石墨",
			"占地200亩、总投资1.5亿元、年产10万吨球形石墨项目", "总投资1.5亿元，年产10万吨球形石墨项目", "占地200亩，年加工10万吨球形石墨项目", "年产10万吨球形石墨项目（占地200亩，总投资1.5亿元）",
		}},
	} {
		for _, name := range c.names {
			if got := Read(Thing{Project: name}).text(c.of); got != c.want {
				t.Errorf("%s of %q is read as %q, want %q", c.what, name, got, c.want)
			}
		}
	}
}

// TestCompanyWithinProject: the company's name says nothing where the project
// repeats it.
func TestCompanyWithinProject(t *testing.T) {
	for _, c := range []struct{ company, project string }{
		{"双鸭山示例盛华石墨有限公司", "盛华球形石墨项目"},
		{"双鸭山示例盛华石墨有限公司", "示例盛华球形石墨项目"},
		{"双鸭山示例盛华石墨有限公司", "示例盛华石墨有限公司球形石墨项目"},
		{"双鸭山示例盛华石墨有限公司", "双鸭山示例盛华石墨有限公司球形石墨项目"},
		{"双鸭山示例盛华石墨有限公司", "盛华集团球形石墨项目"},
		{"双鸭山示例盛华石墨有限公司", "盛華球形石墨项目"},
		{"示例盛华集团", "示例盛华（集团）年产10万吨球形石墨项目"},
	} {
		r := Read(Thing{Company: c.company, Project: c.project})
		if got := r.text(productPart); got != "球形石墨" {
			t.Errorf("the product of %s, %s is read as %q", c.company, c.project, got)
		}
	}
}

// TestReadsOnlyWhatIsThere: a name that says nothing is read as nothing.
func TestReadsOnlyWhatIsThere(t *testing.T) {
	for _, nothing := range []string{"", " ", "\u200b", "（）", "，。！？", "……", "\x00", "\xff\xfe", "🏭", "\ue000", "有限公司", "示例有限公司"} {
		r := Read(Thing{Company: nothing})
		for of := codePart; of <= tradePart; of++ {
			if got := r.text(of); got != "" {
				t.Errorf("the company %q is read to have the %s %q", nothing, partNames[of], got)
			}
		}
	}
	for _, nothing := range []string{"", " ", "\u200b", "（）", "，。！？", "……", "\x00", "\xff\xfe", "🏭", "\ue000", "项目", "关于项目", "建设项目"} {
		r := Read(Thing{Project: nothing})
		for of := productPart; of <= townPart; of++ {
			if got := r.text(of); got != "" {
				t.Errorf("the project %q is read to have the %s %q", nothing, partNames[of], got)
			}
		}
	}
}
