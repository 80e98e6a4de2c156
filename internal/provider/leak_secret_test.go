package provider

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	pemformat "encoding/pem"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

// A secret is a private key that is looked for.
type secret struct {
	name string
	key  crypto.Signer
	// stays: the contract keeps it in state, as private_key_pem.
	stays bool
}

// numbers are what makes a key private: the scalar, the seed, or the primes and
// the exponent.
func (s secret) numbers(t *testing.T) map[string][]byte {
	t.Helper()
	switch key := s.key.(type) {
	case *ecdsa.PrivateKey:
		scalar, err := key.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		return map[string][]byte{"scalar": scalar}
	case ed25519.PrivateKey:
		return map[string][]byte{"seed": key.Seed()}
	case *rsa.PrivateKey:
		return map[string][]byte{"first prime": key.Primes[0].Bytes(), "second prime": key.Primes[1].Bytes(), "exponent": key.D.Bytes()}
	default:
		t.Fatalf("a key of type %T", key)
		return nil
	}
}

// encodings are the DER forms of a key.
func (s secret) encodings(t *testing.T) map[string][]byte {
	t.Helper()
	pkcs8, err := x509.MarshalPKCS8PrivateKey(s.key)
	if err != nil {
		t.Fatal(err)
	}
	forms := map[string][]byte{"PKCS#8": pkcs8}
	switch key := s.key.(type) {
	case *rsa.PrivateKey:
		forms["PKCS#1"] = x509.MarshalPKCS1PrivateKey(key)
	case *ecdsa.PrivateKey:
		if forms["SEC 1"], err = x509.MarshalECPrivateKey(key); err != nil {
			t.Fatal(err)
		}
	}
	return forms
}

// needleSize is the shortest text that is looked for, in bytes: of the sparsest
// form, decimal digits, it holds 53 bits.
const needleSize = 16

// A needle is a text that gives a secret away.
type needle struct {
	secret *secret
	form   string
	text   []byte
}

// needles are the texts of one secret. Its encodings are found by the numbers
// in them: as bytes and in hex the number is part of the encoding; in base64 the
// characters that the number alone decides are.
func (s *secret) needles(t *testing.T) []needle {
	t.Helper()
	var all []needle
	add := func(form string, text []byte) {
		if len(text) >= needleSize {
			all = append(all, needle{s, form, text})
		}
	}
	for name, number := range s.numbers(t) {
		add(name+", bytes", number)
		add(name+", hex", []byte(hex.EncodeToString(number)))
		add(name+", decimal", []byte(new(big.Int).SetBytes(number).String()))
		add(name+", list of bytes", []byte(strings.Trim(fmt.Sprintf("%d", number), "[]")))
		add(name+", base64", []byte(base64.RawStdEncoding.EncodeToString(number)))
		for form, der := range s.encodings(t) {
			at := bytes.Index(der, number)
			if at < 0 {
				t.Fatalf("%s: its %s is not in its %s", s.name, name, form)
			}
			text := base64.StdEncoding.EncodeToString(der)
			for _, part := range parts((at*8+5)/6, (at+len(number))*8/6) {
				add(name+", base64 of "+form, []byte(text[part[0]:part[1]]))
			}
		}
	}
	return all
}

// parts cuts a range of characters where PEM breaks its lines, since a log may
// have something of its own between two lines.
func parts(from, to int) [][2]int {
	const line = 64
	var all [][2]int
	for from < to {
		end := min(to, (from/line+1)*line)
		all = append(all, [2]int{from, end})
		from = end
	}
	return all
}

// A search looks for all secrets at once: their needles by how they begin.
type search struct {
	needles map[[needleSize]byte][]needle
	// begun has a true for each three bytes that a needle begins with: nearly all
	// of a text is passed over by it.
	begun [1 << 24]bool
}

func begin(text []byte) int { return int(text[0])<<16 | int(text[1])<<8 | int(text[2]) }

func newSearch(t *testing.T, secrets []*secret) *search {
	t.Helper()
	s := &search{needles: map[[needleSize]byte][]needle{}}
	for _, one := range secrets {
		for _, n := range one.needles(t) {
			begins := [needleSize]byte(n.text)
			s.needles[begins] = append(s.needles[begins], n)
			s.begun[begin(n.text)] = true
		}
	}
	return s
}

// A found secret is one that some text gives away.
type found struct {
	secret *secret
	form   string
}

// in lists what a text gives away: as it stands, with the base64 in it joined
// and in one alphabet, with the hex in it joined and in lower case, and in what
// base64 in it encodes, depth times over.
func (s *search) in(text []byte, depth int) []found {
	all := s.scan(text, nil)
	all = s.scan(joinedBase64(text), all)
	all = s.scan(joinedHex(text), all)
	if depth == 0 {
		return all
	}
	for _, run := range base64Runs(text) {
		standard := joinedBase64(run)
		decoded := make([]byte, base64.RawStdEncoding.DecodedLen(len(standard)))
		// A run may be longer than the base64 in it: take what can be decoded.
		n, _ := base64.RawStdEncoding.Decode(decoded, standard)
		for _, one := range s.in(decoded[:n], depth-1) {
			if one.form += ", in base64"; !slices.Contains(all, one) {
				all = append(all, one)
			}
		}
	}
	return all
}

