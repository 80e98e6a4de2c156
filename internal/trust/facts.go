package trust

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"slices"
	"strconv"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

// What certificates say of themselves and of each other, before anybody judges.

// marksCA reports whether a certificate says of itself that it is a CA
// (RFC 5280, 4.2.1.9). One without basic constraints does not: as an upload it
// is a pin, and as an anchor its key would sign for others.
func marksCA(certificate *x509.Certificate) bool {
	return certificate.BasicConstraintsValid && certificate.IsCA
}

// markedCA is [marksCA] of an entry.
func markedCA(e *Entry) bool { return marksCA(e.Certificate) }

// endsItself reports whether a chain ends at a certificate because it names
// itself as its issuer. As OpenSSL does, it believes the names, key identifiers
// and kinds of keys: no one signs for a trusted root, so nothing depends on its
// signature.
func endsItself(certificate *x509.Certificate) bool {
	kind := signersKind(certificate.SignatureAlgorithm)
	return pki.SelfIssued(certificate) && !keyIDsDiffer(certificate, certificate) &&
		(kind == x509.UnknownPublicKeyAlgorithm || kind == certificate.PublicKeyAlgorithm)
}

// EndsItself reports whether the certificate names itself as its issuer, so that
// a chain ends there.
func (e *Entry) EndsItself() bool { return endsItself(e.Certificate) }

// signersKind is the kind of key that makes signatures of an algorithm; unknown
// for an algorithm that crypto/x509 does not know.
func signersKind(algorithm x509.SignatureAlgorithm) x509.PublicKeyAlgorithm {
	switch algorithm {
	case x509.MD2WithRSA, x509.MD5WithRSA, x509.SHA1WithRSA, x509.SHA256WithRSA, x509.SHA384WithRSA, x509.SHA512WithRSA,
		x509.SHA256WithRSAPSS, x509.SHA384WithRSAPSS, x509.SHA512WithRSAPSS:
		return x509.RSA
	case x509.ECDSAWithSHA1, x509.ECDSAWithSHA256, x509.ECDSAWithSHA384, x509.ECDSAWithSHA512:
		return x509.ECDSA
	case x509.DSAWithSHA1, x509.DSAWithSHA256:
		return x509.DSA
	case x509.PureEd25519:
		return x509.Ed25519
	default:
		return x509.UnknownPublicKeyAlgorithm
	}
}

// keyIDsDiffer reports whether the child names another key than the issuer's
// (RFC 5280, 4.2.1.1). Where one of them names no key at all, they do not; one of no
// bytes names one.
func keyIDsDiffer(child, issuer *x509.Certificate) bool {
	if bytes.Equal(child.AuthorityKeyId, issuer.SubjectKeyId) {
		return false
	}
	return (len(child.AuthorityKeyId) > 0 || namesEmptyKeyID(child)) && (len(issuer.SubjectKeyId) > 0 || extension(issuer, oidSubjectKeyID) != nil)
}

// namesEmptyKeyID reports whether an authority key identifier has a key identifier
// of no bytes.
func namesEmptyKeyID(certificate *x509.Certificate) bool {
	fields, _ := elements(extension(certificate, oidAuthorityKeyID))
	return slices.ContainsFunc(fields, func(field asn1.RawValue) bool { return field.Tag == 0 && len(field.Bytes) == 0 })
}

// keyIDsAgree reports whether the child names the issuer's key.
func keyIDsAgree(child, issuer *x509.Certificate) bool {
	return len(child.AuthorityKeyId) > 0 && bytes.Equal(child.AuthorityKeyId, issuer.SubjectKeyId)
}

// sameName reports whether two certificates have one subject that is not empty.
func sameName(a, b *Entry) bool {
	return len(a.Subject.Names) > 0 && bytes.Equal(a.RawSubject, b.RawSubject)
}

// withKeyID adds a key identifier to the name of a certificate that is missing.
func withKeyID(name string, id []byte) string {
	if len(id) == 0 {
		return name
	}
	return fmt.Sprintf("%s with the subject key id %s", name, pki.Printable(pki.KeyID(id)))
}

// shownKeyID writes a key identifier within a sentence.
func shownKeyID(id []byte) string {
	if len(id) == 0 {
		return "(none)"
	}
	return pki.Printable(pki.KeyID(id))
}

// Extensions that crypto/x509 does not show whole: it does not tell an empty key
// usage or extended key usage from none (RFC 5280, 4.2.1.3 and 4.2.1.12), and
// compares no directory names (4.2.1.10).
const (
	oidSubjectKeyID     = "2.5.29.14"
	oidKeyUsage         = "2.5.29.15"
	oidAlternativeNames = "2.5.29.17"
	oidNameConstraints  = "2.5.29.30"
	oidExtKeyUsage      = "2.5.29.37"
)

// extension is the value of a certificate's extension; nil if it has none.
func extension(certificate *x509.Certificate, id string) []byte {
	at := slices.IndexFunc(certificate.Extensions, func(e pkix.Extension) bool { return isObject(e.Id, id) })
	if at < 0 {
		return nil
	}
	return certificate.Extensions[at].Value
}

// isObject compares an object identifier with one in writing, without an
// allocation.
func isObject(id asn1.ObjectIdentifier, text string) bool {
	var room [64]byte
	written := room[:0]
	for i, arc := range id {
		if i > 0 {
			written = append(written, '.')
		}
		written = strconv.AppendInt(written, int64(arc), 10)
	}
	return string(written) == text
}

// emptyKeyUsage reports whether a key usage is there and has no bit set, which
// RFC 5280, 4.2.1.3, forbids: OpenSSL takes that for no right at all, and
// crypto/x509 for all of them.
func emptyKeyUsage(certificate *x509.Certificate) bool {
	return certificate.KeyUsage == 0 && extension(certificate, oidKeyUsage) != nil
}

// endsFirst is the certificate of a path with the earliest NotAfter.
func endsFirst(path []*Entry) *Entry {
	return slices.MinFunc(path, func(a, b *Entry) int { return a.NotAfter.Compare(b.NotAfter) })
}
