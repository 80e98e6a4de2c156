package issue_test

import (
	"bytes"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"net"
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/trustplane/terraform-provider-mtls/internal/issue"
	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/pkitest"
)

// mustRequest makes a certification request for a fresh key.
func mustRequest(tb testing.TB, template *x509.CertificateRequest, algorithm pki.KeyAlgorithm) *x509.CertificateRequest {
	tb.Helper()
	key := pkitest.Build(tb, "requester", pkitest.With("requester", pkitest.Algorithm(algorithm))).Key("requester")
	der, err := x509.CreateCertificateRequest(rand.Reader, template, key)
	if err != nil {
		tb.Fatal(err)
	}
	return parsedRequest(tb, der)
}

func parsedRequest(tb testing.TB, der []byte) *x509.CertificateRequest {
	tb.Helper()
	request, err := x509.ParseCertificateRequest(der)
	if err != nil {
		tb.Fatal(err)
	}
	return request
}

// openSSLRequest has openssl make a certification request for a fresh P-256 key.
func openSSLRequest(tb testing.TB, arguments ...string) *x509.CertificateRequest {
	tb.Helper()
	return openSSLRequestFor(tb, openssl(tb, "", "ecparam", "-name", "prime256v1", "-genkey", "-noout"), arguments...)
}

func openSSLRequestFor(tb testing.TB, key string, arguments ...string) *x509.CertificateRequest {
	tb.Helper()
	text := openssl(tb, "", append([]string{"req", "-new", "-key", written(tb, key)}, arguments...)...)
	request, err := pki.ParseCSR(text)
	if err != nil {
		tb.Fatal(err)
	}
	return request
}

func answering(csr *x509.CertificateRequest) issue.Request {
	return issue.Request{Profile: issue.DataplaneCertificate, CSR: csr}
}

// TestCSRGivesTheNames: subject and every kind of alternative name
// are the request's own where the configuration is silent.
func TestCSRGivesTheNames(t *testing.T) {
	graph := pkitest.Build(t, "edge <- ca")
	csr := openSSLRequest(t, "-subj", "/C=DE/O=Acme/CN=edge",
		"-addext", "subjectAltName=DNS:edge.example,IP:192.0.2.1,URI:spiffe://acme.example/edge,email:ops@acme.example")
	issued := mustIssue(t, answering(csr), issuerOf(graph, "ca"))

	if !bytes.Equal(issued.Certificate.RawSubject, csr.RawSubject) {
		t.Error("the subject is not the request's, byte for byte")
	}
	names := pki.NamesOf(issued.Certificate)
	if diff := cmp.Diff(pki.Names{
		DNSNames: []string{"edge.example"}, IPAddresses: []net.IP{net.IPv4(192, 0, 2, 1).To4()},
		URIs: []*url.URL{{Scheme: "spiffe", Host: "acme.example", Path: "/edge"}}, EmailAddresses: []string{"ops@acme.example"},
	}, names); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
	if !pki.SameKey(issued.Certificate.PublicKey, csr.PublicKey) || issued.Key != nil {
		t.Error("the certificate is not for the request's key, whose private half stays where it is")
	}
}

// TestConfigurationOverridesTheCSR, kind by kind: an empty list asks
// for no name, no list for the request's.
func TestConfigurationOverridesTheCSR(t *testing.T) {
	graph := pkitest.Build(t, "edge <- ca")
	csr := mustRequest(t, &x509.CertificateRequest{
		Subject: pkix.Name{CommonName: "asked"}, DNSNames: []string{"asked.example"}, EmailAddresses: []string{"asked@acme.example"},
	}, pki.Ed25519)
	request := answering(csr)
	request.Subject = pkix.Name{CommonName: "given"}
	request.DNSNames = []string{"given.example"}
	request.EmailAddresses = []string{}

	certificate := mustIssue(t, request, issuerOf(graph, "ca")).Certificate
	if got, want := certificate.Subject.String(), "CN=given"; got != want {
		t.Errorf("subject %s, want %s", got, want)
	}
	if diff := cmp.Diff([]string{"given.example"}, certificate.DNSNames); diff != "" {
		t.Errorf("DNS names (-want +got):\n%s", diff)
	}
	if certificate.EmailAddresses != nil {
		t.Errorf("e-mail addresses %v, want none", certificate.EmailAddresses)
	}
}

