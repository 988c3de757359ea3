package blob_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"qiaomen/blob"
)

// open gives a Folder and where it lies.
func open(t testing.TB, options blob.Options) (*blob.Folder, string) {
	t.Helper()
	dir := t.TempDir()
	return reopen(t, dir, options), dir
}

func reopen(t testing.TB, dir string, options blob.Options) *blob.Folder {
	t.Helper()
	f, err := blob.OpenFolder(dir, options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}

// files are the names of all files below a part of the folder.
func files(t testing.TB, dir, part string) (names []string) {
	t.Helper()
	err := filepath.WalkDir(filepath.Join(dir, part), func(name string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			names = append(names, name)
		}
		return err
	})
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return names
}
