package provider

import (
	"maps"
	"testing"

	"github.com/trustplane/terraform-provider-mtls/internal/pkitest"
)

// What [TestWalk] found with random seeds, as short as it gets. Each row is a
// plan in which one argument is unknown, and its apply in which that is known.
func TestFindsOfTheWalk(t *testing.T) {
	t.Parallel()
	graph := pkitest.Build(t, "it\nother")
	it := written{"common_name": "it"}
	for name, row := range map[string]struct {
		// before is what is applied first; nil for a certificate that is imported
		// without its key.
		before written
		then   func(m *managed) written
		// unknown is the argument that the first plan does not know.
		unknown string
	}{
		// A version comes with a key and says whether it is another one, but not
		// of a certificate that had no version before.
		"imported, then a write-only key of another": {
			nil, func(*managed) written {
				return written{"subject": it, "private_key_pem_wo": keyPEM(t, graph.Key("other")), "private_key_pem_wo_version": 1}
			}, "private_key_pem_wo",
		},
		"imported, then its own key write-only": {
			nil, func(*managed) written {
				return written{"subject": it, "private_key_pem_wo": keyPEM(t, graph.Key("it")), "private_key_pem_wo_version": 1}
			}, "private_key_pem_wo",
		},
		// A key that moves from the state into a store is the same key.
		"generated, then the same key write-only": {
			written{"subject": it}, func(m *managed) written {
				return written{"subject": it, "private_key_pem_wo": m.text(t, "private_key_pem")}
			}, "private_key_pem_wo",
		},
		"generated, then another key write-only": {
			written{"subject": it}, func(*managed) written {
				return written{"subject": it, "private_key_pem_wo": keyPEM(t, graph.Key("other"))}
			}, "private_key_pem_wo",
		},
		// An argument may turn out to be null, and until then it conflicts with
		// nothing.
		"a key that turns out to be none": {
			written{"subject": it}, func(*managed) written {
				return written{"subject": it, "private_key_pem_wo": keyPEM(t, graph.Key("other")), "private_key_pem": nil}
			}, "private_key_pem",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newManaged(t, "mtls_pinned_certificate", clockAt(pkitest.Now()))
			if row.before == nil {
				m.importDrawn(t, graph, "it", false)
			} else {
				m.must(t, row.before)
			}
			config := row.then(m)
			foreseen := maps.Clone(config)
			foreseen[row.unknown] = unknownValue{}
			planned, diagnostics := m.plan(t, valueOf(m.kind, foreseen))
			wantSound(t, diagnostics)
			wantSound(t, m.apply(t, valueOf(m.kind, config), planned))
			if after, diagnostics := m.plan(t, valueOf(m.kind, config)); len(errorsOf(diagnostics)) > 0 || !after.planned.Equal(m.state) {
				t.Errorf("the plan after it is not empty: %q", errorsOf(diagnostics))
			}
		})
	}
}
