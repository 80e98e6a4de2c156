package trust_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/trustplane/terraform-provider-mtls/internal/pkitest"
	"github.com/trustplane/terraform-provider-mtls/internal/trust"
)

// A witness is a kind of server that is asked what it accepts.
type witness struct {
	name     string
	verifier trust.Verifier // whose verdict it is held against
	column   int            // of meeting.says
	program  string         // that must be installed; empty for Go itself
	// start runs servers that hold the uploads of each meeting, and returns the
	// network and address of each, in order.
	start func(t *testing.T, graph *pkitest.Graph, list []meeting) (network string, addresses []string)
	known map[string]string // differences from the control plane
}

// TestOracleServers asks servers about every meeting, over TLS 1.2 and 1.3.
func TestOracleServers(t *testing.T) {
	for _, w := range witnesses() {
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			if w.program != "" {
				needProgram(t, w.program)
			}
			w.testify(t, meetingGraph(t), slices.Concat(meetings(), furtherMeetings()))
		})
	}
}

// testify compares what a server did with the profile's verdict, and with what
// the matrix says that it did.
func (w witness) testify(t *testing.T, graph *pkitest.Graph, list []meeting) {
	t.Helper()
	network, addresses := w.start(t, graph, list)
	c := newTally(w.name+" for "+string(w.verifier), w.known)
	for i, m := range list {
		accepted := w.meet(t, network, addresses[i], graph, m)
		verdict := m.judge(graph, w.verifier)
		c.compare(m.name, accepted, verdict.Trusted, inWords(verdict))
		if m.says != "" && m.says[w.column] != '.' && accepted != (m.says[w.column] == '+') {
			t.Errorf("%s: accepted: %v, and the matrix says %c", m.name, accepted, m.says[w.column])
		}
	}
	c.report(t)
}

// meet reports whether the server accepts the chain, which must not depend on
// the version of TLS.
func (w witness) meet(t *testing.T, network, address string, graph *pkitest.Graph, m meeting) bool {
	t.Helper()
	certificate := tls.Certificate{PrivateKey: graph.Key(strings.Fields(m.presented)[0])}
	for _, presented := range graph.Certificates(m.presented) {
		certificate.Certificate = append(certificate.Certificate, presented.Raw)
	}
	old := answered(t, network, address, certificate, tls.VersionTLS12)
	if recent := answered(t, network, address, certificate, tls.VersionTLS13); recent != old {
		t.Errorf("%s: accepted over TLS 1.2: %v, over TLS 1.3: %v", m.name, old, recent)
	}
	return old
}

// answered reports whether a server answers a request with 200. Under TLS 1.3 a
// refusal comes only after the client has finished its handshake, and Kong's
// comes as a closed connection after that: so the answer must be read.
func answered(t *testing.T, network, address string, certificate tls.Certificate, version uint16) bool {
	t.Helper()
	accepted, err := askedOnce(t.Context(), network, address, certificate, version)
	if err != nil {
		t.Fatal(err)
	}
	return accepted
}

// askedOnce is [answered], with an error where nobody listens.
func askedOnce(ctx context.Context, network, address string, certificate tls.Certificate, version uint16) (bool, error) {
	connection, err := (&net.Dialer{Timeout: 10 * time.Second}).DialContext(ctx, network, address)
	if err != nil {
		return false, err
	}
	defer connection.Close()
	_ = connection.SetDeadline(time.Now().Add(20 * time.Second))
	client := tls.Client(connection, &tls.Config{
		InsecureSkipVerify: true, MinVersion: version, MaxVersion: version,
		// Present it whatever CAs the server names.
		GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &certificate, nil },
	})
	if _, err := io.WriteString(client, "GET / HTTP/1.0\r\nHost: control\r\n\r\n"); err != nil {
		return false, nil // refused in the handshake
	}
	status := make([]byte, len("HTTP/1.1 200"))
	_, err = io.ReadFull(client, status)
	return err == nil && strings.HasSuffix(string(status), " 200"), nil
}

// socketFolder is a folder for Unix sockets, whose paths must be short.
func socketFolder(t *testing.T) string {
	t.Helper()
	folder, err := os.MkdirTemp("", "mtls") //nolint:usetesting // t.TempDir has the test's name in it, and a socket's path must fit 108 bytes
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	return folder
}

// await waits until a server listens.
func await(t *testing.T, network, address string, output fmt.Stringer) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for {
		connection, err := (&net.Dialer{}).DialContext(ctx, network, address)
		if err == nil {
			_ = connection.Close()
			return
		}
		select {
		case <-ctx.Done():
			t.Fatalf("no server at %s: %v\n%s", address, err, output)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// startGo runs Go's own TLS server, on a port of the loopback interface.
func startGo(t *testing.T, graph *pkitest.Graph, list []meeting) (network string, addresses []string) {
	t.Helper()
	for _, m := range list {
		pool := x509.NewCertPool()
		for _, uploaded := range graph.Certificates(m.uploaded) {
			pool.AddCert(uploaded)
		}
		control := tls.Certificate{Certificate: [][]byte{graph.Certificate("control").Raw}, PrivateKey: graph.Key("control")}
		listener, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{
			MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{control}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: pool,
		})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = listener.Close() })
		go answerAll(listener)
		addresses = append(addresses, listener.Addr().String())
	}
	return "tcp", addresses
}

// answerAll answers whoever gets through the handshake, until the listener is
// closed.
func answerAll(listener net.Listener) {
	for {
		connection, err := listener.Accept()
		if err != nil {
			return
		}
		go func() {
			defer connection.Close()
			if _, err := connection.Read(make([]byte, 1)); err == nil {
				_, _ = io.WriteString(connection, "HTTP/1.1 200 OK\r\n\r\n")
			}
		}()
	}
}
