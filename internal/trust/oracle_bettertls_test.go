package trust_test

import (
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/trustplane/terraform-provider-mtls/internal/trust"
)

// betterTLS is the test suite of Netflix's that crypto/x509 is tested with too:
// paths with many wrong turns, and every combination of a few names and name
// constraints. Its program makes the certificates anew each time; tools/go.mod
// has its version. See https://github.com/Netflix/bettertls.
type betterTLS struct {
	Root   []byte `json:"trustRoot"`
	Suites map[string]struct {
		Cases []betterTLSCase `json:"testCases"`
	} `json:"suites"`
}

type betterTLSCase struct {
	ID           int      `json:"id"`
	Certificates [][]byte `json:"certificates"`
	Hostname     string   `json:"hostname"`
	Expected     string   `json:"expected"` // "ACCEPT" or "REJECT"
}

func TestOracleBetterTLS(t *testing.T) {
	t.Parallel()
	cases := readBetterTLS(t)
	root, err := x509.ParseCertificate(cases.Root)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	for _, suite := range slices.Sorted(maps.Keys(cases.Suites)) {
		c := newTally("BetterTLS "+suite, nil)
		for _, tested := range cases.Suites[suite].Cases {
			tested.ask(c, root, now)
		}
		c.report(t)
	}
}

func readBetterTLS(t *testing.T) betterTLS {
	t.Helper()
	var problems strings.Builder
	build := exec.CommandContext(t.Context(), "go", "-C", filepath.FromSlash("../../tools"), "tool", "-n", "bettertls")
	build.Stderr = &problems
	program, err := build.Output()
	if err != nil {
		t.Skipf("the program that makes BetterTLS's certificates cannot be built: %v: %s", err, &problems)
	}
	file := filepath.Join(t.TempDir(), "tests.json")
	made := exec.CommandContext(t.Context(), strings.TrimSpace(string(program)), "export-tests", "--out", file)
	if printed, err := made.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", made, err, printed)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var cases betterTLS
	if err := json.Unmarshal(text, &cases); err != nil {
		t.Fatal(err)
	}
	for suite, least := range map[string]int{"pathbuilding": 80, "nameconstraints": 9000} {
		if found := len(cases.Suites[suite].Cases); found < least {
			t.Fatalf("BetterTLS's %s has %d cases: it is cut off", suite, found)
		}
	}
	return cases
}

// ask has Evaluate judge the case as the provider would: what cannot be parsed
// is refused.
func (b betterTLSCase) ask(c *tally, root *x509.Certificate, now time.Time) {
	name, accepted := strconv.Itoa(b.ID), b.Expected == "ACCEPT"
	presented, err := b.parse()
	if err != nil {
		c.compare(name, accepted, false, "refused by the parser: "+err.Error())
		return
	}
	if !accepted && presented[0].VerifyHostname(b.Hostname) != nil {
		c.skip("refused for the server's name, which no control plane asks for")
		return
	}
	verdict := trust.Evaluate([]*x509.Certificate{root}, presented, trust.Options{At: now, Purpose: trust.ServerAuth})
	c.compare(name, accepted, verdict.Trusted, inWords(verdict))
}

func (b betterTLSCase) parse() ([]*x509.Certificate, error) {
	texts := make([]string, len(b.Certificates))
	for i, der := range b.Certificates {
		texts[i] = string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	}
	return parseAll(texts)
}
