package trust

import (
	"crypto/x509"
	"encoding/asn1"
	"math/big"
	"slices"
)

// What OpenSSL reads in a certificate and crypto/x509 does not show.

const (
	oidNetscapeType   = "2.16.840.1.113730.1.1"
	oidAuthorityKeyID = "2.5.29.35"
)

// netscapeType is the bits of the Netscape certificate type, the first one in
// the highest place; false if a certificate has none, or one that cannot be read.
func netscapeType(certificate *x509.Certificate) (byte, bool) {
	value := extension(certificate, oidNetscapeType)
	var bits asn1.BitString
	if rest, err := asn1.Unmarshal(value, &bits); value == nil || err != nil || len(rest) > 0 {
		return 0, false
	}
	if len(bits.Bytes) == 0 {
		return 0, true
	}
	return bits.Bytes[0], true
}

// Bits of the Netscape certificate type.
const (
	netscapeClient = 0x80
	netscapeServer = 0x40
	netscapeTLSCA  = 0x04
	netscapeAnyCA  = 0x07
)

// An authorityKey is what an authority key identifier says besides the key
// identifier: which certificate the issuer has (RFC 5280, 4.2.1.1).
type authorityKey struct {
	serial *big.Int // nil for none
	issuer []byte   // the first directory name, in DER; nil for none
}

// authorityKeyOf reads it; nothing if the extension cannot be read.
func authorityKeyOf(certificate *x509.Certificate) authorityKey {
	value := extension(certificate, oidAuthorityKeyID)
	if value == nil || len(certificate.AuthorityKeyId) > 0 && len(value) == 4+len(certificate.AuthorityKeyId) {
		return authorityKey{} // there is no more than a key identifier
	}
	read, _ := readAuthorityKey(value)
	return read
}

// readAuthorityKey reads the value of an authority key identifier; false if it
// cannot be read.
func readAuthorityKey(value []byte) (authorityKey, bool) {
	fields, ok := elements(value)
	var read authorityKey
	const issuer, serial, directoryName = 1, 2, 4
	for _, field := range fields {
		ok = ok && field.Class == asn1.ClassContextSpecific
		switch field.Tag {
		case serial:
			read.serial = signedNumber(field.Bytes)
		case issuer:
			names, readable := elements(field.FullBytes)
			ok = ok && readable
			if at := slices.IndexFunc(names, func(name asn1.RawValue) bool { return name.Tag == directoryName }); at >= 0 {
				read.issuer = names[at].Bytes
			}
		}
	}
	if !ok {
		return authorityKey{}, false
	}
	return read, true
}

// elements splits one constructed value into what it is made of.
func elements(der []byte) (parts []asn1.RawValue, ok bool) {
	var outer asn1.RawValue
	if rest, err := asn1.Unmarshal(der, &outer); err != nil || len(rest) > 0 || !outer.IsCompound {
		return nil, false
	}
	for rest := outer.Bytes; len(rest) > 0; {
		var part asn1.RawValue
		var err error
		if rest, err = asn1.Unmarshal(rest, &part); err != nil {
			return nil, false
		}
		parts = append(parts, part)
	}
	return parts, true
}

// signedNumber reads the content of an INTEGER.
func signedNumber(content []byte) *big.Int {
	number := new(big.Int).SetBytes(content)
	if len(content) > 0 && content[0]&0x80 != 0 {
		number.Sub(number, new(big.Int).Lsh(big.NewInt(1), uint(8*len(content))))
	}
	return number
}

// namesOtherCertificate reports whether the child's authority key identifier
// names a serial number or an issuer that the issuer's certificate does not have.
func namesOtherCertificate(child, issuer *Entry) bool {
	named := authorityKeyOf(child.Certificate)
	return !named.fits(issuer)
}

