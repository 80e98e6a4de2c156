package pki

import (
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// WriteName writes a name, given in DER, as RFC 4514 does: the levels in reverse,
// each with all of its attributes, values escaped, and what is not a string of a
// type with a short name in hex. Two names that differ in more than the types of
// their strings are written differently, up to 160 characters; what is longer is
// cut, with "…". The text is printable, and empty for an empty name; what cannot
// be read is "unreadable".
//
// The work is linear in the length of the name.
func WriteName(der []byte) string {
	name, rest, ok := nextElement(der)
	if !ok || len(rest) > 0 {
		return "unreadable"
	}
	var room [8]element
	levels := room[:0]
	for rest := name.content; len(rest) > 0; {
		var level element
		if level, rest, ok = nextElement(rest); !ok {
			return "unreadable"
		}
		levels = append(levels, level)
	}
	var text strings.Builder
	text.Grow(min(len(der), 2*longestName))
	for i := len(levels) - 1; i >= 0 && utf8.RuneCountInString(text.String()) <= longestName; i-- {
		if i < len(levels)-1 {
			text.WriteByte(',')
		}
		writeLevel(&text, levels[i].content)
	}
	return cut(text.String())
}

// An element is one of DER (X.690, 8.1), of a tag below 31.
type element struct {
	class, tag    int
	content, full []byte
}

// nextElement reads the first element, without an allocation; false if there is
// none.
func nextElement(der []byte) (first element, rest []byte, ok bool) {
	if len(der) < 2 || der[0]&0x1f == 0x1f {
		return element{}, nil, false
	}
	length, header := int(der[1]), 2
	if length >= 0x80 {
		count := length & 0x7f
		if count == 0 || count > 4 || len(der) < 2+count {
			return element{}, nil, false
		}
		length = 0
		for _, b := range der[2 : 2+count] {
			length = length<<8 | int(b)
		}
		header += count
	}
	if length < 0 || length > len(der)-header { // negative where an int has 32 bits
		return element{}, nil, false
	}
	return element{int(der[0] >> 6), int(der[0] & 0x1f), der[header : header+length], der[:header+length]}, der[header+length:], true
}

// cut bounds a text in length.
func cut(text string) string {
	count := 0
	for at := range text {
		if count == longestName {
			return text[:at] + "…"
		}
		count++
	}
	return text
}

// writeLevel writes the attributes of one level, until there is more than is
// shown.
func writeLevel(text *strings.Builder, der []byte) {
	for rest, first := der, true; len(rest) > 0 && text.Len() <= 8*longestName; first = false {
		sequence, behind, ok := nextElement(rest)
		oid, value, ok2 := nextElement(sequence.content)
		if !first {
			text.WriteByte('+')
		}
		read, none, ok3 := nextElement(value)
		if !ok || !ok2 || !ok3 || len(none) > 0 || oid.tag != asn1.TagOID {
			text.WriteString("unreadable")
			return
		}
		writeAttribute(text, oid, read)
		rest = behind
	}
}

func writeAttribute(text *strings.Builder, oid, value element) {
	name := shortName(oid.content)
	content, isText := directoryString(value)
	if name != "" && isText {
		text.WriteString(name)
		text.WriteByte('=')
		escapeValue(text, content)
		return
	}
	if name == "" {
		var id asn1.ObjectIdentifier
		_, _ = asn1.Unmarshal(oid.full, &id)
		name = id.String()
	}
	text.WriteString(name + "=#" + hex.EncodeToString(value.full[:min(len(value.full), longestName)]))
}

// shortName is that of RFC 4514, 3, or another that is registered for LDAP and
// common in certificates, by the content of the object identifier; empty for
// none.
func shortName(oid []byte) string {
	for _, known := range [...]struct{ oid, name string }{
		{"\x55\x04\x03", "CN"}, {"\x55\x04\x0a", "O"}, {"\x55\x04\x0b", "OU"}, {"\x55\x04\x06", "C"}, {"\x55\x04\x07", "L"},
		{"\x55\x04\x08", "ST"}, {"\x55\x04\x09", "STREET"},
		{"\x09\x92\x26\x89\x93\xf2\x2c\x64\x01\x19", "DC"},       // 0.9.2342.19200300.100.1.25
		{"\x09\x92\x26\x89\x93\xf2\x2c\x64\x01\x01", "UID"},      // 0.9.2342.19200300.100.1.1
		{"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x01", "emailAddress"}, // 1.2.840.113549.1.9.1
		{"\x55\x04\x04", "SN"}, {"\x55\x04\x05", "serialNumber"}, {"\x55\x04\x0c", "title"}, {"\x55\x04\x11", "postalCode"},
		{"\x55\x04\x2a", "GN"}, {"\x55\x04\x61", "organizationIdentifier"},
	} {
		if string(oid) == known.oid {
			return known.name
		}
	}
	return ""
}

// escapeValue escapes what RFC 4514, 2.4, wants escaped, and what is not
// printable, in hex. It stops behind the length that is shown.
func escapeValue(text *strings.Builder, value string) {
	for at, r := range value {
		if at > 4*longestName {
			return
		}
		_, size := utf8.DecodeRuneInString(value[at:])
		switch last := at+size == len(value); {
		case strings.ContainsRune(`"+,;<>\`, r) || r == '#' && at == 0 || r == ' ' && (at == 0 || last):
			text.WriteByte('\\')
			text.WriteRune(r)
		case r == utf8.RuneError && size == 1 || !unicode.IsPrint(r):
			for _, b := range []byte(value[at : at+size]) {
				fmt.Fprintf(text, `\%02X`, b)
			}
		default:
			text.WriteRune(r)
		}
	}
}

// DirectoryString reads a string of a name, of any of the types that RFC 5280,
// 4.1.2.4, and older certificates have; false for a value of another type.
func DirectoryString(value asn1.RawValue) (string, bool) {
	return directoryString(element{class: value.Class, tag: value.Tag, content: value.Bytes})
}

func directoryString(value element) (string, bool) {
	const tagVisibleString, tagUniversalString = 26, 28
	if value.class != asn1.ClassUniversal {
		return "", false
	}
	switch value.tag {
	case asn1.TagUTF8String, asn1.TagPrintableString, asn1.TagIA5String, asn1.TagNumericString, tagVisibleString:
		return string(value.content), true
	case asn1.TagT61String: // taken for Latin-1, as OpenSSL does
		runes := make([]rune, len(value.content))
		for i, b := range value.content {
			runes[i] = rune(b)
		}
		return string(runes), true
	case asn1.TagBMPString:
		units := make([]uint16, len(value.content)/2)
		for i := range units {
			units[i] = binary.BigEndian.Uint16(value.content[2*i:])
		}
		return string(utf16.Decode(units)), len(value.content)%2 == 0
	case tagUniversalString:
		runes := make([]rune, len(value.content)/4)
		for i := range runes {
			runes[i] = rune(binary.BigEndian.Uint32(value.content[4*i:])) //nolint:gosec // what is out of range becomes a replacement
		}
		return string(runes), len(value.content)%4 == 0
	default:
		return "", false
	}
}

// StringTypes names the types of the strings of a name, given in DER, each once:
// "PrintableString, UTF8String". It tells apart names that [WriteName] writes
// alike.
func StringTypes(der []byte) string {
	var name []asn1.RawValue
	_, _ = asn1.Unmarshal(der, &name)
	var types []string
	for _, level := range name {
		for rest := level.Bytes; len(rest) > 0; {
			var attribute struct {
				Type  asn1.RawValue
				Value asn1.RawValue
			}
			var err error
			if rest, err = asn1.Unmarshal(rest, &attribute); err != nil {
				break
			}
			types = append(types, stringType(attribute.Value.Tag))
		}
	}
	slices.Sort(types)
	return strings.Join(slices.Compact(types), ", ")
}

func stringType(tag int) string {
	names := map[int]string{
		asn1.TagUTF8String: "UTF8String", asn1.TagPrintableString: "PrintableString", asn1.TagIA5String: "IA5String",
		asn1.TagT61String: "T61String", asn1.TagBMPString: "BMPString", 28: "UniversalString", 26: "VisibleString", asn1.TagNumericString: "NumericString",
	}
	if name, ok := names[tag]; ok {
		return name
	}
	return fmt.Sprintf("type %d", tag)
}

// nameInDER is a name that no certificate holds: in the order in which it was
// read, or in that of its fields.
func nameInDER(name pkix.Name) []byte {
	sequence := name.ToRDNSequence()
	if len(name.Names) > 0 {
		sequence = nil
		for _, attribute := range name.Names {
			sequence = append(sequence, pkix.RelativeDistinguishedNameSET{attribute})
		}
	}
	der, err := asn1.Marshal(sequence)
	if err != nil {
		return nil
	}
	return der
}

// EscapeControl escapes control and formatting characters of a text from a
// certificate, so that it moves no cursor and reverses no text where it is shown.
// It cuts nothing; see [Printable].
func EscapeControl(text string) string {
	if !strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return text
	}
	var safe strings.Builder
	for _, r := range text {
		if unicode.IsPrint(r) {
			safe.WriteRune(r)
		} else {
			fmt.Fprintf(&safe, `\u%04x`, r)
		}
	}
	return safe.String()
}
