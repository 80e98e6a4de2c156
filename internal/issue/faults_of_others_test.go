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

// Each test here is of a wrong certificate that hashicorp/tls makes, or of a
// right one that it makes for no reason, and shows what is made instead.

// A path length of zero is not lost: the CA may issue leaves, and no CA.
func TestNotLostAPathLengthOfZero(t *testing.T) {
	root := mustIssue(t, calling("root", aCA()), nil)
	issuing := mustIssue(t, calling("issuing", with(aCA(), toCA(0))), below(root))
	printed := openssl(t, pki.EncodeCertificates(issuing.Certificate), "x509", "-noout", "-ext", "basicConstraints")
	if !strings.Contains(printed, "CA:TRUE, pathlen:0") {
		t.Errorf("openssl reads %s", printed)
	}
	mustIssue(t, aLeaf(), below(issuing))
}

// An intermediate below a path length of zero is not issued: nobody would
// accept a certificate below it.
func TestNotIssuedBelowAPathLengthOfZero(t *testing.T) {
	root := mustIssue(t, calling("root", with(aCA(), toCA(0))), nil)
	refusedFor(t, "Path length exceeded", calling("issuing", aCA()), below(root))
}

// A request with a broken signature is not signed: its sender may not hold the
// key.
func TestNotSignedWithABrokenSelfSignature(t *testing.T) {
	root := mustIssue(t, calling("root", aCA()), nil)
	csr := openSSLRequest(t, "-subj", "/CN=edge")
	raw := append([]byte(nil), csr.Raw...)
	raw[len(raw)-1] ^= 1
	refusedFor(t, "Invalid request signature", answering(parsedRequest(t, raw)), below(root))
}

// An e-mail address that a request asks for does not disappear.
func TestNotLostARequestsMailbox(t *testing.T) {
	root := mustIssue(t, calling("root", aCA()), nil)
	csr := openSSLRequest(t, "-subj", "/CN=edge", "-addext", "subjectAltName=email:ops@acme.example")
	certificate := mustIssue(t, answering(csr), below(root)).Certificate
	if len(certificate.EmailAddresses) != 1 || certificate.EmailAddresses[0] != "ops@acme.example" {
		t.Errorf("e-mail addresses %v", certificate.EmailAddresses)
	}
}

// A leaf does not outlive its CA, and the plan says so.
func TestNotOutlivedTheCA(t *testing.T) {
	root := mustIssue(t, with(calling("root", aCA()), func(r *issue.Request) { r.Validity = 720 * time.Hour }), nil)
	leaf := mustIssue(t, aLeaf(), below(root)).Certificate
	if !leaf.NotAfter.Equal(root.Certificate.NotAfter) {
		t.Errorf("the leaf ends at %s, the CA at %s", leaf.NotAfter, root.Certificate.NotAfter)
	}
	if _, cutBy := issue.End(aLeaf(), below(root), now()); !root.Certificate.Equal(cutBy) {
		t.Error("nothing says what cuts the leaf's life")
	}
}

// A block behind the first is not ignored: where one certificate is meant, two
// are an error, and so is a second key.
func TestNotIgnoredTheSecondBlock(t *testing.T) {
	graph := pkitest.Build(t, "edge <- root")
	_, err := pki.ParseCertificate(graph.PEM("edge", "root"))
	if err == nil || !strings.Contains(err.Error(), "expected one certificate, found 2; the second is CN=root") {
		t.Errorf("two certificates: error %v", err)
	}
	key, err := pki.EncodePrivateKey(graph.Key("edge"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := pki.ParsePrivateKey(key + key); err == nil {
		t.Error("two keys where one is meant pass for one")
	}
	csr := pki.EncodeCSR(mustRequest(t, &x509.CertificateRequest{Subject: pkix.Name{CommonName: "edge"}}, pki.ECDSAP256))
	if _, err := pki.ParseCSR(csr + csr); err == nil {
		t.Error("two requests where one is meant pass for one")
	}
}

// One more newline, or other line endings, make no other certificate.
func TestNotReplacedForANewline(t *testing.T) {
	text := pkitest.Build(t, "edge").PEM("edge")
	for _, other := range []string{text + "\n", strings.TrimSpace(text), strings.ReplaceAll(text, "\n", "\r\n")} {
		if !pki.SamePEM(text, other) {
			t.Errorf("%q counts as another certificate", other)
		}
	}
}

// A leaf that the CA's name constraints forbid is not issued, nor one below an
// end entity.
func TestNotIssuedWhatTheIssuerMayNot(t *testing.T) {
	root := mustIssue(t, with(calling("root", aCA()), func(r *issue.Request) {
		r.NameConstraints.PermittedDNSDomains = []string{"acme.example"}
	}), nil)
	refusedFor(t, "Name constraint violated", with(aLeaf(), naming("edge.other.example")), below(root))
	pin := mustIssue(t, calling("pin", aPin()), nil)
	refusedFor(t, "Issuer may not sign certificates", aLeaf(), below(pin))
}

// refusedFor asks for a certificate that is refused for one reason.
func refusedFor(t *testing.T, summary string, request issue.Request, issuer *issue.Issuer) {
	t.Helper()
	found := issue.Check(request, issuer, now(), issue.Unknown{})
	if len(found) != 1 || found[0].Summary != summary {
		t.Errorf("found %v, want %s", found, summary)
	}
	if issued, err := issue.Issue(t.Context(), request, issuer, now()); err == nil || issued != nil {
		t.Errorf("issued %t, error %v", issued != nil, err)
	}
}
