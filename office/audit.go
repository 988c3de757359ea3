package office

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"slices"
	"sort"
	"strconv"

	"qiaomen"
	"qiaomen/journal"
	"qiaomen/store"
)

// An AuditQuery says which entries are wanted; what is empty is not asked.
type AuditQuery struct {
	// Journal is the audit log, or another: what was done there, by whom, on
	// what, without its data. Empty: the audit log.
	Journal string
	// Person, Action (its word), Event (its name) and Campaign bound it.
	Person, Action, Event, Campaign string
	From, Until                     string // days, both included
	After                           int64  // positions after this one
	Limit                           int    // entries; 0: a hundred
}

// An AuditEntry is one entry as an auditor sees it.
type AuditEntry struct {
	Journal  string `json:"journal,omitzero"`
	Position int64  `json:"position"`
	At       string `json:"at,omitzero"`
	Person   string `json:"person,omitzero"`
	Account  string `json:"account,omitzero"`
	Grant    int64  `json:"grant"` // position of the grant by which it was done
	Event    string `json:"event,omitzero"`
	Action   string `json:"action,omitzero"`
	Campaign string `json:"campaign,omitzero"`
	Object   string `json:"object,omitzero"`
	Why      string `json:"why,omitzero"`
	// Refused tells that nothing came of it.
	Refused bool `json:"refused,omitzero"`
	// Units is where the person reports or signs: of the grant by which it was
	// done, or else of every grant they ever had.
	Units   []string `json:"units,omitempty"`
	From    string   `json:"from,omitzero"`    // source address
	Request string   `json:"request,omitzero"` // the door's request id
}

// An AuditPage is some entries, the oldest first.
type AuditPage struct {
	Entries []AuditEntry `json:"entries,omitzero"`
	Next    int64        `json:"next"` // to go on After; 0: there are no more
	Size    int64        `json:"size"` // entries of the journal
}

const (
	usualPage = 100
	mostPage  = 1000
)

// Audit reads the audit log: to the audit administrator all of it, and what was
// done in the other journals; to an auditor what was looked at and refused in
// their campaigns, and what was done there. That it was read is an entry too
// (separations 19 and 23).
func (o *Office) Audit(ctx context.Context, by Caller, q AuditQuery) (page *AuditPage, err error) {
	if q.Journal == "" {
		q.Journal = AuditJournal
	}
	err = o.look(ctx, by, qiaomen.ActReadAudit, nil, func(d *desk) error {
		p, err := d.procedure()
		if err != nil {
			return err
		}
		pass := func(*AuditEntry) bool { return true }
		if p.May(d.using.Role, qiaomen.ActReadAudit).View {
			if q.Journal != AuditJournal && !d.audits(q.Journal) {
				return &Denied{Why: "审计员只看本活动的日志"}
			}
			pass = func(e *AuditEntry) bool {
				return d.audits(e.Campaign) && !qiaomen.ActionNamed(e.Action).OfInstallation()
			}
		}
		if err := d.noted(ctx, qiaomen.ActReadAudit, q.Journal, ""); err != nil {
			return err
		}
		page, err = o.entries(ctx, d, q, pass)
		return err
	})
	return page, err
}

// audits tells whether the person is auditor of a campaign.
func (d *desk) audits(campaign string) bool {
	return campaign != "" && slices.ContainsFunc(d.grants, func(g *qiaomen.Grant) bool {
		return g.Role == qiaomen.Auditor && g.Holds(campaign, d.day)
	})
}

// AuditAdminActs reads what the audit administrators themselves did, now or in
// the past, in the audit log or in another journal: it is for the security
// administrator and the auditor (separation 19).
func (o *Office) AuditAdminActs(ctx context.Context, by Caller, q AuditQuery) (page *AuditPage, err error) {
	if q.Journal == "" {
		q.Journal = AuditJournal
	}
	err = o.look(ctx, by, qiaomen.ActReadAuditAdmin, nil, func(d *desk) error {
		if q.Journal != AuditJournal && q.Journal != InstallationJournal {
			return problem("审计管理员只在审计日志和系统日志里有操作", "请选其中之一")
		}
		grants, err := store.All[qiaomen.Grant](d.home(), store.Filter{Kind: string(qiaomen.AuditAdmin)})
		if err != nil {
			return err
		}
		if err := d.noted(ctx, qiaomen.ActReadAuditAdmin, q.Journal, ""); err != nil {
			return err
		}
		page, err = o.entries(ctx, d, q, func(e *AuditEntry) bool {
			return slices.ContainsFunc(grants, func(g *qiaomen.Grant) bool { return g.Person == e.Person })
		})
		return err
	})
	return page, err
}

