package office_test

import (
	"context"
	"net/http"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"

	"qiaomen"
	"qiaomen/office"
	"qiaomen/scheme"
	"qiaomen/store"
	"qiaomen/web"
)

const (
	get    = http.MethodGet
	post   = http.MethodPost
	put    = http.MethodPut
	remove = http.MethodDelete
)

func (h *overHTTP) Draft(_ context.Context, by office.Caller, a office.DraftInput) (*office.Answer, error) {
	return h.does(by, a, post, "drafts")
}

func (h *overHTTP) DraftAgain(_ context.Context, by office.Caller, record string) (*office.Answer, error) {
	return h.does(by, nil, post, "records", record, "draft")
}

func (h *overHTTP) EditDraft(_ context.Context, by office.Caller, a office.DraftInput) (*office.Answer, error) {
	return h.does(by, a, put, "drafts", a.ID)
}

func (h *overHTTP) DeleteDraft(_ context.Context, by office.Caller, id string) (*office.Answer, error) {
	return h.does(by, nil, remove, "drafts", id)
}

func (h *overHTTP) HandOver(_ context.Context, by office.Caller, draft string) (*office.Answer, error) {
	return h.does(by, nil, post, "drafts", draft, "hand-over")
}

func (h *overHTTP) Submit(_ context.Context, by office.Caller, draft string) (*office.Answer, error) {
	return h.does(by, nil, post, "drafts", draft, "submission")
}

func (h *overHTTP) SignOff(_ context.Context, by office.Caller, record string) (*office.Answer, error) {
	return h.does(by, nil, post, "records", record, "sign-off")
}

func (h *overHTTP) Withdraw(_ context.Context, by office.Caller, record string) (*office.Answer, error) {
	return h.does(by, nil, post, "records", record, "withdrawal")
}

func (h *overHTTP) Amend(_ context.Context, by office.Caller, draft, reason string) (*office.Answer, error) {
	return h.does(by, web.Reason{Reason: reason}, post, "drafts", draft, "amendment")
}

func (h *overHTTP) EnterFor(_ context.Context, by office.Caller, a office.Entry) (*office.Answer, error) {
	return h.does(by, a, post, "entries")
}

func (h *overHTTP) Report(_ context.Context, by office.Caller, a office.Entry) (*office.Answer, error) {
	return h.does(by, a, post, "records")
}

func (h *overHTTP) ReportBriefing(_ context.Context, by office.Caller, a office.Entry) (*office.Answer, error) {
	return h.does(by, a, post, "briefings")
}

func tag(version int) string { return `"v` + strconv.Itoa(version) + `"` }

func (h *overHTTP) Accept(_ context.Context, by office.Caller, record string, version int) (*office.Answer, error) {
	return answer(h.asks(by, place(by, post, "records", record, "acceptance"), nil, "If-Match", tag(version)))
}

func (h *overHTTP) Return(_ context.Context, by office.Caller, record string, version int, reason string) (*office.Answer, error) {
	return answer(h.asks(by, place(by, post, "records", record, "return"), web.Reason{Reason: reason}, "If-Match", tag(version)))
}

func (h *overHTTP) CheckOriginal(_ context.Context, by office.Caller, record string) (*office.Answer, error) {
	return h.does(by, nil, post, "records", record, "original-check")
}

func (h *overHTTP) Recognise(_ context.Context, by office.Caller, a office.Decision) (*office.Answer, error) {
	return answer(h.asks(by, place(by, post, "records", a.Record, "recognition"), a, "If-Match", tag(a.Version)))
}

func (h *overHTTP) Settle(_ context.Context, by office.Caller, a office.Ruling) (*office.Answer, error) {
	return h.does(by, a, post, "settlements")
}

func (h *overHTTP) Revoke(_ context.Context, by office.Caller, a office.Revocation) (*office.Answer, error) {
	return h.does(by, a, post, "records", a.Record, "revocation")
}

