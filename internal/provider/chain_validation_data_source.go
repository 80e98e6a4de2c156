package provider

import (
	"context"
	"crypto/x509"
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/tfvalue"
	"github.com/trustplane/terraform-provider-mtls/internal/trust"
)

type chainValidationDataSource struct {
	clock func() time.Time
	codec *tfvalue.Codec
}

type chainValidationModel struct {
	TrustAnchorsPEM    types.List        `tfsdk:"trust_anchors_pem"`
	PresentedChainPEM  types.String      `tfsdk:"presented_chain_pem"`
	Verifier           types.String      `tfsdk:"verifier"`
	At                 timetypes.RFC3339 `tfsdk:"at"`
	RequireValidFor    types.String      `tfsdk:"require_valid_for"`
	RevocationListsPEM types.List        `tfsdk:"revocation_lists_pem"`
	verdictModel
}

func newChainValidation(clock func() time.Time, codec *tfvalue.Codec) datasource.DataSource {
	return &chainValidationDataSource{clock: clock, codec: codec}
}

func (d *chainValidationDataSource) Metadata(_ context.Context, request datasource.MetadataRequest, response *datasource.MetadataResponse) {
	response.TypeName = request.ProviderTypeName + "_chain_validation"
}

func (d *chainValidationDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, response *datasource.SchemaResponse) {
	response.Schema = schema.Schema{
		MarkdownDescription: "Would the control plane accept what a data plane presents? The verdict follows the rules of that control plane, " +
			"and explains every problem and its remedy. \"Not trusted\" is a result, not an error: use a `postcondition` or a `check` to decide what it stops. " +
			"If all arguments are known at plan, so is the verdict.",
		Attributes: map[string]schema.Attribute{
			"trust_anchors_pem": schema.ListAttribute{
				ElementType: types.StringType, Required: true,
				MarkdownDescription: "Everything that is uploaded to the control plane, in the same order. Each element is one or more certificates as PEM.",
			},
			"presented_chain_pem": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: "What the data plane presents, as PEM: its own certificate first, then the intermediates.",
			},
			"verifier": schema.StringAttribute{
				Optional:   true,
				Validators: []validator.String{stringvalidator.OneOf(verifierNames()...)},
				MarkdownDescription: "Whose rules apply: `" + strings.Join(verifierNames(), "`, `") + "` " +
					"(self-hosted Kong with `cluster_mtls` set to `shared` or `pki`). Default: `konnect`.",
			},
			"at": schema.StringAttribute{
				CustomType: timetypes.RFC3339Type{}, Optional: true,
				MarkdownDescription: "The time for which to validate, in RFC 3339. Default: now, at each read.",
			},
			"require_valid_for": schema.StringAttribute{
				Optional:            true,
				Validators:          []validator.String{tfvalue.NotNegative()},
				MarkdownDescription: "How long after `at` the path must still be valid, as a Go duration such as `720h`. A path that ends sooner is not trusted. Default: no requirement.",
			},
			"revocation_lists_pem": schema.ListAttribute{
				ElementType: types.StringType, Optional: true,
				MarkdownDescription: "Certificate revocation lists (CRLs). Each element is one or more lists as PEM. Certificates that they list are not trusted. A list that cannot be read is skipped with a warning. Default: none.",
			},
			"trusted":     schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether the control plane accepts the chain."},
			"mode":        schema.StringAttribute{Computed: true, MarkdownDescription: "How it is accepted: `pinned` or `pki`; null if not trusted."},
			"anchor":      schema.SingleNestedAttribute{Computed: true, Attributes: certificateAttributes(), MarkdownDescription: "The uploaded certificate at which the path ends; null if not trusted."},
			"path":        schema.ListNestedAttribute{Computed: true, NestedObject: schema.NestedAttributeObject{Attributes: certificateAttributes()}, MarkdownDescription: "The accepted path, from leaf to anchor; null if not trusted."},
			"findings":    schema.ListNestedAttribute{Computed: true, NestedObject: schema.NestedAttributeObject{Attributes: findingAttributes()}, MarkdownDescription: "Everything that is wrong or worth knowing, errors first. If there are several candidate paths, the findings of the best one come first."},
			"valid_until": schema.StringAttribute{CustomType: timetypes.RFC3339Type{}, Computed: true, MarkdownDescription: "The earliest expiry on the path, in RFC 3339; null if not trusted."},
			"summary":     schema.StringAttribute{Computed: true, MarkdownDescription: "The verdict as plain text: one line, then the chain as a tree, then each finding with its remedy."},
			"diagram":     schema.StringAttribute{Computed: true, MarkdownDescription: "The chain as a Mermaid diagram."},
		},
	}
}

