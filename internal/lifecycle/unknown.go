package lifecycle

import (
	"time"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/rotation"
)

// A Value is something that a plan may not know yet. The zero Value is unknown.
type Value[T any] struct {
	known bool
	value T
}

// Known is a value that is known.
func Known[T any](value T) Value[T] { return Value[T]{known: true, value: value} }

// Get returns the value, and whether it is known; the zero T if it is not.
func (v Value[T]) Get() (T, bool) { return v.value, v.known }

// IsKnown reports whether the value is known.
func (v Value[T]) IsKnown() bool { return v.known }

// An Action is what becomes of a certificate.
type Action int

const (
	// Keep lets the certificate stay.
	Keep Action = iota
	// Rotate replaces it with another one, or makes the first.
	Rotate
	// Prepare lets it stay and makes the next one, which is trusted and waits.
	Prepare
	// Present replaces it with the one that waits.
	Present
	// Withdraw lets it stay and drops the one that waits.
	Withdraw
	// Defer leaves the decision to the apply, once everything is known. A plan
	// promises nothing of the certificate then.
	Defer
)

func (a Action) String() string {
	switch a {
	case Keep:
		return "keep"
	case Rotate:
		return "rotate"
	case Prepare:
		return "prepare"
	case Present:
		return "present"
	case Withdraw:
		return "withdraw"
	case Defer:
		return "defer"
	default:
		return "unknown action"
	}
}

// step is what an action does to the generations. Defer does nothing yet.
func (a Action) step() rotation.Step {
	switch a {
	case Rotate:
		return rotation.Rotate
	case Prepare:
		return rotation.Prepare
	case Present:
		return rotation.Present
	case Withdraw:
		return rotation.Withdraw
	case Keep, Defer:
	}
	return rotation.Stay
}

// actionOf is the action that takes a step.
func actionOf(step rotation.Step) Action {
	for _, action := range []Action{Rotate, Prepare, Present, Withdraw} {
		if action.step() == step {
			return action
		}
	}
	return Keep
}

// Unknowns says what of a certificate that is wanted is known only at apply. The
// zero value: everything is known.
type Unknowns struct {
	Request     bool // part of what the certificate is to say
	Algorithm   bool // the algorithm of its key, which is part of that
	Certificate bool // the provided certificate
	Key         bool // whether a private key is given, and which
	KeyVersion  bool
	Triggers    bool // all of them; single ones are unknown in [Want.Triggers]
	RenewBefore bool
	Overlap     bool
	Prepublish  bool
}

// mayTurn reports whether something that is unknown could still turn the
// decision on s.
func mayTurn(s *Slot, issuer Issuer) bool {
	unknown := s.Want.Unknown
	if s.Want.Origin == Provided {
		return unknown.Certificate
	}
	_, triggers := s.triggered()
	return unknown.Request || issuer.Unknown || s.keyMayTurn() || triggers || unknown.RenewBefore || unknown.KeyVersion
}

// phaseMayTurn reports whether what is unknown of prepublish and overlap decides
// between a next generation that waits and one that is presented at once, or none.
func phaseMayTurn(r *Resource, s *Slot, policy rotation.Policy, causes rotation.Causes, at time.Time) bool {
	return r.Uploads && s.Want.Ignored == "" && len(possibleSteps(r, s, policy, causes, at)) > 1
}

// possibleSteps are the steps that the least and the most of what is unknown of
// prepublish and overlap lead to.
func possibleSteps(r *Resource, s *Slot, policy rotation.Policy, causes rotation.Causes, at time.Time) map[rotation.Step]bool {
	const longest = 100 * 365 * 24 * time.Hour // no certificate lives longer
	timeline := s.Prior.timeline(r.Record)
	aheads, overlaps := []time.Duration{policy.Prepublish}, []*time.Duration{policy.Overlap}
	if s.Want.Unknown.Prepublish {
		aheads = []time.Duration{0, longest}
	}
	if s.Want.Unknown.Overlap {
		overlaps = []*time.Duration{nil, new(time.Duration)}
	}
	steps := map[rotation.Step]bool{}
	for _, policy.Prepublish = range aheads {
		for _, policy.Overlap = range overlaps {
			steps[rotation.Decide(timeline, policy, causes, at).Step] = true
		}
	}
	return steps
}

// keyBesideUnknown is the private key in the state that a plan promises, where the
// provided certificate beside it is unknown, and may wait; unknown if it could be
// the one that is presented now as well as the one that is configured.
func keyBesideUnknown(r *Resource, s *Slot, at time.Time) Value[string] {
	configured, known := s.Want.Key.PEM.Get()
	if !known || configured == s.Prior.KeyPEM {
		return s.Want.Key.PEM
	}
	if s.Want.Key.Signer == nil || s.Prior.KeyPEM == "" || pki.SameKey(s.Want.Key.Signer.Public(), s.Prior.Certificate.PublicKey) {
		return Value[string]{}
	}
	// The key is another one, and so is the certificate: it waits, unless it is
	// presented now.
	policy := s.policy(r.Uploads, s.Prior.active())
	for _, causes := range []rotation.Causes{{}, {CertificateReplaced: true}} {
		for step := range possibleSteps(r, s, policy, causes, at) {
			if step == rotation.Rotate || step == rotation.Present {
				return Value[string]{}
			}
		}
	}
	return Known(s.Prior.KeyPEM)
}

// aheadKnown reports whether it is known for how long the next generation waits.
func aheadKnown(s *Slot) bool {
	ahead := s.Want.Settings.Prepublish
	return !s.Want.Unknown.Prepublish && (!s.Want.Unknown.Overlap || ahead == nil || *ahead <= 0)
}

// mayWait reports whether the certificate in state may be presented for a while
// beside one that waits.
func mayWait(r *Resource, s *Slot) bool {
	ahead := s.Want.Settings.Prepublish
	return r.Uploads && s.Prior != nil && (s.Want.Unknown.Prepublish || ahead != nil && *ahead > 0 || s.Prior.Waiting != nil)
}
