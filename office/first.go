package office

import (
	"cmp"
	"context"
	"slices"

	"qiaomen"
	"qiaomen/records"
	"qiaomen/similar"
	"qiaomen/store"
)

// rivals is the other claims on what a record claims, that are not lost. Those
// are left out that a settlement told apart from the record, while the two still
// claim under keys of their own.
func (d *desk) rivals(record string, keys []string) ([]*qiaomen.Claim, error) {
	settled, err := store.All[qiaomen.Settlement](d.r, store.Filter{States: []qiaomen.State{"different"}})
	if err != nil {
		return nil, err
	}
	var out []*qiaomen.Claim
	for _, key := range keys {
		whose, like := qiaomen.Likeness(key)
		of := []string{qiaomen.PlainClaim(key)}
		for _, s := range settled {
			of = append(of, s.Parted(key)...)
		}
		for _, one := range of {
			all, err := store.All[qiaomen.Claim](d.r, store.Filter{Key: qiaomen.ClaimDigest(one), States: []qiaomen.State{qiaomen.Waiting, qiaomen.Held}})
			if err != nil {
				return nil, err
			}
			for _, c := range all {
				apart := c.Key != key && slices.ContainsFunc(settled, func(s *qiaomen.Settlement) bool { return s.TellsApart(record, c.Record, key) })
				beside := like && record != whose && c.Record != whose // both are like a third, and perhaps not like each other
				if c.Record == record || apart || beside {
					continue
				}
				past, err := d.past(record, whose, c)
				if err != nil {
					return nil, err
				}
				if !past {
					out = append(out, c)
				}
			}
		}
	}
	return out, nil
}

// past tells whether somebody was like a record before it came back as another
// thing.
func (d *desk) past(record, whose string, c *qiaomen.Claim) (bool, error) {
	if record != whose {
		return false, nil
	}
	own, err := d.claimOn(record, qiaomen.LikeKey(record))
	if err != nil || own == nil || !c.Before(own) {
		return false, err
	}
	r, err := d.record(record)
	if err != nil {
		return false, err
	}
	like, err := d.likeness(r, c.Record)
	return like != nil && like.Verdict == similar.Different.String(), err
}

// claimOn is the record's own claim on what a key is of, or nil.
func (d *desk) claimOn(record, key string) (*qiaomen.Claim, error) {
	all, err := store.One[qiaomen.Claims](d.r, record)
	if err != nil || all == nil {
		return nil, err
	}
	i := slices.IndexFunc(all.Keys, func(k string) bool { return qiaomen.SameClaim(k, key) })
	if i < 0 {
		return nil, nil
	}
	return store.One[qiaomen.Claim](d.r, qiaomen.ClaimID(record, all.Keys[i]))
}

// claimKeys is what a record claims, or would once its amendment is recognised.
func (d *desk) claimKeys(r *qiaomen.LedgerRecord) ([]string, error) {
	all, err := store.One[qiaomen.Claims](d.r, r.ID)
	if err != nil || all == nil {
		return nil, err
	}
	keys := all.Keys
	if r.Amendment != nil {
		for _, key := range r.Amendment.Keys {
			if !slices.ContainsFunc(keys, func(k string) bool { return qiaomen.SameClaim(k, key) }) {
				keys = append(keys, key)
			}
		}
	}
	return keys, nil
}

// first asks that nobody else has what the record claims, and that nobody who
// reported it earlier still waits (首报确认制).
func (d *desk) first(r *qiaomen.LedgerRecord) error {
	keys, err := d.claimKeys(r)
	if err != nil {
		return err
	}
	rivals, err := d.rivals(r.ID, keys)
	if err != nil {
		return err
	}
	var list []*qiaomen.Problem
	for _, c := range rivals {
		mine, err := d.claimOn(r.ID, c.Key)
		if err != nil {
			return err
		}
		who, thing := "“"+d.unitName([]string{c.Unit})+"”的 "+c.Record, "同一事项"
		has := false // it is recognised, and no likeness is held
		if _, ok := qiaomen.Likeness(c.Key); ok {
			thing = "疑似同一事项"
			o, err := d.record(c.Record)
			if err != nil {
				return err
			}
			has = o.Counting()
		}
		switch {
		case mine != nil && mine.State == qiaomen.Lost:
		case c.State == qiaomen.Held || has:
			list = append(list, &qiaomen.Problem{Text: thing + "已由" + who + "首报并认定", Fix: "请对照两条记录，判定是否重复"})
		case mine == nil || c.Before(mine):
			list = append(list, &qiaomen.Problem{Text: thing + "有更早的上报：" + who, Fix: "请先认定较早的一条，或判定是否重复"})
		}
	}
	return faults(list)
}

