package provider

import (
	"context"
	"crypto/x509"
	"fmt"
	"regexp"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/pkitest"
)

const (
	rootAddress    = "mtls_control_plane_ca.root"
	issuingAddress = "mtls_control_plane_ca.issuing"
	leafAddress    = "mtls_dataplane_certificate.edge"
)

// threeTiers is a root, an intermediate and a leaf; more goes into the root.
func threeTiers(more string) string {
	return `
resource "mtls_control_plane_ca" "root" {
  subject = { common_name = "Root" }
  ` + more + `
}
resource "mtls_control_plane_ca" "issuing" {
  subject = { common_name = "Issuing" }
  issuer  = mtls_control_plane_ca.root
}
resource "mtls_dataplane_certificate" "edge" {
  subject = { common_name = "edge" }
  issuer  = mtls_control_plane_ca.issuing
}
`
}

func TestRotatedCAReissuesAllBelow(t *testing.T) {
	t.Parallel()
	clock := newStepClock()
	terraform(t, clock.Now,
		resource.TestStep{Config: threeTiers(""), ConfigStateChecks: []statecheck.StateCheck{presentsPathTo(rootAddress, clock)}},
		resource.TestStep{
			Config: threeTiers(`rotation_triggers = { turn = "1" }`),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(rootAddress, plancheck.ResourceActionUpdate),
				plancheck.ExpectResourceAction(issuingAddress, plancheck.ResourceActionUpdate),
				plancheck.ExpectResourceAction(leafAddress, plancheck.ResourceActionUpdate),
				trustedKeys{rootAddress, []string{"1", "2"}, "2"},
				trustedKeys{issuingAddress, []string{"1", "2"}, "2"},
				plancheck.ExpectUnknownValue(issuingAddress, tfjsonpath.New("issuer_fingerprint_sha256")),
				plancheck.ExpectUnknownValue(leafAddress, tfjsonpath.New("issuer_fingerprint_sha256")),
				plancheck.ExpectUnknownValue(leafAddress, tfjsonpath.New("chain_pem")),
			}},
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(rootAddress, tfjsonpath.New("generation"), knownvalue.Int64Exact(2)),
				statecheck.ExpectKnownValue(issuingAddress, tfjsonpath.New("generation"), knownvalue.Int64Exact(2)),
				statecheck.ExpectKnownValue(leafAddress, tfjsonpath.New("generation"), knownvalue.Int64Exact(2)),
				presentsPathTo(rootAddress, clock),
			},
		},
	)
}

// presentsPathTo expects what the leaf presents to lead to the newest
// certificate of the CA at address.
func presentsPathTo(address string, clock *stepClock) statecheck.StateCheck {
	return pathCheck{address, clock}
}

type pathCheck struct {
	anchor string
	clock  *stepClock
}

func (check pathCheck) CheckState(_ context.Context, request statecheck.CheckStateRequest, response *statecheck.CheckStateResponse) {
	roots, between := x509.NewCertPool(), x509.NewCertPool()
	var chain []*x509.Certificate
	for _, r := range request.State.Values.RootModule.Resources {
		switch r.Address {
		case check.anchor:
			text, _ := r.AttributeValues["certificate_pem"].(string)
			roots.AppendCertsFromPEM([]byte(text))
		case leafAddress:
			text, _ := r.AttributeValues["chain_pem"].(string)
			chain, response.Error = pki.ParseCertificates(text)
		}
	}
	if response.Error != nil || len(chain) == 0 {
		response.Error = fmt.Errorf("no chain of %s: %w", leafAddress, response.Error)
		return
	}
	for _, certificate := range chain[1:] {
		between.AddCert(certificate)
	}
	_, response.Error = chain[0].Verify(x509.VerifyOptions{
		Roots: roots, Intermediates: between, CurrentTime: check.clock.Now(), KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	})
}

// TestLeafRenewsAlone: what is above a leaf does not move with it.
func TestLeafRenewsAlone(t *testing.T) {
	t.Parallel()
	clock := newStepClock()
	leaf := life{address: leafAddress, clock: clock}
	renewed := leaf.rotates(threeTiers(""), 2)
	renewed.ConfigPlanChecks.PreApply = append(renewed.ConfigPlanChecks.PreApply,
		plancheck.ExpectResourceAction(rootAddress, plancheck.ResourceActionNoop),
		plancheck.ExpectResourceAction(issuingAddress, plancheck.ResourceActionNoop))
	terraform(t, clock.Now, resource.TestStep{Config: threeTiers("")}, leaf.at(336*day, renewed))
}

