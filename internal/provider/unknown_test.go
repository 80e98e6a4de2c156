package provider

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/trustplane/terraform-provider-mtls/internal/pkitest"
)

// An unknown is an argument whose value is known at apply alone.
type unknown struct {
	name string // also the block's
	body string // with %s where the unknown value stands
	// first and then are the values, as HCL, of the creation and of the update
	// that follows.
	first, then string
}

func (u unknown) config(typeName, value string) string {
	return atApply(u.name, value) +
		fmt.Sprintf("resource %q %q {\n%s\n}\n", typeName, u.name, fmt.Sprintf(u.body, "terraform_data."+u.name+".output"))
}

// atApply is a block whose output is value, and known at apply alone.
func atApply(name, value string) string {
	return fmt.Sprintf("resource \"terraform_data\" %q {\n  input = %s\n}\n", name, value)
}

// pem and keyOf are the HCL of a drawn certificate and of its key.
func pem(name string) string   { return `file("${local.pki}/` + name + `.pem")` }
func keyOf(name string) string { return `file("${local.pki}/` + name + `.key")` }

func issuerObject(name string) string {
	return `{ certificate_pem = ` + pem(name) + `, private_key_pem = ` + keyOf(name) + ` }`
}

const subjectIt = `subject = { common_name = "it" }
`

// unknownLifecycle are the arguments that every certificate resource has;
// besides are those that it needs.
func unknownLifecycle(besides string) []unknown {
	generated := subjectIt + besides
	return []unknown{
		{"subject", besides + `subject = %s`, `{ common_name = "a" }`, `{ common_name = "b" }`},
		{"common_name", besides + `subject = { common_name = %s }`, `"a"`, `"b"`},
		{"key_algorithm", generated + `key_algorithm = %s`, `"ED25519"`, `"ECDSA-P384"`},
		{"validity", generated + `validity = %s`, `"1000h"`, `"2000h"`},
		{"renew_before", generated + `renew_before = %s`, `"24h"`, `"48h"`},
		{"rotation_triggers", generated + `rotation_triggers = %s`, `{ wanted = "1" }`, `{ wanted = "2" }`},
		{"rotation_trigger", generated + `rotation_triggers = { wanted = %s }`, `"1"`, `"2"`},
		{"reuse_key", generated + `reuse_key = %s`, `true`, `false`},
		{"certificate_pem", `certificate_pem = %s`, pem("issuing"), pem("other")},
		// The version tells that another key is meant, not the key.
		{"private_key_pem_wo", generated + `private_key_pem_wo = %s`, keyOf("edge"), keyOf("edge")},
		{"private_key_pem_wo_version", generated + `private_key_pem_wo = ` + keyOf("edge") + "\n" + `private_key_pem_wo_version = %s`, `1`, `2`},
	}
}

func unknownNames(besides string) []unknown {
	return []unknown{
		{"dns_names", besides + `dns_names = %s`, `["a.example"]`, `["b.example"]`},
		{"dns_name", besides + `dns_names = ["fixed.example", %s]`, `"a.example"`, `"b.example"`},
		{"ip_addresses", besides + `ip_addresses = %s`, `["10.0.0.1"]`, `["10.0.0.2"]`},
		{"ip_address", besides + `ip_addresses = ["10.0.0.9", %s]`, `"10.0.0.1"`, `"10.0.0.2"`},
		{"uris", besides + `uris = %s`, `["spiffe://a.example"]`, `["spiffe://b.example"]`},
		{"uri", besides + `uris = ["spiffe://fixed.example", %s]`, `"spiffe://a.example"`, `"spiffe://b.example"`},
		{"email_addresses", besides + `email_addresses = %s`, `["a@a.example"]`, `["b@a.example"]`},
		{"email_address", besides + `email_addresses = ["fixed@a.example", %s]`, `"a@a.example"`, `"b@a.example"`},
	}
}

