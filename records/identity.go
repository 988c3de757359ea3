package records

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"unicode"

	"github.com/go-json-experiment/json/jsontext"
	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
	"qiaomen"
	"qiaomen/scheme"
)

// longKey is where a key becomes a digest: a table's index takes no more.
const longKey = 1000

// IdentityKey is the key under which the record competes with others of its
// kind for the first report: records of one key are the same thing
// (Kind.Identity). It is a JSON list of the kind and of the fields that decide,
// texts as Normal has them, or the digest of a long one; whoever keeps it needs
// to know no more than that equal keys are equal things.
//
// It is empty where the kind has no identity, or where one of the fields is
// blank: such a record competes with nobody yet. A flag that is not given is
// false, as everywhere. A kind cannot be told apart by its day of reporting,
// since that is what is contested; where a scheme asks for it, nothing
// competes.
func IdentityKey(k *scheme.Kind, name string, values []qiaomen.Value) string {
	if k.Identity == nil || len(k.Identity.By) == 0 {
		return ""
	}
	p := pen{}
	p.enc = jsontext.NewEncoder(&p.out)
	p.put(jsontext.BeginArray)
	p.put(jsontext.String(k.ID))
	for _, f := range k.Identity.By {
		if !p.part(f, identified(k, f, name, values)) {
			return ""
		}
	}
	p.put(jsontext.EndArray)
	key := strings.TrimSuffix(p.out.String(), "\n")
	if len(key) > longKey {
		sum := sha256.Sum256([]byte(key))
		return hex.EncodeToString(sum[:])
	}
	return key
}

// BesideNames is what decides beside texts whether two records are one thing, such
// as the day of a trip: records that are one thing under other names still have
// the same there. It is empty where names alone decide.
func BesideNames(k *scheme.Kind, name string, values []qiaomen.Value) string {
	if k.Identity == nil {
		return ""
	}
	p := pen{}
	p.enc = jsontext.NewEncoder(&p.out)
	p.put(jsontext.BeginArray)
	some := false
	for _, f := range k.Identity.By {
		if f.Type == scheme.TextField {
			continue
		}
		some = true
		if !p.part(f, identified(k, f, name, values)) {
			p.put(jsontext.Null)
		}
	}
	p.put(jsontext.EndArray)
	if !some {
		return ""
	}
	return strings.TrimSuffix(p.out.String(), "\n")
}

// identified is the value that decides. The scheme hands out fields for the
// name and the day of reporting that are none of the kind's own.
func identified(k *scheme.Kind, f *scheme.Field, name string, values []qiaomen.Value) qiaomen.Value {
	switch i := slices.Index(k.Fields, f); {
	case i >= 0:
		return values[i]
	case f.ID == "name":
		return qiaomen.Value{Given: true, Text: name}
	}
	return qiaomen.Value{}
}

// part writes one field of a key. It is false where the field is blank.
func (p *pen) part(f *scheme.Field, v qiaomen.Value) bool {
	if v = written(f, &v); !v.Given && f.Type != scheme.FlagField {
		return false
	}
	text := ""
	switch f.Type {
	case scheme.AmountField, scheme.NumberField, scheme.JudgedField:
		text = v.Number.Fraction()
	case scheme.DateField:
		text = v.Date.String()
	case scheme.FlagField:
		p.put(jsontext.Bool(v.Given && v.Flag))
		return true
	case scheme.UnitField, scheme.RecordField:
		text = v.Text
	case scheme.OptionField:
		if text = Normal(v.Text); !open(f) && within(v.Option, f.Options) {
			text = f.Options[v.Option].ID
		}
	case scheme.ListField:
		return p.entries(v.List)
	default:
		text = Normal(v.Text)
	}
	if text != "" {
		p.put(jsontext.String(strings.ToValidUTF8(text, "\ufffd")))
	}
	return text != ""
}

// entries writes a list, in which the order means nothing.
func (p *pen) entries(list []string) bool {
	var all []string
	for _, x := range list {
		if x = Normal(x); x != "" {
			all = append(all, x)
		}
	}
	slices.Sort(all)
	all = slices.Compact(all)
	p.put(jsontext.BeginArray)
	for _, x := range all {
		p.put(jsontext.String(x))
	}
	p.put(jsontext.EndArray)
	return len(all) > 0
}

var fold = cases.Fold()

// Normal is a text as it is compared with others to see whether two people
// wrote the same: in compatibility form (full-width letters, digits and
// brackets become plain, ㈱ becomes (株)), small letters, and without white
// space and what has no width or no shape of its own, such as marks of
// direction, soft hyphens and control characters. Words are kept, also 有限公司:
// what is alike and not the same is for people to judge.
func Normal(s string) string {
	s = strings.ToValidUTF8(s, "\ufffd")
	for range mostRounds {
		next := strings.Map(shown, norm.NFKC.String(fold.String(strings.Map(shown, s))))
		if next == s {
			break
		}
		s = next
	}
	return s
}

// mostRounds is more than any text needs until nothing changes: taking a
// character out brings others together, which may compose.
const mostRounds = 10

// shown drops characters that nobody sees. Cherokee, which Unicode folds to
// capitals, package cases folds to and fro.
func shown(r rune) rune {
	if unicode.Is(unicode.Cherokee, r) {
		return unicode.ToUpper(r)
	}
	if unicode.IsSpace(r) || unicode.In(r, unicode.Cc, unicode.Cf, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point) {
		return -1
	}
	return r
}
