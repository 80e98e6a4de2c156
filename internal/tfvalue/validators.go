package tfvalue

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

// OneCertificate wants exactly one certificate.
type OneCertificate struct{}

func (OneCertificate) Description(context.Context) string {
	return "value must be exactly one PEM certificate"
}
func (v OneCertificate) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (OneCertificate) ValidateString(_ context.Context, request validator.StringRequest, response *validator.StringResponse) {
	if !Known(request.ConfigValue) {
		return
	}
	if _, err := pki.ParseCertificate(request.ConfigValue.ValueString()); err != nil {
		AddPEMError(&response.Diagnostics, request.Path, "certificate", err)
	}
}

// OnePrivateKey wants exactly one private key that is not encrypted.
type OnePrivateKey struct{}

func (OnePrivateKey) Description(context.Context) string {
	return "value must be exactly one unencrypted PEM private key"
}
func (v OnePrivateKey) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (OnePrivateKey) ValidateString(_ context.Context, request validator.StringRequest, response *validator.StringResponse) {
	if !Known(request.ConfigValue) {
		return
	}
	if _, err := pki.ParsePrivateKey(request.ConfigValue.ValueString()); err != nil {
		AddPEMError(&response.Diagnostics, request.Path, "private key", err)
	}
}

// OneCSR wants exactly one certificate request.
type OneCSR struct{}

func (OneCSR) Description(context.Context) string {
	return "value must be exactly one PEM certificate request"
}
func (v OneCSR) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (OneCSR) ValidateString(_ context.Context, request validator.StringRequest, response *validator.StringResponse) {
	if !Known(request.ConfigValue) {
		return
	}
	if _, err := pki.ParseCSR(request.ConfigValue.ValueString()); err != nil {
		AddPEMError(&response.Diagnostics, request.Path, "certificate request", err)
	}
}

// NoNulls wants every element of a list or map to be given. One that is null
// would be left out without a word: of name constraints, that lifts the fence.
type NoNulls struct{}

func (NoNulls) Description(context.Context) string {
	return "no element may be null"
}
func (v NoNulls) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (NoNulls) ValidateList(_ context.Context, request validator.ListRequest, response *validator.ListResponse) {
	for i, element := range request.ConfigValue.Elements() {
		refuseNull(element, request.Path.AtListIndex(i), &response.Diagnostics)
	}
}

func (NoNulls) ValidateMap(_ context.Context, request validator.MapRequest, response *validator.MapResponse) {
	for key, element := range request.ConfigValue.Elements() {
		refuseNull(element, request.Path.AtMapKey(key), &response.Diagnostics)
	}
}

// refuseNull names the place too: Terraform shows no line within an object.
func refuseNull(element attr.Value, at path.Path, diagnostics *diag.Diagnostics) {
	if element.IsNull() {
		diagnostics.AddAttributeError(at, "Null element", at.String()+" is null. Set a value, or remove it.")
	}
}

// MinValidity wants a duration of two seconds or more: certificates count
// in whole seconds, and one that is made within a second must outlast it.
type MinValidity struct{}

func (MinValidity) Description(context.Context) string {
	return "value must be a duration of at least two seconds"
}
func (v MinValidity) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (MinValidity) ValidateString(_ context.Context, request validator.StringRequest, response *validator.StringResponse) {
	if value, ok := parsedDuration(request, response); ok && value < 2*time.Second {
		response.Diagnostics.AddAttributeError(request.Path, "Validity too short",
			"A certificate must be valid for at least two seconds; "+request.ConfigValue.String()+" is less. Use a duration such as \"8760h\".")
	}
}

// NotNegative wants a duration of zero or more.
type NotNegative struct{}

func (NotNegative) Description(context.Context) string {
	return "value must be a duration of zero or more"
}
func (v NotNegative) MarkdownDescription(ctx context.Context) string {
	return v.Description(ctx)
}

func (NotNegative) ValidateString(_ context.Context, request validator.StringRequest, response *validator.StringResponse) {
	if value, ok := parsedDuration(request, response); ok && value < 0 {
		response.Diagnostics.AddAttributeError(request.Path, "Negative duration",
			request.ConfigValue.String()+" is negative. Use a duration such as \"720h\", or \"0s\".")
	}
}

// parsedDuration reads a duration; what is none is told.
func parsedDuration(request validator.StringRequest, response *validator.StringResponse) (time.Duration, bool) {
	if !Known(request.ConfigValue) {
		return 0, false
	}
	value, err := time.ParseDuration(request.ConfigValue.ValueString())
	if err != nil {
		response.Diagnostics.AddAttributeError(request.Path, "Invalid duration",
			request.ConfigValue.String()+` is not a Go duration: numbers with the units h, m and s, such as "8760h" for a year or "1h30m". Write days in hours.`)
	}
	return value, err == nil
}
