package office

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"qiaomen"
	"qiaomen/records"
	"qiaomen/scheme"
	"qiaomen/similar"
	"qiaomen/store"
)

// A RowMatch is one row of a list with what it is matched to, or could be.
type RowMatch struct {
	Row qiaomen.ListRow `json:"row,omitzero"`
	// Record is what it is matched with; nil: unmatched, and shown so.
	Record *qiaomen.LedgerRecord `json:"record,omitzero"`
	// Candidates is the records of the same name, and of the unit where the row
	// names one, for a row that is unmatched. After them come those whose names
	// are like the row's, the likest first.
	Candidates []*qiaomen.LedgerRecord `json:"candidates,omitzero"`
	// Why is of each candidate how its name is like the row's.
	Why []string `json:"why,omitzero"`

	named int // how many of them have the row's name
}

// Matches is every row of a list with its record, or with those that it might
// be: matched or not, none is left out (M11).
func (o *Office) Matches(ctx context.Context, by Caller, list string) (out []RowMatch, err error) {
	action, err := o.statisticsAction(ctx, by)
	if err != nil {
		return nil, err
	}
	err = o.look(ctx, by, action, nil, func(d *desk) error {
		l, err := found[qiaomen.StatisticsList](d, "清单", list)
		if err != nil {
			return err
		}
		out, err = d.matches(l)
		return err
	})
	return out, err
}

func (d *desk) matches(l *qiaomen.StatisticsList) ([]RowMatch, error) {
	all, err := store.All[qiaomen.LedgerRecord](d.r, store.Filter{Kind: l.Kind})
	if err != nil {
		return nil, err
	}
	byID, byName := map[string]*qiaomen.LedgerRecord{}, map[string][]*qiaomen.LedgerRecord{}
	names := similar.NewIndex(0)
	for _, r := range all {
		byID[r.ID] = r
		if slices.Contains(matchable, r.State) {
			name := records.Normal(r.Content.Name)
			byName[name] = append(byName[name], r)
			names.Put(r.ID, similar.Thing{Project: r.Content.Name})
		}
	}
	out := make([]RowMatch, len(l.Rows))
	for i, row := range l.Rows {
		out[i] = RowMatch{Row: row, Record: byID[row.Record]}
		if out[i].Record != nil {
			continue
		}
		for _, r := range byName[records.Normal(row.Name)] {
			if row.Unit == "" || hasBeenOf(r, row.Unit) {
				out[i].Candidates, out[i].Why = append(out[i].Candidates, r), append(out[i].Why, "名称相同")
			}
		}
		out[i].named = len(out[i].Candidates)
		thing := similar.Thing{Project: row.Name}
		for _, m := range names.Alike(thing, mostAlike) {
			r := byID[m.ID]
			if (row.Unit == "" || hasBeenOf(r, row.Unit)) && !slices.Contains(out[i].Candidates, r) {
				why := similar.Compare(thing, similar.Thing{Project: r.Content.Name}).String()
				out[i].Candidates, out[i].Why = append(out[i].Candidates, r), append(out[i].Why, why)
			}
		}
	}
	return out, nil
}

// matchable is the states of records that a row can be: those that still may
// count.
var matchable = []qiaomen.State{qiaomen.Submitted, qiaomen.InReview, qiaomen.Returned, qiaomen.Recognised}

// hasBeenOf tells whether a unit has a record, or had it before it was handed
// over.
func hasBeenOf(r *qiaomen.LedgerRecord, unit string) bool {
	return r.Unit == unit || slices.Contains(r.From, unit)
}

// statisticsAction is by which right a person works with lists: as one who
// enters what the statistics side publishes, or as one who checks it. Both may
// match.
func (o *Office) statisticsAction(ctx context.Context, by Caller) (qiaomen.Action, error) {
	action := qiaomen.ActEnterFigure
	err := o.read(ctx, by.Campaign, func(v *store.View) error {
		d, err := o.sit(v, v.In, by, qiaomen.MomentOf(o.now()).UTC(), "")
		if err != nil || d.campaign == nil {
			return err
		}
		enters, err := d.chances(qiaomen.ActEnterFigure, "")
		if err != nil || len(enters) > 0 {
			return err
		}
		checks, err := d.chances(qiaomen.ActCheckFigure, "")
		if len(checks) > 0 {
			action = qiaomen.ActCheckFigure
		}
		return err
	})
	return action, told(err)
}

