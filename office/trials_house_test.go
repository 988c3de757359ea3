package office_test

import (
	"fmt"
	"io"

	"qiaomen"
	"qiaomen/journal"
	"qiaomen/office"
)

// newcomer is a person without any role.
func (m *matrix) newcomer() string {
	m.t.Helper()
	m.n++
	return m.account(first(qiaomen.SystemAdmin), fmt.Sprint("newcomer", m.n), fmt.Sprint("新", m.n)).Person
}

// verifier is the public half of a key that nobody has used.
func (m *matrix) verifier() string {
	m.t.Helper()
	m.n++
	_, vkey, err := journal.NewSigner("example.com/next", [32]byte{byte(m.n), byte(m.n >> 8), 1})
	if err != nil {
		m.t.Fatal(err)
	}
	return vkey
}

// hash is a backup's digest, another each time.
func (m *matrix) hash() string {
	m.n++
	return fmt.Sprintf("%064x", m.n)
}

// deputies is to whom those lend a right who can.
var deputies = map[string]string{
	"jixian-head": "jixian-reporter", "reviewer": "handler2", "member": "member2", "leader": "leader2", "youyi-head": "youyi-reporter",
}

func (m *matrix) ownGrant(login string) string {
	for _, g := range m.grants(login) {
		if g.Campaign == winter && g.Delegator == "" {
			return g.ID
		}
	}
	return ""
}

// lends lends a grant, if it is the caller's own, for what harms nobody.
func (m *matrix) lends(by office.Caller, grant string) (*office.Answer, error) {
	to := ""
	for lender, deputy := range deputies {
		if by.Account == m.people[lender] {
			to = m.personOf(deputy)
		}
	}
	return m.Delegate(ctx, by, office.Delegation{Grant: grant, To: to, Actions: []string{"read_own"}, Until: "2024-01-20"})
}

func (m *matrix) token(by office.Caller) (*office.Answer, error) {
	a, _, err := m.IssueToken(ctx, by, office.TokenRequest{Name: "示例程序", Scope: []string{"read_published"}, Until: "2024-03-31"})
	return a, err
}

