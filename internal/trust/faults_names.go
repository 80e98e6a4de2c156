package trust

import (
	"fmt"
	"slices"
	"strings"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

const boundNames = "the comparing of names with name constraints"

// nameFaults explains names below an issuer that its name constraints forbid
// (RFC 5280, 4.2.1.10). As crypto/x509 does, it looks at every certificate
// below, not at the leaf alone.
func (j *judgement) nameFaults(below *step, issuer *holding) []Finding {
	constraints := pki.ConstraintCount(issuer.Certificate)
	if constraints == 0 {
		return nil
	}
	var found []Finding
	for at := below; at != nil; at = at.below {
		names := pki.NamesOf(at.at.Certificate)
		j.nameComparisons += names.Count() * constraints
		if j.nameComparisons > maxNameComparisons {
			j.reached(boundNames)
			return found
		}
		for _, violation := range pki.ForbiddenNames(names, issuer.Certificate) {
			found = append(found, forbidden(at.at, violation))
		}
	}
	return found
}

func forbidden(h *holding, violation pki.ConstraintViolation) Finding {
	remedy := fmt.Sprintf("issue %s without that name, or by another CA", h.name())
	if len(violation.Permitted) > 0 {
		remedy = fmt.Sprintf("issue %s with names in %s only, or by another CA", h.name(),
			pki.Printable(strings.Join(violation.Permitted, ", ")))
	}
	return about(h, NameForbidden, Error, violation.String(), remedy)
}

// strictNameFaults explains names that OpenSSL holds to be forbidden, and
// crypto/x509 does not.
func (j *judgement) strictNameFaults(path []*holding, depth int) []Finding {
	return slices.Concat(j.subdomainFaults(path, depth), j.commonNameFaults(path, depth), j.mailboxFaults(path, depth), j.directoryFaults(path, depth))
}

// commonNameFaults explains common names of a leaf without alternative DNS names
// that OpenSSL holds against constraints on DNS names.
func (j *judgement) commonNameFaults(path []*holding, depth int) []Finding {
	leaf, issuer := path[0], path[depth].Certificate
	if depth == 0 || len(issuer.PermittedDNSDomains)+len(issuer.ExcludedDNSDomains) == 0 {
		return nil
	}
	taken := pki.CommonNamesAsDNS(leaf.Subject, pki.NamesOf(leaf.Certificate))
	j.nameComparisons += len(taken) * pki.ConstraintCount(issuer)
	if j.nameComparisons > maxNameComparisons {
		j.reached(boundNames)
		return nil
	}
	var found []Finding
	for _, violation := range pki.ForbiddenNames(pki.Names{DNSNames: taken}, issuer) {
		found = append(found, about(leaf, NameForbidden, Error,
			"OpenSSL takes its common name for a DNS name, for it has no other, and "+violation.String(),
			fmt.Sprintf("issue %s with an alternative DNS name that is permitted, or with a common name without periods", leaf.name())))
	}
	return found
}

// mailboxFaults explains e-mail addresses in subjects that OpenSSL holds against
// constraints.
func (j *judgement) mailboxFaults(path []*holding, depth int) []Finding {
	issuer := path[depth].Certificate
	if len(issuer.PermittedEmailAddresses)+len(issuer.ExcludedEmailAddresses) == 0 {
		return nil
	}
	var found []Finding
	for below, h := range path[:depth] {
		// Self-issued certificates are exempt, except the leaf (RFC 5280, 6.1.3 (b)).
		if below > 0 && pki.SelfIssued(h.Certificate) {
			continue
		}
		mailboxes := pki.MailboxesOfSubject(h.Subject)
		j.nameComparisons += len(mailboxes) * pki.ConstraintCount(issuer)
		if j.nameComparisons > maxNameComparisons {
			j.reached(boundNames)
			return found
		}
		for _, violation := range pki.ForbiddenNames(pki.Names{EmailAddresses: mailboxes}, issuer) {
			found = append(found, about(h, NameForbidden, Error, "to OpenSSL, "+violation.String()+"; it stands in the subject",
				fmt.Sprintf("issue %s without that address, or by another CA", h.name())))
		}
	}
	return found
}

// subdomainFaults explains e-mail addresses and URIs that the constraints of a
// CA on the path permit for crypto/x509, and not for OpenSSL: to the one a bare
// host as a constraint takes in its subdomains, to the other it is that host
// alone, as RFC 5280, 4.2.1.10, has it.
func (j *judgement) subdomainFaults(path []*holding, depth int) []Finding {
	issuer := path[depth]
	var found []Finding
	for _, h := range path[:depth] {
		j.nameComparisons += len(h.URIs)*len(issuer.PermittedURIDomains) + len(h.EmailAddresses)*len(issuer.PermittedEmailAddresses)
		if j.nameComparisons > maxNameComparisons {
			j.reached(boundNames)
			return found
		}
		if len(issuer.PermittedURIDomains) > 0 {
			for _, uri := range h.URIs {
				found = append(found, subdomainFault(h, issuer, uri.String(), uri.Hostname(), issuer.PermittedURIDomains)...)
			}
		}
		if len(issuer.PermittedEmailAddresses) > 0 {
			for _, address := range h.EmailAddresses {
				_, host, _ := strings.Cut(address, "@")
				found = append(found, subdomainFault(h, issuer, address, host, issuer.PermittedEmailAddresses)...)
			}
		}
	}
	return found
}

func subdomainFault(h, issuer *holding, name, host string, permitted []string) []Finding {
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
		return nil // crypto/x509 refuses it too, and it is found elsewhere
	}
	return []Finding{about(h, NameForbidden, Error,
		fmt.Sprintf("%s is below %s, and OpenSSL takes that constraint of %s for the host itself alone", pki.Printable(name), pki.Printable(below), issuer.name()),
		fmt.Sprintf("issue %s with a name in %s itself, or re-issue %s with a constraint to .%s", h.name(), pki.Printable(below), issuer.name(), pki.Printable(below)))}
}
