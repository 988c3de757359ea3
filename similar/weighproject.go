package similar

import "slices"

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

func weighProject(a, b *project, v *Verdict) weight {
	if a.empty() || b.empty() {
		return weight{}
	}
	score := weighProduct(a, b, v)
	less, veto1 := weighPhase(a, b, v)
	score -= less
	less, veto2 := weighSite(a, b, v)
	score -= less
	score -= weighScale(a, b, v)
	if a.equal(b) {
		return weight{Full, false, true}
	}
	return weight{max(score, 0), veto1 || veto2, true}
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
