package provider

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/trustplane/terraform-provider-mtls/internal/issue"
	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/rotation"
)

// writePlan decides, checks what can be checked, and makes exactly those values
// of the plan unknown that will change.
func (c *change) writePlan(ctx context.Context) {
	c.keepSpelling()
	c.checkPolicy()
	decided := c.decide()
	if decided.Rotate || decided.open || c.newIssuerOfBrought() {
		c.check()
	} else {
		c.checkKept()
	}
	c.tell(decided.Decision)
	c.tellKey(decided.Rotate)
	if c.diagnostics.HasError() {
		return
	}
	switch {
	case decided.Rotate:
		tflog.Info(ctx, "planned a new certificate", map[string]any{"generation": decided.Generation, "reasons": decided.Reasons})
		c.planRotation(decided.Decision)
	case decided.open:
		c.planOpen()
	default:
		c.keepResults()
	}
	c.planUpload(decided)
}

// keepSpelling keeps the PEM of the state where the configuration means the
// same: another line ending is no change.
func (c *change) keepSpelling() {
	if c.state == nil {
		return
	}
	config, plan, state := c.config.certificate(), c.plan.certificate(), c.state.certificate()
	if config.CertificatePEM.same(state.CertificatePEM) {
		plan.CertificatePEM = state.CertificatePEM
	}
	if config.PrivateKeyPEM.same(state.PrivateKeyPEM) {
		plan.PrivateKeyPEM = state.PrivateKeyPEM
	}
}

// check tells what is wrong with the certificate that is to be made or taken.
func (c *change) check() {
	if c.brought() {
		if certificate := c.broughtCertificate(); certificate != nil {
			refused, warned := issue.CheckBrought(c.plan.profile(), certificate, c.key.signer, c.issuer.issuer, c.now)
			addViolations(c.diagnostics, c.onKeyAttribute(refused), c.read)
			addWarnings(c.diagnostics, warned, c.read)
		}
		return
	}
	addViolations(c.diagnostics, c.onKeyAttribute(issue.Check(c.request, c.issuer.issuer, c.now)), c.read)
	if c.issuer.keyless {
		addKeylessIssuer(c.diagnostics)
	}
	if c.state != nil && !c.issuer.given && !c.state.certificate().IssuerFingerprint.IsNull() {
		addIssuerGone(c.diagnostics)
	}
	if !c.read.incomplete {
		warnOfCut(c.request, c.issuer, c.now, c.diagnostics)
	}
}

// warnOfCut tells that a certificate ends with its issuer, before its validity
// is over. A hundredth of it is no news: an intermediate that is made a little
// after its root, for as long, ends that little sooner.
func warnOfCut(request issue.Request, issuer configuredIssuer, now time.Time, diagnostics *diag.Diagnostics) {
	asked, _ := issue.End(request, nil, now)
	if issuer.issuer == nil {
		return
	}
	end, cutBy := issue.End(request, issuer.issuer, now)
	if cutBy == nil || !now.Before(end) || asked.Sub(end) <= asked.Sub(now)/100 {
		return
	}
	warning := diag.NewAttributeWarningDiagnostic(path.Root("validity"), "Validity cut to issuer's end",
		"The certificate will end at "+newInstant(end).ValueString()+" with its issuer "+pki.Describe(cutBy)+
			", sooner than its validity asks for. Renew the issuer first, or shorten validity.")
	if !diagnostics.Contains(warning) {
		diagnostics.Append(warning)
	}
}

// onKeyAttribute puts what is wrong with a write-only key on its own attribute.
func (c *change) onKeyAttribute(violations []issue.Violation) []issue.Violation {
	for i := range violations {
		if violations[i].Field == "private_key_pem" && c.key.elsewhere {
			violations[i].Field = "private_key_pem_wo"
		}
	}
	return violations
}

// planRotation plans the next generation. What is brought is known now.
func (c *change) planRotation(decided rotation.Decision) {
	m := c.plan.certificate()
	m.Generation = types.Int64Value(decided.Generation)
	certificate := c.broughtCertificate()
	if certificate != nil {
		c.setResults(certificate)
	} else {
		c.unknownResults()
		m.RenewalDue = types.BoolValue(false) // what is made anew is not due
	}
	if c.brought() && (certificate == nil || c.state == nil && !m.RenewalAt.IsNull()) {
		// What is brought may be, by the apply: no refresh held the clock still.
		m.RenewalDue = types.BoolUnknown()
	}
}

// planOpen plans a change that may turn out to be none.
func (c *change) planOpen() {
	c.unknownResults()
	m := c.plan.certificate()
	m.Generation, m.RenewalDue = types.Int64Unknown(), types.BoolUnknown()
}

// unknownResults makes unknown what a new certificate changes.
func (c *change) unknownResults() {
	m := c.plan.certificate()
	if !c.brought() {
		m.CertificatePEM = unknownPEM()
		m.PrivateKeyPEM = c.plannedKey()
	}
	m.ChainPEM = unknownPEM()
	m.SerialNumber, m.FingerprintSHA256 = types.StringUnknown(), types.StringUnknown()
	m.SPKISHA256, m.SubjectKeyID = c.plannedKeyIDs()
	m.IssuerFingerprint = c.issuer.fingerprint()
	m.NotBefore, m.NotAfter, m.RenewalAt = timetypes.NewRFC3339Unknown(), timetypes.NewRFC3339Unknown(), timetypes.NewRFC3339Unknown()
	if known(m.RenewBefore) && c.read.duration(m.RenewBefore) == 0 {
		m.RenewalAt = timetypes.NewRFC3339Null()
	}
}

