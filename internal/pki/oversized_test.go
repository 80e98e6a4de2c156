package pki_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"encoding/pem"
	"math/big"
	"strings"
	"testing"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/pkitest"
)

// longRSA is a public key of so many bits that nobody has the private half of.
func longRSA(bits uint) crypto.PublicKey {
	modulus := new(big.Int).Lsh(big.NewInt(1), bits-1)
	return &rsa.PublicKey{N: modulus.SetBit(modulus, 0, 1), E: 65537}
}

// certificateFor is a certificate for key, and requestFor a request, whose
// signature is none.
func certificateFor(tb testing.TB, key crypto.PublicKey) string {
	tb.Helper()
	ca := pkitest.Build(tb, "edge <- ca")
	der, err := x509.CreateCertificate(rand.Reader, ca.Certificate("edge"), ca.Certificate("ca"), key, ca.Key("ca"))
	if err != nil {
		tb.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}

func requestFor(tb testing.TB, key crypto.PublicKey) string {
	tb.Helper()
	public, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		tb.Fatal(err)
	}
	der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{}, pkitest.Build(tb, "edge").Key("edge"))
	if err != nil {
		tb.Fatal(err)
	}
	var request struct {
		Asked struct {
			Version              int
			Subject, Key, Others asn1.RawValue
		}
		Algorithm, Signature asn1.RawValue
	}
	if _, err := asn1.Unmarshal(der, &request); err != nil {
		tb.Fatal(err)
	}
	request.Asked.Key = asn1.RawValue{FullBytes: public}
	if der, err = asn1.Marshal(request); err != nil {
		tb.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: der}))
}

// TestOversizedKeysAreRefused, before any signature is checked with them.
func TestOversizedKeysAreRefused(t *testing.T) {
	const want = "has an RSA key of 16385 bits; TLS peers accept at most 16384"
	most, over := longRSA(16384), longRSA(16385)
	if _, err := pki.ParseCertificates(certificateFor(t, most)); err != nil {
		t.Errorf("certificate: %v", err)
	}
	if _, err := pki.ParseCertificates(certificateFor(t, over)); err == nil || !strings.HasSuffix(err.Error(), want) {
		t.Errorf("certificate: error %v, want %s", err, want)
	}
	if _, err := pki.ParseCSR(requestFor(t, most)); err != nil {
		t.Errorf("request: %v", err)
	}
	if _, err := pki.ParseCSR(requestFor(t, over)); err == nil || !strings.HasSuffix(err.Error(), want) {
		t.Errorf("request: error %v, want %s", err, want)
	}
}
