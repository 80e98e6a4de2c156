package provider

import (
	"crypto/x509"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/trustplane/terraform-provider-mtls/internal/issue"
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
	inCA                           // a CA
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
		name: "root_pem", kind: tfvalue.PEMType{}, in: inCA,
		description: "The self-signed root above this CA, as PEM, which `chain_pem` leaves out; null for a root itself, and if the root is not known. " +
			"It is never presented. With it, whatever is issued below is checked against the root's limits at plan, too.",
		value: func(r lifecycle.Result) attr.Value {
			return orUnknown(r.Root, func(root *x509.Certificate) tfvalue.PEM {
				if root == nil {
					return tfvalue.NullPEM()
				}
				return tfvalue.NewPEM(pki.EncodeCertificates(root))
			})
		},
	},
	{
		name: "limits", kind: listOfStrings, in: inCA,
		description: "What this CA and those above it allow below it: one text for each that limits anything, in the notation of OpenSSL: " +
			"`pathlen:` and how many CAs may follow, `permitted;` and `excluded;` with a kind and a subtree, such as `permitted;DNS:acme.internal`. " +
			"Known at plan even if the certificates are not: so a plan refuses what they are going to forbid.",
		value: func(r lifecycle.Result) attr.Value {
			return orUnknown(r.Limits, func(all []issue.Limits) attr.Value { return tfvalue.NewStrings(texts(all, issue.Limits.String)) })
		},
	},
	{
		name: "private_key_pem", kind: tfvalue.PEMType{}, in: inResource | inEphemeral, argument: true, sensitive: true,
		description: "The private key as PKCS#8 PEM.",
		set:         mapOutput{"private_keys_pem", "The private keys as PKCS#8 PEM; null for a node with `csr_pem`. The whole map is sensitive."},
		value: func(r lifecycle.Result) attr.Value {
			return orUnknown(r.PrivateKey, writtenPEM)
		},
	},
	textOutput("subject", inObject, "The subject in RFC 4514 notation; null if it is empty.", func(c *x509.Certificate) string { return pki.WriteName(c.RawSubject) }),
	textOutput("issuer", inObject, "The issuer's name in RFC 4514 notation.", func(c *x509.Certificate) string { return pki.WriteName(c.RawIssuer) }),
	textOutput("serial_number", inResource|inEphemeral|inObject, "The certificate's serial number, in lower-case hex.", pki.SerialNumber).inSetAs("serial_numbers", "The serial numbers, in lower-case hex."),
	textOutput("fingerprint_sha256", inResource|inEphemeral|inObject, "SHA-256 over the certificate's DER, in lower-case hex.", pki.FingerprintSHA256).inSetAs("fingerprints_sha256", "SHA-256 over each certificate's DER, in lower-case hex."),
	{
		name: "spki_sha256", kind: types.StringType, in: inResource | inObject,
		description: "SHA-256 over the DER of the public key (SubjectPublicKeyInfo), in lower-case hex. It is the same for all certificates with this key.",
		value: func(r lifecycle.Result) attr.Value {
			return orUnknown(r.SPKISHA256, types.StringValue)
		},
	},
	{
		name: "spki_sha256_base64", kind: types.StringType, in: inResource | inObject,
		description: "`spki_sha256` in base64, as Envoy's `verify_certificate_spki` and HTTP public key pins write it.",
		value: func(r lifecycle.Result) attr.Value {
			return orUnknown(r.SPKISHA256, func(digest string) attr.Value { return types.StringValue(pki.HexToBase64(digest)) })
		},
	},
	{
		name: "subject_key_id", kind: types.StringType, in: inResource | inObject,
		description: "The subject key identifier, in lower-case hex; null if the certificate has none.",
		value: func(r lifecycle.Result) attr.Value {
			return orUnknown(r.SubjectKeyID, func(id []byte) attr.Value { return tfvalue.NewText(pki.KeyID(id)) })
		},
	},
	textOutput("authority_key_id", inObject, "The key identifier of the issuer, in lower-case hex; null if there is none.", func(c *x509.Certificate) string { return pki.KeyID(c.AuthorityKeyId) }),
	textOutput("key_algorithm", inObject, "The algorithm and size of the public key, such as `ECDSA-P256`.", func(c *x509.Certificate) string { return string(pki.AlgorithmOf(c.PublicKey)) }),
	{
		name: "issuer_fingerprint_sha256", kind: types.StringType, in: inResource | inSet,
		description: "`fingerprint_sha256` of the certificate that signed this one; null if it is self-signed, or if you provided it without its issuer.",
		value: func(r lifecycle.Result) attr.Value {
			return orUnknown(r.Issuer, tfvalue.NewText)
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
	listOutput("dns_names", "DNS names of the subject alternative name.", func(c *x509.Certificate) []string { return c.DNSNames }),
	listOutput("ip_addresses", "IP addresses of the subject alternative name.", func(c *x509.Certificate) []string { return texts(c.IPAddresses, net.IP.String) }),
	listOutput("uris", "URIs of the subject alternative name.", func(c *x509.Certificate) []string { return texts(c.URIs, (*url.URL).String) }),
	listOutput("email_addresses", "E-mail addresses of the subject alternative name.", func(c *x509.Certificate) []string { return c.EmailAddresses }),
	{
		name: "generation", kind: types.Int64Type, in: inResource,
		description: "The number of the current certificate of this resource, starting at 1. Each rotation increases it by one.",
		value: func(r lifecycle.Result) attr.Value {
			return orUnknown(r.Generation, types.Int64Value)
		},
	},
	{
		name: "revision", kind: types.Int64Type, in: inResource,
		description: "A number that follows from `fingerprint_sha256`: the same for the same certificate, different for any other, whatever became of the resource. " +
			"Use it where a write-only argument of another resource needs a version, such as `data_wo_revision`. `generation` starts at 1 again when the resource is replaced.",
		set:   mapOutput{"revisions", "A number for each certificate that follows from its fingerprint, for a version such as `data_wo_revision`."},
		value: ofCertificate(func(c *x509.Certificate) attr.Value { return types.Int64Value(pki.Revision(c)) }),
	},
	{
		name: "renewal_at", kind: timetypes.RFC3339Type{}, in: inResource | inSet, clock: true,
		description: "When the certificate becomes due for renewal; null if renewal is off. RFC 3339, UTC.",
		value: func(r lifecycle.Result) attr.Value {
			return orUnknown(r.RenewalAt, tfvalue.NewInstant)
		},
	},
	{
		name: "renewal_due", kind: types.BoolType, in: inResource | inSet, clock: true,
		description: "Whether `renewal_at` has passed. It is also updated on refresh, so that `check` blocks, " +
			"postconditions and `terraform plan -refresh-only` can alert you. The next apply renews a generated certificate. " +
			"You must renew your own certificate yourself.",
		value: func(r lifecycle.Result) attr.Value {
			return orUnknown(r.RenewalDue, types.BoolValue)
		},
	},
	{
		name: "next_generation", kind: types.Int64Type, in: inUpload,
		description: "The number of the generation that is trusted already, and waits until `prepublish` has passed; null if none waits. " +
			"Its certificate is in `trusted_certificates_pem` under this number.",
		value: func(r lifecycle.Result) attr.Value {
			return orUnknown(r.Next, func(next lifecycle.Next) attr.Value {
				if next.Generation == 0 {
					return types.Int64Null()
				}
				return types.Int64Value(next.Generation)
			})
		},
	},
	{
		name: "next_at", kind: timetypes.RFC3339Type{}, in: inUpload, clock: true,
		description: "The first apply from this instant on presents `next_generation`: once it was trusted for `prepublish`, or the current certificate has expired. " +
			"Null if none waits. RFC 3339, UTC.",
		value: func(r lifecycle.Result) attr.Value {
			return orUnknown(r.Next, func(next lifecycle.Next) attr.Value {
				if next.Generation == 0 {
					return timetypes.NewRFC3339Null()
				}
				return orUnknown(next.At, tfvalue.NewInstant)
			})
		},
	},
	{
		name: "next_private_key_pem", kind: tfvalue.PEMType{}, in: inUpload, sensitive: true,
		description: "The private key of `next_generation` as PKCS#8 PEM. It moves to `private_key_pem` when that generation is presented: deploy it from there. " +
			"Null if none waits, or if `private_key_pem` is null because the key is not stored here.",
		value: func(r lifecycle.Result) attr.Value {
			return orUnknown(r.Next, func(next lifecycle.Next) attr.Value {
				if next.Generation == 0 {
					return tfvalue.NullPEM()
				}
				return orUnknown(next.PrivateKey, writtenPEM)
			})
		},
	},
	{
		name: "trusted_certificates_pem", kind: types.MapType{ElemType: tfvalue.PEMType{}}, in: inUpload,
		description: "What the control plane should trust now, as a map from generation to PEM: the current certificate, earlier ones within their overlap, and with `prepublish` the next one while it waits. " +
			"Its keys are known at plan even if a value is not, so you can use it in `for_each`. " +
			"The keys are only unknown if an argument is itself unknown at plan, such as a name.",
		value: trustedCertificates,
	},
	{
		name: "trust_bundle_pem", kind: tfvalue.PEMType{}, in: inUpload,
		description: "All certificates of `trusted_certificates_pem` as one PEM string, the current one first, then earlier ones, then the one that waits.",
		value:       trustBundle,
	},
}

var listOfStrings = types.ListType{ElemType: types.StringType}

// textOutput is an output that is a text of the certificate; null for none.
func textOutput(name string, in places, description string, text func(*x509.Certificate) string) output {
	return output{
		name: name, kind: types.StringType, in: in, description: description,
		value: ofCertificate(func(c *x509.Certificate) attr.Value { return tfvalue.NewText(text(c)) }),
	}
}

// listOutput is an output of the certificate object that is a list.
func listOutput(name, description string, list func(*x509.Certificate) []string) output {
	return output{
		name: name, kind: listOfStrings, in: inObject, description: description,
		value: ofCertificate(func(c *x509.Certificate) attr.Value { return tfvalue.NewStrings(texts(list(c), pki.EscapeControl)) }),
	}
}

// inSetAs gives the output a map in sets.
func (o output) inSetAs(name, description string) output {
	o.set = mapOutput{name, description}
	return o
}

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

// writtenPEM is a text of PEM as an attribute; null for the empty one.
func writtenPEM(text string) tfvalue.PEM {
	if text == "" {
		return tfvalue.NullPEM()
	}
	return tfvalue.NewPEM(text)
}

// orUnknown is the value of what is known. Of what is not it is nil, which is
// written as unknown in the type of the output: see [output.of].
func orUnknown[T any, A attr.Value](from lifecycle.Value[T], value func(T) A) attr.Value {
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
	case basetypes.Int64Type:
		return types.Int64Unknown()
	case basetypes.BoolType:
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
		ordered := slices.Clone(trusted)
		slices.Reverse(ordered)
		if next, _ := r.Next.Get(); next.Generation != 0 {
			ordered = append(ordered[1:], ordered[0])
		}
		for _, one := range ordered {
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
