package provider

import (
	"crypto"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

// A holder is a key outside Terraform, and the program that signs with it: OpenSSL,
// in a script that counts its runs.
type holder struct {
	key    crypto.Signer
	public string // PEM
	folder string
}

func newHolder(t *testing.T, algorithm pki.KeyAlgorithm) *holder {
	t.Helper()
	if _, err := exec.LookPath("openssl"); err != nil {
		t.Skip("openssl is not installed")
	}
	key, err := pki.GenerateKey(algorithm)
	if err != nil {
		t.Fatal(err)
	}
	h := &holder{key: key, folder: t.TempDir()}
	if h.public, err = pki.EncodePublicKey(key.Public()); err != nil {
		t.Fatal(err)
	}
	private, err := pki.EncodePrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	h.write(t, "key.pem", private, 0o600)
	h.write(t, "sign.sh", `#!/bin/sh
set -eu
cd "$(dirname "$0")"
case $MTLS_SIGNER_SCHEME in
  ED25519)    cat > message.$$; set -- -rawin -in message.$$ ;;
  RSA_PKCS1*) set -- -pkeyopt digest:"$MTLS_SIGNER_HASH" ;;
esac
openssl pkeyutl -sign -inkey key.pem "$@"
echo "$MTLS_SIGNER_SCHEME" >> runs
`, 0o700)
	return h
}

func (h *holder) write(t *testing.T, name, text string, mode os.FileMode) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(h.folder, name), []byte(text), mode); err != nil {
		t.Fatal(err)
	}
}

// runs counts how often the program has signed.
func (h *holder) runs() int {
	text, err := os.ReadFile(filepath.Join(h.folder, "runs"))
	if err != nil {
		return 0
	}
	return strings.Count(string(text), "\n")
}

// script is the path of a program, as HCL.
func (h *holder) script() string { return fmt.Sprintf("%q", filepath.Join(h.folder, "sign.sh")) }

// root is a root CA whose key the holder has.
func (h *holder) root() string {
	return fmt.Sprintf(`
resource "mtls_control_plane_ca" "root" {
  subject        = { common_name = "Root" }
  public_key_pem = <<-EOT
%s
  EOT
  signer_command = [%s]
}`, h.public, h.script())
}

// Everything that a CA signs is signed by a program: the root itself, an
// intermediate, a leaf, a set. The whole resource is passed on as the issuer. A plan
// runs no program.
func TestSignerCommandSigns(t *testing.T) {
	t.Parallel()
	for _, algorithm := range []pki.KeyAlgorithm{pki.ECDSAP256, pki.ECDSAP384, pki.RSA2048, pki.Ed25519} {
		t.Run(string(algorithm), func(t *testing.T) {
			t.Parallel()
			h, middle := newHolder(t, algorithm), newHolder(t, pki.ECDSAP256)
			config := h.root() + fmt.Sprintf(`
resource "mtls_control_plane_ca" "issuing" {
  subject        = { common_name = "Issuing" }
  issuer         = mtls_control_plane_ca.root
  public_key_pem = <<-EOT
%s
  EOT
  signer_command = [%s]
}
resource "mtls_dataplane_certificate" "edge" {
  subject = { common_name = "edge" }
  issuer  = mtls_control_plane_ca.issuing
}
resource "mtls_dataplane_certificate_set" "site" {
  issuer       = mtls_control_plane_ca.root
  certificates = { for i in range(3) : "fra-${i}" => { common_name = "fra-${i}" } }
}
resource "mtls_revocation_list" "root" {
  issuer  = mtls_control_plane_ca.root
  revoked = [{ serial_number = "0a" }]
}
resource "mtls_control_plane_ca" "generated" {
  subject = { common_name = "Generated" }
  issuer  = { certificate_pem = mtls_control_plane_ca.root.certificate_pem, signer_command = [%s] }
}`, middle.public, middle.script(), h.script())
			terraform(t, newStepClock().Now,
				resource.TestStep{
					Config: config,
					ConfigStateChecks: []statecheck.StateCheck{
						describesItself("mtls_control_plane_ca.root", 1),
						describesItself("mtls_control_plane_ca.issuing", 1, "mtls_control_plane_ca.root"),
						describesItself("mtls_dataplane_certificate.edge", 1, "mtls_control_plane_ca.issuing", "mtls_control_plane_ca.root"),
						statecheck.ExpectKnownValue("mtls_control_plane_ca.root", tfjsonpath.New("private_key_pem"), knownvalue.Null()),
						statecheck.ExpectKnownValue("mtls_control_plane_ca.issuing", tfjsonpath.New("private_key_pem"), knownvalue.Null()),
						looksLike("mtls_control_plane_ca.root", func(c *x509.Certificate) error {
							if !pki.SameKey(c.PublicKey, h.key.Public()) {
								return fmt.Errorf("the root is not for the key that is held")
							}
							return c.CheckSignatureFrom(c)
						}),
						noSecret(h, middle),
					},
				},
				resource.TestStep{Config: config, PlanOnly: true},
			)
			// The root itself, the intermediate, three nodes, the generated CA, the list and the one that would be its last;
			// and the proof of the intermediate's key, and its leaf.
			if h.runs() != 8 || middle.runs() != 2 {
				t.Errorf("the programs ran %d and %d times, want 8 and 2", h.runs(), middle.runs())
			}
		})
	}
}

