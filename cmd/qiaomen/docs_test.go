package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

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
		for _, block := range strings.Split(string(data), "```") {
			command, shown, ok := strings.Cut(strings.TrimPrefix(block, "\n"), "\n")
			args, isCommand := strings.CutPrefix(command, "$ bin/qiaomen ")
			if !ok || !isCommand || strings.Contains(args, ".xlsx") || strings.Contains(shown, "\n$ ") {
				continue
			}
			ran++
			var out bytes.Buffer
			run(strings.Fields(args), streams{&out, &out})
			printed := strings.Split(out.String(), "\n")
			at := 0
			for _, line := range strings.Split(strings.TrimRight(shown, "\n"), "\n") {
				if strings.TrimSpace(line) == "…" {
					continue
				}
				from := at
				for at < len(printed) && strings.TrimRight(printed[at], " ") != strings.TrimRight(line, " ") {
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
