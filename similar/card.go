package similar

import (
	"math/bits"
	"slices"
)

// A card is a Reading as an index keeps it: as little as comparing needs.
type card struct {
	// What rules a card out stands together.
	heard            [2]uint64 // the sounds of brand and product, a bit each
	code             uint64    // of the credit code; 0: none
	phases, sections uint32    // sections and locality are told by their hash: they are equal or not
	sides            uint16
	gone, built      bool  // built: it has a project
	brand, full      uint8 // how many characters of text each takes
	zones            [2]uint8
	trades           [mostTrades]uint8 // by number, plus one
	units            [mostScales]uint8
	company, project [mostPlaces]int32
	forms, locality  uint32
	scales           [mostScales]int64
	text             []uint16 // brand, brand with trades, product
}

// heardIn is the sounds of brand and product, a bit each. Things whose brands, or
// whose products, have no sound in common are not the same.
func heardIn(r *Reading) [2]uint64 {
	name := r.company.brand
	if len(name) == 0 {
		name = r.company.full
	}
	return [2]uint64{bitsOf(name), bitsOf(r.project.product)}
}

func bitsOf(text []rune) (set uint64) {
	t := tables()
	for _, r := range text {
		sound := uint32(short(r))
		if r < 0x10000 && t.sound[r] != 0 {
			sound = uint32(t.sound[r])
		}
		set |= 1 << (sound * 0x9e3779b1 >> 26)
	}
	return set
}

// How much of a name is compared: characters of a part, places, trades, scales.
const (
	mostText   = 60
	mostPlaces = 3
	mostTrades = 3
	mostScales = 3
)

func cardOf(r *Reading) card {
	c, p := &r.company, &r.project
	out := card{
		code: hash64(c.code), phases: p.phases, forms: p.forms, sides: p.sides, zones: [2]uint8{c.zone, p.zone}, built: !p.empty(),
		sections: hash32(p.sections), locality: hash32(p.locality),
	}
	copy(out.company[:], c.places)
	copy(out.project[:], p.places)
	for i, s := range p.scales {
		out.scales[i], out.units[i] = s.value, s.unit
	}
	for i, t := range c.trades {
		out.trades[i] = t + 1
	}
	brand, full, product := c.brand, c.full, p.product
	out.brand, out.full = uint8(len(brand)), uint8(len(full))
	out.heard = heardIn(r)
	out.text = make([]uint16, 0, len(brand)+len(full)+len(product))
	for _, part := range [][]rune{brand, full, product} {
		for _, r := range part {
			out.text = append(out.text, short(r))
		}
	}
	return out
}

// short is a character in sixteen bits. Those beyond share the private ones,
// which names do not have.
func short(r rune) uint16 {
	if r < 0x10000 {
		return uint16(r)
	}
	return uint16(0xe000 + r%0x1900)
}

// shortened is a Reading whose characters are those that cards have.
func (r *Reading) shortened() *Reading {
	long := func(text []rune) bool { return slices.ContainsFunc(text, func(r rune) bool { return r >= 0x10000 }) }
	if !long(r.company.full) && !long(r.company.brand) && !long(r.project.product) {
		return r
	}
	out := *r
	for _, text := range []*[]rune{&out.company.brand, &out.company.full, &out.project.product} {
		*text = slices.Clone(*text)
		for i, r := range *text {
			(*text)[i] = rune(short(r))
		}
	}
	return &out
}

// weigh weighs a card against a Reading, in the room of another. Where it is sure
// to weigh less than the least, it need not come to what it weighs.
func (c *card) weigh(r, room *Reading, least int) (int, bool) {
	c.readCompany(&room.company)
	who := weighCompany(&r.company, &room.company, nil)
	if who.some && (who.score < least || who.veto && vetoed < least) {
		return 0, true
	}
	c.readProject(&room.project)
	return together(r, room, who, weighProject(&r.project, &room.project, nil))
}

// A sieve is what of a company asked for tells cards apart before they are read.
type sieve struct {
	of    *company
	brand []rune         // or the whole name, where it has none
	like  [0x10000]uint8 // by character, the ones of the brand that it is alike to, a bit each
	small bool           // a bit is enough for each
}

