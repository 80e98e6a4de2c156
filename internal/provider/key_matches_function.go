package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/function"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

type keyMatchesFunction struct{}

func newKeyMatchesFunction() function.Function { return keyMatchesFunction{} }

func (keyMatchesFunction) Metadata(_ context.Context, _ function.MetadataRequest, response *function.MetadataResponse) {
	response.Name = "key_matches"
}

func (keyMatchesFunction) Definition(_ context.Context, _ function.DefinitionRequest, response *function.DefinitionResponse) {
	certificate, key := pemParameter("certificate_pem", "A certificate as PEM, or a chain, of which the first certificate counts."), pemParameter("private_key_pem", "A private key as PEM, not encrypted.")
	certificate.AllowNullValue, key.AllowNullValue = true, true
	response.Definition = function.Definition{
		Summary: "Reports whether a private key belongs to a certificate",
		MarkdownDescription: "True if the private key is that of the certificate, such as in a postcondition on what a secret store gives. " +
			"False otherwise, also for a text that cannot be read and for null: a function that fails would have Terraform show its arguments, and one of them is a private key.",
		Parameters: []function.Parameter{certificate, key},
		Return:     function.BoolReturn{},
	}
}

func (keyMatchesFunction) Run(ctx context.Context, request function.RunRequest, response *function.RunResponse) {
	var certificate, key *string
	if arguments(ctx, request, response, &certificate, &key) {
		result(ctx, response, certificate != nil && key != nil && pki.KeyMatches(*certificate, *key))
	}
}
