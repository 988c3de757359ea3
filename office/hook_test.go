package office_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"qiaomen"
	"qiaomen/office"
	"qiaomen/store"
	"qiaomen/store/storetest"
)

// A receiver is where a webhook goes: it keeps what arrives, and fails as often
// as it is told to.
type receiver struct {
	mu    sync.Mutex
	got   []*office.Message
	fails int // the next so many
	with  error
	wait  chan struct{}
	open  int // being received
	most  int
}

var errDown = &qiaomen.Problem{Text: "对方回答 500"}

func (r *receiver) send(ctx context.Context, m *office.Message) error {
	r.mu.Lock()
	r.open++
	r.most = max(r.most, r.open)
	wait := r.wait
	r.mu.Unlock()
	if wait != nil {
		select {
		case <-wait:
		case <-ctx.Done():
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.open--
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if r.fails > 0 {
		r.fails--
		if r.with != nil {
			return r.with
		}
		return errDown
	}
	r.got = append(r.got, m)
	return nil
}

// positions is what arrived, by position in the journal.
func (r *receiver) positions(t *testing.T) (out []int64) {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, m := range r.got {
		out = append(out, happening(t, m).Position)
	}
	return out
}

func happening(t *testing.T, m *office.Message) (h office.Happening) {
	t.Helper()
	if err := json.Unmarshal(m.Body, &h); err != nil {
		t.Fatal(err)
	}
	return h
}

// hooked is a node that may send webhooks.
func (w *world) hooked() *office.Office {
	w.t.Helper()
	hosts, err := office.ParseWebhookHosts("hooks.example.com")
	if err != nil {
		w.t.Fatal(err)
	}
	return office.New(office.Options{Store: w.store, Files: w.files, Now: func() time.Time { return w.now }, WebhookHosts: hosts})
}

// elsewhere is the same world as another program on the same database sees it.
func (w *world) elsewhere() *world {
	w.t.Helper()
	out, o := *w, w.options
	o.Folder = filepath.Join(w.t.TempDir(), "marks")
	if err := os.CopyFS(o.Folder, os.DirFS(w.options.Folder)); err != nil {
		w.t.Fatal(err)
	}
	out.store = storetest.Open(w.t, o)
	return &out
}

const hookURL = "https://hooks.example.com/in?key=shili"

// runs has a courier run; the function stops it.
func runs(o *office.Office, send office.Sender) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		o.Courier(send, nil).Run(ctx)
	}()
	return func() { cancel(); <-done }
}

// eventually waits until something is so.
func eventually(t *testing.T, what string, so func() bool) {
	t.Helper()
	for range 500 {
		if so() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal("never: " + what)
}

func (w *world) makes(o *office.Office, login string, a office.WebhookRequest) (id, secret string) {
	w.t.Helper()
	a.Name, a.URL = "示例对接", hookURL
	answer, secret, err := o.MakeWebhook(ctx, w.as(login), a)
	return w.must(answer, err).ID, secret
}

func (w *world) webhook(o *office.Office, login, id string) *office.WebhookView {
	w.t.Helper()
	all, err := o.Webhooks(ctx, w.as(login))
	if err != nil {
		w.t.Fatal(err)
	}
	i := slices.IndexFunc(all, func(v *office.WebhookView) bool { return v.ID == id })
	if i < 0 {
		w.t.Fatalf("%s has no webhook %s", login, id)
	}
	return all[i]
}

func (w *world) projects(n int, name string) {
	w.t.Helper()
	for i := range n {
		w.report("jixian-reporter", "jixian", "reserve_project", fmt.Sprint("示例", name, i), reserve)
	}
}

// What happens arrives once each, in order, signed; what was sent before a stop
// is not sent again after it.
func TestWebhook(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		o, r := w.hooked(), &receiver{}
		size := w.size()
		id, secret := w.makes(o, "handler", office.WebhookRequest{})
		stop := runs(o, r.send)
		w.projects(3, "一")
		eventually(t, "three arrive", func() bool { return len(r.positions(t)) == 3 })
		stop()
		w.projects(2, "二")
		stop = runs(w.hooked(), r.send)
		defer func() { stop() }()
		eventually(t, "five arrive", func() bool { return len(r.positions(t)) == 5 })
		stop()
		if got, want := r.positions(t), []int64{size + 1, size + 2, size + 3, size + 4, size + 5}; !slices.Equal(got, want) {
			t.Errorf("%v, want %v", got, want)
		}
		for _, m := range r.got {
			key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
			if err != nil || len(key) != 32 {
				t.Fatal(err)
			}
			mac := hmac.New(sha256.New, key)
			fmt.Fprintf(mac, "%s.%s.%s", m.ID, m.Timestamp, m.Body)
			if m.Signature != "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)) {
				t.Errorf("%s: %s", m.ID, m.Signature)
			}
			if h := happening(t, m); m.URL != hookURL || m.Timestamp != fmt.Sprint(w.now.Unix()) || m.ID != fmt.Sprint(id, "_", h.Position) || h.Event != "record_submitted" || h.Campaign != winter {
				t.Errorf("%+v %+v", m, h)
			}
		}
		if v := w.webhook(o, "handler", id); v.Position != size+5 || v.Size != size+5 || v.DeliveredAt == "" || v.Error != "" || v.Stopped != "" || v.URL != hookURL {
			t.Errorf("%+v", v)
		}
		h := noun[qiaomen.Webhook](w, office.InstallationJournal, id)
		if h.Host != "hooks.example.com:443" || h.Person != w.personOf("handler") || h.Campaign != winter {
			t.Errorf("%+v", h)
		}
	})
}

