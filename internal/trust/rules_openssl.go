package trust

import (
	"bytes"
	"slices"
	"strings"
)

// openSSLLibrary is what of a verifier that is built on OpenSSL takes or refuses
// an algorithm.
const openSSLLibrary = "OpenSSL's security level 2"

// openSSLDepth is how many intermediates OpenSSL follows where nothing else is
// set (x509_vpm.c, the "default" parameters).
const openSSLDepth = 100

// overOpenSSL is a verifier that follows paths with OpenSSL, without partial
// chains: one ends at a self-signed upload, and other uploads help on the way.
func overOpenSSL(title, trusts string, rules []rule) profile {
	reading := openSSLReading()
	return profile{
		title: title, library: openSSLLibrary, trusts: trusts, reading: reading, ownRules: true,
		isAnchor: reading.endsItself, uploadsHelp: true,
		rules: append(rules,
			rule{"intermediates", wholePath, besidesGo, notTooDeep},
			rule{"pin is not a CA", acceptedPath, onlyWarns, rootPinIsNotCA},
			rule{"one issuer", acceptedPath, onlyWarns, issuersAreUnambiguous},
			rule{"issuers of uploads", acceptedPath, onlyWarns, issuersAreUploaded},
		),
	}
}

// openSSLRulesWithLists are [openSSLRules] of a program that is given revocation
// lists itself, with X509_V_FLAG_CRL_CHECK_ALL.
func openSSLRulesWithLists() []rule {
	rules := openSSLRules()
	for i := range rules {
		if rules[i].name == "revocation" {
			rules[i].find = statusKnownOfAll
		}
	}
	return rules
}

// openSSLRules are those of every verifier that is built on OpenSSL, with
// security level 2, the default of current distributions. They are all that
// OpenSSL asks of a path (crypto/x509/x509_vfy.c, v3_purp.c, v3_ncons.c of 3.0),
// so a path in which they find no error is accepted.
func openSSLRules() []rule {
	return []rule{
		{"signature", eachCertificate, besidesGo, issuerSigned},
		{"key identifiers", eachCertificate, besidesGo, keyIDsMustAgree},
		{"issuer and serial number", eachCertificate, besidesGo, serialMustAgree},
		{"not taken for a root", eachCertificate, besidesGo, notTakenForRoot},
		{"readable", eachCertificate, besidesGo, readableForOpenSSL},
		{"dates", eachCertificate, besidesGo, inDateForOpenSSL},
		{"critical extensions", eachCertificate, besidesGo, criticalUnderstoodByOpenSSL},
		{"no proxy certificate", eachCertificate, besidesGo, notProxy},
		{"issuer is a CA", eachCertificate, besidesGo, issuerIsCAForOpenSSL},
		{"issuer may sign", eachCertificate, besidesGo, issuerMaySign},
		{"key usage lists something", eachCertificate, besidesGo, keyUsageNotEmpty},
		{"path length", eachCertificate, besidesGo, pathLengthForOpenSSL},
		{"name constraints", eachCertificate, besidesGo, namesPermittedByOpenSSL},
		{"purpose", eachCertificate, besidesGo, purposeListedLiterally},
		{"Netscape certificate type", eachCertificate, besidesGo, netscapeTypeFits},
		{"key usage of the leaf", eachCertificate, besidesGo, leafUsageSuffices},
		{"key is usable", eachCertificate, besidesGo, keyIsUsable},
		{"key strength", eachCertificate, besidesGo, keyIsStrongForOpenSSL},
		{"resources", wholePath, besidesGo, resourcesNested},
		{"valid for", wholePath, besidesGo, lastsLongEnough},
		{"revocation", wholePath, besidesGo, notRevoked},
	}
}

// notTakenForRoot is about a certificate that has its issuer's name, as those do
// that lead from a CA's old key to its new one (RFC 5280, 3.2), and no key
// identifier that says that the issuer is another: OpenSSL looks no further.
func notTakenForRoot(q *question, path []*Entry, at int) []finding {
	if at == 0 || !q.profile.endsItself(path[at-1]) {
		return nil
	}
	child, issuer := path[at-1], path[at]
	return []finding{about(child, SelfSignedNotUploaded, Error,
		sayf("it names itself as its issuer, so %s treats it as a root, which is not uploaded, and does not continue to %s", q.profile.title, inPlace(issuer)),
		sayf("upload %s, or have it issued again with an authority key id", withKeyID(child.String(), child.SubjectKeyId)))}
}