func unknownIssuers() []unknown {
	return []unknown{
		{"issuer", subjectIt + `issuer = %s`, issuerObject("issuing"), issuerObject("other")},
		{"issuer_certificate", subjectIt + `issuer = {
			certificate_pem = %s
			private_key_pem = ` + keyOf("issuing") + "\n}", pem("issuing"), pem("issuing-renewed")},
		{"issuer_chain", subjectIt + `issuer = {
			certificate_pem = ` + pem("issuing") + `
			chain_pem       = %s
			private_key_pem = ` + keyOf("issuing") + "\n}", pem("issuing"), `join("", [` + pem("issuing") + `, ` + pem("root") + `])`},
		{"issuer_key", subjectIt + `issuer = {
			certificate_pem = ` + pem("issuing") + `
			private_key_pem = %s
		}`, keyOf("issuing"), keyOf("issuing")},
	}
}

// Any argument may be unknown at plan: then so is what depends on it, nothing
// fails, and what is applied is what is configured.
func TestEveryArgumentMayBeUnknownAtPlan(t *testing.T) {
	t.Parallel()
	graph := pkitest.Build(t, `
		edge <- issuing <- root
		edge <- issuing
		issuing-renewed <- root
		another <- issuing-renewed
		sibling <- other
		`, pkitest.With("issuing-renewed", pkitest.SameKeyAs("issuing")))
	files := writeFiles(t, drawn(t, graph))
	issuer := "issuer = " + issuerObject("issuing") + "\n"
	overlap := unknown{"overlap", subjectIt + `overlap = %s`, `"24h"`, `"48h"`}
	for typeName, rows := range map[string][][]unknown{
		"mtls_control_plane_ca": {unknownLifecycle(""), unknownIssuers(), {
			overlap,
			{"max_path_length", subjectIt + `max_path_length = %s`, `0`, `1`},
			{"name_constraints", subjectIt + `name_constraints = %s`, `{ permitted_dns_domains = ["a.example"] }`, `{ excluded_dns_domains = ["a.example"] }`},
			{"constraint", subjectIt + `name_constraints = { permitted_dns_domains = ["fixed.example", %s] }`, `"a.example"`, `"b.example"`},
			{"crl_distribution_points", subjectIt + `crl_distribution_points = %s`, `["http://a.example/crl"]`, `["http://b.example/crl"]`},
			{"ocsp_servers", subjectIt + `ocsp_servers = [%s]`, `"http://a.example"`, `"http://b.example"`},
		}},
		"mtls_pinned_certificate": {unknownLifecycle(""), unknownNames(subjectIt), {overlap}},
		"mtls_dataplane_certificate": {unknownLifecycle(issuer), unknownNames(issuer), unknownIssuers(), {
			{"extended_key_usages", subjectIt + issuer + `extended_key_usages = %s`, `["server_auth"]`, `["client_auth", "server_auth"]`},
			{"crl_distribution_points", subjectIt + issuer + `crl_distribution_points = %s`, `["http://a.example/crl"]`, `["http://b.example/crl"]`},
			{"ocsp_servers", subjectIt + issuer + `ocsp_servers = [%s]`, `"http://a.example"`, `"http://b.example"`},
			{"extended_key_usage", subjectIt + issuer + `extended_key_usages = ["client_auth", %s]`, `"server_auth"`, `"server_auth"`},
		}},
	} {
		t.Run(typeName, func(t *testing.T) {
			t.Parallel()
			var first, then strings.Builder
			var creates, updates []plancheck.PlanCheck
			for _, group := range rows {
				for _, row := range group {
					first.WriteString(row.config(typeName, row.first))
					then.WriteString(row.config(typeName, row.then))
					address := typeName + "." + row.name
					creates = append(creates, plancheck.ExpectUnknownValue(address, tfjsonpath.New("chain_pem")))
					if row.first != row.then {
						updates = append(updates, plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate))
					}
				}
			}
			terraform(t, clockAt(pkitest.Now()).Now,
				resource.TestStep{Config: files + first.String(), ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: creates}},
				resource.TestStep{Config: files + then.String(), ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: updates}},
			)
		})
	}
}

