package handshake_test

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/trustplane/terraform-provider-mtls/internal/handshake"
)

// TestServersThatWereShownNothing: who never asked for a certificate has not refused
// it, whatever the answer to the request is. A withdrawal is not proved by a server
// that denies everybody.
func TestServersThatWereShownNothing(t *testing.T) {
	t.Parallel()
	graph := newGraph(t)
	for said, answer := range map[string]string{
		"HTTP 401 Unauthorized, and had asked for no certificate":                          "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n",
		"HTTP 403 Forbidden, and had asked for no certificate":                             "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n",
		"HTTP 400: No required SSL certificate was sent, and had asked for no certificate": "HTTP/1.1 400 Bad Request\r\nContent-Type: text/html\r\n\r\n<title>400 No required SSL certificate was sent</title>",
		"HTTP 496, and had asked for no certificate":                                       "HTTP/1.1 496 \r\nContent-Length: 0\r\n\r\n",
		"closed without an answer, and had asked for no certificate":                       "",
	} {
		for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
			t.Run(said+" "+tls.VersionName(version), func(t *testing.T) {
				t.Parallel()
				config := serverConfig(graph, "root")
				config.ClientAuth, config.MaxVersion = tls.NoClientCert, version
				asked := presenting(t, graph, serveTLS(t, "tcp4", config, answering(answer)), "edge issuing")
				asked.Path = "/"
				result := handshake.Connect(t.Context(), asked)
				if result.Outcome != handshake.Undecided || result.Said != said {
					t.Errorf("%s, said %q, want %q", result.Outcome, result.Said, said)
				}
			})
		}
	}
}

// TestHostileServers: whatever a server sends, the handshake ends by itself, before
// its time, with words of a line.
func TestHostileServers(t *testing.T) {
	t.Parallel()
	graph := newGraph(t)
	padded := func(times int) *tls.Config {
		config := serverConfig(graph, "root")
		whole := certificateOf(graph, "control")
		whole.Certificate = slices.Concat(whole.Certificate, slices.Repeat([][]byte{graph.Certificate("serving").Raw}, times))
		config.Certificates = []tls.Certificate{whole}
		return config
	}
	versions := func(from, to uint16) *tls.Config {
		config := serverConfig(graph, "root")
		config.MinVersion, config.MaxVersion = from, to
		return config
	}
	endless := func(begin, again string) func(net.Conn) {
		return func(connection net.Conn) {
			_, _ = connection.Read(make([]byte, 4096))
			_, err := io.WriteString(connection, begin)
			for more := strings.Repeat(again, 100); err == nil; {
				_, err = io.WriteString(connection, more)
			}
		}
	}
	for name, row := range map[string]struct {
		address string
		outcome handshake.Outcome
		said    string
	}{
		"TLS 1.0":                          {serveTLS(t, "tcp4", versions(tls.VersionTLS10, tls.VersionTLS10), answering(well)), handshake.Undecided, "alert 70 (protocol_version), before it asked for a certificate"},
		"TLS 1.1":                          {serveTLS(t, "tcp4", versions(tls.VersionTLS11, tls.VersionTLS11), answering(well)), handshake.Undecided, "alert 70 (protocol_version), before it asked for a certificate"},
		"a chain of a megabyte":            {serveTLS(t, "tcp4", padded(3000), answering(well)), handshake.Undecided, "exceeds maximum"},
		"a chain of 200 kilobytes":         {serveTLS(t, "tcp4", padded(400), answering(well)), handshake.Accepted, ""},
		"endless empty records":            {serveRaw(t, endless("", "\x16\x03\x03\x00\x00")), handshake.Undecided, "this side could not go on"},
		"endless warnings":                 {serveRaw(t, endless("", "\x15\x03\x03\x00\x02\x01\x5a")), handshake.Undecided, "this side could not go on"},
		"an endless handshake message":     {serveRaw(t, endless("\x16\x03\x03\x40\x00\x02\xff\xff\xff", "\x16\x03\x03\x00\x01x")), handshake.Undecided, "this side could not go on"},
		"an endless line":                  {serveRaw(t, endless("", "x")), handshake.Undecided, "no TLS"},
		"SMTP":                             {serveRaw(t, func(c net.Conn) { _, _ = io.WriteString(c, "220 mail.example ESMTP\r\n"); waiting(c) }), handshake.Undecided, `no TLS: "220 mail.example ESMTP"`},
		"a line with controls":             {serveRaw(t, answering("\x1b[31mHTTP\x07\r\n")), handshake.Undecided, "no TLS, but bytes that begin 1b5b33316d"},
		"endless headers":                  {serveTLS(t, "tcp4", serverConfig(graph, "root"), endless("HTTP/1.1 200 OK\r\n", "X-Again: yes\r\n")), handshake.Undecided, "an HTTP answer whose head is longer than 65536 bytes"},
		"an endless header":                {serveTLS(t, "tcp4", serverConfig(graph, "root"), endless("HTTP/1.1 200 OK\r\nX: ", "x")), handshake.Undecided, "an HTTP answer whose head is longer than 65536 bytes"},
		"an endless status":                {serveTLS(t, "tcp4", serverConfig(graph, "root"), endless("HTTP/1.1 ", "2")), handshake.Undecided, ""},
		"an endless reason":                {serveTLS(t, "tcp4", serverConfig(graph, "root"), endless("HTTP/1.1 403 No\r\nContent-Type: text/plain\r\n\r\n", "no ")), handshake.Refused, "HTTP 403: no no no"},
		"an endless chunk":                 {serveTLS(t, "tcp4", serverConfig(graph, "root"), endless("HTTP/1.1 403 No\r\nTransfer-Encoding: chunked\r\nContent-Type: text/plain\r\n\r\n", "1\r\nx\r\n")), handshake.Refused, "HTTP 403: xxx"},
		"a reason with controls":           {serveTLS(t, "tcp4", serverConfig(graph, "root"), answering("HTTP/1.1 403 No\r\nContent-Type: text/plain\r\n\r\n\x1b[2Jgone")), handshake.Refused, `HTTP 403: \u001b[2Jgone`},
		"half a head":                      {serveTLS(t, "tcp4", serverConfig(graph, "root"), answering("HTTP/1.1 200 OK\r\nX: ")), handshake.Undecided, "closed within the head of an HTTP answer"},
		"an answer before the request":     {serveTLS(t, "tcp4", serverConfig(graph, "root"), func(c net.Conn) { _, _ = io.WriteString(c, well); waiting(c) }), handshake.Accepted, ""},
		"HTTP/2 without having been asked": {serveTLS(t, "tcp4", serverConfig(graph, "root"), answering("\x00\x00\x12\x04\x00\x00\x00\x00\x00")), handshake.Undecided, "an answer that is not HTTP"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			asked := presenting(t, graph, row.address, "edge issuing")
			asked.Path, asked.Timeout = "/", time.Minute
			result := handshake.Connect(t.Context(), asked)
			if result.Outcome != row.outcome || !strings.Contains(result.Said, row.said) {
				t.Errorf("%s, said %q, want %s, %q", result.Outcome, result.Said, row.outcome, row.said)
			}
			if strings.Contains(result.Said, "within 1m0s") {
				t.Errorf("ended by its time: %q", result.Said)
			}
			summary := handshake.Judge(asked, result, handshake.Judgement{At: time.Now(), Anchors: graph.Certificates("serving")}).Summary()
			if strings.ContainsAny(summary, "\x1b\x07\r") || len(summary) > 8000 {
				t.Errorf("%d bytes of summary:\n%.3000s", len(summary), summary)
			}
		})
	}
}

