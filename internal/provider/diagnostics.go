package provider

import (
	"errors"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/trustplane/terraform-provider-mtls/internal/issue"
	"github.com/trustplane/terraform-provider-mtls/internal/pki"
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

// locate tells where a violation is shown, and its detail. Terraform finds the
// line of a root attribute and of a list's element; for what is within an object
// it shows the resource's first line. So that goes to the root attribute, and
// the detail names the place.
func locate(violation issue.Violation, read *reader) (path.Path, string) {
	at := read.at(violation.Field, violation.Index)
	root, _, nested := strings.Cut(violation.Field, ".")
	if nested {
		return path.Root(root), at.String() + ": " + violation.Detail
	}
	return at, violation.Detail
}

// addViolations puts each violation on its attribute as an error.
func addViolations(diagnostics *diag.Diagnostics, violations []issue.Violation, read *reader) {
	for _, violation := range violations {
		at, detail := locate(violation, read)
		diagnostics.AddAttributeError(at, violation.Summary, detail)
	}
}

// addWarnings puts each violation on its attribute as a warning.
func addWarnings(diagnostics *diag.Diagnostics, violations []issue.Violation, read *reader) {
	for _, violation := range violations {
		at, detail := locate(violation, read)
		diagnostics.AddAttributeWarning(at, violation.Summary, detail)
	}
}

// addIssueError tells why no certificate was made.
func addIssueError(diagnostics *diag.Diagnostics, err error, read *reader) {
	if refused, ok := violationsOf(err); ok {
		addViolations(diagnostics, refused, read)
		return
	}
	diagnostics.AddError("Certificate not issued", sentence(err.Error())+". Nothing was made and nothing was changed.")
}

// violationsOf takes the violations out of an error of the engine.
func violationsOf(err error) ([]issue.Violation, bool) {
	refused, ok := errors.AsType[*issue.ViolationsError](err)
	if !ok {
		return nil, false
	}
	return refused.Violations, true
}

// addKeylessIssuer tells that an issuer that is to sign has no private key.
func addKeylessIssuer(diagnostics *diag.Diagnostics) {
	diagnostics.AddAttributeError(path.Root("issuer"), "Issuer has no private key",
		"A certificate is signed with its issuer's private key, and this issuer comes without one. "+
			"Give the key with it, or name an issuer that has one. A CA with private_key_pem_wo hands no key on: "+
			"write issuer = { certificate_pem = ..., chain_pem = ..., private_key_pem = ... } with the CA's certificate and chain, and its key again.")
}

// addOtherIssuer tells that an apply is given another issuer than its plan was.
// Terraform replaces what lifecycle ignores by what the state has, for the plan
// alone, and of what is write-only the state has nothing.
func addOtherIssuer(diagnostics *diag.Diagnostics) {
	diagnostics.AddAttributeError(path.Root("issuer"), "Issuer is not the planned one",
		"The plan was made with another issuer, or with none. Nothing was issued and nothing was changed. "+
			"If lifecycle has issuer in ignore_changes, take it out: Terraform then withholds the issuer from the plan.")
}

// addIssuerGone tells that a certificate is about to lose its issuer, which may
// be meant of a CA.
func addIssuerGone(diagnostics *diag.Diagnostics) {
	diagnostics.AddAttributeWarning(path.Root("issuer"), "Issuer is no longer given",
		"The certificate in state was signed by an issuer, and the plan is given none. "+
			"If the configuration does name one, take issuer out of ignore_changes in lifecycle: Terraform then withholds it from the plan.")
}

// addPEMError tells that the text of an attribute cannot be read.
func addPEMError(diagnostics *diag.Diagnostics, at path.Path, what string, err error) {
	detail := sentence(err.Error()) + "."
	if _, several := errors.AsType[*pki.SeveralError](err); several {
		detail += " Leave the others out."
	}
	diagnostics.AddAttributeError(at, "Unreadable "+what, detail)
}

// addDamagedState tells that no certificate can be read in a state, which no
// apply has written. Replacing would not help: Terraform refreshes and plans with
// the state before it does.
func addDamagedState(diagnostics *diag.Diagnostics, err error) {
	diagnostics.AddAttributeError(path.Root("certificate_pem"), "Certificate in state is damaged",
		sentence(err.Error())+". Restore the state from a backup, or let go of the resource with terraform state rm: the next apply makes it anew.")
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
