package gongwen_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"qiaomen/gongwen"
)

// need finds a program of the test's machine: a laptop may lack it, CI must
// not.
func need(t *testing.T, names ...string) {
	t.Helper()
	for _, name := range names {
		if _, err := exec.LookPath(name); err != nil {
			missing(t, name+" is not installed")
		}
	}
	if out, err := exec.Command("fc-list", ":lang=zh").Output(); err != nil || len(out) == 0 {
		missing(t, "no Chinese font is installed")
	}
}

func missing(t *testing.T, why string) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatal(why)
	}
	t.Skip(why)
}

// pdf opens a document in LibreOffice and prints it.
func pdf(t *testing.T, d *gongwen.Document) string {
	t.Helper()
	need(t, "soffice", "pdftotext", "pdfinfo", "pdffonts", "fc-list")
	folder := t.TempDir()
	name := filepath.Join(folder, "doc.docx")
	if err := os.WriteFile(name, docx(t, d), 0o600); err != nil {
		t.Fatal(err)
	}
	run(t, "soffice", "-env:UserInstallation=file://"+folder+"/profile", "--headless", "--convert-to", "pdf", "--outdir", folder, name)
	return filepath.Join(folder, "doc.pdf")
}

func run(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", name, err, out)
	}
	return string(out)
}

// A word on a page, in points from its upper left corner.
type word struct {
	text                   string
	left, top, right, foot float64
}

var wordAt = regexp.MustCompile(`<word xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)">(.*)</word>`)

func pageWords(t *testing.T, file string, page int) []word {
	t.Helper()
	n := strconv.Itoa(page)
	var out []word
	for _, m := range wordAt.FindAllStringSubmatch(run(t, "pdftotext", "-bbox", "-f", n, "-l", n, file, "-"), -1) {
		w := word{text: m[5]}
		for i, to := range []*float64{&w.left, &w.top, &w.right, &w.foot} {
			*to, _ = strconv.ParseFloat(m[i+1], 64)
		}
		out = append(out, w)
	}
	return out
}

func pageLines(t *testing.T, file string, page int) []string {
	t.Helper()
	n := strconv.Itoa(page)
	var out []string
	for line := range strings.Lines(run(t, "pdftotext", "-layout", "-f", n, "-l", n, file, "-")) {
		if line = strings.Trim(line, "\n\f"); strings.TrimSpace(line) != "" {
			out = append(out, line)
		}
	}
	return out
}

const mm = 72 / 25.4

// The page as GB/T 9704 wants it: A4; 22 lines of 28 characters that fill the
// type area; page numbers outside, one character in.
func TestPage(t *testing.T) {
	body := strings.Repeat("招商引资工作是经济发展的生命线各县区必须负起冬季招商的主体责任", 60)
	d := sample()
	d.Body = []gongwen.Block{{Text: body}}
	d.Annexes = nil
	file := pdf(t, d)
	if info := run(t, "pdfinfo", file); !regexp.MustCompile(`Page size: +595\.\d+ x 841\.\d+ pts \(A4\)`).MatchString(info) {
		t.Error(info)
	}
	if fonts := strings.Split(strings.TrimSpace(run(t, "pdffonts", file)), "\n"); len(fonts) < 3 {
		t.Errorf("no fonts: %q", fonts)
	}

	first := pageLines(t, file, 1)
	at := 0
	for i, line := range first {
		if strings.HasPrefix(strings.TrimSpace(line), "招商引资工作") {
			at = i
			break
		}
	}
	if at == 0 || at+2 >= len(first) {
		t.Fatalf("the first page shows no body: %q", first)
	}
	for i, want := range []int{26, 28, 28} {
		if got := utf8.RuneCountInString(strings.TrimSpace(first[at+i])); got != want {
			t.Errorf("line %d of the paragraph has %d characters, want %d: %s", i+1, got, want, first[at+i])
		}
	}
	lines := pageLines(t, file, 2)
	if got := len(lines) - 1; got != 22 {
		t.Errorf("page 2 has %d lines, want 22", got)
	}
	for _, line := range lines[:len(lines)-1] {
		if n := utf8.RuneCountInString(strings.TrimSpace(line)); n != 28 {
			t.Errorf("%d characters: %s", n, line)
		}
	}

	near := func(what string, got, want, give float64) {
		t.Helper()
		if got < want-give || got > want+give {
			t.Errorf("%s at %.1f mm, want %.1f", what, got/mm, want/mm)
		}
	}
	one, two := pageWords(t, file, 1), pageWords(t, file, 2)
	near("left edge of page 2", two[0].left, 28*mm, 1*mm)
	near("right edge of page 2", two[0].right, 184*mm, 1*mm)
	near("top of page 2", two[0].top, 37*mm, 3*mm)
	near("top of the mark", one[0].top, (37+35)*mm, 4*mm)
	const char = 14 // of 4号
	near("page number 1, on the right", one[len(one)-1].right, 184*mm-char, 1.5*mm)
	near("page number 2, on the left", firstDash(two).left, 28*mm+char, 1.5*mm)
	dash := firstDash(two)
	near("middle of the page number's dash", (dash.top+dash.foot)/2, (297-35+7)*mm, 2*mm)
}

