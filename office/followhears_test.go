package office

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"qiaomen"
)

// elsewhere is every event that no campaign's journal has.
const elsewhere = `
installation_founded person_added account_created account_disabled account_enabled role_granted role_removed policy_set
factor_reset first_code_used sessions_ended settings_changed backup_taken restore_approved key_rotated token_issued
token_revoked audit_archived access_denied access_given webhook_made webhook_ended
signed_in signed_out sign_in_failed account_locked identity_proved own_sessions_ended password_changed factor_changed`

// TestEveryEventIsHeardOrNot: of every event it is said to whom it is shown.
func TestEveryEventIsHeardOrNot(t *testing.T) {
	want := qiaomen.EventNames()
	slices.Sort(want)
	got := append(strings.Fields(elsewhere), slices.Collect(maps.Keys(hearing))...)
	slices.Sort(got)
	for _, name := range want {
		if !slices.Contains(got, name) {
			t.Errorf("to whom is %s shown?", name)
		}
	}
	for i, name := range got {
		if !slices.Contains(want, name) || i > 0 && got[i-1] == name {
			t.Errorf("%s is no event, or stands here twice", name)
		}
	}
}
