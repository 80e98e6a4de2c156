package provider

import (
	"slices"
	"strings"
	"testing"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/pkitest"
)

// Where the revocation of a data plane's certificate is looked up stands in the
// certificate, changes it in place, and another order is no change.
func TestRevocationPointersOfALeaf(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	m := newManaged(t, kindLeaf, f.clock)
	config := setting(f.leaf("edge"), "crl_distribution_points", []string{"http://crl.example/a", "http://crl.example/b"})
	config = setting(config, "ocsp_servers", []string{"http://ocsp.example"})
	m.must(t, config)
	wantPointers(t, m.text(t, "certificate_pem"), "http://crl.example/a http://crl.example/b", "http://ocsp.example")

	before := m.state
	m.must(t, setting(config, "crl_distribution_points", []string{"http://crl.example/b", "http://crl.example/a"}))
	if m.text(t, "serial_number") != text(t, before, "serial_number") {
		t.Error("another order of the same URLs issued it again")
	}
	m.must(t, setting(config, "ocsp_servers", nil))
	wantPointers(t, m.text(t, "certificate_pem"), "http://crl.example/a http://crl.example/b", "")
}

// A certificate for a CSR has the configuration's pointers, and those only.
func TestRevocationPointersBesideACSR(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	m := newManaged(t, kindLeaf, f.clock)
	m.must(t, written{"issuer": f.issuer, "csr_pem": csrOf(t, pkitest.Build(t, "edge <- root"), "edge"), "subject": written{"common_name": "edge"}, "ocsp_servers": []string{"http://ocsp.example"}})
	wantPointers(t, m.text(t, "certificate_pem"), "", "http://ocsp.example")
}

// The nodes of a set take what the set says, each unless it says otherwise; an
// empty list says none.
func TestRevocationPointersOfASet(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	m := newManaged(t, kindSet, f.clock)
	config := written{
		"issuer":                  f.issuer,
		"crl_distribution_points": []string{"http://crl.example/all"},
		"ocsp_servers":            []string{"http://ocsp.example/all"},
		"certificates": written{
			"as-all": written{"common_name": "as-all"},
			"own":    written{"common_name": "own", "ocsp_servers": []string{"http://ocsp.example/own"}},
			"none":   written{"common_name": "none", "crl_distribution_points": []string{}, "ocsp_servers": []string{}},
		},
	}
	m.must(t, config)
	chains := m.texts(t, "chains_pem")
	wantPointers(t, chains["as-all"], "http://crl.example/all", "http://ocsp.example/all")
	wantPointers(t, chains["own"], "http://crl.example/all", "http://ocsp.example/own")
	wantPointers(t, chains["none"], "", "")

	m.must(t, setting(config, "ocsp_servers", []string{"http://ocsp.example/new"}))
	after := m.texts(t, "chains_pem")
	wantPointers(t, after["as-all"], "http://crl.example/all", "http://ocsp.example/new")
	if after["own"] != chains["own"] || after["none"] != chains["none"] {
		t.Error("nodes with a list of their own were issued again")
	}
}

// A wrong URL is reported where it is written: at the set, once, or at the node.
func TestWrongRevocationPointersOfASet(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	m := newManaged(t, kindSet, f.clock)
	refused := errorsOf(m.run(t, written{
		"issuer":                  f.issuer,
		"crl_distribution_points": []string{"/all"},
		"certificates": written{
			"a": written{"common_name": "a"},
			"b": written{"common_name": "b"},
			"c": written{"common_name": "c", "crl_distribution_points": []string{"http://crl.example/c"}, "ocsp_servers": []string{"ocsp.example"}},
		},
	}))
	if len(refused) != 2 {
		t.Errorf("reported %q, want two errors", refused)
	}
	wantReport(t, refused, `AttributeName("crl_distribution_points").ElementKeyInt(0)`, "Invalid URL", `"/all"`)
	wantReport(t, refused, `AttributeName("certificates").ElementKeyString("c").AttributeName("ocsp_servers").ElementKeyInt(0)`, "Invalid URL", `Node "c"`)
}

// An imported certificate is kept if its pointers are those that are configured.
func TestRevocationPointersOfAnImport(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	for name, test := range map[string]struct {
		configured []string
		kept       bool
	}{
		"the same":      {[]string{"http://crl.example"}, true},
		"another one":   {[]string{"http://crl.example/other"}, false},
		"none any more": {nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			made := newManaged(t, kindLeaf, f.clock)
			made.must(t, setting(f.leaf("edge"), "crl_distribution_points", []string{"http://crl.example"}))
			m := newManaged(t, kindLeaf, f.clock)
			m.importTexts(t, made.text(t, "certificate_pem"), made.text(t, "private_key_pem"))
			before := m.text(t, "serial_number")
			m.must(t, setting(f.leaf("edge"), "crl_distribution_points", test.configured))
			if kept := m.text(t, "serial_number") == before; kept != test.kept {
				t.Errorf("kept: %t, want %t", kept, test.kept)
			}
		})
	}
}

func wantPointers(t *testing.T, chain, lists, responders string) {
	t.Helper()
	certificates, err := pki.ParseCertificates(chain)
	if err != nil {
		t.Fatal(err)
	}
	crls := slices.Clone(certificates[0].CRLDistributionPoints)
	slices.Sort(crls)
	if got := strings.Join(crls, " "); got != lists {
		t.Errorf("lists at %q, want %q", got, lists)
	}
	if got := strings.Join(certificates[0].OCSPServer, " "); got != responders {
		t.Errorf("responders at %q, want %q", got, responders)
	}
}
