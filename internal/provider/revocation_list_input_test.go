package provider

import (
	"crypto/x509"
	"fmt"
	"math/big"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	tfstate "github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/pkitest"
)

// A listed CA and what it has issued, as a configuration gives them.
type listedCA struct {
	graph  *pkitest.Graph
	clock  *stepClock
	config written
}

func newListedCA(t *testing.T) *listedCA {
	t.Helper()
	graph := pkitest.Build(t, `
		leaf <- root
		second <- root
		foreign <- other
	`, pkitest.With("root", pkitest.Template(maySignLists)), pkitest.With("other", pkitest.Template(maySignLists)))
	return &listedCA{graph: graph, clock: clockAt(pkitest.Now()), config: written{"issuer": issuerOf(t, graph, "root")}}
}

func (c *listedCA) serial(name string) string { return pki.SerialNumber(c.graph.Certificate(name)) }

// What is wrong is reported at plan, on its attribute, and nothing is signed.
func TestRevocationListRefusesBadInput(t *testing.T) {
	t.Parallel()
	c := newListedCA(t)
	withoutRight := issuerOf(t, pkitest.Build(t, "leaf <- deaf", pkitest.With("deaf", pkitest.Template(func(template *x509.Certificate) {
		template.KeyUsage &^= x509.KeyUsageCRLSign
	}))), "deaf")
	later := c.clock.Now().Add(time.Hour).Format(time.RFC3339)
	for name, test := range map[string]struct {
		config written
		want   []string // parts of the one error
	}{
		"an issuer without cRLSign":           {written{"issuer": withoutRight}, []string{`AttributeName("issuer")`, "Issuer may not sign revocation lists", "cRLSign"}},
		"an issuer that is not a CA":          {written{"issuer": issuerOf(t, c.graph, "leaf")}, []string{`AttributeName("issuer")`, "Issuer is not a CA"}},
		"an issuer without a key":             {written{"issuer": written{"certificate_pem": c.graph.PEM("root")}}, []string{`AttributeName("issuer")`, "Issuer has no private key"}},
		"another CA's key":                    {written{"issuer": written{"certificate_pem": c.graph.PEM("root"), "private_key_pem": keyPEM(t, c.graph.Key("other"))}}, []string{`AttributeName("issuer")`, "Issuer's key does not match"}},
		"a serial number that is no number":   {written{"revoked": []any{written{"serial_number": "edge-1"}}}, []string{`AttributeName("revoked").ElementKeyInt(0)`, "Invalid serial number", "revoked[0].serial_number", `"edge-1"`}},
		"a serial number of zero":             {written{"revoked": []any{written{"serial_number": "00"}}}, []string{`AttributeName("revoked").ElementKeyInt(0)`, "Invalid serial number", "Zero"}},
		"a negative serial number":            {written{"revoked": []any{written{"serial_number": "-1"}}}, []string{"Invalid serial number"}},
		"a serial number of 21 bytes":         {written{"revoked": []any{written{"serial_number": strings.Repeat("ab", 21)}}}, []string{"Invalid serial number", "21 bytes"}},
		"neither number nor certificate":      {written{"revoked": []any{written{"reason": "superseded"}}}, []string{`AttributeName("revoked").ElementKeyInt(0)`, "Serial number or certificate"}},
		"both number and certificate":         {written{"revoked": []any{written{"serial_number": "1", "certificate_pem": c.graph.PEM("leaf")}}}, []string{"Serial number or certificate"}},
		"a certificate of another CA":         {written{"revoked": []any{written{"serial_number": "1"}, written{"certificate_pem": c.graph.PEM("foreign")}}}, []string{`AttributeName("revoked").ElementKeyInt(1)`, "Certificate of another issuer", "revoked[1].certificate_pem"}},
		"the number of another CA's":          {written{"active_certificates_pem": []string{c.graph.PEM("leaf"), c.graph.PEM("foreign")}, "revoked": []any{written{"serial_number": c.serial("foreign")}}}, []string{`AttributeName("revoked").ElementKeyInt(0)`, "Serial number of another CA"}},
		"the CA's own number":                 {written{"revoked": []any{written{"serial_number": c.serial("root")}}}, []string{"Serial number of another CA"}},
		"a date in the future":                {written{"revoked": []any{written{"serial_number": "1", "revoked_at": later}}}, []string{`AttributeName("revoked").ElementKeyInt(0)`, "Date in the future", "revoked[0].revoked_at"}},
		"a date that is none":                 {written{"revoked": []any{written{"serial_number": "1", "revoked_at": "yesterday"}}}, []string{`AttributeName("revoked").ElementKeyInt(0)`, "Invalid revocation", `revoked[0]: the attribute "revoked_at": "yesterday" is not an instant in RFC 3339`}},
		"an unknown reason":                   {written{"revoked": []any{written{"serial_number": "1", "reason": "boredom"}}}, []string{`AttributeName("revoked").ElementKeyInt(0)`, "Invalid revocation", `the attribute "reason": "boredom" is not a reason`, "key_compromise"}},
		"a text for a list":                   {written{"revoked": "0a1b"}, []string{`AttributeName("revoked")`, "Invalid revocations", "A list is wanted, and this is a string"}},
		"an object for a list":                {written{"revoked": written{"serial_number": "0a1b"}}, []string{`AttributeName("revoked")`, "A list is wanted, and this is an object"}},
		"a text for an entry":                 {written{"revoked": []any{"0a1b"}}, []string{`AttributeName("revoked").ElementKeyInt(0)`, "Invalid revocation", "revoked[0]: an object is wanted, and this is a string"}},
		"an entry that is null":               {written{"revoked": []any{written{"serial_number": "1"}, nil}}, []string{`AttributeName("revoked").ElementKeyInt(1)`, "Null element", "revoked[1] is null"}},
		"a slip in a name":                    {written{"revoked": []any{written{"serial": "0a1b"}}}, []string{`AttributeName("revoked").ElementKeyInt(0)`, "Invalid revocation", `unknown attribute "serial", the attributes are serial_number, certificate_pem, reason, revoked_at`}},
		"a serial number in decimal":          {written{"revoked": []any{written{"serial_number": 12}}}, []string{`AttributeName("revoked").ElementKeyInt(0)`, `the attribute "serial_number": a string is wanted, and this is a number`}},
		"a text for a certificate":            {written{"revoked": []any{written{"certificate_pem": "edge"}}}, []string{`AttributeName("revoked").ElementKeyInt(0)`, "Invalid revocation", `the attribute "certificate_pem": `}},
		"two slips in one entry":              {written{"revoked": []any{written{"serial_number": true, "reason": 1}}}, []string{`"serial_number": a string is wanted, and this is a boolean; the attribute "reason": a string is wanted, and this is a number`}},
		"twice, for different reasons":        {written{"revoked": []any{written{"serial_number": "0a1b", "reason": "superseded"}, written{"serial_number": "0A:1B", "reason": "key_compromise"}}}, []string{`AttributeName("revoked").ElementKeyInt(1)`, "Certificate revoked twice", "entry 0"}},
		"twice, as number and as certificate": {written{"revoked": []any{written{"serial_number": c.serial("leaf"), "reason": "superseded"}, written{"certificate_pem": c.graph.PEM("leaf")}}}, []string{`AttributeName("revoked").ElementKeyInt(1)`, "Certificate revoked twice"}},
		"a validity that cannot be kept":      {written{"validity": "30s"}, []string{`AttributeName("validity")`, "Validity too short"}},
		"no validity at all":                  {written{"validity": "0s"}, []string{`AttributeName("validity")`, "Validity too short"}},
		"renewed as soon as it is signed":     {written{"validity": "24h", "renew_before": "24h"}, []string{`AttributeName("renew_before")`, "Invalid lifecycle settings"}},
		"a negative grace":                    {written{"grace": "-1h"}, []string{`AttributeName("grace")`, "Negative duration"}},
		"a grace that is none":                {written{"grace": "3 days"}, []string{`AttributeName("grace")`, "Invalid duration"}},
		"an active text that is none":         {written{"active_certificates_pem": []string{c.graph.PEM("leaf"), "edge"}}, []string{`AttributeName("active_certificates_pem").ElementKeyInt(1)`, "Unreadable certificate"}},
		"an active one that is null":          {written{"active_certificates_pem": []any{nil}}, []string{`AttributeName("active_certificates_pem").ElementKeyInt(0)`, "Null element"}},
		"a place that is no URL":              {written{"issuing_distribution_points": []string{"/crl"}}, []string{`AttributeName("issuing_distribution_points").ElementKeyInt(0)`, "Invalid URL"}},
	} {
		ofTheIssuer := []string{"a certificate of another CA", "the number of another CA's", "the CA's own number"}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newManaged(t, kindList, c.clock)
			refused := errorsOf(m.run(t, with(c.config, test.config)))
			if len(refused) != 1 {
				t.Errorf("reported %d errors, want one: %q", len(refused), refused)
			}
			wantReport(t, refused, test.want...)
			if !m.state.IsNull() {
				t.Error("a list was signed")
			}
			for _, also := range []string{"active_certificates_pem", "issuer", "rotation_triggers"} {
				if _, given := test.config[also]; given || also == "issuer" && slices.Contains(ofTheIssuer, name) {
					continue
				}
				_, reported := m.plan(t, valueOf(m.kind, written(with(with(c.config, test.config), written{also: unknownValue{}}))))
				if refused := errorsOf(reported); len(refused) != 1 {
					t.Errorf("while %s is unknown, %d errors are reported, want one: %q", also, len(refused), refused)
				} else {
					wantReport(t, refused, test.want...)
				}
			}
		})
	}
}

