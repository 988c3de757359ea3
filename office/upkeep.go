package office

import (
	"context"
	"regexp"
	"slices"

	"qiaomen"
	"qiaomen/journal"
	"qiaomen/store"
)

// A Backup is a backup as the command made it.
type Backup struct {
	Digest string `json:"digest"` // SHA-256 of the file, hexadecimal
	Size   int64  `json:"size"`
}

var digestForm = regexp.MustCompile(`^[0-9a-f]{64}$`)

func digested(list *complaints, digest string) {
	if !digestForm.MatchString(digest) {
		list.add("digest", "文件的摘要不对", "应是64位十六进制的 SHA-256")
	}
}

var backUp = &act[Backup]{
	action: qiaomen.ActBackUp,
	home:   true,
	check: func(_ *desk, a *Backup) error {
		var list complaints
		digested(&list, a.Digest)
		if a.Size <= 0 {
			list.add("size", "备份文件是空的", "请重新备份")
		}
		return faults(list)
	},
	do: func(d *desk, a *Backup) (string, error) {
		return a.Digest, d.emit(&qiaomen.BackupTaken{Digest: a.Digest, Size: a.Size})
	},
}

// BackUp records that a backup was made.
func (o *Office) BackUp(ctx context.Context, by Caller, a Backup) (*Answer, error) {
	return perform(ctx, o, by, backUp, a)
}

// BackedUp records a backup that the program took by itself, at the time of day
// that the system administrator has set.
func (o *Office) BackedUp(ctx context.Context, a Backup) error {
	if err := backUp.check(nil, &a); err != nil {
		return err
	}
	_, err := o.store.Write(ctx, store.Act{Journal: InstallationJournal, At: o.now()}, func(tx *store.Tx) error {
		return tx.Emit(&qiaomen.BackupTaken{Digest: a.Digest, Size: a.Size})
	})
	return told(err)
}

// A Restoring is a backup that is to be restored, why, and what is lost by it.
type Restoring struct {
	Digest string `json:"digest"`
	Reason string `json:"reason"`
	Lost   string `json:"lost"` // the positions that the backup does not have, or that there are none
}

var restore = twofold(&act[Restoring]{
	action: qiaomen.ActRestore,
	home:   true,
	needs:  func(d *desk, _ *Restoring) ([][]qiaomen.Role, error) { return d.bothOthers() },
	check: func(_ *desk, a *Restoring) error {
		var list complaints
		digested(&list, a.Digest)
		list.reason(a.Reason)
		if a.Lost == "" {
			list.add("lost", "没有写明恢复后会缺哪些日志", "请照恢复前的报告填写，没有缺失的写“无”")
		}
		return faults(list)
	},
	do: func(d *desk, a *Restoring) (string, error) {
		return a.Digest, d.emit(&qiaomen.RestoreApproved{Digest: a.Digest, Reason: a.Reason, Lost: a.Lost})
	},
})

// bothOthers is that the security and the audit administrator must both agree
// to what the system administrator proposes (separation 18). In a small office
// where the proposer is the security administrator too there are two people and
// no third: the audit administrator agrees.
func (d *desk) bothOthers() ([][]qiaomen.Role, error) {
	p, err := d.procedure()
	if err != nil {
		return nil, err
	}
	if !p.ThreeAdmins && d.holding(qiaomen.SecurityAdmin) != nil {
		return [][]qiaomen.Role{{qiaomen.AuditAdmin}}, nil
	}
	return [][]qiaomen.Role{{qiaomen.SecurityAdmin}, {qiaomen.AuditAdmin}}, nil
}

// ApproveRestore proposes that a backup be restored. The restoring itself is the
// command's, once the last of them has agreed.
func (o *Office) ApproveRestore(ctx context.Context, by Caller, a Restoring) (*Answer, error) {
	return perform(ctx, o, by, restore, a)
}

// A Rotation is another key for the journals' signatures, and why.
type Rotation struct {
	Verifier string `json:"verifier"` // its public half, in the note form
	Reason   string `json:"reason"`
}

var rotateKeys = twofold(&act[Rotation]{
	action: qiaomen.ActRotateKeys,
	home:   true,
	needs:  func(d *desk, _ *Rotation) ([][]qiaomen.Role, error) { return d.bothOthers() },
	check: func(d *desk, a *Rotation) error {
		var list complaints
		if _, err := journal.Trust(a.Verifier); err != nil {
			list.add("verifier", "公钥写得不对："+err.Error(), "请照命令输出的那一行填写")
		}
		home, err := d.installation()
		if err != nil {
			return err
		}
		if slices.ContainsFunc(home.Keys, func(k qiaomen.SigningKey) bool { return k.Verifier == a.Verifier }) {
			list.add("verifier", "这个公钥已经用过", "请生成新的密钥")
		}
		list.reason(a.Reason)
		return faults(list)
	},
	do: func(d *desk, a *Rotation) (string, error) {
		return a.Verifier, d.emit(&qiaomen.KeyRotated{Verifier: a.Verifier, Reason: a.Reason})
	},
})

// RotateKeys proposes that the journals be signed with another key from now on.
func (o *Office) RotateKeys(ctx context.Context, by Caller, a Rotation) (*Answer, error) {
	return perform(ctx, o, by, rotateKeys, a)
}

// VerifyJournal looks through every journal: its chain, its tree, and what was
// signed. That the tables are what the journals give is the command's to find,
// which has a place to replay them.
func (o *Office) VerifyJournal(ctx context.Context, by Caller) (*store.Findings, error) {
	err := o.look(ctx, by, qiaomen.ActVerify, nil, func(d *desk) error {
		return d.noted(ctx, qiaomen.ActVerify, "", "")
	})
	if err != nil {
		return nil, err
	}
	found, err := o.store.Verify(ctx, nil)
	return found, told(err)
}

// Receipt is the receipt of an entry that the caller made, under the journal's
// newest checkpoint; it needs no role, since one outlives the other. Entries of
// others are not there.
func (o *Office) Receipt(ctx context.Context, by Caller, name string, position int64) ([]byte, error) {
	person, mine := "", false
	err := o.read(ctx, InstallationJournal, func(v *store.View) error {
		d, err := o.sit(v, v.In, by, qiaomen.MomentOf(o.now()).UTC(), "")
		if err != nil {
			return err
		}
		person = d.person
		if by.Only != nil && !slices.Contains(by.Only, qiaomen.ActReadPublished) || person == "" {
			return nil
		}
		size, err := v.In(name).Position()
		if err != nil || position < 1 || position > size {
			return err
		}
		e, err := v.In(name).Entry(position)
		if err == nil {
			mine = e.Person == person
		}
		return err
	})
	if err != nil {
		return nil, told(err)
	}
	if !mine {
		return nil, o.denied(ctx, by, person, &Denied{Action: qiaomen.ActReadPublished, Why: "不是本人的日志", Hidden: true})
	}
	return o.store.Receipt(ctx, name, position)
}
