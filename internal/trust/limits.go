package trust

import "slices"

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
	// maxCompany is how many issuers beside a pin are judged; nginx stops sooner.
	maxCompany = 10
	// maxVisits bounds the walk over names that looks for certificates of no use;
	// beyond it, some may be called unused that are not.
	maxVisits = 100_000
	// maxFindings is how many findings a verdict has, and maxFindingsPerCode how
	// many of one code.
	maxFindings        = 40
	maxFindingsPerCode = 5
)

// reached remembers that a bound was hit, once, in words for the user.
func (j *judgement) reached(bound string) {
	if !slices.Contains(j.limits, bound) {
		j.limits = append(j.limits, bound)
	}
}
