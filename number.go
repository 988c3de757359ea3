package qiaomen

import (
	"errors"
	"math"
	"math/big"
	"math/bits"
	"strconv"
	"strings"
)

// A Number is an exact rational: an amount, a count, a rate, a score. The zero
// Number is 0. Small ones are kept as two int64; what does not fit there is
// kept as a big.Rat, so that nothing is ever rounded unless a rule says so.
type Number struct {
	num int64
	den int64    // at least 1 in lowest terms; 0 stands for 1
	big *big.Rat // set when num and den do not fit; never changed once set
}

// Int is the whole number n.
func Int(n int64) Number { return Number{num: n, den: 1} }

// Ratio is n/d. It panics when d is 0.
func Ratio(n, d int64) Number { return Int(n).Quo(Int(d)) }

// maxDigits bounds an amount written out, before and after the point
// (contract, records file).
const maxDigits = 30

var (
	errNoNumber = errors.New("不是数，应写成 12.5 这样的半角数字")
	errTooLong  = errors.New("位数太多，整数和小数部分各不超过30位")
)

// ParseDecimal reads [-]digits[.digits][e[+|-]digits] exactly. Written out it
// may have at most 30 significant digits before and 30 after the point. The
// error is a sentence for a person.
func ParseDecimal(s string) (Number, error) {
	text := s
	negative := strings.HasPrefix(text, "-")
	if negative {
		text = text[1:]
	}
	mantissa, exponent := text, 0
	hugeUp, hugeDown := false, false
	if i := strings.IndexAny(text, "eE"); i >= 0 {
		mantissa = text[:i]
		e := text[i+1:]
		down := strings.HasPrefix(e, "-")
		if down || strings.HasPrefix(e, "+") {
			e = e[1:]
		}
		if e == "" || !allDigits(e) {
			return Number{}, errNoNumber
		}
		if e = strings.TrimLeft(e, "0"); len(e) > 6 {
			hugeUp, hugeDown = !down, down
		} else if e != "" {
			exponent, _ = strconv.Atoi(e)
			if down {
				exponent = -exponent
			}
		}
	}
	whole, part, point := strings.Cut(mantissa, ".")
	if whole == "" || !allDigits(whole) || point && (part == "" || !allDigits(part)) {
		return Number{}, errNoNumber
	}
	whole = strings.TrimLeft(whole, "0")
	part = strings.TrimRight(part, "0")
	if whole == "" && part == "" {
		return Number{}, nil
	}
	if hugeUp || hugeDown {
		return Number{}, errTooLong
	}
	// The value is digits × 10^shift, with neither leading nor trailing zeros.
	shift := exponent - len(part)
	all := strings.TrimLeft(whole+part, "0")
	trimmed := strings.TrimRight(all, "0")
	shift += len(all) - len(trimmed)
	if len(trimmed)+shift > maxDigits || -shift > maxDigits {
		return Number{}, errTooLong
	}
	return decimal(trimmed, shift, negative), nil
}

// decimal is digits × 10^shift. len(digits)+|shift| is at most about 60.
func decimal(digits string, shift int, negative bool) Number {
	if len(digits) <= 18 && shift >= -18 && len(digits)+shift <= 18 {
		n, _ := strconv.ParseInt(digits, 10, 64)
		if negative {
			n = -n
		}
		if shift >= 0 {
			return Int(n * pow10(shift))
		}
		return lowest(n, pow10(-shift))
	}
	n, _ := new(big.Int).SetString(digits, 10)
	if negative {
		n.Neg(n)
	}
	scale := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(max(shift, -shift))), nil)
	if shift >= 0 {
		return fromRat(new(big.Rat).SetInt(n.Mul(n, scale)))
	}
	return fromRat(new(big.Rat).SetFrac(n, scale))
}

