package office_test

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/trustelem/zxcvbn/frequency"

	"qiaomen"
	"qiaomen/office"
)

// takes asks whether a password is taken for a new account; empty: it is.
func (w *world) takes(login, password string) string {
	_, err := w.TakeUp(ctx, office.Source{Address: "10.0.0.1"}, office.TakingUp{Login: login, FirstCode: w.first(login), Password: password})
	if err == nil {
		return ""
	}
	return everything(err)
}

func (w *world) takesNot(login, password, why string) {
	w.t.Helper()
	if got := w.takes(login, password); !strings.Contains(got, why) || got == "" {
		w.t.Fatalf("%q: %q, want %s", password, got, why)
	}
}

// TestPasswords: what a password may be (ASVS 6.2, 等保 8.1.4.1 a).
func TestPasswords(t *testing.T) {
	doors(t, "6.2.1 length", qiaomen.SmallOffice, func(w *world) {
		w.takesNot("handler", "qzv kmwtr", "太短")
		if got := w.takes("handler", "qzv kmwtrb"); got != "" {
			w.t.Error(got)
		}
	})
	doors(t, "6.2.4 the commonest", qiaomen.SmallOffice, func(w *world) {
		common := frequency.FrequencyLists["passwords"][:3000]
		for i := range 30 {
			w.takesNot("handler", common[i*100], "太常见")
		}
	})
	doors(t, "6.2.12 what leaked, and what is made of it", qiaomen.SmallOffice, func(w *world) {
		for _, p := range []string{"1234567890", "qwertyuiop", "Password2024!", "!!Dragon12345", "aaaaaaaaaaaa", "ababababab", "ＰＡＳＳＷＯＲＤ123"} {
			w.takesNot("handler", p, "太常见")
		}
	})
	for _, p := range []qiaomen.Procedure{qiaomen.SmallOffice, qiaomen.ThreePowers} {
		doors(t, fmt.Sprint("6.2.5 composition, three administrators ", p.ThreeAdmins), p, func(w *world) {
			for _, password := range []string{"qzvkmwtrbnxhjplc", "QZVKMWTRBN283719", "qzvkmwtrbn283719"} {
				if !p.ThreeAdmins {
					break
				}
				w.takesNot("handler", password, "三种")
			}
			if got := w.takes("handler", "qzvkmwtrbnxhjplc"); p.ThreeAdmins == (got == "") {
				w.t.Error(got)
			}
			if got := w.takes("handler", "Qzvkmwtrbn2837"); p.ThreeAdmins && got != "" {
				w.t.Error(got)
			}
		})
	}
	doors(t, "6.2.8 and 6.2.9 exactly as typed, and long", qiaomen.SmallOffice, func(w *world) {
		v := w.knocks("handler", "10.0.0.1")
		v.password = strings.Repeat("雪后 Morning 47 茶，", 9) + "ab " // 128 and more, over 72 bytes
		if n := len([]rune(v.password)); n < 128 {
			w.t.Fatal(n)
		}
		v.takesUp(w.first("handler"))
		v.signsIn()
		for _, other := range []string{v.password[:len(v.password)-1], v.password + " ", strings.ToLower(v.password), v.password[:72], strings.Replace(v.password, "，", ",", 1)} {
			v.refused(other, v.code())
			w.now = w.now.Add(15 * time.Minute)
		}
		w.takesNot("reviewer", strings.Repeat("雪后 Morning 47 茶，", 20), "太长")
		w.takesNot("reviewer", "雪后 Morn\x00ing 47", "无法识别")
		v.signsIn()
	})
	doors(t, "6.2.11 and 6.1.2 words that anybody would try, as the page lists them", qiaomen.SmallOffice, func(w *world) {
		w.open()
		page, err := os.ReadFile("../docs/rights.md")
		if err != nil {
			w.t.Fatal(err)
		}
		list := regexp.MustCompile(`(?m)^The words: (.*)$`).FindSubmatch(page)
		if list == nil {
			w.t.Fatal("the page has no list of words")
		}
		words := regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(string(list[1]), -1)
		if len(words) < 10 {
			w.t.Fatal(words)
		}
		var tried []string
		for _, word := range words {
			tried = append(tried, word[1]+"，昨夜的雪 7")
		}
		tried = append(
			tried,
			"Shuangyashan2024!", "招商2024正月里", "zhaoShang!84629", "s-h-u-a-n-g-y-a-s-h-a-n 77", "Qiao.Men.2024.xq", "hei1long2jiang",
			"友谊县里看雪去了", "YouYiXian84629", "baoqing#84629x", "冬天去集贤看雪 7", // units, and their pinyin
			"reviewer-84629", "Shi Li Ding 84629", "示例丁丁丁84629", // login, name and its pinyin
		)
		for _, password := range tried {
			w.takesNot("reviewer", password, "容易想到")
		}
		if got := w.takes("reviewer", goodPassword); got != "" {
			w.t.Error(got)
		}
	})
	doors(t, "a name, a telephone and a staff number", qiaomen.SmallOffice, func(w *world) {
		_, code, err := w.CreateAccount(ctx, w.inHouse("admin"), office.NewAccount{
			Login: "newcomer", Detail: office.Detail{Name: "示例新人", Phone: "13912000000", Identity: "GH-20931"},
		})
		if err != nil {
			w.t.Fatal(err)
		}
		w.codes = append(w.codes, code)
		for _, password := range []string{"tel 139-1200-0000", "gh20931 and tea", "示例新人，昨夜的雪 7", "shili xinren 77"} {
			w.takesNot("newcomer", password, "容易想到")
		}
	})
}

