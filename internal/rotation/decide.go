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
	IssuerUnknown       bool // the issuer is replaced in the same apply, and only known then
	CertificateReplaced bool // another certificate is provided
	KeyVersionChanged   bool // private_key_pem_wo_version
	// ActiveWanted: what is asked for is the active generation again, and not the
	// one that waits.
	ActiveWanted bool
}

// A Step is what a plan does to the generations: one at most.
type Step int

// The steps.
const (
	// Stay makes nothing and presents nothing else.
	Stay Step = iota
	// Rotate makes a new generation and presents it at once.
	Rotate
	// Prepare makes a new generation, which is trusted, and waits.
	Prepare
	// Present presents the generation that waits.
	Present
	// Withdraw drops the generation that waits.
	Withdraw
)

func (step Step) String() string {
	switch step {
	case Stay:
		return "stay"
	case Rotate:
		return "rotate"
	case Prepare:
		return "prepare"
	case Present:
		return "present"
	case Withdraw:
		return "withdraw"
	default:
		return "unknown step"
	}
}

// Makes reports whether a new generation is made. What waited before is then
// dropped: one waits at most, and nobody presents it.
func (step Step) Makes() bool { return step == Rotate || step == Prepare }

// A Reason is why a plan makes a new generation: a stable word for logs.
type Reason string

// The reasons: one for each of [Causes] that makes a new generation, and those
// that [Decide] finds.
const (
	InputChanged        Reason = "input_changed"
	TriggerChanged      Reason = "trigger_changed"
	IssuerChanged       Reason = "issuer_changed"
	IssuerUnknown       Reason = "issuer_unknown"
	CertificateReplaced Reason = "certificate_replaced"
	KeyVersionChanged   Reason = "key_version_changed"
	RenewalDue          Reason = "renewal_due"
	WaitingEnded        Reason = "waiting_ended"
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

	// Waits: a generation waits once the plan is applied.
	Waits Notice = "waits"
)

// A Decision is all that a plan must do.
type Decision struct {
	// Step is what becomes of the generations. One that makes a new one has
	// Reasons, which stand in the order of their declaration; no other has.
	Step    Step
	Reasons []Reason

	// Generation is the number that is active once the plan is applied, Waiting
	// the one that waits then: zero for none.
	Generation, Waiting int64

	// Kept and Dropped share out the earlier generations, with the one that
	// this plan supersedes among them, in ascending order. One that waited and
	// goes without having been presented is among Dropped, too.
	Kept, Dropped []int64

	Notices []Notice
}

// Decide says what a plan made at now must do. It is a function of its
// arguments only, and does not change them.
//
// A clock that is behind (see [ClockBehind]) makes nothing due, presents nothing
// and ends no overlap, since all that would rest on its word. Causes make a new
// generation all the same. They do not come from the clock; to pass over a
// changed subject would leave configuration and certificate apart; a compromised
// key cannot wait; and where the active generation was made by a clock that ran
// ahead, a new one, valid at once, is the cure.
func Decide(timeline Timeline, policy Policy, causes Causes, now time.Time) Decision {
	reasons := causes.reasons()
	var notices []Notice
	step := Stay
	waiting := timeline.Waiting
	switch {
	case timeline.clockBehind(now):
		notices = append(notices, ClockBehind)
	case waiting == nil:
		reasons, notices = renew(timeline, policy, now, reasons)
	case ended(waiting.NotAfter, now):
		reasons, notices = replace(timeline, policy, reasons)
	case !now.Before(policy.PresentedAt(timeline)):
		step = Present
	}
	switch {
	case len(reasons) > 0 && policy.prepublishes() && !ended(timeline.Active.NotAfter, now):
		step = Prepare
	case len(reasons) > 0:
		step = Rotate
	case causes.ActiveWanted && waiting != nil:
		step = Withdraw
	}
	decision := Follow(timeline, policy, step, now)
	decision.Reasons = reasons
	decision.Notices = append(notices, decision.Notices...)
	return decision
}

// Follow is the decision for a step that was decided on before: by a plan, for
// the apply that carries it out. It has no Reasons, and only the Notices that
// follow from the step.
func Follow(timeline Timeline, policy Policy, step Step, now time.Time) Decision {
	active, waiting := timeline.Active, timeline.Waiting
	decision := Decision{Step: step, Generation: active.Number}
	if waiting != nil {
		decision.Waiting = waiting.Number
	}
	earlier := slices.Clone(timeline.Earlier)
	if step == Rotate || step == Present {
		earlier = append(earlier, Earlier{Number: active.Number, NotAfter: active.NotAfter})
	} else if ended(active.NotAfter, now) {
		decision.Notices = append(decision.Notices, ActiveEnded)
	}
	if waiting != nil && (step.Makes() || step == Withdraw) {
		decision.Dropped = append(decision.Dropped, waiting.Number)
	}
	switch step {
	case Stay:
	case Rotate:
		decision.Generation, decision.Waiting = timeline.next(), 0
	case Prepare:
		decision.Waiting = timeline.next()
	case Present:
		decision.Generation, decision.Waiting = decision.Waiting, 0
	case Withdraw:
		decision.Waiting = 0
	}
	if decision.Waiting != 0 {
		decision.Notices = append(decision.Notices, Waits)
	}
	decision.share(earlier, policy, now, timeline.clockBehind(now))
	return decision
}

// renew adds the reason or the notice that the active generation's age gives.
func renew(timeline Timeline, policy Policy, now time.Time, reasons []Reason) ([]Reason, []Notice) {
	active, reissued := timeline.Active, timeline.ReissuedEnd
	switch {
	case !policy.begins(active, now):
		return reasons, nil
	case !policy.Renewable:
		return reasons, []Notice{RenewByHand}
	case !reissued.IsZero() && !reissued.After(active.NotAfter):
		return reasons, []Notice{IssuerEndsFirst}
	default:
		return append(reasons, RenewalDue), nil
	}
}

// replace adds the reason or the notice of a waiting generation that has ended.
func replace(timeline Timeline, policy Policy, reasons []Reason) ([]Reason, []Notice) {
	reissued := timeline.ReissuedEnd
	switch {
	case !policy.Renewable:
		return reasons, []Notice{RenewByHand}
	case !reissued.IsZero() && !reissued.After(timeline.Waiting.NotAfter):
		return reasons, []Notice{IssuerEndsFirst}
	default:
		return append(reasons, WaitingEnded), nil
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
