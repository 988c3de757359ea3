package office

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/go-json-experiment/json"

	"qiaomen"
	"qiaomen/blob"
	"qiaomen/store"
)

// An upload is a file that was sent for an act to name: what was found of it,
// and who sent it. By digest it stands in the working table upload until an act
// names it, and then in job. An act says which file it means; what that file is
// the act does not say.
type upload struct {
	Found   qiaomen.Evidence `json:"found"` // without type and name
	Senders []sender         `json:"senders"`
	// At is when it was last sent. Over is when it was found to lie there for too
	// long: from then on no act may name it, and later it is taken away (sweep.go).
	// Going are those whose bytes are being taken away.
	At    string `json:"at,omitzero"`
	Over  string `json:"over,omitzero"`
	Going bool   `json:"going,omitzero"`
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
// office; a file that no act names is seen by nobody, and taken away after a day
// (SweepUploads). Of files that no act names a person, and a unit's people
// together, have so many bytes (Room).
func (o *Office) KeepFile(ctx context.Context, by Caller, kind, name string, file io.Reader) (qiaomen.Evidence, error) {
	room, err := o.Room(ctx, by)
	if err != nil {
		return qiaomen.Evidence{}, err
	}
	counted := &counted{r: file}
	e, err := o.put(ctx, by, kind, name, counted, room)
	if errors.Is(err, blob.ErrTooLarge) && counted.n > room {
		err = o.noRoom(room)
	}
	if err != nil {
		return qiaomen.Evidence{}, err
	}
	by.Key = "" // of the act that names the file
	request := asked{action: qiaomen.ActAddEvidence, request: "keep file", home: by.Campaign == ""}
	if err := o.decide(ctx, by, request, &Answer{}, func(d *desk) error { return d.sent(e) }); err != nil {
		return e, err
	}
	return e, o.stillThere(ctx, e)
}

// counted counts what is read.
type counted struct {
	r io.Reader
	n int64
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

// usualUnnamed is how many bytes of files one person may have sent that no act
// has named; a unit's people together may have unitTimes as many.
const (
	usualUnnamed = 512 << 20
	unitTimes    = 4
)

// Room is how many bytes of files the caller may send now. One who has none left
// is told so.
func (o *Office) Room(ctx context.Context, by Caller) (room int64, err error) {
	if err := o.inUse(ctx, by, qiaomen.ActAddEvidence); err != nil {
		return 0, err
	}
	name := by.Campaign
	if name == "" {
		name = InstallationJournal
	} else if known, err := o.knows(ctx, name); err != nil || !known {
		return 0, cmp.Or(err, errCampaign)
	}
	err = o.store.Read(ctx, name, 0, func(v *store.View) error {
		d, err := o.sit(v, v.In, by, qiaomen.MomentOf(o.now()).UTC(), "")
		if err == nil {
			room, err = d.room(v, "")
		}
		return err
	})
	if err == nil && room <= 0 {
		err = o.noRoom(0)
	}
	return room, err
}

// room is how many bytes the person has left, the file of that digest apart.
func (d *desk) room(v *store.View, apart string) (int64, error) {
	n, err := v.Weight("", d.person, apart)
	room := d.o.unnamed - n
	if units := d.ownUnits(); err == nil && len(units) > 0 {
		n, err = v.Weight(units[0].Unit, "", apart)
		room = min(room, unitTimes*d.o.unnamed-n)
	}
	return room, err
}

func (o *Office) noRoom(room int64) error {
	text := "您或本单位已上传、还没有填报使用的文件太多，不能再收"
	if room > 0 {
		text = fmt.Sprintf("您或本单位已上传、还没有填报使用的文件太多，现在最多还能收 %d KB", room>>10)
	}
	return &qiaomen.Problem{Code: qiaomen.TooLarge, Text: text, Fix: "请先把已上传的文件用于填报；一天没有用到的会自动清除"}
}

// put keeps a file's bytes, most of them at most (0: as many as its format may
// have), of somebody whose account is in use, and tells what was found of them.
func (o *Office) put(ctx context.Context, by Caller, kind, name string, file io.Reader, most int64) (qiaomen.Evidence, error) {
	if err := o.inUse(ctx, by, qiaomen.ActAddEvidence); err != nil { // before a byte is read
		return qiaomen.Evidence{}, err
	}
	stored, err := o.files.Put(ctx, file, blob.Sent{Name: name, Limit: most})
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
	person, err := o.personOf(ctx, by)
	if err == nil && person == "" {
		err = o.denied(ctx, by, person, &Denied{Action: action, Why: unknownAccount})
	}
	return err
}

// sent notes that the person sent a file.
func (d *desk) sent(e qiaomen.Evidence) error {
	if going, err := d.going(e.Digest); err != nil || going {
		return cmp.Or(err, error(missingFile("", e)))
	}
	v := d.tx.In(d.tx.Journal())
	u, named, err := uploaded(v, e.Digest)
	if err != nil {
		return err
	}
	me := sender{Person: d.person, Name: e.Name}
	w := store.Work{ID: e.Digest, Owner: d.person, Weight: e.Size}
	for i, g := range d.ownUnits() {
		if me.Units = append(me.Units, g.Unit); i == 0 {
			w.Unit = g.Unit
		}
	}
	u.Found, u.At, u.Over = e, d.at, ""
	u.Found.Type, u.Found.Name = "", ""
	u.Senders = append(slices.DeleteFunc(u.Senders, func(s sender) bool { return s.Person == d.person }), me)
	if w.Data, err = json.Marshal(u, json.Deterministic(true)); err != nil {
		return err
	}
	if named {
		return d.tx.Keep("job", store.Work{ID: uploadJob(e.Digest), Data: w.Data})
	}
	if room, err := d.room(v, e.Digest); err != nil || e.Size > room {
		return cmp.Or(err, d.o.noRoom(room))
	}
	return d.tx.Keep("upload", w)
}

// uploaded is a file as it was sent, and whether an act named it; of one that
// nobody sent, without senders.
func uploaded(v *store.View, digest string) (u upload, named bool, err error) {
	w, err := v.Work("upload", digest)
	if err == nil && w == nil {
		w, err = v.Work("job", uploadJob(digest))
		named = w != nil
	}
	if err == nil && w != nil {
		err = json.Unmarshal(w.Data, &u)
	}
	return u, named, err
}

// nowNamed notes that an act names a file: it stays.
func (d *desk) nowNamed(digest string) error {
	if d.tx == nil {
		return nil
	}
	for i, v := range d.journals() {
		w, err := v.Work("upload", digest)
		if err != nil {
			return err
		}
		if w == nil {
			continue
		}
		if i == 0 {
			if err := d.tx.Drop("upload", digest); err != nil {
				return err
			}
		}
		return d.tx.Keep("job", store.Work{ID: uploadJob(digest), Data: w.Data})
	}
	return nil
}

// kept puts what was found of a file in place of what an act says of it. It
// tells what is wrong: the file must be there, and the person must be one who
// may name it.
func (d *desk) kept(field string, e *qiaomen.Evidence) *qiaomen.Problem {
	known, err := d.mayName(e.Digest)
	if err != nil || known == nil { // a database that fails now fails the act anyway
		return missingFile(field, *e)
	}
	if p := d.missing(field, *e); p != nil {
		return p
	}
	if err := d.nowNamed(e.Digest); err != nil {
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

// mayName is what is known of a file that the person may name, or nil: to the
// office any that was sent, to a unit what its people sent or its records have.
func (d *desk) mayName(digest string) (*qiaomen.Evidence, error) {
	office := d.using != nil && !d.using.Role.OfUnit()
	for _, v := range d.journals() {
		u, _, err := uploaded(v, digest)
		if err != nil {
			return nil, err
		}
		if u.Over != "" {
			continue
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
