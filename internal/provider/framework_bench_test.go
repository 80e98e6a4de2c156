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
// NullifyWriteOnlyAttributes, set the path of the value at hand as a field of
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
