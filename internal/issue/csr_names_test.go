package issue_test

import (
	"crypto/x509/pkix"
	"encoding/asn1"
	"net"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/trustplane/terraform-provider-mtls/internal/issue"
	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/pkitest"
)

// TestNamesOfCSRsInEveryPlace: names are read from every attribute that asks for
// extensions, and from each of its values. None is lost.
func TestNamesOfCSRsInEveryPlace(t *testing.T) {
	graph := pkitest.Build(t, "edge <- ca")
	one := func(names ...string) []pkix.Extension {
		var raw []asn1.RawValue
		for _, name := range names {
			raw = append(raw, pkitest.DNSName(name))
		}
		return []pkix.Extension{pkitest.AlternativeNames(t, raw...)}
	}
	values := func(values ...[]pkix.Extension) [][]pkix.Extension { return values }
	for name, row := range map[string]struct {
		asked []pkitest.Asked
		want  []string
	}{
		"Microsoft's attribute":        {[]pkitest.Asked{{Microsoft: true, Values: values(one("edge.example"))}}, []string{"edge.example"}},
		"that and the usual one":       {[]pkitest.Asked{{Values: values(one("a.example"))}, {Microsoft: true, Values: values(one("b.example"))}}, []string{"a.example", "b.example"}},
		"the same in both":             {[]pkitest.Asked{{Values: values(one("a.example"))}, {Microsoft: true, Values: values(one("A.example"))}}, []string{"a.example"}},
		"the usual one twice":          {[]pkitest.Asked{{Values: values(one("a.example"))}, {Values: values(one("b.example"))}}, []string{"a.example", "b.example"}},
		"two values of one attribute":  {[]pkitest.Asked{{Values: values(one("a.example"), one("b.example"))}}, []string{"a.example", "b.example"}},
		"twice among its extensions":   {[]pkitest.Asked{{Values: values(append(one("a.example"), one("b.example")...))}}, []string{"a.example", "b.example"}},
		"a repetition":                 {[]pkitest.Asked{{Values: values(one("a.example", "A.example", "a.example"))}}, []string{"a.example"}},
		"an attribute without a value": {[]pkitest.Asked{{}}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			csr, err := pki.ParseCSR(pki.EncodeCSR(pkitest.CSR(t, graph.Key("edge"), pkix.Name{CommonName: "edge"}, row.asked...)))
			if err != nil {
				t.Fatal(err)
			}
			issued := mustIssue(t, answering(csr), issuerOf(graph, "ca"))
			if diff := cmp.Diff(row.want, issued.Certificate.DNSNames); diff != "" {
				t.Errorf("DNS names (-want +got):\n%s", diff)
			}
		})
	}
}

// TestRightsInMicrosoftsAttribute are held against a request as in the usual one.
func TestRightsInMicrosoftsAttribute(t *testing.T) {
	graph := pkitest.Build(t, "edge <- ca")
	ca := []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 19}, Value: []byte{0x30, 3, 1, 1, 0xff}}}
	csr, err := pki.ParseCSR(pki.EncodeCSR(pkitest.CSR(t, graph.Key("edge"), pkix.Name{CommonName: "edge"},
		pkitest.Asked{Values: [][]pkix.Extension{nil, ca}}, pkitest.Asked{Microsoft: true, Values: [][]pkix.Extension{ca}})))
	if err != nil {
		t.Fatal(err)
	}
	found := issue.Check(answering(csr), issuerOf(graph, "ca"), now(), issue.Unknown{})
	if len(found) != 2 || found[0].Summary != "Request not permitted" {
		t.Errorf("found %v", found)
	}
}

