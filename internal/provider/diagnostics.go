package provider

import (
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trustplane/terraform-provider-mtls/internal/lifecycle"
	"github.com/trustplane/terraform-provider-mtls/internal/tfvalue"
)

// report makes diagnostics of problems, each at its attribute.
func (d *decoded) report(problems *lifecycle.Problems, diagnostics *diag.Diagnostics) {
	for _, problem := range problems.All() {
		addProblem(problem, d.readers[problem.Slot], diagnostics)
	}
}

// addProblem makes a diagnostic of one problem. read knows where the values of
// its slot stand; nil if all are where they were read.
func addProblem(problem lifecycle.Problem, read *tfvalue.Reader, diagnostics *diag.Diagnostics) {
	if read == nil {
		read = new(tfvalue.Reader)
	}
	at, detail := locate(problem, read)
	var one diag.Diagnostic = diag.NewErrorDiagnostic(problem.Summary, detail)
	if problem.Severity == lifecycle.Warning {
		one = diag.NewWarningDiagnostic(problem.Summary, detail)
	}
	if len(at.Steps()) > 0 {
		one = diag.WithPath(at, one)
	}
	diagnostics.Append(one)
}

// locate says where a problem is shown, and its detail. Terraform finds the line
// of a root attribute and of a list's element; for what is within an object it
// shows the resource's first line. So that goes to the root attribute, and the
// detail names the place.
func locate(problem lifecycle.Problem, read *tfvalue.Reader) (path.Path, string) {
	at := path.Empty()
	if problem.Slot != "" {
		at = path.Root("certificates").AtMapKey(problem.Slot)
	}
	root, nested, isNested := strings.Cut(problem.Field, ".")
	switch {
	case problem.Field == "":
	case problem.Slot != "" && setOutput(problem.Field) != "":
		at = path.Root(setOutput(problem.Field)).AtMapKey(problem.Slot)
	case problem.Slot == "":
		at = path.Root(root)
		if isNested {
			at = at.AtName(nested)
		}
	case root == "subject" && isNested && isArgumentOfNode(nested):
		at = at.AtName(nested) // of a node, some parts of its subject are attributes
	case root == "subject" && isNested:
		at = at.AtName(root).AtName(nested)
	case isArgumentOfNode(root):
		at = at.AtName(root)
	}
	if problem.Index >= 0 {
		at = at.AtListIndex(read.Position(problem.Field, problem.Index))
	}
	switch {
	case problem.Slot != "":
		return at, "Node " + quoted(problem.Slot) + ": " + problem.Detail
	case isNested:
		return path.Root(root), at.String() + ": " + problem.Detail
	default:
		return at, problem.Detail
	}
}

func quoted(text string) string { return types.StringValue(text).String() }
