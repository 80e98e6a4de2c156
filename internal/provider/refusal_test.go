package provider

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/trustplane/terraform-provider-mtls/internal/pkitest"
)

var update = flag.Bool("update", false, "write the golden files of testdata")

// A refusal is a block of configuration that a plan refuses.
type refusal struct {
	name string // also the block's own, so that its errors are found
	body string // each attribute on its own line
	// tells are all errors, each as "attribute: summary", in any order. An
	// attribute of an object is reported at the object's line; what is said of the
	// block as a whole has none.
	tells []string
}

// refuse plans one block for each row, all in one configuration beside shared,
// and holds what Terraform tells against the rows. block is how each begins:
// resource "mtls_pinned_certificate". The whole text is held against a golden
// file, for those who are to read it in the middle of the night.
func refuse(t *testing.T, block, shared string, rows []refusal) {
	t.Helper()
	var config strings.Builder
	config.WriteString(shared)
	for _, row := range rows {
		fmt.Fprintf(&config, "%s %q {\n%s\n}\n", block, row.name, strings.Trim(row.body, "\n"))
	}
	errors := planErrors(t, config.String())
	var texts bytes.Buffer
	for _, row := range rows {
		var tells []string
		for _, one := range errors {
			if one.block == row.name {
				tells = append(tells, one.place())
				fmt.Fprintf(&texts, "%s\n\t%s\n\t%s\n", row.name, one.place(), one.detail)
			}
		}
		t.Run(row.name, func(t *testing.T) {
			if diff := cmp.Diff(slices.Sorted(slices.Values(row.tells)), slices.Sorted(slices.Values(tells))); diff != "" {
				t.Errorf("what is reported (-want +got):\n%s", diff)
			}
		})
	}
	if told := strings.Count(texts.String(), "\n\t") / 2; told != len(errors) {
		t.Errorf("%d errors are reported of the rows, but %d in all: %+v", told, len(errors), errors)
	}
	golden(t, texts.Bytes())
}

// golden holds got against the golden file that is named after the test.
func golden(t *testing.T, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", strings.ReplaceAll(strings.TrimPrefix(t.Name(), "Test"), "/", "_")+".golden")
	if *update {
		if err := os.WriteFile(file, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("texts differ from %s (-want +got); if that is meant, run with -update:\n%s", file, diff)
	}
}

// A told error is one that Terraform prints.
type told struct {
	block     string // the name of the resource, data source or output
	attribute string // whose line of the configuration is shown
	summary   string
	detail    string // on one line, without what differs from run to run
}

func (e told) place() string {
	if e.attribute == "" {
		return e.summary
	}
	return e.attribute + ": " + e.summary
}

// planErrors plans a configuration that is refused, at [pkitest.Now], and returns
// all that Terraform tells of it. Terraform validates first: what a provider
// refuses to plan is not told beside what it refuses to validate.
func planErrors(t *testing.T, config string) []told {
	t.Helper()
	return errorsAt(t, resource.TestStep{Config: config, PlanOnly: true, ExpectNonEmptyPlan: true})
}

// errorsAt returns all that Terraform tells of a step that must fail.
func errorsAt(t *testing.T, step resource.TestStep) []told {
	t.Helper()
	var printed error
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: map[string]func() (tfprotov6.ProviderServer, error){
			"mtls": factory(pkitest.Now),
		},
		ErrorCheck: func(err error) error {
			printed = err
			return nil
		},
		Steps: []resource.TestStep{step},
	})
	if printed == nil {
		t.Fatal("nothing was refused")
	}
	return parseErrors(printed.Error())
}

var (
	printedBlock  = regexp.MustCompile(`(?m)^ *on .* line \d+, in (?:resource "\w+"|data "\w+"|output) "(\w+)":$`)
	printedLine   = regexp.MustCompile(`(?m)^ *\d+:[ \t]*(?:(\w+) *= )?`)
	printedSource = regexp.MustCompile(`(?m)^ *(?:with .*,|on .* line \d+.*:|\d+:.*|[├│].*)$`)
	blanks        = regexp.MustCompile(`\s+`)
	digests       = regexp.MustCompile(`sha256 [0-9a-f]{12}`)
)

// parseErrors reads what Terraform prints of errors: a summary, the block and the
// line of the configuration, and the detail, wrapped.
func parseErrors(text string) []told {
	var all []told
	for _, part := range strings.Split("\n\n"+text, "\n\nError: ")[1:] {
		summary, rest, _ := strings.Cut(part, "\n")
		one := told{summary: summary}
		if found := printedBlock.FindStringSubmatch(rest); found != nil {
			one.block = found[1]
		}
		if found := printedLine.FindStringSubmatch(rest); found != nil {
			one.attribute = found[1]
		}
		detail := blanks.ReplaceAllString(printedSource.ReplaceAllString(rest, ""), " ")
		one.detail = digests.ReplaceAllString(strings.TrimSpace(detail), "sha256 ...")
		all = append(all, one)
	}
	return all
}
