package lifecycle

import (
	"cmp"
	"context"
	"crypto/x509"
	"errors"
	"time"

	"github.com/trustplane/terraform-provider-mtls/internal/issue"
	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/rotation"
)

// An Asking is a resource that asks a CA of somebody else for a certificate: a key,
// a CSR for it and, once it has come back, the certificate, called the answer. It
// goes on like a certificate that is issued here: [Asking.Plan] decides,
// [Asking.Apply] carries out.
//
// While the CA has not answered the CSR of a renewal, the answer before is the one
// that is presented, so that its key is kept: see [Asked.AnswerKey].
type Asking struct {
	Prior *PriorCSR // nil if there is none yet
	// Want is as for a certificate that is generated here. Its certificate is the
	// answer, and Unknown.Certificate says that the answer is unknown.
	Want   Want
	Answer []*x509.Certificate // the answer, then its issuers; nil for none
	Record Record
	Now    time.Time
}

// A PriorCSR is a CSR as the state has it, and what it was made from.
type PriorCSR struct {
	Prior // its Certificate has nothing but the public key; see [StoredCSR.Read]
	CSR   *x509.CertificateRequest
	// Answer is what had come back, and AnswerKeyPEM the key of that, as the state
	// has them.
	Answer       *x509.Certificate
	AnswerKeyPEM string
}

// An Asked is a CSR as a plan foresees it or an apply left it.
type Asked struct {
	Action     Action
	Reasons    []rotation.Reason
	CSR        Value[*x509.CertificateRequest]
	PrivateKey Value[string] // PEM; empty for none
	SPKISHA256 Value[string]
	Generation Value[int64]
	// AnswerKey is the private key of the answer, as PEM; empty for none.
	AnswerKey Value[string]
	// The renewal of the answer; zero if there is none, or renewal is off.
	RenewalAt  Value[time.Time]
	RenewalDue Value[bool]
}

// StoredCSR is what a state holds of a CSR, as text. An empty text is none.
type StoredCSR struct {
	CSRPEM, PrivateKeyPEM string
	// AnswerPEM is what came back, and AnswerKeyPEM the key of that.
	AnswerPEM, AnswerKeyPEM string
	Generation              int64 // from 1
}

// Read parses what is stored. It reports what no apply has written, and then
// returns nil. An answer that cannot be read is none: it is the user's own.
func (stored StoredCSR) Read(problems *Problems) *PriorCSR {
	const advice = ". Restore the state from a backup, or remove the resource from it with terraform state rm: the next apply then makes a new request."
	prior := &PriorCSR{Prior: Prior{Origin: Generated, Generation: stored.Generation, KeyPEM: stored.PrivateKeyPEM}, AnswerKeyPEM: stored.AnswerKeyPEM}
	var err error
	if prior.CSR, err = pki.ParseCSR(stored.CSRPEM); err != nil {
		problems.fail("", "csr_pem", "Request in state is damaged", pki.Sentence(err.Error())+advice)
		return nil
	}
	// A certificate that is yet to come: what is known of it is its key.
	prior.Certificate = &x509.Certificate{PublicKey: prior.CSR.PublicKey}
	if stored.PrivateKeyPEM != "" {
		prior.Key, err = pki.ParsePrivateKey(stored.PrivateKeyPEM)
		switch {
		case err != nil:
			problems.fail("", "private_key_pem", "Private key in state is damaged", pki.Sentence(err.Error())+advice)
			return nil
		case !pki.SameKey(prior.Key.Public(), prior.CSR.PublicKey):
			problems.fail("", "private_key_pem", "Private key in state is damaged", "It does not belong to csr_pem"+advice)
			return nil
		}
	}
	if stored.Generation < 1 || stored.Generation > longestCount {
		problems.fail("", "generation", "Generation in state is damaged", "It is not the number of a generation"+advice)
		return nil
	}
	if chain, err := pki.ParseCertificates(stored.AnswerPEM); err == nil {
		prior.Answer = chain[0]
	}
	if err := prior.checkAnswerKey(); err != nil {
		problems.fail("", "certificate_private_key_pem", "Private key in state is damaged", pki.Sentence(err.Error())+advice)
		return nil
	}
	return prior
}

// checkAnswerKey returns an error for a key in state that is not that of the answer
// beside it.
func (p *PriorCSR) checkAnswerKey() error {
	if p.AnswerKeyPEM == "" {
		return nil
	}
	if p.Answer == nil {
		return errors.New("there is a key of a certificate, and no certificate_pem")
	}
	key, err := pki.ParsePrivateKey(p.AnswerKeyPEM)
	if err == nil && !pki.SameKey(key.Public(), p.Answer.PublicKey) {
		err = errors.New("it does not belong to " + pki.Describe(p.Answer) + ", the certificate_pem in state")
	}
	return err
}

// slot is the asking as the slot of a certificate.
func (a *Asking) slot() *Slot {
	s := &Slot{Want: a.Want}
	if a.Prior != nil {
		s.Prior = &a.Prior.Prior
	}
	return s
}

