package pkitest

import (
	"crypto/x509"
	"encoding/pem"
	"strings"
)

// EncodeCSR writes a CSR as PEM (RFC 7468, section 7).
func EncodeCSR(request *x509.CertificateRequest) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: request.Raw}))
}

// EncodeRevocationLists writes revocation lists as PEM, one after the other (RFC
// 7468, section 6).
func EncodeRevocationLists(lists ...*x509.RevocationList) string {
	var text strings.Builder
	for _, list := range lists {
		text.Write(pem.EncodeToMemory(&pem.Block{Type: "X509 CRL", Bytes: list.Raw}))
	}
	return text.String()
}
