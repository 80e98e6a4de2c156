package provider

import (
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trustplane/terraform-provider-mtls/internal/issue"
	"github.com/trustplane/terraform-provider-mtls/internal/lifecycle"
	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/tfvalue"
)

// A model is the configuration, the plan or the state of one of the three
// certificate resources.
type model interface {
	profile() issue.Profile

	// certificate holds the attributes that all three share.
	certificate() *certificateModel
	// overlap is null where the argument is left out; uploads is false where there
	// is none, since nothing is uploaded.
	overlap() (value types.String, uploads bool)
	// prepublish is null where the argument is left out, or there is none.
	prepublish() types.String
	// issuer is the write-only object, only known in the configuration; null
	// where there is no issuer.
	issuer() types.Object
	keyed
	// csr is the certificate request; null where there is none.
	csr() tfvalue.PEM
	// named reports whether alternative names are given.
	named() bool
	// request collects what the certificate is to say, and notes what is not
	// known yet.
	request(*tfvalue.Reader) issue.Request
}

// generatedModel are the arguments of what is generated here with a key: a
// certificate, or a request for one.
type generatedModel struct {
	Subject                types.Object `tfsdk:"subject"`
	PrivateKeyPEMWO        tfvalue.PEM  `tfsdk:"private_key_pem_wo"`
	PrivateKeyPEMWOVersion types.Int64  `tfsdk:"private_key_pem_wo_version"`
	KeyAlgorithm           types.String `tfsdk:"key_algorithm"`
	RenewBefore            types.String `tfsdk:"renew_before"`
	RotationTriggers       types.Map    `tfsdk:"rotation_triggers"`
	ReuseKey               types.Bool   `tfsdk:"reuse_key"`
}

// want is what is asked for, as far as these arguments say it; read is the reader
// of the request.
func (m *generatedModel) want(request issue.Request, read *tfvalue.Reader) lifecycle.Want {
	return lifecycle.Want{
		Origin: lifecycle.Generated, Request: request, Triggers: readTriggers(m.RotationTriggers),
		Key: lifecycle.Key{Reuse: m.ReuseKey.ValueBool(), Version: m.PrivateKeyPEMWOVersion.ValueInt64Pointer()},
		Unknown: lifecycle.Unknowns{
			Request: read.Unknown, Algorithm: m.KeyAlgorithm.IsUnknown(), Triggers: m.RotationTriggers.IsUnknown(),
			KeyVersion: m.PrivateKeyPEMWOVersion.IsUnknown(),
		},
	}
}

// setMadeFrom writes down what the certificate or CSR in state was made from.
func (m *generatedModel) setMadeFrom(prior *lifecycle.Prior, request issue.Request) {
	prior.Request, prior.Triggers, prior.KeyVersion = request, readTriggers(m.RotationTriggers), m.PrivateKeyPEMWOVersion.ValueInt64Pointer()
}

func (m *generatedModel) writeOnlyKey() tfvalue.PEM { return m.PrivateKeyPEMWO }

// certificateModel are the attributes of every certificate resource.
type certificateModel struct {
	generatedModel
	Validity types.String `tfsdk:"validity"`

	// Outputs are those of the table [outputs], certificate_pem and
	// private_key_pem among them, which are arguments too.
	Outputs tfvalue.Rest `tfsdk:"*"`
}

func (m *certificateModel) certificate() *certificateModel { return m }

// heldElsewhere: only a CA's key can be held by a program.
func (m *certificateModel) heldElsewhere() tfvalue.PEM { return tfvalue.NullPEM() }
func (m *certificateModel) signerCommand() types.List  { return types.ListNull(types.StringType) }

// pem is an output that is PEM.
func (m *certificateModel) pem(name string) tfvalue.PEM { return pemOf(m.Outputs[name]) }

// pemOf is an attribute that is PEM; null where there is none.
func pemOf(value attr.Value) tfvalue.PEM {
	if text, is := value.(tfvalue.PEM); is {
		return text
	}
	return tfvalue.NullPEM()
}

// stringOf is an attribute that is a string; the empty one for null, unknown and
// where there is none.
func stringOf(value attr.Value) string {
	text, _ := value.(types.String)
	return text.ValueString()
}

// elementsOf is the elements of an attribute that is a map; nil for null, unknown
// and where there is none.
func elementsOf(value attr.Value) map[string]attr.Value {
	elements, is := value.(types.Map)
	if !is {
		return nil
	}
	return elements.Elements()
}

// baseRequest fills what every profile asks for.
func (m *certificateModel) baseRequest(profile issue.Profile, read *tfvalue.Reader) issue.Request {
	request := readRequest(profile, m.Subject, m.KeyAlgorithm, read)
	request.Validity = read.DurationOr(m.Validity, 0)
	return request
}

// readRequest is a request with a subject and the algorithm of its key.
func readRequest(profile issue.Profile, subject types.Object, algorithm types.String, read *tfvalue.Reader) issue.Request {
	return issue.Request{Profile: profile, Subject: readSubject(subject, read), KeyAlgorithm: pki.KeyAlgorithm(read.String(algorithm))}
}

// pointersModel are the arguments that say where the revocation of a certificate
// is looked up.
type pointersModel struct {
	CRLDistributionPoints types.List `tfsdk:"crl_distribution_points"`
	OCSPServers           types.List `tfsdk:"ocsp_servers"`
}

// pointersFields are the names of those arguments.
func pointersFields() []string { return []string{"crl_distribution_points", "ocsp_servers"} }

// readInto fills the pointers of a request.
func (m *pointersModel) readInto(request *issue.Request, read *tfvalue.Reader) {
	request.CRLDistributionPoints = read.Strings("crl_distribution_points", m.CRLDistributionPoints)
	request.OCSPServers = read.Strings("ocsp_servers", m.OCSPServers)
}

// uploadModel is the argument of what a control plane is given to trust.
type uploadModel struct {
	Overlap    types.String `tfsdk:"overlap"`
	Prepublish types.String `tfsdk:"prepublish"`
}

func (m *uploadModel) overlap() (types.String, bool) { return m.Overlap, true }
func (m *uploadModel) prepublish() types.String      { return m.Prepublish }

// namesModel are the alternative names of an end entity.
type namesModel struct {
	DNSNames       types.List `tfsdk:"dns_names"`
	IPAddresses    types.List `tfsdk:"ip_addresses"`
	URIs           types.List `tfsdk:"uris"`
	EmailAddresses types.List `tfsdk:"email_addresses"`
}

func (m *namesModel) named() bool {
	return slices.ContainsFunc([]types.List{m.DNSNames, m.IPAddresses, m.URIs, m.EmailAddresses}, func(list types.List) bool {
		return list.IsUnknown() || len(list.Elements()) > 0
	})
}

// readInto fills the names of a request.
func (m *namesModel) readInto(request *issue.Request, read *tfvalue.Reader) {
	request.DNSNames = read.Strings("dns_names", m.DNSNames)
	request.IPAddresses = read.Strings("ip_addresses", m.IPAddresses)
	request.URIs = read.Strings("uris", m.URIs)
	request.EmailAddresses = read.Strings("email_addresses", m.EmailAddresses)
}

// readTriggers reads rotation triggers. One that is null is as none.
func readTriggers(triggers types.Map) map[string]lifecycle.Value[string] {
	read := map[string]lifecycle.Value[string]{}
	for name, value := range triggers.Elements() {
		switch text, _ := value.(types.String); {
		case value.IsUnknown():
			read[name] = lifecycle.Value[string]{}
		case !value.IsNull():
			read[name] = lifecycle.Known(text.ValueString())
		}
	}
	return read
}
