package issue

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"strings"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

const fieldCSR = "csr_pem"

// Attributes of which pkix.Name keeps the last (RFC 5280, appendix A.1).
const (
	oidCommonName   = "2.5.4.3"
	oidSerialNumber = "2.5.4.5"
)

// Extensions that a CSR may ask for (RFC 5280, section 4.2.1).
var (
	oidBasicConstraints = asn1.ObjectIdentifier{2, 5, 29, 19}
	oidKeyUsage         = asn1.ObjectIdentifier{2, 5, 29, 15}
	oidNameConstraints  = asn1.ObjectIdentifier{2, 5, 29, 30}
)

// adoptCSR judges the CSR of a request, and lets it fill in the subject and each
// kind of name that the configuration leaves open. It returns the subject's own
// bytes where the CSR gives it, and the fields that it filled in.
func adoptCSR(request Request, unknown Unknown, found *violations) (_ Request, rawSubject []byte, adopted map[string]bool) {
	csr := request.CSR
	if csr == nil {
		return request, nil, nil
	}
	checkCSR(csr, found)
	checkCSRAllowed(request, found)
	names := askedNames(request, unknown, found)
	if unknown.Request {
		// The configuration may yet say otherwise.
		return request, nil, nil
	}
	adopted = map[string]bool{
		"subject":         len(request.Subject.ToRDNSequence()) == 0,
		"dns_names":       request.DNSNames == nil,
		"ip_addresses":    request.IPAddresses == nil,
		"uris":            request.URIs == nil,
		"email_addresses": request.EmailAddresses == nil,
	}
	adoptNames(&request.DNSNames, names.DNSNames, readDNSName)
	adoptNames(&request.IPAddresses, names.IPAddresses, readAddress)
	adoptNames(&request.URIs, names.URIs, readURI)
	adoptNames(&request.EmailAddresses, names.EmailAddresses, readMailbox)
	if !adopted["subject"] {
		return request, nil, adopted
	}
	checkAskedSubject(csr.Subject, found)
	request.Subject = csr.Subject
	return request, csr.RawSubject, adopted
}

// askedNames reads the alternative names that a CSR asks for. Names of kinds that
// are not issued, and names that cannot be read, are held against it unless the
// configuration says which names the certificate has: then they are left out.
func askedNames(request Request, unknown Unknown, found *violations) pki.AskedNames {
	names, err := pki.RequestedNames(request.CSR)
	if saysNames(request) || unknown.Request {
		return names
	}
	const mend = "Set dns_names, or another kind of name, and it is left out; or create a request without it."
	if err != nil {
		found.add(fieldCSR, "Request not permitted", "It asks for %s. %s", err, mend)
	}
	for _, other := range names.Others {
		found.add(fieldCSR, "Request not permitted",
			"It asks for %s, and only DNS names, IP addresses, URIs and e-mail addresses are issued as alternative names. %s", other, mend)
	}
	return names
}

// saysNames reports whether the configuration says which alternative names there
// are.
func saysNames(r Request) bool {
	return r.DNSNames != nil || r.IPAddresses != nil || r.URIs != nil || r.EmailAddresses != nil
}

// warnOfLeftOut reports names of kinds that are not issued, which a CSR asks for
// and the configuration leaves out by saying which names there are: whoever logs
// in by such a name will not find it in the certificate.
func warnOfLeftOut(request Request, warned *violations) {
	if request.CSR == nil || !saysNames(request) {
		return
	}
	names, err := pki.RequestedNames(request.CSR)
	switch {
	case err != nil:
		warned.add(fieldCSR, "Names left out", "It asks for %s. The certificate will only have the names that are set here.", err)
	case len(names.Others) > 0:
		warned.add(fieldCSR, "Names left out",
			"It asks for %s, and only DNS names, IP addresses, URIs and e-mail addresses are issued as alternative names. The certificate will be without it, since alternative names are set here.",
			strings.Join(names.Others, ", "))
	}
}

// adoptNames takes the names of one kind from a CSR, each once, unless the
// configuration says which there are.
func adoptNames[T any](into *[]string, asked []string, read reader[T]) {
	if *into != nil {
		return
	}
	seen := map[string]bool{}
	for _, text := range asked {
		_, normal, fault := read(text)
		if fault != "" {
			normal = text
		}
		if !seen[normal] {
			seen[normal] = true
			*into = append(*into, text)
		}
	}
}