// fits reports whether a certificate is the one that is named.
func (named authorityKey) fits(issuer *Entry) bool {
	return (named.serial == nil || named.serial.Cmp(issuer.SerialNumber) == 0) &&
		(named.issuer == nil || canonicalName(named.issuer) == canonicalName(issuer.RawIssuer))
}

// identifiersAgree reports whether OpenSSL lets a certificate pass for the
// child's issuer, the names aside: by what the child says of it (X509_check_akid),
// and by the kind of key that its signature needs (check_sig_alg_match).
func identifiersAgree(child, issuer *Entry) bool {
	return !keyIDsDiffer(child.Certificate, issuer.Certificate) && !namesOtherCertificate(child, issuer) && signerFits(child, issuer)
}

// endsItselfForOpenSSL is [endsItself] with names, identifiers and algorithms as
// OpenSSL compares them.
func endsItselfForOpenSSL(e *Entry) bool {
	return selfIssuedForOpenSSL(e) && identifiersAgree(e, e)
}

func selfIssuedForOpenSSL(e *Entry) bool {
	return string(e.RawSubject) == string(e.RawIssuer) || canonicalName(e.RawSubject) == canonicalName(e.RawIssuer)
}

// signerFits reports whether the issuer's key could have made the child's
// signature, going by its kind.
func signerFits(child, issuer *Entry) bool {
	kind := signersKind(child.SignatureAlgorithm)
	if kind == x509.UnknownPublicKeyAlgorithm {
		known, _ := schemeOf(signatureAlgorithm(child.Certificate).Algorithm.String())
		kind = map[keyKind]x509.PublicKeyAlgorithm{rsaKind: x509.RSA, ecdsaKind: x509.ECDSA}[known.kind]
	}
	if kind == x509.UnknownPublicKeyAlgorithm || kind == issuer.PublicKeyAlgorithm {
		return true
	}
	return kind == x509.RSA && issuer.PublicKey == nil && spkiOf(issuer.Certificate).Algorithm.Algorithm.String() == oidRSAPSS
}

// unreadableDates is the number of OpenSSL's error about the first of a
// certificate's dates that it refuses to read, 0 if it reads both: RFC 5280, 4.1.2.5,
// wants them with seconds and in UTC.
func unreadableDates(certificate *x509.Certificate) int {
	var signed asn1.RawValue
	if _, err := asn1.Unmarshal(certificate.RawTBSCertificate, &signed); err != nil {
		return 0
	}
	// The validity is the fourth field behind the optional version.
	rest, position := signed.Bytes, 0
	for len(rest) > 0 {
		var field asn1.RawValue
		var err error
		if rest, err = asn1.Unmarshal(rest, &field); err != nil {
			return 0
		}
		if field.Class == asn1.ClassContextSpecific {
			continue
		}
		if position++; position < 4 {
			continue
		}
		var validity struct{ NotBefore, NotAfter asn1.RawValue }
		_, err = asn1.Unmarshal(field.FullBytes, &validity)
		switch {
		case err == nil && unreadableDate(validity.NotBefore):
			return 13
		case err == nil && unreadableDate(validity.NotAfter):
			return 14
		}
		return 0
	}
	return 0
}

func unreadableDate(date asn1.RawValue) bool {
	form := "060102150405Z"
	if date.Tag == asn1.TagGeneralizedTime {
		form = "20060102150405Z"
	}
	return len(date.Bytes) != len(form) || date.Bytes[len(form)-1] != 'Z'
}

// understoodByOpenSSL lists the extensions that may be critical for OpenSSL
// (X509_supported_extension).
func understoodByOpenSSL() []string {
	return []string{
		oidNetscapeType, oidKeyUsage, oidAlternativeNames, "2.5.29.19", "2.5.29.32", oidCRLDistributionPoints, oidExtKeyUsage,
		oidAddressBlocks, oidSystemNumbers, oidProxy, "1.3.6.1.5.5.7.48.1.5", "2.5.29.36", oidNameConstraints, "2.5.29.33", "2.5.29.54",
	}
}