// What does not arrive is tried again, later each time, nothing overtakes it,
// and after three days it waits for its owner.
func TestWebhookFails(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		o, r := w.hooked(), &receiver{fails: 2}
		size := w.size()
		id, _ := w.makes(o, "handler", office.WebhookRequest{})
		stop := runs(o, r.send)
		w.projects(2, "一")
		eventually(t, "a first try", func() bool { return w.webhook(o, "handler", id).Tries == 1 })
		stop()
		v := w.webhook(o, "handler", id)
		if v.Error != errDown.Text || v.NextTry <= qiaomen.MomentOf(w.now).UTC() || v.Position != size || len(r.got) > 0 {
			t.Errorf("%+v", v)
		}
		early := runs(o, r.send)
		time.Sleep(100 * time.Millisecond)
		early()
		if v := w.webhook(o, "handler", id); v.Tries != 1 {
			t.Errorf("it was tried before its time: %+v", v)
		}
		w.now = w.now.Add(10 * time.Second)
		stop = runs(o, r.send)
		eventually(t, "a second try", func() bool { return w.webhook(o, "handler", id).Tries == 2 })
		stop()
		w.now = w.now.Add(time.Minute)
		stop = runs(o, r.send)
		eventually(t, "both arrive", func() bool { return w.webhook(o, "handler", id).Position == size+2 })
		stop()
		if got := r.positions(t); !slices.Equal(got, []int64{size + 1, size + 2}) {
			t.Errorf("%v", got)
		}
		if v := w.webhook(o, "handler", id); v.Tries != 0 || v.Error != "" || v.NextTry != "" {
			t.Errorf("%+v", v)
		}

		r.fails = 1000
		w.projects(1, "三")
		tries := 0
		for begun := w.now; w.webhook(o, "handler", id).Stopped == ""; tries++ {
			if w.now.Sub(begun) > 90*time.Hour {
				t.Fatal("it does not give up")
			}
			stop = runs(o, r.send)
			eventually(t, "a try", func() bool {
				v := w.webhook(o, "handler", id)
				return v.Tries == tries+1 || v.Stopped != ""
			})
			stop()
			if next := w.webhook(o, "handler", id).NextTry; next != "" {
				at, err := time.Parse(time.RFC3339, next)
				if err != nil || at.Sub(w.now) > 4*time.Hour {
					t.Fatalf("%s after %s: %v", next, w.now, err)
				}
				w.now = at.Add(time.Second)
			}
		}
		if tries < 20 || tries > 60 {
			t.Errorf("%d tries in three days", tries)
		}
		r.fails = 0
		stop = runs(o, r.send)
		time.Sleep(100 * time.Millisecond)
		if len(r.positions(t)) != 2 {
			t.Error("a stopped webhook sends")
		}
		w.must(o.ResumeWebhook(ctx, w.as("handler"), office.Resumption{ID: id, From: size + 2}))
		eventually(t, "it goes on", func() bool { return len(r.positions(t)) == 4 })
		stop()
		if got := r.positions(t); !slices.Equal(got, []int64{size + 1, size + 2, size + 2, size + 3}) {
			t.Errorf("%v", got)
		}
	})
}

