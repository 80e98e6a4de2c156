package pkitest

import (
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"slices"
	"testing"
	"time"
)

// A Revocation describes a revocation list (RFC 5280, section 5).
type Revocation struct {
	Issuer     string    // the node that issues the list
	Revoked    []string  // the nodes it revokes
	SignedWith string    // the node whose key signs; the issuer when empty
	ThisUpdate time.Time // a day before [Now] when zero
	NextUpdate time.Time // a week after [Now] when zero
	Partial    bool      // adds a critical issuing distribution point: of data planes only (RFC 5280, 5.2.5)
	Place      string    // adds a critical issuing distribution point with that URL
	// Reason is that of every entry (RFC 5280, 5.3.1), and EntryExtensions what each
	// says besides.
	Reason          int
	EntryExtensions []pkix.Extension
	// Extensions are added to the list. An AuthorityKeyID that is not nil replaces
	// the issuer's; with Bare there is none, and no number either.
	Extensions     []pkix.Extension
	AuthorityKeyID []byte
	Bare           bool
}

// RevocationList makes a revocation list. The issuer's certificate is taken as
// able to sign it whatever it says of itself.
func (g *Graph) RevocationList(revocation Revocation) *x509.RevocationList {
	g.tb.Helper()
	template := &x509.RevocationList{Number: big.NewInt(1), ThisUpdate: revocation.ThisUpdate, NextUpdate: revocation.NextUpdate}
	if template.ThisUpdate.IsZero() {
		template.ThisUpdate = Now().AddDate(0, 0, -1)
	}
	if template.NextUpdate.IsZero() {
		template.NextUpdate = Now().AddDate(0, 0, 7)
	}
	if revocation.Partial {
		template.ExtraExtensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 28}, Critical: true, Value: []byte{0x30, 0x03, 0x81, 0x01, 0xff}}}
	}
	if revocation.Place != "" {
		point := asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 6, Bytes: []byte(revocation.Place)}
		for range 2 { // the full name, and the distribution point
			point = asn1.RawValue{Class: asn1.ClassContextSpecific, IsCompound: true, Bytes: marshal(g.tb, point)}
		}
		sequence := asn1.RawValue{Tag: asn1.TagSequence, IsCompound: true, Bytes: marshal(g.tb, point)}
		template.ExtraExtensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 28}, Critical: true, Value: marshal(g.tb, sequence)}}
	}
	template.ExtraExtensions = append(template.ExtraExtensions, revocation.Extensions...)
	for _, name := range revocation.Revoked {
		template.RevokedCertificateEntries = append(template.RevokedCertificateEntries, x509.RevocationListEntry{
			SerialNumber: g.Certificate(name).SerialNumber, RevocationTime: template.ThisUpdate,
			ReasonCode: revocation.Reason, ExtraExtensions: revocation.EntryExtensions,
		})
	}
	signer := g.Key(revocation.Issuer)
	if revocation.SignedWith != "" {
		signer = g.Key(revocation.SignedWith)
	}
	issuer := *g.Certificate(revocation.Issuer)
	issuer.KeyUsage |= x509.KeyUsageCRLSign
	if len(issuer.SubjectKeyId) == 0 {
		issuer.SubjectKeyId = keyID(g.tb, signer.Public())
	}
	if revocation.AuthorityKeyID != nil {
		issuer.SubjectKeyId = revocation.AuthorityKeyID
	}
	der, err := x509.CreateRevocationList(rand.Reader, template, &issuer, signer)
	if err != nil {
		g.tb.Fatalf("pkitest: list of %s: %v", revocation.Issuer, err)
	}
	if revocation.Bare {
		der = withoutListExtensions(g.tb, der, signer)
	}
	list, err := x509.ParseRevocationList(der)
	if err != nil {
		g.tb.Fatalf("pkitest: list of %s: %v", revocation.Issuer, err)
	}
	return list
}

// withoutListExtensions takes the authority key identifier and the number (RFC
// 5280, 5.2.1 and 5.2.3) out of a list, and signs it again with signer, an ECDSA
// P-256 or RSA key.
func withoutListExtensions(tb testing.TB, der []byte, signer crypto.Signer) []byte {
	tb.Helper()
	outer := unmarshal[signed](tb, der)
	fields := unmarshal[[]asn1.RawValue](tb, outer.ToBeSigned.FullBytes)
	last := len(fields) - 1
	kept := slices.DeleteFunc(unmarshal[[]pkix.Extension](tb, fields[last].Bytes), func(e pkix.Extension) bool {
		return e.Id.Equal(asn1.ObjectIdentifier{2, 5, 29, 35}) || e.Id.Equal(asn1.ObjectIdentifier{2, 5, 29, 20})
	})
	fields = fields[:last]
	if len(kept) > 0 {
		fields = append(fields, asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: marshal(tb, kept)})
	}
	body := marshal(tb, fields)
	digest := sha256.Sum256(body)
	signature, err := signer.Sign(rand.Reader, digest[:], crypto.SHA256)
	if err != nil {
		tb.Fatalf("pkitest: %v", err)
	}
	outer.ToBeSigned, outer.Signature = asn1.RawValue{FullBytes: body}, asn1.BitString{Bytes: signature, BitLength: 8 * len(signature)}
	return marshal(tb, outer)
}