// Whatever is not known yet is no reason to refuse a plan.
func TestRevocationListPlansWithUnknownEntries(t *testing.T) {
	t.Parallel()
	c := newListedCA(t)
	for name, revoked := range map[string]any{
		"all":           unknownValue{},
		"an entry":      []any{written{"serial_number": "0a1b"}, unknownValue{}},
		"a number":      []any{written{"serial_number": unknownValue{}}, written{"serial_number": "0a1b"}},
		"a certificate": []any{written{"certificate_pem": unknownValue{}}},
		"a reason":      []any{written{"serial_number": "0a1b", "reason": unknownValue{}}, written{"serial_number": "0a1b", "reason": "superseded"}},
		"a date":        []any{written{"certificate_pem": c.graph.PEM("leaf"), "revoked_at": unknownValue{}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newManaged(t, kindList, c.clock)
			proposed, reported := m.plan(t, valueOf(m.kind, written(with(c.config, written{"revoked": revoked}))))
			if refused := errorsOf(reported); len(refused) > 0 {
				t.Fatalf("refused: %q", refused)
			}
			if attributes(t, proposed.planned)["revoked_serial_numbers"].IsKnown() {
				t.Error("the plan says what will be on the list")
			}
		})
	}
}

// Of a thousand mistakes of one kind fifty are reported, as of a set, and how many
// more there are.
func TestRevocationListReportsTheFirstOfAThousandMistakes(t *testing.T) {
	t.Parallel()
	c := newListedCA(t)
	for name, entry := range map[string]written{
		"a slip in a name":    {"serial": "0a"},
		"no serial number":    {"reason": "superseded"},
		"an invalid number":   {"serial_number": "edge"},
		"the CA's own number": {"serial_number": c.serial("root")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var revoked []any
			for range 1000 {
				revoked = append(revoked, entry)
			}
			refused := errorsOf(newManaged(t, kindList, c.clock).run(t, with(c.config, written{"revoked": revoked})))
			if len(refused) != 50 {
				t.Fatalf("%d errors are reported, want fifty", len(refused))
			}
			wantReport(t, refused[49:], `AttributeName("revoked").ElementKeyInt(49)`, "950 more")
		})
	}
}

