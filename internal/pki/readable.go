package pki

import (
	"crypto/x509"
	"encoding/pem"
	"errors"
)

// ParseReadable is [ParseCertificates] for a list in which a certificate that
// crypto/x509 cannot read, such as an old CA with a negative serial number, must
// not cost the others: its place in certificates is nil, and unreadable says why,
// by its index from 0. What is not a certificate at all is an error all the same.
func ParseReadable(text string) (certificates []*x509.Certificate, unreadable map[int]error, err error) {
	certificates, err = ParseCertificates(text)
	if !isUnreadable(err) {
		return certificates, nil, err
	}
	certificates, unreadable = nil, map[int]error{}
	for block, rest := pem.Decode([]byte(text)); block != nil; block, rest = pem.Decode(rest) {
		parsed, err := ParseCertificates(string(pem.EncodeToMemory(block)))
		if err != nil && !isUnreadable(err) {
			return nil, nil, err
		}
		if err != nil {
			unreadable[len(certificates)] = err
			parsed = []*x509.Certificate{nil}
		}
		certificates = append(certificates, parsed...)
	}
	return certificates, unreadable, nil
}

// Readable reads texts as [ParseReadable] does, one after the other. The zero value
// has read none.
type Readable struct {
	// Unreadable says why certificates cannot be read, by their index from 0 among
	// those of all texts.
	Unreadable map[int]error
	count      int
}

// Parse reads the next text.
func (r *Readable) Parse(text string) ([]*x509.Certificate, error) {
	parsed, unreadable, err := ParseReadable(text)
	for i, why := range unreadable {
		if r.Unreadable == nil {
			r.Unreadable = map[int]error{}
		}
		r.Unreadable[r.count+i] = why
	}
	r.count += len(parsed)
	return parsed, err
}

// isUnreadable reports whether an error is about a certificate that is whole, and
// not about damaged PEM or something else in its place.
func isUnreadable(err error) bool {
	block, is := errors.AsType[*BlockError](err)
	return is && block.Type == labelCertificate && block.Err != nil
}
