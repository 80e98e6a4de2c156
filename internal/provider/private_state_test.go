package provider

import (
	"crypto/x509/pkix"
	"encoding/json"
	"maps"
	"strconv"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/trustplane/terraform-provider-mtls/internal/issue"
)

// importedPin is a pin that was imported with its key, below a configuration
// that provides the certificate and not the key. Only private state knows that the
// key is to stay.
func importedPin(t *testing.T) (*managed, written) {
	t.Helper()
	clock := newStepClock()
	certificate, key, made := onDisk(t, issue.Request{Profile: issue.PinnedCertificate, Subject: pkix.Name{CommonName: "edge"}}, nil, clock.Now())
	m := newManaged(t, "mtls_pinned_certificate", clock)
	m.importFrom(t, certificate+","+key)
	config := written{"certificate_pem": pkiPEM(made)}
	m.must(t, config)
	if m.text(t, "private_key_pem") == "" {
		t.Fatal("the import did not take the key")
	}
	return m, config
}

// managedKinds are one resource of each kind, generated and applied.
func managedKinds(t *testing.T) (resources map[string]*managed, configs map[string]written) {
	t.Helper()
	f := newFleet(t)
	configs = map[string]written{
		kindCA:                    {"subject": written{"common_name": "Root"}},
		"mtls_pinned_certificate": {"subject": written{"common_name": "pin"}},
		kindLeaf:                  f.leaf("edge"),
		kindSet:                   f.set(2),
	}
	resources = map[string]*managed{}
	for kind, config := range configs {
		resources[kind] = newManaged(t, kind, f.clock)
		resources[kind].must(t, config)
	}
	return resources, configs
}

// privateOf is private state with these values, as the framework encodes it.
func privateOf(t *testing.T, values map[string]string) []byte {
	t.Helper()
	texts := map[string][]byte{}
	for key, text := range values {
		texts[key] = []byte(text)
	}
	encoded, err := json.Marshal(texts)
	if err != nil {
		t.Fatal(err)
	}
	return encoded
}

// recorded is the private state with something put in place of each record.
func (m *managed) recorded(t *testing.T, instead func(record map[string]any) string) []byte {
	t.Helper()
	values := map[string]string{}
	for key, record := range m.record(t) {
		values[key] = instead(record)
	}
	return privateOf(t, values)
}

// unreadable are private states that no version of the provider has written for
// the resource.
func (m *managed) unreadable(t *testing.T) map[string][]byte {
	t.Helper()
	text := func(text string) []byte { return m.recorded(t, func(map[string]any) string { return text }) }
	changed := func(name string, value any) []byte {
		return m.recorded(t, func(record map[string]any) string {
			record = maps.Clone(record)
			record[name] = value
			encoded, err := json.Marshal(record)
			if err != nil {
				t.Fatal(err)
			}
			return string(encoded)
		})
	}
	return map[string][]byte{
		"no JSON":             []byte("garbage"),
		"truncated":           m.private[:len(m.private)/2],
		"record is no JSON":   text("garbage"),
		"record is truncated": m.recorded(t, func(map[string]any) string { return `{"version":1,"super` }),
		"record is empty":     text(`""`),
		"record is a list":    text(`[]`),
		"record is a text":    text(`"key_adopted"`),
		"record is a number":  text(`7`),
		"record is null":      text(`null`),
		"later version":       changed("version", 2_000_000),
		"version is a text":   changed("version", "1"),
		"version is negative": changed("version", -1),
		// As the provider wrote it before there was a version.
		"instants are no instants":   text(`{"superseded":{"1":"yesterday"}}`),
		"instants are a text":        text(`{"superseded":"yesterday"}`),
		"generations are no number":  text(`{"superseded":{"first":"2026-03-01T12:00:00Z"}}`),
		"whether a key was imported": text(`{"key_adopted":"yes"}`),
	}
}

