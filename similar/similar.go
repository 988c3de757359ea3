// Package similar tells whether two reports are of the same thing.
//
// Districts report one investor under several names: written out and shortened,
// in full width and half, in traditional characters, with a place or a scale
// more or less, with the parts in another order, with one character mistaken
// for another. Who was first decides points (首报确认, 附3·三(一)), so such names
// have to be found. Looking for shared text finds them, and everything beside
// them: the second phase of a project shares nearly all of its name with the
// first, and is another project.
//
// So names are read before they are compared. Fold brings a name to the
// characters that were meant. Read takes company and project apart: the place,
// the brand, the trade, the legal form and the credit code of the one; the
// place, the phase, the direction, the scale and the product of the other.
// Compare sets part against part. Some parts outvote every likeness: another
// phase, another direction, another county, another credit code. What is left
// over on one side only is forgiven, because names are shortened; what is left
// over on both sides is a difference. A verdict says which parts agreed, which
// differed and what decided, in the words that an officer would use.
//
// An Index holds a campaign's things, or a province's, and finds the ones that
// might be the same as a new one. It is built from grams of the folded names,
// by sound, so that a mistaken character of the same reading leads there too.
//
// Nothing here recognises or refuses anything: a person does, who is shown the
// verdict (M13).
//
// The package is pure. Scores are whole ten-thousandths.
package similar

// A Thing is what was reported: a company's project. Any part may be missing;
// a pool of target companies has no projects.
type Thing struct {
	Company string
	Project string
	Code    string // 统一社会信用代码, where it stands apart from the company's name
}

// A Judgement is what a comparison came to.
type Judgement int8

// The judgements, from the least likeness to the most.
const (
	Different Judgement = iota
	Doubt               // a person has to look
	Same                // the same, as far as names can say; a person decides all the same
)

// String is the word that commands and files carry.
func (j Judgement) String() string { return [...]string{"different", "doubt", "same"}[j] }

// Label is the word that people read.
func (j Judgement) Label() string { return [...]string{"不同", "疑似", "相同"}[j] }

// Full is the score of two things that are the same in every part.
const Full = 10000

// A Verdict is what two things are to each other.
type Verdict struct {
	Judgement Judgement
	Score     int // 0 to Full
	Findings  []Finding
}

// A Finding is what one part of the names said.
type Finding struct {
	Part  string // 地点, 字号, 行业, 期次, …
	A, B  string // as each has it; empty: not named
	Says  Effect
	Words string // the finding as a sentence, in Chinese

	part part
}

// An Effect is which way a finding weighs.
type Effect int8

// The effects.
const (
	Agrees  Effect = iota // the part is the same
	Near                  // the same with something more or less, or another character
	Silent                // only one names it
	Differs               // not the same: it counts against
	Vetoes                // not the same, and no likeness outvotes it
)

// String is the word that files and doors carry.
func (e Effect) String() string {
	return [...]string{"agrees", "near", "silent", "differs", "vetoes"}[e]
}
