package handshake

import (
	"errors"
	"fmt"
	"net"
	"reflect"
)

// An alert is what TLS servers say instead of going on (RFC 8446, 6).
type alert uint8

// alertOf finds the alert that the other side sent; false if it sent none. The
// type of an alert belongs to crypto/tls and is not exported; its value is the
// number.
func alertOf(err error) (alert, bool) {
	var operation *net.OpError
	if !errors.As(err, &operation) || operation.Op != "remote error" || operation.Err == nil {
		return 0, false
	}
	if value := reflect.ValueOf(operation.Err); value.Kind() == reflect.Uint8 {
		return alert(value.Uint()), true //nolint:gosec // it has eight bits
	}
	return 0, false
}

// String is "alert 48 (unknown_ca)".
func (a alert) String() string { return fmt.Sprintf("alert %d (%s)", uint8(a), a.name()) }

// name is that of RFC 8446, 6, and of the RFCs before it.
func (a alert) name() string {
	names := map[alert]string{
		0: "close_notify", 10: "unexpected_message", 20: "bad_record_mac", 21: "decryption_failed", 22: "record_overflow",
		30: "decompression_failure", 40: "handshake_failure", 41: "no_certificate", 42: "bad_certificate", 43: "unsupported_certificate",
		44: "certificate_revoked", 45: "certificate_expired", 46: "certificate_unknown", 47: "illegal_parameter", 48: "unknown_ca",
		49: "access_denied", 50: "decode_error", 51: "decrypt_error", 60: "export_restriction", 70: "protocol_version",
		71: "insufficient_security", 80: "internal_error", 86: "inappropriate_fallback", 90: "user_canceled", 100: "no_renegotiation",
		109: "missing_extension", 110: "unsupported_extension", 111: "certificate_unobtainable", 112: "unrecognized_name",
		113: "bad_certificate_status_response", 114: "bad_certificate_hash_value", 115: "unknown_psk_identity",
		116: "certificate_required", 120: "no_application_protocol", 121: "ech_required",
	}
	if name, known := names[a]; known {
		return name
	}
	return "not a known alert"
}

// meaning is what to make of an alert; empty where its name says it all. Which
// servers mean what was tried with them.
func (a alert) meaning() string {
	switch a {
	case 40:
		return "the server found no terms that both sides can agree on, or it wanted a certificate"
	case 42:
		return "the server refuses the certificate; Go sends this for most reasons"
	case 43:
		return "the server refuses the certificate's kind, such as one without the purpose of a client"
	case 44:
		return "a revocation list of the server has the certificate on it"
	case 45:
		return "a certificate of the chain, or a revocation list of the server, has expired"
	case 46:
		return "the server refuses the certificate for a reason that has no alert of its own"
	case 48:
		return "the chain leads to nothing that the server trusts: an intermediate is not presented, or its CA is not uploaded"
	case 51:
		return "the server could not verify a signature"
	case 70:
		return "the server speaks neither TLS 1.2 nor TLS 1.3"
	case 80:
		return "the server failed; Apache sends this for a chain that is longer than its SSLVerifyDepth"
	case 112:
		return "the server has nothing for that server name"
	case 116:
		return "the server wants a certificate and says that it got none"
	default:
		return ""
	}
}
