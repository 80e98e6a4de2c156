package e2e

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

// An opensslControlPlane is `openssl s_server`. It reads its anchors once, so
// that a change of them starts another one, and a front switches over to it
// between two connections.
type opensslControlPlane struct {
	t        *testing.T
	folder   string
	identity string

	switching sync.RWMutex // held for reading by connections
	address   string
	server    *exec.Cmd
}

func startOpenSSL(t *testing.T) *opensslControlPlane {
	t.Helper()
	if _, err := exec.LookPath("openssl"); err != nil {
		t.Skipf("no openssl to be the control plane: %v", err)
	}
	plane := &opensslControlPlane{t: t, folder: t.TempDir()}
	plane.identity = filepath.Join(plane.folder, "server.pem")
	writeIdentity(t, plane.identity, serverCertificate(t))
	t.Cleanup(func() { plane.stop(plane.server) })
	return plane
}

func writeIdentity(t *testing.T, file string, identity tls.Certificate) {
	t.Helper()
	key, err := x509.MarshalPKCS8PrivateKey(identity.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: identity.Certificate[0]})
	text = append(text, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key})...)
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
}

func (p *opensslControlPlane) connect(do func(address string)) {
	p.switching.RLock()
	defer p.switching.RUnlock()
	do(p.address)
}

func (p *opensslControlPlane) trust(uploaded []*x509.Certificate) error {
	if len(uploaded) == 0 {
		return nil // the tests withdraw nothing before its successor is there
	}
	anchors := filepath.Join(p.folder, "anchors.pem")
	if err := os.WriteFile(anchors, []byte(pki.EncodeCertificates(uploaded...)), 0o600); err != nil {
		return err
	}
	server, address, err := p.serve(anchors)
	if err != nil {
		return err
	}
	p.switching.Lock()
	before := p.server
	p.server, p.address = server, address
	p.switching.Unlock()
	p.stop(before)
	return nil
}

// serve starts a server on a port of its choice, and returns once it listens.
func (p *opensslControlPlane) serve(anchors string) (server *exec.Cmd, address string, err error) {
	// Stopped by stop, not by a context: tests end before their data planes do.
	server = exec.Command("openssl", "s_server", "-accept", "127.0.0.1:0", "-www", //nolint:noctx // stopped below
		"-cert", p.identity, "-key", p.identity,
		"-CAfile", anchors, "-no-CApath", "-no-CAstore", "-partial_chain",
		"-Verify", "4", "-verify_return_error", "-no_ticket", "-num_tickets", "0")
	printed, err := server.StdoutPipe()
	if err != nil {
		return nil, "", err
	}
	if err := server.Start(); err != nil {
		return nil, "", err
	}
	lines := bufio.NewScanner(printed)
	for lines.Scan() {
		if address, found := strings.CutPrefix(lines.Text(), "ACCEPT "); found {
			go func() { _, _ = io.Copy(io.Discard, printed) }()
			return server, address, nil
		}
	}
	p.stop(server)
	return nil, "", errors.New("openssl s_server ended before it listened")
}

func (p *opensslControlPlane) stop(server *exec.Cmd) {
	if server != nil {
		_ = server.Process.Kill()
		_ = server.Wait()
	}
}

func TestRotationRefusesNoDataPlaneOfOpenSSL(t *testing.T) {
	t.Parallel()
	for _, c := range rotationCases() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := play(t, c.configuration, c.variables, startOpenSSL(t), c.secrets, c.rotate)
			s.noneRefused(c.certificates)
			s.onlyTrusted(c.anchor)
		})
	}
}
