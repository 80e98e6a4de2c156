package provider

import (
	"context"
	"crypto/x509"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trustplane/terraform-provider-mtls/internal/handshake"
	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/tfvalue"
	"github.com/trustplane/terraform-provider-mtls/internal/trust"
)

type handshakeEphemeral struct{ environment }

type handshakeModel struct {
	Address         types.String `tfsdk:"address"`
	ServerName      types.String `tfsdk:"server_name"`
	ChainPEM        tfvalue.PEM  `tfsdk:"chain_pem"`
	PrivateKeyPEM   tfvalue.PEM  `tfsdk:"private_key_pem"`
	TrustAnchorsPEM types.List   `tfsdk:"trust_anchors_pem"`
	UploadedPEM     types.List   `tfsdk:"uploaded_pem"`
	Verifier        types.String `tfsdk:"verifier"`
	VerifyDepth     types.Int64  `tfsdk:"verify_depth"`
	HTTP            types.Object `tfsdk:"http"`
	Expect          types.String `tfsdk:"expect"`
	Timeout         types.String `tfsdk:"timeout"`

	Accepted       types.Bool   `tfsdk:"accepted"`
	Refusal        types.String `tfsdk:"refusal"`
	TLSVersion     types.String `tfsdk:"tls_version"`
	CipherSuite    types.String `tfsdk:"cipher_suite"`
	ServerChainPEM types.String `tfsdk:"server_chain_pem"`
	HTTPStatus     types.Int64  `tfsdk:"http_status"`
	Summary        types.String `tfsdk:"summary"`
}

func newHandshakeEphemeral(in environment) ephemeral.EphemeralResource {
	return &handshakeEphemeral{in}
}

func (e *handshakeEphemeral) Metadata(_ context.Context, request ephemeral.MetadataRequest, response *ephemeral.MetadataResponse) {
	response.TypeName = request.ProviderTypeName + "_handshake"
}

