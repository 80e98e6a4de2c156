package rotation

import "time"

// A Generation is the certificate that a resource presents now.
type Generation struct {
	Number    int64     // from 1
	NotBefore time.Time // RFC 5280, section 4.1.2.5
	NotAfter  time.Time // the last instant of its life
}

// An Earlier generation was replaced and is still trusted.
type Earlier struct {
	Number   int64
	NotAfter time.Time

	// SupersededAt is the instant at which its successor was applied, as
	// [Generation.SupersededAt] says. The overlap runs from here. Zero means
	// unknown: no overlap but zero can then end it before NotAfter does.
	SupersededAt time.Time
}

// A Waiting generation is trusted and not yet presented.
type Waiting struct {
	Generation // its number is above that of the active one
	// TrustedSince is the instant at which it was applied, as
	// [Generation.TrustedSince] of the active one says. Zero means unknown: no
	// prepublication but zero has then passed.
	TrustedSince time.Time
}

// A Timeline is what is known of a resource's generations when a plan begins.
type Timeline struct {
	Active  Generation
	Waiting *Waiting // nil if none waits
	// Highest is the highest number that was ever given; zero where that is the
	// active or the waiting generation's.
	Highest int64

	// Earlier lists those still trusted, in any order; each number is unique
	// and below that of Active.
	Earlier []Earlier

	// ReissuedEnd is when a certificate made now would end: the configured
	// validity, cut to its issuer's end. Zero means unknown, and stops nothing.
	ReissuedEnd time.Time
}

// SupersededAt is the instant to record in [Earlier] when a successor of
// generation was applied at applied; zero, for unknown, if that is before
// generation's own beginning.
//
// Such a clock is behind. Were its reading kept, the overlap would seem to have
// passed as soon as the clock is right again.
func (generation Generation) SupersededAt(applied time.Time) time.Time {
	if generation.yetToBegin(applied) {
		return time.Time{}
	}
	return applied
}

// TrustedSince is the instant to record in [Waiting] when a generation was
// applied at applied beside generation, the active one; zero, for unknown, if
// that is before generation's own beginning.
//
// Such a clock is behind. Were its reading kept, the prepublication would seem to
// have passed as soon as the clock is right again.
func (generation Generation) TrustedSince(applied time.Time) time.Time {
	return generation.SupersededAt(applied)
}

// next is the number that a new generation gets: numbers are never given twice,
// not even that of a generation that was dropped while it waited.
func (timeline Timeline) next() int64 {
	highest := max(timeline.Active.Number, timeline.Highest)
	if timeline.Waiting != nil {
		highest = max(highest, timeline.Waiting.Number)
	}
	return highest + 1
}

// clockBehind reports whether now is known to be wrong, or an instant of the
// timeline was: before the beginning of a generation that exists.
func (timeline Timeline) clockBehind(now time.Time) bool {
	return timeline.Active.yetToBegin(now) || timeline.Waiting != nil && timeline.Waiting.yetToBegin(now)
}

// yetToBegin reports whether generation is not valid yet at now.
func (generation Generation) yetToBegin(now time.Time) bool { return now.Before(generation.NotBefore) }

// yetToBegin reports whether a waiting generation is not valid yet at now, or was
// trusted later than that: made by a clock that ran ahead of this one.
func (waiting *Waiting) yetToBegin(now time.Time) bool {
	return waiting.Generation.yetToBegin(now) || now.Before(waiting.TrustedSince)
}

// ended reports whether a certificate is of no more use at now. Its last instant
// counts as past, although RFC 5280, section 4.1.2.5, has it valid: whoever
// connects next comes later.
func ended(notAfter, now time.Time) bool { return !now.Before(notAfter) }
