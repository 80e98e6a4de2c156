package provider

import (
	"crypto/tls"
	"maps"
	"math/big"
	"strconv"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"pgregory.net/rapid"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/pkitest"
)

// text is a string attribute of the state.
func (c *core) text(name string) string {
	var attributes map[string]tftypes.Value
	if c.state.As(&attributes) != nil {
		c.t.Fatalf("unreadable state: %v", c.state)
	}
	return c.textOf(attributes[name])
}

func (c *core) textOf(value tftypes.Value) string {
	var text string
	if value.As(&text) != nil {
		c.t.Fatalf("%v is no text", value)
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
		config := map[string]tftypes.Value{"validity": word("100h")}
		for name, values := range map[string][]string{
			"renew_before": {"", "0s", "10h", "50h", "90h"},
			"overlap":      {"", "0s", "1h", "20h", "100h"},
			"prepublish":   {"", "0s", "2h", "9h"},
		} {
			if value := rapid.SampledFrom(values).Draw(t, name); value != "" {
				config[name] = word(value)
			}
		}
		if turn := rapid.IntRange(0, 3).Draw(t, "turn"); turn > 0 {
			config["rotation_triggers"] = tftypes.NewValue(tftypes.Map{ElementType: tftypes.String}, map[string]tftypes.Value{"turn": word(strconv.Itoa(turn))})
		}
		return config
	})
}

func word(value string) tftypes.Value { return tftypes.NewValue(tftypes.String, value) }

// part makes an object of a nested attribute's type, null but for what is set.
func part(t *rapid.T, kind tftypes.Type, set map[string]tftypes.Value) tftypes.Value {
	object, ok := kind.(tftypes.Object)
	if !ok {
		t.Fatalf("%v is no object", kind)
	}
	values := map[string]tftypes.Value{}
	for name, of := range object.AttributeTypes {
		values[name] = tftypes.NewValue(of, nil)
	}
	maps.Copy(values, set)
	return tftypes.NewValue(object, values)
}

// A subjectOfLaws is a resource with what its configurations have in common.
type subjectOfLaws struct {
	name   string
	upload bool
	fixed  func(*core) map[string]tftypes.Value
}

func subjectsOfLaws(t *testing.T) []subjectOfLaws {
	start := newStepClock().now
	graph := pkitest.Build(t, "edge <- root", pkitest.With("root", pkitest.Valid(start.Add(-day), start.Add(3650*day))))
	rootKey, err := pki.EncodePrivateKey(graph.Key("root"))
	if err != nil {
		t.Fatal(err)
	}
	issuer := func(c *core) tftypes.Value {
		return part(c.t, c.kind.AttributeTypes["issuer"], map[string]tftypes.Value{
			"certificate_pem": word(graph.PEM("root")), "private_key_pem": word(rootKey),
		})
	}
	subject := func(c *core) tftypes.Value {
		return part(c.t, c.kind.AttributeTypes["subject"], map[string]tftypes.Value{"common_name": word("edge")})
	}
	return []subjectOfLaws{
		{"mtls_pinned_certificate", true, func(c *core) map[string]tftypes.Value {
			return map[string]tftypes.Value{"subject": subject(c)}
		}},
		{"mtls_control_plane_ca", true, func(c *core) map[string]tftypes.Value {
			return map[string]tftypes.Value{"subject": subject(c), "issuer": issuer(c)}
		}},
		{"mtls_dataplane_certificate", false, func(c *core) map[string]tftypes.Value {
			return map[string]tftypes.Value{"subject": subject(c), "issuer": issuer(c)}
		}},
		{"mtls_dataplane_certificate_set", false, func(c *core) map[string]tftypes.Value {
			return map[string]tftypes.Value{"issuer": issuer(c), "certificates": nodesOfLaws(c)}
		}},
	}
}

