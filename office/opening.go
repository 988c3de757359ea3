package office

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"

	"github.com/go-json-experiment/json"

	"qiaomen"
	"qiaomen/records"
	"qiaomen/scheme"
	"qiaomen/store"
)

// An Opening is the ledger that was kept before the program came in (期初台账,
// P2): records with the times at which they were reported, recognised and
// revoked, as that ledger declares them, figures as they were published, and a
// proof that it says so.
//
// Of evidence the file names types only. They are taken as declared: the proof
// vouches for them, as for the times. They have no content here, so no file
// stands for two records.
type Opening struct {
	Name    string           `json:"name"`
	Content []byte           `json:"-"`
	Proof   qiaomen.Evidence `json:"proof"` // a file that was kept already: the stamped ledger
}

// openingEvidence is what evidence is called that the old ledger declares.
const openingEvidence = "期初台账所列"

// mostOpening bounds an opening import, which is one act.
const mostOpening = 20_000

// An openingFile is an opening import as its proposal has it. The rows stand
// beside it, in the form of a records file, until it is decided.
type openingFile struct {
	Opening
	Digest  string `json:"digest"` // of the file as it came
	Rows    string `json:"rows"`   // of its rows as they are kept
	Records int    `json:"records"`
	Figures int    `json:"figures,omitzero"`

	file *rowFile // while it is being proposed
	text []byte
}

func (a *openingFile) job() string { return "opening " + a.Rows }

// OpeningImport proposes to take the old ledger in, by the office's handler; a
// reviewer approves. It may be done in several files, until something that was
// reported here is recognised: then the order of first reports is settled by
// what was seen (附3·三(一)).
func (o *Office) OpeningImport(ctx context.Context, by Caller, a Opening) (*Answer, error) {
	args := openingFile{Opening: a}
	err := o.look(ctx, by, qiaomen.ActImport, nil, func(d *desk) error {
		if err := d.inCampaign(true); err != nil {
			return err
		}
		if d.using.Role != qiaomen.Handler {
			return nil // it will be denied
		}
		return args.read(d.rules)
	})
	if err != nil {
		return nil, err
	}
	return perform(ctx, o, by, takeOpening, args)
}

func (a *openingFile) read(s *scheme.Scheme) error {
	f, err := readRows(s, a.Name, a.Content)
	if err == nil {
		err = f.wrong()
	}
	if err == nil && len(f.rows) > mostOpening {
		err = problem(fmt.Sprintf("文件有%d行，期初导入一次最多%d行", len(f.rows), mostOpening), "请分成几个文件")
	}
	if err != nil {
		return err
	}
	f.nameRows()
	var text bytes.Buffer
	if err := f.write(&text); err != nil {
		return err
	}
	for _, r := range f.rows {
		if r.figure != nil {
			a.Figures++
		} else {
			a.Records++
		}
	}
	a.Digest, a.Rows, a.file, a.text = f.digest, hashOf(text.Bytes()), f, text.Bytes()
	return nil
}

