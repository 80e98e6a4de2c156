package issue_test

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/trustplane/terraform-provider-mtls/internal/issue"
	"github.com/trustplane/terraform-provider-mtls/internal/pkitest"
)

// TestRulesOfIssuers: what the issuer, or what stands above it, does not permit.
// Each row issues an edge below "ca", the chain above it being as drawn.
func TestRulesOfIssuers(t *testing.T) {
	for name, test := range map[string]struct {
		drawing  string // ca alone, if empty
		settings []pkitest.Setting
		above    string
		request  func(*issue.Request)
		issuer   func(*pkitest.Graph, *issue.Issuer)
		want     []string
	}{
		"a CA":                              {},
		"an intermediate and its root":      {drawing: "ca <- root", above: "root"},
		"an intermediate without its root":  {drawing: "ca <- policy <- root", above: "policy"},
		"an intermediate alone":             {drawing: "ca <- root"},
		"an old root of X.509 v1, above":    {drawing: "ca <- root", settings: deviating("root", pkitest.Version1()), above: "root"},
		"a path length of zero, for a leaf": {settings: deviating("ca", pkitest.PathLength(0))},
		"a path length of one, for a CA":    {settings: deviating("ca", pkitest.PathLength(1)), request: toCA(0)},
		"without its key":                   {issuer: func(_ *pkitest.Graph, i *issue.Issuer) { i.Key = nil }},
		"for client authentication alone":   {settings: deviating("ca", pkitest.Purposes(x509.ExtKeyUsageClientAuth))},
		"for any purpose":                   {settings: deviating("ca", pkitest.Purposes(x509.ExtKeyUsageAny)), request: func(r *issue.Request) { r.ExtendedKeyUsages = both() }},
		"for clients, below it a CA":        {settings: deviating("ca", pkitest.Purposes(x509.ExtKeyUsageClientAuth)), request: toCA(0)},
		"without key usage":                 {settings: deviating("ca", pkitest.KeyUsage(0))},
		"without key identifier":            {settings: deviating("ca", pkitest.NoKeyID())},
		"permitting the name":               {settings: deviating("ca", permitted("dns", "acme.example")), request: naming("edge.acme.example")},
		"its last second":                   {settings: deviating("ca", pkitest.Valid(pkitest.Now(), pkitest.Now().Add(time.Second)))},

		"not a CA": {
			settings: deviating("ca", pkitest.CA(false)),
			want:     []string{"issuer.certificate_pem: Issuer may not sign certificates: <ca> is not a CA certificate: its basic constraints do not say CA:TRUE. Use a CA as the issuer."},
		},
		"no basic constraints": {
			settings: deviating("ca", pkitest.NoBasicConstraints()),
			want:     []string{"issuer.certificate_pem: Issuer may not sign certificates: <ca> is not a CA certificate: its basic constraints do not say CA:TRUE. Use a CA as the issuer."},
		},
		"X.509 v1": {
			settings: deviating("ca", pkitest.Version1()),
			want:     []string{"issuer.certificate_pem: Issuer may not sign certificates: <ca> is an X.509 v1 certificate, which cannot say that it is a CA. Use a CA as the issuer."},
		},
		"no right to sign": {
			settings: deviating("ca", pkitest.KeyUsage(x509.KeyUsageCRLSign)),
			want: []string{"issuer.certificate_pem: Issuer may not sign certificates: <ca> is a CA certificate without the right to sign certificates: " +
				"its key usage lacks keyCertSign. Use a CA as the issuer."},
		},
		"a weak key": {
			settings: deviating("ca", pkitest.Algorithm(pkitest.RSA1024)),
			want: []string{"issuer.certificate_pem: Issuer's key is too weak: <ca>: its RSA key has 1024 bits; the minimum is 2048. Peers refuse what it signs. " +
				"Use a CA with a stronger key."},
		},
		"a critical extension that nobody knows": {
			settings: deviating("ca", pkitest.UnknownCriticalExtension()),
			want: []string{"issuer.certificate_pem: Issuer has unknown critical extension: <ca> has the critical extension 1.3.6.1.4.1.55555.1. " +
				"Peers that do not support it must refuse the certificate (RFC 5280, section 4.2)."},
		},
		"no subject": {
			settings: deviating("ca", pkitest.Subject(pkix.Name{}), pkitest.DNS("ca.example")),
			want:     []string{"issuer.certificate_pem: Issuer has no subject: <ca> has no name that the certificates it signs could refer to. Use a CA with a subject."},
		},
		"another key": {
			drawing: "ca\nother", issuer: func(g *pkitest.Graph, i *issue.Issuer) { i.Key = g.Key("other") },
			want: []string{"issuer.private_key_pem: Issuer's key does not match: The private key does not belong to <ca>. Provide the key that the certificate was issued for."},
		},
		"expired": {
			settings: deviating("ca", pkitest.ExpiredFor(time.Hour)),
			want:     []string{"issuer.certificate_pem: Issuer has expired: <ca> expired at 2030-06-15T11:00:00Z. Renew it, or use another issuer."},
		},
		"not yet valid": {
			settings: deviating("ca", pkitest.StartsIn(time.Hour)),
			want:     []string{"issuer.certificate_pem: Issuer is not yet valid: <ca> becomes valid at 2030-06-15T13:00:00Z."},
		},
		"expired above": {
			drawing: "ca <- root", settings: deviating("root", pkitest.ExpiredFor(time.Hour)), above: "root",
			want: []string{"issuer.chain_pem: Issuer has expired: <root> expired at 2030-06-15T11:00:00Z. Renew it, or use another issuer."},
		},
		"a chain that is none": {
			drawing: "ca <- root\nother <- stranger", above: "stranger",
			want: []string{"issuer.chain_pem: Issuer's chain is broken: <ca> is followed by <stranger>, which did not sign it. Provide the issuer's certificate, then its own issuers in order, as provider::mtls::build_chain returns them."},
		},
		"a chain in the wrong order": {
			drawing: "ca <- policy <- root", above: "root policy",
			want: []string{
				"issuer.chain_pem: Issuer's chain is broken: <ca> is followed by <root>, which did not sign it. Provide the issuer's certificate, then its own issuers in order, as provider::mtls::build_chain returns them.",
				"issuer.chain_pem: Issuer's chain is broken: <root> is followed by <policy>, which did not sign it. Provide the issuer's certificate, then its own issuers in order, as provider::mtls::build_chain returns them.",
			},
		},
		"a chain of the same key under another name": {
			drawing: "ca <- root\nother <- renamed", settings: deviating("renamed", pkitest.SameKeyAs("root")), above: "renamed",
			want: []string{"issuer.chain_pem: Issuer's chain is broken: <ca> is followed by <renamed>, which did not sign it. Provide the issuer's certificate, then its own issuers in order, as provider::mtls::build_chain returns them."},
		},
		"a chain by way of what is no CA": {
			drawing: "ca <- policy <- root", settings: deviating("policy", pkitest.CA(false)), above: "policy root",
			want: []string{"issuer.chain_pem: Issuer's issuer may not sign: <policy> is not a CA certificate: its basic constraints do not say CA:TRUE. " +
				"Provide the chain of CAs that signed the issuer."},
		},
		"a chain that crypto/x509 refuses, for a critical extension": {
			drawing: "ca <- root", settings: deviating("root", pkitest.UnknownCriticalExtension()), above: "root",
			want: []string{"issuer.chain_pem: Issuer's chain is refused: <ca> would be refused with the chain provided for it: x509: unhandled critical extension. " +
				"Provide the chain of CAs that signed it."},
		},
		"a chain that crypto/x509 refuses, for SHA-1": {
			drawing: "ca <- root", settings: deviating("ca", pkitest.SHA1()), above: "root",
			want: []string{`issuer.chain_pem: Issuer's chain is refused: <ca> would be refused with the chain provided for it: x509: certificate signed by unknown authority (possibly because of "x509: cannot verify signature: insecure algorithm ECDSA-SHA1" while trying to verify candidate authority certificate "root"). Provide the chain of CAs that signed it.`},
		},
		"a path length of zero, for a CA": {
			settings: deviating("ca", pkitest.PathLength(0)), request: toCA(-2),
			want: []string{"issuer.certificate_pem: Path length exceeded: <ca> allows 0 CA certificates below it, and this would be number 1. " +
				"Issue from a CA higher up, or give CN=ca a larger max_path_length."},
		},
		"a path length above, used up": {
			drawing: "ca <- policy <- root", settings: deviating("root", pkitest.PathLength(1)), above: "policy root",
			want: []string{"issuer.certificate_pem: Path length exceeded: <root> allows 1 CA certificates below it, and this would be number 2. " +
				"Issue from a CA higher up, or give CN=root a larger max_path_length."},
		},
		"a path length above, used up by a renewed key": {
			drawing: "ca <- root~2 <- root", settings: deviating("root", pkitest.PathLength(1)), above: "root~2 root",
			want: []string{"issuer.certificate_pem: Path length exceeded: <root> allows 1 CA certificates below it, and this would be number 2. " +
				"Issue from a CA higher up, or give CN=root a larger max_path_length."},
		},
		"a path length beyond the issuer's": {
			settings: deviating("ca", pkitest.PathLength(2)), request: toCA(2),
			want: []string{"max_path_length: Path length exceeds the issuer's: 2 is too many: <ca> allows 2 CAs below it, including this one. Use at most 1."},
		},
		"a name it excludes, and one that the root does not permit": {
			drawing: "ca <- root", above: "root", request: naming("edge.acme.example", "x.secret.acme.example", "edge.other.example"),
			settings: append(deviating("ca", excluded("dns", "secret.acme.example")), deviating("root", permitted("dns", "acme.example"))...),
			want: []string{
				`dns_names[1]: Name constraint violated: The DNS name "x.secret.acme.example" is within "secret.acme.example", which <ca> excludes. Change the name, or issue from a CA that permits it.`,
				`dns_names[2]: Name constraint violated: The DNS name "edge.other.example" is not within any name that <root> permits: acme.example. Change the name, or issue from a CA that permits it.`,
			},
		},
		"names of every kind that it forbids": {
			settings: deviating("ca", permitted("ip", "192.0.2.0/24"), permitted("uri", "acme.example"), permitted("email", "acme.example")),
			request: func(r *issue.Request) {
				r.IPAddresses, r.URIs, r.EmailAddresses = []string{"192.0.2.1", "198.51.100.1"}, []string{"urn:a:b"}, []string{"ops@other.example"}
			},
			want: []string{
				`ip_addresses[1]: Name constraint violated: The IP address "198.51.100.1" is not within any name that <ca> permits: 192.0.2.0/24. Change the name, or issue from a CA that permits it.`,
				`uris[0]: Name constraint violated: The URI "urn:a:b" cannot be compared with the names that <ca> permits or excludes: host names only. Change the name, or issue from a CA that permits it.`,
				`email_addresses[0]: Name constraint violated: The e-mail address "ops@other.example" is not within any name that <ca> permits: acme.example. Change the name, or issue from a CA that permits it.`,
			},
		},
		"a purpose that it cannot grant": {
			settings: deviating("ca", pkitest.Purposes(x509.ExtKeyUsageClientAuth)), request: func(r *issue.Request) { r.ExtendedKeyUsages = both() },
			want: []string{"extended_key_usages[0]: Purpose not allowed by issuer: <ca> is itself restricted to purposes other than server_auth. Issue from a CA without that restriction."},
		},
		"the issuer's own name in capitals": {
			request: func(r *issue.Request) { r.Subject.CommonName = "CA" },
			want:    []string{"subject: Subject equals the issuer's: CN=CA is the name of the issuer itself. Use a different name."},
		},
		"the same above itself": {
			drawing: "ca <- root", above: "root root",
			want: []string{"issuer.chain_pem: Issuer's chain is broken: <root> stands in it twice. Provide the issuer's certificate, then its own issuers in order, as provider::mtls::build_chain returns them."},
		},
		"root first, path lengths that would be too short": {
			drawing: "ca <- root", above: "root", settings: []pkitest.Setting{pkitest.With("ca", pkitest.PathLength(0))},
			issuer: func(g *pkitest.Graph, i *issue.Issuer) { i.Chain = g.Certificates("root", "ca") },
			want:   []string{"issuer.chain_pem: Issuer's chain is broken: <ca> stands in it twice. Provide the issuer's certificate, then its own issuers in order, as provider::mtls::build_chain returns them."},
		},
		"the issuer's own name": {
			request: func(r *issue.Request) { r.Subject.CommonName = "ca" },
			want:    []string{"subject: Subject equals the issuer's: CN=ca is the name of the issuer itself. Use a different name."},
		},
		"a pin": {
			request: func(r *issue.Request) { r.Profile = issue.PinnedCertificate },
			want:    []string{"issuer: Issuer not allowed: A pinned certificate is self-signed. For one that is signed by a CA, use a data plane's certificate."},
		},
	} {
		t.Run(name, func(t *testing.T) {
			drawing := test.drawing
			if drawing == "" {
				drawing = "ca"
			}
			// An extra leaf makes a CA of ca.
			graph := pkitest.Build(t, "leaf <- "+drawing, test.settings...)
			request, issuer := aLeaf(), issuerOf(graph, "ca", test.above)
			if test.request != nil {
				test.request(&request)
			}
			if test.issuer != nil {
				test.issuer(graph, issuer)
			}
			if diff := cmp.Diff(test.want, told(graph, issue.Check(request, issuer, now(), issue.Unknown{}))); diff != "" {
				t.Errorf("told (-want +got):\n%s", diff)
			}
			if _, err := issue.Issue(t.Context(), request, issuer, now()); issuer.Key != nil && (err == nil) != (test.want == nil) {
				t.Errorf("issuing it: error %v", err)
			}
		})
	}
}

