package provider

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"pgregory.net/rapid"
)

// A core does with one resource what Terraform does, through the protocol:
// refresh, plan, plan once more within the apply, apply. It holds the provider
// to what Terraform holds it to, at any instants.
type core struct {
	t      *rapid.T
	name   string // of the resource's type
	clock  *stepClock
	server tfprotov6.ProviderServer
	kind   tftypes.Object

	state   tftypes.Value // null before the first apply
	private []byte
}

// newCore starts the provider, once for all lives.
func newCore(t *testing.T, name string) core {
	clock := newStepClock()
	server, err := factory(clock.Now)()
	if err != nil {
		t.Fatal(err)
	}
	schemas, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	kind, ok := schemas.ResourceSchemas[name].ValueType().(tftypes.Object)
	if !ok {
		t.Fatal("the schema is no object")
	}
	return core{name: name, clock: clock, server: server, kind: kind}
}

// begin starts a life, in which there is nothing yet.
func (c core) begin(t *rapid.T) *core {
	c.t, c.state = t, tftypes.NewValue(c.kind, nil)
	c.clock.set(newStepClock().now)
	return &c
}

// refresh reads the resource, as each plan does unless told not to.
func (c *core) refresh() {
	if c.state.IsNull() {
		return
	}
	read, err := c.server.ReadResource(c.t.Context(), &tfprotov6.ReadResourceRequest{
		TypeName: c.name, CurrentState: c.encode(c.state), Private: c.private,
	})
	if err != nil {
		c.t.Fatal(err)
	}
	c.none(read.Diagnostics)
	c.state, c.private = c.decode(read.NewState), read.Private
}

// plan proposes the configuration, and returns what the provider plans.
func (c *core) plan(config map[string]tftypes.Value) (planned tftypes.Value, private []byte) {
	configured := c.object(config, tftypes.Value{})
	answer, err := c.server.PlanResourceChange(c.t.Context(), &tfprotov6.PlanResourceChangeRequest{
		TypeName: c.name, PriorState: c.encode(c.state), PriorPrivate: c.private,
		ProposedNewState: c.encode(c.object(withoutIssuer(config), c.state)), Config: c.encode(configured),
	})
	if err != nil {
		c.t.Fatal(err)
	}
	c.none(answer.Diagnostics)
	if len(answer.RequiresReplace) > 0 {
		c.t.Fatalf("the plan replaces the resource, for %v", answer.RequiresReplace)
	}
	return c.decode(answer.PlannedState), answer.PlannedPrivate
}

// apply plans once more and applies that, as Terraform does with a plan.
func (c *core) apply(config map[string]tftypes.Value, promised tftypes.Value) {
	planned, private := c.plan(config)
	if fault := disagreement(promised, planned); fault != "" {
		c.t.Fatalf("inconsistent final plan: %s", fault)
	}
	answer, err := c.server.ApplyResourceChange(c.t.Context(), &tfprotov6.ApplyResourceChangeRequest{
		TypeName: c.name, PriorState: c.encode(c.state), PlannedState: c.encode(planned),
		Config: c.encode(c.object(config, tftypes.Value{})), PlannedPrivate: private,
	})
	if err != nil {
		c.t.Fatal(err)
	}
	c.none(answer.Diagnostics)
	applied := c.decode(answer.NewState)
	if fault := disagreement(planned, applied); fault != "" {
		c.t.Fatalf("inconsistent result after apply: %s", fault)
	}
	if !applied.IsFullyKnown() {
		c.t.Fatalf("not known after apply: %v", applied)
	}
	c.state, c.private = applied, answer.Private
}

// disagreement says where a value is not what was promised; nothing if it is.
// What was promised as unknown may be anything.
func disagreement(promised, found tftypes.Value) string {
	switch {
	case !promised.IsKnown():
		return ""
	case promised.IsNull() || found.IsNull() || !found.IsKnown() || !promised.Type().Is(tftypes.Object{}) && !promised.Type().Is(tftypes.Map{}):
		if promised.Equal(found) {
			return ""
		}
		return fmt.Sprintf("%v was promised, found %v", promised, found)
	}
	var before, after map[string]tftypes.Value
	if promised.As(&before) != nil || found.As(&after) != nil || len(before) != len(after) {
		return fmt.Sprintf("%v was promised, found %v", promised, found)
	}
	for name, value := range before {
		other, ok := after[name]
		if !ok {
			return name + " has vanished"
		}
		if fault := disagreement(value, other); fault != "" {
			return name + ": " + fault
		}
	}
	return ""
}

// object makes a whole object of what is set. What is not comes from prior where
// there is one, as far as the resource computes it.
func (c *core) object(set map[string]tftypes.Value, prior tftypes.Value) tftypes.Value {
	before := map[string]tftypes.Value{}
	if prior.Type() != nil && !prior.IsNull() {
		if err := prior.As(&before); err != nil {
			c.t.Fatal(err)
		}
	}
	values := map[string]tftypes.Value{}
	for name, kind := range c.kind.AttributeTypes {
		value, given := set[name]
		kept, computed := before[name]
		switch {
		case given:
			values[name] = value
		case computed && !isArgument(name):
			values[name] = kept
		default:
			values[name] = tftypes.NewValue(kind, nil)
		}
	}
	return tftypes.NewValue(c.kind, values)
}

// isArgument reports whether the laws set the attribute, or leave it out.
func isArgument(name string) bool {
	return slices.Contains([]string{"validity", "renew_before", "overlap", "prepublish", "rotation_triggers"}, name)
}

// withoutIssuer leaves out what is write-only, as every state does.
func withoutIssuer(config map[string]tftypes.Value) map[string]tftypes.Value {
	config = maps.Clone(config)
	delete(config, "issuer")
	return config
}

func (c *core) encode(value tftypes.Value) *tfprotov6.DynamicValue {
	encoded, err := tfprotov6.NewDynamicValue(c.kind, value)
	if err != nil {
		c.t.Fatal(err)
	}
	return &encoded
}

func (c *core) decode(value *tfprotov6.DynamicValue) tftypes.Value {
	decoded, err := value.Unmarshal(c.kind)
	if err != nil {
		c.t.Fatal(err)
	}
	return decoded
}

func (c *core) none(diagnostics []*tfprotov6.Diagnostic) {
	for _, diagnostic := range diagnostics {
		if diagnostic.Severity == tfprotov6.DiagnosticSeverityError {
			c.t.Fatalf("%s: %s", diagnostic.Summary, diagnostic.Detail)
		}
	}
}
