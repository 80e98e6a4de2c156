package pki

import (
	"bytes"
	"encoding/base64"
	"slices"
	"strings"
	"unicode"
)

// looksLike says in words what an input without PEM seems to be, and which
// function of Terraform mends it. It never quotes the input: it may be a secret.
// The work is linear in the input's length.
func looksLike(text string) string {
	trimmed := strings.TrimFunc(text, func(r rune) bool { return unicode.IsSpace(r) || r == '\ufeff' || r == 0 })
	if trimmed == "" {
		return "the value is empty"
	}
	if name := utf16Name([]byte(text[:min(len(text), 64)])); name != "" {
		return "the value is in UTF-16: " + utf16Mend(name)
	}
	for _, guess := range []func(string) string{brokenMarks, otherFormats, encodedText, placeOfPEM} {
		if reason := guess(trimmed); reason != "" {
			return reason
		}
	}
	return "a PEM block begins with a line such as -----BEGIN CERTIFICATE-----"
}

func utf16Mend(name string) string {
	return `save it as UTF-8, or textdecodebase64(filebase64(...), "` + name + `")`
}

// utf16Name names the order of bytes of what begins as PEM in UTF-16; empty if it
// does not.
func utf16Name(begin []byte) string {
	begin = bytes.TrimPrefix(begin, []byte(byteOrderMark))
	switch {
	case bytes.HasPrefix(begin, []byte{0xff, 0xfe}), len(begin) > 3 && begin[0] != 0 && begin[1] == 0 && begin[3] == 0:
		return "UTF-16LE"
	case bytes.HasPrefix(begin, []byte{0xfe, 0xff}), len(begin) > 3 && begin[0] == 0 && begin[1] != 0 && begin[2] == 0:
		return "UTF-16BE"
	default:
		return ""
	}
}

// brokenMarks is about BEGIN and END lines that are not quite what they should be.
func brokenMarks(text string) string {
	upper := text
	if len(text) < 1<<20 {
		upper = strings.ToUpper(text)
	}
	switch {
	case strings.Contains(text, "%2D%2D%2D%2D%2DBEGIN"), strings.Contains(text, "-----BEGIN%20"), strings.Contains(text, "-----BEGIN+"):
		return "the value is URL-encoded: decode it first"
	case strings.Contains(text, endMark):
		return "the value has an END line and no BEGIN line"
	case strings.Contains(text, "---- BEGIN SSH2"):
		return "the value is a key in the format of SSH2: ssh-keygen -i -f FILE reads it"
	case strings.Contains(upper, beginMark):
		return "the value has a BEGIN line that is not in capital letters"
	case strings.Contains(text, "—BEGIN"), strings.Contains(text, "–BEGIN"), strings.Contains(text, "—-BEGIN"), strings.Contains(text, "−BEGIN"), strings.Contains(text, "‐BEGIN"), strings.Contains(text, "‑BEGIN"):
		return "the value has dashes instead of hyphens around BEGIN, as word processors and chat programs write them"
	case strings.Contains(text, "-----BEGIN"):
		return "the value has a BEGIN line without a space behind BEGIN"
	case strings.Contains(text, "-BEGIN "), strings.Contains(text, "- BEGIN "):
		return "the value has a BEGIN line without just five hyphens in front of BEGIN"
	case strings.HasPrefix(text, "BEGIN ") || strings.Contains(text, "\nBEGIN "):
		return "the value has a BEGIN line without hyphens; five are meant on each side"
	default:
		return ""
	}
}

// otherFormats is about what holds keys and certificates and is not PEM.
func otherFormats(text string) string {
	begins := func(prefixes ...string) bool {
		return slices.ContainsFunc(prefixes, func(prefix string) bool { return strings.HasPrefix(text, prefix) })
	}
	switch {
	case begins("\x30\x82", "\x30\x81", "\x30\x80", "\x30\x83"):
		return "the value looks like DER; convert it to PEM first" + derMend(contentOf([]byte(text)))
	case begins("{{", "${", "$(", "<%"):
		return "the value has a placeholder that was not filled in"
	case begins("{", "[") && strings.Contains(text, `"kty"`):
		return "the value is a JSON Web Key (JWK); convert it to PEM first"
	case begins("{", "["):
		return "the value looks like JSON: take the PEM out of it with jsondecode(...)"
	case begins("ssh-rsa ", "ssh-ed25519 ", "ssh-dss ", "ecdsa-sha2-", "sk-ssh-", "sk-ecdsa-"):
		return "the value is a public key of SSH"
	case begins("PuTTY-User-Key-File-"):
		return "the value is a key of PuTTY: puttygen FILE -O private-openssh-new -o NEW exports it, and ssh-keygen -p -m PKCS8 -f NEW rewrites that"
	case begins("$ANSIBLE_VAULT", "ENC[", "sops:", "age-encryption.org", "U2FsdGVkX1"):
		return "the value is still encrypted by a tool for secrets: decrypt it first"
	case begins("version https://git-lfs"):
		return "the value is a pointer of Git LFS instead of the file: git lfs pull fetches it"
	case begins("<"):
		return "the value looks like HTML or XML, as of a page that was fetched instead of a file"
	case begins("pkcs11:"):
		return "the value is a PKCS#11 URI, which names a key and does not hold it"
	case begins("AGE-SECRET-KEY-"):
		return "the value is a key of age"
	default:
		return ""
	}
}

