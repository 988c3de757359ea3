package office

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/go-json-experiment/json"

	"qiaomen"
	"qiaomen/journal"
	"qiaomen/scheme"
	"qiaomen/store"
	"qiaomen/workbook"
)

// The forms in which a ledger is taken away.
const (
	AsRecords  = "records"  // a records file, which `qiaomen score` takes
	AsWorkbook = "workbook" // rankings and ledgers, each page marked with who took it and when
	AsList     = "xlsx"     // what a list shows, each page marked likewise
	AsCSV      = "csv"      // what a list shows, for other programs
)

// An ExportRequest says what of the ledger is to be taken away. Personal fields
// never are.
type ExportRequest struct {
	// Unit is whose records; of all units it is empty.
	Unit   string `json:"unit,omitzero"`
	Format string `json:"format"`
	// Listing is what a list was asked for, where its records are to be taken
	// away as it shows them; nil: all. Its unit and its page are not looked at.
	Listing *Listing `json:"listing,omitzero"`
	// Position is that of the journal as of which the ledger is taken; 0 is the
	// newest.
	Position int64  `json:"position,omitzero"`
	Reason   string `json:"reason,omitzero"`
}

// An Export is what was taken away, or the proposal that waits for leave.
type Export struct {
	Answer
	Name   string // under which a file of it may be kept
	Data   []byte
	Digest string
	Until  int64 // the position of the ledger that it is of
}

// exporting is an export as the journal has it; what was rendered stands beside.
type exporting struct {
	ExportRequest
	Proposal string `json:"proposal,omitzero"`

	digest string
	until  int64
}

func (d *desk) checkExport(a *exporting) error {
	var list []*qiaomen.Problem
	if a.Format != AsRecords && a.Format != AsWorkbook && !a.listed() {
		list = append(list, &qiaomen.Problem{Text: "没有“" + qiaomen.Clip(a.Format) + "”这种导出格式", Fix: "可用：records、workbook、xlsx、csv", At: qiaomen.Place{Field: "format"}})
	}
	list = append(list, d.checkListing(a)...)
	newest, err := d.newest()
	if err != nil {
		return err
	}
	if a.Position < 0 || a.Position > newest {
		list = append(list, &qiaomen.Problem{Text: fmt.Sprintf("存证日志没有第%d条，最新是第%d条", a.Position, newest), Fix: "请核对，或留空取最新", At: qiaomen.Place{Field: "position"}})
	}
	if a.Unit != "" {
		if u := d.rules.Unit(a.Unit); u == nil {
			list = append(list, &qiaomen.Problem{Text: "方案里没有单位“" + qiaomen.Clip(a.Unit) + "”", At: qiaomen.Place{Field: "unit"}})
		}
	}
	return faults(list)
}

func (d *desk) newest() (int64, error) {
	if d.tx != nil {
		return d.tx.Position(), nil
	}
	return d.r.(*store.View).At(0).Position()
}

var exportOwn = &act[exporting]{
	action: qiaomen.ActExportOwn,
	about:  func(_ *desk, a *exporting) (qiaomen.Subject, error) { return qiaomen.Subject{Unit: a.Unit}, nil },
	check: func(d *desk, a *exporting) error {
		if a.Unit == "" { // all units' is another right, and takes two (ExportAll)
			return &qiaomen.Problem{Text: "没有写明是哪个单位的数据", Fix: "请选一个单位；全部数据请用“导出全部数据”", At: qiaomen.Place{Field: "unit"}}
		}
		return d.checkExport(a)
	},
	do: func(d *desk, a *exporting) (string, error) { return a.digest, d.exported(a) },
}

// ExportOwn takes a unit's records away: the unit itself its own, the office
// and who may read everything any. Each time is another export, so a key is not
// looked at; the journal has the digest of what was handed out.
func (o *Office) ExportOwn(ctx context.Context, by Caller, r ExportRequest) (*Export, error) {
	by.Key = ""
	return o.export(ctx, by, exportOwn, exporting{ExportRequest: r})
}

// exportAll is an export of everything. To whoever may only propose it, it is
// leave: what it comes to is handed out by TakeExport.
var exportAll = twofold(&act[exporting]{
	action: qiaomen.ActExportAll,
	check: func(d *desk, a *exporting) error {
		if err := d.checkExport(a); err != nil {
			return err
		}
		return reasoned(a.Reason)
	},
	do: func(d *desk, a *exporting) (string, error) {
		if a.digest == "" {
			return a.Format, nil
		}
		return a.digest, d.exported(a)
	},
})

