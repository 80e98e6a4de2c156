package provider

import (
	"context"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trustplane/terraform-provider-mtls/internal/issue"
	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

// defaultEphemeralValidity is how long a certificate that nobody stores lives
// unless the user says otherwise.
const defaultEphemeralValidity = 24 * time.Hour

type dataplaneCertificateEphemeral struct {
	clock func() time.Time
}

type dataplaneCertificateEphemeralModel struct {
	namesModel
	Subject           types.Object `tfsdk:"subject"`
	Issuer            types.Object `tfsdk:"issuer"`
	KeyAlgorithm      types.String `tfsdk:"key_algorithm"`
	Validity          types.String `tfsdk:"validity"`
	ExtendedKeyUsages types.List   `tfsdk:"extended_key_usages"`

	CertificatePEM    types.String      `tfsdk:"certificate_pem"`
	ChainPEM          types.String      `tfsdk:"chain_pem"`
	PrivateKeyPEM     types.String      `tfsdk:"private_key_pem"`
	SerialNumber      types.String      `tfsdk:"serial_number"`
	FingerprintSHA256 types.String      `tfsdk:"fingerprint_sha256"`
	NotBefore         timetypes.RFC3339 `tfsdk:"not_before"`
	NotAfter          timetypes.RFC3339 `tfsdk:"not_after"`
}

func newDataplaneCertificateEphemeral(clock func() time.Time) ephemeral.EphemeralResource {
	return &dataplaneCertificateEphemeral{clock: clock}
}

func (e *dataplaneCertificateEphemeral) Metadata(_ context.Context, request ephemeral.MetadataRequest, response *ephemeral.MetadataResponse) {
	response.TypeName = request.ProviderTypeName + "_dataplane_certificate"
}

func (e *dataplaneCertificateEphemeral) Schema(_ context.Context, _ ephemeral.SchemaRequest, response *ephemeral.SchemaResponse) {
	result := func(description string) schema.StringAttribute {
		return schema.StringAttribute{Computed: true, MarkdownDescription: description}
	}
	names := func(description string) schema.ListAttribute {
		return schema.ListAttribute{
			ElementType: types.StringType, Optional: true,
			Validators:          []validator.List{listvalidator.SizeAtLeast(1), noNulls{}},
			MarkdownDescription: description + " Default: none.",
		}
	}
	parts := map[string]schema.Attribute{}
	for name, description := range subjectDescriptions {
		parts[name] = schema.StringAttribute{Optional: true, MarkdownDescription: description + " Default: none."}
	}
	response.Schema = schema.Schema{
		MarkdownDescription: "A CA-signed certificate and its key together, short-lived, in no state and no plan: for write-only arguments, " +
			"such as `data_wo` of a Kubernetes secret. Terraform opens it anew in each plan and each apply, so **each time it is another certificate**; " +
			"nothing renews it while it is in use, and nothing has to be closed. Same rules as the resource of the same name.",
		Attributes: map[string]schema.Attribute{
			"subject":         schema.SingleNestedAttribute{Optional: true, Attributes: parts, MarkdownDescription: "The name of the certificate. Default: none; then an alternative name is needed."},
			"dns_names":       names("DNS names in the subject alternative name."),
			"ip_addresses":    names("IPv4 and IPv6 addresses in the subject alternative name."),
			"uris":            names("Absolute URIs in the subject alternative name."),
			"email_addresses": names("E-mail addresses in the subject alternative name."),
			"issuer": schema.SingleNestedAttribute{
				Required:            true,
				MarkdownDescription: "The CA that signs: a whole `mtls_control_plane_ca`, or an object of the attributes below.",
				Attributes: map[string]schema.Attribute{
					"certificate_pem": schema.StringAttribute{CustomType: pemType{}, Required: true, MarkdownDescription: "The issuer's certificate as PEM."},
					"chain_pem":       schema.StringAttribute{CustomType: pemType{}, Optional: true, MarkdownDescription: "The issuer's certificate and what stands above it, in order, as PEM. Default: the issuer's certificate alone."},
					"private_key_pem": schema.StringAttribute{CustomType: pemType{}, Optional: true, Sensitive: true, MarkdownDescription: "The issuer's private key as PEM. Needed to sign: give it where the issuer's own is write-only, and so null. Default: none."},
				},
			},
			"key_algorithm": schema.StringAttribute{
				Optional:            true,
				Validators:          []validator.String{stringvalidator.OneOf(algorithmNames()...)},
				MarkdownDescription: "The algorithm of the key: `" + strings.Join(algorithmNames(), "`, `") + "`. Default: `ECDSA-P256`.",
			},
			"validity": schema.StringAttribute{
				Optional:            true,
				Validators:          []validator.String{positiveDuration{}},
				MarkdownDescription: "How long the certificate lives, as a Go duration. Default: `24h`. Cut to the issuer's end.",
			},
			"extended_key_usages": schema.ListAttribute{
				ElementType: types.StringType, Optional: true,
				Validators:          []validator.List{listvalidator.SizeAtLeast(1), noNulls{}, listvalidator.ValueStringsAre(stringvalidator.OneOf(purposeNames()...))},
				MarkdownDescription: "What the certificate is for: `client_auth`, `server_auth`, or both. Default: `[\"client_auth\"]`.",
			},
			"certificate_pem":    result("The certificate as PEM."),
			"chain_pem":          result("The certificate followed by its issuers as PEM, without a self-signed root: what is presented."),
			"private_key_pem":    schema.StringAttribute{Computed: true, Sensitive: true, MarkdownDescription: "The private key as PKCS#8 PEM."},
			"serial_number":      result("The certificate's serial number, in lower-case hex."),
			"fingerprint_sha256": result("SHA-256 over the certificate's DER, in lower-case hex."),
			"not_before":         schema.StringAttribute{CustomType: timetypes.RFC3339Type{}, Computed: true, MarkdownDescription: "The beginning of the certificate's life. RFC 3339, UTC."},
			"not_after":          schema.StringAttribute{CustomType: timetypes.RFC3339Type{}, Computed: true, MarkdownDescription: "The last second of the certificate's life. RFC 3339, UTC."},
		},
	}
}

// Open issues the certificate.
func (e *dataplaneCertificateEphemeral) Open(ctx context.Context, request ephemeral.OpenRequest, response *ephemeral.OpenResponse) {
	var m dataplaneCertificateEphemeralModel
	response.Diagnostics.Append(request.Config.Get(ctx, &m)...)
	if response.Diagnostics.HasError() {
		return
	}
	read := newReader()
	wanted := m.request(read)
	issuer := readIssuer(m.Issuer, &response.Diagnostics)
	if response.Diagnostics.HasError() {
		return
	}
	issued, err := issue.Issue(wanted, issuer.issuer, e.clock())
	if err != nil {
		addIssueError(&response.Diagnostics, err, read)
		return
	}
	key, err := pki.EncodePrivateKey(issued.Key)
	if err != nil {
		response.Diagnostics.AddAttributeError(path.Root("private_key_pem"), "Private key not written", sentence(err.Error())+".")
		return
	}
	m.setResults(issued, key)
	response.Diagnostics.Append(response.Result.Set(ctx, &m)...)
}

func (m *dataplaneCertificateEphemeralModel) request(read *reader) issue.Request {
	request := issue.Request{
		Profile:           issue.DataplaneCertificate,
		Subject:           readSubject(m.Subject, read),
		Validity:          defaultEphemeralValidity,
		KeyAlgorithm:      pki.KeyAlgorithm(read.string(m.KeyAlgorithm)),
		ExtendedKeyUsages: read.purposes(m.ExtendedKeyUsages),
	}
	if known(m.Validity) {
		request.Validity = read.duration(m.Validity)
	}
	m.readInto(&request, read)
	return request
}

func (m *dataplaneCertificateEphemeralModel) setResults(issued *issue.Issued, key string) {
	certificate := issued.Certificate
	m.CertificatePEM = types.StringValue(pki.EncodeCertificates(certificate))
	m.ChainPEM = types.StringValue(pki.EncodeCertificates(issued.Chain...))
	m.PrivateKeyPEM = types.StringValue(key)
	m.SerialNumber = types.StringValue(pki.SerialNumber(certificate))
	m.FingerprintSHA256 = types.StringValue(pki.FingerprintSHA256(certificate))
	m.NotBefore = timetypes.NewRFC3339TimeValue(certificate.NotBefore.UTC())
	m.NotAfter = timetypes.NewRFC3339TimeValue(certificate.NotAfter.UTC())
}
