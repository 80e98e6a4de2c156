package examples

import (
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"crypto/sha512"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/pkitest"
	"github.com/trustplane/terraform-provider-mtls/internal/signer"
)

// recipe is the path of one of the programs that the guide shows.
func recipe(t *testing.T, name string) string {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("the programs are shell scripts")
	}
	if _, err := exec.LookPath("openssl"); err != nil {
		t.Skip("openssl is not installed")
	}
	path, err := filepath.Abs(filepath.Join("guides", "signer-programs", name))
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// signs has a command sign as it does for a certificate. The environment is that of
// env(1), so that tests need not change their own.
func signs(t *testing.T, public crypto.PublicKey, environment []string, command ...string) {
	t.Helper()
	message := []byte(strings.Repeat("to be signed ", 60))
	digest256, digest384 := sha256.Sum256(message), sha512.Sum384(message)
	input, opts := digest256[:], crypto.SHA256
	if algorithm := pki.AlgorithmOf(public); algorithm == pki.ECDSAP384 {
		input, opts = digest384[:], crypto.SHA384
	} else if algorithm == pki.Ed25519 {
		input, opts = message, 0
	}
	key := new(signer.Programs).Key(append(append([]string{"env"}, environment...), command...), public)
	// What does not verify is an error.
	if _, err := key.During(t.Context()).Sign(rand.Reader, input, opts); err != nil {
		t.Error(err)
	}
}

// The recipe for PKCS#11 signs with keys that were made in a token of SoftHSM, and
// says what the token says if the PIN is wrong.
func TestSignerProgramPKCS11(t *testing.T) {
	t.Parallel()
	program, token := recipe(t, "pkcs11.sh"), pkitest.NewToken(t)
	for _, algorithm := range []pki.KeyAlgorithm{pki.ECDSAP256, pki.ECDSAP384, pki.RSA2048, pki.Ed25519} {
		id, public := token.GenerateKey(t, algorithm)
		t.Run(string(algorithm), func(t *testing.T) {
			signs(t, public, token.Environment(), program, token.Module, token.Label, id)
		})
	}
	_, public := token.GenerateKey(t, pki.ECDSAP256)
	sum := sha256.Sum256(nil)
	wrong := append([]string{"env"}, token.Environment()[0], "PKCS11_PIN=0000", program, token.Module, token.Label, "01")
	if _, err := new(signer.Programs).Key(wrong, public).Sign(rand.Reader, sum[:], crypto.SHA256); err == nil || !strings.Contains(err.Error(), "CKR_PIN_INCORRECT") {
		t.Errorf("with a wrong PIN: %v, want the token's own words", err)
	}
}

// The recipe for a key in a file signs with OpenSSL.
func TestSignerProgramOpenSSL(t *testing.T) {
	t.Parallel()
	program := recipe(t, "openssl.sh")
	for _, algorithm := range []pki.KeyAlgorithm{pki.ECDSAP256, pki.ECDSAP384, pki.RSA2048, pki.Ed25519} {
		t.Run(string(algorithm), func(t *testing.T) {
			t.Parallel()
			key, file := keyFile(t, algorithm)
			signs(t, key.Public(), nil, program, file)
		})
	}
}

func keyFile(t *testing.T, algorithm pki.KeyAlgorithm) (crypto.Signer, string) {
	t.Helper()
	key, err := pki.GenerateKey(algorithm)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "key.pem")
	if err := os.WriteFile(file, []byte(encodedKey(t, key)), 0o600); err != nil {
		t.Fatal(err)
	}
	return key, file
}

