package office_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"

	"qiaomen"
	"qiaomen/journal"
	"qiaomen/office"
	"qiaomen/store/storetest"
)

func digest(c rune) string { return strings.Repeat(string(c), 64) }

func TestPolicy(t *testing.T) {
	both(t, qiaomen.ThreePowers, func(w *world) {
		p, err := w.Policy(ctx)
		if err != nil || p.MinLength != 10 || !p.SecondFactor {
			w.t.Fatalf("%+v: %v", p, err)
		}
		low := qiaomen.Policy{MinLength: 7, TriesBeforeLock: 6, LockMinutes: 14, IdleMinutes: 31, HoursAtMost: 13, MaxAgeDays: 181, FirstCodeHours: 73, AdminAddresses: []string{"10.0.0.0/8", "here"}}
		_, err = w.SetPolicy(ctx, w.inHouse("security"), low)
		for _, want := range []string{"密码最短7位", "连续输错6次", "锁定14分钟", "无操作退出31分钟", "一次登录最长13小时", "密码有效181天", "一次性代码有效73小时", "双因素", "“here”"} {
			w.refuses(err, want)
		}
		p.MinLength, p.FirstCodeHours, p.AdminAddresses = 12, 24, []string{"10.1.2.3", "fd00::/8"}
		for _, login := range []string{"system", "auditadmin", "handler"} {
			_, err := w.SetPolicy(ctx, w.inHouse(login), p)
			w.denies(err)
		}
		w.must(w.SetPolicy(ctx, w.inHouse("security"), p))
		if now, err := w.Policy(ctx); err != nil || now.MinLength != 12 || len(now.AdminAddresses) != 2 {
			w.t.Errorf("%+v: %v", now, err)
		}
		code := w.account("system", "newcomer", "n-1")
		w.now = w.now.AddDate(0, 0, 2)
		err = w.takeUp("newcomer", code.Code)
		w.refuses(err, "过期")
	})
}

func TestEndSessions(t *testing.T) {
	both(t, qiaomen.ThreePowers, func(w *world) {
		w.must(w.EndSessions(ctx, w.inHouse("security"), w.people["handler"], "设备遗失"))
		if a := noun[qiaomen.Account](w, office.InstallationJournal, w.people["handler"]); a.SessionsFrom == "" || a.SecretsFrom >= a.SessionsFrom && a.SecretsFrom != a.SessionsFrom {
			w.t.Errorf("%+v", a)
		}
		_, err := w.EndSessions(ctx, w.inHouse("security"), w.people["handler"], "")
		w.refuses(err, "没有写理由")
		_, err = w.EndSessions(ctx, w.inHouse("security"), "c-none", "试")
		w.refuses(err, "没有找到")
		_, err = w.EndSessions(ctx, w.inHouse("system"), w.people["handler"], "试")
		w.denies(err)
	})
}

func TestSettings(t *testing.T) {
	both(t, qiaomen.ThreePowers, func(w *world) {
		w.must(w.ChangeSettings(ctx, w.inHouse("system"), map[string]string{"name": "示例系统", "upload_mb": "50"}))
		w.must(w.ChangeSettings(ctx, w.inHouse("system"), map[string]string{"upload_mb": "60", "backup_at": "02:30", "address": "https://example.com"}))
		got := noun[qiaomen.Installation](w, office.InstallationJournal, "installation").Settings
		if len(got) != 4 || got["name"] != "示例系统" || got["upload_mb"] != "60" {
			w.t.Errorf("%v", got)
		}
		_, err := w.ChangeSettings(ctx, w.inHouse("system"), map[string]string{
			"mail_password": "x", "nmae": "x", "address": "https://a:b@example.com", "audit_days": "90", "backup_at": "25:00", "mail_from": "a b", "name": "一\n二", "witness": "http://example.com",
		})
		for _, want := range []string{"密码和密钥不能写进设置", "没有“nmae”这项设置", "不要带账号", "180到3650", "02:30", "邮箱地址", "看不见的字符", "https 开头"} {
			w.refuses(err, want)
		}
		_, err = w.ChangeSettings(ctx, w.inHouse("system"), nil)
		w.refuses(err, "没有要改的设置")
		for _, login := range []string{"security", "auditadmin", "handler"} {
			_, err := w.ChangeSettings(ctx, w.inHouse(login), map[string]string{"name": "示例"})
			w.denies(err)
		}
	})
}

