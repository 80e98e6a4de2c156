package trust_test

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"time"

	"github.com/trustplane/terraform-provider-mtls/internal/pkitest"
	"github.com/trustplane/terraform-provider-mtls/internal/trust"
)

// hybridSharedScenarios are self-hosted Kong with cluster_mtls = shared.
func hybridSharedScenarios() []scenario {
	serverOnly := with("edge", pkitest.Purposes(x509.ExtKeyUsageServerAuth))
	list := []scenario{
		{name: "the leaf is the first upload", drawing: chain, uploaded: "edge", presented: "edge", want: "pinned: edge"},
		{name: "more uploads follow the leaf", drawing: chain + "\nother", uploaded: "edge other", presented: "edge", want: "pinned: edge"},
		{name: "the leaf is the second upload", drawing: chain + "\nother", uploaded: "other edge", presented: "edge", want: "refused", codes: "pin_not_first"},
		{name: "the issuer is uploaded", drawing: chain, uploaded: "issuing", presented: "edge", want: "refused", codes: "issuer_uploaded_as_pin"},
		{name: "another leaf is uploaded", drawing: chain + "\nother", uploaded: "other", presented: "edge", want: "refused", codes: "not_the_pinned_certificate"},
		{
			name: "renewed with the same key", drawing: "edge\nedge~2", settings: settings(with("edge~2", pkitest.SameKeyAs("edge"))),
			uploaded: "edge", presented: "edge~2", want: "refused", codes: "pin_renewed",
		},
		{
			name: "renewed with another key and expired since", drawing: "edge\nedge~2", settings: settings(with("edge~2", pkitest.ExpiredFor(time.Hour))),
			uploaded: "edge", presented: "edge~2", want: "refused", codes: "pin_replaced expired",
		},
		{
			name: "an expired pin", drawing: "edge", settings: settings(with("edge", pkitest.ExpiredFor(time.Hour))),
			uploaded: "edge", presented: "edge", want: "refused", codes: "expired",
		},
		{name: "a version 1 pin", drawing: "edge", settings: settings(with("edge", pkitest.Version1())), uploaded: "edge", presented: "edge", want: "pinned: edge"},
		{name: "a pin for servers alone", drawing: chain, settings: settings(serverOnly), uploaded: "edge", presented: "edge", want: "pinned: edge", codes: "wrong_purpose?"},
		{name: "a pin for servers beside its issuer", drawing: chain, settings: settings(serverOnly), uploaded: "edge", presented: "edge issuing", want: "refused", codes: "wrong_purpose"},
		{name: "a self-signed pin for servers alone", drawing: "edge", settings: settings(serverOnly), uploaded: "edge", presented: "edge", want: "refused", codes: "wrong_purpose"},
		{name: "a pin for servers beside a stranger", drawing: chain + "\nother", settings: settings(serverOnly), uploaded: "edge", presented: "edge other", want: "pinned: edge", codes: "wrong_purpose? presented_unused?"},
		{name: "a pin beside its issuer", drawing: chain, uploaded: "edge", presented: "edge issuing", want: "pinned: edge"},
		{name: "a self-signed pin that is a CA", drawing: "edge", settings: settings(with("edge", pkitest.CA(true), pkitest.KeyUsage(0))), uploaded: "edge", presented: "edge", want: "pinned: edge"},
		{
			name: "a pin beside an expired issuer", drawing: chain, settings: settings(with("issuing", pkitest.ExpiredFor(time.Hour))),
			uploaded: "edge", presented: "edge issuing", want: "pinned: edge",
		},
		{
			name: "a pin beside an expired root", drawing: "edge <- root", settings: settings(with("root", pkitest.ExpiredFor(time.Hour))),
			uploaded: "edge", presented: "edge root", want: "refused", codes: "expired",
		},
		{
			name: "a pin beside an issuer that is no CA", drawing: chain, settings: settings(with("issuing", pkitest.CA(false))),
			uploaded: "edge", presented: "edge issuing", want: "refused", codes: "not_a_ca",
		},
		{
			name: "a pin with an unknown critical extension", drawing: chain, settings: settings(with("edge", pkitest.UnknownCriticalExtension())),
			uploaded: "edge", presented: "edge", want: "pinned: edge", codes: "unknown_critical_extension?",
		},
		{
			name: "a pin with an unknown critical extension beside its issuer", drawing: chain, settings: settings(with("edge", pkitest.UnknownCriticalExtension())),
			uploaded: "edge", presented: "edge issuing", want: "refused", codes: "unknown_critical_extension",
		},
		{
			name: "a pin of a broken signature beside its issuer", drawing: chain, settings: settings(with("edge", pkitest.BrokenSignature())),
			uploaded: "edge", presented: "edge issuing", want: "refused", codes: "signature_broken",
		},
		{
			name: "a pin beside an issuer of a weak key", drawing: chain, settings: settings(with("issuing", pkitest.Algorithm(pkitest.RSA1024))),
			uploaded: "edge", presented: "edge issuing", want: "refused", codes: "weak_key",
		},
		{
			name: "a pin beside an issuer that forbids its name", drawing: chain, settings: settings(with("issuing", pkitest.Permitted(dns("a.example"))), with("edge", pkitest.DNS("b.example"))),
			uploaded: "edge", presented: "edge issuing", want: "refused", codes: "name_not_permitted",
		},
		{
			name: "a pin that signs no handshake", drawing: chain, settings: settings(with("edge", pkitest.KeyUsage(x509.KeyUsageKeyEncipherment))),
			uploaded: "edge", presented: "edge", want: "pinned: edge", codes: "wrong_key_usage?",
		},
		{name: "a pin of a weak key", drawing: "edge", settings: settings(with("edge", pkitest.Algorithm(pkitest.RSA1024))), uploaded: "edge", presented: "edge", want: "refused", codes: "weak_key"},
		{name: "a pin of a weak RSA key, alone", drawing: chain, settings: settings(with("edge", pkitest.Algorithm(pkitest.RSA1024))), uploaded: "edge", presented: "edge", want: "pinned: edge", codes: "weak_key?"},
		{name: "a pin of a weak RSA key beside its issuer", drawing: chain, settings: settings(with("edge", pkitest.Algorithm(pkitest.RSA1024))), uploaded: "edge", presented: "edge issuing", want: "refused", codes: "weak_key"},
		{name: "a pin beside an issuer whose key usage lists nothing", drawing: chain, settings: settings(with("issuing", noUsageListed())), uploaded: "edge", presented: "edge issuing", want: "pinned: edge"},
		{
			name: "a pin beside three issuers of which the third may not sign", drawing: "edge <- a <- b <- c <- root", settings: settings(with("c", pkitest.KeyUsage(x509.KeyUsageCRLSign))),
			uploaded: "edge", presented: "edge a b c root", want: "pinned: edge", codes: "root_presented?",
		},
		{
			name: "a pin beside two issuers of which the second may not sign", drawing: "edge <- a <- b <- root", settings: settings(with("b", pkitest.KeyUsage(x509.KeyUsageCRLSign))),
			uploaded: "edge", presented: "edge a b root", want: "refused", codes: "may_not_sign",
		},
		{
			name: "a pin beside two issuers of which the second has expired", drawing: "edge <- a <- b <- root", settings: settings(with("b", pkitest.ExpiredFor(time.Hour))),
			uploaded: "edge", presented: "edge a b root", want: "pinned: edge", codes: "root_presented?",
		},
		{
			name: "a pin beside its issuer that OpenSSL cannot read", drawing: chain, settings: settings(serverOnly, with("edge", noUsageListed())),
			uploaded: "edge", presented: "edge issuing", want: "pinned: edge", codes: "wrong_purpose? wrong_key_usage?",
		},
		{name: "a pin on a weak curve", drawing: chain, settings: settings(with("edge", pkitest.Algorithm(pkitest.ECDSAP224))), uploaded: "edge", presented: "edge", want: "refused", codes: "weak_key"},
	}
	return named("shared: ", shared(), list)
}

