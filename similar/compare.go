package similar

import "slices"

// A Reading is a thing taken apart, to be compared with others.
type Reading struct {
	company company
	project project
}

// Read takes a thing apart. It never fails: of a name that says nothing,
// nothing is read.
func Read(t Thing) *Reading {
	r := &Reading{company: readCompany(companyText(t.Company))}
	if t.Code != "" {
		if code, n := creditCode(fold(t.Code)); n > 0 {
			r.company.code, r.company.codeHash = code, hash64(code)
		}
	}
	r.project = readProject(projectText(t.Project), &r.company)
	for _, text := range []*[]rune{&r.company.brand, &r.company.full, &r.project.product} {
		*text = (*text)[:min(len(*text), mostText)]
	}
	r.company.places, r.project.places = fewest(r.company.places), fewest(r.project.places)
	r.project.scales = r.project.scales[:min(len(r.project.scales), mostScales)]
	return r
}

// fewest is the first places, and the finest.
func fewest(list []int32) []int32 {
	if len(list) <= mostPlaces {
		return list
	}
	fine := finest(list)
	return append(list[:mostPlaces-1], fine)
}

// Compare sets two things against each other, part by part.
func Compare(a, b Thing) Verdict { return Read(a).Against(Read(b)) }

// Bounds of the judgements, in ten-thousandths, chosen by bench/similar.
const (
	sameFrom  = 8200
	doubtFrom = 6000
	vetoed    = 3000 // a veto leaves no more
)

// Against compares two things that are read already.
func (r *Reading) Against(o *Reading) Verdict {
	var v Verdict
	score, ok := r.weigh(o, &v)
	if !ok {
		return Verdict{}
	}
	v.Score, v.Judgement = score, judge(score)
	v.write(r, o)
	return v
}

func judge(score int) Judgement {
	switch {
	case score >= sameFrom:
		return Same
	case score >= doubtFrom:
		return Doubt
	}
	return Different
}

// weigh is the score of two things, and whether they had anything to compare.
// Findings are written where v is not nil: an index asks for scores alone.
func (r *Reading) weigh(o *Reading, v *Verdict) (int, bool) {
	who, veto1, some1 := weighCompany(&r.company, &o.company, v)
	what, veto2, some2 := weighProject(&r.project, &o.project, v)
	if !some1 && !some2 {
		return 0, false
	}
	score := 0
	switch {
	case !some2:
		score = who
	case !some1: // nobody said who: the name of a project alone proves little
		score = what * 8 / 10
		alone := r.company.empty() != o.company.empty()
		if !settled(&r.project, &o.project, alone) {
			score = what * 6 / 10
		}
	default:
		score = who * what / Full
	}
	if veto1 || veto2 {
		score = min(score*vetoed/Full, vetoed)
	}
	return max(0, min(score, Full)), true
}

// settled tells whether two projects agree in more than what they make; where
// nobody names a company, a product of several characters is enough.
func settled(a, b *project, alone bool) bool {
	if len(a.places) > 0 && len(b.places) > 0 || a.phases != 0 && a.phases == b.phases {
		return true
	}
	if agree(a.scales, b.scales) || a.sides != 0 && a.sides == b.sides || a.sectionHash != 0 && a.sectionHash == b.sectionHash {
		return true
	}
	return !alone && string(a.product) == string(b.product) && len(a.product) >= 4
}

func weighCompany(a, b *company, v *Verdict) (score int, veto, some bool) {
	if a.empty() || b.empty() {
		return 0, false, false
	}
	if a.codeHash != 0 && b.codeHash != 0 {
		if a.codeHash == b.codeHash {
			v.say(codePart, Agrees)
			return Full, false, true
		}
		v.say(codePart, Vetoes)
		veto = true
	}
	score = weighBrand(a, b, v)
	switch placesOf(a.places, b.places) {
	case Differs:
		if whole := weighWhole(a, b); whole >= Full-700 { // what was taken for places is part of the brand
			return max(score, whole), veto, true
		}
		v.say(seatPart, Vetoes)
		veto = true
	case Silent:
		if len(a.places)+len(b.places) > 0 {
			v.say(seatPart, Silent)
			score -= 200
		}
	default:
		v.say(seatPart, Agrees)
	}
	return max(score, 0), veto, true
}

func (c *company) empty() bool {
	return c.codeHash == 0 && len(c.full) == 0 && len(c.places) == 0
}

