package e2e

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

// files are what a process reads when it starts.
type files struct{ trusted, chain, key string }

// A process is a node of the control plane, or a data plane. It runs with the files
// of its last restart, whatever was written since.
type process struct {
	name    string
	written files
	running files
	restart time.Time // when it takes up what was written; zero: it has

	identity tls.Certificate
	roots    *x509.CertPool // self-signed ones: there is no partial chain
	between  []*x509.Certificate
	pins     []*x509.Certificate
	ends     time.Time // when the first ends of all that it presents or trusts

	// server is a program that runs with the same files; nil: there is none.
	server interface{ takes(running files) }
}

// start starts the process with what is written.
func (p *process) start(t *testing.T) {
	t.Helper()
	p.running, p.restart = p.written, time.Time{}
	p.identity = pairOf(t, p.running.chain, p.running.key)
	p.trust(t)
}

// trust takes up what is written to be trusted.
func (p *process) trust(t *testing.T) {
	t.Helper()
	p.running.trusted = p.written.trusted
	trusted, err := pki.ParseCertificates(p.written.trusted)
	if err != nil {
		t.Fatal(err)
	}
	p.ends = trusted[0].NotAfter
	for _, certificate := range append(trusted[1:len(trusted):len(trusted)], p.presented(t)...) {
		if certificate.NotAfter.Before(p.ends) {
			p.ends = certificate.NotAfter
		}
	}
	p.roots, p.between, p.pins = x509.NewCertPool(), nil, nil
	for _, certificate := range trusted {
		switch {
		case !certificate.IsCA:
			p.pins = append(p.pins, certificate)
		case pki.SignedBy(certificate, certificate):
			p.roots.AddCert(certificate)
		default:
			p.between = append(p.between, certificate)
		}
	}
	if p.server != nil {
		p.server.takes(p.running)
	}
}

// presented is what p presents; nothing before it is started.
func (p *process) presented(t *testing.T) []*x509.Certificate {
	t.Helper()
	var chain []*x509.Certificate
	for _, der := range p.identity.Certificate {
		certificate, err := x509.ParseCertificate(der)
		if err != nil {
			t.Fatal(err)
		}
		chain = append(chain, certificate)
	}
	return chain
}

// A side is what Kong asks of the other one.
type side struct {
	who   string
	usage x509.ExtKeyUsage
	name  string // that is looked for; empty: none
	depth int    // intermediates at most
}

// The rules of cluster_mtls = pki: ssl_verify_client with ssl_verify_depth 4 at the
// control plane; cluster_server_name and lua_ssl_verify_depth 1 at a data plane. No
// partial chain, at either.
var (
	atControlPlane = side{who: "the control plane", usage: x509.ExtKeyUsageClientAuth, depth: 4}
	atDataPlane    = side{who: "a data plane", usage: x509.ExtKeyUsageServerAuth, name: controlPlaneName, depth: 1}
)

const controlPlaneName = "control-plane.kong.svc"

// A refusedError says who refused whom, and why.
type refusedError struct {
	who string
	err error
}

func (e *refusedError) Error() string { return e.who + " refuses: " + e.err.Error() }

// judge returns an error unless p, at its side, accepts what is presented to it.
func (p *process) judge(s side, presented []*x509.Certificate, at time.Time) error {
	for _, pin := range p.pins {
		if pin.Equal(presented[0]) && !at.Before(pin.NotBefore) && !at.After(pin.NotAfter) {
			return nil
		}
	}
	between := x509.NewCertPool()
	for _, certificate := range append(presented[1:len(presented):len(presented)], p.between...) {
		between.AddCert(certificate)
	}
	chains, err := presented[0].Verify(x509.VerifyOptions{
		Roots: p.roots, Intermediates: between, CurrentTime: at, DNSName: s.name, KeyUsages: []x509.ExtKeyUsage{s.usage},
	})
	if err != nil {
		return &refusedError{s.who, err}
	}
	for _, chain := range chains {
		if len(chain)-2 <= s.depth {
			return nil
		}
	}
	return &refusedError{s.who, errors.New("the chain is too long")}
}

// connect has a data plane connect to a node of the control plane, over TLS, and
// each judge the other. A nil error means that an answer came.
func connect(ctx context.Context, node, plane *process, version uint16, at time.Time) error {
	client, served := newWire()
	var atServer error
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() { _ = served.Close() }()
		connection := tls.Server(served, &tls.Config{
			Certificates: []tls.Certificate{node.identity}, ClientAuth: tls.RequireAnyClientCert, MinVersion: tls.VersionTLS12, MaxVersion: version,
			SessionTicketsDisabled: true,
			VerifyConnection: func(state tls.ConnectionState) error {
				atServer = node.judge(atControlPlane, state.PeerCertificates, at)
				return atServer
			},
		})
		if connection.HandshakeContext(ctx) == nil {
			_, _ = connection.Write([]byte("+"))
		}
	}()
	var atClient error
	connection := tls.Client(client, &tls.Config{
		InsecureSkipVerify:   true, // judged by Kong's rules, below
		GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &plane.identity, nil },
		MaxVersion:           version,
		VerifyConnection: func(state tls.ConnectionState) error {
			atClient = plane.judge(atDataPlane, state.PeerCertificates, at)
			return atClient
		},
	})
	answer := make([]byte, 1)
	_, err := io.ReadFull(connection, answer)
	_ = client.Close()
	<-done
	switch {
	case atClient != nil:
		return atClient
	case atServer != nil:
		return atServer
	case err != nil:
		return fmt.Errorf("no answer, and nobody refused: %w", err)
	}
	return nil
}
