package provider

import (
	"cmp"
	"crypto"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trustplane/terraform-provider-mtls/internal/issue"
	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/rotation"
)

// A change is one resource on its way from its state to its configuration: what
// a plan decides on, and an apply carries out.
type change struct {
	now    time.Time
	config model
	plan   model
	state  model // nil if the resource is to be created

	read    *reader
	request issue.Request
	issuer  configuredIssuer
	key     configuredKey
	memory  memory

	diagnostics *diag.Diagnostics
}

// newChange reads what is configured. Faults of reading are in diagnostics.
func newChange(config, plan, state model, remembered memory, now time.Time, diagnostics *diag.Diagnostics) *change {
	c := &change{now: now, config: config, plan: plan, state: state, memory: remembered, diagnostics: diagnostics, read: newReader()}
	c.request = plan.request(c.read)
	c.issuer = readIssuer(config.issuer(), diagnostics)
	c.key = c.readKey()
	c.request.Key = c.key.signer
	if csr := plan.csr(); known(csr) && c.request.SigningRequest == nil {
		// Never make a key for somebody who has one.
		diagnostics.AddAttributeError(path.Root("csr_pem"), "Unreadable certificate request", "It is no certificate request as PEM.")
	}
	c.request.Incomplete, c.request.IssuerUnknown = c.read.incomplete, c.issuer.unknown
	return c
}

// brought reports whether the certificate is one that somebody else made.
func (c *change) brought() bool { return c.config.certificate().brought() }

// A configuredKey is where the private key of the next certificate comes from.
type configuredKey struct {
	// elsewhere: the key is never in state, since it is write-only or held by
	// who made the signing request.
	elsewhere bool
	// unknown: whether a key is given, and which, is known at apply alone.
	unknown bool
	// signer is the key; nil if it is to be generated, held elsewhere or unknown.
	signer crypto.Signer
}

func (c *change) readKey() configuredKey {
	config := c.config.certificate()
	switch {
	case !c.config.csr().IsNull():
		return configuredKey{elsewhere: true, unknown: c.config.csr().IsUnknown()}
	case !config.PrivateKeyPEMWO.IsNull():
		// A version comes with a key, and tells whether it is another one.
		unknown := config.PrivateKeyPEMWO.IsUnknown() && config.PrivateKeyPEMWOVersion.IsNull()
		return configuredKey{elsewhere: true, unknown: unknown, signer: c.parseKey(config.PrivateKeyPEMWO, "private_key_pem_wo")}
	case c.brought():
		return configuredKey{signer: c.parseKey(config.PrivateKeyPEM, "private_key_pem")}
	default:
		return configuredKey{signer: c.reusedKey()}
	}
}

// reusedKey is the key in state, if the configuration says to keep it and it is
// of the algorithm that is asked for, as far as that is known.
func (c *change) reusedKey() crypto.Signer {
	wanted := c.plan.certificate().KeyAlgorithm
	if c.state == nil || !c.plan.certificate().ReuseKey.ValueBool() || wanted.IsUnknown() || !known(c.state.certificate().PrivateKeyPEM) {
		return nil
	}
	signer := c.parseKey(c.state.certificate().PrivateKeyPEM, "private_key_pem")
	if signer == nil || known(wanted) && pki.AlgorithmOf(signer.Public()) != pki.KeyAlgorithm(wanted.ValueString()) {
		return nil
	}
	return signer
}

// parseKey reads a private key, nil if it is not known or not readable.
func (c *change) parseKey(text pemValue, attribute string) crypto.Signer {
	if !known(text) {
		return nil
	}
	signer, err := pki.ParsePrivateKey(text.ValueString())
	if err != nil {
		addPEMError(c.diagnostics, path.Root(attribute), "private key", err)
		return nil
	}
	return signer
}

// policy is when the certificate makes way, and what stays trusted then.
func (c *change) policy(active rotation.Generation) rotation.Policy {
	return policyOf(c.plan, active, c.read, c.brought())
}

// policyOf reads the lifecycle of a plan or a state.
func policyOf(m model, active rotation.Generation, read *reader, brought bool) rotation.Policy {
	certificate := m.certificate()
	policy := rotation.Policy{KeepsEarlier: m.upload() != nil, Renewable: !brought}
	life := active.NotAfter.Sub(active.NotBefore)
	if !brought {
		life = cmp.Or(read.duration(certificate.Validity), m.profile().DefaultValidity())
		policy.Validity = life
	}
	policy.RenewBefore = rotation.DefaultRenewBefore(life)
	if known(certificate.RenewBefore) {
		policy.RenewBefore = read.duration(certificate.RenewBefore)
	}
	if upload := m.upload(); upload != nil && known(upload.Overlap) {
		overlap := read.duration(upload.Overlap)
		policy.Overlap = &overlap
	}
	return policy
}

// setRenewal tells when active is to be renewed, and whether that has passed.
func (c *change) setRenewal(active rotation.Generation) {
	m := c.plan.certificate()
	if m.RenewBefore.IsUnknown() {
		m.RenewalAt, m.RenewalDue = timetypes.NewRFC3339Unknown(), types.BoolUnknown()
		return
	}
	m.setRenewal(c.policy(active), active, c.decidedAt())
}

func (m *certificateModel) setRenewal(policy rotation.Policy, active rotation.Generation, now time.Time) {
	m.RenewalAt = newInstant(policy.RenewalAt(active))
	m.RenewalDue = types.BoolValue(policy.Due(active, now))
}
