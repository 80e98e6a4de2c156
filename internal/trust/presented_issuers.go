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
func withPresentedIssuers(q *question, pin *Entry, found []finding) []finding {
	path := presentedIssuers(q, pin)
	if len(path) == 1 && !(q.profile.endsItself(pin) && readableToOpenSSL(pin)) {
		return asWarnings(found)
	}
	for at := 1; at < len(path); at++ {
		onIssuer := findOnCertificate(q, path, at)
		// The dates of the topmost do not count, unless it is a root.
		if at == len(path)-1 && !q.profile.endsItself(path[at]) {
			onIssuer = without(onIssuer, Expired, NotYetValid)
		}
		found = append(found, onIssuer...)
	}
	return found
}

// presentedIssuers is the path from a pin over the issuers that are presented
// beside it, by names, as far as nginx looks without ssl_verify_depth: the leaf
// and two above it.
func presentedIssuers(q *question, pin *Entry) []*Entry {
	path := []*Entry{pin}
	for at := (&step{at: pin}); at.depth < maxPresentedIssuers && readableToOpenSSL(at.at) && !q.profile.endsItself(at.at); {
		issuer := presentedIssuer(q, at, path)
		if issuer == nil {
			break
		}
		path = append(path, issuer)
		at = &step{at: issuer, below: at, depth: at.depth + 1}
	}
	return path
}

// presentedIssuer is the presented certificate of the issuer's name that has the
// fewest faults. One that OpenSSL cannot read does not count. OpenSSL takes the first that is in date; the order of the chain is
// not to decide here, and two of one name and key are rare.
func presentedIssuer(q *question, at *step, path []*Entry) *Entry {
	var best *Entry
	fewest := 0
	for _, e := range q.pool.namedAs(at.at.RawIssuer) {
		if len(e.Presented) == 0 || !q.pool.namesIssuer(at.at, e) || !readableToOpenSSL(e) || at.circles(e) {
			continue
		}
		faults := countErrors(findOnCertificate(q, append(slices.Clip(path), e), len(path)))
		if best == nil || faults < fewest || faults == fewest && bytes.Compare(e.Raw, best.Raw) < 0 {
			best, fewest = e, faults
		}
	}
	return best
}
