package provider

import (
	"context"
	"fmt"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-log/tfsdklog"
)

// BenchmarkFrameworkContext is what terraform-plugin-framework 1.19 takes, by
// itself, to plan one map of so many strings: a minimal reproduction.
//
// The functions that its server gives to tftypes.Transform, such as
// NullifyWriteOnlyAttributes, set the path of the current value as a field of
// the logger in the context that they captured:
//
//	return func(path *tftypes.AttributePath, val tftypes.Value) (tftypes.Value, error) {
//		ctx = logging.FrameworkWithAttributePath(ctx, path.String())
//
// The assignment outlives the call, so that the context of value n lies below n
// layers. A log call looks for its logger at the bottom of them, and one is made
// for each element of a map: n values take time in the square of n. Without a
// level in the environment, that is with nobody listening too. A variable of the
// closure's own, "ctx := logging.FrameworkWithAttributePath(ctx, …)", would end
// it.
//
// With the framework's logs off, as the command turns them off where nobody
// listens, nothing looks, and the growth is linear: compare
// "traced" with "silent" at ten times the elements.
func BenchmarkFrameworkContext(b *testing.B) {
	for _, level := range []struct{ name, value string }{{"traced", ""}, {"silent", "off"}} {
		for _, elements := range []int{1_000, 10_000} {
			b.Run(fmt.Sprintf("%s/elements=%d", level.name, elements), func(b *testing.B) {
				b.Setenv("TF_LOG_SDK_FRAMEWORK", level.value)
				benchMap(b, elements)
			})
		}
	}
}

func benchMap(b *testing.B, elements int) {
	b.Helper()
	server := providerserver.NewProtocol6(oneMap{})()
	kind := tftypes.Object{AttributeTypes: map[string]tftypes.Type{"texts": tftypes.Map{ElementType: tftypes.String}}}
	texts := written{}
	for i := range elements {
		texts[fmt.Sprint(i)] = "text"
	}
	config := dynamic(b, kind, valueOf(kind, written{"texts": texts}))
	request := &tfprotov6.PlanResourceChangeRequest{
		TypeName: "one_map", Config: config, ProposedNewState: config,
		PriorState: dynamic(b, kind, tftypes.NewValue(kind, nil)),
	}
	// The root logger drops what the framework logs, which looks for it all the
	// same.
	b.Setenv("TF_LOG_SDK", "error")
	ctx := tfsdklog.NewRootSDKLogger(b.Context(), tfsdklog.WithLevelFromEnv("TF_LOG_SDK"))
	for b.Loop() {
		answer, err := server.PlanResourceChange(ctx, request)
		if err != nil || len(answer.Diagnostics) > 0 {
			b.Fatal(err, answer.Diagnostics)
		}
	}
}

// BenchmarkFrameworkCollectionBlocks is what terraform-plugin-framework 1.19
// takes to read a resource whose schema has no blocks, and which does nothing: a
// minimal reproduction.
//
// Data.NullifyCollectionBlocks (internal/fwschemadata,
// data_nullify_collection_blocks.go) walks through every value that comes in, and
// Data.ReifyNullCollectionBlocks (data_reify_null_collection_blocks.go) through
// every value that goes out. For each value the one asks of those that are known,
// the other of those that are null, whether it is a block: by looking its path up
// in the schema, turning the path into one of the framework's, which looks it up
// again, step by step, and comparing that with the paths of all blocks. Where
// there are no blocks the answer is known before. Both have these paths in a
// variable, and after it
//
//	if len(blockPathExpressions) == 0 {
//		return diags
//	}
//
// would mend it: a read of 1,000 texts takes 125,334 allocations, and 85,270
// with these lines; of 1,000 nulls 108,332, and 68,268. "codec" is what decoding
// and encoding the same values takes, which nobody can do without.
func BenchmarkFrameworkCollectionBlocks(b *testing.B) {
	unlistened(b)
	const elements = 1_000
	kind := tftypes.Object{AttributeTypes: map[string]tftypes.Type{"texts": tftypes.Map{ElementType: tftypes.String}}}
	known, null := written{}, written{}
	for i := range elements {
		known[fmt.Sprint(i)], null[fmt.Sprint(i)] = "text", nil
	}
	server := providerserver.NewProtocol6(oneMap{})()
	for _, each := range []struct {
		name  string
		texts written
	}{{"nullify", known}, {"reify", null}} {
		state := dynamic(b, kind, valueOf(kind, written{"texts": each.texts}))
		b.Run(each.name+"/read", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				answer, err := server.ReadResource(b.Context(), &tfprotov6.ReadResourceRequest{TypeName: "one_map", CurrentState: state})
				if err != nil || len(answer.Diagnostics) > 0 {
					b.Fatal(err, answer.Diagnostics)
				}
			}
		})
		b.Run(each.name+"/codec", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				value, err := state.Unmarshal(kind)
				if err != nil {
					b.Fatal(err)
				}
				dynamic(b, kind, value)
			}
		})
	}
}

