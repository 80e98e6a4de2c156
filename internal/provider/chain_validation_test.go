package provider

import (
	"bytes"
	"crypto/x509"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/pkitest"
)

// The three uploads that decide everything: cert1 is a data plane's, issued by
// cert2, which cert3 issued, a root.
const threeUploads = "cert1 <- cert2 <- cert3"

// verdict is a block of configuration that judges what is presented against what
// is uploaded, each a list of drawn certificates.
func verdict(name, uploaded, presented, besides string) string {
	return fmt.Sprintf(`
data "mtls_chain_validation" %q {
  trust_anchors_pem   = [%s]
  presented_chain_pem = %s
  %s
}
`, name, uploaded, presented, besides)
}

func TestChainValidationJudgesTheThreeUploads(t *testing.T) {
	t.Parallel()
	graph := pkitest.Build(t, threeUploads)
	files := writeFiles(t, drawn(t, graph), map[string]string{"both.pem": graph.PEM("cert1 cert2")})
	said := func(row, attribute string, value knownvalue.Check) statecheck.StateCheck {
		return statecheck.ExpectKnownValue("data.mtls_chain_validation."+row, tfjsonpath.New(attribute), value)
	}
	subjects := func(names ...string) knownvalue.Check {
		var path []knownvalue.Check
		for _, name := range names {
			path = append(path, knownvalue.ObjectPartial(map[string]knownvalue.Check{
				"subject":            knownvalue.StringExact("CN=" + name),
				"fingerprint_sha256": knownvalue.StringExact(pki.FingerprintSHA256(graph.Certificate(name))),
				"is_ca":              knownvalue.Bool(name != "cert1"),
				"key_algorithm":      knownvalue.StringExact("ECDSA-P256"),
			}))
		}
		return knownvalue.ListExact(path)
	}
	accepted := func(row, mode, anchor string, path ...string) []statecheck.StateCheck {
		end := graph.Certificate("cert1").NotAfter.UTC().Format(time.RFC3339)
		return []statecheck.StateCheck{
			said(row, "trusted", knownvalue.Bool(true)), said(row, "mode", knownvalue.StringExact(mode)),
			said(row, "anchor", knownvalue.ObjectPartial(map[string]knownvalue.Check{"subject": knownvalue.StringExact("CN=" + anchor)})),
			said(row, "path", subjects(path...)), said(row, "findings", knownvalue.ListExact([]knownvalue.Check{})),
			said(row, "valid_until", knownvalue.StringExact(end)), said(row, "summary", knownvalue.NotNull()), said(row, "diagram", knownvalue.NotNull()),
		}
	}
	refused := []statecheck.StateCheck{
		said("row_4", "trusted", knownvalue.Bool(false)), said("row_4", "mode", knownvalue.Null()), said("row_4", "anchor", knownvalue.Null()),
		said("row_4", "path", knownvalue.Null()), said("row_4", "valid_until", knownvalue.Null()),
		said("row_4", "findings", knownvalue.ListPartial(map[int]knownvalue.Check{0: knownvalue.ObjectPartial(map[string]knownvalue.Check{
			"code": knownvalue.StringExact("issuer_missing"), "severity": knownvalue.StringExact("error"),
			"certificate": knownvalue.StringRegexp(regexp.MustCompile("CN=cert1")), "hint": knownvalue.StringRegexp(regexp.MustCompile("cert2")),
		})})),
		said("row_4", "summary", knownvalue.StringRegexp(regexp.MustCompile(`(?i)not (trusted|accepted)`))),
	}
	var checks []statecheck.StateCheck
	checks = append(checks, accepted("row_1", "pinned", "cert1", "cert1")...)
	checks = append(checks, accepted("row_2", "pki", "cert2", "cert1", "cert2")...)
	checks = append(checks, accepted("row_3", "pki", "cert3", "cert1", "cert2", "cert3")...)
	terraform(t, clockAt(pkitest.Now()).Now, resource.TestStep{
		Config: files + verdict("row_1", pem("cert1"), pem("cert1"), "") + verdict("row_2", pem("cert2"), pem("cert1"), "") +
			verdict("row_3", pem("cert3"), pem("both"), "") + verdict("row_4", pem("cert3"), pem("cert1"), ""),
		ConfigStateChecks: append(checks, refused...),
	})
}