// A Ruling is the office's on records that look like one thing.
type Ruling struct {
	Records []string `json:"records"`
	Same    bool     `json:"same"`
	// Holder has it, of the same thing; by default whoever reported it first.
	Holder string `json:"holder,omitzero"`
	Reason string `json:"reason"`
}

var settle = twofold(&act[Ruling]{
	action: qiaomen.ActSettle,
	about: func(d *desk, a *Ruling) (qiaomen.Subject, error) {
		var s qiaomen.Subject
		for i, id := range a.Records {
			r, err := d.record(id)
			if err != nil {
				return s, err
			}
			if s.Units = append(s.Units, r.Unit); i == 0 {
				s.Record = id
			}
		}
		return s, nil
	},
	check: func(d *desk, a *Ruling) error {
		if many := tooMany("records", "条记录", len(a.Records), mostNamed); many != nil {
			return faults(many)
		}
		if len(a.Records) < 2 {
			return problem("判定重复至少要两条记录", "请选两条以上")
		}
		for i, id := range a.Records {
			if slices.Contains(a.Records[:i], id) {
				return problem("“"+qiaomen.Clip(id)+"”选了两次", "请留一次")
			}
		}
		shared, err := d.sharedKeys(a.Records)
		if err != nil {
			return err
		}
		if len(shared) == 0 {
			return problem("这几条记录没有相同之处", "请核对编号")
		}
		if a.Holder != "" && (!a.Same || !slices.Contains(a.Records, a.Holder)) {
			return problem("首报单位不在这几条记录之中", "请从这几条中选一条")
		}
		return reasoned(a.Reason)
	},
	do: func(d *desk, a *Ruling) (string, error) {
		shared, err := d.sharedKeys(a.Records)
		if err != nil {
			return "", err
		}
		s := qiaomen.Settlement{ID: d.newID("s-"), Records: a.Records, Keys: shared, Same: a.Same, Holder: a.Holder, Reason: a.Reason}
		if a.Same && s.Holder == "" {
			if s.Holder, err = d.earliest(a.Records, shared); err != nil {
				return "", err
			}
		}
		for _, id := range a.Records {
			if !a.Same || id == s.Holder {
				continue
			}
			if only, err := d.amendmentOnly(id, shared, a.Records); err != nil {
				return "", err
			} else if only {
				s.Amended = append(s.Amended, id)
			}
		}
		if err := d.emit(&qiaomen.DuplicateSettled{Settlement: s}); err != nil {
			return "", err
		}
		if !a.Same {
			return s.ID, nil
		}
		for _, id := range a.Records {
			if id == s.Holder {
				continue
			}
			r, err := d.record(id)
			if err != nil {
				return "", err
			}
			reason := "判定重复：" + a.Reason
			switch r.State {
			case qiaomen.Recognised:
				if slices.Contains(s.Amended, id) { // its amendment alone is the same; what was recognised is another thing
					err = d.emit(&qiaomen.RecordRefused{ID: id, Version: r.Amendment.Version, Reason: reason})
					break
				}
				err = d.emit(&qiaomen.RecordRevoked{ID: id, Ground: "duplicate", Reason: reason})
			case qiaomen.Submitted, qiaomen.InReview, qiaomen.Returned, qiaomen.HandedOver:
				err = d.emit(&qiaomen.RecordRefused{ID: id, Version: r.Version, Reason: reason})
			}
			if err != nil {
				return "", err
			}
		}
		return s.ID, nil
	},
})

// amendmentOnly tells whether a record looks like the others of a ruling by the
// version alone that waits beside the one that counts.
func (d *desk) amendmentOnly(id string, shared, with []string) (bool, error) {
	r, err := d.record(id)
	if err != nil || r.State != qiaomen.Recognised || r.Amendment == nil {
		return false, err
	}
	own, err := store.One[qiaomen.Claims](d.r, id)
	if err != nil || own == nil {
		return err == nil, err
	}
	like := false // itself what the others look like
	for _, k := range own.Keys {
		if slices.ContainsFunc(shared, func(s string) bool { return qiaomen.SameClaim(k, s) }) {
			if !qiaomen.SameClaim(k, qiaomen.LikeKey(id)) {
				return false, nil
			}
			like = true
		}
	}
	if !like {
		return true, nil
	}
	mine, _, ok := thingOf(d.rules, d.rules.Kind(r.Kind), d.rules.Unit(r.Unit), r.Content.Name, r.Content.Fields)
	for _, id := range with {
		o, err := d.record(id)
		if err != nil {
			return false, err
		}
		theirs, _, too := thingOf(d.rules, d.rules.Kind(o.Kind), d.rules.Unit(o.Unit), o.Content.Name, o.Content.Fields)
		if id != r.ID && (!ok || !too || similar.Compare(mine, theirs).Judgement != similar.Different) {
			return false, nil
		}
	}
	return true, nil
}

