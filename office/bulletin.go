package office

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"qiaomen"
	"qiaomen/gongwen"
	"qiaomen/scheme"
	"qiaomen/store"
	"qiaomen/workbook"
)

// A madeNotice is a notice's files, kept.
type madeNotice struct {
	title            string
	document, tables qiaomen.Evidence
	unfilled         []string
}

// makeNotice writes a notice's files and keeps them, before the act that names
// them.
func (o *Office) makeNotice(ctx context.Context, by Caller, action qiaomen.Action, of func(d *desk) (*qiaomen.Notice, error)) (*madeNotice, error) {
	var word, excel bytes.Buffer
	var made *madeNotice
	var r *qiaomen.LedgerRanking
	err := o.ahead(ctx, by, func(d *desk) error {
		may, err := d.chances(action, "")
		if err != nil || len(may) == 0 {
			return err
		}
		n, err := of(d)
		if err != nil || n == nil {
			return err
		}
		if r, err = found[qiaomen.LedgerRanking](d, "排名", n.Ranking); err != nil {
			return err
		}
		made, err = d.writeNotice(&word, &excel, n, r)
		return err
	})
	if err != nil || made == nil {
		return nil, err
	}
	name := sayRanking(r) + "通报"
	if made.document, err = o.put(ctx, by, "notice", name+".docx", &word, 0); err != nil {
		return nil, err
	}
	made.tables, err = o.put(ctx, by, "annexes", name+"附件.xlsx", &excel, 0)
	return made, err
}

// writeNotice writes a notice from what its ranking pins.
func (d *desk) writeNotice(word, excel io.Writer, n *qiaomen.Notice, r *qiaomen.LedgerRanking) (*madeNotice, error) {
	res, err := d.pinnedResult(r)
	if err != nil {
		return nil, err
	}
	if resultDigest(res) != r.Digest {
		return nil, problem(sayRanking(r)+"重新计算的结果与编制时不同", "请先重算核对，找出原因；通报不能与审定的排名不同")
	}
	adjusted, err := adjustments(d.r.(*store.View), r.Position)
	if err != nil {
		return nil, err
	}
	if r.Final {
		res = examined(res, pointsOf(adjusted))
	} else {
		res = res.Unnamed()
	}
	template, err := d.template(n, r, res.Scheme, adjusted)
	if err != nil {
		return nil, err
	}
	if n.Issuer == "" && res.Scheme.Publication != nil {
		n.Issuer = res.Scheme.Publication.ApprovedBy
	}
	details := gongwen.Details{Final: r.Final, Number: n.Number, Issuer: n.Issuer, To: n.To, CopyTo: n.CopyTo}
	if n.DatedOn != "" {
		if details.Date, err = qiaomen.ParseDate(n.DatedOn); err != nil {
			return nil, &qiaomen.Problem{Text: err.Error(), At: qiaomen.Place{Field: "dated_on"}}
		}
	}
	doc, wrong := gongwen.Draft(template, res, details)
	if err := faults(wrong); err != nil {
		return nil, err
	}
	if err := gongwen.Write(word, doc); err != nil {
		return nil, err
	}
	made := &madeNotice{title: strings.ReplaceAll(doc.Title, "｜", ""), unfilled: doc.Unfilled()}
	return made, workbook.WriteAnnexes(excel, res)
}

// The places of the notice's template that the ledger knows how to fill: who
// approved, what was adjusted, who leads a unit that is named, copies to nobody,
// and what is to be said of months.
const (
	approvedPlace = "{{if .须审定}}经{{.审定机关}}审定〔待填：审定的会议或者日期〕，{{end}}"
	totalPlace    = "总分为计算得分。"
	adjustedPlace = "〔待填：调整的单位、事由和分值，没有的写“无”〕"
	leaderPlace   = "{{$u.领导}}"
	copyPlace     = "抄送：{{.抄送}}\n"
	endPlace      = "署名：{{.发文机关}}"
)

