package provider

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trustplane/terraform-provider-mtls/internal/issue"
	"github.com/trustplane/terraform-provider-mtls/internal/tfvalue"
)

var (
	_ resource.ResourceWithConfigValidators = (*dataplaneCertificateResource)(nil)
	_ resource.ResourceWithImportState      = (*dataplaneCertificateResource)(nil)
	_ resource.ResourceWithModifyPlan       = (*dataplaneCertificateResource)(nil)
	_ resource.ResourceWithMoveState        = (*dataplaneCertificateResource)(nil)
)

type dataplaneCertificateResource struct {
	certificateResource[dataplaneCertificateModel, *dataplaneCertificateModel]
}

func newDataplaneCertificate(clock func() time.Time, codec *tfvalue.Codec) resource.Resource {
	r := &dataplaneCertificateResource{}
	r.clock, r.codec = clock, codec
	return r
}

type dataplaneCertificateModel struct {
	certificateModel
	namesModel
	Issuer            types.Object `tfsdk:"issuer"`
	CSRPEM            tfvalue.PEM  `tfsdk:"csr_pem"`
	ExtendedKeyUsages types.List   `tfsdk:"extended_key_usages"`
}

func (m *dataplaneCertificateModel) profile() issue.Profile        { return issue.DataplaneCertificate }
func (m *dataplaneCertificateModel) overlap() (types.String, bool) { return types.StringNull(), false }
func (m *dataplaneCertificateModel) issuer() types.Object          { return m.Issuer }
func (m *dataplaneCertificateModel) csr() tfvalue.PEM              { return m.CSRPEM }

func (m *dataplaneCertificateModel) request(read *tfvalue.Reader) issue.Request {
	request := m.baseRequest(m.profile(), read)
	m.readInto(&request, read)
	request.CSR = read.CSR(m.CSRPEM)
	request.ExtendedKeyUsages = readPurposes(read, m.ExtendedKeyUsages)
	return request
}

func (r *dataplaneCertificateResource) Metadata(_ context.Context, request resource.MetadataRequest, response *resource.MetadataResponse) {
	response.TypeName = request.ProviderTypeName + "_dataplane_certificate"
}

// MoveState takes over certificates from hashicorp/tls.
func (r *dataplaneCertificateResource) MoveState(context.Context) []resource.StateMover {
	return r.moveFrom(tlsLocallySigned)
}

func (r *dataplaneCertificateResource) ConfigValidators(context.Context) []resource.ConfigValidator {
	return []resource.ConfigValidator{
		tfvalue.AtLeastOneOf("subject", "csr_pem", "certificate_pem", "dns_names", "ip_addresses", "uris", "email_addresses"),
		tfvalue.AtLeastOneOf("issuer", "certificate_pem"),
		tfvalue.Conflicting("subject", "certificate_pem"),
	}
}

func (r *dataplaneCertificateResource) Schema(_ context.Context, _ resource.SchemaRequest, response *resource.SchemaResponse) {
	response.Schema = schema.Schema{
		MarkdownDescription: "A CA-signed certificate for a data plane, ready to present: `chain_pem` is what goes into `KONG_CLUSTER_CERT`. " +
			"It never outlives its issuer, and one that its own issuer would not vouch for is never issued. " +
			"Generated with its key, or signed for a request whose key never leaves the node, with `csr_pem`, or your own, with `certificate_pem`.",
		Attributes: merge(
			requestAttributes("certificate", "`8760h` (one year), cut to the issuer's end"), nameAttributes(), lifecycleAttributes(), resourceOutputs(inResource),
			map[string]schema.Attribute{
				"issuer": issuerAttribute("The CA that signs. Required unless `certificate_pem` is set; there, it tells what stands above the certificate that you bring, needs no key, and may be left out."),
				"csr_pem": schema.StringAttribute{
					CustomType: tfvalue.PEMType{}, Optional: true,
					Validators: []validator.String{
						tfvalue.OneCSR{},
						stringvalidator.ConflictsWith(atCertificate, atKey, atKeyWO, path.MatchRoot("key_algorithm"), path.MatchRoot("reuse_key")),
					},
					MarkdownDescription: "A certificate request (PKCS#10) as PEM, for a key that stays where it is. Its own signature is checked. " +
						"Subject and each kind of name come from it unless the configuration sets them. " +
						"A request for CA rights or a weak key is refused; whatever else it asks for, such as purposes or OCSP must-staple, is left out. Default: none; a key is generated. A change starts a new generation.",
				},
				"extended_key_usages": schema.ListAttribute{
					ElementType: types.StringType, Optional: true,
					Validators: []validator.List{
						listvalidator.ConflictsWith(atCertificate), listvalidator.SizeAtLeast(1), tfvalue.NoNulls{},
						listvalidator.ValueStringsAre(stringvalidator.OneOf(purposeNames()...)),
					},
					MarkdownDescription: "What the certificate is for: `client_auth`, `server_auth`, or both. Default: `[\"client_auth\"]`. " +
						"`server_auth` is for a self-hosted control plane's own certificate. A change starts a new generation.",
				},
			},
		),
	}
}

var _ model = (*dataplaneCertificateModel)(nil)
