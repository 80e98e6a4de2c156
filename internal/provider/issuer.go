package provider

import (
	"bytes"
	"crypto/x509"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trustplane/terraform-provider-mtls/internal/issue"
	"github.com/trustplane/terraform-provider-mtls/internal/lifecycle"
	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/tfvalue"
)

// issuerAttribute is the write-only issuer: the object and all within it, so
// that neither the CA's key nor its certificates come into the state of what
// it signs.
func issuerAttribute(description string) schema.SingleNestedAttribute {
	return schema.SingleNestedAttribute{
		Optional:  true,
		WriteOnly: true,
		MarkdownDescription: description + " Set it to a whole `mtls_control_plane_ca`, or to an object with the attributes below. " +
			"Write-only: this resource's state only stores the issuer's fingerprint, as `issuer_fingerprint_sha256`. " +
			"When the issuer's certificate changes, this one is re-issued in place.",
		Attributes: map[string]schema.Attribute{
			"certificate_pem": schema.StringAttribute{
				CustomType: tfvalue.PEMType{}, Required: true, WriteOnly: true,
				MarkdownDescription: "The issuer's certificate, as PEM: exactly one CA certificate that may sign.",
			},
			"chain_pem": schema.StringAttribute{
				CustomType: tfvalue.PEMType{}, Optional: true, WriteOnly: true,
				MarkdownDescription: "The issuer's certificate followed by its own issuers, in order, as PEM. Default: only the issuer's certificate. " +
					"It becomes the rest of this certificate's `chain_pem`, without a self-signed root.",
			},
			"private_key_pem": schema.StringAttribute{
				CustomType: tfvalue.PEMType{}, Optional: true, WriteOnly: true, Sensitive: true,
				MarkdownDescription: "The issuer's private key, as PEM. Required to sign. It may be an ephemeral value from a secret store. Default: none.",
			},
		},
	}
}

// issuerTypes are the types of the issuer object's attributes.
var issuerTypes = map[string]attr.Type{
	"certificate_pem": tfvalue.PEMType{}, "chain_pem": tfvalue.PEMType{}, "private_key_pem": tfvalue.PEMType{},
}

// readIssuer reads the issuer out of the configuration.
func readIssuer(object types.Object, diagnostics *diag.Diagnostics) lifecycle.Issuer {
	if object.IsNull() {
		return lifecycle.Issuer{}
	}
	if object.IsUnknown() {
		return lifecycle.Issuer{Given: true, Unknown: true}
	}
	certificate, chain, key := issuerPart(object, "certificate_pem"), issuerPart(object, "chain_pem"), issuerPart(object, "private_key_pem")
	result := lifecycle.Issuer{Given: true, WithoutKey: key.IsNull(), ChainUnknown: chain.IsUnknown()}
	if !tfvalue.Known(certificate) {
		result.Unknown = certificate.IsUnknown()
		return result
	}
	// Not at the attribute within: see locate.
	at := path.Root("issuer")
	parsed, err := pki.ParseCertificate(certificate.ValueString())
	if err != nil {
		tfvalue.AddPEMError(diagnostics, at, "issuer certificate", err)
		return result
	}
	result.Signer = &issue.Issuer{Certificate: parsed}
	if strings.TrimSpace(chain.ValueString()) != "" { // AWS Private CA gives "" for a root
		if above, err := pki.ParseCertificates(chain.ValueString()); err != nil {
			tfvalue.AddPEMError(diagnostics, at, "issuer chain", err)
		} else {
			result.Signer.Chain = withoutFirst(parsed, above)
		}
	}
	if tfvalue.Known(key) {
		if signer, err := pki.ParsePrivateKey(key.ValueString()); err != nil {
			tfvalue.AddPEMError(diagnostics, at, "issuer key", err)
		} else {
			result.Signer.Key = signer
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

func issuerPart(object types.Object, name string) tfvalue.PEM {
	if text, ok := object.Attributes()[name].(tfvalue.PEM); ok {
		return text
	}
	return tfvalue.NullPEM()
}
