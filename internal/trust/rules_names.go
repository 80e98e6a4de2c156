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
	remedy := sayf("issue %s without that name, or from another CA", e)
	if len(violation.Permitted) > 0 {
		remedy = sayf("issue %s with names in %s only, or from another CA", e, pki.Printable(strings.Join(violation.Permitted, ", ")))
	}
	return about(e, NameForbidden, Error, sayf("%s", violation), remedy)
}

// commonNamesPermitted is about common names of a leaf without alternative DNS
// names that OpenSSL holds against constraints on DNS names.
func commonNamesPermitted(q *question, path []*Entry, at int) []finding {
	leaf, issuer := path[0], path[at].Certificate
	if at == 0 || len(issuer.PermittedDNSDomains)+len(issuer.ExcludedDNSDomains) == 0 {
		return nil
	}
	taken := pki.CommonNamesAsDNS(leaf.Subject, pki.NamesOf(leaf.Certificate))
	if !q.budget.compareNames(len(taken) * pki.ConstraintCount(issuer)) {
		return nil
	}
	var found []finding
	for _, violation := range pki.ForbiddenNames(pki.Names{DNSNames: taken}, issuer) {
		found = append(found, about(leaf, NameForbidden, Error,
			sayf("OpenSSL treats its common name as a DNS name, because it has no other, and %s", violation),
			sayf("issue %s with an alternative DNS name that is permitted, or with a common name without periods", leaf)))
	}
	return found
}

// mailboxesPermitted is about e-mail addresses in subjects that OpenSSL holds
// against constraints.
func mailboxesPermitted(q *question, path []*Entry, at int) []finding {
	issuer := path[at].Certificate
	if len(issuer.PermittedEmailAddresses)+len(issuer.ExcludedEmailAddresses) == 0 {
		return nil
	}
	var found []finding
	for depth, e := range path[:at] {
		if selfIssuedBetween(e, depth) {
			continue
		}
		mailboxes := pki.MailboxesOfSubject(e.Subject)
		if !q.budget.compareNames(len(mailboxes) * pki.ConstraintCount(issuer)) {
			return found
		}
		for _, violation := range pki.ForbiddenNames(pki.Names{EmailAddresses: mailboxes}, issuer) {
			found = append(found, about(e, NameForbidden, Error, sayf("to OpenSSL, %s; it is in the subject", violation),
				sayf("issue %s without that address, or from another CA", e)))
		}
	}
	return found
}

// subdomainsPermitted is about e-mail addresses and URIs that the constraints of
// a CA on the path permit for crypto/x509, and not for OpenSSL: to the one a
// bare host as a constraint includes its subdomains, to the other it is only
// that host, as RFC 5280, 4.2.1.10, has it.
func subdomainsPermitted(q *question, path []*Entry, at int) []finding {
	issuer := path[at]
	if len(issuer.PermittedURIDomains)+len(issuer.PermittedEmailAddresses) == 0 {
		return nil
	}
	var found []finding
	for _, e := range path[:at] {
		if !q.budget.compareNames(len(e.URIs)*len(issuer.PermittedURIDomains) + len(e.EmailAddresses)*len(issuer.PermittedEmailAddresses)) {
			return found
		}
		for _, uri := range e.URIs {
			found = append(found, subdomainForbidden(e, issuer, uri.String(), uri.Hostname(), issuer.PermittedURIDomains)...)
		}
		for _, address := range e.EmailAddresses {
			_, host, _ := strings.Cut(address, "@")
			found = append(found, subdomainForbidden(e, issuer, address, host, issuer.PermittedEmailAddresses)...)
		}
	}
	return found
}

func subdomainForbidden(e, issuer *Entry, name, host string, permitted []string) []finding {
	below := ""
	for _, base := range permitted {
		switch {
		case strings.EqualFold(base, host) || strings.EqualFold(base, name):
			return nil
		case len(host) <= len(base) || !strings.EqualFold(host[len(host)-len(base):], base):
		case strings.HasPrefix(base, "."):
			return nil
		case host[len(host)-len(base)-1] == '.':
			below = base
		}
	}
	if below == "" {
		return nil // crypto/x509 refuses it too, and namesPermitted finds it
	}
	base := pki.Printable(below)
	return []finding{about(e, NameForbidden, Error,
		sayf("%s is below %s, but OpenSSL applies that constraint of %s only to the host itself", pki.Printable(name), base, issuer),
		sayf("issue %s with a name in %s itself, or re-issue %s with a constraint to .%s", e, base, issuer, base))}
}
