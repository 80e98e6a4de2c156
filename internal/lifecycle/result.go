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
	PrivateKey  Value[string]              // PEM, as it goes into state; empty for none
	Issuer      Value[string]              // fingerprint; empty for none
	Generation  Value[int64]

	// These follow from the key, and may be known before the certificate is.
	SPKISHA256   Value[string]
	SubjectKeyID Value[[]byte] // empty for none

	RenewalAt  Value[time.Time] // zero: renewal is off
	RenewalDue Value[bool]

	// Trusted are the generations to upload, in ascending order. Nil where
	// nothing is uploaded.
	Trusted Value[[]Trusted]
}

// A Trusted is one generation that the control plane is to trust.
type Trusted struct {
	Generation  int64
	Certificate Value[*x509.Certificate]
}

// keptResult is the result of a certificate that stays as it is. Only what surrounds
// it may move: its issuers, and what the clock says of it.
func keptResult(r *Resource, s *Slot, at time.Time) Result {
	prior := s.Prior
	result := Result{
		Name: s.Name, Action: Keep, Certificate: Known(prior.Certificate), PrivateKey: s.keptKey(),
		Generation: Known(prior.Generation), Issuer: r.Issuer.Fingerprint(),
	}
	result.setKey(prior.Certificate)
	switch {
	case s.Want.Ignored != "" && !r.Issuer.Given:
		result.Issuer, result.Chain = Known(prior.Issuer), Known(prior.Chain)
	case r.Issuer.Unknown || r.Issuer.ChainUnknown:
	case r.Issuer.Signer == nil && prior.Issuer == "":
		// Nothing is configured of its issuers: they are those it was imported with.
		result.Chain = Known(prior.Chain)
	default:
		result.Chain = Known(r.Issuer.Signer.Present(prior.Certificate))
	}
	setRenewal(r, &result, s, prior.active(), at)
	return result
}

// madeResult is the result of a certificate that replaces the one in state.
func madeResult(r *Resource, s *Slot, certificate *x509.Certificate, at time.Time) Result {
	result := Result{
		Name: s.Name, Action: Rotate, Certificate: Known(certificate), Issuer: r.Issuer.Fingerprint(), Generation: Known(s.nextGeneration()),
	}
	if !r.Issuer.Unknown && !r.Issuer.ChainUnknown {
		result.Chain = Known(r.Issuer.Signer.Present(certificate))
	}
	result.setKey(certificate)
	setRenewal(r, &result, s, rotation.Generation{
		Number: s.nextGeneration(), NotBefore: certificate.NotBefore, NotAfter: certificate.NotAfter,
	}, at)
	return result
}

// plannedResult is the result of a rotation whose certificate is not known yet.
func plannedResult(r *Resource, s *Slot) Result {
	result := Result{
		Name: s.Name, Action: Rotate, PrivateKey: s.plannedKey(), Issuer: r.Issuer.Fingerprint(), Generation: Known(s.nextGeneration()),
		RenewalDue: Known(false), // what is made anew is not due
	}
	planKeyIDs(s, &result)
	if before := s.Want.Settings.RenewBefore; before != nil && *before == 0 {
		result.RenewalAt = Known(time.Time{})
	}
	return result
}

// deferredResult is the result of a change that may turn out to be none.
func deferredResult(r *Resource, s *Slot) Result {
	result := plannedResult(r, s)
	result.Action, result.Generation, result.RenewalDue = Defer, Value[int64]{}, Value[bool]{}
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
// that are kept, and the result's own.
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
	result.Trusted = Known(append(trusted, Trusted{number, result.Certificate}))
}