// BenchmarkFrameworkSchemaStep is one step of a path into a schema of so many
// attributes, as terraform-plugin-framework 1.19 takes it: a minimal
// reproduction.
//
// Schema.ApplyTerraform5AttributePathStep (resource/schema/schema.go, and its
// like in the schemas of data sources, ephemeral resources and providers) calls
// fwschema.SchemaApplyTerraform5AttributePathStep (internal/fwschema/schema.go),
// and that s.GetAttributes()[name]: which makes a new map of all attributes, to
// look one up. Every path that the server turns over passes here several times,
// so that a call for n attributes takes time in the square of n.
//
//	func (s Schema) ApplyTerraform5AttributePathStep(step tftypes.AttributePathStep) (any, error) {
//		if name, ok := step.(tftypes.AttributeName); ok {
//			if attribute, ok := s.Attributes[string(name)]; ok {
//				return attribute, nil
//			}
//		}
//		return fwschema.SchemaApplyTerraform5AttributePathStep(s, step)
//	}
//
// would mend it: a step into 10 attributes takes 744 bytes, into 100 5,032, and
// with these lines none.
func BenchmarkFrameworkSchemaStep(b *testing.B) {
	for _, count := range []int{10, 100} {
		attributes := map[string]schema.Attribute{}
		for i := range count {
			attributes[fmt.Sprintf("attribute_%d", i)] = schema.StringAttribute{Optional: true}
		}
		of := schema.Schema{Attributes: attributes}
		b.Run(fmt.Sprintf("attributes=%d", count), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := of.ApplyTerraform5AttributePathStep(tftypes.AttributeName("attribute_7")); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// oneMap is a provider of one resource of one map, which does nothing.
type oneMap struct{}

func (oneMap) Metadata(_ context.Context, _ provider.MetadataRequest, response *provider.MetadataResponse) {
	response.TypeName = "one"
}

func (oneMap) Schema(context.Context, provider.SchemaRequest, *provider.SchemaResponse) {}

func (oneMap) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {}

func (oneMap) DataSources(context.Context) []func() datasource.DataSource { return nil }

func (oneMap) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{func() resource.Resource { return oneMapResource{} }}
}

type oneMapResource struct{}

func (oneMapResource) Metadata(_ context.Context, _ resource.MetadataRequest, response *resource.MetadataResponse) {
	response.TypeName = "one_map"
}

func (oneMapResource) Schema(_ context.Context, _ resource.SchemaRequest, response *resource.SchemaResponse) {
	response.Schema = schema.Schema{Attributes: map[string]schema.Attribute{
		"texts": schema.MapAttribute{ElementType: types.StringType, Optional: true},
	}}
}

func (oneMapResource) Create(context.Context, resource.CreateRequest, *resource.CreateResponse) {}
func (oneMapResource) Read(context.Context, resource.ReadRequest, *resource.ReadResponse)       {}
func (oneMapResource) Update(context.Context, resource.UpdateRequest, *resource.UpdateResponse) {}
func (oneMapResource) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {}
