package issue

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"slices"
)

// template turns what was checked into what is signed: nothing of the request
// reaches the certificate by another way.
func (c checked) template() (*x509.Certificate, error) {
	serial, err := serialNumber()
	if err != nil {
		return nil, err
	}
	keyID := c.keyID
	if keyID == nil {
		if keyID, err = subjectKeyID(c.key); err != nil {
			return nil, err
		}
	}
	template := &x509.Certificate{
		SerialNumber:          serial,
		Subject:               c.subject,
		RawSubject:            c.rawSubject,
		NotBefore:             c.notBefore,
		NotAfter:              c.notAfter,
		SubjectKeyId:          keyID,
		BasicConstraintsValid: true, // critical, for CA:FALSE too
		DNSNames:              c.names.DNSNames,
		IPAddresses:           c.names.IPAddresses,
		URIs:                  c.names.URIs,
		EmailAddresses:        c.names.EmailAddresses,
		CRLDistributionPoints: c.crls,
		OCSPServer:            c.ocsp,
	}
	if c.isCA {
		c.asCA(template)
	} else {
		c.asEndEntity(template)
	}
	return template, nil
}

func (c checked) asCA(template *x509.Certificate) {
	template.IsCA = true
	template.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageCRLSign
	template.MaxPathLen = -1
	if c.maxPathLength != nil {
		template.MaxPathLen = *c.maxPathLength
		template.MaxPathLenZero = *c.maxPathLength == 0
	}
	if c.constraints.empty() {
		return
	}
	// RFC 5280, section 4.2.1.10: the extension must be critical.
	template.PermittedDNSDomainsCritical = true
	c.constraints.setIn(template)
}

// asEndEntity grants what TLS needs: signatures, and for an RSA key that serves,
// the key transport of TLS 1.2 (RFC 5246, section 7.4.2).
func (c checked) asEndEntity(template *x509.Certificate) {
	template.KeyUsage = x509.KeyUsageDigitalSignature
	if _, isRSA := c.key.(*rsa.PublicKey); isRSA && slices.Contains(c.purposes, x509.ExtKeyUsageServerAuth) {
		template.KeyUsage |= x509.KeyUsageKeyEncipherment
	}
	template.ExtKeyUsage = c.purposes
}

// subjectKeyID is the leftmost 160 bits of SHA-256 over the public key's bit
// string (RFC 7093, section 2, method 1).
func subjectKeyID(key crypto.PublicKey) ([]byte, error) {
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		return nil, err
	}
	var subject struct {
		Algorithm pkix.AlgorithmIdentifier
		Key       asn1.BitString
	}
	if _, err := asn1.Unmarshal(der, &subject); err != nil {
		return nil, err
	}
	sum := sha256.Sum256(subject.Key.Bytes)
	return sum[:20], nil
}
