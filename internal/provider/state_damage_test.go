package provider

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/pkitest"
)

// A damage is something in a state that no apply has written.
type damage struct {
	name string
	do   func(t *testing.T, m *managed)
	// names are the attributes of which the error must name one.
	names []string
	// turned: it is also refused by a plan that rotates.
	turned bool
}

// A stranger is a certificate of another resource, with its key and its chain.
type stranger struct{ certificate, key, chain string }

func newStranger(t *testing.T) stranger {
	t.Helper()
	graph := pkitest.Build(t, "edge <- issuing <- root")
	return stranger{graph.PEM("edge"), keyPEM(t, graph.Key("edge")), graph.PEM("edge issuing")}
}

// unreadableTexts are texts that are no PEM, or PEM of something else.
func (s stranger) unreadableTexts(sound, otherwise string) map[string]string {
	return map[string]string{
		"garbage":        "garbage",
		"empty":          "",
		"truncated":      sound[:len(sound)/2],
		"block of zeros": "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
		"something else": otherwise,
	}
}

// wantRefused fails unless a plan refuses the damaged state, refreshed or not,
// with errors that name what is damaged, and leaves it as it is.
func (d damage) wantRefused(t *testing.T, m *managed, config written, node string) {
	t.Helper()
	for _, call := range []struct {
		name string
		run  func(*managed) []string
	}{
		{"apply", func(m *managed) []string { return errorsOf(m.run(t, config)) }},
		{"plan without refresh", func(m *managed) []string {
			_, diagnostics := m.plan(t, valueOf(m.kind, config))
			return errorsOf(diagnostics)
		}},
	} {
		damaged := m.copied()
		d.do(t, damaged)
		before := damaged.state
		refused := call.run(damaged)
		if len(refused) == 0 {
			t.Errorf("%s: not a word", call.name)
		}
		if !damaged.state.Equal(before) {
			t.Errorf("%s: the state has changed: %s", call.name, inconsistency(before, damaged.state))
		}
		for _, text := range refused {
			d.wantClear(t, text, node)
		}
	}
}

// wantClear fails unless an error names what is damaged, and repeats no key.
func (d damage) wantClear(t *testing.T, text, node string) {
	t.Helper()
	named := false
	for _, name := range d.names {
		named = named || strings.Contains(text, name)
	}
	if !named {
		t.Errorf("the error names none of %q: %s", d.names, text)
	}
	if strings.Contains(text, "PRIVATE KEY-----") {
		t.Errorf("the error repeats a key: %s", text)
	}
	if node != "" && (!strings.Contains(text, `"`+node+`"`) || strings.Contains(text, `"sound"`)) {
		t.Errorf("the error does not name node %q, or names another: %s", node, text)
	}
}

// setAttribute is a damage that puts a value in place of an attribute's.
func setAttribute(name, attribute string, value any) damage {
	return damage{
		name: attribute + " " + name, names: []string{attribute},
		do: func(t *testing.T, m *managed) { t.Helper(); m.set(t, written{attribute: value}) },
	}
}

// setElement is a damage that puts a value in place of an element of a map.
func setElement(name, attribute, key string, value any) damage {
	return damage{
		name: attribute + " at " + key + " " + name, names: []string{attribute},
		do: func(t *testing.T, m *managed) { t.Helper(); m.setEntry(t, attribute, key, value) },
	}
}

// ofKey are damages of the private key.
func (s stranger) ofKey(sound string) []damage {
	all := []damage{setAttribute("of another", "private_key_pem", s.key)}
	for name, text := range s.unreadableTexts(sound, s.certificate) {
		all = append(all, setAttribute(name, "private_key_pem", text))
	}
	return all
}

// ofChain are damages of the chain; certificate is the one that it begins with.
func (s stranger) ofChain(sound, certificate string) []damage {
	all := []damage{
		setAttribute("of another", "chain_pem", s.chain),
		setAttribute("with a stranger above", "chain_pem", certificate+s.certificate),
		setAttribute("with garbage above", "chain_pem", certificate+"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"),
	}
	for name, text := range s.unreadableTexts(sound, s.key) {
		all = append(all, setAttribute(name, "chain_pem", text))
	}
	return all
}