// ExportAll takes all units' records away, with a reason: the evaluation team
// and the auditor at once, the office's handler once a reviewer has approved
// (TakeExport).
func (o *Office) ExportAll(ctx context.Context, by Caller, r ExportRequest) (*Export, error) {
	r.Unit = ""
	alone := false
	err := o.look(ctx, by, qiaomen.ActExportAll, nil, func(d *desk) (err error) {
		alone, err = d.alone(qiaomen.ActExportAll)
		return err
	})
	if err != nil {
		return nil, err
	}
	if alone {
		by.Key = ""
		return o.export(ctx, by, exportAll, exporting{ExportRequest: r})
	}
	answer, err := perform(ctx, o, by, exportAll, exporting{ExportRequest: r})
	if err != nil {
		return nil, err
	}
	return &Export{Answer: *answer}, nil
}

// alone tells whether the person may carry the action out without another.
func (d *desk) alone(a qiaomen.Action) (bool, error) {
	chances, err := d.chances(a, "")
	return slices.ContainsFunc(chances, func(c chance) bool { return c.cell.Alone() }), err
}

// exportDays is how long leave to export holds.
const exportDays = 7

var takeExport = &act[exporting]{
	action: qiaomen.ActExportAll, half: true,
	check: func(d *desk, a *exporting) error {
		if _, err := d.leave(a.Proposal); err != nil {
			return err
		}
		return d.checkExport(a)
	},
	do: func(d *desk, a *exporting) (string, error) { return a.digest, d.exported(a) },
}

// TakeExport hands out what a reviewer gave leave to export, to whoever asked
// for it.
func (o *Office) TakeExport(ctx context.Context, by Caller, proposal string) (*Export, error) {
	by.Key = ""
	a := exporting{Proposal: proposal}
	err := o.look(ctx, by, qiaomen.ActExportAll, nil, func(d *desk) error {
		p, err := d.leave(proposal)
		if err != nil {
			return err
		}
		return json.Unmarshal(p.Args, &a)
	})
	if err != nil {
		return nil, err
	}
	a.Proposal = proposal
	return o.export(ctx, by, takeExport, a)
}

// leave is an approved proposal to export, of the person's own and not too old.
func (d *desk) leave(id string) (*qiaomen.Proposal, error) {
	p, err := found[qiaomen.Proposal](d, "导出申请", id)
	if err != nil {
		return nil, err
	}
	switch {
	case p.Action != qiaomen.ActExportAll.String():
		return nil, lost("导出申请", id)
	case !d.is(p.By):
		return nil, d.deny("不能取别人申请的导出")
	case p.State != qiaomen.Approved:
		return nil, problem("这份导出申请还没有批准", "请等审核员批准")
	case qiaomen.MomentAt(p.DecidedAt).Day+exportDays < qiaomen.MomentAt(d.at).Day:
		return nil, problem(fmt.Sprintf("这份导出申请批准已超过%d天", exportDays), "请重新申请")
	}
	return p, nil
}

// export renders what is asked, seals that it was taken, and only then hands it
// out.
func (o *Office) export(ctx context.Context, by Caller, x *act[exporting], a exporting) (*Export, error) {
	out := &Export{}
	whose := func(*desk) (string, error) { return a.Unit, nil }
	err := o.look(ctx, by, x.action, whose, func(d *desk) error {
		if err := d.inCampaign(false); err != nil {
			return err
		}
		if err := x.check(d, &a); err != nil {
			return err
		}
		return d.render(&a, out)
	})
	if err != nil {
		return nil, err
	}
	a.digest, a.until = out.Digest, out.Until
	answer, err := perform(ctx, o, by, x, a)
	if err != nil {
		return nil, err
	}
	out.Answer = *answer
	return out, nil
}

func (d *desk) exported(a *exporting) error {
	scope := a.Unit
	if scope == "" {
		scope = "all"
	}
	return d.emit(&qiaomen.DataExported{Scope: scope, Format: a.Format, Until: a.until, Proposal: a.Proposal, Reason: a.Reason, Digest: a.digest})
}

