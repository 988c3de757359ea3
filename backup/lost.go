package backup

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"qiaomen"
	"qiaomen/journal"
	"qiaomen/store"
)

// A Known is what somebody else knows of a journal: it once had so many entries,
// and that root; the zero root where they do not say.
type Known struct {
	Journal string
	Mark    journal.Mark
	Where   string // who knows it, for people
}

// KnownMarks is what the last-signed marks of a folder know.
func KnownMarks(folder string) (out []Known, err error) {
	all, err := store.Marks(folder)
	for name, m := range all {
		if m.Size > 0 {
			out = append(out, Known{name, m, "最近一次签名的记录 " + folder})
		}
	}
	return out, err
}

// KnownSeen is what a receipt or a checkpoint knows that somebody holds. It must
// be signed by the installation's own key.
func KnownSeen(name string, o store.Options) (Known, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return Known{}, err
	}
	signed := text
	if r, err := journal.ParseReceipt(text); err == nil {
		signed = r.Checkpoint
	}
	origin, _, _ := strings.Cut(string(signed), "\n")
	house, _, err := store.Key(o, "")
	if err != nil {
		return Known{}, err
	}
	of, ours := strings.CutPrefix(origin, house)
	if !ours || of == "" {
		return Known{}, &qiaomen.Problem{Text: "“" + qiaomen.Clip(name) + "”不是这一套系统的回执或检查点", Fix: "请核对"}
	}
	_, vkey, err := store.Key(o, of)
	if err != nil {
		return Known{}, err
	}
	trusted, err := journal.Trust(vkey)
	if err != nil {
		return Known{}, err
	}
	c, err := journal.ParseCheckpoint(signed, origin, trusted)
	if err != nil {
		return Known{}, &qiaomen.Problem{Text: "“" + qiaomen.Clip(name) + "”：" + err.Error(), Fix: "请核对是不是这一套系统的回执"}
	}
	return Known{of, c.Mark(), "回执或检查点 " + name}, nil
}

// KnownDatabase is what a database that still runs knows.
func KnownDatabase(ctx context.Context, o store.Options) (out []Known, err error) {
	heads, err := store.Heads(ctx, o)
	for _, h := range heads {
		if h.Mark.Size > 0 {
			out = append(out, Known{h.Journal, h.Mark, "还在运行的数据库"})
		}
	}
	return out, err
}

// A Gap is entries of a journal that are lost: from First to Last.
type Gap struct {
	Journal     string
	First, Last int64
	Where       string // who knows of them
}

// Gaps is what others know and the backup has not, by journal. A journal of
// which the backup knows nothing is lost from its first entry on.
func Gaps(m *Manifest, known []Known) (out []Gap) {
	by := map[string]Gap{}
	for _, k := range known {
		has := int64(0)
		for _, j := range m.Journals {
			if j.Journal == k.Journal {
				has = j.Size
			}
		}
		if k.Mark.Size > has && k.Mark.Size > by[k.Journal].Last {
			by[k.Journal] = Gap{k.Journal, has + 1, k.Mark.Size, k.Where}
		}
	}
	for _, g := range by {
		out = append(out, g)
	}
	slices.SortFunc(out, func(a, b Gap) int { return strings.Compare(a.Journal, b.Journal) })
	return out
}

// GapText is what is lost as one line: what has to be said to accept it, and
// what is sealed. Count is how many entries that are.
func GapText(gaps []Gap) (text string, count int64) {
	var parts []string
	for _, g := range gaps {
		span := strconv.FormatInt(g.First, 10)
		if g.Last > g.First {
			span += "–" + strconv.FormatInt(g.Last, 10)
		}
		parts = append(parts, g.Journal+" "+span)
		count += g.Last - g.First + 1
	}
	return strings.Join(parts, "、"), count
}

// Accepts tells whether somebody's words accept what is lost: the line itself,
// or how many entries it is. A hyphen does for the dash, which few keyboards
// have.
func Accepts(gaps []Gap, words string) bool {
	text, count := GapText(gaps)
	plain := strings.NewReplacer("–", "-", " ", "", "，", "、", ",", "、")
	return words == strconv.FormatInt(count, 10) || plain.Replace(words) == plain.Replace(text)
}

// Forks finds whoever knows another history than the restored ledger has: what
// they know of is not lost by it, it never was in it.
func Forks(ctx context.Context, restored *store.Store, known []Known) (list []*qiaomen.Problem, err error) {
	for _, k := range known {
		err := restored.Read(ctx, k.Journal, 0, func(v *store.View) error { return v.Holds(k.Mark) })
		p, is := errors.AsType[*qiaomen.Problem](err)
		switch {
		case is:
			list = append(list, &qiaomen.Problem{Text: k.Where + "：" + p.Text, Fix: p.Fix})
		case err != nil:
			return nil, err
		}
	}
	return list, nil
}

// Positions says how far a backup comes, as one line.
func (m *Manifest) Positions() string {
	var parts []string
	for _, j := range m.Journals {
		if j.Size > 0 {
			parts = append(parts, fmt.Sprintf("%s 第%d条", j.Journal, j.Size))
		}
	}
	return strings.Join(parts, "、")
}
