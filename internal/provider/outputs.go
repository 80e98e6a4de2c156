package provider

import (
	"crypto/x509"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	datasource "github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	ephemeral "github.com/hashicorp/terraform-plugin-framework/ephemeral/schema"
	resource "github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trustplane/terraform-provider-mtls/internal/lifecycle"
	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/tfvalue"
)

// An output is something that the provider says of a certificate. The table of
// them, [outputs], is the only place that knows what it is called, where it
// stands and where its value comes from: a further one is a further row.
type output struct {
	name        string
	kind        attr.Type
	description string
	sensitive   bool
	in          places
	// argument: resources take it from the configuration, too. Their schema has
	// it among the arguments.
	argument bool
	// clock: it moves with the clock, so that an apply keeps to what its plan said.
	clock bool
	// set is the map by node of the same values in a set; the zero value for none.
	set mapOutput
	// value is null where there is none, and unknown where a plan cannot know it.
	value func(lifecycle.Result) attr.Value
}

// A mapOutput is the name and the description of an output in a set.
type mapOutput struct{ name, description string }

// places are where an output stands.
type places int

const (
	inResource  places = 1 << iota // a certificate resource
	inUpload                       // one of what is uploaded to a control plane
	inSet                          // a set as a whole; for its nodes see mapOutput
	inEphemeral                    // an ephemeral certificate
	inObject                       // the object of the data source and the functions
)

