package provider

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/trustplane/terraform-provider-mtls/internal/pkitest"
)

// prepares is a step that has generation next wait beside generation, which stays
// as it is.
func (l life) prepares(config string, generation, next int64, trusted ...string) resource.TestStep {
	return resource.TestStep{
		Config: config,
		ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
			plancheck.ExpectResourceAction(l.address, plancheck.ResourceActionUpdate),
			plancheck.ExpectKnownValue(l.address, tfjsonpath.New("generation"), knownvalue.Int64Exact(generation)),
			plancheck.ExpectKnownValue(l.address, tfjsonpath.New("next_generation"), knownvalue.Int64Exact(next)),
			trustedKeys{l.address, trusted, fmt.Sprint(next)},
			onlyUnknown{l.address, []string{"next_at", "next_private_key_pem", "trust_bundle_pem"}},
		}},
		ConfigStateChecks: append(l.holds(generation, trusted), l.waits(next)...),
	}
}

// presents is a step that presents what waited: all of it is known at plan.
func (l life) presents(config string, generation int64, trusted ...string) resource.TestStep {
	return resource.TestStep{
		Config: config,
		ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
			plancheck.ExpectResourceAction(l.address, plancheck.ResourceActionUpdate),
			plancheck.ExpectKnownValue(l.address, tfjsonpath.New("generation"), knownvalue.Int64Exact(generation)),
			trustedKeys{l.address, trusted, ""},
			onlyUnknown{l.address, nil},
		}},
		ConfigStateChecks: append(l.holds(generation, trusted), l.waits(0)...),
	}
}

// waits expects what is said of the generation that waits; 0 for none.
func (l life) waits(next int64) []statecheck.StateCheck {
	number, other := knownvalue.Check(knownvalue.Null()), knownvalue.Check(knownvalue.Null())
	if next != 0 {
		number, other = knownvalue.Int64Exact(next), knownvalue.NotNull()
	}
	return []statecheck.StateCheck{
		statecheck.ExpectKnownValue(l.address, tfjsonpath.New("next_generation"), number),
		statecheck.ExpectKnownValue(l.address, tfjsonpath.New("next_at"), other),
		statecheck.ExpectKnownValue(l.address, tfjsonpath.New("next_private_key_pem"), other),
	}
}

// TestWholeLifeWithPrepublication: trusted first, presented later, for each kind
// that is uploaded; a leaf below an intermediate follows it.
func TestWholeLifeWithPrepublication(t *testing.T) {
	t.Parallel()
	clock := newStepClock()
	var all [][]resource.TestStep
	for _, l := range lives() {
		if !l.upload {
			continue
		}
		l.clock = clock
		config := l.config(`validity = "2400h"`, `renew_before = "240h"`, `overlap = "48h"`, `prepublish = "120h"`)
		if l.address == "mtls_control_plane_ca.intermediate" {
			config += `
				resource "mtls_dataplane_certificate" "below" {
				  subject  = { common_name = "edge" }
				  issuer   = mtls_control_plane_ca.intermediate
				  validity = "24h"
				}
				resource "terraform_data" "leaf_follows" {
				  input = mtls_dataplane_certificate.below.issuer_fingerprint_sha256 == mtls_control_plane_ca.intermediate.fingerprint_sha256
				  lifecycle {
				    postcondition {
				      condition     = self.output
				      error_message = "the leaf has another issuer than the one that is presented"
				    }
				  }
				}
				`
		}
		triggered := strings.Replace(config, "overlap", `rotation_triggers = { turn = "1" }
			overlap`, 1)
		all = append(all, []resource.TestStep{
			{Config: config, ConfigStateChecks: append(l.holds(1, []string{"1"}), l.waits(0)...)},
			l.at(85*day-2*time.Second, l.idle(config)),
			l.at(85*day, l.prepares(config, 1, 2, "1", "2")),
			l.at(85*day, l.idle(config)),
			l.at(90*day-time.Second, l.unmoved(config)),
			l.at(90*day, l.presents(config, 2, "1", "2")),
			l.at(92*day-time.Second, l.unmoved(config)),
			l.at(92*day, l.drops(config, 2, "2")),
			l.at(93*day, l.prepares(triggered, 2, 3, "2", "3")),
			l.at(97*day, l.prepares(strings.Replace(triggered, `"1"`, `"2"`, 1), 2, 4, "2", "4")),
			l.at(102*day-time.Second, l.unmoved(strings.Replace(triggered, `"1"`, `"2"`, 1))),
			l.at(102*day, l.presents(strings.Replace(triggered, `"1"`, `"2"`, 1), 4, "2", "4")),
		})
	}
	steps := atOnce([]string{rootAbove}, all...)
	for i := range steps {
		// The leaf of a day is renewed by itself.
		if i > 0 {
			steps[i].ConfigPlanChecks.PreApply = slices.DeleteFunc(steps[i].ConfigPlanChecks.PreApply, func(check plancheck.PlanCheck) bool {
				return check == plancheck.ExpectEmptyPlan()
			})
		}
	}
	terraform(t, clock.Now, steps...)
}

