package lifecycle

import (
	"crypto/x509"
	"slices"
	"time"

	"github.com/trustplane/terraform-provider-mtls/internal/issue"
	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/rotation"
)

// A Result is one certificate as a plan foresees it or an apply left it. After
// an apply everything is known.
type Result struct {
	Name    string // of the slot
	Action  Action
	Reasons []rotation.Reason // of a rotation

	Certificate Value[*x509.Certificate]
	Chain       Value[[]*x509.Certificate] // what is presented, Certificate first
	Root        Value[*x509.Certificate]   // the self-signed one above Chain, which leaves it out; nil for none
	Limits      Value[[]issue.Limits]      // of a CA and those above it, as they hold for what it issues
	PrivateKey  Value[string]              // PEM, as it goes into state; empty for none
	Issuer      Value[string]              // fingerprint; empty for none
	Generation  Value[int64]

	// These follow from the key, and may be known before the certificate is.
	SPKISHA256   Value[string]
	SubjectKeyID Value[[]byte] // empty for none

	RenewalAt  Value[time.Time] // zero: renewal is off
	RenewalDue Value[bool]

	// Next is the generation that waits.
	Next Value[Next]

	// acts is the instant from which a plan does something that this one does not;
	// zero for never.
	acts Value[time.Time]

	// Trusted are the generations to upload, in ascending order. Nil where
	// nothing is uploaded.
	Trusted Value[[]Trusted]
}

// A Next generation is trusted, and waits to be presented. The zero Next: none
// waits.
type Next struct {
	Generation  int64
	Certificate Value[*x509.Certificate]
	PrivateKey  Value[string]    // PEM, as it goes into state; empty for none
	At          Value[time.Time] // it is presented by the first apply from then on
}

// A Trusted is one generation that the control plane is to trust.
type Trusted struct {
	Generation  int64
	Certificate Value[*x509.Certificate]
}

// keptResult is the result of a certificate that stays as it is. Only what surrounds
// it may move: its issuers, and what the clock says of it. While the next one
// waits, nothing does but the clock: what is configured is configured of that.
func keptResult(r *Resource, s *Slot, decided Decision, at time.Time) Result {
	prior := s.Prior
	result := Result{
		Name: s.Name, Action: decided.Action, Certificate: Known(prior.Certificate), PrivateKey: s.keptKey(),
		Generation: Known(prior.Generation), Issuer: r.Issuer.Fingerprint(), Next: Known(Next{}),
	}
	result.setKey(prior.Certificate)
	switch {
	case decided.Waiting != 0:
		result.Issuer, result.Chain, result.PrivateKey = Known(prior.Issuer), Known(prior.Chain), Known(prior.KeyPEM)
		result.setAbove(s, prior.Root, prior.path())
	case s.Want.Ignored != "" && !r.Issuer.Given:
		result.Issuer, result.Chain = Known(prior.Issuer), Known(prior.Chain)
		result.setAbove(s, prior.Root, prior.path())
	case r.Issuer.Unknown || r.Issuer.ChainUnknown:
	case r.Issuer.Signer == nil && prior.Issuer == "":
		// Nothing is configured of its issuers: they are those it was imported with.
		result.Chain = Known(prior.Chain)
		result.setAbove(s, prior.Root, prior.path())
	default:
		result.setPresented(s, r.Issuer.Signer, prior.Certificate)
	}
	if decided.Waiting != 0 && decided.Action == Keep {
		result.Next = keptNext(r, s, r.Record)
	}
	setRenewal(r, &result, s, prior.active(), at)
	return result
}

// keptNext is the generation that goes on waiting.
func keptNext(r *Resource, s *Slot, record Record) Value[Next] {
	waiting := s.Prior.Waiting
	if waiting == nil {
		return Known(Next{})
	}
	next := Next{Generation: waiting.Number, Certificate: Known(waiting.Certificate), PrivateKey: s.waitingKey()}
	if aheadKnown(s) {
		timeline := s.Prior.timeline(record)
		next.At = Known(s.policy(r.Uploads, timeline.Active).PresentedAt(timeline))
	}
	return Known(next)
}