// TestEveryAlert: each alert that a server can send once it has the certificate is a
// refusal with its number.
func TestEveryAlert(t *testing.T) {
	t.Parallel()
	graph := newGraph(t)
	for number := range 256 {
		if number == 0 || number == 90 {
			continue // close_notify and user_canceled end nothing that was refused
		}
		// The alert is written as it is, since crypto/tls chooses one of its own.
		listener := listen(t, "tcp4")
		go eachConnection(listener, func(connection net.Conn) {
			config := serverConfig(graph, "root")
			config.MaxVersion = tls.VersionTLS12
			config.VerifyConnection = func(tls.ConnectionState) error {
				_, _ = connection.Write([]byte{0x15, 3, 3, 0, 2, 2, byte(number)})
				return errors.New("refused")
			}
			_ = tls.Server(connection, config).Handshake() //nolint:noctx // a server of a test, closed with it
		})
		asked := presenting(t, graph, listener.Addr().String(), "edge issuing")
		result := handshake.Connect(t.Context(), asked)
		if want := fmt.Sprintf("alert %d (", number); result.Outcome != handshake.Refused || !strings.HasPrefix(result.Said, want) {
			t.Errorf("%s, said %q, want %q", result.Outcome, result.Said, want)
		}
	}
}

// TestServerThatClosesAtEachStep: after each count of bytes from the client, and
// from the server, a connection that ends is a result in words.
func TestServerThatClosesAtEachStep(t *testing.T) {
	t.Parallel()
	graph := newGraph(t)
	counts := map[handshake.Outcome]int{}
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		for sent := 0; sent < 3000; sent += 53 {
			config := serverConfig(graph, "root")
			config.MaxVersion = version
			listener := listen(t, "tcp4")
			go eachConnection(listener, func(connection net.Conn) {
				cut := &cutConnection{Conn: connection, left: sent}
				secured := tls.Server(cut, config)
				if secured.Handshake() == nil { //nolint:noctx // a server of a test, closed with it
					answering(well)(secured)
				}
			})
			asked := presenting(t, graph, listener.Addr().String(), "edge issuing")
			asked.Path = "/"
			result := handshake.Connect(t.Context(), asked)
			counts[result.Outcome]++
			switch {
			case result.Outcome == handshake.Accepted:
			case result.Said != "closed without an answer" && result.Said != "connection reset" && !strings.HasSuffix(result.Said, ", before it asked for a certificate") &&
				result.Said != "closed within the head of an HTTP answer":
				t.Errorf("%s, cut after %d bytes: %s, said %q", tls.VersionName(version), sent, result.Outcome, result.Said)
			case result.Outcome == handshake.Refused && !result.Asked:
				t.Errorf("%s, cut after %d bytes: refused without having asked", tls.VersionName(version), sent)
			}
		}
	}
	if len(counts) < 3 {
		t.Errorf("not every outcome was reached: %v", counts)
	}
}

