package handshake_test

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/trustplane/terraform-provider-mtls/internal/handshake"
	"github.com/trustplane/terraform-provider-mtls/internal/pkitest"
)

// drawing is the site of all tests: a data plane below an intermediate, a
// stranger, and the control plane's own certificate below another root.
const drawing = `
edge <- issuing <- root
edge~expired <- issuing
server-only <- issuing
stranger <- elsewhere
control <- serving
`

// newGraph makes the site, valid today: real servers know no other time.
func newGraph(t *testing.T) *pkitest.Graph {
	t.Helper()
	now := time.Now().Truncate(time.Second)
	today := pkitest.Valid(now.Add(-2*time.Hour), now.Add(2*time.Hour))
	settings := []pkitest.Setting{}
	for name := range strings.FieldsSeq(strings.ReplaceAll(drawing, "<-", " ")) {
		settings = append(settings, pkitest.With(name, today))
	}
	settings = append(settings,
		pkitest.With("edge~expired", pkitest.Valid(now.Add(-3*time.Hour), now.Add(-time.Hour))),
		pkitest.With("server-only", pkitest.Purposes(x509.ExtKeyUsageServerAuth)),
		pkitest.With("control", pkitest.DNS("kong_clustering", "localhost"), pkitest.IP("127.0.0.1", "::1"), pkitest.Purposes(x509.ExtKeyUsageServerAuth)),
	)
	return pkitest.Build(t, drawing, settings...)
}

// presenting is a request of a data plane that presents certificates of a graph.
func presenting(t *testing.T, graph *pkitest.Graph, address, names string) handshake.Request {
	t.Helper()
	parsed, err := handshake.ParseAddress(address)
	if err != nil {
		t.Fatal(err)
	}
	return handshake.Request{
		Address: parsed, ServerName: "kong_clustering", Chain: graph.Certificates(names), Key: graph.Key(strings.Fields(names)[0]), Timeout: 20 * time.Second,
	}
}

// certificateOf is a node's certificate and key for crypto/tls.
func certificateOf(graph *pkitest.Graph, name string) tls.Certificate {
	return tls.Certificate{Certificate: [][]byte{graph.Certificate(name).Raw}, PrivateKey: graph.Key(name)}
}

// serveTLS answers each connection of a Go server, on an address of the loopback
// interface; answer gets the connection after the handshake.
func serveTLS(t *testing.T, network string, config *tls.Config, answer func(net.Conn)) string {
	t.Helper()
	listener := listen(t, network)
	go eachConnection(listener, func(connection net.Conn) {
		secured := tls.Server(connection, config)
		if secured.Handshake() == nil { //nolint:noctx // a server of a test, closed with it
			answer(secured)
		}
	})
	return listener.Addr().String()
}

// serveRaw answers each connection without TLS.
func serveRaw(t *testing.T, answer func(net.Conn)) string {
	t.Helper()
	listener := listen(t, "tcp4")
	go eachConnection(listener, answer)
	return listener.Addr().String()
}

func listen(t *testing.T, network string) net.Listener {
	t.Helper()
	host := "127.0.0.1:0"
	if network == "tcp6" {
		host = "[::1]:0"
	}
	listener, err := listenOn(t, host)
	if err != nil && network == "tcp6" {
		t.Skipf("this machine has no IPv6: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	return listener
}

func listenOn(t *testing.T, address string) (net.Listener, error) {
	t.Helper()
	return new(net.ListenConfig).Listen(t.Context(), "tcp", address)
}

func eachConnection(listener net.Listener, answer func(net.Conn)) {
	for {
		connection, err := listener.Accept()
		if err != nil {
			return
		}
		go func() {
			defer connection.Close()
			answer(connection)
		}()
	}
}

// answering reads a request's head and answers with a text.
func answering(text string) func(net.Conn) {
	return func(connection net.Conn) {
		room := make([]byte, 4096)
		if _, err := connection.Read(room); err == nil {
			_, _ = io.WriteString(connection, text)
		}
	}
}

// waiting holds a connection until the other side ends it.
func waiting(connection net.Conn) { _, _ = io.Copy(io.Discard, connection) }

// serverConfig is that of a Go server that wants certificates below what is
// uploaded.
func serverConfig(graph *pkitest.Graph, uploaded string) *tls.Config {
	pool := x509.NewCertPool()
	for _, certificate := range graph.Certificates(uploaded) {
		pool.AddCert(certificate)
	}
	return &tls.Config{
		MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{certificateOf(graph, "control")},
		ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: pool,
	}
}