// preparedResult is the result of a certificate that stays while the next one is
// made, and waits.
func preparedResult(r *Resource, s *Slot, decided Decision, next Next, at time.Time) Result {
	result := keptResult(r, s, decided, at)
	next.Generation = decided.Waiting
	result.Next = Known(next)
	return result
}

// presentedResult is the result of a certificate that waited until now.
func presentedResult(r *Resource, s *Slot, decided Decision, at time.Time) Result {
	result := madeResult(r, s, decided, s.Prior.Waiting.Certificate, at)
	result.Action, result.PrivateKey = Present, s.waitingKey()
	return result
}

// madeResult is the result of a certificate that replaces the one in state.
func madeResult(r *Resource, s *Slot, decided Decision, certificate *x509.Certificate, at time.Time) Result {
	result := Result{
		Name: s.Name, Action: Rotate, Certificate: Known(certificate), Issuer: r.Issuer.Fingerprint(), Generation: Known(decided.Generation),
		Next: Known(Next{}),
	}
	if !r.Issuer.Unknown && !r.Issuer.ChainUnknown {
		result.setPresented(s, r.Issuer.Signer, certificate)
	}
	result.setKey(certificate)
	setRenewal(r, &result, s, rotation.Generation{
		Number: decided.Generation, NotBefore: certificate.NotBefore, NotAfter: certificate.NotAfter,
	}, at)
	return result
}

// setPresented says what is presented of certificate, and what stands above that.
func (result *Result) setPresented(s *Slot, signer *issue.Issuer, certificate *x509.Certificate) {
	result.Chain = Known(signer.Present(certificate))
	if s.isCA() {
		result.setAbove(s, signer.Top(), signer.PathTo(certificate))
	}
}

// setAbove says what a CA passes on to what it issues: its root, nil for none, and
// the limits of a path that begins with its certificate.
func (result *Result) setAbove(s *Slot, root *x509.Certificate, path []*x509.Certificate) {
	if s.isCA() {
		result.Root, result.Limits = Known(root), Known(issue.LimitsOfPath(path))
	}
}

// plannedResult is the result of a rotation whose certificate is not known yet.
func plannedResult(r *Resource, s *Slot, decided Decision) Result {
	result := Result{
		Name: s.Name, Action: Rotate, PrivateKey: s.plannedKey(), Issuer: r.Issuer.Fingerprint(), Generation: Known(decided.Generation),
		RenewalDue: Known(false), // what is made anew is not due
		Next:       Known(Next{}),
	}
	planKeyIDs(s, &result)
	if s.isCA() && !r.Issuer.Unknown && !r.Issuer.ChainUnknown {
		result.Root = Known(r.Issuer.Signer.Top())
	}
	if limits, known := r.Issuer.limits().Get(); known && s.isCA() && s.Want.Origin == Generated && !s.Want.Unknown.Request {
		result.Limits = Known(issue.LimitsToCome(s.Want.Request, limits))
	}
	if before := s.Want.Settings.RenewBefore; before != nil && *before == 0 {
		result.RenewalAt = Known(time.Time{})
	}
	return result
}

// deferredResult is the result of a change that may turn out to be none.
func deferredResult(r *Resource, s *Slot, at time.Time) Result {
	result := plannedResult(r, s, Decision{})
	result.Action, result.Generation, result.RenewalDue = Defer, Value[int64]{}, Value[bool]{}
	result.Root, result.Limits = Value[*x509.Certificate]{}, Value[[]issue.Limits]{} // what it was imported with may stay
	if mayWait(r, s) {
		// What is presented may stay as it is.
		result.PrivateKey, result.Issuer, result.Next = Value[string]{}, Value[string]{}, Value[Next]{}
		if s.Want.Key.Source == ConfiguredKey {
			result.PrivateKey = keyBesideUnknown(r, s, at)
		}
	}
	return result
}

