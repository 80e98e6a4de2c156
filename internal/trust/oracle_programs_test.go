package trust_test

import (
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/pkitest"
	"github.com/trustplane/terraform-provider-mtls/internal/trust"
)

// A store is what a verifier is set up with: one process holds many.
type store struct {
	uploaded []*x509.Certificate
	depth    *int // nil for the program's default
	lists    []*x509.RevocationList
}

// A presentation is what the other side presents, and under which name it is
// looked for.
type presentation struct {
	chain []*x509.Certificate
	key   crypto.Signer
	name  string
}

func (p presentation) certificate() tls.Certificate {
	certificate := tls.Certificate{PrivateKey: p.key}
	for _, presented := range p.chain {
		certificate.Certificate = append(certificate.Certificate, presented.Raw)
	}
	return certificate
}

// A judge presents something to the verifier with the store of that number, and
// reports whether it is accepted, and what the verifier wrote about that.
type judge func(t *testing.T, number int, presented presentation) (accepted bool, wrote string)

// A program is a verifier that is run.
type program struct {
	name     string
	verifier trust.Verifier
	needs    []string // what must be installed: a program, or a file with a slash
	start    func(t *testing.T, stores []store) judge
	slow     bool // a process for each question
}

const luaModule = "/usr/lib/nginx/modules/ngx_http_lua_module.so"

// programs lists one of each kind. Servers judge a client, cosockets a server.
func programs() []program {
	return []program{
		{"nginx", trust.Nginx, []string{"nginx"}, judgeOfNginx, false},
		{"HAProxy", trust.HAProxy, []string{"haproxy"}, judgeOfHAProxy, false},
		{"Apache", trust.Apache, []string{"apache2"}, judgeOfApache, false},
		{"Go's crypto/tls", trust.Go, nil, judgeOfGo, false},
		{"Caddy", trust.Go, []string{"caddy"}, judgeOfCaddy, false},
		{"a cosocket of nginx's lua module", trust.KongDataPlanePKI, []string{"nginx", luaModule}, judgeOfCosockets, false},
		{"a cosocket of nginx's lua module", trust.KongDataPlaneShared, []string{"nginx", luaModule}, judgeOfCosockets, false},
		{"openssl s_client", trust.KongDataPlanePKI, []string{"openssl"}, judgeOfOpenSSLClient, true},
	}
}

// judgesServers says of a program that it judges a server's certificate.
func (p program) judgesServers() bool {
	return p.verifier == trust.KongDataPlanePKI || p.verifier == trust.KongDataPlaneShared
}

// skipWithout skips the test if something that the program needs is missing.
func (p program) skipWithout(t *testing.T) {
	t.Helper()
	for _, needed := range p.needs {
		if !strings.Contains(needed, "/") {
			needProgram(t, needed)
		} else if _, err := os.Stat(needed); err != nil {
			t.Skipf("%s is not installed: %v", needed, err)
		}
	}
}

// since is what was printed after a position.
func (p *transcript) since(position int) string { return p.String()[position:] }

// heard waits for a line of a program about the last connection; empty if it
// writes none.
func heard(output *transcript, from int, line *regexp.Regexp) string {
	for range 100 {
		if match := line.FindStringSubmatch(output.since(from)); match != nil {
			return match[1]
		}
		time.Sleep(10 * time.Millisecond)
	}
	return ""
}

// asClient makes a judge of servers that listen at addresses. line is what they
// write about a refusal, and last what they write behind it, if they do.
func asClient(network string, addresses []string, output *transcript, line, last *regexp.Regexp) judge {
	return func(t *testing.T, number int, presented presentation) (bool, string) {
		t.Helper()
		from := len(output.String())
		if answered(t, network, addresses[number], presented.certificate(), tls.VersionTLS13) {
			return true, ""
		}
		wrote := heard(output, from, line)
		if last != nil {
			heard(output, from, last)
		}
		return false, wrote
	}
}

