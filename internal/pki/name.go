package pki

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"strings"
	"time"
	"unicode"
)

// longestName bounds, in runes, what a hostile certificate can put into a
// message by its names.
const longestName = 160

// Describe names a certificate in a message: its subject and the first bytes of
// its fingerprint, such as
//
//	CN=edge-1,O=Acme (sha256 1f0c93ab04d2)
//
// Where there is no subject, its first alternative name or its serial number
// stands instead. The one way to name a certificate in this provider.
func Describe(certificate *x509.Certificate) string {
	return fmt.Sprintf("%s (sha256 %s)", SubjectOf(certificate), FingerprintSHA256(certificate)[:12])
}

// SubjectOf is the certificate's subject as RFC 4514 writes it, its first
// alternative name ("DNS:edge-1") if the subject is empty, or else its serial
// number ("serial 2a"). It is printable and bounded in length.
func SubjectOf(certificate *x509.Certificate) string {
	if name := subjectName(certificate); name != "" {
		return name
	}
	switch {
	case len(certificate.DNSNames) > 0:
		return Printable("DNS:" + certificate.DNSNames[0])
	case len(certificate.URIs) > 0:
		return Printable("URI:" + certificate.URIs[0].String())
	case len(certificate.IPAddresses) > 0:
		return "IP:" + certificate.IPAddresses[0].String()
	case len(certificate.EmailAddresses) > 0:
		return Printable("email:" + certificate.EmailAddresses[0])
	default:
		return Printable("serial " + SerialNumber(certificate))
	}
}

func subjectName(certificate *x509.Certificate) string {
	if len(certificate.RawSubject) == 0 { // it did not come out of a parser
		return DistinguishedName(certificate.Subject)
	}
	return WriteName(certificate.RawSubject)
}

// DistinguishedName is [WriteName] of a name that is not in a certificate. Of one
// that is, it cannot tell a level of two attributes from two levels.
func DistinguishedName(name pkix.Name) string {
	der := nameInDER(name)
	if der == nil {
		return Printable(name.String())
	}
	return WriteName(der)
}

// What [Printable] looks at, in bytes: no key is shorter, and what is behind is
// not shown.
const (
	shortestKey     = 32
	longestLookedAt = 8 * longestName
	withheldKey     = "(not shown: a private key)"
)

// Printable makes text from a certificate or a PEM label safe to show: control
// and formatting characters are escaped, and what is longer than 160 runes is
// cut. A text that begins as a private key does is not shown at all: somebody has
// put it into the wrong argument.
func Printable(text string) string {
	if len(text) >= shortestKey && HoldsPrivateKey(text[:min(len(text), longestLookedAt)]) {
		return withheldKey
	}
	var safe strings.Builder
	count := 0
	for _, r := range text {
		if count == longestName {
			safe.WriteString("…")
			break
		}
		count++
		if unicode.IsPrint(r) && r != unicode.ReplacementChar {
			safe.WriteRune(r)
		} else {
			fmt.Fprintf(&safe, `\u%04x`, r)
		}
	}
	return safe.String()
}

// Sentence begins a text with a capital letter, unless it begins with the name of
// a package, as errors of crypto/x509 do.
func Sentence(text string) string {
	if text == "" || strings.HasPrefix(text, "x509:") || strings.HasPrefix(text, "asn1:") {
		return text
	}
	return strings.ToUpper(text[:1]) + text[1:]
}

// Stamp writes an instant as messages and outputs do: RFC 3339, in UTC and whole
// seconds.
func Stamp(instant time.Time) string { return instant.UTC().Format(time.RFC3339) }
