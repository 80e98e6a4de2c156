package trust_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/trustplane/terraform-provider-mtls/internal/trust"
)

// TestCatalogueIsComplete shows that every code and severity that a scenario
// emits is in the catalogue, and that every one in the catalogue is emitted by a
// scenario or by one of the questions that need more than a drawing.
func TestCatalogueIsComplete(t *testing.T) {
	emitted := map[string]bool{}
	collect := func(verdict trust.Verdict) {
		for _, finding := range verdict.Findings {
			if fault := malformedFinding(finding); fault != "" {
				t.Error(fault)
			}
			emitted[string(finding.Code)+" "+string(finding.Severity)] = true
		}
	}
	for _, s := range scenarios() {
		verdict, _ := s.judge(t)
		collect(verdict)
	}
	for _, extreme := range extremes(t) {
		collect(trust.Evaluate(extreme.anchors, extreme.presented, extreme.options))
	}
	for _, info := range trust.Catalogue() {
		for _, severity := range info.Severities {
			if !emitted[string(info.Code)+" "+string(severity)] {
				t.Errorf("no test shows %s as %s", info.Code, severity)
			}
		}
	}
}

func TestCatalogueReadsWell(t *testing.T) {
	name := regexp.MustCompile(`^[a-z]+(_[a-z]+)*$`)
	seen := map[trust.Code]bool{}
	for _, info := range trust.Catalogue() {
		if !name.MatchString(string(info.Code)) || seen[info.Code] {
			t.Errorf("code %q is no snake case, or is there twice", info.Code)
		}
		seen[info.Code] = true
		if words := len(strings.Fields(info.Title)); words < 2 || words > 8 {
			t.Errorf("%s: the title %q has %d words", info.Code, info.Title, words)
		}
		if !strings.HasSuffix(info.Cause, ".") || !strings.HasSuffix(info.Remedy, ".") {
			t.Errorf("%s: cause and remedy are sentences", info.Code)
		}
		if len(info.Severities) == 0 || !slices.IsSorted(info.Severities) {
			t.Errorf("%s: severities %v, errors come first", info.Code, info.Severities)
		}
	}
}

func TestCatalogueBelongsToTheCaller(t *testing.T) {
	trust.Catalogue()[0].Severities[0] = "changed"
	if trust.Catalogue()[0].Severities[0] != trust.Error {
		t.Error("a change to a catalogue is seen by the next caller")
	}
}

func TestParseVerifier(t *testing.T) {
	for text, want := range map[string]trust.Verifier{
		"": trust.Konnect, "konnect": trust.Konnect,
		"kong_hybrid_shared": trust.KongHybridShared, "kong_hybrid_pki": trust.KongHybridPKI,
	} {
		if got, err := trust.ParseVerifier(text); got != want || err != nil {
			t.Errorf("%q is %q, error %v", text, got, err)
		}
	}
	if got, err := trust.ParseVerifier("Konnect"); err == nil || got != "" || !strings.Contains(err.Error(), `"Konnect"`) {
		t.Errorf("an unknown name gives %q, error %v", got, err)
	}
}
