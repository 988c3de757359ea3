package web

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"os"

	"qiaomen"
	"qiaomen/office"
)

type exportQuery struct {
	Format   string `query:"format" required:"true" enum:"records,workbook" doc:"records：记录文件；workbook：排名和台账的工作簿"`
	Unit     string `query:"unit" doc:"哪个单位的；不写是全部，要审核员批准"`
	Position int64  `query:"position" minimum:"0" doc:"取存证日志到第几条为止；不写取最新"`
	Reason   string `query:"reason" maxLength:"2000" doc:"导出全部数据的理由"`
}

type listExportQuery struct {
	Format string   `query:"format" required:"true" enum:"xlsx,csv"`
	Unit   string   `query:"unit" doc:"哪个单位的；不写是全部，要审核员批准"`
	Kind   string   `query:"kind" doc:"哪一类；写了才有各类自己的字段"`
	State  []string `query:"state,explode" maxItems:"12" doc:"哪些状态，可以写几次"`
	Filter []string `query:"filter,explode" maxItems:"10" doc:"字段的条件，与列表相同"`
	Sort   string   `query:"sort" doc:"按哪个字段排，前面加 - 是从大到小"`
	Reason string   `query:"reason" maxLength:"2000" doc:"导出全部数据的理由"`
}

type reasonQuery struct {
	Reason string `query:"reason" required:"true" maxLength:"2000" doc:"为什么"`
}

// exportRoutes is what is taken away. That it was is sealed before it is handed
// out.
func (a *api) exportRoutes() {
	op := func(name, at string, action qiaomen.Action, summary string) operation {
		return operation{name: name, at: at, action: action, tag: tagTransfer, summary: summary, costly: true}
	}
	list := op("export_list", "GET "+records+"/export", qiaomen.ActExportOwn, "导出列表里的记录：条件、排序与列表相同")
	list.all = qiaomen.ActExportAll
	declare(a, list, false,
		func(ctx context.Context, v *visit, q *listExportQuery) (*handedOut, error) {
			asked := RecordQuery{Unit: q.Unit, Kind: q.Kind, State: q.State, Filter: q.Filter, Sort: q.Sort}
			l, err := asked.listing()
			if err != nil {
				return nil, err
			}
			return a.export(ctx, v, office.ExportRequest{Unit: q.Unit, Format: q.Format, Reason: q.Reason, Listing: &l})
		})
	ledger := op("export", "GET "+inCampaign+"/export", qiaomen.ActExportOwn, "导出台账：一个单位的，或全部的")
	ledger.all = qiaomen.ActExportAll
	declare(a, ledger, false,
		func(ctx context.Context, v *visit, q *exportQuery) (*handedOut, error) {
			return a.export(ctx, v, office.ExportRequest{Unit: q.Unit, Format: q.Format, Position: q.Position, Reason: q.Reason})
		})
	declare(a, op("take_export", "GET "+inCampaign+"/exports/{id}", qiaomen.ActExportAll, "取批准了的导出"), false,
		func(ctx context.Context, v *visit, _ *nothing) (*handedOut, error) {
			if err := a.own(v.r); err != nil {
				return nil, err
			}
			out, err := a.o.Office.TakeExport(ctx, v.caller, v.path("id"))
			if err != nil {
				return nil, err
			}
			return v.export(out)
		})
	declare(a, op("export_journal", "GET "+inCampaign+"/journal", qiaomen.ActExportAll, "导出活动的存证日志，谁都能核验"), false,
		func(ctx context.Context, v *visit, q *reasonQuery) (*handedOut, error) {
			if err := a.own(v.r); err != nil {
				return nil, err
			}
			return v.write(named{name: "存证日志-" + v.caller.Campaign + ".jsonl", kind: mediaNamed(".jsonl")}, func(w io.Writer) error {
				return a.o.Office.JournalExport(ctx, v.caller, q.Reason, w)
			})
		})
	declare(a, op("export_audit", "GET /audit/export", qiaomen.ActReadAudit, "导出审计日志，谁都能核验"), false,
		func(ctx context.Context, v *visit, _ *nothing) (*handedOut, error) {
			if err := a.own(v.r); err != nil {
				return nil, err
			}
			return v.write(named{name: "审计日志.jsonl", kind: mediaNamed(".jsonl")}, func(w io.Writer) error {
				return a.o.Office.ExportAudit(ctx, v.caller, w)
			})
		})
	archive := op("archive_audit", "POST /audit/archives", qiaomen.ActArchiveAudit, "归档到某一天为止、过了保留期的审计日志")
	declare(a, archive, true, func(ctx context.Context, v *visit, q *struct {
		Until string `query:"until" required:"true" doc:"到哪一天，如 2024-01-25"`
	},
	) (*handedOut, error) {
		s, err := a.kept()
		if err != nil {
			return nil, err
		}
		f, remove, err := s.scratch() // it is handed out once it is sealed
		if err != nil {
			return nil, err
		}
		defer remove()
		answer, err := a.o.Office.ArchiveAudit(ctx, v.caller, q.Until, f)
		if err != nil {
			return nil, err
		}
		return v.archive(f, answer, q.Until)
	})
}

func (v *visit) archive(f *os.File, answer *office.Answer, until string) (*handedOut, error) {
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	return v.write(named{name: "审计日志-到" + until + ".jsonl", kind: mediaNamed(".jsonl"), digest: answer.ID}, func(w io.Writer) error {
		_, err := io.Copy(onlyWriter{w}, f)
		return err
	})
}

// export takes records away: one unit's, or all units'. What takes two people is
// proposed, and taken later.
func (a *api) export(ctx context.Context, v *visit, r office.ExportRequest) (*handedOut, error) {
	if err := a.own(v.r); err != nil {
		return nil, err
	}
	do := a.o.Office.ExportOwn
	if r.Unit == "" {
		do = a.o.Office.ExportAll
	}
	out, err := do(ctx, v.caller, r)
	if err != nil {
		return nil, err
	}
	if out.Proposal != "" {
		return v.json(http.StatusAccepted, resultOf(&out.Answer).Body)
	}
	return v.export(out)
}

func (v *visit) export(out *office.Export) (*handedOut, error) {
	return v.handOut(named{name: out.Name, kind: mediaNamed(out.Name), digest: out.Digest}, bytes.NewReader(out.Data))
}
