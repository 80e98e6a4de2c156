package provider

import (
	"context"
	"crypto/x509"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/trustplane/terraform-provider-mtls/internal/issue"
	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/rotation"
)

// apply carries out what the plan decided, and makes every value of it known.
func (c *change) apply(ctx context.Context) {
	planned := *c.plan.certificate()
	if fingerprint := planned.IssuerFingerprint; !fingerprint.IsUnknown() && !c.issuer.fingerprint().Equal(fingerprint) {
		addOtherIssuer(c.diagnostics)
		return
	}
	switch {
	case !c.changes():
		c.keepResults()
	case c.brought():
		c.takeBrought()
	default:
		c.issue(ctx)
	}
	if c.diagnostics.HasError() {
		return
	}
	m := c.plan.certificate()
	// What the plan said of the clock was said on the plan's clock.
	if !planned.RenewalAt.IsUnknown() {
		m.RenewalAt = planned.RenewalAt
	}
	if !planned.RenewalDue.IsUnknown() {
		m.RenewalDue = planned.RenewalDue
	}
	if c.state != nil && m.Generation.ValueInt64() > c.state.certificate().Generation.ValueInt64() {
		active := activeOf(c.state)
		c.memory.supersede(active.Number, active.SupersededAt(c.now))
	}
	if c.brought() && !c.config.certificate().PrivateKeyPEM.IsNull() {
		c.memory.KeyAdopted = false
	}
	c.applyUpload()
}

// changes reports whether the plan promised another certificate or, where it
// left that open, whether one is needed now that everything is known.
func (c *change) changes() bool {
	planned := c.plan.certificate().Generation
	switch {
	case c.state == nil:
		return true
	case planned.IsUnknown():
		return c.causes() != rotation.Causes{}
	default:
		return planned.ValueInt64() > c.state.certificate().Generation.ValueInt64()
	}
}

// nextGeneration is the number of the certificate that is now made or taken.
func (c *change) nextGeneration() types.Int64 {
	if c.state == nil {
		return types.Int64Value(1)
	}
	return types.Int64Value(c.state.certificate().Generation.ValueInt64() + 1)
}

func (c *change) takeBrought() {
	certificate := c.broughtCertificate()
	if certificate == nil {
		return
	}
	refused, warned := issue.CheckBrought(c.plan.profile(), certificate, c.key.signer, c.issuer.issuer, c.now)
	addViolations(c.diagnostics, c.onKeyAttribute(refused), c.read)
	addWarnings(c.diagnostics, warned, c.read)
	c.plan.certificate().Generation = c.nextGeneration()
	c.setResults(certificate)
}

func (c *change) issue(ctx context.Context) {
	issued, err := issue.Issue(c.request, c.issuer.issuer, c.now)
	if err != nil {
		addIssueError(c.diagnostics, err, c.read)
		return
	}
	m := c.plan.certificate()
	m.CertificatePEM = newPEM(pki.EncodeCertificates(issued.Certificate))
	m.Generation = c.nextGeneration()
	c.setResults(issued.Certificate)
	switch {
	case c.key.elsewhere:
		m.PrivateKeyPEM = nullPEM()
	case c.key.signer == nil:
		text, err := pki.EncodePrivateKey(issued.Key)
		if err != nil {
			c.diagnostics.AddAttributeError(path.Root("private_key_pem"), "Private key not written", err.Error())
			return
		}
		m.PrivateKeyPEM = newPEM(text)
	default:
		m.PrivateKeyPEM = c.state.certificate().PrivateKeyPEM
	}
	tflog.Info(ctx, "issued a certificate", map[string]any{
		"subject":            pki.SubjectOf(issued.Certificate),
		"serial_number":      m.SerialNumber.ValueString(),
		"fingerprint_sha256": m.FingerprintSHA256.ValueString(),
		"generation":         m.Generation.ValueInt64(),
	})
}

// setResults writes what is told of certificate, which is new.
func (c *change) setResults(certificate *x509.Certificate) {
	m := c.plan.certificate()
	if c.brought() && c.config.certificate().PrivateKeyPEM.IsNull() {
		m.PrivateKeyPEM = nullPEM()
	}
	m.ChainPEM = unknownPEM()
	if !c.issuer.unknown && !c.issuer.chainUnknown {
		m.ChainPEM = newPEM(pki.EncodeCertificates(c.issuer.issuer.Present(certificate)...))
	}
	m.SerialNumber = types.StringValue(pki.SerialNumber(certificate))
	m.FingerprintSHA256 = types.StringValue(pki.FingerprintSHA256(certificate))
	m.SPKISHA256 = types.StringValue(pki.SPKISHA256(certificate))
	m.SubjectKeyID = newText(pki.KeyID(certificate.SubjectKeyId))
	m.IssuerFingerprint = c.issuer.fingerprint()
	m.NotBefore = timetypes.NewRFC3339TimeValue(certificate.NotBefore.UTC())
	m.NotAfter = timetypes.NewRFC3339TimeValue(certificate.NotAfter.UTC())
	c.setRenewal(rotation.Generation{
		Number: m.Generation.ValueInt64(), NotBefore: certificate.NotBefore, NotAfter: certificate.NotAfter,
	})
}

// applyUpload puts the certificate where the plan had it unknown.
func (c *change) applyUpload() {
	upload := c.plan.upload()
	if upload == nil {
		return
	}
	trusted := maps.Clone(upload.TrustedCertificatesPEM.Elements())
	if trusted == nil {
		trusted = map[string]attr.Value{}
	}
	trusted[key(c.plan.certificate().Generation.ValueInt64())] = encoded(c.plan.certificate().CertificatePEM)
	upload.setTrusted(trusted)
	c.memory.forget(generations(trusted))
}
