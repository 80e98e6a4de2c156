package provider

import (
	"crypto/x509/pkix"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/trustplane/terraform-provider-mtls/internal/issue"
	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/pkitest"
)

// TestSubordinateCAFromOpenSSL: a CA that OpenSSL keeps signs a request for a
// subordinate CA, for every kind of key; what comes back issues below it, and OpenSSL
// verifies the whole chain. Whatever OpenSSL does not copy is said at plan.
func TestSubordinateCAFromOpenSSL(t *testing.T) {
	t.Parallel()
	for _, algorithm := range pki.KeyAlgorithms() {
		t.Run(string(algorithm), func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			openssl(t, folder, "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout root.key -out root.pem -days 900 -subj /CN=Corporate -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign")
			config := fmt.Sprintf(`
resource "mtls_certificate_request" "it" {
  subject          = { common_name = "Issuing", organization = "Acme" }
  ca               = true
  max_path_length  = 0
  name_constraints = { permitted_dns_domains = ["example.com"] }
  key_algorithm    = %[2]q
  certificate_pem  = fileexists("%[1]s/answer.pem") ? file("%[1]s/answer.pem") : null
}
resource "mtls_control_plane_ca" "issuing" {
  count           = mtls_certificate_request.it.certificate_pem == null ? 0 : 1
  certificate_pem = mtls_certificate_request.it.certificate_pem
  private_key_pem = mtls_certificate_request.it.certificate_private_key_pem
}
resource "mtls_dataplane_certificate" "edge" {
  count     = length(mtls_control_plane_ca.issuing)
  subject   = { common_name = "edge" }
  dns_names = ["edge.example.com"]
  issuer    = mtls_control_plane_ca.issuing[0]
  validity  = "24h"
}
`, folder, algorithm)
			const leaf = "mtls_dataplane_certificate.edge[0]"
			asks := stateCheck(func(state attributesByAddress) error {
				return os.WriteFile(filepath.Join(folder, "csr.pem"), []byte(state[theRequest]["csr_pem"].(string)), 0o600)
			})
			verified := stateCheck(func(state attributesByAddress) error {
				if err := os.WriteFile(filepath.Join(folder, "chain.pem"), []byte(state[leaf]["chain_pem"].(string)), 0o600); err != nil {
					return err
				}
				openssl(t, folder, "verify -purpose sslclient -CAfile root.pem -untrusted chain.pem chain.pem")
				return nil
			})
			answer := func() {
				openssl(t, folder, "x509 -req -in csr.pem -CA root.pem -CAkey root.key -days 800 -copy_extensions copyall -out answer.pem")
			}
			terraform(t, time.Now,
				resource.TestStep{Config: config, ConfigStateChecks: []statecheck.StateCheck{asks}},
				resource.TestStep{PreConfig: answer, Config: config, ConfigStateChecks: []statecheck.StateCheck{
					verified, describesItself(leaf, 1, "mtls_control_plane_ca.issuing[0]"), holdsItsKey("mtls_control_plane_ca.issuing[0]"),
					statecheck.ExpectKnownValue("mtls_control_plane_ca.issuing[0]", tfjsonpath.New("generation"), knownvalue.Int64Exact(1)),
				}},
				resource.TestStep{Config: config, PlanOnly: true},
			)
		})
	}
}

