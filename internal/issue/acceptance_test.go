package issue_test

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"regexp"
	"strings"
	"testing"

	zx509 "github.com/zmap/zcrypto/x509"
	"github.com/zmap/zlint/v3"
	"github.com/zmap/zlint/v3/lint"

	"github.com/trustplane/terraform-provider-mtls/internal/issue"
	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/pkitest"
)

// A hierarchy is one certificate of each kind, with all that a request can ask
// for in it.
type hierarchy struct {
	root, issuing, leaf, server, nameless, pin *issue.Issued
}

// makeHierarchy issues every kind of certificate with keys of algorithm.
func makeHierarchy(tb testing.TB, algorithm pki.KeyAlgorithm) hierarchy {
	tb.Helper()
	// Provided keys, for pkitest remembers those that take long to make.
	keys := pkitest.Build(tb, "root\nissuing\nleaf",
		pkitest.With("root", pkitest.Algorithm(algorithm)), pkitest.With("issuing", pkitest.Algorithm(algorithm)), pkitest.With("leaf", pkitest.Algorithm(algorithm)))
	in := func(key string, request issue.Request, change func(*issue.Request)) issue.Request {
		request.Key = keys.Key(key)
		request.CRLDistributionPoints = []string{"http://crl.acme.example/ca.crl"}
		request.OCSPServers = []string{"http://ocsp.acme.example/"}
		change(&request)
		return request
	}
	named := func(r *issue.Request) {
		r.Subject = fullSubject()
		r.DNSNames, r.IPAddresses = []string{"edge.acme.example", "*.edge.acme.example"}, []string{"192.0.2.1", "2001:db8::1"}
		r.URIs, r.EmailAddresses = []string{"spiffe://acme.example/edge"}, []string{"ops@acme.example"}
	}
	var h hierarchy
	h.root = mustIssue(tb, in("root", aCA(), func(r *issue.Request) { r.Subject = pkix.Name{CommonName: "Acme Root", Organization: []string{"Acme"}} }), nil)
	h.issuing = mustIssue(tb, in("issuing", aCA(), func(r *issue.Request) {
		r.Subject = pkix.Name{CommonName: "Acme Issuing"}
		r.MaxPathLength = new(0)
		r.NameConstraints = issue.NameConstraints{
			PermittedDNSDomains: []string{"acme.example"}, ExcludedDNSDomains: []string{"secret.acme.example"},
			PermittedIPRanges: []string{"192.0.2.0/24", "2001:db8::/32"}, ExcludedIPRanges: []string{"192.0.2.128/25"},
			PermittedEmailAddresses: []string{"acme.example"}, ExcludedEmailAddresses: []string{"root@acme.example"},
			PermittedURIDomains: []string{"acme.example"}, ExcludedURIDomains: []string{".secret.acme.example"},
		}
	}), below(h.root))
	issuer := below(h.issuing, h.root)
	h.leaf = mustIssue(tb, in("leaf", aLeaf(), named), issuer)
	h.server = mustIssue(tb, in("leaf", aLeaf(), func(r *issue.Request) { named(r); r.ExtendedKeyUsages = both() }), issuer)
	h.nameless = mustIssue(tb, in("leaf", aLeaf(), func(r *issue.Request) { r.Subject, r.DNSNames = pkix.Name{}, []string{"edge.acme.example"} }), issuer)
	h.pin = mustIssue(tb, in("leaf", aPin(), named), nil)
	return h
}

func (h hierarchy) all() map[string]*x509.Certificate {
	return map[string]*x509.Certificate{
		"root": h.root.Certificate, "issuing": h.issuing.Certificate, "leaf": h.leaf.Certificate,
		"server": h.server.Certificate, "nameless": h.nameless.Certificate, "pin": h.pin.Certificate,
	}
}