// A pin of a hundred hours, renewed ten before its end, prepublished five.
func prepublishedPin(more written) written {
	return with(written{
		"subject": written{"common_name": "edge"}, "validity": "100h", "renew_before": "10h", "prepublish": "5h", "overlap": "20h",
	}, more)
}

// wantPhase fails unless generation is presented, next waits (0: none), and trusted
// are the numbers of what is trusted.
func (m *managed) wantPhase(t *testing.T, generation, next string, trusted ...string) {
	t.Helper()
	values := m.values(t, m.state)
	got := []string{fmt.Sprint(numberOf(t, values["generation"])), fmt.Sprint(numberOf(t, values["next_generation"]))}
	var keys []string
	for key := range m.texts(t, "trusted_certificates_pem") {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	if got[0] != generation || got[1] != next || !slices.Equal(keys, trusted) {
		t.Fatalf("generation %s is presented, %s waits, %v are trusted; want %s, %s, %v", got[0], got[1], keys, generation, next, trusted)
	}
}

// TestEmergencyWhileOneWaits: what a compromised key asks for happens at once.
func TestEmergencyWhileOneWaits(t *testing.T) {
	t.Parallel()
	turn := func(turn string) written { return written{"turn": turn} }
	for name, row := range map[string]struct {
		change  written
		active  string
		trusted []string
	}{
		"prepublish is none":                               {written{"prepublish": "0s"}, "2", []string{"1", "2"}},
		"prepublish is left out":                           {written{"prepublish": nil}, "2", []string{"1", "2"}},
		"no overlap":                                       {written{"overlap": "0s"}, "2", []string{"2"}},
		"both keys may be known to others":                 {written{"overlap": "0s", "rotation_triggers": turn("lost")}, "3", []string{"3"}},
		"another one at once, the old one trusted for now": {written{"prepublish": "0s", "rotation_triggers": turn("lost")}, "3", []string{"1", "3"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newManaged(t, "mtls_pinned_certificate", newStepClock())
			m.must(t, prepublishedPin(nil))
			m.clock.Step(86 * time.Hour)
			m.must(t, prepublishedPin(nil))
			m.wantPhase(t, "1", "2", "1", "2")
			m.clock.Step(time.Hour)
			m.must(t, prepublishedPin(row.change))
			m.wantPhase(t, row.active, "0", row.trusted...)
		})
	}
}

// TestChangesWhileOneWaits: whatever else is asked for waits in its place, from the
// beginning, under a number of its own.
func TestChangesWhileOneWaits(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]written{
		"subject":  {"subject": written{"common_name": "other"}},
		"names":    {"dns_names": []string{"edge.example"}},
		"validity": {"validity": "200h"},
		"key":      {"key_algorithm": "ED25519"},
		"trigger":  {"rotation_triggers": written{"turn": "2"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newManaged(t, "mtls_pinned_certificate", newStepClock())
			m.must(t, prepublishedPin(nil))
			presented := m.text(t, "certificate_pem")
			m.clock.Step(86 * time.Hour)
			m.must(t, prepublishedPin(nil))
			m.clock.Step(4 * time.Hour)
			said := warningsOf(m.run(t, prepublishedPin(change)))
			m.wantPhase(t, "1", "3", "1", "3")
			if text := strings.Join(said, "\n"); !strings.Contains(text, "Generation 2, which waited, is trusted no longer") {
				t.Errorf("the plan says %q", text)
			}
			m.clock.Step(5*time.Hour - time.Second)
			m.must(t, prepublishedPin(change))
			m.wantPhase(t, "1", "3", "1", "3")
			if m.text(t, "certificate_pem") != presented {
				t.Error("another certificate is presented while the next one waits")
			}
			m.clock.Step(time.Second)
			m.must(t, prepublishedPin(change))
			m.wantPhase(t, "3", "0", "1", "3")
			// Back to what it was: another generation, and another wait.
			m.must(t, prepublishedPin(nil))
			m.wantPhase(t, "3", "4", "1", "3", "4")
		})
	}
}

