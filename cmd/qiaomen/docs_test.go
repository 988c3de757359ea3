package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// A reader follows one page. What the page makes, a ledger and an old one, lies
// in a folder of its own; ids are other ones each time, so those that a command
// prints stand for those that the page shows.
type reader struct {
	folder string
	ids    map[string]string
}

// own is the files that a reader of a page makes.
var own = []string{"台账", "导出.jsonl", "新库.db"}

var madeID = regexp.MustCompile(`\b(?:p|pd)-[0-9a-z]{16}\b`)

// args is a command's arguments as this reader types them.
func (r *reader) args(text string) []string {
	args := strings.Fields(text)
	for i, a := range args {
		kind, file, found := strings.Cut(a, ":")
		if !found {
			kind, file = "", a
		} else {
			kind += ":"
		}
		switch {
		case slices.Contains(own, file):
			args[i] = kind + filepath.Join(r.folder, file)
		case r.ids[a] != "":
			args[i] = r.ids[a]
		}
	}
	return args
}

// same tells whether a printed line is the one that the page shows.
func (r *reader) same(printed, shown string) bool {
	printed = strings.ReplaceAll(strings.TrimRight(printed, " "), r.folder+string(filepath.Separator), "")
	shown = strings.TrimRight(shown, " ")
	if madeID.ReplaceAllString(printed, "#") != madeID.ReplaceAllString(shown, "#") {
		return false
	}
	theirs := madeID.FindAllString(printed, -1)
	for i, id := range madeID.FindAllString(shown, -1) {
		r.ids[id] = theirs[i]
	}
	return true
}

// TestPagesShowWhatIsPrinted runs every command that a page shows with its
// output and asks for the lines shown, in their order; … stands for lines left
// out. Commands that need a file of the reader's own are passed over.
func TestPagesShowWhatIsPrinted(t *testing.T) {
	t.Chdir("../..")
	var pages []string
	for _, pattern := range []string{"README*.md", "docs/*.md", "docs/manual/*.md"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		pages = append(pages, found...)
	}
	ran := 0
	for _, page := range pages {
		data, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		r := &reader{folder: t.TempDir(), ids: map[string]string{}}
		for _, block := range strings.Split(string(data), "```") {
			command, shown, ok := strings.Cut(strings.TrimPrefix(block, "\n"), "\n")
			args, isCommand := strings.CutPrefix(command, "$ bin/qiaomen ")
			if !ok || !isCommand || strings.Contains(args, ".xlsx") || strings.Contains(shown, "\n$ ") {
				continue
			}
			ran++
			var out bytes.Buffer
			run(r.args(args), streams{&out, &out})
			printed := strings.Split(out.String(), "\n")
			at := 0
			for _, line := range strings.Split(strings.TrimRight(shown, "\n"), "\n") {
				if strings.TrimSpace(line) == "…" {
					continue
				}
				from := at
				for at < len(printed) && !r.same(printed[at], line) {
					at++
				}
				if at == len(printed) {
					t.Errorf("%s: %s\ndoes not print, after line %d: %s", page, command, from, line)
					break
				}
				at++
			}
		}
	}
	if ran < 12 {
		t.Errorf("only %d commands were found on the pages", ran)
	}
}
