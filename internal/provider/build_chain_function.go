package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

type buildChainFunction struct{}

func newBuildChainFunction() function.Function { return buildChainFunction{} }

func (buildChainFunction) Metadata(_ context.Context, _ function.MetadataRequest, response *function.MetadataResponse) {
	response.Name = "build_chain"
}

func (buildChainFunction) Definition(_ context.Context, _ function.DefinitionRequest, response *function.DefinitionResponse) {
	response.Definition = function.Definition{
		Summary: "Builds the chain of a leaf from unordered certificates",
		MarkdownDescription: "Returns the chain that a data plane presents, as PEM: the leaf, then each issuer in order, as far as the pool contains them, " +
			"without a self-signed root. Certificates in the pool that are not above the leaf are left out. " +
			"Issuers are found by name and signature; validity dates are not checked." + besideKey + "Null if there is a private key, and no leaf.",
		Parameters: []function.Parameter{
			pemParameter("leaf_pem", "The leaf: exactly one certificate as PEM."),
			pemParameter("pool_pem", "Any certificates as PEM, in any order."),
		},
		Return: function.StringReturn{},
	}
}

func (buildChainFunction) Run(ctx context.Context, request function.RunRequest, response *function.RunResponse) {
	var leafText, poolText string
	if !arguments(ctx, request, response, &leafText, &poolText) {
		return
	}
	leaf, leafFault := parseBesideKeys(leafText, pki.ParseCertificate)
	pool, poolFault := parseBesideKeys(poolText, pki.ParseCertificates)
	if poolFault != nil && holdPrivateKey(poolText) {
		pool, poolFault = nil, nil // nothing else is in it
	}
	switch {
	case (leafFault != nil || poolFault != nil) && holdPrivateKey(leafText, poolText):
		result(ctx, response, types.StringNull())
		return
	case leafFault != nil:
		response.Error = argumentError(0, leafFault)
		return
	case poolFault != nil:
		response.Error = argumentError(1, poolFault)
		return
	}
	chain, err := pki.BuildChain(leaf, pool)
	if err != nil {
		response.Error = argumentError(1, err)
		return
	}
	result(ctx, response, pki.EncodeCertificates(pki.WithoutRoots(chain)...))
}
