package trust

import (
	"crypto/x509"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

// A link is a certificate and one that has its issuer's name.
type link struct{ child, issuer *Entry }

// A linkState is what the child's signature says of a link.
type linkState int

const (
	linkUnknown   linkState = iota // not asked yet
	linkGood                       // the issuer's key made the signature
	linkBad                        // it did not
	linkRefused                    // the verifier takes no such signature, or no signature of such a key
	linkUnchecked                  // nobody here can check it
)

// checkLink asks whether the issuer's key made the child's signature. Each link
// is asked about once; when too many were, key identifiers decide.
func checkLink(q *question, child, issuer *Entry) linkState {
	l := link{child, issuer}
	if state := q.links[l]; state != linkUnknown {
		return state
	}
	if q.links == nil {
		q.links = map[link]linkState{}
	}
	state := linkBad
	switch {
	case q.budget.signatureChecks < maxSignatureChecks:
		q.budget.signatureChecks++
		state = q.signature(child, issuer)
	case keyIDsAgree(child.Certificate, issuer.Certificate):
		state = linkGood
		fallthrough
	default:
		q.budget.reach(boundSignatures)
	}
	q.links[l] = state
	return state
}

// trulySigned reports whether every signature of a path was verified, and is
// good: what checkLink only believes is no ground for accepting anything.
func trulySigned(q *question, path []*Entry) bool {
	for i := 0; i+1 < len(path); i++ {
		if q.budget.signatureChecks >= maxSignatureChecks && q.profile.signature(path[i], path[i+1]) != linkGood {
			return false
		}
	}
	return true
}

// certainlySigned reports whether the issuer's key made the child's signature,
// accepted or not.
func certainlySigned(q *question, child, issuer *Entry) bool {
	switch checkLink(q, child, issuer) {
	case linkGood:
		return true
	case linkRefused:
		return isSHA1(child.SignatureAlgorithm) && pki.SignedBy(child.Certificate, issuer.Certificate)
	default:
		return false
	}
}

// issuerSigned is about a certificate that the next one of the path did not
// sign, or not in a way that can be checked.
func issuerSigned(q *question, path []*Entry, at int) []finding {
	if at == 0 {
		return nil
	}
	child, issuer := path[at-1], path[at]
	switch state := checkLink(q, child, issuer); {
	case state == linkGood:
		return nil
	case state == linkUnchecked:
		return []finding{uncheckedSignature(q, child, issuer)}
	case state == linkRefused && unusableExponent(publicKey(issuer.Certificate)) != "":
		return nil // that is found on the issuer
	case state == linkRefused && unusableRSA(publicKey(issuer.Certificate)) != "":
		return []finding{about(issuer, WeakKey, Error, sayf("%s", unusableRSA(publicKey(issuer.Certificate))),
			sayf("replace the key of %s and re-issue what it signed", issuer))}
	case state == linkRefused:
		found := []finding{weakSignature(q, child, issuer)}
		if isSHA1(child.SignatureAlgorithm) && !pki.SignedBy(child.Certificate, issuer.Certificate) {
			found = append(found, wrongSignature(child, issuer))
		}
		return found
	default:
		return []finding{wrongSignature(child, issuer)}
	}
}

// wrongSignature is about a signature that the issuer's key did not make.
func wrongSignature(child, issuer *Entry) finding {
	if !keyIDsAgree(child.Certificate, issuer.Certificate) {
		return otherKey(child, issuer)
	}
	return about(child, SignatureBroken, Error,
		sayf("its signature does not verify with the key of %s, which is the key that it names: it was altered or damaged", inPlace(issuer)),
		sayf("obtain %s again from where it was issued, or have %s issue it again", child, issuer))
}

// algorithmRefused is about a signature whose algorithm alone is reason enough to
// refuse it, for a certificate whose issuer is not available.
func algorithmRefused(q *question, child *Entry) []finding {
	switch {
	case weakAlgorithm(child.SignatureAlgorithm):
		return []finding{weakSignature(q, child, pki.WriteName(child.RawIssuer))}
	case child.SignatureAlgorithm == x509.UnknownSignatureAlgorithm && q.profile.byGo():
		return []finding{about(child, UnknownAlgorithm, Error, sayf("it is signed with %s, and %s", signatureName(child.Certificate), unchecked(q)),
			sayf("have %s re-issue it with an ECDSA or a PKCS #1 v1.5 signature", pki.WriteName(child.RawIssuer)))}
	default:
		return nil
	}
}

func weakSignature(q *question, child *Entry, issuer any) finding {
	return about(child, WeakSignature, Error,
		sayf("it is signed with %s, which %s does not accept", signatureName(child.Certificate), q.profile.library),
		sayf("have %s re-issue it with SHA-256 or better", issuer))
}

// uncheckedSignature says which algorithm it is that is not known, and to whom.
func uncheckedSignature(q *question, child, issuer *Entry) finding {
	if key := publicKey(issuer.Certificate); key == nil || q.profile.byGo() && issuer.PublicKey == nil {
		return about(issuer, UnknownAlgorithm, Error, sayf("its key is of the kind %s, and %s", keyName(issuer.Certificate), unchecked(q)),
			sayf("re-issue %s with an RSA, ECDSA or Ed25519 key", issuer))
	}
	return about(child, UnknownAlgorithm, Error, sayf("it is signed with %s, and %s", signatureName(child.Certificate), unchecked(q)),
		sayf("have %s re-issue it with an ECDSA or a PKCS #1 v1.5 signature", issuer))
}

func unchecked(q *question) string {
	if q.profile.byGo() {
		return "crypto/x509 cannot check such signatures"
	}
	return "such signatures cannot be checked here: whether " + q.profile.title + " accepts it is not known"
}

// otherKey explains an issuer that has the right name and another key, as a
// renewed CA does.
func otherKey(child, issuer *Entry) finding {
	detail := sayf("its signature does not verify with the key of %s, which has its issuer's name: another key signed it, or it was damaged; there are no key ids to tell", inPlace(issuer))
	if len(child.AuthorityKeyId) > 0 && len(issuer.SubjectKeyId) > 0 {
		detail = sayf("its issuer has the key id %s; %s has the same name and the key id %s",
			shownKeyID(child.AuthorityKeyId), inPlace(issuer), shownKeyID(issuer.SubjectKeyId))
	}
	wanted := withKeyID(pki.WriteName(child.RawIssuer), child.AuthorityKeyId)
	return about(child, SameNameOtherKey, Error, detail,
		sayf("upload or present %s, or have %s issued again by the CA that is available", wanted, child))
}
