package pkitest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

// A Token is a PKCS#11 token of SoftHSM 2, an HSM in software, whose keys were
// made in it.
type Token struct {
	Module string // the path of SoftHSM's PKCS#11 module
	Label  string
	PIN    string
	Config string // of SoftHSM, for SOFTHSM2_CONF
	keys   int
}

// NewToken initialises a token in a folder of the test. The test is skipped where
// SoftHSM 2 or pkcs11-tool is not installed.
func NewToken(tb testing.TB) *Token {
	tb.Helper()
	token := &Token{Label: "acme", PIN: "4321", Config: filepath.Join(tb.TempDir(), "softhsm2.conf")}
	for _, name := range []string{"/usr/lib/softhsm/libsofthsm2.so", "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so", "/usr/lib64/pkcs11/libsofthsm2.so", "/opt/homebrew/lib/softhsm/libsofthsm2.so"} {
		if _, err := os.Stat(name); err == nil && token.Module == "" {
			token.Module = name
		}
	}
	for _, program := range []string{"softhsm2-util", "pkcs11-tool"} {
		if _, err := exec.LookPath(program); err != nil || token.Module == "" {
			tb.Skipf("SoftHSM 2 and pkcs11-tool (packages softhsm2, opensc) are not installed: %v", err)
		}
	}
	text := "directories.tokendir = " + filepath.Dir(token.Config) + "\nobjectstore.backend = file\nlog.level = ERROR\n"
	if err := os.WriteFile(token.Config, []byte(text), 0o600); err != nil {
		tb.Fatal(err)
	}
	token.run(tb, "softhsm2-util", "--init-token", "--free", "--label", token.Label, "--so-pin", "12345678", "--pin", token.PIN)
	return token
}

// Environment is what pkcs11-tool and its module need, and the PIN as PKCS11_PIN.
func (t *Token) Environment() []string {
	return []string{"SOFTHSM2_CONF=" + t.Config, "PKCS11_PIN=" + t.PIN}
}

func (t *Token) run(tb testing.TB, program string, arguments ...string) []byte {
	tb.Helper()
	command := exec.CommandContext(tb.Context(), program, arguments...)
	command.Env = append(os.Environ(), t.Environment()...)
	output, err := command.Output()
	if err != nil {
		tb.Fatalf("%s %v: %v\n%s", program, arguments, err, output)
	}
	return output
}

func (t *Token) tool(tb testing.TB, arguments ...string) []byte {
	tb.Helper()
	return t.run(tb, "pkcs11-tool", append([]string{"--module", t.Module, "--token-label", t.Label, "--login", "--pin", "env:PKCS11_PIN"}, arguments...)...)
}

// GenerateKey makes a key in the token, and returns its ID in hex and its public
// half.
func (t *Token) GenerateKey(tb testing.TB, algorithm pki.KeyAlgorithm) (id string, public crypto.PublicKey) {
	tb.Helper()
	kind, known := map[pki.KeyAlgorithm]string{
		pki.ECDSAP256: "EC:prime256v1", pki.ECDSAP384: "EC:secp384r1", pki.RSA2048: "rsa:2048", pki.RSA3072: "rsa:3072", pki.Ed25519: "EC:edwards25519",
	}[algorithm]
	if !known {
		tb.Fatalf("no kind of key in PKCS#11 for %s", algorithm)
	}
	t.keys++
	id = fmt.Sprintf("%02x", t.keys)
	t.tool(tb, "--keypairgen", "--key-type", kind, "--id", id, "--label", "key-"+strconv.Itoa(t.keys))
	return id, t.publicKey(tb, id, algorithm)
}

// publicKey reads the public half of a key. OpenSC 0.23 gives that of an elliptic
// curve other than P-256 only as a point.
func (t *Token) publicKey(tb testing.TB, id string, algorithm pki.KeyAlgorithm) crypto.PublicKey {
	tb.Helper()
	curve := map[pki.KeyAlgorithm]elliptic.Curve{pki.ECDSAP256: elliptic.P256(), pki.ECDSAP384: elliptic.P384()}[algorithm]
	if curve == nil && algorithm != pki.Ed25519 {
		file := filepath.Join(tb.TempDir(), "public.der")
		t.tool(tb, "--read-object", "--type", "pubkey", "--id", id, "--output-file", file)
		der, err := os.ReadFile(file)
		if err != nil {
			tb.Fatal(err)
		}
		key, err := pki.ParsePublicKey(publicPEM(der))
		if err != nil {
			tb.Fatal(err)
		}
		return key
	}
	point := regexp.MustCompile(`EC_POINT: +04..([0-9a-f]+)\n(?:  .*\n)*?  ID: +` + id + `\n`)
	found := point.FindSubmatch(t.tool(tb, "--list-objects", "--type", "pubkey"))
	if found == nil {
		tb.Fatal("the token shows no public key")
	}
	bytes, err := hex.DecodeString(string(found[1]))
	if err != nil {
		tb.Fatal(err)
	}
	if curve == nil {
		return ed25519.PublicKey(bytes)
	}
	key, err := ecdsa.ParseUncompressedPublicKey(curve, bytes)
	if err != nil {
		tb.Fatal(err)
	}
	return key
}

func publicPEM(der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
}
