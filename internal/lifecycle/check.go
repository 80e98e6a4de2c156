package lifecycle

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/trustplane/terraform-provider-mtls/internal/issue"
	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/rotation"
)

// checkSlot reports what is wrong with the certificate that is to be made or taken.
func checkSlot(r *Resource, s *Slot, decided Decision, problems *Problems) {
	warnOfNarrower(s, decided.Action, problems)
	if s.Want.Origin == Provided {
		checkProvided(r, s, decided.Action, problems)
		return
	}
	if decided.Action == Keep {
		checkKept(r, s, problems)
	}
	if !decided.Step.Makes() && decided.Action != Defer {
		return
	}
	if s.Want.Ignored != "" && s.Prior != nil {
		problems.fail(s.Name, s.Want.Ignored, "Change prevented by ignore_changes",
			"The configuration asks for another certificate, and lifecycle lists "+s.Want.Ignored+" in ignore_changes, or ignores all: nothing can be issued. "+
				"Remove it from ignore_changes, or undo the change.")
		return
	}
	problems.addViolations(s, issue.Check(s.request(), r.Issuer.Signer, r.Now, unknown(s, r.Issuer)), Error)
	warnOfTakeover(r, s, decided, problems)
	problems.addViolations(s, issue.Warnings(s.request()), Warning)
	if r.Issuer.WithoutKey {
		// Not an error: who reviews a plan need not have the key of who applies it.
		problems.warn("", "issuer", "Issuer has no private key",
			"This plan issues a certificate that must be signed with the issuer's private key, and the issuer has none here. "+
				"The apply fails unless it has one. "+issue.HowToGiveTheKey)
	}
	if s.Prior != nil && !r.Issuer.Given && s.Prior.Issuer != "" {
		problems.warn("", "issuer", "Issuer is no longer set",
			"The certificate in state was signed by an issuer, but the plan has none. "+
				"If the configuration does set one, remove issuer from ignore_changes in lifecycle: Terraform does not pass an ignored issuer to the plan.")
	}
	if !s.Want.Unknown.Request {
		if end, cutBy := issue.End(s.Want.Request, r.Issuer.Signer, r.Now); decided.Action == Prepare && !r.Issuer.Unknown {
			checkPresentable(s, end, cutBy, r.Now, problems)
		}
		warnOfCut(s, r.Issuer.Signer, r.Now, problems)
	}
}

// checkReadable refuses a CSR that could not be read: without it, a key would be
// made for somebody who has one.
func checkReadable(s *Slot, problems *Problems) {
	if s.Want.Key.Source == CSRKey && !s.Want.Unknown.Key && s.Want.Request.CSR == nil {
		problems.fail(s.Name, "csr_pem", "Unreadable certificate request", "Not a PEM certificate request.")
	}
}

// unknown is what the engine is not to hold against the request.
func unknown(s *Slot, issuer Issuer) issue.Unknown {
	limits, _ := issuer.Limits.Get()
	return issue.Unknown{Request: s.Want.Unknown.Request, Issuer: issuer.Unknown, Limits: limits}
}

// checkProvided reports what is wrong with a provided certificate. Of one that
// stays and is said to have another issuer, the issuer is looked at, and of any
// other that stays only the key.
func checkProvided(r *Resource, s *Slot, action Action, problems *Problems) {
	certificate := s.Want.Certificate
	if certificate == nil {
		return
	}
	if action == Defer {
		checkPhaseKnown(s, problems)
	}
	signer := r.Issuer.Signer
	newIssuer := signer != nil && s.Prior != nil && r.Issuer.Fingerprint() != Known(s.Prior.Issuer)
	if action == Keep && !newIssuer {
		checkKept(r, s, problems)
	}
	if action == Rotate || action == Prepare || action == Defer || newIssuer {
		refused, warned := issue.CheckProvided(s.Want.Request.Profile, certificate, s.Want.Key.Signer, signer, r.Now)
		problems.addViolations(s, refused, Error)
		problems.addViolations(s, warned, Warning)
		if action == Prepare {
			checkPresentable(s, certificate.NotAfter, nil, r.Now, problems)
			checkKeyCanWait(s, problems)
		}
		return
	}
	refused, _ := issue.CheckProvided(s.Want.Request.Profile, certificate, s.Want.Key.Signer, nil, r.Now)
	refused = slices.DeleteFunc(refused, func(violation issue.Violation) bool { return violation.Field != "private_key_pem" })
	problems.addViolations(s, refused, Error)
}

