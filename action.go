package qiaomen

import "strings"

// An Action is one thing that a person can do, by its number in the matrix of
// rights (docs/rights.md).
type Action int

// The actions, in the order of the matrix. Those that nobody may do (7, 29,
// 39, 50, 52, 55) have a name so that asking for them is refused like anything
// else.
const (
	ActDraft Action = 1 + iota
	ActEditDraft
	ActSubmit
	ActWithdraw
	ActAmend
	ActAddEvidence
	ActReplaceEvidence
	ActEnterFor
	ActReadOwn
	ActReadOthers
	ActOpenOriginal
	ActUnmask
	ActHint
	ActExamine
	ActCheckOriginal
	ActRecognise
	ActSettle
	ActRevoke
	ActObject
	ActAnswerObjection
	ActSetTargets
	ActPublishRules
	ActEnterFigure
	ActCheckFigure
	ActChooseLead
	ActProposeAdjustment
	ActApproveAdjustment
	ActScore
	ActEditScore
	ActCloseMonth
	ActReopenMonth
	ActReadRanking
	ActApproveRanking
	ActPublishNotice
	ActCorrectNotice
	ActReadPublished
	ActExportOwn
	ActExportAll
	ActReadDatabase
	ActManageAccounts
	ActGrantRole
	ActSetPolicy
	ActResetFactor
	ActEndSessions
	ActChangeSettings
	ActBackUp
	ActRestore
	ActReadAudit
	ActReadAuditAdmin
	ActChangeJournal
	ActArchiveAudit
	ActSilenceAudit
	ActRotateKeys
	ActVerify
	ActImpersonate
	ActDelegate
	ActRecordPursuit
	ActPrepareStatement
	ActSignStatement
	ActHandIn
	ActUrge
	ActAnswerUrging
	ActExtend
	ActGiveOpinion
	ActDraftRanking
	ActDraftNotice
	ActReportBriefing
	ActKeepCompany
	ActOfferLead
	ActAnnounce
	ActOpenCampaign
	ActEditUnit
	ActImport
	ActTransfer
	ActExpunge
	ActIssueToken
)

