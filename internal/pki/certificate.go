package pki

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
)

// ParseCertificates reads every certificate of text, in its order. Each PEM
// block must be a certificate (RFC 7468, section 5), under its label or one that
// OpenSSL reads as well.
//
// It returns [ErrNoPEM], wrapped, if there is no block, and a [*BlockError] for
// the first block that is not a certificate, cannot be read, holds an RSA key of
// more than 16384 bits, or is larger than what is read: 1 MiB for one, and
// some 3000 certificates together.
func ParseCertificates(text string) ([]*x509.Certificate, error) {
	return parseBlocks(text, new(quota), readCertificate)
}

// readCertificate reads a block by its number in the text, from 1.
func readCertificate(number int, block *pem.Block) (*x509.Certificate, error) {
	fail := func(reason string, err error) error {
		return &BlockError{Number: number, Type: shownLabel(block.Type), Reason: reason, Err: err}
	}
	der := block.Bytes
	switch block.Type {
	case labelCertificate, labelOldCertificate:
	case labelTrustedCertificate:
		var settings bool
		if der, settings = cutTrusted(block.Bytes); settings {
			return nil, fail("has settings of trust that only OpenSSL reads, and that would be lost: openssl x509 -in FILE writes the certificate without them", nil)
		}
	default:
		return nil, fail("is not a certificate"+meantInstead(block.Type, block.Bytes, contentCertificate), nil)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fail(whyNot(der, contentCertificate, err))
	}
	if err := checkKeySize(certificate.PublicKey); err != nil {
		return nil, fail(err.Error(), nil)
	}
	return certificate, nil
}

// cutTrusted splits a certificate in OpenSSL's own format from what stands behind
// it (X509_CERT_AUX in x_x509a.c), and reports whether that allows or denies a
// purpose. A name or a number for the certificate is nothing that is lost.
func cutTrusted(der []byte) (certificate []byte, settings bool) {
	first, rest, ok := nextElement(der)
	if !ok {
		return der, false
	}
	if len(rest) == 0 {
		return der, false
	}
	behind, rest, ok := nextElement(rest)
	if !ok || len(rest) > 0 || behind.class != asn1.ClassUniversal || behind.tag != asn1.TagSequence {
		return der, false // x509 reports it
	}
	for _, part := range firstElements(behind.content, 5) {
		named := part.class == asn1.ClassUniversal && (part.tag == asn1.TagUTF8String || part.tag == asn1.TagOctetString)
		if !named {
			return first.full, true
		}
	}
	return first.full, false
}

// ParseCertificate reads text that holds exactly one certificate. Its errors
// are those of [ParseCertificates], and a [*SeveralError] if there are more.
func ParseCertificate(text string) (*x509.Certificate, error) {
	certificates, err := ParseCertificates(text)
	if err != nil {
		return nil, err
	}
	if len(certificates) > 1 {
		return nil, &SeveralError{Count: len(certificates), Second: Describe(certificates[1])}
	}
	return certificates[0], nil
}

// A SeveralError is returned where one certificate is meant and several came.
type SeveralError struct {
	Count  int
	Second string // the first certificate too many, as [Describe] names it
}

func (e *SeveralError) Error() string {
	return fmt.Sprintf("expected one certificate, found %d; the second is %s", e.Count, e.Second)
}

// EncodeCertificates writes certificates as PEM, one block after the other; the
// empty string for none. It is the inverse of [ParseCertificates].
func EncodeCertificates(certificates ...*x509.Certificate) string {
	var text strings.Builder
	for _, certificate := range certificates {
		text.WriteString(encode(labelCertificate, certificate.Raw))
	}
	return text.String()
}

// FingerprintSHA256 is SHA-256 over the certificate's DER, in lower-case hex.
func FingerprintSHA256(certificate *x509.Certificate) string {
	sum := sha256.Sum256(certificate.Raw)
	return hex.EncodeToString(sum[:])
}

// Revision is a number that follows from the certificate's fingerprint: its first
// 48 bits, so that a float64, which is what Terraform's language in JSON and other
// providers keep numbers in, holds it exactly, and an int64 too.
func Revision(certificate *x509.Certificate) int64 {
	sum := sha256.Sum256(certificate.Raw)
	return int64(binary.BigEndian.Uint64(sum[:8]) >> 16)
}

// SPKISHA256 is SHA-256 over the DER of the certificate's
// SubjectPublicKeyInfo, in lower-case hex: the same for every certificate of
// one key.
func SPKISHA256(certificate *x509.Certificate) string {
	sum := sha256.Sum256(certificate.RawSubjectPublicKeyInfo)
	return hex.EncodeToString(sum[:])
}

// HexToBase64 writes a digest that is in hex in base64 (RFC 4648, section 4); the
// empty string for what is not hex.
func HexToBase64(digest string) string {
	sum, err := hex.DecodeString(digest)
	if err != nil {
		return ""
	}
	return base64.StdEncoding.EncodeToString(sum)
}

// SerialNumber is the certificate's serial number in lower-case hex, without
// separators and without leading zeros.
func SerialNumber(certificate *x509.Certificate) string {
	return certificate.SerialNumber.Text(16)
}

// KeyID writes a subject or authority key identifier in lower-case hex; the
// empty string for none.
func KeyID(id []byte) string { return hex.EncodeToString(id) }

// SelfIssued reports whether subject and issuer are the same name (RFC 5280,
// section 6.1).
func SelfIssued(certificate *x509.Certificate) bool {
	return bytes.Equal(certificate.RawSubject, certificate.RawIssuer)
}

// SelfSigned reports whether the certificate carries the signature of its own
// key, whatever else is wrong with it. Where crypto/x509 refuses to check the
// signature (MD5, DSA), the key identifiers decide.
func SelfSigned(certificate *x509.Certificate) bool {
	if !SelfIssued(certificate) {
		return false
	}
	err := checkSignature(certificate, certificate)
	if _, insecure := errors.AsType[x509.InsecureAlgorithmError](err); insecure || errors.Is(err, x509.ErrUnsupportedAlgorithm) {
		return len(certificate.AuthorityKeyId) == 0 || bytes.Equal(certificate.AuthorityKeyId, certificate.SubjectKeyId)
	}
	return err == nil
}

// SignedBy reports whether issuer's key made certificate's signature. It looks
// at no name, date or right to sign, and counts a signature with SHA-1, which
// path validation refuses. One that crypto/x509 cannot check at all (MD5, DSA)
// counts as none.
func SignedBy(certificate, issuer *x509.Certificate) bool {
	return checkSignature(certificate, issuer) == nil
}

func checkSignature(certificate, issuer *x509.Certificate) error {
	return issuer.CheckSignature(certificate.SignatureAlgorithm, certificate.RawTBSCertificate, certificate.Signature)
}

// SPKISHA256Of is [SPKISHA256] of a public key that has no certificate yet; the
// empty string for a key that cannot be written.
func SPKISHA256Of(key crypto.PublicKey) string {
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(der)
	return hex.EncodeToString(sum[:])
}