// newPlace is a folder with a server's own certificate.
func newPlace(t *testing.T) site {
	t.Helper()
	now := time.Now().Truncate(time.Second)
	return newSite(t, pkitest.Build(t, "control", with("control", pkitest.Valid(now.Add(-time.Hour), now.Add(time.Hour)), pkitest.DNS("control"))))
}

func (s site) writeStore(number int, of store) (anchors, lists string) {
	s.t.Helper()
	anchors = s.write(fmt.Sprintf("%d.pem", number), pki.EncodeCertificates(of.uploaded...))
	if len(of.lists) > 0 {
		lists = s.write(fmt.Sprintf("%d.crl", number), pki.EncodeRevocationLists(of.lists...))
	}
	return anchors, lists
}

func judgeOfNginx(t *testing.T, stores []store) judge {
	t.Helper()
	s := newPlace(t)
	var servers strings.Builder
	var addresses []string
	for i, of := range stores {
		address := s.path(fmt.Sprintf("%d.sock", i))
		anchors, lists := s.writeStore(i, of)
		fmt.Fprintf(&servers, "server {\nlisten unix:%s ssl;\nssl_verify_client on;\nssl_client_certificate %s;\n", address, anchors)
		if of.depth != nil {
			fmt.Fprintf(&servers, "ssl_verify_depth %d;\n", *of.depth)
		}
		if lists != "" {
			fmt.Fprintf(&servers, "ssl_crl %s;\n", lists)
		}
		servers.WriteString("location / { return 200 well; }\n}\n")
		addresses = append(addresses, address)
	}
	configuration := strings.Replace(fmt.Sprintf(nginxConfiguration, s.folder, "", servers.String()), "error_log stderr;", "error_log stderr info;", 1)
	output := run(t, "nginx", "-p", s.folder, "-e", "stderr", "-c", s.write("nginx.conf", configuration))
	for _, address := range addresses {
		await(t, "unix", address, output)
	}
	return asClient("unix", addresses, output, regexp.MustCompile(`(client SSL certificate verify error: \([^)]*\))`), nil)
}

func judgeOfHAProxy(t *testing.T, stores []store) judge {
	t.Helper()
	s := newPlace(t)
	var configuration strings.Builder
	configuration.WriteString("global\nlog stderr format raw local0 info\ndefaults\nmode http\nlog global\noption httplog\ntimeout client 30s\ntimeout server 30s\ntimeout connect 30s\n")
	var addresses []string
	for i, of := range stores {
		address := s.path(fmt.Sprintf("%d.sock", i))
		anchors, lists := s.writeStore(i, of)
		if lists != "" {
			lists = "crl-file " + lists
		}
		fmt.Fprintf(&configuration, "frontend f%d\nbind unix@%s ssl crt %s ca-file %s verify required %s\nhttp-request return status 200\n", i, address, s.path("both.pem"), anchors, lists)
		addresses = append(addresses, address)
	}
	output := run(t, "haproxy", "-db", "-f", s.write("haproxy.cfg", configuration.String()))
	for _, address := range addresses {
		await(t, "unix", address, output)
	}
	return asClient("unix", addresses, output, regexp.MustCompile(`f\d+/\d+: (SSL [^\n]*)`), nil)
}

// judgeOfApache is Apache that checks a whole chain against the lists.
func judgeOfApache(t *testing.T, stores []store) judge {
	t.Helper()
	return startApache(t, stores, "chain")
}

// startApache runs one Apache, which listens at ports: it knows no Unix sockets.
// checks is the value of SSLCARevocationCheck.
func startApache(t *testing.T, stores []store, checks string) judge {
	t.Helper()
	s := newPlace(t)
	configuration, addresses := s.apache(stores, checks)
	output := run(t, "apache2", "-X", "-f", configuration)
	for _, address := range addresses {
		await(t, "tcp", address, output)
	}
	return asClient("tcp", addresses, output, regexp.MustCompile(`(AH0(?:2276|2040): Certificate Verification: (?:Error \(\d+\): [^\[\n]*[^\s\[]|Certificate Chain too long))`), regexp.MustCompile(`(AH02008)`))
}

