package trust

import (
	"crypto/x509"
	"errors"
	"slices"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

// explainPaths says why no path is accepted. nearest is the path that
// crypto/x509 accepts and that fails other rules with the fewest errors, nil for
// none. It can also find a path after all: crypto/x509 gives up after a number
// of attempts, and accepts a path that is the only one shown to it.
func explainPaths(q *question, nearest []*Entry, errorsOfNearest []finding) Verdict {
	var r report
	ends := q.ends
	if ends == nil {
		ends = candidates(q)
	}
	for _, end := range ends {
		if !end.anchor || refuses(end.findings()) {
			continue
		}
		path := end.path()
		if !q.profile.byGo() {
			r.add(unverified(q))
			continue
		}
		err := verifyOnly(q, path)
		if err == nil {
			return accept(q, PKI, path, findBesidesGo(q, path))
		}
		if slices.Contains(q.budget.reached, boundNames) {
			continue // a name may be forbidden that nobody compared
		}
		r.add(unexplained(path, err))
	}
	if nearest != nil {
		r.add(errorsOfNearest...)
		return refuse(q, nearest, r.findings)
	}
	r.addCandidates(q, ends)
	return refuse(q, ends[0].path(), r.findings)
}

// addCandidates adds what is wrong with each candidate, the best one's first.
func (r *report) addCandidates(q *question, ends []*step) {
	best := ends[0].findings()
	// A leaf that replaced its pin needs the upload, not an issuer.
	if changed := changedPins(q); len(changed) > 0 {
		r.add(changed...)
		if !ends[0].anchor {
			best = without(best, IssuerMissing, IssuerNameDiffers, SelfSignedNotUploaded)
		}
	}
	r.add(best...)
	for _, other := range ends[1:] {
		for _, f := range other.findings() {
			if !r.has(f) {
				f.beside = other.path()
				r.add(f)
			}
		}
	}
}

// unverified is about a path in which no rule finds an error, but whose
// signatures are too many to be verified.
func unverified(q *question) finding {
	q.budget.reach(boundSignatures)
	return q.budget.finding(Error)[0]
}

// unexplained is a refusal by crypto/x509 of a path in which no rule finds a
// fault.
func unexplained(path []*Entry, err error) finding {
	leaf := path[0]
	// With one path to judge, crypto/x509 gives this reason for one thing only:
	// certificate policies (RFC 5280, 6.1.5).
	if invalid, ok := errors.AsType[x509.CertificateInvalidError](err); ok && invalid.Reason == x509.NoValidChains {
		return about(leaf, PolicyNotSatisfied, Error,
			sayf("a CA above it requires a certificate policy that the path does not have: %s", names(path)),
			sayf("issue the chain with the policies that its CAs require, or use a CA that requires none"))
	}
	return about(leaf, RefusedByVerifier, Error,
		sayf("the path %s is refused by Go's crypto/x509: %s", names(path), pki.EscapeControl(err.Error())),
		sayf("re-issue the certificate that the message is about"))
}

// gapFindings is what is wrong at the end of a path that arrives at no upload:
// that, and whatever can be seen from there all the same.
func gapFindings(q *question, end *step) []finding {
	found := []finding{issuerMissing(q, end)}
	if !q.profile.endsItself(end.at) {
		found = append(found, algorithmRefused(q, end.at)...)
	}
	return append(found, findRules(q, wholePath, end.path())...)
}

// issuerMissing explains the end of a path that has no further issuer available.
func issuerMissing(q *question, end *step) finding {
	e := end.at
	var wanted any = withKeyID(pki.WriteName(e.RawIssuer), e.AuthorityKeyId)
	switch {
	case q.profile.endsItself(e) && end.depth == 0:
		return about(e, SelfSignedNotUploaded, Error, sayf("it is self-signed and not uploaded: nobody vouches for it"),
			addAnchor(q, e))
	case q.profile.endsItself(e):
		return about(e, SelfSignedNotUploaded, Error, sayf("the chain ends at this root, which is presented but not uploaded: presenting it proves nothing"),
			addAnchor(q, withKeyID(e.String(), e.SubjectKeyId)))
	case len(e.Uploaded) > 0 && end.depth == 0:
		return about(e, UploadNotAnAnchor, Error, sayf("it is uploaded, but %s does not pin certificates: a path ends only at a self-signed upload%s", q.profile.title, q.profile.whyNoPin),
			sayf("upload its issuer %s up to the root", wanted))
	case len(e.Uploaded) > 0:
		return about(e, UploadNotAnAnchor, Error, sayf("it is uploaded, but it is not a root, and %s only accepts a path that ends at one", q.profile.title),
			sayf("upload %s as well, and everything from there up to the root", wanted))
	case len(q.pool.namedAs(e.RawIssuer)) > 0:
		return about(e, NoUploadReached, Error, sayf("its issuer %s is already below it: the chain goes in a circle and never reaches an upload", wanted),
			sayf("upload one of the CAs in the circle"))
	}
	if issuer := q.pool.otherwiseNamed(e); issuer != nil {
		return otherName(q, e, issuer)
	}
	return about(e, IssuerMissing, Error, sayf("its issuer %s is neither presented nor uploaded", wanted), supply(q, end, wanted))
}

// addAnchor says to trust a certificate, where the verifier keeps what it trusts.
func addAnchor(q *question, certificate any) message {
	if q.profile.trusts == "" {
		return sayf("upload %s to the control plane", certificate)
	}
	return sayf("upload %s: add it to %s", certificate, q.profile.trusts)
}

func otherName(q *question, child, issuer *Entry) finding {
	another := "another one, if only in case: crypto/x509 compares names byte for byte"
	switch {
	case !q.profile.byGo():
		another = "another one, and not only in encoding, case or white space"
	case pki.WriteName(child.RawIssuer) == pki.WriteName(issuer.RawSubject):
		another = "the same in another encoding (" + pki.StringTypes(issuer.RawSubject) + " there, " + pki.StringTypes(child.RawIssuer) + " here): crypto/x509 compares names byte for byte"
	}
	return about(child, IssuerNameDiffers, Error,
		sayf("it names its issuer %s, and %s seems to be that CA, but its subject is %s", pki.WriteName(child.RawIssuer), inPlace(issuer), another),
		sayf("have %s issued again by %s, or present the certificate of that CA which has exactly the name that %s has for it", child, issuer, child))
}

// supply says how to provide a missing issuer. What is presented helps only if
// it leads to an upload in turn.
func supply(q *question, end *step, wanted any) message {
	switch {
	case !q.profile.partialChain:
		return sayf("present %s after %s if it is an intermediate; upload it if it is the root", wanted, end.at)
	case end.depth > 0:
		return sayf("upload %s; or present it after %s, if it leads to an upload", wanted, end.at)
	case !uploadsAnchor(q):
		return sayf("upload %s; or present it after %s, if it leads to an upload; or upload %s itself, which pins it", wanted, end.at, end.at)
	default:
		return sayf("present %s after %s, or upload it", wanted, end.at)
	}
}

// uploadsAnchor reports whether a path may end at some upload.
func uploadsAnchor(q *question) bool {
	return slices.ContainsFunc(q.pool.all, func(e *Entry) bool { return len(e.Uploaded) > 0 && q.profile.isAnchor(e) })
}
