package main

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"

	"github.com/mozillazg/go-pinyin"

	"qiaomen/similar"
)

// A thing is what a report is of: what it is, and how it is written down. Two
// things are the same if what they are is the same.
type thing struct {
	industry int

	from      place // where the company is registered
	province  bool  // whether its province is named, not its city
	fromLevel int   // 0 it is not named, 1 黑龙江, 2 黑龙江省
	fromWhere int   // 0 in front, 1 in brackets after the brand, 2 at the end
	mark      int   // 示例: 1 before the brand, 2 after it
	brand     string
	business  string
	legal     string
	branch    string // a place in brackets at the end

	at             place // where the project is
	atLevel        int   // 0 it is not named, 1 its county, 2 its city too, 3 its province too
	atShort        bool  // 集贤 for 集贤县
	atWhere        int   // 0 in front, 1 in brackets at the end
	direction      string
	directionWhere int // 0 after the place, 1 in brackets at the end, 2 after what is built
	amount         amount
	amountShown    bool
	amountWhere    int // 0 before the product, 1 in brackets at the end, 2 after the product
	product, work  string
	last           string // 项目
	phase          int
	phaseStyle     int // see phaseWord
	phaseWhere     int // 0 in brackets at the end, 1 before 项目, 2 after it, 3 before the amount
	companyBefore  string
	companyAfter   string
	before, after  string // words that say nothing
}

// An amount is a scale: 年产10万吨.
type amount struct {
	before string
	n      int
	unit   string
	style  int // see numeral
}

// A maker makes things. No brand is used twice in one industry: two makers of
// the same seed make the same things.
type maker struct {
	*rand.Rand
	used map[string]bool // nil: brands may come again
}

func newMaker(seed uint64, unique bool) *maker {
	m := &maker{Rand: rand.New(rand.NewPCG(seed, 0x71616f6d656e))}
	if unique {
		m.used = map[string]bool{}
	}
	return m
}

// chance is true so many times in a hundred.
func (m *maker) chance(percent int) bool { return m.IntN(100) < percent }

func pick[T any](m *maker, from []T) T { return from[m.IntN(len(from))] }

// newBrand is a brand of 2 to 4 characters that is not taken for another of
// the industry, even with its characters mistaken, and that sounds like none:
// nobody could tell which of the two was meant.
func (m *maker) newBrand(industry int) string {
	for {
		n := []int{2, 2, 2, 2, 2, 2, 3, 3, 3, 4}[m.IntN(10)]
		brand := make([]rune, n)
		for i := range brand {
			brand[i] = pick(m, brandRunes)
		}
		if brand[0] == brand[1] {
			continue
		}
		if m.used == nil {
			return string(brand)
		}
		key := strconv.Itoa(industry) + strings.Join(pinyin.LazyPinyin(plainRunes(string(brand)), pinyin.NewArgs()), " ")
		if !m.used[key] {
			m.used[key] = true
			return string(brand)
		}
	}
}

// thing makes one up.
func (m *maker) thing() *thing {
	t := &thing{industry: m.IntN(len(industries))}
	in := &industries[t.industry]
	t.brand = m.newBrand(t.industry)
	t.mark = []int{0, 0, 1, 2}[m.IntN(4)]
	t.business = pick(m, in.trades)
	t.legal = pick(m, []string{"有限公司", "有限公司", "有限公司", "有限公司", "有限公司", "有限责任公司", "股份有限公司", "集团有限公司", "集团", "集团股份有限公司"})
	if t.legal == "集团" && m.chance(50) {
		t.business = ""
	}
	if (in.trades[0] == "米业" || in.trades[0] == "牧业") && m.chance(10) {
		t.business, t.legal = "种植", "合作社"
		if in.trades[0] == "牧业" {
			t.business = "养殖"
		}
	}
	t.from = pick(m, seats)
	if m.chance(40) {
		t.from = seats[m.IntN(5)]
	}
	t.province = t.from.province != "" && m.chance(35)
	t.fromLevel = []int{0, 0, 0, 1, 1, 1, 1, 1, 2, 2}[m.IntN(10)]
	if t.legal != "合作社" && m.chance(15) {
		t.fromWhere = 1 + m.IntN(2)
	}
	if m.chance(5) && t.fromWhere == 0 && t.from.city != "双鸭山" {
		t.branch = "双鸭山"
	}
	t.at = pick(m, homes)
	if m.chance(65) {
		t.at = homes[m.IntN(ours)]
	}
	t.atLevel = []int{0, 0, 1, 1, 1, 1, 1, 2, 2, 3}[m.IntN(10)]
	m.plan(t)
	t.amountShown = m.chance(60)
	if m.chance(15) {
		t.amountWhere = 1 + m.IntN(2)
	}
	if m.chance(30) {
		m.givePhase(t)
	}
	if m.chance(12) {
		m.giveDirection(t)
	}
	return t
}

// plan gives a thing a product, and what is built for it.
func (m *maker) plan(t *thing) {
	in := &industries[t.industry]
	t.product = pick(m, in.products)
	t.work = pick(m, in.works)
	if strings.HasSuffix(t.product, t.work) || m.chance(20) {
		t.work = ""
	}
	t.last = pick(m, []string{"项目", "项目", "项目", "项目", "项目", "项目", "建设项目", "工程"})
	if t.work == "建设" {
		t.last = "项目"
	}
	t.amount = m.newAmount(pick(m, in.scales))
}

