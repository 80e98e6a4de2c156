package pki_test

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/pkitest"
)

// TestSubjectOf: a certificate is called by its subject, or by the first of its
// other names that there is.
func TestSubjectOf(t *testing.T) {
	nameless := pkitest.Subject(pkix.Name{})
	for want, deviations := range map[string][]pkitest.Deviation{
		"CN=edge-1":                            nil,
		"CN=edge,OU=Gateway,O=Acme,C=DE":       {pkitest.Subject(pkix.Name{CommonName: "edge", OrganizationalUnit: []string{"Gateway"}, Organization: []string{"Acme"}, Country: []string{"DE"}})},
		`CN=a\,b\+c`:                           {pkitest.Subject(pkix.Name{CommonName: "a,b+c"})},
		"DNS:edge.example":                     {nameless, pkitest.DNS("edge.example", "b.example"), pkitest.URI("spiffe://a/b")},
		"URI:spiffe://a.example/b":             {nameless, pkitest.URI("spiffe://a.example/b"), pkitest.IP("192.0.2.1")},
		"IP:192.0.2.1":                         {nameless, pkitest.IP("192.0.2.1"), pkitest.Email("a@b.example")},
		"email:a@b.example":                    {nameless, pkitest.Email("a@b.example")},
		"serial 2a":                            {nameless, pkitest.Serial(big.NewInt(42))},
		"CN=" + strings.Repeat("x", 157) + "…": {pkitest.Subject(pkix.Name{CommonName: strings.Repeat("x", 10_000)})},
	} {
		t.Run(want, func(t *testing.T) {
			edge := pkitest.Build(t, "edge-1", pkitest.With("edge-1", deviations...)).Certificate("edge-1")
			if got := pki.SubjectOf(edge); got != want {
				t.Errorf("subject %q, want %q", got, want)
			}
			if got, want := pki.Describe(edge), want+" (sha256 "+pki.FingerprintSHA256(edge)[:12]+")"; got != want {
				t.Errorf("description %q, want %q", got, want)
			}
		})
	}
}

// A private key in the wrong argument is not shown by what is said of that, in
// whichever form it is.
func TestPrintableShowsNoKey(t *testing.T) {
	certificate := pkitest.Build(t, "edge <- root").PEM("edge")
	for name, form := range formsOfKeys(t, certificate) {
		if name == "beside a certificate" || strings.HasPrefix(name, "beside a certificate,") {
			continue // of which only the beginning is shown
		}
		if got := pki.Printable(form); strings.Contains(got, "AAAA") || len(form) > 40 && got != "(not shown: a private key)" {
			t.Errorf("%s: shown as %q", name, got)
		}
	}
	if got := pki.Printable(certificate); !strings.HasPrefix(got, "-----BEGIN CERTIFICATE") {
		t.Errorf("a certificate is shown as %q", got)
	}
}

func TestPrintable(t *testing.T) {
	for text, want := range map[string]string{
		"":                       "",
		"Müller & Söhne, 東京":     "Müller & Söhne, 東京",
		"two\nlines\r":           `two\u000alines\u000d`,
		"\x1b[31mred":            `\u001b[31mred`,
		"abc\u202egpj.exe":       `abc\u202egpj.exe`, // right-to-left override
		"a\u200bb\u2066c":        `a\u200bb\u2066c`,  // zero width, isolate
		"nul\x00":                `nul\u0000`,
		"broken \xff UTF-8":      `broken \ufffd UTF-8`,
		"no\u00a0break":          `no\u00a0break`,
		strings.Repeat("é", 160): strings.Repeat("é", 160),
		strings.Repeat("é", 161): strings.Repeat("é", 160) + "…",
	} {
		if got := pki.Printable(text); got != want {
			t.Errorf("Printable(%q) = %q, want %q", text, got, want)
		}
	}
}

// TestNamesAreSafeToShow: whatever a certificate calls itself, its description
// moves no cursor, reverses no text and fills no screen.
func TestNamesAreSafeToShow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		hostile := rapid.StringOf(rapid.OneOf(
			rapid.Rune(),
			rapid.RuneFrom(nil, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Co),
		))
		certificate := &x509.Certificate{
			Subject:      pkix.Name{CommonName: hostile.Draw(t, "common name"), Organization: []string{hostile.Draw(t, "organization")}},
			DNSNames:     []string{hostile.Draw(t, "DNS name")},
			SerialNumber: big.NewInt(1),
		}
		shown := pki.Describe(certificate)
		if at := strings.IndexFunc(shown, func(r rune) bool { return !unicode.IsPrint(r) }); at >= 0 {
			t.Errorf("%q shows %q", shown, shown[at:])
		}
		// Six characters at most for an escaped rune of the basic plane, eight beyond.
		if n := utf8.RuneCountInString(shown); n > 8*160+len("… (sha256 0123456789ab)") {
			t.Errorf("%d characters", n)
		}
	})
}
