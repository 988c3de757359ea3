// Package qiaomen holds the nouns of an investment-promotion campaign.
//
// Units report records; the campaign office recognises them; a scheme turns
// recognised records and official figures into lines of points; the lines add
// up to a ranking. This package has what every other room of the house speaks
// of: exact numbers, days and moments, records and figures as scoring sees
// them, and the one kind of error that a person may be shown.
//
// It is pure: no clock, no input or output, no randomness and no binary
// floating point. It imports nothing of the project.
package qiaomen

// A Record is one thing a unit reported, as scoring sees it. Kind and Unit are
// positions in the scheme that read it; Values stand in the order of the
// kind's fields there.
type Record struct {
	Kind, Unit int
	ID         string
	// Seq is the record's place in its file or journal. Where a rule must
	// order records of one day, the lower one is the earlier.
	Seq int
	// Line is the line of the records file, 0 where there is none.
	Line int

	Reported, Recognised, Revoked Moment
	Name                          string
	Evidence                      Set
	Values                        []Value
}

// A Figure is one publication of the statistics source: its numbers for one
// unit and period. No unit reports it and nobody recognises it; of several
// for one unit and period the one published last holds.
type Figure struct {
	Source int // position of the figure in the scheme
	Unit   int // -1 where the figure holds for every unit, as an exchange rate does
	ID     string
	Seq    int
	Line   int

	Period    int // position among the figure's periods
	Published Date
	Values    []Value
}

// A Book is everything that scoring may look at.
type Book struct {
	Records []Record
	Figures []Figure
}

// A Value is what stands in one field of a record or figure. Which member
// holds it follows from the field's type in the scheme; Given tells whether
// anything stands there at all.
type Value struct {
	Given  bool
	Flag   bool     // flag
	Option int      // option: position among the field's options
	Date   Date     // date
	Number Number   // amount, number, judged; in the field's own unit of measure
	Text   string   // text, record, option of an open list
	List   []string // list: distinct entries, trimmed, blank ones dropped
}

// A Set is a small set of positions from 0 to 63: the evidence attached to a
// record, by position among the evidence types of its kind.
type Set uint64

// Has tells whether position i is in the set.
func (s Set) Has(i int) bool { return s>>uint(i)&1 == 1 }

// With is the set with position i added.
func (s Set) With(i int) Set { return s | 1<<uint(i) }