// entries reads a page of a journal.
func (o *Office) entries(ctx context.Context, d *desk, q AuditQuery, pass func(*AuditEntry) bool) (*AuditPage, error) {
	v := d.home().In(q.Journal)
	size, err := v.Position()
	if err != nil {
		return nil, err
	}
	page := &AuditPage{Size: size}
	after, end := q.After, ""
	if q.From != "" {
		day, err := qiaomen.ParseDate(q.From)
		if err != nil {
			return nil, problem(err.Error(), "")
		}
		first, err := firstSince(v, size, qiaomen.Moment{Day: day}.UTC())
		if err != nil {
			return nil, err
		}
		after = max(after, first-1)
	}
	if q.Until != "" {
		day, err := qiaomen.ParseDate(q.Until)
		if err != nil {
			return nil, problem(err.Error(), "")
		}
		end = qiaomen.Moment{Day: day + 1}.UTC()
	}
	grants, err := store.All[qiaomen.Grant](d.home(), store.Filter{})
	if err != nil {
		return nil, err
	}
	limit := min(max(q.Limit, 0), mostPage)
	if limit == 0 {
		limit = usualPage
	}
	for leaf, err := range o.store.Leaves(ctx, q.Journal, max(after, 0)) {
		if err != nil {
			return nil, err
		}
		entry, err := journal.Open(leaf)
		if err != nil {
			return nil, err
		}
		if end != "" && entry.At >= end {
			break
		}
		e, err := auditEntry(entry)
		if err != nil {
			return nil, err
		}
		if !q.wants(e) || !pass(e) {
			continue
		}
		if len(page.Entries) == limit {
			page.Next = page.Entries[limit-1].Position
			break
		}
		e.Units = e.units(grants)
		page.Entries = append(page.Entries, *e)
	}
	return page, nil
}

func (q *AuditQuery) wants(e *AuditEntry) bool {
	for _, f := range [][2]string{{q.Person, e.Person}, {q.Action, e.Action}, {q.Event, e.Event}, {q.Campaign, e.Campaign}} {
		if f[0] != "" && f[0] != f[1] {
			return false
		}
	}
	return true
}

// auditEntry is an entry without its data: who did what to what.
func auditEntry(e *journal.Entry) (*AuditEntry, error) {
	event, err := qiaomen.DecodeEvent(e.Event, e.Version, e.Data)
	if err != nil {
		return nil, err
	}
	out := &AuditEntry{
		Journal: e.Journal, Position: e.Position, At: e.At, Person: e.Person, Account: e.Account, Grant: e.Grant,
		Event: e.Event, Object: qiaomen.EventSubject(event),
	}
	if e, ok := event.(interface{ Came() qiaomen.Door }); ok {
		out.From, out.Request = e.Came().From, e.Came().Request
	}
	switch event := event.(type) {
	case *qiaomen.AccessDenied:
		out.Action, out.Campaign, out.Object, out.Why, out.Refused = event.Action, event.Campaign, event.Object, event.Why, true
	case *qiaomen.AccessGiven:
		out.Action, out.Campaign, out.Object, out.Why = event.Action, event.Campaign, event.Object, event.Reason
	case *qiaomen.SignInFailed:
		out.Why, out.Refused = event.Why, true
	default:
		if e.Journal != InstallationJournal && e.Journal != AuditJournal {
			out.Campaign = e.Journal
		}
	}
	return out, nil
}

// units is the units of an entry's person, by the grants there ever were.
func (e *AuditEntry) units(grants []*qiaomen.Grant) (out []string) {
	for _, g := range grants {
		if g.Position == e.Grant && e.Grant > 0 {
			return slices.DeleteFunc([]string{g.Unit}, func(u string) bool { return u == "" })
		}
		if g.Person == e.Person && g.Unit != "" && !slices.Contains(out, g.Unit) {
			out = append(out, g.Unit)
		}
	}
	return out
}

// firstSince is the position of the first entry that is not before a time: the
// times of a journal never go back.
func firstSince(v *store.View, size int64, at string) (int64, error) {
	var failed error
	n := sort.Search(int(size), func(i int) bool {
		e, err := v.Entry(int64(i) + 1)
		if err != nil {
			failed = err
			return true
		}
		return e.At >= at
	})
	return int64(n) + 1, failed
}

