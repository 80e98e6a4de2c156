package pki_test

import (
	"encoding/pem"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/pkitest"
)

func TestOneCertificateIsMeant(t *testing.T) {
	graph := pkitest.Build(t, "edge <- issuing")
	certificate, err := pki.ParseCertificate(graph.PEM("edge"))
	if err != nil || graph.NameOf(certificate) != "edge" {
		t.Errorf("certificate %v, error %v", certificate, err)
	}

	certificate, err = pki.ParseCertificate(graph.PEM("edge", "issuing"))
	several, ok := errors.AsType[*pki.SeveralError](err)
	want := "expected one certificate, found 2; the second is " + pki.Describe(graph.Certificate("issuing"))
	if !ok || several.Count != 2 || err.Error() != want || certificate != nil {
		t.Errorf("certificate %v, error %v, want %s", certificate, err, want)
	}

	if certificate, err := pki.ParseCertificate("nothing"); certificate != nil || !errors.Is(err, pki.ErrNoPEM) {
		t.Errorf("certificate %v, error %v", certificate, err)
	}
}

func TestCertificateRoundTrip(t *testing.T) {
	graph := pkitest.Build(t, "edge <- issuing <- root")
	for _, text := range []string{graph.PEM("edge"), graph.PEM("edge", "issuing", "root")} {
		certificates, err := pki.ParseCertificates(text)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(text, pki.EncodeCertificates(certificates...)); diff != "" {
			t.Errorf("text (-want +got):\n%s", diff)
		}
	}
	if text := pki.EncodeCertificates(); text != "" {
		t.Errorf("no certificates are written as %q", text)
	}
}

// TestFingerprintsAreOpenSSLs: what the provider shows is what an operator
// reads from openssl.
func TestFingerprintsAreOpenSSLs(t *testing.T) {
	graph := pkitest.Build(t, "edge <- issuing")
	edge, text := graph.Certificate("edge"), graph.PEM("edge")
	plain := func(printed string) string {
		_, value, _ := strings.Cut(strings.TrimSpace(printed), "=")
		return strings.ToLower(strings.ReplaceAll(value, ":", ""))
	}

	if got, want := pki.FingerprintSHA256(edge), plain(openssl(t, text, "x509", "-noout", "-fingerprint", "-sha256")); got != want {
		t.Errorf("fingerprint %s, want %s", got, want)
	}
	if got, want := pki.SerialNumber(edge), strings.TrimLeft(plain(openssl(t, text, "x509", "-noout", "-serial")), "0"); got != want {
		t.Errorf("serial number %s, want %s", got, want)
	}
	if got, want := fmt.Sprintf("%012x", pki.Revision(edge)), pki.FingerprintSHA256(edge)[:12]; got != want {
		t.Errorf("revision %s, want the beginning of the fingerprint, %s", got, want)
	}
	block, _ := pem.Decode([]byte(openssl(t, text, "x509", "-noout", "-pubkey")))
	if got, want := pki.SPKISHA256(edge), strings.TrimSpace(plain(openssl(t, string(block.Bytes), "dgst", "-sha256"))); got != want {
		t.Errorf("fingerprint of the key %s, want %s", got, want)
	}
	printed := openssl(t, text, "x509", "-noout", "-ext", "subjectKeyIdentifier")
	lines := strings.Split(strings.TrimSpace(printed), "\n")
	if got, want := pki.KeyID(edge.SubjectKeyId), plain("="+strings.TrimSpace(lines[len(lines)-1])); got != want {
		t.Errorf("key identifier %s, want %s", got, want)
	}
	if got := pki.KeyID(nil); got != "" {
		t.Errorf("no key identifier is written as %q", got)
	}
}

func TestSPKIOutlivesRenewal(t *testing.T) {
	graph := pkitest.Build(t, "edge~1\nedge~2\nedge~3", pkitest.With("edge~2", pkitest.SameKeyAs("edge~1")))
	first, renewed, other := graph.Certificate("edge~1"), graph.Certificate("edge~2"), graph.Certificate("edge~3")
	if pki.SPKISHA256(first) != pki.SPKISHA256(renewed) || pki.SPKISHA256(first) == pki.SPKISHA256(other) {
		t.Error("the fingerprint of the key does not follow the key")
	}
	if pki.FingerprintSHA256(first) == pki.FingerprintSHA256(renewed) {
		t.Error("two certificates have one fingerprint")
	}
}

func TestSelfIssuedAndSelfSigned(t *testing.T) {
	graph := pkitest.Build(t, `
		edge <- root
		root~rolled <- root
		forged
		damaged
		sha1
		v1`,
		pkitest.With("forged", pkitest.SignedWith("root")),
		pkitest.With("damaged", pkitest.BrokenSignature()),
		pkitest.With("sha1", pkitest.SHA1()),
		pkitest.With("v1", pkitest.Version1()))

	for name, want := range map[string]struct{ issued, signed bool }{
		"root":        {true, true},
		"edge":        {false, false},
		"root~rolled": {true, false}, // one name, two keys
		"forged":      {true, false},
		"damaged":     {true, false},
		"sha1":        {true, true},
		"v1":          {true, true},
	} {
		certificate := graph.Certificate(name)
		if got := pki.SelfIssued(certificate); got != want.issued {
			t.Errorf("%s: self-issued %t, want %t", name, got, want.issued)
		}
		if got := pki.SelfSigned(certificate); got != want.signed {
			t.Errorf("%s: self-signed %t, want %t", name, got, want.signed)
		}
	}
}

// TestSelfSignedWithMD5: crypto/x509 does not check such a signature, so the
// key identifiers tell.
func TestSelfSignedWithMD5(t *testing.T) {
	directory := t.TempDir()
	key, root := filepath.Join(directory, "key.pem"), filepath.Join(directory, "root.pem")
	openssl(t, "", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-md5", "-subj", "/CN=old", "-keyout", key, "-out", root)
	certificate, err := pki.ParseCertificate(openssl(t, "", "x509", "-in", root))
	if err != nil {
		t.Fatal(err)
	}
	if !pki.SelfSigned(certificate) {
		t.Error("its own key identifier is that of its issuer, and yet it does not count as self-signed")
	}
	if pki.SignedBy(certificate, certificate) {
		t.Error("a signature that cannot be checked counts as one")
	}
	certificate.AuthorityKeyId = []byte("another")
	if pki.SelfSigned(certificate) {
		t.Error("it names another key as its issuer's, and yet it counts as self-signed")
	}
}

func TestSignedBy(t *testing.T) {
	graph := pkitest.Build(t, `
		edge <- issuing <- root
		issuing~2 <- root
		expired <- stopped`,
		pkitest.With("stopped", pkitest.CA(false), pkitest.ExpiredFor(1)))
	for _, test := range []struct {
		certificate, issuer string
		want                bool
	}{
		{"edge", "issuing", true},
		{"edge", "issuing~2", false}, // the name alone
		{"edge", "root", false},      // the issuer's issuer
		{"edge", "edge", false},
		{"expired", "stopped", true}, // rights and dates are not judged
	} {
		if got := pki.SignedBy(graph.Certificate(test.certificate), graph.Certificate(test.issuer)); got != test.want {
			t.Errorf("%s by %s: %t, want %t", test.certificate, test.issuer, got, test.want)
		}
	}
}
