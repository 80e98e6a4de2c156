package provider

import (
	"crypto/tls"
	"fmt"
	"maps"
	"math/big"
	"strconv"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"pgregory.net/rapid"
)

// A core does with one pinned certificate what Terraform does, through the
// protocol: refresh, plan, plan once more within the apply, apply. It holds the
// provider to what Terraform holds it to, at any instants.
type core struct {
	t      *rapid.T
	clock  *stepClock
	server tfprotov6.ProviderServer
	kind   tftypes.Object

	state   tftypes.Value // null before the first apply
	private []byte
}

func newCore(t *rapid.T) *core {
	clock := newStepClock()
	server, err := providerserver.NewProtocol6WithError(New("test", clock.Now)())()
	if err != nil {
		t.Fatal(err)
	}
	schemas, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	kind, ok := schemas.ResourceSchemas["mtls_pinned_certificate"].ValueType().(tftypes.Object)
	if !ok {
		t.Fatal("the schema is no object")
	}
	return &core{t: t, clock: clock, server: server, kind: kind, state: tftypes.NewValue(kind, nil)}
}

// refresh reads the resource, as each plan does unless told not to.
func (c *core) refresh() {
	if c.state.IsNull() {
		return
	}
	read, err := c.server.ReadResource(c.t.Context(), &tfprotov6.ReadResourceRequest{
		TypeName: "mtls_pinned_certificate", CurrentState: c.encode(c.state), Private: c.private,
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
		TypeName: "mtls_pinned_certificate", PriorState: c.encode(c.state), PriorPrivate: c.private,
		ProposedNewState: c.encode(c.object(config, c.state)), Config: c.encode(configured),
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
		TypeName: "mtls_pinned_certificate", PriorState: c.encode(c.state), PlannedState: c.encode(planned),
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
	return name == "validity" || name == "renew_before" || name == "overlap" || name == "rotation_triggers"
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

// text is a string attribute of the state.
func (c *core) text(name string) string {
	var attributes map[string]tftypes.Value
	var text string
	if c.state.As(&attributes) != nil || attributes[name].As(&text) != nil {
		c.t.Fatalf("%s is no text", name)
	}
	return text
}

// trusted is what is trusted by generation, and the generation that is active.
func (c *core) trusted() (trusted map[string]tftypes.Value, active int64) {
	var attributes map[string]tftypes.Value
	var number big.Float
	if c.state.As(&attributes) != nil || attributes["trusted_certificates_pem"].As(&trusted) != nil || attributes["generation"].As(&number) != nil {
		c.t.Fatalf("unreadable state: %v", c.state)
	}
	active, _ = number.Int64()
	return trusted, active
}

// policies draws a configuration: a life of a hundred hours, and any policy.
func policies() *rapid.Generator[map[string]tftypes.Value] {
	return rapid.Custom(func(t *rapid.T) map[string]tftypes.Value {
		text := func(value string) tftypes.Value { return tftypes.NewValue(tftypes.String, value) }
		config := map[string]tftypes.Value{"validity": text("100h")}
		for name, values := range map[string][]string{
			"renew_before": {"", "0s", "10h", "50h", "90h"},
			"overlap":      {"", "0s", "1h", "20h", "100h"},
		} {
			if value := rapid.SampledFrom(values).Draw(t, name); value != "" {
				config[name] = text(value)
			}
		}
		if turn := rapid.IntRange(0, 3).Draw(t, "turn"); turn > 0 {
			config["rotation_triggers"] = tftypes.NewValue(tftypes.Map{ElementType: tftypes.String}, map[string]tftypes.Value{"turn": text(strconv.Itoa(turn))})
		}
		return config
	})
}

// named adds the subject, which never changes.
func (c *core) named(config map[string]tftypes.Value) map[string]tftypes.Value {
	kind, ok := c.kind.AttributeTypes["subject"].(tftypes.Object)
	if !ok {
		c.t.Fatal("subject is no object")
	}
	parts := map[string]tftypes.Value{}
	for name, of := range kind.AttributeTypes {
		parts[name] = tftypes.NewValue(of, nil)
	}
	parts["common_name"] = tftypes.NewValue(tftypes.String, "edge")
	config = maps.Clone(config)
	config["subject"] = tftypes.NewValue(kind, parts)
	return config
}

// TestPlansHoldWhateverTheClock: a plan made at one instant and applied at
// another, with a refresh or without, under policies that change at any time,
// is what is applied; and no plan or apply loses a certificate before its time.
func TestPlansHoldWhateverTheClock(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := newCore(t)
		wait := func(what string) {
			c.clock.Step(time.Duration(rapid.IntRange(0, 40*60).Draw(t, what)) * time.Minute)
		}
		config := c.named(policies().Draw(t, "policy"))
		for range rapid.IntRange(1, 8).Draw(t, "plans") {
			wait("until the plan")
			if rapid.Bool().Draw(t, "refresh") {
				c.refresh()
			}
			if rapid.IntRange(0, 2).Draw(t, "change") == 0 {
				config = c.named(policies().Draw(t, "policy"))
			}
			planned, _ := c.plan(config)
			if planned.Equal(c.state) || rapid.IntRange(0, 4).Draw(t, "abandon") == 0 {
				continue
			}
			wait("until the apply")
			before := c.state
			c.apply(config, planned)
			c.sound(before)
		}
		c.settles(config)
	})
}

// sound fails unless the state is one that data planes can live with.
func (c *core) sound(before tftypes.Value) {
	certificate := c.text("certificate_pem")
	if _, err := tls.X509KeyPair([]byte(certificate), []byte(c.text("private_key_pem"))); err != nil {
		c.t.Fatal(err)
	}
	trusted, active := c.trusted()
	if !trusted[key(active)].Equal(tftypes.NewValue(tftypes.String, certificate)) {
		c.t.Fatalf("generation %d is active and not trusted", active)
	}
	if before.IsNull() {
		return
	}
	_, last := (&core{t: c.t, state: before}).trusted()
	if active != last && active != last+1 {
		c.t.Fatalf("generation %d is followed by %d", last, active)
	}
}

// settles fails unless applies come to an end, with nothing due and a plan that
// is empty. Two may be needed: the first takes up a policy, and by the second
// it is known what it makes due.
func (c *core) settles(config map[string]tftypes.Value) {
	for range 3 {
		c.refresh()
		planned, _ := c.plan(config)
		if planned.Equal(c.state) {
			return
		}
		c.apply(config, planned)
	}
	c.t.Fatal("the third plan in a row is not empty")
}
