package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

type parseCertificatesFunction struct{}

func newParseCertificatesFunction() function.Function { return parseCertificatesFunction{} }

func (parseCertificatesFunction) Metadata(_ context.Context, _ function.MetadataRequest, response *function.MetadataResponse) {
	response.Name = "parse_certificates"
}

func (parseCertificatesFunction) Definition(_ context.Context, _ function.DefinitionRequest, response *function.DefinitionResponse) {
	response.Definition = function.Definition{
		Summary: "Parses all certificates in a PEM text",
		MarkdownDescription: "Returns a list of objects, one per certificate, in the order of the text: names, dates, fingerprints, key, whether it is a CA, and `certificate_pem`, " +
			"the PEM of this certificate only. Every PEM block must be a certificate." + besideKey + "The list is empty if nothing else can be read.",
		Parameters: []function.Parameter{pemParameter("pem", "One or more certificates as PEM.")},
		Return:     function.ListReturn{ElementType: types.ObjectType{AttrTypes: parsedTypes()}},
	}
}

func (parseCertificatesFunction) Run(ctx context.Context, request function.RunRequest, response *function.RunResponse) {
	var text string
	if !arguments(ctx, request, response, &text) {
		return
	}
	certificates, err := parseBesideKeys(text, pki.ParseCertificates)
	if err != nil && !holdPrivateKey(text) {
		response.Error = argumentError(0, err)
		return
	}
	objects := make([]attr.Value, 0, len(certificates))
	for _, certificate := range certificates {
		values := certificateValues(certificate)
		values["certificate_pem"] = types.StringValue(pki.EncodeCertificates(certificate))
		objects = append(objects, types.ObjectValueMust(parsedTypes(), values))
	}
	result(ctx, response, types.ListValueMust(types.ObjectType{AttrTypes: parsedTypes()}, objects))
}

// parsedTypes are those of a certificate object, and of the certificate itself:
// a bundle can be taken apart with it.
func parsedTypes() map[string]attr.Type {
	kinds := certificateTypes()
	kinds["certificate_pem"] = types.StringType
	return kinds
}
