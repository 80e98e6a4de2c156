package provider

import (
	"context"
	"crypto/x509"
	"crypto/x509/pkix"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trustplane/terraform-provider-mtls/internal/issue"
	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/rotation"
)

// nodeAttributes say what certificate a node of a set gets.
func nodeAttributes() map[string]schema.Attribute {
	names := func(description string) schema.ListAttribute {
		return schema.ListAttribute{
			ElementType: types.StringType, Optional: true,
			Validators:          []validator.List{listvalidator.SizeAtLeast(1), noNulls{}},
			MarkdownDescription: description + " Default: none. A change re-issues the node.",
		}
	}
	return map[string]schema.Attribute{
		"common_name": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "The common name of the subject, 64 characters at most. Default: none; then an alternative name or a `csr_pem` is needed. A change re-issues the node.",
		},
		"organization": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "The organization of the subject, 64 characters at most. Default: none. A change re-issues the node.",
		},
		"dns_names":       names("DNS names in the subject alternative name."),
		"ip_addresses":    names("IPv4 and IPv6 addresses in the subject alternative name."),
		"uris":            names("Absolute URIs in the subject alternative name."),
		"email_addresses": names("E-mail addresses in the subject alternative name."),
		"csr_pem": schema.StringAttribute{
			CustomType: pemType{}, Optional: true,
			Validators:          []validator.String{signingRequestPEM{}},
			MarkdownDescription: "A certificate request (PKCS#10) as PEM, for a key that never leaves its node. Subject and each kind of name come from it unless they are set here. Default: none; a key is generated.",
		},
	}
}

// namedNode wants a node to say whom its certificate is for.
//
// The validators that come with the framework compare attributes by searching
// the whole configuration, once for each node: in a set of a thousand that alone
// takes a minute.
type namedNode struct{}

func (namedNode) Description(context.Context) string {
	return "a common name, an alternative name or a certificate request must be given"
}
func (v namedNode) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (namedNode) ValidateObject(_ context.Context, request validator.ObjectRequest, response *validator.ObjectResponse) {
	if !known(request.ConfigValue) {
		return
	}
	given := request.ConfigValue.Attributes()
	for _, name := range []string{"common_name", "dns_names", "ip_addresses", "uris", "email_addresses", "csr_pem"} {
		if value, ok := given[name]; ok && !value.IsNull() {
			return
		}
	}
	response.Diagnostics.AddAttributeError(request.Path, "Node without a name",
		"The certificate would name nothing. Give the node a common_name, an alternative name, or a csr_pem that has one.")
}

// A node is one data plane of a set on its way from state to configuration.
type node struct {
	name    string
	request issue.Request
	read    *reader
	policy  rotation.Policy
	// rulesUnknown: whether rotation_triggers change, or renew_before makes the
	// node due, is known at apply alone, unless what is known of them tells.
	rulesUnknown bool

	// What the state has of it; the certificate is nil for a new node.
	certificate *x509.Certificate
	before      issue.Request
	keyPEM      pemValue
}

// readNode reads what is configured for one node of a set.
func (m *dataplaneCertificateSetModel) readNode(name string, value attr.Value) *node {
	read := newReader()
	n := &node{name: name, read: read, keyPEM: nullPEM(), request: issue.Request{Profile: issue.DataplaneCertificate}}
	object, ok := value.(types.Object)
	if !ok || !read.known(object) {
		read.incomplete = true
		n.request.Incomplete = true
		return n
	}
	n.request.Subject = pkix.Name{CommonName: read.attribute(object, "common_name"), Organization: read.several(object, "organization")}
	list := func(attribute string) []string {
		names, _ := object.Attributes()[attribute].(types.List)
		return read.strings(attribute, names)
	}
	n.request.DNSNames, n.request.IPAddresses = list("dns_names"), list("ip_addresses")
	n.request.URIs, n.request.EmailAddresses = list("uris"), list("email_addresses")
	if csr, ok := object.Attributes()["csr_pem"].(pemValue); ok {
		n.request.SigningRequest = read.signingRequest(csr)
	}
	n.request.KeyAlgorithm = pki.KeyAlgorithm(read.string(m.KeyAlgorithm))
	n.request.Validity = read.duration(m.Validity)
	n.request.ExtendedKeyUsages = read.purposes(m.ExtendedKeyUsages)
	n.request.Incomplete = read.incomplete
	n.policy = m.nodePolicy(name, read)
	_, n.rulesUnknown = triggered(m.RotationTriggers, m.RotationTriggers)
	n.rulesUnknown = n.rulesUnknown || m.RenewBefore.IsUnknown()
	return n
}

// nodePolicy spreads the renewals of a fleet: each node renews up to half of
// renew_before earlier than that, and never in the first half of what is left.
func (m *dataplaneCertificateSetModel) nodePolicy(name string, read *reader) rotation.Policy {
	policy := rotation.Policy{Renewable: true, Validity: read.duration(m.Validity), SpreadKey: name}
	if policy.Validity == 0 {
		policy.Validity = issue.DataplaneCertificate.DefaultValidity()
	}
	policy.RenewBefore = rotation.DefaultRenewBefore(policy.Validity)
	if known(m.RenewBefore) {
		policy.RenewBefore = read.duration(m.RenewBefore)
	}
	policy.SpreadWindow = max(0, min(policy.RenewBefore, policy.Validity-policy.RenewBefore)/2)
	return policy
}

// generation is the certificate that the node has. Sets count no generations.
func (n *node) generation() rotation.Generation {
	return rotation.Generation{Number: 1, NotBefore: n.certificate.NotBefore, NotAfter: n.certificate.NotAfter}
}

// decide says whether the node's certificate makes way, and whether that is
// left open until everything is known.
func (n *node) decide(set rotation.Causes, issuer configuredIssuer, now time.Time) decision {
	if n.certificate == nil {
		return decision{Decision: rotation.Decision{Rotate: true}}
	}
	causes := set
	causes.InputChanged = !n.read.incomplete && !n.request.Equal(n.before)
	causes.KeyVersionChanged = !n.read.incomplete && n.request.SigningRequest == nil && n.keyPEM.IsNull()
	timeline := rotation.Timeline{Active: n.generation()}
	uncertain := n.read.incomplete || issuer.unknown || n.rulesUnknown
	if !uncertain && issuer.issuer != nil {
		timeline.ReissuedEnd, _ = issue.End(n.request, issuer.issuer, now)
	}
	return conclude(rotation.Decide(timeline, n.policy, causes, now), causes, uncertain, issuer)
}

// at is where the faults of the node are told.
func (n *node) at(field string, index int) path.Path {
	at := path.Root("certificates").AtMapKey(n.name)
	switch field {
	case "subject.common_name":
		return at.AtName("common_name")
	case "subject.organization":
		return at.AtName("organization")
	case "dns_names", "ip_addresses", "uris", "email_addresses":
		at = at.AtName(field)
		if positions := n.read.positions[field]; index >= 0 && index < len(positions) {
			return at.AtListIndex(positions[index])
		}
		return at
	case "csr_pem":
		return at.AtName("csr_pem")
	default:
		return at
	}
}