func (s *search) scan(text []byte, all []found) []found {
	for at := 0; at+needleSize <= len(text); at++ {
		if !s.begun[begin(text[at:])] {
			continue
		}
		for _, n := range s.needles[[needleSize]byte(text[at:])] {
			if one := (found{n.secret, n.form}); bytes.HasPrefix(text[at:], n.text) && !slices.Contains(all, one) {
				all = append(all, one)
			}
		}
	}
	return all
}

// base64Runs are the parts of a text that are long enough to encode a key.
func base64Runs(text []byte) [][]byte {
	const shortest = 40
	var runs [][]byte
	begins := 0
	for at := range len(text) + 1 {
		if at < len(text) && isBase64[text[at]] {
			continue
		}
		if at-begins >= shortest {
			runs = append(runs, text[begins:at])
		}
		begins = at + 1
	}
	return runs
}

var isBase64 = func() (is [256]bool) {
	for _, character := range "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_" {
		is[character] = true
	}
	return is
}()

// joined is a text without line breaks, also written out, and white space, each
// other byte changed.
func joined(text []byte, change func(byte) (byte, bool)) []byte {
	all := make([]byte, 0, len(text))
	for at := 0; at < len(text); at++ {
		switch c := text[at]; {
		case c == ' ' || c == '\n' || c == '\r' || c == '\t':
		case c == '\\' && at+1 < len(text) && (text[at+1] == 'n' || text[at+1] == 'r'):
			at++
		default:
			if changed, ok := change(c); ok {
				all = append(all, changed)
			}
		}
	}
	return all
}

func joinedBase64(text []byte) []byte {
	return joined(text, func(c byte) (byte, bool) {
		switch c {
		case '-':
			return '+', true
		case '_':
			return '/', true
		default:
			return c, true
		}
	})
}

func joinedHex(text []byte) []byte {
	return joined(text, func(c byte) (byte, bool) {
		if c >= 'A' && c <= 'F' {
			c += 'a' - 'A'
		}
		return c, c != ':'
	})
}

// TestSearchFindsEveryForm of a key of every algorithm, and nothing in what is
// public: otherwise the search for leaks would prove nothing.
func TestSearchFindsEveryForm(t *testing.T) {
	t.Parallel()
	for _, algorithm := range pki.KeyAlgorithms() {
		t.Run(string(algorithm), func(t *testing.T) {
			t.Parallel()
			key, err := pki.GenerateKey(algorithm)
			if err != nil {
				t.Fatal(err)
			}
			one := &secret{name: "key", key: key}
			sought := newSearch(t, []*secret{one})
			for form, text := range renderings(t, one) {
				if len(sought.in([]byte(text), 2)) == 0 {
					t.Errorf("%s is not found:\n%s", form, text)
				}
			}
			public, err := pki.EncodePublicKey(key.Public())
			if err != nil {
				t.Fatal(err)
			}
			certificate := selfSigned(t, heldKey{pem: keyPEM(t, key)})
			for _, text := range []string{public, certificate, base64.StdEncoding.EncodeToString([]byte(certificate))} {
				if wrong := sought.in([]byte(text), 2); len(wrong) > 0 {
					t.Errorf("%v is found in what is public:\n%s", wrong, text)
				}
			}
		})
	}
}

// renderings are texts in which a key may turn up.
func renderings(t *testing.T, one *secret) map[string]string {
	t.Helper()
	all := map[string]string{}
	for form, der := range one.encodings(t) {
		text := string(pemformat.EncodeToMemory(&pemformat.Block{Type: "PRIVATE KEY", Bytes: der}))
		all[form+", PEM"] = text
		all[form+", PEM in JSON"] = fmt.Sprintf("%q", text)
		all[form+", PEM in base64"] = base64.StdEncoding.EncodeToString([]byte(text))
		all[form+", PEM in base64 twice"] = base64.StdEncoding.EncodeToString([]byte(base64.URLEncoding.EncodeToString([]byte(text))))
		all[form+", PEM in a log"] = "log: " + strings.ReplaceAll(text, "\n", "\nlog: ")
		all[form+", base64"] = base64.StdEncoding.EncodeToString(der)
		all[form+", base64 for URLs"] = "key=" + base64.RawURLEncoding.EncodeToString(der) + "&"
		all[form+", hex"] = hex.EncodeToString(der)
		all[form+", HEX"] = strings.ToUpper(hex.EncodeToString(der))
		all[form+", hex with colons"] = strings.ReplaceAll(fmt.Sprintf("% x", der), " ", ":")
		all[form+", bytes"] = string(der)
		all[form+", list of bytes"] = fmt.Sprintf("%d", der)
	}
	for name, number := range one.numbers(t) {
		all[name+", decimal"] = "d=" + new(big.Int).SetBytes(number).String()
		all[name+", hex"] = fmt.Sprintf("0x%X", number)
		all[name+", base64"] = base64.URLEncoding.EncodeToString(number)
	}
	return all
}