func (h *overHTTP) OpenHearing(_ context.Context, by office.Caller, a office.HearingCall) (*office.Answer, error) {
	return h.does(by, a, post, "records", a.Record, "hearing")
}

func (h *overHTTP) Explain(_ context.Context, by office.Caller, record, text string) (*office.Answer, error) {
	return h.does(by, office.Explanation{Record: record, Text: text}, post, "records", record, "explanation")
}

func (h *overHTTP) Transfer(_ context.Context, by office.Caller, a office.Handing) (*office.Answer, error) {
	return h.does(by, a, post, "records", a.Record, "transfer")
}

func (h *overHTTP) Expunge(_ context.Context, by office.Caller, a office.Expunging) (*office.Answer, error) {
	return h.does(by, a, post, "expunging")
}

func (h *overHTTP) Record(_ context.Context, by office.Caller, id string) (*office.RecordView, error) {
	return read[*office.RecordView](h.asks(by, place(by, get, "records", id), nil))
}

func (h *overHTTP) Happenings(_ context.Context, by office.Caller, from int64, limit int) (*office.Happenings, error) {
	at := query(place(by, get, "events"), "from", strconv.FormatInt(from, 10), "limit", strconv.Itoa(limit))
	return nil, done(h.asks(by, at, nil))
}

func (h *overHTTP) Records(_ context.Context, by office.Caller, f office.Listing) (office.Page, error) {
	l, err := read[web.List[*qiaomen.LedgerRecord]](h.asks(by, query(place(by, get, "records"), "unit", f.Unit), nil))
	return office.Page{Records: l.Items, Next: l.Next}, err
}

func (h *overHTTP) ExpungedOf(_ context.Context, by office.Caller, record string) ([]*qiaomen.EvidenceFile, error) {
	return list[*qiaomen.EvidenceFile](h.asks(by, place(by, get, "records", record, "expunged"), nil))
}

func (h *overHTTP) Unmask(_ context.Context, by office.Caller, record, reason string) (jsontext.Value, error) {
	return read[jsontext.Value](h.asks(by, place(by, post, "records", record, "contacts"), web.Reason{Reason: reason}))
}

func (h *overHTTP) UnmaskItems(_ context.Context, by office.Caller, unit string, one office.Occurrence, reason string) (jsontext.Value, error) {
	at := query(place(by, post, "duty-contacts"), "unit", unit, "duty", one.Duty, "due", one.Due)
	return read[jsontext.Value](h.asks(by, at, web.Reason{Reason: reason}))
}

func (h *overHTTP) DuplicateHint(_ context.Context, by office.Caller, draft string) (office.Hint, error) {
	return read[office.Hint](h.asks(by, place(by, get, "drafts", draft, "duplicate-hint"), nil))
}

func (h *overHTTP) FileObjection(_ context.Context, by office.Caller, a office.Filing) (*office.Answer, error) {
	return h.does(by, a, post, "objections")
}

func (h *overHTTP) FileObjectionOnPaper(_ context.Context, by office.Caller, a office.PaperFiling) (*office.Answer, error) {
	return h.does(by, a, post, "paper-objections")
}

func (h *overHTTP) AnswerObjection(_ context.Context, by office.Caller, a office.ObjectionAnswer) (*office.Answer, error) {
	return h.does(by, a, post, "objections", a.Objection, "answer")
}

func (h *overHTTP) ProposeAdjustment(_ context.Context, by office.Caller, a office.AdjustmentInput) (*office.Answer, error) {
	return h.does(by, a, post, "adjustments")
}

func (h *overHTTP) GiveOpinion(_ context.Context, by office.Caller, a office.Word) (*office.Answer, error) {
	return h.does(by, a, post, "opinions")
}

func (h *overHTTP) Proposals(_ context.Context, by office.Caller, mine bool) ([]*qiaomen.Proposal, error) {
	return list[*qiaomen.Proposal](h.asks(by, query(place(by, get, "proposals"), "mine", strconv.FormatBool(mine)), nil))
}

