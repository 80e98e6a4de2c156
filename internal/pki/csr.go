package pki

import (
	"crypto/x509"
	"encoding/pem"
	"fmt"
)

// ParseCSR reads text that holds exactly one certification
// request (RFC 2986; RFC 7468, section 7), without checking its signature.
func ParseCSR(text string) (*x509.CertificateRequest, error) {
	found, err := blocks(text)
	if err != nil {
		return nil, err
	}
	block := found[0]
	// "NEW CERTIFICATE REQUEST" is what older tools write; RFC 7468, section 7.
	if block.Type != labelCertificateRequest && block.Type != "NEW "+labelCertificateRequest {
		return nil, &BlockError{Number: 1, Type: shownLabel(block.Type), Reason: "is not a certificate request" + meantInstead(block.Type)}
	}
	if len(found) > 1 {
		return nil, fmt.Errorf("expected one certificate request, found %d PEM blocks", len(found))
	}
	request, err := x509.ParseCertificateRequest(block.Bytes)
	if err != nil {
		return nil, &BlockError{Number: 1, Type: block.Type, Reason: "is not a valid certificate request", Err: err}
	}
	if err := checkKeySize(request.PublicKey); err != nil {
		return nil, &BlockError{Number: 1, Type: block.Type, Reason: err.Error()}
	}
	return request, nil
}

// ParseRevocationLists reads every certificate revocation list of text, in its
// order (RFC 5280, section 5; RFC 7468, section 6), without checking a
// signature. Its errors are those of [ParseCertificates]. Of a list of more than
// 100 kB RevokedCertificateEntries is nil: [Revokes] says what a list revokes.
func ParseRevocationLists(text string) ([]*x509.RevocationList, error) {
	return parseBlocks(text, readRevocationList)
}

// readRevocationList reads a block by its number in the text, from 1.
func readRevocationList(number int, block *pem.Block) (*x509.RevocationList, error) {
	if block.Type != labelRevocationList {
		return nil, &BlockError{Number: number, Type: shownLabel(block.Type), Reason: "is not a certificate revocation list" + meantInstead(block.Type)}
	}
	list, err := parseRevocationList(block.Bytes)
	if err != nil {
		return nil, &BlockError{Number: number, Type: block.Type, Reason: "is not a valid certificate revocation list", Err: err}
	}
	return list, nil
}

// meantInstead adds what to do about a block of a known wrong type.
func meantInstead(label string) string {
	switch label {
	case labelCertificate:
		return " but a certificate"
	case labelPrivateKey, labelPKCS1Key, labelSEC1Key, labelEncryptedKey:
		return " but a private key"
	case "DSA PRIVATE KEY":
		return " but a DSA key, which TLS peers do not accept"
	case "OPENSSH PRIVATE KEY":
		return " but a private key in OpenSSH format; convert it with ssh-keygen -p -m PKCS8"
	case labelPublicKey:
		return " but a public key"
	case labelCertificateRequest:
		return " but a certificate request, which has not been signed yet"
	case labelRevocationList:
		return " but a certificate revocation list"
	case "TRUSTED CERTIFICATE":
		return ": OpenSSL's trusted format contains extra data; convert it with openssl x509"
	case "PKCS7", "CMS":
		return ": unpack it with openssl pkcs7 -print_certs"
	default:
		return ""
	}
}
