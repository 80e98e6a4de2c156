package provider

import (
	"encoding/base64"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/pkitest"
)

// Terraform shows the arguments of a function that fails, whole, whatever is marked
// as sensitive. So a text with a private key in it gives a value, or none, and
// never an error.
func TestFunctionsDoNotFailOnPrivateKeys(t *testing.T) {
	t.Parallel()
	graph := pkitest.Build(t, threeUploads)
	key, err := pki.EncodePrivateKey(graph.Key("cert1"))
	if err != nil {
		t.Fatal(err)
	}
	files := writeFiles(t, map[string]string{
		"both.pem": graph.PEM("cert1") + key, "first.pem": key + graph.PEM("cert1"), "key.pem": key, "heap.pem": graph.PEM("cert3 cert2") + key,
		"cut.pem": key[:len(key)/2], "flat.pem": base64.StdEncoding.EncodeToString([]byte(key)), "wrong.pem": strings.ReplaceAll(key, "PRIVATE KEY", "CERTIFICATE"),
		"cert1.pem": graph.PEM("cert1"), "cert2.pem": graph.PEM("cert2"), "damaged.pem": key + strings.Replace(graph.PEM("cert1"), "M", "!", 3),
	})
	const options = `{ at = "2030-06-15T12:00:00Z" }`
	text := func(value string) knownvalue.Check { return knownvalue.StringExact(value) }
	expressions, want := map[string]string{}, map[string]knownvalue.Check{}
	add := func(name, expression string, check knownvalue.Check) {
		expressions[name], want[name] = expression, check
	}
	for _, name := range []string{"both", "first"} {
		add("fingerprint_"+name, `provider::mtls::fingerprint_sha256(`+pem(name)+`)`, text(pki.FingerprintSHA256(graph.Certificate("cert1"))))
		add("parse_"+name, `nonsensitive(provider::mtls::parse_certificates(sensitive(`+pem(name)+`))[0].subject)`, text("CN=cert1"))
		add("chain_"+name, `provider::mtls::build_chain(`+pem(name)+`, `+pem("heap")+`)`, text(graph.PEM("cert1 cert2")))
		add("verdict_"+name, `provider::mtls::validate_chain([`+pem("cert2")+`], `+pem(name)+`, `+options+`).mode`, text("pki"))
		add("fleet_"+name, `provider::mtls::validate_fleet([`+pem("cert2")+`, `+pem(name)+`], { edge = `+pem(name)+` }, `+options+`).trusted`, knownvalue.Bool(true))
		add("anchor_"+name, `provider::mtls::validate_chain([`+pem(name)+`], `+pem("cert1")+`, `+options+`).mode`, text("pinned"))
	}
	for _, name := range []string{"key", "cut", "flat", "wrong", "damaged"} {
		add("fingerprint_"+name, `provider::mtls::fingerprint_sha256(`+pem(name)+`) == null`, knownvalue.Bool(true))
		add("parse_"+name, `length(provider::mtls::parse_certificates(`+pem(name)+`))`, knownvalue.Int64Exact(0))
		add("chain_"+name, `provider::mtls::build_chain(`+pem(name)+`, `+pem("cert2")+`) == null`, knownvalue.Bool(true))
		add("pool_"+name, `provider::mtls::build_chain(`+pem("cert1")+`, `+pem(name)+`)`, text(graph.PEM("cert1")))
		add("verdict_"+name, `provider::mtls::validate_chain([`+pem("cert2")+`], `+pem(name)+`, `+options+`).trusted`, knownvalue.Bool(false))
		add("why_"+name, `strcontains(provider::mtls::validate_chain([`+pem("cert2")+`, `+pem(name)+`], `+pem("cert1")+`, `+options+`).summary, "trust_anchors_pem[1] is left out")`, knownvalue.Bool(true))
		add("options_"+name, `startswith(provider::mtls::validate_chain([`+pem("cert2")+`], `+pem(name)+`, { at = "tomorrow" }).summary, "NOT JUDGED")`, knownvalue.Bool(true))
		add("lists_"+name, `provider::mtls::validate_chain([`+pem("cert2")+`], `+pem("cert1")+`, { at = "2030-06-15T12:00:00Z", revocation_lists_pem = [`+pem(name)+`] }).trusted`, knownvalue.Bool(false))
	}
	for _, name := range []string{"key", "cut", "flat", "wrong", "damaged"} {
		fleet := func(anchors, chains, options string) string {
			return `provider::mtls::validate_fleet([` + anchors + `], { ` + chains + ` }, ` + options + `)`
		}
		both := `edge = ` + pem("cert1") + `, other = ` + pem(name)
		add("fleet_chain_"+name, `keys(`+fleet(pem("cert2"), both, options)+`.refused)`, knownvalue.ListExact([]knownvalue.Check{text("other")}))
		add("fleet_chain_why_"+name, `strcontains(`+fleet(pem("cert2"), both, options)+`.summary, "chains_pem[\"other\"] is left out")`, knownvalue.Bool(true))
		add("fleet_anchor_"+name, fleet(pem("cert2")+`, `+pem(name), `edge = `+pem("cert1"), options)+`.trusted`, knownvalue.Bool(true))
		add("fleet_anchor_why_"+name, `strcontains(`+fleet(pem("cert2")+`, `+pem(name), ``, options)+`.summary, "trust_anchors_pem[1] is left out")`, knownvalue.Bool(true))
		for of, wrong := range map[string]string{
			"at": `{ at = "tomorrow" }`, "lists": `{ at = "2030-06-15T12:00:00Z", revocation_lists_pem = [` + pem(name) + `] }`,
		} {
			call := fleet(pem("cert2"), both, wrong)
			add("fleet_"+of+"_"+name, call+`.trusted`, knownvalue.Bool(false))
			add("fleet_"+of+"_refused_"+name, `length(`+call+`.refused)`, knownvalue.Int64Exact(2))
			add("fleet_"+of+"_why_"+name, `startswith(`+call+`.summary, "NOT JUDGED")`, knownvalue.Bool(true))
		}
	}
	var checks []statecheck.StateCheck
	for name, check := range want {
		checks = append(checks, statecheck.ExpectKnownOutputValue(name, check))
	}
	terraform(t, clockAt(pkitest.Now()).Now, resource.TestStep{Config: calls(files, expressions), ConfigStateChecks: checks})
}

// What has no private key in it is refused as before.
func TestFunctionsFailOnOtherTexts(t *testing.T) {
	t.Parallel()
	for _, call := range []string{`fingerprint_sha256("garbage")`, `parse_certificates("garbage")`, `build_chain("garbage", "")`, `validate_chain([], "garbage", { at = "2030-06-15T12:00:00Z" })`} {
		terraform(t, clockAt(pkitest.Now()).Now, resource.TestStep{Config: calls("", map[string]string{"it": "provider::mtls::" + call}), ExpectError: regexp.MustCompile("no PEM block|No PEM block")})
	}
}
