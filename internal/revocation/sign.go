package revocation

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"io"
	"math/big"
	"time"

	"github.com/trustplane/terraform-provider-mtls/internal/issue"
	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

// backdate is how far before now a list begins, against clocks of peers that lag
// behind ours.
const backdate = time.Minute

// Extensions of lists that say of which certificates they are (RFC 5280, sections
// 5.2.5 and 5.2.4).
var (
	oidIssuingDistributionPoint = asn1.ObjectIdentifier{2, 5, 29, 28}
	oidDeltaList                = asn1.ObjectIdentifier{2, 5, 29, 27}
)

// nextNumber is the number of the next list: greater than the one before and the
// one kept for its issuer's last list, and not below the clock. So it grows even
// where the list before has been lost with the state.
func nextNumber(prior *Prior, now time.Time) int64 {
	number := max(now.Unix(), 1)
	if prior != nil {
		number = max(number, prior.number()+2)
	}
	return number
}

// template is the list that says what is in contents.
func templateOf(r *Resource, c contents) (*x509.RevocationList, error) {
	validity := r.Want.Settings.validity().Truncate(time.Second)
	now := r.Now.UTC().Truncate(time.Second)
	template := &x509.RevocationList{
		Number:     big.NewInt(nextNumber(r.Prior, now)),
		ThisUpdate: later(now.Add(-backdate), r.issuer().NotBefore.UTC()),
		NextUpdate: now.Add(validity),
	}
	for _, serial := range c.serials() {
		one := c.entries[serial]
		template.RevokedCertificateEntries = append(template.RevokedCertificateEntries, x509.RevocationListEntry{
			SerialNumber: serial.Int(), RevocationTime: one.at, ReasonCode: int(one.reason),
		})
	}
	if points := r.Want.Settings.DistributionPoints; len(points) > 0 {
		extension, err := distributionPoint(points)
		if err != nil {
			return nil, err
		}
		template.ExtraExtensions = []pkix.Extension{extension}
	}
	return template, nil
}

// distributionPoint is the critical extension that says where a list is found.
func distributionPoint(urls []string) (pkix.Extension, error) {
	const uri = 6 // of GeneralName
	var point struct {
		DistributionPoint struct {
			FullName []asn1.RawValue `asn1:"optional,tag:0"`
		} `asn1:"optional,tag:0"`
	}
	for _, url := range urls {
		point.DistributionPoint.FullName = append(point.DistributionPoint.FullName, asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: uri, Bytes: []byte(url)})
	}
	der, err := asn1.Marshal(point)
	return pkix.Extension{Id: oidIssuingDistributionPoint, Critical: true, Value: der}, err
}

// sign signs a list, and the last one that its issuer would have, of which only
// the signature is kept.
func sign(ctx context.Context, r *Resource, c contents) (list *x509.RevocationList, final []byte, err error) {
	template, err := templateOf(r, c)
	if err != nil {
		return nil, nil, err
	}
	ca, err := signerCertificate(r.issuer())
	if err != nil {
		return nil, nil, err
	}
	key := pki.SignerDuring(ctx, r.Want.Issuer.Signer.Key)
	list, err = create(template, ca, key)
	if err != nil {
		return nil, nil, fmt.Errorf("signing the list of %s: %w", pki.Describe(ca), err)
	}
	if err := list.CheckSignatureFrom(ca); err != nil {
		return nil, nil, fmt.Errorf("the list of %s does not verify with its key: %w", pki.Describe(ca), err)
	}
	last, err := create(finalTemplate(list, ca.NotAfter), ca, key)
	if err != nil {
		return nil, nil, fmt.Errorf("signing the last list of %s: %w", pki.Describe(ca), err)
	}
	return list, last.Signature, nil
}

func create(template *x509.RevocationList, ca *x509.Certificate, key crypto.Signer) (*x509.RevocationList, error) {
	der, err := x509.CreateRevocationList(rand.Reader, template, ca, key)
	if err != nil {
		return nil, err
	}
	return x509.ParseRevocationList(der)
}

// signerCertificate is a CA's certificate as crypto/x509 wants it of who signs a
// list: with a key identifier, and the right that a certificate without key usage
// has (RFC 5280, 4.2.1.3).
func signerCertificate(ca *x509.Certificate) (*x509.Certificate, error) {
	signer := *ca
	signer.KeyUsage |= x509.KeyUsageCRLSign
	if len(signer.SubjectKeyId) == 0 {
		id, err := issue.KeyIDOf(ca)
		if err != nil {
			return nil, err
		}
		signer.SubjectKeyId = id
	}
	return &signer, nil
}

// finalTemplate is the last list that an issuer would have, if it lost its key
// after a list: it says the same until the issuer ends, with the next number. Once
// an issuer has rotated, its earlier key is gone, and its certificates go on: this
// list goes on with them.
func finalTemplate(list *x509.RevocationList, issuerEnd time.Time) *x509.RevocationList {
	final := &x509.RevocationList{
		Number:                    new(big.Int).Add(list.Number, big.NewInt(1)),
		ThisUpdate:                list.ThisUpdate,
		NextUpdate:                later(list.NextUpdate, issuerEnd.UTC()),
		RevokedCertificateEntries: list.RevokedCertificateEntries,
	}
	for _, extension := range list.Extensions {
		if extension.Id.Equal(oidIssuingDistributionPoint) {
			final.ExtraExtensions = append(final.ExtraExtensions, extension)
		}
	}
	return final
}

// final is the last list of the issuer in state; the list itself where there is no
// signature for it, as after an import.
func (p *Prior) final() *x509.RevocationList {
	key, err := x509.ParsePKIXPublicKey(p.record.issuerKey)
	if err != nil || len(p.record.final) == 0 {
		return p.List
	}
	ca := &x509.Certificate{
		RawSubject: p.List.RawIssuer, SubjectKeyId: p.List.AuthorityKeyId, KeyUsage: x509.KeyUsageCRLSign, PublicKey: key,
	}
	// crypto/x509 verifies what it is given for a signature, so a wrong one is an error.
	list, err := create(finalTemplate(p.List, p.record.issuerEnd), ca, signed{key, p.record.final})
	if err != nil {
		return p.List
	}
	return list
}

// signed is a key that has signed already.
type signed struct {
	public    crypto.PublicKey
	signature []byte
}

func (s signed) Public() crypto.PublicKey { return s.public }
func (s signed) Sign(io.Reader, []byte, crypto.SignerOpts) ([]byte, error) {
	return s.signature, nil
}
