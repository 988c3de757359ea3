package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"go.yaml.in/yaml/v4"

	"qiaomen"
	"qiaomen/backup"
	"qiaomen/office"
	"qiaomen/store"
)

// triesAtTerminal is how often somebody may mistype before all that was restored
// is taken back.
const triesAtTerminal = 5

// seal has the administrators stand by (separation 18), and seals in the
// installation's journal that it goes on from a backup, and what is lost by it.
func (r *restoring) seal(ctx context.Context) (err error) {
	h, err := openHouse(ctx, r.conf, working)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.close()) }()
	lost, _ := backup.GapText(r.gaps)
	if lost == "" {
		lost = "没有查到缺失"
	}
	a := office.Restoring{
		Digest: r.archive.Digest(), Reason: r.c.Reason,
		Lost: fmt.Sprintf("%s；接在 %s之后写", lost, r.archive.Manifest.Positions()),
	}
	people, err := r.c.presence(r.std)
	if err != nil {
		return err
	}
	var answer *office.Answer
	err = people.next(ctx, h, qiaomen.SystemAdmin, func(by office.Caller) (err error) {
		answer, err = h.ApproveRestore(ctx, by, a)
		return err
	})
	if err != nil {
		return err
	}
	for proposal := answer.Proposal; answer.Proposal != ""; {
		lacks, err := h.lacks(ctx, proposal)
		if err != nil {
			return err
		}
		err = people.next(ctx, h, lacks, func(by office.Caller) (err error) {
			answer, err = h.Approve(ctx, by, proposal)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// lacks is the role whose yes a proposal of the installation still waits for.
func (h *house) lacks(ctx context.Context, proposal string) (role qiaomen.Role, err error) {
	err = h.store.Read(ctx, office.InstallationJournal, 0, func(v *store.View) error {
		p, err := store.One[qiaomen.Proposal](v, proposal)
		if err == nil && (p == nil || len(p.Lacks()) == 0) {
			err = fmt.Errorf("proposal %s waits for nobody", proposal)
		}
		if err == nil {
			role = p.Lacks()[0][0]
		}
		return err
	})
	return role, err
}

// A presence is the people who stand by: of a list, or at the terminal.
type presence struct {
	std  streams
	list []office.SigningIn // nil: they are asked
}

// presence reads the list of --people:
//
//   - {login: admin, password: …, code: '123456'}
func (c *restoreCommand) presence(std streams) (*presence, error) {
	p := &presence{std: std}
	if c.People == "" {
		return p, nil
	}
	text, err := secretText(std, c.People, "")
	if err != nil {
		return nil, err
	}
	var list []struct{ Login, Password, Code string }
	if err := yaml.Unmarshal([]byte(text), &list); err != nil || len(list) == 0 {
		return nil, &qiaomen.Problem{Text: "到场人员的名单看不懂", Fix: "应是一行一人：- {login: 登录名, password: 密码, code: '动态码'}", At: qiaomen.Place{Field: "--people"}}
	}
	for _, one := range list {
		p.list = append(p.list, office.SigningIn{Login: one.Login, Password: one.Password, Code: one.Code})
	}
	return p, nil
}

// next has somebody of a role prove who they are, and do their part.
func (p *presence) next(ctx context.Context, h *house, role qiaomen.Role, part func(by office.Caller) error) error {
	if p.list != nil {
		return p.listed(ctx, h, role, part)
	}
	for try := 1; ; try++ {
		fmt.Fprintf(p.std.out, "请%s登录（密码不显示；还没有启用过的账号用一次性代码）\n", role.Chinese())
		who, err := ask(p.std)
		if err != nil {
			return err
		}
		err = stand(ctx, h, who, part)
		if err == nil || ctx.Err() != nil || try == triesAtTerminal {
			return err
		}
		if said := printed(p.std.err, err); !errors.Is(said, exit(2)) {
			return said
		}
	}
}

// listed finds, among those of the list who have not had their part yet, the one
// of the role.
func (p *presence) listed(ctx context.Context, h *house, role qiaomen.Role, part func(by office.Caller) error) error {
	for i, who := range p.list {
		holds, err := h.holds(ctx, who.Login, role)
		if err != nil {
			return err
		}
		if holds {
			p.list = append(p.list[:i], p.list[i+1:]...)
			return stand(ctx, h, who, part)
		}
	}
	return &qiaomen.Problem{Text: "名单里没有" + role.Chinese(), Fix: "恢复要系统管理员、安全管理员、审计管理员都到场（小型办公室由一人兼任前两个）", At: qiaomen.Place{Field: "--people"}}
}

// holds tells whether the account of that login is somebody's of that role. It
// says nothing of their right today: that is the office's to judge.
func (h *house) holds(ctx context.Context, login string, role qiaomen.Role) (found bool, err error) {
	err = h.store.Read(ctx, office.InstallationJournal, 0, func(v *store.View) error {
		accounts, err := store.All[qiaomen.Account](v, store.Filter{Key: strings.ToLower(login)})
		if err != nil || len(accounts) == 0 {
			return err
		}
		grants, err := store.All[qiaomen.Grant](v, store.Filter{Key: accounts[0].Person})
		for _, g := range grants {
			found = found || g.Role == role
		}
		return err
	})
	return found, err
}

func stand(ctx context.Context, h *house, who office.SigningIn, part func(by office.Caller) error) error {
	account, err := h.StandBy(ctx, who)
	if err != nil {
		return err
	}
	return part(office.Caller{Account: account})
}

// ask asks somebody at the terminal for what they sign in with.
func ask(std streams) (who office.SigningIn, err error) {
	if who.Login, err = line(std, "登录名："); err != nil {
		return who, err
	}
	if who.Password, err = hidden(std, "密码："); err != nil {
		return who, err
	}
	who.Code, err = line(std, "动态码（没有就直接回车）：")
	return who, err
}

// secretText is a small secret: of a file, of standard input, or typed.
func secretText(std streams, name, prompt string) (string, error) {
	switch name {
	case "":
		return hidden(std, prompt)
	case "-":
		return small("标准输入", os.Stdin)
	}
	f, err := openFile(name)
	if err != nil {
		return "", unreadableProblem(name, err)
	}
	defer f.Close()
	return small(name, f)
}
