package e2e

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

// A controlPlane trusts what it is given, from the moment that trust returns.
type controlPlane interface {
	// trust replaces all that was trusted before.
	trust(uploaded []*x509.Certificate) error
	// connect gives do the address to connect to, which stays served until do
	// returns.
	connect(do func(address string))
}

// serveUploads keeps a control plane's trust as the folder of uploads says: each
// file NAME.pem is trusted while there is a NAME.pem.trusted beside it.
func serveUploads(t *testing.T, folder string, plane controlPlane) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		var inForce []string
		for t.Context().Err() == nil {
			if uploads := uploadsIn(folder); !slices.Equal(uploads, inForce) {
				if err := takeUploads(plane, uploads, inForce); err != nil {
					t.Errorf("control plane: %v", err)
					return
				}
				inForce = uploads
			}
			time.Sleep(5 * time.Millisecond)
		}
	}()
	t.Cleanup(func() { <-done })
}

func uploadsIn(folder string) []string {
	uploads, _ := filepath.Glob(filepath.Join(folder, "*.pem"))
	return uploads
}

func takeUploads(plane controlPlane, uploads, before []string) error {
	var certificates []*x509.Certificate
	for _, file := range uploads {
		text, err := os.ReadFile(file)
		if errors.Is(err, os.ErrNotExist) {
			continue // gone since it was listed: the next look finds that
		}
		if err != nil {
			return err
		}
		certificate, err := pki.ParseCertificate(string(text))
		if err != nil {
			return err
		}
		certificates = append(certificates, certificate)
	}
	if err := plane.trust(certificates); err != nil {
		return err
	}
	for _, file := range before {
		if !slices.Contains(uploads, file) {
			_ = os.Remove(file + ".trusted")
		}
	}
	for _, file := range uploads {
		if err := os.WriteFile(file+".trusted", nil, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// A goControlPlane decides as Konnect does: a presented certificate that is
// itself uploaded is accepted while it is in date, and so is a chain that leads
// to an uploaded CA.
type goControlPlane struct {
	address  string
	uploaded atomic.Pointer[[]*x509.Certificate]
	// look finds what is uploaded anew for each connection; nil: what trust was
	// given.
	look func() ([]*x509.Certificate, error)
}

// startGo serves a goControlPlane until the test is over.
func startGo(t *testing.T) *goControlPlane {
	t.Helper()
	return serveGo(t, &goControlPlane{})
}

func serveGo(t *testing.T, plane *goControlPlane) *goControlPlane {
	t.Helper()
	plane.uploaded.Store(&[]*x509.Certificate{})
	listener, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{
		Certificates:           []tls.Certificate{serverCertificate(t)},
		ClientAuth:             tls.RequireAnyClientCert,
		VerifyConnection:       plane.verify,
		SessionTicketsDisabled: true, // each connection is judged anew
		MinVersion:             tls.VersionTLS12,
	})
	if err != nil {
		t.Fatal(err)
	}
	plane.address = listener.Addr().String()
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			go answer(connection)
		}
	}()
	return plane
}

// answer serves one request, which performs the handshake first.
func answer(connection net.Conn) {
	defer func() { _ = connection.Close() }()
	if _, err := http.ReadRequest(bufio.NewReader(connection)); err == nil {
		_, _ = connection.Write([]byte("HTTP/1.0 200 OK\r\n\r\nwelcome\n"))
	}
}

func (p *goControlPlane) connect(do func(address string)) { do(p.address) }

func (p *goControlPlane) trust(uploaded []*x509.Certificate) error {
	p.uploaded.Store(&uploaded)
	return nil
}

func (p *goControlPlane) verify(connection tls.ConnectionState) error {
	presented, now := connection.PeerCertificates, time.Now()
	uploaded := *p.uploaded.Load()
	if p.look != nil {
		var err error
		if uploaded, err = p.look(); err != nil {
			return err
		}
	}
	anchors, between := x509.NewCertPool(), x509.NewCertPool()
	for _, certificate := range uploaded {
		if certificate.Equal(presented[0]) && !now.Before(certificate.NotBefore) && !now.After(certificate.NotAfter) {
			return nil
		}
		if certificate.IsCA {
			anchors.AddCert(certificate)
		}
	}
	for _, certificate := range presented[1:] {
		between.AddCert(certificate)
	}
	_, err := presented[0].Verify(x509.VerifyOptions{
		Roots: anchors, Intermediates: between, CurrentTime: now, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	})
	return err
}

// serverCertificate is the control plane's own, which no data plane looks at
// here: it is what they present that is on trial.
func serverCertificate(t *testing.T) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		Subject:      pkix.Name{CommonName: "control plane"},
		NotBefore:    time.Now().Add(-time.Hour),
		NotAfter:     time.Now().Add(time.Hour),
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}
