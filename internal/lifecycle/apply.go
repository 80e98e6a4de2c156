package lifecycle

import (
	"cmp"
	"context"
	"crypto/x509"
	"errors"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/trustplane/terraform-provider-mtls/internal/issue"
	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/rotation"
)

// A Promise is what the plan said of a resource, for its apply to keep.
type Promise struct {
	// Actions are those of the slots: Keep and Rotate are carried out, Defer lets
	// the apply decide.
	Actions []Action
	// At is the instant that the plan decided on.
	At time.Time
	// Issuer is the fingerprint of the issuer that was planned with.
	Issuer Value[string]
}

// Apply carries out what was promised, and returns every output, known, and the
// record to keep. It is all or nothing: on an error nothing is made.
//
// Certificates are made in parallel, one for each processor, and more where a key
// that is held elsewhere is waited for; progress, which may be nil, is called now
// and then with how many have been begun. The context ends it early.
func (r *Resource) Apply(ctx context.Context, promise Promise, progress func(begun, all int), problems *Problems) ([]Result, Record) {
	if planned, known := promise.Issuer.Get(); known && r.Issuer.Fingerprint() != Known(planned) {
		problems.fail("", "issuer", "Issuer differs from the plan",
			"The plan was made with a different issuer, or without one. Nothing was issued and nothing was changed. "+
				"If lifecycle lists issuer in ignore_changes, remove it there: Terraform does not pass an ignored issuer to the plan.")
		return nil, r.Record
	}
	for i := range r.Slots {
		checkReadable(&r.Slots[i], problems)
	}
	if problems.Failed() {
		return nil, r.Record
	}
	decisions := make([]Decision, len(r.Slots))
	var wanted []int
	for i := range r.Slots {
		decisions[i] = r.settle(&r.Slots[i], promise.Actions[i], promise.At)
		if decisions[i].Step.Makes() {
			wanted = append(wanted, i)
		}
	}
	for _, i := range wanted {
		if s := &r.Slots[i]; s.Want.Origin == Provided {
			checkProvided(r, s, decisions[i].Action, problems)
		}
	}
	made := r.makeAll(ctx, wanted, progress, problems)
	if problems.Failed() {
		return nil, r.Record
	}
	results, record := make([]Result, len(r.Slots)), r.Record
	for i := range r.Slots {
		s, decided := &r.Slots[i], decisions[i]
		if r.Uploads {
			r.note(&record, s, decided)
		}
		results[i] = r.result(s, decided, made[i], record)
		results[i].Reasons = decided.Reasons
		setTrusted(r, &results[i], s, decided)
		record.Origin = nextOrigin(s, decided)
	}
	record.settle(results, r.Now)
	return results, record
}

// note notes in the record since when an earlier generation is replaced, and the
// next one trusted.
func (r *Resource) note(record *Record, s *Slot, decided Decision) {
	if s.Prior != nil && (decided.Action == Rotate || decided.Action == Present) {
		record.supersede(s.Prior.Generation, s.Prior.active().SupersededAt(r.Now))
	}
	issuer, _ := r.Issuer.Fingerprint().Get()
	record.await(s, decided, issuer, r.Now)
}

// result is what an apply leaves of a certificate, with what it made and recorded.
func (r *Resource) result(s *Slot, decided Decision, made made, record Record) Result {
	switch decided.Action {
	case Rotate:
		result := madeResult(r, s, decided, made.certificate, r.Now)
		result.PrivateKey = Known(made.key)
		return result
	case Present:
		return presentedResult(r, s, decided, r.Now)
	case Prepare:
		timeline := s.Prior.timeline(record)
		timeline.Waiting = &rotation.Waiting{
			Generation:   rotation.Generation{Number: decided.Waiting, NotBefore: made.certificate.NotBefore, NotAfter: made.certificate.NotAfter},
			TrustedSince: record.Waiting.Since,
		}
		return preparedResult(r, s, decided, Next{
			Certificate: Known(made.certificate), PrivateKey: Known(made.key),
			At: Known(s.policy(r.Uploads, timeline.Active).PresentedAt(timeline)),
		}, r.Now)
	case Keep, Withdraw, Defer:
	}
	return keptResult(r, s, decided, r.Now)
}

// settle turns what was promised into a decision, now that everything is known.
// A plan may have counted as changed what was unknown: its word holds.
func (r *Resource) settle(s *Slot, promised Action, at time.Time) Decision {
	decided := decide(r, s, at)
	if promised == Defer || decided.Action == promised || s.Prior == nil {
		return decided
	}
	timeline := s.Prior.timeline(r.Record)
	policy := s.policy(r.Uploads, timeline.Active)
	return Decision{Decision: rotation.Follow(timeline, policy, promised.step(), at), Action: promised}
}

