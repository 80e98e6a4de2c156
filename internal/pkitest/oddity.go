package pkitest

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	"crypto/x509/pkix"
	"encoding/asn1"
	"slices"
	"testing"
)

// Deviations that x509.CreateCertificate does not make.

// Extension adds an extension, or replaces the one that would be made.
func Extension(id asn1.ObjectIdentifier, critical bool, value []byte) Deviation {
	return func(r *recipe) {
		r.template.ExtraExtensions = append(r.template.ExtraExtensions, pkix.Extension{Id: id, Critical: critical, Value: value})
	}
}

// RawSubject replaces the subject's name by one in DER.
func RawSubject(der []byte) Deviation { return func(r *recipe) { r.template.RawSubject = der } }

// DatesWithOffset writes the end of the certificate's life with an offset, which
// RFC 5280, 4.1.2.5.1, forbids. The issuer's key must be ECDSA P-256.
func DatesWithOffset() Deviation {
	return rewriting(func(tb testing.TB, der []byte, signer crypto.Signer) []byte {
		return rewrite(tb, der, signer, func(body *toBeSigned) {
			validity := unmarshal[[]asn1.RawValue](tb, body.Validity.FullBytes)
			text := bytes.TrimSuffix(validity[1].Bytes, []byte("Z"))
			validity[1] = asn1.RawValue{Tag: validity[1].Tag, Bytes: slices.Concat(text, []byte("+0100"))}
			body.Validity = asn1.RawValue{FullBytes: marshal(tb, validity)}
		})
	})
}

// PublicExponent replaces the exponent of the certificate's RSA key, so that the
// private key is another's. The issuer's key must be ECDSA P-256.
func PublicExponent(exponent int) Deviation {
	return rewriting(func(tb testing.TB, der []byte, signer crypto.Signer) []byte {
		return rewrite(tb, der, signer, func(body *toBeSigned) {
			spki := unmarshal[struct {
				Algorithm pkix.AlgorithmIdentifier
				Key       asn1.BitString
			}](tb, body.Key.FullBytes)
			key := unmarshal[rsa.PublicKey](tb, spki.Key.Bytes)
			key.E = exponent
			changed := marshal(tb, key)
			spki.Key = asn1.BitString{Bytes: changed, BitLength: 8 * len(changed)}
			body.Key = asn1.RawValue{FullBytes: marshal(tb, spki)}
		})
	})
}

// SignedAs signs with a hash, or options to sign with, and names an algorithm:
// that of the signature, or one that is none.
func SignedAs(options crypto.SignerOpts, algorithm pkix.AlgorithmIdentifier) Deviation {
	return rewriting(func(tb testing.TB, der []byte, signer crypto.Signer) []byte {
		return rewriteAs(tb, der, signer, options, &algorithm, func(*toBeSigned) {})
	})
}

// KeyAlgorithm renames the algorithm of the certificate's key. The issuer's key
// must be ECDSA P-256.
func KeyAlgorithm(algorithm pkix.AlgorithmIdentifier) Deviation {
	return rewriting(func(tb testing.TB, der []byte, signer crypto.Signer) []byte {
		return rewrite(tb, der, signer, func(body *toBeSigned) {
			spki := unmarshal[struct {
				Algorithm pkix.AlgorithmIdentifier
				Key       asn1.BitString
			}](tb, body.Key.FullBytes)
			spki.Algorithm = algorithm
			body.Key = asn1.RawValue{FullBytes: marshal(tb, spki)}
		})
	})
}

func rewriting(again func(testing.TB, []byte, crypto.Signer) []byte) Deviation {
	return func(r *recipe) { r.rewrites = append(r.rewrites, again) }
}

// lastOfEach keeps the last of the extensions of one kind: a certificate must not
// have two (RFC 5280, 4.2).
func lastOfEach(extensions []pkix.Extension) []pkix.Extension {
	var kept []pkix.Extension
	for _, extension := range extensions {
		kept = slices.DeleteFunc(kept, func(earlier pkix.Extension) bool { return earlier.Id.Equal(extension.Id) })
		kept = append(kept, extension)
	}
	return kept
}
