package provider

import (
	"fmt"
	"maps"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/trustplane/terraform-provider-mtls/internal/pkitest"
	"github.com/trustplane/terraform-provider-mtls/internal/seeds"
)

const (
	kindPin     = "mtls_pinned_certificate"
	kindRequest = "mtls_certificate_request"
)

// wildText moves the cursor, turns the direction of writing and ends a line, on a
// terminal that is shown it.
const wildText = "a\x1b[31mred\x1b]0;title\x07\u202egnp\u2066\r\nb\u009b31m\x7f\u200b\t"

// A torturer puts what nobody means in place of each argument.
type torturer struct {
	key, certificate, chain string
	secrets                 []string // lines of the key
	seen                    map[string]bool
}

func newTorturer(tb testing.TB) *torturer {
	tb.Helper()
	graph := pkitest.Build(tb, "edge <- issuing <- root")
	key := keyPEM(tb, graph.Key("edge"))
	lines := strings.Split(strings.TrimSpace(key), "\n")
	return &torturer{key, graph.PEM("edge"), graph.PEM("edge issuing"), lines[1 : len(lines)-1], map[string]bool{}}
}

func (w *torturer) texts() []string {
	return []string{
		"", wildText, strings.Repeat("a", 20_000), "\xff\xfe\x00", w.key, w.certificate + w.key, strings.ReplaceAll(w.key[:len(w.key)/2], "\n", " "),
		"-----BEGIN " + wildText + "-----\nAAAA\n-----END " + wildText + "-----\n",
	}
}

// values are what is put in place of a value of a type.
func (w *torturer) values(kind tftypes.Type) []tftypes.Value {
	all := []tftypes.Value{tftypes.NewValue(kind, nil), tftypes.NewValue(kind, tftypes.UnknownValue)}
	switch {
	case kind.Is(tftypes.String):
		for _, text := range w.texts() {
			all = append(all, tftypes.NewValue(kind, text))
		}
	case kind.Is(tftypes.Number):
		for _, number := range []any{-1, int64(math.MaxInt64), int64(math.MinInt64), 1.5, 1e300} {
			all = append(all, tftypes.NewValue(kind, number))
		}
	case kind.Is(tftypes.Bool):
		all = append(all, tftypes.NewValue(kind, true), tftypes.NewValue(kind, false))
	}
	switch kind := kind.(type) {
	case tftypes.List:
		all = append(all, tftypes.NewValue(kind, []tftypes.Value{}))
		for _, element := range w.values(kind.ElementType) {
			all = append(all, tftypes.NewValue(kind, []tftypes.Value{element, element}))
		}
	case tftypes.Map:
		all = append(all, tftypes.NewValue(kind, map[string]tftypes.Value{}))
		for i, element := range w.values(kind.ElementType) {
			all = append(all, tftypes.NewValue(kind, map[string]tftypes.Value{[]string{"a", "", wildText, strings.Repeat("k", 5000)}[i%4]: element}))
		}
	case tftypes.Object:
		empty := map[string]tftypes.Value{}
		for name, attribute := range kind.AttributeTypes {
			empty[name] = tftypes.NewValue(attribute, nil)
		}
		all = append(all, tftypes.NewValue(kind, empty))
	}
	return all
}

// tortured are all configurations that differ from one at one place.
func (w *torturer) tortured(value tftypes.Value, settable func(string) bool) map[string]tftypes.Value {
	all := map[string]tftypes.Value{}
	within := map[string]tftypes.Value{}
	if object, is := value.Type().(tftypes.Object); is {
		if value.IsNull() || !value.IsKnown() || value.As(&within) != nil {
			return all
		}
		for _, name := range slices.Sorted(maps.Keys(object.AttributeTypes)) {
			if !settable(name) {
				continue
			}
			instead := func(at string, other tftypes.Value) {
				values := maps.Clone(within)
				values[name] = other
				all[name+at] = tftypes.NewValue(object, values)
			}
			for i, other := range w.values(object.AttributeTypes[name]) {
				instead(fmt.Sprintf("/%d", i), other)
			}
			for at, other := range w.tortured(within[name], func(string) bool { return true }) {
				instead("."+at, other)
			}
		}
		return all
	}
	if object, is := value.Type().(tftypes.Map); is && value.IsKnown() && value.As(&within) == nil {
		for key, element := range within {
			for at, other := range w.tortured(element, func(string) bool { return true }) {
				values := maps.Clone(within)
				values[key] = other
				all[key+"."+at] = tftypes.NewValue(object, values)
			}
		}
	}
	return all
}

