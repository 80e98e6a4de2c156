package e2e

import (
	"bytes"
	"context"
	"crypto/sha1"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestHandshakesProveWithdrawals: what the provider issues is accepted by the
// living server until the upload is withdrawn, and refused from then on; each is
// proved by a plan of a configuration that manages nothing.
func TestHandshakesProveWithdrawals(t *testing.T) {
	t.Parallel()
	nginx := installed(t, "nginx")
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
		settings                          func(folder, uploaded string) string
		before, after, says, inPrediction string
	}{
		{"kong_hybrid_pki", verifyingClients, root, other, "HTTP 400: The SSL certificate error", "issuer_missing"},
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

		stop := runListener(t, nginx, prove, control, mode.settings, mode.before)
		if printed, err := plan(mode.before, "accepted"); err != nil {
			t.Errorf("%s: %v\n%s", mode.verifier, err, printed)
		}
		if printed, err := plan(mode.before, "refused"); err == nil || !strings.Contains(printed, "Certificate not refused") {
			t.Errorf("%s: an accepted certificate passes for refused: %v\n%s", mode.verifier, err, printed)
		}
		stop()

		stop = runListener(t, nginx, prove, control, mode.settings, mode.after)
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
		stop()
		printed, err = plan(mode.after, "refused")
		if err == nil || !strings.Contains(printed, "Server not reached") {
			t.Errorf("%s: a server that is gone proves a withdrawal: %v\n%s", mode.verifier, err, printed)
		}
		accepted, refused = accepted+2, refused+3
	}
	fmt.Fprintf(os.Stdout, "handshakes through terraform: %d accepted, %d refused, 2 not reached\n", accepted, refused)
}

// installed finds a program, and skips a test without it.
func installed(t *testing.T, name string) string {
	t.Helper()
	for _, place := range []string{"", "/usr/sbin/"} {
		if path, err := exec.LookPath(place + name); err == nil {
			return path
		}
	}
	t.Skipf("%s is not installed", name)
	return ""
}

// verifyingClients is Kong's cluster listener with cluster_mtls = pki.
func verifyingClients(folder, _ string) string {
	return fmt.Sprintf("ssl_verify_client on;\nssl_client_certificate %s/uploads.pem;\nssl_verify_depth 4;", folder)
}

// comparingClients is that with cluster_mtls = shared: the digest of the
// certificate is compared, and another is closed with 444.
func comparingClients(_, uploaded string) string {
	block, _ := pem.Decode([]byte(uploaded))
	sum := sha1.Sum(block.Bytes)
	return fmt.Sprintf("ssl_verify_client optional_no_ca;\nif ($ssl_client_fingerprint != %q) { return 444; }", hex.EncodeToString(sum[:]))
}

// runListener runs nginx on a port of the loopback interface, which becomes the
// workspace's address, until it is stopped.
func runListener(t *testing.T, nginx string, w *workspace, control certificate, settings func(folder, uploaded string) string, uploaded string) (stop func()) {
	t.Helper()
	folder := t.TempDir()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	_ = listener.Close()
	for name, text := range map[string]string{
		"control.pem": control.ChainPEM, "control.key": control.PrivateKeyPEM, "uploads.pem": uploaded,
		"nginx.conf": strings.NewReplacer("HERE", folder, "ADDRESS", address, "SETTINGS", settings(folder, uploaded)).Replace(listenerConfiguration),
	} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	var said bytes.Buffer
	command := exec.CommandContext(ctx, nginx, "-p", folder, "-e", "stderr", "-c", filepath.Join(folder, "nginx.conf"))
	command.Stderr, command.WaitDelay = &said, 5*time.Second
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		_ = command.Wait()
		close(ended)
	}()
	stop = func() {
		cancel()
		<-ended
	}
	t.Cleanup(stop)
	w.set("address", address)
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if connection, err := new(net.Dialer).DialContext(t.Context(), "tcp", address); err == nil {
			_ = connection.Close()
			return stop
		}
	}
	stop()
	t.Fatalf("no nginx at %s:\n%s", address, &said)
	return nil
}

const listenerConfiguration = `daemon off;
master_process off;
error_log stderr;
pid HERE/nginx.pid;
events {}
http {
access_log off;
client_body_temp_path HERE/body;
proxy_temp_path HERE/proxy;
fastcgi_temp_path HERE/fastcgi;
uwsgi_temp_path HERE/uwsgi;
scgi_temp_path HERE/scgi;
server {
listen ADDRESS ssl;
ssl_certificate HERE/control.pem;
ssl_certificate_key HERE/control.key;
SETTINGS
location / { return 404; }
}
}
`
