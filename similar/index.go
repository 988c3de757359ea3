package similar

import (
	"math/bits"
	"slices"
	"sync"
)

// An Index holds things and finds the ones that a thing might be. What is put
// in is found from then on. It may be read by many at once, and written by one
// while nobody reads.
type Index struct {
	ids   []string
	cards []card
	at    map[string]uint32
	lists map[uint32][]uint32 // by gram, the numbers of the cards that have it, in ascending order
	gone  int
	swept int       // how often the cards were numbered anew
	pool  sync.Pool // of *search
}

// A Point is how far an index had been filled: what was put in since comes after
// it. The zero Point is before everything.
type Point struct {
	swept int
	cards uint32
}

// Point is where the index is now.
func (x *Index) Point() Point { return Point{x.swept, uint32(len(x.cards))} }

// Stood tells whether what has that id was put in before a point.
func (x *Index) Stood(id string, p Point) bool {
	n, ok := x.at[id]
	return ok && n < x.after(p)
}

// after is the number of the first card that was put in after a point; of a point
// before a sweep that is the first of all.
func (x *Index) after(p Point) uint32 {
	if p.swept != x.swept {
		return 0
	}
	return p.cards
}

// NewIndex is an empty index, with room for so many things.
func NewIndex(room int) *Index {
	return &Index{
		ids: make([]string, 0, room), cards: make([]card, 0, room),
		at: make(map[string]uint32, room), lists: make(map[uint32][]uint32, room/4),
	}
}

// Len is how many things are in the index.
func (x *Index) Len() int { return len(x.cards) - x.gone }

// Put takes a thing in, in place of what had its id.
func (x *Index) Put(id string, t Thing) { x.PutRead(id, Read(t)) }

// PutRead is Put of a thing that is read already.
func (x *Index) PutRead(id string, r *Reading) {
	x.Remove(id)
	n := uint32(len(x.cards))
	x.ids, x.cards = append(x.ids, id), append(x.cards, cardOf(r))
	x.at[id] = n
	var room [64]uint32
	for _, g := range grams(room[:0], r) {
		if list := x.lists[g]; len(list) == 0 || list[len(list)-1] != n {
			x.lists[g] = append(list, n)
		}
	}
}

// Remove takes a thing out.
func (x *Index) Remove(id string) {
	n, ok := x.at[id]
	if !ok {
		return
	}
	delete(x.at, id)
	x.cards[n] = card{gone: true}
	x.ids[n] = ""
	x.gone++
	if x.gone > 1000 && 2*x.gone > len(x.cards) {
		x.sweep()
	}
}

// sweep gives the room of what was taken out free.
func (x *Index) sweep() {
	x.swept++
	to, kept := make([]uint32, len(x.cards)), uint32(0)
	for n := range x.cards {
		if to[n] = kept; !x.cards[n].gone {
			x.cards[kept], x.ids[kept] = x.cards[n], x.ids[n]
			x.at[x.ids[kept]] = kept
			kept++
		} else {
			to[n] = ^uint32(0)
		}
	}
	clear(x.cards[kept:])
	clear(x.ids[kept:])
	x.cards, x.ids, x.gone = x.cards[:kept], x.ids[:kept], 0
	for g, list := range x.lists {
		list = slices.DeleteFunc(list, func(n uint32) bool { return to[n] == ^uint32(0) })
		for i, n := range list {
			list[i] = to[n]
		}
		if len(list) == 0 {
			delete(x.lists, g)
		} else {
			x.lists[g] = list
		}
	}
}

// A Match is a thing of the index with what it is to the one that was asked
// for.
type Match struct {
	ID        string
	Score     int // 0 to Full
	Judgement Judgement
}

// A search is the room that finding takes.
type search struct {
	weight  []uint16 // by card
	touched []uint32
	picked  []uint32
	lists   []weighed // the rarest first
	found   []hit
	other   Reading
	sieve   sieve
	count   [2048]int // by weight, how many are touched: what is asked weighs no more
}

// A hit is a card and its score.
type hit struct {
	at    uint32
	score int
}

type weighed struct {
	list   []uint32
	weight uint16
}

// How far a search goes: the rare grams decide.
const (
	mostRead   = 40_000 // entries of lists
	fewCards   = 1000   // so few are compared one by one: within a campaign a search is exact
	mostPicked = 600    // cards that are compared
)

// Find is the n things most like the one asked for, the likest first; of equal
// ones the one that was put in first. Things that share nothing with it are not
// among them.
func (x *Index) Find(t Thing, n int) []Match { return x.search(Read(t), n, vetoed, 0) }

// Alike is Find without what is different.
func (x *Index) Alike(t Thing, n int) []Match { return x.AlikeSince(Read(t), n, Point{}) }

// AlikeSince is Alike of a thing that is read already, among what was put in
// after a point.
func (x *Index) AlikeSince(r *Reading, n int, p Point) []Match {
	return slices.DeleteFunc(x.search(r, n, 0, x.after(p)), func(m Match) bool { return m.Judgement == Different })
}

