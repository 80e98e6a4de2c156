package pki

import (
	"bytes"
	"encoding/base64"
	"regexp"
	"strings"
	"unicode"
)

// HoldsPrivateKey reports whether a text has, or may have, a private key in it: as
// PEM, whole or damaged, as DER or its base64, as base64 of PEM, or as a JSON web
// key. It is for those who show a text that cannot be used. It judges by how keys
// begin, so that a key that is cut off counts, and the rest of one does not.
func HoldsPrivateKey(text string) bool { return holdsPrivateKey(text, 2) }

// marksOfKeys are what a text with a private key in it says, in capitals and
// without white space.
func marksOfKeys() []string {
	return []string{"PRIVATEKEY", "PRIVATE%20KEY", "PUTTY-USER-KEY-FILE", `"KTY"`}
}

func holdsPrivateKey(text string, depth int) bool {
	text = strings.NewReplacer(`\n`, "\n", `\r`, "\r", `\t`, "\t").Replace(text)
	plain := strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || r == 0 || r == '\ufeff' || r == unicode.ReplacementChar {
			return -1
		}
		return unicode.ToUpper(r)
	}, text)
	for _, mark := range marksOfKeys() {
		if strings.Contains(plain, mark) {
			return true
		}
	}
	if beginsAsKey([]byte(text)) || anyTokenBeginsAsKey(text, depth) {
		return true
	}
	if depth == 0 {
		return false
	}
	whole, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), ""))
	return err == nil && len(whole) > 0 && holdsPrivateKey(string(whole), depth-1)
}

// anyTokenBeginsAsKey looks at the beginning of every run of base64, and at the
// whole of one that begins as PEM does.
func anyTokenBeginsAsKey(text string, depth int) bool {
	const beginOfPEM = "LS0tLS1CRUdJTi" // -----BEGIN
	const looked = 64                   // characters: the beginning of a key and of its algorithm
	isOther := func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '+' && r != '/' && r != '_'
	}
	for token := range strings.FieldsFuncSeq(text, isOther) {
		if strings.HasPrefix(token, beginOfPEM) && depth > 0 {
			whole, _ := base64.RawStdEncoding.DecodeString(token[:len(token)-len(token)%4])
			if holdsPrivateKey(string(whole), depth-1) {
				return true
			}
		}
		token = strings.ReplaceAll(token[:min(len(token), looked)], "_", "/")
		der, _ := base64.RawStdEncoding.DecodeString(token[:len(token)-len(token)%4])
		if beginsAsKey(der) {
			return true
		}
	}
	return false
}

// The identifiers of password-based encryption (PKCS #5 and #12), in DER.
var (
	oidPKCS5  = []byte{0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05}
	oidPKCS12 = []byte{0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x0c}
)

// beginsAsKey reports whether DER begins as a private key does, or as a file with
// keys in it: a sequence that begins with its version (PKCS #8, PKCS #1, SEC 1,
// PKCS #12), where certificates, requests and lists have another sequence; or one
// that is encrypted with a password.
func beginsAsKey(der []byte) bool {
	if len(der) < 5 || der[0] != 0x30 {
		return false
	}
	head := 2
	if der[1] > 0x80 {
		head += int(der[1] & 0x7f)
	}
	if len(der) < head+3 {
		return false
	}
	begin := der[head:]
	if begin[0] == 0x02 && begin[1] == 1 && begin[2] <= 3 {
		return true
	}
	begin = begin[:min(len(begin), 24)]
	return begin[0] == 0x30 && (bytes.Contains(begin, oidPKCS5) || bytes.Contains(begin, oidPKCS12))
}

// keyBlock is a PEM block of a private key, or of the parameters in front of one.
var keyBlock = regexp.MustCompile(`(?s)-----BEGIN (?:[A-Z0-9 ]*PRIVATE KEY|EC PARAMETERS)-----.*?-----END [A-Z0-9 ]+-----[ \t]*\r?\n?`)

// WithoutPrivateKeys leaves out the PEM blocks of private keys, and keeps the rest
// of a text as it is.
func WithoutPrivateKeys(text string) string {
	return keyBlock.ReplaceAllString(text, "")
}
