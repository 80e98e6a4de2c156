package trust

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"math"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

// keyIsStrong is about a certificate's key, for a verifier that publishes no
// limits: those are of 112 bits of security (NIST SP 800-57 part 1, table 2), and
// of TLS 1.3's curves (RFC 8446, 4.2.3).
func keyIsStrong(q *question, path []*Entry, at int) []finding {
	e := path[at]
	switch key := e.PublicKey.(type) {
	case *rsa.PublicKey:
		if bits := key.N.BitLen(); bits < 2048 {
			return []finding{about(e, WeakKey, Error,
				sayf("its RSA key has %d bits; %s publishes no limit, and NIST SP 800-57 wants at least 2048", bits, q.profile.title), newKey(e))}
		}
	case *ecdsa.PublicKey:
		if params := key.Params(); params.BitSize < 256 {
			return []finding{about(e, WeakKey, Error,
				sayf("its key is on the curve %s; %s publishes no limit, and TLS 1.3 has no curve below P-256", params.Name, q.profile.title), newKey(e))}
		}
	case ed25519.PublicKey:
	default:
		return []finding{about(e, UnknownAlgorithm, Error, sayf("its key is of the kind %s, which crypto/x509 does not read", keyName(e.Certificate)), newKey(e))}
	}
	return nil
}

func newKey(e *Entry) message {
	return sayf("issue %s with a new key: ECDSA P-256, or RSA with at least 2048 bits", e)
}

// keyIsUsable is about an RSA key that nobody can use, whoever judges: crypto/rsa
// refuses it, and TLS with it.
func keyIsUsable(_ *question, path []*Entry, at int) []finding {
	e := path[at]
	if why := unusableExponent(publicKey(e.Certificate)); why != "" {
		return []finding{about(e, UnusableKey, Error, sayf("%s", why), newKey(e))}
	}
	return nil
}

// keyIsStrongForOpenSSL is about a key that OpenSSL's security level 2 refuses,
// the default of current distributions: RSA with less than 112 bits of security
// anywhere on a path. TLS with it has no signature scheme for a leaf on a curve
// below P-256.
func keyIsStrongForOpenSSL(_ *question, path []*Entry, at int) []finding {
	e := path[at]
	switch key := publicKey(e.Certificate).(type) {
	case *rsa.PublicKey:
		if bits := key.N.BitLen(); securityBits(bits) < 112 {
			return []finding{about(e, WeakKey, Error, sayf("its RSA key has %d bits; OpenSSL's security level 2 takes 2048 and more", bits), newKey(e))}
		}
		return nil
	case *ecdsa.PublicKey:
		return curveIsStrong(e, key, at)
	case ed25519.PublicKey:
		return nil
	}
	kind := spkiOf(e.Certificate).Algorithm.Algorithm.String()
	if kind == oidEd448 {
		return nil
	}
	found := []finding{about(e, UnknownAlgorithm, Error, sayf("its key is of the kind %s, and OpenSSL is not known to take it", keyName(e.Certificate)), newKey(e))}
	if kind == oidDSA {
		return asWarnings(found)
	}
	return found
}

func curveIsStrong(e *Entry, key *ecdsa.PublicKey, at int) []finding {
	if key.Curve.Params().BitSize >= 256 {
		return nil
	}
	found := []finding{about(e, WeakKey, Error, sayf("its key is on the curve %s; the minimum is P-256 for TLS", key.Curve.Params().Name), newKey(e))}
	if at > 0 {
		return asWarnings(found)
	}
	return found
}

// securityBits is how many bits of security OpenSSL sees in an RSA key
// (ossl_ifc_ffc_compute_security_bits, from NIST SP 800-56B, appendix D), rounded
// to a multiple of 8: so 112 begin somewhat below 2048 bits.
func securityBits(bits int) int {
	x := float64(bits) * math.Ln2
	y := (1.923*math.Cbrt(x*math.Pow(math.Log(x), 2)) - 4.69) / math.Ln2
	return (int(y) + 4) &^ 7
}

func isRSA(e *Entry) bool {
	_, is := publicKey(e.Certificate).(*rsa.PublicKey)
	return is
}

