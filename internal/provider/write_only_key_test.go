package provider

import (
	"crypto/x509/pkix"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/trustplane/terraform-provider-mtls/internal/issue"
	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

// keyElsewhere is each of the three resources as it is written for a key that is
// not in state; %s are the key's own attributes, on their lines.
func keyElsewhere() map[string]string {
	return map[string]string{
		"mtls_control_plane_ca":   "resource \"mtls_control_plane_ca\" \"it\" {\n  subject = { common_name = \"CA\" }\n%s}\n",
		"mtls_pinned_certificate": "resource \"mtls_pinned_certificate\" \"it\" {\n  subject = { common_name = \"pin\" }\n%s}\n",
		"mtls_dataplane_certificate": "resource \"mtls_control_plane_ca\" \"root\" {\n  subject = { common_name = \"Root\" }\n}\n" +
			"resource \"mtls_dataplane_certificate\" \"it\" {\n  subject = { common_name = \"edge\" }\n  issuer  = mtls_control_plane_ca.root\n%s}\n",
	}
}

// withKeyElsewhere runs the steps of each of them in one configuration, under a
// clock that stands still; shared is as in atOnce.
func withKeyElsewhere(t *testing.T, shared []string, steps func(kind, config string) []resource.TestStep) {
	t.Helper()
	var all [][]resource.TestStep
	for kind, config := range keyElsewhere() {
		all = append(all, steps(kind, config))
	}
	terraform(t, newStepClock().Now, atOnce(shared, all...)...)
}

// A heldKey is a key that the state is not to know, by the file that holds it.
type heldKey struct{ pem, spki string }

func newHeldKey(t *testing.T, algorithm pki.KeyAlgorithm) heldKey {
	t.Helper()
	key, err := pki.GenerateKey(algorithm)
	if err != nil {
		t.Fatal(err)
	}
	return heldKey{pem: keyPEM(t, key), spki: pki.SPKISHA256Of(key.Public())}
}

// given is the key as a write-only argument; version 0 leaves the version out.
func (k heldKey) given(version int) string {
	return writeOnly("<<-EOT\n"+k.pem+"EOT\n", version)
}

func writeOnly(expression string, version int) string {
	text := "  private_key_pem_wo = " + strings.TrimSuffix(expression, "\n") + "\n"
	if version > 0 {
		text += fmt.Sprintf("  private_key_pem_wo_version = %d\n", version)
	}
	return text
}

// holds checks that the state has a certificate of a generation for a key, and
// the key itself nowhere.
func (k heldKey) holds(kind string, generation int64) []statecheck.StateCheck {
	return []statecheck.StateCheck{
		statecheck.ExpectKnownValue(kind+".it", tfjsonpath.New("spki_sha256"), knownvalue.StringExact(k.spki)),
		statecheck.ExpectKnownValue(kind+".it", tfjsonpath.New("private_key_pem"), knownvalue.Null()),
		statecheck.ExpectKnownValue(kind+".it", tfjsonpath.New("private_key_pem_wo"), knownvalue.Null()),
		statecheck.ExpectKnownValue(kind+".it", tfjsonpath.New("generation"), knownvalue.Int64Exact(generation)),
	}
}

// generated checks that the state holds a generation and its key.
func generated(kind string, generation int64) []statecheck.StateCheck {
	return []statecheck.StateCheck{
		statecheck.ExpectKnownValue(kind+".it", tfjsonpath.New("private_key_pem"), knownvalue.StringRegexp(regexp.MustCompile(`^-----BEGIN PRIVATE KEY-----`))),
		statecheck.ExpectSensitiveValue(kind+".it", tfjsonpath.New("private_key_pem")),
		statecheck.ExpectKnownValue(kind+".it", tfjsonpath.New("generation"), knownvalue.Int64Exact(generation)),
	}
}

func updates(kind string) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(kind+".it", plancheck.ResourceActionUpdate)}}
}

func noChange() resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}}
}

// TestWriteOnlyKey: the certificate is made for the key, a changed version makes
// one for the key that is then given, and no key is ever in state.
func TestWriteOnlyKey(t *testing.T) {
	t.Parallel()
	first, second, third := newHeldKey(t, pki.ECDSAP256), newHeldKey(t, pki.RSA2048), newHeldKey(t, pki.Ed25519)
	withKeyElsewhere(t, nil, func(kind, config string) []resource.TestStep {
		step := func(key heldKey, version int) string { return fmt.Sprintf(config, key.given(version)) }
		return []resource.TestStep{
			{Config: step(first, 0), ConfigStateChecks: first.holds(kind, 1)},
			// Without a version, a key that is known at plan speaks for itself.
			{Config: step(second, 0), ConfigPlanChecks: updates(kind), ConfigStateChecks: second.holds(kind, 2)},
			{Config: step(second, 1), ConfigPlanChecks: updates(kind), ConfigStateChecks: second.holds(kind, 3)},
			{Config: step(second, 1), ConfigPlanChecks: noChange()},
			{Config: step(third, 2), ConfigPlanChecks: updates(kind), ConfigStateChecks: third.holds(kind, 4)},
		}
	})
}

