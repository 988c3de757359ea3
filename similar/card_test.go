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
	out, ruled := 0, 0
	for range 50_000 {
		a, b := Read(Thing{Company: name()}), Read(Thing{Company: name()})
		if m.IntN(4) == 0 { // the same but for a character
			text := []rune(a.text(brandPart))
			text[m.IntN(len(text))] = pool[m.IntN(len(pool))]
			b = Read(Thing{Company: string(text) + []string{"科技", "实业发展"}[m.IntN(2)]})
		}
		c := cardOf(b)
		who := brandOf(nil, &a.company)
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
	if 5*ruled < out {
		t.Errorf("of %d that are different, %d are ruled out", out, ruled)
	}
}

// TestMarks: what could be mistaken for a character has a mark among its marks.
func TestMarks(t *testing.T) {
	tab := tables()
	check := func(a, b rune) {
		if alike(a, b) && tab.marks(a)&tab.mark(b) == 0 {
			t.Errorf("%c and %c are alike; %c has not the mark of it", a, b, a)
		}
	}
	for pair := range tab.shape {
		a, b := rune(pair>>32), rune(pair&0xffffffff)
		check(a, b)
		check(b, a)
	}
	for a := range tab.other {
		for b := range tab.other {
			check(a, b)
		}
		for b := rune(0x4e00); b < 0x9fff; b += 7 {
			check(a, b)
			check(b, a)
		}
	}
	for a := range values {
		for b := range values {
			check(a, b)
		}
	}
}
