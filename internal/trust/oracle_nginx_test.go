package trust_test

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/trustplane/terraform-provider-mtls/internal/pkitest"
	"github.com/trustplane/terraform-provider-mtls/internal/seeds"
	"github.com/trustplane/terraform-provider-mtls/internal/trust"
)

// TestOracleNginx asks a real nginx, set up as Kong sets it up in both of its
// modes, about the leaves of random graphs with everything odd in them. With
// random seeds it asks about as many graphs as -rapid.checks says.
func TestOracleNginx(t *testing.T) {
	needProgram(t, "nginx")
	for _, w := range []witness{
		{name: "nginx, verify on", verifier: trust.KongHybridPKI, start: startNginx(kongPKI)},
		{name: "nginx, optional_no_ca and the certificate", verifier: trust.KongHybridShared, start: startNginx(kongShared)},
	} {
		t.Run(string(w.verifier), func(t *testing.T) {
			t.Parallel()
			count := nginxCount{reasons: map[string]int{}}
			graphs, from := 12, 0
			if os.Getenv(seeds.Variable) != "" {
				graphs, from = flag.Lookup("rapid.checks").Value.(flag.Getter).Get().(int), int(time.Now().UnixNano())
			}
			for seed := range graphs {
				t.Run(fmt.Sprint(from+seed), func(t *testing.T) { w.askAbout(t, &count, from+seed) })
			}
			announce(t, fmt.Sprintf("oracle random, %s for %s: %d ran (%d accepted), %d differed %v", w.name, w.verifier, count.ran, count.accepted, count.differed, count.reasons))
		})
	}
}

type nginxCount struct {
	sync.Mutex
	ran, accepted, differed int
	reasons                 map[string]int
}

// askAbout draws a graph and asks about all of its leaves.
func (w witness) askAbout(t *testing.T, count *nginxCount, seed int) {
	drawn := rapid.Custom(func(r *rapid.T) openGraph { return drawOpenGraph(r, true) }).Example(seed)
	graph := drawn.buildToday(t)
	var list []meeting
	for _, leaf := range drawn.leaves {
		m := meeting{name: leaf, uploaded: drawn.uploaded, presented: leaf}
		if w.verifier == trust.KongHybridShared {
			m.uploaded = leaf
		}
		if beside := slices.DeleteFunc(strings.Fields(drawn.beside), func(name string) bool { return name == leaf }); len(beside) > 0 {
			m.presented += " " + strings.Join(beside, " ")
		}
		list = append(list, m)
	}
	network, addresses := w.start(t, graph, list)
	count.Lock()
	defer count.Unlock()
	for i, m := range list {
		accepted, verdict := w.meet(t, network, addresses[i], graph, m), m.judge(graph, w.verifier)
		count.ran++
		if accepted {
			count.accepted++
		}
		if accepted == verdict.Trusted {
			continue
		}
		count.differed++
		reason := nginxReason(accepted, verdict)
		count.reasons[reason]++
		if reason == "" {
			t.Errorf("%s: nginx accepts: %t, Evaluate says %s\n%s", m.name, accepted, inWords(verdict), drawn)
		}
	}
}

// nginxReason is why the two may differ; empty for no reason.
func nginxReason(accepted bool, verdict trust.Verdict) string {
	has := func(code trust.Code) bool {
		return slices.ContainsFunc(verdict.Findings, func(f trust.Finding) bool { return f.Code == code })
	}
	switch {
	case !accepted && (has(trust.AmbiguousIssuer) || has(trust.IssuerNotUploaded)):
		return "another path is taken, of which a finding warns"
	default:
		return ""
	}
}

// buildToday makes the graph's certificates valid today: servers know no other
// time.
func (g openGraph) buildToday(t *testing.T, more ...pkitest.Setting) *pkitest.Graph {
	t.Helper()
	now := time.Now().Truncate(time.Second)
	known := deviationsByName()
	var list []pkitest.Setting
	for name := range strings.FieldsSeq(strings.ReplaceAll(g.drawing, "<-", " ")) {
		for _, deviation := range g.deviations[name] {
			if !slices.Contains([]string{"expired", "expires now", "starts now", "starts later"}, deviation) {
				list = append(list, with(name, known[deviation]))
			}
		}
		list = append(list, with(name, pkitest.Valid(now.Add(-2*time.Hour), now.Add(2*time.Hour))))
	}
	list = append(list, with("control", pkitest.Valid(now.Add(-2*time.Hour), now.Add(2*time.Hour)), pkitest.DNS("kong_clustering")))
	return pkitest.Build(t, g.drawing+"control\n", append(list, more...)...)
}
