package provider

import (
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509/pkix"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/trustplane/terraform-provider-mtls/internal/issue"
	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/pkitest"
	"github.com/trustplane/terraform-provider-mtls/internal/signer"
)

// A tokenCA is a CA whose private key was made in a token of SoftHSM.
type tokenCA struct {
	command []string
	key     *signer.Key
	issuer  written
}

func newTokenCA(t *testing.T, algorithm pki.KeyAlgorithm, now time.Time) *tokenCA {
	t.Helper()
	token := pkitest.NewToken(t)
	recipe, err := filepath.Abs(filepath.Join("..", "..", "examples", "guides", "signer-programs", "pkcs11.sh"))
	if err != nil {
		t.Fatal(err)
	}
	id, public := token.GenerateKey(t, algorithm)
	ca := &tokenCA{command: append(append([]string{"env"}, token.Environment()...), recipe, token.Module, token.Label, id)}
	programs := new(signer.Programs)
	programs.Limit(signer.Limits{AtOnce: 1})
	ca.key = programs.Key(ca.command, public)
	root, err := issue.Issue(t.Context(), issue.Request{Profile: issue.ControlPlaneCA, Subject: pkix.Name{CommonName: "Token"}, Key: ca.key}, nil, now)
	if err != nil {
		t.Fatal(err)
	}
	ca.issuer = written{"certificate_pem": pki.EncodeCertificates(root.Certificate), "signer_command": ca.command}
	return ca
}

// A set of 500 is signed by the token, each node by the CA's key. The time is printed
// beside that of 500 runs of the program with as many at once, which is what nobody
// can be faster than.
func TestSetOfFiveHundredIsSignedByTheToken(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the program of a token a thousand times: not in -short")
	}
	const size = 500
	f := newFleet(t)
	ca := newTokenCA(t, pki.ECDSAP256, f.clock.Now())
	// Where several log in at once, SoftHSM 2.6 does not find its token now and then:
	// the setting is for that.
	kind := tftypes.Object{AttributeTypes: map[string]tftypes.Type{"signer_timeout": tftypes.String, "signer_concurrency": tftypes.Number}}
	one, err := tfprotov6.NewDynamicValue(kind, valueOf(kind, written{"signer_timeout": "60s", "signer_concurrency": 1}))
	if err != nil {
		t.Fatal(err)
	}
	if answer, err := f.server.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{Config: &one}); err != nil || len(answer.Diagnostics) > 0 {
		t.Fatalf("configuring the provider: %v %v", err, answer)
	}
	config := setting(f.set(size), "issuer", ca.issuer)
	begun := time.Now()
	state := f.create(t, kindSet, config, "issuer")
	whole := time.Since(begun)
	root, err := pki.ParseCertificate(ca.issuer["certificate_pem"].(string))
	if err != nil {
		t.Fatal(err)
	}
	chains := textsOf(t, state, "chains_pem")
	for name, chain := range chains {
		certificates, err := pki.ParseCertificates(chain)
		if err != nil {
			t.Fatal(err)
		}
		if !pki.SignedBy(certificates[0], root) {
			t.Errorf("%s was not signed by the token", name)
		}
	}
	if len(chains) != size {
		t.Errorf("%d certificates were issued, want %d", len(chains), size)
	}
	begun = time.Now()
	runAtOnce(t, ca, size)
	t.Logf("a set of %d signed by the token: %s; %d runs of its program, %d at once: %s", size, whole.Round(time.Millisecond), size, ca.key.AtOnce(), time.Since(begun).Round(time.Millisecond))
}

// runAtOnce signs so many times, with as many programs at once as the provider runs.
func runAtOnce(t *testing.T, ca *tokenCA, times int) {
	t.Helper()
	var all sync.WaitGroup
	for range times {
		all.Go(func() {
			sum := sha256.Sum256([]byte(rand.Text()))
			if _, err := ca.key.Sign(rand.Reader, sum[:], crypto.SHA256); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
}

// With every kind of key that the token has, it signs a leaf, an intermediate, a
// list and an ephemeral leaf; and neither PIN nor command comes into a state but that
// of the CA's own resource.
func TestTokenSignsEverything(t *testing.T) {
	t.Parallel()
	for _, algorithm := range []pki.KeyAlgorithm{pki.ECDSAP256, pki.ECDSAP384, pki.RSA2048, pki.Ed25519} {
		t.Run(string(algorithm), func(t *testing.T) {
			t.Parallel()
			f := newFleet(t)
			ca := newTokenCA(t, algorithm, f.clock.Now())
			for kind, config := range map[string]written{
				kindLeaf:               {"subject": written{"common_name": "edge"}, "issuer": ca.issuer},
				kindCA:                 {"subject": written{"common_name": "Issuing"}, "issuer": ca.issuer},
				"mtls_revocation_list": {"issuer": ca.issuer, "revoked": []any{written{"serial_number": "0a"}}},
			} {
				m := newManaged(t, kind, f.clock)
				m.must(t, config)
				text, err := json.Marshal(fmt.Sprint(m.state))
				if err != nil {
					t.Fatal(err)
				}
				if strings.Contains(string(text), "PKCS11_PIN") {
					t.Errorf("%s: the command is in the state of what it signed", kind)
				}
			}
		})
	}
}
