package journal

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

// A Verifier walks a whole journal, leaf by leaf from the first, and looks for
// everything that an auditor would: bytes, positions, ids, times, chain, and
// the roots that were signed. Its memory does not grow with the journal.
type Verifier struct {
	installation, journal string
	signed                []Mark // not yet reached, by size
	tree                  *Tree
	next                  int64  // position that is due
	at                    string // time of the entry before
	faults                Faults
}

// A Fault is one thing that is wrong with a journal, said in a sentence.
type Fault struct {
	Position int64 // where, counted along the walk; 0 is the journal as a whole
	Text     string
}

// Error is the sentence with its place.
func (f Fault) Error() string {
	if f.Position == 0 {
		return f.Text
	}
	return fmt.Sprintf("第%d条：%s", f.Position, f.Text)
}

// Faults is what a walk found: all that is wrong is counted, the first hundred
// are kept.
type Faults struct {
	Count int64
	Kept  []Fault
}

const mostFaults = 100

// Error lists the faults that were kept, one a line.
func (f *Faults) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "存证日志有%d处问题：", f.Count)
	for _, fault := range f.Kept {
		b.WriteString("\n" + fault.Error())
	}
	if f.Count > int64(len(f.Kept)) {
		b.WriteString("\n……")
	}
	return b.String()
}

// NewVerifier starts a walk. Ids that are empty are taken from the first entry.
// The sizes and roots that were signed come from checkpoints whose signatures
// are already checked, and from the last-signed mark; without any of them a
// walk cannot see that the last entry was changed, or that entries were cut off.
func NewVerifier(installation, journal string, signed ...Mark) *Verifier {
	v := &Verifier{installation: installation, journal: journal, tree: &Tree{}, next: 1}
	v.signed = slices.SortedFunc(slices.Values(signed), func(a, b Mark) int { return cmp.Compare(a.Size, b.Size) })
	v.compareRoots()
	return v
}

// Add takes the next leaf. It returns the first thing that is wrong with it;
// the walk goes on all the same, and Finish has all.
func (v *Verifier) Add(leaf []byte) error {
	was := v.faults.Count
	place, digest := v.tree.Size()+1, LeafHash(leaf)
	if e, err := Open(leaf); err != nil {
		v.fault(place, "%v", err)
		v.next++
	} else {
		v.compare(place, e)
		v.next, v.at = e.Position+1, e.At
	}
	if _, err := v.tree.appendHash(digest); err != nil {
		v.fault(place, "%v", err)
	}
	v.compareRoots()
	if len(v.tree.recent) > 1<<12 {
		v.tree.Settle()
	}
	if v.faults.Count == was {
		return nil
	}
	if was < mostFaults {
		return v.faults.Kept[was]
	}
	return Fault{place, "又有问题，前面已太多，不再细说"}
}

func (v *Verifier) compare(place int64, e *Entry) {
	v.installation, v.journal = cmp.Or(v.installation, e.Installation), cmp.Or(v.journal, e.Journal)
	if e.Position > v.next {
		v.fault(place, "写的位置是%d，应是%d：前面缺%d条", e.Position, v.next, e.Position-v.next)
	} else if e.Position < v.next {
		v.fault(place, "写的位置是%d，应是%d：重复、插入，或顺序被调换", e.Position, v.next)
	}
	if e.Installation != v.installation {
		v.fault(place, "属于另一套系统：%s", e.Installation)
	}
	if e.Journal != v.journal {
		v.fault(place, "属于另一本日志：%s", e.Journal)
	}
	if e.At < v.at {
		v.fault(place, "时间%s早于前一条的%s", e.At, v.at)
	}
	if e.Previous != v.tree.Last() {
		v.fault(place, "与前一条接不上：前一条被改过、换过，或不见了")
	}
}

// compareRoots holds the tree against every signed size that it has come to.
func (v *Verifier) compareRoots() {
	n, root, known := v.tree.Size(), tlog.Hash{}, false
	for ; len(v.signed) > 0 && v.signed[0].Size <= n; v.signed = v.signed[1:] {
		if !known {
			root, known = v.tree.Root(), true
		}
		if m := v.signed[0]; m.Size < n {
			v.fault(0, "签名的条数不对：%d", m.Size)
		} else if m.Root != root {
			v.fault(0, "前%d条与签名时的根不符：内容或顺序被改过", n)
		}
	}
}

// Finish ends the walk. The error is nil, or a *[Faults].
func (v *Verifier) Finish() error {
	if n := v.tree.Size(); len(v.signed) > 0 {
		last := v.signed[len(v.signed)-1].Size
		v.fault(0, "签名时有%d条，这里只有%d条，缺第%d条至第%d条", last, n, n+1, last)
		v.signed = nil
	}
	if v.faults.Count == 0 {
		return nil
	}
	return &v.faults
}

func (v *Verifier) fault(place int64, format string, args ...any) {
	if v.faults.Count++; v.faults.Count <= mostFaults {
		v.faults.Kept = append(v.faults.Kept, Fault{place, fmt.Sprintf(format, args...)})
	}
}
