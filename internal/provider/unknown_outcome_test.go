package provider

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/trustplane/terraform-provider-mtls/internal/pkitest"
)

// An outcome is what an argument, unknown in the plan of an update, turns out to
// be in its apply.
type outcome struct {
	name     string // also the block's
	typeName string
	// body has UNKNOWN where the unknown value stands, and TURN where the number
	// of the step.
	body string
	// first and then are the values, as HCL, of the creation and of the update.
	first, then string
	generation  int64 // that the update leads to
}

func (o outcome) config(turn int, value string) string {
	body := strings.NewReplacer("UNKNOWN", "terraform_data."+o.name+".output", "TURN", fmt.Sprint(turn)).Replace(o.body)
	return fmt.Sprintf("resource \"terraform_data\" %q {\n  input            = %s\n  triggers_replace = %d\n}\nresource %q %q {\n%s\n}\n",
		o.name, value, turn, o.typeName, o.name, body)
}

// Terraform plans again within an apply, without a word of what was planned
// before. Whatever a plan promised must hold then, also if what was unknown
// turns out to be what it was, to be nothing, or to make a certificate due: else
// "Provider produced inconsistent final plan".
func TestPlanHoldsWhateverAnUnknownTurnsOutToBe(t *testing.T) {
	t.Parallel()
	const (
		ca, pin   = "mtls_control_plane_ca", "mtls_pinned_certificate"
		leaf, set = "mtls_dataplane_certificate", "mtls_dataplane_certificate_set"
		byCA      = "issuer = mtls_control_plane_ca.issuing\n"
		edge      = "certificates = { edge = { common_name = \"edge\" } }\n"
		turns     = "rotation_triggers = { turn = \"TURN\" }\n"
		lives     = "validity = \"2400h\"\n" // 100 days
		never     = lives + "renew_before = \"0s\"\n"
	)
	issuerFrom := func(name string) string {
		return "{ certificate_pem = " + pem(name) + ", private_key_pem = " + keyOf(name) + " }"
	}
	files := writeFiles(t, drawn(t, pkitest.Build(t, "edge <- issuing <- root", pkitest.With("root", pkitest.EndsIn(99*day)))))
	rows := []outcome{
		{"names_same", pin, subjectIt + never + `dns_names = [UNKNOWN]`, `"a.example"`, `"a.example"`, 1},
		{"names_others", pin, subjectIt + never + `dns_names = [UNKNOWN]`, `"a.example"`, `"b.example"`, 2},
		{"names_of_ca", ca, `subject = { common_name = UNKNOWN }` + "\n" + never, `"a"`, `"a"`, 1},
		{"waits_for_issuer", leaf, subjectIt + byCA + `dns_names = [UNKNOWN]`, `"a.example"`, `"a.example"`, 1},
		{"chain_ends_first", leaf, subjectIt + lives + `issuer = {
			certificate_pem = ` + pem("issuing") + `
			private_key_pem = ` + keyOf("issuing") + `
			chain_pem       = UNKNOWN
		}`, pem("root"), pem("root"), 1},

		// The day is 80 of 100: by default due since day 70.
		{"due_no_more", pin, subjectIt + lives + `renew_before = UNKNOWN`, `"0s"`, `"0h"`, 1},
		{"leaf_due_no_more", leaf, subjectIt + byCA + `validity = "2300h"` + "\n" + `renew_before = UNKNOWN`, `"0s"`, `"0h"`, 1},
		{"set_due_no_more", set, edge + byCA + `validity = "2300h"` + "\n" + `renew_before = UNKNOWN`, `"0s"`, `"0h"`, 0},
		{"due_now", pin, subjectIt + lives + `renew_before = UNKNOWN`, `"24h"`, `"1200h"`, 2},
		{"due_later", pin, subjectIt + lives + `renew_before = UNKNOWN`, `"24h"`, `"48h"`, 1},

		{"overlap_ends", pin, subjectIt + never + turns + `overlap = UNKNOWN`, `"24h"`, `"0s"`, 2},
		{"overlap_lasts", pin, subjectIt + never + turns + `overlap = UNKNOWN`, `"24h"`, `"24h"`, 2},

		{"algorithm", pin, subjectIt + never + turns + "reuse_key = true\n" + `key_algorithm = UNKNOWN`, `"ECDSA-P256"`, `"ED25519"`, 2},
		{"algorithm_same", pin, subjectIt + never + turns + "reuse_key = true\n" + `key_algorithm = UNKNOWN`, `"ECDSA-P256"`, `"ECDSA-P256"`, 2},
		{"set_algorithm", set, edge + byCA + turns + "reuse_key = true\n" + `key_algorithm = UNKNOWN`, `"ECDSA-P256"`, `"ED25519"`, 0},

		{"key_other", pin, subjectIt + never + `private_key_pem_wo = UNKNOWN`, keyOf("edge"), keyOf("root"), 2},
		{"key_same", pin, subjectIt + never + `private_key_pem_wo = UNKNOWN`, keyOf("edge"), keyOf("edge"), 1},
		{"key_none", pin, subjectIt + never + `private_key_pem_wo = UNKNOWN == "" ? null : ` + keyOf("edge"), `""`, `""`, 1},
		{"key_no_more", pin, subjectIt + never + `private_key_pem_wo = UNKNOWN == "" ? null : ` + keyOf("edge"), `"yes"`, `""`, 2},
		{"request_none", leaf, subjectIt + byCA + `csr_pem = UNKNOWN == "" ? null : "none"`, `""`, `""`, 1},
		// What is uploaded, too: a plan promises no generation for what may turn out
		// to be what it was.
		{"trigger_same", pin, subjectIt + never + `rotation_triggers = { turn = UNKNOWN }`, `"a"`, `"a"`, 1},
		{"trigger_other", pin, subjectIt + never + `rotation_triggers = { turn = UNKNOWN }`, `"a"`, `"b"`, 2},
		{"triggers_same", ca, subjectIt + never + `rotation_triggers = UNKNOWN`, `{ turn = "a" }`, `{ turn = "a" }`, 1},
		{"version_same", pin, subjectIt + never + `private_key_pem_wo = ` + keyOf("edge") + "\nprivate_key_pem_wo_version = UNKNOWN", `1`, `1`, 1},
		{"version_other", pin, subjectIt + never + `private_key_pem_wo = ` + keyOf("edge") + "\nprivate_key_pem_wo_version = UNKNOWN", `1`, `2`, 2},
		{"provided_same", ca, `certificate_pem = UNKNOWN`, pem("issuing"), pem("issuing"), 1},
		{"provided_other", ca, `certificate_pem = UNKNOWN`, pem("issuing"), pem("root"), 2},
		{"pin_provided_same", pin, `certificate_pem = UNKNOWN`, pem("edge"), pem("edge"), 1},
		{"issuer_same", ca, subjectIt + never + `issuer = UNKNOWN`, issuerFrom("issuing"), issuerFrom("issuing"), 1},
		{"issuer_other", ca, subjectIt + never + `issuer = UNKNOWN`, issuerFrom("issuing"), issuerFrom("root"), 2},
		{"issuer_certificate_same", ca, subjectIt + never + `issuer = { certificate_pem = UNKNOWN, private_key_pem = ` + keyOf("issuing") + ` }`, pem("issuing"), pem("issuing"), 1},

		{"brought_no_more", pin, subjectIt + never + `certificate_pem = UNKNOWN == "" ? null : ` + pem("edge"), `""`, `""`, 1},
	}
	config := func(turn int, value func(outcome) string) string {
		text := files + "resource \"mtls_control_plane_ca\" \"issuing\" {\nsubject = { common_name = \"issuing\" }\n" + never + "}\n"
		for _, row := range rows {
			text += row.config(turn, value(row))
		}
		return text
	}
	var ends []statecheck.StateCheck
	for _, row := range rows {
		if row.generation > 0 {
			ends = append(ends, statecheck.ExpectKnownValue(row.typeName+"."+row.name, tfjsonpath.New("generation"), knownvalue.Int64Exact(row.generation)))
		}
	}
	clock := clockAt(pkitest.Now())
	terraform(t, clock.Now,
		resource.TestStep{Config: config(1, func(o outcome) string { return o.first })},
		resource.TestStep{PreConfig: func() { clock.set(pkitest.Now().Add(80 * day)) }, Config: config(2, func(o outcome) string { return o.then }), ConfigStateChecks: ends},
	)
}
