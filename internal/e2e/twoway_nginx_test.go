package e2e

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/trustplane/terraform-provider-mtls/internal/nginxtest"
)

// A listener is a node of the control plane that is a real nginx, set up as Kong
// sets up its cluster listener with cluster_mtls = pki.
type listener struct {
	t       *testing.T
	folder  string
	address string
	server  *nginxtest.Server // nil until it is started
	reloads int
}

// takes restarts the node on other files, or on another upload.
func (l *listener) takes(running files) {
	l.t.Helper()
	for name, text := range map[string]string{"trusted.pem": running.trusted, "chain.pem": running.chain, "key.pem": running.key} {
		if err := os.WriteFile(filepath.Join(l.folder, name), []byte(text), 0o600); err != nil {
			l.t.Fatal(err)
		}
	}
	if l.server != nil {
		l.server.Reload()
		l.reloads++
		return
	}
	l.server = nginxtest.Start(l.t, l.folder, []string{l.address}, fmt.Sprintf(
		"server {\nlisten %s ssl;\nssl_certificate chain.pem;\nssl_certificate_key key.pem;\n%s\nlocation / { return 200 welcome; }\n}\n", l.address, nginxtest.KongPKI("trusted.pem")))
}

// connectNginx is [connect], to a node that is an nginx: it judges the data plane
// itself, at the present instant, and the data plane judges its chain.
func connectNginx(ctx context.Context, node, plane *process, version uint16, at time.Time) error {
	to, err := new(net.Dialer).DialContext(ctx, "tcp", node.server.(*listener).address)
	if err != nil {
		return err
	}
	defer func() { _ = to.Close() }()
	var refused error
	connection := tls.Client(to, &tls.Config{
		InsecureSkipVerify:   true, // judged by Kong's rules, below
		GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &plane.identity, nil },
		MaxVersion:           version,
		VerifyConnection: func(state tls.ConnectionState) error {
			refused = plane.judge(atDataPlane, state.PeerCertificates, at)
			return refused
		},
	})
	_, err = fmt.Fprintf(connection, "GET / HTTP/1.0\r\n\r\n")
	if refused != nil {
		return refused
	}
	if err != nil {
		return err
	}
	answer, err := http.ReadResponse(bufio.NewReader(connection), nil)
	if err != nil {
		return err
	}
	_ = answer.Body.Close()
	switch answer.StatusCode {
	case http.StatusOK:
		return nil
	case http.StatusBadRequest: // "The SSL certificate error"
		return &refusedError{atControlPlane.who, fmt.Errorf("nginx answers %s", answer.Status)}
	default:
		return fmt.Errorf("nginx answers %s", answer.Status)
	}
}

// newFleetOfNginx is a fleet whose nodes are real. They look at the real clock, so
// that the fleet lived lasts before now: whatever it issues has begun, and nothing of
// it has ended.
func newFleetOfNginx(t *testing.T, ahead string, apply func(*fleet, bool), lasts time.Duration) *fleet {
	t.Helper()
	f := drawFleet(t, ahead, apply)
	f.now = time.Now().UTC().Truncate(24 * hour).Add(6*hour - lasts)
	f.meet = connectNginx
	for _, node := range f.nodes {
		node.server = &listener{t: t, folder: t.TempDir(), address: nginxtest.FreeAddresses(t, "127.0.0.1")[0]}
	}
	f.begin()
	return f
}

// TestPrepublicationWithNginx: the judge of the data planes is the program that Kong
// is made of, reloaded on each of its files. With prepublish nobody is refused, by
// either side, and without it both refuse.
func TestPrepublicationWithNginx(t *testing.T) {
	t.Parallel()
	nginxtest.Need(t)
	inFull(t)
	const root, pin = "mtls_control_plane_ca.root", "mtls_pinned_certificate.edge"
	for _, c := range []twoWayCase{
		{"one state", inOneState, []string{root, "mtls_control_plane_ca.issuing"}},
		{"the intermediate uploaded", withTheIntermediateUploaded, []string{"mtls_control_plane_ca.issuing", root}},
		{"two states", inTwoStates, []string{root, root}},
		{"a pin in two states", pinsInTwoStates, []string{pin, root}},
	} {
		for _, ahead := range []time.Duration{prepublish, 0} {
			t.Run(fmt.Sprintf("%s/prepublish %s", c.name, ahead), func(t *testing.T) {
				t.Parallel()
				f := newFleetOfNginx(t, ahead.String(), c.apply, 35*24*hour)
				f.rotate(c.rotates)
				reloads := 0
				for _, node := range f.nodes {
					reloads += node.server.(*listener).reloads
				}
				fmt.Fprintf(os.Stdout, "nginx as Kong's control plane, %s, prepublish %s: %s; %d reloads\n", c.name, ahead, &f.tally, reloads)
				if f.now.After(time.Now()) {
					t.Error("the fleet lived on into the future: nginx would refuse what has not begun")
				}
				if f.tally.rotations < len(c.rotates) || reloads < 2*len(c.rotates) {
					t.Errorf("%d rotations reached nginx in %d reloads", f.tally.rotations, reloads)
				}
				if ahead > 0 && f.tally.first != nil {
					t.Errorf("the first refusal: %v", f.tally.first)
				}
				if ahead == 0 && len(f.tally.refusedBy) == 0 {
					t.Error("nobody is refused: this test can no longer tell a good rotation from a bad one")
				}
			})
		}
	}
}
