package qiaomen

import "golang.org/x/text/width"

// Columns is how many columns of a terminal a text takes: Chinese characters
// take two, and so do quotation marks, dashes and arrows as Chinese terminals
// show them; lines for tables take one.
func Columns(s string) int {
	n := 0
	for _, r := range s {
		n++
		switch width.LookupRune(r).Kind() {
		case width.EastAsianWide, width.EastAsianFullwidth:
			n++
		case width.EastAsianAmbiguous:
			if r > 0x2000 && r != '─' && r != '│' {
				n++
			}
		}
	}
	return n
}
