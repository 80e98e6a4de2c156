package revocation

import (
	"crypto/x509"
	"fmt"
	"time"

	"github.com/trustplane/terraform-provider-mtls/internal/issue"
	"github.com/trustplane/terraform-provider-mtls/internal/lifecycle"
	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/rotation"
)

// minValidity is the shortest life of a list that can be kept: it is signed again
// only when Terraform runs, and servers have to read it.
const minValidity = time.Minute

// checkWant reports what is wrong with what is configured, as far as it is known.
func checkWant(r *Resource, problems *lifecycle.Problems) {
	if !r.Want.Settings.Unknown {
		checkSettings(r, problems)
	}
	checkForgotten(r, problems)
	checkIssuer(r, problems)
	checkEntries(r, problems)
}

// checkSettings reports which settings cannot work.
func checkSettings(r *Resource, problems *lifecycle.Problems) {
	settings := r.Want.Settings
	validity, before := settings.validity(), settings.renewBefore()
	switch {
	case validity < minValidity:
		fail(problems, fieldValidity, -1, "Validity too short",
			"A list that is valid for %s cannot be kept: it is signed again only when Terraform runs, and servers refuse everybody once it has expired. Use at least %s, such as \"168h\".", rotation.Span(validity), rotation.Span(minValidity))
	case before >= validity:
		fail(problems, fieldRenew, -1, "Invalid lifecycle settings",
			"A list would be due for renewal as soon as it is signed: renew_before (%s) must be shorter than validity (%s).", rotation.Span(before), rotation.Span(validity))
	}
	for _, violation := range issue.CheckPointers(settings.DistributionPoints, fieldPoints) {
		fail(problems, violation.Field, violation.Index, violation.Summary, "%s", violation.Detail)
	}
}

// checkEntries reports what is wrong with the entries that are configured,
// whoever the issuer is.
func checkEntries(r *Resource, problems *lifecycle.Problems) {
	first := make(map[Serial]int, len(r.Want.Revoked))
	for i, one := range r.Want.Revoked {
		serial, ok := checkEntry(r, i, one, problems)
		if !ok || one.Unknown {
			continue
		}
		if at, twice := first[serial]; twice && !r.Want.Revoked[at].sameWish(one) {
			fail(problems, fieldRevoked, i, "Certificate revoked twice",
				"Serial number %s is revoked by entry %d too, with another reason or date. Remove one of them.", serial, at)
			continue
		}
		first[serial] = i
	}
}

// checkEntry checks one entry. It is not ok if its serial number is not known.
func checkEntry(r *Resource, i int, one Revoked, problems *lifecycle.Problems) (serial Serial, ok bool) {
	both, neither := one.Certificate != nil && one.Serial != "", one.Certificate == nil && one.Serial == ""
	if both || neither && !one.Unknown {
		fail(problems, fieldRevoked, i, "Serial number or certificate", "Set either serial_number or certificate_pem.")
	}
	if both || neither {
		return "", false
	}
	serial, err := one.serial()
	if err != nil {
		fail(problems, fieldRevoked+".serial_number", i, "Invalid serial number", "%s.", pki.Sentence(err.Error()))
		return "", false
	}
	checkAgainstList(r, i, serial, one, problems)
	return serial, true
}

// checkAgainstList holds an entry against what is on the list already.
func checkAgainstList(r *Resource, i int, serial Serial, one Revoked, problems *lifecycle.Problems) {
	var before entry
	var listed bool
	if r.Prior != nil {
		before, listed = r.Prior.entries[serial]
	}
	said := listed && before.at.Equal(one.At) // then by a clock that ran ahead
	if one.At.After(r.Now) && !said {
		fail(problems, fieldRevoked+".revoked_at", i, "Date in the future",
			"%s is after the present instant, %s. A certificate is revoked from now on or from an earlier date: use that, or leave it out.", pki.Stamp(one.At), pki.Stamp(r.Now))
	}
	if listed && before.reason != CertificateHold && one.wish().holds() {
		warn(problems, fieldRevoked+".reason", i, "Revocation cannot become a hold",
			"Serial number %s is revoked already, for the reason %s. That cannot be taken back, so certificate_hold changes nothing.", serial, before.reason)
	}
}

// checkIssuer reports why the issuer may not sign lists.
func checkIssuer(r *Resource, problems *lifecycle.Problems) {
	ca := r.issuer()
	if ca == nil {
		return
	}
	name, key := pki.Describe(ca), r.Want.Issuer.Signer.Key
	switch {
	case !ca.BasicConstraintsValid || !ca.IsCA:
		fail(problems, fieldIssuer, -1, "Issuer is not a CA", "%s is not a CA certificate: its basic constraints do not say CA:TRUE. Use the CA whose certificates are to be revoked.", name)
	case ca.KeyUsage != 0 && ca.KeyUsage&x509.KeyUsageCRLSign == 0:
		fail(problems, fieldIssuer, -1, "Issuer may not sign revocation lists",
			"%s has a key usage without cRLSign, so nobody would accept its list (RFC 5280, section 6.3.3). Renew the CA with that key usage; mtls_control_plane_ca has it when it is generated.", name)
	}
	if err := pki.CheckKeyStrength(ca.PublicKey); err != nil {
		fail(problems, fieldIssuer, -1, "Issuer's key is too weak", "%s: %s. Peers refuse what it signs. Use a CA with a stronger key.", name, err)
	}
	if key != nil && !pki.SameKey(key.Public(), ca.PublicKey) {
		fail(problems, fieldIssuer, -1, "Issuer's key does not match", "The private key does not belong to %s. Provide the key that the certificate was issued for.", name)
	}
	if len(ca.Subject.Names) == 0 {
		fail(problems, fieldIssuer, -1, "Issuer has no subject", "%s has no name that a revocation list could refer to. Use a CA with a subject.", name)
	}
	if r.Prior != nil && r.Prior.record.imported && !r.Prior.sameIssuer(ca) {
		fail(problems, fieldIssuer, -1, "Imported list is another CA's", "%s did not sign the list that was imported. Import the list of this CA, or set the issuer that signed it.", name)
	}
}

