package pki

import (
	"crypto/x509/pkix"
	"slices"
	"strings"
)

// CommonNamesAsDNS lists the common names of an end entity's subject that
// OpenSSL, and so nginx, takes for DNS names when it compares names with
// constraints: those that look like one, if there is no alternative DNS name in
// names (RFC 6125, section 6.4.4, has peers fall back on them likewise).
// crypto/x509 looks at no common name.
func CommonNamesAsDNS(subject pkix.Name, names Names) []string {
	if len(names.DNSNames) > 0 {
		return nil
	}
	texts := CommonNames(subject)
	slices.Sort(texts)
	return slices.DeleteFunc(slices.Compact(texts), func(text string) bool { return !looksLikeDNS(text) })
}

// CommonNames lists the common names of a subject: there may be several. The one
// that pkix.Name shows is among them, also where the subject was not read from a
// certificate.
func CommonNames(subject pkix.Name) []string {
	var texts []string
	for _, attribute := range subject.Names {
		if text, ok := attribute.Value.(string); ok && attribute.Type.String() == "2.5.4.3" {
			texts = append(texts, text)
		}
	}
	if subject.CommonName != "" && !slices.Contains(texts, subject.CommonName) {
		texts = append(texts, subject.CommonName)
	}
	return texts
}

// MailboxesOfSubject lists the e-mail addresses that stand in a subject (PKCS #9,
// emailAddress): OpenSSL compares them with constraints as RFC 5280, section
// 4.2.1.10, asks of those who take them for names. crypto/x509 looks at none.
func MailboxesOfSubject(subject pkix.Name) []string {
	var mailboxes []string
	for _, attribute := range subject.Names {
		if text, ok := attribute.Value.(string); ok && attribute.Type.String() == "1.2.840.113549.1.9.1" {
			mailboxes = append(mailboxes, text)
		}
	}
	return mailboxes
}

// looksLikeDNS reports whether a text has two labels or more, all of letters,
// digits, underscores and inner hyphens.
func looksLikeDNS(text string) bool {
	const taken = "-_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	labels := strings.Split(text, ".")
	return len(labels) > 1 && !slices.ContainsFunc(labels, func(label string) bool {
		return label == "" || strings.HasPrefix(label, "-") || strings.HasSuffix(label, "-") || strings.Trim(label, taken) != ""
	})
}
