package pkitest

import (
	"crypto"
	"crypto/rand"
	"crypto/sha1" //nolint:gosec // key identifiers, RFC 5280, 4.2.1.2 (1), are no matter of security
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

// A forge makes the certificates of one graph: all keys first, so that nodes can
// share them in any direction, then the certificates, issuers first.
type forge struct {
	graph *Graph
	drawn map[string]int // RSA keys taken so far, by algorithm
}

// A recipe is what a [Deviation] may change about one certificate.
type recipe struct {
	graph     *Graph
	node      *node
	template  *x509.Certificate
	algorithm pki.KeyAlgorithm
	sameKeyAs string
	signWith  string // the node whose key signs instead of the issuer's
	authority []byte // the authority key identifier, where it is not the issuer's
	version1  bool
	noKeyID   bool
	broken    bool // the signature is damaged after signing
	// rewrites change the certificate that was made, and sign it again.
	rewrites []func(tb testing.TB, der []byte, signer crypto.Signer) []byte
}

// makeAll makes every key and certificate of the graph.
func (f *forge) makeAll() {
	f.graph.tb.Helper()
	recipes := map[*node]*recipe{}
	for _, name := range f.graph.order {
		n := f.graph.nodes[name]
		if n.issuer == nil {
			n.issuer = n
		}
		r := &recipe{graph: f.graph, node: n, template: careful(n)}
		for _, deviate := range n.deviations {
			deviate(r)
		}
		recipes[n] = r
	}
	for _, name := range f.graph.order {
		f.makeKey(f.graph.nodes[name], recipes, nil)
	}
	for _, name := range f.graph.order {
		f.makeCertificate(f.graph.nodes[name], recipes, nil)
	}
}

// makeCertificate makes n's certificate unless that is done, its issuer's
// before; waiting holds the nodes whose issuers are being made.
func (f *forge) makeCertificate(n *node, recipes map[*node]*recipe, waiting []string) {
	f.graph.tb.Helper()
	if n.certificate != nil {
		return
	}
	if slices.Contains(waiting, n.name) {
		f.graph.tb.Fatalf("pkitest: %q is its own issuer by way of %v", n.name, waiting)
	}
	if n.issuer != n {
		f.makeCertificate(n.issuer, recipes, append(waiting, n.name))
	}
	recipes[n].sign()
}

// makeKey gives n its private key: new, remembered or another node's.
func (f *forge) makeKey(n *node, recipes map[*node]*recipe, waiting []string) {
	tb, r := f.graph.tb, recipes[n]
	tb.Helper()
	switch {
	case n.key != nil:
	case r.sameKeyAs != "":
		if slices.Contains(waiting, n.name) {
			tb.Fatalf("pkitest: %q has its own key by way of %v", n.name, waiting)
		}
		other := f.graph.find(r.sameKeyAs)
		f.makeKey(other, recipes, append(waiting, n.name))
		n.key = other.key
	case strings.HasPrefix(string(r.algorithm), "RSA-"):
		n.key = rememberedKey(tb, r.algorithm, f.drawn[string(r.algorithm)])
		f.drawn[string(r.algorithm)]++
	default:
		n.key = freshKey(tb, r.algorithm)
	}
}

// careful is the template of what a careful issuer would make of n.
func careful(n *node) *x509.Certificate {
	template := &x509.Certificate{
		SerialNumber:          serial(n.name),
		Subject:               pkix.Name{CommonName: n.subject()},
		NotBefore:             Now().AddDate(-1, 0, 0),
		NotAfter:              Now().AddDate(1, 0, 0).Add(-time.Second),
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageDigitalSignature,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
	if n.issues {
		template.NotBefore, template.NotAfter = Now().AddDate(-5, 0, 0), Now().AddDate(5, 0, 0).Add(-time.Second)
		template.IsCA, template.MaxPathLen = true, -1
		template.KeyUsage, template.ExtKeyUsage = x509.KeyUsageCertSign|x509.KeyUsageCRLSign, nil
	}
	return template
}

// serial is a number that differs between nodes and not between runs, so that
// golden files hold.
func serial(name string) *big.Int {
	sum := sha1.Sum([]byte(name)) //nolint:gosec // any spread will do
	return new(big.Int).SetBytes(append([]byte{1}, sum[:7]...))
}

// sign turns the recipe into the node's certificate.
func (r *recipe) sign() {
	tb := r.graph.tb
	tb.Helper()
	signer := r.node.issuer.key
	if r.signWith != "" {
		signer = r.graph.find(r.signWith).key
	}
	r.template.ExtraExtensions = lastOfEach(r.template.ExtraExtensions)
	if r.template.SubjectKeyId == nil {
		r.template.SubjectKeyId = keyID(tb, r.node.key.Public())
	}
	der, err := x509.CreateCertificate(rand.Reader, r.template, r.parent(signer), r.node.key.Public(), signer)
	if err != nil {
		tb.Fatalf("pkitest: %s: %v", r.node.name, err)
	}
	if r.noKeyID && r.template.IsCA { // CreateCertificate gives every CA an identifier
		der = withoutKeyID(tb, der, signer)
	}
	if r.version1 {
		der = asVersion1(tb, der, signer)
	}
	for _, again := range r.rewrites {
		der = again(tb, der, signer)
	}
	if r.broken {
		der = withBrokenSignature(tb, der)
	}
	r.node.certificate, err = x509.ParseCertificate(der)
	if err != nil {
		tb.Fatalf("pkitest: %s: %v", r.node.name, err)
	}
}

// parent is what [x509.CreateCertificate] reads of the issuer: its name, its
// key and its key identifier.
func (r *recipe) parent(signer crypto.Signer) *x509.Certificate {
	if r.node.issuer == r.node {
		parent := *r.template
		parent.PublicKey = signer.Public()
		return &parent
	}
	issuer := r.node.issuer.certificate
	parent := &x509.Certificate{RawSubject: issuer.RawSubject, Subject: issuer.Subject, SubjectKeyId: issuer.SubjectKeyId, PublicKey: signer.Public()}
	if r.authority != nil {
		parent.SubjectKeyId = r.authority
	}
	// Where both names are the same, CreateCertificate believes the certificate
	// to be self-signed and would leave the identifier out.
	r.template.AuthorityKeyId = parent.SubjectKeyId
	return parent
}

// keyID is the key identifier of RFC 5280, 4.2.1.2, method (1).
func keyID(tb testing.TB, key crypto.PublicKey) []byte {
	tb.Helper()
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		tb.Fatalf("pkitest: %v", err)
	}
	sum := sha1.Sum(der) //nolint:gosec // see the import
	return sum[:]
}
