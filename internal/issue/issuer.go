package issue

import (
	"bytes"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

// Where violations of an issuer are reported.
const (
	fieldIssuer            = "issuer"
	fieldIssuerCertificate = "issuer.certificate_pem"
	fieldIssuerChain       = "issuer.chain_pem"
	fieldIssuerRoot        = "issuer.root_pem"
	fieldIssuerKey         = "issuer.private_key_pem"
)

// longestChain is how many certificates of an issuer's chain are looked at: as
// many as crypto/x509 checks signatures for (maxChainSignatureChecks). Real chains
// have three.
const longestChain = 100

// mostComparisons is how many comparisons of a name with a constraint one CA may
// ask for: a tenth of a second's work.
const mostComparisons = 1_000_000

// checkIssuer reports whether issuer may sign anything at all at now. It returns
// the certificates whose limits bind what is issued: the issuer and, unless
// something is wrong with its chain, its own issuers.
func checkIssuer(issuer *Issuer, now time.Time, found *violations) []*x509.Certificate {
	at := vetting{certificate: issuer.Certificate, chain: len(issuer.Chain), root: issuer.Root, now: now}
	last := issuer.vetted.Load()
	if last == nil || !last.isOf(at) {
		at.limiting = vet(issuer, now, &at.found)
		last = &at
		issuer.vetted.Store(last)
	}
	*found = append(*found, last.found...)
	if issuer.Key != nil && !pki.SameKey(issuer.Key.Public(), issuer.Certificate.PublicKey) {
		found.add(fieldIssuerKey, "Issuer's key does not match", "The private key does not belong to %s. Provide the key that the certificate was issued for.", pki.Describe(issuer.Certificate))
	}
	return last.limiting
}

// A vetting is what was found of an issuer, and of which one.
type vetting struct {
	certificate, root *x509.Certificate
	chain             int
	now               time.Time

	found    violations
	limiting []*x509.Certificate
}

func (v *vetting) isOf(at vetting) bool {
	return v.certificate == at.certificate && v.root == at.root && v.chain == at.chain && v.now.Equal(at.now)
}

func vet(issuer *Issuer, now time.Time, found *violations) []*x509.Certificate {
	name := pki.Describe(issuer.Certificate)
	if err := CheckCA(issuer.Certificate); err != nil {
		found.add(fieldIssuerCertificate, "Issuer may not sign certificates", "%s %s. Use a CA as the issuer.", name, err)
	}
	if err := pki.CheckKeyKind(issuer.Certificate.RawSubjectPublicKeyInfo); err != nil {
		found.add(fieldIssuerCertificate, "Key of another kind", "%s %s. Use a CA with such a key.", name, err)
	} else if err := pki.CheckKeyStrength(issuer.Certificate.PublicKey); err != nil {
		found.add(fieldIssuerCertificate, "Issuer's key is too weak", "%s: %s. Peers refuse what it signs. Use a CA with a stronger key.", name, err)
	}
	if len(issuer.Certificate.UnhandledCriticalExtensions) > 0 {
		found.add(fieldIssuerCertificate, "Issuer has unknown critical extension",
			"%s has the critical extension %s. Peers that do not support it must refuse the certificate (RFC 5280, section 4.2).", name, issuer.Certificate.UnhandledCriticalExtensions[0])
	}
	if len(issuer.Certificate.Subject.Names) == 0 {
		// RFC 5280, section 4.1.2.6; OpenSSL's strict mode refuses what it signs.
		found.add(fieldIssuerCertificate, "Issuer has no subject", "%s has no name that the certificates it signs could refer to. Use a CA with a subject.", name)
	}
	only := []*x509.Certificate{issuer.Certificate}
	if !checkLength(issuer, found) {
		return only
	}
	known := len(*found)
	if issuer.Root != nil && !pki.SelfSigned(issuer.Root) {
		found.add(fieldIssuerRoot, "Root is not self-signed",
			"%s was issued by %s. Provide the self-signed root here, and the CAs between in chain_pem.", pki.Describe(issuer.Root), pki.DistinguishedName(issuer.Root.Issuer))
		return only
	}
	checkDates(issuer, now, found)
	if !checkOrder(issuer, found) {
		return only
	}
	if len(*found) == known {
		checkVouched(issuer, now, found)
	}
	return issuer.path()
}

// checkLength reports, and returns, whether an issuer's chain is short enough to
// be looked at.
func checkLength(issuer *Issuer, found *violations) bool {
	if len(issuer.Chain) <= longestChain {
		return true
	}
	found.add(fieldIssuerChain, "Issuer's chain is too long", "It has %d certificates; at most %d are read. Provide only the CAs above %s.",
		len(issuer.Chain), longestChain, pki.Describe(issuer.Certificate))
	return false
}

// CheckCA returns an error for a certificate that is not one of a CA that may sign
// (RFC 5280, sections 4.2.1.3 and 4.2.1.9). Its text goes on from the certificate's
// name.
func CheckCA(certificate *x509.Certificate) error {
	switch {
	case certificate.Version < 3:
		return fmt.Errorf("is an X.509 v%d certificate, which cannot say that it is a CA", certificate.Version)
	case !certificate.BasicConstraintsValid || !certificate.IsCA:
		return errors.New("is not a CA certificate: its basic constraints do not say CA:TRUE")
	case certificate.KeyUsage != 0 && certificate.KeyUsage&x509.KeyUsageCertSign == 0:
		return errors.New("is a CA certificate without the right to sign certificates: its key usage lacks keyCertSign")
	default:
		return nil
	}
}

// field is where the certificate at position i of the issuer's path comes from.
func (i *Issuer) field(position int) string {
	switch {
	case position == 0:
		return fieldIssuerCertificate
	case position <= len(i.Chain):
		return fieldIssuerChain
	default:
		return fieldIssuerRoot
	}
}

func checkDates(issuer *Issuer, now time.Time, found *violations) {
	for i, certificate := range issuer.path() {
		field := issuer.field(i)
		switch {
		case now.After(certificate.NotAfter):
			found.add(field, "Issuer has expired", "%s expired at %s. Renew it, or use another issuer.", pki.Describe(certificate), pki.Stamp(certificate.NotAfter))
		case now.Before(certificate.NotBefore):
			found.add(field, "Issuer is not yet valid", "%s becomes valid at %s.", pki.Describe(certificate), pki.Stamp(certificate.NotBefore))
		}
	}
}

// checkOrder reports, and returns, whether each certificate of the issuer's chain is
// signed by the next, in its name and by right: what is not a path would be
// presented, and refused.
func checkOrder(issuer *Issuer, found *violations) (ordered bool) {
	path := issuer.path()
	ordered = true
	for i := range len(path) - 1 {
		// A root of X.509 v1 is old, and trusted for being uploaded.
		if err := CheckCA(path[i+1]); err != nil && (path[i+1].Version == 3 || !pki.SelfSigned(path[i+1])) {
			found.add(issuer.field(i+1), "Issuer's issuer may not sign", "%s %s. Provide the chain of CAs that signed the issuer.", pki.Describe(path[i+1]), err)
		}
		const order = "Provide the issuer's certificate, then its own issuers in order, as provider::mtls::build_chain returns them."
		switch {
		case slices.ContainsFunc(path[:i+1], path[i+1].Equal):
			ordered = false
			found.add(fieldIssuerChain, "Issuer's chain is broken", "%s stands in it twice. %s", pki.Describe(path[i+1]), order)
		case !bytes.Equal(path[i].RawIssuer, path[i+1].RawSubject) || !pki.SignedBy(path[i], path[i+1]):
			ordered = false
			if issuer.field(i+1) == fieldIssuerRoot {
				found.add(fieldIssuerRoot, "Not the issuer's root", "%s did not sign %s. Provide the root that signed it, and the CAs between in chain_pem.",
					pki.Describe(path[i+1]), pki.Describe(path[i]))
				continue
			}
			found.add(fieldIssuerChain, "Issuer's chain is broken",
				"%s is followed by %s, which did not sign it. %s", pki.Describe(path[i]), pki.Describe(path[i+1]), order)
		}
	}
	return ordered
}

// checkVouched leaves the last word on what stands above the issuer to
// crypto/x509: rights, key usages, critical extensions and signature algorithms
// of its chain.
func checkVouched(issuer *Issuer, now time.Time, found *violations) {
	above := issuer.path()[1:]
	if len(above) == 0 {
		return
	}
	if _, err := issuer.Certificate.Verify(upTo(above, now)); err != nil {
		found.add(issuer.field(len(above)), "Issuer's chain is refused",
			"%s would be refused with the chain provided for it: %v. Provide the chain of CAs that signed it.", pki.Describe(issuer.Certificate), err)
	}
}

// upTo asks for a path at now, for any purpose, by way of chain to its last
// certificate.
func upTo(chain []*x509.Certificate, now time.Time) x509.VerifyOptions {
	options := x509.VerifyOptions{
		Roots:         x509.NewCertPool(),
		Intermediates: x509.NewCertPool(),
		CurrentTime:   now,
		KeyUsages:     []x509.ExtKeyUsage{x509.ExtKeyUsageAny},
	}
	options.Roots.AddCert(chain[len(chain)-1])
	for _, intermediate := range chain {
		options.Intermediates.AddCert(intermediate)
	}
	return options
}

// checkPath reports whether every certificate above permits what is requested
// below: path lengths, name constraints and purposes (RFC 5280, section 6.1).
func checkPath(request Request, names pki.Names, issuers []*x509.Certificate, unknown Unknown, found *violations) {
	below := 0 // intermediates that follow below the current certificate
	if request.Profile == ControlPlaneCA {
		below = 1
	}
	for _, ca := range issuers {
		if longest, limited := pathLength(ca); limited && below > longest {
			found.add(fieldIssuerCertificate, "Path length exceeded",
				"%s allows %d CA certificates below it, and this would be number %d. Issue from a CA higher up, or give %s a larger max_path_length.",
				pki.Describe(ca), longest, below, pki.SubjectOf(ca))
		}
		// Self-issued ones too: RFC 5280, section 6.1.4 (l), leaves them out, but
		// crypto/x509 counts them.
		below++
		if names.Count()*pki.ConstraintCount(ca) > mostComparisons {
			found.add(fieldIssuerCertificate, "Too many name constraints",
				"%s has %d name constraints, too many to compare %d names with. Use fewer names, or a CA with fewer constraints.", pki.Describe(ca), pki.ConstraintCount(ca), names.Count())
			continue
		}
		for _, forbidden := range pki.ForbiddenNames(names, ca) {
			found.addAt(namesField(forbidden.Kind), forbidden.Index, "Name constraint violated", "%s. Change the name, or issue from a CA that permits it.", pki.Sentence(forbidden.String()))
		}
		for _, forbidden := range pki.ReadOtherwise(names, ca) {
			found.addAt(namesField(forbidden.Kind), forbidden.Index, "Name constraint violated",
				"To OpenSSL, and so to nginx and Kong, %s. Programs built on Go read a host as that host and everything below it, OpenSSL as that host only. Change the name, or issue from a CA that permits it to both.",
				forbidden)
		}
		checkSubjectNames(request, names, ca, unknown, found)
		checkPurposes(request, ca, unknown, found)
	}
}

// checkSubjectNames: to OpenSSL, and so to nginx, an end entity answers for the
// e-mail addresses in its subject, and without an alternative DNS name for its
// common name.
func checkSubjectNames(request Request, names pki.Names, ca *x509.Certificate, unknown Unknown, found *violations) {
	if request.Profile == ControlPlaneCA {
		return
	}
	mailboxes := pki.Names{EmailAddresses: pki.MailboxesOfSubject(request.Subject)}
	for _, forbidden := range slices.Concat(pki.ForbiddenNames(mailboxes, ca), pki.ReadOtherwise(mailboxes, ca)) {
		found.add("subject", "Name constraint violated", "%s. Remove it from the subject, or issue from a CA that permits it.", pki.Sentence(forbidden.String()))
	}
	if unknown.Request {
		return // an alternative name may yet come
	}
	taken := pki.CommonNamesAsDNS(request.Subject, names)
	for _, forbidden := range pki.ForbiddenNames(pki.Names{DNSNames: taken}, ca) {
		found.add("subject.common_name", "Name constraint violated",
			"OpenSSL treats the common name as a DNS name if the certificate has no other, and %s. Change it, or add a DNS name that is permitted.", forbidden)
	}
}

// pathLength is how many CA certificates may follow below ca.
func pathLength(ca *x509.Certificate) (longest int, limited bool) {
	if ca.MaxPathLen > 0 || ca.MaxPathLen == 0 && ca.MaxPathLenZero {
		return ca.MaxPathLen, true
	}
	return 0, false
}

// checkPurposes: a CA that names purposes grants no other ones; so path
// validation in crypto/x509, OpenSSL and NSS reads RFC 5280, section 4.2.1.12.
func checkPurposes(request Request, ca *x509.Certificate, unknown Unknown, found *violations) {
	if request.Profile == ControlPlaneCA || len(ca.ExtKeyUsage)+len(ca.UnknownExtKeyUsage) == 0 ||
		slices.Contains(ca.ExtKeyUsage, x509.ExtKeyUsageAny) {
		return
	}
	if unknown.Request && len(request.ExtendedKeyUsages) == 0 {
		return // others than the default may yet come
	}
	for i, purpose := range request.purposes() {
		if !slices.Contains(ca.ExtKeyUsage, purpose) {
			found.addAt("extended_key_usages", i, "Purpose not allowed by issuer",
				"%s is itself restricted to purposes other than %s. Issue from a CA without that restriction.", pki.Describe(ca), purposeName(purpose))
		}
	}
}

// namesField is the list that names of a kind are in, as users write it.
func namesField(kind pki.NameKind) string {
	switch kind {
	case pki.DNSName:
		return "dns_names"
	case pki.IPAddress:
		return "ip_addresses"
	case pki.URI:
		return "uris"
	case pki.EmailAddress:
		return "email_addresses"
	default:
		return ""
	}
}