// The services and the TPM cannot run here. In their place stand scripts that take
// the command line that the vendor documents, refuse any other, and sign with
// OpenSSL in the form that the vendor gives: what is tested are the recipes, and not
// the vendors.
func TestSignerProgramsOfServices(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		standins   map[string]string
		arguments  []string
		algorithms []pki.KeyAlgorithm
	}{
		"aws-kms.sh": {
			map[string]string{"aws": `
[ "$1 $2 $3 $4" = "kms sign --key-id alias/root" ] && [ "$7 $8" = "--message-type DIGEST" ] || exit 9
[ "${11} ${12} ${13} ${14}" = "--query Signature --output text" ] || exit 9
case ${10} in ECDSA_SHA_256|ECDSA_SHA_384) ;; RSASSA_PKCS1_V1_5_SHA_256) ;; *) exit 9 ;; esac
digest < "${6#fileb://}" | openssl base64 -A; echo`},
			[]string{"alias/root"}, []pki.KeyAlgorithm{pki.ECDSAP256, pki.ECDSAP384, pki.RSA2048},
		},
		"google-kms.sh": {
			map[string]string{"gcloud": `[ "$*" = "auth print-access-token" ] && echo ya29.token`, "curl": `
read -r header
[ "$header" = 'header = "Authorization: Bearer ya29.token"' ] && [ "$1 $2" = "--config -" ] || exit 9
for url; do :; done
[ "$url" = "https://cloudkms.googleapis.com/v1/projects/acme/cryptoKeyVersions/1:asymmetricSign" ] || exit 9
while [ "$1" != --data ]; do shift; done
echo "$2" | grep -q '^{"digest":{"sha[0-9]*":"[^"]*"}}$\|^{"data":"[^"]*"}$' || exit 9
printf '{\n  "signature": "%s",\n  "signatureCrc32c": "1"\n}\n' "$(echo "$2" | sed 's/.*:"\([^"]*\)".*/\1/' | openssl base64 -d -A | digest | openssl base64 -A)"`},
			[]string{"projects/acme/cryptoKeyVersions/1"}, []pki.KeyAlgorithm{pki.ECDSAP256, pki.ECDSAP384, pki.RSA2048, pki.Ed25519},
		},
		"azure-key-vault.sh": {
			map[string]string{"az": `
[ "$1 $2 $3 $4 $5 $6 $8" = "keyvault key sign --id https://acme.vault.azure.net/keys/root --algorithm --digest" ] || exit 9
[ "${10} ${11} ${12} ${13}" = "--query signature --output tsv" ] || exit 9
case $7 in ES256|ES384|RS256) ;; *) exit 9 ;; esac
printf %s "$9" | openssl base64 -d -A | digest | openssl base64 -A; echo`},
			[]string{"https://acme.vault.azure.net/keys/root"}, []pki.KeyAlgorithm{pki.ECDSAP256, pki.ECDSAP384, pki.RSA2048},
		},
		"vault-transit.sh": {
			map[string]string{"vault": `
[ "$1 $2 $4" = "write -field=signature input=-" ] && [ "$6 $7" = "signature_algorithm=pkcs1v15 marshaling_algorithm=asn1" ] || exit 9
case "$3 $5" in "transit/sign/root/sha2-256 prehashed=true"|"transit/sign/root/sha2-384 prehashed=true"|"transit/sign/root prehashed=false") ;; *) exit 9 ;; esac
echo "vault:v1:$(openssl base64 -d -A | digest | openssl base64 -A)"`},
			[]string{"transit", "root"}, []pki.KeyAlgorithm{pki.ECDSAP256, pki.ECDSAP384, pki.RSA2048, pki.Ed25519},
		},
		"tpm2.sh": {
			map[string]string{"tpm2_sign": `
[ "$1 $2 $3" = "--key-context 0x81010001 --hash-algorithm" ] && [ "$5 $7 $8 $9" = "--scheme --digest --format plain" ] || exit 9
case "$4 $6" in "sha256 ecdsa"|"sha384 ecdsa"|"sha256 rsassa") ;; *) exit 9 ;; esac
[ "${10}" = --signature ] || exit 9
digest < "${12}" > "${11}"`},
			[]string{"0x81010001"}, []pki.KeyAlgorithm{pki.ECDSAP256, pki.ECDSAP384, pki.RSA2048},
		},
	} {
		for _, algorithm := range row.algorithms {
			t.Run(name+"/"+string(algorithm), func(t *testing.T) {
				t.Parallel()
				program := recipe(t, name)
				key, file := keyFile(t, algorithm)
				folder := t.TempDir()
				for command, body := range row.standins {
					text := "#!/bin/sh\nset -eu\ndigest() { \"" + recipe(t, "openssl.sh") + "\" \"" + file + "\"; }\n" + body + "\n"
					if err := os.WriteFile(filepath.Join(folder, command), []byte(text), 0o700); err != nil {
						t.Fatal(err)
					}
				}
				signs(t, key.Public(), []string{"PATH=" + folder + string(os.PathListSeparator) + os.Getenv("PATH")}, append([]string{program}, row.arguments...)...)
			})
		}
	}
}
