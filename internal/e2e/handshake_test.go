package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/trustplane/terraform-provider-mtls/internal/nginxtest"
	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

// TestHandshakesProveWithdrawals: what the provider issues is accepted by the
// living server until the upload is withdrawn, and refused from then on; each is
// proved by a plan of a configuration that manages nothing.
func TestHandshakesProveWithdrawals(t *testing.T) {
	t.Parallel()
	nginxtest.Need(t)
	deployed := newWorkspace(t, "handshake", nil)
	deployed.apply()
	made, err := deployed.certificates()
	if err != nil {
		t.Fatal(err)
	}
	root, other := made["mtls_control_plane_ca.root"].CertificatePEM, made["mtls_control_plane_ca.other"].CertificatePEM
	edge, control := made["mtls_dataplane_certificate.edge"], made["mtls_dataplane_certificate.control"]
	accepted, refused := 0, 0
	for _, mode := range []struct {
		verifier                          string
		settings                          func(uploaded string) string
		before, after, says, inPrediction string
	}{
		{"kong_hybrid_pki", func(string) string { return nginxtest.KongPKI("uploads.pem") }, root, other, "HTTP 400: The SSL certificate error", "issuer_missing"},
		{"kong_hybrid_shared", comparingClients, edge.CertificatePEM, other, "closed without an answer", "not_the_pinned_certificate"},
	} {
		prove := newWorkspace(t, "prove", map[string]string{"verifier": mode.verifier})
		prove.write("edge.pem", edge.ChainPEM)
		prove.write("edge.key", edge.PrivateKeyPEM)
		prove.write("root.pem", root)
		plan := func(uploaded, expect string) (string, error) {
			prove.write("uploaded.pem", uploaded)
			prove.set("expect", expect)
			return prove.try("plan", "-input=false")
		}

		server := runListener(t, prove, control, mode.settings, mode.before)
		if printed, err := plan(mode.before, "accepted"); err != nil {
			t.Errorf("%s: %v\n%s", mode.verifier, err, printed)
		}
		if printed, err := plan(mode.before, "refused"); err == nil || !strings.Contains(printed, "Certificate not refused") {
			t.Errorf("%s: an accepted certificate passes for refused: %v\n%s", mode.verifier, err, printed)
		}
		server.Stop()

		server = runListener(t, prove, control, mode.settings, mode.after)
		if printed, err := plan(mode.after, "refused"); err != nil {
			t.Errorf("%s: %v\n%s", mode.verifier, err, printed)
		}
		printed, err := plan(mode.after, "accepted")
		if err == nil || !strings.Contains(printed, "Certificate refused") || !strings.Contains(printed, mode.says) || !strings.Contains(printed, mode.inPrediction) {
			t.Errorf("%s: %v, want %q and %q\n%s", mode.verifier, err, mode.says, mode.inPrediction, printed)
		}
		// Whoever still believes in the upload is shown both.
		if printed, err := plan(mode.before, "accepted"); err == nil || !strings.Contains(printed, "PREDICTION AND SERVER DISAGREE") || !strings.Contains(printed, mode.says) {
			t.Errorf("%s: the disagreement is not shown: %v\n%s", mode.verifier, err, printed)
		}
		server.Stop()
		printed, err = plan(mode.after, "refused")
		if err == nil || !strings.Contains(printed, "Server not reached") {
			t.Errorf("%s: a server that is gone proves a withdrawal: %v\n%s", mode.verifier, err, printed)
		}
		accepted, refused = accepted+2, refused+3
	}
	fmt.Fprintf(os.Stdout, "handshakes through terraform: %d accepted, %d refused, 2 not reached\n", accepted, refused)
}

// runListener runs nginx on a port of the loopback interface, which becomes the
// workspace's address.
func runListener(t *testing.T, w *workspace, control certificate, settings func(uploaded string) string, uploaded string) *nginxtest.Server {
	t.Helper()
	folder, addresses := t.TempDir(), nginxtest.FreeAddresses(t, "127.0.0.1")
	for name, text := range map[string]string{"control.pem": control.ChainPEM, "control.key": control.PrivateKeyPEM, "uploads.pem": uploaded} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	w.set("address", addresses[0])
	return nginxtest.Start(t, folder, addresses, fmt.Sprintf("server {\nlisten %s ssl;\nssl_certificate control.pem;\nssl_certificate_key control.key;\n%s\nlocation / { return 404; }\n}\n",
		addresses[0], settings(uploaded)))
}

// comparingClients is Kong's cluster listener with cluster_mtls = shared.
func comparingClients(uploaded string) string {
	pin, err := pki.ParseCertificate(uploaded)
	if err != nil {
		panic(err)
	}
	return nginxtest.KongShared(pin)
}
