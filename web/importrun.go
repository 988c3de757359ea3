package web

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"sync"

	"github.com/go-json-experiment/json"

	"qiaomen"
	"qiaomen/office"
)

// An imports is the work on files of rows, so many at once, that goes on without
// those who began it, and ends with the server.
type imports struct {
	life  context.Context
	end   context.CancelFunc
	rooms chan struct{}
	work  sync.WaitGroup

	mu   sync.Mutex
	done map[string]int // rows that came in
}

func newImports(rooms int) *imports {
	i := &imports{rooms: make(chan struct{}, rooms), done: map[string]int{}}
	i.life, i.end = context.WithCancel(context.Background())
	return i
}

// stop ends the work between two parts of a file, and waits for that.
func (i *imports) stop() {
	i.end()
	i.work.Wait()
}

func (i *imports) progress(id string) int {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.done[id]
}

func (i *imports) came(id string, rows int) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.done[id] = rows
}

// run does work on a parcel as soon as there is room for it. What went wrong can
// be read once done is closed.
func (i *imports) run(s *spool, id string, work func(context.Context) error) (failed *error, done <-chan struct{}) {
	ended := make(chan struct{})
	failed = new(error)
	i.work.Add(1)
	go func() {
		defer i.work.Done()
		defer close(ended)
		leave, err := s.hold(id, func() {})
		if err != nil {
			*failed = err
			return
		}
		defer leave()
		select {
		case i.rooms <- struct{}{}:
			defer func() { <-i.rooms }()
		case <-i.life.Done():
		}
		*failed = work(i.life)
	}()
	return failed, ended
}

// check looks a file through for somebody.
func (i *imports) check(a *api, p *parcel, by office.Caller) (failed *error, done <-chan struct{}) {
	return i.run(a.spool, p.ID, func(ctx context.Context) error {
		preview, err := a.preview(ctx, p, by)
		if err != nil {
			_, save := a.spool.save(p.ID, func(p *parcel) {
				im := *p.Import
				if im.State, im.Problem = importRefused, a.told(ctx, err); statusClass(err) != http.StatusBadRequest {
					im.State = importBroken
				}
				p.Import = &im
			})
			return cmp.Or(err, save)
		}
		_, err = a.spool.save(p.ID, func(p *parcel) { p.Import = preview })
		return err
	})
}

// preview looks a file through, and keeps what importing each row would do.
func (a *api) preview(ctx context.Context, p *parcel, by office.Caller) (*importing, error) {
	in, err := a.importFile(p)
	if err != nil {
		return nil, err
	}
	seen, err := a.o.Office.Preview(ctx, by, in)
	if err != nil {
		return nil, err
	}
	im := *p.Import
	im.State, im.Digest, im.Rows = importReady, seen.Digest, len(seen.Rows)
	im.Faults, im.More = faultsOf(seen.Faults), seen.MoreFaults
	im.Doubts = faultsOf(seen.Doubts)
	im.Counts = map[office.Verdict]int{}
	for _, v := range []office.Verdict{office.RowNew, office.RowChanged, office.RowSame, office.RowRefused} {
		im.Counts[v] = seen.Count(v)
	}
	if len(im.Faults) > 0 || im.Counts[office.RowRefused] > 0 {
		im.State = importRefused
	}
	return &im, a.writeLines(p, seen.Rows)
}

// commit has the rows of a file come in, for somebody.
func (i *imports) commit(a *api, p *parcel, by office.Caller) (failed *error, done <-chan struct{}) {
	by.Key = "import-" + p.ID // the same commit again goes on where it ended
	return i.run(a.spool, p.ID, func(ctx context.Context) error {
		in, err := a.importFile(p)
		var answer *office.ImportAnswer
		if err == nil {
			in.Progress = func(done, _ int) { i.came(p.ID, done) }
			answer, err = a.o.Office.Import(ctx, by, in)
		}
		_, save := a.spool.save(p.ID, func(p *parcel) {
			im := *p.Import
			im.Problem = nil
			if answer != nil && len(answer.Parts) > 0 {
				im.Result = resultOfImport(answer)
			}
			switch {
			case err == nil:
				im.State = importDone
			case answer != nil && len(answer.Parts) > 0 || statusClass(err) != http.StatusBadRequest:
				im.State, im.Problem = importBroken, a.told(ctx, err)
			default:
				im.State, im.Problem = importRefused, a.told(ctx, err)
			}
			p.Import = &im
		})
		return cmp.Or(err, save)
	})
}

