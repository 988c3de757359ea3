package main

import (
	"bytes"
	"strings"
	"syscall"
	"testing"

	"qiaomen"
)

var (
	onExample = "--scheme shuangyashan-winter-2023 --records ../../examples/winter-2023.jsonl"
	printing  = []string{
		"help", "help score", "schemes", "read shuangyashan-winter-2023", "lint shuangyashan-winter-2023",
		"score " + onExample, "score --format json " + onExample, "explain --unit jixian " + onExample,
		"score --as-of 2024-01-25 --choose taskforce_main=province " + onExample, "explain --unit ice-snow --as-of 2024-01-25 " + onExample,
	}
)

// TestWidth holds that what is for reading fits a terminal of 80 columns. The
// lines of lint stand as the contract has them; JSON is for programs.
func TestWidth(t *testing.T) {
	for _, args := range printing {
		if strings.Contains(args, "json") || strings.HasPrefix(args, "lint") || args == "schemes" {
			continue
		}
		var out, err bytes.Buffer
		if code := run(strings.Fields(args), streams{&out, &err}); code != 0 || err.Len() > 0 || out.Len() == 0 {
			t.Errorf("%s: exit %d, %s", args, code, &err)
		}
		for line := range strings.Lines(out.String()) {
			if n := qiaomen.Columns(strings.TrimRight(line, "\n")); n > 80 {
				t.Errorf("%s: %d columns: %s", args, n, line)
			}
		}
	}
}

// A short is a disk that is full after some bytes.
type short struct{ left int }

func (s *short) Write(p []byte) (int, error) {
	n := min(len(p), s.left)
	if s.left -= n; n < len(p) {
		return n, syscall.ENOSPC
	}
	return n, nil
}

// TestFullDisk holds that a result that could not be written whole is told.
func TestFullDisk(t *testing.T) {
	for _, args := range printing {
		var whole bytes.Buffer
		run(strings.Fields(args), streams{&whole, &whole})
		for _, left := range []int{0, 1, whole.Len() / 2, whole.Len() - 1} {
			var err bytes.Buffer
			if code := run(strings.Fields(args), streams{&short{left}, &err}); code != 1 || err.String() != "写不出结果：磁盘满了\n" {
				t.Errorf("%s, %d bytes left: exit %d, %q", args, left, code, &err)
			}
		}
	}
}

func TestColumns(t *testing.T) {
	for text, want := range map[string]int{"": 0, "abc": 3, "集贤县": 6, "（区）": 6, "10亿元": 6, "“甲”": 6, "─": 1, "é": 1, "ａ": 2} {
		if got := qiaomen.Columns(text); got != want {
			t.Errorf("%q takes %d columns, want %d", text, got, want)
		}
	}
}

func TestWrap(t *testing.T) {
	for text, want := range map[string]string{
		"":                              "\n",
		"短":                             "  短\n",
		strings.Repeat("长", 39):         "  " + strings.Repeat("长", 39) + "\n",
		strings.Repeat("长", 39) + "。":   "  " + strings.Repeat("长", 38) + "\n  长。\n",
		strings.Repeat("长", 38) + "“好”": "  " + strings.Repeat("长", 38) + "\n  “好”\n",
		strings.Repeat("长", 38) + "得5分": "  " + strings.Repeat("长", 38) + "得\n  5分\n",
		strings.Repeat("长", 37) + " jixian-001 b": "  " + strings.Repeat("长", 37) + "\n  jixian-001 b\n",
		strings.Repeat("x", 100):                  "  " + strings.Repeat("x", 100) + "\n",
	} {
		var b bytes.Buffer
		wrap(&b, "  ", text)
		if b.String() != want {
			t.Errorf("%q is wrapped as\n%swant\n%s", text, &b, want)
		}
	}
}
