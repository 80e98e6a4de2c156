package examples

import (
	"context"
	"maps"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// newKonnect stands in for kong/konnect: the upload of a certificate, with the
// attributes of the real resource, which goes nowhere.
func newKonnect() provider.Provider {
	return standIn{"konnect", []standInResource{{
		name: "konnect_gateway_data_plane_client_certificate", takes: 300 * time.Millisecond,
		attributes: map[string]schema.Attribute{
			"control_plane_id": schema.StringAttribute{Required: true, PlanModifiers: replaced()},
			"cert":             schema.StringAttribute{Required: true, PlanModifiers: replaced()},
			"title":            schema.StringAttribute{Optional: true, PlanModifiers: replaced()},
		},
	}}}
}

// newKubernetes stands in for hashicorp/kubernetes: a secret.
func newKubernetes() provider.Provider {
	return standIn{"kubernetes", []standInResource{{
		name: "kubernetes_secret_v1",
		attributes: map[string]schema.Attribute{
			"data":             schema.MapAttribute{ElementType: types.StringType, Optional: true, Sensitive: true},
			"data_wo":          schema.MapAttribute{ElementType: types.StringType, Optional: true, WriteOnly: true},
			"data_wo_revision": schema.Int64Attribute{Optional: true},
			"type":             schema.StringAttribute{Optional: true},
		},
		blocks: map[string]schema.Block{
			"metadata": schema.ListNestedBlock{NestedObject: schema.NestedBlockObject{Attributes: map[string]schema.Attribute{
				"name":      schema.StringAttribute{Optional: true},
				"namespace": schema.StringAttribute{Optional: true},
				"labels":    schema.MapAttribute{ElementType: types.StringType, Optional: true},
			}}},
		},
	}}}
}

// newTLS stands in for hashicorp/tls, as far as a state is concerned.
func newTLS() provider.Provider {
	pem := schema.StringAttribute{Optional: true, Sensitive: true}
	return standIn{"tls", []standInResource{
		{name: "tls_private_key", attributes: map[string]schema.Attribute{"private_key_pem": pem}},
		{name: "tls_self_signed_cert", attributes: map[string]schema.Attribute{"cert_pem": pem, "private_key_pem": pem}},
		{name: "tls_locally_signed_cert", attributes: map[string]schema.Attribute{"cert_pem": pem}},
	}}
}

func replaced() []planmodifier.String {
	return []planmodifier.String{stringplanmodifier.RequiresReplace()}
}

// A standIn is a provider whose resources keep what they are given.
type standIn struct {
	name      string
	resources []standInResource
}

func (s standIn) Metadata(_ context.Context, _ provider.MetadataRequest, response *provider.MetadataResponse) {
	response.TypeName = s.name
}
func (standIn) Schema(context.Context, provider.SchemaRequest, *provider.SchemaResponse) {}
func (standIn) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {
}
func (standIn) DataSources(context.Context) []func() datasource.DataSource { return nil }
func (s standIn) Resources(context.Context) []func() resource.Resource {
	var all []func() resource.Resource
	for _, one := range s.resources {
		all = append(all, func() resource.Resource { return one })
	}
	return all
}

type standInResource struct {
	name string
	// takes is how long a creation takes: what does not wait for it, shows.
	takes time.Duration
	// keep stores what is configured where another object can read it; nil: nowhere.
	keep       func(context.Context, tfsdk.Config) error
	attributes map[string]schema.Attribute
	blocks     map[string]schema.Block
}

func (r standInResource) Metadata(_ context.Context, _ resource.MetadataRequest, response *resource.MetadataResponse) {
	response.TypeName = r.name
}

func (r standInResource) Schema(_ context.Context, _ resource.SchemaRequest, response *resource.SchemaResponse) {
	attributes := map[string]schema.Attribute{
		"id": schema.StringAttribute{Computed: true, PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown()}},
	}
	maps.Copy(attributes, r.attributes)
	response.Schema = schema.Schema{Attributes: attributes, Blocks: r.blocks}
}

func (r standInResource) Create(ctx context.Context, request resource.CreateRequest, response *resource.CreateResponse) {
	time.Sleep(r.takes)
	r.store(ctx, request.Config, &response.Diagnostics)
	response.State.Raw = request.Plan.Raw
	response.Diagnostics.Append(response.State.SetAttribute(ctx, path.Root("id"), "stand-in")...)
}

func (standInResource) Read(context.Context, resource.ReadRequest, *resource.ReadResponse) {}

func (r standInResource) store(ctx context.Context, configured tfsdk.Config, diagnostics *diag.Diagnostics) {
	if r.keep == nil {
		return
	}
	if err := r.keep(ctx, configured); err != nil {
		diagnostics.AddError("Not kept", err.Error())
	}
}

func (r standInResource) Update(ctx context.Context, request resource.UpdateRequest, response *resource.UpdateResponse) {
	r.store(ctx, request.Config, &response.Diagnostics)
	response.State.Raw = request.Plan.Raw
}

func (standInResource) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {}
