package provider

import (
	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trustplane/terraform-provider-mtls/internal/tfvalue"
	"github.com/trustplane/terraform-provider-mtls/internal/trust"
	"github.com/trustplane/terraform-provider-mtls/internal/trust/drawing"
)

// findingTypes are the types of a finding's attributes.
func findingTypes() map[string]attr.Type {
	return map[string]attr.Type{
		"code": types.StringType, "severity": types.StringType, "certificate": types.StringType,
		"detail": types.StringType, "hint": types.StringType,
	}
}

// verdictTypes are the types of a verdict's attributes, the same in the data
// source and in the function.
func verdictTypes() map[string]attr.Type {
	certificate := types.ObjectType{AttrTypes: certificateTypes()}
	return map[string]attr.Type{
		"trusted":     types.BoolType,
		"mode":        types.StringType,
		"anchor":      certificate,
		"path":        types.ListType{ElemType: certificate},
		"findings":    types.ListType{ElemType: types.ObjectType{AttrTypes: findingTypes()}},
		"valid_until": timetypes.RFC3339Type{},
		"summary":     types.StringType,
		"diagram":     types.StringType,
	}
}

// verdictModel is a verdict as attributes.
type verdictModel struct {
	Trusted    types.Bool        `tfsdk:"trusted"`
	Mode       types.String      `tfsdk:"mode"`
	Anchor     types.Object      `tfsdk:"anchor"`
	Path       types.List        `tfsdk:"path"`
	Findings   types.List        `tfsdk:"findings"`
	ValidUntil timetypes.RFC3339 `tfsdk:"valid_until"`
	Summary    types.String      `tfsdk:"summary"`
	Diagram    types.String      `tfsdk:"diagram"`
}

func newVerdictModel(verdict trust.Verdict) verdictModel {
	return verdictModel{
		Trusted:    types.BoolValue(verdict.Trusted),
		Mode:       tfvalue.NewText(string(verdict.Mode)),
		Anchor:     certificateObject(verdict.Anchor),
		Path:       certificateObjects(verdict.Path),
		Findings:   findingObjects(verdict.Findings),
		ValidUntil: tfvalue.NewInstant(verdict.ValidUntil),
		Summary:    types.StringValue(drawing.Summary(verdict)),
		Diagram:    types.StringValue(drawing.Diagram(verdict)),
	}
}

func findingObjects(findings []trust.Finding) types.List {
	objects := make([]attr.Value, 0, len(findings))
	for _, finding := range findings {
		objects = append(objects, types.ObjectValueMust(findingTypes(), map[string]attr.Value{
			"code":        types.StringValue(string(finding.Code)),
			"severity":    types.StringValue(string(finding.Severity)),
			"certificate": tfvalue.NewText(finding.Certificate),
			"detail":      types.StringValue(finding.Detail),
			"hint":        types.StringValue(finding.Hint),
		}))
	}
	return types.ListValueMust(types.ObjectType{AttrTypes: findingTypes()}, objects)
}
