package standin

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// vaultSecretOpener reads back what vault_kv_secret_v2 keeps, as the ephemeral
// resource of that name does.
type vaultSecretOpener struct{ store store }

type vaultOpenedModel struct {
	Mount   types.String `tfsdk:"mount"`
	MountID types.String `tfsdk:"mount_id"`
	Name    types.String `tfsdk:"name"`
	Data    types.Map    `tfsdk:"data"`
}

func (vaultSecretOpener) Metadata(_ context.Context, _ ephemeral.MetadataRequest, response *ephemeral.MetadataResponse) {
	response.TypeName = vaultSecretType
}

func (vaultSecretOpener) Schema(_ context.Context, _ ephemeral.SchemaRequest, response *ephemeral.SchemaResponse) {
	response.Schema = schema.Schema{Attributes: map[string]schema.Attribute{
		"mount":    schema.StringAttribute{Required: true},
		"mount_id": schema.StringAttribute{Optional: true}, // unknown until the mount is there: so reading waits
		"name":     schema.StringAttribute{Required: true},
		"data":     schema.MapAttribute{ElementType: types.StringType, Computed: true, Sensitive: true},
	}}
}

func (o vaultSecretOpener) Open(ctx context.Context, request ephemeral.OpenRequest, response *ephemeral.OpenResponse) {
	var m vaultOpenedModel
	response.Diagnostics.Append(request.Config.Get(ctx, &m)...)
	_, fields, err := secretAt(o.store, m.Mount.ValueString()+"/data/"+m.Name.ValueString())
	if err != nil {
		report(&response.Diagnostics, vaultSecretType, err)
		return
	}
	texts, found := types.MapValueFrom(ctx, types.StringType, fields)
	response.Diagnostics.Append(found...)
	m.Data = texts
	response.Diagnostics.Append(response.Result.Set(ctx, &m)...)
}
