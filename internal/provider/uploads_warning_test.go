package provider

import (
	"fmt"
	"strings"
	"testing"
)

// A certificate that rotates more often than its overlap ends fills what a control
// plane takes: the plan that goes past half of it says so, and each one after it,
// until the overlap makes room.
func TestManyTrustedGenerationsAreWarnedOf(t *testing.T) {
	t.Parallel()
	m := newManaged(t, "mtls_pinned_certificate", newStepClock())
	config := func(turn int, overlap any) written {
		return written{"subject": written{"common_name": "edge"}, "rotation_triggers": written{"turn": fmt.Sprint(turn)}, "overlap": overlap}
	}
	for turn := range 19 {
		m.clock.Step(day)
		_, diagnostics := m.plan(t, valueOf(m.kind, config(turn, nil)))
		wantSound(t, diagnostics)
		warned := strings.Join(warningsOf(diagnostics), "\n")
		if want := turn+1 > 16; strings.Contains(warned, `AttributeName("overlap"): Many generations are trusted`) != want {
			t.Errorf("the plan of generation %d warns: %q", turn+1, warned)
		}
		m.must(t, config(turn, nil))
	}
	_, diagnostics := m.plan(t, valueOf(m.kind, config(18, nil)))
	if warned := warningsOf(diagnostics); len(warned) > 0 {
		t.Errorf("warned of what does not grow: %q", warned)
	}
	_, diagnostics = m.plan(t, valueOf(m.kind, config(19, "48h")))
	if warned := warningsOf(diagnostics); len(warned) > 0 {
		t.Errorf("warned although the overlap makes room: %q", warned)
	}
}
