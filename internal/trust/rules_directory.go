package trust

import (
	"encoding/asn1"
	"slices"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

// directoryForbidden is about a subject, or an alternative name of that kind, that
// an issuer's constraints on directory names forbid (RFC 5280, 4.2.1.10).
// crypto/x509 has no such comparison: it refuses critical constraints of this kind
// whatever the names are, and skips others, which OpenSSL does not.
func directoryForbidden(q *question, e, issuer *Entry) []finding {
	permitted, excluded := directoryConstraints(issuer)
	if len(permitted)+len(excluded) == 0 {
		return nil
	}
	alternative, _ := elements(extension(e.Certificate, oidAlternativeNames))
	names := []directoryName{{"subject", e.RawSubject}}
	for _, name := range alternative {
		if name.Tag == tagDirectoryName {
			names = append(names, directoryName{"alternative directory name", name.Bytes})
		}
	}
	var found []finding
	for i, name := range names {
		levels, ok := canonicalLevels(name.der)
		if !ok || i == 0 && len(levels) == 0 || !q.budget.compareNames(len(permitted)+len(excluded)) {
			continue
		}
		found = append(found, name.hold(levels, permitted, excluded, e, issuer)...)
	}
	return found
}

// A directoryName is a name in DER, and what it is of its certificate.
type directoryName struct {
	what string
	der  []byte
}

// hold compares the name, given its levels too, with constraints.
func (n directoryName) hold(levels []string, permitted, excluded [][]byte, e, issuer *Entry) []finding {
	covers := func(base []byte) bool {
		above, ok := canonicalLevels(base)
		return ok && len(above) <= len(levels) && slices.Equal(above, levels[:len(above)])
	}
	remedy := sayf("issue %s with another %s, or from another CA", e, n.what)
	if len(permitted) > 0 && !slices.ContainsFunc(permitted, covers) {
		return []finding{about(e, NameNotPermitted, Error,
			sayf("its %s is not below %s, and %s permits no other", n.what, writtenName(permitted[0]), issuer), remedy)}
	}
	if at := slices.IndexFunc(excluded, covers); at >= 0 {
		return []finding{about(e, NameExcluded, Error,
			sayf("its %s is below %s, which %s excludes", n.what, writtenName(excluded[at]), issuer), remedy)}
	}
	return nil
}

// writtenName writes a base of a subtree, given in DER.
func writtenName(der []byte) string {
	if name := pki.WriteName(der); name != "" {
		return name
	}
	return "every name"
}

// directoryConstraints reads the subtrees of directory names out of a
// certificate's name constraints, each name in DER; what cannot be read has none.
func directoryConstraints(e *Entry) (permitted, excluded [][]byte) {
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
func directoryNames(subtrees []asn1.RawValue) [][]byte {
	const directoryName = 4 // the tag in GeneralName, explicit (RFC 5280, 4.2.1.6)
	var names [][]byte
	for _, subtree := range subtrees {
		var base asn1.RawValue
		if _, err := asn1.Unmarshal(subtree.Bytes, &base); err != nil || base.Class != asn1.ClassContextSpecific || base.Tag != directoryName {
			continue
		}
		names = append(names, base.Bytes)
	}
	return names
}
