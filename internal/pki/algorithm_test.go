package pki_test

import (
	"crypto"
	"crypto/dsa"
	"testing"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/pkitest"
)

// TestAlgorithms: a key is of the algorithm that it was asked in, and only a
// key that TLS peers take is strong.
func TestAlgorithms(t *testing.T) {
	for _, test := range []struct {
		algorithm pki.KeyAlgorithm
		weak      string
	}{
		{pki.ECDSAP256, ""},
		{pki.ECDSAP384, ""},
		{pki.ECDSAP521, ""},
		{pki.RSA2048, ""},
		{pki.RSA3072, ""},
		{pki.RSA4096, ""},
		{pki.Ed25519, ""},
		{pkitest.RSA1024, "its RSA key has 1024 bits; the minimum is 2048"},
		{pkitest.ECDSAP224, "its key is on the curve P-224; the minimum is P-256"},
	} {
		t.Run(string(test.algorithm), func(t *testing.T) {
			key := pkitest.Build(t, "edge", pkitest.With("edge", pkitest.Algorithm(test.algorithm))).Key("edge").Public()
			if got := pki.AlgorithmOf(key); got != test.algorithm {
				t.Errorf("algorithm %s", got)
			}
			if got := textOf(pki.CheckKeyStrength(key)); got != test.weak {
				t.Errorf("weakness %q, want %q", got, test.weak)
			}
		})
	}
}

func TestKeysOfOtherKinds(t *testing.T) {
	for _, key := range []crypto.PublicKey{nil, "a key", &dsa.PublicKey{}} {
		if got := pki.AlgorithmOf(key); got != "unknown" {
			t.Errorf("%T: algorithm %s", key, got)
		}
		if got, want := textOf(pki.CheckKeyStrength(key)), "its key is neither RSA, ECDSA nor Ed25519"; got != want {
			t.Errorf("%T: weakness %q, want %q", key, got, want)
		}
	}
}

func TestGenerateKey(t *testing.T) {
	key, err := pki.GenerateKey("")
	if err != nil || pki.AlgorithmOf(key.Public()) != pki.KeyAlgorithms()[0] {
		t.Errorf("the zero algorithm makes %v, error %v, want the first of the list", key, err)
	}
	another, err := pki.GenerateKey("")
	if err != nil || pki.SameKey(key.Public(), another.Public()) {
		t.Errorf("two keys are one, error %v", err)
	}
	if key, err := pki.GenerateKey("RSA-1024"); key != nil || err == nil || err.Error() != `unknown key algorithm "RSA-1024"` {
		t.Errorf("key %v, error %v", key, err)
	}
}

// textOf is an error's text; empty for none.
func textOf(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
