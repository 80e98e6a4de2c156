package trust

import (
	"fmt"
	"net"
	"slices"
	"strings"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

// An OCSP is whether a control plane asks for the status of a data plane's
// certificate: cluster_ocsp.
type OCSP string

// The values of cluster_ocsp.
const (
	OCSPOff      OCSP = "off"
	OCSPOptional OCSP = "optional"
	OCSPOn       OCSP = "on"
)

// An OptionError is one option that a verifier cannot take.
type OptionError struct {
	Option string // as the attribute is called, such as "server_name"
	Detail string // what is wrong, in one sentence
	Hint   string // what to do about it
}

// Error is the detail with the hint.
func (e OptionError) Error() string { return e.Detail + ": " + e.Hint }

// Check lists what is wrong with the options that not every verifier has: given
// where they have no meaning, missing where they are needed, or of a value that
// is none. Nothing is checked of a verifier that is not known.
func (o Options) Check() []OptionError {
	profile, known := profileOf(o.Verifier)
	if !known {
		return nil
	}
	return slices.Concat(o.checkServerName(profile), o.checkDepth(profile), o.checkOCSP(profile))
}

func (o Options) checkServerName(p profile) []OptionError {
	wrong := func(hint, detail string, parts ...any) []OptionError {
		return []OptionError{{Option: "server_name", Detail: fmt.Sprintf(detail, parts...), Hint: hint}}
	}
	switch {
	case !p.name.wanted && o.ServerName == nil, p.name.fixed != "" && o.ServerName == nil:
		return nil
	case !p.name.wanted:
		return wrong("remove server_name", "%s looks for no name in what it judges", p.title)
	case o.ServerName == nil:
		return wrong("set server_name to the value of cluster_server_name, or else to the host of cluster_control_plane", "%s looks for a name in the certificate, and none is given", p.title)
	case p.name.fixed != "" && *o.ServerName != p.name.fixed:
		return wrong("remove server_name", "%s always looks for %q", p.title, p.name.fixed)
	case p.name.fixed == "" && !isServerName(*o.ServerName):
		return wrong("set it to a DNS name or an IP address without scheme, port or wildcard, such as control-plane.kong.svc", "%q is not the name of a server", pki.Printable(*o.ServerName))
	default:
		return nil
	}
}

func (o Options) checkDepth(p profile) []OptionError {
	wrong := func(hint, detail string, parts ...any) []OptionError {
		return []OptionError{{Option: "verify_depth", Detail: fmt.Sprintf(detail, parts...), Hint: hint}}
	}
	switch {
	case o.VerifyDepth == nil:
		return nil
	case p.depth.setting == "":
		return wrong("remove verify_depth", "%s has no setting for the depth", p.title)
	case p.depth.fixed:
		return wrong("remove verify_depth", "%s always sets %s to %d", p.title, p.depth.setting, p.depth.limit)
	case *o.VerifyDepth < 0:
		return wrong("set it to 0 or more, as "+p.depth.setting+" is set", "%d is below zero", *o.VerifyDepth)
	default:
		return nil
	}
}

func (o Options) checkOCSP(p profile) []OptionError {
	wrong := func(hint, detail string, parts ...any) []OptionError {
		return []OptionError{{Option: "ocsp", Detail: fmt.Sprintf(detail, parts...), Hint: hint}}
	}
	switch {
	case o.OCSP == nil:
		return nil
	case !p.ocsp:
		return wrong("remove ocsp", "%s asks no OCSP responder", p.title)
	case *o.OCSP != OCSPOff && *o.OCSP != OCSPOptional && *o.OCSP != OCSPOn:
		return wrong(`set it to "off", "optional" or "on", as cluster_ocsp is set`, "%q is not a value of cluster_ocsp", pki.Printable(string(*o.OCSP)))
	default:
		return nil
	}
}

// isServerName takes a DNS name, with underscores as kong_clustering has one and
// without a period at its end (RFC 6066, 3), or an IP address.
func isServerName(name string) bool {
	if net.ParseIP(name) != nil {
		return true
	}
	if name == "" || len(name) > 253 {
		return false
	}
	for label := range strings.SplitSeq(name, ".") {
		if label == "" || len(label) > 63 || strings.Trim(label, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") != "" {
			return false
		}
	}
	return true
}
