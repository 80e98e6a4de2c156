package pki_test

import (
	"bytes"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"math/big"
	"strings"
	"testing"
	"unicode"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/pkitest"
)

// Each parser keeps three laws on any input: it does not panic; with an error
// comes no value, and without one a value; and what it reads is written and
// read again as the same.

func FuzzParseCertificates(f *testing.F) {
	graph := pkitest.Build(f, "edge <- issuing")
	seed(f, graph.PEM("edge"), graph.PEM("edge", "issuing"), graph.PEM("edge")+"text\n"+graph.PEM("issuing"))
	f.Fuzz(func(t *testing.T, text string) {
		certificates, err := pki.ParseCertificates(text)
		if (err == nil) != (len(certificates) > 0) {
			t.Fatalf("%d certificates, error %v", len(certificates), err)
		}
		if err != nil {
			return
		}
		written := pki.EncodeCertificates(certificates...)
		again, err := pki.ParseCertificates(written)
		if err != nil || pki.EncodeCertificates(again...) != written {
			t.Fatalf("written %q, and read again with error %v", written, err)
		}
		for _, certificate := range certificates {
			pki.Describe(certificate)
		}
		pki.ForbiddenNames(pki.NamesOf(certificates[0]), certificates[len(certificates)-1])
	})
}

func FuzzParseCertificate(f *testing.F) {
	graph := pkitest.Build(f, "edge <- issuing")
	seed(f, graph.PEM("edge"), graph.PEM("edge", "issuing"))
	f.Fuzz(func(t *testing.T, text string) {
		certificate, err := pki.ParseCertificate(text)
		if (err == nil) != (certificate != nil) {
			t.Fatalf("certificate %t, error %v", certificate != nil, err)
		}
		all, errAll := pki.ParseCertificates(text)
		if (err == nil) != (errAll == nil && len(all) == 1) {
			t.Fatalf("alone: error %v; among all: %d, error %v", err, len(all), errAll)
		}
	})
}

func FuzzParsePrivateKey(f *testing.F) {
	graph := pkitest.Build(f, "edge\nserver", pkitest.With("server", pkitest.Algorithm(pki.Ed25519)))
	seed(f, privateKeyPEM(f, graph.Key("edge")), privateKeyPEM(f, graph.Key("server")),
		openssl(f, privateKeyPEM(f, graph.Key("edge")), "ec"), openssl(f, "", "ecparam", "-name", "secp384r1", "-genkey"))
	f.Fuzz(func(t *testing.T, text string) {
		key, err := pki.ParsePrivateKey(text)
		if (err == nil) != (key != nil) {
			t.Fatalf("key %t, error %v", key != nil, err)
		}
		if err != nil {
			return
		}
		written := privateKeyPEM(t, key)
		again, err := pki.ParsePrivateKey(written)
		if err != nil || !pki.SameKey(again.Public(), key.Public()) || privateKeyPEM(t, again) != written {
			t.Fatalf("not the same key when read again, error %v", err)
		}
	})
}

func FuzzParseCertificateRequest(f *testing.F) {
	key, err := pki.GenerateKey(pki.Ed25519)
	if err != nil {
		f.Fatal(err)
	}
	der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{
		Subject: named("edge"), DNSNames: []string{"edge.example"}, EmailAddresses: []string{"a@b.example"},
	}, key)
	if err != nil {
		f.Fatal(err)
	}
	seed(f, pemBlock("CERTIFICATE REQUEST", der))
	f.Fuzz(func(t *testing.T, text string) {
		request, err := pki.ParseCSR(text)
		if (err == nil) != (request != nil) {
			t.Fatalf("request %t, error %v", request != nil, err)
		}
		if err != nil {
			return
		}
		if names, err := pki.RequestedNames(request); err == nil && len(names.DNSNames) != len(request.DNSNames) {
			t.Fatalf("names %q, of which the request has %q", names.DNSNames, request.DNSNames)
		}
		_ = pki.CheckKeyKind(request.RawSubjectPublicKeyInfo)
		written := pki.EncodeCSR(request)
		again, err := pki.ParseCSR(written)
		if err != nil || pki.EncodeCSR(again) != written {
			t.Fatalf("written %q, and read again with error %v", written, err)
		}
	})
}

