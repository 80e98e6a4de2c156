package provider

import (
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	encoding "encoding/pem"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trustplane/terraform-provider-mtls/internal/lifecycle"
	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/tfvalue"
)

// nodes is the configuration of a set, which tests change step by step.
func (f *fleet) nodes(nodes written) written {
	return written{"issuer": f.issuer, "validity": "2160h", "certificates": nodes}
}

func named(name string) written { return written{"common_name": name} }

// setting is a configuration with one attribute changed.
func setting(config written, attribute string, value any) written {
	changed := maps.Clone(config)
	changed[attribute] = value
	return changed
}

func TestSetGivesEachNodeACertificateOfItsOwn(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	state := f.create(t, kindSet, f.nodes(written{
		"fra-1": written{"common_name": "fra-1", "organization": "Acme", "dns_names": []string{"fra-1.example.com"}},
		// One name for several data planes is common, and each has its own key.
		"fra-2": named("edge"), "fra-3": named("edge"),
	}), "issuer")
	chains, keys := textsOf(t, state, "chains_pem"), textsOf(t, state, "private_keys_pem")
	seen := map[string]string{}
	for _, name := range []string{"fra-1", "fra-2", "fra-3"} {
		chain, err := pki.ParseCertificates(chains[name])
		if err != nil {
			t.Fatal(err)
		}
		key, err := pki.ParsePrivateKey(keys[name])
		if err != nil {
			t.Fatal(err)
		}
		if len(chain) != 2 || !pki.SameKey(chain[0].PublicKey, key.Public()) || !pki.SignedBy(chain[0], chain[1]) {
			t.Errorf("%s presents %d certificates; want its own, for its key, and its issuer", name, len(chain))
		}
		if other, twice := seen[pki.SPKISHA256(chain[0])]; twice {
			t.Errorf("%s and %s share a key", name, other)
		}
		seen[pki.SPKISHA256(chain[0])] = name
		if got := textsOf(t, state, "serial_numbers")[name]; got != pki.SerialNumber(chain[0]) {
			t.Errorf("%s: serial number %s is not the certificate's", name, got)
		}
		if got := textsOf(t, state, "fingerprints_sha256")[name]; got != pki.FingerprintSHA256(chain[0]) {
			t.Errorf("%s: fingerprint %s is not the certificate's", name, got)
		}
		if got := textsOf(t, state, "not_after")[name]; got != tfvalue.NewInstant(chain[0].NotAfter).ValueString() {
			t.Errorf("%s: end %s is not the certificate's", name, got)
		}
	}
}

// A node with a request keeps its key to itself.
func TestSetAnswersRequests(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	key, err := pki.GenerateKey(pki.ECDSAP256)
	if err != nil {
		t.Fatal(err)
	}
	config := f.nodes(written{"fra-1": written{"csr_pem": requestFor(t, key, "asked")}, "fra-2": named("fra-2")})
	wantSound(t, f.validate(t, kindSet, config))
	plan := f.plan(t, kindSet, f.none(kindSet), config, "issuer")
	wantSound(t, plan.diagnostics)
	if got := unknownsOf(t, plan.plan, "private_keys_pem"); !slices.Equal(got, []string{"fra-2"}) {
		t.Errorf("the plan makes the keys of %q, want fra-2's alone", got)
	}
	state, diagnostics := f.apply(t.Context(), t, kindSet, plan)
	wantSound(t, diagnostics)
	chain, err := pki.ParseCertificates(textsOf(t, state, "chains_pem")["fra-1"])
	if err != nil {
		t.Fatal(err)
	}
	if !pki.SameKey(chain[0].PublicKey, key.Public()) || chain[0].Subject.CommonName != "asked" {
		t.Errorf("issued %s, want the request's name and key", pki.Describe(chain[0]))
	}
	if got := slices.Collect(maps.Keys(textsOf(t, state, "private_keys_pem"))); !slices.Equal(got, []string{"fra-2"}) {
		t.Errorf("private keys of %q are in state, want fra-2's alone", got)
	}
	again := f.plan(t, kindSet, state, config, "issuer")
	if !again.plan.Equal(state) {
		t.Error("a second plan is not empty")
	}
}

func requestFor(t *testing.T, key crypto.Signer, name string) string {
	t.Helper()
	der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{Subject: pkix.Name{CommonName: name}}, key)
	if err != nil {
		t.Fatal(err)
	}
	return string(encoding.EncodeToMemory(&encoding.Block{Type: "CERTIFICATE REQUEST", Bytes: der}))
}

