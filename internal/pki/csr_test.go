package pki_test

import (
	"crypto/rand"
	"crypto/x509"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/pkitest"
)

// signingRequest makes a certification request with openssl.
func signingRequest(t *testing.T, arguments ...string) string {
	t.Helper()
	key := filepath.Join(t.TempDir(), "key.pem")
	return openssl(t, "", append([]string{"req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key, "-subj", "/CN=edge"}, arguments...)...)
}

func TestCertificateRequestRoundTrip(t *testing.T) {
	text := signingRequest(t, "-addext", "subjectAltName=DNS:edge.example,email:a@b.example")
	for name, text := range map[string]string{
		"as openssl writes it": text,
		"as openssl wrote it":  strings.ReplaceAll(text, "CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST"),
	} {
		t.Run(name, func(t *testing.T) {
			request, err := pki.ParseCSR(text)
			if err != nil {
				t.Fatal(err)
			}
			if request.Subject.CommonName != "edge" || len(request.DNSNames) != 1 || len(request.EmailAddresses) != 1 {
				t.Errorf("subject %s, names %v %v", request.Subject, request.DNSNames, request.EmailAddresses)
			}
			if got, want := pki.EncodeCSR(request), strings.ReplaceAll(text, "NEW ", ""); got != want {
				t.Errorf("written %s, want %s", got, want)
			}
		})
	}
}

func TestCertificateRequestsThatAreRefused(t *testing.T) {
	graph := pkitest.Build(t, "edge")
	request := signingRequest(t)
	for name, test := range map[string]struct{ text, want string }{
		"a certificate": {graph.PEM("edge"), "PEM block 1 (CERTIFICATE) is not a certificate request but a certificate"},
		"a key":         {privateKeyPEM(t, graph.Key("edge")), "PEM block 1 (PRIVATE KEY) is not a certificate request but a private key"},
		"two":           {request + request, "expected one certificate request, found 2 PEM blocks"},
		"its key too":   {request + privateKeyPEM(t, graph.Key("edge")), "PEM block 2 (PRIVATE KEY) is not a certificate request but a private key"},
		"other bytes":   {pemBlock("CERTIFICATE REQUEST", []byte("anything")), "PEM block 1 (CERTIFICATE REQUEST) is not a valid certificate request: asn1: structure error: tags don't match (16 vs {class:1 tag:1 length:110 isCompound:true}) {optional:false explicit:false application:false private:false defaultValue:<nil> tag:<nil> stringType:0 timeType:0 set:false omitEmpty:false} certificateRequest @2"},
		"nothing":       {"", "no PEM block: the value is empty"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := pki.ParseCSR(test.text)
			if err == nil || err.Error() != test.want {
				t.Errorf("error\n  %v\nwant\n  %s", err, test.want)
			}
			if got != nil {
				t.Error("a request comes with the error")
			}
		})
	}
}

// TestCertificateRequestIsNotJudged: a broken signature is for package issue to
// refuse.
func TestCertificateRequestIsNotJudged(t *testing.T) {
	graph := pkitest.Build(t, "edge")
	der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{}, graph.Key("edge"))
	if err != nil {
		t.Fatal(err)
	}
	der[len(der)-1] ^= 1
	request, err := pki.ParseCSR(pemBlock("CERTIFICATE REQUEST", der))
	if err != nil {
		t.Fatal(err)
	}
	if request.CheckSignature() == nil {
		t.Error("the signature is whole; this test shows nothing")
	}
}

func TestRevocationListRoundTrip(t *testing.T) {
	graph := pkitest.Build(t, "edge <- issuing <- root")
	first := graph.RevocationList(pkitest.Revocation{Issuer: "issuing", Revoked: []string{"edge"}})
	second := graph.RevocationList(pkitest.Revocation{Issuer: "root"})

	text := pki.EncodeRevocationLists(first, second)
	lists, err := pki.ParseRevocationLists("before\n" + text)
	if err != nil {
		t.Fatal(err)
	}
	if len(lists) != 2 || len(lists[0].RevokedCertificateEntries) != 1 || len(lists[1].RevokedCertificateEntries) != 0 {
		t.Errorf("%d lists, not the two in their order", len(lists))
	}
	if diff := cmp.Diff(text, pki.EncodeRevocationLists(lists...)); diff != "" {
		t.Errorf("text (-want +got):\n%s", diff)
	}
	if text := pki.EncodeRevocationLists(); text != "" {
		t.Errorf("no lists are written as %q", text)
	}
}

func TestRevocationListsThatAreRefused(t *testing.T) {
	graph := pkitest.Build(t, "root")
	list := pki.EncodeRevocationLists(graph.RevocationList(pkitest.Revocation{Issuer: "root"}))
	for name, test := range map[string]struct{ text, want string }{
		"a certificate":  {graph.PEM("root"), "PEM block 1 (CERTIFICATE) is not a certificate revocation list but a certificate"},
		"one behind it":  {list + graph.PEM("root"), "PEM block 2 (CERTIFICATE) is not a certificate revocation list but a certificate"},
		"other bytes":    {list + pemBlock("X509 CRL", []byte("anything")), "PEM block 2 (X509 CRL) is not a valid certificate revocation list: x509: malformed crl"},
		"nothing at all": {" ", "no PEM block: the value is empty"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := pki.ParseRevocationLists(test.text)
			if err == nil || err.Error() != test.want {
				t.Errorf("error\n  %v\nwant\n  %s", err, test.want)
			}
			if got != nil {
				t.Error("lists come with the error")
			}
		})
	}
	_, err := pki.ParseRevocationLists(list + pemBlock("X509 CRL", nil))
	if block, ok := errors.AsType[*pki.BlockError](err); !ok || block.Number != 2 {
		t.Errorf("error %#v is not about block 2", err)
	}
}
