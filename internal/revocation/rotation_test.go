package revocation

import (
	"context"
	"crypto/x509"
	"crypto/x509/pkix"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/trustplane/terraform-provider-mtls/internal/issue"
	"github.com/trustplane/terraform-provider-mtls/internal/lifecycle"
	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

// renewed is the next generation of a CA: with another key, or with the same.
func renewed(t *testing.T, ca *issue.Issuer, sameKey bool, at time.Time) *issue.Issuer {
	t.Helper()
	request := issue.Request{Profile: issue.ControlPlaneCA, Subject: ca.Certificate.Subject}
	if sameKey {
		request.Key, request.Renews = ca.Key, ca.Certificate
	}
	made, err := issue.Issue(context.Background(), request, nil, at)
	if err != nil {
		t.Fatal(err)
	}
	return &issue.Issuer{Certificate: made.Certificate, Key: made.Key}
}

// Where a CA gets another key, the list of its earlier generation goes on until its
// last certificate has ended, signed with the key that is gone by then, and says
// what it said; the new list begins empty.
func TestListOfAnEarlierKeyGoesOn(t *testing.T) {
	first := newCA(t, "CA", start())
	l := newLife(t, first)
	l.graceOf(0)
	bad, good := newLeaf(t, first, "bad", 30*day, l.now), newLeaf(t, first, "good", 60*day, l.now)
	l.use(bad, good)
	l.must(t)
	l.use(good)
	l.must(t)
	before := l.list(t)

	l.now = l.now.Add(day)
	second := renewed(t, first, false, l.now)
	l.sign(second, 2)
	l.use(newLeaf(t, second, "good", 60*day, l.now))
	_, problems := l.plan(t)
	wantProblem(t, problems, lifecycle.Warning, "issuer", "Earlier certificates can no longer be revoked")
	l.must(t)

	earlier, err := Parse([]byte(l.stored.Earlier[1]))
	if err != nil {
		t.Fatal(err)
	}
	if err := earlier.CheckSignatureFrom(first.Certificate); err != nil {
		t.Error(err)
	}
	if len(earlier.RevokedCertificateEntries) != 1 || earlier.RevokedCertificateEntries[0].SerialNumber.Cmp(bad.SerialNumber) != 0 {
		t.Errorf("the earlier list revokes %v", earlier.RevokedCertificateEntries)
	}
	if earlier.Number.Cmp(before.Number) <= 0 {
		t.Errorf("the earlier list has number %s after %s", earlier.Number, before.Number)
	}
	if earlier.NextUpdate.Before(good.NotAfter) {
		t.Errorf("the earlier list ends at %s, and a certificate at %s", earlier.NextUpdate, good.NotAfter)
	}
	if now := l.list(t); len(now.RevokedCertificateEntries) != 0 || now.CheckSignatureFrom(second.Certificate) != nil || now.Number.Cmp(earlier.Number) <= 0 {
		t.Errorf("the new list is %s with %v", now.Number, now.RevokedCertificateEntries)
	}

	// Once the last of its certificates has ended, it goes.
	for l.now.Before(good.NotAfter.Add(-day)) {
		l.now = l.now.Add(day)
		l.must(t)
		if len(l.stored.Earlier) != 1 {
			t.Fatalf("the earlier list is gone at %s, and a certificate ends at %s", l.now, good.NotAfter)
		}
	}
	l.now = good.NotAfter.Add(2 * time.Second)
	l.must(t)
	if len(l.stored.Earlier) != 0 {
		t.Errorf("the earlier list is still there at %s", l.now)
	}
}

// A CA that keeps its key keeps its list: what it has revoked and what is in use
// goes over to the next generation.
func TestListOfACAThatKeepsItsKeyGoesOn(t *testing.T) {
	first := newCA(t, "CA", start())
	l := newLife(t, first)
	l.graceOf(0)
	bad, good := newLeaf(t, first, "bad", 30*day, l.now), newLeaf(t, first, "good", 60*day, l.now)
	l.use(bad, good)
	l.must(t)
	l.use(good)
	l.must(t)

	l.now = l.now.Add(day)
	second := renewed(t, first, true, l.now)
	l.sign(second, 2)
	if _, problems := l.plan(t); len(problems.All()) > 0 {
		t.Errorf("reported %+v", problems)
	}
	l.must(t)
	if got := slices.Collect(maps.Keys(l.stored.Earlier)); len(got) != 1 || l.stored.Earlier[1] != l.stored.CRLPEM {
		t.Errorf("earlier lists are %v; the list covers the first generation too", got)
	}
	l.use() // the other one vanishes
	l.must(t)
	if got := l.list(t); len(got.RevokedCertificateEntries) != 2 || got.CheckSignatureFrom(first.Certificate) != nil {
		t.Errorf("revoked are %v", got.RevokedCertificateEntries)
	}
	if len(l.stored.Earlier) != 0 {
		t.Error("an outdated list of the same key is kept")
	}
}

// While a CA is being rotated, only its generation is known at plan: so are the
// keys of the earlier lists.
func TestGenerationsAreKnownAtPlan(t *testing.T) {
	first := newCA(t, "CA", start())
	for name, sameKey := range map[string]bool{"another key": false, "the same key": true} {
		t.Run(name, func(t *testing.T) {
			l := newLife(t, first)
			l.use(newLeaf(t, first, "leaf", 30*day, l.now))
			l.must(t)
			second := renewed(t, first, sameKey, l.now)
			l.want.Issuer, l.want.Generation, l.want.Unknown = lifecycle.Issuer{Given: true, Unknown: true}, lifecycle.Known(int64(2)), true
			planned, problems := l.plan(t)
			if problems.Failed() || planned.Action != Sign || planned.Generation != lifecycle.Known(int64(2)) {
				t.Fatalf("planned %+v, %+v", planned, problems)
			}
			if earlier, known := planned.Earlier.Get(); !known || len(earlier) != 1 {
				t.Fatalf("earlier lists are %v, known %t", earlier, known)
			}
			if planned.List.IsKnown() || planned.Revoked.IsKnown() || planned.Issuer.IsKnown() {
				t.Errorf("the plan promises what it cannot know: %+v", planned)
			}
			// In the apply all is known.
			l.sign(second, 2)
			l.want.Unknown = false
			l.use(newLeaf(t, second, "leaf", 30*day, l.now))
			again, _ := l.plan(t)
			holdMaps(t, planned, again)
			l.must(t)
		})
	}
}

// What is unknown and turns out to be what it was changes nothing, and a plan
// promises nothing that it could break.
func TestUnknownThatTurnsOutTheSame(t *testing.T) {
	ca := newCA(t, "CA", start())
	l := newLife(t, ca)
	l.use(newLeaf(t, ca, "leaf", 30*day, l.now))
	l.must(t)
	was := l.want
	for name, unknown := range map[string]Want{
		"active":                         {Issuer: was.Issuer, Generation: was.Generation, GenerationGiven: true, ActiveGiven: true, Unknown: true},
		"issuer":                         {Issuer: lifecycle.Issuer{Given: true, Unknown: true}, Generation: was.Generation, GenerationGiven: true, ActiveGiven: true, Active: was.Active},
		"issuer, without its generation": {Issuer: lifecycle.Issuer{Given: true, Unknown: true}, ActiveGiven: true, Active: was.Active},
	} {
		t.Run(name, func(t *testing.T) {
			l.want = unknown
			planned, problems := l.plan(t)
			if problems.Failed() || planned.Action != Defer {
				t.Fatalf("planned %v, %+v", planned.Action, problems)
			}
			if planned.List.IsKnown() || planned.Revoked.IsKnown() || planned.Pending.IsKnown() || planned.RenewalDue.IsKnown() {
				t.Errorf("the plan promises what may change: %+v", planned)
			}
			l.want = was
			if again, _ := l.plan(t); again.Action != Keep {
				t.Errorf("it turned out the same, and %v is planned", again.Action)
			}
		})
	}
}

// A hold is taken back by removing it; any other reason stays, and never becomes
// a hold.
func TestHolds(t *testing.T) {
	ca := newCA(t, "CA", start())
	l := newLife(t, ca)
	leaf := newLeaf(t, ca, "leaf", 30*day, l.now)
	l.use(leaf)
	hold, compromised := CertificateHold, KeyCompromise
	serial := pki.SerialNumber(leaf)
	l.want.Revoked = []Revoked{{Serial: serial, Reason: &hold}}
	l.must(t)
	if l.reasons(t)[serial] != CertificateHold {
		t.Fatalf("on the list are %v", l.reasons(t))
	}
	l.want.Revoked = nil
	l.must(t)
	if len(l.reasons(t)) != 0 {
		t.Fatalf("on the list are %v", l.reasons(t))
	}
	l.want.Revoked = []Revoked{{Certificate: leaf, Reason: &compromised}}
	l.must(t)
	l.want.Revoked[0].Reason = &hold
	_, problems := l.plan(t)
	wantProblem(t, problems, lifecycle.Warning, "revoked.reason", "Revocation cannot become a hold")
	l.must(t)
	l.want.Revoked = nil
	l.must(t)
	if l.reasons(t)[serial] != KeyCompromise {
		t.Errorf("on the list are %v", l.reasons(t))
	}
}

// A hold whose reason is taken away, while the entry stays, is a revocation for
// good. (A random life found that it was neither.)
func TestHoldBecomesARevocation(t *testing.T) {
	ca := newCA(t, "CA", start())
	l := newLife(t, ca)
	l.graceOf(0)
	leaf, hold := newLeaf(t, ca, "leaf", 30*day, l.now), CertificateHold
	l.use(leaf)
	l.want.Revoked = []Revoked{{Certificate: leaf, Reason: &hold}}
	l.must(t)
	l.want.Revoked = []Revoked{{Certificate: leaf}}
	l.must(t)
	l.use()
	l.must(t)
	l.want.Revoked = nil
	l.must(t)
	if reasons := l.reasons(t); len(reasons) != 1 || reasons[pki.SerialNumber(leaf)] != Unspecified {
		t.Errorf("on the list are %v", reasons)
	}
}

// A list without its state goes on from an import: numbers grow, and what is on it
// stays until the CA ends.
func TestImportedListGoesOn(t *testing.T) {
	ca := newCA(t, "CA", start())
	l := newLife(t, ca)
	l.graceOf(0)
	leaf := newLeaf(t, ca, "leaf", 30*day, l.now)
	l.use(leaf)
	l.must(t)
	l.use()
	l.must(t)
	number := l.list(t).Number

	var problems lifecycle.Problems
	result, record := Import(l.list(t), l.now, &problems)
	if problems.Failed() {
		t.Fatalf("not imported: %+v", problems)
	}
	again := newLife(t, ca)
	again.now, again.number = l.now, l.number
	again.keep(t, result, record)
	again.must(t)
	if again.stored.Issuer == "" || again.list(t).Number.Cmp(number) != 0 {
		t.Errorf("number %s after the import of %s", again.list(t).Number, number)
	}
	again.now = again.now.Add(40 * day)
	again.must(t)
	if _, is := again.reasons(t)[pki.SerialNumber(leaf)]; !is || again.list(t).Number.Cmp(number) <= 0 {
		t.Errorf("number %s, on the list are %v", again.list(t).Number, again.reasons(t))
	}

	other := newLife(t, newCA(t, "Other", start()))
	other.keep(t, result, record)
	_, problems = other.plan(t)
	wantProblem(t, problems, lifecycle.Error, "issuer", "Imported list is another CA's")
}

// Numbers follow the clock, so that a list whose state is lost still has a greater
// number than any before.
func TestNumbersGrowWithoutAState(t *testing.T) {
	ca := newCA(t, "CA", start())
	last := int64(0)
	for i := range 20 {
		l := newLife(t, ca)
		l.now = start().Add(time.Duration(i) * time.Minute)
		l.number = last
		l.must(t)
		last = l.number
	}
	// A clock that stands still, or runs backwards, makes no number twice.
	l := newLife(t, ca)
	l.number = last
	l.now = start().Add(time.Hour)
	l.must(t)
	for range 5 {
		l.now = l.now.Add(-time.Hour)
		l.want.Triggers = map[string]string{"turn": l.now.String()}
		if problems := l.apply(t, false); problems.Failed() && !strings.Contains(problems.All()[0].Summary, "not yet valid") {
			t.Fatalf("unexpected error: %+v", problems)
		}
	}
}

// An intermediate in a presented chain is in use, too: its root's list tracks it.
func TestListOfARootTracksIntermediates(t *testing.T) {
	root := newCA(t, "Root", start())
	made, err := issue.Issue(context.Background(), issue.Request{Profile: issue.ControlPlaneCA, Subject: pkix.Name{CommonName: "Issuing"}}, root, start())
	if err != nil {
		t.Fatal(err)
	}
	issuing := &issue.Issuer{Certificate: made.Certificate, Key: made.Key, Chain: []*x509.Certificate{root.Certificate}}
	leaf := newLeaf(t, issuing, "leaf", 30*day, start())
	l := newLife(t, root)
	l.graceOf(0)
	l.want.Active = [][]*x509.Certificate{{leaf, made.Certificate}}
	if problems := l.apply(t, false); len(problems.All()) > 0 {
		t.Fatalf("reported %+v", problems)
	}
	l.want.Active = nil
	l.must(t)
	if reasons := l.reasons(t); len(reasons) != 1 || reasons[pki.SerialNumber(made.Certificate)] != CessationOfOperation {
		t.Errorf("on the list are %v", reasons)
	}
}

func wantProblem(t *testing.T, problems lifecycle.Problems, severity lifecycle.Severity, field, summary string) {
	t.Helper()
	for _, one := range problems.All() {
		if one.Severity == severity && one.Field == field && one.Summary == summary {
			return
		}
	}
	t.Errorf("reported %+v, want %q at %s", problems, summary, field)
}