func (h *overHTTP) Approve(_ context.Context, by office.Caller, proposal string) (*office.Answer, error) {
	return h.does(by, nil, post, "proposals", proposal, "approval")
}

func (h *overHTTP) Decline(_ context.Context, by office.Caller, proposal, reason string) (*office.Answer, error) {
	return h.does(by, web.Reason{Reason: reason}, post, "proposals", proposal, "refusal")
}

func (h *overHTTP) EnterPaper(_ context.Context, by office.Caller, e office.PaperEntry) (*office.Answer, error) {
	return h.does(by, e, post, "proposals", e.Proposal, "paper")
}

func (h *overHTTP) ConfirmPaper(_ context.Context, by office.Caller, decision string) (*office.Answer, error) {
	return h.does(by, nil, post, "papers", decision, "confirmation")
}

func (h *overHTTP) EnterFigures(_ context.Context, by office.Caller, a office.FigureBatch) (*office.Answer, error) {
	return h.does(by, a, post, "figures")
}

func (h *overHTTP) CheckFigures(_ context.Context, by office.Caller, a office.FigureCheck) (*office.Answer, error) {
	return h.does(by, a, post, "figure-checks")
}

func (h *overHTTP) EnterStatisticsList(_ context.Context, by office.Caller, a office.ListEntry) (*office.Answer, error) {
	return h.does(by, a, post, "statistics-lists")
}

func (h *overHTTP) CheckStatisticsList(_ context.Context, by office.Caller, a office.ListCheck) (*office.Answer, error) {
	return h.does(by, a, post, "statistics-lists", a.List, "check")
}

func (h *overHTTP) MatchRow(_ context.Context, by office.Caller, list string, row int, record string) (*office.Answer, error) {
	return h.does(by, office.Match{List: list, Row: row, Record: record}, post, "statistics-lists", list, "matches")
}

func (h *overHTTP) OfferLead(_ context.Context, by office.Caller, record string) (*office.Answer, error) {
	return h.does(by, nil, post, "records", record, "offer")
}

func (h *overHTTP) ChooseLead(_ context.Context, by office.Caller, record string) (*office.Answer, error) {
	return h.does(by, nil, post, "records", record, "choice")
}

func (h *overHTTP) RecordPursuit(_ context.Context, by office.Caller, a office.Pursuit) (*office.Answer, error) {
	return h.does(by, a, post, "records", a.Lead, "pursuit")
}

func (h *overHTTP) KeepCompany(_ context.Context, by office.Caller, a office.CompanyInput) (*office.Answer, error) {
	return h.does(by, a, post, "companies")
}

func (h *overHTTP) DropCompany(_ context.Context, by office.Caller, id string) (*office.Answer, error) {
	return h.does(by, nil, remove, "companies", id)
}

func (h *overHTTP) HandIn(_ context.Context, by office.Caller, a office.Paper) (*office.Answer, error) {
	return h.does(by, a, post, "papers-handed-in")
}

func (h *overHTTP) Duties(_ context.Context, by office.Caller, unit string) ([]*office.Standing, error) {
	return standings(h.asks(by, query(place(by, get, "duties"), "unit", unit), nil))
}

func (h *overHTTP) AllDuties(_ context.Context, by office.Caller) ([]*office.Standing, error) {
	return standings(h.asks(by, place(by, get, "duties"), nil))
}

// standings is duties as a client is told of them.
func standings(a *heard) (out []*office.Standing, err error) {
	all, err := list[web.Due](a)
	for _, d := range all {
		out = append(out, &office.Standing{
			Owed:     &office.Owed{Duty: &scheme.Duty{ID: d.Duty, Name: d.Name}, Unit: d.Unit, Due: d.Due, Until: d.Until, Extended: d.Extended, Done: d.Done},
			UnitName: d.UnitName, Now: d.State, Urged: d.Urged,
		})
	}
	return out, err
}

