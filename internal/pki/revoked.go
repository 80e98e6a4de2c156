package pki

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"math/big"
	"slices"
)

// Extensions of entries that change what an entry means (RFC 5280, 5.3.1 and
// 5.3.3), and the reason that takes a revocation back.
const (
	oidReasonCode        = "2.5.29.21"
	oidCertificateIssuer = "2.5.29.29"
	removedFromList      = 8
)

// certificateIssuer is the DER of [oidCertificateIssuer].
const certificateIssuer = "\x06\x03\x55\x1d\x1d"

var errEntries = errors.New("x509: malformed entries of a revocation list")

// Revokes reports whether a list, as [Readable.ParseRevocationLists] returns it, revokes a
// certificate of the list's issuer with a serial number. Entries behind one that
// names another issuer are that issuer's (RFC 5280, 5.3.3).
//
// It walks over the list's DER, without memory for an entry: a list may have
// hundreds of thousands, of which a path asks about one or two.
func Revokes(list *x509.RevocationList, serial *big.Int) bool {
	der, err := asn1.Marshal(serial)
	if err != nil {
		return false
	}
	_, entries, err := cutEntries(list.RawTBSRevocationList)
	if err != nil {
		return false
	}
	found := false
	_ = eachEntry(entries, func(number, extensions []byte) bool {
		if bytes.Contains(extensions, []byte(certificateIssuer)) && extensionOf(extensions, oidCertificateIssuer) != nil {
			return false
		}
		found = bytes.Equal(number, der) && !bytes.HasPrefix(extensionOf(extensions, oidReasonCode), []byte{asn1.TagEnum, 1, removedFromList})
		return !found
	})
	return found
}

// CriticalEntries reports whether an entry of a list, as [ParseRevocationLists]
// returns it, has a critical extension other than the certificate issuer, which
// changes what it means (RFC 5280, 5.3).
func CriticalEntries(list *x509.RevocationList) bool {
	const critical = "\x01\x01\xff" // DER of TRUE, and of few other things
	_, entries, err := cutEntries(list.RawTBSRevocationList)
	if err != nil || !bytes.Contains(entries, []byte(critical)) {
		return false
	}
	found := false
	_ = eachEntry(entries, func(_, extensions []byte) bool {
		var read []pkix.Extension
		if bytes.Contains(extensions, []byte(critical)) {
			_, _ = asn1.Unmarshal(extensions, &read)
		}
		found = slices.ContainsFunc(read, func(e pkix.Extension) bool { return e.Critical && e.Id.String() != oidCertificateIssuer })
		return !found
	})
	return found
}

// extensionOf is the value of the last extension of a kind among some in DER; nil
// for none.
func extensionOf(extensions []byte, oid string) []byte {
	var list []pkix.Extension
	if _, err := asn1.Unmarshal(extensions, &list); err != nil {
		return nil
	}
	var value []byte
	for _, e := range list {
		if e.Id.String() == oid {
			value = append([]byte{}, e.Value...)
		}
	}
	return value
}

// eachEntry shows the serial number and the extensions, in DER, of each entry to
// a function, until that says false. Entries are what stands in the sequence
// revokedCertificates (RFC 5280, 5.1).
func eachEntry(entries []byte, show func(serial, extensions []byte) bool) error {
	for len(entries) > 0 {
		_, entry, rest, ok := cutElement(entries, asn1.TagSequence|0x20)
		if !ok {
			return errEntries
		}
		entries = rest
		serial, _, rest, ok := cutElement(entry, asn1.TagInteger)
		if !ok || len(rest) == 0 || rest[0] != asn1.TagUTCTime && rest[0] != asn1.TagGeneralizedTime {
			return errEntries
		}
		_, _, extensions, ok := cutElement(rest, rest[0])
		if !ok {
			return errEntries
		}
		if !show(serial, extensions) {
			return nil
		}
	}
	return nil
}

// cutElement splits what DER begins with: all of it, what is in it, and what follows.
// It is not ok if its tag, of one byte, is another one.
func cutElement(der []byte, tag byte) (whole, content, rest []byte, ok bool) {
	if len(der) == 0 || der[0] != tag {
		return nil, nil, nil, false
	}
	first, rest, ok := nextElement(der)
	return first.full, first.content, rest, ok
}

// cutEntries splits a list that is to be signed, in DER, into what it says of
// itself, as one that revokes nothing, and its entries: the sequence behind its
// dates (RFC 5280, 5.1).
func cutEntries(signed []byte) (without, entries []byte, err error) {
	var outer asn1.RawValue
	if rest, err := asn1.Unmarshal(signed, &outer); err != nil || len(rest) > 0 {
		return nil, nil, errEntries
	}
	rest, dated := outer.Bytes, false
	for len(rest) > 0 {
		date := rest[0] == asn1.TagUTCTime || rest[0] == asn1.TagGeneralizedTime
		if dated && !date {
			break
		}
		_, _, after, ok := cutElement(rest, rest[0])
		if !ok {
			return nil, nil, errEntries
		}
		rest, dated = after, date
	}
	before := outer.Bytes[:len(outer.Bytes)-len(rest)]
	if dated && len(rest) > 0 && rest[0] == asn1.TagSequence|0x20 {
		_, entries, rest, _ = cutElement(rest, rest[0])
	}
	without, err = asn1.Marshal(asn1.RawValue{Tag: asn1.TagSequence, IsCompound: true, Bytes: slices.Concat(before, rest)})
	return without, entries, err
}

// parseWithoutEntries reads a revocation list of version 2, all but its entries,
// which are only walked over: crypto/x509 makes 1.4 kB of one of 37 bytes.
func parseWithoutEntries(der []byte) (*x509.RevocationList, error) {
	var outer struct {
		Signed    asn1.RawValue
		Algorithm asn1.RawValue
		Signature asn1.RawValue
	}
	if rest, err := asn1.Unmarshal(der, &outer); err != nil || len(rest) > 0 {
		return nil, errEntries
	}
	without, entries, err := cutEntries(outer.Signed.FullBytes)
	if err != nil {
		return nil, err
	}
	if err := eachEntry(entries, func(_, _ []byte) bool { return true }); err != nil {
		return nil, err
	}
	signed := outer.Signed.FullBytes
	outer.Signed = asn1.RawValue{FullBytes: without}
	short, err := asn1.Marshal(outer)
	if err != nil {
		return nil, err
	}
	list, err := x509.ParseRevocationList(short)
	if err != nil {
		return nil, err
	}
	list.Raw, list.RawTBSRevocationList = der, signed
	return list, nil
}
