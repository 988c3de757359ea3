package similar

import (
	"strconv"
	"strings"
)

// A part is one of the things that names are taken apart into.
type part uint8

const (
	codePart part = iota
	seatPart
	brandPart
	tradePart
	productPart
	formPart
	scalePart
	phasePart
	sectionPart
	sidePart
	sitePart
	zonePart
	townPart
)

var partNames = [...]string{"信用代码", "企业所在地", "字号", "行业", "产品", "建设内容", "规模", "期次", "分区", "方位", "项目所在地", "园区", "乡镇"}

// text is a part as people read it.
func (r *Reading) text(of part) string {
	c, p := &r.company, &r.project
	switch of {
	case codePart:
		return c.code
	case seatPart:
		return placesText(c.places)
	case brandPart:
		if len(c.brand) == 0 {
			return string(c.full)
		}
		return string(c.brand)
	case tradePart:
		return tradesText(c.trades)
	case productPart:
		return string(p.product)
	case formPart:
		return formsText(p.forms)
	case scalePart:
		return scalesText(p.scales)
	case phasePart:
		return phasesText(p.phases)
	case sectionPart:
		return string(p.sections)
	case sidePart:
		return sidesText(p.sides)
	case sitePart:
		return placesText(p.places)
	case zonePart:
		return words().zoneNames[p.zone]
	}
	return string(p.locality)
}

// say notes what a part said, where anybody wants to know.
func (v *Verdict) say(of part, effect Effect) {
	if v != nil {
		v.Findings = append(v.Findings, Finding{part: of, Says: effect})
	}
}

// write puts the findings into words.
func (v *Verdict) write(a, b *Reading) {
	for i := range v.Findings {
		f := &v.Findings[i]
		f.Part, f.A, f.B = partNames[f.part], a.text(f.part), b.text(f.part)
		f.Words = sentence(f.Part, f.A, f.B, f.Says)
	}
}

func sentence(part, a, b string, effect Effect) string {
	switch {
	case effect == Agrees && a == b:
		return part + "相同：" + named(a)
	case effect == Agrees:
		return part + "相同：“" + a + "”即“" + b + "”"
	case effect == Near:
		return part + "相近：“" + named(a) + "”与“" + named(b) + "”"
	case effect == Silent && a == "":
		return part + "只有后者写明：“" + b + "”"
	case effect == Silent:
		return part + "只有前者写明：“" + a + "”"
	case effect == Vetoes:
		return part + "不同：“" + named(a) + "”与“" + named(b) + "”，不是同一事项"
	}
	return part + "不同：“" + named(a) + "”与“" + named(b) + "”"
}

func named(text string) string {
	if text == "" {
		return "（未写明）"
	}
	return text
}

// String is the verdict in a sentence: what it is, what decided it, and what
// else was found.
func (v Verdict) String() string {
	var b strings.Builder
	b.WriteString(v.Judgement.Label())
	for _, effect := range []Effect{Vetoes, Differs, Agrees, Near, Silent} {
		for _, f := range v.Findings {
			if f.Says == effect {
				b.WriteString("；" + f.Words)
			}
		}
	}
	return b.String()
}

// Decided is the finding that weighed most: a veto, else a difference, else
// what agreed; nil where nothing could be compared.
func (v Verdict) Decided() *Finding {
	for _, effect := range []Effect{Vetoes, Differs, Near, Agrees} {
		for i := range v.Findings {
			if v.Findings[i].Says == effect && (effect != Differs || v.Judgement != Same) {
				return &v.Findings[i]
			}
		}
	}
	return nil
}

func placesText(list []int32) string {
	var b strings.Builder
	for _, p := range list {
		b.WriteString(placeName(p))
	}
	return b.String()
}

func tradesText(list []uint8) string {
	var names []string
	for _, n := range list {
		names = append(names, words().tradeNames[n])
	}
	return strings.Join(names, "、")
}

func formsText(bits uint32) string {
	var names []string
	for n, name := range words().formNames {
		if bits&(1<<n) != 0 {
			names = append(names, name)
		}
	}
	return strings.Join(names, "、")
}

var phaseNames = []string{"扩建", "一期", "二期", "三期", "四期", "五期", "六期", "七期", "八期", "九期", "十期"}

func phasesText(bits uint32) string {
	var names []string
	for n := range 32 {
		if bits&(1<<n) == 0 {
			continue
		}
		switch {
		case n < len(phaseNames):
			names = append(names, phaseNames[n])
		case 1<<n == trial:
			names = append(names, "示范线")
		case 1<<n == auxiliary:
			names = append(names, "配套")
		default:
			names = append(names, "第"+strconv.Itoa(n)+"期")
		}
	}
	return strings.Join(names, "、")
}

func sidesText(bits uint16) string {
	var b strings.Builder
	for _, r := range "东南西北左右上下中内外前后" {
		if bits&directions[r] != 0 {
			b.WriteRune(r)
		}
	}
	return b.String()
}

func scalesText(list []scale) string {
	var parts []string
	for _, s := range list {
		value, suffix, of := s.value, "", s.sort()
		if of == "平方米" && value%mu == 0 {
			value, of = value/mu*1000, "亩"
		}
		switch {
		case value >= 100_000_000_000 && value%10_000_000_000 == 0:
			value, suffix = value/100_000_000, "亿"
		case value >= 10_000_000 && value%1_000_000 == 0:
			value, suffix = value/10_000, "万"
		}
		text := strconv.FormatInt(value/1000, 10)
		if rest := value % 1000; rest != 0 {
			text += "." + strings.TrimRight(strconv.FormatInt(1000+rest, 10)[1:], "0")
		}
		parts = append(parts, text+suffix+of)
	}
	return strings.Join(parts, "、")
}

func (s scale) sort() string {
	if int(s.unit) < len(unitNames) {
		return unitNames[s.unit]
	}
	return ""
}
