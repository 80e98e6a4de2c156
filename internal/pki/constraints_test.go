package pki_test

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"net"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/pkitest"
)

func named(commonName string) pkix.Name { return pkix.Name{CommonName: commonName} }

// TestForbiddenNames: what is forbidden, in the words in which it is reported.
func TestForbiddenNames(t *testing.T) {
	permitted := func(kind, base string) pkitest.Deviation {
		return pkitest.Permitted(pkitest.Subtree{Kind: kind, Base: base})
	}
	excluded := func(kind, base string) pkitest.Deviation {
		return pkitest.Excluded(pkitest.Subtree{Kind: kind, Base: base})
	}
	for _, test := range []struct {
		name    string
		ca, of  []pkitest.Deviation
		want    []string // CA stands for the CA's description
		indexes []int
	}{
		{name: "no constraints", of: []pkitest.Deviation{pkitest.DNS("anything.example"), pkitest.URI("urn:anything")}},
		{name: "no names", ca: []pkitest.Deviation{permitted("dns", "a.example")}},
		{name: "another kind", ca: []pkitest.Deviation{permitted("dns", "a.example")}, of: []pkitest.Deviation{pkitest.Email("a@b.example"), pkitest.IP("192.0.2.1")}},
		{
			name: "a domain holds itself and what is below", ca: []pkitest.Deviation{permitted("dns", "a.example")},
			of:      []pkitest.Deviation{pkitest.DNS("a.example", "x.A.Example", "*.a.example", "ba.example", "example")},
			want:    []string{`the DNS name "ba.example" is not within any name that CA permits: a.example`, `the DNS name "example" is not within any name that CA permits: a.example`},
			indexes: []int{3, 4},
		},
		{
			name: "with a leading period only what is below", ca: []pkitest.Deviation{permitted("dns", ".a.example")},
			of:      []pkitest.Deviation{pkitest.DNS("x.a.example", "a.example")},
			want:    []string{`the DNS name "a.example" is not within any name that CA permits: .a.example`},
			indexes: []int{1},
		},
		{
			name: "exclusion beats permission", ca: []pkitest.Deviation{permitted("dns", "example"), excluded("dns", "a.example")},
			of:      []pkitest.Deviation{pkitest.DNS("a.example", "b.example")},
			want:    []string{`the DNS name "a.example" is within "a.example", which CA excludes`},
			indexes: []int{0},
		},
		{
			name: "a wildcard is excluded by any name it stands for", ca: []pkitest.Deviation{excluded("dns", "x.a.example")},
			of:      []pkitest.Deviation{pkitest.DNS("*.a.example", "a.example")},
			want:    []string{`the DNS name "*.a.example" is within "x.a.example", which CA excludes`},
			indexes: []int{0},
		},
		{
			name: "ranges are of one family", ca: []pkitest.Deviation{permitted("ip", "192.0.2.0/24")},
			of:      []pkitest.Deviation{pkitest.IP("192.0.2.255", "192.0.3.0", "2001:db8::1")},
			want:    []string{`the IP address "192.0.3.0" is not within any name that CA permits: 192.0.2.0/24`, `the IP address "2001:db8::1" is not within any name that CA permits: 192.0.2.0/24`},
			indexes: []int{1, 2},
		},
		{
			name: "a range of IPv4 addresses written as one of IPv6 is of neither", ca: []pkitest.Deviation{permitted("ip", "::ffff:192.0.2.0/120")},
			of:      []pkitest.Deviation{pkitest.IP("192.0.2.1")},
			want:    []string{`the IP address "192.0.2.1" is not within any name that CA permits: ::ffff:192.0.2.0/120`},
			indexes: []int{0},
		},
		{
			name: "a URI by its host", ca: []pkitest.Deviation{permitted("uri", "a.example"), permitted("uri", "b.example")},
			of: []pkitest.Deviation{pkitest.URI("spiffe://a.example/x", "https://c.example:8443/a.example")},
			want: []string{
				`the URI "https://c.example:8443/a.example" is not within any name that CA permits: a.example, b.example`,
			},
			indexes: []int{1},
		},
		{
			name: "a URI without a host name, below any constraint", ca: []pkitest.Deviation{excluded("dns", "a.example")},
			of: []pkitest.Deviation{pkitest.URI("urn:a:b", "https://192.0.2.1/", "https://[2001:db8::1]:443/")},
			want: []string{
				`the URI "urn:a:b" cannot be compared with the names that CA permits or excludes: host names only`,
				`the URI "https://192.0.2.1/" cannot be compared with the names that CA permits or excludes: host names only`,
				`the URI "https://[2001:db8::1]:443/" cannot be compared with the names that CA permits or excludes: host names only`,
			},
			indexes: []int{0, 1, 2},
		},
		{
			name: "a mailbox, whose local part counts exactly", ca: []pkitest.Deviation{permitted("email", "Ops@a.example")},
			of:      []pkitest.Deviation{pkitest.Email("Ops@A.example", "ops@a.example")},
			want:    []string{`the e-mail address "ops@a.example" is not within any name that CA permits: Ops@a.example`},
			indexes: []int{1},
		},
		{
			name: "the mailboxes of a domain", ca: []pkitest.Deviation{excluded("email", "a.example")},
			of:      []pkitest.Deviation{pkitest.Email("x@a.example", "x@b.example")},
			want:    []string{`the e-mail address "x@a.example" is within "a.example", which CA excludes`},
			indexes: []int{0},
		},
		{
			name: "a hostile name is shown printable", ca: []pkitest.Deviation{permitted("dns", "a.example")},
			of:      []pkitest.Deviation{pkitest.DNS("a\x1b[31m")},
			want:    []string{`the DNS name "a\\u001b[31m" cannot be compared with the names that CA permits or excludes: well-formed names only`},
			indexes: []int{0},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			graph := pkitest.Build(t, "edge <- ca", pkitest.With("ca", test.ca...), pkitest.With("edge", test.of...))
			ca := graph.Certificate("ca")
			var told []string
			var indexes []int
			for _, violation := range pki.ForbiddenNames(pki.NamesOf(graph.Certificate("edge")), ca) {
				told = append(told, strings.ReplaceAll(violation.String(), pki.Describe(ca), "CA"))
				indexes = append(indexes, violation.Index)
			}
			if diff := cmp.Diff(test.want, told); diff != "" {
				t.Errorf("told (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.indexes, indexes); diff != "" {
				t.Errorf("indexes (-want +got):\n%s", diff)
			}
		})
	}
}