// weighBrand weighs 字号 and trade.
func weighBrand(a, b *company, v *Verdict) int {
	ba, bb := a.brand, b.brand
	if len(ba) == 0 || len(bb) == 0 { // then the whole name, as far as it goes
		ba, bb = a.full, b.full
	}
	o := overlay(ba, bb)
	shorter := min(len(ba), len(bb))
	score := 0
	switch {
	case shorter == 0, (len(a.brand) == 0) != (len(b.brand) == 0):
		score = 5000
	case o.onlyA == 0 && o.onlyB == 0:
		score = Full - 700*o.near
		if o.near > 0 && o.near == len(ba) {
			score -= 800 // every character another
		}
		if !o.inOrder {
			score -= 1200
		}
	case o.onlyA == 0 || o.onlyB == 0:
		more := o.onlyA + o.onlyB
		switch {
		case shorter == 1 && !o.abbreviated:
			score = 3500
		case shorter == 1:
			score = 5500
		case o.contained:
			score = max(Full-600*more, 7800)
		case o.abbreviated:
			score = max(9000-500*more, 7200)
		default:
			score = 6500
		}
		score -= 700 * o.near
	case o.same+o.near >= 3 && o.onlyA == 1 && o.onlyB == 1:
		score = 6000
	default:
		score = 4000 * (o.same + o.near) / max(len(ba), len(bb))
	}
	whole := weighWhole(a, b)
	if otherNumber(ba, bb) {
		score, whole = min(score, 3000), 0
	}
	effect := Near
	switch {
	case max(score, whole) < oddCharacter:
		effect = Differs
	case o.onlyA+o.onlyB+o.near == 0 && o.inOrder:
		effect = Agrees
	}
	v.say(brandPart, effect)
	return max(score-weighTrades(a, b, v), whole)
}

// oddCharacter is the weight of names that differ in one character, which may be
// a mistake: enough for a doubt where all else is the same.
const oddCharacter = 6100

// weighWhole weighs brand and trade as one text, of which a mistaken character
// may have made something else than it is.
func weighWhole(a, b *company) int {
	if len(a.full) != len(b.full) || len(a.full) < 3 {
		return 0
	}
	odd, near := 0, 0
	for i, r := range a.full {
		switch {
		case r == b.full[i]:
		case alike(r, b.full[i]):
			near++
		default:
			odd++
		}
	}
	switch {
	case odd == 0 && near <= 1:
		return Full - 700*near
	case odd == 0 && near == 2:
		return Full - 2300
	case odd == 1 && near == 0 && len(a.full) >= 4:
		return oddCharacter
	}
	return 0
}

