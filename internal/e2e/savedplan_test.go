package e2e

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const pin = "mtls_pinned_certificate.edge"

// A plan that is applied long after it was made does what it said, whatever has
// become due in between. What has, is for the next plan.
func TestPlanSavedBeforeThreshold(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name                  string
		renewBefore, overlap  string
		turns                 []string // applied before
		change                map[string]string
		until                 func(certificate) time.Time
		planned, next         []string // what is trusted once the plan, and then the next, is applied
		generation, afterNext int64
	}{
		{
			name: "a renewal", renewBefore: "108s", overlap: "119s", turns: []string{"0"},
			change: map[string]string{"overlap": "118s"}, until: func(c certificate) time.Time { return c.RenewalAt },
			planned: []string{"1"}, generation: 1, next: []string{"1", "2"}, afterNext: 2,
		},
		{
			name: "the end of an overlap", renewBefore: "0s", overlap: "12s", turns: []string{"0", "1"},
			change: map[string]string{"turn": "2"}, until: func(certificate) time.Time { return time.Now().Add(12 * time.Second) },
			planned: []string{"1", "2", "3"}, generation: 3, next: []string{"2", "3"}, afterNext: 3,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorkspace(t, "policy", map[string]string{"renew_before": c.renewBefore, "overlap": c.overlap})
			for _, turn := range c.turns {
				w.set("turn", turn)
				w.apply()
			}
			maps.Copy(w.variables, c.change)
			w.terraform("plan", "-input=false", "-out=saved")
			waitUntil(t, c.until(w.certificate(pin)))
			w.terraform("apply", "-input=false", "saved")
			w.trusts(c.generation, c.planned)
			w.apply()
			w.trusts(c.afterNext, c.next)
		})
	}
}

// trusts fails the test unless generation is active, and these are trusted.
func (w *workspace) trusts(generation int64, trusted []string) {
	w.t.Helper()
	found := w.certificate(pin)
	if found.Generation != generation {
		w.t.Errorf("generation %d is active, want %d", found.Generation, generation)
	}
	if diff := cmp.Diff(trusted, slices.Sorted(maps.Keys(found.Trusted))); diff != "" {
		w.t.Errorf("trusted generations differ (-want +found):\n%s", diff)
	}
}

// Without a refresh nothing reads the clock but the plan itself.
func TestRenewalWithoutRefresh(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t, "policy", map[string]string{"renew_before": "114s", "overlap": "119s", "turn": "0"})
	w.apply()
	waitUntil(t, w.certificate(pin).RenewalAt)
	w.terraform("plan", "-input=false", "-refresh=false", "-out=saved")
	w.terraform("apply", "-input=false", "saved")
	w.trusts(2, []string{"1", "2"})
}

// A refresh alone tells that a certificate is due, and renews nothing.
func TestRefreshOnlyTellsOfRenewal(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t, "policy", map[string]string{"renew_before": "114s", "overlap": "119s", "turn": "0"})
	w.apply()
	if w.certificate(pin).RenewalDue {
		t.Error("due from birth")
	}
	waitUntil(t, w.certificate(pin).RenewalAt)
	printed := w.terraform("plan", "-input=false", "-refresh-only")
	if !strings.Contains(printed, "~ renewal_due") || !strings.Contains(printed, "false -> true") {
		t.Errorf("the refresh does not tell:\n%s", printed)
	}
	w.terraform("apply", "-input=false", "-refresh-only", "-auto-approve")
	if found := w.certificate(pin); !found.RenewalDue || found.Generation != 1 {
		t.Errorf("after the refresh: due is %t, generation %d; want true, 1", found.RenewalDue, found.Generation)
	}
	w.apply()
	w.trusts(2, []string{"1", "2"})
}

// An issuer that has ended meanwhile cannot sign what the plan promised.
func TestPlanSavedBeforeEndOfIssuer(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t, "issuer", map[string]string{"leaves": "0"})
	w.apply()
	root := w.certificate("mtls_control_plane_ca.root")
	w.set("leaves", "1")
	w.terraform("plan", "-input=false", "-out=saved")
	waitUntil(t, root.NotAfter.Add(time.Second))
	printed, err := w.try("apply", "-input=false", "saved")
	said := strings.Join(strings.Fields(printed), " ")
	if err == nil || !strings.Contains(said, "Issuer has expired") || strings.Contains(said, "inconsistent") {
		t.Errorf("want a refusal that names the issuer's end, got: %v\n%s", err, printed)
	}
	if diff := cmp.Diff(root, w.certificate("mtls_control_plane_ca.root")); diff != "" {
		t.Errorf("the issuer changed:\n%s", diff)
	}
}
