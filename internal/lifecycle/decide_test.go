package lifecycle

import (
	"crypto"
	"crypto/x509/pkix"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/trustplane/terraform-provider-mtls/internal/issue"
	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/pkitest"
	"github.com/trustplane/terraform-provider-mtls/internal/rotation"
)

// A scene is one certificate that is kept unless change says otherwise: the leaf
// edge below ca, made for a month, with a third of it left.
type scene struct {
	resource *Resource
	slot     *Slot
	graph    *pkitest.Graph
}

func newScene(t *testing.T, uploads bool) scene {
	t.Helper()
	graph := pkitest.Build(t, "edge <- ca\nother <- stranger",
		pkitest.With("edge", pkitest.Valid(pkitest.Now().Add(-20*24*time.Hour), pkitest.Now().Add(10*24*time.Hour))))
	request := issue.Request{Profile: issue.DataplaneCertificate, Subject: pkix.Name{CommonName: "edge"}, Validity: 30 * 24 * time.Hour}
	issuer := Issuer{Given: true, Signer: &issue.Issuer{Certificate: graph.Certificate("ca"), Key: graph.Key("ca")}}
	key := keyText(t, graph.Key("edge"))
	prior := &Prior{
		Origin: Generated, Generation: 1, Certificate: graph.Certificate("edge"), Chain: graph.Certificates("edge"),
		Key: graph.Key("edge"), KeyPEM: key, Request: request, Issuer: pki.FingerprintSHA256(graph.Certificate("ca")),
		Triggers: map[string]Value[string]{"turn": Known("1")},
	}
	week := 7 * 24 * time.Hour
	want := Want{Origin: Generated, Request: request, Triggers: map[string]Value[string]{"turn": Known("1")}, Settings: Settings{RenewBefore: &week}}
	r := &Resource{Uploads: uploads, Issuer: issuer, Now: pkitest.Now(), Slots: []Slot{{Prior: prior, Want: want}}}
	return scene{r, &r.Slots[0], graph}
}