// plannedKey is the private key in the planned state.
func (c *change) plannedKey() pemValue {
	switch {
	case c.key.unknown:
		return unknownPEM()
	case c.key.elsewhere:
		return nullPEM()
	case c.key.signer != nil:
		return c.state.certificate().PrivateKeyPEM
	default:
		return unknownPEM()
	}
}

// plannedKeyIDs are the digests of the public key: known if the key stays. A
// write-only key may be another one when the plan is applied.
func (c *change) plannedKeyIDs() (spki, keyID types.String) {
	public := c.request.PublicKey()
	writeOnly := c.key.elsewhere && c.request.SigningRequest == nil
	if c.state == nil || public == nil || writeOnly || pki.SPKISHA256Of(public) != c.state.certificate().SPKISHA256.ValueString() {
		return types.StringUnknown(), types.StringUnknown()
	}
	return c.state.certificate().SPKISHA256, c.state.certificate().SubjectKeyID
}

// keepResults plans that the certificate stays as it is. Only what surrounds it
// may move: its issuers' chain, and what the clock says of it.
func (c *change) keepResults() {
	plan, state := c.plan.certificate(), c.state.certificate()
	if !c.brought() {
		plan.CertificatePEM = state.CertificatePEM
	}
	if c.config.certificate().PrivateKeyPEM.IsNull() {
		plan.PrivateKeyPEM = c.keptKey()
	}
	plan.ChainPEM, plan.IssuerFingerprint = c.keptChain()
	plan.SerialNumber, plan.FingerprintSHA256 = state.SerialNumber, state.FingerprintSHA256
	plan.SPKISHA256, plan.SubjectKeyID = state.SPKISHA256, state.SubjectKeyID
	plan.NotBefore, plan.NotAfter = state.NotBefore, state.NotAfter
	plan.Generation = state.Generation
	c.setRenewal(activeOf(c.state))
}

// keptKey is the private key in state that no configuration gives: that of a
// generated certificate, or one that was adopted with a brought one. A key that
// the configuration gave, or now gives write-only, goes from the state.
func (c *change) keptKey() pemValue {
	if c.key.elsewhere || c.brought() && !c.memory.KeyAdopted {
		return nullPEM()
	}
	return c.state.certificate().PrivateKeyPEM
}

// keptChain is the chain of a certificate that stays: its own state's, unless
// the configuration tells what stands above it.
func (c *change) keptChain() (pemValue, types.String) {
	state := c.state.certificate()
	certificate, err := pki.ParseCertificate(state.CertificatePEM.ValueString())
	if err != nil {
		addDamagedState(c.diagnostics, err)
		return state.ChainPEM, state.IssuerFingerprint
	}
	if c.issuer.unknown || c.issuer.chainUnknown {
		return unknownPEM(), c.issuer.fingerprint()
	}
	if c.issuer.issuer == nil && state.IssuerFingerprint.IsNull() {
		return state.ChainPEM, state.IssuerFingerprint
	}
	if chain := newPEM(pki.EncodeCertificates(c.issuer.issuer.Present(certificate)...)); !chain.same(state.ChainPEM) {
		return chain, c.issuer.fingerprint()
	}
	return state.ChainPEM, c.issuer.fingerprint()
}

// planUpload plans what the control plane trusts: known keys, and the new
// certificate unknown among them.
func (c *change) planUpload(decided decision) {
	upload := c.plan.upload()
	if upload == nil {
		return
	}
	hasEarlier := c.state != nil && len(decided.Kept)+len(decided.Dropped) > 0
	if decided.open || hasEarlier && upload.Overlap.IsUnknown() {
		upload.TrustedCertificatesPEM, upload.TrustBundlePEM = types.MapUnknown(pemType{}), unknownPEM()
		return
	}
	trusted := map[string]attr.Value{}
	if c.state != nil {
		before := c.state.upload().TrustedCertificatesPEM.Elements()
		for _, number := range decided.Kept {
			if certificate, ok := before[key(number)]; ok {
				trusted[key(number)] = certificate
			}
		}
	}
	trusted[key(decided.Generation)] = encoded(c.plan.certificate().CertificatePEM)
	upload.setTrusted(trusted)
}

// encoded is a certificate in the one form of everything uploaded; unknown if
// it is not known yet.
func encoded(text pemValue) pemValue {
	certificate, err := pki.ParseCertificate(text.ValueString())
	if err != nil {
		return unknownPEM()
	}
	return newPEM(pki.EncodeCertificates(certificate))
}

// setTrusted writes the map and the bundle, the newest generation first.
func (m *uploadModel) setTrusted(trusted map[string]attr.Value) {
	m.TrustedCertificatesPEM = types.MapValueMust(pemType{}, trusted)
	var bundle strings.Builder
	for _, number := range slices.Backward(generations(trusted)) {
		text, _ := trusted[key(number)].(pemValue)
		if !known(text) {
			m.TrustBundlePEM = unknownPEM()
			return
		}
		bundle.WriteString(text.ValueString())
	}
	m.TrustBundlePEM = newPEM(bundle.String())
}

// generations lists the generations that are trusted, ascending.
func generations(trusted map[string]attr.Value) []int64 {
	var numbers []int64
	for text := range trusted {
		if number, err := strconv.ParseInt(text, 10, 64); err == nil {
			numbers = append(numbers, number)
		}
	}
	slices.Sort(numbers)
	return numbers
}

// key is a generation's key in the map of what is trusted.
func key(generation int64) string { return strconv.FormatInt(generation, 10) }