// TestForbiddenNamesIsWhatX509Refuses: a name is forbidden exactly when
// crypto/x509 refuses the certificate for it.
func TestForbiddenNamesIsWhatX509Refuses(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		constraints := rapid.SliceOfN(subtree(), 1, 4)
		permitted, excluded := constraints.Draw(r, "permitted"), rapid.SliceOfN(subtree(), 0, 3).Draw(r, "excluded")
		names := rapid.SliceOfN(alternativeName(), 1, 2).Draw(r, "names")
		graph := pkitest.Build(t, "edge <- ca",
			pkitest.With("ca", pkitest.Permitted(permitted...), pkitest.Excluded(excluded...)),
			pkitest.With("edge", pkitest.Template(withNames(t, names))))

		refused := refusedForItsNames(t, graph.Certificate("edge"), graph.Certificate("ca"))
		found := pki.ForbiddenNames(pki.NamesOf(graph.Certificate("edge")), graph.Certificate("ca"))
		if refused != nil && len(found) == 0 {
			r.Errorf("refused, and nothing is found: %v", refused)
		}
		if refused == nil && len(found) > 0 {
			r.Errorf("accepted, and yet: %v", found)
		}
	})
}

// TestAnAddressIsOfOneFamily: an IPv4 address that is written as an IPv6 one
// lies in no range of IPv4.
func TestAnAddressIsOfOneFamily(t *testing.T) {
	mapped := generalName{7, string(net.IPv4(192, 0, 2, 1).To16())}
	graph := pkitest.Build(t, "edge <- ca",
		pkitest.With("ca", pkitest.Permitted(pkitest.Subtree{Kind: "ip", Base: "192.0.2.0/24"})),
		pkitest.With("edge", pkitest.Template(withNames(t, []generalName{mapped}))))
	edge, ca := graph.Certificate("edge"), graph.Certificate("ca")
	if found := pki.ForbiddenNames(pki.NamesOf(edge), ca); len(found) != 1 || refusedForItsNames(t, edge, ca) == nil {
		t.Errorf("found %v, refused by crypto/x509 for %v", found, refusedForItsNames(t, edge, ca))
	}
}

// refusedForItsNames is crypto/x509's refusal of edge for the name constraints
// of ca; nil if it takes it.
func refusedForItsNames(tb testing.TB, edge, ca *x509.Certificate) error {
	tb.Helper()
	roots := x509.NewCertPool()
	roots.AddCert(ca)
	_, err := edge.Verify(x509.VerifyOptions{Roots: roots, CurrentTime: pkitest.Now(), KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}})
	if invalid, ok := errors.AsType[x509.CertificateInvalidError](err); ok && invalid.Reason == x509.CANotAuthorizedForThisName {
		return err
	}
	if err != nil {
		tb.Fatalf("refused for another reason than its names: %v", err)
	}
	return nil
}

// A generalName is one alternative name as it stands in a certificate, well
// formed or not (RFC 5280, section 4.2.1.6).
type generalName struct {
	tag   int
	value string
}

