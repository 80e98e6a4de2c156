package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/trust"
)

type validateChainFunction struct{}

func newValidateChainFunction() function.Function { return validateChainFunction{} }

func (validateChainFunction) Metadata(_ context.Context, _ function.MetadataRequest, response *function.MetadataResponse) {
	response.Name = "validate_chain"
}

func (validateChainFunction) Definition(_ context.Context, _ function.DefinitionRequest, response *function.DefinitionResponse) {
	response.Definition = function.Definition{
		Summary: "Predicts whether a control plane accepts a presented chain",
		MarkdownDescription: "Returns the verdict of the data source `mtls_chain_validation` as an object: `trusted`, `mode`, `anchor`, `path`, `findings`, `valid_until`, " +
			"`summary` and `diagram`. The function is pure: it takes the time as an argument. It accepts ephemeral values. " +
			"Use it in `validation` blocks of module variables: a bad chain fails the plan, with `summary` as the message." + besideKey,
		Parameters: []function.Parameter{
			function.ListParameter{
				Name: "trust_anchors_pem", ElementType: types.StringType,
				MarkdownDescription: "Everything that is uploaded to the control plane, in the same order. Each element is one or more certificates as PEM.",
			},
			pemParameter("presented_chain_pem", "What the data plane presents, as PEM: its own certificate first, then the intermediates."),
			optionsParameter(),
		},
		Return: function.ObjectReturn{AttributeTypes: verdictTypes()},
	}
}

func (validateChainFunction) Run(ctx context.Context, request function.RunRequest, response *function.RunResponse) {
	var (
		anchorTexts []types.String
		presented   string
		argument    types.Dynamic
	)
	if !arguments(ctx, request, response, &anchorTexts, &presented, &argument) {
		return
	}
	texts := []string{presented}
	for _, text := range anchorTexts {
		texts = append(texts, text.ValueString())
	}
	read, failed := readVerdictArguments(argument, texts...)
	switch {
	case failed != nil:
		response.Error = failed
		return
	case read.refused != nil:
		verdict := newVerdictModel(trust.Evaluate(nil, nil, trust.Options{}))
		verdict.Summary = read.notJudged()
		result(ctx, response, verdict)
		return
	case !read.known:
		result(ctx, response, types.ObjectUnknown(verdictTypes()))
		return
	}
	anchors, failed := read.setAnchors(anchorTexts)
	if failed != nil {
		response.Error = failed
		return
	}
	var readable pki.Readable
	chain, err := parseBesideKeys(presented, readable.Parse)
	if err != nil {
		if response.Error = read.leaveOut(argumentPresented, "presented_chain_pem", err, err); response.Error != nil {
			return
		}
	}
	read.options.UnreadablePresented = readable.Unreadable
	verdict := newVerdictModel(trust.Evaluate(anchors, chain, read.options))
	verdict.Summary = read.explain(verdict.Summary)
	result(ctx, response, verdict)
}
