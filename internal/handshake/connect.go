package handshake

import (
	"cmp"
	"context"
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

// A Request is one handshake.
type Request struct {
	Address Address
	// ServerName is what the client asks for, and looks for in the server's
	// certificate; empty for the host of Address.
	ServerName string
	// Chain is presented as it is, leaf first, whatever CAs the server names, as
	// OpenSSL does. Key is the leaf's.
	Chain []*x509.Certificate
	Key   crypto.Signer
	// Path is that of one HTTP request; empty for none.
	Path string
	// Timeout bounds all of it together; zero for DefaultTimeout.
	Timeout time.Duration
}

// An Outcome says what came of a handshake.
type Outcome string

// The outcomes.
const (
	// Accepted: the server asked for a certificate and took ours.
	Accepted Outcome = "accepted"
	// Refused: the server asked for a certificate, was shown ours, and did not go on.
	Refused Outcome = "refused"
	// Undecided: there is no word of the server on the certificate: it was not
	// reached, too slow, spoke no TLS, or asked for no certificate.
	Undecided Outcome = "undecided"
)

// A Result is what the server did.
type Result struct {
	Outcome Outcome
	// Said is what the other side said or did instead of accepting, in a few words:
	// "alert 48 (unknown_ca)", "HTTP 400: The SSL certificate error", "closed
	// without an answer". Empty when it accepted.
	Said string
	// Meaning explains it in a sentence; it may be empty.
	Meaning string
	// Resolved lists what the host's name resolved to; nil for an IP address and
	// for a name that did not resolve. Remote is the address that was connected to,
	// the zero value for none, and Attempts says why others were not.
	Resolved []netip.Addr
	Remote   netip.AddrPort
	Attempts []string
	// Asked is true once the server asked for a certificate, and Authorities are
	// the CAs that it named as acceptable, in DER; nil if it named none.
	Asked       bool
	Authorities [][]byte
	// TLSVersion and CipherSuite are as crypto/tls writes them ("TLS 1.3"); empty
	// where none was agreed on.
	TLSVersion, CipherSuite string
	// ServerChain is what the server presented, leaf first.
	ServerChain []*x509.Certificate
	// HTTPStatus is the status of the answer; 0 for none.
	HTTPStatus int
}

// CheckKey says why a chain and a key cannot be presented together; nil if they
// can. Nothing is sent for it.
func CheckKey(chain []*x509.Certificate, key crypto.Signer) error {
	if len(chain) == 0 {
		return errors.New("there is no certificate to present")
	}
	if !pki.SameKey(chain[0].PublicKey, key.Public()) {
		return errors.New("the private key does not belong to " + pki.Describe(chain[0]) + ", the first certificate of the chain")
	}
	return nil
}

// Connect makes the handshake. It returns once the server has accepted or
// refused, once that can no longer happen, or when the time is over. It returns
// no error: what goes wrong is a result.
func Connect(ctx context.Context, r Request) Result {
	if r.Timeout <= 0 {
		r.Timeout = DefaultTimeout
	}
	ctx, cancel := context.WithTimeout(ctx, r.Timeout)
	defer cancel()
	var result Result
	if err := CheckKey(r.Chain, r.Key); err != nil {
		result.undecided("nothing was sent: "+err.Error(), "")
		return result
	}
	connection := dial(ctx, r, &result)
	if connection == nil {
		return result
	}
	defer func() { _ = connection.Close() }()
	stop := context.AfterFunc(ctx, func() { _ = connection.Close() })
	defer stop()
	if deadline, ok := ctx.Deadline(); ok {
		_ = connection.SetDeadline(deadline)
	}
	talk(ctx, r, &heard{Conn: connection}, &result)
	return result
}

// accepted, refused and undecided set the outcome.
func (r *Result) accepted()                    { r.Outcome, r.Said, r.Meaning = Accepted, "", "" }
func (r *Result) refused(said, meaning string) { r.Outcome, r.Said, r.Meaning = Refused, said, meaning }
func (r *Result) undecided(said, meaning string) {
	r.Outcome, r.Said, r.Meaning = Undecided, said, meaning
}

// talk shakes hands, and then reads until the server has said what it thinks.
func talk(ctx context.Context, r Request, connection *heard, result *Result) {
	tickets := &ticketWatch{}
	client := tls.Client(connection, r.config(result, tickets))
	err := client.HandshakeContext(ctx)
	state := client.ConnectionState()
	if state.Version != 0 {
		result.TLSVersion = tls.VersionName(state.Version)
	}
	if state.CipherSuite != 0 {
		result.CipherSuite = tls.CipherSuiteName(state.CipherSuite)
	}
	switch {
	case err != nil:
		result.failed(ctx, r, connection, inHandshake, err)
	case r.Path != "":
		request(ctx, r, client, connection, result)
	default:
		settle(ctx, r, client, connection, tickets, result)
	}
	if !result.Asked {
		result.notAsked()
	}
}

// notAsked sets the result of a server that asked for no certificate: whatever it
// then did, it did to everybody.
func (r *Result) notAsked() {
	switch r.Outcome {
	case Accepted:
		r.undecided("the server asked for no certificate", "whoever connects is accepted there: nothing is proved about this certificate")
	case Refused:
		r.undecided(r.Said+", and had asked for no certificate", "it refuses everybody, or "+asksLate)
	case Undecided:
	}
}

// config is the client's side of TLS.
func (r Request) config(result *Result, tickets *ticketWatch) *tls.Config {
	certificate := tls.Certificate{PrivateKey: r.Key, Leaf: r.Chain[0]}
	for _, presented := range r.Chain {
		certificate.Certificate = append(certificate.Certificate, presented.Raw)
	}
	return &tls.Config{
		MinVersion: tls.VersionTLS12,
		ServerName: r.serverName(),
		// Judge judges the server's chain, by the rules of a data plane. The handshake
		// goes on whatever comes of it, since both verdicts are asked for.
		InsecureSkipVerify: true, //nolint:gosec // see above
		VerifyConnection: func(state tls.ConnectionState) error {
			result.ServerChain = state.PeerCertificates
			return nil
		},
		GetClientCertificate: func(asked *tls.CertificateRequestInfo) (*tls.Certificate, error) {
			result.Asked, result.Authorities = true, slices.Clone(asked.AcceptableCAs)
			return &certificate, nil
		},
		ClientSessionCache: tickets,
	}
}

// serverName is what the client asks for: without the dot that ends a name (RFC
// 6066, 3), and without the zone of an IPv6 address, which is known on this machine
// only (RFC 6874, 1).
func (r Request) serverName() string {
	name := cmp.Or(r.ServerName, r.Address.Host)
	if ip, err := netip.ParseAddr(name); err == nil {
		return ip.WithZone("").String()
	}
	return strings.TrimSuffix(name, ".")
}

// settle reads on after a handshake without a request: a server that refuses
// now says so, and one that accepts waits for the client. Up to TLS 1.2 the
// server's last message comes after its look at the certificate (RFC 5246, 7.3);
// it may still close at once.
func settle(ctx context.Context, r Request, client *tls.Conn, connection *heard, tickets *ticketWatch, result *Result) {
	patience := settling
	if client.ConnectionState().Version < tls.VersionTLS13 {
		patience = settled
	}
	within := func(patience time.Duration) { readWithin(ctx, connection, patience) }
	tickets.arrived = func() { within(settled) }
	within(patience)
	_, err := client.Read(make([]byte, 1))
	switch {
	case err == nil, ctx.Err() == nil && isTimeout(err):
		result.accepted()
	default:
		result.failed(ctx, r, connection, afterHandshake, err)
	}
}

// readWithin gives the next read only so much time, and never more than is left.
func readWithin(ctx context.Context, connection net.Conn, patience time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if deadline, ok := ctx.Deadline(); ok {
		_ = connection.SetReadDeadline(deadline)
	}
}

// A ticketWatch is a session cache that remembers no session, so that each
// handshake is a whole one. It waits for the first ticket, which a server sends
// to a client that it has accepted.
type ticketWatch struct{ arrived func() } // nil while nobody waits

// Get has no session to resume.
func (w *ticketWatch) Get(string) (*tls.ClientSessionState, bool) { return nil, false }

// Put is called by crypto/tls, within a read, when a ticket arrives.
func (w *ticketWatch) Put(_ string, session *tls.ClientSessionState) {
	if session != nil && w.arrived != nil {
		w.arrived()
		w.arrived = nil
	}
}
