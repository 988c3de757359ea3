package office_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"qiaomen"
	"qiaomen/blob"
	"qiaomen/office"
	"qiaomen/store"
)

const withContact = `{"target_companies":["示例甲公司","示例乙公司","示例丙公司"],"amount_yi":3,"contact":"示例联系人"}`

func viewed(w *world, login, id string) *office.RecordView {
	w.t.Helper()
	v, err := w.Record(ctx, w.as(login), id)
	if err != nil {
		w.t.Fatalf("%s: %v", login, err)
	}
	return v
}

func TestReadingARecord(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		id := w.report("jixian-reporter", "jixian", "reserve_project", "示例石墨项目", withContact)
		rival := w.report("youyi-reporter", "youyi", "reserve_project", "示例石墨项目", reserve)
		for _, who := range []string{"jixian-reporter", "jixian-head", "handler", "reviewer", "evaluator", "member", "auditor"} {
			v := viewed(w, who, id)
			if v.State != "已提交" || v.KindName != "储备项目" || v.UnitName != "集贤县" || bytes.Contains(v.Record.Content.Fields, []byte("示例联系人")) {
				w.t.Errorf("%s: %+v", who, v)
			}
			if got := fmt.Sprint(v.Personal); got != "map[contact:示**]" {
				w.t.Errorf("%s sees of the contact %s", who, got)
			}
			if len(v.Lacks) != 1 || !strings.Contains(v.Lacks[0], "目标企业") {
				w.t.Errorf("%s: it lacks %q", who, v.Lacks)
			}
			unit := strings.HasPrefix(who, "jixian")
			if unit != (len(v.Rivals) == 0) || !unit && (v.Rivals[0].Record != rival || v.Rivals[0].Earlier || v.Rivals[0].UnitName != "友谊县") {
				w.t.Errorf("%s: rivals %+v", who, v.Rivals)
			}
		}
		for _, who := range []string{"youyi-reporter", "bio-head"} {
			w.hidden("record", func(id string) error { _, err := w.Record(ctx, w.as(who), id); return err }, id)
			w.hidden("original", func(id string) error { _, err := w.OpenOriginal(ctx, w.as(who), id, "x"); return err }, id)
			w.hidden("view", func(id string) error { _, err := w.View(ctx, w.as(who), id, "x"); return err }, id)
			w.hidden("unmask", func(id string) error { _, err := w.Unmask(ctx, w.as(who), id, "示例"); return err }, id)
			w.hidden("list", func(unit string) error { _, err := w.Records(ctx, w.as(who), office.Listing{Unit: unit}); return err }, "jixian")
		}
		for _, who := range []string{"statistician", "system", "security", "auditadmin"} {
			_, err := w.Record(ctx, w.as(who), id)
			w.refused(nil, err)
		}
		_, err := w.Record(ctx, w.as("handler"), "nothing")
		w.faulty("没有找到记录“nothing”")(nil, err)

		// A leader sees what is recognised, and leads on their way to one.
		_, err = w.Record(ctx, w.as("leader"), id)
		w.faulty("没有找到")(nil, err)
		w.recognised(id, 1)
		if v := viewed(w, "leader", id); v.State != "已认定" || len(v.Rivals)+len(v.History) > 0 {
			w.t.Errorf("the leader sees %+v", v)
		}
		w.now = w.now.Add(time.Second)
		lead := w.report("youyi-reporter", "youyi", "domestic_lead", "示例线索", `{"target_company":"示例甲公司","content":"示例","amount_yi":2}`)
		seen := func() string {
			page, err := w.Records(ctx, w.as("leader"), office.Listing{Limit: 1})
			if err != nil {
				w.t.Fatal(err)
			}
			var ids []string
			for ; err == nil; page, err = w.Records(ctx, w.as("leader"), office.Listing{Limit: 1, After: page.Next}) {
				for _, r := range page.Records {
					ids = append(ids, r.ID)
				}
				if page.Next == "" {
					break
				}
			}
			return strings.Join(ids, " ")
		}
		if got := seen(); got != id {
			w.t.Errorf("the leader lists %q, not %q", got, id)
		}
		if _, err := w.store.Write(ctx, store.Act{Journal: winter, Person: "somebody", Account: "somewhere", At: w.now}, func(tx *store.Tx) error {
			return tx.Emit(&qiaomen.LeadOffered{ID: lead})
		}); err != nil {
			w.t.Fatal(err)
		}
		if got := seen(); got != id+" "+lead {
			w.t.Errorf("the leader lists %q with an offered lead", got)
		}
		viewed(w, "leader", lead)
	})
}