// apache writes the configuration of an Apache, and returns its path and where it
// listens.
func (s site) apache(stores []store, checks string) (configurationFile string, addresses []string) {
	t := s.t
	t.Helper()
	modules := filepath.Join(strings.TrimSuffix(filepath.Dir(needProgram(t, "apache2")), "sbin"), "lib", "apache2", "modules")
	var configuration strings.Builder
	fmt.Fprintf(&configuration, "ServerRoot %q\nServerName control\nPidFile apache.pid\nDocumentRoot %q\nErrorLog /dev/stderr\nLogLevel info\nMutex pthread\n", s.folder, s.path("content"))
	for _, module := range []string{"mpm_event", "authz_core", "dir", "socache_shmcb", "ssl"} {
		fmt.Fprintf(&configuration, "LoadModule %s_module %q\n", module, filepath.Join(modules, "mod_"+module+".so"))
	}
	configuration.WriteString("DirectoryIndex index.html\nStartServers 1\nServerLimit 1\nThreadsPerChild 25\nMaxRequestWorkers 25\nListenBacklog 100\n")
	if os.Getuid() == 0 {
		configuration.WriteString("User nobody\nGroup nogroup\n")
	}
	addresses = freePorts(t, len(stores))
	for i, of := range stores {
		anchors, lists := s.writeStore(i, of)
		address := addresses[i]
		fmt.Fprintf(&configuration, "Listen %s\n<VirtualHost %s>\nSSLEngine on\nSSLCertificateFile %s\nSSLCertificateKeyFile %s\nSSLVerifyClient require\nSSLCACertificateFile %s\n",
			address, address, s.path("control.pem"), s.path("control.key"), anchors)
		if of.depth != nil {
			fmt.Fprintf(&configuration, "SSLVerifyDepth %d\n", *of.depth)
		}
		if lists != "" {
			fmt.Fprintf(&configuration, "SSLCARevocationFile %s\nSSLCARevocationCheck %s\n", lists, checks)
		}
		configuration.WriteString("</VirtualHost>\n")
	}
	if err := os.MkdirAll(s.path("content"), 0o755); err != nil {
		t.Fatal(err)
	}
	s.write("content/index.html", "well")
	for _, readable := range []string{s.folder, s.path("content/index.html")} { // for another user than root, which Apache turns into
		if err := os.Chmod(readable, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return s.write("apache.conf", configuration.String()), addresses
}

// lastPort is the last one that [freePorts] has tried.
var lastPort atomic.Uint32

// freePorts are addresses of the loopback interface that nobody listens at. They
// are below those that a system hands out by itself, so that no connection takes one
// before its server does, and no port comes twice.
func freePorts(t *testing.T, number int) []string {
	t.Helper()
	const lowest, most = 20000, 12000
	lastPort.CompareAndSwap(0, uint32(os.Getpid()*97)%most)
	var addresses []string
	for range most {
		if len(addresses) == number {
			return addresses
		}
		address := fmt.Sprintf("127.0.0.1:%d", lowest+lastPort.Add(1)%most)
		listener, err := net.Listen("tcp", address) //nolint:noctx // it is closed before anybody connects
		if err != nil {
			continue
		}
		_ = listener.Close()
		addresses = append(addresses, address)
	}
	t.Fatalf("fewer than %d of %d ports are free", number, most)
	return nil
}

// judgeOfGo is Go's own TLS server.
func judgeOfGo(t *testing.T, stores []store) judge {
	t.Helper()
	s := newPlace(t)
	control := tls.Certificate{Certificate: [][]byte{s.graph.Certificate("control").Raw}, PrivateKey: s.graph.Key("control")}
	said := make(chan error, 1)
	var addresses []string
	for i, of := range stores {
		pool := x509.NewCertPool()
		for _, uploaded := range of.uploaded {
			pool.AddCert(uploaded)
		}
		listener, err := net.Listen("unix", s.path(fmt.Sprintf("%d.sock", i))) //nolint:noctx // closed below
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = listener.Close() })
		go sayErrors(listener, &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{control}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: pool}, said)
		addresses = append(addresses, listener.Addr().String())
	}
	return func(t *testing.T, number int, presented presentation) (bool, string) {
		t.Helper()
		accepted := answered(t, "unix", addresses[number], presented.certificate(), tls.VersionTLS13)
		if err := <-said; err != nil {
			return accepted, err.Error()
		}
		return accepted, ""
	}
}