// TestVersionSaysWhichWriteOnlyKey: where a version is given, another key with
// the same version changes nothing: an ephemeral key is another one each time.
func TestVersionSaysWhichWriteOnlyKey(t *testing.T) {
	t.Parallel()
	first, second := newHeldKey(t, pki.ECDSAP256), newHeldKey(t, pki.ECDSAP256)
	withKeyElsewhere(t, nil, func(kind, config string) []resource.TestStep {
		return []resource.TestStep{
			{Config: fmt.Sprintf(config, first.given(1)), ConfigStateChecks: first.holds(kind, 1)},
			{Config: fmt.Sprintf(config, second.given(1)), ConfigPlanChecks: noChange()},
			{Config: fmt.Sprintf(config, second.given(2)), ConfigPlanChecks: updates(kind), ConfigStateChecks: second.holds(kind, 2)},
		}
	})
}

// knownAtApply wraps an expression so that a plan does not know it while input
// changes.
func knownAtApply(input, expression string) (resources, wrapped string) {
	return fmt.Sprintf("resource \"terraform_data\" \"later\" {\n  input = %q\n}\n", input),
		fmt.Sprintf("terraform_data.later.output == \"\" ? \"\" : %s", expression)
}

// TestWriteOnlyKeyKnownAtApply: what the plan promises holds whatever key comes.
func TestWriteOnlyKeyKnownAtApply(t *testing.T) {
	t.Parallel()
	first, second := newHeldKey(t, pki.ECDSAP256), newHeldKey(t, pki.Ed25519)
	files := writeFiles(t, map[string]string{"first.key": first.pem, "second.key": second.pem})
	later := func(file string) (resources, key string) { return knownAtApply(file, `file("${local.pki}/`+file+`")`) }
	knowsFirst, firstLater := later("first.key")
	knowsSecond, secondLater := later("second.key")
	withKeyElsewhere(t, []string{files + knowsFirst, files + knowsFirst, files + knowsSecond}, func(kind, config string) []resource.TestStep {
		return []resource.TestStep{
			{Config: fmt.Sprintf(config, writeOnly(firstLater, 1)), ConfigStateChecks: first.holds(kind, 1)},
			{Config: fmt.Sprintf(config, writeOnly(firstLater, 1)), ConfigPlanChecks: noChange()},
			{Config: fmt.Sprintf(config, writeOnly(secondLater, 2)), ConfigPlanChecks: updates(kind), ConfigStateChecks: second.holds(kind, 2)},
		}
	})
}

// TestKeyMovesIntoAndOutOfState, in both directions, with the certificate that
// goes with it.
func TestKeyMovesIntoAndOutOfState(t *testing.T) {
	t.Parallel()
	held := newHeldKey(t, pki.ECDSAP256)
	files := writeFiles(t, map[string]string{"held.key": held.pem})
	resources, later := knownAtApply("once", `file("${local.pki}/held.key")`)
	withKeyElsewhere(t, []string{"", "", "", files + resources}, func(kind, config string) []resource.TestStep {
		inState := fmt.Sprintf(config, "")
		return []resource.TestStep{
			{Config: inState, ConfigStateChecks: generated(kind, 1)},
			{Config: fmt.Sprintf(config, held.given(1)), ConfigPlanChecks: updates(kind), ConfigStateChecks: held.holds(kind, 2)},
			{Config: inState, ConfigPlanChecks: updates(kind), ConfigStateChecks: generated(kind, 3)},
			// The key leaves the state also where no version says so and the plan
			// does not know which key comes.
			{Config: fmt.Sprintf(config, writeOnly(later, 0)), ConfigPlanChecks: updates(kind), ConfigStateChecks: held.holds(kind, 4)},
		}
	})
}

// TestKeyOfTheStateMovesOutOfIt: the same key, write-only from now on, keeps its
// certificate; the state forgets the key.
func TestKeyOfTheStateMovesOutOfIt(t *testing.T) {
	t.Parallel()
	held := newHeldKey(t, pki.ECDSAP256)
	certificate := selfSigned(t, held)
	config := func(attributes string) string {
		return "resource \"mtls_pinned_certificate\" \"it\" {\n  certificate_pem = <<-EOT\n" + certificate + "EOT\n" + attributes + "}\n"
	}
	terraform(t, newStepClock().Now,
		resource.TestStep{
			Config:            config("  private_key_pem = <<-EOT\n" + held.pem + "EOT\n"),
			ConfigStateChecks: generated("mtls_pinned_certificate", 1),
		},
		resource.TestStep{Config: config(held.given(0)), ConfigPlanChecks: updates("mtls_pinned_certificate"), ConfigStateChecks: held.holds("mtls_pinned_certificate", 1)},
		resource.TestStep{Config: config(held.given(0)), ConfigPlanChecks: noChange()},
	)
}

