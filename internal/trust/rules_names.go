package trust

import (
	"slices"
	"strings"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

// namesPermitted is about names below an issuer that its name constraints forbid
// (RFC 5280, 4.2.1.10). As crypto/x509 does, it looks at every certificate
// below, not only at the leaf.
func namesPermitted(q *question, path []*Entry, at int) []finding {
	issuer := path[at].Certificate
	constraints := pki.ConstraintCount(issuer)
	if constraints == 0 {
		return nil
	}
	var found []finding
	for _, below := range slices.Backward(path[:at]) {
		names := pki.NamesOf(below.Certificate)
		if !q.budget.compareNames(names.Count() * constraints) {
			return found
		}
		for _, violation := range pki.ForbiddenNames(names, issuer) {
			found = append(found, forbidden(below, violation))
		}
	}
	return found
}

func forbidden(e *Entry, violation pki.ConstraintViolation) finding {
	without := sayf("issue %s without that name, or from another CA", e)
	switch {
	case violation.NotComparable:
		return about(e, NameNotComparable, Error, sayf("%s", violation), without)
	case len(violation.Permitted) > 0:
		return about(e, NameNotPermitted, Error, sayf("%s", violation),
			sayf("issue %s with names in %s only, or from another CA", e, pki.Printable(strings.Join(violation.Permitted, ", "))))
	case violation.Excluded == "": // the empty name has all others below it
		return about(e, NameExcluded, Error,
			sayf("%s excludes every %s, and %q is one", pki.SubjectOf(violation.Constraint), violation.Kind, pki.Printable(violation.Name)), without)
	default:
		return about(e, NameExcluded, Error, sayf("%s", violation), without)
	}
}

// namesReadOtherwise is about e-mail addresses and URIs below an issuer that
// crypto/x509 finds permitted and OpenSSL does not: it reads a bare host as that
// host only, as RFC 5280, 4.2.1.10, does. It is for a verifier of which nobody
// knows how it reads.
func namesReadOtherwise(q *question, path []*Entry, at int) []finding {
	issuer := path[at].Certificate
	constraints := pki.ConstraintCount(issuer)
	if constraints == 0 {
		return nil
	}
	var found []finding
	for _, below := range slices.Backward(path[:at]) {
		names := pki.Names{URIs: below.URIs, EmailAddresses: below.EmailAddresses}
		if names.Count() == 0 {
			continue
		}
		if !q.budget.compareNames(names.Count() * constraints) {
			return found
		}
		for _, violation := range pki.ReadOtherwise(names, issuer) {
			if len(violation.Permitted) == 0 {
				continue // excluded by both, but for forms that nobody issues
			}
			finding := forbidden(below, violation)
			finding.detail = sayf("to OpenSSL, %s; to crypto/x509, a host has everything below it too", violation)
			found = append(found, finding)
		}
	}
	return found
}
