package provider

import (
	"bytes"
	"crypto/x509"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trustplane/terraform-provider-mtls/internal/issue"
	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

// issuerAttribute is the write-only issuer: the object and all within it, so
// that neither the CA's key nor its certificates come into the state of what
// it signs.
func issuerAttribute(description string) schema.SingleNestedAttribute {
	return schema.SingleNestedAttribute{
		Optional:  true,
		WriteOnly: true,
		MarkdownDescription: description + " Give a whole `mtls_control_plane_ca`, or an object of the attributes below. " +
			"Write-only: nothing of it is kept in this resource's state; of the issuer, only `issuer_fingerprint_sha256` is. " +
			"When the issuer's certificate changes, this one is re-issued in place.",
		Attributes: map[string]schema.Attribute{
			"certificate_pem": schema.StringAttribute{
				CustomType: pemType{}, Required: true, WriteOnly: true,
				MarkdownDescription: "The issuer's certificate, as PEM: one CA certificate that may sign.",
			},
			"chain_pem": schema.StringAttribute{
				CustomType: pemType{}, Optional: true, WriteOnly: true,
				MarkdownDescription: "The issuer's certificate and what stands above it, in order, as PEM. Default: the issuer's certificate alone. " +
					"It becomes the rest of `chain_pem`, without a self-signed root.",
			},
			"private_key_pem": schema.StringAttribute{
				CustomType: pemType{}, Optional: true, WriteOnly: true, Sensitive: true,
				MarkdownDescription: "The issuer's private key, as PEM. Needed to sign; may be an ephemeral value from a secret store. Default: none.",
			},
		},
	}
}

// issuerTypes are the types of the issuer object's attributes.
var issuerTypes = map[string]attr.Type{
	"certificate_pem": pemType{}, "chain_pem": pemType{}, "private_key_pem": pemType{},
}

// A configuredIssuer is the issuer as far as it is known.
type configuredIssuer struct {
	given   bool // the configuration names an issuer
	unknown bool // its certificate is known at apply alone
	// chainUnknown: the certificate is known, what stands above it is not yet.
	chainUnknown bool
	// keyless: the issuer is known to come without a private key.
	keyless bool
	// issuer is nil if none is given or its certificate is unknown.
	issuer *issue.Issuer
}

// fingerprint is the issuer's; null if there is none, unknown if it is.
func (c configuredIssuer) fingerprint() types.String {
	switch {
	case c.unknown:
		return types.StringUnknown()
	case c.issuer == nil:
		return types.StringNull()
	default:
		return types.StringValue(pki.FingerprintSHA256(c.issuer.Certificate))
	}
}

// readIssuer reads the issuer out of the configuration.
func readIssuer(object types.Object, diagnostics *diag.Diagnostics) configuredIssuer {
	if object.IsNull() {
		return configuredIssuer{}
	}
	if object.IsUnknown() {
		return configuredIssuer{given: true, unknown: true}
	}
	certificate, chain, key := issuerPart(object, "certificate_pem"), issuerPart(object, "chain_pem"), issuerPart(object, "private_key_pem")
	result := configuredIssuer{given: true, keyless: key.IsNull(), chainUnknown: chain.IsUnknown()}
	if !known(certificate) {
		result.unknown = certificate.IsUnknown()
		return result
	}
	// Not at the attribute within: see locate.
	at := path.Root("issuer")
	parsed, err := pki.ParseCertificate(certificate.ValueString())
	if err != nil {
		addPEMError(diagnostics, at, "issuer certificate", err)
		return result
	}
	result.issuer = &issue.Issuer{Certificate: parsed}
	if known(chain) {
		if above, err := pki.ParseCertificates(chain.ValueString()); err != nil {
			addPEMError(diagnostics, at, "issuer chain", err)
		} else {
			result.issuer.Chain = withoutFirst(parsed, above)
		}
	}
	if known(key) {
		if signer, err := pki.ParsePrivateKey(key.ValueString()); err != nil {
			addPEMError(diagnostics, at, "issuer key", err)
		} else {
			result.issuer.Key = signer
		}
	}
	return result
}

// withoutFirst leaves the issuer's own certificate out of its chain.
func withoutFirst(issuer *x509.Certificate, chain []*x509.Certificate) []*x509.Certificate {
	if len(chain) > 0 && bytes.Equal(chain[0].Raw, issuer.Raw) {
		return chain[1:]
	}
	return chain
}

func issuerPart(object types.Object, name string) pemValue {
	if text, ok := object.Attributes()[name].(pemValue); ok {
		return text
	}
	return nullPEM()
}
