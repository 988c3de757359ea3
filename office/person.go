package office

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/go-json-experiment/json"
	"golang.org/x/text/unicode/norm"

	"qiaomen"
	"qiaomen/store"
)

// A Detail is who a person is: personal data, kept outside the journal.
type Detail struct {
	Name  string `json:"name"`
	Phone string `json:"phone,omitzero"`
	// Identity tells persons apart, where two accounts might be one person's: a
	// staff number. Where there is none the telephone does.
	Identity string `json:"identity,omitzero"`
}

// A who is a person and what is known of them.
type who struct {
	person string
	Detail
}

// complaints gathers what is wrong with a form.
type complaints []*qiaomen.Problem

func (c *complaints) add(field, text, fix string) {
	*c = append(*c, &qiaomen.Problem{Text: text, Fix: fix, At: qiaomen.Place{Field: field}})
}

// reason asks for a reason, and none with personal data in it: it is sealed.
func (c *complaints) reason(text string) {
	c.text("reason", "理由", text, "请写明理由")
}

// text asks for a text, one that can be sealed.
func (c *complaints) text(field, name, text, fix string) {
	if strings.TrimSpace(text) == "" {
		c.add(field, "没有写"+name, fix)
	}
	*c = append(*c, written(field, text)...)
}

var (
	phoneNumber = regexp.MustCompile(`^\d{5,15}$`)
	idNumber    = regexp.MustCompile(`^(\d{15}|\d{17}[\dX])$`) // 身份证号: more than the work needs
)

// tidy is the detail in its one form, so that full-width digits, spaces and
// +86 do not make another person.
func (d Detail) tidy() Detail {
	plain := func(s string, keep func(r rune) bool) string {
		return strings.Map(func(r rune) rune {
			if unicode.Is(unicode.Cf, r) || !keep(r) {
				return -1
			}
			return r
		}, norm.NFKC.String(s))
	}
	d.Name = strings.Join(strings.Fields(plain(d.Name, func(rune) bool { return true })), " ")
	d.Identity = strings.ToUpper(plain(d.Identity, func(r rune) bool { return !unicode.IsSpace(r) }))
	d.Phone = plain(d.Phone, func(r rune) bool { return !unicode.IsSpace(r) && !strings.ContainsRune("+-()", r) })
	if rest, ok := strings.CutPrefix(strings.TrimPrefix(d.Phone, "00"), "86"); ok && len(rest) == 11 {
		d.Phone = rest
	}
	return d
}

func (d Detail) faults() (list complaints) {
	d = d.tidy()
	if d.Name == "" {
		list.add("name", "没有写姓名", "请写上")
	} else if len([]rune(d.Name)) > 50 {
		list.add("name", "姓名太长", "请核对")
	}
	if d.Identity == "" && d.Phone == "" {
		list.add("identity", "工号和手机号至少写一样", "用来分辨是不是同一个人")
	}
	if d.Phone != "" && !phoneNumber.MatchString(d.Phone) {
		list.add("phone", "电话号码不对", "请只写数字")
	}
	if idNumber.MatchString(d.Identity) {
		list.add("identity", "不要填写身份证号", "请写单位的工号")
	}
	return list
}

// recognisePerson finds who a detail is of: one person has one staff number and
// one telephone (separation 4). Nobody known: empty.
func recognisePerson(known []who, d Detail) (person string, list complaints) {
	d = d.tidy()
	name := ""
	for _, k := range known {
		if (d.Identity == "" || d.Identity != k.Identity) && (d.Phone == "" || d.Phone != k.Phone) {
			continue
		}
		if person != "" && person != k.person {
			list.add("identity", "工号和手机号属于两个已登记的人", "请核对")
			return person, list
		}
		person, name = k.person, k.Name
	}
	if person != "" && name != d.Name {
		list.add("name", "这个工号或手机号已登记在另一个姓名之下", "请核对；确是同一人的，请写登记过的姓名")
	}
	return person, list
}

// keepDetail keeps what is known of a person; what was known and is not said
// again stays.
func keepDetail(tx *store.Tx, person string, d Detail) error {
	d = d.tidy()
	old, err := tx.Work("detail", person)
	if err != nil {
		return err
	}
	if old != nil {
		var was Detail
		if err := json.Unmarshal(old.Data, &was); err != nil {
			return err
		}
		for _, f := range []struct{ now, was *string }{{&d.Identity, &was.Identity}, {&d.Phone, &was.Phone}} {
			if *f.was != "" {
				*f.now = *f.was
			}
		}
	}
	data, err := json.Marshal(d, json.Deterministic(true))
	if err != nil {
		return err
	}
	owner := d.Identity
	if owner == "" {
		owner = d.Phone
	}
	return tx.Keep("detail", store.Work{ID: person, Owner: owner, Data: data})
}

