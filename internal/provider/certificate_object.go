package provider

import (
	"crypto/x509"
	"net"
	"net/url"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	datasource "github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

// certificatePart is one attribute of a certificate object: its type, its
// meaning, and where its value comes from.
type certificatePart struct {
	kind        attr.Type
	description string
	value       func(*x509.Certificate) attr.Value
}

var listOfStrings = types.ListType{ElemType: types.StringType}

// certificateParts is the one definition of the certificate object that the
// data source and the functions give.
func certificateParts() map[string]certificatePart {
	text := func(description string, of func(*x509.Certificate) string) certificatePart {
		return certificatePart{types.StringType, description, func(c *x509.Certificate) attr.Value { return newText(of(c)) }}
	}
	list := func(description string, of func(*x509.Certificate) []string) certificatePart {
		return certificatePart{listOfStrings, description, func(c *x509.Certificate) attr.Value { return newStrings(texts(of(c), pki.EscapeControl)) }}
	}
	return map[string]certificatePart{
		"subject":            text("The subject, as RFC 4514 writes it; null if it is empty.", func(c *x509.Certificate) string { return pki.WriteName(c.RawSubject) }),
		"issuer":             text("The issuer's name, as RFC 4514 writes it.", func(c *x509.Certificate) string { return pki.WriteName(c.RawIssuer) }),
		"serial_number":      text("The serial number, in lower-case hex.", pki.SerialNumber),
		"fingerprint_sha256": text("SHA-256 over the DER, in lower-case hex.", pki.FingerprintSHA256),
		"spki_sha256":        text("SHA-256 over the DER of the public key, in lower-case hex.", pki.SPKISHA256),
		"subject_key_id":     text("The subject key identifier, in lower-case hex; null if there is none.", func(c *x509.Certificate) string { return pki.KeyID(c.SubjectKeyId) }),
		"authority_key_id":   text("The key identifier of the issuer, in lower-case hex; null if there is none.", func(c *x509.Certificate) string { return pki.KeyID(c.AuthorityKeyId) }),
		"key_algorithm":      text("The algorithm and size of the public key, such as `ECDSA-P256`.", func(c *x509.Certificate) string { return string(pki.AlgorithmOf(c.PublicKey)) }),
		"not_before": {timetypes.RFC3339Type{}, "The beginning of its life. RFC 3339, UTC.", func(c *x509.Certificate) attr.Value {
			return timetypes.NewRFC3339TimeValue(c.NotBefore.UTC())
		}},
		"not_after": {timetypes.RFC3339Type{}, "The last second of its life. RFC 3339, UTC.", func(c *x509.Certificate) attr.Value {
			return timetypes.NewRFC3339TimeValue(c.NotAfter.UTC())
		}},
		"is_ca": {types.BoolType, "Whether its basic constraints say CA:TRUE.", func(c *x509.Certificate) attr.Value {
			return types.BoolValue(c.BasicConstraintsValid && c.IsCA)
		}},
		"dns_names":       list("DNS names of the subject alternative name.", func(c *x509.Certificate) []string { return c.DNSNames }),
		"ip_addresses":    list("IP addresses of the subject alternative name.", func(c *x509.Certificate) []string { return texts(c.IPAddresses, net.IP.String) }),
		"uris":            list("URIs of the subject alternative name.", func(c *x509.Certificate) []string { return texts(c.URIs, (*url.URL).String) }),
		"email_addresses": list("E-mail addresses of the subject alternative name.", func(c *x509.Certificate) []string { return c.EmailAddresses }),
	}
}

// certificateTypes are the types of the certificate object's attributes. It
// leaves out the certificate's PEM: whoever has the object gave it.
func certificateTypes() map[string]attr.Type {
	kinds := map[string]attr.Type{}
	for name, part := range certificateParts() {
		kinds[name] = part.kind
	}
	return kinds
}

// certificateAttributes is the certificate object in a data source's schema.
func certificateAttributes() map[string]datasource.Attribute {
	attributes := map[string]datasource.Attribute{}
	for name, part := range certificateParts() {
		switch kind := part.kind.(type) {
		case types.ListType:
			attributes[name] = datasource.ListAttribute{Computed: true, ElementType: kind.ElemType, MarkdownDescription: part.description}
		case timetypes.RFC3339Type:
			attributes[name] = datasource.StringAttribute{Computed: true, CustomType: kind, MarkdownDescription: part.description}
		default:
			if kind.Equal(types.BoolType) {
				attributes[name] = datasource.BoolAttribute{Computed: true, MarkdownDescription: part.description}
				continue
			}
			attributes[name] = datasource.StringAttribute{Computed: true, MarkdownDescription: part.description}
		}
	}
	return attributes
}

// certificateObject describes one certificate; null for nil.
func certificateObject(certificate *x509.Certificate) types.Object {
	if certificate == nil {
		return types.ObjectNull(certificateTypes())
	}
	values := map[string]attr.Value{}
	for name, part := range certificateParts() {
		values[name] = part.value(certificate)
	}
	return types.ObjectValueMust(certificateTypes(), values)
}

// certificateObjects describes several; null for none at all (nil).
func certificateObjects(certificates []*x509.Certificate) types.List {
	kind := types.ObjectType{AttrTypes: certificateTypes()}
	if certificates == nil {
		return types.ListNull(kind)
	}
	objects := make([]attr.Value, 0, len(certificates))
	for _, certificate := range certificates {
		objects = append(objects, certificateObject(certificate))
	}
	return types.ListValueMust(kind, objects)
}

func newStrings(values []string) types.List {
	elements := make([]attr.Value, 0, len(values))
	for _, value := range values {
		elements = append(elements, types.StringValue(value))
	}
	return types.ListValueMust(types.StringType, elements)
}

func texts[T any](values []T, text func(T) string) []string {
	var all []string
	for _, value := range values {
		all = append(all, text(value))
	}
	return all
}
