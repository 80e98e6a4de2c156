package pki

import (
	"encoding/asn1"
)

// keysMeant is what can be used instead of a key of another kind.
const keysMeant = "RSA, ECDSA on P-256, P-384 or P-521, or Ed25519 is meant"

// An OtherKeyError is about a key that is sound and of a kind that is not taken.
// Its text goes on from what holds the key.
type OtherKeyError struct {
	Kind string // with its article: "an Ed448 key"
	Mend string // what turns it into one that is taken; empty if nothing does
}

func (e *OtherKeyError) Error() string {
	if e.Mend != "" {
		return "holds " + e.Kind + ": " + e.Mend
	}
	return "holds " + e.Kind + "; " + keysMeant
}

// CheckKeyKind returns an [*OtherKeyError] for a SubjectPublicKeyInfo, in DER
// (RFC 5280, section 4.1.2.7), whose key is of a kind that is not taken, however
// strong. What cannot be read is for others to report.
func CheckKeyKind(spki []byte) error {
	outer, _, ok := nextElement(spki)
	if !ok {
		return nil
	}
	algorithm, _, ok := nextElement(outer.content)
	if !ok {
		return nil
	}
	if other := otherKey(algorithm, remakeRequest); other != nil {
		return other
	}
	return nil
}

// How to be rid of a curve that is written out, for a key and for what was made
// of it.
const (
	renameCurve   = "the curve is written out instead of named; openssl ec -param_enc named_curve -in FILE names it"
	remakeRequest = "the curve is written out instead of named; name it in the key with openssl ec -param_enc named_curve -in FILE, and make this again from that"
)

// otherKey judges an AlgorithmIdentifier (RFC 5280, section 4.1.1.2); nil for a
// kind that is taken, or one that cannot be read. explicit says what to do about
// explicit parameters (RFC 3279, section 2.3.5).
func otherKey(algorithm element, explicit string) *OtherKeyError {
	parts := firstElements(algorithm.content, 2)
	if len(parts) == 0 || parts[0].tag != asn1.TagOID || parts[0].class != asn1.ClassUniversal {
		return nil
	}
	kind := oidText(parts[0])
	switch kind {
	case "1.2.840.113549.1.1.1", "1.3.101.112":
		return nil
	case "1.2.840.10045.2.1":
		if len(parts) < 2 {
			return &OtherKeyError{Kind: "an EC key that does not say its curve"}
		}
		return otherCurve(parts[1], explicit)
	}
	if name, known := keyKinds()[kind]; known {
		return &OtherKeyError{Kind: name}
	}
	return &OtherKeyError{Kind: "a key of the kind " + kind}
}

// otherCurve judges the parameters of an EC key (RFC 5480, section 2.1.1). P-224
// is read, and too weak: that is for [CheckKeyStrength] to say.
func otherCurve(parameters element, explicit string) *OtherKeyError {
	if parameters.class == asn1.ClassUniversal && parameters.tag == asn1.TagSequence {
		return &OtherKeyError{Kind: "an EC key with explicit parameters", Mend: explicit}
	}
	if parameters.class != asn1.ClassUniversal || parameters.tag != asn1.TagOID {
		return &OtherKeyError{Kind: "an EC key that does not say its curve"}
	}
	switch oid := oidText(parameters); oid {
	case "1.2.840.10045.3.1.7", "1.3.132.0.33", "1.3.132.0.34", "1.3.132.0.35":
		return nil
	default:
		if name, known := curves()[oid]; known {
			return &OtherKeyError{Kind: "an EC key on the curve " + name}
		}
		return &OtherKeyError{Kind: "an EC key on the curve " + oid}
	}
}

// oidText writes an object identifier with periods, cut to what fits a message.
func oidText(oid element) string {
	const longest = 40
	var id asn1.ObjectIdentifier
	if _, err := asn1.Unmarshal(oid.full, &id); err != nil {
		return "unreadable"
	}
	text := id.String()
	if len(text) > longest {
		text = text[:longest] + "…"
	}
	return text
}

