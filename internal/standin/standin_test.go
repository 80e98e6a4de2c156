package standin

import (
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// TestStoreKeepsObjectsWhileTheyExist: what is put can be got until it is
// removed, and the journal tells it all in order.
func TestStoreKeepsObjectsWhileTheyExist(t *testing.T) {
	t.Parallel()
	kept := store{folder: t.TempDir()}
	const id = "secret/data/kong/edge-1" // no path of a folder
	for _, step := range []error{
		kept.put("created", "secret", id, map[string]any{"version": 1.0}),
		kept.put("updated", "secret", id, map[string]any{"version": 2.0}),
	} {
		if step != nil {
			t.Fatal(step)
		}
	}
	found, err := kept.get("secret", id)
	if diff := cmp.Diff(map[string]any{"version": 2.0}, found); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	if err := kept.remove("secret", id); err != nil {
		t.Fatal(err)
	}
	if found, err := kept.get("secret", id); err != nil || found != nil {
		t.Errorf("removed, and still there: %v %v", found, err)
	}
	journal, err := os.ReadFile(filepath.Join(kept.folder, "journal"))
	want := "created secret " + id + "\nupdated secret " + id + "\ndeleted secret " + id + "\n"
	if err != nil || string(journal) != want {
		t.Errorf("journal %q, want %q: %v", journal, want, err)
	}
}

// TestStoreWantsAFolder: a stand-in that forgets would let tests pass that look
// at nothing.
func TestStoreWantsAFolder(t *testing.T) {
	t.Parallel()
	if err := (store{}).put("created", "secret", "1", nil); err == nil || !strings.Contains(err.Error(), "STANDIN_STORE") {
		t.Errorf("got %v, want an error that names the variable", err)
	}
}

// TestObjectOf: a configuration becomes JSON without what is null.
func TestObjectOf(t *testing.T) {
	t.Parallel()
	object := tftypes.Object{AttributeTypes: map[string]tftypes.Type{
		"name": tftypes.String, "none": tftypes.String, "version": tftypes.Number, "kept": tftypes.Bool,
		"labels": tftypes.Map{ElementType: tftypes.String}, "names": tftypes.List{ElementType: tftypes.String},
	}}
	text := func(value string) tftypes.Value { return tftypes.NewValue(tftypes.String, value) }
	got, err := objectOf(tftypes.NewValue(object, map[string]tftypes.Value{
		"name": text("edge"), "none": tftypes.NewValue(tftypes.String, nil),
		"version": tftypes.NewValue(tftypes.Number, big.NewFloat(2)), "kept": tftypes.NewValue(tftypes.Bool, true),
		"labels": tftypes.NewValue(object.AttributeTypes["labels"], map[string]tftypes.Value{"team": text("payments")}),
		"names":  tftypes.NewValue(object.AttributeTypes["names"], []tftypes.Value{text("a"), text("b")}),
	}))
	want := map[string]any{
		"name": "edge", "version": 2.0, "kept": true,
		"labels": map[string]any{"team": "payments"}, "names": []any{"a", "b"},
	}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

// TestSchemas: each stand-in has a schema that terraform takes, for resources of
// its own name.
func TestSchemas(t *testing.T) {
	t.Parallel()
	for name, stands := range standins(store{folder: t.TempDir()}, "") {
		server := providerserver.NewProtocol6(stands)()
		response, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
		if err != nil || len(response.Diagnostics) > 0 {
			t.Errorf("%s: %v %v", name, err, response.Diagnostics)
			continue
		}
		if len(response.ResourceSchemas) == 0 {
			t.Errorf("%s has no resource", name)
		}
		for resource := range response.ResourceSchemas {
			if !strings.HasPrefix(resource, name+"_") {
				t.Errorf("%s has a resource %s", name, resource)
			}
		}
	}
}

// TestServeNamesWhatItIsNot: called by another name there is nothing to be.
func TestServeNamesWhatItIsNot(t *testing.T) {
	t.Parallel()
	err := Serve(t.Context(), "/plugins/terraform-provider-aws_v1.0.0", t.TempDir())
	if err == nil || !strings.Contains(err.Error(), `"aws"`) {
		t.Errorf("got %v, want an error that names it", err)
	}
}
