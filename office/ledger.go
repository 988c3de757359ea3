package office

import (
	"context"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"qiaomen"
	"qiaomen/records"
	"qiaomen/scheme"
	"qiaomen/store"
)

// A RecordView is a record as a page shows it to somebody who may see it.
type RecordView struct {
	Record   *qiaomen.LedgerRecord `json:"record,omitzero"`
	KindName string                `json:"kind_name,omitzero"`
	UnitName string                `json:"unit_name,omitzero"`
	State    string                `json:"state,omitzero"` // in Chinese, of what is before the office
	// Personal is the personal fields, each with no more to see than that it is
	// there; Unmask shows them.
	Personal map[string]string `json:"personal,omitzero"`
	// Lacks is why what is before the office would not count, were it
	// recognised as it is: what is missing, conditions that fail.
	Lacks []string `json:"lacks,omitzero"`
	// Rivals is what else claims the same; for those who see everybody's.
	Rivals []Rival `json:"rivals,omitzero"`
	// History is every step that it took; not for those who see a selection.
	History []Step `json:"history,omitzero"`
}

// A Rival is another record that claims to be the same thing, or stands on the
// same file.
type Rival struct {
	*qiaomen.Claim
	UnitName string `json:"unit_name,omitzero"`
	File     bool   `json:"file"`    // the same file, not the same thing
	Earlier  bool   `json:"earlier"` // it was reported before
	// Like is how the two are alike, part by part, for those who see everybody's.
	Like *Likeness `json:"like,omitzero"`
}

// A Likeness is two records side by side: whether names say that they are one
// thing, which parts agree and which differ, the files that they share.
type Likeness struct {
	Verdict  string            `json:"verdict"` // same, doubt, different
	Label    string            `json:"label"`   // in Chinese
	Score    int               `json:"score"`   // 0 to 10000
	Why      string            `json:"why"`
	Name     string            `json:"name"` // of the other
	Findings []LikenessFinding `json:"findings,omitzero"`
	Files    []string          `json:"files,omitzero"` // digests that stand behind both
}

// A LikenessFinding is what one part of the names said.
type LikenessFinding struct {
	Part   string `json:"part"`
	Mine   string `json:"mine,omitzero"`
	Theirs string `json:"theirs,omitzero"`
	Says   string `json:"says"` // agrees, near, silent, differs, vetoes
	Words  string `json:"words"`
}

// A Step is one event of a record's life.
type Step struct {
	Position int64  `json:"position"`
	At       string `json:"at,omitzero"`
	Event    string `json:"event,omitzero"` // as the journal names it: record_recognised
	State    string `json:"state,omitzero"` // that it came to, in Chinese
	Version  int    `json:"version"`
	Reason   string `json:"reason,omitzero"`
	Role     string `json:"role,omitzero"` // in which somebody did it, in Chinese
	By       string `json:"by,omitzero"`   // who; for those who see everybody's
}

// Record is one record, to its unit, to the office, and of recognised ones and
// leads on their way to a leader also to the city's leaders.
func (o *Office) Record(ctx context.Context, by Caller, id string) (out *RecordView, err error) {
	err = o.lookIn(ctx, by, qiaomen.ActReadOwn, whoseRecord(id), func(d *desk) error {
		out, err = d.viewed(id)
		return err
	})
	return out, err
}

// lookIn is look for what is a campaign's: there has to be one.
func (o *Office) lookIn(ctx context.Context, by Caller, action qiaomen.Action, whose func(*desk) (string, error), see func(*desk) error) error {
	return o.look(ctx, by, action, whose, func(d *desk) error {
		if err := d.inCampaign(false); err != nil {
			return err
		}
		return see(d)
	})
}

// whoseRecord is the unit of a record. One that is not there is nobody's, so
// that a unit hears the same of it as of another's.
func whoseRecord(id string) func(*desk) (string, error) {
	return func(d *desk) (string, error) {
		r, err := d.record(id)
		if err != nil {
			return nowhere, err
		}
		return r.Unit, nil
	}
}

