package trust

import (
	"crypto/x509"
	"slices"
	"strings"
)

// A Purpose is what the presented leaf is to be good for (RFC 5280, 4.2.1.12).
type Purpose int

const (
	// ClientAuth is what a data plane needs, and the zero Purpose.
	ClientAuth Purpose = iota
	// ServerAuth is what a control plane's own certificate needs.
	ServerAuth
	// AnyPurpose takes every purpose.
	AnyPurpose
)

// usage is the purpose as crypto/x509 calls it; an unknown one is taken for
// ClientAuth.
func (p Purpose) usage() x509.ExtKeyUsage {
	switch p {
	case ServerAuth:
		return x509.ExtKeyUsageServerAuth
	case AnyPurpose:
		return x509.ExtKeyUsageAny
	default:
		return x509.ExtKeyUsageClientAuth
	}
}

// String is the purpose as RFC 5280 spells it.
func (p Purpose) String() string {
	switch p {
	case ServerAuth:
		return "serverAuth"
	case AnyPurpose:
		return "any purpose"
	default:
		return "clientAuth"
	}
}

// purposeListed is about a certificate that is not good for the purpose asked
// (RFC 5280, 4.2.1.12), as crypto/x509 reads it: no extended key usage means
// any, and so does anyExtendedKeyUsage.
func purposeListed(q *question, path []*Entry, at int) []finding {
	listed := path[at].ExtKeyUsage
	if len(listed)+len(path[at].UnknownExtKeyUsage) == 0 || slices.Contains(listed, x509.ExtKeyUsageAny) {
		return nil
	}
	return purposeMissing(q, path[at], at)
}

// purposeListedLiterally is [purposeListed] as OpenSSL reads it: an extension
// that lists nothing allows nothing, and anyExtendedKeyUsage is not what is
// asked for.
func purposeListedLiterally(q *question, path []*Entry, at int) []finding {
	if extension(path[at].Certificate, oidExtKeyUsage) == nil {
		return nil
	}
	return purposeMissing(q, path[at], at)
}

// purposeMissing is about extended key usages that lack the purpose. A CA that
// lists purposes lends only those to what it issues: not in the RFC, but what
// crypto/x509 and OpenSSL both do.
func purposeMissing(q *question, e *Entry, at int) []finding {
	if q.Purpose == AnyPurpose || slices.Contains(e.ExtKeyUsage, q.Purpose.usage()) || q.Purpose == ServerAuth && !q.profile.byGo() && gated(e) {
		return nil
	}
	listed := listPurposes(e.Certificate)
	if at > 0 {
		return []finding{about(e, WrongPurpose, Error,
			sayf("this CA only permits the purposes %s for what it issues, not %s", listed, q.Purpose),
			sayf("re-issue %s with %s in its extended key usages, or without any", e, q.Purpose))}
	}
	return []finding{about(e, WrongPurpose, Error,
		sayf("its extended key usages are %s; %s is needed", listed, q.Purpose),
		sayf("issue %s with %s in its extended key usages", e, q.Purpose))}
}

// gated reports whether a certificate is for server-gated cryptography, which
// OpenSSL takes for server authentication (XKU_SGC in v3_purp.c).
func gated(e *Entry) bool {
	return slices.Contains(e.ExtKeyUsage, x509.ExtKeyUsageMicrosoftServerGatedCrypto) || slices.Contains(e.ExtKeyUsage, x509.ExtKeyUsageNetscapeServerGatedCrypto)
}

// listPurposes writes the extended key usages, the first few.
func listPurposes(certificate *x509.Certificate) string {
	if len(certificate.ExtKeyUsage)+len(certificate.UnknownExtKeyUsage) == 0 {
		return "(none)"
	}
	names := make([]string, 0, len(certificate.ExtKeyUsage))
	for _, usage := range certificate.ExtKeyUsage {
		names = append(names, usage.String())
	}
	for _, usage := range certificate.UnknownExtKeyUsage {
		names = append(names, usage.String())
	}
	if len(names) > 4 {
		names = append(names[:4], "…")
	}
	return strings.Join(names, ", ")
}
