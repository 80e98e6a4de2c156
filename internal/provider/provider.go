// Package provider is the Terraform room: it turns configuration into requests
// to the engine and the engine's values into state. It decides nothing about
// X.509.
package provider

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/trustplane/terraform-provider-mtls/internal/tfvalue"
)

// New returns what makes an instance of the provider. The clock gives the
// present instant to everything that issues, judges or renews.
func New(version string, clock func() time.Time) func() provider.Provider {
	return func() provider.Provider { return &mtlsProvider{version: version, clock: clock} }
}

type mtlsProvider struct {
	version string
	clock   func() time.Time
	codec   tfvalue.Codec
}

var (
	_ provider.ProviderWithEphemeralResources = (*mtlsProvider)(nil)
	_ provider.ProviderWithFunctions          = (*mtlsProvider)(nil)
)

func (p *mtlsProvider) Metadata(_ context.Context, _ provider.MetadataRequest, response *provider.MetadataResponse) {
	response.TypeName = "mtls"
	response.Version = p.version
}

func (p *mtlsProvider) Schema(_ context.Context, _ provider.SchemaRequest, response *provider.SchemaResponse) {
	response.Schema = schema.Schema{
		MarkdownDescription: "Manages mutual-TLS trust between an API gateway's control plane and its data planes: issues the certificates that both sides need, " +
			"predicts at plan time whether a control plane will accept what a data plane will present, and rotates without ever refusing a running data plane. " +
			"The provider computes everything itself: it has no server, no account and no settings.",
	}
}

func (p *mtlsProvider) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {
}

func (p *mtlsProvider) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{
		func() resource.Resource { return newControlPlaneCA(p.clock, &p.codec) },
		func() resource.Resource { return newPinnedCertificate(p.clock, &p.codec) },
		func() resource.Resource { return newDataplaneCertificate(p.clock, &p.codec) },
		func() resource.Resource { return newDataplaneCertificateSet(p.clock, &p.codec) },
	}
}

func (p *mtlsProvider) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{
		func() datasource.DataSource { return newChainValidation(p.clock, &p.codec) },
	}
}

func (p *mtlsProvider) EphemeralResources(context.Context) []func() ephemeral.EphemeralResource {
	return []func() ephemeral.EphemeralResource{
		newPrivateKeyEphemeral,
		func() ephemeral.EphemeralResource { return newDataplaneCertificateEphemeral(p.clock, &p.codec) },
	}
}

func (p *mtlsProvider) Functions(context.Context) []func() function.Function {
	return []func() function.Function{
		newValidateChainFunction,
		newParseCertificatesFunction,
		newBuildChainFunction,
		newFingerprintFunction,
	}
}
