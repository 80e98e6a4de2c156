package trust_test

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"slices"

	"github.com/trustplane/terraform-provider-mtls/internal/pkitest"
	"github.com/trustplane/terraform-provider-mtls/internal/trust"
)

// dataPlaneScenarios are a self-hosted data plane that judges its control plane.
func dataPlaneScenarios() []scenario {
	const host = "cp.acme.internal"
	server := with("cp", pkitest.Purposes(x509.ExtKeyUsageServerAuth))
	called := func(names ...string) pkitest.Setting { return with("cp", pkitest.DNS(names...)) }
	const below = "cp <- issuing <- root"
	pki := func(name string) trust.Options {
		return trust.Options{Verifier: trust.KongDataPlanePKI, ServerName: new(name)}
	}
	deep := func(depth int) trust.Options {
		options := pki(host)
		options.VerifyDepth = new(depth)
		return options
	}
	const trusted = "pki: cp <- issuing <- root"
	withPKI := []scenario{
		{name: "the name, below an intermediate", settings: settings(server, called(host)), want: trusted},
		{name: "one of several names", settings: settings(server, called("other.acme.internal", host)), want: trusted},
		{name: "in capitals", settings: settings(server, called("CP.Acme.internal")), want: trusted},
		{name: "a wildcard", settings: settings(server, called("*.acme.internal")), want: trusted},
		{name: "a wildcard within a label", settings: settings(server, called("c*.acme.internal")), want: trusted},
		{name: "a wildcard of too few labels", settings: settings(server, called("*.internal")), want: "refused", codes: "server_name_mismatch"},
		{name: "a wildcard one label short", settings: settings(server, called("*.cp.acme.internal")), want: "refused", codes: "server_name_mismatch"},
		{name: "another name", settings: settings(server, called("other.acme.internal")), want: "refused", codes: "server_name_mismatch"},
		{name: "the shared name", settings: settings(server, called("kong_clustering")), want: "refused", codes: "server_name_mismatch"},
		{name: "no name", settings: settings(server), want: "refused", codes: "server_name_mismatch"},
		{name: "the common name alone", settings: settings(server, with("cp", pkitest.Subject(pkix.Name{CommonName: host}))), want: trusted},
		{
			name: "the common name beside an alternative name", settings: settings(server, called("other.acme.internal"), with("cp", pkitest.Subject(pkix.Name{CommonName: host}))),
			want: "refused", codes: "server_name_mismatch",
		},
		{name: "the common name beside an IP address", settings: settings(server, with("cp", pkitest.Subject(pkix.Name{CommonName: host}), pkitest.IP("192.0.2.1"))), want: trusted},
		{name: "an IP host with that address", options: pki("192.0.2.1"), settings: settings(server, with("cp", pkitest.IP("192.0.2.1"))), want: "refused", codes: "server_name_mismatch"},
		{name: "an IP host with that DNS name", options: pki("192.0.2.1"), settings: settings(server, called("192.0.2.1")), want: trusted},
		{name: "for clients only", settings: settings(called(host), with("cp", pkitest.Purposes(x509.ExtKeyUsageClientAuth))), want: "refused", codes: "wrong_purpose"},
		{name: "for no purpose in particular", settings: settings(called(host), with("cp", pkitest.Purposes())), want: trusted},
		{name: "for any purpose", settings: settings(called(host), with("cp", pkitest.Purposes(x509.ExtKeyUsageAny))), want: "refused", codes: "wrong_purpose"},
		{name: "for server-gated cryptography", settings: settings(called(host), with("cp", pkitest.Purposes(x509.ExtKeyUsageMicrosoftServerGatedCrypto))), want: trusted},
		{name: "below a CA for clients only", settings: settings(server, called(host), with("issuing", pkitest.Purposes(x509.ExtKeyUsageClientAuth))), want: "refused", codes: "wrong_purpose"},
		{name: "a key usage that only enciphers", settings: settings(server, called(host), with("cp", pkitest.KeyUsage(x509.KeyUsageKeyEncipherment))), want: trusted},
		{name: "a key usage that only signs lists", settings: settings(server, called(host), with("cp", pkitest.KeyUsage(x509.KeyUsageCRLSign))), want: "refused", codes: "wrong_key_usage"},
		{name: "only the intermediate is trusted", settings: settings(server, called(host)), uploaded: "issuing", want: "refused", codes: "upload_not_an_anchor"},
		{name: "the intermediate is not presented", settings: settings(server, called(host)), presented: "cp", want: "refused", codes: "issuer_missing"},
		{name: "the intermediate is trusted too and not presented", settings: settings(server, called(host)), uploaded: "root issuing", presented: "cp", want: trusted},
		{
			name: "two intermediates and the default depth", drawing: "cp <- issuing <- regional <- root", presented: "cp issuing regional",
			settings: settings(server, called(host)), want: "refused", codes: "too_many_intermediates",
		},
		{
			name: "two intermediates and depth 2", drawing: "cp <- issuing <- regional <- root", presented: "cp issuing regional", options: deep(2),
			settings: settings(server, called(host)), want: "pki: cp <- issuing <- regional <- root",
		},
		{name: "depth 0", options: deep(0), settings: settings(server, called(host)), want: "refused", codes: "too_many_intermediates"},
		{
			name: "everything is wrong with it", drawing: "cp <- issuing <- regional <- root", presented: "cp issuing regional",
			settings: settings(with("cp", pkitest.DNS("other.acme.internal"), pkitest.Purposes(x509.ExtKeyUsageClientAuth))),
			want:     "refused", codes: "wrong_purpose server_name_mismatch too_many_intermediates",
		},
	}
	shared := trust.Options{Verifier: trust.KongDataPlaneShared}
	withShared := []scenario{
		{name: "self-signed and called kong_clustering", drawing: "cp", settings: settings(called("kong_clustering"), with("cp", pkitest.Purposes(x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth))), want: "pki: cp"},
		{name: "self-signed, version 1, as kong hybrid gen_cert makes it", drawing: "kong_clustering", uploaded: "kong_clustering", presented: "kong_clustering", settings: settings(with("kong_clustering", pkitest.Version1())), want: "pki: kong_clustering", codes: "pin_is_ca?"},
		{name: "self-signed, for clients only", drawing: "cp", settings: settings(called("kong_clustering"), with("cp", pkitest.Purposes(x509.ExtKeyUsageClientAuth))), want: "refused", codes: "wrong_purpose"},
		{name: "self-signed, with another name", drawing: "cp", settings: settings(called(host), server), want: "refused", codes: "server_name_mismatch"},
		{name: "issued by a CA", drawing: "cp <- root", uploaded: "cp", settings: settings(called("kong_clustering"), server), want: "refused", codes: "upload_not_an_anchor"},
		{name: "issued by a CA that is trusted too", drawing: "cp <- root", uploaded: "cp root", settings: settings(called("kong_clustering"), server), want: "pki: cp <- root"},
		{name: "the name given all the same", drawing: "cp", options: trust.Options{Verifier: trust.KongDataPlaneShared, ServerName: new("kong_clustering")}, settings: settings(called("kong_clustering"), server), want: "pki: cp"},
	}
	for i := range withPKI {
		s := &withPKI[i]
		s.drawing, s.uploaded, s.presented = orElse(s.drawing, below), orElse(s.uploaded, "root"), orElse(s.presented, "cp issuing")
	}
	for i := range withShared {
		s := &withShared[i]
		s.uploaded, s.presented = orElse(s.uploaded, "cp"), orElse(s.presented, "cp")
	}
	return slices.Concat(withOptions("data plane, pki: ", pki(host), withPKI), withOptions("data plane, shared: ", shared, withShared))
}

