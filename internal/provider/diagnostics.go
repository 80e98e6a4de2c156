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
	root, nested, isNested := strings.Cut(problem.Field, ".")
	at := path.Empty()
	switch {
	case problem.Slot != "":
		at = placeInNode(problem.Slot, problem.Field, root, nested)
	case isNested:
		at = path.Root(root).AtName(nested)
	case root != "":
		at = path.Root(root)
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

// placeInNode is where a field of a node of a set stands: an output, an attribute
// of the node, or the node.
func placeInNode(slot, field, root, nested string) path.Path {
	node := path.Root("certificates").AtMapKey(slot)
	switch output := setOutput(field); {
	case field == "":
		return node
	case output != "":
		return path.Root(output).AtMapKey(slot)
	case root == "subject" && nested != "" && isArgumentOfNode(nested):
		return node.AtName(nested) // of a node, some parts of its subject are attributes
	case root == "subject" && nested != "":
		return node.AtName(root).AtName(nested)
	case isArgumentOfNode(root):
		return node.AtName(root)
	default:
		return node
	}
}

func quoted(text string) string { return types.StringValue(text).String() }