// TestPasswordChange: whose it is, and how often (ASVS 6.2.2, 6.2.3, 6.2.10;
// history and age of 等保 8.1.4.1 a).
func TestPasswordChange(t *testing.T) {
	change := func(v *visitor, a office.PasswordChange) error {
		secret, err := v.o.ChangePassword(ctx, v.src, v.session, a)
		if err == nil {
			v.session, v.password = secret, a.New
		}
		return err
	}
	doors(t, "6.2.2 and 6.2.3 with the current one", qiaomen.SmallOffice, func(w *world) {
		v := w.enrols("handler")
		v.signsIn()
		before := *v
		const other = "昨夜的雪，今早的 tea"
		w.refuses(change(v, office.PasswordChange{Code: v.code(), New: other}), "密码或动态码不对")
		w.refuses(change(v, office.PasswordChange{Current: v.password, New: other}), "密码或动态码不对")
		w.refuses(change(v, office.PasswordChange{Current: v.password, Code: v.code(), New: "qzv"}), "new: 密码太短")
		w.refuses(change(v, office.PasswordChange{Current: v.password, Code: v.code(), New: v.password}), "用过")
		v.holds(w.Office)
		if err := change(v, office.PasswordChange{Current: v.password, Code: v.code(), New: other}); err != nil {
			w.t.Fatal(err)
		}
		before.over(w.Office, w.node()) // 7.2.4: another secret
		v.holds(w.Office)
		v.elsewhere("10.0.0.2").refused(goodPassword, v.code())
		v.signsIn()
		if n := w.entriesOf(office.InstallationJournal, "password_changed"); n != 1 {
			w.t.Errorf("%d entries", n)
		}
	})
	doors(t, "6.2.10 no rotation for its own sake", qiaomen.SmallOffice, func(w *world) {
		v := w.enrols("handler")
		w.now = w.now.AddDate(0, 0, 400)
		if s := v.signsIn(); s.Must != "" || len(s.Warnings) > 0 {
			w.t.Errorf("%+v", s)
		}
	})
	doors(t, "level 3: age with a warning before, then nothing else is done", qiaomen.ThreePowers, func(w *world) {
		v := w.enrols("handler")
		w.now = w.now.AddDate(0, 0, 75)
		if s := v.signsIn(); s.Must != "" || len(s.Warnings) > 0 {
			w.t.Errorf("after 75 days: %+v", s)
		}
		w.now = w.now.AddDate(0, 0, 4)
		if s := v.signsIn(); s.Must != "" || len(s.Warnings) != 1 || !strings.Contains(s.Warnings[0], "还有11天") {
			w.t.Errorf("after 79 days: %+v", s)
		}
		w.now = w.now.AddDate(0, 0, 11)
		s := v.signsIn()
		if s.Must != office.MustPassword {
			w.t.Fatalf("after 90 days: %+v", s)
		}
		c, held, err := w.SessionCaller(ctx, v.src, v.session)
		if !errors.Is(err, office.ErrMust) || c.Account != "" || held == nil || held.Must != office.MustPassword {
			w.t.Fatalf("%+v %+v %v", c, held, err)
		}
		if _, err := w.Prove(ctx, v.src, v.session, v.password, v.code()); !errors.Is(err, office.ErrMust) {
			w.t.Error(err)
		}
		if _, err := w.NewFactor(ctx, v.src, v.session, v.password, v.code()); !errors.Is(err, office.ErrMust) {
			w.t.Error(err)
		}
		if err := change(v, office.PasswordChange{Current: v.password, Code: v.code(), New: "昨夜的雪，今早的 Tea 8"}); err != nil {
			w.t.Fatal(err)
		}
		v.holds(w.Office)
		if s := v.signsIn(); s.Must != "" {
			w.t.Errorf("%+v", s)
		}
	})
	doors(t, "level 3: the last five are not taken again, the sixth is", qiaomen.ThreePowers, func(w *world) {
		v := w.enrols("handler")
		v.signsIn()
		all := []string{v.password}
		for i := range 5 {
			next := fmt.Sprintf("昨夜的雪，今早的 Tea %d", i)
			if err := change(v, office.PasswordChange{Current: v.password, Code: v.code(), New: next}); err != nil {
				w.t.Fatal(err)
			}
			all = append(all, next)
		}
		for _, old := range all[1:] {
			w.refuses(change(v, office.PasswordChange{Current: v.password, Code: v.code(), New: old}), "用过")
		}
		if err := change(v, office.PasswordChange{Current: v.password, Code: v.code(), New: all[0]}); err != nil {
			w.t.Error(err)
		}
		// A reset does not make the office forget.
		p, code, err := w.ResetFactor(ctx, w.inHouse("system"), w.people["handler"], "手机丢失")
		w.must(p, err)
		w.must(w.Approve(ctx, w.inHouse("security"), p.Proposal))
		w.codes = []office.FirstCode{code}
		w.takesNot("handler", all[0], "用过")
		w.takesNot("handler", all[5], "用过")
	})
}

// TestPolicyOfProfiles: what each profile asks, and may be asked.
func TestPolicyOfProfiles(t *testing.T) {
	doors(t, "small", qiaomen.SmallOffice, func(w *world) {
		p, err := w.Policy(ctx)
		if err != nil || !p.SecondFactor || p.Composition || p.MaxAgeDays != 0 || p.History != 0 || p.MinLength != 10 {
			w.t.Fatalf("%+v: %v", p, err)
		}
		p.Composition, p.MaxAgeDays, p.History = true, 90, 5
		w.must(w.SetPolicy(ctx, w.inHouse("admin"), p))
	})
	doors(t, "level 3", qiaomen.ThreePowers, func(w *world) {
		p, err := w.Policy(ctx)
		if err != nil || !p.SecondFactor || !p.Composition || p.MaxAgeDays != 90 || p.History != 5 {
			w.t.Fatalf("%+v: %v", p, err)
		}
		p.Composition, p.MaxAgeDays, p.History, p.SecondFactor = false, 0, 0, false
		_, err = w.SetPolicy(ctx, w.inHouse("security"), p)
		for _, want := range []string{"组成", "密码有效0天", "旧密码0个", "双因素"} {
			w.refuses(err, want)
		}
	})
}
