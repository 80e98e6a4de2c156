package examples

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestPrivateKeyIsReplacedThroughTheStore raises the version with which the key
// is stored: the CA is made anew, with the key that the store has then.
func TestPrivateKeyIsReplacedThroughTheStore(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t, newMirror(t), filepath.Join("ephemeral-resources", "mtls_private_key"))
	w.run(t, "init")
	w.run(t, "apply", "-auto-approve")
	before := w.fingerprint(t, "mtls_control_plane_ca.issuing")
	file := filepath.Join(w.folder, "ephemeral-resource.tf")
	configuration := read(t, file)
	w.write(t, filepath.Base(file), strings.Replace(configuration, "data_json_wo_version = 1", "data_json_wo_version = 2", 1))
	w.run(t, "apply", "-auto-approve")
	if after := w.fingerprint(t, "mtls_control_plane_ca.issuing"); after == before {
		t.Errorf("the CA still is the one of the old key: %s", after)
	}
	w.wantEmptyPlan(t)
	state, err := os.ReadFile(filepath.Join(w.folder, "terraform.tfstate"))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(state), "PRIVATE KEY") {
		t.Error("the state holds a private key")
	}
}
