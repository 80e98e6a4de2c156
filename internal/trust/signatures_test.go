package trust

import (
	"bufio"
	"bytes"
	"crypto/rsa"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/hex"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// A vector is a published signature, and whether it is valid.
type vector struct {
	name       string
	key        *rsa.PublicKey
	parameters pssFields
	message    []byte
	value      []byte
	valid      bool
}

// pssFields are the parameters of RSASSA-PSS (RFC 4055, 3.1) as they are written.
type pssFields struct {
	digest, masking asn1.ObjectIdentifier
	generator       asn1.ObjectIdentifier // MGF1 if nil
	salt            int
	trailer         int // left out if 0
}

func (p pssFields) algorithm(t *testing.T) pkix.AlgorithmIdentifier {
	t.Helper()
	generator := p.generator
	if generator == nil {
		generator = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 8}
	}
	masking, err := asn1.Marshal(pkix.AlgorithmIdentifier{Algorithm: p.masking, Parameters: asn1.NullRawValue})
	if err != nil {
		t.Fatal(err)
	}
	parameters, err := asn1.Marshal(struct {
		Hash    pkix.AlgorithmIdentifier `asn1:"tag:0,explicit"`
		MGF     pkix.AlgorithmIdentifier `asn1:"tag:1,explicit"`
		Salt    int                      `asn1:"tag:2,explicit"`
		Trailer int                      `asn1:"tag:3,explicit,optional"`
	}{
		pkix.AlgorithmIdentifier{Algorithm: p.digest, Parameters: asn1.NullRawValue},
		pkix.AlgorithmIdentifier{Algorithm: generator, Parameters: asn1.RawValue{FullBytes: masking}},
		p.salt, p.trailer,
	})
	if err != nil {
		t.Fatal(err)
	}
	return pkix.AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 10}, Parameters: asn1.RawValue{FullBytes: parameters}}
}

func digestIDs() map[string]asn1.ObjectIdentifier {
	sha2 := func(arc int) asn1.ObjectIdentifier { return asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, arc} }
	return map[string]asn1.ObjectIdentifier{
		"SHA-1": {1, 3, 14, 3, 2, 26}, "SHA-224": sha2(4), "SHA-256": sha2(1), "SHA-384": sha2(2), "SHA-512": sha2(3), "SHA-512/256": sha2(6),
	}
}

// vectors reads those of testdata, which says where they are from.
func vectors(t *testing.T) []vector {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "rsassa-pss.txt"))
	if err != nil {
		t.Fatal(err)
	}
	octets := func(text string) []byte {
		read, err := hex.DecodeString(text)
		if err != nil {
			t.Fatal(err)
		}
		return read
	}
	var list []vector
	var key *rsa.PublicKey
	for lines := bufio.NewScanner(bytes.NewReader(text)); lines.Scan(); {
		line, comment, _ := strings.Cut(lines.Text(), ": ")
		switch fields := strings.Fields(line); {
		case len(fields) == 2 && fields[0] == "key":
			key = &rsa.PublicKey{N: new(big.Int).SetBytes(octets(fields[1])), E: 65537}
		case len(fields) == 7 && fields[0] != "#":
			v := vector{name: strings.Join(fields[1:4], " ") + " " + fields[0] + ": " + comment, key: key, valid: fields[4] == "valid"}
			v.parameters.digest, v.parameters.masking = digestIDs()[fields[1]], digestIDs()[fields[2]]
			if _, err := fmt.Sscan(fields[3], &v.parameters.salt); err != nil {
				t.Fatal(err)
			}
			v.message, v.value = octets(fields[5]), octets(fields[6])
			list = append(list, v)
		}
	}
	if len(list) != 74 {
		t.Fatalf("%d vectors, want 74", len(list))
	}
	return list
}

// want is what a verifier with OpenSSL's security level 2 is said to make of a
// vector: nothing of SHA-1, and what crypto/rsa cannot check is left open.
func (v vector) want() linkState {
	switch {
	case v.parameters.digest.Equal(digestIDs()["SHA-1"]):
		return linkRefused
	case !v.parameters.digest.Equal(v.parameters.masking):
		return linkUnchecked
	case v.valid:
		return linkGood
	default:
		return linkBad
	}
}

