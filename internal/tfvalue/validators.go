package tfvalue

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

// OneCertificate wants exactly one certificate as PEM. Terraform passes it on as
// it is written, so that a warning says where that is not read by all.
func OneCertificate() validator.String {
	read := pemRule("value must be exactly one PEM certificate", "certificate", pki.ParseCertificate)
	return rule{read.description, func(request validator.StringRequest, response *validator.StringResponse) {
		read.check(request, response)
		if why := pki.WhyGoReadsNone(request.ConfigValue.ValueString()); why != "" {
			response.Diagnostics.AddAttributeWarning(request.Path, "Certificate not read by every program",
				"OpenSSL, and all that is built on it, reads this certificate. Programs in Go do not, since "+why+". Terraform passes the value on unchanged; chain_pem has it as all read it.")
		}
	}}
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
			addError(&response.Diagnostics, request.Path, "Validity too short",
				"A certificate must be valid for at least two seconds; "+shown(request.ConfigValue)+" is less. Use a duration such as \"8760h\".")
		}
	})
}

// NotNegative wants a duration of zero or more.
func NotNegative() validator.String {
	return durationRule("value must be a duration of zero or more", func(value time.Duration, request validator.StringRequest, response *validator.StringResponse) {
		if value < 0 {
			addError(&response.Diagnostics, request.Path, "Negative duration",
				shown(request.ConfigValue)+" is negative. Use a duration such as \"720h\", or \"0s\".")
		}
	})
}

// Positive wants a duration of more than zero.
func Positive() validator.String {
	return durationRule("value must be a duration of more than zero", func(value time.Duration, request validator.StringRequest, response *validator.StringResponse) {
		if value <= 0 {
			addError(&response.Diagnostics, request.Path, "Duration not positive",
				shown(request.ConfigValue)+" leaves no time. Use a duration such as \"30s\".")
		}
	})
}