// Of a provided certificate all is known at plan, even if its key is not.
func TestKeyOfAProvidedCertificateMayBeUnknownAtPlan(t *testing.T) {
	t.Parallel()
	const pin = "mtls_pinned_certificate.it"
	files := writeFiles(t, drawn(t, pkitest.Build(t, "edge <- root")))
	config := func(key string) string {
		return files + unknown{"it", `certificate_pem = ` + pem("edge") + "\n" + `private_key_pem = %s`, "", ""}.config("mtls_pinned_certificate", key)
	}
	terraform(t, clockAt(pkitest.Now()).Now,
		resource.TestStep{
			Config: config(keyOf("edge")),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectUnknownValue(pin, tfjsonpath.New("private_key_pem")),
				plancheck.ExpectKnownValue(pin, tfjsonpath.New("chain_pem"), knownvalue.NotNull()),
				plancheck.ExpectKnownValue(pin, tfjsonpath.New("trust_bundle_pem"), knownvalue.NotNull()),
			}},
			ConfigStateChecks: []statecheck.StateCheck{describesItself(pin, 1), holdsItsKey(pin)},
		},
		// Found out at apply, and nothing is half written: the certificate stays.
		resource.TestStep{Config: config(keyOf("root")), ExpectError: regexp.MustCompile("Key does not match")},
		resource.TestStep{Config: config(keyOf("edge")), ConfigStateChecks: []statecheck.StateCheck{describesItself(pin, 1), holdsItsKey(pin)}},
	)
}

// What turns out at apply to be wrong is reported as it would have been at plan, and
// nothing is made of it.
func TestFaultsOfUnknownValuesAreToldAtApply(t *testing.T) {
	t.Parallel()
	files := badInput(t)
	issuer := "issuer = " + issuerObject("issuing") + "\n"
	rows := []struct {
		unknown
		tells string
	}{
		{unknown{"no_pem", `certificate_pem = %s`, `"hello"`, ""}, "certificate_pem: Unreadable certificate"},
		{unknown{"expired", `certificate_pem = %s`, pem("expired-leaf"), ""}, "certificate_pem: Certificate has expired"},
		{unknown{"anothers_key", `certificate_pem = ` + pem("edge") + "\n" + `private_key_pem = %s`, keyOf("root"), ""}, "private_key_pem: Key does not match"},
		{unknown{"days", subjectIt + issuer + `validity = %s`, `"365d"`, ""}, "validity: Invalid duration"},
		{unknown{"algorithm", subjectIt + issuer + `key_algorithm = %s`, `"RSA-1024"`, ""}, "key_algorithm: Invalid Attribute Value Match"},
		{unknown{"name", issuer + `dns_names = ["fine.example", %s]`, `"two words"`, ""}, "dns_names: Invalid name"},
		{unknown{"issuer_no_ca", subjectIt + `issuer = %s`, issuerObject("edge"), ""}, "issuer: Issuer may not sign certificates"},
		{unknown{"issuer_expired", subjectIt + `issuer = %s`, issuerObject("expired-ca"), ""}, "issuer: Issuer has expired"},
		{unknown{"issuer_no_pem", subjectIt + `issuer = %s`, `{ certificate_pem = "hello", private_key_pem = "hello" }`, ""}, "issuer: Unreadable issuer certificate"},
		{unknown{"request_no_pem", issuer + `csr_pem = %s`, `"hello"`, ""}, "csr_pem: Unreadable certificate request"},
	}
	config, want := files, map[string]string{}
	for _, row := range rows {
		config += row.config("mtls_dataplane_certificate", row.first)
		want[row.name] = row.tells
	}
	got := map[string]string{}
	for _, one := range errorsAt(t, resource.TestStep{Config: config}) {
		got[one.block] += one.place()
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("what is reported (-want +got):\n%s", diff)
	}
}
