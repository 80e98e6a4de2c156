package provider

import (
	"context"
	"crypto/x509"
	"fmt"
	"slices"
	"strings"

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
	options, known, err := readOptions(argument)
	secret := holdPrivateKey(presented, argument.String()) || slices.ContainsFunc(anchorTexts, func(text types.String) bool { return holdPrivateKey(text.ValueString()) })
	switch {
	case err != nil && secret:
		result(ctx, response, unanswered("The options cannot be used: "+pki.Sentence(err.Error())+"."))
		return
	case err != nil:
		response.Error = argumentError(2, err)
		return
	case !known:
		result(ctx, response, types.ObjectUnknown(verdictTypes()))
		return
	}
	var anchors []*x509.Certificate
	var readable, readablePresented pki.Readable
	var leftOut []string
	for i, text := range anchorTexts {
		parsed, err := parseBesideKeys(text.ValueString(), readable.Parse) // null is empty, as in the data source
		if err != nil && !secret {
			response.Error = argumentError(0, fmt.Errorf("element [%d]: %w", i, err))
			return
		} else if err != nil {
			leftOut = append(leftOut, fmt.Sprintf("trust_anchors_pem[%d] is left out: %v.", i, err))
		}
		anchors = append(anchors, parsed...)
	}
	chain, err := parseBesideKeys(presented, readablePresented.Parse)
	if err != nil && !secret {
		response.Error = argumentError(1, err)
		return
	} else if err != nil {
		leftOut = append(leftOut, fmt.Sprintf("presented_chain_pem is left out: %v.", err))
	}
	options.UnreadableAnchors, options.UnreadablePresented = readable.Unreadable, readablePresented.Unreadable
	verdict := newVerdictModel(trust.Evaluate(anchors, chain, options))
	verdict.Summary = types.StringValue(strings.Join(append([]string{verdict.Summary.ValueString()}, leftOut...), "\n"))
	result(ctx, response, verdict)
}

// unanswered is the verdict where there is none, and the function must not fail:
// not trusted, for a reason that is not of the chain.
func unanswered(reason string) verdictModel {
	verdict := newVerdictModel(trust.Evaluate(nil, nil, trust.Options{}))
	verdict.Summary = types.StringValue("NOT JUDGED. " + reason)
	return verdict
}
