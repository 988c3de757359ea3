package main

import (
	"bytes"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"

	"qiaomen/blob"
	"qiaomen/blob/blobtest"
)

// TestEvidenceInBucket: the settings lead to the bucket, and the secret is shown
// to nobody.
func TestEvidenceInBucket(t *testing.T) {
	memory := s3mem.New()
	if err := memory.CreateBucket("evidence"); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(gofakes3.New(memory).Server())
	defer server.Close()
	folder := t.TempDir()
	text := "installation: x\nevidence: s3://evidence/town\ns3_endpoint: " + server.URL + "\ns3_access_key: key\n"
	if err := os.WriteFile(filepath.Join(folder, configFile), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c, faults := readConfig(folder, []string{"QIAOMEN_S3_SECRET_KEY=topsecret"})
	if len(faults) != 0 {
		t.Fatal(faults)
	}
	if shown := c.shown(settingNamed("s3_secret_key")); strings.Contains(shown, "topsecret") {
		t.Errorf("the secret is shown as %s", shown)
	}
	files, err := c.openEvidence(t.Context(), blob.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer files.Close()
	kept, err := files.Put(t.Context(), bytes.NewReader(blobtest.Paper("示例")), blob.Sent{Name: "示例.pdf"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := memory.HeadObject("evidence", "town/originals/"+kept.Digest.String()[:2]+"/"+kept.Digest.String()[2:]); err != nil {
		t.Errorf("it is not where the settings say: %v", err)
	}
	_, faults = readConfig(folder, []string{"QIAOMEN_EVIDENCE=s3://", "QIAOMEN_S3_PLAIN=maybe"})
	if len(faults) != 2 {
		t.Errorf("wrong settings give %v", faults)
	}
	if c, _ = readConfig(folder, []string{"QIAOMEN_S3_SECRET_KEY=topsecret", "QIAOMEN_S3_CA=nowhere.pem"}); c != nil {
		if _, err := c.openEvidence(t.Context(), blob.Options{}); err == nil || strings.Contains(err.Error(), "topsecret") {
			t.Errorf("an authority that is not there gives %v", err)
		}
	}
}
