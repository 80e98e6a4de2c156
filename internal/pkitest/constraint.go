package pkitest

import (
	"crypto/x509"
	"net"
)

// A Subtree is one entry of the name constraints (RFC 5280, 4.2.1.10), in the
// form of its kind: a domain, a network as "192.0.2.0/24", an e-mail address
// or host, a URI's host.
type Subtree struct {
	Kind string // "dns", "ip", "email" or "uri"
	Base string
}

// Permitted adds permitted subtrees, all critical.
func Permitted(subtrees ...Subtree) Deviation {
	return func(r *recipe) {
		t := r.template
		r.constrain(subtrees, &t.PermittedDNSDomains, &t.PermittedIPRanges, &t.PermittedEmailAddresses, &t.PermittedURIDomains)
	}
}

// Excluded adds excluded subtrees, all critical.
func Excluded(subtrees ...Subtree) Deviation {
	return func(r *recipe) {
		t := r.template
		r.constrain(subtrees, &t.ExcludedDNSDomains, &t.ExcludedIPRanges, &t.ExcludedEmailAddresses, &t.ExcludedURIDomains)
	}
}

func (r *recipe) constrain(subtrees []Subtree, dns *[]string, ip *[]*net.IPNet, email, uri *[]string) {
	tb := r.forge.graph.tb
	tb.Helper()
	r.template.PermittedDNSDomainsCritical = true
	for _, subtree := range subtrees {
		switch subtree.Kind {
		case "dns":
			*dns = append(*dns, subtree.Base)
		case "email":
			*email = append(*email, subtree.Base)
		case "uri":
			*uri = append(*uri, subtree.Base)
		case "ip":
			_, network, err := net.ParseCIDR(subtree.Base)
			if err != nil {
				tb.Fatalf("pkitest: %v", err)
			}
			*ip = append(*ip, network)
		default:
			tb.Fatalf("pkitest: %q is no kind of name", subtree.Kind)
		}
	}
}

// Policies sets the certificate policies (RFC 5280, 4.2.1.4).
func Policies(policies ...x509.OID) Deviation {
	return func(r *recipe) { r.template.Policies = policies }
}
