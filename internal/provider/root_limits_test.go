package provider

import (
	"crypto/rand"
	"crypto/x509"
	encoding "encoding/pem"
	"fmt"
	"maps"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/pkitest"
)

// limitedRoot is a root with limits and an intermediate below it.
const limitedRoot = `
resource "mtls_control_plane_ca" "root" {
  subject          = { common_name = "Root" }
  name_constraints = { permitted_dns_domains = ["acme.internal"] }
  max_path_length  = 1
}
resource "mtls_control_plane_ca" "issuing" {
  subject = { common_name = "Issuing" }
  issuer  = mtls_control_plane_ca.root
}
`

// A root's limits bind everything below an intermediate, although the chain that is
// presented leaves the root out: refused at plan, in every way that an issuer is
// given as a whole resource.
func TestRootLimitsBindBelowAnIntermediate(t *testing.T) {
	t.Parallel()
	const (
		forbidden, forbids = `(?s)Name constraint violated.*edge\.evil\.example.*CN=Root`, `(?s)Name constraint violated.*edge\.evil\.example.*acme\.internal`
		tooDeep, deep      = `(?s)Path length exceeded.*CN=Root`, `Path length exceeded`
	)
	for name, row := range map[string]struct{ below, want, all string }{
		"leaf": {`resource "mtls_dataplane_certificate" "edge" {
			subject   = { common_name = "edge" }
			dns_names = ["edge.evil.example"]
			issuer    = mtls_control_plane_ca.issuing
		}`, forbidden, forbids},
		"set": {`resource "mtls_dataplane_certificate_set" "site" {
			issuer       = mtls_control_plane_ca.issuing
			certificates = { edge = { common_name = "edge", dns_names = ["edge.evil.example"] } }
		}`, forbidden, forbids},
		"CA": {`resource "mtls_control_plane_ca" "second" {
			subject = { common_name = "Second" }
			issuer  = mtls_control_plane_ca.issuing
		}`, tooDeep, deep},
		"CSR": {`resource "mtls_dataplane_certificate" "edge" {
			csr_pem = CSR
			issuer  = mtls_control_plane_ca.issuing
		}`, forbidden, forbids},
		"ephemeral": {`ephemeral "mtls_dataplane_certificate" "edge" {
			dns_names = ["edge.evil.example"]
			issuer    = mtls_control_plane_ca.issuing
		}`, forbidden, ""},
		"an object with the attributes of the CA": {`resource "mtls_dataplane_certificate" "edge" {
			dns_names = ["edge.evil.example"]
			issuer    = {
				certificate_pem = mtls_control_plane_ca.issuing.certificate_pem
				chain_pem       = mtls_control_plane_ca.issuing.chain_pem
				root_pem        = mtls_control_plane_ca.issuing.root_pem
				private_key_pem = mtls_control_plane_ca.issuing.private_key_pem
				limits          = mtls_control_plane_ca.issuing.limits
			}
		}`, forbidden, forbids},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			below := strings.Replace(row.below, "CSR", "<<-EOT\n"+csrFor(t, "edge.evil.example")+"EOT", 1)
			// Everything at once: no certificate is known, the limits are.
			first := resource.TestStep{Config: limitedRoot + below, PlanOnly: true, ExpectNonEmptyPlan: true, ExpectError: regexp.MustCompile(row.all)}
			if row.all == "" { // Terraform opens it in the apply
				first = resource.TestStep{Config: limitedRoot}
			}
			terraform(t, clockAt(pkitest.Now()).Now,
				first,
				resource.TestStep{Config: limitedRoot},
				resource.TestStep{Config: limitedRoot + below, PlanOnly: true, ExpectNonEmptyPlan: true, ExpectError: regexp.MustCompile(row.want)},
			)
		})
	}
}

// What is presented stays as it was, and the root is in the state of the
// intermediate, nowhere else.
func TestRootIsCarriedAndNotPresented(t *testing.T) {
	t.Parallel()
	clock := newStepClock()
	terraform(t, clock.Now, resource.TestStep{
		Config: threeTiers(""),
		ConfigStateChecks: []statecheck.StateCheck{
			presentsPathTo(rootAddress, clock),
			statecheck.ExpectKnownValue(rootAddress, tfjsonpath.New("root_pem"), knownvalue.Null()),
			statecheck.CompareValuePairs(rootAddress, tfjsonpath.New("certificate_pem"), issuingAddress, tfjsonpath.New("root_pem"), sameText{}),
			stateCheck(func(state attributesByAddress) error {
				if _, is := state[leafAddress]["root_pem"]; is {
					t.Error("the leaf has the root, too")
				}
				return nil
			}),
		},
	}, resource.TestStep{
		Config: threeTiers(`rotation_triggers = { turn = "1" }`),
		ConfigStateChecks: []statecheck.StateCheck{
			statecheck.CompareValuePairs(rootAddress, tfjsonpath.New("certificate_pem"), issuingAddress, tfjsonpath.New("root_pem"), sameText{}),
		},
	})
}

