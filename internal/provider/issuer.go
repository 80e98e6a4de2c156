package provider

import (
	"bytes"
	"crypto/x509"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trustplane/terraform-provider-mtls/internal/issue"
	"github.com/trustplane/terraform-provider-mtls/internal/lifecycle"
	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/signer"
	"github.com/trustplane/terraform-provider-mtls/internal/tfvalue"
)

// issuerForms is how an issuer is written, in descriptions, and what is kept of it.
const issuerForms = " Set it to a whole `mtls_control_plane_ca`, or to an object with the attributes below. " +
	"Write-only: this resource's state only stores the issuer's fingerprint, as `issuer_fingerprint_sha256`."

// issuerAttribute is the write-only issuer: the object and all within it, so
// that neither the CA's key nor its certificates come into the state of what
// it signs.
func issuerAttribute(description string) schema.SingleNestedAttribute {
	return schema.SingleNestedAttribute{
		Optional:  true,
		WriteOnly: true,
		MarkdownDescription: description + issuerForms +
			" When the issuer's certificate changes, this one is re-issued in place.",
		Attributes: map[string]schema.Attribute{
			"certificate_pem": schema.StringAttribute{
				CustomType: tfvalue.PEMType{}, Required: true, WriteOnly: true,
				MarkdownDescription: "The issuer's certificate, as PEM: exactly one CA certificate that may sign.",
			},
			"chain_pem": schema.StringAttribute{
				CustomType: tfvalue.PEMType{}, Optional: true, WriteOnly: true,
				MarkdownDescription: "The issuer's certificate followed by its own issuers, in order, as PEM. Default: only the issuer's certificate. " +
					"It becomes the rest of this certificate's `chain_pem`, without a self-signed root.",
			},
			"private_key_pem": schema.StringAttribute{
				CustomType: tfvalue.PEMType{}, Optional: true, WriteOnly: true, Sensitive: true,
				MarkdownDescription: "The issuer's private key, as PEM. To sign, set this or `signer_command`. It may be an ephemeral value from a secret store. Default: none.",
			},
			"signer_command": schema.ListAttribute{
				ElementType: types.StringType, Optional: true, WriteOnly: true,
				Validators: []validator.List{tfvalue.NoNulls()}, MarkdownDescription: signerCommandDescription + " Default: none.",
			},
			"root_pem": schema.StringAttribute{
				CustomType: tfvalue.PEMType{}, Optional: true, WriteOnly: true, MarkdownDescription: issuerRootDescription + " Default: none; then limits of the root are not checked.",
			},
			"generation": schema.Int64Attribute{
				Optional: true, WriteOnly: true,
				MarkdownDescription: "`generation` of the issuing `mtls_control_plane_ca`. A number that is known at plan while `certificate_pem` is not means that the issuer is certainly replaced in this apply. " +
					"The plan then knows the next generation of this certificate, too. Default: none; then the plan only knows that the issuer may be replaced.",
			},
			"limits": schema.ListAttribute{
				ElementType: types.StringType, Optional: true, WriteOnly: true,
				MarkdownDescription: "`limits` of the issuing `mtls_control_plane_ca`. Only read while `certificate_pem` is unknown at plan, to refuse at plan what the issuer's next certificate will forbid. Default: none.",
			},
		},
	}
}

const issuerRootDescription = "The self-signed root above `chain_pem`, if `chain_pem` leaves it out, as PEM. It is never presented or stored. " +
	"Its limits (name constraints, path length, expiry) bind everything below it."

// signerCommandDescription is that of the argument, wherever it stands.
const signerCommandDescription = "A program that signs with the private key, instead of `private_key_pem`: its name or path, then its arguments. " +
	"It gets the digest on standard input and writes the signature to standard output; see the guide on keys outside Terraform. " +
	"Do not write a PIN or a token into it: the arguments of programs are not secret."

