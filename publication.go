package qiaomen

// A Month is a month of reporting, once it was closed (月结).
type Month struct {
	ID         string   `json:"id,omitzero"` // 2024-01
	State      State    `json:"state,omitzero"`
	ClosedAt   string   `json:"closed_at,omitzero"`
	ClosedBy   string   `json:"closed_by,omitzero"`
	Position   int64    `json:"position,omitzero"` // of its closing: no ranking of it is of an earlier ledger
	Without    []string `json:"without,omitzero"`  // units that never reported: the month is closed without them, and says so (P5)
	ReopenedAt string   `json:"reopened_at,omitzero"`
	Reason     string   `json:"reason,omitzero"`
	Reopenings int      `json:"reopenings,omitzero"` // each is printed in the next notice (separation 14)
}

// The states of a month.
const (
	Closed   State = "closed"
	Reopened State = "reopened"
)

// Table is where months stand.
func (*Month) Table() string { return "month" }

// Row is by month.
func (m *Month) Row() Row { return Row{ID: m.ID, State: string(m.State)} }

// A LedgerRanking is a ranking with everything that it was computed from
// pinned, so that anyone can compute it again: the ledger as of a position, the
// rules by digest, the day up to which deeds are seen, the readings, the
// engine, and a digest of what came out.
type LedgerRanking struct {
	ID         string            `json:"id,omitzero"`
	Name       string            `json:"name,omitzero"` // 2024-01, or final
	Month      string            `json:"month,omitzero"`
	Final      bool              `json:"final,omitzero"`
	Cutoff     string            `json:"cutoff,omitzero"` // YYYY-MM-DD
	AsOf       string            `json:"as_of,omitzero"`  // day of its computation, or of an older position
	Position   int64             `json:"position,omitzero"`
	Rules      string            `json:"rules,omitzero"`
	Readings   map[string]string `json:"readings,omitzero"`
	Round      string            `json:"round,omitzero"`
	Engine     string            `json:"engine,omitzero"`
	Digest     string            `json:"digest,omitzero"` // of the result in its fixed JSON form
	Totals     []RankedUnit      `json:"totals,omitzero"`
	State      State             `json:"state,omitzero"`
	DraftedBy  string            `json:"drafted_by,omitzero"`
	DraftedAt  string            `json:"drafted_at,omitzero"`
	ApprovedBy string            `json:"approved_by,omitzero"`
	ApprovedAs Role              `json:"approved_as,omitzero"` // in which role; on paper, whose decision it was
	ApprovedAt string            `json:"approved_at,omitzero"`
	Paper      *PaperSource      `json:"paper,omitzero"`
	Proposal   string            `json:"proposal,omitzero"`
	Reason     string            `json:"reason,omitzero"`
}

// A RankedUnit is a unit's place and points in a ranking. Examined is the
// computed total with the approved adjustments (审定得分).
type RankedUnit struct {
	Group      string `json:"group,omitzero"`
	Unit       string `json:"unit,omitzero"`
	Rank       int    `json:"rank,omitzero"`
	Total      Number `json:"total,omitzero"`
	Adjustment Number `json:"adjustment,omitzero"`
	Examined   Number `json:"examined,omitzero"`
}

// The states of a ranking and of a notice, besides approved and declined.
const (
	Drafted    State = "drafted"
	Published  State = "published"
	Superseded State = "superseded"
)

// Table is where rankings stand.
func (*LedgerRanking) Table() string { return "ranking" }

// Row is by id, looked for by name.
func (r *LedgerRanking) Row() Row { return Row{ID: r.ID, State: string(r.State), Key: r.Name} }

// A Notice is a published result (通报): the documents by digest, and which
// ranking they were made from and nothing else (separation 13).
type Notice struct {
	ID          string            `json:"id,omitzero"`
	Ranking     string            `json:"ranking,omitzero"`
	Version     int               `json:"version,omitzero"`
	Number      string            `json:"number,omitzero"` // document number 发文字号
	DatedOn     string            `json:"dated_on,omitzero"`
	Title       string            `json:"title,omitzero"`
	Issuer      string            `json:"issuer,omitzero"`
	To          string            `json:"to,omitzero"`
	CopyTo      string            `json:"copy_to,omitzero"`
	Document    Evidence          `json:"document,omitzero"`
	Tables      Evidence          `json:"tables,omitzero"`    // Word and Excel
	Unfilled    []string          `json:"unfilled,omitempty"` // what is still marked in the document to be filled in by hand
	State       State             `json:"state,omitzero"`
	DraftedBy   string            `json:"drafted_by,omitzero"`
	DraftedAt   string            `json:"drafted_at,omitzero"`
	PublishedBy string            `json:"published_by,omitzero"`
	PublishedAt string            `json:"published_at,omitzero"`
	Replaces    string            `json:"replaces,omitzero"` // the notice that this one corrects
	Reason      string            `json:"reason,omitzero"`
	Receipts    map[string]string `json:"receipts,omitzero"` // by unit: when it was opened there
}

// Table is where notices stand.
func (*Notice) Table() string { return "notice" }

// Row is by id, looked for by ranking.
func (n *Notice) Row() Row { return Row{ID: n.ID, State: string(n.State), Key: n.Ranking} }

