package qiaomen_test

import (
	"math/big"
	"regexp"
	"strings"
	"testing"
	"time"

	"qiaomen"
)

var amountForm = regexp.MustCompile(`^-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?$`)

// FuzzDecimal holds ParseDecimal and the arithmetic of small Numbers against
// math/big.
func FuzzDecimal(f *testing.F) {
	for _, s := range []string{
		"0", "-0", "1.50", "1e2", "1E+2", "12.5", "-3.25", "007.10", "1e29", "1e30", "1e-30", "1e-31", "1e309", "1e999999999", "0e999999999", "NaN", "+1", ".5", "5.",
		"9223372036854775807", "-9223372036854775808", "9223372036854775808", "0.000000000000000001", "123456789012345678901234567890.123456789012345678901234567890",
	} {
		f.Add(s, "-7.25")
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		x, ok := decimal(t, a)
		y, also := decimal(t, b)
		if !ok || !also {
			return
		}
		p, q := x.Rat(), y.Rat()
		same := func(what string, got qiaomen.Number, want *big.Rat) {
			t.Helper()
			if got.Rat().Cmp(want) != 0 {
				t.Errorf("%s %s %s = %v, want %v", a, what, b, got, want)
			}
		}
		same("+", x.Add(y), new(big.Rat).Add(p, q))
		same("-", x.Sub(y), new(big.Rat).Sub(p, q))
		same("×", x.Mul(y), new(big.Rat).Mul(p, q))
		if y.Sign() != 0 {
			same("÷", x.Quo(y), new(big.Rat).Quo(p, q))
		}
		if x.Cmp(y) != p.Cmp(q) || x.Sign() != p.Sign() || x.Equal(y) != (p.Cmp(q) == 0) {
			t.Errorf("%s compared with %s is %d", a, b, x.Cmp(y))
		}
		same("min", x.Min(y), map[bool]*big.Rat{true: p, false: q}[p.Cmp(q) <= 0])
		same("max", x.Max(y), map[bool]*big.Rat{true: p, false: q}[p.Cmp(q) >= 0])
		floor := new(big.Rat).SetInt(new(big.Int).Div(p.Num(), p.Denom()))
		same("floor", x.Floor(), floor)
		if x.IsInt() != p.IsInt() {
			t.Errorf("%s whole: %v", a, x.IsInt())
		}
		for _, places := range []int{0, 1, 2, 4} {
			want, _ := new(big.Rat).SetString(p.FloatString(places)) // half away from zero
			same("rounded", x.Round(places), want)
		}
	})
}

// decimal is the number read, once the oracle has agreed.
func decimal(t *testing.T, s string) (qiaomen.Number, bool) {
	n, err := qiaomen.ParseDecimal(s)
	if !amountForm.MatchString(s) {
		if err == nil {
			t.Errorf("%q is taken as %v", s, n)
		}
		return n, false
	}
	mantissa, exponent, _ := strings.Cut(strings.ToLower(s), "e")
	if len(strings.TrimLeft(exponent, "+-0")) > 4 || len(mantissa) > 1000 { // too far for the oracle
		if zero := strings.Trim(mantissa, "-0.") == ""; zero != (err == nil) && len(mantissa) <= 1000 {
			t.Errorf("%q: %v", s, err)
		}
		return n, false
	}
	want, ok := new(big.Rat).SetString(s)
	if !ok {
		t.Fatalf("the oracle does not read %q", s)
	}
	places, _ := want.FloatPrec()
	whole := new(big.Int).Quo(want.Num(), want.Denom())
	long := places > 30 || len(new(big.Int).Abs(whole).String()) > 30
	switch {
	case long != (err != nil):
		t.Errorf("%q: %v", s, err)
	case err == nil && n.Rat().Cmp(want) != 0:
		t.Errorf("%q is read as %v", s, n)
	case err == nil:
		if back, err := qiaomen.ParseDecimal(n.String()); err != nil || !back.Equal(n) || n.String() == "-0" {
			t.Errorf("%q is written as %q", s, n.String())
		}
		if !n.Ends() || n.Rat().RatString() != n.Fraction() {
			t.Errorf("%q is the fraction %s", s, n.Fraction())
		}
	}
	return n, err == nil
}

// FuzzDate holds ParseDate against package time.
func FuzzDate(f *testing.F) {
	for _, s := range []string{"1900-01-01", "2200-12-31", "1899-12-31", "2201-01-01", "2024-02-29", "2023-02-29", "1900-02-29", "2024-2-1", "2024-13-01", "2024年1月5"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := qiaomen.ParseDate(s)
		want, bad := time.Parse(time.DateOnly, s)
		fine := bad == nil && want.Year() >= 1900 && want.Year() <= 2200
		if fine != (err == nil) {
			t.Fatalf("%q: %v, package time says %v", s, err, bad)
		}
		if err != nil {
			if d != 0 {
				t.Errorf("%q gives %v", s, d)
			}
			return
		}
		y, m, day := d.YMD()
		if d.String() != s || d.Weekday() != want.Weekday() || y != want.Year() || m != want.Month() || day != want.Day() || d != qiaomen.DateOf(y, m, day) {
			t.Errorf("%q is read as %v, %v", s, d, d.Weekday())
		}
		if next := (d + 1).String(); next != want.AddDate(0, 0, 1).Format(time.DateOnly) {
			t.Errorf("the day after %s is %s", s, next)
		}
	})
}

// FuzzMoment holds ParseMoment against package time, which knows neither
// small letters nor second 60.
func FuzzMoment(f *testing.F) {
	for _, s := range []string{
		"2024-01-05T09:00:00+08:00", "2024-01-05t09:00:00z", "2024-01-05T15:59:60Z", "2024-01-05T16:00:00.123456789Z", "1900-01-01T00:00:00+23:59", "2200-12-31T23:59:59-23:59",
		"2024-01-05T09:00:00", "2024-01-05T24:00:00Z", "2024-01-05T09:00:00,5Z", "2024-01-05T09:00:00+24:00", "2024-01-05T9:00:00Z", "2024-02-30T00:00:00Z",
	} {
		f.Add(s)
	}
	china := time.FixedZone("", 8*60*60)
	form := regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$`)
	f.Fuzz(func(t *testing.T, s string) {
		m, err := qiaomen.ParseMoment(s)
		plain, leap := strings.NewReplacer("t", "T", "z", "Z").Replace(s), time.Duration(0)
		if len(plain) > 19 && plain[16:19] == ":60" {
			plain, leap = plain[:17]+"59"+plain[19:], time.Second
		}
		want, bad := time.Parse(time.RFC3339Nano, plain)
		fine := bad == nil && form.MatchString(plain) && want.Year() >= 1900 && want.Year() <= 2200
		if fine != (err == nil) {
			t.Fatalf("%q: %v, package time says %v", s, err, bad)
		}
		if err != nil {
			if !m.IsZero() {
				t.Errorf("%q gives %v", s, m)
			}
			return
		}
		want = want.In(china)
		y, month, day := want.Date()
		midnight := time.Date(y, month, day, 0, 0, 0, 0, china)
		if m.Day != qiaomen.DateOf(y, month, day) || m.Nano != int64(want.Sub(midnight)+leap) || m.IsZero() || m.Before(m) {
			t.Errorf("%q is %v and %d, want %v", s, m.Day, m.Nano, want)
		}
	})
}
