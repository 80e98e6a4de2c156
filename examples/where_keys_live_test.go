package examples

import (
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

// TestKeysLiveWhereTheGuideSays counts the private keys in the state that each
// recipe leaves, and in the plan that follows, against the guide's table.
func TestKeysLiveWhereTheGuideSays(t *testing.T) {
	t.Parallel()
	mirror := newMirror(t)
	for recipe, want := range map[string]int{
		"keys-in-state":            2, // the CA's and the data plane's
		"keys-in-a-secret-store":   0,
		"keys-on-the-node":         1, // the CA's
		"short-lived-certificates": 1, // the CA's
	} {
		t.Run(recipe, func(t *testing.T) {
			t.Parallel()
			w := newWorkspace(t, mirror, filepath.Join("guides", recipe))
			w.askForCertificate(t)
			w.run(t, "init")
			w.run(t, "apply", "-auto-approve")
			if keys := w.privateKeys(t, "terraform.tfstate"); keys != want {
				t.Errorf("%d private keys in the state, want %d", keys, want)
			}
			w.run(t, "plan", "-out=saved.tfplan")
			w.show(t, "saved.tfplan", "saved.json")
			// A saved plan holds the state that it starts from, more than once.
			if keys := w.privateKeys(t, "saved.json"); (keys > 0) != (want > 0) {
				t.Errorf("%d private keys in the plan, where the state has %d", keys, want)
			}
		})
	}
}

// askForCertificate runs what the recipe says is run on the node, word for word.
func (w *workspace) askForCertificate(t *testing.T) {
	t.Helper()
	if _, err := os.Stat(filepath.Join(w.folder, "node.sh")); err != nil {
		return
	}
	if said, err := w.command(t, "sh", "-e", "node.sh").CombinedOutput(); err != nil {
		t.Fatalf("node.sh: %v\n%s", err, said)
	}
}

func (w *workspace) privateKeys(t *testing.T, file string) int {
	t.Helper()
	return strings.Count(read(t, filepath.Join(w.folder, file)), "BEGIN PRIVATE KEY")
}

// show writes a saved plan as JSON.
func (w *workspace) show(t *testing.T, plan, file string) {
	t.Helper()
	shown, err := w.command(t, w.terraform, "show", "-json", plan).Output()
	if err != nil {
		t.Fatal(err)
	}
	w.write(t, file, string(shown))
}

// TestKeysInASecretStoreAreReplacedByTheirVersion: in one apply the new key is
// stored, read back, and has its certificates, which fit together.
func TestKeysInASecretStoreAreReplacedByTheirVersion(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t, newMirror(t), filepath.Join("guides", "keys-in-a-secret-store"))
	w.run(t, "init")
	seen := map[string]bool{}
	for _, step := range []struct {
		versions string
		newKeys  int
	}{{"{ca=1,edge=1}", 2}, {"{ca=1,edge=1}", 0}, {"{ca=1,edge=2}", 1}, {"{ca=2,edge=2}", 1}, {"{ca=3,edge=3}", 2}} {
		w.run(t, "apply", "-auto-approve", "-var=key_versions="+step.versions)
		root, edge := w.certificate(t, "mtls_control_plane_ca.root"), w.certificate(t, "mtls_dataplane_certificate.edge")
		newKeys := 0
		for name, certificate := range map[string]string{"gateway/ca": root, "gateway/edge-1": edge} {
			key := w.storedKey(t, name)
			if !seen[key] {
				newKeys++
			}
			seen[key] = true
			parsed, err := pki.ParseCertificate(certificate)
			if err != nil {
				t.Fatal(err)
			}
			if pki.SPKISHA256(parsed) != key {
				t.Errorf("%s: the certificate is not for the key that %s holds", step.versions, name)
			}
		}
		if newKeys != step.newKeys {
			t.Errorf("%s: %d new keys, want %d", step.versions, newKeys, step.newKeys)
		}
		issuer, err := pki.ParseCertificate(root)
		if err != nil {
			t.Fatal(err)
		}
		if leaf, err := pki.ParseCertificate(edge); err != nil || !pki.SignedBy(leaf, issuer) {
			t.Errorf("%s: the data plane's certificate is not signed with the CA's key (error %v)", step.versions, err)
		}
		if keys := w.privateKeys(t, "terraform.tfstate"); keys != 0 {
			t.Errorf("%s: %d private keys in the state, want none", step.versions, keys)
		}
	}
}

// certificate is the certificate_pem of a resource in the state.
func (w *workspace) certificate(t *testing.T, address string) string {
	t.Helper()
	var state struct {
		Resources []struct {
			Type, Name string
			Instances  []struct {
				Attributes struct {
					Certificate string `json:"certificate_pem"`
				}
			}
		}
	}
	if err := json.Unmarshal([]byte(read(t, filepath.Join(w.folder, "terraform.tfstate"))), &state); err != nil {
		t.Fatal(err)
	}
	for _, resource := range state.Resources {
		if resource.Type+"."+resource.Name == address {
			return resource.Instances[0].Attributes.Certificate
		}
	}
	t.Fatalf("no %s in the state", address)
	return ""
}

// storedKey is the digest of the key in a secret that the store's stand-in keeps.
func (w *workspace) storedKey(t *testing.T, name string) string {
	t.Helper()
	var kept struct {
		Secret string `json:"data_json_wo"`
	}
	file := filepath.Join(w.store, "vault_kv_secret_v2", url.PathEscape("secret/data/"+name)+".json")
	if err := json.Unmarshal([]byte(read(t, file)), &kept); err != nil {
		t.Fatal(err)
	}
	var secret struct {
		Key string `json:"private_key_pem"`
	}
	if err := json.Unmarshal([]byte(kept.Secret), &secret); err != nil {
		t.Fatal(err)
	}
	key, err := pki.ParsePrivateKey(secret.Key)
	if err != nil {
		t.Fatal(err)
	}
	return pki.SPKISHA256Of(key.Public())
}
