package provider

import (
	"crypto/x509"
	"fmt"
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/trustplane/terraform-provider-mtls/internal/pkitest"
)

// A data plane asks; a self-hosted control plane is asked.
func TestDataplaneCertificateIsForWhatItIsConfiguredFor(t *testing.T) {
	t.Parallel()
	purposes := func(address string, want ...x509.ExtKeyUsage) statecheck.StateCheck {
		return looksLike("mtls_dataplane_certificate."+address, func(c *x509.Certificate) error {
			if !slices.Equal(c.ExtKeyUsage, want) || c.IsCA {
				return fmt.Errorf("purposes %v, CA %t", c.ExtKeyUsage, c.IsCA)
			}
			return nil
		})
	}
	leaf := func(name, purposes string) string {
		return fmt.Sprintf("resource \"mtls_dataplane_certificate\" %q {\n  dns_names = [\"%s.example\"]\n  issuer = mtls_control_plane_ca.root\n  %s\n}\n", name, name, purposes)
	}
	terraform(t, newStepClock().Now, resource.TestStep{
		Config: "resource \"mtls_control_plane_ca\" \"root\" {\n  subject = { common_name = \"Root\" }\n}\n" +
			leaf("default", "") +
			leaf("server", `extended_key_usages = ["server_auth"]`) +
			leaf("both", `extended_key_usages = ["client_auth", "server_auth"]`),
		ConfigStateChecks: []statecheck.StateCheck{
			purposes("default", x509.ExtKeyUsageClientAuth),
			purposes("server", x509.ExtKeyUsageServerAuth),
			purposes("both", x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth),
		},
	})
}

// One block of configuration makes the certificates of many data planes.
func TestDataplaneCertificatesInNumbers(t *testing.T) {
	t.Parallel()
	edge := func(i int) string { return fmt.Sprintf("mtls_dataplane_certificate.edge[%d]", i) }
	terraform(t, newStepClock().Now, resource.TestStep{
		Config: `
resource "mtls_control_plane_ca" "root" {
  subject = { common_name = "Root" }
}
resource "mtls_dataplane_certificate" "edge" {
  count     = 3
  subject   = { common_name = "edge-${count.index}" }
  dns_names = ["edge-${count.index}.dp.example.com"]
  issuer    = mtls_control_plane_ca.root
}`,
		ConfigStateChecks: []statecheck.StateCheck{
			describesItself(edge(0), 1, "mtls_control_plane_ca.root"),
			describesItself(edge(1), 1, "mtls_control_plane_ca.root"),
			describesItself(edge(2), 1, "mtls_control_plane_ca.root"),
		},
	})
}

// The chain is what the issuer says; when only that changes, the certificate
// stays.
func TestChainFollowsTheIssuersWithoutANewCertificate(t *testing.T) {
	t.Parallel()
	const leaf = "mtls_dataplane_certificate.edge"
	graph := pkitest.Build(t, "edge <- issuing <- middle <- root")
	files := writeFiles(t, drawn(t, graph), map[string]string{"chain.pem": graph.PEM("issuing middle root")})
	config := func(chain string) string {
		return files + `
resource "mtls_dataplane_certificate" "edge" {
  subject = { common_name = "node" }
  issuer = {
    certificate_pem = file("${local.pki}/issuing.pem")
    chain_pem       = ` + chain + `
    private_key_pem = file("${local.pki}/issuing.key")
  }
}`
	}
	check, first := readsCertificate(leaf)
	presents := func(above string) statecheck.StateCheck {
		return statecheck.ExpectKnownValue(leaf, tfjsonpath.New("chain_pem"), knownvalue.StringFunc(func(got string) error {
			if got != first()+graph.PEM(above) {
				return fmt.Errorf("it does not present itself and %s:\n%s", above, got)
			}
			return nil
		}))
	}
	terraform(t, clockAt(pkitest.Now()).Now,
		resource.TestStep{Config: config("null"), ConfigStateChecks: []statecheck.StateCheck{check, presents("issuing")}},
		resource.TestStep{
			Config: config(`file("${local.pki}/chain.pem")`),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(leaf, plancheck.ResourceActionUpdate),
				plancheck.ExpectKnownValue(leaf, tfjsonpath.New("generation"), knownvalue.Int64Exact(1)),
			}},
			ConfigStateChecks: []statecheck.StateCheck{presents("issuing middle")},
		},
	)
}
