package issue

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"slices"
	"strings"
	"time"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

// Extensions that only this file names (RFC 5280, section 4.2.1).
var (
	oidExtendedKeyUsage = asn1.ObjectIdentifier{2, 5, 29, 37}
	oidAlternativeNames = asn1.ObjectIdentifier{2, 5, 29, 17}
)

// CheckAsked lists every rule that the request breaks if a CA of somebody else is to
// be asked for it: those of [Check], except for what only its issuer could break.
func CheckAsked(request Request, unknown Unknown) []Violation {
	_, found := checkAsked(request, unknown)
	return found
}

func checkAsked(request Request, unknown Unknown) (checked, violations) {
	unknown.Issuer = true
	checked, found := check(request, nil, time.Time{}, unknown)
	isCA := request.Profile == ControlPlaneCA
	if isCA && len(request.ExtendedKeyUsages) > 0 {
		found.add("extended_key_usages", "Purposes of a CA", "A CA that names purposes may issue for no other ones. Remove them, or ask for an end entity.")
	}
	if !isCA && !unknown.Request && request.MaxPathLength != nil {
		found.add("max_path_length", "Path length of an end entity", "Only a CA has a path length. Remove it, or set ca = true.")
	}
	if !isCA && !unknown.Request && !request.NameConstraints.equal(NameConstraints{}) {
		found.add("name_constraints", "Name constraints of an end entity", "Only a CA has name constraints. Remove them, or set ca = true.")
	}
	return checked, found
}

// Ask makes a CSR (RFC 2986) that asks a CA of somebody else for what request says,
// and returns it with its key: the request's own, or one that is generated. The
// extensions that it asks for are those that a certificate issued here would have;
// those that only an issuer can give are left out, and so is the validity, for which
// a CSR has no room.
//
// It returns a [*ViolationsError] for a request that [CheckAsked] refuses, and a
// [*KeyError] for a key that is held elsewhere and fails.
func Ask(ctx context.Context, request Request) (*x509.CertificateRequest, crypto.Signer, error) {
	checked, found := checkAsked(request, Unknown{})
	if len(found) > 0 {
		return nil, nil, &ViolationsError{Violations: found}
	}
	key, err := request.key()
	if err != nil {
		return nil, nil, err
	}
	checked.key = key.Public()
	extensions, err := checked.extensions()
	if err != nil {
		return nil, nil, err
	}
	raw, err := EncodeSubject(checked.subject)
	if err != nil {
		return nil, nil, err
	}
	template := &x509.CertificateRequest{Subject: checked.subject, RawSubject: raw, ExtraExtensions: extensions}
	der, err := x509.CreateCertificateRequest(rand.Reader, template, pki.SignerDuring(ctx, key))
	if _, remote := key.(pki.RemoteSigner); err != nil && remote {
		return nil, nil, &KeyError{Err: err}
	}
	if err != nil {
		return nil, nil, err
	}
	csr, err := x509.ParseCertificateRequest(der)
	if err != nil {
		return nil, nil, err
	}
	return csr, key, csr.CheckSignature()
}

// extensions are those of a certificate that is made of what was checked, as far as
// a CSR asks for them (RFC 2985, section 5.4.2). They are taken from a certificate
// that nobody gets, so that what is asked for is encoded as what is issued.
func (c checked) extensions() ([]pkix.Extension, error) {
	template, err := c.template()
	if err != nil {
		return nil, err
	}
	throwaway, err := pki.GenerateKey(pki.ECDSAP256)
	if err != nil {
		return nil, err
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, c.key, throwaway)
	if err != nil {
		return nil, err
	}
	made, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	asked := []asn1.ObjectIdentifier{oidBasicConstraints, oidKeyUsage, oidExtendedKeyUsage, oidAlternativeNames, oidNameConstraints}
	return slices.DeleteFunc(made.Extensions, func(one pkix.Extension) bool {
		return !slices.ContainsFunc(asked, one.Id.Equal)
	}), nil
}

