package trust_test

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/trustplane/terraform-provider-mtls/internal/pkitest"
	"github.com/trustplane/terraform-provider-mtls/internal/trust"
)

// A trial is a question to a program and to Evaluate.
type trial struct {
	name      string
	store     int
	presented presentation
	stores    *[]store
	hint      string // for the report of a difference
}

// options are those that say the same to Evaluate as the store does to the
// program.
func (q trial) options(p program) trust.Options {
	of := (*q.stores)[q.store]
	options := trust.Options{Verifier: p.verifier, At: time.Now(), VerifyDepth: of.depth, RevocationLists: of.lists}
	if p.verifier == trust.KongDataPlanePKI {
		options.ServerName = &q.presented.name
	}
	if p.verifier == trust.HAProxy || p.verifier == trust.Go {
		options.VerifyDepth = nil
	}
	return options
}

// TestOraclePrograms asks each program about the nineteen cases and about further
// ones, and holds every answer, and every word of it, against Evaluate's.
func TestOraclePrograms(t *testing.T) {
	for _, p := range programs() {
		t.Run(string(p.verifier)+" as "+p.name, func(t *testing.T) {
			t.Parallel()
			p.skipWithout(t)
			graph := meetingGraphFor(t, p)
			trials, stores := p.trials(graph)
			p.hold(t, trials, stores, "the matrix and more", func(format string, parts ...any) {
				t.Helper()
				if text := fmt.Sprintf(format, parts...); !strings.Contains(text, "an intermediate uploaded whose issuer is not") {
					t.Error(text)
				}
			})
		})
	}
}

// hold asks about every trial and prints how many were agreed on.
func (p program) hold(t *testing.T, trials []trial, stores []store, what string, say func(string, ...any)) {
	t.Helper()
	ask := p.start(t, stores)
	accepts, words, silent, otherWords, warned := 0, 0, 0, 0, 0
	var other []string
	for _, q := range trials {
		accepted, wrote := ask(t, q.store, q.presented)
		verdict := trust.Evaluate(stores[q.store].uploaded, q.presented.chain, q.options(p))
		if !accepted && verdict.Trusted && (nginxReason(accepted, verdict) != "" || p.name == "Caddy" && ofEarlierGo(wrote)) {
			warned++
			continue
		}
		if accepted != verdict.Trusted {
			other = append(other, fmt.Sprintf("%s: accepted: %t (it writes %q), and Evaluate says %s\n%s", q.name, accepted, wrote, inWords(verdict), q.hint))
			continue
		}
		switch {
		case accepted:
			accepts++
		case wrote == "":
			silent++
		case sameWords(p, wrote, verdict):
			words++
		default:
			otherWords++
			say("%s: it writes %q, Evaluate says %q of %s", q.name, wrote, verdict.Picture.Says, codesOf(verdict))
		}
	}
	for _, difference := range other {
		t.Error(difference)
	}
	announce(t, fmt.Sprintf("oracle %s for %s, %s: %d ran, %d agreed (%d accepted; %d refused in the words foretold, %d in others, %d without a word), %d refused after a warning or by an earlier Go, %d differed",
		p.name, p.verifier, what, len(trials), len(trials)-len(other)-warned, accepts, words, otherWords, silent, warned, len(other)))
}

// ofEarlierGo reports whether a refusal is one that the Go of Debian 12's Caddy has
// and the one here has not: it holds a CA's constraints against the CA's own names,
// and does not know policy constraints.
func ofEarlierGo(wrote string) bool {
	return strings.Contains(wrote, "is not authorized to sign for this name") || strings.Contains(wrote, "unhandled critical extension")
}

func sameWords(p program, wrote string, verdict trust.Verdict) bool {
	says := verdict.Picture.Says
	if p.verifier == trust.Go { // of Caddy, which Debian builds with an earlier Go, the log is in JSON
		wrote, _, _ = strings.Cut(wrote, ": current time")
		wrote, cut := strings.CutSuffix(strings.Replace(wrote, "client certificate", "certificate", 1), "\\")
		return says == wrote || cut && strings.HasPrefix(says, wrote)
	}
	return says == wrote
}

// trials are the meetings, each at the depths that set verifiers apart.
func (p program) trials(graph *pkitest.Graph) ([]trial, []store) {
	stores := &[]store{}
	var trials []trial
	depths := []*int{nil}
	if p.verifier == trust.Nginx || p.verifier == trust.Apache || p.judgesServers() {
		depths = append(depths, new(0), new(2), new(4))
	}
	if p.slow {
		depths = []*int{nil, new(2)}
	}
	known := map[string]int{}
	for _, m := range slices.Concat(meetings(), furtherMeetings()) {
		for _, depth := range depths {
			key := fmt.Sprint(m.uploaded, depth == nil, depthOf(depth))
			if _, is := known[key]; !is {
				known[key] = len(*stores)
				*stores = append(*stores, store{uploaded: graph.Certificates(m.uploaded), depth: depth})
			}
			trials = append(trials, trial{
				name: fmt.Sprintf("%s, depth %s", m.name, depthOf(depth)), store: known[key], stores: stores,
				presented: presentation{chain: graph.Certificates(m.presented), key: graph.Key(strings.Fields(m.presented)[0]), name: "kong_clustering"},
			})
		}
	}
	if p.judgesServers() {
		trials = append(trials, p.nameTrials(graph, stores)...)
	}
	return trials, *stores
}

func depthOf(depth *int) string {
	if depth == nil {
		return "as it is"
	}
	return fmt.Sprint(*depth)
}