// TestThreePresent: a restore and a change of keys take all three (separation 18).
func TestThreePresent(t *testing.T) {
	both(t, qiaomen.ThreePowers, func(w *world) {
		_, vkey, err := journal.NewSigner("example.com/next", [32]byte{1})
		if err != nil {
			w.t.Fatal(err)
		}
		before := len(noun[qiaomen.Installation](w, office.InstallationJournal, "installation").Keys)
		for name, propose := range map[string]func(by string) (*office.Answer, error){
			"restore": func(by string) (*office.Answer, error) {
				return w.ApproveRestore(ctx, w.inHouse(by), office.Restoring{Digest: digest('a'), Reason: "磁盘损坏", Lost: "无"})
			},
			"keys": func(by string) (*office.Answer, error) {
				return w.RotateKeys(ctx, w.inHouse(by), office.Rotation{Verifier: vkey, Reason: "换服务器"})
			},
		} {
			for _, login := range []string{"security", "auditadmin", "handler", "auditor"} {
				_, err := propose(login)
				w.denies(err)
			}
			p := w.must(propose("system"))
			_, err = w.Approve(ctx, w.inHouse("system"), p.Proposal)
			w.denies(err)
			if a := w.must(w.Approve(ctx, w.inHouse("security"), p.Proposal)); a.Proposal == "" {
				w.t.Errorf("%s: two were enough", name)
			}
			_, err = w.Approve(ctx, w.inHouse("security2"), p.Proposal)
			w.denies(err)
			if a := w.must(w.Approve(ctx, w.inHouse("auditadmin"), p.Proposal)); a.Proposal != "" {
				w.t.Errorf("%s: %+v", name, a)
			}
		}
		keys := noun[qiaomen.Installation](w, office.InstallationJournal, "installation").Keys
		if len(keys) != before+1 || keys[before].Verifier != vkey {
			w.t.Errorf("%+v", keys)
		}
		_, err = w.RotateKeys(ctx, w.inHouse("system"), office.Rotation{Verifier: vkey})
		for _, want := range []string{"已经用过", "没有写理由"} {
			w.refuses(err, want)
		}
		_, err = w.RotateKeys(ctx, w.inHouse("system"), office.Rotation{Verifier: "nonsense", Reason: "试"})
		w.refuses(err, "公钥写得不对")
		_, err = w.ApproveRestore(ctx, w.inHouse("system"), office.Restoring{Digest: "x"})
		for _, want := range []string{"摘要不对", "没有写理由", "缺哪些日志"} {
			w.refuses(err, want)
		}
	})
}

// TestTwoPresent: in a small office there are two, and both must be there.
func TestTwoPresent(t *testing.T) {
	for _, engine := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			w := small(t, engine)
			p := w.must(w.ApproveRestore(ctx, w.inHouse("admin"), office.Restoring{Digest: digest('a'), Reason: "磁盘损坏", Lost: "无"}))
			_, err := w.Approve(ctx, w.inHouse("admin"), p.Proposal)
			w.denies(err)
			if a := w.must(w.Approve(ctx, w.inHouse("audit"), p.Proposal)); a.Proposal != "" {
				t.Errorf("%+v", a)
			}
		})
	}
}

func TestBackUp(t *testing.T) {
	both(t, qiaomen.ThreePowers, func(w *world) {
		me := w.inHouse("system")
		a := w.must(w.BackUp(ctx, me, office.Backup{Digest: digest('a'), Size: 9}))
		if again := w.must(w.BackUp(ctx, me, office.Backup{Digest: digest('a'), Size: 9})); again.ID != a.ID || !again.Again {
			w.t.Errorf("%+v", again)
		}
		_, err := w.BackUp(ctx, w.inHouse("system"), office.Backup{Digest: "A"})
		for _, want := range []string{"摘要不对", "是空的"} {
			w.refuses(err, want)
		}
		_, err = w.BackUp(ctx, w.inHouse("security"), office.Backup{Digest: digest('a'), Size: 9})
		w.denies(err)
		w.refuses(w.BackedUp(ctx, office.Backup{Digest: "A"}), "是空的")
		if err := w.BackedUp(ctx, office.Backup{Digest: digest('b'), Size: 9}); err != nil {
			w.t.Error(err)
		}
	})
}

