package blob

import (
	"errors"
	"fmt"
	"image"
	"math"
	"math/bits"
	"strconv"

	"golang.org/x/image/draw"
)

// A PHash is what an image looks like from afar, in 63 bits: for each of the
// slowest waves in it, whether bright comes first. Scaling, compressing and
// brightening leave most of them; turning or mirroring the image moves and
// flips them in a known way, so one number serves for all its poses. 0 is no
// hash: the image is plain, or was not looked at.
type PHash uint64

var errPHash = errors.New("blob: a PHash is 16 digits from 0–9 and a–f")

// String is the hash as 16 lower-case hexadecimal digits, and nothing for no hash.
func (p PHash) String() string {
	if p == 0 {
		return ""
	}
	return fmt.Sprintf("%016x", uint64(p))
}

// ParsePHash reads what String gives.
func ParsePHash(s string) (PHash, error) {
	n, err := strconv.ParseUint(s, 16, 64)
	if p := PHash(n); s == "" || err == nil && p.String() == s {
		return p, nil
	}
	return 0, errPHash
}

const (
	waves  = 8  // in each direction
	points = 32 // on which they are measured
)

var cosines = func() (table [waves][points]float64) {
	for u := range waves {
		for x := range points {
			table[u][x] = math.Cos(float64(2*x+1) * float64(u) * math.Pi / (2 * points))
		}
	}
	return table
}()

// perceive makes the hash of an image, best of a thumbnail.
func perceive(img image.Image) PHash {
	grey := image.NewGray(image.Rect(0, 0, points, points))
	draw.BiLinear.Scale(grey, grey.Bounds(), img, img.Bounds(), draw.Src, nil)
	var rows [points][waves]float64 // along x
	for y := range points {
		for u := range waves {
			for x := range points {
				rows[y][u] += float64(grey.Pix[y*grey.Stride+x]) * cosines[u][x]
			}
		}
	}
	hash, strength := PHash(0), 0.0
	for v := range waves {
		for u := range waves {
			wave := 0.0
			for y := range points {
				wave += rows[y][u] * cosines[v][y]
			}
			if u+v == 0 {
				continue // how bright it is on the whole
			}
			strength += math.Abs(wave)
			if wave > 0 {
				hash |= 1 << (v*waves + u)
			}
		}
	}
	const plain = points * points // one step of grey in each wave is less than that
	if strength < plain {
		return 0
	}
	return hash
}

// Distance is how many of the 63 waves of two images differ, in whichever of
// the eight poses (four turns, and those of the mirror image) they differ
// least. Up to about 10 is the same picture, 20 and more another; 64 where one
// has no hash.
func (p PHash) Distance(q PHash) int {
	if p == 0 || q == 0 {
		return 64
	}
	const oddColumns, oddRows = 0xaaaa_aaaa_aaaa_aaaa, 0xff00_ff00_ff00_ff00
	least := 64
	for _, pose := range []PHash{q, q.transposed()} {
		for _, flip := range []PHash{0, oddColumns, oddRows, oddColumns ^ oddRows} {
			least = min(least, bits.OnesCount64(uint64((p^pose^flip)&^1)))
		}
	}
	return least
}

func (p PHash) transposed() (t PHash) {
	for i := range waves * waves {
		t |= p >> i & 1 << (i%waves*waves + i/waves)
	}
	return t
}
