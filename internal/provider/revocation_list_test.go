package provider

import (
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	tfstate "github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/revocation"
)

const (
	kindList = "mtls_revocation_list"
	atList   = "mtls_revocation_list.issuing"
)

// listed is a site with a revocation list of its CA.
func listed(nodes, list string) string {
	return `
resource "mtls_control_plane_ca" "issuing" {
  subject = { common_name = "Issuing" }
}
resource "mtls_dataplane_certificate" "edge" {
  subject = { common_name = "edge" }
  issuer  = mtls_control_plane_ca.issuing
}
resource "mtls_dataplane_certificate_set" "fra" {
  issuer       = mtls_control_plane_ca.issuing
  certificates = { for name in [` + nodes + `] : name => { common_name = name } }
}
resource "mtls_revocation_list" "issuing" {
  issuer = mtls_control_plane_ca.issuing
  active_certificates_pem = concat(
    [mtls_dataplane_certificate.edge.certificate_pem],
    values(mtls_dataplane_certificate_set.fra.chains_pem))
` + list + `
}
`
}

// A data plane that is deleted is revoked after the grace, with nobody keeping a
// list; a list that is unchanged plans nothing, and is renewed when it is due.
func TestRevocationListOfASite(t *testing.T) {
	t.Parallel()
	clock := newStepClock()
	var gone string
	unchanged := resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}}
	size := func(size int) statecheck.StateCheck {
		return statecheck.ExpectKnownValue(atList, tfjsonpath.New("revoked_serial_numbers"), knownvalue.ListSizeExact(size))
	}
	pending := func(size int) statecheck.StateCheck {
		return statecheck.ExpectKnownValue(atList, tfjsonpath.New("pending_revocations"), knownvalue.MapSizeExact(size))
	}
	terraform(t, clock.Now,
		resource.TestStep{
			Config:            listed(`"one", "two"`, `grace = "72h"`),
			ConfigStateChecks: []statecheck.StateCheck{size(0), pending(0)},
			Check: func(state *tfstate.State) error {
				gone = stored(t, state, "mtls_dataplane_certificate_set.fra", "serial_numbers.two")
				return nil
			},
		},
		resource.TestStep{Config: listed(`"one", "two"`, `grace = "72h"`), ConfigPlanChecks: unchanged},
		resource.TestStep{
			Config: listed(`"one"`, `grace = "72h"`),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(atList, plancheck.ResourceActionUpdate),
				plancheck.ExpectKnownValue(atList, tfjsonpath.New("crl_pem"), knownvalue.NotNull()), // the list stays
			}},
			ConfigStateChecks: []statecheck.StateCheck{size(0), pending(1)},
		},
		resource.TestStep{PreConfig: func() { clock.Step(71 * time.Hour) }, Config: listed(`"one"`, `grace = "72h"`), ConfigPlanChecks: unchanged},
		resource.TestStep{
			PreConfig: func() { clock.Step(time.Hour) },
			Config:    listed(`"one"`, `grace = "72h"`),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectKnownValue(atList, tfjsonpath.New("revoked_serial_numbers"), knownvalue.ListSizeExact(1)),
				plancheck.ExpectUnknownValue(atList, tfjsonpath.New("crl_pem")),
			}},
			ConfigStateChecks: []statecheck.StateCheck{size(1), pending(0)},
			Check:             wantList(t, clock, &gone),
		},
		resource.TestStep{Config: listed(`"one"`, `grace = "72h"`), ConfigPlanChecks: unchanged},
		// A week later it is renewed, with all that is on it.
		resource.TestStep{PreConfig: func() { clock.Step(7 * day) }, Config: listed(`"one"`, `grace = "72h"`), Check: wantList(t, clock, &gone), ConfigStateChecks: []statecheck.StateCheck{size(1)}},
	)
}

// wantList fails unless the list in state is whole, current, signed by the CA, and
// revokes exactly one certificate.
func wantList(t *testing.T, clock *stepClock, serial *string) resource.TestCheckFunc {
	return func(state *tfstate.State) error {
		list, err := revocation.Parse([]byte(stored(t, state, atList, "crl_pem")))
		if err != nil {
			return err
		}
		der, err := base64.StdEncoding.DecodeString(stored(t, state, atList, "crl_der_base64"))
		if err != nil || !slices.Equal(der, list.Raw) {
			t.Errorf("crl_der_base64 is another list (%v)", err)
		}
		ca, err := pki.ParseCertificate(stored(t, state, "mtls_control_plane_ca.issuing", "certificate_pem"))
		if err != nil {
			return err
		}
		if err := list.CheckSignatureFrom(ca); err != nil {
			t.Error(err)
		}
		if got := list.NextUpdate; !got.Equal(clock.Now().Add(168 * time.Hour)) {
			t.Errorf("it ends at %s, want a week from %s", got, clock.Now())
		}
		if stored(t, state, atList, "number") != list.Number.String() {
			t.Errorf("number is %s, on the list %s", stored(t, state, atList, "number"), list.Number)
		}
		if len(list.RevokedCertificateEntries) != 1 || list.RevokedCertificateEntries[0].SerialNumber.Text(16) != *serial {
			return fmt.Errorf("revoked are %v, want %s", list.RevokedCertificateEntries, *serial)
		}
		return nil
	}
}

// crl is the list of a managed resource.
func (m *managed) crl(t reporter) *x509.RevocationList {
	t.Helper()
	list, err := revocation.Parse([]byte(m.text(t, "crl_pem")))
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// revokedSerials are the serial numbers of a managed list.
func (m *managed) revokedSerials(t reporter) []string {
	t.Helper()
	var all []string
	for _, one := range m.crl(t).RevokedCertificateEntries {
		all = append(all, one.SerialNumber.Text(16))
	}
	return all
}
