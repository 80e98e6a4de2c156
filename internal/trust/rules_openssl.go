package trust

import (
	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

// openSSLRules are those of every verifier that is built on OpenSSL, with
// security level 2, the default of current distributions.
func openSSLRules() []rule {
	return []rule{
		{"signature", eachCertificate, asGo, issuerSigned},
		{"key identifiers", eachCertificate, besidesGo, keyIDsMustAgree},
		{"not taken for a root", eachCertificate, besidesGo, notTakenForRoot},
		{"dates", eachCertificate, asGo, inDate},
		{"critical extensions", eachCertificate, asGo, criticalUnderstood},
		{"issuer is a CA, or a version 1 root", eachCertificate, asGo, issuerIsCAOrOldRoot},
		{"issuer may sign", eachCertificate, asGo, issuerMaySign},
		{"key usage lists something", eachCertificate, besidesGo, keyUsageNotEmpty},
		{"path length", eachCertificate, asGo, pathLengthSuffices},
		{"name constraints", eachCertificate, asGo, namesPermitted},
		{"name constraints are for the host itself", eachCertificate, besidesGo, subdomainsPermitted},
		{"name constraints count for common names", eachCertificate, besidesGo, commonNamesPermitted},
		{"name constraints count for mailboxes in subjects", eachCertificate, besidesGo, mailboxesPermitted},
		{"name constraints on directory names", eachCertificate, besidesGo, directoryNamesPermitted},
		{"purpose, literally", eachCertificate, besidesGo, purposeListedLiterally},
		{"key usage of the leaf", eachCertificate, besidesGo, leafUsageSuffices},
		{"key strength, security level 2", eachCertificate, besidesGo, keyIsStrongForOpenSSL},
		{"valid for", wholePath, besidesGo, lastsLongEnough},
		{"revocation", wholePath, besidesGo, notRevoked},
	}
}

// notTakenForRoot is about a certificate that has its issuer's name, as those do
// that lead from a CA's old key to its new one (RFC 5280, 3.2), and no key
// identifier that says that the issuer is another: OpenSSL looks no further.
func notTakenForRoot(q *question, path []*Entry, at int) []finding {
	if at == 0 || !path[at-1].EndsItself() {
		return nil
	}
	child, issuer := path[at-1], path[at]
	return []finding{about(child, SelfSignedNotUploaded, Error,
		sayf("it names itself as its issuer, so %s treats it as a root, which is not uploaded, and does not continue to %s", q.profile.title, inPlace(issuer)),
		sayf("upload %s, or have it issued again with an authority key id", withKeyID(child.String(), child.SubjectKeyId)))}
}

// keyUsageNotEmpty is about an issuer whose key usage has no bit: see
// [emptyKeyUsage].
func keyUsageNotEmpty(_ *question, path []*Entry, at int) []finding {
	issuer := path[at]
	if at == 0 || !emptyKeyUsage(issuer.Certificate) {
		return nil
	}
	return []finding{about(issuer, MayNotSign, Error, sayf("its key usage allows nothing at all, not even the signing of certificates"),
		sayf("re-issue %s with keyCertSign and the same key", issuer))}
}

// issuerIsCAOrOldRoot is [issuerIsCA], but for an uploaded version 1 root, which
// has no way to say that it is a CA: crypto/x509 and OpenSSL both take it.
func issuerIsCAOrOldRoot(q *question, path []*Entry, at int) []finding {
	if e := path[at]; e.Version < 3 && len(e.Uploaded) > 0 && e.EndsItself() {
		return nil
	}
	return issuerIsCA(q, path, at)
}

// issuersAreUnambiguous warns where OpenSSL might take another path than the one
// accepted: it takes the first issuer that fits, and does not come back.
func issuersAreUnambiguous(q *question, path []*Entry, _ int) []finding {
	var found []finding
	for i := 0; i+1 < len(path); i++ {
		for _, other := range q.pool.namedAs(path[i].RawIssuer) {
			if other != path[i+1] && namesIssuer(path[i], other) {
				found = append(found, about(path[i], AmbiguousIssuer, Warning,
					sayf("its issuer is %s here; %s also matches by name, and OpenSSL only tries one of them", inPlace(path[i+1]), inPlace(other)),
					sayf("present and upload only one certificate of %s", other)))
			}
		}
	}
	return found
}

// issuersAreUploaded warns where OpenSSL goes no further than an uploaded
// intermediate: from an upload on, it looks only at uploads.
func issuersAreUploaded(_ *question, path []*Entry, _ int) []finding {
	var found []finding
	for i := 0; i+1 < len(path); i++ {
		if issuer := path[i+1]; len(path[i].Uploaded) > 0 && len(issuer.Uploaded) == 0 {
			found = append(found, about(path[i], IssuerNotUploaded, Warning,
				sayf("it is uploaded but its issuer %s is not; OpenSSL only looks for it among the uploads, and refuses the chain", inPlace(issuer)),
				sayf("upload %s as well, or remove %s from the uploads and present it", issuer, path[i])))
		}
	}
	return found
}

// selfIssuedBetween reports whether a certificate is exempt from name
// constraints, as self-issued ones are except the leaf (RFC 5280, 6.1.3 (b)).
func selfIssuedBetween(e *Entry, depth int) bool { return depth > 0 && pki.SelfIssued(e.Certificate) }
