package trust

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

// What verifiers write when they refuse, as their users search for it. All of it
// was read in the logs of the programs, see oracle_says_test.go.

// opensslError is the number under which OpenSSL 3.0 knows a finding
// (x509_vfy.h), 0 for one that it has none for. goesOn says that verification
// continues after an error, as in nginx.
func opensslError(q *question, f finding, goesOn bool) int {
	leaf := f.entry == q.pool.leaf
	switch {
	case f.openSSL == 44 && goesOn: // it searches for another list, and finds none
		return 3
	case f.openSSL != 0:
		return f.openSSL
	case breaksChain(q, f):
		return brokenChainError(q, f, goesOn)
	case f.code == SelfSignedNotUploaded && leaf:
		return 18
	case f.code == WeakKey:
		return weakKeyError(f, leaf)
	case f.code == MayNotSign && goesOn: // as it is said last, of the signature
		return 32
	case f.code == NotACA && goesOn: // the purpose of a CA is asked after whether it is one
		return 26
	default:
		return map[Code]int{
			SelfSignedNotUploaded: 19, SignatureBroken: 7, SameNameOtherKey: 7, NotYetValid: 9, Expired: 10,
			WeakSignature: 68, UnknownCriticalExtension: 34, NotACA: 79, MayNotSign: 79, PathLengthExceeded: 25,
			WrongPurpose: 26, WrongKeyUsage: 26, NameNotPermitted: 47, NameExcluded: 48, NameNotComparable: 53,
			Revoked: 23, RevocationUnknown: 3,
		}[f.code]
	}
}

// weakKeyError is that of a weak key: none where the handshake refuses it.
func weakKeyError(f finding, leaf bool) int {
	switch {
	case f.entry != nil && !isRSA(f.entry):
		return 0
	case leaf:
		return 66
	default:
		return 67
	}
}

// breaksChain reports whether OpenSSL finds no issuer where a finding is.
func breaksChain(q *question, f finding) bool {
	if f.openSSL != 0 {
		return false
	}
	ends := []Code{IssuerMissing, IssuerNameDiffers, NoUploadReached, UploadNotAnAnchor, KeyIDMismatch, TooManyIntermediates, MalformedCertificate}
	unread := []Code{MayNotSign, WrongKeyUsage} // where a key usage lists nothing
	return slices.Contains(ends, f.code) ||
		f.entry != nil && f.code == SameNameOtherKey && namedApart(q, f.entry) ||
		f.entry != nil && slices.Contains(unread, f.code) && emptyKeyUsage(f.entry.Certificate)
}

// brokenChainError is that of a chain that ends too early: 2 if it came to an
// upload, 21 for a leaf without an issuer.
func brokenChainError(q *question, f finding, goesOn bool) int {
	last, deep := f.place(), f.code == TooManyIntermediates
	switch {
	case deep && f.cutAtUpload, !deep && last != nil && last != q.pool.leaf && len(last.Uploaded) > 0:
		return 2
	case goesOn && last == q.pool.leaf && !deep:
		return 21
	default:
		return 20
	}
}

// namedApart reports whether identifiers tell a certificate's issuer from the
// namesakes that are available, so that OpenSSL takes none of them.
func namedApart(q *question, e *Entry) bool {
	for _, namesake := range q.pool.namedAs(e.RawIssuer) {
		if q.profile.identifiersAgree(e, namesake) {
			return false
		}
	}
	return true
}

// opensslWords is what OpenSSL calls an error (X509_verify_cert_error_string).
func opensslWords(number int) string {
	return map[int]string{
		2: "unable to get issuer certificate", 3: "unable to get certificate CRL", 7: "certificate signature failure",
		8: "CRL signature failure",
		9: "certificate is not yet valid", 10: "certificate has expired", 11: "CRL is not yet valid", 12: "CRL has expired",
		13: "format error in certificate's notBefore field", 14: "format error in certificate's notAfter field",
		18: "self-signed certificate", 19: "self-signed certificate in certificate chain", 20: "unable to get local issuer certificate",
		21: "unable to verify the first certificate", 22: "certificate chain too long", 23: "certificate revoked",
		25: "path length constraint exceeded", 26: "unsuitable certificate purpose", 32: "key usage does not include certificate signing", 34: "unhandled critical extension",
		40: "proxy certificates not allowed, please set the appropriate flag", 46: "RFC 3779 resource not subset of parent's resources",
		35: "key usage does not include CRL signing", 36: "unhandled critical CRL extension", 44: "different CRL scope",
		47: "permitted subtree violation", 48: "excluded subtree violation", 49: "name constraints minimum and maximum not supported", 51: "unsupported name constraint type", 53: "unsupported or invalid name syntax",
		62: "hostname mismatch", 66: "EE certificate key too weak", 67: "CA certificate key too weak", 68: "CA signature digest algorithm too weak",
		79: "invalid CA certificate",
	}[number]
}

