package qiaomen_test

import (
	"math"
	"math/big"
	"testing"

	"pgregory.net/rapid"
	"qiaomen"
)

// anyNumber is a number and the same as a big.Rat, small or far beyond int64.
func anyNumber(t *rapid.T, label string) (qiaomen.Number, *big.Rat) {
	edge := rapid.SampledFrom([]int64{0, 1, -1, 2, 3, 7, 10, 1e9, math.MaxInt64, math.MinInt64 + 1, math.MaxInt32})
	part := rapid.OneOf(edge, rapid.Int64Range(math.MinInt64+1, math.MaxInt64), rapid.Int64Range(-100, 100))
	num, den := part.Draw(t, label), part.Draw(t, label+" den")
	if den == 0 {
		den = 1
	}
	n, r := qiaomen.Ratio(num, den), big.NewRat(num, den)
	for range rapid.IntRange(0, 2).Draw(t, label+" grown") {
		n, r = n.Mul(n), new(big.Rat).Mul(r, r)
	}
	return n, r
}

// TestNumbersAreExact compares every operation with big.Rat, across the edge
// where int64 no longer holds them.
func TestNumbersAreExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, x := anyNumber(t, "a")
		b, y := anyNumber(t, "b")
		same := func(op string, got qiaomen.Number, want *big.Rat) {
			t.Helper()
			if got.Rat().Cmp(want) != 0 {
				t.Fatalf("%v %s %v = %v, want %v", x, op, y, got.Rat(), want)
			}
			if !got.Equal(got.Add(qiaomen.Number{})) {
				t.Fatalf("%v is not itself plus nothing", want)
			}
		}
		same("+", a.Add(b), new(big.Rat).Add(x, y))
		same("−", a.Sub(b), new(big.Rat).Sub(x, y))
		same("×", a.Mul(b), new(big.Rat).Mul(x, y))
		if y.Sign() != 0 {
			same("÷", a.Quo(b), new(big.Rat).Quo(x, y))
		}
		if a.Cmp(b) != x.Cmp(y) || a.Sign() != x.Sign() || a.IsInt() != x.IsInt() {
			t.Fatalf("cmp %v sign %v int %v of %v and %v", a.Cmp(b), a.Sign(), a.IsInt(), x, y)
		}
		floor := a.Floor().Rat()
		if !floor.IsInt() || floor.Cmp(x) > 0 || new(big.Rat).Add(floor, big.NewRat(1, 1)).Cmp(x) <= 0 {
			t.Fatalf("floor of %v is %v", x, floor)
		}
	})
}

func TestRounding(t *testing.T) {
	for _, c := range []struct {
		text   string
		places int
		want   string
	}{
		{"2.345", 2, "2.35"},
		{"-2.345", 2, "-2.35"},
		{"2.344999", 2, "2.34"},
		{"0.05", 1, "0.1"},
		{"-0.04", 1, "0"},
		{"17.45", 1, "17.5"},
		{"17.449999999999999999999999999999", 1, "17.4"},
		{"999999999999999999999999999999.5", 0, "1000000000000000000000000000000"},
	} {
		n, err := qiaomen.ParseDecimal(c.text)
		if err != nil {
			t.Fatal(err)
		}
		if got := n.Round(c.places).String(); got != c.want {
			t.Errorf("%s to %d places is %s, want %s", c.text, c.places, got, c.want)
		}
	}
}

// TestPlainNotation: no exponent, no trailing zeros, no −0; what does not end
// is cut at ten places, half away from zero.
func TestPlainNotation(t *testing.T) {
	for _, c := range []struct {
		n    qiaomen.Number
		want string
		ends bool
	}{
		{qiaomen.Number{}, "0", true},
		{qiaomen.Int(-3), "-3", true},
		{qiaomen.Ratio(10, 4), "2.5", true},
		{qiaomen.Ratio(1, 1_000_000_000_000), "0.000000000001", true},
		{qiaomen.Ratio(10, 7), "1.4285714286", false},
		{qiaomen.Ratio(-2, 3), "-0.6666666667", false},
		{qiaomen.Ratio(-1, 30_000_000_000), "0", false},
		{qiaomen.Int(math.MaxInt64).Mul(qiaomen.Int(10)), "92233720368547758070", true},
	} {
		if got := c.n.String(); got != c.want || c.n.Ends() != c.ends {
			t.Errorf("%s: %s, ends %v; want %s, %v", c.n.Fraction(), got, c.n.Ends(), c.want, c.ends)
		}
	}
}
