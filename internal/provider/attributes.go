package provider

import (
	"crypto/x509"
	"fmt"
	"maps"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/tfvalue"
)

// Why some arguments cannot be set together.
const (
	whyUnchanged = "A certificate that you already have is used unchanged."
	whyOneKey    = "There is one private key."
	whyGivenKey  = "The algorithm is that of the key that is given."
	whyKeyAway   = "The private key stays where it is, and is neither generated nor stored here."
)

// besideCertificate is for what says how a certificate is generated.
func besideCertificate() tfvalue.Relation { return tfvalue.Excludes(whyUnchanged, "certificate_pem") }

// generatedOrProvided wants either a subject or a certificate that exists.
func generatedOrProvided() tfvalue.Combination {
	return tfvalue.ExactlyOneOf("Set either subject, to generate the certificate, or certificate_pem, to manage one that you already have.", "subject", "certificate_pem")
}

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
			Validators: []validator.String{tfvalue.OneCertificate()},
			MarkdownDescription: "The " + what + " as PEM. Set it to manage a certificate that you already have: exactly one certificate, used unchanged. Default: generated. " +
				"Line endings and text around the PEM block make no difference. Changing the certificate starts a new generation.",
		},
		"private_key_pem": schema.StringAttribute{
			CustomType: tfvalue.PEMType{}, Optional: true, Computed: true, Sensitive: true,
			Validators: []validator.String{tfvalue.OnePrivateKey(), tfvalue.Needs("certificate_pem"), tfvalue.Excludes(whyOneKey, "private_key_pem_wo")},
			MarkdownDescription: "The private key as PKCS#8 PEM, stored in the state. Null if the key is not stored here: write-only, kept on the node, or not provided. " +
				"With `certificate_pem`, you can set it to the private key of that certificate (PKCS#8, PKCS#1 or SEC 1, not encrypted). " +
				"Default: generated with the certificate; none with `certificate_pem`.",
		},
		"private_key_pem_wo": schema.StringAttribute{
			CustomType: tfvalue.PEMType{}, Optional: true, WriteOnly: true, Sensitive: true,
			Validators: []validator.String{tfvalue.OnePrivateKey()},
			MarkdownDescription: "A private key to use instead of a generated one, as PEM (PKCS#8, PKCS#1 or SEC 1, not encrypted). " +
				"Write-only: never stored in state or plan. It may be an ephemeral value. Default: none.",
		},
		"private_key_pem_wo_version": schema.Int64Attribute{
			Optional:   true,
			Validators: []validator.Int64{tfvalue.Needs("private_key_pem_wo")},
			MarkdownDescription: "A number to change whenever `private_key_pem_wo` changes, because Terraform cannot see that a write-only value changes. " +
				"Changing the number starts a new generation with the current key. If only the key changes, the certificate stays and the plan warns. " +
				"Default: none; then a different key starts a new generation whenever it is known at plan.",
		},
		"key_algorithm": schema.StringAttribute{
			Optional: true,
			Validators: []validator.String{
				oneOf(pki.KeyAlgorithms()), besideCertificate(), tfvalue.Excludes(whyGivenKey, "private_key_pem_wo"),
			},
			MarkdownDescription: "The algorithm of the generated key: " + inCode(pki.KeyAlgorithms()) + ". " +
				"Default: `ECDSA-P256`, or that of a certificate that was imported, moved or provided before. Changing it starts a new generation.",
		},
		"validity": schema.StringAttribute{
			Optional:   true,
			Validators: []validator.String{tfvalue.MinValidity(), besideCertificate()},
			MarkdownDescription: "How long the certificate is valid, from the moment it is issued, as a Go duration such as `8760h`. " +
				"Default: " + validity + ". Changing it starts a new generation.",
		},
		"subject": subjectAttribute(what),
	}
}

// oneOf wants one of some names.
func oneOf[T ~string](names []T) validator.String {
	return tfvalue.OneOf(texts(names, func(name T) string { return string(name) })...)
}

// inCode lists names for a description in Markdown.
func inCode[T ~string](names []T) string {
	return strings.Join(texts(names, func(name T) string { return "`" + string(name) + "`" }), ", ")
}

// stringList is an optional list of strings, none of which may be null.
func stringList(description string, validators ...validator.List) schema.ListAttribute {
	return schema.ListAttribute{
		ElementType: types.StringType, Optional: true,
		Validators: append(validators, tfvalue.NoNulls()), MarkdownDescription: description,
	}
}

