package provider

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// A protocol calls the provider as Terraform does, without Terraform: for what
// would take a whole run too long, and for what a run cannot bring about.
type protocol struct {
	server tfprotov6.ProviderServer
	kinds  map[string]tftypes.Object
	// computed has the attributes that the provider fills in, by resource.
	computed map[string][]string
	// private is the private state of the last resource of each kind.
	private map[string][]byte
}

func newProtocol(tb testing.TB, clock func() time.Time) *protocol {
	tb.Helper()
	server, err := factory(clock)()
	if err != nil {
		tb.Fatal(err)
	}
	return protocolOf(tb, server)
}

// protocolOf calls any provider.
func protocolOf(tb testing.TB, server tfprotov6.ProviderServer) *protocol {
	tb.Helper()
	answer, err := server.GetProviderSchema(tb.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		tb.Fatal(err)
	}
	p := &protocol{server: server, kinds: map[string]tftypes.Object{}, computed: map[string][]string{}, private: map[string][]byte{}}
	for name, schema := range answer.ResourceSchemas {
		p.kinds[name] = schema.ValueType().(tftypes.Object)
		for _, attribute := range schema.Block.Attributes {
			if attribute.Computed {
				p.computed[name] = append(p.computed[name], attribute.Name)
			}
		}
	}
	for name, schema := range answer.DataSourceSchemas {
		p.kinds["data."+name] = schema.ValueType().(tftypes.Object)
	}
	return p
}

// A written configuration: attributes by name, as maps, lists, strings, numbers
// and booleans. What is left out is null.
type written map[string]any

// unknownValue stands in a written configuration for what is known at apply.
type unknownValue struct{}

// valueOf gives a written value the type that the schema asks for.
func valueOf(kind tftypes.Type, from any) tftypes.Value {
	if kind.Is(tftypes.DynamicPseudoType) {
		kind = kindOf(from)
	}
	switch from := from.(type) {
	case nil:
		return tftypes.NewValue(kind, nil)
	case unknownValue:
		return tftypes.NewValue(kind, tftypes.UnknownValue)
	case tftypes.Value:
		return from
	case written:
		return objectOf(kind, from)
	case []string:
		element := kind.(tftypes.List).ElementType
		values := make([]tftypes.Value, 0, len(from))
		for _, text := range from {
			values = append(values, tftypes.NewValue(element, text))
		}
		return tftypes.NewValue(kind, values)
	case []any:
		values := make([]tftypes.Value, 0, len(from))
		for i, element := range from {
			values = append(values, valueOf(elementKind(kind, i), element))
		}
		return tftypes.NewValue(kind, values)
	default:
		return tftypes.NewValue(kind, from)
	}
}

// elementKind is the type of an element of a list or tuple.
func elementKind(kind tftypes.Type, i int) tftypes.Type {
	if tuple, is := kind.(tftypes.Tuple); is {
		return tuple.ElementTypes[i]
	}
	return kind.(tftypes.List).ElementType
}

// kindOf is the type that Terraform gives a value where the schema asks for none.
func kindOf(from any) tftypes.Type {
	switch from := from.(type) {
	case string:
		return tftypes.String
	case int, float64:
		return tftypes.Number
	case bool:
		return tftypes.Bool
	case written:
		kinds := map[string]tftypes.Type{}
		for name, value := range from {
			kinds[name] = kindOf(value)
		}
		return tftypes.Object{AttributeTypes: kinds}
	case []any:
		kinds := make([]tftypes.Type, 0, len(from))
		for _, element := range from {
			kinds = append(kinds, kindOf(element))
		}
		return tftypes.Tuple{ElementTypes: kinds}
	case tftypes.Value:
		return from.Type()
	default: // nothing, or unknown
		return tftypes.DynamicPseudoType
	}
}

func objectOf(kind tftypes.Type, from written) tftypes.Value {
	values := map[string]tftypes.Value{}
	switch kind := kind.(type) {
	case tftypes.Map:
		for key, value := range from {
			values[key] = valueOf(kind.ElementType, value)
		}
	case tftypes.Object:
		for name, attribute := range kind.AttributeTypes {
			values[name] = valueOf(attribute, from[name])
		}
	default:
		panic(fmt.Sprintf("an object is written where %s is meant", kind))
	}
	return tftypes.NewValue(kind, values)
}

// A planned resource is what Terraform holds between plan and apply.
type planned struct {
	config, prior, plan tftypes.Value
	private             []byte
	diagnostics         []*tfprotov6.Diagnostic
}

func dynamic(tb testing.TB, kind tftypes.Type, value tftypes.Value) *tfprotov6.DynamicValue {
	tb.Helper()
	encoded, err := tfprotov6.NewDynamicValue(kind, value)
	if err != nil {
		tb.Fatal(err)
	}
	return &encoded
}

func (p *protocol) decode(tb testing.TB, name string, from *tfprotov6.DynamicValue) tftypes.Value {
	tb.Helper()
	value, err := from.Unmarshal(p.kinds[name])
	if err != nil {
		tb.Fatal(err)
	}
	return value
}

// validate is what Terraform asks first of all.
func (p *protocol) validate(tb testing.TB, name string, config written) []*tfprotov6.Diagnostic {
	tb.Helper()
	kind := p.kinds[name]
	answer, err := p.server.ValidateResourceConfig(tb.Context(), &tfprotov6.ValidateResourceConfigRequest{
		TypeName: name, Config: dynamic(tb, kind, valueOf(kind, config)),
		ClientCapabilities: &tfprotov6.ValidateResourceConfigClientCapabilities{WriteOnlyAttributesAllowed: true},
	})
	if err != nil {
		tb.Fatal(err)
	}
	return answer.Diagnostics
}