// What is judged can be set: whose rules, when, for how long, and what is
// revoked.
func TestChainValidationJudgesAsAsked(t *testing.T) {
	t.Parallel()
	graph := pkitest.Build(t, threeUploads)
	list := pki.EncodeRevocationLists(graph.RevocationList(pkitest.Revocation{Issuer: "cert2", Revoked: []string{"cert1"}}))
	files := writeFiles(t, drawn(t, graph), map[string]string{"revoked.pem": list})
	var config string
	var checks []statecheck.StateCheck
	for name, row := range map[string]struct {
		besides string
		trusted bool
	}{
		"by_default":      {"", true},
		"konnect":         {`verifier = "konnect"`, true},
		"hybrid_pki":      {`verifier = "kong_hybrid_pki"`, false}, // no partial chains
		"hybrid_shared":   {`verifier = "kong_hybrid_shared"`, false},
		"before_its_time": {`at = "2020-01-01T00:00:00Z"`, false},
		"in_another_zone": {`at = "2030-06-15T12:00:00+02:00"`, true},
		"long_enough":     {`require_valid_for = "24h"`, true},
		"not_long_enough": {`require_valid_for = "87600h"`, false},
		"revoked":         {`revocation_lists_pem = [` + pem("revoked") + `]`, false},
	} {
		config += verdict(name, pem("cert2"), pem("cert1"), row.besides)
		checks = append(checks, statecheck.ExpectKnownValue("data.mtls_chain_validation."+name, tfjsonpath.New("trusted"), knownvalue.Bool(row.trusted)))
	}
	terraform(t, clockAt(pkitest.Now()).Now, resource.TestStep{Config: files + config, ConfigStateChecks: checks})
}

