package examples

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// controlPlaneAddress is where examples find a control plane. There is none in
// the tests, which put another address in its place.
const controlPlaneAddress = "cp.acme.internal:8005"

// serveControlPlane runs a control plane that trusts the corporate CA, for a
// workspace that connects to one, and gives its address to the workspace.
func (f fixtures) serveControlPlane(t *testing.T, w *workspace) {
	t.Helper()
	if !strings.Contains(w.text(t), controlPlaneAddress) {
		return
	}
	own, err := tls.X509KeyPair([]byte(f["control-plane.pem"]), []byte(f["control-plane-key.pem"]))
	if err != nil {
		t.Fatal(err)
	}
	uploads := x509.NewCertPool()
	uploads.AppendCertsFromPEM([]byte(f["corporate-ca.pem"]))
	listener, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{
		MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{own}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: uploads,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer connection.Close()
				if _, err := connection.Read(make([]byte, 4096)); err == nil {
					_, _ = io.WriteString(connection, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
				}
			}()
		}
	}()
	err = filepath.WalkDir(w.folder, func(path string, entry os.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".tf" {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(path, []byte(strings.ReplaceAll(string(text), controlPlaneAddress, listener.Addr().String())), 0o600)
	})
	if err != nil {
		t.Fatal(err)
	}
}
