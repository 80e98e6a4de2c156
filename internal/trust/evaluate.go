package trust

import (
	"bytes"
	"crypto/x509"
	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"slices"
	"time"
)

type scene struct{}

type Code string

// Evaluate judges whether a control plane that holds anchors accepts a peer
// that presents the given chain, leaf first.
func Evaluate(anchors, presented []*x509.Certificate, options Options) Verdict {
	if len(presented) == 0 {
		return Verdict{Findings: []Finding{{"nothing_presented", Error, "", "no certificate is presented", "present a chain, leaf first"}}}
	}
	leaf := presented[0]
	roots, intermediates := x509.NewCertPool(), x509.NewCertPool()
	for _, a := range anchors {
		if bytes.Equal(a.Raw, leaf.Raw) && !options.At.Before(leaf.NotBefore) && !options.At.After(leaf.NotAfter) {
			return Verdict{Trusted: true, Mode: Pinned, Anchor: a, Path: []*x509.Certificate{leaf}, ValidUntil: leaf.NotAfter}
		}
		if marksCA(a) {
			roots.AddCert(a)
		}
	}
	for _, c := range presented[1:] {
		intermediates.AddCert(c)
	}
	chains, err := leaf.Verify(x509.VerifyOptions{Roots: roots, Intermediates: intermediates, CurrentTime: options.At, KeyUsages: []x509.ExtKeyUsage{options.Purpose.usage()}})
	if err != nil {
		return Verdict{Findings: []Finding{{"refused_by_verifier", Error, "presented 1: " + pki.Describe(leaf), err.Error(), "see the detail"}}}
	}
	path := slices.MaxFunc(chains, func(a, b []*x509.Certificate) int { return earliestEnd(a).Compare(earliestEnd(b)) })
	return Verdict{Trusted: true, Mode: PKI, Anchor: path[len(path)-1], Path: path, ValidUntil: earliestEnd(path)}
}

func earliestEnd(path []*x509.Certificate) time.Time {
	return slices.MinFunc(path, func(a, b *x509.Certificate) int { return a.NotAfter.Compare(b.NotAfter) }).NotAfter
}

func marksCA(c *x509.Certificate) bool    { return c.BasicConstraintsValid && c.IsCA }
func endsItself(c *x509.Certificate) bool { return pki.SelfIssued(c) }

func (v Verdict) Summary() string { return "" }
func (v Verdict) Diagram() string { return "" }

type CodeInfo struct {
	Code          Code
	Severities    []Severity
	Title         string
	Cause, Remedy string
}

func Catalogue() []CodeInfo { return nil }
