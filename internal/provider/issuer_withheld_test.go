package provider

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/trustplane/terraform-provider-mtls/internal/pkitest"
)

// TestIssuerIsWithheldFromThePlan: with issuer in ignore_changes, Terraform plans
// without it and applies with it. A CA would be made anew as a root, by an apply
// that cannot keep to its plan, again and again.
func TestIssuerIsWithheldFromThePlan(t *testing.T) {
	t.Parallel()
	config := func(ignored string) string {
		return `
resource "mtls_control_plane_ca" "root" {
  subject = { common_name = "root" }
}
resource "mtls_control_plane_ca" "issuing" {
  subject = { common_name = "issuing" }
  issuer  = mtls_control_plane_ca.root
  lifecycle {
    ignore_changes = [` + ignored + `]
  }
}
`
	}
	clock := newStepClock()
	terraform(t, clock.Now,
		resource.TestStep{Config: config("")},
		resource.TestStep{Config: config("issuer"), ExpectError: regexp.MustCompile(`(?s)Issuer differs from the plan.*ignore_changes`)},
		resource.TestStep{Config: config(""), PlanOnly: true}, // nothing was changed
	)
}

// TestIssuerThatIsNoLongerGiven is warned of before anything is lost by it, and an
// apply that is given another issuer than its plan was makes nothing.
func TestIssuerThatIsNoLongerGiven(t *testing.T) {
	t.Parallel()
	graph := pkitest.Build(t, "a <- root\nb <- other\nc <- third")
	issuer := func(name string) written {
		return written{"certificate_pem": graph.PEM(name), "private_key_pem": keyPEM(t, graph.Key(name))}
	}
	below := func(issuer any) written {
		return written{"subject": written{"common_name": "edge"}, "issuer": issuer}
	}
	const gone = "warning issuer: Issuer is no longer set"
	for kind, tells := range map[string][]string{
		"mtls_control_plane_ca":      {gone},
		"mtls_dataplane_certificate": {"error issuer: Issuer missing", gone},
	} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			protocol := newProtocol(t, pkitest.Now)
			state := protocol.create(t, kind, below(issuer("root")), "issuer")
			var told []string
			for _, one := range protocol.plan(t, kind, state, below(nil), "issuer").diagnostics {
				told = append(told, fmt.Sprintf("%s %s: %s", strings.ToLower(one.Severity.String()), attributeName(one), one.Summary))
			}
			slices.Sort(told)
			if diff := cmp.Diff(tells, told); diff != "" {
				t.Errorf("what the plan tells (-want +got):\n%s", diff)
			}
			swapped := protocol.plan(t, kind, state, below(issuer("other")), "issuer")
			wantSound(t, swapped.diagnostics)
			swapped.config = valueOf(protocol.kinds[kind], below(issuer("third")))
			after, diagnostics := protocol.apply(t.Context(), t, kind, swapped)
			if told := errorsOf(diagnostics); len(told) != 1 || !strings.Contains(told[0], "Issuer differs from the plan") {
				t.Errorf("the apply tells %q, want one error of another issuer", told)
			}
			if !after.Equal(state) {
				t.Error("the state has changed")
			}
		})
	}
}

// TestIssuerOfASetThatIsWithheld: the issuer of a set is required, so that only
// ignore_changes can keep it from a plan. What there is stays; what would have to be
// issued is an error.
func TestIssuerOfASetThatIsWithheld(t *testing.T) {
	t.Parallel()
	const kind = "mtls_dataplane_certificate_set"
	graph := pkitest.Build(t, "a <- root")
	config := func(issuer any, nodes written) written { return written{"certificates": nodes, "issuer": issuer} }
	one := written{"fra-1": written{"common_name": "fra-1"}}
	protocol := newProtocol(t, pkitest.Now)
	state := protocol.create(t, kind, config(written{"certificate_pem": graph.PEM("root"), "private_key_pem": keyPEM(t, graph.Key("root"))}, one), "issuer")
	for name, row := range map[string]struct {
		nodes written
		want  []string
	}{
		"nothing changes": {one, nil},
		"a node changes":  {written{"fra-1": written{"common_name": "other"}}, []string{"certificates: Change prevented by ignore_changes"}},
		"one node more":   {with(one, written{"fra-2": written{"common_name": "fra-2"}}), []string{"issuer: Issuer missing"}},
	} {
		plan := protocol.plan(t, kind, state, config(nil, row.nodes), "issuer")
		var told []string
		for _, one := range plan.diagnostics {
			told = append(told, attributeName(one)+": "+one.Summary)
		}
		if diff := cmp.Diff(row.want, told); diff != "" {
			t.Errorf("%s: what the plan reports (-want +got):\n%s", name, diff)
		}
		if row.want == nil && !plan.plan.Equal(state) {
			t.Errorf("%s: the plan is not empty", name)
		}
	}
}
