package main

import (
	"bytes"
	"database/sql"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"qiaomen": main})
}

// TestScripts runs the program as a person or a script does; each file under
// testdata is one story.
func TestScripts(t *testing.T) {
	example, err := filepath.Abs("../../examples/winter-2023.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("EXAMPLE", example)
			env.Setenv("S", "shuangyashan-winter-2023")
			env.Setenv("PEOPLE", filepath.Join(filepath.Dir(example), "people.yaml"))
			env.Setenv("SCAN", filepath.Join(filepath.Dir(example), "minutes.pdf"))
			return nil
		},
		Condition: func(name string) (bool, error) {
			_, err := os.Stat("/dev/full")
			return name == "devfull" && err == nil, nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits, "bytes": writeBytes, "lines": countLines, "chinese": chinese,
			"grab": grab, "tamper": tamper,
		},
	})
}

// exits CODE ARGS… runs qiaomen and asks for that exit code.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits code arguments…")
	}
	err := ts.Exec("qiaomen", args[1:]...)
	code := "0"
	if err != nil {
		code = strings.TrimPrefix(err.Error(), "exit status ")
	}
	if code != args[0] {
		ts.Fatalf("exit %s, want %s", code, args[0])
	}
}

// writeBytes FILE TEXT COUNT [MORE]… writes what a script cannot hold: texts
// repeated, with the escapes of a Go string.
func writeBytes(ts *testscript.TestScript, neg bool, args []string) {
	var b bytes.Buffer
	for i := 1; i+1 < len(args); i += 2 {
		text := strings.NewReplacer(`\n`, "\n", `\r`, "\r", `\t`, "\t", `\0`, "\x00", `\xff`, "\xff", `\ufeff`, "\ufeff").Replace(args[i])
		n, err := strconv.Atoi(args[i+1])
		ts.Check(err)
		b.WriteString(strings.Repeat(text, n))
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), b.Bytes(), 0o666))
}

// countLines FILE N asks how many lines stdout or stderr has.
func countLines(ts *testscript.TestScript, neg bool, args []string) {
	want, err := strconv.Atoi(args[1])
	ts.Check(err)
	if got := strings.Count(ts.ReadFile(args[0]), "\n"); (got == want) == neg {
		ts.Fatalf("%s has %d lines", args[0], got)
	}
}

// grab NAME PATTERN keeps what stdout has of a pattern, the last one, in a
// variable.
func grab(ts *testscript.TestScript, neg bool, args []string) {
	found := regexp.MustCompile(args[1]).FindAllString(ts.ReadFile("stdout"), -1)
	if found == nil {
		ts.Fatalf("stdout has no %s", args[1])
	}
	ts.Setenv(args[0], found[len(found)-1])
}

// tamper FILE SQL changes an SQLite database behind the program's back.
func tamper(ts *testscript.TestScript, neg bool, args []string) {
	db, err := sql.Open("sqlite", ts.MkAbs(args[0]))
	ts.Check(err)
	defer db.Close()
	done, err := db.Exec(args[1])
	ts.Check(err)
	if n, err := done.RowsAffected(); err != nil || n == 0 {
		ts.Fatalf("nothing was changed: %v", err)
	}
}

// chinese asks that every line of stderr is one of Chinese.
func chinese(ts *testscript.TestScript, neg bool, args []string) {
	text := ts.ReadFile("stderr")
	if text == "" {
		ts.Fatalf("nothing was said")
	}
	for line := range strings.Lines(text) {
		if !strings.ContainsFunc(line, func(r rune) bool { return r >= 0x4e00 && r < 0xa000 }) {
			ts.Fatalf("%q is not Chinese", line)
		}
	}
}