// noSecret checks that the keys that are held are nowhere in the state.
func noSecret(holders ...*holder) stateCheck {
	return func(state attributesByAddress) error {
		all, err := json.Marshal(state)
		if err != nil {
			return err
		}
		for _, h := range holders {
			private, err := pki.EncodePrivateKey(h.key)
			if err != nil {
				return err
			}
			if strings.Contains(string(all), strings.Split(private, "\n")[1]) {
				return fmt.Errorf("a held key is in the state")
			}
		}
		return nil
	}
}

// A root of a program is renewed by it, under its own generation, and another public
// key starts one, too. Another command does not.
func TestHeldKeyRotates(t *testing.T) {
	t.Parallel()
	h, other := newHolder(t, pki.ECDSAP256), newHolder(t, pki.ECDSAP256)
	const root = "mtls_control_plane_ca.root"
	moved := strings.Replace(h.root(), "["+h.script()+"]", `["sh", `+h.script()+`]`, 1)
	generation := func(number int64) []statecheck.StateCheck {
		return []statecheck.StateCheck{statecheck.ExpectKnownValue(root, tfjsonpath.New("generation"), knownvalue.Int64Exact(number))}
	}
	terraform(t, newStepClock().Now,
		resource.TestStep{Config: h.root(), ConfigStateChecks: generation(1)},
		resource.TestStep{
			Config: moved, ConfigStateChecks: generation(1),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectKnownValue(root, tfjsonpath.New("generation"), knownvalue.Int64Exact(1))}},
		},
		resource.TestStep{Config: strings.Replace(moved, `"Root"`, `"Root 2"`, 1), ConfigStateChecks: generation(2)},
		resource.TestStep{
			Config:            other.root(),
			ConfigStateChecks: append(generation(3), statecheck.ExpectKnownValue(root, tfjsonpath.New("spki_sha256"), knownvalue.StringExact(pki.SPKISHA256Of(other.key.Public())))),
		},
	)
}

