package provider

import (
	"crypto/x509"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/trustplane/terraform-provider-mtls/internal/issue"
	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

// broughtCertificate parses the configured certificate; nil if it is unknown or
// unreadable, which is told.
func (c *change) broughtCertificate() *x509.Certificate {
	text := c.config.certificate().CertificatePEM
	if !known(text) {
		return nil
	}
	certificate, err := pki.ParseCertificate(text.ValueString())
	if err != nil {
		addPEMError(c.diagnostics, path.Root("certificate_pem"), "certificate", err)
		return nil
	}
	return certificate
}

// newIssuerOfBrought: a brought certificate stays, but the configuration now
// names another issuer above it.
func (c *change) newIssuerOfBrought() bool {
	return c.brought() && c.issuer.issuer != nil && !c.issuer.fingerprint().Equal(c.state.certificate().IssuerFingerprint)
}

// checkKept tells of a key that is brought for a certificate that stays, and
// does not belong to it.
func (c *change) checkKept() {
	certificate := c.broughtCertificate()
	if !c.brought() || certificate == nil {
		return
	}
	refused, _ := issue.CheckBrought(c.plan.profile(), certificate, c.key.signer, nil, c.now)
	refused = slices.DeleteFunc(refused, func(violation issue.Violation) bool { return violation.Field != "private_key_pem" })
	addViolations(c.diagnostics, c.onKeyAttribute(refused), c.read)
}
