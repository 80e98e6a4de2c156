package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

type privateKeyEphemeral struct{}

type privateKeyModel struct {
	KeyAlgorithm  types.String `tfsdk:"key_algorithm"`
	PrivateKeyPEM types.String `tfsdk:"private_key_pem"`
	PublicKeyPEM  types.String `tfsdk:"public_key_pem"`
	SPKISHA256    types.String `tfsdk:"spki_sha256"`
}

func newPrivateKeyEphemeral(environment) ephemeral.EphemeralResource { return &privateKeyEphemeral{} }

func (e *privateKeyEphemeral) Metadata(_ context.Context, request ephemeral.MetadataRequest, response *ephemeral.MetadataResponse) {
	response.TypeName = request.ProviderTypeName + "_private_key"
}

func (e *privateKeyEphemeral) Schema(_ context.Context, _ ephemeral.SchemaRequest, response *ephemeral.SchemaResponse) {
	response.Schema = schema.Schema{
		MarkdownDescription: "A private key that is never stored in state or plan. Use it for write-only arguments, such as those of a secret store. " +
			"Terraform opens it in every plan and every apply, so **each time it is a different key**. " +
			"Store it in the apply that generates it (with the store's own version argument), and read it back from the store to sign with it.",
		Attributes: map[string]schema.Attribute{
			"key_algorithm": schema.StringAttribute{
				Optional:            true,
				Validators:          []validator.String{oneOf(pki.KeyAlgorithms())},
				MarkdownDescription: "The algorithm of the key: " + inCode(pki.KeyAlgorithms()) + ". Default: `ECDSA-P256`.",
			},
			"private_key_pem": schema.StringAttribute{
				Computed: true, Sensitive: true,
				MarkdownDescription: "The private key as PKCS#8 PEM.",
			},
			"public_key_pem": schema.StringAttribute{
				Computed:            true,
				MarkdownDescription: "The public key as PEM (SubjectPublicKeyInfo).",
			},
			"spki_sha256": schema.StringAttribute{
				Computed:            true,
				MarkdownDescription: "SHA-256 over the DER of the public key, in lower-case hex.",
			},
		},
	}
}

// Open generates the key. There is nothing to renew or close: nobody else knows
// of it.
func (e *privateKeyEphemeral) Open(ctx context.Context, request ephemeral.OpenRequest, response *ephemeral.OpenResponse) {
	var m privateKeyModel
	response.Diagnostics.Append(request.Config.Get(ctx, &m)...)
	if response.Diagnostics.HasError() {
		return
	}
	key, err := pki.GenerateKey(pki.KeyAlgorithm(m.KeyAlgorithm.ValueString()))
	if err != nil {
		response.Diagnostics.AddError("Key generation failed", pki.Sentence(err.Error())+".")
		return
	}
	private, err := pki.EncodePrivateKey(key)
	if err != nil {
		response.Diagnostics.AddError("Key cannot be encoded", pki.Sentence(err.Error())+".")
		return
	}
	public, err := pki.EncodePublicKey(key.Public())
	if err != nil {
		response.Diagnostics.AddError("Key cannot be encoded", pki.Sentence(err.Error())+".")
		return
	}
	m.PrivateKeyPEM, m.PublicKeyPEM = types.StringValue(private), types.StringValue(public)
	m.SPKISHA256 = types.StringValue(pki.SPKISHA256Of(key.Public()))
	response.Diagnostics.Append(response.Result.Set(ctx, &m)...)
}