// settle writes down what holds after an apply or an import.
func (r *Record) settle(results []Result, now time.Time) {
	var trusted []Trusted
	fingerprints := make(map[string]string, len(results))
	for _, result := range results {
		certificate, _ := result.Certificate.Get()
		fingerprints[result.Name] = pki.FingerprintSHA256(certificate)
		if next, _ := result.Next.Get(); next.Generation != 0 {
			waiting, _ := next.Certificate.Get()
			fingerprints[waitingSlot] = pki.FingerprintSHA256(waiting)
		}
		of, _ := result.Trusted.Get()
		trusted = append(trusted, of...)
	}
	r.prune(trusted)
	*r = r.Planned(cmp.Or(r.Origin, Generated), fingerprints, now) // a set may be empty
}

// A made certificate, and its private key as it goes into state.
type made struct {
	certificate *x509.Certificate
	key         string
}

// makeAll makes or takes the certificates of the slots that are wanted, in
// parallel; the others stay zero.
func (r *Resource) makeAll(ctx context.Context, wanted []int, progress func(begun, all int), problems *Problems) []made {
	const every = 100
	all, failures := make([]made, len(r.Slots)), make([]error, len(r.Slots))
	next := make(chan int)
	var workers sync.WaitGroup
	working, giveUp := context.WithCancel(ctx)
	defer giveUp()
	for range min(r.workers(), len(wanted)) {
		workers.Go(func() {
			for i := range next {
				all[i], failures[i] = r.make(working, &r.Slots[i])
				if _, is := errors.AsType[*issue.KeyError](failures[i]); is {
					giveUp() // the others need the same key
				}
			}
		})
	}
	for begun, i := range wanted {
		if ctx.Err() != nil || working.Err() != nil {
			break
		}
		if progress != nil && begun > 0 && begun%every == 0 {
			progress(begun, len(wanted))
		}
		next <- i
	}
	close(next)
	workers.Wait()
	if ctx.Err() != nil {
		problems.fail("", "", "Interrupted", "Issuing was interrupted. Nothing was changed.")
		return all
	}
	for _, i := range wanted {
		if failures[i] != nil && !errors.Is(failures[i], context.Canceled) {
			reportFailure(&r.Slots[i], failures[i], problems)
		}
	}
	return all
}

// workers is how many certificates are made at the same time: one for each
// processor, and as many as the issuer's key lets wait.
func (r *Resource) workers() int {
	processors := runtime.GOMAXPROCS(0)
	if r.Issuer.Signer != nil {
		if remote, is := r.Issuer.Signer.Key.(pki.RemoteSigner); is {
			return processors + remote.AtOnce()
		}
	}
	return processors
}

// make makes the certificate of one slot, or takes the provided one as it is.
func (r *Resource) make(ctx context.Context, s *Slot) (made, error) {
	if s.Want.Origin == Provided {
		key, err := s.issuedKey(nil)
		return made{s.Want.Certificate, key}, err
	}
	issued, err := issue.Issue(ctx, s.request(), r.Issuer.Signer, r.Now)
	if err != nil {
		return made{}, err
	}
	key, err := s.issuedKey(issued.Key)
	if err != nil {
		return made{}, &issue.ViolationsError{Violations: []issue.Violation{{
			Field: "private_key_pem", Index: -1, Summary: "Private key cannot be encoded", Detail: err.Error(),
		}}}
	}
	return made{issued.Certificate, key}, nil
}

// reportFailure says why a certificate was not issued.
func reportFailure(s *Slot, err error, problems *Problems) {
	if refused, ok := errors.AsType[*issue.ViolationsError](err); ok {
		problems.addViolations(s, refused.Violations, Error)
		return
	}
	nothing := " Nothing was issued and nothing was changed."
	if s.Name != "" {
		nothing = " Nothing was issued for any node."
	}
	if failed, is := errors.AsType[*issue.KeyError](err); is {
		field := "signer_command"
		if failed.OfIssuer {
			field = "issuer"
		}
		detail := pki.Sentence(err.Error()) + "."
		if strings.Contains(detail, "\n") { // it ends with the program's own words
			detail, nothing = strings.TrimSuffix(detail, "."), "\n\n"+strings.TrimSpace(nothing)
		}
		problems.fail("", field, "Signer command failed", detail+nothing)
		return
	}
	problems.fail(s.Name, "", "Certificate not issued", pki.Sentence(err.Error())+"."+nothing)
}
