package pkitest

import (
	"crypto"
	"crypto/x509"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

// Now is the instant at which every certificate is valid that no [Deviation]
// moved in time.
func Now() time.Time { return time.Date(2030, time.June, 15, 12, 0, 0, 0, time.UTC) }

// A Graph is a set of certificates by the names of the drawing they come from.
type Graph struct {
	tb    testing.TB
	nodes map[string]*node
	order []string // in the order in which the drawing first names them
}

// A node is one certificate and what made it.
type node struct {
	name        string
	issuer      *node // itself when self-signed
	issues      bool
	deviations  []Deviation
	key         crypto.Signer
	certificate *x509.Certificate
}

// A Setting adjusts a graph that [Build] is about to make; see [With].
type Setting func(*Graph)

// With makes the node called name deviate from the defaults. Deviations apply
// in the order given. A name that the drawing lacks fails the test.
func With(name string, deviations ...Deviation) Setting {
	return func(g *Graph) {
		g.tb.Helper()
		n := g.find(name)
		n.deviations = append(n.deviations, deviations...)
	}
}

// Build makes every certificate of drawing. It fails the test at once if the
// drawing is not one: a node with two issuers, a loop of issuers, an empty
// name.
func Build(tb testing.TB, drawing string, settings ...Setting) *Graph {
	tb.Helper()
	g := &Graph{tb: tb, nodes: map[string]*node{}}
	for line := range strings.Lines(drawing) {
		g.draw(line)
	}
	g.matchTwins()
	for _, set := range settings {
		set(g)
	}
	(&forge{graph: g, drawn: map[string]int{}}).makeAll()
	return g
}

// draw adds the nodes and arrows of one line.
func (g *Graph) draw(line string) {
	g.tb.Helper()
	if strings.TrimSpace(line) == "" {
		return
	}
	var subject *node
	for part := range strings.SplitSeq(line, "<-") {
		issuer := g.add(strings.TrimSpace(part))
		if subject != nil {
			g.join(subject, issuer)
		}
		subject = issuer
	}
}

func (g *Graph) add(name string) *node {
	g.tb.Helper()
	if name == "" {
		g.tb.Fatal("pkitest: a node of the drawing has no name")
	}
	if n, ok := g.nodes[name]; ok {
		return n
	}
	n := &node{name: name}
	g.nodes[name] = n
	g.order = append(g.order, name)
	return n
}

func (g *Graph) join(subject, issuer *node) {
	g.tb.Helper()
	if subject.issuer != nil && subject.issuer != issuer {
		g.tb.Fatalf("pkitest: %q has two issuers; call the second certificate %q", subject.name, subject.name+"~2")
	}
	subject.issuer, issuer.issues = issuer, true
}

// matchTwins makes a CA of every node that shares the subject of one that
// issues: a renewal of it is one too, whether or not it issued anything yet.
func (g *Graph) matchTwins() {
	issues := map[string]bool{}
	for _, n := range g.nodes {
		issues[n.subject()] = issues[n.subject()] || n.issues
	}
	for _, n := range g.nodes {
		n.issues = issues[n.subject()]
	}
}

// subject is the common name: the node's name up to a tilde.
func (n *node) subject() string {
	subject, _, _ := strings.Cut(n.name, "~")
	return subject
}

func (g *Graph) find(name string) *node {
	g.tb.Helper()
	n, ok := g.nodes[name]
	if !ok {
		g.tb.Fatalf("pkitest: the drawing has no node %q", name)
	}
	return n
}

// Certificate returns the certificate of the node called name.
func (g *Graph) Certificate(name string) *x509.Certificate {
	g.tb.Helper()
	return g.find(name).certificate
}

// Certificates returns the certificates of the nodes called names, in their
// order; names may also come in one string, separated by spaces.
func (g *Graph) Certificates(names ...string) []*x509.Certificate {
	g.tb.Helper()
	var certificates []*x509.Certificate
	for name := range strings.FieldsSeq(strings.Join(names, " ")) {
		certificates = append(certificates, g.Certificate(name))
	}
	return certificates
}

// Key returns the private key of the node called name.
func (g *Graph) Key(name string) crypto.Signer {
	g.tb.Helper()
	return g.find(name).key
}

// PEM returns the certificates of the nodes called names as one PEM text.
func (g *Graph) PEM(names ...string) string {
	g.tb.Helper()
	return pki.EncodeCertificates(g.Certificates(names...)...)
}

// Names returns every node's name, in the order in which the drawing first
// names them.
func (g *Graph) Names() []string { return slices.Clone(g.order) }

// NameOf returns the node's name of a certificate of this graph, and the empty
// string for a stranger.
func (g *Graph) NameOf(certificate *x509.Certificate) string {
	for _, name := range g.order {
		if certificate != nil && g.nodes[name].certificate.Equal(certificate) {
			return name
		}
	}
	return ""
}

// Path writes certificates by their nodes' names, as the drawing does:
// "edge <- issuing <- root". Strangers are written "?".
func (g *Graph) Path(certificates []*x509.Certificate) string {
	names := make([]string, len(certificates))
	for i, certificate := range certificates {
		if names[i] = g.NameOf(certificate); names[i] == "" {
			names[i] = "?"
		}
	}
	return strings.Join(names, " <- ")
}
