package office_test

import (
	"bytes"
	"slices"
	"testing"

	"qiaomen"
	"qiaomen/office"
	"qiaomen/store"
)

// lends has a unit lend somebody to the evaluation team.
func (w *world) lends(unit, login string) {
	w.t.Helper()
	_, err := w.store.Write(ctx, store.Act{Journal: office.InstallationJournal, Person: "u-x", Account: "c-x", At: w.now}, func(tx *store.Tx) error {
		return tx.Emit(&qiaomen.RoleGranted{Grant: qiaomen.Grant{ID: "g-lent", Person: w.personOf(login), Role: qiaomen.Evaluator, Unit: unit, Secondment: true, Campaign: winter}})
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

// TestTheLentDoNotSee: a member of the evaluation team sees nothing of how the
// unit does that lent them, whichever way they ask; of the others everything
// (separation 5).
func TestTheLentDoNotSee(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		w.lends("jixian", "evaluator2")
		r := w.approvedRanking("2024-01", "reviewer")
		n := w.draftedNotice(office.NoticeInput{Ranking: r.ID})
		shows := map[string]func(by office.Caller) (all, its bool, err error){
			"score": func(by office.Caller) (all, its bool, err error) {
				res, err := w.Score(ctx, by, office.ScoreInput{})
				if err != nil {
					return false, false, err
				}
				json := res.JSON()
				return bytes.Contains(json, []byte(`"youyi"`)), bytes.Contains(json, []byte(`"jixian"`)), nil
			},
			"live": func(by office.Caller) (all, its bool, err error) {
				l, err := w.Live(ctx, by)
				if err != nil {
					return false, false, err
				}
				return bytes.Contains(l.JSON, []byte(`"youyi"`)), bytes.Contains(l.JSON, []byte(`"jixian"`)), nil
			},
			"ranking": func(by office.Caller) (all, its bool, err error) {
				r, err := w.ReadRanking(ctx, by, r.ID)
				if err != nil {
					return false, false, err
				}
				of := func(unit string) bool {
					return slices.ContainsFunc(r.Totals, func(u qiaomen.RankedUnit) bool { return u.Unit == unit })
				}
				return of("youyi"), of("jixian"), nil
			},
			"rankings": func(by office.Caller) (all, its bool, err error) {
				r, err := w.Rankings(ctx, by)
				if err != nil || len(r) != 1 {
					return false, false, err
				}
				of := func(unit string) bool {
					return slices.ContainsFunc(r[0].Totals, func(u qiaomen.RankedUnit) bool { return u.Unit == unit })
				}
				return of("youyi"), of("jixian"), nil
			},
			"recomputation": func(by office.Caller) (all, its bool, err error) {
				out, err := w.Recompute(ctx, by, r.ID)
				if err != nil {
					return false, false, err
				}
				if !out.Equal {
					t.Errorf("%v", out.Differs)
				}
				return bytes.Contains(out.JSON, []byte(`"youyi"`)), bytes.Contains(out.JSON, []byte(`"jixian"`)), nil
			},
			"examination": func(by office.Caller) (all, its bool, err error) {
				units, err := w.Examined(ctx, by, r.ID)
				of := func(unit string) bool {
					return slices.ContainsFunc(units, func(u office.ExaminedUnit) bool { return u.Unit == unit && !u.Aside && u.Rank > 0 })
				}
				return of("youyi"), of("jixian"), err
			},
		}
		for name, see := range shows {
			for login, wants := range map[string]bool{"evaluator": true, "evaluator2": false, "handler": true} {
				all, its, err := see(w.as(login))
				if err != nil || !all || its != wants {
					t.Errorf("%s to %s: others %v, the unit that lent them %v, %v", name, login, all, its, err)
				}
			}
		}
		_, err := w.MyScore(ctx, w.as("evaluator2"), "jixian")
		w.refused(nil, err)
		if _, err := w.MyScore(ctx, w.as("evaluator2"), "youyi"); err != nil {
			t.Error(err)
		}
		_, err = w.ExportOwn(ctx, w.as("evaluator2"), office.ExportRequest{Unit: "jixian", Format: office.AsWorkbook})
		w.refused(nil, err)
		if _, err = w.ExportAll(ctx, w.as("evaluator2"), office.ExportRequest{Format: office.AsWorkbook, Reason: "考核"}); err != nil {
			t.Error(err)
		}
		_, err = w.Notice(ctx, w.as("evaluator2"), n.ID)
		w.refused(nil, err)
		_, _, err = w.NoticeFile(ctx, w.as("evaluator2"), n.ID, n.Document.Digest)
		w.refused(nil, err)
		if _, err := w.Notice(ctx, w.as("evaluator"), n.ID); err != nil {
			t.Error(err)
		}
	})
}