// search finds. What is vetoed is left out once so many are found that weigh as
// much as the bound; where that is nought, always. Cards before `from` are left out too.
func (x *Index) search(r *Reading, n, bound int, from uint32) []Match {
	if n <= 0 || int(from) >= len(x.cards) {
		return nil
	}
	s, _ := x.pool.Get().(*search)
	if s == nil {
		s = &search{}
	}
	defer x.pool.Put(s)
	r = r.shortened()
	s.begin(x, r, from)
	few, read := len(x.cards) <= fewCards, 0
	for _, w := range s.lists {
		if !few && read > 0 && read+len(w.list) > mostRead {
			break
		}
		s.add(w)
		read += len(w.list)
	}
	s.compare(x, r, n, bound, few, from)
	out := make([]Match, len(s.found))
	for i, h := range s.found {
		out[i] = Match{ID: x.ids[h.at], Score: h.score, Judgement: judge(h.score)}
	}
	s.end()
	return out
}

// begin looks the grams up, the rarest first.
func (s *search) begin(x *Index, r *Reading, from uint32) {
	if len(s.weight) < len(x.cards) {
		s.weight = make([]uint16, len(x.cards)+len(x.cards)/8+64)
	}
	var room [64]uint32
	grams, twice := asked(room[:0], r)
	for i, g := range grams {
		list := x.lists[g]
		weight := uint16(bits.Len(uint(len(x.cards)/max(len(list), 1)) + 1))
		if i >= len(grams)-twice {
			weight *= 2
		}
		if from > 0 {
			first, _ := slices.BinarySearch(list, from)
			list = list[first:]
		}
		if len(list) > 0 {
			s.lists = append(s.lists, weighed{list, weight})
		}
	}
	slices.SortFunc(s.lists, func(a, b weighed) int { return len(a.list) - len(b.list) })
}

func (s *search) add(w weighed) {
	for _, n := range w.list {
		if s.weight[n] == 0 {
			s.touched = append(s.touched, n)
		}
		s.weight[n] += w.weight
	}
}

func (s *search) end() {
	for _, n := range s.touched {
		s.weight[n] = 0
	}
	s.sieve.set(nil)
	s.touched, s.picked, s.found = s.touched[:0], s.picked[:0], s.found[:0]
	clear(s.lists)
	s.lists = s.lists[:0]
}

// compare compares the cards that share most, and keeps the best.
func (s *search) compare(x *Index, r *Reading, n, bound int, few bool, from uint32) {
	s.pick(x, few, from)
	heard := heardIn(r)
	s.sieve.set(&r.company)
	for _, at := range s.picked {
		c := &x.cards[at]
		if c.gone || !few && (apart(heard[0], c.heard[0]) || apart(heard[1], c.heard[1])) && (c.code == 0 || c.code != r.company.codeHash) {
			continue
		}
		if (bound == 0 || len(s.found) == n && s.found[n-1].score >= bound) && c.vetoes(&r.project) {
			continue
		}
		least := 0
		if bound == 0 || s.weight[at] == 0 {
			least = doubtFrom
			if s.sieve.another(c) {
				continue
			}
		}
		score, ok := c.weigh(r, &s.other, least)
		if !ok || score < least || len(s.found) == n && score < s.found[n-1].score {
			continue
		}
		i := len(s.found)
		for i > 0 && (s.found[i-1].score < score || s.found[i-1].score == score && s.found[i-1].at > at) {
			i--
		}
		s.found = slices.Insert(s.found, i, hit{at, score})
		s.found = s.found[:min(len(s.found), n)]
	}
}

// apart tells whether both have sounds, and share less than half of the fewer.
func apart(a, b uint64) bool {
	return a != 0 && b != 0 && 2*bits.OnesCount64(a&b) < min(bits.OnesCount64(a), bits.OnesCount64(b))
}

// pick chooses the cards to compare: all of a few, else the heaviest, and of
// those that weigh the same the ones put in first.
func (s *search) pick(x *Index, few bool, from uint32) {
	if few {
		s.picked = s.picked[:0]
		for n := from; n < uint32(len(x.cards)); n++ {
			s.picked = append(s.picked, n)
		}
		return
	}
	if len(s.touched) <= mostPicked {
		s.picked = append(s.picked[:0], s.touched...)
		slices.Sort(s.picked)
		return
	}
	count := s.count[:]
	clear(count)
	heaviest := 1
	for _, n := range s.touched {
		w := min(int(s.weight[n]), len(count)-1)
		count[w]++
		heaviest = max(heaviest, w)
	}
	least, sum := heaviest, count[heaviest]
	for 255*(least-1) >= 90*heaviest && sum+count[least-1] <= mostPicked {
		least--
		sum += count[least]
	}
	s.picked = s.picked[:0]
	for _, n := range s.touched {
		if int(s.weight[n]) >= least {
			s.picked = append(s.picked, n)
		}
	}
	slices.Sort(s.picked)
	s.picked = s.picked[:min(len(s.picked), mostPicked)]
}

// A Pair is two things of a batch, or one and another that was there before.
type Pair struct {
	ID    string // of the batch
	Match Match  // that was in the index, or came earlier in the batch
}

// Join puts a batch in, one thing after another, and gives for each the things
// that it may be the same as, at most n: those that were there, and those of the
// batch before it.
func (x *Index) Join(ids []string, things []Thing, n int) []Pair {
	var out []Pair
	for i, t := range things {
		r := Read(t)
		for _, m := range x.AlikeSince(r, n, Point{}) {
			if m.ID != ids[i] {
				out = append(out, Pair{ids[i], m})
			}
		}
		x.PutRead(ids[i], r)
	}
	return out
}
