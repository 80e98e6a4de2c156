package provider

import (
	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trustplane/terraform-provider-mtls/internal/issue"
	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

// A model is the configuration, the plan or the state of one of the three
// certificate resources.
type model interface {
	profile() issue.Profile

	// certificate holds the attributes that all three share.
	certificate() *certificateModel
	// upload holds those of what is uploaded to a control plane; nil for what is
	// not.
	upload() *uploadModel
	// issuer is the write-only object, known in the configuration alone; null
	// where there is no issuer.
	issuer() types.Object
	// csr is the signing request; null where there is none.
	csr() pemValue
	// named reports whether alternative names are given.
	named() bool
	// request collects what the certificate is to say, and reports what is not
	// known yet.
	request(*reader) issue.Request
}

// certificateModel are the attributes of every certificate resource.
type certificateModel struct {
	Subject                types.Object `tfsdk:"subject"`
	CertificatePEM         pemValue     `tfsdk:"certificate_pem"`
	PrivateKeyPEM          pemValue     `tfsdk:"private_key_pem"`
	PrivateKeyPEMWO        pemValue     `tfsdk:"private_key_pem_wo"`
	PrivateKeyPEMWOVersion types.Int64  `tfsdk:"private_key_pem_wo_version"`
	KeyAlgorithm           types.String `tfsdk:"key_algorithm"`
	Validity               types.String `tfsdk:"validity"`

	RenewBefore      types.String `tfsdk:"renew_before"`
	RotationTriggers types.Map    `tfsdk:"rotation_triggers"`
	ReuseKey         types.Bool   `tfsdk:"reuse_key"`

	ChainPEM          pemValue          `tfsdk:"chain_pem"`
	SerialNumber      types.String      `tfsdk:"serial_number"`
	FingerprintSHA256 types.String      `tfsdk:"fingerprint_sha256"`
	SPKISHA256        types.String      `tfsdk:"spki_sha256"`
	SubjectKeyID      types.String      `tfsdk:"subject_key_id"`
	IssuerFingerprint types.String      `tfsdk:"issuer_fingerprint_sha256"`
	NotBefore         timetypes.RFC3339 `tfsdk:"not_before"`
	NotAfter          timetypes.RFC3339 `tfsdk:"not_after"`
	Generation        types.Int64       `tfsdk:"generation"`
	RenewalAt         timetypes.RFC3339 `tfsdk:"renewal_at"`
	RenewalDue        types.Bool        `tfsdk:"renewal_due"`
}

func (m *certificateModel) certificate() *certificateModel { return m }

// brought reports whether the certificate is one that somebody else made.
func (m *certificateModel) brought() bool { return !m.CertificatePEM.IsNull() }

// baseRequest fills what every profile asks for.
func (m *certificateModel) baseRequest(profile issue.Profile, read *reader) issue.Request {
	return issue.Request{
		Profile:      profile,
		Subject:      readSubject(m.Subject, read),
		Validity:     read.duration(m.Validity),
		KeyAlgorithm: pki.KeyAlgorithm(read.string(m.KeyAlgorithm)),
	}
}

// uploadModel are the attributes of what a control plane is given to trust.
type uploadModel struct {
	Overlap                types.String `tfsdk:"overlap"`
	TrustedCertificatesPEM types.Map    `tfsdk:"trusted_certificates_pem"`
	TrustBundlePEM         pemValue     `tfsdk:"trust_bundle_pem"`
}

func (m *uploadModel) upload() *uploadModel { return m }

// namesModel are the alternative names of an end entity.
type namesModel struct {
	DNSNames       types.List `tfsdk:"dns_names"`
	IPAddresses    types.List `tfsdk:"ip_addresses"`
	URIs           types.List `tfsdk:"uris"`
	EmailAddresses types.List `tfsdk:"email_addresses"`
}

func (m *namesModel) named() bool {
	return !m.DNSNames.IsNull() || !m.IPAddresses.IsNull() || !m.URIs.IsNull() || !m.EmailAddresses.IsNull()
}

// readInto fills the names of a request.
func (m *namesModel) readInto(request *issue.Request, read *reader) {
	request.DNSNames = read.strings("dns_names", m.DNSNames)
	request.IPAddresses = read.strings("ip_addresses", m.IPAddresses)
	request.URIs = read.strings("uris", m.URIs)
	request.EmailAddresses = read.strings("email_addresses", m.EmailAddresses)
}