// withNames writes names into the certificate as they are, which crypto/x509
// itself does with well-formed ones alone.
func withNames(tb testing.TB, names []generalName) func(*x509.Certificate) {
	var raw []asn1.RawValue
	for _, name := range names {
		raw = append(raw, asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: name.tag, Bytes: []byte(name.value)})
	}
	der, err := asn1.Marshal(raw)
	if err != nil {
		tb.Fatal(err)
	}
	return func(template *x509.Certificate) {
		template.ExtraExtensions = append(template.ExtraExtensions, pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 17}, Value: der})
	}
}

// Domains, addresses and mailboxes come from few parts, so that they often meet.
func domain() *rapid.Generator[string] {
	labels := rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "A", "ab", "a-b", "a_b", "1"}), 1, 3)
	return rapid.Map(labels, func(parts []string) string { return strings.Join(parts, ".") })
}

func host() *rapid.Generator[string] {
	prefix := rapid.SampledFrom([]string{"", "", "", "*.", "*.*.", "a*."})
	return rapid.Custom(func(t *rapid.T) string { return prefix.Draw(t, "prefix") + domain().Draw(t, "domain") })
}

func mailbox() *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		return rapid.SampledFrom([]string{"a", "A", "b", "a.b", "a+b"}).Draw(t, "local") + "@" + domain().Draw(t, "domain")
	})
}

func subtree() *rapid.Generator[pkitest.Subtree] {
	zone := rapid.Custom(func(t *rapid.T) string {
		return rapid.SampledFrom([]string{"", "", "."}).Draw(t, "period") + domain().Draw(t, "domain")
	})
	network := rapid.SampledFrom([]string{"0.0.0.0/0", "10.0.0.0/8", "10.1.0.0/16", "10.1.0.1/32", "::/0", "2001:db8::/32", "2001:db8::1/128",
		"::ffff:10.0.0.0/104"}) // a range of IPv4 addresses written as one of IPv6
	return rapid.OneOf(
		rapid.Map(zone, func(base string) pkitest.Subtree { return pkitest.Subtree{Kind: "dns", Base: base} }),
		rapid.Map(zone, func(base string) pkitest.Subtree { return pkitest.Subtree{Kind: "uri", Base: base} }),
		rapid.Map(rapid.OneOf(zone, mailbox()), func(base string) pkitest.Subtree { return pkitest.Subtree{Kind: "email", Base: base} }),
		rapid.Map(network, func(base string) pkitest.Subtree { return pkitest.Subtree{Kind: "ip", Base: base} }),
	)
}

func alternativeName() *rapid.Generator[generalName] {
	of := func(tag int, generator *rapid.Generator[string]) *rapid.Generator[generalName] {
		return rapid.Map(generator, func(value string) generalName { return generalName{tag, value} })
	}
	address := rapid.SampledFrom([]string{
		string(net.IPv4(10, 1, 0, 1).To4()), string(net.IPv4(10, 2, 0, 1).To4()), string(net.IPv4(192, 0, 2, 1).To4()),
		string(net.ParseIP("2001:db8::1")), string(net.ParseIP("2001:db9::1")),
		string(net.IPv4(10, 1, 0, 1).To16()), // an IPv4 address written as an IPv6 one
	})
	uri := rapid.Custom(func(t *rapid.T) string {
		authority := rapid.OneOf(domain(), rapid.SampledFrom([]string{"10.1.0.1", "[2001:db8::1]", "user@a", ""})).Draw(t, "host")
		return "https://" + authority + rapid.SampledFrom([]string{"", ":443"}).Draw(t, "port") + "/path"
	})
	return rapid.OneOf(
		of(1, mailbox()), of(1, rapid.SampledFrom([]string{"a", "@", "@a.b", "a@", "a..b@a", "a@b."})),
		of(2, host()), of(2, rapid.SampledFrom([]string{"", "a.", "a..b", ".a", "a b", "a\x01"})),
		of(6, uri), of(6, rapid.SampledFrom([]string{"urn:a:b", "/path", ""})),
		of(7, address),
	)
}

func TestNames(t *testing.T) {
	edge := pkitest.Build(t, "edge", pkitest.With("edge",
		pkitest.DNS("a.example"), pkitest.IP("192.0.2.1"), pkitest.URI("urn:a:b"), pkitest.Email("a@b.example"))).Certificate("edge")
	names := pki.NamesOf(edge)
	if len(names.DNSNames) != 1 || len(names.IPAddresses) != 1 || len(names.URIs) != 1 || len(names.EmailAddresses) != 1 {
		t.Errorf("names %+v, want one of each kind", names)
	}
	if got := names.Count(); got != 4 {
		t.Errorf("counted %d names, want 4", got)
	}
}
