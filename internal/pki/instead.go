package pki

import (
	"fmt"
	"strings"
)

// labelOf is how RFC 7468 labels what is wanted.
func labelOf(what content) string {
	return map[content]string{contentCertificate: labelCertificate, contentCSR: labelCertificateRequest, contentList: labelRevocationList, contentPKCS8: labelPrivateKey, contentPublicKey: labelPublicKey}[what]
}

// meantInstead adds what to do about a block of another label, where meant was
// meant. It goes on from "is not ...".
func meantInstead(label string, der []byte, meant content) string {
	what := contentOf(der)
	if known, is := labelled()[label]; is {
		if newLabel(label) == labelCertificate {
			return known + otherwise(what, contentCertificate)
		}
		return known
	}
	switch {
	case strings.HasPrefix(label, "PGP "):
		return " but something of PGP"
	case strings.HasPrefix(label, "SSH2 "):
		return " but a key in the format of SSH2: ssh-keygen -i -f FILE reads it"
	case what == meant, what.isKey() && meant.isKey():
		return " by its label, but by its content: write " + labelOf(meant) + " in its BEGIN and END lines"
	default:
		return ""
	}
}

// labelled says what stands under which label, and what to do about it.
func labelled() map[string]string {
	const (
		certificate = " but a certificate"
		key         = " but a private key"
		public      = " but a public key"
		request     = " but a certificate request, which has not been signed yet"
		parameters  = " but parameters without a key"
		bundle      = ": unpack it with openssl pkcs7 -print_certs"
		file        = ": unpack it with openssl pkcs12 -noenc"
	)
	return map[string]string{
		labelCertificate: certificate, labelOldCertificate: certificate, labelTrustedCertificate: certificate,
		labelPrivateKey: key, labelPKCS1Key: key, labelSEC1Key: key, labelEncryptedKey: key,
		"DSA PRIVATE KEY": " but a DSA key, which TLS peers do not accept",
		"OPENSSH PRIVATE KEY": " in PEM that TLS programs read, but one in OpenSSH format: ssh-keygen -p -m PKCS8 -f FILE rewrites the file " +
			"(for Ed25519, OpenSSH 9.6 or later does); of a tls_private_key, use private_key_pem",
		labelPublicKey: public, "RSA PUBLIC KEY": public,
		labelCertificateRequest: request, labelOldRequest: request,
		labelRevocationList: " but a certificate revocation list",
		labelECParameters:   " but the parameters of an elliptic curve",
		"DSA PARAMETERS":    parameters, "DH PARAMETERS": parameters,
		"PKCS7": bundle, "CMS": bundle,
		"PKCS12": file, "PFX": file,
		"ATTRIBUTE CERTIFICATE": " of a key but one of attributes",
		"TSS2 PRIVATE KEY":      " but a key that only one TPM can use",
	}
}

// otherwise adds what a block holds if that is not what its label says.
func otherwise(what, labelled content) string {
	if what == labelled || what == contentUnknown {
		return ""
	}
	return " by its label, which holds " + string(what)
}

// whyNot says why DER is not what its label says, of which a parser says err: a
// reason that goes on from the block, and the parser's own error if that adds
// anything.
func whyNot(der []byte, meant content, err error) (string, error) {
	what := contentOf(der)
	if what == meant {
		if other := otherKeyIn(der, what); other != nil {
			return "", other
		}
	}
	whole, says := wholeLength(der)
	switch {
	case len(der) == 0:
		return "has nothing between BEGIN and END", nil
	case what != contentUnknown && what != meant:
		return fmt.Sprintf("is not %s, as its label says, but holds %s", meant, what) + heldInstead(what), nil
	case says && whole > len(der):
		return fmt.Sprintf("is cut off: %d of its %d bytes are there", len(der), whole), err
	case says && whole < len(der) && contentOf(der[whole:]) == meant:
		return fmt.Sprintf("holds more than one of what its label says: write %s with BEGIN and END lines of its own for each", meant), nil
	case says && whole < len(der):
		return fmt.Sprintf("has %d bytes behind %s, which would be lost: openssl writes it without them", len(der)-whole, meant), err
	default:
		return "is not a valid " + strings.TrimPrefix(string(meant), "a "), err
	}
}

// heldInstead adds how to get at what a block of another label holds.
func heldInstead(what content) string {
	switch what {
	case contentPEM:
		return `: base64decode(...) of what stands between BEGIN and END`
	case contentPKCS7:
		return ": openssl pkcs7 -print_certs -in FILE unpacks it"
	case contentPKCS12:
		return ": openssl base64 -d and openssl pkcs12 -noenc unpack it"
	default:
		return ""
	}
}
