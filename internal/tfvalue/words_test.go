package tfvalue_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trustplane/terraform-provider-mtls/internal/tfvalue"
)

// What people write for a duration, and what they are told to write.
func TestParseDuration(t *testing.T) {
	t.Parallel()
	for text, wanted := range map[string]string{
		"8760h":   "",
		"1h30m":   "",
		"90d":     `"90d" is not a Go duration, which has no days: write "2160h"`,
		"1 day":   `"1 day" is not a Go duration, which has no days: write "24h"`,
		"2w":      `"2w" is not a Go duration, which has no weeks: write "336h"`,
		"1 year":  `"1 year" is not a Go duration, which has no years: write "8760h"`,
		"3 years": `"3 years" is not a Go duration, which has no years: write "26280h"`,
		"":        `the duration is empty: write hours, minutes or seconds, such as "8760h" for a year`,
		"8760":    `"8760" is not a Go duration: numbers with the units h, m and s, such as "8760h" for a year or "1h30m". Write days in hours`,
		"1 month": `"1 month" is not a Go duration: numbers with the units h, m and s, such as "8760h" for a year or "1h30m". Write days in hours`,
		"P90D":    `"P90D" is not a Go duration: numbers with the units h, m and s, such as "8760h" for a year or "1h30m". Write days in hours`,
		"-1d":     `"-1d" is not a Go duration: numbers with the units h, m and s, such as "8760h" for a year or "1h30m". Write days in hours`,
		"1d12h":   `"1d12h" is not a Go duration: numbers with the units h, m and s, such as "8760h" for a year or "1h30m". Write days in hours`,
	} {
		_, err := tfvalue.ParseDuration(text)
		if got := said(err); got != wanted {
			t.Errorf("%q: %s\nwant %s", text, got, wanted)
		}
	}
}

// What people write for an instant, and what they are told to write.
func TestParseInstant(t *testing.T) {
	t.Parallel()
	for text, wanted := range map[string]string{
		"2026-01-31T12:00:00Z":      "",
		"2026-01-31T12:00:00+01:00": "",
		"2026-01-31T12:00:00":       `"2026-01-31T12:00:00" is not an instant in RFC 3339: it has no time zone. Write "2026-01-31T12:00:00Z"`,
		"2026-01-31 12:00:00":       `"2026-01-31 12:00:00" is not an instant in RFC 3339: it has a space instead of T, and no time zone. Write "2026-01-31T12:00:00Z"`,
		"2026-01-31 12:00:00+01:00": `"2026-01-31 12:00:00+01:00" is not an instant in RFC 3339: it has a space instead of T. Write "2026-01-31T12:00:00+01:00"`,
		"2026-01-31T12:00Z":         `"2026-01-31T12:00Z" is not an instant in RFC 3339: it has no seconds. Write "2026-01-31T12:00:00Z"`,
		"2026-01-31":                `"2026-01-31" is not an instant in RFC 3339: it has no time of day. Write "2026-01-31T00:00:00Z"`,
		"tomorrow":                  `"tomorrow" is not an instant in RFC 3339, such as "2030-01-31T12:00:00Z"`,
		"":                          `"" is not an instant in RFC 3339, such as "2030-01-31T12:00:00Z"`,
	} {
		_, err := tfvalue.ParseInstant(text)
		if got := said(err); got != wanted {
			t.Errorf("%q: %s\nwant %s", text, got, wanted)
		}
	}
}

func said(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// A word that is nearly one of those that are taken is named.
func TestOneOf(t *testing.T) {
	t.Parallel()
	algorithms := []string{"ECDSA-P256", "ECDSA-P384", "RSA-2048", "ED25519"}
	listed := " is not one of ECDSA-P256, ECDSA-P384, RSA-2048, ED25519."
	for text, wanted := range map[string]string{
		"RSA-2048": "",
		"rsa2048":  `"rsa2048"` + listed + ` Did you mean "RSA-2048"?`,
		"P256":     `"P256"` + listed + ` Did you mean "ECDSA-P256"?`,
		"RSA-248":  `"RSA-248"` + listed + ` Did you mean "RSA-2048"?`,
		"ECDSA":    `"ECDSA"` + listed, // two of them
		"DSA-1024": `"DSA-1024"` + listed,
		"-":        `"-"` + listed,
		"":         `""` + listed,
	} {
		response := new(validator.StringResponse)
		tfvalue.OneOf(algorithms...).ValidateString(t.Context(), validator.StringRequest{Path: path.Root("key_algorithm"), ConfigValue: types.StringValue(text)}, response)
		got := ""
		for _, one := range response.Diagnostics {
			got += one.Detail()
		}
		if got != wanted {
			t.Errorf("%q: %s\nwant %s", text, got, wanted)
		}
	}
}

// Terraform shows no line within an object or a map: the detail names the place,
// and the root attribute is underlined.
func TestPlacesAreNamed(t *testing.T) {
	t.Parallel()
	for _, at := range []struct {
		path   path.Path
		shown  string
		prefix string
	}{
		{path.Root("validity"), "validity", ""},
		{path.Root("names").AtListIndex(2), "names[2]", ""},
		{path.Root("certificates").AtMapKey("fra-1").AtName("csr_pem"), "certificates", `certificates["fra-1"].csr_pem: `},
		{path.Root("http").AtName("path"), "http", "http.path: "},
		{path.Root("entries").AtListIndex(3).AtName("reason"), "entries", "entries[3].reason: "},
	} {
		response := new(validator.StringResponse)
		tfvalue.OneOf("a").ValidateString(t.Context(), validator.StringRequest{Path: at.path, ConfigValue: types.StringValue("b")}, response)
		if len(response.Diagnostics) != 1 {
			t.Fatalf("%s: %v", at.path, response.Diagnostics)
		}
		one, _ := response.Diagnostics[0].(interface{ Path() path.Path })
		if got := one.Path().String(); got != at.shown {
			t.Errorf("%s is shown at %s, want %s", at.path, got, at.shown)
		}
		if got, want := response.Diagnostics[0].Detail(), at.prefix+`"b" is not one of a.`; got != want {
			t.Errorf("got %s\nwant %s", got, want)
		}
	}
}