func TestVerifyJournal(t *testing.T) {
	both(t, qiaomen.ThreePowers, func(w *world) {
		for _, login := range []string{"evaluator", "member", "auditor", "system", "security", "auditadmin"} {
			found, err := w.VerifyJournal(ctx, w.as(login))
			if err != nil || !found.Good() || len(found.Journals) < 2 {
				w.t.Errorf("%s: %+v, %v", login, found, err)
			}
		}
		for _, login := range []string{"jixian-head", "handler", "leader", "statistician"} {
			_, err := w.VerifyJournal(ctx, w.as(login))
			w.denies(err)
		}
	})
}

func TestReceipt(t *testing.T) {
	both(t, qiaomen.SmallOffice, func(w *world) {
		id := w.report("jixian-reporter", "jixian", "reserve_project", "示例石墨项目", reserve)
		a := w.must(w.Accept(ctx, w.as("handler"), id, 1))
		got, err := w.Receipt(ctx, w.as("handler"), winter, a.Last)
		if err != nil || !bytes.HasPrefix(got, a.Receipt[:20]) {
			w.t.Errorf("%s: %v", got, err)
		}
		for _, login := range []string{"jixian-reporter", "auditor", "auditadmin"} {
			_, err := w.Receipt(ctx, w.as(login), winter, a.Last)
			w.refuses(err, "没有找到")
		}
		for _, at := range []int64{-1, 0, a.Last + 1} {
			_, err := w.Receipt(ctx, w.as("handler"), winter, at)
			w.refuses(err, "没有找到")
		}
		_, err = w.Receipt(ctx, w.as("handler"), "no-such", 1)
		w.refuses(err, "没有找到")
	})
}

func TestAudit(t *testing.T) {
	both(t, qiaomen.ThreePowers, func(w *world) {
		_, _ = w.Recognise(ctx, w.as("jixian-reporter"), office.Decision{Record: "r-none"}) // denied
		_, _ = w.People(ctx, w.inHouse("handler"))                                          // denied, and none of the campaign's
		_ = w.takeUp("handler", "wrong")
		page, err := w.Audit(ctx, w.inHouse("auditadmin"), office.AuditQuery{})
		if err != nil || len(page.Entries) != 4 || page.Next != 0 { // with this look itself
			w.t.Fatalf("%+v: %v", page, err)
		}
		if e := page.Entries[0]; e.Person != w.personOf("jixian-reporter") || e.Action != "recognise" || e.Campaign != winter || e.Event != "access_denied" || e.Why == "" {
			w.t.Errorf("%+v", e)
		}
		if e := page.Entries[3]; e.Event != "access_given" || e.Action != "read_audit" || e.Person != w.personOf("auditadmin") {
			w.t.Errorf("%+v", e)
		}
		for _, q := range []office.AuditQuery{
			{Person: w.personOf("jixian-reporter")},
			{Action: "recognise"},
			{Campaign: winter, Event: "access_denied"},
			{After: 1, Limit: 1},
			{Limit: 1},
		} {
			if page, err := w.Audit(ctx, w.inHouse("auditadmin"), q); err != nil || len(page.Entries) != 1 {
				w.t.Errorf("%+v gives %+v: %v", q, page, err)
			}
		}
		// Days, and one page after another.
		w.now = w.now.AddDate(0, 0, 1)
		_, _ = w.Recognise(ctx, w.as("jixian-reporter"), office.Decision{Record: "r-late"})
		if page, err := w.Audit(ctx, w.inHouse("auditadmin"), office.AuditQuery{From: "2023-12-13", Action: "recognise"}); err != nil || len(page.Entries) != 1 {
			w.t.Errorf("%+v: %v", page, err)
		}
		seen, after := 0, int64(0)
		for range 20 {
			page, err := w.Audit(ctx, w.inHouse("auditadmin"), office.AuditQuery{Until: "2023-12-12", Limit: 2, After: after})
			if err != nil {
				w.t.Fatal(err)
			}
			seen += len(page.Entries)
			if after = page.Next; after == 0 {
				break
			}
		}
		if seen != 9 {
			w.t.Errorf("%d entries on the first day", seen)
		}

		// What was done elsewhere, without its data.
		page, err = w.Audit(ctx, w.inHouse("auditadmin"), office.AuditQuery{Journal: office.InstallationJournal, Event: "role_granted", Limit: 500})
		if err != nil || len(page.Entries) != len(cast) {
			w.t.Errorf("%d: %v", len(page.Entries), err)
		}

		// The auditor sees the campaign's, not who signed in and how.
		page, err = w.Audit(ctx, w.as("auditor"), office.AuditQuery{})
		if err != nil || len(page.Entries) != 2 || page.Entries[0].Action != "recognise" {
			w.t.Errorf("%+v: %v", page, err)
		}
		page, err = w.Audit(ctx, w.as("auditor"), office.AuditQuery{Journal: winter})
		if err != nil || len(page.Entries) == 0 || page.Entries[0].Event != "campaign_created" {
			w.t.Errorf("%+v: %v", page, err)
		}
		_, err = w.Audit(ctx, w.as("auditor"), office.AuditQuery{Journal: office.InstallationJournal})
		w.denies(err)
		for _, login := range []string{"system", "security", "handler", "jixian-head"} {
			_, err := w.Audit(ctx, w.as(login), office.AuditQuery{})
			w.denies(err)
		}
	})
}

