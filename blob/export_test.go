package blob

import (
	"bytes"
	"image"
)

// Seams and parts that only the tests look at.

// The steps of a disk that can be made to fail.
var (
	BeforeAnswer = []string{stepCreate, stepWrite, stepSync, stepRename, stepRenamed, stepSyncFolder}
	StepRemove   = stepRemove
	StepSync     = stepSync
)

// Fail makes steps fail; it is set while nothing is under way.
func (f *Folder) Fail(fail func(step, name string) error) { f.fail = fail }

// Path is where the original is kept, inside the folder.
func (d Digest) Path() string { return d.original() }

// Inspect looks at bytes.
func Inspect(b []byte, name string, limits Limits) (Look, error) {
	return inspect(bytes.NewReader(b), int64(len(b)), name, limits)
}

// HoldDecoder keeps images from being decoded until it is called off.
func HoldDecoder() (release func()) {
	decoding <- struct{}{}
	return func() { <-decoding }
}

// Perceive hashes an image.
func Perceive(img image.Image) PHash { return perceive(img) }

// Upright turns an image.
func Upright(img *image.RGBA, turned int) image.Image { return upright(img, turned) }

// Virus tells the test file of the virus scanners.
func Virus(b []byte) bool { return testVirus(b) }
