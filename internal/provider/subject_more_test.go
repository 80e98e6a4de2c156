package provider

import (
	"crypto/x509"
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

const moreSubject = `{
    common_name          = "edge"
    organizational_unit  = "Gateways"
    organizational_units = ["EMEA", "FRA"]
    domain_components    = ["acme", "internal"]
    user_id              = "edge-1"
    email_address        = "ops@acme.example"
  }`

// hasSubject checks the subject in RFC 4514 notation for parts.
func hasSubject(parts ...string) func(*x509.Certificate) error {
	return func(certificate *x509.Certificate) error {
		name := pki.WriteName(certificate.RawSubject)
		for _, part := range parts {
			if !strings.Contains(name, part) {
				return fmt.Errorf("the subject is %s, and lacks %s", name, part)
			}
		}
		return nil
	}
}

// A subject has what directories and older systems ask for, in a leaf and in a set,
// and its order is no change.
func TestMoreOfASubject(t *testing.T) {
	t.Parallel()
	config := func(subject string) string {
		return `
resource "mtls_control_plane_ca" "root" {
  subject = { common_name = "Root", domain_components = ["acme", "internal"] }
}
resource "mtls_dataplane_certificate" "edge" {
  issuer  = mtls_control_plane_ca.root
  subject = ` + subject + `
}
resource "mtls_dataplane_certificate_set" "site" {
  issuer  = mtls_control_plane_ca.root
  subject = { organization = "Acme", organizational_units = ["Gateways"], domain_components = ["acme", "internal"] }
  certificates = {
    a = { common_name = "a" }
    b = { common_name = "b", organization = "Other", subject = { user_id = "b", organizational_units = ["Edge", "FRA"] } }
  }
}
`
	}
	ofNode := func(node string, parts ...string) stateCheck {
		return func(state attributesByAddress) error {
			chains, _ := state["mtls_dataplane_certificate_set.site"]["chains_pem"].(map[string]any)
			chain, err := pki.ParseCertificates(fmt.Sprint(chains[node]))
			if err != nil {
				return err
			}
			return hasSubject(parts...)(chain[0])
		}
	}
	terraform(t, newStepClock().Now,
		resource.TestStep{Config: config(moreSubject), ConfigStateChecks: []statecheck.StateCheck{
			looksLike("mtls_dataplane_certificate.edge", hasSubject("CN=edge", "OU=Gateways", "OU=EMEA", "OU=FRA", "DC=acme,DC=internal", "UID=edge-1")),
			looksLike("mtls_control_plane_ca.root", hasSubject("CN=Root,DC=acme,DC=internal")),
			ofNode("a", "CN=a", "O=Acme", "OU=Gateways", "DC=acme,DC=internal"),
			ofNode("b", "CN=b", "O=Other", "OU=Edge", "OU=FRA", "UID=b", "DC=acme,DC=internal"),
		}},
		resource.TestStep{Config: config(strings.Replace(moreSubject, `["EMEA", "FRA"]`, `["FRA", "EMEA"]`, 1)), ConfigStateChecks: []statecheck.StateCheck{
			statecheck.ExpectKnownValue("mtls_dataplane_certificate.edge", tfjsonpath.New("generation"), knownvalue.Int64Exact(1)),
		}},
		resource.TestStep{Config: config(strings.Replace(moreSubject, `"edge-1"`, `"edge-2"`, 1)), ConfigStateChecks: []statecheck.StateCheck{
			statecheck.ExpectKnownValue("mtls_dataplane_certificate.edge", tfjsonpath.New("generation"), knownvalue.Int64Exact(2)),
		}},
	)
}

// A part that is wrong is reported where it stands; one that is unknown is waited
// for.
func TestMoreOfASubjectIsChecked(t *testing.T) {
	t.Parallel()
	m := newManaged(t, "mtls_pinned_certificate", newStepClock())
	for name, row := range map[string]struct {
		subject written
		want    string
	}{
		"a whole domain":          {written{"domain_components": []string{"acme.internal"}}, `domain_components[0]`},
		"no mailbox":              {written{"email_address": "acme"}, `email_address`},
		"control characters":      {written{"user_id": "a\x1b[2J"}, `user_id`},
		"unknown, and one wrong":  {written{"user_id": unknownValue{}, "email_address": "acme"}, `email_address`},
		"unknown":                 {written{"user_id": unknownValue{}, "domain_components": unknownValue{}}, ""},
		"empty lists":             {written{"common_name": "a", "domain_components": []string{}, "organizational_units": []string{}}, ""},
		"several units, one long": {written{"organizational_units": []string{"a", strings.Repeat("b", 65)}}, `organizational_unit`},
	} {
		_, diagnostics := m.plan(t, valueOf(m.kind, written{"subject": row.subject}))
		refused := errorsOf(diagnostics)
		if row.want == "" && len(refused) > 0 || row.want != "" && (len(refused) != 1 || !strings.Contains(refused[0], row.want)) || strings.Contains(strings.Join(refused, ""), "\x1b") {
			t.Errorf("%s: reported %q, want %q", name, refused, row.want)
		}
	}
}
