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
		diagnostics.AddAttributeError(at, "Key of another kind", detail)
		return
	}
	diagnostics.AddAttributeError(at, "Unreadable "+what, detail)
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
