package provider

import (
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/pkitest"
)

// TestEmptyMeansNone: modules give an empty list or map for none, also one that
// is unknown at plan. From none to empty and back, nothing is issued again.
func TestEmptyMeansNone(t *testing.T) {
	t.Parallel()
	files := writeFiles(t, drawn(t, pkitest.Build(t, "edge <- root")))
	const empty = `
resource "mtls_control_plane_ca" "root" {
  subject                 = { common_name = "root" }
  name_constraints        = { permitted_dns_domains = ["dp.example"], excluded_dns_domains = [] }
  crl_distribution_points = []
  ocsp_servers            = []
  rotation_triggers       = {}
}
resource "mtls_pinned_certificate" "pin" {
  subject           = { common_name = "pin" }
  dns_names         = []
  ip_addresses      = []
  uris              = []
  email_addresses   = []
  rotation_triggers = {}
}
resource "mtls_pinned_certificate" "provided" {
  certificate_pem   = file("${local.pki}/edge.pem")
  dns_names         = []
  rotation_triggers = {}
}
resource "mtls_dataplane_certificate" "leaf" {
  subject             = { common_name = "leaf" }
  issuer              = mtls_control_plane_ca.root
  dns_names           = []
  extended_key_usages = []

  crl_distribution_points = []
  ocsp_servers            = []
}
resource "mtls_dataplane_certificate" "below_a_root" {
  subject = { common_name = "leaf" }
  issuer = {
    certificate_pem = file("${local.pki}/root.pem")
    private_key_pem = file("${local.pki}/root.key")
    chain_pem       = ""
  }
}
resource "mtls_dataplane_certificate_set" "site" {
  issuer              = mtls_control_plane_ca.root
  certificates        = { a = { common_name = "a", dns_names = [], crl_distribution_points = [], ocsp_servers = [] } }
  extended_key_usages = []
  ocsp_servers        = []
  rotation_triggers   = {}
}
`
	null := strings.NewReplacer("[]", "null", "= {}", "= null").Replace(empty)
	unknown := strings.ReplaceAll(empty, "[]", "terraform_data.found.output")
	const found = `
resource "terraform_data" "found" {
  input            = []
  triggers_replace = "TURN"
}
`
	var still []statecheck.StateCheck
	for _, address := range []string{"mtls_control_plane_ca.root", "mtls_pinned_certificate.pin", "mtls_pinned_certificate.provided", "mtls_dataplane_certificate.leaf", "mtls_dataplane_certificate.below_a_root"} {
		still = append(still, statecheck.ExpectKnownValue(address, tfjsonpath.New("generation"), knownvalue.Int64Exact(1)))
	}
	terraform(t, clockAt(pkitest.Now()).Now,
		resource.TestStep{Config: files + found + unknown},
		resource.TestStep{Config: files + found + empty, ConfigStateChecks: still},
		resource.TestStep{Config: files + found + null, ConfigStateChecks: still},
		resource.TestStep{Config: files + strings.ReplaceAll(found, "TURN", "2") + unknown, ConfigStateChecks: still},
		resource.TestStep{Config: files + strings.ReplaceAll(found, "TURN", "2") + unknown, PlanOnly: true},
	)
}

// TestEmptyWithARequestMeansNoneOfThatKind: there, no list at all means the
// request's own names.
func TestEmptyWithARequestMeansNoneOfThatKind(t *testing.T) {
	t.Parallel()
	graph := pkitest.Build(t, "edge <- root")
	p := newProtocol(t, pkitest.Now)
	der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{
		Subject: pkix.Name{CommonName: "edge"}, DNSNames: []string{"edge.example"},
	}, graph.Key("edge"))
	if err != nil {
		t.Fatal(err)
	}
	request, err := x509.ParseCertificateRequest(der)
	if err != nil {
		t.Fatal(err)
	}
	csr := pki.EncodeCSR(request)
	config := func(names any) written {
		return written{
			"csr_pem": csr, "dns_names": names,
			"issuer": written{"certificate_pem": graph.PEM("root"), "private_key_pem": keyPEM(t, graph.Key("root"))},
		}
	}
	for name, row := range map[string]struct {
		names any
		want  int
	}{"no list": {nil, 1}, "an empty list": {[]string{}, 0}} {
		state := p.create(t, kindLeaf, config(row.names), "issuer")
		certificate, err := pki.ParseCertificate(text(t, state, "certificate_pem"))
		if err != nil || len(certificate.DNSNames) != row.want {
			t.Errorf("%s: names %v (%v), want %d", name, certificate.DNSNames, err, row.want)
		}
	}
}