// set makes the sieve one for a company, or, of nil, for none.
func (s *sieve) set(of *company) {
	t := tables()
	if s.small {
		for _, r := range s.brand {
			t.allLike(r, func(a rune) { s.like[short(a)] = 0 })
		}
	}
	if s.of, s.brand, s.small = of, nil, false; of == nil {
		return
	}
	if s.brand = of.brand; len(s.brand) == 0 {
		s.brand = of.full
	}
	if s.small = len(s.brand) <= 8; s.small {
		for i, r := range s.brand {
			t.allLike(r, func(a rune) { s.like[short(a)] |= 1 << i })
		}
	}
}

// another tells that a card's company is surely another: that it is called the same
// or doubtful, no more than one character of the shorter brand may be without its
// like, or no more than one of the whole names, which lie on each other.
func (s *sieve) another(c *card) bool {
	if !s.small || len(s.of.full) == 0 || c.full == 0 || c.code != 0 && c.code == s.of.codeHash {
		return false
	}
	if int(c.full) == len(s.of.full) && len(s.of.full) >= 3 {
		odd := 0
		for i, y := range c.text[c.brand : int(c.brand)+int(c.full)] {
			if x := s.of.full[i]; x != rune(y) && !alike(x, rune(y)) {
				if odd++; odd > 1 {
					break
				}
			}
		}
		if odd <= 1 {
			return false
		}
	}
	if (len(s.of.brand) > 0) != (c.brand > 0) {
		return true
	}
	theirs := c.text[:c.brand]
	if len(theirs) == 0 {
		theirs = c.text[:c.full]
	}
	found, mine := 0, uint8(0)
	for _, y := range theirs {
		if like := s.like[y]; like != 0 {
			found++
			mine |= like
		}
	}
	return min(found, bits.OnesCount8(mine))+1 < min(len(s.brand), len(theirs))
}

// readCompany and readProject fill in from a card, in the room that is there.

func (c *card) readCompany(co *company) {
	co.places, co.zone, co.codeHash = places(co.places[:0], c.company), c.zones[0], c.code
	co.trades = co.trades[:0]
	for _, t := range c.trades {
		if t > 0 {
			co.trades = append(co.trades, t-1)
		}
	}
	n, m := int(c.brand), int(c.brand)+int(c.full)
	co.brand, co.full = wide(co.brand[:0], c.text[:n]), wide(co.full[:0], c.text[n:m])
}

func (c *card) readProject(p *project) {
	p.places, p.zone = places(p.places[:0], c.project), c.zones[1]
	p.product = wide(p.product[:0], c.text[int(c.brand)+int(c.full):])
	p.phases, p.forms, p.sides = c.phases, c.forms, c.sides
	p.scales = p.scales[:0]
	for i, unit := range c.units {
		if unit > 0 {
			p.scales = append(p.scales, scale{c.scales[i], unit})
		}
	}
	p.sectionHash, p.localityHash = c.sections, c.locality
}

// vetoes tells, before anything is read, that a card is of another phase or on
// another side.
func (c *card) vetoes(p *project) bool {
	if !c.built || p.empty() {
		return false
	}
	return c.phases != p.phases && (c.phases|p.phases)&^(1<<1) != 0 || c.sides != 0 && p.sides != 0 && c.sides != p.sides ||
		c.sections != 0 && p.sectionHash != 0 && c.sections != p.sectionHash
}

func places(into []int32, from [mostPlaces]int32) []int32 {
	for _, p := range from {
		if p != 0 {
			into = append(into, p)
		}
	}
	return into
}

func wide(into []rune, from []uint16) []rune {
	for _, u := range from {
		into = append(into, rune(u))
	}
	return into
}

func hash64(text string) uint64 {
	if text == "" {
		return 0
	}
	h := uint64(14695981039346656037)
	for i := range len(text) {
		h = (h ^ uint64(text[i])) * 1099511628211
	}
	return h | 1
}

func hash32(text []rune) uint32 {
	if len(text) == 0 {
		return 0
	}
	return uint32(hash64(string(text))>>16) | 1
}
