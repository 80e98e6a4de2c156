package provider

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/pkitest"
	"github.com/trustplane/terraform-provider-mtls/internal/seeds"
)

// TestWalk calls the provider as Terraform does, with whatever a user may come
// to: any configuration, changed at any time and known in part; certificates of
// others, imported with their keys or without; a clock that jumps; a state or a
// private state that somebody has damaged. Whether a call is refused is the
// business of other tests. Here, nothing panics, and what is not refused keeps
// Terraform's own rules (see [managed]); what is applied is sound, and the plan
// after it is empty.
func TestWalk(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{kindCA, "mtls_pinned_certificate", kindLeaf, kindSet} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			w := newWalk(t, kind)
			for _, seed := range walkSeeds() {
				t.Run(fmt.Sprintf("seed=%d", seed), func(t *testing.T) { w.begin(t, seed) })
			}
		})
	}
}

// walkSeeds are the same in each run, so that none is red by chance. With
// MTLS_RANDOM_SEEDS=1 they are others each time, and more: a find becomes a row of
// [TestFindsOfTheWalk].
func walkSeeds() []uint64 {
	first := uint64(1)
	if os.Getenv(seeds.Variable) != "" {
		first = rand.Uint64()
	}
	var walks []uint64
	for i := range seeds.Number(24, 300) {
		walks = append(walks, first+uint64(i))
	}
	return walks
}

// A walk is one life of one resource.
type walk struct {
	*managed
	t      *testing.T
	pools  map[string][]any
	ids    []string // of what can be imported
	random *rand.Rand
	seed   uint64
	log    []string
	config written
	// prepared says when each generation that waited was applied.
	prepared map[int64]time.Time
}

