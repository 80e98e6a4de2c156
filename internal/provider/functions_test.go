package provider

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/config"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/pkitest"
)

// calls is a configuration with one output for each expression.
func calls(shared string, expressions map[string]string) string {
	text := shared + "terraform {\n  required_providers {\n    mtls = { source = \"hashicorp/mtls\" }\n  }\n}\n"
	for name, expression := range expressions {
		text += fmt.Sprintf("output %q {\n  value = %s\n}\n", name, expression)
	}
	return text
}

func TestFunctions(t *testing.T) {
	t.Parallel()
	graph := pkitest.Build(t, threeUploads)
	files := writeFiles(t, drawn(t, graph), map[string]string{"heap.pem": graph.PEM("cert3 cert1 cert2"), "both.pem": graph.PEM("cert1 cert2")})
	const at = `"2030-06-15T12:00:00Z"`
	expressions := map[string]string{
		"fingerprint": `provider::mtls::fingerprint_sha256(` + pem("cert1") + `)`,
		"chain":       `provider::mtls::build_chain(` + pem("cert1") + `, ` + pem("heap") + `)`,
		"chain_alone": `provider::mtls::build_chain(` + pem("cert1") + `, ` + pem("cert3") + `)`,
		"subjects":    `[for certificate in provider::mtls::parse_certificates(` + pem("heap") + `) : certificate.subject]`,
		"row_1":       `provider::mtls::validate_chain([` + pem("cert1") + `], ` + pem("cert1") + `, { at = ` + at + ` }).mode`,
		"row_2":       `provider::mtls::validate_chain([` + pem("cert2") + `], ` + pem("cert1") + `, { at = ` + at + `, verifier = "konnect" }).mode`,
		"row_3":       `provider::mtls::validate_chain([` + pem("cert3") + `], ` + pem("both") + `, { at = ` + at + `, verifier = "kong_hybrid_pki", revocation_lists_pem = null }).path[2].subject`,
		"row_4":       `provider::mtls::validate_chain([` + pem("cert3") + `], ` + pem("cert1") + `, { at = ` + at + ` }).findings[0].code`,
		"map":         `provider::mtls::validate_chain([` + pem("cert2") + `], ` + pem("cert1") + `, tomap({ at = ` + at + `, verifier = "kong_hybrid_pki" })).trusted`,
		"typed":       `provider::mtls::validate_chain([` + pem("cert2") + `], ` + pem("cert1") + `, { at = ` + at + `, verifier = tostring(null), revocation_lists_pem = toset([]) }).trusted`,
		"later":       `provider::mtls::validate_chain([` + pem("cert1") + `], ` + pem("cert1") + `, { at = "2100-01-01T00:00:00Z" }).trusted`,
	}
	text := func(value string) knownvalue.Check { return knownvalue.StringExact(value) }
	var checks []statecheck.StateCheck
	for name, value := range map[string]knownvalue.Check{
		"fingerprint": text(pki.FingerprintSHA256(graph.Certificate("cert1"))),
		"chain":       text(graph.PEM("cert1 cert2")),
		"chain_alone": text(graph.PEM("cert1")),
		"subjects":    knownvalue.TupleExact([]knownvalue.Check{text("CN=cert3"), text("CN=cert1"), text("CN=cert2")}),
		"row_1":       text("pinned"),
		"row_2":       text("pki"),
		"row_3":       text("CN=cert3"),
		"row_4":       text("issuer_missing"),
		"later":       knownvalue.Bool(false),
		"map":         knownvalue.Bool(false),
		"typed":       knownvalue.Bool(true),
	} {
		checks = append(checks, statecheck.ExpectKnownOutputValue(name, value))
	}
	terraform(t, clockAt(pkitest.Now()).Now, resource.TestStep{Config: calls(files, expressions), ConfigStateChecks: checks})
}

// The function and the data source say the same.
func TestValidateChainIsTheDataSource(t *testing.T) {
	t.Parallel()
	files := writeFiles(t, drawn(t, pkitest.Build(t, threeUploads)))
	var text string
	parts := []string{"trusted", "mode", "anchor", "path", "findings", "valid_until", "summary", "diagram"}
	expressions := map[string]string{}
	for name, uploaded := range map[string]string{"accepted": "cert2", "refused": "cert3"} {
		text += verdict(name, pem(uploaded), pem("cert1"), `at = "2030-06-15T12:00:00Z"`)
		for _, part := range parts {
			expressions[name+"_"+part] = `jsonencode(data.mtls_chain_validation.` + name + `.` + part + `) == jsonencode(provider::mtls::validate_chain([` +
				pem(uploaded) + `], ` + pem("cert1") + `, { at = "2030-06-15T12:00:00Z" }).` + part + `)`
		}
	}
	var checks []statecheck.StateCheck
	for name := range expressions {
		checks = append(checks, statecheck.ExpectKnownOutputValue(name, knownvalue.Bool(true)))
	}
	terraform(t, clockAt(pkitest.Now()).Now, resource.TestStep{Config: calls(files+text, expressions), ConfigStateChecks: checks})
}

