package rotation

import (
	"fmt"
	"strings"
	"time"
)

// A Setting names a part of a [Policy] as users know it.
type Setting string

// The settings that can be at fault.
const (
	SettingValidity    Setting = "validity"
	SettingRenewBefore Setting = "renew_before"
	SettingOverlap     Setting = "overlap"
	SettingPrepublish  Setting = "prepublish"
)

// A Fault says in which way a setting is wrong.
type Fault string

// The faults of a policy.
const (
	Negative         Fault = "is negative"
	NotBelowValidity Fault = "is not shorter than the validity" // due from birth, for ever
	BeyondValidity   Fault = "is longer than the validity"      // never reached
	// A generation that has to be replaced while it waits begins to wait anew, when
	// the renewal is due at the latest, and has to be through before the end.
	NotBelowRenewBefore Fault = "is not shorter than the renew_before"
	// With RenewBefore, it would begin at birth, for ever.
	NothingLeft Fault = "is, together with renew_before, not shorter than the validity"
)

// A PolicyError is one fault of a policy.
type PolicyError struct {
	Setting Setting
	Fault   Fault
	Value   time.Duration // of the setting
	Limit   time.Duration // what it was compared with; zero if with nothing
}

func (e *PolicyError) Error() string {
	text := fmt.Sprintf("%s %s %s", e.Setting, Span(e.Value), e.Fault)
	if e.Limit != 0 {
		text += " of " + Span(e.Limit)
	}
	return text
}

// Span writes a duration without the zero minutes and seconds that nobody
// writes: "8760h".
func Span(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

// Check returns every fault of policy, none for a sound one. Nothing is
// compared with a Validity of zero. [Decide] is safe with a faulty policy too,
// but may not do what its author hoped for.
func (policy Policy) Check() []*PolicyError {
	var faults []*PolicyError
	negative := func(setting Setting, value time.Duration) {
		if value < 0 {
			faults = append(faults, &PolicyError{Setting: setting, Fault: Negative, Value: value})
		}
	}
	tooLong := func(setting Setting, fault Fault, value time.Duration, is bool) {
		if is && value > 0 && policy.Validity > 0 {
			faults = append(faults, &PolicyError{Setting: setting, Fault: fault, Value: value, Limit: policy.Validity})
		}
	}
	var overlap time.Duration
	if policy.Overlap != nil {
		overlap = *policy.Overlap
	}
	negative(SettingValidity, policy.Validity)
	negative(SettingRenewBefore, policy.RenewBefore)
	negative(SettingOverlap, overlap)
	tooLong(SettingRenewBefore, NotBelowValidity, policy.RenewBefore, policy.RenewBefore >= policy.Validity)
	tooLong(SettingOverlap, BeyondValidity, overlap, overlap > policy.Validity)
	negative(SettingPrepublish, policy.Prepublish)
	switch ahead := policy.Prepublish; {
	case ahead <= 0:
	case policy.Validity > 0 && ahead >= policy.Validity:
		tooLong(SettingPrepublish, NotBelowValidity, ahead, true)
	case policy.RenewBefore > 0 && ahead >= policy.RenewBefore:
		faults = append(faults, &PolicyError{Setting: SettingPrepublish, Fault: NotBelowRenewBefore, Value: ahead, Limit: policy.RenewBefore})
	case policy.RenewBefore > 0 && policy.RenewBefore < policy.Validity && ahead >= policy.Validity-policy.RenewBefore:
		tooLong(SettingPrepublish, NothingLeft, ahead, true)
	}
	return faults
}
