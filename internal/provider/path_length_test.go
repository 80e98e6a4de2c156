package provider

import (
	"fmt"
	"strings"
	"testing"
)

// A path length is small. One that is not is refused on its attribute before
// anything is made of it: cut to 32 bits, 4294967296 would be 0.
func TestPathLengthThatIsNoSensibleNumberIsRefused(t *testing.T) {
	t.Parallel()
	config := func(length int64) written {
		return written{"subject": written{"common_name": "Root"}, "max_path_length": length}
	}
	for _, length := range []int64{1 << 31, 1 << 32, 1<<32 + 1, 1 << 62, -1, -1 << 32, -1<<32 + 1} {
		t.Run(fmt.Sprint(length), func(t *testing.T) {
			t.Parallel()
			m := newManaged(t, kindCA, newStepClock())
			_, diagnostics := m.plan(t, valueOf(m.kind, config(length)))
			refused := errorsOf(diagnostics)
			if len(refused) != 1 || !strings.HasPrefix(refused[0], `AttributeName("max_path_length"): `) {
				t.Errorf("reported %q, want one error on max_path_length", refused)
			}
		})
	}
	for _, length := range []int64{0, 1, 10} {
		m := newManaged(t, kindCA, newStepClock())
		m.must(t, config(length))
	}
}
