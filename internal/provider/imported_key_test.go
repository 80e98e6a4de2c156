package provider

import (
	"bytes"
	"crypto/rand"
	"crypto/sha1"
	"crypto/x509"
	"encoding/json"
	encoding "encoding/pem"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/pkitest"
)

// keyIdentifiers are the subject key identifiers that certificates come with.
// The provider makes one of SHA-256 (RFC 7093, section 2, method 1).
func keyIdentifiers() map[string]pkitest.Deviation {
	return map[string]pkitest.Deviation{
		"sha1": pkitest.Template(func(c *x509.Certificate) {
			sum := sha1.Sum([]byte(c.SerialNumber.String()))
			c.SubjectKeyId = sum[:]
		}),
		"short": pkitest.Template(func(c *x509.Certificate) { c.SubjectKeyId = []byte{0x40, 1, 2, 3, 4, 5, 6, 7} }),
		"none":  pkitest.NoKeyID(),
	}
}

// issuerOf is a drawn CA as an issuer.
func issuerOf(t *testing.T, graph *pkitest.Graph, name string) written {
	t.Helper()
	return written{"certificate_pem": graph.PEM(name), "private_key_pem": keyPEM(t, graph.Key(name))}
}

// A turn changes what leads to the next generation.
type turn struct {
	name string
	make func(t *testing.T, m *managed, config written) written
}

func turns() []turn {
	change := func(attribute string, value any) func(*testing.T, *managed, written) written {
		return func(_ *testing.T, _ *managed, config written) written { return setting(config, attribute, value) }
	}
	return []turn{
		{"trigger", change("rotation_triggers", written{"turn": "1"})},
		{"validity", change("validity", "2400h")},
		{"subject", change("subject", written{"common_name": "it", "organization": "Acme"})},
		{"renewal", func(t *testing.T, m *managed, config written) written {
			t.Helper()
			ends, err := time.Parse(time.RFC3339, m.text(t, "not_after"))
			if err != nil {
				t.Fatal(err)
			}
			m.clock.set(ends.Add(-time.Hour))
			return config
		}},
	}
}

// describesItsKey fails unless what is said of the key is true of the certificate.
func (m *managed) describesItsKey(t *testing.T) *x509.Certificate {
	t.Helper()
	certificate, err := pki.ParseCertificate(m.text(t, "certificate_pem"))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := m.text(t, "subject_key_id"), pki.KeyID(certificate.SubjectKeyId); got != want {
		t.Errorf("subject_key_id is %q, the certificate's %q", got, want)
	}
	if got, want := m.text(t, "spki_sha256"), pki.SPKISHA256(certificate); got != want {
		t.Errorf("spki_sha256 is %q, the certificate's %q", got, want)
	}
	return certificate
}

// An imported certificate has another subject key identifier than the provider
// makes of its key. Where the key stays, in whichever way, every value that a plan
// knows is that of the apply.
func TestKeyOfAnImportedCertificateIsKept(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{kindCA, "mtls_pinned_certificate"} {
		for identifier, deviation := range keyIdentifiers() {
			for _, turn := range turns() {
				t.Run(kind+"/"+identifier+"/"+turn.name, func(t *testing.T) {
					t.Parallel()
					drawing := "it"
					if kind == kindCA {
						drawing = "edge <- it"
					}
					graph := pkitest.Build(t, drawing, pkitest.With("it", deviation))
					m := newManaged(t, kind, clockAt(pkitest.Now()))
					m.importDrawn(t, graph, "it", true)
					config := written{"subject": written{"common_name": "it"}, "reuse_key": true}
					m.must(t, config)
					m.keepsKeyOver(t, turn, config)
				})
			}
		}
	}
}

// keepsKeyOver rotates twice, and fails unless the key stays.
func (m *managed) keepsKeyOver(t *testing.T, turn turn, config written) {
	t.Helper()
	before, key := m.describesItsKey(t), m.text(t, "private_key_pem")
	for range 2 {
		config = turn.make(t, m, config)
		m.must(t, config)
		after := m.describesItsKey(t)
		if after.Equal(before) {
			t.Fatal("there is no new certificate")
		}
		if !pki.SameKey(after.PublicKey, before.PublicKey) || m.text(t, "private_key_pem") != key {
			t.Fatal("the new certificate has another key")
		}
		if len(before.SubjectKeyId) > 0 && !bytes.Equal(after.SubjectKeyId, before.SubjectKeyId) {
			t.Errorf("the key identifier %x has become %x", before.SubjectKeyId, after.SubjectKeyId)
		}
		if made, diagnostics := m.plan(t, valueOf(m.kind, config)); len(errorsOf(diagnostics)) > 0 || !made.planned.Equal(m.state) {
			t.Errorf("the plan after it is not empty: %q", errorsOf(diagnostics))
		}
		turn = turns()[0] // a trigger, with another value
		turn.make = func(_ *testing.T, _ *managed, config written) written {
			return setting(config, "rotation_triggers", written{"turn": "2"})
		}
		before = after
	}
}