// matrix has a row for each action: its word, its Chinese name, and a cell for
// each role in the order of Roles. Y yes, O own unit, R a view, 1 proposes,
// 2 approves, 1+2 both halves but by two people, - never.
const matrix = `
draft             起草记录              O  O  -  -  -  -  -  -  -  -  -   -  -
edit_draft        修改、删除草稿        O  O  -  -  -  -  -  -  -  -  -   -  -
submit            签批上报              -  O  -  -  -  -  -  -  -  -  -   -  -
withdraw          受理前撤回            -  O  -  -  -  -  -  -  -  -  -   -  -
amend             上报后更正            O1 O2 -  -  -  -  -  -  -  -  -   -  -
add_evidence      给草稿加佐证材料      O  O  -  -  -  -  -  -  -  -  -   -  -
replace_evidence  上报后更换佐证材料    -  -  -  -  -  -  -  -  -  -  -   -  -
enter_for         代录                  -  -  Y  -  -  -  -  -  -  -  -   -  -
read_own          查看本单位记录        O  O  Y  Y  Y  Y  R  -  Y  -  -   -  -
read_others       查看其他单位记录      -  -  Y  Y  Y  Y  R  -  Y  -  -   -  -
open_original     打开佐证原件          O  O  Y  Y  Y  Y  -  -  Y  -  -   -  -
unmask            查看联系方式          O  O  Y  Y  -  -  -  -  -  -  -   -  -
hint              查看疑似重复提示      O  O  Y  Y  Y  -  -  -  Y  -  -   -  -
examine           受理、退回            -  -  Y  -  -  -  -  -  -  -  -   -  -
check_original    核实原件              -  -  1  2  -  -  -  -  -  -  -   -  -
recognise         认定、不予认定        -  -  1  2  -  -  -  -  -  -  -   -  -
settle            判定重复              -  -  1  1  1  2  -  -  -  -  -   -  -
revoke            撤销认定              -  -  1  2  1  2  -  -  1  -  -   -  -
object            提出异议              -  O  -  -  -  -  -  -  -  -  -   -  -
answer_objection  答复异议              -  -  -  -  1  2  -  -  -  -  -   -  -
set_targets       设定任务目标          -  -  1  2  -  2  -  -  -  -  -   -  -
publish_rules     发布方案新版本        -  -  1  -  1  2  -  -  -  -  -   -  -
enter_figure      录入官方数据          -  -  -  -  -  -  -  1  -  -  -   -  -
check_figure      复核官方数据          -  -  -  -  -  -  -  2  -  -  -   -  -
choose_lead       选中线索              -  -  1  -  -  -  2  -  -  -  -   -  -
propose_adjustment 提出调整             -  -  -  -  1  -  -  -  -  -  -   -  -
approve_adjustment 批准调整             -  -  -  -  -  2  -  -  -  -  -   -  -
score             计分                  -  -  Y  Y  Y  -  -  -  Y  -  -   -  -
edit_score        手工改分              -  -  -  -  -  -  -  -  -  -  -   -  -
close_month       月结                  -  -  1  2  -  -  -  -  -  -  -   -  -
reopen_month      重新开放              -  -  -  1  -  2  -  -  -  -  -   -  -
read_ranking      公布前查看排名        -  -  Y  Y  Y  Y  R  -  Y  -  -   -  -
approve_ranking   审定排名              -  -  -  -  1  2  -  -  -  -  -   -  -
publish_notice    发布通报              -  -  1  2  -  -  -  -  -  -  -   -  -
correct_notice    更正、撤回通报        -  -  1  -  -  2  -  -  -  -  -   -  -
read_published    查看通报、核对回执    Y  Y  Y  Y  Y  Y  Y  Y  Y  Y  Y   Y  Y
export_own        导出本单位数据        O  O  Y  Y  Y  Y  -  -  Y  -  -   -  -
export_all        导出全部数据          -  -  1  2  Y  -  -  -  Y  -  -   -  -
read_database     直接读数据库          -  -  -  -  -  -  -  -  -  -  -   -  -
manage_accounts   开设、停用账号        -  -  -  -  -  -  -  -  -  Y  -   -  -
grant_role        授予、收回角色        -  -  -  -  -  -  -  -  -  -  1+2 -  -
set_policy        登录策略              -  -  -  -  -  -  -  -  -  -  Y   -  -
reset_factor      解锁、重置登录要素    -  -  -  -  -  -  -  -  -  1  2   -  -
end_sessions      结束他人登录          -  -  -  -  -  -  -  -  -  -  Y   -  -
change_settings   系统设置              -  -  -  -  -  -  -  -  -  Y  -   -  -
back_up           备份                  -  -  -  -  -  -  -  -  -  Y  -   -  -
restore           恢复                  -  -  -  -  -  -  -  -  -  1  2   2  -
read_audit        查看审计日志          -  -  -  -  -  -  -  -  R  -  -   Y  -
read_audit_admin  查看审计管理员的操作  -  -  -  -  -  -  -  -  R  -  Y   -  -
change_journal    修改日志              -  -  -  -  -  -  -  -  -  -  -   -  -
archive_audit     归档审计日志          -  -  -  -  -  -  -  -  -  -  -   Y  -
silence_audit     关闭审计事项          -  -  -  -  -  -  -  -  -  -  -   -  -
rotate_keys       更换签名密钥          -  -  -  -  -  -  -  -  -  1  2   2  -
verify            完整性验证            -  -  -  -  Y  Y  -  -  Y  Y  Y   Y  -
impersonate       以他人身份操作        -  -  -  -  -  -  -  -  -  -  -   -  -
delegate          委托                  -  O  -  Y  -  Y  Y  -  -  -  -   -  -
record_pursuit    登记外出推进          -  -  1  2  -  -  2  -  -  -  -   -  -
prepare_statement 编制月报表            O  O  -  -  -  -  -  -  -  -  -   -  -
sign_statement    签署月报表            -  O  -  -  -  -  -  -  -  -  -   -  -
hand_in           提交材料              O  O  -  -  -  -  -  -  -  -  -   -  -
urge              督办                  -  -  Y  Y  -  -  -  -  -  -  -   -  -
answer_urging     答复督办              O  O  -  -  -  -  -  -  -  -  -   -  -
extend            延期                  -  -  1  2  -  -  -  -  -  -  -   -  -
give_opinion      出具考核意见          -  -  -  -  Y  -  -  -  -  -  -   -  -
draft_ranking     编制排名              -  -  Y  Y  -  -  -  -  -  -  -   -  -
draft_notice      起草通报              -  -  Y  Y  -  -  -  -  -  -  -   -  -
report_briefing   报送简报新闻          O  O  Y  Y  -  -  -  -  -  -  -   -  -
keep_company      维护目标企业库        O  O  Y  Y  -  -  -  -  -  -  -   -  -
offer_lead        推送线索              -  -  Y  Y  -  -  -  -  -  -  -   -  -
announce          发布公告、口径答疑    -  -  1  2  -  -  -  -  -  -  -   -  -
open_campaign     建立、开启活动        -  -  1  -  -  2  -  -  -  -  -   -  -
edit_unit         维护单位人员和假期    -  -  Y  Y  -  -  -  -  -  -  -   -  -
import            导入工作簿            O  O  Y  Y  -  -  -  -  -  -  -   -  -
transfer          移交                  -  -  1  2  -  -  -  -  -  -  -   -  -
expunge           封存清除              -  -  1  2  -  -  -  -  -  -  -   -  -
issue_token       签发访问令牌          Y  Y  Y  Y  Y  Y  Y  Y  Y  Y  Y   Y  -
`

