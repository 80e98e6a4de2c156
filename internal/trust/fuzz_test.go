package trust_test

import (
	"crypto/x509"
	"testing"
	"time"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/pkitest"
	"github.com/trustplane/terraform-provider-mtls/internal/trust"
)

// FuzzEvaluate takes anchors and chain as PEM, the instant and the control plane
// from the fuzzer. Whatever parses gets a whole verdict, the same one twice, and
// stays trusted when something more is uploaded.
func FuzzEvaluate(f *testing.F) {
	for i, s := range scenarios() {
		if i%4 == 0 {
			graph := pkitest.Build(f, s.drawing, s.settings...)
			f.Add(graph.PEM(s.uploaded), graph.PEM(s.presented), pkitest.Now().Unix(), uint8(i))
		}
	}
	f.Fuzz(func(t *testing.T, uploaded, presented string, seconds int64, which uint8) {
		anchors, chain := parsed(uploaded), parsed(presented)
		planes := trust.ControlPlanes()
		options := trust.Options{At: time.Unix(seconds, 0), ControlPlane: planes[int(which)%len(planes)]}
		verdict := trust.Evaluate(anchors, chain, options)
		if fault := malformed(verdict, anchors, chain); fault != "" {
			t.Fatalf("%s\n%s", fault, verdict.Summary())
		}
		if again := trust.Evaluate(anchors, chain, options); again.Summary() != verdict.Summary() || again.Diagram() != verdict.Diagram() {
			t.Fatalf("two answers:\n%s\n%s", verdict.Summary(), again.Summary())
		}
		more := trust.Evaluate(append(anchors, chain...), chain, options)
		if verdict.Trusted && !more.Trusted {
			t.Fatalf("one more upload turns\n%s\ninto\n%s", verdict.Summary(), more.Summary())
		}
	})
}

// parsed reads certificates; what cannot be read is none.
func parsed(text string) []*x509.Certificate {
	certificates, err := pki.ParseCertificates(text)
	if err != nil {
		return nil
	}
	return certificates
}