// readIssuer reads the issuer out of the configuration.
func readIssuer(object types.Object, programs *signer.Programs, diagnostics *diag.Diagnostics) lifecycle.Issuer {
	if object.IsNull() {
		return lifecycle.Issuer{}
	}
	if object.IsUnknown() {
		return lifecycle.Issuer{Given: true, Unknown: true}
	}
	part := func(name string) tfvalue.PEM { return pemOf(object.Attributes()[name]) }
	certificate, chain, key, root := part("certificate_pem"), part("chain_pem"), part("private_key_pem"), part("root_pem")
	command := commandOf(object)
	result := lifecycle.Issuer{Given: true, WithoutKey: key.IsNull() && noCommand(command), ChainUnknown: chain.IsUnknown() || root.IsUnknown()}
	if !tfvalue.Known(certificate) {
		result.Unknown = certificate.IsUnknown()
		issuerToCome(object, &result, diagnostics)
		return result
	}
	// Not at the attribute within: see locate.
	at := path.Root("issuer")
	parsed, err := pki.ParseCertificate(certificate.ValueString())
	if err != nil {
		tfvalue.AddPEMError(diagnostics, at, "issuer certificate", err)
		return result
	}
	result.Signer = &issue.Issuer{Certificate: parsed}
	if strings.TrimSpace(chain.ValueString()) != "" { // AWS Private CA gives "" for a root
		if above, err := pki.ParseCertificates(chain.ValueString()); err != nil {
			tfvalue.AddPEMError(diagnostics, at, "issuer chain", err)
		} else {
			result.Signer.Chain = withoutFirst(parsed, above)
		}
	}
	if tfvalue.Known(root) && strings.TrimSpace(root.ValueString()) != "" {
		if above, err := pki.ParseCertificate(root.ValueString()); err != nil {
			tfvalue.AddPEMError(diagnostics, at, "issuer root", err)
		} else {
			result.Signer.Root = above
		}
	}
	readIssuersKey(result.Signer, key, command, programs, diagnostics)
	return result
}

// readIssuersKey reads what the issuer signs with.
func readIssuersKey(issuer *issue.Issuer, key tfvalue.PEM, command types.List, programs *signer.Programs, diagnostics *diag.Diagnostics) {
	at := path.Root("issuer")
	switch {
	case tfvalue.Known(key) && tfvalue.Known(command) && !noCommand(command):
		diagnostics.AddAttributeError(at, "Two keys of the issuer", "The issuer has both private_key_pem and signer_command. Set only one of them.")
	case tfvalue.Known(key):
		parsed, err := pki.ParsePrivateKey(key.ValueString())
		if err != nil {
			tfvalue.AddPEMError(diagnostics, at, "issuer key", err)
			return
		}
		issuer.Key = parsed
	case !noCommand(command):
		checkCommand(command, at, diagnostics)
		issuer.Key = programs.Key(readCommand(command), issuer.Certificate.PublicKey)
	}
}

// commandOf is the signer command of an issuer object; null where there is none.
func commandOf(object types.Object) types.List {
	if command, is := object.Attributes()["signer_command"].(types.List); is {
		return command
	}
	return types.ListNull(types.StringType)
}

// noCommand reports whether there is no signer command: an empty list is none.
func noCommand(command types.List) bool {
	return command.IsNull() || !command.IsUnknown() && len(command.Elements()) == 0
}

// readCommand reads a signer command; nil while part of it is unknown.
func readCommand(command types.List) []string {
	var read tfvalue.Reader
	texts := read.Strings("signer_command", command)
	if read.Unknown {
		return nil
	}
	return texts
}

// checkCommand reports a signer command that cannot be run.
func checkCommand(command types.List, at path.Path, diagnostics *diag.Diagnostics) {
	if err := signer.Check(readCommand(command)); err != nil {
		diagnostics.AddAttributeError(at, "Invalid signer command", "signer_command: "+err.Error()+".")
	}
}

// issuerToCome reads what is known of an issuer whose certificate is not: whether
// another one is certain, and what that will allow.
func issuerToCome(object types.Object, issuer *lifecycle.Issuer, diagnostics *diag.Diagnostics) {
	generation, _ := object.Attributes()["generation"].(types.Int64)
	issuer.Replaced = tfvalue.Known(generation)
	list, is := object.Attributes()["limits"].(types.List)
	if !is || list.IsNull() {
		return
	}
	var read tfvalue.Reader
	limits := []issue.Limits{}
	for _, text := range read.Strings("limits", list) {
		one, err := issue.ParseLimits(text)
		if err != nil {
			diagnostics.AddAttributeError(path.Root("issuer"), "Unreadable limits of the issuer", "limits: "+pki.Sentence(err.Error())+". Set it to limits of the issuing CA, or leave it out.")
			return
		}
		limits = append(limits, one)
	}
	if !read.Unknown {
		issuer.Limits = lifecycle.Known(limits)
	}
}

// withoutFirst leaves the issuer's own certificate out of its chain.
func withoutFirst(issuer *x509.Certificate, chain []*x509.Certificate) []*x509.Certificate {
	if len(chain) > 0 && bytes.Equal(chain[0].Raw, issuer.Raw) {
		return chain[1:]
	}
	return chain
}
