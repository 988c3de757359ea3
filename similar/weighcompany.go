package similar

import "slices"

// weighCompany weighs who two companies are: a credit code decides, else brand,
// trade and place do.
func weighCompany(a, b *company, v *Verdict) weight {
	if a.empty() || b.empty() {
		return weight{}
	}
	veto := false
	if a.codeHash != 0 && b.codeHash != 0 {
		if a.codeHash == b.codeHash {
			v.say(codePart, Agrees)
			return weight{Full, false, true}
		}
		v.say(codePart, Vetoes)
		veto = true
	}
	score := weighBrand(a, b, v)
	switch placesOf(a.places, b.places) {
	case Differs:
		if whole := weighWhole(a, b); whole >= Full-700 { // what was taken for places is part of the brand
			return weight{max(score, whole), veto, true}
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
	return weight{max(score, 0), veto, true}
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
		case odd > 0:
			return 0
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