// nameDescriptions are the kinds of alternative names, by their argument.
func nameDescriptions() map[string]string {
	return map[string]string{
		"dns_names":       "DNS names in the subject alternative name, such as `edge-1.dp.example.com`; a leading `*.` is allowed.",
		"ip_addresses":    "IPv4 and IPv6 addresses in the subject alternative name.",
		"uris":            "Absolute URIs in the subject alternative name, such as `spiffe://example.com/edge`.",
		"email_addresses": "E-mail addresses in the subject alternative name.",
	}
}

// changeOfNames says what a change of alternative names does to a certificate.
const changeOfNames = "Changing them, other than their order or spelling, starts a new generation."

// nameAttributes are the alternative names of an end entity. more is said behind
// the description of each.
func nameAttributes(more string, validators ...validator.List) map[string]schema.Attribute {
	names := map[string]schema.Attribute{}
	for name, description := range nameDescriptions() {
		names[name] = stringList(description+" Default: none. "+more, validators...)
	}
	return names
}

// Where the revocation of a certificate is looked up, in descriptions; %s is the
// noun for it.
const (
	crlDescription  = "URLs (http, https, ldap) of the revocation list that covers this %s: that of its issuer, such as `mtls_revocation_list` makes it. Whoever fetches lists follows them; nginx, HAProxy and Apache read files instead."
	ocspDescription = "URLs of the OCSP responders that answer for this %s. Kong's `cluster_ocsp` asks the first one of a data plane's certificate, and refuses a certificate without one if it is `on`."
)

// pointerAttributes say where the revocation of a certificate is looked up.
func pointerAttributes(what string) map[string]schema.Attribute {
	urls := func(description string) schema.ListAttribute {
		return stringList(fmt.Sprintf(description, what)+" Default: none. Changing it, other than its order, starts a new generation.", besideCertificate())
	}
	return map[string]schema.Attribute{"crl_distribution_points": urls(crlDescription), "ocsp_servers": urls(ocspDescription)}
}

// lifecycleAttributes say when a certificate is replaced.
func lifecycleAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"renew_before": schema.StringAttribute{
			Optional:   true,
			Validators: []validator.String{tfvalue.NotNegative()},
			MarkdownDescription: "How long before its expiry the certificate is renewed, as a Go duration. The first plan after that time renews it. `\"0s\"` turns renewal off. " +
				"Default: `720h`, or a third of `validity` if that is shorter. Changing it does not re-issue the certificate. " +
				"If it makes the certificate due, this apply renews it, or the next one within a day.",
		},
		"rotation_triggers": schema.MapAttribute{
			ElementType: types.StringType, Optional: true,
			Validators:          []validator.Map{besideCertificate()},
			MarkdownDescription: "Arbitrary values. Changing any of them starts a new generation now. Default: none.",
		},
		"reuse_key": schema.BoolAttribute{
			Optional:            true,
			Validators:          []validator.Bool{besideCertificate()},
			MarkdownDescription: "Whether a new generation keeps the private key of the previous one. Default: `false`, a new key each time. Changing it does not re-issue the certificate.",
		},
	}
}

// uploadAttributes are the arguments of what is uploaded to a control plane.
func uploadAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"overlap": schema.StringAttribute{
			Optional:   true,
			Validators: []validator.String{tfvalue.NotNegative()},
			MarkdownDescription: "How long a certificate stays trusted after a rotation has replaced it, as a Go duration. " +
				"`\"0s\"` withdraws it in the same apply, for a compromised key. Default: until it expires.",
		},
		"prepublish": schema.StringAttribute{
			Optional:   true,
			Validators: []validator.String{tfvalue.NotNegative()},
			MarkdownDescription: "How long the next generation is trusted before it is presented, as a Go duration: it is added to `trusted_certificates_pem` that long before " +
				"`certificate_pem`, `chain_pem`, `private_key_pem` and `generation` switch to it. A renewal that is due at `renewal_at` begins that much earlier. " +
				"It must be shorter than `renew_before` and `validity`, and with `renew_before` shorter than `validity`. " +
				"Default: `\"0s\"`, which presents it at once, in the same apply; so does `overlap = \"0s\"`. " +
				"Changing it does not re-issue the certificate. If a generation waits already, it is presented by the first apply after the new time has passed.",
		},
	}
}

// The extended key usages of a data plane, as users write them.
const clientAuth, serverAuth = "client_auth", "server_auth"

// arePurposes wants every element to be one of them.
func arePurposes() validator.List {
	return listvalidator.ValueStringsAre(oneOf([]string{clientAuth, serverAuth}))
}

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
