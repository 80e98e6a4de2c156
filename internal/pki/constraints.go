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

// Count is the number of names of all kinds.
func (n Names) Count() int {
	return len(n.DNSNames) + len(n.IPAddresses) + len(n.URIs) + len(n.EmailAddresses)
}

// A NameKind is a kind of alternative name, as messages call it.
type NameKind string

// The kinds of alternative names that constraints are compared with here.
const (
	DNSName      NameKind = "DNS name"
	IPAddress    NameKind = "IP address"
	URI          NameKind = "URI"
	EmailAddress NameKind = "e-mail address"
)

// A ConstraintViolation is a name that a CA's name constraints forbid.
type ConstraintViolation struct {
	Kind      NameKind
	Index     int // position among the names of its kind, from 0
	Name      string
	Excluded  string   // the excluded subtree that the name lies in; empty if there is none
	Permitted []string // otherwise, the permitted subtrees, none of which holds the name
	// NotComparable says that the name is of a form that lies in no subtree;
	// Permitted then says of which form it had to be.
	NotComparable bool
	Constraint    *x509.Certificate
}

// String says which name is forbidden by which constraint of which CA.
func (v ConstraintViolation) String() string {
	name := fmt.Sprintf("the %s %q", v.Kind, Printable(v.Name))
	if v.NotComparable {
		return fmt.Sprintf("%s cannot be compared with the names that %s permits or excludes: %s", name, Describe(v.Constraint), Printable(strings.Join(v.Permitted, ", ")))
	}
	if v.Excluded != "" {
		return fmt.Sprintf("%s is within %q, which %s excludes", name, Printable(v.Excluded), Describe(v.Constraint))
	}
	return fmt.Sprintf("%s is not within any name that %s permits: %s",
		name, Describe(v.Constraint), Printable(strings.Join(v.Permitted, ", ")))
}

// ForbiddenNames lists which names the name constraints of ca forbid (RFC 5280,
// section 4.2.1.10), each once. It explains what crypto/x509 decides and so
// matches as that does: a domain without a leading period holds its subdomains
// for URIs and e-mail addresses too, and a URI without a host name or a name
// that is malformed is forbidden by any CA that constrains names at all.
func ForbiddenNames(names Names, ca *x509.Certificate) []ConstraintViolation {
	if ConstraintCount(ca) == 0 {
		return nil
	}
	j := nameJudge{ca: ca}
	for i, name := range names.DNSNames {
		j.judgeDomain(i, name)
	}
	for i, address := range names.IPAddresses {
		j.judge(IPAddress, i, address.String(), ranges(ca.ExcludedIPRanges), ranges(ca.PermittedIPRanges), inRange(address))
	}
	for i, uri := range names.URIs {
		j.judgeURI(i, uri)
	}
	for i, address := range names.EmailAddresses {
		j.judgeMailbox(i, address)
	}
	return j.found
}

// ConstraintCount is the number of subtrees that the name constraints of ca
// permit or exclude.
func ConstraintCount(ca *x509.Certificate) int {
	return len(ca.PermittedDNSDomains) + len(ca.ExcludedDNSDomains) + len(ca.PermittedIPRanges) + len(ca.ExcludedIPRanges) +
		len(ca.PermittedURIDomains) + len(ca.ExcludedURIDomains) + len(ca.PermittedEmailAddresses) + len(ca.ExcludedEmailAddresses)
}

// A nameJudge holds names against the constraints of one CA.
type nameJudge struct {
	ca    *x509.Certificate
	found []ConstraintViolation
}

func (j *nameJudge) judgeDomain(index int, name string) {
	const kind = DNSName
	if !wellFormed(name) {
		j.refuse(kind, index, name, "well-formed names only")
		return
	}
	j.judge(kind, index, name, j.ca.ExcludedDNSDomains, j.ca.PermittedDNSDomains, inDomain(name))
}

func (j *nameJudge) judgeURI(index int, uri *url.URL) {
	const kind = URI
	if _, err := netip.ParseAddr(uri.Hostname()); uri.Host == "" || err == nil {
		j.refuse(kind, index, uri.String(), "host names only")
		return
	}
	j.judge(kind, index, uri.String(), j.ca.ExcludedURIDomains, j.ca.PermittedURIDomains, inDomain(uri.Hostname()))
}

func (j *nameJudge) judgeMailbox(index int, address string) {
	const kind = EmailAddress
	if local, host := cutMailbox(address); !isLocalPart(local) || !wellFormed(host) {
		j.refuse(kind, index, address, "well-formed names only")
		return
	}
	j.judge(kind, index, address, j.ca.ExcludedEmailAddresses, j.ca.PermittedEmailAddresses, isMailbox(address))
}

// judge: a name must lie in no excluded subtree, and in a permitted one if there
// are any.
func (j *nameJudge) judge(kind NameKind, index int, name string, excluded, permitted []string, within matcher) {
	violation := ConstraintViolation{Kind: kind, Index: index, Name: name, Constraint: j.ca}
	if at := slices.IndexFunc(excluded, func(c string) bool { return within(c, true) }); at >= 0 {
		violation.Excluded = excluded[at]
	} else if len(permitted) > 0 && !slices.ContainsFunc(permitted, func(c string) bool { return within(c, false) }) {
		violation.Permitted = permitted
	} else {
		return
	}
	j.found = append(j.found, violation)
}

// refuse: a name that cannot be compared lies in no subtree.
func (j *nameJudge) refuse(kind NameKind, index int, name, instead string) {
	j.found = append(j.found, ConstraintViolation{Kind: kind, Index: index, Name: name, Permitted: []string{instead}, NotComparable: true, Constraint: j.ca})
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
