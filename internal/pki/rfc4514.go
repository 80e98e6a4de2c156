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
	var levels []asn1.RawValue
	if rest, err := asn1.Unmarshal(der, &levels); err != nil || len(rest) > 0 {
		return "unreadable"
	}
	var text strings.Builder
	count := 0
	for i, level := range slices.Backward(levels) {
		if i < len(levels)-1 {
			text.WriteString(",")
			count++
		}
		written := writeLevel(level.Bytes, longestName-count)
		text.WriteString(written)
		if count += utf8.RuneCountInString(written); count > longestName {
			break
		}
	}
	return cut(text.String())
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

// writeLevel writes the attributes of one level, up to some length and one more.
func writeLevel(der []byte, most int) string {
	var text strings.Builder
	for len(der) > 0 && text.Len() <= most {
		var attribute struct {
			Type  asn1.ObjectIdentifier
			Value asn1.RawValue
		}
		rest, err := asn1.Unmarshal(der, &attribute)
		if err != nil {
			text.WriteString("unreadable")
			break
		}
		if text.Len() > 0 {
			text.WriteString("+")
		}
		text.WriteString(writeAttribute(attribute.Type.String(), attribute.Value, most))
		der = rest
	}
	return text.String()
}

func writeAttribute(oid string, value asn1.RawValue, most int) string {
	name, ok := shortNames()[oid]
	if !ok {
		name = oid
	}
	content, isText := DirectoryString(value)
	if !ok || !isText {
		return name + "=#" + hex.EncodeToString(value.FullBytes[:min(len(value.FullBytes), most+1)])
	}
	return name + "=" + escapeValue(content, most)
}

// shortNames are those of RFC 4514, 3, and others that are registered for LDAP and
// common in certificates.
func shortNames() map[string]string {
	return map[string]string{
		"2.5.4.3": "CN", "2.5.4.7": "L", "2.5.4.8": "ST", "2.5.4.10": "O", "2.5.4.11": "OU", "2.5.4.6": "C", "2.5.4.9": "STREET",
		"0.9.2342.19200300.100.1.25": "DC", "0.9.2342.19200300.100.1.1": "UID",
		"2.5.4.4": "SN", "2.5.4.5": "serialNumber", "2.5.4.12": "title", "2.5.4.17": "postalCode", "2.5.4.42": "GN", "2.5.4.97": "organizationIdentifier",
		"1.2.840.113549.1.9.1": "emailAddress",
	}
}

// escapeValue escapes what RFC 4514, 2.4, wants escaped, and what is not
// printable, in hex. It stops behind the length that is shown.
func escapeValue(value string, most int) string {
	var safe strings.Builder
	for at, r := range value {
		if at > most {
			safe.WriteString("…")
			break
		}
		_, size := utf8.DecodeRuneInString(value[at:])
		switch last := at+size == len(value); {
		case strings.ContainsRune(`"+,;<>\`, r) || r == '#' && at == 0 || r == ' ' && (at == 0 || last):
			safe.WriteString(`\` + string(r))
		case r == utf8.RuneError && size == 1 || !unicode.IsPrint(r):
			for _, b := range []byte(value[at : at+size]) {
				fmt.Fprintf(&safe, `\%02X`, b)
			}
		default:
			safe.WriteRune(r)
		}
	}
	return safe.String()
}

// DirectoryString reads a string of a name, of any of the types that RFC 5280,
// 4.1.2.4, and older certificates have; false for a value of another type.
func DirectoryString(value asn1.RawValue) (string, bool) {
	const tagVisibleString, tagUniversalString = 26, 28
	if value.Class != asn1.ClassUniversal {
		return "", false
	}
	switch value.Tag {
	case asn1.TagUTF8String, asn1.TagPrintableString, asn1.TagIA5String, asn1.TagNumericString, tagVisibleString:
		return string(value.Bytes), true
	case asn1.TagT61String: // taken for Latin-1, as OpenSSL does
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
			runes[i] = rune(binary.BigEndian.Uint32(value.Bytes[4*i:])) //nolint:gosec // what is out of range becomes a replacement
		}
		return string(runes), len(value.Bytes)%4 == 0
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