// maySignLists gives a CA of a drawing the right to sign revocation lists.
func maySignLists(template *x509.Certificate) { template.KeyUsage |= x509.KeyUsageCRLSign }

// What is odd, and no error, is warned of on its attribute.
func TestRevocationListWarns(t *testing.T) {
	t.Parallel()
	c := newListedCA(t)
	life := c.graph.Certificate("leaf").NotAfter.Sub(c.graph.Certificate("leaf").NotBefore)
	for name, test := range map[string]struct {
		config  written
		want    []string
		revoked []string // nodes
	}{
		"an active certificate of another issuer": {
			written{"active_certificates_pem": []string{c.graph.PEM("leaf"), c.graph.PEM("foreign"), c.graph.PEM("second")}},
			[]string{`AttributeName("active_certificates_pem").ElementKeyInt(1)`, "Certificate of another issuer", "CN=foreign"}, nil,
		},
		"a grace longer than the certificate lives": {
			written{"active_certificates_pem": []string{c.graph.PEM("leaf")}, "grace": (life + time.Hour).String()},
			[]string{`AttributeName("grace")`, "Grace is longer than the certificate lives", c.serial("leaf")}, nil,
		},
		"a revoked certificate in use": {
			written{"active_certificates_pem": []string{c.graph.PEM("leaf")}, "revoked": []any{written{"serial_number": c.serial("leaf")}}},
			[]string{`AttributeName("active_certificates_pem")`, "Active certificate is revoked", c.serial("leaf")}, []string{"leaf"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newManaged(t, kindList, c.clock)
			reported := m.run(t, with(c.config, test.config))
			if refused := errorsOf(reported); len(refused) > 0 {
				t.Fatalf("refused: %q", refused)
			}
			wantReport(t, warningsOf(reported), test.want...)
			// Another issuer's certificate is not revoked when it is no longer active.
			m.must(t, with(c.config, written{"active_certificates_pem": []string{c.graph.PEM("leaf"), c.graph.PEM("second")}, "grace": "0s", "revoked": test.config["revoked"]}))
			var want []string
			for _, name := range test.revoked {
				want = append(want, c.serial(name))
			}
			if got := m.revokedSerials(t); !slices.Equal(got, want) {
				t.Errorf("revoked are %v, want %v", got, want)
			}
		})
	}
}

