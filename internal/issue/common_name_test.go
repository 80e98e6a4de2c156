package issue_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/trustplane/terraform-provider-mtls/internal/issue"
	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/pkitest"
)

// TestCommonNamesAreHeldAgainstConstraintsAsOpenSSLDoes: crypto/x509 looks at no
// common name, and would let leaves be issued that no nginx takes.
func TestCommonNamesAreHeldAgainstConstraintsAsOpenSSLDoes(t *testing.T) {
	constrained := pkitest.With("ca",
		pkitest.Permitted(pkitest.Subtree{Kind: "dns", Base: "acme.example"}), pkitest.Excluded(pkitest.Subtree{Kind: "dns", Base: "secret.acme.example"}))
	graph := pkitest.Build(t, "edge <- ca", constrained)
	for name, test := range map[string]struct {
		commonName string
		change     func(*issue.Request)
		refused    bool
	}{
		"one label":                           {commonName: "edge"},
		"words":                               {commonName: "edge at other.example"},
		"a permitted domain":                  {commonName: "edge.acme.example"},
		"another domain":                      {commonName: "edge.other.example", refused: true},
		"an excluded domain":                  {commonName: "edge.secret.acme.example", refused: true},
		"another domain beside an address":    {commonName: "edge.other.example", change: func(r *issue.Request) { r.IPAddresses = []string{"192.0.2.1"} }, refused: true},
		"another domain beside a DNS name":    {commonName: "edge.other.example", change: func(r *issue.Request) { r.DNSNames = []string{"edge.acme.example"} }},
		"a hyphen where a domain has none":    {commonName: "edge-.other.example"},
		"a wildcard, which counts as no name": {commonName: "*.other.example"},
	} {
		t.Run(name, func(t *testing.T) {
			request := calling(test.commonName, aLeaf())
			if test.change != nil {
				test.change(&request)
			}
			if found := issue.Check(request, issuerOf(graph, "ca"), now(), issue.Unknown{}); (len(found) > 0) != test.refused {
				t.Errorf("Check says %v, refusal wanted: %t", found, test.refused)
			}
			leaf := pkitest.Build(t, "edge <- ca", constrained, pkitest.With("edge",
				pkitest.Subject(request.Subject), pkitest.DNS(request.DNSNames...), pkitest.IP(request.IPAddresses...)))
			said, err := runOpenSSL(t, leaf.PEM("edge"), "verify", "-no-CApath", "-no-CAstore", "-attime", "1907755200", "-purpose", "sslclient",
				"-CAfile", written(t, pki.EncodeCertificates(leaf.Certificate("ca"))))
			if (err != nil) != test.refused {
				t.Errorf("openssl says %s, refusal wanted: %t", said, test.refused)
			}
		})
	}
}

// TestMailboxesOfSubjectsAreHeldAgainstConstraintsAsOpenSSLDoes: a signing
// request may bring some.
func TestMailboxesOfSubjectsAreHeldAgainstConstraintsAsOpenSSLDoes(t *testing.T) {
	graph := pkitest.Build(t, "edge <- ca", pkitest.With("ca", pkitest.Permitted(pkitest.Subtree{Kind: "email", Base: "acme.example"})))
	for address, want := range map[string][]string{
		"ops@acme.example": nil,
		"ops@other.example": {`csr_pem: Name constraint violated: The e-mail address "ops@other.example" is not within any name that <ca> permits: acme.example. ` +
			"Remove it from the subject, or issue from a CA that permits it. It comes from the certificate request: set subject here to override it."},
	} {
		csr := openSSLRequest(t, "-subj", "/CN=edge/emailAddress="+address)
		if diff := cmp.Diff(want, told(graph, issue.Check(answering(csr), issuerOf(graph, "ca"), now(), issue.Unknown{}))); diff != "" {
			t.Errorf("told of %s (-want +got):\n%s", address, diff)
		}
	}
}
