package pki

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
)

// ErrEncryptedKey is returned for a private key that a passphrase protects.
//
// Passphrases are not taken: the standard library reads no encrypted PKCS#8
// (RFC 8018), and a passphrase would have to be kept where the key itself is as
// safe.
var ErrEncryptedKey = errors.New("the private key is encrypted: decrypt it first, for example with openssl pkey -in encrypted.pem")

// ParsePrivateKey reads text that holds exactly one unencrypted private key:
// RSA, ECDSA on a NIST curve or Ed25519, as PKCS#8 (RFC 5958), PKCS#1
// (RFC 8017) or SEC 1 (RFC 5915; a preceding EC PARAMETERS block is passed
// over). It judges no key's strength. No error holds any part of the input.
func ParsePrivateKey(text string) (crypto.Signer, error) {
	found, err := blocks(text)
	if err != nil {
		return nil, err
	}
	block, number, err := onlyKey(found)
	if err != nil {
		return nil, err
	}
	key, err := parseKeyBlock(block)
	if errors.Is(err, ErrEncryptedKey) {
		return nil, err
	}
	if err != nil {
		// The parsers' own errors are withheld: nothing of a secret may leak.
		return nil, &BlockError{Number: number, Type: block.Type, Reason: "is not a valid private key"}
	}
	switch signer := key.(type) {
	case *rsa.PrivateKey:
		return signer, nil
	case *ecdsa.PrivateKey:
		return signer, nil
	case ed25519.PrivateKey:
		return signer, nil
	default:
		return nil, &BlockError{Number: number, Type: block.Type, Reason: "contains a key that cannot sign; use RSA, ECDSA or Ed25519"}
	}
}

// onlyKey finds the one key block among found, and its number.
func onlyKey(found []*pem.Block) (*pem.Block, int, error) {
	var only *pem.Block
	var number int
	for i, block := range found {
		switch block.Type {
		case labelECParameters:
			// openssl ecparam -genkey writes the curve in front of the key.
		case labelPrivateKey, labelPKCS1Key, labelSEC1Key, labelEncryptedKey:
			if only != nil {
				return nil, 0, fmt.Errorf("expected one private key, found more: PEM blocks %d and %d", number, i+1)
			}
			only, number = block, i+1
		default:
			return nil, 0, &BlockError{Number: i + 1, Type: shownLabel(block.Type), Reason: "is not a private key" + meantInstead(block.Type)}
		}
	}
	if only == nil {
		return nil, 0, &BlockError{Number: 1, Type: labelECParameters, Reason: "contains only the parameters of a key, not a private key"}
	}
	return only, number, nil
}

func parseKeyBlock(block *pem.Block) (any, error) {
	if block.Type == labelEncryptedKey || block.Headers["DEK-Info"] != "" {
		return nil, ErrEncryptedKey
	}
	switch block.Type {
	case labelPKCS1Key:
		return x509.ParsePKCS1PrivateKey(block.Bytes)
	case labelSEC1Key:
		return x509.ParseECPrivateKey(block.Bytes)
	default:
		return x509.ParsePKCS8PrivateKey(block.Bytes)
	}
}

// EncodePrivateKey writes key as PKCS#8 PEM (RFC 5958; RFC 7468, section 10).
// It fails for a key that [ParsePrivateKey] does not read.
func EncodePrivateKey(key crypto.Signer) (string, error) {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return "", fmt.Errorf("a private key of type %T cannot be written", key)
	}
	return encode(labelPrivateKey, der), nil
}

// EncodePublicKey writes key as PEM SubjectPublicKeyInfo (RFC 7468, section 13).
func EncodePublicKey(key crypto.PublicKey) (string, error) {
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		return "", fmt.Errorf("a public key of type %T cannot be written", key)
	}
	return encode(labelPublicKey, der), nil
}

// SameKey reports whether two public keys are one.
func SameKey(a, b crypto.PublicKey) bool {
	key, ok := a.(interface{ Equal(crypto.PublicKey) bool })
	return ok && key.Equal(b)
}

// A RemoteSigner is a key that is held elsewhere and takes its time to sign, such
// as one in a hardware security module.
type RemoteSigner interface {
	crypto.Signer
	// During is the same key, whose signatures are given up when ctx is done.
	During(ctx context.Context) crypto.Signer
}

// SignerDuring is key as it is to be used while ctx lasts: see [RemoteSigner]. Any
// other key, and nil, is returned as it is.
func SignerDuring(ctx context.Context, key crypto.Signer) crypto.Signer {
	if remote, is := key.(RemoteSigner); is {
		return remote.During(ctx)
	}
	return key
}
