package handshake_test

import (
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/trustplane/terraform-provider-mtls/internal/handshake"
)

const (
	well     = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
	badByTLS = "HTTP/1.1 400 Bad Request\r\nContent-Type: text/html\r\n\r\n<html>\r\n<head><title>400 The SSL certificate error</title></head>"
)

// TestServersThatDecide: what a server says of a certificate, over both versions
// of TLS, with a request and without one.
func TestServersThatDecide(t *testing.T) {
	t.Parallel()
	graph := newGraph(t)
	for _, row := range []struct {
		name, uploaded, presented string
		config                    func(*tls.Config)
		answer                    func(net.Conn)
		outcome                   handshake.Outcome
		said                      string // what is meant to be in Said, with a request
		status                    int
		needsRequest              bool
	}{
		{name: "accepted", uploaded: "root", presented: "edge issuing", outcome: handshake.Accepted, status: 200},
		{name: "an intermediate is missing", uploaded: "root", presented: "edge", outcome: handshake.Refused, said: "alert 48 (unknown_ca)"},
		{name: "expired", uploaded: "root", presented: "edge~expired issuing", outcome: handshake.Refused, said: "alert 45 (certificate_expired)"},
		{name: "not for clients", uploaded: "root", presented: "server-only issuing", outcome: handshake.Refused, said: "alert 42 (bad_certificate)"},
		{name: "a stranger", uploaded: "root", presented: "stranger", outcome: handshake.Refused, said: "alert 48 (unknown_ca)"},
		{
			name: "no certificate is asked for", uploaded: "root", presented: "edge issuing", outcome: handshake.Undecided, said: "the server asked for no certificate", status: 200,
			config: func(c *tls.Config) { c.ClientAuth = tls.NoClientCert },
		},
		{
			name: "no session tickets", uploaded: "root", presented: "edge issuing", outcome: handshake.Accepted, status: 200,
			config: func(c *tls.Config) { c.SessionTicketsDisabled = true },
		},
		{
			name: "refused in HTTP, as nginx does", uploaded: "root", presented: "edge issuing", outcome: handshake.Refused, said: "HTTP 400: The SSL certificate error", status: 400,
			answer: answering(badByTLS), needsRequest: true,
		},
		{
			name: "a bad request that is not about certificates", uploaded: "root", presented: "edge issuing", outcome: handshake.Accepted, status: 400,
			answer: answering("HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\n\r\nnot a websocket"), needsRequest: true,
		},
		{
			name: "denied in HTTP", uploaded: "root", presented: "edge issuing", outcome: handshake.Refused, said: "HTTP 403 Forbidden", status: 403,
			answer: answering("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"), needsRequest: true,
		},
		{
			name: "a redirect is not followed", uploaded: "root", presented: "edge issuing", outcome: handshake.Accepted, status: 302,
			answer: answering("HTTP/1.1 302 Found\r\nLocation: https://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"), needsRequest: true,
		},
		{
			name: "a gateway without anything behind it", uploaded: "root", presented: "edge issuing", outcome: handshake.Undecided, said: "HTTP 502 Bad Gateway, a proxy's answer", status: 502,
			answer: answering("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n"), needsRequest: true,
		},
		{
			name: "closed without an answer, as Kong does", uploaded: "root", presented: "edge issuing", outcome: handshake.Refused, said: "closed without an answer",
			answer: func(connection net.Conn) { _, _ = connection.Read(make([]byte, 4096)) }, needsRequest: true,
		},
		{
			name: "another protocol in TLS", uploaded: "root", presented: "edge issuing", outcome: handshake.Undecided, said: `an answer that is not HTTP: "220 mail.example ESMTP"`,
			answer: answering("220 mail.example ESMTP\r\n"), needsRequest: true,
		},
		{
			name: "a megabyte of head", uploaded: "root", presented: "edge issuing", outcome: handshake.Undecided, said: "an HTTP answer whose head is longer than 65536 bytes",
			answer: answering("HTTP/1.1 200 OK\r\nX: " + strings.Repeat("x", 1<<20)), needsRequest: true,
		},
		{
			name: "a megabyte of body", uploaded: "root", presented: "edge issuing", outcome: handshake.Accepted, status: 200,
			answer: answering("HTTP/1.1 200 OK\r\n\r\n" + strings.Repeat("x", 1<<20)), needsRequest: true,
		},
	} {
		for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
			for _, path := range []string{"", "/"} {
				t.Run(fmt.Sprintf("%s/%s/%s", row.name, tls.VersionName(version), path), func(t *testing.T) {
					t.Parallel()
					config := serverConfig(graph, row.uploaded)
					config.MaxVersion = version
					if row.config != nil {
						row.config(config)
					}
					answer := answering(well)
					if row.answer != nil {
						answer = row.answer
					}
					asked := presenting(t, graph, serveTLS(t, "tcp4", config, answer), row.presented)
					asked.Path = path
					result := handshake.Connect(t.Context(), asked)
					want, said, status := row.outcome, row.said, row.status
					if path == "" {
						status = 0
					}
					if path == "" && row.needsRequest {
						want, said = handshake.Accepted, ""
					}
					if result.Outcome != want || !strings.Contains(result.Said, said) || (said == "") != (result.Said == "") || result.HTTPStatus != status {
						t.Errorf("%s, said %q, status %d; want %s, %q, %d", result.Outcome, result.Said, result.HTTPStatus, want, said, status)
					}
					if result.TLSVersion != tls.VersionName(version) || result.CipherSuite == "" {
						t.Errorf("over %q with %q", result.TLSVersion, result.CipherSuite)
					}
					if graph.Path(result.ServerChain) != "control" {
						t.Errorf("the server presented %s", graph.Path(result.ServerChain))
					}
				})
			}
		}
	}
}

