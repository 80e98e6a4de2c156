package pki

import (
	"bytes"
	"encoding/asn1"
)

// A content is what DER holds, by its shape: a noun with its article, as messages
// write it.
type content string

// What people put into PEM and base64.
const (
	contentUnknown      content = ""
	contentCertificate  content = "a certificate"
	contentCSR          content = "a certificate request"
	contentList         content = "a certificate revocation list"
	contentPKCS7        content = "a PKCS#7 bundle"
	contentPKCS12       content = "a PKCS#12 file"
	contentPKCS8        content = "a private key"
	contentPKCS1        content = "an RSA private key (PKCS#1)"
	contentSEC1         content = "an EC private key (SEC 1)"
	contentDSA          content = "a DSA private key"
	contentEncryptedKey content = "an encrypted private key"
	contentPublicKey    content = "a public key"
	contentCurve        content = "the parameters of an elliptic curve"
	contentPEM          content = "PEM, encoded once more"
)

// isKey reports whether the content is a private key.
func (c content) isKey() bool {
	switch c {
	case contentPKCS8, contentPKCS1, contentSEC1, contentDSA, contentEncryptedKey:
		return true
	default:
		return false
	}
}

// contentOf says what DER holds, without reading more of it than its first few
// elements.
func contentOf(der []byte) content {
	if bytes.HasPrefix(der, []byte(beginMark)) {
		return contentPEM
	}
	outer, _, ok := nextElement(der)
	switch {
	case !ok || outer.class != asn1.ClassUniversal:
		return contentUnknown
	case outer.tag == asn1.TagOID:
		return contentCurve
	case outer.tag != asn1.TagSequence:
		return contentUnknown
	}
	switch parts := firstElements(outer.content, 6); shape(parts) {
	case "sequence sequence bits":
		return contentOfSigned(parts[0].content)
	case "sequence bits":
		return contentPublicKey
	case "sequence octets":
		return contentEncryptedKey
	case "integer sequence octets", "integer sequence octets tagged", "integer sequence octets tagged tagged":
		return contentPKCS8
	case "integer octets", "integer octets tagged", "integer octets tagged tagged":
		return contentSEC1
	case "integer sequence octets octets integer", "integer sequence sequence octets integer", "integer sequence sequence octets integer integer":
		return contentCurve
	case "integer sequence", "integer sequence sequence":
		return contentPKCS12
	case "oid tagged":
		return contentPKCS7
	case "integer integer integer integer integer integer":
		if len(firstElements(outer.content, 7)) > 6 {
			return contentPKCS1
		}
		return contentDSA
	default:
		return contentUnknown
	}
}

// contentOfSigned tells apart what is signed: certificates, requests and lists
// (RFC 5280, 4.1 and 5.1; RFC 2986, 4).
func contentOfSigned(der []byte) content {
	parts := firstElements(der, 5)
	if len(parts) > 0 && parts[0].class == asn1.ClassContextSpecific {
		return contentCertificate // its version
	}
	switch shape(parts) {
	case "integer sequence sequence sequence sequence": // of version 1
		return contentCertificate
	case "integer sequence sequence tagged", "integer sequence sequence":
		return contentCSR
	default:
		return contentList
	}
}

// firstElements reads up to count elements; fewer where DER ends or is none.
func firstElements(der []byte, count int) []element {
	var found []element
	for len(der) > 0 && len(found) < count {
		next, rest, ok := nextElement(der)
		if !ok {
			break
		}
		found, der = append(found, next), rest
	}
	return found
}

// shape names elements by their tags.
func shape(parts []element) string {
	names := map[int]string{
		asn1.TagInteger: "integer", asn1.TagBitString: "bits", asn1.TagOctetString: "octets", asn1.TagOID: "oid", asn1.TagSequence: "sequence",
	}
	var text []byte
	for i, part := range parts {
		if i > 0 {
			text = append(text, ' ')
		}
		name := "tagged"
		if part.class == asn1.ClassUniversal {
			name = names[part.tag]
		}
		text = append(text, name...)
	}
	return string(text)
}

// wholeLength is how many bytes the first element of DER says that it has; false
// if it says none.
func wholeLength(der []byte) (int, bool) {
	if len(der) < 2 || der[0] != 0x30 {
		return 0, false
	}
	length, header := int(der[1]), 2
	if length >= 0x80 {
		count := length & 0x7f
		if count == 0 || count > 3 || len(der) < 2+count {
			return 0, false
		}
		length = 0
		for _, b := range der[2 : 2+count] {
			length = length<<8 | int(b)
		}
		header += count
	}
	return header + length, true
}
