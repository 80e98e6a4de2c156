package provider

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/tfvalue"
	"github.com/trustplane/terraform-provider-mtls/internal/trust"
	"github.com/trustplane/terraform-provider-mtls/internal/trust/drawing"
)

type validateFleetFunction struct{}

func newValidateFleetFunction() function.Function { return validateFleetFunction{} }

func (validateFleetFunction) Metadata(_ context.Context, _ function.MetadataRequest, response *function.MetadataResponse) {
	response.Name = "validate_fleet"
}

func (validateFleetFunction) Definition(_ context.Context, _ function.DefinitionRequest, response *function.DefinitionResponse) {
	response.Definition = function.Definition{
		Summary: "Predicts whether a verifier accepts each chain of a fleet",
		MarkdownDescription: "Judges many chains by the same uploads, each as `validate_chain` does, and returns one object:\n" +
			"   - `trusted`: whether all of them are accepted. True for no chain.\n" +
			"   - `refused`: a map of those that are not, by name, each with `codes`, the codes of the errors, and `first_line`, the gravest error in one line.\n" +
			"   - `first_end`: what ends first if nobody does anything: `at`, an instant in RFC 3339; `name`, the first chain that is refused then; `count`, how many end at that instant; and `certificate`, the one that expires, in words. Null if none is accepted.\n" +
			"   - `summary`: plain text of fewer than 4,000 characters that groups the chains by equal reasons.\n" +
			"   - `timeline`: a Mermaid `gantt` chart of fewer than 40,000 characters: lives, renewals and overlaps, in groups.\n\n" +
			"Called with the uploads of tomorrow, it says what withdrawing an upload would break. The function is pure: it takes the time as an argument." + besideKey,
		Parameters: []function.Parameter{
			function.ListParameter{
				Name: "trust_anchors_pem", ElementType: types.StringType,
				MarkdownDescription: "Everything that the verifier trusts, in the same order. Each element is one or more certificates as PEM.",
			},
			function.MapParameter{
				Name: "chains_pem", ElementType: types.StringType,
				MarkdownDescription: "What each peer presents, by name, as PEM: its own certificate first, then the intermediates. `chains_pem` of an `mtls_dataplane_certificate_set` is such a map.",
			},
			optionsParameter(),
		},
		Return: function.ObjectReturn{AttributeTypes: fleetTypes()},
	}
}

// refusedTypes and firstEndTypes are the types of what a fleet's verdict is made
// of, and fleetTypes those of the verdict.
func refusedTypes() map[string]attr.Type {
	return map[string]attr.Type{"codes": types.ListType{ElemType: types.StringType}, "first_line": types.StringType}
}

func firstEndTypes() map[string]attr.Type {
	return map[string]attr.Type{"at": timetypes.RFC3339Type{}, "name": types.StringType, "count": types.Int64Type, "certificate": types.StringType}
}

func fleetTypes() map[string]attr.Type {
	return map[string]attr.Type{
		"trusted":   types.BoolType,
		"refused":   types.MapType{ElemType: types.ObjectType{AttrTypes: refusedTypes()}},
		"first_end": types.ObjectType{AttrTypes: firstEndTypes()},
		"summary":   types.StringType,
		"timeline":  types.StringType,
	}
}

func (validateFleetFunction) Run(ctx context.Context, request function.RunRequest, response *function.RunResponse) {
	var (
		anchorTexts []types.String
		chainTexts  map[string]types.String
		argument    types.Dynamic
	)
	if !arguments(ctx, request, response, &anchorTexts, &chainTexts, &argument) {
		return
	}
	names, texts := slices.Sorted(maps.Keys(chainTexts)), []string(nil)
	for _, name := range names {
		texts = append(texts, chainTexts[name].ValueString())
	}
	for _, text := range anchorTexts {
		texts = append(texts, text.ValueString())
	}
	read, failed := readVerdictArguments(argument, texts...)
	switch {
	case failed != nil:
		response.Error = failed
		return
	case read.refused != nil:
		result(ctx, response, unjudgedFleet(names, read))
		return
	case !read.known:
		result(ctx, response, types.ObjectUnknown(fleetTypes()))
		return
	}
	anchors, failed := read.setAnchors(anchorTexts)
	if failed != nil {
		response.Error = failed
		return
	}
	var chains []trust.Chain
	for _, name := range names {
		var readable pki.Readable
		presented, err := parseBesideKeys(chainTexts[name].ValueString(), readable.Parse)
		if err != nil {
			place := "[" + quoted(name) + "]"
			if response.Error = read.leaveOut(argumentPresented, "chains_pem"+place, err, fmt.Errorf("element %s: %w", place, err)); response.Error != nil {
				return
			}
		}
		chains = append(chains, trust.Chain{Name: name, Presented: presented, Unreadable: readable.Unreadable})
	}
	verdict := newFleetModel(trust.EvaluateFleet(anchors, chains, read.options))
	verdict.Summary = read.explain(verdict.Summary)
	result(ctx, response, verdict)
}

// unjudgedFleet is the verdict where there is none, and the call must not fail: no
// chain is trusted, for a reason that is not of the chain.
func unjudgedFleet(names []string, read *verdictArguments) fleetModel {
	var chains []trust.Chain
	for _, name := range names {
		chains = append(chains, trust.Chain{Name: name})
	}
	verdict := newFleetModel(trust.EvaluateFleet(nil, chains, trust.Options{}))
	verdict.Trusted, verdict.Summary = types.BoolValue(false), read.notJudged()
	return verdict
}

// fleetModel is the verdict on a fleet as attributes.
type fleetModel struct {
	Trusted  types.Bool   `tfsdk:"trusted"`
	Refused  types.Map    `tfsdk:"refused"`
	FirstEnd types.Object `tfsdk:"first_end"`
	Summary  types.String `tfsdk:"summary"`
	Timeline types.String `tfsdk:"timeline"`
}

func newFleetModel(fleet trust.Fleet) fleetModel {
	refused := map[string]attr.Value{}
	for _, member := range fleet.Members {
		if member.Trusted {
			continue
		}
		codes := []attr.Value{}
		for _, code := range member.Codes() {
			codes = append(codes, types.StringValue(string(code)))
		}
		refused[member.Name] = types.ObjectValueMust(refusedTypes(), map[string]attr.Value{
			"codes": types.ListValueMust(types.StringType, codes), "first_line": types.StringValue(drawing.FirstLine(member)),
		})
	}
	return fleetModel{
		Trusted:  types.BoolValue(fleet.Trusted()),
		Refused:  types.MapValueMust(types.ObjectType{AttrTypes: refusedTypes()}, refused),
		FirstEnd: firstEndObject(fleet),
		Summary:  types.StringValue(drawing.FleetSummary(fleet)),
		Timeline: types.StringValue(drawing.Timeline(fleet)),
	}
}

func firstEndObject(fleet trust.Fleet) types.Object {
	first := fleet.FirstEnd()
	if first == nil {
		return types.ObjectNull(firstEndTypes())
	}
	return types.ObjectValueMust(firstEndTypes(), map[string]attr.Value{
		"at": tfvalue.NewInstant(first.ValidUntil), "name": types.StringValue(first.Name),
		"count": types.Int64Value(int64(fleet.EndingWith(*first))), "certificate": types.StringValue(pki.Describe(first.Ends)),
	})
}
