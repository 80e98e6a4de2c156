package provider

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/pkitest"
)

// soundConfigs are a configuration for each kind, generated and provided.
func soundConfigs(tb testing.TB) map[string][]written {
	tb.Helper()
	graph := pkitest.Build(tb, "edge <- issuing <- root")
	key, err := pki.EncodePrivateKey(graph.Key("issuing"))
	if err != nil {
		tb.Fatal(err)
	}
	issuer := written{"certificate_pem": graph.PEM("issuing"), "private_key_pem": key}
	subject := written{"common_name": "it"}
	return map[string][]written{
		"mtls_control_plane_ca":      {{"subject": subject, "issuer": issuer}, {"certificate_pem": graph.PEM("root")}},
		"mtls_pinned_certificate":    {{"subject": subject, "dns_names": []string{"it.example"}}, {"certificate_pem": graph.PEM("edge")}},
		"mtls_dataplane_certificate": {{"subject": subject, "issuer": issuer}, {"certificate_pem": graph.PEM("edge"), "issuer": issuer}},
	}
}

// survive refreshes, plans and applies from a state that somebody has damaged.
// The provider may refuse, but not panic; a certificate that it makes on the way
// holds together with all around it, and there is one in any case.
func survive(tb testing.TB, protocol *protocol, kind string, config written, state tftypes.Value) {
	tb.Helper()
	read, err := protocol.server.ReadResource(tb.Context(), &tfprotov6.ReadResourceRequest{
		TypeName: kind, CurrentState: dynamic(tb, protocol.kinds[kind], state),
	})
	if err != nil {
		tb.Fatal(err)
	}
	if len(errorsOf(read.Diagnostics)) == 0 {
		state = protocol.decode(tb, kind, read.NewState)
	}
	plan := protocol.plan(tb, kind, state, config, "issuer")
	if len(errorsOf(plan.diagnostics)) > 0 {
		return
	}
	applied, diagnostics := protocol.apply(tb.Context(), tb, kind, plan)
	if len(errorsOf(diagnostics)) > 0 {
		return
	}
	before, after := attributes(tb, state), attributes(tb, applied)
	if textOf(tb, before["certificate_pem"]) != textOf(tb, after["certificate_pem"]) {
		holdTogether(tb, after)
	} else if _, err := pki.ParseCertificate(textOf(tb, after["certificate_pem"])); err != nil {
		tb.Fatalf("an unreadable certificate was kept without a word: %v", err)
	}
}

// holdTogether checks that a state's certificate is one, that the key beside it
// is its own, and that it is trusted where there is a map of what is.
func holdTogether(tb testing.TB, state map[string]tftypes.Value) {
	tb.Helper()
	certificate, err := pki.ParseCertificate(textOf(tb, state["certificate_pem"]))
	if err != nil {
		tb.Fatalf("the certificate of the new state: %v", err)
	}
	if text := textOf(tb, state["private_key_pem"]); text != "" {
		if key, err := pki.ParsePrivateKey(text); err != nil || !pki.SameKey(key.Public(), certificate.PublicKey) {
			tb.Fatalf("the key of the new state is not the certificate's (%v)", err)
		}
	}
	if got := textOf(tb, state["fingerprint_sha256"]); got != pki.FingerprintSHA256(certificate) {
		tb.Fatalf("fingerprint %s of a certificate with %s", got, pki.FingerprintSHA256(certificate))
	}
	trusted, uploaded := state["trusted_certificates_pem"]
	if !uploaded {
		return
	}
	for _, element := range attributes(tb, trusted) {
		if textOf(tb, element) == pki.EncodeCertificates(certificate) {
			return
		}
	}
	tb.Fatal("the new state does not trust its own certificate")
}

// textOf is a string; empty for null.
func textOf(tb testing.TB, value tftypes.Value) string {
	tb.Helper()
	var text *string
	if err := value.As(&text); err != nil {
		tb.Fatal(err)
	}
	if text == nil {
		return ""
	}
	return *text
}

