package provider

import (
	"context"

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

func newDataplaneCertificate(in environment) resource.Resource {
	r := &dataplaneCertificateResource{}
	r.environment = in
	return r
}

type dataplaneCertificateModel struct {
	certificateModel
	namesModel
	pointersModel
	Issuer            types.Object `tfsdk:"issuer"`
	CSRPEM            tfvalue.PEM  `tfsdk:"csr_pem"`
	ExtendedKeyUsages types.List   `tfsdk:"extended_key_usages"`
}

func (m *dataplaneCertificateModel) profile() issue.Profile        { return issue.DataplaneCertificate }
func (m *dataplaneCertificateModel) overlap() (types.String, bool) { return types.StringNull(), false }
func (m *dataplaneCertificateModel) prepublish() types.String      { return types.StringNull() }
func (m *dataplaneCertificateModel) issuer() types.Object          { return m.Issuer }
func (m *dataplaneCertificateModel) csr() tfvalue.PEM              { return m.CSRPEM }

func (m *dataplaneCertificateModel) request(read *tfvalue.Reader) issue.Request {
	request := m.baseRequest(m.profile(), read)
	m.namesModel.readInto(&request, read)
	m.pointersModel.readInto(&request, read)
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
		tfvalue.AtLeastOneOf("Nothing says whose certificate this is. Set subject, or a name in dns_names, ip_addresses, uris or email_addresses, to generate it; csr_pem to sign a request; or certificate_pem to manage one that you already have.",
			"subject", "csr_pem", "certificate_pem", "dns_names", "ip_addresses", "uris", "email_addresses"),
		tfvalue.AtLeastOneOf("Set issuer to the CA that signs, such as a whole mtls_control_plane_ca. Only a certificate that you already have, in certificate_pem, needs none.", "issuer", "certificate_pem"),
		tfvalue.Conflicting(whyUnchanged+" Remove one of them.", "subject", "certificate_pem"),
	}
}

func (r *dataplaneCertificateResource) Schema(_ context.Context, _ resource.SchemaRequest, response *resource.SchemaResponse) {
	response.Schema = schema.Schema{
		MarkdownDescription: "A CA-signed certificate for a data plane. Put `chain_pem` into `KONG_CLUSTER_CERT`. " +
			"Three modes: generate key and certificate (default), sign a CSR whose key stays on the node (`csr_pem`), " +
			"or manage a certificate you already have (`certificate_pem`). " +
			"An issued certificate never outlives its issuer, and is only issued if its issuer may sign it.",
		Attributes: merge(
			requestAttributes("certificate", "`8760h` (one year), but never beyond the issuer's own expiry"), nameAttributes(changeOfNames, besideCertificate()), pointerAttributes("certificate"), lifecycleAttributes(), resourceOutputs(inResource),
			map[string]schema.Attribute{
				"issuer": issuerAttribute("The CA that signs. Required unless `certificate_pem` is set. " +
					"With `certificate_pem`, it is optional: the CA that signed your certificate, which then does not need a private key."),
				"csr_pem": schema.StringAttribute{
					CustomType: tfvalue.PEMType{}, Optional: true,
					Validators: []validator.String{
						tfvalue.OneCSR(),
						besideCertificate(), tfvalue.Excludes(whyKeyAway, "private_key_pem", "private_key_pem_wo", "key_algorithm", "reuse_key"),
					},
					MarkdownDescription: "A certificate request (CSR, PKCS#10) as PEM, for a private key that stays where it is. Its own signature is verified. " +
						"Subject and each kind of alternative name come from it, unless the configuration sets them; an empty list means none of that kind. " +
						"Names are also read from Microsoft's older attribute, and a repeated name is issued once. A name of another kind (UPN, SRV name, directory name) is refused, " +
						"unless one of the four lists is set here: then it is left out. A CSR may claim any name. " +
						"Set the subject and names here if they must be trusted. A CSR with a weak key or a request for CA rights is refused. " +
						"Anything else that it asks for, such as purposes or OCSP must-staple, is ignored. Default: none; a key is generated." +
						" Changing it starts a new generation.",
				},
				"extended_key_usages": stringList("What the certificate is for: `client_auth`, `server_auth`, or both. Default: `[\"client_auth\"]`. "+
					"`server_auth` is for a self-hosted control plane's own certificate. Changing it starts a new generation.",
					besideCertificate(), arePurposes()),
			},
		),
	}
}

var _ model = (*dataplaneCertificateModel)(nil)
