package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/trustplane/terraform-provider-mtls/internal/trust"
)

// TestEveryFindingHasItsSection: a code that a reader looks up is in the
// overview, and the overview leads to what it means.
func TestEveryFindingHasItsSection(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	if err := write(&text, trust.Catalogue()); err != nil {
		t.Fatal(err)
	}
	for _, info := range trust.Catalogue() {
		row := fmt.Sprintf("| [%#q](#%s) | %s | %s | %s |\n", info.Code, info.Code, severities(info), info.Title, info.Clause)
		for _, wanted := range []string{
			row,
			"\n### `" + string(info.Code) + "`\n",
			info.Cause,
			info.Remedy,
		} {
			if !strings.Contains(text.String(), wanted) {
				t.Errorf("the page has no %q", wanted)
			}
		}
	}
	if strings.Contains(text.String(), "{{") {
		t.Error("the page is a template, and would take {{ for an action")
	}
}
