package provider

import (
	"context"
	"crypto/x509"
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/trust"
)

type chainValidationDataSource struct {
	clock   func() time.Time
	layouts *layouts
}

type chainValidationModel struct {
	TrustAnchorsPEM    types.List        `tfsdk:"trust_anchors_pem"`
	PresentedChainPEM  types.String      `tfsdk:"presented_chain_pem"`
	ControlPlane       types.String      `tfsdk:"control_plane"`
	At                 timetypes.RFC3339 `tfsdk:"at"`
	RequireValidFor    types.String      `tfsdk:"require_valid_for"`
	RevocationListsPEM types.List        `tfsdk:"revocation_lists_pem"`
	verdictModel
}

func newChainValidation(clock func() time.Time, layouts *layouts) datasource.DataSource {
	return &chainValidationDataSource{clock: clock, layouts: layouts}
}

func (d *chainValidationDataSource) Metadata(_ context.Context, request datasource.MetadataRequest, response *datasource.MetadataResponse) {
	response.TypeName = request.ProviderTypeName + "_chain_validation"
}

func (d *chainValidationDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, response *datasource.SchemaResponse) {
	response.Schema = schema.Schema{
		MarkdownDescription: "Would the control plane accept what a data plane presents? Judged by the rules of the control plane at hand, " +
			"with every fault explained and what to do about it. \"Not trusted\" is a result and no error: " +
			"let a `postcondition` or a `check` decide what it stops. What is known is judged at plan.",
		Attributes: map[string]schema.Attribute{
			"trust_anchors_pem": schema.ListAttribute{
				ElementType: types.StringType, Required: true,
				MarkdownDescription: "All that is uploaded to the control plane, in its order: each element one or more certificates as PEM.",
			},
			"presented_chain_pem": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: "What the data plane presents, as PEM: its own certificate first, then intermediates.",
			},
			"control_plane": schema.StringAttribute{
				Optional:   true,
				Validators: []validator.String{stringvalidator.OneOf(controlPlaneNames()...)},
				MarkdownDescription: "Whose rules decide: `" + strings.Join(controlPlaneNames(), "`, `") + "` " +
					"(self-hosted with `cluster_mtls` set to `shared` or `pki`). Default: `konnect`.",
			},
			"at": schema.StringAttribute{
				CustomType: timetypes.RFC3339Type{}, Optional: true,
				MarkdownDescription: "The instant to judge at, in RFC 3339. Default: now, at each read.",
			},
			"require_valid_for": schema.StringAttribute{
				Optional:            true,
				Validators:          []validator.String{durationNotNegative{}},
				MarkdownDescription: "How long after `at` the path must last, as a Go duration such as `720h`; one that ends sooner is not trusted. Default: no demand.",
			},
			"revocation_lists_pem": schema.ListAttribute{
				ElementType: types.StringType, Optional: true,
				MarkdownDescription: "Certificate revocation lists, each element one or more as PEM. What they list is not trusted. Default: none.",
			},
			"trusted":     schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether the control plane accepts the chain."},
			"mode":        schema.StringAttribute{Computed: true, MarkdownDescription: "How: `pinned` or `pki`; null when not trusted."},
			"anchor":      schema.SingleNestedAttribute{Computed: true, Attributes: certificateAttributes(), MarkdownDescription: "The uploaded certificate that the path ends at; null when not trusted."},
			"path":        schema.ListNestedAttribute{Computed: true, NestedObject: schema.NestedAttributeObject{Attributes: certificateAttributes()}, MarkdownDescription: "The accepted path, leaf to anchor; null when not trusted."},
			"findings":    schema.ListNestedAttribute{Computed: true, NestedObject: schema.NestedAttributeObject{Attributes: findingAttributes()}, MarkdownDescription: "All that is wrong or worth knowing, errors first; of several candidate paths, those of the best first."},
			"valid_until": schema.StringAttribute{CustomType: timetypes.RFC3339Type{}, Computed: true, MarkdownDescription: "The earliest end along the path, in RFC 3339; null when not trusted."},
			"summary":     schema.StringAttribute{Computed: true, MarkdownDescription: "For people: the verdict in a line, the chain as a tree, each finding with what to do."},
			"diagram":     schema.StringAttribute{Computed: true, MarkdownDescription: "The chain as a Mermaid diagram."},
		},
	}
}

