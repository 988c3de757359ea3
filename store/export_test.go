package store

// ShowAtMost has shelves keep so few records decoded, until the test ends.
func ShowAtMost(t interface{ Cleanup(func()) }, n int) {
	usual := mostShown
	mostShown = n
	t.Cleanup(func() { mostShown = usual })
}
