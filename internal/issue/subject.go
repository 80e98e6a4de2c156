package issue

import (
	"crypto/x509/pkix"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

// checkSubject holds a subject against the upper bounds of RFC 5280, appendix A,
// and against what a name may be made of.
func checkSubject(subject pkix.Name, found *violations) {
	for _, part := range []struct {
		name   string
		most   int // in characters
		values []string
	}{
		{"common_name", 64, one(subject.CommonName)},
		{"organization", 64, subject.Organization},
		{"organizational_unit", 64, subject.OrganizationalUnit},
		{"locality", 128, subject.Locality},
		{"province", 128, subject.Province},
		{"street_address", 128, subject.StreetAddress},
		{"postal_code", 40, subject.PostalCode},
		{"serial_number", 64, one(subject.SerialNumber)},
	} {
		for _, value := range part.values {
			if fault := textFault(value); fault != "" {
				found.add("subject."+part.name, "Invalid subject", "%q %s.", pki.Printable(value), fault)
			} else if n := utf8.RuneCountInString(value); n > part.most {
				found.add("subject."+part.name, "Subject too long",
					"%q has %d characters; RFC 5280 allows %d here.", pki.Printable(value), n, part.most)
			}
		}
	}
	checkMore(subject, found)
	for _, country := range subject.Country {
		if !isCountry(country) {
			found.add("subject.country", "Invalid subject", "%q is not a country code of two capital letters, such as DE.", pki.Printable(country))
		}
	}
	if subject.SerialNumber != "" && !isPrintableString(subject.SerialNumber) {
		found.add("subject.serial_number", "Invalid subject",
			"%q has characters other than letters, digits, spaces and '()+,-./:=?.", pki.Printable(subject.SerialNumber))
	}
}

func one(value string) []string {
	if value == "" {
		return nil
	}
	return []string{value}
}

func textFault(value string) string {
	switch {
	case strings.TrimSpace(value) == "":
		return "is blank; remove the attribute instead"
	case !utf8.ValidString(value):
		return "is not valid UTF-8"
	case strings.ContainsFunc(value, unicode.IsControl):
		return "contains a control character, such as a line break"
	case strings.TrimSpace(value) != value:
		return "begins or ends with white space"
	default:
		return ""
	}
}

func isCountry(code string) bool {
	return len(code) == 2 && code[0] >= 'A' && code[0] <= 'Z' && code[1] >= 'A' && code[1] <= 'Z'
}

// isPrintableString: serialNumber is a PrintableString (RFC 5280, appendix A.1;
// X.680, section 41.4).
func isPrintableString(text string) bool {
	const others = " '()+,-./:=?"
	return !strings.ContainsFunc(text, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune(others, r)
	})
}
