package trust_test

import (
	"crypto/x509"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/pkitest"
	"github.com/trustplane/terraform-provider-mtls/internal/trust"
	"github.com/trustplane/terraform-provider-mtls/internal/trust/drawing"
)

// BenchmarkChain sets the judgement of leaf, intermediate and root beside the
// bare verification by crypto/x509 of the same parsed certificates: the aim is
// at most 1.3 times for a trusted chain, and 5 times for a refused one with all
// its explanation.
//
//	go test ./internal/trust -run '^$' -bench Chain -count 5
func BenchmarkChain(b *testing.B) {
	for _, algorithm := range []pki.KeyAlgorithm{pki.ECDSAP256, pki.RSA2048, pki.Ed25519} {
		every := settings(with("edge", pkitest.Algorithm(algorithm)), with("issuing", pkitest.Algorithm(algorithm)), with("root", pkitest.Algorithm(algorithm)))
		graph := pkitest.Build(b, chain, every...)
		anchors, presented := graph.Certificates("root"), graph.Certificates("edge issuing")
		b.Run(fmt.Sprintf("%s/x509", algorithm), func(b *testing.B) {
			for b.Loop() {
				bare(b, anchors, presented)
			}
		})
		b.Run(fmt.Sprintf("%s/trusted", algorithm), func(b *testing.B) { evaluate(b, anchors, presented, true) })
		b.Run(fmt.Sprintf("%s/trusted/openssl", algorithm), func(b *testing.B) {
			for b.Loop() {
				if verdict := trust.Evaluate(anchors, presented, trust.Options{At: pkitest.Now(), Verifier: trust.KongHybridPKI}); !verdict.Trusted {
					b.Fatal(drawing.Summary(verdict))
				}
			}
		})
		b.Run(fmt.Sprintf("%s/refused/missing", algorithm), func(b *testing.B) { evaluate(b, anchors, presented[:1], false) })
		for name, setting := range refusals() {
			graph := pkitest.Build(b, chain, append(every, setting...)...)
			b.Run(fmt.Sprintf("%s/refused/%s", algorithm, name), func(b *testing.B) {
				evaluate(b, graph.Certificates("root"), graph.Certificates("edge issuing"), false)
			})
		}
	}
}

func refusals() map[string][]pkitest.Setting {
	return map[string][]pkitest.Setting{
		"expired": settings(with("edge", pkitest.ExpiredFor(time.Hour))),
		"broken":  settings(with("edge", pkitest.BrokenSignature())),
		"everything": settings(
			with("edge", pkitest.ExpiredFor(time.Hour), pkitest.Purposes(x509.ExtKeyUsageServerAuth), pkitest.DNS("edge.other.example")),
			with("issuing", pkitest.ExpiredFor(time.Minute), pkitest.CA(false)),
			with("root", pkitest.PathLength(0), pkitest.Permitted(dns("acme.example"))),
		),
	}
}

// bare is what a program without this package would do.
func bare(b *testing.B, anchors, presented []*x509.Certificate) {
	b.Helper()
	roots, intermediates := x509.NewCertPool(), x509.NewCertPool()
	for _, anchor := range anchors {
		roots.AddCert(anchor)
	}
	for _, certificate := range presented[1:] {
		intermediates.AddCert(certificate)
	}
	if _, err := presented[0].Verify(x509.VerifyOptions{
		Roots: roots, Intermediates: intermediates, CurrentTime: pkitest.Now(), KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}); err != nil {
		b.Fatal(err)
	}
}

func evaluate(b *testing.B, anchors, presented []*x509.Certificate, trusted bool) {
	b.Helper()
	for b.Loop() {
		if verdict := trust.Evaluate(anchors, presented, trust.Options{At: pkitest.Now()}); verdict.Trusted != trusted {
			b.Fatal(drawing.Summary(verdict))
		}
	}
}

