package provider

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/echoprovider"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	tfstate "github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

// terraformEchoing is terraform beside the echo provider, which writes into the
// state what it is configured with: so an ephemeral value shows.
func terraformEchoing(t *testing.T, clock func() time.Time, steps ...resource.TestStep) {
	t.Helper()
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: map[string]func() (tfprotov6.ProviderServer, error){
			"mtls": factory(clock),
			"echo": echoprovider.NewProviderServer(),
		},
		Steps: steps,
	})
}

// echoed is an ephemeral resource whose values echo.NAME holds.
func echoed(kind, body string, names ...string) string {
	config := fmt.Sprintf("ephemeral %q \"it\" {\n%s\n}\nprovider \"echo\" {\n  data = ephemeral.%s.it\n}\n", kind, body, kind)
	for _, name := range names {
		config += fmt.Sprintf("resource \"echo\" %q {}\n", name)
	}
	return config
}

// TestEphemeralPrivateKey is of the algorithm that is asked for, and its public
// parts are its own.
func TestEphemeralPrivateKey(t *testing.T) {
	t.Parallel()
	var config, data strings.Builder
	named := func(algorithm pki.KeyAlgorithm) string { return strings.ReplaceAll(string(algorithm), "-", "_") }
	for _, algorithm := range pki.KeyAlgorithms() {
		body := fmt.Sprintf("  key_algorithm = %q\n", algorithm)
		if algorithm == pki.ECDSAP256 {
			body = "" // the default
		}
		fmt.Fprintf(&config, "ephemeral \"mtls_private_key\" %q {\n%s}\n", named(algorithm), body)
		fmt.Fprintf(&data, "    %s = ephemeral.mtls_private_key.%[1]s\n", named(algorithm))
	}
	fmt.Fprintf(&config, "provider \"echo\" {\n  data = {\n%s  }\n}\nresource \"echo\" \"it\" {}\n", &data)
	terraformEchoing(t, newStepClock().Now, resource.TestStep{Config: config.String(), Check: func(state *tfstate.State) error {
		for _, algorithm := range pki.KeyAlgorithms() {
			value := func(name string) string { return stored(t, state, "echo.it", "data."+named(algorithm)+"."+name) }
			key, err := pki.ParsePrivateKey(value("private_key_pem"))
			if err != nil {
				return fmt.Errorf("%s: %w", algorithm, err)
			}
			if got := pki.AlgorithmOf(key.Public()); got != algorithm {
				t.Errorf("a key of %s, want %s", got, algorithm)
			}
			public, err := pki.EncodePublicKey(key.Public())
			if err != nil {
				return err
			}
			if value("public_key_pem") != public || value("spki_sha256") != pki.SPKISHA256Of(key.Public()) {
				t.Errorf("%s: the public key, or its digest, is not that of the private key", algorithm)
			}
		}
		return nil
	}})
}

