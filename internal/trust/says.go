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
// continues after an error, as in nginx, and that the last error is written.
func opensslError(q *question, f finding, goesOn bool) int {
	leaf := f.entry == q.pool.leaf
	switch f.code {
	case IssuerMissing, IssuerNameDiffers, NoUploadReached, UploadNotAnAnchor, KeyIDMismatch, TooManyIntermediates, MalformedCertificate, SameNameOtherKey:
		return unreachedError(q, f, leaf, goesOn)
	case SelfSignedNotUploaded:
		if leaf {
			return 18
		}
		return 19
	case WeakKey:
		if leaf {
			return 66
		}
		return 67
	default:
		return map[Code]int{
			NotYetValid: 9, Expired: 10, SignatureBroken: 7, WeakSignature: 68, UnknownCriticalExtension: 34,
			NotACA: 79, MayNotSign: 79, PathLengthExceeded: 25, WrongPurpose: 26, WrongKeyUsage: 26,
			NameNotPermitted: 47, NameExcluded: 48, NameNotComparable: 53,
			Revoked: 23, RevocationUnknown: 3, RevocationListStale: 12,
		}[f.code]
	}
}

// unreachedError is that of a path which does not reach a trusted root.
func unreachedError(q *question, f finding, leaf, goesOn bool) int {
	switch {
	case f.code == SameNameOtherKey && f.entry != nil && !namedApart(q, f.entry):
		return 7
	case f.entry != nil && len(f.entry.Uploaded) > 0 && !leaf:
		return 2
	case leaf && goesOn && f.code != TooManyIntermediates:
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
		9: "certificate is not yet valid", 10: "certificate has expired", 11: "CRL is not yet valid", 12: "CRL has expired",
		18: "self-signed certificate", 19: "self-signed certificate in certificate chain", 20: "unable to get local issuer certificate",
		21: "unable to verify the first certificate", 22: "certificate chain too long", 23: "certificate revoked", 24: "issuer certificate doesn't have a public key",
		25: "path length constraint exceeded", 26: "unsuitable certificate purpose", 34: "unhandled critical extension",
		47: "permitted subtree violation", 48: "excluded subtree violation", 53: "unsupported or invalid name syntax",
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

// firstOfOpenSSL is for a program that stops at the first error, and lastOfOpenSSL
// for nginx, which has OpenSSL go on and writes the last.
func firstOfOpenSSL(q *question, path []*Entry, found []finding) string {
	return q.profile.says(q, slices.MinFunc(found, inOrderOf(q, path)))
}

func lastOfOpenSSL(q *question, path []*Entry, found []finding) string {
	return q.profile.says(q, slices.MaxFunc(found, inOrderOf(q, path)))
}

// inOrderOf compares findings by when OpenSSL comes to them (verify_chain in
// x509_vfy.c): the chain is built; extensions, the strength of keys and
// revocation are looked at from the leaf up; signatures and dates from the root
// down; then the constraints on names. What is not OpenSSL's comes last.
func inOrderOf(q *question, path []*Entry) func(a, b finding) int {
	phase := func(f finding) int {
		switch f.code {
		case WrongPurpose, WrongKeyUsage, NotACA, MayNotSign, PathLengthExceeded, UnknownCriticalExtension:
			return 1
		case WeakKey, WeakSignature:
			return 2
		case Revoked, RevocationUnknown, RevocationListStale:
			return 3
		case SignatureBroken, Expired, NotYetValid:
			return 4
		case SameNameOtherKey:
			if opensslError(q, f, false) == 7 {
				return 4
			}
			return 0
		case NameExcluded, NameNotPermitted, NameNotComparable:
			return 5
		case ServerNameMismatch, PinNotFirst, NotThePinnedCertificate, IssuerUploadedAsPin, PinRenewed, PinReplaced, OCSPServerMissing, OCSPIssuerMissing:
			return 6
		default:
			return 0
		}
	}
	return func(a, b finding) int {
		order := cmp.Compare(slices.Index(path, a.entry), slices.Index(path, b.entry))
		if phase(a) == 4 {
			order = -order
		}
		return cmp.Or(cmp.Compare(phase(a), phase(b)), order)
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
		return kongOCSPSays(f)
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

// kongOCSPSays is what Kong's log says of a status that cannot be asked for (read
// in kong/clustering/tls.lua and lua-resty-core).
func kongOCSPSays(f finding) string {
	const begins = "[clustering] data plane client certificate revocation check failed: "
	if f.code == OCSPIssuerMissing {
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
	return said("lua ssl certificate verify error: (%d: %s)", opensslError(q, f, false))
}

// haproxySays is what HAProxy's log says instead of a request.
func haproxySays(q *question, f finding) string {
	number := opensslError(q, f, false)
	switch {
	case number == 0:
		return ""
	case f.entry == q.pool.leaf:
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
	return said("AH02039: Certificate Verification: Error (%d): %s", opensslError(q, f, false))
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
