package handshake

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"time"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

// dial resolves the host and connects to the first of its addresses that
// answers. Without one it sets the result and returns nil.
func dial(ctx context.Context, r Request, result *Result) net.Conn {
	addresses, err := resolve(ctx, r, result)
	if err != nil {
		result.undecided(err.Error(), "")
		return nil
	}
	// An address that does not answer must leave time for the next one.
	share := r.Timeout
	if len(addresses) > 1 {
		share = r.Timeout / time.Duration(len(addresses)+1)
	}
	for _, address := range addresses {
		remote := netip.AddrPortFrom(address, r.Address.Port)
		each, cancel := context.WithTimeout(ctx, share)
		connection, err := new(net.Dialer).DialContext(each, "tcp", remote.String())
		cancel()
		if err == nil {
			result.Remote = remote
			return connection
		}
		result.Attempts = append(result.Attempts, fmt.Sprintf("%s: %s", remote, connectionError(err)))
		if ctx.Err() != nil {
			break
		}
	}
	said := "not reached: " + strings.Join(result.Attempts, "; ")
	if errors.Is(ctx.Err(), context.Canceled) {
		said = "interrupted before it was reached"
	}
	result.undecided(said, "nothing is listening there, or something between drops or refuses the connection")
	return nil
}

// resolve lists the addresses of the host; of an IP address, itself.
func resolve(ctx context.Context, r Request, result *Result) ([]netip.Addr, error) {
	if ip, err := netip.ParseAddr(r.Address.Host); err == nil {
		return []netip.Addr{ip}, nil
	}
	addresses, err := net.DefaultResolver.LookupNetIP(ctx, "ip", r.Address.Host)
	if err != nil {
		return nil, fmt.Errorf("%q does not resolve: %s", r.Address.Host, resolvingError(ctx, r, err))
	}
	for i, address := range addresses {
		addresses[i] = address.Unmap()
	}
	result.Resolved = addresses
	return addresses[:min(maxAddresses, len(addresses))], nil
}

func resolvingError(ctx context.Context, r Request, err error) string {
	var wrong *net.DNSError
	switch {
	case ctx.Err() != nil:
		return "no answer within " + r.Timeout.String()
	case !errors.As(err, &wrong):
		return pki.EscapeControl(err.Error())
	case wrong.IsNotFound:
		return "no such host"
	case wrong.IsTimeout:
		return "the name servers do not answer"
	default:
		return pki.EscapeControl(wrong.Err)
	}
}

// heard is a connection that remembers the beginning of what the other side
// said, for a server that does not speak TLS, and stops at maxBytes.
type heard struct {
	net.Conn

	first []byte
	count int
}

// rememberedBytes is how much of it is remembered.
const rememberedBytes = 512

// errTooMuch is returned for a server that sends more than maxBytes.
var errTooMuch = fmt.Errorf("the other side sent more than %d bytes", maxBytes)

func (h *heard) Read(room []byte) (int, error) {
	if h.count >= maxBytes {
		return 0, errTooMuch
	}
	count, err := h.Conn.Read(room[:min(len(room), maxBytes-h.count)])
	h.first = append(h.first, room[:min(count, rememberedBytes-len(h.first))]...)
	h.count += count
	return count, err
}
