package issue

import (
	"crypto/x509"
	"encoding/asn1"
	"errors"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

const fieldSigningRequest = "csr_pem"

// Extensions that a signing request may ask for (RFC 5280, section 4.2.1).
var (
	oidBasicConstraints = asn1.ObjectIdentifier{2, 5, 29, 19}
	oidKeyUsage         = asn1.ObjectIdentifier{2, 5, 29, 15}
	oidNameConstraints  = asn1.ObjectIdentifier{2, 5, 29, 30}
)

// adoptSigningRequest judges a request's signing request, and lets it fill in
// the subject and each kind of name that the configuration leaves open. It
// returns the subject's own bytes where the signing request gives it.
func adoptSigningRequest(request Request, found *violations) (Request, []byte) {
	csr := request.SigningRequest
	if csr == nil {
		return request, nil
	}
	checkSigningRequest(csr, found)
	if request.DNSNames == nil {
		request.DNSNames = csr.DNSNames
	}
	if request.EmailAddresses == nil {
		request.EmailAddresses = csr.EmailAddresses
	}
	if request.IPAddresses == nil {
		for _, address := range csr.IPAddresses {
			request.IPAddresses = append(request.IPAddresses, address.String())
		}
	}
	if request.URIs == nil {
		for _, uri := range csr.URIs {
			request.URIs = append(request.URIs, uri.String())
		}
	}
	if len(request.Subject.ToRDNSequence()) > 0 {
		return request, nil
	}
	request.Subject = csr.Subject
	return request, csr.RawSubject
}

// checkSigningRequest: whoever asks must hold the key (RFC 2986, section 3), the
// key must be strong, and what is asked for must be fit for an end entity.
func checkSigningRequest(csr *x509.CertificateRequest, found *violations) {
	if fault := pki.WeakKey(csr.PublicKey); fault != "" {
		found.add(fieldSigningRequest, "Key too weak", "The certificate request cannot be signed: %s. Make a new key and request.", fault)
	} else if err := csr.CheckSignature(); err != nil {
		detail := "Its signature does not match its own key, so it may have been altered, or its sender does not hold the key"
		if _, insecure := errors.AsType[x509.InsecureAlgorithmError](err); insecure {
			detail = "It is signed with " + csr.SignatureAlgorithm.String() + ", which can be forged"
		}
		found.add(fieldSigningRequest, "Request's signature is broken", "%s. Make the request again.", detail)
	}
	for _, extension := range csr.Extensions {
		if fault := unfit(extension.Id, extension.Value); fault != "" {
			found.add(fieldSigningRequest, "Request asks too much", "It asks for %s, which a data plane must not have. Make a request without it.", fault)
		}
	}
}

// unfit names what an extension of a signing request asks for, if a data plane
// must not have it; the empty string otherwise.
func unfit(id asn1.ObjectIdentifier, value []byte) string {
	switch {
	case id.Equal(oidBasicConstraints):
		var basic struct {
			IsCA       bool `asn1:"optional"`
			MaxPathLen int  `asn1:"optional,default:-1"`
		}
		if rest, err := asn1.Unmarshal(value, &basic); err != nil || len(rest) > 0 {
			return "basic constraints that cannot be read"
		}
		if basic.IsCA {
			return "CA:TRUE, the right to be a CA"
		}
	case id.Equal(oidKeyUsage):
		var usage asn1.BitString
		if rest, err := asn1.Unmarshal(value, &usage); err != nil || len(rest) > 0 {
			return "a key usage that cannot be read"
		}
		// Bits 5 and 6 are keyCertSign and cRLSign (RFC 5280, section 4.2.1.3).
		if usage.At(5) != 0 || usage.At(6) != 0 {
			return "the key usage to sign certificates or revocation lists"
		}
	case id.Equal(oidNameConstraints):
		return "name constraints"
	}
	return ""
}