// under is the act by another right.
func (x *act[A]) under(action qiaomen.Action) *act[A] {
	y := *x
	y.action = action
	return &y
}

// A Match joins a row of a list to a record; without one it takes the row's
// match back.
type Match struct {
	List   string `json:"list"`
	Row    int    `json:"row"`
	Record string `json:"record,omitzero"`
}

var matchRow = &act[Match]{
	half: true,
	about: func(d *desk, a *Match) (qiaomen.Subject, error) {
		_, row, err := d.listRow(a)
		if err != nil {
			return qiaomen.Subject{}, err
		}
		return aboutRecord(d, cmp.Or(a.Record, row.Record))
	},
	check: func(d *desk, a *Match) error {
		l, row, err := d.listRow(a)
		if err != nil {
			return err
		}
		if a.Record == "" {
			return nil
		}
		if row.Record != "" {
			return problem("这一行已经匹配到“"+row.Record+"”", "要改的，请先取消匹配")
		}
		r, err := d.record(a.Record)
		if err != nil {
			return err
		}
		switch {
		case r.Kind != l.Kind:
			return problem("这份清单匹配的是“"+d.rules.Kind(l.Kind).Name+"”，这条记录不是", "请核对编号")
		case !slices.Contains(matchable, r.State):
			return problem("这条记录"+r.State.Chinese()+"，不能匹配", "请核对编号")
		case row.Unit != "" && !hasBeenOf(r, row.Unit):
			return problem("清单上写的是“"+d.unitName([]string{row.Unit})+"”，这条记录是“"+d.unitName([]string{r.Unit})+"”的", "请核对编号")
		}
		return nil
	},
	do: func(d *desk, a *Match) (string, error) {
		_, row, err := d.listRow(a)
		if err != nil {
			return "", err
		}
		return a.List, d.join(a, row)
	},
}

// MatchRow says that a row of a checked list and a record are one project: what
// the row says comes to stand on the record (M11).
func (o *Office) MatchRow(ctx context.Context, by Caller, list string, row int, record string) (*Answer, error) {
	if record == "" {
		return nil, &qiaomen.Problem{Text: "没有选记录", Fix: "请选一条记录", At: qiaomen.Place{Field: "record"}}
	}
	return o.match(ctx, by, Match{list, row, record})
}

// UnmatchRow takes a match back, and off the record what the row had brought.
func (o *Office) UnmatchRow(ctx context.Context, by Caller, list string, row int) (*Answer, error) {
	return o.match(ctx, by, Match{List: list, Row: row})
}

func (o *Office) match(ctx context.Context, by Caller, a Match) (*Answer, error) {
	action, err := o.statisticsAction(ctx, by)
	if err != nil {
		return nil, err
	}
	return perform(ctx, o, by, matchRow.under(action), a)
}

// listRow is a row of a checked list; one that is to be taken back is matched.
func (d *desk) listRow(a *Match) (*qiaomen.StatisticsList, *qiaomen.ListRow, error) {
	l, err := d.checkedList(a.List)
	if err != nil {
		return nil, nil, err
	}
	if a.Row < 1 || a.Row > len(l.Rows) {
		return nil, nil, problem(fmt.Sprintf("清单没有第%d行", a.Row), "请核对")
	}
	row := &l.Rows[a.Row-1]
	if a.Record == "" && row.Record == "" {
		return nil, nil, overtaken("这一行没有匹配")
	}
	return l, row, nil
}

func (d *desk) checkedList(id string) (*qiaomen.StatisticsList, error) {
	l, err := found[qiaomen.StatisticsList](d, "清单", id)
	if err == nil && l.State != qiaomen.Checked {
		return nil, problem("这份清单还没有复核，或者没有通过", "请由另一人复核后再匹配")
	}
	return l, err
}

// join makes a row and a record one, or parts them, and sets what then stands on
// the record.
func (d *desk) join(a *Match, row *qiaomen.ListRow) error {
	id, e := a.Record, &qiaomen.StatisticsRowMatched{List: a.List, Row: a.Row, Record: a.Record}
	if id == "" {
		id = row.Record
	}
	r, err := d.record(id)
	if err != nil {
		return err
	}
	k, err := d.kind(r)
	if err != nil {
		return err
	}
	own, others, err := splitOwned(k, r.Set, scheme.ByStatistics)
	if err != nil {
		return err
	}
	before, err := d.matchedRows(k.ID, id)
	if err != nil {
		return err
	}
	if len(before) > 0 { // what stands now came from lists; what stood first is with their rows
		own = before[0].Before
	}
	if a.Record != "" {
		e.Before = own
	}
	if err := d.emit(e); err != nil {
		return err
	}
	rows, err := d.matchedRows(k.ID, id)
	if err != nil {
		return err
	}
	all := records.Merge(k, others, own)
	for _, x := range rows {
		all = records.Merge(k, all, x.Fields)
	}
	set := &qiaomen.FieldsSet{ID: id, All: all, Source: fmt.Sprintf("%s %d", a.List, a.Row)}
	if a.Record != "" {
		set.Fields = row.Fields
	}
	return d.emit(set)
}

