package trust_test

import (
	"bytes"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/pkitest"
	"github.com/trustplane/terraform-provider-mtls/internal/trust"
)

func witnesses() []witness {
	return []witness{
		{"nginx, verify on", trust.KongHybridPKI, 0, "nginx", startNginx(kongPKI), onlyWarned()},
		{"nginx, optional_no_ca and the certificate", trust.KongHybridShared, 1, "nginx", startNginx(kongShared), nil},
		{"haproxy", trust.KongHybridPKI, 0, "haproxy", startHAProxy, withoutDepth()},
		{"openssl s_server", trust.KongHybridPKI, 2, "openssl", startOpenSSL("-verify_depth", "4"), onlyWarned()},
		{"openssl s_server -partial_chain", trust.Konnect, 3, "openssl", startOpenSSL("-partial_chain"), strictOpenSSL()},
		{"Go, RequireAndVerify", trust.Konnect, 4, "", startGo, strictGo()},
	}
}

// A transcript is what a program prints, kept for the report of a failure.
type transcript struct {
	sync.Mutex
	text bytes.Buffer
}

func (p *transcript) Write(text []byte) (int, error) {
	p.Lock()
	defer p.Unlock()
	return p.text.Write(text)
}

func (p *transcript) String() string {
	p.Lock()
	defer p.Unlock()
	return p.text.String()
}

// run starts a program that is stopped when the test ends, it and no other.
func run(t *testing.T, name string, arguments ...string) *transcript {
	t.Helper()
	output := &transcript{}
	command := exec.CommandContext(t.Context(), needProgram(t, name), arguments...)
	command.Stdout, command.Stderr = output, output
	command.WaitDelay = 5 * time.Second
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = command.Wait() }) // the test's context is over by then, and kills it
	return output
}

// A site is a folder with what a server needs.
type site struct {
	t      *testing.T
	folder string
	graph  *pkitest.Graph
}

// newSite writes the control plane's own certificate and key.
func newSite(t *testing.T, graph *pkitest.Graph) site {
	t.Helper()
	s := site{t, socketFolder(t), graph}
	key, err := pki.EncodePrivateKey(graph.Key("control"))
	if err != nil {
		t.Fatal(err)
	}
	s.write("control.key", key)
	s.write("control.pem", graph.PEM("control"))
	s.write("both.pem", graph.PEM("control")+key)
	return s
}

func (s site) path(name string) string { return filepath.Join(s.folder, name) }

