package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trustplane/terraform-provider-mtls/internal/issue"
	"github.com/trustplane/terraform-provider-mtls/internal/tfvalue"
)

var (
	_ resource.ResourceWithConfigValidators = (*pinnedCertificateResource)(nil)
	_ resource.ResourceWithImportState      = (*pinnedCertificateResource)(nil)
	_ resource.ResourceWithModifyPlan       = (*pinnedCertificateResource)(nil)
	_ resource.ResourceWithMoveState        = (*pinnedCertificateResource)(nil)
)

type pinnedCertificateResource struct {
	certificateResource[pinnedCertificateModel, *pinnedCertificateModel]
}

func newPinnedCertificate(in environment) resource.Resource {
	r := &pinnedCertificateResource{}
	r.environment = in
	return r
}

type pinnedCertificateModel struct {
	certificateModel
	uploadModel
	namesModel
}

func (m *pinnedCertificateModel) profile() issue.Profile { return issue.PinnedCertificate }
func (m *pinnedCertificateModel) issuer() types.Object   { return types.ObjectNull(nil) }
func (m *pinnedCertificateModel) csr() tfvalue.PEM       { return tfvalue.NullPEM() }

func (m *pinnedCertificateModel) request(read *tfvalue.Reader) issue.Request {
	request := m.baseRequest(m.profile(), read)
	m.readInto(&request, read)
	return request
}

func (r *pinnedCertificateResource) Metadata(_ context.Context, request resource.MetadataRequest, response *resource.MetadataResponse) {
	response.TypeName = request.ProviderTypeName + "_pinned_certificate"
}

// MoveState takes over certificates from hashicorp/tls.
func (r *pinnedCertificateResource) MoveState(context.Context) []resource.StateMover {
	return r.moveFrom(tlsSelfSigned)
}

func (r *pinnedCertificateResource) ConfigValidators(context.Context) []resource.ConfigValidator {
	return []resource.ConfigValidator{generatedOrProvided()}
}

func (r *pinnedCertificateResource) Schema(_ context.Context, _ resource.SchemaRequest, response *resource.SchemaResponse) {
	response.Schema = schema.Schema{
		MarkdownDescription: "One certificate and key that both sides share. The control plane trusts this exact certificate and does not check its issuer. " +
			"Two modes: generate key and certificate (`subject`), or manage a certificate you already have (`certificate_pem`): any leaf, " +
			"self-signed or issued by a CA. A generated certificate is X.509 v3, self-signed, CA:FALSE, for client and server authentication. " +
			"It cannot sign other certificates.",
		Attributes: merge(requestAttributes("certificate", "`87600h` (ten years)"), nameAttributes(changeOfNames, besideCertificate()), lifecycleAttributes(), uploadAttributes(), resourceOutputs(inResource|inUpload)),
	}
}

var _ model = (*pinnedCertificateModel)(nil)
