package trust_test

import (
	"crypto/x509"

	"github.com/trustplane/terraform-provider-mtls/internal/pkitest"
	"github.com/trustplane/terraform-provider-mtls/internal/trust"
)

func dns(base string) pkitest.Subtree { return pkitest.Subtree{Kind: "dns", Base: base} }

// rightScenarios are about what CAs may do and what leaves are for.
func rightScenarios() []scenario {
	const deep = "edge <- issuing <- regional <- root"
	return []scenario{
		{
			name: "the issuer is no CA", drawing: chain, settings: settings(with("issuing", pkitest.CA(false))),
			uploaded: "root", presented: "edge issuing", want: "refused", codes: "not_a_ca",
		},
		{
			name: "the issuer has no basic constraints", drawing: chain, settings: settings(with("issuing", pkitest.NoBasicConstraints())),
			uploaded: "root", presented: "edge issuing", want: "refused", codes: "not_a_ca",
		},
		{
			name: "a version 1 upload is a pin and signs for nobody", drawing: "edge <- root", settings: settings(with("root", pkitest.Version1())),
			uploaded: "root", presented: "edge", want: "refused", codes: "not_a_ca",
		},
		{
			name: "an uploaded leaf signs for nobody", drawing: "edge <- root", settings: settings(with("root", pkitest.CA(false))),
			uploaded: "root", presented: "edge", want: "refused", codes: "not_a_ca",
		},
		{
			name: "the issuer may not sign certificates", drawing: chain, settings: settings(with("issuing", pkitest.KeyUsage(x509.KeyUsageCRLSign))),
			uploaded: "root", presented: "edge issuing", want: "refused", codes: "may_not_sign",
		},
		{
			name: "an issuer without key usage may sign", drawing: chain, settings: settings(with("issuing", pkitest.KeyUsage(0))),
			uploaded: "root", presented: "edge issuing", want: "pki: edge <- issuing <- root",
		},
		{
			name: "path length 0 above a leaf", drawing: chain, settings: settings(with("issuing", pkitest.PathLength(0))),
			uploaded: "root", presented: "edge issuing", want: "pki: edge <- issuing <- root",
		},
		{
			name: "path length 0 above a CA", drawing: deep, settings: settings(with("regional", pkitest.PathLength(0))),
			uploaded: "root", presented: "edge issuing regional", want: "refused", codes: "path_length_exceeded",
		},
		{
			name: "path length of the anchor counts", drawing: deep, settings: settings(with("root", pkitest.PathLength(1))),
			uploaded: "root", presented: "edge issuing regional", want: "refused", codes: "path_length_exceeded",
		},
		{
			name: "a permitted name", drawing: chain,
			settings: settings(with("issuing", pkitest.Permitted(dns("acme.example"))), with("edge", pkitest.DNS("edge.acme.example"))),
			uploaded: "root", presented: "edge issuing", want: "pki: edge <- issuing <- root",
		},
		{
			name: "two names outside what is permitted", drawing: chain,
			settings: settings(with("issuing", pkitest.Permitted(dns("acme.example"))), with("edge", pkitest.DNS("a.example", "edge.acme.example", "b.example"))),
			uploaded: "root", presented: "edge issuing", want: "refused", codes: "name_not_permitted name_not_permitted",
		},
		{
			name: "names that OpenSSL finds outside of what is permitted, and crypto/x509 within", drawing: chain,
			settings: settings(
				with("root", pkitest.Permitted(pkitest.Subtree{Kind: "email", Base: "a.example"}, pkitest.Subtree{Kind: "uri", Base: "a.example"})),
				with("edge", pkitest.Email("x@sub.a.example"), pkitest.URI("spiffe://sub.a.example/x")),
			),
			uploaded: "root", presented: "edge issuing", want: "pki: edge <- issuing <- root", codes: "name_not_permitted? name_not_permitted?",
		},
		{
			name: "an excluded name of each kind", drawing: chain,
			settings: settings(
				with("root", pkitest.Excluded(dns("a.example"), pkitest.Subtree{Kind: "ip", Base: "192.0.2.0/24"},
					pkitest.Subtree{Kind: "email", Base: "a.example"}, pkitest.Subtree{Kind: "uri", Base: "a.example"})),
				with("edge", pkitest.DNS("x.a.example"), pkitest.IP("192.0.2.1"), pkitest.Email("x@a.example"), pkitest.URI("spiffe://a.example/x")),
			),
			uploaded: "root", presented: "edge issuing", want: "refused", codes: "name_excluded name_excluded name_excluded name_excluded",
		},
		{
			name: "names of a CA are constrained too", drawing: deep,
			settings: settings(with("root", pkitest.Permitted(dns("acme.example"))), with("issuing", pkitest.DNS("ca.other.example"))),
			uploaded: "root", presented: "edge issuing regional", want: "refused", codes: "name_not_permitted",
		},
		{
			name: "serverAuth where clientAuth is needed", drawing: chain, settings: settings(with("edge", pkitest.Purposes(x509.ExtKeyUsageServerAuth))),
			uploaded: "issuing", presented: "edge", want: "refused", codes: "wrong_purpose",
		},
		{
			name: "no extended key usage is any", drawing: chain, settings: settings(with("edge", pkitest.Purposes())),
			uploaded: "root", presented: "edge issuing", want: "pki: edge <- issuing <- root",
		},
		{
			name: "any extended key usage", drawing: chain, settings: settings(with("edge", pkitest.Purposes(x509.ExtKeyUsageAny))),
			uploaded: "root", presented: "edge issuing", want: "pki: edge <- issuing <- root",
		},
		{
			name: "a CA that lends serverAuth alone", drawing: chain, settings: settings(with("issuing", pkitest.Purposes(x509.ExtKeyUsageServerAuth))),
			uploaded: "root", presented: "edge issuing", want: "refused", codes: "wrong_purpose",
		},
		{
			name: "judged as a server", drawing: chain, settings: settings(with("edge", pkitest.Purposes(x509.ExtKeyUsageServerAuth))),
			uploaded: "root", presented: "edge issuing", options: trust.Options{Purpose: trust.ServerAuth}, want: "pki: edge <- issuing <- root",
		},
		{
			name: "judged for any purpose", drawing: chain, settings: settings(with("edge", pkitest.Purposes(x509.ExtKeyUsageCodeSigning))),
			uploaded: "root", presented: "edge issuing", options: trust.Options{Purpose: trust.AnyPurpose}, want: "pki: edge <- issuing <- root",
		},
		{
			name: "a key usage that signs no handshake", drawing: chain, settings: settings(with("edge", pkitest.KeyUsage(x509.KeyUsageKeyEncipherment))),
			uploaded: "root", presented: "edge issuing", want: "pki: edge <- issuing <- root", codes: "wrong_key_usage?",
		},
		{
			name: "a policy is required and not carried", drawing: chain,
			settings: settings(with("issuing", pkitest.RequirePolicy())),
			uploaded: "root", presented: "edge issuing", want: "refused", codes: "policy_not_satisfied",
		},
		{
			name: "a name that crypto/x509 cannot compare", drawing: chain,
			settings: settings(with("issuing", pkitest.ConstrainsDirectoryNames()), with("edge", pkitest.URI("urn:edge"))),
			uploaded: "root", presented: "edge issuing", want: "refused", codes: "refused_by_verifier",
		},
	}
}
