package revocation

import (
	"context"
	"crypto/x509"
	"slices"
	"time"

	"github.com/trustplane/terraform-provider-mtls/internal/lifecycle"
	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

// A Result is a list as a plan foresees it or an apply left it. After an apply
// everything is known.
type Result struct {
	Action  Action
	Reasons []string // for which it is signed again

	List    lifecycle.Value[*x509.RevocationList]
	Revoked lifecycle.Value[[]Serial] // in ascending order
	// Pending says when what vanished is revoked.
	Pending lifecycle.Value[map[Serial]lifecycle.Value[time.Time]]
	// Active is a digest of the active certificates.
	Active     lifecycle.Value[string]
	Issuer     lifecycle.Value[string] // fingerprint
	Generation lifecycle.Value[int64]
	Earlier    lifecycle.Value[map[int64]lifecycle.Value[string]] // PEM

	// RenewalAt is when the list is to be signed again: for its age, or because a
	// grace is over. Zero for never.
	RenewalAt  lifecycle.Value[time.Time]
	RenewalDue lifecycle.Value[bool]
}

// Plan decides on the list, on the instant at, and reports everything that is
// wrong with what is configured.
func (r *Resource) Plan(at time.Time, problems *lifecycle.Problems) Result {
	if r.withheld() {
		checkWithheld(r, problems)
		return r.kept(r.Prior.contents, at)
	}
	checkWant(r, problems)
	if problems.Failed() {
		return Result{}
	}
	d := decide(r, at, problems)
	if d.action == Sign {
		checkSigns(r, problems)
	}
	warnOfLost(r, d, problems)
	if d.known {
		warnOfContents(r, d, problems)
	}
	return r.foresee(d, at)
}

// foresee is what a plan shows.
func (r *Resource) foresee(d decision, at time.Time) Result {
	result := Result{Action: d.action, Reasons: d.reasons, Generation: d.generation, Issuer: r.Want.Issuer.Fingerprint()}
	if d.known {
		result = r.kept(d.next, at)
		result.Action, result.Reasons, result.Generation, result.Issuer = d.action, d.reasons, d.generation, r.Want.Issuer.Fingerprint()
	}
	if d.action == Sign {
		result.List, result.RenewalAt, result.RenewalDue = lifecycle.Value[*x509.RevocationList]{}, lifecycle.Value[time.Time]{}, lifecycle.Known(false)
		if !d.known {
			result.RenewalDue = lifecycle.Value[bool]{}
		}
	}
	result.Earlier = r.earlierOf(d, result.List)
	return result
}

// kept is the result for the list in state, with other contents remembered.
func (r *Resource) kept(c contents, at time.Time) Result {
	result := Result{
		Revoked: lifecycle.Known(c.serials()), Active: lifecycle.Known(activeDigest(c.active)),
	}
	if r.Prior != nil {
		result.List, result.Issuer, result.Generation = lifecycle.Known(r.Prior.List), lifecycle.Known(r.Prior.Issuer), lifecycle.Known(r.Prior.Generation)
		result.Earlier = lifecycle.Known(knownTexts(r.Prior.Earlier))
	}
	result.setPending(r, c)
	result.setRenewal(r, c, at)
	return result
}

func knownTexts(of map[int64]string) map[int64]lifecycle.Value[string] {
	texts := map[int64]lifecycle.Value[string]{}
	for number, text := range of {
		texts[number] = lifecycle.Known(text)
	}
	return texts
}

// setPending says when what has vanished is revoked. What vanishes with this plan
// does so only when it is applied.
func (result *Result) setPending(r *Resource, c contents) {
	pending := map[Serial]lifecycle.Value[time.Time]{}
	for serial := range c.pending {
		at, is := c.dueOf(serial, r.Want.Settings.grace())
		switch {
		case !is:
		case r.new(serial):
			pending[serial] = lifecycle.Value[time.Time]{}
		default:
			pending[serial] = lifecycle.Known(at)
		}
	}
	result.Pending = lifecycle.Known(pending)
}

// new reports whether a certificate was not pending before.
func (r *Resource) new(serial Serial) bool {
	if r.Prior == nil {
		return true
	}
	_, before := r.Prior.pending[serial]
	return !before
}

// setRenewal says when the list in state is to be signed again.
func (result *Result) setRenewal(r *Resource, c contents, at time.Time) {
	list, known := result.List.Get()
	if !known {
		return
	}
	first := r.Want.Settings.renewalOf(list)
	unknown := false
	for serial := range c.pending {
		due, is := c.dueOf(serial, r.Want.Settings.grace())
		switch {
		case !is:
		case r.new(serial):
			unknown = true
		case first.IsZero() || due.Before(first):
			first = due
		}
	}
	result.RenewalDue = lifecycle.Known(!first.IsZero() && !at.Before(first))
	if !unknown {
		result.RenewalAt = lifecycle.Known(first)
	}
}

// earlierOf are the lists of earlier generations. That of the one before is what
// its key has signed for the rest of its life or, if the issuer keeps its key, the
// list of now.
func (r *Resource) earlierOf(d decision, now lifecycle.Value[*x509.RevocationList]) lifecycle.Value[map[int64]lifecycle.Value[string]] {
	kept, known := d.earlier.Get()
	if !known {
		return lifecycle.Value[map[int64]lifecycle.Value[string]]{}
	}
	texts := map[int64]lifecycle.Value[string]{}
	for number := range kept {
		text, before := r.Prior.Earlier[number]
		switch list, made := now.Get(); {
		case number != r.Prior.Generation && before:
			texts[number] = lifecycle.Known(text)
		case r.issuer() == nil || d.same && !made:
			texts[number] = lifecycle.Value[string]{}
		case d.same:
			texts[number] = lifecycle.Known(pki.EncodeRevocationLists(list))
		default:
			texts[number] = lifecycle.Known(pki.EncodeRevocationLists(r.Prior.final()))
		}
	}
	return lifecycle.Known(texts)
}

// A Promise is what the plan said, for its apply to keep.
type Promise struct {
	At     time.Time               // the instant that the plan decided on
	Issuer lifecycle.Value[string] // fingerprint
}

// Apply carries out what was promised, and returns every output, known, and the
// record to keep. On an error nothing is made. The context ends it early.
func (r *Resource) Apply(ctx context.Context, promise Promise, problems *lifecycle.Problems) (Result, Record) {
	if planned, known := promise.Issuer.Get(); known && r.Want.Issuer.Given && r.Want.Issuer.Fingerprint() != lifecycle.Known(planned) {
		fail(problems, fieldIssuer, -1, "Issuer differs from the plan", "The plan was made with a different issuer. Nothing was signed and nothing was changed.")
		return Result{}, Record{}
	}
	if r.withheld() {
		return r.kept(r.Prior.contents, promise.At), r.Prior.record.Planned(r.Now)
	}
	checkWant(r, problems)
	if problems.Failed() {
		return Result{}, Record{}
	}
	d := decide(r, promise.At, problems)
	if d.action == Sign {
		checkSigns(r, problems)
	}
	if problems.Failed() {
		return Result{}, Record{}
	}
	return r.carryOut(ctx, d, promise.At, problems)
}

// carryOut makes the list that was decided on.
func (r *Resource) carryOut(ctx context.Context, d decision, at time.Time, problems *lifecycle.Problems) (Result, Record) {
	record := r.record()
	after := &Resource{Want: r.Want, Now: r.Now, Prior: &Prior{contents: d.next}} // nothing is pending anew
	if r.Prior != nil {
		after.Prior.List = r.Prior.List
	}
	if d.action == Sign {
		list, final, err := sign(ctx, r, d.next)
		if err != nil {
			fail(problems, "", -1, "Revocation list not signed", "%s. Nothing was changed.", pki.Sentence(err.Error()))
			return Result{}, Record{}
		}
		after.Prior.List, record.final = list, final
	}
	number, _ := d.generation.Get()
	fingerprint, _ := r.Want.Issuer.Fingerprint().Get()
	earlier := map[int64]string{}
	texts, _ := r.earlierOf(d, lifecycle.Known(after.Prior.List)).Get()
	for one, text := range texts {
		earlier[one], _ = text.Get()
	}
	after.Prior.Generation, after.Prior.Issuer, after.Prior.Earlier = number, fingerprint, earlier
	result := after.kept(d.next, at)
	result.Action, result.Reasons = d.action, d.reasons
	if d.action == Sign {
		result.RenewalDue = lifecycle.Known(false)
	}
	record.earlier = r.earlierEnds(d, earlier)
	record.settle(r, after.Prior)
	return result, record
}

// earlierEnds says until when each earlier list is kept.
func (r *Resource) earlierEnds(d decision, earlier map[int64]string) map[int64]time.Time {
	ends := map[int64]time.Time{}
	for number := range earlier {
		ends[number] = r.Prior.record.earlier[number]
		if d.rotates && number == r.Prior.Generation {
			ends[number] = r.Prior.lastEnd()
			if ends[number].IsZero() {
				ends[number] = r.Prior.final().NextUpdate.UTC()
			}
		}
	}
	return ends
}

// settle writes down what holds after an apply.
func (r *Record) settle(from *Resource, after *Prior) {
	ca := from.issuer()
	r.Observed, r.list, r.imported = from.Now.UTC(), digestOf(after.List.Raw), false
	r.issuerKey, r.issuerEnd = ca.RawSubjectPublicKeyInfo, ca.NotAfter.UTC()
	r.active, r.pending = after.active, after.pending
	r.ends = nil
	for _, one := range after.List.RevokedCertificateEntries {
		r.ends = append(r.ends, after.entries[SerialOf(one.SerialNumber)].end)
	}
}

// Refresh says what the clock says of the list: RenewalAt and RenewalDue, nothing
// else of it. The record is another one, and true is returned, where plans have to
// decide on a later instant. Want holds the settings of the state.
func (r *Resource) Refresh() (Result, Record, bool) {
	var result Result
	result.List = lifecycle.Known(r.Prior.List)
	result.setRenewal(r, r.Prior.contents, r.Now)
	observed := r.Prior.record.Observed
	_, due := r.Prior.firstDue(r.Want.Settings, observed, r.Now)
	if !due && !lifecycle.IsStale(observed, r.Now) {
		return result, r.Prior.record, false
	}
	return result, r.Prior.record.Planned(r.Now), true
}

// Overdue returns the instant after at, up to now, at which the list is to change
// by the clock, and whether there is one: as with -refresh=false. It is to be
// asked where a plan would change nothing: see package lifecycle.
func (r *Resource) Overdue(at time.Time) (time.Time, bool) {
	if r.Prior == nil || r.withheld() || r.Want.Unknown {
		return time.Time{}, false
	}
	return r.Prior.firstDue(r.Want.Settings, at, r.Now)
}

// Import takes a list that was made before, here or elsewhere: its numbers go on,
// and what is on it stays there. The ends of its certificates are not known, so
// each stays until the issuer ends.
func Import(list *x509.RevocationList, now time.Time, problems *lifecycle.Problems) (Result, Record) {
	const bits = 62 // so that the numbers after it fit in an int64, too
	if list.Number == nil || list.Number.Sign() < 0 || list.Number.BitLen() > bits {
		fail(problems, "", -1, "List cannot be continued", "Its number is missing, negative, or has more than %d bits, so that no next one can be given. Number: %v.", bits, list.Number)
	}
	for _, extension := range list.Extensions {
		if extension.Critical && !extension.Id.Equal(oidIssuingDistributionPoint) || extension.Id.Equal(oidDeltaList) {
			fail(problems, "", -1, "List cannot be continued", "It has the extension %s: it is a delta list, or says something that the next list could not repeat. Import a complete list.", extension.Id)
		}
	}
	for _, one := range list.RevokedCertificateEntries {
		if one.SerialNumber.Sign() <= 0 {
			fail(problems, "", -1, "List cannot be continued", "It has an entry for the serial number %v, and only positive ones can be kept (RFC 5280, section 4.1.2.2).", one.SerialNumber)
		}
		if !slices.Contains(Reasons(), Reason(one.ReasonCode)) {
			fail(problems, "", -1, "List cannot be continued", "Its entry for serial number %s has the reason %d, which only delta lists may have.", SerialOf(one.SerialNumber), one.ReasonCode)
		}
	}
	prior := &Prior{List: list, Generation: 1, contents: contents{entries: entriesOf(list)}}
	record := Record{imported: true, list: digestOf(list.Raw), ends: make([]time.Time, len(list.RevokedCertificateEntries)), Observed: now.UTC()}
	prior.record = record
	r := &Resource{Prior: prior, Now: now}
	return r.kept(prior.contents, now), record
}
