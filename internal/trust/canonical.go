package trust

import (
	"encoding/asn1"
	"encoding/binary"
	"slices"
	"strings"
	"unicode/utf16"
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
	return string(sized([]byte(strings.Join(attributes, "")))), true
}

// sized puts a length in front, so that no two lists have one writing.
func sized(text []byte) string {
	return string(binary.BigEndian.AppendUint32(nil, uint32(len(text)))) + string(text) //nolint:gosec // DER is shorter
}

// canonicalValue folds strings, and leaves other values alone.
func canonicalValue(value asn1.RawValue) []byte {
	text, is := stringOf(value)
	if !is {
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

// stringOf reads a string of a directory, of any type (RFC 5280, 4.1.2.4).
func stringOf(value asn1.RawValue) (string, bool) {
	if value.Class != asn1.ClassUniversal {
		return "", false
	}
	const tagUniversalString, tagVisibleString = 28, 26
	switch value.Tag {
	case asn1.TagUTF8String, asn1.TagPrintableString, asn1.TagIA5String, tagVisibleString:
		return string(value.Bytes), true
	case asn1.TagT61String: // as OpenSSL does, for Latin-1
		runes := make([]rune, len(value.Bytes))
		for i, b := range value.Bytes {
			runes[i] = rune(b)
		}
		return string(runes), true
	case asn1.TagBMPString:
		units := make([]uint16, len(value.Bytes)/2)
		for i := range units {
			units[i] = binary.BigEndian.Uint16(value.Bytes[2*i:])
		}
		return string(utf16.Decode(units)), len(value.Bytes)%2 == 0
	case tagUniversalString:
		runes := make([]rune, len(value.Bytes)/4)
		for i := range runes {
			runes[i] = rune(binary.BigEndian.Uint32(value.Bytes[4*i:])) //nolint:gosec // what is out of range is written as a replacement
		}
		return string(runes), len(value.Bytes)%4 == 0
	default:
		return "", false
	}
}
