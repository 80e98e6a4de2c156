package issue_test

import (
	"crypto/x509/pkix"
	"testing"
	"time"

	"github.com/trustplane/terraform-provider-mtls/internal/issue"
	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

// BenchmarkDataplane is what one certificate of a fleet takes below an
// intermediate: to be checked at plan, and to be made at apply with its key.
func BenchmarkDataplane(b *testing.B) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	made := func(request issue.Request, issuer *issue.Issuer) *issue.Issued {
		issued, err := issue.Issue(b.Context(), request, issuer, now)
		if err != nil {
			b.Fatal(err)
		}
		return issued
	}
	root := made(issue.Request{Profile: issue.ControlPlaneCA, Subject: pkix.Name{CommonName: "Root"}}, nil)
	below := &issue.Issuer{Certificate: root.Certificate, Key: root.Key}
	intermediate := made(issue.Request{Profile: issue.ControlPlaneCA, Subject: pkix.Name{CommonName: "Issuing"}}, below)
	issuer := &issue.Issuer{Certificate: intermediate.Certificate, Chain: below.Present(root.Certificate), Key: intermediate.Key}

	for _, algorithm := range []pki.KeyAlgorithm{pki.ECDSAP256, pki.Ed25519} {
		request := issue.Request{
			Profile: issue.DataplaneCertificate, Subject: pkix.Name{CommonName: "edge-1"},
			DNSNames: []string{"edge-1.dp.example.com"}, KeyAlgorithm: algorithm,
		}
		b.Run("check/"+string(algorithm), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if found := issue.Check(request, issuer, now, issue.Unknown{}); len(found) > 0 {
					b.Fatal(found)
				}
			}
		})
		b.Run("issue/"+string(algorithm), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				made(request, issuer)
			}
		})
	}
}
