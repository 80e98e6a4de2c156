// Package provider is what Terraform sees: it turns configuration into requests
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
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trustplane/terraform-provider-mtls/internal/signer"
	"github.com/trustplane/terraform-provider-mtls/internal/tfvalue"
)

// New returns what makes an instance of the provider. The clock gives the
// present instant to everything that issues, judges or renews.
func New(version string, clock func() time.Time) func() provider.Provider {
	return func() provider.Provider { return &mtlsProvider{version: version, environment: newEnvironment(clock)} }
}

type mtlsProvider struct {
	version string
	environment
}

// An environment is what everything that the provider serves has in common.
type environment struct {
	clock    func() time.Time
	codec    *tfvalue.Codec
	programs *signer.Programs
}

func newEnvironment(clock func() time.Time) environment {
	return environment{clock: clock, codec: new(tfvalue.Codec), programs: new(signer.Programs)}
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
			"The provider computes everything itself: it has no server and no account. Its only settings are for programs that sign, see `signer_command`.",
		Attributes: map[string]schema.Attribute{
			"signer_timeout": schema.StringAttribute{
				Optional:            true,
				Validators:          []validator.String{tfvalue.Positive()},
				MarkdownDescription: "How long a program of `signer_command` may take for one signature, as a Go duration. Then it is ended, and the apply fails. Default: `30s`.",
			},
			"signer_concurrency": schema.Int64Attribute{
				Optional:            true,
				Validators:          []validator.Int64{tfvalue.NumberBetween(1, mostPrograms)},
				MarkdownDescription: "How many programs of `signer_command` run at the same time, for all resources of this provider together. They wait for an HSM or a network, so that it may be more than there are processors. Default: `8`.",
			},
		},
	}
}

// mostPrograms is the largest signer_concurrency.
const mostPrograms = 1000

// Configure sets the limits of programs that sign. What is unknown in a plan is
// left at its default: programs run in applies.
func (p *mtlsProvider) Configure(ctx context.Context, request provider.ConfigureRequest, response *provider.ConfigureResponse) {
	var settings struct {
		Timeout     types.String `tfsdk:"signer_timeout"`
		Concurrency types.Int64  `tfsdk:"signer_concurrency"`
	}
	response.Diagnostics.Append(request.Config.Get(ctx, &settings)...)
	if response.Diagnostics.HasError() {
		return
	}
	var read tfvalue.Reader
	p.programs.Limit(signer.Limits{Timeout: read.DurationOr(settings.Timeout, 0), AtOnce: int(settings.Concurrency.ValueInt64())})
}

func (p *mtlsProvider) Resources(context.Context) []func() resource.Resource {
	return allIn(p.environment, newControlPlaneCA, newPinnedCertificate, newDataplaneCertificate, newDataplaneCertificateSet, newCertificateRequest, newRevocationList)
}

func (p *mtlsProvider) DataSources(context.Context) []func() datasource.DataSource {
	return allIn(p.environment, newChainValidation)
}

func (p *mtlsProvider) EphemeralResources(context.Context) []func() ephemeral.EphemeralResource {
	return allIn(p.environment, newPrivateKeyEphemeral, newDataplaneCertificateEphemeral, newHandshakeEphemeral)
}

// allIn gives each of some constructors its environment.
func allIn[T any](environment environment, constructors ...func(environment) T) []func() T {
	made := make([]func() T, len(constructors))
	for i, construct := range constructors {
		made[i] = func() T { return construct(environment) }
	}
	return made
}

func (p *mtlsProvider) Functions(context.Context) []func() function.Function {
	return []func() function.Function{
		newValidateChainFunction,
		newValidateFleetFunction,
		newParseCertificatesFunction,
		newBuildChainFunction,
		newFingerprintFunction,
		newKeyMatchesFunction,
	}
}
