package provider

import (
	"encoding/base64"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/pkitest"
)

// A mend is a damaged text, and the expression that the message about it names:
// "..." stands for the text.
type mend struct {
	text       string
	expression string
	given      string // the text as Terraform has it; empty: file(...)
}

// TestFirstAidMends: what the message about a damaged text says is a function of
// Terraform that mends it.
func TestFirstAidMends(t *testing.T) {
	t.Parallel()
	graph := pkitest.Build(t, "edge <- issuing")
	edge, key := graph.PEM("edge"), keyPEM(t, graph.Key("edge"))
	inBase64 := base64.StdEncoding.EncodeToString
	certificates := map[string]mend{
		"newlines":     {text: strings.ReplaceAll(edge, "\n", `\n`), expression: `replace(..., "\\n", "\n")`},
		"spaces":       {text: strings.ReplaceAll(edge, "\n", " "), expression: `replace(replace(..., "/\\s+/", "\n"), "/\\b(BEGIN|END)\n/", "$1 ")`},
		"tabs":         {text: strings.ReplaceAll(edge, "\n", "\t"), expression: `replace(replace(..., "/\\s+/", "\n"), "/\\b(BEGIN|END)\n/", "$1 ")`},
		"nothing":      {text: strings.ReplaceAll(edge, "\n", ""), expression: `replace(replace(..., "BEGIN CERTIFICATE-----", "BEGIN CERTIFICATE-----\n"), "-----END", "\n-----END")`},
		"returns":      {text: strings.ReplaceAll(edge, "\n", "\r"), expression: `replace(..., "\r", "\n")`},
		"quoted":       {text: `"` + strings.TrimSpace(edge) + `"`, expression: `trim(..., "\"'")`},
		"json":         {text: `"` + strings.ReplaceAll(edge, "\n", `\n`) + `"`, expression: `jsondecode(...)`},
		"invisible":    {text: "\u200b" + edge, expression: `replace(..., "/[^\\x00-\\x7f]/", "")`},
		"tabs_indent":  {text: strings.ReplaceAll(strings.TrimSpace(edge), "\n", "\n\t"), expression: `replace(..., "/(?m)^[ \\t]+/", "")`},
		"base64":       {text: inBase64([]byte(edge)), expression: `base64decode(...)`},
		"base64_twice": {text: inBase64([]byte(inBase64([]byte(edge)))), expression: `base64decode(base64decode(...))`},
		"for_urls":     {text: base64.URLEncoding.EncodeToString([]byte("a~~~?>\n" + edge)), expression: `base64decode(replace(replace(..., "-", "+"), "_", "/"))`},
		"der":          {text: inBase64(graph.Certificate("edge").Raw), expression: `"-----BEGIN CERTIFICATE-----\n${...}\n-----END CERTIFICATE-----\n"`},
		"utf16":        {text: inBase64([]byte(littleEndian("\ufeff" + edge))), expression: `textdecodebase64(..., "UTF-16LE")`},
		"utf16_file":   {text: littleEndian(edge), given: `base64decode(filebase64(...))`, expression: `textdecodebase64(filebase64(...), "UTF-16LE")`},
	}
	files, expressions := map[string]string{}, map[string]string{}
	add := func(name string, m mend, err error, call string) {
		if err == nil || !strings.Contains(err.Error(), m.expression) {
			t.Errorf("%s: the error is %v, and does not say %s", name, err, m.expression)
		}
		files[name] = m.text
		text := `file("${local.pki}/` + name + `")`
		expression := strings.ReplaceAll(m.expression, "...", text)
		if strings.Contains(m.expression, "filebase64") {
			expression = strings.ReplaceAll(m.expression, "...", `"${local.pki}/`+name+`"`)
		}
		expressions[name] = strings.ReplaceAll(call, "...", expression)
	}
	for name, m := range certificates {
		_, err := pki.ParseCertificate(m.text)
		add(name, m, err, "provider::mtls::fingerprint_sha256(...)")
	}
	_, err := pki.ParsePrivateKey(strings.ReplaceAll(key, "\n", " "))
	add("key_spaces", mend{text: strings.ReplaceAll(key, "\n", " "), expression: `replace(replace(..., "/\\s+/", "\n"), "/\\b(BEGIN|END|PRIVATE)\n/", "$1 ")`}, err, "trimspace(...)")
	var checks []statecheck.StateCheck
	for name := range expressions {
		want := pki.FingerprintSHA256(graph.Certificate("edge"))
		if name == "key_spaces" {
			want = strings.TrimSpace(key)
		}
		checks = append(checks, statecheck.ExpectKnownOutputValue(name, knownvalue.StringExact(want)))
	}
	terraform(t, clockAt(pkitest.Now()).Now, resource.TestStep{Config: calls(writeFiles(t, files), expressions), ConfigStateChecks: checks})
}

func littleEndian(text string) string {
	var bytes []byte
	for _, unit := range utf16.Encode([]rune(text)) {
		bytes = append(bytes, byte(unit), byte(unit>>8))
	}
	return string(bytes)
}

// TestKeysOfAnotherKind: one error, that names the key, wherever one is given;
// never that it is invalid.
func TestKeysOfAnotherKind(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	for name, arguments := range map[string]string{
		"ed448": "genpkey -algorithm ED448", "x25519": "genpkey -algorithm X25519", "pss": "genpkey -algorithm RSA-PSS -pkeyopt rsa_keygen_bits:2048",
		"koblitz":  "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:secp256k1",
		"explicit": "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -pkeyopt ec_param_enc:explicit",
	} {
		openssl(t, folder, arguments+" -out "+name+".key")
	}
	openssl(t, folder, "req -x509 -newkey ed448 -nodes -keyout root.key -out root.pem -subj /CN=root -addext keyUsage=keyCertSign")
	const subject = `
				subject = { common_name = "edge" }
				`
	writeOnly := func(name string) refusal {
		return refusal{name, subject + `private_key_pem_wo = file("${local.pki}/` + name + `.key")`, []string{"private_key_pem_wo: Key of another kind"}}
	}
	t.Run("held", func(t *testing.T) {
		t.Parallel()
		refuse(t, `resource "mtls_control_plane_ca"`, localFolder(folder), []refusal{
			writeOnly("ed448"), writeOnly("x25519"), writeOnly("pss"), writeOnly("koblitz"), writeOnly("explicit"),
		})
	})
	t.Run("signs", func(t *testing.T) {
		t.Parallel()
		refuse(t, `resource "mtls_dataplane_certificate"`, localFolder(folder), []refusal{
			{"whole", issuedBelow("root", subject), []string{"issuer: Key of another kind"}},
		})
	})
}

// A certificate that Terraform passes on as it is written, and that programs in Go
// do not find in that, is warned of; its chain has it as all read it.
func TestByteOrderMarkIsWarnedOf(t *testing.T) {
	t.Parallel()
	certificate := pkitest.Build(t, "edge <- root").PEM("edge")
	m := newManaged(t, kindPin, newStepClock())
	diagnostics := m.run(t, written{"certificate_pem": "\ufeff" + certificate})
	warned := warningsOf(diagnostics)
	if len(warned) == 0 || !strings.Contains(warned[0], `AttributeName("certificate_pem"): Certificate not read by every program`) || !strings.Contains(warned[0], "trimprefix") {
		t.Errorf("warned of %q", warned)
	}
	if refused := errorsOf(diagnostics); len(refused) > 0 || m.text(t, "chain_pem") != certificate {
		t.Errorf("refused %q, with the chain %q", refused, m.text(t, "chain_pem"))
	}
}