// weighTrades is what the trades take off.
func weighTrades(a, b *company, v *Verdict) int {
	switch {
	case len(a.trades) == 0 && len(b.trades) == 0:
		return 0
	case len(a.trades) == 0 || len(b.trades) == 0:
		v.say(tradePart, Silent)
		return 300
	}
	shared, related := 0, words().related
	for _, x := range a.trades {
		for _, y := range b.trades {
			if related[x][y] {
				shared++
				break
			}
		}
	}
	switch {
	case shared == 0:
		v.say(tradePart, Differs)
		return 2200
	case slices.Equal(a.trades, b.trades):
		v.say(tradePart, Agrees)
		return 0
	}
	v.say(tradePart, Near)
	return 300
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

func weighProject(a, b *project, v *Verdict) (score int, veto, some bool) {
	if a.empty() || b.empty() {
		return 0, false, false
	}
	score = weighProduct(a, b, v)
	less, veto1 := weighPhase(a, b, v)
	score -= less
	less, veto2 := weighSite(a, b, v)
	score -= less
	score -= weighScale(a, b, v)
	if a.equal(b) {
		return Full, false, true
	}
	return max(score, 0), veto1 || veto2, true
}

// equal tells whether two projects are the same in every part.
func (p *project) equal(o *project) bool {
	return slices.Equal(p.product, o.product) && p.forms == o.forms && p.phases == o.phases && p.sides == o.sides && p.zone == o.zone &&
		p.sectionHash == o.sectionHash && p.localityHash == o.localityHash && slices.Equal(p.scales, o.scales) && slices.Equal(p.places, o.places)
}

func (p *project) empty() bool {
	return len(p.product) == 0 && p.forms == 0 && p.phases == 0 && len(p.scales) == 0 && p.sectionHash == 0 && p.sides == 0 && len(p.places) == 0
}

func weighProduct(a, b *project, v *Verdict) int {
	o := overlay(a.product, b.product)
	shorter, longer := min(len(a.product), len(b.product)), max(len(a.product), len(b.product))
	score := 0
	switch {
	case longer == 0: // both are but a form and a place
		score = 8000
		if a.forms == 0 && b.forms == 0 {
			score = 7500
		}
	case shorter == 0:
		score = 6200
	case o.onlyA == 0 && o.onlyB == 0:
		score = Full - 500*o.near
		if o.near > 1 && 2*o.near > longer {
			score -= 1500
		}
		if !o.inOrder {
			score -= 300
		}
	case o.onlyA == 0 || o.onlyB == 0:
		more := o.onlyA + o.onlyB
		switch {
		case o.atEnd && shorter >= 2:
			score = max(9200-350*more, 7000)
		case o.headA && o.headB:
			score = max(9000-350*more, 6800)
		case shorter >= 3 && more <= 2:
			score = 7600
		case 4*shorter >= 3*longer && shorter >= 4:
			score = 7600
		default:
			score = 7000 * shorter / longer
		}
		score -= 500 * o.near
	case letters(a.product) != letters(b.product) && agree(a.scales, b.scales):
		score = 6400 // PE, which may be 聚乙烯
	default:
		shared := o.same + o.near
		score = 8600 * 2 * shared / (len(a.product) + len(b.product))
		if more := max(o.onlyA, o.onlyB); more > 1 || shared < 4 {
			score -= 1500
		}
		if !o.headA || !o.headB {
			score -= 1500
		}
	}
	if otherNumber(a.product, b.product) {
		score = min(score, 3000)
	}
	if a.forms != 0 && b.forms != 0 && a.forms&b.forms == 0 {
		score -= 800
		v.say(formPart, Differs)
	} else if a.forms != b.forms {
		score -= 100
	}
	effect := Near
	switch {
	case score < 6500:
		effect = Differs
	case o.onlyA+o.onlyB+o.near == 0 && o.inOrder:
		effect = Agrees
	}
	v.say(productPart, effect)
	return max(score, 0)
}

// letters tells whether a product is but letters and digits.
func letters(text []rune) bool {
	for _, r := range text {
		if r >= 0x80 {
			return false
		}
	}
	return len(text) > 1
}

func agree(a, b []scale) bool {
	for _, x := range a {
		if slices.Contains(b, x) {
			return true
		}
	}
	return false
}

func weighPhase(a, b *project, v *Verdict) (less int, veto bool) {
	switch {
	case a.phases == b.phases && a.phases != 0:
		v.say(phasePart, Agrees)
	case a.phases == b.phases:
	case a.phases == 0 && b.phases == 1<<1, b.phases == 0 && a.phases == 1<<1:
		v.say(phasePart, Silent)
		less = 2200
	default:
		v.say(phasePart, Vetoes)
		veto = true
	}
	switch {
	case a.sectionHash == b.sectionHash:
	case a.sectionHash == 0 || b.sectionHash == 0:
		v.say(sectionPart, Silent)
		less += 1900
	default:
		v.say(sectionPart, Vetoes)
		veto = true
	}
	return less, veto
}

func weighSite(a, b *project, v *Verdict) (less int, veto bool) {
	switch {
	case a.sides == b.sides && a.sides != 0:
		v.say(sidePart, Agrees)
	case a.sides == b.sides:
	case a.sides == 0 || b.sides == 0:
		v.say(sidePart, Silent)
		less = 1900
	default:
		v.say(sidePart, Vetoes)
		veto = true
	}
	switch effect := placesOf(a.places, b.places); {
	case effect == Differs:
		v.say(sitePart, Vetoes)
		veto = true
	case effect == Silent && len(a.places)+len(b.places) > 0:
		v.say(sitePart, Silent)
		less += 100
	case effect != Silent:
		v.say(sitePart, Agrees)
	}
	if a.zone != 0 && b.zone != 0 && a.zone != b.zone {
		v.say(zonePart, Differs)
		less += 800
	}
	if a.localityHash != 0 && b.localityHash != 0 && a.localityHash != b.localityHash {
		v.say(townPart, Differs)
		less += 2500
	}
	return less, veto
}

// weighScale compares amounts of one sort. A scale that one leaves out says
// nothing.
func weighScale(a, b *project, v *Verdict) int {
	agree, differ := false, false
	for _, x := range a.scales {
		for _, y := range b.scales {
			if x.unit == y.unit {
				if x.value == y.value {
					agree = true
				} else {
					differ = true
				}
			}
		}
	}
	switch {
	case agree:
		v.say(scalePart, Agrees)
	case differ:
		v.say(scalePart, Differs)
		return 1900
	case len(a.scales)+len(b.scales) > 0:
		v.say(scalePart, Silent)
	}
	return 0
}
