package tfvalue

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

// OneCertificate wants exactly one certificate as PEM.
func OneCertificate() validator.String {
	return pemRule("value must be exactly one PEM certificate", "certificate", pki.ParseCertificate)
}

// Certificates wants one or more certificates as PEM.
func Certificates() validator.String {
	return pemRule("value must be PEM certificates", "certificate", pki.ParseCertificates)
}

// OnePrivateKey wants exactly one private key as PEM that is not encrypted.
func OnePrivateKey() validator.String {
	return pemRule("value must be exactly one unencrypted PEM private key", "private key", pki.ParsePrivateKey)
}

// OnePublicKey wants exactly one public key as PEM.
func OnePublicKey() validator.String {
	return pemRule("value must be exactly one PEM public key", "public key", pki.ParsePublicKey)
}

// OneCSR wants exactly one certificate request as PEM.
func OneCSR() validator.String {
	return pemRule("value must be exactly one PEM certificate request", "certificate request", pki.ParseCSR)
}

// MinValidity wants a duration of two seconds or more: certificates count in
// whole seconds, and one that is made within a second must outlast it.
func MinValidity() validator.String {
	return durationRule("value must be a duration of at least two seconds", func(value time.Duration, request validator.StringRequest, response *validator.StringResponse) {
		if value < 2*time.Second {
			response.Diagnostics.AddAttributeError(request.Path, "Validity too short",
				"A certificate must be valid for at least two seconds; "+request.ConfigValue.String()+" is less. Use a duration such as \"8760h\".")
		}
	})
}

// NotNegative wants a duration of zero or more.
func NotNegative() validator.String {
	return durationRule("value must be a duration of zero or more", func(value time.Duration, request validator.StringRequest, response *validator.StringResponse) {
		if value < 0 {
			response.Diagnostics.AddAttributeError(request.Path, "Negative duration",
				request.ConfigValue.String()+" is negative. Use a duration such as \"720h\", or \"0s\".")
		}
	})
}

// Positive wants a duration of more than zero.
func Positive() validator.String {
	return durationRule("value must be a duration of more than zero", func(value time.Duration, request validator.StringRequest, response *validator.StringResponse) {
		if value <= 0 {
			response.Diagnostics.AddAttributeError(request.Path, "Duration not positive",
				request.ConfigValue.String()+" leaves no time. Use a duration such as \"30s\".")
		}
	})
}

// DurationBetween wants a duration of no less than shortest and no more than
// longest.
func DurationBetween(shortest, longest time.Duration) validator.String {
	return durationRule("value must be a duration from "+shortest.String()+" to "+longest.String(), func(value time.Duration, request validator.StringRequest, response *validator.StringResponse) {
		if value < shortest || value > longest {
			response.Diagnostics.AddAttributeError(request.Path, "Duration out of range",
				request.ConfigValue.String()+" is not from \""+shortest.String()+"\" to \""+longest.String()+"\".")
		}
	})
}

// Text wants a text that check finds nothing wrong with. Its error goes on from
// the quoted value, or is a whole sentence that quotes it.
func Text(description, summary string, check func(string) error) validator.String {
	return rule{description, func(request validator.StringRequest, response *validator.StringResponse) {
		text := request.ConfigValue.ValueString()
		if err := check(text); err != nil {
			said := err.Error()
			if !strings.HasPrefix(said, `"`) {
				said = strconv.Quote(pki.Printable(text)) + " " + said
			}
			response.Diagnostics.AddAttributeError(request.Path, summary, said+".")
		}
	}}
}

// A rule is a validator of a string that is known.
type rule struct {
	description string
	check       func(validator.StringRequest, *validator.StringResponse)
}

func (r rule) Description(context.Context) string         { return r.description }
func (r rule) MarkdownDescription(context.Context) string { return r.description }

func (r rule) ValidateString(_ context.Context, request validator.StringRequest, response *validator.StringResponse) {
	if Known(request.ConfigValue) {
		r.check(request, response)
	}
}

func pemRule[T any](description, what string, parse func(string) (T, error)) rule {
	return rule{description, func(request validator.StringRequest, response *validator.StringResponse) {
		if _, err := parse(request.ConfigValue.ValueString()); err != nil {
			AddPEMError(&response.Diagnostics, request.Path, what, err)
		}
	}}
}

func durationRule(description string, check func(time.Duration, validator.StringRequest, *validator.StringResponse)) rule {
	return rule{description, func(request validator.StringRequest, response *validator.StringResponse) {
		value, err := time.ParseDuration(request.ConfigValue.ValueString())
		if err != nil {
			response.Diagnostics.AddAttributeError(request.Path, "Invalid duration",
				request.ConfigValue.String()+` is not a Go duration: numbers with the units h, m and s, such as "8760h" for a year or "1h30m". Write days in hours.`)
			return
		}
		check(value, request, response)
	}}
}

// NoNulls wants every element of a list or map to be given. One that is null
// would be left out without a word: of name constraints, that lifts the fence.
func NoNulls() interface {
	validator.List
	validator.Map
} {
	return noNulls{}
}

type noNulls struct{}

func (noNulls) Description(context.Context) string         { return "no element may be null" }
func (noNulls) MarkdownDescription(context.Context) string { return "no element may be null" }

func (noNulls) ValidateList(_ context.Context, request validator.ListRequest, response *validator.ListResponse) {
	for i, element := range request.ConfigValue.Elements() {
		refuseNull(element, request.Path.AtListIndex(i), &response.Diagnostics)
	}
}

func (noNulls) ValidateMap(_ context.Context, request validator.MapRequest, response *validator.MapResponse) {
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
