package lifecycle

import (
	"slices"
	"time"

	"github.com/trustplane/terraform-provider-mtls/internal/issue"
	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/rotation"
)

// A Decision is what becomes of one certificate.
type Decision struct {
	rotation.Decision
	Action Action
}

// Plan decides on each certificate, on the instant at, and reports everything
// that is wrong with what is configured.
func (r *Resource) Plan(at time.Time, problems *Problems) []Result {
	results := make([]Result, len(r.Slots))
	for i := range r.Slots {
		s := &r.Slots[i]
		s.checkSettings(r.Uploads, problems)
		decided := r.decide(s, at)
		r.check(s, decided, problems)
		r.report(s, decided, problems)
		results[i] = r.foresee(s, decided, at)
	}
	return results
}

// foresee is what a plan shows of a certificate.
func (r *Resource) foresee(s *Slot, decided Decision, at time.Time) Result {
	var result Result
	switch decided.Action {
	case Keep:
		result = r.keep(s, at)
	case Defer:
		result = r.deferred(s)
	case Rotate:
		result = r.planned(s)
		if s.Want.Origin == Provided {
			if s.Want.Certificate != nil {
				key := result.PrivateKey
				result = r.made(s, s.Want.Certificate, at)
				result.PrivateKey = key
			}
			// It may be due by the apply: no refresh holds the clock still before a
			// certificate is created.
			if due, _ := result.RenewalAt.Get(); s.Want.Certificate == nil || s.Prior == nil && !due.IsZero() {
				result.RenewalDue = Value[bool]{}
			}
		}
	}
	result.Reasons = decided.Reasons
	r.trust(&result, s, decided)
	return result
}

// decide says whether a certificate stays or is replaced. It is the only place
// that does, for plans and applies alike.
func (r *Resource) decide(s *Slot, at time.Time) Decision {
	if s.Prior == nil {
		return Decision{Action: Rotate, Decision: rotation.Decision{Rotate: true, Generation: 1}}
	}
	timeline := s.Prior.timeline(r.Record)
	if s.Want.Origin == Generated && !s.Want.Unknown.Request && !r.Issuer.Unknown {
		timeline.ReissuedEnd, _ = issue.End(s.Want.Request, r.Issuer.Signer, at)
	}
	causes := s.causes(r.Issuer)
	if r.Uploads {
		s.assume(&causes, r.Issuer)
	}
	decided := Decision{Decision: rotation.Decide(timeline, s.policy(r.Uploads, timeline.Active), causes, at)}
	// Terraform plans again within the apply, and then everything that was promised
	// must hold: only a cause that is certain promises a rotation while something
	// is unknown. A renewal that is due waits for an issuer whose chain ends first.
	turns := s.mayTurn(r.Issuer) || decided.Rotate && r.Issuer.ChainUnknown
	switch {
	case turns && causes == (rotation.Causes{}):
		decided.Action, decided.Rotate = Defer, false
	case decided.Rotate:
		decided.Action = Rotate
	}
	return decided
}

// causes compares what is configured with what the state was made from.
func (s *Slot) causes(issuer Issuer) rotation.Causes {
	want, prior := &s.Want, s.Prior
	switch {
	case want.Origin == Provided:
		return rotation.Causes{CertificateReplaced: want.Certificate != nil && !want.Certificate.Equal(prior.Certificate)}
	case prior.Origin == Generated:
		changed, _ := s.triggered()
		return rotation.Causes{
			InputChanged:      !want.Unknown.Request && !want.Request.Equal(prior.Request),
			TriggerChanged:    changed,
			IssuerChanged:     !issuer.Unknown && issuer.Fingerprint() != Known(prior.Issuer),
			KeyVersionChanged: s.keyChanged(),
		}
	case want.Unknown.Request || issuer.Unknown:
		return rotation.Causes{}
	default:
		// Provided or imported before: it stays if it is what is asked for now, and
		// its key is in state if one is to be there.
		return rotation.Causes{
			InputChanged:      !issue.Matches(prior.Certificate, s.request(), issuer.Signer),
			KeyVersionChanged: !want.Key.elsewhere() && prior.KeyPEM == "",
		}
	}
}

