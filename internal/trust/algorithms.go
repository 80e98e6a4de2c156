package trust

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	_ "crypto/sha256" // registers what signatures are made with
	_ "crypto/sha3"
	_ "crypto/sha512"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"math/big"
	"slices"
)

// A scheme is a way to sign, by the object identifier of its algorithm.
type scheme struct {
	oid  string
	name string
	hash crypto.Hash // 0 for RSASSA-PSS, whose parameters say it
	kind keyKind
}

// A keyKind is what makes signatures of a scheme.
type keyKind int

const (
	otherKind keyKind = iota
	rsaKind
	ecdsaKind
)

const (
	oidRSAPSS = "1.2.840.113549.1.1.10"
	oidMGF1   = "1.2.840.113549.1.1.8"
	oidEd448  = "1.3.101.113"
	oidDSA    = "1.2.840.10040.4.1"
)

// schemes lists what OpenSSL verifies and crypto/x509 does not, and others that
// people meet, for their names.
func schemes() []scheme {
	return []scheme{
		{oidRSAPSS, "RSASSA-PSS", 0, rsaKind},
		{"1.2.840.113549.1.1.14", "SHA224-RSA", crypto.SHA224, rsaKind},
		{"1.2.840.113549.1.1.15", "SHA512/224-RSA", crypto.SHA512_224, rsaKind},
		{"1.2.840.113549.1.1.16", "SHA512/256-RSA", crypto.SHA512_256, rsaKind},
		{"2.16.840.1.101.3.4.3.13", "SHA3-224-RSA", crypto.SHA3_224, rsaKind},
		{"2.16.840.1.101.3.4.3.14", "SHA3-256-RSA", crypto.SHA3_256, rsaKind},
		{"2.16.840.1.101.3.4.3.15", "SHA3-384-RSA", crypto.SHA3_384, rsaKind},
		{"2.16.840.1.101.3.4.3.16", "SHA3-512-RSA", crypto.SHA3_512, rsaKind},
		{"1.2.840.10045.4.3.1", "ECDSA-SHA224", crypto.SHA224, ecdsaKind},
		{"2.16.840.1.101.3.4.3.9", "ECDSA-SHA3-224", crypto.SHA3_224, ecdsaKind},
		{"2.16.840.1.101.3.4.3.10", "ECDSA-SHA3-256", crypto.SHA3_256, ecdsaKind},
		{"2.16.840.1.101.3.4.3.11", "ECDSA-SHA3-384", crypto.SHA3_384, ecdsaKind},
		{"2.16.840.1.101.3.4.3.12", "ECDSA-SHA3-512", crypto.SHA3_512, ecdsaKind},
		{oidEd448, "Ed448", 0, otherKind},
		{oidDSA, "DSA", 0, otherKind},
		{"1.3.101.110", "X25519", 0, otherKind},
		{"1.2.156.10197.1.501", "SM2-SM3", 0, otherKind},
		{"1.2.643.7.1.1.3.2", "GOST R 34.10-2012 with 256 bits", 0, otherKind},
		{"1.2.643.7.1.1.3.3", "GOST R 34.10-2012 with 512 bits", 0, otherKind},
		{"1.2.840.113549.1.1.3", "MD4-RSA", 0, otherKind},
		{"1.3.36.3.3.1.2", "RIPEMD160-RSA", 0, otherKind},
		{"2.16.840.1.101.3.4.3.17", "ML-DSA-44", 0, otherKind},
		{"2.16.840.1.101.3.4.3.18", "ML-DSA-65", 0, otherKind},
		{"2.16.840.1.101.3.4.3.19", "ML-DSA-87", 0, otherKind},
	}
}

func schemeOf(oid string) (scheme, bool) {
	all := schemes()
	at := slices.IndexFunc(all, func(s scheme) bool { return s.oid == oid })
	if at < 0 {
		return scheme{}, false
	}
	return all[at], true
}