// TestPublishedSignatures holds the checker of RSASSA-PSS, which crypto/x509 only
// has for salts as long as the digest, against published signatures.
func TestPublishedSignatures(t *testing.T) {
	got := map[linkState]int{}
	for _, v := range vectors(t) {
		state := signature{v.parameters.algorithm(t), v.message, v.value}.verify(v.key)
		got[state]++
		if state != v.want() {
			t.Errorf("%s: %d, want %d", v.name, state, v.want())
		}
	}
	for _, state := range []linkState{linkGood, linkBad, linkRefused, linkUnchecked} {
		if got[state] == 0 {
			t.Errorf("no vector gives %d: %v", state, got)
		}
	}
}

// TestAlteredSignatures alters each valid one, its message, or what its parameters
// say: none is good any more.
func TestAlteredSignatures(t *testing.T) {
	flipped := func(octets []byte, at int) []byte {
		altered := slices.Clone(octets)
		altered[at] ^= 1
		return altered
	}
	alterations := map[string]func(*vector){
		"first byte":               func(v *vector) { v.value = flipped(v.value, 0) },
		"a byte in the middle":     func(v *vector) { v.value = flipped(v.value, len(v.value)/2) },
		"last byte":                func(v *vector) { v.value = flipped(v.value, len(v.value)-1) },
		"message":                  func(v *vector) { v.message = flipped(v.message, 0) },
		"something behind":         func(v *vector) { v.value = append(slices.Clone(v.value), 0) },
		"something before":         func(v *vector) { v.value = append([]byte{0}, v.value...) },
		"cut":                      func(v *vector) { v.value = v.value[:len(v.value)-1] },
		"nothing":                  func(v *vector) { v.value = nil },
		"modulus added":            func(v *vector) { v.value = new(big.Int).Add(new(big.Int).SetBytes(v.value), v.key.N).Bytes() },
		"one byte more of salt":    func(v *vector) { v.parameters.salt++ },
		"one byte less of salt":    func(v *vector) { v.parameters.salt-- }, // of none: -1, which crypto/rsa takes for that of the digest
		"salt of -1":               func(v *vector) { v.parameters.salt = -1 },
		"salt that has no room":    func(v *vector) { v.parameters.salt = 1 << 20 },
		"no salt":                  func(v *vector) { v.parameters.salt = 0 },
		"another digest for masks": func(v *vector) { v.parameters.masking = another(v.parameters.masking) },
		"another digest":           func(v *vector) { v.parameters.digest = another(v.parameters.digest) },
		"another digest for both": func(v *vector) {
			v.parameters.digest, v.parameters.masking = another(v.parameters.digest), another(v.parameters.digest)
		},
		"another generator of masks":   func(v *vector) { v.parameters.generator = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 3, 2} },
		"another trailer":              func(v *vector) { v.parameters.trailer = 2 },
		"the key of another signature": func(v *vector) { v.key = &rsa.PublicKey{N: new(big.Int).Add(v.key.N, big.NewInt(2)), E: v.key.E} },
	}
	count := 0
	for _, v := range vectors(t) {
		if v.want() != linkGood {
			continue
		}
		for name, alter := range alterations {
			altered := v
			alter(&altered)
			if name == "no salt" && v.parameters.salt == 0 {
				continue // that is what it has
			}
			count++
			if state := (signature{altered.parameters.algorithm(t), altered.message, altered.value}).verify(altered.key); state == linkGood {
				t.Errorf("%s, %s: still good", v.name, name)
			}
		}
	}
	if count < 300 {
		t.Errorf("only %d alterations", count)
	}
}

func another(digest asn1.ObjectIdentifier) asn1.ObjectIdentifier {
	if digest.Equal(digestIDs()["SHA-256"]) {
		return digestIDs()["SHA-384"]
	}
	return digestIDs()["SHA-256"]
}
