package office_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"qiaomen"
	"qiaomen/journal"
	"qiaomen/office"
	"qiaomen/store/storetest"
)

// goodPassword will do under each profile.
const goodPassword = "雪后 Morning 47 tea"

// A visitor is somebody at the door: on one device, from one address.
type visitor struct {
	w        *world
	o        *office.Office // the node that they come to
	src      office.Source
	login    string
	password string
	factor   string // the secret of their second factor
	session  string // the secret of their session
}

// doors runs a story about signing in on each engine, in an installation that
// nobody has signed in to.
func doors(t *testing.T, name string, p qiaomen.Procedure, story func(w *world)) {
	t.Helper()
	t.Run(name, func(t *testing.T) {
		for _, engine := range storetest.Engines {
			t.Run(engine, func(t *testing.T) {
				if !p.ThreeAdmins {
					story(small(t, engine))
					return
				}
				w := emptyWorld(t, engine)
				w.found(p, everybody())
				story(w)
			})
		}
	})
}

// node is another program on the same database.
func (w *world) node() *office.Office {
	w.t.Helper()
	o := w.options
	o.Folder = filepath.Join(w.t.TempDir(), "marks")
	if err := os.CopyFS(o.Folder, os.DirFS(w.options.Folder)); err != nil {
		w.t.Fatal(err)
	}
	return office.New(office.Options{Store: storetest.Open(w.t, o), Files: w.files, Now: func() time.Time { return w.now }})
}

// knocks is somebody at the door who has not said anything yet.
func (w *world) knocks(login, address string) *visitor {
	return &visitor{w: w, o: w.Office, src: office.Source{Address: address, Request: "q-1"}, login: login, password: goodPassword}
}

// first is the one-time code with which somebody begins.
func (w *world) first(login string) string {
	w.t.Helper()
	for _, c := range w.codes {
		if c.Login == login {
			return c.Code
		}
	}
	w.t.Fatalf("%s has no code", login)
	return ""
}

// takeUp takes an account up, and forgets its second factor.
func (w *world) takeUp(login, code string) error {
	_, err := w.TakeUp(ctx, office.Source{Address: "10.9.9.9"}, office.TakingUp{Login: login, FirstCode: code, Password: goodPassword})
	return err
}

// enrols has somebody take up their account.
func (w *world) enrols(login string) *visitor {
	w.t.Helper()
	v := w.knocks(login, "10.0.0.1")
	v.takesUp(w.first(login))
	return v
}

func (v *visitor) takesUp(code string) {
	v.w.t.Helper()
	e, err := v.o.TakeUp(ctx, v.src, office.TakingUp{Login: v.login, FirstCode: code, Password: v.password})
	if err != nil {
		v.w.t.Fatal(err)
	}
	if v.factor = e.Secret; v.factor == "" {
		v.w.t.Fatal("no second factor")
	}
}

// elsewhere is the same person on a device that is not known.
func (v *visitor) elsewhere(address string) *visitor {
	out := *v
	out.src, out.session = office.Source{Address: address}, ""
	return &out
}

// code is a code that was not used yet: time goes on for it.
func (v *visitor) code() string {
	v.w.now = v.w.now.Add(30 * time.Second)
	return v.codeAt(v.w.now)
}

func (v *visitor) codeAt(at time.Time) string {
	v.w.t.Helper()
	code, err := totp.GenerateCode(v.factor, at)
	if err != nil {
		v.w.t.Fatal(err)
	}
	return code
}

func (v *visitor) says(password, code string) (*office.SignedIn, error) {
	s, err := v.o.SignIn(ctx, v.src, office.SigningIn{Login: v.login, Password: password, Code: code})
	if err == nil {
		v.session, v.src.Device = s.Session, s.Device
	}
	return s, err
}

// signsIn signs in, as it should be done.
func (v *visitor) signsIn() *office.SignedIn {
	v.w.t.Helper()
	s, err := v.says(v.password, v.code())
	if err != nil {
		v.w.t.Fatalf("%s: %v", v.login, err)
	}
	return s
}

// refused asks that a try fails as all tries do.
func (v *visitor) refused(password, code string) {
	v.w.t.Helper()
	s, err := v.says(password, code)
	if !errors.Is(err, office.ErrSignIn) {
		v.w.t.Fatalf("%s: %+v, %v", v.login, s, err)
	}
}

// holds asks that the session is theirs, on a node.
func (v *visitor) holds(o *office.Office) (office.Caller, *office.Session) {
	v.w.t.Helper()
	c, s, err := o.SessionCaller(ctx, v.src, v.session)
	if err != nil || c.Account != v.w.people[v.login] || c.From != v.src.Address || !s.This {
		v.w.t.Fatalf("%s: %+v, %+v, %v", v.login, c, s, err)
	}
	return c, s
}

// over asks that the session is none, on each of the nodes.
func (v *visitor) over(nodes ...*office.Office) {
	v.w.t.Helper()
	for _, o := range nodes {
		if c, _, err := o.SessionCaller(ctx, v.src, v.session); !errors.Is(err, office.ErrSession) || c.Account != "" {
			v.w.t.Fatalf("%s: %+v, %v", v.login, c, err)
		}
	}
}

// audited is how many entries of a sort the audit log has.
func (w *world) audited(event string) (out []office.AuditEntry) {
	w.t.Helper()
	admin := "auditadmin"
	if w.people[admin] == "" {
		admin = "audit"
	}
	page, err := w.Audit(ctx, w.inHouse(admin), office.AuditQuery{Event: event, Limit: 1000})
	if err != nil {
		w.t.Fatal(err)
	}
	return page.Entries
}

// entriesOf is how many entries of a sort a journal has.
func (w *world) entriesOf(name, event string) (n int) {
	w.t.Helper()
	for leaf, err := range w.store.Leaves(ctx, name, 0) {
		if err != nil {
			w.t.Fatal(err)
		}
		e, err := journal.Open(leaf)
		if err != nil {
			w.t.Fatal(err)
		}
		if e.Event == event {
			n++
		}
	}
	return n
}
