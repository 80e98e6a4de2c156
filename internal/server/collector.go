package server

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

const (
	// relaxedPercent lets garbage grow to ten times what is alive.
	relaxedPercent = 1000
	// relaxedBytes is how much memory the process may take for that.
	relaxedBytes = 128 << 20
)

// relaxCollector lets garbage grow to ten times what is alive before it is
// collected, up to some 128 MiB of memory in all; with more than half of that
// alive, as Go does by default, to as much as is alive. GOGC leaves everything
// to the user, GOMEMLIMIT the limit.
//
// A call of Terraform's leaves a megabyte or two of garbage, above ten that are
// alive; at Go's default, collecting it costs a quarter of the provider's time
// for a thousand certificates. With sets of 500 nodes so much is alive that ten
// times that is too much; hence the limit. It has to move, since what is alive
// grows with the calls at work, that is with processors, and with their values:
// at a fixed limit the collector runs all the time once so much is alive. What
// moves it is handed to after, which calls it after each collection.
func relaxCollector(lookup func(string) (string, bool), after func(do func())) {
	if _, chosen := lookup("GOGC"); chosen {
		return
	}
	debug.SetGCPercent(relaxedPercent)
	if _, chosen := lookup("GOMEMLIMIT"); chosen {
		return
	}
	debug.SetMemoryLimit(relaxedBytes)
	after(func() { debug.SetMemoryLimit(limitFor(aliveBytes())) })
}

// limitFor is the memory, in bytes, that the process may take with so much
// alive: that again as garbage, and an eighth for what is no object, such as
// stacks and the gaps between objects.
func limitFor(alive int64) int64 {
	return max(relaxedBytes, 2*alive+alive/4)
}

// aliveBytes is what the last collection left.
func aliveBytes() int64 {
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(sample)
	return int64(sample[0].Value.Uint64()) //nolint:gosec // no machine has 2^63 bytes
}

// afterEachCollection calls do, which is to be short, after each collection for
// as long as the process lives: the cleanup of an object that nobody holds.
func afterEachCollection(do func()) {
	runtime.AddCleanup(new(*byte), func(do func()) {
		do()
		afterEachCollection(do)
	}, do)
}