// TestOpenSSLAcceptsWhatIsIssued: in every algorithm openssl reads each
// certificate, and verifies each path in its strict mode, for the purposes that
// the leaf has and for no other.
func TestOpenSSLAcceptsWhatIsIssued(t *testing.T) {
	for _, algorithm := range pki.KeyAlgorithms() {
		t.Run(string(algorithm), func(t *testing.T) {
			t.Parallel()
			h := makeHierarchy(t, algorithm)
			for name, certificate := range h.all() {
				printed := openssl(t, pki.EncodeCertificates(certificate), "x509", "-noout", "-text")
				if !strings.Contains(printed, "Version: 3 (0x2)") || strings.Contains(printed, "<INVALID>") {
					t.Errorf("openssl prints of %s:\n%s", name, printed)
				}
			}
			const client, server = "sslclient", "sslserver"
			root, issuing, pin := pki.EncodeCertificates(h.root.Certificate), pki.EncodeCertificates(h.issuing.Certificate), pki.EncodeCertificates(h.pin.Certificate)
			for _, test := range []struct {
				name             string
				issued           *issue.Issued
				anchor, between  string
				purpose, options string
				refused          string // empty: accepted
			}{
				{name: "root alone", issued: h.root, anchor: root},
				{name: "issuing below root", issued: h.issuing, anchor: root},
				{name: "leaf below both", issued: h.leaf, anchor: root, between: issuing, purpose: client},
				{name: "leaf below issuing as the anchor", issued: h.leaf, anchor: issuing, purpose: client, options: "-partial_chain"},
				{name: "leaf as a server", issued: h.leaf, anchor: root, between: issuing, purpose: server, refused: "unsuitable certificate purpose"},
				{name: "server as a client", issued: h.server, anchor: root, between: issuing, purpose: client},
				{name: "server as a server", issued: h.server, anchor: root, between: issuing, purpose: server},
				{name: "without a subject", issued: h.nameless, anchor: root, between: issuing, purpose: client},
				{name: "pin as a client", issued: h.pin, anchor: pin, purpose: client, options: "-partial_chain"},
				{name: "pin as a server", issued: h.pin, anchor: pin, purpose: server, options: "-partial_chain"},
				{name: "leaf below root alone", issued: h.leaf, anchor: root, purpose: client, refused: "unable to get local issuer certificate"},
				{name: "leaf below the pin", issued: h.leaf, anchor: pin, between: issuing, purpose: client, refused: "unable to get local issuer certificate"},
			} {
				t.Run(test.name, func(t *testing.T) {
					arguments := []string{"verify", "-x509_strict", "-no-CApath", "-no-CAstore", "-attime", "1907755200", "-CAfile", written(t, test.anchor)}
					if test.between != "" {
						arguments = append(arguments, "-untrusted", written(t, test.between))
					}
					if test.purpose != "" {
						arguments = append(arguments, "-purpose", test.purpose)
					}
					arguments = append(arguments, strings.Fields(test.options)...)
					said, err := runOpenSSL(t, pki.EncodeCertificates(test.issued.Certificate), arguments...)
					if (err == nil) != (test.refused == "") || !strings.Contains(said, test.refused) {
						t.Errorf("openssl says %s, error %v, want %q", said, err, test.refused)
					}
				})
			}
		})
	}
}

// TestLintsOfRFC5280: no lint over any certificate finds an error or gives a
// warning.
func TestLintsOfRFC5280(t *testing.T) {
	registry, err := lint.GlobalRegistry().Filter(lint.FilterOptions{IncludeSources: lint.SourceList{lint.RFC5280}})
	if err != nil {
		t.Fatal(err)
	}
	for _, algorithm := range pki.KeyAlgorithms() {
		t.Run(string(algorithm), func(t *testing.T) {
			t.Parallel()
			for name, certificate := range makeHierarchy(t, algorithm).all() {
				parsed, err := zx509.ParseCertificate(certificate.Raw)
				if err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				passed := 0
				for code, result := range zlint.LintCertificateEx(parsed, registry).Results {
					if result.Status == lint.Pass {
						passed++
					}
					if result.Status > lint.Notice {
						t.Errorf("%s: %s says %s: %s", name, code, result.Status, result.Details)
					}
				}
				if passed < 30 {
					t.Errorf("%s: only %d lints had something to look at", name, passed)
				}
			}
		})
	}
}

// TestOpenSSLReadsEveryField: what was asked for, in openssl's own words.
func TestOpenSSLReadsEveryField(t *testing.T) {
	h := makeHierarchy(t, pki.ECDSAP256)
	for name, test := range map[string]struct {
		certificate *x509.Certificate
		want        []string
	}{
		"root": {h.root.Certificate, []string{
			"Basic Constraints: critical CA:TRUE X509v3",
			"Key Usage: critical Certificate Sign, CRL Sign",
			"Not Before: Jun 15 11:59:00 2030 GMT Not After : Jun 12 11:59:59 2040 GMT",
		}},
		"issuing": {h.issuing.Certificate, []string{
			"Basic Constraints: critical CA:TRUE, pathlen:0",
			"Name Constraints: critical Permitted: DNS:acme.example IP:192.0.2.0/255.255.255.0 IP:2001:DB8:0:0:0:0:0:0/FFFF:FFFF:0:0:0:0:0:0 email:acme.example URI:acme.example" +
				" Excluded: DNS:secret.acme.example IP:192.0.2.128/255.255.255.128 email:root@acme.example URI:.secret.acme.example",
			"CRL Distribution Points: Full Name: URI:http://crl.acme.example/ca.crl",
			"OCSP - URI:http://ocsp.acme.example/",
		}},
		"leaf": {h.leaf.Certificate, []string{
			"Basic Constraints: critical CA:FALSE",
			"Key Usage: critical Digital Signature X509v3",
			"Extended Key Usage: TLS Web Client Authentication X509v3",
			"Subject Alternative Name: DNS:edge.acme.example, DNS:*.edge.acme.example, email:ops@acme.example, IP Address:192.0.2.1, IP Address:2001:DB8:0:0:0:0:0:1, URI:spiffe://acme.example/edge",
		}},
		"nameless": {h.nameless.Certificate, []string{
			"Subject Alternative Name: critical DNS:edge.acme.example",
		}},
		"pin": {h.pin.Certificate, []string{
			"Basic Constraints: critical CA:FALSE",
			"Extended Key Usage: TLS Web Client Authentication, TLS Web Server Authentication",
		}},
	} {
		text := openssl(t, pki.EncodeCertificates(test.certificate), "x509", "-noout", "-text")
		printed := regexp.MustCompile(`\s+`).ReplaceAllString(text, " ")
		for _, want := range test.want {
			if !strings.Contains(printed, want) {
				t.Errorf("%s: openssl prints no %q:\n%s", name, want, text)
			}
		}
	}
}
