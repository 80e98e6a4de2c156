package provider

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trustplane/terraform-provider-mtls/internal/issue"
	"github.com/trustplane/terraform-provider-mtls/internal/lifecycle"
	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/tfvalue"
)

// defaultEphemeralValidity is how long a certificate that nobody stores lives
// unless the user says otherwise.
const defaultEphemeralValidity = 24 * time.Hour

type dataplaneCertificateEphemeral struct{ environment }

type dataplaneCertificateEphemeralModel struct {
	namesModel
	pointersModel
	Subject           types.Object `tfsdk:"subject"`
	Issuer            types.Object `tfsdk:"issuer"`
	KeyAlgorithm      types.String `tfsdk:"key_algorithm"`
	Validity          types.String `tfsdk:"validity"`
	ExtendedKeyUsages types.List   `tfsdk:"extended_key_usages"`

	Outputs tfvalue.Rest `tfsdk:"*"`
}

func newDataplaneCertificateEphemeral(in environment) ephemeral.EphemeralResource {
	return &dataplaneCertificateEphemeral{in}
}

func (e *dataplaneCertificateEphemeral) Metadata(_ context.Context, request ephemeral.MetadataRequest, response *ephemeral.MetadataResponse) {
	response.TypeName = request.ProviderTypeName + "_dataplane_certificate"
}

func (e *dataplaneCertificateEphemeral) Schema(_ context.Context, _ ephemeral.SchemaRequest, response *ephemeral.SchemaResponse) {
	names := func(description string) schema.ListAttribute {
		return schema.ListAttribute{ElementType: types.StringType, Optional: true, Validators: []validator.List{tfvalue.NoNulls()}, MarkdownDescription: description + " Default: none."}
	}
	parts := map[string]schema.Attribute{}
	for name, description := range subjectDescriptions {
		parts[name] = schema.StringAttribute{Optional: true, MarkdownDescription: description + " Default: none."}
	}
	for name, description := range subjectLists() {
		parts[name] = names(description)
	}
	alternative := map[string]schema.Attribute{}
	for name, description := range nameDescriptions() {
		alternative[name] = names(description)
	}
	response.Schema = schema.Schema{
		MarkdownDescription: "A short-lived, CA-signed certificate and its private key, never stored in state or plan. " +
			"Use it for write-only arguments, such as `data_wo` of a Kubernetes secret. " +
			"Terraform opens it in every plan and every apply, so **each time it is a different certificate**. " +
			"It is not renewed while it is in use, and does not have to be closed. The rules are those of the resource with the same name.",
		Attributes: merge(ephemeralOutputs(), alternative, map[string]schema.Attribute{
			"subject":                 schema.SingleNestedAttribute{Optional: true, Attributes: parts, MarkdownDescription: "The subject of the certificate. Default: none; then an alternative name is required."},
			"crl_distribution_points": names(fmt.Sprintf(crlDescription, "certificate")),
			"ocsp_servers":            names(fmt.Sprintf(ocspDescription, "certificate")),
			"issuer": schema.SingleNestedAttribute{
				Required:            true,
				MarkdownDescription: "The CA that signs: a whole `mtls_control_plane_ca`, or an object with the attributes below.",
				Attributes: map[string]schema.Attribute{
					"certificate_pem": schema.StringAttribute{CustomType: tfvalue.PEMType{}, Required: true, MarkdownDescription: "The issuer's certificate as PEM."},
					"chain_pem":       schema.StringAttribute{CustomType: tfvalue.PEMType{}, Optional: true, MarkdownDescription: "The issuer's certificate followed by its own issuers, in order, as PEM. Default: only the issuer's certificate."},
					"private_key_pem": schema.StringAttribute{CustomType: tfvalue.PEMType{}, Optional: true, Sensitive: true, MarkdownDescription: "The issuer's private key as PEM. Required to sign. If the CA's own key is write-only, its `private_key_pem` is null, and you must set the key here. " +
						"Default: none."},
					"signer_command": schema.ListAttribute{ElementType: types.StringType, Optional: true, Validators: []validator.List{tfvalue.NoNulls()}, MarkdownDescription: signerCommandDescription + " Default: none."},
					"root_pem":       schema.StringAttribute{CustomType: tfvalue.PEMType{}, Optional: true, MarkdownDescription: issuerRootDescription + " Default: none; then limits of the root are not checked."},
				},
			},
			"key_algorithm": schema.StringAttribute{
				Optional:            true,
				Validators:          []validator.String{oneOf(pki.KeyAlgorithms())},
				MarkdownDescription: "The algorithm of the key: " + inCode(pki.KeyAlgorithms()) + ". Default: `ECDSA-P256`.",
			},
			"validity": schema.StringAttribute{
				Optional:            true,
				Validators:          []validator.String{tfvalue.MinValidity()},
				MarkdownDescription: "How long the certificate is valid, as a Go duration. Default: `24h`, but never beyond the issuer's own expiry.",
			},
			"extended_key_usages": schema.ListAttribute{
				ElementType: types.StringType, Optional: true,
				Validators:          []validator.List{tfvalue.NoNulls(), arePurposes()},
				MarkdownDescription: "What the certificate is for: `client_auth`, `server_auth`, or both. Default: `[\"client_auth\"]`.",
			},
		}),
	}
}

// Open issues the certificate.
func (e *dataplaneCertificateEphemeral) Open(ctx context.Context, request ephemeral.OpenRequest, response *ephemeral.OpenResponse) {
	var m dataplaneCertificateEphemeralModel
	e.codec.Decode(ctx, request.Config.Raw, request.Config.Schema, &m, &response.Diagnostics)
	if response.Diagnostics.HasError() {
		return
	}
	read := new(tfvalue.Reader)
	d := &decoded{Resource: lifecycle.Resource{Now: e.clock()}, readers: map[string]*tfvalue.Reader{"": read}}
	d.Issuer = readIssuer(m.Issuer, e.programs, &response.Diagnostics)
	d.Slots = []lifecycle.Slot{{Want: lifecycle.Want{Origin: lifecycle.Generated, Request: m.request(read)}}}
	if response.Diagnostics.HasError() {
		return
	}
	var problems lifecycle.Problems
	promise := lifecycle.Promise{Actions: []lifecycle.Action{lifecycle.Rotate}, At: d.Now}
	results, _ := d.Apply(ctx, promise, nil, &problems)
	d.report(&problems, &response.Diagnostics)
	if response.Diagnostics.HasError() {
		return
	}
	for one := range outputsIn(inEphemeral) {
		m.Outputs[one.name] = one.of(results[0])
	}
	e.codec.Encode(ctx, &response.Result.Raw, response.Result.Schema, &m, &response.Diagnostics)
}

func (m *dataplaneCertificateEphemeralModel) request(read *tfvalue.Reader) issue.Request {
	request := readRequest(issue.DataplaneCertificate, m.Subject, m.KeyAlgorithm, read)
	request.ExtendedKeyUsages, request.Validity = readPurposes(read, m.ExtendedKeyUsages), read.DurationOr(m.Validity, defaultEphemeralValidity)
	m.namesModel.readInto(&request, read)
	m.pointersModel.readInto(&request, read)
	return request
}
