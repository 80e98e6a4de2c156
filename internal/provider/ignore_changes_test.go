package provider

import (
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
)

// ignoring is a configuration of all resources with lifecycle rules, and more in
// the body of the pin.
func ignoring(what, more string) string {
	return strings.NewReplacer("RULES", "lifecycle { ignore_changes = "+what+" }", "MORE", more).Replace(`
resource "mtls_control_plane_ca" "root" {
  subject = { common_name = "root" }
}
resource "mtls_dataplane_certificate" "edge" {
  subject  = { common_name = "edge" }
  issuer   = mtls_control_plane_ca.root
  RULES
}
resource "mtls_control_plane_ca" "issuing" {
  subject = { common_name = "issuing" }
  issuer  = mtls_control_plane_ca.root
  RULES
}
resource "mtls_pinned_certificate" "pin" {
  subject  = { common_name = "pin" }
  MORE
  RULES
}
`)
}

// TestIgnoredChangesChangeNothing: with ignore_changes, Terraform gives the
// provider the state's own certificate or key as the configured one, and holds back
// what is write-only. No plan changes anything by that, today or later.
func TestIgnoredChangesChangeNothing(t *testing.T) {
	t.Parallel()
	const set = `
resource "mtls_dataplane_certificate_set" "site" {
  issuer       = mtls_control_plane_ca.root
  certificates = { a = { common_name = "a" } }
  lifecycle { ignore_changes = all }
}
`
	for name, config := range map[string]string{
		"all":                 ignoring("all", `validity = "9000h"`) + set,
		"certificate":         ignoring("[certificate_pem]", ""),
		"private key":         ignoring("[private_key_pem]", ""),
		"certificate and key": ignoring("[certificate_pem, private_key_pem]", ""),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			clock := newStepClock()
			empty := resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}}
			terraform(t, clock.Now,
				resource.TestStep{Config: config},
				resource.TestStep{Config: config, ConfigPlanChecks: empty},
				resource.TestStep{PreConfig: func() { clock.Step(30 * day) }, Config: config, ConfigPlanChecks: empty},
			)
		})
	}
}

// TestWhatIgnoredChangesPrevent is said at plan: a change that asks for another
// certificate is an error, a renewal that is due a warning.
func TestWhatIgnoredChangesPrevent(t *testing.T) {
	t.Parallel()
	clock := newStepClock()
	config := func(more string) string { return ignoring("[certificate_pem]", more) }
	terraform(t, clock.Now,
		resource.TestStep{Config: config(`validity = "1000h"`)},
		resource.TestStep{Config: config(`validity = "2000h"`), PlanOnly: true, ExpectError: regexp.MustCompile(`(?s)Change prevented by ignore_changes.*lists\s+certificate_pem`)},
		resource.TestStep{PreConfig: func() { clock.Step(41 * day) }, Config: config(`validity = "1000h"`), ConfigPlanChecks: resource.ConfigPlanChecks{
			PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()},
		}},
	)
}
