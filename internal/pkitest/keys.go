package pkitest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

// Weak keys, which package pki reads but does not generate.
const (
	RSA1024   pki.KeyAlgorithm = "RSA-1024"
	ECDSAP224 pki.KeyAlgorithm = "ECDSA-P224"
)

// remembered holds the process's RSA keys by algorithm and number: tests would
// spend most of their time on making them.
var remembered sync.Map // string -> func() (*rsa.PrivateKey, error)

// rememberedKey is the process's RSA key number index of algorithm.
func rememberedKey(tb testing.TB, algorithm pki.KeyAlgorithm, index int) crypto.Signer {
	tb.Helper()
	bits, err := strconv.Atoi(strings.TrimPrefix(string(algorithm), "RSA-"))
	if err != nil {
		tb.Fatalf("pkitest: unknown key algorithm %q", algorithm)
	}
	once := sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, bits) })
	found, _ := remembered.LoadOrStore(fmt.Sprintf("%d/%d", bits, index), once)
	key, err := found.(func() (*rsa.PrivateKey, error))()
	if err != nil {
		tb.Fatalf("pkitest: %v", err)
	}
	return key
}

// freshKey makes a key that is quick to make.
func freshKey(tb testing.TB, algorithm pki.KeyAlgorithm) crypto.Signer {
	tb.Helper()
	if algorithm == ECDSAP224 {
		key, err := ecdsa.GenerateKey(elliptic.P224(), rand.Reader)
		if err != nil {
			tb.Fatalf("pkitest: %v", err)
		}
		return key
	}
	key, err := pki.GenerateKey(algorithm)
	if err != nil {
		tb.Fatalf("pkitest: %v", err)
	}
	return key
}
