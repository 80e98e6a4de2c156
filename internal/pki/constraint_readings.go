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
			j.judge(URI, i, text, ca.ExcludedURIDomains, ca.PermittedURIDomains, uriForOpenSSL(text))
		}
	}
	if len(ca.PermittedEmailAddresses)+len(ca.ExcludedEmailAddresses) > 0 {
		for i, address := range names.EmailAddresses {
			j.judge(EmailAddress, i, address, ca.ExcludedEmailAddresses, ca.PermittedEmailAddresses, mailboxForOpenSSL(address))
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

// uriForOpenSSL takes what stands between // and the next colon, or else the next
// slash, for the host: with the user in front of it.
func uriForOpenSSL(uri string) matcher {
	_, rest, _ := strings.Cut(uri, ":")
	host, found := strings.CutPrefix(rest, "//")
	if end := strings.Index(host, ":"); end >= 0 {
		host = host[:end]
	} else if end := strings.Index(host, "/"); end >= 0 {
		host = host[:end]
	}
	return func(constraint string, _ bool) bool {
		return found && host != "" && hostForOpenSSL(host, constraint)
	}
}

// mailboxForOpenSSL compares with a mailbox, whose local part compares exactly, or
// with a host.
func mailboxForOpenSSL(address string) matcher {
	at := strings.LastIndex(address, "@")
	return func(constraint string, _ bool) bool {
		if at < 0 {
			return false
		}
		local, host := address[:at], address[at+1:]
		if split := strings.LastIndex(constraint, "@"); split >= 0 {
			return (split == 0 || constraint[:split] == local) && strings.EqualFold(constraint[split+1:], host)
		}
		return hostForOpenSSL(host, constraint)
	}
}

// hostForOpenSSL: with a leading period, what is below a domain, and otherwise
// the host itself.
func hostForOpenSSL(host, constraint string) bool {
	if strings.HasPrefix(constraint, ".") {
		return len(host) > len(constraint) && strings.EqualFold(host[len(host)-len(constraint):], constraint)
	}
	return strings.EqualFold(host, constraint)
}
