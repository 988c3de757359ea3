package similar

// What a gram is of. Grams of one sort are told apart from those of another by
// it.
const (
	ofBrand uint64 = 1 + iota
	ofProduct
	ofBoth
	ofTwo
	ofSeat
	ofSite
	ofScale
	ofPhase
	ofCode
	ofBrandAlone
	ofProductAlone
)

// grams is by what a thing is looked up: the characters of the brand and
// neighbouring ones of the product, by sound; any two characters of the brand, or
// of a brand that has no more than two each with each pair of the product, so that
// half a brand that is right leads there, however the rest was changed; and what
// tells apart things of one brand and one product.
func grams(into []uint32, r *Reading) []uint32 {
	into = single(into, r, ofBrand, ofProduct)
	if !r.whole() {
		into = single(into, r, ofBrandAlone, ofProductAlone)
	}
	brand, product := halves(r)
	if len(brand) <= shortBrand {
		into = joint(into, brand, product)
	}
	return two(told(into, r, brand, product), brand)
}

// asked is the grams by which a thing is looked up; the last of them, `twice` in
// number, count twofold. One that has both brand and product is looked for by both
// together, and among those that have but one; and a long brand among the short,
// which may be what was left of it.
func asked(into []uint32, r *Reading) (list []uint32, twice int) {
	if r.whole() {
		into = single(into, r, ofBrandAlone, ofProductAlone)
	} else {
		into = single(into, r, ofBrand, ofProduct)
	}
	brand, product := halves(r)
	into = told(joint(into, brand, product), r, brand, product)
	n := len(into)
	into = two(into, brand)
	return into, len(into) - n
}

// whole tells whether a thing has both brand and product.
func (r *Reading) whole() bool {
	return !r.company.empty() && !r.project.empty() && len(r.project.product) > 0
}

// single is the grams of the brand, and of the product, each by itself. Many share
// them.
func single(into []uint32, r *Reading, brand, product uint64) []uint32 {
	var nb, np [mostSounds]uint64
	for _, sound := range brandSounds(nb[:0], r) {
		into = append(into, gram(brand, sound, 0, 0))
	}
	if p := &r.project; len(p.product) == 0 && !p.empty() {
		into = append(into, gram(product, uint64(p.forms), uint64(p.sectionHash), uint64(p.sides)))
	}
	return pairs(into, product, soundsOf(np[:0], r.project.product))
}

// mostSounds is how many characters of a part make grams.
const mostSounds = 6

func brandSounds(into []uint64, r *Reading) []uint64 {
	name := r.company.brand
	if len(name) == 0 {
		name = r.company.full
	}
	return soundsOf(into, name)
}

// halves is the sounds of the brand, and those of the product, or what stands for
// them.
func halves(r *Reading) (brand, product []uint64) {
	brand, product = brandSounds(make([]uint64, 0, mostSounds), r), soundsOf(make([]uint64, 0, mostSounds), r.project.product)
	if len(product) == 0 {
		product = append(product, uint64(r.project.forms)|1<<41)
	}
	return brand, product
}

// joint is the grams of a character of the brand with two of the product.
func joint(into []uint32, brand, product []uint64) []uint32 {
	for _, b := range brand {
		if len(product) == 1 {
			into = append(into, gram(ofBoth, b, product[0], 0))
		}
		for i := 1; i < len(product); i++ {
			into = append(into, gram(ofBoth, b, product[i-1], product[i]))
		}
	}
	return into
}

// two is the grams of any two characters of the brand.
func two(into []uint32, brand []uint64) []uint32 {
	for i, b := range brand {
		for _, a := range brand[:i] {
			into = append(into, gram(ofTwo, min(a, b), max(a, b), 0))
		}
	}
	return into
}

// told is the grams of what tells apart things of one brand and one product.
func told(into []uint32, r *Reading, brand, product []uint64) []uint32 {
	c, p := &r.company, &r.project
	head, first := product[0], uint64(0)
	if len(brand) > 0 {
		first = brand[0]
	}
	if len(c.places) > 0 {
		into = append(into, gram(ofSeat, first, uint64(uint32(finest(c.places))), 0))
	}
	if len(p.places) > 0 {
		into = append(into, gram(ofSite, first, uint64(uint32(finest(p.places))), head))
	}
	for _, s := range p.scales[:min(len(p.scales), 2)] {
		into = append(into, gram(ofScale, first, uint64(s.value), head))
	}
	if p.phases != 0 {
		into = append(into, gram(ofPhase, first, uint64(p.phases), head))
	}
	if c.codeHash != 0 {
		into = append(into, gram(ofCode, c.codeHash, 0, 0))
	}
	return into
}

// shortBrand is the length of a brand of which one character alone leads to it.
const shortBrand = 2

func pairs(into []uint32, of uint64, sounds []uint64) []uint32 {
	if len(sounds) == 1 {
		return append(into, gram(of, sounds[0], 0, 0))
	}
	for i := 1; i < len(sounds); i++ {
		into = append(into, gram(of, sounds[i-1], sounds[i], 0))
	}
	return into
}

// soundsOf is the characters by their sound; of more than there is room for, the
// first and the last.
func soundsOf(into []uint64, text []rune) []uint64 {
	t := tables()
	for i, r := range text {
		if over := len(text) - cap(into); over > 0 && i >= cap(into)/2 && i < cap(into)/2+over {
			continue
		}
		if r < 0x10000 && t.sound[r] != 0 {
			into = append(into, uint64(t.sound[r]))
		} else {
			into = append(into, uint64(short(r))|1<<20)
		}
	}
	return into
}

func gram(of, a, b, c uint64) uint32 {
	h := of*0x9e3779b97f4a7c15 ^ a
	h = (h ^ h>>29) * 0xbf58476d1ce4e5b9
	h ^= b
	h = (h ^ h>>32) * 0x94d049bb133111eb
	h ^= c
	h = (h ^ h>>29) * 0xbf58476d1ce4e5b9
	return uint32(h >> 32)
}
