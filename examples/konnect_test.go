package examples

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestKonnectRotatesInOrder moves the clock to where the uploaded certificate
// is due: one apply uploads its successor, then switches the data planes, and
// leaves the old upload alone.
func TestKonnectRotatesInOrder(t *testing.T) {
	t.Parallel()
	mirror := newMirror(t)
	for _, c := range []struct{ example, due, uploads, switched string }{
		{"konnect-pinned", "8100h", "konnect_gateway_data_plane_client_certificate.edge", "kubernetes_secret_v1.edge"},
		{"konnect-pki", "87000h", "konnect_gateway_data_plane_client_certificate.root", `kubernetes_secret_v1.edge["edge-1"]`},
	} {
		t.Run(c.example, func(t *testing.T) {
			t.Parallel()
			w := newWorkspace(t, mirror, filepath.Join("guides", c.example))
			w.run(t, "init")
			w.run(t, "apply", "-auto-approve")
			w.environment = append(w.environment, clockAhead+"="+c.due)
			said, err := w.command(t, w.terraform, "apply", "-auto-approve", "-no-color").CombinedOutput()
			if err != nil {
				t.Fatalf("the rotation fails: %v\n%s", err, said)
			}
			uploaded := strings.Index(string(said), c.uploads+`["2"]: Creation complete`)
			switched := strings.Index(string(said), c.switched+": Modifying")
			if uploaded < 0 || switched < uploaded {
				t.Errorf("data planes switch before the upload:\n%s", said)
			}
			if strings.Contains(string(said), c.uploads+`["1"]: Destr`) {
				t.Errorf("the old upload is gone while data planes may present it:\n%s", said)
			}
		})
	}
}