func TestWhatARecordLacks(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		lacks := func(id string) string { w.t.Helper(); return strings.Join(viewed(w, "jixian-head", id).Lacks, "；") }
		good := w.report("jixian-reporter", "jixian", "reserve_project", "示例甲项目", reserve)
		if got := lacks(good); got != "" {
			w.t.Errorf("nothing is missing, and it says %s", got)
		}
		w.at("2024-01-06 09:00")
		trip := w.report("jixian-reporter", "jixian", "outing", "示例外出", `{"held_on":"2024-01-05","form":"onsite"}`)
		if got := lacks(trip); got != "没有附“外出招商活动报告”" {
			w.t.Errorf("without a report: %s", got)
		}
		signed := w.report("jixian-reporter", "jixian", "signed_project", "示例签约", `{"signed_on":"2024-01-05","amount_yi":0.5}`, "contract")
		if got := lacks(signed); !strings.Contains(got, "合同原件尚未核实") || !strings.Contains(got, "1亿元") {
			w.t.Errorf("small, and not checked: %s", got)
		}
		w.must(w.CheckOriginal(ctx, w.as("handler"), signed))
		if got := lacks(signed); strings.Contains(got, "原件") {
			w.t.Errorf("checked: %s", got)
		}
		w.recognised(good, 1)
		a := w.must(w.DraftAgain(ctx, w.as("jixian-reporter"), good))
		w.must(w.EditDraft(ctx, w.as("jixian-reporter"), office.DraftInput{ID: a.ID, Unit: "jixian", Name: "示例甲项目", Fields: []byte(`{"target_companies":["示例甲公司"]}`)}))
		w.must(w.Amend(ctx, w.as("jixian-reporter"), a.ID, "更正"))
		if got := lacks(good); !strings.Contains(got, "目标企业") {
			w.t.Errorf("amended to too little: %s", got)
		}
		w.must(w.Withdraw(ctx, w.as("jixian-reporter"), trip))
		if got := lacks(trip); got != "" {
			w.t.Errorf("taken back, and it says %s", got)
		}
	})
}

func TestHistory(t *testing.T) {
	onEach(t, qiaomen.ThreePowers, func(w *world) {
		d := w.must(w.Draft(ctx, w.as("jixian-reporter"), office.DraftInput{Unit: "jixian", Kind: "reserve_project", Name: "示例项目", Fields: []byte(reserve)}))
		w.must(w.HandOver(ctx, w.as("jixian-reporter"), d.ID))
		w.must(w.SignOff(ctx, w.as("jixian-head"), d.ID))
		w.must(w.Return(ctx, w.as("handler"), d.ID, 1, "请补建设地点"))
		steps := func(login string) string {
			var out []string
			for _, s := range viewed(w, login, d.ID).History {
				out = append(out, fmt.Sprint(s.Event, " ", s.Version, " ", s.State, " ", s.Role, " ", s.By, " ", s.Reason))
			}
			return strings.Join(out, "\n")
		}
		want := "record_handed_over 1 待签批 填报人 示例jixian-reporter \n" +
			"record_signed_off 1 已提交 单位负责人 示例jixian-head \n" +
			"record_returned 1 已退回 经办人 示例handler 请补建设地点"
		if got := steps("auditor"); got != want {
			w.t.Errorf("%s\nwant\n%s", got, want)
		}
		want = strings.NewReplacer("示例jixian-reporter", "", "示例jixian-head", "", "示例handler", "").Replace(want)
		if got := steps("jixian-reporter"); got != want {
			w.t.Errorf("%s\nwant\n%s", got, want)
		}
	})
}

func TestUnmask(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		id := w.report("jixian-reporter", "jixian", "reserve_project", "示例项目", withContact)
		plain := w.report("jixian-reporter", "jixian", "reserve_project", "另一项目", reserve)
		_, err := w.Unmask(ctx, w.as("handler"), id, "")
		w.faulty("没有写理由")(nil, err)
		_, err = w.Unmask(ctx, w.as("handler"), plain, "核对")
		w.faulty("没有个人信息")(nil, err)
		for _, who := range []string{"evaluator", "member", "leader", "auditor"} {
			_, err := w.Unmask(ctx, w.as(who), id, "看看")
			w.refused(nil, err)
		}
		if w.sealed(office.AuditJournal, `"access_given"`) {
			w.t.Error("noted what was not shown")
		}
		for i, who := range []string{"jixian-reporter", "jixian-head", "handler", "reviewer"} {
			reason := fmt.Sprint("核对联系人", i)
			got, err := w.Unmask(ctx, w.as(who), id, reason)
			if err != nil || string(got) != `{"contact":"示例联系人"}` {
				w.t.Errorf("%s: %s %v", who, got, err)
			}
			if !w.sealed(office.AuditJournal, reason) {
				w.t.Errorf("%s: nothing in the audit journal", who)
			}
		}
		if w.sealed(winter, "示例联系人") {
			w.t.Error("the contact is in the journal")
		}
	})
}