func (h *overHTTP) Extend(_ context.Context, by office.Caller, a office.Delay) (*office.Answer, error) {
	return h.does(by, a, post, "extensions")
}

func (h *overHTTP) PrepareStatement(_ context.Context, by office.Caller, a office.MonthlyStatement) (*office.Answer, error) {
	return h.does(by, a, post, "statements")
}

func (h *overHTTP) Statement(_ context.Context, by office.Caller, unit string, one office.Occurrence) (*office.StatementView, error) {
	return read[*office.StatementView](h.asks(by, query(place(by, get, "statements"), "unit", unit, "duty", one.Duty, "due", one.Due), nil))
}

func (h *overHTTP) SignStatement(_ context.Context, by office.Caller, a office.Signature) (*office.Answer, error) {
	return h.does(by, a, post, "statement-signatures")
}

func (h *overHTTP) HandInStatement(_ context.Context, by office.Caller, a office.Signature) (*office.Answer, error) {
	return h.does(by, a, post, "statement-scans")
}

func (h *overHTTP) Urge(_ context.Context, by office.Caller, a office.Pressing) (*office.Answer, error) {
	return h.does(by, a, post, "urgings")
}

func (h *overHTTP) Urgings(_ context.Context, by office.Caller, unit string) ([]*qiaomen.Urging, error) {
	return list[*qiaomen.Urging](h.asks(by, query(place(by, get, "urgings"), "unit", unit), nil))
}

func (h *overHTTP) OpenUrging(_ context.Context, by office.Caller, id string) (*qiaomen.Urging, error) {
	return read[*qiaomen.Urging](h.asks(by, place(by, post, "urgings", id, "opening"), nil))
}

func (h *overHTTP) AnswerUrging(_ context.Context, by office.Caller, id, text string) (*office.Answer, error) {
	return h.does(by, web.Said{Text: text}, post, "urgings", id, "answer")
}

func (h *overHTTP) NoteCall(_ context.Context, by office.Caller, id, how, note string) (*office.Answer, error) {
	return h.does(by, web.Call{How: how, Note: note}, post, "urgings", id, "calls")
}

func (h *overHTTP) UrgingText(_ context.Context, by office.Caller, id string) (string, error) {
	s, err := read[web.Said](h.asks(by, place(by, get, "urgings", id, "text"), nil))
	return s.Text, err
}

func (h *overHTTP) Announce(_ context.Context, by office.Caller, a office.AnnouncementInput) (*office.Answer, error) {
	return h.does(by, a, post, "announcements")
}

func (h *overHTTP) Announcements(_ context.Context, by office.Caller, about string) ([]*qiaomen.Announcement, error) {
	return list[*qiaomen.Announcement](h.asks(by, query(place(by, get, "announcements"), "about", about), nil))
}

func (h *overHTTP) MyScore(_ context.Context, by office.Caller, unit string) (*office.OwnScore, error) {
	return nil, done(h.asks(by, place(by, get, "scores", unit), nil))
}

func (h *overHTTP) Score(_ context.Context, by office.Caller, q office.ScoreInput) (*scheme.Result, error) {
	return nil, done(h.asks(by, place(by, post, "scoring"), q))
}

func (h *overHTTP) Live(_ context.Context, by office.Caller) (*office.LiveRanking, error) {
	return nil, done(h.asks(by, place(by, get, "live-ranking"), nil))
}

func (h *overHTTP) CloseMonth(_ context.Context, by office.Caller, month string) (*office.Answer, error) {
	return h.does(by, nil, post, "months", month, "closing")
}

func (h *overHTTP) ReopenMonth(_ context.Context, by office.Caller, month, reason string) (*office.Answer, error) {
	return h.does(by, web.Reason{Reason: reason}, post, "months", month, "reopening")
}

