package pki_test

import (
	"crypto"
	"crypto/ecdh"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/pkitest"
)

func TestPrivateKeyRoundTrip(t *testing.T) {
	for _, algorithm := range pki.KeyAlgorithms() {
		t.Run(string(algorithm), func(t *testing.T) {
			key, err := pki.GenerateKey(algorithm)
			if err != nil {
				t.Fatal(err)
			}
			text := privateKeyPEM(t, key)
			again, err := pki.ParsePrivateKey(text)
			if err != nil {
				t.Fatal(err)
			}
			if !pki.SameKey(again.Public(), key.Public()) {
				t.Error("the key read is not the key written")
			}
			if privateKeyPEM(t, again) != text {
				t.Error("the key read is written otherwise")
			}
			if block, _ := pem.Decode([]byte(text)); block.Type != "PRIVATE KEY" {
				t.Errorf("label %q, want that of PKCS#8", block.Type)
			}
		})
	}
}

// TestPrivateKeysOfOpenSSL: every form in which openssl writes a key is read,
// and openssl reads what is written here.
func TestPrivateKeysOfOpenSSL(t *testing.T) {
	for name, test := range map[string]struct {
		command string
		begins  string
		want    pki.KeyAlgorithm
	}{
		"PKCS#8, RSA":              {"genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048", "-----BEGIN PRIVATE KEY-----", pki.RSA2048},
		"PKCS#8, P-256":            {"genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256", "-----BEGIN PRIVATE KEY-----", pki.ECDSAP256},
		"PKCS#8, Ed25519":          {"genpkey -algorithm ED25519", "-----BEGIN PRIVATE KEY-----", pki.Ed25519},
		"PKCS#1":                   {"genrsa -traditional 2048", "-----BEGIN RSA PRIVATE KEY-----", pki.RSA2048},
		"SEC 1":                    {"ecparam -name secp384r1 -genkey -noout", "-----BEGIN EC PRIVATE KEY-----", pki.ECDSAP384},
		"SEC 1 behind parameters":  {"ecparam -name secp521r1 -genkey", "-----BEGIN EC PARAMETERS-----", pki.ECDSAP521},
		"a weak one, not judged":   {"genrsa -traditional 1024", "-----BEGIN RSA PRIVATE KEY-----", pkitest.RSA1024},
		"a small one, not judged ": {"ecparam -name secp224r1 -genkey -noout", "-----BEGIN EC PRIVATE KEY-----", pkitest.ECDSAP224},
	} {
		t.Run(name, func(t *testing.T) {
			text := openssl(t, "", strings.Fields(test.command)...)
			if !strings.HasPrefix(text, test.begins) {
				t.Fatalf("openssl wrote %.40q, not the form that this test is about", text)
			}
			key, err := pki.ParsePrivateKey(text)
			if err != nil {
				t.Fatal(err)
			}
			if got := pki.AlgorithmOf(key.Public()); got != test.want {
				t.Errorf("algorithm %s, want %s", got, test.want)
			}
			if got, want := publicKeyPEM(t, key.Public()), openssl(t, privateKeyPEM(t, key), "pkey", "-pubout"); got != want {
				t.Errorf("openssl reads another public key\n%s, want\n%s", want, got)
			}
		})
	}
}