func (s site) write(name, text string) string {
	s.t.Helper()
	if err := os.WriteFile(s.path(name), []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
	return s.path(name)
}

// startNginx runs one nginx with a server for each meeting; listener writes what
// differs between the two ways in which Kong runs it.
func startNginx(listener func(s site, number int, m meeting) (server, mapping string)) func(*testing.T, *pkitest.Graph, []meeting) (string, []string) {
	return func(t *testing.T, graph *pkitest.Graph, list []meeting) (string, []string) {
		s := newSite(t, graph)
		var servers, mappings strings.Builder
		var addresses []string
		for i, m := range list {
			server, mapping := listener(s, i, m)
			address := s.path(fmt.Sprintf("%d.sock", i))
			fmt.Fprintf(&servers, "server {\nlisten unix:%s ssl;\n%s\nlocation / { return 200 well; }\n}\n", address, server)
			mappings.WriteString(mapping)
			addresses = append(addresses, address)
		}
		configuration := s.write("nginx.conf", fmt.Sprintf(nginxConfiguration, s.folder, mappings.String(), servers.String()))
		output := run(t, "nginx", "-p", s.folder, "-e", "stderr", "-c", configuration)
		for _, address := range addresses {
			await(t, "unix", address, output)
		}
		return "unix", addresses
	}
}

// nginxConfiguration keeps nginx within one process and one folder.
const nginxConfiguration = `daemon off;
master_process off;
error_log stderr;
pid %[1]s/nginx.pid;
events { worker_connections 10000; }
http {
access_log off;
client_body_temp_path %[1]s/body;
proxy_temp_path %[1]s/proxy;
fastcgi_temp_path %[1]s/fastcgi;
uwsgi_temp_path %[1]s/uwsgi;
scgi_temp_path %[1]s/scgi;
ssl_protocols TLSv1.2 TLSv1.3;
ssl_certificate %[1]s/control.pem;
ssl_certificate_key %[1]s/control.key;
map_hash_bucket_size 8192;
map_hash_max_size 65536;
%[2]s
%[3]s
}
`

// kongPKI are the listener's settings with cluster_mtls = pki.
func kongPKI(s site, number int, m meeting) (server, mapping string) {
	ca := s.write(fmt.Sprintf("%d.pem", number), s.graph.PEM(m.uploaded))
	return fmt.Sprintf("ssl_verify_client on;\nssl_client_certificate %s;\nssl_verify_depth 4;", ca), ""
}

// kongShared are the listener's settings with cluster_mtls = shared, where nginx
// asks for a certificate and Kong compares it with the first upload. Here nginx
// compares it too, whole rather than by its digest.
func kongShared(s site, number int, m meeting) (server, mapping string) {
	pin := s.graph.PEM(strings.Fields(m.uploaded)[0])
	escaped := strings.ReplaceAll(url.QueryEscape(pin), "+", "%20")
	mapping = fmt.Sprintf("map $ssl_client_escaped_cert $pinned%d { default 0; %q 1; }\n", number, escaped)
	return fmt.Sprintf("ssl_verify_client optional_no_ca;\nif ($pinned%d = 0) { return 444; }", number), mapping
}

// startHAProxy runs one haproxy with a frontend for each meeting.
func startHAProxy(t *testing.T, graph *pkitest.Graph, list []meeting) (network string, addresses []string) {
	t.Helper()
	s := newSite(t, graph)
	var configuration strings.Builder
	configuration.WriteString("defaults\nmode http\ntimeout client 30s\ntimeout server 30s\ntimeout connect 30s\n")
	for i, m := range list {
		ca := s.write(fmt.Sprintf("%d.pem", i), graph.PEM(m.uploaded))
		address := s.path(fmt.Sprintf("%d.sock", i))
		fmt.Fprintf(&configuration, "frontend f%d\nbind unix@%s ssl crt %s ca-file %s verify required\nhttp-request return status 200\n",
			i, address, s.path("both.pem"), ca)
		addresses = append(addresses, address)
	}
	output := run(t, "haproxy", "-db", "-f", s.write("haproxy.cfg", configuration.String()))
	for _, address := range addresses {
		await(t, "unix", address, output)
	}
	return "unix", addresses
}

// startOpenSSL runs one openssl s_server for each set of uploads.
func startOpenSSL(flags ...string) func(*testing.T, *pkitest.Graph, []meeting) (string, []string) {
	return func(t *testing.T, graph *pkitest.Graph, list []meeting) (string, []string) {
		s := newSite(t, graph)
		running := map[string]string{} // addresses by uploads
		var addresses []string
		for i, m := range list {
			if running[m.uploaded] == "" {
				address := s.path(fmt.Sprintf("%d.sock", i))
				arguments := append([]string{
					"s_server", "-unix", address, "-cert", s.path("control.pem"), "-key", s.path("control.key"),
					"-CAfile", s.write(fmt.Sprintf("%d.pem", i), graph.PEM(m.uploaded)), "-no-CApath", "-no-CAstore",
					"-Verify", "4", "-verify_return_error", "-www", "-quiet",
				}, flags...)
				await(t, "unix", address, run(t, "openssl", arguments...))
				running[m.uploaded] = address
			}
			addresses = append(addresses, running[m.uploaded])
		}
		return "unix", addresses
	}
}
