package provider

import (
	"errors"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/trustplane/terraform-provider-mtls/internal/issue"
)

// fieldPath turns the engine's name of a field, nested ones with a period, into
// the path of its attribute.
func fieldPath(field string) path.Path {
	root, nested, found := strings.Cut(field, ".")
	at := path.Root(root)
	if found {
		at = at.AtName(nested)
	}
	return at
}

// addViolations puts each violation on its attribute as an error.
func addViolations(diagnostics *diag.Diagnostics, violations []issue.Violation, read *reader) {
	for _, violation := range violations {
		diagnostics.AddAttributeError(read.at(violation.Field, violation.Index), violation.Summary, violation.Detail)
	}
}

// addWarnings puts each violation on its attribute as a warning.
func addWarnings(diagnostics *diag.Diagnostics, violations []issue.Violation, read *reader) {
	for _, violation := range violations {
		diagnostics.AddAttributeWarning(read.at(violation.Field, violation.Index), violation.Summary, violation.Detail)
	}
}

// addIssueError tells why no certificate was made.
func addIssueError(diagnostics *diag.Diagnostics, err error, read *reader) {
	if refused, ok := errors.AsType[*issue.ViolationsError](err); ok {
		addViolations(diagnostics, refused.Violations, read)
		return
	}
	diagnostics.AddError("Certificate not issued", sentence(err.Error())+". Nothing was made and nothing was changed.")
}

// addPEMError tells that the text of an attribute cannot be read.
func addPEMError(diagnostics *diag.Diagnostics, at path.Path, what string, err error) {
	diagnostics.AddAttributeError(at, "Unreadable "+what, sentence(err.Error())+".")
}

func sentence(text string) string {
	if text == "" {
		return text
	}
	if strings.HasPrefix(text, "x509:") || strings.HasPrefix(text, "asn1:") {
		return text
	}
	return strings.ToUpper(text[:1]) + text[1:]
}
