package similar

import "slices"

// A project is what the name of one says.
type project struct {
	places   []int32
	zone     uint8
	phases   uint32 // a bit a phase: 一期 is the second bit; the first is 扩建
	sections []rune // 号, 区, 线 and the like with their number or letter, in order
	sides    uint16 // directions, by bit
	scales   []scale
	product  []rune
	forms    uint32 // a bit a form
	locality []rune // 某镇

	sectionHash, localityHash uint32
}

// A scale is an amount with its unit: 10万吨 is 100000 吨.
type scale struct {
	value int64 // thousandths
	unit  uint8
}

// readProject takes a folded name apart. The company's brand is no part of the
// product, where somebody writes it in front.
func readProject(text []rune, c *company) project {
	v, t := words(), tables()
	var p project
	begin := true // here a name may begin
	for i := 0; i < len(text); {
		rest := text[i:]
		if text[i] == edge {
			begin = true
			i++
			continue
		}
		if n := p.readPhase(rest); n > 0 {
			i, begin = i+n, true
			continue
		}
		if n := p.readScale(rest); n > 0 {
			i, begin = i+n, false
			continue
		}
		w, at := v.project.longest(rest), t.places.longest(rest)
		if at == nil || !at.suffixed() {
			if n := p.readSide(text, i); n > 0 && w == nil {
				i, begin = i+n, true
				continue
			}
		}
		if at != nil && (w == nil || len(at.text) >= len(w.text)) && (begin || at.suffixed() || at.kind == placeWord && len(at.text) > 2) && at.fits(p.places) {
			p.places = append(p.places, at.value)
			i, begin = i+len(at.text), true
			if n := localityOf(text[i:]); n > 0 && t.places.longest(text[i:]) == nil {
				p.locality = append(p.locality, text[i:i+n]...)
				i += n
			}
			continue
		}
		if n := c.calledBy(rest, v); n > 0 {
			i += n
			begin = true
			continue
		}
		if len(c.brand) >= 2 && begins(rest, c.brand) {
			i += len(c.brand)
			if tail := c.afterBrand(); len(tail) > 0 && begins(text[i:], tail) && i+len(tail) < len(text) {
				i += len(tail)
			}
			begin = true
			continue
		}
		if w != nil {
			begin = w.kind != aliasWord && w.kind != plainWord && w.kind != formWord
			switch w.kind {
			case zoneWord:
				p.zone = uint8(w.value)
			case formWord:
				p.forms |= 1 << w.value
			case aliasWord:
				p.product = append(p.product, v.aliases[w.value]...)
			case plainWord:
				p.product = append(p.product, w.text...)
			}
			i += len(w.text)
			continue
		}
		if begin && len(p.locality) == 0 {
			if n := townOf(rest); n > 0 {
				p.locality = append(p.locality, rest[:n]...)
				i += n
				continue
			}
		}
		if joins := particle(text[i]); !joins {
			p.product = append(p.product, text[i])
			begin = false
		} else {
			begin = true
		}
		i++
	}
	p.leave(c.places)
	p.sectionHash, p.localityHash = hash32(p.sections), hash32(p.locality)
	p.scales = sortedScales(p.scales)
	return p
}

// calledBy is how much of a text is the beginning of the company's brand with a
// legal form behind it: 正广集团, of 正广针织.
func (c *company) calledBy(text []rune, v *vocabulary) int {
	for n := len(c.brand) - 1; n >= 2; n-- {
		if begins(text, c.brand[:n]) {
			if w := v.project.longest(text[n:]); w != nil && w.kind == legalWord {
				return n
			}
		}
	}
	return 0
}

// leave takes out where the company is, if the project names another place
// besides: 集贤县 of 集贤县示例公司（双鸭山）.
func (p *project) leave(seats []int32) {
	elsewhere := func(seat int32) bool {
		return slices.ContainsFunc(p.places, func(at int32) bool { return !near(at, seat) })
	}
	p.places = slices.DeleteFunc(p.places, func(at int32) bool { return slices.Contains(seats, at) && elsewhere(at) })
}

