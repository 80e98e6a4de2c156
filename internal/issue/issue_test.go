package issue_test

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"strings"
	"testing"
	"time"

	"github.com/trustplane/terraform-provider-mtls/internal/issue"
	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/pkitest"
)

// now is an instant between two seconds, as real ones are.
func now() time.Time { return pkitest.Now().Add(700 * time.Millisecond) }

// The three kinds of certificate, as plain as they come.

func aCA() issue.Request {
	return issue.Request{Profile: issue.ControlPlaneCA, Subject: pkix.Name{CommonName: "ca"}}
}

func aPin() issue.Request {
	return issue.Request{Profile: issue.PinnedCertificate, Subject: pkix.Name{CommonName: "edge"}}
}

func aLeaf() issue.Request {
	return issue.Request{Profile: issue.DataplaneCertificate, Subject: pkix.Name{CommonName: "edge"}}
}

// with changes a request.
func with(request issue.Request, change func(*issue.Request)) issue.Request {
	change(&request)
	return request
}

// calling gives a request another common name.
func calling(commonName string, request issue.Request) issue.Request {
	return with(request, func(r *issue.Request) { r.Subject.CommonName = commonName })
}

// issuerOf makes an issuer of the first of a graph's nodes, below the others.
func issuerOf(graph *pkitest.Graph, name string, above ...string) *issue.Issuer {
	return &issue.Issuer{Certificate: graph.Certificate(name), Chain: graph.Certificates(above...), Key: graph.Key(name)}
}

// below makes an issuer of what was issued.
func below(issued *issue.Issued, root ...*issue.Issued) *issue.Issuer {
	issuer := &issue.Issuer{Certificate: issued.Certificate, Key: issued.Key}
	if len(issued.Chain) > 1 {
		issuer.Chain = issued.Chain[1:]
	}
	for _, above := range root {
		issuer.Chain = append(issuer.Chain, above.Certificate)
	}
	return issuer
}

// mustIssue issues what has no fault.
func mustIssue(tb testing.TB, request issue.Request, issuer *issue.Issuer) *issue.Issued {
	tb.Helper()
	issued, err := issue.Issue(tb.Context(), request, issuer, now())
	if err != nil {
		tb.Fatal(err)
	}
	return issued
}

// told is what violations say, one a line, with certificates by the names of
// their nodes.
func told(graph *pkitest.Graph, violations []issue.Violation) []string {
	var texts []string
	for _, violation := range violations {
		text := violation.String()
		for _, name := range graph.Names() {
			text = strings.ReplaceAll(text, pki.Describe(graph.Certificate(name)), "<"+name+">")
		}
		texts = append(texts, text)
	}
	return texts
}

// verified asks crypto/x509 whether whoever trusts root takes certificate, by
// way of its chain, for purpose.
func verified(certificate *x509.Certificate, chain []*x509.Certificate, root *x509.Certificate, purpose x509.ExtKeyUsage) error {
	options := x509.VerifyOptions{
		Roots: x509.NewCertPool(), Intermediates: x509.NewCertPool(),
		CurrentTime: now(), KeyUsages: []x509.ExtKeyUsage{purpose},
	}
	options.Roots.AddCert(root)
	for _, intermediate := range chain {
		options.Intermediates.AddCert(intermediate)
	}
	_, err := certificate.Verify(options)
	return err
}
