package provider

import (
	"context"
	"crypto/x509/pkix"
	"fmt"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/trustplane/terraform-provider-mtls/internal/issue"
	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

// siteOf is a list of a CA with so many data planes in use.
func siteOf(tb testing.TB, number int) (clock *stepClock, config written) {
	tb.Helper()
	clock = newStepClock()
	made, err := issue.Issue(context.Background(), issue.Request{Profile: issue.ControlPlaneCA, Subject: pkix.Name{CommonName: "Issuing"}}, nil, clock.Now())
	if err != nil {
		tb.Fatal(err)
	}
	key, err := pki.EncodePrivateKey(made.Key)
	if err != nil {
		tb.Fatal(err)
	}
	issuer, active := &issue.Issuer{Certificate: made.Certificate, Key: made.Key}, make([]string, number)
	var all sync.WaitGroup
	next := make(chan int)
	for range runtime.GOMAXPROCS(0) {
		all.Go(func() {
			for i := range next {
				leaf, err := issue.Issue(context.Background(), issue.Request{
					Profile: issue.DataplaneCertificate, Subject: pkix.Name{CommonName: fmt.Sprintf("edge-%d", i)}, Validity: 90 * 24 * time.Hour,
				}, issuer, clock.Now())
				if err != nil {
					tb.Error(err)
					return
				}
				active[i] = pkiPEM(leaf)
			}
		})
	}
	for i := range number {
		next <- i
	}
	close(next)
	all.Wait()
	return clock, written{"issuer": written{"certificate_pem": pkiPEM(made), "private_key_pem": key}, "active_certificates_pem": active}
}

// A listSite is what Terraform holds of a list, and the calls that it makes.
type listSite struct {
	*managed
	config       tftypes.Value
	encoded      *tfprotov6.DynamicValue
	planned      proposal
	encodedPlan  *tfprotov6.DynamicValue
	encodedState *tfprotov6.DynamicValue
}

func newListSite(tb testing.TB, number int) *listSite {
	tb.Helper()
	clock, config := siteOf(tb, number)
	s := &listSite{managed: newManaged(tb, kindList, clock)}
	s.config = valueOf(s.kind, config)
	s.encoded = dynamic(tb, s.kind, s.config)
	s.encodedState = dynamic(tb, s.kind, s.state)
	made, diagnostics := s.plan(tb, s.config)
	wantSound(tb, diagnostics)
	s.planned, s.encodedPlan = made, dynamic(tb, s.kind, made.planned)
	return s
}

func (s *listSite) validateOnly(tb testing.TB) {
	answer, err := s.server.ValidateResourceConfig(tb.Context(), &tfprotov6.ValidateResourceConfigRequest{
		TypeName: s.name, Config: s.encoded, ClientCapabilities: &tfprotov6.ValidateResourceConfigClientCapabilities{WriteOnlyAttributesAllowed: true},
	})
	if err != nil || len(answer.Diagnostics) > 0 {
		tb.Fatal(err, answer)
	}
}

// planOnly plans from what is in state.
func (s *listSite) planOnly(tb testing.TB, proposed *tfprotov6.DynamicValue) {
	answer, err := s.server.PlanResourceChange(tb.Context(), &tfprotov6.PlanResourceChangeRequest{
		TypeName: s.name, Config: s.encoded, PriorState: s.encodedState, ProposedNewState: proposed, PriorPrivate: s.private,
	})
	if err != nil || len(answer.Diagnostics) > 0 {
		tb.Fatal(err, answer)
	}
}

func (s *listSite) applyOnly(tb testing.TB) {
	answer, err := s.server.ApplyResourceChange(tb.Context(), &tfprotov6.ApplyResourceChangeRequest{
		TypeName: s.name, Config: s.encoded, PriorState: s.encodedState, PlannedState: s.encodedPlan, PlannedPrivate: s.planned.private,
	})
	if err != nil || len(answer.Diagnostics) > 0 {
		tb.Fatal(err, answer)
	}
}

// stay puts the list into state, and returns what Terraform proposes for the next plan.
func (s *listSite) stay(tb testing.TB) *tfprotov6.DynamicValue {
	tb.Helper()
	wantSound(tb, s.carryOut(tb, s.planned))
	s.encodedState = dynamic(tb, s.kind, s.state)
	return dynamic(tb, s.kind, s.proposed(tb, s.config))
}

// BenchmarkListOfActive is a list with so many certificates in use, which are read in
// each call, and [BenchmarkIdleListOfActive] what terraform-plugin-framework takes for
// as many bytes.
//
//	go test ./internal/provider -run '^$' -bench ListOfActive -benchmem
func BenchmarkListOfActive(b *testing.B) {
	for _, number := range []int{1_000, 10_000} {
		unlistened(b)
		newListSite(b, number).bench(b, number)
	}
}

// BenchmarkIdleListOfActive is [BenchmarkIdle] for the list.
func BenchmarkIdleListOfActive(b *testing.B) {
	for _, number := range []int{1_000, 10_000} {
		unlistened(b)
		idleListSite(b, number).bench(b, number)
	}
}

func (s *listSite) bench(b *testing.B, number int) {
	b.Helper()
	proposed := dynamic(b, s.kind, s.proposed(b, s.config))
	measure := func(name string, call func()) {
		b.Run(fmt.Sprintf("active=%d/%s", number, name), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				call()
			}
		})
	}
	measure("validate", func() { s.validateOnly(b) })
	measure("plan new", func() { s.planOnly(b, proposed) })
	measure("apply", func() { s.applyOnly(b) })
	same := s.stay(b)
	measure("plan same", func() { s.planOnly(b, same) })
}