func FuzzParseRevocationLists(f *testing.F) {
	graph := pkitest.Build(f, "edge <- issuing")
	seed(f, pki.EncodeRevocationLists(graph.RevocationList(pkitest.Revocation{Issuer: "issuing", Revoked: []string{"edge"}})))
	f.Fuzz(func(t *testing.T, text string) {
		lists, err := pki.ParseRevocationLists(text)
		if (err == nil) != (len(lists) > 0) {
			t.Fatalf("%d lists, error %v", len(lists), err)
		}
		if err != nil {
			return
		}
		written := pki.EncodeRevocationLists(lists...)
		again, err := pki.ParseRevocationLists(written)
		if err != nil || pki.EncodeRevocationLists(again...) != written {
			t.Fatalf("written %q, and read again with error %v", written, err)
		}
	})
}

// FuzzFirstAid: whatever a text is, an error about it is one short line that can be
// printed, but for what crypto/x509 says at its end.
func FuzzFirstAid(f *testing.F) {
	graph := pkitest.Build(f, "edge <- issuing")
	edge := graph.PEM("edge")
	seed(f, edge, privateKeyPEM(f, graph.Key("edge")))
	for _, text := range []string{
		"\ufeff" + edge, `"` + edge + `"`, strings.ReplaceAll(edge, "\n", " "), base64.StdEncoding.EncodeToString([]byte(edge)), utf16Text(edge),
		strings.ReplaceAll(edge, "-----", "—–"), relabel(edge, "TRUSTED CERTIFICATE"), pemBlock("CERTIFICATE", []byte(edge)), "{}", "arn:aws:edge",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for name, err := range parseAll(text) {
			if err == nil {
				continue
			}
			told := err.Error()
			if inner := errors.Unwrap(err); inner != nil && !errors.Is(err, pki.ErrNoPEM) {
				if _, other := errors.AsType[*pki.OtherKeyError](err); !other {
					told = strings.TrimSuffix(told, inner.Error())
				}
			}
			if len(told) > 600 || strings.ContainsFunc(told, func(r rune) bool { return !unicode.IsPrint(r) }) {
				t.Errorf("%s: %q", name, told)
			}
		}
	})
}

// FuzzRevokes holds the walk over the entries of a list against what crypto/x509
// reads of it, and lists read without their entries against those read with them.
func FuzzRevokes(f *testing.F) {
	graph := pkitest.Build(f, "edge <- issuing\nother <- issuing")
	for _, revoked := range [][]string{nil, {"edge"}, {"edge", "other"}} {
		f.Add(graph.RevocationList(pkitest.Revocation{Issuer: "issuing", Revoked: revoked, Partial: true}).Raw)
	}
	f.Fuzz(func(t *testing.T, der []byte) {
		whole, err := x509.ParseRevocationList(der)
		if err != nil {
			return
		}
		for _, entry := range whole.RevokedCertificateEntries {
			if got, want := pki.Revokes(whole, entry.SerialNumber), revokes(whole, entry.SerialNumber); got != want {
				t.Errorf("%x: %t, want %t", entry.SerialNumber, got, want)
			}
		}
		short, err := pki.ParseWithoutEntries(der)
		if err != nil {
			return // then it is read with them
		}
		if !bytes.Equal(short.RawTBSRevocationList, whole.RawTBSRevocationList) || !bytes.Equal(short.Signature, whole.Signature) ||
			!bytes.Equal(short.RawIssuer, whole.RawIssuer) || !short.NextUpdate.Equal(whole.NextUpdate) || len(short.Extensions) != len(whole.Extensions) {
			t.Errorf("without entries: %v", short)
		}
	})
}

// revokes is [pki.Revokes] by what crypto/x509 reads.
func revokes(list *x509.RevocationList, serial *big.Int) bool {
	for _, entry := range list.RevokedCertificateEntries {
		for _, extension := range entry.Extensions {
			if extension.Id.String() == "2.5.29.29" {
				return false
			}
		}
		if entry.SerialNumber.Cmp(serial) == 0 && entry.ReasonCode != 8 {
			return true
		}
	}
	return false
}

// seed adds texts, and what becomes of them in transit.
func seed(f *testing.F, texts ...string) {
	for _, text := range texts {
		f.Add(text)
		f.Add(strings.ReplaceAll(text, "\n", "\r\n"))
		f.Add(strings.TrimSpace(text))
		f.Add(strings.ReplaceAll(text, "\n", `\n`))
		f.Add("  " + strings.ReplaceAll(text, "\n", "\n  "))
		f.Add(text[:len(text)/2])
		f.Add(text + text)
	}
	f.Add("")
	f.Add("-----BEGIN -----")
	f.Add("-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n")
}
