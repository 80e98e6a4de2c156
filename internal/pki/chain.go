package pki

import (
	"bytes"
	"crypto/x509"
)

// BuildChain orders any heap of certificates into the chain of leaf: leaf
// first, then each issuer, up to a self-signed certificate if pool holds one.
//
// Issuers are found by name and signature; of several ways the shortest to a
// self-signed certificate is taken, or the longest way there is if none gets
// that far; ties go to the certificate that ends last. Dates and rights are not
// judged. Certificates that belong to no such path are left out. Each
// certificate is visited once, so the work is bounded by the square of len(pool)
// in comparisons of names and by as many signatures as there are pairs of
// matching names.
func BuildChain(leaf *x509.Certificate, pool []*x509.Certificate) []*x509.Certificate {
	type step struct {
		certificate *x509.Certificate
		child       *step
		height      int // above leaf
	}
	seen := map[string]bool{string(leaf.Raw): true}
	queue := []*step{{certificate: leaf}}
	last := queue[0]
	for len(queue) > 0 {
		current := queue[0]
		queue = queue[1:]
		if SelfSigned(current.certificate) {
			last = current
			break
		}
		if current.height > last.height {
			last = current
		}
		for _, issuer := range issuers(current.certificate, pool) {
			if !seen[string(issuer.Raw)] {
				seen[string(issuer.Raw)] = true
				queue = append(queue, &step{issuer, current, current.height + 1})
			}
		}
	}
	var chain []*x509.Certificate
	for s := last; s != nil; s = s.child {
		chain = append([]*x509.Certificate{s.certificate}, chain...)
	}
	return chain
}

// issuers lists the certificates of pool that signed certificate, those that
// end last first.
func issuers(certificate *x509.Certificate, pool []*x509.Certificate) []*x509.Certificate {
	var found []*x509.Certificate
	for _, candidate := range pool {
		if !bytes.Equal(certificate.RawIssuer, candidate.RawSubject) || !SignedBy(certificate, candidate) {
			continue
		}
		at := len(found)
		for at > 0 && found[at-1].NotAfter.Before(candidate.NotAfter) {
			at--
		}
		found = append(found[:at], append([]*x509.Certificate{candidate}, found[at:]...)...)
	}
	return found
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
