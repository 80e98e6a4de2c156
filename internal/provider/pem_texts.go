package provider

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trustplane/terraform-provider-mtls/internal/tfvalue"
)

// An elementError says why an element of a list of PEM texts cannot be read.
type elementError struct {
	index int
	err   error
}

func (e elementError) Error() string { return fmt.Sprintf("element [%d]: %v", e.index, e.err) }
func (e elementError) Unwrap() error { return e.err }

// parseTexts parses each of some PEM texts, and lists which cannot be read.
func parseTexts[T any](texts []string, parse func(string) ([]T, error)) (all []T, failed []elementError) {
	for i, text := range texts {
		parsed, err := parse(text)
		if err != nil {
			failed = append(failed, elementError{i, err})
			continue
		}
		all = append(all, parsed...)
	}
	return all, failed
}

// parseEach is [parseTexts] for an attribute, whose elements that are null are
// empty. What is wrong is reported at its element, which is also named: Terraform
// shows the line of the list.
func parseEach[T any](list types.List, attribute, what string, parse func(string) ([]T, error), diagnostics *diag.Diagnostics) []T {
	all, failed := parseTexts(texts(list.Elements(), stringOf), parse)
	for _, one := range failed {
		tfvalue.AddPEMError(diagnostics, path.Root(attribute).AtListIndex(one.index), what, one)
	}
	return all
}