// detailOf is what is known of a person.
func detailOf(r store.Reader, person string) (d Detail, err error) {
	w, err := inJournal(r, InstallationJournal).Work("detail", person)
	if err == nil && w != nil {
		err = json.Unmarshal(w.Data, &d)
	}
	return d, err
}

// known is everybody of whom something is known.
func (d *desk) known() ([]who, error) {
	works, err := d.home().Works("detail", "", "")
	if err != nil {
		return nil, err
	}
	out := make([]who, len(works))
	for i, w := range works {
		out[i].person = w.ID
		if err := json.Unmarshal(w.Data, &out[i].Detail); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// A PersonView is a person as those see them who keep accounts and roles.
type PersonView struct {
	ID       string             `json:"id,omitzero"`
	Name     string             `json:"name,omitzero"`
	Phone    string             `json:"phone,omitzero"` // masked
	Identity string             `json:"identity,omitzero"`
	Accounts []*qiaomen.Account `json:"accounts,omitzero"`
	Grants   []*qiaomen.Grant   `json:"grants,omitzero"` // that have not ended, lent ones too
	// Locked is until when accounts of theirs are locked to devices on which they
	// have not signed in, after too many wrong tries; by account.
	Locked map[string]string `json:"locked,omitempty"`
}

// People is everybody who has an account, for the system administrator, who
// keeps accounts, and for those who grant roles. Telephones are masked.
func (o *Office) People(ctx context.Context, by Caller) (out []PersonView, err error) {
	action, err := o.firstOf(ctx, by, qiaomen.ActManageAccounts, qiaomen.ActGrantRole)
	if err != nil {
		return nil, err
	}
	err = o.look(ctx, by, action, nil, func(d *desk) error {
		known, err := d.known()
		if err != nil {
			return err
		}
		accounts, err := store.All[qiaomen.Account](d.home(), store.Filter{})
		if err != nil {
			return err
		}
		grants, err := store.All[qiaomen.Grant](d.home(), store.Filter{States: []qiaomen.State{qiaomen.Active}})
		if err != nil {
			return err
		}
		policy, err := policyOf(d.home())
		if err != nil {
			return err
		}
		for _, k := range known {
			v := PersonView{ID: k.person, Name: k.Name, Phone: masked(k.Phone), Identity: k.Identity}
			for _, a := range accounts {
				if a.Person != k.person {
					continue
				}
				v.Accounts = append(v.Accounts, a)
				var all attempts
				if err := passing(d.home(), "attempt", a.ID, &all); err != nil {
					return err
				}
				if all.Tries.locked(d.at, a, policy) {
					if v.Locked == nil {
						v.Locked = map[string]string{}
					}
					v.Locked[a.ID] = all.Tries.until(policy)
				}
			}
			for _, g := range grants {
				if g.Person == k.person {
					v.Grants = append(v.Grants, g)
				}
			}
			out = append(out, v)
		}
		return nil
	})
	return out, err
}

// firstOf is the first of the actions that the caller may do, or the first of
// all.
func (o *Office) firstOf(ctx context.Context, by Caller, actions ...qiaomen.Action) (qiaomen.Action, error) {
	may := actions[0]
	err := o.read(ctx, InstallationJournal, func(v *store.View) error {
		d, err := o.sit(v, v.In, by, qiaomen.MomentOf(o.now()).UTC(), "")
		if err != nil {
			return err
		}
		for _, a := range actions {
			got, err := d.chances(a, "")
			if err != nil {
				return err
			}
			if len(got) > 0 {
				may = a
				return nil
			}
		}
		return nil
	})
	return may, err
}

// masked is a telephone of which nobody can be called.
func masked(phone string) string {
	switch n := len(phone); {
	case n == 0:
		return ""
	case n >= 10:
		return phone[:3] + "****" + phone[n-4:]
	default:
		return "****" + phone[max(0, n-2):]
	}
}

// personExists tells whether there is such a person.
func (d *desk) personExists(id string) (bool, error) {
	p, err := store.One[qiaomen.Person](d.home(), id)
	return p != nil, err
}

// grantsOf is every grant that a person ever had.
func (d *desk) grantsOf(person string) ([]*qiaomen.Grant, error) {
	return store.All[qiaomen.Grant](d.home(), store.Filter{Key: person})
}

// yet is those of the grants that hold today or will.
func (d *desk) yet(all []*qiaomen.Grant) []*qiaomen.Grant {
	return slices.DeleteFunc(slices.Clone(all), func(g *qiaomen.Grant) bool {
		return g.State != qiaomen.Active || g.Until != "" && g.Until < d.day
	})
}