func (h *overHTTP) Months(_ context.Context, by office.Caller) ([]*qiaomen.Month, error) {
	return list[*qiaomen.Month](h.asks(by, place(by, get, "months"), nil))
}

func (h *overHTTP) DraftRanking(_ context.Context, by office.Caller, a office.RankingInput) (*office.Answer, error) {
	return h.does(by, a, post, "rankings")
}

func (h *overHTTP) ProposeRanking(_ context.Context, by office.Caller, ranking string) (*office.Answer, error) {
	return h.does(by, nil, post, "rankings", ranking, "proposal")
}

func (h *overHTTP) Rankings(_ context.Context, by office.Caller) ([]*qiaomen.LedgerRanking, error) {
	return list[*qiaomen.LedgerRanking](h.asks(by, place(by, get, "rankings"), nil))
}

func (h *overHTTP) ReadRanking(_ context.Context, by office.Caller, ranking string) (*qiaomen.LedgerRanking, error) {
	return read[*qiaomen.LedgerRanking](h.asks(by, place(by, get, "rankings", ranking), nil))
}

func (h *overHTTP) Examined(_ context.Context, by office.Caller, ranking string) ([]office.ExaminedUnit, error) {
	return list[office.ExaminedUnit](h.asks(by, place(by, get, "rankings", ranking, "examination"), nil))
}

func (h *overHTTP) Recompute(_ context.Context, by office.Caller, ranking string) (*office.Recomputation, error) {
	return read[*office.Recomputation](h.asks(by, place(by, post, "rankings", ranking, "recomputation"), nil))
}

func (h *overHTTP) DraftNotice(_ context.Context, by office.Caller, a office.NoticeInput) (*office.Answer, error) {
	return h.does(by, a, post, "notices")
}

func (h *overHTTP) PublishNotice(_ context.Context, by office.Caller, a office.Publishing) (*office.Answer, error) {
	return h.does(by, a, post, "notices", a.Notice, "publication")
}

func (h *overHTTP) CorrectNotice(_ context.Context, by office.Caller, a office.Correction) (*office.Answer, error) {
	return h.does(by, a, post, "notices", a.Replaced, "correction")
}

func (h *overHTTP) Notices(_ context.Context, by office.Caller) ([]*qiaomen.Notice, error) {
	return list[*qiaomen.Notice](h.asks(by, place(by, get, "notices"), nil))
}

func (h *overHTTP) ReadNotice(_ context.Context, by office.Caller, notice string) (*office.Answer, error) {
	return h.does(by, nil, post, "notices", notice, "reading")
}

func (h *overHTTP) CreateCampaign(_ context.Context, by office.Caller, a office.Beginning) (*office.Answer, error) {
	return h.does(by, a, post)
}

func (h *overHTTP) PublishRules(_ context.Context, by office.Caller, a office.RulesInput) (*office.Answer, error) {
	return h.does(by, a, post, "rules")
}

func (h *overHTTP) SetTargets(_ context.Context, by office.Caller, a office.RulesInput) (*office.Answer, error) {
	return h.does(by, a, post, "targets")
}

func (h *overHTTP) EditUnit(_ context.Context, by office.Caller, a office.UnitInput) (*office.Answer, error) {
	return h.does(by, a, put, "units", a.Unit)
}

func (h *overHTTP) EditCalendar(_ context.Context, by office.Caller, a qiaomen.Calendar) (*office.Answer, error) {
	return h.does(by, a, put, "calendar")
}

// coded is an answer with a one-time code in it.
func coded(a *heard) (*office.Answer, office.FirstCode, error) {
	r, err := read[web.NewCode](a)
	if err != nil {
		return nil, office.FirstCode{}, err
	}
	return &office.Answer{ID: r.ID, Proposal: r.Proposal}, office.FirstCode{Login: r.Login, Account: r.Account, Person: r.Person, Code: r.Code}, nil
}

