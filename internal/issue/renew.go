package issue

import (
	"cmp"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"slices"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

// keep takes over from renewed, a certificate for the same key, what certificates
// below it refer to: its subject key identifier, and the encoding of its subject
// where that says the same. Without it a peer that compares identifiers or names
// byte for byte would no longer find the issuer of what was signed before.
func (c *checked) keep(renewed *x509.Certificate) {
	if renewed == nil || c.key == nil || !pki.SameKey(c.key, renewed.PublicKey) {
		return
	}
	if len(renewed.SubjectKeyId) > 0 {
		c.keyID = renewed.SubjectKeyId
	}
	if c.rawSubject == nil && sameSubject(c.subject, renewed.RawSubject) {
		c.rawSubject = renewed.RawSubject
	}
}

// SubjectKeyID is the subject key identifier that a certificate made for request
// gets; nil while its key is yet to be made.
func SubjectKeyID(request Request) []byte {
	key := request.PublicKey()
	if key == nil {
		return nil
	}
	made := checked{key: key}
	made.keep(request.Renews)
	if made.keyID != nil {
		return made.keyID
	}
	id, err := subjectKeyID(key)
	if err != nil {
		return nil
	}
	return id
}

// sameSubject reports whether a name as configured says what an encoded one
// says: the same attributes with the same texts, in any order and of any string
// type. A name with a value that is not text equals no other.
func sameSubject(name pkix.Name, raw []byte) bool {
	return sameAttributes(name.ToRDNSequence(), decodeName(raw))
}

// decodeName reads the DER of a name; nil if it cannot be read.
func decodeName(raw []byte) pkix.RDNSequence {
	var name pkix.RDNSequence
	if rest, err := asn1.Unmarshal(raw, &name); err != nil || len(rest) > 0 {
		return nil
	}
	return name
}

func sameAttributes(a, b pkix.RDNSequence) bool {
	ours, ok := attributesOf(a)
	theirs, read := attributesOf(b)
	return ok && read && slices.Equal(ours, theirs)
}

type attribute struct{ kind, text string }

// attributesOf lists the attributes of a name in one order; false if one is not
// text.
func attributesOf(name pkix.RDNSequence) ([]attribute, bool) {
	var all []attribute
	for _, set := range name {
		for _, one := range set {
			text, ok := one.Value.(string)
			if !ok {
				return nil, false
			}
			all = append(all, attribute{one.Type.String(), text})
		}
	}
	slices.SortStableFunc(all, func(a, b attribute) int { return cmp.Or(cmp.Compare(a.kind, b.kind), compareWithin(a, b)) })
	return all, true
}

// compareWithin orders attributes of one kind: those of a domain stay as they are,
// since acme.internal is not internal.acme.
func compareWithin(a, b attribute) int {
	if a.kind == oidDomainComponent.String() {
		return 0
	}
	return cmp.Compare(a.text, b.text)
}
