package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

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
			"The text must contain exactly one certificate." + besideKey + "Null if there is a private key, and not exactly one certificate.",
		Parameters: []function.Parameter{pemParameter("pem", "One certificate as PEM.")},
		Return:     function.StringReturn{},
	}
}

func (fingerprintFunction) Run(ctx context.Context, request function.RunRequest, response *function.RunResponse) {
	var text string
	if !arguments(ctx, request, response, &text) {
		return
	}
	certificate, err := parseBesideKeys(text, pki.ParseCertificate)
	if err != nil && holdPrivateKey(text) {
		result(ctx, response, types.StringNull())
		return
	}
	if err != nil {
		response.Error = argumentError(0, err)
		return
	}
	result(ctx, response, pki.FingerprintSHA256(certificate))
}
