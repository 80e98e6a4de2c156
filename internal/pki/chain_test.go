package pki_test

import (
	"crypto/x509"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/pkitest"
)

func TestBuildChain(t *testing.T) {
	for _, test := range []struct {
		name     string
		drawing  string
		settings []pkitest.Setting
		pool     string
		want     string
	}{
		{
			name: "any order", drawing: "edge <- issuing <- policy <- root",
			pool: "root issuing policy", want: "edge <- issuing <- policy <- root",
		},
		{
			name: "the leaf in the heap, and everything twice", drawing: "edge <- issuing <- root",
			pool: "root edge issuing root edge issuing", want: "edge <- issuing <- root",
		},
		{
			name: "strangers left out", drawing: "edge <- issuing <- root\nother <- stranger",
			pool: "stranger other root issuing", want: "edge <- issuing <- root",
		},
		{
			name: "an empty heap", drawing: "edge <- issuing", pool: "", want: "edge",
		},
		{
			name: "a self-signed leaf has no issuer", drawing: "edge\nroot", pool: "root", want: "edge",
		},
		{
			name: "a link is missing", drawing: "edge <- issuing <- policy <- root",
			pool: "root issuing", want: "edge <- issuing",
		},
		{
			name: "one name, two keys", drawing: "edge <- issuing <- root\nissuing~2 <- root",
			pool: "issuing~2 issuing root", want: "edge <- issuing <- root",
		},
		{
			name: "one key, two names", drawing: "edge <- issuing <- root\nrenamed <- root",
			settings: []pkitest.Setting{pkitest.With("renamed", pkitest.SameKeyAs("issuing"))},
			pool:     "renamed root", want: "edge",
		},
		{
			// root-a is also cross-signed by root-b.
			name: "cross-signed: the shortest way to a root", drawing: "edge <- issuing <- root-a\nroot-a~cross <- root-b",
			settings: []pkitest.Setting{pkitest.With("root-a~cross", pkitest.SameKeyAs("root-a"))},
			pool:     "root-b root-a~cross root-a issuing", want: "edge <- issuing <- root-a",
		},
		{
			name: "cross-signed: the way to the only root", drawing: "edge <- issuing <- root-a\nroot-a~cross <- root-b",
			settings: []pkitest.Setting{pkitest.With("root-a~cross", pkitest.SameKeyAs("root-a"))},
			pool:     "root-b root-a~cross issuing", want: "edge <- issuing <- root-a~cross <- root-b",
		},
		{
			name: "renewed: the issuer that ends last", drawing: "edge <- issuing <- root\nissuing~new <- root",
			settings: []pkitest.Setting{pkitest.With("issuing~new", pkitest.SameKeyAs("issuing"), pkitest.EndsIn(time.Hour*24*4000))},
			pool:     "issuing issuing~new root", want: "edge <- issuing~new <- root",
		},
		{
			name: "renewed: the issuer that ends last, with no root available", drawing: "edge <- issuing <- root\nissuing~new <- root",
			settings: []pkitest.Setting{pkitest.With("issuing~new", pkitest.SameKeyAs("issuing"), pkitest.EndsIn(time.Hour*24*4000))},
			pool:     "issuing issuing~new", want: "edge <- issuing~new",
		},
		{
			name: "dates and rights are not judged", drawing: "edge <- issuing <- root",
			settings: []pkitest.Setting{
				pkitest.With("issuing", pkitest.CA(false), pkitest.KeyUsage(x509.KeyUsageDigitalSignature)),
				pkitest.With("root", pkitest.ExpiredFor(time.Hour)),
			},
			pool: "root issuing", want: "edge <- issuing <- root",
		},
		{
			// a and b each signed the other: there is no root, and an end all the same.
			name: "a cycle", drawing: "edge <- a <- root-b\nb <- root-a",
			settings: []pkitest.Setting{
				pkitest.With("a", pkitest.SameKeyAs("root-a")),
				pkitest.With("b", pkitest.SameKeyAs("root-b")),
				pkitest.With("root-a", pkitest.Subject(named("a"))),
				pkitest.With("root-b", pkitest.Subject(named("b"))),
			},
			pool: "a b", want: "edge <- a <- b",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			graph := pkitest.Build(t, test.drawing, test.settings...)
			chain, err := pki.BuildChain(graph.Certificate("edge"), graph.Certificates(test.pool))
			if err != nil {
				t.Fatal(err)
			}
			if got := graph.Path(chain); got != test.want {
				t.Errorf("chain %q, want %q", got, test.want)
			}
		})
	}
}

// TestBuildChainKnowsNoOrder: the same heap makes the same chain, however it is
// shuffled.
func TestBuildChainKnowsNoOrder(t *testing.T) {
	graph := pkitest.Build(t, `
		edge <- issuing <- policy <- root
		policy~cross <- abroad <- root-abroad
		stranger`,
		pkitest.With("policy~cross", pkitest.SameKeyAs("policy")))
	heap := graph.Certificates(strings.Join(graph.Names(), " "))
	rapid.Check(t, func(t *rapid.T) {
		chain, err := pki.BuildChain(graph.Certificate("edge"), rapid.Permutation(heap).Draw(t, "heap"))
		if err != nil {
			t.Fatal(err)
		}
		if got, want := graph.Path(chain), "edge <- issuing <- policy <- root"; got != want {
			t.Errorf("chain %q, want %q", got, want)
		}
	})
}

// TestBuildChainEndsInAMesh: twelve layers of three certificates for one key
// hold 3^12 paths. Each certificate is visited once.
func TestBuildChainEndsInAMesh(t *testing.T) {
	var drawing strings.Builder
	var settings []pkitest.Setting
	drawing.WriteString("edge <- ca0\n")
	for layer := range 12 {
		name, above := "ca"+string(rune('0'+layer)), "ca"+string(rune('0'+layer+1))
		drawing.WriteString(name + " <- " + above + "\n")
		for _, twin := range []string{name + "~2", name + "~3"} {
			drawing.WriteString(twin + " <- " + above + "\n")
			settings = append(settings, pkitest.With(twin, pkitest.SameKeyAs(name)))
		}
	}
	graph := pkitest.Build(t, drawing.String(), settings...)
	chain, err := pki.BuildChain(graph.Certificate("edge"), graph.Certificates(strings.Join(graph.Names(), " ")))
	if err != nil {
		t.Fatal(err)
	}
	if len(chain) != 14 || !pki.SelfSigned(chain[13]) {
		t.Errorf("chain %q is not one from the leaf through every layer to the root", graph.Path(chain))
	}
}

// TestBuildChainLeavesThePoolAlone: the caller's list keeps its order.
func TestBuildChainLeavesThePoolAlone(t *testing.T) {
	graph := pkitest.Build(t, "edge <- issuing <- root")
	pool := graph.Certificates("root issuing edge")
	if _, err := pki.BuildChain(graph.Certificate("edge"), pool); err != nil {
		t.Fatal(err)
	}
	if got, want := graph.Path(pool), "root <- issuing <- edge"; got != want {
		t.Errorf("pool %q, want %q", got, want)
	}
}

func TestWithoutRoots(t *testing.T) {
	graph := pkitest.Build(t, "edge <- issuing <- root")
	for chain, want := range map[string]string{
		"":                  "",
		"edge issuing root": "edge <- issuing",
		"edge issuing":      "edge <- issuing",
		"root":              "root", // a pin is presented, self-signed or not
	} {
		if got := graph.Path(pki.WithoutRoots(graph.Certificates(chain))); got != want {
			t.Errorf("of %q %q is presented, want %q", chain, got, want)
		}
	}
}