// TestAuditAdminActs: who watches the watcher (separation 19).
func TestAuditAdminActs(t *testing.T) {
	both(t, qiaomen.ThreePowers, func(w *world) {
		_, _ = w.Recognise(ctx, w.as("jixian-reporter"), office.Decision{Record: "r-none"})
		if _, err := w.Audit(ctx, w.inHouse("auditadmin"), office.AuditQuery{}); err != nil {
			w.t.Fatal(err)
		}
		for _, login := range []string{"security", "auditor"} {
			page, err := w.AuditAdminActs(ctx, w.as(login), office.AuditQuery{})
			if err != nil || len(page.Entries) != 1 || page.Entries[0].Person != w.personOf("auditadmin") {
				w.t.Errorf("%s: %+v, %v", login, page, err)
			}
			page, err = w.AuditAdminActs(ctx, w.as(login), office.AuditQuery{Journal: winter})
			if err == nil {
				w.t.Errorf("%s: %+v", login, page)
			}
		}
		for _, login := range []string{"auditadmin", "system", "handler"} {
			_, err := w.AuditAdminActs(ctx, w.as(login), office.AuditQuery{})
			w.denies(err)
		}
	})
}

func TestArchive(t *testing.T) {
	both(t, qiaomen.ThreePowers, func(w *world) {
		_, _ = w.Recognise(ctx, w.as("jixian-reporter"), office.Decision{Record: "r-none"})
		var out bytes.Buffer
		_, err := w.ArchiveAudit(ctx, w.inHouse("auditadmin"), "2023-12-12", &out)
		w.refuses(err, "没有过保留期")
		w.must(w.ChangeSettings(ctx, w.inHouse("system"), map[string]string{"audit_days": "180"}))
		w.now = w.now.AddDate(0, 0, 181)
		_, _ = w.Recognise(ctx, w.as("jixian-reporter"), office.Decision{Record: "r-late"})
		for _, login := range []string{"system", "security", "auditor"} {
			_, err := w.ArchiveAudit(ctx, w.as(login), "2023-12-12", &out)
			w.denies(err)
		}
		_, err = w.ArchiveAudit(ctx, w.inHouse("auditadmin"), "2023-12-11", &out)
		w.refuses(err, "没有日志")
		out.Reset()
		a := w.must(w.ArchiveAudit(ctx, w.inHouse("auditadmin"), "2023-12-12", &out))
		sum := sha256.Sum256(out.Bytes())
		if a.ID != hex.EncodeToString(sum[:]) || bytes.Count(out.Bytes(), []byte("\n")) != 1 {
			w.t.Errorf("%s is not of\n%s", a.ID, out.Bytes())
		}

		out.Reset()
		if err := w.ExportAudit(ctx, w.inHouse("auditadmin"), &out); err != nil {
			w.t.Fatal(err)
		}
		vkey, err := w.store.Vkey(office.AuditJournal)
		if err != nil {
			w.t.Fatal(err)
		}
		if _, err := journal.ReadExport(&out, vkey, nil); err != nil {
			w.t.Error(err)
		}
		w.denies(w.ExportAudit(ctx, w.as("auditor"), &out))
	})
}
