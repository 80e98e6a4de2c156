package pki

import (
	"crypto/x509"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// Names are the subject alternative names of a certificate, by kind (RFC 5280,
// section 4.2.1.6).
type Names struct {
	DNSNames       []string
	IPAddresses    []net.IP
	URIs           []*url.URL
	EmailAddresses []string
}

// NamesOf collects a certificate's alternative names.
func NamesOf(certificate *x509.Certificate) Names {
	return Names{certificate.DNSNames, certificate.IPAddresses, certificate.URIs, certificate.EmailAddresses}
}

// Empty reports whether there is no name of any kind.
func (n Names) Empty() bool {
	return len(n.DNSNames)+len(n.IPAddresses)+len(n.URIs)+len(n.EmailAddresses) == 0
}

// A ConstraintViolation is a name that a CA's name constraints forbid.
type ConstraintViolation struct {
	Kind       string // "DNS name", "IP address", "URI" or "e-mail address"
	Index      int    // position among the names of its kind, from 0
	Name       string
	Excluded   string   // the excluded subtree that the name lies in; empty if there is none
	Permitted  []string // otherwise, the permitted subtrees, none of which holds the name
	Constraint *x509.Certificate
}

// String says which name is forbidden by which constraint of which CA.
func (v ConstraintViolation) String() string {
	name := fmt.Sprintf("the %s %q", v.Kind, Printable(v.Name))
	if v.Excluded != "" {
		return fmt.Sprintf("%s lies in %q, which %s excludes", name, Printable(v.Excluded), Describe(v.Constraint))
	}
	return fmt.Sprintf("%s lies in none of the names that %s permits: %s",
		name, Describe(v.Constraint), Printable(strings.Join(v.Permitted, ", ")))
}

// ForbiddenNames lists which names the name constraints of ca forbid (RFC 5280,
// section 4.2.1.10), each once. It explains what crypto/x509 decides and so
// matches as that does: a domain without a leading period holds its subdomains
// for URIs and e-mail addresses too, and a URI without a host name or a name
// that is malformed is forbidden by any CA that constrains names at all.
func ForbiddenNames(names Names, ca *x509.Certificate) []ConstraintViolation {
	if !constrainsNames(ca) {
		return nil
	}
	var found []ConstraintViolation
	judge := func(kind string, index int, name string, excluded, permitted []string, within matcher) {
		violation := ConstraintViolation{Kind: kind, Index: index, Name: name, Constraint: ca}
		if at := slices.IndexFunc(excluded, func(c string) bool { return within(c, true) }); at >= 0 {
			violation.Excluded = excluded[at]
		} else if len(permitted) > 0 && !slices.ContainsFunc(permitted, func(c string) bool { return within(c, false) }) {
			violation.Permitted = permitted
		} else {
			return
		}
		found = append(found, violation)
	}
	refuse := func(kind string, index int, name, instead string) {
		found = append(found, ConstraintViolation{Kind: kind, Index: index, Name: name, Permitted: []string{instead}, Constraint: ca})
	}
	for i, name := range names.DNSNames {
		if !wellFormed(name) {
			refuse("DNS name", i, name, "well-formed names only")
			continue
		}
		judge("DNS name", i, name, ca.ExcludedDNSDomains, ca.PermittedDNSDomains, inDomain(name))
	}
	for i, address := range names.IPAddresses {
		judge("IP address", i, address.String(), ranges(ca.ExcludedIPRanges), ranges(ca.PermittedIPRanges), inRange(address))
	}
	for i, uri := range names.URIs {
		if _, err := netip.ParseAddr(uri.Hostname()); uri.Host == "" || err == nil {
			refuse("URI", i, uri.String(), "host names only")
			continue
		}
		judge("URI", i, uri.String(), ca.ExcludedURIDomains, ca.PermittedURIDomains, inDomain(uri.Hostname()))
	}
	for i, address := range names.EmailAddresses {
		if local, host := cutMailbox(address); !isLocalPart(local) || !wellFormed(host) {
			refuse("e-mail address", i, address, "well-formed names only")
			continue
		}
		judge("e-mail address", i, address, ca.ExcludedEmailAddresses, ca.PermittedEmailAddresses, isMailbox(address))
	}
	return found
}

// constrainsNames reports whether ca constrains names of any kind.
func constrainsNames(ca *x509.Certificate) bool {
	return len(ca.PermittedDNSDomains)+len(ca.ExcludedDNSDomains)+len(ca.PermittedIPRanges)+len(ca.ExcludedIPRanges)+
		len(ca.PermittedURIDomains)+len(ca.ExcludedURIDomains)+len(ca.PermittedEmailAddresses)+len(ca.ExcludedEmailAddresses) > 0
}

// A matcher reports whether its name lies in a constraint's subtree. Exclusion
// is wider than permission: a wildcard is excluded by any one of the names that
// it stands for.
type matcher func(constraint string, excluding bool) bool

// inDomain: a domain holds itself and everything below it; with a leading
// period only what is below; the empty domain holds all.
func inDomain(name string) matcher {
	name = strings.ToLower(name)
	return func(constraint string, excluding bool) bool {
		constraint = strings.ToLower(constraint)
		switch {
		case constraint == "" || name == constraint:
			return true
		case strings.HasSuffix(name, "."+strings.TrimPrefix(constraint, ".")):
			return true
		case excluding && strings.HasPrefix(name, "*."):
			_, parent, ok := strings.Cut(constraint, ".")
			return ok && parent == name[len("*."):]
		default:
			return false
		}
	}
}

// inRange compares an address with CIDR ranges of its own family; an IPv4
// address written as an IPv6 one is of neither.
func inRange(address net.IP) matcher {
	return func(constraint string, _ bool) bool {
		_, network, err := net.ParseCIDR(constraint)
		return err == nil && len(network.IP) == len(address) && network.Contains(address)
	}
}

// isMailbox: a constraint is one mailbox, whose local part compares exactly, or
// the domain of many.
func isMailbox(address string) matcher {
	local, host := cutMailbox(address)
	return func(constraint string, excluding bool) bool {
		if strings.Contains(constraint, "@") {
			onlyLocal, onlyHost := cutMailbox(constraint)
			return local == onlyLocal && strings.EqualFold(host, onlyHost)
		}
		return inDomain(host)(constraint, excluding)
	}
}

// cutMailbox splits an address at the @ behind its local part, which may hold
// others if it is quoted (RFC 5321, section 4.1.2).
func cutMailbox(address string) (local, host string) {
	if end := strings.LastIndex(address, `"@`); strings.HasPrefix(address, `"`) && end > 0 {
		return address[:end+1], address[end+2:]
	}
	local, host, ok := strings.Cut(address, "@")
	if !ok {
		return "", address
	}
	return local, host
}

// isLocalPart takes what stands in front of a mailbox's @: atoms between
// periods, or a quoted text.
func isLocalPart(local string) bool {
	const atom = "!#$%&'*+-/=?^_`{|}~.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	if strings.HasPrefix(local, `"`) {
		return len(local) > 1 && strings.HasSuffix(local, `"`)
	}
	return local != "" && strings.Trim(local, atom) == "" && !slices.Contains(strings.Split(local, "."), "")
}

// wellFormed reports whether crypto/x509 can compare a domain at all: no empty
// part, nothing but printable ASCII. It takes the empty domain.
func wellFormed(domain string) bool {
	isOther := func(r rune) bool { return r <= ' ' || r > '~' }
	return domain == "" || !strings.ContainsFunc(domain, isOther) && !slices.Contains(strings.Split(domain, "."), "")
}

// ranges writes networks in CIDR form. One of IPv4 addresses written as IPv6
// stays as it is, which [net.IPNet] would write as IPv4.
func ranges(networks []*net.IPNet) []string {
	var texts []string
	for _, network := range networks {
		text := network.String()
		if ones, bits := network.Mask.Size(); bits == 8*net.IPv6len && network.IP.To4() != nil {
			text = fmt.Sprintf("::ffff:%s/%d", network.IP, ones)
		}
		texts = append(texts, text)
	}
	return texts
}
