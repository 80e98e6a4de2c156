package provider

import (
	"crypto/x509"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/trustplane/terraform-provider-mtls/internal/pkitest"
)

// What openssl makes, in every form of key that it writes.
var opensslKeys = map[string]string{
	"rsa_pkcs1": "genrsa -traditional -out %s.key 2048",
	"rsa_pkcs8": "genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out %s.key",
	"ec_sec1":   "ecparam -name prime256v1 -genkey -noout -out %s.key",
	"ec_params": "ecparam -name secp384r1 -genkey -out %s.key",
	"ec_pkcs8":  "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-521 -out %s.key",
	"ed25519":   "genpkey -algorithm ed25519 -out %s.key",
}

const opensslConfig = `
[req]
distinguished_name = name
[name]
[ca]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[leaf]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = clientAuth
subjectAltName = DNS:edge.example.com
[pin]
basicConstraints = critical, CA:FALSE
extendedKeyUsage = clientAuth, serverAuth
subjectAltName = DNS:kong_clustering
`

// opensslPKI makes a root, a leaf below it and a pin, each with a key of the
// given form, in folder.
func opensslPKI(t *testing.T, folder, form, command string) {
	t.Helper()
	for _, name := range []string{"root", "edge", "pin"} {
		openssl(t, folder, fmt.Sprintf(command, form+"-"+name))
	}
	root, edge, pin := form+"-root", form+"-edge", form+"-pin"
	openssl(t, folder, "req -config openssl.cnf -x509 -new -days 30 -extensions ca -subj /CN="+root+" -key "+root+".key -out "+root+".pem")
	openssl(t, folder, "req -config openssl.cnf -x509 -new -days 30 -extensions pin -subj /CN="+pin+" -key "+pin+".key -out "+pin+".pem")
	openssl(t, folder, "req -config openssl.cnf -new -subj /CN="+edge+" -key "+edge+".key -out "+edge+".csr")
	openssl(t, folder, "x509 -req -days 20 -set_serial 7 -extfile openssl.cnf -extensions leaf -in "+edge+".csr -CA "+root+".pem -CAkey "+root+".key -out "+edge+".pem")
}

// Certificates and keys that openssl made serve in all three resources and in
// the data source, and a provided CA signs what is generated.
func TestOpenSSLCertificatesCanBeProvided(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "openssl.cnf"), []byte(opensslConfig), 0o600); err != nil {
		t.Fatal(err)
	}
	config := localFolder(folder)
	var checks []statecheck.StateCheck
	for form, command := range opensslKeys {
		opensslPKI(t, folder, form, command)
		config += strings.ReplaceAll(`
resource "mtls_control_plane_ca" "FORM" {
  certificate_pem = file("${local.pki}/FORM-root.pem")
  private_key_pem = file("${local.pki}/FORM-root.key")
}
resource "mtls_dataplane_certificate" "FORM" {
  certificate_pem = file("${local.pki}/FORM-edge.pem")
  private_key_pem = file("${local.pki}/FORM-edge.key")
  issuer          = mtls_control_plane_ca.FORM
}
resource "mtls_pinned_certificate" "FORM" {
  certificate_pem = file("${local.pki}/FORM-pin.pem")
  private_key_pem = file("${local.pki}/FORM-pin.key")
}
resource "mtls_dataplane_certificate" "FORM_generated" {
  subject = { common_name = "generated" }
  issuer  = mtls_control_plane_ca.FORM
}
data "mtls_chain_validation" "FORM_pki" {
  trust_anchors_pem   = [file("${local.pki}/FORM-root.pem")]
  presented_chain_pem = file("${local.pki}/FORM-edge.pem")
}
data "mtls_chain_validation" "FORM_pinned" {
  trust_anchors_pem   = [mtls_pinned_certificate.FORM.trust_bundle_pem]
  presented_chain_pem = mtls_pinned_certificate.FORM.chain_pem
}
`, "FORM", form)
		root, leaf, pin := "mtls_control_plane_ca."+form, "mtls_dataplane_certificate."+form, "mtls_pinned_certificate."+form
		checks = append(checks,
			describesItself(root, 1), trusts(root, 1), describesItself(leaf, 1, root), describesItself(pin, 1), trusts(pin, 1),
			describesItself(leaf+"_generated", 1, root), holdsItsKey(leaf+"_generated"))
		for _, mode := range []string{"pki", "pinned"} {
			checks = append(checks, statecheck.ExpectKnownValue("data.mtls_chain_validation."+form+"_"+mode, tfjsonpath.New("mode"), knownvalue.StringExact(mode)))
		}
	}
	terraform(t, clockAt(time.Now().Add(time.Minute)).Now, resource.TestStep{Config: config, ConfigStateChecks: checks})
}

