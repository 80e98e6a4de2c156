package provider

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

// stateBefore is what commit 93e6158 has written for main.tf in this folder,
// with the real Terraform: make.sh says how. It is a state file as Terraform
// keeps it, private state included, of before private state had a version.
const stateBefore = "testdata/state-93e6158"

// A stateFile is what is read of Terraform's own format.
type stateFile struct {
	Resources []struct {
		Type      string `json:"type"`
		Name      string `json:"name"`
		Instances []struct {
			SchemaVersion int64           `json:"schema_version"`
			Attributes    json.RawMessage `json:"attributes"`
			Private       []byte          `json:"private"` // base64 in the file
		} `json:"instances"`
	} `json:"resources"`
}

// A kept resource is one of a state file, with the configuration that made it.
type kept struct {
	*managed
	config written
}

// readBefore reads every resource of the state, upgraded, by its address. Its
// clocks stand an hour after the last certificate was made.
func readBefore(t *testing.T) map[string]kept {
	t.Helper()
	var file stateFile
	if err := json.Unmarshal([]byte(readBeforeFile(t, "state.json")), &file); err != nil {
		t.Fatal(err)
	}
	resources, made := map[string]kept{}, time.Time{}
	for _, each := range file.Resources {
		m := newManaged(t, each.Type, newStepClock())
		m.upgrade(t, each.Instances[0].SchemaVersion, each.Instances[0].Attributes)
		m.private = each.Instances[0].Private
		resources[each.Type+"."+each.Name] = kept{m, nil}
		if each.Type != kindSet {
			if begins, err := time.Parse(time.RFC3339, m.text(t, "not_before")); err == nil && begins.After(made) {
				made = begins
			}
		}
	}
	for address, resource := range resources {
		resource.clock.set(made.Add(time.Hour))
		resources[address] = kept{resource.managed, resource.configuredBefore(t, address, resources)}
	}
	return resources
}

