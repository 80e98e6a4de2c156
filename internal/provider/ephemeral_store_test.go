package provider

import (
	"context"
	"encoding/json"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	ephemeralschema "github.com/hashicorp/terraform-plugin-framework/ephemeral/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/trustplane/terraform-provider-mtls/internal/tfvalue"
)

// A secretStore stands in for hashicorp/vault, with the schema of its
// vault_kv_secret_v2 as far as keys go: the resource writes a secret write-only,
// when its version changes, and the ephemeral resource reads it back. It
// remembers all that it was ever given, at plan too.
type secretStore struct {
	mutex   sync.Mutex
	secrets map[string]string
	seen    []string
}

func newSecretStore() *secretStore { return &secretStore{secrets: map[string]string{}} }

// given lists every text that the store has seen, written or not.
func (s *secretStore) given() []string {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.seen
}

func (s *secretStore) note(text types.String) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if tfvalue.Known(text) {
		s.seen = append(s.seen, text.ValueString())
	}
}

func (s *secretStore) Metadata(_ context.Context, _ provider.MetadataRequest, response *provider.MetadataResponse) {
	response.TypeName = "vault"
}
func (*secretStore) Schema(context.Context, provider.SchemaRequest, *provider.SchemaResponse) {}
func (*secretStore) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {
}
func (*secretStore) DataSources(context.Context) []func() datasource.DataSource { return nil }
func (s *secretStore) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{func() resource.Resource { return &storedSecret{s} }}
}
func (s *secretStore) EphemeralResources(context.Context) []func() ephemeral.EphemeralResource {
	return []func() ephemeral.EphemeralResource{func() ephemeral.EphemeralResource { return &readSecret{s} }}
}

type storedSecret struct{ store *secretStore }

type storedSecretModel struct {
	ID      types.String `tfsdk:"id"`
	Mount   types.String `tfsdk:"mount"`
	Name    types.String `tfsdk:"name"`
	Data    types.String `tfsdk:"data_json_wo"`
	Version types.Int64  `tfsdk:"data_json_wo_version"`
}

func (*storedSecret) Metadata(_ context.Context, _ resource.MetadataRequest, response *resource.MetadataResponse) {
	response.TypeName = "vault_kv_secret_v2"
}

func (*storedSecret) Schema(_ context.Context, _ resource.SchemaRequest, response *resource.SchemaResponse) {
	response.Schema = schema.Schema{Attributes: map[string]schema.Attribute{
		"id":                   schema.StringAttribute{Computed: true, PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown()}},
		"mount":                schema.StringAttribute{Required: true},
		"name":                 schema.StringAttribute{Required: true},
		"data_json_wo":         schema.StringAttribute{Optional: true, WriteOnly: true},
		"data_json_wo_version": schema.Int64Attribute{Optional: true},
	}}
}

func (r *storedSecret) ModifyPlan(ctx context.Context, request resource.ModifyPlanRequest, response *resource.ModifyPlanResponse) {
	if request.Config.Raw.IsNull() {
		return
	}
	var m storedSecretModel
	response.Diagnostics.Append(request.Config.Get(ctx, &m)...)
	r.store.note(m.Data)
}

func (r *storedSecret) Create(ctx context.Context, request resource.CreateRequest, response *resource.CreateResponse) {
	var m storedSecretModel
	response.Diagnostics.Append(request.Config.Get(ctx, &m)...)
	r.write(m)
	response.State.Raw = request.Plan.Raw
	response.Diagnostics.Append(response.State.SetAttribute(ctx, path.Root("id"), m.Mount.ValueString()+"/data/"+m.Name.ValueString())...)
}

func (r *storedSecret) Update(ctx context.Context, request resource.UpdateRequest, response *resource.UpdateResponse) {
	var m storedSecretModel
	response.Diagnostics.Append(request.Config.Get(ctx, &m)...)
	r.write(m)
	response.State.Raw = request.Plan.Raw
}

func (r *storedSecret) write(m storedSecretModel) {
	r.store.note(m.Data)
	r.store.mutex.Lock()
	defer r.store.mutex.Unlock()
	r.store.secrets[m.Mount.ValueString()+"/"+m.Name.ValueString()] = m.Data.ValueString()
}

func (*storedSecret) Read(context.Context, resource.ReadRequest, *resource.ReadResponse)       {}
func (*storedSecret) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {}

type readSecret struct{ store *secretStore }

type readSecretModel struct {
	Mount   types.String `tfsdk:"mount"`
	MountID types.String `tfsdk:"mount_id"`
	Name    types.String `tfsdk:"name"`
	Data    types.Map    `tfsdk:"data"`
}

func (*readSecret) Metadata(_ context.Context, _ ephemeral.MetadataRequest, response *ephemeral.MetadataResponse) {
	response.TypeName = "vault_kv_secret_v2"
}

func (*readSecret) Schema(_ context.Context, _ ephemeral.SchemaRequest, response *ephemeral.SchemaResponse) {
	response.Schema = ephemeralschema.Schema{Attributes: map[string]ephemeralschema.Attribute{
		"mount":    ephemeralschema.StringAttribute{Required: true},
		"mount_id": ephemeralschema.StringAttribute{Optional: true},
		"name":     ephemeralschema.StringAttribute{Required: true},
		"data":     ephemeralschema.MapAttribute{ElementType: types.StringType, Computed: true, Sensitive: true},
	}}
}

func (r *readSecret) Open(ctx context.Context, request ephemeral.OpenRequest, response *ephemeral.OpenResponse) {
	var m readSecretModel
	response.Diagnostics.Append(request.Config.Get(ctx, &m)...)
	r.store.mutex.Lock()
	text, ok := r.store.secrets[m.Mount.ValueString()+"/"+m.Name.ValueString()]
	r.store.mutex.Unlock()
	var values map[string]string
	if !ok || json.Unmarshal([]byte(text), &values) != nil {
		response.Diagnostics.AddError("No such secret", "The store has no "+m.Name.ValueString()+" below "+m.Mount.ValueString()+".")
		return
	}
	data, diagnostics := types.MapValueFrom(ctx, types.StringType, values)
	response.Diagnostics.Append(diagnostics...)
	m.Data = data
	response.Diagnostics.Append(response.Result.Set(ctx, &m)...)
}
