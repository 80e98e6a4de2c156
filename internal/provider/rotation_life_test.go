package provider

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
)

const day = 24 * time.Hour

// A life is one resource under a clock that steps: each step of it is an apply,
// with what the plan before it must say.
type life struct {
	address string
	upload  bool
	clock   *stepClock
}

// at moves the clock before a step.
func (l life) at(instant time.Duration, step resource.TestStep) resource.TestStep {
	step.PreConfig = func() { l.clock.set(newStepClock().now.Add(instant)) }
	return step
}

// idle is a step whose plan has nothing to do.
func (l life) idle(config string, checks ...statecheck.StateCheck) resource.TestStep {
	return resource.TestStep{
		Config:            config,
		ConfigPlanChecks:  resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
		ConfigStateChecks: checks,
	}
}

// unmoved is a step whose plan leaves this resource as it is, whatever it does to
// others.
func (l life) unmoved(config string) resource.TestStep {
	return resource.TestStep{Config: config, ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
		plancheck.ExpectResourceAction(l.address, plancheck.ResourceActionNoop),
	}}}
}

// rotates is a step that leads to generation in place, with trusted as the keys
// of what is trusted. What the new certificate changes, and nothing else, is
// unknown in its plan.
func (l life) rotates(config string, generation int64, trusted ...string) resource.TestStep {
	unknown := []string{"certificate_pem", "private_key_pem", "chain_pem", "serial_number", "fingerprint_sha256", "spki_sha256", "spki_sha256_base64", "subject_key_id", "not_before", "not_after", "renewal_at", "revision"}
	return l.changes(config, generation, unknown, trusted)
}

// rotatesWithKey is rotates where the key stays.
func (l life) rotatesWithKey(config string, generation int64, trusted ...string) resource.TestStep {
	unknown := []string{"certificate_pem", "chain_pem", "serial_number", "fingerprint_sha256", "not_before", "not_after", "renewal_at", "revision"}
	return l.changes(config, generation, unknown, trusted)
}

func (l life) changes(config string, generation int64, unknown, trusted []string) resource.TestStep {
	checks := []plancheck.PlanCheck{
		plancheck.ExpectResourceAction(l.address, plancheck.ResourceActionUpdate),
		plancheck.ExpectKnownValue(l.address, tfjsonpath.New("generation"), knownvalue.Int64Exact(generation)),
		plancheck.ExpectKnownValue(l.address, tfjsonpath.New("renewal_due"), knownvalue.Bool(false)),
	}
	if l.upload {
		unknown = append(unknown, "trust_bundle_pem")
		checks = append(checks, trustedKeys{l.address, trusted, fmt.Sprint(generation)})
	}
	checks = append(checks, onlyUnknown{l.address, unknown})
	return resource.TestStep{
		Config:            config,
		ConfigPlanChecks:  resource.ConfigPlanChecks{PreApply: checks},
		ConfigStateChecks: l.holds(generation, trusted),
	}
}

// drops is a step that ends the trust in an earlier generation, and changes
// nothing else.
func (l life) drops(config string, generation int64, trusted ...string) resource.TestStep {
	return resource.TestStep{
		Config: config,
		ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
			plancheck.ExpectResourceAction(l.address, plancheck.ResourceActionUpdate),
			trustedKeys{l.address, trusted, ""},
			onlyUnknown{l.address, nil},
		}},
		ConfigStateChecks: l.holds(generation, trusted),
	}
}

// holds expects generation, and trusted as all that is trusted.
func (l life) holds(generation int64, trusted []string) []statecheck.StateCheck {
	checks := []statecheck.StateCheck{
		statecheck.ExpectKnownValue(l.address, tfjsonpath.New("generation"), knownvalue.Int64Exact(generation)),
		statecheck.ExpectKnownValue(l.address, tfjsonpath.New("renewal_due"), knownvalue.Bool(false)),
	}
	if l.upload {
		all := map[string]knownvalue.Check{}
		for _, key := range trusted {
			all[key] = knownvalue.NotNull()
		}
		checks = append(checks, statecheck.ExpectKnownValue(l.address, tfjsonpath.New("trusted_certificates_pem"), knownvalue.MapExact(all)))
	}
	return checks
}

// A kindOfLife is a life with a configuration that takes further arguments.
type kindOfLife struct {
	life
	config func(arguments ...string) string
	issuer string // its configuration, if it is another's than the life's own
}

// rootAbove is the issuer of those of lives that have one. It is never due.
const rootAbove = `
resource "mtls_control_plane_ca" "above" {
  subject      = { common_name = "Root" }
  renew_before = "0s"
}
`

