package similar

import (
	"slices"
	"strings"
)

// A place is a division's code of six digits, the lower ones nought for a
// province or a city: 230000 黑龙江省, 230500 双鸭山市, 230521 集贤县. Of divisions
// that share a name, as 宝山区 does, the value is the number of the name, below
// zero, and the codes are looked up.

// readPlaces makes the lexicon of places from lines of code and name.
func (t *tableSet) readPlaces(text string) {
	t.places, t.name = lexicon{}, map[int32]string{}
	codes := map[string][]int32{} // by every form of a name
	level := map[string]kind{}
	var forms []string
	note := func(form string, code int32, k kind) {
		if len([]rune(form)) < 2 || common[form] {
			return
		}
		if codes[form] == nil {
			forms = append(forms, form)
			level[form] = k
		} else if level[form] == placeWord && k == countyWord {
			return // 西安 is the city, not 西安区
		}
		codes[form] = append(codes[form], code)
	}
	eachLine(text, func(line string) {
		n := 0
		code := int32(0)
		for n < len(line) && '0' <= line[n] && line[n] <= '9' {
			code = code*10 + int32(line[n]-'0')
			n++
		}
		full := line[n:]
		for i := n; i < 6; i++ {
			code *= 10
		}
		folded := string(t.letters(full))
		t.name[code] = full
		note(folded, code, placeWord)
		if short := shortName(folded); short != folded {
			k := placeWord
			if code%100 != 0 {
				k = countyWord
			}
			note(short, code, k)
		}
	})
	for _, form := range forms {
		list := codes[form]
		value := list[0]
		if len(list) > 1 {
			t.shared = append(t.shared, list)
			value = -int32(len(t.shared))
		}
		t.places.add(form, level[form], value)
	}
}

// common is names of divisions that are words of every day.
var common = map[string]bool{
	"市辖区": true, "县": true, "省直辖县级行政区划": true, "自治区直辖县级行政区划": true,
	"城区": true, "郊区": true, "矿区": true, "东区": true, "西区": true, "新城": true, "新区": true, "新华": true, "中原": true,
	"和平": true, "向阳": true, "前进": true, "东风": true, "红旗": true, "建华": true, "铁东": true, "铁西": true, "城关": true, "市中": true, "市中区": true,
	"东城": true, "西城": true, "城中": true, "城东": true, "城西": true, "城北": true, "城南": true, "南山": true, "东山": true, "西山": true,
	"河东": true, "河西": true, "江南": true, "江北": true, "华龙": true, "青山": true, "高新": true, "开发": true, "兴业": true, "光明": true, "永安": true,
	"长安": true, "新兴": true, "龙华": true, "金山": true, "金水": true, "银海": true, "海港": true, "建设": true, "工业": true, "新建": true, "新市": true,
	"平安": true, "安宁": true, "康平": true, "德惠": true, "大丰": true, "兴隆": true, "华安": true, "新丰": true, "天元": true, "东方": true, "鼎城": true,
	"金明": true, "龙江": true, "盛泽": true, "吉祥": true, "万全": true, "富裕": true, "友好": true, "振兴": true, "元宝": true, "振安": true, "千山": true,
	"海城": true, "明山": true, "宏伟": true, "太和": true, "双塔": true, "昌盛": true, "永丰": true, "玉泉": true, "赛罕": true, "天山": true,
}

// suffixes of names that are left away in speech, the longest first.
var suffixes = strings.Fields("特别行政区 维吾尔自治区 壮族自治区 回族自治区 自治区 自治州 自治县 自治旗 林区 特区 地区 省 市 盟 县 区 旗")

// peoples that stand in the names of autonomous divisions.
var peoples = strings.Fields("蒙古族 蒙古 回族 藏族 维吾尔 苗族 彝族 壮族 布依族 朝鲜族 满族 侗族 瑶族 白族 土家族 哈尼族 哈萨克 傣族 黎族 傈僳族 佤族 畲族 拉祜族 水族 东乡族 纳西族 景颇族 柯尔克孜 土族 达斡尔族 仫佬族 羌族 布朗族 撒拉族 毛南族 仡佬族 锡伯 锡伯族 普米族 塔吉克 怒族 鄂温克族 鄂伦春 独龙族 裕固族 保安族 各族")

