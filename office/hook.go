package office

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"net"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"

	"qiaomen"
	"qiaomen/store"
)

// A WebhookRequest is a webhook that somebody wants: what happens in their
// campaign is sent to another system, as they may read it.
type WebhookRequest struct {
	Name string `json:"name"` // what it is for
	URL  string `json:"url"`
	// Events is which events are sent, by their names; empty: all.
	Events []string `json:"events,omitempty"`
	// From is the position from which; 0: what happens from now on.
	From     int64  `json:"from,omitzero"`
	Campaign string `json:"campaign,omitzero"`

	secret *string
}

const (
	mostWebhooks = 10 // of one person in a campaign
	mostEvents   = 100
	// secretMark begins a webhook's secret, as Standard Webhooks has it; what
	// follows is the key in base64.
	secretMark = "whsec_"
	keyBytes   = 32
)

// A hookSecret is what stands apart of a webhook, sealed under the office's key:
// its address and its secret.
type hookSecret struct {
	Sealed []byte `json:"sealed,omitempty"`
}

var makeWebhook = &act[WebhookRequest]{
	action: qiaomen.ActIssueToken,
	home:   true,
	check: func(d *desk, a *WebhookRequest) error {
		if own, err := d.readsAll(); err != nil || own == nil {
			return cmp.Or(err, error(&Denied{Why: "没有权限：查看全部单位的记录"}))
		}
		list, err := d.checkWebhook(a)
		if err != nil {
			return err
		}
		mine, err := d.webhooks()
		if err != nil {
			return err
		}
		mine = slices.DeleteFunc(mine, func(h *qiaomen.Webhook) bool { return h.State != qiaomen.Active })
		if len(mine) >= mostWebhooks {
			list.add("", fmt.Sprintf("一个活动里每人最多%d个推送", mostWebhooks), "请先停掉不用的")
		}
		return faults(list)
	},
	do: func(d *desk, a *WebhookRequest) (string, error) {
		host, port, wrong := d.o.hosts.Address(a.URL)
		if wrong != nil {
			return "", wrong
		}
		size, err := d.tx.In(a.Campaign).Position()
		if err != nil {
			return "", err
		}
		id := d.newID("h-")
		key := make([]byte, keyBytes)
		_, _ = rand.Read(key)
		*a.secret = secretMark + base64.StdEncoding.EncodeToString(key)
		if err := d.keepAddress(id, a.URL, *a.secret); err != nil {
			return "", err
		}
		s := hookState{Position: size}
		if a.From > 0 {
			s.Position = a.From - 1
		}
		if err := s.keep(d.tx, id); err != nil {
			return "", err
		}
		return id, d.emit(&qiaomen.WebhookMade{Webhook: qiaomen.Webhook{
			ID: id, Person: d.person, Account: d.account.ID, Campaign: a.Campaign, Name: strings.TrimSpace(a.Name),
			Host: net.JoinHostPort(host, strconv.Itoa(int(port))), Events: a.Events,
		}})
	},
}

// checkWebhook finds everything that is wrong with a request.
func (d *desk) checkWebhook(a *WebhookRequest) (list complaints, err error) {
	if n := len([]rune(strings.TrimSpace(a.Name))); n == 0 || n > 50 {
		list.add("name", "没有写推送的用途，或者太长", "请写1到50个字")
	}
	list = append(list, private("name", a.Name)...)
	if d.o.hosts.None() {
		list.add("url", "这里没有启用推送", "请系统管理员在配置 webhook_hosts 里写明可以推送的主机")
	} else if _, _, wrong := d.o.hosts.Address(a.URL); wrong != nil {
		list = append(list, wrong)
	}
	if len(a.Events) > mostEvents {
		list.add("events", "事件写得太多", "要全部事件就不写")
		return list, nil
	}
	for _, name := range a.Events {
		if _, known := hearing[name]; !known {
			list.add("events", "没有“"+qiaomen.Clip(name)+"”这种事件"+qiaomen.Suggest(name, slices.Sorted(maps.Keys(hearing))), "")
		}
	}
	more, err := d.checkPosition(a.Campaign, a.From)
	return append(list, more...), err
}

