// Package scheme turns a campaign's rules, written as data, into explained
// points.
//
// A scheme is one YAML file in a closed vocabulary (docs/scheme.md teaches
// it). It says what may be reported, what counts, what is measured, what that
// earns, how units are ranked. Data moves through passes, each of them on its
// own and none looking back:
//
//	Parse    the file becomes a Scheme; every fault with line and column
//	check    what the words mean together: sums, gaps, contradictions
//	measure  a Tally folds records into counters, under every reading at once
//	score    measures against targets become terms, terms lines, lines totals
//	rank     totals become places, lists to name and grades
//	explain  each line becomes a sentence with its numbers, clause and records
//
// A reading is a choice the source leaves open. Counters are kept for every
// combination of the choices they depend on, so one pass over the records
// answers for all readings.
//
// The package is pure: no clock, no input or output, no binary floating
// point. The same book gives the same result, whatever the order of its
// records, but where the scheme itself orders them.
package scheme

import "qiaomen"

// Vocabulary is the version of the scheme language this package reads.
const Vocabulary = 1

// A Scheme is one campaign's rules.
type Scheme struct {
	ID, Name string
	Digest   string // SHA-256 of the file, in hexadecimal
	Source   Source
	Clauses  []*Clause
	Settings []Setting
	Windows  []*Window // windows, then phases, then rounds
	Campaign *Window
	Phases   []*Phase
	Rounds   []*Window

	Attributes []*Attribute
	Groups     []*Group
	Units      []*Unit
	Lists      []*List
	Kinds      []*Kind
	Figures    []*FigureSource
	Choices    []*Choice
	Notes      []Statement

	Measures  []*Measure // in an order in which each needs only earlier ones
	Relations []*Relation
	Targets   []*TargetTable
	Stated    []*Stated
	Errata    []*Erratum
	Scores    []*Score // by group; nil where a group is not scored
	Ranking   []*Ranking
	Naming    []*NameList
	Rounding  Rounding

	Duties      []*Duty
	Holidays    Holidays
	Adjustments *Adjustments
	Publication *Publication

	counters []*counter
	slots    int
	// comparing says that some condition on units asks for a place by a
	// measure, so that one unit's record may change another's score.
	comparing bool
	sets      []string        // of targets
	targets   [][][]dueTarget // by set, measure and unit
}

// A Source is the document a scheme puts into rules.
type Source struct {
	Title, Issuer, Text string
	Issued              qiaomen.Date
}

// A Clause is a numbered place of the source; every rule cites one.
type Clause struct {
	ID, Title string
	Quotes    []string // its own words, as the rules that cite it quote them
	At        qiaomen.Place
	order     int
}

// A Setting is a property of the campaign's procedure rather than of its
// points, chosen from a closed list.
type Setting struct{ ID, Value string }

// A Window is a named span of days, both ends included.
type Window struct {
	ID, Name string
	From, To qiaomen.Date
	Cite     *Clause
}

// Holds tells whether the day lies in the window.
func (w *Window) Holds(d qiaomen.Date) bool { return d >= w.From && d <= w.To }

// A Phase is a window with what is owed by its end.
type Phase struct {
	*Window
	Owes []string // measures and duties
}

// An Attribute is something units differ in. One with options may decide
// rules; one without is text, such as the lead bureau.
type Attribute struct {
	ID, Name string
	Options  []Option
}

// An Option is one of a closed list.
type Option struct{ ID, Name string }

// A Group is units that are scored and ranked together.
type Group struct {
	ID, Name  string
	Units     []*Unit
	ShownOnly bool // listed, not ranked (列出不排名)
	Cite      *Clause
	index     int
}

// A Unit is one that is assessed.
type Unit struct {
	ID, Name string
	Division string // division code, where it has one
	Group    *Group
	attrs    []int    // option of each attribute, -1 where not given
	texts    []string // text of each attribute without options
	index    int      // among all units
}

// Attribute is the text of an attribute: the option's name or the text given.
func (u *Unit) Attribute(a *Attribute, s *Scheme) string {
	for i, b := range s.Attributes {
		if a == b {
			if len(a.Options) == 0 {
				return u.texts[i]
			}
			if u.attrs[i] >= 0 {
				return a.Options[u.attrs[i]].Name
			}
		}
	}
	return ""
}

// A List is options that several fields share. The office may add to an open
// one, so that its fields take any text.
type List struct {
	ID, Name string
	Options  []Option
	Open     bool
	Cite     *Clause
}

// A Choice is a question the source leaves open, with its readings; the
// default is the one taken.
type Choice struct {
	ID, Question string
	Options      []Option
	Default      int
	Cite         *Clause
	index        int
	at           qiaomen.Place
}

// A Statement is a sentence the scheme's author wrote down: a fixed reading.
type Statement struct {
	Text string
	Cite *Clause
}

// Readings is one option for every choice, in the order of Scheme.Choices.
type Readings []int

// DefaultReadings is the option taken where nothing else is chosen.
func (s *Scheme) DefaultReadings() Readings {
	r := make(Readings, len(s.Choices))
	for i, c := range s.Choices {
		r[i] = c.Default
	}
	return r
}

// Choose is the readings with one choice set. The error names what can be
// chosen.
func (s *Scheme) Choose(r Readings, key, option string) error {
	var keys []string
	for i, c := range s.Choices {
		keys = append(keys, c.ID)
		if c.ID != key {
			continue
		}
		var options []string
		for j, o := range c.Options {
			if options = append(options, o.ID); o.ID == option {
				r[i] = j
				return nil
			}
		}
		return &qiaomen.Problem{
			Text: "口径“" + key + "”没有“" + qiaomen.Clip(option) + "”这种理解" + qiaomen.Suggest(option, options),
		}
	}
	return &qiaomen.Problem{Text: "没有口径“" + qiaomen.Clip(key) + "”" + qiaomen.Suggest(key, keys)}
}

// Unit is the unit of that id, or nil.
func (s *Scheme) Unit(id string) *Unit {
	return find(s.Units, func(u *Unit) bool { return u.ID == id })
}

// Setting is the value of a procedural setting.
func (s *Scheme) Setting(id string) string {
	for _, x := range s.Settings {
		if x.ID == id {
			return x.Value
		}
	}
	return ""
}

func find[T any](list []*T, ok func(*T) bool) *T {
	for _, x := range list {
		if ok(x) {
			return x
		}
	}
	return nil
}

// FindUnit is the unit of that id or name. The error says which are alike.
func (s *Scheme) FindUnit(name string) (*Unit, error) {
	var ids []string
	for _, u := range s.Units {
		if u.ID == name || u.Name == name {
			return u, nil
		}
		ids = append(ids, u.ID)
	}
	return nil, &qiaomen.Problem{Text: "方案里没有单位“" + qiaomen.Clip(name) + "”" + qiaomen.Suggest(name, ids)}
}

// Shown is a score rounded as the scheme shows scores.
func (s *Scheme) Shown(n qiaomen.Number) qiaomen.Number { return s.Rounding.Shown.apply(n) }