// ofCertificate are damages of the certificate.
func (s stranger) ofCertificate(sound string) []damage {
	another := setAttribute("of another", "certificate_pem", s.certificate)
	another.names = append(another.names, "private_key_pem", "chain_pem", "trusted_certificates_pem", "fingerprint_sha256")
	all := []damage{another, setAttribute("null", "certificate_pem", nil)}
	for name, text := range s.unreadableTexts(sound, s.key) {
		all = append(all, setAttribute(name, "certificate_pem", text))
	}
	return all
}

// ofTrusted are damages of an earlier generation that is still trusted. Whoever
// follows trusted_certificates_pem withdraws what is not in it.
func (s stranger) ofTrusted(sound string) []damage {
	const attribute = "trusted_certificates_pem"
	all := []damage{
		setElement("null", attribute, "1", nil),
		setElement("missing", attribute, "1", gone{}),
		setElement("of no generation", attribute, "first", s.certificate),
		setElement("of a generation to come", attribute, "9", s.certificate),
		setAttribute("null", attribute, nil),
		setAttribute("empty", attribute, written{}),
	}
	for name, text := range s.unreadableTexts(sound, s.key) {
		all = append(all, setElement(name, attribute, "1", text))
	}
	for i := range all {
		all[i].turned = true
	}
	return all
}

// What is damaged in the state of a generated certificate is an error that names
// it. Nothing is made in its place, nothing is withdrawn.
func TestDamageInStateIsRefused(t *testing.T) {
	t.Parallel()
	f, s := newFleet(t), newStranger(t)
	for kind, config := range map[string]written{
		kindCA:                    {"subject": written{"common_name": "Issuing"}, "issuer": asIssuer(t, f.rootCA)},
		"mtls_pinned_certificate": {"subject": written{"common_name": "pin"}},
		kindLeaf:                  f.leaf("edge"),
	} {
		m := newManaged(t, kind, f.clock)
		m.must(t, config)
		config = setting(config, "rotation_triggers", written{"turn": "1"})
		m.must(t, config)
		certificate, key, chain := m.text(t, "certificate_pem"), m.text(t, "private_key_pem"), m.text(t, "chain_pem")
		damages := append(s.ofCertificate(certificate), s.ofKey(key)...)
		damages = append(damages, s.ofChain(chain, certificate)...)
		if kind != kindLeaf {
			damages = append(damages, s.ofTrusted(m.texts(t, "trusted_certificates_pem")["1"])...)
		}
		for _, d := range damages {
			t.Run(kind+"/"+d.name, func(t *testing.T) {
				t.Parallel()
				d.wantRefused(t, m, config, "")
				if d.turned {
					d.wantRefused(t, m, setting(config, "rotation_triggers", written{"turn": "2"}), "")
				}
			})
		}
	}
}

// The same for a certificate that was imported, of which the configuration gives
// neither key nor issuer: the state is the only place that has them.
func TestDamageInStateOfAnImportedCertificateIsRefused(t *testing.T) {
	t.Parallel()
	s, graph := newStranger(t), pkitest.Build(t, "edge <- issuing <- root")
	for kind, name := range map[string]string{kindCA: "issuing", "mtls_pinned_certificate": "edge", kindLeaf: "edge"} {
		m := newManaged(t, kind, clockAt(pkitest.Now()))
		m.importDrawn(t, graph, name, true)
		config := written{"certificate_pem": graph.PEM(name)}
		m.must(t, config)
		certificate := m.text(t, "certificate_pem")
		for _, d := range append(s.ofKey(m.text(t, "private_key_pem")), s.ofChain(m.text(t, "chain_pem"), certificate)...) {
			t.Run(kind+"/"+d.name, func(t *testing.T) {
				t.Parallel()
				d.wantRefused(t, m, config, "")
			})
		}
	}
}

