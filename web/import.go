package web

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"qiaomen"
	"qiaomen/blob"
	"qiaomen/office"
)

const (
	// MostImport is how large a file of rows may be.
	MostImport = 64 << 20
	// mostImports is how many files one account may have here to be imported.
	mostImports = 10
	// shortly is for how long an answer waits for work that may be done soon.
	shortly = 10 * time.Second
	// shown is how many faults of a whole file are told.
	shown = 100
)

// rowFiles is the endings of files that rows are imported from.
var rowFiles = []string{".xlsx", ".csv", ".tsv", ".jsonl"}

// An ImportQuery is how a file of rows is to be imported; the file is the body.
type ImportQuery struct {
	Name           string `query:"name" required:"true" minLength:"1" maxLength:"4096" doc:"文件名：.xlsx、.csv、.tsv、.jsonl"`
	Unit           string `query:"unit" doc:"是哪个单位的文件；不写看各行"`
	Submit         bool   `query:"submit" doc:"直接上报，不只存成草稿"`
	Reason         string `query:"reason" maxLength:"2000" doc:"更正已上报记录的理由"`
	ReceivedAt     string `query:"received_at" doc:"办公室代录：收件时间"`
	ReceivedNumber string `query:"received_number" maxLength:"200" doc:"办公室代录：收件编号"`
}

// The states of an import.
const (
	importChecking = "checking"   // it is being looked through
	importReady    = "ready"      // it may be committed
	importRefused  = "refused"    // something is wrong with it: it is mended and sent again
	importRunning  = "importing"  // its rows come in
	importDone     = "done"       // they are in
	importBroken   = "broken_off" // not all of them: the same commit goes on
)

// An importing is what is known of a file of rows.
type importing struct {
	Options ImportQuery            `json:"options"`
	State   string                 `json:"state"`
	Digest  string                 `json:"digest,omitzero"`
	Rows    int                    `json:"rows,omitzero"`
	Counts  map[office.Verdict]int `json:"counts,omitzero"`
	Faults  []Fault                `json:"faults,omitzero"`
	More    int                    `json:"more,omitzero"`
	Doubts  []Fault                `json:"doubts,omitzero"`
	Result  *ImportResult          `json:"result,omitzero"`
	Problem *Problem               `json:"problem,omitzero"`
}

// An ImportResult is what an import came to.
type ImportResult struct {
	New     int   `json:"new"`
	Changed int   `json:"changed"`
	Same    int   `json:"same"`
	First   int64 `json:"first,omitzero" doc:"存证日志里的第一个位置"`
	Last    int64 `json:"last,omitzero" doc:"存证日志里的最后一个位置"`
}

// An ImportView is how an import stands.
type ImportView struct {
	ID         string                 `json:"id"`
	Name       string                 `json:"name"`
	State      string                 `json:"state" enum:"checking,ready,refused,importing,done,broken_off"`
	Digest     string                 `json:"digest,omitzero" doc:"文件的 SHA-256"`
	Rows       int                    `json:"rows"`
	Done       int                    `json:"done" doc:"已经导入多少行"`
	Counts     map[office.Verdict]int `json:"counts,omitzero" doc:"各种结论有多少行：new、changed、same、refused"`
	Faults     []Fault                `json:"faults,omitzero" doc:"整个文件的问题：有就一行也不能用"`
	MoreFaults int                    `json:"more_faults,omitzero"`
	Doubts     []Fault                `json:"doubts,omitzero" doc:"没有读的，如合计行"`
	Result     *ImportResult          `json:"result,omitzero"`
	Problem    *Problem               `json:"problem,omitzero" doc:"为什么没有导入"`
	Expires    string                 `json:"expires" doc:"到什么时候清除"`
}

// An ImportLine is one row of a file: where it stands, and what importing it
// would do.
type ImportLine struct {
	Place   string         `json:"place" doc:"在文件里的位置"`
	Foreign string         `json:"foreign,omitzero" doc:"文件里的编号"`
	ID      string         `json:"id,omitzero" doc:"台账里的编号"`
	Kind    string         `json:"kind,omitzero"`
	Unit    string         `json:"unit,omitzero"`
	Name    string         `json:"name,omitzero"`
	Verdict office.Verdict `json:"verdict" enum:"new,changed,same,refused"`
	State   qiaomen.State  `json:"state,omitzero" doc:"在台账里的状态；空：还没有"`
	Fields  []string       `json:"fields,omitzero" doc:"要改哪些字段"`
	Faults  []Fault        `json:"faults,omitzero"`
	Note    string         `json:"note,omitzero"`
}

type rowsQuery struct {
	Verdict string `query:"verdict" enum:"new,changed,same,refused" doc:"只看这种结论的"`
	Cursor  string `query:"cursor" doc:"上一页给的 next"`
	Limit   int    `query:"limit" minimum:"1" maximum:"1000" default:"100"`
}