// merged is a configuration of the arguments of several.
func merged(of ...written) written {
	all := written{}
	for _, one := range of {
		maps.Copy(all, one)
	}
	return all
}

// csrFor is a certificate request for a DNS name.
func csrFor(t *testing.T, name string) string {
	t.Helper()
	key, err := pki.GenerateKey(pki.ECDSAP256)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{DNSNames: []string{name}}, key)
	if err != nil {
		t.Fatal(err)
	}
	return string(encoding.EncodeToMemory(&encoding.Block{Type: "CERTIFICATE REQUEST", Bytes: der}))
}

type sameText struct{}

func (sameText) CompareValues(values ...any) error {
	for _, value := range values[1:] {
		if value != values[0] || value == nil {
			return fmt.Errorf("%v is not %v", value, values[0])
		}
	}
	return nil
}

// A CA that rotates to limits which what is below it breaks is refused in the same
// plan: its certificate is unknown there, its limits are not.
func TestRotationToLimitsThatAreBrokenBelowIsRefusedAtPlan(t *testing.T) {
	t.Parallel()
	const leaf = `
resource "mtls_dataplane_certificate" "edge" {
  subject   = { common_name = "edge" }
  dns_names = ["edge.old.example"]
  issuer    = mtls_control_plane_ca.root
}
`
	root := func(more string) string {
		return "resource \"mtls_control_plane_ca\" \"root\" {\n  subject = { common_name = \"Root\" }\n  overlap = \"0s\"\n" + more + "\n}\n"
	}
	const below = `
resource "mtls_control_plane_ca" "issuing" {
  subject = { common_name = "Issuing" }
  issuer  = mtls_control_plane_ca.root
}
`
	t.Run("names", func(t *testing.T) {
		t.Parallel()
		terraform(t, newStepClock().Now,
			resource.TestStep{Config: root("") + leaf},
			resource.TestStep{
				Config:   root(`name_constraints = { permitted_dns_domains = ["acme.internal"] }`) + leaf,
				PlanOnly: true, ExpectNonEmptyPlan: true,
				ExpectError: regexp.MustCompile(`(?s)Name constraint violated.*dns_names.*edge\.old\.example.*acme\.internal`),
			},
			resource.TestStep{Config: root("") + leaf, PlanOnly: true},
		)
	})
	t.Run("names two levels down", func(t *testing.T) {
		t.Parallel()
		deep := strings.Replace(leaf, "ca.root", "ca.issuing", 1)
		terraform(t, newStepClock().Now,
			resource.TestStep{Config: root("") + below + deep},
			resource.TestStep{
				Config:   root(`name_constraints = { permitted_dns_domains = ["acme.internal"] }`) + below + deep,
				PlanOnly: true, ExpectNonEmptyPlan: true,
				ExpectError: regexp.MustCompile(`(?s)Name constraint violated.*edge\.old\.example.*acme\.internal`),
			},
			resource.TestStep{Config: root("") + below + deep, PlanOnly: true},
		)
	})
	t.Run("path length", func(t *testing.T) {
		t.Parallel()
		terraform(t, newStepClock().Now,
			resource.TestStep{Config: root("") + below},
			resource.TestStep{
				Config: root(`max_path_length = 0`) + below, PlanOnly: true, ExpectNonEmptyPlan: true,
				ExpectError: regexp.MustCompile(`Path length exceeded`),
			},
		)
	})
	t.Run("wider", func(t *testing.T) {
		t.Parallel()
		terraform(t, newStepClock().Now,
			resource.TestStep{Config: root(`name_constraints = { permitted_dns_domains = ["old.example"] }`) + leaf},
			resource.TestStep{Config: root(`name_constraints = { permitted_dns_domains = ["old.example", "acme.internal"] }`) + leaf, ConfigPlanChecks: resource.ConfigPlanChecks{
				PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(leafAddress, plancheck.ResourceActionUpdate)},
			}},
		)
	})
}

