package trust_test

import (
	"crypto/x509"
	"encoding/asn1"
	"testing"
	"time"

	"github.com/trustplane/terraform-provider-mtls/internal/pkitest"
	"github.com/trustplane/terraform-provider-mtls/internal/trust"
	"github.com/trustplane/terraform-provider-mtls/internal/trust/drawing"
)

// FuzzEvaluate takes anchors and chain as DER one after the other, the instant
// and the control plane from the fuzzer. Whatever parses gets a whole verdict,
// the same one twice, and stays trusted when something more is uploaded.
func FuzzEvaluate(f *testing.F) {
	for i, s := range scenarios() {
		if i%4 == 0 {
			graph := pkitest.Build(f, s.drawing, s.settings...)
			f.Add(concatenated(graph.Certificates(s.uploaded)), concatenated(graph.Certificates(s.presented)), pkitest.Now().Unix(), uint8(i))
		}
	}
	f.Fuzz(func(t *testing.T, uploaded, presented []byte, seconds int64, which uint8) {
		anchors, chain := split(uploaded), split(presented)
		planes := trust.Verifiers()
		options := trust.Options{At: time.Unix(seconds, 0), Verifier: planes[int(which)%len(planes)]}
		if options.Verifier == trust.KongDataPlanePKI {
			options.ServerName = new("edge")
		}
		verdict := trust.Evaluate(anchors, chain, options)
		if fault := malformed(verdict, anchors, chain); fault != "" {
			t.Fatalf("%s\n%s", fault, drawing.Summary(verdict))
		}
		if again := trust.Evaluate(anchors, chain, options); drawing.Summary(again) != drawing.Summary(verdict) || drawing.Diagram(again) != drawing.Diagram(verdict) {
			t.Fatalf("two answers:\n%s\n%s", drawing.Summary(verdict), drawing.Summary(again))
		}
		more := trust.Evaluate(append(anchors, chain...), chain, options)
		if verdict.Trusted && !more.Trusted {
			t.Fatalf("one more upload turns\n%s\ninto\n%s", drawing.Summary(verdict), drawing.Summary(more))
		}
	})
}

func concatenated(certificates []*x509.Certificate) []byte {
	var der []byte
	for _, certificate := range certificates {
		der = append(der, certificate.Raw...)
	}
	return der
}

// split reads one certificate after the other; what cannot be read is left out.
func split(der []byte) []*x509.Certificate {
	var certificates []*x509.Certificate
	for len(der) > 0 {
		var element asn1.RawValue
		rest, err := asn1.Unmarshal(der, &element)
		if err != nil {
			break
		}
		if certificate, err := x509.ParseCertificate(element.FullBytes); err == nil {
			certificates = append(certificates, certificate)
		}
		der = rest
	}
	return certificates
}