// statusClass is 400 of what the sender can mend, else 500.
func statusClass(err error) int {
	if p, ok := errors.AsType[*Problem](err); ok {
		return p.Status / 100 * 100
	}
	if _, denied := errors.AsType[*office.Denied](err); denied {
		return http.StatusBadRequest
	}
	if _, ok := errors.AsType[*qiaomen.Problem](err); !ok {
		return http.StatusInternalServerError
	}
	status, _ := statusOf(err)
	return status / 100 * 100
}

// told is what a client reads later of an error in the background. What a person
// is only told the number of is in the log.
func (a *api) told(ctx context.Context, err error) *Problem {
	p := problem(ctx, err)
	if p.Status >= http.StatusInternalServerError {
		a.o.Log.ErrorContext(ctx, "import", "error", err)
	}
	return p
}

func resultOfImport(a *office.ImportAnswer) *ImportResult {
	out := &ImportResult{New: a.New, Changed: a.Changed, Same: a.Same}
	for _, part := range a.Parts {
		if part.First > 0 && out.First == 0 {
			out.First = part.First
		}
		out.Last = max(out.Last, part.Last)
	}
	return out
}

func faultOf(p *qiaomen.Problem) Fault {
	return Fault{p.Text, p.Fix, p.At.Field, p.At.File, p.At.Line, p.At.Column}
}

func faultsOf(list []*qiaomen.Problem) (out []Fault) {
	for _, p := range list[:min(len(list), shown)] {
		out = append(out, faultOf(p))
	}
	return out
}

// writeLines keeps the rows of a file as they were looked through.
func (a *api) writeLines(p *parcel, rows []*office.ImportRow) error {
	f, err := a.spool.create(p, rowsSuffix)
	if err != nil {
		return err
	}
	out := bufio.NewWriterSize(f, 64<<10)
	for _, r := range rows {
		line := ImportLine{
			Place: r.Place.Field, Foreign: r.Foreign, ID: r.ID, Kind: r.Kind, Unit: r.Unit, Name: r.Name, Verdict: r.Verdict, State: r.State,
			Fields: r.Fields, Faults: faultsOf(r.Faults), Note: r.Note,
		}
		if r.Place.Line > 0 {
			line.Place = "第" + strconv.Itoa(r.Place.Line) + "行"
		}
		if err = json.MarshalWrite(out, line, json.Deterministic(true)); err == nil {
			err = out.WriteByte('\n')
		}
		if err != nil {
			break
		}
	}
	return spoolError(errors.Join(err, out.Flush(), f.Close()))
}

// readLines reads a page of rows, from a place on.
func readLines(f io.ReadSeeker, at int64, q *rowsQuery) (out List[ImportLine], err error) {
	if _, err := f.Seek(at, io.SeekStart); err != nil {
		return out, err
	}
	in := bufio.NewReaderSize(f, 64<<10)
	for {
		text, err := in.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return out, spoolError(err)
		}
		var line ImportLine
		if json.Unmarshal(text, &line) != nil { // no place where a row begins
			return out, errCursor
		}
		if q.Verdict == "" || string(line.Verdict) == q.Verdict {
			if len(out.Items) == q.Limit {
				out.Next = cursor(strconv.FormatInt(at, 10))
				return out, nil
			}
			out.Items = append(out.Items, line)
		}
		at += int64(len(text))
	}
}