// Settle rules on a likely duplicate: the same thing, and who has it, or two
// things. The loser's record stays visible and does not count.
func (o *Office) Settle(ctx context.Context, by Caller, a Ruling) (*Answer, error) {
	return perform(ctx, o, by, settle, a)
}

// sharedKeys is the keys that the first record shares with every other, as they
// were before anything was told apart.
func (d *desk) sharedKeys(ids []string) ([]string, error) {
	var shared, all []string
	for i, id := range ids {
		r, err := d.record(id)
		if err != nil {
			return nil, err
		}
		keys, err := d.claimKeys(r)
		if err != nil {
			return nil, err
		}
		all = append(all, keys...)
		if i == 0 {
			for _, key := range keys {
				shared = append(shared, qiaomen.PlainClaim(key))
			}
			continue
		}
		shared = slices.DeleteFunc(shared, func(k string) bool {
			return !slices.ContainsFunc(keys, func(own string) bool { return qiaomen.SameClaim(k, own) })
		})
	}
	for _, id := range ids { // of several that are alike each two have a key
		key := qiaomen.LikeKey(id)
		some := slices.ContainsFunc(all, func(k string) bool { return qiaomen.SameClaim(k, key) })
		if some && len(shared) > 0 && !slices.Contains(shared, key) {
			shared = append(shared, key)
		}
	}
	return shared, nil
}

// earliest is which of the records was first to claim what they share.
func (d *desk) earliest(ids, keys []string) (string, error) {
	var first *qiaomen.Claim
	for _, id := range ids {
		for _, key := range keys {
			c, err := d.claimOn(id, key)
			if err != nil {
				return "", err
			}
			if c != nil && (first == nil || c.Before(first)) {
				first = c
			}
		}
	}
	if first == nil {
		return ids[0], nil
	}
	return first.Record, nil
}

// A Hint tells a unit that something like its draft exists, and nothing more.
type Hint struct {
	Exists bool `json:"exists"`
	// Why is how they are alike: the same thing, the same file.
	Why []string `json:"why,omitzero"`
}

// DuplicateHint looks whether a draft would compete with what others reported.
func (o *Office) DuplicateHint(ctx context.Context, by Caller, draft string) (h Hint, err error) {
	whose := func(d *desk) (string, error) {
		w, err := d.draft(draft)
		return unitOf(w), err
	}
	err = o.look(ctx, by, qiaomen.ActHint, whose, func(d *desk) error {
		w, err := d.draft(draft)
		if err != nil {
			return err
		}
		k, u := d.rules.Kind(w.Kind), d.rules.Unit(w.Unit)
		_, values, list := records.Fields(d.rules, k, w.Fields, false)
		if err := faults(list); err != nil {
			return err
		}
		for _, key := range d.keys(k, u, w.Name, values, w.Evidence) {
			rivals, err := d.rivals(w.ID, []string{key})
			if err != nil {
				return err
			}
			rivals = slices.DeleteFunc(rivals, func(c *qiaomen.Claim) bool { return c.Record == w.Amends })
			if len(rivals) == 0 {
				continue
			}
			h.Exists = true
			if why := map[bool]string{true: "有一份佐证材料已在别处使用", false: "已有相同事项的上报"}[key[:min(5, len(key))] == "file "]; !slices.Contains(h.Why, why) {
				h.Why = append(h.Why, why)
			}
		}
		found, err := d.alike(w.Kind, w.Unit, cmp.Or(w.Amends, w.ID), w.Name, w.Fields)
		if err != nil {
			return err
		}
		// A company alone is not asked for: who courts it is nobody's to find out.
		thing, _, _ := thingOf(d.rules, k, u, w.Name, w.Fields)
		alone := similar.Thing{Project: thing.Project} // “项目” says nothing either
		if len(found) > 0 && similar.Compare(alone, alone).Score > 0 && (thing.Company != "" || k.Identity.Company == nil) {
			h.Exists = true
			h.Why = append(h.Why, "已有名称相近的上报")
		}
		return nil
	})
	return h, err
}
