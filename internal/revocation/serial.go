package revocation

import (
	"errors"
	"fmt"
	"math/big"
	"strings"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

// A Serial is a serial number: its bytes, the highest first, without leading
// zeros. It is a key of maps.
type Serial string

// longestSerial is how many bytes a serial number has at most (RFC 5280, 4.1.2.2).
const longestSerial = 20

// SerialOf is a number as a serial number.
func SerialOf(number *big.Int) Serial { return Serial(number.Bytes()) }

// Int is the serial number as a number.
func (s Serial) Int() *big.Int { return new(big.Int).SetBytes([]byte(s)) }

// String is lower-case hex without leading zeros, as [pki.SerialNumber] writes it.
func (s Serial) String() string { return s.Int().Text(16) }

// ParseSerial reads a serial number in hex, of either case, as it is written by
// this provider (0a1b), by OpenSSL (0A:1B) or with a leading 0x. It is an error if
// it is none of RFC 5280, section 4.1.2.2: positive, of at most 20 bytes.
func ParseSerial(text string) (Serial, error) {
	digits := strings.ReplaceAll(strings.TrimPrefix(strings.ToLower(strings.TrimSpace(text)), "0x"), ":", "")
	if digits == "" || strings.Trim(digits, "0123456789abcdef") != "" {
		return "", fmt.Errorf("%q is not a serial number in hex, such as 0a1b or 0A:1B", pki.Printable(text))
	}
	number, _ := new(big.Int).SetString(digits, 16)
	switch serial := SerialOf(number); {
	case serial == "":
		return "", errors.New("zero is not a serial number of a certificate")
	case len(serial) > longestSerial:
		return "", fmt.Errorf("%q has %d bytes, and a serial number has at most %d", pki.Printable(text), len(serial), longestSerial)
	default:
		return serial, nil
	}
}
