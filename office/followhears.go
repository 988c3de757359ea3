package office

import (
	"slices"

	"qiaomen"
	"qiaomen/journal"
	"qiaomen/store"
)

// hears tells whether somebody who may read what all units report also sees an
// entry of the campaign's journal. Personal data are in none. What nobody has
// thought of is not seen.
func (d *desk) hears(e *journal.Entry) (bool, error) {
	if d.using.Role == qiaomen.Auditor || e.Person == d.person {
		return true, nil
	}
	sees, known := hearing[e.Event]
	if !known || sees == nil {
		return known, nil
	}
	event, err := qiaomen.DecodeEvent(e.Event, e.Version, e.Data)
	if err != nil {
		return false, err
	}
	return sees(d, event)
}

// hearing is every event of a campaign, and to whom it is shown; nil: to all
// who may read what all units report. What two people still have between them is
// shown to those two; how a unit is evaluated not to whom it lent (separation 5);
// what was taken away to the auditor.
var hearing = map[string]func(*desk, qiaomen.Event) (bool, error){
	"campaign_created": nil, "campaign_opened": nil, "rules_published": nil, "calendar_changed": nil, "unit_changed": nil,
	"announcement_made": nil, "company_kept": nil, "company_dropped": nil, "file_imported": nil, "opening_imported": nil,
	"duplicate_settled": nil, "evidence_expunged": nil,

	"record_handed_over": nil, "record_submitted": nil, "record_signed_off": nil, "record_withdrawn": nil, "record_amended": nil,
	"record_accepted": nil, "record_returned": nil, "record_recognised": nil, "record_refused": nil, "hearing_opened": nil,
	"explanation_given": nil, "record_revoked": nil, "fields_set": nil, "original_checked": nil, "record_transferred": nil,
	"lead_offered": nil, "lead_chosen": nil, "lead_pursued": nil,

	"figure_entered": nil, "figure_checked": nil, "figure_refused": nil,
	"statistics_list_entered": nil, "statistics_list_checked": nil, "statistics_list_refused": nil, "statistics_row_matched": nil,

	"paper_handed_in": nil, "statement_prepared": nil, "statement_signed": nil,
	"unit_urged": nil, "urging_read": nil, "urging_answered": nil, "call_noted": nil, "deadline_extended": nil,

	"month_closed": nil, "month_reopened": nil, "notice_published": nil, "notice_corrected": nil, "notice_read": nil,
	"ranking_drafted": func(d *desk, e qiaomen.Event) (bool, error) {
		return d.hearsRanking(e.(*qiaomen.RankingDrafted).Ranking.ID)
	},
	"ranking_approved": func(d *desk, e qiaomen.Event) (bool, error) { return d.hearsRanking(e.(*qiaomen.RankingApproved).ID) },
	"ranking_declined": func(d *desk, e qiaomen.Event) (bool, error) { return d.hearsRanking(e.(*qiaomen.RankingDeclined).ID) },
	"notice_drafted": func(d *desk, e qiaomen.Event) (bool, error) {
		return d.hearsRanking(e.(*qiaomen.NoticeDrafted).Notice.Ranking)
	},

	"objection_filed":     hearsOf[qiaomen.Objection](unitOfObjection),
	"objection_opined":    hearsOf[qiaomen.Objection](unitOfObjection),
	"objection_returned":  hearsOf[qiaomen.Objection](unitOfObjection),
	"objection_decided":   hearsOf[qiaomen.Objection](unitOfObjection),
	"opinion_given":       hearsOf[qiaomen.Opinion](func(o *qiaomen.Opinion) string { return o.Subject.Unit }),
	"adjustment_proposed": hearsOf[qiaomen.Adjustment](unitOfAdjustment),
	"adjustment_approved": hearsOf[qiaomen.Adjustment](unitOfAdjustment),
	"adjustment_declined": hearsOf[qiaomen.Adjustment](unitOfAdjustment),

	"proposal_made":            hearsProposal,
	"proposal_approved":        hearsProposal,
	"proposal_declined":        hearsProposal,
	"paper_decision_entered":   hearsPaper,
	"paper_decision_confirmed": hearsPaper,
	"paper_decision_rejected":  hearsPaper,

	"data_exported": func(*desk, qiaomen.Event) (bool, error) { return false, nil },
}

func unitOfObjection(o *qiaomen.Objection) string   { return o.Unit }
func unitOfAdjustment(a *qiaomen.Adjustment) string { return a.Unit }

// hearsOf is an event about a thing of some unit's evaluation.
func hearsOf[T any, P interface {
	*T
	qiaomen.Noun
}](unit func(P) string) func(*desk, qiaomen.Event) (bool, error) {
	return func(d *desk, e qiaomen.Event) (bool, error) {
		n, err := store.One[T, P](d.r, qiaomen.EventSubject(e))
		if err != nil || n == nil {
			return false, err
		}
		lent, err := d.lent(unit(n))
		return !lent, err
	}
}

// hearsRanking: a ranking has every unit's points. Once it is published all see
// it.
func (d *desk) hearsRanking(id string) (bool, error) {
	hidden, err := d.unseen()
	if err != nil || len(hidden) == 0 {
		return err == nil, err
	}
	r, err := store.One[qiaomen.LedgerRanking](d.r, id)
	return r != nil && (r.State == qiaomen.Published || r.State == qiaomen.Superseded), err
}

// hearsProposal: what waits for a second person is shown to who is one that it
// may wait for, also once it has waited.
func hearsProposal(d *desk, e qiaomen.Event) (bool, error) {
	p, err := store.One[qiaomen.Proposal](d.r, qiaomen.EventSubject(e))
	if err != nil || p == nil {
		return false, err
	}
	return p.By == d.person || d.mayDecide(p), nil
}

// mayDecide tells whether a proposal needs, or needed, somebody of a role that
// the person holds, who does not stand aside from it.
func (d *desk) mayDecide(p *qiaomen.Proposal) bool {
	using := d.using
	defer func() { d.using = using }()
	for _, set := range p.Needs {
		for _, role := range set {
			if d.using = d.holding(role); d.using != nil && d.within(p) && d.aside(p.Subject) == nil {
				return true
			}
		}
	}
	return false
}

// within tells whether a proposal is within the scope of the caller's token.
func (d *desk) within(p *qiaomen.Proposal) bool {
	return d.caller.Only == nil || slices.Contains(d.caller.Only, qiaomen.ActionNamed(p.Action))
}

// hearsPaper: a decision from paper is shown to those who enter and confirm them.
func hearsPaper(d *desk, e qiaomen.Event) (bool, error) {
	if d.holding(qiaomen.Handler) == nil && d.holding(qiaomen.Reviewer) == nil {
		return false, nil
	}
	paper, err := store.One[qiaomen.PaperDecision](d.r, qiaomen.EventSubject(e))
	if err != nil || paper == nil {
		return false, err
	}
	p, err := store.One[qiaomen.Proposal](d.r, paper.Proposal)
	return p != nil && d.within(p), err
}
