package pki_test

import (
	"crypto/x509"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/pkitest"
)

// TestPEMThatIsRead: how a text is laid out is no matter, as long as every
// block of it is whole.
func TestPEMThatIsRead(t *testing.T) {
	graph := pkitest.Build(t, "edge <- issuing")
	edge, issuing := graph.PEM("edge"), graph.PEM("issuing")

	for name, test := range map[string]struct {
		text string
		want []string
	}{
		"one block":              {edge, []string{"edge"}},
		"several, in order":      {issuing + edge, []string{"issuing", "edge"}},
		"the same twice":         {edge + edge, []string{"edge", "edge"}},
		"CRLF":                   {strings.ReplaceAll(edge+issuing, "\n", "\r\n"), []string{"edge", "issuing"}},
		"no final newline":       {strings.TrimSpace(edge), []string{"edge"}},
		"newlines around":        {"\n\n" + edge + "\n\n" + issuing + "\n\n", []string{"edge", "issuing"}},
		"text around":            {"subject=CN = edge\n" + edge + "and then\n" + issuing + "the end", []string{"edge", "issuing"}},
		"white space at the end": {strings.ReplaceAll(edge, "\n", "  \n"), []string{"edge"}},
		"in one line of base64":  {oneLine(edge), []string{"edge"}},
		"headers":                {withHeader(edge), []string{"edge"}},
	} {
		t.Run(name, func(t *testing.T) {
			certificates, err := pki.ParseCertificates(test.text)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, certificate := range certificates {
				got = append(got, graph.NameOf(certificate))
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("certificates (-want +got):\n%s", diff)
			}
		})
	}
}