// A PEM text means what its blocks hold: line endings, a final newline and text
// around the blocks plan nothing, and the text stays as it was first written.
func TestSpellingOfPEMPlansNothing(t *testing.T) {
	t.Parallel()
	files := writeFiles(t, drawn(t, pkitest.Build(t, "edge <- issuing <- root")))
	config := func(before, after, renewBefore string) string {
		read := func(file string) string { return before + `file("${local.pki}/` + file + `")` + after }
		provided := func(block, file string) string {
			return "resource " + block + " {\n  certificate_pem = " + read(file+".pem") + "\n  private_key_pem = " + read(file+".key") + "\n  renew_before = " + renewBefore + "\n}\n"
		}
		return files + provided(`"mtls_control_plane_ca" "root"`, "root") +
			provided(`"mtls_pinned_certificate" "edge"`, "edge") +
			provided(`"mtls_dataplane_certificate" "edge"`, "edge") + `
resource "mtls_control_plane_ca" "generated" {
  subject = { common_name = "Generated" }
  issuer = {
    certificate_pem = ` + read("root.pem") + `
    chain_pem       = ` + read("root.pem") + `
    private_key_pem = ` + read("root.key") + `
  }
}`
	}
	same := func(before, after string) resource.TestStep {
		return resource.TestStep{Config: config(before, after, "null"), PlanOnly: true}
	}
	kept := func(address string) []statecheck.StateCheck {
		var first map[string]any
		return []statecheck.StateCheck{
			stateCheck(func(state attributesByAddress) error {
				first = state[address]
				return nil
			}),
			stateCheck(func(state attributesByAddress) error {
				want := map[string]any{"certificate_pem": nil, "private_key_pem": nil, "chain_pem": nil, "generation": nil}
				if diff := cmp.Diff(only(first, want), only(state[address], want)); diff != "" {
					return fmt.Errorf("%s changed (-before +after):\n%s", address, diff)
				}
				return nil
			}),
		}
	}
	root, pin, leaf := kept("mtls_control_plane_ca.root"), kept("mtls_pinned_certificate.edge"), kept("mtls_dataplane_certificate.edge")
	terraform(t, clockAt(pkitest.Now()).Now,
		resource.TestStep{Config: config("", "", "null"), ConfigStateChecks: []statecheck.StateCheck{root[0], pin[0], leaf[0]}},
		same("trimspace(", ")"),
		same(`replace(`, `, "\n", "\r\n")`),
		same(`"\n\n${`, `}\n\n"`),
		same(`"who=ops\n${`, `}the end\n"`),
		resource.TestStep{Config: config(`replace(`, `, "\n", "\r\n")`, `"24h"`), ConfigStateChecks: []statecheck.StateCheck{root[1], pin[1], leaf[1]}},
	)
}

// A provided leaf is presented with what its issuer says stands above it, or
// alone.
func TestProvidedLeafPresentsItsIssuers(t *testing.T) {
	t.Parallel()
	graph := pkitest.Build(t, "edge <- issuing <- root")
	const leaf = "mtls_dataplane_certificate.edge"
	config := func(issuer string) string {
		return writeFiles(t, drawn(t, graph), map[string]string{"chain.pem": graph.PEM("issuing root")}) + `
resource "mtls_dataplane_certificate" "edge" {
  certificate_pem = file("${local.pki}/edge.pem")
  ` + issuer + `
}`
	}
	presents := func(names string) statecheck.StateCheck {
		return statecheck.ExpectKnownValue(leaf, tfjsonpath.New("chain_pem"), knownvalue.StringExact(graph.PEM(names)))
	}
	keyless := statecheck.ExpectKnownValue(leaf, tfjsonpath.New("private_key_pem"), knownvalue.Null())
	noIssuer := statecheck.ExpectKnownValue(leaf, tfjsonpath.New("issuer_fingerprint_sha256"), knownvalue.Null())
	terraform(t, clockAt(pkitest.Now()).Now,
		resource.TestStep{Config: config(""), ConfigStateChecks: []statecheck.StateCheck{presents("edge"), keyless, noIssuer}},
		resource.TestStep{
			Config:            config(`issuer = { certificate_pem = file("${local.pki}/issuing.pem") }`),
			ConfigStateChecks: []statecheck.StateCheck{presents("edge issuing"), keyless},
		},
		resource.TestStep{
			Config: config(`issuer = {
    certificate_pem = file("${local.pki}/issuing.pem")
    chain_pem       = file("${local.pki}/chain.pem")
  }`),
			ConfigStateChecks: []statecheck.StateCheck{presents("edge issuing")},
		},
		resource.TestStep{
			Config: config(""), ConfigStateChecks: []statecheck.StateCheck{presents("edge"), noIssuer},
		},
	)
}