// outputs are all outputs of a certificate. What moves with what is in
// [lifecycle.Result].
var outputs = []output{
	{
		name: "certificate_pem", kind: tfvalue.PEMType{}, in: inResource | inEphemeral, argument: true,
		description: "The certificate as PEM.",
		value:       ofCertificate(func(c *x509.Certificate) attr.Value { return tfvalue.NewPEM(pki.EncodeCertificates(c)) }),
	},
	{
		name: "chain_pem", kind: tfvalue.PEMType{}, in: inResource | inEphemeral,
		description: "The chain to present, as PEM: the certificate followed by its issuers, without a self-signed root.",
		set:         mapOutput{"chains_pem", "What each data plane presents, as PEM: its certificate, then its issuers, without a self-signed root."},
		value: func(r lifecycle.Result) attr.Value {
			return orUnknown(r.Chain, func(chain []*x509.Certificate) attr.Value { return tfvalue.NewPEM(pki.EncodeCertificates(chain...)) })
		},
	},
	{
		name: "private_key_pem", kind: tfvalue.PEMType{}, in: inResource | inEphemeral, argument: true, sensitive: true,
		description: "The private key as PKCS#8 PEM.",
		set:         mapOutput{"private_keys_pem", "The private keys as PKCS#8 PEM; null for a node with `csr_pem`. The whole map is sensitive."},
		value: func(r lifecycle.Result) attr.Value {
			return orUnknown(r.PrivateKey, func(text string) attr.Value {
				if text == "" {
					return tfvalue.NullPEM()
				}
				return tfvalue.NewPEM(text)
			})
		},
	},
	{
		name: "subject", kind: types.StringType, in: inObject,
		description: "The subject in RFC 4514 notation; null if it is empty.",
		value:       ofCertificate(func(c *x509.Certificate) attr.Value { return tfvalue.NewText(pki.DistinguishedName(c.Subject)) }),
	},
	{
		name: "issuer", kind: types.StringType, in: inObject,
		description: "The issuer's name in RFC 4514 notation.",
		value:       ofCertificate(func(c *x509.Certificate) attr.Value { return tfvalue.NewText(pki.DistinguishedName(c.Issuer)) }),
	},
	{
		name: "serial_number", kind: types.StringType, in: inResource | inEphemeral | inObject,
		description: "The certificate's serial number, in lower-case hex.",
		set:         mapOutput{"serial_numbers", "The serial numbers, in lower-case hex."},
		value:       ofCertificate(func(c *x509.Certificate) attr.Value { return types.StringValue(pki.SerialNumber(c)) }),
	},
	{
		name: "fingerprint_sha256", kind: types.StringType, in: inResource | inEphemeral | inObject,
		description: "SHA-256 over the certificate's DER, in lower-case hex.",
		set:         mapOutput{"fingerprints_sha256", "SHA-256 over each certificate's DER, in lower-case hex."},
		value:       ofCertificate(func(c *x509.Certificate) attr.Value { return types.StringValue(pki.FingerprintSHA256(c)) }),
	},
	{
		name: "spki_sha256", kind: types.StringType, in: inResource | inObject,
		description: "SHA-256 over the DER of the public key (SubjectPublicKeyInfo), in lower-case hex. It is the same for all certificates with this key.",
		value: func(r lifecycle.Result) attr.Value {
			return orUnknown(r.SPKISHA256, func(digest string) attr.Value { return types.StringValue(digest) })
		},
	},
	{
		name: "subject_key_id", kind: types.StringType, in: inResource | inObject,
		description: "The subject key identifier, in lower-case hex; null if the certificate has none.",
		value: func(r lifecycle.Result) attr.Value {
			return orUnknown(r.SubjectKeyID, func(id []byte) attr.Value { return tfvalue.NewText(pki.KeyID(id)) })
		},
	},
	{
		name: "authority_key_id", kind: types.StringType, in: inObject,
		description: "The key identifier of the issuer, in lower-case hex; null if there is none.",
		value:       ofCertificate(func(c *x509.Certificate) attr.Value { return tfvalue.NewText(pki.KeyID(c.AuthorityKeyId)) }),
	},
	{
		name: "key_algorithm", kind: types.StringType, in: inObject,
		description: "The algorithm and size of the public key, such as `ECDSA-P256`.",
		value:       ofCertificate(func(c *x509.Certificate) attr.Value { return types.StringValue(string(pki.AlgorithmOf(c.PublicKey))) }),
	},
	{
		name: "issuer_fingerprint_sha256", kind: types.StringType, in: inResource | inSet,
		description: "`fingerprint_sha256` of the certificate that signed this one; null if it is self-signed, or if you provided it without its issuer.",
		value: func(r lifecycle.Result) attr.Value {
			return orUnknown(r.Issuer, func(fingerprint string) attr.Value { return tfvalue.NewText(fingerprint) })
		},
	},
	{
		name: "not_before", kind: timetypes.RFC3339Type{}, in: inResource | inEphemeral | inObject,
		description: "When the certificate becomes valid. RFC 3339, UTC.",
		value:       ofCertificate(func(c *x509.Certificate) attr.Value { return timetypes.NewRFC3339TimeValue(c.NotBefore.UTC()) }),
	},
	{
		name: "not_after", kind: timetypes.RFC3339Type{}, in: inResource | inEphemeral | inObject,
		description: "The last second in which the certificate is valid. RFC 3339, UTC.",
		set:         mapOutput{"not_after", "The last second in which each certificate is valid. RFC 3339, UTC."},
		value:       ofCertificate(func(c *x509.Certificate) attr.Value { return timetypes.NewRFC3339TimeValue(c.NotAfter.UTC()) }),
	},
	{
		name: "is_ca", kind: types.BoolType, in: inObject,
		description: "Whether its basic constraints say CA:TRUE.",
		value:       ofCertificate(func(c *x509.Certificate) attr.Value { return types.BoolValue(c.BasicConstraintsValid && c.IsCA) }),
	},
	{
		name: "dns_names", kind: listOfStrings, in: inObject,
		description: "DNS names of the subject alternative name.",
		value:       ofCertificate(func(c *x509.Certificate) attr.Value { return tfvalue.NewStrings(c.DNSNames) }),
	},
	{
		name: "ip_addresses", kind: listOfStrings, in: inObject,
		description: "IP addresses of the subject alternative name.",
		value:       ofCertificate(func(c *x509.Certificate) attr.Value { return tfvalue.NewStrings(texts(c.IPAddresses, net.IP.String)) }),
	},
	{
		name: "uris", kind: listOfStrings, in: inObject,
		description: "URIs of the subject alternative name.",
		value:       ofCertificate(func(c *x509.Certificate) attr.Value { return tfvalue.NewStrings(texts(c.URIs, (*url.URL).String)) }),
	},
	{
		name: "email_addresses", kind: listOfStrings, in: inObject,
		description: "E-mail addresses of the subject alternative name.",
		value:       ofCertificate(func(c *x509.Certificate) attr.Value { return tfvalue.NewStrings(c.EmailAddresses) }),
	},
	{
		name: "generation", kind: types.Int64Type, in: inResource,
		description: "The number of the current certificate of this resource, starting at 1. Each rotation increases it by one.",
		value: func(r lifecycle.Result) attr.Value {
			return orUnknown(r.Generation, func(number int64) attr.Value { return types.Int64Value(number) })
		},
	},
	{
		name: "renewal_at", kind: timetypes.RFC3339Type{}, in: inResource | inSet, clock: true,
		description: "When the certificate becomes due for renewal; null if renewal is off. RFC 3339, UTC.",
		value: func(r lifecycle.Result) attr.Value {
			return orUnknown(r.RenewalAt, func(at time.Time) attr.Value { return tfvalue.NewInstant(at) })
		},
	},
	{
		name: "renewal_due", kind: types.BoolType, in: inResource | inSet, clock: true,
		description: "Whether `renewal_at` has passed. It is also updated on refresh, so that `check` blocks, " +
			"postconditions and `terraform plan -refresh-only` can alert you. The next apply renews a generated certificate. " +
			"Your own certificate must be renewed by you.",
		value: func(r lifecycle.Result) attr.Value {
			return orUnknown(r.RenewalDue, func(due bool) attr.Value { return types.BoolValue(due) })
		},
	},
	{
		name: "trusted_certificates_pem", kind: types.MapType{ElemType: tfvalue.PEMType{}}, in: inUpload,
		description: "What the control plane should trust now, as a map from generation to PEM: the current certificate, and earlier ones within their overlap. " +
			"Its keys are known at plan even if a value is not, so you can use it in `for_each`. " +
			"The keys are only unknown if an argument is itself unknown at plan, such as a name.",
		value: trustedCertificates,
	},
	{
		name: "trust_bundle_pem", kind: tfvalue.PEMType{}, in: inUpload,
		description: "All certificates of `trusted_certificates_pem` as one PEM string, the current one first.",
		value:       trustBundle,
	},
}

