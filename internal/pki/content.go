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
	parts := firstElements(outer.content, 10)
	what := shapes()[shape(parts)]
	if what == contentCertificate {
		return contentOfSigned(parts[0].content)
	}
	return what
}

// shapes lists what begins with which elements, as [shape] writes them. All that
// is signed stands as a certificate.
func shapes() map[string]content {
	return map[string]content{
		"SSB": contentCertificate,
		"SB":  contentPublicKey,
		"SO":  contentEncryptedKey,
		"ISO": contentPKCS8, "ISOc": contentPKCS8, "ISOcc": contentPKCS8, // RFC 5958
		"IO": contentSEC1, "IOc": contentSEC1, "IOcc": contentSEC1, // RFC 5915
		"ISSOI": contentCurve, "ISSOII": contentCurve, // RFC 3279, section 2.3.5
		"IS": contentPKCS12, "ISS": contentPKCS12, // RFC 7292
		"oc":        contentPKCS7,
		"IIIIII":    contentDSA,
		"IIIIIIIII": contentPKCS1, // RFC 8017, A.1.2
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
	case "ISSSS": // of version 1
		return contentCertificate
	case "ISSc", "ISS":
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

// shape writes elements by a letter for each tag: INTEGER, BIT STRING, OCTET
// STRING, SEQUENCE; o for an object identifier, c for one of the context, and a
// question mark for any other.
func shape(parts []element) string {
	letters := map[int]byte{asn1.TagInteger: 'I', asn1.TagBitString: 'B', asn1.TagOctetString: 'O', asn1.TagSequence: 'S', asn1.TagOID: 'o'}
	text := make([]byte, len(parts))
	for i, part := range parts {
		letter, known := letters[part.tag]
		switch {
		case part.class != asn1.ClassUniversal:
			letter = 'c'
		case !known:
			letter = '?'
		}
		text[i] = letter
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