// Two nodes deliver, and never at the same time: each entry arrives once, in
// order. What a node had that was killed, another takes over.
func TestWebhookOnTwoNodes(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		one, r := w.hooked(), &receiver{}
		two := w.elsewhere().hooked()
		size := w.size()
		id, _ := w.makes(one, "handler", office.WebhookRequest{})
		for _, o := range []*office.Office{one, two} {
			defer runs(o, r.send)()
		}
		w.projects(20, "一")
		eventually(t, "all arrive", func() bool { return len(r.positions(t)) >= 20 })
		eventually(t, "it is written down", func() bool { return w.webhook(one, "handler", id).Position == size+20 })
		for i, p := range r.positions(t) {
			if p != size+int64(i)+1 {
				t.Fatalf("%v", r.positions(t))
			}
		}
		if r.most != 1 {
			t.Errorf("%d at once", r.most)
		}
	})
}

// Who was killed while it delivered keeps its lease, and until that is over
// nobody else delivers.
func TestWebhookOfWhoWasKilled(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		o, r := w.hooked(), &receiver{}
		size := w.size()
		id, _ := w.makes(o, "handler", office.WebhookRequest{})
		w.projects(1, "一")
		until := qiaomen.MomentOf(w.now.Add(time.Minute)).UTC()
		_, err := w.store.Write(ctx, store.Act{Journal: office.InstallationJournal, At: w.now}, func(tx *store.Tx) error {
			return tx.Keep("webhook", store.Work{ID: id, Data: fmt.Appendf(nil, `{"position":%d,"lease":"another","until":%q}`, size, until)})
		})
		if err != nil {
			t.Fatal(err)
		}
		stop := runs(o, r.send)
		time.Sleep(1200 * time.Millisecond)
		stop()
		if len(r.got) > 0 {
			t.Fatal("it was another's to deliver")
		}
		w.now = w.now.Add(2 * time.Minute)
		defer runs(o, r.send)()
		eventually(t, "it arrives", func() bool { return len(r.positions(t)) == 1 })
	})
}

