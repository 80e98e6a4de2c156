package pki

import "crypto/x509"

// ParseWithoutEntries is for tests with lists that are not large.
var ParseWithoutEntries = parseWithoutEntries

// ParseRevocationLists is [Readable.ParseRevocationLists] of one text, in which a
// list that cannot be read is an error.
func ParseRevocationLists(text string) ([]*x509.RevocationList, error) {
	return parseBlocks(text, nil, readRevocationList)
}

// MaxChainChecks is the most signatures that [BuildChain] verifies.
const MaxChainChecks = maxChainChecks

// ChainChecks counts the signatures that [BuildChain] verifies.
func ChainChecks(leaf *x509.Certificate, pool []*x509.Certificate) (checks int, err error) {
	b := newBuilder(leaf, pool)
	_, err = b.build()
	return b.checks, err
}
