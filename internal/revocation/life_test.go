package revocation

import (
	"context"
	"crypto/x509"
	"crypto/x509/pkix"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/trustplane/terraform-provider-mtls/internal/issue"
	"github.com/trustplane/terraform-provider-mtls/internal/lifecycle"
	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

const day = 24 * time.Hour

// A reporter is what a test and a property test have in common.
type reporter interface {
	Helper()
	Fatal(arguments ...any)
	Fatalf(format string, arguments ...any)
	Errorf(format string, arguments ...any)
}

// A life is what Terraform holds of one list, beside a CA and its leaves. It plans
// and applies as Terraform does: through text.
type life struct {
	now  time.Time
	want Want

	stored Stored
	record []byte // nil while there is no list

	number int64 // of the last list that was signed, also by an apply that was killed
}

func start() time.Time { return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC) }

func newLife(t reporter, issuer *issue.Issuer) *life {
	t.Helper()
	l := &life{now: start()}
	l.sign(issuer, 1)
	l.want.ActiveGiven = true
	return l
}

// sign lets another generation of the CA sign.
func (l *life) sign(issuer *issue.Issuer, generation int64) {
	l.want.Issuer = lifecycle.Issuer{Given: true, Signer: issuer, WithoutKey: issuer.Key == nil}
	l.want.Generation, l.want.GenerationGiven = lifecycle.Known(generation), true
}

// newCA makes a CA that begins at an instant.
func newCA(t reporter, name string, at time.Time) *issue.Issuer {
	t.Helper()
	made, err := issue.Issue(context.Background(), issue.Request{Profile: issue.ControlPlaneCA, Subject: pkix.Name{CommonName: name}}, nil, at)
	if err != nil {
		t.Fatal(err)
	}
	return &issue.Issuer{Certificate: made.Certificate, Key: made.Key}
}

// newLeaf has a CA issue a certificate that lives for a time.
func newLeaf(t reporter, issuer *issue.Issuer, name string, validity time.Duration, at time.Time) *x509.Certificate {
	t.Helper()
	made, err := issue.Issue(context.Background(), issue.Request{Profile: issue.DataplaneCertificate, Subject: pkix.Name{CommonName: name}, Validity: validity}, issuer, at)
	if err != nil {
		t.Fatal(err)
	}
	return made.Certificate
}

// resource is what the next call of the provider looks at.
func (l *life) resource(t reporter) *Resource {
	t.Helper()
	r := &Resource{Want: l.want, Now: l.now}
	if l.record != nil {
		record, err := ReadRecord(l.record)
		if err != nil {
			t.Fatal(err)
		}
		if r.Prior, err = l.stored.Read(record); err != nil {
			t.Fatal(err)
		}
	}
	return r
}

// refresh moves the instant on which plans decide.
func (l *life) refresh(t reporter) {
	t.Helper()
	if l.record == nil {
		return
	}
	r := l.resource(t)
	r.Want = Want{Settings: l.stored.Settings}
	if _, record, changed := r.Refresh(); changed {
		l.record = bytesOf(t, record)
	}
}

