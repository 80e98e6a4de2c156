package issue_test

import (
	"crypto"
	"crypto/x509"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/trustplane/terraform-provider-mtls/internal/issue"
	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/pkitest"
)

// openSSLSelfSigned has openssl req make a certificate that signs itself and
// outlives every instant of these tests, and its P-256 key. Without further
// arguments it is openssl's common recipe.
func openSSLSelfSigned(t *testing.T, arguments ...string) (*x509.Certificate, crypto.Signer) {
	t.Helper()
	text := openssl(t, "", "ecparam", "-name", "prime256v1", "-genkey", "-noout")
	key, err := pki.ParsePrivateKey(text)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := pki.ParseCertificate(openssl(t, "", append([]string{
		"req", "-x509", "-key", written(t, text), "-subj", "/CN=edge", "-days", "27000",
	}, arguments...)...))
	if err != nil {
		t.Fatal(err)
	}
	return certificate, key
}

// TestProvidedByOpenSSL: what the usual recipes of openssl make, and what is said
// of it for each use. The clock stands in the certificates' life.
func TestProvidedByOpenSSL(t *testing.T) {
	usual, key := openSSLSelfSigned(t)
	leaf, _ := openSSLSelfSigned(t, "-addext", "basicConstraints=critical,CA:FALSE")
	server, _ := openSSLSelfSigned(t, "-addext", "basicConstraints=critical,CA:FALSE", "-addext", "extendedKeyUsage=serverAuth")
	noSigner, _ := openSSLSelfSigned(t, "-addext", "keyUsage=digitalSignature")
	version1 := openSSLVersion1(t)
	short, _ := openSSLSelfSigned(t, "-days", "1")
	during := usual.NotBefore.Add(time.Hour)

	const alsoCA = "certificate_pem: Certificate is also a CA: <it> says CA:TRUE, which is the default of openssl req -x509. " +
		"Once it is uploaded, whoever has its private key can issue further certificates that the control plane trusts. " +
		"Provide one with CA:FALSE, or let the provider generate it."
	for name, test := range map[string]struct {
		profile          issue.Profile
		certificate      *x509.Certificate
		key              crypto.Signer
		now              time.Time
		errors, warnings []string
	}{
		"a CA":             {profile: issue.ControlPlaneCA, certificate: usual, now: during},
		"a CA and its key": {profile: issue.ControlPlaneCA, certificate: usual, key: key, now: during},
		"a leaf as a pin":  {profile: issue.PinnedCertificate, certificate: leaf, now: during},
		"a leaf":           {profile: issue.DataplaneCertificate, certificate: leaf, now: during},
		"its last second":  {profile: issue.PinnedCertificate, certificate: leaf, now: leaf.NotAfter},
		"its first second": {profile: issue.PinnedCertificate, certificate: leaf, now: leaf.NotBefore},

		"a pin that is also a CA":  {profile: issue.PinnedCertificate, certificate: usual, now: during, warnings: []string{alsoCA}},
		"a leaf that is also a CA": {profile: issue.DataplaneCertificate, certificate: usual, now: during, warnings: []string{alsoCA}},
		"a leaf as a CA": {
			profile: issue.ControlPlaneCA, certificate: leaf, now: during,
			errors: []string{"certificate_pem: Not a CA certificate: <it> is not a CA certificate: its basic constraints do not say CA:TRUE. " +
				"Provide a CA certificate, or use a pinned certificate for a leaf."},
		},
		"a CA without the right to sign": {
			profile: issue.ControlPlaneCA, certificate: noSigner, now: during,
			errors: []string{"certificate_pem: Not a CA certificate: <it> is a CA certificate without the right to sign certificates: its key usage lacks keyCertSign. " +
				"Provide a CA certificate, or use a pinned certificate for a leaf."},
		},
		"X.509 v1 as a CA": {
			profile: issue.ControlPlaneCA, certificate: version1, now: version1.NotBefore,
			errors: []string{"certificate_pem: Not a CA certificate: <it> is an X.509 v1 certificate, which cannot say that it is a CA. " +
				"Provide a CA certificate, or use a pinned certificate for a leaf."},
		},
		"X.509 v1 as a pin": {
			profile: issue.PinnedCertificate, certificate: version1, now: version1.NotBefore,
			warnings: []string{"certificate_pem: Certificate is X.509 v1: <it> has no extensions: it can be pinned, but clients cannot verify its name, " +
				"so a control plane cannot present it. Let the provider generate one."},
		},
		"a server's as a pin": {
			profile: issue.PinnedCertificate, certificate: server, now: during,
			warnings: []string{"certificate_pem: Not valid for client authentication: <it> is restricted to other purposes. " +
				"Control planes that check the purpose refuse it from a data plane. Provide one with the extended key usage clientAuth."},
		},
		"another's key": {
			profile: issue.ControlPlaneCA, certificate: usual, key: pkitest.Build(t, "other").Key("other"), now: during,
			errors: []string{"private_key_pem: Key does not match: The private key does not belong to <it>. Provide the key that the certificate was issued for."},
		},
		"expired": {
			profile: issue.ControlPlaneCA, certificate: short, now: short.NotAfter.Add(time.Nanosecond),
			errors: []string{"certificate_pem: Certificate has expired: <it> expired at " + short.NotAfter.Format(time.RFC3339) + "; a control plane refuses it. Provide a renewed certificate."},
		},
		"not yet valid": {
			profile: issue.ControlPlaneCA, certificate: short, now: short.NotBefore.Add(-time.Nanosecond),
			warnings: []string{"certificate_pem: Certificate is not yet valid: <it> becomes valid at " + short.NotBefore.Format(time.RFC3339) + "; control planes refuse it until then."},
		},
	} {
		t.Run(name, func(t *testing.T) {
			refused, warned := issue.CheckProvided(test.profile, test.certificate, test.key, nil, test.now)
			shown := func(violations []issue.Violation) (texts []string) {
				for _, violation := range violations {
					texts = append(texts, strings.ReplaceAll(violation.String(), pki.Describe(test.certificate), "<it>"))
				}
				return texts
			}
			if diff := cmp.Diff(test.errors, shown(refused)); diff != "" {
				t.Errorf("errors (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.warnings, shown(warned)); diff != "" {
				t.Errorf("warnings (-want +got):\n%s", diff)
			}
		})
	}
}

// openSSLVersion1 has openssl make a certificate without extensions: a request
// that is signed with no extension file.
func openSSLVersion1(t *testing.T) *x509.Certificate {
	t.Helper()
	key := written(t, openssl(t, "", "ecparam", "-name", "prime256v1", "-genkey", "-noout"))
	request := openssl(t, "", "req", "-new", "-key", key, "-subj", "/CN=kong_clustering")
	certificate, err := pki.ParseCertificate(openssl(t, request, "x509", "-req", "-signkey", key, "-days", "1095"))
	if err != nil {
		t.Fatal(err)
	}
	if certificate.Version != 1 {
		t.Fatalf("openssl made version %d; this test is about 1", certificate.Version)
	}
	return certificate
}

// TestProvidedWithAnIssuer: what is presented above a certificate must stand
// above it.
func TestProvidedWithAnIssuer(t *testing.T) {
	graph := pkitest.Build(t, `
		edge <- issuing <- root
		edge~old <- ended
		other <- renamed`,
		pkitest.With("renamed", pkitest.SameKeyAs("issuing")),
		pkitest.With("ended", pkitest.ExpiredFor(time.Hour)))
	for name, test := range map[string]struct {
		certificate, issuer, above string
		want                       []string
	}{
		"its issuer":       {certificate: "edge", issuer: "issuing"},
		"its issuers":      {certificate: "edge", issuer: "issuing", above: "root"},
		"a root by itself": {certificate: "root", issuer: "root"},
		"the issuer's issuer": {"edge", "root", "", []string{"issuer.certificate_pem: Issuer did not sign this: <edge> was issued by CN=issuing, not in the name and with the key of <root>. " +
			"Set its actual issuer, or none."}},
		"its key, another name": {"edge", "renamed", "", []string{"issuer.certificate_pem: Issuer did not sign this: <edge> was issued by CN=issuing, not in the name and with the key of <renamed>. " +
			"Set its actual issuer, or none."}},
		"an expired issuer": {"edge~old", "ended", "", []string{"issuer.certificate_pem: Issuer has expired: <ended> expired at 2030-06-15T11:00:00Z. Renew it, or use another issuer."}},
		"a broken chain": {"edge", "issuing", "ended", []string{"issuer.chain_pem: Issuer has expired: <ended> expired at 2030-06-15T11:00:00Z. Renew it, or use another issuer.", "issuer.chain_pem: Issuer's chain is broken: <issuing> is followed by <ended>, which did not sign it. " +
			"Provide the issuer's certificate, then its own issuers in order, as provider::mtls::build_chain returns them."}},
	} {
		t.Run(name, func(t *testing.T) {
			refused, _ := issue.CheckProvided(issue.DataplaneCertificate, graph.Certificate(test.certificate), nil, issuerOf(graph, test.issuer, test.above), now())
			if diff := cmp.Diff(test.want, told(graph, refused)); diff != "" {
				t.Errorf("errors (-want +got):\n%s", diff)
			}
		})
	}
}

// TestProvidedWeakKeys are warned of for every use.
func TestProvidedWeakKeys(t *testing.T) {
	graph := pkitest.Build(t, "leaf <- ca",
		pkitest.With("ca", pkitest.Algorithm(pkitest.RSA1024)), pkitest.With("leaf", pkitest.Algorithm(pkitest.ECDSAP224)))
	for profile, test := range map[issue.Profile]struct{ name, reason string }{
		issue.ControlPlaneCA:       {"ca", "its RSA key has 1024 bits; the minimum is 2048"},
		issue.PinnedCertificate:    {"leaf", "its key is on the curve P-224; the minimum is P-256"},
		issue.DataplaneCertificate: {"leaf", "its key is on the curve P-224; the minimum is P-256"},
	} {
		refused, warned := issue.CheckProvided(profile, graph.Certificate(test.name), graph.Key(test.name), nil, now())
		want := []string{fmt.Sprintf("certificate_pem: Key too weak: <%s>: %s. Current control planes refuse it.", test.name, test.reason)}
		if diff := cmp.Diff(want, told(graph, warned)); diff != "" || len(refused) > 0 {
			t.Errorf("profile %d: errors %v, warnings (-want +got):\n%s", profile, refused, diff)
		}
	}
}

// TestProvidedPurposes: no purpose is any purpose (RFC 5280, section 4.2.1.12).
func TestProvidedPurposes(t *testing.T) {
	for name, test := range map[string]struct {
		purposes []x509.ExtKeyUsage
		warned   bool
	}{
		"none":        {nil, false},
		"any":         {[]x509.ExtKeyUsage{x509.ExtKeyUsageAny}, false},
		"client":      {[]x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}, false},
		"both":        {both(), false},
		"server":      {[]x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}, true},
		"for signing": {[]x509.ExtKeyUsage{x509.ExtKeyUsageCodeSigning}, true},
	} {
		edge := pkitest.Build(t, "edge", pkitest.With("edge", pkitest.Purposes(test.purposes...))).Certificate("edge")
		if _, warned := issue.CheckProvided(issue.PinnedCertificate, edge, nil, nil, now()); (len(warned) > 0) != test.warned {
			t.Errorf("%s: warnings %v", name, warned)
		}
	}
}