// TestWriteOnlyKeyOfAnotherCertificate is refused on its own attribute: when it
// is provided with the certificate, when it comes later, and at apply if it is
// not known before.
func TestWriteOnlyKeyOfAnotherCertificate(t *testing.T) {
	t.Parallel()
	held, other := newHeldKey(t, pki.ECDSAP256), newHeldKey(t, pki.ECDSAP256)
	certificate := selfSigned(t, held)
	config := func(attributes string) string {
		return "resource \"mtls_pinned_certificate\" \"it\" {\n  certificate_pem = <<-EOT\n" + certificate + "EOT\n" + attributes + "}\n"
	}
	refused := func(attribute string) *regexp.Regexp {
		return regexp.MustCompile(`(?s)Error: Key does not match.*` + attribute + ` *=.*The private key does not belong to`)
	}
	files := writeFiles(t, map[string]string{"other.key": other.pem})
	resources, later := knownAtApply("once", `file("${local.pki}/other.key")`)
	terraform(t, newStepClock().Now,
		resource.TestStep{Config: config(other.given(1)), PlanOnly: true, ExpectError: refused("private_key_pem_wo")},
		resource.TestStep{Config: config(held.given(1)), ConfigStateChecks: held.holds("mtls_pinned_certificate", 1)},
		resource.TestStep{Config: config(other.given(2)), PlanOnly: true, ExpectError: refused("private_key_pem_wo")},
		resource.TestStep{Config: config("  private_key_pem = <<-EOT\n" + other.pem + "EOT\n"), PlanOnly: true, ExpectError: refused("private_key_pem")},
		resource.TestStep{Config: files + resources + config(writeOnly(later, 2)), ExpectError: refused("private_key_pem_wo")},
	)
}

// TestWriteOnlyKeyThatIsNoKey: each with what to do about it, on the attribute.
func TestWriteOnlyKeyThatIsNoKey(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	for _, arguments := range []string{
		"genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out plain.key",
		"pkcs8 -topk8 -in plain.key -passout pass:secret -out encrypted.key",
		"genrsa -traditional -aes128 -passout pass:secret -out legacy.key 2048",
		"genrsa -out weak.key 1024",
		"genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-224 -out curve.key",
		"genpkey -algorithm X25519 -out exchange.key",
		"genpkey -algorithm ED448 -out unsupported.key",
		"req -new -x509 -key plain.key -subj /CN=edge -out certificate.pem",
		"pkey -in plain.key -pubout -out public.pem",
	} {
		openssl(t, folder, arguments)
	}
	const decrypt = `openssl pkey -in encrypted.pem`
	for file, told := range map[string]string{
		"encrypted.key":   `Unreadable private key.*The private key is encrypted.*` + decrypt,
		"legacy.key":      `Unreadable private key.*The private key is encrypted.*` + decrypt,
		"weak.key":        `Key too weak.*its RSA key has 1024 bits`,
		"curve.key":       `Key too weak.*curve P-224`,
		"exchange.key":    `Key of another kind.*holds an X25519 key, which cannot sign`,
		"unsupported.key": `Key of another kind.*holds an Ed448 key; RSA, ECDSA`,
		"certificate.pem": `Unreadable private key.*not a private key but a certificate`,
		"public.pem":      `Unreadable private key.*not a private key but a public key`,
	} {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			config := localFolder(folder) + fmt.Sprintf(keyElsewhere()["mtls_pinned_certificate"], writeOnly(`file("${local.pki}/`+file+`")`, 0))
			terraform(t, newStepClock().Now, resource.TestStep{Config: config, PlanOnly: true, ExpectError: toldOn("private_key_pem_wo", told)})
		})
	}
}

// toldOn matches an error that stands on a line of the configuration and says
// what is reported, however Terraform wraps it.
func toldOn(attribute, told string) *regexp.Regexp {
	summary, detail, _ := strings.Cut(told, ".*")
	gap := func(text string) string { return strings.ReplaceAll(text, " ", `\s+`) }
	return regexp.MustCompile(`(?s)Error: ` + gap(summary) + `.*\n *\d+: *` + attribute + ` *=.*` + gap(detail))
}

// selfSigned is a certificate for a key, valid around the tests' clock.
func selfSigned(t *testing.T, key heldKey) string {
	t.Helper()
	signer, err := pki.ParsePrivateKey(key.pem)
	if err != nil {
		t.Fatal(err)
	}
	request := issue.Request{Profile: issue.PinnedCertificate, Subject: pkix.Name{CommonName: "edge"}, Key: signer}
	issued, err := issue.Issue(t.Context(), request, nil, newStepClock().Now())
	if err != nil {
		t.Fatal(err)
	}
	return pki.EncodeCertificates(issued.Certificate)
}
