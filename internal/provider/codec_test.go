package provider

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// The codec reads and writes what the framework's own Get and Set do, for every
// kind of certificate: what is known, null and unknown.
func TestCodecReadsAndWritesAsTheFramework(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	in := newEnvironment(f.clock.Now)
	codec := in.codec
	for kind, one := range map[string]struct {
		resource resource.Resource
		empty    func() any
		config   written
	}{
		kindCA:                    {newControlPlaneCA(in), func() any { return new(controlPlaneCAModel) }, written{"subject": written{"common_name": "Root"}, "max_path_length": 1}},
		"mtls_pinned_certificate": {newPinnedCertificate(in), func() any { return new(pinnedCertificateModel) }, written{"subject": written{"common_name": "pin"}, "uris": []string{"spiffe://a/b"}}},
		kindLeaf:                  {newDataplaneCertificate(in), func() any { return new(dataplaneCertificateModel) }, f.leaf("edge")},
		kindSet:                   {newDataplaneCertificateSet(in), func() any { return new(dataplaneCertificateSetModel) }, f.set(2)},
	} {
		t.Run(kind, func(t *testing.T) {
			var described resource.SchemaResponse
			one.resource.Schema(t.Context(), resource.SchemaRequest{}, &described)
			for name, raw := range map[string]tftypes.Value{
				"planned": f.plan(t, kind, f.none(kind), one.config, "issuer").plan,
				"applied": f.create(t, kind, one.config, "issuer"),
			} {
				var diagnostics diag.Diagnostics
				model := one.empty()
				codec.Decode(t.Context(), raw, described.Schema, model, &diagnostics)
				// What the framework makes of the values must be what the model is
				// written as, attribute by attribute.
				theirs := tfsdk.State{Raw: tftypes.NewValue(raw.Type(), nil), Schema: described.Schema}
				read := tfsdk.State{Raw: raw, Schema: described.Schema}
				for attribute := range described.Schema.Attributes {
					var value attr.Value
					diagnostics.Append(read.GetAttribute(t.Context(), path.Root(attribute), &value)...)
					diagnostics.Append(theirs.SetAttribute(t.Context(), path.Root(attribute), value)...)
				}
				var ours tftypes.Value
				codec.Encode(t.Context(), &ours, described.Schema, model, &diagnostics)
				if diagnostics.HasError() || !ours.Equal(raw) || !ours.Equal(theirs.Raw) {
					t.Errorf("%s: written is\n%v of\n%v, by the framework\n%v; %v", name, ours, raw, theirs.Raw, diagnostics)
				}
			}
		})
	}
}
