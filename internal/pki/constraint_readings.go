package pki

import (
	"crypto/x509"
	"slices"
	"strings"
)

// ForbiddenByOpenSSL lists which e-mail addresses and URIs the name constraints of
// ca forbid as OpenSSL reads them, and so nginx and Kong (nc_email and nc_uri in
// v3_ncons.c, which follow RFC 5280, section 4.2.1.10): a bare host is that host
// only, where crypto/x509 takes it with everything below; see [ForbiddenNames].
// Names of other kinds are read alike.
func ForbiddenByOpenSSL(names Names, ca *x509.Certificate) []ConstraintViolation {
	j := nameJudge{ca: ca}
	if len(ca.PermittedURIDomains)+len(ca.ExcludedURIDomains) > 0 {
		for i, uri := range names.URIs {
			text := uri.String()
			j.judge(URI, i, text, ca.ExcludedURIDomains, ca.PermittedURIDomains, func(constraint string, _ bool) bool { return URIWithin(text, constraint) })
		}
	}
	if len(ca.PermittedEmailAddresses)+len(ca.ExcludedEmailAddresses) > 0 {
		for i, address := range names.EmailAddresses {
			j.judge(EmailAddress, i, address, ca.ExcludedEmailAddresses, ca.PermittedEmailAddresses, func(constraint string, _ bool) bool { return MailboxWithin(address, constraint) })
		}
	}
	return j.found
}

// ReadOtherwise lists the names that [ForbiddenByOpenSSL] forbids, and
// [ForbiddenNames] does not.
func ReadOtherwise(names Names, ca *x509.Certificate) []ConstraintViolation {
	if len(names.URIs)+len(names.EmailAddresses) == 0 {
		return nil
	}
	forbidden := ForbiddenNames(names, ca)
	return slices.DeleteFunc(ForbiddenByOpenSSL(names, ca), func(v ConstraintViolation) bool {
		return slices.ContainsFunc(forbidden, func(w ConstraintViolation) bool { return w.Kind == v.Kind && w.Index == v.Index })
	})
}

// MailboxWithin reports whether an e-mail address lies in a constraint as OpenSSL
// reads it (nc_email in v3_ncons.c): one mailbox, whose local part compares
// exactly; a host; or with a leading period, what is below a domain.
func MailboxWithin(address, constraint string) bool {
	local, host, is := cutLast(address)
	if !is {
		return false
	}
	onlyLocal, onlyHost, whole := cutLast(constraint)
	switch {
	case !whole && strings.HasPrefix(constraint, "."):
		return len(address) > len(constraint) && strings.EqualFold(address[len(address)-len(constraint):], constraint)
	case whole && onlyLocal != "" && onlyLocal != local:
		return false
	default:
		return strings.EqualFold(host, onlyHost)
	}
}

// cutLast splits an address at its last @; without one, all of it is the host.
func cutLast(address string) (local, host string, found bool) {
	at := strings.LastIndex(address, "@")
	if at < 0 {
		return "", address, false
	}
	return address[:at], address[at+1:], true
}

// URIWithin reports whether a URI lies in a constraint as OpenSSL reads it (nc_uri
// in v3_ncons.c): a host, or with a leading period, what is below a domain.
func URIWithin(uri, constraint string) bool {
	host := HostOfURI(uri)
	if strings.HasPrefix(constraint, ".") {
		return len(host) > len(constraint) && strings.EqualFold(host[len(host)-len(constraint):], constraint)
	}
	return host != "" && strings.EqualFold(host, constraint)
}

// HostOfURI is the host that OpenSSL sees in a URI: what stands between // and the
// next colon, or else the next slash, with the user in front of it; empty for none.
func HostOfURI(uri string) string {
	_, rest, ok := strings.Cut(uri, ":")
	host, found := strings.CutPrefix(rest, "//")
	if !ok || !found {
		return ""
	}
	if end := strings.Index(host, ":"); end >= 0 {
		return host[:end]
	}
	host, _, _ = strings.Cut(host, "/")
	return host
}