// TestServersThatDoNotDecide: no word on the certificate is neither acceptance
// nor refusal, and is said for what it is.
func TestServersThatDoNotDecide(t *testing.T) {
	t.Parallel()
	graph := newGraph(t)
	closed := listen(t, "tcp4")
	_ = closed.Close()
	for name, row := range map[string]struct {
		address string
		said    string
		timeout time.Duration
	}{
		"nothing listens":              {address: closed.Addr().String(), said: "connection refused"},
		"no such host":                 {address: "nobody.invalid:8005", said: `"nobody.invalid" does not resolve`},
		"it never answers":             {address: serveRaw(t, waiting), said: "no answer within 300ms: connected, and not a byte came back", timeout: 300 * time.Millisecond},
		"it answers slowly":            {address: serveRaw(t, drip), said: "no answer within 700ms: connected, and the handshake was not finished; ", timeout: 700 * time.Millisecond},
		"it closes at once":            {address: serveRaw(t, func(net.Conn) {}), said: ", before it asked for a certificate"},
		"a megabyte of something else": {address: serveRaw(t, answering(strings.Repeat("x", 1<<20))), said: "no TLS"},
		"plain HTTP":                   {address: serveRaw(t, answering("HTTP/1.1 400 Bad Request\r\n\r\n")), said: `no TLS: an answer in plain HTTP: "HTTP/1.1 400 Bad Request"`},
		"a proxy":                      {address: serveRaw(t, answering("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")), said: `no TLS: a proxy's answer in plain HTTP: "HTTP/1.1 407 Proxy Authentication Required"`},
		"SSH":                          {address: serveRaw(t, answering("SSH-2.0-OpenSSH_9.2\r\n")), said: `no TLS: "SSH-2.0-OpenSSH_9.2"`},
		"something binary":             {address: serveRaw(t, answering("\x4a\x00\x00\x00\x0a8.0.36")), said: "no TLS, but bytes that begin 4a000000"},
		"an alert before anything":     {address: serveRaw(t, answering("\x15\x03\x03\x00\x02\x02\x46")), said: "alert 70 (protocol_version), before it asked for a certificate"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			asked := presenting(t, graph, row.address, "edge issuing")
			asked.Path = "/"
			if row.timeout > 0 {
				asked.Timeout = row.timeout
			}
			result := handshake.Connect(t.Context(), asked)
			if result.Outcome != handshake.Undecided || !strings.Contains(result.Said, row.said) {
				t.Errorf("%s, said %q, want %q", result.Outcome, result.Said, row.said)
			}
		})
	}
}

