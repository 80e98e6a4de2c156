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

// TestOracleOpenSSL asks openssl and Evaluate about random graphs.
func TestOracleOpenSSL(t *testing.T) {
	for _, verifier := range []trust.Verifier{trust.Konnect, trust.KongHybridPKI} {
		t.Run(string(verifier), func(t *testing.T) {
			d := &differential{verifier: verifier, differed: map[string]int{}}
			t.Parallel()
			program := opensslAs(t, verifier)
			rapid.Check(t, func(r *rapid.T) { d.check(t, r.Fatalf, program, drawOpenGraph(r, verifier != trust.Konnect)) })
			announce(t, d.line())
		})
	}
}

// TestOracleOpenSSLScenarios shows that what the scenarios expect of Kong with
// cluster_mtls = pki is what openssl says of them.
func TestOracleOpenSSLScenarios(t *testing.T) {
	program := opensslAs(t, trust.KongHybridPKI)
	c := newTally("openssl verify of scenarios", map[string]string{
		"pki: a leaf on a weak curve":                                     "TLS has no signature scheme for it: the handshake fails, not the chain",
		"openssl: a public exponent of 1":                                 "openssl does not look at a leaf's own key beyond its length; with this one, everybody can sign",
		"pki: an intermediate is uploaded, and its issuer only presented": "from an upload on, OpenSSL looks only at uploads; by this engine's laws one more upload never refuses, so it is the warning issuer_not_uploaded",
	})
	for _, s := range slices.Concat(hybridPKIScenarios(), openSSLScenarios()) {
		if s.options.Verifier != trust.KongHybridPKI {
			continue
		}
		verdict, graph := s.judge(t)
		presented := graph.Certificates(s.presented)
		heard := program.verify(t, graph.Certificates(s.uploaded), presented[1:], presented[:1])[0]
		c.compare(s.name, heard.trusts(), verdict.Trusted, inWords(verdict)+", openssl: "+strings.Join(heard, ", "))
	}
	c.report(t)
}

// TestOracleOpenSSLFinds keeps what random graphs found: combinations of known
// differences over CAs that share a key, so that no single path has a reason for
// all of them.
func TestOracleOpenSSLFinds(t *testing.T) {
	for name, find := range map[string]struct {
		graph   openGraph
		reasons []string
	}{
		// rapid.seed 14063985734446777294
		"a P-224 leaf below a CA with an empty key usage and its twin without basic constraints": {
			openGraph{
				drawing: "edge <- ca\nca~1", uploaded: "ca ca~1",
				deviations: map[string][]string{"ca": {"key usage, no bit set"}, "ca~1": {"key of ca", "no basic constraints"}, "edge": {"P-224"}},
			},
			[]string{"P-224"},
		},
		// rapid.seed 1351038242021398141
		"a leaf below a CA that excludes its host and its twin below a weak root": {
			openGraph{
				drawing: "edge <- ca\nca~1 <- root", uploaded: "ca ca~1 root", beside: "root ca ca~1",
				deviations: map[string][]string{
					"ca": {"excludes email a.example"}, "ca~1": {"key of ca"}, "root": {"RSA-1024"}, "edge": {"email x@b.a.example"},
				},
			},
			nil,
		},
		// rapid.seed 1169686716003370007
		"a leaf below a CA for any purpose and its twin without basic constraints": {
			openGraph{
				drawing: "edge <- ca\nca~1", uploaded: "ca~1 ca", beside: "ca~1",
				deviations: map[string][]string{"ca": {"any purpose"}, "ca~1": {"key of ca", "no basic constraints"}},
			},
			nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := differential{verifier: trust.KongHybridPKI}
			program, graph := opensslAs(t, d.verifier), find.graph.build(t)
			asked := d.ask(t, program, graph, find.graph, graph.Certificates("edge"))[0]
			if reasons, disputed := asked.reasons(); !slices.Equal(reasons, find.reasons) || disputed != (len(find.reasons) > 0) {
				t.Errorf("the reasons are %q, want %q: openssl says %v, Evaluate says %s", reasons, find.reasons, asked.openssl, inWords(asked.verdict))
			}
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
			reasons, disputed := asked.reasons()
			if !disputed || !slices.Equal(reasons, []string{known.name}) {
				t.Errorf("disputed: %v, for the reasons %q: openssl says %v, Evaluate says %s", disputed, reasons, asked.openssl, inWords(asked.verdict))
			}
			t.Log(known.reason)
		})
	}
}

// check asks about every leaf of a graph, and fails for a disagreement
// without a listed reason.
func (d *differential) check(t *testing.T, fail func(string, ...any), program openssl, drawn openGraph) {
	t.Helper()
	graph := drawn.build(t)
	for _, q := range d.ask(t, program, graph, drawn, graph.Certificates(drawn.leaves...)) {
		reasons, disputed := q.reasons()
		if disputed && len(reasons) == 0 {
			fail("%s: openssl says %v, Evaluate says %s\n%s", graph.NameOf(q.leaf), q.openssl, inWords(q.verdict), drawn)
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
			dispute: dispute{
				verifier: d.verifier, leaf: leaves[i], certificates: distinct(slices.Concat(uploaded, presented)), uploaded: uploaded, verdict: verdict,
				only: func(path []*x509.Certificate) opinion { return program.only(t, path) },
			},
			openssl: heard,
		}
	}
	return inquiries
}

// reasons are those for which the two disagree, if they do.
func (q inquiry) reasons() (reasons []string, disputed bool) {
	if q.verdict.Trusted == q.openssl.trusts() {
		return nil, false
	}
	return q.explain(), true
}

// distinct leaves out what comes again.
func distinct(certificates []*x509.Certificate) []*x509.Certificate {
	var found []*x509.Certificate
	for _, certificate := range certificates {
		if !slices.ContainsFunc(found, certificate.Equal) {
			found = append(found, certificate)
		}
	}
	return found
}

// only asks about one path, and shows nothing beside it.
func (o openssl) only(t *testing.T, path []*x509.Certificate) opinion {
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
