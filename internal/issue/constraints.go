package issue

import (
	"crypto/x509"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

// constraints are name constraints, read.
type constraints struct {
	permittedDNS, excludedDNS     []string
	permittedIP, excludedIP       []*net.IPNet
	permittedEmail, excludedEmail []string
	permittedURI, excludedURI     []string
}

func (c constraints) empty() bool {
	return len(c.permittedDNS)+len(c.excludedDNS)+len(c.permittedIP)+len(c.excludedIP)+
		len(c.permittedEmail)+len(c.excludedEmail)+len(c.permittedURI)+len(c.excludedURI) == 0
}

// setIn writes the constraints into a certificate.
func (c constraints) setIn(ca *x509.Certificate) {
	ca.PermittedDNSDomains, ca.ExcludedDNSDomains = c.permittedDNS, c.excludedDNS
	ca.PermittedIPRanges, ca.ExcludedIPRanges = c.permittedIP, c.excludedIP
	ca.PermittedEmailAddresses, ca.ExcludedEmailAddresses = c.permittedEmail, c.excludedEmail
	ca.PermittedURIDomains, ca.ExcludedURIDomains = c.permittedURI, c.excludedURI
}

func checkConstraints(written NameConstraints, found *violations) constraints {
	const in = "name_constraints."
	var read constraints
	add := func(list *[]string) func(string) { return func(text string) { *list = append(*list, text) } }
	readEach(written.PermittedDNSDomains, in+"permitted_dns_domains", found, readDomain, add(&read.permittedDNS))
	readEach(written.ExcludedDNSDomains, in+"excluded_dns_domains", found, readDomain, add(&read.excludedDNS))
	readEach(written.PermittedEmailAddresses, in+"permitted_email_addresses", found, readMailboxes, add(&read.permittedEmail))
	readEach(written.ExcludedEmailAddresses, in+"excluded_email_addresses", found, readMailboxes, add(&read.excludedEmail))
	readEach(written.PermittedURIDomains, in+"permitted_uri_domains", found, readDomain, add(&read.permittedURI))
	readEach(written.ExcludedURIDomains, in+"excluded_uri_domains", found, readDomain, add(&read.excludedURI))
	readEach(written.PermittedIPRanges, in+"permitted_ip_ranges", found, readRange, func(n *net.IPNet) { read.permittedIP = append(read.permittedIP, n) })
	readEach(written.ExcludedIPRanges, in+"excluded_ip_ranges", found, readRange, func(n *net.IPNet) { read.excludedIP = append(read.excludedIP, n) })
	return read
}

// readDomain takes a domain, or with a leading period what is below it.
func readDomain(text string) (string, string, string) {
	if strings.HasPrefix(text, "*") {
		return "", "", "is a wildcard; a constraint already covers everything below it, without *"
	}
	if fault := hostFault(strings.TrimPrefix(text, ".")); fault != "" {
		return "", "", fault
	}
	return text, strings.ToLower(text), ""
}

// readMailboxes takes one mailbox, or a domain of many.
func readMailboxes(text string) (string, string, string) {
	if strings.Contains(text, "@") {
		return readMailbox(text)
	}
	return readDomain(text)
}

// readRange takes a CIDR range whose host bits are zero.
func readRange(text string) (*net.IPNet, string, string) {
	prefix, err := netip.ParsePrefix(text)
	if err != nil {
		return nil, "", "is not a CIDR range, such as 10.0.0.0/8"
	}
	if prefix != prefix.Masked() {
		return nil, "", "has host bits set; write " + prefix.Masked().String()
	}
	if prefix.Addr().Is4In6() {
		// Of neither family: no address that is issued could lie in it.
		return nil, "", "is a range of IPv4 addresses written as IPv6; write it as IPv4, such as 10.0.0.0/8"
	}
	_, network, err := net.ParseCIDR(prefix.String())
	if err != nil {
		return nil, "", "is not a CIDR range, such as 10.0.0.0/8"
	}
	return network, prefix.String(), ""
}

// Warnings lists what a request may ask for, and should be known before it is
// issued: constraints on e-mail addresses and URIs that are a bare host, which
// RFC 5280, section 4.2.1.10, and with it OpenSSL, reads as that host only, and
// crypto/x509 as everything below it too; and names that a CSR asks for and that
// the configuration leaves out without having seen them.
func Warnings(request Request) []Violation {
	var warned violations
	c := request.NameConstraints
	warnOfReadings("permitted_email_addresses", c.PermittedEmailAddresses, true, &warned)
	warnOfReadings("excluded_email_addresses", c.ExcludedEmailAddresses, false, &warned)
	warnOfReadings("permitted_uri_domains", c.PermittedURIDomains, true, &warned)
	warnOfReadings("excluded_uri_domains", c.ExcludedURIDomains, false, &warned)
	warnOfLeftOut(request, &warned)
	return warned
}

// warnOfReadings warns of the bare hosts of one list, once.
func warnOfReadings(field string, written []string, permitted bool, warned *violations) {
	const most = 3
	listed := map[string]bool{}
	for _, text := range written {
		listed[strings.ToLower(text)] = true
	}
	var bare []string
	for _, text := range written {
		if strings.Contains(text, "@") || strings.HasPrefix(text, ".") || listed["."+strings.ToLower(text)] {
			continue
		}
		if _, _, fault := readDomain(text); fault == "" { // what is refused needs no advice
			bare = append(bare, text)
		}
	}
	if len(bare) == 0 {
		return
	}
	shown := make([]string, 0, most)
	for _, text := range bare[:min(len(bare), most)] {
		shown = append(shown, strconv.Quote(pki.Printable(text)))
	}
	hosts := strings.Join(shown, ", ")
	if len(bare) > most {
		hosts += fmt.Sprintf(" and %d more", len(bare)-most)
	}
	consequence := "names below it stay allowed there. Add the host with a leading period, such as %q, to exclude them everywhere."
	if permitted {
		consequence = "names below it are refused there, and are not issued here. Add the host with a leading period, such as %q, to permit them everywhere."
	}
	warned.add("name_constraints."+field, "Constraint is read in two ways",
		"%s: OpenSSL, and so nginx and Kong, reads a host without a leading period as that host only (RFC 5280, section 4.2.1.10), and programs built on Go as everything below it too. "+
			"For OpenSSL "+consequence, hosts, pki.Printable("."+bare[0]))
}
