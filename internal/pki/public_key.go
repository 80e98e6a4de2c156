package pki

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"fmt"
)

// ParsePublicKey reads text that holds exactly one public key: RSA, ECDSA on a NIST
// curve or Ed25519, as SubjectPublicKeyInfo (RFC 5280, section 4.1.2.7; RFC 7468,
// section 13). It judges no key's strength.
func ParsePublicKey(text string) (crypto.PublicKey, error) {
	found, err := blocks(text)
	if err != nil {
		return nil, err
	}
	block := found[0]
	if block.Type != labelPublicKey {
		return nil, &BlockError{Number: 1, Type: shownLabel(block.Type), Reason: "is not a public key" + meantInstead(block.Type, block.Bytes, contentPublicKey)}
	}
	if len(found) > 1 {
		return nil, fmt.Errorf("expected one public key, found %d PEM blocks", len(found))
	}
	key, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		reason, err := whyNot(block.Bytes, contentPublicKey, err)
		return nil, &BlockError{Number: 1, Type: block.Type, Reason: reason, Err: err}
	}
	switch key.(type) {
	case *rsa.PublicKey, *ecdsa.PublicKey, ed25519.PublicKey:
	default:
		return nil, &BlockError{Number: 1, Type: block.Type, Reason: "contains a key that cannot sign; use RSA, ECDSA or Ed25519"}
	}
	if err := checkKeySize(key); err != nil {
		return nil, &BlockError{Number: 1, Type: block.Type, Reason: err.Error()}
	}
	return key, nil
}
