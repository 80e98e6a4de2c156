package trust

import (
	"crypto/x509"
	"slices"
	"strings"
)

// inDate is about a certificate that is not in date (RFC 5280, 4.1.2.5). Both
// ends belong to the time of validity, and one that ends before it begins misses both.
func inDate(q *question, path []*Entry, at int) []finding {
	e := path[at]
	var found []finding
	if q.At.Before(e.NotBefore) {
		found = append(found, about(e, NotYetValid, Error, sayf("it becomes valid %s", q.stamp(e.NotBefore)),
			sayf("wait until then, check the clocks of the verifier and of the issuer, or have %s issued with an earlier start", e)))
	}
	if q.At.After(e.NotAfter) {
		found = append(found, about(e, Expired, Error, sayf("it expired %s", q.stamp(e.NotAfter)), renewal(q, e)))
	}
	return found
}

// renewal says what to do about a certificate that ended or is about to.
func renewal(q *question, e *Entry) message {
	switch {
	case e == q.pool.leaf && len(e.Uploaded) > 0:
		return sayf("renew %s, upload the new certificate, then present it", e)
	case e == q.pool.leaf:
		return sayf("renew %s and present the new certificate", e)
	case len(e.Uploaded) > 0 && namedBySerial(q, e):
		return sayf("renew the CA %s and upload the new certificate, and re-issue what is below it, which names the CA by its serial number", e)
	case len(e.Uploaded) > 0:
		return sayf("renew the CA %s and upload the new certificate; with the same key, what it issued continues to be accepted", e)
	default:
		return sayf("renew the CA %s and present the new certificate", e)
	}
}

// namedBySerial reports whether some certificate names an issuer by its serial
// number, so that a renewal of the issuer with the same key does not fit it.
func namedBySerial(q *question, issuer *Entry) bool {
	return slices.ContainsFunc(q.pool.all, func(child *Entry) bool {
		named := authorityKeyOf(child.Certificate)
		return named.serial != nil && child != issuer && q.pool.sameNames(child.RawIssuer, issuer.RawSubject)
	})
}

// lastsLongEnough is about a path that does not last as long as the caller asks.
// A path that is over already is found by [inDate].
func lastsLongEnough(q *question, path []*Entry, _ int) []finding {
	first := endsFirst(path)
	if q.RequireValidFor <= 0 || q.At.After(first.NotAfter) || !q.At.Add(q.RequireValidFor).After(first.NotAfter) {
		return nil
	}
	return []finding{about(first, EndsTooSoon, Error,
		sayf("it expires %s; the path must be valid for %s", q.stamp(first.NotAfter), written(q.RequireValidFor)), renewal(q, first))}
}

// criticalUnderstood is about critical extensions that are not understood:
// whoever does not must refuse the certificate (RFC 5280, 4.2).
func criticalUnderstood(_ *question, path []*Entry, at int) []finding {
	e := path[at]
	if len(e.UnhandledCriticalExtensions) == 0 {
		return nil
	}
	ids := make([]string, 0, 3)
	for _, id := range e.UnhandledCriticalExtensions[:min(3, len(e.UnhandledCriticalExtensions))] {
		ids = append(ids, unhandledInWords(id.String()))
	}
	return []finding{about(e, UnknownCriticalExtension, Error,
		sayf("it has a critical extension that crypto/x509 does not understand: %s", strings.Join(ids, ", ")),
		sayf("have %s issued without it, or with the extension marked non-critical", e))}
}

// unhandledInWords names an extension, and what in it crypto/x509 does not
// understand.
func unhandledInWords(id string) string {
	words := map[string]string{
		oidNameConstraints:  "name constraints on names of another kind than DNS, IP, e-mail and URI, such as directory names",
		oidAlternativeNames: "alternative names of another kind than DNS, IP, e-mail and URI, such as user principal names",
		oidNetscapeType:     "the Netscape certificate type", "2.5.29.54": "inhibit anyPolicy", "2.5.29.33": "policy mappings", "2.5.29.36": "policy constraints",
	}[id]
	if words == "" {
		return id
	}
	return words + " (" + id + ")"
}

