package pkitest

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
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
	tb := r.graph.tb
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

// RequirePolicy adds policy constraints that require an explicit policy from
// here on (RFC 5280, 4.2.1.11).
func RequirePolicy() Deviation {
	return func(r *recipe) {
		r.template.ExtraExtensions = append(r.template.ExtraExtensions, pkix.Extension{
			Id: asn1.ObjectIdentifier{2, 5, 29, 36}, Critical: true, Value: []byte{0x30, 0x03, 0x80, 0x01, 0x00},
		})
	}
}

// ConstrainsDirectoryNames permits directory names only below CN=a, in name
// constraints that are not critical: a kind that crypto/x509 does not compare.
func ConstrainsDirectoryNames() Deviation {
	return func(r *recipe) {
		r.template.ExtraExtensions = append(r.template.ExtraExtensions, pkix.Extension{
			Id: asn1.ObjectIdentifier{2, 5, 29, 30},
			Value: []byte{
				0x30, 0x14, 0xa0, 0x12, 0x30, 0x10, 0xa4, 0x0e, 0x30, 0x0c,
				0x31, 0x0a, 0x30, 0x08, 0x06, 0x03, 0x55, 0x04, 0x03, 0x0c, 0x01, 'a',
			},
		})
	}
}
