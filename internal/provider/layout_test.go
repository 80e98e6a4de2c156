package provider

import (
	"reflect"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// A layout reads and writes what the framework's own Get and Set do, for every
// kind of certificate: what is known, null and unknown.
func TestLayoutReadsAndWritesAsTheFramework(t *testing.T) {
	t.Parallel()
	f, all := newFleet(t), new(layouts)
	for kind, one := range map[string]struct {
		resource resource.Resource
		empty    func() any
		config   written
	}{
		kindCA:                    {newControlPlaneCA(f.clock.Now, all), func() any { return new(controlPlaneCAModel) }, written{"subject": written{"common_name": "Root"}, "max_path_length": 1}},
		"mtls_pinned_certificate": {newPinnedCertificate(f.clock.Now, all), func() any { return new(pinnedCertificateModel) }, written{"subject": written{"common_name": "pin"}, "uris": []string{"spiffe://a/b"}}},
		kindLeaf:                  {newDataplaneCertificate(f.clock.Now, all), func() any { return new(dataplaneCertificateModel) }, f.leaf("edge")},
	} {
		t.Run(kind, func(t *testing.T) {
			var described resource.SchemaResponse
			one.resource.Schema(t.Context(), resource.SchemaRequest{}, &described)
			for name, raw := range map[string]tftypes.Value{
				"planned": f.plan(t, kind, f.none(kind), one.config, "issuer").plan,
				"applied": f.create(t, kind, one.config, "issuer"),
			} {
				state := tfsdk.State{Raw: raw, Schema: described.Schema}
				theirs, ours := one.empty(), one.empty()
				var diagnostics diag.Diagnostics
				diagnostics.Append(state.Get(t.Context(), theirs)...)
				all.read(t.Context(), raw, described.Schema, ours, &diagnostics)
				if !reflect.DeepEqual(theirs, ours) {
					t.Errorf("%s: read are\n%+v, by the framework\n%+v", name, ours, theirs)
				}
				var back tftypes.Value
				all.write(t.Context(), &back, described.Schema, ours, &diagnostics)
				if diagnostics.HasError() || !back.Equal(raw) {
					t.Errorf("%s: written is %v of %v; %v", name, back, raw, diagnostics)
				}
			}
		})
	}
}
