package trust

import (
	"encoding/asn1"
	"net"
	"slices"
	"strings"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

// namesPermittedByOpenSSL is about names below an issuer that its name
// constraints forbid as OpenSSL reads RFC 5280, 4.2.1.10 (v3_ncons.c): it
// compares directory names too, e-mail addresses in subjects, and common names
// of a leaf without alternative DNS names; a constraint on e-mail addresses or
// URIs that is a bare host means only that host. Self-issued certificates are
// exempt, except the leaf (6.1.3 (b)).
func namesPermittedByOpenSSL(q *question, path []*Entry, at int) []finding {
	issuer := path[at]
	if at == 0 || extension(issuer.Certificate, oidNameConstraints) == nil {
		return nil
	}
	count := max(1, pki.ConstraintCount(issuer.Certificate))
	var found []finding
	for depth, e := range path[:at] {
		if depth > 0 && selfIssuedForOpenSSL(e) {
			continue
		}
		names := namesForOpenSSL(e, depth)
		if !q.budget.compareNames(len(names) * count) {
			return found
		}
		found = append(found, directoryForbidden(q, e, issuer)...)
		found = append(found, notComparable(e, issuer, names)...)
		for _, n := range names {
			found = append(found, n.hold(e, issuer)...)
		}
	}
	for i := range found { // issuers are asked from the root down, and stop at their first complaint
		found[i].turn = maxPresented + 1 - at
	}
	return found
}

// notComparable is about names for which OpenSSL has no comparison with the
// constraints of an issuer, and refuses.
func notComparable(e, issuer *Entry, names []comparedName) []finding {
	var found []finding
	if mailboxOfOtherType(e) {
		found = append(found, about(e, NameNotComparable, Error,
			sayf("its subject has an e-mail address that is no IA5String, which OpenSSL does not compare with the constraints of %s", issuer),
			sayf("issue %s with its e-mail address as an IA5String (RFC 5280, appendix A.1), or as an alternative name only", e)))
	}
	has := map[int]bool{tagDirectoryName: len(e.Subject.Names) > 0}
	for _, n := range names {
		has[tagsOfKinds()[n.kind]] = true
	}
	alternative, _ := elements(extension(e.Certificate, oidAlternativeNames))
	for _, name := range alternative {
		has[name.Tag] = true
	}
	for _, subtree := range subtreesOf(issuer) {
		switch {
		case !has[subtree.tag]:
		case subtree.bounded:
			f := about(e, NameNotComparable, Error, sayf("%s constrains names with a minimum or a maximum, which RFC 5280, 4.2.1.10, forbids and OpenSSL refuses", issuer),
				sayf("re-issue %s without them", issuer))
			f.openSSL = 49
			found = append(found, f)
		case !subtree.comparable():
			f := about(e, NameNotComparable, Error, sayf("it has an alternative name of a kind that %s constrains and OpenSSL does not compare", issuer),
				sayf("issue %s without that name, or from another CA", e))
			f.openSSL = 51
			found = append(found, f)
		}
	}
	return found
}

// Tags of GeneralName (RFC 5280, 4.2.1.6).
const (
	tagMailbox       = 1
	tagDNS           = 2
	tagDirectoryName = 4
	tagURI           = 6
	tagAddress       = 7
)

func tagsOfKinds() map[pki.NameKind]int {
	return map[pki.NameKind]int{pki.EmailAddress: tagMailbox, pki.DNSName: tagDNS, pki.URI: tagURI, pki.IPAddress: tagAddress}
}

// A subtree is the kind of names that an entry of name constraints is about, and
// whether it has a minimum or a maximum.
type subtree struct {
	tag     int
	bounded bool
}

func (s subtree) comparable() bool {
	return slices.Contains([]int{tagMailbox, tagDNS, tagDirectoryName, tagURI, tagAddress}, s.tag)
}

// subtreesOf lists those of an issuer.
func subtreesOf(issuer *Entry) []subtree {
	var list []subtree
	kinds, _ := elements(extension(issuer.Certificate, oidNameConstraints))
	for _, kind := range kinds {
		entries, _ := elements(kind.FullBytes)
		for _, entry := range entries {
			fields, _ := elements(entry.FullBytes)
			if len(fields) == 0 {
				continue
			}
			bounds := fields[1:]
			zero := len(bounds) == 1 && bounds[0].Tag == 0 && len(bounds[0].Bytes) == 1 && bounds[0].Bytes[0] == 0
			list = append(list, subtree{fields[0].Tag, len(bounds) > 0 && !zero})
		}
	}
	return list
}

// mailboxOfOtherType reports whether an e-mail address in the subject is of another
// string type than IA5String.
func mailboxOfOtherType(e *Entry) bool {
	const oidEmailAddress = "1.2.840.113549.1.9.1"
	var levels []asn1.RawValue
	if _, err := asn1.Unmarshal(e.RawSubject, &levels); err != nil {
		return false
	}
	return !allOf(levels, func(level asn1.RawValue) bool {
		attributes, _ := elements(level.FullBytes)
		return allOf(attributes, func(attribute asn1.RawValue) bool {
			var read struct {
				Type  asn1.ObjectIdentifier
				Value asn1.RawValue
			}
			_, err := asn1.Unmarshal(attribute.FullBytes, &read)
			return err != nil || !isObject(read.Type, oidEmailAddress) || read.Value.Tag == asn1.TagIA5String
		})
	})
}

// A comparedName is a name with the way in which OpenSSL compares it.
type comparedName struct {
	kind       pki.NameKind
	text       string
	where      string // said behind the name; empty for an alternative name
	subtrees   func(issuer *Entry) (permitted, excluded []string)
	within     func(name, base string) bool
	comparable func(name string) bool // nil for one that always is
	mended     string                 // what to do, if not leaving the name out
}

// namesForOpenSSL lists the names of a certificate that OpenSSL compares, but for
// its subject as a directory name.
func namesForOpenSSL(e *Entry, depth int) []comparedName {
	dns := func(c *Entry) ([]string, []string) { return c.PermittedDNSDomains, c.ExcludedDNSDomains }
	mail := func(c *Entry) ([]string, []string) { return c.PermittedEmailAddresses, c.ExcludedEmailAddresses }
	uri := func(c *Entry) ([]string, []string) { return c.PermittedURIDomains, c.ExcludedURIDomains }
	ip := func(c *Entry) ([]string, []string) {
		return networks(c.PermittedIPRanges), networks(c.ExcludedIPRanges)
	}
	var names []comparedName
	for _, mailbox := range pki.MailboxesOfSubject(e.Subject) {
		if mailboxOfOtherType(e) {
			break // see notComparable
		}
		names = append(names, comparedName{kind: pki.EmailAddress, text: mailbox, where: "; it is in the subject", subtrees: mail, within: pki.MailboxWithin, comparable: hasHost})
	}
	for _, name := range e.DNSNames {
		names = append(names, comparedName{kind: pki.DNSName, text: name, subtrees: dns, within: domainWithin})
	}
	for _, address := range e.IPAddresses {
		names = append(names, comparedName{kind: pki.IPAddress, text: address.String(), subtrees: ip, within: addressWithin})
	}
	for _, address := range e.EmailAddresses {
		names = append(names, comparedName{kind: pki.EmailAddress, text: address, subtrees: mail, within: pki.MailboxWithin, comparable: hasHost})
	}
	for _, u := range e.URIs {
		names = append(names, comparedName{kind: pki.URI, text: u.String(), subtrees: uri, within: pki.URIWithin, comparable: func(uri string) bool { return pki.HostOfURI(uri) != "" }})
	}
	if depth == 0 {
		for _, name := range pki.CommonNamesAsDNS(e.Subject, pki.NamesOf(e.Certificate)) {
			names = append(names, comparedName{
				kind: pki.DNSName, text: name, where: "; it is the common name, which OpenSSL takes for a DNS name where there is no other", subtrees: dns, within: domainWithin,
				mended: "with an alternative DNS name that is permitted, or with a common name without periods",
			})
		}
	}
	return names
}

// hold compares the name with the constraints of an issuer.
func (n comparedName) hold(e, issuer *Entry) []finding {
	permitted, excluded := n.subtrees(issuer)
	violation := pki.ConstraintViolation{Kind: n.kind, Name: n.text, Constraint: issuer.Certificate}
	covers := func(base string) bool { return n.within(n.text, base) }
	code := NameExcluded
	switch at := slices.IndexFunc(excluded, covers); {
	case len(permitted)+len(excluded) == 0:
		return nil
	case n.comparable != nil && !n.comparable(n.text): // which refuses, whatever the constraint says
		code, violation.NotComparable, violation.Permitted = NameNotComparable, true, []string{"it has no host name"}
	case at >= 0 && excluded[at] == "":
		return []finding{about(e, NameExcluded, Error, sayf("%s excludes every %s, and %q is one%s", issuer, n.kind, pki.Printable(n.text), n.where), n.remedy(e, violation))}
	case at >= 0:
		violation.Excluded = excluded[at]
	case len(permitted) > 0 && !slices.ContainsFunc(permitted, covers):
		code, violation.Permitted = NameNotPermitted, permitted
	default:
		return nil
	}
	return []finding{about(e, code, Error, sayf("to OpenSSL, %s%s", violation, n.where), n.remedy(e, violation))}
}

func (n comparedName) remedy(e *Entry, violation pki.ConstraintViolation) message {
	switch {
	case n.mended != "":
		return sayf("issue %s %s", e, n.mended)
	case len(violation.Permitted) > 0 && !violation.NotComparable:
		return sayf("issue %s with names in %s only, or from another CA", e, pki.Printable(strings.Join(violation.Permitted, ", ")))
	default:
		return sayf("issue %s without that name, or from another CA", e)
	}
}

// domainWithin is nc_dns: a domain holds itself and what is below it.
func domainWithin(name, base string) bool {
	switch {
	case base == "":
		return true
	case len(name) < len(base) || !strings.EqualFold(name[len(name)-len(base):], base):
		return false
	default:
		return len(name) == len(base) || base[0] == '.' || name[len(name)-len(base)-1] == '.'
	}
}

// hasHost reports whether a mailbox has a host to compare.
func hasHost(address string) bool { return strings.Contains(address, "@") }

// addressWithin is nc_ip, with a base as networks writes it.
func addressWithin(address, base string) bool {
	_, network, err := net.ParseCIDR(base)
	ip := net.ParseIP(address)
	return err == nil && ip != nil && network.Contains(ip)
}

// networks writes networks in CIDR form.
func networks(list []*net.IPNet) []string {
	texts := make([]string, len(list))
	for i, network := range list {
		texts[i] = network.String()
	}
	return texts
}