// Whatever goes wrong with a program or with what is written about it is an error
// in words that lead on, where the program is configured.
func TestSignerCommandBadInput(t *testing.T) {
	t.Parallel()
	h, other := newHolder(t, pki.ECDSAP256), newHolder(t, pki.ECDSAP256)
	h.write(t, "plain.txt", "no program", 0o600)
	h.write(t, "words.sh", "#!/bin/sh\necho 'the token says no' >&2\nexit 3\n", 0o700)
	h.write(t, "silent.sh", "#!/bin/sh\n", 0o700)
	h.write(t, "slow.sh", "#!/bin/sh\nexec sleep 600\n", 0o700)
	h.write(t, "flood.sh", "#!/bin/sh\nexec yes\n", 0o700)
	file := func(name string) string { return fmt.Sprintf("%q", filepath.Join(h.folder, name)) }
	root := func(command string) string { return strings.Replace(h.root(), "["+h.script()+"]", command, 1) }
	for name, row := range map[string]struct{ config, want string }{
		"missing":            {root(`["no-such-program-here"]`), `Signer command failed(.|\n)*"no-such-program-here" was\s+not\s+found`},
		"missing path":       {root(`["./no/such/program"]`), `A relative path starts\s+in`},
		"not executable":     {root("[" + file("plain.txt") + "]"), `chmod \+x`},
		"exits with words":   {root("[" + file("words.sh") + "]"), `exit\s+status\s+3. It\s+says:\s+the token says no`},
		"silent":             {root("[" + file("silent.sh") + "]"), `wrote\s+no\s+signature`},
		"too slow":           {`provider "mtls" { signer_timeout = "200ms" }` + root("["+file("slow.sh")+"]"), `no\s+signature\s+within\s+200ms`},
		"too much":           {root("[" + file("flood.sh") + "]"), `more\s+than\s+16384\s+bytes`},
		"another key":        {root("[" + other.script() + "]"), `of\s+another\s+key`},
		"without public key": {`resource "mtls_control_plane_ca" "root" {` + "\n  subject = { common_name = \"Root\" }\n  signer_command = [\"x\"]\n}", `Signer command without a public key`},
		"empty":              {root(`[]`), `Public key without a signer command`},
		"blank":              {root(`[" "]`), `Invalid signer command(.|\n)*the first\s+element\s+is\s+blank`},
		"a NUL in a word":    {root(`["a", jsondecode("\"b\\u0000\"")]`), `Invalid signer command(.|\n)*element\s+\[1\]\s+has\s+a\s+NUL`},
		"too long":           {root(`concat(["a"], [for i in range(1000) : format("%040d", i)])`), `Invalid signer command(.|\n)*41002\s+bytes`},
		"an issuer's": {h.root() + `
resource "mtls_dataplane_certificate" "edge" {
  subject = { common_name = "edge" }
  issuer  = { certificate_pem = mtls_control_plane_ca.root.certificate_pem, signer_command = concat(["a"], [for i in range(1000) : format("%040d", i)]) }
}`, `Invalid signer command(.|\n)*41002\s+bytes`},
		"null":        {root(`["a", null]`), `Null element`},
		"private key": {strings.ReplaceAll(h.root(), "PUBLIC KEY", "PRIVATE KEY"), `not\s+a\s+public\s+key\s+but\s+a\s+private\s+key`},
		"two keys": {h.root() + `
resource "mtls_control_plane_ca" "ca" { subject = { common_name = "CA" } }
resource "mtls_dataplane_certificate" "edge" {
  subject = { common_name = "edge" }
  issuer  = { certificate_pem = mtls_control_plane_ca.ca.certificate_pem, private_key_pem = mtls_control_plane_ca.ca.private_key_pem, signer_command = ["x"] }
}`, `Two keys of the issuer`},
		"in a set, once": {h.root() + `
resource "mtls_dataplane_certificate_set" "site" {
  issuer       = { certificate_pem = mtls_control_plane_ca.root.certificate_pem, signer_command = [` + file("words.sh") + `] }
  certificates = { for i in range(40) : "fra-${i}" => { common_name = "fra-${i}" } }
}`, `Signer command failed(.|\n)*It\s+says:\s+the token says no\s+Nothing\s+was\s+issued\s+for\s+any\s+node`},
		"setting":   {`provider "mtls" { signer_timeout = "0s" }` + h.root(), `Duration not positive`},
		"setting 2": {`provider "mtls" { signer_concurrency = 0 }` + h.root(), `signer_concurrency`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			terraform(t, newStepClock().Now, resource.TestStep{Config: row.config, ExpectError: regexp.MustCompile(row.want)})
		})
	}
}

