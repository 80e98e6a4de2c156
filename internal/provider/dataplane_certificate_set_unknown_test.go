package provider

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/compare"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
)

// setWith is a set of one node with an argument that is known at apply alone.
func setWith(argument, value string) string {
	return atApply("late", value) + `
resource "mtls_control_plane_ca" "root" {
  subject = { common_name = "Root" }
}
resource "mtls_dataplane_certificate_set" "site" {
  issuer       = mtls_control_plane_ca.root
  certificates = { "fra-1" = { common_name = "fra-1" } }
  ` + argument + ` = terraform_data.late.output
}
`
}

// A trigger that is known at apply alone rotates all the same: a plan that
// promised the old certificate would lose the rotation for good.
func TestSetRotatesOnATriggerKnownAtApplyAlone(t *testing.T) {
	t.Parallel()
	changed := setWith("rotation_triggers", `{ incident = "2" }`)
	reissued := statecheck.CompareValue(compare.ValuesDiffer())
	serial := func() []statecheck.StateCheck {
		return []statecheck.StateCheck{reissued.AddStateValue(atSite, tfjsonpath.New("serial_numbers").AtMapKey("fra-1"))}
	}
	terraform(t, newStepClock().Now,
		resource.TestStep{Config: setWith("rotation_triggers", `{ incident = "1" }`), ConfigStateChecks: serial()},
		resource.TestStep{
			Config: changed, ConfigStateChecks: serial(),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: inEveryMap(isUnknown, "fra-1")},
		},
		resource.TestStep{Config: changed, PlanOnly: true},
	)
}

// When a node is renewed hangs on renew_before: a plan that does not know it
// promises neither that instant nor the certificates, and the apply keeps those
// that are not due.
func TestSetRenewalFollowsARenewBeforeKnownAtApplyAlone(t *testing.T) {
	t.Parallel()
	kept := statecheck.CompareValue(compare.ValuesSame())
	serial := func() statecheck.StateCheck {
		return kept.AddStateValue(atSite, tfjsonpath.New("serial_numbers").AtMapKey("fra-1"))
	}
	terraform(t, newStepClock().Now,
		resource.TestStep{Config: setWith("renew_before", `"24h"`), ConfigStateChecks: []statecheck.StateCheck{serial()}},
		resource.TestStep{
			Config: setWith("renew_before", `"0s"`),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: append(inEveryMap(isUnknown, "fra-1"),
				plancheck.ExpectUnknownValue(atSite, tfjsonpath.New("renewal_at")))},
			ConfigStateChecks: []statecheck.StateCheck{
				serial(),
				statecheck.ExpectKnownValue(atSite, tfjsonpath.New("renewal_at"), knownvalue.Null()),
			},
		},
	)
}
