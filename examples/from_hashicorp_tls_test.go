package examples

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

// TestFromHashicorpTLS applies the guide's configuration to a state that
// hashicorp/tls has left: the CA has to stay what it was.
func TestFromHashicorpTLS(t *testing.T) {
	t.Parallel()
	files := newFixtures(t)
	w := newWorkspace(t, newMirror(t), filepath.Join("guides", "from-hashicorp-tls"))
	w.write(t, "terraform.tfstate", stateOfHashicorpTLS(t, files))
	w.run(t, "init")
	w.run(t, "apply", "-auto-approve")
	w.wantEmptyPlan(t)

	root, err := pki.ParseCertificate(files["corporate-ca.pem"])
	if err != nil {
		t.Fatal(err)
	}
	if got := w.fingerprint(t, "mtls_control_plane_ca.root"); !strings.Contains(got, pki.FingerprintSHA256(root)) {
		t.Errorf("the CA was %s and is %s", pki.FingerprintSHA256(root), got)
	}
	left, err := w.command(t, w.terraform, "state", "list").Output()
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(left), "tls_private_key") || strings.Contains(string(left), "tls_locally_signed_cert") {
		t.Errorf("the state still holds\n%s", left)
	}
}

// stateOfHashicorpTLS is a state as an apply with hashicorp/tls writes it, with
// the attributes that its resources have in common with their stand-ins.
func stateOfHashicorpTLS(t *testing.T, files fixtures) string {
	t.Helper()
	instance := func(kind, name string, attributes map[string]string) map[string]any {
		return map[string]any{
			"mode": "managed", "type": kind, "name": name, "provider": `provider["registry.terraform.io/hashicorp/tls"]`,
			"instances": []any{map[string]any{"schema_version": 0, "attributes": attributes}},
		}
	}
	text, err := json.Marshal(map[string]any{
		"version": 4, "terraform_version": "1.11.0", "serial": 1, "lineage": "4fdbd3a4-6a0e-4b2c-9d5e-2f6d3a3a8c11", "outputs": map[string]any{},
		"resources": []any{
			instance("tls_private_key", "root", map[string]string{"id": "1", "private_key_pem": files["corporate-ca-key.pem"]}),
			instance("tls_self_signed_cert", "root", map[string]string{"id": "2", "cert_pem": files["corporate-ca.pem"], "private_key_pem": files["corporate-ca-key.pem"]}),
			instance("tls_locally_signed_cert", "edge", map[string]string{"id": "3", "cert_pem": files["store.pem"]}),
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
