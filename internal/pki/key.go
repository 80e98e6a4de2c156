package pki

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
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
// over). As in OpenSSL, what a block holds counts, and not by which of their
// labels it is called. It judges no key's strength. A [*BlockError] for a key of
// another kind wraps an [*OtherKeyError]. No error holds any part of the input
// but the name of an algorithm.
func ParsePrivateKey(text string) (crypto.Signer, error) {
	found, err := blocks(text)
	if err != nil {
		return nil, err
	}
	block, number, err := onlyKey(found)
	if err != nil {
		return nil, err
	}
	fail := func(reason string, err error) error {
		return &BlockError{Number: number, Type: block.Type, Reason: reason, Err: err}
	}
	if err := new(quota).take(block.Bytes); err != nil {
		return nil, fail(err.Error(), nil)
	}
	what := contentOf(block.Bytes)
	if block.Headers["DEK-Info"] != "" || strings.Contains(block.Headers["Proc-Type"], "ENCRYPTED") || what == contentEncryptedKey || block.Type == labelEncryptedKey && !what.isKey() {
		return nil, ErrEncryptedKey
	}
	if other := otherKeyIn(block.Bytes, what); other != nil {
		return nil, fail("", other)
	}
	if bits := rsaBits(block.Bytes, what); bits > longestRSA {
		return nil, fail(fmt.Sprintf("has an RSA key of %d bits; TLS peers accept at most %d", bits, longestRSA), nil)
	}
	key, err := parseKey(block, what)
	if err != nil {
		// The parsers' own errors are withheld: nothing of a secret may leak.
		return nil, fail(whyNoKey(block, what), nil)
	}
	switch signer := key.(type) {
	case *rsa.PrivateKey:
		return signer, nil
	case *ecdsa.PrivateKey:
		return signer, nil
	case ed25519.PrivateKey:
		return signer, nil
	default:
		return nil, fail("", &OtherKeyError{Kind: "a key that cannot sign"})
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
		case "DSA PARAMETERS", "DSA PRIVATE KEY":
			return nil, 0, &BlockError{Number: i + 1, Type: block.Type, Err: &OtherKeyError{Kind: "a DSA key"}}
		default:
			return nil, 0, &BlockError{
				Number: i + 1, Type: shownLabel(block.Type), Reason: "is not a private key" + meantInstead(block.Type, block.Bytes, contentPKCS8),
			}
		}
	}
	if only == nil {
		return nil, 0, &BlockError{Number: 1, Type: labelECParameters, Reason: "contains only the parameters of a key, not a private key"}
	}
	return only, number, nil
}

var errNoKey = errors.New("no private key")

// parseKey reads a key of the form that the block's bytes have. What stands
// behind it is passed over, as in OpenSSL. A key of PKCS#1 that is labelled as
// one of SEC 1, or the other way round, is refused, as there.
func parseKey(block *pem.Block, what content) (any, error) {
	first, _, ok := nextElement(block.Bytes)
	if !ok {
		return nil, errNoKey
	}
	switch {
	case what == contentPKCS1 && block.Type != labelSEC1Key:
		return x509.ParsePKCS1PrivateKey(first.full)
	case what == contentSEC1 && block.Type != labelPKCS1Key:
		return x509.ParseECPrivateKey(first.full)
	case what == contentPKCS8:
		return x509.ParsePKCS8PrivateKey(first.full)
	default:
		return nil, errNoKey
	}
}

// whyNoKey says what is wrong with a block that holds no readable key. It goes on
// from the block.
func whyNoKey(block *pem.Block, what content) string {
	switch whole, says := wholeLength(block.Bytes); {
	case len(block.Bytes) == 0:
		return "has nothing between BEGIN and END"
	case what == contentPKCS1 && block.Type == labelSEC1Key:
		return "holds an RSA key: write " + labelPKCS1Key + " in its BEGIN and END lines"
	case what == contentSEC1 && block.Type == labelPKCS1Key:
		return "holds an EC key: write " + labelSEC1Key + " in its BEGIN and END lines"
	case says && whole > len(block.Bytes):
		return fmt.Sprintf("is cut off: %d of its %d bytes are there", len(block.Bytes), whole)
	case what != contentUnknown && !what.isKey():
		return fmt.Sprintf("is not a private key, as its label says, but holds %s", what) + heldInstead(what)
	default:
		return "is not a valid private key"
	}
}

// rsaBits is the length of the modulus of an RSA private key; 0 for another key.
func rsaBits(der []byte, what content) int {
	outer, _, _ := nextElement(der)
	parts := firstElements(outer.content, 3)
	if what == contentPKCS8 {
		key, _, _ := nextElement(parts[2].content)
		parts = firstElements(key.content, 2)
	} else if what != contentPKCS1 {
		return 0
	}
	if len(parts) < 2 || parts[1].tag != asn1.TagInteger {
		return 0
	}
	return 8 * len(bytes.TrimLeft(parts[1].content, "\x00"))
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
	// AtOnce is how many signatures can be waited for at the same time.
	AtOnce() int
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

// KeyMatches reports whether the second text is the private key of the first
// certificate of the first text. It is false for texts that cannot be read.
func KeyMatches(certificate, privateKey string) bool {
	chain, err := ParseCertificates(certificate)
	if err != nil || len(chain) == 0 {
		return false
	}
	key, err := ParsePrivateKey(privateKey)
	return err == nil && SameKey(key.Public(), chain[0].PublicKey)
}
