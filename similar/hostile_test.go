package similar_test

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"qiaomen/similar"
)

// longestFold is what Fold promises to read, and the most that a character may
// become.
const longestFold = 240 + 64

// hostile is names that nobody reports in good faith.
var hostile = map[string]string{
	"of 100,000 characters":                  strings.Repeat("石墨", 50_000),
	"of 100,000 different characters":        run(0x4e00, 0x9fff, 100_000),
	"of 100,000 noughts":                     strings.Repeat("0", 100_000),
	"of 100,000 nines":                       strings.Repeat("9", 100_000),
	"of 100,000 nines with a unit":           strings.Repeat("9", 100_000) + "万吨",
	"of two hundred nines with a unit":       strings.Repeat("9", 200) + "亿亩",
	"of nines behind the point":              "0." + strings.Repeat("9", 200) + "万吨",
	"of nothing but multiples":               "9" + strings.Repeat("亿", 200) + "吨",
	"of nothing but tens":                    strings.Repeat("千", 200),
	"of nothing but twenties":                strings.Repeat("廿", 200) + "期",
	"of nothing but Chinese nines":           strings.Repeat("九", 200) + "万吨",
	"of nothing but hundred millions":        strings.Repeat("九千亿", 60) + "美元",
	"of nothing but noughts":                 strings.Repeat("〇", 200) + "期",
	"of nothing but points":                  strings.Repeat("1.", 200) + "吨",
	"of nothing but ranges":                  strings.Repeat("1-", 200) + "期",
	"of a range that has no end":             "1-9999期",
	"of a range that goes back":              "9-1期",
	"of a range that begins at nought":       "0-0期",
	"of a phase beyond all":                  "9999期",
	"of the phase nought":                    "零期",
	"of an ordinal alone":                    "第",
	"of an ordinal and a mark":               "第-",
	"of nothing but ordinals":                strings.Repeat("第", 500),
	"of nothing but phases":                  strings.Repeat("一期", 500),
	"of nothing but letters":                 strings.Repeat("A", 500),
	"of nothing but Roman numerals":          strings.Repeat("Ⅷ", 500),
	"of nothing but brackets":                strings.Repeat("（【[({", 1000),
	"of nothing but marks":                   strings.Repeat("。，、；：？！…—～·#%+", 500),
	"of emoji":                               strings.Repeat("🏭👩‍👩‍👧‍👦🇨🇳👍🏽", 200),
	"of private-use characters":              strings.Repeat("\ue000\uf8ff\U000f0000\U0010fffd", 200),
	"of halves of pairs":                     strings.Repeat("\xed\xa0\x80\xed\xbf\xbf", 200),
	"of broken bytes":                        strings.Repeat("\xff\xc0\xe4\xb8", 500),
	"cut within a character":                 "示例盛华"[:11],
	"of NULs":                                strings.Repeat("\x00", 1000),
	"of NULs between":                        "示\x00例\x00盛\x00华\x00",
	"of nothing that is seen":                strings.Repeat("\u200b\u00ad\ufeff\u202e", 25_000),
	"that is seen after much that is not":    strings.Repeat("\u200b", 100_000) + "示例盛华",
	"of one letter with 100,000 marks":       "e" + strings.Repeat("\u0301", 100_000),
	"of what becomes much":                   strings.Repeat("\ufdfa", 1000),
	"of what becomes much with a letter":     strings.Repeat("㍿㌀", 1000),
	"of line breaks":                         strings.Repeat("\r\n\u2028", 300),
	"of characters beyond sixteen bits":      strings.Repeat("𠮷𬭩𝄞", 300),
	"of non-characters":                      strings.Repeat("\ufffe\uffff\U0001ffff\U0010ffff", 300),
	"of edges":                               strings.Repeat("|", 300),
	"of places alone":                        strings.Repeat("集贤县宝清县", 100),
	"of directions alone":                    strings.Repeat("东南西北", 100),
	"of trades alone":                        strings.Repeat("石墨新材料风电", 100),
	"of codes that are almost right":         strings.Repeat("91230500MA1B2C3D4", 100),
	"of one code after another":              strings.Repeat(code("91230500MA1B2C3D4"), 100),
	"of one character":                       "盛",
	"of a unit alone":                        "吨",
	"of a town alone":                        "镇",
	"of a place and a town that is not said": "集贤县镇",
}

// run is characters from the first to the last, round and round.
func run(first, last rune, n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteRune(first + rune(i)%(last-first+1))
	}
	return b.String()
}

// TestHostileNames: whatever a name is of, it is compared with whatever else.
func TestHostileNames(t *testing.T) {
	x := similar.NewIndex(0)
	x.Put("honest", similar.Thing{Company: company, Project: project})
	for what, name := range hostile {
		t.Run("a name "+what, func(t *testing.T) {
			folded := similar.Fold(name)
			if n := utf8.RuneCountInString(folded); n > longestFold {
				t.Errorf("folds to %d characters", n)
			}
			if !utf8.ValidString(folded) {
				t.Errorf("folds to %q", folded)
			}
			for _, thing := range []similar.Thing{{Company: name}, {Project: name}, {Code: name}, {Company: name, Project: name, Code: name}, {Company: company, Project: name}, {Company: name, Project: project}} {
				for _, other := range []similar.Thing{thing, {}, {Company: company, Project: project}} {
					checkVerdict(t, thing, other)
				}
				if words := similar.Compare(thing, thing).String(); len(words) > 20_000 {
					t.Errorf("the verdict takes %d bytes", len(words))
				}
				x.Put("hostile", thing)
				if found := x.Find(thing, 3); len(found) > 2 {
					t.Errorf("found %v of two", found)
				}
			}
		})
	}
	if got := x.Find(similar.Thing{Company: company, Project: project}, 1); len(got) != 1 || got[0].ID != "honest" {
		t.Errorf("among hostile names the honest one is found as %v", got)
	}
}

