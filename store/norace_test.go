//go:build !race

package store_test

// racing tells that the race detector looks on: it makes SQLite twenty times as
// slow, and what is not about goroutines need not be told again.
const racing = false
