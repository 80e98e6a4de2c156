package trust_test

import (
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/trustplane/terraform-provider-mtls/internal/pkitest"
	"github.com/trustplane/terraform-provider-mtls/internal/trust"
)

// strangers are more uploads than a chain is shown of.
func strangers(tb testing.TB) []*x509.Certificate {
	tb.Helper()
	var drawing strings.Builder
	for i := range 40 {
		fmt.Fprintf(&drawing, "elsewhere-%d\n", i)
	}
	graph := pkitest.Build(tb, drawing.String())
	return graph.Certificates(graph.Names()...)
}

// TestFleetJudgesAsEvaluate: each verdict of a fleet is that of its chain, of
// random graphs, of few uploads and of many, for every verifier.
func TestFleetJudgesAsEvaluate(t *testing.T) {
	t.Parallel()
	others := strangers(t)
	trusted, refused := 0, 0
	for seed := range 25 {
		drawn := rapid.Custom(func(r *rapid.T) openGraph { return drawOpenGraph(r, true) }).Example(seed)
		graph := drawn.build(t)
		var chains []trust.Chain
		for _, leaf := range drawn.leaves {
			presented := graph.Certificates(leaf, drawn.beside)
			chains = append(chains, trust.Chain{Name: leaf, Presented: presented})
		}
		for _, anchors := range [][]*x509.Certificate{
			graph.Certificates(drawn.uploaded),
			slices.Concat(others, graph.Certificates(drawn.uploaded)),
			slices.Concat(graph.Certificates(drawn.uploaded), others),
		} {
			for _, verifier := range trust.Verifiers() {
				options := trust.Options{At: pkitest.Now(), Verifier: verifier}
				fleet := trust.EvaluateFleet(anchors, chains, options)
				if len(fleet.Members) != len(chains) {
					t.Fatalf("%d verdicts of %d chains", len(fleet.Members), len(chains))
				}
				for _, member := range fleet.Members {
					at := slices.IndexFunc(chains, func(c trust.Chain) bool { return c.Name == member.Name })
					verdict := trust.Evaluate(anchors, chains[at].Presented, options)
					var codes []string
					for _, finding := range member.Errors {
						codes = append(codes, string(finding.Code))
					}
					if member.Trusted != verdict.Trusted || member.Mode != verdict.Mode || !member.ValidUntil.Equal(verdict.ValidUntil) || !slices.Equal(codes, errorsOf(verdict)) {
						t.Errorf("%s, %d uploads: %s of a fleet is %t %v until %s, alone %s until %s\n%s",
							verifier, len(anchors), member.Name, member.Trusted, codes, member.ValidUntil, inWords(verdict), verdict.ValidUntil, drawn)
					}
					if member.Trusted {
						trusted++
					} else {
						refused++
					}
				}
			}
		}
	}
	announce(t, fmt.Sprintf("fleets: %d chains trusted and %d refused as alone", trusted, refused))
	if trusted < 200 || refused < 200 {
		t.Error("too few of one kind to say anything")
	}
}

func errorsOf(verdict trust.Verdict) []string {
	var codes []string
	for _, finding := range verdict.Findings {
		if finding.Severity == trust.Error {
			codes = append(codes, string(finding.Code))
		}
	}
	return codes
}

// TestFleet: what a fleet says of all of its chains.
func TestFleet(t *testing.T) {
	t.Parallel()
	graph := pkitest.Build(t, "edge <- issuing <- root\nshort <- issuing\ngone <- issuing\nstranger <- elsewhere",
		pkitest.With("short", pkitest.EndsIn(48*time.Hour)), pkitest.With("gone", pkitest.ExpiredFor(time.Hour)))
	chains := []trust.Chain{
		{Name: "fra-10", Presented: graph.Certificates("edge issuing")},
		{Name: "fra-2", Presented: graph.Certificates("short issuing")},
		{Name: "fra-1", Presented: graph.Certificates("edge issuing")},
		{Name: "ber", Presented: graph.Certificates("stranger")},
		{Name: "muc", Presented: graph.Certificates("gone issuing")},
		{Name: "unreadable", Presented: []*x509.Certificate{nil}, Unreadable: map[int]error{0: errors.New("negative serial number")}},
		{Name: "nothing"},
	}
	fleet := trust.EvaluateFleet(graph.Certificates("root"), chains, trust.Options{At: pkitest.Now()})
	var said []string
	for _, member := range fleet.Members {
		words := member.Name + " " + string(member.Mode)
		for _, finding := range member.Errors {
			words += string(finding.Code)
		}
		said = append(said, words)
	}
	want := "ber issuer_missing, fra-1 pki, fra-2 pki, fra-10 pki, muc expired, nothing nothing_presented, unreadable unusable_certificate"
	if got := strings.Join(said, ", "); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	first := fleet.FirstEnd()
	if fleet.Trusted() || first == nil || first.Name != "fra-2" || !first.ValidUntil.Equal(pkitest.Now().Add(48*time.Hour)) || first.Ends != graph.Certificate("short") {
		t.Errorf("trusted %t, the first end is %+v", fleet.Trusted(), first)
	}
	none := trust.EvaluateFleet(graph.Certificates("root"), nil, trust.Options{At: pkitest.Now()})
	if !none.Trusted() || none.FirstEnd() != nil {
		t.Errorf("of no chain: trusted %t, first end %v", none.Trusted(), none.FirstEnd())
	}
}