// TestNamesOfOtherKindsInCSRs: each is named, and is left out once the
// configuration says which names the certificate has.
func TestNamesOfOtherKindsInCSRs(t *testing.T) {
	graph := pkitest.Build(t, "edge <- ca")
	for name, row := range map[string]struct{ asked, want string }{
		"UPN":             {"otherName:1.3.6.1.4.1.311.20.2.3;UTF8:edge@acme.example", "a user principal name (UPN)"},
		"SRV name":        {"otherName:1.3.6.1.5.5.7.8.7;IA5:_kong.acme.example", "an SRV name"},
		"XMPP address":    {"otherName:1.3.6.1.5.5.7.8.5;UTF8:edge@acme.example", "an XMPP address"},
		"mailbox":         {"otherName:1.3.6.1.5.5.7.8.9;UTF8:ö@acme.example", "an e-mail address outside ASCII (SmtpUTF8Mailbox)"},
		"kind of its own": {"otherName:1.3.6.1.4.1.55555.1;UTF8:edge", "a name of the kind 1.3.6.1.4.1.55555.1"},
		"registered ID":   {"RID:1.2.3.4", "a registered ID"},
	} {
		t.Run(name, func(t *testing.T) {
			csr := openSSLRequest(t, "-subj", "/CN=edge", "-addext", "subjectAltName=DNS:edge.example,"+row.asked)
			want := []string{"csr_pem: Request not permitted: It asks for " + row.want + ", and only DNS names, IP addresses, URIs and e-mail addresses " +
				"are issued as alternative names. Set dns_names, or another kind of name, and it is left out; or create a request without it."}
			if diff := cmp.Diff(want, told(graph, issue.Check(answering(csr), issuerOf(graph, "ca"), now(), issue.Unknown{}))); diff != "" {
				t.Errorf("reported (-want +got):\n%s", diff)
			}
			request := answering(csr)
			if warned := issue.Warnings(request); len(warned) > 0 {
				t.Errorf("it is refused, and warned of: %v", warned)
			}
			request.DNSNames = []string{"given.example"}
			want = []string{"csr_pem: Names left out: It asks for " + row.want + ", and only DNS names, IP addresses, URIs and e-mail addresses " +
				"are issued as alternative names. The certificate will be without it, since alternative names are set here."}
			if diff := cmp.Diff(want, told(graph, issue.Warnings(request))); diff != "" {
				t.Errorf("warned of (-want +got):\n%s", diff)
			}
			if issued := mustIssue(t, request, issuerOf(graph, "ca")); len(issued.Certificate.Extensions) == 0 || pki.NamesOf(issued.Certificate).Count() != 1 {
				t.Errorf("issued with %v", pki.NamesOf(issued.Certificate))
			}
		})
	}
	t.Run("directory name", func(t *testing.T) {
		config := "[req]\ndistinguished_name=dn\nreq_extensions=ext\n[dn]\n[ext]\nsubjectAltName=dirName:dir\n[dir]\nCN=edge\n"
		csr := openSSLRequest(t, "-subj", "/CN=edge", "-config", written(t, config))
		found := issue.Check(answering(csr), issuerOf(graph, "ca"), now(), issue.Unknown{})
		if len(found) != 1 || !cmp.Equal(found[0].Summary, "Request not permitted") {
			t.Errorf("found %v", found)
		}
	})
}

