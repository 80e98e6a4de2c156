package trust

import (
	"crypto/rsa"
	"crypto/x509"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

// A link is a certificate and one that has its issuer's name.
type link struct{ child, issuer *Entry }

// A linkState is what the child's signature says of a link.
type linkState int

const (
	linkUnknown linkState = iota // not asked yet
	linkGood                     // the issuer's key made the signature
	linkBad                      // it did not
	linkRefused                  // crypto/x509 does not check such a signature
)

// checkLink asks whether the issuer's key made the child's signature. Each link
// is asked about once; when too many were, key identifiers decide.
func checkLink(q *question, child, issuer *Entry) linkState {
	l := link{child, issuer}
	if state := q.links[l]; state != linkUnknown {
		return state
	}
	if q.links == nil {
		q.links = map[link]linkState{}
	}
	state := verifyLink(&q.budget, child, issuer)
	q.links[l] = state
	return state
}

func verifyLink(b *budget, child, issuer *Entry) linkState {
	switch {
	case refusedAlgorithm(child.SignatureAlgorithm) || tooShort(issuer.PublicKey) || issuer.PublicKey == nil:
		return linkRefused
	case b.signatureChecks >= maxSignatureChecks:
		b.reach(boundSignatures)
		if keyIDsAgree(child.Certificate, issuer.Certificate) {
			return linkGood
		}
		return linkBad
	}
	b.signatureChecks++
	if pki.SignedBy(child.Certificate, issuer.Certificate) {
		return linkGood
	}
	return linkBad
}

// refusedAlgorithm reports whether crypto/x509 builds no path over a signature
// of this kind: broken hashes, and what it does not know.
func refusedAlgorithm(algorithm x509.SignatureAlgorithm) bool {
	switch algorithm {
	case x509.UnknownSignatureAlgorithm, x509.MD2WithRSA, x509.MD5WithRSA, x509.SHA1WithRSA,
		x509.ECDSAWithSHA1, x509.DSAWithSHA1, x509.DSAWithSHA256:
		return true
	default:
		return false
	}
}

// tooShort reports whether crypto/rsa refuses to use a key: below 1024 bits.
func tooShort(key any) bool {
	public, ok := key.(*rsa.PublicKey)
	return ok && public.N.BitLen() < 1024
}

// issuerSigned is about a certificate that the next one of the path did not
// sign, or not in a way that can be checked.
func issuerSigned(q *question, path []*Entry, at int) []finding {
	if at == 0 {
		return nil
	}
	child, issuer := path[at-1], path[at]
	switch state := checkLink(q, child, issuer); {
	case state == linkGood:
		return nil
	case state == linkRefused && issuer.PublicKey == nil:
		return []finding{about(issuer, WeakKey, Error, sayf("its key is of a type that no TLS library accepts for signatures"),
			sayf("re-issue %s with an RSA, ECDSA or Ed25519 key", issuer))}
	case state == linkRefused && tooShort(issuer.PublicKey):
		return []finding{about(issuer, WeakKey, Error, sayf("its RSA key has fewer than 1024 bits, and its signatures are not verified"),
			sayf("replace the key of %s and re-issue what it signed", issuer))}
	case state == linkRefused:
		return []finding{about(child, WeakSignature, Error,
			sayf("it is signed with %s, which is no longer accepted", child.SignatureAlgorithm),
			sayf("have %s re-issue it with SHA-256 or better", issuer))}
	case keyIDsAgree(child.Certificate, issuer.Certificate):
		return []finding{about(child, SignatureBroken, Error,
			sayf("its signature does not verify with the key of %s, which is the key that it names: it was altered or damaged", inPlace(issuer)),
			sayf("obtain %s again from where it was issued, or have %s issue it again", child, issuer))}
	default:
		return []finding{otherKey(child, issuer)}
	}
}

// otherKey explains an issuer that has the right name and another key, as a
// renewed CA does.
func otherKey(child, issuer *Entry) finding {
	detail := sayf("its issuer has the same name as %s, but a different key signed it", inPlace(issuer))
	if len(child.AuthorityKeyId) > 0 {
		detail = sayf("its issuer has the key id %s; %s has the same name and the key id %s",
			shownKeyID(child.AuthorityKeyId), inPlace(issuer), shownKeyID(issuer.SubjectKeyId))
	}
	wanted := withKeyID(pki.DistinguishedName(child.Issuer), child.AuthorityKeyId)
	return about(child, SameNameOtherKey, Error, detail,
		sayf("upload or present %s, or have %s issued again by the CA that is available", wanted, child))
}
