package trust

import (
	"slices"
	"testing"
)

// TestRules holds every profile to what an engine can work with: rules have
// names of their own, a rule on an accepted path only warns, what crypto/x509
// asks is never asked less of, and whoever pins says what counts of a pin.
func TestRules(t *testing.T) {
	for _, known := range verifiers() {
		p, seen := known.profile(), map[string]bool{}
		for _, r := range p.rules {
			switch {
			case r.name == "" || seen[r.name]:
				t.Errorf("%s: the name %q is empty or there twice", known.verifier, r.name)
			case r.find == nil:
				t.Errorf("%s: the rule %q finds nothing", known.verifier, r.name)
			case (r.scope == acceptedPath) != (r.force == onlyWarns && r.scope != eachCertificate):
				t.Errorf("%s: the rule %q refuses a path that is accepted", known.verifier, r.name)
			}
			seen[r.name] = true
		}
		for _, name := range []string{"signature", "dates", "issuer may sign", "path length", "name constraints", "key usage of the leaf", "valid for", "revocation"} {
			if !seen[name] {
				t.Errorf("%s has no rule %q", known.verifier, name)
			}
		}
		if (p.pins == noPins) != (p.whenPinned == nil) || p.pins == noPins && !p.followsPaths() {
			t.Errorf("%s: it pins, or follows paths, or both, and says how", known.verifier)
		}
		if p.title == "" {
			t.Errorf("%s has no title", known.verifier)
		}
	}
	if all := Verifiers(); all[0] != Konnect || len(slices.Compact(slices.Sorted(slices.Values(all)))) != len(all) {
		t.Errorf("%v: Konnect is the default, and each is there once", all)
	}
}
