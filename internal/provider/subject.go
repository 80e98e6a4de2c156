package provider

import (
	"crypto/x509/pkix"

	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/trustplane/terraform-provider-mtls/internal/tfvalue"
)

// subjectDescriptions are the parts of a subject, by their attribute.
var subjectDescriptions = map[string]string{
	"common_name":         "The common name (CN), 64 characters at most.",
	"organization":        "The organization (O), 64 characters at most.",
	"organizational_unit": "The organizational unit (OU), 64 characters at most.",
	"country":             "The country (C), two capital letters.",
	"province":            "The state or province (ST), 128 characters at most.",
	"locality":            "The city or locality (L), 128 characters at most.",
	"street_address":      "The street address, 128 characters at most.",
	"postal_code":         "The postal code, 40 characters at most.",
	"serial_number":       "The subject's serial number, such as of a device, 64 characters at most; not the certificate's.",
}

func subjectAttribute(what string) schema.SingleNestedAttribute {
	parts := map[string]schema.Attribute{}
	for name, description := range subjectDescriptions {
		parts[name] = schema.StringAttribute{Optional: true, MarkdownDescription: description + " Default: none."}
	}
	return schema.SingleNestedAttribute{
		Optional:            true,
		Attributes:          parts,
		MarkdownDescription: "The name of the " + what + " to generate. Default: none. A change starts a new generation.",
	}
}

// readSubject reads a subject; null gives the empty name.
func readSubject(object types.Object, read *tfvalue.Reader) pkix.Name {
	if !read.Known(object) {
		return pkix.Name{}
	}
	part := func(name string) string { return read.Attribute(object, name) }
	several := func(name string) []string { return read.Optional(object, name) }
	return pkix.Name{
		CommonName:         part("common_name"),
		Organization:       several("organization"),
		OrganizationalUnit: several("organizational_unit"),
		Country:            several("country"),
		Province:           several("province"),
		Locality:           several("locality"),
		StreetAddress:      several("street_address"),
		PostalCode:         several("postal_code"),
		SerialNumber:       part("serial_number"),
	}
}
