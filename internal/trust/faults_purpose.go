package trust

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"slices"
	"strings"
)

// purposeFaults explains a certificate that is not good for the purpose asked
// (RFC 5280, 4.2.1.12). A CA that lists purposes lends only those to what it
// issues: not in the RFC, but what crypto/x509 and OpenSSL both do.
func (j *judgement) purposeFaults(h *holding, depth int) []Finding {
	if j.options.Purpose == AnyPurpose || allows(h.Certificate, j.options.Purpose, j.profile.openSSL) {
		return nil
	}
	listed := listPurposes(h.Certificate)
	if depth > 0 {
		return []Finding{about(h, WrongPurpose, Error,
			fmt.Sprintf("this CA lends what it issues only the purposes %s, not %s", listed, j.options.Purpose),
			fmt.Sprintf("re-issue %s with %s among its extended key usages, or without any", h.name(), j.options.Purpose))}
	}
	return []Finding{about(h, WrongPurpose, Error,
		fmt.Sprintf("its extended key usages are %s; %s is needed", listed, j.options.Purpose),
		fmt.Sprintf("issue %s with %s among its extended key usages", h.name(), j.options.Purpose))}
}

// allows reports whether a certificate's extended key usages include a purpose.
// None at all means any, but to OpenSSL an extension that lists none allows
// none. Nor does OpenSSL take anyExtendedKeyUsage for one that it asks for.
func allows(certificate *x509.Certificate, purpose Purpose, openSSL bool) bool {
	switch {
	case len(certificate.ExtKeyUsage) == 0 && len(certificate.UnknownExtKeyUsage) == 0:
		return !openSSL || !carries(certificate, oidExtKeyUsage)
	case slices.Contains(certificate.ExtKeyUsage, purpose.usage()):
		return true
	default:
		return !openSSL && slices.Contains(certificate.ExtKeyUsage, x509.ExtKeyUsageAny)
	}
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

// The extensions of RFC 5280, 4.2.1.3 and 4.2.1.12: crypto/x509 does not tell one
// that is there and empty from one that is missing.
const (
	oidKeyUsage    = "2.5.29.15"
	oidExtKeyUsage = "2.5.29.37"
)

// carries reports whether a certificate has an extension.
func carries(certificate *x509.Certificate, id string) bool {
	return slices.ContainsFunc(certificate.Extensions, func(e pkix.Extension) bool { return e.Id.String() == id })
}