func bytesOf(t reporter, record Record) []byte {
	t.Helper()
	text, err := record.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// plan plans, after a refresh.
func (l *life) plan(t reporter) (Result, lifecycle.Problems) {
	t.Helper()
	l.refresh(t)
	r := l.resource(t)
	var problems lifecycle.Problems
	result := r.Plan(r.DecidedAt(), &problems)
	return result, problems
}

// apply plans and applies. killed, its result is lost. It holds the apply to the
// plan, and returns what was reported.
func (l *life) apply(t reporter, killed bool) lifecycle.Problems {
	t.Helper()
	planned, problems := l.plan(t)
	if problems.Failed() || planned.Action == Keep && l.record != nil && l.want.Settings.grace() == l.stored.Settings.grace() {
		return problems // to Terraform, another setting is a change
	}
	r := l.resource(t)
	promise := Promise{At: r.DecidedAt(), Issuer: planned.Issuer}
	l.now = l.now.Add(3 * time.Second) // an apply takes its time
	r = l.resource(t)
	var found lifecycle.Problems
	result, record := r.Apply(context.Background(), promise, &found)
	if found.Failed() {
		t.Fatalf("planned without an error, and not applied: %+v", found)
	}
	holdToPlan(t, planned, result)
	if list, _ := result.List.Get(); result.Action == Sign {
		if number := list.Number.Int64(); number <= l.number {
			t.Fatalf("a list has number %d, and %d was signed before", number, l.number)
		}
		l.number = list.Number.Int64()
	}
	if !killed {
		l.keep(t, result, record)
	}
	return problems
}

// keep writes what an apply left into the state.
func (l *life) keep(t reporter, result Result, record Record) {
	t.Helper()
	list, _ := result.List.Get()
	generation, _ := result.Generation.Get()
	issuer, _ := result.Issuer.Get()
	l.stored = Stored{
		CRLPEM: pki.EncodeRevocationLists(list), Generation: generation, Issuer: issuer, Earlier: map[int64]string{},
		Settings: l.want.Settings, Triggers: l.want.Triggers,
	}
	earlier, _ := result.Earlier.Get()
	for number, text := range earlier {
		l.stored.Earlier[number], _ = text.Get()
	}
	l.record = bytesOf(t, record)
}

// holdToPlan fails unless an apply has done what its plan had promised.
func holdToPlan(t reporter, planned, applied Result) {
	t.Helper()
	if serials, known := planned.Revoked.Get(); known {
		if got, _ := applied.Revoked.Get(); !slices.Equal(got, serials) {
			t.Fatalf("planned to revoke %v, and revoked %v", serials, got)
		}
	}
	if list, known := planned.List.Get(); known {
		if got, _ := applied.List.Get(); !slices.Equal(got.Raw, list.Raw) {
			t.Fatalf("planned to keep the list, and signed another one")
		}
	}
	if number, known := planned.Generation.Get(); known && applied.Generation != lifecycle.Known(number) {
		t.Fatalf("planned generation %d, and applied %v", number, applied.Generation)
	}
	if due, known := planned.RenewalDue.Get(); known && applied.RenewalDue != lifecycle.Known(due) {
		t.Fatalf("planned renewal_due %t, and applied %v", due, applied.RenewalDue)
	}
	if at, known := planned.RenewalAt.Get(); known {
		if got, _ := applied.RenewalAt.Get(); !got.Equal(at) {
			t.Fatalf("planned renewal_at %s, and applied %s", at, got)
		}
	}
	holdMaps(t, planned, applied)
	for _, is := range []bool{applied.List.IsKnown(), applied.Revoked.IsKnown(), applied.Pending.IsKnown(), applied.Active.IsKnown(), applied.Issuer.IsKnown(), applied.Generation.IsKnown(), applied.Earlier.IsKnown(), applied.RenewalAt.IsKnown(), applied.RenewalDue.IsKnown()} {
		if !is {
			t.Fatalf("not everything is known after the apply: %+v", applied)
		}
	}
}

// holdMaps compares keys that were promised, and the values that were.
func holdMaps(t reporter, planned, applied Result) {
	t.Helper()
	if pending, known := planned.Pending.Get(); known {
		got, _ := applied.Pending.Get()
		if !slices.Equal(sorted(pending), sorted(got)) {
			t.Fatalf("planned to have pending %v, and has %v", pending, got)
		}
		for serial, at := range pending {
			if at.IsKnown() && at != got[serial] {
				t.Fatalf("planned to revoke %s at %v, and will at %v", serial, at, got[serial])
			}
		}
	}
	if earlier, known := planned.Earlier.Get(); known {
		got, _ := applied.Earlier.Get()
		if !slices.Equal(slices.Sorted(maps.Keys(earlier)), slices.Sorted(maps.Keys(got))) {
			t.Fatalf("planned earlier lists %v, and has %v", slices.Sorted(maps.Keys(earlier)), slices.Sorted(maps.Keys(got)))
		}
		for number, text := range earlier {
			if text.IsKnown() && text != got[number] {
				t.Fatalf("the list of generation %d is not the one that was planned", number)
			}
		}
	}
}

// list is the list in state.
func (l *life) list(t reporter) *x509.RevocationList {
	t.Helper()
	list, err := Parse([]byte(l.stored.CRLPEM))
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// reasons are those on the list in state, by serial number.
func (l *life) reasons(t reporter) map[string]Reason {
	t.Helper()
	reasons := map[string]Reason{}
	for _, one := range l.list(t).RevokedCertificateEntries {
		reasons[one.SerialNumber.Text(16)] = Reason(one.ReasonCode)
	}
	return reasons
}

// use sets what is active.
func (l *life) use(certificates ...*x509.Certificate) {
	l.want.Active = nil
	for _, one := range certificates {
		l.want.Active = append(l.want.Active, []*x509.Certificate{one})
	}
}

func (l *life) graceOf(grace time.Duration) { l.want.Settings.Grace = &grace }

// must applies without an error.
func (l *life) must(t *testing.T) {
	t.Helper()
	if problems := l.apply(t, false); problems.Failed() {
		t.Fatalf("unexpected error: %+v", problems)
	}
	if again, problems := l.plan(t); again.Action != Keep || problems.Failed() {
		t.Fatalf("a list that is unchanged plans %+v, %+v", again, problems)
	}
}
