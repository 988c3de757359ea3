package office

import (
	"context"
	"slices"

	"qiaomen"
	"qiaomen/scheme"
)

// An AdjustmentInput is points to be given or taken beside the computed score,
// for one of the scheme's grounds, with documents (附3·六(三)).
type AdjustmentInput struct {
	Unit   string             `json:"unit"`
	Line   string             `json:"line,omitzero"`
	Points string             `json:"points"` // a decimal; below 0 they are taken
	Ground string             `json:"ground"`
	Reason string             `json:"reason"`
	Papers []qiaomen.Evidence `json:"papers"`
}

var proposeAdjustment = &act[AdjustmentInput]{
	action: qiaomen.ActProposeAdjustment,
	half:   true,
	about:  func(_ *desk, a *AdjustmentInput) (qiaomen.Subject, error) { return qiaomen.Subject{Unit: a.Unit}, nil },
	check: func(d *desk, a *AdjustmentInput) error {
		if _, err := d.unit(a.Unit); err != nil {
			return err
		}
		rule := d.rules.Adjustments
		if rule == nil || len(rule.Grounds) == 0 {
			return problem("方案没有规定可以调整得分的事由", "如需调整，请先修订方案")
		}
		var list complaints
		if points, err := qiaomen.ParseDecimal(a.Points); err != nil {
			list.add("points", "调整分值："+err.Error(), "")
		} else if points.IsZero() {
			list.add("points", "调整分值不能是0", "请写加多少分，减分写负数")
		}
		if !slices.ContainsFunc(rule.Grounds, func(g scheme.Option) bool { return g.ID == a.Ground }) {
			var names []string
			for _, g := range rule.Grounds {
				names = append(names, g.ID)
			}
			list.add("ground", "方案没有“"+qiaomen.Clip(a.Ground)+"”这种调整事由"+qiaomen.Suggest(a.Ground, names), "")
		}
		if p := d.lineOf(a.Unit, a.Line); p != nil {
			list = append(list, p)
		}
		list.text("reason", "理由", a.Reason, "请写明造成的损失和对指标的影响")
		if len(a.Papers) == 0 {
			list.add("papers", "没有附证明文件", "请附政策文件或灾情证明")
		}
		list = append(list, d.keptAll("papers", &a.Papers)...)
		return faults(list)
	},
	do: func(d *desk, a *AdjustmentInput) (string, error) {
		points, err := qiaomen.ParseDecimal(a.Points)
		if err != nil {
			return "", err
		}
		x := qiaomen.Adjustment{ID: d.newID("j-"), Unit: a.Unit, Line: a.Line, Points: points, Ground: a.Ground, Reason: a.Reason, Papers: a.Papers}
		if err := d.emit(&qiaomen.AdjustmentProposed{Adjustment: x}); err != nil {
			return "", err
		}
		_, err = d.ask(qiaomen.ActApproveAdjustment, Named{x.ID}, x.Subject(), [][]qiaomen.Role{{qiaomen.GroupMember}})
		return x.ID, err
	},
}

// ProposeAdjustment asks the leading group for points beside the computed score:
// for a change of national policy or a natural disaster, with reason and
// documents (附3·六(三), separation 12). It also makes the proposal that the
// leading group approves, or declines.
func (o *Office) ProposeAdjustment(ctx context.Context, by Caller, a AdjustmentInput) (*Answer, error) {
	return perform(ctx, o, by, proposeAdjustment, a)
}

// This is what the leading group approves; nobody begins with it.
var _ = twofold(&act[Named]{
	action: qiaomen.ActApproveAdjustment,
	about: func(d *desk, a *Named) (qiaomen.Subject, error) {
		x, err := found[qiaomen.Adjustment](d, "调整", a.ID)
		if err != nil {
			return qiaomen.Subject{}, err
		}
		return x.Subject(), nil
	},
	check: func(d *desk, a *Named) error {
		x, err := found[qiaomen.Adjustment](d, "调整", a.ID)
		if err == nil && x.State != qiaomen.Pending {
			err = overtaken("这项调整已经有了结果")
		}
		return err
	},
	do: func(d *desk, a *Named) (string, error) {
		return a.ID, d.emit(&qiaomen.AdjustmentApproved{ID: a.ID, Paper: d.paper})
	},
})

func init() {
	declined[qiaomen.ActApproveAdjustment] = func(d *desk, p *qiaomen.Proposal, reason string) error {
		return d.emit(&qiaomen.AdjustmentDeclined{ID: p.Subject.ID, Reason: reason})
	}
}

// lineOf asks that a line, where one is named, is on the score card of a unit.
func (d *desk) lineOf(unit, line string) *qiaomen.Problem {
	u := d.rules.Unit(unit)
	if line == "" || u == nil {
		return nil
	}
	var ids []string
	for _, s := range d.rules.Scores {
		if s == nil || s.Group != u.Group {
			continue
		}
		for _, l := range s.Lines {
			if l.ID == line {
				return nil
			}
			ids = append(ids, l.ID)
		}
	}
	return &qiaomen.Problem{Text: "“" + u.Name + "”没有得分项“" + qiaomen.Clip(line) + "”" + qiaomen.Suggest(line, ids), At: qiaomen.Place{Field: "line"}}
}

// A Word is the evaluation team's on a unit, one of its lines, or a project.
type Word struct {
	Unit   string `json:"unit,omitzero"`
	Line   string `json:"line,omitzero"`
	Record string `json:"record,omitzero"`
	Text   string `json:"text"`
}

var giveOpinion = &act[Word]{
	action: qiaomen.ActGiveOpinion,
	about: func(d *desk, a *Word) (qiaomen.Subject, error) {
		if a.Record != "" {
			return aboutRecord(d, a.Record)
		}
		return qiaomen.Subject{Unit: a.Unit}, nil
	},
	check: func(d *desk, a *Word) error {
		var list complaints
		if a.Record != "" && (a.Unit != "" || a.Line != "") {
			list.add("record", "一次只对一个单位或一条记录出具意见", "请分开写")
		}
		if a.Record == "" {
			if _, err := d.unit(a.Unit); err != nil {
				return err
			}
			if p := d.lineOf(a.Unit, a.Line); p != nil {
				list = append(list, p)
			}
		}
		list.text("text", "意见", a.Text, "请写明意见")
		return faults(list)
	},
	do: func(d *desk, a *Word) (string, error) {
		s := qiaomen.Subject{Unit: a.Unit}
		if a.Record != "" {
			var err error
			if s, err = aboutRecord(d, a.Record); err != nil {
				return "", err
			}
		}
		id := d.newID("w-")
		return id, d.emit(&qiaomen.OpinionGiven{Opinion: qiaomen.Opinion{ID: id, Subject: s, Line: a.Line, Text: a.Text}})
	},
}

// GiveOpinion is the evaluation team's overall opinion on a unit's result, one
// line of it, or a project (附3·六(三)). It changes no score.
func (o *Office) GiveOpinion(ctx context.Context, by Caller, a Word) (*Answer, error) {
	return perform(ctx, o, by, giveOpinion, a)
}