// checkSigns reports why the issuer cannot sign now.
func checkSigns(r *Resource, problems *lifecycle.Problems) {
	if r.Want.Issuer.WithoutKey {
		fail(problems, fieldIssuer, -1, "Issuer has no private key",
			"The list must be signed with the issuer's private key, but this issuer has none. Set private_key_pem of the issuer, or use an issuer that has a key. "+
				"A CA with private_key_pem_wo does not pass its key on: write issuer = { certificate_pem = ..., private_key_pem = ... } with the CA's certificate, and provide its key again.")
	}
	ca := r.issuer()
	switch {
	case ca == nil:
	case r.Now.After(ca.NotAfter):
		fail(problems, fieldIssuer, -1, "Issuer has expired", "%s expired at %s. Renew it first.", pki.Describe(ca), pki.Stamp(ca.NotAfter))
	case r.Now.Before(ca.NotBefore):
		fail(problems, fieldIssuer, -1, "Issuer is not yet valid", "%s becomes valid at %s.", pki.Describe(ca), pki.Stamp(ca.NotBefore))
	}
}

// checkWithheld reports what a plan that is not given its issuer cannot cure.
func checkWithheld(r *Resource, problems *lifecycle.Problems) {
	if due := r.Want.Settings.renewalOf(r.Prior.List); !due.IsZero() && !r.Now.Before(due) {
		warn(problems, fieldIssuer, -1, "Renewal prevented by ignore_changes",
			"The list ends at %s and is due for renewal, but lifecycle lists issuer in ignore_changes, or ignores all: nothing can be signed. Remove it from ignore_changes.", pki.Stamp(r.Prior.List.NextUpdate))
	}
}

// checkForgotten refuses to revoke everything because an argument is not given.
func checkForgotten(r *Resource, problems *lifecycle.Problems) {
	if r.Prior == nil || r.Want.ActiveGiven || len(r.Prior.active) == 0 || r.Want.Unknown {
		return
	}
	fail(problems, fieldActive, -1, "Active certificates are no longer given",
		"%d certificates were active, and all of them would be revoked. To revoke them, set an empty list. "+
			"If lifecycle lists active_certificates_pem in ignore_changes, remove it there: Terraform does not pass an ignored write-only argument to the plan.", len(r.Prior.active))
}

// warnOfContents reports what the next list does not do, or does to what is in use.
func warnOfContents(r *Resource, d decision, problems *lifecycle.Problems) {
	var useless, revoked []Serial
	grace := r.Want.Settings.grace()
	for _, chain := range r.Want.Active {
		for _, certificate := range chain {
			serial := SerialOf(certificate.SerialNumber)
			if _, ours := d.next.active[serial]; !ours {
				continue
			}
			if certificate.NotAfter.Sub(certificate.NotBefore) <= grace {
				useless = append(useless, serial)
			}
			if _, is := d.next.entries[serial]; is {
				revoked = append(revoked, serial)
			}
		}
	}
	if len(useless) > 0 {
		warn(problems, fieldGrace, -1, "Grace is longer than the certificate lives",
			"%s would end before its grace of %s is over, so that it is never revoked. Use a shorter grace, or leave certificates that live so briefly out.", countOf(useless), grace)
	}
	if len(revoked) > 0 {
		warn(problems, fieldActive, -1, "Active certificate is revoked",
			"%s is on the list although it is in use: peers that read the list refuse it. Re-issue it (rotation_triggers), or remove it from active_certificates_pem. A revocation cannot be taken back, except a certificate_hold.", countOf(revoked))
	}
}

// warnOfLost reports certificates that a new key of the issuer can no longer revoke.
func warnOfLost(r *Resource, d decision, problems *lifecycle.Problems) {
	if !d.rotates || d.same || len(r.Prior.active)+len(r.Prior.pending) == 0 {
		return
	}
	certain := "The issuer has another key now"
	if r.Want.Issuer.Unknown {
		certain = "The issuer is being replaced. Unless it keeps its key (reuse_key)"
	}
	warn(problems, fieldIssuer, -1, "Earlier certificates can no longer be revoked",
		"%s, %d certificates that it signed before cannot be added to its list any more: that would need the earlier key. "+
			"The last list of that generation stays in earlier_crls_pem, and revokes what it revokes. "+
			"To refuse the others, end the trust in the CA's earlier generation (overlap).", certain, len(r.Prior.active)+len(r.Prior.pending))
}

// countOf names serial numbers: the first, and how many more.
func countOf(serials []Serial) string {
	text := "The certificate with serial number " + serials[0].String()
	if more := len(serials) - 1; more > 0 {
		text += fmt.Sprintf(" (and %d more)", more)
	}
	return text
}
