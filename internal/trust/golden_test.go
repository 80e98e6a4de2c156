package trust_test

import (
	"crypto/sha256"
	"encoding/hex"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/pkitest"
	"github.com/trustplane/terraform-provider-mtls/internal/trust/drawing"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden names the scenarios whose explanations are kept for people to read.
func golden() map[string]string {
	return map[string]string{
		"pinned":                    "the leaf is uploaded",
		"root":                      "the root is uploaded",
		"intermediate_missing":      "the root is uploaded and the intermediate missing",
		"sibling_pinned":            "a sibling is uploaded",
		"root_not_uploaded":         "the presented root is not uploaded",
		"everything":                "everything is wrong at once",
		"ends_too_soon":             "the path ends too soon",
		"renewed_ca":                "the CA was renewed with another key",
		"broken_signature":          "broken signature",
		"names":                     "an excluded name of each kind",
		"pin_is_ca":                 "a pin that is a CA",
		"pin_renewed":               "the pin was renewed with its key",
		"out_of_order":              "the leaf does not come first and nothing leads on",
		"leads_nowhere":             "a certificate that leads nowhere",
		"two_ways":                  "crossed: both ways have faults, the nearer one first",
		"hybrid_intermediate_alone": "pki: the intermediate alone is uploaded",
		"hybrid_too_deep":           "pki: five intermediates and an expired leaf",
		"shared_second":             "shared: the leaf is the second upload",
		"revoked":                   "revocation: a stale list that revokes",
		"nothing_uploaded":          "nothing is uploaded",
		"wrong_server_name":         "data plane, pki: another name",
		"wrong_purpose":             "data plane, pki: for clients only",
		"too_deep":                  "data plane, pki: two intermediates and the default depth",
		"ca_issued_shared":          "data plane, shared: issued by a CA",
		"apache_too_deep":           "apache: an intermediate",
		"list_missing":              "nginx: a list of the root alone",
	}
}

// TestGolden keeps the explanations. After a change that is meant, run
//
//	go test ./internal/trust -run TestGolden -update
//
// and read the difference as somebody would whose plan has just failed.
func TestGolden(t *testing.T) {
	byName := map[string]scenario{}
	for _, s := range scenarios() {
		byName[s.name] = s
	}
	for file, name := range golden() {
		t.Run(file, func(t *testing.T) {
			s, ok := byName[name]
			if !ok {
				t.Fatalf("no scenario is called %q", name)
			}
			verdict, graph := s.judge(t)
			compareGolden(t, file+".summary.golden", steady(graph, drawing.Summary(verdict)))
			compareGolden(t, file+".diagram.golden", steady(graph, drawing.Diagram(verdict)))
		})
	}
}

// TestSummaryStandsStill: who keeps a summary in an output must not see a change
// with every plan. Only a date that refuses tells how long ago it was.
func TestSummaryStandsStill(t *testing.T) {
	for _, name := range []string{"the leaf is uploaded", "the root is uploaded", "the root is uploaded and the intermediate missing"} {
		t.Run(name, func(t *testing.T) {
			s := scenarios()[slices.IndexFunc(scenarios(), func(s scenario) bool { return s.name == name })]
			now, graph := s.judge(t)
			s.options.At = pkitest.Now().Add(36 * time.Hour)
			later, laterGraph := s.judge(t)
			if diff := cmp.Diff(steady(graph, drawing.Summary(now)), steady(laterGraph, drawing.Summary(later))); diff != "" {
				t.Errorf("the summary moves with the clock (-now +later):\n%s", diff)
			}
		})
	}
}

// steady replaces what differs from run to run, fingerprints and key
// identifiers, by stand-ins made of the nodes' names.
func steady(graph *pkitest.Graph, text string) string {
	for _, name := range graph.Names() {
		certificate := graph.Certificate(name)
		text = strings.ReplaceAll(text, pki.FingerprintSHA256(certificate), standIn("certificate", name))
		text = strings.ReplaceAll(text, pki.FingerprintSHA256(certificate)[:12], standIn("certificate", name)[:12])
		if id := pki.KeyID(certificate.SubjectKeyId); id != "" {
			text = strings.ReplaceAll(text, id, standIn("key", name)[:40])
		}
	}
	return text
}

func standIn(kind, name string) string {
	sum := sha256.Sum256([]byte(kind + " " + name))
	return hex.EncodeToString(sum[:])
}

func compareGolden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}
