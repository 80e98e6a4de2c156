package pki

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"math/big"
	"time"
)

// A listV1 is a revocation list of version 1 (RFC 5280, 5.1.2.1), which has no
// extensions. crypto/x509 reads only version 2; OpenSSL, and so nginx, both.
type listV1 struct {
	Signed struct {
		Raw        asn1.RawContent
		Algorithm  pkix.AlgorithmIdentifier
		Issuer     asn1.RawValue
		ThisUpdate time.Time
		NextUpdate time.Time `asn1:"optional"`
		Revoked    []struct {
			Serial *big.Int
			At     time.Time
		} `asn1:"optional"`
	}
	Algorithm pkix.AlgorithmIdentifier
	Signature asn1.BitString
}

// list is the list as crypto/x509 holds it.
func (l *listV1) list(der []byte) (*x509.RevocationList, error) {
	var issuer pkix.RDNSequence
	if _, err := asn1.Unmarshal(l.Signed.Issuer.FullBytes, &issuer); err != nil {
		return nil, errors.New("the issuer's name cannot be read")
	}
	list := &x509.RevocationList{
		Raw: bytes.Clone(der), RawTBSRevocationList: l.Signed.Raw, RawIssuer: l.Signed.Issuer.FullBytes,
		Signature: l.Signature.RightAlign(), SignatureAlgorithm: signatureAlgorithm(l.Algorithm.Algorithm),
		ThisUpdate: l.Signed.ThisUpdate, NextUpdate: l.Signed.NextUpdate,
	}
	list.Issuer.FillFromRDNSequence(&issuer)
	for _, entry := range l.Signed.Revoked {
		list.RevokedCertificateEntries = append(list.RevokedCertificateEntries, x509.RevocationListEntry{SerialNumber: entry.Serial, RevocationTime: entry.At})
	}
	return list, nil
}

// signatureAlgorithm is how crypto/x509 calls an algorithm that lists are signed
// with.
func signatureAlgorithm(oid asn1.ObjectIdentifier) x509.SignatureAlgorithm {
	return map[string]x509.SignatureAlgorithm{
		"1.2.840.113549.1.1.5": x509.SHA1WithRSA, "1.2.840.113549.1.1.11": x509.SHA256WithRSA,
		"1.2.840.113549.1.1.12": x509.SHA384WithRSA, "1.2.840.113549.1.1.13": x509.SHA512WithRSA,
		"1.2.840.10045.4.3.2": x509.ECDSAWithSHA256, "1.2.840.10045.4.3.3": x509.ECDSAWithSHA384, "1.2.840.10045.4.3.4": x509.ECDSAWithSHA512,
		"1.3.101.112": x509.PureEd25519,
	}[oid.String()]
}
