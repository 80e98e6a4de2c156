package rotation

import (
	"slices"
	"time"
)

// Causes are the grounds for a rotation that the caller sees by comparing
// configuration and state. That renewal is due is not among them: [Decide]
// finds it out.
type Causes struct {
	InputChanged        bool // subject, names, algorithm: what the certificate says
	TriggerChanged      bool // rotation_triggers
	IssuerChanged       bool // another certificate of the issuer, or another issuer
	IssuerUnknown       bool // the issuer is only known at apply, so a change is assumed
	CertificateReplaced bool // another certificate is provided
	KeyVersionChanged   bool // private_key_pem_wo_version
}

// A Reason is why a plan rotates: a stable word for logs.
type Reason string

// The reasons: one for each of [Causes], and the one that [Decide] finds.
const (
	InputChanged        Reason = "input_changed"
	TriggerChanged      Reason = "trigger_changed"
	IssuerChanged       Reason = "issuer_changed"
	IssuerUnknown       Reason = "issuer_unknown"
	CertificateReplaced Reason = "certificate_replaced"
	KeyVersionChanged   Reason = "key_version_changed"
	RenewalDue          Reason = "renewal_due"
)

// A Notice is something that the user must hear of because the plan does not
// cure it: a stable word.
type Notice string

// The notices.
const (
	// ClockBehind: now is before the active generation's beginning. Either the
	// clock is wrong or it was when that generation was made. No instant counts
	// in this plan.
	ClockBehind Notice = "clock_behind"

	// RenewByHand: the active generation is due, and the user provided it.
	RenewByHand Notice = "renew_by_hand"

	// IssuerEndsFirst: the active generation is due, but its issuer's end would
	// leave a new one no longer life. The issuer must be renewed first.
	IssuerEndsFirst Notice = "issuer_ends_first"

	// ActiveEnded: the active generation has ended and stays.
	ActiveEnded Notice = "active_ended"
)

// A Decision is all that a plan must do.
type Decision struct {
	// Rotate asks for a new certificate. It is true exactly if there are
	// Reasons, which stand in the order of their declaration.
	Rotate  bool
	Reasons []Reason

	// Generation is the number that is active once the plan is applied.
	Generation int64

	// Kept and Dropped share out the earlier generations, with the one that
	// this plan supersedes among them, in ascending order.
	Kept, Dropped []int64

	Notices []Notice
}

// Decide says what a plan made at now must do. It is a function of its
// arguments only, and does not change them.
//
// A clock that is behind (see [ClockBehind]) makes nothing due and ends no
// overlap, since both would rest on its word. Causes rotate all the same. They
// do not come from the clock; to pass over a changed subject would leave
// configuration and certificate apart; a compromised key cannot wait; and where
// the active generation was made by a clock that ran ahead, a new one, valid at
// once, is the cure.
func Decide(timeline Timeline, policy Policy, causes Causes, now time.Time) Decision {
	active := timeline.Active
	decision := Decision{Generation: active.Number, Reasons: causes.reasons()}
	decision.renew(timeline, policy, now)
	decision.Rotate = len(decision.Reasons) > 0
	earlier := slices.Clone(timeline.Earlier)
	switch {
	case decision.Rotate:
		decision.Generation++
		earlier = append(earlier, Earlier{Number: active.Number, NotAfter: active.NotAfter})
	case ended(active.NotAfter, now):
		decision.Notices = append(decision.Notices, ActiveEnded)
	}
	decision.share(earlier, policy, now, active.yetToBegin(now))
	return decision
}

// renew adds the reason or the notice that the active generation's age gives.
func (decision *Decision) renew(timeline Timeline, policy Policy, now time.Time) {
	active, reissued := timeline.Active, timeline.ReissuedEnd
	switch {
	case active.yetToBegin(now):
		decision.Notices = append(decision.Notices, ClockBehind)
	case !policy.Due(active, now):
	case !policy.Renewable:
		decision.Notices = append(decision.Notices, RenewByHand)
	case !reissued.IsZero() && !reissued.After(active.NotAfter):
		decision.Notices = append(decision.Notices, IssuerEndsFirst)
	default:
		decision.Reasons = append(decision.Reasons, RenewalDue)
	}
}

// share puts each earlier generation among those kept or those dropped.
func (decision *Decision) share(earlier []Earlier, policy Policy, now time.Time, clockBehind bool) {
	for _, generation := range earlier {
		if policy.keeps(generation, now, clockBehind) {
			decision.Kept = append(decision.Kept, generation.Number)
		} else {
			decision.Dropped = append(decision.Dropped, generation.Number)
		}
	}
	slices.Sort(decision.Kept)
	slices.Sort(decision.Dropped)
}

// reasons names the causes that hold, in the order of their declaration.
func (causes Causes) reasons() []Reason {
	var reasons []Reason
	for _, cause := range []struct {
		holds  bool
		reason Reason
	}{
		{causes.InputChanged, InputChanged},
		{causes.TriggerChanged, TriggerChanged},
		{causes.IssuerChanged, IssuerChanged},
		{causes.IssuerUnknown, IssuerUnknown},
		{causes.CertificateReplaced, CertificateReplaced},
		{causes.KeyVersionChanged, KeyVersionChanged},
	} {
		if cause.holds {
			reasons = append(reasons, cause.reason)
		}
	}
	return reasons
}
