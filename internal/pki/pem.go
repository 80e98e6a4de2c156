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

// Labels of OpenSSL (pem.h) for certificates: that of old versions, and that of
// its own format, which may have settings of trust behind the certificate.
const (
	labelOldCertificate     = "X509 CERTIFICATE"
	labelTrustedCertificate = "TRUSTED CERTIFICATE"
	labelOldRequest         = "NEW CERTIFICATE REQUEST" // RFC 7468, section 7
)

const beginMark, endMark, hyphens = "-----BEGIN ", "-----END ", "-----"

// byteOrderMark is what some editors begin a file with.
const byteOrderMark = "\ufeff"

// ErrNoPEM is returned, wrapped with what the input looks like instead, when
// the input holds no PEM block at all.
var ErrNoPEM = errors.New("no PEM block")

// A BlockError says which PEM block of an input is unusable, and why.
type BlockError struct {
	Number int    // position in the input, from 1
	Type   string // the block's label, such as "CERTIFICATE"
	Reason string // what is wrong, without the block's content; empty where Err goes on from the block
	Err    error  // the parser's own error, or an [*OtherKeyError]; nil where there is none
}

func (e *BlockError) Error() string {
	text := fmt.Sprintf("PEM block %d (%s) ", e.Number, e.Type)
	switch {
	case e.Err == nil:
		return text + e.Reason
	case e.Reason == "":
		return text + e.Err.Error()
	default:
		return text + e.Reason + ": " + e.Err.Error()
	}
}

// Unwrap returns the parser's own error.
func (e *BlockError) Unwrap() error { return e.Err }

// blocks splits text into its PEM blocks. Explanatory text between blocks is
// allowed (RFC 7468, section 2), and a byte order mark in front of one, as
// OpenSSL does. A block that [pem.Decode] would skip over in silence is an error
// here.
func blocks(text string) ([]*pem.Block, error) {
	var found []*pem.Block
	begin := strings.Index(text, beginMark)
	if begin < 0 {
		return nil, fmt.Errorf("%w: %s", ErrNoPEM, looksLike(text))
	}
	before := text[:begin]
	for begin < len(text) {
		end := len(text)
		if next := strings.Index(text[begin+len(beginMark):], beginMark); next >= 0 {
			end = begin + len(beginMark) + next
		}
		block, err := decodeBlock(before, text[begin:end], len(found)+1)
		if err != nil {
			return nil, err
		}
		found = append(found, block)
		before, begin = text[begin:end], end
	}
	return found, nil
}

// parseBlocks reads each PEM block of text, in its order, with its number from 1,
// as far as the quota goes; nil: without one.
func parseBlocks[T any](text string, quota *quota, read func(number int, block *pem.Block) (*T, error)) ([]*T, error) {
	found, err := blocks(text)
	if err != nil {
		return nil, err
	}
	all := make([]*T, 0, len(found))
	for i, block := range found {
		if quota != nil {
			if err := quota.take(block.Bytes); err != nil {
				return nil, &BlockError{Number: i + 1, Type: shownLabel(block.Type), Reason: err.Error()}
			}
		}
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
// text that precedes it, from the block before it on.
func decodeBlock(before, section string, number int) (*pem.Block, error) {
	fail := func(reason string) error {
		return &BlockError{Number: number, Type: label(section), Reason: reason}
	}
	lead := strings.TrimSuffix(before[strings.LastIndexAny(before, "\r\n")+1:], byteOrderMark)
	if lead != "" {
		return nil, fail(leadReason(lead, section, number))
	}
	if number == 1 && strings.Contains(before, endMark) {
		return nil, fail("follows an END line that has no BEGIN line")
	}
	if line, _, _ := strings.Cut(section, "\n"); strings.Contains(line, `\n`) {
		return nil, fail(`has \n written out instead of line breaks: replace(..., "\\n", "\n")`)
	}
	if !strings.Contains(section, endMark) {
		return nil, fail(cutOffReason(section))
	}
	block, tail := pem.Decode([]byte(section))
	if block == nil {
		block, tail = pem.Decode([]byte(withoutLineEnds(section)))
	}
	if block == nil {
		return nil, fail(damageReason(section))
	}
	if bytes.Contains(tail, []byte(endMark)) {
		return nil, fail("is followed by a second END line")
	}
	return block, nil
}

// label reads the type out of a BEGIN line that may itself be broken.
func label(section string) string {
	line, _, _ := strings.Cut(section, "\n")
	name, _, ok := strings.Cut(strings.TrimPrefix(line, beginMark), hyphens)
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
	words := strings.SplitN(name, " ", mostWords+1)
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

// encode writes one PEM block, with a final newline.
func encode(label string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: label, Bytes: der}))
}

// WhyGoReadsNone says why programs that are written in Go do not find the one
// certificate that OpenSSL and [ParseCertificate] read in text, and what to do; it
// goes on from "since". It is empty if they do, and for a text that is not one
// certificate.
func WhyGoReadsNone(text string) string {
	block, _ := pem.Decode([]byte(text))
	found, err := blocks(text)
	switch {
	case err != nil || len(found) != 1 || block != nil && block.Type == labelCertificate:
		return ""
	case strings.Contains(text, byteOrderMark):
		return `a byte order mark stands in front of it: trimprefix(..., "\ufeff") removes it`
	case found[0].Type != labelCertificate:
		return "its label is " + shownLabel(found[0].Type) + ": write " + labelCertificate + " in its BEGIN and END lines"
	default:
		return `characters that cannot be seen stand at the end of its lines: replace(..., "/[^\\x20-\\x7e\n]/", "") removes them`
	}
}

// SamePEM reports whether two texts hold the same PEM blocks in the same order:
// line endings, white space, text around the blocks and an older label make no
// difference. Texts that are not wholly PEM are the same only if they are equal.
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
		return newLabel(x.Type) == newLabel(y.Type) && bytes.Equal(x.Bytes, y.Bytes)
	})
}

// newLabel is what RFC 7468 calls a block of an older label.
func newLabel(label string) string {
	switch label {
	case labelOldCertificate:
		return labelCertificate
	case labelOldRequest:
		return labelCertificateRequest
	default:
		return label
	}
}