// whatItWrites is what the verifier writes about a path that it refuses; empty
// where nobody knows.
func whatItWrites(q *question, path []*Entry, found []finding) string {
	if q.profile.stopsAt == nil || len(path) == 0 {
		return ""
	}
	own := slices.DeleteFunc(slices.Clone(found), func(f finding) bool {
		return f.severity != Error || len(f.beside) > 0 || q.profile.says(q, f) == ""
	})
	if len(own) == 0 {
		return ""
	}
	return q.profile.stopsAt(q, path, own)
}

// firstOfOpenSSL is for a program that stops at the first error.
func firstOfOpenSSL(q *question, path []*Entry, found []finding) string {
	return q.profile.says(q, slices.MinFunc(seenByOpenSSL(q, path, found), inOrderOf(q, path, false)))
}

// lastOfOpenSSL is for nginx, which has OpenSSL go on and writes the last error.
// What the program itself asks, such as the server name, it asks only where
// OpenSSL has found nothing.
func lastOfOpenSSL(q *question, path []*Entry, found []finding) string {
	if own := slices.DeleteFunc(slices.Clone(found), func(f finding) bool { return opensslError(q, f, true) == 0 }); len(own) > 0 {
		found = own
	}
	return q.profile.says(q, slices.MaxFunc(seenByOpenSSL(q, path, found), inOrderOf(q, path, true)))
}

// firstOfApache is [firstOfOpenSSL], but that Apache counts: a certificate beyond
// the depth is too much as soon as OpenSSL finds it good, from the root down.
func firstOfApache(q *question, path []*Entry, found []finding) string {
	tooLong := slices.IndexFunc(found, func(f finding) bool { return f.code == ChainTooLong })
	others := seenByOpenSSL(q, path, without(found, ChainTooLong))
	if tooLong < 0 {
		return q.profile.says(q, slices.MinFunc(others, inOrderOf(q, path, false)))
	}
	if len(others) > 0 {
		first := slices.MinFunc(others, inOrderOf(q, path, false))
		// Signatures and dates are looked at from the root down.
		fromTheRoot := slices.Contains([]int{7, 9, 10, 13, 14, 46, 47, 48, 49, 51, 53}, opensslError(q, first, false))
		if !fromTheRoot {
			return q.profile.says(q, first)
		}
	}
	return q.profile.says(q, found[tooLong])
}

// seenByOpenSSL leaves out what is above the place where OpenSSL's chain ends, and
// the dates of a certificate at which it ends without being a root.
func seenByOpenSSL(q *question, path []*Entry, found []finding) []finding {
	top := len(path)
	for _, f := range found {
		if breaksChain(q, f) {
			top = min(top, chainEnd(q, path, f))
		}
	}
	if top == len(path) {
		return found
	}
	seen := slices.DeleteFunc(slices.Clone(found), func(f finding) bool {
		return !breaksChain(q, f) && unseenAbove(f, slices.Index(path, f.place()), top)
	})
	if len(seen) == 0 {
		return found
	}
	return seen
}

// chainEnd is where a chain ends that a finding breaks.
func chainEnd(q *question, path []*Entry, f finding) int {
	if f.code == TooManyIntermediates {
		return q.depth() + 1
	}
	return slices.Index(path, f.place())
}

// unseenAbove reports whether OpenSSL does not come to a finding, at a place of the
// path, since its chain ends at top.
func unseenAbove(f finding, at, top int) bool {
	dates := f.code == Expired || f.code == NotYetValid
	names := f.code == NameExcluded || f.code == NameNotPermitted || f.code == NameNotComparable
	return at > top || at == top && at > 0 && dates || top == 0 && names || f.code == SelfSignedNotUploaded
}

// inOrderOf compares findings by when OpenSSL comes to them (verify_chain in
// x509_vfy.c): the chain is built; extensions, the strength of keys and
// revocation are looked at from the leaf up; signatures and dates from the root
// down; then the constraints on names. What is not OpenSSL's comes last.
func inOrderOf(q *question, path []*Entry, goesOn bool) func(a, b finding) int {
	last := len(path) + maxFindings
	// Of one certificate, extensions and dates have an order of their own.
	turn := func(f finding) int {
		number := opensslError(q, f, goesOn)
		switch {
		case f.openSSL == 44 && goesOn: // what is said last, as 3
			return last
		case f.turn > 0:
			return f.turn
		default:
			return slices.Index([]int{7, 66, 34, 40, 79, 26, 25, 9, 13, 10, 14}, number)
		}
	}
	place := func(f finding) int {
		at := slices.Index(path, f.place())
		switch number := opensslError(q, f, goesOn); {
		case number == 32: // asked where the signature of the next one below is verified
			return -at + 1
		case phaseOf(number, goesOn) == 4 || phaseOf(number, goesOn) == 5:
			return -at
		default:
			return at
		}
	}
	return func(a, b finding) int {
		phases := cmp.Compare(phaseOf(opensslError(q, a, goesOn), goesOn), phaseOf(opensslError(q, b, goesOn), goesOn))
		return cmp.Or(phases, cmp.Compare(place(a), place(b)), turn(a)-turn(b))
	}
}