// readableForOpenSSL is about what OpenSSL refuses to read: an extension, so that
// the certificate is nobody's issuer and has none, or a date without seconds or with
// an offset (RFC 5280, 4.1.2.5).
func readableForOpenSSL(q *question, path []*Entry, at int) []finding {
	e := path[at]
	malformed := func(what string) finding {
		return about(e, MalformedCertificate, Error, sayf("%s, and OpenSSL refuses that", what), sayf("have %s issued again as RFC 5280 has it", e))
	}
	var found []finding
	if what := unreadable(q, e); what != "" {
		f := malformed(what)
		f.asked = path[max(0, at-1)]
		found = append(found, f)
	}
	if number := unreadableDates(e.Certificate); number != 0 {
		f := malformed("its dates are written without seconds or with an offset, which RFC 5280, 4.1.2.5, forbids")
		f.openSSL = number
		found = append(found, f)
	}
	return found
}

// inDateForOpenSSL is [inDate], but for the last second, which OpenSSL does not
// count, against RFC 5280, 4.1.2.5.
func inDateForOpenSSL(q *question, path []*Entry, at int) []finding {
	if e := path[at]; q.At.Equal(e.NotAfter) {
		return append(inDate(q, path, at), about(e, Expired, Error, sayf("it ends %s, and OpenSSL does not count its last second", q.stamp(e.NotAfter)), renewal(q, e)))
	}
	return inDate(q, path, at)
}

// criticalUnderstoodByOpenSSL is [criticalUnderstood] for what OpenSSL knows.
func criticalUnderstoodByOpenSSL(_ *question, path []*Entry, at int) []finding {
	var ids []string
	for _, e := range path[at].Extensions {
		if e.Critical && !slices.Contains(understoodByOpenSSL(), e.Id.String()) {
			ids = append(ids, e.Id.String())
		}
	}
	if len(ids) == 0 {
		return nil
	}
	return []finding{about(path[at], UnknownCriticalExtension, Error,
		sayf("it has a critical extension that OpenSSL does not understand: %s", strings.Join(ids[:min(3, len(ids))], ", ")),
		sayf("have %s issued without it, or with the extension marked non-critical", path[at]))}
}

// notProxy is about a proxy certificate (RFC 3820), which OpenSSL takes only where a
// program asks for it: none here does.
func notProxy(q *question, path []*Entry, at int) []finding {
	e := path[at]
	if extension(e.Certificate, oidProxy) == nil || !readableToOpenSSL(q, e) {
		return nil
	}
	found := about(e, RefusedByVerifier, Error, sayf("it is a proxy certificate (RFC 3820), and OpenSSL accepts none unless it is asked to"),
		sayf("issue %s without proxy certificate information", e))
	found.openSSL = 40
	return []finding{found}
}

// resourcesNested is about a leaf with Internet number resources (RFC 3779, 2.3 and
// 3.3), which OpenSSL wants among those of every CA above it. Nothing here compares
// ranges: resources that are others are refused.
func resourcesNested(_ *question, path []*Entry, _ int) []finding {
	for _, id := range []string{oidAddressBlocks, oidSystemNumbers} {
		resources := extension(path[0].Certificate, id)
		for _, issuer := range path[1:] {
			above := extension(issuer.Certificate, id)
			switch {
			case inheritsResources(resources):
				if above != nil {
					resources = above
				}
			case resources != nil && !bytes.Equal(resources, above) && !inheritsResources(above):
				return []finding{otherResources(path[0], issuer)}
			}
		}
		if top := path[len(path)-1]; resources != nil && inheritsResources(extension(top.Certificate, id)) {
			return []finding{otherResources(path[0], top)}
		}
	}
	return nil
}

