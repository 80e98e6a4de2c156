package issue_test

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/trustplane/terraform-provider-mtls/internal/issue"
	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/pkitest"
)

// TestRulesOfARequest: each rule by what a user reads who breaks it. A request
// with nothing behind it breaks none.
func TestRulesOfARequest(t *testing.T) {
	graph := pkitest.Build(t, "leaf <- ca",
		pkitest.With("leaf", pkitest.Algorithm(pkitest.RSA1024)))
	weak := graph.Key("leaf")

	for name, test := range map[string]struct {
		request issue.Request
		change  func(*issue.Request)
		unknown issue.Unknown
		want    []string
	}{
		"a CA":                    {request: aCA()},
		"a pin":                   {request: aPin()},
		"a subject of every kind": {request: aPin(), change: func(r *issue.Request) { r.Subject = fullSubject() }},
		"alternative names alone": {request: aPin(), change: func(r *issue.Request) { r.Subject, r.DNSNames = pkix.Name{}, []string{"edge.example"} }},
		"longest common name":     {request: aPin(), change: func(r *issue.Request) { r.Subject.CommonName = strings.Repeat("é", 64) }},
		"path length zero":        {request: aCA(), change: func(r *issue.Request) { r.MaxPathLength = new(0) }},
		"two seconds":             {request: aCA(), change: func(r *issue.Request) { r.Validity = 2 * time.Second }},
		"Kong's name, with its _": {request: aPin(), change: func(r *issue.Request) { r.DNSNames = []string{"kong_clustering"} }},
		"both purposes":           {request: aPin(), change: func(r *issue.Request) { r.ExtendedKeyUsages = both() }},
		"pointers": {request: aCA(), change: func(r *issue.Request) {
			r.CRLDistributionPoints, r.OCSPServers = []string{"http://crl.example/ca.crl", "ldap://crl.example/cn=ca"}, []string{"https://ocsp.example:8443/"}
		}},
		"no subject yet": {request: issue.Request{Profile: issue.ControlPlaneCA}, unknown: issue.Unknown{Request: true}},
		"no issuer yet":  {request: aLeaf(), unknown: issue.Unknown{Issuer: true}},
		"no issuer yet, but no name": {
			request: issue.Request{Profile: issue.DataplaneCertificate}, unknown: issue.Unknown{Issuer: true},
			want: []string{"subject: Name missing: The certificate would have no name. Set a subject with a common_name, or an alternative name."},
		},

		"no subject for a CA": {
			request: issue.Request{Profile: issue.ControlPlaneCA, DNSNames: []string{"ca.example"}},
			want:    []string{"subject: Subject missing: A CA is identified by its subject. Set at least common_name."},
		},
		"no name at all": {
			request: issue.Request{Profile: issue.PinnedCertificate},
			want:    []string{"subject: Name missing: The certificate would have no name. Set a subject with a common_name, or an alternative name."},
		},
		"no issuer for a data plane": {
			request: aLeaf(),
			want:    []string{"issuer: Issuer missing: A data plane's certificate is signed by a CA. For a self-signed certificate, use a pinned certificate."},
		},
		"common name too long": {
			request: aPin(), change: func(r *issue.Request) { r.Subject.CommonName = strings.Repeat("é", 65) },
			want: []string{`subject.common_name: Subject too long: "` + strings.Repeat("é", 65) + `" has 65 characters; RFC 5280 allows 64 here.`},
		},
		"blank parts": {
			request: aPin(), change: func(r *issue.Request) { r.Subject.CommonName, r.Subject.Organization = " ", []string{"Acme", ""} },
			want: []string{
				`subject.common_name: Invalid subject: " " is blank; remove the attribute instead.`,
				`subject.organization: Invalid subject: "" is blank; remove the attribute instead.`,
			},
		},
		"white space around": {
			request: aPin(), change: func(r *issue.Request) { r.Subject.Locality = []string{"Berlin "} },
			want: []string{`subject.locality: Invalid subject: "Berlin " begins or ends with white space.`},
		},
		"a line break": {
			request: aPin(), change: func(r *issue.Request) { r.Subject.OrganizationalUnit = []string{"two\nlines"} },
			want: []string{`subject.organizational_unit: Invalid subject: "two\\u000alines" contains a control character, such as a line break.`},
		},
		"broken UTF-8": {
			request: aPin(), change: func(r *issue.Request) { r.Subject.Province = []string{"\xff"} },
			want: []string{`subject.province: Invalid subject: "\\ufffd" is not valid UTF-8.`},
		},
		"a country by its name": {
			request: aPin(), change: func(r *issue.Request) { r.Subject.Country = []string{"de", "Germany", "DE"} },
			want: []string{
				`subject.country: Invalid subject: "de" is not a country code of two capital letters, such as DE.`,
				`subject.country: Invalid subject: "Germany" is not a country code of two capital letters, such as DE.`,
			},
		},
		"a serial number that X.520 cannot write": {
			request: aPin(), change: func(r *issue.Request) { r.Subject.SerialNumber = "no_1" },
			want: []string{`subject.serial_number: Invalid subject: "no_1" has characters other than letters, digits, spaces and '()+,-./:=?.`},
		},
		"a validity below zero": {
			request: aCA(), change: func(r *issue.Request) { r.Validity = -time.Hour },
			want: []string{"validity: Validity is negative: -1h0m0s is negative. Use a duration such as 8760h."},
		},
		"a validity that is over at once": {
			request: aCA(), change: func(r *issue.Request) { r.Validity = time.Second },
			want: []string{"validity: Validity too short: 1s is less than 2s, the shortest validity that a certificate can have. Use a duration such as 8760h."},
		},
		"a path length below zero": {
			request: aCA(), change: func(r *issue.Request) { r.MaxPathLength = new(-1) },
			want: []string{"max_path_length: Negative path length: -1 is not a valid number of CAs. Zero allows none below this one. For no limit, do not set it."},
		},
		"an unknown key algorithm": {
			request: aCA(), change: func(r *issue.Request) { r.KeyAlgorithm = "RSA-1024" },
			want: []string{`key_algorithm: Unknown key algorithm: "RSA-1024" is not one of [ECDSA-P256 ECDSA-P384 ECDSA-P521 RSA-2048 RSA-3072 RSA-4096 ED25519].`},
		},
		"a weak key": {
			request: aPin(), change: func(r *issue.Request) { r.Key = weak },
			want: []string{"private_key_pem: Key too weak: The private key cannot be used: its RSA key has 1024 bits; the minimum is 2048."},
		},
		"another purpose": {
			request: aPin(), change: func(r *issue.Request) {
				r.ExtendedKeyUsages = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageCodeSigning}
			},
			want: []string{"extended_key_usages[1]: Unsupported purpose: Only client_auth and server_auth are supported."},
		},
		"a purpose given twice": {
			request: aPin(), change: func(r *issue.Request) {
				r.ExtendedKeyUsages = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageClientAuth}
			},
			want: []string{"extended_key_usages[1]: Duplicate purpose: Remove one client_auth."},
		},
		"pointers that nobody can fetch": {
			request: aCA(), change: func(r *issue.Request) {
				r.CRLDistributionPoints = []string{"http://crl.example/ca.crl", "crl.example/ca.crl", "file:///ca.crl", "http://:80/", "http://crl.example/a b"}
				r.OCSPServers = []string{"http://ocsp.exämple/"}
			},
			want: []string{
				`crl_distribution_points[1]: Invalid URL: "crl.example/ca.crl" is not an absolute http, https or ldap URL.`,
				`crl_distribution_points[2]: Invalid URL: "file:///ca.crl" is not an absolute http, https or ldap URL.`,
				`crl_distribution_points[3]: Invalid URL: "http://:80/" is not an absolute http, https or ldap URL.`,
				`crl_distribution_points[4]: Invalid URL: "http://crl.example/a b" is not an absolute http, https or ldap URL.`,
				`ocsp_servers[0]: Invalid URL: "http://ocsp.exämple/" is not an absolute http, https or ldap URL.`,
			},
		},
		"several faults at once": {
			request: aCA(), change: func(r *issue.Request) { r.DNSNames, r.Validity, r.Subject.CommonName = []string{"a b"}, -1, "" },
			want: []string{
				`dns_names[0]: Invalid name: "a b" is not a host name: each label has at most 63 letters, digits, underscores and inner hyphens.`,
				"subject: Subject missing: A CA is identified by its subject. Set at least common_name.",
				"validity: Validity is negative: -1ns is negative. Use a duration such as 8760h.",
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			request := test.request
			if test.change != nil {
				test.change(&request)
			}
			if diff := cmp.Diff(test.want, told(graph, issue.Check(request, nil, now(), test.unknown))); diff != "" {
				t.Errorf("told (-want +got):\n%s", diff)
			}
		})
	}
}