// matchedRows is the rows of checked lists that are matched with a record, in
// the order of publication: where two say the same field, the later holds.
func (d *desk) matchedRows(kind, record string) ([]qiaomen.ListRow, error) {
	lists, err := store.All[qiaomen.StatisticsList](d.r, store.Filter{Kind: kind, States: []qiaomen.State{qiaomen.Checked}})
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(lists, func(x, y *qiaomen.StatisticsList) int {
		return cmp.Or(cmp.Compare(x.PublishedOn, y.PublishedOn), cmp.Compare(x.EnteredAt, y.EnteredAt))
	})
	var out []qiaomen.ListRow
	for _, l := range lists {
		for _, row := range l.Rows {
			if row.Record == record {
				out = append(out, row)
			}
		}
	}
	return out, nil
}

// splitOwned parts what is set on a record: the fields that somebody fills in,
// and the others.
func splitOwned(k *scheme.Kind, set jsontext.Value, by scheme.Filler) (own, others jsontext.Value, err error) {
	if len(set) == 0 {
		return jsontext.Value("{}"), jsontext.Value("{}"), nil
	}
	all := map[string]jsontext.Value{}
	if err := json.Unmarshal(set, &all); err != nil {
		return nil, nil, err
	}
	mine := map[string]jsontext.Value{}
	for _, f := range fieldsOf(k, by) {
		if v, ok := all[f.ID]; ok {
			mine[f.ID] = v
			delete(all, f.ID)
		}
	}
	canonical := func(m map[string]jsontext.Value) (jsontext.Value, error) {
		raw, err := json.Marshal(m, json.Deterministic(true))
		return records.Merge(k, raw, nil), err
	}
	if own, err = canonical(mine); err != nil {
		return nil, nil, err
	}
	others, err = canonical(all)
	return own, others, err
}

var autoMatch = &act[Named]{
	half: true,
	check: func(d *desk, a *Named) error {
		certain, err := d.certain(a.ID)
		if err == nil && len(certain) == 0 {
			err = problem("没有可以自动匹配的行", "请逐行核对，手工匹配")
		}
		return err
	},
	do: func(d *desk, a *Named) (string, error) {
		certain, err := d.certain(a.ID)
		if err != nil {
			return "", err
		}
		for _, m := range certain {
			if err := d.join(&Match{a.ID, m.Row.Number, m.Candidates[0].ID}, &m.Row); err != nil {
				return "", err
			}
		}
		return a.ID, nil
	},
}

// AutoMatch matches every row of a checked list that can be only one record,
// where the record can be no other row. Of units from whose things the person
// stands aside it leaves the rows to somebody else.
func (o *Office) AutoMatch(ctx context.Context, by Caller, list string) (*Answer, error) {
	action, err := o.statisticsAction(ctx, by)
	if err != nil {
		return nil, err
	}
	return perform(ctx, o, by, autoMatch.under(action), Named{list})
}

// certain is the rows of a list that the caller may match without looking.
func (d *desk) certain(list string) ([]RowMatch, error) {
	l, err := d.checkedList(list)
	if err != nil {
		return nil, err
	}
	all, err := d.matches(l)
	if err != nil {
		return nil, err
	}
	wanted := map[string]int{}
	for _, m := range all {
		if m.Record != nil {
			wanted[m.Record.ID]++
		}
		for _, r := range m.Candidates[:m.named] {
			wanted[r.ID]++
		}
	}
	var out []RowMatch
	for _, m := range all {
		if m.named != 1 || wanted[m.Candidates[0].ID] > 1 {
			continue
		}
		r := m.Candidates[0]
		err := d.aside(qiaomen.Subject{Unit: r.Unit, Units: r.From})
		if _, denied := isDenied(err); denied {
			continue
		}
		if err != nil {
			return nil, err
		}
		out = append(out, m)
	}
	return out, nil
}
