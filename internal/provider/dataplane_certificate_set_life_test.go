package provider

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

// A fleet made in one moment renews little by little: at each daily run some
// nodes, never many, and none later than renew_before ahead of its end.
func TestSetSpreadsRenewals(t *testing.T) {
	t.Parallel()
	const fleetSize, atOnce = 40, 10
	const renewBefore, validity, day = 720 * time.Hour, 2160 * time.Hour, 24 * time.Hour
	f := newFleet(t)
	config := setting(f.set(fleetSize), "renew_before", renewBefore.String())
	state := f.create(t, kindSet, config, "issuer")
	first, made := textsOf(t, state, "serial_numbers"), f.clock.Now()
	f.clock.Step(validity - renewBefore - renewBefore/2 - day)
	for f.clock.Now().Before(made.Add(validity - renewBefore)) {
		f.clock.Step(day)
		state = f.refresh(t, kindSet, state)
		plan := f.plan(t, kindSet, state, config, "issuer")
		wantSound(t, plan.diagnostics)
		if due := unknownsOf(t, plan.plan, "serial_numbers"); len(due) > atOnce {
			t.Errorf("%d of %d nodes renew on %s", len(due), fleetSize, f.clock.Now())
		}
		state, _ = f.apply(t.Context(), t, kindSet, plan)
	}
	for name, serial := range textsOf(t, state, "serial_numbers") {
		if first[name] == serial {
			t.Errorf("%s was not renewed %s ahead of its end", name, renewBefore)
		}
	}
}

// What makes every node, some or none change, and what each keeps.
func TestSetChanges(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	another := f.intermediate(t, f.rootCA)
	base := setting(f.nodes(written{"a": named("a"), "b": named("b")}), "reuse_key", true)
	all := []string{"a", "b"}
	for name, test := range map[string]struct {
		change   written
		reissued []string
		newKeys  []string
	}{
		"nothing":                             {base, nil, nil},
		"a trigger":                           {setting(base, "rotation_triggers", written{"incident": "1"}), all, nil},
		"a trigger, without the old keys":     {setting(setting(base, "rotation_triggers", written{"incident": "1"}), "reuse_key", false), all, all},
		"another issuer":                      {setting(base, "issuer", another), all, nil},
		"the chain above the issuer":          {setting(base, "issuer", setting(f.issuer, "chain_pem", f.issuer["chain_pem"].(string)+another["certificate_pem"].(string))), nil, nil},
		"a shorter validity":                  {setting(base, "validity", "1000h"), all, nil},
		"another algorithm":                   {setting(base, "key_algorithm", "ECDSA-P384"), all, all},
		"the default written out":             {setting(base, "key_algorithm", "ECDSA-P256"), nil, nil},
		"the purpose":                         {setting(base, "extended_key_usages", []string{"client_auth", "server_auth"}), all, nil},
		"renewal turned off":                  {setting(base, "renew_before", "0s"), nil, nil},
		"a name more on one node":             {setting(base, "certificates", written{"a": named("a"), "b": written{"common_name": "b", "dns_names": []string{"b.example.com"}}}), []string{"b"}, nil},
		"one node's key kept on the node now": {setting(base, "certificates", written{"a": named("a"), "b": written{"csr_pem": requestOf(t, "b")}}), []string{"b"}, []string{"b"}},
		"one node gone":                       {setting(base, "certificates", written{"a": named("a")}), nil, nil},
		"one node more":                       {setting(base, "certificates", written{"a": named("a"), "b": named("b"), "c": named("c")}), []string{"c"}, []string{"c"}},
		"nodes renamed":                       {setting(base, "certificates", written{"A": named("a"), "b": named("b")}), []string{"A"}, []string{"A"}},
	} {
		t.Run(name, func(t *testing.T) {
			state := f.create(t, kindSet, base, "issuer")
			plan := f.plan(t, kindSet, state, test.change, "issuer")
			wantSound(t, plan.diagnostics)
			for _, of := range []string{"chains_pem", "serial_numbers", "fingerprints_sha256", "not_after"} {
				if got := unknownsOf(t, plan.plan, of); !slices.Equal(got, test.reissued) {
					t.Errorf("%s: the plan changes %q, want %q", of, got, test.reissued)
				}
			}
			after, diagnostics := f.apply(t.Context(), t, kindSet, plan)
			wantSound(t, diagnostics)
			if got := changed(t, state, after, "serial_numbers"); !slices.Equal(got, test.reissued) {
				t.Errorf("issued anew: %q, want %q", got, test.reissued)
			}
			if got := changed(t, state, after, "private_keys_pem"); !slices.Equal(got, test.newKeys) {
				t.Errorf("new keys: %q, want %q", got, test.newKeys)
			}
			wantChains(t, after, test.change["issuer"].(written))
			if again := f.plan(t, kindSet, after, test.change, "issuer"); !again.plan.Equal(after) {
				t.Error("a second plan is not empty")
			}
		})
	}
}