// TestEphemeralCertificate is below its issuer, short-lived, and comes with its
// key; openssl finds the way from it to the root.
func TestEphemeralCertificate(t *testing.T) {
	t.Parallel()
	clock := newStepClock()
	config := issuingCA + echoed("mtls_dataplane_certificate", `
  subject         = { common_name = "edge" }
  dns_names       = ["edge.example"]
  ip_addresses    = ["192.0.2.1"]
  uris            = ["spiffe://acme.example/edge"]
  email_addresses = ["ops@acme.example"]
  key_algorithm   = "ECDSA-P384"
  issuer          = mtls_control_plane_ca.issuing

  crl_distribution_points = ["http://crl.acme.example"]
  ocsp_servers            = ["http://ocsp.acme.example"]`, "first")
	var serial string
	terraformEchoing(t, clock.Now,
		resource.TestStep{Config: config, Check: func(state *tfstate.State) error {
			folder := t.TempDir()
			for file, text := range map[string]string{
				"root.pem": stored(t, state, "mtls_control_plane_ca.root", "certificate_pem"),
				"chain":    stored(t, state, "echo.first", "data.chain_pem"),
				"leaf":     stored(t, state, "echo.first", "data.certificate_pem"),
				"key":      stored(t, state, "echo.first", "data.private_key_pem"),
			} {
				if err := os.WriteFile(filepath.Join(folder, file), []byte(text), 0o600); err != nil {
					return err
				}
			}
			openssl(t, folder, "verify -x509_strict -purpose sslclient -attime "+strconv.FormatInt(clock.Now().Unix(), 10)+" -CAfile root.pem -untrusted chain leaf")
			if printed(t, folder, "pkey -pubout -in key") != printed(t, folder, "x509 -pubkey -noout -in leaf") {
				t.Error("the key is not the certificate's")
			}
			leaf, err := pki.ParseCertificate(stored(t, state, "echo.first", "data.certificate_pem"))
			if err != nil {
				return err
			}
			wantPointers(t, pki.EncodeCertificates(leaf), "http://crl.acme.example", "http://ocsp.acme.example")
			names := pki.NamesOf(leaf)
			if len(names.DNSNames) != 1 || len(names.IPAddresses) != 1 || len(names.URIs) != 1 || len(names.EmailAddresses) != 1 || leaf.Subject.CommonName != "edge" {
				t.Errorf("the certificate names %s and %+v, want one name of each kind", leaf.Subject, names)
			}
			if ends := clock.Now().Add(24 * time.Hour).Add(-time.Second); !leaf.NotAfter.Equal(ends) {
				t.Errorf("it ends at %s, want %s: a day by default", leaf.NotAfter, ends)
			}
			chain, err := pki.ParseCertificates(stored(t, state, "echo.first", "data.chain_pem"))
			if err != nil || len(chain) != 2 {
				t.Errorf("a chain of %d certificates (error %v), want the leaf and the intermediate", len(chain), err)
			}
			for attribute, want := range map[string]string{
				"data.serial_number": pki.SerialNumber(leaf), "data.fingerprint_sha256": pki.FingerprintSHA256(leaf),
				"data.not_after": leaf.NotAfter.Format(time.RFC3339), "data.not_before": leaf.NotBefore.Format(time.RFC3339),
			} {
				if got := stored(t, state, "echo.first", attribute); got != want {
					t.Errorf("%s is %s, want %s", attribute, got, want)
				}
			}
			serial = stored(t, state, "echo.first", "data.serial_number")
			return nil
		}},
		// Each time it is opened it is another one: what was echoed stays.
		resource.TestStep{Config: config + "resource \"echo\" \"second\" {}\n", Check: func(state *tfstate.State) error {
			if first, second := stored(t, state, "echo.first", "data.serial_number"), stored(t, state, "echo.second", "data.serial_number"); first != serial || first == second {
				t.Errorf("serial numbers %s and then %s, want what was issued first and another one", first, second)
			}
			return nil
		}},
	)
}

// TestEphemeralCertificateEndsWithItsIssuer, as any does.
func TestEphemeralCertificateEndsWithItsIssuer(t *testing.T) {
	t.Parallel()
	clock := newStepClock()
	config := `
resource "mtls_control_plane_ca" "short" {
  subject  = { common_name = "Short" }
  validity = "2h"
}
` + echoed("mtls_dataplane_certificate", `
  subject  = { common_name = "edge" }
  validity = "1000h"
  issuer   = mtls_control_plane_ca.short`, "it")
	terraformEchoing(t, clock.Now, resource.TestStep{Config: config, Check: func(state *tfstate.State) error {
		if leaf, ca := stored(t, state, "echo.it", "data.not_after"), stored(t, state, "mtls_control_plane_ca.short", "not_after"); leaf != ca {
			t.Errorf("it ends at %s, want %s as its issuer does", leaf, ca)
		}
		return nil
	}})
}

