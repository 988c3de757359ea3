package office_test

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io/fs"
	"path/filepath"
	"testing"
	"time"

	"qiaomen"
	"qiaomen/blob"
	"qiaomen/office"
	"qiaomen/schemes"
	"qiaomen/store"
	"qiaomen/store/storetest"
)

var ctx = context.Background()

const winter = "winter-2023"

// A world is an office with its people, in a test's own ledger, with a clock
// that the test sets.
type world struct {
	t testing.TB
	acts
	inside
	http    *overHTTP // nil: nobody goes through the doors
	store   *store.Store
	options store.Options
	files   *blob.Folder
	now     time.Time
	people  map[string]string // account by login
	codes   []office.FirstCode
	keys    int
}

// The cast: login, role, unit. Logins name people of an office, nobody real.
var cast = []struct {
	login string
	role  qiaomen.Role
	unit  string
}{
	{"jixian-reporter", qiaomen.Reporter, "jixian"},
	{"jixian-head", qiaomen.Head, "jixian"},
	{"youyi-reporter", qiaomen.Reporter, "youyi"},
	{"youyi-head", qiaomen.Head, "youyi"},
	{"bio-reporter", qiaomen.Reporter, "bio-economy"},
	{"bio-head", qiaomen.Head, "bio-economy"},
	{"handler", qiaomen.Handler, ""},
	{"handler2", qiaomen.Handler, ""},
	{"reviewer", qiaomen.Reviewer, ""},
	{"reviewer2", qiaomen.Reviewer, ""},
	{"evaluator", qiaomen.Evaluator, ""},
	{"evaluator2", qiaomen.Evaluator, ""},
	{"member", qiaomen.GroupMember, ""},
	{"member2", qiaomen.GroupMember, ""},
	{"member3", qiaomen.GroupMember, ""},
	{"member4", qiaomen.GroupMember, ""},
	{"leader", qiaomen.CityLeader, ""},
	{"statistician", qiaomen.Statistician, ""},
	{"statistician2", qiaomen.Statistician, ""},
	{"auditor", qiaomen.Auditor, ""},
	{"system", qiaomen.SystemAdmin, ""},
	{"security", qiaomen.SecurityAdmin, ""},
	{"security2", qiaomen.SecurityAdmin, ""},
	{"auditadmin", qiaomen.AuditAdmin, ""},
}

// newWorld founds an installation and opens the winter campaign in it.
func newWorld(t testing.TB, engine string, p qiaomen.Procedure) *world {
	t.Helper()
	w := emptyWorld(t, engine)
	w.found(p, everybody())
	w.open()
	return w
}

// everybody is the cast, each with their role.
func everybody() (people []office.FirstPerson) {
	for i, c := range cast {
		role := office.FirstRole{Role: c.role, Unit: c.unit}
		if c.role.OfCampaign() {
			role.Campaign = winter
		}
		people = append(people, office.FirstPerson{
			Login: c.login, Detail: office.Detail{Name: "示例" + c.login, Identity: fmt.Sprintf("示例%02d", i)}, Roles: []office.FirstRole{role},
		})
	}
	return people
}

func emptyWorld(t testing.TB, engine string) *world {
	t.Helper()
	return worldOn(t, storetest.Fresh(t, engine))
}

// worldOn is an empty world on a ledger that the test has a hand in.
func worldOn(t testing.TB, o store.Options) *world {
	t.Helper()
	w := &world{t: t, options: o, now: time.Date(2023, 12, 12, 1, 0, 0, 0, time.UTC), people: map[string]string{}}
	w.store = storetest.Open(t, o)
	var err error
	if w.files, err = blob.OpenFolder(filepath.Join(t.TempDir(), "evidence"), blob.Options{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.files.Close() })
	w.serves(office.New(office.Options{Store: w.store, Files: w.files, Now: func() time.Time { return w.now }}))
	return w
}