// signatureAlgorithm reads how a certificate is signed, which crypto/x509 does
// not keep where it does not know the algorithm.
func signatureAlgorithm(certificate *x509.Certificate) pkix.AlgorithmIdentifier {
	return algorithmOf(certificate.Raw)
}

// algorithmOf reads how something signed, in DER, is signed: a certificate or a
// revocation list.
func algorithmOf(der []byte) pkix.AlgorithmIdentifier {
	var outer struct {
		Signed    asn1.RawValue
		Algorithm pkix.AlgorithmIdentifier
		Signature asn1.BitString
	}
	_, _ = asn1.Unmarshal(der, &outer)
	return outer.Algorithm
}

// signatureName names the algorithm that a certificate is signed with, by its
// object identifier where it has no name here.
func signatureName(certificate *x509.Certificate) string {
	if certificate.SignatureAlgorithm != x509.UnknownSignatureAlgorithm {
		return certificate.SignatureAlgorithm.String()
	}
	algorithm := signatureAlgorithm(certificate)
	known, ok := schemeOf(algorithm.Algorithm.String())
	switch {
	case !ok:
		return "the algorithm " + algorithm.Algorithm.String()
	case known.oid == oidRSAPSS:
		pss := pssParameters(algorithm.Parameters)
		if pss.hash == 0 {
			return "RSASSA-PSS with unusual parameters"
		}
		return fmt.Sprintf("RSASSA-PSS, %s with a salt of %d bytes", pss.hash, pss.salt)
	default:
		return known.name
	}
}

// keyName names the kind of a certificate's key that crypto/x509 does not read.
func keyName(certificate *x509.Certificate) string {
	oid := spkiOf(certificate).Algorithm.Algorithm.String()
	if known, ok := schemeOf(oid); ok {
		return known.name
	}
	return oid
}

// subjectPublicKeyInfo is that of RFC 5280, 4.1.
type subjectPublicKeyInfo struct {
	Algorithm pkix.AlgorithmIdentifier
	Key       asn1.BitString
}

func spkiOf(certificate *x509.Certificate) subjectPublicKeyInfo {
	var spki subjectPublicKeyInfo
	_, _ = asn1.Unmarshal(certificate.RawSubjectPublicKeyInfo, &spki)
	return spki
}

// publicKey is a certificate's key, also that of an RSA key for only RSASSA-PSS
// (RFC 4055, 1.2), which crypto/x509 does not read; nil if there is no reading
// it here.
func publicKey(certificate *x509.Certificate) crypto.PublicKey {
	if certificate.PublicKey != nil {
		return certificate.PublicKey
	}
	spki := spkiOf(certificate)
	if spki.Algorithm.Algorithm.String() != oidRSAPSS {
		return nil
	}
	var key struct {
		N *big.Int
		E int
	}
	if _, err := asn1.Unmarshal(spki.Key.RightAlign(), &key); err != nil || key.N.Sign() <= 0 {
		return nil
	}
	return &rsa.PublicKey{N: key.N, E: key.E}
}

// A pss is the parameters of RSASSA-PSS (RFC 4055, 3.1).
type pss struct {
	hash crypto.Hash // 0 for one that is unknown
	salt int
}