// What is not for a webhook costs nothing to pass, and is not read again for
// ever; a webhook that was kept under another key says so.
func TestWebhookPasses(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		o, r := w.hooked(), &receiver{}
		id, _ := w.makes(o, "handler", office.WebhookRequest{Events: []string{"record_accepted"}})
		_, err := w.store.Write(ctx, store.Act{Journal: winter, Person: "u-x", Account: "c-x", At: w.now}, func(tx *store.Tx) error {
			for i := range 1100 {
				if err := tx.Emit(&qiaomen.AnnouncementMade{Announcement: qiaomen.Announcement{ID: fmt.Sprint("n-", i)}}); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		stop := runs(o, r.send)
		eventually(t, "they are passed", func() bool { return w.webhook(o, "handler", id).Position == w.size() })
		rid := w.report("jixian-reporter", "jixian", "reserve_project", "示例产业园", reserve)
		w.must(o.Accept(ctx, w.as("handler"), rid, 1))
		eventually(t, "the one arrives", func() bool { return len(r.positions(t)) == 1 })
		stop()

		hosts, err := office.ParseWebhookHosts("hooks.example.com")
		if err != nil {
			t.Fatal(err)
		}
		other := office.New(office.Options{Store: w.store, Files: w.files, Now: func() time.Time { return w.now }, WebhookHosts: hosts, Key: [32]byte{1}})
		w.must(w.Return(ctx, w.as("handler"), rid, 1, "示例"))
		w.must(o.Accept(ctx, w.as("handler"), w.report("jixian-reporter", "jixian", "reserve_project", "示例产业园二", reserve), 1))
		defer runs(other, r.send)()
		eventually(t, "it says so", func() bool { return strings.Contains(w.webhook(other, "handler", id).Stopped, "密钥换过") })
		if v := w.webhook(other, "handler", id); v.URL != "" || len(r.got) != 1 {
			t.Errorf("%+v", v)
		}
	})
}

// A webhook sends what its owner may read at that moment, and of that what it is
// for; it is nobody else's.
func TestWebhookRights(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		o, r := w.hooked(), &receiver{}
		for _, login := range []string{"jixian-reporter", "jixian-head", "leader", "statistician", "system", "security"} {
			_, _, err := o.MakeWebhook(ctx, w.as(login), office.WebhookRequest{Name: "示例", URL: hookURL})
			w.denies(err)
		}
		token := w.as("handler")
		token.Only = []qiaomen.Action{qiaomen.ActReadOthers, qiaomen.ActExamine}
		_, _, err := o.MakeWebhook(ctx, token, office.WebhookRequest{Name: "示例", URL: hookURL})
		w.denies(err)

		id, _ := w.makes(o, "handler2", office.WebhookRequest{Events: []string{"record_accepted"}})
		for _, err := range []error{
			second(o.EndWebhook(ctx, w.as("handler"), id)), second(o.ResumeWebhook(ctx, w.as("handler"), office.Resumption{ID: id})),
			second(o.TryWebhook(ctx, w.as("handler"), id, r.send)),
		} {
			w.refuses(err, "没有找到")
		}
		defer runs(o, r.send)()
		rid := w.report("jixian-reporter", "jixian", "reserve_project", "示例产业园", reserve)
		w.must(o.Accept(ctx, w.as("handler"), rid, 1))
		eventually(t, "it arrives", func() bool { return len(r.positions(t)) == 1 })
		if h := happening(t, r.got[0]); h.Event != "record_accepted" {
			t.Errorf("%+v", h)
		}
		if trial, err := o.TryWebhook(ctx, w.as("handler2"), id, r.send); err != nil || !trial.Delivered {
			t.Errorf("%+v: %v", trial, err)
		}
		if h := happening(t, r.got[1]); h.Event != "test" || h.Position != 0 {
			t.Errorf("%+v", h)
		}
	})
}

// second is the error of two.
func second[T any](_ T, err error) error { return err }

// Whose account is disabled or reset, or whose role is gone, has nothing sent any
// more.
func TestWebhookOfWhoLeft(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		o, r := w.hooked(), &receiver{}
		one, _ := w.makes(o, "handler2", office.WebhookRequest{})
		two, _ := w.makes(o, "reviewer", office.WebhookRequest{})
		w.must(w.DisableAccount(ctx, w.inHouse("system"), w.people["handler2"], "离岗"))
		three, _ := w.makes(o, "handler", office.WebhookRequest{})
		w.loses("reviewer")
		w.now = w.now.AddDate(0, 0, 1)
		p, _, err := w.ResetFactor(ctx, w.inHouse("system"), w.people["handler"], "手机丢失")
		w.must(p, err)
		w.must(w.Approve(ctx, w.inHouse("security"), p.Proposal))
		w.projects(1, "一")
		stop := runs(o, r.send)
		stopped := func(id string) (yes bool) {
			err := w.store.Read(ctx, office.InstallationJournal, 0, func(v *store.View) error {
				kept, err := v.Work("webhook", id)
				yes = kept != nil && strings.Contains(string(kept.Data), "建立推送的人不能再查看")
				return err
			})
			return yes && err == nil
		}
		eventually(t, "all stop", func() bool { return stopped(one) && stopped(two) && stopped(three) })
		stop()
		if len(r.got) > 0 {
			t.Errorf("%d arrived", len(r.got))
		}
		if n := len(w.audited("access_denied")); n != 3 {
			t.Errorf("%d refusals are in the audit log", n)
		}
	})
}

