package main

import "strings"

// A negative makes another thing that looks like one. The thing it is made
// from carries the part that differs, or is given it.
type negative struct {
	name string
	do   func(m *maker, base *thing) *thing
	not  []string // disguises that would take away what differs, on either side
}

// negatives are tried evenly. One that shares nothing is among them.
var negatives = []negative{
	{"phase", otherPhase, nil},
	{"direction", otherDirection, nil},
	{"county", otherCounty, []string{"place"}},
	{"other project", otherProject, nil},
	{"other company", otherCompany, nil},
	{"other city", otherCity, []string{"place", "abbreviation"}},
	{"unrelated", unrelated, nil},
}

// otherPhase is 二期 to 一期.
func otherPhase(m *maker, base *thing) *thing {
	if base.phase == 0 {
		m.givePhase(base)
	}
	other := *base
	for other.phase == base.phase {
		other.phase = 1 + m.IntN(3)
	}
	return &other
}

// otherDirection is 西区 to 东区.
func otherDirection(m *maker, base *thing) *thing {
	if base.direction == "" {
		m.giveDirection(base)
	}
	other := *base
	for _, family := range directions {
		for strings.Contains(strings.Join(family, " "), base.direction) && other.direction == base.direction {
			other.direction = pick(m, family)
		}
	}
	return &other
}

// otherCounty is 宝清县 to 集贤县, mostly in the same city.
func otherCounty(m *maker, base *thing) *thing {
	base.atLevel = max(base.atLevel, 1)
	for base.at.county == "" || base.at.county == zone {
		base.at = pick(m, homes)
	}
	other := *base
	for other.at == base.at || other.at.county == "" || other.at.county == zone || m.chance(70) && other.at.city != base.at.city {
		other.at = pick(m, homes)
		if m.chance(5) { // a city may have one county only
			base.at = pick(m, homes[:8])
		}
	}
	return &other
}

// otherProject is another product of the same company, of its industry or of
// any other.
func otherProject(m *maker, base *thing) *thing {
	other := *base
	for shareTwo(other.product, base.product) {
		if m.chance(50) {
			other.industry = m.IntN(len(industries))
		}
		m.plan(&other)
	}
	other.industry = base.industry
	if m.chance(50) && other.amount.unit == base.amount.unit {
		other.amount = base.amount
	}
	return &other
}

// otherCompany does the same with another brand.
func otherCompany(m *maker, base *thing) *thing {
	other := *base
	for shareOne(other.brand, base.brand) {
		other.brand = m.newBrand(base.industry)
	}
	return &other
}

// otherCity is a company of the same brand that is registered elsewhere, with
// a project of the same industry elsewhere, often of the same product.
func otherCity(m *maker, base *thing) *thing {
	base.fromLevel, base.province = max(base.fromLevel, 1), false
	base.branch = ""
	other := *base
	for other.from.city == base.from.city {
		other.from = pick(m, seats)
	}
	for other.at.city == base.at.city {
		other.at = pick(m, homes)
	}
	if m.chance(50) {
		m.plan(&other)
	} else {
		other.amount = m.newAmount(pick(m, industries[base.industry].scales))
	}
	return &other
}

func unrelated(m *maker, base *thing) *thing {
	for {
		other := m.thing()
		if !shareOne(other.brand, base.brand) && !shareTwo(other.product, base.product) {
			return other
		}
	}
}

// shareOne tells whether two words have a character in common, taken for one
// another or not.
func shareOne(a, b string) bool { return strings.ContainsAny(plainRunes(a), plainRunes(b)) }

// shareTwo tells whether two words have two characters in a row in common.
func shareTwo(a, b string) bool {
	runes := []rune(a)
	for i := range len(runes) - 1 {
		if strings.Contains(b, string(runes[i:i+2])) {
			return true
		}
	}
	return false
}