// request is what the next certificate is to say, for the key that it gets.
func (s *Slot) request() issue.Request {
	request := s.Want.Request
	request.Key = s.signer()
	if s.Prior != nil {
		request.Renews = s.Prior.Certificate
	}
	return request
}

// Overdue returns the instant at which a certificate became due after at, where
// it was last looked at, and whether there is one: as where Terraform was told
// not to refresh. It is to be asked where a plan would change nothing: that is
// never planned again, so that it may depend on the clock.
func (r *Resource) Overdue(results []Result, at time.Time) (time.Time, bool) {
	first, _ := FirstRenewal(results)
	due, known := first.Get()
	return due, known && !due.IsZero() && !r.Now.Before(due) && due.After(at)
}

// check reports what is wrong with the certificate that is to be made or taken.
func (r *Resource) check(s *Slot, decided Decision, problems *Problems) {
	if s.Want.Origin == Provided {
		r.checkProvided(s, decided.Action, problems)
		return
	}
	if decided.Action == Keep {
		return
	}
	problems.addViolations(s, issue.Check(s.request(), r.Issuer.Signer, r.Now, s.unknown(r.Issuer)), Error)
	if r.Issuer.WithoutKey {
		problems.fail("", "issuer", "Issuer has no private key",
			"A certificate is signed with its issuer's private key, and this issuer comes without one. "+
				"Give the key with it, or name an issuer that has one. A CA with private_key_pem_wo hands no key on: "+
				"write issuer = { certificate_pem = ..., chain_pem = ..., private_key_pem = ... } with the CA's certificate and chain, and its key again.")
	}
	if s.Prior != nil && !r.Issuer.Given && s.Prior.Issuer != "" {
		problems.warn("", "issuer", "Issuer is no longer given",
			"The certificate in state was signed by an issuer, and the plan is given none. "+
				"If the configuration does name one, take issuer out of ignore_changes in lifecycle: Terraform then withholds it from the plan.")
	}
	if !s.Want.Unknown.Request {
		s.warnOfCut(r.Issuer.Signer, r.Now, problems)
	}
}

// unknown is what the engine is not to hold against the request.
func (s *Slot) unknown(issuer Issuer) issue.Unknown {
	return issue.Unknown{Request: s.Want.Unknown.Request, Issuer: issuer.Unknown}
}

// checkProvided reports what is wrong with a provided certificate. Of one that
// stays and is said to have another issuer, the issuer is looked at, and of any
// other that stays only the key.
func (r *Resource) checkProvided(s *Slot, action Action, problems *Problems) {
	certificate := s.Want.Certificate
	if certificate == nil {
		return
	}
	signer := r.Issuer.Signer
	newIssuer := signer != nil && s.Prior != nil && r.Issuer.Fingerprint() != Known(s.Prior.Issuer)
	if action != Keep || newIssuer {
		refused, warned := issue.CheckProvided(s.Want.Request.Profile, certificate, s.Want.Key.Signer, signer, r.Now)
		problems.addViolations(s, refused, Error)
		problems.addViolations(s, warned, Warning)
		return
	}
	refused, _ := issue.CheckProvided(s.Want.Request.Profile, certificate, s.Want.Key.Signer, nil, r.Now)
	refused = slices.DeleteFunc(refused, func(violation issue.Violation) bool { return violation.Field != "private_key_pem" })
	problems.addViolations(s, refused, Error)
}

// warnOfCut reports that a certificate ends with its issuer, before its validity
// is over. A hundredth of it is not worth a warning: an intermediate that is made
// a little after its root, for as long, ends that little sooner.
func (s *Slot) warnOfCut(issuer *issue.Issuer, now time.Time, problems *Problems) {
	if issuer == nil {
		return
	}
	asked, _ := issue.End(s.Want.Request, nil, now)
	end, cutBy := issue.End(s.Want.Request, issuer, now)
	if cutBy == nil || !now.Before(end) || asked.Sub(end) <= asked.Sub(now)/100 {
		return
	}
	problems.warn("", "validity", "Validity cut to issuer's end",
		"The certificate will end at "+stamp(end)+" with its issuer "+pki.Describe(cutBy)+
			", sooner than its validity asks for. Renew the issuer first, or shorten validity.")
}

