// Package schemes holds the scheme files that ship with the program.
//
// Each stands in a folder of its own, beside the text it was written from and
// its own cases. The program knows no campaign but by these files: another
// city's campaign is another folder, or a file anywhere else.
package schemes

import "embed"

// Files is the folders: ID/scheme.yaml and the source's text beside it.
//
//go:embed */scheme.yaml */*.txt
var Files embed.FS
