package store_test

import (
	"fmt"
	"strings"
	"testing"

	"qiaomen"
	"qiaomen/store"
	"qiaomen/store/storetest"
)

// TestMemoryIsBounded asks for things by names that a stranger may send: a
// million bytes each, and many short ones. What is not there is not there, and
// little of it is remembered.
func TestMemoryIsBounded(t *testing.T) {
	storetest.Each(t, func(t *testing.T, fresh func() store.Options) {
		s := storetest.Open(t, fresh())
		write(t, s, act("winter", "r1"), submitted("r1", "thing"))
		ask := func(id string) {
			err := s.Read(ctx, "winter", 0, func(v *store.View) error {
				token, err := store.One[qiaomen.Token](v, id)
				if err != nil || token != nil {
					return fmt.Errorf("a token: %v, %w", token, err)
				}
				secret, err := v.Lasting("secret", id)
				if err != nil || secret != nil {
					return fmt.Errorf("a secret: %v, %w", secret, err)
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		for i := range 5 {
			ask(strings.Repeat(fmt.Sprint(i), 1_000_000))
		}
		if n := store.Asked(s, "winter"); n > 0 {
			t.Errorf("%d bytes of questions are kept that nobody asks twice", n)
		}
		for i := range 3_000 {
			ask(fmt.Sprintf("%0150d", i))
		}
		if n := store.Asked(s, "winter"); n == 0 || n > 1_000_000 {
			t.Errorf("%d bytes of questions are kept, of 6,000 short ones", n)
		}
	})
}