// checkPosition finds what is wrong with a position to send from.
func (d *desk) checkPosition(campaign string, from int64) (list complaints, err error) {
	size, err := d.home().In(campaign).Position()
	if from < 0 || from > size+1 {
		list.add("from", fmt.Sprintf("存证日志没有第%d条，最新是第%d条", from, size), "请核对")
	}
	return list, err
}

// readsAll is a grant of the person's own by which they may read what all units
// report, and not a selection; nil: they may not.
func (d *desk) readsAll() (own *qiaomen.Grant, err error) {
	all, err := d.chances(qiaomen.ActReadOthers, "")
	for _, c := range all {
		if c.grant.Delegator == "" && !c.cell.View && !c.cell.Own {
			own = c.grant
		}
	}
	return own, err
}

// webhooks is the person's own webhooks in the campaign.
func (d *desk) webhooks() ([]*qiaomen.Webhook, error) {
	all, err := store.All[qiaomen.Webhook](d.home(), store.Filter{Key: d.person})
	return slices.DeleteFunc(all, func(h *qiaomen.Webhook) bool { return h.Campaign != d.caller.Campaign }), err
}

// MakeWebhook has what happens in the caller's campaign sent to another system,
// to a host that the configuration names, as long as the caller may read all of
// it by a right of their own. Its secret is told once.
func (o *Office) MakeWebhook(ctx context.Context, by Caller, a WebhookRequest) (answer *Answer, secret string, err error) {
	if known, err := o.knows(ctx, by.Campaign); err != nil || !known {
		return nil, "", cmp.Or(told(err), errCampaign)
	}
	a.Campaign, a.secret = by.Campaign, &secret
	answer, err = perform(ctx, o, by, makeWebhook, a)
	return answer, secret, err
}

// ownWebhook is a webhook of the person's own, in the campaign; others are not
// there.
func (d *desk) ownWebhook(id string) (*qiaomen.Webhook, error) {
	h, err := store.One[qiaomen.Webhook](d.home(), id)
	if err == nil && (h == nil || h.Person != d.person || h.Campaign != d.caller.Campaign) {
		err = lost("您的推送", id)
	}
	return h, err
}

func aboutWebhook(d *desk, id string) (qiaomen.Subject, error) {
	_, err := d.ownWebhook(id)
	return qiaomen.Subject{Table: "webhook", ID: id}, err
}

func (d *desk) activeWebhook(id string) (*qiaomen.Webhook, error) {
	h, err := d.ownWebhook(id)
	if err == nil && h.State != qiaomen.Active {
		err = overtaken("这个推送已经停掉")
	}
	return h, err
}

var endWebhook = &act[Named]{
	action: qiaomen.ActIssueToken,
	home:   true,
	about:  func(d *desk, a *Named) (qiaomen.Subject, error) { return aboutWebhook(d, a.ID) },
	check: func(d *desk, a *Named) error {
		_, err := d.activeWebhook(a.ID)
		return err
	},
	do: func(d *desk, a *Named) (string, error) {
		for _, table := range []string{"secret", hookTable} {
			if err := d.tx.Drop(table, a.ID); err != nil {
				return "", err
			}
		}
		return a.ID, d.emit(&qiaomen.WebhookEnded{ID: a.ID})
	},
}

// EndWebhook ends a webhook of one's own.
func (o *Office) EndWebhook(ctx context.Context, by Caller, id string) (*Answer, error) {
	return perform(ctx, o, by, endWebhook, Named{id})
}

// A Resumption is from where a webhook is to go on.
type Resumption struct {
	ID string `json:"id"`
	// From is the position of the next entry to be sent; 0: where it stopped.
	From int64 `json:"from,omitzero"`
}

var resumeWebhook = &act[Resumption]{
	action: qiaomen.ActIssueToken,
	home:   true,
	about:  func(d *desk, a *Resumption) (qiaomen.Subject, error) { return aboutWebhook(d, a.ID) },
	check: func(d *desk, a *Resumption) error {
		h, err := d.activeWebhook(a.ID)
		if err != nil {
			return err
		}
		list, err := d.checkPosition(h.Campaign, a.From)
		return cmp.Or(err, faults(list))
	},
	do: func(d *desk, a *Resumption) (string, error) {
		before, err := hookStateOf(d.r, a.ID)
		if err != nil {
			return "", err
		}
		now := hookState{Position: before.Position, DeliveredAt: before.DeliveredAt} // whoever delivers it now finds that it is no longer theirs
		if a.From > 0 {
			now.Position = a.From - 1
		}
		return a.ID, now.keep(d.tx, a.ID)
	},
}