// wantPresentable fails unless diagnostics can be shown: no private key, nothing
// that moves a cursor, and not a page for a value that is long.
func (w *torturer) wantPresentable(t *testing.T, at string, diagnostics []*tfprotov6.Diagnostic) {
	t.Helper()
	for _, one := range diagnostics {
		text := one.Summary + "\n" + one.Detail
		if w.seen[text] {
			continue
		}
		w.seen[text] = true
		for _, secret := range w.secrets {
			if strings.Contains(text, secret) {
				t.Errorf("%s: shows a private key: %.300q", at, text)
			}
		}
		if i := strings.IndexFunc(text, func(r rune) bool { return r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r)) }); i >= 0 {
			t.Errorf("%s: a raw control character: %.300q", at, text[max(0, i-150):])
		}
		if len(text) > 3000 {
			t.Errorf("%s: %d characters: %.200q", at, len(text), text)
		}
		if frameworksOwn(one) {
			continue
		}
		if strings.Contains(text, "bug in the provider") || strings.Contains(text, "provider developer") || strings.Contains(text, "%!") {
			t.Errorf("%s: %.300q", at, text)
		}
		if one.Severity == tfprotov6.DiagnosticSeverityError && one.Attribute == nil {
			t.Errorf("%s: names no attribute: %.300q", at, text)
		}
	}
}