// The same for a leaf of another CA, which the CA here takes over at once: by a
// request for the key that stays on its node, by the key in state, by a key that
// is write-only, and for a pin that another CA signed.
func TestKeyOfALeafOfAnotherCAIsKept(t *testing.T) {
	t.Parallel()
	for identifier, deviation := range keyIdentifiers() {
		graph := pkitest.Build(t, "edge <- theirs\nother <- ours", pkitest.With("edge", deviation))
		edge := written{"common_name": "edge"}
		for name, row := range map[string]struct {
			kind    string
			withKey bool
			config  written
		}{
			"request":                   {kindLeaf, false, written{"csr_pem": csrOf(t, graph, "edge"), "issuer": issuerOf(t, graph, "ours")}},
			"request with key in state": {kindLeaf, true, written{"csr_pem": csrOf(t, graph, "edge"), "issuer": issuerOf(t, graph, "ours")}},
			"request with subject":      {kindLeaf, false, written{"csr_pem": csrOf(t, graph, "edge"), "subject": edge, "issuer": issuerOf(t, graph, "ours")}},
			"key in state":              {kindLeaf, true, written{"subject": edge, "issuer": issuerOf(t, graph, "ours"), "reuse_key": true}},
			"write-only":                {kindLeaf, false, written{"subject": edge, "issuer": issuerOf(t, graph, "ours"), "private_key_pem_wo": keyPEM(t, graph.Key("edge"))}},
			"pin":                       {"mtls_pinned_certificate", true, written{"subject": edge, "reuse_key": true}},
			"pin write-only":            {"mtls_pinned_certificate", false, written{"subject": edge, "private_key_pem_wo": keyPEM(t, graph.Key("edge"))}},
		} {
			t.Run(identifier+"/"+name, func(t *testing.T) {
				t.Parallel()
				m := newManaged(t, row.kind, clockAt(pkitest.Now()))
				m.importDrawn(t, graph, "edge", row.withKey)
				before := m.describesItsKey(t)
				for turn := range 3 {
					config := row.config
					if turn > 0 {
						config = setting(config, "rotation_triggers", written{"turn": strconv.Itoa(turn)})
					}
					m.must(t, config)
					after := m.describesItsKey(t)
					if after.Equal(before) || !pki.SameKey(after.PublicKey, before.PublicKey) {
						t.Fatal("want a new certificate for the same key")
					}
					before = after
				}
			})
		}
	}
}

// The same for what hashicorp/tls made: a move keeps its key identifier, too.
func TestKeyOfAMovedCertificateIsKept(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{kindCA, "mtls_pinned_certificate"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			drawing := "it"
			if kind == kindCA {
				drawing = "edge <- it"
			}
			graph := pkitest.Build(t, drawing, pkitest.With("it", keyIdentifiers()["sha1"]))
			source, err := json.Marshal(map[string]string{"cert_pem": graph.PEM("it"), "private_key_pem": keyPEM(t, graph.Key("it"))})
			if err != nil {
				t.Fatal(err)
			}
			m := newManaged(t, kind, clockAt(pkitest.Now()))
			moved, err := m.server.MoveResourceState(t.Context(), &tfprotov6.MoveResourceStateRequest{
				SourceProviderAddress: "registry.terraform.io/hashicorp/tls", SourceTypeName: "tls_self_signed_cert",
				SourceState: &tfprotov6.RawState{JSON: source}, TargetTypeName: kind,
			})
			if err != nil {
				t.Fatal(err)
			}
			wantSound(t, moved.Diagnostics)
			m.state, m.private = m.decode(t, moved.TargetState), moved.TargetPrivate
			config := written{"subject": written{"common_name": "it"}, "reuse_key": true}
			m.must(t, config)
			m.keepsKeyOver(t, turns()[0], config)
		})
	}
}

// What can be moved, and from which provider it is said to come: for all but the
// first instance of a resource, OpenTofu 1.12 names the provider that it goes to.
func TestMovedFromWhom(t *testing.T) {
	t.Parallel()
	graph := pkitest.Build(t, "edge <- it")
	source, err := json.Marshal(map[string]string{"cert_pem": graph.PEM("edge")})
	if err != nil {
		t.Fatal(err)
	}
	for _, move := range []struct{ address, kind, refused string }{
		{"registry.terraform.io/hashicorp/tls", "tls_locally_signed_cert", ""},
		{"registry.opentofu.org/hashicorp/tls", "tls_locally_signed_cert", ""},
		{"registry.opentofu.org/trustplane/mtls", "tls_locally_signed_cert", ""},
		{"registry.terraform.io/hashicorp/tls", "tls_self_signed_cert", "only tls_locally_signed_cert of hashicorp/tls can"},
		{"registry.terraform.io/trustplane/mtls", "mtls_pinned_certificate", "mtls_pinned_certificate of registry.terraform.io/trustplane/mtls cannot become this resource"},
		{"registry.terraform.io/acme/tls", "tls_locally_signed_cert", "tls_locally_signed_cert of registry.terraform.io/acme/tls cannot become this resource"},
	} {
		t.Run(move.address+" "+move.kind, func(t *testing.T) {
			t.Parallel()
			m := newManaged(t, kindLeaf, clockAt(pkitest.Now()))
			moved, err := m.server.MoveResourceState(t.Context(), &tfprotov6.MoveResourceStateRequest{
				SourceProviderAddress: move.address, SourceTypeName: move.kind,
				SourceState: &tfprotov6.RawState{JSON: source}, TargetTypeName: kindLeaf,
			})
			if err != nil {
				t.Fatal(err)
			}
			if move.refused == "" {
				wantSound(t, moved.Diagnostics)
				return
			}
			if len(moved.Diagnostics) != 1 || !strings.Contains(moved.Diagnostics[0].Detail, move.refused) {
				t.Errorf("got %v, want one error with %q", moved.Diagnostics, move.refused)
			}
		})
	}
}

// csrOf is a certificate request for the key of a node, in its name.
func csrOf(t *testing.T, graph *pkitest.Graph, name string) string {
	t.Helper()
	der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{Subject: graph.Certificate(name).Subject}, graph.Key(name))
	if err != nil {
		t.Fatal(err)
	}
	return string(encoding.EncodeToMemory(&encoding.Block{Type: "CERTIFICATE REQUEST", Bytes: der}))
}