// A landscape page is an upright one turned to the right: its number stands
// on the left, below on odd pages.
func TestLandscape(t *testing.T) {
	file := pdf(t, sample())
	turned := 0
	for _, m := range regexp.MustCompile(`Page +(\d+) size: +841\.\d+ x 595`).FindAllStringSubmatch(run(t, "pdfinfo", "-l", "99", file), -1) {
		turned++
		page, _ := strconv.Atoi(m[1])
		dash := word{left: 999}
		for _, w := range pageWords(t, file, page) {
			if strings.HasPrefix(w.text, "—") && w.left < dash.left {
				dash = w
			}
		}
		if middle := (dash.left + dash.right) / 2; middle < 27*mm || middle > 29*mm || (dash.top > 105*mm) != (page%2 == 1) {
			t.Errorf("page %d: the middle of its number is at %.1f, %.1f mm", page, middle/mm, dash.top/mm)
		}
	}
	if turned != 1 {
		t.Errorf("%d landscape pages, want 1", turned)
	}
}

func firstDash(words []word) word {
	for _, w := range words {
		if strings.HasPrefix(w.text, "—") {
			return w
		}
	}
	return word{}
}

// The notice opens, and shows everything in order on its pages.
func TestNoticeOpens(t *testing.T) {
	d := draft(t, gongwen.DefaultTemplate, result(t, "2024-04-30", "2024-04-30"), gongwen.Details{
		Final: true, Number: "示招办发〔2024〕6号", Date: date(t, "2024-04-30"), Issuer: "示例市开放招商工作领导小组办公室", CopyTo: "示例市委办公室",
	})
	file := pdf(t, d)
	text := strings.Join(strings.Fields(run(t, "pdftotext", "-layout", file, "-")), "")
	inOrder(t, text, "示例市开放招商工作领导小组办公室文件", "示招办发〔2024〕6号", "总评结果的通报", "一、总体情况", "三、点名通报",
		"附件：1.", "2024年4月30日", "附件1", "附件5", "抄送：示例市委办公室。", "2024年4月30日印发")
	pages, _ := strconv.Atoi(regexp.MustCompile(`Pages: +(\d+)`).FindStringSubmatch(run(t, "pdfinfo", file))[1])
	for p := 1; p <= pages; p++ {
		want := fmt.Sprintf("—%d—", p)
		lines := pageLines(t, file, p)
		last := lines[len(lines)-1]
		if strings.Join(strings.Fields(last), "") != want {
			t.Errorf("page %d ends with %q, want %s", p, last, want)
		}
		words := pageWords(t, file, p)
		if right := words[len(words)-1].right > 105*mm; right != (p%2 == 1) {
			t.Errorf("page %d: number on the right: %v", p, right)
		}
		for _, w := range words {
			right := 185 * mm
			if strings.ContainsAny(w.text[max(0, len(w.text)-3):], "，。；：、）") {
				right += 6 * mm // LibreOffice 7 reads w:overflowPunct the wrong way round and lets marks hang
			}
			if w.left < 27*mm || w.right > right {
				t.Errorf("page %d: %q stands outside the type area: %.1f to %.1f mm", p, w.text, w.left/mm, w.right/mm)
			}
		}
	}
	words := pageWords(t, file, pages)
	for _, w := range words {
		if strings.HasPrefix(w.text, "抄送") && w.top < 235*mm {
			t.Errorf("the imprint stands %.0f mm from the top, not at the foot of the last page", w.top/mm)
		}
	}
}
