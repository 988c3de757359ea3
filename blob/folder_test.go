package blob_test

import (
	"testing"

	"qiaomen/blob"
	"qiaomen/blob/blobtest"
)

func TestStore(t *testing.T) {
	blobtest.Run(t, func(t testing.TB) blob.Store {
		f, err := blob.OpenFolder(t.TempDir(), blob.Options{})
		if err != nil {
			t.Fatal(err)
		}
		return f
	})
}
