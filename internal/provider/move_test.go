package provider

import (
	"crypto/x509/pkix"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	testresource "github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/trustplane/terraform-provider-mtls/internal/issue"
	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/standin"
)

func TestMovedFromHashicorpTLSKeepsTheLiveCertificate(t *testing.T) {
	t.Parallel()
	clock := newStepClock()
	root := &issue.Issuer{}
	rootCert, rootKey, made := onDisk(t, issue.Request{Profile: issue.ControlPlaneCA, Subject: pkix.Name{CommonName: "Root"}, KeyAlgorithm: pki.RSA2048}, nil, clock.Now())
	root.Certificate, root.Key = made.Certificate, made.Key
	pinCert, pinKey, pin := onDisk(t, issue.Request{Profile: issue.PinnedCertificate, Subject: pkix.Name{CommonName: "pin"}}, nil, clock.Now())
	leafCert, leafKey, leaf := onDisk(t, issue.Request{Profile: issue.DataplaneCertificate, Subject: pkix.Name{CommonName: "edge"}}, root, clock.Now())

	for _, move := range []struct {
		name, from, certificate, key, to, arguments string
		live                                        *issue.Issued
	}{
		{"root CA", "tls_self_signed_cert", rootCert, rootKey, "mtls_control_plane_ca", `subject = { common_name = "Root" }`, made},
		{"pin", "tls_self_signed_cert", pinCert, pinKey, "mtls_pinned_certificate", `subject = { common_name = "pin" }`, pin},
		{"leaf, provided from then on", "tls_locally_signed_cert", leafCert, "", "mtls_dataplane_certificate", `certificate_pem = file("` + leafCert + `")`, leaf},
		{"leaf, key write-only", "tls_locally_signed_cert", leafCert, "", "mtls_dataplane_certificate", `
  subject            = { common_name = "edge" }
  private_key_pem_wo = file("` + leafKey + `")
  issuer             = { certificate_pem = file("` + rootCert + `"), private_key_pem = file("` + rootKey + `") }`, leaf},
	} {
		t.Run(move.name, func(t *testing.T) {
			t.Parallel()
			before := "resource \"" + move.from + "\" \"old\" {\n  cert_pem = file(\"" + move.certificate + "\")\n"
			if move.key != "" {
				before += "  private_key_pem = file(\"" + move.key + "\")\n"
			}
			after := "resource \"" + move.to + "\" \"new\" {\n" + move.arguments + "\n}\nmoved {\n  from = " + move.from + ".old\n  to   = " + move.to + ".new\n}\n"
			terraformWithTLS(t, clock.Now,
				testresource.TestStep{Config: before + "}\n"},
				testresource.TestStep{
					Config: after,
					ConfigPlanChecks: testresource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
						plancheck.ExpectKnownValue(move.to+".new", tfjsonpath.New("certificate_pem"), knownvalue.StringExact(pki.EncodeCertificates(move.live.Certificate))),
					}},
					ConfigStateChecks: []statecheck.StateCheck{
						statecheck.ExpectKnownValue(move.to+".new", tfjsonpath.New("generation"), knownvalue.Int64Exact(1)),
						statecheck.ExpectKnownValue(move.to+".new", tfjsonpath.New("fingerprint_sha256"), knownvalue.StringExact(pki.FingerprintSHA256(move.live.Certificate))),
					},
				},
			)
		})
	}
}

func terraformWithTLS(t *testing.T, clock func() time.Time, steps ...testresource.TestStep) {
	t.Helper()
	tls, err := standin.New("tls", t.TempDir(), nil)
	if err != nil {
		t.Fatal(err)
	}
	testresource.UnitTest(t, testresource.TestCase{
		ProtoV6ProviderFactories: map[string]func() (tfprotov6.ProviderServer, error){
			"mtls": factory(clock),
			"tls":  providerserver.NewProtocol6WithError(tls),
		},
		Steps: steps,
	})
}