func fullSubject() pkix.Name {
	return pkix.Name{
		CommonName: "edge", Organization: []string{"Acme", "Söhne"}, OrganizationalUnit: []string{"Gateway"}, Locality: []string{"Berlin"},
		Province: []string{"Berlin"}, Country: []string{"DE"}, StreetAddress: []string{"Allee 1"}, PostalCode: []string{"10117"}, SerialNumber: "No. 1",
	}
}

func both() []x509.ExtKeyUsage {
	return []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}
}

// TestRulesOfNames: what each kind of name takes, and what is said of the rest.
func TestRulesOfNames(t *testing.T) {
	long := strings.Repeat("a", 63)
	for field, test := range map[string]struct {
		set   func(*issue.Request, []string)
		taken []string
		told  map[string]string
	}{
		"dns_names": {
			set:   func(r *issue.Request, names []string) { r.DNSNames = names },
			taken: []string{"edge", "edge.example", "EDGE.other", "*.example", "xn--mller-kva.example", "1.2.3", "a_b.example", "_sip.example", long + ".example"},
			told: map[string]string{
				"":                              "is empty",
				"192.0.2.1":                     "is an IP address; put 192.0.2.1 into ip_addresses",
				"2001:db8::1":                   "is an IP address; put 2001:db8::1 into ip_addresses",
				"https://a.example":             "is a URI; put it into uris",
				"ops@a.example":                 "is an e-mail address; put it into email_addresses",
				"a.example.":                    "ends in a period; write the name without it",
				"müller.example":                "is not ASCII; write an international name in its xn-- form",
				"*":                             notAHost,
				"a.*.example":                   notAHost,
				"a*.example":                    notAHost,
				"a..example":                    notAHost,
				"-a.example":                    notAHost,
				"a b":                           notAHost,
				"a.example:8443":                notAHost,
				long + "a.example":              notAHost,
				strings.Repeat(long+".", 4):     "is longer than 253 characters, the maximum in DNS",
				strings.Repeat("a.", 127) + "a": "is longer than 253 characters, the maximum in DNS",
			},
		},
		"ip_addresses": {
			set:   func(r *issue.Request, names []string) { r.IPAddresses = names },
			taken: []string{"192.0.2.1", "2001:db8::1", "::ffff:192.0.2.2"},
			told: map[string]string{
				"":                "is not an IPv4 or IPv6 address",
				"edge.example":    "is not an IPv4 or IPv6 address",
				"192.0.2":         "is not an IPv4 or IPv6 address",
				"192.0.2.01":      "is not an IPv4 or IPv6 address",
				"fe80::1%eth0":    "is not an IPv4 or IPv6 address",
				"192.0.2.0/24":    "is a range; a certificate contains single addresses, such as 192.0.2.0",
				"192.0.2.1:8443":  "is not an IPv4 or IPv6 address",
				"[2001:db8::1]":   "is not an IPv4 or IPv6 address",
				"2001:db8::1/128": "is a range; a certificate contains single addresses, such as 2001:db8::1",
			},
		},
		"uris": {
			set:   func(r *issue.Request, names []string) { r.URIs = names },
			taken: []string{"spiffe://acme.example/edge", "spiffe://prod_eu/edge", "https://a.example:8443/b?c#d", "urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6", "https://[2001:db8::1]/", "https://192.0.2.1/"},
			told: map[string]string{
				"":                            "is not absolute: it has no scheme, such as spiffe:// or https://",
				"edge.example":                "is not absolute: it has no scheme, such as spiffe:// or https://",
				"https://":                    "has nothing after its scheme",
				"https://a b/":                "is not a URI",
				"https://a/b c":               "is not a URI",
				"https://a/\x7f":              "is not a URI",
				"https://müller.example":      "is not a URI",
				"https://-a/":                 "has a host that is neither a host name nor an address",
				"https://:8443/":              "has a host that is neither a host name nor an address",
				"https://[fe80::1%25eth0]/":   "has a host that is neither a host name nor an address",
				"https://a.example./trailing": "has a host that is neither a host name nor an address",
			},
		},
		"email_addresses": {
			set:   func(r *issue.Request, names []string) { r.EmailAddresses = names },
			taken: []string{"ops@acme.example", "Ops@acme.example", "a+b@acme.example"},
			told: map[string]string{
				"":                       "is not a plain e-mail address, such as ops@example.com",
				"ops":                    "is not a plain e-mail address, such as ops@example.com",
				"Ops <ops@acme.example>": "is not a plain e-mail address, such as ops@example.com",
				"<ops@acme.example>":     "is not a plain e-mail address, such as ops@example.com",
				"ops@":                   "is not a plain e-mail address, such as ops@example.com",
				"öps@acme.example":       "is not ASCII; a certificate's e-mail address must be",
				"ops@[192.0.2.1]":        "has a domain that " + notAHost,
				"ops@-acme.example":      "has a domain that " + notAHost,
			},
		},
	} {
		t.Run(field, func(t *testing.T) {
			request := aPin()
			test.set(&request, test.taken)
			if found := issue.Check(request, nil, now(), issue.Unknown{}); len(found) > 0 {
				t.Errorf("refused: %v", found)
			}
			for name, want := range test.told {
				test.set(&request, []string{test.taken[0], name})
				found := issue.Check(request, nil, now(), issue.Unknown{})
				if len(found) != 1 || found[0].Field != field || found[0].Index != 1 || found[0].Summary != "Invalid name" {
					t.Errorf("%q: found %v", name, found)
				} else if !strings.HasSuffix(found[0].Detail, `" `+want+".") {
					t.Errorf("%q: told %s, want %s", name, found[0].Detail, want)
				}
			}
		})
	}
}