// turnsOut is a configuration at apply: text stands where strings were unknown,
// and null where other values were.
func turnsOut(t *testing.T, config tftypes.Value, text any) tftypes.Value {
	t.Helper()
	known, err := tftypes.Transform(config, func(_ *tftypes.AttributePath, value tftypes.Value) (tftypes.Value, error) {
		switch kind := value.Type(); {
		case value.IsKnown():
			return value, nil
		case kind.Is(tftypes.String):
			return tftypes.NewValue(kind, text), nil
		default:
			return tftypes.NewValue(kind, nil), nil
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return known
}

// frameworksOwn reports what the framework says by itself, in its own words: of a
// fraction where a whole number is meant, of what is required and null, and, about
// no attribute, of several of which one is wanted and none is given.
func frameworksOwn(one *tfprotov6.Diagnostic) bool {
	return strings.Contains(one.Detail, "*big.Float") || slices.Contains([]string{"Missing Configuration for Required Attribute", "Missing Attribute Configuration"}, one.Summary)
}

func torturedConfigs(tb testing.TB, f *fleet) map[string][]written {
	tb.Helper()
	graph := pkitest.Build(tb, "edge <- issuing <- root")
	subject := written{"common_name": "it", "organizational_units": []string{"a"}, "domain_components": []string{"acme"}}
	names := written{"dns_names": []string{"it.example"}, "ip_addresses": []string{"10.0.0.1"}, "uris": []string{"spiffe://a/b"}, "email_addresses": []string{"a@a.example"}}
	lists := written{"crl_distribution_points": []string{"http://a.example/crl"}, "ocsp_servers": []string{"http://a.example"}}
	triggers := written{"rotation_triggers": written{"a": "b"}, "renew_before": "24h"}
	join := func(all ...written) written {
		joined := written{}
		for _, one := range all {
			maps.Copy(joined, one)
		}
		return joined
	}
	generated := join(written{"subject": subject}, triggers)
	issued := join(generated, written{"issuer": f.issuer}, lists)
	return map[string][]written{
		kindCA: {
			join(issued, written{"name_constraints": written{"permitted_dns_domains": []string{"example"}}, "max_path_length": 0, "overlap": "1h"}),
			{"certificate_pem": graph.PEM("root")},
			{"certificate_pem": graph.PEM("issuing"), "private_key_pem": keyPEM(tb, graph.Key("issuing"))},
		},
		kindPin:  {join(generated, names, written{"overlap": "1h", "prepublish": "1h"}), {"certificate_pem": graph.PEM("edge"), "private_key_pem": keyPEM(tb, graph.Key("edge"))}},
		kindLeaf: {join(issued, names, written{"extended_key_usages": []string{"client_auth"}}), {"certificate_pem": graph.PEM("edge")}},
		kindSet: {join(issued, written{
			"subject":      written{"organization": "Acme"},
			"certificates": written{"a": join(written{"common_name": "a", "subject": written{"locality": "Fulda"}}, names, lists), "b": written{"common_name": "b"}},
		})},
		kindRequest: {join(generated, names), join(generated, written{"ca": true, "max_path_length": 1, "name_constraints": written{"permitted_dns_domains": []string{"example"}}})},
		kindList: {{
			"issuer": f.issuer, "active_certificates_pem": []string{graph.PEM("edge")}, "grace": "1h", "validity": "48h", "renew_before": "1h",
			"rotation_triggers": written{"a": "b"}, "issuing_distribution_points": []string{"http://a.example/crl"},
		}},
	}
}

// Whatever stands in place of an argument, there is no panic; what is planned is
// what is applied, with unknown values that turn out to be anything; and every
// diagnostic can be shown and names its attribute.
func TestEveryArgumentTortured(t *testing.T) {
	t.Parallel()
	w, f := newTorturer(t), newFleet(t)
	for kind, configs := range torturedConfigs(t, f) {
		for i, config := range configs {
			t.Run(fmt.Sprintf("%s/%d", kind, i), func(t *testing.T) {
				t.Parallel()
				own := *w
				own.seen = map[string]bool{}
				own.torture(t, kind, config)
			})
		}
	}
}

// torture tries a configuration with one place after the other damaged, in turns
// for a resource that is to be made and for one that is there.
func (w *torturer) torture(t *testing.T, kind string, config written) {
	t.Helper()
	m := newManaged(t, kind, newStepClock())
	m.must(t, config)
	created, sound := newManaged(t, kind, m.clock), valueOf(m.kind, config)
	created.server = m.server
	settable := map[string]bool{}
	for _, attribute := range m.schema.Block.Attributes {
		settable[attribute.Name] = attribute.Optional || attribute.Required
	}
	all := w.tortured(sound, func(name string) bool { return settable[name] })
	shares := 6 // of which a run takes the first, and the weekly one all
	if os.Getenv(seeds.Variable) != "" {
		shares = 1
	}
	for i, at := range slices.Sorted(maps.Keys(all)) {
		if i%shares != 0 {
			continue
		}
		from, when := created, "create"
		if i/shares%2 == 1 {
			from, when = m, "update"
		}
		one, tortured, here := from.copied(), all[at], place{t, kind + " " + when + " " + at}
		made, diagnostics := one.plan(here, tortured)
		w.wantPresentable(t, here.at, diagnostics)
		if len(errorsOf(diagnostics)) > 0 {
			continue
		}
		known := turnsOut(t, tortured, []any{nil, wildText, "48h"}[i/shares%3])
		w.wantPresentable(t, "apply of "+here.at, one.apply(here, known, made))
		w.wantPresentable(t, "refresh after "+here.at, one.refresh(here))
	}
}

// A place says in failures which configuration they are about.
type place struct {
	*testing.T
	at string
}

func (p place) Fatalf(format string, arguments ...any) {
	p.Helper()
	p.T.Fatalf(p.at+": "+format, arguments...)
}