// sayErrors serves like [answerAll], and hands on how each handshake ended.
func sayErrors(listener net.Listener, configuration *tls.Config, said chan<- error) {
	for {
		connection, err := listener.Accept()
		if err != nil {
			return
		}
		server := tls.Server(connection, configuration)
		_ = server.SetDeadline(time.Now().Add(20 * time.Second))
		err = server.Handshake() //nolint:noctx // it has a deadline
		if err == nil {
			if _, err := server.Read(make([]byte, 1)); err == nil {
				_, _ = io.WriteString(server, "HTTP/1.1 200 OK\r\n\r\n")
			}
		}
		_ = server.Close()
		said <- err
	}
}

// judgeOfCaddy runs one Caddy with a server for each store.
func judgeOfCaddy(t *testing.T, stores []store) judge {
	t.Helper()
	s := newPlace(t)
	servers := map[string]any{}
	var addresses []string
	for i, of := range stores {
		address := s.path(fmt.Sprintf("%d.sock", i))
		var trusted []string
		for _, uploaded := range of.uploaded {
			trusted = append(trusted, base64.StdEncoding.EncodeToString(uploaded.Raw))
		}
		servers[fmt.Sprint(i)] = map[string]any{
			"listen": []string{"unix/" + address}, "automatic_https": map[string]any{"disable": true}, "strict_sni_host": false, "protocols": []string{"h1"},
			"tls_connection_policies": []any{map[string]any{
				"client_authentication": map[string]any{"trusted_ca_certs": trusted, "mode": "require_and_verify"}, "default_sni": "control",
			}},
			"routes": []any{map[string]any{"handle": []any{map[string]any{"handler": "static_response", "body": "well"}}}},
		}
		addresses = append(addresses, address)
	}
	configuration, err := json.Marshal(map[string]any{
		"admin": map[string]any{"disabled": true}, "storage": map[string]any{"module": "file_system", "root": s.folder},
		"logging": map[string]any{"logs": map[string]any{"default": map[string]any{"level": "DEBUG"}}},
		"apps": map[string]any{
			"http": map[string]any{"servers": servers},
			"tls":  map[string]any{"certificates": map[string]any{"load_files": []any{map[string]any{"certificate": s.path("control.pem"), "key": s.path("control.key")}}}},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	output := run(t, "caddy", "run", "--config", s.write("caddy.json", string(configuration)))
	for _, address := range addresses {
		await(t, "unix", address, output)
	}
	return asClient("unix", addresses, output, regexp.MustCompile(`TLS handshake error from [^ ]*: (tls: [^"\n]*)`), nil)
}

// A presenter is a TLS server that presents whatever it is handed.
type presenter struct {
	address string
	current atomic.Pointer[tls.Certificate]
}

func newPresenter(t *testing.T, s site) *presenter {
	t.Helper()
	p := &presenter{address: s.path("presenter.sock")}
	listener, err := tls.Listen("unix", p.address, &tls.Config{
		MinVersion: tls.VersionTLS12, GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return p.current.Load(), nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go answerAll(listener)
	return p
}

func (p *presenter) present(presented presentation) {
	certificate := presented.certificate()
	p.current.Store(&certificate)
}

// probe connects as kong/clustering/utils.lua has lua-resty-websocket do. It logs a
// line at the end: where a handshake is over at the first attempt, which takes a
// peer as near as this one, the module 0.10.23 of Debian 12 logs that it refuses
// and answers that it accepts. The log says what it found.
const probe = `
local socket = ngx.socket.tcp()
socket:settimeout(20000)
assert(socket:connect("unix:" .. ngx.var.arg_socket))
local session, err = socket:sslhandshake(false, ngx.unescape_uri(ngx.var.arg_name), true)
socket:close()
ngx.log(ngx.ERR, "asked ", ngx.var.arg_asked, " and heard")
ngx.say(session and "accepted" or ("refused: " .. err))
`

// judgeOfCosockets runs one nginx with a location for each store, whose Lua
// connects to a server and verifies it.
func judgeOfCosockets(t *testing.T, stores []store) judge {
	t.Helper()
	s := newPlace(t)
	var locations strings.Builder
	script := s.write("probe.lua", probe)
	for i, of := range stores {
		anchors, _ := s.writeStore(i, of)
		fmt.Fprintf(&locations, "location = /%d {\nlua_ssl_trusted_certificate %s;\ncontent_by_lua_file %s;\n", i, anchors, script)
		if of.depth != nil {
			fmt.Fprintf(&locations, "lua_ssl_verify_depth %d;\n", *of.depth)
		}
		locations.WriteString("}\n")
	}
	address := s.path("nginx.sock")
	configuration := fmt.Sprintf(nginxConfiguration, s.folder, "lua_ssl_protocols TLSv1.2 TLSv1.3;", fmt.Sprintf("server {\nlisten unix:%s;\n%s}\n", address, locations.String()))
	modules := "load_module " + filepath.Join(filepath.Dir(luaModule), "ndk_http_module.so") + ";\nload_module " + luaModule + ";\n"
	output := run(t, "nginx", "-p", s.folder, "-e", "stderr", "-c", s.write("nginx.conf", modules+configuration))
	await(t, "unix", address, output)
	peer := newPresenter(t, s)
	asked := 0
	return func(t *testing.T, number int, presented presentation) (bool, string) {
		t.Helper()
		peer.present(presented)
		asked++
		answer := ask(t, address, fmt.Sprintf("/%d?asked=%d&socket=%s&name=%s", number, asked, peer.address, url.QueryEscape(presented.name)))
		if !strings.Contains(answer, "refused: ") && !strings.Contains(answer, "accepted") {
			t.Fatalf("nginx answers %q\n%s", answer, output)
		}
		heard(output, 0, regexp.MustCompile(fmt.Sprintf(`(asked %d and heard)`, asked)))
		line := regexp.MustCompile(fmt.Sprintf(`(lua ssl certificate (?:verify error: \([^)]*\)|does not match host "[^"]*"))[^\n]*asked=%d&`, asked))
		if match := line.FindStringSubmatch(output.String()); match != nil {
			return false, match[1]
		}
		return strings.Contains(answer, "accepted"), ""
	}
}

// ask sends a request in the clear, and returns the whole answer.
func ask(t *testing.T, address, path string) string {
	t.Helper()
	connection, err := (&net.Dialer{}).DialContext(t.Context(), "unix", address)
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	_ = connection.SetDeadline(time.Now().Add(30 * time.Second))
	fmt.Fprintf(connection, "GET %s HTTP/1.0\r\n\r\n", path)
	answer, err := io.ReadAll(connection)
	if err != nil {
		t.Fatal(err)
	}
	return string(answer)
}

// judgeOfOpenSSLClient runs an openssl s_client for each question.
func judgeOfOpenSSLClient(t *testing.T, stores []store) judge {
	t.Helper()
	s := newPlace(t)
	peer := newPresenter(t, s)
	openssl := needProgram(t, "openssl")
	var anchors []string
	for i, of := range stores {
		file, _ := s.writeStore(i, of)
		anchors = append(anchors, file)
	}
	return func(t *testing.T, number int, presented presentation) (bool, string) {
		t.Helper()
		peer.present(presented)
		depth := 1
		if stores[number].depth != nil {
			depth = *stores[number].depth
		}
		command := exec.CommandContext(t.Context(), openssl, "s_client", "-unix", peer.address, "-CAfile", anchors[number], "-no-CApath", "-no-CAstore",
			"-verify_hostname", presented.name, "-verify_return_error", "-verify_depth", fmt.Sprint(depth), "-auth_level", "2")
		command.Stdin = strings.NewReader("Q\n")
		return command.Run() == nil, "" // it writes the first error, where a data plane writes the last
	}
}