// checkKept reports what the limits of its issuers forbid in a certificate that
// stays. What was not made here is refused: by its configuration it belongs below
// them.
func checkKept(r *Resource, s *Slot, problems *Problems) {
	below := issue.CheckBelow(s.Prior.Certificate, r.Issuer.Signer)
	if s.Prior.Origin == Generated {
		problems.addViolations(s, below, Warning)
		return
	}
	problems.addViolations(s, below, Error)
}

// warnOfNarrower reports that the next certificate of a CA allows less than the one
// in state: what is below it may not be issued again. Its own plan does not see
// what that is; the plans of what is below see the limits, but not if they are
// another configuration's.
func warnOfNarrower(s *Slot, action Action, problems *Problems) {
	if s.Prior == nil || !action.step().Makes() || s.Want.Unknown.Request || !s.isCA() {
		return
	}
	limits := issue.Limits{MaxPathLength: s.Want.Request.MaxPathLength, NameConstraints: s.Want.Request.NameConstraints}
	if s.Want.Origin == Provided {
		if s.Want.Certificate == nil {
			return
		}
		limits = issue.LimitsOf(s.Want.Certificate)
	}
	narrower := issue.Narrower(s.Prior.Certificate, limits)
	if len(narrower) == 0 {
		return
	}
	detail := "The next generation of " + pki.Describe(s.Prior.Certificate) + " no longer allows below it: " + strings.Join(narrower, "; ") + ". " +
		"Certificates that need this cannot be issued again. Change their names first. Those below it in this configuration are checked in the same plan, others only when they are issued."
	if overlap := s.Want.Settings.Overlap; overlap != nil && *overlap == 0 {
		detail += ` With overlap = "0s", the previous generation is withdrawn in this apply, and control planes then refuse them.`
	}
	problems.warn(s.Name, "", "Limits become narrower", detail)
}

// mostTrusted is how many generations of one certificate are trusted without a
// warning: half of the 32 uploads that a control plane in Konnect takes by default.
const mostTrusted = 16

// warnOfUploads reports that one more generation leaves little room for uploads,
// before the control plane refuses one in the middle of a rotation.
func warnOfUploads(result *Result, s *Slot, decided Decision, problems *Problems) {
	trusted, known := result.Trusted.Get()
	if !known || len(trusted) <= mostTrusted || !decided.Step.Makes() {
		return
	}
	problems.warn(s.Name, "overlap", "Many generations are trusted",
		fmt.Sprintf("After this apply, %d generations of this certificate are trusted and to be uploaded. ", len(trusted))+
			"A control plane in Konnect takes 32 uploads by default, of all certificates together, and then refuses the next one in the middle of a rotation. "+
			"Shorten overlap, so that earlier generations are withdrawn sooner, or rotate less often.")
}

// warnOfCut reports that a certificate ends with its issuer, before its validity
// is over. A hundredth of it is not worth a warning: an intermediate that is made
// a little after its root, for as long, ends that little sooner.
func warnOfCut(s *Slot, issuer *issue.Issuer, now time.Time, problems *Problems) {
	if issuer == nil {
		return
	}
	asked, _ := issue.End(s.Want.Request, nil, now)
	end, cutBy := issue.End(s.Want.Request, issuer, now)
	if cutBy == nil || !now.Before(end) || asked.Sub(end) <= asked.Sub(now)/100 {
		return
	}
	problems.warn("", "validity", "Validity limited by issuer",
		"The certificate will expire at "+pki.Stamp(end)+" with its issuer "+pki.Describe(cutBy)+
			", earlier than validity asks for. Renew the issuer first, or shorten validity.")
}