// checkSettings reports which lifecycle settings contradict each other.
func (s *Slot) checkSettings(uploads bool, problems *Problems) {
	if unknown := s.Want.Unknown; s.Want.Origin == Provided || unknown.Request || unknown.RenewBefore || unknown.Overlap {
		return
	}
	for _, fault := range s.policy(uploads, rotation.Generation{}).Check() {
		problems.fail("", string(fault.Setting), "Lifecycle that cannot work", sentence(fault.Error())+".")
	}
}

// report passes on what a plan does not cure.
func (r *Resource) report(s *Slot, decided Decision, problems *Problems) {
	for _, notice := range decided.Notices {
		switch notice {
		case rotation.ClockBehind:
			s.reportClock(decided.Rotate, r.Now, problems)
		case rotation.RenewByHand:
			problems.warn(s.Name, "certificate_pem", "Certificate to be renewed by you",
				"It ends at "+stamp(s.Prior.Certificate.NotAfter)+". It was brought, so it cannot be renewed here: "+
					"bring its renewal in certificate_pem. The old one stays trusted for the overlap.")
		case rotation.IssuerEndsFirst:
			s.reportIssuerEndsFirst(problems)
		case rotation.ActiveEnded:
			problems.warn(s.Name, "certificate_pem", "Certificate has expired",
				"It ended at "+stamp(s.Prior.Certificate.NotAfter)+", and control planes refuse it. "+
					"Bring or allow its renewal: see renew_before and rotation_triggers.")
		}
	}
	if s.Prior != nil && s.Want.Origin == Generated {
		s.reportOtherKey(decided.Rotate, problems)
	}
}

// reportIssuerEndsFirst is one warning for all certificates of a set.
func (s *Slot) reportIssuerEndsFirst(problems *Problems) {
	detail := "The certificate is due for renewal, but its issuer ends no later than the certificate does, so a new one would live no longer. " +
		"Renew the issuer; this certificate is then re-issued with it."
	if s.Name != "" {
		detail = "Certificates are due for renewal, but the issuer ends no later than they do. Renew the issuer; they are then re-issued with it."
	}
	problems.warn("", "issuer", "Renewal waits for issuer", detail)
}

// reportClock: a certificate that is not valid yet was made by a clock that ran
// ahead of this one, unless it is a provided one, which may begin later. A
// rotation cures it.
func (s *Slot) reportClock(rotates bool, now time.Time, problems *Problems) {
	if s.Want.Origin == Provided || rotates {
		return
	}
	field := "not_before"
	if s.Name != "" {
		field = ""
	}
	problems.fail(s.Name, field, "Clock is behind",
		"This machine's clock reads "+stamp(now)+", but the certificate in state was issued later and begins at "+
			stamp(s.Prior.Certificate.NotBefore)+". Set the clock right. Nothing was changed. "+
			"If the clock that issued it was the wrong one, change rotation_triggers to issue it anew.")
}

// reportOtherKey: a write-only key that changed behind its version is either
// replaced without word of it, or made anew by each plan. Either way its holder
// and the certificate part.
func (s *Slot) reportOtherKey(rotates bool, problems *Problems) {
	version := s.Want.Key.Version
	if s.Want.Unknown.KeyVersion || version == nil || !sameVersion(version, s.Prior.KeyVersion) || !s.otherKey() {
		return
	}
	becomes := "The certificate stays as it is. If the key was replaced, change the version. "
	if rotates {
		becomes = "The new certificate is made for that key: whoever presents it must hold it. "
	}
	problems.warn(s.Name, "private_key_pem_wo", "Key is not the certificate's",
		"This is another key than the certificate was made for, although private_key_pem_wo_version is unchanged. "+becomes+
			"An ephemeral resource makes another key each time: read the key back from where it is stored.")
}

// stamp writes an instant as every output does.
func stamp(instant time.Time) string {
	return instant.UTC().Truncate(time.Second).Format(time.RFC3339)
}
