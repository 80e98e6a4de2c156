package pkitest

import (
	"crypto"
	"crypto/rand"
	_ "crypto/sha3" // registers what rewriteAs may be asked for
	_ "crypto/sha512"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"slices"
	"testing"
)

// signed is Certificate of RFC 5280, 4.1.
type signed struct {
	ToBeSigned asn1.RawValue
	Algorithm  pkix.AlgorithmIdentifier
	Signature  asn1.BitString
}

// toBeSigned is TBSCertificate of RFC 5280, 4.1, as far as version 1 goes.
type toBeSigned struct {
	Version   int `asn1:"optional,explicit,default:0,tag:0"`
	Serial    *big.Int
	Algorithm pkix.AlgorithmIdentifier
	Issuer    asn1.RawValue
	Validity  asn1.RawValue
	Subject   asn1.RawValue
	Key       asn1.RawValue
	Rest      []asn1.RawValue `asn1:"optional,omitempty,explicit,tag:3"`
}

// asVersion1 rewrites a certificate to X.509 version 1, which has no
// extensions, and signs it again with signer, an ECDSA key.
func asVersion1(tb testing.TB, der []byte, signer crypto.Signer) []byte {
	tb.Helper()
	return rewrite(tb, der, signer, func(body *toBeSigned) { body.Version, body.Rest = 0, nil })
}

// withoutKeyID takes the subject key identifier (RFC 5280, 4.2.1.2) out of a
// certificate, and signs it again with signer, an ECDSA key.
func withoutKeyID(tb testing.TB, der []byte, signer crypto.Signer) []byte {
	tb.Helper()
	return rewrite(tb, der, signer, func(body *toBeSigned) {
		body.Rest = slices.DeleteFunc(body.Rest, func(raw asn1.RawValue) bool {
			return unmarshal[pkix.Extension](tb, raw.FullBytes).Id.Equal(asn1.ObjectIdentifier{2, 5, 29, 14})
		})
	})
}

// rewrite changes what a certificate says, and signs it again with SHA-256.
func rewrite(tb testing.TB, der []byte, signer crypto.Signer, change func(*toBeSigned)) []byte {
	tb.Helper()
	return rewriteAs(tb, der, signer, crypto.SHA256, nil, change)
}

// rewriteAs is rewrite with another hash, or options to sign with, and an
// algorithm that is said to be that of the signature; nil for the one that was.
func rewriteAs(tb testing.TB, der []byte, signer crypto.Signer, options crypto.SignerOpts, algorithm *pkix.AlgorithmIdentifier, change func(*toBeSigned)) []byte {
	tb.Helper()
	outer := unmarshal[signed](tb, der)
	inner := unmarshal[toBeSigned](tb, outer.ToBeSigned.FullBytes)
	if algorithm != nil {
		outer.Algorithm, inner.Algorithm = *algorithm, *algorithm
	}
	change(&inner)
	body := marshal(tb, inner)
	hash := options.HashFunc().New()
	hash.Write(body)
	signature, err := signer.Sign(rand.Reader, hash.Sum(nil), options)
	if err != nil {
		tb.Fatalf("pkitest: %v", err)
	}
	outer.ToBeSigned = asn1.RawValue{FullBytes: body}
	outer.Signature = asn1.BitString{Bytes: signature, BitLength: 8 * len(signature)}
	return marshal(tb, outer)
}

// withBrokenSignature flips one bit in the middle of the signature.
func withBrokenSignature(tb testing.TB, der []byte) []byte {
	tb.Helper()
	outer := unmarshal[signed](tb, der)
	outer.Signature.Bytes[len(outer.Signature.Bytes)/2] ^= 1
	return marshal(tb, outer)
}

func unmarshal[T any](tb testing.TB, der []byte) T {
	tb.Helper()
	var value T
	if rest, err := asn1.Unmarshal(der, &value); err != nil || len(rest) > 0 {
		tb.Fatalf("pkitest: %d bytes left, error %v", len(rest), err)
	}
	return value
}

func marshal(tb testing.TB, value any) []byte {
	tb.Helper()
	der, err := asn1.Marshal(value)
	if err != nil {
		tb.Fatalf("pkitest: %v", err)
	}
	return der
}