// TestPlansSayWhatComesNext: in words, with numbers and instants.
func TestPlansSayWhatComesNext(t *testing.T) {
	t.Parallel()
	m := newManaged(t, "mtls_pinned_certificate", newStepClock())
	if said := warningsOf(m.run(t, prepublishedPin(nil))); len(said) > 0 {
		t.Errorf("of the first one is said %q", said)
	}
	m.clock.Step(86 * time.Hour)
	for _, want := range []string{
		"This apply adds generation 2 to trusted_certificates_pem. What is presented stays generation 1. The first apply that comes 5h or more after this one " +
			"(applied now: from 2026-03-05T07:00:00Z on) presents generation 2; generation 1 then stays trusted for 20h more.",
		"Generation 2 has been trusted since 2026-03-05T02:00:00Z and waits; generation 1 is presented. The first apply from 2026-03-05T07:00:00Z on presents generation 2; " +
			"generation 1 then stays trusted for 20h more.",
	} {
		said := strings.Join(warningsOf(m.run(t, prepublishedPin(nil))), "\n")
		if !strings.Contains(said, want) {
			t.Errorf("the plan says\n%s\nwant\n%s", said, want)
		}
	}
	if due := m.values(t, m.state)["renewal_due"]; !due.Equal(tftypes.NewValue(tftypes.Bool, false)) {
		t.Error("due while the renewal is under way in time")
	}
	if at := m.text(t, "next_at"); at != "2026-03-05T07:00:00Z" {
		t.Errorf("next_at is %s", at)
	}
}

// TestProvidedCertificatesWait: the next one is trusted first, although it is
// configured; what was configured before is presented until then.
func TestProvidedCertificatesWait(t *testing.T) {
	t.Parallel()
	start := newStepClock().now
	graph := pkitest.Build(t, "first <- root\nsecond <- root\nthird <- root", pkitest.With("root", pkitest.Valid(start.Add(-day), start.Add(900*day))),
		pkitest.With("first", pkitest.Valid(start.Add(-day), start.Add(100*day))), pkitest.With("second", pkitest.Valid(start.Add(-day), start.Add(200*day))),
		pkitest.With("third", pkitest.Valid(start.Add(-day), start.Add(300*day))))
	provided := func(name string, more written) written {
		return with(written{"certificate_pem": graph.PEM(name), "private_key_pem": keyPEM(t, graph.Key(name)), "prepublish": "24h"}, more)
	}
	m := newManaged(t, "mtls_pinned_certificate", newStepClock())
	m.must(t, provided("first", nil))
	m.wantPhase(t, "1", "0", "1")
	m.must(t, provided("second", nil))
	m.wantPhase(t, "1", "2", "1", "2")
	if m.text(t, "certificate_pem") != graph.PEM("first") || m.text(t, "next_private_key_pem") != keyPEM(t, graph.Key("second")) {
		t.Error("the next certificate is presented already, or its key is not there")
	}
	m.clock.Step(12 * time.Hour)
	m.must(t, provided("second", nil))
	// The old one after all.
	back := m.copied()
	back.must(t, provided("first", nil))
	back.wantPhase(t, "1", "0", "1")
	back.must(t, provided("third", nil))
	back.wantPhase(t, "1", "3", "1", "3")
	// One that is generated comes in between.
	other := m.copied()
	other.must(t, prepublishedPin(written{"prepublish": "24h", "renew_before": "40h"}))
	other.wantPhase(t, "1", "3", "1", "3")
	other.clock.Step(24 * time.Hour)
	other.must(t, prepublishedPin(written{"prepublish": "24h", "renew_before": "40h"}))
	other.wantPhase(t, "3", "0", "1", "3")
	m.must(t, provided("second", nil))
	m.wantPhase(t, "2", "0", "1", "2")
	if m.text(t, "private_key_pem") != keyPEM(t, graph.Key("second")) {
		t.Error("the key of the certificate that is presented is another one")
	}
	// Without a key in state, a key that is configured cannot wait.
	bare := newManaged(t, "mtls_pinned_certificate", newStepClock())
	bare.must(t, written{"certificate_pem": graph.PEM("first"), "prepublish": "24h"})
	refused := errorsOf(bare.run(t, provided("second", nil)))
	if len(refused) != 1 || !strings.Contains(refused[0], "Private key cannot wait") {
		t.Errorf("reported %q", refused)
	}
	bare.must(t, provided("second", written{"private_key_pem": nil}))
	bare.wantPhase(t, "1", "2", "1", "2")
}