// nameTrials ask for every name of every certificate with odd ones.
func (p program) nameTrials(graph *pkitest.Graph, stores *[]store) []trial {
	number := len(*stores)
	*stores = append(*stores, store{uploaded: graph.Certificates("root")})
	asked := []string{"kong_clustering"}
	if p.verifier == trust.KongDataPlanePKI && p.slow {
		asked = append(asked, "cp.acme.example", "192.0.2.1")
	} else if p.verifier == trust.KongDataPlanePKI {
		asked = append(asked, "cp.acme.example", "CP.ACME.example", "a.cp.acme.example", "acme.example", "xn--cp.acme.example", "c-p.acme.example", "192.0.2.1", "named-1", "2001:db8::1")
	}
	var trials []trial
	for name := range serverNames() {
		for _, wanted := range asked {
			trials = append(trials, trial{
				name: fmt.Sprintf("%s, asked for %q", name, wanted), store: number, stores: stores, hint: fmt.Sprint(graph.Certificate(name).DNSNames, graph.Certificate(name).Subject),
				presented: presentation{chain: graph.Certificates(name + " int"), key: graph.Key(name), name: wanted},
			})
		}
	}
	return trials
}

// serverNames are certificates by what they are called.
func serverNames() map[string][]pkitest.Deviation {
	names := map[string][]pkitest.Deviation{}
	for i, dns := range []string{
		"kong_clustering", "cp.acme.example", "*.acme.example", "c*.acme.example", "*p.acme.example", "c*p.acme.example", "*.example", "*", "*.*.example", "cp.*.example",
		"*.cp.acme.example", ".acme.example", "cp.acme.example.", "xn--*.acme.example", "*-p.acme.example", "c-*.acme.example", "192.0.2.1", "*.0.2.1", "*cp.acme.example", "*.acme_x.example",
		"*.acme-.example", "-*.acme.example", "KONG_clustering", "*.2.0.192.example", "2001:db8::1",
	} {
		names[fmt.Sprintf("dns%d", i)] = []pkitest.Deviation{pkitest.DNS(dns)}
		names[fmt.Sprintf("cn%d", i)] = []pkitest.Deviation{commonName(dns)}
	}
	names["both"] = []pkitest.Deviation{commonName("kong_clustering"), pkitest.DNS("cp.acme.example")}
	names["address"] = []pkitest.Deviation{commonName("kong_clustering"), pkitest.IP("192.0.2.1", "2001:db8::1")}
	names["mail"] = []pkitest.Deviation{commonName("cp.acme.example"), pkitest.Email("x@acme.example")}
	return names
}

// meetingGraphFor is the graph of the meetings for one who judges clients, or for
// one who judges servers: there, what is good for clients is good for servers, the
// other way round, and all are called kong_clustering.
func meetingGraphFor(t *testing.T, p program) *pkitest.Graph {
	t.Helper()
	if !p.judgesServers() {
		return meetingGraph(t)
	}
	var more []pkitest.Setting
	drawing := meetingDrawing
	for _, leaf := range []string{
		"leaf", "sibling", "bare", "any", "enciphers", "nothing", "rsa1024", "rsa2048", "p384", "ed25519", "critical", "astray", "late", "named", "spiffe",
		"deep5", "deep4", "mid", "outside", "inside", "version1", "pinCA", "expired", "stranger", "forged", "weak", "under", "beneath", "lower",
	} {
		more = append(more, with(leaf, pkitest.Purposes(x509.ExtKeyUsageServerAuth), pkitest.DNS("kong_clustering")))
	}
	more = append(more,
		with("server", pkitest.Purposes(x509.ExtKeyUsageClientAuth), pkitest.DNS("kong_clustering")),
		with("bare", pkitest.Purposes()), with("any", pkitest.Purposes(x509.ExtKeyUsageAny)), with("nothing", noPurposeListed()), with("pinCA", pkitest.Purposes()))
	for name, deviations := range serverNames() {
		drawing += "\n" + name + " <- int"
		more = append(more, with(name, append(deviations, pkitest.Purposes(x509.ExtKeyUsageServerAuth))...))
	}
	return buildMeetings(t, drawing, more...)
}

// commonName is a subject of only that name.
func commonName(name string) pkitest.Deviation { return pkitest.Subject(pkix.Name{CommonName: name}) }

// TestOracleHAProxyDepth: HAProxy has no setting for the depth, so OpenSSL's own
// 100 applies.
func TestOracleHAProxyDepth(t *testing.T) {
	t.Parallel()
	p := program{"HAProxy", trust.HAProxy, []string{"haproxy"}, judgeOfHAProxy, false}
	p.skipWithout(t)
	now := time.Now().Truncate(time.Second)
	for _, intermediates := range []int{100, 101} {
		names := []string{"edge"}
		for i := range intermediates {
			names = append(names, fmt.Sprintf("ca%d", i))
		}
		var list []pkitest.Setting
		for _, name := range append(names, "root") {
			list = append(list, with(name, pkitest.Valid(now.Add(-time.Hour), now.Add(time.Hour))))
		}
		graph := pkitest.Build(t, strings.Join(append(names, "root"), " <- "), list...)
		stores := []store{{uploaded: graph.Certificates("root")}}
		p.hold(t, []trial{{
			name: fmt.Sprintf("%d intermediates", intermediates), stores: &stores, presented: presentation{chain: graph.Certificates(names...), key: graph.Key("edge")},
		}}, stores, fmt.Sprintf("%d intermediates", intermediates), t.Logf)
	}
}
