package handshake_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/trustplane/terraform-provider-mtls/internal/nginxtest"
	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/pkitest"
	"github.com/trustplane/terraform-provider-mtls/internal/trust"
)

// A door is a real server that holds the uploads, for one version of TLS.
type door struct {
	host     string // an IP address of the loopback interface
	version  uint16
	uploaded string
}

// A program is a real server that is asked what it says.
type program struct {
	name string
	// needs is what must be installed; empty for Go itself.
	needs string
	// verifier is whose prediction it is held against.
	verifier trust.Verifier
	uploaded string
	// start runs it behind doors, and returns the address of each.
	start func(t *testing.T, graph *pkitest.Graph, doors []door) []string
	// says is what it says to what is presented, with a request: empty where it
	// accepts. A second text, behind a bar, is for TLS 1.2 where that differs.
	says map[string]string
}

// needProgram finds a program, and skips a test without it.
func needProgram(t *testing.T, name string) string {
	t.Helper()
	for _, place := range []string{"", "/usr/sbin/", "/usr/lib/apache2/"} {
		if path, err := exec.LookPath(place + name); err == nil {
			return path
		}
	}
	t.Skipf("%s is not installed", name)
	return ""
}

// A transcript is what a program prints, kept for the report of a failure.
type transcript struct {
	mutex sync.Mutex
	text  bytes.Buffer
}

func (p *transcript) Write(text []byte) (int, error) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	return p.text.Write(text)
}

func (p *transcript) String() string {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	return p.text.String()
}

// runProgram starts a program that is stopped when the test ends, it and no
// other, and waits until it listens everywhere.
func runProgram(t *testing.T, addresses []string, name string, arguments ...string) {
	t.Helper()
	output := &transcript{}
	command := exec.CommandContext(t.Context(), needProgram(t, name), arguments...)
	command.Cancel = func() error { return command.Process.Signal(os.Interrupt) }
	command.Stdout, command.Stderr = output, output
	command.WaitDelay = 5 * time.Second
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = command.Wait() }) // the test's context is over by then, and ends it
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for _, address := range addresses {
		for {
			connection, err := new(net.Dialer).DialContext(ctx, "tcp", address)
			if err == nil {
				_ = connection.Close()
				break
			}
			select {
			case <-ctx.Done():
				t.Fatalf("no %s at %s: %v\n%s", name, address, err, output)
			case <-time.After(20 * time.Millisecond):
			}
		}
	}
}

// A folder is where a server finds its certificate and what is uploaded.
type folder struct {
	t     *testing.T
	path  string
	graph *pkitest.Graph
}

func newFolder(t *testing.T, graph *pkitest.Graph) folder {
	t.Helper()
	f := folder{t, t.TempDir(), graph}
	key, err := pki.EncodePrivateKey(graph.Key("control"))
	if err != nil {
		t.Fatal(err)
	}
	f.write("control.key", key)
	f.write("control.pem", graph.PEM("control"))
	f.write("both.pem", graph.PEM("control")+key)
	return f
}

func (f folder) write(name, text string) string {
	f.t.Helper()
	path := filepath.Join(f.path, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		f.t.Fatal(err)
	}
	return path
}

// uploads writes what a door trusts into a file.
func (f folder) uploads(number int, d door) string {
	return f.write(fmt.Sprintf("uploads-%d.pem", number), f.graph.PEM(d.uploaded))
}

// freeAddresses are addresses that nobody listens at, one for each door.
func freeAddresses(t *testing.T, doors []door) []string {
	t.Helper()
	var hosts []string
	for _, d := range doors {
		hosts = append(hosts, d.host)
	}
	return nginxtest.FreeAddresses(t, hosts...)
}

// startNginx runs one nginx; listener writes what differs between the two ways
// in which Kong runs it.
func startNginx(listener func(f folder, number int, d door) string) func(*testing.T, *pkitest.Graph, []door) []string {
	return func(t *testing.T, graph *pkitest.Graph, doors []door) []string {
		f, addresses := newFolder(t, graph), freeAddresses(t, doors)
		servers := "ssl_certificate control.pem;\nssl_certificate_key control.key;\n"
		for i, d := range doors {
			servers += fmt.Sprintf("server {\nlisten %s ssl;\nssl_protocols %s;\n%s\nlocation / { return 200 well; }\n}\n",
				addresses[i], strings.Replace(tls.VersionName(d.version), "TLS ", "TLSv", 1), listener(f, i, d))
		}
		nginxtest.Start(t, f.path, addresses, servers)
		return addresses
	}
}

// kongPKI is Kong's cluster listener with cluster_mtls = pki.
func kongPKI(f folder, number int, d door) string { return nginxtest.KongPKI(f.uploads(number, d)) }

// kongShared is that with cluster_mtls = shared.
func kongShared(f folder, _ int, d door) string {
	return nginxtest.KongShared(f.graph.Certificate(strings.Fields(d.uploaded)[0]))
}

