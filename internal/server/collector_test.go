package server

import (
	"fmt"
	"math"
	"runtime"
	"runtime/debug"
	"sync/atomic"
	"testing"
)

// restoreCollector puts the collector's settings back at the end of a test.
func restoreCollector(tb testing.TB) {
	tb.Helper()
	percent, limit := debug.SetGCPercent(100), debug.SetMemoryLimit(math.MaxInt64)
	tb.Cleanup(func() {
		debug.SetGCPercent(percent)
		debug.SetMemoryLimit(limit)
	})
}

func TestCollectorIsRelaxedUnlessToldOtherwise(t *testing.T) {
	restoreCollector(t)
	for _, test := range []struct {
		name    string
		chosen  string
		percent int
		limit   int64
		moves   bool
	}{
		{"nothing chosen", "", 1000, 128 << 20, true},
		{"GOGC is the user's", "GOGC", 100, math.MaxInt64, false},
		{"GOMEMLIMIT is the user's", "GOMEMLIMIT", 1000, math.MaxInt64, false},
	} {
		debug.SetGCPercent(100)
		debug.SetMemoryLimit(math.MaxInt64)
		moves := false
		relaxCollector(func(name string) (string, bool) { return "chosen", name == test.chosen }, func(func()) { moves = true })
		if got := debug.SetGCPercent(100); got != test.percent {
			t.Errorf("%s: collects at %d %%, want %d %%", test.name, got, test.percent)
		}
		if got := debug.SetMemoryLimit(-1); got != test.limit {
			t.Errorf("%s: limited to %d bytes, want %d", test.name, got, test.limit)
		}
		if moves != test.moves {
			t.Errorf("%s: the limit moves: %t, want %t", test.name, moves, test.moves)
		}
	}
}

func TestLimitMovesWithWhatIsAlive(t *testing.T) {
	const mebibyte = 1 << 20
	for _, test := range []struct{ alive, want int64 }{
		{0, 128 * mebibyte},
		{10 * mebibyte, 128 * mebibyte},
		{56 * mebibyte, 128 * mebibyte},
		{64 * mebibyte, 144 * mebibyte},
		{1024 * mebibyte, 2304 * mebibyte},
	} {
		if got := limitFor(test.alive); got != test.want {
			t.Errorf("with %d bytes alive the limit is %d, want %d", test.alive, got, test.want)
		}
	}
}

// TestLimitIsAboveWhatACollectionLeft holds so much that the limit has to move.
func TestLimitIsAboveWhatACollectionLeft(t *testing.T) {
	restoreCollector(t)
	var move func()
	relaxCollector(func(string) (string, bool) { return "", false }, func(do func()) { move = do })
	held := make([]byte, 100<<20)
	runtime.GC()
	move()
	if limit := debug.SetMemoryLimit(-1); limit < 200<<20 || limit > 300<<20 {
		t.Errorf("with %d bytes alive the limit is %d", len(held), limit)
	}
	runtime.KeepAlive(held)
}

// TestEachCollectionIsFollowed also says that one call arms the next.
func TestEachCollectionIsFollowed(t *testing.T) {
	var followed atomic.Int32
	afterEachCollection(func() { followed.Add(1) })
	for range 10_000 {
		if followed.Load() >= 3 {
			return
		}
		runtime.GC()
	}
	t.Errorf("%d calls after 10,000 collections", followed.Load())
}

// BenchmarkCollector makes garbage with so much alive, below each of the
// settings: what a call costs beside a large one.
func BenchmarkCollector(b *testing.B) {
	for _, alive := range []int{10, 100, 200} {
		for name, set := range map[string]func(*testing.B){
			"default": func(*testing.B) {},
			"fixed":   func(*testing.B) { debug.SetGCPercent(relaxedPercent); debug.SetMemoryLimit(relaxedBytes) },
			"moving":  func(b *testing.B) { relaxCollector(func(string) (string, bool) { return "", false }, whileRunning(b)) },
		} {
			b.Run(fmt.Sprintf("alive=%dMiB/%s", alive, name), func(b *testing.B) {
				restoreCollector(b)
				set(b)
				held := make([][]*[64]byte, alive)
				for i := range held {
					held[i] = mebibyteOfObjects()
				}
				runtime.GC()
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				for b.Loop() {
					mebibyteOfObjects()
				}
				runtime.ReadMemStats(&after)
				b.ReportMetric(float64(after.NumGC-before.NumGC)/float64(b.N), "collections/op")
				runtime.KeepAlive(held)
			})
		}
	}
}

// whileRunning is afterEachCollection until the benchmark has ended.
func whileRunning(b *testing.B) func(do func()) {
	var ended atomic.Bool
	b.Cleanup(func() { ended.Store(true) })
	return func(do func()) {
		afterEachCollection(func() {
			if !ended.Load() {
				do()
			}
		})
	}
}

// mebibyteOfObjects is small objects below one slice.
func mebibyteOfObjects() []*[64]byte {
	const each = 64 + 8 // its pointer, too
	objects := make([]*[64]byte, (1<<20)/each)
	for i := range objects {
		objects[i] = new([64]byte)
	}
	return objects
}