// Each fault of an argument is reported of that argument, by its name.
func TestFunctionsTellWhichArgumentIsWrong(t *testing.T) {
	t.Parallel()
	call := func(name, call string) refusal {
		return refusal{name, "value = provider::mtls::" + call, []string{"value: Invalid function argument"}}
	}
	judge := func(uploaded, presented, options string) string {
		return `validate_chain([` + uploaded + `], ` + presented + `, ` + options + `)`
	}
	const at = `{ at = "2030-06-15T12:00:00Z" }`
	refuse(t, "output", calls(badInput(t), nil), []refusal{
		call("fingerprint_of_nothing", `fingerprint_sha256("hello")`),
		call("fingerprint_of_two", `fingerprint_sha256(`+pem("two")+`)`),
		call("fingerprint_of_null", `fingerprint_sha256(null)`),
		call("certificates_cut_off", `parse_certificates(`+pem("cut-off")+`)`),
		call("chain_of_two", `build_chain(`+pem("two")+`, `+pem("two")+`)`),
		call("uploaded_text", judge(pem("root")+`, "hello"`, pem("edge"), at)),
		call("uploaded_null", judge(pem("root")+`, null`, pem("edge"), at)),
		call("options_null", judge(pem("root"), pem("edge"), "null")),
		call("options_text", judge(pem("root"), pem("edge"), `"konnect"`)),
		call("options_list", judge(pem("root"), pem("edge"), `["konnect"]`)),
		call("options_empty", judge(pem("root"), pem("edge"), `{}`)),
		call("option_unknown", judge(pem("root"), pem("edge"), `{ at = "2030-06-15T12:00:00Z", control_plane = "konnect" }`)),
		call("verifier_unknown", judge(pem("root"), pem("edge"), `{ at = "2030-06-15T12:00:00Z", verifier = "konect" }`)),
		call("verifier_number", judge(pem("root"), pem("edge"), `{ at = "2030-06-15T12:00:00Z", verifier = 3 }`)),
		call("valid_for_negative", judge(pem("root"), pem("edge"), `{ at = "2030-06-15T12:00:00Z", require_valid_for = "-1h" }`)),
		call("name_missing", judge(pem("root"), pem("edge"), `{ at = "2030-06-15T12:00:00Z", verifier = "kong_data_plane_pki" }`)),
		call("name_number", judge(pem("root"), pem("edge"), `{ at = "2030-06-15T12:00:00Z", verifier = "kong_data_plane_pki", server_name = 3 }`)),
		call("depth_text", judge(pem("root"), pem("edge"), `{ at = "2030-06-15T12:00:00Z", verifier = "nginx", verify_depth = "2" }`)),
		call("depth_fraction", judge(pem("root"), pem("edge"), `{ at = "2030-06-15T12:00:00Z", verifier = "nginx", verify_depth = 1.5 }`)),
		call("depth_below_zero", judge(pem("root"), pem("edge"), `{ at = "2030-06-15T12:00:00Z", verifier = "nginx", verify_depth = -2 }`)),
		call("ocsp_bool", judge(pem("root"), pem("edge"), `{ at = "2030-06-15T12:00:00Z", verifier = "kong_hybrid_pki", ocsp = true }`)),
		call("ocsp_for_apache", judge(pem("root"), pem("edge"), `{ at = "2030-06-15T12:00:00Z", verifier = "apache", ocsp = "on" }`)),
		call("lists_text", judge(pem("root"), pem("edge"), `{ at = "2030-06-15T12:00:00Z", revocation_lists_pem = "none" }`)),
		call("lists_number", judge(pem("root"), pem("edge"), `{ at = "2030-06-15T12:00:00Z", revocation_lists_pem = [null, 3] }`)),
		call("lists_unreadable", judge(pem("root"), pem("edge"), `{ at = "2030-06-15T12:00:00Z", revocation_lists_pem = [`+pem("edge")+`] }`)),
		call("instant_that_is_none", judge(pem("root"), pem("edge"), `{ at = "tomorrow" }`)),
		call("instant_null", judge(pem("root"), pem("edge"), `{ at = null }`)),
		call("several_faults", judge(pem("root"), pem("edge"), `{ verifer = "konnect", verifier = true }`)),
	})
}

// A module refuses a bad chain at plan, before anything of it is touched.
func TestModuleVariableRefusesABadChain(t *testing.T) {
	t.Parallel()
	graph := pkitest.Build(t, threeUploads)
	folder := t.TempDir()
	module := `
terraform {
  required_providers {
    mtls = { source = "hashicorp/mtls" }
  }
}
variable "control_plane" {
  type = object({ uploaded_pem = list(string), at = string })
}
variable "chain_pem" {
  type = string
  validation {
    condition     = provider::mtls::validate_chain(var.control_plane.uploaded_pem, var.chain_pem, { at = var.control_plane.at }).trusted
    error_message = provider::mtls::validate_chain(var.control_plane.uploaded_pem, var.chain_pem, { at = var.control_plane.at }).summary
  }
}
resource "terraform_data" "deployment" {
  input = var.chain_pem
}
`
	if err := os.WriteFile(filepath.Join(folder, "main.tf"), []byte(module), 0o600); err != nil {
		t.Fatal(err)
	}
	uploaded := config.ObjectVariable(map[string]config.Variable{
		"uploaded_pem": config.ListVariable(config.StringVariable(graph.PEM("cert3"))), "at": config.StringVariable("2030-06-15T12:00:00Z"),
	})
	given := func(names string) config.Variables {
		return config.Variables{"control_plane": uploaded, "chain_pem": config.StringVariable(graph.PEM(names))}
	}
	terraform(t, clockAt(pkitest.Now()).Now,
		resource.TestStep{
			ConfigDirectory: config.StaticDirectory(folder), ConfigVariables: given("cert1"), PlanOnly: true,
			ExpectError: regexp.MustCompile(`(?s)Invalid value for variable.*CN=cert2`),
		},
		resource.TestStep{
			ConfigDirectory: config.StaticDirectory(folder), ConfigVariables: given("cert1 cert2"),
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue("terraform_data.deployment", tfjsonpath.New("output"), knownvalue.StringExact(graph.PEM("cert1 cert2"))),
			},
		},
	)
}