// damages are values of each type that no apply has written.
func damages(kind tftypes.Type) []tftypes.Value {
	null := tftypes.NewValue(kind, nil)
	switch kind := kind.(type) {
	case tftypes.Map:
		entries := map[string]tftypes.Value{}
		for i, key := range []string{"1", "x", "-1", "99999999999999999999"} {
			of := damages(kind.ElementType)
			entries[key] = of[(i+1)%len(of)]
		}
		return []tftypes.Value{null, tftypes.NewValue(kind, map[string]tftypes.Value{}), tftypes.NewValue(kind, entries)}
	case tftypes.List:
		return []tftypes.Value{null, tftypes.NewValue(kind, []tftypes.Value{})}
	case tftypes.Object:
		return []tftypes.Value{null}
	}
	switch {
	case kind.Is(tftypes.String):
		return []tftypes.Value{null, tftypes.NewValue(kind, ""), tftypes.NewValue(kind, "garbage"), tftypes.NewValue(kind, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")}
	case kind.Is(tftypes.Number):
		return []tftypes.Value{null, tftypes.NewValue(kind, 0), tftypes.NewValue(kind, -1), tftypes.NewValue(kind, int64(1)<<62)}
	default:
		return []tftypes.Value{null}
	}
}

// Each attribute of the state damaged by itself, and all of them at once.
func TestDamagedStateIsSurvived(t *testing.T) {
	t.Parallel()
	for kind, configs := range soundConfigs(t) {
		for i, config := range configs {
			t.Run(fmt.Sprintf("%s/%d", kind, i), func(t *testing.T) {
				t.Parallel()
				protocol := newProtocol(t, pkitest.Now)
				sound := attributes(t, protocol.create(t, kind, config, "issuer"))
				object := protocol.kinds[kind]
				nothing := map[string]tftypes.Value{}
				for name, of := range object.AttributeTypes {
					nothing[name] = tftypes.NewValue(of, nil)
					for _, damage := range damages(of) {
						survive(t, protocol, kind, config, tftypes.NewValue(object, with(sound, map[string]tftypes.Value{name: damage})))
					}
				}
				survive(t, protocol, kind, config, tftypes.NewValue(object, nothing))
			})
		}
	}
}

func TestDamagedCertificateInStateIsTold(t *testing.T) {
	t.Parallel()
	const pin, want = "mtls_pinned_certificate", `AttributeName("certificate_pem"): Certificate in state is damaged: ` +
		"PEM block 1 (CERTIFICATE) is not a valid certificate: x509: malformed certificate. " +
		"Restore the state from a backup, or remove the resource from it with terraform state rm: the next apply then issues a new certificate."
	protocol := newProtocol(t, pkitest.Now)
	config := written{"subject": written{"common_name": "it"}}
	sound := protocol.create(t, pin, config)
	damaged := tftypes.NewValue(protocol.kinds[pin], with(attributes(t, sound), map[string]tftypes.Value{
		"certificate_pem": tftypes.NewValue(tftypes.String, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"),
	}))
	read, err := protocol.server.ReadResource(t.Context(), &tfprotov6.ReadResourceRequest{
		TypeName: pin, CurrentState: dynamic(t, protocol.kinds[pin], damaged),
	})
	if err != nil {
		t.Fatal(err)
	}
	for when, diagnostics := range map[string][]*tfprotov6.Diagnostic{
		"at refresh": read.Diagnostics, "at plan without refresh": protocol.plan(t, pin, damaged, config).diagnostics,
	} {
		if diff := cmp.Diff([]string{want}, errorsOf(diagnostics)); diff != "" {
			t.Errorf("what is reported %s (-want +got):\n%s", when, diff)
		}
	}
}

// A state file that was edited by hand, before it becomes a state.
func TestDamagedStateFileIsSurvived(t *testing.T) {
	t.Parallel()
	protocol := newProtocol(t, pkitest.Now)
	for kind, configs := range soundConfigs(t) {
		for _, text := range []string{
			``, `{}`, `null`, `[]`, `{"certificate_pem":`, `{"certificate_pem":null}`, `{"certificate_pem":"garbage"}`,
			`{"generation":"first"}`, `{"generation":1.5}`, `{"no_such_attribute":true}`, `{"trusted_certificates_pem":["a"]}`, `{"subject":"CN=it"}`,
		} {
			for _, version := range []int64{0, 1, 99, -1} {
				answer, err := protocol.server.UpgradeResourceState(t.Context(), &tfprotov6.UpgradeResourceStateRequest{
					TypeName: kind, Version: version, RawState: &tfprotov6.RawState{JSON: []byte(text)},
				})
				if err != nil || len(errorsOf(answer.Diagnostics)) > 0 || answer.UpgradedState == nil {
					continue
				}
				if state := protocol.decode(t, kind, answer.UpgradedState); !state.IsNull() {
					survive(t, protocol, kind, configs[0], state)
				}
			}
		}
	}
}

// FuzzConfiguredPEM holds that no text makes the provider panic, wherever PEM is
// configured, and that what is applied holds together.
func FuzzConfiguredPEM(f *testing.F) {
	protocol := newProtocol(f, pkitest.Now)
	graph := pkitest.Build(f, "edge <- issuing <- root")
	issuingKey, err := pki.EncodePrivateKey(graph.Key("issuing"))
	if err != nil {
		f.Fatal(err)
	}
	for _, text := range []string{
		"", "garbage", "\x00", "-----BEGIN", "-----BEGIN CERTIFICATE-----", "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n",
		graph.PEM("root"), graph.PEM("edge"), graph.PEM("issuing root"), issuingKey, graph.PEM("issuing")[:200], "\ufeff" + graph.PEM("issuing"),
	} {
		f.Add(text)
	}
	subject, issuing := written{"common_name": "it"}, graph.PEM("issuing")
	issuer := func(name, text string) written {
		parts := written{"certificate_pem": issuing, "private_key_pem": issuingKey}
		parts[name] = text
		return written{"subject": subject, "issuer": parts}
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, each := range []struct {
			kind   string
			config written
		}{
			{"mtls_control_plane_ca", written{"certificate_pem": text}},
			{"mtls_control_plane_ca", written{"certificate_pem": issuing, "private_key_pem": text}},
			{"mtls_control_plane_ca", issuer("certificate_pem", text)},
			{"mtls_pinned_certificate", written{"certificate_pem": text}},
			{"mtls_pinned_certificate", written{"subject": subject, "private_key_pem_wo": text}},
			{"mtls_dataplane_certificate", written{"certificate_pem": text}},
			{"mtls_dataplane_certificate", issuer("certificate_pem", text)},
			{"mtls_dataplane_certificate", issuer("chain_pem", text)},
			{"mtls_dataplane_certificate", issuer("private_key_pem", text)},
			{"mtls_dataplane_certificate", with(issuer("certificate_pem", issuing), written{"subject": nil, "csr_pem": text})},
		} {
			if len(errorsOf(protocol.validate(t, each.kind, each.config))) > 0 {
				continue
			}
			plan := protocol.plan(t, each.kind, protocol.none(each.kind), each.config, "issuer", "private_key_pem_wo")
			if len(errorsOf(plan.diagnostics)) > 0 {
				continue
			}
			state, diagnostics := protocol.apply(t.Context(), t, each.kind, plan)
			wantSound(t, diagnostics)
			holdTogether(t, attributes(t, state))
		}
	})
}