// drip sends a handshake record of TLS one byte at a time.
func drip(connection net.Conn) {
	for _, b := range []byte("\x16\x03\x03\x40\x00\x02\x00\x3f\xfc" + strings.Repeat("\x03", 1<<14)) {
		if _, err := connection.Write([]byte{b}); err != nil {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// TestReset: a server that asked for a certificate and resets has refused.
func TestReset(t *testing.T) {
	t.Parallel()
	graph := newGraph(t)
	config := serverConfig(graph, "root")
	listener := listen(t, "tcp4")
	go eachConnection(listener, func(connection net.Conn) {
		secured := tls.Server(connection, config)
		_, _ = secured.Read(make([]byte, 1))
		_ = connection.(*net.TCPConn).SetLinger(0)
	})
	asked := presenting(t, graph, listener.Addr().String(), "edge issuing")
	asked.Path = "/"
	if result := handshake.Connect(t.Context(), asked); result.Outcome != handshake.Refused || result.Said != "connection reset" {
		t.Errorf("%s, said %q", result.Outcome, result.Said)
	}
}

// TestUnansweredRequest: a server that takes the certificate and never answers
// proves nothing.
func TestUnansweredRequest(t *testing.T) {
	t.Parallel()
	graph := newGraph(t)
	asked := presenting(t, graph, serveTLS(t, "tcp4", serverConfig(graph, "root"), waiting), "edge issuing")
	asked.Path, asked.Timeout = "/", 500*time.Millisecond
	result := handshake.Connect(t.Context(), asked)
	if result.Outcome != handshake.Undecided || result.Said != "no answer within 500ms: the handshake was held, and the request was not answered" {
		t.Errorf("%s, said %q", result.Outcome, result.Said)
	}
}

// TestEndlessServer: a server that never stops sending is stopped.
func TestEndlessServer(t *testing.T) {
	t.Parallel()
	graph := newGraph(t)
	address := serveTLS(t, "tcp4", serverConfig(graph, "root"), func(connection net.Conn) {
		_, _ = io.WriteString(connection, "HTTP/1.1 100 Continue\r\n\r\n")
		for {
			if _, err := io.WriteString(connection, "HTTP/1.1 100 Continue\r\n\r\n"); err != nil {
				return
			}
		}
	})
	asked := presenting(t, graph, address, "edge issuing")
	asked.Path = "/"
	if result := handshake.Connect(t.Context(), asked); result.Outcome != handshake.Accepted || result.HTTPStatus != 100 {
		t.Errorf("%s, said %q, status %d", result.Outcome, result.Said, result.HTTPStatus)
	}
}

// TestRequestIsAsConfigured: nothing is sent but what is configured.
func TestRequestIsAsConfigured(t *testing.T) {
	t.Parallel()
	graph := newGraph(t)
	got := make(chan string, 1)
	config := serverConfig(graph, "root")
	config.GetConfigForClient = func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
		if hello.ServerName != "kong_clustering" || len(hello.SupportedProtos) > 0 {
			t.Errorf("asked for %q, with %q", hello.ServerName, hello.SupportedProtos)
		}
		return nil, nil
	}
	address := serveTLS(t, "tcp4", config, func(connection net.Conn) {
		room := make([]byte, 4096)
		count, _ := connection.Read(room)
		got <- string(room[:count])
		_, _ = io.WriteString(connection, well)
	})
	asked := presenting(t, graph, address, "edge issuing")
	asked.Path = "/v2/outlet?node=1"
	handshake.Connect(t.Context(), asked)
	if sent, want := <-got, "GET /v2/outlet?node=1 HTTP/1.1\r\nHost: kong_clustering\r\nAccept: */*\r\nConnection: close\r\n\r\n"; sent != want {
		t.Errorf("sent %q, want %q", sent, want)
	}
}

// TestIPv6 and names that resolve: what was resolved and connected to is said.
func TestAddressesAreSaid(t *testing.T) {
	t.Parallel()
	graph := newGraph(t)
	t.Run("IPv6", func(t *testing.T) {
		t.Parallel()
		address := serveTLS(t, "tcp6", serverConfig(graph, "root"), answering(well))
		result := handshake.Connect(t.Context(), presenting(t, graph, address, "edge issuing"))
		if result.Outcome != handshake.Accepted || result.Remote.String() != address || result.Resolved != nil {
			t.Errorf("%s at %s, resolved %v", result.Outcome, result.Remote, result.Resolved)
		}
	})
	t.Run("a name", func(t *testing.T) {
		t.Parallel()
		address := serveTLS(t, "tcp4", serverConfig(graph, "root"), answering(well))
		_, port, _ := net.SplitHostPort(address)
		asked := presenting(t, graph, "localhost:"+port, "edge issuing")
		result := handshake.Connect(t.Context(), asked)
		summary := handshake.Judge(asked, result, handshake.Judgement{At: time.Now()}).Summary()
		if result.Outcome != handshake.Accepted || result.Remote.String() != address || len(result.Resolved) == 0 || !strings.Contains(summary, "localhost resolved to ") {
			t.Errorf("%s at %s, resolved %v:\n%s", result.Outcome, result.Remote, result.Resolved, summary)
		}
	})
}

// TestNothingIsSentForAWrongKey: a chain and a key that do not belong together
// open no connection.
func TestNothingIsSentForAWrongKey(t *testing.T) {
	t.Parallel()
	graph := newGraph(t)
	connected := make(chan struct{}, 1)
	asked := presenting(t, graph, serveRaw(t, func(net.Conn) { connected <- struct{}{} }), "edge issuing")
	asked.Key = graph.Key("stranger")
	result := handshake.Connect(t.Context(), asked)
	if result.Outcome != handshake.Undecided || !strings.Contains(result.Said, "nothing was sent: the private key does not belong to CN=edge") {
		t.Errorf("%s, said %q", result.Outcome, result.Said)
	}
	select {
	case <-connected:
		t.Error("a connection was opened")
	default:
	}
}
