package issue

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"fmt"
	"math/big"
	"time"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

// HowToGiveTheKey is what to do about an issuer that cannot sign.
const HowToGiveTheKey = "Set private_key_pem or signer_command of the issuer. " +
	"A CA with private_key_pem_wo does not pass its key on: write issuer = { certificate_pem = ..., chain_pem = ..., private_key_pem = ... } " +
	"with the CA's certificate and chain, and provide its key again."

// Issue makes the certificate that request asks for, signed by issuer or, if
// that is nil, by its own key, with a life that begins at now. A key that signs
// elsewhere gives up when ctx is done, and one that fails is a [*KeyError].
//
// It returns a [*ViolationsError] for a request that [Check] refuses, and an
// error that says what the issuer has against the certificate if what was signed
// does not verify. On error nothing is made.
func Issue(ctx context.Context, request Request, issuer *Issuer, now time.Time) (*Issued, error) {
	checked, found := check(request, issuer, now, Unknown{})
	if issuer != nil && issuer.Key == nil {
		found.add(fieldIssuerKey, "Issuer has no private key", "Without its private key %s cannot sign. "+HowToGiveTheKey, pki.Describe(issuer.Certificate))
	}
	if len(found) > 0 {
		return nil, &ViolationsError{Violations: found}
	}
	key, err := request.key()
	if err != nil {
		return nil, err
	}
	if key != nil {
		checked.key = key.Public()
	}
	if err := provePossession(ctx, key, issuer); err != nil {
		return nil, err
	}
	certificate, err := sign(ctx, checked, key, issuer)
	if err != nil {
		return nil, err
	}
	if err := verify(certificate, checked, issuer, now); err != nil {
		return nil, err
	}
	return &Issued{Certificate: certificate, Chain: issuer.Present(certificate), Key: key}, nil
}

// A KeyError says why a key that is held elsewhere did not sign. The next certificate
// would meet the same.
type KeyError struct {
	OfIssuer bool // the issuer's; the certificate's own otherwise
	Err      error
}

func (e *KeyError) Error() string { return e.Err.Error() }

// Unwrap returns what the key says.
func (e *KeyError) Unwrap() error { return e.Err }

// key is the certificate's private key, generated if it must be; nil if it is
// held by who made the CSR.
func (r Request) key() (crypto.Signer, error) {
	if r.CSR != nil || r.Key != nil {
		return r.Key, nil
	}
	return pki.GenerateKey(r.KeyAlgorithm)
}

// provePossession has a key that is held elsewhere sign a CSR, so that no
// certificate is made for a public key that its program does not sign with. A
// self-signed certificate is proof itself.
func provePossession(ctx context.Context, key crypto.Signer, issuer *Issuer) error {
	if _, remote := key.(pki.RemoteSigner); !remote || issuer == nil {
		return nil
	}
	if _, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{}, pki.SignerDuring(ctx, key)); err != nil {
		return &KeyError{Err: err}
	}
	return nil
}

func sign(ctx context.Context, checked checked, key crypto.Signer, issuer *Issuer) (*x509.Certificate, error) {
	template, err := checked.template()
	if err != nil {
		return nil, err
	}
	parent, signer := template, key
	template.AuthorityKeyId = template.SubjectKeyId
	if issuer != nil {
		parent, signer = issuer.Certificate, issuer.Key
		template.AuthorityKeyId, err = KeyIDOf(issuer.Certificate)
		if err != nil {
			return nil, err
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, checked.key, pki.SignerDuring(ctx, signer))
	if _, remote := signer.(pki.RemoteSigner); err != nil && remote {
		return nil, &KeyError{OfIssuer: issuer != nil, Err: err}
	}
	if err != nil {
		return nil, fmt.Errorf("signing %s: %w", pki.DistinguishedName(checked.subject), err)
	}
	return x509.ParseCertificate(der)
}

// KeyIDOf is the key identifier of an issuer: its own, or, where it states none,
// one derived from its key (RFC 5280, section 4.2.1.1).
func KeyIDOf(issuer *x509.Certificate) ([]byte, error) {
	if len(issuer.SubjectKeyId) > 0 {
		return issuer.SubjectKeyId, nil
	}
	return subjectKeyID(issuer.PublicKey)
}

// serialNumber draws 128 random bits: positive, not zero, and within the 20
// octets of RFC 5280, section 4.1.2.2.
func serialNumber() (*big.Int, error) {
	limit := new(big.Int).Lsh(big.NewInt(1), 128)
	limit.Sub(limit, big.NewInt(1))
	serial, err := rand.Int(rand.Reader, limit)
	if err != nil {
		return nil, err
	}
	return serial.Add(serial, big.NewInt(1)), nil
}

// verify is the last look: whether a relying party that trusts the top of the
// issuer's chain would take the certificate that was made. The decision is
// crypto/x509's.
func verify(certificate *x509.Certificate, checked checked, issuer *Issuer, now time.Time) error {
	if !pki.SameKey(certificate.PublicKey, checked.key) {
		return fmt.Errorf("the certificate issued for %s has a different key", pki.Describe(certificate))
	}
	path := append([]*x509.Certificate{certificate}, issuer.path()...)
	if issuer == nil && !pki.SelfSigned(certificate) {
		return fmt.Errorf("the signature of %s does not match its own key", pki.Describe(certificate))
	}
	options := upTo(path[min(1, len(path)-1):], now)
	// One purpose at a time: KeyUsages asks for any of them, not for all.
	purposes := checked.purposes
	if len(purposes) == 0 {
		purposes = options.KeyUsages
	}
	for _, purpose := range purposes {
		options.KeyUsages = []x509.ExtKeyUsage{purpose}
		if _, err := certificate.Verify(options); err != nil {
			return fmt.Errorf("%s would be refused below its own issuer: %w", pki.Describe(certificate), err)
		}
	}
	return nil
}
