package e2e

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// An nginxSite is an nginx with the files and the directives of a composition.
type nginxSite struct {
	t       *testing.T
	folder  string // where the files are
	address string
	process *os.Process
}

// startNginxSite starts nginx on a port of its own, with files in place.
func startNginxSite(t *testing.T, c *composition) *nginxSite {
	t.Helper()
	binary, err := exec.LookPath("nginx")
	if err != nil {
		t.Skip("nginx is not installed")
	}
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	n := &nginxSite{t: t, folder: c.variables["folder"], address: listener.Addr().String()}
	_ = listener.Close()
	n.write(c)
	var settings string
	c.output("nginx_settings", &settings)
	config := fmt.Sprintf(`daemon off;
pid nginx.pid;
error_log error.log info;
events {}
http {
  access_log off;
  client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
  server {
    listen %s ssl;
    ssl_session_tickets off;
    %s
    location / { return 200 "welcome\n"; }
  }
}
`, n.address, settings)
	if err := os.WriteFile(filepath.Join(n.folder, "nginx.conf"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), binary, "-p", n.folder, "-c", "nginx.conf")
	// The context of a test ends before its cleanups. Killed, nginx would leave its worker.
	command.Cancel = func() error { return command.Process.Signal(syscall.SIGTERM) }
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	n.process = command.Process
	t.Cleanup(func() {
		_ = n.process.Signal(syscall.SIGTERM)
		_ = command.Wait()
	})
	n.until("listening", func() bool {
		connection, err := net.Dial("tcp", n.address) //nolint:noctx // on this machine
		if err == nil {
			_ = connection.Close()
		}
		return err == nil
	})
	return n
}

// write puts the files of a composition where nginx reads them.
func (n *nginxSite) write(c *composition) {
	n.t.Helper()
	files := map[string]string{}
	c.output("nginx_files", &files)
	for name, text := range files {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			n.t.Fatal(err)
		}
	}
}

// reload has nginx read its files, and waits until the workers of before are gone.
func (n *nginxSite) reload() {
	n.t.Helper()
	before := strings.Count(n.log(), "worker process") // their ends are in the log
	if err := n.process.Signal(syscall.SIGHUP); err != nil {
		n.t.Fatal(err)
	}
	n.until("reloaded", func() bool {
		log := n.log()
		return strings.Count(log, "worker process") > before && strings.Contains(log, "exited with code 0") &&
			strings.LastIndex(log, "exited with code 0") > strings.LastIndex(log, "reconfiguring")
	})
}

func (n *nginxSite) log() string {
	text, _ := os.ReadFile(filepath.Join(n.folder, "error.log"))
	return string(text)
}

// until waits for something to come true.
func (n *nginxSite) until(what string, is func() bool) {
	n.t.Helper()
	for range 600 {
		if is() {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	n.t.Fatalf("nginx is not %s:\n%s", what, n.log())
}

// ask presents a data plane's files, and returns the status of the answer.
func (n *nginxSite) ask(files map[string]string) int {
	n.t.Helper()
	pair, err := tls.X509KeyPair([]byte(files[n.folder+"/tls.crt"]), []byte(files[n.folder+"/tls.key"]))
	if err != nil {
		n.t.Fatal(err)
	}
	// What nginx says of data planes is on trial, not what they say of nginx: those
	// that have not switched do not know a new root yet.
	connection, err := tls.Dial("tcp", n.address, &tls.Config{Certificates: []tls.Certificate{pair}, InsecureSkipVerify: true, MinVersion: tls.VersionTLS12}) //nolint:noctx // on this machine
	if err != nil {
		n.t.Fatal(err)
	}
	defer func() { _ = connection.Close() }()
	if _, err := fmt.Fprint(connection, "GET / HTTP/1.1\r\nHost: cp.acme.internal\r\nConnection: close\r\n\r\n"); err != nil {
		n.t.Fatal(err)
	}
	answer, err := http.ReadResponse(bufio.NewReader(connection), nil)
	if err != nil {
		n.t.Fatal(err)
	}
	_ = answer.Body.Close()
	return answer.StatusCode
}

// TestRemovedDataPlaneIsRefused: data planes are accepted by an nginx that reads
// the lists; one is removed in one apply, and after the reload it is refused with
// 23, certificate revoked, and no other one is: the same after all are re-issued
// and after the root has rotated, where those that have switched and those that
// have not are accepted.
func TestRemovedDataPlaneIsRefused(t *testing.T) {
	t.Parallel()
	c := newComposition(t, cliConfig(os.Getenv(mirrorVariable)), "revocation")
	for name, value := range map[string]string{
		"server_name": "cp.acme.internal", "domain": "dp.acme.internal", "folder": t.TempDir(), "grace": "0s",
		"data_planes": `["edge-1","edge-2","edge-3"]`,
	} {
		c.set(name, value)
	}
	c.apply()
	n := startNginxSite(t, c)
	accepted, refused := 0, 0
	hold := func(when string, planes map[string]map[string]string, revoked string) {
		for name, files := range planes {
			want := http.StatusOK
			if name == revoked {
				want = http.StatusBadRequest
			}
			for range 10 {
				switch got := n.ask(files); {
				case got != want:
					t.Errorf("%s: %s is answered %d, want %d", when, name, got, want)
				case got == http.StatusOK:
					accepted++
				default:
					refused++
				}
			}
		}
	}
	first := c.dataPlaneFiles()
	hold("at first", first, "")

	c.set("data_planes", `["edge-1","edge-3"]`)
	c.apply()
	c.settled()
	hold("before nginx has read the list", first, "")
	n.write(c)
	n.reload()
	hold("after the reload", first, "edge-2")
	if log := n.log(); !strings.Contains(log, "(23:certificate revoked)") {
		t.Errorf("nginx does not say why:\n%s", log)
	}
	hold("with what they have now", c.dataPlaneFiles(), "")

	// After a rotation, both generations of the root are trusted, and each has its list.
	c.set("grace", "72h")
	c.apply()
	c.set("rotation", `{ since = "today" }`)
	c.apply()
	c.settled()
	n.write(c)
	n.reload()
	hold("that has not switched after a rotation", first, "edge-2")
	hold("that has switched after a rotation", c.dataPlaneFiles(), "")
	t.Logf("%d accepted, %d refused, all as they should be", accepted, refused)
}

func (c *composition) dataPlaneFiles() map[string]map[string]string {
	c.t.Helper()
	files := map[string]map[string]string{}
	c.output("data_plane_files", &files)
	return files
}
