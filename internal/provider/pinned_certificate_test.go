package provider

import (
	"crypto/x509"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

// What both sides share can be presented by either, and sign no other.
func TestPinnedCertificateServesBothSidesAndSignsNothing(t *testing.T) {
	t.Parallel()
	const pin = "mtls_pinned_certificate.edge"
	clock := newStepClock()
	terraform(t, clock.Now, resource.TestStep{
		Config: `
resource "mtls_pinned_certificate" "edge" {
  subject = {
    common_name         = "edge"
    organization        = "Acme"
    organizational_unit = "Gateway"
    country             = "DE"
    province            = "Bavaria"
    locality            = "Munich"
    street_address      = "Main Street 1"
    postal_code         = "80331"
    serial_number       = "unit-1"
  }
  dns_names       = ["kong_clustering", "*.dp.acme.internal"]
  ip_addresses    = ["10.0.0.1", "2001:db8::1"]
  uris            = ["spiffe://acme.internal/edge"]
  email_addresses = ["ops@acme.internal"]
  validity        = "48h"
}`,
		ConfigStateChecks: []statecheck.StateCheck{
			describesItself(pin, 1), trusts(pin, 1), holdsItsKey(pin),
			looksLike(pin, func(c *x509.Certificate) error {
				const want = "version 3, CA false, purposes [clientAuth serverAuth], signed by itself true, 48h0m0s from 2026-03-01 12:00:00 +0000 UTC, " +
					"SERIALNUMBER=unit-1,CN=edge,OU=Gateway,O=Acme,POSTALCODE=80331,STREET=Main Street 1,L=Munich,ST=Bavaria,C=DE " +
					"[kong_clustering *.dp.acme.internal] [10.0.0.1 2001:db8::1] [spiffe://acme.internal/edge] [ops@acme.internal]"
				// The last second of a life counts.
				got := fmt.Sprintf("version %d, CA %t, purposes %v, signed by itself %t, %s from %s, %s %v %v %v %v",
					c.Version, c.IsCA, c.ExtKeyUsage, pki.SelfSigned(c), c.NotAfter.Add(time.Second).Sub(clock.Now()), clock.Now(),
					c.Subject, c.DNSNames, c.IPAddresses, c.URIs, c.EmailAddresses)
				if got != want {
					return fmt.Errorf("got  %s\nwant %s", got, want)
				}
				return nil
			}),
		},
	})
}

func TestKeysOfEveryAlgorithmAreGenerated(t *testing.T) {
	t.Parallel()
	var config strings.Builder
	var checks []statecheck.StateCheck
	for _, algorithm := range pki.KeyAlgorithms() {
		name := strings.ToLower(string(algorithm))
		fmt.Fprintf(&config, "resource \"mtls_pinned_certificate\" %q {\n  subject = { common_name = %q }\n  key_algorithm = %q\n}\n", name, name, algorithm)
		address := "mtls_pinned_certificate." + name
		checks = append(checks, describesItself(address, 1), holdsItsKey(address), looksLike(address, func(c *x509.Certificate) error {
			if got := pki.AlgorithmOf(c.PublicKey); got != algorithm {
				return fmt.Errorf("its key is %s", got)
			}
			return nil
		}))
	}
	terraform(t, newStepClock().Now, resource.TestStep{Config: config.String(), ConfigStateChecks: checks})
}

// Nothing is issued anew that asks for the same: another order of names, or a
// default that is written out.
func TestSameRequestInOtherWordsPlansNothing(t *testing.T) {
	t.Parallel()
	const pin = "mtls_pinned_certificate.edge"
	check, first := readsCertificate(pin)
	terraform(t, newStepClock().Now,
		resource.TestStep{
			Config: `
resource "mtls_pinned_certificate" "edge" {
  subject   = { common_name = "edge" }
  dns_names = ["a.example", "b.example"]
}`,
			ConfigStateChecks: []statecheck.StateCheck{check},
		},
		resource.TestStep{
			Config: `
resource "mtls_pinned_certificate" "edge" {
  subject       = { common_name = "edge" }
  dns_names     = ["b.example", "a.example"]
  validity      = "87600h"
  key_algorithm = "ECDSA-P256"
  renew_before  = "720h"
  reuse_key     = false
}`,
			// The words are written down; what they stand for stays.
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectKnownValue(pin, tfjsonpath.New("generation"), knownvalue.Int64Exact(1)),
				plancheck.ExpectKnownValue(pin, tfjsonpath.New("trust_bundle_pem"), knownvalue.StringFunc(func(got string) error {
					if got != first() {
						return fmt.Errorf("another certificate is planned")
					}
					return nil
				})),
			}},
			ConfigStateChecks: []statecheck.StateCheck{describesItself(pin, 1), holdsItsKey(pin)},
		},
	)
}
