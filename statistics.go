package qiaomen

import "github.com/go-json-experiment/json/jsontext"

// A LedgerFigure is an official number as the ledger keeps it: entered with
// its bulletin by one person, checked against it by another, and only then
// seen by scoring (M12).
type LedgerFigure struct {
	ID          string         `json:"id,omitzero"`
	Source      string         `json:"source,omitzero"` // figure of the scheme
	Unit        string         `json:"unit,omitzero"`   // empty: for all
	Period      string         `json:"period,omitzero"`
	PublishedOn string         `json:"published_on,omitzero"`
	Values      jsontext.Value `json:"values,omitzero"` // canonical
	Bulletin    Evidence       `json:"bulletin,omitzero"`
	Batch       string         `json:"batch,omitzero"` // entered together, from one bulletin
	State       State          `json:"state,omitzero"`
	EnteredBy   string         `json:"entered_by,omitzero"`
	EnteredAt   string         `json:"entered_at,omitzero"`
	CheckedBy   string         `json:"checked_by,omitzero"`
	CheckedAt   string         `json:"checked_at,omitzero"`
	Reason      string         `json:"reason,omitzero"`
	Opening     bool           `json:"opening,omitzero"`
	Order       int64          `json:"order,omitzero"` // among those of one moment: the position that entered it
}

// The states of a figure and of a list.
const (
	Entered State = "entered"
	Checked State = "checked"
)

// Table is where figures stand.
func (*LedgerFigure) Table() string { return "figure" }

// Row is by id, looked for by batch.
func (f *LedgerFigure) Row() Row {
	return Row{ID: f.ID, Unit: f.Unit, Kind: f.Source, State: string(f.State), Key: f.Batch}
}

// A StatisticsList is the statistics side's list of projects that entered the
// statistics (入统清单), with what each of its rows was matched to (M11).
type StatisticsList struct {
	ID          string    `json:"id,omitzero"`
	Kind        string    `json:"kind,omitzero"` // of record that its rows are matched with
	PublishedOn string    `json:"published_on,omitzero"`
	Bulletin    Evidence  `json:"bulletin,omitzero"`
	Rows        []ListRow `json:"rows,omitzero"`
	State       State     `json:"state,omitzero"`
	EnteredBy   string    `json:"entered_by,omitzero"`
	EnteredAt   string    `json:"entered_at,omitzero"`
	CheckedBy   string    `json:"checked_by,omitzero"`
	CheckedAt   string    `json:"checked_at,omitzero"`
	Reason      string    `json:"reason,omitzero"`
}

// A ListRow is one row of a list.
type ListRow struct {
	Number    int            `json:"number,omitzero"` // in the list, from 1
	Name      string         `json:"name,omitzero"`
	Unit      string         `json:"unit,omitzero"`
	Code      string         `json:"code,omitzero"`
	Fields    jsontext.Value `json:"fields,omitzero"` // what it says, as fields of the kind
	Record    string         `json:"record,omitzero"` // matched with; empty: unmatched, and shown so
	MatchedBy string         `json:"matched_by,omitzero"`
	Before    jsontext.Value `json:"before,omitzero"` // the statistics side's fields that stood on the record and came from no list
}

// Table is where lists stand.
func (*StatisticsList) Table() string { return "statistics_list" }

// Row is by id.
func (l *StatisticsList) Row() Row { return Row{ID: l.ID, Kind: l.Kind, State: string(l.State)} }

// FigureEntered: a number was typed from its bulletin.
type FigureEntered struct {
	Figure LedgerFigure `json:"figure,omitzero"`
}

// FigureChecked: a second person found it so.
type FigureChecked struct {
	ID string `json:"id,omitzero"`
}

// FigureRefused: or not.
type FigureRefused struct {
	ID     string `json:"id,omitzero"`
	Reason string `json:"reason,omitzero"`
}

// StatisticsListEntered: a list was imported with its bulletin.
type StatisticsListEntered struct {
	List StatisticsList `json:"list,omitzero"`
}

// StatisticsListChecked: a second person compared the two.
type StatisticsListChecked struct {
	ID string `json:"id,omitzero"`
}

// StatisticsListRefused: and they differed.
type StatisticsListRefused struct {
	ID     string `json:"id,omitzero"`
	Reason string `json:"reason,omitzero"`
}

// StatisticsRowMatched: a row and a record are one project. Fields come to
// stand on the record by a FieldsSet beside it.
type StatisticsRowMatched struct {
	List   string         `json:"list,omitzero"`
	Row    int            `json:"row,omitzero"`
	Record string         `json:"record,omitzero"` // empty: a match was undone
	Before jsontext.Value `json:"before,omitzero"` // what the row keeps of the record, for when the match is undone
}

func init() {
	event[FigureEntered](1)
	event[FigureChecked](1)
	event[FigureRefused](1)
	event[StatisticsListEntered](1)
	event[StatisticsListChecked](1)
	event[StatisticsListRefused](1)
	event[StatisticsRowMatched](1)
}

func (e *FigureEntered) apply(l Ledger, s Stamp) error {
	f := e.Figure
	f.EnteredAt, f.Order = s.At, s.Position
	if !f.Opening { // there it names who proposed the import
		f.EnteredBy = s.Person
	}
	if f.State == "" {
		f.State = Entered
	}
	if f.Bulletin.Digest != "" {
		if err := file(l, f.ID, []Evidence{f.Bulletin}); err != nil {
			return err
		}
	}
	return l.Put(&f)
}

func (e *FigureChecked) apply(l Ledger, s Stamp) error {
	return change(l, e.ID, done(func(f *LedgerFigure) { f.State, f.CheckedBy, f.CheckedAt = Checked, s.Person, s.At }))
}

func (e *FigureRefused) apply(l Ledger, s Stamp) error {
	return change(l, e.ID, done(func(f *LedgerFigure) {
		f.State, f.CheckedBy, f.CheckedAt, f.Reason = Refused, s.Person, s.At, e.Reason
	}))
}

func (e *StatisticsListEntered) apply(l Ledger, s Stamp) error {
	list := e.List
	list.State, list.EnteredBy, list.EnteredAt = Entered, s.Person, s.At
	if err := file(l, list.ID, []Evidence{list.Bulletin}); err != nil {
		return err
	}
	return l.Put(&list)
}

func (e *StatisticsListChecked) apply(l Ledger, s Stamp) error {
	return change(l, e.ID, done(func(x *StatisticsList) { x.State, x.CheckedBy, x.CheckedAt = Checked, s.Person, s.At }))
}

func (e *StatisticsListRefused) apply(l Ledger, s Stamp) error {
	return change(l, e.ID, done(func(x *StatisticsList) {
		x.State, x.CheckedBy, x.CheckedAt, x.Reason = Refused, s.Person, s.At, e.Reason
	}))
}

func (e *StatisticsRowMatched) apply(l Ledger, s Stamp) error {
	return change(l, e.List, done(func(x *StatisticsList) {
		for i := range x.Rows {
			if x.Rows[i].Number == e.Row {
				x.Rows[i].Record, x.Rows[i].MatchedBy, x.Rows[i].Before = e.Record, s.Person, e.Before
			}
		}
	}))
}