func deviating(name string, deviations ...pkitest.Deviation) []pkitest.Setting {
	return []pkitest.Setting{pkitest.With(name, deviations...)}
}

func permitted(kind, base string) pkitest.Deviation {
	return pkitest.Permitted(pkitest.Subtree{Kind: kind, Base: base})
}

func excluded(kind, base string) pkitest.Deviation {
	return pkitest.Excluded(pkitest.Subtree{Kind: kind, Base: base})
}

func naming(names ...string) func(*issue.Request) {
	return func(r *issue.Request) { r.DNSNames = names }
}

// toCA turns a request into one for a CA; a path length below zero means none.
func toCA(pathLength int) func(*issue.Request) {
	return func(r *issue.Request) {
		r.Profile = issue.ControlPlaneCA
		if pathLength >= 0 {
			r.MaxPathLength = &pathLength
		}
	}
}

// TestIssuerWithoutKey: a plan may have none, signing needs it.
func TestIssuerWithoutKey(t *testing.T) {
	graph := pkitest.Build(t, "leaf <- ca")
	issuer := issuerOf(graph, "ca")
	issuer.Key = nil
	_, err := issue.Issue(t.Context(), aLeaf(), issuer, now())
	want := "issuer.private_key_pem: Issuer has no private key: Without its private key <ca> cannot sign. " + issue.HowToGiveTheKey
	if err == nil || strings.Join(told(graph, err.(*issue.ViolationsError).Violations), "; ") != want {
		t.Errorf("error %v, want %s", err, want)
	}
}

