package main

import "runtime/debug"

// relaxCollector lets garbage grow to ten times what is alive before it is
// collected, up to some 256 MB of memory in all, unless GOGC or GOMEMLIMIT say
// otherwise.
//
// A call of Terraform's leaves a megabyte or two of garbage, above ten that are
// alive; at Go's default, collecting it costs a quarter of the provider's time
// for a thousand certificates. With ten sets of 500 nodes at once as much is
// alive as makes ten times that too much; hence the limit, which is a soft one.
func relaxCollector(lookup func(string) (string, bool)) {
	const percent, limit = 1000, 256 << 20
	if _, chosen := lookup("GOGC"); !chosen {
		debug.SetGCPercent(percent)
	}
	if _, chosen := lookup("GOMEMLIMIT"); !chosen {
		debug.SetMemoryLimit(limit)
	}
}
