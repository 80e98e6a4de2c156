package lifecycle

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/trustplane/terraform-provider-mtls/internal/issue"
	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

// An asker is a resource that asks a CA, over its life: what its state has, and the
// CA, which answers now and then.
type asker struct {
	state   Asked
	request issue.Request
	trigger string
	answer  []*x509.Certificate
	record  Record
	now     time.Time
	made    bool
}

// asking is the resource as it is, with what is wanted next.
func (a *asker) asking(t *rapid.T, request issue.Request, trigger string, reuse bool, answer []*x509.Certificate) *Asking {
	next := &Asking{
		Want:   Want{Origin: Generated, Request: request, Triggers: map[string]Value[string]{"turn": Known(trigger)}, Key: Key{Reuse: reuse}},
		Answer: answer, Record: a.record, Now: a.now,
	}
	if !a.made {
		return next
	}
	csr, _ := a.state.CSR.Get()
	key, _ := a.state.PrivateKey.Get()
	answerKey, _ := a.state.AnswerKey.Get()
	generation, _ := a.state.Generation.Get()
	var problems Problems
	next.Prior = StoredCSR{
		CSRPEM: pki.EncodeCSR(csr), PrivateKeyPEM: key, Generation: generation,
		AnswerPEM: pki.EncodeCertificates(a.answer...), AnswerKeyPEM: answerKey,
	}.Read(&problems)
	if next.Prior == nil {
		t.Fatalf("the state cannot be read: %+v", problems.All())
	}
	next.Prior.Request, next.Prior.Triggers = a.request, map[string]Value[string]{"turn": Known(a.trigger)}
	return next
}

// Whatever is configured over a life, an apply does what its plan said; nothing is
// made without a reason, and nothing twice; and the key of what the CA has answered
// is there for as long as that is in use.
func TestAskingKeepsItsPromises(t *testing.T) {
	root, err := issue.Issue(t.Context(), issue.Request{Profile: issue.ControlPlaneCA, Subject: pkix.Name{CommonName: "CA"}}, nil, time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	ca := &issue.Issuer{Certificate: root.Certificate, Key: root.Key}
	renewals := 0
	rapid.Check(t, func(t *rapid.T) {
		a := &asker{now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), trigger: "0"}
		request := issue.Request{Profile: issue.DataplaneCertificate, Subject: pkix.Name{CommonName: "edge"}}
		answer, trigger := []*x509.Certificate(nil), "0"
		for range rapid.IntRange(2, 12).Draw(t, "turns") {
			reuse := rapid.Bool().Draw(t, "reuse")
			switch rapid.IntRange(0, 4).Draw(t, "what") {
			case 0:
				trigger = strconv.Itoa(rapid.IntRange(0, 3).Draw(t, "trigger"))
			case 1:
				request.DNSNames = rapid.SampledFrom([][]string{nil, {"a.example"}, {"b.example"}}).Draw(t, "names")
			case 2, 3:
				if csr, is := a.state.CSR.Get(); is {
					issued, err := issue.Issue(t.Context(), issue.Request{Profile: issue.DataplaneCertificate, CSR: csr, Validity: 2160 * time.Hour}, ca, a.now)
					if err != nil {
						t.Fatal(err)
					}
					answer = []*x509.Certificate{issued.Certificate}
				}
			case 4:
				a.now = a.now.Add(time.Duration(rapid.IntRange(1, 2000).Draw(t, "hours")) * time.Hour)
			}
			next := a.asking(t, request, trigger, reuse, answer)
			var problems Problems
			planned := next.Plan(a.now, &problems)
			if problems.Failed() {
				// What the CA has answered fits no more, or has ended: it is left out.
				answer = nil
				continue
			}
			applied, record := next.Apply(t.Context(), planned.Action, a.now, &problems)
			if problems.Failed() {
				t.Fatalf("what was planned is refused: %+v", problems.All())
			}
			holds(t, "private key", planned.PrivateKey, applied.PrivateKey)
			holds(t, "SPKI", planned.SPKISHA256, applied.SPKISHA256)
			holds(t, "generation", planned.Generation, applied.Generation)
			holds(t, "key of the answer", planned.AnswerKey, applied.AnswerKey)
			if len(planned.Reasons) > 0 && planned.Reasons[0] == "renewal_due" {
				renewals++
			}
			wantKeyOf(t, answer, applied)
			a.state, a.record, a.request, a.trigger, a.answer, a.made = applied, record, request, trigger, answer, true
			again := a.asking(t, request, trigger, reuse, answer)
			if settled := again.Plan(a.now, &Problems{}); settled.Action != Keep {
				t.Fatalf("a second plan makes another request, for %v", settled.Reasons)
			}
		}
	})
	if renewals == 0 {
		t.Error("nothing was ever renewed by its end")
	}
}

// wantKeyOf wants the key beside what the CA has answered to be that of it.
func wantKeyOf(t *rapid.T, answer []*x509.Certificate, asked Asked) {
	text, known := asked.AnswerKey.Get()
	switch {
	case !known:
		t.Fatal("after an apply the key of the answer is unknown")
	case len(answer) == 0 && text != "":
		t.Fatal("there is a key of an answer, and no answer")
	case len(answer) > 0 && !pki.KeyMatches(pki.EncodeCertificates(answer...), text):
		t.Fatalf("the key beside %s is another", pki.Describe(answer[0]))
	}
}

func holds[T comparable](t *rapid.T, what string, planned, applied Value[T]) {
	if said, known := planned.Get(); known {
		if is, _ := applied.Get(); is != said {
			t.Errorf("the plan said another %s than the apply gives", what)
		}
	}
}
