package provider

import (
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
)

func setOf(nodes string) string {
	return `
resource "mtls_control_plane_ca" "root" {
  subject = { common_name = "Root" }
}
resource "mtls_dataplane_certificate_set" "site" {
  issuer       = mtls_control_plane_ca.root
  validity     = "2160h"
  certificates = {` + nodes + `}
}
`
}

const site = "mtls_dataplane_certificate_set.site"

func TestSetPlansOnlyTheNodesThatChange(t *testing.T) {
	t.Parallel()
	clock := newStepClock()
	two := `
    "fra-1" = { common_name = "fra-1", dns_names = ["fra-1.dp.example.com"] }
    "fra-2" = { common_name = "fra-2" }`
	terraform(t, clock.Now,
		resource.TestStep{
			Config: setOf(two),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectUnknownValue(site, tfjsonpath.New("chains_pem").AtMapKey("fra-1")),
			}},
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(site, tfjsonpath.New("chains_pem"), knownvalue.MapSizeExact(2)),
				statecheck.ExpectKnownValue(site, tfjsonpath.New("private_keys_pem"), knownvalue.MapSizeExact(2)),
			},
		},
		resource.TestStep{
			Config: setOf(two + `
    "fra-3" = { common_name = "fra-3" }`),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(site, plancheck.ResourceActionUpdate),
				plancheck.ExpectUnknownValue(site, tfjsonpath.New("chains_pem").AtMapKey("fra-3")),
				plancheck.ExpectKnownValue(site, tfjsonpath.New("chains_pem").AtMapKey("fra-1"), knownvalue.NotNull()),
				plancheck.ExpectKnownValue(site, tfjsonpath.New("serial_numbers").AtMapKey("fra-2"), knownvalue.NotNull()),
			}},
		},
	)
}

func TestSetRenewsItsNodesLittleByLittle(t *testing.T) {
	t.Parallel()
	clock := newStepClock()
	config := setOf(`
    "fra-1" = { common_name = "fra-1" }
    "fra-2" = { common_name = "fra-2" }
    "fra-3" = { common_name = "fra-3" }`)
	terraform(t, clock.Now,
		resource.TestStep{Config: config},
		resource.TestStep{PreConfig: func() { clock.Step(2160*time.Hour - 720*time.Hour) }, Config: config},
	)
}