// chosen tells whether a record is among those that the city's leaders see.
func chosen(r *qiaomen.LedgerRecord) bool {
	return r.State == qiaomen.Recognised || r.Offered != "" || r.Chosen != ""
}

// everybodys tells whether the person sees what all units report.
func (d *desk) everybodys() bool {
	c := d.campaign.Procedure.May(d.using.Role, qiaomen.ActReadOthers)
	return c.May && !c.View
}

func (d *desk) viewed(id string) (*RecordView, error) {
	r, err := d.record(id)
	if err != nil {
		return nil, err
	}
	selected := d.selected(qiaomen.ActReadOwn)
	if selected {
		if !chosen(r) {
			return nil, lost("记录", id)
		}
		r.Amendment = nil
	}
	k, err := d.kind(r)
	if err != nil {
		return nil, err
	}
	_, state, content := r.Pending()
	v := &RecordView{Record: r, KindName: k.Name, State: state.Chinese()}
	if v.UnitName, err = d.named(r.Unit); err != nil {
		return nil, err
	}
	if content.Personal {
		if v.Personal, err = d.masked(id); err != nil {
			return nil, err
		}
	}
	if v.Lacks, err = d.lacks(k, r); err != nil || selected {
		return v, err
	}
	if d.everybodys() {
		if v.Rivals, err = d.rivalsOf(r); err != nil {
			return nil, err
		}
	} else if r.Amendment != nil { // whom it is like is not the unit's to know
		plain, amendment := *r, *r.Amendment
		amendment.Keys, plain.Amendment = nil, &amendment
		v.Record = &plain
	}
	v.History, err = d.history(id)
	return v, err
}

// masked is the personal fields of a record or a paper, masked.
func (d *desk) masked(id string) (map[string]string, error) {
	w, err := d.r.(*store.View).Work("personal", id)
	if err != nil || w == nil {
		return nil, err
	}
	fields := map[string]jsontext.Value{}
	if err := json.Unmarshal(w.Data, &fields); err != nil {
		return nil, err
	}
	out := map[string]string{}
	for field, raw := range fields {
		var one string
		var many []string
		switch {
		case json.Unmarshal(raw, &one) == nil:
			out[field] = mask(one)
		case json.Unmarshal(raw, &many) == nil:
			for i := range many {
				many[i] = mask(many[i])
			}
			out[field] = strings.Join(many, "、")
		default:
			out[field] = mask("")
		}
	}
	return out, nil
}

// mask leaves the first character of a personal text; not even its length is
// told.
func mask(text string) string {
	for _, c := range text {
		return string(c) + "**"
	}
	return "**"
}

// lacks is why a record would not count, were what is before the office
// recognised now. It is scored among the unit's other records of its kind, so
// that limits are seen too.
func (d *desk) lacks(k *scheme.Kind, r *qiaomen.LedgerRecord) ([]string, error) {
	u := d.rules.Unit(r.Unit)
	if u == nil || slices.Contains([]qiaomen.State{qiaomen.Withdrawn, qiaomen.Refused, qiaomen.Revoked}, r.State) {
		return nil, nil
	}
	asIf := *r
	if _, _, content := r.Pending(); r.State != qiaomen.Recognised || r.Amendment != nil {
		asIf.State, asIf.Content, asIf.RecognisedAt = qiaomen.Recognised, *content, d.at
	}
	others, err := store.All[qiaomen.LedgerRecord](d.r, store.Filter{Unit: r.Unit, Kind: r.Kind})
	if err != nil {
		return nil, err
	}
	var own *qiaomen.Record
	tally := d.rules.NewTally(scheme.View{})
	for _, one := range others {
		if one.ID == r.ID {
			one = &asIf
		}
		scored, err := scoredRecord(d.rules, one)
		if err != nil {
			return nil, err
		}
		if scored == nil {
			continue
		}
		if tally.Record(scored); one.ID == r.ID {
			own = scored
		}
	}
	if own == nil {
		return nil, nil
	}
	result := tally.Score(d.rules.DefaultReadings())
	return reasons(result.Explain(result.Unit(u), []qiaomen.Record{*own})), nil
}