// withOptions gives scenarios that have none the options of their group.
func withOptions(group string, options trust.Options, list []scenario) []scenario {
	for i := range list {
		if list[i].name = group + list[i].name; list[i].options.Verifier == "" {
			list[i].options = options
		}
	}
	return list
}

func orElse(text, instead string) string {
	if text == "" {
		return instead
	}
	return text
}

// optionScenarios are settings that a verifier cannot have.
func optionScenarios() []scenario {
	list := []scenario{
		{name: "a server name for nginx", options: trust.Options{Verifier: trust.Nginx, ServerName: new("a.example")}},
		{name: "no server name", options: trust.Options{Verifier: trust.KongDataPlanePKI}},
		{name: "a server name that is a URL", options: trust.Options{Verifier: trust.KongDataPlanePKI, ServerName: new("https://cp.acme.internal:8005")}},
		{name: "another server name than the shared one", options: trust.Options{Verifier: trust.KongDataPlaneShared, ServerName: new("cp.acme.internal")}},
		{name: "a depth below zero", options: trust.Options{Verifier: trust.Nginx, VerifyDepth: new(-1)}},
		{name: "a depth for Go", options: trust.Options{Verifier: trust.Go, VerifyDepth: new(1)}},
		{name: "OCSP for Konnect", options: trust.Options{Verifier: trust.Konnect, OCSP: new(trust.OCSPOn)}},
		{name: "OCSP of another word", options: trust.Options{Verifier: trust.KongHybridPKI, OCSP: new(trust.OCSP("always"))}},
	}
	for i := range list {
		list[i].drawing, list[i].uploaded, list[i].presented = chain, "root", "edge issuing"
		list[i].want, list[i].codes = "refused", "invalid_option"
	}
	return append(withOptions("options: ", trust.Options{}, list), scenario{
		name: "options: three that Konnect has not", drawing: chain, uploaded: "root", presented: "edge issuing",
		options: trust.Options{ServerName: new("a.example"), VerifyDepth: new(1), OCSP: new(trust.OCSPOff)},
		want:    "refused", codes: "invalid_option invalid_option invalid_option",
	})
}