func TestOriginals(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		w.at("2024-01-06 09:00")
		id := w.report("jixian-reporter", "jixian", "outing", "示例外出", `{"held_on":"2024-01-05","form":"onsite"}`, "report", "photo")
		files := record(w, id).Content.Evidence
		digest := files[0].Digest
		for i, who := range []string{"jixian-head", "handler", "evaluator", "member", "auditor"} {
			f, err := w.OpenOriginal(ctx, w.as(who), id, digest)
			if err != nil {
				w.t.Fatal(who, err)
			}
			data, err := io.ReadAll(f)
			if err != nil || int64(len(data)) != files[0].Size || f.Evidence.Name != "report.jpg" {
				w.t.Errorf("%s: %d bytes of %d, %v", who, len(data), files[0].Size, err)
			}
			f.Close()
			if n := notes(w, "open_original"); n != i+1 {
				w.t.Errorf("%s: %d notes in the audit journal", who, n)
			}
		}
		opened := notes(w, "open_original")
		_, err := w.OpenOriginal(ctx, w.as("leader"), id, digest)
		w.refused(nil, err)
		_, err = w.OpenOriginal(ctx, w.as("handler"), id, strings.Repeat("0", 64))
		w.faulty("没有找到佐证材料")(nil, err)
		for _, how := range []func(login string) (*office.File, error){
			func(login string) (*office.File, error) { return w.View(ctx, w.as(login), id, digest) },
			func(login string) (*office.File, error) { return w.Thumbnail(ctx, w.as(login), id, digest) },
		} {
			f, err := how("jixian-reporter")
			if err != nil {
				w.t.Fatal(err)
			}
			if head := make([]byte, 2); f.Size == 0 || !readsJPEG(f, head) {
				w.t.Errorf("no JPEG: % x", head)
			}
			f.Close()
			_, err = how("leader")
			w.refused(nil, err)
		}
		if n := notes(w, "open_original"); n != opened {
			w.t.Errorf("%d notes, %d before", n, opened)
		}
		for i, state := range []func(context.Context, blob.Digest) error{w.files.Expunge, func(ctx context.Context, d blob.Digest) error { return w.files.Quarantine(ctx, d, "疑似涉密") }} {
			d, err := blob.ParseDigest(files[i].Digest)
			if err == nil {
				err = state(ctx, d)
			}
			if err != nil {
				w.t.Fatal(err)
			}
			_, err = w.OpenOriginal(ctx, w.as("handler"), id, files[i].Digest)
			w.faulty([]string{"已清除", "疑似涉密"}[i])(nil, err)
		}
	})
}

func readsJPEG(r io.Reader, head []byte) bool {
	_, err := io.ReadFull(r, head)
	return err == nil && bytes.Equal(head, []byte{0xff, 0xd8})
}

// notes is how often the audit journal says that somebody was shown something.
func notes(w *world, action string) int {
	w.t.Helper()
	n := 0
	for leaf, err := range w.store.Leaves(ctx, office.AuditJournal, 0) {
		if err != nil {
			w.t.Fatal(err)
		}
		if bytes.Contains(leaf, []byte(`"access_given"`)) && bytes.Contains(leaf, []byte(action)) {
			n++
		}
	}
	return n
}