func shortName(name string) string {
	for _, s := range suffixes {
		short, ok := strings.CutSuffix(name, s)
		if !ok || short == "" {
			continue
		}
		if strings.HasPrefix(s, "自治") {
			for cut := true; cut; {
				cut = false
				for _, p := range peoples {
					if rest, ok := strings.CutSuffix(short, p); ok && len([]rune(rest)) > 1 {
						short, cut = rest, true
					}
				}
			}
		}
		if len([]rune(short)) < 2 {
			return name
		}
		return short
	}
	return name
}

// codesOf is the codes that a place's value stands for.
func codesOf(value int32) []int32 {
	if value < 0 {
		return tables().shared[-value-1]
	}
	return []int32{value}
}

// within tells whether one code is the other or lies in it.
func within(a, b int32) bool {
	return a == b || b%10000 == 0 && a/10000 == b/10000 || b%100 == 0 && a/100 == b/100
}

// near tells whether two places can be one: the same, or one in the other.
func near(a, b int32) bool {
	for _, x := range codesOf(a) {
		for _, y := range codesOf(b) {
			if within(x, y) || within(y, x) {
				return true
			}
		}
	}
	return false
}

// placeName is how people call it.
func placeName(value int32) string { return tables().name[codesOf(value)[0]] }

// fits tells whether a place may follow others: one by a short name only where it
// lies in one of them, or they in it.
func (w *word) fits(places []int32) bool {
	return w.suffixed() || len(places) == 0 || slices.ContainsFunc(places, func(p int32) bool { return near(p, w.value) })
}

// suffixed tells whether a place's name ends in what it is: 集贤县, not 集贤. Such a name
// is one wherever it stands; a short one only where a name begins, for it may be
// part of a word.
func (w *word) suffixed() bool {
	switch w.text[len(w.text)-1] {
	case '省', '市', '县', '区', '旗', '盟', '州':
		return len(w.text) > 2
	}
	return len(w.text) > 3
}

// placesOf compares where things are: Silent if one does not say.
func placesOf(a, b []int32) Effect {
	if len(a) == 0 || len(b) == 0 {
		return Silent
	}
	var roomA, roomB [8]int32
	x, y := leaves(roomA[:0], a), leaves(roomB[:0], b)
	if len(x) > len(y) {
		x, y = y, x
	}
	agrees := true
	for _, p := range x {
		found := false
		for _, q := range y {
			if near(p, q) {
				found = true
				agrees = agrees && exact(p, q)
			}
		}
		if !found {
			return Differs
		}
	}
	if agrees {
		return Agrees
	}
	return Near
}

// leaves is the places that hold no other of the list: 黑龙江集贤 and 黑龙江宝清
// share a province and are two places.
func leaves(into, list []int32) []int32 {
	for i, p := range list {
		holds := false
		for j, q := range list {
			holds = holds || i != j && (p != q || j < i) && holdsPlace(p, q)
		}
		if !holds && len(into) < cap(into) {
			into = append(into, p)
		}
	}
	return into
}

// holdsPlace tells whether the second lies in the first, or is it.
func holdsPlace(p, q int32) bool {
	for _, x := range codesOf(p) {
		for _, y := range codesOf(q) {
			if within(y, x) {
				return true
			}
		}
	}
	return false
}

// finest is the smallest place of a list.
func finest(list []int32) int32 {
	best := list[0]
	for _, p := range list[1:] {
		if depth(p) >= depth(best) {
			best = p
		}
	}
	return best
}

func depth(value int32) int {
	code := codesOf(value)[0]
	switch {
	case code%10000 == 0:
		return 0
	case code%100 == 0:
		return 1
	}
	return 2
}

func exact(a, b int32) bool {
	for _, x := range codesOf(a) {
		for _, y := range codesOf(b) {
			if x == y {
				return true
			}
		}
	}
	return false
}