const notAHost = "is not a host name: each label has at most 63 letters, digits, underscores and inner hyphens"

// TestNamesGivenTwice: written differently, they are one name all the same.
func TestNamesGivenTwice(t *testing.T) {
	request := aPin()
	request.DNSNames = []string{"a.example", "b.example", "A.example"}
	request.IPAddresses = []string{"2001:db8::1", "2001:0db8:0::1", "192.0.2.1", "::ffff:192.0.2.1"}
	request.URIs = []string{"urn:a:b", "urn:a:b"}
	request.EmailAddresses = []string{"ops@a.example", "Ops@a.example", "ops@A.example"}
	want := []string{
		`dns_names[2]: Duplicate name: "A.example" is the same name as element 0; remove one of them.`,
		`ip_addresses[1]: Duplicate name: "2001:0db8:0::1" is the same name as element 0; remove one of them.`,
		`ip_addresses[3]: Duplicate name: "::ffff:192.0.2.1" is the same name as element 2; remove one of them.`,
		`uris[1]: Duplicate name: "urn:a:b" is the same name as element 0; remove one of them.`,
		`email_addresses[2]: Duplicate name: "ops@A.example" is the same name as element 0; remove one of them.`,
	}
	if diff := cmp.Diff(want, told(pkitest.Build(t, ""), issue.Check(request, nil, now(), issue.Unknown{}))); diff != "" {
		t.Errorf("told (-want +got):\n%s", diff)
	}
}

