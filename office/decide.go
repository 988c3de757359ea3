package office

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"qiaomen"
	"qiaomen/store"
)

// asked is what is to be decided: in which journal, and as what it is known
// when it is asked again.
type asked struct {
	action      qiaomen.Action
	request     string
	home, fresh bool
	seek        func(*lookalikes) *sought // nil: nothing has to be looked for
}

// campaignID is how campaigns may be called: the two other journals may not.
var campaignID = regexp.MustCompile("^[a-z][a-z0-9-]{2,60}[0-9a-z]$")

// decide opens a desk in a deciding transaction; where files have to be known
// of, once more when they are (withFiles). A refusal is written to the audit
// journal once the transaction has ended, and files that were expunged in it are
// destroyed.
func (o *Office) decide(ctx context.Context, caller Caller, q asked, answer *Answer, f func(*desk) error) error {
	if err := caller.legible(q.request); err != nil {
		return err
	}
	action, name := q.action, caller.Campaign
	if q.home {
		name = InstallationJournal
	}
	person, err := o.personOf(ctx, caller)
	if err != nil {
		return err
	}
	known := q.home
	if !q.home {
		if known, err = o.knows(ctx, name); err != nil {
			return err
		}
		known = known || q.fresh && campaignID.MatchString(name)
	}
	key := caller.Key
	if key == "" {
		key = randomKey()
	}
	a := store.Act{Journal: name, Person: person, Account: caller.Account, Key: key}
	if caller.Key != "" { // it may be sent again
		sum := sha256.Sum256([]byte(q.request))
		a.Request = hex.EncodeToString(sum[:])
	}
	var w *store.Written
	var gone []string
	var names *lookalikes
	var found *sought
	try := func(files verdicts) (err error) {
		a.At = o.now()
		w, err = o.store.Write(ctx, a, func(tx *store.Tx) error {
			d, err := o.sit(tx, tx.In, caller, tx.At(), key)
			if err != nil {
				return err
			}
			d.tx, d.files, d.names, d.sought = tx, files, names, found
			if found != nil {
				d.fields = found.read
			}
			if q.home {
				d.campaign, d.rules = nil, nil
			}
			if d.person == "" || d.person != person {
				return &Denied{Action: action, Why: "账号已经停用"}
			}
			if err := d.settle(f(d)); err != nil {
				return err
			}
			tx.Answer = answer.Proposal + "\t" + answer.ID
			gone = d.expunged
			return nil
		})
		return err
	}
	switch {
	case person == "":
		err = &Denied{Action: action, Why: unknownAccount}
	case !known:
		err = errCampaign
	default:
		for anew := true; anew; {
			if !q.home && !q.fresh {
				names, err = o.lookalikes(ctx, name)
			}
			if err == nil && q.seek != nil {
				found = q.seek(names)
			}
			if err == nil {
				err = o.withFiles(ctx, try)
			}
			anew = errors.Is(err, errAnew) // the campaign's rules have just changed
		}
	}
	if denied, ok := isDenied(err); ok {
		denied.Action = action
		return o.denied(ctx, caller, person, denied)
	}
	if err != nil {
		return told(err)
	}
	answer.First, answer.Last, answer.Again, answer.Receipt = w.First, w.Last, w.Again, w.Receipt
	if w.Again {
		answer.Proposal, answer.ID, _ = strings.Cut(w.Answer, "\t")
	}
	answer.Note = o.destroy(ctx, gone)
	return nil
}

const unknownAccount = "没有这个账号，或者已经停用"

var errText = problem("填写的内容里有无法识别的字符", "请重新输入，或从别处粘贴前先转成普通文字")

// legible asks that what a caller says is text: a database keeps no other.
func (c Caller) legible(more ...string) error {
	for _, text := range append(more, c.Account, c.Campaign, c.Key, string(c.As), c.From, c.Request) {
		if !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
			return errText
		}
	}
	return nil
}

// notText is what PostgreSQL says of an id that is no text (SQLSTATE).
const notText = "22021"

// told is a storage error as a person may see it, wrapped so that a door can
// still tell them apart.
func told(err error) error {
	say := func(text, fix string) error {
		return fmt.Errorf("%w%w", &qiaomen.Problem{Text: text, Fix: fix}, silent{err})
	}
	if e, ok := errors.AsType[interface {
		error
		SQLState() string
	}](err); ok && e.SQLState() == notText {
		return errText
	}
	switch {
	case errors.Is(err, store.ErrUnknown):
		return say("不能确定这次操作是否已经写入", "请用同一个幂等键再提交一次，系统会告诉您结果")
	case errors.Is(err, store.ErrBroken):
		return say("存储设备出错，系统正在停止", "请联系系统管理员；没有收到回执的操作请在恢复后重新提交")
	case errors.Is(err, store.ErrNoRoom):
		return say("存储空间已满，这次操作没有写入", "请联系系统管理员清理空间后再提交，填写的内容没有丢失")
	case errors.Is(err, store.ErrReadOnly):
		return say("数据库现在只读，这次操作没有写入", "请联系系统管理员，稍后再提交")
	case errors.Is(err, store.ErrTaken):
		return say("同一事项已有另一条记录先得到认定", "请刷新后查看，必要时提请判定重复")
	}
	return err
}