// phaseOf is when OpenSSL comes to an error.
func phaseOf(number int, goesOn bool) int {
	switch number {
	case 66: // looked at before anything else, and said again where it goes on
		if goesOn {
			return 1
		}
		return -1
	case 2, 18, 19, 20:
		return 0
	case 25, 26, 34, 40, 79:
		return 1
	case 67, 68:
		return 2
	case 3, 8, 11, 12, 23, 35, 36, 44:
		return 3
	case 7, 9, 10, 13, 14, 21, 32:
		return 4
	case 47, 48, 49, 51, 53:
		return 5
	case 46:
		return 6
	default:
		return 7
	}
}

// errorOfGo is what crypto/x509 says of all that is available, as crypto/tls
// hands it on, without the time of the judgement.
func errorOfGo(q *question, _ []*Entry, found []finding) string {
	if _, err := verifiedByGo(q); err != nil {
		text, _, _ := strings.Cut(err.Error(), ": current time")
		return goRefuses + pki.EscapeControl(text)
	}
	return q.profile.says(q, found[0])
}

// nginxSays is a line of nginx's error log, at the level info.
func nginxSays(q *question, f finding) string {
	if f.code == OCSPServerMissing || f.code == OCSPIssuerMissing {
		return kongOCSPSays(q, f)
	}
	return said("client SSL certificate verify error: (%d:%s)", opensslError(q, f, true))
}

// said fills a number and its words into a format; empty for no number.
func said(format string, number int) string {
	if number == 0 {
		return ""
	}
	return fmt.Sprintf(format, number, opensslWords(number))
}

// kongOCSPSays is what Kong's log says of a status that cannot be asked for: its
// own words were read in kong/clustering/tls.lua, those of lua-resty-core in the log.
func kongOCSPSays(q *question, f finding) string {
	const begins = "[clustering] data plane client certificate revocation check failed: "
	switch {
	case f.code == OCSPIssuerMissing && q.pool.presented(2) == nil:
		return begins + "no issuer certificate in chain"
	case f.code == OCSPIssuerMissing:
		return begins + "issuer certificate not next to leaf"
	}
	return begins + "OCSP responder endpoint can not be determined, maybe the client certificate is missing the required extensions"
}

// kongSharedSays is a line of Kong's log with cluster_mtls = shared (read in
// kong/clustering/tls.lua), or of its nginx.
func kongSharedSays(q *question, f finding) string {
	switch f.code {
	case PinNotFirst, NotThePinnedCertificate, IssuerUploadedAsPin, PinRenewed, PinReplaced:
		first, expected := q.pool.upload(1), "…"
		if first != nil {
			expected = pki.FingerprintSHA256(first.Certificate)
		}
		return fmt.Sprintf("[clustering] data plane presented incorrect client certificate during handshake (expected: %s, got: %s)",
			expected, pki.FingerprintSHA256(q.pool.leaf.Certificate))
	default:
		return nginxSays(q, f)
	}
}

// cosocketSays is a line of nginx's error log about a cosocket.
func cosocketSays(q *question, f finding) string {
	if f.code == ServerNameMismatch {
		return fmt.Sprintf("lua ssl certificate does not match host %q", q.serverName())
	}
	return said("lua ssl certificate verify error: (%d: %s)", opensslError(q, f, true))
}

// haproxySays is what HAProxy's log says instead of a request.
func haproxySays(q *question, f finding) string {
	number := opensslError(q, f, false)
	switch {
	case number == 0:
		return ""
	case f.place() == q.pool.leaf && f.code != TooManyIntermediates:
		return "SSL client certificate not trusted"
	default:
		return "SSL client CA chain cannot be verified"
	}
}

// apacheSays is a line of Apache's error log, at the level info.
func apacheSays(q *question, f finding) string {
	if f.code == ChainTooLong {
		return "AH02040: Certificate Verification: Certificate Chain too long"
	}
	return said("AH02276: Certificate Verification: Error (%d): %s", opensslError(q, f, false))
}

// goSays is the error that a server's handshake ends with.
func goSays(_ *question, f finding) string {
	words := map[Code]string{
		Expired: "x509: certificate has expired or is not yet valid", NotYetValid: "x509: certificate has expired or is not yet valid",
		WrongPurpose: "x509: certificate specifies an incompatible key usage", UnknownCriticalExtension: "x509: unhandled critical extension",
		IssuerMissing: goUnknown, IssuerNameDiffers: goUnknown, SelfSignedNotUploaded: goUnknown, NoUploadReached: goUnknown,
		SameNameOtherKey: goUnknown, SignatureBroken: goUnknown, WeakSignature: goUnknown, UnknownAlgorithm: goUnknown,
		NotACA: goUnknown, MayNotSign: goUnknown, PolicyNotSatisfied: "x509: no valid chains built",
		PathLengthExceeded: "x509: too many intermediates for path length constraint",
		NameExcluded:       goNames, NameNotPermitted: goNames, NameNotComparable: goNames,
	}[f.code]
	if words == "" {
		return ""
	}
	return goRefuses + words
}

const (
	goRefuses = "tls: failed to verify certificate: "
	goUnknown = "x509: certificate signed by unknown authority"
	goNames   = "x509: a root or intermediate certificate is not authorized to sign for this name"
)
