package pki_test

import (
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

// An attribute is one of a level of a name, with the tag of its value.
type attribute struct {
	oid  asn1.ObjectIdentifier
	tag  int
	text string
}

// nameOf makes a name of levels, the highest first.
func nameOf(levels ...[]attribute) []byte {
	var sets []byte
	for _, level := range levels {
		var content []byte
		for _, a := range level {
			oid, _ := asn1.Marshal(a.oid)
			value, _ := asn1.Marshal(asn1.RawValue{Tag: a.tag, Bytes: []byte(a.text)})
			sequence, _ := asn1.Marshal(asn1.RawValue{Tag: asn1.TagSequence, IsCompound: true, Bytes: append(oid, value...)})
			content = append(content, sequence...)
		}
		set, _ := asn1.Marshal(asn1.RawValue{Tag: asn1.TagSet, IsCompound: true, Bytes: content})
		sets = append(sets, set...)
	}
	der, _ := asn1.Marshal(asn1.RawValue{Tag: asn1.TagSequence, IsCompound: true, Bytes: sets})
	return der
}

func level(attributes ...attribute) []attribute { return attributes }

// TestWriteName holds names to RFC 4514, the examples of its section 4 included.
func TestWriteName(t *testing.T) {
	oid := func(arcs ...int) asn1.ObjectIdentifier { return arcs }
	cn, o, ou := oid(2, 5, 4, 3), oid(2, 5, 4, 10), oid(2, 5, 4, 11)
	dc, uid := oid(0, 9, 2342, 19200300, 100, 1, 25), oid(0, 9, 2342, 19200300, 100, 1, 1)
	const utf8, ia5 = asn1.TagUTF8String, asn1.TagIA5String
	for want, name := range map[string][]byte{
		"":                             nameOf(),
		"UID=jsmith,DC=example,DC=net": nameOf(level(attribute{dc, ia5, "net"}), level(attribute{dc, ia5, "example"}), level(attribute{uid, utf8, "jsmith"})),
		"OU=Sales+CN=J.  Smith,DC=example,DC=net": nameOf(level(attribute{dc, ia5, "net"}), level(attribute{dc, ia5, "example"}), level(attribute{ou, utf8, "Sales"}, attribute{cn, utf8, "J.  Smith"})),
		`CN=James \"Jim\" Smith\, III,DC=net`:     nameOf(level(attribute{dc, ia5, "net"}), level(attribute{cn, utf8, `James "Jim" Smith, III`})),
		`CN=Before\0DAfter`:                       nameOf(level(attribute{cn, utf8, "Before\rAfter"})),
		"1.3.6.1.4.1.1466.0=#04024869":            nameOf(level(attribute{oid(1, 3, 6, 1, 4, 1, 1466, 0), asn1.TagOctetString, "Hi"})),
		"CN=Lučić":                                nameOf(level(attribute{cn, utf8, "Lučić"})),
		"CN=edge,OU=B,OU=A,O=Acme":                nameOf(level(attribute{o, utf8, "Acme"}), level(attribute{ou, utf8, "A"}), level(attribute{ou, utf8, "B"}), level(attribute{cn, utf8, "edge"})),
		"emailAddress=a@b.example":                nameOf(level(attribute{oid(1, 2, 840, 113549, 1, 9, 1), ia5, "a@b.example"})),
		`CN=\ a\ `:                                nameOf(level(attribute{cn, utf8, " a "})),
		`CN=\#a\;b\<c\>\\`:                        nameOf(level(attribute{cn, utf8, `#a;b<c>\`})),
		`CN=\1B[31mred`:                           nameOf(level(attribute{cn, utf8, "\x1b[31mred"})),
		`CN=\E2\80\AEx`:                           nameOf(level(attribute{cn, utf8, "\u202ex"})),
		`CN=\FF`:                                  nameOf(level(attribute{cn, utf8, "\xff"})),
		"CN=Müller":                               nameOf(level(attribute{cn, asn1.TagT61String, "M\xfcller"})),
		"CN=ab":                                   nameOf(level(attribute{cn, asn1.TagBMPString, "\x00a\x00b"})),
		"CN=#0201ff":                              nameOf(level(attribute{cn, asn1.TagInteger, "\xff"})),
		"unreadable":                              {0x30, 0x01},
	} {
		if got := pki.WriteName(name); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// TestDistinguishedNameIsWriteName: a name that was never in a certificate is
// written as one that was.
func TestDistinguishedNameIsWriteName(t *testing.T) {
	der := nameOf(level(attribute{asn1.ObjectIdentifier{2, 5, 4, 10}, asn1.TagUTF8String, "Acmé"}), level(attribute{asn1.ObjectIdentifier{2, 5, 4, 3}, asn1.TagPrintableString, "edge"}))
	var sequence pkix.RDNSequence
	if _, err := asn1.Unmarshal(der, &sequence); err != nil {
		t.Fatal(err)
	}
	var name pkix.Name
	name.FillFromRDNSequence(&sequence)
	if got, want := pki.DistinguishedName(name), pki.WriteName(der); got != want || want != "CN=edge,O=Acmé" {
		t.Errorf("%q and %q", got, want)
	}
}

// TestTwoNamesAreWrittenTwoWays: two names that differ in more than the types of
// their strings are not shown as one, and none moves a cursor.
func TestTwoNamesAreWrittenTwoWays(t *testing.T) {
	oids := []asn1.ObjectIdentifier{{2, 5, 4, 3}, {2, 5, 4, 11}, {0, 9, 2342, 19200300, 100, 1, 25}, {1, 2, 3}}
	text := rapid.StringOfN(rapid.RuneFrom([]rune{'a', 'b', ',', '+', '=', '\\', ' ', '#', '"', 0x1b, 0x202e, '0', 'D'}), 0, 4, -1)
	names := rapid.Custom(func(r *rapid.T) [][]attribute {
		return rapid.SliceOfN(rapid.Custom(func(r *rapid.T) []attribute {
			return rapid.SliceOfN(rapid.Custom(func(r *rapid.T) attribute {
				return attribute{rapid.SampledFrom(oids).Draw(r, "type"), asn1.TagUTF8String, text.Draw(r, "value")}
			}), 1, 2).Draw(r, "level")
		}), 0, 3).Draw(r, "name")
	})
	rapid.Check(t, func(r *rapid.T) {
		a, b := nameOf(names.Draw(r, "a")...), nameOf(names.Draw(r, "b")...)
		shownA, shownB := pki.WriteName(a), pki.WriteName(b)
		if string(a) != string(b) && shownA == shownB {
			r.Fatalf("%x and %x are both %q", a, b, shownA)
		}
		if strings.ContainsFunc(shownA, func(c rune) bool { return !unicode.IsPrint(c) }) {
			r.Fatalf("%q", shownA)
		}
	})
}

// TestLongNamesAreCut: thousands of attributes are a line, not seconds and pages.
func TestLongNamesAreCut(t *testing.T) {
	var levels [][]attribute
	for i := range 10_000 {
		levels = append(levels, level(attribute{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 1}, asn1.TagIA5String, fmt.Sprintf("%d@a.example", i)}))
	}
	shown := pki.WriteName(nameOf(levels...))
	if !strings.HasPrefix(shown, "emailAddress=9999@a.example,") || !strings.HasSuffix(shown, "…") || len([]rune(shown)) != 161 {
		t.Errorf("%d characters: %.60s", len([]rune(shown)), shown)
	}
}

func TestEscapeControl(t *testing.T) {
	for text, want := range map[string]string{
		"": "", "a.example": "a.example", "a\n\x1b[31mb": `a\u000a\u001b[31mb`, strings.Repeat("é", 300): strings.Repeat("é", 300),
	} {
		if got := pki.EscapeControl(text); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
