package trust

import (
	"encoding/asn1"
	"encoding/binary"
	"slices"
	"strings"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

// canonicalName writes a name, given in DER, so that two names have one writing
// exactly where OpenSSL takes them for the same (X509_NAME_cmp): without regard
// to string types, the case of ASCII letters and white space, as RFC 5280, 7.1,
// has it. What cannot be read is written as it is.
func canonicalName(der []byte) string {
	levels, ok := canonicalLevels(der)
	if !ok {
		return string(der)
	}
	return strings.Join(levels, "")
}

// canonicalLevels is [canonicalName], each level of the name apart, the highest
// first.
func canonicalLevels(der []byte) (levels []string, ok bool) {
	var sets []asn1.RawValue
	if rest, err := asn1.Unmarshal(der, &sets); err != nil || len(rest) > 0 {
		return nil, false
	}
	for _, set := range sets {
		level, ok := canonicalLevel(set.Bytes)
		if !ok {
			return nil, false
		}
		levels = append(levels, level)
	}
	return levels, true
}

func canonicalLevel(der []byte) (string, bool) {
	var attributes []string
	for len(der) > 0 {
		var attribute struct {
			Type  asn1.RawValue
			Value asn1.RawValue
		}
		rest, err := asn1.Unmarshal(der, &attribute)
		if err != nil {
			return "", false
		}
		attributes = append(attributes, sized(attribute.Type.FullBytes)+sized(canonicalValue(attribute.Value)))
		der = rest
	}
	slices.Sort(attributes) // a level is a set
	return sized([]byte(strings.Join(attributes, ""))), true
}

// sized puts a length in front, so that no two lists have one writing.
func sized(text []byte) string {
	return string(binary.BigEndian.AppendUint32(nil, uint32(len(text)))) + string(text) //nolint:gosec // DER is shorter
}

// canonicalValue folds strings, and leaves other values alone.
func canonicalValue(value asn1.RawValue) []byte {
	text, is := pki.DirectoryString(value)
	if !is || value.Tag == asn1.TagNumericString { // which OpenSSL does not fold
		return value.FullBytes
	}
	folded := strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, text)
	words := strings.FieldsFunc(folded, func(r rune) bool { return r == ' ' || '\t' <= r && r <= '\r' })
	return []byte(strings.Join(words, " "))
}