// TestIssuersLastInstant: the end of a life belongs to it (RFC 5280, section
// 4.1.2.5), and what is issued then ends with it.
func TestIssuersLastInstant(t *testing.T) {
	graph := pkitest.Build(t, "leaf <- ca")
	issuer, end := issuerOf(graph, "ca"), graph.Certificate("ca").NotAfter
	if issued, err := issue.Issue(t.Context(), aLeaf(), issuer, end); err != nil || !issued.Certificate.NotAfter.Equal(end) {
		t.Errorf("at its end: issued %v, error %v", issued, err)
	}
	if found := issue.Check(aLeaf(), issuer, end.Add(time.Nanosecond), issue.Unknown{}); len(found) != 1 || found[0].Summary != "Issuer has expired" {
		t.Errorf("behind its end: found %v", found)
	}
}

// TestLongNamesThatBeginAlike are two names, though a message shows only where
// they are the same.
func TestLongNamesThatBeginAlike(t *testing.T) {
	long := []string{strings.Repeat("a", 64), strings.Repeat("b", 64), strings.Repeat("c", 64)}
	graph := pkitest.Build(t, "leaf <- ca", pkitest.With("ca", pkitest.Subject(pkix.Name{Country: []string{"DE"}, OrganizationalUnit: long, CommonName: "z"})))
	request := aLeaf()
	request.Subject = pkix.Name{Country: []string{"FR"}, OrganizationalUnit: long, CommonName: "z"}
	if found := issue.Check(request, issuerOf(graph, "ca"), now(), issue.Unknown{}); len(found) > 0 {
		t.Errorf("found %v", found)
	}
}

// Who holds such a certificate's key could sign others.
func TestCheckRefusesTheIssuersOwnKey(t *testing.T) {
	t.Parallel()
	graph := pkitest.Build(t, "edge <- ca")
	request := aLeaf()
	request.Key = graph.Key("ca")
	found := issue.Check(request, issuerOf(graph, "ca"), pkitest.Now(), issue.Unknown{})
	if len(found) != 1 || found[0].Field != "private_key_pem" || found[0].Summary != "Key is the issuer's key" {
		t.Errorf("found %v", found)
	}
}