type actionRow struct {
	word, name string
	cells      map[Role]string
}

var rows = func() []actionRow {
	var out []actionRow
	for line := range strings.Lines(strings.TrimSpace(matrix)) {
		f := strings.Fields(line)
		row := actionRow{word: f[0], name: f[1], cells: map[Role]string{}}
		for i, r := range Roles {
			row.cells[r] = f[2+i]
		}
		out = append(out, row)
	}
	return out
}()

// Actions is every action in the order of the matrix.
func Actions() []Action {
	out := make([]Action, len(rows))
	for i := range out {
		out[i] = Action(i + 1)
	}
	return out
}

// OfInstallation tells whether the action is one of the installation's and not
// of a campaign: accounts and roles, settings, the audit log, the keys.
func (a Action) OfInstallation() bool {
	return a >= ActReadDatabase && a <= ActDelegate || a == ActIssueToken
}

// String is the action's word, as events and settings have it.
func (a Action) String() string { return a.row().word }

// Chinese is the action as people call it.
func (a Action) Chinese() string { return a.row().name }

// Mark is the cell of the matrix as it is written there: Y, O, 1, 2, -.
func (a Action) Mark(r Role) string {
	if mark, ok := a.row().cells[r]; ok {
		return mark
	}
	return "-"
}

// ActionNamed is the action of that word; 0 where there is none.
func ActionNamed(word string) Action {
	for i, row := range rows {
		if row.word == word {
			return Action(i + 1)
		}
	}
	return 0
}

func (a Action) row() actionRow {
	if a < 1 || int(a) > len(rows) {
		return actionRow{word: "none", name: "没有这个操作"}
	}
	return rows[a-1]
}

func (a Action) cell(r Role) Cell {
	mark := a.Mark(r)
	return Cell{
		May:     mark != "-",
		Own:     strings.HasPrefix(mark, "O"),
		View:    mark == "R",
		Propose: strings.Contains(mark, "1"),
		Approve: strings.Contains(mark, "2"),
	}
}