// TestSubjectBytesAreKept: also an encoding and attributes that Go would not
// have chosen.
func TestSubjectBytesAreKept(t *testing.T) {
	graph := pkitest.Build(t, "edge <- ca")
	for name, arguments := range map[string][]string{
		"attributes of other kinds": {"-subj", "/DC=example/DC=acme/UID=edge/emailAddress=ops@acme.example"},
		"several in one":            {"-multivalue-rdn", "-subj", "/O=Acme+CN=edge"},
		"not UTF8String":            {"-subj", "/CN=edge", "-config", opensslConfig(t, "string_mask = nombstr")},
	} {
		t.Run(name, func(t *testing.T) {
			csr := openSSLRequest(t, arguments...)
			issued := mustIssue(t, answering(csr), issuerOf(graph, "ca"))
			if !bytes.Equal(issued.Certificate.RawSubject, csr.RawSubject) {
				t.Errorf("subject %x, want %x", issued.Certificate.RawSubject, csr.RawSubject)
			}
		})
	}
}

// opensslConfig writes a configuration for openssl req.
func opensslConfig(tb testing.TB, setting string) string {
	tb.Helper()
	return written(tb, "[req]\nprompt = no\ndistinguished_name = dn\n"+setting+"\n[dn]\n")
}

func TestRulesOfCSRs(t *testing.T) {
	graph := pkitest.Build(t, "edge <- ca", pkitest.With("ca", pkitest.Excluded(pkitest.Subtree{Kind: "dns", Base: "forbidden.example"})))
	broken := openSSLRequest(t, "-subj", "/CN=edge")
	raw := bytes.Clone(broken.Raw)
	raw[len(raw)-1] ^= 1
	broken = parsedRequest(t, raw)
	extension := func(id asn1.ObjectIdentifier, value any) *x509.CertificateRequest {
		der, err := asn1.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		return mustRequest(t, &x509.CertificateRequest{Subject: pkix.Name{CommonName: "edge"}, ExtraExtensions: []pkix.Extension{{Id: id, Value: der}}}, pki.ECDSAP256)
	}
	common := func(value any) pkix.AttributeTypeAndValue {
		return pkix.AttributeTypeAndValue{Type: asn1.ObjectIdentifier{2, 5, 4, 3}, Value: value}
	}
	subject := func(attributes ...pkix.AttributeTypeAndValue) *x509.CertificateRequest {
		var name pkix.RDNSequence
		for _, attribute := range attributes {
			name = append(name, pkix.RelativeDistinguishedNameSET{attribute})
		}
		der, err := asn1.Marshal(name)
		if err != nil {
			t.Fatal(err)
		}
		return mustRequest(t, &x509.CertificateRequest{RawSubject: der}, pki.ECDSAP256)
	}
	const tooMuch = "csr_pem: Request not permitted: It asks for "
	const otherNames = ", and only DNS names, IP addresses, URIs and e-mail addresses are issued as alternative names. " +
		"Set dns_names, or another kind of name, and it is left out; or create a request without it."
	const without = ", which a data plane must not have. Create a request without it."

	for name, test := range map[string]struct {
		csr    *x509.CertificateRequest
		change func(*issue.Request)
		want   []string
	}{
		"openssl's":        {csr: openSSLRequest(t, "-subj", "/CN=edge")},
		"openssl's, SHA-1": {csr: openSSLRequest(t, "-subj", "/CN=edge", "-sha1")},
		"CA:FALSE":         {csr: openSSLRequest(t, "-subj", "/CN=edge", "-addext", "basicConstraints=critical,CA:FALSE", "-addext", "keyUsage=digitalSignature", "-addext", "extendedKeyUsage=clientAuth")},
		"of RSA":           {csr: mustRequest(t, &x509.CertificateRequest{Subject: pkix.Name{CommonName: "edge"}}, pki.RSA2048)},
		"a name elsewhere": {csr: mustRequest(t, &x509.CertificateRequest{}, pki.Ed25519), change: func(r *issue.Request) { r.DNSNames = []string{"edge.example"} }},
		"a broken signature": {
			csr: broken,
			want: []string{"csr_pem: Invalid request signature: Its signature does not match its own key, so it may have been altered, or its sender does not hold the key. " +
				"Create the request again."},
		},
		"a signature that can be forged": {
			csr:  openSSLRequestFor(t, openssl(t, "", "genrsa", "2048"), "-subj", "/CN=edge", "-md5"),
			want: []string{"csr_pem: Invalid request signature: It is signed with MD5-RSA, which can be forged. Create the request again."},
		},
		"a signature of an unknown kind": {
			csr:  openSSLRequest(t, "-subj", "/CN=edge", "-sha224"),
			want: []string{"csr_pem: Invalid request signature: It is signed with an algorithm that is not supported; use SHA-256. Create the request again."},
		},
		"a weak key": {
			csr:  mustRequest(t, &x509.CertificateRequest{Subject: pkix.Name{CommonName: "edge"}}, pkitest.RSA1024),
			want: []string{"csr_pem: Key too weak: The certificate request cannot be signed: its RSA key has 1024 bits; the minimum is 2048. Create a new key and request."},
		},
		"to be a CA": {
			csr: openSSLRequest(t, "-subj", "/CN=edge", "-addext", "basicConstraints=critical,CA:TRUE,pathlen:0", "-addext", "keyUsage=keyCertSign"),
			want: []string{
				tooMuch + "CA:TRUE, the right to be a CA" + without,
				tooMuch + "a key usage that allows signing certificates or revocation lists" + without,
			},
		},
		"to sign revocation lists": {
			csr:  openSSLRequest(t, "-subj", "/CN=edge", "-addext", "keyUsage=cRLSign"),
			want: []string{tooMuch + "a key usage that allows signing certificates or revocation lists" + without},
		},
		"name constraints": {
			csr:  openSSLRequest(t, "-subj", "/CN=edge", "-addext", "nameConstraints=permitted;DNS:a.example"),
			want: []string{tooMuch + "name constraints" + without},
		},
		"a name of a kind that would be lost": {
			csr:  openSSLRequest(t, "-subj", "/CN=edge", "-addext", "subjectAltName=DNS:edge.example,RID:1.2.3.4"),
			want: []string{tooMuch + "a registered ID" + otherNames},
		},
		"a name of no kind": {
			csr:  extension(asn1.ObjectIdentifier{2, 5, 29, 17}, []asn1.RawValue{{Tag: 2, Bytes: []byte("5")}}),
			want: []string{tooMuch + "a name of an unknown kind" + otherNames},
		},
		"basic constraints that are none": {
			csr: extension(asn1.ObjectIdentifier{2, 5, 29, 19}, "text"), want: []string{tooMuch + "basic constraints that cannot be read" + without},
		},
		"a key usage that is none": {
			csr: extension(asn1.ObjectIdentifier{2, 5, 29, 15}, "text"), want: []string{tooMuch + "a key usage that cannot be read" + without},
		},
		"no name at all": {
			csr:  mustRequest(t, &x509.CertificateRequest{}, pki.ECDSAP256),
			want: []string{"csr_pem: Name missing: The certificate would have no name. Set a subject with a common_name, or an alternative name."},
		},
		"names that no certificate can have": {
			csr: mustRequest(t, &x509.CertificateRequest{Subject: pkix.Name{CommonName: "edge", Country: []string{"de"}}, DNSNames: []string{"a b"}}, pki.ECDSAP256),
			want: []string{
				`csr_pem: Invalid subject: "de" is not a country code of two capital letters, such as DE. It comes from the certificate request: set subject here to override it.`,
				`csr_pem: Invalid name: "a b" ` + notAHost + `. It comes from the certificate request: set dns_names here to override it.`,
			},
		},
		"a second common name": {
			csr:  subject(common("admin"), common("edge")),
			want: []string{`csr_pem: Invalid subject: "admin" and "edge" are values of the same attribute. Some peers read the first, others the last. Use only one. It comes from the certificate request: set subject here to override it.`},
		},
		"a subject's value that is no text": {
			csr:  subject(pkix.AttributeTypeAndValue{Type: asn1.ObjectIdentifier{2, 5, 4, 10}, Value: 5}, common("edge")),
			want: []string{`csr_pem: Invalid subject: Its attribute 2.5.4.10 is not a supported text type. Encode it as UTF8String. It comes from the certificate request: set subject here to override it.`},
		},
		"a control character in an attribute of another kind": {
			csr:  subject(pkix.AttributeTypeAndValue{Type: asn1.ObjectIdentifier{0, 9, 2342, 19200300, 100, 1, 1}, Value: "a\nb"}, common("edge")),
			want: []string{`csr_pem: Invalid subject: "a\\u000ab" contains a control character, such as a line break. It comes from the certificate request: set subject here to override it.`},
		},
		"a name that the issuer forbids": {
			csr:  mustRequest(t, &x509.CertificateRequest{Subject: pkix.Name{CommonName: "edge"}, DNSNames: []string{"forbidden.example"}}, pki.ECDSAP256),
			want: []string{`csr_pem: Name constraint violated: The DNS name "forbidden.example" is within "forbidden.example", which <ca> excludes. Change the name, or issue from a CA that permits it. It comes from the certificate request: set dns_names here to override it.`},
		},
		"the issuer's own name": {
			csr:  mustRequest(t, &x509.CertificateRequest{Subject: pkix.Name{CommonName: "ca"}}, pki.ECDSAP256),
			want: []string{"csr_pem: Subject equals the issuer's: CN=ca is the name of the issuer itself. Use a different name. It comes from the certificate request: set subject here to override it."},
		},
		"a name of the configuration's": {
			csr:    mustRequest(t, &x509.CertificateRequest{Subject: pkix.Name{CommonName: "edge"}, DNSNames: []string{"edge.example"}}, pki.ECDSAP256),
			change: func(r *issue.Request) { r.DNSNames = []string{"a b"} },
			want:   []string{`dns_names[0]: Invalid name: "a b" ` + notAHost + `.`},
		},
		"a private key beside it": {
			csr: openSSLRequest(t, "-subj", "/CN=edge"), change: func(r *issue.Request) { r.Key = graph.Key("edge") },
			want: []string{"csr_pem: Two keys provided: The certificate request already contains a public key. Remove the request or the private key."},
		},
		"for a CA": {
			csr: openSSLRequest(t, "-subj", "/CN=edge"), change: func(r *issue.Request) { r.Profile = issue.ControlPlaneCA },
			want: []string{"csr_pem: Request not supported here: Certificate requests are only supported for data planes' certificates. Remove it."},
		},
	} {
		t.Run(name, func(t *testing.T) {
			request := answering(test.csr)
			if test.change != nil {
				test.change(&request)
			}
			if diff := cmp.Diff(test.want, told(graph, issue.Check(request, issuerOf(graph, "ca"), now(), issue.Unknown{}))); diff != "" {
				t.Errorf("told (-want +got):\n%s", diff)
			}
			if issued, err := issue.Issue(t.Context(), request, issuerOf(graph, "ca"), now()); (err == nil) != (test.want == nil) || (err == nil) != (issued != nil) {
				t.Errorf("issued %t, error %v", issued != nil, err)
			}
		})
	}
}