// All faults of all nodes are reported at once, each on its node, and nothing is
// issued.
func TestSetNamesEveryBadNode(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	plan := f.plan(t, kindSet, f.none(kindSet), f.nodes(written{
		"good":    named("good"),
		"long":    named(strings.Repeat("x", 65)),
		"two bad": written{"common_name": "b", "dns_names": []string{"b.example.com", "b b", "-"}},
		"twice":   written{"common_name": "c", "dns_names": []string{"C.example.com", "c.example.com"}},
	}), "issuer")
	var told []string
	for _, d := range plan.diagnostics {
		told = append(told, d.Attribute.String()+" "+d.Summary)
	}
	want := []string{
		`AttributeName("certificates").ElementKeyString("long").AttributeName("common_name") Subject too long`,
		`AttributeName("certificates").ElementKeyString("twice").AttributeName("dns_names").ElementKeyInt(1) Duplicate name`,
		`AttributeName("certificates").ElementKeyString("two bad").AttributeName("dns_names").ElementKeyInt(1) Invalid name`,
		`AttributeName("certificates").ElementKeyString("two bad").AttributeName("dns_names").ElementKeyInt(2) Invalid name`,
	}
	if diff := cmp.Diff(want, told); diff != "" {
		t.Error("told (-want +got):\n" + diff)
	}
}

// Ten thousand nodes with one bad name: one error, on that node. Without the
// framework, which takes seconds to bring so many there.
func TestSetFindsOneBadNodeAmongTenThousand(t *testing.T) {
	t.Parallel()
	kinds := map[string]attr.Type{}
	for name, attribute := range nodeAttributes() {
		kinds[name] = attribute.GetType()
	}
	nodes := map[string]attr.Value{}
	for i := range 10_000 {
		name := fmt.Sprintf("edge-%05d", i)
		values := map[string]attr.Value{
			"common_name": types.StringValue(name), "organization": types.StringNull(), "csr_pem": tfvalue.NullPEM(),
			"subject":      types.ObjectNull(kinds["subject"].(attr.TypeWithAttributeTypes).AttributeTypes()),
			"ip_addresses": types.ListNull(types.StringType), "uris": types.ListNull(types.StringType), "email_addresses": types.ListNull(types.StringType),
			"dns_names":               tfvalue.NewStrings([]string{name + ".example.com"}),
			"crl_distribution_points": types.ListNull(types.StringType), "ocsp_servers": types.ListNull(types.StringType),
		}
		if i == 7777 {
			values["dns_names"] = tfvalue.NewStrings([]string{name + " .example.com"})
		}
		nodes[name] = types.ObjectValueMust(kinds, values)
	}
	model := &dataplaneCertificateSetModel{
		Issuer:       types.ObjectUnknown(nil),
		Certificates: types.MapValueMust(types.ObjectType{AttrTypes: kinds}, nodes),
	}
	var diagnostics diag.Diagnostics
	d := (&setModels{trio[dataplaneCertificateSetModel]{config: model, plan: model}}).decode(t.Context(), nil, newEnvironment(newStepClock().Now), &diagnostics)
	d.plan(func() bool { return false }, func([]lifecycle.Result) {}, &diagnostics)
	if diagnostics.ErrorsCount() != 1 || !strings.Contains(diagnostics[0].Detail(), `Node "edge-07777"`) {
		t.Errorf("told %d errors, want one, on edge-07777: %v", diagnostics.ErrorsCount(), diagnostics)
	}
}

// What is wrong with the issuer or with the whole set is reported once, not once a
// node.
func TestSetTellsSharedFaultsOnce(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	leaf := f.create(t, kindLeaf, f.leaf("leaf"), "issuer")
	config := setting(f.nodes(written{"a": named("a"), "b": named("b")}), "issuer", asIssuer(t, leaf))
	told := errorsOf(f.plan(t, kindSet, f.none(kindSet), config, "issuer").diagnostics)
	if len(told) != 1 || !strings.Contains(told[0], "Issuer may not sign certificates") {
		t.Errorf("told %q, want once that the issuer may not sign", told)
	}
}

// A site that has lost its last data plane is no fault.
func TestSetMayBeEmpty(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	empty := f.nodes(written{})
	wantSound(t, f.validate(t, kindSet, empty))
	state := f.create(t, kindSet, f.nodes(written{"fra-1": named("fra-1")}), "issuer")
	state = f.update(t, kindSet, state, empty, "issuer")
	if left := textsOf(t, state, "chains_pem"); len(left) != 0 || !attributes(t, state)["renewal_at"].IsNull() {
		t.Errorf("%d certificates are left, renewal at %s", len(left), attributes(t, state)["renewal_at"])
	}
}
