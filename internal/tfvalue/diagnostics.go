package tfvalue

import (
	"errors"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

// AddPEMError reports that the text of an attribute cannot be read; what is the
// noun for what it should hold. A sound key of a kind that is not taken is not
// called unreadable.
func AddPEMError(diagnostics *diag.Diagnostics, at path.Path, what string, err error) {
	detail := pki.Sentence(err.Error()) + "."
	if _, several := errors.AsType[*pki.SeveralError](err); several {
		detail += " Remove the others."
	}
	if _, other := errors.AsType[*pki.OtherKeyError](err); other {
		addError(diagnostics, at, "Key of another kind", detail)
		return
	}
	addError(diagnostics, at, "Unreadable "+what, detail)
}

// addError reports an error about an attribute. Terraform finds the line of a
// root attribute and of a list's element; for what is within an object or a map
// it shows the first line of the resource. So that goes to the root attribute,
// and the detail names the place.
func addError(diagnostics *diag.Diagnostics, at path.Path, summary, detail string) {
	if root, within := rootOf(at); within {
		at, detail = root, at.String()+": "+detail
	}
	diagnostics.AddAttributeError(at, summary, detail)
}

// rootOf is the root attribute of a path, and whether the path leads within an
// object or a map of it.
func rootOf(at path.Path) (root path.Path, within bool) {
	steps := at.Steps()
	if len(steps) < 2 {
		return at, false
	}
	name, rooted := steps[0].(path.PathStepAttributeName)
	_, element := steps[1].(path.PathStepElementKeyInt)
	return path.Root(string(name)), rooted && (len(steps) > 2 || !element)
}

// ParsePEM reads the PEM of an attribute; the zero value if it is not known or
// cannot be read.
func ParsePEM[T any](text PEM, attribute, what string, parse func(string) (T, error), diagnostics *diag.Diagnostics) T {
	var none T
	if !Known(text) {
		return none
	}
	value, err := parse(text.ValueString())
	if err != nil {
		AddPEMError(diagnostics, path.Root(attribute), what, err)
		return none
	}
	return value
}