func keyText(t *testing.T, key crypto.Signer) string {
	t.Helper()
	text, err := pki.EncodePrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// An outcome is what is decided of a certificate, and why.
type outcome struct {
	Action  Action
	Reasons []rotation.Reason
}

// TestDecision is the whole of what turns a decision, one thing at a time: for a
// certificate that is not uploaded and for one that is.
func TestDecision(t *testing.T) {
	rotates := func(reasons ...rotation.Reason) outcome { return outcome{Rotate, reasons} }
	for name, row := range map[string]struct {
		change           func(s scene)
		leaf, thenUpload outcome
	}{
		"nothing": {func(scene) {}, outcome{}, outcome{}},
		"there is none yet": {
			func(s scene) { s.slot.Prior = nil }, outcome{Action: Rotate}, outcome{Action: Rotate},
		},
		"another name": {
			func(s scene) { s.slot.Want.Request.Subject.CommonName = "other" },
			rotates(rotation.InputChanged), rotates(rotation.InputChanged),
		},
		"another trigger": {
			func(s scene) { s.slot.Want.Triggers = map[string]Value[string]{"turn": Known("2")} },
			rotates(rotation.TriggerChanged), rotates(rotation.TriggerChanged),
		},
		"one trigger more": {
			func(s scene) {
				s.slot.Want.Triggers = map[string]Value[string]{"turn": Known("1"), "more": Known("")}
			},
			rotates(rotation.TriggerChanged), rotates(rotation.TriggerChanged),
		},
		"a trigger that is unknown": {
			func(s scene) { s.slot.Want.Triggers = map[string]Value[string]{"turn": {}} },
			outcome{Action: Defer}, outcome{Action: Defer},
		},
		"all triggers unknown": {
			func(s scene) { s.slot.Want.Unknown.Triggers = true },
			outcome{Action: Defer}, outcome{Action: Defer},
		},
		"one trigger unknown, and another one changed": {
			func(s scene) { s.slot.Want.Triggers = map[string]Value[string]{"turn": Known("2"), "more": {}} },
			rotates(rotation.TriggerChanged), rotates(rotation.TriggerChanged),
		},
		"a version that is unknown": {
			func(s scene) { s.slot.Want.Unknown.KeyVersion = true },
			outcome{Action: Defer}, outcome{Action: Defer},
		},
		"another issuer": {
			func(s scene) { s.resource.Issuer.Signer.Certificate = s.graph.Certificate("stranger") },
			rotates(rotation.IssuerChanged), rotates(rotation.IssuerChanged),
		},
		"an issuer that is unknown": {
			func(s scene) { s.resource.Issuer = Issuer{Given: true, Unknown: true} },
			outcome{Action: Defer}, outcome{Action: Defer},
		},
		"an issuer that is unknown, and certainly another one": {
			func(s scene) { s.resource.Issuer = Issuer{Given: true, Unknown: true, Replaced: true} },
			rotates(rotation.IssuerUnknown), rotates(rotation.IssuerUnknown),
		},
		"imported, below an issuer that is certainly another one": {
			func(s scene) {
				s.slot.Prior.Origin, s.resource.Issuer = Imported, Issuer{Given: true, Unknown: true, Replaced: true}
			},
			outcome{Action: Defer}, outcome{Action: Defer},
		},
		"a name that is unknown": {
			func(s scene) { s.slot.Want.Unknown.Request = true },
			outcome{Action: Defer}, outcome{Action: Defer},
		},
		"renew_before that is unknown": {
			func(s scene) { s.slot.Want.Unknown.RenewBefore = true },
			outcome{Action: Defer}, outcome{Action: Defer},
		},
		"overlap that is unknown": {func(s scene) { s.slot.Want.Unknown.Overlap = true }, outcome{}, outcome{}},
		"due": {
			func(s scene) { s.resource.Now = pkitest.Now().Add(4 * 24 * time.Hour) },
			rotates(rotation.RenewalDue), rotates(rotation.RenewalDue),
		},
		"due, while the issuer's chain is unknown": {
			func(s scene) {
				s.resource.Now, s.resource.Issuer.ChainUnknown = pkitest.Now().Add(4*24*time.Hour), true
			},
			outcome{Action: Defer, Reasons: []rotation.Reason{rotation.RenewalDue}}, outcome{Action: Defer, Reasons: []rotation.Reason{rotation.RenewalDue}},
		},
		"due, and provided": {
			func(s scene) {
				s.resource.Now = pkitest.Now().Add(4 * 24 * time.Hour)
				s.slot.Prior.Origin, s.slot.Want.Origin, s.slot.Want.Certificate = Provided, Provided, s.graph.Certificate("edge")
			},
			outcome{}, outcome{},
		},
		"another certificate is provided": {
			func(s scene) {
				s.slot.Prior.Origin, s.slot.Want.Origin, s.slot.Want.Certificate = Provided, Provided, s.graph.Certificate("other")
			},
			rotates(rotation.CertificateReplaced), rotates(rotation.CertificateReplaced),
		},
		"an unknown certificate is provided": {
			func(s scene) {
				s.slot.Prior.Origin, s.slot.Want.Origin, s.slot.Want.Unknown.Certificate = Provided, Provided, true
			},
			outcome{Action: Defer}, outcome{Action: Defer},
		},
		"imported, and what is asked for": {func(s scene) { s.slot.Prior.Origin = Imported }, outcome{}, outcome{}},
		"imported, and something else is asked for": {
			func(s scene) {
				s.slot.Prior.Origin, s.slot.Want.Request.Subject.CommonName = Imported, "other"
			},
			rotates(rotation.InputChanged), rotates(rotation.InputChanged),
		},
		"imported without the key that is to be in state": {
			func(s scene) { s.slot.Prior.Origin, s.slot.Prior.Key, s.slot.Prior.KeyPEM = Imported, nil, "" },
			rotates(rotation.KeyVersionChanged), rotates(rotation.KeyVersionChanged),
		},
		"the same key, write-only": {
			func(s scene) { s.slot.Want.Key = Key{Source: WriteOnlyKey, Signer: s.graph.Key("edge")} }, outcome{}, outcome{},
		},
		"another key, write-only": {
			func(s scene) { s.slot.Want.Key = Key{Source: WriteOnlyKey, Signer: s.graph.Key("other")} },
			rotates(rotation.KeyVersionChanged), rotates(rotation.KeyVersionChanged),
		},
		"an unknown key, write-only": {
			func(s scene) { s.slot.Want.Key, s.slot.Want.Unknown.Key = Key{Source: WriteOnlyKey}, true },
			outcome{Action: Defer}, outcome{Action: Defer},
		},
		"an unknown key of the same version": {
			func(s scene) {
				s.slot.Want.Key, s.slot.Want.Unknown.Key = Key{Source: WriteOnlyKey, Version: new(int64(1))}, true
				s.slot.Prior.KeyVersion, s.slot.Prior.Key, s.slot.Prior.KeyPEM = new(int64(1)), nil, ""
			},
			outcome{}, outcome{},
		},
		"a key of the next version": {
			func(s scene) {
				s.slot.Want.Key = Key{Source: WriteOnlyKey, Signer: s.graph.Key("edge"), Version: new(int64(2))}
				s.slot.Prior.KeyVersion = new(int64(1))
			},
			rotates(rotation.KeyVersionChanged), rotates(rotation.KeyVersionChanged),
		},
	} {
		t.Run(name, func(t *testing.T) {
			for uploads, want := range map[bool]outcome{false: row.leaf, true: row.thenUpload} {
				s := newScene(t, uploads)
				row.change(s)
				decided := decide(s.resource, s.slot, s.resource.Now)
				if diff := cmp.Diff(want, outcome{decided.Action, decided.Reasons}); diff != "" {
					t.Errorf("uploaded: %t (-want +got):\n%s", uploads, diff)
				}
				if (decided.Action == Rotate) != (decided.Step == rotation.Rotate) {
					t.Errorf("uploaded: %t: the action is to %s, and the step to %s", uploads, decided.Action, decided.Step)
				}
			}
		})
	}
}

// TestKeyInState is the table of key.go: what becomes of the private key in state
// for each source, when the certificate is planned anew and when it stays.
func TestKeyInState(t *testing.T) {
	const unknown, none, states, configured = "unknown", "none", "the state's", "the configuration's"
	for name, row := range map[string]struct {
		change        func(s scene)
		planned, kept string
	}{
		"generated":             {func(scene) {}, unknown, states},
		"generated, and reused": {func(s scene) { s.slot.Want.Key.Reuse = true }, states, states},
		"reused, of another algorithm": {
			func(s scene) { s.slot.Want.Key.Reuse, s.slot.Want.Request.KeyAlgorithm = true, pki.Ed25519 }, unknown, states,
		},
		"reused, of an algorithm that is unknown": {
			func(s scene) { s.slot.Want.Key.Reuse, s.slot.Want.Unknown.Algorithm = true, true }, unknown, states,
		},
		"write-only":         {func(s scene) { s.slot.Want.Key = Key{Source: WriteOnlyKey, Signer: s.graph.Key("other")} }, none, none},
		"for a CSR":          {func(s scene) { s.slot.Want.Key = Key{Source: CSRKey} }, none, none},
		"CSR that may be no": {func(s scene) { s.slot.Want.Key, s.slot.Want.Unknown.Key = Key{Source: CSRKey}, true }, unknown, none},
		"provided": {
			func(s scene) {
				s.slot.Want.Origin, s.slot.Want.Key = Provided, Key{Source: ConfiguredKey, PEM: Known("configured")}
			}, configured, configured,
		},
		"provided without one": {
			func(s scene) {
				s.slot.Prior.Origin, s.slot.Want.Origin, s.slot.Want.Key = Provided, Provided, Key{Source: NoKey}
			}, none, none,
		},
		"imported with one": {
			func(s scene) {
				s.slot.Prior.Origin, s.slot.Want.Origin, s.slot.Want.Key = Imported, Provided, Key{Source: NoKey}
			}, none, states,
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t, false)
			row.change(s)
			shown := func(value Value[string]) string {
				text, known := value.Get()
				switch {
				case !known:
					return unknown
				case text == "":
					return none
				case text == s.slot.Prior.KeyPEM:
					return states
				default:
					return text
				}
			}
			want := []string{row.planned, row.kept}
			for i := range want {
				if want[i] == configured {
					want[i] = "configured"
				}
			}
			if diff := cmp.Diff(want, []string{shown(s.slot.plannedKey()), shown(s.slot.keptKey())}); diff != "" {
				t.Errorf("planned and kept (-want +got):\n%s", diff)
			}
		})
	}
}