// silent keeps a cause without its words.
type silent struct{ err error }

func (s silent) Error() string { return "" }
func (s silent) Unwrap() error { return s.err }

// personOf is whose account a caller's is; empty where there is no such account
// in use. Each act asks again in its turn.
func (o *Office) personOf(ctx context.Context, by Caller) (person string, err error) {
	if by.Account == "" || by.person != "" {
		return by.person, nil
	}
	err = o.read(ctx, InstallationJournal, func(v *store.View) error {
		a, err := store.One[qiaomen.Account](v, by.Account)
		if err == nil && a != nil && a.State == qiaomen.Active {
			person = a.Person
		}
		return err
	})
	return person, err
}

// knows tells whether there is a campaign of that id: nobody begins a journal
// by asking for something in it.
func (o *Office) knows(ctx context.Context, campaign string) (known bool, err error) {
	if campaign == "" || campaign == InstallationJournal || campaign == AuditJournal {
		return false, nil
	}
	if _, known := o.known.Load(campaign); known { // a journal that was begun is there for good
		return true, nil
	}
	names, err := o.store.Journals(ctx)
	for _, name := range names {
		o.known.Store(name, true)
	}
	return slices.Contains(names, campaign), err
}

// denied writes the one audit entry of a refusal.
func (o *Office) denied(ctx context.Context, caller Caller, person string, d *Denied) error {
	a := store.Act{Journal: AuditJournal, Person: person, Account: caller.Account, At: o.now()}
	if person == "" { // nobody that we know
		a.Account = ""
	}
	_, err := o.store.Write(ctx, a, func(tx *store.Tx) error {
		return tx.Emit(&qiaomen.AccessDenied{
			Action: d.Action.String(), Campaign: qiaomen.Clip(caller.Campaign), Object: d.Object, Why: d.Why, Door: caller.door(),
		})
	})
	if err != nil { // no audit, no answer that would seem one
		return told(err)
	}
	return d
}

// noted writes the audit entry of something sensitive that is about to be
// shown; where it cannot be written, nothing is shown.
func (d *desk) noted(ctx context.Context, action qiaomen.Action, object, reason string) error {
	_, err := d.o.store.Write(ctx, store.Act{Journal: AuditJournal, Person: d.person, Account: d.caller.Account, At: d.o.now()}, func(tx *store.Tx) error {
		return tx.Emit(&qiaomen.AccessGiven{
			Action: action.String(), Campaign: d.caller.Campaign, Object: object, Reason: reason, Door: d.caller.door(),
		})
	})
	if err != nil {
		return told(err)
	}
	return nil
}

// look opens a desk for reading. whose is the unit it is about; empty: nobody's.
func (o *Office) look(ctx context.Context, caller Caller, action qiaomen.Action, whose func(d *desk) (string, error), see func(d *desk) error) error {
	if err := caller.legible(); err != nil {
		return err
	}
	name := caller.Campaign
	if name == "" {
		name = InstallationJournal
	}
	var refused *Denied
	var person string
	var names *lookalikes
	if action == qiaomen.ActHint || action == qiaomen.ActImport {
		known, err := o.knows(ctx, name)
		for anew := known; err == nil && anew; {
			if names, err = o.lookalikes(ctx, name); errors.Is(err, errAnew) {
				err = nil
				continue
			}
			anew = false
		}
		if err != nil {
			return told(err)
		}
	}
	over := func(v *store.View, files verdicts) error {
		d, err := o.sit(v, v.In, caller, qiaomen.MomentOf(o.now()).UTC(), "")
		if err != nil {
			return err
		}
		person, d.files, d.names = d.person, files, names
		unit := ""
		var missing error
		if whose != nil {
			unit, missing = whose(d)
		}
		chances, err := d.chances(action, unit)
		if err != nil {
			return err
		}
		if len(chances) == 0 {
			hidden, err := d.chancesAnywhere(action)
			refused = &Denied{Action: action, Why: "没有权限", Hidden: hidden && (unit != "" || missing != nil)}
			return err
		}
		if missing != nil {
			return missing
		}
		d.using = chances[0].grant
		for _, c := range chances { // the widest view first
			if !c.cell.View && !c.cell.Own {
				d.using = c.grant
			}
		}
		if err := d.aside(qiaomen.Subject{}); err != nil {
			return err
		}
		return d.settle(see(d))
	}
	err := o.withFiles(ctx, func(files verdicts) error {
		return o.read(ctx, name, func(v *store.View) error { return over(v, files) })
	})
	if refused != nil {
		return o.denied(ctx, caller, person, refused)
	}
	if denied, ok := isDenied(err); ok {
		denied.Action = action
		return o.denied(ctx, caller, person, denied)
	}
	return told(err)
}
