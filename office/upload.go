package office

import (
	"context"
	"io"
	"slices"

	"github.com/go-json-experiment/json"

	"qiaomen"
	"qiaomen/blob"
	"qiaomen/store"
)

// An upload is a file that was sent for an act to name: what was found of it,
// and who sent it. It stands in the working table job, by digest. An act says
// which file it means; what that file is the act does not say.
type upload struct {
	Found   qiaomen.Evidence `json:"found"` // without type and name
	Senders []sender         `json:"senders"`
}

// A sender is somebody who sent a file, under which name, and for which units.
type sender struct {
	Person string   `json:"person"`
	Units  []string `json:"units,omitzero"`
	Name   string   `json:"name"`
}

func uploadJob(digest string) string { return "upload " + digest }

// KeepFile keeps a file by its content, for the act that will name it: a draft,
// a bulletin, a scan. Only who sent it may name it, their unit's people, and the
// office; a file that no act names is seen by nobody.
func (o *Office) KeepFile(ctx context.Context, by Caller, kind, name string, file io.Reader) (qiaomen.Evidence, error) {
	e, err := o.put(ctx, by, kind, name, file)
	if err != nil {
		return qiaomen.Evidence{}, err
	}
	by.Key = "" // of the act that names the file
	request := asked{action: qiaomen.ActAddEvidence, request: "keep file", home: by.Campaign == ""}
	return e, o.decide(ctx, by, request, &Answer{}, func(d *desk) error { return d.sent(e) })
}

// put keeps a file's bytes, of somebody whose account is in use, and tells what
// was found of them.
func (o *Office) put(ctx context.Context, by Caller, kind, name string, file io.Reader) (qiaomen.Evidence, error) {
	if err := o.inUse(ctx, by, qiaomen.ActAddEvidence); err != nil { // before a byte is read
		return qiaomen.Evidence{}, err
	}
	stored, err := o.files.Put(ctx, file, blob.Sent{Name: name})
	if err != nil {
		return qiaomen.Evidence{}, err
	}
	e := qiaomen.Evidence{
		Type: kind, Name: blob.SafeName(name), Digest: stored.Digest.String(), Size: stored.Size, Format: string(stored.Look.Format),
		TakenAt: stored.Look.TakenAt, Software: stored.Look.Software,
	}
	if private("name", e.Name) != nil { // a name is sealed with the file, and cannot be expunged with it
		e.Name = "（文件名含个人信息）." + e.Format
	}
	return e, nil
}

// inUse asks that the caller's account is in use.
func (o *Office) inUse(ctx context.Context, by Caller, action qiaomen.Action) error {
	if err := by.legible(); err != nil {
		return err
	}
	person, err := o.personOf(ctx, by.Account)
	if err == nil && person == "" {
		err = o.denied(ctx, by, person, &Denied{Action: action, Why: unknownAccount})
	}
	return err
}

// sent notes that the person sent a file.
func (d *desk) sent(e qiaomen.Evidence) error {
	u, err := uploaded(d.tx.In(d.tx.Journal()), e.Digest)
	if err != nil {
		return err
	}
	me := sender{Person: d.person, Name: e.Name}
	for _, g := range d.ownUnits() {
		me.Units = append(me.Units, g.Unit)
	}
	u.Found = e
	u.Found.Type, u.Found.Name = "", ""
	u.Senders = append(slices.DeleteFunc(u.Senders, func(s sender) bool { return s.Person == d.person }), me)
	data, err := json.Marshal(u, json.Deterministic(true))
	if err != nil {
		return err
	}
	return d.tx.Keep("job", store.Work{ID: uploadJob(e.Digest), Owner: d.person, Data: data})
}

// uploaded is a file as it was sent; of one that nobody sent, without senders.
func uploaded(v *store.View, digest string) (u upload, err error) {
	w, err := v.Work("job", uploadJob(digest))
	if err == nil && w != nil {
		err = json.Unmarshal(w.Data, &u)
	}
	return u, err
}

// kept puts what was found of a file in place of what an act says of it. It
// tells what is wrong: the file must be there, and the person must be one who
// may name it.
func (d *desk) kept(field string, e *qiaomen.Evidence) *qiaomen.Problem {
	if !d.there(*e) {
		return missingFile(field, *e)
	}
	known, err := d.mayName(e.Digest)
	if err != nil || known == nil { // a database that fails now fails the act anyway
		return missingFile(field, *e)
	}
	known.Type = e.Type
	*e = *known
	return nil
}

// keptAll is kept for each of some files; what the caller passed stays as it was.
func (d *desk) keptAll(field string, all *[]qiaomen.Evidence) (list []*qiaomen.Problem) {
	if len(*all) > mostEvidence {
		return tooMany(field, "份材料", len(*all), mostEvidence)
	}
	*all = slices.Clone(*all)
	for i := range *all {
		if p := d.kept(field, &(*all)[i]); p != nil {
			list = append(list, p)
		}
	}
	return list
}

func missingFile(field string, e qiaomen.Evidence) *qiaomen.Problem {
	return &qiaomen.Problem{Text: "没有收到文件“" + qiaomen.Clip(e.Name) + "”", Fix: "请重新上传", At: qiaomen.Place{Field: field}}
}

// there tells whether a file's bytes are kept.
func (d *desk) there(e qiaomen.Evidence) bool {
	digest, err := blob.ParseDigest(e.Digest)
	if err != nil {
		return false
	}
	status, err := d.o.files.Status(digest)
	return err == nil && status.State == blob.Kept
}

// mayName is what is known of a file that the person may name, or nil: to the
// office any that was sent, to a unit what its people sent or its records have.
func (d *desk) mayName(digest string) (*qiaomen.Evidence, error) {
	office := d.using != nil && !d.using.Role.OfUnit()
	for _, v := range d.journals() {
		u, err := uploaded(v, digest)
		if err != nil {
			return nil, err
		}
		i := slices.IndexFunc(u.Senders, func(s sender) bool { return s.Person == d.person })
		if i < 0 {
			i = slices.IndexFunc(u.Senders, func(s sender) bool {
				return office || d.using != nil && slices.Contains(s.Units, d.using.Unit)
			})
		}
		if i >= 0 {
			u.Found.Name = u.Senders[i].Name
			return &u.Found, nil
		}
	}
	f, err := store.One[qiaomen.EvidenceFile](d.r, digest)
	if err != nil || f == nil {
		return nil, err
	}
	for _, id := range f.Records {
		r, err := d.record(id)
		if err != nil {
			return nil, err
		}
		if !office && (d.using == nil || r.Unit != d.using.Unit) {
			continue
		}
		_, _, content := r.Pending()
		for _, e := range slices.Concat(content.Evidence, r.Content.Evidence) {
			if e.Digest == digest {
				return &e, nil
			}
		}
	}
	return nil, nil
}

// journals is where files for the act may have been sent: its own journal, and
// the installation's.
func (d *desk) journals() []*store.View {
	if d.tx != nil {
		return []*store.View{d.tx.In(d.tx.Journal()), d.home()}
	}
	return []*store.View{d.r.(*store.View), d.home()}
}