// A key beside its own certificate or another: never an error, and so never a key in
// Terraform's output.
func TestKeyMatches(t *testing.T) {
	t.Parallel()
	other, err := pki.GenerateKey(pki.ECDSAP256)
	if err != nil {
		t.Fatal(err)
	}
	terraform(t, newStepClock().Now, resource.TestStep{
		Config: `
resource "mtls_control_plane_ca" "ca" { subject = { common_name = "CA" } }
resource "mtls_dataplane_certificate" "edge" {
  subject = { common_name = "edge" }
  issuer  = mtls_control_plane_ca.ca
}
output "matches" {
  sensitive = true
  value = [for row in [
    [mtls_dataplane_certificate.edge.certificate_pem, mtls_dataplane_certificate.edge.private_key_pem],
    [mtls_dataplane_certificate.edge.chain_pem, mtls_dataplane_certificate.edge.private_key_pem],
    [mtls_control_plane_ca.ca.certificate_pem, mtls_dataplane_certificate.edge.private_key_pem],
    [mtls_dataplane_certificate.edge.certificate_pem, <<-EOT
` + keyPEM(t, other) + `
    EOT
    ],
    [mtls_dataplane_certificate.edge.private_key_pem, mtls_dataplane_certificate.edge.certificate_pem],
    [mtls_dataplane_certificate.edge.certificate_pem, "no key"],
    [mtls_dataplane_certificate.edge.certificate_pem, null],
    [null, mtls_dataplane_certificate.edge.private_key_pem],
    ["", ""],
  ] : provider::mtls::key_matches(row[0], row[1])]
}`,
		ConfigStateChecks: []statecheck.StateCheck{statecheck.ExpectKnownOutputValue("matches", knownvalue.ListExact([]knownvalue.Check{
			knownvalue.Bool(true), knownvalue.Bool(true), knownvalue.Bool(false), knownvalue.Bool(false), knownvalue.Bool(false),
			knownvalue.Bool(false), knownvalue.Bool(false), knownvalue.Bool(false), knownvalue.Bool(false),
		}))},
	})
}

// Who reviews a plan need not have the key of who applies it: a plan that issues
// warns, its apply fails, and what needs no signature is done without the key, the
// end of everything included.
func TestPlanWithoutTheIssuersKey(t *testing.T) {
	t.Parallel()
	h := newHolder(t, pki.ECDSAP256)
	config := func(key, names string) string {
		return h.root() + `
resource "mtls_control_plane_ca" "write_only" {
  subject                    = { common_name = "Write-only" }
  private_key_pem_wo         = ` + key + `
  private_key_pem_wo_version = 1
}
resource "mtls_dataplane_certificate" "edge" {
  subject   = { common_name = "edge" }
  dns_names = ` + names + `
  issuer    = { certificate_pem = mtls_control_plane_ca.write_only.certificate_pem, private_key_pem = ` + key + ` }
}`
	}
	const at = "mtls_dataplane_certificate.edge"
	held, err := pki.GenerateKey(pki.ECDSAP256)
	if err != nil {
		t.Fatal(err)
	}
	key := "<<-EOT\n" + keyPEM(t, held) + "EOT\n"
	check, first := readsCertificate(at)
	same := looksLike(at, func(c *x509.Certificate) error {
		if pki.EncodeCertificates(c) != first() {
			return fmt.Errorf("it was issued anew")
		}
		return nil
	})
	keyless := strings.Replace(config("null", `["a.example"]`), "private_key_pem_wo         = null", "private_key_pem_wo         = "+key, 1)
	terraform(t, newStepClock().Now,
		resource.TestStep{Config: config(key, `["a.example"]`), ConfigStateChecks: []statecheck.StateCheck{check}},
		resource.TestStep{Config: keyless, PlanOnly: true},
		resource.TestStep{Config: strings.Replace(keyless, "a.example", "b.example", 1), PlanOnly: true, ExpectNonEmptyPlan: true},
		resource.TestStep{
			Config:      strings.Replace(keyless, "a.example", "b.example", 1),
			ExpectError: regexp.MustCompile(`Issuer has no private key(.|\n)*signer_command`),
		},
		resource.TestStep{Config: keyless, ConfigStateChecks: []statecheck.StateCheck{same}, PreConfig: func() {
			h.write(t, "sign.sh", "#!/bin/sh\nexit 1\n", 0o700) // the destroy that follows must not ask it
		}},
	)
}
