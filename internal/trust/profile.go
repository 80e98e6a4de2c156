package trust

import (
	"crypto/x509"
	"fmt"
	"strings"
)

// A ControlPlane names the way in which a control plane decides.
type ControlPlane string

const (
	// Konnect is Kong Konnect, and what the zero ControlPlane means. A presented
	// leaf equal to any upload is pinned. Every uploaded CA certificate is an
	// anchor, intermediates too.
	Konnect ControlPlane = "konnect"
	// KongHybridShared is a self-hosted control plane with cluster_mtls = shared:
	// the presented leaf is the first upload, or it is refused.
	KongHybridShared ControlPlane = "kong_hybrid_shared"
	// KongHybridPKI is a self-hosted control plane with cluster_mtls = pki: nginx
	// with OpenSSL, without partial chains. The path ends at a self-signed
	// upload, over at most four intermediates.
	KongHybridPKI ControlPlane = "kong_hybrid_pki"
)

// ControlPlanes lists every control plane that [Evaluate] knows, the default
// first.
func ControlPlanes() []ControlPlane {
	return []ControlPlane{Konnect, KongHybridShared, KongHybridPKI}
}

// ParseControlPlane reads a control plane's name; the empty string means
// [Konnect].
func ParseControlPlane(text string) (ControlPlane, error) {
	if text == "" {
		return Konnect, nil
	}
	names := make([]string, 0, len(ControlPlanes()))
	for _, known := range ControlPlanes() {
		if text == string(known) {
			return known, nil
		}
		names = append(names, string(known))
	}
	return "", fmt.Errorf("unknown control plane %q: one of %s is meant", text, strings.Join(names, ", "))
}

// A pinRule says which uploads a presented leaf is compared with.
type pinRule int

const (
	noPins pinRule = iota
	anyUpload
	firstUpload
)

// A profile is what [Evaluate] has to know of a control plane.
type profile struct {
	title string // how findings call it
	pins  pinRule
	pki   bool // whether a path to an anchor is accepted at all
	// isAnchor says of an uploaded certificate whether a path may end there.
	isAnchor func(*x509.Certificate) bool
	// maxIntermediates bounds a path; negative for no bound.
	maxIntermediates int
	// openSSL turns on the checks that OpenSSL makes and crypto/x509 does not:
	// security level 2, key identifiers that agree, key usage of the leaf.
	openSSL bool
}

// profileOf returns the profile of a control plane; false for an unknown one.
func profileOf(controlPlane ControlPlane) (profile, bool) {
	switch controlPlane {
	case Konnect, "":
		return profile{title: "Konnect", pins: anyUpload, pki: true, isAnchor: marksCA, maxIntermediates: -1}, true
	case KongHybridShared:
		never := func(*x509.Certificate) bool { return false }
		return profile{title: "Kong with cluster_mtls = shared", pins: firstUpload, isAnchor: never, maxIntermediates: -1, openSSL: true}, true
	case KongHybridPKI:
		// ssl_verify_depth 4: four intermediates pass and five do not.
		return profile{title: "Kong with cluster_mtls = pki", pki: true, isAnchor: endsItself, maxIntermediates: 4, openSSL: true}, true
	default:
		return profile{}, false
	}
}

// A Purpose is what the presented leaf is to be good for (RFC 5280, 4.2.1.12).
type Purpose int

const (
	// ClientAuth is what a data plane needs, and the zero Purpose.
	ClientAuth Purpose = iota
	// ServerAuth is what a control plane's own certificate needs.
	ServerAuth
	// AnyPurpose takes every purpose.
	AnyPurpose
)

// usage is the purpose as crypto/x509 calls it; an unknown one is taken for
// ClientAuth.
func (p Purpose) usage() x509.ExtKeyUsage {
	switch p {
	case ServerAuth:
		return x509.ExtKeyUsageServerAuth
	case AnyPurpose:
		return x509.ExtKeyUsageAny
	default:
		return x509.ExtKeyUsageClientAuth
	}
}

// String is the purpose as RFC 5280 spells it.
func (p Purpose) String() string {
	switch p {
	case ServerAuth:
		return "serverAuth"
	case AnyPurpose:
		return "any purpose"
	default:
		return "clientAuth"
	}
}