func (a *api) importRoutes() {
	imports := inCampaign + "/imports"
	op := func(name, at, summary string) operation {
		return operation{name: name, at: at, action: qiaomen.ActImport, tag: tagTransfer, summary: summary}
	}
	declare(a, op("preview_import", "POST "+imports, "上传要导入的文件（内容就是请求体）并预览，什么也不写"), true, a.beginImport)
	declare(a, op("import", "GET "+imports+"/{id}", "一次导入：预览的结果、进度、结果"), false,
		func(_ context.Context, v *visit, _ *nothing) (*reply[ImportView], error) {
			p, err := a.importOf(v)
			if err != nil {
				return nil, err
			}
			return a.importView(p), nil
		})
	declare(a, op("import_rows", "GET "+imports+"/{id}/rows", "一次导入的各行，可以翻页"), false,
		func(_ context.Context, v *visit, q *rowsQuery) (*reply[List[ImportLine]], error) {
			p, err := a.importOf(v)
			if err != nil {
				return nil, err
			}
			lines, err := a.importLines(p, q)
			return &reply[List[ImportLine]]{Status: http.StatusOK, Body: lines}, err
		})
	declare(a, op("commit_import", "POST "+imports+"/{id}/commit", "导入：一行不能导入就都不导入；行多的在后台继续，中断了再提交一次就接着导"), true, a.commitImport)
	marked := op("marked_workbook", "GET "+imports+"/{id}/workbook", "标出问题的工作簿，改好再传")
	marked.costly = true
	declare(a, marked, false, func(ctx context.Context, v *visit, _ *nothing) (*handedOut, error) {
		p, err := a.importOf(v)
		if err != nil {
			return nil, err
		}
		in, err := a.importFile(p)
		if err != nil {
			return nil, err
		}
		data, err := a.o.Office.MarkedWorkbook(ctx, v.caller, in)
		if err != nil {
			return nil, err
		}
		return v.handOut(named{name: "核对-" + p.Name, kind: blob.XLSX.MediaType()}, bytes.NewReader(data))
	})
	declare(a, op("drop_import", "DELETE "+imports+"/{id}", "不导入了"), true, func(_ context.Context, v *visit, _ *nothing) (*handedOut, error) {
		p, err := a.importOf(v)
		if err != nil {
			return nil, err
		}
		if p.Import.State == importRunning || p.Import.State == importChecking {
			return nil, errImporting
		}
		a.spool.drop(p)
		v.w.WriteHeader(http.StatusNoContent)
		return answered, nil
	})
	opening := op("opening_import", "POST "+inCampaign+"/openings", "期初导入（内容就是请求体）：经办人提出，审核员批准")
	opening.costly = true
	declare(a, opening, true, func(ctx context.Context, v *visit, q *struct {
		Name  string `query:"name" required:"true" maxLength:"4096" doc:"文件名"`
		Proof string `query:"proof" required:"true" doc:"盖章台账的扫描件：先上传，写它的 digest"`
	},
	) (*reply[Result], error) {
		if err := ofRows(q.Name); err != nil {
			return nil, err
		}
		data, err := v.whole(MostImport)
		if err != nil {
			return nil, err
		}
		answer, err := a.o.Office.OpeningImport(ctx, v.caller, office.Opening{Name: q.Name, Content: data, Proof: qiaomen.Evidence{Digest: q.Proof}})
		if err != nil {
			return nil, err
		}
		return resultOf(answer), nil
	})
}

var errImporting error = &qiaomen.Problem{Code: qiaomen.Conflict, Text: "正在核对或导入，不能删除", Fix: "请等它结束"}

// ofRows asks that a file's name is that of one which rows are imported from.
func ofRows(name string) error {
	if slices.Contains(rowFiles, strings.ToLower(path.Ext(blob.SafeName(name)))) {
		return nil
	}
	return &Problem{
		Type: problemType + wordOf(http.StatusUnsupportedMediaType), Title: "不能从这种文件导入", Status: http.StatusUnsupportedMediaType,
		Detail: "请用 Excel 工作簿（.xlsx）、CSV（.csv、.tsv）或记录文件（.jsonl）",
	}
}

// beginImport receives a file and looks it through.
func (a *api) beginImport(ctx context.Context, v *visit, q *ImportQuery) (*reply[ImportView], error) {
	s, err := a.kept()
	if err != nil {
		return nil, err
	}
	if err := ofRows(q.Name); err != nil {
		return nil, err
	}
	s.sweep()
	room, err := a.o.Office.Room(ctx, v.caller)
	if err != nil {
		return nil, err
	}
	body, err := v.sent(MostImport)
	if err != nil {
		return nil, err
	}
	p, err := s.begin(parcel{
		Sort: importParcel, Account: v.caller.Account, Campaign: v.caller.Campaign, Name: blob.SafeName(q.Name),
		Length: max(v.r.ContentLength, 0), Import: &importing{Options: *q, State: importChecking},
	}, room, mostImports)
	if err != nil {
		body.end()
		return nil, err
	}
	if err := s.add(p, body); err != nil {
		s.drop(p)
		return nil, err
	}
	if p, err = s.save(p.ID, func(p *parcel) { p.Length = body.n }); err != nil {
		return nil, err
	}
	failed, done := a.imports.check(a, p, v.caller)
	select {
	case <-done:
		if err := *failed; err != nil {
			s.drop(p)
			return nil, err
		}
	case <-time.After(shortly):
	case <-ctx.Done():
	}
	return a.importNow(v, p.ID)
}

