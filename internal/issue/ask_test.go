package issue_test

import (
	"crypto/x509"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/trustplane/terraform-provider-mtls/internal/issue"
	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

// Whatever may be asked for comes back as it was asked for, if the CA gives what the
// CSR says: for random requests, and with crypto/x509 as the judge of the signature.
func TestAnswerOfWhatWasAskedIsSound(t *testing.T) {
	t.Parallel()
	w := makeWorld(t)
	asked := 0
	rapid.Check(t, func(r *rapid.T) {
		profile := rapid.SampledFrom([]issue.Profile{issue.DataplaneCertificate, issue.ControlPlaneCA}).Draw(r, "profile")
		request := w.request(r, profile)
		request.CSR, request.Renews = nil, nil
		csr, key, err := issue.Ask(r.Context(), request)
		if refused := issue.CheckAsked(request, issue.Unknown{}); (err == nil) != (len(refused) == 0) {
			r.Fatalf("check says %v, and asking %v", refused, err)
		}
		if err != nil {
			return
		}
		asked++
		if !pki.SameKey(csr.PublicKey, key.Public()) || csr.CheckSignature() != nil {
			r.Fatal("the CSR is not signed by its key")
		}
		// The CA answers with a certificate that has the extensions of the CSR.
		made, err := issue.Issue(r.Context(), with(request, func(q *issue.Request) { q.Key = key }), w.issuers[2], now())
		if err != nil {
			return // what an issuer here would not sign
		}
		for _, extension := range csr.Extensions {
			if !hasExtension(made.Certificate, extension.Id.String(), extension.Value) {
				r.Errorf("the CSR asks for %s as %x, and a certificate issued here differs", extension.Id, extension.Value)
			}
		}
		refused, warned := issue.CheckAnswer(request, csr.PublicKey, []*x509.Certificate{made.Certificate}, now())
		if len(refused)+len(warned) > 0 {
			r.Errorf("refused %v, warned %v", refused, warned)
		}
	})
	if asked == 0 {
		t.Error("nothing was ever asked for")
	}
}

func hasExtension(certificate *x509.Certificate, id string, value []byte) bool {
	for _, extension := range certificate.Extensions {
		if extension.Id.String() == id {
			return string(extension.Value) == string(value)
		}
	}
	return false
}

// Another subject is only worth a warning: CAs have rules of their own.
func TestAnswerWithAnotherSubject(t *testing.T) {
	t.Parallel()
	csr, key, err := issue.Ask(t.Context(), aLeaf())
	if err != nil {
		t.Fatal(err)
	}
	made := mustIssue(t, with(calling("another", aLeaf()), func(r *issue.Request) { r.Key = key }), below(mustIssue(t, aCA(), nil)))
	refused, warned := issue.CheckAnswer(aLeaf(), csr.PublicKey, []*x509.Certificate{made.Certificate}, now())
	if len(refused) > 0 || len(warned) != 1 || !strings.Contains(warned[0].Detail, "CN=another") {
		t.Errorf("refused %v, warned %v; want a warning of the subject", refused, warned)
	}
}