// decide says whether a new key and CSR are made. Only a generated key makes one
// when the answer is due: any other CSR would be the same again.
func (a *Asking) decide(at time.Time) (Action, []rotation.Reason) {
	s := a.slot()
	if s.Prior == nil {
		return Rotate, nil
	}
	because := causes(s, Issuer{})
	var reasons []rotation.Reason
	for _, one := range []struct {
		holds  bool
		reason rotation.Reason
	}{
		{because.InputChanged, rotation.InputChanged},
		{because.TriggerChanged, rotation.TriggerChanged},
		{because.KeyVersionChanged, rotation.KeyVersionChanged},
		{a.answersPrior() && a.Want.Key.Source == GeneratedKey && !s.reuses() && a.due(at), rotation.RenewalDue},
	} {
		if one.holds {
			reasons = append(reasons, one.reason)
		}
	}
	switch {
	case because == (rotation.Causes{}) && (mayTurn(s, Issuer{}) || a.Want.Unknown.Certificate):
		return Defer, nil
	case len(reasons) > 0:
		return Rotate, reasons
	default:
		return Keep, nil
	}
}

// next is the number of the next request.
func (a *Asking) next() int64 {
	if a.Prior == nil {
		return 1
	}
	return a.Prior.Generation + 1
}

// answersPrior reports whether the answer is for the key in state.
func (a *Asking) answersPrior() bool {
	return a.Prior != nil && len(a.Answer) > 0 && pki.SameKey(a.Answer[0].PublicKey, a.Prior.CSR.PublicKey)
}

// kept reports whether the answer is the one that was accepted before.
func (a *Asking) kept() bool {
	return a.Prior != nil && a.Prior.Answer != nil && len(a.Answer) > 0 && a.Answer[0].Equal(a.Prior.Answer)
}

// renewalAt is when the answer is due; zero if there is none, or renewal is off.
func (a *Asking) renewalAt() time.Time {
	if len(a.Answer) == 0 {
		return time.Time{}
	}
	active := rotation.Generation{NotBefore: a.Answer[0].NotBefore, NotAfter: a.Answer[0].NotAfter}
	policy := rotation.Policy{RenewBefore: rotation.DefaultRenewBefore(active.NotAfter.Sub(active.NotBefore))}
	if before := a.Want.Settings.RenewBefore; before != nil {
		policy.RenewBefore = *before
	}
	return policy.RenewalAt(active)
}

func (a *Asking) due(at time.Time) bool {
	due := a.renewalAt()
	return !due.IsZero() && !at.Before(due)
}

// Plan decides, on the instant at, and reports everything that is wrong.
func (a *Asking) Plan(at time.Time, problems *Problems) Asked {
	action, reasons := a.decide(at)
	s := a.slot()
	if action != Keep {
		problems.addViolations(s, issue.CheckAsked(s.request(), issue.Unknown{Request: a.Want.Unknown.Request}), Error)
	}
	a.checkAnswer(action, at, problems)
	asked := Asked{}
	if action == Keep {
		asked = a.keptAsked()
	} else {
		asked = a.newAsked(action, s)
		asked.Reasons = reasons
	}
	a.setRenewal(&asked, at)
	return asked
}

// newAsked is a CSR that is made, or may be: what is known of it.
func (a *Asking) newAsked(action Action, s *Slot) Asked {
	asked := Asked{Action: action, PrivateKey: s.plannedKey()}
	if public := s.request().PublicKey(); public != nil && a.Want.Key.Source != WriteOnlyKey && !s.keyMayTurn() {
		asked.SPKISHA256 = Known(pki.SPKISHA256Of(public))
	}
	if action == Rotate {
		asked.Generation = Known(a.next())
	}
	if action == Rotate && s.Prior != nil && s.reuses() || len(a.Answer) == 0 || a.answersPrior() || a.kept() {
		asked.AnswerKey = a.answerKey(asked.PrivateKey)
	}
	return asked
}

// keptAsked is a CSR that stays. A key that is to leave the state leaves it.
func (a *Asking) keptAsked() Asked {
	s := a.slot()
	asked := Asked{Action: Keep, CSR: Known(a.Prior.CSR), PrivateKey: s.keptKey(), Generation: Known(a.Prior.Generation), SPKISHA256: Known(pki.SPKISHA256Of(a.Prior.CSR.PublicKey))}
	asked.AnswerKey = a.answerKey(asked.PrivateKey)
	return asked
}

// answerKey is the private key of the answer, where key is that of the CSR.
func (a *Asking) answerKey(key Value[string]) Value[string] {
	switch {
	case a.Want.Unknown.Certificate:
		return Value[string]{}
	case len(a.Answer) == 0:
		return Known("")
	case a.answersPrior() && a.Want.Key.elsewhere():
		return Known("")
	case a.answersPrior():
		return Known(a.Prior.KeyPEM)
	case a.kept():
		return Known(a.Prior.AnswerKeyPEM)
	default:
		return key
	}
}