// TestHiddenCostsNoRoom: what is not seen, a little of it anywhere, takes no
// room from what is.
func TestHiddenCostsNoRoom(t *testing.T) {
	name := strings.Repeat("盛华恒远", 60) // 240 characters
	spread := strings.Join(strings.Split(name, ""), "\u200b\u00ad\u202e")
	if a, b := similar.Fold(name), similar.Fold(spread); a != b || utf8.RuneCountInString(a) != 240 {
		t.Errorf("a name of 240 characters folds to %d, with hidden ones to %d", utf8.RuneCountInString(a), utf8.RuneCountInString(b))
	}
}

// TestManyEqualNames: a crowd of equal names gives no more than was asked for,
// hides nobody, and goes when it is told to. MILLION=1 makes it a million.
func TestManyEqualNames(t *testing.T) {
	crowd := 20_000
	if os.Getenv("MILLION") != "" {
		crowd = 1_000_000
	}
	thing := similar.Thing{Company: company, Project: project}
	x := similar.NewIndex(crowd)
	for n := range crowd {
		x.Put(strconv.Itoa(n), thing)
	}
	x.Put("apart", similar.Thing{Company: "示例恒远乳业有限公司", Project: "宝清县奶粉项目"})
	if x.Len() != crowd+1 {
		t.Fatalf("Len is %d, want %d", x.Len(), crowd+1)
	}
	for _, n := range []int{1, 10, 100} {
		found := x.Find(thing, n)
		if len(found) != n {
			t.Fatalf("%d asked for, %d found", n, len(found))
		}
		for i, m := range found {
			if m.Judgement != similar.Same || m.ID != strconv.Itoa(i) {
				t.Fatalf("of equal ones number %d is %v", i, m)
			}
		}
	}
	if got := x.Find(similar.Thing{Company: "示例恒远乳业", Project: "宝清县奶粉项目"}, 3); len(got) != 1 || got[0].ID != "apart" {
		t.Errorf("beside the crowd found %v", got)
	}
	if pairs := x.Join([]string{"batch"}, []similar.Thing{thing}, 5); len(pairs) != 5 {
		t.Errorf("a batch of one is joined with %d, at most 5", len(pairs))
	}
	for n := range crowd {
		if n != crowd/2 {
			x.Remove(strconv.Itoa(n))
		}
	}
	if got := ids(x.Find(thing, 9)); x.Len() != 3 || !slices.Equal(got, []string{strconv.Itoa(crowd / 2), "batch"}) {
		t.Errorf("of the crowd are left %d, found %v", x.Len(), got)
	}
}

// TestSharedGrams: a crowd shares every piece of its names with whoever asks,
// and the one that is meant is found among them.
func TestSharedGrams(t *testing.T) {
	const crowd = 20_000
	x := similar.NewIndex(crowd)
	for n := range crowd { // one brand, one product, one place; the amounts are all that differs
		x.Put(strconv.Itoa(n), similar.Thing{Company: company, Project: fmt.Sprintf("集贤县年产%d吨球形石墨项目%d期", 1000+n, 1+n%20)})
	}
	for _, n := range []int{0, 777, crowd - 1} {
		asked := similar.Thing{Company: company, Project: fmt.Sprintf("集贤县年产%d吨球形石墨项目%d期", 1000+n, 1+n%20)}
		found := x.Find(asked, 10)
		if len(found) == 0 || len(found) > 10 || found[0].ID != strconv.Itoa(n) {
			t.Errorf("%s is found as %v", asked.Project, found)
		}
	}
	// A name that holds every piece of all of them, and says nothing of itself.
	greedy := similar.Thing{Company: strings.Repeat(company, 20), Project: strings.Repeat(project+"一期", 20)}
	if found := x.Find(greedy, 10); len(found) > 10 {
		t.Errorf("10 asked for, %d found", len(found))
	}
}

// TestSearchIsBounded: however many share the name, a search that is warm takes
// room no more often than for one.
func TestSearchIsBounded(t *testing.T) {
	thing := similar.Thing{Company: company, Project: project}
	few, many := similar.NewIndex(0), similar.NewIndex(0)
	few.Put("one", thing)
	for n := range 20_000 {
		many.Put(strconv.Itoa(n), thing)
	}
	allocations := func(x *similar.Index) float64 { return testing.AllocsPerRun(20, func() { x.Find(thing, 10) }) }
	if a, b := allocations(few), allocations(many); b > a+20 {
		t.Errorf("among one a search takes room %v times, among 20,000 equal ones %v", a, b)
	}
}