// calls are what the provider answers when private state is handed to it: to a
// refresh, to a plan that was not refreshed, and to an apply of a plan that was
// made before it was damaged.
func (m *managed) calls(t *testing.T, private []byte, config written) map[string][]*tfprotov6.Diagnostic {
	t.Helper()
	configured := valueOf(m.kind, config)
	made, diagnostics := m.plan(t, configured)
	wantSound(t, diagnostics)
	answers := map[string][]*tfprotov6.Diagnostic{}

	damaged := m.copied()
	damaged.private = private
	answers["refresh"] = damaged.refresh(t)
	if !damaged.state.Equal(m.state) {
		t.Error("the refresh changed the state")
	}
	damaged = m.copied()
	damaged.private = private
	_, answers["plan"] = damaged.plan(t, configured)

	damaged, made.private = m.copied(), private
	answers["apply"] = damaged.carryOut(t, made)
	if !damaged.state.Equal(m.state) {
		t.Error("the apply changed the state")
	}
	return answers
}

// Private state that cannot be read is an error, whatever reads it, and leaves
// the state as it is: what it said cannot be guessed.
func TestUnreadablePrivateStateIsRefused(t *testing.T) {
	t.Parallel()
	resources, configs := managedKinds(t)
	for kind, m := range resources {
		turned := setting(configs[kind], "rotation_triggers", written{"turn": "1"})
		for name, private := range m.unreadable(t) {
			t.Run(kind+"/"+name, func(t *testing.T) {
				t.Parallel()
				for call, diagnostics := range m.calls(t, private, turned) {
					refused := errorsOf(diagnostics)
					if len(refused) == 0 {
						t.Errorf("the %s reads it", call)
						continue
					}
					if said := strings.ToLower(strings.Join(refused, "\n")); !strings.Contains(said, "private state") {
						t.Errorf("the %s does not say what is wrong: %s", call, said)
					}
				}
			})
		}
	}
}

// A key that was imported stays in the state, however damaged the private state
// is that says so.
func TestUnreadablePrivateStateCostsNoImportedKey(t *testing.T) {
	t.Parallel()
	m, config := importedPin(t)
	for name, private := range m.unreadable(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for call, diagnostics := range m.calls(t, private, setting(config, "overlap", "1h")) {
				if len(errorsOf(diagnostics)) == 0 {
					t.Errorf("the %s reads it", call)
				}
			}
		})
	}
	// What is not there at all, or what the framework discards since its
	// predecessor wrote it, looks like a resource that has none; and that
	// of another pin says of no key that it was imported.
	other := newManaged(t, "mtls_pinned_certificate", newStepClock())
	other.must(t, written{"subject": written{"common_name": "edge"}})
	for name, private := range map[string][]byte{
		"none":             nil,
		"empty":            []byte("{}"),
		"of a predecessor": []byte(`{"schema_version":"1"}`),
		"of another key":   privateOf(t, map[string]string{"timeouts": `{"create":5}`}),
		"of another pin":   other.private,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, refreshed := range []bool{true, false} {
				for _, changes := range []written{{}, {"overlap": "1h"}} {
					if !m.keepsKey(t, private, with(config, changes), refreshed) {
						t.Errorf("refreshed %t, changed %v: the imported key has left the state", refreshed, changes)
					}
				}
			}
		})
	}
}

// keepsKey reports whether the private key is still in the state after an apply
// with that private state, which may refuse.
func (m *managed) keepsKey(t *testing.T, private []byte, config written, refreshed bool) bool {
	t.Helper()
	damaged := m.copied()
	damaged.private = private
	if refreshed {
		damaged.refresh(t)
	}
	made, diagnostics := damaged.plan(t, valueOf(m.kind, config))
	if len(errorsOf(diagnostics)) == 0 && !made.planned.Equal(damaged.state) {
		damaged.apply(t, made.config, made)
	}
	return damaged.text(t, "private_key_pem") == m.text(t, "private_key_pem")
}

