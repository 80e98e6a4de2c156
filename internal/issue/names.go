package issue

import (
	"net"
	"net/mail"
	"net/netip"
	"net/url"
	"regexp"
	"strings"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

// checkNames reads the alternative names of a request: every one of them, so
// that all violations are reported at once. A name that stands twice is a fault too.
func checkNames(request Request, found *violations) pki.Names {
	var names pki.Names
	readEach(request.DNSNames, "dns_names", found, readDNSName, func(name string) { names.DNSNames = append(names.DNSNames, name) })
	readEach(request.IPAddresses, "ip_addresses", found, readAddress, func(ip net.IP) { names.IPAddresses = append(names.IPAddresses, ip) })
	readEach(request.URIs, "uris", found, readURI, func(uri *url.URL) { names.URIs = append(names.URIs, uri) })
	readEach(request.EmailAddresses, "email_addresses", found, readMailbox, func(address string) { names.EmailAddresses = append(names.EmailAddresses, address) })
	return names
}

// mostNames is how many names of one kind a certificate, or a CA's constraints,
// may have. TLS peers accept chains of some 100 kB (OpenSSL) to 256 kB (Go), and
// a name takes ten bytes or more.
const mostNames = 10_000

// readEach reads every text of a field.
func readEach[T any](texts []string, field string, found *violations, read reader[T], take func(T)) {
	if len(texts) > mostNames {
		found.add(field, "Too many names", "There are %d, and a certificate with more than %d is larger than what TLS peers accept. Split them over more certificates.", len(texts), mostNames)
		return
	}
	seen := map[string]int{}
	for i, text := range texts {
		value, normal, fault := read(text)
		if fault != "" {
			found.addAt(field, i, "Invalid name", "%q %s.", pki.Printable(text), fault)
			continue
		}
		if first, twice := seen[normal]; twice {
			found.addAt(field, i, "Duplicate name", "%q is the same name as element %d; remove one of them.", pki.Printable(text), first)
			continue
		}
		seen[normal] = i
		take(value)
	}
}

// label is one part of a host name: letters, digits and inner hyphens (RFC 1123,
// section 2.1), of at most 63 octets (RFC 1035, section 2.3.4). Underscores are
// beyond the RFC and taken all the same: Kong's data planes ask for the name
// kong_clustering, and SPIFFE trust domains may have them.
var label = regexp.MustCompile(`^[a-zA-Z0-9_]([a-zA-Z0-9_-]{0,61}[a-zA-Z0-9_])?$`)

// hostFault says why host is no host name; the empty string if it is one.
func hostFault(host string) string {
	switch {
	case host == "":
		return "is empty"
	case len(host) > 253:
		return "is longer than 253 characters, the maximum in DNS"
	case strings.HasSuffix(host, "."):
		return "ends in a period; write the name without it"
	case !isASCII(host):
		return "is not ASCII; write an international name in its xn-- form"
	}
	for part := range strings.SplitSeq(host, ".") {
		if !label.MatchString(part) {
			return "is not a host name: each label has at most 63 letters, digits, underscores and inner hyphens"
		}
	}
	return ""
}

func readDNSName(text string) (string, string, string) {
	if address, err := netip.ParseAddr(text); err == nil {
		return "", "", "is an IP address; put " + address.String() + " into ip_addresses"
	}
	if strings.Contains(text, "://") {
		return "", "", "is a URI; put it into uris"
	}
	if strings.Contains(text, "@") {
		return "", "", "is an e-mail address; put it into email_addresses"
	}
	// A wildcard is the whole leftmost label or nothing (RFC 9525, section 6.3).
	if fault := hostFault(strings.TrimPrefix(text, "*.")); fault != "" {
		return "", "", fault
	}
	return text, strings.ToLower(text), ""
}

func readAddress(text string) (net.IP, string, string) {
	if prefix, err := netip.ParsePrefix(text); err == nil {
		return nil, "", "is a range; a certificate contains single addresses, such as " + prefix.Addr().String()
	}
	address, err := netip.ParseAddr(text)
	if err != nil || address.Zone() != "" {
		return nil, "", "is not an IPv4 or IPv6 address"
	}
	address = address.Unmap()
	return net.IP(address.AsSlice()), address.String(), ""
}

// readURI takes only absolute URIs (RFC 5280, section 4.2.1.6).
func readURI(text string) (*url.URL, string, string) {
	uri, err := url.Parse(text)
	switch {
	case err != nil || !isURIText(text):
		return nil, "", "is not a URI"
	case uri.Scheme == "":
		return nil, "", "is not absolute: it has no scheme, such as spiffe:// or https://"
	case uri.Host == "" && uri.Opaque == "" && uri.Path == "":
		return nil, "", "has nothing after its scheme"
	case uri.Host != "" && !hostOrAddress(uri.Hostname()):
		return nil, "", "has a host that is neither a host name nor an address"
	}
	return uri, uri.String(), ""
}

func hostOrAddress(host string) bool {
	address, err := netip.ParseAddr(host)
	return err == nil && address.Zone() == "" || hostFault(host) == ""
}

// isURIText reports whether text has nothing in it that a URI must escape
// (RFC 3986, section 2), and url.Parse takes.
func isURIText(text string) bool {
	return isASCII(text) && !strings.ContainsAny(text, " \"<>\\^`{|}")
}

// readMailbox takes a bare mailbox (RFC 5280, section 4.2.1.6; RFC 5321, section
// 4.1.2): no display name, no angle brackets.
func readMailbox(text string) (string, string, string) {
	address, err := mail.ParseAddress(text)
	if err != nil || address.Address != text {
		return "", "", "is not a plain e-mail address, such as ops@example.com"
	}
	at := strings.LastIndex(text, "@")
	if !isASCII(text) {
		return "", "", "is not ASCII; a certificate's e-mail address must be"
	}
	if fault := hostFault(text[at+1:]); fault != "" {
		return "", "", "has a domain that " + fault
	}
	return text, text[:at] + strings.ToLower(text[at:]), ""
}

func isASCII(text string) bool {
	for i := range len(text) {
		if text[i] >= 0x80 || text[i] < 0x20 {
			return false
		}
	}
	return true
}