func (e *handshakeEphemeral) Schema(_ context.Context, _ ephemeral.SchemaRequest, response *ephemeral.SchemaResponse) {
	response.Schema = schema.Schema{
		MarkdownDescription: "Connects to a living server as a data plane would, and proves that the server accepts a certificate, or that it refuses it. " +
			"What is not as expected is an error with the server's own words and with the verdicts of both sides. " +
			"Terraform connects in every plan and in every apply in which all arguments are known, from the machine that it runs on, directly and never through a proxy. " +
			"Nothing is stored, and the private key never leaves the process.",
		Attributes: map[string]schema.Attribute{
			"address": schema.StringAttribute{
				Required:   true,
				Validators: []validator.String{tfvalue.Text("value must be host:port", "Invalid address", parsesAsAddress)},
				MarkdownDescription: "Where the server listens, as `host:port`; IPv6 in brackets, such as `[2001:db8::1]:8005`. " +
					"A name's addresses are tried in their order; `summary` lists them.",
			},
			"server_name": schema.StringAttribute{
				Optional:   true,
				Validators: []validator.String{tfvalue.Text("value must be the name of a host or an IP address", "Invalid server name", handshake.CheckServerName)},
				MarkdownDescription: "The name that is asked for in TLS (SNI) and in the request's `Host`, and looked for in the server's certificate. " +
					"Self-hosted Kong with `cluster_mtls = shared` asks for `kong_clustering`. Default: the host of `address`.",
			},
			"chain_pem": schema.StringAttribute{
				CustomType: tfvalue.PEMType{}, Required: true,
				MarkdownDescription: "What is presented, as PEM: the certificate first, then the intermediates. It is sent as it is, an expired one too.",
			},
			"private_key_pem": schema.StringAttribute{
				CustomType: tfvalue.PEMType{}, Required: true, Sensitive: true,
				Validators:          []validator.String{tfvalue.OnePrivateKey()},
				MarkdownDescription: "The private key of the first certificate, as PEM. It signs the handshake, and is not sent. A key of another certificate is an error before anything is sent.",
			},
			"trust_anchors_pem": schema.ListAttribute{
				ElementType: types.StringType, Optional: true,
				MarkdownDescription: "All that this side trusts; each element is one or more certificates as PEM. The server's chain is judged by it, by the rules of a Kong data plane. " +
					"A server that is not trusted is not `accepted`. Default: the server is not judged.",
			},
			"uploaded_pem": schema.ListAttribute{
				ElementType: types.StringType, Optional: true,
				MarkdownDescription: "All that is uploaded to the server, as far as you know; each element is one or more certificates as PEM. " +
					"It predicts what the server says, and a server that says something else is reported with both. Default: nothing is predicted.",
			},
			"verifier": schema.StringAttribute{
				Optional:            true,
				Validators:          []validator.String{oneOf(handshake.ServerVerifiers()), tfvalue.Needs("uploaded_pem")},
				MarkdownDescription: "Whose rules the prediction with `uploaded_pem` follows, as in `mtls_chain_validation`: " + inCode(handshake.ServerVerifiers()) + ". Default: `konnect`.",
			},
			"verify_depth": schema.Int64Attribute{
				Optional:            true,
				Validators:          []validator.Int64{tfvalue.Needs("uploaded_pem")},
				MarkdownDescription: "The server's own setting for the depth of a chain, for the prediction, as in `mtls_chain_validation`. Default: the verifier's own.",
			},
			"http": schema.SingleNestedAttribute{
				Optional: true,
				MarkdownDescription: "One HTTP/1.1 request after the handshake. Needed wherever a server decides only then: nginx refuses a certificate with status 400, and Kong in shared mode closes without an answer. " +
					"No redirect is followed. Default: no request.",
				Attributes: map[string]schema.Attribute{
					"path": schema.StringAttribute{
						Required:            true,
						Validators:          []validator.String{tfvalue.Text("value must be the path of a request", "Invalid path", handshake.CheckPath)},
						MarkdownDescription: "The path that is requested with GET, such as `/`; it may have a query.",
					},
				},
			},
			"expect": schema.StringAttribute{
				Optional:   true,
				Validators: []validator.String{oneOf(handshake.Expectations())},
				MarkdownDescription: "What is to be proved. `accepted`: the server accepts the certificate, and is trusted if `trust_anchors_pem` is set. " +
					"`refused`: the server was shown the certificate and refused it; a server that cannot be reached, or asks for no certificate, proves nothing. " +
					"`any`: whatever comes is a result and not an error. Default: `accepted`.",
			},
			"timeout": schema.StringAttribute{
				Optional:            true,
				Validators:          []validator.String{tfvalue.DurationBetween(time.Millisecond, handshake.MaxTimeout)},
				MarkdownDescription: "How long all of it may take together, as a Go duration of at most `10m`. Default: `10s`.",
			},
			"accepted":         schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether the server asked for the certificate and accepted it, and is trusted by `trust_anchors_pem` if that is set."},
			"refusal":          schema.StringAttribute{Computed: true, MarkdownDescription: "What the server said or did instead, such as `alert 48 (unknown_ca)`, `HTTP 400: The SSL certificate error` or `closed without an answer`; null if accepted."},
			"tls_version":      schema.StringAttribute{Computed: true, MarkdownDescription: "The version of TLS, such as `TLS 1.3`; null if the handshake did not get that far."},
			"cipher_suite":     schema.StringAttribute{Computed: true, MarkdownDescription: "The cipher suite, such as `TLS_AES_128_GCM_SHA256`; null if the handshake did not get that far."},
			"server_chain_pem": schema.StringAttribute{Computed: true, MarkdownDescription: "What the server presented, as PEM, its own certificate first; null if it presented none."},
			"http_status":      schema.Int64Attribute{Computed: true, MarkdownDescription: "The status of the answer; null without one."},
			"summary":          schema.StringAttribute{Computed: true, MarkdownDescription: "All of it as plain text: the outcome in one line, what was resolved and connected to, what each side said, and the verdicts."},
		},
	}
}

func parsesAsAddress(text string) error {
	_, err := handshake.ParseAddress(text)
	return err
}

// Open connects. There is nothing to renew or close: the connection is over.
func (e *handshakeEphemeral) Open(ctx context.Context, request ephemeral.OpenRequest, response *ephemeral.OpenResponse) {
	var m handshakeModel
	e.codec.Decode(ctx, request.Config.Raw, request.Config.Schema, &m, &response.Diagnostics)
	if response.Diagnostics.HasError() {
		return
	}
	asked, by := m.read(e.clock(), &response.Diagnostics)
	if response.Diagnostics.HasError() {
		return
	}
	report := handshake.Judge(asked, handshake.Connect(ctx, asked), by)
	m.judged(report, &response.Diagnostics)
	if response.Diagnostics.HasError() {
		return
	}
	m.setOutputs(report)
	e.codec.Encode(ctx, &response.Result.Raw, response.Result.Schema, &m, &response.Diagnostics)
}

