package pkitest

import (
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"testing"
)

// An Asked is an attribute of a CSR that asks for extensions (RFC 2985, section
// 5.4.2), with one value for each list of them.
type Asked struct {
	// Microsoft asks under 1.3.6.1.4.1.311.2.1.14 instead, as old Windows does.
	Microsoft bool
	Values    [][]pkix.Extension
}

// CSR makes a CSR whose attributes are none that crypto/x509 would write.
func CSR(tb testing.TB, key crypto.Signer, subject pkix.Name, asked ...Asked) *x509.CertificateRequest {
	tb.Helper()
	der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{Subject: subject}, key)
	if err != nil {
		tb.Fatal(err)
	}
	type attribute struct {
		Type   asn1.ObjectIdentifier
		Values [][]pkix.Extension `asn1:"set"`
	}
	type toBeSigned struct {
		Version    int
		Subject    asn1.RawValue
		PublicKey  asn1.RawValue
		Attributes []attribute `asn1:"tag:0,set"`
	}
	type request struct {
		Signed    asn1.RawValue
		Algorithm pkix.AlgorithmIdentifier
		Signature asn1.BitString
	}
	plain := unmarshal[request](tb, der)
	signed := unmarshal[struct {
		Version   int
		Subject   asn1.RawValue
		PublicKey asn1.RawValue
		Rest      asn1.RawValue `asn1:"tag:0"`
	}](tb, plain.Signed.FullBytes)
	made := toBeSigned{Version: signed.Version, Subject: signed.Subject, PublicKey: signed.PublicKey}
	for _, a := range asked {
		kind := asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 14}
		if a.Microsoft {
			kind = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 311, 2, 1, 14}
		}
		made.Attributes = append(made.Attributes, attribute{kind, a.Values})
	}
	plain.Signed = asn1.RawValue{FullBytes: marshal(tb, made)}
	digest := crypto.SHA256.New()
	digest.Write(plain.Signed.FullBytes)
	signature, err := key.Sign(rand.Reader, digest.Sum(nil), crypto.SHA256)
	if err != nil {
		tb.Fatal(err)
	}
	plain.Signature = asn1.BitString{Bytes: signature, BitLength: 8 * len(signature)}
	return &x509.CertificateRequest{Raw: marshal(tb, plain)}
}

// AlternativeNames is the extension for names that are given as general names
// (RFC 5280, section 4.2.1.6), by tag and content.
func AlternativeNames(tb testing.TB, names ...asn1.RawValue) pkix.Extension {
	tb.Helper()
	return pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 17}, Value: marshal(tb, names)}
}

// DNSName is a general name.
func DNSName(text string) asn1.RawValue {
	return asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 2, Bytes: []byte(text)}
}
