package workbook_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"qiaomen/scheme"
	"qiaomen/workbook"
)

// TestOfficeOpens lets LibreOffice open every kind of file that is written and
// print it. It is not on every laptop; where changes are accepted it must be.
func TestOfficeOpens(t *testing.T) {
	soffice, err := exec.LookPath("soffice")
	if err != nil && os.Getenv("CI") == "" {
		t.Skip("LibreOffice is not here")
	} else if err != nil {
		t.Fatal(err)
	}
	s := winter(t)
	b := example(t, s)
	res := s.Score(b, scheme.View{AsOf: day(t, "2024-04-30"), Cutoff: day(t, "2024-03-31")}, s.DefaultReadings())
	dir := t.TempDir()
	var names []string
	keep := func(name string, data []byte) {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
		names = append(names, filepath.Join(dir, name))
	}
	var annexes, ledgers, template bytes.Buffer
	for _, err := range []error{
		workbook.WriteAnnexes(&annexes, res), workbook.WriteLedgers(&ledgers, res, b), workbook.Template(&template, s, workbook.Options{Office: true}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	keep("annexes.xlsx", annexes.Bytes())
	keep("ledgers.xlsx", ledgers.Bytes())
	keep("template.xlsx", template.Bytes())
	d := blank(t, s, workbook.Options{})
	d.fill("签约项目", 5, "单位", "某县", "名称", "示例甲", "投资额", "很多")
	checked, _ := check(t, d.bytes())
	keep("checked.xlsx", checked)
	args := append([]string{"-env:UserInstallation=file://" + dir + "/profile", "--headless", "--convert-to", "pdf", "--outdir", dir}, names...)
	if out, err := exec.Command(soffice, args...).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for _, name := range names {
		pdf := name[:len(name)-len("xlsx")] + "pdf"
		if info, err := os.Stat(pdf); err != nil || info.Size() < 5000 {
			t.Errorf("%s was not printed: %v", filepath.Base(name), err)
		}
	}
	// What LibreOffice saves again is read as before.
	again := filepath.Join(dir, "again")
	args = []string{"-env:UserInstallation=file://" + dir + "/profile", "--headless", "--convert-to", "xlsx", "--outdir", again, names[1]}
	if out, err := exec.Command(soffice, args...).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	data, err := os.ReadFile(filepath.Join(again, "ledgers.xlsx"))
	if err != nil {
		t.Fatal(err)
	}
	book, found := back(t, s, data)
	if found.TotalFaults > 0 {
		t.Fatal(say(found.Faults))
	}
	if got := s.Score(book, res.View, s.DefaultReadings()).JSON(); !bytes.Equal(got, res.JSON()) {
		t.Error("saved by LibreOffice it scores otherwise")
	}
}
