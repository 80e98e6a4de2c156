package provider

import (
	"regexp"
	"testing"

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

const atSite = "mtls_dataplane_certificate_set.site"

// setMaps are the maps that come out of a set. The keys are apart: a plan shows
// a map that is sensitive as one.
var setMaps = []string{"chains_pem", "serial_numbers", "fingerprints_sha256", "revisions", "not_after"}

// inEveryMap is a check of one node's value in each map of the plan.
func inEveryMap(check func(address string, at tfjsonpath.Path) plancheck.PlanCheck, nodes ...string) []plancheck.PlanCheck {
	var checks []plancheck.PlanCheck
	for _, node := range nodes {
		for _, name := range setMaps {
			checks = append(checks, check(atSite, tfjsonpath.New(name).AtMapKey(node)))
		}
	}
	return checks
}

func isUnknown(address string, at tfjsonpath.Path) plancheck.PlanCheck {
	return plancheck.ExpectUnknownValue(address, at)
}

func isKnown(address string, at tfjsonpath.Path) plancheck.PlanCheck {
	return plancheck.ExpectKnownValue(address, at, knownvalue.NotNull())
}

// A plan touches the nodes that change, and no other.
func TestSetPlansOnlyTheNodesThatChange(t *testing.T) {
	t.Parallel()
	updated := plancheck.ExpectResourceAction(atSite, plancheck.ResourceActionUpdate)
	before := func(checks ...[]plancheck.PlanCheck) resource.ConfigPlanChecks {
		all := []plancheck.PlanCheck{updated}
		for _, list := range checks {
			all = append(all, list...)
		}
		return resource.ConfigPlanChecks{PreApply: all}
	}
	const one, two, three = `
    "fra-1" = { common_name = "fra-1", dns_names = ["fra-1.dp.example.com"] }`, `
    "fra-2" = { common_name = "fra-2" }`, `
    "fra-3" = { common_name = "fra-3" }`
	terraform(t, newStepClock().Now,
		resource.TestStep{
			Config:           setOf(one + two),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: inEveryMap(isUnknown, "fra-1", "fra-2")},
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(atSite, tfjsonpath.New("chains_pem"), knownvalue.MapSizeExact(2)),
				statecheck.ExpectKnownValue(atSite, tfjsonpath.New("private_keys_pem"), knownvalue.MapSizeExact(2)),
			},
		},
		resource.TestStep{
			Config:           setOf(one + two + three),
			ConfigPlanChecks: before(inEveryMap(isUnknown, "fra-3"), inEveryMap(isKnown, "fra-1", "fra-2")),
		},
		resource.TestStep{
			Config: setOf(one + three),
			ConfigPlanChecks: before(inEveryMap(isKnown, "fra-1", "fra-3"), []plancheck.PlanCheck{
				plancheck.ExpectKnownValue(atSite, tfjsonpath.New("serial_numbers"), knownvalue.MapSizeExact(2)),
			}),
		},
		resource.TestStep{
			Config: setOf(one + `
    "fra-3" = { common_name = "fra-3", dns_names = ["fra-3.dp.example.com"] }`),
			ConfigPlanChecks: before(inEveryMap(isUnknown, "fra-3"), inEveryMap(isKnown, "fra-1")),
		},
	)
}

// The keys of the nodes are the user's: any text that Terraform takes.
func TestSetTakesAnyKey(t *testing.T) {
	t.Parallel()
	keys := []string{"fra.1", "fra/1", "fra 1", "🚀", "a[\\\"b\\\"]", "$${x}"}
	nodes := ""
	for i, key := range keys {
		nodes += "\n\"" + key + "\" = { common_name = \"node-" + string(rune('a'+i)) + "\" }"
	}
	terraform(t, newStepClock().Now,
		resource.TestStep{
			Config: setOf(nodes),
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(atSite, tfjsonpath.New("serial_numbers").AtMapKey("fra.1"), knownvalue.NotNull()),
				statecheck.ExpectKnownValue(atSite, tfjsonpath.New("serial_numbers").AtMapKey("fra/1"), knownvalue.NotNull()),
				statecheck.ExpectKnownValue(atSite, tfjsonpath.New("serial_numbers").AtMapKey("fra 1"), knownvalue.NotNull()),
				statecheck.ExpectKnownValue(atSite, tfjsonpath.New("serial_numbers").AtMapKey("🚀"), knownvalue.NotNull()),
				statecheck.ExpectKnownValue(atSite, tfjsonpath.New("serial_numbers").AtMapKey(`a["b"]`), knownvalue.NotNull()),
				statecheck.ExpectKnownValue(atSite, tfjsonpath.New("serial_numbers").AtMapKey("${x}"), knownvalue.NotNull()),
			},
		},
		resource.TestStep{Config: setOf(nodes), PlanOnly: true},
	)
}

// What Terraform shows of a bad node names it.
func TestSetNamesTheBadNodes(t *testing.T) {
	t.Parallel()
	terraform(t, newStepClock().Now, resource.TestStep{
		Config: setOf(`
    "fra-1" = { common_name = "fra-1" }
    "fra-2" = { common_name = "fra-2", dns_names = ["not a name"] }`),
		ExpectError: regexp.MustCompile(`(?s)Invalid name.*Node "fra-2": "not a name"`),
	}, resource.TestStep{
		Config:      setOf(`"fra-1" = { organization = "Acme" }`),
		ExpectError: regexp.MustCompile(`Node without a name`),
	}, resource.TestStep{
		Config:      setOf(`"fra-1" = { common_name = "fra-1", organization = "" }`),
		ExpectError: regexp.MustCompile(`Node "fra-1": "" is blank`),
	})
}

// A root rotated in the same apply re-issues the whole set, and the next plan is
// empty.
func TestSetFollowsItsIssuer(t *testing.T) {
	t.Parallel()
	const nodes = `
    "fra-1" = { common_name = "fra-1" }
    "fra-2" = { common_name = "fra-2" }`
	rotated := regexp.MustCompile(`common_name = "Root"`).ReplaceAllString(setOf(nodes), `common_name = "New Root"`)
	terraform(t, newStepClock().Now,
		resource.TestStep{Config: setOf(nodes)},
		resource.TestStep{
			Config:           rotated,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: inEveryMap(isUnknown, "fra-1", "fra-2")},
		},
		resource.TestStep{Config: rotated, PlanOnly: true},
	)
}
