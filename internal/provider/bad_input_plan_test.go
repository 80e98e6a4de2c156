package provider

import (
	"fmt"
	"slices"
	"testing"
)

// What is wrong with a certificate that is provided is reported by the plan, since it
// takes a clock or another attribute to see it.
func TestPlanRefusesProvidedCertificates(t *testing.T) {
	t.Parallel()
	files := badInput(t)
	for _, each := range []struct {
		kind string
		rows []refusal
	}{
		{"mtls_control_plane_ca", []refusal{
			{"expired", `
				certificate_pem = file("${local.pki}/expired-ca.pem")`, []string{"certificate_pem: Certificate has expired"}},
			{"a_leaf", `
				certificate_pem = file("${local.pki}/edge.pem")`, []string{"certificate_pem: Not a CA certificate"}},
			{"a_ca_that_may_not_sign", `
				certificate_pem = file("${local.pki}/no-sign-ca.pem")`, []string{"certificate_pem: Not a CA certificate"}},
			{"version_1", `
				certificate_pem = file("${local.pki}/v1-ca.pem")`, []string{"certificate_pem: Not a CA certificate"}},
			{"anothers_key", `
				certificate_pem = file("${local.pki}/root.pem")
				private_key_pem = file("${local.pki}/issuing.key")`, []string{"private_key_pem: Key does not match"}},
			{"anothers_key_write_only", `
				certificate_pem    = file("${local.pki}/root.pem")
				private_key_pem_wo = file("${local.pki}/issuing.key")`, []string{"private_key_pem_wo: Key does not match"}},
			{"all_at_once", `
				certificate_pem = file("${local.pki}/expired-leaf.pem")
				private_key_pem = file("${local.pki}/root.key")`, []string{
				"certificate_pem: Certificate has expired", "certificate_pem: Not a CA certificate", "private_key_pem: Key does not match",
			}},
			{"strange_issuer", `
				certificate_pem = file("${local.pki}/issuing.pem")
				issuer          = { certificate_pem = file("${local.pki}/full-ca.pem") }`, []string{"issuer: Issuer did not sign this"}},
			{"unreadable_issuer", `
				certificate_pem = file("${local.pki}/issuing.pem")
				issuer          = { certificate_pem = "hello" }`, []string{"issuer: Unreadable issuer certificate"}},
		}},
		{"mtls_pinned_certificate", []refusal{
			{"expired", `
				certificate_pem = file("${local.pki}/expired-leaf.pem")`, []string{"certificate_pem: Certificate has expired"}},
			{"anothers_key", `
				certificate_pem = file("${local.pki}/edge.pem")
				private_key_pem = file("${local.pki}/stranger.key")`, []string{"private_key_pem: Key does not match"}},
		}},
		{"mtls_dataplane_certificate", []refusal{
			{"expired", `
				certificate_pem = file("${local.pki}/expired-leaf.pem")`, []string{"certificate_pem: Certificate has expired"}},
			{"anothers_key", `
				certificate_pem = file("${local.pki}/edge.pem")
				private_key_pem = file("${local.pki}/stranger.key")`, []string{"private_key_pem: Key does not match"}},
			{"strange_issuer", `
				certificate_pem = file("${local.pki}/edge.pem")
				issuer          = { certificate_pem = file("${local.pki}/root.pem") }`, []string{"issuer: Issuer did not sign this"}},
			{"expired_issuer", `
				certificate_pem = file("${local.pki}/late.pem")
				issuer          = { certificate_pem = file("${local.pki}/expired-ca.pem") }`, []string{"issuer: Issuer has expired"}},
		}},
	} {
		t.Run(each.kind, func(t *testing.T) {
			t.Parallel()
			refuse(t, fmt.Sprintf("resource %q", each.kind), files, each.rows)
		})
	}
}

