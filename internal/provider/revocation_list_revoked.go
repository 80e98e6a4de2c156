package provider

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trustplane/terraform-provider-mtls/internal/lifecycle"
	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/revocation"
	"github.com/trustplane/terraform-provider-mtls/internal/tfvalue"
)

// A revokedField is an attribute of the objects in revoked.
type revokedField struct {
	name, description string
	read              func(value attr.Value, into *revocation.Revoked) error
}

func revokedFields() []revokedField {
	return []revokedField{
		{"serial_number", "The certificate's serial number in hex, as in `serial_number` or with colons, as OpenSSL prints it. Default: none; either this or `certificate_pem` is required. " +
			"Such an entry stays on the list until the CA expires, unless the certificate was active before.", readRevokedSerial},
		{"certificate_pem", "The certificate itself, as PEM. It must be signed by this CA. Default: none; either this or `serial_number` is required.", readRevokedCertificate},
		{"reason", "Why: " + inCode(revocation.ReasonNames()) + ". Default: `unspecified`. Changing it signs a new list. " +
			"`certificate_hold` is taken back by removing the entry; every other reason stays.", readRevokedReason},
		{"revoked_at", "Since when the certificate is not to be trusted: an instant in the past, RFC 3339. Default: when it is put on the list. Changing it signs a new list.", readRevokedAt},
	}
}

// revokedAttribute is a list of objects whose type Terraform does not know: to
// convert ten thousand of them to a list of one type, as a nested schema asks for,
// takes it 7 s in each plan and apply.
func revokedAttribute() schema.DynamicAttribute {
	lines := []string{"Certificates to revoke at once: a list of objects, each with any of these attributes. An empty text means none, so that a table can be read with `csvdecode`:"}
	for _, field := range revokedFields() {
		lines = append(lines, "   - `"+field.name+"` (String) "+field.description)
	}
	lines = append(lines, "\n  Write-only: what is on the list is kept there. Removing an entry here does not take it off the list, unless its reason is `certificate_hold`. Default: none.")
	return schema.DynamicAttribute{
		Optional: true, WriteOnly: true,
		Validators:          []validator.Dynamic{revokedEntries{}},
		MarkdownDescription: strings.Join(lines, "\n"),
	}
}

// revokedEntries wants entries that can be read.
type revokedEntries struct{}

func (revokedEntries) Description(context.Context) string {
	return "value must be a list of objects"
}
func (r revokedEntries) MarkdownDescription(ctx context.Context) string { return r.Description(ctx) }

func (revokedEntries) ValidateDynamic(_ context.Context, request validator.DynamicRequest, response *validator.DynamicResponse) {
	readRevoked(request.ConfigValue, &response.Diagnostics)
}

// readRevoked reads the entries that are configured, as far as they are known,
// and reports those that cannot be read. known is false if something is not.
func readRevoked(argument types.Dynamic, diagnostics *diag.Diagnostics) (entries []revocation.Revoked, known bool) {
	elements, known, err := tfvalue.ReadList(argument)
	if err != nil {
		diagnostics.AddAttributeError(path.Root("revoked"), "Invalid revocations", pki.Sentence(err.Error())+`. Write one object for each certificate, such as [{ serial_number = "0a1b" }].`)
		return nil, known
	}
	entries = make([]revocation.Revoked, len(elements))
	var problems lifecycle.Problems
	var entry *revocation.Revoked
	var fields []tfvalue.Field
	for _, field := range revokedFields() {
		fields = append(fields, tfvalue.Field{Name: field.name, Read: func(value attr.Value) error {
			if value.Equal(types.StringValue("")) {
				return nil // an empty cell of a table
			}
			return field.read(value, entry)
		}})
	}
	for i, element := range elements {
		entry = &entries[i]
		if element.IsNull() {
			problems.Add(lifecycle.Problem{Field: "revoked", Index: i, Summary: "Null element", Detail: fmt.Sprintf("revoked[%d] is null. Set a value, or remove it.", i)})
			continue
		}
		whole, err := tfvalue.ReadObject(element, "attribute", fields)
		if err != nil {
			problems.Add(lifecycle.Problem{Field: "revoked", Index: i, Summary: "Invalid revocation", Detail: fmt.Sprintf("revoked[%d]: %s.", i, err)})
		}
		entry.Unknown = !whole
		known = known && whole
	}
	reportRevocation(&problems, diagnostics)
	return entries, known
}

func readRevokedSerial(value attr.Value, into *revocation.Revoked) (err error) {
	into.Serial, err = tfvalue.TextOf(value)
	return err
}

func readRevokedCertificate(value attr.Value, into *revocation.Revoked) error {
	text, err := tfvalue.TextOf(value)
	if err != nil {
		return err
	}
	into.Certificate, err = pki.ParseCertificate(text)
	return err
}

func readRevokedReason(value attr.Value, into *revocation.Revoked) error {
	name, err := tfvalue.TextOf(value)
	if err != nil {
		return err
	}
	reason, err := revocation.ParseReason(name)
	if err != nil {
		return err
	}
	into.Reason = &reason
	return nil
}

func readRevokedAt(value attr.Value, into *revocation.Revoked) (err error) {
	into.At, err = tfvalue.TimeOf(value)
	return err
}
