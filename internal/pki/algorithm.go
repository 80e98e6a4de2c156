package pki

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"fmt"
)

// A KeyAlgorithm names a kind of key pair and its size, as users write it.
type KeyAlgorithm string

// The algorithms that a key can be generated with.
const (
	ECDSAP256 KeyAlgorithm = "ECDSA-P256"
	ECDSAP384 KeyAlgorithm = "ECDSA-P384"
	ECDSAP521 KeyAlgorithm = "ECDSA-P521"
	RSA2048   KeyAlgorithm = "RSA-2048"
	RSA3072   KeyAlgorithm = "RSA-3072"
	RSA4096   KeyAlgorithm = "RSA-4096"
	Ed25519   KeyAlgorithm = "ED25519"
)

// KeyAlgorithms lists every algorithm that [GenerateKey] knows, the default
// first.
func KeyAlgorithms() []KeyAlgorithm {
	return []KeyAlgorithm{ECDSAP256, ECDSAP384, ECDSAP521, RSA2048, RSA3072, RSA4096, Ed25519}
}

// GenerateKey makes a key pair; the zero KeyAlgorithm means [ECDSAP256]. It
// fails for an algorithm that is not one of [KeyAlgorithms].
//
// Randomness is the operating system's: since Go 1.26 key generation ignores
// any other source, and tests replace it with testing/cryptotest.
func GenerateKey(algorithm KeyAlgorithm) (crypto.Signer, error) {
	switch algorithm {
	case ECDSAP256, "":
		return ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case ECDSAP384:
		return ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	case ECDSAP521:
		return ecdsa.GenerateKey(elliptic.P521(), rand.Reader)
	case RSA2048:
		return rsa.GenerateKey(rand.Reader, 2048)
	case RSA3072:
		return rsa.GenerateKey(rand.Reader, 3072)
	case RSA4096:
		return rsa.GenerateKey(rand.Reader, 4096)
	case Ed25519:
		_, key, err := ed25519.GenerateKey(rand.Reader)
		return key, err
	default:
		return nil, fmt.Errorf("unknown key algorithm %q", string(algorithm))
	}
}

// AlgorithmOf names a public key's algorithm and size in the form of
// [KeyAlgorithm], for sizes that are not generated here too ("RSA-1024",
// "ECDSA-P224"); "unknown" for a key of another kind.
func AlgorithmOf(key crypto.PublicKey) KeyAlgorithm {
	switch key := key.(type) {
	case *ecdsa.PublicKey:
		// "P-256" is what the curve calls itself.
		name := key.Curve.Params().Name
		if len(name) > 2 && name[:2] == "P-" {
			name = "P" + name[2:]
		}
		return KeyAlgorithm("ECDSA-" + name)
	case *rsa.PublicKey:
		return KeyAlgorithm(fmt.Sprintf("RSA-%d", key.N.BitLen()))
	case ed25519.PublicKey:
		return Ed25519
	default:
		return "unknown"
	}
}

// CheckKeyStrength returns an error for a public key that is too weak to be
// trusted: RSA below 2048 bits, an elliptic curve below 256, or a kind that TLS
// peers do not take. The bounds are those of 112 bits of security (NIST SP 800-57
// part 1, table 2) for RSA, and of TLS 1.3's curves (RFC 8446, section 4.2.3) for
// the others.
func CheckKeyStrength(key crypto.PublicKey) error {
	switch key := key.(type) {
	case *rsa.PublicKey:
		if bits := key.N.BitLen(); bits < 2048 {
			return fmt.Errorf("its RSA key has %d bits; the minimum is 2048", bits)
		}
	case *ecdsa.PublicKey:
		if bits := key.Curve.Params().BitSize; bits < 256 {
			return fmt.Errorf("its key is on the curve %s; the minimum is P-256", key.Curve.Params().Name)
		}
	case ed25519.PublicKey:
	default:
		return errors.New("its key is neither RSA, ECDSA nor Ed25519")
	}
	return nil
}

// longestRSA is the longest RSA key, in bits, that OpenSSL verifies with. The
// work of one signature grows with the square of the length: with 262144 bits,
// which fit a file of 50 kB, it is more than a second.
const longestRSA = 16384

// checkKeySize returns an error for a public key with which nothing is done.
func checkKeySize(key crypto.PublicKey) error {
	if public, ok := key.(*rsa.PublicKey); ok && public.N.BitLen() > longestRSA {
		return fmt.Errorf("has an RSA key of %d bits; TLS peers accept at most %d", public.N.BitLen(), longestRSA)
	}
	return nil
}
