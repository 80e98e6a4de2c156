package pki

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/hex"
	"errors"
	"net/netip"
	"net/url"
	"slices"
)

// The attributes in which a CSR asks for extensions: of PKCS#9 (RFC 2985, section
// 5.4.2), and of Microsoft, as old Windows and some appliances write it. OpenSSL
// reads both.
const (
	oidExtensionRequest  = "1.2.840.113549.1.9.14"
	oidMicrosoftRequest  = "1.3.6.1.4.1.311.2.1.14"
	oidSubjectAltName    = "2.5.29.17"
	mostRequestedNames   = 10_000
	longestNameInRequest = 10_000
)

// AskedNames are the alternative names that a CSR asks for, as texts, in its
// order and with its repetitions. An address that is none is written in
// hexadecimal, behind #.
type AskedNames struct {
	DNSNames       []string
	IPAddresses    []string
	URIs           []string
	EmailAddresses []string
	// Others names the kinds of further names, in words with their article, each
	// once.
	Others []string
}

// RequestedNames collects the alternative names of all extensions that a CSR, as
// [ParseCSR] returns it, asks for (RFC 5280, section 4.2.1.6): it may ask for them
// in more than one place. It fails if one of those cannot be read, or if there are
// more than 10,000 names.
func RequestedNames(csr *x509.CertificateRequest) (AskedNames, error) {
	var names AskedNames
	count := 0
	for _, extension := range csr.Extensions {
		if extension.Id.String() != oidSubjectAltName {
			continue
		}
		outer, rest, ok := nextElement(extension.Value)
		if !ok || len(rest) > 0 || outer.class != asn1.ClassUniversal || outer.tag != asn1.TagSequence {
			return AskedNames{}, errors.New("alternative names that cannot be read")
		}
		for rest := outer.content; len(rest) > 0; {
			var name element
			if name, rest, ok = nextElement(rest); !ok {
				return AskedNames{}, errors.New("alternative names that cannot be read")
			}
			if count++; count > mostRequestedNames {
				return AskedNames{}, errors.New("more than 10000 alternative names")
			}
			names.add(name)
		}
	}
	return names, nil
}

// add takes a name by its tag (RFC 5280, section 4.2.1.6).
func (n *AskedNames) add(name element) {
	const email, dns, uri, address = 1, 2, 6, 7
	text := string(name.content[:min(len(name.content), longestNameInRequest)])
	switch {
	case name.class != asn1.ClassContextSpecific:
		n.addOther("a name of an unknown kind")
	case name.tag == email:
		n.EmailAddresses = append(n.EmailAddresses, text)
	case name.tag == dns:
		n.DNSNames = append(n.DNSNames, text)
	case name.tag == uri:
		n.URIs = append(n.URIs, text)
	case name.tag == address:
		n.IPAddresses = append(n.IPAddresses, addressText(name.content))
	default:
		n.addOther(otherName(name))
	}
}

func (n *AskedNames) addOther(kind string) {
	if !slices.Contains(n.Others, kind) {
		n.Others = append(n.Others, kind)
	}
}

func addressText(bytes []byte) string {
	if address, ok := netip.AddrFromSlice(bytes); ok {
		return address.String()
	}
	return "#" + hex.EncodeToString(bytes[:min(len(bytes), longestName)])
}

// otherName says what kind a name is that is not issued.
func otherName(name element) string {
	switch name.tag {
	case 0:
		if oid, _, ok := nextElement(name.content); ok {
			return otherNameKind(oidText(oid))
		}
		return "a name of an unknown kind"
	case 3:
		return "an X.400 address"
	case 4:
		return "a directory name"
	case 5:
		return "a name of an EDI party"
	case 8:
		return "a registered ID"
	default:
		return "a name of an unknown kind"
	}
}