// Everything that is wrong with a webhook is told, and a receiver that is gone
// stops it.
func TestWebhookFaults(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		_, _, err := w.MakeWebhook(ctx, w.as("handler"), office.WebhookRequest{Name: "示例", URL: hookURL})
		w.refuses(err, "没有启用推送")
		o := w.hooked()
		_, _, err = o.MakeWebhook(ctx, w.as("handler"), office.WebhookRequest{URL: "https://other.example.com/", Events: []string{"record_recognized", "sign_in"}, From: 10000})
		for _, want := range []string{"用途", "不能推送到", "“record_recognized”这种事件，可用：record_recognised", "“sign_in”", "存证日志没有第10000条"} {
			w.refuses(err, want)
		}
		for range 10 {
			w.makes(o, "handler", office.WebhookRequest{})
		}
		_, _, err = o.MakeWebhook(ctx, w.as("handler"), office.WebhookRequest{Name: "示例", URL: hookURL})
		w.refuses(err, "最多10个")

		r := &receiver{fails: 1, with: fmt.Errorf("%w %w", &qiaomen.Problem{Text: "对方说已经不再接收"}, office.ErrGone)}
		id, _ := w.makes(o, "reviewer", office.WebhookRequest{From: 1})
		stop := runs(o, r.send)
		eventually(t, "it is stopped", func() bool { return strings.Contains(w.webhook(o, "reviewer", id).Stopped, "不再接收") })
		stop()
		if len(r.got) > 0 {
			t.Errorf("%d arrived", len(r.got))
		}
		w.must(o.EndWebhook(ctx, w.as("reviewer"), id))
		_, err = o.EndWebhook(ctx, w.as("reviewer"), id)
		w.refuses(err, "已经停掉")
		_, err = o.ResumeWebhook(ctx, w.as("reviewer"), office.Resumption{ID: id})
		w.refuses(err, "已经停掉")
	})
}

func TestWebhookHosts(t *testing.T) {
	hosts, err := office.ParseWebhookHosts("hooks.example.com Other.Example.com:8443 10.1.0.0/16 127.0.0.1:9000 [::1]:9000 192.0.2.7")
	if err != nil {
		t.Fatal(err)
	}
	for url, ok := range map[string]bool{
		"https://hooks.example.com/in": true, "https://HOOKS.example.com:443/": true, "https://other.example.com:8443/": true,
		"https://10.1.2.3/": true, "https://10.1.2.3:8443/": true, "http://127.0.0.1:9000/x": true, "https://127.0.0.1:9000/": true, "http://[::1]:9000/": true, "https://192.0.2.7/": true,

		"http://hooks.example.com/": false, "https://hooks.example.com:8443/": false, "https://other.example.com/": false, "https://hooks.example.com./": false,
		"https://10.2.2.3/": false, "http://10.1.2.3/": false, "http://127.0.0.1/": false, "http://127.0.0.1:9001/": false, "http://localhost:9000/": false,
		"https://2130706433:9000/": false, "https://0x7f.1:9000/": false, "https://127.1:9000/": false, "http://0177.0.0.1:9000/": false, "https://[::ffff:127.0.0.1]:9001/": false,
		"https://169.254.169.254/latest/": false, "https://[fe80::1%25eth0]/": false, "ftp://hooks.example.com/": false, "file:///etc/passwd": false, "gopher://127.0.0.1:9000/": false,
		"https://u:p@hooks.example.com/": false, "https://hooks.example.com@127.0.0.1:9000/": false, "https://hooks.example.com/#x": false, "https://hooks.example.com\\@127.0.0.1:9000/": false,
		"https:hooks.example.com": false, "//hooks.example.com/": false, "": false, "https://": false, "https://hooks.example.com /": false, "https://hooks.example.com.127.0.0.1.nip.example/": false,
	} {
		if _, _, wrong := hosts.Address(url); (wrong == nil) != ok {
			t.Errorf("%s: %v", url, wrong)
		}
	}
	for _, bad := range []string{"http://x", "a b/c", "x:0", "x:99999", "0.0.0.0/0", "::/0", "-x", "x_y", "fe80::1%eth0", "*.example.com", "主机"} {
		if _, err := office.ParseWebhookHosts(bad); err == nil {
			t.Errorf("%s was taken", bad)
		}
	}
	if h, err := office.ParseWebhookHosts(""); err != nil || !h.None() {
		t.Error(err)
	}
}
