package handshake

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

// An Address is where a server listens.
type Address struct {
	Host string // a name, or an IP address without brackets
	Port uint16 // never 0
}

// String is the address as it was written: brackets around IPv6.
func (a Address) String() string { return net.JoinHostPort(a.Host, strconv.Itoa(int(a.Port))) }

// ParseAddress reads host:port, or [IPv6]:port. A scheme, a path, a user, and a
// port that is missing or not a number from 1 to 65535 are errors that say what
// to write instead.
func ParseAddress(text string) (Address, error) {
	if _, rest, found := strings.Cut(text, "://"); found {
		rest, _, _ = strings.Cut(rest, "/")
		return Address{}, fmt.Errorf("%q has a scheme: write host:port only%s", pki.Printable(text), example(rest))
	}
	if bare, _, found := strings.Cut(text, "/"); found {
		return Address{}, fmt.Errorf("%q has a path: write host:port only%s, and set http.path for a request", pki.Printable(text), example(bare))
	}
	if strings.Contains(text, "@") {
		return Address{}, fmt.Errorf("%q names a user: write host:port only", pki.Printable(text))
	}
	if ip, err := netip.ParseAddr(text); err == nil && ip.Is6() {
		return Address{}, fmt.Errorf("%q is IPv6 without brackets, or has no port: write %q", pki.Printable(text), "["+text+"]:8005")
	}
	host, port, err := net.SplitHostPort(text)
	if err != nil {
		return Address{}, fmt.Errorf("%q is not host:port: %s", pki.Printable(text), reasonOf(err))
	}
	number, err := strconv.ParseUint(port, 10, 16)
	if err != nil || number == 0 {
		return Address{}, fmt.Errorf("%q has the port %q: a port is a number from 1 to 65535", pki.Printable(text), pki.Printable(port))
	}
	if err := checkHost(host); err != nil {
		return Address{}, fmt.Errorf("%q %w", pki.Printable(text), err)
	}
	return Address{host, uint16(number)}, nil
}

// example is what would do, if it is an address.
func example(text string) string {
	if _, err := ParseAddress(text); err != nil {
		return ", such as \"cp.example.com:8005\""
	}
	return fmt.Sprintf(", such as %q", text)
}

// reasonOf is why a text is not host:port.
func reasonOf(err error) string {
	var wrong *net.AddrError
	switch {
	case !errors.As(err, &wrong):
		return err.Error()
	case wrong.Err == "missing port in address":
		return "the port is missing"
	case wrong.Err == "too many colons in address":
		return "it has too many colons; IPv6 needs brackets, such as \"[2001:db8::1]:8005\""
	default:
		return wrong.Err
	}
}

// checkHost says why a text is not the name of a host.
func checkHost(host string) error {
	if host == "" {
		return errors.New("has no host")
	}
	if _, err := netip.ParseAddr(host); err == nil {
		return nil
	}
	return CheckServerName(host)
}

// CheckServerName says why a text is not a name that a client can ask for in
// TLS (RFC 6066, 3) or an IP address; nil if it is one. An underscore is
// allowed, since Kong asks for kong_clustering.
func CheckServerName(name string) error {
	if _, err := netip.ParseAddr(name); err == nil {
		return nil
	}
	if len(name) > 253 {
		return errors.New("is longer than the 253 letters of a host's name")
	}
	for label := range strings.SplitSeq(strings.TrimSuffix(name, "."), ".") {
		switch {
		case label == "":
			return errors.New("is not the name of a host: a part between its dots is empty")
		case len(label) > 63:
			return errors.New("is not the name of a host: a part of it is longer than 63 letters")
		case strings.Trim(label, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") != "":
			return errors.New("is not the name of a host: letters, digits, hyphens and dots only; write other letters in Punycode, such as \"xn--bcher-kva.example\"")
		}
	}
	return nil
}

// CheckPath says why a text is not the path of an HTTP request (RFC 9112,
// 3.2.1); nil if it is one. It may have a query.
func CheckPath(path string) error {
	if !strings.HasPrefix(path, "/") {
		return errors.New("does not begin with \"/\"")
	}
	if len(path) > 2048 {
		return errors.New("is longer than 2048 bytes")
	}
	for _, r := range path {
		if r <= ' ' || r >= 0x7f || r == '#' {
			return errors.New("has a character that must be percent-encoded in a request")
		}
	}
	return nil
}
