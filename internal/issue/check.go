package issue

import (
	"crypto"
	"crypto/x509"
	"crypto/x509/pkix"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

// backdate is how far before now a certificate begins, against clocks of peers
// that lag behind ours.
const backdate = time.Minute

// checked is a request whose every part has been read and held against the
// rules: all that a certificate is made from.
type checked struct {
	subject             pkix.Name
	rawSubject          []byte // of a CSR or of what is renewed, kept byte for byte; nil otherwise
	keyID               []byte // of what is renewed with its key; nil: derived from the key
	names               pki.Names
	notBefore, notAfter time.Time
	key                 crypto.PublicKey // nil: to be generated
	isCA                bool
	maxPathLength       *int
	constraints         constraints
	purposes            []x509.ExtKeyUsage
	crls, ocsp          []string
}

// Check lists every rule that the request breaks, with issuer (nil: self-signed)
// at now; nothing for a sound one. It needs no private key, and an issuer
// without one is not a violation here.
func Check(request Request, issuer *Issuer, now time.Time, unknown Unknown) []Violation {
	_, found := check(request, issuer, now, unknown)
	return found
}

func check(request Request, issuer *Issuer, now time.Time, unknown Unknown) (checked, violations) {
	var found violations
	request, rawSubject, adopted := adoptCSR(request, unknown, &found)
	result := checked{
		subject:       request.Subject,
		rawSubject:    rawSubject,
		isCA:          request.Profile == ControlPlaneCA,
		maxPathLength: request.MaxPathLength,
		purposes:      request.purposes(),
		key:           request.PublicKey(),
		crls:          request.CRLDistributionPoints,
		ocsp:          request.OCSPServers,
	}
	checkSubject(request.Subject, &found)
	result.names = checkNames(request, &found)
	checkNamed(request, rawSubject, unknown, &found)
	checkKey(request, issuer, &found)
	checkPurposesKnown(request, &found)
	if result.isCA {
		result.constraints = checkConstraints(request.NameConstraints, &found)
		checkPathLength(request, issuer, &found)
	}
	checkPointers(request.CRLDistributionPoints, "crl_distribution_points", &found)
	checkPointers(request.OCSPServers, "ocsp_servers", &found)
	checkValidity(request, &found)
	checkHasIssuer(request, issuer, unknown, &found)
	if issuer == nil && unknown.Issuer {
		checkLimits(request, result.names, unknown, &found)
	}
	if issuer != nil {
		issuers := checkIssuer(issuer, now, &found)
		checkPath(request, result.names, issuers, unknown, &found)
		checkSameName(request, rawSubject, issuer, unknown, &found)
	}
	found.blameCSR(adopted)
	result.notBefore, result.notAfter = life(request, issuer, now)
	result.keep(request.Renews)
	if result.rawSubject == nil && len(found) == 0 {
		var err error
		if result.rawSubject, err = EncodeSubject(request.Subject); err != nil {
			found.add("subject", "Invalid subject", "It cannot be encoded: %v.", err)
		}
	}
	return result, found
}

// checkValidity: the last second counts and may have begun, so that less than
// two could be over at once.
func checkValidity(request Request, found *violations) {
	const least = 2 * time.Second
	switch {
	case request.Validity < 0:
		found.add("validity", "Validity is negative", "%s is negative. Use a duration such as 8760h.", request.Validity)
	case request.Validity > 0 && request.Validity < least:
		found.add("validity", "Validity too short", "%s is less than %s, the shortest validity that a certificate can have. Use a duration such as 8760h.", request.Validity, least)
	}
}

// checkHasIssuer: a data plane's certificate has an issuer, a pinned one none.
func checkHasIssuer(request Request, issuer *Issuer, unknown Unknown, found *violations) {
	switch {
	case issuer == nil && request.Profile == DataplaneCertificate && !unknown.Issuer:
		found.add(fieldIssuer, "Issuer missing", "A data plane's certificate is signed by a CA. For a self-signed certificate, use a pinned certificate.")
	case issuer != nil && request.Profile == PinnedCertificate:
		found.add(fieldIssuer, "Issuer not allowed", "A pinned certificate is self-signed. For one that is signed by a CA, use a data plane's certificate.")
	}
}

// End is the last instant at which the certificate asked for would be valid,
// and the certificate above it that cuts its life short, nil if none does.
func End(request Request, issuer *Issuer, now time.Time) (end time.Time, cutBy *x509.Certificate) {
	// The last second counts (RFC 5280, section 4.1.2.5).
	end = now.Add(request.validity()).UTC().Truncate(time.Second).Add(-time.Second)
	if issuer == nil {
		return end, nil
	}
	if last, first := issuer.End(); last.Before(end) {
		return last.UTC(), first
	}
	return end, nil
}

// life gives the dates of a certificate: a little backdated, but not before its
// issuer's beginning, and cut to the first end above it.
func life(request Request, issuer *Issuer, now time.Time) (notBefore, notAfter time.Time) {
	notBefore = now.Add(-backdate).UTC().Truncate(time.Second)
	if issuer != nil && issuer.Certificate.NotBefore.After(notBefore) {
		notBefore = issuer.Certificate.NotBefore.UTC()
	}
	notAfter, _ = End(request, issuer, now)
	return notBefore, notAfter
}

// purposes are the extended key usages that the certificate gets.
func (r Request) purposes() []x509.ExtKeyUsage {
	switch {
	case r.Profile == ControlPlaneCA:
		return nil
	case r.Profile == PinnedCertificate:
		return []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth}
	case len(r.ExtendedKeyUsages) == 0:
		return []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	default:
		return r.ExtendedKeyUsages
	}
}

