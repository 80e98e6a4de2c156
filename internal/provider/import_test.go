package provider

import (
	"crypto/x509/pkix"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/trustplane/terraform-provider-mtls/internal/issue"
	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/pkitest"
)

// onDisk issues a certificate and writes it and its key where an import finds
// them.
func onDisk(t *testing.T, request issue.Request, issuer *issue.Issuer, now time.Time) (certificateFile, keyFile string, made *issue.Issued) {
	t.Helper()
	made, err := issue.Issue(t.Context(), request, issuer, now)
	if err != nil {
		t.Fatal(err)
	}
	key, err := pki.EncodePrivateKey(made.Key)
	if err != nil {
		t.Fatal(err)
	}
	folder := filepath.ToSlash(t.TempDir()) // for HCL, where a backslash would begin an escape
	certificateFile, keyFile = folder+"/cert.pem", folder+"/key.pem"
	for name, text := range map[string]string{certificateFile: pki.EncodeCertificates(made.Chain...), keyFile: key} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return certificateFile, keyFile, made
}

func TestImportedCertificateIsKeptAsItIs(t *testing.T) {
	t.Parallel()
	clock := newStepClock()
	pin := issue.Request{Profile: issue.PinnedCertificate, Subject: pkix.Name{CommonName: "edge"}, DNSNames: []string{"edge.example.com"}}
	certificate, key, made := onDisk(t, pin, nil, clock.Now())
	unchanged := resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}}

	t.Run("provided", func(t *testing.T) {
		t.Parallel()
		config := "resource \"mtls_pinned_certificate\" \"edge\" {\n  certificate_pem = file(\"" + certificate + "\")\n}\n"
		terraform(t, clock.Now,
			resource.TestStep{Config: config, ResourceName: "mtls_pinned_certificate.edge", ImportState: true, ImportStateId: certificate + "," + key, ImportStatePersist: true},
			resource.TestStep{Config: config, ConfigPlanChecks: unchanged},
		)
	})
	t.Run("managed from then on", func(t *testing.T) {
		t.Parallel()
		config := `resource "mtls_pinned_certificate" "edge" {
  subject   = { common_name = "edge" }
  dns_names = ["edge.example.com"]
}`
		terraform(t, clock.Now,
			resource.TestStep{Config: config, ResourceName: "mtls_pinned_certificate.edge", ImportState: true, ImportStateId: certificate + "," + key, ImportStatePersist: true},
			resource.TestStep{
				Config: config,
				Check:  resource.TestCheckResourceAttr("mtls_pinned_certificate.edge", "fingerprint_sha256", pki.FingerprintSHA256(made.Certificate)),
			},
		)
	})
}

// An ID that is a pasted key is not repeated.
func TestImportOfPastedKeyIsRefusedWithoutIt(t *testing.T) {
	t.Parallel()
	key := keyPEM(t, pkitest.Build(t, "edge").Key("edge"))
	for _, id := range []string{key, "cert.pem," + key} {
		response, err := newProtocol(t, pkitest.Now).server.ImportResourceState(t.Context(),
			&tfprotov6.ImportResourceStateRequest{TypeName: "mtls_pinned_certificate", ID: id})
		if err != nil {
			t.Fatal(err)
		}
		if len(response.Diagnostics) != 1 || response.Diagnostics[0].Summary != "Import ID is not a path" {
			t.Fatalf("told %v", response.Diagnostics)
		}
		if detail := response.Diagnostics[0].Detail; strings.Contains(detail, "BEGIN") || strings.Contains(detail, "cert.pem,-") {
			t.Errorf("told %s", detail)
		}
	}
}

// An empty ID is not called a file that cannot be used.
func TestImportOfNothingSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	for _, id := range []string{"", "  "} {
		for _, kind := range []string{"mtls_pinned_certificate", "mtls_revocation_list"} {
			response, err := newProtocol(t, pkitest.Now).server.ImportResourceState(t.Context(), &tfprotov6.ImportResourceStateRequest{TypeName: kind, ID: id})
			if err != nil {
				t.Fatal(err)
			}
			if len(response.Diagnostics) != 1 || response.Diagnostics[0].Summary != "Import ID is empty" {
				t.Errorf("%s: reported %v", kind, response.Diagnostics)
			}
		}
	}
}

// A file that is not there, and resources that have nothing to import: what to do.
func TestImportSaysWhatToDo(t *testing.T) {
	t.Parallel()
	for kind, want := range map[string]string{
		"mtls_pinned_certificate":        "a relative path starts in " + workingFolder(t) + ", where Terraform runs",
		"mtls_revocation_list":           "a relative path starts in " + workingFolder(t) + ", where Terraform runs",
		"mtls_dataplane_certificate_set": "Import a certificate that exists as mtls_dataplane_certificate",
		"mtls_certificate_request":       "Set private_key_pem_wo to the key of the request",
	} {
		response, err := newProtocol(t, pkitest.Now).server.ImportResourceState(t.Context(), &tfprotov6.ImportResourceStateRequest{TypeName: kind, ID: "nothing.pem"})
		if err != nil {
			t.Fatal(err)
		}
		if len(response.Diagnostics) != 1 || !strings.Contains(response.Diagnostics[0].Detail, want) {
			t.Errorf("%s: reported %v, want %q", kind, response.Diagnostics, want)
		}
	}
}

func workingFolder(t *testing.T) string {
	t.Helper()
	folder, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	return folder
}

func TestKeyGoesFromStateWithTheConfigurationThatGaveIt(t *testing.T) {
	t.Parallel()
	clock := newStepClock()
	pin := issue.Request{Profile: issue.PinnedCertificate, Subject: pkix.Name{CommonName: "edge"}}
	certificate, key, _ := onDisk(t, pin, nil, clock.Now())
	config := func(keyLine string) string {
		return "resource \"mtls_pinned_certificate\" \"edge\" {\n  certificate_pem = file(\"" + certificate + "\")\n" + keyLine + "}\n"
	}
	at := tfjsonpath.New("private_key_pem")
	terraform(t, clock.Now,
		resource.TestStep{
			Config:            config("  private_key_pem = file(\"" + key + "\")\n"),
			ConfigStateChecks: []statecheck.StateCheck{statecheck.ExpectKnownValue("mtls_pinned_certificate.edge", at, knownvalue.NotNull())},
		},
		resource.TestStep{
			Config:            config(""),
			ConfigStateChecks: []statecheck.StateCheck{statecheck.ExpectKnownValue("mtls_pinned_certificate.edge", at, knownvalue.Null())},
		},
	)
}
