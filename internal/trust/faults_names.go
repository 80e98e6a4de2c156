package trust

import (
	"crypto/x509"
	"fmt"
	"strings"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

const boundNames = "the comparing of names with name constraints"

// nameFaults explains names below an issuer that its name constraints forbid
// (RFC 5280, 4.2.1.10). As crypto/x509 does, it looks at every certificate
// below, not at the leaf alone.
func (j *judgement) nameFaults(below *step, issuer *holding) []Finding {
	constraints := countConstraints(issuer.Certificate)
	if constraints == 0 {
		return nil
	}
	var found []Finding
	for at := below; at != nil; at = at.below {
		names := pki.NamesOf(at.at.Certificate)
		size := len(names.DNSNames) + len(names.IPAddresses) + len(names.URIs) + len(names.EmailAddresses)
		j.nameComparisons += size * constraints
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

func countConstraints(ca *x509.Certificate) int {
	return len(ca.PermittedDNSDomains) + len(ca.ExcludedDNSDomains) + len(ca.PermittedIPRanges) + len(ca.ExcludedIPRanges) +
		len(ca.PermittedURIDomains) + len(ca.ExcludedURIDomains) + len(ca.PermittedEmailAddresses) + len(ca.ExcludedEmailAddresses)
}

func forbidden(h *holding, violation pki.ConstraintViolation) Finding {
	remedy := fmt.Sprintf("issue %s without that name, or by another CA", h.name())
	if len(violation.Permitted) > 0 {
		remedy = fmt.Sprintf("issue %s with names in %s only, or by another CA", h.name(),
			pki.Printable(strings.Join(violation.Permitted, ", ")))
	}
	return about(h, NameForbidden, Error, violation.String(), remedy)
}
