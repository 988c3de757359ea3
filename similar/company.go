package similar

import "slices"

// A company is what the name of one says.
type company struct {
	code   string   // a credit code whose check digit is right
	places []int32  // the values of places, as they stand
	zone   uint8    // a development zone, or 0
	brand  []rune   // 字号: what is left
	trades []uint8  // by number, in ascending order
	full   []rune   // places, brand and trades as written, without legal form
	legal  []string // the legal forms as written

	codeHash uint64
}

// readCompany takes a folded name apart. A brand is all that no list knows. If
// nothing is left, the places are the brand, or the trades are.
func readCompany(text []rune) company {
	v, t := words(), tables()
	var c company
	begin := true // here a name may begin
	var county *word
	for i := 0; i < len(text); {
		rest := text[i:]
		if text[i] == edge {
			begin = true
			i++
			continue
		}
		if code, n := creditCode(rest); n > 0 {
			c.code = code
			i += n
			continue
		}
		w, p := v.company.longest(rest), t.places.longest(rest)
		if p != nil && (w == nil || len(p.text) >= len(w.text)) && (begin || p.suffixed() || p.kind == placeWord && len(p.text) > 2) && p.fits(c.places) {
			c.places = append(c.places, p.value)
			c.full = append(c.full, p.text...)
			if county = nil; p.kind == countyWord && !p.suffixed() {
				county = p
			}
			i += len(p.text)
			begin = true
			continue
		}
		if w == nil {
			begin = false
			c.brand = append(c.brand, text[i])
			c.full = append(c.full, text[i])
			i++
			continue
		}
		i += len(w.text)
		begin = w.kind == zoneWord || w.kind == legalWord || w.kind == introWord
		switch w.kind {
		case zoneWord:
			c.zone = uint8(w.value)
		case legalWord:
			c.legal = append(c.legal, string(w.text))
		case tradeWord:
			c.trades = append(c.trades, uint8(w.value))
			c.full = append(c.full, w.text...)
		case looseWord:
			c.full = append(c.full, w.text...)
		}
	}
	c.lend(county)
	c.trades = c.trades[:min(len(c.trades), mostTrades)]
	slices.Sort(c.trades)
	c.trades = slices.Compact(c.trades)
	c.codeHash = hash64(c.code)
	return c
}

// lend makes a county's short name the brand, or its beginning, where there is
// hardly another: 瑞安公司, 雨城元农业.
func (c *company) lend(county *word) {
	if county == nil || len(c.brand) > 1 {
		return
	}
	c.brand = append(slices.Clone(county.text), c.brand...)
	c.places = c.places[:len(c.places)-1]
}

// afterBrand is the trades as they follow the brand.
func (c *company) afterBrand() []rune {
	for i := range c.full {
		if begins(c.full[i:], c.brand) {
			return c.full[i+len(c.brand):]
		}
	}
	return nil
}

// creditCode reads a 统一社会信用代码 that begins the text (GB 32100-2015): 18
// digits and letters, of which the last proves the others.
func creditCode(text []rune) (code string, n int) {
	const length = 18
	if len(text) < length || !codeRune(text[0]) {
		return "", 0
	}
	out := make([]byte, 0, length)
	for _, r := range text[:length] {
		switch r { // letters that the codes leave out, for digits
		case 'O':
			r = '0'
		case 'I':
			r = '1'
		case 'Z':
			r = '2'
		case 'S':
			r = '5'
		}
		if !codeRune(r) {
			return "", 0
		}
		out = append(out, byte(r))
	}
	if !ValidCode(string(out)) {
		return "", 0
	}
	return string(out), length
}

const codeDigits = "0123456789ABCDEFGHJKLMNPQRTUWXY"

func codeRune(r rune) bool { return '0' <= r && r <= '9' || 'A' <= r && r <= 'Z' }

// ValidCode tells whether a 统一社会信用代码 has the right length, letters and
// check digit (GB 32100-2015).
func ValidCode(code string) bool {
	if len(code) != 18 {
		return false
	}
	sum, weight := 0, 1
	for i := range 18 {
		at := 0
		for at < len(codeDigits) && codeDigits[at] != code[i] {
			at++
		}
		if at == len(codeDigits) {
			return false
		}
		if i == 17 {
			return at == (31-sum%31)%31
		}
		sum, weight = sum+at*weight, weight*3%31
	}
	return false
}
