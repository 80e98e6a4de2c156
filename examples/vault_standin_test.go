package examples

import (
	"context"
	"encoding/json"
	"os"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	ephemeralschema "github.com/hashicorp/terraform-plugin-framework/ephemeral/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// newVault stands in for hashicorp/vault: a secret of its key-value store, that
// is written write-only and read back ephemerally. It is kept in a file of the
// working folder.
func newVault() provider.Provider {
	return vault{standIn{"vault", []standInResource{{
		name: "vault_kv_secret_v2",
		attributes: map[string]schema.Attribute{
			"mount":                schema.StringAttribute{Required: true},
			"name":                 schema.StringAttribute{Required: true},
			"data_json_wo":         schema.StringAttribute{Optional: true, WriteOnly: true},
			"data_json_wo_version": schema.Int64Attribute{Optional: true},
		},
		keep: keepSecret,
	}}}}
}

type vault struct{ standIn }

func (vault) EphemeralResources(context.Context) []func() ephemeral.EphemeralResource {
	return []func() ephemeral.EphemeralResource{func() ephemeral.EphemeralResource { return vaultSecret{} }}
}

// secretFile is where a secret is kept.
func secretFile(mount, name types.String) string {
	return "vault-" + strings.ReplaceAll(mount.ValueString()+"/"+name.ValueString(), "/", "-") + ".json"
}

// keepSecret writes the secret of a configuration.
func keepSecret(ctx context.Context, configured tfsdk.Config) error {
	var mount, name, secret types.String
	configured.GetAttribute(ctx, path.Root("mount"), &mount)
	configured.GetAttribute(ctx, path.Root("name"), &name)
	configured.GetAttribute(ctx, path.Root("data_json_wo"), &secret)
	return os.WriteFile(secretFile(mount, name), []byte(secret.ValueString()), 0o600)
}

// vaultSecret is the ephemeral resource that reads a secret.
type vaultSecret struct{}

type vaultSecretModel struct {
	Mount   types.String `tfsdk:"mount"`
	MountID types.String `tfsdk:"mount_id"`
	Name    types.String `tfsdk:"name"`
	Data    types.Map    `tfsdk:"data"`
}

func (vaultSecret) Metadata(_ context.Context, _ ephemeral.MetadataRequest, response *ephemeral.MetadataResponse) {
	response.TypeName = "vault_kv_secret_v2"
}

func (vaultSecret) Schema(_ context.Context, _ ephemeral.SchemaRequest, response *ephemeral.SchemaResponse) {
	response.Schema = ephemeralschema.Schema{Attributes: map[string]ephemeralschema.Attribute{
		"mount":    ephemeralschema.StringAttribute{Required: true},
		"mount_id": ephemeralschema.StringAttribute{Optional: true},
		"name":     ephemeralschema.StringAttribute{Required: true},
		"data":     ephemeralschema.MapAttribute{ElementType: types.StringType, Computed: true, Sensitive: true},
	}}
}

func (vaultSecret) Open(ctx context.Context, request ephemeral.OpenRequest, response *ephemeral.OpenResponse) {
	var m vaultSecretModel
	response.Diagnostics.Append(request.Config.Get(ctx, &m)...)
	secret := map[string]string{}
	content, err := os.ReadFile(secretFile(m.Mount, m.Name))
	if err == nil {
		err = json.Unmarshal(content, &secret)
	}
	if err != nil {
		response.Diagnostics.AddError("No such secret", err.Error())
		return
	}
	texts, found := types.MapValueFrom(ctx, types.StringType, secret)
	response.Diagnostics.Append(found...)
	m.Data = texts
	response.Diagnostics.Append(response.Result.Set(ctx, &m)...)
}
