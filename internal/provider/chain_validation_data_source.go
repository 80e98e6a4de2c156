package provider

import (
	"context"
	"crypto/x509"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
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

type chainValidationDataSource struct{ environment }

type chainValidationModel struct {
	TrustAnchorsPEM    types.List   `tfsdk:"trust_anchors_pem"`
	PresentedChainPEM  types.String `tfsdk:"presented_chain_pem"`
	Verifier           types.String `tfsdk:"verifier"`
	ServerName         types.String `tfsdk:"server_name"`
	VerifyDepth        types.Int64  `tfsdk:"verify_depth"`
	OCSP               types.String `tfsdk:"ocsp"`
	At                 types.String `tfsdk:"at"`
	RequireValidFor    types.String `tfsdk:"require_valid_for"`
	RevocationListsPEM types.List   `tfsdk:"revocation_lists_pem"`
	verdictModel
}

func newChainValidation(in environment) datasource.DataSource {
	return &chainValidationDataSource{in}
}

func (d *chainValidationDataSource) Metadata(_ context.Context, request datasource.MetadataRequest, response *datasource.MetadataResponse) {
	response.TypeName = request.ProviderTypeName + "_chain_validation"
}

func (d *chainValidationDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, response *datasource.SchemaResponse) {
	response.Schema = schema.Schema{
		MarkdownDescription: "Would a verifier accept what the other side presents? A control plane judges a data plane, a data plane its control plane, a server its clients. " +
			"The verdict follows the rules of that verifier, and explains every problem and its remedy. \"Not trusted\" is a result, not an error: use a `postcondition` or a `check` to decide what it stops. " +
			"If all arguments are known at plan, so is the verdict.",
		Attributes: map[string]schema.Attribute{
			"trust_anchors_pem": schema.ListAttribute{
				ElementType: types.StringType, Required: true,
				MarkdownDescription: "Everything that the verifier trusts, in the same order: what is uploaded to a control plane, or `lua_ssl_trusted_certificate` of a data plane. Each element is one or more certificates as PEM.",
			},
			"presented_chain_pem": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: "What the other side presents, as PEM: its own certificate first, then the intermediates.",
			},
			"verifier": schema.StringAttribute{
				Optional:   true,
				Validators: []validator.String{oneOf(trust.Verifiers())},
				MarkdownDescription: "Whose rules apply. Default: `konnect`.\n" +
					"  - A control plane that judges a data plane: `konnect`, or self-hosted Kong with `cluster_mtls` set to `shared` or `pki`: `kong_hybrid_shared`, `kong_hybrid_pki`.\n" +
					"  - A self-hosted data plane that judges its control plane: `kong_data_plane_shared`, `kong_data_plane_pki`.\n" +
					"  - A server that judges a client: `nginx`, `haproxy`, `apache`, or `go` for everything that is built on crypto/tls (Caddy, Traefik, Contour, etcd).",
			},
			"server_name": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "The name that the verifier looks for in the certificate: a DNS name or an IP address. `kong_data_plane_pki` requires it: the value of `cluster_server_name`, or else the host of `cluster_control_plane`. " +
					"`kong_data_plane_shared` always looks for `kong_clustering`. Other verifiers look for none, and it must not be set. Default: none.",
			},
			"verify_depth": schema.Int64Attribute{
				Optional: true,
				MarkdownDescription: "The value of the verifier's own setting, counted as it counts: `ssl_verify_depth` of `nginx` and `lua_ssl_verify_depth` of a data plane count intermediates; `SSLVerifyDepth` of `apache` counts every CA, the root too. " +
					"Other verifiers have no such setting, and it must not be set. Default: the verifier's own, `1`.",
			},
			"ocsp": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "`cluster_ocsp` of `kong_hybrid_pki`: `off`, `optional` or `on`. With `on`, the leaf must name an OCSP responder and be followed by its issuer, or it is refused; with `optional`, that is a warning. " +
					"What the responder will say is not known, and a finding says so. Other verifiers must not set it. Default: `off`.",
			},
			"at": schema.StringAttribute{
				Optional:            true,
				Validators:          []validator.String{tfvalue.Instant()},
				MarkdownDescription: "The time for which to validate, in RFC 3339. Default: now, at each read.",
			},
			"require_valid_for": schema.StringAttribute{
				Optional:            true,
				Validators:          []validator.String{tfvalue.NotNegative()},
				MarkdownDescription: "How long after `at` the path must still be valid, as a Go duration such as `720h`. A path that ends sooner is not trusted. Default: no requirement.",
			},
			"revocation_lists_pem": schema.ListAttribute{
				ElementType: types.StringType, Optional: true,
				MarkdownDescription: "Certificate revocation lists (CRLs). Each element is one or more lists as PEM. Certificates that they list are not trusted. " +
					"`nginx`, `haproxy` and `apache` (with `SSLCARevocationCheck chain`) then need a current list of every CA on the path, or refuse. A list that cannot be read is skipped with a warning. Default: none.",
			},
			"trusted":     schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether the verifier accepts the chain."},
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
		"severity":    text("`error`, which means that the verifier refuses the chain, or `warning`."),
		"certificate": text("The certificate that the finding is about, in words; null if it is not about a certificate."),
		"detail":      text("What is wrong, in a sentence."),
		"hint":        text("What to upload, present or change."),

		"verifier_says": text("What the verifier itself writes if this is what it refuses for, with its number where it has one, such as `client SSL certificate verify error: (21:unable to verify the first certificate)` of nginx; null where it writes nothing or nobody knows."),
		"clause":        text("Where the rule is written, such as `RFC 5280, 4.2.1.9`; null if nowhere."),

		"fingerprint_sha256": text("The fingerprint of the certificate that the finding is about; null if it is not about one."),
		"found_in":           text("The argument in which that certificate is: `presented_chain_pem`, or else `trust_anchors_pem`; null if it is not about one."),
		"position":           schema.Int64Attribute{Computed: true, MarkdownDescription: "The position of that certificate in `found_in`, from 1, counted over all of its certificates; null if it is not about one."},
	}
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
	m.checkOptions(&response.Diagnostics)
	if response.Diagnostics.HasError() {
		return
	}
	options := m.options(d.clock(), lists)
	options.UnreadableAnchors, options.UnreadablePresented = readable.Unreadable, unreadablePresented
	options.UnreadableRevocationLists = readableLists.Unreadable
	m.verdictModel = newVerdictModel(trust.Evaluate(anchors, presented, options))
	d.codec.Encode(ctx, &response.State.Raw, response.State.Schema, &m, &response.Diagnostics)
}

