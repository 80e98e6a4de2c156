package pki_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/pkitest"
)

// An aid is a text in which somebody has a certificate.
type aid struct {
	name, text string
	want       string // the error; empty where the certificate is read
	openssl    bool   // whether openssl x509 reads it
}

// TestFirstAid: what OpenSSL reads is read, if nothing must be guessed; what it
// refuses is refused with the true reason and the function that mends it. Both
// columns are asked of the programs.
func TestFirstAid(t *testing.T) {
	graph := pkitest.Build(t, "edge <- issuing")
	edge, issuing := graph.PEM("edge"), graph.PEM("issuing")
	for _, row := range aids(t, graph) {
		t.Run(row.name, func(t *testing.T) {
			certificates, err := pki.ParseCertificates(row.text)
			told := ""
			if err != nil {
				told = err.Error()
			}
			if told != row.want {
				t.Errorf("error\n  %s\nwant\n  %s", told, row.want)
			}
			if reads := opensslReads(t, "x509", row.text); reads != row.openssl {
				t.Errorf("openssl reads it is %t, want %t", reads, row.openssl)
			}
			if err == nil {
				if written := pki.EncodeCertificates(certificates...); written != edge && written != edge+issuing {
					t.Errorf("read as\n%s", written)
				}
			}
		})
	}
}

