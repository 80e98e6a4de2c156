package lifecycle

import (
	"time"

	"github.com/trustplane/terraform-provider-mtls/internal/issue"
	"github.com/trustplane/terraform-provider-mtls/internal/rotation"
)

// A Decision is what becomes of one certificate.
type Decision struct {
	rotation.Decision
	Action Action
}

// decide says whether a certificate stays or is replaced. It is the only place
// that does, for plans and applies alike.
func decide(r *Resource, s *Slot, at time.Time) Decision {
	if s.Prior == nil {
		return Decision{Action: Rotate, Decision: rotation.Decision{Step: rotation.Rotate, Generation: 1}}
	}
	timeline := s.Prior.timeline(r.Record)
	if s.Want.Origin == Generated && !s.Want.Unknown.Request && !r.Issuer.Unknown {
		timeline.ReissuedEnd, _ = issue.End(s.Want.Request, r.Issuer.Signer, at)
	}
	causes, policy := causes(s, r.Issuer), s.policy(r.Uploads, timeline.Active)
	if s.Want.Ignored != "" {
		// What the plan is not given has not changed.
		causes.IssuerChanged = causes.IssuerChanged && r.Issuer.Given
		causes.KeyVersionChanged, policy.Renewable = false, false
	}
	decided := Decision{Decision: rotation.Decide(timeline, policy, causes, at)}
	if s.Want.Ignored != "" && !decided.Step.Makes() {
		// The certificate in state is all that Terraform lets a plan say.
		notices := decided.Notices
		decided.Decision = rotation.Follow(timeline, policy, rotation.Stay, at)
		decided.Notices = notices
	}
	decided.Action = actionOf(decided.Step)
	if causes == (rotation.Causes{}) && mayRotate(r, s, decided.Step) || phaseMayTurn(r, s, policy, causes, at) {
		decided.Action, decided.Step = Defer, rotation.Stay
	}
	return decided
}

// mayRotate reports whether something that is unknown could turn a decision that
// nothing certain has caused.
//
// Terraform plans again within the apply, without a word of what was planned
// before, and then everything that was promised must hold: only a cause that is
// certain promises a rotation while something is unknown, since that may turn out
// to be what it was. A renewal that is due waits for an issuer whose chain ends
// first.
func mayRotate(r *Resource, s *Slot, step rotation.Step) bool {
	return s.Want.Ignored == "" && (mayTurn(s, r.Issuer) || step.Makes() && r.Issuer.ChainUnknown)
}

// causes compares what is configured with what the newest certificate in state was
// made from.
func causes(s *Slot, issuer Issuer) rotation.Causes {
	want, prior := &s.Want, s.Prior.Newest()
	switch {
	case want.Origin == Provided:
		another := want.Certificate != nil && !want.Certificate.Equal(prior.Certificate)
		before := another && want.Certificate.Equal(s.Prior.Certificate)
		return rotation.Causes{CertificateReplaced: another && !before, ActiveWanted: before}
	case prior.Origin == Generated:
		changed, _ := s.triggered()
		return rotation.Causes{
			InputChanged:      !want.Unknown.Request && !want.Request.Equal(prior.Request),
			TriggerChanged:    changed,
			IssuerChanged:     !issuer.Unknown && issuer.Fingerprint() != Known(prior.Issuer),
			IssuerUnknown:     issuer.Unknown && issuer.Replaced,
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
