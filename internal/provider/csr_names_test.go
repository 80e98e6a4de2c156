package provider

import (
	"crypto/x509/pkix"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	tfstate "github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/pkitest"
)

// TestRequestsOfOtherTools: of the names that Windows, keytool and appliances ask
// for, none is lost without a word.
func TestRequestsOfOtherTools(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	newRequest(t, folder, "twice", "-subj /CN=edge -addext subjectAltName=DNS:edge.example,DNS:EDGE.example,IP:192.0.2.1,IP:192.0.2.1")
	newRequest(t, folder, "period", "-subj /CN=edge -addext subjectAltName=DNS:edge.example.")
	newRequest(t, folder, "upn", "-subj /CN=edge -addext subjectAltName=DNS:edge.example,otherName:1.3.6.1.4.1.311.20.2.3;UTF8:edge@acme.example")
	graph := pkitest.Build(t, "edge")
	asked := pkitest.Asked{Microsoft: true, Values: [][]pkix.Extension{{pkitest.AlternativeNames(t, pkitest.DNSName("edge.example"))}}}
	microsoft := pki.EncodeCSR(pkitest.CSR(t, graph.Key("edge"), pkix.Name{CommonName: "edge"}, asked))
	if err := os.WriteFile(filepath.Join(folder, "microsoft.csr"), []byte(microsoft), 0o600); err != nil {
		t.Fatal(err)
	}
	const given = "  subject   = { common_name = \"given\" }\n  dns_names = [\"given.example\"]\n"
	rows := map[string]struct {
		set   string
		names []string
	}{
		"microsoft": {"", []string{"edge.example"}},
		"twice":     {"", []string{"edge.example"}},
		"period":    {given, []string{"given.example"}},
		"upn":       {given, []string{"given.example"}},
	}
	config := localFolder(folder) + issuingCA
	for name, row := range rows {
		config += answered(name, name+".csr", row.set)
	}
	terraform(t, newStepClock().Now,
		resource.TestStep{Config: config, Check: func(state *tfstate.State) error {
			for name, row := range rows {
				certificate, err := pki.ParseCertificate(stored(t, state, "mtls_dataplane_certificate."+name, "certificate_pem"))
				if err != nil {
					return err
				}
				if diff := cmp.Diff(row.names, certificate.DNSNames); diff != "" {
					t.Errorf("%s: DNS names (-want +got):\n%s", name, diff)
				}
			}
			return nil
		}},
		resource.TestStep{Config: config, ConfigPlanChecks: noChange()},
		resource.TestStep{
			Config: localFolder(folder) + issuingCA + answered("upn", "upn.csr", ""), PlanOnly: true,
			ExpectError: toldOn("csr_pem", `Request not permitted.*a user principal name.*Set dns_names`),
		},
		resource.TestStep{
			Config: localFolder(folder) + issuingCA + answered("period", "period.csr", ""), PlanOnly: true,
			ExpectError: toldOn("csr_pem", `Invalid name.*ends in a period.*set dns_names here to override it`),
		},
	)
}