// none is the state of a resource that is to be created.
func (p *protocol) none(name string) tftypes.Value { return tftypes.NewValue(p.kinds[name], nil) }

// plan asks for the way from prior to config. writeOnly names what Terraform
// leaves out of everything but the configuration.
func (p *protocol) plan(tb testing.TB, name string, prior tftypes.Value, config written, writeOnly ...string) planned {
	tb.Helper()
	kind := p.kinds[name]
	configured := valueOf(kind, config)
	var private []byte
	if !prior.IsNull() {
		private = p.private[name]
	}
	answer, err := p.server.PlanResourceChange(tb.Context(), &tfprotov6.PlanResourceChangeRequest{
		TypeName: name, Config: dynamic(tb, kind, configured), PriorState: dynamic(tb, kind, prior),
		ProposedNewState: dynamic(tb, kind, p.proposed(tb, name, prior, config, writeOnly)), PriorPrivate: private,
	})
	if err != nil {
		tb.Fatal(err)
	}
	return planned{configured, prior, p.decode(tb, name, answer.PlannedState), answer.PlannedPrivate, answer.Diagnostics}
}

// proposed is the configuration with what only the provider knows taken from
// the state, as Terraform merges the two.
func (p *protocol) proposed(tb testing.TB, name string, prior tftypes.Value, config written, writeOnly []string) tftypes.Value {
	tb.Helper()
	kind := p.kinds[name]
	before := map[string]tftypes.Value{}
	if !prior.IsNull() {
		if err := prior.As(&before); err != nil {
			tb.Fatal(err)
		}
	}
	merged := written{}
	for attribute := range kind.AttributeTypes {
		value, given := config[attribute]
		switch {
		case slices.Contains(writeOnly, attribute):
		case given:
			merged[attribute] = value
		case slices.Contains(p.computed[name], attribute) && !prior.IsNull():
			merged[attribute] = before[attribute]
		}
	}
	return valueOf(kind, merged)
}

// apply carries a plan out.
func (p *protocol) apply(ctx context.Context, tb testing.TB, name string, plan planned) (tftypes.Value, []*tfprotov6.Diagnostic) {
	tb.Helper()
	kind := p.kinds[name]
	answer, err := p.server.ApplyResourceChange(ctx, &tfprotov6.ApplyResourceChangeRequest{
		TypeName: name, Config: dynamic(tb, kind, plan.config),
		PriorState: dynamic(tb, kind, plan.prior), PlannedState: dynamic(tb, kind, plan.plan), PlannedPrivate: plan.private,
	})
	if err != nil {
		tb.Fatal(err)
	}
	p.private[name] = answer.Private
	return p.decode(tb, name, answer.NewState), answer.Diagnostics
}

// refresh reads a state again.
func (p *protocol) refresh(tb testing.TB, name string, state tftypes.Value) tftypes.Value {
	tb.Helper()
	answer, err := p.server.ReadResource(tb.Context(), &tfprotov6.ReadResourceRequest{
		TypeName: name, CurrentState: dynamic(tb, p.kinds[name], state), Private: p.private[name],
	})
	if err != nil {
		tb.Fatal(err)
	}
	wantSound(tb, answer.Diagnostics)
	p.private[name] = answer.Private
	return p.decode(tb, name, answer.NewState)
}

// create plans and applies a resource that must be sound.
func (p *protocol) create(tb testing.TB, name string, config written, writeOnly ...string) tftypes.Value {
	tb.Helper()
	return p.update(tb, name, p.none(name), config, writeOnly...)
}

func (p *protocol) update(tb testing.TB, name string, prior tftypes.Value, config written, writeOnly ...string) tftypes.Value {
	tb.Helper()
	plan := p.plan(tb, name, prior, config, writeOnly...)
	wantSound(tb, plan.diagnostics)
	state, diagnostics := p.apply(tb.Context(), tb, name, plan)
	wantSound(tb, diagnostics)
	return state
}

// errorsOf are the errors among diagnostics, as texts.
func errorsOf(diagnostics []*tfprotov6.Diagnostic) []string {
	var texts []string
	for _, d := range diagnostics {
		if d.Severity == tfprotov6.DiagnosticSeverityError {
			texts = append(texts, fmt.Sprintf("%s: %s: %s", d.Attribute, d.Summary, d.Detail))
		}
	}
	return texts
}

func wantSound(tb testing.TB, diagnostics []*tfprotov6.Diagnostic) {
	tb.Helper()
	for _, text := range errorsOf(diagnostics) {
		tb.Errorf("unexpected error: %s", text)
	}
	if tb.Failed() {
		tb.FailNow()
	}
}

// attributes are those of an object; elements those of a map.
func attributes(tb testing.TB, object tftypes.Value) map[string]tftypes.Value {
	tb.Helper()
	var values map[string]tftypes.Value
	if err := object.As(&values); err != nil {
		tb.Fatal(err)
	}
	return values
}

// textsOf reads a map of strings; what is null or unknown is left out.
func textsOf(tb testing.TB, object tftypes.Value, attribute string) map[string]string {
	tb.Helper()
	texts := map[string]string{}
	for key, value := range attributes(tb, attributes(tb, object)[attribute]) {
		if !value.IsKnown() || value.IsNull() {
			continue
		}
		var text string
		if err := value.As(&text); err != nil {
			tb.Fatal(err)
		}
		texts[key] = text
	}
	return texts
}

// unknownsOf are the keys of a map whose values are not known.
func unknownsOf(tb testing.TB, object tftypes.Value, attribute string) []string {
	tb.Helper()
	var keys []string
	for key, value := range attributes(tb, attributes(tb, object)[attribute]) {
		if !value.IsKnown() {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys
}