// TestAnswersThatAllowMore: what a CA leaves out of the limits that were asked for is
// said, since whoever has the key could then issue more than was meant.
func TestAnswersThatAllowMore(t *testing.T) {
	t.Parallel()
	start := newStepClock().now
	asked := written{
		"subject": written{"common_name": "it"}, "ca": true, "max_path_length": 0, "name_constraints": written{"permitted_dns_domains": []string{"example.com"}},
	}
	valid := pkitest.Valid(start.Add(-day), start.Add(900*day))
	for name, row := range map[string]struct {
		limits []pkitest.Deviation
		want   []string
	}{
		"as asked":         {[]pkitest.Deviation{pkitest.PathLength(0), pkitest.Permitted(pkitest.Subtree{Kind: "dns", Base: "example.com"})}, nil},
		"narrower":         {[]pkitest.Deviation{pkitest.PathLength(0), pkitest.Permitted(pkitest.Subtree{Kind: "dns", Base: "dp.example.com"})}, nil},
		"no constraints":   {[]pkitest.Deviation{pkitest.PathLength(0)}, []string{"Certificate allows more than was asked for"}},
		"other domains":    {[]pkitest.Deviation{pkitest.PathLength(0), pkitest.Permitted(pkitest.Subtree{Kind: "dns", Base: "com"})}, []string{"Certificate allows more than was asked for"}},
		"any depth":        {[]pkitest.Deviation{pkitest.Permitted(pkitest.Subtree{Kind: "dns", Base: "example.com"})}, []string{"Certificate allows more than was asked for"}},
		"nothing was kept": {nil, []string{"Certificate allows more than was asked for"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			graph := pkitest.Build(t, "edge <- it <- root", pkitest.With("root", valid), pkitest.With("it", append(row.limits, valid)...))
			m := newManaged(t, "mtls_certificate_request", newStepClock())
			_, diagnostics := m.plan(t, valueOf(m.kind, written(with(asked, written{"private_key_pem_wo": keyPEM(t, graph.Key("it")), "certificate_pem": graph.PEM("it")}))))
			wantSound(t, diagnostics)
			said := warningsOf(diagnostics)
			if len(said) != len(row.want) || len(said) == 1 && !strings.Contains(said[0], row.want[0]) {
				t.Errorf("reported %q, want %q", said, row.want)
			}
		})
	}
}

// TestDamagedRequestInState: a key in state that is not that of the certificate or the
// CSR beside it is reported when it is read, and nothing is made on its word.
func TestDamagedRequestInState(t *testing.T) {
	t.Parallel()
	start := newStepClock().now
	asked := written{"subject": written{"common_name": "it"}}
	whole := newManaged(t, "mtls_certificate_request", newStepClock())
	whole.must(t, asked)
	key, err := pki.ParsePrivateKey(whole.text(t, "private_key_pem"))
	if err != nil {
		t.Fatal(err)
	}
	root, err := issue.Issue(t.Context(), issue.Request{Profile: issue.ControlPlaneCA, Subject: pkix.Name{CommonName: "root"}}, nil, start)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := issue.Issue(t.Context(), issue.Request{Profile: issue.DataplaneCertificate, Subject: pkix.Name{CommonName: "it"}, Key: key}, &issue.Issuer{Certificate: root.Certificate, Key: root.Key}, start)
	if err != nil {
		t.Fatal(err)
	}
	graph := pkitest.Build(t, "stranger")
	answered := with(asked, written{"certificate_pem": pkiPEM(answer)})
	whole.must(t, answered)
	stranger := keyPEM(t, graph.Key("stranger"))
	for name, row := range map[string]struct {
		damage written
		want   string
	}{
		"another's key":                    {written{"private_key_pem": stranger}, "Private key in state is damaged"},
		"half a key":                       {written{"private_key_pem": stranger[:99]}, "Private key in state is damaged"},
		"another's key of the certificate": {written{"certificate_private_key_pem": stranger}, "Private key in state is damaged"},
		"half a key of the certificate":    {written{"certificate_private_key_pem": stranger[:99]}, "Private key in state is damaged"},
		"a certificate of another":         {written{"certificate_pem": graph.PEM("stranger")}, "Private key in state is damaged"},
		"no certificate, and a key of one": {written{"certificate_pem": nil}, "Private key in state is damaged"},
		"half a CSR":                       {written{"csr_pem": whole.text(t, "csr_pem")[:99]}, "Request in state is damaged"},
		"a generation that nobody has":     {written{"generation": 0}, "Generation in state is damaged"},
	} {
		t.Run(name, func(t *testing.T) {
			m := whole.copied()
			m.set(t, row.damage)
			if refused := strings.Join(errorsOf(m.run(t, answered)), "\n"); !strings.Contains(refused, row.want) {
				t.Errorf("reported %q, want %q", refused, row.want)
			}
		})
	}
}