// Describe is the result that says of a certificate what follows from the
// certificate itself.
func Describe(certificate *x509.Certificate) Result {
	result := Result{Certificate: Known(certificate)}
	result.setKey(certificate)
	return result
}

func (result *Result) setKey(certificate *x509.Certificate) {
	result.SPKISHA256, result.SubjectKeyID = Known(pki.SPKISHA256(certificate)), Known(certificate.SubjectKeyId)
}

// planKeyIDs foresees what follows from the key if that stays. A write-only key
// may be another one when the plan is applied.
func planKeyIDs(s *Slot, result *Result) {
	request := s.request()
	public := request.PublicKey()
	if s.Prior == nil || s.Want.Origin == Provided || s.Want.Key.Source == WriteOnlyKey || public == nil || !pki.SameKey(public, s.Prior.Certificate.PublicKey) {
		return
	}
	result.SPKISHA256, result.SubjectKeyID = Known(pki.SPKISHA256(s.Prior.Certificate)), Known(issue.SubjectKeyID(request))
}

// setRenewal says when active is to be renewed, and whether that has passed at.
func setRenewal(r *Resource, result *Result, s *Slot, active rotation.Generation, at time.Time) {
	if s.Want.Unknown.RenewBefore {
		return
	}
	policy := s.policy(r.Uploads, active)
	result.RenewalAt, result.RenewalDue = Known(policy.RenewalAt(active)), Known(policy.Due(active, at))
	next, _ := result.Next.Get()
	switch {
	case next.Generation != 0:
		result.acts = next.At
	case aheadKnown(s):
		result.acts = Known(policy.BeginsAt(active))
	}
}

// firstAct is the earliest instant at which a plan does something else than one
// that led to results, and whether that is known; zero for never.
func firstAct(results []Result) (first time.Time, known bool) {
	known = true
	for _, result := range results {
		at, is := result.acts.Get()
		known = known && is
		if !at.IsZero() && (first.IsZero() || at.Before(first)) {
			first = at
		}
	}
	return first, known
}

// FirstRenewal is the earliest instant at which one of the certificates becomes
// due, and whether one is. Both are unknown if one of them is; the zero time
// means that renewal is off.
func FirstRenewal(results []Result) (first Value[time.Time], due Value[bool]) {
	var earliest time.Time
	isDue, known, dueKnown := false, true, true
	for _, result := range results {
		at, is := result.RenewalAt.Get()
		known = known && is
		if !at.IsZero() && (earliest.IsZero() || at.Before(earliest)) {
			earliest = at
		}
		passed, is := result.RenewalDue.Get()
		dueKnown = dueKnown && is
		isDue = isDue || passed
	}
	if known {
		first = Known(earliest)
	}
	if dueKnown {
		due = Known(isDue)
	}
	return first, due
}

// setTrusted plans or applies what the control plane trusts: the earlier generations
// that are kept, the result's own, and the one that waits.
func setTrusted(r *Resource, result *Result, s *Slot, decided Decision) {
	replaced := s.Prior != nil && len(decided.Kept)+len(decided.Dropped) > 0
	number, known := result.Generation.Get()
	if !r.Uploads || !known || replaced && s.Want.Unknown.Overlap {
		return
	}
	var trusted []Trusted
	if s.Prior != nil {
		known := append(slices.Clone(s.Prior.Earlier), EarlierGeneration{s.Prior.Generation, s.Prior.Certificate})
		for _, earlier := range known {
			if slices.Contains(decided.Kept, earlier.Number) {
				trusted = append(trusted, Trusted{earlier.Number, Known(earlier.Certificate)})
			}
		}
	}
	trusted = append(trusted, Trusted{number, result.Certificate})
	if next, _ := result.Next.Get(); next.Generation != 0 {
		trusted = append(trusted, Trusted{next.Generation, next.Certificate})
	}
	result.Trusted = Known(trusted)
}
