package main

import (
	"fmt"
	"strings"

	"qiaomen"
	"qiaomen/office"
)

type userCommand struct {
	campaigned
	Add      string `placeholder:"登录名" help:"开一个没有权限的账号（系统管理员），再由安全管理员授予角色"`
	Name     string `placeholder:"姓名" help:"账号是谁的"`
	Identity string `placeholder:"工号" help:"工号或其他能分清人的编号"`
	Phone    string `placeholder:"电话" help:"联系电话"`
	Disable  string `placeholder:"登录名" help:"停用账号（系统管理员）"`
	Enable   string `placeholder:"登录名" help:"重新启用账号（系统管理员）"`
	Grant    string `placeholder:"登录名" help:"授予角色（安全管理员），另一人批准"`
	Role     string `placeholder:"角色" help:"授予哪个角色"`
	Unit     string `placeholder:"单位" help:"哪个单位的角色"`
	Until    string `placeholder:"日期" help:"角色到哪一天为止；不写就没有期限"`
	Remove   string `placeholder:"编号" help:"收回角色，写列表里的授权编号（安全管理员），另一人批准"`
	Reason   string `placeholder:"理由" help:"停用、收回的理由"`
}

// Run keeps accounts and roles, or lists them.
func (c *userCommand) Run(std streams) error {
	return c.housed.within(std, func(h *house) error {
		if err := h.named(); err != nil {
			return err
		}
		asked := 0
		for _, option := range []string{c.Add, c.Disable, c.Enable, c.Grant, c.Remove} {
			if option != "" {
				asked++
			}
		}
		switch {
		case asked > 1:
			return &qiaomen.Problem{Text: "--add、--disable、--enable、--grant、--remove 一次只写一个"}
		case c.Add != "":
			return c.add(std, h)
		case c.Disable != "":
			return c.change(std, h, c.Disable, "已停用", func(id string) (*office.Answer, error) {
				return h.DisableAccount(h.ctx, h.caller, id, c.Reason)
			})
		case c.Enable != "":
			return c.change(std, h, c.Enable, "已启用", func(id string) (*office.Answer, error) { return h.EnableAccount(h.ctx, h.caller, id) })
		case c.Grant != "":
			return c.grant(std, h)
		case c.Remove != "":
			answer, err := h.RemoveRole(h.ctx, h.caller, c.Remove, c.Reason)
			return said(std, "已提出收回角色", answer, err)
		}
		return c.list(std, h)
	})
}

func (c *userCommand) add(std streams, h *house) error {
	a := office.NewAccount{Login: c.Add, Detail: office.Detail{Name: c.Name, Phone: c.Phone, Identity: c.Identity}}
	_, code, err := h.CreateAccount(h.ctx, h.caller, a)
	if err != nil {
		return err
	}
	fmt.Fprintf(std.out, "已开设账号“%s”，还没有任何角色\n一次性代码，只显示这一次：%s\n", code.Login, code.Code)
	return nil
}

func (c *userCommand) change(std streams, h *house, login, done string, f func(id string) (*office.Answer, error)) error {
	id, err := h.account(login)
	if err != nil {
		return err
	}
	if _, err := f(id); err != nil {
		return err
	}
	fmt.Fprintf(std.out, "%s：%s\n", done, login)
	return nil
}

func (c *userCommand) grant(std streams, h *house) error {
	person, err := h.person(c.Grant)
	if err != nil {
		return err
	}
	a := office.RoleChange{Person: person, Role: qiaomen.Role(c.Role), Unit: c.Unit, Until: c.Until}
	if a.Role.OfCampaign() {
		a.Campaign = c.Campaign
	}
	answer, err := h.GrantRole(h.ctx, h.caller, a)
	return said(std, "已提出授予角色", answer, err)
}

// person is whose account that is.
func (h *house) person(login string) (string, error) {
	people, err := h.People(h.ctx, h.caller)
	if err != nil {
		return "", err
	}
	for _, p := range people {
		for _, a := range p.Accounts {
			if a.Login == login {
				return p.ID, nil
			}
		}
	}
	return "", &qiaomen.Problem{Text: "没有账号“" + qiaomen.Clip(login) + "”", Fix: "请核对登录名"}
}

// said tells what waits for a second person.
func said(std streams, what string, answer *office.Answer, err error) error {
	if err != nil {
		return err
	}
	fmt.Fprintf(std.out, "%s，等另一人批准：qiaomen approve --house --id %s --as 登录名\n", what, answer.Proposal)
	return nil
}

func (c *userCommand) list(std streams, h *house) error {
	people, err := h.People(h.ctx, h.caller)
	if err != nil {
		return err
	}
	t := table{right: make([]bool, 5)}
	t.add("登录名", "姓名", "状态", "角色", "授权编号")
	for _, p := range people {
		var roles, ids []string
		for _, g := range p.Grants {
			text := g.Role.Chinese()
			for _, part := range []string{g.Unit, g.Campaign} {
				if part != "" {
					text += "/" + part
				}
			}
			roles, ids = append(roles, text), append(ids, g.ID)
		}
		for _, a := range p.Accounts {
			state := map[qiaomen.State]string{qiaomen.Active: "在用", qiaomen.Disabled: "停用"}[a.State]
			if p.Locked[a.ID] != "" {
				state += "，输错太多，暂时锁定"
			}
			t.add(a.Login, p.Name, state, strings.Join(roles, "、"), strings.Join(ids, " "))
		}
	}
	t.print(std.out)
	return nil
}
