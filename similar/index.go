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
	pool  sync.Pool // of *search
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
func (x *Index) Put(id string, t Thing) { x.put(id, Read(t)) }

func (x *Index) put(id string, r *Reading) {
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
	found   []Match
	other   Reading
}

type weighed struct {
	list   []uint32
	weight uint16
}

// How far a search goes. The rare grams decide; the common ones are only asked
// where those found nothing that is the same.
const (
	firstLook  = 20_000  // entries of lists
	secondLook = 100_000 // entries of lists, in all
	fewCards   = 1000    // so few are compared one by one: within a campaign a search is exact
	mostPicked = 600     // cards that are compared
)

// Find is the n things most like the one asked for, the likest first; of equal
// ones the one that was put in first. Things that share nothing with it are not
// among them.
func (x *Index) Find(t Thing, n int) []Match { return x.search(Read(t), n, vetoed) }

// Alike is Find without what is different.
func (x *Index) Alike(t Thing, n int) []Match { return x.alike(Read(t), n) }

func (x *Index) alike(r *Reading, n int) []Match {
	return slices.DeleteFunc(x.search(r, n, 0), func(m Match) bool { return m.Judgement == Different })
}

// search finds. What is vetoed is left out once so many are found that weigh as
// much as the bound; where that is nought, always.
func (x *Index) search(r *Reading, n, bound int) []Match {
	if n <= 0 {
		return nil
	}
	s, _ := x.pool.Get().(*search)
	if s == nil {
		s = &search{}
	}
	defer x.pool.Put(s)
	r = r.shortened()
	s.begin(x, r)
	few, read, next := len(x.cards) <= fewCards, 0, 0
	for _, entries := range []int{firstLook, secondLook} {
		before := next
		for next < len(s.lists) && (few || read == 0 || read+len(s.lists[next].list) <= entries) {
			s.add(s.lists[next])
			read += len(s.lists[next].list)
			next++
		}
		if next == before && next > 0 {
			break
		}
		s.compare(x, r, n, bound, few)
		if next == len(s.lists) || len(s.found) > 0 && s.found[0].Judgement == Same {
			break
		}
	}
	out := slices.Clone(s.found)
	s.end()
	return out
}

// begin looks the grams up, the rarest first.
func (s *search) begin(x *Index, r *Reading) {
	if len(s.weight) < len(x.cards) {
		s.weight = make([]uint16, len(x.cards)+len(x.cards)/8+64)
	}
	var room [64]uint32
	for _, g := range asked(room[:0], r) {
		if list := x.lists[g]; len(list) > 0 {
			s.lists = append(s.lists, weighed{list, uint16(bits.Len(uint(len(x.cards)/len(list)) + 1))})
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
	s.touched, s.picked, s.found = s.touched[:0], s.picked[:0], s.found[:0]
	clear(s.lists)
	s.lists = s.lists[:0]
}

// compare compares the cards that share most, and keeps the best.
func (s *search) compare(x *Index, r *Reading, n, bound int, few bool) {
	s.pick(x, few)
	s.found = s.found[:0]
	heard := heardIn(r)
	for _, at := range s.picked {
		c := &x.cards[at]
		if c.gone || !few && (apart(heard[0], c.heard[0]) || apart(heard[1], c.heard[1])) && (c.code == 0 || c.code != r.company.codeHash) {
			continue
		}
		if (bound == 0 || len(s.found) == n && s.found[n-1].Score >= bound) && c.vetoes(&r.project) {
			continue
		}
		c.read(&s.other)
		score, ok := r.weigh(&s.other, nil)
		if !ok {
			continue
		}
		if len(s.found) == n && score <= s.found[n-1].Score || (bound == 0 || s.weight[at] == 0) && judge(score) == Different {
			continue
		}
		m := Match{ID: x.ids[at], Score: score, Judgement: judge(score)}
		i := len(s.found)
		for i > 0 && s.found[i-1].Score < score {
			i--
		}
		s.found = slices.Insert(s.found, i, m)
		s.found = s.found[:min(len(s.found), n)]
	}
}

// apart tells whether both have sounds, and share less than half of the fewer.
func apart(a, b uint64) bool {
	return a != 0 && b != 0 && 2*bits.OnesCount64(a&b) < min(bits.OnesCount64(a), bits.OnesCount64(b))
}

// pick chooses the cards to compare: all of a few, else the heaviest, and of
// those that weigh the same the ones put in first.
func (s *search) pick(x *Index, few bool) {
	if few {
		s.picked = s.picked[:0]
		for n := range x.cards {
			s.picked = append(s.picked, uint32(n))
		}
		return
	}
	if len(s.touched) <= mostPicked {
		s.picked = append(s.picked[:0], s.touched...)
		slices.Sort(s.picked)
		return
	}
	var count [256]int
	heaviest := uint16(1)
	for _, n := range s.touched {
		heaviest = max(heaviest, s.weight[n])
	}
	level := func(n uint32) int { return int(s.weight[n]) * 255 / int(heaviest) }
	for _, n := range s.touched {
		count[level(n)]++
	}
	from, sum := 255, count[255]
	for from > 90 && sum+count[from-1] <= mostPicked {
		from--
		sum += count[from]
	}
	s.picked = s.picked[:0]
	for _, n := range s.touched {
		if level(n) >= from {
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
		for _, m := range x.alike(r, n) {
			if m.ID != ids[i] {
				out = append(out, Pair{ids[i], m})
			}
		}
		x.put(ids[i], r)
	}
	return out
}
