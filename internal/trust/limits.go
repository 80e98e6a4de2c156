package trust

import (
	"slices"
	"strings"
)

// The bounds on the work of one Evaluate. Every one that is reached is named by
// a finding of code limit_reached. Beside them stands the bound of crypto/x509:
// its Verify gives up after 100 attempts to match a certificate with an issuer
// (maxChainSignatureChecks in verify.go), so a path of more than 100
// certificates is never accepted, and neither is one that hides behind 100
// issuers of the right name and the wrong key.
//
// crypto/x509 also reads GODEBUG: rsa1024min=0 lets keys below 1024 bits sign.
// Nothing here asks for that, and nothing here changes it.
const (
	// maxPresented is how many presented certificates are looked at, the first
	// ones. OpenSSL takes 100 kB of certificates from a client, by default, and
	// Go 256 kB: fewer than this, unless they are tiny.
	maxPresented = 1000
	// maxSignatureChecks is how many signatures the explanation of a refusal
	// verifies: a second's work or so at the very worst, with the longest RSA keys
	// that package pki reads. Beyond it, key identifiers are believed.
	maxSignatureChecks = 100
	// maxSteps is how many certificates the search for candidate paths visits,
	// each visit to one certificate on one path counted.
	maxSteps = 300
	// maxMatches is how many certificates the search compares with the name of an
	// issuer that it looks for; the last comparison may run over it.
	maxMatches = 20_000
	// maxQueue is how many visits may wait at once.
	maxQueue = 3000
	// maxCandidates is how many candidate paths a refusal explains.
	maxCandidates = 3
	// alternativeMargin is by how much a candidate may be worse than the best one
	// and still be worth a reader's time; in units of [weight].
	alternativeMargin = 4
	// maxNameComparisons is how many comparisons of a name with a constraint the
	// explanation makes.
	maxNameComparisons = 100_000
	// maxPresentedIssuers is how many issuers beside a pin nginx judges, whose
	// ssl_verify_depth is 1: an intermediate, and what would be the anchor.
	maxPresentedIssuers = 2
	// maxNamesakes is how many certificates of one issuer's name are tried there.
	maxNamesakes = 8
	// maxVisits bounds the walk over names that looks for certificates of no use;
	// beyond it, some may be called unused that are not.
	maxVisits = 100_000
	// maxFindings is how many findings a verdict has, and maxFindingsPerCode how
	// many of one code.
	maxFindings        = 40
	maxFindingsPerCode = 5
)

// What the bounds are on, in words for the user.
const (
	boundSteps      = "the search for paths"
	boundSignatures = "the checking of signatures"
	boundLists      = "the checking of revocation lists"
	boundNames      = "the comparing of names with name constraints"
)

// A budget is what is left of the bounds, and which of them were reached.
type budget struct {
	reached         []string
	signatureChecks int
	nameComparisons int
}

// reach remembers that a bound was hit, once.
func (b *budget) reach(bound string) {
	if !slices.Contains(b.reached, bound) {
		b.reached = append(b.reached, bound)
	}
}

// compareNames takes a number of comparisons out of the budget; false if they
// are more than is left.
func (b *budget) compareNames(count int) bool {
	b.nameComparisons += count
	if b.nameComparisons > maxNameComparisons {
		b.reach(boundNames)
		return false
	}
	return true
}

// finding says which bounds were reached; nothing for none. It refuses only
// where nothing else does, so that a reader sees real faults first.
func (b *budget) finding(severity Severity) []finding {
	if len(b.reached) == 0 {
		return nil
	}
	return []finding{{
		code: LimitReached, severity: severity,
		detail: sayf("a limit was reached by %s: this explanation may be incomplete", strings.Join(b.reached, " and by ")),
		hint:   sayf("upload and present fewer certificates of the same name, and none that the chain does not need"),
	}}
}