func TestListingRecords(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		names := map[string]string{}
		for i, unit := range []string{"jixian", "youyi", "jixian", "youyi", "jixian"} {
			name := fmt.Sprint("项目", i)
			id := w.report(unit+"-reporter", unit, "domestic_lead", name, fmt.Sprintf(`{"target_company":"示例%d公司","content":"示例","amount_yi":%d.5,"first_contact_on":"2023-12-0%d"}`, i, 9-i, i+1))
			names[id] = name[len("项目"):]
		}
		w.report("jixian-reporter", "jixian", "reserve_project", "示例储备", reserve)
		list := func(login string, f office.Listing) string {
			w.t.Helper()
			var out []string
			for {
				page, err := w.Records(ctx, w.as(login), f)
				if err != nil {
					w.t.Fatal(err)
				}
				for _, r := range page.Records {
					out = append(out, names[r.ID])
				}
				if f.After = page.Next; page.Next == "" {
					return strings.Join(out, "")
				}
			}
		}
		const kind = "domestic_lead"
		where := func(c ...office.Condition) office.Listing { return office.Listing{Kind: kind, By: "name", Where: c} }
		tests := []struct {
			who, want string
			list      office.Listing
		}{
			{"handler", "01234", office.Listing{Kind: kind, By: "name", Limit: 2}},
			{"auditor", "43210", office.Listing{Kind: kind, By: "amount_yi", Limit: 3}},
			{"handler", "01234", office.Listing{Kind: kind, By: "amount_yi", Descending: true, Limit: 1}},
			{"jixian-head", "024", office.Listing{Unit: "jixian", Kind: kind, By: "first_contact_on"}},
			{"handler", "", office.Listing{Kind: kind, States: []qiaomen.State{qiaomen.Recognised}}},
			{"handler", "123", where(office.Condition{Field: "amount_yi", From: "6.5", To: "8.5"})},
			{"handler", "2", where(office.Condition{Field: "amount_yi", Equals: "7.50"})},
			{"handler", "34", where(office.Condition{Field: "first_contact_on", From: "2023-12-04"})},
			{"handler", "1", where(office.Condition{Field: "first_contact_on", Equals: "2023-12-02"})},
			{"handler", "3", where(office.Condition{Field: "target_company", Prefix: "示例3"})},
			{"handler", "3", where(office.Condition{Field: "name", Equals: "项目3"}, office.Condition{Field: "content", Equals: "示例"})},
		}
		for i, tt := range tests {
			if got := list(tt.who, tt.list); got != tt.want {
				w.t.Errorf("%d: %q, want %q", i, got, tt.want)
			}
		}
		if got := list("handler", office.Listing{}); len(got) != 5 {
			w.t.Errorf("all of all: %q", got)
		}
		for says, f := range map[string]office.Listing{
			"没有字段“nothing”": {Kind: kind, By: "nothing"},
			"这类记录":          {Kind: "nothing"},
			"先选记录类别":        {By: "amount_yi"},
			"是个人信息":         {Kind: "reserve_project", By: "contact"},
			"是名单":           {Kind: "reserve_project", Where: []office.Condition{{Field: "target_companies", Equals: "示例甲公司"}}},
			"不是数":           where(office.Condition{Field: "amount_yi", From: "很多"}),
			"不是日期":          where(office.Condition{Field: "first_contact_on", From: "去年"}),
			"日期和数字按起止查找":    where(office.Condition{Field: "name", From: "a"}),
			"日期和数字按起止查找，文字按": where(office.Condition{Field: "amount_yi", Prefix: "1"}),
			"翻页的标记不对":        {After: "?"},
		} {
			_, err := w.Records(ctx, w.as("handler"), f)
			w.faulty(says)(nil, err)
		}
		_, err := w.Records(ctx, w.as("jixian-head"), office.Listing{})
		w.refused(nil, err)
		page, err := w.Records(ctx, w.as("handler"), office.Listing{Unit: "youyi"})
		if err != nil || slices.ContainsFunc(page.Records, func(r *qiaomen.LedgerRecord) bool { return r.Unit != "youyi" }) || len(page.Records) != 2 {
			w.t.Errorf("youyi's: %d %v", len(page.Records), err)
		}
	})
}

func TestNothingWithoutACampaign(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		for _, campaign := range []string{"", "no-such-campaign", office.InstallationJournal, office.AuditJournal} {
			for _, who := range []string{"handler", "auditor", "security", "jixian-head"} {
				by := w.as(who)
				by.Campaign = campaign
				for name, ask := range map[string]func() error{
					"record":        func() error { _, err := w.Record(ctx, by, "x"); return err },
					"records":       func() error { _, err := w.Records(ctx, by, office.Listing{}); return err },
					"duties":        func() error { _, err := w.Duties(ctx, by, "jixian"); return err },
					"all duties":    func() error { _, err := w.AllDuties(ctx, by); return err },
					"companies":     func() error { _, err := w.Companies(ctx, by, office.CompanyFilter{}); return err },
					"announcements": func() error { _, err := w.Announcements(ctx, by, ""); return err },
					"urgings":       func() error { _, err := w.Urgings(ctx, by, ""); return err },
					"open urging":   func() error { _, err := w.OpenUrging(ctx, by, "x"); return err },
					"original":      func() error { _, err := w.OpenOriginal(ctx, by, "x", "y"); return err },
				} {
					if err := ask(); err == nil {
						w.t.Errorf("%s reads %s of campaign %q", who, name, campaign)
					}
				}
			}
		}
	})
}