// Whoever starts with a generated certificate can bring one later, and go back,
// without one moment in which the former is not trusted.
func TestGeneratedAndProvidedTakeTurns(t *testing.T) {
	t.Parallel()
	files := writeFiles(t, drawn(t, pkitest.Build(t, "edge <- issuing")))
	const ca, pin, leaf = "mtls_control_plane_ca.it", "mtls_pinned_certificate.it", "mtls_dataplane_certificate.it"
	issuer := `
  issuer = {
    certificate_pem = file("${local.pki}/issuing.pem")
    private_key_pem = file("${local.pki}/issuing.key")
  }`
	const generated = `
  subject = { common_name = "it" }`
	provided := func(name string) string {
		return `
  certificate_pem = file("${local.pki}/` + name + `.pem")
  private_key_pem = file("${local.pki}/` + name + `.key")`
	}
	config := func(ca, leaf string) string {
		return files + "resource \"mtls_control_plane_ca\" \"it\" {" + ca + "\n}\nresource \"mtls_pinned_certificate\" \"it\" {" + leaf +
			"\n}\nresource \"mtls_dataplane_certificate\" \"it\" {" + leaf + issuer + "\n}\n"
	}
	updated := resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
		plancheck.ExpectResourceAction(ca, plancheck.ResourceActionUpdate),
		plancheck.ExpectResourceAction(pin, plancheck.ResourceActionUpdate),
		plancheck.ExpectResourceAction(leaf, plancheck.ResourceActionUpdate),
	}}
	firstCA, firstCAPEM := readsCertificate(ca)
	firstPin, firstPinPEM := readsCertificate(pin)
	secondCA, secondCAPEM := readsCertificate(ca)
	secondPin, secondPinPEM := readsCertificate(pin)
	named := func(address, name string) statecheck.StateCheck {
		return looksLike(address, func(c *x509.Certificate) error {
			if c.Subject.CommonName != name {
				return fmt.Errorf("it is %s, not %s", c.Subject.CommonName, name)
			}
			return nil
		})
	}
	terraform(t, clockAt(pkitest.Now()).Now,
		resource.TestStep{Config: config(generated, generated), ConfigStateChecks: []statecheck.StateCheck{firstCA, firstPin, holdsItsKey(ca), holdsItsKey(pin), holdsItsKey(leaf)}},
		resource.TestStep{
			Config: config(provided("issuing"), provided("edge")), ConfigPlanChecks: updated,
			ConfigStateChecks: []statecheck.StateCheck{
				named(ca, "issuing"), named(pin, "edge"), named(leaf, "edge"), secondCA, secondPin,
				describesItself(ca, 2), trusts(ca, 2, firstCAPEM), holdsItsKey(ca),
				describesItself(pin, 2), trusts(pin, 2, firstPinPEM), holdsItsKey(pin),
				describesItself(leaf, 2, ca), holdsItsKey(leaf),
			},
		},
		resource.TestStep{
			Config: config(generated, generated), ConfigPlanChecks: updated,
			ConfigStateChecks: []statecheck.StateCheck{
				named(ca, "it"), named(pin, "it"), named(leaf, "it"),
				describesItself(ca, 3), trusts(ca, 3, firstCAPEM, secondCAPEM), holdsItsKey(ca),
				describesItself(pin, 3), trusts(pin, 3, firstPinPEM, secondPinPEM), holdsItsKey(pin),
				holdsItsKey(leaf),
			},
		},
	)
}
