package standin

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"math/big"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

// standins are the providers by name, in a version such as "3.16.0".
func standins(kept store, version string) map[string]standin {
	return map[string]standin{
		"konnect":    {source: "kong/konnect", resources: []keeper{konnectCertificate(kept, version), eventGatewayCertificate(kept)}},
		"kubernetes": {source: "hashicorp/kubernetes", resources: []keeper{kubernetesSecret(kept)}},
		"tls":        {source: "hashicorp/tls", resources: tlsResources(kept)},
		"vault": {
			source: "hashicorp/vault", resources: []keeper{vaultSecret(kept), vaultSign(kept)},
			dataSources: []datasource.DataSource{vaultSecretReader{kept}}, ephemerals: []ephemeral.EphemeralResource{vaultSecretOpener{kept}},
		},
	}
}

// newID is an ID as a service gives one to what is new.
func newID(map[string]any) string { return rand.Text() }

func replaced() []planmodifier.String {
	return []planmodifier.String{stringplanmodifier.RequiresReplace()}
}

// konnectCertificate is a certificate uploaded to a control plane of Konnect.
//
// Up to version 3.16 another certificate replaces the upload, as an upload is
// replaced in the providers of many other services. Since 3.17 it is an update in
// place, and only another control plane replaces it
// (gatewaydataplaneclientcertificate_resource.go of
// Kong/terraform-provider-konnect, read at both versions).
func konnectCertificate(kept store, version string) keeper {
	var another []planmodifier.String
	if strings.HasPrefix(version, "3.16.") {
		another = replaced()
	}
	return keeper{
		store: kept, name: "konnect_gateway_data_plane_client_certificate", id: newID, imported: konnectImport,
		room: struct { // by default
			in    string
			count int
		}{"control_plane_id", 32},
		attributes: map[string]schema.Attribute{
			"control_plane_id": schema.StringAttribute{Required: true, PlanModifiers: replaced()},
			"cert":             schema.StringAttribute{Required: true, PlanModifiers: another},
			"title":            schema.StringAttribute{Optional: true},
			"created_at":       schema.Int64Attribute{Computed: true},
			"updated_at":       schema.Int64Attribute{Computed: true},
		},
		// No clock runs here: nothing depends on these.
		results: map[string]any{"created_at": new(big.Float), "updated_at": new(big.Float)},
		takes:   300 * time.Millisecond,
	}
}

// eventGatewayCertificate is a certificate uploaded to an Event Gateway of Konnect
// (eventgatewaydataplanecertificate_resource.go, since 3.7).
func eventGatewayCertificate(kept store) keeper {
	texts := schema.ListAttribute{ElementType: types.StringType, Computed: true}
	text := schema.StringAttribute{Computed: true}
	return keeper{
		store: kept, name: "konnect_event_gateway_data_plane_certificate", id: newID,
		attributes: map[string]schema.Attribute{
			"gateway_id":  schema.StringAttribute{Required: true},
			"certificate": schema.StringAttribute{Required: true},
			"name":        schema.StringAttribute{Optional: true},
			"description": schema.StringAttribute{Optional: true},
			"created_at":  text,
			"updated_at":  text,
			"metadata": schema.SingleNestedAttribute{Computed: true, Attributes: map[string]schema.Attribute{
				"dns_names": texts, "email_addresses": texts, "ip_addresses": texts, "key_usages": texts, "san_names": texts, "uris": texts,
				"expiry": schema.Int64Attribute{Computed: true}, "issuer": text, "sha256_fingerprint": text, "subject": text,
			}},
		},
		// Nothing here depends on what it reads out of the certificate, or on a clock.
		results: map[string]any{"metadata": nil, "created_at": "", "updated_at": ""},
		takes:   300 * time.Millisecond,
	}
}

// konnectImport is the ID of an upload, in an import: an object as JSON.
func konnectImport(written string) (id string, err error) {
	var object struct {
		ControlPlaneID string `json:"control_plane_id"`
		ID             string `json:"id"`
	}
	if err := json.Unmarshal([]byte(written), &object); err != nil || object.ID == "" || object.ControlPlaneID == "" {
		return "", fmt.Errorf(`the import ID is an object with "control_plane_id" and "id", as JSON: not %s`, written)
	}
	return object.ID, nil
}

// kubernetesSecret is a secret of a cluster, by namespace and name.
func kubernetesSecret(kept store) keeper {
	stays := []planmodifier.String{stringplanmodifier.UseStateForUnknown()}
	texts := func(sensitive, writeOnly bool) schema.MapAttribute {
		return schema.MapAttribute{ElementType: types.StringType, Optional: true, Sensitive: sensitive, WriteOnly: writeOnly}
	}
	return keeper{
		store: kept, name: "kubernetes_secret_v1", unique: true, id: func(object map[string]any) string {
			metadata := at(object, "metadata", 0)
			return text(metadata, "namespace", "default") + "/" + text(metadata, "name", "")
		},
		attributes: map[string]schema.Attribute{
			"data":                           texts(true, false),
			"binary_data":                    texts(true, false),
			"data_wo":                        texts(false, true),
			"data_wo_revision":               schema.Int64Attribute{Optional: true},
			"binary_data_wo":                 texts(false, true),
			"binary_data_wo_revision":        schema.Int64Attribute{Optional: true},
			"immutable":                      schema.BoolAttribute{Optional: true},
			"type":                           schema.StringAttribute{Optional: true, Computed: true, Default: stringdefault.StaticString("Opaque"), PlanModifiers: replaced()},
			"wait_for_service_account_token": schema.BoolAttribute{Optional: true},
		},
		blocks: map[string]schema.Block{
			"metadata": schema.ListNestedBlock{NestedObject: schema.NestedBlockObject{Attributes: map[string]schema.Attribute{
				"annotations":      texts(false, false),
				"labels":           texts(false, false),
				"name":             schema.StringAttribute{Optional: true, PlanModifiers: replaced()},
				"namespace":        schema.StringAttribute{Optional: true, Computed: true, Default: stringdefault.StaticString("default"), PlanModifiers: replaced()},
				"generate_name":    schema.StringAttribute{Optional: true},
				"generation":       schema.NumberAttribute{Computed: true},
				"resource_version": schema.StringAttribute{Computed: true},
				"uid":              schema.StringAttribute{Computed: true, PlanModifiers: stays},
			}}},
		},
		results:  map[string]any{"generation": new(big.Float), "resource_version": "1", "uid": "stand-in"},
		versions: map[string]string{"data_wo": "data_wo_revision", "binary_data_wo": "binary_data_wo_revision"},
	}
}

