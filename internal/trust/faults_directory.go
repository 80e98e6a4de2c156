package trust

import (
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"slices"
	"strings"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

const oidNameConstraints = "2.5.29.30"

// directoryFaults explains subjects that constraints on directory names forbid
// (RFC 5280, 4.2.1.10). crypto/x509 has no such comparison: it refuses critical
// constraints of this kind whatever the names are, and passes over others, which
// OpenSSL does not.
func (j *judgement) directoryFaults(path []*holding, depth int) []Finding {
	issuer := path[depth]
	permitted, excluded := directoryConstraints(issuer)
	if len(permitted)+len(excluded) == 0 {
		return nil
	}
	var found []Finding
	for below, h := range path[:depth] {
		j.nameComparisons += len(permitted) + len(excluded)
		if j.nameComparisons > maxNameComparisons {
			j.reached(boundNames)
			return found
		}
		// Self-issued certificates are exempt, except the leaf (RFC 5280, 6.1.3 (b)).
		if below > 0 && pki.SelfIssued(h.Certificate) {
			continue
		}
		found = append(found, directoryFault(h, issuer, permitted, excluded)...)
	}
	return found
}

func directoryFault(h, issuer *holding, permitted, excluded []pkix.RDNSequence) []Finding {
	var subject pkix.RDNSequence
	if _, err := asn1.Unmarshal(h.RawSubject, &subject); err != nil || len(subject) == 0 {
		return nil
	}
	covers := func(base pkix.RDNSequence) bool { return stands(subject, base) }
	remedy := fmt.Sprintf("issue %s with another subject, or by another CA", h.name())
	if at := slices.IndexFunc(excluded, covers); at >= 0 {
		return []Finding{about(h, NameForbidden, Error,
			fmt.Sprintf("its subject is below %s, which %s excludes", pki.Printable(excluded[at].String()), issuer.name()), remedy)}
	}
	if len(permitted) > 0 && !slices.ContainsFunc(permitted, covers) {
		return []Finding{about(h, NameForbidden, Error,
			fmt.Sprintf("its subject is not below %s, which %s permits alone", pki.Printable(permitted[0].String()), issuer.name()), remedy)}
	}
	return nil
}

// stands reports whether a name stands below a base: whether it begins with all
// of it, without regard to case and white space (RFC 5280, 7.1).
func stands(name, base pkix.RDNSequence) bool {
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
func directoryConstraints(h *holding) (permitted, excluded []pkix.RDNSequence) {
	at := slices.IndexFunc(h.Extensions, func(e pkix.Extension) bool { return e.Id.String() == oidNameConstraints })
	if at < 0 {
		return nil, nil
	}
	var constraints struct {
		Permitted []asn1.RawValue `asn1:"optional,tag:0"`
		Excluded  []asn1.RawValue `asn1:"optional,tag:1"`
	}
	if _, err := asn1.Unmarshal(h.Extensions[at].Value, &constraints); err != nil {
		return nil, nil
	}
	return directoryNames(constraints.Permitted), directoryNames(constraints.Excluded)
}

// directoryNames reads the names out of GeneralSubtrees, passing over names of
// other kinds.
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