// MonthClosed: reporting for the month ended.
type MonthClosed struct {
	Month   string   `json:"month,omitzero"`
	Without []string `json:"without,omitzero"`
}

// MonthReopened: and goes on after all.
type MonthReopened struct {
	Month  string `json:"month,omitzero"`
	Reason string `json:"reason,omitzero"`
}

// RankingDrafted: a ranking was computed and pinned.
type RankingDrafted struct {
	Ranking LedgerRanking `json:"ranking,omitzero"`
}

// RankingApproved: it was approved, by the office or the leading group.
type RankingApproved struct {
	ID    string       `json:"id,omitzero"`
	As    Role         `json:"as,omitzero"`
	Paper *PaperSource `json:"paper,omitzero"`
}

// RankingDeclined: or sent back.
type RankingDeclined struct {
	ID     string `json:"id,omitzero"`
	Reason string `json:"reason,omitzero"`
}

// NoticeDrafted: its documents were made from an approved ranking.
type NoticeDrafted struct {
	Notice Notice `json:"notice,omitzero"`
}

// NoticePublished: it was sent out to all units. Document is the Word file with
// its number and date.
type NoticePublished struct {
	ID       string   `json:"id,omitzero"`
	Number   string   `json:"number,omitzero"`
	DatedOn  string   `json:"dated_on,omitzero"`
	Document Evidence `json:"document,omitzero"`
	Unfilled []string `json:"unfilled,omitempty"`
}

// NoticeCorrected: another version stands in its place, or none.
type NoticeCorrected struct {
	ID     string `json:"id,omitzero"`
	Reason string `json:"reason,omitzero"`
	By     string `json:"by,omitzero"` // the notice that replaces it; empty: it is withdrawn
}

// NoticeRead: a unit opened it.
type NoticeRead struct {
	ID   string `json:"id,omitzero"`
	Unit string `json:"unit,omitzero"`
}

func init() {
	event[MonthClosed](1)
	event[MonthReopened](1)
	event[RankingDrafted](1)
	event[RankingApproved](1)
	event[RankingDeclined](1)
	event[NoticeDrafted](1)
	event[NoticePublished](1)
	event[NoticeCorrected](1)
	event[NoticeRead](1)
}

func (e *MonthClosed) apply(l Ledger, s Stamp) error {
	m := &Month{}
	if _, err := l.Find(e.Month, m); err != nil {
		return err
	}
	m.ID, m.State, m.ClosedAt, m.ClosedBy, m.Position, m.Without = e.Month, Closed, s.At, s.Person, s.Position, e.Without
	return l.Put(m)
}

func (e *MonthReopened) apply(l Ledger, s Stamp) error {
	return change(l, e.Month, done(func(m *Month) {
		m.State, m.ReopenedAt, m.Reason = Reopened, s.At, e.Reason
		m.Reopenings++
	}))
}

func (e *RankingDrafted) apply(l Ledger, s Stamp) error {
	r := e.Ranking
	r.State, r.DraftedBy, r.DraftedAt = Drafted, s.Person, s.At
	return l.Put(&r)
}

func (e *RankingApproved) apply(l Ledger, s Stamp) error {
	return change(l, e.ID, done(func(r *LedgerRanking) {
		r.State, r.ApprovedBy, r.ApprovedAs, r.ApprovedAt, r.Paper = Approved, s.Person, e.As, s.At, e.Paper
	}))
}

func (e *RankingDeclined) apply(l Ledger, _ Stamp) error {
	return change(l, e.ID, done(func(r *LedgerRanking) { r.State, r.Reason = Declined, e.Reason }))
}

func (e *NoticeDrafted) apply(l Ledger, s Stamp) error {
	n := e.Notice
	n.State, n.DraftedBy, n.DraftedAt = Drafted, s.Person, s.At
	return l.Put(&n)
}

func (e *NoticePublished) apply(l Ledger, s Stamp) error {
	var ranking string
	err := change(l, e.ID, done(func(n *Notice) {
		n.State, n.PublishedBy, n.PublishedAt, ranking = Published, s.Person, s.At, n.Ranking
		n.Number, n.DatedOn, n.Document, n.Unfilled = e.Number, e.DatedOn, e.Document, e.Unfilled
	}))
	if err != nil {
		return err
	}
	return change(l, ranking, done(func(r *LedgerRanking) { r.State = Published }))
}

func (e *NoticeCorrected) apply(l Ledger, _ Stamp) error {
	var ranking string
	err := change(l, e.ID, done(func(n *Notice) {
		n.State, n.Reason, ranking = Superseded, e.Reason, n.Ranking
		if e.By == "" {
			n.State = Withdrawn
		}
	}))
	if err != nil {
		return err
	}
	return change(l, ranking, done(func(r *LedgerRanking) {
		if r.State == Published {
			r.State = Superseded
		}
	}))
}

func (e *NoticeRead) apply(l Ledger, s Stamp) error {
	return change(l, e.ID, done(func(n *Notice) {
		if n.Receipts == nil {
			n.Receipts = map[string]string{}
		}
		if n.Receipts[e.Unit] == "" {
			n.Receipts[e.Unit] = s.At
		}
	}))
}