// Rows 40 to 56 and 76: accounts, roles, the machine, and what is one's own.
var (
	_ = try(qiaomen.ActManageAccounts, trial{in: house, try: func(m *matrix, by office.Caller, id string) (*office.Answer, error) {
		a, _, err := m.CreateAccount(ctx, by, office.NewAccount{Login: id, Detail: office.Detail{Name: "示例" + id, Identity: id}})
		return a, err
	}, ready: func(m *matrix, _ string) string {
		m.n++
		return fmt.Sprint("clerk", m.n)
	}}, trial{in: house, try: func(m *matrix, by office.Caller, id string) (*office.Answer, error) {
		return m.DisableAccount(ctx, by, id, "示例：调离")
	}, ready: func(m *matrix, _ string) string {
		m.newcomer()
		return m.people[fmt.Sprint("newcomer", m.n)]
	}}, trial{in: house, try: func(m *matrix, by office.Caller, id string) (*office.Answer, error) {
		return m.EnableAccount(ctx, by, id)
	}, ready: func(m *matrix, _ string) string {
		m.newcomer()
		return m.must(m.DisableAccount(ctx, m.inHouse("system"), m.people[fmt.Sprint("newcomer", m.n)], "示例：休假")).ID
	}})
	_ = try(qiaomen.ActGrantRole, trial{in: house, ready: made((*matrix).newcomer), try: func(m *matrix, by office.Caller, id string) (*office.Answer, error) {
		return m.GrantRole(ctx, by, office.RoleChange{Person: id, Role: qiaomen.Evaluator, Campaign: winter})
	}})
	_ = try(qiaomen.ActSetPolicy, trial{in: house, again: true, try: func(m *matrix, by office.Caller, _ string) (*office.Answer, error) {
		p, err := m.Policy(ctx)
		if err != nil {
			return nil, err
		}
		return m.SetPolicy(ctx, by, p)
	}})
	resetting = func(m *matrix, by office.Caller, id string) (*office.Answer, error) {
		a, _, err := m.ResetFactor(ctx, by, id, "示例：丢了手机")
		return a, err
	}
	_ = try(qiaomen.ActResetFactor, trial{in: house, again: true, try: resetting, ready: func(m *matrix, _ string) string { return m.people["bio-reporter"] }},
		trial{in: house, again: true, try: func(m *matrix, by office.Caller, id string) (*office.Answer, error) {
			return m.Unlock(ctx, by, id, "示例：输错了")
		}, ready: func(m *matrix, _ string) string { return m.people["bio-head"] }})
	_ = try(qiaomen.ActEndSessions, trial{in: house, again: true, try: func(m *matrix, by office.Caller, _ string) (*office.Answer, error) {
		return m.EndSessions(ctx, by, m.people["bio-head"], "示例：电脑遗失")
	}})
	_ = try(qiaomen.ActChangeSettings, trial{in: house, again: true, try: func(m *matrix, by office.Caller, _ string) (*office.Answer, error) {
		return m.ChangeSettings(ctx, by, map[string]string{"audit_days": "180"})
	}})
	_ = try(qiaomen.ActBackUp, trial{in: house, again: true, ready: made((*matrix).hash), try: func(m *matrix, by office.Caller, id string) (*office.Answer, error) {
		return m.BackUp(ctx, by, office.Backup{Digest: id, Size: 1})
	}})
	_ = try(qiaomen.ActRestore, trial{in: house, again: true, ready: made((*matrix).hash), try: func(m *matrix, by office.Caller, id string) (*office.Answer, error) {
		return m.ApproveRestore(ctx, by, office.Restoring{Digest: id, Reason: "示例：磁盘损坏", Lost: "无"})
	}})
	_ = try(qiaomen.ActReadAudit, trial{in: house, reads: true, try: func(m *matrix, by office.Caller, _ string) (*office.Answer, error) {
		return looked(m.Audit(ctx, by, office.AuditQuery{}))
	}}, trial{in: house, reads: true, all: true, try: func(m *matrix, by office.Caller, _ string) (*office.Answer, error) {
		return nil, m.ExportAudit(ctx, by, io.Discard)
	}})
	_ = try(qiaomen.ActReadAuditAdmin, trial{in: house, reads: true, try: func(m *matrix, by office.Caller, _ string) (*office.Answer, error) {
		return looked(m.AuditAdminActs(ctx, by, office.AuditQuery{}))
	}})
	_ = try(qiaomen.ActArchiveAudit, trial{in: house, again: true, late: true, try: func(m *matrix, by office.Caller, _ string) (*office.Answer, error) {
		return m.ArchiveAudit(ctx, by, "2024-01-20", io.Discard)
	}})
	_ = try(qiaomen.ActRotateKeys, trial{in: house, ready: made((*matrix).verifier), try: func(m *matrix, by office.Caller, id string) (*office.Answer, error) {
		return m.RotateKeys(ctx, by, office.Rotation{Verifier: id, Reason: "示例：换服务器"})
	}})
	_ = try(qiaomen.ActVerify, trial{in: house, reads: true, try: func(m *matrix, by office.Caller, _ string) (*office.Answer, error) {
		return looked(m.VerifyJournal(ctx, by))
	}})
	_ = try(qiaomen.ActDelegate, trial{own: true, none: "g-none", try: func(m *matrix, by office.Caller, id string) (*office.Answer, error) {
		return m.EndDelegation(ctx, by, id)
	}, ready: func(m *matrix, login string) string {
		return m.must(m.lends(m.as(login), m.ownGrant(login))).ID
	}}, trial{own: true, none: "g-none", try: (*matrix).lends, ready: (*matrix).ownGrant})
	_ = try(qiaomen.ActIssueToken, trial{again: true, try: func(m *matrix, by office.Caller, _ string) (*office.Answer, error) {
		return m.token(by)
	}}, trial{own: true, try: func(m *matrix, by office.Caller, id string) (*office.Answer, error) {
		return m.RevokeToken(ctx, by, id)
	}, ready: func(m *matrix, login string) string { return m.must(m.token(m.as(login))).ID }})
)
