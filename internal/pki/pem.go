package pki

import (
	"bytes"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// PEM labels, RFC 7468 sections 5 to 11 and 13, and the two older key forms.
const (
	labelCertificate        = "CERTIFICATE"
	labelCertificateRequest = "CERTIFICATE REQUEST"
	labelRevocationList     = "X509 CRL"
	labelPrivateKey         = "PRIVATE KEY"
	labelEncryptedKey       = "ENCRYPTED PRIVATE KEY"
	labelPublicKey          = "PUBLIC KEY"
	labelPKCS1Key           = "RSA PRIVATE KEY"
	labelSEC1Key            = "EC PRIVATE KEY"
	labelECParameters       = "EC PARAMETERS"
)

const beginMark, endMark = "-----BEGIN ", "-----END "

// ErrNoPEM is returned, wrapped with what the input looks like instead, when
// the input holds no PEM block at all.
var ErrNoPEM = errors.New("no PEM block")

// A BlockError says which PEM block of an input is unusable, and why.
type BlockError struct {
	Number int    // position in the input, from 1
	Type   string // the block's label, such as "CERTIFICATE"
	Reason string // what is wrong, without the block's content
	Err    error  // the parser's own error; nil where there is none
}

func (e *BlockError) Error() string {
	text := fmt.Sprintf("PEM block %d (%s) %s", e.Number, e.Type, e.Reason)
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Unwrap returns the parser's own error.
func (e *BlockError) Unwrap() error { return e.Err }

// blocks splits text into its PEM blocks. Explanatory text between blocks is
// allowed (RFC 7468, section 2). A block that [pem.Decode] would skip over in
// silence is an error here.
func blocks(text string) ([]*pem.Block, error) {
	var found []*pem.Block
	rest := text
	for {
		begin := strings.Index(rest, beginMark)
		if begin < 0 {
			break
		}
		before, section := rest[:begin], rest[begin:]
		end := len(section)
		if next := strings.Index(section[len(beginMark):], beginMark); next >= 0 {
			end = len(beginMark) + next
		}
		block, err := decodeBlock(before, section[:end], len(found)+1)
		if err != nil {
			return nil, err
		}
		found = append(found, block)
		// Keep the last byte, so that the next BEGIN is seen to start a line.
		rest = section[end-1:]
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("%w: %s", ErrNoPEM, looksLike(text))
	}
	return found, nil
}

// parseBlocks reads each PEM block of text, in its order, with its number from 1.
func parseBlocks[T any](text string, read func(number int, block *pem.Block) (*T, error)) ([]*T, error) {
	found, err := blocks(text)
	if err != nil {
		return nil, err
	}
	all := make([]*T, 0, len(found))
	for i, block := range found {
		one, err := read(i+1, block)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
		found[i] = nil // large lists need no copy of themselves any longer
	}
	return all, nil
}

// decodeBlock decodes the one block that section begins with; before is the
// text that precedes it.
func decodeBlock(before, section string, number int) (*pem.Block, error) {
	fail := func(reason string) error {
		return &BlockError{Number: number, Type: label(section), Reason: reason}
	}
	if before != "" && !strings.HasSuffix(before, "\n") && !strings.HasSuffix(before, "\r") {
		return nil, fail("does not begin at the start of a line: " +
			"in a heredoc use the indented form <<-EOT, which strips the indentation")
	}
	if strings.Contains(before, endMark) {
		return nil, fail("follows an END line that has no BEGIN line")
	}
	if line, _, _ := strings.Cut(section, "\n"); strings.Contains(line, `\n`) {
		return nil, fail(`has \n written out instead of line breaks`)
	}
	if !strings.Contains(section, endMark) {
		return nil, fail("is cut off: its END line is missing")
	}
	block, tail := pem.Decode([]byte(section))
	if block == nil {
		return nil, fail("is damaged: the text between BEGIN and END is not base64, or the two lines differ")
	}
	if bytes.Contains(tail, []byte(endMark)) {
		return nil, fail("is followed by a second END line")
	}
	return block, nil
}

// label reads the type out of a BEGIN line that may itself be broken.
func label(section string) string {
	line, _, _ := strings.Cut(section, "\n")
	name, _, ok := strings.Cut(strings.TrimPrefix(line, beginMark), "-----")
	if !ok {
		return "broken BEGIN line"
	}
	return shownLabel(name)
}

// shownLabel is a block's type as far as a message may show it: a few short
// words of capital letters. In a text whose line breaks are lost, what stands
// where a type is meant may be the key itself.
func shownLabel(name string) string {
	const mostWords, longestWord = 5, 12
	words := strings.Split(name, " ")
	for _, word := range words {
		if word == "" || len(word) > longestWord || strings.Trim(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") != "" {
			return "unknown label"
		}
	}
	if len(words) > mostWords {
		return "unknown label"
	}
	return name
}

// looksLike says in words what an input without PEM seems to be. It never
// quotes the input: it may be a secret.
func looksLike(text string) string {
	trimmed := strings.TrimSpace(text)
	switch {
	case trimmed == "":
		return "the value is empty"
	case strings.HasPrefix(text, "\x30\x82") || strings.HasPrefix(text, "\x30\x81"):
		return "the value looks like DER; convert it to PEM first"
	case strings.HasPrefix(trimmed, "MII"):
		return "the value looks like base64 without its BEGIN and END lines"
	case !strings.Contains(trimmed, "\n") && strings.ContainsAny(trimmed, "./~") && len(trimmed) < 256:
		return "the value looks like a file path; read the file with file(...)"
	default:
		return "a PEM block begins with a line such as -----BEGIN CERTIFICATE-----"
	}
}

// encode writes one PEM block, with a final newline.
func encode(label string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: label, Bytes: der}))
}

// SamePEM reports whether two texts hold the same PEM blocks in the same order:
// line endings, white space and text around the blocks make no difference. Texts
// that are not wholly PEM are the same only if they are equal.
func SamePEM(a, b string) bool {
	if a == b {
		return true
	}
	first, err := blocks(a)
	if err != nil {
		return false
	}
	second, err := blocks(b)
	return err == nil && slices.EqualFunc(first, second, func(x, y *pem.Block) bool {
		return x.Type == y.Type && bytes.Equal(x.Bytes, y.Bytes)
	})
}
