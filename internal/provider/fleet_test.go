package provider

import (
	"regexp"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/pkitest"
)

// TestValidateFleet: who of a set is refused and why, and the first end; with the
// uploads of today and with those of tomorrow.
func TestValidateFleet(t *testing.T) {
	t.Parallel()
	graph := pkitest.Build(t, "fra-1 <- issuing <- root\nfra-2 <- issuing\nfra-10 <- other <- elsewhere",
		pkitest.With("fra-2", pkitest.EndsIn(24*time.Hour)))
	files := writeFiles(t, drawn(t, graph))
	const chains = `, { fra-1 = join("", [file("${local.pki}/fra-1.pem"), file("${local.pki}/issuing.pem")]), fra-2 = join("", [file("${local.pki}/fra-2.pem"), file("${local.pki}/issuing.pem")]), ` +
		`fra-10 = join("", [file("${local.pki}/fra-10.pem"), file("${local.pki}/other.pem")]) }, { at = "2030-06-15T12:00:00Z" })`
	call := func(anchors string) string { return "provider::mtls::validate_fleet([" + anchors + "]" + chains }
	text := knownvalue.StringExact
	terraform(t, newStepClock().Now, resource.TestStep{
		Config: calls(files, map[string]string{
			"today":    call(pem("root") + ", " + pem("elsewhere")),
			"tomorrow": call(pem("elsewhere")),
			"nobody":   `provider::mtls::validate_fleet([], {}, { at = "2030-06-15T12:00:00Z" })`,
		}),
		ConfigStateChecks: []statecheck.StateCheck{
			statecheck.ExpectKnownOutputValue("today", knownvalue.ObjectPartial(map[string]knownvalue.Check{
				"trusted": knownvalue.Bool(true), "refused": knownvalue.MapSizeExact(0),
				"first_end": knownvalue.ObjectExact(map[string]knownvalue.Check{
					"at": text("2030-06-16T12:00:00Z"), "name": text("fra-2"), "count": knownvalue.Int64Exact(1), "certificate": text(pki.Describe(graph.Certificate("fra-2"))),
				}),
				"summary":  knownvalue.StringRegexp(regexp.MustCompile(`^TRUSTED: Konnect accepts 3 chains\n`)),
				"timeline": knownvalue.StringRegexp(regexp.MustCompile(`(?s)^gantt\n.*section Accepted, 3\n`)),
			})),
			statecheck.ExpectKnownOutputValue("tomorrow", knownvalue.ObjectPartial(map[string]knownvalue.Check{
				"trusted": knownvalue.Bool(false),
				"refused": knownvalue.MapExact(map[string]knownvalue.Check{
					"fra-1": refusedFor("issuer_missing", "CN=root"), "fra-2": refusedFor("issuer_missing", "CN=root"),
				}),
				"summary": knownvalue.StringRegexp(regexp.MustCompile(`(?s)^NOT TRUSTED: Konnect refuses 2 of 3 chains, for 1 reason\n\n2 of 3 are refused: issuer_missing\n  fra-1, fra-2\n.*1 of 3 is accepted: pki, by the uploaded CN=elsewhere`)),
			})),
			statecheck.ExpectKnownOutputValue("nobody", knownvalue.ObjectPartial(map[string]knownvalue.Check{
				"trusted": knownvalue.Bool(true), "first_end": knownvalue.Null(), "summary": text("TRUSTED: there is no chain to judge\n"),
			})),
		},
	})
}

func refusedFor(code, issuer string) knownvalue.Check {
	return knownvalue.ObjectExact(map[string]knownvalue.Check{
		"codes":      knownvalue.ListExact([]knownvalue.Check{knownvalue.StringExact(code)}),
		"first_line": knownvalue.StringRegexp(regexp.MustCompile(`^` + code + `, presented 2: CN=issuing \(sha256 [0-9a-f]{12}\): its issuer ` + issuer + `.* is neither presented nor uploaded$`)),
	})
}

// TestValidateFleetRefuses what it cannot read, and says where.
func TestValidateFleetRefuses(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct{ call, told string }{
		"a chain that is none":    {`provider::mtls::validate_fleet([], { fra-1 = "hello" }, { at = "2030-06-15T12:00:00Z" })`, `"chains_pem" parameter: element\s+\["fra-1"\]: no\s+PEM\s+block`},
		"an anchor that is none":  {`provider::mtls::validate_fleet(["hello"], {}, { at = "2030-06-15T12:00:00Z" })`, `"trust_anchors_pem" parameter:\s+element\s+\[0\]`},
		"no instant":              {`provider::mtls::validate_fleet([], {}, {})`, `the\s+option\s+"at"\s+is\s+required`},
		"an option of no meaning": {`provider::mtls::validate_fleet([], {}, { at = "2030-06-15T12:00:00Z", depth = 3 })`, `unknown\s+option\s+"depth"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			terraform(t, newStepClock().Now, resource.TestStep{Config: calls("", map[string]string{"it": row.call}), ExpectError: regexp.MustCompile(row.told)})
		})
	}
}
