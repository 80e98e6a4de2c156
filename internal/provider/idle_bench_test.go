package provider

import (
	"context"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// BenchmarkIdle is what terraform-plugin-framework takes for the calls of
// BenchmarkLeaf and BenchmarkSet by itself: a resource of the same schema and the
// same values that decides nothing. What ours takes beyond that is ours.
//
// The schema is that of the resource without what decides in it, which is
// validators and types of our own. An apply writes the state that the real
// resource has written; a plan leaves to the framework what becomes unknown.
func BenchmarkIdle(b *testing.B) {
	unlistened(b)
	f := newFleet(b)
	for _, each := range []struct {
		name, kind string
		config     written
	}{
		{"leaf", kindLeaf, f.leaf("edge-1")},
		{"set/nodes=500", kindSet, f.set(500)},
	} {
		b.Run(each.name, func(b *testing.B) {
			idle := *f
			idle.protocol = newIdleProtocol(b, each.kind, f.schemaOf(b, each.kind), f.create(b, each.kind, each.config, "issuer"))
			idle.benchLife(b, each.kind, each.config)
		})
	}
}

// schemaOf is the schema of a resource of the provider, as the framework has it.
func (f *fleet) schemaOf(tb testing.TB, kind string) schema.Schema {
	tb.Helper()
	for _, made := range New("test", f.clock.Now)().Resources(tb.Context()) {
		var metadata resource.MetadataResponse
		made().Metadata(tb.Context(), resource.MetadataRequest{ProviderTypeName: "mtls"}, &metadata)
		if metadata.TypeName == kind {
			var response resource.SchemaResponse
			made().Schema(tb.Context(), resource.SchemaRequest{}, &response)
			return response.Schema
		}
	}
	tb.Fatalf("there is no %s", kind)
	return schema.Schema{}
}

func newIdleProtocol(tb testing.TB, kind string, of schema.Schema, state tftypes.Value) *protocol {
	tb.Helper()
	of.Attributes = undeciding(tb, of.Attributes)
	return protocolOf(tb, providerserver.NewProtocol6(&idleProvider{kind, of, state})())
}

// undeciding are attributes of the same names and Terraform's types, without
// validators, plan modifiers and types of our own.
func undeciding(tb testing.TB, attributes map[string]schema.Attribute) map[string]schema.Attribute {
	tb.Helper()
	plain := map[string]schema.Attribute{}
	for name, attribute := range attributes {
		switch a := attribute.(type) {
		case schema.StringAttribute:
			plain[name] = schema.StringAttribute{Required: a.Required, Optional: a.Optional, Computed: a.Computed, Sensitive: a.Sensitive, WriteOnly: a.WriteOnly}
		case schema.BoolAttribute:
			plain[name] = schema.BoolAttribute{Required: a.Required, Optional: a.Optional, Computed: a.Computed, WriteOnly: a.WriteOnly}
		case schema.DynamicAttribute:
			plain[name] = schema.DynamicAttribute{Required: a.Required, Optional: a.Optional, Computed: a.Computed, WriteOnly: a.WriteOnly}
		case schema.Int64Attribute:
			plain[name] = schema.Int64Attribute{Required: a.Required, Optional: a.Optional, Computed: a.Computed, WriteOnly: a.WriteOnly}
		case schema.ListAttribute:
			plain[name] = schema.ListAttribute{Required: a.Required, Optional: a.Optional, Computed: a.Computed, WriteOnly: a.WriteOnly, ElementType: types.StringType}
		case schema.MapAttribute:
			plain[name] = schema.MapAttribute{Required: a.Required, Optional: a.Optional, Computed: a.Computed, WriteOnly: a.WriteOnly, Sensitive: a.Sensitive, ElementType: types.StringType}
		case schema.SingleNestedAttribute:
			plain[name] = schema.SingleNestedAttribute{
				Required: a.Required, Optional: a.Optional, Computed: a.Computed, WriteOnly: a.WriteOnly, Attributes: undeciding(tb, a.Attributes),
			}
		case schema.MapNestedAttribute:
			plain[name] = schema.MapNestedAttribute{
				Required: a.Required, Optional: a.Optional, Computed: a.Computed,
				NestedObject: schema.NestedAttributeObject{Attributes: undeciding(tb, a.NestedObject.Attributes)},
			}
		default:
			tb.Fatalf("%s is a %T, which has no counterpart here", name, attribute)
		}
	}
	return plain
}

// idleProvider has one resource, which is idle.
type idleProvider struct {
	kind   string
	schema schema.Schema
	state  tftypes.Value
}

func (*idleProvider) Metadata(_ context.Context, _ provider.MetadataRequest, response *provider.MetadataResponse) {
	response.TypeName = "mtls"
}

func (*idleProvider) Schema(context.Context, provider.SchemaRequest, *provider.SchemaResponse) {}

func (*idleProvider) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {
}

func (*idleProvider) DataSources(context.Context) []func() datasource.DataSource { return nil }

func (p *idleProvider) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{func() resource.Resource { return &idleResource{p} }}
}

type idleResource struct{ of *idleProvider }

func (r *idleResource) Metadata(_ context.Context, _ resource.MetadataRequest, response *resource.MetadataResponse) {
	response.TypeName = r.of.kind
}

func (r *idleResource) Schema(_ context.Context, _ resource.SchemaRequest, response *resource.SchemaResponse) {
	response.Schema = r.of.schema
}

func (r *idleResource) Create(_ context.Context, _ resource.CreateRequest, response *resource.CreateResponse) {
	response.State.Raw = r.of.state
}

func (*idleResource) Read(context.Context, resource.ReadRequest, *resource.ReadResponse) {}

func (r *idleResource) Update(_ context.Context, _ resource.UpdateRequest, response *resource.UpdateResponse) {
	response.State.Raw = r.of.state
}

func (*idleResource) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {}

// The idle resource makes the same state and plans no change of it, or it would
// be no measure.
func TestIdleResourceLivesAsTheLeafDoes(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	config := f.leaf("edge-1")
	state := f.create(t, kindLeaf, config, "issuer")
	p := newIdleProtocol(t, kindLeaf, f.schemaOf(t, kindLeaf), state)
	made := p.create(t, kindLeaf, config, "issuer")
	if !made.Equal(state) || !p.refresh(t, kindLeaf, made).Equal(state) {
		t.Error("it makes another state")
	}
	if same := p.plan(t, kindLeaf, made, config, "issuer"); len(same.diagnostics) > 0 || !same.plan.Equal(made) {
		t.Error("it plans a change")
	}
}
