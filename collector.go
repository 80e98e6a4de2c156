package main

import "runtime/debug"

// relaxCollector lets garbage grow to four times what is alive before it is
// collected, unless GOGC says otherwise.
//
// A call of Terraform's leaves a megabyte or two of garbage, above ten that are
// alive; at Go's default, collecting it costs a quarter of the provider's time
// for a thousand certificates. The price is some fifty megabytes of memory.
func relaxCollector(lookup func(string) (string, bool)) {
	if _, chosen := lookup("GOGC"); chosen {
		return
	}
	const percent = 400
	debug.SetGCPercent(percent)
}
