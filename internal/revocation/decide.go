package revocation

import (
	"maps"
	"time"

	"github.com/trustplane/terraform-provider-mtls/internal/lifecycle"
)

// An Action is what becomes of a list.
type Action int

const (
	// Keep lets everything stay.
	Keep Action = iota
	// Remember lets the list stay, and changes what is remembered beside it.
	Remember
	// Sign makes another list, or the first.
	Sign
	// Defer leaves the decision to the apply, once everything is known.
	Defer
)

// A decision is what becomes of a list, and why.
type decision struct {
	action Action
	// known: next is what follows. Otherwise something that is unknown decides.
	known   bool
	next    contents
	wanted  map[Serial]wish
	reasons []string

	// rotates: the list is another generation's of the issuer; same: with the same
	// key, so that the list goes on.
	rotates, same bool
	generation    lifecycle.Value[int64]
	// earlier are the generations, besides this one, whose lists are kept.
	earlier lifecycle.Value[map[int64]bool]
}

// decide says what becomes of the list at an instant. It is the only place that
// does, for plans and applies alike.
func decide(r *Resource, at time.Time, problems *lifecycle.Problems) decision {
	d := decision{}
	ca := r.issuer()
	d.same = r.Prior != nil && ca != nil && r.Prior.sameIssuer(ca)
	d.generation = generationOf(r, d.same)
	d.rotates = rotates(r, d)
	d.earlier = keptGenerations(r, d, at)
	switch {
	case ca == nil:
	case r.Want.Unknown:
		reading{r}.checkKnown(problems)
	default:
		d.follow(r, at, problems)
	}
	collectReasons(r, &d, at)
	switch {
	case r.Prior == nil || len(d.reasons) > 0 && d.known || d.rotates && ca == nil:
		d.action = Sign
	case !d.known:
		d.action = Defer
	case remembers(r, d, at):
		d.action = Remember
	}
	if d.action == Sign && d.known && d.same {
		d.next.prune(d.wanted, r.Prior.List.ThisUpdate, r.Prior.record.issuerEnd)
	}
	dropCovered(r, &d)
	return d
}

// follow works out what is on the next list, now that everything is known.
func (d *decision) follow(r *Resource, at time.Time, problems *lifecycle.Problems) {
	before := contents{}
	if d.same {
		before = r.Prior.contents
	}
	in := reading{r}.read(at, problems)
	next, changed := before.next(in)
	d.next, d.known, d.wanted = next, true, in.revoked
	if d.same && changed {
		d.reasons = append(d.reasons, "entries")
	}
}

// dropCovered leaves out earlier lists of an issuer that has kept its key, once it
// signs its next list, which covers them. Whether it does may not be known yet.
func dropCovered(r *Resource, d *decision) {
	kept, known := d.earlier.Get()
	if !known || r.Prior == nil || !d.same && r.issuer() != nil || d.action != Sign && d.action != Defer {
		return
	}
	for number := range kept {
		switch {
		case number == r.Prior.Generation || !r.Prior.covered(number):
		case d.known:
			delete(kept, number)
		default:
			d.earlier = lifecycle.Value[map[int64]bool]{}
			return
		}
	}
}

// collectReasons collects why the list is to be signed again, besides its entries.
func collectReasons(r *Resource, d *decision, at time.Time) {
	if r.Prior == nil {
		return
	}
	settings, prior := r.Want.Settings, r.Prior
	if r.issuer() != nil && !d.same {
		d.reasons = append(d.reasons, "issuer")
	}
	if r.Want.Unknown {
		return
	}
	if due := settings.renewalOf(prior.List); !due.IsZero() && !at.Before(due) {
		d.reasons = append(d.reasons, "renewal")
	}
	if at.Before(prior.List.ThisUpdate) {
		d.reasons = append(d.reasons, "clock") // it was made by a clock that ran ahead
	}
	if !settings.saysTheSame(prior.Settings) {
		d.reasons = append(d.reasons, "settings")
	}
	if !maps.Equal(r.Want.Triggers, prior.Triggers) {
		d.reasons = append(d.reasons, "trigger")
	}
}

// generation is the number of the issuer's generation that the list is of: its own
// number or, where it gives none, one that grows with each other key.
func generationOf(r *Resource, same bool) lifecycle.Value[int64] {
	switch {
	case r.Want.GenerationGiven:
		return r.Want.Generation
	case r.Prior == nil:
		return lifecycle.Known(int64(1))
	case r.Want.Issuer.Unknown:
		return lifecycle.Value[int64]{}
	case same:
		return lifecycle.Known(r.Prior.Generation)
	default:
		return lifecycle.Known(r.Prior.Generation + 1)
	}
}

// rotates reports whether the list is known to be of another generation.
func rotates(r *Resource, d decision) bool {
	number, known := d.generation.Get()
	return r.Prior != nil && known && number != r.Prior.Generation
}

// keptGenerations are the earlier generations whose lists are kept: until their
// last certificate has ended, and where the issuer has kept its key, until the next
// list of it, which covers them.
func keptGenerations(r *Resource, d decision, at time.Time) lifecycle.Value[map[int64]bool] {
	kept := map[int64]bool{}
	if r.Prior == nil {
		return lifecycle.Known(kept)
	}
	number, known := d.generation.Get()
	if !known {
		return lifecycle.Value[map[int64]bool]{}
	}
	for earlier := range r.Prior.Earlier {
		if !at.After(r.Prior.record.earlier[earlier]) {
			kept[earlier] = true
		}
	}
	if d.rotates {
		kept[r.Prior.Generation] = true
	}
	delete(kept, number)
	return lifecycle.Known(kept)
}

// remembers reports whether what is remembered changes though the list does not.
// That something has ended at an instant is no change by itself.
func remembers(r *Resource, d decision, at time.Time) bool {
	before := maps.Clone(r.Prior.pending)
	maps.DeleteFunc(before, func(_ Serial, one vanished) bool { return one.end.Before(at) })
	earlier, _ := d.earlier.Get()
	kept := len(earlier) == len(r.Prior.Earlier)
	for number := range earlier {
		_, is := r.Prior.Earlier[number]
		kept = kept && is
	}
	fingerprint, _ := r.Want.Issuer.Fingerprint().Get()
	return !kept || d.rotates || fingerprint != r.Prior.Issuer || r.Prior.record.imported ||
		!maps.EqualFunc(d.next.active, r.Prior.active, time.Time.Equal) ||
		!maps.EqualFunc(d.next.pending, before, func(a, b vanished) bool { return a.since.Equal(b.since) && a.end.Equal(b.end) })
}