// startHAProxy runs one haproxy with a frontend for each door.
func startHAProxy(t *testing.T, graph *pkitest.Graph, doors []door) []string {
	t.Helper()
	f, addresses := newFolder(t, graph), freeAddresses(t, doors)
	var configuration strings.Builder
	configuration.WriteString("defaults\nmode http\ntimeout client 30s\ntimeout server 30s\ntimeout connect 30s\n")
	for i, d := range doors {
		version := strings.Replace(tls.VersionName(d.version), "TLS ", "TLSv", 1)
		fmt.Fprintf(&configuration, "frontend f%d\nbind %s ssl crt %s ca-file %s verify required ssl-min-ver %s ssl-max-ver %[5]s\nhttp-request return status 200\n",
			i, addresses[i], filepath.Join(f.path, "both.pem"), f.uploads(i, d), version)
	}
	runProgram(t, addresses, "haproxy", "-db", "-f", f.write("haproxy.cfg", configuration.String()))
	return addresses
}

// startApache runs one Apache in one process.
func startApache(t *testing.T, graph *pkitest.Graph, doors []door) []string {
	t.Helper()
	modules := filepath.Dir(needModule(t))
	f, addresses := newFolder(t, graph), freeAddresses(t, doors)
	var configuration strings.Builder
	fmt.Fprintf(&configuration, "ServerRoot %s\nServerName kong_clustering\nPidFile %[1]s/apache.pid\nDefaultRuntimeDir %[1]s\nErrorLog /dev/stderr\nUser www-data\nGroup www-data\n", f.path)
	for _, module := range []string{"mpm_event", "authz_core", "alias", "ssl"} {
		fmt.Fprintf(&configuration, "LoadModule %s_module %s/mod_%[1]s.so\n", module, modules)
	}
	for i, d := range doors {
		version := strings.Replace(tls.VersionName(d.version), "TLS ", "TLSv", 1)
		fmt.Fprintf(&configuration, "Listen %s\n<VirtualHost %[1]s>\nSSLEngine on\nSSLProtocol %s\nSSLCertificateFile %s/control.pem\nSSLCertificateKeyFile %[3]s/control.key\n"+
			"SSLCACertificateFile %s\nSSLVerifyClient require\nSSLVerifyDepth 5\nRedirect 204 /\n</VirtualHost>\n", addresses[i], version, f.path, f.uploads(i, d))
	}
	runProgram(t, addresses, "apache2", "-X", "-f", f.write("apache.conf", configuration.String()))
	return addresses
}

func needModule(t *testing.T) string {
	t.Helper()
	for _, place := range []string{"/usr/lib/apache2/modules/mod_ssl.so", "/usr/libexec/apache2/mod_ssl.so"} {
		if _, err := os.Stat(place); err == nil {
			return place
		}
	}
	t.Skip("mod_ssl of Apache is not installed")
	return ""
}

// startCaddy runs one Caddy without its administration.
func startCaddy(t *testing.T, graph *pkitest.Graph, doors []door) []string {
	t.Helper()
	f, addresses := newFolder(t, graph), freeAddresses(t, doors)
	configuration := "{\nadmin off\nauto_https off\n}\n"
	for i, d := range doors {
		host, port, _ := net.SplitHostPort(addresses[i])
		version := strings.ToLower(strings.Replace(tls.VersionName(d.version), "TLS ", "tls", 1))
		configuration += fmt.Sprintf("https://:%s {\nbind %s\ntls %s/control.pem %[3]s/control.key {\nprotocols %s %[4]s\nclient_auth {\nmode require_and_verify\ntrusted_ca_cert_file %s\n}\n}\nrespond well 200\n}\n",
			port, host, f.path, version, f.uploads(i, d))
	}
	t.Setenv("XDG_DATA_HOME", f.path)
	t.Setenv("XDG_CONFIG_HOME", f.path)
	runProgram(t, addresses, "caddy", "run", "--adapter", "caddyfile", "--config", f.write("Caddyfile", configuration))
	return addresses
}

// startOpenSSL runs an openssl s_server for each door.
func startOpenSSL(t *testing.T, graph *pkitest.Graph, doors []door) []string {
	t.Helper()
	f, addresses := newFolder(t, graph), freeAddresses(t, doors)
	for i, d := range doors {
		version := map[uint16]string{tls.VersionTLS12: "-tls1_2", tls.VersionTLS13: "-tls1_3"}[d.version]
		runProgram(t, addresses[i:i+1], "openssl", "s_server", "-accept", addresses[i], "-cert", filepath.Join(f.path, "control.pem"), "-key", filepath.Join(f.path, "control.key"),
			"-CAfile", f.uploads(i, d), "-no-CApath", "-no-CAstore", "-Verify", "4", "-verify_return_error", "-www", "-quiet", version)
	}
	return addresses
}

// startGo runs Go's own server.
func startGo(t *testing.T, graph *pkitest.Graph, doors []door) []string {
	t.Helper()
	var addresses []string
	for _, d := range doors {
		config := serverConfig(graph, d.uploaded)
		config.MinVersion, config.MaxVersion = d.version, d.version
		network := "tcp4"
		if strings.Contains(d.host, ":") {
			network = "tcp6"
		}
		addresses = append(addresses, serveTLS(t, network, config, answering(well)))
	}
	return addresses
}
