package provider

import (
	"maps"
	"regexp"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
)

func pinned() life {
	return life{address: "mtls_pinned_certificate.it", upload: true, clock: newStepClock()}
}

// pinnedConfig is a pin of a hundred days.
func pinnedConfig(arguments string) string {
	return "resource \"mtls_pinned_certificate\" \"it\" {\n  subject = { common_name = \"edge\" }\n  validity = \"2400h\"\n" + arguments + "\n}\n"
}

// retuned is a step that changes the policy, and neither certificate nor trust.
func (l life) retuned(config string, checks ...statecheck.StateCheck) resource.TestStep {
	return resource.TestStep{
		Config: config,
		ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
			plancheck.ExpectResourceAction(l.address, plancheck.ResourceActionUpdate),
			onlyUnknown{l.address, nil},
		}},
		ConfigStateChecks: checks,
	}
}

// TestPoliciesOnOffAndOver: each may be turned at any time.
func TestPoliciesOnOffAndOver(t *testing.T) {
	t.Parallel()
	l := pinned()
	off, on, early := pinnedConfig(`renew_before = "0s"`), pinnedConfig(`renew_before = "240h"`), pinnedConfig(`renew_before = "1200h"`)
	never := statecheck.ExpectKnownValue(l.address, tfjsonpath.New("renewal_at"), knownvalue.Null())
	terraform(t, l.clock.Now,
		resource.TestStep{Config: off, ConfigStateChecks: append(l.holds(1, []string{"1"}), never)},
		l.at(99*day, l.idle(off, never)),
		l.at(60*day, l.retuned(on, l.holds(1, []string{"1"})...)),
		l.at(60*day, l.retuned(off, never)),
		// Turned on too late, it is due at once.
		l.at(99*day, l.rotates(on, 2, "1", "2")),
		// By day 150 it would be due, had it been made with this policy.
		l.at(150*day, l.rotates(early, 3, "2", "3")),
		l.at(150*day, l.idle(early)),
	)
}

func TestOverlap(t *testing.T) {
	t.Parallel()
	l := pinned()
	turn := func(number, overlap string) string {
		return pinnedConfig(overlap + "\nrotation_triggers = { turn = \"" + number + "\" }")
	}
	const hour, none = `overlap = "1h"`, `overlap = "0s"`
	terraform(t, l.clock.Now,
		resource.TestStep{Config: turn("0", "")},
		l.rotates(turn("1", ""), 2, "1", "2"),
		l.at(day, l.rotates(turn("2", ""), 3, "1", "2", "3")),
		// Three days after generation 1 was replaced, and two after 2 was.
		l.at(3*day, l.drops(turn("2", hour), 3, "3")),
		l.at(3*day, l.rotates(turn("3", hour), 4, "3", "4")),
		l.at(3*day+time.Hour-time.Second, l.idle(turn("3", hour))),
		l.at(3*day+time.Hour, l.drops(turn("3", hour), 4, "4")),
		// A compromised key: gone in the apply that rotates.
		l.at(4*day, l.rotates(turn("4", none), 5, "5")),
		l.at(4*day, l.idle(turn("4", none))),
	)
}

// TestOverlapEndsWithCertificate: none outlives the certificate itself.
func TestOverlapEndsWithCertificate(t *testing.T) {
	t.Parallel()
	l := pinned()
	config := pinnedConfig(`overlap = "2400h"`)
	terraform(t, l.clock.Now,
		resource.TestStep{Config: config},
		l.at(90*day, l.rotates(config, 2, "1", "2")),
		l.at(100*day-2*time.Second, l.idle(config)),
		l.at(100*day, l.drops(config, 2, "2")),
	)
}

// TestRefreshMovesRenewalDue: checks and alerts see that a certificate is due
// before anything renews it.
func TestRefreshMovesRenewalDue(t *testing.T) {
	t.Parallel()
	liveAtOnce(t, func(l kindOfLife) []resource.TestStep {
		config := l.config(`validity = "2400h"`, `renew_before = "240h"`)
		due := func(is bool) []plancheck.PlanCheck {
			return []plancheck.PlanCheck{refreshedTo{l.address, "renewal_due", is}}
		}
		return []resource.TestStep{
			{Config: config},
			l.at(89*day, resource.TestStep{RefreshState: true, RefreshPlanChecks: resource.RefreshPlanChecks{PostRefresh: due(false)}}),
			l.at(90*day, resource.TestStep{RefreshState: true, ExpectNonEmptyPlan: true, RefreshPlanChecks: resource.RefreshPlanChecks{
				PostRefresh: append(due(true), plancheck.ExpectResourceAction(l.address, plancheck.ResourceActionUpdate)),
			}}),
			l.rotates(config, 2, "1", "2"),
		}
	})
}

// TestPreconditionAlerts: what depends on a due certificate can refuse to go on.
func TestPreconditionAlerts(t *testing.T) {
	t.Parallel()
	l := pinned()
	config := pinnedConfig(`renew_before = "0s"`) + `
resource "terraform_data" "alert" {
  lifecycle {
    precondition {
      condition     = !mtls_pinned_certificate.it.renewal_due
      error_message = "due since ${coalesce(mtls_pinned_certificate.it.renewal_at, "never")}"
    }
  }
}
`
	graph := broughtPin(t, l.clock.Now())
	provided := regexp.MustCompile(`subject = .*\n.*validity.*\n.*renew_before.*`).ReplaceAllString(config, `certificate_pem = `+quoted(graph))
	terraform(t, l.clock.Now,
		resource.TestStep{Config: provided},
		l.at(70*day, resource.TestStep{Config: provided, ExpectError: regexp.MustCompile(`due since 2026-05-10T`)}),
	)
}