// TestWriteOnlyKeysWaitNowhere: no private key is in state, in any phase.
func TestWriteOnlyKeysWaitNowhere(t *testing.T) {
	t.Parallel()
	graph := pkitest.Build(t, "first\nsecond")
	first, second := keyPEM(t, graph.Key("first")), keyPEM(t, graph.Key("second"))
	m := newManaged(t, "mtls_pinned_certificate", newStepClock())
	with := func(key string, version int) written {
		return prepublishedPin(written{"private_key_pem_wo": key, "private_key_pem_wo_version": version})
	}
	m.must(t, with(first, 1))
	m.must(t, with(second, 2))
	m.wantPhase(t, "1", "2", "1", "2")
	m.must(t, with(second, 2))
	m.clock.Step(5 * time.Hour)
	if said := warningsOf(m.run(t, with(second, 2))); len(said) > 0 {
		t.Errorf("of the key that was issued for is said %q", said)
	}
	m.wantPhase(t, "2", "0", "1", "2")
	for name, value := range m.values(t, m.state) {
		if strings.Contains(fmt.Sprint(value), "PRIVATE KEY") {
			t.Errorf("%s has a private key", name)
		}
	}
}

// TestImportedCertificatesWithPrepublication: an imported certificate is presented
// until the one that is generated in its place was trusted long enough.
func TestImportedCertificatesWithPrepublication(t *testing.T) {
	t.Parallel()
	start := newStepClock().now
	graph := pkitest.Build(t, "old", pkitest.With("old", pkitest.Valid(start.Add(-day), start.Add(90*day))))
	m := newManaged(t, "mtls_pinned_certificate", newStepClock())
	m.importDrawn(t, graph, "old", true)
	m.wantPhase(t, "1", "0", "1")
	m.must(t, prepublishedPin(nil))
	m.wantPhase(t, "1", "2", "1", "2")
	if m.text(t, "certificate_pem") != graph.PEM("old") || m.text(t, "private_key_pem") != keyPEM(t, graph.Key("old")) {
		t.Error("the imported certificate and key are not what is presented")
	}
	m.clock.Step(5 * time.Hour)
	m.must(t, prepublishedPin(nil))
	m.wantPhase(t, "2", "0", "1", "2")
}

// TestUnknownPhase: what decides between now and later is left to the apply; all
// else is known, whatever is unknown while one waits.
func TestUnknownPhase(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		unknown written
		known   written
		active  string
		next    string
		trusted []string
	}{
		"prepublish, and it is what it was": {written{"prepublish": unknownValue{}}, nil, "1", "2", []string{"1", "2"}},
		"prepublish, and it is none":        {written{"prepublish": unknownValue{}}, written{"prepublish": "0s"}, "2", "0", []string{"1", "2"}},
		"overlap, and it is none":           {written{"overlap": unknownValue{}}, written{"overlap": "0s"}, "2", "0", []string{"2"}},
		"a trigger": {
			written{"rotation_triggers": written{"turn": unknownValue{}}}, written{"rotation_triggers": written{"turn": "x"}}, "1", "3", []string{"1", "3"},
		},
		"a name, and it is what it was": {written{"subject": written{"common_name": unknownValue{}}}, nil, "1", "2", []string{"1", "2"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newManaged(t, "mtls_pinned_certificate", newStepClock())
			m.must(t, prepublishedPin(nil))
			m.clock.Step(86 * time.Hour)
			m.must(t, prepublishedPin(nil))
			made, told := m.plan(t, valueOf(m.kind, prepublishedPin(row.unknown)))
			wantSound(t, told)
			wantSound(t, m.apply(t, valueOf(m.kind, prepublishedPin(row.known)), made))
			m.wantPhase(t, row.active, row.next, row.trusted...)
		})
	}
}