func TestRulesOfNameConstraints(t *testing.T) {
	request := aCA()
	request.NameConstraints = issue.NameConstraints{
		PermittedDNSDomains:     []string{"a.example", ".b.example", "*.c.example", "A.example", "a b"},
		ExcludedDNSDomains:      []string{""},
		PermittedIPRanges:       []string{"10.0.0.0/8", "2001:db8::/32", "10.0.0.1", "10.0.0.1/8", "::ffff:10.0.0.0/104"},
		ExcludedIPRanges:        []string{"10.0.0.0/33"},
		PermittedEmailAddresses: []string{"a.example", ".b.example", "ops@c.example", "@d.example"},
		ExcludedEmailAddresses:  []string{"-e.example"},
		PermittedURIDomains:     []string{"a.example", "https://a.example"},
		ExcludedURIDomains:      []string{"b.example."},
	}
	want := []string{
		`name_constraints.permitted_dns_domains[2]: Invalid name: "*.c.example" is a wildcard; a constraint already covers everything below it, without *.`,
		`name_constraints.permitted_dns_domains[3]: Duplicate name: "A.example" is the same name as element 0; remove one of them.`,
		`name_constraints.permitted_dns_domains[4]: Invalid name: "a b" ` + notAHost + `.`,
		`name_constraints.excluded_dns_domains[0]: Invalid name: "" is empty.`,
		`name_constraints.permitted_email_addresses[3]: Invalid name: "@d.example" is not a plain e-mail address, such as ops@example.com.`,
		`name_constraints.excluded_email_addresses[0]: Invalid name: "-e.example" ` + notAHost + `.`,
		`name_constraints.permitted_uri_domains[1]: Invalid name: "https://a.example" ` + notAHost + `.`,
		`name_constraints.excluded_uri_domains[0]: Invalid name: "b.example." ends in a period; write the name without it.`,
		`name_constraints.permitted_ip_ranges[2]: Invalid name: "10.0.0.1" is not a CIDR range, such as 10.0.0.0/8.`,
		`name_constraints.permitted_ip_ranges[3]: Invalid name: "10.0.0.1/8" has host bits set; write 10.0.0.0/8.`,
		`name_constraints.permitted_ip_ranges[4]: Invalid name: "::ffff:10.0.0.0/104" is a range of IPv4 addresses written as IPv6; write it as IPv4, such as 10.0.0.0/8.`,
		`name_constraints.excluded_ip_ranges[0]: Invalid name: "10.0.0.0/33" is not a CIDR range, such as 10.0.0.0/8.`,
	}
	if diff := cmp.Diff(want, told(pkitest.Build(t, ""), issue.Check(request, nil, now(), issue.Unknown{}))); diff != "" {
		t.Errorf("told (-want +got):\n%s", diff)
	}
}