// Private state of another kind of resource would give a resource the origin and
// the overlaps of another.
func TestPrivateStateOfAnotherKindIsRefused(t *testing.T) {
	t.Parallel()
	resources, configs := managedKinds(t)
	for kind, m := range resources {
		for from, other := range resources {
			if kind == from {
				continue
			}
			t.Run(kind+"/private state of "+from, func(t *testing.T) {
				t.Parallel()
				for call, diagnostics := range m.calls(t, other.private, setting(configs[kind], "rotation_triggers", written{"turn": "1"})) {
					if len(errorsOf(diagnostics)) == 0 {
						t.Errorf("the %s takes it", call)
					}
				}
			})
		}
	}
}

// What cannot be read can still be let go of.
func TestUnreadablePrivateStateIsDestroyed(t *testing.T) {
	t.Parallel()
	resources, _ := managedKinds(t)
	for kind, m := range resources {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			nothing, private := tftypes.NewValue(m.kind, nil), m.recorded(t, func(map[string]any) string { return `[]` })
			plan, err := m.server.PlanResourceChange(t.Context(), &tfprotov6.PlanResourceChangeRequest{
				TypeName: kind, PriorState: m.encode(t, m.state), PriorPrivate: private,
				ProposedNewState: m.encode(t, nothing), Config: m.encode(t, nothing),
			})
			if err != nil {
				t.Fatal(err)
			}
			wantSound(t, plan.Diagnostics)
			applied, err := m.server.ApplyResourceChange(t.Context(), &tfprotov6.ApplyResourceChangeRequest{
				TypeName: kind, PriorState: m.encode(t, m.state), PlannedPrivate: plan.PlannedPrivate,
				PlannedState: m.encode(t, nothing), Config: m.encode(t, nothing),
			})
			if err != nil {
				t.Fatal(err)
			}
			wantSound(t, applied.Diagnostics)
			if !m.decode(t, applied.NewState).IsNull() {
				t.Error("the resource is still there")
			}
		})
	}
}

// Whatever writes private state, it says in which version, so that a later
// provider knows what it reads and an earlier one that it does not.
func TestPrivateStateHasAVersion(t *testing.T) {
	t.Parallel()
	want := func(t *testing.T, m *managed, when string) {
		t.Helper()
		for key, record := range m.record(t) {
			if version, is := record["version"].(float64); !is || version < 1 || version != float64(int(version)) {
				t.Errorf("%s, %q of private state has no version: %v", when, key, record)
			}
		}
	}
	resources, configs := managedKinds(t)
	for kind, m := range resources {
		t.Run(kind, func(t *testing.T) { // one after the other: they share a clock
			want(t, m, "after a create")
			m.must(t, setting(configs[kind], "rotation_triggers", written{"turn": "1"}))
			want(t, m, "after an update")
			m.clock.Step(2 * day)
			wantSound(t, m.refresh(t))
			want(t, m, "after a refresh")
		})
	}
	t.Run("import", func(t *testing.T) {
		t.Parallel()
		m, _ := importedPin(t)
		want(t, m, "after an import")
	})
}

// A certificate that keeps no earlier generation trusted remembers none. What is
// uploaded forgets those that it no longer trusts.
func TestPrivateStateDoesNotGrow(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	for kind, config := range map[string]written{
		kindLeaf:                  f.leaf("edge"),
		kindSet:                   f.set(1),
		"mtls_pinned_certificate": {"subject": written{"common_name": "pin"}, "overlap": "1h"},
		kindCA:                    {"subject": written{"common_name": "Root"}, "overlap": "0s"},
	} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			m := newManaged(t, kind, newStepClock())
			turn := func(number int) {
				m.clock.Step(day)
				m.must(t, setting(config, "rotation_triggers", written{"turn": strconv.Itoa(number)}))
			}
			for number := range 3 {
				turn(number)
			}
			early := len(m.private)
			for number := range 50 {
				turn(3 + number)
			}
			// Numbers of generations may take another digit here and there.
			if late := len(m.private); late > early+16 {
				t.Errorf("%d bytes after 3 rotations, %d after 53: %s", early, late, m.private)
			}
		})
	}
}
