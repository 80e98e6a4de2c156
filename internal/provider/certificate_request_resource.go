package provider

import (
	"context"
	"math"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/tfvalue"
)

var (
	_ resource.ResourceWithConfigValidators = (*certificateRequestResource)(nil)
	_ resource.ResourceWithModifyPlan       = (*certificateRequestResource)(nil)
	_ resource.ResourceWithImportState      = (*certificateRequestResource)(nil)
)

// certificateRequestResource asks a CA of somebody else: decode, ask package
// lifecycle, encode.
type certificateRequestResource struct{ environment }

func newCertificateRequest(in environment) resource.Resource {
	return &certificateRequestResource{in}
}

func (r *certificateRequestResource) Metadata(_ context.Context, request resource.MetadataRequest, response *resource.MetadataResponse) {
	response.TypeName = request.ProviderTypeName + "_certificate_request"
}

// ImportState says what to do instead.
func (*certificateRequestResource) ImportState(_ context.Context, _ resource.ImportStateRequest, response *resource.ImportStateResponse) {
	cannotImport("A request is made again for its key. Set private_key_pem_wo to the key of the request that exists, and certificate_pem to what the CA has issued for it.", response)
}

func (r *certificateRequestResource) ConfigValidators(context.Context) []resource.ConfigValidator {
	return []resource.ConfigValidator{tfvalue.AtLeastOneOf("The request would be for nobody. Set subject, or a name in dns_names, ip_addresses, uris or email_addresses.", "subject", "dns_names", "ip_addresses", "uris", "email_addresses")}
}

func (r *certificateRequestResource) Schema(_ context.Context, _ resource.SchemaRequest, response *resource.SchemaResponse) {
	response.Schema = schema.Schema{
		MarkdownDescription: "A private key and a certificate request (CSR) for a CA of somebody else: Vault, AWS Private CA, Google CAS, Active Directory, or a colleague with a smart card. " +
			"For a data plane, for a certificate to pin, or for a subordinate CA (`ca = true`). " +
			"What comes back goes into `certificate_pem` of the resources that use it, with the key of this one. " +
			"Given here too, it is checked, and a new key and request are made in time before it ends.",
		Attributes: merge(requestArguments(), answerArguments(), requestKeyArguments(), requestOutputs()),
	}
}

// requestArguments say what is asked for.
func requestArguments() map[string]schema.Attribute {
	const generation, request = "Changing it starts a new generation.", "Changing it makes a new request."
	subject, constraints := subjectAttribute("certificate"), nameConstraintsAttribute()
	subject.MarkdownDescription = "The subject of the certificate to ask for. Default: none. " + request
	constraints.MarkdownDescription = strings.ReplaceAll(constraints.MarkdownDescription, generation, request) + " Needs `ca = true`."
	names := nameAttributes("Changing them, other than their order or spelling, makes a new request.")
	return merge(names, map[string]schema.Attribute{
		"subject": subject,
		"extended_key_usages": stringList("What the certificate is for: `client_auth`, `server_auth`, or both. Default: `[\"client_auth\"]`; none for a CA. "+
			"For a certificate to pin, ask for both. Changing it makes a new request.",
			arePurposes()),
		"ca": schema.BoolAttribute{
			Optional:            true,
			MarkdownDescription: "Whether to ask for a subordinate CA. Default: `false`. Changing it makes a new request.",
		},
		"max_path_length": schema.Int64Attribute{
			Optional:            true,
			Validators:          []validator.Int64{tfvalue.NumberBetween(0, math.MaxInt32), tfvalue.Needs("ca")},
			MarkdownDescription: "With `ca = true`, how many levels of CAs may be below the one to ask for. Default: no limit of its own. Changing it makes a new request.",
		},
		"name_constraints": constraints,
	})
}

// answerArguments are about what comes back.
func answerArguments() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"certificate_pem": schema.StringAttribute{
			CustomType: tfvalue.PEMType{}, Optional: true,
			Validators: []validator.String{tfvalue.Certificates()},
			MarkdownDescription: "The certificate that the CA issued, as PEM, alone or followed by its issuers in order. It is checked at plan: for this key, with all that was asked for, and its chain in order; a CA that allows more than was asked for is a warning. " +
				"It cannot come from a resource that `csr_pem` of this one goes into, since that would be a cycle: read it from a file or a data source. Default: none; then nothing is checked, and only `rotation_triggers` and changes make a new request.",
		},
		"renew_before": schema.StringAttribute{
			Optional:   true,
			Validators: []validator.String{tfvalue.NotNegative()},
			MarkdownDescription: "How long before `certificate_pem` expires a new key and request are made, as a Go duration. `\"0s\"` turns that off. " +
				"With `reuse_key`, `private_key_pem_wo` or `signer_command` the request would be the same again: then the plan only warns. " +
				"Default: `720h`, or a third of the certificate's life if that is shorter. Changing it makes no new request by itself.",
		},
		"rotation_triggers": schema.MapAttribute{
			ElementType: types.StringType, Optional: true,
			MarkdownDescription: "Arbitrary values. Changing any of them makes a new request now. Default: none.",
		},
	}
}

