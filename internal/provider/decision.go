package provider

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trustplane/terraform-provider-mtls/internal/issue"
	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/rotation"
)

// A decision is what a plan does with a resource's certificate.
type decision struct {
	rotation.Decision
	// open: whether the certificate changes is found out at apply, once all that
	// it is made from is known. Then Rotate is false.
	open bool
}

// decide says whether the resource's certificate stays or makes way. It is the
// only place that does: an apply does what its plan decided.
func (c *change) decide() decision {
	if c.state == nil {
		return decision{Decision: rotation.Decision{Rotate: true, Generation: 1}}
	}
	timeline := c.memory.timeline(c.state)
	if !c.brought() && !c.request.Incomplete && !c.issuer.unknown {
		timeline.ReissuedEnd, _ = issue.End(c.request, c.issuer.issuer, c.decidedAt())
	}
	causes := c.causes()
	if c.plan.upload() != nil {
		c.promise(&causes)
	}
	decided := rotation.Decide(timeline, c.policy(timeline.Active), causes, c.decidedAt())
	return conclude(decided, causes, c.uncertain(), c.issuer)
}

// promise takes for changed what is unknown only while it is itself rotated in
// the same apply: an issuer, a brought certificate, what triggers a rotation. So
// the next generation is among the keys of trusted_certificates_pem at plan.
func (c *change) promise(causes *rotation.Causes) {
	switch brought := madeElsewhere(c.state); {
	case c.brought() && brought:
		causes.CertificateReplaced = causes.CertificateReplaced || c.config.certificate().CertificatePEM.IsUnknown()
	case !c.brought() && !brought:
		_, triggers := c.triggered()
		causes.IssuerUnknown = c.issuer.unknown
		causes.TriggerChanged = causes.TriggerChanged || triggers
		causes.KeyVersionChanged = causes.KeyVersionChanged || c.plan.certificate().PrivateKeyPEMWOVersion.IsUnknown()
	}
}

// conclude leaves to the apply what something unknown could still turn. Terraform
// plans again within the apply, and then everything that was promised must hold:
// so only a cause that is certain already promises a rotation.
func conclude(decided rotation.Decision, causes rotation.Causes, uncertain bool, issuer configuredIssuer) decision {
	// A renewal that is due waits for an issuer whose chain ends first.
	uncertain = uncertain || decided.Rotate && issuer.chainUnknown
	if !uncertain || causes != (rotation.Causes{}) {
		return decision{Decision: decided}
	}
	decided.Rotate = false
	return decision{Decision: decided, open: true}
}

// decidedAt is the instant that a plan decides on. A plan saved yesterday so
// decides the same within today's apply.
func (c *change) decidedAt() time.Time { return c.memory.decidedAt(c.now) }

// overdue reports whether the certificate has become due since it was last read,
// as where Terraform was told not to refresh, and lets the plan decide on the
// instant at which it did. It is asked where a plan would change nothing: that
// is never planned again, so that it may depend on the clock.
func (c *change) overdue() bool {
	if c.state == nil || c.plan.certificate().RenewBefore.IsUnknown() {
		return false
	}
	active := activeOf(c.state)
	due := c.policy(active).RenewalAt(active)
	if due.IsZero() || c.now.Before(due) || !due.After(c.decidedAt()) {
		return false
	}
	c.memory.observe(due)
	return true
}

// causes compares what is configured with what the state was made from.
func (c *change) causes() rotation.Causes {
	if c.brought() {
		certificate := c.config.certificate().CertificatePEM
		return rotation.Causes{CertificateReplaced: known(certificate) && !certificate.same(c.state.certificate().CertificatePEM)}
	}
	if madeElsewhere(c.state) {
		return c.causesOfAdoption()
	}
	changed, _ := c.triggered()
	return rotation.Causes{
		InputChanged:      !c.read.incomplete && !c.request.Equal(c.state.request(newReader())),
		TriggerChanged:    changed,
		IssuerChanged:     !c.issuer.unknown && !c.issuer.fingerprint().Equal(c.state.certificate().IssuerFingerprint),
		KeyVersionChanged: c.keyChanged(),
	}
}

// causesOfAdoption: a certificate that came from elsewhere, by import or move or
// because it was brought before, stays if it is what is asked for now, and its
// key is at hand as far as one is asked for.
func (c *change) causesOfAdoption() rotation.Causes {
	if c.request.Incomplete || c.issuer.unknown {
		return rotation.Causes{}
	}
	certificate, err := pki.ParseCertificate(c.state.certificate().CertificatePEM.ValueString())
	return rotation.Causes{
		InputChanged:      err != nil || !issue.Matches(certificate, c.request, c.issuer.issuer),
		KeyVersionChanged: !c.key.elsewhere && c.state.certificate().PrivateKeyPEM.IsNull(),
	}
}

