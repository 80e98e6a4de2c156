package e2e

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"path/filepath"
	"testing"
	"time"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

// TestPinWhoseUploadIsInAnotherState: one team owns a pin and presents it, another
// uploads what the first one's state says, and applies later, in a configuration of
// its own. With prepublish the data plane is accepted at every step; without it, it is
// refused until the other team has applied.
func TestPinWhoseUploadIsInAnotherState(t *testing.T) {
	t.Parallel()
	for _, ahead := range []string{"3s", "0s"} {
		t.Run("prepublish "+ahead, func(t *testing.T) {
			t.Parallel()
			owner := newWorkspace(t, "pin-owner", map[string]string{"prepublish": ahead, "turn": "1"})
			folder := t.TempDir()
			uploads := newWorkspace(t, "pin-uploads", map[string]string{"owner": filepath.Join(owner.folder, "terraform.tfstate"), "folder": folder})
			plane := serveGo(t, &goControlPlane{look: func() ([]*x509.Certificate, error) {
				var uploaded []*x509.Certificate
				for _, file := range uploadsIn(folder) {
					certificate, err := pki.ParseCertificate(readFile(t, file))
					if err != nil {
						return nil, err
					}
					uploaded = append(uploaded, certificate)
				}
				return uploaded, nil
			}})
			presents := func(when string, generation int64, accepted bool) {
				t.Helper()
				presented := owner.certificate(pin)
				identity, err := tls.X509KeyPair([]byte(presented.ChainPEM), []byte(presented.PrivateKeyPEM))
				if err != nil {
					t.Fatal(err)
				}
				err = reach(plane.address, identity)
				if presented.Generation != generation || (err == nil) != accepted {
					t.Errorf("%s: generation %d is presented: %v; want %d, accepted %t", when, presented.Generation, err, generation, accepted)
				}
			}
			waits := ahead != "0s"
			presentedFirst := map[bool]int64{true: 1, false: 2}[waits]

			owner.apply()
			uploads.apply()
			presents("at first", 1, true)
			owner.set("turn", "2")
			owner.apply()
			presents("after the rotation, before the uploads", presentedFirst, waits)
			uploads.apply()
			presents("after the uploads", presentedFirst, true)
			if waits {
				var nextAt time.Time
				if err := json.Unmarshal([]byte(owner.terraform("output", "-json", "next_at")), &nextAt); err != nil {
					t.Fatal(err)
				}
				waitUntil(t, nextAt)
				owner.apply()
			}
			presents("once it is presented", 2, true)
			owner.settled()
			uploads.settled()
		})
	}
}
