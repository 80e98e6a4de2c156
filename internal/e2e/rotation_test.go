package e2e

import (
	"crypto/tls"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"
)

// A scene is a configuration with its control plane and its data planes.
type scene struct {
	t         *testing.T
	workspace *workspace
	uploads   string
	secrets   string
	tally     tally
	turns     int
}

// play applies the configuration for the first time, then lets data planes
// connect without a break while rotate does its work.
//
// secrets names the data planes' secrets. Each is used by a data plane that
// reads it anew at every connection, and by two that take it up late.
func play(t *testing.T, configuration string, variables map[string]string, plane controlPlane, secrets []string, rotate func(*scene)) *scene {
	t.Helper()
	s := &scene{t: t, uploads: t.TempDir(), secrets: t.TempDir()}
	s.workspace = newWorkspace(t, configuration, variables)
	s.workspace.set("uploads", s.uploads)
	s.workspace.set("secrets", s.secrets)
	s.workspace.set("turn", "0")
	serveUploads(t, s.uploads, plane)
	s.workspace.apply()

	var running sync.WaitGroup
	stop := make(chan struct{})
	for _, name := range secrets {
		for _, late := range []time.Duration{0, 400 * time.Millisecond, time.Second} {
			(&dataPlane{
				plane: plane, secret: s.secret(name), late: late, pause: 10 * time.Millisecond, tally: &s.tally,
			}).start(t, &running, stop)
		}
	}
	rotate(s)
	close(stop)
	running.Wait()
	return s
}

func (s *scene) secret(name string) string { return filepath.Join(s.secrets, name+".pem") }

// rotate asks for another generation, and applies that.
func (s *scene) rotate() {
	s.t.Helper()
	s.turns++
	s.workspace.set("turn", strconv.Itoa(s.turns))
	s.workspace.apply()
}

// renew waits until the certificate at address is due, and applies what nobody
// changed.
func (s *scene) renew(address string) {
	s.t.Helper()
	before := s.workspace.certificate(address)
	waitUntil(s.t, before.RenewalAt)
	s.workspace.apply()
	if after := s.workspace.certificate(address); after.Generation != before.Generation+1 {
		s.t.Errorf("%s was due at %s, and generation %d is followed by %d", address, before.RenewalAt, before.Generation, after.Generation)
	}
}

// allTaken waits until what each secret says now has been accepted.
func (s *scene) allTaken(secrets ...string) {
	s.t.Helper()
	for _, name := range secrets {
		identity, err := readSecret(s.secret(name))
		if err != nil {
			s.t.Fatal(err)
		}
		s.taken(name, identity)
	}
}

func (s *scene) taken(name string, identity tls.Certificate) {
	s.t.Helper()
	for limit := time.Now().Add(30 * time.Second); !s.tally.saw(string(identity.Certificate[0])); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(limit) {
			s.t.Fatalf("what the secret of %s says was never accepted: %v", name, &s.tally)
		}
	}
}

// noneRefused prints what was counted, and fails the test for one refusal.
func (s *scene) noneRefused(certificates int) {
	s.t.Helper()
	s.t.Logf("%v", &s.tally)
	if s.tally.refused > 0 {
		s.t.Errorf("%d connections were refused, the first because: %v", s.tally.refused, s.tally.first)
	}
	if len(s.tally.served) < certificates {
		s.t.Errorf("%d certificates were presented, want %d at least: the rotations did not reach the data planes", len(s.tally.served), certificates)
	}
}

// dropped fails the test while generation is still uploaded.
func (s *scene) dropped(generation int) {
	s.t.Helper()
	for _, file := range uploadsIn(s.uploads) {
		if filepath.Base(file) == strconv.Itoa(generation)+".pem" {
			s.t.Errorf("generation %d is still uploaded, long after its overlap", generation)
		}
	}
}

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
			s.dropped(1)
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
