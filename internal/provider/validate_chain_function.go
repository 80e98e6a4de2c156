package provider

import (
	"context"
	"crypto/x509"
	"fmt"

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
			"Use it in `validation` blocks of module variables: a bad chain fails the plan, with `summary` as the message.",
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
	options, known, err := readOptions(argument)
	switch {
	case err != nil:
		response.Error = argumentError(2, err)
		return
	case !known:
		result(ctx, response, types.ObjectUnknown(verdictTypes()))
		return
	}
	var anchors []*x509.Certificate
	var readable pki.Readable
	for i, text := range anchorTexts {
		parsed, err := readable.Parse(text.ValueString()) // null is empty, as in the data source
		if err != nil {
			response.Error = argumentError(0, fmt.Errorf("element [%d]: %w", i, err))
			return
		}
		anchors = append(anchors, parsed...)
	}
	chain, unreadablePresented, err := pki.ParseReadable(presented)
	if err != nil {
		response.Error = argumentError(1, err)
		return
	}
	options.UnreadableAnchors, options.UnreadablePresented = readable.Unreadable, unreadablePresented
	result(ctx, response, newVerdictModel(trust.Evaluate(anchors, chain, options)))
}
