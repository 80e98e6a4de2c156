package trust

import (
	"crypto/x509"
	"encoding/asn1"
	"slices"
)

// What OpenSSL reads when it first looks at a certificate, and crypto/x509 does not
// (ossl_x509v3_cache_extensions): if it cannot, the certificate is nobody's issuer
// and has none.

const (
	oidCRLDistributionPoints = "2.5.29.31"
	oidIssuersNames          = "2.5.29.18"
	oidProxy                 = "1.3.6.1.5.5.7.1.14" // RFC 3820
	oidAddressBlocks         = "1.3.6.1.5.5.7.1.7"  // RFC 3779
	oidSystemNumbers         = "1.3.6.1.5.5.7.1.8"
)

// readableToOpenSSL reports whether OpenSSL reads a certificate's extensions. One
// that it does not read is nobody's issuer, not even its own, and has none.
func readableToOpenSSL(q *question, e *Entry) bool {
	return unreadable(q, e) == "" && !emptyKeyUsage(e.Certificate)
}

// unreadable is [unreadableExtension], asked once for each certificate: each step
// of the search asks.
func unreadable(q *question, e *Entry) string {
	fault, known := q.unread[e]
	if !known {
		if q.unread == nil {
			q.unread = map[*Entry]string{}
		}
		fault = unreadableExtension(e.Certificate)
		q.unread[e] = fault
	}
	return fault
}

// unreadableExtension says which extension of a certificate OpenSSL does not read;
// the empty string for none.
func unreadableExtension(certificate *x509.Certificate) string {
	for _, asked := range []struct {
		id       string
		readable func(value []byte) bool
		fault    string
	}{
		{oidAuthorityKeyID, func(value []byte) bool { _, ok := readAuthorityKey(value); return ok }, "its authority key identifier cannot be read"},
		{oidCRLDistributionPoints, pointsReadable, "one of its CRL distribution points has neither a name nor an issuer, which RFC 5280, 4.2.1.13, forbids"},
		{oidAlternativeNames, func(value []byte) bool { names, ok := elements(value); return ok && allOf(names, nameReadable) }, "one of its alternative names cannot be read"},
		{oidNameConstraints, subtreesReadable, "one of its name constraints cannot be read"},
		{oidNetscapeType, readableAs[asn1.BitString], "its Netscape certificate type cannot be read"},
		{oidAddressBlocks, blocksReadable, "its IP address blocks (RFC 3779) cannot be read"},
		{oidSystemNumbers, systemsReadable, "its autonomous system numbers (RFC 3779) cannot be read"},
		{oidProxy, proxyReadable, "its proxy certificate information (RFC 3820) cannot be read"},
	} {
		if value := extension(certificate, asked.id); value != nil && !asked.readable(value) {
			return asked.fault
		}
	}
	if extension(certificate, oidProxy) != nil && (marksCA(certificate) || extension(certificate, oidAlternativeNames) != nil || extension(certificate, oidIssuersNames) != nil) {
		return "it is a proxy certificate and a CA, or has alternative names, which RFC 3820, 3, forbids"
	}
	return ""
}

// readableAs reports whether all of a value is of one ASN.1 type.
func readableAs[T any](der []byte) bool {
	var value T
	rest, err := asn1.Unmarshal(der, &value)
	return err == nil && len(rest) == 0
}

func allOf(list []asn1.RawValue, is func(asn1.RawValue) bool) bool {
	return !slices.ContainsFunc(list, func(value asn1.RawValue) bool { return !is(value) })
}

// pointsReadable reports whether each CRL distribution point says where its lists
// are, or whose.
func pointsReadable(value []byte) bool {
	points, ok := elements(value)
	return ok && allOf(points, func(point asn1.RawValue) bool {
		fields, ok := elements(point.FullBytes)
		return ok && slices.ContainsFunc(fields, func(field asn1.RawValue) bool { return field.Tag != 1 })
	})
}