// ExportAudit writes the whole audit log as a file that anyone can check with
// the installation's key (docs/verify).
func (o *Office) ExportAudit(ctx context.Context, by Caller, w io.Writer) error {
	err := o.look(ctx, by, qiaomen.ActReadAudit, nil, func(d *desk) error {
		if d.using.Role != qiaomen.AuditAdmin {
			return &Denied{Why: "审计日志由审计管理员导出"}
		}
		return d.noted(ctx, qiaomen.ActReadAudit, AuditJournal, "导出")
	})
	if err != nil {
		return err
	}
	vkey, err := o.store.Vkey(AuditJournal)
	if err != nil {
		return err
	}
	checkpoint, err := o.store.Checkpoint(ctx, AuditJournal)
	if err != nil {
		return err
	}
	return journal.Export(w, vkey, checkpoint, o.store.Leaves(ctx, AuditJournal, 0))
}

// An Archive is the audit log up to a position, as it was written out.
type Archive struct {
	Until  int64  `json:"until"`
	Digest string `json:"digest"` // SHA-256 of its leaves, one a line
}

var archiveAudit = &act[Archive]{
	action: qiaomen.ActArchiveAudit,
	home:   true,
	check: func(d *desk, a *Archive) error {
		most, err := d.archivable()
		if err == nil && a.Until > most {
			err = problem("归档的日志还没有过保留期", "请把截止日提前")
		}
		return err
	},
	do: func(d *desk, a *Archive) (string, error) {
		return a.Digest, d.emit(&qiaomen.AuditArchived{Until: a.Until, Digest: a.Digest})
	},
}

// archivable is the position of the newest entry that was kept long enough.
func (d *desk) archivable() (int64, error) {
	home, err := d.installation()
	if err != nil {
		return 0, err
	}
	days := usualAuditDays
	if home != nil && home.Settings[auditDays] != "" {
		if days, err = strconv.Atoi(home.Settings[auditDays]); err != nil {
			return 0, err
		}
	}
	today, err := qiaomen.ParseDate(d.day)
	if err != nil {
		return 0, err
	}
	v := d.home().In(AuditJournal)
	size, err := v.Position()
	if err != nil {
		return 0, err
	}
	first, err := firstSince(v, size, qiaomen.Moment{Day: today - qiaomen.Date(max(days, leastAuditDays))}.UTC())
	return first - 1, err
}

// ArchiveAudit writes out the entries of the audit log that were kept for the
// whole retention time, from the first to those of a day, one leaf a line, and
// seals what was written. Nothing is taken out of the journal, whose chain would
// break: an archive is a further copy.
func (o *Office) ArchiveAudit(ctx context.Context, by Caller, until string, w io.Writer) (*Answer, error) {
	var position int64
	err := o.look(ctx, by, qiaomen.ActArchiveAudit, nil, func(d *desk) error {
		day, err := qiaomen.ParseDate(until)
		if err != nil {
			return &qiaomen.Problem{Text: err.Error(), At: qiaomen.Place{Field: "until"}}
		}
		v := d.home().In(AuditJournal)
		size, err := v.Position()
		if err != nil {
			return err
		}
		first, err := firstSince(v, size, qiaomen.Moment{Day: day + 1}.UTC())
		if err != nil {
			return err
		}
		most, err := d.archivable()
		if err != nil {
			return err
		}
		switch position = first - 1; {
		case position > most:
			return &qiaomen.Problem{Text: "这一天的日志还没有过保留期", Fix: "请把截止日提前", At: qiaomen.Place{Field: "until"}}
		case position == 0:
			return &qiaomen.Problem{Text: "到这一天为止没有日志", Fix: "请核对", At: qiaomen.Place{Field: "until"}}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	sum := sha256.New()
	out := io.MultiWriter(sum, w)
	n := int64(0)
	for leaf, err := range o.store.Leaves(ctx, AuditJournal, 0) {
		if err != nil {
			return nil, err
		}
		if _, err := out.Write(append(leaf, '\n')); err != nil {
			return nil, err
		}
		if n++; n == position {
			break
		}
	}
	return perform(ctx, o, by, archiveAudit, Archive{position, hex.EncodeToString(sum.Sum(nil))})
}