// lives are the three resources, each as its own life, under one clock.
func lives() map[string]kindOfLife {
	clock := newStepClock()
	of := func(kind, name, arguments string, upload bool) kindOfLife {
		issuer := ""
		if strings.Contains(arguments, "issuer") {
			issuer = rootAbove
		}
		return kindOfLife{
			issuer: issuer,
			life:   life{address: kind + "." + name, upload: upload, clock: clock},
			config: func(more ...string) string {
				return fmt.Sprintf("resource %q %q {\n%s\n%s\n}\n", kind, name, arguments, strings.Join(more, "\n"))
			},
		}
	}
	return map[string]kindOfLife{
		"pinned certificate": of("mtls_pinned_certificate", "pinned", `subject = { common_name = "edge" }`, true),
		"root":               of("mtls_control_plane_ca", "root", `subject = { common_name = "Root" }`, true),
		"intermediate": of("mtls_control_plane_ca", "intermediate", `
subject = { common_name = "Issuing" }
issuer  = mtls_control_plane_ca.above`, true),
		"leaf": of("mtls_dataplane_certificate", "leaf", `
subject = { common_name = "edge" }
issuer  = mtls_control_plane_ca.above`, false),
	}
}

// liveAtOnce runs the steps of each of lives in one configuration.
func liveAtOnce(t *testing.T, steps func(kindOfLife) []resource.TestStep) {
	t.Helper()
	var all [][]resource.TestStep
	var clock *stepClock
	for _, l := range lives() {
		clock = l.clock
		all = append(all, steps(l))
	}
	terraform(t, clock.Now, atOnce([]string{rootAbove}, all...)...)
}

// atOnce joins the steps of several resources to steps of one configuration with
// the checks of all, since a run of terraform costs more than what it plans. All
// take as many steps, at the same instants. Shared is what the configuration of
// each step has besides; its last element holds for the steps that follow, too.
func atOnce(shared []string, all ...[]resource.TestStep) []resource.TestStep {
	joined := slices.Clone(all[0])
	for i := range joined {
		into := &joined[i]
		for _, steps := range all[1:] {
			into.Config += steps[i].Config
			into.ConfigPlanChecks.PreApply = slices.Concat(into.ConfigPlanChecks.PreApply, steps[i].ConfigPlanChecks.PreApply)
			into.RefreshPlanChecks.PostRefresh = slices.Concat(into.RefreshPlanChecks.PostRefresh, steps[i].RefreshPlanChecks.PostRefresh)
			into.ConfigStateChecks = slices.Concat(into.ConfigStateChecks, steps[i].ConfigStateChecks)
		}
		if !into.RefreshState && len(shared) > 0 {
			into.Config = shared[min(i, len(shared)-1)] + into.Config
		}
	}
	return joined
}

// TestWholeLife: issued, near due, due, in overlap, dropped.
func TestWholeLife(t *testing.T) {
	t.Parallel()
	liveAtOnce(t, func(l kindOfLife) []resource.TestStep {
		config := l.config(`validity = "2400h"`, `renew_before = "240h"`) // 100 and 10 days
		dropped := l.unmoved(config)                                      // nothing is uploaded, so nothing is dropped
		if l.upload {
			config = l.config(`validity = "2400h"`, `renew_before = "240h"`, `overlap = "48h"`)
			dropped = l.drops(config, 2, "2")
		}
		return []resource.TestStep{
			{Config: config, ConfigStateChecks: l.holds(1, []string{"1"})},
			l.at(90*day-2*time.Second, l.idle(config)), // the last second counts, so due is one early
			l.at(90*day, l.rotates(config, 2, "1", "2")),
			l.at(90*day, l.idle(config)),
			l.at(92*day-time.Second, l.idle(config)),
			l.at(92*day, dropped),
			l.at(92*day, l.idle(config)),
			l.at(181*day, l.rotates(config, 3, "2", "3")),
		}
	})
}

// TestChangedInputsRotateInPlace: no argument replaces a resource.
func TestChangedInputsRotateInPlace(t *testing.T) {
	t.Parallel()
	liveAtOnce(t, func(l kindOfLife) []resource.TestStep {
		return []resource.TestStep{
			{Config: l.config()},
			l.rotates(l.config(`rotation_triggers = { reason = "drill" }`), 2, "1", "2"),
			l.idle(l.config(`rotation_triggers = { reason = "drill" }`)),
			l.rotates(l.config(`rotation_triggers = { reason = "again" }`), 3, "1", "2", "3"),
			l.rotates(l.config(`rotation_triggers = { reason = "again" }`, `key_algorithm = "ECDSA-P384"`), 4, "1", "2", "3", "4"),
			l.rotates(l.config(`rotation_triggers = { reason = "again" }`, `validity = "4000h"`), 5, "1", "2", "3", "4", "5"),
		}
	})
}

// TestReusedKey: the key outlives its certificate, but not its algorithm.
func TestReusedKey(t *testing.T) {
	t.Parallel()
	liveAtOnce(t, func(l kindOfLife) []resource.TestStep {
		same := statecheck.CompareValue(sameValue{})
		reuse := func(more ...string) string { return l.config(append(more, "reuse_key = true")...) }
		keeping := l.rotatesWithKey(reuse(`rotation_triggers = { turn = "1" }`), 2, "1", "2")
		keeping.ConfigStateChecks = append(keeping.ConfigStateChecks, same.AddStateValue(l.address, tfjsonpath.New("spki_sha256")))
		return []resource.TestStep{
			{Config: reuse(), ConfigStateChecks: []statecheck.StateCheck{same.AddStateValue(l.address, tfjsonpath.New("spki_sha256"))}},
			keeping,
			l.rotates(reuse(`key_algorithm = "ED25519"`), 3, "1", "2", "3"),
		}
	})
}
