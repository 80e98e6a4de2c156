package trust

import (
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"slices"
	"strings"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

const boundSignatures = "the checking of signatures"

// A link is a certificate and one that has its issuer's name.
type link struct{ child, issuer *holding }

// A linkState is what the child's signature says of a link.
type linkState int

const (
	linkUnknown linkState = iota // not asked yet
	linkGood                     // the issuer's key made the signature
	linkBad                      // it did not
	linkRefused                  // crypto/x509 does not check such a signature
)

// check asks whether the issuer's key made the child's signature. Each link is
// asked about once; when too many were, key identifiers decide.
func (j *judgement) check(child, issuer *holding) linkState {
	l := link{child, issuer}
	if state := j.links[l]; state != linkUnknown {
		return state
	}
	if j.links == nil {
		j.links = map[link]linkState{}
	}
	state := j.ask(child, issuer)
	j.links[l] = state
	return state
}

func (j *judgement) ask(child, issuer *holding) linkState {
	switch {
	case refusedAlgorithm(child.SignatureAlgorithm) || tooShort(issuer.PublicKey) || issuer.PublicKey == nil:
		return linkRefused
	case j.signatureChecks >= maxSignatureChecks:
		j.reached(boundSignatures)
		if keyIDsAgree(child.Certificate, issuer.Certificate) {
			return linkGood
		}
		return linkBad
	}
	j.signatureChecks++
	if pki.SignedBy(child.Certificate, issuer.Certificate) {
		return linkGood
	}
	return linkBad
}

// refusedAlgorithm reports whether crypto/x509 builds no path over a signature
// of this kind: broken hashes, and what it does not know.
func refusedAlgorithm(algorithm x509.SignatureAlgorithm) bool {
	switch algorithm {
	case x509.UnknownSignatureAlgorithm, x509.MD2WithRSA, x509.MD5WithRSA, x509.SHA1WithRSA,
		x509.ECDSAWithSHA1, x509.DSAWithSHA1, x509.DSAWithSHA256:
		return true
	default:
		return false
	}
}

// tooShort reports whether crypto/rsa refuses to use a key: below 1024 bits.
func tooShort(key any) bool {
	public, ok := key.(*rsa.PublicKey)
	return ok && public.N.BitLen() < 1024
}

// linkFaults explains what is wrong between a certificate and a candidate for
// its issuer.
func (j *judgement) linkFaults(child, issuer *holding) []Finding {
	switch state := j.check(child, issuer); {
	case state == linkRefused && issuer.PublicKey == nil:
		return []Finding{about(issuer, WeakKey, Error, "its key is of a kind that no TLS library verifies signatures with",
			"re-issue "+issuer.name()+" with an RSA, ECDSA or Ed25519 key")}
	case state == linkRefused && tooShort(issuer.PublicKey):
		return []Finding{about(issuer, WeakKey, Error, "its RSA key has fewer than 1024 bits, and signatures by it are not checked",
			"replace the key of "+issuer.name()+" and re-issue what it signed")}
	case state == linkRefused:
		return []Finding{about(child, WeakSignature, Error,
			fmt.Sprintf("it is signed with %s, which is no longer accepted", child.SignatureAlgorithm),
			fmt.Sprintf("have %s re-issue it with SHA-256 or better", issuer.name()))}
	case state == linkGood:
		return nil
	case keyIDsAgree(child.Certificate, issuer.Certificate):
		return []Finding{about(child, SignatureBroken, Error,
			fmt.Sprintf("its signature does not verify with the key of %s, which is the key that it names: it was altered or damaged", issuer.describe()),
			fmt.Sprintf("take %s afresh from where it was issued, or have %s issue it again", child.name(), issuer.name()))}
	default:
		return []Finding{j.otherKey(child, issuer)}
	}
}

// otherKey explains an issuer that has the right name and another key, as a
// renewed CA does.
func (j *judgement) otherKey(child, issuer *holding) Finding {
	detail := fmt.Sprintf("its issuer is called as %s is, but another key signed it", issuer.describe())
	if len(child.AuthorityKeyId) > 0 {
		detail = fmt.Sprintf("its issuer has the key id %s; %s has the same name and the key id %s",
			shownKeyID(child.AuthorityKeyId), issuer.describe(), shownKeyID(issuer.SubjectKeyId))
	}
	wanted := withKeyID(pki.DistinguishedName(child.Issuer), child.AuthorityKeyId)
	return about(child, SameNameOtherKey, Error, detail,
		fmt.Sprintf("upload or present %s, or have %s issued anew by the CA at hand", wanted, child.name()))
}

func shownKeyID(id []byte) string {
	if len(id) == 0 {
		return "(none)"
	}
	return pki.Printable(pki.KeyID(id))
}

// missing explains the end of a path that has no further issuer at hand.
func (j *judgement) missing(end *step) Finding {
	h, issuer := end.at, pki.DistinguishedName(end.at.Issuer)
	wanted := withKeyID(issuer, h.AuthorityKeyId)
	switch {
	case endsItself(h.Certificate) && end.depth == 0:
		return about(h, SelfSignedNotUploaded, Error, "it is self-signed, and not uploaded: nobody vouches for it",
			fmt.Sprintf("upload %s to the control plane", h.name()))
	case endsItself(h.Certificate):
		return about(h, SelfSignedNotUploaded, Error, "the chain ends at this root, which is presented but not uploaded: presenting it proves nothing",
			fmt.Sprintf("upload %s to the control plane", withKeyID(h.name(), h.SubjectKeyId)))
	case len(h.uploaded) > 0 && end.depth == 0:
		return about(h, UploadNoAnchor, Error, fmt.Sprintf("it is uploaded, but %s pins no certificate: only a self-signed upload ends a path", j.profile.title),
			fmt.Sprintf("upload its issuer %s up to the root", wanted))
	case len(h.uploaded) > 0:
		return about(h, UploadNoAnchor, Error, fmt.Sprintf("it is uploaded, but is no root, and %s accepts no path that ends before one", j.profile.title),
			fmt.Sprintf("upload %s beside it, and what leads from there to the root", wanted))
	case len(j.held.bySubject(h.RawIssuer)) > 0:
		return about(h, NoUploadReached, Error, fmt.Sprintf("its issuer %s stands below it already: the chain goes in a circle and arrives at no upload", wanted),
			"upload one of the CAs of the circle")
	case j.renamed(h) != nil:
		return j.otherName(h, j.renamed(h))
	default:
		return about(h, IssuerMissing, Error, fmt.Sprintf("its issuer %s is neither presented nor uploaded", wanted), j.supply(end, wanted))
	}
}

// renamed finds a CA at hand that has the key which the child names as its
// issuer's, or the issuer's name in other letters, but is not called so byte for
// byte; nil if there is none.
func (j *judgement) renamed(child *holding) *holding {
	if j.aliases == nil {
		j.aliases = map[string]*holding{}
		for _, h := range slices.Backward(j.held.all) {
			if marksCA(h.Certificate) {
				j.aliases["key "+string(h.SubjectKeyId)] = h
				j.aliases["name "+folded(h.Subject)] = h
			}
		}
	}
	var found *holding
	if name := folded(child.Issuer); name != "" {
		found = j.aliases["name "+name]
	}
	if same, ok := j.aliases["key "+string(child.AuthorityKeyId)]; ok && len(child.AuthorityKeyId) > 0 {
		found = same
	}
	if found == child {
		return nil
	}
	return found
}

// folded is a name without regard to case, white space and encoding, roughly as
// RFC 5280, 7.1 compares them.
func folded(name pkix.Name) string {
	return strings.ToLower(strings.Join(strings.Fields(pki.DistinguishedName(name)), " "))
}

func (j *judgement) otherName(child, issuer *holding) Finding {
	return about(child, IssuerNameDiffers, Error,
		fmt.Sprintf("it names its issuer %s, and %s seems to be that CA, but its subject is another one, if only in encoding or case: names have to agree byte for byte",
			pki.DistinguishedName(child.Issuer), issuer.describe()),
		fmt.Sprintf("have %s issued anew by %s, or present the certificate of that CA which bears exactly the name that %s has for it", child.name(), issuer.name(), child.name()))
}

// supply says how to provide a missing issuer. What is presented helps only if
// it leads to an upload in turn.
func (j *judgement) supply(end *step, wanted string) string {
	child := end.at.name()
	switch {
	case j.profile.openSSL:
		return fmt.Sprintf("present %s after %s if it is an intermediate; upload it if it is the root", wanted, child)
	case end.depth > 0 || !j.uploadsCA():
		hint := fmt.Sprintf("upload %s; or present it after %s, if it leads to an upload", wanted, child)
		if end.depth == 0 {
			hint += fmt.Sprintf("; or upload %s itself, which pins it", child)
		}
		return hint
	default:
		return fmt.Sprintf("present %s after %s, or upload it", wanted, child)
	}
}

// uploadsCA reports whether some upload is an anchor.
func (j *judgement) uploadsCA() bool {
	return slices.ContainsFunc(j.held.all, func(h *holding) bool { return len(h.uploaded) > 0 && j.profile.isAnchor(h.Certificate) })
}
