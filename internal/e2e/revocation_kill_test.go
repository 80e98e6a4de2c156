//go:build linux

package e2e

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
)

// listState is what a state holds of a site with a revocation list.
type listState struct {
	number  int64
	revoked []string
	serials []string // of the certificates
}

// listState reads the state file itself: outputs are written last.
func (w *workspace) listState() listState {
	w.t.Helper()
	text, err := os.ReadFile(filepath.Join(w.folder, "terraform.tfstate"))
	if err != nil {
		w.t.Fatal(err)
	}
	var state struct {
		Resources []struct {
			Type      string
			Instances []struct {
				Attributes struct {
					SerialNumber string   `json:"serial_number"`
					Number       int64    `json:"number"`
					Revoked      []string `json:"revoked_serial_numbers"`
				}
			}
		}
	}
	if err := json.Unmarshal(text, &state); err != nil {
		w.t.Fatal(err)
	}
	var found listState
	for _, resource := range state.Resources {
		for _, instance := range resource.Instances {
			switch resource.Type {
			case "mtls_dataplane_certificate":
				found.serials = append(found.serials, instance.Attributes.SerialNumber)
			case "mtls_revocation_list":
				found.number, found.revoked = instance.Attributes.Number, instance.Attributes.Revoked
			}
		}
	}
	return found
}

// TestKilledApplyLosesNoRevocation: applies that re-issue twelve certificates are
// killed at random points, Terraform and provider in turn. After the apply that
// follows, every certificate that a state has ever held and that is not in use is
// on the list, and nothing else; numbers only grow.
func TestKilledApplyLosesNoRevocation(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t, "revocation", map[string]string{"turn": "0"})
	w.apply()
	victims := []victim{
		{"terraform", func(_ *testing.T, terraform int) []int { return []int{terraform} }},
		{"provider", children},
	}
	random := rand.New(rand.NewPCG(1, 2))
	first := w.listState()
	ever, number := slices.Clone(first.serials), first.number
	cut, torn := 0, 0
	const turns = 8
	for turn := range turns {
		w.set("turn", strconv.Itoa(turn+1))
		cut += w.killAfter(random.IntN(13), victims[turn%len(victims)])
		torn += w.mendState()
		after := w.listState()
		ever = append(ever, after.serials...)
		if after.number < number {
			t.Errorf("number %d after %d", after.number, number)
		}
		w.apply()
		w.settled()
		now := w.listState()
		ever = append(ever, now.serials...)
		slices.Sort(ever)
		ever = slices.Compact(ever)
		if now.number <= number {
			t.Errorf("number %d after %d", now.number, number)
		}
		number = now.number
		want := slices.DeleteFunc(slices.Clone(ever), func(serial string) bool { return slices.Contains(now.serials, serial) })
		got := slices.Sorted(slices.Values(now.revoked))
		if !slices.Equal(got, want) {
			t.Errorf("turn %d: %d are revoked, want %d", turn+1, len(got), len(want))
		}
	}
	t.Logf("%d applies, %d of them killed before their end, %d state files torn by it; %d certificates revoked, none lost", turns, cut, torn, len(ever)-len(first.serials))
	if cut == 0 {
		t.Error("every apply was over before it was killed: the test shows nothing")
	}
}
