package provider

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/pkitest"
)

// TestHeldKeysWait: the next key of a CA whose keys programs hold is trusted first.
// Until it is presented, the program of the old key signs what is below; to present
// it, no program runs.
func TestHeldKeysWait(t *testing.T) {
	t.Parallel()
	old, next := newHolder(t, pki.ECDSAP256), newHolder(t, pki.ECDSAP384)
	clock := newStepClock()
	config := func(ca, signs *holder, trigger int) string {
		return fmt.Sprintf(`
resource "mtls_control_plane_ca" "root" {
  subject        = { common_name = "Root" }
  public_key_pem = <<-EOT
%s
  EOT
  signer_command = [%s]
  prepublish     = "24h"
}
resource "mtls_dataplane_certificate" "edge" {
  subject           = { common_name = "edge" }
  issuer            = { certificate_pem = mtls_control_plane_ca.root.certificate_pem, signer_command = [%s] }
  rotation_triggers = { turn = "%d" }
}`, ca.public, ca.script(), signs.script(), trigger)
	}
	const root, edge = "mtls_control_plane_ca.root", "mtls_dataplane_certificate.edge"
	phase := func(generation int64, waits knownvalue.Check, leaf int) []statecheck.StateCheck {
		return []statecheck.StateCheck{
			statecheck.ExpectKnownValue(root, tfjsonpath.New("generation"), knownvalue.Int64Exact(generation)),
			statecheck.ExpectKnownValue(root, tfjsonpath.New("next_generation"), waits),
			statecheck.ExpectKnownValue(root, tfjsonpath.New("private_key_pem"), knownvalue.Null()),
			statecheck.ExpectKnownValue(root, tfjsonpath.New("next_private_key_pem"), knownvalue.Null()),
			noSecret(old, next), describesItself(edge, leaf, root),
		}
	}
	var runs int
	terraform(t, clock.Now,
		resource.TestStep{Config: config(old, old, 1), ConfigStateChecks: phase(1, knownvalue.Null(), 1)},
		resource.TestStep{Config: config(next, old, 1), ConfigStateChecks: phase(1, knownvalue.Int64Exact(2), 1)},
		resource.TestStep{Config: config(next, old, 1), PlanOnly: true},
		// What is below is signed with the old key.
		resource.TestStep{Config: config(next, old, 2), ConfigStateChecks: phase(1, knownvalue.Int64Exact(2), 2)},
		// The root is presented as it is; the leaf below it is the one signature.
		resource.TestStep{
			PreConfig: func() { clock.Step(24 * time.Hour); runs = next.runs() }, Config: config(next, next, 2),
			ConfigStateChecks: append(phase(2, knownvalue.Null(), 3), stateCheck(func(attributesByAddress) error {
				if made := next.runs() - runs; made != 1 {
					return fmt.Errorf("the program ran %d times, for one leaf", made)
				}
				return nil
			})),
		},
		resource.TestStep{Config: config(next, next, 2), PlanOnly: true},
	)
}

// TestMovedCertificatesWithPrepublication: what hashicorp/tls made is presented until
// what is made in its place was trusted long enough, and stays if it is what is
// configured.
func TestMovedCertificatesWithPrepublication(t *testing.T) {
	t.Parallel()
	start := newStepClock().now
	for _, kind := range []string{kindCA, "mtls_pinned_certificate"} {
		for _, name := range []string{"it", "other"} {
			t.Run(kind+" "+name, func(t *testing.T) {
				t.Parallel()
				drawing := map[string]string{kindCA: "edge <- it"}[kind]
				graph := pkitest.Build(t, "it\n"+drawing, pkitest.With("it", pkitest.Valid(start.Add(-day), start.Add(900*day))))
				source, err := json.Marshal(map[string]string{"cert_pem": graph.PEM("it"), "private_key_pem": keyPEM(t, graph.Key("it"))})
				if err != nil {
					t.Fatal(err)
				}
				m := newManaged(t, kind, newStepClock())
				moved, err := m.server.MoveResourceState(t.Context(), &tfprotov6.MoveResourceStateRequest{
					SourceProviderAddress: "registry.terraform.io/hashicorp/tls", SourceTypeName: "tls_self_signed_cert",
					SourceState: &tfprotov6.RawState{JSON: source}, TargetTypeName: kind,
				})
				if err != nil {
					t.Fatal(err)
				}
				wantSound(t, moved.Diagnostics)
				m.state, m.private = m.decode(t, moved.TargetState), moved.TargetPrivate
				config := written{"subject": written{"common_name": name}, "prepublish": "24h", "overlap": "48h"}
				m.must(t, config)
				if name == "it" {
					m.wantPhase(t, "1", "0", "1")
					return
				}
				m.wantPhase(t, "1", "2", "1", "2")
				if m.text(t, "certificate_pem") != graph.PEM("it") || m.text(t, "private_key_pem") != keyPEM(t, graph.Key("it")) {
					t.Error("the moved certificate and key are not what is presented")
				}
				m.clock.Step(24 * time.Hour)
				m.must(t, config)
				m.wantPhase(t, "2", "0", "1", "2")
			})
		}
	}
}

// TestOldBackupsInEachPhase: whichever state is restored, the next apply goes on from
// there; nothing is presented that the restored state had not trusted for long enough.
func TestOldBackupsInEachPhase(t *testing.T) {
	t.Parallel()
	config := prepublishedPin(nil)
	m := newManaged(t, "mtls_pinned_certificate", newStepClock())
	var backups []*managed
	keep := func() { backups = append(backups, m.copied()) }
	m.must(t, config)
	keep() // of generation 1
	m.clock.Step(86 * time.Hour)
	m.must(t, config)
	m.wantPhase(t, "1", "2", "1", "2")
	keep() // of generation 2, which waits
	m.clock.Step(5 * time.Hour)
	m.must(t, config)
	m.wantPhase(t, "2", "0", "1", "2")
	keep() // of both that are trusted
	now := m.clock.Now()
	for _, row := range []struct {
		after time.Duration
		phase []string
	}{
		{0, []string{"1", "2", "1", "2"}}, {5*time.Hour - time.Second, []string{"1", "2", "1", "2"}}, {5 * time.Hour, []string{"2", "0", "1", "2"}},
	} {
		backups[0].clock.set(now.Add(row.after))
		backups[0].must(t, config)
		backups[0].wantPhase(t, row.phase[0], row.phase[1], row.phase[2:]...)
	}
	waiting := backups[1].texts(t, "trusted_certificates_pem")["2"]
	m.clock.set(now)
	backups[1].must(t, config)
	backups[1].wantPhase(t, "2", "0", "1", "2")
	if backups[1].text(t, "certificate_pem") != waiting {
		t.Error("another certificate is presented than the one that waited in the backup")
	}
	// Its own end comes before that of the overlap.
	m.clock.set(now.Add(9*time.Hour - time.Minute))
	backups[2].must(t, config)
	backups[2].wantPhase(t, "2", "0", "1", "2")
	m.clock.set(now.Add(9 * time.Hour))
	backups[2].must(t, config)
	backups[2].wantPhase(t, "2", "0", "2")
}