// requestKeyArguments say where the key comes from.
func requestKeyArguments() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"key_algorithm": schema.StringAttribute{
			Optional:   true,
			Validators: []validator.String{oneOf(pki.KeyAlgorithms()), tfvalue.Excludes(whyGivenKey, "private_key_pem_wo", "public_key_pem")},
			MarkdownDescription: "The algorithm of the generated key: " + inCode(pki.KeyAlgorithms()) + ". " +
				"Default: `ECDSA-P256`. Changing it makes a new request.",
		},
		"reuse_key": schema.BoolAttribute{
			Optional:            true,
			MarkdownDescription: "Whether a new request is for the same private key. Default: `false`, a new key each time. Changing it makes no new request.",
		},
		"private_key_pem_wo": schema.StringAttribute{
			CustomType: tfvalue.PEMType{}, Optional: true, WriteOnly: true, Sensitive: true,
			Validators:          []validator.String{tfvalue.OnePrivateKey(), tfvalue.Excludes(whyKeyAway, "public_key_pem")},
			MarkdownDescription: "A private key to use instead of a generated one, as PEM, not encrypted. Write-only: never stored in state or plan. It may be an ephemeral value. Default: none.",
		},
		"private_key_pem_wo_version": schema.Int64Attribute{
			Optional:            true,
			Validators:          []validator.Int64{tfvalue.Needs("private_key_pem_wo")},
			MarkdownDescription: "A number to change whenever `private_key_pem_wo` changes. Changing it makes a new request with the current key. Default: none; then a different key makes a new request whenever it is known at plan.",
		},
		"public_key_pem": schema.StringAttribute{
			CustomType: tfvalue.PEMType{}, Optional: true,
			Validators: []validator.String{tfvalue.OnePublicKey(), tfvalue.Needs("signer_command"), tfvalue.Excludes(whyKeyAway, "key_algorithm", "reuse_key")},
			MarkdownDescription: "The public key, as PEM (`BEGIN PUBLIC KEY`), of a private key that stays in a hardware security module or a key service, and that `signer_command` signs the request with. " +
				"Default: none; a key is generated. Changing it makes a new request.",
		},
		"signer_command": stringList(signerCommandDescription+" Needs `public_key_pem`. Default: none. Changing it makes no new request.", tfvalue.Excludes(whyKeyAway, "private_key_pem_wo")),
	}
}

// requestOutputs are what comes out.
func requestOutputs() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"csr_pem": schema.StringAttribute{
			CustomType: tfvalue.PEMType{}, Computed: true,
			MarkdownDescription: "The certificate request (CSR, PKCS#10) as PEM, to be signed by the CA. It asks for the names, the key usages and, of a CA, the path length and name constraints that are set here.",
		},
		"private_key_pem": schema.StringAttribute{
			CustomType: tfvalue.PEMType{}, Computed: true, Sensitive: true,
			MarkdownDescription: "The private key of `csr_pem` as PKCS#8 PEM, stored in the state. Null if it is write-only or held by `signer_command`.",
		},
		"certificate_private_key_pem": schema.StringAttribute{
			CustomType: tfvalue.PEMType{}, Computed: true, Sensitive: true,
			MarkdownDescription: "The private key of `certificate_pem` as PKCS#8 PEM: what to present it with. That of `csr_pem`, except while the CA has not answered a new request: then still the one before. Null without `certificate_pem`, and if the key is not stored here.",
		},
		"spki_sha256": schema.StringAttribute{Computed: true, MarkdownDescription: "SHA-256 over the DER of the public key of `csr_pem` (SubjectPublicKeyInfo), in lower-case hex."},
		"generation":  schema.Int64Attribute{Computed: true, MarkdownDescription: "The number of the current request of this resource, starting at 1. Each new request increases it by one."},
		"renewal_at": schema.StringAttribute{
			CustomType: timetypes.RFC3339Type{}, Computed: true,
			MarkdownDescription: "When `certificate_pem` becomes due for renewal; null without one, or if that is off. RFC 3339, UTC.",
		},
		"renewal_due": schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether `renewal_at` has passed. It is also updated on refresh, so that `check` blocks and postconditions can alert you."},
	}
}
