package pki

import (
	"crypto/x509"
	"fmt"
)

// ParseCSR reads text that holds exactly one certificate
// request (RFC 2986; RFC 7468, section 7), without checking its signature. Its
// Extensions are all that it asks for, in any attribute, and may repeat
// themselves; see [RequestedNames].
func ParseCSR(text string) (*x509.CertificateRequest, error) {
	found, err := blocks(text)
	if err != nil {
		return nil, err
	}
	for i, block := range found {
		if newLabel(block.Type) != labelCertificateRequest {
			return nil, &BlockError{
				Number: i + 1, Type: shownLabel(block.Type), Reason: "is not a certificate request" + meantInstead(block.Type, block.Bytes, contentCSR),
			}
		}
	}
	if len(found) > 1 {
		return nil, fmt.Errorf("expected one certificate request, found %d PEM blocks", len(found))
	}
	block := found[0]
	if err := new(quota).take(block.Bytes); err != nil {
		return nil, &BlockError{Number: 1, Type: block.Type, Reason: err.Error()}
	}
	request, err := x509.ParseCertificateRequest(block.Bytes)
	if bare, ok := parseBareCSR(block.Bytes); err != nil && ok {
		request, err = bare, nil
	}
	if err == nil {
		request.Extensions, err = requestedExtensions(block.Bytes)
	}
	if err != nil {
		reason, err := whyNot(block.Bytes, contentCSR, err)
		return nil, &BlockError{Number: 1, Type: block.Type, Reason: reason, Err: err}
	}
	if err := checkKeySize(request.PublicKey); err != nil {
		return nil, &BlockError{Number: 1, Type: block.Type, Reason: err.Error()}
	}
	setNames(request)
	return request, nil
}

// EncodeCSR writes a certificate request as PEM (RFC 7468, section 7); the empty
// string for nil.
func EncodeCSR(csr *x509.CertificateRequest) string {
	if csr == nil {
		return ""
	}
	return encode(labelCertificateRequest, csr.Raw)
}