// idleListSite is a site whose list decides nothing.
func idleListSite(tb testing.TB, number int) *listSite {
	tb.Helper()
	s := newListSite(tb, number)
	made := *s
	made.managed = s.copied()
	made.stay(tb)
	f := &fleet{clock: s.clock}
	idle := newIdleProtocol(tb, kindList, f.schemaOf(tb, kindList), made.state)
	s.server = idle.server
	plan, diagnostics := s.plan(tb, s.config)
	wantSound(tb, diagnostics)
	s.planned, s.encodedPlan = plan, dynamic(tb, s.kind, plan.planned)
	return s
}

// allocations are how many each call makes.
func (s *listSite) allocations(t *testing.T) map[string]float64 {
	t.Helper()
	proposed := dynamic(t, s.kind, s.proposed(t, s.config))
	counted := map[string]float64{
		"validate": testing.AllocsPerRun(1, func() { s.validateOnly(t) }),
		"plan new": testing.AllocsPerRun(1, func() { s.planOnly(t, proposed) }),
		"apply":    testing.AllocsPerRun(1, func() { s.applyOnly(t) }),
	}
	same := s.stay(t)
	counted["plan same"] = testing.AllocsPerRun(1, func() { s.planOnly(t, same) })
	return counted
}

// What each call takes grows as the number of certificates in use does, and is not
// much more than what the framework takes for as many bytes: a certificate is parsed
// once in each call.
func TestListOfActiveGrowsLinearly(t *testing.T) {
	if testing.Short() {
		t.Skip("issues some thousand certificates: not in -short")
	}
	const few, many, beyondIdle = 250, 1_000, 2.75
	small, large, idle := newListSite(t, few).allocations(t), newListSite(t, many).allocations(t), idleListSite(t, many).allocations(t)
	for call, count := range large {
		t.Logf("%s: %.0f allocations for %d certificates, %.0f for %d; the framework %.0f", call, small[call], few, count, many, idle[call])
		if growth := count / small[call]; growth > 1.2*many/few {
			t.Errorf("%s: %.1f times the allocations for %d times the certificates", call, growth, many/few)
		}
		if count > beyondIdle*idle[call] {
			t.Errorf("%s: %.2f times the allocations of the framework, want at most %.2f", call, count/idle[call], beyondIdle)
		}
	}
}