// TestLifecycleThatCannotWork: what is said of it at plan, in full.
func TestLifecycleThatCannotWork(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, arguments, says string }{
		{"negative renew_before", `renew_before = "-1h"`, `Negative duration.*"-1h" is negative. Use a duration such as "720h", or "0s".`},
		{"negative overlap", `overlap = "-1h"`, `Negative duration.*"-1h" is negative. Use a duration such as "720h", or "0s".`},
		{"unparsable renew_before", `renew_before = "30 days"`, `renew_before.*30 days`},
		{"unparsable overlap", `overlap = "1d"`, `overlap.*1d`},
		{"renewal before birth", `renew_before = "2400h"`, `Invalid lifecycle settings.*Renew_before 2400h is not shorter than the validity of 2400h. Change one of the two.`},
		{"renewal long before birth", `renew_before = "9999h"`, `Renew_before 9999h is not shorter than the validity of 2400h.`},
		{"overlap beyond the end", `overlap = "2401h"`, `Overlap 2401h is longer than the validity of 2400h.`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			l := pinned()
			terraform(t, l.clock.Now,
				resource.TestStep{Config: pinnedConfig("")},
				resource.TestStep{Config: pinnedConfig(c.arguments), PlanOnly: true, ExpectError: saying(c.says)},
				l.idle(pinnedConfig(""), l.holds(1, []string{"1"})...),
			)
		})
	}
}

// Of rotation triggers that are known in part, what is known decides; if that is
// as it was, the apply finds out.
func TestRotationTriggersKnownInPart(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	for kind, base := range map[string]written{kindLeaf: f.leaf("edge"), kindSet: f.nodes(written{"a": named("a")})} {
		for _, row := range []struct {
			name            string
			planned, then   written
			unknown, rotate bool // in the plan, and by the apply
		}{
			{"the same", written{"a": "1", "b": unknownValue{}}, written{"a": "1", "b": "1"}, true, false},
			{"another", written{"a": "1", "b": unknownValue{}}, written{"a": "1", "b": "2"}, true, true},
			{"another besides", written{"a": "2", "b": unknownValue{}}, written{"a": "2", "b": "1"}, true, true},
			{"one more", written{"a": "1", "b": "1", "c": unknownValue{}}, written{"a": "1", "b": "1", "c": "1"}, true, true},
			{"all known", written{"a": "1", "b": "1"}, written{"a": "1", "b": "1"}, false, false},
		} {
			config := setting(base, "rotation_triggers", written{"a": "1", "b": "1"})
			state := f.create(t, kind, config, "issuer")
			plan := f.plan(t, kind, state, setting(config, "rotation_triggers", row.planned), "issuer")
			wantSound(t, plan.diagnostics)
			chain := map[string]string{kindLeaf: "chain_pem", kindSet: "chains_pem"}[kind]
			if unknown := !attributes(t, plan.plan)[chain].IsFullyKnown(); unknown != row.unknown {
				t.Errorf("%s, %s: the plan's chain is unknown: %t, want %t", kind, row.name, unknown, row.unknown)
			}
			// As Terraform does, which plans again once all is known.
			config = setting(config, "rotation_triggers", row.then)
			after := f.update(t, kind, state, config, "issuer")
			if fault := disagreement(without(t, plan.plan, "rotation_triggers"), without(t, after, "rotation_triggers")); fault != "" {
				t.Errorf("%s, %s: inconsistent final plan: %s", kind, row.name, fault)
			}
			if rotated := !attributes(t, after)[chain].Equal(attributes(t, state)[chain]); rotated != row.rotate {
				t.Errorf("%s, %s: rotated: %t, want %t", kind, row.name, rotated, row.rotate)
			}
		}
	}
}

// without leaves out an attribute that the test itself changes.
func without(t *testing.T, object tftypes.Value, attribute string) tftypes.Value {
	t.Helper()
	all := maps.Clone(attributes(t, object))
	kind, ok := object.Type().(tftypes.Object)
	if !ok {
		t.Fatal("no object")
	}
	all[attribute] = tftypes.NewValue(kind.AttributeTypes[attribute], nil)
	return tftypes.NewValue(kind, all)
}

// A renew_before that is known at apply alone may make a certificate due. What is
// uploaded is left out: see the guide on rotation.
func TestRenewBeforeKnownAtApply(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	for kind, base := range map[string]written{kindLeaf: f.leaf("edge"), kindSet: f.nodes(written{"a": named("a")})} {
		for renewBefore, rotate := range map[string]bool{"20h": false, "90h": true} {
			config := setting(setting(base, "renew_before", "10h"), "validity", "100h")
			state := f.create(t, kind, config, "issuer")
			f.clock.Step(50 * time.Hour)
			state = f.refresh(t, kind, state)
			plan := f.plan(t, kind, state, setting(config, "renew_before", unknownValue{}), "issuer")
			wantSound(t, plan.diagnostics)
			after := f.update(t, kind, state, setting(config, "renew_before", renewBefore), "issuer")
			if fault := disagreement(without(t, plan.plan, "renew_before"), without(t, after, "renew_before")); fault != "" {
				t.Errorf("%s, %s: inconsistent final plan: %s", kind, renewBefore, fault)
			}
			chain := map[string]string{kindLeaf: "chain_pem", kindSet: "chains_pem"}[kind]
			if rotated := !attributes(t, after)[chain].Equal(attributes(t, state)[chain]); rotated != rotate {
				t.Errorf("%s, %s: rotated: %t, want %t", kind, renewBefore, rotated, rotate)
			}
		}
	}
}