// A serial number is read however it is written, and the same entry may be written
// twice.
func TestRevocationListReadsSerialNumbers(t *testing.T) {
	t.Parallel()
	c := newListedCA(t)
	m := newManaged(t, kindList, c.clock)
	m.must(t, with(c.config, written{"revoked": []any{
		written{"serial_number": "0A:1B"}, written{"serial_number": "0x0a1b"}, written{"serial_number": "A1B"},
		written{"serial_number": c.serial("leaf"), "reason": "superseded"}, written{"certificate_pem": c.graph.PEM("leaf"), "reason": "superseded"},
	}}))
	want := []string{"a1b", c.serial("leaf")}
	if got := m.revokedSerials(t); !slices.Equal(got, want) {
		t.Errorf("revoked are %v, want %v", got, want)
	}
	before := m.state
	m.must(t, with(c.config, written{"revoked": []any{
		written{"certificate_pem": c.graph.PEM("leaf"), "reason": "superseded"}, written{"serial_number": "a1b"},
	}}))
	if !m.state.Equal(before) {
		t.Error("another order and another spelling signed a new list")
	}
	m.must(t, c.config)
	if got := m.revokedSerials(t); !slices.Equal(got, want) {
		t.Errorf("what was taken out of revoked went from the list: %v", got)
	}
}

// A table has a cell for every attribute, also where there is nothing to say.
func TestRevocationListReadsTables(t *testing.T) {
	t.Parallel()
	c := newListedCA(t)
	row := func(serial, certificate, reason, at string) written {
		return written{"serial_number": serial, "certificate_pem": certificate, "reason": reason, "revoked_at": at}
	}
	m := newManaged(t, kindList, c.clock)
	m.must(t, with(c.config, written{"revoked": []any{row("0a1b", "", "", ""), row("", c.graph.PEM("leaf"), "superseded", "2020-01-01T00:00:00Z")}}))
	if got, want := m.revokedSerials(t), []string{"a1b", c.serial("leaf")}; !slices.Equal(got, want) {
		t.Errorf("revoked are %v, want %v", got, want)
	}
	refused := errorsOf(m.run(t, with(c.config, written{"revoked": []any{row("", "", "superseded", "")}})))
	wantReport(t, refused, `AttributeName("revoked").ElementKeyInt(0)`, "Serial number or certificate")
}

