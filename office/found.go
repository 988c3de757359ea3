package office

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"

	"qiaomen"
	"qiaomen/store"
)

// A Founding is how an installation begins: its name, how much is separated in
// it, and its first people with their roles. There is no super-administrator,
// not even here: the list is sealed as it is, and afterwards roles are granted
// by two people.
type Founding struct {
	ID        string // of the installation, as the store's entries name it
	Name      string
	Procedure qiaomen.Procedure
	People    []FirstPerson
	Verifiers []string // of the journals' signatures
}

// A FirstPerson is one of the people that an installation begins with.
type FirstPerson struct {
	Login string
	Detail
	Roles []FirstRole
}

// A FirstRole is a role that one of the first people holds.
type FirstRole struct {
	Role     qiaomen.Role
	Campaign string
	Unit     string
}

// A Detail is who a person is: personal data, kept outside the journal.
type Detail struct {
	Name  string `json:"name"`
	Phone string `json:"phone,omitzero"`
	// Identity tells persons apart, where two accounts might be one person's: a
	// staff number, or else the telephone.
	Identity string `json:"identity,omitzero"`
}

// A FirstCode is the one-time code with which a new account is first used; it
// is shown once and kept as a hash.
type FirstCode struct {
	Login, Account, Person, Code string
}

// A Secret is what is kept of an account's first code.
type Secret struct {
	FirstCode string `json:"first_code,omitzero"` // SHA-256, hexadecimal
	Until     string `json:"until,omitzero"`
}

// firstCodeDays is how long a first code holds.
const firstCodeDays = 7

// Found begins an installation, once.
func (o *Office) Found(ctx context.Context, f Founding) ([]FirstCode, error) {
	if err := f.check(); err != nil {
		return nil, err
	}
	var codes []FirstCode
	_, err := o.store.Write(ctx, store.Act{Journal: InstallationJournal, At: o.now()}, func(tx *store.Tx) error {
		codes = nil
		if tx.Position() > 0 {
			return problem("这里已经建立过", "新的活动用 campaign 建立；要另起一套请换一个数据文件夹")
		}
		var keys []qiaomen.SigningKey
		for _, v := range f.Verifiers {
			keys = append(keys, qiaomen.SigningKey{Verifier: v, From: tx.At()})
		}
		if err := tx.Emit(&qiaomen.InstallationFounded{Installation: qiaomen.Installation{
			ID: f.ID, Name: f.Name, Procedure: f.Procedure, Keys: keys,
		}}); err != nil {
			return err
		}
		for i, p := range f.People {
			code, err := firstPerson(tx, i, p)
			if err != nil {
				return err
			}
			codes = append(codes, code)
		}
		return nil
	})
	if err != nil {
		return nil, told(err)
	}
	return codes, nil
}

func (f *Founding) check() error {
	var list []*qiaomen.Problem
	add := func(field, text, fix string) {
		list = append(list, &qiaomen.Problem{Text: text, Fix: fix, At: qiaomen.Place{Field: field}})
	}
	logins := map[string]bool{}
	has := map[qiaomen.Role]string{}
	for _, p := range f.People {
		if p.Login == "" || p.Name == "" {
			add("people", "每个人都要有登录名和姓名", "请补上")
		}
		if logins[p.Login] {
			add("people", "登录名“"+qiaomen.Clip(p.Login)+"”写了两次", "请改成不同的登录名")
		}
		logins[p.Login] = true
		var roles []qiaomen.Role
		for _, r := range p.Roles {
			if roles = append(roles, r.Role); r.Role.Chinese() == "" || r.Role == qiaomen.Public {
				add("people", "没有“"+qiaomen.Clip(string(r.Role))+"”这个角色", "")
			}
			if r.Role.Admin() {
				has[r.Role] = p.Login
			}
		}
		if why := exclusive(f.Procedure, roles); why != "" {
			add("people", p.Login+"："+why, "请分给不同的人")
		}
	}
	for _, r := range []qiaomen.Role{qiaomen.SystemAdmin, qiaomen.SecurityAdmin, qiaomen.AuditAdmin} {
		if has[r] == "" {
			add("people", "没有指定"+r.Chinese(), "三员缺一不可；小型办公室可由一人兼系统管理员和安全管理员")
		}
	}
	return faults(list)
}

// exclusive is why one person cannot hold these roles together (separations 16
// and 23); empty where they can.
func exclusive(p qiaomen.Procedure, roles []qiaomen.Role) string {
	var admins, business []qiaomen.Role
	for _, r := range roles {
		switch {
		case r.Admin() && !slices.Contains(admins, r):
			admins = append(admins, r)
		case !r.Admin():
			business = append(business, r)
		}
	}
	auditOnly := !slices.ContainsFunc(business, func(r qiaomen.Role) bool { return r != qiaomen.Auditor })
	switch {
	case len(admins) > 0 && len(business) > 0 && (p.ThreeAdmins || !auditOnly || !slices.Equal(admins, []qiaomen.Role{qiaomen.AuditAdmin})):
		return "管理员不能有业务角色"
	case len(admins) > 1 && (p.ThreeAdmins || slices.Contains(admins, qiaomen.AuditAdmin)):
		return "三员不能由一人兼任"
	case slices.Contains(business, qiaomen.Auditor) && !auditOnly:
		return "审计员不能有其他业务角色"
	}
	return ""
}

func firstPerson(tx *store.Tx, i int, p FirstPerson) (FirstCode, error) {
	person, account := identify("u-", tx.Journal(), "first person", p.Login), identify("c-", tx.Journal(), "first account", p.Login)
	if err := keepDetail(tx, person, p.Detail); err != nil {
		return FirstCode{}, err
	}
	events := []qiaomen.Event{
		&qiaomen.PersonAdded{ID: person},
		&qiaomen.AccountCreated{Account: qiaomen.Account{ID: account, Person: person, Login: p.Login}},
	}
	for j, r := range p.Roles {
		events = append(events, &qiaomen.RoleGranted{Grant: qiaomen.Grant{
			ID: identify("g-", tx.Journal(), "first grant", fmt.Sprint(i, " ", j)), Person: person, Role: r.Role, Campaign: r.Campaign, Unit: r.Unit,
		}})
	}
	for _, e := range events {
		if err := tx.Emit(e); err != nil {
			return FirstCode{}, err
		}
	}
	return newCode(tx, p.Login, account, person)
}

// newCode makes an account's first code.
func newCode(tx *store.Tx, login, account, person string) (FirstCode, error) {
	b := make([]byte, 10)
	if _, err := rand.Read(b); err != nil {
		return FirstCode{}, err
	}
	code := idAlphabet.EncodeToString(b)
	sum := sha256.Sum256([]byte(code))
	secret := Secret{FirstCode: hex.EncodeToString(sum[:]), Until: (qiaomen.MomentAt(tx.At()).Day + firstCodeDays).String()}
	data, err := json.Marshal(secret, json.Deterministic(true))
	if err != nil {
		return FirstCode{}, err
	}
	return FirstCode{login, account, person, code}, tx.Keep("secret", store.Work{ID: account, Owner: person, Data: data})
}

func keepDetail(tx *store.Tx, person string, d Detail) error {
	if d.Identity == "" {
		d.Identity = d.Phone
	}
	data, err := json.Marshal(d, json.Deterministic(true))
	if err != nil {
		return err
	}
	return tx.Keep("detail", store.Work{ID: person, Owner: strings.TrimSpace(d.Identity), Data: data})
}
