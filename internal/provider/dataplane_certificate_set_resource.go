package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/trustplane/terraform-provider-mtls/internal/lifecycle"
	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/tfvalue"
)

var (
	_ resource.Resource                = (*dataplaneCertificateSetResource)(nil)
	_ resource.ResourceWithModifyPlan  = (*dataplaneCertificateSetResource)(nil)
	_ resource.ResourceWithImportState = (*dataplaneCertificateSetResource)(nil)
)

type dataplaneCertificateSetResource struct{ environment }

func newDataplaneCertificateSet(in environment) resource.Resource {
	return &dataplaneCertificateSetResource{in}
}

type dataplaneCertificateSetModel struct {
	pointersModel
	Issuer            types.Object `tfsdk:"issuer"`
	Certificates      types.Map    `tfsdk:"certificates"`
	Subject           types.Object `tfsdk:"subject"`
	KeyAlgorithm      types.String `tfsdk:"key_algorithm"`
	Validity          types.String `tfsdk:"validity"`
	ExtendedKeyUsages types.List   `tfsdk:"extended_key_usages"`
	RenewBefore       types.String `tfsdk:"renew_before"`
	RotationTriggers  types.Map    `tfsdk:"rotation_triggers"`
	ReuseKey          types.Bool   `tfsdk:"reuse_key"`

	// Outputs are flat maps by node, and not objects: a sensitive attribute in a
	// nested object costs Terraform quadratic time in its marks.
	Outputs tfvalue.Rest `tfsdk:"*"`
}

func (r *dataplaneCertificateSetResource) Metadata(_ context.Context, request resource.MetadataRequest, response *resource.MetadataResponse) {
	response.TypeName = request.ProviderTypeName + "_dataplane_certificate_set"
}

// ImportState says what to do instead.
func (*dataplaneCertificateSetResource) ImportState(_ context.Context, _ resource.ImportStateRequest, response *resource.ImportStateResponse) {
	cannotImport("A set issues all of its certificates itself. Import a certificate that exists as mtls_dataplane_certificate, or add the node to the set: "+
		"it gets another certificate of the same CA, and the one in use stays valid.", response)
}

func (r *dataplaneCertificateSetResource) Schema(_ context.Context, _ resource.SchemaRequest, response *resource.SchemaResponse) {
	issuer := issuerAttribute("The CA that signs.")
	issuer.Optional, issuer.Required = false, true
	pointers := func(description string) schema.ListAttribute {
		return stringList(fmt.Sprintf(description, "set's certificates") + " For all nodes that do not say otherwise. Default: none. Changing it, other than its order, re-issues those nodes.")
	}
	response.Schema = schema.Schema{
		MarkdownDescription: "The certificates of a site's data planes in one resource: for hundreds of nodes per set, and tens of thousands in total. " +
			"Each node follows the rules of `mtls_dataplane_certificate`, but the state is only written once per set. A plan only touches the nodes that change. " +
			"If something is wrong with a node, the error names it and nothing is issued. " +
			"A set is planned and applied as a whole, so keep it to a few hundred nodes, with `for_each` over sites; see the guide on scale.",
		Attributes: merge(setOutputs(), map[string]schema.Attribute{
			"issuer": issuer,
			"certificates": schema.MapNestedAttribute{
				Required:   true,
				Validators: []validator.Map{tfvalue.NoNulls()},
				NestedObject: schema.NestedAttributeObject{Attributes: nodeAttributes(), Validators: []validator.Object{tfvalue.NotAllNull("Node without a name",
					"The certificate would have no name. Set common_name, an alternative name, or a csr_pem that contains a name.",
					"common_name", "subject", "dns_names", "ip_addresses", "uris", "email_addresses", "csr_pem")}},
				MarkdownDescription: "The certificates, by node. You choose the keys, and every output map uses the same keys. Adding or removing a node does not affect the others. " +
					"An empty map is a site without data planes.",
			},
			"subject": schema.SingleNestedAttribute{
				Optional: true, Attributes: subjectParts(),
				MarkdownDescription: "Parts of the subject that all nodes have, such as the organization, unless a node sets them itself. " +
					"A node with `csr_pem` that sets no part of a subject keeps that of its request. Default: none. Changing it re-issues every node that has them.",
			},
			"key_algorithm": schema.StringAttribute{
				Optional:            true,
				Validators:          []validator.String{oneOf(pki.KeyAlgorithms())},
				MarkdownDescription: "The algorithm of the generated keys: " + inCode(pki.KeyAlgorithms()) + ". Default: `ECDSA-P256`. Changing it re-issues every node that has no `csr_pem`.",
			},
			"validity": schema.StringAttribute{
				Optional:   true,
				Validators: []validator.String{tfvalue.MinValidity()},
				MarkdownDescription: "How long each certificate is valid, from the moment it is issued, as a Go duration. " +
					"Default: `8760h` (one year), but never beyond the issuer's own expiry. Changing it re-issues every node.",
			},
			"extended_key_usages": stringList("What the certificates are for: `client_auth`, `server_auth`, or both. Default: `[\"client_auth\"]`. Changing it re-issues every node.",
				arePurposes()),
			"crl_distribution_points": pointers(crlDescription),
			"ocsp_servers":            pointers(ocspDescription),
			"renew_before": schema.StringAttribute{
				Optional:   true,
				Validators: []validator.String{tfvalue.NotNegative()},
				MarkdownDescription: "How long before its expiry a certificate is renewed at the latest, as a Go duration. " +
					"Each node renews up to half of that earlier, at a moment derived from its key in `certificates`, so that a fleet does not renew all at once. " +
					"`\"0s\"` turns renewal off. Default: `720h`, or a third of `validity` if that is shorter.",
			},
			"rotation_triggers": schema.MapAttribute{
				ElementType: types.StringType, Optional: true,

				MarkdownDescription: "Arbitrary values. Changing any of them re-issues every node now. Default: none.",
			},
			"reuse_key": schema.BoolAttribute{
				Optional:            true,
				MarkdownDescription: "Whether a re-issued certificate keeps its node's private key. Default: `false`, a new key each time.",
			},
			"issuer_fingerprint_sha256": schema.StringAttribute{Computed: true, MarkdownDescription: "`fingerprint_sha256` of the issuer that signed all of them."},
			"renewal_at": schema.StringAttribute{
				CustomType: timetypes.RFC3339Type{}, Computed: true,
				MarkdownDescription: "When the first certificate becomes due for renewal; null if renewal is off. RFC 3339, UTC.",
			},
			"renewal_due": schema.BoolAttribute{
				Computed:            true,
				MarkdownDescription: "Whether `renewal_at` has passed. It is also updated on refresh.",
			},
		}),
	}
}