func readBeforeFile(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(stateBefore, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// upgrade takes a state file's attributes for the state, as Terraform lets a
// provider do first of all.
func (m *managed) upgrade(t *testing.T, version int64, attributes []byte) {
	t.Helper()
	answer, err := m.server.UpgradeResourceState(t.Context(), &tfprotov6.UpgradeResourceStateRequest{
		TypeName: m.name, Version: version, RawState: &tfprotov6.RawState{JSON: attributes},
	})
	if err != nil {
		t.Fatal(err)
	}
	wantSound(t, answer.Diagnostics)
	m.state = m.decode(t, answer.UpgradedState)
}

// configuredBefore is the configuration of a resource in main.tf: the arguments
// that its state has, and those that no state has.
func (m *managed) configuredBefore(t *testing.T, address string, resources map[string]kept) written {
	t.Helper()
	config, state := written{}, m.values(t, m.state)
	for _, attribute := range m.schema.Block.Attributes {
		if !attribute.Computed && !attribute.WriteOnly {
			config[attribute.Name] = state[attribute.Name]
		}
	}
	_, name, _ := strings.Cut(address, ".")
	if !strings.HasSuffix(name, "generated") && (strings.HasPrefix(name, "provided") || strings.HasPrefix(name, "imported")) {
		config["certificate_pem"] = m.text(t, "certificate_pem")
	}
	if name == "provided" {
		config["private_key_pem"] = m.text(t, "private_key_pem")
	}
	if issuer := map[string]string{
		"mtls_control_plane_ca.below":              "generated",
		"mtls_dataplane_certificate.generated":     "below",
		"mtls_dataplane_certificate.rotated":       "generated",
		"mtls_dataplane_certificate.csr":           "below",
		"mtls_dataplane_certificate.write_only":    "generated",
		"mtls_dataplane_certificate_set.generated": "below",
		"mtls_dataplane_certificate_set.rotated":   "generated",
		"mtls_dataplane_certificate_set.empty":     "generated",
	}[address]; issuer != "" {
		config["issuer"] = asIssuer(t, resources["mtls_control_plane_ca."+issuer].state)
	}
	maps.Copy(config, map[string]written{
		"mtls_control_plane_ca.provided_write_only":       {"private_key_pem_wo": readBeforeFile(t, "ca.key")},
		"mtls_control_plane_ca.write_only":                {"private_key_pem_wo": readBeforeFile(t, "ca.key")},
		"mtls_pinned_certificate.write_only":              {"private_key_pem_wo": readBeforeFile(t, "pin.key")},
		"mtls_dataplane_certificate.write_only":           {"private_key_pem_wo": readBeforeFile(t, "leaf.key")},
		"mtls_dataplane_certificate.provided_with_issuer": {"issuer": written{"certificate_pem": readBeforeFile(t, "ca.pem")}},
		"mtls_dataplane_certificate.imported_generated":   {"issuer": written{"certificate_pem": readBeforeFile(t, "ca.pem"), "private_key_pem": readBeforeFile(t, "ca.key")}},
	}[address])
	return config
}

// addedSince are the outputs that the state of before does not have.
var addedSince = []string{"spki_sha256_base64", "revision", "revisions", "root_pem", "limits"}

// complete has one apply add the outputs that the state of before lacks, and
// nothing else.
func (m *managed) complete(t *testing.T, config written) {
	t.Helper()
	before := m.values(t, m.state)
	m.must(t, config)
	for name, value := range m.values(t, m.state) {
		if !value.Equal(before[name]) && (!slices.Contains(addedSince, name) || !before[name].IsNull()) {
			t.Fatalf("the first apply changes %s", name)
		}
	}
}

// Whoever updates the provider finds everything as it was: no change is planned,
// and a refresh keeps all, at once and a day later.
func TestStateOfBeforeIsKept(t *testing.T) {
	t.Parallel()
	resources := readBefore(t)
	kinds := map[string]int{}
	for address, resource := range resources {
		kinds[resource.name]++
		t.Run(address, func(t *testing.T) {
			t.Parallel()
			if resource.name == kindSet {
				resource.moveFirstRenewal(t)
			}
			resource.complete(t, resource.config)
			before := resource.state
			resource.wantNoChange(t, resource.config, "without a refresh")
			for range 2 {
				wantSound(t, resource.refresh(t))
				if fault := inconsistency(before, resource.state); fault != "" {
					t.Fatalf("the refresh changes it: %s", fault)
				}
				resource.wantNoChange(t, resource.config, "after a refresh")
				resource.clock.Step(day)
			}
		})
	}
	if want := map[string]int{kindCA: 11, "mtls_pinned_certificate": 9, kindLeaf: 8, kindSet: 3}; !maps.Equal(kinds, want) {
		t.Errorf("the state has %v, want %v", kinds, want)
	}
}

// moveFirstRenewal refreshes a set. The place of a node among the renewals of its
// set has come from SHA-256 since, so that the first of them is at another hour:
// that, and nothing else, moves once.
func (m *managed) moveFirstRenewal(t *testing.T) {
	t.Helper()
	before := m.values(t, m.state)
	wantSound(t, m.refresh(t))
	for name, value := range m.values(t, m.state) {
		if name != "renewal_at" && !value.Equal(before[name]) {
			t.Fatalf("the refresh changes %s", name)
		}
	}
}

func (m *managed) wantNoChange(t *testing.T, config written, when string) {
	t.Helper()
	made, diagnostics := m.plan(t, valueOf(m.kind, config))
	wantSound(t, diagnostics)
	if warned := warningsOf(diagnostics); len(warned) > 0 {
		t.Errorf("warned %s: %q", when, warned)
	}
	if !made.planned.Equal(m.state) {
		t.Errorf("a change is planned %s: %s", when, inconsistency(m.state, made.planned))
	}
}

// Overlaps that had begun before end when they would have: the private state of
// before is read.
func TestOverlapOfBeforeEndsInTime(t *testing.T) {
	t.Parallel()
	resource := readBefore(t)["mtls_control_plane_ca.rotated_overlap"]
	resource.clock.Step(46 * time.Hour)
	resource.must(t, resource.config)
	if trusted := slices.Sorted(maps.Keys(resource.texts(t, "trusted_certificates_pem"))); !slices.Equal(trusted, []string{"1", "2", "3"}) {
		t.Errorf("after 47 hours of 48, generations %v are trusted", trusted)
	}
	resource.clock.Step(3 * time.Hour)
	resource.must(t, resource.config)
	if trusted := slices.Sorted(maps.Keys(resource.texts(t, "trusted_certificates_pem"))); !slices.Equal(trusted, []string{"3"}) {
		t.Errorf("after 50 hours of 48, generations %v are trusted", trusted)
	}
}

// What was made before goes on: it rotates, and what is trusted stays so.
func TestStateOfBeforeRotates(t *testing.T) {
	t.Parallel()
	for address, resource := range readBefore(t) {
		if resource.config["certificate_pem"] != nil || strings.HasSuffix(address, "imported_generated") || strings.HasSuffix(address, ".empty") {
			continue // provided, or the key of an import, which has tests of its own
		}
		t.Run(address, func(t *testing.T) {
			t.Parallel()
			before := resource.copied()
			resource.must(t, setting(resource.config, "rotation_triggers", written{"turn": "4"}))
			if resource.name == kindSet {
				for name, serial := range resource.texts(t, "serial_numbers") {
					if serial == before.texts(t, "serial_numbers")[name] {
						t.Errorf("node %s has the same certificate", name)
					}
				}
				return
			}
			if resource.text(t, "serial_number") == before.text(t, "serial_number") {
				t.Error("it has the same certificate")
			}
			if _, uploaded := resource.kind.AttributeTypes["overlap"]; !uploaded || strings.HasSuffix(address, "rotated_key") {
				return // of which none is kept
			}
			after := resource.texts(t, "trusted_certificates_pem")
			for generation, certificate := range before.texts(t, "trusted_certificates_pem") {
				if after[generation] != certificate {
					t.Errorf("generation %s is trusted no more", generation)
				}
			}
			if _, err := pki.ParseCertificates(resource.text(t, "trust_bundle_pem")); err != nil {
				t.Error(err)
			}
		})
	}
}
