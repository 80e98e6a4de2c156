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
	switch label {
	case labelCertificate, labelOldCertificate, labelTrustedCertificate:
		return " but a certificate" + otherwise(der, contentCertificate)
	case labelPrivateKey, labelPKCS1Key, labelSEC1Key, labelEncryptedKey:
		return " but a private key"
	case "DSA PRIVATE KEY":
		return " but a DSA key, which TLS peers do not accept"
	case "OPENSSH PRIVATE KEY":
		return " in PEM that TLS programs read, but one in OpenSSH format: ssh-keygen -p -m PKCS8 -f FILE rewrites the file (for Ed25519, OpenSSH 9.6 or later does); " +
			"of a tls_private_key, use private_key_pem"
	case labelPublicKey, "RSA PUBLIC KEY":
		return " but a public key"
	case labelCertificateRequest, labelOldRequest:
		return " but a certificate request, which has not been signed yet"
	case labelRevocationList:
		return " but a certificate revocation list"
	case labelECParameters:
		return " but the parameters of an elliptic curve"
	case "DSA PARAMETERS", "DH PARAMETERS", "X9.42 DH PARAMETERS":
		return " but parameters without a key"
	case "PKCS7", "CMS", "PKCS #7 SIGNED DATA":
		return ": unpack it with openssl pkcs7 -print_certs"
	case "PKCS12", "PFX":
		return ": unpack it with openssl pkcs12 -noenc"
	case "ATTRIBUTE CERTIFICATE":
		return " of a key but one of attributes"
	case "TSS2 PRIVATE KEY":
		return " but a key that only one TPM can use"
	}
	switch what := contentOf(der); {
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

// otherwise adds what a block holds if that is not what its label says.
func otherwise(der []byte, labelled content) string {
	what := contentOf(der)
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
	case contentCertificate, contentCSR, contentList, contentPublicKey:
		return ""
	default:
		return ""
	}
}