// TestPEMThatIsRefused: each fault is reported with the number and the type of its
// block, and with what to do where that is known.
func TestPEMThatIsRefused(t *testing.T) {
	graph := pkitest.Build(t, "edge <- issuing")
	edge, issuing := graph.PEM("edge"), graph.PEM("issuing")
	key := privateKeyPEM(t, graph.Key("edge"))
	begin, end := "-----BEGIN CERTIFICATE-----\n", "-----END CERTIFICATE-----\n"

	for name, test := range map[string]struct{ text, want string }{
		"empty": {
			"", "no PEM block: the value is empty",
		},
		"blank": {
			" \n\t\r\n", "no PEM block: the value is empty",
		},
		"a path": {
			"certs/edge.pem", "no PEM block: the value looks like a file path; read the file with file(...)",
		},
		"DER": {
			string(graph.Certificate("edge").Raw), "no PEM block: the value looks like DER; convert it to PEM first: openssl x509 -inform DER -in FILE",
		},
		"bare base64": {
			strings.TrimPrefix(edge, begin), "no PEM block: the value has an END line and no BEGIN line",
		},
		"prose": {
			"my certificate", "no PEM block: a PEM block begins with a line such as -----BEGIN CERTIFICATE-----",
		},
		"an indented heredoc": {
			"    " + strings.ReplaceAll(edge, "\n", "\n    "),
			"PEM block 1 (CERTIFICATE) does not begin at the start of a line: in a heredoc use the indented form <<-EOT, which strips the indentation",
		},
		"blocks joined without a newline": {
			strings.TrimSpace(edge) + issuing,
			`PEM block 2 (CERTIFICATE) begins on the line where block 1 ends: put a line break between them, join("\n", ...)`,
		},
		`\n written out`: {
			strings.ReplaceAll(edge, "\n", `\n`),
			`PEM block 1 (CERTIFICATE) has \n written out instead of line breaks: replace(..., "\\n", "\n")`,
		},
		`\n written out in the second block`: {
			edge + strings.ReplaceAll(issuing, "\n", `\n`),
			`PEM block 2 (CERTIFICATE) has \n written out instead of line breaks: replace(..., "\\n", "\n")`,
		},
		"cut off": {
			edge[:len(edge)/2], "PEM block 1 (CERTIFICATE) is cut off: its END line is missing",
		},
		"the first of two cut off": {
			edge[:len(edge)/2] + "\n" + issuing, "PEM block 1 (CERTIFICATE) is cut off: its END line is missing",
		},
		"the second of two cut off": {
			edge + issuing[:len(issuing)/2], "PEM block 2 (CERTIFICATE) is cut off: its END line is missing",
		},
		"a character that is not base64": {
			strings.Replace(edge, "MII", "M*I", 1),
			"PEM block 1 (CERTIFICATE) is damaged: the text between BEGIN and END is not base64; asterisks stand in it, as where a secret was masked",
		},
		"a damaged second block": {
			edge + strings.Replace(issuing, "MII", "M*I", 1),
			"PEM block 2 (CERTIFICATE) is damaged: the text between BEGIN and END is not base64; asterisks stand in it, as where a secret was masked",
		},
		"BEGIN and END that differ": {
			strings.Replace(edge, end, "-----END X509 CRL-----\n", 1),
			"PEM block 1 (CERTIFICATE) has a BEGIN line for CERTIFICATE and an END line for X509 CRL: parts of two blocks, or a line that was edited",
		},
		"text behind END": {
			strings.TrimSpace(edge) + " and more\n",
			"PEM block 1 (CERTIFICATE) has other characters behind END on its line: remove them",
		},
		"an END that nothing began": {
			end + edge, "PEM block 1 (CERTIFICATE) follows an END line that has no BEGIN line",
		},
		"an END too many": {
			edge + end + issuing, "PEM block 1 (CERTIFICATE) is followed by a second END line",
		},
		"a broken BEGIN line": {
			"-----BEGIN CERTIFICATE\n" + edge[len(begin):],
			"PEM block 1 (broken BEGIN line) has a BEGIN line that does not end in five hyphens",
		},
		"a BEGIN line of another case in front of END": {
			"-----begin CERTIFICATE-----\n" + edge[len(begin):] + issuing,
			"PEM block 1 (CERTIFICATE) follows an END line that has no BEGIN line",
		},
		"nothing in it": {
			begin + end, "PEM block 1 (CERTIFICATE) has nothing between BEGIN and END",
		},
		"a private key": {
			key, "PEM block 1 (PRIVATE KEY) is not a certificate but a private key",
		},
		"a private key behind the certificate": {
			edge + key, "PEM block 2 (PRIVATE KEY) is not a certificate but a private key",
		},
		"a public key": {
			publicKeyPEM(t, graph.Key("edge").Public()), "PEM block 1 (PUBLIC KEY) is not a certificate but a public key",
		},
		"a request": {
			relabel(edge, "CERTIFICATE REQUEST"), "PEM block 1 (CERTIFICATE REQUEST) is not a certificate but a certificate request, which has not been signed yet",
		},
		"a revocation list": {
			relabel(edge, "X509 CRL"), "PEM block 1 (X509 CRL) is not a certificate but a certificate revocation list",
		},

		"PKCS #7": {
			relabel(edge, "PKCS7"), "PEM block 1 (PKCS7) is not a certificate: unpack it with openssl pkcs7 -print_certs",
		},
		"a label of another trade": {
			relabel(edge, "PGP MESSAGE"), "PEM block 1 (PGP MESSAGE) is not a certificate but something of PGP",
		},
		"a label of one long word": {
			relabel(edge, "ABCDEFGHIJKLM"), "PEM block 1 (unknown label) is not a certificate by its label, but by its content: write CERTIFICATE in its BEGIN and END lines",
		},
		"a label of many words": {
			relabel(edge, "A B C D E F"), "PEM block 1 (unknown label) is not a certificate by its label, but by its content: write CERTIFICATE in its BEGIN and END lines",
		},
		"a label that no tool writes": {
			relabel(edge, "evil\x1b[31m\u202e"), "PEM block 1 (unknown label) is not a certificate by its label, but by its content: write CERTIFICATE in its BEGIN and END lines",
		},
	} {
		t.Run(name, func(t *testing.T) {
			certificates, err := pki.ParseCertificates(test.text)
			if err == nil || err.Error() != test.want {
				t.Errorf("error\n  %v\nwant\n  %s", err, test.want)
			}
			if certificates != nil {
				t.Errorf("%d certificates come with the error", len(certificates))
			}
		})
	}
}

// TestErrorsOfBlocks: callers branch on what is wrong by type.
func TestErrorsOfBlocks(t *testing.T) {
	edge := pkitest.Build(t, "edge").PEM("edge")

	if _, err := pki.ParseCertificates("nothing"); !errors.Is(err, pki.ErrNoPEM) {
		t.Errorf("error %v is not ErrNoPEM", err)
	}
	_, err := pki.ParseCertificates(edge + relabel(edge, "PRIVATE KEY"))
	block, ok := errors.AsType[*pki.BlockError](err)
	if !ok || block.Number != 2 || block.Type != "PRIVATE KEY" {
		t.Errorf("error %#v is not about block 2, a PRIVATE KEY", err)
	}
	_, err = pki.ParseCertificates(pemBlock("CERTIFICATE", []byte("none")))
	if block, ok := errors.AsType[*pki.BlockError](err); !ok || errors.Unwrap(err) == nil || errors.Unwrap(err) != block.Err {
		t.Errorf("error %#v does not wrap the parser's", err)
	}
}

