package trust

import (
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"slices"
	"strings"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

// directoryNamesPermitted is about subjects that constraints on directory names
// forbid (RFC 5280, 4.2.1.10). crypto/x509 has no such comparison: it refuses
// critical constraints of this kind whatever the names are, and skips others,
// which OpenSSL does not.
func directoryNamesPermitted(q *question, path []*Entry, at int) []finding {
	issuer := path[at]
	permitted, excluded := directoryConstraints(issuer)
	if len(permitted)+len(excluded) == 0 {
		return nil
	}
	var found []finding
	for depth, e := range path[:at] {
		if !q.budget.compareNames(len(permitted) + len(excluded)) {
			return found
		}
		if !selfIssuedBetween(e, depth) {
			found = append(found, directoryForbidden(e, issuer, permitted, excluded)...)
		}
	}
	return found
}

func directoryForbidden(e, issuer *Entry, permitted, excluded []pkix.RDNSequence) []finding {
	var subject pkix.RDNSequence
	if _, err := asn1.Unmarshal(e.RawSubject, &subject); err != nil || len(subject) == 0 {
		return nil
	}
	covers := func(base pkix.RDNSequence) bool { return isWithin(subject, base) }
	remedy := sayf("issue %s with another subject, or from another CA", e)
	if at := slices.IndexFunc(excluded, covers); at >= 0 {
		return []finding{about(e, NameForbidden, Error,
			sayf("its subject is below %s, which %s excludes", pki.Printable(excluded[at].String()), issuer), remedy)}
	}
	if len(permitted) > 0 && !slices.ContainsFunc(permitted, covers) {
		return []finding{about(e, NameForbidden, Error,
			sayf("its subject is not below %s, and %s permits no other", pki.Printable(permitted[0].String()), issuer), remedy)}
	}
	return nil
}

// isWithin reports whether a name is in the subtree of a base: whether it begins
// with all of it, without regard to case and white space (RFC 5280, 7.1).
func isWithin(name, base pkix.RDNSequence) bool {
	if len(base) > len(name) {
		return false
	}
	for i := range base {
		if !slices.Equal(foldedLevel(base[i]), foldedLevel(name[i])) {
			return false
		}
	}
	return true
}

// foldedLevel is one level of a name, made ready for comparison.
func foldedLevel(level pkix.RelativeDistinguishedNameSET) []string {
	var parts []string
	for _, attribute := range level {
		value := strings.ToLower(fmt.Sprint(attribute.Value))
		parts = append(parts, attribute.Type.String()+"="+strings.Join(strings.Fields(value), " "))
	}
	slices.Sort(parts)
	return parts
}

// directoryConstraints reads the subtrees of directory names out of a
// certificate's name constraints; what cannot be read has none.
func directoryConstraints(e *Entry) (permitted, excluded []pkix.RDNSequence) {
	value := extension(e.Certificate, oidNameConstraints)
	if value == nil {
		return nil, nil
	}
	var constraints struct {
		Permitted []asn1.RawValue `asn1:"optional,tag:0"`
		Excluded  []asn1.RawValue `asn1:"optional,tag:1"`
	}
	if _, err := asn1.Unmarshal(value, &constraints); err != nil {
		return nil, nil
	}
	return directoryNames(constraints.Permitted), directoryNames(constraints.Excluded)
}

// directoryNames reads the names out of GeneralSubtrees, skipping names of other
// kinds.
func directoryNames(subtrees []asn1.RawValue) []pkix.RDNSequence {
	const directoryName = 4 // the tag in GeneralName, explicit (RFC 5280, 4.2.1.6)
	var names []pkix.RDNSequence
	for _, subtree := range subtrees {
		var base asn1.RawValue
		if _, err := asn1.Unmarshal(subtree.Bytes, &base); err != nil || base.Class != asn1.ClassContextSpecific || base.Tag != directoryName {
			continue
		}
		var name pkix.RDNSequence
		if _, err := asn1.Unmarshal(base.Bytes, &name); err == nil {
			names = append(names, name)
		}
	}
	return names
}
