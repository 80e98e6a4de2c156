package provider

import (
	"context"
	"math"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trustplane/terraform-provider-mtls/internal/issue"
	"github.com/trustplane/terraform-provider-mtls/internal/tfvalue"
)

var (
	_ resource.ResourceWithConfigValidators = (*controlPlaneCAResource)(nil)
	_ resource.ResourceWithImportState      = (*controlPlaneCAResource)(nil)
	_ resource.ResourceWithModifyPlan       = (*controlPlaneCAResource)(nil)
	_ resource.ResourceWithMoveState        = (*controlPlaneCAResource)(nil)
)

type controlPlaneCAResource struct {
	certificateResource[controlPlaneCAModel, *controlPlaneCAModel]
}

func newControlPlaneCA(in environment) resource.Resource {
	r := &controlPlaneCAResource{}
	r.environment = in
	return r
}

type controlPlaneCAModel struct {
	certificateModel
	uploadModel
	pointersModel
	Issuer          types.Object `tfsdk:"issuer"`
	PublicKeyPEM    tfvalue.PEM  `tfsdk:"public_key_pem"`
	SignerCommand   types.List   `tfsdk:"signer_command"`
	MaxPathLength   types.Int64  `tfsdk:"max_path_length"`
	NameConstraints types.Object `tfsdk:"name_constraints"`
}

func (m *controlPlaneCAModel) profile() issue.Profile     { return issue.ControlPlaneCA }
func (m *controlPlaneCAModel) issuer() types.Object       { return m.Issuer }
func (m *controlPlaneCAModel) heldElsewhere() tfvalue.PEM { return m.PublicKeyPEM }
func (m *controlPlaneCAModel) signerCommand() types.List  { return m.SignerCommand }
func (m *controlPlaneCAModel) csr() tfvalue.PEM           { return tfvalue.NullPEM() }
func (m *controlPlaneCAModel) named() bool                { return false }

func (m *controlPlaneCAModel) request(read *tfvalue.Reader) issue.Request {
	request := m.baseRequest(m.profile(), read)
	request.MaxPathLength = read.Number(m.MaxPathLength)
	request.NameConstraints = readNameConstraints(m.NameConstraints, read)
	m.readInto(&request, read)
	return request
}

func (r *controlPlaneCAResource) Metadata(_ context.Context, request resource.MetadataRequest, response *resource.MetadataResponse) {
	response.TypeName = request.ProviderTypeName + "_control_plane_ca"
}

// MoveState takes over certificates from hashicorp/tls.
func (r *controlPlaneCAResource) MoveState(context.Context) []resource.StateMover {
	return r.moveFrom(tlsSelfSigned, tlsLocallySigned)
}

func (r *controlPlaneCAResource) ConfigValidators(context.Context) []resource.ConfigValidator {
	return []resource.ConfigValidator{generatedOrProvided()}
}

func (r *controlPlaneCAResource) Schema(_ context.Context, _ resource.SchemaRequest, response *resource.SchemaResponse) {
	response.Schema = schema.Schema{
		MarkdownDescription: "A CA that a control plane trusts: a root, or an intermediate below an `issuer`. " +
			"Two modes: generate key and certificate (`subject`), or manage a CA certificate you already have (`certificate_pem`). " +
			"Upload `trusted_certificates_pem`, and the control plane accepts every data plane whose chain leads to it.",
		Attributes: merge(
			requestAttributes("CA certificate", "`87600h` (ten years), but never beyond the issuer's own expiry"), lifecycleAttributes(), uploadAttributes(), pointerAttributes("CA certificate"), resourceOutputs(inResource|inUpload|inCA),
			map[string]schema.Attribute{
				"issuer": issuerAttribute("The CA that signs this one. Default: none, which makes a self-signed root. " +
					"With `certificate_pem`, it is the CA that signed your certificate, and does not need a private key."),
				"public_key_pem": schema.StringAttribute{
					CustomType: tfvalue.PEMType{}, Optional: true,
					Validators: []validator.String{
						tfvalue.OnePublicKey(), tfvalue.Needs("signer_command"),
						besideCertificate(), tfvalue.Excludes(whyKeyAway, "private_key_pem", "private_key_pem_wo", "key_algorithm", "reuse_key"),
					},
					MarkdownDescription: "The public key, as PEM (`BEGIN PUBLIC KEY`), of a private key that stays in a hardware security module or a key service, and that `signer_command` signs with. " +
						"Default: none; a key is generated. Changing it starts a new generation.",
				},
				"signer_command": stringList(signerCommandDescription+" Of this CA: it signs a root itself, and everything that has this resource as its `issuer`. "+
					"Needs `public_key_pem`, or `certificate_pem` of a CA whose private key is not given. Default: none. Changing it does not re-issue the certificate.",
					tfvalue.Excludes(whyKeyAway, "private_key_pem", "private_key_pem_wo")),
				"max_path_length": schema.Int64Attribute{
					Optional:   true,
					Validators: []validator.Int64{tfvalue.NumberBetween(0, math.MaxInt32), besideCertificate()},
					MarkdownDescription: "How many levels of CAs may be below this one. With `0`, it can only issue end-entity certificates. Default: no limit of its own. " +
						"Changing it starts a new generation.",
				},
				"name_constraints": nameConstraintsAttribute(besideCertificate()),
			},
		),
	}
}

var _ model = (*controlPlaneCAModel)(nil)