// nodesOfLaws are nodes that become due one after the other.
func nodesOfLaws(c *core) tftypes.Value {
	kind, ok := c.kind.AttributeTypes["certificates"].(tftypes.Map)
	if !ok {
		c.t.Fatal("certificates are no map")
	}
	nodes := map[string]tftypes.Value{}
	for i := range 6 {
		name := "edge-" + strconv.Itoa(i)
		nodes[name] = part(c.t, kind.ElementType, map[string]tftypes.Value{"common_name": word(name)})
	}
	return tftypes.NewValue(kind, nodes)
}

// configured completes a policy to a configuration.
func (s subjectOfLaws) configured(c *core, policy map[string]tftypes.Value) map[string]tftypes.Value {
	config := s.fixed(c)
	maps.Copy(config, policy)
	if !s.upload {
		delete(config, "overlap")
		delete(config, "prepublish")
	}
	return config
}

// TestPlansHoldWhateverTheClock: a plan made at one instant and applied at
// another, with a refresh or without, under policies that change at any time,
// is what is applied; and no plan or apply loses a certificate before its time.
func TestPlansHoldWhateverTheClock(t *testing.T) {
	t.Parallel()
	for _, s := range subjectsOfLaws(t) {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			core := newCore(t, s.name)
			rapid.Check(t, func(t *rapid.T) { s.live(core.begin(t)) })
		})
	}
}

// live is one random life of the resource.
func (s subjectOfLaws) live(c *core) {
	t := c.t
	wait := func(what string) {
		c.clock.Step(time.Duration(rapid.IntRange(0, 40*60).Draw(t, what)) * time.Minute)
	}
	config := s.configured(c, policies().Draw(t, "policy"))
	for range rapid.IntRange(1, 5).Draw(t, "plans") {
		wait("until the plan")
		if rapid.Bool().Draw(t, "refresh") {
			c.refresh()
		}
		if rapid.IntRange(0, 2).Draw(t, "change") == 0 {
			config = s.configured(c, policies().Draw(t, "policy"))
		}
		planned, _ := c.plan(config)
		if planned.Equal(c.state) || rapid.IntRange(0, 4).Draw(t, "abandon") == 0 {
			continue
		}
		wait("until the apply")
		before := c.state
		c.apply(config, planned)
		if s.upload {
			c.sound(before)
		}
	}
	c.settles(config)
}

// sound fails unless the state is one that data planes can live with.
func (c *core) sound(before tftypes.Value) {
	certificate := c.text("certificate_pem")
	if _, err := tls.X509KeyPair([]byte(certificate), []byte(c.text("private_key_pem"))); err != nil {
		c.t.Fatal(err)
	}
	trusted, active := c.trusted()
	if !trusted[strconv.FormatInt(active, 10)].Equal(tftypes.NewValue(tftypes.String, certificate)) {
		c.t.Fatalf("generation %d is active and not trusted", active)
	}
	if before.IsNull() {
		return
	}
	_, last := (&core{t: c.t, state: before}).trusted()
	waited := (&core{t: c.t, state: before}).next()
	if active < last || waited == 0 && active > last+1 {
		c.t.Fatalf("generation %d, with %d waiting, is followed by %d", last, waited, active)
	}
	next := c.next()
	if next == 0 {
		return
	}
	waiting := c.textOf(trusted[strconv.FormatInt(next, 10)])
	if _, err := tls.X509KeyPair([]byte(waiting), []byte(c.text("next_private_key_pem"))); err != nil || next <= active {
		c.t.Fatalf("generation %d waits behind %d: %v", next, active, err)
	}
}

// next is the generation that waits; 0 for none.
func (c *core) next() int64 {
	var attributes map[string]tftypes.Value
	if c.state.As(&attributes) != nil {
		c.t.Fatalf("unreadable state: %v", c.state)
	}
	return numberOf(c.t, attributes["next_generation"])
}

// numberOf is a number of a state; 0 for null.
func numberOf(t reporter, value tftypes.Value) int64 {
	number := new(big.Float)
	if err := value.As(&number); err != nil {
		t.Fatal(err)
	}
	if number == nil {
		return 0
	}
	whole, _ := number.Int64()
	return whole
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
