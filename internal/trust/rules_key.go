package trust

import (
	"crypto/rsa"
	"crypto/x509"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

// keyIsStrong is about a certificate's key.
func keyIsStrong(_ *question, path []*Entry, at int) []finding {
	e := path[at]
	weakness := pki.WeakKey(e.PublicKey)
	if weakness == "" {
		return nil
	}
	return []finding{about(e, WeakKey, Error, sayf("%s", weakness), sayf("issue %s with a new key: ECDSA P-256, or RSA with at least 2048 bits", e))}
}

// keyIsStrongForOpenSSL is [keyIsStrong] as OpenSSL has it: security level 2
// refuses RSA below 2048 bits anywhere on a path, and TLS with it has no
// signature scheme for a leaf on a curve below P-256.
func keyIsStrongForOpenSSL(q *question, path []*Entry, at int) []finding {
	found := keyIsStrong(q, path, at)
	if at > 0 && !isRSA(path[at]) {
		return asWarnings(found)
	}
	return found
}

func isRSA(e *Entry) bool {
	_, is := e.PublicKey.(*rsa.PublicKey)
	return is
}

// keyIDsMustAgree is about a signature that verifies although the key
// identifiers differ: crypto/x509 takes them for hints, OpenSSL refuses the
// issuer.
func keyIDsMustAgree(q *question, path []*Entry, at int) []finding {
	if at == 0 || !keyIDsDiffer(path[at-1].Certificate, path[at].Certificate) || checkLink(q, path[at-1], path[at]) != linkGood {
		return nil
	}
	child, issuer := path[at-1], path[at]
	return []finding{about(child, KeyIDMismatch, Error,
		sayf("it names the issuing key %s, while %s says that its key is %s; the signature is valid",
			shownKeyID(child.AuthorityKeyId), inPlace(issuer), shownKeyID(issuer.SubjectKeyId)),
		sayf("have %s issue %s again with its own key id", issuer, child))}
}

// leafUsageSuffices is about the leaf's key usage (RFC 5280, 4.2.1.3), which
// OpenSSL looks at and crypto/x509 does not: a TLS peer signs with its key.
func leafUsageSuffices(q *question, path []*Entry, at int) []finding {
	const good = x509.KeyUsageDigitalSignature | x509.KeyUsageKeyAgreement
	leaf := path[at]
	if at > 0 || leaf.KeyUsage&good != 0 || leaf.KeyUsage == 0 && !emptyKeyUsage(leaf.Certificate) || q.Purpose != ClientAuth {
		return nil
	}
	return []finding{about(leaf, WrongKeyUsage, Error, sayf("its key usage allows neither digital signatures nor key agreement, which a TLS client needs"),
		sayf("issue %s with digitalSignature in its key usage", leaf))}
}