func (a *Asking) setRenewal(asked *Asked, at time.Time) {
	if !a.Want.Unknown.Certificate && !a.Want.Unknown.RenewBefore {
		asked.RenewalAt, asked.RenewalDue = Known(a.renewalAt()), Known(a.due(at))
	}
}

// checkAnswer reports what is wrong with what came back, and what waits.
func (a *Asking) checkAnswer(action Action, at time.Time, problems *Problems) {
	if len(a.Answer) == 0 || action == Defer {
		return
	}
	s, answer := a.slot(), a.Answer[0]
	public := s.request().PublicKey()
	if a.answersPrior() {
		public = a.Prior.CSR.PublicKey
	}
	switch {
	case a.kept() && !a.answersPrior():
		problems.warn("", "certificate_pem", "Certificate of an earlier request",
			pki.Describe(answer)+" is of the generation before, and the CA has not answered csr_pem yet. Have it sign csr_pem, and provide the certificate that comes back. "+
				"Until then, present this one with certificate_private_key_pem. It ends at "+pki.Stamp(answer.NotAfter)+".")
		return
	case a.Prior == nil && public == nil:
		problems.fail("", "certificate_pem", "Certificate without a request",
			pki.Describe(answer)+" cannot be for a key that is yet to be generated. Leave certificate_pem out until the CA has signed csr_pem.")
		return
	case action == Rotate && a.answersPrior():
		// It answers the CSR that is replaced now.
		problems.warn("", "certificate_pem", "New request to be signed",
			"A new request is made, and "+pki.Describe(answer)+" belongs to the one before. Have the CA sign csr_pem once this is applied. "+
				"Until then, present it with certificate_private_key_pem. It ends at "+pki.Stamp(answer.NotAfter)+".")
		return
	}
	if !a.kept() {
		if public == nil {
			public = a.Prior.CSR.PublicKey
		}
		refused, warned := issue.CheckAnswer(a.Want.Request, public, a.Answer, a.Now)
		problems.addViolations(s, refused, Error)
		problems.addViolations(s, warned, Warning)
	}
	if a.due(at) {
		problems.warn("", "certificate_pem", "Certificate needs manual renewal",
			pki.Describe(answer)+" ends at "+pki.Stamp(answer.NotAfter)+". The key stays, and so does csr_pem: have the CA sign it again.")
	}
}

// Overdue returns the instant at which the answer became due after at, and whether
// there is one, as [Resource.Overdue] does.
func (a *Asking) Overdue(at time.Time) (time.Time, bool) {
	due := a.renewalAt()
	return due, !due.IsZero() && !a.Now.Before(due) && due.After(at)
}

// Apply carries out what a plan has promised, with everything known, and returns the
// record to keep. On a problem nothing is made.
func (a *Asking) Apply(ctx context.Context, promised Action, at time.Time, problems *Problems) (Asked, Record) {
	action, reasons := promised, []rotation.Reason(nil)
	if promised == Defer || a.Prior == nil {
		action, reasons = a.decide(at)
	}
	asked := Asked{Action: action, Reasons: reasons}
	if action == Keep {
		asked = a.keptAsked()
	} else if !a.make(ctx, &asked, problems) {
		return Asked{}, a.Record
	}
	a.setRenewal(&asked, at)
	spki, _ := asked.SPKISHA256.Get()
	return asked, a.Record.Planned(Generated, FingerprintsOf(spki), a.Now)
}

// make makes the key and the CSR, and reports why it does not.
func (a *Asking) make(ctx context.Context, asked *Asked, problems *Problems) bool {
	s := a.slot()
	csr, key, err := issue.Ask(ctx, s.request())
	if ctx.Err() != nil {
		problems.fail("", "", "Interrupted", "Nothing was changed.")
		return false
	}
	if err == nil {
		var text string
		if text, err = s.issuedKey(key); err == nil {
			asked.CSR, asked.PrivateKey, asked.SPKISHA256 = Known(csr), Known(text), Known(pki.SPKISHA256Of(csr.PublicKey))
			asked.Generation, asked.AnswerKey = Known(a.next()), a.answerKey(Known(text))
			return true
		}
	}
	if refused, is := errors.AsType[*issue.ViolationsError](err); is {
		problems.addViolations(s, refused.Violations, Error)
		return false
	}
	reportFailure(s, err, problems)
	return false
}

// Refresh says when the answer is due. The record is another one, and true is
// returned, where plans have to decide on a later instant.
func (a *Asking) Refresh() (Asked, Record, bool) {
	var asked Asked
	a.setRenewal(&asked, a.Now)
	if observed := a.Record.Observed; !IsStale(observed, a.Now) && a.due(observed) == a.due(a.Now) {
		return asked, a.Record, false
	}
	spki := pki.SPKISHA256Of(a.Prior.CSR.PublicKey)
	return asked, a.Record.Planned(cmp.Or(a.Record.Origin, Generated), FingerprintsOf(spki), a.Now), true
}

// FingerprintsOf is what a [Record] belongs to where a CSR stands in the place of a
// certificate: SHA-256 of its key.
func FingerprintsOf(spki string) map[string]string { return map[string]string{"": spki} }
