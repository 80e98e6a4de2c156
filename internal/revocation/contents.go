package revocation

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// An entry is one revoked certificate on a list.
type entry struct {
	at     time.Time // the date of the revocation, in whole seconds
	reason Reason
	end    time.Time // of the certificate; zero if it is not known
}

// A vanished certificate was active, is not any more, and is revoked a grace
// later.
type vanished struct {
	since time.Time
	end   time.Time // of the certificate
}

// contents are what a list says and what is remembered beside it.
type contents struct {
	active  map[Serial]time.Time // the ends of the certificates in use
	pending map[Serial]vanished
	entries map[Serial]entry
}

// A wish is what is configured of one revocation.
type wish struct {
	at     time.Time // zero: not given
	reason *Reason   // nil: not given
	end    time.Time // zero: not known
}

// inputs are what the next contents follow from, besides the ones before.
type inputs struct {
	active  map[Serial]time.Time
	revoked map[Serial]wish
	grace   time.Duration
	// decided is the instant that plan and apply agree on: what is due by then.
	decided time.Time
	// now is the present instant: what vanishes has vanished by now.
	now time.Time
}

// next are the contents that follow, and whether the list has to say something
// else than before. What is on it and could go is still there: see [contents.prune].
func (c contents) next(in inputs) (contents, bool) {
	next := contents{active: in.active, pending: map[Serial]vanished{}, entries: maps.Clone(c.entries)}
	if next.entries == nil {
		next.entries = map[Serial]entry{}
	}
	if next.active == nil {
		next.active = map[Serial]time.Time{}
	}
	c.settleVanished(in, next)
	for serial, wanted := range in.revoked {
		before, is := next.entries[serial]
		next.entries[serial] = wanted.meet(before, is, c.endOf(serial), in.now)
	}
	for serial, before := range next.entries {
		_, wanted := in.revoked[serial]
		if before.reason == CertificateHold && !wanted {
			delete(next.entries, serial)
		}
	}
	return next, !sameEntries(c.entries, next.entries)
}

// settleVanished moves what vanished among the entries once its grace is over,
// and what vanishes now among the pending.
func (c contents) settleVanished(in inputs, next contents) {
	waiting := maps.Clone(c.active)
	for serial := range in.active {
		delete(waiting, serial)
	}
	settle := func(serial Serial, one vanished, due bool) {
		_, back := in.active[serial]
		_, wanted := in.revoked[serial]
		known, listed := c.entries[serial]
		switch {
		case back, listed && known.reason != CertificateHold, one.end.Before(in.decided):
			// In use again, revoked already, or ended before it could be.
		case due:
			at := one.since.Add(in.grace)
			if latest := in.now.Add(-backdate); at.After(latest) {
				at = latest // a list that is signed now says that it is of then
			}
			next.entries[serial] = entry{at.UTC().Truncate(time.Second), ofVanished, one.end}
		case wanted && !in.revoked[serial].holds():
			// Revoked by the configuration, at once.
		default:
			next.pending[serial] = one
		}
	}
	for serial, one := range c.pending {
		settle(serial, one, !one.since.Add(in.grace).After(in.decided))
		delete(waiting, serial)
	}
	for serial, end := range waiting {
		// Not by the clock: it has to come to the same in a plan and in its apply.
		settle(serial, vanished{in.now, end}, in.grace == 0)
	}
}

// endOf is the end of a certificate as far as it is known; zero if it is not.
func (c contents) endOf(serial Serial) time.Time {
	if end, is := c.active[serial]; is {
		return end
	}
	return c.pending[serial].end
}

// meet is the entry that a wish makes of the one before, if there is one. A
// revocation never becomes a hold, and keeps its date unless another one is given.
func (w wish) meet(before entry, is bool, end, now time.Time) entry {
	after := before
	if !is {
		after = entry{at: now.Add(-backdate).UTC().Truncate(time.Second), end: end}
	}
	if !w.at.IsZero() {
		after.at = w.at.UTC().Truncate(time.Second)
	}
	switch {
	case w.reason == nil && before.reason == CertificateHold:
		after.reason = Unspecified // a hold that is said no more, of what is to be revoked
	case w.reason != nil && (!is || before.reason == CertificateHold || !w.holds()):
		after.reason = *w.reason
	}
	if !w.end.IsZero() {
		after.end = w.end
	}
	return after
}

// holds reports whether a wish is for a revocation that may be taken back.
func (w wish) holds() bool { return w.reason != nil && *w.reason == CertificateHold }

// prune leaves out what may go when a new list is signed: entries that nobody
// asks for and whose certificates had ended when the last list was made that had
// them (RFC 5280, 3.3: an entry is on one list that is issued beyond the end of its
// certificate). Of certificates whose end is not known that is the issuer's.
func (c contents) prune(wanted map[Serial]wish, last, issuerEnd time.Time) {
	for serial, one := range c.entries {
		end := one.end
		if end.IsZero() {
			end = issuerEnd
		}
		if _, is := wanted[serial]; !is && end.Before(last) {
			delete(c.entries, serial)
		}
	}
}

// serials are the numbers on the list, in ascending order.
func (c contents) serials() []Serial { return sorted(c.entries) }

func sorted[V any](of map[Serial]V) []Serial {
	all := slices.Collect(maps.Keys(of))
	slices.SortFunc(all, func(a, b Serial) int {
		return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b))
	})
	return all
}

// sameEntries reports whether two lists say the same. Ends are on no list.
func sameEntries(a, b map[Serial]entry) bool {
	return maps.EqualFunc(a, b, func(one, other entry) bool { return one.at.Equal(other.at) && one.reason == other.reason })
}

// lastEnd is when the last certificate ends that is known; zero if none is, or if
// one is revoked whose end is not known.
func (c contents) lastEnd() time.Time {
	var last time.Time
	for _, end := range c.active {
		last = later(last, end)
	}
	for _, one := range c.pending {
		last = later(last, one.end)
	}
	for _, one := range c.entries {
		if one.end.IsZero() {
			return time.Time{}
		}
		last = later(last, one.end)
	}
	return last
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
