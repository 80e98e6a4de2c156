package e2e

import (
	"crypto/tls"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// A scene is a configuration with its control plane and its data planes.
type scene struct {
	t         *testing.T
	workspace *workspace
	plane     controlPlane
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
	s := &scene{t: t, plane: plane, uploads: t.TempDir(), secrets: t.TempDir()}
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
				plane: plane, secret: func() (tls.Certificate, error) { return readSecret(s.secret(name)) }, late: late, pause: 10 * time.Millisecond, tally: &s.tally,
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

// uploaded are the certificates that the control plane was given and not told to
// forget.
func (s *scene) uploaded() []string {
	s.t.Helper()
	var texts []string
	for _, file := range uploadsIn(s.uploads) {
		text, err := os.ReadFile(file)
		if err != nil {
			s.t.Fatal(err)
		}
		texts = append(texts, string(text))
	}
	return texts
}

// onlyTrusted fails the test unless the uploads are what the certificate at
// address wants trusted, and its first generation is not among them.
func (s *scene) onlyTrusted(address string) {
	s.t.Helper()
	trusted := s.workspace.certificate(address).Trusted
	want := slices.Sorted(maps.Values(trusted))
	if diff := cmp.Diff(want, slices.Sorted(slices.Values(s.uploaded()))); diff != "" {
		s.t.Errorf("uploaded and trusted_certificates_pem differ (-trusted +uploaded):\n%s", diff)
	}
	if _, still := trusted["1"]; still {
		s.t.Error("generation 1 is still trusted, long after its overlap")
	}
}

// reach connects once with identity.
func (s *scene) reach(identity tls.Certificate) (err error) {
	s.plane.connect(func(address string) { err = reach(address, identity) })
	return err
}

// accepts fails the test unless what the secret says is accepted.
func (s *scene) accepts(secret string) {
	s.t.Helper()
	identity, err := readSecret(s.secret(secret))
	if err == nil {
		err = s.reach(identity)
	}
	if err != nil {
		s.t.Errorf("what the secret of %s says is refused: %v", secret, err)
	}
}

// settledUploads waits until the control plane has taken note of what was
// withdrawn.
func (s *scene) settledUploads() {
	s.t.Helper()
	for limit := time.Now().Add(30 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		marks, _ := filepath.Glob(filepath.Join(s.uploads, "*.trusted"))
		if len(marks) == len(uploadsIn(s.uploads)) {
			return
		}
		if time.Now().After(limit) {
			s.t.Fatal("the control plane does not follow its uploads")
		}
	}
}
