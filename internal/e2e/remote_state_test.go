package e2e

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// hold keeps an apply, and with it the lock, from its new certificate on until
// the file named by the variable "go" is there.
const hold = `
variable "held" { type = string }
variable "go" { type = string }

resource "terraform_data" "hold" {
  triggers_replace = mtls_pinned_certificate.edge.fingerprint_sha256

  provisioner "local-exec" {
    command     = "touch \"$HELD\" && until [ -e \"$GO\" ]; do sleep 0.05; done"
    environment = { HELD = var.held, GO = var.go }
  }
}
`

// A person has a checkout of the example of its own, and shares its state.
type person struct{ *workspace }

func newPerson(t *testing.T, database, signals string) person {
	t.Helper()
	p := person{&workspace{
		t: t, folder: t.TempDir(), environment: []string{"PG_CONN_STR=" + database},
		variables: map[string]string{"held": filepath.Join(signals, "held"), "go": filepath.Join(signals, "go")},
	}}
	if err := os.CopyFS(p.folder, os.DirFS("../../examples/remote-state")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(p.folder, "hold.tf"), []byte(hold), 0o600); err != nil {
		t.Fatal(err)
	}
	p.terraform("init", "-input=false")
	return p
}

// rotates sets what the person wants to apply next.
func (p person) rotates(since string) { p.set("rotation", `{ since = "`+since+`" }`) }

// applies applies, waiting for the lock as long as asked.
func (p person) applies(wait string) (string, error) {
	return p.try("apply", "-input=false", "-auto-approve", "-lock-timeout="+wait)
}

// published are the outputs of the shared state.
type published struct {
	Generation struct{ Value int }
	Trusted    struct{ Value map[string]string } `json:"trusted_certificates_pem"`
}

func (p person) reads() published {
	p.t.Helper()
	var read published
	if err := json.Unmarshal([]byte(p.terraform("output", "-json")), &read); err != nil {
		p.t.Fatal(err)
	}
	return read
}

// TestRemoteStateHoldsOneOff: while one apply has the lock another is refused,
// or waits and then builds upon what the first has done.
func TestRemoteStateHoldsOneOff(t *testing.T) {
	t.Parallel()
	database, signals := startPostgres(t), t.TempDir()
	first, second := newPerson(t, database, signals), newPerson(t, database, signals)
	letGo(t, signals)
	first.terraform("apply", "-input=false", "-auto-approve")
	before := first.reads()

	takeBack(t, signals)
	first.rotates("first")
	second.rotates("second")
	var running sync.WaitGroup
	running.Go(func() {
		if said, err := first.applies("0s"); err != nil {
			t.Errorf("the one who has the lock: %v\n%s", err, said)
		}
	})
	waitFor(t, filepath.Join(signals, "held"))
	if said, err := second.applies("0s"); err == nil || !strings.Contains(said, "Error acquiring the state lock") {
		t.Errorf("the other one is not held off: %v\n%s", err, said)
	}
	running.Go(func() {
		if said, err := second.applies("90s"); err != nil {
			t.Errorf("the one who waits: %v\n%s", err, said)
		}
	})
	letGo(t, signals)
	running.Wait()

	after := second.reads()
	wantGenerations(t, after, 3)
	if after.Trusted.Value["1"] != before.Trusted.Value["1"] {
		t.Error("generation 1 is another certificate than it was")
	}
	second.settled()
	first.rotates("second") // what both then find in their repository
	first.settled()
}

// TestRemoteStateLosesNoGeneration lets two people apply at the same time, again
// and again: each apply makes a generation of its own.
func TestRemoteStateLosesNoGeneration(t *testing.T) {
	t.Parallel()
	const rounds = 3
	database, signals := startPostgres(t), t.TempDir()
	people := []person{newPerson(t, database, signals), newPerson(t, database, signals)}
	letGo(t, signals)
	people[0].terraform("apply", "-input=false", "-auto-approve")
	for round := range rounds {
		var running sync.WaitGroup
		for i, one := range people {
			one.rotates("round " + strconv.Itoa(round) + " of " + strconv.Itoa(i))
			running.Go(func() {
				if said, err := one.applies("90s"); err != nil {
					t.Errorf("person %d, round %d: %v\n%s", i, round, err, said)
				}
			})
		}
		running.Wait()
	}
	wantGenerations(t, people[0].reads(), 1+rounds*len(people))
	if !t.Failed() {
		t.Logf("%d applies by %d people at the same time, no generation lost", rounds*len(people), len(people))
	}
}

// wantGenerations fails the test unless count generations are trusted, each with
// a certificate of its own.
func wantGenerations(t *testing.T, read published, count int) {
	t.Helper()
	different := map[string]bool{}
	for _, certificate := range read.Trusted.Value {
		different[certificate] = true
	}
	if read.Generation.Value != count || len(different) != count {
		t.Errorf("generation %d, trusted are %v with %d different certificates, want %d", read.Generation.Value,
			slices.Sorted(maps.Keys(read.Trusted.Value)), len(different), count)
	}
}

func letGo(t *testing.T, signals string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(signals, "go"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
}

// takeBack lets the next apply be held.
func takeBack(t *testing.T, signals string) {
	t.Helper()
	for _, signal := range []string{"go", "held"} {
		if err := os.Remove(filepath.Join(signals, signal)); err != nil {
			t.Fatal(err)
		}
	}
}

func waitFor(t *testing.T, file string) {
	t.Helper()
	for limit := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		if _, err := os.Stat(file); err == nil {
			return
		}
		if time.Now().After(limit) {
			t.Fatalf("no %s", file)
		}
	}
}
