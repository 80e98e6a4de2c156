package issue

import (
	"cmp"
	"crypto/x509"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

// CheckBelow reports what the limits of issuer, and of every CA above it, forbid
// in a certificate that is made already: names, path lengths and purposes. It
// returns nothing for a nil issuer.
func CheckBelow(certificate *x509.Certificate, issuer *Issuer) []Violation {
	var found violations
	if issuer != nil {
		checkBelow(certificate, issuer, &found)
	}
	return found
}

func checkBelow(certificate *x509.Certificate, issuer *Issuer, found *violations) {
	request := Request{Profile: DataplaneCertificate, Subject: certificate.Subject, ExtendedKeyUsages: certificate.ExtKeyUsage}
	if certificate.BasicConstraintsValid && certificate.IsCA {
		request.Profile = ControlPlaneCA
	}
	var below violations
	checkPath(request, pki.NamesOf(certificate), issuer.path(), Unknown{}, &below)
	for _, violation := range below {
		found.add(fieldCertificate, violation.Summary, "%s would be refused below its issuers. %s", pki.Describe(certificate), violation.Detail)
	}
}

// Limits are what a CA allows below some place in a chain, whatever certificate
// says so. The zero value allows everything.
type Limits struct {
	MaxPathLength   *int // how many CAs may follow below that place; nil: any number
	NameConstraints NameConstraints
}

// checkLimits reports what limits, of issuers whose certificates are yet to be
// made, forbid in what is requested below them.
func checkLimits(request Request, names pki.Names, unknown Unknown, found *violations) {
	for _, limits := range unknown.Limits {
		checkLengthToCome(request, limits.MaxPathLength, found)
		ca := limits.certificate()
		for _, forbidden := range pki.ForbiddenNames(names, ca) {
			found.addAt(namesField(forbidden.Kind), forbidden.Index, "Name constraint violated",
				"Of the CAs that are issued above it in the same apply, one has name_constraints, and %s. Change the name, or those constraints.", byLimits(forbidden))
		}
		if request.Profile == ControlPlaneCA {
			continue
		}
		mailboxes := pki.Names{EmailAddresses: pki.MailboxesOfSubject(request.Subject)}
		for _, forbidden := range pki.ForbiddenNames(mailboxes, ca) {
			found.add("subject", "Name constraint violated",
				"Of the CAs that are issued above it in the same apply, one has name_constraints, and %s. Remove it from the subject, or change those constraints.", byLimits(forbidden))
		}
		if unknown.Request {
			continue // an alternative name may yet come
		}
		for _, forbidden := range pki.ForbiddenNames(pki.Names{DNSNames: pki.CommonNamesAsDNS(request.Subject, names)}, ca) {
			found.add("subject.common_name", "Name constraint violated",
				"OpenSSL treats the common name as a DNS name if the certificate has no other. Of the CAs that are issued above it in the same apply, one has name_constraints, and %s. Change it, or add a DNS name that is permitted.", byLimits(forbidden))
		}
	}
}

func checkLengthToCome(request Request, longest *int, found *violations) {
	if request.Profile != ControlPlaneCA || longest == nil {
		return
	}
	const above = "the max_path_length of a CA that is issued above it in the same apply"
	if *longest <= 0 {
		found.add(fieldIssuer, "Path length exceeded", "%s allows no CA here. Issue from a CA higher up, or give that CA a larger max_path_length.", pki.Sentence(above))
	} else if own := request.MaxPathLength; own != nil && *own >= *longest {
		found.add("max_path_length", "Path length exceeds the issuer's", "%d is too many: %s allows %d CAs here, including this one. Use at most %d.", *own, above, *longest, *longest-1)
	}
}

// LimitsOf are the limits that a CA's certificate states.
func LimitsOf(ca *x509.Certificate) Limits {
	limits := Limits{NameConstraints: constraintsOf(ca)}
	if longest, limited := pathLength(ca); limited {
		limits.MaxPathLength = &longest
	}
	return limits
}

// certificate is one that says what the limits are, and nothing else.
func (l Limits) certificate() *x509.Certificate {
	var unread violations // reported where they are configured
	read := checkConstraints(l.NameConstraints, &unread)
	ca := &x509.Certificate{}
	read.setIn(ca)
	ca.MaxPathLen = -1
	if l.MaxPathLength != nil {
		ca.MaxPathLen, ca.MaxPathLenZero = *l.MaxPathLength, *l.MaxPathLength == 0
	}
	return ca
}

// LimitsOfPath are the limits of a CA, the first of path, and of those above it,
// as they hold for what the first issues. Those that limit nothing are left out.
func LimitsOfPath(path []*x509.Certificate) []Limits {
	all := []Limits{}
	for i, ca := range path {
		all = append(all, LimitsOf(ca).below(i)...)
	}
	return all
}

// LimitsToCome are the limits of a CA whose certificate is yet to be made for
// request, below issuers whose limits are known: what [LimitsOfPath] says once
// there are certificates.
func LimitsToCome(request Request, issuers []Limits) []Limits {
	own := Limits{MaxPathLength: request.MaxPathLength, NameConstraints: request.NameConstraints}
	all := append([]Limits{}, LimitsOf(own.certificate()).below(0)...)
	for _, limits := range issuers {
		all = append(all, limits.below(1)...)
	}
	return all
}

// Limits are those that hold for what i issues; none for nil.
func (i *Issuer) Limits() []Limits { return LimitsOfPath(i.path()) }

// PathTo is certificate, and then i and all above it, which may be nil.
func (i *Issuer) PathTo(certificate *x509.Certificate) []*x509.Certificate {
	return append([]*x509.Certificate{certificate}, i.path()...)
}

// below are the limits so many CAs further down; none if there are none.
func (l Limits) below(further int) []Limits {
	if l.MaxPathLength != nil {
		left := *l.MaxPathLength - further
		l.MaxPathLength = &left
	}
	if l.String() == "" {
		return nil
	}
	return []Limits{l}
}

// subtrees are the lists of name constraints, by the words that OpenSSL has for
// them.
func (c *NameConstraints) subtrees() []struct {
	word string
	list *[]string
} {
	return []struct {
		word string
		list *[]string
	}{
		{"permitted;DNS:", &c.PermittedDNSDomains}, {"excluded;DNS:", &c.ExcludedDNSDomains},
		{"permitted;IP:", &c.PermittedIPRanges}, {"excluded;IP:", &c.ExcludedIPRanges},
		{"permitted;email:", &c.PermittedEmailAddresses}, {"excluded;email:", &c.ExcludedEmailAddresses},
		{"permitted;URI:", &c.PermittedURIDomains}, {"excluded;URI:", &c.ExcludedURIDomains},
	}
}

const pathLengthWord = "pathlen:"

// String writes limits as OpenSSL's configuration does, with spaces between them:
// "pathlen:0 permitted;DNS:acme.internal". It is empty for none.
func (l Limits) String() string {
	var words []string
	if l.MaxPathLength != nil {
		words = append(words, pathLengthWord+strconv.Itoa(*l.MaxPathLength))
	}
	for _, kind := range l.NameConstraints.subtrees() {
		for _, one := range *kind.list {
			words = append(words, kind.word+url.PathEscape(one))
		}
	}
	return strings.Join(words, " ")
}

// ParseLimits reads what [Limits.String] writes.
func ParseLimits(text string) (Limits, error) {
	var limits Limits
	for word := range strings.FieldsSeq(text) {
		if length, is := strings.CutPrefix(word, pathLengthWord); is {
			number, err := strconv.ParseInt(length, 10, 32)
			if err != nil {
				return Limits{}, fmt.Errorf("%q is not a path length", pki.Printable(word))
			}
			limits.MaxPathLength = new(int(number))
		} else if !limits.NameConstraints.read(word) {
			return Limits{}, fmt.Errorf("%q is not a limit such as pathlen:0 or permitted;DNS:acme.internal", pki.Printable(word))
		}
	}
	return limits, nil
}

// read adds one subtree, and reports whether word is one.
func (c *NameConstraints) read(word string) bool {
	for _, kind := range c.subtrees() {
		if subtree, is := strings.CutPrefix(word, kind.word); is {
			text, err := url.PathUnescape(subtree)
			*kind.list = append(*kind.list, text)
			return err == nil
		}
	}
	return false
}

func byLimits(forbidden pki.ConstraintViolation) string {
	name := fmt.Sprintf("the %s %q", forbidden.Kind, pki.Printable(forbidden.Name))
	if forbidden.Excluded != "" {
		return fmt.Sprintf("%s is within %q, which they exclude", name, pki.Printable(forbidden.Excluded))
	}
	return fmt.Sprintf("%s is not within any name that they permit: %s", name, pki.Printable(strings.Join(forbidden.Permitted, ", ")))
}

// Narrower says in words what before, a CA, allowed below it and limits do not:
// one text for each kind of name, and one for the path length. It is empty where
// everything that before allowed stays allowed, as far as that can be said of
// subtrees without looking at names.
func Narrower(before *x509.Certificate, limits Limits) []string {
	after := limits.certificate()
	var narrower []string
	for _, kind := range []struct {
		name                    string
		wasPermitted, permitted []string
		wasExcluded, excluded   []string
		within                  func(inner, outer string) bool
	}{
		{"DNS names", before.PermittedDNSDomains, after.PermittedDNSDomains, before.ExcludedDNSDomains, after.ExcludedDNSDomains, domainWithin},
		{"IP addresses", ranges(before.PermittedIPRanges), ranges(after.PermittedIPRanges), ranges(before.ExcludedIPRanges), ranges(after.ExcludedIPRanges), rangeWithin},
		{"e-mail addresses", before.PermittedEmailAddresses, after.PermittedEmailAddresses, before.ExcludedEmailAddresses, after.ExcludedEmailAddresses, mailboxesWithin},
		{"URIs", before.PermittedURIDomains, after.PermittedURIDomains, before.ExcludedURIDomains, after.ExcludedURIDomains, domainWithin},
	} {
		if lost := outside(kind.wasPermitted, kind.permitted, kind.within); len(kind.permitted) > 0 && len(kind.wasPermitted) == 0 {
			narrower = append(narrower, kind.name+" outside "+pki.Printable(strings.Join(kind.permitted, ", ")))
		} else if len(kind.permitted) > 0 && len(lost) > 0 {
			narrower = append(narrower, kind.name+" within "+pki.Printable(strings.Join(lost, ", "))+", unless within "+pki.Printable(strings.Join(kind.permitted, ", ")))
		}
		if added := outside(kind.excluded, kind.wasExcluded, kind.within); len(added) > 0 {
			narrower = append(narrower, kind.name+" within "+pki.Printable(strings.Join(added, ", "))+" (excluded)")
		}
	}
	longest, limited := pathLength(before)
	if next := limits.MaxPathLength; next != nil && (!limited || *next < longest) {
		narrower = append(narrower, fmt.Sprintf("more than %d CAs one below the other", *next))
	}
	return narrower
}

// outside are the subtrees that lie within none of others.
func outside(subtrees, others []string, within func(inner, outer string) bool) []string {
	return slices.DeleteFunc(slices.Clone(subtrees), func(one string) bool {
		return slices.ContainsFunc(others, func(other string) bool { return within(one, other) })
	})
}

// domainWithin: with a leading period, a domain is only what is below it.
func domainWithin(inner, outer string) bool {
	inner, outer = strings.ToLower(inner), strings.ToLower(outer)
	return outer == "" || inner == outer || strings.HasSuffix(inner, "."+strings.TrimPrefix(outer, ".")) || inner == "."+outer
}

func mailboxesWithin(inner, outer string) bool {
	if strings.Contains(outer, "@") {
		return inner == outer
	}
	_, host, is := strings.Cut(inner, "@")
	return domainWithin(cmp.Or(host, inner), outer) || is && strings.EqualFold(host, outer)
}

func rangeWithin(inner, outer string) bool {
	_, small, err := net.ParseCIDR(inner)
	if err != nil {
		return inner == outer
	}
	_, large, err := net.ParseCIDR(outer)
	if err != nil || len(small.IP) != len(large.IP) {
		return inner == outer
	}
	narrow, _ := small.Mask.Size()
	wide, _ := large.Mask.Size()
	return wide <= narrow && small.IP.Mask(large.Mask).Equal(large.IP)
}

func ranges(networks []*net.IPNet) []string { return texts(networks, (*net.IPNet).String) }