func (h *overHTTP) CreateAccount(_ context.Context, by office.Caller, a office.NewAccount) (*office.Answer, office.FirstCode, error) {
	return coded(h.asks(by, place(by, post, "accounts"), a))
}

func (h *overHTTP) DisableAccount(_ context.Context, by office.Caller, account, reason string) (*office.Answer, error) {
	return h.does(by, web.Reason{Reason: reason}, post, "accounts", account, "disabling")
}

func (h *overHTTP) EnableAccount(_ context.Context, by office.Caller, account string) (*office.Answer, error) {
	return h.does(by, nil, post, "accounts", account, "enabling")
}

func (h *overHTTP) GrantRole(_ context.Context, by office.Caller, a office.RoleChange) (*office.Answer, error) {
	return h.does(by, a, post, "grants")
}

func (h *overHTTP) SetPolicy(_ context.Context, by office.Caller, p qiaomen.Policy) (*office.Answer, error) {
	return h.does(by, p, put, "policy")
}

func (h *overHTTP) ResetFactor(_ context.Context, by office.Caller, account, reason string) (*office.Answer, office.FirstCode, error) {
	return coded(h.asks(by, place(by, post, "accounts", account, "reset"), web.Reason{Reason: reason}))
}

func (h *overHTTP) Unlock(_ context.Context, by office.Caller, account, reason string) (*office.Answer, error) {
	return h.does(by, web.Reason{Reason: reason}, post, "accounts", account, "unlocking")
}

func (h *overHTTP) EndSessions(_ context.Context, by office.Caller, account, reason string) (*office.Answer, error) {
	return h.does(by, web.Reason{Reason: reason}, post, "accounts", account, "sessions-end")
}

func (h *overHTTP) Delegate(_ context.Context, by office.Caller, a office.Delegation) (*office.Answer, error) {
	return h.does(by, a, post, "delegations")
}

func (h *overHTTP) EndDelegation(_ context.Context, by office.Caller, grant string) (*office.Answer, error) {
	return h.does(by, nil, post, "delegations", grant, "end")
}

func (h *overHTTP) IssueToken(_ context.Context, by office.Caller, a office.TokenRequest) (*office.Answer, string, error) {
	r, err := read[web.NewToken](h.asks(by, place(by, post, "tokens"), a))
	if err != nil {
		return nil, "", err
	}
	return &office.Answer{ID: r.ID}, r.Token, nil
}

func (h *overHTTP) RevokeToken(_ context.Context, by office.Caller, token string) (*office.Answer, error) {
	return h.does(by, nil, remove, "tokens", token)
}

func (h *overHTTP) ChangeSettings(_ context.Context, by office.Caller, settings map[string]string) (*office.Answer, error) {
	return h.does(by, web.Settings{Settings: settings}, put, "settings")
}

func (h *overHTTP) BackUp(_ context.Context, by office.Caller, a office.Backup) (*office.Answer, error) {
	return h.does(by, a, post, "backups")
}

func (h *overHTTP) ApproveRestore(_ context.Context, by office.Caller, a office.Restoring) (*office.Answer, error) {
	return h.does(by, a, post, "restores")
}

func (h *overHTTP) RotateKeys(_ context.Context, by office.Caller, a office.Rotation) (*office.Answer, error) {
	return h.does(by, a, post, "signing-keys")
}

func (h *overHTTP) VerifyJournal(_ context.Context, by office.Caller) (*store.Findings, error) {
	return nil, done(h.asks(by, place(by, post, "verification"), nil))
}

func (h *overHTTP) Audit(_ context.Context, by office.Caller, _ office.AuditQuery) (*office.AuditPage, error) {
	return nil, done(h.asks(by, place(by, get, "audit"), nil))
}

func (h *overHTTP) AuditAdminActs(_ context.Context, by office.Caller, _ office.AuditQuery) (*office.AuditPage, error) {
	return nil, done(h.asks(by, place(by, get, "audit", "administrators"), nil))
}
