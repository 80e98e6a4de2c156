package trust

import (
	"bytes"
	"slices"
)

// withPresentedIssuers weighs the faults of a pin where nginx verifies the chain
// before the pin is compared. nginx takes a client that OpenSSL could not
// verify, as long as the last complaint was a missing or unknown issuer. For a
// leaf presented without issuers, that complaint comes last and hides whatever
// was wrong with the leaf but its dates. With an issuer beside it, or with a
// leaf that is its own issuer, it does not, and a chain that no pin needs is
// judged all the same. (Executed with libcrypto 3.0 and a callback that goes on
// after each error, as nginx has it.)
//
// OpenSSL takes the first issuer that fits. The order of the chain is not to
// decide here, so of several the one with the fewest faults is taken, and a
// finding warns where another has any.
func withPresentedIssuers(q *question, pin *Entry, found []finding) []finding {
	paths := presentedPaths(q, &step{at: pin})
	if len(paths) == 0 {
		if q.profile.endsItself(pin) && readableToOpenSSL(q, pin) {
			return found
		}
		return asWarnings(found)
	}
	var best []finding
	faulty := false
	for i, path := range paths {
		onIssuers := findOnIssuers(q, path)
		faulty = faulty || refuses(onIssuers)
		if i == 0 || countErrors(onIssuers) < countErrors(best) {
			best = onIssuers
		}
	}
	if faulty && !refuses(best) {
		best = append(best, about(pin, AmbiguousIssuer, Warning,
			sayf("several certificates that are presented fit as its issuers, and OpenSSL tries only the first: with another one, %s refuses", q.profile.title),
			sayf("present only one certificate of each issuer, or %s without issuers", pin)))
	}
	return append(found, best...)
}

// findOnIssuers is what is wrong with the issuers of a path, and with what they
// say of it. The dates of the topmost do not count, unless it is a root.
func findOnIssuers(q *question, path []*Entry) []finding {
	var found []finding
	for at := 1; at < len(path); at++ {
		onIssuer := findOnCertificate(q, path, at)
		if at == len(path)-1 && !q.profile.endsItself(path[at]) {
			onIssuer = without(onIssuer, Expired, NotYetValid)
		}
		found = append(found, onIssuer...)
	}
	return found
}

// presentedPaths lists the paths from a pin over the issuers that are presented
// beside it, by names, as far as nginx looks without ssl_verify_depth: the leaf
// and two above it. There is none if no issuer is presented.
func presentedPaths(q *question, at *step) [][]*Entry {
	if at.depth == maxPresentedIssuers || !readableToOpenSSL(q, at.at) || q.profile.endsItself(at.at) {
		return nil
	}
	var paths [][]*Entry
	for _, issuer := range issuersPresented(q, at) {
		next := &step{at: issuer, below: at, depth: at.depth + 1}
		further := presentedPaths(q, next)
		if len(further) == 0 {
			further = [][]*Entry{next.path()}
		}
		paths = append(paths, further...)
	}
	return paths
}

// issuersPresented lists the presented certificates that fit as the issuer, in an
// order that does not depend on the chain's, and no more than maxNamesakes. One
// that OpenSSL cannot read does not count.
func issuersPresented(q *question, at *step) []*Entry {
	fitting := slices.DeleteFunc(slices.Clone(q.pool.namedAs(at.at.RawIssuer)), func(e *Entry) bool {
		return len(e.Presented) == 0 || !q.profile.identifiersAgree(at.at, e) || !readableToOpenSSL(q, e) || at.circles(e)
	})
	slices.SortFunc(fitting, func(a, b *Entry) int { return bytes.Compare(a.Raw, b.Raw) })
	return fitting[:min(maxNamesakes, len(fitting))]
}