// To forget active_certificates_pem is not to revoke everything.
func TestRevocationListDoesNotRevokeEverythingByOmission(t *testing.T) {
	t.Parallel()
	c := newListedCA(t)
	m := newManaged(t, kindList, c.clock)
	m.must(t, with(c.config, written{"grace": "0s"}))
	m.must(t, with(c.config, written{"grace": "0s", "active_certificates_pem": []string{}})) // from null to empty
	m.must(t, with(c.config, written{"grace": "0s", "active_certificates_pem": []string{c.graph.PEM("leaf"), c.graph.PEM("second")}}))
	refused := errorsOf(m.run(t, with(c.config, written{"grace": "0s"})))
	wantReport(t, refused, `AttributeName("active_certificates_pem")`, "no longer given", "2 certificates", "ignore_changes")
	m.must(t, with(c.config, written{"grace": "0s", "active_certificates_pem": []string{}}))
	if got := m.revokedSerials(t); len(got) != 2 {
		t.Errorf("revoked are %v", got)
	}
	m.must(t, with(c.config, written{"grace": "0s"})) // there is nothing more to revoke
}

// With ignore_changes nothing changes, and a list that is due is warned of: what is
// write-only is not passed to the plan then, and that revokes nothing.
func TestRevocationListIgnoresChanges(t *testing.T) {
	t.Parallel()
	clock := newStepClock()
	ignoring := func(what string) string {
		return listed(`"one", "two"`, "grace = \"0s\"\nlifecycle {\n  ignore_changes = "+what+"\n}\n")
	}
	var list string
	same := func(state *tfstate.State) error {
		if stored(t, state, atList, "crl_pem") != list {
			t.Error("another list was signed")
		}
		return nil
	}
	terraform(t, clock.Now,
		resource.TestStep{Config: listed(`"one", "two"`, `grace = "0s"`), Check: func(state *tfstate.State) error {
			list = stored(t, state, atList, "crl_pem")
			return nil
		}},
		resource.TestStep{Config: ignoring("all"), Check: same},
		resource.TestStep{Config: ignoring("[issuer]"), Check: same},
		resource.TestStep{Config: ignoring("[active_certificates_pem]"), ExpectError: regexp.MustCompile("Active certificates are no longer given")},
		resource.TestStep{PreConfig: func() { clock.Step(7 * day) }, Config: ignoring("all"), Check: same},
	)
}

// Damage is an error, and nothing is forgotten.
func TestDamagedRevocationListIsRefused(t *testing.T) {
	t.Parallel()
	c := newListedCA(t)
	m := newManaged(t, kindList, c.clock)
	config := with(c.config, written{"active_certificates_pem": []string{c.graph.PEM("leaf")}, "revoked": []any{written{"serial_number": "0a1b"}}})
	m.must(t, config)
	other := newManaged(t, kindList, c.clock)
	other.must(t, with(config, written{"revoked": []any{written{"serial_number": "0a1c"}}}))
	for name, damage := range map[string]func(m *managed){
		"text":                   func(m *managed) { m.set(t, written{"crl_pem": "list"}) },
		"another list":           func(m *managed) { m.set(t, written{"crl_pem": other.text(t, "crl_pem")}) },
		"another private state":  func(m *managed) { m.private = other.private },
		"no private state":       func(m *managed) { m.private = nil },
		"unreadable record":      func(m *managed) { m.private = []byte(`{"revocation":"W10="}`) },
		"a later version":        func(m *managed) { m.private = []byte(`{"revocation":"eyJ2ZXJzaW9uIjo5fQ=="}`) },
		"an earlier list":        func(m *managed) { m.set(t, written{"earlier_crls_pem": written{"1": "list"}}) },
		"an earlier list's name": func(m *managed) { m.set(t, written{"earlier_crls_pem": written{"one": other.text(t, "crl_pem")}}) },
	} {
		t.Run(name, func(t *testing.T) {
			damaged := m.copied()
			damage(damaged)
			before := damaged.state
			refused := errorsOf(damaged.run(t, config))
			wantReport(t, refused, "damaged", "import")
			if !damaged.state.Equal(before) {
				t.Error("the state changed")
			}
		})
	}
}

