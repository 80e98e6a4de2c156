package standin

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// vaultSecretReader reads back what vault_kv_secret_v2 keeps, as the data
// source of that name does.
type vaultSecretReader struct{ store store }

type vaultSecretModel struct {
	ID        types.String `tfsdk:"id"`
	Mount     types.String `tfsdk:"mount"`
	Name      types.String `tfsdk:"name"`
	Namespace types.String `tfsdk:"namespace"`
	Version   types.Int64  `tfsdk:"version"`
	Path      types.String `tfsdk:"path"`
	Data      types.Map    `tfsdk:"data"`
	DataJSON  types.String `tfsdk:"data_json"`

	// What Vault says of a version; always null here.
	CreatedTime    types.String `tfsdk:"created_time"`
	CustomMetadata types.Map    `tfsdk:"custom_metadata"`
	DeletionTime   types.String `tfsdk:"deletion_time"`
	Destroyed      types.Bool   `tfsdk:"destroyed"`
}

func (vaultSecretReader) Metadata(_ context.Context, _ datasource.MetadataRequest, response *datasource.MetadataResponse) {
	response.TypeName = vaultSecretType
}

func (vaultSecretReader) Schema(_ context.Context, _ datasource.SchemaRequest, response *datasource.SchemaResponse) {
	response.Schema = schema.Schema{Attributes: map[string]schema.Attribute{
		"id":        schema.StringAttribute{Computed: true},
		"mount":     schema.StringAttribute{Required: true},
		"name":      schema.StringAttribute{Required: true},
		"namespace": schema.StringAttribute{Optional: true},
		"version":   schema.Int64Attribute{Optional: true},
		"path":      schema.StringAttribute{Computed: true},
		"data":      schema.MapAttribute{ElementType: types.StringType, Computed: true, Sensitive: true},
		"data_json": schema.StringAttribute{Computed: true, Sensitive: true},

		"created_time":    schema.StringAttribute{Computed: true},
		"custom_metadata": schema.MapAttribute{ElementType: types.StringType, Computed: true},
		"deletion_time":   schema.StringAttribute{Computed: true},
		"destroyed":       schema.BoolAttribute{Computed: true},
	}}
}

func (r vaultSecretReader) Read(ctx context.Context, request datasource.ReadRequest, response *datasource.ReadResponse) {
	var m vaultSecretModel
	response.Diagnostics.Append(request.Config.Get(ctx, &m)...)
	if response.Diagnostics.HasError() {
		return
	}
	at := m.Mount.ValueString() + "/data/" + m.Name.ValueString()
	secret, fields, err := secretAt(r.store, at)
	if err != nil {
		report(&response.Diagnostics, vaultSecretType, err)
		return
	}
	m.ID, m.Path, m.DataJSON = types.StringValue(at), types.StringValue(at), types.StringValue(secret)
	texts, found := types.MapValueFrom(ctx, types.StringType, fields)
	response.Diagnostics.Append(found...)
	m.Data = texts
	response.Diagnostics.Append(response.State.Set(ctx, &m)...)
}

// secretAt is what was written at a path, as JSON and by field.
func secretAt(kept store, at string) (secret string, fields map[string]string, err error) {
	object, err := kept.get(vaultSecretType, at)
	if err != nil {
		return "", nil, err
	}
	for _, written := range []string{"data_json_wo", "data_json"} {
		if secret, ok := object[written].(string); ok {
			err := json.Unmarshal([]byte(secret), &fields)
			return secret, fields, err
		}
	}
	return "", nil, fmt.Errorf("no secret at %q", at)
}
