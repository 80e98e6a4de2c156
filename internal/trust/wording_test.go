package trust_test

import (
	"strings"
	"testing"
	"time"

	"github.com/trustplane/terraform-provider-mtls/internal/pkitest"
	"github.com/trustplane/terraform-provider-mtls/internal/trust"
	"github.com/trustplane/terraform-provider-mtls/internal/trust/drawing"
)

// TestDates shows how details tell dates: the instant, and in words how far off
// it is, never more than it is.
func TestDates(t *testing.T) {
	const day = 24 * time.Hour
	for _, test := range []struct {
		age  time.Duration
		want string
	}{
		{time.Second, "it expired at 2030-06-15T11:59:59Z, 1 second ago"},
		{119 * time.Second, "it expired at 2030-06-15T11:58:01Z, 119 seconds ago"},
		{2 * time.Minute, "it expired at 2030-06-15T11:58:00Z, 2 minutes ago"},
		{3*time.Hour + 59*time.Minute, "it expired at 2030-06-15T08:01:00Z, 3 hours ago"},
		{3 * day, "it expired at 2030-06-12T12:00:00Z, 3 days ago"},
		{70 * day, "it expired at 2030-04-06T12:00:00Z, 2 months ago"},
		{729 * day, "it expired at 2028-06-16T12:00:00Z, 24 months ago"},
		{731 * day, "it expired at 2028-06-14T12:00:00Z, 2 years ago"},
	} {
		graph := pkitest.Build(t, "edge", with("edge", pkitest.Valid(pkitest.Now().AddDate(-10, 0, 0), pkitest.Now().Add(-test.age))))
		pin := graph.Certificates("edge")
		if got := trust.Evaluate(pin, pin, trust.Options{At: pkitest.Now()}).Findings[0].Detail; got != test.want {
			t.Errorf("%v: %q, want %q", test.age, got, test.want)
		}
	}
}

// TestHintsAreConcrete shows that every finding on a certificate says by name
// what to upload, present or change, unless all there is to do is to leave
// something out.
func TestHintsAreConcrete(t *testing.T) {
	for _, s := range scenarios() {
		verdict, _ := s.judge(t)
		for _, finding := range verdict.Findings {
			if finding.Severity == trust.Error && strings.Contains(finding.Certificate, "CN=") && !strings.Contains(finding.Hint, "CN=") && !general(finding.Code) {
				t.Errorf("%s: the hint of %s names no certificate: %s", s.name, finding.Code, finding.Hint)
			}
		}
	}
}

// general tells the codes whose remedy is about no single certificate.
func general(code trust.Code) bool {
	switch code {
	case trust.PolicyNotSatisfied, trust.RefusedByVerifier, trust.NoUploadReached:
		return true
	default:
		return false
	}
}

// TestEmptyVerdict shows that even a verdict that nobody gave can be printed.
func TestEmptyVerdict(t *testing.T) {
	var verdict trust.Verdict
	if got := drawing.Summary(verdict); got != "NOT TRUSTED: the verifier refuses the presented chain, for no reason\n" {
		t.Errorf("summary %q", got)
	}
	if got := drawing.Diagram(verdict); !strings.HasPrefix(got, "flowchart BT\n") {
		t.Errorf("diagram %q", got)
	}
}
