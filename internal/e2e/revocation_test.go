package e2e

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/trustplane/terraform-provider-mtls/internal/nginxtest"
)

// An nginxSite is an nginx with the files and the directives of a composition.
type nginxSite struct {
	*nginxtest.Server
	t               *testing.T
	folder, address string
}

// startNginxSite starts nginx on a port of its own, with files in place.
func startNginxSite(t *testing.T, c *composition) *nginxSite {
	t.Helper()
	nginxtest.Need(t)
	addresses := nginxtest.FreeAddresses(t, "127.0.0.1")
	n := &nginxSite{t: t, folder: c.variables["folder"], address: addresses[0]}
	n.write(c)
	var settings string
	c.output("nginx_settings", &settings)
	n.Server = nginxtest.Start(t, n.folder, addresses, fmt.Sprintf("server {\nlisten %s ssl;\n%s\nlocation / { return 200 \"welcome\\n\"; }\n}\n", n.address, settings))
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
	c := newComposition(t, "revocation")
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
	n.Reload()
	hold("after the reload", first, "edge-2")
	if log := n.Log(); !strings.Contains(log, "(23:certificate revoked)") {
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
	n.Reload()
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
