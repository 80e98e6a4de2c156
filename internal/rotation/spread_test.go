package rotation_test

import (
	"fmt"
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/trustplane/terraform-provider-mtls/internal/rotation"
)

func TestLawSpreadStaysInItsWindow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		key := rapid.String().Draw(t, "key")
		window := time.Duration(rapid.Int64Min(math.MinInt64).Draw(t, "window"))
		place := rotation.Spread(key, window)
		if window <= 0 && place != 0 || window > 0 && (place < 0 || place >= window) {
			t.Fatalf("%q has place %v in a window of %v", key, place, window)
		}
		if again := rotation.Spread(key, window); again != place {
			t.Fatalf("%q has place %v, then %v", key, place, again)
		}
	})
}

// Places are part of what users see: they must not move with a new release.
func TestSpreadIsStable(t *testing.T) {
	for key, want := range map[string]time.Duration{
		"":       640*time.Hour + 22*time.Minute,
		"edge-1": 628*time.Hour + 10*time.Minute,
		"edge-2": 466*time.Hour + 28*time.Minute,
	} {
		if got := rotation.Spread(key, 720*time.Hour).Truncate(time.Minute); got != want {
			t.Errorf("%q has place %v, want %v", key, got, want)
		}
	}
}

// Names as fleets have them, alike but for their last digits, fill a window of
// twenty days with some 500 a day: within five standard deviations.
func TestSpreadIsEven(t *testing.T) {
	for _, pattern := range []string{"%d", "fra-%d", "edge-%05d", "%d.dp.acme.internal"} {
		perDay := make(map[int]int)
		for n := range 10_000 {
			place := rotation.Spread(fmt.Sprintf(pattern, n), 20*aDay)
			perDay[int(place/aDay)]++
		}
		for d := range 20 {
			if perDay[d] < 390 || perDay[d] > 610 {
				t.Errorf("%s: %d of 10,000 nodes on day %d, want about 500", pattern, perDay[d], d)
			}
		}
	}
}

// The due instant is written out in seconds, and what is written must be what
// counts.
func TestSpreadRenewalFallsOnAWholeSecond(t *testing.T) {
	born := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	generation := rotation.Generation{Number: 1, NotBefore: born, NotAfter: born.Add(90 * aDay)}
	for _, key := range []string{"edge-1", "edge-2", "edge-3"} {
		policy := rotation.Policy{Validity: 90 * aDay, RenewBefore: 30 * aDay, Renewable: true, SpreadWindow: 15 * aDay, SpreadKey: key}
		at := policy.RenewalAt(generation)
		if at.Nanosecond() != 0 || !policy.Due(generation, at) || policy.Due(generation, at.Add(-time.Second)) {
			t.Errorf("%s is due at %s, want a whole second at which it is due, and not before", key, at.Format(time.RFC3339Nano))
		}
	}
}
