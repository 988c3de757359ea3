package office

import (
	"context"
	"slices"

	"qiaomen"
	"qiaomen/scheme"
	"qiaomen/store"
)

// A Beginning is a campaign to be made from a scheme file.
type Beginning struct {
	Campaign string   `json:"campaign"`
	Text     string   `json:"text"`              // the scheme file
	Source   string   `json:"source,omitzero"`   // the notice it was made from
	TwoFor   []string `json:"two_for,omitempty"` // kinds that two people recognise even in a small office
}

var createCampaign = &act[Beginning]{
	action: qiaomen.ActOpenCampaign,
	fresh:  true, half: true,
	check: func(d *desk, a *Beginning) error {
		if d.campaign != nil {
			return problem("已有活动“"+a.Campaign+"”", "请换一个代号")
		}
		if !d.using.Role.OfCampaign() || d.using.Role != qiaomen.Handler {
			return d.deny("不能由您建立活动，应由经办人建立、领导小组开启")
		}
		_, err := parseRules(a.Text, a.Source)
		return err
	},
	do: func(d *desk, a *Beginning) (string, error) {
		s, err := parseRules(a.Text, a.Source)
		if err != nil {
			return "", err
		}
		home, err := d.installation()
		if err != nil || home == nil {
			return "", err
		}
		p := home.Procedure
		if !p.ThreeAdmins { // a small office: the scheme says how much of it is separated
			p.TwoReview = s.Setting("review") == "two"
			p.HeadSigns = s.Setting("sign_off") == "head"
			p.GroupApproves = s.Setting("monthly_approval") == "leading_group"
			p.StatisticsOnly = s.Setting("figures_by") == "statistics"
		}
		p.TwoFor = a.TwoFor
		sees := s.Setting("units_see")
		if sees == "" || p.ThreeAdmins {
			sees = "own_score"
		}
		if err := d.emit(&qiaomen.CampaignCreated{
			ID: a.Campaign, Name: s.Name, Procedure: p, UnitsSee: sees,
			Rules: qiaomen.RuleBook{Digest: s.Digest, Text: a.Text, Source: a.Source, SourceName: s.Source.Text},
		}); err != nil {
			return "", err
		}
		_, err = d.ask(qiaomen.ActOpenCampaign, Named{a.Campaign}, qiaomen.Subject{Table: "campaign", ID: a.Campaign}, [][]qiaomen.Role{{qiaomen.GroupMember}})
		return a.Campaign, err
	},
}

// The opening itself is what the leading group approves.
var _ = twofold(&act[Named]{
	action: qiaomen.ActOpenCampaign, early: true,
	check: func(d *desk, a *Named) error {
		if d.campaign == nil || d.campaign.State != qiaomen.Prepared {
			return overtaken("活动已经开启")
		}
		return nil
	},
	do: func(d *desk, a *Named) (string, error) { return a.ID, d.emit(&qiaomen.CampaignOpened{ID: a.ID}) },
})

// CreateCampaign makes a campaign from a scheme and proposes to the leading
// group that it be opened.
func (o *Office) CreateCampaign(ctx context.Context, by Caller, a Beginning) (*Answer, error) {
	by.Campaign = a.Campaign
	if !campaignID.MatchString(a.Campaign) || slices.Contains([]string{InstallationJournal, AuditJournal}, a.Campaign) {
		return nil, &qiaomen.Problem{Text: "活动的代号“" + qiaomen.Clip(a.Campaign) + "”不能用", Fix: "请用小写字母、数字和连字符，字母开头", At: qiaomen.Place{Field: "campaign"}}
	}
	return perform(ctx, o, by, createCampaign, a)
}

// mostRules is how large a scheme file, or its notice, may be.
const mostRules = 4 << 20

// parseRules reads a scheme file; every fault has its line and column.
func parseRules(text, source string) (*scheme.Scheme, error) {
	for _, one := range []struct{ field, text string }{{"text", text}, {"source", source}} {
		if len(one.text) > mostRules {
			return nil, &qiaomen.Problem{Text: "文件超过4MiB，不是方案", Fix: "请核对上传的文件", At: qiaomen.Place{Field: one.field}}
		}
	}
	s, all := scheme.Parse("scheme.yaml", []byte(text), func(string) string { return source })
	var list []*qiaomen.Problem
	for _, f := range all.Errors() {
		list = append(list, &qiaomen.Problem{Text: f.Text, At: f.At})
	}
	return s, faults(list)
}

// Campaigns is the campaigns of the installation.
func (o *Office) Campaigns(ctx context.Context) (out []*qiaomen.Campaign, err error) {
	names, err := o.store.Journals(ctx)
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		err := o.read(ctx, name, func(v *store.View) error {
			c, err := store.One[qiaomen.Campaign](v, name)
			if err == nil && c != nil {
				out = append(out, c)
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// CampaignsOf is the campaigns that the caller has, or had, something to do in;
// to people of the installation all of them. Of the others nobody learns that
// they are there.
func (o *Office) CampaignsOf(ctx context.Context, by Caller) (out []*qiaomen.Campaign, err error) {
	everywhere, in := false, map[string]bool{}
	err = o.read(ctx, InstallationJournal, func(v *store.View) error {
		d, err := o.sit(v, v.In, Caller{Account: by.Account}, qiaomen.MomentOf(o.now()).UTC(), "")
		if err != nil {
			return err
		}
		for _, g := range d.grants {
			everywhere = everywhere || g.Campaign == "" && g.Holds("", d.day)
			in[g.Campaign] = true
		}
		return nil
	})
	if err != nil {
		return nil, told(err)
	}
	all, err := o.Campaigns(ctx)
	for _, c := range all {
		if everywhere || in[c.ID] {
			out = append(out, c)
		}
	}
	return out, told(err)
}