// pssParameters reads them; what is left out means SHA-1, 20 bytes and the
// trailer 1, the only one there is. Nobody accepts a salt of less than none, which
// crypto/rsa would take for one of its own words.
func pssParameters(parameters asn1.RawValue) pss {
	var read struct {
		Hash    pkix.AlgorithmIdentifier `asn1:"explicit,tag:0,optional"`
		MGF     pkix.AlgorithmIdentifier `asn1:"explicit,tag:1,optional"`
		Salt    int                      `asn1:"explicit,tag:2,optional,default:20"`
		Trailer int                      `asn1:"explicit,tag:3,optional,default:1"`
	}
	if _, err := asn1.Unmarshal(parameters.FullBytes, &read); err != nil || read.Salt < 0 || read.Trailer != 1 {
		return pss{}
	}
	if read.Hash.Algorithm == nil {
		return pss{crypto.SHA1, read.Salt}
	}
	var masking pkix.AlgorithmIdentifier
	if _, err := asn1.Unmarshal(read.MGF.Parameters.FullBytes, &masking); err != nil || read.MGF.Algorithm.String() != oidMGF1 || !masking.Algorithm.Equal(read.Hash.Algorithm) {
		return pss{0, read.Salt} // crypto/rsa masks with the hash that it signs with
	}
	hashes := map[string]crypto.Hash{
		"1.3.14.3.2.26": crypto.SHA1, "2.16.840.1.101.3.4.2.4": crypto.SHA224, "2.16.840.1.101.3.4.2.1": crypto.SHA256,
		"2.16.840.1.101.3.4.2.2": crypto.SHA384, "2.16.840.1.101.3.4.2.3": crypto.SHA512,
		"2.16.840.1.101.3.4.2.5": crypto.SHA512_224, "2.16.840.1.101.3.4.2.6": crypto.SHA512_256,
	}
	return pss{hashes[read.Hash.Algorithm.String()], read.Salt}
}

// A signature is what an algorithm made of a message.
type signature struct {
	algorithm pkix.AlgorithmIdentifier
	message   []byte
	value     []byte
}

// verifyAnySignature verifies a signature that crypto/x509 does not, with the
// parts of the standard library; linkUnchecked if there are none for it.
func verifyAnySignature(child *x509.Certificate, key crypto.PublicKey) linkState {
	return signature{signatureAlgorithm(child), child.RawTBSCertificate, child.Signature}.verify(key)
}

func (s signature) verify(key crypto.PublicKey) linkState {
	known, ok := schemeOf(s.algorithm.Algorithm.String())
	if !ok {
		return linkUnchecked
	}
	hash, salt := known.hash, 0
	if known.oid == oidRSAPSS {
		parameters := pssParameters(s.algorithm.Parameters)
		hash, salt = parameters.hash, parameters.salt
	}
	if hash == crypto.SHA1 {
		return linkRefused
	}
	if hash == 0 || !hash.Available() {
		return linkUnchecked
	}
	h := hash.New()
	h.Write(s.message)
	digest := h.Sum(nil)
	valid := false
	switch key := key.(type) {
	case *rsa.PublicKey:
		switch {
		case known.oid == oidRSAPSS:
			valid = verifyPSS(key, hash, digest, s.value, salt)
		case known.kind == rsaKind:
			valid = rsa.VerifyPKCS1v15(key, hash, digest, s.value) == nil
		}
	case *ecdsa.PublicKey:
		valid = known.kind == ecdsaKind && ecdsa.VerifyASN1(key, digest, s.value)
	}
	if valid {
		return linkGood
	}
	return linkBad
}

// verifyPSS is rsa.VerifyPSS for a salt of just that many bytes (RFC 8017, 8.1.2).
// crypto/rsa cannot ask for a salt of none: its zero is any length, told from the
// signature. So that is asked of the encoded message (RFC 8017, 9.1.2): its hash
// must be that of eight zeros and the digest, and of no salt behind them.
func verifyPSS(key *rsa.PublicKey, hash crypto.Hash, digest, signed []byte, salt int) bool {
	if rsa.VerifyPSS(key, hash, digest, signed, &rsa.PSSOptions{SaltLength: salt, Hash: hash}) != nil {
		return false
	}
	if salt > 0 {
		return true
	}
	encoded := new(big.Int).Exp(new(big.Int).SetBytes(signed), big.NewInt(int64(key.E)), key.N).Bytes()
	h := hash.New()
	h.Write(make([]byte, 8))
	h.Write(digest)
	return bytes.HasSuffix(encoded, append(h.Sum(nil), 0xbc))
}
