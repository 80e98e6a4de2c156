package provider

import (
	"context"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

var (
	_ resource.Resource               = (*dataplaneCertificateSetResource)(nil)
	_ resource.ResourceWithModifyPlan = (*dataplaneCertificateSetResource)(nil)
)

type dataplaneCertificateSetResource struct {
	clock func() time.Time
}

func newDataplaneCertificateSet(clock func() time.Time) resource.Resource {
	return &dataplaneCertificateSetResource{clock: clock}
}

type dataplaneCertificateSetModel struct {
	Issuer            types.Object `tfsdk:"issuer"`
	Certificates      types.Map    `tfsdk:"certificates"`
	KeyAlgorithm      types.String `tfsdk:"key_algorithm"`
	Validity          types.String `tfsdk:"validity"`
	ExtendedKeyUsages types.List   `tfsdk:"extended_key_usages"`
	RenewBefore       types.String `tfsdk:"renew_before"`
	RotationTriggers  types.Map    `tfsdk:"rotation_triggers"`
	ReuseKey          types.Bool   `tfsdk:"reuse_key"`

	// Flat maps by node, and not objects: a sensitive attribute in a nested
	// object costs Terraform quadratic time in its marks.
	ChainsPEM          types.Map `tfsdk:"chains_pem"`
	PrivateKeysPEM     types.Map `tfsdk:"private_keys_pem"`
	SerialNumbers      types.Map `tfsdk:"serial_numbers"`
	FingerprintsSHA256 types.Map `tfsdk:"fingerprints_sha256"`
	NotAfter           types.Map `tfsdk:"not_after"`

	IssuerFingerprint types.String      `tfsdk:"issuer_fingerprint_sha256"`
	RenewalAt         timetypes.RFC3339 `tfsdk:"renewal_at"`
	RenewalDue        types.Bool        `tfsdk:"renewal_due"`
}

func (r *dataplaneCertificateSetResource) Metadata(_ context.Context, request resource.MetadataRequest, response *resource.MetadataResponse) {
	response.TypeName = request.ProviderTypeName + "_dataplane_certificate_set"
}

func (r *dataplaneCertificateSetResource) Schema(_ context.Context, _ resource.SchemaRequest, response *resource.SchemaResponse) {
	issuer := issuerAttribute("The CA that signs.")
	issuer.Optional, issuer.Required = false, true
	byNode := func(description string) schema.MapAttribute {
		return schema.MapAttribute{ElementType: types.StringType, Computed: true, MarkdownDescription: description + " A map by node."}
	}
	chains, keys := byNode("What each data plane presents, as PEM: its certificate, then its issuers, without a self-signed root."),
		byNode("The private keys as PKCS#8 PEM; null for a node with a `csr_pem`. Sensitive as a whole.")
	chains.ElementType, keys.ElementType, keys.Sensitive = pemType{}, pemType{}, true
	response.Schema = schema.Schema{
		MarkdownDescription: "The certificates of a site's data planes in one resource: for hundreds of nodes a set, tens of thousands in all. " +
			"The same rules as `mtls_dataplane_certificate`, for each node; the state is written once a set. " +
			"A plan touches only the nodes that change. If one node is at fault, it is named and nothing is issued. " +
			"Keep a set to some hundred nodes, with `for_each` over sites: it is planned and applied as a whole; see the guide on scale.",
		Attributes: map[string]schema.Attribute{
			"issuer": issuer,
			"certificates": schema.MapNestedAttribute{
				Required:            true,
				Validators:          []validator.Map{noNulls{}},
				NestedObject:        schema.NestedAttributeObject{Attributes: nodeAttributes(), Validators: []validator.Object{namedNode{}}},
				MarkdownDescription: "The certificates, by node. The keys are yours to choose, and are those of every map that comes out. Adding or removing a node leaves the others alone. None at all is a site without data planes.",
			},
			"key_algorithm": schema.StringAttribute{
				Optional:            true,
				Validators:          []validator.String{stringvalidator.OneOf(algorithmNames()...)},
				MarkdownDescription: "The algorithm of the generated keys: `" + strings.Join(algorithmNames(), "`, `") + "`. Default: `ECDSA-P256`. A change re-issues every node that has no `csr_pem`.",
			},
			"validity": schema.StringAttribute{
				Optional:            true,
				Validators:          []validator.String{positiveDuration{}},
				MarkdownDescription: "How long each certificate lives from the moment it is issued, as a Go duration. Default: `8760h` (one year), cut to the issuer's end. A change re-issues every node.",
			},
			"extended_key_usages": schema.ListAttribute{
				ElementType: types.StringType, Optional: true,
				Validators:          []validator.List{listvalidator.SizeAtLeast(1), noNulls{}, listvalidator.ValueStringsAre(stringvalidator.OneOf(purposeNames()...))},
				MarkdownDescription: "What the certificates are for: `client_auth`, `server_auth`, or both. Default: `[\"client_auth\"]`. A change re-issues every node.",
			},
			"renew_before": schema.StringAttribute{
				Optional:   true,
				Validators: []validator.String{durationNotNegative{}},
				MarkdownDescription: "How long before its end a certificate is renewed at the latest, as a Go duration. Each node renews up to half of that earlier, " +
					"at a moment that its key decides, so that a fleet does not renew all at once. `\"0s\"` turns renewal off. Default: `720h`, or a third of `validity` if that is less.",
			},
			"rotation_triggers": schema.MapAttribute{
				ElementType: types.StringType, Optional: true,
				Validators:          []validator.Map{mapvalidator.SizeAtLeast(1)},
				MarkdownDescription: "Arbitrary values; any change of them re-issues every node now. Default: none.",
			},
			"reuse_key": schema.BoolAttribute{
				Optional:            true,
				MarkdownDescription: "Whether a re-issued certificate keeps its node's private key. Default: `false`, a new key each time.",
			},
			"chains_pem":                chains,
			"private_keys_pem":          keys,
			"serial_numbers":            byNode("The serial numbers, in lower-case hex."),
			"fingerprints_sha256":       byNode("SHA-256 over each certificate's DER, in lower-case hex."),
			"not_after":                 byNode("The last second of each certificate's life. RFC 3339, UTC."),
			"issuer_fingerprint_sha256": schema.StringAttribute{Computed: true, MarkdownDescription: "`fingerprint_sha256` of the issuer that signed all of them."},
			"renewal_at": schema.StringAttribute{
				CustomType: timetypes.RFC3339Type{}, Computed: true,
				MarkdownDescription: "When the first of the certificates becomes due for renewal; null when renewal is off. RFC 3339, UTC.",
			},
			"renewal_due": schema.BoolAttribute{
				Computed:            true,
				MarkdownDescription: "Whether `renewal_at` has passed. Also moves on refresh.",
			},
		},
	}
}

// Create issues every certificate.
func (r *dataplaneCertificateSetResource) Create(ctx context.Context, request resource.CreateRequest, response *resource.CreateResponse) {
	if r.apply(ctx, request.Config, request.Plan, nil, &response.State, &response.Diagnostics) {
		(&memory{Observed: r.clock()}).write(ctx, response.Private, &response.Diagnostics)
	}
}

// Update issues the certificates that the plan said would change.
func (r *dataplaneCertificateSetResource) Update(ctx context.Context, request resource.UpdateRequest, response *resource.UpdateResponse) {
	if r.apply(ctx, request.Config, request.Plan, &request.State, &response.State, &response.Diagnostics) {
		(&memory{Observed: r.clock()}).write(ctx, response.Private, &response.Diagnostics)
	}
}

// Delete forgets the certificates. What was issued stays valid until its end.
func (r *dataplaneCertificateSetResource) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {
}

// ModifyPlan decides, for each node, what becomes of its certificate.
func (r *dataplaneCertificateSetResource) ModifyPlan(ctx context.Context, request resource.ModifyPlanRequest, response *resource.ModifyPlanResponse) {
	if request.Plan.Raw.IsNull() {
		return
	}
	prior := &request.State
	if request.State.Raw.IsNull() {
		prior = nil
	}
	c := r.change(ctx, request.Config, request.Plan, prior, &response.Diagnostics)
	if c == nil {
		return
	}
	if prior != nil {
		c.memory = readMemory(ctx, request.Private, &response.Diagnostics)
	}
	write := func() {
		c.writePlan()
		if !response.Diagnostics.HasError() {
			response.Diagnostics.Append(response.Plan.Set(ctx, c.plan)...)
		}
	}
	write()
	if !response.Diagnostics.HasError() && response.Plan.Raw.Equal(request.State.Raw) && c.overdue() {
		write()
	}
}

// apply reports whether the set came to be what was planned.
func (r *dataplaneCertificateSetResource) apply(
	ctx context.Context, config tfsdk.Config, plan tfsdk.Plan, prior *tfsdk.State, result *tfsdk.State, diagnostics *diag.Diagnostics,
) bool {
	c := r.change(ctx, config, plan, prior, diagnostics)
	if c == nil {
		return false
	}
	c.apply(ctx)
	if !diagnostics.HasError() {
		diagnostics.Append(result.Set(ctx, c.plan)...)
	}
	return !diagnostics.HasError()
}

// change reads a set's way from state to configuration; nil if there is
// something that cannot be read, which is told. prior is nil for a new set.
func (r *dataplaneCertificateSetResource) change(
	ctx context.Context, config tfsdk.Config, plan tfsdk.Plan, prior *tfsdk.State, diagnostics *diag.Diagnostics,
) *setChange {
	var configured, planned dataplaneCertificateSetModel
	var state *dataplaneCertificateSetModel
	diagnostics.Append(config.Get(ctx, &configured)...)
	diagnostics.Append(plan.Get(ctx, &planned)...)
	if prior != nil {
		state = &dataplaneCertificateSetModel{}
		diagnostics.Append(prior.Get(ctx, state)...)
	}
	if diagnostics.HasError() {
		return nil
	}
	c := newSetChange(&configured, &planned, state, r.clock(), diagnostics)
	if diagnostics.HasError() {
		return nil
	}
	return c
}

// Read moves what the clock says of the certificates.
func (r *dataplaneCertificateSetResource) Read(ctx context.Context, request resource.ReadRequest, response *resource.ReadResponse) {
	var state dataplaneCertificateSetModel
	response.Diagnostics.Append(request.State.Get(ctx, &state)...)
	if response.Diagnostics.HasError() {
		return
	}
	now := r.clock()
	c := newSetChange(&state, &state, &state, now, &response.Diagnostics)
	state.setRenewal(c.nodes, now)
	response.Diagnostics.Append(response.State.Set(ctx, &state)...)
	if remembered := readMemory(ctx, request.Private, &response.Diagnostics); remembered.outdatedFor(c.nodes, now) {
		remembered.observe(now)
		remembered.write(ctx, response.Private, &response.Diagnostics)
	}
}