func allDigits(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

func pow10(n int) int64 {
	p := int64(1)
	for ; n > 0; n-- {
		p *= 10
	}
	return p
}

func lowest(num, den int64) Number {
	if den == 1 {
		return Number{num: num, den: 1}
	}
	g := gcd(num, den)
	return Number{num: num / g, den: den / g}
}

func gcd(a, b int64) int64 {
	if a < 0 {
		a = -a
	}
	for b != 0 {
		a, b = b, a%b
	}
	return max(a, 1)
}

func fromRat(r *big.Rat) Number {
	if r.Num().IsInt64() && r.Denom().IsInt64() && r.Num().Int64() != math.MinInt64 {
		return Number{num: r.Num().Int64(), den: r.Denom().Int64()}
	}
	return Number{big: r}
}

func (n Number) d() int64 {
	if n.den == 0 {
		return 1
	}
	return n.den
}

// Rat is the number as a fresh big.Rat.
func (n Number) Rat() *big.Rat {
	if n.big != nil {
		return new(big.Rat).Set(n.big)
	}
	return big.NewRat(n.num, n.d())
}

func (n Number) rat() *big.Rat {
	if n.big != nil {
		return n.big
	}
	return big.NewRat(n.num, n.d())
}

func mul64(a, b int64) (int64, bool) {
	hi, lo := bits.Mul64(uint64(max(a, -a)), uint64(max(b, -b)))
	if hi != 0 || lo > math.MaxInt64 {
		return 0, false
	}
	if (a < 0) != (b < 0) {
		return -int64(lo), true
	}
	return int64(lo), true
}

func add64(a, b int64) (int64, bool) {
	s := a + b
	return s, (s > a) == (b > 0) && s != math.MinInt64
}

// Add is n + o.
func (n Number) Add(o Number) Number {
	if n.big == nil && o.big == nil {
		if n.d() == o.d() {
			if s, ok := add64(n.num, o.num); ok {
				return lowest(s, n.d())
			}
		} else {
			a, ok1 := mul64(n.num, o.d())
			b, ok2 := mul64(o.num, n.d())
			den, ok3 := mul64(n.d(), o.d())
			if ok1 && ok2 && ok3 {
				if s, ok := add64(a, b); ok {
					return lowest(s, den)
				}
			}
		}
	}
	return fromRat(new(big.Rat).Add(n.rat(), o.rat()))
}

// Neg is −n.
func (n Number) Neg() Number {
	if n.big == nil {
		return Number{num: -n.num, den: n.d()}
	}
	return fromRat(new(big.Rat).Neg(n.big))
}

// Sub is n − o.
func (n Number) Sub(o Number) Number { return n.Add(o.Neg()) }

// Mul is n × o.
func (n Number) Mul(o Number) Number {
	if n.big == nil && o.big == nil {
		num, ok1 := mul64(n.num, o.num)
		den, ok2 := mul64(n.d(), o.d())
		if ok1 && ok2 {
			return lowest(num, den)
		}
	}
	return fromRat(new(big.Rat).Mul(n.rat(), o.rat()))
}

// Quo is n ÷ o. It panics when o is 0: callers ask first.
func (n Number) Quo(o Number) Number {
	if n.big == nil && o.big == nil && o.num != 0 {
		num, ok1 := mul64(n.num, o.d())
		den, ok2 := mul64(n.d(), o.num)
		if ok1 && ok2 {
			if den < 0 {
				num, den = -num, -den
			}
			return lowest(num, den)
		}
	}
	return fromRat(new(big.Rat).Quo(n.rat(), o.rat()))
}

// Cmp is −1, 0 or 1 as n is less than, equal to or greater than o.
func (n Number) Cmp(o Number) int {
	if n.big == nil && o.big == nil {
		a, ok1 := mul64(n.num, o.d())
		b, ok2 := mul64(o.num, n.d())
		if ok1 && ok2 {
			switch {
			case a < b:
				return -1
			case a > b:
				return 1
			}
			return 0
		}
	}
	return n.rat().Cmp(o.rat())
}

// Equal tells whether the two are the same number.
func (n Number) Equal(o Number) bool { return n.Cmp(o) == 0 }

// Sign is −1, 0 or 1.
func (n Number) Sign() int {
	if n.big != nil {
		return n.big.Sign()
	}
	switch {
	case n.num < 0:
		return -1
	case n.num > 0:
		return 1
	}
	return 0
}

// Abs is n without its sign.
func (n Number) Abs() Number {
	if n.Sign() < 0 {
		return n.Neg()
	}
	return n
}

// Min is the lesser of the two.
func (n Number) Min(o Number) Number {
	if n.Cmp(o) <= 0 {
		return n
	}
	return o
}

// Max is the greater of the two.
func (n Number) Max(o Number) Number {
	if n.Cmp(o) >= 0 {
		return n
	}
	return o
}

// Floor is the greatest whole number not above n.
func (n Number) Floor() Number {
	if n.big == nil {
		q := n.num / n.d()
		if n.num%n.d() < 0 {
			q--
		}
		return Int(q)
	}
	q := new(big.Int).Div(n.big.Num(), n.big.Denom()) // Euclidean: rounds down for a positive denominator
	return fromRat(new(big.Rat).SetInt(q))
}

// IsInt tells whether n is a whole number.
func (n Number) IsInt() bool {
	if n.big != nil {
		return n.big.IsInt()
	}
	return n.d() == 1
}

// Round is n to the given decimal places, half away from zero (四舍五入).
func (n Number) Round(places int) Number {
	scale := decimal("1", places, false)
	half := Number{num: 1, den: 2}
	r := n.Abs().Mul(scale).Add(half).Floor().Quo(scale)
	if n.Sign() < 0 {
		return r.Neg()
	}
	return r
}

// shownPlaces is where a number that does not end is cut for display
// (contract, --format json).
const shownPlaces = 10

// String is plain decimal notation without trailing zeros; a number that does
// not end is rounded half away from zero at 10 places.
func (n Number) String() string {
	if n.big == nil && n.d() == 1 {
		return strconv.FormatInt(n.num, 10)
	}
	r := n.rat()
	places, exact := r.FloatPrec()
	if !exact {
		places = shownPlaces
	}
	s := r.FloatString(places)
	if strings.Contains(s, ".") {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	if s == "-0" {
		return "0"
	}
	return s
}

// Ends tells whether the number has finitely many decimals.
func (n Number) Ends() bool {
	if n.big == nil && n.d() == 1 {
		return true
	}
	_, exact := n.rat().FloatPrec()
	return exact
}

// Fraction is the number as a fraction in lowest terms, such as 10/7.
func (n Number) Fraction() string { return n.rat().RatString() }

// MarshalText is the number as the ledger keeps it: a decimal, or a fraction
// where it does not end.
func (n Number) MarshalText() ([]byte, error) {
	if n.Ends() {
		return []byte(n.String()), nil
	}
	return []byte(n.Fraction()), nil
}

// UnmarshalText reads what MarshalText wrote.
func (n *Number) UnmarshalText(text []byte) error {
	whole, part, fraction := strings.Cut(string(text), "/")
	if !fraction {
		var err error
		*n, err = ParseDecimal(whole)
		return err
	}
	r, ok := new(big.Rat).SetString(whole + "/" + part)
	if !ok || len(text) > 200 {
		return errNoNumber
	}
	*n = fromRat(r)
	return nil
}

// IsZero tells whether the number is 0.
func (n Number) IsZero() bool { return n.Sign() == 0 }

// Clamp is the whole part of the number, or the int64 nearest to it.
func (n Number) Clamp() int64 {
	f := n.Floor()
	switch {
	case f.big == nil:
		return f.num
	case f.big.Sign() < 0:
		return math.MinInt64
	}
	return math.MaxInt64
}
