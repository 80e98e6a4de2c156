package server

import (
	"math"
	"runtime/debug"
	"testing"
)

func TestCollectorIsRelaxedUnlessToldOtherwise(t *testing.T) {
	percent, limit := debug.SetGCPercent(100), debug.SetMemoryLimit(math.MaxInt64)
	t.Cleanup(func() {
		debug.SetGCPercent(percent)
		debug.SetMemoryLimit(limit)
	})
	for _, test := range []struct {
		name    string
		chosen  string
		percent int
		limit   int64
	}{
		{"nothing chosen", "", 1000, 128 << 20},
		{"GOGC is the user's", "GOGC", 100, math.MaxInt64},
		{"GOMEMLIMIT is the user's", "GOMEMLIMIT", 1000, math.MaxInt64},
	} {
		debug.SetGCPercent(100)
		debug.SetMemoryLimit(math.MaxInt64)
		relaxCollector(func(name string) (string, bool) { return "chosen", name == test.chosen })
		if got := debug.SetGCPercent(100); got != test.percent {
			t.Errorf("%s: collects at %d %%, want %d %%", test.name, got, test.percent)
		}
		if got := debug.SetMemoryLimit(-1); got != test.limit {
			t.Errorf("%s: limited to %d bytes, want %d", test.name, got, test.limit)
		}
	}
}
