package journal_test

import (
	"fmt"
	"strings"

	"pgregory.net/rapid"
)

// drawData writes an object of random values in the one spelling there is, by
// rules of its own: nothing of package journal is asked.
func drawData(t *rapid.T) []byte {
	text := rapid.StringOf(rapid.OneOf(rapid.Rune(), rapid.RuneFrom([]rune("\x00\x08\t\n\f\r\x1f\x7f\"\\/\u0085\u2028\u2029\ufeff敲门<&>😀"))))
	var value func(depth int) string
	value = func(depth int) string {
		most := 6
		if depth > 3 {
			most = 4
		}
		switch rapid.IntRange(0, most).Draw(t, "sort") {
		case 0:
			return "null"
		case 1:
			return "true"
		case 2:
			return "false"
		case 3:
			return rapid.StringMatching(`0|-?[1-9][0-9]{0,30}(\.[0-9]{0,12}[1-9])?|-?0\.[0-9]{0,12}[1-9]`).Draw(t, "number")
		case 4:
			return quoted(text.Draw(t, "text"))
		case 5:
			var items []string
			for range rapid.IntRange(0, 3).Draw(t, "items") {
				items = append(items, value(depth+1))
			}
			return "[" + strings.Join(items, ",") + "]"
		}
		names := rapid.SliceOfNDistinct(text, 0, 3, rapid.ID[string]).Draw(t, "names")
		for i, name := range names {
			names[i] = quoted(name) + ":" + value(depth+1)
		}
		return "{" + strings.Join(names, ",") + "}"
	}
	return []byte(`{"value":` + value(1) + `}`)
}

func quoted(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteString(`\` + string(r))
		case r < 0x20 && strings.ContainsRune("\b\t\n\f\r", r):
			b.WriteString(`\` + string("btn fr"[r-8]))
		case r < 0x20:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	return `"` + b.String() + `"`
}
