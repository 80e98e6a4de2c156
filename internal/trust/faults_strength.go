package trust

import (
	"crypto/rsa"
	"crypto/x509"
	"fmt"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

// keyFaults judges the strength of a certificate's key. OpenSSL's security
// level 2, the default of current distributions, refuses RSA below 2048 bits
// anywhere on a path, and TLS with it has no signature scheme for a leaf on a
// curve below P-256. Konnect publishes no limit: there it is a warning.
func (j *judgement) keyFaults(h *holding, depth int) []Finding {
	weakness := pki.WeakKey(h.PublicKey)
	if weakness == "" {
		return nil
	}
	severity := Warning
	if _, isRSA := h.PublicKey.(*rsa.PublicKey); j.profile.openSSL && (isRSA || depth == 0) {
		severity = Error
	}
	return []Finding{about(h, WeakKey, severity, weakness, fmt.Sprintf("issue %s with a new key: ECDSA P-256 or RSA with 2048 bits at least", h.name()))}
}

// strictFaults is what a control plane asks of a path beyond crypto/x509, at
// one place of it.
func (j *judgement) strictFaults(path []*holding, depth int) []Finding {
	h := path[depth]
	var found []Finding
	if depth+1 < len(path) && keyIDsDiffer(h.Certificate, path[depth+1].Certificate) && j.check(h, path[depth+1]) == linkGood {
		found = append(found, j.keyIDMismatch(h, path[depth+1]))
	}
	if j.profile.openSSL && depth+1 < len(path) && endsItself(h.Certificate) {
		found = append(found, j.takenForRoot(h, path[depth+1]))
	}
	if j.profile.openSSL {
		found = append(found, j.strictIssuerFaults(path, depth)...)
	}
	if depth == 0 {
		found = append(found, j.tooManyIntermediates(path)...)
		found = append(found, j.leafUsage(h)...)
	}
	if j.profile.openSSL && j.options.Purpose != AnyPurpose && allows(h.Certificate, j.options.Purpose, false) {
		// What crypto/x509 refuses as well is found elsewhere.
		found = append(found, j.purposeFaults(h, depth)...)
	}
	return found
}

// strictIssuerFaults is what OpenSSL, and not crypto/x509, finds wrong with a
// certificate that stands above others.
func (j *judgement) strictIssuerFaults(path []*holding, depth int) []Finding {
	found := j.strictNameFaults(path, depth)
	if h := path[depth]; depth > 0 && emptyKeyUsage(h.Certificate) {
		found = append(found, about(h, MayNotSign, Error, "its key usage allows nothing at all, not even the signing of certificates",
			fmt.Sprintf("re-issue %s with keyCertSign and the same key", h.name())))
	}
	return found
}

// keyIDMismatch is about a signature that verifies although the key identifiers
// differ: crypto/x509 takes them for hints, OpenSSL refuses the issuer.
func (j *judgement) keyIDMismatch(child, issuer *holding) Finding {
	severity := Warning
	if j.profile.openSSL {
		severity = Error
	}
	return about(child, KeyIDMismatch, severity,
		fmt.Sprintf("it names the issuing key %s, while %s says that its key is %s; the signature is good",
			shownKeyID(child.AuthorityKeyId), issuer.describe(), shownKeyID(issuer.SubjectKeyId)),
		fmt.Sprintf("have %s issue %s again with its own key id", issuer.name(), child.name()))
}

// takenForRoot is about a certificate that has its issuer's name, as those do
// that lead from a CA's old key to its new one (RFC 5280, 3.2), and no key
// identifier that says that the issuer is another: OpenSSL looks no further.
func (j *judgement) takenForRoot(h, issuer *holding) Finding {
	return about(h, SelfSignedNotUploaded, Error,
		fmt.Sprintf("it names itself as its issuer, so %s takes it for a root, which is not uploaded, and does not go on to %s", j.profile.title, issuer.describe()),
		fmt.Sprintf("upload %s, or have it issued again with an authority key id", withKeyID(h.name(), h.SubjectKeyId)))
}

// tooManyIntermediates counts what stands between the leaf and the anchor.
func (j *judgement) tooManyIntermediates(path []*holding) []Finding {
	intermediates := len(path) - 2
	if j.profile.maxIntermediates < 0 || intermediates <= j.profile.maxIntermediates {
		return nil
	}
	return []Finding{about(path[0], TooManyIntermediates, Error,
		fmt.Sprintf("%d intermediates lead from it to the anchor, and %s takes %d (ssl_verify_depth)", intermediates, j.profile.title, j.profile.maxIntermediates),
		fmt.Sprintf("issue %s by a CA nearer to the root", path[0].name()))}
}

// leafUsage judges the leaf's key usage (RFC 5280, 4.2.1.3), which OpenSSL
// looks at and crypto/x509 does not: a TLS peer signs with its key.
func (j *judgement) leafUsage(leaf *holding) []Finding {
	const good = x509.KeyUsageDigitalSignature | x509.KeyUsageKeyAgreement
	if leaf.KeyUsage&good != 0 || leaf.KeyUsage == 0 && !emptyKeyUsage(leaf.Certificate) || j.options.Purpose != ClientAuth {
		return nil
	}
	severity := Warning
	if j.profile.openSSL {
		severity = Error
	}
	return []Finding{about(leaf, WrongKeyUsage, severity, "its key usage allows neither digital signatures nor key agreement, which a TLS client needs",
		fmt.Sprintf("issue %s with digitalSignature in its key usage", leaf.name()))}
}

// emptyKeyUsage reports whether a key usage is there and has no bit set, which
// RFC 5280, 4.2.1.3, forbids: OpenSSL takes that for no right at all, and
// crypto/x509 for all of them.
func emptyKeyUsage(certificate *x509.Certificate) bool {
	return certificate.KeyUsage == 0 && carries(certificate, oidKeyUsage)
}