// The other direction, other servers, and their settings. The function takes the
// same.
func TestChainValidationAsEveryVerifier(t *testing.T) {
	t.Parallel()
	graph := pkitest.Build(t, "cp <- issuing <- regional <- root\nedge <- issuing\nalone",
		pkitest.With("cp", pkitest.DNS("cp.acme.internal"), pkitest.Purposes(x509.ExtKeyUsageServerAuth)),
		pkitest.With("alone", pkitest.DNS("kong_clustering"), pkitest.Purposes(x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth)))
	files := writeFiles(t, drawn(t, graph), map[string]string{"server.pem": graph.PEM("cp issuing regional"), "client.pem": graph.PEM("edge issuing regional")})
	var config string
	var checks []statecheck.StateCheck
	expressions := map[string]string{}
	for name, row := range map[string]struct {
		uploaded, presented, settings string
		codes                         []string
	}{
		"data_plane":             {"root", "server", `verifier = "kong_data_plane_pki", server_name = "cp.acme.internal", verify_depth = 2`, nil},
		"data_plane_too_deep":    {"root", "server", `verifier = "kong_data_plane_pki", server_name = "cp.acme.internal"`, []string{"too_many_intermediates"}},
		"data_plane_other_name":  {"root", "server", `verifier = "kong_data_plane_pki", server_name = "kong", verify_depth = 2`, []string{"server_name_mismatch"}},
		"data_plane_of_a_client": {"root", "client", `verifier = "kong_data_plane_pki", server_name = "edge", verify_depth = 2`, []string{"wrong_purpose"}},
		"shared":                 {"alone", "alone", `verifier = "kong_data_plane_shared"`, nil},
		"shared_with_its_name":   {"alone", "alone", `verifier = "kong_data_plane_shared", server_name = "kong_clustering"`, nil},
		"shared_ca_issued":       {"cp", "cp", `verifier = "kong_data_plane_shared"`, []string{"server_name_mismatch", "upload_not_an_anchor"}},
		"nginx":                  {"root", "client", `verifier = "nginx"`, []string{"too_many_intermediates"}},
		"nginx_deeper":           {"root", "client", `verifier = "nginx", verify_depth = 2`, nil},
		"haproxy":                {"root", "client", `verifier = "haproxy"`, nil},
		"apache":                 {"root", "client", `verifier = "apache", verify_depth = 2`, []string{"chain_too_long"}},
		"apache_deeper":          {"root", "client", `verifier = "apache", verify_depth = 3`, nil},
		"go":                     {"issuing", "edge", `verifier = "go"`, nil},
		"ocsp":                   {"root", "client", `verifier = "kong_hybrid_pki", ocsp = "on"`, []string{"ocsp_server_missing"}},
	} {
		config += verdict(name, pem(row.uploaded), pem(row.presented), strings.ReplaceAll(row.settings, ", ", "\n"))
		data := "data.mtls_chain_validation." + name
		var codes []knownvalue.Check
		for _, code := range row.codes {
			codes = append(codes, knownvalue.ObjectPartial(map[string]knownvalue.Check{
				"code": knownvalue.StringExact(code), "severity": knownvalue.StringExact("error"), "position": knownvalue.Int64Exact(1),
				"found_in": knownvalue.StringExact("presented_chain_pem"), "verifier_says": knownvalue.NotNull(),
				"fingerprint_sha256": knownvalue.StringExact(pki.FingerprintSHA256(graph.Certificate(map[string]string{"server": "cp", "cp": "cp", "client": "edge"}[row.presented]))),
			}))
		}
		checks = append(checks,
			statecheck.ExpectKnownValue(data, tfjsonpath.New("trusted"), knownvalue.Bool(len(row.codes) == 0)),
			statecheck.ExpectKnownValue(data, tfjsonpath.New("findings"), knownvalue.ListExact(codes)),
			statecheck.ExpectKnownOutputValue(name, knownvalue.Bool(true)),
		)
		expressions[name] = data + `.summary == provider::mtls::validate_chain([` + pem(row.uploaded) + `], ` + pem(row.presented) +
			`, { at = "2030-06-15T12:00:00Z", ` + row.settings + ` }).summary`
	}
	terraform(t, clockAt(pkitest.Now()).Now, resource.TestStep{Config: calls(files+config, expressions), ConfigStateChecks: checks})
}