func (d *desk) render(a *exporting, out *Export) error {
	view := d.r.(*store.View)
	if out.Until = a.Position; a.Position == 0 {
		var err error
		if out.Until, err = view.Position(); err != nil {
			return err
		}
	}
	view = view.At(out.Until)
	c, err := found[qiaomen.Campaign](&desk{r: view}, "活动", d.campaign.ID)
	if err != nil {
		return err
	}
	s, err := d.o.rulesOf(view, c.Newest())
	if err != nil {
		return err
	}
	b, err := book(view, s)
	if err != nil {
		return err
	}
	who := "全部"
	if a.Unit != "" {
		who = d.unitName([]string{a.Unit})
	}
	if a.listed() {
		return d.renderList(a, out, who)
	}
	var data bytes.Buffer
	out.Name = fmt.Sprintf("台账-%s-第%d条.jsonl", who, out.Until)
	if a.Format == AsRecords {
		err = writeRecords(&data, s, ownBook(s, b, a.Unit))
	} else {
		out.Name = fmt.Sprintf("台账-%s-第%d条.xlsx", who, out.Until)
		var hidden []string
		if hidden, err = d.unseen(); err != nil {
			return err
		}
		err = workbook.WriteLedgers(&data, without(d.result(s, b, a.Unit), hidden), ownBook(s, b, a.Unit))
	}
	if err != nil {
		return err
	}
	out.Data = data.Bytes()
	if a.Format == AsWorkbook {
		if out.Data, err = workbook.Mark(out.Data, d.watermark(a, out, who)); err != nil {
			return err
		}
	}
	out.Digest = hashOf(out.Data)
	return nil
}

// watermark is who takes what away, and when.
func (d *desk) watermark(a *exporting, out *Export, who string) string {
	day := qiaomen.MomentAt(d.at).Day
	return fmt.Sprintf("%s　%s　%s于%s导出　第%d条　%s", d.campaign.Name, who, d.account.Login, day.Chinese(), out.Until, a.Reason)
}

// result is what the whole ledger comes to, of one unit without the others: it
// sees its score, and its rank where the campaign lets units see that.
func (d *desk) result(s *scheme.Scheme, b *qiaomen.Book, unit string) *scheme.Result {
	var v scheme.View
	if len(s.Rounds) > 0 {
		v.Round = s.Rounds[len(s.Rounds)-1]
	}
	res := s.Score(b, v, s.DefaultReadings())
	if unit == "" {
		return res
	}
	own := *res
	own.Groups = nil
	for _, g := range res.Groups {
		i := slices.IndexFunc(g.Units, func(u *scheme.UnitResult) bool { return u.Unit.ID == unit })
		if i < 0 {
			continue
		}
		u := *g.Units[i]
		if d.using.Role.OfUnit() && d.campaign.UnitsSee == "own_score" {
			u.Place, u.Named = 0, make([]bool, len(u.Named))
		}
		own.Groups = []*scheme.GroupResult{{Group: g.Group, Units: []*scheme.UnitResult{&u}}}
	}
	return &own
}

// ownBook is what the book has of one unit; of none, all.
func ownBook(s *scheme.Scheme, b *qiaomen.Book, unit string) *qiaomen.Book {
	u := s.Unit(unit)
	if u == nil {
		return b
	}
	out := &qiaomen.Book{}
	for _, r := range b.Records {
		if r.Unit == u.Index() {
			out.Records = append(out.Records, r)
		}
	}
	for _, f := range b.Figures {
		if f.Unit == u.Index() || f.Unit < 0 {
			out.Figures = append(out.Figures, f)
		}
	}
	return out
}

// JournalExport writes the campaign's sealed journal as a file that anybody can
// check (docs/verify), for who may export everything alone: the evaluation team
// and the auditor. That it was taken is written down before the first byte.
func (o *Office) JournalExport(ctx context.Context, by Caller, reason string, w io.Writer) error {
	err := o.look(ctx, by, qiaomen.ActExportAll, nil, func(d *desk) error {
		if err := d.inCampaign(false); err != nil {
			return err
		}
		if alone, err := d.alone(qiaomen.ActExportAll); err != nil {
			return err
		} else if !alone {
			return d.deny("不能导出存证日志，应由考评工作专班或审计员导出")
		}
		if hidden, err := d.unseen(); err != nil {
			return err
		} else if len(hidden) > 0 { // entries cannot be left out of what is sealed
			return d.deny("不能导出存证日志：要对“" + d.unitName(hidden) + "”回避，应由别的成员或审计员导出")
		}
		if err := reasoned(reason); err != nil {
			return err
		}
		return d.noted(ctx, qiaomen.ActExportAll, "journal", reason)
	})
	if err != nil {
		return err
	}
	vkey, err := o.store.Vkey(by.Campaign)
	if err != nil {
		return err
	}
	checkpoint, err := o.store.Checkpoint(ctx, by.Campaign)
	if err != nil {
		return err
	}
	return journal.Export(w, vkey, checkpoint, o.store.Leaves(ctx, by.Campaign, 0))
}