// The same for one node of a set, which is named, and is the only one.
func TestDamageInStateOfANodeIsRefused(t *testing.T) {
	t.Parallel()
	f, s := newFleet(t), newStranger(t)
	config := f.nodes(written{"damaged": named("damaged"), "sound": named("sound")})
	m := newManaged(t, kindSet, f.clock)
	m.must(t, config)
	chains, keys := m.texts(t, "chains_pem"), m.texts(t, "private_keys_pem")
	own, err := pki.ParseCertificates(chains["damaged"])
	if err != nil {
		t.Fatal(err)
	}
	certificate := pki.EncodeCertificates(own[0])
	damages := []damage{
		setElement("of another", "private_keys_pem", "damaged", keys["sound"]),
		setElement("null", "private_keys_pem", "damaged", nil),
		setElement("missing", "private_keys_pem", "damaged", gone{}),
		setElement("of another", "chains_pem", "damaged", chains["sound"]),
		setElement("null", "chains_pem", "damaged", nil),
		setElement("missing", "chains_pem", "damaged", gone{}),
		setElement("with a stranger above", "chains_pem", "damaged", certificate+s.certificate),
		setElement("with garbage above", "chains_pem", "damaged", certificate+"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"),
		{
			name:  "chains_pem and private_keys_pem of another",
			names: []string{"chains_pem", "private_keys_pem", "fingerprints_sha256", "serial_numbers"},
			do: func(t *testing.T, m *managed) {
				t.Helper()
				m.setEntry(t, "chains_pem", "damaged", chains["sound"])
				m.setEntry(t, "private_keys_pem", "damaged", keys["sound"])
			},
		},
	}
	for name, text := range s.unreadableTexts(keys["damaged"], s.certificate) {
		damages = append(damages, setElement(name, "private_keys_pem", "damaged", text))
	}
	for name, text := range s.unreadableTexts(chains["damaged"], s.key) {
		damages = append(damages, setElement(name, "chains_pem", "damaged", text))
	}
	for _, d := range damages {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			d.wantRefused(t, m, config, "damaged")
		})
	}
}

// After the last number that there is comes none. It is an error before anything
// is made, and never a generation below zero.
func TestLastGenerationIsNotRotated(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	for kind, config := range map[string]written{
		kindCA:                    {"subject": written{"common_name": "Root"}},
		"mtls_pinned_certificate": {"subject": written{"common_name": "pin"}},
		kindLeaf:                  f.leaf("edge"),
	} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			m := newManaged(t, kind, f.clock)
			m.must(t, config)
			last := damage{name: "the last", names: []string{"generation"}, do: func(t *testing.T, m *managed) {
				t.Helper()
				m.set(t, written{"generation": int64(math.MaxInt64)})
				if kind != kindLeaf {
					trusted := m.texts(t, "trusted_certificates_pem")["1"]
					m.set(t, written{"trusted_certificates_pem": written{fmt.Sprint(int64(math.MaxInt64)): trusted}})
				}
			}}
			last.wantRefused(t, m, setting(config, "rotation_triggers", written{"turn": "1"}), "")
		})
	}
}

// A state that is damaged as a whole, each attribute null, is one as well: for a
// set too.
func TestEmptyStateOfASetIsRefused(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	config := f.nodes(written{"damaged": named("damaged")})
	m := newManaged(t, kindSet, f.clock)
	m.must(t, config)
	results := []string{"chains_pem", "private_keys_pem", "serial_numbers", "fingerprints_sha256", "revisions", "not_after"}
	d := damage{name: "nothing", names: results, do: func(t *testing.T, m *managed) {
		t.Helper()
		for _, attribute := range results {
			m.set(t, written{attribute: nil})
		}
	}}
	d.wantRefused(t, m, config, "")
}

// The entry of the active generation can be made anew from the certificate. A
// plan does so, or refuses; afterwards the certificate is trusted.
func TestDamageOfTheActiveGenerationIsMendedOrRefused(t *testing.T) {
	t.Parallel()
	s, config := newStranger(t), written{"subject": written{"common_name": "pin"}}
	m := newManaged(t, "mtls_pinned_certificate", newStepClock())
	m.must(t, config)
	for name, value := range map[string]any{
		"null": nil, "missing": gone{}, "garbage": "garbage", "empty": "", "of another": s.certificate,
	} {
		for _, turned := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, rotated %t", name, turned), func(t *testing.T) {
				t.Parallel()
				damaged, config := m.copied(), config
				damaged.setEntry(t, "trusted_certificates_pem", "1", value)
				if turned {
					config = setting(config, "rotation_triggers", written{"turn": "1"})
				}
				if len(errorsOf(damaged.run(t, config))) > 0 {
					return
				}
				if got := damaged.texts(t, "trusted_certificates_pem")["1"]; got != m.text(t, "certificate_pem") {
					t.Errorf("trusted as generation 1: %.40q, want the certificate", got)
				}
			})
		}
	}
}