// TestRenewalWaitsForIssuer: a renewal that would live no longer is not made,
// and made as soon as the issuer is renewed.
func TestRenewalWaitsForIssuer(t *testing.T) {
	t.Parallel()
	clock := newStepClock()
	leaf := life{address: leafAddress, clock: clock}
	config := func(turn string) string {
		return `
resource "mtls_control_plane_ca" "root" {
  subject           = { common_name = "Root" }
  validity          = "2400h"
  renew_before      = "0s"
  rotation_triggers = { turn = "` + turn + `" }
}
resource "mtls_dataplane_certificate" "edge" {
  subject = { common_name = "edge" }
  issuer  = mtls_control_plane_ca.root
}
`
	}
	due := []statecheck.StateCheck{statecheck.ExpectKnownValue(leafAddress, tfjsonpath.New("renewal_due"), knownvalue.Bool(true))}
	terraform(t, clock.Now,
		resource.TestStep{Config: config("0"), ConfigStateChecks: leaf.holds(1, nil)},
		leaf.at(99*day, leaf.idle(config("0"), due...)),
		leaf.at(99*day, resource.TestStep{
			Config: config("1"),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(leafAddress, plancheck.ResourceActionUpdate),
			}},
			ConfigStateChecks: leaf.holds(2, nil),
		}),
	)
}

// TestClockBehind: a clock that went back ends nothing and renews nothing, and
// says so.
func TestClockBehind(t *testing.T) {
	t.Parallel()
	for name := range lives() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := lives()[name] // with a clock of its own
			config := func(more ...string) string { return l.issuer + l.config(more...) }
			behind := l.at(-day, resource.TestStep{Config: config(), ExpectError: regexp.MustCompile(
				`(?s)Clock is behind.*This machine's clock reads 2026-02-28T12:00:00Z.*Correct\s+the\s+clock\.\s+Nothing\s+was\s+changed`)})
			steps := []resource.TestStep{{Config: config()}, behind, l.at(0, l.idle(config(), l.holds(1, []string{"1"})...))}
			if name == "root" || name == "pinned certificate" {
				// Where the clock that issued it was the wrong one, there is a way out.
				steps = append(steps, l.at(-day, l.rotates(config(`rotation_triggers = { clock = "was ahead" }`), 2, "1", "2")))
			}
			terraform(t, l.clock.Now, steps...)
		})
	}
}

// TestProvidedCertificate: another one is a new generation, and one that is due
// is for its owner to renew.
func TestProvidedCertificate(t *testing.T) {
	t.Parallel()
	clock := newStepClock()
	pin := life{address: "mtls_pinned_certificate.it", clock: clock, upload: true}
	start := clock.Now()
	graph := pkitest.Build(t, "edge\nedge~2",
		pkitest.With("edge", pkitest.Valid(start, start.Add(100*day))),
		pkitest.With("edge~2", pkitest.Valid(start.Add(50*day), start.Add(200*day))))
	config := func(name string, more string) string {
		return fmt.Sprintf("resource \"mtls_pinned_certificate\" \"it\" {\n  certificate_pem = %q\n%s\n}\n", graph.PEM(name), more)
	}
	isDue := statecheck.ExpectKnownValue(pin.address, tfjsonpath.New("renewal_due"), knownvalue.Bool(true))
	replaced := resource.TestStep{
		Config: config("edge~2", ""),
		ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
			plancheck.ExpectResourceAction(pin.address, plancheck.ResourceActionUpdate),
			onlyUnknown{pin.address, nil}, // all of it is provided, so all is known
			trustedKeys{pin.address, []string{"1", "2"}, ""},
		}},
		ConfigStateChecks: pin.holds(2, []string{"1", "2"}),
	}
	terraform(t, clock.Now,
		resource.TestStep{Config: config("edge", ""), ConfigStateChecks: pin.holds(1, []string{"1"})},
		pin.at(69*day, pin.idle(config("edge", ""))),
		pin.at(70*day, pin.idle(config("edge", ""), isDue)),
		pin.at(80*day, replaced),
		pin.at(100*day-time.Second, pin.idle(config("edge~2", ""))),
		pin.at(100*day, pin.drops(config("edge~2", ""), 2, "2")),
		pin.at(101*day, resource.TestStep{Config: config("edge", ""), ExpectError: regexp.MustCompile(`(?i)expired`)}),
	)
}
