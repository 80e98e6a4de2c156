package provider

import (
	"crypto/x509/pkix"

	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trustplane/terraform-provider-mtls/internal/issue"
	"github.com/trustplane/terraform-provider-mtls/internal/tfvalue"
)

// subjectDescriptions are the parts of a subject, by their attribute.
var subjectDescriptions = map[string]string{
	"common_name":         "The common name (CN), at most 64 characters.",
	"organization":        "The organization (O), at most 64 characters.",
	"organizational_unit": "The organizational unit (OU), at most 64 characters.",
	"country":             "The country (C), two capital letters.",
	"province":            "The state or province (ST), at most 128 characters.",
	"locality":            "The city or locality (L), at most 128 characters.",
	"street_address":      "The street address, at most 128 characters.",
	"postal_code":         "The postal code, at most 40 characters.",
	"serial_number":       "The serial number of the subject, for example of a device, at most 64 characters. This is not the certificate's serial number.",
	"user_id":             "The user ID (UID), at most 256 characters.",
	"email_address":       "The e-mail address in the subject (emailAddress). Verifiers look for addresses in `email_addresses`; older systems look here.",
}

// subjectLists are the parts of a subject that may have several values.
func subjectLists() map[string]string {
	return map[string]string{
		"organizational_units": "Several organizational units (OU), each at most 64 characters, behind `organizational_unit`. Their order makes no difference.",
		"domain_components":    "The domain components (DC), lowest first: `[\"acme\", \"internal\"]` for `DC=acme,DC=internal`.",
	}
}

// subjectParts are the attributes of a subject.
func subjectParts() map[string]schema.Attribute {
	parts := map[string]schema.Attribute{}
	for name, description := range subjectDescriptions {
		parts[name] = schema.StringAttribute{Optional: true, MarkdownDescription: description + " Default: none."}
	}
	for name, description := range subjectLists() {
		parts[name] = stringList(description + " Default: none.")
	}
	return parts
}

func subjectAttribute(what string) schema.SingleNestedAttribute {
	return schema.SingleNestedAttribute{
		Optional:            true,
		Attributes:          subjectParts(),
		MarkdownDescription: "The subject of the " + what + " to generate. Default: none. Changing it starts a new generation.",
	}
}

// readSubject reads a subject; null gives the empty name.
func readSubject(object types.Object, read *tfvalue.Reader) pkix.Name {
	if !read.Known(object) {
		return pkix.Name{}
	}
	part := func(name string) string { return read.Attribute(object, name) }
	several := func(name string) []string { return read.Optional(object, name) }
	list := func(name string) []string { return read.List("subject."+name, object, name) }
	return issue.WithMore(pkix.Name{
		CommonName:         part("common_name"),
		Organization:       several("organization"),
		OrganizationalUnit: append(several("organizational_unit"), list("organizational_units")...),
		Country:            several("country"),
		Province:           several("province"),
		Locality:           several("locality"),
		StreetAddress:      several("street_address"),
		PostalCode:         several("postal_code"),
		SerialNumber:       part("serial_number"),
	}, list("domain_components"), part("user_id"), part("email_address"))
}
