package main

import (
	"fmt"
	"log"
	"strconv"
)

// Words from which names are put together. All begin with 示例 or 样例, so
// that nobody takes them for a real company or project.
var (
	themes = []string{
		"新能源装备制造", "寒地水稻精深加工", "石墨负极材料", "中药材饮片", "风电叶片", "生物质热电",
		"数据标注服务", "冰雪运动装备", "文创产品设计", "绿色食品冷链", "煤矸石综合利用", "秸秆板材",
		"光伏组件", "大豆蛋白", "山野菜加工", "肉牛养殖屠宰", "智能矿山装备", "储能电池",
		"装配式钢结构", "木制品深加工", "浆果饮品", "蜂产品", "道地药材种植", "研学营地",
		"滑雪场配套", "寒区汽车测试", "工业互联网平台", "软件外包", "煤基活性炭", "有机肥",
		"玉米淀粉糖", "生物饲料", "预制菜", "米糠油", "食用菌工厂化", "智能农机",
		"无人机巡检", "新型建材", "玄武岩纤维", "医用敷料", "发酵氨基酸", "氢能示范",
		"动漫制作", "冷水鱼养殖", "粮食烘储", "塑料循环利用", "特种电缆", "低温检测实验室",
	}
	stages    = []string{"一期", "二期", "示范线", "扩建", "三期", "配套"}
	stems     = []rune("甲乙丙丁戊己庚辛壬癸")
	branches  = []rune("子丑寅卯辰巳午未申酉戌亥")
	trades    = []string{"新材料", "农业科技", "能源", "装备制造", "食品", "生物科技", "文化旅游", "信息技术", "医药", "供应链"}
	contents  = []string{"生产线及附属厂房", "基地，分两期建设", "研发与中试中心", "仓储和销售中心"}
	countries = []string{"甲国", "乙国", "丙国"}
	places    = []string{"示例省会城市", "样例沿海城市", "示例经济圈", "样例产业园", "示例行业展会"}
	news      = []string{"动员部署", "项目谋划进展", "外出招商小结", "签约项目推进", "重点企业来访", "开工准备"}
)

func theme(i int) string { return themes[i%len(themes)] }

// company gives an invented company, the nth of the record.
func company(r row, n int) string {
	i := r.draw("company", 6000) + n*7
	prefix, form := "示例", "有限公司"
	if i%2 == 1 {
		prefix = "样例"
	}
	if i%5 == 0 {
		form = "股份有限公司"
	}
	return prefix + string(stems[i%10]) + string(branches[i/10%12]) + trades[(i/120+n)%len(trades)] + form
}

// companies gives the target companies of a reserve project.
func companies(r row) []string {
	n := r.u.companies
	fill := r.args["companies"]
	if v, err := strconv.Atoi(fill); err == nil {
		n = v
	} else if fill == "" && r.draw("more", 4) == 0 {
		n++
	}
	list := make([]string, n)
	for i := range list {
		list[i] = company(r, i)
	}
	switch fill {
	case "dup":
		list[n-1] = list[0]
	case "padded":
		list[n-1] = list[0] + "\u3000"
	case "blank":
		list[n-1] = " "
	}
	return list
}

// name gives the title of a record, or of the one that it continues.
func (g *generator) name(r row) string {
	var name string
	switch of := r.args["of"]; {
	case of != "":
		name = g.names[of]
		if name == "" {
			log.Fatalf("%s: no record is named @%s", r.u.id, of)
		}
	case r.abbr == "dl":
		name = "样例" + theme(r.draw("theme", len(themes))) + "投资线索"
	case r.abbr == "fl":
		country := countries[r.draw("country", len(countries))]
		for i := r.draw("theme", len(themes)); name == "" || g.leads[name]; i++ { // of one name they would be one thing
			name = "示例" + country + "企业" + theme(i) + "外资线索"
		}
		g.leads[name] = true
	case r.abbr == "ou":
		name = "赴" + places[r.draw("place", len(places))] + "对接" + theme(r.draw("theme", len(themes))) + "企业"
	case r.abbr == "br":
		name = fmt.Sprintf("示例招商简报第%d期：%s", r.seq, news[r.draw("news", len(news))])
	default:
		k := g.projects
		g.projects++
		prefix := "示例"
		if k/(len(themes)*len(stages))%2 == 1 {
			prefix = "样例"
		}
		// 25 has no divisor in common with the number of themes.
		name = prefix + theme(k*25+k/len(themes)) + "项目" + stages[k/len(themes)%len(stages)]
	}
	for key := range r.args {
		if key[0] == '@' {
			g.names[key[1:]] = name
		}
	}
	return name
}