func hashOf(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// rows is the file's rows: as they were just read, or as they were kept.
func (a *openingFile) rows(d *desk) (*rowFile, error) {
	if a.file != nil {
		return a.file, nil
	}
	w, err := d.work("job", a.job())
	if err != nil {
		return nil, err
	}
	if w == nil || hashOf(w.Data) != a.Rows {
		return nil, problem("期初导入的内容不在了，或者被改过", "请经办人重新导入")
	}
	f, err := readRows(d.rules, a.Name+".jsonl", w.Data)
	if err != nil {
		return nil, err
	}
	return f, f.wrong()
}

var takeOpening = twofold(&act[openingFile]{
	action: qiaomen.ActImport,
	two:    func(*desk, *openingFile) (bool, error) { return true, nil },
	needs: func(*desk, *openingFile) ([][]qiaomen.Role, error) {
		return [][]qiaomen.Role{{qiaomen.Reviewer}}, nil
	},
	check: func(d *desk, a *openingFile) error {
		if d.proposer == "" && d.using.Role != qiaomen.Handler {
			return d.deny("不能由您提出期初导入，应由经办人提出、审核员批准")
		}
		if p := d.kept("proof", &a.Proof); p != nil {
			return p
		}
		if err := d.stillOpening(); err != nil {
			return err
		}
		_, err := d.opening(a)
		return err
	},
	proposed: func(d *desk, a *openingFile, proposal string) error {
		return d.tx.Keep("job", store.Work{ID: a.job(), Owner: d.person, Data: a.text})
	},
	do: func(d *desk, a *openingFile) (string, error) {
		all, err := d.opening(a)
		if err != nil {
			return "", err
		}
		id := d.newID("o-")
		e := &qiaomen.OpeningImported{ID: id, File: a.Name, Digest: a.Digest, Records: a.Records, Figures: a.Figures, Proof: a.Proof}
		if err := d.emit(e); err != nil {
			return "", err
		}
		if err := d.takeOpening(id, all); err != nil {
			return "", err
		}
		return id, d.tx.Drop("job", a.job())
	},
})

func init() {
	declined[qiaomen.ActImport] = func(d *desk, p *qiaomen.Proposal, _ string) error {
		var a openingFile
		if err := json.Unmarshal(p.Args, &a); err != nil {
			return err
		}
		return d.tx.Drop("job", a.job())
	}
}

// stillOpening asks that nothing that was reported here is recognised yet.
func (d *desk) stillOpening() error {
	for r, err := range store.Each[qiaomen.LedgerRecord](d.r, store.Filter{States: []qiaomen.State{qiaomen.Recognised}}) {
		if err != nil {
			return err
		}
		if !r.Opening {
			return problem("已有在本系统上报并认定的记录（"+r.ID+"），不能再做期初导入", "请由单位补报，或由办公室代录")
		}
	}
	return nil
}

// An opened is a row of an old ledger, ready to be taken in.
type opened struct {
	row      *ImportRow
	own      []byte // what the unit said
	set      []byte // what others set
	personal []byte
	keys     []string
	at       string
}

// opening finds everything that stands in the way of an old ledger, and what of
// it is not here yet.
func (d *desk) opening(a *openingFile) ([]*opened, error) {
	f, err := a.rows(d)
	if err != nil {
		return nil, err
	}
	var out []*opened
	for _, r := range f.rows {
		r.Verdict, r.Faults = RowNew, nil
		if err := d.openingID(r); err != nil {
			return nil, err
		}
	}
	f.refer()
	for _, r := range f.rows {
		one, err := d.openingRow(r)
		if err != nil {
			return nil, err
		}
		if one != nil {
			out = append(out, one)
		}
	}
	if err := d.twice(out); err != nil {
		return nil, err
	}
	var list []*qiaomen.Problem
	for _, r := range f.rows {
		list = append(list, r.Faults...)
	}
	if len(list) == 0 && len(out) == 0 {
		return nil, problem("这个文件的内容已经全部导入过", "")
	}
	return out, faults(list)
}

// openingID finds by which id the ledger knows the row, or will.
func (d *desk) openingID(r *ImportRow) error {
	free := ""
	for _, id := range d.idsOf(r, true) {
		if r.figure != nil {
			x, err := store.One[qiaomen.LedgerFigure](d.r, id)
			if err != nil {
				return err
			}
			if x == nil {
				free = cmp.Or(free, id)
			} else if x.Opening && x.Source == r.Kind && x.Unit == r.Unit {
				r.ID, r.State = id, x.State
				return nil
			}
			continue
		}
		x, err := store.One[qiaomen.LedgerRecord](d.r, id)
		if err != nil {
			return err
		}
		w, err := d.work("draft", id)
		switch {
		case err != nil:
			return err
		case x == nil && w == nil:
			free = cmp.Or(free, id)
		case x != nil && x.Opening && x.Kind == r.Kind && x.Unit == r.Unit:
			r.ID, r.State = id, x.State
			return nil
		}
	}
	if r.ID = free; free == "" {
		r.refused("编号“"+qiaomen.Clip(r.Foreign)+"”已被占用", "请换一个编号")
	}
	return nil
}

// openingRow is a row ready to be taken in; nil where it is there already, or
// is refused.
func (d *desk) openingRow(r *ImportRow) (*opened, error) {
	if r.figure != nil {
		return d.openingFigure(r)
	}
	x := r.record
	for _, t := range []struct {
		at   qiaomen.Moment
		what string
	}{{x.Reported, "上报"}, {x.Recognised, "认定"}, {x.Revoked, "撤销"}} {
		if t.at.UTC() > d.at {
			r.refused(t.what+"时间在现在之后", "请核对")
		}
	}
	if x.Reported.IsZero() {
		r.refused("没有写上报时间", "期初台账的先后以上报时间为准，请补上")
	}
	if len([]rune(r.Name)) > mostName {
		r.refused(fmt.Sprintf("名称超过%d个字", mostName), "请缩短")
	}
	k := d.rules.Kinds[x.Kind]
	own, set := slices.Clone(x.Values), slices.Clone(x.Values)
	for i := range k.Fields {
		only := make([]qiaomen.Value, len(k.Fields))
		if only[i] = x.Values[i]; len(records.Owned(k, only, scheme.ByUnit)) > 0 {
			own[i] = qiaomen.Value{}
		} else {
			set[i] = qiaomen.Value{}
		}
	}
	out := &opened{row: r, at: x.Reported.UTC()}
	var list, more []*qiaomen.Problem
	out.own, list = records.CanonicalFields(k, own)
	out.set, more = records.CanonicalFields(k, set)
	for _, p := range append(list, more...) {
		r.refuse(p)
	}
	if r.Verdict == RowRefused {
		return nil, nil
	}
	out.keys = d.keys(k, d.rules.Units[x.Unit], r.Name, x.Values, nil)
	var theirs []byte
	out.own, out.personal = records.SplitPersonal(k, out.own)
	out.set, theirs = records.SplitPersonal(k, out.set)
	out.personal = records.Merge(k, out.personal, theirs)
	if r.State == "" {
		return out, nil
	}
	same, err := d.sameOpening(r)
	if err == nil && !same {
		r.refused("与已经导入的同一编号的记录不同", "请核对；已导入的请用更正来改")
	}
	return nil, err
}

// sameOpening tells whether the ledger's record says what the row says, line
// for line.
func (d *desk) sameOpening(r *ImportRow) (bool, error) {
	known, err := d.record(r.ID)
	if err != nil {
		return false, err
	}
	scored, err := scoredRecord(d.rules, known)
	if err != nil || scored == nil {
		return false, err
	}
	row := *r.record
	row.ID, row.Name = r.ID, r.Name
	var lines [2]bytes.Buffer
	for i, one := range []*qiaomen.Record{scored, &row} {
		w := records.NewWriter(&lines[i], d.rules)
		if err := errors.Join(w.Record(withoutPersonal(d.rules, one)), w.Flush()); err != nil {
			return false, err
		}
	}
	return bytes.Equal(lines[0].Bytes(), lines[1].Bytes()), nil
}

func withoutPersonal(s *scheme.Scheme, r *qiaomen.Record) *qiaomen.Record {
	out := *r
	out.Values = slices.Clone(r.Values)
	for i, f := range s.Kinds[r.Kind].Fields {
		if f.Personal {
			out.Values[i] = qiaomen.Value{}
		}
	}
	return &out
}

func (d *desk) openingFigure(r *ImportRow) (*opened, error) {
	if r.State != "" {
		same, err := d.sameFigure(r, []string{r.ID})
		if err == nil && !same {
			r.refused("与已经导入的同一编号的数据不同", "请核对")
		}
		return nil, err
	}
	if r.figure.Published.String() > d.day {
		r.refused("公布日期在今天之后", "请核对")
	}
	values, list := records.CanonicalFigureFields(d.rules.Figure(r.Kind), r.figure.Values)
	for _, p := range list {
		r.refuse(p)
	}
	if r.Verdict == RowRefused {
		return nil, nil
	}
	return &opened{row: r, own: values}, nil
}

// twice finds rows that were recognised as one thing: each names the other.
func (d *desk) twice(all []*opened) error {
	held := map[string]*opened{}
	for _, one := range all {
		if !one.holds() {
			continue
		}
		for _, key := range one.keys {
			rivals, err := d.rivals(one.row.ID, []string{key})
			if err != nil {
				return err
			}
			for _, c := range rivals {
				if c.State == qiaomen.Held {
					one.row.refused("与已认定的 "+c.Record+" 是同一事项", "同一事项只认定一次，请核对")
					continue
				}
				rival, err := d.record(c.Record)
				if err != nil {
					return err
				}
				if !rival.Opening && c.PlaceAt <= one.at { // among old records the old ledger decided
					one.row.refused("同一事项有更早的上报："+c.Record, "请先审核较早的一条，或判定是否重复")
				}
			}
			if first := held[key]; first != nil {
				one.row.refused("与"+first.row.where()+"是同一事项，两条都已认定", "同一事项只认定一次，请留一条，或写明撤销时间")
			} else {
				held[key] = one
			}
		}
	}
	return nil
}

// holds tells whether the old ledger counts the record.
func (o *opened) holds() bool {
	return o.row.record != nil && !o.row.record.Recognised.IsZero() && o.row.record.Revoked.IsZero()
}

// where is the row's place in the file, in words.
func (r *ImportRow) where() string {
	if r.Place.Line > 0 {
		return fmt.Sprintf("第%d行（%s）", r.Place.Line, qiaomen.Clip(r.Foreign))
	}
	return r.Place.Field + "（" + qiaomen.Clip(r.Foreign) + "）"
}