// Ten thousand entries and as many certificates in use are one list.
func TestRevocationListOfTenThousand(t *testing.T) {
	if testing.Short() {
		t.Skip("ten thousand entries take some seconds")
	}
	t.Parallel()
	const size = 10_000
	c := newListedCA(t)
	var revoked []any
	for i := range size {
		revoked = append(revoked, written{"serial_number": fmt.Sprintf("%x", 0x100000+i), "reason": "superseded"})
	}
	m := newManaged(t, kindList, c.clock)
	m.must(t, with(c.config, written{"revoked": revoked}))
	if got := len(m.revokedSerials(t)); got != size {
		t.Errorf("%d are revoked", got)
	}
	before := m.state
	m.must(t, with(c.config, written{"revoked": revoked}))
	if !m.state.Equal(before) {
		t.Error("an unchanged list was signed again")
	}
	m.must(t, c.config)
	if got := len(m.revokedSerials(t)); got != size {
		t.Errorf("%d are revoked", got)
	}
}

// CAs that count give the same numbers: what the list's own CA has signed is revoked
// by its number also where another certificate, or the CA itself, has that number.
func TestRevocationListOfCAsThatCount(t *testing.T) {
	t.Parallel()
	numbered := pkitest.Template(func(template *x509.Certificate) { template.SerialNumber = big.NewInt(7) })
	graph := pkitest.Build(t, "leaf <- root\nforeign <- other", pkitest.With("root", pkitest.Template(maySignLists), numbered),
		pkitest.With("leaf", numbered), pkitest.With("foreign", numbered))
	clock := clockAt(pkitest.Now())
	issuer := written{"issuer": issuerOf(t, graph, "root"), "grace": "1h"}
	byNumber := written{"revoked": []any{written{"serial_number": "07"}}}
	both := written{"active_certificates_pem": []string{graph.PEM("leaf"), graph.PEM("foreign")}}
	none := written{"active_certificates_pem": []string{}}
	wantOne := func(m *managed, when string) {
		t.Helper()
		if got := m.revokedSerials(t); len(got) != 1 || got[0] != "7" {
			t.Errorf("%s: revoked are %v", when, got)
		}
	}

	m := newManaged(t, kindList, clock)
	m.must(t, with(issuer, with(both, byNumber)))
	wantOne(m, "while both are in use")
	m.must(t, with(issuer, with(none, byNumber)))
	wantOne(m, "once it is on the list")

	m = newManaged(t, kindList, clock)
	m.must(t, with(issuer, both))
	m.must(t, with(issuer, none))
	m.must(t, with(issuer, with(none, byNumber)))
	wantOne(m, "while it waits for its grace")

	m = newManaged(t, kindList, clock)
	refused := errorsOf(m.run(t, with(issuer, with(none, byNumber))))
	wantReport(t, refused, `AttributeName("revoked").ElementKeyInt(0)`, "Serial number of another CA", "certificate_pem")
	m.must(t, with(issuer, with(none, written{"revoked": []any{written{"certificate_pem": graph.PEM("leaf")}}})))
	wantOne(m, "by its certificate")
}

// A CA that counts anew with another key gives a number again: it is revoked on the
// new list although the earlier one has that number, too.
func TestRevocationListOfACAThatCountsAnew(t *testing.T) {
	t.Parallel()
	numbered := pkitest.Template(func(template *x509.Certificate) { template.SerialNumber = big.NewInt(7) })
	graph := pkitest.Build(t, "first <- ca~old\nsecond <- ca~new", pkitest.With("ca~old", pkitest.Template(maySignLists)), pkitest.With("ca~new", pkitest.Template(maySignLists)),
		pkitest.With("first", numbered), pkitest.With("second", numbered))
	m := newManaged(t, kindList, clockAt(pkitest.Now()))
	byNumber := written{"revoked": []any{written{"serial_number": "07"}}}
	m.must(t, with(byNumber, written{"issuer": issuerOf(t, graph, "ca~old"), "active_certificates_pem": []string{graph.PEM("first")}}))
	m.must(t, with(byNumber, written{"issuer": issuerOf(t, graph, "ca~new"), "active_certificates_pem": []string{graph.PEM("second")}}))
	if got := m.revokedSerials(t); len(got) != 1 || got[0] != "7" {
		t.Errorf("revoked on the new list are %v", got)
	}
	if earlier := m.texts(t, "earlier_crls_pem"); len(earlier) != 1 {
		t.Errorf("there are %d earlier lists", len(earlier))
	}
}