// ModifyPlan decides, for each node, what becomes of its certificate.
func (r *dataplaneCertificateSetResource) ModifyPlan(ctx context.Context, request resource.ModifyPlanRequest, response *resource.ModifyPlanResponse) {
	if request.Plan.Raw.IsNull() {
		return
	}
	s := r.get(ctx, request.Config, request.Plan, request.State, &response.Diagnostics)
	if response.Diagnostics.HasError() {
		return
	}
	if s.plan.Certificates.IsUnknown() {
		s.plan.setUnknown()
		r.codec.Encode(ctx, &response.Plan.Raw, response.Plan.Schema, s.plan, &response.Diagnostics)
		return
	}
	d := s.decode(ctx, request.Private, r.environment, &response.Diagnostics)
	if d == nil {
		return
	}
	unchanged := func() bool { return response.Plan.Raw.Equal(request.State.Raw) }
	at := d.plan(unchanged, func(results []lifecycle.Result) {
		s.encode(d, results)
		r.codec.Encode(ctx, &response.Plan.Raw, response.Plan.Schema, s.plan, &response.Diagnostics)
	}, &response.Diagnostics)
	if s.state != nil {
		d.writePlanned(ctx, response.Private, lifecycle.Generated, at, &response.Diagnostics)
	}
}

// Create issues every certificate.
func (r *dataplaneCertificateSetResource) Create(ctx context.Context, request resource.CreateRequest, response *resource.CreateResponse) {
	r.apply(ctx, toCreate(request, response))
}

// Update issues the certificates that the plan said would change.
func (r *dataplaneCertificateSetResource) Update(ctx context.Context, request resource.UpdateRequest, response *resource.UpdateResponse) {
	r.apply(ctx, toUpdate(request, response))
}

// Delete forgets the certificates. What was issued stays valid until its end.
func (r *dataplaneCertificateSetResource) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {
}

// apply carries out what the plan says.
func (r *dataplaneCertificateSetResource) apply(ctx context.Context, a application) {
	s := r.get(ctx, a.config, a.plan, a.state, a.diagnostics)
	if a.diagnostics.HasError() {
		return
	}
	d := s.decode(ctx, a.private, r.environment, a.diagnostics)
	if d == nil {
		return
	}
	var problems lifecycle.Problems
	results, record := d.Apply(ctx, s.promise(d), func(begun, all int) {
		tflog.Info(ctx, "issuing certificates", map[string]any{"issued": begun, "wanted": all})
	}, &problems)
	d.report(&problems, a.diagnostics)
	if a.diagnostics.HasError() {
		return
	}
	planned := s.plan.Outputs
	s.plan.Outputs = tfvalue.Rest{}
	s.encode(d, results)
	keepToPlan(s.plan.Outputs, planned)
	r.codec.Encode(ctx, &a.into.Raw, a.into.Schema, s.plan, a.diagnostics)
	writeRecord(ctx, a.private, record, a.diagnostics)
}

// Read moves what the clock says of the certificates.
func (r *dataplaneCertificateSetResource) Read(ctx context.Context, request resource.ReadRequest, response *resource.ReadResponse) {
	s := new(setModels)
	s.state = readModel[dataplaneCertificateSetModel](ctx, r.codec, request.State.Raw, request.State.Schema, &response.Diagnostics)
	if response.Diagnostics.HasError() {
		return
	}
	d := s.fromState(ctx, request.Private, r.clock(), &response.Diagnostics)
	if d == nil {
		return
	}
	results, record, changed := d.Refresh()
	if moveClock(s.state.Outputs, ofSet(results)) {
		r.codec.Encode(ctx, &response.State.Raw, response.State.Schema, s.state, &response.Diagnostics)
	}
	if changed {
		writeRecord(ctx, response.Private, record.Planned(lifecycle.Generated, d.fingerprints, record.Observed), &response.Diagnostics)
	}
}

func (r *dataplaneCertificateSetResource) get(ctx context.Context, config tfsdk.Config, plan tfsdk.Plan, state tfsdk.State, diagnostics *diag.Diagnostics) *setModels {
	return &setModels{readTrio[dataplaneCertificateSetModel](ctx, r.codec, config, plan, state, diagnostics)}
}