var listOfStrings = types.ListType{ElemType: types.StringType}

// outputsIn are the outputs that stand in one of some places.
func outputsIn(where places) func(yield func(output) bool) {
	return func(yield func(output) bool) {
		for _, one := range outputs {
			if one.in&where != 0 && !yield(one) {
				return
			}
		}
	}
}

// ofCertificate is the value of an output that follows from the certificate.
func ofCertificate(value func(*x509.Certificate) attr.Value) func(lifecycle.Result) attr.Value {
	return func(r lifecycle.Result) attr.Value { return orUnknown(r.Certificate, value) }
}

// orUnknown is the value of what is known. Of what is not it is nil, which is
// written as unknown in the type of the output: see [output.of].
func orUnknown[T any](from lifecycle.Value[T], value func(T) attr.Value) attr.Value {
	known, is := from.Get()
	if !is {
		return nil
	}
	return value(known)
}

// of is the output's value for a result.
func (o output) of(result lifecycle.Result) attr.Value {
	if value := o.value(result); value != nil {
		return value
	}
	return unknownOf(o.kind)
}

// unknownOf is the unknown value of a type of the table.
func unknownOf(kind attr.Type) attr.Value {
	switch kind := kind.(type) {
	case tfvalue.PEMType:
		return tfvalue.UnknownPEM()
	case timetypes.RFC3339Type:
		return timetypes.NewRFC3339Unknown()
	case types.MapType:
		return types.MapUnknown(kind.ElemType)
	case types.ListType:
		return types.ListUnknown(kind.ElemType)
	}
	switch {
	case kind.Equal(types.Int64Type):
		return types.Int64Unknown()
	case kind.Equal(types.BoolType):
		return types.BoolUnknown()
	default:
		return types.StringUnknown()
	}
}

func trustedCertificates(r lifecycle.Result) attr.Value {
	return orUnknown(r.Trusted, func(trusted []lifecycle.Trusted) attr.Value {
		values := map[string]attr.Value{}
		for _, one := range trusted {
			values[strconv.FormatInt(one.Generation, 10)] = trustedPEM(one)
		}
		return types.MapValueMust(tfvalue.PEMType{}, values)
	})
}

func trustBundle(r lifecycle.Result) attr.Value {
	return orUnknown(r.Trusted, func(trusted []lifecycle.Trusted) attr.Value {
		var bundle strings.Builder
		for _, one := range slices.Backward(trusted) {
			text := trustedPEM(one)
			if text.IsUnknown() {
				return text
			}
			bundle.WriteString(text.ValueString())
		}
		return tfvalue.NewPEM(bundle.String())
	})
}

func trustedPEM(one lifecycle.Trusted) tfvalue.PEM {
	certificate, known := one.Certificate.Get()
	if !known {
		return tfvalue.UnknownPEM()
	}
	return tfvalue.NewPEM(pki.EncodeCertificates(certificate))
}

// texts writes each of some values.
func texts[T any](values []T, text func(T) string) []string {
	var all []string
	for _, value := range values {
		all = append(all, text(value))
	}
	return all
}

// resourceOutputs are the computed attributes of a certificate resource.
func resourceOutputs(where places) map[string]resource.Attribute {
	attributes := map[string]resource.Attribute{}
	for one := range outputsIn(where) {
		if !one.argument {
			attributes[one.name] = one.inResourceSchema()
		}
	}
	return attributes
}

