package issue

import (
	"cmp"
	"crypto/x509/pkix"
	"encoding/asn1"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

// Attributes of a subject that pkix.Name has no field for (RFC 4519, sections 2.4
// and 2.39; RFC 5280, section 4.1.2.6).
var (
	oidDomainComponent = asn1.ObjectIdentifier{0, 9, 2342, 19200300, 100, 1, 25}
	oidUserID          = asn1.ObjectIdentifier{0, 9, 2342, 19200300, 100, 1, 1}
	oidEmailAddress    = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 1}
)

// WithMore adds to a subject what pkix.Name has no field for: the components of a
// domain, the first the lowest, as in acme.internal; a user ID and an e-mail
// address, each empty for none.
func WithMore(subject pkix.Name, domainComponents []string, userID, emailAddress string) pkix.Name {
	var more []pkix.AttributeTypeAndValue
	for _, component := range slices.Backward(domainComponents) { // a name begins with the highest
		more = append(more, pkix.AttributeTypeAndValue{Type: oidDomainComponent, Value: component})
	}
	if userID != "" {
		more = append(more, pkix.AttributeTypeAndValue{Type: oidUserID, Value: userID})
	}
	if emailAddress != "" {
		more = append(more, pkix.AttributeTypeAndValue{Type: oidEmailAddress, Value: emailAddress})
	}
	subject.ExtraNames, subject.Names = more, more
	return subject
}

// Refine is a subject that has every part of own, and of general what own lacks.
func Refine(general, own pkix.Name) pkix.Name {
	or := func(a, b []string) []string {
		if len(a) > 0 {
			return a
		}
		return b
	}
	refined := pkix.Name{
		CommonName: cmp.Or(own.CommonName, general.CommonName), SerialNumber: cmp.Or(own.SerialNumber, general.SerialNumber),
		Organization: or(own.Organization, general.Organization), OrganizationalUnit: or(own.OrganizationalUnit, general.OrganizationalUnit),
		Country: or(own.Country, general.Country), Province: or(own.Province, general.Province), Locality: or(own.Locality, general.Locality),
		StreetAddress: or(own.StreetAddress, general.StreetAddress), PostalCode: or(own.PostalCode, general.PostalCode),
	}
	has := func(kind asn1.ObjectIdentifier) bool {
		return slices.ContainsFunc(own.ExtraNames, func(one pkix.AttributeTypeAndValue) bool { return one.Type.Equal(kind) })
	}
	refined.ExtraNames = slices.Clone(own.ExtraNames)
	for _, one := range general.ExtraNames {
		if !has(one.Type) {
			refined.ExtraNames = append(refined.ExtraNames, one)
		}
	}
	refined.Names = refined.ExtraNames
	return refined
}

// EncodeSubject writes a subject as DER where crypto/x509 would write it otherwise
// than others do: domain components first and, as e-mail addresses, of their
// string type, and each of several units by itself. It is nil for a subject of
// other parts.
func EncodeSubject(subject pkix.Name) ([]byte, error) {
	if len(subject.ExtraNames) == 0 && len(subject.OrganizationalUnit) < 2 {
		return nil, nil
	}
	plain := subject
	plain.ExtraNames, plain.Names = nil, nil
	var domain, behind pkix.RDNSequence
	for _, one := range subject.ExtraNames {
		text, _ := one.Value.(string)
		switch {
		case one.Type.Equal(oidDomainComponent):
			domain = append(domain, pkix.RelativeDistinguishedNameSET{{Type: one.Type, Value: ia5(text)}})
		case one.Type.Equal(oidEmailAddress):
			behind = append(behind, pkix.RelativeDistinguishedNameSET{{Type: one.Type, Value: ia5(text)}})
		default:
			behind = append(behind, pkix.RelativeDistinguishedNameSET{one})
		}
	}
	all := domain
	for _, set := range plain.ToRDNSequence() {
		for _, one := range set {
			all = append(all, pkix.RelativeDistinguishedNameSET{one})
		}
	}
	return asn1.Marshal(append(all, behind...))
}

func ia5(text string) asn1.RawValue {
	return asn1.RawValue{Class: asn1.ClassUniversal, Tag: asn1.TagIA5String, Bytes: []byte(text)}
}

// checkMore holds the parts that pkix.Name has no field for against their bounds
// (RFC 4524, RFC 5280, appendix A.1; RFC 1035, section 2.3.4).
func checkMore(subject pkix.Name, found *violations) {
	const mostUserID, mostLabel = 256, 63
	components := 0 // that are still to come: a name begins with the last that is configured
	for _, one := range subject.ExtraNames {
		if one.Type.Equal(oidDomainComponent) {
			components++
		}
	}
	for _, one := range subject.ExtraNames {
		text, _ := one.Value.(string)
		switch {
		case one.Type.Equal(oidDomainComponent):
			components--
			if fault := hostFault(text); fault != "" || strings.Contains(text, ".") || len(text) > mostLabel {
				found.addAt("subject.domain_components", components, "Invalid subject",
					"%q is not one part of a domain. Write acme.internal as [\"acme\", \"internal\"].", pki.Printable(text))
			}
		case one.Type.Equal(oidUserID):
			if fault := textFault(text); fault != "" {
				found.add("subject.user_id", "Invalid subject", "%q %s.", pki.Printable(text), fault)
			} else if n := utf8.RuneCountInString(text); n > mostUserID {
				found.add("subject.user_id", "Subject too long", "%q has %d characters; %d are allowed here.", pki.Printable(text), n, mostUserID)
			}
		case one.Type.Equal(oidEmailAddress):
			if _, _, fault := readMailbox(text); fault != "" {
				found.add("subject.email_address", "Invalid subject", "%q %s.", pki.Printable(text), fault)
			}
		}
	}
}