// What is known is judged at plan, and what is not at apply, before anything
// that depends on it.
func TestChainValidationWaitsForWhatIsUnknown(t *testing.T) {
	t.Parallel()
	graph := pkitest.Build(t, threeUploads, pkitest.With("cert1", pkitest.Purposes())) // good for clients and servers
	const postcondition = `
  lifecycle {
    postcondition {
      condition     = self.trusted
      error_message = self.summary
    }
  }`
	files := writeFiles(t, drawn(t, graph))
	t.Run("known and bad stops the plan", func(t *testing.T) {
		t.Parallel()
		terraform(t, clockAt(pkitest.Now()).Now, resource.TestStep{
			Config: files + verdict("it", pem("cert3"), pem("cert1"), postcondition), PlanOnly: true,
			ExpectError: regexp.MustCompile(`(?s)Resource postcondition failed.*CN=cert2`),
		})
	})
	t.Run("found to be bad at apply", func(t *testing.T) {
		t.Parallel()
		terraform(t, clockAt(pkitest.Now()).Now, resource.TestStep{
			Config:      files + atApply("it", pem("cert1")) + verdict("it", pem("cert3"), "terraform_data.it.output", postcondition),
			ExpectError: regexp.MustCompile(`Resource postcondition failed`),
		})
	})
	t.Run("each argument", func(t *testing.T) {
		t.Parallel()
		config := files
		var planned []plancheck.PlanCheck
		var applied []statecheck.StateCheck
		judged := func(name, value, uploaded, presented, besides string) {
			config += atApply(name, value) + verdict(name, uploaded, presented, besides+postcondition) +
				atApply(name+"_dependent", "data.mtls_chain_validation."+name+".trusted")
			dependent := "terraform_data." + name + "_dependent"
			planned = append(planned,
				plancheck.ExpectResourceAction("data.mtls_chain_validation."+name, plancheck.ResourceActionRead),
				plancheck.ExpectUnknownValue(dependent, tfjsonpath.New("output")))
			applied = append(applied, statecheck.ExpectKnownValue(dependent, tfjsonpath.New("output"), knownvalue.Bool(true)))
		}
		judged("anchor", pem("cert2"), "terraform_data.anchor.output", pem("cert1"), "")
		judged("presented", pem("cert1"), pem("cert2"), "terraform_data.presented.output", "")
		judged("profile", `"konnect"`, pem("cert2"), pem("cert1"), "verifier = terraform_data.profile.output")
		judged("instant", `"2030-06-15T12:00:00Z"`, pem("cert2"), pem("cert1"), "at = terraform_data.instant.output")
		judged("life", `"24h"`, pem("cert2"), pem("cert1"), "require_valid_for = terraform_data.life.output")
		both := pem("cert2") + ", " + pem("cert3")
		judged("name", `"cert1"`, both, pem("cert1"), "verifier = \"kong_data_plane_pki\"\nserver_name = terraform_data.name.output")
		judged("depth", "1", both, pem("cert1"), "verifier = \"nginx\"\nverify_depth = terraform_data.depth.output")
		judged("ocsp", `"off"`, both, pem("cert1"), "verifier = \"kong_hybrid_pki\"\nocsp = terraform_data.ocsp.output")
		judged("lists", `tolist([])`, pem("cert2"), pem("cert1"), "revocation_lists_pem = terraform_data.lists.output")
		terraform(t, clockAt(pkitest.Now()).Now, resource.TestStep{
			Config: config, ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: planned}, ConfigStateChecks: applied,
		})
	})
}

