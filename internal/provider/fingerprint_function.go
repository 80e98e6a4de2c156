package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/function"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

type fingerprintFunction struct{}

func newFingerprintFunction() function.Function { return fingerprintFunction{} }

func (fingerprintFunction) Metadata(_ context.Context, _ function.MetadataRequest, response *function.MetadataResponse) {
	response.Name = "fingerprint_sha256"
}

func (fingerprintFunction) Definition(_ context.Context, _ function.DefinitionRequest, response *function.DefinitionResponse) {
	response.Definition = function.Definition{
		Summary: "Returns the SHA-256 fingerprint of a certificate",
		MarkdownDescription: "SHA-256 over the certificate's DER, in lower-case hex: what `openssl x509 -fingerprint -sha256` shows, without colons. " +
			"The text must contain exactly one certificate.",
		Parameters: []function.Parameter{pemParameter("pem", "One certificate as PEM.")},
		Return:     function.StringReturn{},
	}
}

func (fingerprintFunction) Run(ctx context.Context, request function.RunRequest, response *function.RunResponse) {
	var text string
	if !arguments(ctx, request, response, &text) {
		return
	}
	certificate, err := pki.ParseCertificate(text)
	if err != nil {
		response.Error = argumentError(0, err)
		return
	}
	result(ctx, response, pki.FingerprintSHA256(certificate))
}
