package provider

import (
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/trustplane/terraform-provider-mtls/internal/rotation"
)

// checkPolicy tells which lifecycle settings contradict each other.
func (c *change) checkPolicy() {
	if c.brought() || c.read.incomplete {
		return
	}
	for _, fault := range c.policy(rotation.Generation{}).Check() {
		c.diagnostics.AddAttributeError(path.Root(string(fault.Setting)), "Lifecycle that cannot work", sentence(fault.Error())+".")
	}
}

// tell passes on what a plan does not cure.
func (c *change) tell(decided rotation.Decision) {
	for _, notice := range decided.Notices {
		switch notice {
		case rotation.ClockBehind:
			c.tellClock(decided.Rotate)
		case rotation.RenewByHand:
			c.diagnostics.AddAttributeWarning(path.Root("certificate_pem"), "Certificate to be renewed by you",
				"It ends at "+c.state.certificate().NotAfter.ValueString()+". It was brought, so it cannot be renewed here: "+
					"bring its renewal in certificate_pem. The old one stays trusted for the overlap.")
		case rotation.IssuerEndsFirst:
			c.diagnostics.AddAttributeWarning(path.Root("issuer"), "Renewal waits for issuer",
				"The certificate is due for renewal, but its issuer ends no later than the certificate does, so a new one would live no longer. "+
					"Renew the issuer; this certificate is then re-issued with it.")
		case rotation.ActiveEnded:
			c.diagnostics.AddAttributeWarning(path.Root("certificate_pem"), "Certificate has expired",
				"It ended at "+c.state.certificate().NotAfter.ValueString()+", and control planes refuse it. "+
					"Bring or allow its renewal: see renew_before and rotation_triggers.")
		}
	}
}

// tellClock: a certificate that is not valid yet was made by a clock that ran
// ahead of this one. A brought one may simply begin later.
func (c *change) tellClock(rotates bool) {
	if c.brought() || rotates {
		return
	}
	c.diagnostics.AddAttributeError(path.Root("not_before"), "Clock is behind",
		"This machine's clock reads "+newInstant(c.now).ValueString()+", but the certificate in state was issued later and begins at "+
			c.state.certificate().NotBefore.ValueString()+". Set the clock right. Nothing was changed. "+
			"If the clock that issued it was the wrong one, change rotation_triggers to issue it anew.")
}

// tellKey: a write-only key that changed behind its version is either replaced
// without word of it, or made anew by each plan. Either way its holder and the
// certificate part.
func (c *change) tellKey(rotates bool) {
	version := c.plan.certificate().PrivateKeyPEMWOVersion
	if c.state == nil || c.brought() || !known(version) || !version.Equal(c.state.certificate().PrivateKeyPEMWOVersion) || !c.otherKey() {
		return
	}
	becomes := "The certificate stays as it is. If the key was replaced, change the version. "
	if rotates {
		becomes = "The new certificate is made for that key: whoever presents it must hold it. "
	}
	c.diagnostics.AddAttributeWarning(path.Root("private_key_pem_wo"), "Key is not the certificate's",
		"This is another key than the certificate was made for, although private_key_pem_wo_version is unchanged. "+becomes+
			"An ephemeral resource makes another key each time: read the key back from where it is stored.")
}
