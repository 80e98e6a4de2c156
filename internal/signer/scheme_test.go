package signer

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"slices"
	"strings"
	"testing"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

// A signature may end with the bytes of a line's end: one in 256 that a program
// writes as a line ends with a carriage return.
func TestSignatureMayEndAsALineDoes(t *testing.T) {
	t.Parallel()
	for _, signature := range []string{"signature", "signature\r", "signature\n", "signature\r\n"} {
		for _, end := range []string{"", "\n", "\r\n"} {
			is := func(candidate []byte) bool { return bytes.Equal(candidate, []byte(signature)) }
			if all := unwrapped([]byte(signature + end)); !slices.ContainsFunc(all, is) {
				t.Errorf("%q written with the end %q is read as %q only", signature, end, all)
			}
		}
	}
}

// FuzzOutput: nothing that a program writes makes the reading of it panic, or is
// taken for a signature that it is not, or is repeated in what is said of it.
func FuzzOutput(f *testing.F) {
	digest := sha256.Sum256([]byte("what is signed"))
	var keys []crypto.Signer
	var schemes []scheme
	for _, algorithm := range []pki.KeyAlgorithm{pki.ECDSAP256, pki.RSA2048, pki.Ed25519} {
		key, err := pki.GenerateKey(algorithm)
		if err != nil {
			f.Fatal(err)
		}
		options := crypto.SignerOpts(crypto.SHA256)
		if algorithm == pki.Ed25519 {
			options = crypto.Hash(0)
		}
		scheme, err := schemeOf(key.Public(), options)
		if err != nil {
			f.Fatal(err)
		}
		signature, err := key.Sign(rand.Reader, digest[:], options)
		if err != nil {
			f.Fatal(err)
		}
		keys, schemes = append(keys, key), append(schemes, scheme)
		f.Add(signature)
		f.Add([]byte(base64.StdEncoding.EncodeToString(signature) + "\n"))
	}
	f.Add([]byte("-----BEGIN PRIVATE KEY-----\n"))
	f.Fuzz(func(t *testing.T, output []byte) {
		for i, key := range keys {
			signature, fault := schemes[i].read(key.Public(), digest[:], output)
			if (signature == nil) == (fault == "") || signature != nil && !schemes[i].verify(key.Public(), digest[:], signature) {
				t.Fatalf("read as the signature %x, and the fault %q", signature, fault)
			}
			if len(output) > 12 && strings.Contains(fault, string(output)) {
				t.Fatalf("the fault repeats the output: %q", fault)
			}
		}
	})
}
