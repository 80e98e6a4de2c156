package signer

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"encoding/asn1"
	"encoding/base64"
	"fmt"
	"math/big"
	"strings"
	"unicode"
)

// A scheme is how a signature is made of a digest.
type scheme struct {
	name string // as programs are given it
	hash crypto.Hash
}

// schemeOf is the scheme for a key and what is asked of it.
func schemeOf(public crypto.PublicKey, opts crypto.SignerOpts) (scheme, error) {
	hash := opts.HashFunc()
	if _, padded := opts.(*rsa.PSSOptions); padded {
		return scheme{}, fmt.Errorf("a program is not asked for RSASSA-PSS")
	}
	names := map[crypto.Hash]string{crypto.SHA256: "SHA256", crypto.SHA384: "SHA384", crypto.SHA512: "SHA512"}
	name, known := names[hash]
	switch public.(type) {
	case *ecdsa.PublicKey:
		if known {
			return scheme{"ECDSA_" + name, hash}, nil
		}
	case *rsa.PublicKey:
		if known {
			return scheme{"RSA_PKCS1_" + name, hash}, nil
		}
	case ed25519.PublicKey:
		if hash == 0 {
			return scheme{"ED25519", 0}, nil
		}
	}
	return scheme{}, fmt.Errorf("a program is not asked for signatures of a %T with %v", public, hash)
}

// hashName is the hash as programs are given it; empty for none.
func (s scheme) hashName() string {
	_, name, _ := strings.Cut(s.name, "_SHA")
	if name == "" {
		return ""
	}
	return "SHA" + name
}

// read finds the signature of digest in what a program wrote: in DER for ECDSA, as
// crypto.Signer gives it. Where there is none, it says why, without a word of the
// output: what a program writes by mistake may be its key.
func (s scheme) read(public crypto.PublicKey, digest, output []byte) (signature []byte, fault string) {
	if len(output) == 0 {
		return nil, "wrote no signature to standard output"
	}
	shaped := [][]byte{}
	for _, text := range unwrapped(output) {
		for _, one := range s.forms(public, text) {
			if s.verify(public, digest, one) {
				return one, ""
			}
			shaped = append(shaped, one)
		}
	}
	for _, one := range shaped {
		if mistake := s.mistake(public, digest, one); mistake != "" {
			return nil, mistake
		}
	}
	if len(shaped) > 0 {
		return nil, "wrote a signature that does not verify: it is of another key than the one that is configured, or of something other than its standard input"
	}
	return nil, fmt.Sprintf("wrote %d bytes to standard output that are not %s, neither as bytes nor as base64", len(output), s.wanted(public))
}

// unwrapped is output as bytes, without a line's end, and as base64.
func unwrapped(output []byte) [][]byte {
	all := [][]byte{output}
	text := string(output)
	// Its own last byte may be that of a line's end, so each end is tried.
	for _, end := range []string{"\n", "\r\n"} {
		if trimmed, is := strings.CutSuffix(text, end); is {
			all = append(all, []byte(trimmed))
		}
	}
	dense := strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, text)
	dense = strings.TrimRight(dense, "=")
	for _, encoding := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		if decoded, err := encoding.DecodeString(dense); err == nil && len(decoded) > 0 {
			all = append(all, decoded)
		}
	}
	return all
}

// forms are what data may be as a signature, in the form of crypto.Signer.
func (s scheme) forms(public crypto.PublicKey, data []byte) [][]byte {
	switch public := public.(type) {
	case *ecdsa.PublicKey:
		var all [][]byte
		var values struct{ R, S *big.Int }
		if rest, err := asn1.Unmarshal(data, &values); err == nil && len(rest) == 0 {
			all = append(all, data)
		}
		if size := (public.Params().N.BitLen() + 7) / 8; len(data) == 2*size {
			values.R, values.S = new(big.Int).SetBytes(data[:size]), new(big.Int).SetBytes(data[size:])
			if der, err := asn1.Marshal(values); err == nil {
				all = append(all, der)
			}
		}
		return all
	case *rsa.PublicKey:
		if len(data) == public.Size() {
			return [][]byte{data}
		}
	case ed25519.PublicKey:
		if len(data) == ed25519.SignatureSize {
			return [][]byte{data}
		}
	}
	return nil
}

// wanted describes a signature for people.
func (s scheme) wanted(public crypto.PublicKey) string {
	switch public := public.(type) {
	case *ecdsa.PublicKey:
		return fmt.Sprintf("an ECDSA signature in DER or of %d bytes (r and s)", 2*((public.Params().N.BitLen()+7)/8))
	case *rsa.PublicKey:
		return fmt.Sprintf("an RSA signature of %d bytes", public.Size())
	default:
		return fmt.Sprintf("an Ed25519 signature of %d bytes", ed25519.SignatureSize)
	}
}

func (s scheme) verify(public crypto.PublicKey, digest, signature []byte) bool {
	switch public := public.(type) {
	case *ecdsa.PublicKey:
		return ecdsa.VerifyASN1(public, digest, signature)
	case *rsa.PublicKey:
		return rsa.VerifyPKCS1v15(public, s.hash, digest, signature) == nil
	case ed25519.PublicKey:
		return ed25519.Verify(public, digest, signature)
	default:
		return false
	}
}

// mistake recognises signatures that the right key made in a wrong way; empty for
// none of them.
func (s scheme) mistake(public crypto.PublicKey, digest, signature []byte) string {
	if s.hash != 0 {
		again := s.hash.New()
		again.Write(digest)
		if s.verify(public, again.Sum(nil), signature) {
			return "hashed its standard input, which is the digest already: have it sign the digest as it is"
		}
	}
	key, isRSA := public.(*rsa.PublicKey)
	switch {
	case !isRSA:
		return ""
	case rsa.VerifyPKCS1v15(key, 0, digest, signature) == nil:
		return "signed the digest without its DigestInfo (RFC 8017, section 9.2): put the prefix for " + s.hashName() + " in front of it"
	case rsa.VerifyPSS(key, s.hash, digest, signature, nil) == nil:
		return "signed with RSASSA-PSS: have it sign with PKCS #1 v1.5"
	default:
		return ""
	}
}