// importOf is the caller's own import.
func (a *api) importOf(v *visit) (*parcel, error) {
	s, err := a.kept()
	if err != nil {
		return nil, err
	}
	return s.find(importParcel, v.path("id"), v)
}

func (a *api) importNow(v *visit, id string) (*reply[ImportView], error) {
	p, err := a.spool.find(importParcel, id, v)
	if err != nil {
		return nil, err
	}
	return a.importView(p), nil
}

func (a *api) importView(p *parcel) *reply[ImportView] {
	im := p.Import
	out := &reply[ImportView]{Status: http.StatusOK, Body: ImportView{
		ID: p.ID, Name: p.Name, State: im.State, Digest: im.Digest, Rows: im.Rows, Counts: im.Counts, Faults: im.Faults, MoreFaults: im.More,
		Doubts: im.Doubts, Result: im.Result, Problem: im.Problem, Expires: p.Expires.UTC().Format(time.RFC3339),
	}}
	switch im.State {
	case importChecking, importRunning:
		out.Status = http.StatusAccepted
		out.Body.Done = a.imports.progress(p.ID)
	case importDone:
		out.Body.Done = im.Rows
	case importBroken:
		out.Body.Done = a.imports.progress(p.ID)
	}
	return out
}

// importFile is the file of an import as the office takes it.
func (a *api) importFile(p *parcel) (office.Import, error) {
	f, err := a.spool.open(p, "")
	if err != nil {
		return office.Import{}, err
	}
	defer f.Close()
	data := make([]byte, p.Length)
	if _, err := io.ReadFull(f, data); err != nil {
		return office.Import{}, fmt.Errorf("import %s: %w", p.ID, err)
	}
	o := p.Import.Options
	return office.Import{
		Name: p.Name, Content: data, Unit: o.Unit, Submit: o.Submit, Reason: o.Reason, ReceivedAt: o.ReceivedAt, ReceivedNumber: o.ReceivedNumber,
	}, nil
}

// commitImport has the rows come in. Where that takes long it goes on without
// the client, who asks again how far it is.
func (a *api) commitImport(ctx context.Context, v *visit, _ *nothing) (*reply[ImportView], error) {
	p, err := a.importOf(v)
	if err != nil {
		return nil, err
	}
	began := false
	p, err = a.spool.save(p.ID, func(p *parcel) {
		if p.Import.State == importReady || p.Import.State == importBroken {
			im := *p.Import
			im.State, im.Problem, began = importRunning, nil, true
			p.Import = &im
		}
	})
	if err != nil {
		return nil, err
	}
	if !began {
		switch p.Import.State {
		case importChecking:
			return nil, &qiaomen.Problem{Code: qiaomen.Conflict, Text: "还在核对，不能导入", Fix: "请等核对完再导入"}
		case importRefused:
			return nil, &qiaomen.Problem{Code: qiaomen.Conflict, Text: "文件里有问题，不能导入", Fix: "请按各行的问题改正后重新上传"}
		}
		return a.importView(p), nil
	}
	failed, done := a.imports.commit(a, p, v.caller)
	select {
	case <-done:
		if err := *failed; err != nil {
			return nil, err
		}
	case <-time.After(shortly / 5):
	case <-ctx.Done():
	}
	return a.importNow(v, p.ID)
}

// importLines is a page of an import's rows. Its cursor is a place in the file of
// rows.
func (a *api) importLines(p *parcel, q *rowsQuery) (out List[ImportLine], err error) {
	if p.Import.State == importChecking {
		return out, &qiaomen.Problem{Code: qiaomen.Conflict, Text: "还在核对", Fix: "请过一会儿再看"}
	}
	from, err := fromCursor(q.Cursor)
	if err != nil {
		return out, err
	}
	at := int64(0)
	if from != "" {
		if at, err = strconv.ParseInt(from, 10, 64); err != nil || at < 0 {
			return out, errCursor
		}
	}
	f, err := a.spool.open(p, rowsSuffix)
	if err != nil {
		if _, missing := a.spool.root.Stat(p.ID + rowsSuffix); os.IsNotExist(missing) { // it could not be read at all
			return out, nil
		}
		return out, err
	}
	defer f.Close()
	return readLines(f, at, q)
}