func requestOf(t *testing.T, name string) string {
	t.Helper()
	key, err := pki.GenerateKey(pki.ECDSAP256)
	if err != nil {
		t.Fatal(err)
	}
	return requestFor(t, key, name)
}

// changed are the nodes of after whose value is another than before.
func changed(t *testing.T, before, after tftypes.Value, of string) []string {
	t.Helper()
	var names []string
	old := attributes(t, attributes(t, before)[of])
	for name, value := range attributes(t, attributes(t, after)[of]) {
		if was, ok := old[name]; !ok || !was.Equal(value) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// wantChains wants every node to present what stands above it now.
func wantChains(t *testing.T, state tftypes.Value, issuer written) {
	t.Helper()
	for name, chain := range textsOf(t, state, "chains_pem") {
		if !strings.HasSuffix(chain, issuer["chain_pem"].(string)) {
			t.Errorf("%s presents another chain than its issuer's", name)
		}
	}
}

// A plan with something unknown in it asks for no more than that.
func TestSetPlansTheUnknown(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	two := f.nodes(written{"a": named("a"), "b": named("b")})
	unknownIssuer := written{"certificate_pem": unknownValue{}, "chain_pem": unknownValue{}, "private_key_pem": unknownValue{}}
	for name, test := range map[string]struct {
		config  written
		unknown []string // of the serial numbers; nil: the whole map
	}{
		"the nodes":             {setting(two, "certificates", unknownValue{}), nil},
		"a node":                {setting(two, "certificates", written{"a": named("a"), "b": unknownValue{}}), []string{"b"}},
		"a name":                {setting(two, "certificates", written{"a": named("a"), "b": written{"common_name": unknownValue{}}}), []string{"b"}},
		"a list of names":       {setting(two, "certificates", written{"a": named("a"), "b": written{"common_name": "b", "dns_names": unknownValue{}}}), []string{"b"}},
		"a request":             {setting(two, "certificates", written{"a": named("a"), "b": written{"csr_pem": unknownValue{}}}), []string{"b"}},
		"the issuer":            {setting(two, "issuer", unknownValue{}), []string{"a", "b"}},
		"the issuer's contents": {setting(two, "issuer", unknownIssuer), []string{"a", "b"}},
	} {
		t.Run(name, func(t *testing.T) {
			wantSound(t, f.validate(t, kindSet, test.config))
			for _, prior := range []tftypes.Value{f.none(kindSet), f.create(t, kindSet, two, "issuer")} {
				plan := f.plan(t, kindSet, prior, test.config, "issuer")
				wantSound(t, plan.diagnostics)
				if test.unknown == nil {
					if attributes(t, plan.plan)["serial_numbers"].IsKnown() {
						t.Error("the maps are known before their keys are")
					}
					continue
				}
				want := test.unknown
				if prior.IsNull() {
					want = []string{"a", "b"}
				}
				if got := unknownsOf(t, plan.plan, "serial_numbers"); !slices.Equal(got, want) {
					t.Errorf("the plan changes %q, want %q", got, want)
				}
			}
		})
	}
}

// A node planned as unknown that turns out to be what it was keeps its
// certificate.
func TestSetKeepsWhatTurnsOutTheSame(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	config := f.nodes(written{"a": named("a"), "b": named("b")})
	state := f.create(t, kindSet, config, "issuer")
	plan := f.plan(t, kindSet, state, setting(config, "issuer", unknownValue{}), "issuer")
	wantSound(t, plan.diagnostics)
	plan.config = valueOf(f.kinds[kindSet], config)
	after, diagnostics := f.apply(t.Context(), t, kindSet, plan)
	wantSound(t, diagnostics)
	if got := changed(t, state, after, "serial_numbers"); got != nil {
		t.Errorf("issued anew: %q, want none", got)
	}
}

// Without the CA's key nothing can be issued, and what there is stays.
func TestSetWithoutTheIssuersKey(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	config := f.nodes(written{"a": named("a")})
	state := f.create(t, kindSet, config, "issuer")
	keyless := setting(config, "issuer", setting(f.issuer, "private_key_pem", nil))
	if plan := f.plan(t, kindSet, state, keyless, "issuer"); len(errorsOf(plan.diagnostics)) > 0 || !plan.plan.Equal(state) {
		t.Errorf("a set that stays is not left alone: %q", errorsOf(plan.diagnostics))
	}
	more := f.plan(t, kindSet, state, setting(keyless, "certificates", written{"a": named("a"), "b": named("b")}), "issuer")
	if warned := warningsOf(more.diagnostics); len(errorsOf(more.diagnostics)) > 0 || len(warned) != 1 || !strings.Contains(warned[0], "Issuer has no private key") {
		t.Errorf("warned %q of %q, want once that the issuer has no key", warned, errorsOf(more.diagnostics))
	}
	after, diagnostics := f.apply(t.Context(), t, kindSet, more)
	if told := errorsOf(diagnostics); len(told) != 1 || !strings.Contains(told[0], "Issuer has no private key") || !after.Equal(state) {
		t.Errorf("the apply reports %q, want once that the issuer has no key", told)
	}
}

// A refresh tells when the first node is due, so that a check can alert.
func TestSetTellsWhatIsDue(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	state := f.create(t, kindSet, f.set(3), "issuer")
	at, err := time.Parse(time.RFC3339, text(t, state, "renewal_at"))
	if err != nil {
		t.Fatal(err)
	}
	f.clock.Step(at.Sub(f.clock.Now()) - time.Second)
	if got := f.refresh(t, kindSet, state); !attributes(t, got)["renewal_due"].Equal(tftypes.NewValue(tftypes.Bool, false)) {
		t.Error("due a second early")
	}
	f.clock.Step(time.Second)
	if got := f.refresh(t, kindSet, state); !attributes(t, got)["renewal_due"].Equal(tftypes.NewValue(tftypes.Bool, true)) {
		t.Error("not due at its instant")
	}
	off := f.create(t, kindSet, setting(f.set(3), "renew_before", "0s"), "issuer")
	if !attributes(t, off)["renewal_at"].IsNull() {
		t.Errorf("renewal is off, and yet at %s", attributes(t, off)["renewal_at"])
	}
}

// A node whose certificate is damaged in the state is an error, and never replaced
// without a word. Taken out of the configuration, it goes; put back, it is issued
// anew.
func TestSetReportsADamagedNode(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	config := f.nodes(written{"a": named("a"), "b": named("b")})
	state := f.create(t, kindSet, config, "issuer")
	damaged := attributes(t, state)
	chains := attributes(t, damaged["chains_pem"])
	chains["b"] = tftypes.NewValue(tftypes.String, "damaged")
	damaged["chains_pem"] = tftypes.NewValue(damaged["chains_pem"].Type(), chains)
	state = tftypes.NewValue(state.Type(), damaged)
	told := errorsOf(f.plan(t, kindSet, state, config, "issuer").diagnostics)
	if len(told) != 1 || !strings.Contains(told[0], `Chain in state is damaged: Node "b": `) || !strings.Contains(told[0], "remove the node") {
		t.Errorf("told %q, want that the chain of b is damaged and how to go on", told)
	}
	state = f.update(t, kindSet, f.refresh(t, kindSet, state), f.nodes(written{"a": named("a")}), "issuer")
	plan := f.plan(t, kindSet, state, config, "issuer")
	wantSound(t, plan.diagnostics)
	if got := unknownsOf(t, plan.plan, "serial_numbers"); !slices.Equal(got, []string{"b"}) {
		t.Errorf("the plan changes %q, want b alone", got)
	}
}

// Terraform passes an interrupt on as a call to stop. Nothing half-issued comes
// into the state.
func TestSetInterrupted(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	config := f.set(20)
	state := f.create(t, kindSet, config, "issuer")
	plan := f.plan(t, kindSet, state, setting(config, "rotation_triggers", written{"now": "1"}), "issuer")
	wantSound(t, plan.diagnostics)
	f.clock.onNow(func() {
		if _, err := f.server.StopProvider(t.Context(), &tfprotov6.StopProviderRequest{}); err != nil {
			t.Error(err)
		}
	})
	after, diagnostics := f.apply(t.Context(), t, kindSet, plan)
	if told := errorsOf(diagnostics); len(told) != 1 || !strings.Contains(told[0], "Interrupted") {
		t.Errorf("told %q, want that it was interrupted", told)
	}
	if !after.Equal(state) {
		t.Error("the state is another than before")
	}
}

// Issued in parallel or not, a set is the same but for what is drawn: names,
// ends and keys of its nodes do not mix.
func TestParallelIssuingMixesNothing(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	state := f.create(t, kindSet, f.set(60), "issuer")
	serials := textsOf(t, state, "serial_numbers")
	for name, chain := range textsOf(t, state, "chains_pem") {
		certificates, err := pki.ParseCertificates(chain)
		if err != nil {
			t.Fatal(err)
		}
		if got := certificates[0]; got.Subject.CommonName != name || pki.SerialNumber(got) != serials[name] {
			t.Errorf("%s holds the certificate of %s", name, pki.Describe(got))
		}
	}
	if len(slices.Compact(slices.Sorted(maps.Values(serials)))) != 60 {
		t.Error("a serial number stands twice")
	}
}