// keyKinds names kinds of keys that are not taken, by the object identifier of
// their algorithm.
func keyKinds() map[string]string {
	return map[string]string{
		"1.2.840.113549.1.1.10":   "an RSASSA-PSS key, an RSA key that is restricted to one kind of signature",
		"1.2.840.113549.1.1.7":    "an RSAES-OAEP key, which cannot sign",
		"1.2.840.10040.4.1":       "a DSA key",
		"1.2.840.113549.1.3.1":    "a Diffie-Hellman key, which cannot sign",
		"1.2.840.10046.2.1":       "a Diffie-Hellman key, which cannot sign",
		"1.3.101.110":             "an X25519 key, which cannot sign",
		"1.3.101.111":             "an X448 key, which cannot sign",
		"1.3.101.113":             "an Ed448 key",
		"1.3.132.1.12":            "an ECDH key, which cannot sign",
		"1.2.156.10197.1.301":     "an SM2 key",
		"1.2.643.2.2.19":          "a GOST R 34.10-2001 key",
		"1.2.643.7.1.1.1.1":       "a GOST R 34.10-2012 key",
		"1.2.643.7.1.1.1.2":       "a GOST R 34.10-2012 key",
		"2.16.840.1.101.3.4.3.17": "an ML-DSA-44 key",
		"2.16.840.1.101.3.4.3.18": "an ML-DSA-65 key",
		"2.16.840.1.101.3.4.3.19": "an ML-DSA-87 key",
		"2.16.840.1.101.3.4.4.1":  "an ML-KEM-512 key, which cannot sign",
		"2.16.840.1.101.3.4.4.2":  "an ML-KEM-768 key, which cannot sign",
		"2.16.840.1.101.3.4.4.3":  "an ML-KEM-1024 key, which cannot sign",
	}
}

// curves names elliptic curves that are not taken, as openssl ecparam
// -list_curves does.
func curves() map[string]string {
	return map[string]string{
		"1.2.840.10045.3.1.1":   "P-192 (prime192v1)",
		"1.3.132.0.10":          "secp256k1",
		"1.3.132.0.8":           "secp160r1",
		"1.3.132.0.32":          "secp224k1",
		"1.3.132.0.31":          "secp192k1",
		"1.3.132.0.26":          "sect233k1",
		"1.3.132.0.27":          "sect233r1",
		"1.3.132.0.16":          "sect283k1",
		"1.3.132.0.17":          "sect283r1",
		"1.3.132.0.36":          "sect409k1",
		"1.3.132.0.37":          "sect409r1",
		"1.3.132.0.38":          "sect571k1",
		"1.3.132.0.39":          "sect571r1",
		"1.3.36.3.3.2.8.1.1.1":  "brainpoolP160r1",
		"1.3.36.3.3.2.8.1.1.3":  "brainpoolP192r1",
		"1.3.36.3.3.2.8.1.1.5":  "brainpoolP224r1",
		"1.3.36.3.3.2.8.1.1.7":  "brainpoolP256r1",
		"1.3.36.3.3.2.8.1.1.8":  "brainpoolP256t1",
		"1.3.36.3.3.2.8.1.1.9":  "brainpoolP320r1",
		"1.3.36.3.3.2.8.1.1.11": "brainpoolP384r1",
		"1.3.36.3.3.2.8.1.1.12": "brainpoolP384t1",
		"1.3.36.3.3.2.8.1.1.13": "brainpoolP512r1",
		"1.3.36.3.3.2.8.1.1.14": "brainpoolP512t1",
		"1.2.156.10197.1.301":   "SM2",
	}
}

// otherKeyIn finds, in what [contentOf] names, a key of another kind; nil if there
// is none. It reads no more of a private key than its algorithm.
func otherKeyIn(der []byte, what content) *OtherKeyError {
	outer, _, ok := nextElement(der)
	if !ok {
		return nil
	}
	parts := firstElements(outer.content, 3)
	switch what {
	case contentDSA:
		return &OtherKeyError{Kind: "a DSA key"}
	case contentPKCS8:
		return otherKey(parts[1], renameCurve)
	case contentSEC1:
		if len(parts) > 2 && parts[2].class == asn1.ClassContextSpecific && parts[2].tag == 0 {
			if parameters, _, ok := nextElement(parts[2].content); ok {
				return otherCurve(parameters, renameCurve)
			}
		}
	case contentPublicKey:
		return otherKey(parts[0], renameCurve)
	case contentCertificate, contentCSR:
		return otherKeyOfSigned(parts[0].content, what)
	default:
	}
	return nil
}

// otherKeyOfSigned finds the SubjectPublicKeyInfo: behind the version, which a
// certificate of version 1 does not have, serial number, algorithm, issuer and
// dates of a certificate, and behind version of and subject of a request.
func otherKeyOfSigned(der []byte, what content) *OtherKeyError {
	parts := firstElements(der, 7)
	at := 2
	if what == contentCertificate {
		at = 5
		if len(parts) > 0 && parts[0].class == asn1.ClassContextSpecific {
			at = 6
		}
	}
	if at >= len(parts) {
		return nil
	}
	algorithm, _, ok := nextElement(parts[at].content)
	if !ok {
		return nil
	}
	return otherKey(algorithm, remakeRequest)
}