func (o output) inResourceSchema() resource.Attribute {
	switch kind := o.kind.(type) {
	case types.MapType:
		return resource.MapAttribute{ElementType: kind.ElemType, Computed: true, MarkdownDescription: o.description}
	case tfvalue.PEMType:
		return resource.StringAttribute{CustomType: kind, Computed: true, Sensitive: o.sensitive, MarkdownDescription: o.description}
	case timetypes.RFC3339Type:
		return resource.StringAttribute{CustomType: kind, Computed: true, MarkdownDescription: o.description}
	}
	switch {
	case o.kind.Equal(types.Int64Type):
		return resource.Int64Attribute{Computed: true, MarkdownDescription: o.description}
	case o.kind.Equal(types.BoolType):
		return resource.BoolAttribute{Computed: true, MarkdownDescription: o.description}
	default:
		return resource.StringAttribute{Computed: true, MarkdownDescription: o.description}
	}
}

// setOutputs are the maps by node of a set.
func setOutputs() map[string]resource.Attribute {
	attributes := map[string]resource.Attribute{}
	for _, one := range outputs {
		if one.set.name != "" {
			attributes[one.set.name] = resource.MapAttribute{
				ElementType: one.elementType(), Computed: true, Sensitive: one.sensitive,
				MarkdownDescription: one.set.description + " A map with one entry per node.",
			}
		}
	}
	return attributes
}

// setOutput is the name of an output's map in a set; empty if it has none.
func setOutput(name string) string {
	at := slices.IndexFunc(outputs, func(one output) bool { return one.name == name })
	if at < 0 {
		return ""
	}
	return outputs[at].set.name
}

// elementType is the type of a node's value in the map of a set: instants are
// plain strings there.
func (o output) elementType() attr.Type {
	if _, is := o.kind.(timetypes.RFC3339Type); is {
		return types.StringType
	}
	return o.kind
}

// ofNode is the output's value for one node of a set.
func (o output) ofNode(result lifecycle.Result) attr.Value {
	if instant, is := o.of(result).(timetypes.RFC3339); is {
		return instant.StringValue
	}
	return o.of(result)
}

// ephemeralOutputs are the results of an ephemeral certificate.
func ephemeralOutputs() map[string]ephemeral.Attribute {
	attributes := map[string]ephemeral.Attribute{}
	for one := range outputsIn(inEphemeral) {
		attribute := ephemeral.StringAttribute{Computed: true, Sensitive: one.sensitive, MarkdownDescription: one.description}
		switch kind := one.kind.(type) {
		case tfvalue.PEMType:
			attribute.CustomType = kind
		case timetypes.RFC3339Type:
			attribute.CustomType = kind
		}
		attributes[one.name] = attribute
	}
	return attributes
}

// certificateTypes are the types of the certificate object's attributes. It
// leaves out the certificate's PEM: whoever has the object gave it.
func certificateTypes() map[string]attr.Type {
	kinds := map[string]attr.Type{}
	for one := range outputsIn(inObject) {
		kinds[one.name] = one.kind
	}
	return kinds
}

// certificateAttributes is the certificate object in a data source's schema.
func certificateAttributes() map[string]datasource.Attribute {
	attributes := map[string]datasource.Attribute{}
	for one := range outputsIn(inObject) {
		switch kind := one.kind.(type) {
		case types.ListType:
			attributes[one.name] = datasource.ListAttribute{Computed: true, ElementType: kind.ElemType, MarkdownDescription: one.description}
		case timetypes.RFC3339Type:
			attributes[one.name] = datasource.StringAttribute{Computed: true, CustomType: kind, MarkdownDescription: one.description}
		default:
			if kind.Equal(types.BoolType) {
				attributes[one.name] = datasource.BoolAttribute{Computed: true, MarkdownDescription: one.description}
				continue
			}
			attributes[one.name] = datasource.StringAttribute{Computed: true, MarkdownDescription: one.description}
		}
	}
	return attributes
}

// certificateValues are the attributes of the certificate object.
func certificateValues(certificate *x509.Certificate) map[string]attr.Value {
	values, result := map[string]attr.Value{}, lifecycle.Describe(certificate)
	for one := range outputsIn(inObject) {
		values[one.name] = one.of(result)
	}
	return values
}

// certificateObject describes one certificate; null for nil.
func certificateObject(certificate *x509.Certificate) types.Object {
	if certificate == nil {
		return types.ObjectNull(certificateTypes())
	}
	return types.ObjectValueMust(certificateTypes(), certificateValues(certificate))
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