// issuedBelow is a data plane's certificate below the CA of that name.
func issuedBelow(ca, body string) string {
	return `
		issuer = {
			certificate_pem = file("${local.pki}/` + ca + `.pem")
			private_key_pem = file("${local.pki}/` + ca + `.key")
		}` + body
}

func TestPlanRefusesIssuersThatMayNotSign(t *testing.T) {
	t.Parallel()
	files := badInput(t)
	const subject = `
		subject = { common_name = "node" }`
	t.Run("mtls_dataplane_certificate", func(t *testing.T) {
		t.Parallel()
		issuer := func(certificate, key string) string {
			return subject + `
		issuer = {
			certificate_pem = ` + certificate + `
			private_key_pem = ` + key + `
		}`
		}
		const root, rootKey = `file("${local.pki}/root.pem")`, `file("${local.pki}/root.key")`
		refuse(t, `resource "mtls_dataplane_certificate"`, files, []refusal{
			{"not_a_ca", issuedBelow("edge", subject), []string{"issuer: Issuer may not sign certificates"}},
			{"without_the_right_to_sign", issuedBelow("no-sign-ca", subject), []string{"issuer: Issuer may not sign certificates"}},
			{"version_1", issuedBelow("v1-ca", subject), []string{"issuer: Issuer may not sign certificates"}},
			{"expired", issuedBelow("expired-ca", subject), []string{"issuer: Issuer has expired"}},
			{"for_other_purposes", issuedBelow("server-only-ca", subject), []string{"Purpose not allowed by issuer"}},
			{"its_own_name", issuedBelow("root", `
				subject = { common_name = "root" }`), []string{"subject: Subject equals the issuer's"}},
			{"anothers_key", issuer(root, `file("${local.pki}/issuing.key")`), []string{"issuer: Issuer's key does not match"}},
			{"no_pem", issuer(`"hello"`, rootKey), []string{"issuer: Unreadable issuer certificate"}},
			{"several", issuer(`file("${local.pki}/two.pem")`, rootKey), []string{"issuer: Unreadable issuer certificate"}},
			{"key_for_certificate", issuer(rootKey, rootKey), []string{"issuer: Unreadable issuer certificate"}},
			{"certificate_for_key", issuer(root, root), []string{"issuer: Unreadable issuer key"}},
			{"unreadable_chain", subject + `
				issuer = {
					certificate_pem = file("${local.pki}/issuing.pem")
					chain_pem       = file("${local.pki}/cut-off.pem")
					private_key_pem = file("${local.pki}/issuing.key")
				}`, []string{"issuer: Unreadable issuer chain"}},
			{"shuffled_chain", subject + `
				issuer = {
					certificate_pem = file("${local.pki}/issuing.pem")
					chain_pem       = file("${local.pki}/shuffled.pem")
					private_key_pem = file("${local.pki}/issuing.key")
				}`, []string{"issuer: Issuer's chain is broken"}},
		})
	})
	t.Run("mtls_control_plane_ca", func(t *testing.T) {
		t.Parallel()
		refuse(t, `resource "mtls_control_plane_ca"`, files, []refusal{
			{"path_length_used_up", issuedBelow("full-ca", subject), []string{"issuer: Path length exceeded"}},
			{"not_a_ca", issuedBelow("edge", subject), []string{"issuer: Issuer may not sign certificates"}},
		})
	})
}

