package examples

import "testing"

// TestImportWritesItsConfiguration: after an import, terraform writes the
// configuration itself, and there is nothing left to change.
func TestImportWritesItsConfiguration(t *testing.T) {
	t.Parallel()
	mirror, files := newMirror(t), newFixtures(t)
	for kind, from := range map[string]string{
		"mtls_control_plane_ca":      "regional-ca-chain.pem,regional-ca-key.pem",
		"mtls_pinned_certificate":    "store.pem",
		"mtls_dataplane_certificate": "plant-chain.pem,plant-key.pem",
	} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			w := newWorkspace(t, mirror, "provider")
			w.write(t, "import.tf", "import {\n  to = "+kind+".provided\n  id = \""+from+"\"\n}\n")
			files.writeThoseNamedIn(t, w)
			w.run(t, "init")
			w.run(t, "plan", "-generate-config-out=provided.tf")
			w.run(t, "apply", "-auto-approve")
			w.wantEmptyPlan(t)
		})
	}
}