// derMend says which command of openssl writes what DER holds as PEM.
func derMend(what content) string {
	switch {
	case what == contentCertificate:
		return ": openssl x509 -inform DER -in FILE"
	case what == contentCSR:
		return ": openssl req -inform DER -in FILE"
	case what == contentList:
		return ": openssl crl -inform DER -in FILE"
	case what == contentPKCS7:
		return ": openssl pkcs7 -inform DER -print_certs -in FILE"
	case what == contentPKCS12:
		return ": openssl pkcs12 -in FILE -noenc"
	case what.isKey():
		return ": openssl pkey -inform DER -in FILE"
	default:
		return ""
	}
}

// encodedText is about base64 of something: of PEM, of DER, of UTF-16.
func encodedText(text string) string {
	decoded, forURLs := decodeBase64(text)
	decode := "base64decode(...)"
	if forURLs {
		decode = `base64decode(replace(replace(..., "-", "+"), "_", "/"))`
	}
	switch {
	case len(decoded) < 12:
		return ""
	case bytes.Contains(decoded, []byte("-----BEGIN")):
		return "the value looks like base64 of PEM: " + decode
	case utf16Name(decoded[:min(len(decoded), 64)]) != "":
		return `the value looks like base64 of UTF-16: textdecodebase64(..., "` + utf16Name(decoded) + `")`
	case bytes.HasPrefix(decoded, []byte("LS0tLS1CRUdJTi")):
		return "the value looks like base64 of base64 of PEM: base64decode(base64decode(...))"
	case bytes.HasPrefix(decoded, []byte{0x1f, 0x8b}):
		return "the value looks like base64 of a file that was compressed with gzip"
	case bytes.HasPrefix(decoded, []byte{0xfe, 0xed, 0xfe, 0xed}), bytes.HasPrefix(decoded, []byte{0xce, 0xce, 0xce, 0xce}):
		return "the value looks like base64 of a Java keystore: keytool -exportcert -rfc -alias NAME -keystore FILE exports a certificate"
	case bytes.HasPrefix(decoded, []byte("openssh-key-v1\x00")):
		return "the value looks like the base64 of a private key in OpenSSH format, without its BEGIN and END lines"
	case decoded[0] == 0x30:
		return bareBase64(contentOf(decoded))
	default:
		return ""
	}
}

// bareBase64 is about base64 of DER.
func bareBase64(what content) string {
	const bare = "the value looks like base64 without its BEGIN and END lines"
	between := func(label string) string {
		return `; it holds ` + string(what) + `: "-----BEGIN ` + label + `-----\n${...}\n-----END ` + label + `-----\n"`
	}
	switch what {
	case contentCertificate:
		return bare + between(labelCertificate)
	case contentCSR:
		return bare + between(labelCertificateRequest)
	case contentList:
		return bare + between(labelRevocationList)
	case contentPKCS8:
		return bare + between(labelPrivateKey)
	case contentPKCS1:
		return bare + between(labelPKCS1Key)
	case contentSEC1:
		return bare + between(labelSEC1Key)
	case contentPKCS12, contentPKCS7:
		return "the value looks like base64 of DER; it holds " + string(what) + derMend(what)
	case contentUnknown:
		return bare
	default:
		return bare + "; it holds " + string(what)
	}
}

// decodeBase64 decodes text that is base64 and nothing else, as far as there is a
// whole number of bytes; nothing for any other text. It takes the alphabet for
// URLs (RFC 4648, section 5) too.
func decodeBase64(text string) (decoded []byte, forURLs bool) {
	if strings.Trim(text, base64Letters+"-_ \t\r\n") != "" {
		return nil, false
	}
	standard := strings.ContainsAny(text, "+/")
	forURLs = strings.ContainsAny(text, "-_")
	if standard && forURLs {
		return nil, false
	}
	letters := strings.NewReplacer("-", "+", "_", "/", "=", "", " ", "", "\t", "", "\r", "", "\n", "").Replace(text)
	if len(letters)%4 == 1 {
		letters = letters[:len(letters)-1]
	}
	decoded, err := base64.RawStdEncoding.DecodeString(letters)
	if err != nil {
		return nil, false
	}
	return decoded, forURLs
}

// placeOfPEM is about a text that says where PEM could be found.
func placeOfPEM(text string) string {
	begins := func(prefixes ...string) bool {
		return slices.ContainsFunc(prefixes, func(prefix string) bool { return strings.HasPrefix(text, prefix) })
	}
	switch {
	case slices.ContainsFunc([]string{"${", "{{", "$(", "<%"}, func(mark string) bool { return strings.Contains(text, mark) }):
		return "the value has a placeholder that was not filled in"
	case isHex(text):
		return "the value looks like hexadecimal: a fingerprint, or DER"
	case len(text) >= 256 || strings.Contains(text, "\n"):
		return ""
	case begins("arn:", "vault:", "projects/", "op://"):
		return "the value looks like the name of a secret; read the secret with a data source or an ephemeral resource"
	case begins("https://", "http://"):
		return "the value looks like a URL; fetch what it leads to first"
	case begins("file://", "@"):
		return "the value looks like a file path; read the file with file(...), without what stands in front of its name"
	case strings.ContainsAny(text, "./~"):
		return "the value looks like a file path; read the file with file(...)"
	default:
		return ""
	}
}

func isHex(text string) bool {
	return len(text) >= 32 && strings.Trim(text, "0123456789abcdefABCDEF: \r\n") == ""
}
