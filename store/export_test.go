package store

// ShowAtMost has shelves keep so few records decoded, until the test ends.
func ShowAtMost(t interface{ Cleanup(func()) }, n int) {
	usual := mostShown
	mostShown = n
	t.Cleanup(func() { mostShown = usual })
}

// Asked is how many bytes of questions are remembered of a journal.
func Asked(s *Store, journal string) (n int) {
	m := s.memory(journal)
	m.mu.Lock()
	defer m.mu.Unlock()
	for key := range m.said {
		n += len(key)
	}
	return n
}

func init() { copyAfter = 200 }