// checkCSRAllowed: a CSR is answered with a certificate below a CA, for the key
// that is in it.
func checkCSRAllowed(request Request, found *violations) {
	if request.Profile != DataplaneCertificate {
		found.add(fieldCSR, "Request not supported here", "Certificate requests are only supported for data planes' certificates. Remove it.")
	}
	if request.Key != nil {
		found.add(fieldCSR, "Two keys provided", "The certificate request already contains a public key. Remove the request or the private key.")
	}
}

// checkPossession: whoever asks must hold the key (RFC 2986, section 3), which must
// be strong, and of a kind that is taken.
func checkPossession(csr *x509.CertificateRequest, found *violations) {
	if err := pki.CheckKeyKind(csr.RawSubjectPublicKeyInfo); err != nil {
		found.add(fieldCSR, "Key of another kind", "The certificate request %s. Create a new key and request.", err)
		return
	}
	if err := pki.CheckKeyStrength(csr.PublicKey); err != nil {
		found.add(fieldCSR, "Key too weak", "The certificate request cannot be signed: %s. Create a new key and request.", err)
		return
	}
	if err := csr.CheckSignature(); err != nil {
		detail := "Its signature does not match its own key, so it may have been altered, or its sender does not hold the key"
		if _, insecure := errors.AsType[x509.InsecureAlgorithmError](err); insecure {
			detail = "It is signed with " + csr.SignatureAlgorithm.String() + ", which can be forged"
		} else if errors.Is(err, x509.ErrUnsupportedAlgorithm) {
			detail = "It is signed with an algorithm that is not supported; use SHA-256"
		}
		found.add(fieldCSR, "Invalid request signature", "%s. Create the request again.", detail)
	}
}

// checkCSR: whoever asks must hold the key, and what is asked for must be fit for
// an end entity.
func checkCSR(csr *x509.CertificateRequest, found *violations) {
	checkPossession(csr, found)
	for _, extension := range csr.Extensions {
		if fault := unfit(extension.Id, extension.Value); fault != "" {
			found.add(fieldCSR, "Request not permitted", "It asks for %s, which a data plane must not have. Create a request without it.", fault)
		}
	}
}

// checkAskedSubject looks at what of a CSR's subject [checkSubject]
// cannot see in a pkix.Name, and the certificate gets all the same: values that
// are no text, attributes that the type has no field for, and all but the last
// of two where it has room for one.
func checkAskedSubject(subject pkix.Name, found *violations) {
	first := map[string]string{}
	for _, attribute := range subject.Names {
		text, ok := attribute.Value.(string)
		kind := attribute.Type.String()
		if !ok {
			found.add("subject", "Invalid subject", "Its attribute %s is not a supported text type. Encode it as UTF8String.", kind)
			continue
		}
		if fault := textFault(text); fault != "" && !hasField(attribute.Type) {
			found.add("subject", "Invalid subject", "%q %s.", pki.Printable(text), fault)
		}
		if kind != oidCommonName && kind != oidSerialNumber {
			continue
		}
		if before, twice := first[kind]; twice {
			found.add("subject", "Invalid subject", "%q and %q are values of the same attribute. Some peers read the first, others the last. Use only one.",
				pki.Printable(before), pki.Printable(text))
		}
		first[kind] = text
	}
}

// hasField reports whether pkix.Name has a field for an attribute, so that
// [checkSubject] judges its text.
func hasField(attribute asn1.ObjectIdentifier) bool {
	var name pkix.Name
	name.FillFromRDNSequence(&pkix.RDNSequence{{{Type: attribute, Value: "x"}}})
	return len(name.ToRDNSequence()) > 0 // only of its fields
}

// unfit names what an extension of a CSR asks for, if a data plane
// must not have it; the empty string otherwise.
func unfit(id asn1.ObjectIdentifier, value []byte) string {
	switch {
	case id.Equal(oidBasicConstraints):
		var basic struct {
			IsCA       bool `asn1:"optional"`
			MaxPathLen int  `asn1:"optional,default:-1"`
		}
		if rest, err := asn1.Unmarshal(value, &basic); err != nil || len(rest) > 0 {
			return "basic constraints that cannot be read"
		}
		if basic.IsCA {
			return "CA:TRUE, the right to be a CA"
		}
	case id.Equal(oidKeyUsage):
		var usage asn1.BitString
		if rest, err := asn1.Unmarshal(value, &usage); err != nil || len(rest) > 0 {
			return "a key usage that cannot be read"
		}
		// Bits 5 and 6 are keyCertSign and cRLSign (RFC 5280, section 4.2.1.3).
		if usage.At(5) != 0 || usage.At(6) != 0 {
			return "a key usage that allows signing certificates or revocation lists"
		}
	case id.Equal(oidNameConstraints):
		return "name constraints"
	}
	return ""
}