func newWalk(t *testing.T, kind string) *walk {
	t.Helper()
	m := newManaged(t, kind, clockAt(pkitest.Now()))
	// The twins of one name that are imported have key identifiers of others.
	identifiers := keyIdentifiers()
	graph := pkitest.Build(t, `
		a <- it~sha1
		b <- it~short
		c <- it~none
		d <- it~below <- ours
		it~leaf <- theirs
		it~ours <- ours
		it~alone
		other <- ours~renewed
		e <- top~issuing <- top
		f <- brief`,
		pkitest.With("it~sha1", identifiers["sha1"]), pkitest.With("it~short", identifiers["short"]), pkitest.With("it~none", identifiers["none"]),
		pkitest.With("it~leaf", identifiers["sha1"]), pkitest.With("it~alone", identifiers["short"]), pkitest.With("it~below", identifiers["sha1"]),
		pkitest.With("ours~renewed", pkitest.SameKeyAs("ours")), pkitest.With("brief", pkitest.EndsIn(20*day)))
	w := &walk{managed: m, pools: poolsOf(t, kind, graph)}
	folder := t.TempDir()
	for _, name := range slices.DeleteFunc(graph.Names(), func(name string) bool { return !strings.HasPrefix(name, "it~") }) {
		certificate, key := filepath.Join(folder, name+".pem"), filepath.Join(folder, name+".key")
		for file, text := range map[string]string{certificate: graph.PEM(name), key: keyPEM(t, graph.Key(name))} {
			if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		w.ids = append(w.ids, certificate+","+key, certificate)
	}
	return w
}

// poolsOf are the values that each argument takes, wrong ones among them.
func poolsOf(t *testing.T, kind string, graph *pkitest.Graph) map[string][]any {
	t.Helper()
	keyless := func(name string) written { return written{"certificate_pem": graph.PEM(name)} }
	chained := written{"certificate_pem": graph.PEM("top~issuing"), "chain_pem": graph.PEM("top~issuing top"), "private_key_pem": keyPEM(t, graph.Key("top~issuing"))}
	var certificates, keys []any
	for _, name := range graph.Names() {
		if strings.HasPrefix(name, "it~") {
			certificates, keys = append(certificates, graph.PEM(name)), append(keys, keyPEM(t, graph.Key(name)))
		}
	}
	texts := func(lists ...[]string) []any {
		var all []any
		for _, list := range lists {
			all = append(all, list)
		}
		return all
	}
	node := []any{
		written{"common_name": "a"}, written{"common_name": "a", "dns_names": []string{"a.example"}}, written{"csr_pem": csrOf(t, graph, "it~leaf")},
		written{"common_name": "b", "organization": "Acme"}, written{"csr_pem": csrOf(t, graph, "it~ours"), "common_name": "c"}, written{},
	}
	pools := map[string][]any{
		"subject":                    {written{"common_name": "it"}, written{"common_name": "it"}, written{"common_name": "it", "organization": "Acme"}, written{}},
		"certificate_pem":            append(certificates, "garbage"),
		"private_key_pem":            append(slices.Clone(keys), "garbage"),
		"private_key_pem_wo":         append(slices.Clone(keys), "garbage"),
		"private_key_pem_wo_version": {1, 2, 3},
		"key_algorithm":              {"ECDSA-P256", "ECDSA-P384", "ED25519", "none"},
		"validity":                   {"100h", "2400h", "87600h", "-1h"},
		"renew_before":               {"0s", "0h", "10h", "50h", "720h", "99999h"},
		"rotation_triggers":          {written{"turn": "1"}, written{"turn": "2"}, written{"turn": "3", "other": "1"}, written{}},
		"reuse_key":                  {true, true, false},
		"overlap":                    {"0s", "1h", "240h", "87600h"},
		"prepublish":                 {"0s", "5h", "5h", "48h", "480h", "99999h", "-1h"},
		"issuer":                     {issuerOf(t, graph, "ours"), issuerOf(t, graph, "ours"), chained, issuerOf(t, graph, "ours~renewed"), issuerOf(t, graph, "brief"), keyless("theirs")},
		"max_path_length":            {0, 1, int64(1) << 32},
		"name_constraints":           {written{"permitted_dns_domains": []string{"example"}}, written{}},
		"crl_distribution_points":    texts([]string{"http://crl.example/it"}),
		"ocsp_servers":               texts([]string{"http://ocsp.example"}),
		"dns_names":                  texts([]string{"a.example"}, []string{"a.example", "b.example"}, []string{"b.example", "a.example"}, []string{""}),
		"ip_addresses":               texts([]string{"10.0.0.1"}),
		"uris":                       texts([]string{"spiffe://example/it"}),
		"email_addresses":            texts([]string{"ops@example.com"}),
		"extended_key_usages":        texts([]string{"client_auth"}, []string{"server_auth", "client_auth"}),
		"csr_pem":                    {csrOf(t, graph, "it~leaf"), csrOf(t, graph, "it~ours"), "garbage"},
		"certificates":               {written{}},
	}
	for range 6 {
		number := len(pools["certificates"])
		pools["certificates"] = append(pools["certificates"], written{
			"one": node[number%len(node)], "two": node[0], "three": node[(number+2)%(len(node)-1)],
		}, written{"one": node[0], "four": node[number%3]})
	}
	return pools
}

// begin walks once from the seed.
func (w *walk) begin(t *testing.T, seed uint64) {
	t.Helper()
	w.t, w.seed, w.log = t, seed, nil
	w.random = rand.New(rand.NewPCG(seed, 11))
	w.clock.set(pkitest.Now())
	w.state, w.private, w.config = tftypes.NewValue(w.kind, nil), nil, w.draw()
	w.prepared = map[int64]time.Time{}
	defer func() {
		if fault := recover(); fault != nil {
			w.Fatalf("panic: %v", fault)
		}
	}()
	if w.name != kindSet && w.chance(2) {
		w.importOne()
		// Mostly what is imported is what is wanted, and its key is to stay.
		for _, argument := range []string{"subject", "reuse_key"} {
			if _, has := w.config["certificate_pem"]; !has && !w.chance(4) && w.config["csr_pem"] == nil {
				w.config[argument] = w.pools[argument][0]
			}
		}
	}
	for range 12 {
		w.step()
	}
}

func (w *walk) step() {
	switch w.random.IntN(8) {
	case 0:
		by := time.Duration(w.random.IntN(60*24)) * time.Hour
		if w.chance(8) {
			by = -by
		}
		w.note("the clock steps by %v", by)
		w.clock.Step(by)
	case 1:
		w.note("refresh")
		w.refresh(w)
	case 2, 3:
		w.damage()
	default:
		if w.chance(2) {
			w.change()
		}
		w.try(w.managed, true)
	}
}

// importOne begins with a certificate of somebody else.
func (w *walk) importOne() {
	id := w.ids[w.random.IntN(len(w.ids))]
	answer, err := w.server.ImportResourceState(w.Context(), &tfprotov6.ImportResourceStateRequest{TypeName: w.name, ID: id})
	if err != nil {
		w.Fatal(err)
	}
	w.note("import of %s: %q", filepath.Base(id), errorsOf(answer.Diagnostics))
	if len(errorsOf(answer.Diagnostics)) > 0 {
		return
	}
	w.state, w.private = w.decode(w, answer.ImportedResources[0].State), answer.ImportedResources[0].Private
	w.refresh(w)
}

// The ways to come by a certificate, and what each goes with. Other arguments are
// seldom given, since they are refused.
func waysTo(kind string) [][]string {
	lifecycle := []string{"renew_before", "rotation_triggers", "reuse_key", "overlap", "prepublish", "validity"}
	contents := []string{"dns_names", "ip_addresses", "uris", "email_addresses", "extended_key_usages", "max_path_length", "name_constraints", "crl_distribution_points", "ocsp_servers"}
	generated := append([]string{"subject!", "key_algorithm"}, append(lifecycle, contents...)...)
	switch kind {
	case kindSet:
		return [][]string{append([]string{"certificates!", "issuer!", "key_algorithm", "extended_key_usages", "crl_distribution_points", "ocsp_servers"}, lifecycle...)}
	case kindLeaf:
		generated = append(generated, "issuer!")
	case kindCA:
		generated = append(generated, "issuer")
	}
	return [][]string{
		generated, generated, generated,
		append(slices.DeleteFunc(slices.Clone(generated), func(name string) bool { return name == "key_algorithm" }), "private_key_pem_wo!", "private_key_pem_wo_version"),
		{"certificate_pem!", "private_key_pem", "overlap", "prepublish", "renew_before"},
		{"certificate_pem!", "overlap", "prepublish", "issuer"},
		append([]string{"csr_pem!", "issuer!"}, append(lifecycle, contents...)...),
	}
}

// draw draws a whole configuration, one whose arguments mostly go together.
func (w *walk) draw() written {
	config := written{}
	ways := slices.DeleteFunc(waysTo(w.name), func(way []string) bool {
		_, has := w.kind.AttributeTypes[strings.TrimSuffix(way[0], "!")]
		return !has
	})
	for _, name := range ways[w.random.IntN(len(ways))] {
		name, needed := strings.CutSuffix(name, "!")
		if needed || w.chance(4) {
			w.redraw(config, name)
		}
	}
	return config
}

// redraw draws an argument of its pool, if the kind has it.
func (w *walk) redraw(config written, name string) {
	if _, has := w.kind.AttributeTypes[name]; has {
		config[name] = w.pools[name][w.random.IntN(len(w.pools[name]))]
	}
}

// change changes the configuration: a little, or altogether.
func (w *walk) change() {
	if w.chance(6) {
		w.config = w.draw()
		return
	}
	w.config = maps.Clone(w.config)
	given := slices.Sorted(maps.Keys(w.config))
	for range 1 + w.random.IntN(2) {
		name := given[w.random.IntN(len(given))]
		if w.chance(4) {
			name = slices.Sorted(maps.Keys(w.pools))[w.random.IntN(len(w.pools))]
		}
		if w.chance(5) && len(w.config) > 1 {
			delete(w.config, name)
		} else {
			w.redraw(w.config, name)
		}
	}
}

// try plans what is known of the configuration, waits, and applies, if nothing
// of that is refused. sound: the state is what applies have written.
func (w *walk) try(m *managed, sound bool) {
	refreshed := w.chance(2)
	if refreshed {
		w.note("refresh: %q", errorsOf(m.refresh(w)))
	}
	configured := valueOf(m.kind, w.config)
	foreseen := w.foreseen(m, configured)
	w.note("plan of %s, unknown: %s", w.describe(), unknownIn(foreseen))
	planned, diagnostics := m.plan(w, foreseen)
	w.note("planned: %q", errorsOf(diagnostics))
	if len(errorsOf(diagnostics)) > 0 || planned.planned.Equal(m.state) || w.chance(8) {
		return
	}
	waits := w.chance(3)
	if waits {
		w.clock.Step(time.Duration(w.random.IntN(48)) * time.Hour)
	}
	before := m.state
	diagnostics = m.apply(w, configured, planned)
	w.note("apply, waited %t: %q", waits, errorsOf(diagnostics))
	switch {
	case !sound:
	case len(errorsOf(diagnostics)) == 0:
		w.soundAfter(before)
		w.settles(configured, refreshed && !waits)
	case slices.ContainsFunc(errorsOf(diagnostics), func(text string) bool { return strings.Contains(text, "Issuer has no private key") }):
		// Of that its plan has warned: who applies may have the key.
	case !waits && foreseen.Equal(configured):
		w.Fatalf("what was planned is refused at once: %q", errorsOf(diagnostics))
	}
}

// foreseen is what a plan knows of the configuration: some of it is unknown, an
// attribute as a whole or something within. What is uploaded has the next
// generation among its keys at plan, for which an unknown issuer, trigger,
// version or certificate counts as another one: Terraform has it unknown only
// where it is.
func (w *walk) foreseen(m *managed, configured tftypes.Value) tftypes.Value {
	values, prior := m.values(w, configured), m.values(w, m.state)
	if w.chance(2) {
		return configured
	}
	for _, attribute := range m.schema.Block.Attributes {
		name := attribute.Name
		if values[name].IsNull() || !w.chance(6) {
			continue
		}
		counts := slices.Contains([]string{"issuer", "rotation_triggers", "private_key_pem_wo_version", "certificate_pem"}, name)
		if _, uploaded := m.kind.AttributeTypes["overlap"]; uploaded && counts && !m.state.IsNull() && !w.differs(name, values[name], prior) {
			continue
		}
		values[name] = w.veil(values[name])
	}
	return tftypes.NewValue(m.kind, values)
}

// differs reports whether an argument that counts as changed while it is unknown
// is another than that of the state.
func (w *walk) differs(name string, configured tftypes.Value, prior map[string]tftypes.Value) bool {
	pem := func(value tftypes.Value) string {
		var text string
		if !value.IsKnown() || value.IsNull() || value.As(&text) != nil {
			return ""
		}
		certificate, err := pki.ParseCertificate(text)
		if err != nil {
			return ""
		}
		return pki.FingerprintSHA256(certificate)
	}
	switch name {
	case "issuer":
		var before string
		_ = prior["issuer_fingerprint_sha256"].As(&before)
		return pem(w.values(w, configured)["certificate_pem"]) != before
	case "certificate_pem":
		return pem(configured) != pem(prior["certificate_pem"])
	default:
		return !configured.Equal(prior[name])
	}
}

// veil makes a value unknown, or something in it.
func (w *walk) veil(value tftypes.Value) tftypes.Value {
	unknown := tftypes.NewValue(value.Type(), tftypes.UnknownValue)
	var elements map[string]tftypes.Value
	var list []tftypes.Value
	switch {
	case value.IsNull() || w.chance(2):
		return unknown
	case value.As(&elements) == nil && len(elements) > 0:
		elements = maps.Clone(elements)
		names := slices.DeleteFunc(slices.Sorted(maps.Keys(elements)), func(name string) bool { return elements[name].IsNull() })
		if len(names) == 0 {
			return unknown
		}
		name := names[w.random.IntN(len(names))]
		elements[name] = w.veil(elements[name])
		return tftypes.NewValue(value.Type(), elements)
	case value.As(&list) == nil && len(list) > 0:
		list = slices.Clone(list)
		i := w.random.IntN(len(list))
		list[i] = w.veil(list[i])
		return tftypes.NewValue(value.Type(), list)
	default:
		return unknown
	}
}

// settles fails unless plans come to an end: at once, if the apply was decided on
// the present, and otherwise once what has passed meanwhile is made up for. What
// has become due by a new policy is renewed first.
func (w *walk) settles(configured tftypes.Value, present bool) {
	for range 4 {
		if refused := errorsOf(w.refresh(w)); len(refused) > 0 {
			w.Fatalf("what was applied cannot be read: %q", refused)
		}
		planned, diagnostics := w.plan(w, configured)
		if refused := errorsOf(diagnostics); len(refused) > 0 {
			w.note("refused: %q", refused)
			return
		}
		if planned.planned.Equal(w.state) {
			return
		}
		var due bool
		if err := w.values(w, w.state)["renewal_due"].As(&due); err != nil || present && !due {
			w.Fatalf("the plan after an apply is not empty, and nothing is due: %s", inconsistency(planned.planned, w.state))
		}
		w.note("once more, due %t", due)
		if refused := errorsOf(w.apply(w, configured, planned)); len(refused) > 0 {
			w.note("refused: %q", refused)
			return
		}
	}
	w.Fatalf("the fourth plan after an apply is not empty")
}

// soundAfter fails unless what was applied holds together.
func (w *walk) soundAfter(before tftypes.Value) {
	if w.name == kindSet {
		keys, fingerprints := w.texts(w, "private_keys_pem"), w.texts(w, "fingerprints_sha256")
		for name, chain := range w.texts(w, "chains_pem") {
			w.pair(chain, keys[name], fingerprints[name])
		}
		return
	}
	w.pair(w.text(w, "certificate_pem"), w.text(w, "private_key_pem"), w.text(w, "fingerprint_sha256"))
	w.pair(w.text(w, "chain_pem"), w.text(w, "private_key_pem"), w.text(w, "fingerprint_sha256"))
	_, uploaded := w.kind.AttributeTypes["trusted_certificates_pem"]
	active, last := w.number(w.state, "generation"), w.number(before, "generation")
	if !uploaded {
		if active != last && active != last+1 {
			w.Fatalf("generation %d is followed by %d", last, active)
		}
		return
	}
	w.soundGenerations(before, active, last)
}

// soundGenerations fails unless what is uploaded holds together: what is presented
// is trusted, and so is what waits, which has its key beside it; numbers grow.
func (w *walk) soundGenerations(before tftypes.Value, active, last int64) {
	waits, waited := w.number(w.state, "next_generation"), w.number(before, "next_generation")
	trusted := w.texts(w, "trusted_certificates_pem")
	w.pair(trusted[strconv.FormatInt(active, 10)], "", w.text(w, "fingerprint_sha256"))
	if len(trusted) != len(w.values(w, w.values(w, w.state)["trusted_certificates_pem"])) {
		w.Fatal("something that is trusted is null")
	}
	switch {
	case active < last, active > last && waited != 0 && active < waited, waits != 0 && waits <= max(active, waited-1):
		w.Fatalf("generation %d with %d that waits is followed by %d with %d", last, waited, active, waits)
	case active == waited && trusted[strconv.FormatInt(active, 10)] != w.textsOf(before, "trusted_certificates_pem")[strconv.FormatInt(waited, 10)]:
		w.Fatalf("generation %d was another certificate while it waited", active)
	case (waits == 0) != (w.text(w, "next_at") == ""):
		w.Fatalf("generation %d waits until %q", waits, w.text(w, "next_at"))
	case waits == 0 && w.text(w, "next_private_key_pem") != "":
		w.Fatal("a key waits, and no generation")
	case waits != 0:
		next := trusted[strconv.FormatInt(waits, 10)]
		certificate, err := pki.ParseCertificate(next)
		if err != nil {
			w.Fatal(err)
		}
		w.pair(next, w.text(w, "next_private_key_pem"), pki.FingerprintSHA256(certificate))
	}
	w.trustedFirst(before, active, last, waited)
	if waits != waited {
		w.prepared[waits] = w.clock.Now()
	}
}

// trustedFirst fails if something else is presented than before that was not
// trusted for as long as is configured, unless what was presented has ended.
func (w *walk) trustedFirst(before tftypes.Value, active, last, waited int64) {
	ahead, err := time.ParseDuration(fmt.Sprint(w.config["prepublish"]))
	if before.IsNull() || active == last || err != nil || ahead <= 0 || w.config["overlap"] == "0s" {
		return
	}
	presented, err := pki.ParseCertificate(w.textOf(before, "certificate_pem"))
	if err != nil {
		w.Fatal(err)
	}
	if !w.clock.Now().Before(presented.NotAfter) {
		return
	}
	since, was := w.prepared[waited]
	if active != waited || !was || w.clock.Now().Before(since.Add(ahead)) {
		w.Fatalf("generation %d is presented, prepared %v, with prepublish %v", active, since, ahead)
	}
}

// number is a whole number of a state; 0 if it is null.
func (w *walk) number(state tftypes.Value, attribute string) int64 {
	var number *big.Float
	if state.IsNull() || w.values(w, state)[attribute].As(&number) != nil || number == nil {
		return 0
	}
	whole, _ := number.Int64()
	return whole
}

// textOf and textsOf are those of another state than the present one.
func (w *walk) textOf(state tftypes.Value, attribute string) string {
	m := w.copied()
	m.state = state
	return m.text(w, attribute)
}

func (w *walk) textsOf(state tftypes.Value, attribute string) map[string]string {
	m := w.copied()
	m.state = state
	return m.texts(w, attribute)
}

// pair fails unless a chain begins with the certificate of that fingerprint, and
// the key beside it is its own.
func (w *walk) pair(chain, key, fingerprint string) {
	certificates, err := pki.ParseCertificates(chain)
	if err != nil {
		w.Fatal(err)
	}
	if pki.FingerprintSHA256(certificates[0]) != fingerprint {
		w.Fatalf("the chain begins with another certificate than that of fingerprint %s", fingerprint)
	}
	for i, certificate := range certificates[1:] {
		if !pki.SignedBy(certificates[i], certificate) {
			w.Fatalf("certificate %d of the chain did not sign the one before", i+2)
		}
	}
	if key == "" {
		return
	}
	if _, err := tls.X509KeyPair([]byte(pki.EncodeCertificates([]*x509.Certificate{certificates[0]}...)), []byte(key)); err != nil {
		w.Fatal(err)
	}
}

// damage damages a copy of the resource, and goes on with that for a while.
func (w *walk) damage() {
	if w.state.IsNull() {
		return
	}
	m := w.copied()
	names := slices.Sorted(maps.Keys(m.kind.AttributeTypes))
	for range 1 + w.random.IntN(3) {
		name := names[w.random.IntN(len(names))]
		switch w.random.IntN(4) {
		case 0:
			m.private = w.damagedPrivate(m.private)
			w.note("private state is damaged: %q", m.private)
		case 1:
			if name == "certificates" {
				break // a map of objects: what else is in it stands among the pools
			}
			damaged := damages(m.kind.AttributeTypes[name])
			m.set(w, written{name: damaged[w.random.IntN(len(damaged))]})
			w.note("%s is damaged", name)
		case 2:
			w.damageWithin(m, name)
		default:
			if pool := w.pools[name]; len(pool) > 0 {
				m.set(w, written{name: pool[w.random.IntN(len(pool))]})
				w.note("%s is another's", name)
			}
		}
	}
	for _, attribute := range m.schema.Block.Attributes {
		if attribute.WriteOnly {
			m.set(w, written{attribute.Name: nil})
		}
	}
	now := w.clock.Now()
	for range 2 {
		w.try(m, false)
	}
	w.clock.set(now)
	w.note("the damage is undone")
}

// damageWithin damages an element of a map of strings.
func (w *walk) damageWithin(m *managed, name string) {
	kind, is := m.kind.AttributeTypes[name].(tftypes.Map)
	if !is || !kind.ElementType.Is(tftypes.String) {
		return
	}
	keys := append(slices.Sorted(maps.Keys(m.values(w, m.values(w, m.state)[name]))), "7", "first")
	values := []any{nil, gone{}, "", "garbage", w.pools["certificate_pem"][0], w.pools["private_key_pem"][0]}
	key, value := keys[w.random.IntN(len(keys))], values[w.random.IntN(len(values))]
	m.setEntry(w, name, key, value)
	w.note("%s of %s is damaged: %.30v", key, name, value)
}

// damagedPrivate is private state that somebody has edited.
func (w *walk) damagedPrivate(private []byte) []byte {
	var texts map[string][]byte
	if json.Unmarshal(private, &texts) != nil || w.chance(4) {
		return [][]byte{nil, []byte("garbage"), []byte("{}"), private[:len(private)/2]}[w.random.IntN(4)]
	}
	for key := range texts {
		texts[key] = []byte([]string{
			"garbage", "null", "[]", "7", "{}", `{"version":99}`, `{"version":1}`, `{"superseded":{"1":"2030-06-15T12:00:00Z","-1":"2030-06-15T12:00:00Z"}}`,
			`{"superseded":{"1":7}}`, `{"observed":"2000-01-01T00:00:00Z"}`, `{"observed":"9999-01-01T00:00:00Z"}`, `{"observed":""}`,
		}[w.random.IntN(12)])
	}
	encoded, err := json.Marshal(texts)
	if err != nil {
		w.Fatal(err)
	}
	return encoded
}

func (w *walk) chance(one int) bool { return w.random.IntN(one) == 0 }

func (w *walk) note(format string, arguments ...any) {
	w.log = append(w.log, w.clock.Now().Format(time.RFC3339)+" "+fmt.Sprintf(format, arguments...))
}

// describe writes the configuration without its PEM.
func (w *walk) describe() string {
	parts := []string{}
	for _, name := range slices.Sorted(maps.Keys(w.config)) {
		text := fmt.Sprint(w.config[name])
		if pool := slices.IndexFunc(w.pools[name], func(value any) bool { return fmt.Sprint(value) == text }); strings.Contains(text, "-----BEGIN") {
			text = fmt.Sprintf("number %d", pool)
		}
		parts = append(parts, name+"="+text)
	}
	return strings.Join(parts, " ")
}

// A walk reports with the way that led there.

func (w *walk) Helper()                  {}
func (w *walk) Context() context.Context { return w.t.Context() }
func (w *walk) Fatal(arguments ...any)   { w.Fatalf("%s", fmt.Sprint(arguments...)) }

func (w *walk) Fatalf(format string, arguments ...any) {
	w.t.Helper()
	w.t.Fatalf("seed %d: %s\n%s", w.seed, fmt.Sprintf(format, arguments...), strings.Join(w.log, "\n"))
}
