package pki

import (
	"bytes"
	"cmp"
	"crypto/x509"
	"fmt"
	"slices"
)

// The bounds on the work of one [BuildChain]. Real heaps have some hundred
// certificates, and a chain of real certificates needs one signature for each.
const (
	// maxPool is how many certificates are looked at.
	maxPool = 5000
	// maxChainChecks is how many signatures are verified: less than a second's
	// work with the longest RSA keys that are read.
	maxChainChecks = 300
)

// BuildChain orders any heap of certificates into the chain of leaf: leaf
// first, then each issuer, up to a self-signed certificate if pool holds one.
//
// Issuers are found by name and signature; of several ways the shortest to a
// self-signed certificate is taken, or the longest way there is if none gets
// that far; ties go to the certificate whose key identifier is the one that its
// child names, and then to the one that ends last. Dates and rights are not
// judged. Certificates that belong to no such path are left out.
//
// It fails for a pool of more than 5000 certificates, and where 300 signatures
// were not enough to find a way: only certificates that share their names with
// others that did not sign need so many.
func BuildChain(leaf *x509.Certificate, pool []*x509.Certificate) ([]*x509.Certificate, error) {
	if len(pool) > maxPool {
		return nil, fmt.Errorf("the pool has %d certificates; at most %d are looked at. Give only CAs that may be above the leaf", len(pool), maxPool)
	}
	return newBuilder(leaf, pool).build()
}

// A builder finds chains by name first, and verifies only what it found: what
// turns out not to be signed is not tried again.
type builder struct {
	leaf   *candidate
	named  map[string][]*issuingKey // by subject, without the leaf
	checks int                      // signatures verified
	tried  map[pairing]bool         // whether the key made the signature
}

// An issuingKey is a key, under a name, and the certificates for it.
type issuingKey struct {
	number     int // the same for the same key under every name
	candidates []*candidate
}

// A candidate is a certificate of the pool, or the leaf.
type candidate struct {
	*x509.Certificate
	key      int // its own key, by number
	position int // among all, in the order in which they are preferred
}

// A pairing is a certificate and a key that may have signed it.
type pairing struct {
	child *candidate
	key   int
}

func newBuilder(leaf *x509.Certificate, pool []*x509.Certificate) *builder {
	b := &builder{named: map[string][]*issuingKey{}, tried: map[pairing]bool{}}
	numbers := map[string]int{}
	number := func(certificate *x509.Certificate) int {
		spki := string(certificate.RawSubjectPublicKeyInfo)
		if _, known := numbers[spki]; !known {
			numbers[spki] = len(numbers)
		}
		return numbers[spki]
	}
	b.leaf = &candidate{leaf, number(leaf), 0}
	preferred := slices.SortedFunc(slices.Values(pool), func(x, y *x509.Certificate) int {
		return cmp.Or(y.NotAfter.Compare(x.NotAfter), bytes.Compare(x.Raw, y.Raw))
	})
	preferred = slices.CompactFunc(preferred, (*x509.Certificate).Equal)
	type named struct {
		name string
		key  int
	}
	keys := map[named]*issuingKey{}
	for position, certificate := range preferred {
		if certificate.Equal(leaf) {
			continue
		}
		at := named{string(certificate.RawSubject), number(certificate)}
		if keys[at] == nil {
			keys[at] = &issuingKey{number: at.key}
			b.named[at.name] = append(b.named[at.name], keys[at])
		}
		keys[at].candidates = append(keys[at].candidates, &candidate{certificate, at.key, position})
	}
	return b
}

// A step is a certificate on the way up from the leaf.
type step struct {
	*candidate
	child  *step
	height int // above leaf
}

// build searches until what it found is signed.
func (b *builder) build() ([]*x509.Certificate, error) {
	for b.checks <= maxChainChecks {
		if chain, sound := b.verify(b.search()); sound {
			return chain, nil
		}
	}
	return nil, fmt.Errorf("the pool has too many certificates of the same names: after %d signatures no chain was found. Give only CAs that may be above %s",
		maxChainChecks, Describe(b.leaf.Certificate))
}

