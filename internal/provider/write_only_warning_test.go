package provider

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

// TestKeyThatChangesBehindItsVersion is warned of on its own attribute, with
// what becomes of the certificate: it may have been replaced, or be made anew by
// each plan, and either way its holder and the certificate part.
func TestKeyThatChangesBehindItsVersion(t *testing.T) {
	t.Parallel()
	const kind = "mtls_pinned_certificate"
	first, second := newHeldKey(t, pki.ECDSAP256), newHeldKey(t, pki.ECDSAP256)
	config := func(key any, version, round any) written {
		return written{
			"subject": written{"common_name": "pin"}, "rotation_triggers": written{"round": round},
			"private_key_pem_wo": key, "private_key_pem_wo_version": version,
		}
	}
	protocol := newProtocol(t, newStepClock().Now)
	state := protocol.create(t, kind, config(first.pem, 1, "one"), "private_key_pem_wo")
	for name, row := range map[string]struct {
		config written
		tells  string
	}{
		"the same key":                 {config(first.pem, 1, "one"), ""},
		"another key":                  {config(second.pem, 1, "one"), "The certificate stays as it is"},
		"another key with a rotation":  {config(second.pem, 1, "two"), "The new certificate is issued for this key"},
		"another key of a new version": {config(second.pem, 2, "one"), ""},
		"another key without version":  {config(second.pem, nil, "one"), ""},
		"a key known at apply":         {config(unknownValue{}, 1, "one"), ""},
	} {
		t.Run(name, func(t *testing.T) {
			plan := protocol.plan(t, kind, state, row.config, "private_key_pem_wo")
			wantSound(t, plan.diagnostics)
			var told []string
			for _, warning := range plan.diagnostics {
				told = append(told, fmt.Sprintf("%s: %s: %s", attributeName(warning), warning.Summary, warning.Detail))
			}
			switch {
			case row.tells == "" && len(told) > 0:
				t.Errorf("warned of %q, want nothing", told)
			case row.tells != "" && (len(told) != 1 || !strings.HasPrefix(told[0], "private_key_pem_wo: Key does not match the certificate: ") || !strings.Contains(told[0], row.tells)):
				t.Errorf("warned of %q, want one warning on private_key_pem_wo with %q", told, row.tells)
			}
		})
	}
}

// TestSameKeyMovesOutOfTheState: given write-only from now on, the key of a
// generated certificate goes from the state, and the certificate stays.
func TestSameKeyMovesOutOfTheState(t *testing.T) {
	t.Parallel()
	const kind = "mtls_pinned_certificate"
	protocol := newProtocol(t, newStepClock().Now)
	before := protocol.create(t, kind, written{"subject": written{"common_name": "pin"}}, "private_key_pem_wo")
	text := func(object tftypes.Value, attribute string) (text *string) {
		if err := attributes(t, object)[attribute].As(&text); err != nil {
			t.Fatal(err)
		}
		return text
	}
	key := text(before, "private_key_pem")
	if key == nil {
		t.Fatal("the generated key is not in the state")
	}
	after := protocol.update(t, kind, before, written{"subject": written{"common_name": "pin"}, "private_key_pem_wo": *key}, "private_key_pem_wo")
	if text(after, "private_key_pem") != nil {
		t.Error("the key is still in the state")
	}
	if was, is := *text(before, "fingerprint_sha256"), *text(after, "fingerprint_sha256"); was != is {
		t.Errorf("the certificate is %s, want %s as before", is, was)
	}
}
