package rotation

import (
	"fmt"
	"strings"
	"time"
)

// longestDefault is 30 days: time for a monthly change window to come round.
const longestDefault = 720 * time.Hour

// DefaultRenewBefore is how long before its end a certificate of the given
// validity is renewed unless the user says otherwise: 720 hours, or a third of
// validity if that is less. Zero, which turns renewal off, for a validity that
// is not positive.
func DefaultRenewBefore(validity time.Duration) time.Duration {
	return max(0, min(longestDefault, validity/3))
}

// A Policy is what the user configured, and what the resource's kind allows.
// The zero Policy renews nothing and keeps nothing.
type Policy struct {
	// Validity is the configured life of a new certificate. Zero means that
	// there is none, as for a certificate that the user brought.
	Validity time.Duration

	// RenewBefore is how long before its end a certificate is due. Zero turns
	// renewal off.
	RenewBefore time.Duration

	// Overlap is how long a generation stays trusted once it was superseded;
	// its own end always ends it. Nil means until that end. Zero means not at
	// all: the plan that rotates drops it, and every earlier one, whenever
	// superseded. That is how a compromised key is got rid of.
	Overlap *time.Duration

	// KeepsEarlier is false where nothing is uploaded, as for the leaf of a
	// data plane: no earlier generation is kept, whatever Overlap says.
	KeepsEarlier bool

	// Renewable is false for a certificate that the user brought. It cannot be
	// made anew here, so becoming due only gives notice.
	Renewable bool

	// SpreadWindow moves the due instant earlier, by [Spread] of SpreadKey, so
	// that a fleet made at once does not renew at once. Zero moves nothing; a
	// third of the certificate's life is the most that is used.
	SpreadWindow time.Duration
	SpreadKey    string
}

// RenewalAt is the instant at which generation becomes due; zero if renewal is
// off.
//
// That is RenewBefore ahead of its end. But a life shorter than Validity was
// cut, to its issuer's end, and RenewBefore was not meant for it: such a
// certificate is not due before two thirds of its life, or it would be from
// birth. SpreadWindow counts on top of either.
func (policy Policy) RenewalAt(generation Generation) time.Time {
	if policy.RenewBefore == 0 {
		return time.Time{}
	}
	life := generation.NotAfter.Sub(generation.NotBefore)
	due := generation.NotAfter.Add(-policy.RenewBefore)
	if policy.wasCut(generation) {
		due = later(due, generation.NotBefore.Add(life/3*2))
	}
	return due.Add(-Spread(policy.SpreadKey, min(policy.SpreadWindow, life/3)))
}

// Due reports whether generation is to be renewed at now, the due instant
// included.
func (policy Policy) Due(generation Generation, now time.Time) bool {
	at := policy.RenewalAt(generation)
	return !at.IsZero() && !now.Before(at)
}

// wasCut reports whether generation lives shorter than configured. Its last
// second counts (RFC 5280, section 4.1.2.5), so an uncut life may end a second
// before NotBefore and Validity add up to.
func (policy Policy) wasCut(generation Generation) bool {
	return generation.NotAfter.Add(time.Second).Before(generation.NotBefore.Add(policy.Validity))
}

// keeps reports whether an earlier generation stays trusted at now. Where the
// clock is not to be trusted, no instant ends it.
func (policy Policy) keeps(earlier Earlier, now time.Time, clockBehind bool) bool {
	switch {
	case !policy.KeepsEarlier || policy.Overlap != nil && *policy.Overlap == 0:
		return false
	case clockBehind:
		return true
	case ended(earlier.NotAfter, now):
		return false
	case policy.Overlap == nil || earlier.SupersededAt.IsZero():
		return true
	default:
		return now.Before(earlier.SupersededAt.Add(*policy.Overlap))
	}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// A Setting names a part of a [Policy] as users know it.
type Setting string

// The settings that can be at fault.
const (
	SettingValidity     Setting = "validity"
	SettingRenewBefore  Setting = "renew_before"
	SettingOverlap      Setting = "overlap"
	SettingSpreadWindow Setting = "spread window"
)

// A Fault says in which way a setting is wrong.
type Fault string

// The faults of a policy.
const (
	Negative         Fault = "is negative"
	NotBelowValidity Fault = "is not below the validity"   // due from birth, for ever
	BeyondValidity   Fault = "is longer than the validity" // never reached
)

// A PolicyError is one fault of a policy.
type PolicyError struct {
	Setting  Setting
	Fault    Fault
	Value    time.Duration // of the setting; with the spread window, of RenewBefore and it together
	Validity time.Duration // zero if the fault is not about it
}

func (e *PolicyError) Error() string {
	text := fmt.Sprintf("%s %s %s", e.Setting, span(e.Value), e.Fault)
	if e.Validity != 0 {
		text += " of " + span(e.Validity)
	}
	return text
}

// span writes a duration without the zero minutes and seconds that nobody
// writes: "8760h".
func span(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

// Check returns every fault of policy, none for a sound one. Nothing is held
// against a Validity of zero. [Decide] is safe with a faulty policy too, but
// may not do what its author hoped for.
func (policy Policy) Check() []*PolicyError {
	var faults []*PolicyError
	add := func(setting Setting, fault Fault, value, validity time.Duration) {
		faults = append(faults, &PolicyError{setting, fault, value, validity})
	}
	var overlap time.Duration
	if policy.Overlap != nil {
		overlap = *policy.Overlap
	}
	if policy.Validity < 0 {
		add(SettingValidity, Negative, policy.Validity, 0)
	}
	known := policy.Validity > 0
	switch early := policy.RenewBefore; {
	case early < 0:
		add(SettingRenewBefore, Negative, early, 0)
	case known && early >= policy.Validity:
		add(SettingRenewBefore, NotBelowValidity, early, policy.Validity)
	case known && policy.SpreadWindow > 0 && early+policy.SpreadWindow >= policy.Validity:
		add(SettingSpreadWindow, NotBelowValidity, early+policy.SpreadWindow, policy.Validity)
	}
	switch {
	case overlap < 0:
		add(SettingOverlap, Negative, overlap, 0)
	case known && overlap > policy.Validity:
		add(SettingOverlap, BeyondValidity, overlap, policy.Validity)
	}
	if policy.SpreadWindow < 0 {
		add(SettingSpreadWindow, Negative, policy.SpreadWindow, 0)
	}
	return faults
}