func (c *change) triggered() (changed, unknown bool) {
	return triggered(c.plan.certificate().RotationTriggers, c.state.certificate().RotationTriggers)
}

// triggered reports whether rotation triggers differ from those of the state, as
// far as they are known, and whether some are not.
func triggered(configured, before types.Map) (changed, unknown bool) {
	if configured.IsUnknown() {
		return false, true
	}
	was := before.Elements()
	changed = len(configured.Elements()) != len(was)
	for key, value := range configured.Elements() {
		old, is := was[key]
		unknown = unknown || value.IsUnknown()
		changed = changed || !is || !value.IsUnknown() && !value.Equal(old)
	}
	return changed, unknown
}

// keyChanged reports whether another key than that of the state is asked for.
func (c *change) keyChanged() bool {
	plan, state := c.plan.certificate(), c.state.certificate()
	switch {
	case !plan.PrivateKeyPEMWOVersion.IsUnknown() && !plan.PrivateKeyPEMWOVersion.Equal(state.PrivateKeyPEMWOVersion):
		return true
	case c.key.unknown:
		return false
	case !c.key.elsewhere:
		// A key is to be in state, and is not: it was write-only until now.
		return state.PrivateKeyPEM.IsNull()
	case c.key.signer == nil:
		// The key is to leave the state, for one that is not known yet.
		return !state.PrivateKeyPEM.IsNull()
	default:
		// Where there is a version, it alone tells: an ephemeral key is another
		// one in each plan, and a certificate for it would be of no use.
		return plan.PrivateKeyPEMWOVersion.IsNull() && c.otherKey()
	}
}

// otherKey reports whether the write-only key is known, and not the one that
// the certificate in state was made for.
func (c *change) otherKey() bool {
	return c.key.elsewhere && c.key.signer != nil && pki.SPKISHA256Of(c.key.signer.Public()) != c.state.certificate().SPKISHA256.ValueString()
}

// uncertain reports whether something that the certificate is made from, or that
// tells when it makes way, is known at apply alone.
func (c *change) uncertain() bool {
	plan := c.plan.certificate()
	if c.brought() {
		return c.config.certificate().CertificatePEM.IsUnknown()
	}
	_, triggers := c.triggered()
	return c.read.incomplete || c.issuer.unknown || c.key.unknown || triggers ||
		plan.RenewBefore.IsUnknown() || plan.PrivateKeyPEMWOVersion.IsUnknown()
}

// activeOf is the generation that a state presents.
func activeOf(state model) rotation.Generation {
	certificate := state.certificate()
	return rotation.Generation{
		Number:    certificate.Generation.ValueInt64(),
		NotBefore: instantOf(certificate.NotBefore),
		NotAfter:  instantOf(certificate.NotAfter),
	}
}

// timeline lists the generations of a state. An earlier one that cannot be read
// is left out, and so no longer trusted.
func (m memory) timeline(state model) rotation.Timeline {
	timeline := rotation.Timeline{Active: activeOf(state)}
	if upload := state.upload(); upload != nil {
		timeline.Earlier = m.earlier(upload, timeline.Active.Number)
	}
	return timeline
}

func (m memory) earlier(upload *uploadModel, active int64) []rotation.Earlier {
	var list []rotation.Earlier
	for key, text := range upload.TrustedCertificatesPEM.Elements() {
		number, err := strconv.ParseInt(key, 10, 64)
		if err != nil || number >= active {
			continue
		}
		if certificate, err := pki.ParseCertificate(pemText(text)); err == nil {
			list = append(list, rotation.Earlier{Number: number, NotAfter: certificate.NotAfter, SupersededAt: m.Superseded[number]})
		}
	}
	slices.SortFunc(list, func(a, b rotation.Earlier) int { return cmp.Compare(a.Number, b.Number) })
	return list
}

// pemText is the text of an element of a map of PEM; empty if it is not known.
func pemText(element attr.Value) string {
	text, _ := element.(pemValue)
	return text.ValueString()
}

// instantOf reads an instant; the zero time if it is null, unknown or damaged.
func instantOf(value timetypes.RFC3339) time.Time {
	if !known(value) {
		return time.Time{}
	}
	instant, _ := value.ValueRFC3339Time()
	return instant
}

// newInstant writes an instant; null for the zero time.
func newInstant(instant time.Time) timetypes.RFC3339 {
	if instant.IsZero() {
		return timetypes.NewRFC3339Null()
	}
	return timetypes.NewRFC3339TimeValue(instant.UTC().Truncate(time.Second))
}

// newText writes a string; null for the empty one.
func newText(text string) types.String {
	if text == "" {
		return types.StringNull()
	}
	return types.StringValue(text)
}
