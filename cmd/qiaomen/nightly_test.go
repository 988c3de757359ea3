package main

import (
	"bytes"
	"context"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"qiaomen/backup"
)

func TestIsDue(t *testing.T) {
	at := func(text string) time.Time {
		moment, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		return moment
	}
	for _, tt := range []struct {
		now, newest string
		want        bool
	}{
		{"2024-01-05T02:29:00+08:00", "2024-01-04T02:30:05+08:00", false},
		{"2024-01-05T02:30:00+08:00", "2024-01-04T02:30:05+08:00", true},
		{"2024-01-05T02:31:00+08:00", "2024-01-05T02:30:05+08:00", false},
		{"2024-01-04T18:30:00Z", "2024-01-03T18:30:05Z", true}, // the same, as UTC
		{"2024-01-05T23:00:00+08:00", "2024-01-05T02:30:05+08:00", false},
		{"2024-01-05T01:00:00+08:00", "2024-01-03T02:30:05+08:00", true}, // it was off last night
		{"2024-01-05T01:00:00+08:00", "0001-01-01T00:00:00Z", true},
	} {
		if got := isDue(at(tt.now), at(tt.newest), "02:30"); got != tt.want {
			t.Errorf("at %s after %s: %v", tt.now, tt.newest, got)
		}
	}
	if isDue(time.Now(), time.Time{}, "nonsense") {
		t.Error("nonsense is a time of day")
	}
}

// TestNight: a server's night leaves a backup that was recorded and drilled, and
// is not due again.
func TestNight(t *testing.T) {
	m := newMachine(t, "")
	conf, faults := readConfig(m.data, os.Environ())
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	ctx := context.Background()
	h, err := openHouse(ctx, conf, working)
	if err != nil {
		t.Fatal(err)
	}
	if due, err := h.nightIsDue(ctx, time.Now()); err != nil || !due {
		t.Errorf("due: %v, %v", due, err)
	}
	var log bytes.Buffer
	if err := h.night(ctx, slog.New(slog.NewJSONHandler(&log, nil))); err != nil || strings.Contains(log.String(), "ERROR") {
		t.Errorf("%v: %s", err, log.String())
	}
	if due, err := h.nightIsDue(ctx, time.Now()); err != nil || due {
		t.Errorf("due again: %v, %v", due, err)
	}
	if err := h.close(); err != nil {
		t.Fatal(err)
	}
	r, err := backup.ReadReport(conf.within(drillFile))
	if err != nil || r == nil || !r.Good() {
		t.Errorf("%+v, %v", r, err)
	}
	if said := m.ok("doctor", "--data", m.data); !strings.Contains(said, "恢复演练           正常") {
		t.Error(said)
	}
}
