package pki

import (
	"crypto/x509"
	"encoding/asn1"
	"encoding/pem"
	"strings"
)

// readRevocationList reads a block by its number in the text, from 1 (RFC 5280,
// section 5; RFC 7468, section 6), without checking a signature. Of a list of more
// than 100 kB RevokedCertificateEntries is nil: [Revokes] says what it revokes.
func readRevocationList(number int, block *pem.Block) (*x509.RevocationList, error) {
	if block.Type != labelRevocationList {
		return nil, &BlockError{
			Number: number, Type: shownLabel(block.Type), Reason: "is not a certificate revocation list" + meantInstead(block.Type, block.Bytes, contentList),
		}
	}
	list, err := parseRevocationList(block.Bytes)
	if err != nil {
		reason, err := whyNot(block.Bytes, contentList, err)
		return nil, &BlockError{Number: number, Type: block.Type, Reason: reason, Err: err}
	}
	return list, nil
}

// manyEntries is the size of a list, in bytes, from which on its entries are left
// where they are: of some thousands.
const manyEntries = 100_000

// parseRevocationList reads a revocation list of either version.
func parseRevocationList(der []byte) (*x509.RevocationList, error) {
	if len(der) >= manyEntries {
		if list, err := parseWithoutEntries(der); err == nil {
			return list, nil
		}
	}
	list, err := x509.ParseRevocationList(der)
	if err == nil {
		return list, nil
	}
	var old listV1
	if rest, failed := asn1.Unmarshal(der, &old); failed != nil || len(rest) > 0 {
		return nil, err
	}
	return old.list(der)
}

// EncodeRevocationLists writes revocation lists as PEM, one block after the other
// (RFC 7468, section 6); the empty string for none.
func EncodeRevocationLists(lists ...*x509.RevocationList) string {
	var text strings.Builder
	for _, list := range lists {
		text.WriteString(encode(labelRevocationList, list.Raw))
	}
	return text.String()
}
