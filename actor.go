package qiaomen

// A Role is what a person may be in a campaign, in one of its units, or in the
// installation (the matrix of rights, docs/rights.md).
type Role string

// The roles, in the order of the matrix. Public is anyone not signed in; it is
// never granted.
const (
	Reporter      Role = "reporter"       // UR 填报人, of one unit
	Head          Role = "head"           // UH 单位负责人, of one unit
	Handler       Role = "handler"        // CH 经办人
	Reviewer      Role = "reviewer"       // CR 审核员
	Evaluator     Role = "evaluator"      // EV 绩效考评工作专班
	GroupMember   Role = "leading_group"  // LG 领导小组
	CityLeader    Role = "city_leader"    // ML 市领导及秘书
	Statistician  Role = "statistics"     // ST 统计部门
	Auditor       Role = "auditor"        // AU 审计员
	SystemAdmin   Role = "system_admin"   // SA 系统管理员
	SecurityAdmin Role = "security_admin" // SE 安全管理员
	AuditAdmin    Role = "audit_admin"    // AA 审计管理员
	Public        Role = "public"         // PUB
)

// Roles is every role in the order of the matrix.
var Roles = []Role{
	Reporter, Head, Handler, Reviewer, Evaluator, GroupMember, CityLeader,
	Statistician, Auditor, SystemAdmin, SecurityAdmin, AuditAdmin, Public,
}

var roleNames = map[Role]string{
	Reporter: "填报人", Head: "单位负责人", Handler: "经办人", Reviewer: "审核员", Evaluator: "绩效考评工作专班", GroupMember: "领导小组",
	CityLeader: "市领导", Statistician: "统计部门", Auditor: "审计员", SystemAdmin: "系统管理员", SecurityAdmin: "安全管理员",
	AuditAdmin: "审计管理员", Public: "公众",
}

// Chinese is the role as people call it.
func (r Role) Chinese() string { return roleNames[r] }

// OfUnit tells whether the role is held in one unit.
func (r Role) OfUnit() bool { return r == Reporter || r == Head }

// Admin tells whether the role is one of the three administrators (三员).
func (r Role) Admin() bool { return r == SystemAdmin || r == SecurityAdmin || r == AuditAdmin }

// OfCampaign tells whether the role is held in one campaign and not in the
// whole installation.
func (r Role) OfCampaign() bool { return !r.Admin() && r != Public }

// A Cell is what one role may do of one action.
type Cell struct {
	May     bool // at all
	Own     bool // of its own unit only
	View    bool // an aggregated or selected view
	Propose bool // the first person's half
	Approve bool // the second person's half, never the proposer
}

// Alone tells whether one person carries the action out.
func (c Cell) Alone() bool { return c.May && !c.View && (!c.Propose && !c.Approve) }

// Procedure is how much of the separations of duty a campaign switches on
// (运行档). The zero Procedure is profile small.
type Procedure struct {
	TwoReview      bool     `json:"two_review,omitzero"`      // review=two: recognising takes two people
	HeadSigns      bool     `json:"head_signs,omitzero"`      // sign_off=head: the unit's head signs in the page
	GroupApproves  bool     `json:"group_approves,omitzero"`  // monthly_approval=leading_group
	StatisticsOnly bool     `json:"statistics_only,omitzero"` // figures_by=statistics
	Quorum         int      `json:"quorum,omitzero"`          // how many of the leading group must say yes; 0: one
	ThreeAdmins    bool     `json:"three_admins,omitzero"`    // three administrators, none with a business role
	TwoFor         []string `json:"two_for,omitempty"`        // kinds that need two people even under review=one
}

// SmallOffice and ThreePowers are the two profiles that ship: small and gb3.
var (
	SmallOffice = Procedure{}
	ThreePowers = Procedure{TwoReview: true, HeadSigns: true, GroupApproves: true, StatisticsOnly: true, Quorum: 2, ThreeAdmins: true}
)

// May is what the role may do of the action under the procedure. It is the
// matrix of rights and nothing else: whose unit, which state, and who the
// person was before are the office's to ask.
func (p Procedure) May(r Role, a Action) Cell {
	c := a.cell(r)
	alone := Cell{May: true, Own: c.Own || r.OfUnit()}
	proposes, approves := Cell{May: true, Propose: true}, Cell{May: true, Approve: true}
	switch a {
	case ActSubmit, ActWithdraw, ActAmend:
		if !p.HeadSigns && r.OfUnit() {
			return alone
		}
	case ActCheckOriginal, ActRecognise:
		if !p.TwoReview && (r == Handler || r == Reviewer) {
			return alone
		}
	case ActEnterFigure:
		if !p.StatisticsOnly && r == Handler {
			return proposes
		}
	case ActCheckFigure:
		if !p.StatisticsOnly && r == Reviewer {
			return approves
		}
	case ActApproveRanking:
		if !p.GroupApproves && r == Reviewer { // of a monthly ranking; the final one is the leading group's
			return approves
		}
	case ActResetFactor:
		// In a small office one person is system and security administrator; the
		// audit administrator is the second.
		if !p.ThreeAdmins && r == AuditAdmin {
			return approves
		}
	case ActGrantRole:
		// The audit administrator until the first campaign opens; after that, in a
		// small office, the leading group (separation 17). The office says when.
		if r == AuditAdmin || r == GroupMember && !p.ThreeAdmins {
			return approves
		}
	}
	return c
}