// keyIDsMustAgree is about a signature that verifies although the key
// identifiers differ: crypto/x509 takes them for hints, OpenSSL refuses the
// issuer.
func keyIDsMustAgree(q *question, path []*Entry, at int) []finding {
	if at == 0 || !keyIDsDiffer(path[at-1].Certificate, path[at].Certificate) || !certainlySigned(q, path[at-1], path[at]) {
		return nil
	}
	child, issuer := path[at-1], path[at]
	return []finding{about(child, KeyIDMismatch, Error,
		sayf("it names the issuing key %s, while %s says that its key is %s, which did sign it",
			shownKeyID(child.AuthorityKeyId), inPlace(issuer), shownKeyID(issuer.SubjectKeyId)),
		sayf("have %s issue %s again with its own key id", issuer, child))}
}

// serialMustAgree is [keyIDsMustAgree] for an authority key identifier that names
// the issuer's certificate, by its issuer and serial number, as old settings of
// OpenSSL make it (authorityKeyIdentifier = keyid,issuer:always). A renewed CA
// has another serial number, whether or not the key is the same.
func serialMustAgree(q *question, path []*Entry, at int) []finding {
	if at == 0 || !namesOtherCertificate(path[at-1], path[at]) || !certainlySigned(q, path[at-1], path[at]) {
		return nil
	}
	child, issuer := path[at-1], path[at]
	named := authorityKeyOf(child.Certificate)
	serial := "(none)"
	if named.serial != nil {
		serial = pki.Printable(named.serial.Text(16))
	}
	return []finding{about(child, KeyIDMismatch, Error,
		sayf("its authority key id names the issuer's certificate with the serial number %s, while %s has %s; it did sign it, but OpenSSL does not take that issuer",
			serial, inPlace(issuer), pki.Printable(pki.SerialNumber(issuer.Certificate))),
		sayf("have %s issue %s again, or upload the earlier certificate of %s beside this one as long as it is valid, or renew the CA with the same serial number", issuer, child, issuer))}
}

// keyTakenByGo is about a leaf's key that crypto/tls refuses in the handshake,
// whatever crypto/x509 says of the chain (executed with Go 1.26): RSA below 1024
// and above 8192 bits, a curve without a signature scheme in TLS 1.3, another
// kind of key. Keys of CAs that are merely short are a warning.
func keyTakenByGo(q *question, path []*Entry, at int) []finding {
	const longestRSA = 8192 // checkKeySize in crypto/tls
	e := path[at]
	if key, is := e.PublicKey.(*rsa.PublicKey); is && at == 0 && key.N.BitLen() > longestRSA {
		return []finding{about(e, WeakKey, Error, sayf("its RSA key has %d bits, and crypto/tls takes at most %d", key.N.BitLen(), longestRSA), newKey(e))}
	}
	found := keyIsStrong(q, path, at)
	switch key := e.PublicKey.(type) {
	case *rsa.PublicKey:
		if key.N.BitLen() >= 1024 || at > 0 {
			return asWarnings(found)
		}
	case *ecdsa.PublicKey:
		if at > 0 {
			return asWarnings(found)
		}
	}
	return found
}

// leafUsageSuffices is about the leaf's key usage (RFC 5280, 4.2.1.3), which
// OpenSSL looks at and crypto/x509 does not: a TLS client signs with its key, and
// a server may also decrypt with it (KU_TLS in v3_purp.c).
func leafUsageSuffices(q *question, path []*Entry, at int) []finding {
	good, needs := x509.KeyUsageDigitalSignature|x509.KeyUsageKeyAgreement, "neither digital signatures nor key agreement, which a TLS client needs"
	if q.Purpose == ServerAuth {
		good |= x509.KeyUsageKeyEncipherment
		needs = "no digital signatures, key encipherment or key agreement, which a TLS server needs"
	}
	leaf := path[at]
	if at > 0 || leaf.KeyUsage&good != 0 || leaf.KeyUsage == 0 && !emptyKeyUsage(leaf.Certificate) || q.Purpose == AnyPurpose {
		return nil
	}
	return []finding{about(leaf, WrongKeyUsage, Error, sayf("its key usage allows %s", needs),
		sayf("issue %s with digitalSignature in its key usage", leaf))}
}
