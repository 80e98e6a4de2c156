package provider

import (
	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/tfvalue"
	"github.com/trustplane/terraform-provider-mtls/internal/trust"
	"github.com/trustplane/terraform-provider-mtls/internal/trust/drawing"
)

// findingTypes are the types of a finding's attributes.
func findingTypes() map[string]attr.Type {
	return map[string]attr.Type{
		"code": types.StringType, "severity": types.StringType, "certificate": types.StringType,
		"detail": types.StringType, "hint": types.StringType, "verifier_says": types.StringType, "clause": types.StringType,
		"fingerprint_sha256": types.StringType, "found_in": types.StringType, "position": types.Int64Type,
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
		foundIn, position, fingerprint := placeOf(finding.On)
		objects = append(objects, types.ObjectValueMust(findingTypes(), map[string]attr.Value{
			"code":        types.StringValue(string(finding.Code)),
			"severity":    types.StringValue(string(finding.Severity)),
			"certificate": tfvalue.NewText(finding.Certificate),
			"detail":      types.StringValue(finding.Detail),
			"hint":        types.StringValue(finding.Hint),

			"verifier_says":      tfvalue.NewText(finding.VerifierSays),
			"clause":             tfvalue.NewText(finding.Clause),
			"fingerprint_sha256": fingerprint,
			"found_in":           foundIn,
			"position":           position,
		}))
	}
	return types.ListValueMust(types.ObjectType{AttrTypes: findingTypes()}, objects)
}

// placeOf is where a certificate was found: in what is presented, or else among
// what is uploaded.
func placeOf(e *trust.Entry) (foundIn types.String, position types.Int64, fingerprint types.String) {
	switch {
	case e == nil:
		return types.StringNull(), types.Int64Null(), types.StringNull()
	case len(e.Presented) > 0:
		foundIn, position = types.StringValue("presented_chain_pem"), types.Int64Value(int64(e.Presented[0]))
	default:
		foundIn, position = types.StringValue("trust_anchors_pem"), types.Int64Value(int64(e.Uploaded[0]))
	}
	return foundIn, position, types.StringValue(pki.FingerprintSHA256(e.Certificate))
}
