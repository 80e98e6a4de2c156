package trust

import (
	"crypto/rsa"
	"crypto/x509"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

// A reading is how a verifier reads certificates, before any rule.
type reading struct {
	// nameKey writes a name, given in DER, so that two names have one writing
	// exactly when they are the same; nil where they are compared byte for byte.
	nameKey func(der []byte) string
	// identifiersAgree says whether what a child says of its issuer, besides the
	// name, fits the issuer.
	identifiersAgree func(child, issuer *Entry) bool
	// endsItself says whether a chain ends at a certificate, since it names itself
	// as its issuer.
	endsItself func(*Entry) bool
	// signature verifies the child's signature.
	signature func(child, issuer *Entry) linkState
}

// goReading is that of crypto/x509: names are bytes.
func goReading() reading {
	return reading{
		identifiersAgree: func(child, issuer *Entry) bool { return !keyIDsDiffer(child.Certificate, issuer.Certificate) },
		endsItself:       func(e *Entry) bool { return endsItself(e.Certificate) },
		signature:        verifyAsGo,
	}
}

// openSSLReading is that of OpenSSL: names as RFC 5280, 7.1, compares them. It is
// good for one question: it remembers which certificates end themselves, which each
// step of the search and several rules ask.
func openSSLReading() reading {
	known := map[*Entry]bool{}
	endsItself := func(e *Entry) bool {
		ends, asked := known[e]
		if !asked {
			ends = endsItselfForOpenSSL(e)
			known[e] = ends
		}
		return ends
	}
	return reading{nameKey: canonicalName, identifiersAgree: identifiersAgree, endsItself: endsItself, signature: verifyAsOpenSSL}
}

// verifyAsGo is for a verifier that crypto/x509 stands for.
func verifyAsGo(child, issuer *Entry) linkState {
	switch {
	case issuer.PublicKey == nil || child.SignatureAlgorithm == x509.UnknownSignatureAlgorithm:
		return linkUnchecked
	case weakAlgorithm(child.SignatureAlgorithm) || isDSA(child.SignatureAlgorithm) || unusableRSA(issuer.PublicKey) != "":
		return linkRefused
	case pki.SignedBy(child.Certificate, issuer.Certificate):
		return linkGood
	default:
		return linkBad
	}
}

// verifyAsOpenSSL is for a verifier that is built on OpenSSL, with security level
// 2: what crypto/x509 does not verify is verified here, as far as the standard
// library has the parts.
func verifyAsOpenSSL(child, issuer *Entry) linkState {
	known := child.SignatureAlgorithm != x509.UnknownSignatureAlgorithm
	key := publicKey(issuer.Certificate)
	switch {
	case key == nil || isDSA(child.SignatureAlgorithm):
		return linkUnchecked
	case weakAlgorithm(child.SignatureAlgorithm) || unusableRSA(key) != "":
		return linkRefused
	case !known || issuer.PublicKey == nil:
		return verifyAnySignature(child.Certificate, key)
	case pki.SignedBy(child.Certificate, issuer.Certificate):
		return linkGood
	default:
		return linkBad
	}
}

// weakAlgorithm reports whether signatures of this kind are made with a hash for
// which two messages of one digest can be made.
func weakAlgorithm(algorithm x509.SignatureAlgorithm) bool {
	switch algorithm {
	case x509.MD2WithRSA, x509.MD5WithRSA, x509.SHA1WithRSA, x509.ECDSAWithSHA1, x509.DSAWithSHA1:
		return true
	default:
		return false
	}
}

// isSHA1 reports whether crypto/x509 verifies signatures of an algorithm, and
// only builds no path over them.
func isSHA1(algorithm x509.SignatureAlgorithm) bool {
	return algorithm == x509.SHA1WithRSA || algorithm == x509.ECDSAWithSHA1
}

// isDSA reports whether crypto/x509 knows an algorithm and verifies none of its
// signatures.
func isDSA(algorithm x509.SignatureAlgorithm) bool {
	return algorithm == x509.DSAWithSHA1 || algorithm == x509.DSAWithSHA256
}

// unusableRSA says why crypto/rsa refuses to use a key; the empty string for one
// that it uses.
func unusableRSA(key any) string {
	public, is := key.(*rsa.PublicKey)
	switch {
	case !is:
		return ""
	case public.N.BitLen() < 1024:
		return "its RSA key has fewer than 1024 bits, and its signatures are not verified"
	default:
		return unusableExponent(key)
	}
}

// unusableExponent says why no signature by an RSA key is worth anything; the
// empty string for a key that is fine.
func unusableExponent(key any) string {
	public, is := key.(*rsa.PublicKey)
	switch {
	case !is:
		return ""
	case public.E == 1:
		return "its RSA key has the public exponent 1, with which everybody can make its signatures"
	case public.E%2 == 0:
		return "its RSA key has an even public exponent, with which no signature verifies"
	default:
		return ""
	}
}