// serves has everybody come to an office from then on.
func (w *world) serves(o *office.Office) { w.acts, w.Office = o, o }

func (w *world) found(p qiaomen.Procedure, people []office.FirstPerson) {
	w.t.Helper()
	codes, err := w.Found(ctx, office.Founding{ID: w.options.Installation, Name: "示例", Procedure: p, People: people})
	if err != nil {
		w.t.Fatal(err)
	}
	w.codes = codes
	for _, c := range codes {
		w.people[c.Login] = c.Account
	}
}

func (w *world) open() {
	w.t.Helper()
	text, notice := schemeText(w.t)
	w.must(w.CreateCampaign(ctx, w.as("handler"), office.Beginning{Campaign: winter, Text: text, Source: notice}))
	waiting, err := w.Proposals(ctx, w.as("member"), false)
	if err != nil || len(waiting) != 1 {
		w.t.Fatalf("%d proposals: %v", len(waiting), err)
	}
	w.byGroup(waiting[0].ID)
}

// byGroup has the leading group say yes: as many members as its quorum asks.
func (w *world) byGroup(proposal string) *office.Answer {
	w.t.Helper()
	return w.by(proposal, "member", "member2")
}

// by has people say yes to a proposal, one after another, until it is carried out.
func (w *world) by(proposal string, people ...string) (a *office.Answer) {
	w.t.Helper()
	for _, login := range people {
		if a = w.must(w.Approve(ctx, w.as(login), proposal)); a.Proposal != proposal {
			break
		}
	}
	return a
}

// schemeText is the winter's scheme file and the notice beside it.
func schemeText(t testing.TB) (text, notice string) {
	t.Helper()
	for name, into := range map[string]*string{"scheme.yaml": &text, "notice.txt": &notice} {
		data, err := fs.ReadFile(schemes.Files, "shuangyashan-winter-2023/"+name)
		if err != nil {
			t.Fatal(err)
		}
		*into = string(data)
	}
	return text, notice
}

// as is the person as a caller, with a key of their own for each call.
func (w *world) as(login string) office.Caller {
	w.t.Helper()
	account, ok := w.people[login]
	if !ok {
		w.t.Fatalf("nobody is called %s", login)
	}
	w.keys++
	return office.Caller{Account: account, Campaign: winter, Key: fmt.Sprint("key-", w.keys)}
}

func (w *world) must(a *office.Answer, err error) *office.Answer {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
	return a
}

// picture is a small photograph, another for each number.
func picture(n int) []byte {
	img := image.NewRGBA(image.Rect(0, 0, 64, 48))
	for x := range 64 {
		for y := range 48 {
			img.Set(x, y, color.RGBA{uint8(x * n), uint8(y * 5), uint8(n * 37), 255})
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, nil); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// paper is a small picture of a page, another for each number: quicker to look
// through than a photograph.
func paper(n int) []byte {
	img := image.NewGray(image.Rect(0, 0, 16, 16))
	for i := range 32 {
		img.Pix[i] = byte(n >> (i % 24))
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// keeps has somebody keep a file for an act to name.
func (w *world) keeps(login, kind, name string, data []byte) qiaomen.Evidence {
	w.t.Helper()
	e, err := w.KeepFile(ctx, w.as(login), kind, name, bytes.NewReader(data))
	if err != nil {
		w.t.Fatal(err)
	}
	return e
}

// report takes a record of a unit to the office: drafted, proved, submitted.
func (w *world) report(login, unit, kind, name, fields string, evidence ...string) string {
	w.t.Helper()
	a := w.must(w.Draft(ctx, w.as(login), office.DraftInput{Unit: unit, Kind: kind, Name: name, Fields: []byte(fields)}))
	for _, e := range evidence {
		w.keys++
		w.must(w.AddEvidence(ctx, w.as(login), a.ID, e, e+".jpg", bytes.NewReader(picture(w.keys))))
	}
	w.must(w.Submit(ctx, w.as(login), a.ID))
	return a.ID
}