// townOf is how long a town's name is that begins the text, where nothing says
// which county it is in.
func townOf(text []rune) int {
	for i := 2; i < min(len(text), 4); i++ {
		if text[i] == '镇' || text[i] == '乡' {
			if i+1 < len(text) && text[i+1] == '村' {
				return 0
			}
			switch text[i-1] {
			case '城', '小', '乡', '村', '重', '特':
				return 0
			}
			return i + 1
		}
	}
	return 0
}

// particle tells what joins words and means nothing.
func particle(r rune) bool {
	switch r {
	case '的', '及', '和', '与', '等', '之', '在', '为', '年', '-', '日', '天', '拟', '约', '余':
		return true
	}
	return false
}

// localityOf is how long a town's name is that begins the text.
func localityOf(text []rune) int {
	for i := 1; i < min(len(text), 5); i++ {
		switch text[i] {
		case '乡', '村':
			if i+1 < len(text) && text[i+1] == '村' {
				return 0
			}
			return i + 1
		case '镇':
			return i + 1
		case '区', edge:
			return 0
		case '街':
			if i+1 < len(text) && text[i+1] == '道' {
				return i + 2
			}
		}
	}
	return 0
}

// expansion is the bit of a phase that is an enlargement of what is there.
const expansion = 1

// lastPhase is the highest number that has a bit.
const lastPhase = 27

// Bits of phases that have no number.
const (
	trial     = 1 << 28 // 示范线, 中试
	auxiliary = 1 << 29 // 配套, as a project of its own
)

// readPhase reads 一期, 第2期, II期, 1-2期, 首期, 二期扩建, 第一阶段, 扩建, and sections:
// 1号地块, A区, 3标段, 2号线.
func (p *project) readPhase(text []rune) int {
	if w := phaseWord(text); w > 0 {
		p.phases |= expansion
		return w
	}
	for _, w := range stageWords {
		if begins(text, w.text) && (!w.atEnd || len(text) == len(w.text)) {
			p.phases |= w.bit
			return len(w.text)
		}
	}
	i := 0
	ordinal := text[0] == '第'
	if ordinal {
		i++
	}
	from, n := ordinalNumber(text[i:])
	if n == 0 {
		return 0
	}
	i += n
	to := from
	if !ordinal && n == 2 && from%10 == from/10+1 { // 一二期
		from, to = from/10, from%10
	}
	for i+1 < len(text) && (text[i] == '-' || text[i] == '至' || text[i] == '到') {
		last, n := ordinalNumber(text[i+1:])
		if n == 0 {
			break
		}
		to = last
		i += n + 1
	}
	if i+1 < len(text) && text[i] == edge && text[i+1] == '期' { // （二）期
		i++
	}
	if i >= len(text) {
		return 0
	}
	switch rest := text[i:]; {
	case rest[0] == '期', begins(rest, []rune("阶段")), ordinal && begins(rest, []rune("批次")):
		for k := from; k <= min(to, lastPhase); k++ {
			p.phases |= 1 << k
		}
		if from > lastPhase {
			p.phases |= 1 << 31
		}
		if rest[0] == '期' {
			return i + 1
		}
		return i + 2
	}
	if from > 99 || text[i] == edge {
		return 0
	}
	for _, s := range sectionWords {
		if begins(text[i:], s) {
			p.sections = append(append(p.sections, text[:i]...), s[0])
			return i + len(s)
		}
	}
	return 0
}

var (
	sectionWords = runes("号地块 号楼 号厂房 号车间 号生产线 号线 号园 号区 号机组 号井 标段 号 区 线 地块 标 座 厂 园 组团 片区")
	phaseWords   = runes("改扩建 扩建工程 扩建项目 扩建 续建 扩能 增资扩产 扩产 增资 技术改造 技改")
)