// newKey is a private key as hashicorp/tls makes one; the empty string if there is
// no randomness.
func newKey() string {
	key, err := pki.GenerateKey(pki.ECDSAP256)
	if err != nil {
		return ""
	}
	text, err := pki.EncodePrivateKey(key)
	if err != nil {
		return ""
	}
	return text
}

// tlsResources are those of hashicorp/tls, as far as a state is concerned. What
// the real one computes is given here, so that a test knows it.
func tlsResources(kept store) []keeper {
	given := func(names ...string) map[string]schema.Attribute {
		attributes := map[string]schema.Attribute{}
		for _, name := range names {
			attributes[name] = schema.StringAttribute{Optional: true, Sensitive: strings.HasPrefix(name, "private_")}
		}
		return attributes
	}
	return []keeper{
		{
			store: kept, name: "tls_private_key", version: 1, id: newID, inStateOnly: true, results: map[string]any{"private_key_pem": newKey()},
			attributes: map[string]schema.Attribute{
				"algorithm":       schema.StringAttribute{Required: true, PlanModifiers: replaced()},
				"ecdsa_curve":     schema.StringAttribute{Optional: true, Computed: true, Default: stringdefault.StaticString("P224"), PlanModifiers: replaced()},
				"rsa_bits":        schema.Int64Attribute{Optional: true},
				"private_key_pem": schema.StringAttribute{Computed: true, Sensitive: true, PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown()}},
			},
		},
		{store: kept, name: "tls_self_signed_cert", id: newID, inStateOnly: true, attributes: given("cert_pem", "private_key_pem")},
		{store: kept, name: "tls_locally_signed_cert", id: newID, inStateOnly: true, attributes: given("cert_pem")},
		{store: kept, name: "tls_cert_request", id: newID, inStateOnly: true, attributes: given("cert_request_pem", "private_key_pem")},
	}
}

// vaultSecret is a secret of Vault's key-value store, version 2, by its path.
func vaultSecret(kept store) keeper {
	return keeper{
		store: kept, name: vaultSecretType, id: vaultPath,
		attributes: map[string]schema.Attribute{
			"mount":                schema.StringAttribute{Required: true, PlanModifiers: replaced()},
			"name":                 schema.StringAttribute{Required: true, PlanModifiers: replaced()},
			"namespace":            schema.StringAttribute{Optional: true, PlanModifiers: replaced()},
			"data_json":            schema.StringAttribute{Optional: true, Sensitive: true},
			"data_json_wo":         schema.StringAttribute{Optional: true, WriteOnly: true},
			"data_json_wo_version": schema.Int64Attribute{Optional: true},
			"cas":                  schema.Int64Attribute{Optional: true},
			"options":              schema.MapAttribute{ElementType: types.StringType, Optional: true},
			"disable_read":         schema.BoolAttribute{Optional: true},
			"delete_all_versions":  schema.BoolAttribute{Optional: true},
			"path":                 schema.StringAttribute{Computed: true, PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown()}},
			"data":                 schema.MapAttribute{ElementType: types.StringType, Computed: true, Sensitive: true},
			"metadata":             schema.MapAttribute{ElementType: types.StringType, Computed: true},
		},
		blocks: map[string]schema.Block{
			"custom_metadata": schema.ListNestedBlock{NestedObject: schema.NestedBlockObject{Attributes: map[string]schema.Attribute{
				"max_versions":         schema.Int64Attribute{Optional: true},
				"cas_required":         schema.BoolAttribute{Optional: true},
				"delete_version_after": schema.Int64Attribute{Optional: true},
				"data":                 schema.MapAttribute{ElementType: types.StringType, Optional: true},
			}}},
		},
		// The real one reads no secret back either.
		results:  map[string]any{"data": nil, "metadata": nil},
		versions: map[string]string{"data_json_wo": "data_json_wo_version"},
	}
}

const vaultSecretType = "vault_kv_secret_v2"

// vaultPath is where Vault has a secret: the ID of the resource, and its path.
func vaultPath(object map[string]any) string {
	return text(object, "mount", "") + "/data/" + text(object, "name", "")
}

// text is a string of an object, or what stands for a missing one.
func text(object map[string]any, name, missing string) string {
	if value, ok := object[name].(string); ok && value != "" {
		return value
	}
	return missing
}

// at is an object in a list of an object; empty if there is none.
func at(object map[string]any, name string, index int) map[string]any {
	if list, ok := object[name].([]any); ok && index < len(list) {
		if found, ok := list[index].(map[string]any); ok {
			return found
		}
	}
	return map[string]any{}
}