// template is the notice's text with those places filled.
func (d *desk) template(n *qiaomen.Notice, r *qiaomen.LedgerRanking, s *scheme.Scheme, adjusted []*qiaomen.Adjustment) (gongwen.Template, error) {
	approval := ""
	if r.ApprovedAs == qiaomen.GroupMember {
		approval = "{{if .审定机关}}经{{.审定机关}}审定（" + literal(approvalOf(r)) + "），{{end}}"
	}
	fills := []string{approvedPlace, approval, adjustedPlace, literal(sayAdjustments(s, adjusted))}
	if len(adjusted) > 0 {
		fills = append(fills, totalPlace, "总分为审定得分，即计算得分加上经审定的调整。")
	}
	if n.CopyTo == "" {
		fills = append(fills, copyPlace, "")
	}
	leaders, err := d.leaders(s)
	if err != nil {
		return gongwen.Template{}, err
	}
	notes, err := d.monthNotes(n, r)
	if err != nil {
		return gongwen.Template{}, err
	}
	end := endPlace
	if len(notes) > 0 {
		end = "## 月结情况\n"
		for _, note := range notes {
			end += literal(note) + "\n"
		}
		end += "\n" + endPlace
	}
	fills = append(fills, leaderPlace, leaders, endPlace, end)
	return gongwen.Template{Name: "通报模板", Text: strings.NewReplacer(fills...).Replace(gongwen.DefaultTemplate)}, nil
}

// literal is a text that a template prints as it is, on one line.
func literal(text string) string {
	return "{{" + strconv.Quote(strings.Join(strings.Fields(text), " ")) + "}}"
}

// decidedOn is the day on which a ranking was approved.
func decidedOn(r *qiaomen.LedgerRanking) string {
	if r.Paper != nil {
		return r.Paper.DecidedOn
	}
	return chinaDay(r.ApprovedAt)
}

func approvalOf(r *qiaomen.LedgerRanking) string {
	text := decidedOn(r)
	if day, err := qiaomen.ParseDate(text); err == nil {
		text = day.Chinese()
	}
	if r.Paper != nil {
		text += "，" + r.Paper.Number
	}
	return text
}

func sayAdjustments(s *scheme.Scheme, all []*qiaomen.Adjustment) string {
	var out []string
	for _, a := range all {
		name, ground, points := a.Unit, a.Ground, "加"+a.Points.String()
		if u := s.Unit(a.Unit); u != nil {
			name = u.Name
		}
		if s.Adjustments != nil {
			if i := slices.IndexFunc(s.Adjustments.Grounds, func(g scheme.Option) bool { return g.ID == a.Ground }); i >= 0 {
				ground = s.Adjustments.Grounds[i].Name
			}
		}
		if a.Points.Sign() < 0 {
			points = "减" + a.Points.Neg().String()
		}
		out = append(out, fmt.Sprintf("%s%s分（%s：%s）", name, points, ground, a.Reason))
	}
	if len(out) == 0 {
		return "无"
	}
	return strings.Join(out, "；")
}

// leaders is what the template prints as a named unit's leading official: what
// the office knows, else what the scheme has.
func (d *desk) leaders(s *scheme.Scheme) (string, error) {
	out, end := "", leaderPlace
	for _, u := range s.Units {
		known, err := store.One[qiaomen.LedgerUnit](d.r, u.ID)
		if err != nil {
			return "", err
		}
		if known == nil || known.LeadingOfficial == "" {
			continue
		}
		word := "{{else if"
		if out == "" {
			word, end = "{{if", "{{else}}"+leaderPlace+"{{end}}"
		}
		out += word + " eq $u.名称 " + strconv.Quote(u.Name) + "}}" + literal(known.LeadingOfficial)
	}
	return out + end, nil
}

// monthNotes is what a notice says of months: units without which one that it is
// about was closed (P5), and each that was reopened since the last notice, with
// the reason (separation 14).
func (d *desk) monthNotes(n *qiaomen.Notice, r *qiaomen.LedgerRanking) ([]string, error) {
	since := ""
	notices, err := store.All[qiaomen.Notice](d.r, store.Filter{})
	if err != nil {
		return nil, err
	}
	for _, other := range notices {
		if other.ID != n.Replaces {
			since = max(since, other.PublishedAt)
		}
	}
	months, err := store.All[qiaomen.Month](d.r, store.Filter{})
	if err != nil {
		return nil, err
	}
	var out []string
	for _, m := range months {
		if (r.Final || m.ID == r.Month) && len(m.Without) > 0 {
			var names []string
			for _, id := range m.Without {
				names = append(names, d.unitName([]string{id}))
			}
			out = append(out, sayMonth(m.ID)+"月结时，没有报送月报表的有："+strings.Join(names, "、")+"。")
		}
		_, states, err := store.History[qiaomen.Month](d.r, m.ID)
		if err != nil {
			return nil, err
		}
		for _, was := range states {
			if was.State == qiaomen.Reopened && was.ReopenedAt > since {
				out = append(out, sayMonth(m.ID)+"于"+qiaomen.MomentAt(was.ReopenedAt).Day.Chinese()+"经批准重新开放，理由是"+strings.TrimRight(was.Reason, "。")+"。")
			}
		}
	}
	return out, nil
}