// ResumeWebhook has a webhook go on, from where it stopped or from another
// position, without waiting for its next try. It is no matter of the journal.
func (o *Office) ResumeWebhook(ctx context.Context, by Caller, a Resumption) (*Answer, error) {
	answer, err := perform(ctx, o, by, resumeWebhook, a)
	if err == nil {
		o.bells.ring(InstallationJournal, nil)
	}
	return answer, err
}

// A WebhookView is a webhook as its owner sees it, with how far it is.
type WebhookView struct {
	*qiaomen.Webhook
	URL string `json:"url,omitzero"`
	// Position is the last entry that it is done with: delivered, or not for it.
	Position    int64  `json:"position"`
	Size        int64  `json:"size"` // entries there are
	DeliveredAt string `json:"delivered_at,omitzero"`
	Error       string `json:"error,omitzero"` // of the last try, if it failed
	Tries       int    `json:"tries,omitzero"` // of the next entry, in vain
	NextTry     string `json:"next_try,omitzero"`
	// Stopped is why nothing is sent until its owner has it go on.
	Stopped   string `json:"stopped,omitzero"`
	StoppedAt string `json:"stopped_at,omitzero"`
}

// Webhooks is the caller's own webhooks in the campaign.
func (o *Office) Webhooks(ctx context.Context, by Caller) (out []*WebhookView, err error) {
	err = o.look(ctx, by, qiaomen.ActIssueToken, nil, func(d *desk) error {
		all, err := d.webhooks()
		if err != nil {
			return err
		}
		for _, h := range all {
			v, err := d.webhookView(h)
			if err != nil {
				return err
			}
			out = append(out, v)
		}
		return nil
	})
	return out, err
}

func (d *desk) webhookView(h *qiaomen.Webhook) (*WebhookView, error) {
	v := &WebhookView{Webhook: h}
	if h.State != qiaomen.Active {
		return v, nil
	}
	s, err := hookStateOf(d.home(), h.ID)
	if err != nil {
		return nil, err
	}
	v.Position, v.DeliveredAt, v.Error, v.Tries, v.NextTry, v.Stopped, v.StoppedAt = s.Position, s.DeliveredAt, s.Error, s.Tries, s.NextTry, s.Stopped, s.StoppedAt
	if v.Size, err = d.home().In(h.Campaign).Position(); err != nil {
		return nil, err
	}
	if v.URL, _, err = d.o.hookAddress(d.home(), h.ID); errors.Is(err, errSealed) {
		v.Stopped, err = cmp.Or(v.Stopped, stoppedSealed), nil
	}
	return v, err
}

// keepAddress keeps where a webhook goes, and its secret.
func (d *desk) keepAddress(id, url, secret string) error {
	sealed, err := d.o.seal(id, secret+" "+url)
	if err != nil {
		return err
	}
	data, err := json.Marshal(hookSecret{sealed})
	if err != nil {
		return err
	}
	return d.tx.Keep("secret", store.Work{ID: id, Owner: d.person, Data: data})
}

// hookAddress is where a webhook goes, and its secret.
func (o *Office) hookAddress(home *store.View, id string) (url, secret string, err error) {
	w, err := home.Work("secret", id)
	if err != nil || w == nil {
		return "", "", err
	}
	var s hookSecret
	if err := json.Unmarshal(w.Data, &s); err != nil {
		return "", "", err
	}
	text, err := o.unseal(id, s.Sealed)
	if err != nil {
		return "", "", fmt.Errorf("%w: %w", errSealed, err)
	}
	secret, url, _ = strings.Cut(text, " ")
	return url, secret, nil
}

// errSealed is that a webhook was kept under another key than the office's.
var errSealed = errors.New("the webhook is sealed under another key")