func findingAttributes() map[string]schema.Attribute {
	text := func(description string) schema.StringAttribute {
		return schema.StringAttribute{Computed: true, MarkdownDescription: description}
	}
	return map[string]schema.Attribute{
		"code":        text("What is wrong, as a stable code; see the guide on reading a verdict."),
		"severity":    text("`error`, which means that the control plane refuses the chain, or `warning`."),
		"certificate": text("The certificate that the finding is about, in words; null if it is not about a certificate."),
		"detail":      text("What is wrong, in a sentence."),
		"hint":        text("What to upload, present or change."),
	}
}

func verifierNames() []string {
	return texts(trust.Verifiers(), func(v trust.Verifier) string { return string(v) })
}

func (d *chainValidationDataSource) Read(ctx context.Context, request datasource.ReadRequest, response *datasource.ReadResponse) {
	var m chainValidationModel
	d.codec.Decode(ctx, request.Config.Raw, request.Config.Schema, &m, &response.Diagnostics)
	if response.Diagnostics.HasError() {
		return
	}
	var readable, readableLists pki.Readable
	anchors := parseEach(m.TrustAnchorsPEM, "trust_anchors_pem", "trust anchor", readable.Parse, &response.Diagnostics)
	lists := parseEach(m.RevocationListsPEM, "revocation_lists_pem", "revocation list", readableLists.ParseRevocationLists, &response.Diagnostics)
	presented, unreadablePresented, err := pki.ParseReadable(m.PresentedChainPEM.ValueString())
	if err != nil {
		tfvalue.AddPEMError(&response.Diagnostics, path.Root("presented_chain_pem"), "presented chain", err)
	}
	if response.Diagnostics.HasError() {
		return
	}
	options := m.options(d.clock(), lists)
	options.UnreadableAnchors, options.UnreadablePresented = readable.Unreadable, unreadablePresented
	options.UnreadableRevocationLists = readableLists.Unreadable
	m.verdictModel = newVerdictModel(trust.Evaluate(anchors, presented, options))
	d.codec.Encode(ctx, &response.State.Raw, response.State.Schema, &m, &response.Diagnostics)
}

func (m chainValidationModel) options(now time.Time, lists []*x509.RevocationList) trust.Options {
	options := trust.Options{Verifier: trust.Verifier(m.Verifier.ValueString()), At: now, RevocationLists: lists}
	if tfvalue.Known(m.At) {
		options.At = tfvalue.InstantOf(m.At)
	}
	if span := new(tfvalue.Reader).Duration(m.RequireValidFor); span != nil {
		options.RequireValidFor = *span
	}
	return options
}

// parseEach parses every element of a list of PEM texts; what is wrong is reported
// at its element, which is also named: Terraform shows the line of the list.
func parseEach[T any](list types.List, attribute, what string, parse func(string) ([]T, error), diagnostics *diag.Diagnostics) []T {
	var all []T
	for i, element := range list.Elements() {
		parsed, err := parse(stringOf(element))
		if err != nil {
			tfvalue.AddPEMError(diagnostics, path.Root(attribute).AtListIndex(i), what, fmt.Errorf("element [%d]: %w", i, err))
			continue
		}
		all = append(all, parsed...)
	}
	return all
}