// reasons is why the one record of a card does not count; where several lines
// look at it and one takes it, it counts.
func reasons(card *scheme.Card) []string {
	var out []string
	add := func(list []scheme.CardRecord) {
		for _, one := range list {
			for why := range strings.SplitSeq(one.Why, "；") {
				if !slices.Contains(out, why) {
					out = append(out, why)
				}
			}
		}
	}
	if len(card.Beside) > 0 {
		return nil
	}
	for _, line := range card.Lines {
		if len(line.Counted) > 0 {
			return nil
		}
		add(line.NotCounted)
	}
	add(card.Other)
	return out
}

func (d *desk) rivalsOf(r *qiaomen.LedgerRecord) ([]Rival, error) {
	keys, err := d.claimKeys(r)
	if err != nil {
		return nil, err
	}
	claims, err := d.rivals(r.ID, keys)
	if err != nil {
		return nil, err
	}
	mine := &qiaomen.Claim{PlaceAt: r.PlaceAt, PlaceOrder: r.PlaceOrder}
	var out []Rival
	for _, c := range claims {
		name, err := d.named(c.Unit)
		if err != nil {
			return nil, err
		}
		like, err := d.likeness(r, c.Record)
		if err != nil {
			return nil, err
		}
		if o, err := d.record(c.Record); err == nil && o.Counting() && c.State == qiaomen.Waiting {
			one := *c
			one.State, c = qiaomen.Held, &one
		}
		out = append(out, Rival{c, name, isFile(c.Key), c.Before(mine), like})
	}
	return out, nil
}

// history is what became of a record, step by step, from the entries that made
// its rows.
func (d *desk) history(id string) ([]Step, error) {
	v := d.r.(*store.View)
	made, nouns, err := store.History[qiaomen.LedgerRecord](v, id)
	if err != nil {
		return nil, err
	}
	var out []Step
	for i, r := range nouns {
		e, err := v.Entry(made[i])
		if err != nil {
			return nil, err
		}
		version, state, _ := r.Pending()
		s := Step{Position: e.Position, At: e.At, Event: e.Event, State: state.Chinese(), Version: version, Reason: r.Reason}
		if r.Amendment != nil && e.Event == "record_amended" {
			s.Reason = r.Amendment.Reason
		}
		role, err := d.grantedAs(e.Person, e.Grant)
		if err != nil {
			return nil, err
		}
		if s.Role = role.Chinese(); d.everybodys() {
			if s.By, err = d.personName(e.Person); err != nil {
				return nil, err
			}
		}
		out = append(out, s)
	}
	return out, nil
}

// grantedAs is the role that a person acted in, by the position of the grant.
func (d *desk) grantedAs(person string, position int64) (qiaomen.Role, error) {
	grants, err := store.All[qiaomen.Grant](d.home(), store.Filter{Key: person})
	for _, g := range grants {
		if g.Position == position {
			return g.Role, err
		}
	}
	return "", err
}

// personName is what a person is called; the id of one whose name was taken out.
func (d *desk) personName(person string) (string, error) {
	w, err := d.home().Work("detail", person)
	if err != nil || w == nil {
		return person, err
	}
	var detail Detail
	if err := json.Unmarshal(w.Data, &detail); err != nil {
		return "", err
	}
	return detail.Name, nil
}

// mergedFields is what a record says with what was set on it.
func mergedFields(k *scheme.Kind, r *qiaomen.LedgerRecord) (map[string]jsontext.Value, error) {
	out := map[string]jsontext.Value{}
	return out, json.Unmarshal(records.Merge(k, r.Content.Fields, r.Set), &out)
}