// CheckAnswer judges what came back for a CSR that [Ask] made for request and key:
// the certificate, answer[0], and the issuers that came with it. It returns what
// makes it unusable at now, and what to be warned of. A CA may give a certificate
// more than it was asked for, and another subject; what was asked for and is not in
// it is an error.
func CheckAnswer(request Request, key crypto.PublicKey, answer []*x509.Certificate, now time.Time) (errors, warnings []Violation) {
	var refused, warned violations
	certificate := answer[0]
	name := pki.Describe(certificate)
	const again = "Provide the certificate that the CA issued for csr_pem as it is now."
	if key != nil && !pki.SameKey(key, certificate.PublicKey) {
		refused.add(fieldCertificate, "Certificate for another key", "%s was not issued for the key of this request. %s", name, again)
		return refused, nil // nothing else of it can be compared
	}
	if now.After(certificate.NotAfter) {
		refused.add(fieldCertificate, "Certificate has expired", "%s expired at %s. %s", name, pki.Stamp(certificate.NotAfter), again)
	}
	issuer := &Issuer{Certificate: certificate, Chain: answer[1:]}
	if !checkOrder(issuer, &violations{}) {
		refused.add(fieldCertificate, "Chain is broken", "What stands below %s is not its issuer, or not in order. Provide the certificate, then its issuers in order, as provider::mtls::build_chain returns them, or only the certificate.", name)
	}
	checkRights(request, certificate, &refused)
	for _, missing := range missingNames(request, certificate) {
		refused.add(fieldCertificate, "Name is missing", "%s lacks %s, which the request asks for. Have the CA issue it with all names, or remove the name here.", name, missing)
	}
	if !sameSubject(request.Subject, certificate.RawSubject) {
		warned.add(fieldCertificate, "Subject was changed by the CA", "The request asks for the subject %q, and the certificate has %q.", pki.DistinguishedName(request.Subject), pki.WriteName(certificate.RawSubject))
	}
	limits := Limits{MaxPathLength: request.MaxPathLength, NameConstraints: request.NameConstraints}
	if more := Narrower(certificate, limits); request.Profile == ControlPlaneCA && certificate.IsCA && len(more) > 0 {
		warned.add(fieldCertificate, "Certificate allows more than was asked for", "The request asks for limits that %s does not have. Below it are allowed, too: %s. "+
			"Whoever has its key can issue such certificates. Have the CA issue it with the limits of csr_pem: OpenSSL copies them with -copy_extensions copyall.", name, strings.Join(more, "; "))
	}
	return refused, warned
}

// checkRights reports what an answer may not be used for, although that was asked
// for, or the other way round.
func checkRights(request Request, certificate *x509.Certificate, refused *violations) {
	name := pki.Describe(certificate)
	if request.Profile != ControlPlaneCA {
		if certificate.IsCA {
			refused.add(fieldCertificate, "Certificate is also a CA", "%s says CA:TRUE, which the request does not ask for: whoever has its key can issue certificates. Have the CA issue it as an end entity.", name)
		}
		for _, purpose := range request.purposes() {
			usages := certificate.ExtKeyUsage
			if len(usages)+len(certificate.UnknownExtKeyUsage) > 0 && !slices.Contains(usages, purpose) && !slices.Contains(usages, x509.ExtKeyUsageAny) {
				refused.add(fieldCertificate, "Purpose is missing", "%s is not for %s, which the request asks for. Have the CA issue it for that purpose.", name, purposeName(purpose))
			}
		}
		return
	}
	if err := CheckCA(certificate); err != nil {
		refused.add(fieldCertificate, "Not a CA certificate", "%s %s. The request asks for a CA.", name, err)
		return
	}
	longest, limited := pathLength(certificate)
	if limited && (request.MaxPathLength == nil || longest < *request.MaxPathLength) {
		refused.add(fieldCertificate, "Path length is shorter", "%s allows %d CAs below it, which is less than the request asks for. Have the CA issue it with a longer path length, or set max_path_length to %d.", name, longest, longest)
	}
}

// missingNames are the alternative names of a request that a certificate does not
// have.
func missingNames(request Request, certificate *x509.Certificate) []string {
	names := checkNames(request, &violations{})
	var missing []string
	find := func(kind string, wanted, has []string) {
		for _, one := range wanted {
			if !slices.ContainsFunc(has, func(other string) bool { return strings.EqualFold(one, other) }) {
				missing = append(missing, kind+" "+pki.Printable(one))
			}
		}
	}
	find("the DNS name", names.DNSNames, certificate.DNSNames)
	find("the e-mail address", names.EmailAddresses, certificate.EmailAddresses)
	ours, theirs := namesAsText(names), namesAsText(pki.Names{IPAddresses: certificate.IPAddresses, URIs: certificate.URIs})
	find("the IP address", ours.IPAddresses, theirs.IPAddresses)
	find("the URI", ours.URIs, theirs.URIs)
	return missing
}
