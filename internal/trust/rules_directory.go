package trust

import (
	"encoding/asn1"
	"slices"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

// directoryForbidden is about a subject that an issuer's constraints on directory
// names forbid (RFC 5280, 4.2.1.10). crypto/x509 has no such comparison: it
// refuses critical constraints of this kind whatever the names are, and skips
// others, which OpenSSL does not.
func directoryForbidden(q *question, e, issuer *Entry) []finding {
	permitted, excluded := directoryConstraints(issuer)
	subject, ok := canonicalLevels(e.RawSubject)
	if len(permitted)+len(excluded) == 0 || !ok || len(subject) == 0 || !q.budget.compareNames(len(permitted)+len(excluded)) {
		return nil
	}
	covers := func(base []byte) bool {
		levels, ok := canonicalLevels(base)
		return ok && len(levels) <= len(subject) && slices.Equal(levels, subject[:len(levels)])
	}
	remedy := sayf("issue %s with another subject, or from another CA", e)
	if at := slices.IndexFunc(excluded, covers); at >= 0 {
		return []finding{about(e, NameExcluded, Error,
			sayf("its subject is below %s, which %s excludes", writtenName(excluded[at]), issuer), remedy)}
	}
	if len(permitted) > 0 && !slices.ContainsFunc(permitted, covers) {
		return []finding{about(e, NameNotPermitted, Error,
			sayf("its subject is not below %s, and %s permits no other", writtenName(permitted[0]), issuer), remedy)}
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