// What cannot be judged at all is an error, on its attribute.
func TestChainValidationRefuses(t *testing.T) {
	t.Parallel()
	files := badInput(t)
	judge := func(uploaded, presented, besides string) string {
		return "trust_anchors_pem = [" + uploaded + "]\npresented_chain_pem = " + presented + "\n" + besides
	}
	t.Run("validation", func(t *testing.T) {
		t.Parallel()
		refuse(t, `data "mtls_chain_validation"`, files, []refusal{
			{"verifier_unknown", judge(pem("root"), pem("edge"), `verifier = "konect"`), []string{"verifier: Invalid Attribute Value Match"}},
			{"name_for_konnect", judge(pem("root"), pem("edge"), `server_name = "cp.acme.internal"`), []string{"server_name: Option does not fit the verifier"}},
			{"name_for_nginx", judge(pem("root"), pem("edge"), "verifier = \"nginx\"\nserver_name = \"cp.acme.internal\""), []string{"server_name: Option does not fit the verifier"}},
			{"name_missing", judge(pem("root"), pem("edge"), `verifier = "kong_data_plane_pki"`), []string{"Option does not fit the verifier"}},
			{"name_empty", judge(pem("root"), pem("edge"), "verifier = \"kong_data_plane_pki\"\nserver_name = \"\""), []string{"server_name: Option does not fit the verifier"}},
			{"name_with_port", judge(pem("root"), pem("edge"), "verifier = \"kong_data_plane_pki\"\nserver_name = \"cp.acme.internal:8005\""), []string{"server_name: Option does not fit the verifier"}},
			{"name_that_is_a_wildcard", judge(pem("root"), pem("edge"), "verifier = \"kong_data_plane_pki\"\nserver_name = \"*.acme.internal\""), []string{"server_name: Option does not fit the verifier"}},
			{"name_other_than_shared", judge(pem("root"), pem("edge"), "verifier = \"kong_data_plane_shared\"\nserver_name = \"cp.acme.internal\""), []string{"server_name: Option does not fit the verifier"}},
			{"depth_below_zero", judge(pem("root"), pem("edge"), "verifier = \"apache\"\nverify_depth = -1"), []string{"verify_depth: Option does not fit the verifier"}},
			{"depth_for_haproxy", judge(pem("root"), pem("edge"), "verifier = \"haproxy\"\nverify_depth = 2"), []string{"verify_depth: Option does not fit the verifier"}},
			{"depth_for_kong", judge(pem("root"), pem("edge"), "verifier = \"kong_hybrid_pki\"\nverify_depth = 2"), []string{"verify_depth: Option does not fit the verifier"}},
			{"ocsp_for_go", judge(pem("root"), pem("edge"), "verifier = \"go\"\nocsp = \"off\""), []string{"ocsp: Option does not fit the verifier"}},
			{"ocsp_of_another_word", judge(pem("root"), pem("edge"), "verifier = \"kong_hybrid_pki\"\nocsp = \"always\""), []string{"ocsp: Option does not fit the verifier"}},
			{"options_all_at_once", judge(pem("root"), pem("edge"), "server_name = \"a.example\"\nverify_depth = 1\nocsp = \"on\""), []string{
				"server_name: Option does not fit the verifier", "verify_depth: Option does not fit the verifier", "ocsp: Option does not fit the verifier",
			}},
			{"instant_that_is_none", judge(pem("root"), pem("edge"), `at = "tomorrow"`), []string{"at: Invalid RFC3339 String Value"}},
			{"length_of_life_in_days", judge(pem("root"), pem("edge"), `require_valid_for = "30d"`), []string{"require_valid_for: Invalid duration"}},
			{"length_of_life_negative", judge(pem("root"), pem("edge"), `require_valid_for = "-1h"`), []string{"require_valid_for: Negative duration"}},
		})
	})
	t.Run("plan", func(t *testing.T) {
		t.Parallel()
		refuse(t, `data "mtls_chain_validation"`, files, []refusal{
			{"nothing_presented", judge(pem("root"), `""`, ""), []string{"presented_chain_pem: Unreadable presented chain"}},
			{"presented_path", judge(pem("root"), `"/etc/kong/cluster.crt"`, ""), []string{"presented_chain_pem: Unreadable presented chain"}},
			{"presented_key", judge(pem("root"), keyOf("edge"), ""), []string{"presented_chain_pem: Unreadable presented chain"}},
			{"second_block_cut_off", judge(pem("root"), `join("", [`+pem("edge")+`, `+pem("cut-off")+`])`, ""), []string{"presented_chain_pem: Unreadable presented chain"}},
			{"second_anchor_damaged", judge(pem("root")+", "+pem("damaged"), pem("edge"), ""), []string{"trust_anchors_pem: Unreadable trust anchor"}},
			{"anchor_null", judge("null", pem("edge"), ""), []string{"trust_anchors_pem: Unreadable trust anchor"}},
			{"list_that_is_none", judge(pem("root"), pem("edge"), `revocation_lists_pem = [`+pem("root")+`]`), []string{"revocation_lists_pem: Unreadable revocation list"}},
			{"all_at_once", judge(`"hello"`, `"hello"`, `revocation_lists_pem = ["hello"]`), []string{
				"trust_anchors_pem: Unreadable trust anchor", "presented_chain_pem: Unreadable presented chain", "revocation_lists_pem: Unreadable revocation list",
			}},
		})
	})
}