// TestWhatTheConfigurationOverrides is not held against a request: names that no
// certificate can have, and those that crypto/x509 cannot read.
func TestWhatTheConfigurationOverrides(t *testing.T) {
	graph := pkitest.Build(t, "edge <- ca")
	general := func(tag int, content string) asn1.RawValue {
		return asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: tag, Bytes: []byte(content)}
	}
	for name, row := range map[string]struct {
		asked asn1.RawValue
		given func(*issue.Request)
		want  string
	}{
		"a trailing period": {
			general(2, "edge.example."), func(r *issue.Request) { r.DNSNames = []string{"edge.example"} },
			`csr_pem: Invalid name: "edge.example." ends in a period; write the name without it. It comes from the certificate request: set dns_names here to override it.`,
		},
		"an address as DNS name": {
			general(2, "192.0.2.1"), func(r *issue.Request) { r.DNSNames, r.IPAddresses = []string{}, []string{"192.0.2.1"} },
			`csr_pem: Invalid name: "192.0.2.1" is an IP address; put 192.0.2.1 into ip_addresses. It comes from the certificate request: set dns_names here to override it.`,
		},
		"an address as text": {
			general(7, "192.0.2.1"), func(r *issue.Request) { r.IPAddresses = []string{"192.0.2.1"} },
			`csr_pem: Invalid name: "#3139322e302e322e31" is not an IPv4 or IPv6 address. It comes from the certificate request: set ip_addresses here to override it.`,
		},
		"a URI that is none": {
			general(6, "spiffe://a b%"), func(r *issue.Request) { r.URIs = []string{} },
			`csr_pem: Invalid name: "spiffe://a b%" is not a URI. It comes from the certificate request: set uris here to override it.`,
		},
		"a name that is not ASCII": {
			general(2, "bücher.example"), func(r *issue.Request) { r.DNSNames = []string{"xn--bcher-kva.example"} },
			`csr_pem: Invalid name: "bücher.example" is not ASCII; write an international name in its xn-- form. It comes from the certificate request: set dns_names here to override it.`,
		},
		"an e-mail address with a display name": {
			general(1, "Ops <ops@acme.example>"), func(r *issue.Request) { r.EmailAddresses = []string{"ops@acme.example"} },
			`csr_pem: Invalid name: "Ops <ops@acme.example>" is not a plain e-mail address, such as ops@example.com. It comes from the certificate request: set email_addresses here to override it.`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			csr, err := pki.ParseCSR(pki.EncodeCSR(pkitest.CSR(t, graph.Key("edge"), pkix.Name{CommonName: "edge"},
				pkitest.Asked{Values: [][]pkix.Extension{{pkitest.AlternativeNames(t, row.asked)}}})))
			if err != nil {
				t.Fatal(err)
			}
			request := answering(csr)
			if diff := cmp.Diff([]string{row.want}, told(graph, issue.Check(request, issuerOf(graph, "ca"), now(), issue.Unknown{}))); diff != "" {
				t.Errorf("reported (-want +got):\n%s", diff)
			}
			row.given(&request)
			mustIssue(t, request, issuerOf(graph, "ca"))
		})
	}
}

// TestWhatACSRAsksForBesides is left out, as the documentation says: passwords,
// identifiers, purposes, policies.
func TestWhatACSRAsksForBesides(t *testing.T) {
	graph := pkitest.Build(t, "edge <- ca")
	config := "[req]\ndistinguished_name=dn\nattributes=more\n[dn]\n[more]\nchallengePassword=secret-of-ours\nunstructuredName=edge of ours\n"
	csr := openSSLRequest(t, "-subj", "/CN=edge", "-config", written(t, config), "-batch",
		"-addext", "subjectAltName=DNS:edge.example,IP:192.0.2.1",
		"-addext", "subjectKeyIdentifier=0102", "-addext", "extendedKeyUsage=serverAuth,codeSigning", "-addext", "tlsfeature=status_request",
		"-addext", "certificatePolicies=1.2.3.4", "-addext", "1.3.6.1.4.1.311.20.2=ASN1:BMPSTRING:WebServer", "-addext", "authorityInfoAccess=OCSP;URI:http://ocsp.example")
	issued := mustIssue(t, answering(csr), issuerOf(graph, "ca")).Certificate
	if diff := cmp.Diff(pki.Names{DNSNames: []string{"edge.example"}, IPAddresses: []net.IP{net.IPv4(192, 0, 2, 1).To4()}}, pki.NamesOf(issued)); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
	if len(issued.PolicyIdentifiers)+len(issued.OCSPServer)+len(issued.UnknownExtKeyUsage) > 0 || len(issued.ExtKeyUsage) != 1 || len(issued.SubjectKeyId) != 20 {
		t.Errorf("issued with more than was meant: %v", issued.Extensions)
	}
}