func TestPlanRefusesNames(t *testing.T) {
	t.Parallel()
	files := badInput(t)
	t.Run("mtls_pinned_certificate", func(t *testing.T) {
		t.Parallel()
		unusable := func(name, attribute, value string) refusal {
			return refusal{name, "subject = { common_name = \"edge\" }\n" + attribute + " = " + value, []string{attribute + ": Invalid name"}}
		}
		refuse(t, `resource "mtls_pinned_certificate"`, files, []refusal{
			unusable("dns_blank", "dns_names", `["edge.example.com", "two words"]`),
			unusable("dns_empty", "dns_names", `[""]`),
			unusable("dns_address", "dns_names", `["10.0.0.1"]`),
			unusable("dns_uri", "dns_names", `["https://example.com"]`),
			unusable("dns_wildcard_inside", "dns_names", `["edge.*.example.com"]`),
			unusable("dns_unicode", "dns_names", `["bücher.example"]`),
			unusable("dns_final_period", "dns_names", `["edge.example.com."]`),
			unusable("ip_name", "ip_addresses", `["edge.example.com"]`),
			unusable("ip_range", "ip_addresses", `["10.0.0.0/8"]`),
			unusable("ip_zone", "ip_addresses", `["fe80::1%eth0"]`),
			unusable("uri_relative", "uris", `["example.com/edge"]`),
			unusable("uri_blank", "uris", `["spiffe://example.com/two words"]`),
			unusable("email_none", "email_addresses", `["ops"]`),
			unusable("email_display_name", "email_addresses", `["Ops <ops@example.com>"]`),
			{"twice", `
				subject   = { common_name = "edge" }
				dns_names = ["a.example", "A.example"]`, []string{"dns_names: Duplicate name"}},
		})
	})
	t.Run("mtls_control_plane_ca", func(t *testing.T) {
		t.Parallel()
		refuse(t, `resource "mtls_control_plane_ca"`, files, []refusal{
			{"subject_empty", `
				subject = {}`, []string{"subject: Subject missing"}},
			{"subject_country", `
				subject = { common_name = "Root", country = "Germany" }`, []string{"subject: Invalid subject"}},
			{"subject_too_long", `
				subject = { common_name = join("", [for i in range(65) : "x"]) }`, []string{"subject: Subject too long"}},
			{"subject_blank", `
				subject = { common_name = " " }`, []string{"subject: Invalid subject"}},
			{"every_constraint", `
				subject          = { common_name = "Root" }
				name_constraints = {
					permitted_dns_domains     = ["*.example.com"]
					excluded_dns_domains      = ["fine.example.com", "two words"]
					permitted_ip_ranges       = ["10.0.0.1/8"]
					excluded_ip_ranges        = ["10.0.0.1"]
					permitted_email_addresses = ["ops@"]
					excluded_email_addresses  = ["two words"]
					permitted_uri_domains     = ["https://example.com"]
					excluded_uri_domains      = [""]
				}`, slices.Repeat([]string{"name_constraints: Invalid name"}, 8)},
			{"revocation_pointers", `
				subject                 = { common_name = "Root" }
				crl_distribution_points = ["/crl"]
				ocsp_servers            = ["ftp://example.com"]`, []string{"crl_distribution_points: Invalid URL", "ocsp_servers: Invalid URL"}},
		})
	})
	t.Run("mtls_dataplane_certificate", func(t *testing.T) {
		t.Parallel()
		refuse(t, `resource "mtls_dataplane_certificate"`, files, []refusal{
			{"outside_of_every_constraint", issuedBelow("fenced-ca", `
				dns_names       = ["edge.dp.example.com", "edge.example.com"]
				ip_addresses    = ["192.0.2.1"]
				uris            = ["spiffe://example.org/edge"]
				email_addresses = ["ops@example.org"]`), []string{
				"dns_names: Name constraint violated", "ip_addresses: Name constraint violated",
				"uris: Name constraint violated", "email_addresses: Name constraint violated",
			}},
			{"no_name", issuedBelow("root", `
				subject = {}`), []string{"subject: Name missing"}},
			{"purpose_twice", issuedBelow("root", `
				subject             = { common_name = "edge" }
				extended_key_usages = ["client_auth", "client_auth"]`), []string{"extended_key_usages: Duplicate purpose"}},
			{"revocation_pointers", issuedBelow("root", `
				subject                 = { common_name = "edge" }
				crl_distribution_points = ["/crl"]
				ocsp_servers            = ["ftp://example.com"]`), []string{"crl_distribution_points: Invalid URL", "ocsp_servers: Invalid URL"}},
		})
	})
}