// A cutConnection ends once so many bytes were written.
type cutConnection struct {
	net.Conn

	left int
}

func (c *cutConnection) Write(text []byte) (int, error) {
	if len(text) <= c.left {
		c.left -= len(text)
		return c.Conn.Write(text)
	}
	_, _ = c.Conn.Write(text[:c.left])
	c.left = 0
	_ = c.Close()
	return 0, net.ErrClosed
}

// TestNamesAsTheyAreAskedFor: a name without the dot that ends it, and an address
// without its zone, which is for connecting, are what the server's certificate is
// judged by.
func TestNamesAsTheyAreAskedFor(t *testing.T) {
	t.Parallel()
	graph := newGraph(t)
	_, port, _ := net.SplitHostPort(serveTLS(t, "tcp6", serverConfig(graph, "root"), answering(well)))
	for _, row := range []struct{ host, serverName, says string }{
		{"[::1]", "kong_clustering.", "server name   kong_clustering\n"},
		{"[::1]", "localhost", "server name   localhost\n"},
		{"[::1%" + loopback(t) + "]", "kong_clustering", "server name   kong_clustering\n"},
		// A Kong data plane compares no IP addresses.
		{"[::1%" + loopback(t) + "]", "", `looks for "::1" among its DNS names`},
		{"[::1]", "fe80::1%eth0", `looks for "fe80::1" among its DNS names`},
	} {
		asked := presenting(t, graph, row.host+":"+port, "edge issuing")
		asked.ServerName, asked.Path = row.serverName, "/"
		result := handshake.Connect(t.Context(), asked)
		report := handshake.Judge(asked, result, handshake.Judgement{At: time.Now(), Anchors: graph.Certificates("serving")})
		trusted := report.Server != nil && report.Server.Trusted
		if result.Outcome != handshake.Accepted || trusted == strings.Contains(row.says, "looks for") || !strings.Contains(report.Summary(), row.says) {
			t.Errorf("%s as %q: %s, said %q, want %q\n%s", row.host, row.serverName, result.Outcome, result.Said, row.says, report.Summary())
		}
	}
}

// loopback is the name of the loopback interface.
func loopback(t *testing.T) string {
	t.Helper()
	interfaces, err := net.Interfaces()
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range interfaces {
		if one.Flags&net.FlagLoopback != 0 {
			return one.Name
		}
	}
	t.Skip("this machine has no loopback interface")
	return ""
}

// TestApacheThatAsksLate: with SSLVerifyClient in a location, Apache asks for a
// certificate only once it has the request: by renegotiation up to TLS 1.2, after the
// handshake with TLS 1.3. This side does neither, and proves nothing.
func TestApacheThatAsksLate(t *testing.T) {
	needProgram(t, "apache2")
	graph := newGraph(t)
	modules := filepath.Dir(needModule(t))
	doors := []door{{"127.0.0.1", tls.VersionTLS12, "root"}, {"127.0.0.1", tls.VersionTLS13, "root"}}
	f, addresses := newFolder(t, graph), freeAddresses(t, doors)
	configuration := fmt.Sprintf("ServerRoot %s\nServerName kong_clustering\nPidFile %[1]s/apache.pid\nDefaultRuntimeDir %[1]s\nErrorLog /dev/stderr\nUser www-data\nGroup www-data\n", f.path)
	for _, module := range []string{"mpm_event", "authz_core", "alias", "ssl"} {
		configuration += fmt.Sprintf("LoadModule %s_module %s/mod_%[1]s.so\n", module, modules)
	}
	for i, d := range doors {
		configuration += fmt.Sprintf("Listen %s\n<VirtualHost %[1]s>\nSSLEngine on\nSSLProtocol %s\nSSLCertificateFile %s/control.pem\nSSLCertificateKeyFile %[3]s/control.key\n"+
			"SSLCACertificateFile %s\n<Location />\nSSLVerifyClient require\nSSLVerifyDepth 5\n</Location>\n</VirtualHost>\n",
			addresses[i], strings.Replace(tls.VersionName(d.version), "TLS ", "TLSv", 1), f.path, f.uploads(i, d))
	}
	runProgram(t, addresses, "apache2", "-X", "-f", f.write("apache.conf", configuration))
	for i, address := range addresses {
		for path, said := range map[string]string{
			"":  "the server asked for no certificate",
			"/": []string{"the server began another handshake", "HTTP 403: Forbidden, and had asked for no certificate"}[i],
		} {
			asked := presenting(t, graph, address, "edge issuing")
			asked.Path = path
			result := handshake.Connect(t.Context(), asked)
			if result.Outcome != handshake.Undecided || result.Asked || result.Said != said {
				t.Errorf("%s, request %q: %s, said %q, want %q", tls.VersionName(doors[i].version), path, result.Outcome, result.Said, said)
			}
		}
	}
}