// otherNameKind names a kind of otherName by its object identifier.
func otherNameKind(oid string) string {
	known := map[string]string{
		"1.3.6.1.4.1.311.20.2.3": "a user principal name (UPN)",
		"1.3.6.1.4.1.311.25.1":   "the GUID of a domain controller",
		"1.3.6.1.4.1.311.25.2":   "a security identifier (SID)",
		"1.3.6.1.5.2.2":          "a Kerberos principal name",
		"1.3.6.1.5.5.7.8.3":      "a permanent identifier",
		"1.3.6.1.5.5.7.8.4":      "the name of a hardware module",
		"1.3.6.1.5.5.7.8.5":      "an XMPP address",
		"1.3.6.1.5.5.7.8.7":      "an SRV name",
		"1.3.6.1.5.5.7.8.9":      "an e-mail address outside ASCII (SmtpUTF8Mailbox)",
	}
	if name, is := known[oid]; is {
		return name
	}
	return "a name of the kind " + oid
}

// requestedExtensions lists every extension that a CSR in DER asks for, in every
// attribute for them and in each of its values, where crypto/x509 reads the first.
func requestedExtensions(der []byte) ([]pkix.Extension, error) {
	outer, _, _ := nextElement(der)
	signed, _, _ := nextElement(outer.content)
	parts := firstElements(signed.content, 4)
	if len(parts) < 4 {
		return nil, nil
	}
	var all []pkix.Extension
	for rest := parts[3].content; len(rest) > 0; {
		attribute, next, ok := nextElement(rest)
		if !ok {
			return nil, errAttributes
		}
		rest = next
		pair := firstElements(attribute.content, 2)
		if len(pair) < 2 || pair[0].tag != asn1.TagOID {
			return nil, errAttributes
		}
		if kind := oidText(pair[0]); kind != oidExtensionRequest && kind != oidMicrosoftRequest {
			continue
		}
		for values := pair[1].content; len(values) > 0; {
			value, next, ok := nextElement(values)
			if !ok {
				return nil, errAttributes
			}
			values = next
			var extensions []pkix.Extension
			if rest, err := asn1.Unmarshal(value.full, &extensions); err != nil || len(rest) > 0 {
				return nil, errAttributes
			}
			all = append(all, extensions...)
		}
	}
	return all, nil
}

var errAttributes = errors.New("the extensions that it asks for cannot be read")

// parseBareCSR reads a CSR without its attributes, of which crypto/x509 reads more
// than is needed here, such as names that are not used.
func parseBareCSR(der []byte) (*x509.CertificateRequest, bool) {
	outer, rest, ok := nextElement(der)
	if !ok || len(rest) > 0 {
		return nil, false
	}
	whole := firstElements(outer.content, 4)
	if len(whole) != 3 {
		return nil, false
	}
	parts := firstElements(whole[0].content, 5)
	if len(parts) != 4 {
		return nil, false
	}
	sequence := func(parts ...[]byte) asn1.RawValue {
		return asn1.RawValue{Tag: asn1.TagSequence, IsCompound: true, Bytes: slices.Concat(parts...)}
	}
	signed, err := asn1.Marshal(sequence(parts[0].full, parts[1].full, parts[2].full, []byte{0xa0, 0}))
	if err != nil {
		return nil, false
	}
	bare, err := asn1.Marshal(sequence(signed, whole[1].full, whole[2].full))
	if err != nil {
		return nil, false
	}
	request, err := x509.ParseCertificateRequest(bare)
	if err != nil {
		return nil, false
	}
	request.Raw, request.RawTBSCertificateRequest = der, whole[0].full
	return request, true
}

// setNames gives a CSR its names, as far as they can be read.
func setNames(csr *x509.CertificateRequest) {
	names, err := RequestedNames(csr)
	if err != nil {
		return
	}
	csr.DNSNames, csr.EmailAddresses = names.DNSNames, names.EmailAddresses
	csr.IPAddresses, csr.URIs = nil, nil
	for _, text := range names.IPAddresses {
		if address, err := netip.ParseAddr(text); err == nil {
			csr.IPAddresses = append(csr.IPAddresses, address.AsSlice())
		}
	}
	for _, text := range names.URIs {
		if uri, err := url.Parse(text); err == nil {
			csr.URIs = append(csr.URIs, uri)
		}
	}
}
