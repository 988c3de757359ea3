package office

import (
	"context"
	"fmt"
	"strconv"

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

// Found begins an installation, once.
func (o *Office) Found(ctx context.Context, f Founding) ([]FirstCode, error) {
	if err := f.check(); err != nil {
		return nil, err
	}
	same, _ := f.persons()
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
			code, err := firstPerson(tx, i, p, f.People[same[i]])
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
	var list complaints
	logins, has := map[string]bool{}, map[qiaomen.Role]bool{}
	same, faulty := f.persons()
	list = append(list, faulty...)
	grants := map[int][]*qiaomen.Grant{}
	for i, p := range f.People {
		if p.Login == "" || p.Name == "" {
			list.add("people", "每个人都要有登录名和姓名", "请补上")
		}
		if logins[tidyLogin(p.Login)] {
			list.add("people", "登录名“"+qiaomen.Clip(p.Login)+"”写了两次", "请改成不同的登录名")
		}
		logins[tidyLogin(p.Login)] = true
		for _, r := range p.Roles {
			grants[same[i]] = append(grants[same[i]], &qiaomen.Grant{Role: r.Role, Campaign: r.Campaign, Unit: r.Unit})
			has[r.Role] = true
			if !grantable(r.Role) {
				list.add("people", "没有“"+qiaomen.Clip(string(r.Role))+"”这个角色", "")
			}
			if r.Role.OfUnit() && r.Unit == "" {
				list.add("people", p.Login+"：没有写是哪个单位的"+r.Role.Chinese(), "请写上单位的代号")
			}
		}
	}
	for i, p := range f.People {
		if why := exclusive(f.Procedure, grants[i]); why != "" {
			list.add("people", p.Login+"："+why, "请分给不同的人")
		}
	}
	for _, r := range []qiaomen.Role{qiaomen.SystemAdmin, qiaomen.SecurityAdmin, qiaomen.AuditAdmin} {
		if !has[r] {
			list.add("people", "没有指定"+r.Chinese(), "三员缺一不可；小型办公室可由一人兼系统管理员和安全管理员")
		}
	}
	return faults(list)
}

// persons tells of each of the first people who they are: the position of the
// first of them who is the same person (separation 4).
func (f *Founding) persons() (same []int, list complaints) {
	var known []who
	for i, p := range f.People {
		id, bad := recognisePerson(known, p.Detail)
		list = append(list, bad...)
		n := i
		if id != "" {
			n, _ = strconv.Atoi(id)
		}
		same = append(same, n)
		known = append(known, who{strconv.Itoa(n), p.Detail.tidy()})
	}
	return same, list
}

// exclusive is why one person cannot hold these grants together (separations 16
// and 23); empty where they can. A lent right counts like one's own.
func exclusive(p qiaomen.Procedure, grants []*qiaomen.Grant) string {
	admins := map[qiaomen.Role]bool{}
	var auditing, writing []*qiaomen.Grant
	for _, g := range grants {
		switch {
		case g.Role.Admin():
			admins[g.Role] = true
		case g.Role == qiaomen.Auditor:
			auditing = append(auditing, g)
		default:
			writing = append(writing, g)
		}
	}
	keepsAudit := len(admins) == 1 && admins[qiaomen.AuditAdmin] // in a small office also the auditor
	switch {
	case len(admins) > 0 && len(writing) > 0, len(admins) > 0 && len(auditing) > 0 && (p.ThreeAdmins || !keepsAudit):
		return "管理员不能有业务角色"
	case len(admins) > 1 && (p.ThreeAdmins || admins[qiaomen.AuditAdmin]):
		return "三员不能由一人兼任"
	}
	for _, a := range auditing {
		for _, w := range writing {
			if a.Campaign == w.Campaign || a.Campaign == "" || w.Campaign == "" {
				return "审计员不能在同一活动有其他角色"
			}
		}
	}
	return ""
}

// firstPerson makes the account of one of the first people; as is who they are.
func firstPerson(tx *store.Tx, i int, p, as FirstPerson) (FirstCode, error) {
	person, account := identify("u-", tx.Journal(), "first person", as.Login), identify("c-", tx.Journal(), "first account", p.Login)
	if err := keepDetail(tx, person, p.Detail); err != nil {
		return FirstCode{}, err
	}
	var events []qiaomen.Event
	if p.Login == as.Login {
		events = append(events, &qiaomen.PersonAdded{ID: person})
	}
	events = append(events, &qiaomen.AccountCreated{Account: qiaomen.Account{ID: account, Person: person, Login: tidyLogin(p.Login)}})
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
	return newCode(tx, tidyLogin(p.Login), account, person)
}