// siteOf is a fleet of leaves below one intermediate, each of its own key pair's
// signature.
func siteOf(tb testing.TB, size int) (anchors []*x509.Certificate, chains []trust.Chain) {
	tb.Helper()
	var drawing strings.Builder
	drawing.WriteString("issuing <- root\n")
	for i := range size {
		fmt.Fprintf(&drawing, "edge-%d <- issuing\n", i)
	}
	graph := pkitest.Build(tb, drawing.String())
	issuing := graph.Certificate("issuing")
	for i := range size {
		// Each chain is parsed by itself, as texts are.
		again, err := x509.ParseCertificate(issuing.Raw)
		if err != nil {
			tb.Fatal(err)
		}
		name := fmt.Sprintf("edge-%d", i)
		chains = append(chains, trust.Chain{Name: name, Presented: []*x509.Certificate{graph.Certificate(name), again}})
	}
	return graph.Certificates("root"), chains
}

// BenchmarkFleet sets a fleet of leaf and intermediate beside the bare
// verification by crypto/x509 of as many parsed chains: the aim is at most 3
// times, and growth that is linear.
//
//	go test ./internal/trust -run '^$' -bench Fleet -benchtime 3x
func BenchmarkFleet(b *testing.B) {
	for _, size := range []int{100, 1000, 10000} {
		anchors, chains := siteOf(b, size)
		other, _ := siteOf(b, 1)
		b.Run(fmt.Sprintf("chains=%d/x509", size), func(b *testing.B) {
			for b.Loop() {
				for _, chain := range chains {
					bare(b, anchors, chain.Presented)
				}
			}
			perChain(b, size)
		})
		for _, verifier := range trust.Verifiers() {
			b.Run(fmt.Sprintf("chains=%d/%s", size, verifier), func(b *testing.B) {
				for b.Loop() {
					trust.EvaluateFleet(anchors, chains, trust.Options{At: pkitest.Now(), Verifier: verifier})
				}
				perChain(b, size)
			})
		}
		b.Run(fmt.Sprintf("chains=%d/refused", size), func(b *testing.B) {
			for b.Loop() {
				if fleet := trust.EvaluateFleet(other, chains, trust.Options{At: pkitest.Now()}); fleet.Trusted() {
					b.Fatal("trusted")
				}
			}
			perChain(b, size)
		})
	}
	// As many pins as chains: each chain must not look at all of them.
	for _, size := range []int{100, 1000, 10000} {
		_, chains := siteOf(b, size)
		var pins []*x509.Certificate
		for _, chain := range chains {
			pins = append(pins, chain.Presented[0])
		}
		b.Run(fmt.Sprintf("chains=%d/pinned", size), func(b *testing.B) {
			for b.Loop() {
				if fleet := trust.EvaluateFleet(pins, chains, trust.Options{At: pkitest.Now()}); !fleet.Trusted() {
					b.Fatal("not trusted")
				}
			}
			perChain(b, size)
		})
	}
}

func perChain(b *testing.B, size int) {
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/float64(size), "µs/chain")
}

// TestFleetGrowsLinearly: with as many pins as chains, ten times the chains are
// about ten times the work, counted in allocations.
func TestFleetGrowsLinearly(t *testing.T) {
	work := func(size int) float64 {
		_, chains := siteOf(t, size)
		var pins []*x509.Certificate
		for _, chain := range chains {
			pins = append(pins, chain.Presented[0])
		}
		return testing.AllocsPerRun(1, func() {
			if fleet := trust.EvaluateFleet(pins, chains, trust.Options{At: pkitest.Now()}); !fleet.Trusted() {
				t.Error("not trusted")
			}
		})
	}
	small, large := work(60), work(600)
	if large > 12*small {
		t.Errorf("%.0f allocations for 60 chains, %.0f for 600", small, large)
	}
}