// search walks up from the leaf, breadth first, by all pairings that are not known
// to be bad, to each certificate once. It returns the end of the way to take.
func (b *builder) search() *step {
	open := map[string][]*issuingKey{} // what is left of the names that were asked for
	queue := []*step{{candidate: b.leaf}}
	last := queue[0]
	for len(queue) > 0 {
		current := queue[0]
		queue = queue[1:]
		if b.endsItself(current.candidate) {
			return current
		}
		if current.height > last.height {
			last = current
		}
		name := string(current.RawIssuer)
		keys, asked := open[name]
		if !asked {
			keys = b.named[name]
		}
		var next []*candidate
		next, open[name] = b.issuers(current.candidate, keys)
		for _, issuer := range next {
			queue = append(queue, &step{issuer, current, current.height + 1})
		}
	}
	return last
}

// issuers lists the certificates that may have signed the child, in the order in
// which they are tried, and the keys that it leaves to other children.
func (b *builder) issuers(child *candidate, keys []*issuingKey) (next []*candidate, left []*issuingKey) {
	for _, key := range keys {
		if signed, tried := b.tried[pairing{child, key.number}]; tried && !signed {
			left = append(left, key)
		} else {
			next = append(next, key.candidates...)
		}
	}
	slices.SortFunc(next, func(x, y *candidate) int {
		return cmp.Or(keyIDRank(child, x)-keyIDRank(child, y), x.position-y.position)
	})
	return next, left
}

// keyIDRank is 0 where the key identifiers agree, 1 where one is missing, and 2
// where they differ.
func keyIDRank(child, issuer *candidate) int {
	switch {
	case len(child.AuthorityKeyId) == 0 || len(issuer.SubjectKeyId) == 0:
		return 1
	case bytes.Equal(child.AuthorityKeyId, issuer.SubjectKeyId):
		return 0
	default:
		return 2
	}
}

// endsItself reports whether a certificate is taken for self-signed: by name, and
// not known to be signed by another key.
func (b *builder) endsItself(c *candidate) bool {
	signed, tried := b.tried[pairing{c, c.key}]
	return SelfIssued(c.Certificate) && (signed || !tried)
}

// verify returns the way to an end, from the leaf, if every pairing on it is
// sound. Of one that is not, it remembers the first that is bad.
func (b *builder) verify(end *step) ([]*x509.Certificate, bool) {
	path := []*candidate{end.candidate}
	for s := end.child; s != nil; s = s.child {
		path = append(path, s.candidate)
	}
	slices.Reverse(path)
	chain := make([]*x509.Certificate, len(path))
	for i, c := range path {
		if i > 0 && !b.signed(path[i-1], c) {
			return nil, false
		}
		chain[i] = c.Certificate
	}
	return chain, !b.endsItself(end.candidate) || b.signed(end.candidate, end.candidate)
}

// signed reports whether the issuer's key made the child's signature; false, too,
// once there were too many checks.
func (b *builder) signed(child, issuer *candidate) bool {
	p := pairing{child, issuer.key}
	if signed, tried := b.tried[p]; tried {
		return signed
	}
	if b.checks++; b.checks > maxChainChecks {
		return false
	}
	if child == issuer {
		b.tried[p] = SelfSigned(child.Certificate)
	} else {
		b.tried[p] = SignedBy(child.Certificate, issuer.Certificate)
	}
	return b.tried[p]
}

// WithoutRoots leaves out every self-signed certificate behind the first: what
// a peer presents, which must have the root already (RFC 8446, section 4.4.2).
func WithoutRoots(chain []*x509.Certificate) []*x509.Certificate {
	var presented []*x509.Certificate
	for i, certificate := range chain {
		if i == 0 || !SelfSigned(certificate) {
			presented = append(presented, certificate)
		}
	}
	return presented
}
