// Package nginxtest runs a real nginx in tests, as Kong configures its cluster
// listener or as a test likes, on addresses of the loopback interface.
//
// Each nginx has a folder of its own, is reloaded as an operator reloads it, and is
// stopped with its worker when the test ends. Only for tests.
package nginxtest

import (
	"context"
	"crypto/sha1"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A Server is an nginx that runs.
type Server struct {
	t         testing.TB
	folder    string
	addresses []string
	command   *exec.Cmd
	stopped   bool
}

// Need returns the path of nginx, and skips the test where it is not installed.
func Need(t testing.TB) string {
	t.Helper()
	for _, place := range []string{"nginx", "/usr/sbin/nginx"} {
		if path, err := exec.LookPath(place); err == nil {
			return path
		}
	}
	t.Skip("nginx is not installed")
	return ""
}

// FreeAddresses are addresses that nobody listens at, one for each of hosts.
func FreeAddresses(t testing.TB, hosts ...string) []string {
	t.Helper()
	var addresses []string
	var held []net.Listener // so that none comes twice
	for _, host := range hosts {
		listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", net.JoinHostPort(host, "0"))
		if err != nil {
			t.Fatal(err)
		}
		held, addresses = append(held, listener), append(addresses, listener.Addr().String())
	}
	for _, listener := range held {
		_ = listener.Close()
	}
	return addresses
}

// Start runs nginx in folder until the test ends, with directives within its http
// block, and returns once it listens at all addresses. Relative paths in directives
// are below folder.
func Start(t testing.TB, folder string, addresses []string, directives string) *Server {
	t.Helper()
	s := &Server{t: t, folder: folder, addresses: addresses}
	configuration := filepath.Join(folder, "nginx.conf")
	if err := os.WriteFile(configuration, []byte(fmt.Sprintf(frame, directives)), 0o600); err != nil {
		t.Fatal(err)
	}
	s.command = exec.CommandContext(context.WithoutCancel(t.Context()), Need(t), "-p", folder, "-e", "error.log", "-c", configuration)
	if err := s.command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Stop)
	for _, address := range addresses {
		s.until("listening at "+address, func() bool {
			connection, err := new(net.Dialer).DialContext(t.Context(), "tcp", address)
			if err == nil {
				_ = connection.Close()
			}
			return err == nil
		})
	}
	return s
}

// frame keeps nginx within one folder, with one worker.
const frame = `daemon off;
pid nginx.pid;
error_log error.log info;
events {}
http {
access_log off;
client_body_temp_path body;
proxy_temp_path proxy;
fastcgi_temp_path fastcgi;
uwsgi_temp_path uwsgi;
scgi_temp_path scgi;
ssl_session_tickets off;
%s
}
`

// Stop ends nginx and its worker, and waits for that.
func (s *Server) Stop() {
	if s.stopped {
		return
	}
	s.stopped = true
	_ = s.command.Process.Signal(syscall.SIGTERM)
	_ = s.command.Wait()
}

// Reload has nginx read its files again, and returns once the worker of before is
// gone: whoever connects then is judged by what was read.
func (s *Server) Reload() {
	s.t.Helper()
	const gone = "exited with code 0"
	before := strings.Count(s.Log(), gone)
	if err := s.command.Process.Signal(syscall.SIGHUP); err != nil {
		s.t.Fatal(err)
	}
	s.until("reloaded", func() bool { return strings.Count(s.Log(), gone) > before })
}

// Log is what nginx has written to its error log.
func (s *Server) Log() string {
	text, _ := os.ReadFile(filepath.Join(s.folder, "error.log"))
	return string(text)
}

// until waits for something to come true.
func (s *Server) until(what string, is func() bool) {
	s.t.Helper()
	for range 6000 {
		if is() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	s.t.Fatalf("nginx is not %s:\n%s", what, s.Log())
}

// KongPKI is how Kong's cluster listener judges data planes with cluster_mtls = pki
// and what is trusted in a file.
func KongPKI(trusted string) string {
	return fmt.Sprintf("ssl_verify_client on;\nssl_client_certificate %s;\nssl_verify_depth 4;\n", trusted)
}

// KongShared is the same with cluster_mtls = shared: nginx asks for a certificate and
// does not insist on verifying it, its digest is compared with that of pin, and
// another is closed with 444, without an answer.
func KongShared(pin *x509.Certificate) string {
	sum := sha1.Sum(pin.Raw)
	return fmt.Sprintf("ssl_verify_client optional_no_ca;\nif ($ssl_client_fingerprint != %q) { return 444; }\n", hex.EncodeToString(sum[:]))
}
