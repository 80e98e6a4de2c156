package provider

import (
	"strings"
	"testing"
	"time"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

// wantReport fails unless one of the texts has all of the words.
func wantReport(t *testing.T, texts []string, words ...string) {
	t.Helper()
	for _, text := range texts {
		all := true
		for _, word := range words {
			all = all && strings.Contains(text, word)
		}
		if all {
			return
		}
	}
	t.Errorf("reported %q, want %q", texts, words)
}

// A clock that runs ahead issues what is not valid yet. Once the clock is right,
// that is an error which says how to get out of it, and rotation_triggers are the
// way out: for one certificate and for a set.
func TestCertificateOfAClockAheadIsCuredByATrigger(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{kindLeaf, kindSet} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			f := newFleet(t)
			right := f.clock.Now()
			config := f.leaf("edge-1")
			if kind == kindSet {
				config = f.set(2)
			}
			m := newManaged(t, kind, f.clock)
			f.clock.Step(100 * day)
			m.must(t, config)
			f.clock.set(right)
			before := m.state

			refused := errorsOf(m.run(t, config))
			wantReport(t, refused, "Clock is behind", "rotation_triggers")
			if kind == kindSet {
				wantReport(t, refused, "Clock is behind", "edge-00001")
			}
			m.must(t, setting(config, "rotation_triggers", written{"clock": "right again"}))

			if m.state.Equal(before) {
				t.Fatal("nothing was issued")
			}
			chains := map[string]string{"": ""}
			if kind == kindSet {
				chains = m.texts(t, "chains_pem")
			} else {
				chains[""] = m.text(t, "chain_pem")
			}
			for name, chain := range chains {
				certificates, err := pki.ParseCertificates(chain)
				if err != nil {
					t.Fatal(err)
				}
				if begins := certificates[0].NotBefore; begins.After(right) {
					t.Errorf("%s begins at %v, and it is %v", name, begins, right)
				}
			}
		})
	}
}

// With renewal turned off a certificate that has ended stays, and every plan
// warns of it: by name, where it is a node's.
func TestEndOfWhatIsNotRenewedIsWarnedOf(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{kindLeaf, kindSet} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			f := newFleet(t)
			config := with(f.leaf("old"), written{"validity": "48h", "renew_before": "0s"})
			if kind == kindSet {
				config = setting(setting(f.nodes(written{"old": named("old")}), "validity", "48h"), "renew_before", "0s")
			}
			m := newManaged(t, kind, f.clock)
			m.must(t, config)
			f.clock.Step(24 * time.Hour)
			if kind == kindSet {
				config = setting(config, "certificates", written{"old": named("old"), "young": named("young")})
				m.must(t, config)
			}
			if warned := warningsOf(m.run(t, config)); len(warned) > 0 {
				t.Fatalf("warned of %q before the end", warned)
			}
			f.clock.Step(25 * time.Hour)

			diagnostics := m.run(t, config)
			wantSound(t, diagnostics)
			warned := warningsOf(diagnostics)
			wantReport(t, warned, "Certificate has expired")
			if kind != kindSet {
				return
			}
			wantReport(t, warned, "Certificate has expired", `"old"`)
			for _, text := range warned {
				if strings.Contains(text, `"young"`) {
					t.Errorf("warned of a node that has not ended: %s", text)
				}
			}
		})
	}
}

// Under reuse_key a key that cannot be read stops the plan. A new key in its
// place would be what reuse_key is there to prevent.
func TestReusedKeyThatCannotBeReadStopsThePlan(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{kindLeaf, kindSet} {
		for _, cause := range []struct {
			name string
			make func(*stepClock, written) written
		}{
			{"a trigger", func(_ *stepClock, config written) written {
				return setting(config, "rotation_triggers", written{"turn": "2"})
			}},
			{"renewal", func(clock *stepClock, config written) written {
				clock.Step(350 * day)
				return config
			}},
			{"nothing", func(_ *stepClock, config written) written { return config }},
		} {
			t.Run(kind+"/"+cause.name, func(t *testing.T) {
				t.Parallel()
				f := newFleet(t)
				config := f.leaf("sound")
				if kind == kindSet {
					config = f.nodes(written{"damaged": named("damaged"), "sound": named("sound")})
				}
				config = setting(config, "reuse_key", true)
				m := newManaged(t, kind, f.clock)
				m.must(t, config)
				if kind == kindSet {
					m.setEntry(t, "private_keys_pem", "damaged", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")
				} else {
					m.set(t, written{"private_key_pem": "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"})
				}
				config = cause.make(f.clock, config)
				_, diagnostics := m.plan(t, valueOf(m.kind, config))
				refused := errorsOf(diagnostics)
				wantReport(t, refused, "private key")
				if kind != kindSet {
					return
				}
				wantReport(t, refused, "private key", `"damaged"`)
				for _, text := range refused {
					if strings.Contains(text, `"sound"`) {
						t.Errorf("refused a node that is sound: %s", text)
					}
				}
			})
		}
	}
}