// ValidateConfig reports settings that the verifier does not have, or cannot have
// so. What is unknown is checked once it is known.
func (d *chainValidationDataSource) ValidateConfig(ctx context.Context, request datasource.ValidateConfigRequest, response *datasource.ValidateConfigResponse) {
	var m chainValidationModel
	d.codec.Decode(ctx, request.Config.Raw, request.Config.Schema, &m, &response.Diagnostics)
	if !response.Diagnostics.HasError() && !m.Verifier.IsUnknown() {
		m.checkOptions(&response.Diagnostics)
	}
}

func (m chainValidationModel) checkOptions(diagnostics *diag.Diagnostics) {
	unknown := map[string]bool{"server_name": m.ServerName.IsUnknown(), "verify_depth": m.VerifyDepth.IsUnknown(), "ocsp": m.OCSP.IsUnknown()}
	for _, wrong := range m.options(time.Time{}, nil).Check() {
		if !unknown[wrong.Option] {
			diagnostics.AddAttributeError(path.Root(wrong.Option), "Option does not fit the verifier", pki.Sentence(wrong.Detail)+". "+pki.Sentence(wrong.Hint)+".")
		}
	}
}

func (m chainValidationModel) options(now time.Time, lists []*x509.RevocationList) trust.Options {
	options := trust.Options{
		Verifier: trust.Verifier(m.Verifier.ValueString()), At: now, RevocationLists: lists,
		RequireValidFor: new(tfvalue.Reader).DurationOr(m.RequireValidFor, 0),
	}
	if at, err := tfvalue.ParseInstant(m.At.ValueString()); err == nil {
		options.At = at
	}
	if tfvalue.Known(m.ServerName) {
		options.ServerName = new(m.ServerName.ValueString())
	}
	if tfvalue.Known(m.VerifyDepth) {
		options.VerifyDepth = new(depth(m.VerifyDepth.ValueInt64()))
	}
	if tfvalue.Known(m.OCSP) {
		options.OCSP = new(trust.OCSP(m.OCSP.ValueString()))
	}
	return options
}
