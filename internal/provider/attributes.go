package provider

import (
	"crypto/x509"
	"maps"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/boolvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/tfvalue"
)

// The roots of the three ways to come by a certificate.
var (
	atCertificate = path.MatchRoot("certificate_pem")
	atKey         = path.MatchRoot("private_key_pem")
	atKeyWO       = path.MatchRoot("private_key_pem_wo")
)

// merge joins groups of attributes into one schema's.
func merge[A any](groups ...map[string]A) map[string]A {
	all := map[string]A{}
	for _, group := range groups {
		maps.Copy(all, group)
	}
	return all
}

// requestAttributes say what certificate is wanted. what is the noun for it in
// descriptions, validity its default life in Markdown.
func requestAttributes(what, validity string) map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"certificate_pem": schema.StringAttribute{
			CustomType: tfvalue.PEMType{}, Optional: true, Computed: true,
			Validators: []validator.String{tfvalue.OneCertificate{}},
			MarkdownDescription: "The " + what + " as PEM. Set it to bring your own: exactly one certificate, which is used as it is. " +
				"Default: it is generated. Compared by what it holds: line endings and text around it make no difference. " +
				"Bringing another one starts a new generation.",
		},
		"private_key_pem": schema.StringAttribute{
			CustomType: tfvalue.PEMType{}, Optional: true, Computed: true, Sensitive: true,
			Validators: []validator.String{tfvalue.OnePrivateKey{}, stringvalidator.AlsoRequires(atCertificate), stringvalidator.ConflictsWith(atKeyWO)},
			MarkdownDescription: "The private key as PKCS#8 PEM, kept in state. Null where it is held elsewhere: brought write-only, or not given. " +
				"With `certificate_pem` it can be set to the key of that certificate (PKCS#8, PKCS#1 or SEC 1, not encrypted). " +
				"Default: generated with the certificate; none with `certificate_pem`.",
		},
		"private_key_pem_wo": schema.StringAttribute{
			CustomType: tfvalue.PEMType{}, Optional: true, WriteOnly: true, Sensitive: true,
			Validators: []validator.String{tfvalue.OnePrivateKey{}},
			MarkdownDescription: "A private key to use instead of a generated one, as PEM (PKCS#8, PKCS#1 or SEC 1, not encrypted). " +
				"Write-only: it is never in state or plan; it may be an ephemeral value. Default: none.",
		},
		"private_key_pem_wo_version": schema.Int64Attribute{
			Optional:   true,
			Validators: []validator.Int64{int64validator.AlsoRequires(atKeyWO)},
			MarkdownDescription: "A number to change when `private_key_pem_wo` changes, since Terraform does not see a write-only value change. " +
				"A change starts a new generation with the key that is then given; while it stays, another key changes nothing, and is warned of. " +
				"Default: none; then another key starts a new generation whenever it is known at plan.",
		},
		"key_algorithm": schema.StringAttribute{
			Optional: true,
			Validators: []validator.String{
				stringvalidator.OneOf(algorithmNames()...), stringvalidator.ConflictsWith(atCertificate, atKeyWO),
			},
			MarkdownDescription: "The algorithm of the generated key: `" + strings.Join(algorithmNames(), "`, `") + "`. " +
				"Default: `ECDSA-P256`. A change starts a new generation.",
		},
		"validity": schema.StringAttribute{
			Optional:   true,
			Validators: []validator.String{tfvalue.MinValidity{}, stringvalidator.ConflictsWith(atCertificate)},
			MarkdownDescription: "How long the certificate lives from the moment it is issued, as a Go duration such as `8760h`. " +
				"Default: " + validity + ". A change starts a new generation.",
		},
		"subject": subjectAttribute(what),
	}
}

func algorithmNames() []string {
	var names []string
	for _, algorithm := range pki.KeyAlgorithms() {
		names = append(names, string(algorithm))
	}
	return names
}

// nameAttributes are the alternative names of an end entity.
func nameAttributes() map[string]schema.Attribute {
	names := func(description string) schema.ListAttribute {
		return schema.ListAttribute{
			ElementType: types.StringType, Optional: true,
			Validators:          []validator.List{listvalidator.ConflictsWith(atCertificate), listvalidator.SizeAtLeast(1), tfvalue.NoNulls{}},
			MarkdownDescription: description + " Default: none. A change, other than of their order, starts a new generation.",
		}
	}
	return map[string]schema.Attribute{
		"dns_names":       names("DNS names in the subject alternative name, such as `edge-1.dp.example.com`; a leading `*.` is allowed."),
		"ip_addresses":    names("IPv4 and IPv6 addresses in the subject alternative name."),
		"uris":            names("Absolute URIs in the subject alternative name, such as `spiffe://example.com/edge`."),
		"email_addresses": names("E-mail addresses in the subject alternative name."),
	}
}

// lifecycleAttributes say when a certificate makes way for its successor.
func lifecycleAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"renew_before": schema.StringAttribute{
			Optional:   true,
			Validators: []validator.String{tfvalue.NotNegative{}},
			MarkdownDescription: "How long before its end the certificate is renewed, by the first plan after that moment, as a Go duration. " +
				"`\"0s\"` turns renewal off. Default: `720h`, or a third of `validity` if that is less. A change re-issues nothing by itself; if it makes the certificate due, that is renewed in the same apply, or within a day by the next.",
		},
		"rotation_triggers": schema.MapAttribute{
			ElementType: types.StringType, Optional: true,
			Validators:          []validator.Map{mapvalidator.SizeAtLeast(1), mapvalidator.ConflictsWith(atCertificate)},
			MarkdownDescription: "Arbitrary values; any change of them starts a new generation now. Default: none.",
		},
		"reuse_key": schema.BoolAttribute{
			Optional:            true,
			Validators:          []validator.Bool{boolvalidator.ConflictsWith(atCertificate)},
			MarkdownDescription: "Whether a new generation keeps the private key of the one before. Default: `false`, a new key each time. A change alone re-issues nothing.",
		},
	}
}

// uploadAttributes are the arguments of what is uploaded to a control plane.
func uploadAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"overlap": schema.StringAttribute{
			Optional:   true,
			Validators: []validator.String{tfvalue.NotNegative{}},
			MarkdownDescription: "How long a certificate stays trusted after a rotation has replaced it, as a Go duration. " +
				"`\"0s\"` drops it in the same apply, for a compromised key. Default: until its own end.",
		},
	}
}

// The extended key usages of a data plane, as users write them.
const clientAuth, serverAuth = "client_auth", "server_auth"

func purposeNames() []string { return []string{clientAuth, serverAuth} }

// readPurposes reads extended key usages.
func readPurposes(read *tfvalue.Reader, list types.List) []x509.ExtKeyUsage {
	var usages []x509.ExtKeyUsage
	for _, name := range read.Strings("extended_key_usages", list) {
		switch name {
		case clientAuth:
			usages = append(usages, x509.ExtKeyUsageClientAuth)
		case serverAuth:
			usages = append(usages, x509.ExtKeyUsageServerAuth)
		}
	}
	return usages
}
