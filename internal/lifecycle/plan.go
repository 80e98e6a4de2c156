package lifecycle

import "time"

// Plan decides on each certificate, on the instant at, and reports everything
// that is wrong with what is configured.
func (r *Resource) Plan(at time.Time, problems *Problems) []Result {
	results := make([]Result, len(r.Slots))
	for i := range r.Slots {
		s := &r.Slots[i]
		checkSettings(s, r.Uploads, problems)
		checkReadable(s, problems)
		decided := decide(r, s, at)
		checkSlot(r, s, decided, problems)
		reportNotices(r, s, decided, problems)
		results[i] = r.foresee(s, decided, at)
		warnOfUploads(&results[i], s, decided, problems)
		checkKeyKnown(s, &results[i], problems)
	}
	return results
}

// foresee is what a plan shows of a certificate.
func (r *Resource) foresee(s *Slot, decided Decision, at time.Time) Result {
	var result Result
	switch decided.Action {
	case Keep, Withdraw:
		result = keptResult(r, s, decided, at)
	case Defer:
		result = deferredResult(r, s, at)
	case Present:
		result = presentedResult(r, s, decided, at)
	case Prepare:
		next := Next{PrivateKey: s.plannedKey()}
		if s.Want.Origin == Provided && s.Want.Certificate != nil {
			next.Certificate = Known(s.Want.Certificate)
		}
		result = preparedResult(r, s, decided, next, at)
	case Rotate:
		result = plannedResult(r, s, decided)
		if s.Want.Origin == Provided {
			result = r.foreseeProvided(s, decided, result, at)
		}
	}
	result.Reasons = decided.Reasons
	setTrusted(r, &result, s, decided)
	if decided.Action == Rotate && s.Want.Origin == Provided && s.Want.Certificate == nil {
		// What is below takes a generation that is known beside a certificate that is
		// not for word of a new one. This may be one that was provided before.
		result.Generation = Value[int64]{}
	}
	return result
}

// foreseeProvided is what a plan shows of a provided certificate that is to be
// presented: planned, as far as it is unknown.
func (r *Resource) foreseeProvided(s *Slot, decided Decision, planned Result, at time.Time) Result {
	result := planned
	if s.Want.Certificate != nil {
		result = madeResult(r, s, decided, s.Want.Certificate, at)
		result.PrivateKey = planned.PrivateKey
	}
	// It may be due by the apply: no refresh holds the clock still before a
	// certificate is created.
	if due, _ := result.RenewalAt.Get(); s.Want.Certificate == nil || s.Prior == nil && !due.IsZero() {
		result.RenewalDue = Value[bool]{}
	}
	return result
}

// Overdue returns the instant at which a certificate became due after at, when it
// was last looked at, or the one that waits was to be presented, and whether there
// is one: as with -refresh=false. It is to be asked where a plan would change
// nothing: that is never planned again, so that it may depend on the clock.
func (r *Resource) Overdue(results []Result, at time.Time) (time.Time, bool) {
	due, known := firstAct(results)
	return due, known && !due.IsZero() && !r.Now.Before(due) && due.After(at)
}
