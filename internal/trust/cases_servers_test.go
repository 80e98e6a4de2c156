package trust_test

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"slices"
	"time"

	"github.com/trustplane/terraform-provider-mtls/internal/pkitest"
	"github.com/trustplane/terraform-provider-mtls/internal/trust"
)

// serverScenarios are nginx, HAProxy, Apache and Go, judging a client: what they
// have in common, and what sets them apart.
func serverScenarios() []scenario {
	const trusted = "pki: edge <- issuing <- root"
	const deep = "edge <- issuing <- regional <- root"
	over := []scenario{
		{name: "the root is uploaded", want: trusted},
		{name: "the intermediate is uploaded", uploaded: "issuing", want: "refused", codes: "upload_not_an_anchor"},
		{name: "root and intermediate are uploaded", uploaded: "root issuing", presented: "edge", want: trusted},
		{name: "a self-signed leaf is uploaded", drawing: "edge", uploaded: "edge", presented: "edge", want: "pki: edge"},
		{name: "a leaf of a CA is uploaded", uploaded: "edge", presented: "edge", want: "refused", codes: "upload_not_an_anchor"},
		{name: "for servers only", settings: settings(with("edge", pkitest.Purposes(x509.ExtKeyUsageServerAuth))), want: "refused", codes: "wrong_purpose"},
		{name: "an RSA key of 1024 bits", settings: settings(with("edge", pkitest.Algorithm(pkitest.RSA1024))), want: "refused", codes: "weak_key"},
	}
	complete := func(list ...pkitest.Revocation) []pkitest.Revocation { return list }
	old := pkitest.Now().AddDate(0, 0, -2)
	issuing, root := pkitest.Revocation{Issuer: "issuing"}, pkitest.Revocation{Issuer: "root"}
	stale := pkitest.Revocation{Issuer: "root", ThisUpdate: old.AddDate(0, 0, -7), NextUpdate: old}
	over = append(over, []scenario{
		{name: "a list of every CA", lists: complete(issuing, root), want: trusted},
		{name: "a list of the issuer alone", lists: complete(issuing), want: "refused", codes: "revocation_unknown revocation_unknown"},
		{name: "a list of the root alone", lists: complete(root), want: "refused", codes: "revocation_unknown"},
		{name: "a stale list of the root", lists: complete(issuing, stale), want: "refused", codes: "revocation_list_stale"},
		{name: "a stale list of the root beside a current one", lists: complete(issuing, stale, root), want: trusted},
		{name: "a stale list that revokes beside a current one that does not", lists: complete(issuing, root, pkitest.Revocation{Issuer: "issuing", Revoked: []string{"edge"}, ThisUpdate: stale.ThisUpdate, NextUpdate: old}), want: trusted},
		{name: "a list of the future", lists: complete(issuing, pkitest.Revocation{Issuer: "root", ThisUpdate: pkitest.Now().Add(time.Hour)}), want: "refused", codes: "revocation_list_stale"},
		{name: "the leaf is revoked", lists: complete(pkitest.Revocation{Issuer: "issuing", Revoked: []string{"edge"}}, root), want: "refused", codes: "revoked"},
		{name: "the intermediate is revoked", lists: complete(issuing, pkitest.Revocation{Issuer: "root", Revoked: []string{"issuing"}}), want: "refused", codes: "revoked"},
		{name: "a forged list of the root", lists: complete(issuing, pkitest.Revocation{Issuer: "root", SignedWith: "issuing"}), want: "refused", codes: "revocation_unknown revocation_unknown"},
		{name: "a list of data planes only", lists: complete(pkitest.Revocation{Issuer: "issuing", Partial: true}, root), want: trusted},
		{name: "a list of data planes only, of a CA with CAs", lists: complete(issuing, pkitest.Revocation{Issuer: "root", Partial: true}), want: "refused", codes: "revocation_list_other_scope revocation_list_other_scope"},
		{name: "a list of a place that is not named", lists: complete(pkitest.Revocation{Issuer: "issuing", Place: "http://crl.example/"}, root), want: "refused", codes: "revocation_list_other_scope"},
		{
			name: "a list of a place that is named", settings: settings(with("edge", pkitest.CRL("http://other.example/", "http://crl.example/"))),
			lists: complete(pkitest.Revocation{Issuer: "issuing", Place: "http://crl.example/"}, root), want: trusted,
		},
		{name: "a list of changes only, beside the complete one", lists: complete(issuing, root, pkitest.Revocation{Issuer: "issuing", Revoked: []string{"edge"}, Extensions: []pkix.Extension{onlyChanges()}}), want: trusted},
		{name: "a list of changes only", lists: complete(root, pkitest.Revocation{Issuer: "issuing", Extensions: []pkix.Extension{onlyChanges()}}), want: "refused", codes: "revocation_unknown"},
		{name: "a list that ends in this second", lists: complete(issuing, pkitest.Revocation{Issuer: "root", NextUpdate: pkitest.Now()}), want: "refused", codes: "revocation_list_stale"},
		{name: "a forged list that is newer than the true one", lists: complete(issuing, root, pkitest.Revocation{Issuer: "root", ThisUpdate: pkitest.Now(), SignedWith: "issuing"}), want: "refused", codes: "revocation_unknown revocation_unknown"},
		{name: "a list of a CA that may not sign lists", settings: settings(with("issuing", pkitest.KeyUsage(x509.KeyUsageCertSign))), lists: complete(issuing, root), want: "refused", codes: "revocation_unknown"},
		{name: "a current list of the old key beside a stale one of the new", drawing: "edge <- root~1 <- root", presented: "edge root~1", lists: complete(root, pkitest.Revocation{Issuer: "root~1", ThisUpdate: stale.ThisUpdate, NextUpdate: old}), want: "pki: edge <- root~1 <- root"},
		{name: "a self-signed leaf and no list of its own", drawing: "edge\nroot", uploaded: "edge root", presented: "edge", lists: complete(root), want: "refused", codes: "revocation_unknown revocation_list_foreign?"},
	}...)
	var all []scenario
	for _, options := range []trust.Options{{Verifier: trust.Nginx}, {Verifier: trust.HAProxy}, {Verifier: trust.Apache, VerifyDepth: new(2)}} {
		all = append(all, withOptions(string(options.Verifier)+": ", options, slices.Clone(over))...)
	}
	pool := trust.Options{Verifier: trust.Go}
	apart := []scenario{
		{name: "nginx: two intermediates", drawing: deep, presented: "edge issuing regional", options: trust.Options{Verifier: trust.Nginx}, want: "refused", codes: "too_many_intermediates"},
		{name: "nginx: two intermediates, ssl_verify_depth 2", drawing: deep, presented: "edge issuing regional", options: trust.Options{Verifier: trust.Nginx, VerifyDepth: new(2)}, want: "pki: " + deep},
		{name: "haproxy: two intermediates", drawing: deep, presented: "edge issuing regional", options: trust.Options{Verifier: trust.HAProxy}, want: "pki: " + deep},
		{name: "apache: an intermediate", options: trust.Options{Verifier: trust.Apache}, want: "refused", codes: "chain_too_long"},
		{name: "apache: no intermediate", drawing: "edge <- root", presented: "edge", options: trust.Options{Verifier: trust.Apache}, want: "pki: edge <- root"},
		{name: "apache: no intermediate, SSLVerifyDepth 0", drawing: "edge <- root", presented: "edge", options: trust.Options{Verifier: trust.Apache, VerifyDepth: new(0)}, want: "refused", codes: "chain_too_long"},
		{name: "apache: two intermediates, SSLVerifyDepth 3", drawing: deep, presented: "edge issuing regional", options: trust.Options{Verifier: trust.Apache, VerifyDepth: new(3)}, want: "pki: " + deep},

		{name: "go: the root is uploaded", options: pool, want: trusted},
		{name: "go: the intermediate is uploaded", uploaded: "issuing", options: pool, want: "pki: edge <- issuing"},
		{name: "go: the leaf is uploaded", uploaded: "edge", presented: "edge", options: pool, want: "pki: edge"},
		{name: "go: the leaf is uploaded, for servers only", uploaded: "edge", presented: "edge", options: pool, settings: settings(with("edge", pkitest.Purposes(x509.ExtKeyUsageServerAuth))), want: "refused", codes: "wrong_purpose"},
		{name: "go: a sibling is uploaded", drawing: chain + "\nother <- issuing", uploaded: "other", options: pool, want: "refused", codes: "issuer_missing"},
		{name: "go: two intermediates", drawing: deep, presented: "edge issuing regional", options: pool, want: "pki: " + deep},
		{name: "go: a self-signed CA as a leaf", drawing: "edge", uploaded: "edge", presented: "edge", options: pool, settings: settings(with("edge", pkitest.CA(true))), want: "pki: edge", codes: "pin_is_ca?"},
		{name: "go: a version 1 root", drawing: "edge <- root", presented: "edge", options: pool, settings: settings(with("root", pkitest.Version1())), want: "pki: edge <- root"},
		{name: "go: an RSA key of 1024 bits", options: pool, settings: settings(with("edge", pkitest.Algorithm(pkitest.RSA1024))), want: trusted, codes: "weak_key?"},
		{name: "go: a leaf on P-224", options: pool, settings: settings(with("edge", pkitest.Algorithm(pkitest.ECDSAP224))), want: "refused", codes: "weak_key"},
		{name: "go: a list that lacks the root's is only a question asked", options: pool, lists: complete(issuing), want: trusted},

		{name: "ocsp: off", options: trust.Options{Verifier: trust.KongHybridPKI, OCSP: new(trust.OCSPOff)}, want: trusted},
		{name: "ocsp: on, without a responder", options: trust.Options{Verifier: trust.KongHybridPKI, OCSP: new(trust.OCSPOn)}, want: "refused", codes: "ocsp_server_missing"},
		{name: "ocsp: optional, without a responder", options: trust.Options{Verifier: trust.KongHybridPKI, OCSP: new(trust.OCSPOptional)}, want: trusted, codes: "ocsp_server_missing?"},
		{name: "ocsp: on, with a responder", options: trust.Options{Verifier: trust.KongHybridPKI, OCSP: new(trust.OCSPOn)}, settings: settings(with("edge", pkitest.OCSP("http://ocsp.acme.internal"))), want: trusted, codes: "revocation_unknown?"},
		{name: "ocsp: optional, with a responder", options: trust.Options{Verifier: trust.KongHybridPKI, OCSP: new(trust.OCSPOptional)}, settings: settings(with("edge", pkitest.OCSP("http://ocsp.acme.internal"))), want: trusted, codes: "revocation_unknown?"},
		{
			name: "ocsp: on, the issuer uploaded and not presented", uploaded: "root issuing", presented: "edge", options: trust.Options{Verifier: trust.KongHybridPKI, OCSP: new(trust.OCSPOn)},
			settings: settings(with("edge", pkitest.OCSP("http://ocsp.acme.internal"))), want: "refused", codes: "ocsp_issuer_missing",
		},
		{
			name: "ocsp: optional, the issuer presented third", drawing: chain + "\nother", presented: "edge other issuing", options: trust.Options{Verifier: trust.KongHybridPKI, OCSP: new(trust.OCSPOptional)},
			settings: settings(with("edge", pkitest.OCSP("http://ocsp.acme.internal"))), want: trusted, codes: "ocsp_issuer_missing? presented_unused?",
		},
		{name: "a URI without a host below a CA that excludes some", options: trust.Options{Verifier: trust.Nginx}, settings: settings(with("root", pkitest.Excluded(pkitest.Subtree{Kind: "uri", Base: "a.example"})), with("edge", pkitest.URI("urn:acme:edge"))), want: "refused", codes: "name_not_comparable"},
		{name: "Konnect: a URI without a host below a CA that excludes some", settings: settings(with("root", pkitest.Excluded(pkitest.Subtree{Kind: "uri", Base: "a.example"})), with("edge", pkitest.URI("urn:acme:edge"))), want: "refused", codes: "name_not_comparable"},
	}
	all = append(all, apart...)
	for i := range all {
		s := &all[i]
		s.drawing, s.uploaded, s.presented = orElse(s.drawing, chain), orElse(s.uploaded, "root"), orElse(s.presented, "edge issuing")
	}
	return all
}

// onlyChanges makes a revocation list one of changes (RFC 5280, 5.2.4).
func onlyChanges() pkix.Extension {
	return pkix.Extension{Id: object(2, 5, 29, 27), Critical: true, Value: []byte{0x02, 0x01, 0x01}}
}
