package rotation

import "time"

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
	// there is none, as for a certificate that the user provided.
	Validity time.Duration

	// RenewBefore is how long before its end a certificate is due. Zero turns
	// renewal off.
	RenewBefore time.Duration

	// Overlap is how long a generation stays trusted once it was superseded;
	// its own end always ends it. Nil means until that end. Zero means not at
	// all: the plan that rotates drops it, and every earlier one, whenever
	// superseded. That is how a compromised key is got rid of.
	Overlap *time.Duration

	// Prepublish is how long a new generation is trusted before it is presented.
	// A renewal begins that much before it is due. Zero presents it at once, and
	// so do an Overlap of zero and KeepsEarlier of false: what is not to be trusted
	// any longer cannot be presented meanwhile.
	Prepublish time.Duration

	// KeepsEarlier is false where nothing is uploaded, as for the leaf of a
	// data plane: no earlier generation is kept, whatever Overlap says.
	KeepsEarlier bool

	// Renewable is false for a certificate that the user provided. It cannot be
	// made anew here, so becoming due only gives notice.
	Renewable bool

	// SpreadWindow moves the due instant earlier, by [Spread] of SpreadKey, so
	// that a fleet made at once does not renew at once. Zero and less move nothing;
	// a third of the certificate's life is the most that is used.
	SpreadWindow time.Duration
	SpreadKey    string
}

// RenewalAt is the instant at which generation becomes due; zero if renewal is
// off.
//
// That is RenewBefore ahead of its end. But a life shorter than Validity was
// cut, to its issuer's end, and RenewBefore was not meant for it: such a
// certificate is not due before two thirds of its life, or it would be from
// birth. SpreadWindow counts on top of either. The instant is a whole second, as
// those of certificates are: written out, it is still the one that counts.
func (policy Policy) RenewalAt(generation Generation) time.Time {
	if policy.RenewBefore == 0 {
		return time.Time{}
	}
	life := generation.NotAfter.Sub(generation.NotBefore)
	due := generation.NotAfter.Add(-policy.RenewBefore)
	if policy.wasCut(generation) {
		due = later(due, generation.NotBefore.Add(life/3*2))
	}
	return due.Add(-Spread(policy.SpreadKey, min(policy.SpreadWindow, life/3))).Truncate(time.Second)
}

// BeginsAt is the instant at which the renewal of generation begins: Prepublish
// ahead of [Policy.RenewalAt]; zero if renewal is off.
//
// A life that was cut (see [Policy.RenewalAt]) was not meant for Prepublish
// either: nothing begins in its first third.
func (policy Policy) BeginsAt(generation Generation) time.Time {
	due := policy.RenewalAt(generation)
	if due.IsZero() || !policy.prepublishes() {
		return due
	}
	begins := due.Add(-policy.Prepublish)
	if policy.wasCut(generation) {
		third := generation.NotBefore.Add(generation.NotAfter.Sub(generation.NotBefore) / 3)
		begins = later(begins, third.Truncate(time.Second).Add(time.Second))
	}
	if begins.After(due) {
		return due
	}
	return begins
}

// PresentedAt is the instant at which the waiting generation of timeline is to be
// presented: once it was trusted for Prepublish, or the active one has ended,
// since nothing that is presented then could be worse; and never before it begins
// itself. An instant in the past means at once. It is zero where nothing waits. It
// is a whole second, rounded up: written out, it is still the one that counts.
func (policy Policy) PresentedAt(timeline Timeline) time.Time {
	waiting, at := timeline.Waiting, timeline.Active.NotAfter
	if waiting == nil {
		return time.Time{}
	}
	switch {
	case !policy.prepublishes():
		at = waiting.NotBefore
	case waiting.TrustedSince.IsZero():
	case waiting.TrustedSince.Add(policy.Prepublish).Before(at):
		at = waiting.TrustedSince.Add(policy.Prepublish)
	}
	at = later(at, waiting.NotBefore)
	if whole := at.Truncate(time.Second); whole.Before(at) {
		return whole.Add(time.Second)
	}
	return at
}

// prepublishes reports whether new generations wait.
func (policy Policy) prepublishes() bool {
	return policy.Prepublish > 0 && policy.KeepsEarlier && (policy.Overlap == nil || *policy.Overlap > 0)
}

// begins reports whether the renewal of generation begins at now.
func (policy Policy) begins(generation Generation, now time.Time) bool {
	at := policy.BeginsAt(generation)
	return !at.IsZero() && !now.Before(at)
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
	case !policy.KeepsEarlier || policy.Overlap != nil && *policy.Overlap <= 0:
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
