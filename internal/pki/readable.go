package pki

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"errors"
)

// ParseReadable is [ParseCertificates] for a list in which a certificate that
// crypto/x509 cannot read, such as an old CA with a negative serial number, must
// not cost the others: its place in certificates is nil, and unreadable says why,
// by its index from 0. What is not a certificate at all is an error all the same.
func ParseReadable(text string) (certificates []*x509.Certificate, unreadable map[int]error, err error) {
	var r Readable
	certificates, err = r.Parse(text)
	if err != nil {
		return nil, nil, err
	}
	return certificates, r.Unreadable, nil
}

// Readable reads texts as [ParseReadable] does, one after the other: either all
// of certificates, or all of revocation lists. The zero value has read none.
type Readable struct {
	// Unreadable says why a certificate or list cannot be read, by its index from 0
	// among those of all texts.
	Unreadable map[int]error
	count      int
	quota      quota
}

// Parse reads the next text of certificates.
func (r *Readable) Parse(text string) ([]*x509.Certificate, error) {
	return readNext(r, text, &r.quota, readCertificate)
}

// ParseRevocationLists reads the next text of revocation lists. One that is whole
// and that crypto/x509 cannot read is unreadable; a block of something else, or of
// a list that was cut off, is an error.
func (r *Readable) ParseRevocationLists(text string) ([]*x509.RevocationList, error) {
	return readNext(r, text, nil, readRevocationList)
}

func readNext[T any](r *Readable, text string, quota *quota, read func(int, *pem.Block) (*T, error)) ([]*T, error) {
	parsed, err := parseBlocks(text, quota, func(number int, block *pem.Block) (*T, error) {
		one, err := read(number, block)
		if !isUnreadable(block, err) {
			return one, err
		}
		if r.Unreadable == nil {
			r.Unreadable = map[int]error{}
		}
		r.Unreadable[r.count+number-1] = err
		return nil, nil
	})
	r.count += len(parsed)
	return parsed, err
}

// isUnreadable reports whether an error is about a certificate or a revocation
// list that is whole, and not about damaged PEM or something else in its place.
func isUnreadable(block *pem.Block, err error) bool {
	about, is := errors.AsType[*BlockError](err)
	if !is || about.Err == nil {
		return false
	}
	return block.Type == labelCertificate || block.Type == labelRevocationList && shapedAsList(block.Bytes)
}

// shapedAsList reports whether DER is signed, and begins as a revocation list
// does up to its first date (RFC 5280, 5.1), where a certificate has two.
func shapedAsList(der []byte) bool {
	var list struct {
		Signed struct {
			Version    int `asn1:"optional"`
			Algorithm  pkix.AlgorithmIdentifier
			Issuer     asn1.RawValue
			ThisUpdate asn1.RawValue
		}
		Algorithm pkix.AlgorithmIdentifier
		Signature asn1.BitString
	}
	rest, err := asn1.Unmarshal(der, &list)
	date := list.Signed.ThisUpdate
	return err == nil && len(rest) == 0 && date.Class == asn1.ClassUniversal && (date.Tag == asn1.TagUTCTime || date.Tag == asn1.TagGeneralizedTime)
}