func aids(t *testing.T, graph *pkitest.Graph) []aid {
	t.Helper()
	edge, issuing := graph.PEM("edge"), graph.PEM("issuing")
	begin, end := "-----BEGIN CERTIFICATE-----\n", "-----END CERTIFICATE-----\n"
	der := graph.Certificate("edge").Raw
	body := base64.StdEncoding.EncodeToString(der)
	whole := begin + body + "\n" + end
	joined := strings.TrimSpace(edge)
	block := func(reason string) string { return "PEM block 1 (CERTIFICATE) " + reason }
	none := func(reason string) string { return "no PEM block: the value " + reason }
	return []aid{
		// Read.
		{"a byte order mark", "\ufeff" + edge, "", true},
		{"two files with byte order marks", "\ufeff" + edge + "\ufeff" + issuing, "", true},
		{"a byte order mark in front of the second", edge + "\ufeff" + issuing, "", true},
		{"the label of old versions of OpenSSL", relabel(edge, "X509 CERTIFICATE"), "", true},
		{"OpenSSL's own label", relabel(edge, "TRUSTED CERTIFICATE"), "", true},
		{"OpenSSL's own label, with a name", openssl(t, edge, "x509", "-trustout", "-setalias", "edge of ours"), "", true},
		{"no-break spaces at the ends of lines", strings.ReplaceAll(edge, "\n", "\u00a0\n"), "", true},
		{"carriage returns twice", strings.ReplaceAll(edge, "\n", "\r\r\n"), "", true},
		{"a zero byte at the end", edge + "\x00", "", true},
		{"the end of a file of DOS", joined + "\x1a", "", true},
		{"what openssl s_client writes", "CONNECTED(00000003)\n---\nCertificate chain\n 0 s:CN = edge\n" + edge + "---\nServer certificate\n", "", true},
		// Joined and broken lines.
		{"blocks joined", joined + issuing, `PEM block 2 (CERTIFICATE) begins on the line where block 1 ends: put a line break between them, join("\n", ...)`, false},
		{"blocks joined with a comma", joined + "," + issuing, block(`has other characters behind END on its line: remove them`), false},
		{"line breaks written out", strings.ReplaceAll(edge, "\n", `\n`), block(`has \n written out instead of line breaks: replace(..., "\\n", "\n")`), false},
		{"spaces for line breaks", strings.ReplaceAll(joined, "\n", " "), block(`has lost its line breaks; spaces stand in their place: replace(replace(..., "/\\s+/", "\n"), "/\\b(BEGIN|END)\n/", "$1 ")`), false},
		{"tabs for line breaks", strings.ReplaceAll(joined, "\n", "\t"), block(`has lost its line breaks; spaces stand in their place: replace(replace(..., "/\\s+/", "\n"), "/\\b(BEGIN|END)\n/", "$1 ")`), false},
		{"nothing for line breaks", strings.ReplaceAll(edge, "\n", ""), block(`has lost its line breaks: put a line break behind its BEGIN line and one in front of its END line, replace(replace(..., "BEGIN CERTIFICATE-----", "BEGIN CERTIFICATE-----\n"), "-----END", "\n-----END")`), false},
		{"carriage returns for line breaks", strings.ReplaceAll(edge, "\n", "\r"), block(`has carriage returns instead of line breaks: replace(..., "\r", "\n")`), false},
		{"URL-encoded", strings.ReplaceAll(joined, "\n", "%0A"), block("is URL-encoded, with %0A instead of line breaks: decode it first"), false},
		{"URL-encoded, whole", strings.NewReplacer("\n", "%0A", " ", "%20", "+", "%2B", "/", "%2F", "=", "%3D").Replace(joined), none("is URL-encoded: decode it first"), false},
		{"XML", strings.ReplaceAll(joined, "\n", "&#10;"), block("has line breaks written as in XML or HTML: decode it first"), false},
		{"BEGIN joined to its base64", strings.Replace(edge, begin, joined[:27], 1), block("has no line break behind its BEGIN line: put one there"), false},
		{"END joined to its base64", strings.Replace(edge, "\n"+end, end, 1), block("has no line break in front of its END line: put one there"), false},
		// Other characters.
		{"quoted", `"` + joined + `"`, block(`is in quotation marks: other characters stand in front of BEGIN on its line; trim(..., "\"'") removes quotation marks`), false},
		{"quoted singly", "'" + joined + "'\n", block(`is in quotation marks: other characters stand in front of BEGIN on its line; trim(..., "\"'") removes quotation marks`), false},
		{"a string of JSON", `"` + strings.ReplaceAll(edge, "\n", `\n`) + `"`, block("is still in JSON: other characters stand in front of BEGIN on its line; jsondecode(...) takes it out"), false},
		{"an object of JSON", `{"cert": "` + strings.ReplaceAll(edge, "\n", `\n`) + `"}`, block("is still in JSON: other characters stand in front of BEGIN on its line; jsondecode(...) takes it out"), false},
		{"YAML", "cert: " + edge, block("does not begin at the start of a line: other characters stand in front of BEGIN on its line, as in YAML or an environment file; take the value out first, for YAML with yamldecode(...)"), false},
		{"a block of YAML", "cert: |\n  " + strings.ReplaceAll(joined, "\n", "\n  ") + "\n", block("does not begin at the start of a line: in a heredoc use the indented form <<-EOT, which strips the indentation"), false},
		{"an environment file", "CERT=" + edge, block("does not begin at the start of a line: other characters stand in front of BEGIN on its line, as in YAML or an environment file; take the value out first, for YAML with yamldecode(...)"), false},
		{"quoted in an e-mail", "> " + strings.ReplaceAll(joined, "\n", "\n> "), block("does not begin at the start of a line: other characters stand in front of BEGIN on its line; remove them"), false},
		{"a character that cannot be seen", "\u200b" + edge, block(`does not begin at the start of a line: characters that cannot be seen stand in front of BEGIN on its line; replace(..., "/[^\\x00-\\x7f]/", "") removes them`), false},
		{"indented", "    " + strings.ReplaceAll(joined, "\n", "\n    "), block("does not begin at the start of a line: in a heredoc use the indented form <<-EOT, which strips the indentation"), false},
		{"indented by nginx", strings.ReplaceAll(joined, "\n", "\n\t"), block(`has an indented END line: replace(..., "/(?m)^[ \\t]+/", "")`), false},
		{"text behind END", joined + " and more\n", block("has other characters behind END on its line: remove them"), false},
		// BEGIN and END.
		{"a BEGIN line too many", begin + edge, block("is cut off: its END line is missing"), false},
		{"no END line", begin + body, block("is cut off: its END line is missing"), false},
		{"no BEGIN line", body + "\n" + end, none("has an END line and no BEGIN line"), false},
		{"small letters", strings.NewReplacer("BEGIN CERTIFICATE", "begin certificate", "END CERTIFICATE", "end certificate").Replace(edge), none("has a BEGIN line that is not in capital letters"), false},
		{"four hyphens", strings.ReplaceAll(edge, "-----", "----"), none("has a BEGIN line without just five hyphens in front of BEGIN"), false},
		{"six hyphens", strings.ReplaceAll(edge, "-----", "------"), block("has a BEGIN line with more than five hyphens on a side"), false},
		{"dashes of a word processor", strings.ReplaceAll(edge, "-----", "—–"), none("has dashes instead of hyphens around BEGIN, as word processors and chat programs write them"), false},
		{"no hyphens", strings.ReplaceAll(edge, "-----", ""), none("has a BEGIN line without hyphens; five are meant on each side"), false},
		{"an END line of four hyphens", strings.Replace(edge, "-----END", "----END", 1), block("has an END line without five hyphens and a space around END"), false},
		{"another label in END", strings.Replace(edge, "END CERTIFICATE", "END X509 CRL", 1), block("has a BEGIN line for CERTIFICATE and an END line for X509 CRL: parts of two blocks, or a line that was edited"), false},
		// Within.
		{"base64 for URLs", forURLs(whole), block("is damaged: the text between BEGIN and END is not base64 but its form for URLs, with - and _ instead of + and /"), false},
		{"shortened", begin + body[:64] + "\n...\n" + body[128:] + "\n" + end, block("is damaged: the text between BEGIN and END is not base64; dots stand in it, as where a text was shortened"), false},
		{"a comment", begin + "# edge\n" + body + "\n" + end, block("is damaged: the text between BEGIN and END is not base64; a comment stands in it"), false},
		{"a character lost", begin + body[1:] + "\n" + end, block("is damaged: the text between BEGIN and END is not base64 of a whole number of bytes: characters are missing, or too many"), false},
		{"lines lost", pemBlock("CERTIFICATE", der[:96]), block("is cut off: 96 of its " + strconv.Itoa(len(der)) + " bytes are there: x509: malformed certificate"), false},
		{"bytes behind it", pemBlock("CERTIFICATE", append(bytes.Clone(der), 0x30, 0)), block("has 2 bytes behind a certificate, which would be lost: openssl writes it without them: x509: trailing data"), true},
		{"two in one block", pemBlock("CERTIFICATE", append(bytes.Clone(der), graph.Certificate("issuing").Raw...)), block("holds more than one of what its label says: write a certificate with BEGIN and END lines of its own for each"), true},
		{"settings of trust", openssl(t, edge, "x509", "-trustout", "-addreject", "clientAuth"), "PEM block 1 (TRUSTED CERTIFICATE) has settings of trust that only OpenSSL reads, and that would be lost: openssl x509 -in FILE writes the certificate without them", true},
		{"another label", relabel(edge, "X.509 CERTIFICATE"), "PEM block 1 (unknown label) is not a certificate by its label, but by its content: write CERTIFICATE in its BEGIN and END lines", false},
		// Something else under its label.
		{"PKCS#7 as a certificate", relabelled(openssl(t, edge, "crl2pkcs7", "-nocrl", "-certfile", "/dev/stdin"), "PKCS7", "CERTIFICATE"), block("is not a certificate, as its label says, but holds a PKCS#7 bundle: openssl pkcs7 -print_certs -in FILE unpacks it"), false},
		{"PKCS#7", openssl(t, edge, "crl2pkcs7", "-nocrl", "-certfile", "/dev/stdin"), "PEM block 1 (PKCS7) is not a certificate: unpack it with openssl pkcs7 -print_certs", false},
		{"a request as a certificate", relabelled(signingRequest(t), "CERTIFICATE REQUEST", "CERTIFICATE"), block("is not a certificate, as its label says, but holds a certificate request"), false},
		{"PEM as a certificate, as certutil -encode makes it", pemBlock("CERTIFICATE", []byte(edge)), block("is not a certificate, as its label says, but holds PEM, encoded once more: base64decode(...) of what stands between BEGIN and END"), false},
		{"PKCS#12 as a certificate", pemBlock("CERTIFICATE", pkcs12(t, graph)), block("is not a certificate, as its label says, but holds a PKCS#12 file: openssl base64 -d and openssl pkcs12 -noenc unpack it"), false},
		// Encoded.
		{"base64 of it", base64.StdEncoding.EncodeToString([]byte(edge)), none("looks like base64 of PEM: base64decode(...)"), false},
		{"base64 of it in lines", wrapped(base64.StdEncoding.EncodeToString([]byte(edge))), none("looks like base64 of PEM: base64decode(...)"), false},
		{"base64 of it and a byte order mark", base64.StdEncoding.EncodeToString([]byte("\ufeff" + edge)), none("looks like base64 of PEM: base64decode(...)"), false},
		{"base64 of it and text", base64.StdEncoding.EncodeToString([]byte("Bag Attributes\n" + edge)), none("looks like base64 of PEM: base64decode(...)"), false},
		{"base64 of base64 of it", base64.StdEncoding.EncodeToString([]byte(base64.StdEncoding.EncodeToString([]byte(edge)))), none("looks like base64 of base64 of PEM: base64decode(base64decode(...))"), false},
		{"base64 of DER", body, none(`looks like base64 without its BEGIN and END lines; it holds a certificate: "-----BEGIN CERTIFICATE-----\n${...}\n-----END CERTIFICATE-----\n"`), false},
		{"base64 of PKCS#12", base64.StdEncoding.EncodeToString(pkcs12(t, graph)), none("looks like base64 of DER; it holds a PKCS#12 file: openssl pkcs12 -in FILE -noenc"), false},
		{"base64 of UTF-16", base64.StdEncoding.EncodeToString([]byte(utf16Text("\ufeff" + edge))), none(`looks like base64 of UTF-16: textdecodebase64(..., "UTF-16LE")`), false},
		{"UTF-16", utf16Text(edge), none(`is in UTF-16: save it as UTF-8, or textdecodebase64(filebase64(...), "UTF-16LE")`), false},
		{"UTF-16 with a byte order mark", utf16Text("\ufeff" + edge), none(`is in UTF-16: save it as UTF-8, or textdecodebase64(filebase64(...), "UTF-16LE")`), false},
		{"DER", string(der), none("looks like DER; convert it to PEM first: openssl x509 -inform DER -in FILE"), true},
		{"hexadecimal", hex.EncodeToString(der), none("looks like hexadecimal: a fingerprint, or DER"), false},
		// Something else altogether.
		{"a placeholder", "{{ .Values.certificate }}", none("has a placeholder that was not filled in"), false},
		{"a page", "<!DOCTYPE html><html><body>Not found</body></html>", none("looks like HTML or XML, as of a page that was fetched instead of a file"), false},
		{"the name of a secret", "arn:aws:secretsmanager:eu-central-1:123456789012:secret:edge", none("looks like the name of a secret; read the secret with a data source or an ephemeral resource"), false},
		{"a key of SSH", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ", none("is a public key of SSH"), false},
		{"a pointer of Git LFS", "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12\n", none("is a pointer of Git LFS instead of the file: git lfs pull fetches it"), false},
		{"an encrypted file of Ansible", "$ANSIBLE_VAULT;1.1;AES256\n6231\n", none("is still encrypted by a tool for secrets: decrypt it first"), false},
		{"a JSON Web Key", `{"kty":"EC","crv":"P-256"}`, none("is a JSON Web Key (JWK); convert it to PEM first"), false},
	}
}

// opensslReads reports whether a command of openssl reads a text.
func opensslReads(t *testing.T, command, text string) bool {
	t.Helper()
	file := filepath.Join(t.TempDir(), "text")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	run := exec.CommandContext(t.Context(), "openssl", command, "-noout", "-in", file, "-passin", "pass:unknown")
	if command == "req" {
		run = exec.CommandContext(t.Context(), "openssl", command, "-noout", "-subject", "-in", file)
	}
	return run.Run() == nil
}

// wrapped breaks a text into lines.
func wrapped(text string) string {
	var lines []string
	for ; len(text) > 76; text = text[76:] {
		lines = append(lines, text[:76])
	}
	return strings.Join(append(lines, text), "\n")
}

func relabelled(text, from, to string) string {
	return strings.NewReplacer("BEGIN "+from, "BEGIN "+to, "END "+from, "END "+to).Replace(text)
}

// forURLs writes the base64 of a block with the alphabet for URLs.
func forURLs(text string) string {
	lines := strings.Split(text, "\n")
	if !strings.ContainsAny(lines[1], "+/") {
		lines[1] = lines[1][:40] + "+" + lines[1][41:]
	}
	lines[1] = strings.NewReplacer("+", "-", "/", "_").Replace(lines[1])
	return strings.Join(lines, "\n")
}

func utf16Text(text string) string {
	var bytes []byte
	for _, unit := range utf16.Encode([]rune(text)) {
		bytes = append(bytes, byte(unit), byte(unit>>8))
	}
	return string(bytes)
}

func pkcs12(t *testing.T, graph *pkitest.Graph) []byte {
	t.Helper()
	text := privateKeyPEM(t, graph.Key("edge")) + graph.PEM("edge")
	return []byte(openssl(t, text, "pkcs12", "-export", "-passout", "pass:secret"))
}
