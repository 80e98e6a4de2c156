package pkitest_test

import (
	"bytes"
	"crypto/x509"
	"testing"
	"time"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/pkitest"
)

func TestGraphIsTrustedWithoutDeviations(t *testing.T) {
	graph := pkitest.Build(t, "edge <- issuing <- root")
	roots, intermediates := x509.NewCertPool(), x509.NewCertPool()
	roots.AddCert(graph.Certificate("root"))
	intermediates.AddCert(graph.Certificate("issuing"))

	chains, err := graph.Certificate("edge").Verify(x509.VerifyOptions{
		Roots: roots, Intermediates: intermediates, CurrentTime: pkitest.Now(),
		KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := graph.Path(chains[0]), "edge <- issuing <- root"; got != want {
		t.Errorf("path %q, want %q", got, want)
	}
}

func TestNodesOfOneSubject(t *testing.T) {
	graph := pkitest.Build(t, `
		edge <- issuing <- root
		issuing~2 <- root
		issuing~3 <- other`,
		pkitest.With("issuing~3", pkitest.SameKeyAs("issuing")))
	first, second, third := graph.Certificate("issuing"), graph.Certificate("issuing~2"), graph.Certificate("issuing~3")

	if !bytes.Equal(first.RawSubject, second.RawSubject) || !bytes.Equal(first.RawSubject, third.RawSubject) {
		t.Error("the part before the tilde does not make the subject")
	}
	if pki.SPKISHA256(first) == pki.SPKISHA256(second) {
		t.Error("two nodes share a key that nobody shared")
	}
	if pki.SPKISHA256(first) != pki.SPKISHA256(third) || !bytes.Equal(first.SubjectKeyId, third.SubjectKeyId) {
		t.Error("a cross-certificate has another key than the certificate it crosses")
	}
	if !pki.SignedBy(graph.Certificate("edge"), third) {
		t.Error("a cross-certificate's key did not sign what its twin issued")
	}
}

// TestDeviations shows that each deviation reaches the parsed certificate.
func TestDeviations(t *testing.T) {
	far := pkitest.Now().AddDate(50, 0, 0)
	for name, test := range map[string]struct {
		deviation pkitest.Deviation
		holds     func(leaf, issuer *x509.Certificate) bool
	}{
		"expired":     {pkitest.ExpiredFor(time.Hour), func(c, _ *x509.Certificate) bool { return c.NotAfter.Before(pkitest.Now()) }},
		"future":      {pkitest.StartsIn(time.Hour), func(c, _ *x509.Certificate) bool { return c.NotBefore.After(pkitest.Now()) }},
		"valid":       {pkitest.Valid(pkitest.Now(), far), func(c, _ *x509.Certificate) bool { return c.NotAfter.Equal(far) }},
		"version 1":   {pkitest.Version1(), func(c, i *x509.Certificate) bool { return c.Version == 1 && pki.SignedBy(c, i) }},
		"broken":      {pkitest.BrokenSignature(), func(c, i *x509.Certificate) bool { return !pki.SignedBy(c, i) }},
		"stranger":    {pkitest.SignedWith("other"), func(c, i *x509.Certificate) bool { return !pki.SignedBy(c, i) }},
		"sha1":        {pkitest.SHA1(), func(c, _ *x509.Certificate) bool { return c.SignatureAlgorithm == x509.ECDSAWithSHA1 }},
		"weak rsa":    {pkitest.Algorithm(pkitest.RSA1024), func(c, _ *x509.Certificate) bool { return pki.AlgorithmOf(c.PublicKey) == pkitest.RSA1024 }},
		"weak curve":  {pkitest.Algorithm(pkitest.ECDSAP224), func(c, _ *x509.Certificate) bool { return pki.AlgorithmOf(c.PublicKey) == pkitest.ECDSAP224 }},
		"ca":          {pkitest.CA(true), func(c, _ *x509.Certificate) bool { return c.IsCA }},
		"no bc":       {pkitest.NoBasicConstraints(), func(c, _ *x509.Certificate) bool { return !c.BasicConstraintsValid && c.Version == 3 }},
		"no key id":   {pkitest.NoKeyID(), func(c, _ *x509.Certificate) bool { return len(c.SubjectKeyId) == 0 }},
		"authority":   {pkitest.AuthorityKeyID([]byte{1, 2}), func(c, _ *x509.Certificate) bool { return bytes.Equal(c.AuthorityKeyId, []byte{1, 2}) }},
		"critical":    {pkitest.UnknownCriticalExtension(), func(c, _ *x509.Certificate) bool { return len(c.UnhandledCriticalExtensions) == 1 }},
		"no purposes": {pkitest.Purposes(), func(c, _ *x509.Certificate) bool { return c.ExtKeyUsage == nil }},
		"no usage":    {pkitest.KeyUsage(0), func(c, _ *x509.Certificate) bool { return c.KeyUsage == 0 }},
		"names": {
			pkitest.DNS("a.example"),
			func(c, _ *x509.Certificate) bool { return len(c.DNSNames) == 1 },
		},
		"addresses": {
			pkitest.IP("192.0.2.1", "2001:db8::1"),
			func(c, _ *x509.Certificate) bool { return len(c.IPAddresses) == 2 },
		},
		"mail":    {pkitest.Email("a@b.example"), func(c, _ *x509.Certificate) bool { return len(c.EmailAddresses) == 1 }},
		"uris":    {pkitest.URI("spiffe://a.example/b"), func(c, _ *x509.Certificate) bool { return len(c.URIs) == 1 }},
		"unknown": {pkitest.UnknownExtension(), func(c, _ *x509.Certificate) bool { return len(c.UnhandledCriticalExtensions) == 0 }},
	} {
		t.Run(name, func(t *testing.T) {
			graph := pkitest.Build(t, "edge <- issuing\nother", pkitest.With("edge", test.deviation))
			if !test.holds(graph.Certificate("edge"), graph.Certificate("issuing")) {
				t.Error("the certificate does not show the deviation")
			}
		})
	}
}

func TestIssuerDeviations(t *testing.T) {
	graph := pkitest.Build(t, "edge <- issuing <- root", pkitest.With("issuing", pkitest.PathLength(0),
		pkitest.Permitted(pkitest.Subtree{Kind: "dns", Base: "a.example"}, pkitest.Subtree{Kind: "ip", Base: "192.0.2.0/24"}),
		pkitest.Excluded(pkitest.Subtree{Kind: "email", Base: "b.example"}, pkitest.Subtree{Kind: "uri", Base: "c.example"})))
	issuing := graph.Certificate("issuing")
	if issuing.MaxPathLen != 0 || !issuing.MaxPathLenZero {
		t.Error("a path length of 0 is lost")
	}
	if len(issuing.PermittedDNSDomains) != 1 || len(issuing.PermittedIPRanges) != 1 || len(issuing.ExcludedEmailAddresses) != 1 || len(issuing.ExcludedURIDomains) != 1 {
		t.Error("a name constraint is lost")
	}
}

// TestKeyIDs shows that key identifiers are there unless asked otherwise, where
// [x509.CreateCertificate] would decide for itself.
func TestKeyIDs(t *testing.T) {
	graph := pkitest.Build(t, "edge <- ca~2 <- ca\nother <- bare", pkitest.With("bare", pkitest.NoKeyID()))
	if !bytes.Equal(graph.Certificate("ca~2").AuthorityKeyId, graph.Certificate("ca").SubjectKeyId) {
		t.Error("a self-issued certificate does not name its issuer's key")
	}
	bare, other := graph.Certificate("bare"), graph.Certificate("other")
	if bare.SubjectKeyId != nil || other.AuthorityKeyId != nil {
		t.Errorf("a CA without a key id has %x, and what it issued names %x", bare.SubjectKeyId, other.AuthorityKeyId)
	}
	if !bare.IsCA || !pki.SelfSigned(bare) || !pki.SignedBy(other, bare) {
		t.Error("a CA without a key id is otherwise not what it was")
	}
}

func TestRevocationList(t *testing.T) {
	graph := pkitest.Build(t, "edge <- issuing\nother")
	list := graph.RevocationList(pkitest.Revocation{Issuer: "issuing", Revoked: []string{"edge"}})
	if err := list.CheckSignatureFrom(graph.Certificate("issuing")); err != nil {
		t.Error(err)
	}
	if list.RevokedCertificateEntries[0].SerialNumber.Cmp(graph.Certificate("edge").SerialNumber) != 0 {
		t.Error("the list revokes another serial number")
	}
	forged := graph.RevocationList(pkitest.Revocation{Issuer: "issuing", SignedWith: "other"})
	if forged.CheckSignatureFrom(graph.Certificate("issuing")) == nil {
		t.Error("a list signed by a stranger passes for the issuer's")
	}
}
