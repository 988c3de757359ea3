package similar

import (
	"math/rand/v2"
	"testing"
)

// TestAnotherCompanyIsSure: what is ruled out before it is read would not have been
// called the same or doubtful; and it rules out most of what has little in common.
func TestAnotherCompanyIsSure(t *testing.T) {
	m := rand.New(rand.NewPCG(7, 7))
	// characters that are read alike, drawn alike, have several readings, are numerals
	pool := []rune("盛晟成华桦哗恒衡行鑫馨未末己已土士日曰人入大太长常乐岳重种三叁3二两一壹源元原宏弘洪泰太瑞睿祥详")
	name := func() string {
		text := []rune("示例")
		for range 1 + m.IntN(5) {
			text = append(text, pool[m.IntN(len(pool))])
		}
		return string(text) + []string{"", "石墨", "粮油食品", "科技", "实业发展"}[m.IntN(5)] + "有限公司"
	}
	out, ruled, who := 0, 0, &sieve{}
	for range 50_000 {
		a, b := Read(Thing{Company: name()}), Read(Thing{Company: name()})
		if m.IntN(4) == 0 { // the same but for a character
			text := []rune(a.text(brandPart))
			text[m.IntN(len(text))] = pool[m.IntN(len(pool))]
			b = Read(Thing{Company: string(text) + []string{"科技", "实业发展"}[m.IntN(2)]})
		}
		c := cardOf(b)
		who.set(&a.company)
		score := weighCompany(&a.company, &b.company, nil).score
		if score < doubtFrom {
			out++
		}
		if who.another(&c) {
			ruled++
			if score >= doubtFrom {
				t.Fatalf("%q and %q weigh %d and are ruled out", string(a.company.full), string(b.company.full), score)
			}
		}
	}
	if 3*ruled < out {
		t.Errorf("of %d that are different, %d are ruled out", out, ruled)
	}
}

// TestAllLike: what is given as like a character is what could be mistaken for it.
func TestAllLike(t *testing.T) {
	tab := tables()
	asked := map[rune]bool{}
	for pair := range tab.shape {
		asked[rune(pair>>32)] = pair%4 == 0
	}
	for a := range tab.other {
		asked[a] = a%4 == 0
	}
	for a := range values {
		asked[a] = true
	}
	for a := rune(0x4e00); a < 0x9fff; a += 397 {
		asked[a] = true
	}
	for a, it := range asked {
		if !it {
			continue
		}
		given := map[rune]bool{}
		tab.allLike(a, func(b rune) { given[b] = true })
		for b := rune(0); b < 0x10000; b++ {
			if given[b] != alike(a, b) {
				t.Fatalf("%c is given %c: %v; they are alike: %v", a, b, given[b], alike(a, b))
			}
		}
	}
}
