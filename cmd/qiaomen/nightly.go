package main

import (
	"context"
	"log/slog"
	"time"

	"qiaomen"
	"qiaomen/backup"
	"qiaomen/office"
	"qiaomen/store"
)

const (
	lookForNight = time.Minute // how often the clock is asked
	tryAgain     = time.Hour   // after a night that failed
	usualNight   = "02:30"     // where the office has not said when
)

// everyNight backs up and drills once a day, at the time of the setting
// backup_at, or as soon after as the server runs. It ends with the context.
func (h *house) everyNight(ctx context.Context, log *slog.Logger) {
	clock := time.NewTicker(lookForNight)
	defer clock.Stop()
	for failed := (time.Time{}); ; {
		select {
		case <-ctx.Done():
			return
		case now := <-clock.C:
			if now.Sub(failed) < tryAgain {
				continue
			}
			due, err := h.nightIsDue(ctx, now)
			if err == nil && due {
				err = h.night(ctx, log)
			}
			if err != nil && ctx.Err() == nil {
				failed = now
				log.Error("nightly backup failed", "error", err)
			}
		}
	}
}

// nightIsDue tells whether today's backup is to be taken and was not yet.
func (h *house) nightIsDue(ctx context.Context, now time.Time) (bool, error) {
	at, err := h.backupTime(ctx)
	if err != nil {
		return false, err
	}
	all, err := backup.List(h.config.path("backups"), h.config.values["installation"])
	if err != nil {
		return false, err
	}
	newest := time.Time{}
	if len(all) > 0 {
		newest = all[0].At
	}
	return isDue(now, newest, at), nil
}

// backupTime is the time of day, at +08:00, that the office has set.
func (h *house) backupTime(ctx context.Context) (at string, err error) {
	at = usualNight
	err = h.store.Read(ctx, office.InstallationJournal, 0, func(v *store.View) error {
		all, err := store.All[qiaomen.Installation](v, store.Filter{})
		if err == nil && len(all) > 0 && all[0].Settings["backup_at"] != "" {
			at = all[0].Settings["backup_at"]
		}
		return err
	})
	return at, err
}

// isDue tells whether a time of day has passed since the newest backup.
func isDue(now, newest time.Time, at string) bool {
	now = now.In(china)
	hour, err := time.ParseInLocation("15:04", at, china)
	if err != nil {
		return false
	}
	last := time.Date(now.Year(), now.Month(), now.Day(), hour.Hour(), hour.Minute(), 0, 0, china)
	if now.Before(last) {
		last = last.AddDate(0, 0, -1)
	}
	return newest.Before(last)
}

// night is what is done in one night.
func (h *house) night(ctx context.Context, log *slog.Logger) error {
	n := backup.Night{Folder: h.config.path("backups")}
	n.Record = func(ctx context.Context, w *backup.Written) error {
		return h.BackedUp(ctx, office.Backup{Digest: w.Digest, Size: w.Size})
	}
	var err error
	if n.Source, err = h.source(); err != nil {
		return err
	}
	if n.Keep, err = backup.ParseKeep(h.config.values["backup_keep"]); err != nil {
		return err
	}
	if n.Drill, err = h.config.drill(n.Folder); err != nil {
		return err
	}
	w, r, err := backup.Nightly(ctx, n)
	if w != nil {
		log.Info("backed up", "file", w.Path, "bytes", w.Size, "damaged", len(w.Trailer.Damaged))
	}
	if r != nil && !r.Good() {
		log.Error("the backup cannot be trusted", "file", r.File, "problems", r.Problems)
	}
	return err
}