// read makes a handshake of the configuration. What is wrong with it is reported
// before anything is sent.
func (m *handshakeModel) read(now time.Time, diagnostics *diag.Diagnostics) (handshake.Request, handshake.Judgement) {
	read := new(tfvalue.Reader)
	asked := handshake.Request{ServerName: read.String(m.ServerName), Path: read.Attribute(m.HTTP, "path"), Timeout: read.DurationOr(m.Timeout, 0)}
	var err error
	if asked.Address, err = handshake.ParseAddress(m.Address.ValueString()); err != nil {
		diagnostics.AddAttributeError(path.Root("address"), "Invalid address", pki.Sentence(err.Error())+".")
	}
	if asked.Chain, err = pki.ParseCertificates(m.ChainPEM.ValueString()); err != nil {
		tfvalue.AddPEMError(diagnostics, path.Root("chain_pem"), "chain", err)
	}
	if asked.Key, err = pki.ParsePrivateKey(m.PrivateKeyPEM.ValueString()); err != nil {
		tfvalue.AddPEMError(diagnostics, path.Root("private_key_pem"), "private key", err)
	}
	if !diagnostics.HasError() {
		if err := handshake.CheckKey(asked.Chain, asked.Key); err != nil {
			diagnostics.AddAttributeError(path.Root("private_key_pem"), "Key does not match", pki.Sentence(err.Error())+". Nothing was sent. Provide the key that the certificate was issued for.")
		}
	}
	by := handshake.Judgement{At: now, Verifier: trust.Verifier(m.Verifier.ValueString()), VerifyDepth: read.Number(m.VerifyDepth)}
	for _, wrong := range (trust.Options{Verifier: by.Verifier, VerifyDepth: by.VerifyDepth}).Check() {
		diagnostics.AddAttributeError(path.Root(wrong.Option), "Option not allowed", pki.Sentence(wrong.Error())+".")
	}
	by.Anchors, by.Unreadable = readUploads(m.TrustAnchorsPEM, "trust_anchors_pem", "trust anchor", diagnostics)
	by.Uploads, by.UnreadableUploads = readUploads(m.UploadedPEM, "uploaded_pem", "upload", diagnostics)
	return asked, by
}

func readUploads(list types.List, attribute, what string, diagnostics *diag.Diagnostics) ([]*x509.Certificate, map[int]error) {
	var readable pki.Readable
	certificates := parseEach(list, attribute, what, readable.Parse, diagnostics)
	return certificates, readable.Unreadable
}

// judged reports what is not as expected, and what was not predicted.
func (m *handshakeModel) judged(report handshake.Report, diagnostics *diag.Diagnostics) {
	expected := handshake.ExpectAccepted
	if tfvalue.Known(m.Expect) {
		expected = handshake.Expectation(m.Expect.ValueString())
	}
	switch unmet := report.Unmet(expected); {
	case unmet != "":
		diagnostics.AddAttributeError(path.Root("address"), unmet, fmt.Sprintf("Expected: %s.\n\n%s", expected, report.Summary()))
	case report.Disagrees():
		diagnostics.AddAttributeWarning(path.Root("uploaded_pem"), "Prediction and server disagree", report.Summary())
	}
}

func (m *handshakeModel) setOutputs(report handshake.Report) {
	m.Accepted, m.Refusal = types.BoolValue(report.Accepted()), tfvalue.NewText(report.Refusal())
	m.TLSVersion, m.CipherSuite = tfvalue.NewText(report.TLSVersion), tfvalue.NewText(report.CipherSuite)
	m.ServerChainPEM = tfvalue.NewText(pki.EncodeCertificates(report.ServerChain...))
	m.HTTPStatus = types.Int64Null()
	if report.HTTPStatus != 0 {
		m.HTTPStatus = types.Int64Value(int64(report.HTTPStatus))
	}
	m.Summary = types.StringValue(report.Summary())
}