func TestPrivateKeysThatAreRefused(t *testing.T) {
	graph := pkitest.Build(t, "edge")
	key := privateKeyPEM(t, graph.Key("edge"))
	ecdhKey, err := ecdh.X25519().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	x25519, err := x509.MarshalPKCS8PrivateKey(ecdhKey)
	if err != nil {
		t.Fatal(err)
	}
	parameters := openssl(t, "", "ecparam", "-name", "prime256v1")

	for name, test := range map[string]struct{ text, want string }{
		"two of them":        {key + key, "expected one private key, found more: PEM blocks 1 and 2"},
		"a certificate":      {graph.PEM("edge"), "PEM block 1 (CERTIFICATE) is not a private key but a certificate"},
		"a certificate, too": {key + graph.PEM("edge"), "PEM block 2 (CERTIFICATE) is not a private key but a certificate"},
		"parameters alone":   {parameters, "PEM block 1 (EC PARAMETERS) contains only the parameters of a key, not a private key"},
		"its public half":    {publicKeyPEM(t, graph.Key("edge").Public()), "PEM block 1 (PUBLIC KEY) is not a private key but a public key"},
		"OpenSSH's form":     {pemBlock("OPENSSH PRIVATE KEY", []byte("anything")), "PEM block 1 (OPENSSH PRIVATE KEY) is not a private key in PEM that TLS programs read, but one in OpenSSH format: ssh-keygen -p -m PKCS8 -f FILE rewrites the file (for Ed25519, OpenSSH 9.6 or later does); of a tls_private_key, use private_key_pem"},
		"bytes of no key":    {pemBlock("PRIVATE KEY", []byte("anything")), "PEM block 1 (PRIVATE KEY) is not a valid private key"},
		"behind parameters":  {parameters + pemBlock("EC PRIVATE KEY", []byte("anything")), "PEM block 2 (EC PRIVATE KEY) is not a valid private key"},
		"a key to agree":     {pemBlock("PRIVATE KEY", x25519), "PEM block 1 (PRIVATE KEY) holds an X25519 key, which cannot sign; RSA, ECDSA on P-256, P-384 or P-521, or Ed25519 is meant"},
		"a path":             {"~/edge.key", "no PEM block: the value looks like a file path; read the file with file(...)"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := pki.ParsePrivateKey(test.text)
			if err == nil || err.Error() != test.want {
				t.Errorf("error\n  %v\nwant\n  %s", err, test.want)
			}
			if got != nil {
				t.Error("a key comes with the error")
			}
		})
	}
}

// TestEncryptedPrivateKeys: a passphrase has no place in a configuration.
func TestEncryptedPrivateKeys(t *testing.T) {
	for name, command := range map[string]string{
		"PKCS#8":             "genpkey -algorithm ED25519 -aes256 -pass pass:secret",
		"PKCS#1 of RFC 1421": "genrsa -traditional -aes256 -passout pass:secret 2048",
	} {
		t.Run(name, func(t *testing.T) {
			key, err := pki.ParsePrivateKey(openssl(t, "", strings.Fields(command)...))
			if !errors.Is(err, pki.ErrEncryptedKey) || key != nil {
				t.Errorf("key %v, error %v, want ErrEncryptedKey", key != nil, err)
			}
		})
	}
}

func TestKeysThatCannotBeWritten(t *testing.T) {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if text, err := pki.EncodePrivateKey(&key); err == nil || text != "" || err.Error() != "a private key of type *ed25519.PrivateKey cannot be written" {
		t.Errorf("text %q, error %v", text, err)
	}
	if text, err := pki.EncodePublicKey("a key"); err == nil || text != "" || err.Error() != "a public key of type string cannot be written" {
		t.Errorf("text %q, error %v", text, err)
	}
}

func TestSameKey(t *testing.T) {
	graph := pkitest.Build(t, "a\nb", pkitest.With("b", pkitest.Algorithm(pki.Ed25519)))
	a, b := graph.Key("a").Public(), graph.Key("b").Public()
	if !pki.SameKey(a, a) || pki.SameKey(a, b) || pki.SameKey(b, a) || pki.SameKey(nil, a) || pki.SameKey(a, nil) {
		t.Error("keys are one exactly when they are equal")
	}
}

// TestErrorsHoldNoKeyMaterial: whatever is done to a key's text, no error of
// any parser quotes eight characters of it in a row.
func TestErrorsHoldNoKeyMaterial(t *testing.T) {
	texts := keyTexts(t)
	rapid.Check(t, func(t *rapid.T) {
		original := rapid.SampledFrom(texts).Draw(t, "key")
		damaged := damage(t, original)
		for name, err := range parseAll(damaged) {
			if err == nil {
				continue
			}
			if run, found := quotedRun(err.Error(), original); found {
				t.Errorf("%s: the error quotes %q of the key: %v", name, run, err)
			}
		}
	})
}

