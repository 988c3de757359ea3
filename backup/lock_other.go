//go:build !unix

package backup

import "os"

// Elsewhere a file that another program has open cannot be removed anyway.
func lock(*os.File) error { return nil }
