package provider

import (
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	tfstate "github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

// issuingCA is a root and what signs below it.
const issuingCA = `
resource "mtls_control_plane_ca" "root" {
  subject = { common_name = "Root" }
}
resource "mtls_control_plane_ca" "issuing" {
  subject = { common_name = "Issuing" }
  issuer  = mtls_control_plane_ca.root
}
`

// answered is a data plane's certificate for the request in a file.
func answered(name, file, more string) string {
	return fmt.Sprintf("resource \"mtls_dataplane_certificate\" %q {\n  csr_pem = file(\"${local.pki}/%s\")\n  issuer  = mtls_control_plane_ca.issuing\n%s}\n", name, file, more)
}

// stored is an attribute of the state.
func stored(t *testing.T, state *tfstate.State, address, attribute string) string {
	t.Helper()
	found, ok := state.RootModule().Resources[address]
	if !ok {
		t.Fatalf("no %s in the state", address)
	}
	return found.Primary.Attributes[attribute]
}

// requestKeys are the arguments by which openssl makes a key of each algorithm
// that a data plane may bring.
func requestKeys() map[string]string {
	return map[string]string{
		"P-256":    "-algorithm EC -pkeyopt ec_paramgen_curve:P-256",
		"P-384":    "-algorithm EC -pkeyopt ec_paramgen_curve:P-384",
		"P-521":    "-algorithm EC -pkeyopt ec_paramgen_curve:P-521",
		"RSA-2048": "-algorithm RSA -pkeyopt rsa_keygen_bits:2048",
		"RSA-3072": "-algorithm RSA -pkeyopt rsa_keygen_bits:3072",
		"RSA-4096": "-algorithm RSA -pkeyopt rsa_keygen_bits:4096",
		"Ed25519":  "-algorithm ED25519",
	}
}

// TestRequestsOfEveryAlgorithm, made by openssl, are answered, and openssl finds
// that the answer is for the node's key and leads to the root.
func TestRequestsOfEveryAlgorithm(t *testing.T) {
	t.Parallel()
	folder, clock := t.TempDir(), newStepClock()
	config := localFolder(folder) + issuingCA
	var checks []statecheck.StateCheck
	for name, arguments := range requestKeys() {
		openssl(t, folder, "genpkey "+arguments+" -out "+name+".key")
		openssl(t, folder, "req -new -key "+name+".key -subj /CN="+name+" -out "+name+".csr")
		config += answered(name, name+".csr", "")
		checks = append(checks, statecheck.ExpectKnownValue("mtls_dataplane_certificate."+name, tfjsonpath.New("private_key_pem"), knownvalue.Null()))
	}
	verify := func(state *tfstate.State) error {
		write := func(file, address, attribute string) {
			if err := os.WriteFile(filepath.Join(folder, file), []byte(stored(t, state, address, attribute)), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		write("root.pem", "mtls_control_plane_ca.root", "certificate_pem")
		for name := range requestKeys() {
			write(name+".pem", "mtls_dataplane_certificate."+name, "certificate_pem")
			write(name+".chain.pem", "mtls_dataplane_certificate."+name, "chain_pem")
			openssl(t, folder, "verify -x509_strict -purpose sslclient -attime "+strconv.FormatInt(clock.Now().Unix(), 10)+
				" -CAfile root.pem -untrusted "+name+".chain.pem "+name+".pem")
			if private, certified := printed(t, folder, "pkey -pubout -in "+name+".key"), printed(t, folder, "x509 -pubkey -noout -in "+name+".pem"); private != certified {
				t.Errorf("%s: the certificate is not for the node's key", name)
			}
		}
		return nil
	}
	terraform(t, clock.Now,
		resource.TestStep{Config: config, ConfigStateChecks: checks, Check: verify},
		resource.TestStep{Config: config, ConfigPlanChecks: noChange()},
	)
}

// printed is what openssl prints.
func printed(t *testing.T, folder, arguments string) string {
	t.Helper()
	command := exec.CommandContext(t.Context(), "openssl", strings.Fields(arguments)...)
	command.Dir = folder
	output, err := command.Output()
	if err != nil {
		t.Fatalf("openssl %s: %v", arguments, err)
	}
	return string(output)
}

// newRequest has openssl make a request of a fresh P-256 key.
func newRequest(t *testing.T, folder, name, arguments string) {
	t.Helper()
	openssl(t, folder, "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "+name+".key")
	openssl(t, folder, "req -new -key "+name+".key -out "+name+".csr "+arguments)
}

// TestRequestGivesNamesUnlessTheConfigurationDoes, kind by kind.
func TestRequestGivesNamesUnlessTheConfigurationDoes(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	newRequest(t, folder, "edge", "-subj /C=DE/O=Acme/CN=edge -addext subjectAltName=DNS:edge.example,IP:192.0.2.1,IP:2001:db8::1,URI:spiffe://acme.example/edge,email:ops@acme.example")
	asked := pki.Names{
		DNSNames:       []string{"edge.example"},
		IPAddresses:    []net.IP{net.ParseIP("192.0.2.1").To4(), net.ParseIP("2001:db8::1")},
		URIs:           []*url.URL{{Scheme: "spiffe", Host: "acme.example", Path: "/edge"}},
		EmailAddresses: []string{"ops@acme.example"},
	}
	others := func(change func(*pki.Names)) pki.Names {
		changed := asked
		change(&changed)
		return changed
	}
	rows := map[string]struct {
		set     string
		subject string
		names   pki.Names
	}{
		"nothing":         {"", "CN=edge,O=Acme,C=DE", asked},
		"subject":         {"subject = { common_name = \"given\" }", "CN=given", asked},
		"dns_names":       {"dns_names = [\"given.example\"]", "CN=edge,O=Acme,C=DE", others(func(n *pki.Names) { n.DNSNames = []string{"given.example"} })},
		"ip_addresses":    {"ip_addresses = [\"198.51.100.7\"]", "CN=edge,O=Acme,C=DE", others(func(n *pki.Names) { n.IPAddresses = []net.IP{net.ParseIP("198.51.100.7").To4()} })},
		"email_addresses": {"email_addresses = [\"given@acme.example\"]", "CN=edge,O=Acme,C=DE", others(func(n *pki.Names) { n.EmailAddresses = []string{"given@acme.example"} })},
		"uris": {"uris = [\"spiffe://acme.example/given\"]", "CN=edge,O=Acme,C=DE", others(func(n *pki.Names) {
			n.URIs = []*url.URL{{Scheme: "spiffe", Host: "acme.example", Path: "/given"}}
		})},
	}
	config := localFolder(folder) + issuingCA
	for name, row := range rows {
		config += answered(name, "edge.csr", "  "+row.set+"\n")
	}
	terraform(t, newStepClock().Now, resource.TestStep{Config: config, Check: func(state *tfstate.State) error {
		for name, row := range rows {
			certificate, err := pki.ParseCertificate(stored(t, state, "mtls_dataplane_certificate."+name, "certificate_pem"))
			if err != nil {
				return err
			}
			if got := certificate.Subject.String(); got != row.subject {
				t.Errorf("with %s set, the subject is %s, want %s", name, got, row.subject)
			}
			if diff := cmp.Diff(row.names, pki.NamesOf(certificate)); diff != "" {
				t.Errorf("with %s set, the names are (-want +got):\n%s", name, diff)
			}
		}
		return nil
	}})
}

// TestRequestsThatArePlannedNoAnswer: the plan says why, on csr_pem.
func TestRequestsThatArePlannedNoAnswer(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	for name, arguments := range map[string]string{
		"ca":          "-subj /CN=edge -addext basicConstraints=critical,CA:TRUE",
		"signer":      "-subj /CN=edge -addext keyUsage=keyCertSign",
		"constraints": "-subj /CN=edge -addext nameConstraints=permitted;DNS:a.example",
		"nameless":    "-subj /",
		"good":        "-subj /CN=edge",
	} {
		newRequest(t, folder, name, arguments)
	}
	for name, key := range map[string]string{
		"weak": "genrsa -out weak.key 1024", "curve": "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-224 -out curve.key",
		"pss": "genpkey -algorithm RSA-PSS -pkeyopt rsa_keygen_bits:2048 -out pss.key", "explicit": "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -pkeyopt ec_param_enc:explicit -out explicit.key",
		"koblitz": "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:secp256k1 -out koblitz.key", "ed448": "genpkey -algorithm ED448 -out ed448.key",
	} {
		openssl(t, folder, key)
		openssl(t, folder, "req -new -key "+name+".key -subj /CN=edge -out "+name+".csr")
	}
	openssl(t, folder, "req -x509 -key good.key -subj /CN=edge -out certificate.csr")
	openssl(t, folder, "pkey -in good.key -pubout -out public.csr")
	openssl(t, folder, "pkey -in good.key -out private.csr")
	breakSignature(t, filepath.Join(folder, "good.csr"), filepath.Join(folder, "broken.csr"))

	for file, told := range map[string]string{
		"broken.csr":      `Invalid request signature.*may have been altered`,
		"weak.csr":        `Key too weak.*its RSA key has 1024 bits`,
		"curve.csr":       `Key too weak.*curve P-224`,
		"koblitz.csr":     `Key of another kind.*holds an EC key on the curve secp256k1; RSA, ECDSA on P-256, P-384 or P-521, or Ed25519`,
		"ed448.csr":       `Key of another kind.*holds an Ed448 key; RSA, ECDSA`,
		"pss.csr":         `Key of another kind.*holds an RSASSA-PSS key`,
		"explicit.csr":    `Key of another kind.*openssl ec -param_enc named_curve`,
		"ca.csr":          `Request not permitted.*the right to be a CA`,
		"signer.csr":      `Request not permitted.*key usage that allows signing certificates`,
		"constraints.csr": `Request not permitted.*name constraints`,
		"nameless.csr":    `Name missing.*Set a subject`,
		"certificate.csr": `Unreadable certificate request.*not a certificate request but a certificate`,
		"public.csr":      `Unreadable certificate request.*not a certificate request but a public key`,
		"private.csr":     `Unreadable certificate request.*not a certificate request but a private key`,
	} {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			terraform(t, newStepClock().Now, resource.TestStep{
				Config: localFolder(folder) + issuingCA + answered("edge", file, ""), PlanOnly: true, ExpectError: toldOn("csr_pem", told),
			})
		})
	}
	t.Run("at apply", func(t *testing.T) {
		t.Parallel()
		resources, later := knownAtApply("once", `file("${local.pki}/broken.csr")`)
		terraform(t, newStepClock().Now, resource.TestStep{
			Config: localFolder(folder) + issuingCA + resources + "resource \"mtls_dataplane_certificate\" \"edge\" {\n  csr_pem = " + later +
				"\n  issuer = mtls_control_plane_ca.issuing\n}\n",
			ExpectError: toldOn("csr_pem", `Invalid request signature.*may have been altered`),
		})
	})
	t.Run("beside another key", func(t *testing.T) {
		t.Parallel()
		terraform(t, newStepClock().Now, resource.TestStep{
			Config:   localFolder(folder) + issuingCA + answered("edge", "good.csr", writeOnly(`file("${local.pki}/good.key")`, 1)),
			PlanOnly: true, ExpectError: toldOn("csr_pem", `Invalid Attribute Combination.*private_key_pem_wo`),
		})
	})
}

// breakSignature copies a request with one bit of its signature turned.
func breakSignature(t *testing.T, from, to string) {
	t.Helper()
	text, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	request, err := pki.ParseCSR(string(text))
	if err != nil {
		t.Fatal(err)
	}
	request.Raw[len(request.Raw)-1] ^= 1
	if err := os.WriteFile(to, []byte(pki.EncodeCSR(request)), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestAnotherRequestIsAnsweredAnew; the same one in another spelling is not.
func TestAnotherRequestIsAnsweredAnew(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	newRequest(t, folder, "first", "-subj /CN=edge")
	openssl(t, folder, "req -new -key first.key -subj /CN=edge-1 -out renamed.csr")
	newRequest(t, folder, "second", "-subj /CN=edge")
	spelled, err := os.ReadFile(filepath.Join(folder, "first.csr"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "spelled.csr"), []byte("for edge\n"+strings.ReplaceAll(string(spelled), "\n", "\r\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	config := func(file string) string { return localFolder(folder) + issuingCA + answered("it", file, "") }
	const kind = "mtls_dataplane_certificate"
	generation := func(number int64) []statecheck.StateCheck {
		return []statecheck.StateCheck{statecheck.ExpectKnownValue(kind+".it", tfjsonpath.New("generation"), knownvalue.Int64Exact(number))}
	}
	terraform(t, newStepClock().Now,
		resource.TestStep{Config: config("first.csr"), ConfigStateChecks: generation(1)},
		resource.TestStep{Config: config("spelled.csr"), ConfigStateChecks: generation(1)},
		resource.TestStep{Config: config("spelled.csr"), ConfigPlanChecks: noChange()},
		resource.TestStep{Config: config("renamed.csr"), ConfigPlanChecks: updates(kind), ConfigStateChecks: generation(2)},
		resource.TestStep{Config: config("second.csr"), ConfigPlanChecks: updates(kind), ConfigStateChecks: generation(3)},
	)
}

// TestRequestTakesOverFromAKey, in state or write-only, and makes way for one.
func TestRequestTakesOverFromAKey(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	newRequest(t, folder, "node", "-subj /CN=edge")
	held := newHeldKey(t, pki.ECDSAP256)
	const kind = "mtls_dataplane_certificate"
	config := func(attributes string) string {
		return localFolder(folder) + issuingCA + "resource \"mtls_dataplane_certificate\" \"it\" {\n  subject = { common_name = \"edge\" }\n  issuer  = mtls_control_plane_ca.issuing\n" + attributes + "}\n"
	}
	request := config("  csr_pem = file(\"${local.pki}/node.csr\")\n")
	onNode := func(generation int64) []statecheck.StateCheck {
		return []statecheck.StateCheck{
			statecheck.ExpectKnownValue(kind+".it", tfjsonpath.New("private_key_pem"), knownvalue.Null()),
			statecheck.ExpectKnownValue(kind+".it", tfjsonpath.New("generation"), knownvalue.Int64Exact(generation)),
		}
	}
	plansNoKey := resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
		plancheck.ExpectResourceAction(kind+".it", plancheck.ResourceActionUpdate),
		plancheck.ExpectKnownValue(kind+".it", tfjsonpath.New("private_key_pem"), knownvalue.Null()),
	}}
	terraform(t, newStepClock().Now,
		resource.TestStep{Config: config(""), ConfigStateChecks: generated(kind, 1)},
		resource.TestStep{Config: request, ConfigPlanChecks: plansNoKey, ConfigStateChecks: onNode(2)},
		resource.TestStep{Config: config(""), ConfigPlanChecks: updates(kind), ConfigStateChecks: generated(kind, 3)},
		resource.TestStep{Config: request, ConfigPlanChecks: plansNoKey, ConfigStateChecks: onNode(4)},
		resource.TestStep{Config: config(held.given(1)), ConfigPlanChecks: plansNoKey, ConfigStateChecks: held.holds(kind, 5)},
		resource.TestStep{Config: request, ConfigPlanChecks: plansNoKey, ConfigStateChecks: onNode(6)},
	)
}
