package blob_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"qiaomen"
	"qiaomen/blob"
	"qiaomen/blob/blobtest"
)

// Files that the other tests look at.
var (
	pngClaiming = blobtest.PNGClaiming
	riff        = blobtest.RIFF
	riffChunk   = blobtest.RIFFChunk
	picture16   = blobtest.Picture16
	patched     = blobtest.Patched
	dot         = blobtest.Dot
)

func TestCorpus(t *testing.T) {
	all := blobtest.Corpus()
	t.Logf("%d specimens", len(all))
	for what, s := range all {
		start := time.Now()
		look, err := blob.Inspect(s.Content, s.Name, blob.Standard)
		if took := time.Since(start); took > 2*time.Second {
			t.Errorf("%s: looking took %v", what, took)
		}
		if s.Why == nil {
			if err != nil || look.Format == "" {
				t.Errorf("%s: %+v, %v", what, look, err)
			}
			continue
		}
		p, ok := errors.AsType[*qiaomen.Problem](err)
		if !errors.Is(err, s.Why) || !ok || !strings.Contains(p.Text, s.Says) || s.Says == "" {
			t.Errorf("%s: %+v, %v; want %v saying %s", what, look, err, s.Why, s.Says)
		} else if p.Fix == "" {
			t.Errorf("%s: %s, and what to do?", what, p.Text)
		}
	}
}

// TestCorpusIsKeptOut puts every specimen into a Folder: what is refused must
// leave nothing, and what is harmful lies in quarantine.
func TestCorpusIsKeptOut(t *testing.T) {
	f, dir := open(t, blob.Options{})
	var kept [][]byte
	for what, s := range blobtest.Corpus() {
		stored, err := f.Put(t.Context(), bytes.NewReader(s.Content), blob.Sent{Name: s.Name})
		switch {
		case s.Why == nil && err == nil:
			kept = append(kept, s.Content)
		case !errors.Is(err, s.Why):
			t.Errorf("%s: %v, want %v", what, err, s.Why)
		case errors.Is(err, blob.ErrHarmful):
			if status, err := f.Status(t.Context(), stored.Digest); err != nil || status.State != blob.Quarantined {
				t.Errorf("%s: %+v, %v", what, status, err)
			}
		}
		if p, ok := errors.AsType[*qiaomen.Problem](err); ok && p.At.File != blob.SafeName(s.Name) {
			t.Errorf("%s: the problem is about %q", what, p.At.File)
		}
	}
	for found, err := range f.Verify(t.Context(), blobtest.Expect(kept...), nil) {
		t.Errorf("%v %v", found, err)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
	if left := files(t, dir, "temporary"); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}
