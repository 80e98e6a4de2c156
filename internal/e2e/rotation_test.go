package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A rotationCase is a composition that must not refuse anybody.
type rotationCase struct {
	name          string
	configuration string
	variables     map[string]string
	secrets       []string
	// first is renewed by age before the others; anchor is what is uploaded.
	first, anchor string
	// certificates is how many are presented at least.
	certificates int
}

func rotationCases() []rotationCase {
	const root, issuing, leaf = "mtls_control_plane_ca.root", "mtls_control_plane_ca.issuing", "mtls_dataplane_certificate.edge[edge-1]"
	leaves := []string{"edge-1", "edge-2", "edge-3"}
	return []rotationCase{
		{
			name: "pinned certificate", configuration: "pinned", secrets: []string{"edge"},
			first: "mtls_pinned_certificate.edge", anchor: "mtls_pinned_certificate.edge", certificates: 5,
		},
		{
			name: "root uploaded, chains presented", configuration: "pki", variables: map[string]string{"anchor": "root"}, secrets: leaves,
			first: leaf, anchor: root, certificates: 13,
		},
		{
			name: "intermediate uploaded, leaves presented", configuration: "pki", variables: map[string]string{"anchor": "issuing"}, secrets: leaves,
			first: leaf, anchor: issuing, certificates: 13,
		},
	}
}

// rotate turns the certificates over: by hand, and by age.
func (c rotationCase) rotate(s *scene) {
	for range 2 {
		s.rotate()
		s.allTaken(c.secrets...)
	}
	s.renew(c.first)
	s.allTaken(c.secrets...)
	s.renew(c.anchor)
	s.allTaken(c.secrets...)
}

func TestRotationRefusesNoDataPlane(t *testing.T) {
	t.Parallel()
	for _, c := range rotationCases() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := play(t, c.configuration, c.variables, startGo(t), c.secrets, c.rotate)
			s.noneRefused(c.certificates)
			s.onlyTrusted(c.anchor)
		})
	}
}

// Replacing the one upload, then the secret, is what the test above must be able
// to tell from a rotation.
func TestNaiveRotationRefusesDataPlanes(t *testing.T) {
	t.Parallel()
	s := play(t, "naive", nil, startGo(t), []string{"edge"}, func(s *scene) {
		for range 2 {
			s.rotate()
			s.allTaken("edge")
		}
	})
	t.Logf("%v", &s.tally)
	if s.tally.refused == 0 {
		t.Error("no connection was refused: this test can no longer tell a good rotation from a bad one")
	}
}

// The new certificate cannot be uploaded until long after the overlap of the old
// one has passed: the data planes stay on the old one, and it is withdrawn only
// once they have been given the new one.
func TestRotationDuringOutage(t *testing.T) {
	t.Parallel()
	const address = "mtls_pinned_certificate.edge"
	s := play(t, "pinned", map[string]string{"overlap": "1s"}, startGo(t), nil, func(*scene) {})
	outage := filepath.Join(s.uploads, "outage")
	if err := os.WriteFile(outage, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	s.workspace.set("turn", "1")
	if printed, err := s.workspace.try("apply", "-input=false", "-auto-approve"); err == nil {
		t.Fatalf("the upload succeeds although the control plane is out of reach:\n%s", printed)
	}
	s.accepts("edge")
	time.Sleep(2 * time.Second)
	if err := os.Remove(outage); err != nil {
		t.Fatal(err)
	}
	printed := s.workspace.terraform("apply", "-input=false", "-auto-approve")
	inOrder(t, printed, address+": Modifications complete", "terraform_data.secret: Creation complete", `terraform_data.upload["1"]: Destroying`)
	s.accepts("edge")
	s.onlyTrusted(address)
}

// A compromised key: with an overlap of zero, the apply that rotates ends the
// trust in it, after it has given the data planes the new one.
func TestCompromisedKeyIsRefused(t *testing.T) {
	t.Parallel()
	const address = "mtls_pinned_certificate.edge"
	s := play(t, "pinned", map[string]string{"overlap": "100s"}, startGo(t), nil, func(s *scene) { s.rotate() })
	stolen, err := readSecret(s.secret("edge"))
	if err != nil {
		t.Fatal(err)
	}
	s.workspace.set("overlap", "0s")
	s.workspace.set("turn", "stolen")
	printed := s.workspace.terraform("apply", "-input=false", "-auto-approve")
	inOrder(t, printed, "terraform_data.secret: Creation complete", `terraform_data.upload["2"]: Destroying`)
	s.onlyTrusted(address)
	s.settledUploads()
	if err := s.reach(stolen); err == nil {
		t.Error("the stolen key still opens the control plane")
	}
	s.accepts("edge")
}

// inOrder fails the test unless terraform printed the texts in that order.
func inOrder(t *testing.T, printed string, texts ...string) {
	t.Helper()
	at := 0
	for _, text := range texts {
		found := strings.Index(printed[at:], text)
		if found < 0 {
			t.Fatalf("terraform did not print %q, or too early, in:\n%s", text, printed)
		}
		at += found
	}
}