func otherResources(leaf, issuer *Entry) finding {
	found := about(leaf, RefusedByVerifier, Error, sayf("it has Internet number resources (RFC 3779) that are not those of %s, and OpenSSL wants them nested", inPlace(issuer)),
		sayf("issue %s without IP address blocks and autonomous system numbers", leaf))
	found.openSSL = 46
	return found
}

// issuerIsCAForOpenSSL is [issuerIsCA], with what OpenSSL takes for a CA at the
// end of a path (check_ca): a version 1 root, and what is one by its key usage or
// its Netscape type. A path that is followed ends at a root; beside a pin, nginx
// lets it end at whatever comes last.
func issuerIsCAForOpenSSL(q *question, path []*Entry, at int) []finding {
	e := path[at]
	root := q.profile.endsItself(e)
	if last := root || at == len(path)-1 && !q.profile.followsPaths(); at > 0 && !e.BasicConstraintsValid && last {
		netscape, _ := netscapeType(e.Certificate)
		if e.Version == 1 && root || extension(e.Certificate, oidKeyUsage) != nil || netscape&netscapeTLSCA != 0 {
			return nil
		}
	}
	return issuerIsCA(q, path, at)
}

// keyUsageNotEmpty is about an issuer whose key usage has no bit: see
// [emptyKeyUsage].
func keyUsageNotEmpty(_ *question, path []*Entry, at int) []finding {
	issuer := path[at]
	if at == 0 || !emptyKeyUsage(issuer.Certificate) {
		return nil
	}
	found := about(issuer, MayNotSign, Error, sayf("its key usage allows nothing at all, not even the signing of certificates"),
		sayf("re-issue %s with keyCertSign and the same key", issuer))
	found.asked = path[at-1]
	return []finding{found}
}

// pathLengthForOpenSSL is [pathLengthSuffices], without counting self-issued
// intermediates, as RFC 5280, 6.1.4 (l), has it.
func pathLengthForOpenSSL(_ *question, path []*Entry, at int) []finding {
	if at == 0 {
		return nil
	}
	counted := 0
	for _, e := range path[1:at] {
		if !selfIssuedForOpenSSL(e) {
			counted++
		}
	}
	return pathLengthExceeded(path[at], counted)
}

// netscapeTypeFits is about a certificate type of old that does not allow what
// is asked (a leaf of only "server").
func netscapeTypeFits(q *question, path []*Entry, at int) []finding {
	e := path[at]
	allowed, there := netscapeType(e.Certificate)
	wanted := map[Purpose]byte{ClientAuth: netscapeClient, ServerAuth: netscapeServer}[q.Purpose]
	if !there || at > 0 || wanted == 0 || allowed&wanted != 0 {
		return nil
	}
	return []finding{about(e, WrongPurpose, Error,
		sayf("its Netscape certificate type is %s, and OpenSSL wants %s of it for %s", netscapeNames(allowed), netscapeNames(wanted), q.Purpose),
		sayf("issue %s without a Netscape certificate type", e))}
}

func netscapeNames(bits byte) string {
	var names []string
	for i, name := range []string{"client", "server", "email", "objsign", "reserved", "sslCA", "emailCA", "objCA"} {
		if bits&(0x80>>i) != 0 {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return "nothing"
	}
	return strings.Join(names, ", ")
}

// issuersAreUnambiguous warns where OpenSSL might take another path than the one
// accepted: it takes the first issuer that fits, and does not come back.
func issuersAreUnambiguous(q *question, path []*Entry, _ int) []finding {
	links := path
	if len(path) == 1 { // a leaf that is its own root
		links = []*Entry{path[0], path[0]}
	}
	var found []finding
	for i := 0; i+1 < len(links); i++ {
		for _, other := range q.pool.namedAs(links[i].RawIssuer) {
			if other != links[i+1] && q.profile.identifiersAgree(links[i], other) && (len(path) > 1 || len(other.Uploaded) > 0) {
				found = append(found, about(links[i], AmbiguousIssuer, Warning,
					sayf("its issuer is %s here; %s also matches by name, and OpenSSL only tries one of them", inPlace(links[i+1]), inPlace(other)),
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
