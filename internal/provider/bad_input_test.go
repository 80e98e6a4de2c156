package provider

import (
	"crypto/x509"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/trustplane/terraform-provider-mtls/internal/pkitest"
)

// badInput are the files of what users bring by mistake.
func badInput(t *testing.T) string {
	t.Helper()
	graph := pkitest.Build(t, `
		edge      <- issuing <- root
		late      <- expired-ca
		powerless <- no-sign-ca
		deep      <- full-ca
		fenced    <- fenced-ca
		server    <- server-only-ca
		old-ca-leaf <- v1-ca
		expired-leaf
		stranger
		`,
		pkitest.With("expired-ca", pkitest.ExpiredFor(time.Hour)),
		pkitest.With("expired-leaf", pkitest.ExpiredFor(time.Hour)),
		pkitest.With("no-sign-ca", pkitest.KeyUsage(x509.KeyUsageCRLSign)),
		pkitest.With("full-ca", pkitest.PathLength(0)),
		pkitest.With("fenced-ca", pkitest.Permitted(
			pkitest.Subtree{Kind: "dns", Base: "dp.example.com"}, pkitest.Subtree{Kind: "ip", Base: "10.0.0.0/8"},
			pkitest.Subtree{Kind: "uri", Base: "example.com"}, pkitest.Subtree{Kind: "email", Base: "example.com"})),
		pkitest.With("server-only-ca", pkitest.Purposes(x509.ExtKeyUsageServerAuth)),
		pkitest.With("v1-ca", pkitest.Version1()),
	)
	texts := drawn(t, graph)
	root := texts["root.pem"]
	return writeFiles(t, texts, map[string]string{
		"two.pem":       texts["issuing.pem"] + root,
		"two.key":       texts["root.key"] + texts["issuing.key"],
		"cut-off.pem":   root[:len(root)/2],
		"damaged.pem":   strings.Replace(root, "MII", "M*I", 1),
		"no-der.pem":    "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
		"no-der.key":    "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
		"one-line.pem":  strings.ReplaceAll(root, "\n", `\n`),
		"encrypted.key": "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n",
		"request.pem":   "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n",
		"shuffled.pem":  root + texts["issuing.pem"],
	})
}

// What one text can be instead of a certificate is the same wherever one is
// given.
func TestValidationTellsWhatIsNoCertificate(t *testing.T) {
	t.Parallel()
	at := func(file string) string { return `certificate_pem = file("${local.pki}/` + file + `")` }
	rows := []refusal{
		{"empty", `certificate_pem = ""`, nil},
		{"no_pem", `certificate_pem = "hello"`, nil},
		{"a_path", `certificate_pem = "corporate-ca.pem"`, nil},
		{"a_private_key", at("root.key"), nil},
		{"a_request", at("request.pem"), nil},
		{"cut_off", at("cut-off.pem"), nil},
		{"damaged", at("damaged.pem"), nil},
		{"not_der", at("no-der.pem"), nil},
		{"line_breaks_lost", at("one-line.pem"), nil},
		{"several", at("two.pem"), nil},
	}
	for i := range rows {
		rows[i].tells = []string{"certificate_pem: Unreadable certificate"}
	}
	files := badInput(t)
	for _, kind := range []string{"mtls_control_plane_ca", "mtls_pinned_certificate", "mtls_dataplane_certificate"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			refuse(t, fmt.Sprintf("resource %q", kind), files, rows)
		})
	}
}

func TestValidationTellsWhatIsNoPrivateKey(t *testing.T) {
	t.Parallel()
	provided := func(key string) string {
		return "certificate_pem = file(\"${local.pki}/root.pem\")\nprivate_key_pem = " + key
	}
	at := func(file string) string { return provided(`file("${local.pki}/` + file + `")`) }
	rows := []refusal{
		{"empty", provided(`""`), nil},
		{"a_certificate", at("root.pem"), nil},
		{"encrypted", at("encrypted.key"), nil},
		{"several", at("two.key"), nil},
		{"not_der", at("no-der.key"), nil},
	}
	for i := range rows {
		rows[i].tells = []string{"private_key_pem: Unreadable private key"}
	}
	refuse(t, `resource "mtls_control_plane_ca"`, badInput(t), rows)
}