// DurationBetween wants a duration of no less than shortest and no more than
// longest.
func DurationBetween(shortest, longest time.Duration) validator.String {
	return durationRule("value must be a duration from "+shortest.String()+" to "+longest.String(), func(value time.Duration, request validator.StringRequest, response *validator.StringResponse) {
		if value < shortest || value > longest {
			addError(&response.Diagnostics, request.Path, "Duration out of range",
				shown(request.ConfigValue)+" is not from \""+shortest.String()+"\" to \""+longest.String()+"\".")
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
			addError(&response.Diagnostics, request.Path, summary, said+".")
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

// shown quotes a value, as far as a message may show it.
func shown(value types.String) string { return strconv.Quote(pki.Printable(value.ValueString())) }

func durationRule(description string, check func(time.Duration, validator.StringRequest, *validator.StringResponse)) rule {
	return rule{description, func(request validator.StringRequest, response *validator.StringResponse) {
		value, err := ParseDuration(request.ConfigValue.ValueString())
		if err != nil {
			addError(&response.Diagnostics, request.Path, "Invalid duration", err.Error()+".")
			return
		}
		check(value, request, response)
	}}
}

// ParseDuration reads a duration. Its error quotes the text, and says what to
// write for the days and years that people try.
func ParseDuration(text string) (time.Duration, error) {
	value, err := time.ParseDuration(text)
	if err == nil {
		return value, nil
	}
	quoted := strconv.Quote(pki.Printable(text))
	switch hours, unit := daysIn(text); {
	case strings.TrimSpace(text) == "":
		return 0, errors.New(`the duration is empty: write hours, minutes or seconds, such as "8760h" for a year`)
	case hours != "":
		return 0, fmt.Errorf("%s is not a Go duration, which has no %s: write %q", quoted, unit, hours)
	default:
		return 0, fmt.Errorf(`%s is not a Go duration: numbers with the units h, m and s, such as "8760h" for a year or "1h30m". Write days in hours`, quoted)
	}
}

// daysIn is how a duration of whole days, weeks or years is written in hours, and
// what it was written in; empty for any other text.
func daysIn(text string) (hours, unit string) {
	count := strings.TrimRight(text, " adeksrwy")
	number, err := strconv.ParseInt(count, 10, 32)
	if err != nil || number < 0 {
		return "", ""
	}
	for _, one := range []struct {
		unit  string
		hours int64
	}{{"days", 24}, {"weeks", 7 * 24}, {"years", 365 * 24}} {
		switch strings.TrimSpace(text[len(count):]) {
		case one.unit, one.unit[:len(one.unit)-1], one.unit[:1]:
			return strconv.FormatInt(number*one.hours, 10) + "h", one.unit
		}
	}
	return "", ""
}

// OneOf wants one of a few words.
func OneOf(words ...string) validator.String {
	return rule{"value must be one of " + strings.Join(words, ", "), func(request validator.StringRequest, response *validator.StringResponse) {
		text := request.ConfigValue.ValueString()
		if slices.Contains(words, text) {
			return
		}
		detail := strconv.Quote(pki.Printable(text)) + " is not one of " + strings.Join(words, ", ") + "."
		if meant := closest(text, words); meant != "" {
			detail += " Did you mean " + strconv.Quote(meant) + "?"
		}
		addError(&response.Diagnostics, request.Path, "Invalid Attribute Value Match", detail)
	}}
}

// closest is the only word that has all letters and digits of a text in it, in
// their order and whatever their case, as konnect has those of "konect"; empty if
// there is none, or several.
func closest(text string, words []string) (found string) {
	wanted := lettersOf(text)
	if wanted == "" {
		return ""
	}
	for _, word := range words {
		switch letters := lettersOf(word); {
		case letters == wanted:
			return word
		case !isWithin(wanted, letters):
		case found != "":
			return ""
		default:
			found = word
		}
	}
	return found
}

// isWithin reports whether a text is left of another when letters are taken out.
func isWithin(text, other string) bool {
	for _, r := range text {
		_, rest, found := strings.Cut(other, string(r))
		if !found {
			return false
		}
		other = rest
	}
	return true
}

// lettersOf are the letters and digits of a text, in lower case.
func lettersOf(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, text)
}

// NumberBetween wants a number of no less than least and no more than most.
func NumberBetween(least, most int64) validator.Int64 { return between{least, most} }

type between struct{ least, most int64 }

func (b between) Description(context.Context) string {
	return fmt.Sprintf("value must be from %d to %d", b.least, b.most)
}
func (b between) MarkdownDescription(ctx context.Context) string { return b.Description(ctx) }

func (b between) ValidateInt64(_ context.Context, request validator.Int64Request, response *validator.Int64Response) {
	if !Known(request.ConfigValue) {
		return
	}
	if value := request.ConfigValue.ValueInt64(); value < b.least || value > b.most {
		addError(&response.Diagnostics, request.Path, "Invalid Attribute Value", fmt.Sprintf("%d is not a number from %d to %d.", value, b.least, b.most))
	}
}

// Instant wants an instant in RFC 3339.
func Instant() validator.String {
	return rule{"value must be an instant in RFC 3339", func(request validator.StringRequest, response *validator.StringResponse) {
		if _, err := ParseInstant(request.ConfigValue.ValueString()); err != nil {
			addError(&response.Diagnostics, request.Path, "Invalid RFC3339 String Value", err.Error()+".")
		}
	}}
}

// ParseInstant reads an instant in RFC 3339. Its error quotes the text, and says
// what is missing.
func ParseInstant(text string) (time.Time, error) {
	instant, err := time.Parse(time.RFC3339, text)
	if err == nil {
		return instant, nil
	}
	quoted := strconv.Quote(pki.Printable(text))
	for _, form := range []struct{ layout, lacks string }{
		{"2006-01-02T15:04:05", "has no time zone"},
		{"2006-01-02 15:04:05", "has a space instead of T, and no time zone"},
		{"2006-01-02 15:04:05Z07:00", "has a space instead of T"},
		{"2006-01-02T15:04Z07:00", "has no seconds"},
		{time.DateOnly, "has no time of day"},
	} {
		if read, err := time.Parse(form.layout, text); err == nil {
			return time.Time{}, fmt.Errorf("%s is not an instant in RFC 3339: it %s. Write %q", quoted, form.lacks, read.Format(time.RFC3339))
		}
	}
	return time.Time{}, fmt.Errorf(`%s is not an instant in RFC 3339, such as "2030-01-31T12:00:00Z"`, quoted)
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