func (m *maker) newAmount(pattern string) amount {
	var a amount
	a.before, a.unit, _ = strings.Cut(pattern, "#")
	numbers := []int{100, 200, 300, 500, 800, 1000, 1200, 2000, 3000, 5000, 8000}
	switch {
	case strings.HasPrefix(a.unit, "万"), strings.HasPrefix(a.unit, "亿"):
		numbers = []int{1, 2, 3, 5, 6, 8, 10, 12, 15, 20, 25, 30, 50}
	case strings.HasPrefix(a.unit, "MW"), a.unit == "兆瓦":
		numbers = []int{10, 20, 50, 100, 150, 200, 300, 500}
	}
	a.n = pick(m, numbers)
	return a
}

func (m *maker) givePhase(t *thing) {
	t.phase = []int{1, 1, 2, 2, 2, 3}[m.IntN(6)]
	t.phaseWhere = m.IntN(3)
}

func (m *maker) giveDirection(t *thing) {
	t.direction = pick(m, pick(m, directions))
	t.directionWhere = []int{0, 0, 1, 2}[m.IntN(4)]
}

// write writes a thing down.
func (t *thing) write() similar.Thing {
	return similar.Thing{Company: t.company(), Project: t.project()}
}

func (t *thing) company() string {
	var b strings.Builder
	b.WriteString(t.companyBefore)
	from := t.fromName()
	if t.fromWhere == 0 {
		b.WriteString(from)
	}
	if t.mark == 1 {
		b.WriteString("示例")
	}
	b.WriteString(t.brand)
	if t.mark == 2 {
		b.WriteString("示例")
	}
	if t.fromWhere == 1 {
		b.WriteString(inBrackets(from))
	}
	b.WriteString(t.business + t.legal)
	if t.fromWhere == 2 {
		b.WriteString(inBrackets(from))
	}
	b.WriteString(inBrackets(t.branch) + t.companyAfter)
	return b.String()
}

func (t *thing) fromName() string {
	if t.fromLevel == 0 {
		return ""
	}
	name, suffix := t.from.city, "市"
	if t.province {
		name, suffix = t.from.province, "省"
	}
	if t.fromLevel == 2 {
		return name + suffix
	}
	return name
}

func (t *thing) project() string {
	at, amount, phase := t.at.name(t.atLevel, t.atShort), "", phaseWord(t.phase, t.phaseStyle)
	if t.amountShown {
		amount = t.amount.text()
	}
	// put gives a part where it stands, and nothing elsewhere.
	put := func(part string, where, here int) string {
		if where != here {
			return ""
		}
		return part
	}
	return t.before +
		put(at, t.atWhere, 0) + put(t.direction, t.directionWhere, 0) + put(phase, t.phaseWhere, 3) +
		put(amount, t.amountWhere, 0) + t.product + put(amount, t.amountWhere, 2) + t.work +
		put(t.direction, t.directionWhere, 2) + put(phase, t.phaseWhere, 1) + t.last + put(phase, t.phaseWhere, 2) +
		inBrackets(put(t.direction, t.directionWhere, 1)) + inBrackets(put(phase, t.phaseWhere, 0)) +
		inBrackets(put(amount, t.amountWhere, 1)) + inBrackets(put(at, t.atWhere, 1)) + t.after
}

func inBrackets(text string) string {
	if text == "" {
		return ""
	}
	return "（" + text + "）"
}

// name is a place as it is written at a level.
func (p place) name(level int, short bool) string {
	if level == 0 {
		return ""
	}
	city := p.city + "市"
	name := p.county
	switch {
	case p.county == "" && short:
		name = p.city
	case p.county == "":
		name = city
	case p.county == zone && level == 1:
		name = p.city + p.county
	case short && len([]rune(name)) > 2:
		name = string([]rune(name)[:len([]rune(name))-1])
	}
	if level >= 2 && p.county != "" {
		name = city + name
	}
	if level >= 3 && p.province != "" {
		name = p.province + "省" + name
	}
	return name
}

// The styles of a phase: 一期 1期 Ⅰ期 第一期 １期 I期 第1期 一期工程.
const phaseStyles = 8

func phaseWord(n, style int) string {
	if n == 0 {
		return ""
	}
	han := string([]rune("一二三四")[n-1])
	digit := strconv.Itoa(n)
	return []string{
		han + "期", digit + "期", string('Ⅰ'+rune(n-1)) + "期", "第" + han + "期", string('０'+rune(n)) + "期",
		[]string{"I", "II", "III", "IV"}[n-1] + "期", "第" + digit + "期", han + "期工程",
	}[style]
}

// plainRunes puts for each character of a name the one that stands for all
// that are mistaken for it.
func plainRunes(name string) string {
	out := []rune(name)
	for i, r := range out {
		if p, ok := sameRune[r]; ok {
			out[i] = p
		}
	}
	return string(out)
}

// sameRune leads from each character of alike to the least of those that can
// be reached from it, in one step or several.
var sameRune = func() map[rune]rune {
	to := map[rune]rune{}
	for changed := true; changed; {
		changed = false
		for _, word := range alike {
			runes := []rune(word)
			least := slices.Min(runes)
			for _, r := range runes {
				if p, ok := to[r]; ok {
					least = min(least, p)
				}
			}
			for _, r := range runes {
				changed = changed || to[r] != least
				to[r] = least
			}
		}
	}
	return to
}()