// BenchmarkMesh shows how the cost grows with CAs that all cross-sign each
// other, none of them uploaded: up to the bounds, and not beyond.
func BenchmarkMesh(b *testing.B) {
	for _, size := range []int{2, 4, 8, 16, 32} {
		graph := mesh(b, size)
		stranger := pkitest.Build(b, "stranger <- elsewhere")
		presented := append(graph.Certificates("edge"), crossCertificates(graph)...)
		b.Run(fmt.Sprintf("cas=%d", size), func(b *testing.B) { evaluate(b, stranger.Certificates("elsewhere"), presented, false) })
	}
}

// BenchmarkPresented shows how the cost grows with the number of certificates
// presented: of names of their own, and all of the issuer's name.
func BenchmarkPresented(b *testing.B) {
	for _, size := range []int{10, 100, 1000, 10000} {
		heap := namesakes(b, size, false)
		b.Run(fmt.Sprintf("names=many/presented=%d", size), func(b *testing.B) { evaluate(b, heap.anchors, heap.presented, true) })
		same := namesakes(b, size, true)
		b.Run(fmt.Sprintf("names=one/presented=%d", size), func(b *testing.B) { evaluate(b, same.anchors, same.presented, false) })
	}
}

// BenchmarkUploads shows how the cost grows with the number of uploads.
func BenchmarkUploads(b *testing.B) {
	for _, size := range []int{10, 100, 1000, 10000} {
		heap := namesakes(b, size, false)
		anchors := slices.Concat(heap.anchors, heap.presented[2:])
		b.Run(fmt.Sprintf("names=many/uploaded=%d", size), func(b *testing.B) { evaluate(b, anchors, heap.presented[:2], true) })
		same := namesakes(b, size, true)
		b.Run(fmt.Sprintf("names=one/uploaded=%d", size), func(b *testing.B) { evaluate(b, same.presented[1:], same.presented[:1], false) })
	}
}

// BenchmarkTower shows how the cost grows with the length of a chain.
func BenchmarkTower(b *testing.B) {
	for _, height := range []int{3, 10, 30, 90, 300} {
		q := tower(b, height)
		b.Run(fmt.Sprintf("height=%d", height), func(b *testing.B) { evaluate(b, q.anchors, q.presented, height < 100) })
	}
}

// A heap is a chain among many certificates that do not belong to it.
type heap struct{ anchors, presented []*x509.Certificate }

// namesakes presents a chain and size other CAs: with names of their own, or
// all with the name of the leaf's issuer, which itself is then missing.
func namesakes(tb testing.TB, size int, same bool) heap {
	tb.Helper()
	var drawing strings.Builder
	drawing.WriteString(chain + "\n")
	var others []string
	for i := range size {
		name := fmt.Sprintf("other-%d", i)
		if same {
			name = fmt.Sprintf("issuing~%d", i)
		}
		drawing.WriteString(name + " <- root\n")
		others = append(others, name)
	}
	graph := pkitest.Build(tb, drawing.String())
	presented := graph.Certificates("edge")
	if !same {
		presented = graph.Certificates("edge issuing")
	}
	return heap{graph.Certificates("root"), append(presented, graph.Certificates(others...)...)}
}

// mesh is a leaf below CAs that all sign each other: size squared certificates.
func mesh(tb testing.TB, size int) *pkitest.Graph {
	tb.Helper()
	var drawing strings.Builder
	drawing.WriteString("edge <- ca0\n")
	var list []pkitest.Setting
	for subject := range size {
		for issuer := range size {
			if subject != issuer {
				name := fmt.Sprintf("ca%d~%d", subject, issuer)
				fmt.Fprintf(&drawing, "%s <- ca%d\n", name, issuer)
				list = append(list, with(name, pkitest.SameKeyAs(fmt.Sprintf("ca%d", subject))))
			}
		}
	}
	return pkitest.Build(tb, drawing.String(), list...)
}

// crossCertificates are all certificates of a mesh that one CA issued for
// another.
func crossCertificates(graph *pkitest.Graph) []*x509.Certificate {
	var names []string
	for _, name := range graph.Names() {
		if strings.Contains(name, "~") {
			names = append(names, name)
		}
	}
	return graph.Certificates(names...)
}