// TestUnreadableUploadCostsAWarning: what crypto/x509 cannot read, such as an old
// CA with a negative serial number, must not stop the plan of those who upload it
// beside others.
func TestUnreadableUploadCostsAWarning(t *testing.T) {
	t.Parallel()
	unreadable, err := os.ReadFile(filepath.Join("..", "pki", "testdata", "negative-serial.pem"))
	if err != nil {
		t.Fatal(err)
	}
	graph := pkitest.Build(t, "edge <- root")
	p := newProtocol(t, pkitest.Now)
	kind := p.kinds[kindChain]
	for name, row := range map[string]struct {
		anchors   []string
		presented string
		trusted   bool
	}{
		"uploaded beside":  {[]string{string(unreadable), graph.PEM("root")}, graph.PEM("edge"), true},
		"uploaded with it": {[]string{string(unreadable) + graph.PEM("root")}, graph.PEM("edge"), true},
		"presented":        {[]string{graph.PEM("root")}, string(unreadable), false},
	} {
		t.Run(name, func(t *testing.T) {
			answer, err := p.server.ReadDataSource(t.Context(), &tfprotov6.ReadDataSourceRequest{
				TypeName: "mtls_chain_validation",
				Config:   dynamic(t, kind, valueOf(kind, written{"trust_anchors_pem": row.anchors, "presented_chain_pem": row.presented})),
			})
			if err != nil {
				t.Fatal(err)
			}
			wantSound(t, answer.Diagnostics)
			state := p.decode(t, kindChain, answer.State)
			var trusted bool
			if err := attributes(t, state)["trusted"].As(&trusted); err != nil {
				t.Fatal(err)
			}
			if trusted != row.trusted || !strings.Contains(text(t, state, "summary"), "negative serial number") {
				t.Errorf("trusted: %t, want %t, and the reason named:\n%s", trusted, row.trusted, text(t, state, "summary"))
			}
		})
	}
}

// TestUnreadableRevocationListCostsAWarning: one list that crypto/x509 cannot read
// neither stops the plan nor takes the others away; a text that is none is an error
// at its element.
func TestUnreadableRevocationListCostsAWarning(t *testing.T) {
	t.Parallel()
	graph := pkitest.Build(t, "edge <- root")
	list := graph.RevocationList(pkitest.Revocation{Issuer: "root", Revoked: []string{"edge"}})
	der := slices.Clone(list.Raw)
	der[bytes.Index(der, []byte{0x02, 0x01, 0x01})+2] = 5 // a version that there is not
	encode := func(der []byte) string {
		return pki.EncodeRevocationLists(&x509.RevocationList{Raw: der})
	}
	good, unreadable := encode(list.Raw), encode(der)
	p := newProtocol(t, pkitest.Now)
	kind := p.kinds[kindChain]
	read := func(lists ...string) *tfprotov6.ReadDataSourceResponse {
		answer, err := p.server.ReadDataSource(t.Context(), &tfprotov6.ReadDataSourceRequest{
			TypeName: "mtls_chain_validation",
			Config: dynamic(t, kind, valueOf(kind, written{
				"trust_anchors_pem": []string{graph.PEM("root")}, "presented_chain_pem": graph.PEM("edge"), "revocation_lists_pem": lists,
			})),
		})
		if err != nil {
			t.Fatal(err)
		}
		return answer
	}
	for name, row := range map[string]struct {
		lists []string
		want  []string
	}{
		"alone":             {[]string{unreadable}, []string{"TRUSTED (pki)", "revocation list 1", "version", "revocation_list_unusable"}},
		"beside a good one": {[]string{good, unreadable}, []string{"NOT TRUSTED", "revocation list 2", "version", "revoked"}},
		"in one text":       {[]string{unreadable + good}, []string{"NOT TRUSTED", "revocation list 1", "revocation list 2", "revoked"}},
	} {
		answer := read(row.lists...)
		wantSound(t, answer.Diagnostics)
		summary := text(t, p.decode(t, kindChain, answer.State), "summary")
		for _, want := range row.want {
			if !strings.Contains(summary, want) {
				t.Errorf("%s: no word of %q:\n%s", name, want, summary)
			}
		}
	}
	for name, none := range map[string]string{"no PEM": "hello", "a certificate": graph.PEM("root"), "cut off": encode(der[:len(der)/2])} {
		answer := read(good, none)
		if len(answer.Diagnostics) != 1 || !strings.Contains(answer.Diagnostics[0].Detail, "Element [1]") {
			t.Errorf("%s: %+v", name, *answer.Diagnostics[0])
		}
	}
}