func checkPurposesKnown(request Request, found *violations) {
	for i, purpose := range request.ExtendedKeyUsages {
		if purpose != x509.ExtKeyUsageClientAuth && purpose != x509.ExtKeyUsageServerAuth {
			found.addAt("extended_key_usages", i, "Unsupported purpose", "Only client_auth and server_auth are supported.")
		}
		if slices.Contains(request.ExtendedKeyUsages[:i], purpose) {
			found.addAt("extended_key_usages", i, "Duplicate purpose", "Remove one %s.", purposeName(purpose))
		}
	}
}

func purposeName(purpose x509.ExtKeyUsage) string {
	switch purpose {
	case x509.ExtKeyUsageClientAuth:
		return "client_auth"
	case x509.ExtKeyUsageServerAuth:
		return "server_auth"
	default:
		return "another purpose"
	}
}

// checkNamed: a CA needs a subject (RFC 5280, section 4.1.2.6); an end entity a
// name of any kind.
func checkNamed(request Request, rawSubject []byte, unknown Unknown, found *violations) {
	// A CSR's subject may be of attributes that pkix.Name has no
	// field for. An empty one is a SEQUENCE of nothing, two bytes.
	if unknown.Request || len(request.Subject.ToRDNSequence()) > 0 || len(rawSubject) > 2 {
		return
	}
	if request.Profile == ControlPlaneCA {
		found.add("subject", "Subject missing", "A CA is identified by its subject. Set at least common_name.")
		return
	}
	if len(request.DNSNames)+len(request.IPAddresses)+len(request.URIs)+len(request.EmailAddresses) == 0 {
		field := "subject"
		if request.CSR != nil {
			field = fieldCSR
		}
		found.add(field, "Name missing", "The certificate would have no name. Set a subject with a common_name, or an alternative name.")
	}
}

// checkSameName: a certificate that bears its issuer's name but another key
// would pass for self-issued (RFC 5280, section 6.1), and its issuer is then not
// looked for. Case makes no difference to a name (section 7.1).
func checkSameName(request Request, rawSubject []byte, issuer *Issuer, unknown Unknown, found *violations) {
	if unknown.Request {
		return // there may be more to the name
	}
	written := request.Subject.String()
	if written != "" && (strings.EqualFold(written, issuer.Certificate.Subject.String()) || string(rawSubject) == string(issuer.Certificate.RawSubject)) {
		found.add("subject", "Subject equals the issuer's", "%s is the name of the issuer itself. Use a different name.", pki.Printable(written))
	}
}

func checkPathLength(request Request, issuer *Issuer, found *violations) {
	const field = "max_path_length"
	if request.MaxPathLength == nil {
		return
	}
	if *request.MaxPathLength < 0 {
		found.add(field, "Negative path length", "%d is not a valid number of CAs. Zero allows none below this one. For no limit, do not set it.", *request.MaxPathLength)
	}
	if issuer == nil {
		return
	}
	if longest, limited := pathLength(issuer.Certificate); limited && longest > 0 && *request.MaxPathLength >= longest {
		found.add(field, "Path length exceeds the issuer's",
			"%d is too many: %s allows %d CAs below it, including this one. Use at most %d.",
			*request.MaxPathLength, pki.Describe(issuer.Certificate), longest, longest-1)
	}
}

func checkKey(request Request, issuer *Issuer, found *violations) {
	if public := request.PublicKey(); issuer != nil && public != nil && pki.SameKey(public, issuer.Certificate.PublicKey) {
		found.add(request.keyField(), "Key is the issuer's key", "It is the key of %s: whoever has it for this certificate could sign as that CA. Use a different key.", pki.Describe(issuer.Certificate))
	}
	if request.Key != nil {
		if err := pki.CheckKeyStrength(request.Key.Public()); err != nil {
			found.add("private_key_pem", "Key too weak", "The private key cannot be used: %s.", err)
		}
		return
	}
	if request.KeyAlgorithm != "" && !slices.Contains(pki.KeyAlgorithms(), request.KeyAlgorithm) {
		found.add("key_algorithm", "Unknown key algorithm", "%q is not one of %v.", string(request.KeyAlgorithm), pki.KeyAlgorithms())
	}
}

// keyField is where the key comes from, as users write it.
func (r Request) keyField() string {
	if r.CSR != nil {
		return fieldCSR
	}
	return "private_key_pem"
}

// PublicKey is the key that the certificate is for; nil if it is yet to be made.
func (r Request) PublicKey() crypto.PublicKey {
	switch {
	case r.CSR != nil:
		return r.CSR.PublicKey
	case r.Key != nil:
		return r.Key.Public()
	default:
		return nil
	}
}

// CheckPointers lists which of some URLs nobody could fetch; field is the name by
// which users write them.
func CheckPointers(urls []string, field string) []Violation {
	var found violations
	checkPointers(urls, field, &found)
	return found
}

// checkPointers: where revocation is looked up must be an absolute URL that
// relying parties fetch (RFC 5280, sections 4.2.1.13 and 4.2.2.1).
func checkPointers(texts []string, field string, found *violations) {
	schemes := []string{"http", "https", "ldap"}
	for i, text := range texts {
		uri, err := url.Parse(text)
		if err != nil || !slices.Contains(schemes, uri.Scheme) || uri.Hostname() == "" || !isURIText(text) {
			found.addAt(field, i, "Invalid URL", "%q is not an absolute http, https or ldap URL.", pki.Printable(text))
		}
	}
}
