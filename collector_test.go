package main

import (
	"runtime/debug"
	"testing"
)

func TestCollectorIsRelaxedUnlessToldOtherwise(t *testing.T) {
	before := debug.SetGCPercent(100)
	t.Cleanup(func() { debug.SetGCPercent(before) })
	for _, test := range []struct {
		name   string
		chosen bool
		want   int
	}{
		{"no GOGC", false, 400},
		{"GOGC is the user's choice", true, 100},
	} {
		debug.SetGCPercent(100)
		relaxCollector(func(string) (string, bool) { return "100", test.chosen })
		if got := debug.SetGCPercent(100); got != test.want {
			t.Errorf("%s: collects at %d %%, want %d %%", test.name, got, test.want)
		}
	}
}