// hybridPKIScenarios are self-hosted Kong with cluster_mtls = pki.
func hybridPKIScenarios() []scenario {
	const four = "edge <- ca1 <- ca2 <- ca3 <- ca4 <- root"
	const five = "edge <- ca1 <- ca2 <- ca3 <- ca4 <- ca5 <- root"
	list := []scenario{
		{name: "the root is uploaded", drawing: chain, uploaded: "root", presented: "edge issuing", want: "pki: edge <- issuing <- root"},
		{name: "root and intermediate are uploaded", drawing: chain, uploaded: "issuing root", presented: "edge", want: "pki: edge <- issuing <- root"},
		{name: "the intermediate alone is uploaded", drawing: chain, uploaded: "issuing", presented: "edge", want: "refused", codes: "upload_not_an_anchor"},
		{name: "the intermediate alone is uploaded and presented", drawing: chain, uploaded: "issuing", presented: "edge issuing", want: "refused", codes: "upload_not_an_anchor"},
		{name: "a CA-issued leaf is uploaded", drawing: chain, uploaded: "edge", presented: "edge", want: "refused", codes: "upload_not_an_anchor"},
		{name: "a self-signed leaf is uploaded", drawing: "edge", uploaded: "edge", presented: "edge", want: "pki: edge"},
		{
			name: "a self-signed leaf for servers is uploaded", drawing: "edge", settings: settings(with("edge", pkitest.Purposes(x509.ExtKeyUsageServerAuth))),
			uploaded: "edge", presented: "edge", want: "refused", codes: "wrong_purpose",
		},
		{name: "a version 1 leaf is uploaded", drawing: "edge", settings: settings(with("edge", pkitest.Version1())), uploaded: "edge", presented: "edge", want: "pki: edge", codes: "pin_is_ca?"},
		{
			name: "a self-signed CA is presented", drawing: "edge", settings: settings(with("edge", pkitest.CA(true), pkitest.KeyUsage(0), pkitest.Purposes())),
			uploaded: "edge", presented: "edge", want: "pki: edge", codes: "pin_is_ca?",
		},
		{name: "a version 1 root signs", drawing: "edge <- root", settings: settings(with("root", pkitest.Version1())), uploaded: "root", presented: "edge", want: "pki: edge <- root"},
		{
			name: "a version 1 root with a fault below", drawing: "edge <- root", settings: settings(with("root", pkitest.Version1()), with("edge", pkitest.ExpiredFor(time.Hour))),
			uploaded: "root", presented: "edge", want: "refused", codes: "expired",
		},
		{name: "four intermediates", drawing: four, uploaded: "root", presented: "edge ca1 ca2 ca3 ca4", want: "pki: edge <- ca1 <- ca2 <- ca3 <- ca4 <- root"},
		{name: "five intermediates", drawing: five, uploaded: "root", presented: "edge ca1 ca2 ca3 ca4 ca5", want: "refused", codes: "too_many_intermediates"},
		{
			name: "five intermediates and an expired leaf", drawing: five, settings: settings(with("edge", pkitest.ExpiredFor(time.Hour))),
			uploaded: "root", presented: "edge ca1 ca2 ca3 ca4 ca5", want: "refused", codes: "expired too_many_intermediates",
		},
		{name: "a weak key", drawing: chain, settings: settings(with("edge", pkitest.Algorithm(pkitest.RSA1024))), uploaded: "root", presented: "edge issuing", want: "refused", codes: "weak_key"},
		{name: "a weak CA", drawing: chain, settings: settings(with("issuing", pkitest.Algorithm(pkitest.RSA1024))), uploaded: "root", presented: "edge issuing", want: "refused", codes: "weak_key"},
		{name: "a leaf on a weak curve", drawing: chain, settings: settings(with("edge", pkitest.Algorithm(pkitest.ECDSAP224))), uploaded: "root", presented: "edge issuing", want: "refused", codes: "weak_key"},
		{
			name: "any extended key usage is not client authentication", drawing: chain, settings: settings(with("edge", pkitest.Purposes(x509.ExtKeyUsageAny))),
			uploaded: "root", presented: "edge issuing", want: "refused", codes: "wrong_purpose",
		},
		{
			name: "a key usage that signs no handshake", drawing: chain, settings: settings(with("edge", pkitest.KeyUsage(x509.KeyUsageKeyEncipherment))),
			uploaded: "root", presented: "edge issuing", want: "refused", codes: "wrong_key_usage",
		},
		{
			name: "key ids disagree", drawing: chain, settings: settings(with("edge", pkitest.AuthorityKeyID([]byte("another key")))),
			uploaded: "root", presented: "edge issuing", want: "refused", codes: "key_id_mismatch",
		},
		{
			name: "two generations of a CA with one key", drawing: chain + "\nissuing~2 <- root", settings: settings(with("issuing~2", pkitest.SameKeyAs("issuing"), pkitest.EndsIn(time.Hour))),
			uploaded: "root", presented: "edge issuing issuing~2", want: "pki: edge <- issuing <- root", codes: "ambiguous_issuer?",
		},
		{
			name: "a URI below a host that is permitted", drawing: chain,
			settings: settings(with("root", pkitest.Permitted(pkitest.Subtree{Kind: "uri", Base: "acme.example"})), with("edge", pkitest.URI("spiffe://dp.acme.example/edge"))),
			uploaded: "root", presented: "edge issuing", want: "refused", codes: "name_not_permitted",
		},
		{
			name: "a URI below a domain that is permitted", drawing: chain,
			settings: settings(with("root", pkitest.Permitted(pkitest.Subtree{Kind: "uri", Base: "acme.example"}, pkitest.Subtree{Kind: "uri", Base: ".acme.example"})), with("edge", pkitest.URI("spiffe://dp.acme.example/edge"))),
			uploaded: "root", presented: "edge issuing", want: "pki: edge <- issuing <- root",
		},
		{
			name: "an e-mail address below a host that is permitted", drawing: chain,
			settings: settings(with("root", pkitest.Permitted(pkitest.Subtree{Kind: "email", Base: "acme.example"})), with("edge", pkitest.Email("edge@dp.acme.example"))),
			uploaded: "root", presented: "edge issuing", want: "refused", codes: "name_not_permitted",
		},
		{
			name: "a common name beside the domain that is permitted, and no DNS name", drawing: chain,
			settings: settings(with("root", pkitest.Permitted(dns("acme.example"))), with("edge", pkitest.Subject(pkix.Name{CommonName: "edge.other.example"}))),
			uploaded: "root", presented: "edge issuing", want: "refused", codes: "name_not_permitted",
		},
		{
			name: "a common name beside the domain that is permitted, and a DNS name in it", drawing: chain,
			settings: settings(with("root", pkitest.Permitted(dns("acme.example"))), with("edge", pkitest.Subject(pkix.Name{CommonName: "edge.other.example"}), pkitest.DNS("edge.acme.example"))),
			uploaded: "root", presented: "edge issuing", want: "pki: edge <- issuing <- root",
		},
		{
			name: "an e-mail address in the subject beside the domain that is permitted", drawing: chain,
			settings: settings(with("root", pkitest.Permitted(pkitest.Subtree{Kind: "email", Base: "acme.example"})), with("edge", mailInSubject(asn1.RawValue{Tag: asn1.TagIA5String, Bytes: []byte("a@other.example")}))),
			uploaded: "root", presented: "edge issuing", want: "refused", codes: "name_not_permitted",
		},
		{
			name: "an e-mail address in the subject that is no IA5String", drawing: chain,
			settings: settings(with("root", pkitest.Permitted(pkitest.Subtree{Kind: "email", Base: "acme.example"})), with("edge", mailInSubject("a@acme.example"))),
			uploaded: "root", presented: "edge issuing", want: "refused", codes: "name_not_comparable",
		},
		{
			name: "an alternative directory name that is excluded", drawing: chain,
			settings: settings(
				with("root", pkitest.Extension(object(2, 5, 29, 30), false, []byte{0x30, 0x14, 0xa1, 0x12, 0x30, 0x10, 0xa4, 0x0e, 0x30, 0x0c, 0x31, 0x0a, 0x30, 0x08, 0x06, 0x03, 0x55, 0x04, 0x03, 0x0c, 0x01, 'y'})),
				with("edge", pkitest.Extension(object(2, 5, 29, 17), false, []byte{0x30, 0x10, 0xa4, 0x0e, 0x30, 0x0c, 0x31, 0x0a, 0x30, 0x08, 0x06, 0x03, 0x55, 0x04, 0x03, 0x0c, 0x01, 'Y'}))),
			uploaded: "root", presented: "edge issuing", want: "refused", codes: "name_excluded",
		},
		{
			name: "constraints with a minimum", drawing: chain,
			settings: settings(with("root", pkitest.Extension(object(2, 5, 29, 30), false, []byte{0x30, 0x0a, 0xa0, 0x08, 0x30, 0x06, 0x82, 0x01, 'x', 0x80, 0x01, 0x01})), with("edge", pkitest.DNS("x"))),
			uploaded: "root", presented: "edge issuing", want: "refused", codes: "name_not_comparable",
		},
		{
			name: "a proxy certificate", drawing: chain,
			settings: settings(with("edge", pkitest.Extension(object(1, 3, 6, 1, 5, 5, 7, 1, 14), false, []byte{0x30, 0x0c, 0x30, 0x0a, 0x06, 0x08, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x15, 0x01}))),
			uploaded: "root", presented: "edge issuing", want: "refused", codes: "refused_by_verifier",
		},
		{
			name: "Internet number resources that no CA has", drawing: chain,
			settings: settings(with("edge", pkitest.Extension(object(1, 3, 6, 1, 5, 5, 7, 1, 8), false, []byte{0x30, 0x07, 0xa0, 0x05, 0x30, 0x03, 0x02, 0x01, 0x07}))),
			uploaded: "root", presented: "edge issuing", want: "refused", codes: "refused_by_verifier",
		},
		{
			name: "an authority key id of no bytes", drawing: chain,
			settings: settings(with("edge", pkitest.Extension(object(2, 5, 29, 35), false, []byte{0x30, 0x02, 0x80, 0x00}))),
			uploaded: "root", presented: "edge issuing", want: "refused", codes: "key_id_mismatch",
		},
		{
			name: "a Netscape certificate type that cannot be read", drawing: chain,
			settings: settings(with("issuing", pkitest.Extension(object(2, 16, 840, 1, 113730, 1, 1), false, []byte{0x05, 0x00}))),
			uploaded: "root", presented: "edge issuing", want: "refused", codes: "malformed_certificate",
		},
		{
			name: "a leaf that ends before it begins", drawing: chain,
			settings: settings(with("edge", pkitest.Valid(pkitest.Now().Add(time.Hour), pkitest.Now().Add(-time.Hour)))),
			uploaded: "root", presented: "edge issuing", want: "refused", codes: "not_yet_valid expired",
		},
		{
			name: "a common name of one label", drawing: chain,
			settings: settings(with("root", pkitest.Permitted(dns("acme.example")))),
			uploaded: "root", presented: "edge issuing", want: "pki: edge <- issuing <- root",
		},
		{
			name: "a certificate from the old key to the new one, with its key id", drawing: "edge <- ca~2 <- ca",
			uploaded: "ca", presented: "edge ca~2", want: "pki: edge <- ca~2 <- ca",
		},
		{
			name: "a subject that constraints on directory names do not permit", drawing: "edge <- root", settings: settings(with("root", pkitest.ConstrainsDirectoryNames())),
			uploaded: "root", presented: "edge", want: "refused", codes: "name_not_permitted",
		},
		{
			name: "a subject that constraints on directory names permit", drawing: "edge <- root",
			settings: settings(with("root", pkitest.ConstrainsDirectoryNames()), with("edge", pkitest.Subject(pkix.Name{CommonName: " A"}))),
			uploaded: "root", presented: "edge", want: "pki: edge <- root",
		},
		{
			name: "an intermediate is uploaded, and its issuer only presented", drawing: "edge <- issuing <- policy <- root",
			uploaded: "root issuing", presented: "edge issuing policy", want: "pki: edge <- issuing <- policy <- root", codes: "issuer_not_uploaded?",
		},
		{
			name: "every intermediate is uploaded", drawing: "edge <- issuing <- policy <- root",
			uploaded: "root issuing policy", presented: "edge", want: "pki: edge <- issuing <- policy <- root",
		},
		{
			name: "a certificate from the old key to the new one of another kind, without a key id", drawing: "edge <- ca~2 <- ca",
			settings: settings(with("ca~2", pkitest.AuthorityKeyID([]byte{}), pkitest.Algorithm("RSA-2048"))),
			uploaded: "ca", presented: "edge ca~2", want: "pki: edge <- ca~2 <- ca",
		},
		{
			name: "a leaf whose extended key usage lists nothing", drawing: "edge <- root", settings: settings(with("edge", noPurposeListed())),
			uploaded: "root", presented: "edge", want: "refused", codes: "wrong_purpose",
		},
		{
			name: "a CA whose key usage lists nothing", drawing: "edge <- root", settings: settings(with("root", noUsageListed())),
			uploaded: "root", presented: "edge", want: "refused", codes: "may_not_sign",
		},
		{
			name: "a certificate from the old key to the new one, without a key id", drawing: "edge <- ca~2 <- ca", settings: settings(with("ca", pkitest.NoKeyID())),
			uploaded: "ca", presented: "edge ca~2", want: "refused", codes: "self_signed_not_uploaded",
		},
		{
			name: "an uploaded leaf was renewed", drawing: "edge\nedge~2", settings: settings(with("edge~2", pkitest.SameKeyAs("edge"))),
			uploaded: "edge", presented: "edge~2", want: "refused", codes: "pin_renewed",
		},
	}
	return named("pki: ", hybrid(), list)
}

// named gives every scenario of a list its control plane.
func named(prefix string, options trust.Options, list []scenario) []scenario {
	for i := range list {
		list[i].name, list[i].options = prefix+list[i].name, options
	}
	return list
}

// mailInSubject is a subject with an e-mail address, as a text or as it stands in
// ASN.1.
func mailInSubject(address any) pkitest.Deviation {
	return pkitest.Subject(pkix.Name{
		CommonName: "edge", ExtraNames: []pkix.AttributeTypeAndValue{{Type: object(1, 2, 840, 113549, 1, 9, 1), Value: address}},
	})
}
