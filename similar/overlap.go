package similar

// An overlap is how two short texts lie over each other, whatever the order of
// their characters.
type overlap struct {
	same, near  int  // characters that are equal; that could be mistaken for each other
	onlyA       int  // characters left over on the one side
	onlyB       int  // and on the other
	inOrder     bool // those that are equal or near stand in the same order
	headA       bool // the last character of a, what it is about, has its like in b
	headB       bool
	contained   bool // the shorter stands in the longer in one piece
	atEnd       bool // and at its end
	abbreviated bool // the shorter is made of characters of the longer, in their order, from its first
}

// overlay matches equal characters first, then such as could be mistaken, each
// with one of the other at most.
func overlay(a, b []rune) overlap {
	const most = 64 // longer texts are compared by their beginnings
	a, b = a[:min(len(a), most)], b[:min(len(b), most)]
	var to [most]int8 // the place in b of each of a, plus one
	var taken [most]bool
	var o overlap
	match := func(ok func(x, y rune) bool, count *int) {
		for i, x := range a {
			if to[i] != 0 {
				continue
			}
			best := -1
			for j, y := range b {
				if taken[j] || !ok(x, y) {
					continue
				}
				// of several, the one that goes on from the character before
				if i > 0 && int(to[i-1]) == j || i == 0 && j == 0 {
					best = j
					break
				}
				if best < 0 {
					best = j
				}
			}
			if best >= 0 {
				to[i], taken[best] = int8(best+1), true
				*count++
			}
		}
	}
	match(func(x, y rune) bool { return x == y }, &o.same)
	if o.same < len(a) && o.same < len(b) {
		match(alike, &o.near)
	}
	o.onlyA, o.onlyB = len(a)-o.same-o.near, len(b)-o.same-o.near
	o.inOrder = true
	last := int8(0)
	for i := range a {
		if to[i] == 0 {
			continue
		}
		if to[i] < last {
			o.inOrder = false
		}
		last = to[i]
	}
	if len(a) > 0 && len(b) > 0 {
		o.headA, o.headB = to[len(a)-1] != 0, taken[len(b)-1]
	}
	short, long := a, b
	if len(short) > len(long) {
		short, long = long, short
	}
	if len(short) > 0 && min(o.onlyA, o.onlyB) == 0 {
		o.contained, o.atEnd = piece(short, long)
		o.abbreviated = o.inOrder && alike(short[0], long[0])
	}
	return o
}

// otherNumber tells whether both texts have digits, and not the same: 示例10 is
// not a shorter 示例100.
func otherNumber(a, b []rune) bool {
	i, j, some := 0, 0, [2]bool{}
	next := func(text []rune, at *int, which int) rune {
		for *at < len(text) {
			r := text[*at]
			*at++
			if isDigit(r) {
				some[which] = true
				return r
			}
		}
		return 0
	}
	differ := false
	for {
		x, y := next(a, &i, 0), next(b, &j, 1)
		if x != y {
			differ = true
		}
		if x == 0 && y == 0 {
			return differ && some[0] && some[1]
		}
	}
}

// piece tells whether the short text stands in the long one in one piece, and
// whether it does at the end.
func piece(short, long []rune) (in, atEnd bool) {
	for at := len(long) - len(short); at >= 0; at-- {
		fits := true
		for i := range short {
			if !alike(short[i], long[at+i]) {
				fits = false
				break
			}
		}
		if fits {
			return true, at == len(long)-len(short)
		}
	}
	return false, false
}
