package office_test

import (
	"context"
	"io"

	"github.com/go-json-experiment/json/jsontext"

	"qiaomen"
	"qiaomen/office"
	"qiaomen/scheme"
	"qiaomen/store"
)

// An acts is what people do in the winter and in the matrix of rights, by
// whichever way they come to it: the office's own methods, or its doors over
// HTTP, which answer the same.
type acts interface {
	Draft(ctx context.Context, by office.Caller, a office.DraftInput) (*office.Answer, error)
	DraftAgain(ctx context.Context, by office.Caller, record string) (*office.Answer, error)
	EditDraft(ctx context.Context, by office.Caller, a office.DraftInput) (*office.Answer, error)
	DeleteDraft(ctx context.Context, by office.Caller, id string) (*office.Answer, error)
	AddEvidence(ctx context.Context, by office.Caller, draft, kind, name string, file io.Reader) (*office.Answer, error)
	HandOver(ctx context.Context, by office.Caller, draft string) (*office.Answer, error)
	Submit(ctx context.Context, by office.Caller, draft string) (*office.Answer, error)
	SignOff(ctx context.Context, by office.Caller, record string) (*office.Answer, error)
	Withdraw(ctx context.Context, by office.Caller, record string) (*office.Answer, error)
	Amend(ctx context.Context, by office.Caller, draft, reason string) (*office.Answer, error)
	EnterFor(ctx context.Context, by office.Caller, a office.Entry) (*office.Answer, error)
	Report(ctx context.Context, by office.Caller, a office.Entry) (*office.Answer, error)
	ReportBriefing(ctx context.Context, by office.Caller, a office.Entry) (*office.Answer, error)

	Accept(ctx context.Context, by office.Caller, record string, version int) (*office.Answer, error)
	Return(ctx context.Context, by office.Caller, record string, version int, reason string) (*office.Answer, error)
	CheckOriginal(ctx context.Context, by office.Caller, record string) (*office.Answer, error)
	Recognise(ctx context.Context, by office.Caller, a office.Decision) (*office.Answer, error)
	Settle(ctx context.Context, by office.Caller, a office.Ruling) (*office.Answer, error)
	Revoke(ctx context.Context, by office.Caller, a office.Revocation) (*office.Answer, error)
	OpenHearing(ctx context.Context, by office.Caller, a office.HearingCall) (*office.Answer, error)
	Explain(ctx context.Context, by office.Caller, record, text string) (*office.Answer, error)
	Transfer(ctx context.Context, by office.Caller, a office.Handing) (*office.Answer, error)
	Expunge(ctx context.Context, by office.Caller, a office.Expunging) (*office.Answer, error)

	Record(ctx context.Context, by office.Caller, id string) (out *office.RecordView, err error)
	Happenings(ctx context.Context, by office.Caller, from int64, limit int) (out *office.Happenings, err error)
	Records(ctx context.Context, by office.Caller, f office.Listing) (page office.Page, err error)
	ExpungedOf(ctx context.Context, by office.Caller, record string) (out []*qiaomen.EvidenceFile, err error)
	OpenOriginal(ctx context.Context, by office.Caller, record, digest string) (*office.File, error)
	View(ctx context.Context, by office.Caller, record, digest string) (*office.File, error)
	Thumbnail(ctx context.Context, by office.Caller, record, digest string) (*office.File, error)
	Unmask(ctx context.Context, by office.Caller, record, reason string) (jsontext.Value, error)
	UnmaskItems(ctx context.Context, by office.Caller, unit string, one office.Occurrence, reason string) (jsontext.Value, error)
	DuplicateHint(ctx context.Context, by office.Caller, draft string) (h office.Hint, err error)

	FileObjection(ctx context.Context, by office.Caller, a office.Filing) (*office.Answer, error)
	FileObjectionOnPaper(ctx context.Context, by office.Caller, a office.PaperFiling) (*office.Answer, error)
	AnswerObjection(ctx context.Context, by office.Caller, a office.ObjectionAnswer) (*office.Answer, error)
	ProposeAdjustment(ctx context.Context, by office.Caller, a office.AdjustmentInput) (*office.Answer, error)
	GiveOpinion(ctx context.Context, by office.Caller, a office.Word) (*office.Answer, error)

	Proposals(ctx context.Context, caller office.Caller, mine bool) (out []*qiaomen.Proposal, err error)
	Approve(ctx context.Context, caller office.Caller, proposal string) (*office.Answer, error)
	Decline(ctx context.Context, caller office.Caller, proposal, reason string) (*office.Answer, error)
	EnterPaper(ctx context.Context, caller office.Caller, e office.PaperEntry) (*office.Answer, error)
	ConfirmPaper(ctx context.Context, caller office.Caller, decision string) (*office.Answer, error)

	KeepFile(ctx context.Context, by office.Caller, kind, name string, file io.Reader) (qiaomen.Evidence, error)
	EnterFigures(ctx context.Context, by office.Caller, a office.FigureBatch) (*office.Answer, error)
	CheckFigures(ctx context.Context, by office.Caller, a office.FigureCheck) (*office.Answer, error)
	EnterStatisticsList(ctx context.Context, by office.Caller, a office.ListEntry) (*office.Answer, error)
	CheckStatisticsList(ctx context.Context, by office.Caller, a office.ListCheck) (*office.Answer, error)
	MatchRow(ctx context.Context, by office.Caller, list string, row int, record string) (*office.Answer, error)

	OfferLead(ctx context.Context, by office.Caller, record string) (*office.Answer, error)
	ChooseLead(ctx context.Context, by office.Caller, record string) (*office.Answer, error)
	RecordPursuit(ctx context.Context, by office.Caller, a office.Pursuit) (*office.Answer, error)
	KeepCompany(ctx context.Context, by office.Caller, a office.CompanyInput) (*office.Answer, error)
	DropCompany(ctx context.Context, by office.Caller, id string) (*office.Answer, error)

	HandIn(ctx context.Context, by office.Caller, a office.Paper) (*office.Answer, error)
	Duties(ctx context.Context, by office.Caller, unit string) (out []*office.Standing, err error)
	AllDuties(ctx context.Context, by office.Caller) (out []*office.Standing, err error)
	Extend(ctx context.Context, by office.Caller, a office.Delay) (*office.Answer, error)
	PrepareStatement(ctx context.Context, by office.Caller, a office.MonthlyStatement) (*office.Answer, error)
	Statement(ctx context.Context, by office.Caller, unit string, one office.Occurrence) (out *office.StatementView, err error)
	SignStatement(ctx context.Context, by office.Caller, a office.Signature) (*office.Answer, error)
	HandInStatement(ctx context.Context, by office.Caller, a office.Signature) (*office.Answer, error)
	Urge(ctx context.Context, by office.Caller, a office.Pressing) (*office.Answer, error)
	Urgings(ctx context.Context, by office.Caller, unit string) (out []*qiaomen.Urging, err error)
	OpenUrging(ctx context.Context, by office.Caller, id string) (out *qiaomen.Urging, err error)
	AnswerUrging(ctx context.Context, by office.Caller, id, text string) (*office.Answer, error)
	NoteCall(ctx context.Context, by office.Caller, id, how, note string) (*office.Answer, error)
	UrgingText(ctx context.Context, by office.Caller, id string) (text string, err error)
	Announce(ctx context.Context, by office.Caller, a office.AnnouncementInput) (*office.Answer, error)
	Announcements(ctx context.Context, by office.Caller, about string) (out []*qiaomen.Announcement, err error)

	MyScore(ctx context.Context, by office.Caller, unit string) (out *office.OwnScore, err error)
	Score(ctx context.Context, by office.Caller, q office.ScoreInput) (result *scheme.Result, err error)
	Live(ctx context.Context, by office.Caller) (out *office.LiveRanking, err error)
	CloseMonth(ctx context.Context, by office.Caller, month string) (*office.Answer, error)
	ReopenMonth(ctx context.Context, by office.Caller, month, reason string) (*office.Answer, error)
	Months(ctx context.Context, by office.Caller) (out []*qiaomen.Month, err error)
	DraftRanking(ctx context.Context, by office.Caller, a office.RankingInput) (*office.Answer, error)
	ProposeRanking(ctx context.Context, by office.Caller, ranking string) (*office.Answer, error)
	Rankings(ctx context.Context, by office.Caller) (out []*qiaomen.LedgerRanking, err error)
	ReadRanking(ctx context.Context, by office.Caller, ranking string) (r *qiaomen.LedgerRanking, err error)
	Examined(ctx context.Context, by office.Caller, ranking string) (out []office.ExaminedUnit, err error)
	Recompute(ctx context.Context, by office.Caller, ranking string) (out *office.Recomputation, err error)
	DraftNotice(ctx context.Context, by office.Caller, a office.NoticeInput) (*office.Answer, error)
	PublishNotice(ctx context.Context, by office.Caller, a office.Publishing) (*office.Answer, error)
	CorrectNotice(ctx context.Context, by office.Caller, a office.Correction) (*office.Answer, error)
	Notices(ctx context.Context, by office.Caller) (out []*qiaomen.Notice, err error)
	ReadNotice(ctx context.Context, by office.Caller, notice string) (*office.Answer, error)

	ExportOwn(ctx context.Context, by office.Caller, r office.ExportRequest) (*office.Export, error)
	ExportAll(ctx context.Context, by office.Caller, r office.ExportRequest) (*office.Export, error)
	Import(ctx context.Context, by office.Caller, a office.Import) (*office.ImportAnswer, error)
	Preview(ctx context.Context, by office.Caller, a office.Import) (*office.Preview, error)

	CreateCampaign(ctx context.Context, by office.Caller, a office.Beginning) (*office.Answer, error)
	PublishRules(ctx context.Context, by office.Caller, a office.RulesInput) (*office.Answer, error)
	SetTargets(ctx context.Context, by office.Caller, a office.RulesInput) (*office.Answer, error)
	EditUnit(ctx context.Context, by office.Caller, a office.UnitInput) (*office.Answer, error)
	EditCalendar(ctx context.Context, by office.Caller, a qiaomen.Calendar) (*office.Answer, error)

	CreateAccount(ctx context.Context, by office.Caller, a office.NewAccount) (*office.Answer, office.FirstCode, error)
	DisableAccount(ctx context.Context, by office.Caller, account, reason string) (*office.Answer, error)
	EnableAccount(ctx context.Context, by office.Caller, account string) (*office.Answer, error)
	GrantRole(ctx context.Context, by office.Caller, a office.RoleChange) (*office.Answer, error)
	SetPolicy(ctx context.Context, by office.Caller, p qiaomen.Policy) (*office.Answer, error)
	ResetFactor(ctx context.Context, by office.Caller, account, reason string) (*office.Answer, office.FirstCode, error)
	Unlock(ctx context.Context, by office.Caller, account, reason string) (*office.Answer, error)
	EndSessions(ctx context.Context, by office.Caller, account, reason string) (*office.Answer, error)
	Delegate(ctx context.Context, by office.Caller, a office.Delegation) (*office.Answer, error)
	EndDelegation(ctx context.Context, by office.Caller, grant string) (*office.Answer, error)
	IssueToken(ctx context.Context, by office.Caller, a office.TokenRequest) (answer *office.Answer, secret string, err error)
	RevokeToken(ctx context.Context, by office.Caller, token string) (*office.Answer, error)

	ChangeSettings(ctx context.Context, by office.Caller, settings map[string]string) (*office.Answer, error)
	BackUp(ctx context.Context, by office.Caller, a office.Backup) (*office.Answer, error)
	ApproveRestore(ctx context.Context, by office.Caller, a office.Restoring) (*office.Answer, error)
	RotateKeys(ctx context.Context, by office.Caller, a office.Rotation) (*office.Answer, error)
	VerifyJournal(ctx context.Context, by office.Caller) (*store.Findings, error)
	Audit(ctx context.Context, by office.Caller, q office.AuditQuery) (page *office.AuditPage, err error)
	AuditAdminActs(ctx context.Context, by office.Caller, q office.AuditQuery) (page *office.AuditPage, err error)
	ExportAudit(ctx context.Context, by office.Caller, w io.Writer) error
	ArchiveAudit(ctx context.Context, by office.Caller, until string, w io.Writer) (*office.Answer, error)
}

// An inside is the office itself, for what no door is asked.
type inside struct{ *office.Office }