func TestValidationTellsWhatDoesNotGoTogether(t *testing.T) {
	t.Parallel()
	t.Run("mtls_control_plane_ca", func(t *testing.T) {
		t.Parallel()
		refuse(t, `resource "mtls_control_plane_ca"`, badInput(t), []refusal{
			{"nothing", ``, []string{"Missing Attribute Configuration"}},
			{"generated_and_brought", `
				subject         = { common_name = "Root" }
				certificate_pem = file("${local.pki}/root.pem")`, []string{"subject: Invalid Attribute Combination"}},
			{"key_without_certificate", `
				subject         = { common_name = "Root" }
				private_key_pem = file("${local.pki}/root.key")`, []string{"private_key_pem: Invalid Attribute Combination"}},
			{"brought_with_what_is_generated", `
				certificate_pem         = file("${local.pki}/root.pem")
				validity                = "24h"
				key_algorithm           = "ED25519"
				max_path_length         = 0
				name_constraints        = { permitted_dns_domains = ["example.com"] }
				crl_distribution_points = ["http://example.com/crl"]
				ocsp_servers            = ["http://example.com"]`, []string{
				"validity: Invalid Attribute Combination", "key_algorithm: Invalid Attribute Combination",
				"max_path_length: Invalid Attribute Combination", "name_constraints: Invalid Attribute Combination",
				"crl_distribution_points: Invalid Attribute Combination", "ocsp_servers: Invalid Attribute Combination",
			}},
			{"issuer_without_certificate", `
				subject = { common_name = "Issuing" }
				issuer  = { private_key_pem = file("${local.pki}/root.key") }`, []string{"issuer: Incorrect attribute value type"}},
			{"issuer_with_null_certificate", `
				subject = { common_name = "Issuing" }
				issuer  = {
					certificate_pem = null
					private_key_pem = file("${local.pki}/root.key")
				}`, []string{"Missing Configuration for Required Attribute"}},
			{"key_algorithm", `
				subject       = { common_name = "Root" }
				key_algorithm = "RSA-1024"`, []string{"key_algorithm: Invalid Attribute Value Match"}},
			{"validity_zero", `
				subject  = { common_name = "Root" }
				validity = "0s"`, []string{"validity: Validity too short"}},
			{"validity_negative", `
				subject  = { common_name = "Root" }
				validity = "-24h"`, []string{"validity: Validity too short"}},
			{"validity_below_two_seconds", `
				subject  = { common_name = "Root" }
				validity = "1999ms"`, []string{"validity: Validity too short"}},
			{"validity_in_days", `
				subject  = { common_name = "Root" }
				validity = "365d"`, []string{"validity: Invalid duration"}},
			{"path_length_negative", `
				subject         = { common_name = "Root" }
				max_path_length = -1`, []string{"max_path_length: Invalid Attribute Value"}},
		})
	})
	t.Run("mtls_pinned_certificate", func(t *testing.T) {
		t.Parallel()
		refuse(t, `resource "mtls_pinned_certificate"`, badInput(t), []refusal{
			{"nothing", ``, []string{"Missing Attribute Configuration"}},
			{"brought_with_names", `
				certificate_pem = file("${local.pki}/edge.pem")
				dns_names       = ["edge.example.com"]
				ip_addresses    = ["10.0.0.1"]
				uris            = ["spiffe://example.com/edge"]
				email_addresses = ["ops@example.com"]`, []string{
				"dns_names: Invalid Attribute Combination", "ip_addresses: Invalid Attribute Combination",
				"uris: Invalid Attribute Combination", "email_addresses: Invalid Attribute Combination",
			}},
		})
	})
	t.Run("mtls_dataplane_certificate", func(t *testing.T) {
		t.Parallel()
		refuse(t, `resource "mtls_dataplane_certificate"`, badInput(t), []refusal{
			{"nothing", ``, []string{"Missing Attribute Configuration", "Missing Attribute Configuration"}},
			{"no_issuer", `subject = { common_name = "edge" }`, []string{"Missing Attribute Configuration"}},
			{"purpose_unknown", `
				subject             = { common_name = "edge" }
				issuer              = { certificate_pem = file("${local.pki}/root.pem") }
				extended_key_usages = ["code_signing"]`, []string{"extended_key_usages: Invalid Attribute Value Match"}},
			{"generated_and_brought", `
				subject         = { common_name = "edge" }
				certificate_pem = file("${local.pki}/edge.pem")`, []string{"subject: Invalid Attribute Combination"}},
			{"brought_with_purpose", `
				certificate_pem     = file("${local.pki}/edge.pem")
				extended_key_usages = ["client_auth"]`, []string{"extended_key_usages: Invalid Attribute Combination"}},
		})
	})
}

// An element that is null would be left out: of a CA's name constraints, that
// would be a CA without.
func TestValidationRefusesNullAmongValues(t *testing.T) {
	t.Parallel()
	const null = ": Null element"
	t.Run("mtls_control_plane_ca", func(t *testing.T) {
		t.Parallel()
		refuse(t, `resource "mtls_control_plane_ca"`, badInput(t), []refusal{
			{"null_constraint", `
				subject          = { common_name = "Root" }
				name_constraints = { permitted_dns_domains = ["example.com", null] }`, []string{"Null element"}},
			{"null_url", `
				subject                 = { common_name = "Root" }
				crl_distribution_points = [null]
				ocsp_servers            = [null]`, []string{"crl_distribution_points" + null, "ocsp_servers" + null}},
		})
	})
	t.Run("mtls_dataplane_certificate", func(t *testing.T) {
		t.Parallel()
		const edge = `
				subject = { common_name = "edge" }
				issuer  = { certificate_pem = file("${local.pki}/root.pem"), private_key_pem = file("${local.pki}/root.key") }
				`
		refuse(t, `resource "mtls_dataplane_certificate"`, badInput(t), []refusal{
			{"null_names", edge + `
				dns_names       = ["edge.example.com", null]
				ip_addresses    = [null]
				uris            = [null]
				email_addresses = [null]`, []string{"dns_names" + null, "ip_addresses" + null, "uris" + null, "email_addresses" + null}},
			{"null_purpose", edge + `extended_key_usages = [null]`, []string{"extended_key_usages" + null}},
		})
	})
	t.Run("mtls_dataplane_certificate_set", func(t *testing.T) {
		t.Parallel()
		const issuer = `
				issuer = { certificate_pem = file("${local.pki}/root.pem"), private_key_pem = file("${local.pki}/root.key") }
				`
		refuse(t, `resource "mtls_dataplane_certificate_set"`, badInput(t), []refusal{
			{"null_node", issuer + `certificates = { a = null, b = { common_name = "b" } }`, []string{"certificates" + null}},
			{"null_name", issuer + `certificates = { a = { dns_names = [null] } }`, []string{"Null element"}},
			{"null_purpose", issuer + `
				certificates        = { a = { common_name = "a" } }
				extended_key_usages = [null]`, []string{"extended_key_usages" + null}},
		})
	})
}
