package pki_test

import (
	"strings"
	"testing"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

// A public key of every algorithm is read back as it was written.
func TestPublicKeysAreReadBack(t *testing.T) {
	t.Parallel()
	for _, algorithm := range pki.KeyAlgorithms() {
		key, err := pki.GenerateKey(algorithm)
		if err != nil {
			t.Fatal(err)
		}
		text, err := pki.EncodePublicKey(key.Public())
		if err != nil {
			t.Fatal(err)
		}
		read, err := pki.ParsePublicKey(text)
		if err != nil || !pki.SameKey(read, key.Public()) {
			t.Errorf("%s: read %v, error %v", algorithm, read, err)
		}
	}
}

// What is no public key is named, and a private key is never repeated.
func TestWhatIsNoPublicKey(t *testing.T) {
	t.Parallel()
	key, err := pki.GenerateKey(pki.ECDSAP256)
	if err != nil {
		t.Fatal(err)
	}
	private, err := pki.EncodePrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	public, err := pki.EncodePublicKey(key.Public())
	if err != nil {
		t.Fatal(err)
	}
	x25519 := "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VuAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----\n"
	for name, row := range map[string]struct{ text, want string }{
		"nothing":     {"", "no PEM block"},
		"private key": {private, "is not a public key but a private key"},
		"two":         {public + public, "found 2 PEM blocks"},
		"X25519":      {x25519, "cannot sign"},
		"damaged":     {strings.Replace(public, "\nMFkw", "\nMFkx", 1), "PEM block 1 (PUBLIC KEY)"},
	} {
		read, err := pki.ParsePublicKey(row.text)
		if err == nil || read != nil || !strings.Contains(err.Error(), row.want) {
			t.Errorf("%s: read %v, error %v; want %q", name, read, err, row.want)
		} else if strings.Contains(err.Error(), strings.Split(private, "\n")[1]) {
			t.Errorf("%s: %q repeats the key", name, err)
		}
	}
}