func findingAttributes() map[string]schema.Attribute {
	text := func(description string) schema.StringAttribute {
		return schema.StringAttribute{Computed: true, MarkdownDescription: description}
	}
	return map[string]schema.Attribute{
		"code":        text("What is wrong, as a stable word; see the guide on reading a verdict."),
		"severity":    text("`error`, which refuses, or `warning`."),
		"certificate": text("Which certificate, in words; null if it is about none."),
		"detail":      text("What is wrong, in a sentence."),
		"hint":        text("What to upload, present or change."),
	}
}

func controlPlaneNames() []string {
	return texts(trust.Verifiers(), func(v trust.Verifier) string { return string(v) })
}

func (d *chainValidationDataSource) Read(ctx context.Context, request datasource.ReadRequest, response *datasource.ReadResponse) {
	var m chainValidationModel
	d.layouts.read(ctx, request.Config.Raw, request.Config.Schema, &m, &response.Diagnostics)
	if response.Diagnostics.HasError() {
		return
	}
	var unreadable unreadableAnchors
	anchors := parseEach(m.TrustAnchorsPEM, "trust_anchors_pem", "trust anchor", unreadable.parse, &response.Diagnostics)
	lists := parseEach(m.RevocationListsPEM, "revocation_lists_pem", "revocation list", pki.ParseRevocationLists, &response.Diagnostics)
	presented, unreadablePresented, err := pki.ParseReadable(m.PresentedChainPEM.ValueString())
	if err != nil {
		addPEMError(&response.Diagnostics, path.Root("presented_chain_pem"), "presented chain", err)
	}
	if response.Diagnostics.HasError() {
		return
	}
	options := m.options(d.clock(), lists)
	options.UnreadableAnchors, options.UnreadablePresented = unreadable.why, unreadablePresented
	m.verdictModel = newVerdictModel(trust.Evaluate(anchors, presented, options))
	d.layouts.write(ctx, &response.State.Raw, response.State.Schema, &m, &response.Diagnostics)
}

func (m chainValidationModel) options(now time.Time, lists []*x509.RevocationList) trust.Options {
	options := trust.Options{Verifier: trust.Verifier(m.ControlPlane.ValueString()), At: now, RevocationLists: lists}
	if known(m.At) {
		options.At = instantOf(m.At)
	}
	options.RequireValidFor = newReader().duration(m.RequireValidFor)
	return options
}

// unreadableAnchors collects why trust anchors cannot be read, over all elements
// of a list: one that cannot costs a warning of the verdict, and not the plan.
type unreadableAnchors struct {
	count int
	why   map[int]error
}

func (u *unreadableAnchors) parse(text string) ([]*x509.Certificate, error) {
	parsed, unreadable, err := pki.ParseReadable(text)
	for i, why := range unreadable {
		if u.why == nil {
			u.why = map[int]error{}
		}
		u.why[u.count+i] = why
	}
	u.count += len(parsed)
	return parsed, err
}

// parseEach parses every element of a list of PEM texts; what is wrong is told
// at its element, which is also named: Terraform shows the line of the list.
func parseEach[T any](list types.List, attribute, what string, parse func(string) ([]T, error), diagnostics *diag.Diagnostics) []T {
	var all []T
	for i, element := range list.Elements() {
		parsed, err := parse(stringText(element))
		if err != nil {
			addPEMError(diagnostics, path.Root(attribute).AtListIndex(i), what, fmt.Errorf("element [%d]: %w", i, err))
			continue
		}
		all = append(all, parsed...)
	}
	return all
}

// stringText is the text of an element of a list of strings; empty for null.
func stringText(element attr.Value) string {
	text, _ := element.(types.String)
	return text.ValueString()
}