// stageWords are other ways to say which part of a whole a project is; some of
// them only where a name ends.
var stageWords = []struct {
	text  []rune
	bit   uint32
	atEnd bool
}{
	{[]rune("首期"), 1 << 1, false},
	{[]rune("示范线"), trial, false},
	{[]rune("中试线"), trial, false},
	{[]rune("中试"), trial, false},
	{[]rune("配套项目"), auxiliary, true},
	{[]rune("配套工程"), auxiliary, true},
	{[]rune("配套"), auxiliary, true},
}

func runes(text string) (out [][]rune) {
	start := 0
	for i := 0; i <= len(text); i++ {
		if i == len(text) || text[i] == ' ' {
			out = append(out, []rune(text[start:i]))
			start = i + 1
		}
	}
	return out
}

func phaseWord(text []rune) int {
	for _, w := range phaseWords {
		if begins(text, w) {
			return len(w)
		}
	}
	return 0
}

// ordinalNumber reads a small number, Roman numerals and single letters among
// them.
func ordinalNumber(text []rune) (value, n int) {
	for n < len(text) && n < 4 && isDigit(text[n]) {
		value = 10*value + int(text[n]-'0')
		n++
	}
	if n > 0 {
		return value, n
	}
	for n < len(text) && n < 5 && (text[n] == 'I' || text[n] == 'V' || text[n] == 'X') {
		n++
	}
	if n > 0 {
		if r, ok := roman[string(text[:n])]; ok {
			return r, n
		}
		return 0, 0
	}
	if len(text) > 0 && 'A' <= text[0] && text[0] <= 'H' {
		return int(text[0] - 'A' + 1), 1
	}
	return 0, 0
}

var roman = map[string]int{"I": 1, "II": 2, "III": 3, "IV": 4, "V": 5, "VI": 6, "VII": 7, "VIII": 8, "IX": 9, "X": 10, "XI": 11, "XII": 12}

// The bits of directions.
var directions = map[rune]uint16{'东': 1, '南': 2, '西': 4, '北': 8, '左': 16, '右': 32, '上': 64, '下': 128, '中': 256, '内': 512, '外': 1024, '前': 2048, '后': 4096}

// readSide reads 东区, 城西, 东北侧, 左岸, 南部, and a direction that ends a name.
func (p *project) readSide(text []rune, at int) int {
	rest := text[at:]
	i, sides := 0, uint16(0)
	prefix := rest[0] == '城' || rest[0] == '镇' || rest[0] == '园' || rest[0] == '厂' || rest[0] == '郊' || rest[0] == '河' || rest[0] == '江'
	if prefix {
		i++
	}
	for i < len(rest) && i < 3 && directions[rest[i]] != 0 {
		sides |= directions[rest[i]]
		i++
	}
	compass := sides&15 != 0
	switch {
	case sides == 0:
		return 0
	case prefix && compass && rest[0] != '河' && rest[0] != '江':
		if i < len(rest) && sideWord(rest[i:]) > 0 {
			i += sideWord(rest[i:])
		}
	case !prefix && i < len(rest) && sideWord(rest[i:]) > 0:
		i += sideWord(rest[i:])
	case !prefix && compass && i == len(rest):
	case prefix && i == len(rest):
	default:
		return 0
	}
	p.sides |= sides
	return i
}

var sideWords = runes("工业园 产业园 园区 厂区 片区 地块 新区 新城 城区 区 部 侧 段 岸 翼 郊 角 线 院 厂 组团 沿线")

func sideWord(text []rune) int {
	for _, w := range sideWords {
		if begins(text, w) {
			return len(w)
		}
	}
	return 0
}

// sortedScales orders what was read, so that it compares whatever its order was.
func sortedScales(list []scale) []scale {
	slices.SortFunc(list, func(a, b scale) int {
		if a.unit != b.unit {
			return int(a.unit) - int(b.unit)
		}
		return int(min(max(a.value-b.value, -1), 1))
	})
	return slices.Compact(list)
}