// nameReadable reports whether a GeneralName (RFC 5280, 4.2.1.6) is one, as far as
// crypto/x509 does not look into it.
func nameReadable(name asn1.RawValue) bool {
	const otherName, directoryName, ediPartyName, registeredID = 0, 4, 5, 8
	parts, ok := elements(name.FullBytes)
	switch name.Tag {
	case otherName:
		return ok && len(parts) == 2 && readableAs[asn1.ObjectIdentifier](parts[0].FullBytes) && isExplicit(parts[1])
	case directoryName:
		return ok && len(parts) == 1 && readableAs[[]asn1.RawValue](parts[0].FullBytes)
	case ediPartyName:
		return ok && len(parts) > 0 && allOf(parts, isExplicit)
	case registeredID:
		return len(name.Bytes) > 0 && name.Bytes[len(name.Bytes)-1]&0x80 == 0
	default:
		return true
	}
}

// isExplicit reports whether a value is a tag around one other.
func isExplicit(value asn1.RawValue) bool {
	inner, ok := elements(value.FullBytes)
	return ok && value.Class == asn1.ClassContextSpecific && len(inner) == 1
}

func subtreesReadable(value []byte) bool {
	kinds, ok := elements(value)
	return ok && allOf(kinds, func(kind asn1.RawValue) bool {
		subtrees, ok := elements(kind.FullBytes)
		return ok && allOf(subtrees, func(subtree asn1.RawValue) bool {
			fields, ok := elements(subtree.FullBytes)
			return ok && len(fields) > 0 && nameReadable(fields[0])
		})
	})
}

// blocksReadable reports whether a value is IPAddrBlocks (RFC 3779, 2.2.3).
func blocksReadable(value []byte) bool {
	families, ok := elements(value)
	return ok && allOf(families, func(family asn1.RawValue) bool {
		parts, ok := elements(family.FullBytes)
		return ok && len(parts) == 2 && readableAs[[]byte](parts[0].FullBytes) && rangesReadable[asn1.BitString](parts[1])
	})
}

// systemsReadable reports whether a value is ASIdentifiers (RFC 3779, 3.2.3).
func systemsReadable(value []byte) bool {
	kinds, ok := elements(value)
	return ok && allOf(kinds, func(kind asn1.RawValue) bool {
		inner, ok := elements(kind.FullBytes)
		return ok && len(inner) == 1 && rangesReadable[asn1.RawValue](inner[0])
	})
}

// rangesReadable reports whether a value says that it is inherited, or lists values
// of a type and pairs of them.
func rangesReadable[T any](value asn1.RawValue) bool {
	if isNull(value) {
		return true
	}
	list, ok := elements(value.FullBytes)
	return ok && value.Tag == asn1.TagSequence && allOf(list, func(one asn1.RawValue) bool {
		if one.Tag != asn1.TagSequence {
			return readableAs[T](one.FullBytes)
		}
		var pair struct{ From, To T }
		rest, err := asn1.Unmarshal(one.FullBytes, &pair)
		return err == nil && len(rest) == 0
	})
}

// inheritsResources reports whether readable resources of one of the two kinds are
// all those of the issuer.
func inheritsResources(value []byte) bool {
	parts, ok := elements(value)
	return ok && len(parts) > 0 && allOf(parts, func(part asn1.RawValue) bool {
		inner, ok := elements(part.FullBytes)
		return ok && len(inner) > 0 && isNull(inner[len(inner)-1])
	})
}

func isNull(value asn1.RawValue) bool {
	return value.Class == asn1.ClassUniversal && value.Tag == asn1.TagNull && len(value.Bytes) == 0
}

// proxyReadable reports whether a value is ProxyCertInfo (RFC 3820, 3.8).
func proxyReadable(value []byte) bool {
	type policy struct {
		Language asn1.ObjectIdentifier
		Policy   []byte `asn1:"optional"`
	}
	return readableAs[struct {
		PathLength int `asn1:"optional"`
		Policy     policy
	}](value)
}
