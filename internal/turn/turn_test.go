package turn_test

import (
	"sync"
	"testing"

	"github.com/trustplane/terraform-provider-mtls/internal/turn"
)

// However many parts of a call wait, its place is left once and taken back once
// by the last of them, and never both at a time.
func TestPlaceIsLeftOnce(t *testing.T) {
	t.Parallel()
	place := make(chan struct{}, 1)
	place <- struct{}{}
	ctx := turn.Hold(t.Context(), func() { <-place }, func() { place <- struct{}{} })
	first, second := turn.Leave(ctx), turn.Leave(ctx)
	if len(place) != 0 {
		t.Fatal("the place was not left")
	}
	first()
	first() // a second time does nothing
	if len(place) != 0 {
		t.Fatal("the place was taken back while a part still waits")
	}
	second()
	if len(place) != 1 {
		t.Fatal("the place was not taken back")
	}
	var parts sync.WaitGroup
	for range 50 {
		parts.Go(func() {
			back := turn.Leave(ctx)
			defer back()
		})
	}
	parts.Wait()
	if len(place) != 1 {
		t.Error("the place was lost")
	}
}

// A call without a place has none to leave.
func TestNoPlace(t *testing.T) {
	t.Parallel()
	turn.Leave(t.Context())()
}
