package trust_test

import (
	"crypto/x509"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"github.com/trustplane/terraform-provider-mtls/internal/pkitest"
	"github.com/trustplane/terraform-provider-mtls/internal/trust"
)

// A differential counts cases that were asked of openssl and of Evaluate.
type differential struct {
	verifier trust.Verifier
	sync.Mutex
	ran, trusted int
	differed     map[string]int
}

const shards = 3

// TestOracleOpenSSL asks openssl and Evaluate about random graphs.
func TestOracleOpenSSL(t *testing.T) {
	for _, verifier := range []trust.Verifier{trust.Konnect, trust.KongHybridPKI} {
		t.Run(string(verifier), func(t *testing.T) {
			d := &differential{verifier: verifier, differed: map[string]int{}}
			t.Run("graphs", func(t *testing.T) {
				for shard := range shards {
					t.Run(fmt.Sprint(shard), func(t *testing.T) {
						t.Parallel()
						program := opensslAs(t, verifier)
						rapid.Check(t, func(r *rapid.T) { d.check(t, r, program, drawOpenGraph(r)) })
					})
				}
			})
			announce(t, d.line())
		})
	}
}

// TestOracleOpenSSLDifferences shows that each listed reason still makes openssl
// and Evaluate differ, and that it alone accounts for its example.
func TestOracleOpenSSLDifferences(t *testing.T) {
	for _, known := range differences() {
		t.Run(known.name, func(t *testing.T) {
			t.Parallel()
			d := differential{verifier: trust.KongHybridPKI}
			if known.konnectOnly {
				d.verifier = trust.Konnect
			}
			program, graph := opensslAs(t, d.verifier), known.example.build(t)
			asked := d.ask(t, program, graph, known.example, graph.Certificates("edge"))[0]
			reasons, disputed := asked.reasons(t, program)
			if !disputed || !slices.Equal(reasons, []string{known.name}) {
				t.Errorf("disputed: %v, for the reasons %q: openssl says %v, Evaluate says %s", disputed, reasons, asked.openssl, inWords(asked.verdict))
			}
			t.Log(known.reason)
		})
	}
}

// check asks about every leaf of a graph, and fails for a disagreement
// without a listed reason.
func (d *differential) check(t *testing.T, r *rapid.T, program openssl, drawn openGraph) {
	graph := drawn.build(t)
	for _, q := range d.ask(t, program, graph, drawn, graph.Certificates(drawn.leaves...)) {
		reasons, disputed := q.reasons(t, program)
		if disputed && len(reasons) == 0 {
			r.Fatalf("%s: openssl says %v, Evaluate says %s\n%s", graph.NameOf(q.leaf), q.openssl, inWords(q.verdict), drawn)
		}
		d.count(q.verdict.Trusted, reasons)
	}
}

// An inquiry is one certificate, and what both say of it.
type inquiry struct {
	dispute
	openssl opinion
}

// ask asks both about each leaf.
func (d *differential) ask(t *testing.T, program openssl, graph *pkitest.Graph, drawn openGraph, leaves []*x509.Certificate) []inquiry {
	t.Helper()
	uploaded, beside := graph.Certificates(drawn.uploaded), graph.Certificates(drawn.beside)
	inquiries := make([]inquiry, len(leaves))
	for i, heard := range program.verify(t, uploaded, beside, leaves) {
		presented := slices.Concat(leaves[i:i+1], beside)
		verdict := trust.Evaluate(uploaded, presented, trust.Options{Verifier: d.verifier, At: pkitest.Now()})
		inquiries[i] = inquiry{
			dispute: dispute{verifier: d.verifier, leaf: leaves[i], certificates: slices.Concat(uploaded, presented), verdict: verdict},
			openssl: heard,
		}
	}
	return inquiries
}

// reasons are those for which the two disagree, if they do.
func (q inquiry) reasons(t *testing.T, program openssl) (reasons []string, disputed bool) {
	t.Helper()
	if q.verdict.Trusted == q.openssl.trusts() {
		return nil, false
	}
	q.alone = func() opinion { return program.alone(t, q.verdict.Path) }
	return q.explain(), true
}

// alone asks about one path, and shows nothing beside it.
func (o openssl) alone(t *testing.T, path []*x509.Certificate) opinion {
	t.Helper()
	last := len(path) - 1
	return o.verify(t, path[last:], path[min(1, last):last], path[:1])[0]
}

func (d *differential) count(trusted bool, reasons []string) {
	d.Lock()
	defer d.Unlock()
	d.ran++
	if trusted {
		d.trusted++
	}
	if len(reasons) > 0 {
		d.differed[strings.Join(reasons, " and ")]++
	}
}

func (d *differential) line() string {
	differed := 0
	var reasons []string
	for _, reason := range slices.Sorted(maps.Keys(d.differed)) {
		differed += d.differed[reason]
		reasons = append(reasons, fmt.Sprintf("%d %s", d.differed[reason], reason))
	}
	return fmt.Sprintf("oracle openssl verify, %s: %d ran (%d trusted), %d agreed, %d differed (%s)",
		d.verifier, d.ran, d.trusted, d.ran-differed, differed, strings.Join(reasons, "; "))
}