// TestDamagedWaitingGeneration: nothing is presented on the word of a damaged state.
func TestDamagedWaitingGeneration(t *testing.T) {
	t.Parallel()
	whole := newManaged(t, "mtls_pinned_certificate", newStepClock())
	whole.must(t, prepublishedPin(nil))
	whole.clock.Step(86 * time.Hour)
	whole.must(t, prepublishedPin(nil))
	stranger := keyPEM(t, pkitest.Build(t, "stranger").Key("stranger"))
	for name, row := range map[string]struct {
		damage func(*managed)
		want   string
	}{
		"another number":    {func(m *managed) { m.set(t, written{"next_generation": 3}) }, "Waiting generation in state is damaged"},
		"no number":         {func(m *managed) { m.set(t, written{"next_generation": nil}) }, "damaged"},
		"its own number":    {func(m *managed) { m.set(t, written{"next_generation": 1}) }, "Waiting generation in state is damaged"},
		"another's key":     {func(m *managed) { m.set(t, written{"next_private_key_pem": stranger}) }, "The key does not belong to"},
		"half a key":        {func(m *managed) { m.set(t, written{"next_private_key_pem": stranger[:99]}) }, "Waiting generation in state is damaged"},
		"not trusted":       {func(m *managed) { m.setEntry(t, "trusted_certificates_pem", "2", gone{}) }, "damaged"},
		"another one":       {func(m *managed) { m.setEntry(t, "trusted_certificates_pem", "2", m.text(t, "certificate_pem")) }, "damaged"},
		"private state old": {func(m *managed) { m.private = nil; m.clock.Step(5 * time.Hour) }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			m := whole.copied()
			m.clock = whole.clock
			row.damage(m)
			refused := strings.Join(errorsOf(m.run(t, prepublishedPin(nil))), "\n")
			if row.want == "" && refused != "" || !strings.Contains(refused, row.want) {
				t.Errorf("reported %q, want %q", refused, row.want)
			}
			if row.want == "" {
				// Since when it is trusted is known only from now on.
				m.wantPhase(t, "1", "2", "1", "2")
			}
		})
	}
}

// TestPlanRefusesPrepublication: bad input, at the plan, on its attribute.
func TestPlanRefusesPrepublication(t *testing.T) {
	t.Parallel()
	t.Run("no duration", func(t *testing.T) {
		t.Parallel()
		refuse(t, `resource "mtls_pinned_certificate"`, "", []refusal{
			{"below_zero", `
				subject    = { common_name = "it" }
				prepublish = "-1h"`, []string{"prepublish: Negative duration"}},
			{"no_duration", `
				subject    = { common_name = "it" }
				prepublish = "a week"`, []string{"prepublish: Invalid duration"}},
		})
	})
	for _, kind := range []string{"mtls_pinned_certificate", "mtls_control_plane_ca"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			refuse(t, `resource "`+kind+`"`, "", []refusal{
				{"as_long_as_renew_before", `
					subject      = { common_name = "it" }
					renew_before = "240h"
					prepublish   = "240h"`, []string{"prepublish: Invalid lifecycle settings"}},
				{"longer_than_the_default_renew_before", `
					subject    = { common_name = "it" }
					prepublish = "721h"`, []string{"prepublish: Invalid lifecycle settings"}},
				{"as_long_as_validity", `
					subject      = { common_name = "it" }
					validity     = "240h"
					renew_before = "0s"
					prepublish   = "240h"`, []string{"prepublish: Invalid lifecycle settings"}},
				{"leaves_nothing", `
					subject      = { common_name = "it" }
					validity     = "240h"
					renew_before = "200h"
					prepublish   = "40h"`, []string{"prepublish: Invalid lifecycle settings"}},
			})
		})
	}
}

