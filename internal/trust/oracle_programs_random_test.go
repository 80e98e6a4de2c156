package trust_test

import (
	"crypto/x509"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/trustplane/terraform-provider-mtls/internal/pkitest"
	"github.com/trustplane/terraform-provider-mtls/internal/seeds"
	"github.com/trustplane/terraform-provider-mtls/internal/trust"
)

// randomChains is how many chains each program is asked about, at least.
const randomChains = 200

// TestOracleProgramsRandom asks each program about chains out of random graphs
// with everything odd in them, at random depths, for random names, and with
// random revocation lists where the program takes them. With random seeds it asks
// about as many graphs as -rapid.checks says, too.
func TestOracleProgramsRandom(t *testing.T) {
	for _, p := range programs() {
		t.Run(string(p.verifier)+" as "+p.name, func(t *testing.T) {
			t.Parallel()
			p.skipWithout(t)
			graphs, seed := 0, 0
			if os.Getenv(seeds.Variable) != "" {
				graphs, seed = flag.Lookup("rapid.checks").Value.(flag.Getter).Get().(int), int(time.Now().UnixNano())
			}
			var stores []store
			var trials []trial
			for number := 0; len(trials) < randomChains || number < graphs; number++ {
				trials = append(trials, p.drawTrials(t, seed+number, &stores)...)
			}
			p.hold(t, trials, stores, "random chains", t.Logf)
		})
	}
}

// drawTrials draws a graph, a store with its uploads, and a trial for each leaf.
func (p program) drawTrials(t *testing.T, seed int, stores *[]store) []trial {
	t.Helper()
	drawn := rapid.Custom(func(r *rapid.T) openGraph { return drawOpenGraph(r, true) }).Example(seed)
	chance := rand.New(rand.NewPCG(uint64(seed), 7))
	var more []pkitest.Setting
	if p.judgesServers() {
		more = drawn.asServers(chance)
	}
	graph := drawn.buildToday(t, more...)
	of := store{uploaded: graph.Certificates(drawn.uploaded), depth: p.drawDepth(chance)}
	story := drawn.String()
	if slices.Contains([]trust.Verifier{trust.Nginx, trust.HAProxy, trust.Apache}, p.verifier) && chance.IntN(3) == 0 {
		var told string
		of.lists, told = drawn.lists(graph, chance)
		story += told
	}
	*stores = append(*stores, of)
	var trials []trial
	for _, leaf := range drawn.leaves {
		presented := leaf
		if beside := slices.DeleteFunc(strings.Fields(drawn.beside), func(name string) bool { return name == leaf }); len(beside) > 0 {
			presented += " " + strings.Join(beside, " ")
		}
		name := []string{"kong_clustering", leaf, "a.example", "b.a.example"}[chance.IntN(4)]
		if p.verifier == trust.KongDataPlaneShared {
			name = "kong_clustering"
		}
		trials = append(trials, trial{
			name: fmt.Sprintf("seed %d, %s, asked for %s, depth %s", seed, leaf, name, depthOf(of.depth)), store: len(*stores) - 1, stores: stores, hint: story,
			presented: presentation{chain: graph.Certificates(presented), key: graph.Key(leaf), name: name},
		})
	}
	return trials
}

func (p program) drawDepth(chance *rand.Rand) *int {
	if p.verifier == trust.HAProxy || p.verifier == trust.Go {
		return nil
	}
	return []*int{nil, new(0), new(1), new(2), new(3), new(4)}[chance.IntN(6)]
}

// asServers makes most leaves good for servers, and some called kong_clustering.
func (g openGraph) asServers(chance *rand.Rand) []pkitest.Setting {
	var list []pkitest.Setting
	known := deviationsByName()
	for _, leaf := range g.leaves {
		list = append(list, with(leaf, known["for both"]))
		if chance.IntN(2) == 0 {
			list = append(list, with(leaf, pkitest.DNS("kong_clustering")))
		}
		for _, deviation := range g.deviations[leaf] { // what is odd about the purpose stays
			if slices.Contains([]string{"any purpose", "no purposes", "for clients", "for servers", "purposes, none listed"}, deviation) {
				list = append(list, with(leaf, known[deviation]))
			}
		}
	}
	return list
}

// lists are those of most CAs, some of them stale, and some of them with a leaf.
func (g openGraph) lists(graph *pkitest.Graph, chance *rand.Rand) (lists []*x509.RevocationList, story string) {
	now := time.Now().Truncate(time.Second)
	for _, name := range graph.Names() {
		if strings.HasPrefix(name, "edge") || name == "control" || chance.IntN(6) == 0 {
			continue
		}
		revocation := pkitest.Revocation{Issuer: name, ThisUpdate: now.Add(-time.Hour), NextUpdate: now.Add(time.Hour)}
		switch chance.IntN(8) {
		case 0:
			revocation.ThisUpdate, revocation.NextUpdate = now.Add(-2*time.Hour), now.Add(-time.Hour)
		case 1:
			revocation.ThisUpdate, revocation.NextUpdate = now.Add(time.Hour), now.Add(2*time.Hour)
		}
		if chance.IntN(2) == 0 {
			revocation.Revoked = []string{graph.Names()[chance.IntN(len(graph.Names()))]}
		}
		lists = append(lists, graph.RevocationList(revocation))
		story += fmt.Sprintf("%s has a list until %s of %v\n", name, revocation.NextUpdate, revocation.Revoked)
	}
	return lists, story
}