// reportNotices passes on what a plan does not cure.
func reportNotices(r *Resource, s *Slot, decided Decision, problems *Problems) {
	for _, notice := range decided.Notices {
		switch notice {
		case rotation.ClockBehind:
			reportClock(s, decided.Step.Makes(), r.Now, problems)
		case rotation.RenewByHand:
			if s.Want.Ignored != "" {
				problems.warn(s.Name, s.Want.Ignored, "Renewal prevented by ignore_changes",
					"It ends at "+pki.Stamp(s.Prior.Certificate.NotAfter)+" and is due for renewal, but lifecycle lists "+s.Want.Ignored+
						" in ignore_changes, or ignores all: nothing can be issued. Remove it from ignore_changes.")
				continue
			}
			problems.warn(s.Name, "certificate_pem", "Certificate needs manual renewal",
				"It ends at "+pki.Stamp(s.Prior.Certificate.NotAfter)+". You provided this certificate, so the provider cannot renew it: set certificate_pem to the renewed certificate. "+
					"The old one stays trusted for the overlap.")
		case rotation.IssuerEndsFirst:
			reportIssuerEndsFirst(s, problems)
		case rotation.Waits:
			reportWaiting(r, s, decided, problems)
		case rotation.ActiveEnded:
			problems.warn(s.Name, "certificate_pem", "Certificate has expired",
				"It ended at "+pki.Stamp(s.Prior.Certificate.NotAfter)+", and control planes refuse it. Provide a renewed certificate, or let the provider renew it: see renew_before and rotation_triggers.")
		}
	}
	if s.Prior != nil && s.Want.Origin == Generated {
		reportOtherKey(s, decided.Step.Makes(), problems)
	}
}

// reportIssuerEndsFirst is one warning for all certificates of a set.
func reportIssuerEndsFirst(s *Slot, problems *Problems) {
	detail := "The certificate is due for renewal, but its issuer does not outlive it, so a new certificate would not be valid any longer. " +
		"Renew the issuer first: this certificate is then re-issued with it."
	if s.Name != "" {
		detail = "Certificates are due for renewal, but the issuer does not outlive them. Renew the issuer first: they are then re-issued with it."
	}
	problems.warn("", "issuer", "Renewal waits for issuer", detail)
}

// reportClock: a certificate that is not valid yet was made by a clock that ran
// ahead of this one, unless it is a provided one, which may begin later. A
// rotation cures it.
func reportClock(s *Slot, rotates bool, now time.Time, problems *Problems) {
	if s.Want.Origin == Provided || rotates {
		return
	}
	field, cure := "not_before", "change rotation_triggers to issue it again"
	if s.Name != "" {
		field = ""
	}
	begins := s.Prior.Certificate.NotBefore
	if waiting := s.Prior.Waiting; waiting != nil {
		if now.Before(waiting.Certificate.NotBefore) {
			begins = waiting.Certificate.NotBefore
		}
		cure += ", with prepublish = \"0s\" to present it at once"
	}
	problems.fail(s.Name, field, "Clock is behind",
		"This machine's clock reads "+pki.Stamp(now)+", but the certificate in state was issued later and becomes valid at "+
			pki.Stamp(begins)+". Correct the clock. Nothing was changed. If the certificate was issued with a wrong clock, "+cure+".")
}

// reportOtherKey: a write-only key that changed behind its version is either
// replaced without word of it, or made anew by each plan. Either way its holder
// and the certificate part.
func reportOtherKey(s *Slot, rotates bool, problems *Problems) {
	version := s.Want.Key.Version
	if s.Want.Unknown.KeyVersion || version == nil || !sameVersion(version, s.Prior.KeyVersion) || !s.otherKey() {
		return
	}
	becomes := "The certificate stays as it is. If the key was replaced, change the version. "
	if rotates {
		becomes = "The new certificate is issued for this key, so whoever presents it must have it. "
	}
	problems.warn(s.Name, "private_key_pem_wo", "Key does not match the certificate",
		"This is not the key that the certificate was issued for, although private_key_pem_wo_version is unchanged. "+becomes+
			"An ephemeral resource generates a different key each time: read the key back from where it is stored.")
}