// The plan of the CA itself says which names it no longer allows: what is below it
// may be another configuration's.
func TestNarrowerLimitsAreWarnedOf(t *testing.T) {
	t.Parallel()
	base := written{"subject": written{"common_name": "Root"}}
	for name, row := range map[string]struct {
		before, after written
		want          string
	}{
		"names for the first time": {written{}, written{"name_constraints": written{"permitted_dns_domains": []string{"acme.internal"}}}, "DNS names outside acme.internal"},
		"one domain less": {
			written{"name_constraints": written{"permitted_dns_domains": []string{"a.example", "b.example"}}},
			written{"name_constraints": written{"permitted_dns_domains": []string{"a.example"}}}, "DNS names within b.example, unless within a.example",
		},
		"one range more excluded": {
			written{"name_constraints": written{"excluded_ip_ranges": []string{"10.0.0.0/8"}}},
			written{"name_constraints": written{"excluded_ip_ranges": []string{"10.0.0.0/8", "10.1.0.0/16", "192.0.2.0/24"}}}, "IP addresses within 192.0.2.0/24 (excluded)",
		},
		"a shorter path": {written{"max_path_length": 2}, written{"max_path_length": 1}, "more than 1 CAs one below the other"},
		"wider": {
			written{"max_path_length": 1, "name_constraints": written{"permitted_dns_domains": []string{"eu.acme.internal"}}},
			written{"name_constraints": written{"permitted_dns_domains": []string{"acme.internal"}}}, "",
		},
		"another trigger": {
			written{"max_path_length": 1}, written{"max_path_length": 1, "rotation_triggers": written{"turn": "2"}}, "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newManaged(t, kindCA, newStepClock())
			m.must(t, merged(base, row.before))
			_, diagnostics := m.plan(t, valueOf(m.kind, merged(base, row.after)))
			wantSound(t, diagnostics)
			warned := strings.Join(warningsOf(diagnostics), "\n")
			if row.want == "" && warned != "" || !strings.Contains(warned, row.want) {
				t.Errorf("warned %q, want %q", warned, row.want)
			}
		})
	}
}

// An import or a provided certificate that its issuers forbid is refused as one
// that would be made here.
func TestLimitsBindWhatWasMadeElsewhere(t *testing.T) {
	t.Parallel()
	graph := pkitest.Build(t, "edge <- issuing <- root", pkitest.With("root", pkitest.Permitted(pkitest.Subtree{Kind: "dns", Base: "acme.internal"})), pkitest.With("edge", pkitest.DNS("edge.evil.example")))
	issuer := written{"certificate_pem": graph.PEM("issuing"), "root_pem": graph.PEM("root")}
	config := written{"certificate_pem": graph.PEM("edge"), "issuer": issuer}
	m := newManaged(t, kindLeaf, clockAt(pkitest.Now()))
	_, diagnostics := m.plan(t, valueOf(m.kind, config))
	if refused := strings.Join(errorsOf(diagnostics), "\n"); !strings.Contains(refused, "edge.evil.example") || !strings.Contains(refused, "certificate_pem") {
		t.Errorf("refused with %q, want the name on certificate_pem", refused)
	}
}

// What is no root, or not the root of this issuer, is refused on its attribute,
// with one error.
func TestRootOfAnIssuerIsChecked(t *testing.T) {
	t.Parallel()
	graph := pkitest.Build(t, `
		edge <- issuing <- middle <- root
		other <- stranger`)
	for name, row := range map[string]struct {
		root any
		want string
	}{
		"another root":  {graph.PEM("stranger"), "Not the issuer's root"},
		"intermediate":  {graph.PEM("middle"), "Root is not self-signed"},
		"two":           {graph.PEM("root", "stranger"), "xpected one certificate, found 2"},
		"no PEM":        {"root.pem", "file path"},
		"empty":         {"", ""},
		"the right one": {graph.PEM("root"), ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newManaged(t, kindLeaf, clockAt(pkitest.Now()))
			key, err := pki.EncodePrivateKey(graph.Key("issuing"))
			if err != nil {
				t.Fatal(err)
			}
			config := written{"subject": written{"common_name": "edge"}, "issuer": written{
				"certificate_pem": graph.PEM("issuing"), "chain_pem": graph.PEM("issuing", "middle"), "root_pem": row.root, "private_key_pem": key,
			}}
			_, diagnostics := m.plan(t, valueOf(m.kind, config))
			refused := errorsOf(diagnostics)
			if row.want == "" && len(refused) > 0 || row.want != "" && (len(refused) != 1 || !strings.Contains(refused[0], row.want)) {
				t.Errorf("reported %q, want %q", refused, row.want)
			}
		})
	}
}
