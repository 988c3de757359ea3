package blob

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	mostName = 200 // bytes of a name, so that every file system takes it
	noName   = "未命名"
)

// SafeName is a file's name made fit to be shown and to be saved under on any
// machine: the last part of a path, without characters that are invisible,
// turn the direction of writing or mean something to a file system, not too
// long, and no name that Windows keeps for itself. It refuses nothing: what a
// file may be, its content decides. SafeName of a safe name is that name.
func SafeName(name string) string {
	if cut := strings.LastIndexAny(name, `/\`); cut >= 0 {
		name = name[cut+1:]
	}
	name = strings.Map(safeRune, strings.ToValidUTF8(name, ""))
	name = trimName(strings.Join(strings.Fields(name), " "))
	name = shorten(name)
	if reserved(name) {
		name = shorten("_" + name)
	}
	if name == "" {
		return noName
	}
	return name
}

func safeRune(r rune) rune {
	switch {
	case unicode.IsSpace(r):
		return ' '
	case strings.ContainsRune(`<>:"|?*`, r):
		return '_'
	case unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Variation_Selector, unicode.Noncharacter_Code_Point):
		return -1
	case r == utf8.RuneError, r == '\u115f', r == '\u1160', r == '\u3164', r == '\uffa0', r == '\u2800': // letters that show as nothing
		return -1
	}
	return r
}

// trimName takes dots and spaces off both ends: Windows drops those behind, and
// Unix hides what has a dot before.
func trimName(name string) string { return strings.Trim(name, ". ") }

// shorten cuts the stem, not the extension.
func shorten(name string) string {
	if len(name) <= mostName {
		return name
	}
	tail := ""
	if dot := strings.LastIndexByte(name, '.'); dot >= 0 && len(name)-dot <= 16 {
		tail = name[dot:]
	}
	stem := name[:mostName-len(tail)]
	for !utf8.ValidString(stem) {
		stem = stem[:len(stem)-1]
	}
	return trimName(trimName(stem) + tail)
}

// reserved is true of the names of devices, with any ending.
func reserved(name string) bool {
	stem, _, _ := strings.Cut(strings.ToUpper(name), ".")
	stem = strings.TrimRight(stem, " ")
	if slices.Contains([]string{"CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$", "CLOCK$"}, stem) {
		return true
	}
	number, ok := strings.CutPrefix(stem, "COM")
	if !ok {
		number, ok = strings.CutPrefix(stem, "LPT")
	}
	return ok && utf8.RuneCountInString(number) == 1 && strings.Contains("0123456789¹²³", number)
}