// TestSamePEM: a text that changes by its layout alone is no change.
func TestSamePEM(t *testing.T) {
	graph := pkitest.Build(t, "edge <- issuing")
	edge, issuing := graph.PEM("edge"), graph.PEM("issuing")
	for name, test := range map[string]struct {
		other string
		want  bool
	}{
		"itself":               {edge + issuing, true},
		"CRLF":                 {strings.ReplaceAll(edge+issuing, "\n", "\r\n"), true},
		"newlines":             {"\n" + edge + "\n\n" + strings.TrimSpace(issuing), true},
		"text around":          {"edge\n" + edge + "issuing\n" + issuing, true},
		"other lines":          {oneLine(edge) + issuing, true},
		"another order":        {issuing + edge, false},
		"one less":             {edge, false},
		"one more":             {edge + issuing + issuing, false},
		"another certificate":  {edge + edge, false},
		"another type":         {relabel(edge+issuing, "X509 CRL"), false},
		"cut off":              {edge + issuing[:len(issuing)/2], false},
		"nothing":              {"", false},
		"nothing to read here": {"certificates", false},
	} {
		if got := pki.SamePEM(edge+issuing, test.other); got != test.want {
			t.Errorf("%s: the same is %t, want %t", name, got, test.want)
		}
		if got := pki.SamePEM(test.other, edge+issuing); got != test.want {
			t.Errorf("%s: the same is %t the other way round, want %t", name, got, test.want)
		}
	}
	if !pki.SamePEM("no PEM", "no PEM") || pki.SamePEM("no PEM", "no PEM ") {
		t.Error("texts without PEM are the same exactly when they are equal")
	}
}

// relabel changes the type of a text's blocks.
func relabel(text, label string) string {
	return strings.NewReplacer("BEGIN CERTIFICATE", "BEGIN "+label, "END CERTIFICATE", "END "+label).Replace(text)
}

// oneLine joins a block's lines of base64.
func oneLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	body := strings.Join(lines[1:len(lines)-1], "")
	return lines[0] + "\n" + body + "\n" + lines[len(lines)-1] + "\n"
}

// withHeader adds a header of RFC 1421 to a block.
func withHeader(text string) string {
	begin, rest, _ := strings.Cut(text, "\n")
	return begin + "\nComment: taken from elsewhere\n\n" + rest
}

// What Go does not find in a text, and OpenSSL does, is said with its remedy.
func TestWhyGoReadsNone(t *testing.T) {
	certificate := pkitest.Build(t, "edge <- root").PEM("edge")
	for name, row := range map[string]struct{ text, want string }{
		"as written":       {certificate, ""},
		"CRLF":             {strings.ReplaceAll(certificate, "\n", "\r\n"), ""},
		"text before":      {"edge of Acme\n" + certificate, ""},
		"two of them":      {"\ufeff" + certificate + certificate, ""},
		"none":             {"garbage", ""},
		"byte order mark":  {"\ufeff" + certificate, `a byte order mark stands in front of it: trimprefix(..., "\ufeff") removes it`},
		"old label":        {strings.ReplaceAll(certificate, "CERTIFICATE", "X509 CERTIFICATE"), "its label is X509 CERTIFICATE: write CERTIFICATE in its BEGIN and END lines"},
		"invisible behind": {strings.ReplaceAll(certificate, "\n", "\u200b\n"), `characters that cannot be seen stand at the end of its lines: replace(..., "/[^\\x20-\\x7e\n]/", "") removes them`},
	} {
		t.Run(name, func(t *testing.T) {
			if got := pki.WhyGoReadsNone(row.text); got != row.want {
				t.Errorf("got %q, want %q", got, row.want)
			}
			if pool := x509.NewCertPool(); row.text != "garbage" && pool.AppendCertsFromPEM([]byte(row.text)) == (row.want != "") {
				t.Error("Go says otherwise")
			}
			if _, err := pki.ParseCertificate(row.text); (row.want != "") && err != nil {
				t.Errorf("not read here either: %v", err)
			}
		})
	}
}
