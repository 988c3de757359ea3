package similar

import (
	"slices"
	"sync"
	"unicode/utf8"
)

// A tableSet is what the package knows of characters and places, made once from
// the texts in tables_gen.go.
type tableSet struct {
	simple [0x10000]uint16   // what a Chinese character stands for; 0: not one
	sound  [0x10000]uint16   // its syllable; 0: none known
	other  map[rune][]uint16 // its further readings
	has    [0x10000]uint8    // whether it is in other, in shape, a numeral
	letter map[rune]rune
	shape  map[uint64]struct{}
	drawn  map[rune][]rune // the characters that look like one
	read   [][]rune        // by syllable, the characters that are read so
	places lexicon
	name   map[int32]string // of a place
	shared [][]int32        // codes under one name
}

var tables = sync.OnceValue(func() *tableSet {
	t := &tableSet{letter: map[rune]rune{}, other: map[rune][]uint16{}, shape: map[uint64]struct{}{}, drawn: map[rune][]rune{}}
	for r := 0x3400; r < 0xa000; r++ {
		t.simple[r] = uint16(r)
	}
	eachPair(simplified, func(from, to rune) { t.simple[from] = uint16(to) })
	eachPair(lookalikes, func(from, to rune) { t.letter[from] = to })
	syllables := map[string]uint16{}
	eachSound(sounds, syllables, func(r rune, syllable uint16) {
		t.sound[r] = syllable
		t.reads(r, syllable)
	})
	eachSound(otherSounds, syllables, func(r rune, syllable uint16) {
		t.other[r] = append(t.other[r], syllable)
		t.has[r] |= hasOther
		t.reads(r, syllable)
	})
	eachLine(shapes, func(line string) {
		a, n := utf8.DecodeRuneInString(line)
		for _, b := range line[n:] {
			t.shape[both(a, b)] = struct{}{}
			t.drawn[a] = append(t.drawn[a], b)
			t.drawn[b] = append(t.drawn[b], a)
			t.has[a] |= hasShape
			t.has[b] |= hasShape
		}
	})
	for r := range values {
		t.has[r] |= hasValue
	}
	t.readPlaces(divisions)
	return t
})

// eachSound goes through lines of a syllable and its characters.
func eachSound(text string, syllables map[string]uint16, do func(r rune, syllable uint16)) {
	eachLine(text, func(line string) {
		n := 0
		for n < len(line) && line[n] < utf8.RuneSelf {
			n++
		}
		number, ok := syllables[line[:n]]
		if !ok {
			number = uint16(len(syllables) + 1)
			syllables[line[:n]] = number
		}
		for _, r := range line[n:] {
			do(r, number)
		}
	})
}

const (
	hasOther = 1 << iota
	hasShape
	hasValue
)

func eachPair(text string, do func(from, to rune)) {
	from := rune(0)
	for _, r := range text {
		if from == 0 {
			from = r
			continue
		}
		do(from, r)
		from = 0
	}
}

func eachLine(text string, do func(string)) {
	for start := 0; start < len(text); {
		end := start
		for end < len(text) && text[end] != '\n' {
			end++
		}
		do(text[start:end])
		start = end + 1
	}
}

// both is two characters as one key, in either order.
func both(a, b rune) uint64 { return uint64(min(a, b))<<32 | uint64(max(a, b)) }

// alike tells whether one character could be mistaken for the other: it is read
// so, or drawn so.
func alike(a, b rune) bool {
	if a == b {
		return true
	}
	if a >= 0x10000 || b >= 0x10000 {
		return false
	}
	t := tables()
	if t.has[a]&t.has[b]&hasValue != 0 && values[a] == values[b] {
		return true
	}
	if t.sound[a] != 0 && t.sound[a] == t.sound[b] {
		return true
	}
	if (t.has[a]|t.has[b])&hasOther != 0 && t.readAlike(a, b) {
		return true
	}
	if t.has[a]&t.has[b]&hasShape == 0 {
		return false
	}
	_, ok := t.shape[both(a, b)]
	return ok
}

// reads notes that a character is read so.
func (t *tableSet) reads(r rune, syllable uint16) {
	for int(syllable) >= len(t.read) {
		t.read = append(t.read, nil)
	}
	t.read[syllable] = append(t.read[syllable], r)
}

// allLike gives every character that is alike to one, itself too; some of them
// twice.
func (t *tableSet) allLike(r rune, do func(rune)) {
	do(r)
	if r >= 0x10000 {
		return
	}
	each := func(list []rune) {
		for _, a := range list {
			do(a)
		}
	}
	if t.has[r]&hasValue != 0 {
		for a, value := range values {
			if value == values[r] {
				do(a)
			}
		}
	}
	if t.sound[r] != 0 {
		each(t.read[t.sound[r]])
	}
	for _, syllable := range t.other[r] {
		each(t.read[syllable])
	}
	each(t.drawn[r])
}

// readAlike tells whether some reading of one is a reading of the other.
func (t *tableSet) readAlike(a, b rune) bool {
	for _, x := range t.other[a] {
		if x == t.sound[b] || slices.Contains(t.other[b], x) {
			return true
		}
	}
	return slices.Contains(t.other[b], t.sound[a])
}

// A lexicon finds the longest of its words that begins a text.
type lexicon map[uint64][]word

// A word is one entry: what it counts as, and a value that its kind gives a
// meaning.
type word struct {
	text  []rune
	kind  kind
	value int32
}

func (l lexicon) add(text string, k kind, value int32) {
	runes := []rune(text)
	if len(runes) < 2 {
		panic("similar: a word of one character: " + text)
	}
	key := both2(runes)
	list := l[key]
	at := 0
	for at < len(list) && len(list[at].text) >= len(runes) {
		at++
	}
	l[key] = append(list[:at:at], append([]word{{runes, k, value}}, list[at:]...)...)
}

// both2 is the first two characters as one key, in their order.
func both2(text []rune) uint64 { return uint64(text[0])<<32 | uint64(text[1]) }

// longest is the longest word that begins the text.
func (l lexicon) longest(text []rune) *word {
	if len(text) < 2 {
		return nil
	}
	list := l[both2(text)]
	for i := range list {
		if begins(text, list[i].text) {
			return &list[i]
		}
	}
	return nil
}

func begins(text, with []rune) bool {
	if len(text) < len(with) {
		return false
	}
	for i, r := range with {
		if text[i] != r {
			return false
		}
	}
	return true
}