// TestProvidedCertificateWithPrepublicationOutOfBounds: of one that is provided,
// what is configured is compared.
func TestProvidedCertificateWithPrepublicationOutOfBounds(t *testing.T) {
	t.Parallel()
	start := newStepClock().now
	graph := pkitest.Build(t, "own", pkitest.With("own", pkitest.Valid(start.Add(-day), start.Add(90*day))))
	m := newManaged(t, "mtls_pinned_certificate", newStepClock())
	refused := errorsOf(m.run(t, written{"certificate_pem": graph.PEM("own"), "renew_before": "24h", "prepublish": "25h"}))
	if len(refused) != 1 || !strings.Contains(refused[0], "Prepublish 25h is not shorter than the renew_before of 24h") {
		t.Errorf("reported %q", refused)
	}
}

// TestNextGenerationWhoseIssuerEndsFirst: what would end before it is presented is
// refused; a renewal waits for the issuer instead.
func TestNextGenerationWhoseIssuerEndsFirst(t *testing.T) {
	t.Parallel()
	start := newStepClock().now
	graph := pkitest.Build(t, "issuing <- root", pkitest.With("root", pkitest.Valid(start.Add(-day), start.Add(100*time.Hour))))
	config := func(more written) written {
		return with(written{
			"subject": written{"common_name": "Issuing"}, "validity": "1000h", "prepublish": "20h",
			"issuer": written{"certificate_pem": graph.PEM("root"), "private_key_pem": keyPEM(t, graph.Key("root"))},
		}, more)
	}
	m := newManaged(t, "mtls_control_plane_ca", newStepClock())
	m.must(t, config(nil))
	m.clock.Step(70 * time.Hour)
	if said := strings.Join(warningsOf(m.run(t, config(nil))), "\n"); !strings.Contains(said, "Renewal waits for issuer") {
		t.Errorf("the plan says %q", said)
	}
	m.wantPhase(t, "1", "0", "1")
	m.clock.Step(10 * time.Hour)
	refused := errorsOf(m.run(t, config(written{"rotation_triggers": written{"turn": "1"}})))
	if len(refused) != 1 || !strings.Contains(refused[0], "Next generation ends too early") || !strings.Contains(refused[0], "Renew the issuer first") {
		t.Errorf("reported %q", refused)
	}
	m.must(t, config(written{"rotation_triggers": written{"turn": "1"}, "prepublish": "19h"}))
	m.wantPhase(t, "1", "2", "1", "2")
}

// TestPrepublicationInSharedMode: the name says that one certificate is compared.
func TestPrepublicationInSharedMode(t *testing.T) {
	t.Parallel()
	m := newManaged(t, "mtls_pinned_certificate", newStepClock())
	said := warningsOf(m.run(t, prepublishedPin(written{"dns_names": []string{"kong_clustering"}})))
	if len(said) == 0 || !strings.Contains(said[0], "Control plane trusts one certificate only") {
		t.Errorf("the plan says %q", said)
	}
}

// TestClockWhileOneWaits: a generation that a clock ahead made is not presented by
// one that is right; a trigger and no prepublication are the cure.
func TestClockWhileOneWaits(t *testing.T) {
	t.Parallel()
	m := newManaged(t, "mtls_pinned_certificate", newStepClock())
	m.must(t, prepublishedPin(nil))
	m.clock.Step(87 * time.Hour)
	m.must(t, prepublishedPin(nil))
	m.clock.Step(-50 * time.Hour)
	refused := errorsOf(m.run(t, prepublishedPin(nil)))
	if len(refused) != 1 || !strings.Contains(refused[0], "Clock is behind") {
		t.Errorf("reported %q", refused)
	}
	cured := prepublishedPin(written{"rotation_triggers": written{"clock": "was wrong"}})
	m.must(t, cured)
	m.wantPhase(t, "1", "3", "1", "3")
	m.clock.Step(5 * time.Hour)
	m.must(t, cured)
	m.wantPhase(t, "3", "0", "1", "3")
}