// TestIssueRefusesWhatCheckFinds: all of it, in one error.
func TestIssueRefusesWhatCheckFinds(t *testing.T) {
	request := with(aCA(), func(r *issue.Request) { r.Validity, r.KeyAlgorithm = -time.Hour, "DSA" })
	issued, err := issue.Issue(t.Context(), request, nil, now())
	refused, ok := errors.AsType[*issue.ViolationsError](err)
	if !ok || issued != nil {
		t.Fatalf("issued %t, error %v", issued != nil, err)
	}
	if diff := cmp.Diff(issue.Check(request, nil, now(), issue.Unknown{}), refused.Violations); diff != "" {
		t.Errorf("violations (-want +got):\n%s", diff)
	}
	want := `key_algorithm: Unknown key algorithm: "DSA" is not one of ` + "[ECDSA-P256 ECDSA-P384 ECDSA-P521 RSA-2048 RSA-3072 RSA-4096 ED25519]." +
		"; validity: Validity is negative: -1h0m0s is negative. Use a duration such as 8760h."
	if err.Error() != want {
		t.Errorf("error\n  %v\nwant\n  %s", err, want)
	}
}

// TestIssueWaivesNothing: what may be missing from a plan is missing from a
// certificate for good.
func TestIssueWaivesNothing(t *testing.T) {
	for name, request := range map[string]issue.Request{
		"the issuer": aLeaf(),
		"the name":   {Profile: issue.PinnedCertificate},
	} {
		if issued, err := issue.Issue(t.Context(), request, nil, now()); err == nil {
			t.Errorf("%s is missing, and %s was issued", name, pki.Describe(issued.Certificate))
		}
	}
}

// TestSpellingIsNoChange: a value that is written in another way asks for the same
// certificate (RFC 5952 for addresses, RFC 4343 for the case of DNS names).
func TestSpellingIsNoChange(t *testing.T) {
	for name, row := range map[string]struct {
		set  func(*issue.Request, ...string)
		a, b string
		same bool
	}{
		"IPv6":                   {func(r *issue.Request, v ...string) { r.IPAddresses = v }, "2001:db8::1", "2001:0DB8:0:0:0:0:0:1", true},
		"IPv4 written as IPv6":   {func(r *issue.Request, v ...string) { r.IPAddresses = v }, "10.0.0.1", "::ffff:10.0.0.1", true},
		"another address":        {func(r *issue.Request, v ...string) { r.IPAddresses = v }, "10.0.0.1", "10.0.0.2", false},
		"DNS name":               {func(r *issue.Request, v ...string) { r.DNSNames = v }, "edge.example", "Edge.Example", true},
		"mail domain":            {func(r *issue.Request, v ...string) { r.EmailAddresses = v }, "ops@acme.example", "ops@ACME.example", true},
		"mailbox":                {func(r *issue.Request, v ...string) { r.EmailAddresses = v }, "ops@acme.example", "OPS@acme.example", false},
		"range":                  {func(r *issue.Request, v ...string) { r.NameConstraints.PermittedIPRanges = v }, "2001:db8::/32", "2001:DB8:0::/32", true},
		"another range":          {func(r *issue.Request, v ...string) { r.NameConstraints.PermittedIPRanges = v }, "2001:db8::/32", "2001:db8::/33", false},
		"domain of a constraint": {func(r *issue.Request, v ...string) { r.NameConstraints.ExcludedDNSDomains = v }, "acme.example", "ACME.example", true},
		"only what is below":     {func(r *issue.Request, v ...string) { r.NameConstraints.ExcludedDNSDomains = v }, "acme.example", ".acme.example", false},
		"mailboxes of a domain":  {func(r *issue.Request, v ...string) { r.NameConstraints.PermittedEmailAddresses = v }, "acme.example", "Acme.Example", true},
		"hosts in URIs":          {func(r *issue.Request, v ...string) { r.NameConstraints.ExcludedURIDomains = v }, "acme.example", "Acme.Example", true},
	} {
		a, b := aCA(), aCA()
		row.set(&a, row.a)
		row.set(&b, row.b)
		if a.Equal(b) != row.same || b.Equal(a) != row.same {
			t.Errorf("%s: %q and %q are the same: %t, want %t", name, row.a, row.b, !row.same, row.same)
		}
	}
}

