package web_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"

	"qiaomen"
	"qiaomen/office"
	"qiaomen/store"
	"qiaomen/web"
)

// approvals are actions that somebody takes by approving what another proposed:
// their operation is approve.
var approvals = []qiaomen.Action{qiaomen.ActApproveAdjustment}

// unasked are the operations that ask no right of the matrix: one's own sign-in,
// what anybody may know, and proposals, where the right is that of what is
// proposed.
var unasked = strings.Fields(`
	sign_in first_sign_in session sign_out prove change_password new_factor confirm_factor sessions end_session end_other_sessions
	campaigns policy receipt home_receipt take_back_docket
	proposals approve decline take_back enter_paper confirm_paper reject_paper
	home_proposals home_approve home_decline home_take_back home_enter_paper home_confirm_paper home_reject_paper`)

// ofAnybody are the operations that anybody with an account may ask for, though they
// belong to a row: what is published, the files that no act names yet, of which a
// person sends only so many, and what they have sent. The act that names a file
// asks its right.
var ofAnybody = strings.Fields(`
	read_notice keep_file upload_options home_upload_options begin_upload drop_upload upload upload_offset continue_upload
	home_keep_file home_begin_upload home_drop_upload home_upload home_upload_offset home_continue_upload
	import import_rows commit_import marked_workbook drop_import`)

// Every action that somebody may take has an operation; what nobody may do has
// none; and an operation that names no action is on a short list. A new one that
// belongs to no row fails here.
func TestEveryActionHasItsOperations(t *testing.T) {
	w := newWorld(t, "sqlite", qiaomen.SmallOffice)
	all, _ := w.description()
	has := map[qiaomen.Action][]string{}
	for _, op := range all {
		if op.action != 0 {
			has[op.action] = append(has[op.action], op.name)
		}
		if op.all != 0 {
			has[op.all] = append(has[op.all], op.name)
		}
		if op.action == 0 && !slices.Contains(unasked, op.name) {
			t.Errorf("%s names no action", op.name)
		}
	}
	for _, name := range unasked {
		if !slices.ContainsFunc(all, func(op described) bool { return op.name == name && op.action == 0 }) && !strings.HasPrefix(name, "home_receipt") {
			t.Errorf("there is no operation %s without an action", name)
		}
	}
	for _, a := range qiaomen.Actions() {
		somebody := slices.ContainsFunc(qiaomen.Roles, func(r qiaomen.Role) bool {
			return qiaomen.SmallOffice.May(r, a).May || qiaomen.ThreePowers.May(r, a).May
		})
		if somebody != (len(has[a]) > 0 || slices.Contains(approvals, a)) {
			t.Errorf("%d %s: somebody may is %t, operations %v", a, a, somebody, has[a])
		}
	}
}

// Who has signed in and has no role is refused by every operation, under the
// action that the description names, with one entry in the audit log; who has
// not signed in is told to, with none. Nothing changes.
func TestEveryOperationAsksItsRight(t *testing.T) {
	engines(t, func(t *testing.T, engine string) {
		w := newWorld(t, engine, qiaomen.SmallOffice, func(o *web.Options) {
			o.Spool, o.Hooks = t.TempDir(), func(context.Context, *office.Message) error { return nil }
		})
		w.newcomer("nobody")
		nobody := w.as("nobody")
		stranger := w.stranger()
		all, schemas := w.description()
		for _, op := range all {
			if op.action == 0 {
				continue
			}
			for _, whole := range []bool{false, true} {
				action, ids := op.action, map[string]string{"unit": "jixian", "name": "示例.jsonl", "digest": "r-nothing"}
				if whole {
					if op.all == 0 {
						continue
					}
					action, ids = op.all, map[string]string{"name": "示例.jsonl", "digest": "r-nothing"}
				}
				body := op.content(schemas)
				before, end := w.state(), w.auditEnd()
				a := stranger.do(op.method, op.at(ids), body)
				if want := http.StatusUnauthorized; a.status != want && !(op.free && a.status/100 != 5) {
					t.Errorf("%s of a stranger: %d %s", op.name, a.status, a.body)
				}
				if now := w.auditEnd(); now != end && !op.free {
					t.Errorf("%s of a stranger left %d audit entries", op.name, now-end)
				}
				if op.free {
					continue
				}
				if body == nil && op.method == http.MethodPost {
					body = []byte(`{"示例":1}`) // of those that take a file
				}
				end = w.auditEnd()
				a = nobody.do(op.method, op.at(ids), body)
				if slices.Contains(ofAnybody, op.name) {
					continue
				}
				if a.status != http.StatusForbidden && a.status != http.StatusNotFound {
					t.Errorf("%s: %d %s", op.name, a.status, a.body)
				}
				if now := w.auditEnd(); now != end+1 {
					t.Errorf("%s: %d audit entries: %d %s", op.name, now-end, a.status, a.body)
				} else if got := w.lastDenied(); got != action.String() {
					t.Errorf("%s is %s, and was refused as %s", op.name, action, got)
				}
				if after := w.state(); after != before {
					t.Errorf("%s changed something: %s, then %s", op.name, before, after)
				}
			}
		}
	})
}

// newcomer makes an account without any role.
func (w *world) newcomer(login string) (person string) {
	w.t.Helper()
	_, code, err := w.office.CreateAccount(w.t.Context(), office.Caller{Account: w.account["system"]}, office.NewAccount{
		Login: login, Detail: office.Detail{Name: "示例" + login, Identity: "示例" + login},
	})
	if err != nil {
		w.t.Fatal(err)
	}
	w.codes[login], w.account[login] = code.Code, code.Account
	return code.Person
}

// state is where all journals but the audit log end, and what stands beside them.
func (w *world) state() string {
	w.t.Helper()
	var out strings.Builder
	w.reads(winter, func(v *store.View) error {
		journals := []string{winter, office.InstallationJournal}
		for _, j := range append(journals, w.further...) {
			end, err := v.In(j).Position()
			if err != nil {
				return err
			}
			fmt.Fprintf(&out, "%s %d; ", j, end)
			for _, table := range []string{"draft", "personal", "job"} {
				works, err := v.In(j).Works(table, "", "")
				if err != nil {
					return err
				}
				for _, one := range works {
					fmt.Fprintf(&out, "%s %s; ", one.ID, one.Data)
				}
			}
		}
		return nil
	})
	return out.String()
}

func (w *world) reads(journal string, look func(*store.View) error) {
	w.t.Helper()
	if err := w.store.Read(w.t.Context(), journal, 0, look); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) auditEnd() (end int64) {
	w.t.Helper()
	w.reads(office.AuditJournal, func(v *store.View) (err error) {
		end, err = v.Position()
		return err
	})
	return end
}

// lastDenied is the action that the newest audit entry says was refused.
func (w *world) lastDenied() string {
	w.t.Helper()
	var denied qiaomen.AccessDenied
	w.reads(office.AuditJournal, func(v *store.View) error {
		end, err := v.Position()
		if err != nil {
			return err
		}
		e, err := v.Entry(end)
		if err != nil || e.Event != "access_denied" {
			return err
		}
		return json.Unmarshal(e.Data, &denied)
	})
	return denied.Action
}