// damage changes a text in one of the ways that happen to keys in transit.
func damage(t *rapid.T, text string) string {
	switch rapid.IntRange(0, 7).Draw(t, "damage") {
	case 0: // a part
		from := rapid.IntRange(0, len(text)).Draw(t, "from")
		return text[from:rapid.IntRange(from, len(text)).Draw(t, "to")]
	case 1: // one character
		at := rapid.IntRange(0, len(text)-1).Draw(t, "at")
		return text[:at] + rapid.StringN(0, 3, -1).Draw(t, "instead") + text[at+1:]
	case 2: // its lines joined
		return strings.ReplaceAll(text, "\n", rapid.SampledFrom([]string{"", " ", `\n`, "\r", "\t"}).Draw(t, "joint"))
	case 3: // its lines joined, and the marks' hyphens lost
		return strings.ReplaceAll(strings.ReplaceAll(text, "\n", " "), "KEY-----", "KEY")
	case 4: // indented
		return "  " + strings.ReplaceAll(text, "\n", "\n  ")
	case 5: // under another label
		label := rapid.SampledFrom([]string{"CERTIFICATE", "CERTIFICATE REQUEST", "X509 CRL", "RSA PRIVATE KEY", "EC PRIVATE KEY", "PRIVATE KEY", "PGP MESSAGE"}).Draw(t, "label")
		block, _ := pem.Decode([]byte(text))
		return pemBlock(label, block.Bytes)
	case 6: // twice
		return text + text
	default: // without its marks
		block, _ := pem.Decode([]byte(text))
		return base64.StdEncoding.EncodeToString(block.Bytes)
	}
}

// parseAll gives text to every parser and collects their errors.
func parseAll(text string) map[string]error {
	found := map[string]error{}
	_, found["ParsePrivateKey"] = pki.ParsePrivateKey(text)
	_, found["ParseCertificate"] = pki.ParseCertificate(text)
	_, found["ParseCertificates"] = pki.ParseCertificates(text)
	_, found["ParseCSR"] = pki.ParseCSR(text)
	_, found["ParseRevocationLists"] = pki.ParseRevocationLists(text)
	return found
}

// quotedRun finds eight characters of a key's base64 in a message.
func quotedRun(message, key string) (string, bool) {
	block, _ := pem.Decode([]byte(key))
	secret := base64.StdEncoding.EncodeToString(block.Bytes)
	for i := range len(secret) - 8 {
		if strings.Contains(message, secret[i:i+8]) {
			return secret[i : i+8], true
		}
	}
	return "", false
}

// keyTexts is one text for each form of a private key.
func keyTexts(t *testing.T) []string {
	t.Helper()
	var texts []string
	for _, algorithm := range []pki.KeyAlgorithm{pki.ECDSAP256, pki.RSA2048, pki.Ed25519} {
		key, err := pki.GenerateKey(algorithm)
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, privateKeyPEM(t, key))
	}
	file := filepath.Join(t.TempDir(), "key.pem")
	openssl(t, texts[1], "pkey", "-traditional", "-out", file)
	return append(texts, openssl(t, "", "pkey", "-traditional", "-in", file), openssl(t, texts[0], "ec"))
}

func pemBlock(label string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: label, Bytes: der}))
}

func privateKeyPEM(tb testing.TB, key crypto.Signer) string {
	tb.Helper()
	text, err := pki.EncodePrivateKey(key)
	if err != nil {
		tb.Fatal(err)
	}
	return text
}

func publicKeyPEM(tb testing.TB, key crypto.PublicKey) string {
	tb.Helper()
	text, err := pki.EncodePublicKey(key)
	if err != nil {
		tb.Fatal(err)
	}
	return text
}