// TestEqualRequests: whether a change of the configuration asks for another
// certificate.
func TestEqualRequests(t *testing.T) {
	csr := mustRequest(t, &x509.CertificateRequest{}, pki.ECDSAP256)
	plain := with(aLeaf(), func(r *issue.Request) { r.DNSNames = []string{"a", "b"} })
	for name, test := range map[string]struct {
		change func(*issue.Request)
		want   bool
	}{
		"nothing":               {func(*issue.Request) {}, true},
		"the order of names":    {func(r *issue.Request) { r.DNSNames = []string{"b", "a"} }, true},
		"what it renews":        {func(r *issue.Request) { r.Renews = &x509.Certificate{} }, true},
		"the case of a name":    {func(r *issue.Request) { r.DNSNames = []string{"A", "b"} }, true},
		"another unusable name": {func(r *issue.Request) { r.DNSNames = []string{"a", "b c"} }, false},
		"a default written out": {func(r *issue.Request) { r.Validity, r.KeyAlgorithm = 8760*time.Hour, pki.ECDSAP256 }, true},
		"the default purpose":   {func(r *issue.Request) { r.ExtendedKeyUsages = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth} }, true},
		"empty, not nil":        {func(r *issue.Request) { r.URIs = []string{} }, true},

		"the profile":       {func(r *issue.Request) { r.Profile = issue.PinnedCertificate }, false},
		"the subject":       {func(r *issue.Request) { r.Subject.CommonName = "other" }, false},
		"one name more":     {func(r *issue.Request) { r.DNSNames = []string{"a", "b", "c"} }, false},
		"an address":        {func(r *issue.Request) { r.IPAddresses = []string{"192.0.2.1"} }, false},
		"a URI":             {func(r *issue.Request) { r.URIs = []string{"urn:a:b"} }, false},
		"a mailbox":         {func(r *issue.Request) { r.EmailAddresses = []string{"a@b"} }, false},
		"the validity":      {func(r *issue.Request) { r.Validity = time.Hour }, false},
		"the algorithm":     {func(r *issue.Request) { r.KeyAlgorithm = pki.Ed25519 }, false},
		"a signing request": {func(r *issue.Request) { r.CSR = csr }, false},
		"a purpose":         {func(r *issue.Request) { r.ExtendedKeyUsages = both() }, false},
		"a path length":     {func(r *issue.Request) { r.MaxPathLength = new(0) }, false},
		"a name constraint": {func(r *issue.Request) { r.NameConstraints.ExcludedDNSDomains = []string{"a"} }, false},
		"a revocation list": {func(r *issue.Request) { r.CRLDistributionPoints = []string{"http://a/"} }, false},
		"an OCSP responder": {func(r *issue.Request) { r.OCSPServers = []string{"http://a/"} }, false},
	} {
		other := with(plain, test.change)
		if got := plain.Equal(other); got != test.want || other.Equal(plain) != got {
			t.Errorf("%s: equal %t, want %t either way round", name, got, test.want)
		}
	}

	asked := with(aLeaf(), func(r *issue.Request) { r.CSR = csr })
	if asked.Equal(with(asked, func(r *issue.Request) { r.DNSNames = []string{} })) {
		t.Error("the signing request's own names equal none at all")
	}
}