// issuerIsCA is about an issuer that is not a CA (RFC 5280, 4.2.1.9).
func issuerIsCA(_ *question, path []*Entry, at int) []finding {
	issuer := path[at]
	if at == 0 || marksCA(issuer.Certificate) {
		return nil
	}
	return []finding{about(issuer, NotACA, Error, notACA(issuer.Certificate),
		sayf("have a CA issue what is below it, or re-issue %s as a CA", issuer))}
}

// issuerIsCAForGo is [issuerIsCA], with the version 1 roots that crypto/x509 takes
// for CAs: CheckSignatureFrom asks for basic constraints only of version 3, and
// the end of a path is not asked again.
func issuerIsCAForGo(q *question, path []*Entry, at int) []finding {
	if e := path[at]; e.Version < 3 && at == len(path)-1 && len(e.Uploaded) > 0 {
		return nil
	}
	return issuerIsCA(q, path, at)
}

func notACA(certificate *x509.Certificate) message {
	switch {
	case certificate.Version < 3:
		return sayf("it is X.509 version %d, which cannot say that it is a CA: it can be a pin, but not an issuer", certificate.Version)
	case !certificate.BasicConstraintsValid:
		return sayf("it has no basic constraints, so it is not a CA, yet it is used as an issuer")
	default:
		return sayf("its basic constraints say that it is not a CA (CA:FALSE), yet it is used as an issuer")
	}
}

// issuerMaySign is about an issuer whose key usage does not let it sign
// certificates (RFC 5280, 4.2.1.3).
func issuerMaySign(_ *question, path []*Entry, at int) []finding {
	issuer := path[at]
	if at == 0 || issuer.KeyUsage == 0 || issuer.KeyUsage&x509.KeyUsageCertSign != 0 {
		return nil
	}
	return []finding{about(issuer, MayNotSign, Error, sayf("its key usage does not include the signing of certificates (keyCertSign)"),
		sayf("re-issue %s with keyCertSign and the same key", issuer))}
}

// pathLengthSuffices is about an issuer that has too many CAs below it
// (RFC 5280, 4.2.1.9).
func pathLengthSuffices(_ *question, path []*Entry, at int) []finding {
	return pathLengthExceeded(path[at], at-1)
}

func pathLengthExceeded(issuer *Entry, intermediates int) []finding {
	if !issuer.BasicConstraintsValid || issuer.MaxPathLen < 0 || intermediates <= issuer.MaxPathLen {
		return nil
	}
	return []finding{about(issuer, PathLengthExceeded, Error,
		sayf("its path length constraint allows %s below it, but the path has %d", count(issuer.MaxPathLen, "intermediate CA"), intermediates),
		sayf("issue the leaf from a CA closer to %s, or re-issue %s with a larger path length", issuer, issuer))}
}

// notTooDeep counts what is between the leaf and the anchor, and the anchor too
// where the verifier does.
func notTooDeep(q *question, path []*Entry, _ int) []finding {
	rule, limit := q.profile.depth, q.depth()
	intermediates := max(0, len(path)-2)
	setting := rule.setting
	if setting == "" {
		setting = "built into OpenSSL"
	}
	switch {
	case rule.countsRoot && len(path)-1 > limit:
		return []finding{about(path[0], ChainTooLong, Error,
			sayf("%s, the anchor included, lead from it to the anchor; %s accepts at most %d (%s, which counts every CA)", count(len(path)-1, "CA"), q.profile.title, limit, setting),
			sayf("set %s to %d or more, or issue %s from a CA closer to the root", setting, len(path)-1, path[0]))}
	case rule.countsRoot || intermediates <= limit:
		return nil
	}
	remedy := sayf("set %s to %d or more, or issue %s from a CA closer to the root", setting, intermediates, path[0])
	if rule.fixed {
		remedy = sayf("issue %s from a CA closer to the root", path[0])
	}
	found := about(path[0], TooManyIntermediates, Error,
		sayf("%d intermediates lead from it to the anchor, but %s accepts at most %d (%s)", intermediates, q.profile.title, limit, setting), remedy)
	found.cutAtUpload = slices.ContainsFunc(path[1:limit+2], func(e *Entry) bool { return len(e.Uploaded) > 0 })
	return []finding{found}
}
