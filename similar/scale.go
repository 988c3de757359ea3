package similar

import (
	"slices"
	"strings"
)

// A unit of measure: its number, and how many thousandths of the smallest of its
// sort one is.
type unit struct {
	text  []rune
	sort  uint8
	worth int64
}

// What units measure, for the eye.
var unitNames = []string{"", "吨", "千瓦", "千瓦时", "平方米", "米", "元", "头", "台", "立方米", "人", "件", "升", "锭", "千伏安", "床", "间", "席"}

var units = func() []unit {
	var out []unit
	add := func(text string, sort uint8, worth int64) {
		for _, w := range runes(text) {
			out = append(out, unit{w, sort, worth})
		}
	}
	add("吨 T", 1, 1000)
	add("公斤 千克 KG", 1, 1)
	add("瓦 W", 2, 1)
	add("千瓦 KW", 2, 1000)
	add("兆瓦 MW MWP", 2, 1000_000)
	add("吉瓦 GW", 2, 1000_000_000)
	add("度 千瓦时 KWH 瓦时 WH", 3, 1000)
	add("兆瓦时 MWH", 3, 1000_000)
	add("吉瓦时 GWH", 3, 1000_000_000)
	add("平方米 平米 M2 平方 平", 4, 1000)
	add("亩", 4, mu)
	add("公顷", 4, 10_000_000)
	add("平方公里 KM2", 4, 1000_000_000)
	add("米 M", 5, 1000)
	add("公里 千米 KM", 5, 1000_000)
	add("元 元人民币 人民币", 6, 1000)
	add("美元 美金", 6, 7000)
	add("头 只 羽 匹 口 尾", 7, 1000)
	add("台 套 辆 台套 组 架 艘", 8, 1000)
	add("立方米 立方 M3 方 标方 NM3 NM3H 标准立方米", 9, 1000)
	add("锭 纱锭", 13, 1000)
	add("千伏安 KVA", 14, 1000)
	add("兆伏安 MVA", 14, 1000_000)
	add("人 人次 名", 10, 1000)
	add("床 张床 床位 张床位", 15, 1000)
	add("席 坐席 座席 个坐席 机柜 个机柜 机位 机架 车位 泊位 工位", 17, 1000)
	add("间 户 套房 间房 间客房", 16, 1000)
	add("件 个 片 枚 支 瓶 箱 袋 盒 株 棵 粒 把 张 双 颗 罐 包 块 根 条 幅 卷", 11, 1000)
	add("升 L", 12, 1000)
	slices.SortStableFunc(out, func(a, b unit) int { return len(b.text) - len(a.text) })
	return out
}()

// mu is an 亩 in thousandths of a square metre.
const mu = 666_667

// money is the sort of units that sums are in.
const money = 6

// perTime is how much of the text is a time that an amount is for: /年, 每小时.
func perTime(text []rune) int {
	i := 0
	if i < len(text) && (text[i] == edge || text[i] == '每') {
		i++
	}
	for _, per := range times {
		if begins(text[i:], per) && (i+len(per) == len(text) || !strings.ContainsRune("产加处生出屠", text[i+len(per)])) {
			return i + len(per)
		}
	}
	return 0
}

var times = runes("小时 时 H 天 日 D 年 A")

var multiples = map[rune]int64{'千': 1000, '万': 10_000, '亿': 100_000_000, '百': 100}

// most keeps an amount within what can be multiplied further.
const most = int64(1) << 50

// readScale reads an amount that begins the text: 10万吨, 1.5亿元, 100MW, 5000余平方米. A
// year is read with it, and says nothing.
func (p *project) readScale(text []rune) int {
	value, i, decimals := int64(0), 0, int64(1000)
	for i < len(text) && isDigit(text[i]) && value < most {
		value = 10*value + int64(text[i]-'0')
		i++
	}
	if i == 0 {
		return 0
	}
	value = min(value, most) * 1000
	if i+1 < len(text) && text[i] == '.' && isDigit(text[i+1]) {
		for i++; i < len(text) && isDigit(text[i]); i++ {
			decimals /= 10
			value += int64(text[i]-'0') * decimals
		}
	}
	if i < len(text) && text[i] == '年' {
		if year := value / 1000; year > 1900 && year < 2100 {
			return i + 1
		}
	}
	for i < len(text) {
		if more, ok := multiples[text[i]]; ok && value < most/more*1000 {
			value *= more
		} else if text[i] != '余' && text[i] != '多' && text[i] != '约' && text[i] != '个' {
			break
		}
		i++
	}
	for _, u := range units {
		if !begins(text[i:], u.text) {
			continue
		}
		if u.sort == money && value < 1000_000 {
			return 0 // 三元 is no sum
		}
		i += len(u.text)
		i += perTime(text[i:])
		if value < most*1000/u.worth {
			value = value * u.worth / 1000
		}
		p.scales = append(p.scales, scale{value, u.sort})
		return i
	}
	return 0
}
