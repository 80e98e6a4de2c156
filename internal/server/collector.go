package server

import "runtime/debug"

// relaxCollector lets garbage grow to ten times what is alive before it is
// collected, up to some 128 MB of memory in all. GOGC leaves everything to the
// user, GOMEMLIMIT the limit.
//
// A call of Terraform's leaves a megabyte or two of garbage, above ten that are
// alive; at Go's default, collecting it costs a quarter of the provider's time
// for a thousand certificates. With sets of 500 nodes so much is alive that ten
// times that is too much; hence the limit, which is a soft one.
func relaxCollector(lookup func(string) (string, bool)) {
	const percent, limit = 1000, 128 << 20
	if _, chosen := lookup("GOGC"); chosen {
		return
	}
	debug.SetGCPercent(percent)
	if _, chosen := lookup("GOMEMLIMIT"); !chosen {
		debug.SetMemoryLimit(limit)
	}
}
