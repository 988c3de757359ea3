package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// An written is a file to be.
type written struct {
	name string
	data []byte
}

// writeAll writes the files into the folder: under other names first, so that
// a full disk leaves no half of a file under a name that people trust. A file
// of that name that says something else may have been edited by hand: it is
// kept, under a name with its own time.
func writeAll(w io.Writer, folder string, files []written) (err error) {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	var made []string
	defer func() {
		for _, name := range made {
			_ = os.Remove(name) // already renamed, unless something went wrong
		}
	}()
	for _, f := range files {
		temporary, err := os.CreateTemp(folder, ".正在写-*")
		if err != nil {
			return err
		}
		made = append(made, temporary.Name())
		_, err = temporary.Write(f.data)
		err = errors.Join(err, temporary.Chmod(0o644), temporary.Sync(), temporary.Close())
		if err != nil {
			return err
		}
	}
	for i, f := range files {
		name := filepath.Join(folder, f.name)
		kept, err := keepOld(name, f.data)
		if err == nil {
			err = os.Rename(made[i], name)
		}
		if err != nil {
			return err
		}
		if kept != "" {
			fmt.Fprintf(w, "原有的 %s 与这次的不同，已改名为 %s\n", f.name, kept)
		}
	}
	for _, f := range files {
		fmt.Fprintln(w, filepath.Join(folder, f.name))
	}
	return nil
}

// keepOld renames a file that is there already and differs; it gives the new
// name.
func keepOld(name string, data []byte) (string, error) {
	old, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) || err == nil && slices.Equal(old, data) {
		return "", nil
	} else if err != nil {
		return "", err
	}
	info, err := os.Stat(name)
	if err != nil {
		return "", err
	}
	ext := filepath.Ext(name) // kept at the end, so that the file still opens
	stem := strings.TrimSuffix(name, ext) + "-旧-" + info.ModTime().Format("20060102-150405")
	for n := 0; ; n++ {
		kept := stem + ext
		if n > 0 {
			kept = fmt.Sprintf("%s-%d%s", stem, n, ext)
		}
		if _, err := os.Lstat(kept); errors.Is(err, fs.ErrNotExist) {
			return filepath.Base(kept), os.Rename(name, kept)
		}
	}
}