// TestEphemeralCertificateKeepsTheRules of the resource of the same name.
func TestEphemeralCertificateKeepsTheRules(t *testing.T) {
	t.Parallel()
	const fenced = `
resource "mtls_control_plane_ca" "fenced" {
  subject          = { common_name = "Fenced" }
  name_constraints = { permitted_dns_domains = ["dp.example"] }
}
resource "mtls_control_plane_ca" "keyless" {
  certificate_pem = mtls_control_plane_ca.fenced.certificate_pem
}
resource "mtls_pinned_certificate" "leaf" {
  subject = { common_name = "leaf" }
}
`
	for name, row := range map[string]struct{ body, told string }{
		"a name that the issuer forbids": {"dns_names = [\"edge.other.example\"]\nissuer = mtls_control_plane_ca.fenced", `Name constraint violated`},
		"an issuer that is no CA":        {"subject = { common_name = \"edge\" }\nissuer = mtls_pinned_certificate.leaf", `(?s)may not sign|not a CA`},
		"an issuer without a key":        {"subject = { common_name = \"edge\" }\nissuer = mtls_control_plane_ca.keyless", `(?s)Issuer has no private key`},
		"no name at all":                 {"issuer = mtls_control_plane_ca.fenced", `Name missing`},
		"no issuer":                      {"subject = { common_name = \"edge\" }", `(?s)Missing required argument.*"issuer"`},
		"an unreadable issuer":           {"subject = { common_name = \"edge\" }\nissuer = { certificate_pem = \"hello\", private_key_pem = \"hello\" }", `(?s)Unreadable issuer certificate.*Unreadable issuer key|Unreadable issuer certificate`},
		"no life":                        {"subject = { common_name = \"edge\" }\nvalidity = \"0s\"\nissuer = mtls_control_plane_ca.fenced", `Validity too short`},
		"an algorithm of no kind":        {"subject = { common_name = \"edge\" }\nkey_algorithm = \"DSA\"\nissuer = mtls_control_plane_ca.fenced", `Invalid Attribute Value Match`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			terraformEchoing(t, newStepClock().Now, resource.TestStep{
				Config: fenced + echoed("mtls_dataplane_certificate", row.body, "it"), ExpectError: regexp.MustCompile(row.told),
			})
		})
	}
}

// TestEphemeralValueWhereItCannotGo: Terraform itself keeps it out of what is
// stored, and so does OpenTofu, whose words stand second.
func TestEphemeralValueWhereItCannotGo(t *testing.T) {
	t.Parallel()
	const key = "ephemeral \"mtls_private_key\" \"it\" {}\n"
	for name, row := range map[string]struct{ config, told string }{
		"a key that is kept in state": {
			"resource \"mtls_pinned_certificate\" \"it\" {\n  certificate_pem = \"\"\n  private_key_pem = ephemeral.mtls_private_key.it.private_key_pem\n}\n",
			`(?s)Invalid use of ephemeral value.*private_key_pem.*Ephemeral values are not valid for "private_key_pem"|Attribute ".private_key_pem" is referencing an ephemeral value`,
		},
		"a name": {
			"resource \"mtls_pinned_certificate\" \"it\" {\n  subject = { common_name = ephemeral.mtls_private_key.it.spki_sha256 }\n}\n",
			`Invalid use of ephemeral value|Attribute ".subject.common_name" is referencing an ephemeral value`,
		},
		"an output": {
			"output \"it\" {\n  value = ephemeral.mtls_private_key.it.private_key_pem\n}\n",
			`Ephemeral value not allowed|Output does not allow ephemeral value`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			terraform(t, newStepClock().Now, resource.TestStep{Config: key + row.config, PlanOnly: true, ExpectError: regexp.MustCompile(row.told)})
		})
	}
}

// TestEphemeralKeyIsTakenWriteOnly: for the certificate itself, and to sign with.
func TestEphemeralKeyIsTakenWriteOnly(t *testing.T) {
	t.Parallel()
	config := `
ephemeral "mtls_private_key" "ca" {}
ephemeral "mtls_private_key" "edge" {}

resource "mtls_control_plane_ca" "root" {
  subject                    = { common_name = "Root" }
  private_key_pem_wo         = ephemeral.mtls_private_key.ca.private_key_pem
  private_key_pem_wo_version = 1
}
resource "mtls_dataplane_certificate" "edge" {
  subject                    = { common_name = "edge" }
  private_key_pem_wo         = ephemeral.mtls_private_key.edge.private_key_pem
  private_key_pem_wo_version = 1
  issuer = {
    certificate_pem = mtls_control_plane_ca.root.certificate_pem
    private_key_pem = ephemeral.mtls_private_key.ca.private_key_pem
  }
}
`
	clock := newStepClock()
	terraform(t, clock.Now,
		resource.TestStep{Config: config, Check: func(state *tfstate.State) error {
			for _, address := range []string{"mtls_control_plane_ca.root", "mtls_dataplane_certificate.edge"} {
				for _, attribute := range []string{"private_key_pem", "private_key_pem_wo", "issuer.private_key_pem"} {
					if stored(t, state, address, attribute) != "" {
						t.Errorf("%s of %s is in the state", attribute, address)
					}
				}
			}
			return nil
		}},
		// The next plan opens other keys; the version says that nothing changed.
		resource.TestStep{Config: config, ConfigPlanChecks: noChange()},
	)
}
